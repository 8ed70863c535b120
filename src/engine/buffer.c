/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes grown by a distance: buffer.h. A strip for each edge, a wedge for each corner and, of a line, a cap for each end are united
 * (overlay.h). Neighbours have whole edges in common, which the union drops, so that only the outline is left.
 */
#include "buffer.h"

#include <math.h>

#include "hb/vec.h"
#include "overlay.h"

struct pieces {
    struct arena *a;
    double radius, step; /* step: angle between the corners of an arc */
    const struct shape **list;
    size_t n, cap;
    struct place *outline; /* in the order in which the whole is walked */
    size_t noutline, cap_outline;
};

static double arc_step(double radius, double tolerance)
{
    const double widest = SPHERE_PI / 3;
    return 2 * fmin(widest, acos(fmax(-1, fmin(1, tan(radius - tolerance) / tan(radius)))));
}

static struct place off(struct place p, struct place direction, double radius)
{
    return place_unit(place_sum(place_scaled(p, cos(radius)), place_scaled(direction, sin(radius))));
}

static struct place turned(struct place p, struct place direction, double angle)
{
    return place_sum(place_scaled(direction, cos(angle)),
                     place_scaled(place_cross(p, direction), sin(angle)));
}

struct shape *buffer_place(struct arena *a, struct place p, double radius, double tolerance)
{
    const double part[3] = { 0.012, 0.0053, 0.00457 }; /* some direction that is never along p */
    double v[3] = { fabs(p.x), fabs(p.y), fabs(p.z) }, to[3];
    size_t most = v[0] > v[1] ? (v[0] > v[2] ? 0 : 2) : v[1] > v[2] ? 1 : 2, n;
    for (size_t i = 0; i < 3; i++)
        to[i] = i == (most + 2) % 3 ? 1 : part[i];
    struct place first = place_unit(place_cross(p, (struct place){ to[0], to[1], to[2] }));
    n = (size_t)fmax(3, ceil(2 * SPHERE_PI / arc_step(radius, tolerance) - 1e-9));
    struct place *at = ARENA_ARRAY(a, n, struct place);
    for (size_t i = 0; i < n; i++)
        at[i] = off(p, turned(p, first, 2 * SPHERE_PI * (double)i / (double)n), radius);
    return shape_of_ring(a, at, n);
}

/* -- pieces -- */

static void add_piece(struct pieces *w, const struct place *at, size_t n)
{
    *VEC_PUSH(w->a, w->list, w->n, w->cap) = shape_of_ring(w->a, at, n);
}

static void walk_to(struct pieces *w, struct place p)
{
    *VEC_PUSH(w->a, w->outline, w->noutline, w->cap_outline) = p;
}

/* The wedge at p from one direction counterclockwise to another, or half round as a cap. */
static void add_wedge(struct pieces *w, struct place p, struct place from, struct place to, bool cap)
{
    double whole = cap ? SPHERE_PI : place_angle(from, to);
    struct place *at = NULL;
    size_t n = 0, room = 0;
    *VEC_PUSH(w->a, at, n, room) = p;
    for (double angle = 0; angle < whole - 1e-9; angle += w->step)
        *VEC_PUSH(w->a, at, n, room) = angle > 0 ? off(p, turned(p, from, angle), w->radius)
                                                 : off(p, from, w->radius);
    *VEC_PUSH(w->a, at, n, room) = off(p, to, w->radius);
    for (size_t i = 1; i < n; i++)
        walk_to(w, at[i]);
    add_piece(w, at, n);
}

/* To the left of an edge, everywhere along it. */
static struct place left_of(struct place a, struct place b)
{
    return place_unit(place_normal(a, b));
}

static struct place back(struct place direction)
{
    return place_scaled(direction, -1);
}

/* One side of a corner: the places beside the end of the edge that leads there and beside the beginning of the one behind it. */
struct beside {
    struct place in, out;
    bool wedge; /* there is a gap between them */
};

struct turn {
    struct place in, out; /* directions to the left */
    struct beside left, right;
};

/* Where edges on the inside of a corner meet: one place for both, so that the strips have an edge in common and do not overlap. */
static struct place meeting(const struct pieces *w, struct place p, struct place in, struct place out)
{
    double half = place_angle(in, out) / 2;
    return off(p, place_unit(place_sum(in, out)), atan(tan(w->radius) / cos(half)));
}

static struct turn turn_at(const struct pieces *w, struct place before, struct place p, struct place behind)
{
    struct turn t = { .in = left_of(before, p), .out = left_of(p, behind) };
    double angle = place_angle(t.in, t.out), shortest = fmin(place_angle(before, p), place_angle(p, behind));
    bool to_left = place_dot(place_cross(t.in, t.out), p) > 0;
    bool narrow = angle < 1e-7 || angle * w->radius < 1e-12; /* less than overlay.h can tell apart */
    bool meet = narrow || (angle < 1 && tan(angle / 2) * tan(w->radius) < 0.9 * tan(fmin(shortest, 1)));
    struct beside *inner = to_left ? &t.left : &t.right, *outer = to_left ? &t.right : &t.left;
    for (int k = 0; k < 2; k++) {
        struct beside *s = k ? outer : inner;
        struct place in = s == &t.left ? t.in : back(t.in), out = s == &t.left ? t.out : back(t.out);
        s->wedge = k && !narrow;
        s->in = off(p, in, w->radius);
        s->out = off(p, out, w->radius);
        if (narrow || (!k && meet))
            s->in = s->out = meeting(w, p, in, out);
    }
    return t;
}

