/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Polygons over each other: overlay.h. The crossings are computed once, from the edge of the first polygon and that of the second, so
 * that the parts of both meet in the very same place.
 */
#include "overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/vec.h"

/* A part of an edge; in the order of the edges of both polygons, and along each. */
struct part {
    struct place from, to;
    size_t edge; /* its number among those of both polygons */
    bool used;
};

struct cut {
    double angle; /* from the beginning of the edge */
    struct place at;
};

struct parts {
    struct part *at;
    size_t n, cap;
};

struct work {
    struct arena *a;
    struct parts kept;
};

static struct chain reversed(struct arena *a, const struct chain *c)
{
    struct chain r = *c;
    r.at = ARENA_ARRAY(a, c->n, struct place);
    for (size_t i = 0; i < c->n; i++)
        r.at[i] = c->at[c->n - 1 - i];
    r.turn = -c->turn;
    return r;
}

struct shape *shape_oriented(struct arena *a, const struct shape *s)
{
    struct shape *o = ARENA_NEW(a, struct shape);
    *o = *s;
    o->chain = ARENA_ARRAY(a, s->n, struct chain);
    for (size_t i = 0; i < s->n; i++)
        o->chain[i] = (s->chain[i].turn > 0) == s->chain[i].opens ? s->chain[i] : reversed(a, &s->chain[i]);
    return o;
}

struct place edges_crossing(struct place a, struct place b, struct place c, struct place d)
{
    struct place x = place_unit(place_cross(place_normal(a, b), place_normal(c, d)));
    struct place there = place_sum(place_sum(a, b), place_sum(c, d));
    return place_dot(x, there) < 0 ? place_scaled(x, -1) : x;
}

static int by_angle(const void *a, const void *b)
{
    double x = ((const struct cut *)a)->angle, y = ((const struct cut *)b)->angle;
    return (x > y) - (x < y);
}

#define SAME_PLACE 1e-13 /* radians: less than a micrometre */

static bool near(struct place a, struct place b)
{
    return place_angle(a, b) < SAME_PLACE;
}

static bool lies_on(struct place p, struct place a, struct place b)
{
    return near(edge_nearest(a, b, p), p);
}

/* Edges cross where neither has an end on the other: the same is said of both, whichever is cut. */
static bool cross(struct place p, struct place q, struct place c, struct place d)
{
    return edges_cross(p, q, c, d) && !lies_on(c, p, q) && !lies_on(d, p, q) && !lies_on(p, c, d) &&
           !lies_on(q, c, d);
}

/* Where edge p, q is cut by the other polygon: at its corners that lie on the edge, and where its edges cross. */
static void add_cuts(struct arena *a, struct parts *out, const struct shape *other, struct place p,
                     struct place q, size_t edge, bool first)
{
    struct cut *cut = NULL;
    size_t n = 0, cap = 0;
    *VEC_PUSH(a, cut, n, cap) = (struct cut){ 0, p };
    for (size_t i = 0; i < other->n; i++)
        for (size_t k = 0; k < other->chain[i].n; k++) {
            struct place c = other->chain[i].at[k], d = ring_next(&other->chain[i], k), x;
            bool corner = lies_on(c, p, q) && !near(c, p) && !near(c, q);
            if (corner)
                *VEC_PUSH(a, cut, n, cap) = (struct cut){ place_angle(p, c), c };
            if (!cross(p, q, c, d))
                continue;
            x = first ? edges_crossing(p, q, c, d) : edges_crossing(c, d, p, q);
            *VEC_PUSH(a, cut, n, cap) = (struct cut){ place_angle(p, x), x };
        }
    qsort(cut, n, sizeof *cut, by_angle);
    *VEC_PUSH(a, cut, n, cap) = (struct cut){ place_angle(p, q), q };
    for (size_t i = 0; i + 1 < n; i++)
        if (!place_eq(cut[i].at, cut[i + 1].at))
            *VEC_PUSH(a, out->at, out->n, out->cap) = (struct part){ cut[i].at, cut[i + 1].at, edge, false };
}

