/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars: lying (bar) or upright (column), of one series or several, side by side, on top of each other or as shares.
 *
 * A bar always begins at zero. Upright bars over times or many numbers stand on an axis, as wide as the rows are apart.
 */
#include <math.h>
#include <stdlib.h>

#include "hb/vec.h"
#include "marks_int.h"

struct bars {
    const struct source *s;
    struct plot *p;
    struct arena *a;
    bool upright;
    double min, max; /* of all ends */
    struct group *groups[SERIES_MAX];
};

static void bars_init(struct bars *b, struct arena *a, const struct source *s, struct plot *p, bool upright)
{
    *b = (struct bars){ .s = s, .p = p, .a = a, .upright = upright };
}

/* A bar between two places of the categories and two values. */
static void put_bar(struct bars *b, size_t look, uint8_t role, double at0, double at1, double v0, double v1,
                    struct str tip)
{
    struct group **g = &b->groups[look];
    if (!*g)
        *g = group_add(b->p, MARKS_BOXES, role, 100, 0);
    b->min = fmin(b->min, fmin(v0, v1));
    b->max = fmax(b->max, fmax(v0, v1));
    mark_add(b->a, *g,
             b->upright ? (struct mark){ at0, v0, at1, v1, tip, false }
                        : (struct mark){ v0, at0, v1, at1, tip, false });
}

/* The value behind the end of a bar, or above a column. */
static void put_value(struct bars *b, struct str text, double at, double v)
{
    struct placed *t = VEC_PUSH(b->a, b->p->texts, b->p->ntexts, b->p->texts_cap);
    *t = (struct placed){ .label = label_make(b->a, b->s->metrics, text, FONT_SIZE, 120), .role = PAINT_INK };
    if (b->upright) {
        t->anchor = ANCHOR_MIDDLE;
        t->x = at;
        t->y = v;
        t->dy = v < 0 ? 9 : -9;
        return;
    }
    t->anchor = v < 0 ? ANCHOR_END : ANCHOR_START;
    t->x = v;
    t->y = at;
    t->dx = v < 0 ? -5 : 5;
}

static struct str value_text(struct arena *a, const struct source *s, size_t row, double v)
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
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

