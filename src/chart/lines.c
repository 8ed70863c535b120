/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and areas over an axis of numbers or times: thinned honestly, with a band of what was to be expected behind and the
 * rows to point out on top.
 */
#include <math.h>
#include <stdlib.h>

#include "marks_int.h"

struct line { /* the points of one series, sorted by x */
    struct point *points;
    size_t n;
    size_t *picks; /* those that are drawn */
    size_t npicks;
    struct str name;
};

struct lines {
    const struct source *s;
    struct position x, y;
    struct categories series;
    struct line lines[SERIES_MAX];
    size_t nlines;
    size_t unusable, thinned; /* rows without a value; points of lines that are not drawn whole */
};

/* -- the points -- */

static void read_points(struct arena *a, struct lines *l, struct line *line, size_t k, size_t room)
{
    const struct source *s = l->s;
    line->points = ARENA_ARRAY(a, room, struct point);
    for (size_t row = 0; row < s->table->nrows; row++) {
        struct point at = { .row = row };
        size_t no_log = l->x.no_log + l->y.no_log;
        if (s->series && l->series.of_row[row] != k)
            continue;
        if (!position_of(&l->x, row, &at.x) || !position_of(&l->y, row, &at.y)) {
            l->unusable += no_log == l->x.no_log + l->y.no_log;
            continue;
        }
        position_seen(&l->x, at.x);
        position_seen(&l->y, at.y);
        line->points[line->n++] = at;
    }
    qsort(line->points, line->n, sizeof *line->points, point_compare);
}

static void read_lines(struct arena *a, const struct source *s, struct lines *l, bool stacked)
{
    size_t nrows = s->table->nrows, room[SERIES_MAX] = { nrows };
    *l = (struct lines){ .s = s, .nlines = 1 };
    position_init(a, &l->x, s->x, nrows);
    position_init(a, &l->y, s->y, nrows);
    l->x.log = s->spec->x_log && column_is_number(s->x);
    l->y.log = s->spec->y_log && !stacked;
    if (s->series) {
        categories_largest(a, &l->series, s->series, nrows, SERIES_MAX, s->y);
        l->nlines = l->series.n;
        room[0] = 0;
        for (size_t row = 0; row < nrows; row++)
            if (l->series.of_row[row] != NOT_DRAWN)
                room[l->series.of_row[row]]++;
    }
    for (size_t k = 0; k < l->nlines; k++) {
        struct line *line = &l->lines[k];
        read_points(a, l, line, k, room[k]);
        line->name = s->series ? l->series.names[k] : s->y->name;
        line->picks = ARENA_ARRAY(a, line->n, size_t);
        line->npicks = thin_line(line->points, line->n, POINTS_MAX / l->nlines, line->picks);
        if (line->npicks < line->n)
            l->thinned += line->n;
    }
}

static void note_lines(struct arena *a, struct plot *p, const struct lines *l)
{
    size_t drawn = 0;
    for (size_t k = 0; k < l->nlines; k++)
        drawn += l->lines[k].npicks < l->lines[k].n ? l->lines[k].npicks : 0;
    if (l->thinned)
        plot_note(a, p,
                  "%s points are drawn by %s of them: the first, lowest, highest and last of every step",
                  count_text(a, l->thinned), count_text(a, drawn));
    note_left_out(a, p, &l->series, l->s->spec->series);
    note_no_log(a, p, &l->x);
    note_no_log(a, p, &l->y);
    note_unusable(a, p, l->unusable);
}

/* -- what was to be expected: a band behind the line -- */

static bool band_at(const struct source *s, const struct point *at, double *low, double *high)
{
    return source_number(s->low, at->row, 0, low) && source_number(s->high, at->row, 0, high) &&
           *low <= *high;
}

/* A polygon for each stretch of rows that have both ends: along the upper ones, and back along the lower. */
static void band(struct arena *a, const struct source *s, struct plot *p, struct position *y,
                 const struct line *line)
{
    struct group *g = group_add(p, MARKS_AREA, PAINT_ACCENT, 15, 0);
    for (size_t from = 0; from < line->npicks;) {
        size_t to = from;
        double low, high;
        while (to < line->npicks && band_at(s, &line->points[line->picks[to]], &low, &high))
            to++;
        for (size_t i = from; to - from > 1 && i < to; i++) {
            const struct point *at = &line->points[line->picks[i]];
            band_at(s, at, &low, &high);
            position_seen(y, low);
            position_seen(y, high);
            mark_add(a, g, (struct mark){ .x = at->x, .y = high, .start = i == from });
        }
        for (size_t i = to; to - from > 1 && i-- > from;) {
            const struct point *at = &line->points[line->picks[i]];
            band_at(s, at, &low, &high);
            mark_add(a, g, (struct mark){ .x = at->x, .y = low });
        }
        from = to > from ? to : from + 1;
    }
    if (g->nmarks)
        swatch_add(a, s, p, arena_strf(a, "%.*s to %.*s", STR_ARG(s->low->name), STR_ARG(s->high->name)),
                   PAINT_ACCENT, 15);
}

