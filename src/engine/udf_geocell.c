/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of the Earth by name: geohashes (rectangles of degrees, five bits a character) and S2 cells (squares of a cube's faces
 * drawn onto the sphere, numbered along a Hilbert curve; s2geometry.io). A body returns false, NULL or '', for what is no
 * cell.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/table.h"
#include "hb/vec.h"
#include "sphere.h"
#include "udf.h"

static void put_rectangle(struct buf *b, double west, double south, double east, double north)
{
    const double corner[5][2] = {
        { west, south }, { east, south }, { east, north }, { west, north }, { west, south },
    };
    buf_puts(b, "{\"type\":\"Polygon\",\"coordinates\":[[");
    for (int i = 0; i < 5; i++) {
        buf_puts(b, i ? ",[" : "[");
        real_put_kql(b, corner[i][0]);
        buf_putc(b, ',');
        real_put_kql(b, corner[i][1]);
        buf_putc(b, ']');
    }
    buf_puts(b, "]]}");
}

/* ---- Geohashes ---- */

enum { GEOHASH_MAX = 18 };
static const char alphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";

/* Column and row of a cell among 2^across by 2^up ones; bits of a hash alternate, across first. */
struct geohash {
    uint64_t column, row;
    int across, up;
};

static bool geohash_read(struct str s, struct geohash *g)
{
    *g = (struct geohash){ 0 };
    if (s.n == 0 || s.n > GEOHASH_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
        if (!at)
            return false;
        for (int bit = 4; bit >= 0; bit--) {
            uint64_t one = (uint64_t)(at - alphabet) >> bit & 1;
            if (g->across == g->up)
                g->column = g->column << 1 | one, g->across++;
            else
                g->row = g->row << 1 | one, g->up++;
        }
    }
    return true;
}

static void geohash_put(struct buf *b, const struct geohash *g)
{
    int x = g->across, y = g->up;
    unsigned value = 0;
    for (int i = 0; i < g->across + g->up; i++) {
        uint64_t one = i % 2 ? g->row >> --y : g->column >> --x;
        value = value << 1 | (unsigned)(one & 1);
        if (i % 5 == 4) {
            buf_putc(b, alphabet[value]);
            value = 0;
        }
    }
}

static double west_of(const struct geohash *g, uint64_t column)
{
    return ldexp((double)column * 360, -g->across) - 180;
}

static double south_of(const struct geohash *g, uint64_t row)
{
    return ldexp((double)row * 180, -g->up) - 90;
}

static uint64_t cell_of(double v, double low, double width, int bits)
{
    double cells = ldexp(1, bits), at = floor((v - low) / width * cells);
    return (uint64_t)fmin(at, cells - 1);
}

static bool to_geohash(struct udf_call *c)
{
    struct place p;
    double longitude = c->arg[0].f, latitude = c->arg[1].f;
    int64_t length = c->arg[2].i;
    if (c->arg[0].null || c->arg[1].null || c->arg[2].null || !place_at(longitude, latitude, &p) ||
        length < 1 || length > GEOHASH_MAX)
        return false;
    int bits = (int)length * 5;
    struct geohash g = { .across = (bits + 1) / 2, .up = bits / 2 };
    g.column = cell_of(longitude, -180, 360, g.across);
    g.row = cell_of(latitude, -90, 180, g.up);
    geohash_put(&c->out, &g);
    return true;
}

static bool geohash_center(struct udf_call *c)
{
    struct geohash g;
    if (!geohash_read(c->arg[0].s, &g))
        return false;
    buf_puts(&c->out, "{\"type\":\"Point\",\"coordinates\":[");
    real_put_kql(&c->out, (west_of(&g, g.column) + west_of(&g, g.column + 1)) / 2);
    buf_putc(&c->out, ',');
    real_put_kql(&c->out, (south_of(&g, g.row) + south_of(&g, g.row + 1)) / 2);
    buf_puts(&c->out, "]}");
    return true;
}