static struct str sum_text(struct arena *a, double v)
{
    struct buf b = BUF_INIT;
    if (fabs(v) < 1e15)
        put_grouped(&b, v, v == floor(v) ? 0 : fabs(v) < 100 ? 2 : 1);
    else
        buf_printf(&b, "%.3g", v);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* Axes when all bars are there. */
static void bars_axes(struct bars *b, const struct categories *k)
{
    struct axis *values = b->upright ? &b->p->y : &b->p->x, *places = b->upright ? &b->p->x : &b->p->y;
    double span = b->max > b->min ? b->max - b->min : 1;
    b->p->swapped = !b->upright;
    values->lo = b->min;
    values->hi = b->max > b->min ? b->max : b->min + 1;
    if (b->upright) {
        double air = b->p->ntexts ? 0.1 : 0.05;
        values->lo -= b->min < 0 ? air * span : 0;
        values->hi += b->max > 0 ? air * span : 0;
    }
    values->grid = b->p->zero_line = true;
    if (k)
        axis_categories(b->a, places, k);
}

/* -- a bar for each row -- */

/* Values over columns are set when all of them have room. */
static bool values_fit(const struct source *s, const struct ranked *rows, size_t n)
{
    enum { USUAL_WIDTH = 640, CHROME = 90, GAP = 4 };
    double slot = ((s->spec->width > 0 ? s->spec->width : USUAL_WIDTH) - CHROME) / (double)n;
    struct arena *scratch = arena_new(0, "values of columns");
    bool fit = true;
    for (size_t i = 0; i < n && fit; i++)
        fit = label_make(scratch, s->metrics, value_text(scratch, s, rows[i].at, rows[i].v), FONT_SIZE, 120)
                  .width <= slot - GAP;
    arena_free(scratch);
    return fit;
}

/* Few columns would be as wide as houses. */
static double slimmer(const struct bars *b, size_t n)
{
    enum { ENOUGH = 6 };
    return b->upright && n < ENOUGH ? fmax(0.3, (double)n / ENOUGH) : 1;
}

static bool fill_rows(struct bars *b)
{
    const struct source *s = b->s;
    struct ranked *rows = ARENA_ARRAY(b->a, s->table->nrows, struct ranked);
    size_t n = 0, unusable = 0;
    for (size_t row = 0; row < s->table->nrows; row++)
        if (source_number(s->y, row, 0, &rows[n].v))
            rows[n++].at = row;
        else
            unusable++;
    size_t usable = n,
           most = s->spec->top > 0 && s->spec->top < CATEGORIES_MAX ? (size_t)s->spec->top : CATEGORIES_MAX;
    if (s->spec->top > 0)
        qsort(rows, n, sizeof *rows, ranked_compare);
    if (n > most) {
        n = most;
        plot_note(b->a, b->p, "the %zu %s of %s rows are drawn", n, s->spec->top > 0 ? "largest" : "first",
                  count_text(b->a, usable));
    }
    struct categories k = { .names = ARENA_ARRAY(b->a, n, struct str), .n = n };
    bool values = !b->upright || values_fit(s, rows, n);
    double half = 0.36 * slimmer(b, n);
    for (size_t i = 0; i < n; i++) {
        uint8_t role = source_role(s, rows[i].at);
        double at = (double)i;
        put_bar(b, role == PAINT_ALARM, role, at - half, at + half, 0, rows[i].v,
                source_tip(b->a, s, rows[i].at));
        if (values)
            put_value(b, value_text(b->a, s, rows[i].at, rows[i].v), at, rows[i].v);
        k.names[i] = cell_text(b->a, s->x, rows[i].at);
    }
    note_unusable(b->a, b->p, unusable);
    if (b->groups[0] && b->groups[1])
        highlight_swatches(b->a, s, b->p);
    bars_axes(b, &k);
    return n > 0;
}

/* -- several series -- */

/* Bars of one place: values[k] of series k, from at - 0.4 to at + 0.4 in units of `width`. */
static void put_place(struct bars *b, const struct categories *series, double at, double width,
                      const double *values, struct str name, bool text)
{
    enum chart_stack stack = b->s->spec->stack;
    double up = 0, down = 0, total = 0, n = (double)series->n;
    for (size_t k = 0; k < series->n; k++)
        total += fabs(values[k]);
    for (size_t k = 0; k < series->n; k++) {
        struct str tip = sum_tip(b->a, name, series->names[k], b->s->spec->y, values[k]);
        double from = at - 0.4 * width,
               v = stack == CHART_SHARES && total > 0 ? values[k] * 100 / total : values[k];
        if (stack == CHART_SIDE) {
            double step = 0.8 * width / n;
            from += step * (double)k;
            if (v != 0)
                put_bar(b, k, series_looks[k].role, from + 0.04 * step, from + 0.96 * step, 0, v, tip);
            if (text && v != 0)
                put_value(b, sum_text(b->a, v), from + step / 2, v);
            continue;
        }
        double *base = v < 0 ? &down : &up;
        if (v != 0)
            put_bar(b, k, series_looks[k].role, from, from + 0.8 * width, *base, *base + v, tip);
        *base += v;
    }
    if (text && stack == CHART_STACKED && down >= 0)
        put_value(b, sum_text(b->a, up), at, up);
}

static void series_swatches(struct bars *b, const struct categories *series)
{
    for (size_t k = 0; k < series->n; k++)
        if (b->groups[k])
            swatch_add(b->a, b->s, b->p, series->names[k], series_looks[k].role, 100);
}

/* Sums of y by category and series; returns rows without a value. */
static size_t sum_rows(const struct source *s, const struct categories *k, const struct categories *series,
                       double *sum)
{
    size_t unusable = 0;
    for (size_t row = 0; row < s->table->nrows; row++) {
        double v;
        if (!source_number(s->y, row, 0, &v))
            unusable++;
        else if (k->of_row[row] != NOT_DRAWN && series->of_row[row] != NOT_DRAWN)
            sum[k->of_row[row] * series->n + series->of_row[row]] += v;
    }
    return unusable;
}

/* Largest totals first. */
static void order_by_total(struct arena *a, struct categories *k, size_t nseries, double *sum)
{
    struct ranked *ranked = ARENA_ARRAY(a, k->n, struct ranked);
    struct str *names = ARENA_ARRAY(a, k->n, struct str);
    double *old = ARENA_ARRAY(a, k->n * nseries, double);
    for (size_t i = 0; i < k->n; i++) {
        ranked[i].at = i;
        for (size_t j = 0; j < nseries; j++) {
            ranked[i].v += sum[i * nseries + j];
            old[i * nseries + j] = sum[i * nseries + j];
        }
    }
    qsort(ranked, k->n, sizeof *ranked, ranked_compare);
    for (size_t i = 0; i < k->n; i++) {
        names[i] = k->names[ranked[i].at];
        for (size_t j = 0; j < nseries; j++)
            sum[i * nseries + j] = old[ranked[i].at * nseries + j];
    }
    k->names = names;
}

/* Series without a bar in any of the places take no room. */
static void drop_unused(struct categories *series, size_t nplaces, double *sum)
{
    size_t all = series->n, n = 0;
    for (size_t k = 0; k < all; k++) {
        bool used = false;
        for (size_t i = 0; i < nplaces; i++)
            used = used || sum[i * all + k] != 0;
        if (!used)
            continue;
        series->names[n] = series->names[k];
        for (size_t i = 0; i < nplaces; i++)
            sum[i * all + n] = sum[i * all + k];
        n++;
    }
    if (n == 0)
        return;
    for (size_t i = 0; i < nplaces; i++)
        for (size_t k = 0; k < n; k++)
            sum[i * n + k] = sum[i * all + k];
    series->n = n;
}

static bool fill_series(struct bars *b)
{
    const struct source *s = b->s;
    struct categories k, series;
    int top = s->spec->top;
    size_t nrows = s->table->nrows;
    categories_largest(b->a, &k, s->x, nrows, top > 0 && top < CATEGORIES_MAX ? (size_t)top : CATEGORIES_MAX,
                       s->y);
    categories_largest(b->a, &series, s->series, nrows, SERIES_MAX, s->y);
    double *sum = ARENA_ARRAY(b->a, k.n * series.n, double);
    size_t unusable = sum_rows(s, &k, &series, sum);
    if (unusable == nrows) {
        note_unusable(b->a, b->p, unusable);
        return false;
    }
    if (top > 0)
        order_by_total(b->a, &k, series.n, sum);
    drop_unused(&series, k.n, sum);
    enum { BAR = 15, GAP = 8 };
    if (s->spec->stack == CHART_SIDE)
        b->p->slot = GAP + BAR * (double)series.n;
    for (size_t i = 0; i < k.n; i++)
        put_place(b, &series, (double)i, slimmer(b, k.n), &sum[i * series.n], k.names[i], !b->upright);
    series_swatches(b, &series);
    note_left_out(b->a, b->p, &k, s->spec->x);
    note_left_out(b->a, b->p, &series, s->spec->series);
    note_unusable(b->a, b->p, unusable);
    bars_axes(b, &k);
    return true;
}

bool fill_bar(struct arena *a, const struct source *s, struct plot *p)
{
    struct bars b;
    bars_init(&b, a, s, p, false);
    return s->series ? fill_series(&b) : fill_rows(&b);
}

/* -- columns on an axis -- */

/* The least distance of two neighbours: a row's share of the axis. */
static double column_width(const struct point *points, size_t n)
{
    double width = INFINITY;
    for (size_t i = 1; i < n; i++)
        if (points[i].x > points[i - 1].x)
            width = fmin(width, points[i].x - points[i - 1].x);
    return width;
}

static bool fill_on_axis(struct bars *b)
{
    const struct source *s = b->s;
    struct arena *a = b->a;
    struct position x;
    struct categories series = { 0 };
    size_t nrows = s->table->nrows, n = 0, unusable = 0, places = 0;
    position_init(a, &x, s->x, nrows);
    if (s->series)
        categories_largest(a, &series, s->series, nrows, SERIES_MAX, s->y);
    struct point *points = ARENA_ARRAY(a, nrows, struct point);
    for (size_t row = 0; row < nrows; row++) {
        struct point at = { .row = row };
        if (s->series && series.of_row[row] == NOT_DRAWN)
            continue;
        if (!position_of(&x, row, &at.x) || !source_number(s->y, row, 0, &at.y)) {
            unusable++;
            continue;
        }
        position_seen(&x, at.x);
        points[n++] = at;
    }
    note_left_out(a, b->p, &series, s->spec->series);
    note_unusable(a, b->p, unusable);
    if (s->spec->top > 0)
        plot_note(a, b->p, "columns on an axis keep their places: 'top' chooses none of them");
    if (n == 0)
        return false;
    qsort(points, n, sizeof *points, point_compare);
    /* Of each place its total, by which places are thinned, and its first point. */
    struct point *totals = ARENA_ARRAY(a, n, struct point);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || points[i].x != points[i - 1].x)
            totals[places++] = (struct point){ i, points[i].x, 0 };
        totals[places - 1].y += points[i].y;
    }
    enum { PLACES_MOST = 400, NARROWEST = 600 };
    size_t *picks = ARENA_ARRAY(a, places, size_t), taken = thin_line(totals, places, PLACES_MOST, picks);
    double span = x.max - x.min, width = fmin(column_width(points, n), span > 0 ? span : 1);
    width = fmax(width, span / NARROWEST);
    for (size_t i = 0; i < taken; i++) {
        const struct point *place = &totals[picks[i]];
        size_t end = picks[i] + 1 < places ? totals[picks[i] + 1].row : n;
        double values[SERIES_MAX] = { 0 }, middle = place->x + width / 2;
        for (size_t k = place->row; s->series && k < end; k++)
            values[series.of_row[points[k].row]] += points[k].y;
        if (s->series)
            put_place(b, &series, middle, width, values, cell_text(a, s->x, points[place->row].row), false);
        for (size_t k = place->row; !s->series && k < end; k++) {
            uint8_t role = source_role(s, points[k].row);
            put_bar(b, role == PAINT_ALARM, role, middle - 0.42 * width, middle + 0.42 * width, 0,
                    points[k].y, source_tip(a, s, points[k].row));
        }
    }
    if (taken < places)
        plot_note(a, b->p,
                  "%s columns are drawn by %s of them: the first, lowest, highest and last of every step",
                  count_text(a, places), count_text(a, taken));
    if (s->series)
        series_swatches(b, &series);
    else if (b->groups[0] && b->groups[1])
        highlight_swatches(a, s, b->p);
    x.max += width;
    position_axis(a, &x, &b->p->x, 0.01);
    bars_axes(b, NULL);
    return true;
}

bool fill_column(struct arena *a, const struct source *s, struct plot *p)
{
    struct bars b;
    bars_init(&b, a, s, p, true);
    if (s->x->type == HB_DATETIME || (column_is_number(s->x) && s->table->nrows > CATEGORIES_MAX))
        return fill_on_axis(&b);
    return s->series ? fill_series(&b) : fill_rows(&b);
}
