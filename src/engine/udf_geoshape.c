/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes made of shapes (hb/kql_udf.h): what two of them share, the union of lines, and edges that are straight on a map as chains of
 * geodesics. The results are GeoJSON; nothing shared is a collection without geometries.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "hb/vec.h"
#include "jscan.h"
#include "overlay.h"
#include "sphere.h"
#include "udf.h"

/* ---- Points and lines of a result ---- */

struct made {
    struct arena *a;
    struct place *point;
    size_t npoint, cap_point;
    struct chain *line;
    size_t nline, cap_line, cap_at; /* cap_at: of the last line */
    bool open;                      /* the last line may go on */
    const struct shape *polygon;    /* or NULL */
};

static void add_point(struct made *m, struct place p)
{
    for (size_t i = 0; i < m->npoint; i++)
        if (place_angle(m->point[i], p) < 1e-15)
            return;
    *VEC_PUSH(m->a, m->point, m->npoint, m->cap_point) = p;
}

/* An edge goes on the last line where that ends at p. */
static void add_edge(struct made *m, struct place p, struct place q)
{
    struct chain *c = m->nline ? &m->line[m->nline - 1] : NULL;
    if (!c || !m->open || !place_eq(c->at[c->n - 1], p)) {
        c = VEC_PUSH(m->a, m->line, m->nline, m->cap_line);
        *c = (struct chain){ 0 };
        m->cap_at = 0;
        *VEC_PUSH(m->a, c->at, c->n, m->cap_at) = p;
    }
    *VEC_PUSH(m->a, c->at, c->n, m->cap_at) = q;
    m->open = true;
}

static bool on_line(const struct made *m, struct place p)
{
    for (size_t i = 0; i < m->nline; i++)
        for (size_t k = 0; k < m->line[i].n; k++)
            if (place_angle(m->line[i].at[k], p) < 1e-15)
                return true;
    return false;
}

static void put_places(struct buf *o, const struct place *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_putc(o, i ? ',' : '[');
        place_put(o, at[i]);
    }
    buf_putc(o, ']');
}

static void put_points(struct buf *o, const struct made *m)
{
    if (m->npoint == 1) {
        place_put_point(o, m->point[0]);
        return;
    }
    buf_puts(o, "{\"type\":\"MultiPoint\",\"coordinates\":");
    put_places(o, m->point, m->npoint);
    buf_putc(o, '}');
}

static void put_lines(struct buf *o, const struct made *m)
{
    buf_puts(o, m->nline == 1 ? "{\"type\":\"LineString\",\"coordinates\":"
                              : "{\"type\":\"MultiLineString\",\"coordinates\":[");
    for (size_t i = 0; i < m->nline; i++) {
        buf_puts(o, i ? "," : "");
        put_places(o, m->line[i].at, m->line[i].n);
    }
    buf_puts(o, m->nline == 1 ? "}" : "]}");
}

static void put_ring(struct buf *o, const struct chain *c)
{
    put_places(o, c->at, c->n);
    o->n--; /* it ends where it begins */
    buf_putc(o, ',');
    place_put(o, c->at[0]);
    buf_putc(o, ']');
}

static void put_polygons(struct buf *o, const struct shape *s)
{
    buf_puts(o, s->one ? "{\"type\":\"Polygon\",\"coordinates\":["
                       : "{\"type\":\"MultiPolygon\",\"coordinates\":[[");
    for (size_t i = 0; i < s->n; i++) {
        buf_puts(o, !i ? "" : s->chain[i].opens ? "],[" : ",");
        put_ring(o, &s->chain[i]);
    }
    buf_puts(o, s->one ? "]}" : "]]}");
}

static void put_made(struct buf *o, const struct made *m)
{
    bool polygons = m->polygon && m->polygon->n;
    int kinds = (m->npoint > 0) + (m->nline > 0) + polygons;
    if (kinds != 1)
        buf_puts(o, "{\"type\":\"GeometryCollection\",\"geometries\":[");
    if (m->npoint)
        put_points(o, m);
    buf_puts(o, m->npoint && kinds > 1 ? "," : "");
    if (m->nline)
        put_lines(o, m);
    buf_puts(o, m->nline && polygons ? "," : "");
    if (polygons)
        put_polygons(o, m->polygon);
    if (kinds != 1)
        buf_puts(o, "]}");
}

