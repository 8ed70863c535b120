/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Geometry on the sphere (sphere.h): textbook formulas with vectors, exact enough for the last digits of a degree.
 *
 * Containment counts how the outline turns about a place: seen from within, a ring goes round once. A ring that holds the
 * antipode goes round once as well, the other way; the ring's own direction tells the two apart.
 */
#include "sphere.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "hb/table.h"
#include "hb/vec.h"
#include "jscan.h"

enum { CROSSING_LIMIT = 4000 };

/* ---- Places ---- */

static double radians(double degrees)
{
    return degrees * (SPHERE_PI / 180);
}

bool place_at(double longitude, double latitude, struct place *out)
{
    if (!(fabs(longitude) <= 180) || !(fabs(latitude) <= 90))
        return false;
    double theta = radians(longitude), phi = radians(latitude), c = cos(phi);
    *out = (struct place){ cos(theta) * c, sin(theta) * c, sin(phi) };
    return true;
}

void place_degrees(struct place p, double *longitude, double *latitude)
{
    *longitude = atan2(p.y, p.x) * (180 / SPHERE_PI);
    *latitude = atan2(p.z, sqrt(p.x * p.x + p.y * p.y)) * (180 / SPHERE_PI);
}

void place_put(struct buf *b, struct place p)
{
    double longitude, latitude;
    place_degrees(p, &longitude, &latitude);
    buf_putc(b, '[');
    real_put_kql(b, longitude);
    buf_putc(b, ',');
    real_put_kql(b, latitude);
    buf_putc(b, ']');
}

bool place_eq(struct place a, struct place b)
{
    return a.x == b.x && a.y == b.y && a.z == b.z;
}

