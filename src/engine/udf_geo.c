/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Geospatial functions over places, lines and polygons (sphere.h). A body returns false, NULL, wherever KQL calls its input
 * invalid. A shape that stays the same from row to row is read once.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "hb/table.h"
#include "overlay.h"
#include "sphere.h"
#include "udf.h"

static bool place_arg(struct udf_call *c, size_t at, struct place *out)
{
    return place_at(c->arg[at].f, c->arg[at + 1].f, out);
}

/* ---- Places ---- */

static bool distance(struct udf_call *c)
{
    struct place a, b;
    if (!place_arg(c, 0, &a) || !place_arg(c, 2, &b))
        return false;
    c->f = place_angle(a, b) * EARTH_RADIUS;
    return true;
}

static double whole_turn(double angle)
{
    return angle < 0 ? angle + 2 * SPHERE_PI : angle;
}

static bool azimuth(struct udf_call *c)
{
    struct place a, b;
    if (!place_arg(c, 0, &a) || !place_arg(c, 2, &b) || !place_azimuth(a, b, &c->f))
        return false;
    c->f = whole_turn(c->f);
    return true;
}

static bool angle(struct udf_call *c)
{
    struct place a, b, d;
    double to_a, to_d;
    if (!place_arg(c, 0, &a) || !place_arg(c, 2, &b) || !place_arg(c, 4, &d) || !place_azimuth(b, a, &to_a) ||
        !place_azimuth(b, d, &to_d))
        return false;
    c->f = whole_turn(to_d - to_a);
    return true;
}

static bool in_circle(struct udf_call *c)
{
    struct place p, center;
    double radius = c->arg[4].f;
    if (!place_arg(c, 0, &p) || !place_arg(c, 2, &center) || !(radius >= 0) || !isfinite(radius))
        return false;
    c->b = place_angle(p, center) * EARTH_RADIUS <= radius;
    return true;
}

/* ---- Lines and polygons ---- */

static bool in_polygon(struct udf_call *c)
{
    struct place p;
    if (!place_arg(c, 0, &p) || !c->prep)
        return false;
    c->b = shape_holds(c->prep, p);
    return true;
}

/* The nearest place of a line or polygon; a place within a polygon is its own. */
static bool nearest(struct udf_call *c, struct place *out, double *metres)
{
    const struct shape *s = c->prep;
    struct place p;
    if (!place_arg(c, 0, &p) || !s)
        return false;
    *out = p;
    *metres = 0;
    if (s->polygon && shape_holds(s, p))
        return true;
    *out = shape_nearest(s, p, metres);
    *metres *= EARTH_RADIUS;
    return true;
}

static bool distance_to(struct udf_call *c)
{
    struct place unused;
    return nearest(c, &unused, &c->f);
}

static bool closest_point(struct udf_call *c)
{
    struct place p;
    double unused;
    if (!nearest(c, &p, &unused))
        return false;
    place_put_point(&c->out, p);
    return true;
}

static double chain_length(const struct chain *c, bool closed)
{
    double sum = closed ? place_angle(c->at[c->n - 1], c->at[0]) : 0;
    for (size_t i = 0; i + 1 < c->n; i++)
        sum += place_angle(c->at[i], c->at[i + 1]);
    return sum;
}

static bool length(struct udf_call *c)
{
    const struct shape *s = c->prep;
    if (!s)
        return false;
    c->f = 0;
    for (size_t i = 0; i < s->n; i++)
        c->f += chain_length(&s->chain[i], s->polygon) * EARTH_RADIUS;
    return true;
}

static bool area(struct udf_call *c)
{
    const struct shape *s = c->prep;
    if (!s)
        return false;
    c->f = 0;
    for (size_t i = 0; i < s->n; i++)
        c->f += s->chain[i].area * (s->chain[i].opens ? 1 : -1) * EARTH_RADIUS * EARTH_RADIUS;
    return true;
}

/* The integral of the place along a geodesic edge points to its middle, with 2 sin(half its angle). */
static struct place edge_moment(struct place a, struct place b)
{
    return place_scaled(place_unit(place_sum(a, b)), 2 * sin(place_angle(a, b) / 2));
}

/* Of the place over a ring's inside: half the sum of the unit normals of its edges, each times the angle of the edge. */
static struct place ring_moment(const struct chain *c)
{
    struct place sum = { 0, 0, 0 };
    for (size_t i = 0; i < c->n; i++) {
        struct place a = c->at[i], b = c->at[i + 1 < c->n ? i + 1 : 0];
        struct place n = place_normal(a, b);
        sum = place_sum(sum, place_scaled(place_unit(n), place_angle(a, b) / 2 * c->turn));
    }
    return sum;
}

