/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rows lie: columns as categories, or as places on an axis of numbers or times; and the pieces a plot is filled with.
 */
#include "marks_int.h"

#include <math.h>
#include <stdlib.h>

#include "hb/map.h"
#include "hb/ticks.h"
#include "hb/vec.h"

const struct series_look series_looks[SERIES_MAX] = {
    { PAINT_ACCENT, MARKER_CIRCLE, 0 },     { PAINT_SERIES_2, MARKER_SQUARE, 1 },
    { PAINT_SERIES_3, MARKER_TRIANGLE, 2 }, { PAINT_SERIES_4, MARKER_DIAMOND, 3 },
    { PAINT_SERIES_5, MARKER_DOWN, 4 },     { PAINT_SERIES_6, MARKER_CROSS, 5 },
};

/* -- groups and legends -- */

struct group *group_add(struct plot *p, enum mark_style style, uint8_t role, uint8_t opacity, double size)
{
    struct group *g = &p->groups[p->ngroups++];
    *g = (struct group){ .style = style, .role = role, .opacity = opacity, .size = size };
    return g;
}

void mark_add(struct arena *a, struct group *g, struct mark m)
{
    *VEC_PUSH(a, g->marks, g->nmarks, g->cap) = m;
}

struct swatch *swatch_add(struct arena *a, const struct source *s, struct plot *p, struct str text,
                          uint8_t role, uint8_t opacity)
{
    enum { SWATCH_TEXT = 150 };
    struct swatch *w = &p->swatches[p->nswatches++];
    *w = (struct swatch){ .label = label_make(a, s->metrics, text, FONT_SIZE, SWATCH_TEXT),
                          .style = MARKS_BOXES,
                          .role = role,
                          .opacity = opacity };
    return w;
}

void highlight_swatches(struct arena *a, const struct source *s, struct plot *p)
{
    swatch_add(a, s, p, s->highlight->name, PAINT_ALARM, 100);
    swatch_add(a, s, p, STR("other rows"), PAINT_ACCENT, 100);
}

void note_unusable(struct arena *a, struct plot *p, size_t unusable)
{
    if (unusable)
        plot_note(a, p, "%zu rows have no value to draw", unusable);
}

const char *count_text(struct arena *a, size_t n)
{
    struct buf b = BUF_INIT;
    put_grouped(&b, (double)n, 0);
    const char *out = arena_printf(a, "%.*s", (int)b.n, b.p);
    buf_free(&b);
    return out;
}