/* ---- What two shapes share ---- */

static bool has_edge(const struct shape *s, struct place a, struct place b)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k + 1 < s->chain[i].n; k++) {
            struct place c = s->chain[i].at[k], d = s->chain[i].at[k + 1];
            if ((place_eq(a, c) && place_eq(b, d)) || (place_eq(a, d) && place_eq(b, c)))
                return true;
        }
    return false;
}

static bool ring_has_edge(const struct shape *s, struct place a, struct place b)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++) {
            struct place c = s->chain[i].at[k], d = ring_next(&s->chain[i], k);
            if ((place_eq(a, c) && place_eq(b, d)) || (place_eq(a, d) && place_eq(b, c)))
                return true;
        }
    return false;
}

/* Where edge a, b meets an edge of the lines in one place. */
static void add_meetings(struct made *m, const struct shape *s, struct place a, struct place b)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k + 1 < s->chain[i].n; k++) {
            struct place c = s->chain[i].at[k], d = s->chain[i].at[k + 1];
            const struct place ends[4] = { c, d, a, b };
            if (edges_cross(a, b, c, d))
                add_point(m, edges_crossing(a, b, c, d));
            else if (edges_touch(a, b, c, d))
                for (size_t e = 0; e < 4; e++) {
                    struct place at = e < 2 ? edge_nearest(a, b, ends[e]) : edge_nearest(c, d, ends[e]);
                    if (place_angle(at, ends[e]) < 1e-15 && !on_line(m, ends[e]))
                        add_point(m, ends[e]);
                }
        }
}

static bool share_lines(struct udf_call *c)
{
    struct arena *a = arena_new(0, "two lines");
    const struct shape *s = shape_line(a, c->arg[0].s), *t = shape_line(a, c->arg[1].s);
    struct made m = { .a = a };
    for (int round = 0; s && t && round < 2;
         round++) /* edges first: points on them are no points of their own */
        for (size_t i = 0; i < s->n; i++) {
            m.open = false;
            for (size_t k = 0; k + 1 < s->chain[i].n; k++) {
                struct place p = s->chain[i].at[k], q = s->chain[i].at[k + 1];
                bool shared = has_edge(t, p, q);
                if (shared && !round)
                    add_edge(&m, p, q);
                else if (!shared && round)
                    add_meetings(&m, t, p, q);
            }
        }
    if (s && t)
        put_made(&c->out, &m);
    arena_free(a);
    return s && t;
}

struct cut {
    double angle; /* from the beginning of the edge */
    struct place at;
};

static int by_angle(const void *a, const void *b)
{
    double x = ((const struct cut *)a)->angle, y = ((const struct cut *)b)->angle;
    return (x > y) - (x < y);
}

/* The parts of edge p, q inside of the polygon. */
static void add_inside(struct made *m, const struct shape *polygon, struct place p, struct place q)
{
    struct cut *cut = NULL;
    size_t n = 0, cap = 0;
    *VEC_PUSH(m->a, cut, n, cap) = (struct cut){ 0, p };
    for (size_t i = 0; i < polygon->n; i++)
        for (size_t k = 0; k < polygon->chain[i].n; k++) {
            struct place c = polygon->chain[i].at[k], d = ring_next(&polygon->chain[i], k);
            if (edges_cross(p, q, c, d)) {
                struct place x = edges_crossing(p, q, c, d);
                *VEC_PUSH(m->a, cut, n, cap) = (struct cut){ place_angle(p, x), x };
            }
        }
    qsort(cut, n, sizeof *cut, by_angle);
    *VEC_PUSH(m->a, cut, n, cap) = (struct cut){ place_angle(p, q), q };
    for (size_t i = 0; i + 1 < n; i++) {
        struct place middle = place_sum(cut[i].at, cut[i + 1].at);
        if (place_eq(cut[i].at, cut[i + 1].at))
            continue;
        if (shape_holds(polygon, place_unit(middle)))
            add_edge(m, cut[i].at, cut[i + 1].at);
        else
            m->open = false;
    }
}