static bool centroid(struct udf_call *c)
{
    const struct shape *s = c->prep;
    struct place sum = { 0, 0, 0 };
    if (!s)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        const struct chain *chain = &s->chain[i];
        if (s->polygon)
            sum = place_sum(sum, place_scaled(ring_moment(chain), chain->opens ? 1 : -1));
        for (size_t k = 0; !s->polygon && k + 1 < chain->n; k++)
            sum = place_sum(sum, edge_moment(chain->at[k], chain->at[k + 1]));
    }
    if (!(place_norm(sum) > 0))
        return false;
    place_put_point(&c->out, place_unit(sum));
    return true;
}

static bool interpolate(struct udf_call *c)
{
    const struct shape *s = c->prep;
    double fraction = c->arg[1].f;
    if (!s || !s->one || !(fraction >= 0 && fraction <= 1))
        return false;
    const struct chain *line = &s->chain[0];
    double left = fraction * chain_length(line, false);
    size_t i = 0;
    while (i + 2 < line->n && left > place_angle(line->at[i], line->at[i + 1]))
        left -= place_angle(line->at[i], line->at[i + 1]), i++;
    struct place a = line->at[i], b = line->at[i + 1];
    /* From a, by the angle `left` in the direction of b. */
    struct place ahead = place_unit(place_sum(b, place_scaled(a, -place_dot(a, b))));
    struct place p = left < place_angle(a, b)
                         ? place_unit(place_sum(place_scaled(a, cos(left)), place_scaled(ahead, sin(left))))
                         : b;
    place_put_point(&c->out, p);
    return true;
}

static bool locate(struct udf_call *c)
{
    const struct shape *s = c->prep;
    struct place p;
    double best = INFINITY, before = 0, at = 0;
    if (!place_arg(c, 1, &p) || !s || !s->one)
        return false;
    const struct chain *line = &s->chain[0];
    for (size_t i = 0; i + 1 < line->n; i++) {
        struct place q = edge_nearest(line->at[i], line->at[i + 1], p);
        if (place_angle(p, q) < best) {
            best = place_angle(p, q);
            at = before + place_angle(line->at[i], q);
        }
        before += place_angle(line->at[i], line->at[i + 1]);
    }
    c->f = fmin(1, at / before);
    return true;
}

typedef struct shape *shape_read(struct arena *a, struct str json);

static bool intersects(struct udf_call *c, shape_read *first, shape_read *second)
{
    struct arena *a = arena_new(0, "two shapes");
    const struct shape *s = first(a, c->arg[0].s), *t = second(a, c->arg[1].s);
    if (s && t)
        c->b = shapes_meet(s, t);
    arena_free(a);
    return s && t;
}

static bool lines_intersect(struct udf_call *c)
{
    return intersects(c, shape_line, shape_line);
}

static bool line_polygon_intersect(struct udf_call *c)
{
    return intersects(c, shape_line, shape_polygon);
}

static bool polygons_intersect(struct udf_call *c)
{
    return intersects(c, shape_polygon, shape_polygon);
}

/* ---- Well-known text ---- */

struct wkt {
    struct str s;
    size_t i;
    struct buf *out;
    int depth;
};

static void skip_blanks(struct wkt *w)
{
    while (w->i < w->s.n && isspace((unsigned char)w->s.p[w->i]))
        w->i++;
}

static bool take(struct wkt *w, char c)
{
    skip_blanks(w);
    if (w->i == w->s.n || w->s.p[w->i] != c)
        return false;
    w->i++;
    return true;
}

static bool wkt_number(struct wkt *w)
{
    double v;
    skip_blanks(w);
    size_t from = w->i;
    while (w->i < w->s.n && strchr("+-.eE0123456789", w->s.p[w->i]) && w->s.p[w->i])
        w->i++;
    if (!str_to_f64(str_sub(w->s, from, w->i), &v))
        return false;
    real_put_kql(w->out, v);
    return true;
}

static bool wkt_place(struct wkt *w)
{
    buf_putc(w->out, '[');
    if (!wkt_number(w))
        return false;
    buf_putc(w->out, ',');
    if (!wkt_number(w))
        return false;
    buf_putc(w->out, ']');
    return true;
}

/* MULTIPOINT may hold (1 1) as well as 1 1. */
static bool wkt_place_or_group(struct wkt *w)
{
    return take(w, '(') ? wkt_place(w) && take(w, ')') : wkt_place(w);
}

static bool wkt_group(struct wkt *w, int depth, bool item(struct wkt *))
{
    if (!take(w, '('))
        return false;
    buf_putc(w->out, '[');
    do {
        if (depth > 1 ? !wkt_group(w, depth - 1, item) : !item(w))
            return false;
    } while (take(w, ',') && (buf_putc(w->out, ','), true));
    buf_putc(w->out, ']');
    return take(w, ')');
}

