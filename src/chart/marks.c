/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows -> marks: clouds of points, bins, and lanes over time. Lines are in lines.c, bars in bars.c, heat maps in heat.c.
 */
#include <math.h>
#include <stdlib.h>

#include "hb/ticks.h"
#include "marks_int.h"

/* -- scatter -- */

static size_t series_of(const struct source *s, const struct categories *series, size_t row)
{
    if (s->series)
        return series->of_row[row];
    return source_role(s, row) == PAINT_ALARM; /* 0: others, 1: highlighted */
}

static void add_point(struct arena *a, const struct source *s, struct group *g, const struct point *p,
                      size_t count)
{
    struct str tip = source_tip(a, s, p->row);
    if (count > 1)
        tip = arena_strf(a, "%.*s\nand %zu more rows here", STR_ARG(tip), count - 1);
    mark_add(a, g, (struct mark){ .x = p->x, .y = p->y, .tip = tip });
}

struct cloud {
    const struct point *points;
    size_t n;
    uint8_t role, marker;
    bool alarm;
    size_t most;
};

/* Few points as they are; of many one for each place, darker where there are more. Returns how many marks. */
static size_t put_cloud(struct arena *a, const struct source *s, struct plot *p, const struct cloud *c)
{
    static const struct {
        size_t most; /* points of one mark */
        uint8_t opacity;
    } levels[] = { { 1, 40 }, { 9, 70 }, { SIZE_MAX, 100 } };
    enum { FEW = 200, NLEVELS = sizeof levels / sizeof *levels };
    if (c->n <= c->most) {
        bool solid = c->alarm || c->n <= FEW;
        struct group *g = group_add(p, MARKS_POINTS, c->role, solid ? 100 : 55, solid ? 4 : 3);
        g->marker = c->marker;
        for (size_t i = 0; i < c->n; i++)
            add_point(a, s, g, &c->points[i], 1);
        return c->n;
    }
    size_t n;
    struct place *places = thin_cloud(a, c->points, c->n, c->most, p->x.lo, p->x.hi, p->y.lo, p->y.hi, &n);
    for (size_t level = 0; level < NLEVELS; level++) {
        struct group *g = group_add(p, MARKS_POINTS, c->role, c->alarm ? 100 : levels[level].opacity,
                                    c->alarm ? 3.2 : 2.6);
        g->marker = c->marker;
        for (size_t i = 0; i < n; i++)
            if (places[i].count <= levels[level].most &&
                (level == 0 || places[i].count > levels[level - 1].most))
                add_point(a, s, g, &c->points[places[i].pick], places[i].count);
    }
    return n;
}

static void scatter_groups(struct arena *a, const struct source *s, struct plot *p,
                           const struct categories *series, struct point *const *points, const size_t *n,
                           size_t nseries)
{
    enum { LEAST = 400 };
    size_t total = 0, marks = 0;
    for (size_t i = 0; i < nseries; i++) {
        bool alarm = !s->series && i == 1;
        if (!n[i])
            continue;
        size_t most = s->series ? POINTS_MAX / nseries : POINTS_MAX / 2;
        if (!s->series && !n[1 - i])
            most = POINTS_MAX;
        struct cloud c = { points[i],
                           n[i],
                           alarm ? PAINT_ALARM : series_looks[i].role,
                           s->series ? series_looks[i].marker : MARKER_CIRCLE,
                           alarm,
                           most < LEAST ? LEAST : most };
        total += n[i];
        marks += put_cloud(a, s, p, &c);
        if (s->series) {
            struct swatch *w = swatch_add(a, s, p, series->names[i], series_looks[i].role, 100);
            w->style = MARKS_POINTS;
            w->marker = series_looks[i].marker;
        }
    }
    if (!s->series && n[0] && n[1])
        highlight_swatches(a, s, p);
    if (marks < total)
        plot_note(a, p,
                  "%s points are drawn as %s marks: of points that fall together one is drawn, darker the "
                  "more there are",
                  count_text(a, total), count_text(a, marks));
}