static bool geohash_polygon(struct udf_call *c)
{
    struct geohash g;
    if (!geohash_read(c->arg[0].s, &g))
        return false;
    put_rectangle(&c->out, west_of(&g, g.column), south_of(&g, g.row), west_of(&g, g.column + 1),
                  south_of(&g, g.row + 1));
    return true;
}

static bool geohash_neighbors(struct udf_call *c)
{
    static const int step[8][2] = {
        { -1, 0 }, { -1, -1 }, { 0, -1 }, { 1, -1 }, { 1, 1 }, { 1, 0 }, { 0, 1 }, { -1, 1 },
    }; /* in the order of the engine's answers */
    struct geohash g;
    if (!geohash_read(c->arg[0].s, &g))
        return false;
    uint64_t columns = (uint64_t)1 << g.across, rows = (uint64_t)1 << g.up;
    bool first = true;
    buf_putc(&c->out, '[');
    for (int i = 0; i < 8; i++) {
        struct geohash n = g;
        n.column = (g.column + columns + (uint64_t)step[i][0]) % columns;
        n.row = g.row + (uint64_t)step[i][1];
        if (n.row >= rows)
            continue;
        buf_puts(&c->out, first ? "\"" : ",\"");
        geohash_put(&c->out, &n);
        buf_putc(&c->out, '"');
        first = false;
    }
    buf_putc(&c->out, ']');
    return true;
}

/* ---- S2 cells ---- */

enum { S2_LEVELS = 30 };
#define S2_SIZE ((int64_t)1 << S2_LEVELS)

/* A leaf's square of a face: u and v run from -1 to 1, i and j count leaves along them. */
struct leaf {
    int face;
    int64_t i, j;
};

/* Faces 0 to 5 look along x, y, z, -x, -y, -z; rows: which axis, with which sign, u and v run along. */
static const struct face {
    int axis, u, v; /* 1 x, 2 y, 3 z; negative: backwards */
} faces[6] = { { 1, 2, 3 }, { 2, -1, 3 }, { 3, -1, -2 }, { -1, -3, -2 }, { -2, -3, 1 }, { -3, 2, 1 } };

static double along(struct place p, int axis)
{
    double v = axis == 1 || axis == -1 ? p.x : axis == 2 || axis == -2 ? p.y : p.z;
    return axis < 0 ? -v : v;
}

static void set_along(struct place *p, int axis, double v)
{
    double *at = axis == 1 || axis == -1 ? &p->x : axis == 2 || axis == -2 ? &p->y : &p->z;
    *at = axis < 0 ? -v : v;
}

static int face_of(struct place p)
{
    double x = fabs(p.x), y = fabs(p.y), z = fabs(p.z);
    int axis = x > y ? (x > z ? 0 : 2) : y > z ? 1 : 2;
    return along(p, axis + 1) < 0 ? axis + 3 : axis;
}

static struct place on_face(int face, double u, double v)
{
    struct place p;
    set_along(&p, faces[face].axis, 1);
    set_along(&p, faces[face].u, u);
    set_along(&p, faces[face].v, v);
    return p;
}

/* The quadratic projection: cells of one level are of similar size. s and t run from 0 to 1. */
static double st_to_uv(double s)
{
    return s >= 0.5 ? (4 * s * s - 1) / 3 : (1 - 4 * (1 - s) * (1 - s)) / 3;
}

static double uv_to_st(double u)
{
    return u >= 0 ? 0.5 * sqrt(1 + 3 * u) : 1 - 0.5 * sqrt(1 - 3 * u);
}

static int64_t st_to_leaf(double s)
{
    return (int64_t)fmax(0, fmin((double)(S2_SIZE - 1), floor(s * (double)S2_SIZE)));
}

static struct leaf leaf_at(struct place p)
{
    int f = face_of(p);
    double w = along(p, faces[f].axis);
    return (struct leaf){ f, st_to_leaf(uv_to_st(along(p, faces[f].u) / w)),
                          st_to_leaf(uv_to_st(along(p, faces[f].v) / w)) };
}