/* The parts of all edges; the number of the edge behind them. */
static size_t cut_edges(struct arena *a, struct parts *out, const struct shape *s, const struct shape *other,
                        size_t edge, bool first)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            add_cuts(a, out, other, s->chain[i].at[k], ring_next(&s->chain[i], k), edge++, first);
    return edge;
}

/* 1 the others have this part, -1 they have it the other way round, 0 they have not. */
static int shared(const struct parts *others, const struct part *x)
{
    for (size_t i = 0; i < others->n; i++) {
        const struct part *o = &others->at[i];
        if (place_eq(x->from, o->from) && place_eq(x->to, o->to))
            return 1;
        if (place_eq(x->from, o->to) && place_eq(x->to, o->from))
            return -1;
    }
    return 0;
}

/* Keeps the parts that bound the result; of those that both have in one direction those of the first. */
static void keep_parts(struct work *w, const struct parts *parts, const struct parts *others,
                       const struct shape *other, enum overlay_kind kind, bool first)
{
    for (size_t i = 0; i < parts->n; i++) {
        const struct part *x = &parts->at[i];
        int both = shared(others, x);
        bool keep = both ? both > 0 && first
                         : shape_holds(other, place_unit(place_sum(x->from, x->to))) ==
                               (kind == OVERLAY_SHARED);
        if (keep)
            *VEC_PUSH(w->a, w->kept.at, w->kept.n, w->kept.cap) = *x;
    }
}

/* How far to the left b, c turns from a, b: -pi to pi. */
static double left_turn(struct place a, struct place b, struct place c)
{
    double in, out;
    if (!place_azimuth(b, a, &in) || !place_azimuth(b, c, &out))
        return 0;
    double turn = in + SPHERE_PI - out;
    return remainder(turn, 2 * SPHERE_PI);
}

static struct part *part_behind(struct work *w, const struct part *p)
{
    struct part *best = NULL;
    for (size_t i = 0; i < w->kept.n; i++) {
        struct part *x = &w->kept.at[i];
        if (!x->used && place_eq(x->from, p->to) &&
            (!best || left_turn(p->from, p->to, x->to) > left_turn(p->from, p->to, best->to)))
            best = x;
    }
    return best;
}

/*
 * Which edge of a ring stands last: the one of the highest number. Of several parts of it that follow each other the last one does; of
 * others the first one behind the corner whose S2 cell comes first. That is the order of S2's builder, whose rings the engine gives.
 */
static size_t last_edge(const struct place *at, const size_t *edge, size_t n)
{
    size_t start = 0, best = 0;
    bool gap = false;
    for (size_t i = 1; i < n; i++)
        if (place_cell(at[i]) < place_cell(at[start]))
            start = i;
    for (size_t i = 1; i < n; i++) {
        size_t here = edge[(start + i) % n], there = edge[(start + best) % n];
        if (here < there) {
            gap = true;
        } else if (here > there || !gap) {
            best = i;
            gap = false;
        }
    }
    return (start + best) % n;
}

/* The ring that begins with that part; false: it does not close. */
static bool take_ring(struct work *w, struct part *first, struct chain *out)
{
    size_t cap = 0, cap_edge = 0, n = 0, nedge = 0, *edge = NULL;
    struct place *at = NULL, *turned;
    struct part *x = first;
    for (; x; x = part_behind(w, x)) {
        x->used = true;
        *VEC_PUSH(w->a, at, n, cap) = x->from;
        *VEC_PUSH(w->a, edge, nedge, cap_edge) = x->edge;
        if (place_eq(x->to, first->from))
            break;
    }
    if (!x || n < 3)
        return false;
    turned = ARENA_ARRAY(w->a, n, struct place);
    size_t last = last_edge(at, edge, n);
    for (size_t i = 0; i < n; i++)
        turned[i] = at[(last + 1 + i) % n];
    const struct shape *ring = shape_of_ring(w->a, turned, n);
    *out = ring->chain[0];
    return true;
}

