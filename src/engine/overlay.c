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
    bool used;
};

struct cut {
    double angle; /* from the beginning of the edge */
    struct place at;
};

struct work {
    struct arena *a;
    enum overlay_kind kind;
    struct part *part;
    size_t n, cap;
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

/* Outer rings counterclockwise, holes clockwise: the inside is on the left. */
static struct shape oriented(struct arena *a, const struct shape *s)
{
    struct shape o = *s;
    o.chain = ARENA_ARRAY(a, s->n, struct chain);
    for (size_t i = 0; i < s->n; i++)
        o.chain[i] = (s->chain[i].turn > 0) == s->chain[i].opens ? s->chain[i] : reversed(a, &s->chain[i]);
    return o;
}

struct place edges_crossing(struct place a, struct place b, struct place c, struct place d)
{
    struct place x = place_unit(place_cross(place_normal(a, b), place_normal(c, d)));
    struct place there = place_sum(place_sum(a, b), place_sum(c, d));
    return place_dot(x, there) < 0 ? place_scaled(x, -1) : x;
}

/* 1 the other polygon has this edge, -1 it has it the other way round, 0 it has not. */
static int shared(const struct shape *other, struct place p, struct place q)
{
    for (size_t i = 0; i < other->n; i++)
        for (size_t k = 0; k < other->chain[i].n; k++) {
            struct place c = other->chain[i].at[k], d = ring_next(&other->chain[i], k);
            if (place_eq(p, c) && place_eq(q, d))
                return 1;
            if (place_eq(p, d) && place_eq(q, c))
                return -1;
        }
    return 0;
}

static int by_angle(const void *a, const void *b)
{
    double x = ((const struct cut *)a)->angle, y = ((const struct cut *)b)->angle;
    return (x > y) - (x < y);
}

/* Adds the parts of an edge that bound the result. */
static void add_parts(struct work *w, const struct shape *other, struct place p, struct place q, bool first)
{
    struct cut *cut = NULL;
    size_t n = 0, cap = 0;
    int both = shared(other, p, q);
    if (both) {
        if (both > 0 && first)
            *VEC_PUSH(w->a, w->part, w->n, w->cap) = (struct part){ p, q, false };
        return;
    }
    *VEC_PUSH(w->a, cut, n, cap) = (struct cut){ 0, p };
    for (size_t i = 0; i < other->n; i++)
        for (size_t k = 0; k < other->chain[i].n; k++) {
            struct place c = other->chain[i].at[k], d = ring_next(&other->chain[i], k);
            if (edges_cross(p, q, c, d)) {
                struct place x = first ? edges_crossing(p, q, c, d) : edges_crossing(c, d, p, q);
                *VEC_PUSH(w->a, cut, n, cap) = (struct cut){ place_angle(p, x), x };
            }
        }
    qsort(cut, n, sizeof *cut, by_angle);
    *VEC_PUSH(w->a, cut, n, cap) = (struct cut){ place_angle(p, q), q };
    for (size_t i = 0; i + 1 < n; i++) {
        struct place from = cut[i].at, to = cut[i + 1].at;
        if (!place_eq(from, to) &&
            shape_holds(other, place_unit(place_sum(from, to))) == (w->kind == OVERLAY_SHARED))
            *VEC_PUSH(w->a, w->part, w->n, w->cap) = (struct part){ from, to, false };
    }
}

static void add_edges(struct work *w, const struct shape *s, const struct shape *other, bool first)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            add_parts(w, other, s->chain[i].at[k], ring_next(&s->chain[i], k), first);
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
    for (size_t i = 0; i < w->n; i++) {
        struct part *x = &w->part[i];
        if (!x->used && place_eq(x->from, p->to) &&
            (!best || left_turn(p->from, p->to, x->to) > left_turn(p->from, p->to, best->to)))
            best = x;
    }
    return best;
}

/* The ring that begins with that part; false: it does not close. */
static bool take_ring(struct work *w, struct part *first, struct chain *out)
{
    size_t cap = 0, last = 0, most = 0, n = 0;
    struct place *at = NULL, *turned;
    struct part *x = first;
    for (; x; x = part_behind(w, x)) {
        x->used = true;
        *VEC_PUSH(w->a, at, n, cap) = x->from;
        if ((size_t)(x - w->part) >= most) {
            most = (size_t)(x - w->part);
            last = n - 1;
        }
        if (place_eq(x->to, first->from))
            break;
    }
    if (!x || n < 3)
        return false;
    turned = ARENA_ARRAY(w->a, n, struct place);
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
    struct work w = { .a = a, .kind = kind };
    struct shape p = oriented(a, x), q = oriented(a, y);
    struct chain *ring = NULL;
    size_t n = 0, cap = 0;
    add_edges(&w, &p, &q, true);
    add_edges(&w, &q, &p, false);
    for (size_t i = 0; i < w.n; i++) {
        struct chain c;
        if (!w.part[i].used && take_ring(&w, &w.part[i], &c))
            *VEC_PUSH(a, ring, n, cap) = c;
    }
    return sort_rings(a, ring, n);
}
