/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the functions that fill a plot share: categories, places on an axis, thinning, groups and legends.
 *
 * Invariant: every mark lies within its axes' range, so gnuplot draws each of them, in order, and import.c can tell which
 * is which.
 */
#ifndef HB_CHART_MARKS_INT_H
#define HB_CHART_MARKS_INT_H

#include "chart_int.h"

/* -- place.c: categories -- */

struct categories {
    uint32_t *of_row; /* NOT_DRAWN, or its index */
    struct str *names;
    double *keys; /* numbers and times: what they are sorted by */
    size_t n, cap, cap_keys;
    size_t left_out; /* further distinct values */
    bool largest;    /* chosen by size, not by appearance */
};

#define NOT_DRAWN UINT32_MAX

struct str cell_text(struct arena *a, const struct column *c, size_t row);
/* Distinct values in order of first appearance. Of more than `most` the first are drawn; with weight, those that have the
 * largest sums of it (a NULL column counts rows). */
void categories_init(struct arena *a, struct categories *k, const struct column *c, size_t nrows,
                     size_t most);
void categories_largest(struct arena *a, struct categories *k, const struct column *c, size_t nrows,
                        size_t most, const struct column *weight);
void categories_sort(struct arena *a, struct categories *k, size_t nrows);
void note_left_out(struct arena *a, struct plot *p, const struct categories *k, struct str column);
void axis_categories(struct arena *a, struct axis *x, const struct categories *k);

/* -- place.c: where a row lies on an axis -- */

struct position {
    const struct column *column;
    bool category, log;
    struct categories categories;
    int64_t origin;
    double min, max;
    bool any;
    size_t no_log; /* values that have no logarithm */
};

void position_init(struct arena *a, struct position *at, const struct column *c, size_t nrows);
bool position_of(struct position *at, size_t row, double *out);
void position_seen(struct position *at, double v);
/* Sets the axis of what was seen, with that share of air at both ends. */
void position_axis(struct arena *a, const struct position *at, struct axis *x, double air);
void note_no_log(struct arena *a, struct plot *p, const struct position *at);

struct point {
    size_t row;
    double x, y;
};
int point_compare(const void *pa, const void *pb); /* by x, then row */

struct ranked { /* a value, and which of its array it is of */
    size_t at;
    double v;
};
int ranked_compare(const void *pa, const void *pb); /* largest first, then by place */
int number_compare(const void *pa, const void *pb); /* of doubles */

/* -- thin.c -- */

/* Of points sorted by x: all of them when there are at most `most`; else of equal steps of x the first, lowest, highest and
 * last. Returns how many of `picks` (room for n) were set; in rising order. */
size_t thin_line(const struct point *points, size_t n, size_t most, size_t *picks);

struct place { /* a mark that stands for several points */
    size_t pick, count;
};
/* Of points in an area of lo to hi: one for each cell of the finest grid that leaves at most `most`; the extremes of x and y
 * are picked before others. */
struct place *thin_cloud(struct arena *a, const struct point *points, size_t n, size_t most, double x_lo,
                         double x_hi, double y_lo, double y_hi, size_t *nplaces);

/* -- groups and legends: place.c -- */

struct series_look {
    uint8_t role, marker, dash;
};
extern const struct series_look series_looks[SERIES_MAX];

struct group *group_add(struct plot *p, enum mark_style style, uint8_t role, uint8_t opacity, double size);
void mark_add(struct arena *a, struct group *g, struct mark m);
struct swatch *swatch_add(struct arena *a, const struct source *s, struct plot *p, struct str text,
                          uint8_t role, uint8_t opacity);
void highlight_swatches(struct arena *a, const struct source *s, struct plot *p);
const char *count_text(struct arena *a, size_t n); /* 200,000 */
void note_unusable(struct arena *a, struct plot *p, size_t unusable);
/* "a\nb: c" of a mark that stands for several rows. */
struct str sum_tip(struct arena *a, struct str first, struct str second, struct str unit, double v);

#endif