static bool share_line_polygon(struct udf_call *c)
{
    struct arena *a = arena_new(0, "a line and a polygon");
    const struct shape *line = shape_line(a, c->arg[0].s), *polygon = shape_polygon(a, c->arg[1].s);
    struct made m = { .a = a };
    for (size_t i = 0; line && polygon && i < line->n; i++) {
        m.open = false;
        for (size_t k = 0; k + 1 < line->chain[i].n; k++)
            add_inside(&m, polygon, line->chain[i].at[k], line->chain[i].at[k + 1]);
    }
    if (line && polygon)
        put_made(&c->out, &m);
    arena_free(a);
    return line && polygon;
}

static bool in_rings(const struct shape *s, struct place p)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            if (place_eq(s->chain[i].at[k], p))
                return true;
    return false;
}

/* Edges that both have from either side, and corners of both. */
static void add_touches(struct made *m, const struct shape *s, const struct shape *t)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < s->n; i++) {
            m->open = false;
            for (size_t k = 0; k < s->chain[i].n; k++) {
                struct place p = s->chain[i].at[k], q = ring_next(&s->chain[i], k);
                bool both = in_rings(t, p) && in_rings(t, q) && ring_has_edge(t, p, q);
                bool apart = !in_rings(m->polygon, p) || !in_rings(m->polygon, q);
                if (!round && both && apart)
                    add_edge(m, p, q);
                else if (round && in_rings(t, p) && !in_rings(m->polygon, p) && !on_line(m, p))
                    add_point(m, p);
            }
        }
}

static bool share_polygons(struct udf_call *c)
{
    struct arena *a = arena_new(0, "two polygons");
    const struct shape *s = shape_area(a, c->arg[0].s), *t = shape_area(a, c->arg[1].s);
    struct made m = { .a = a };
    if (s && t) {
        m.polygon = overlay(a, s, t, OVERLAY_SHARED);
        add_touches(&m, s, t);
        put_made(&c->out, &m);
    }
    arena_free(a);
    return s && t;
}

/* Of an array of polygons; NULL: one is not valid, or there is none. */
static const struct shape *read_union(struct arena *a, struct str array)
{
    struct jiter it;
    struct str value;
    const struct shape **list = NULL;
    size_t n = 0, cap = 0;
    bool ok = json_kind(array) == '[' && jiter_begin(&it, array);
    while (ok && jiter_next(&it, NULL, &value)) {
        const struct shape *s = shape_area(a, value);
        ok = s != NULL;
        *VEC_PUSH(a, list, n, cap) = s;
    }
    return ok && n ? overlay_union(a, list, n) : NULL;
}

static bool union_polygons(struct udf_call *c)
{
    struct arena *a = arena_new(0, "polygons");
    const struct shape *s = read_union(a, c->arg[0].s);
    if (s)
        put_polygons(&c->out, s);
    arena_free(a);
    return s != NULL;
}

/* ---- The union of lines ---- */

struct link {
    struct place from, to;
    bool used;
};

struct links {
    struct link *at;
    size_t n, cap;
};

static void add_links(struct arena *a, struct links *l, const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k + 1 < s->chain[i].n; k++) {
            struct link x = { s->chain[i].at[k], s->chain[i].at[k + 1], false };
            bool known = false;
            for (size_t j = 0; j < l->n && !known; j++)
                known = (place_eq(l->at[j].from, x.from) && place_eq(l->at[j].to, x.to)) ||
                        (place_eq(l->at[j].from, x.to) && place_eq(l->at[j].to, x.from));
            if (!known)
                *VEC_PUSH(a, l->at, l->n, l->cap) = x;
        }
}

/* An unused edge that begins at p; NULL: there is none. */
static struct link *link_from(struct links *l, struct place p)
{
    for (size_t i = 0; i < l->n; i++)
        if (!l->at[i].used && place_eq(l->at[i].from, p))
            return &l->at[i];
    return NULL;
}