/* -- on top -- */

/* Rows to point out lie on top of the line, however many points it has. */
static void line_alarms(struct arena *a, const struct source *s, struct plot *p, const struct lines *l)
{
    struct group *g = group_add(p, MARKS_POINTS, PAINT_ALARM, 100, 3.5);
    size_t more = 0;
    for (size_t k = 0; k < l->nlines; k++)
        for (size_t i = 0; i < l->lines[k].n; i++) {
            const struct point *at = &l->lines[k].points[i];
            if (source_role(s, at->row) != PAINT_ALARM)
                continue;
            if (g->nmarks == POINTS_MAX / 2)
                more++;
            else
                mark_add(a, g, (struct mark){ .x = at->x, .y = at->y, .tip = source_tip(a, s, at->row) });
        }
    if (g->nmarks)
        swatch_add(a, s, p, s->highlight->name, PAINT_ALARM, 100)->style = MARKS_POINTS;
    if (more)
        plot_note(a, p, "%zu further rows to point out are not drawn", more);
}

static void line_swatch(struct arena *a, const struct source *s, struct plot *p, struct str name,
                        const struct series_look *look, enum mark_style style)
{
    struct swatch *w = swatch_add(a, s, p, name, look->role, 100);
    w->style = style;
    w->dash = look->dash;
}

static void put_line(struct arena *a, const struct source *s, struct plot *p, const struct line *line,
                     const struct series_look *look)
{
    struct group *g = group_add(p, line->n > 1 ? MARKS_LINE : MARKS_POINTS, look->role, 100,
                                line->n > 1 ? 1.6 : 3);
    g->dash = look->dash;
    g->marker = look->marker;
    for (size_t i = 0; i < line->npicks; i++) {
        const struct point *at = &line->points[line->picks[i]];
        mark_add(a, g, (struct mark){ .x = at->x, .y = at->y, .tip = source_tip(a, s, at->row) });
    }
}

/* Markers over the lines, so that there is something to point at; not where they would be a band. */
static void line_points(struct arena *a, struct plot *p, const struct lines *l)
{
    enum { SEPARATE = 120 };
    size_t groups = p->ngroups;
    for (size_t i = 0; i < groups; i++) {
        const struct group *line = &p->groups[i];
        if (line->style != MARKS_LINE || line->nmarks > SEPARATE)
            continue;
        struct group *dots = group_add(p, MARKS_POINTS, line->role, 100, l->nlines > 1 ? 3 : 2.2);
        dots->marker = line->marker;
        for (size_t j = 0; j < line->nmarks; j++)
            mark_add(a, dots, line->marks[j]);
    }
}

/* -- kinds -- */

static void line_axes(struct arena *a, struct plot *p, const struct lines *l, double air)
{
    position_axis(a, &l->x, &p->x, air);
    position_axis(a, &l->y, &p->y, 0.08);
    if (!l->y.log && l->y.min >= 0 && l->y.min < 0.5 * l->y.max)
        p->y.lo = 0; /* what nearly reaches zero is shown from zero */
    p->y.grid = true;
}

bool fill_line(struct arena *a, const struct source *s, struct plot *p)
{
    struct lines l;
    read_lines(a, s, &l, false);
    for (size_t k = 0; k < l.nlines; k++) {
        if (l.lines[k].n == 0)
            continue;
        if (s->low)
            band(a, s, p, &l.y, &l.lines[k]);
        put_line(a, s, p, &l.lines[k], &series_looks[k]);
        if (s->series)
            line_swatch(a, s, p, l.lines[k].name, &series_looks[k], MARKS_LINE);
    }
    note_lines(a, p, &l);
    if (!l.x.any)
        return false;
    line_points(a, p, &l);
    if (s->highlight)
        line_alarms(a, s, p, &l);
    line_axes(a, p, &l, 0.02);
    return true;
}

/* Down to zero, one behind the other. */
static void plain_areas(struct arena *a, const struct source *s, struct plot *p, struct lines *l)
{
    enum { TINT = 25 };
    for (size_t k = 0; k < l->nlines; k++) {
        const struct line *line = &l->lines[k];
        if (line->n == 0)
            continue;
        if (s->low)
            band(a, s, p, &l->y, line);
        struct group *g = group_add(p, MARKS_AREA, series_looks[k].role, TINT, 0);
        for (size_t i = 0; line->npicks > 1 && i < line->npicks; i++) {
            const struct point *at = &line->points[line->picks[i]];
            if (i == 0)
                mark_add(a, g, (struct mark){ .x = at->x, .y = 0, .start = true });
            mark_add(a, g, (struct mark){ .x = at->x, .y = at->y });
            if (i + 1 == line->npicks)
                mark_add(a, g, (struct mark){ .x = at->x, .y = 0 });
        }
        put_line(a, s, p, line, &series_looks[k]);
        if (s->series)
            line_swatch(a, s, p, line->name, &series_looks[k], MARKS_LINE);
    }
    position_seen(&l->y, 0);
}