double place_dot(struct place a, struct place b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

struct place place_cross(struct place a, struct place b)
{
    return (struct place){ a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x };
}

struct place place_scaled(struct place a, double by)
{
    return (struct place){ a.x * by, a.y * by, a.z * by };
}

struct place place_sum(struct place a, struct place b)
{
    return (struct place){ a.x + b.x, a.y + b.y, a.z + b.z };
}

double place_norm(struct place a)
{
    return sqrt(place_dot(a, a));
}

struct place place_unit(struct place a)
{
    double n = place_norm(a);
    return n > 0 ? place_scaled(a, 1 / n) : a;
}

double place_angle(struct place a, struct place b)
{
    return atan2(place_norm(place_cross(a, b)), place_dot(a, b));
}

struct place place_normal(struct place a, struct place b)
{
    return place_cross(place_sum(a, b), place_sum(b, place_scaled(a, -1)));
}

static bool antipodal(struct place a, struct place b)
{
    return place_norm(place_sum(a, b)) < 1e-15;
}

void place_put_point(struct buf *b, struct place p)
{
    buf_puts(b, "{\"type\":\"Point\",\"coordinates\":");
    place_put(b, p);
    buf_putc(b, '}');
}

bool place_azimuth(struct place a, struct place b, double *out)
{
    if (place_norm(place_sum(a, place_scaled(b, -1))) < 1e-15 || antipodal(a, b))
        return false;
    struct place east = place_cross((struct place){ 0, 0, 1 }, a);
    /* At a pole every direction is south or north: the meridian of longitude 0 stands for it. */
    east = place_norm(east) > 0 ? place_unit(east) : (struct place){ 0, 1, 0 };
    struct place north = place_cross(a, east);
    *out = atan2(place_dot(b, east), place_dot(b, north));
    return true;
}

/* ---- Edges ---- */

struct place edge_nearest(struct place a, struct place b, struct place p)
{
    struct place n = place_unit(place_normal(a, b));
    struct place foot = place_sum(p, place_scaled(n, -place_dot(p, n)));
    if (place_norm(n) > 0 && place_dot(place_cross(n, a), foot) > 0 && place_dot(place_cross(b, n), foot) > 0)
        return place_unit(foot);
    return place_angle(p, a) <= place_angle(p, b) ? a : b;
}

/* 1 counterclockwise, -1 clockwise, 0 too near to say. */
static int turn_of(struct place a, struct place b, struct place c)
{
    struct place n = place_normal(a, b);
    double det = place_dot(n, c), noise = 2 * DBL_EPSILON * place_norm(n);
    return det > noise ? 1 : det < -noise ? -1 : 0;
}

bool edges_cross(struct place a, struct place b, struct place c, struct place d)
{
    int abc = turn_of(a, b, c), abd = turn_of(a, b, d);
    if (abc * abd >= 0)
        return false;
    int cda = turn_of(c, d, a), cdb = turn_of(c, d, b);
    /* All four of one sense: the edges meet here and not on the far side of the sphere. */
    return cda * cdb < 0 && abc == -cda;
}

/* ---- Reading GeoJSON ---- */

static bool read_number(struct str raw, double *out)
{
    return json_kind(raw) == '0' && str_to_f64(str_trim(raw), out);
}

static bool read_place(struct str raw, struct place *out)
{
    struct jiter it;
    struct str value;
    double longitude, latitude;
    return json_kind(raw) == '[' && jiter_begin(&it, raw) && jiter_next(&it, NULL, &value) &&
           read_number(value, &longitude) && jiter_next(&it, NULL, &value) && read_number(value, &latitude) &&
           place_at(longitude, latitude, out);
}

/* An array of places without equal or antipodal neighbours. */
static bool read_chain(struct arena *a, struct str raw, struct chain *out)
{
    struct jiter it;
    struct str value;
    size_t cap = 0;
    *out = (struct chain){ 0 };
    if (json_kind(raw) != '[' || !jiter_begin(&it, raw))
        return false;
    while (jiter_next(&it, NULL, &value)) {
        struct place p;
        if (!read_place(value, &p) ||
            (out->n && (place_eq(out->at[out->n - 1], p) || antipodal(out->at[out->n - 1], p))))
            return false;
        *VEC_PUSH(a, out->at, out->n, cap) = p;
    }
    return out->n >= 2;
}

/* Steradians left of the ring, -2 pi to 2 pi: the signed sum of triangles with its first place. */
static double ring_area(const struct chain *c)
{
    double sum = 0;
    for (size_t i = 1; i + 1 < c->n; i++) {
        struct place p = c->at[0], q = c->at[i], r = c->at[i + 1];
        sum += 2 * atan2(place_dot(p, place_normal(q, r)) / 2,
                         1 + place_dot(p, q) + place_dot(q, r) + place_dot(r, p));
    }
    return remainder(sum, 4 * SPHERE_PI);
}

static bool read_ring(struct arena *a, struct str raw, struct chain *out)
{
    if (!read_chain(a, raw, out) || out->n < 4 || !place_eq(out->at[0], out->at[out->n - 1]))
        return false;
    out->n--;
    double area = ring_area(out);
    out->area = fabs(area);
    out->turn = area < 0 ? -1 : 1;
    return true;
}

struct place ring_next(const struct chain *c, size_t i)
{
    return c->at[i + 1 < c->n ? i + 1 : 0];
}

static bool same_edge(struct place a, struct place b, struct place c, struct place d)
{
    return (place_eq(a, c) && place_eq(b, d)) || (place_eq(a, d) && place_eq(b, c));
}

/* Edges of these rings neither cross nor coincide, and no ring visits a place twice. */
static bool rings_simple(const struct chain *rings, size_t n)
{
    size_t places = 0;
    for (size_t i = 0; i < n; i++)
        places += rings[i].n;
    if (places > CROSSING_LIMIT)
        return true;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < rings[i].n; j++) {
            struct place a = rings[i].at[j], b = ring_next(&rings[i], j);
            for (size_t k = i; k < n; k++)
                for (size_t l = k == i ? j + 1 : 0; l < rings[k].n; l++) {
                    struct place c = rings[k].at[l], d = ring_next(&rings[k], l);
                    if ((k == i && place_eq(a, c)) || same_edge(a, b, c, d) || edges_cross(a, b, c, d))
                        return false;
                }
        }
    return true;
}

/* Polygons packed once more, [[ring, ...]] for [ring, ...]: the engine takes them in a MultiPolygon, its pages make them. */
static bool packed(struct str raw)
{
    struct str inner = raw;
    for (int depth = 0; depth < 3; depth++)
        if (json_kind(inner) != '[' || !json_element(inner, 0, &inner))
            return false;
    return json_kind(inner) == '[';
}