static bool has_link_to(const struct links *l, struct place p)
{
    for (size_t i = 0; i < l->n; i++)
        if (!l->at[i].used && place_eq(l->at[i].to, p))
            return true;
    return false;
}

static void chain_links(struct made *m, struct links *l)
{
    for (int round = 0; round < 2; round++) /* first from where no edge leads to, then the circles */
        for (size_t i = 0; i < l->n; i++) {
            struct link *x = &l->at[i];
            if (x->used || (!round && has_link_to(l, x->from)))
                continue;
            m->open = false;
            for (; x; x = link_from(l, x->to)) {
                x->used = true;
                add_edge(m, x->from, x->to);
            }
        }
}

enum { LINKS_MAX = 20000 };

static bool union_lines(struct udf_call *c)
{
    struct arena *a = arena_new(0, "lines");
    struct jiter it;
    struct str value;
    struct links l = { 0 };
    struct made m = { .a = a };
    bool ok = json_kind(c->arg[0].s) == '[' && jiter_begin(&it, c->arg[0].s);
    while (ok && jiter_next(&it, NULL, &value)) {
        const struct shape *s = shape_line(a, value);
        if (s)
            add_links(a, &l, s);
        ok = s && l.n <= LINKS_MAX;
    }
    ok = ok && l.n;
    if (ok) {
        chain_links(&m, &l);
        put_made(&c->out, &m);
    }
    arena_free(a);
    return ok;
}

/* ---- Straight on a map ---- */

/*
 * An edge that is straight in longitude and latitude, as a chain of geodesics no farther from it than the tolerance. How far they are
 * apart is estimated at the two places where the distance is largest when it is of the third order (S2's edge tessellator).
 */
struct map_place {
    double x, y; /* degrees */
};

struct densifier {
    struct buf *out;
    double tolerance; /* radians */
    size_t n;         /* places so far */
};

enum { DENSE_DEPTH = 24, DENSE_MAX = 200000 };

static struct place of_map(struct map_place p)
{
    double theta = p.x * (SPHERE_PI / 180), phi = p.y * (SPHERE_PI / 180), c = cos(phi);
    return (struct place){ cos(theta) * c, sin(theta) * c, sin(phi) };
}

static struct map_place between(struct map_place a, struct map_place b, double t)
{
    return (struct map_place){ a.x + t * (b.x - a.x), a.y + t * (b.y - a.y) };
}

static struct place along_edge(struct place a, struct place b, double t)
{
    double angle = t * place_angle(a, b);
    struct place ahead = place_unit(place_sum(b, place_scaled(a, -place_dot(a, b))));
    return place_unit(place_sum(place_scaled(a, cos(angle)), place_scaled(ahead, sin(angle))));
}

static bool near_enough(const struct densifier *d, struct map_place pa, struct map_place pb)
{
    const double where = 0.31215691082248312, scale = 0.83829992569888509;
    struct place a = of_map(pa), b = of_map(pb);
    double worst = 0;
    if (place_dot(a, b) < -1e-14)
        return false;
    for (int k = 0; k < 2; k++) {
        double t = k ? 1 - where : where;
        worst = fmax(worst, place_angle(along_edge(a, b, t), of_map(between(pa, pb, t))));
    }
    return worst <= d->tolerance * scale;
}

static void put_dense(struct densifier *d, struct map_place p)
{
    buf_putc(d->out, d->n++ ? ',' : '[');
    place_put(d->out, of_map(p));
}

static void densify_edge(struct densifier *d, struct map_place a, struct map_place b, int depth)
{
    if (depth == DENSE_DEPTH || d->n > DENSE_MAX || near_enough(d, a, b)) {
        put_dense(d, b);
        return;
    }
    struct map_place middle = between(a, b, 0.5);
    densify_edge(d, a, middle, depth + 1);
    densify_edge(d, middle, b, depth + 1);
}