/*
 * The curve: at each level a square is one of four by the next bits of i and j; which of the curve's four steps that is
 * depends on how the curve lies there: 1 axes swapped, 2 turned round.
 */
static const uint8_t step_of[4][4] = { { 0, 1, 3, 2 }, { 0, 3, 1, 2 }, { 2, 3, 1, 0 }, { 2, 1, 3, 0 } };
static const uint8_t bits_of[4][4] = { { 0, 1, 3, 2 }, { 0, 2, 3, 1 }, { 3, 2, 0, 1 }, { 3, 1, 0, 2 } };
static const uint8_t turn_by[4] = { 1, 0, 0, 3 };

static uint64_t lowest(uint64_t id)
{
    return id & (~id + 1);
}

static uint64_t ancestor(uint64_t id, int level)
{
    uint64_t low = (uint64_t)1 << 2 * (S2_LEVELS - level);
    return (id & (~low + 1)) | low;
}

static uint64_t leaf_id(struct leaf l)
{
    uint64_t path = 0;
    unsigned lies = (unsigned)l.face & 1;
    for (int k = S2_LEVELS - 1; k >= 0; k--) {
        unsigned bits = (unsigned)((l.i >> k & 1) << 1 | (l.j >> k & 1)), step = step_of[lies][bits];
        path = path << 2 | step;
        lies ^= turn_by[step];
    }
    return (uint64_t)l.face << 61 | path << 1 | 1;
}

uint64_t place_cell(struct place p)
{
    return leaf_id(leaf_at(p));
}

static int level_of(uint64_t id)
{
    int level = S2_LEVELS;
    for (uint64_t low = lowest(id); low > 1; low >>= 2)
        level--;
    return level;
}

/* The square of a cell: the leaf in its corner of low i and j, and how many leaves it is wide. */
static struct leaf cell_corner(uint64_t id, int64_t *size)
{
    struct leaf l = { .face = (int)(id >> 61) };
    unsigned lies = (unsigned)l.face & 1;
    int level = level_of(id);
    *size = (int64_t)1 << (S2_LEVELS - level);
    for (int k = 0; k < level; k++) {
        unsigned step = (unsigned)(id >> (59 - 2 * k) & 3), bits = bits_of[lies][step];
        l.i |= (int64_t)(bits >> 1) << (S2_LEVELS - 1 - k);
        l.j |= (int64_t)(bits & 1) << (S2_LEVELS - 1 - k);
        lies ^= turn_by[step];
    }
    return l;
}

/* Up to 16 hexadecimal digits, zeroes at the end left out. */
static bool token_read(struct str s, uint64_t *id)
{
    *id = 0;
    if (s.n == 0 || s.n > 16)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const char *digits = "0123456789abcdef", *at = s.p[i] ? strchr(digits, s.p[i] | 0x20) : NULL;
        if (!at)
            return false;
        *id |= (uint64_t)(at - digits) << (60 - 4 * i);
    }
    return *id >> 61 < 6 && (lowest(*id) & 0x1555555555555555u) != 0;
}

static void token_put(struct buf *b, uint64_t id)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)id);
    size_t n = 16;
    while (n > 1 && hex[n - 1] == '0')
        n--;
    buf_put(b, hex, n);
}

static bool to_s2(struct udf_call *c)
{
    struct place p;
    int64_t level = c->arg[2].i;
    if (c->arg[0].null || c->arg[1].null || c->arg[2].null || !place_at(c->arg[0].f, c->arg[1].f, &p) ||
        level < 0 || level > S2_LEVELS)
        return false;
    token_put(&c->out, ancestor(leaf_id(leaf_at(p)), (int)level));
    return true;
}

static struct place cell_place(struct leaf corner, int64_t size, double s, double t)
{
    double u = st_to_uv(((double)corner.i + s * (double)size) / (double)S2_SIZE);
    double v = st_to_uv(((double)corner.j + t * (double)size) / (double)S2_SIZE);
    return place_unit(on_face(corner.face, u, v));
}