/* -- areas on top of each other: all series at every x that one of them has; none counts as zero -- */

struct stack {
    double *xs;
    double *values; /* series k at xs[i]: values[k * n + i] */
    size_t n;
};

static void stack_init(struct arena *a, const struct lines *l, struct stack *st)
{
    size_t all = 0, n = 0;
    for (size_t k = 0; k < l->nlines; k++)
        all += l->lines[k].n;
    st->xs = ARENA_ARRAY(a, all, double);
    for (size_t k = 0; k < l->nlines; k++)
        for (size_t i = 0; i < l->lines[k].n; i++)
            st->xs[n++] = l->lines[k].points[i].x;
    qsort(st->xs, all, sizeof *st->xs, number_compare);
    st->n = 0;
    for (size_t i = 0; i < all; i++)
        if (i == 0 || st->xs[i] != st->xs[i - 1])
            st->xs[st->n++] = st->xs[i];
    st->values = ARENA_ARRAY(a, st->n * l->nlines, double);
    for (size_t k = 0; k < l->nlines; k++)
        for (size_t i = 0, at = 0; i < l->lines[k].n; i++) {
            while (st->xs[at] < l->lines[k].points[i].x)
                at++;
            st->values[k * st->n + at] += fmax(0, l->lines[k].points[i].y);
        }
}

static double stack_total(const struct stack *st, size_t nlines, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < nlines; k++)
        sum += st->values[k * st->n + i];
    return sum;
}

static void to_shares(struct stack *st, size_t nlines)
{
    for (size_t i = 0; i < st->n; i++) {
        double total = stack_total(st, nlines, i);
        for (size_t k = 0; total > 0 && k < nlines; k++)
            st->values[k * st->n + i] *= 100 / total;
    }
}

static void stacked_areas(struct arena *a, const struct source *s, struct plot *p, struct lines *l)
{
    struct stack st;
    size_t below = 0;
    for (size_t k = 0; k < l->nlines; k++)
        for (size_t i = 0; i < l->lines[k].n; i++)
            below += l->lines[k].points[i].y < 0;
    stack_init(a, l, &st);
    struct point *totals = ARENA_ARRAY(a, st.n, struct point);
    for (size_t i = 0; i < st.n; i++)
        totals[i] = (struct point){ i, st.xs[i], stack_total(&st, l->nlines, i) };
    size_t *picks = ARENA_ARRAY(a, st.n, size_t), n = thin_line(totals, st.n, POINTS_MAX / 2, picks);
    if (s->spec->stack == CHART_SHARES)
        to_shares(&st, l->nlines);
    double *base = ARENA_ARRAY(a, n, double);
    l->y.any = false;
    position_seen(&l->y, 0);
    l->thinned = n < st.n ? st.n : 0;
    for (size_t k = 0; k < l->nlines; k++) {
        l->lines[k].npicks = k || !l->thinned ? l->lines[k].n : n; /* of the note */
        struct group *g = group_add(p, MARKS_AREA, series_looks[k].role, 80, 0);
        for (size_t i = 0; i < n; i++)
            mark_add(a, g, (struct mark){ .x = st.xs[picks[i]], .y = base[i], .start = i == 0 });
        for (size_t i = n; i-- > 0;) {
            base[i] += st.values[k * st.n + picks[i]];
            position_seen(&l->y, base[i]);
            mark_add(a, g, (struct mark){ .x = st.xs[picks[i]], .y = base[i] });
        }
        swatch_add(a, s, p, l->lines[k].name, series_looks[k].role, 80);
    }
    if (below)
        plot_note(a, p, "%zu values are below 0 and cannot be stacked", below);
    if (s->spec->stack == CHART_SHARES)
        l->y.max = 100 / 1.08;
}

bool fill_area(struct arena *a, const struct source *s, struct plot *p)
{
    struct lines l;
    bool stacked = s->series && s->spec->stack != CHART_SIDE;
    read_lines(a, s, &l, true);
    if (!l.x.any) {
        note_lines(a, p, &l);
        return false;
    }
    if (stacked)
        stacked_areas(a, s, p, &l);
    else
        plain_areas(a, s, p, &l);
    note_lines(a, p, &l);
    if (!stacked) {
        line_points(a, p, &l);
        if (s->highlight)
            line_alarms(a, s, p, &l);
    }
    line_axes(a, p, &l, 0.01);
    return true;
}
