/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows -> marks, a function for each kind of chart.
 *
 * Invariant: every mark lies within its axes' range, so gnuplot draws each of them, in order, and import.c
 * can tell which is which.
 */
#include "chart_int.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "hb/map.h"
#include "hb/ticks.h"
#include "hb/vec.h"

/* -- groups -- */

static struct group *group_add(struct plot *p, enum mark_style style, uint8_t role, uint8_t opacity,
                               double size)
{
    struct group *g = &p->groups[p->ngroups++];
    *g = (struct group){ .style = style, .role = role, .opacity = opacity, .size = size };
    return g;
}

static void mark_add(struct arena *a, struct group *g, struct mark m)
{
    *VEC_PUSH(a, g->marks, g->nmarks, g->cap) = m;
}

static void swatch_add(struct arena *a, const struct source *s, struct plot *p, struct str text, uint8_t role,
                       uint8_t opacity)
{
    enum { SWATCH_WIDTH = 150 };
    p->swatches[p->nswatches++] = (struct swatch){ label_make(a, s->metrics, text, FONT_SIZE, SWATCH_WIDTH),
                                                   role, opacity, 0, 0 };
}

static void highlight_swatches(struct arena *a, const struct source *s, struct plot *p)
{
    swatch_add(a, s, p, s->highlight->name, PAINT_ALARM, 100);
    swatch_add(a, s, p, STR("other rows"), PAINT_ACCENT, 100);
}

static const uint8_t series_roles[SERIES_MAX] = { PAINT_ACCENT,   PAINT_SERIES_2, PAINT_SERIES_3,
                                                  PAINT_SERIES_4, PAINT_SERIES_5, PAINT_SERIES_6 };

/* -- categories -- */

struct categories {
    uint32_t *of_row; /* UINT32_MAX: not drawn */
    struct str *names;
    double *keys; /* numbers and times: what they are sorted by */
    size_t n, cap, cap_keys;
    size_t left_out; /* further distinct values */
};

static const uint32_t not_drawn = UINT32_MAX;