static void densify_chain(struct densifier *d, const struct chain *c, bool ring, bool crossing_kept)
{
    struct map_place last;
    place_degrees(c->at[0], &last.x, &last.y);
    d->n = 0;
    put_dense(d, last);
    for (size_t i = 1; i < c->n + ring; i++) {
        struct map_place next;
        place_degrees(c->at[i < c->n ? i : 0], &next.x, &next.y);
        if (crossing_kept && fabs(next.x - last.x) > 180)
            next.x += next.x > last.x ? -360 : 360;
        densify_edge(d, last, next, 0);
        last = next;
    }
    buf_putc(d->out, ']');
}

static bool densify(struct udf_call *c)
{
    const struct shape *s = c->prep;
    double metres = c->arg[1].f;
    struct densifier d = { .out = &c->out, .tolerance = metres / EARTH_RADIUS };
    if (!s || !(metres >= 0.1 && metres <= 10000))
        return false;
    buf_printf(&c->out, "{\"type\":\"%s%s\",\"coordinates\":", s->one ? "" : "Multi",
               s->polygon ? "Polygon" : "LineString");
    buf_puts(&c->out, s->polygon || !s->one ? "[" : "");
    for (size_t i = 0; i < s->n; i++) {
        bool opens = s->polygon && !s->one && s->chain[i].opens;
        buf_puts(&c->out, !i ? (opens ? "[" : "") : opens ? "],[" : ",");
        densify_chain(&d, &s->chain[i], s->polygon, c->arg[2].b);
    }
    buf_puts(&c->out, s->polygon && !s->one ? "]" : "");
    buf_puts(&c->out, s->polygon || !s->one ? "]}" : "}");
    return d.n <= DENSE_MAX;
}

/* ---- Places within a distance ---- */

/* Metres to radians; a tolerance beyond the radius is as wide as it. False: not valid. */
static bool distances(struct udf_call *c, size_t at, double *radius, double *tolerance)
{
    double metres = c->arg[at].f, within = fmin(c->arg[at + 1].f, metres * 0.999999);
    *radius = metres / EARTH_RADIUS;
    *tolerance = within / EARTH_RADIUS;
    return metres > 0 && *radius < SPHERE_PI / 2 && within >= metres * 1e-6 * 0.999;
}

static bool grow_place(struct udf_call *c)
{
    struct place p;
    double radius, tolerance;
    if (!place_at(c->arg[0].f, c->arg[1].f, &p) || !distances(c, 2, &radius, &tolerance))
        return false;
    struct arena *a = arena_new(0, "places around a place");
    put_polygons(&c->out, buffer_place(a, p, radius, tolerance));
    arena_free(a);
    return true;
}

static bool grow_shape(struct udf_call *c)
{
    const struct shape *s = c->prep;
    double radius, tolerance;
    if (!s || !distances(c, 1, &radius, &tolerance))
        return false;
    struct arena *a = arena_new(0, "places around a shape");
    const struct shape *grown = buffer_shape(a, s, radius, tolerance);
    if (grown)
        put_polygons(&c->out, grown);
    arena_free(a);
    return grown != NULL;
}

/* ---- Fewer places ---- */

/*
 * Douglas and Peucker (1973) on the sphere: between two places that stay, the one farthest from the edge between them stays where it
 * is farther than the tolerance. Then none stays that is nearer than that to the one before; what is left of a ring are three places
 * at least, of a line two.
 */
static void keep_far(const struct place *at, size_t from, size_t to, double tolerance, bool *keep)
{
    size_t *todo = malloc(2 * (to - from + 1) * sizeof *todo), n = 0;
    if (!todo)
        abort();
    todo[n++] = from;
    todo[n++] = to;
    while (n) {
        size_t last = todo[--n], first = todo[--n], best = first;
        double far = tolerance;
        for (size_t i = first + 1; i < last; i++) {
            double angle = place_angle(edge_nearest(at[first], at[last], at[i]), at[i]);
            if (angle > far) {
                far = angle;
                best = i;
            }
        }
        if (best == first)
            continue;
        keep[best] = true;
        todo[n++] = first;
        todo[n++] = best;
        todo[n++] = best;
        todo[n++] = last;
    }
    free(todo);
}