static void add_corner(struct pieces *w, struct place p, const struct turn *t, bool left)
{
    const struct beside *s = left ? &t->left : &t->right;
    if (s->wedge && left)
        add_wedge(w, p, t->out, t->in, false);
    else if (s->wedge)
        add_wedge(w, p, back(t->in), back(t->out), false);
    else
        walk_to(w, left ? s->out : s->in), walk_to(w, left ? s->in : s->out);
}

static void add_line(struct pieces *w, const struct chain *c)
{
    size_t n = c->n;
    struct turn *t = ARENA_ARRAY(w->a, n, struct turn);
    struct place first = left_of(c->at[0], c->at[1]), last = left_of(c->at[n - 2], c->at[n - 1]);
    t[0].left.out = off(c->at[0], first, w->radius);
    t[0].right.out = off(c->at[0], back(first), w->radius);
    t[n - 1].left.in = off(c->at[n - 1], last, w->radius);
    t[n - 1].right.in = off(c->at[n - 1], back(last), w->radius);
    for (size_t i = 1; i + 1 < n; i++)
        t[i] = turn_at(w, c->at[i - 1], c->at[i], c->at[i + 1]);
    for (size_t i = 0; i + 1 < n; i++) {
        const struct place at[6] = { c->at[i],     t[i].right.out,   t[i + 1].right.in,
                                     c->at[i + 1], t[i + 1].left.in, t[i].left.out };
        add_piece(w, at, 6);
    }
    add_wedge(w, c->at[0], first, back(first), true);
    for (size_t i = 1; i + 1 < n; i++)
        add_corner(w, c->at[i], &t[i], false);
    add_wedge(w, c->at[n - 1], back(last), last, true);
    for (size_t i = n - 1; i-- > 1;)
        add_corner(w, c->at[i], &t[i], true);
}

/* The inside is on the left. */
static void add_ring(struct pieces *w, const struct chain *c)
{
    size_t n = c->n;
    struct turn *t = ARENA_ARRAY(w->a, n, struct turn);
    for (size_t i = 0; i < n; i++)
        t[i] = turn_at(w, c->at[i ? i - 1 : n - 1], c->at[i], ring_next(c, i));
    walk_to(w, t[0].right.out);
    for (size_t i = 0; i < n; i++) {
        size_t k = i + 1 < n ? i + 1 : 0;
        const struct place at[4] = { c->at[i], t[i].right.out, t[k].right.in, c->at[k] };
        add_piece(w, at, 4);
        add_corner(w, c->at[k], &t[k], false);
    }
}

/* -- the whole -- */

static const struct shape *unite(struct arena *a, const struct shape **list, size_t n)
{
    if (n == 1)
        return list[0];
    return overlay(a, unite(a, list, n / 2), unite(a, list + n / 2, n - n / 2), OVERLAY_UNION);
}

/* A ring ends with its place that is walked last. */
static void begin_ring(struct pieces *w, struct chain *c)
{
    size_t last = c->n - 1, most = 0;
    struct place *at = ARENA_ARRAY(w->a, c->n, struct place);
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < w->noutline; k++)
            if (place_eq(c->at[i], w->outline[k])) {
                last = k >= most ? i : last;
                most = k >= most ? k : most;
                break;
            }
    for (size_t i = 0; i < c->n; i++)
        at[i] = c->at[(last + 1 + i) % c->n];
    c->at = at;
}

static bool holds_all(const struct shape *whole, const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            if (!shape_holds(whole, s->chain[i].at[k]))
                return false;
    return true;
}

struct shape *buffer_shape(struct arena *a, const struct shape *s, double radius, double tolerance)
{
    struct pieces w = { .a = a, .radius = radius, .step = arc_step(radius, tolerance) };
    size_t edges = 0;
    for (size_t i = 0; i < s->n; i++)
        edges += s->chain[i].n;
    if (edges > BUFFER_EDGES)
        return NULL;
    const struct shape *inside = s->polygon ? shape_oriented(a, s) : s;
    if (s->polygon)
        *VEC_PUSH(a, w.list, w.n, w.cap) = inside;
    for (size_t i = 0; i < s->n; i++)
        if (s->polygon)
            add_ring(&w, &inside->chain[i]);
        else
            add_line(&w, &inside->chain[i]);
    struct shape *whole = ARENA_NEW(a, struct shape);
    const struct shape *made = unite(a, w.list, w.n);
    *whole = *made;
    whole->chain = ARENA_ARRAY(a, whole->n, struct chain);
    for (size_t i = 0; i < made->n; i++) {
        whole->chain[i] = made->chain[i];
        begin_ring(&w, &whole->chain[i]);
    }
    return whole->n && holds_all(whole, s) ? whole : NULL;
}