struct str sum_tip(struct arena *a, struct str first, struct str second, struct str unit, double v)
{
    enum { VALUE_MOST = 200, NAME_MOST = 80 };
    struct buf b = BUF_INIT;
    put_clean(&b, first, VALUE_MOST);
    buf_putc(&b, '\n');
    if (second.n) {
        put_clean(&b, second, VALUE_MOST);
        buf_putc(&b, '\n');
    }
    put_clean(&b, unit, NAME_MOST);
    buf_puts(&b, ": ");
    if (fabs(v) < 1e15)
        put_grouped(&b, v, v == floor(v) ? 0 : 3);
    else
        buf_printf(&b, "%.6g", v);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* -- categories -- */

struct str cell_text(struct arena *a, const struct column *c, size_t row)
{
    struct buf b = BUF_INIT;
    cell_put_human(&b, c, row);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* All distinct values in order of first appearance; memory grows with them, not with the rows. */
static void distinct(struct arena *a, struct categories *k, const struct column *c, size_t nrows)
{
    struct map map;
    struct buf b = BUF_INIT;
    map_init(&map, a);
    *k = (struct categories){ .of_row = ARENA_ARRAY(a, nrows, uint32_t) };
    for (size_t row = 0; row < nrows; row++) {
        buf_clear(&b);
        cell_put_human(&b, c, row);
        uintptr_t at = (uintptr_t)map_get(&map, buf_view(&b));
        if (!at) {
            struct str text = buf_to_arena(&b, a);
            double key = 0;
            at = map.n + 1;
            map_set(&map, text, (void *)at);
            source_number(c, row, 0, &key);
            *VEC_PUSH(a, k->names, k->n, k->cap) = text;
            size_t n = k->n - 1;
            *VEC_PUSH(a, k->keys, n, k->cap_keys) = key;
        }
        k->of_row[row] = (uint32_t)at - 1;
    }
    buf_free(&b);
}

/* Only those stay whose `keep` is true, in their order. */
static void keep_only(struct arena *a, struct categories *k, size_t nrows, const bool *keep)
{
    uint32_t *place = ARENA_ARRAY(a, k->n + 1, uint32_t);
    size_t n = 0, all = k->n;
    for (size_t i = 0; i < all; i++) {
        place[i] = NOT_DRAWN;
        if (!keep[i])
            continue;
        k->names[n] = k->names[i];
        k->keys[n] = k->keys[i];
        place[i] = (uint32_t)n++;
    }
    k->n = n;
    k->left_out = all - n;
    for (size_t row = 0; row < nrows; row++)
        k->of_row[row] = place[k->of_row[row]];
}

void categories_init(struct arena *a, struct categories *k, const struct column *c, size_t nrows, size_t most)
{
    distinct(a, k, c, nrows);
    if (k->n <= most)
        return;
    bool *keep = ARENA_ARRAY(a, k->n, bool);
    for (size_t i = 0; i < most; i++)
        keep[i] = true;
    keep_only(a, k, nrows, keep);
}

int number_compare(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return a < b ? -1 : a > b;
}

int ranked_compare(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->v != b->v)
        return a->v > b->v ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

void categories_largest(struct arena *a, struct categories *k, const struct column *c, size_t nrows,
                        size_t most, const struct column *weight)
{
    distinct(a, k, c, nrows);
    if (k->n <= most)
        return;
    struct ranked *sums = ARENA_ARRAY(a, k->n, struct ranked);
    bool *keep = ARENA_ARRAY(a, k->n, bool);
    for (size_t i = 0; i < k->n; i++)
        sums[i].at = i;
    for (size_t row = 0; row < nrows; row++) {
        double v = 1;
        if (!weight || source_number(weight, row, 0, &v))
            sums[k->of_row[row]].v += v;
    }
    qsort(sums, k->n, sizeof *sums, ranked_compare);
    for (size_t i = 0; i < most; i++)
        keep[sums[i].at] = true;
    keep_only(a, k, nrows, keep);
    k->largest = true;
}

/* Sorts by key; there are at most CATEGORIES_MAX of them, so simply. */
void categories_sort(struct arena *a, struct categories *k, size_t nrows)
{
    uint32_t *place = ARENA_ARRAY(a, k->n, uint32_t);
    struct str *names = ARENA_ARRAY(a, k->n, struct str);
    for (size_t i = 0; i < k->n; i++)
        for (size_t j = 0; j < k->n; j++)
            place[i] += k->keys[j] < k->keys[i] || (k->keys[j] == k->keys[i] && j < i);
    for (size_t i = 0; i < k->n; i++)
        names[place[i]] = k->names[i];
    for (size_t row = 0; row < nrows; row++)
        if (k->of_row[row] != NOT_DRAWN)
            k->of_row[row] = place[k->of_row[row]];
    k->names = names;
}

void note_left_out(struct arena *a, struct plot *p, const struct categories *k, struct str column)
{
    if (k->left_out && k->largest)
        plot_note(a, p, "the %zu largest of %s values of %.*s are drawn", k->n,
                  count_text(a, k->n + k->left_out), STR_ARG(clean_str(a, column, 80)));
    else if (k->left_out)
        plot_note(a, p, "%zu of %zu values of %.*s are not drawn", k->left_out, k->n + k->left_out,
                  STR_ARG(clean_str(a, column, 80)));
}

/* Labels are set when the room for them is known: plot.c makes them of these names. */
void axis_categories(struct arena *a, struct axis *x, const struct categories *k)
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

/* -- places on an axis -- */

void position_init(struct arena *a, struct position *at, const struct column *c, size_t nrows)
{
    *at = (struct position){ .column = c };
    at->category = !column_is_number(c) && c->type != HB_DATETIME;
    if (at->category)
        categories_init(a, &at->categories, c, nrows, CATEGORIES_MAX);
    if (c->type != HB_DATETIME)
        return;
    /* Times count from the Monday before the first, so that seconds stay small and steps fall on round times. */
    int64_t first = INT64_MAX;
    for (size_t row = 0; row < nrows; row++)
        if (!column_is_null(c, row) && c->v.i[row] >= 0 && c->v.i[row] < first)
            first = c->v.i[row];
    at->origin = first == INT64_MAX ? 0 : first - first % (7 * TICKS_DAY);
}

bool position_of(struct position *at, size_t row, double *out)
{
    if (at->category) {
        *out = at->categories.of_row[row];
        return at->categories.of_row[row] != NOT_DRAWN;
    }
    if (!source_number(at->column, row, at->origin, out))
        return false;
    if (!at->log)
        return true;
    if (!(*out > 0)) {
        at->no_log++;
        return false;
    }
    *out = log10(*out);
    return true;
}

void note_no_log(struct arena *a, struct plot *p, const struct position *at)
{
    if (at->no_log)
        plot_note(a, p, "%zu values of %.*s are not above 0 and have no place on a logarithmic axis",
                  at->no_log, STR_ARG(clean_str(a, at->column->name, 80)));
}

void position_seen(struct position *at, double v)
{
    at->min = at->any ? fmin(at->min, v) : v;
    at->max = at->any ? fmax(at->max, v) : v;
    at->any = true;
}

static double half_unit(const struct axis *x, double v)
{
    return x->kind == AXIS_TIME ? 30 : v == 0 || x->log ? 1 : fabs(v) * 0.1;
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

void position_axis(struct arena *a, const struct position *at, struct axis *x, double air)
{
    if (at->category) {
        axis_categories(a, x, &at->categories);
        return;
    }
    x->kind = at->column->type == HB_DATETIME ? AXIS_TIME : AXIS_NUMBER;
    x->origin = at->origin;
    x->log = at->log;
    x->from = at->min;
    x->to = at->max;
    axis_range(x, at->min, at->max, air);
}

int point_compare(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}