static bool s2_center(struct udf_call *c)
{
    uint64_t id;
    int64_t size;
    if (!token_read(c->arg[0].s, &id))
        return false;
    struct leaf corner = cell_corner(id, &size);
    place_put_point(&c->out, cell_place(corner, size, 0.5, 0.5));
    return true;
}

static bool s2_polygon(struct udf_call *c)
{
    uint64_t id;
    int64_t size;
    if (!token_read(c->arg[0].s, &id))
        return false;
    struct leaf corner = cell_corner(id, &size);
    buf_puts(&c->out, "{\"type\":\"Polygon\",\"coordinates\":[[");
    for (int k = 0; k < 5; k++) {
        if (k)
            buf_putc(&c->out, ',');
        place_put(&c->out, cell_place(corner, size, k == 1 || k == 2, k == 2 || k == 3));
    }
    buf_puts(&c->out, "]]}");
    return true;
}

/* The leaf at i, j of a face, which may be just beyond its edge: then it is the one of the next face there. */
static struct leaf leaf_beyond(int face, int64_t i, int64_t j)
{
    if (i >= 0 && i < S2_SIZE && j >= 0 && j < S2_SIZE)
        return (struct leaf){ face, i, j };
    double limit = 1 + 0x1p-52, half = (double)S2_SIZE / 2;
    double u = ((double)(i < 0 ? -1 : i >= S2_SIZE ? S2_SIZE : i) + 0.5 - half) / half;
    double v = ((double)(j < 0 ? -1 : j >= S2_SIZE ? S2_SIZE : j) + 0.5 - half) / half;
    struct place p = on_face(face, fmax(-limit, fmin(limit, u)), fmax(-limit, fmin(limit, v)));
    int f = face_of(p);
    double w = along(p, faces[f].axis);
    /* Linear here, as the way out was: only which leaf of the edge matters. */
    return (struct leaf){ f, st_to_leaf(0.5 * (along(p, faces[f].u) / w + 1)),
                          st_to_leaf(0.5 * (along(p, faces[f].v) / w + 1)) };
}

static bool s2_neighbors(struct udf_call *c)
{
    static const int step[8][2] = {
        { 1, 1 }, { -1, -1 }, { 1, -1 }, { 0, -1 }, { 0, 1 }, { 1, 0 }, { -1, 0 }, { -1, 1 },
    }; /* in the order of the page's answers */
    uint64_t id, seen[8];
    int64_t size;
    size_t n = 0;
    if (!token_read(c->arg[0].s, &id))
        return false;
    struct leaf corner = cell_corner(id, &size);
    buf_putc(&c->out, '[');
    for (int k = 0; k < 8; k++) {
        struct leaf l = leaf_beyond(corner.face, corner.i + step[k][0] * size, corner.j + step[k][1] * size);
        uint64_t other = ancestor(leaf_id(l), level_of(id));
        bool known = other == id;
        for (size_t i = 0; i < n; i++)
            known = known || seen[i] == other;
        if (known)
            continue;
        seen[n++] = other;
        buf_puts(&c->out, n > 1 ? ",\"" : "\"");
        token_put(&c->out, other);
        buf_putc(&c->out, '"');
    }
    buf_putc(&c->out, ']');
    return true;
}

/* ---- S2 cells that cover a shape ---- */

enum { COVER_MAX = 65536 };

struct cover {
    const struct shape *shape;
    double radius; /* radians around it */
    int level;
    uint64_t *cells; /* those looked at: a hash table of `room` slots, 0 empty */
    size_t room, n;
    uint64_t *todo;
    size_t ntodo, cap;
    struct arena *arena;
};

static bool cover_seen(struct cover *c, uint64_t id)
{
    size_t at = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 40) % c->room;
    while (c->cells[at] && c->cells[at] != id)
        at = at + 1 < c->room ? at + 1 : 0;
    bool seen = c->cells[at] == id;
    c->cells[at] = id;
    c->n += !seen;
    return seen;
}