static const struct wkt_kind {
    const char *word, *type;
    int groups; /* brackets within brackets; 0: a place, -1: shapes */
} wkt_kinds[] = {
    { "POINT", "Point", 0 },
    { "LINESTRING", "LineString", 1 },
    { "POLYGON", "Polygon", 2 },
    { "MULTIPOINT", "MultiPoint", 1 },
    { "MULTILINESTRING", "MultiLineString", 2 },
    { "MULTIPOLYGON", "MultiPolygon", 3 },
    { "GEOMETRYCOLLECTION", "GeometryCollection", -1 },
};

static const struct wkt_kind *wkt_kind(struct wkt *w)
{
    skip_blanks(w);
    size_t from = w->i;
    while (w->i < w->s.n && isalpha((unsigned char)w->s.p[w->i]))
        w->i++;
    for (size_t k = 0; k < sizeof wkt_kinds / sizeof *wkt_kinds; k++)
        if (str_eq_nocase(str_sub(w->s, from, w->i), str_z(wkt_kinds[k].word)))
            return &wkt_kinds[k];
    return NULL;
}

static bool wkt_shape(struct wkt *w);

static bool wkt_shapes(struct wkt *w)
{
    if (!take(w, '('))
        return false;
    buf_putc(w->out, '[');
    do {
        if (!wkt_shape(w))
            return false;
    } while (take(w, ',') && (buf_putc(w->out, ','), true));
    buf_putc(w->out, ']');
    return take(w, ')');
}

static bool wkt_shape(struct wkt *w)
{
    const struct wkt_kind *k = wkt_kind(w);
    if (!k || w->depth == 32)
        return false;
    w->depth++;
    buf_printf(w->out, "{\"type\":\"%s\",\"%s\":", k->type, k->groups < 0 ? "geometries" : "coordinates");
    bool ok = k->groups < 0 ? wkt_shapes(w)
              : k->groups == 0
                  ? take(w, '(') && wkt_place(w) && take(w, ')')
                  : wkt_group(w, k->groups, strcmp(k->type, "MultiPoint") ? wkt_place : wkt_place_or_group);
    w->depth--;
    buf_putc(w->out, '}');
    return ok;
}

static bool from_wkt(struct udf_call *c)
{
    struct wkt w = { c->arg[0].s, 0, &c->tmp[0], 0 };
    if (!wkt_shape(&w))
        return false;
    take(&w, ';');
    skip_blanks(&w);
    if (w.i < w.s.n)
        return false;
    buf_str(&c->out, buf_view(&c->tmp[0]));
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_geo_distance", .body = distance },
    { .name = "kql_geo_azimuth", .body = azimuth },
    { .name = "kql_geo_angle", .body = angle },
    { .name = "kql_geo_in_circle", .body = in_circle },
    { .name = "kql_geo_in_polygon", .body = in_polygon, .prepare = shape_prepare_polygon, .prep_arg = 2 },
    { .name = "kql_geo_line_distance", .body = distance_to, .prepare = shape_prepare_line, .prep_arg = 2 },
    { .name = "kql_geo_polygon_distance",
      .body = distance_to,
      .prepare = shape_prepare_polygon,
      .prep_arg = 2 },
    { .name = "kql_geo_line_closest", .body = closest_point, .prepare = shape_prepare_line, .prep_arg = 2 },
    { .name = "kql_geo_polygon_closest",
      .body = closest_point,
      .prepare = shape_prepare_polygon,
      .prep_arg = 2 },
    { .name = "kql_geo_line_length", .body = length, .prepare = shape_prepare_line },
    { .name = "kql_geo_perimeter", .body = length, .prepare = shape_prepare_area },
    { .name = "kql_geo_area", .body = area, .prepare = shape_prepare_area },
    { .name = "kql_geo_line_centroid", .body = centroid, .prepare = shape_prepare_line },
    { .name = "kql_geo_polygon_centroid", .body = centroid, .prepare = shape_prepare_area },
    { .name = "kql_geo_interpolate", .body = interpolate, .prepare = shape_prepare_line },
    { .name = "kql_geo_locate", .body = locate, .prepare = shape_prepare_line },
    { .name = "kql_geo_lines_meet", .body = lines_intersect },
    { .name = "kql_geo_line_polygon_meet", .body = line_polygon_intersect },
    { .name = "kql_geo_polygons_meet", .body = polygons_intersect },
    { .name = "kql_geo_from_wkt", .body = from_wkt },
};

const struct udf_set udf_geo_set = { functions, sizeof functions / sizeof *functions };