static bool add_polygon(struct arena *a, struct str raw, struct shape *s, size_t *cap)
{
    struct jiter it;
    struct str value;
    size_t first = s->n;
    if (json_kind(raw) != '[' || !jiter_begin(&it, raw))
        return false;
    if (!s->one && packed(raw)) {
        while (jiter_next(&it, NULL, &value))
            if (packed(value) || !add_polygon(a, value, s, cap))
                return false;
        return true;
    }
    while (jiter_next(&it, NULL, &value)) {
        struct chain ring;
        if (!read_ring(a, value, &ring))
            return false;
        ring.opens = s->n == first;
        *VEC_PUSH(a, s->chain, s->n, *cap) = ring;
    }
    return s->n > first && rings_simple(s->chain + first, s->n - first);
}

static bool add_line(struct arena *a, struct str raw, struct shape *s, size_t *cap)
{
    struct chain line;
    if (!read_chain(a, raw, &line))
        return false;
    *VEC_PUSH(a, s->chain, s->n, *cap) = line;
    return true;
}

static struct shape *read_shape(struct arena *a, struct str json, struct str one, struct str many,
                                bool add(struct arena *, struct str, struct shape *, size_t *))
{
    struct str type, coordinates, value;
    struct jiter it;
    size_t cap = 0;
    struct shape *s = ARENA_NEW(a, struct shape);
    struct buf name = BUF_INIT;
    if (json_kind(json) != '{' || !json_member(json, STR("type"), &type) || json_kind(type) != '"' ||
        !json_member(json, STR("coordinates"), &coordinates))
        return NULL;
    json_put_unescaped(&name, type);
    s->one = str_eq(buf_view(&name), one);
    bool known = s->one || str_eq(buf_view(&name), many);
    buf_free(&name);
    if (!known)
        return NULL;
    if (s->one)
        return add(a, coordinates, s, &cap) ? s : NULL;
    if (json_kind(coordinates) != '[' || !jiter_begin(&it, coordinates))
        return NULL;
    while (jiter_next(&it, NULL, &value))
        if (!add(a, value, s, &cap))
            return NULL;
    return s->n ? s : NULL;
}

struct shape *shape_line(struct arena *a, struct str json)
{
    return read_shape(a, json, STR("LineString"), STR("MultiLineString"), add_line);
}

struct shape *shape_polygon(struct arena *a, struct str json)
{
    struct shape *s = read_shape(a, json, STR("Polygon"), STR("MultiPolygon"), add_polygon);
    if (s)
        s->polygon = true;
    return s;
}

void *shape_prepare_line(struct arena *a, struct str json)
{
    return shape_line(a, json);
}

void *shape_prepare_polygon(struct arena *a, struct str json)
{
    return shape_polygon(a, json);
}

struct shape *shape_of_ring(struct arena *a, const struct place *at, size_t n)
{
    struct shape *s = ARENA_NEW(a, struct shape);
    struct chain *c = ARENA_NEW(a, struct chain);
    c->at = ARENA_ARRAY(a, n, struct place);
    memcpy(c->at, at, n * sizeof *at);
    c->n = n;
    c->opens = true;
    double area = ring_area(c);
    c->area = fabs(area);
    c->turn = area < 0 ? -1 : 1;
    *s = (struct shape){ .chain = c, .n = 1, .polygon = true, .one = true };
    return s;
}

/* ---- Questions to shapes ---- */

/* Whole turns of a ring about p, seen from outside the sphere. */
static double turns_about(const struct chain *c, struct place p)
{
    double sum = 0, from = 0, to = 0;
    bool known = place_azimuth(p, c->at[c->n - 1], &from);
    for (size_t i = 0; i < c->n; i++) {
        bool next = place_azimuth(p, c->at[i], &to);
        if (known && next)
            sum += remainder(from - to, 2 * SPHERE_PI);
        from = to;
        known = next;
    }
    return sum / (2 * SPHERE_PI);
}

static bool ring_holds(const struct chain *c, struct place p)
{
    return turns_about(c, p) * c->turn > 0.5;
}

bool shape_holds(const struct shape *s, struct place p)
{
    bool within = false;
    for (size_t i = 0; i < s->n; i++) {
        if (s->chain[i].opens && within)
            return true;
        if (s->chain[i].opens)
            within = ring_holds(&s->chain[i], p);
        else if (within && ring_holds(&s->chain[i], p))
            within = false;
    }
    return within;
}

static size_t nedges(const struct shape *s, size_t chain)
{
    return s->chain[chain].n - (s->polygon ? 0 : 1);
}