/* The places that stay, at[n] being the last one; their number. */
static size_t take_kept(const struct place *at, size_t n, double tolerance, const bool *keep,
                        struct place *out)
{
    size_t k = 0;
    out[k++] = at[0];
    for (size_t i = 1; i < n; i++)
        if (keep[i] && place_angle(out[k - 1], at[i]) >= tolerance && !place_eq(out[k - 1], at[i]))
            out[k++] = at[i];
    while (k > 1 && place_angle(out[k - 1], at[n]) < tolerance)
        k--;
    out[k++] = at[n];
    return k;
}

static size_t thin_line(struct arena *a, const struct chain *c, double tolerance, struct place *out)
{
    bool *keep = ARENA_ARRAY(a, c->n, bool);
    keep_far(c->at, 0, c->n - 1, tolerance, keep);
    size_t n = take_kept(c->at, c->n - 1, tolerance, keep, out);
    return n == 2 && (place_angle(out[0], out[1]) < tolerance || place_eq(out[0], out[1])) ? 0 : n;
}

static size_t thin_ring(struct arena *a, const struct chain *c, double tolerance, struct place *out)
{
    struct place *at = ARENA_ARRAY(a, c->n + 1, struct place);
    bool *keep = ARENA_ARRAY(a, c->n + 1, bool);
    size_t far = 0;
    memcpy(at, c->at, c->n * sizeof *at);
    at[c->n] = c->at[0];
    for (size_t i = 1; i < c->n; i++)
        if (place_angle(at[0], at[i]) > place_angle(at[0], at[far]))
            far = i;
    keep[far] = true;
    keep_far(at, 0, far, tolerance, keep);
    keep_far(at, far, c->n, tolerance, keep);
    size_t n = take_kept(at, c->n, tolerance, keep, out);
    return n < 4 ? 0 : n;
}

/* Appends the lines that are left; their number. */
static size_t put_thin_lines(struct buf *o, struct arena *a, const struct shape *s, double tolerance)
{
    size_t lines = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct place *out = ARENA_ARRAY(a, s->chain[i].n + 2, struct place);
        size_t n = thin_line(a, &s->chain[i], tolerance, out);
        buf_puts(o, n && lines ? "," : "");
        if (n)
            put_places(o, out, n);
        lines += n > 0;
    }
    return lines;
}

/* Appends the polygons that are left; their number. The holes of one that is not are not either. */
static size_t put_thin_polygons(struct buf *o, struct arena *a, const struct shape *s, double tolerance)
{
    size_t polygons = 0;
    bool outer = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct chain *c = &s->chain[i];
        struct place *out = ARENA_ARRAY(a, c->n + 2, struct place);
        size_t n = thin_ring(a, c, tolerance, out);
        if (c->opens) {
            buf_puts(o, outer ? "]" : "");
            outer = n > 0;
            buf_puts(o, !n ? "" : polygons++ ? ",[" : "[");
        } else if (n && outer) {
            buf_putc(o, ',');
        }
        if (n && outer)
            put_places(o, out, n);
    }
    buf_puts(o, outer ? "]" : "");
    return polygons;
}

static bool thin(struct buf *o, struct arena *a, const struct shape *s, double tolerance)
{
    size_t head, n;
    const char *name = s->polygon ? "Polygon" : "LineString";
    struct buf body = BUF_INIT;
    n = s->polygon ? put_thin_polygons(&body, a, s, tolerance) : put_thin_lines(&body, a, s, tolerance);
    head = o->n;
    buf_printf(o, "{\"type\":\"%s%s\",\"coordinates\":%s", n == 1 ? "" : "Multi", name, n == 1 ? "" : "[");
    buf_str(o, buf_view(&body));
    buf_puts(o, n == 1 ? "}" : "]}");
    buf_free(&body);
    if (!n)
        o->n = head;
    return n > 0;
}

enum { THINNER_MAX = 24 };

