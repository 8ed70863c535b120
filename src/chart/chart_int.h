/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of src/chart share, in the order a chart passes through them:
 *
 *     text.c      data -> clean text of a known width
 *     scale.c     axes: ranges, ticks
 *     place.c     columns -> categories and places on an axis;  thin.c  which of many points are drawn
 *     marks.c     rows -> marks, with lines.c, bars.c and heat.c
 *     plot.c      specification and rows -> struct plot: what is drawn where, in numbers and labels
 *     script.c    struct plot -> gnuplot commands and data files: numbers and placeholders
 *     gnuplot.c   the process, jailed
 *     import.c    gnuplot's SVG -> shapes, labels put back
 *     emit.c      drawing -> SVG;  parse.c  the way back;  xml.c  the strict parser both readers use
 */
#ifndef HB_CHART_INT_H
#define HB_CHART_INT_H

#include "hb/chart.h"

enum { FONT_SIZE = 11, CATEGORIES_MAX = 40, POINTS_MAX = 2000, SERIES_MAX = 6 };

/* -- text.c -- */

struct label {
    const struct text_run *runs;
    size_t nruns;
    double width;
    struct str tip; /* the whole text when it was cut */
};

double text_width(const struct text_metrics *m, struct str clean, double size);
/* Clean runs of hostile text; what is wider than max_width loses its middle. Empty text becomes a visible
 * "(empty)". */
struct label label_make(struct arena *a, const struct text_metrics *m, struct str raw, double size,
                        double max_width);
/* Clean text in one string, at most `most` code points. */
void put_clean(struct buf *b, struct str raw, size_t most);
struct str clean_str(struct arena *a, struct str raw, size_t most);

/* -- scale.c -- */

enum axis_kind { AXIS_NUMBER, AXIS_TIME, AXIS_CATEGORY };

struct tick {
    double at;
    struct label label;
};

struct axis {
    enum axis_kind kind;
    double lo, hi;   /* what the plot shows; time in seconds from origin, categories at 0, 1, 2 ... */
    double from, to; /* AXIS_TIME: the first and last that is drawn */
    int64_t origin;  /* AXIS_TIME: ticks at 0 */
    struct tick *ticks;
    size_t nticks;
    const struct str *names; /* AXIS_CATEGORY: raw, one a tick; their labels are made when there is room */
    bool grid;
    bool log; /* AXIS_NUMBER: lo and hi are logarithms, base 10 */
};

/* A step of 1, 2 or 5 times a power of ten, at least `least`. */
double nice_step(double least);
/* The smallest step of the calendar (a second, five minutes, a day ...) of at least that many seconds; up to
 * a week. */
double nice_seconds(double least);
/* Ticks for lo..hi such that labels never touch over `pixels`; `across`: labels stand side by side. */
void axis_number_ticks(struct arena *a, const struct text_metrics *m, struct axis *x, double pixels,
                       bool across);
void axis_time_ticks(struct arena *a, const struct text_metrics *m, struct axis *x, double pixels,
                     bool across);
/* 12,500 as an axis of that size has it: 12.5k, 3M, 0.02. */
void put_short(struct buf *b, double v);
/* 12,345.5: grouped, at most `decimals` digits behind the point. */
void put_grouped(struct buf *b, double v, int decimals);

/* -- plot.c -- */

enum mark_style { MARKS_POINTS, MARKS_BOXES, MARKS_LINE, MARKS_AREA };
enum marker { MARKER_CIRCLE, MARKER_SQUARE, MARKER_TRIANGLE, MARKER_DIAMOND, MARKER_DOWN, MARKER_CROSS };

struct mark {
    double x, y, x2, y2; /* box: opposite corners; else x, y */
    struct str tip;
    bool start; /* area: the first corner of a polygon */
};

struct group { /* marks of one look; one plot command of gnuplot */
    enum mark_style style;
    uint8_t role, opacity;
    uint8_t marker; /* points, and those of a line: enum marker */
    uint8_t dash;   /* line: 0 solid, else a pattern of import.c */
    double size;    /* radius of points, width of lines, in pixels */
    struct mark *marks;
    size_t nmarks, cap;
};

struct placed {
    struct label label;
    uint8_t role, anchor;
    bool vertical;
    bool on_screen; /* x, y in pixels from the top left; else at a place of the axes, shifted by dx pixels */
    double x, y, dx, dy;
};

struct swatch { /* of the legend */
    struct label label;
    enum mark_style style;
    uint8_t role, opacity, marker, dash;
    double x, y; /* pixels, top left */
};