bool fill_scatter(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, nseries = 2, unusable = 0, drawn = 0;
    struct position x, y;
    struct categories series = { 0 };
    position_init(a, &x, s->x, nrows);
    position_init(a, &y, s->y, nrows);
    x.log = s->spec->x_log && column_is_number(s->x);
    y.log = s->spec->y_log && column_is_number(s->y);
    if (s->series) {
        categories_largest(a, &series, s->series, nrows, SERIES_MAX, NULL);
        nseries = series.n;
    }
    struct point *points[SERIES_MAX];
    size_t n[SERIES_MAX] = { 0 };
    for (size_t row = 0; row < nrows; row++) {
        size_t k = series_of(s, &series, row);
        if (k != NOT_DRAWN)
            n[k]++;
    }
    for (size_t i = 0; i < nseries; i++) {
        points[i] = ARENA_ARRAY(a, n[i] + 1, struct point);
        n[i] = 0;
    }
    for (size_t row = 0; row < nrows; row++) {
        size_t k = series_of(s, &series, row), no_log = x.no_log + y.no_log;
        struct point at = { .row = row };
        if (k == NOT_DRAWN)
            continue;
        if (!position_of(&x, row, &at.x) || !position_of(&y, row, &at.y)) {
            unusable += no_log == x.no_log + y.no_log &&
                        (!x.category || x.categories.of_row[row] != NOT_DRAWN) &&
                        (!y.category || y.categories.of_row[row] != NOT_DRAWN);
            continue;
        }
        position_seen(&x, at.x);
        position_seen(&y, at.y);
        points[k][n[k]++] = at;
        drawn++;
    }
    position_axis(a, &x, &p->x, 0.03);
    position_axis(a, &y, &p->y, 0.06);
    scatter_groups(a, s, p, &series, points, n, nseries);
    note_left_out(a, p, &x.categories, s->spec->x);
    note_left_out(a, p, &y.categories, s->spec->y);
    note_left_out(a, p, &series, s->spec->series);
    note_no_log(a, p, &x);
    note_no_log(a, p, &y);
    note_unusable(a, p, unusable);
    p->x.grid = p->y.grid = true;
    return drawn > 0;
}

/* -- timeline -- */

static const double lane_half = 0.26;

/* A row's place in its lane: a bar when it has an end, else a dot. */
static void lane_mark(struct arena *a, const struct source *s, struct plot *p,
                      struct group *const groups[][2], size_t look, const struct point *at, double end)
{
    enum { LEAST = 160 }; /* parts of the axis that a bar is long at least */
    struct str tip = source_tip(a, s, at->row);
    double least = (p->x.hi - p->x.lo) / LEAST;
    if (isnan(end)) {
        mark_add(a, groups[look][1], (struct mark){ .x = at->x, .y = at->y, .tip = tip });
        return;
    }
    if (end - at->x < least)
        end = fmin(at->x + least, p->x.hi);
    mark_add(a, groups[look][0],
             (struct mark){ at->x, at->y - lane_half, end, at->y + lane_half, tip, false });
}

static double lane_length(const struct source *s, const struct point *at, int64_t origin)
{
    double end;
    return s->end && source_number(s->end, at->row, origin, &end) && end > at->x ? end - at->x : 0;
}

struct longest {
    bool alarm;
    double length;
    struct point point;
};

static int compare_longest(const void *pa, const void *pb)
{
    const struct longest *a = pa, *b = pb;
    if (a->alarm != b->alarm)
        return a->alarm ? -1 : 1;
    if (a->length != b->length)
        return a->length > b->length ? -1 : 1;
    return point_compare(&a->point, &b->point);
}

/* Highlighted rows before others, which is what a dot is picked by where several fall together. */
static struct point *alarms_first(struct arena *a, const struct source *s, const struct point *points,
                                  size_t n)
{
    struct point *all = ARENA_ARRAY(a, n, struct point);
    size_t taken = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            if ((source_role(s, points[i].row) == PAINT_ALARM) == (pass == 0))
                all[taken++] = points[i];
    return all;
}