/* A polygon whose edges would cross is made with half the tolerance. */
static bool put_simple(struct udf_call *c, struct arena *a, const struct shape *s)
{
    double metres = c->arg[1].f, most = s && s->polygon ? 10000000 : 7800000;
    if (!s || !(metres >= 0 && metres <= most))
        return false;
    double tolerance = metres / EARTH_RADIUS;
    bool left = thin(&c->out, a, s, tolerance);
    for (int i = 0; left && s->polygon && i < THINNER_MAX && !shape_polygon(a, buf_view(&c->out)); i++) {
        c->out.n = 0;
        tolerance = i + 1 < THINNER_MAX ? tolerance / 2 : 0;
        left = thin(&c->out, a, s, tolerance);
    }
    return left;
}

static bool simplify(struct udf_call *c)
{
    struct arena *a = arena_new(0, "a simpler shape");
    bool left = put_simple(c, a, c->prep);
    arena_free(a);
    return left;
}

static bool simplify_union(struct udf_call *c)
{
    struct arena *a = arena_new(0, "simpler polygons");
    bool left = put_simple(c, a, read_union(a, c->arg[0].s));
    arena_free(a);
    return left;
}

/* ---- Where a shape can be ---- */

/*
 * The latitudes and longitudes between which all places within so many metres of the shape lie: south, north, west or east one.
 * Where that would hold a pole or cross the antimeridian, all longitudes.
 */
static bool bound(struct udf_call *c)
{
    const struct shape *s = c->prep;
    struct place middle = { 0, 0, 0 };
    double widest = 0, longitude, latitude;
    if (!s)
        return false;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            middle = place_sum(middle, s->chain[i].at[k]);
    bool found = place_norm(middle) > 1e-6;
    middle = found ? place_unit(middle) : (struct place){ 0, 0, 1 };
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->chain[i].n; k++)
            widest = fmax(widest, place_angle(middle, s->chain[i].at[k]));
    place_degrees(middle, &longitude, &latitude);
    double reach = widest + fmax(0, c->arg[1].f) / EARTH_RADIUS + 1e-10, across = SPHERE_PI;
    double phi = fabs(latitude) * (SPHERE_PI / 180);
    if (!found || widest >= SPHERE_PI / 2 || !(reach < SPHERE_PI))
        reach = SPHERE_PI; /* a cap of less than half the sphere holds the edges between its places */
    if (reach + phi < SPHERE_PI / 2)
        across = asin(sin(reach) / cos(phi)) + 1e-10;
    if (fabs(longitude) + across * (180 / SPHERE_PI) > 180)
        across = 2 * SPHERE_PI;
    double from = c->arg[2].i < 2 ? latitude : longitude;
    double by = (c->arg[2].i < 2 ? reach : across) * (180 / SPHERE_PI);
    c->f = c->arg[2].i % 2 ? from + by : from - by;
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_geo_share_lines", .body = share_lines },
    { .name = "kql_geo_share_line_polygon", .body = share_line_polygon },
    { .name = "kql_geo_share_polygons", .body = share_polygons },
    { .name = "kql_geo_union_lines", .body = union_lines },
    { .name = "kql_geo_union_polygons", .body = union_polygons },
    { .name = "kql_geo_line_densify", .body = densify, .prepare = shape_prepare_line },
    { .name = "kql_geo_polygon_densify", .body = densify, .prepare = shape_prepare_polygon },
    { .name = "kql_geo_place_buffer", .body = grow_place },
    { .name = "kql_geo_line_buffer", .body = grow_shape, .prepare = shape_prepare_line },
    { .name = "kql_geo_polygon_buffer", .body = grow_shape, .prepare = shape_prepare_area },
    { .name = "kql_geo_line_simplify", .body = simplify, .prepare = shape_prepare_line },
    { .name = "kql_geo_polygon_simplify", .body = simplify, .prepare = shape_prepare_area },
    { .name = "kql_geo_union_simplify", .body = simplify_union },
    { .name = "kql_geo_line_bound", .body = bound, .prepare = shape_prepare_line },
    { .name = "kql_geo_polygon_bound", .body = bound, .prepare = shape_prepare_polygon },
};

const struct udf_set udf_geoshape_set = { functions, sizeof functions / sizeof *functions };
