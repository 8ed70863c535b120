/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points, lines and polygons on the Earth as a sphere, read from GeoJSON (RFC 7946).
 *
 * A place is a unit vector; edges are the shorter geodesic between two places. Engines of Kusto measure with a radius of
 * 6,371,010 m (measured on their answers). A shape is valid or there is none: every reader returns NULL for what KQL calls
 * invalid. Shapes live in the arena that they were read into; angles are radians, EARTH_RADIUS makes metres of them.
 */
#ifndef HB_ENGINE_SPHERE_H
#define HB_ENGINE_SPHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/str.h"

#define EARTH_RADIUS 6371010.0 /* metres */
#define SPHERE_PI    3.14159265358979323846

struct place {
    double x, y, z;
};

/* Degrees. False: longitude beyond +-180 or latitude beyond +-90, or no number. */
bool place_at(double longitude, double latitude, struct place *out);
void place_degrees(struct place p, double *longitude, double *latitude);
void place_put(struct buf *b, struct place p);       /* [longitude,latitude] */
void place_put_point(struct buf *b, struct place p); /* a GeoJSON point */

bool place_eq(struct place a, struct place b);
double place_dot(struct place a, struct place b);
struct place place_cross(struct place a, struct place b);
struct place place_scaled(struct place a, double by);
struct place place_sum(struct place a, struct place b);
double place_norm(struct place a);
struct place place_unit(struct place a);
/* The S2 cell of the last level that it lies in (udf_geocell.c). */
uint64_t place_cell(struct place p);
/* Twice the normal of the plane of a and b: (a + b) x (b - a), which keeps its digits where both are near each other. */
struct place place_normal(struct place a, struct place b);
double place_angle(struct place a, struct place b); /* radians, 0 to pi */
/* Radians clockwise from north at a to b, -pi to pi; false where it is not defined: equal or antipodal places. */
bool place_azimuth(struct place a, struct place b, double *out);

/* The place of edge a, b nearest to p. */
struct place edge_nearest(struct place a, struct place b, struct place p);

/* Do the insides of both edges cross? Places they share do not count. */
bool edges_cross(struct place a, struct place b, struct place c, struct place d);
/* The same, or does an end of one lie on the other edge? */
bool edges_touch(struct place a, struct place b, struct place c, struct place d);

/* Several chains of places: lines, or the rings of polygons. */
struct chain {
    struct place *at;
    size_t n;    /* a ring is not closed here: its last place is not the first again */
    bool opens;  /* rings: the outer one of a polygon; those behind it are its holes */
    double area; /* rings: steradians, of the smaller side */
    double turn; /* rings: 1 counterclockwise, -1 clockwise, as seen from that side */
};
struct shape {
    struct chain *chain;
    size_t n;
    bool polygon;
    bool one; /* neither MultiLineString nor MultiPolygon */
};

/* LineString and MultiLineString: two places at least, no edge of 180 degrees. */
struct shape *shape_line(struct arena *a, struct str json);
/*
 * Polygon and MultiPolygon: closed rings of three different places at least, whose edges do not cross. Rings of one polygon of
 * more than 4,000 places in all are not searched for crossings.
 */
struct shape *shape_polygon(struct arena *a, struct str json);

/* The two as udf.h wants them. */
void *shape_prepare_line(struct arena *a, struct str json);
void *shape_prepare_polygon(struct arena *a, struct str json);

/* A polygon of one ring, which its caller knows to be simple and smaller than half the sphere. */
struct shape *shape_of_ring(struct arena *a, const struct place *at, size_t n);
/* What comes behind place i of a ring. */
struct place ring_next(const struct chain *c, size_t i);

bool shape_holds(const struct shape *s, struct place p); /* polygons */
/* The nearest place of its edges; the angle to it in radians. */
struct place shape_nearest(const struct shape *s, struct place p, double *angle);
/* Do two shapes share a place? */
bool shapes_meet(const struct shape *a, const struct shape *b);
/* Radians between the nearest places of both, 0 where they meet. */
double shapes_apart(const struct shape *a, const struct shape *b);
/* Does a polygon of a MultiPolygon overlap another one of it? */
bool shape_overlaps(const struct shape *s);

#endif