static struct str cell_text(struct arena *a, const struct column *c, size_t row)
{
    struct buf b = BUF_INIT;
    cell_put_human(&b, c, row);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* Distinct values in order of first appearance; the first `most` of them are drawn. */
static void categories_init(struct arena *a, struct categories *k, const struct column *c, size_t nrows,
                            size_t most)
{
    struct map map;
    map_init(&map, a);
    *k = (struct categories){ .of_row = ARENA_ARRAY(a, nrows, uint32_t) };
    for (size_t row = 0; row < nrows; row++) {
        struct str text = cell_text(a, c, row);
        uintptr_t at = (uintptr_t)map_get(&map, text);
        if (!at) {
            at = map.n + 1;
            map_set(&map, text, (void *)at);
            if (at <= most) {
                double key = 0;
                source_number(c, row, 0, &key);
                *VEC_PUSH(a, k->names, k->n, k->cap) = text;
                size_t n = k->n - 1;
                *VEC_PUSH(a, k->keys, n, k->cap_keys) = key;
            }
        }
        k->of_row[row] = at <= most ? (uint32_t)at - 1 : not_drawn;
    }
    k->left_out = map.n - k->n;
}

/* Sorts by key; at most CATEGORIES_MAX of them, so simply. */
static void categories_sort(struct arena *a, struct categories *k, size_t nrows)
{
    uint32_t *place = ARENA_ARRAY(a, k->n, uint32_t);
    struct str *names = ARENA_ARRAY(a, k->n, struct str);
    for (size_t i = 0; i < k->n; i++)
        for (size_t j = 0; j < k->n; j++)
            place[i] += k->keys[j] < k->keys[i] || (k->keys[j] == k->keys[i] && j < i);
    for (size_t i = 0; i < k->n; i++)
        names[place[i]] = k->names[i];
    for (size_t row = 0; row < nrows; row++)
        if (k->of_row[row] != not_drawn)
            k->of_row[row] = place[k->of_row[row]];
    k->names = names;
}

static void note_left_out(struct arena *a, struct plot *p, const struct categories *k, struct str column)
{
    if (k->left_out)
        plot_note(a, p, "%zu of %zu values of %.*s are not drawn", k->left_out, k->n + k->left_out,
                  STR_ARG(clean_str(a, column, 80)));
}

/* Labels are set when the room for them is known: plot.c makes them of these names. */
static void axis_categories(struct arena *a, struct axis *x, const struct categories *k)
{
    x->kind = AXIS_CATEGORY;
    x->lo = -0.5;
    x->hi = (double)k->n - 0.5;
    x->names = k->names;
    x->nticks = k->n;
    x->ticks = ARENA_ARRAY(a, k->n, struct tick);
    for (size_t i = 0; i < k->n; i++)
        x->ticks[i].at = (double)i;
}

/* -- one axis of a scatter or line: where a row lies on it -- */

struct position {
    const struct column *column;
    bool category;
    struct categories categories;
    int64_t origin;
    double min, max;
    bool any;
};

static void position_init(struct arena *a, struct position *at, const struct column *c, size_t nrows)
{
    *at = (struct position){ .column = c };
    at->category = !column_is_number(c) && c->type != HB_DATETIME;
    if (at->category)
        categories_init(a, &at->categories, c, nrows, CATEGORIES_MAX);
    if (c->type != HB_DATETIME)
        return;
    /* Times count from the Monday before the first, so that seconds stay small and steps fall on round times.
     */
    int64_t first = INT64_MAX;
    for (size_t row = 0; row < nrows; row++)
        if (!column_is_null(c, row) && c->v.i[row] >= 0 && c->v.i[row] < first)
            first = c->v.i[row];
    at->origin = first == INT64_MAX ? 0 : first - first % (7 * TICKS_DAY);
}

static bool position_of(struct position *at, size_t row, double *out)
{
    if (at->category) {
        *out = at->categories.of_row[row];
        return at->categories.of_row[row] != not_drawn;
    }
    return source_number(at->column, row, at->origin, out);
}

static void position_seen(struct position *at, double v)
{
    at->min = at->any ? fmin(at->min, v) : v;
    at->max = at->any ? fmax(at->max, v) : v;
    at->any = true;
}

static double half_unit(const struct axis *x, double v)
{
    return x->kind == AXIS_TIME ? 30 : v == 0 ? 1 : fabs(v) * 0.1;
}

/* Range with some air at both ends; a single value gets a range of its own. */
static void axis_range(struct axis *x, double min, double max, double air)
{
    double span = max - min;
    if (span <= fabs(max) * 1e-12 || span <= 0) {
        x->lo = min - half_unit(x, min);
        x->hi = max + half_unit(x, max);
        return;
    }
    x->lo = min - span * air;
    x->hi = max + span * air;
}

static void position_axis(struct arena *a, const struct position *at, struct axis *x, double air)
{
    if (at->category) {
        axis_categories(a, x, &at->categories);
        return;
    }
    x->kind = at->column->type == HB_DATETIME ? AXIS_TIME : AXIS_NUMBER;
    x->origin = at->origin;
    axis_range(x, at->min, at->max, air);
}

/* -- scatter -- */

struct point {
    size_t row;
    double x, y;
};

/* At most `most` of the points of a role, evenly spread over their order. */
static void thin(const struct point *points, size_t n, size_t most, const struct source *s, struct arena *a,
                 struct group *g)
{
    size_t take = n < most ? n : most;
    for (size_t i = 0; i < take; i++) {
        const struct point *p = &points[n == take ? i : i * n / take];
        mark_add(a, g, (struct mark){ p->x, p->y, 0, 0, source_tip(a, s, p->row) });
    }
}

static size_t series_of(const struct source *s, const struct categories *series, size_t row)
{
    if (s->series)
        return series->of_row[row];
    return source_role(s, row) == PAINT_ALARM; /* 0: others, 1: highlighted */
}

static void scatter_groups(struct arena *a, const struct source *s, struct plot *p,
                           const struct categories *series, struct point *const *points, const size_t *n,
                           size_t nseries)
{
    size_t total = 0;
    for (size_t i = 0; i < nseries; i++)
        total += n[i];
    for (size_t i = 0; i < nseries; i++) {
        if (!n[i])
            continue;
        bool alarm = !s->series && i == 1;
        uint8_t role = alarm ? PAINT_ALARM : series_roles[i];
        /* Highlighted marks are what the chart is for: they are the last to be thinned, and lie on top. */
        size_t kept = n[1] < POINTS_MAX / 2 ? n[1] : POINTS_MAX / 2;
        size_t most = alarm ? POINTS_MAX : s->series ? POINTS_MAX / nseries : POINTS_MAX - kept;
        uint8_t opacity = alarm || total <= 200 ? 100 : 55;
        thin(points[i], n[i], most, s, a,
             group_add(p, MARKS_POINTS, role, opacity, alarm || total <= 200 ? 4 : 3));
        if (s->series)
            swatch_add(a, s, p, series->names[i], role, 100);
    }
    if (!s->series && n[0] && n[1])
        highlight_swatches(a, s, p);
    size_t drawn = 0;
    for (size_t i = 0; i < p->ngroups; i++)
        drawn += p->groups[i].nmarks;
    if (drawn < total)
        plot_note(a, p, "%zu of %zu points are drawn", drawn, total);
}

bool fill_scatter(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, nseries = 2, unusable = 0;
    struct position x, y;
    struct categories series = { 0 };
    position_init(a, &x, s->x, nrows);
    position_init(a, &y, s->y, nrows);
    if (s->series) {
        categories_init(a, &series, s->series, nrows, SERIES_MAX);
        nseries = series.n;
    }
    struct point *points[SERIES_MAX];
    size_t n[SERIES_MAX] = { 0 };
    for (size_t i = 0; i < nseries; i++)
        points[i] = ARENA_ARRAY(a, nrows, struct point);
    for (size_t row = 0; row < nrows; row++) {
        size_t k = series_of(s, &series, row);
        struct point at = { .row = row };
        if (k == not_drawn)
            continue;
        if (!position_of(&x, row, &at.x) || !position_of(&y, row, &at.y)) {
            unusable += (!x.category || x.categories.of_row[row] != not_drawn) &&
                        (!y.category || y.categories.of_row[row] != not_drawn);
            continue;
        }
        position_seen(&x, at.x);
        position_seen(&y, at.y);
        points[k][n[k]++] = at;
    }
    scatter_groups(a, s, p, &series, points, n, nseries);
    note_left_out(a, p, &x.categories, s->spec->x);
    note_left_out(a, p, &y.categories, s->spec->y);
    note_left_out(a, p, &series, s->spec->series);
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
    if (!p->ngroups)
        return false;
    position_axis(a, &x, &p->x, 0.03);
    position_axis(a, &y, &p->y, 0.06);
    p->x.grid = p->y.grid = true;
    return true;
}

/* -- bar -- */

static void bar_label(struct arena *a, const struct source *s, struct plot *p, size_t row, double v,
                      double at)
{
    struct buf b = BUF_INIT;
    if (s->y->type == HB_INT || s->y->type == HB_LONG) {
        put_grouped(&b, v, 0);
    } else {
        cell_put_human(&b, s->y, row);
        if (str_starts(buf_view(&b), STR("-"))) { /* the minus sign of the axis */
            struct str digits = arena_str(a, str_sub(buf_view(&b), 1, b.n));
            buf_clear(&b);
            buf_puts(&b, "\xe2\x88\x92");
            buf_str(&b, digits);
        }
    }
    struct placed *text = VEC_PUSH(a, p->texts, p->ntexts, p->texts_cap);
    *text = (struct placed){ .label = label_make(a, s->metrics, buf_view(&b), FONT_SIZE, 120),
                             .role = PAINT_INK,
                             .anchor = v < 0 ? ANCHOR_END : ANCHOR_START,
                             .x = v,
                             .y = at,
                             .dx = v < 0 ? -5 : 5 };
    buf_free(&b);
}

/* A row's bar: rows keep their own place even if they share a name. */
bool fill_bar(struct arena *a, const struct source *s, struct plot *p)
{
    const double half = 0.36;
    struct categories k = { .names = ARENA_ARRAY(a, CATEGORIES_MAX, struct str) };
    struct group *groups[2] = { NULL, NULL };
    double min = 0, max = 0;
    size_t unusable = 0, more = 0;
    for (size_t row = 0; row < s->table->nrows; row++) {
        double v;
        if (!source_number(s->y, row, 0, &v)) {
            unusable++;
            continue;
        }
        if (k.n == CATEGORIES_MAX) {
            more++;
            continue;
        }
        uint8_t role = source_role(s, row);
        struct group **g = &groups[role == PAINT_ALARM];
        if (!*g)
            *g = group_add(p, MARKS_BOXES, role, 100, 0);
        double at = (double)k.n;
        mark_add(a, *g, (struct mark){ 0, at - half, v, at + half, source_tip(a, s, row) });
        bar_label(a, s, p, row, v, at);
        k.names[k.n++] = cell_text(a, s->x, row);
        min = fmin(min, v);
        max = fmax(max, v);
    }
    if (more)
        plot_note(a, p, "%zu of %zu rows are drawn", k.n, k.n + more);
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
    if (groups[0] && groups[1])
        highlight_swatches(a, s, p);
    p->swapped = true; /* categories run down, numbers across */
    p->x.lo = min;
    p->x.hi = max > min ? max : min + 1;
    p->x.grid = p->zero_line = true;
    axis_categories(a, &p->y, &k);
    return k.n > 0;
}

/* -- line -- */

static int compare_points(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* What was to be expected: a box behind each point, from half way to the one before to half way to the next. */
static void band(struct arena *a, const struct source *s, struct plot *p, struct position *y,
                 const struct point *points, size_t n)
{
    size_t take = n < POINTS_MAX / 2 ? n : POINTS_MAX / 2;
    struct group *g = group_add(p, MARKS_BOXES, PAINT_ACCENT, 15, 0);
    for (size_t i = 0; i < take; i++) {
        const struct point *before = &points[i ? (i - 1) * n / take : 0], *at = &points[i * n / take],
                           *next = &points[i + 1 < take ? (i + 1) * n / take : i * n / take];
        double low, high, from = (before->x + at->x) / 2, to = (at->x + next->x) / 2;
        if (!source_number(s->low, at->row, 0, &low) || !source_number(s->high, at->row, 0, &high) ||
            low >= high || from >= to)
            continue;
        position_seen(y, low);
        position_seen(y, high);
        mark_add(a, g, (struct mark){ from, low, to, high, STR("") });
    }
    if (g->nmarks == 0) {
        p->ngroups--;
        return;
    }
    struct str name = arena_strf(a, "%.*s to %.*s", STR_ARG(s->low->name), STR_ARG(s->high->name));
    swatch_add(a, s, p, name, PAINT_ACCENT, 15);
}

/* Rows to point out lie on top of the line, however many points it has. */
static void line_alarms(struct arena *a, const struct source *s, struct plot *p, const struct point *points,
                        size_t n)
{
    struct group *g = group_add(p, MARKS_POINTS, PAINT_ALARM, 100, 3.5);
    size_t more = 0;
    for (size_t i = 0; i < n; i++) {
        if (source_role(s, points[i].row) != PAINT_ALARM)
            continue;
        if (g->nmarks == POINTS_MAX / 2)
            more++;
        else
            mark_add(a, g, (struct mark){ points[i].x, points[i].y, 0, 0, source_tip(a, s, points[i].row) });
    }
    if (g->nmarks == 0)
        p->ngroups--;
    else if (p->nswatches <= SERIES_MAX)
        swatch_add(a, s, p, s->highlight->name, PAINT_ALARM, 100);
    if (more)
        plot_note(a, p, "%zu further rows to point out are not drawn", more);
}

static void line_group(struct arena *a, const struct source *s, struct plot *p, struct position *y,
                       struct point *points, size_t n, size_t most, uint8_t role)
{
    qsort(points, n, sizeof *points, compare_points);
    if (s->low)
        band(a, s, p, y, points, n);
    struct group *g = group_add(p, n > 1 ? MARKS_LINE : MARKS_POINTS, role, 100, n > 1 ? 1.6 : 3);
    thin(points, n, most, s, a, g);
}

/* Points over the lines, so that there is something to point at; not where they would be a band. */
static void line_points(struct arena *a, struct plot *p)
{
    enum { SEPARATE = 150 };
    size_t lines = p->ngroups;
    for (size_t i = 0; i < lines; i++) {
        const struct group *line = &p->groups[i];
        if (line->style != MARKS_LINE || line->nmarks > SEPARATE)
            continue;
        struct group *dots = group_add(p, MARKS_POINTS, line->role, 100, 2.2);
        for (size_t j = 0; j < line->nmarks; j++)
            mark_add(a, dots, line->marks[j]);
    }
}

bool fill_line(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, nseries = 1, unusable = 0, total = 0;
    struct position x, y;
    struct categories series = { 0 };
    position_init(a, &x, s->x, nrows);
    position_init(a, &y, s->y, nrows);
    if (s->series) {
        categories_init(a, &series, s->series, nrows, SERIES_MAX);
        nseries = series.n;
    }
    struct point *all = ARENA_ARRAY(a, nrows, struct point);
    size_t nall = 0;
    for (size_t k = 0; k < nseries; k++) {
        struct point *points = &all[nall];
        size_t n = 0;
        for (size_t row = 0; row < nrows; row++) {
            struct point at = { .row = row };
            if (s->series && series.of_row[row] != k)
                continue;
            if (!position_of(&x, row, &at.x) || !position_of(&y, row, &at.y)) {
                unusable++;
                continue;
            }
            position_seen(&x, at.x);
            position_seen(&y, at.y);
            points[n++] = at;
        }
        if (n)
            line_group(a, s, p, &y, points, n, POINTS_MAX / nseries, series_roles[k]);
        if (n && s->series)
            swatch_add(a, s, p, series.names[k], series_roles[k], 100);
        if (n > POINTS_MAX / nseries)
            total += n;
        nall += n;
    }
    if (total)
        plot_note(a, p, "lines are drawn through at most %d of their points", POINTS_MAX);
    note_left_out(a, p, &series, s->spec->series);
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
    if (!p->ngroups)
        return false;
    line_points(a, p);
    if (s->highlight)
        line_alarms(a, s, p, all, nall);
    position_axis(a, &x, &p->x, 0.02);
    position_axis(a, &y, &p->y, 0.08);
    if (y.min >= 0 && y.min < 0.5 * y.max)
        p->y.lo = 0; /* what nearly reaches zero is shown from zero */
    p->y.grid = true;
    return true;
}

/* -- histogram -- */

enum { BINS_MOST = 40 };

static struct str bin_tip(struct arena *a, const struct position *x, double from, double to, double sum,
                          const char *unit)
{
    struct buf b = BUF_INIT;
    if (x->column->type == HB_DATETIME) {
        ticks_put_human(&b, x->origin + llround(from * (double)TICKS_SEC));
        buf_puts(&b, " to ");
        ticks_put_human(&b, x->origin + llround(to * (double)TICKS_SEC));
    } else {
        buf_printf(&b, "%.6g to below %.6g", from, to);
    }
    buf_puts(&b, "\n");
    buf_puts(&b, unit);
    buf_puts(&b, ": ");
    put_grouped(&b, sum, sum == floor(sum) ? 0 : 3);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

bool fill_histogram(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, unusable = 0;
    struct position x;
    position_init(a, &x, s->x, nrows);
    double v, weight = 1, sum[BINS_MOST + 2] = { 0 }, most = 0;
    for (size_t row = 0; row < nrows; row++)
        if (source_number(s->x, row, x.origin, &v))
            position_seen(&x, v);
    if (!x.any) {
        plot_note(a, p, "%zu rows have no value to draw", nrows);
        return false;
    }
    double span = x.max - x.min, least = span > 0 ? span / BINS_MOST : 1;
    double width = s->x->type == HB_DATETIME ? nice_seconds(least) : nice_step(least);
    double first = floor(x.min / width) * width;
    for (size_t row = 0; row < nrows; row++) {
        if (!source_number(s->x, row, x.origin, &v) || (s->y && !source_number(s->y, row, 0, &weight))) {
            unusable++;
            continue;
        }
        double bin = floor((v - first) / width);
        size_t i = bin < 0 ? 0 : bin > BINS_MOST + 1 ? BINS_MOST + 1 : (size_t)bin;
        sum[i] += weight;
        most = fmax(most, sum[i]);
    }
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
    struct buf unit = BUF_INIT;
    if (s->y)
        put_clean(&unit, s->spec->y, 80);
    else
        buf_puts(&unit, "rows");
    struct group *g = group_add(p, MARKS_BOXES, PAINT_ACCENT, 100, 0);
    size_t nbins = (size_t)floor((x.max - first) / width) + 1;
    for (size_t i = 0; i < nbins && i < BINS_MOST + 2; i++) {
        double from = first + (double)i * width;
        if (sum[i] > 0)
            mark_add(a, g,
                     (struct mark){ from + width * 0.04, 0, from + width * 0.96, sum[i],
                                    bin_tip(a, &x, from, from + width, sum[i], buf_z(&unit)) });
    }
    buf_free(&unit);
    p->x.kind = s->x->type == HB_DATETIME ? AXIS_TIME : AXIS_NUMBER;
    p->x.origin = x.origin;
    p->x.lo = first;
    p->x.hi = first + (double)nbins * width;
    p->y.lo = 0;
    p->y.hi = most * 1.08;
    p->y.grid = true;
    return g->nmarks > 0;
}

/* -- heatmap -- */

enum { HEAT_LEVELS = 5 };

/* Distinct values, or bins of a calendar step for a datetime, in order of size where there is one. */
static void heat_categories(struct arena *a, struct categories *k, const struct column *c, size_t nrows)
{
    if (c->type != HB_DATETIME) {
        categories_init(a, k, c, nrows, CATEGORIES_MAX);
        if (column_is_number(c))
            categories_sort(a, k, nrows);
        return;
    }
    struct position at;
    double v;
    position_init(a, &at, c, nrows);
    for (size_t row = 0; row < nrows; row++)
        if (source_number(c, row, at.origin, &v))
            position_seen(&at, v);
    *k = (struct categories){ .of_row = ARENA_ARRAY(a, nrows, uint32_t) };
    double step = nice_seconds(fmax(1, (at.max - at.min) / (CATEGORIES_MAX - 2)));
    double first = floor(at.min / step);
    k->n = at.any ? (size_t)(floor(at.max / step) - first) + 1 : 0;
    k->names = ARENA_ARRAY(a, k->n, struct str);
    for (size_t i = 0; i < k->n; i++) {
        struct buf b = BUF_INIT;
        ticks_put_human(&b, at.origin + llround((first + (double)i) * step) * TICKS_SEC);
        /* Of "2026-01-15 06:00:00Z" what tells the bins apart. */
        struct str text = buf_view(&b);
        k->names[i] = arena_str(a, step < 60      ? str_sub(text, 5, 19)
                                   : step < 86400 ? str_sub(text, 5, 16)
                                                  : str_sub(text, 0, 10));
        buf_free(&b);
    }
    for (size_t row = 0; row < nrows; row++)
        k->of_row[row] = source_number(c, row, at.origin, &v) ? (uint32_t)(floor(v / step) - first)
                                                              : not_drawn;
}

static void heat_groups(struct arena *a, const struct source *s, struct plot *p, const struct categories *x,
                        const struct categories *y, const double *sum, double most)
{
    static const uint8_t opacity[HEAT_LEVELS] = { 15, 35, 55, 75, 100 };
    for (size_t level = 0; level < HEAT_LEVELS; level++) {
        struct group *g = group_add(p, MARKS_BOXES, PAINT_ACCENT, opacity[level], 0);
        for (size_t i = 0; i < x->n * y->n; i++) {
            if (sum[i] <= 0 || (size_t)fmin(HEAT_LEVELS - 1, floor(sum[i] / most * HEAT_LEVELS)) != level)
                continue;
            double cx = (double)(i % x->n), cy = (double)(i / x->n);
            struct buf b = BUF_INIT;
            put_clean(&b, x->names[i % x->n], 200);
            buf_putc(&b, '\n');
            put_clean(&b, y->names[i / x->n], 200);
            buf_puts(&b, "\n");
            put_clean(&b, s->value ? s->spec->value : STR("rows"), 80);
            buf_puts(&b, ": ");
            put_grouped(&b, sum[i], sum[i] == floor(sum[i]) ? 0 : 3);
            mark_add(a, g, (struct mark){ cx - 0.47, cy - 0.47, cx + 0.47, cy + 0.47, buf_to_arena(&b, a) });
            buf_free(&b);
        }
        struct buf text = BUF_INIT;
        buf_puts(&text, level + 1 < HEAT_LEVELS ? "< " : "\xe2\x89\xa4 ");
        buf_printf(&text, "%.3g", most * (double)(level + 1) / HEAT_LEVELS);
        swatch_add(a, s, p, buf_view(&text), PAINT_ACCENT, opacity[level]);
        buf_free(&text);
        if (!g->nmarks)
            p->ngroups--;
    }
}

bool fill_heatmap(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, unusable = 0;
    struct categories x, y;
    heat_categories(a, &x, s->x, nrows);
    heat_categories(a, &y, s->y, nrows);
    double *sum = ARENA_ARRAY(a, x.n * y.n, double), most = 0;
    for (size_t row = 0; row < nrows; row++) {
        double v = 1;
        if (x.of_row[row] == not_drawn || y.of_row[row] == not_drawn)
            continue;
        if (s->value && !source_number(s->value, row, 0, &v)) {
            unusable++;
            continue;
        }
        double *cell = &sum[y.of_row[row] * x.n + x.of_row[row]];
        *cell += v;
        most = fmax(most, *cell);
    }
    note_left_out(a, p, &x, s->spec->x);
    note_left_out(a, p, &y, s->spec->y);
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
    if (!(most > 0)) {
        plot_note(a, p, "no value is above 0");
        return false;
    }
    heat_groups(a, s, p, &x, &y, sum, most);
    axis_categories(a, &p->x, &x);
    axis_categories(a, &p->y, &y);
    return true;
}