struct place shape_nearest(const struct shape *s, struct place p, double *angle)
{
    struct place best = s->chain[0].at[0];
    *angle = INFINITY;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < nedges(s, i); j++) {
            struct place q = edge_nearest(s->chain[i].at[j], ring_next(&s->chain[i], j), p);
            double d = place_angle(p, q);
            if (d < *angle) {
                *angle = d;
                best = q;
            }
        }
    return best;
}

bool edges_touch(struct place a, struct place b, struct place c, struct place d)
{
    const double near = 1e-15;
    return edges_cross(a, b, c, d) || place_angle(edge_nearest(a, b, c), c) < near ||
           place_angle(edge_nearest(a, b, d), d) < near || place_angle(edge_nearest(c, d, a), a) < near ||
           place_angle(edge_nearest(c, d, b), b) < near;
}

static double chord(struct place a, struct place b)
{
    return place_norm(place_sum(a, place_scaled(b, -1)));
}

/* Surely without a common place: an edge is at most pi / 2 times as long as its chord. */
static bool apart(struct place a, struct place b, struct place c, struct place d)
{
    return chord(a, c) > 1.6 * (chord(a, b) + chord(c, d));
}

typedef bool edges_meet(struct place a, struct place b, struct place c, struct place d);

static bool chains_meet(const struct shape *s, size_t i, const struct shape *t, size_t k, edges_meet *meet)
{
    for (size_t j = 0; j < nedges(s, i); j++)
        for (size_t l = 0; l < nedges(t, k); l++) {
            struct place a = s->chain[i].at[j], b = ring_next(&s->chain[i], j);
            struct place c = t->chain[k].at[l], d = ring_next(&t->chain[k], l);
            if (!apart(a, b, c, d) && meet(a, b, c, d))
                return true;
        }
    return false;
}

bool shapes_meet(const struct shape *a, const struct shape *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (chains_meet(a, i, b, k, edges_touch))
                return true;
    for (size_t i = 0; b->polygon && i < a->n; i++)
        if (shape_holds(b, a->chain[i].at[0]))
            return true;
    for (size_t k = 0; a->polygon && k < b->n; k++)
        if (shape_holds(a, b->chain[k].at[0]))
            return true;
    return false;
}

double shapes_apart(const struct shape *a, const struct shape *b)
{
    double best = SPHERE_PI;
    if (shapes_meet(a, b))
        return 0;
    for (int turned = 0; turned < 2; turned++) { /* edges that do not meet are nearest at an end of one */
        const struct shape *s = turned ? b : a, *t = turned ? a : b;
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->chain[i].n; k++) {
                double angle;
                shape_nearest(t, s->chain[i].at[k], &angle);
                best = fmin(best, angle);
            }
    }
    return best;
}

/* The polygon whose outer ring is chain `at`, with its holes. */
static struct shape polygon_at(const struct shape *s, size_t at)
{
    struct shape one = { .chain = s->chain + at, .n = 1, .polygon = true };
    while (at + one.n < s->n && !one.chain[one.n].opens)
        one.n++;
    return one;
}

/* An edge that both have, with their insides on the same side of it. */
static bool same_side(const struct chain *a, const struct chain *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            bool along = place_eq(a->at[i], b->at[k]) && place_eq(ring_next(a, i), ring_next(b, k));
            bool against = place_eq(a->at[i], ring_next(b, k)) && place_eq(ring_next(a, i), b->at[k]);
            if ((along && a->turn == b->turn) || (against && a->turn != b->turn))
                return true;
        }
    return false;
}

/* Is an outer vertex of b inside a, off its outline? */
static bool reaches_into(const struct shape *a, const struct shape *b)
{
    for (size_t i = 0; i < b->chain[0].n; i++) {
        double angle;
        shape_nearest(a, b->chain[0].at[i], &angle);
        if (angle > 1e-12 && shape_holds(a, b->chain[0].at[i]))
            return true;
    }
    return false;
}

bool shape_overlaps(const struct shape *s)
{
    struct shape a, b;
    for (size_t i = 0; i < s->n; i += a.n) {
        a = polygon_at(s, i);
        for (size_t k = i + a.n; k < s->n; k += b.n) {
            b = polygon_at(s, k);
            for (size_t j = 0; j < a.n * b.n; j++)
                if (chains_meet(&a, j / b.n, &b, j % b.n, edges_cross))
                    return true;
            if (same_side(a.chain, b.chain) || reaches_into(&a, &b) || reaches_into(&b, &a))
                return true;
        }
    }
    return false;
}
