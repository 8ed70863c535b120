/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of many points are drawn.
 *
 * A line of a million points has no more than a few thousand that can be seen: of the points above one step of the x axis
 * the first, the lowest, the highest and the last. A line through these covers the same pixels as the whole one (the
 * "M4" aggregation of Jugel and others, VLDB 2014), so no peak is lost. Of a cloud, points that fall into one cell of a grid
 * are one mark.
 */
#include "marks_int.h"

#include <math.h>

struct step {
    size_t first, lowest, highest, last;
    bool any;
};

/* In rising order, each once. */
static size_t put_step(const struct step *s, size_t *picks, size_t n)
{
    size_t low = s->lowest < s->highest ? s->lowest : s->highest,
           high = s->lowest < s->highest ? s->highest : s->lowest;
    const size_t in_order[] = { s->first, low, high, s->last };
    for (size_t i = 0; i < 4; i++)
        if (i == 0 || in_order[i] != in_order[i - 1])
            picks[n++] = in_order[i];
    return n;
}

size_t thin_line(const struct point *points, size_t n, size_t most, size_t *picks)
{
    size_t taken = 0, steps = most / 4;
    struct step s = { 0 };
    if (n <= most) {
        for (size_t i = 0; i < n; i++)
            picks[i] = i;
        return n;
    }
    double from = points[0].x, span = points[n - 1].x - from;
    size_t now = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = span > 0 ? (size_t)fmin((double)steps - 1, (points[i].x - from) / span * (double)steps)
                             : 0;
        if (s.any && at != now) {
            taken = put_step(&s, picks, taken);
            s.any = false;
        }
        now = at;
        if (!s.any)
            s = (struct step){ i, i, i, i, true };
        s.lowest = points[i].y < points[s.lowest].y ? i : s.lowest;
        s.highest = points[i].y > points[s.highest].y ? i : s.highest;
        s.last = i;
    }
    return s.any ? put_step(&s, picks, taken) : taken;
}

struct grid {
    double x, y, dx, dy; /* from, and cells in one unit */
    size_t across, down;
};

static size_t grid_cell(const struct grid *g, const struct point *p)
{
    size_t i = (size_t)fmin((double)g->across - 1, fmax(0, (p->x - g->x) * g->dx));
    size_t j = (size_t)fmin((double)g->down - 1, fmax(0, (p->y - g->y) * g->dy));
    return j * g->across + i;
}

static double cells_in(double lo, double hi, size_t n)
{
    return hi > lo ? (double)n / (hi - lo) : 0;
}

struct place *thin_cloud(struct arena *a, const struct point *points, size_t n, size_t most, double x_lo,
                         double x_hi, double y_lo, double y_hi, size_t *nplaces)
{
    enum { ACROSS = 300, DOWN = 130, TRIES = 24 };
    double fine = 1;
    struct place *places = ARENA_ARRAY(a, ACROSS * DOWN + 4, struct place);
    struct grid g;
    size_t ends[4] = { 0 }, used = 0, cells = 0;
    for (size_t i = 0; i < n; i++) {
        ends[0] = points[i].x < points[ends[0]].x ? i : ends[0];
        ends[1] = points[i].x > points[ends[1]].x ? i : ends[1];
        ends[2] = points[i].y < points[ends[2]].y ? i : ends[2];
        ends[3] = points[i].y > points[ends[3]].y ? i : ends[3];
    }
    for (size_t k = 0; k < TRIES; k++, fine *= 0.85) {
        g = (struct grid){ x_lo, y_lo, 0, 0, (size_t)(ACROSS * fine), (size_t)(DOWN * fine) };
        g.dx = cells_in(x_lo, x_hi, g.across);
        g.dy = cells_in(y_lo, y_hi, g.down);
        cells = g.across * g.down;
        used = 0;
        for (size_t i = 0; i < cells; i++)
            places[i] = (struct place){ 0, 0 };
        for (size_t i = 0; i < n; i++) {
            struct place *at = &places[grid_cell(&g, &points[i])];
            used += at->count == 0;
            if (at->count++ == 0)
                at->pick = i;
        }
        if (used <= most)
            break;
    }
    /* The extremes stand for themselves, where another point stands for their cell. */
    for (size_t i = 0; n && i < 4; i++) {
        struct place *at = &places[grid_cell(&g, &points[ends[i]])];
        bool told = at->pick == ends[i];
        for (size_t k = 0; k < i; k++)
            told = told || ends[k] == ends[i];
        if (!told) {
            at->count--;
            places[cells++] = (struct place){ ends[i], 1 };
        }
    }
    size_t taken = 0;
    for (size_t i = 0; i < cells; i++)
        if (places[i].count)
            places[taken++] = places[i];
    *nplaces = taken;
    return places;
}