enum { GROUPS_MAX = 40, SWATCHES_MAX = 10, SWATCH_SIZE = 9, SWATCH_LINE = 22 };
/* How wide the swatch itself is: a stretch of a line shows its dashes. */
double swatch_width(const struct swatch *w);

struct plot {
    int width, height;
    double left, right, top, bottom; /* margins */
    struct axis x, y;
    bool x_upright; /* labels of the x axis stand on end */
    bool swapped;   /* the specification's x runs down, its y across */
    bool zero_line; /* where the values are 0 */
    double slot;    /* height of a category on the y axis; 0: the usual one */
    struct group groups[GROUPS_MAX];
    size_t ngroups;
    struct placed *texts;
    size_t ntexts, texts_cap;
    struct swatch swatches[SWATCHES_MAX];
    size_t nswatches;
    struct str title, desc;
    struct str note;
};

/* A chart's columns, found once. NULL: the specification names none. */
struct source {
    const struct chart_spec *spec;
    const struct table *table;
    const struct text_metrics *metrics;
    const struct column *x, *y, *series, *value, *end, *highlight, *low, *high;
};

/* Names and types of the specification against the table. */
bool source_init(struct source *s, const struct chart_spec *spec, const struct table *t,
                 const struct text_metrics *m, struct err *err);
/* A number, seconds of a timespan, or seconds from `origin` of a datetime; false: null or not finite. */
bool source_number(const struct column *c, size_t row, int64_t origin, double *out);
bool column_is_number(const struct column *c);
/* Tooltip of a row: "column: value" lines of x, y, series, value and the tooltip columns. */
struct str source_tip(struct arena *a, const struct source *s, size_t row);
/* Role by highlight: PAINT_ALARM or PAINT_ACCENT. */
uint8_t source_role(const struct source *s, size_t row);
void plot_note(struct arena *a, struct plot *p, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* False: nothing to draw; plot->note says why. */
bool plot_make(struct arena *a, const struct source *s, struct plot *p);

/* -- marks.c, lines.c, bars.c, heat.c: one function a kind fills groups and axes (but for number and time ticks) -- */

typedef bool plot_fill(struct arena *a, const struct source *s, struct plot *p);
plot_fill fill_scatter, fill_bar, fill_column, fill_line, fill_area, fill_histogram, fill_heatmap,
    fill_timeline;

/* -- script.c -- */

/*
 * Labels are numbered as they are written: placeholder i stands for entry i. The script names its files
 * c<plot>.svg and c<plot>g<group>.dat.
 */
struct placeholders {
    const struct placed **text; /* role, label and so on of what stands there */
    size_t n, cap;
};
void script_put(struct arena *a, struct buf *script, const struct plot *p, size_t index,
                struct placeholders *out);
void script_put_data(struct buf *data, const struct group *g);

/* -- gnuplot.c -- */

/* Runs it in folder `dir` with the arguments, output to dir/out, messages to dir/err. */
bool gnuplot_run(struct arena *a, const char *dir, const char *const *args, struct err *err);

/* -- import.c -- */

bool import_svg(struct arena *a, struct str svg, const struct plot *p, const struct placeholders *labels,
                struct drawing *out, struct err *err);

/* -- xml.c: a small strict subset of XML, pulled event by event -- */

enum xml_event { XML_START, XML_END, XML_TEXT, XML_EOF, XML_BAD };
enum { XML_ATTRS_MAX = 24, XML_DEPTH_MAX = 32 };

struct xml_attr {
    struct str name, value;
};

struct xml {
    struct arena *arena;
    struct str s;
    size_t i;
    struct str open[XML_DEPTH_MAX];
    size_t depth;
    struct str name; /* of the element that starts or ends */
    struct xml_attr attrs[XML_ATTRS_MAX];
    size_t nattrs;
    struct str text;
    bool empty;      /* the start was <x/>: its end comes next */
    const char *bad; /* what is wrong at i */
};

void xml_init(struct xml *x, struct arena *a, struct str s);
enum xml_event xml_next(struct xml *x);
/* NULL view when absent. */
struct str xml_attr(const struct xml *x, const char *name);

/* Numbers with up to two decimals as hundredths; false on anything else. *i moves behind it. */
bool parse_centi(struct str s, size_t *i, centi *out);
/* M L Z with absolute numbers. */
bool parse_path(struct arena *a, struct str d, const struct path_step **steps, size_t *n);

#endif
