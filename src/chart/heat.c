/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heat maps: sums of rows in cells of two categories, or of hours and days of the week.
 */
#include <math.h>
#include <stdlib.h>

#include "hb/ticks.h"
#include "marks_int.h"

enum { HEAT_LEVELS = 5 };

/* Distinct values, or bins of a calendar step for a datetime, in order of size where there is one. */
static void heat_categories(struct arena *a, const struct source *s, struct categories *k,
                            const struct column *c)
{
    size_t nrows = s->table->nrows;
    if (c->type != HB_DATETIME) {
        int top = s->spec->top;
        categories_largest(a, k, c, nrows, top > 0 && top < CATEGORIES_MAX ? (size_t)top : CATEGORIES_MAX,
                           s->value);
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
                                                              : NOT_DRAWN;
}

/* Hours of the day across, days of the week down, in UTC; the first day of the calendar was a Monday. */
static void week_categories(struct arena *a, const struct source *s, struct categories *hours,
                            struct categories *days)
{
    static const char *const names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday" };
    enum { HOURS = 24, DAYS = 7 };
    size_t nrows = s->table->nrows;
    *hours = (struct categories){ .of_row = ARENA_ARRAY(a, nrows, uint32_t),
                                  .names = ARENA_ARRAY(a, HOURS, struct str),
                                  .n = HOURS };
    *days = (struct categories){ .of_row = ARENA_ARRAY(a, nrows, uint32_t),
                                 .names = ARENA_ARRAY(a, DAYS, struct str),
                                 .n = DAYS };
    for (size_t i = 0; i < HOURS; i++)
        hours->names[i] = arena_strf(a, "%02zu", i);
    for (size_t i = 0; i < DAYS; i++)
        days->names[i] = str_z(names[i]);
    for (size_t row = 0; row < nrows; row++) {
        int64_t t = column_is_null(s->x, row) ? -1 : s->x->v.i[row];
        bool is_time = t >= 0 && t <= TICKS_MAX;
        hours->of_row[row] = is_time ? (uint32_t)(t / TICKS_HOUR % HOURS) : NOT_DRAWN;
        days->of_row[row] = is_time ? (uint32_t)(t / TICKS_DAY % DAYS) : NOT_DRAWN;
    }
}

/* -- levels -- */

/*
 * The upper ends of the levels. Equal round steps; powers where half of the cells would otherwise be of the lowest level
 * and the largest stand far above them.
 */
static size_t choose_levels(struct arena *a, const double *sum, size_t n, double most, double *ends)
{
    double *sorted = ARENA_ARRAY(a, n, double);
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (sum[i] > 0)
            sorted[used++] = sum[i];
    qsort(sorted, used, sizeof *sorted, number_compare);
    double median = sorted[used / 2], least = sorted[0], step = nice_step(most / HEAT_LEVELS);
    size_t levels = 0;
    if (most > 20 * median && most < 1e100 * least) {
        for (size_t i = 0; i < HEAT_LEVELS; i++) {
            double end = nice_step(least * pow(most / least, (double)(i + 1) / HEAT_LEVELS));
            if (!levels || end > ends[levels - 1])
                ends[levels++] = end;
            if (end >= most)
                break;
        }
        return levels;
    }
    while (levels < HEAT_LEVELS && (!levels || ends[levels - 1] < most)) {
        ends[levels] = step * (double)(levels + 1);
        levels++;
    }
    return levels;
}

static size_t level_of(const double *ends, size_t levels, double v)
{
    size_t i = 0;
    while (i + 1 < levels && v > ends[i])
        i++;
    return i;
}

static void heat_groups(struct arena *a, const struct source *s, struct plot *p, const struct categories *x,
                        const struct categories *y, const double *sum, double most)
{
    static const uint8_t opacity[HEAT_LEVELS] = { 15, 35, 55, 75, 100 };
    double ends[HEAT_LEVELS];
    size_t levels = choose_levels(a, sum, x->n * y->n, most, ends);
    struct str unit = s->value ? s->spec->value : STR("rows");
    for (size_t level = 0; level < levels; level++) {
        uint8_t tint = opacity[HEAT_LEVELS - levels + level];
        struct group *g = group_add(p, MARKS_BOXES, PAINT_ACCENT, tint, 0);
        for (size_t i = 0; i < x->n * y->n; i++) {
            if (sum[i] <= 0 || level_of(ends, levels, sum[i]) != level)
                continue;
            double cx = (double)(i % x->n), cy = (double)(i / x->n);
            struct str tip = sum_tip(a, x->names[i % x->n], y->names[i / x->n], unit, sum[i]);
            mark_add(a, g, (struct mark){ cx - 0.47, cy - 0.47, cx + 0.47, cy + 0.47, tip, false });
        }
        struct buf text = BUF_INIT;
        buf_puts(&text, "\xe2\x89\xa4 ");
        put_short(&text, ends[level]);
        swatch_add(a, s, p, buf_view(&text), PAINT_ACCENT, tint);
        buf_free(&text);
    }
}

bool fill_heatmap(struct arena *a, const struct source *s, struct plot *p)
{
    size_t nrows = s->table->nrows, unusable = 0, below = 0;
    struct categories x, y;
    if (s->y) {
        heat_categories(a, s, &x, s->x);
        heat_categories(a, s, &y, s->y);
    } else {
        week_categories(a, s, &x, &y);
    }
    double *sum = ARENA_ARRAY(a, x.n * y.n, double), most = 0;
    for (size_t row = 0; row < nrows; row++) {
        double v = 1;
        if (x.of_row[row] == NOT_DRAWN || y.of_row[row] == NOT_DRAWN)
            continue;
        if (s->value && !source_number(s->value, row, 0, &v)) {
            unusable++;
            continue;
        }
        sum[y.of_row[row] * x.n + x.of_row[row]] += v;
    }
    for (size_t i = 0; i < x.n * y.n; i++) {
        most = fmax(most, sum[i]);
        below += sum[i] < 0;
    }
    note_left_out(a, p, &x, s->spec->x);
    note_left_out(a, p, &y, s->spec->y);
    note_unusable(a, p, unusable);
    if (!(most > 0)) {
        plot_note(a, p, "no value is above 0");
        return false;
    }
    if (below)
        plot_note(a, p, "%zu cells have a value below 0 and are left white", below);
    heat_groups(a, s, p, &x, &y, sum, most);
    axis_categories(a, &p->x, &x);
    axis_categories(a, &p->y, &y);
    return true;
}