static bool ring_inside(struct arena *a, const struct chain *outer, const struct chain *hole)
{
    const struct shape *s = shape_of_ring(a, outer->at, outer->n);
    return shape_holds(s, place_unit(place_sum(hole->at[0], hole->at[1])));
}

/* Outer rings, each with its holes behind it. */
static struct shape *sort_rings(struct arena *a, const struct chain *ring, size_t n)
{
    struct shape *s = ARENA_NEW(a, struct shape);
    s->chain = ARENA_ARRAY(a, n, struct chain);
    s->polygon = true;
    bool *taken = ARENA_ARRAY(a, n, bool);
    size_t outer = 0;
    for (size_t i = 0; i < n; i++) {
        if (ring[i].turn < 0)
            continue;
        outer++;
        s->chain[s->n] = ring[i];
        s->chain[s->n++].opens = true;
        for (size_t k = 0; k < n; k++)
            if (ring[k].turn < 0 && !taken[k] && ring_inside(a, &ring[i], &ring[k])) {
                taken[k] = true;
                s->chain[s->n] = ring[k];
                s->chain[s->n++].opens = false;
            }
    }
    s->one = outer == 1;
    return s;
}

struct shape *overlay(struct arena *a, const struct shape *x, const struct shape *y, enum overlay_kind kind)
{
    struct work w = { .a = a };
    struct parts xs = { 0 }, ys = { 0 };
    const struct shape *p = shape_oriented(a, x), *q = shape_oriented(a, y);
    struct chain *ring = NULL;
    size_t n = 0, cap = 0, edge = cut_edges(a, &xs, p, q, 0, true);
    cut_edges(a, &ys, q, p, edge, false);
    keep_parts(&w, &xs, &ys, q, kind, true);
    keep_parts(&w, &ys, &xs, p, kind, false);
    for (size_t i = 0; i < w.kept.n; i++) {
        struct chain c;
        if (!w.kept.at[i].used && take_ring(&w, &w.kept.at[i], &c))
            *VEC_PUSH(a, ring, n, cap) = c;
    }
    return sort_rings(a, ring, n);
}

static size_t corners(const struct shape *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->chain[i].n;
    return n;
}

/* Those with the fewest corners first, two and two, as the engine does: it decides where a ring begins. */
const struct shape *overlay_union(struct arena *a, const struct shape **list, size_t n)
{
    while (n > 1) {
        size_t pick[2] = { SIZE_MAX, SIZE_MAX };
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < n; i++)
                if (i != pick[0] && (pick[k] == SIZE_MAX || corners(list[i]) < corners(list[pick[k]])))
                    pick[k] = i;
        const struct shape *both = overlay(a, list[pick[0]], list[pick[1]], OVERLAY_UNION);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
            if (i != pick[0] && i != pick[1])
                list[kept++] = list[i];
        list[kept++] = both;
        n = kept;
    }
    return list[0];
}

enum { UNITED_MAX = 4000 };

const struct shape *shape_area(struct arena *a, struct str json)
{
    struct shape *s = shape_polygon(a, json);
    const struct shape **list = NULL;
    size_t n = 0, cap = 0;
    if (!s || s->one)
        return s;
    if (corners(s) > UNITED_MAX)
        return shape_overlaps(s) ? NULL : s;
    for (size_t i = 0, rings; i < s->n; i += rings) {
        for (rings = 1; i + rings < s->n && !s->chain[i + rings].opens; rings++)
            ;
        struct shape *one = ARENA_NEW(a, struct shape);
        *one = (struct shape){ .chain = s->chain + i, .n = rings, .polygon = true, .one = true };
        *VEC_PUSH(a, list, n, cap) = one;
    }
    return overlay_union(a, list, n);
}

void *shape_prepare_area(struct arena *a, struct str json)
{
    return (void *)(uintptr_t)shape_area(a, json);
}