static bool covers(struct cover *c, uint64_t id)
{
    int64_t size;
    struct leaf corner = cell_corner(id, &size);
    struct place at[4];
    for (int k = 0; k < 4; k++)
        at[k] = cell_place(corner, size, k == 1 || k == 2, k >= 2);
    struct arena *a = arena_new(0, "a cell");
    const struct shape *cell = shape_of_ring(a, at, 4);
    bool meets = c->radius > 0 ? shapes_apart(c->shape, cell) <= c->radius : shapes_meet(c->shape, cell);
    arena_free(a);
    return meets;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* From the cells of its places over all neighbours that the shape meets. False: too many. */
static bool cover_grow(struct cover *c, uint64_t *found, size_t *nfound)
{
    for (size_t i = 0; i < c->shape->n; i++)
        for (size_t k = 0; k < c->shape->chain[i].n; k++) {
            uint64_t id = ancestor(leaf_id(leaf_at(c->shape->chain[i].at[k])), c->level);
            if (!cover_seen(c, id))
                *VEC_PUSH(c->arena, c->todo, c->ntodo, c->cap) = id;
        }
    while (c->ntodo) {
        uint64_t id = c->todo[--c->ntodo];
        int64_t size;
        struct leaf corner = cell_corner(id, &size);
        if (!covers(c, id))
            continue;
        if (*nfound == COVER_MAX || c->n > c->room / 2)
            return false;
        found[(*nfound)++] = id;
        for (int di = -1; di <= 1; di++)
            for (int dj = -1; dj <= 1; dj++) {
                struct leaf l = leaf_beyond(corner.face, corner.i + di * size, corner.j + dj * size);
                uint64_t other = ancestor(leaf_id(l), c->level);
                if (!cover_seen(c, other))
                    *VEC_PUSH(c->arena, c->todo, c->ntodo, c->cap) = other;
            }
    }
    return true;
}

static bool covering(struct udf_call *c)
{
    const struct shape *s = c->prep;
    int64_t level = c->arg[1].i;
    double radius = c->arg[2].f / EARTH_RADIUS;
    if (!s || level < 0 || level > S2_LEVELS || !(radius >= 0 && radius < SPHERE_PI / 2))
        return false;
    struct arena *a = arena_new(0, "cells");
    struct cover v = {
        .shape = s, .radius = radius, .level = (int)level, .room = 16 * COVER_MAX, .arena = a
    };
    v.cells = ARENA_ARRAY(a, v.room, uint64_t);
    uint64_t *found = ARENA_ARRAY(a, COVER_MAX, uint64_t);
    size_t n = 0;
    bool ok = cover_grow(&v, found, &n);
    if (ok) {
        qsort(found, n, sizeof *found, by_id);
        for (size_t i = 0; i < n; i++) {
            buf_puts(&c->out, i ? ",\"" : "[\"");
            token_put(&c->out, found[i]);
            buf_putc(&c->out, '"');
        }
        buf_putc(&c->out, ']');
    }
    arena_free(a);
    return ok;
}

static const struct udf_fn functions[] = {
    { .name = "kql_geohash", .body = to_geohash },
    { .name = "kql_geohash_center", .body = geohash_center },
    { .name = "kql_geohash_polygon", .body = geohash_polygon },
    { .name = "kql_geohash_neighbors", .body = geohash_neighbors },
    { .name = "kql_s2", .body = to_s2 },
    { .name = "kql_s2_center", .body = s2_center },
    { .name = "kql_s2_polygon", .body = s2_polygon },
    { .name = "kql_s2_neighbors", .body = s2_neighbors },
    { .name = "kql_s2_line", .body = covering, .prepare = shape_prepare_line },
    { .name = "kql_s2_shape", .body = covering, .prepare = shape_prepare_polygon },
};

const struct udf_set udf_geocell_set = { functions, sizeof functions / sizeof *functions };