/* Of many dots those that do not fall together, of many bars the longest; highlighted ones first. Returns how many stay. */
static size_t thin_lanes(struct arena *a, const struct source *s, struct plot *p, struct point *points,
                         size_t n, int64_t origin)
{
    size_t kept = POINTS_MAX;
    if (n <= POINTS_MAX)
        return n;
    if (!s->end) {
        struct point *all = alarms_first(a, s, points, n);
        struct place *places = thin_cloud(a, all, n, POINTS_MAX, p->x.lo, p->x.hi, p->y.lo, p->y.hi, &kept);
        for (size_t i = 0; i < kept; i++)
            points[i] = all[places[i].pick];
        plot_note(a, p, "%s moments are drawn as %s marks: of those that fall together one is drawn%s",
                  count_text(a, n), count_text(a, kept),
                  s->highlight ? ", a highlighted one if there is one" : "");
        return kept;
    }
    struct longest *bars = ARENA_ARRAY(a, n, struct longest);
    for (size_t i = 0; i < n; i++)
        bars[i] = (struct longest){ source_role(s, points[i].row) == PAINT_ALARM,
                                    lane_length(s, &points[i], origin), points[i] };
    qsort(bars, n, sizeof *bars, compare_longest);
    for (size_t i = 0; i < kept; i++)
        points[i] = bars[i].point;
    if (s->highlight)
        plot_note(a, p, "%s of %s bars are drawn: highlighted ones, and of the others the longest",
                  count_text(a, kept), count_text(a, n));
    else
        plot_note(a, p, "the %s longest of %s bars are drawn", count_text(a, kept), count_text(a, n));
    return kept;
}

bool fill_timeline(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, nlooks = 2, n = 0, unusable = 0;
    struct position x;
    struct categories lanes;
    struct categories series = { 0 };
    position_init(a, &x, s->x, nrows);
    categories_init(a, &lanes, s->y, nrows, CATEGORIES_MAX);
    if (s->series) {
        categories_largest(a, &series, s->series, nrows, SERIES_MAX, NULL);
        nlooks = series.n;
    }
    struct point *points = ARENA_ARRAY(a, nrows, struct point);
    for (size_t row = 0; row < nrows; row++) {
        double end;
        uint32_t lane = lanes.of_row[row];
        if (lane == NOT_DRAWN || (s->series && series.of_row[row] == NOT_DRAWN))
            continue;
        if (!position_of(&x, row, &points[n].x)) {
            unusable++;
            continue;
        }
        points[n].y = lane;
        points[n].row = row;
        position_seen(&x, points[n++].x);
        if (s->end && source_number(s->end, row, x.origin, &end))
            position_seen(&x, end);
    }
    if (n) {
        position_axis(a, &x, &p->x, 0.02);
        axis_categories(a, &p->y, &lanes);
    }
    n = thin_lanes(a, s, p, points, n, x.origin);
    struct group *groups[SERIES_MAX][2];
    size_t seen[SERIES_MAX] = { 0 };
    for (size_t k = 0; k < nlooks; k++) {
        uint8_t role = s->series ? series_looks[k].role : k ? PAINT_ALARM : PAINT_ACCENT;
        groups[k][0] = group_add(p, MARKS_BOXES, role, 100, 0);
        groups[k][1] = group_add(p, MARKS_POINTS, role, 100, 4);
        if (s->series)
            groups[k][1]->marker = series_looks[k].marker;
    }
    for (size_t i = 0; i < n; i++) {
        double end;
        size_t k = series_of(s, &series, points[i].row);
        if (!s->end || !source_number(s->end, points[i].row, x.origin, &end) || end < points[i].x)
            end = NAN;
        lane_mark(a, s, p, groups, k, &points[i], end);
        seen[k]++;
    }
    for (size_t k = 0; s->series && k < nlooks; k++)
        if (seen[k])
            swatch_add(a, s, p, series.names[k], series_looks[k].role, 100);
    if (!s->series && seen[0] && seen[1])
        highlight_swatches(a, s, p);
    note_left_out(a, p, &lanes, s->spec->y);
    note_left_out(a, p, &series, s->spec->series);
    note_unusable(a, p, unusable);
    p->x.grid = true;
    return n > 0;
}

/* -- histogram -- */

enum { BINS_USUAL = 40, BINS_MOST = 200 };

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
    int bins = s->spec->bins;
    size_t most_bins = bins <= 0 ? BINS_USUAL : bins < BINS_MOST ? (size_t)bins : BINS_MOST;
    double span = x.max - x.min, least = span > 0 ? span / (double)most_bins : 1;
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
    note_unusable(a, p, unusable);
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
                                    bin_tip(a, &x, from, from + width, sum[i], buf_z(&unit)), false });
    }
    buf_free(&unit);
    p->x.kind = s->x->type == HB_DATETIME ? AXIS_TIME : AXIS_NUMBER;
    p->x.origin = x.origin;
    p->x.from = x.min;
    p->x.to = x.max;
    p->x.lo = first;
    p->x.hi = first + (double)nbins * width;
    p->y.lo = 0;
    p->y.hi = most * 1.08;
    p->y.grid = true;
    return g->nmarks > 0;
}
