/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All places within a distance of a place, a line or a polygon, as polygons.
 *
 * Arcs are chains of edges whose corners are at the distance and whose middles are nearer by the tolerance at most; they begin
 * where the engine of Kusto begins them (measured on its answers): on the right of an edge that ends, counterclockwise.
 */
#ifndef HB_ENGINE_BUFFER_H
#define HB_ENGINE_BUFFER_H

#include "sphere.h"

/* Radians; the tolerance below the radius. */
struct shape *buffer_place(struct arena *a, struct place p, double radius, double tolerance);
/* NULL: of more than BUFFER_EDGES edges, or nothing that holds the shape comes out. */
enum { BUFFER_EDGES = 2000 };
struct shape *buffer_shape(struct arena *a, const struct shape *s, double radius, double tolerance);

#endif
