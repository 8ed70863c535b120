/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The intersection and the union of two polygons on the sphere.
 *
 * Edges are cut where they cross, the parts on the right side of the other polygon are kept and joined to rings again. Polygons may
 * share corners and edges or parts of them; what is nearer than a micrometre is the same. The rings come out as the engine
 * of Kusto gives them: outer ones counterclockwise, the part of the last edge of the input at the end.
 */
#ifndef HB_ENGINE_OVERLAY_H
#define HB_ENGINE_OVERLAY_H

#include "sphere.h"

enum overlay_kind { OVERLAY_SHARED, OVERLAY_UNION };

/* Where two edges that cross do. */
struct place edges_crossing(struct place a, struct place b, struct place c, struct place d);
/* Outer rings counterclockwise, holes clockwise: the inside is on the left. */
struct shape *shape_oriented(struct arena *a, const struct shape *s);
/* Polygons in the arena; without rings where nothing is left. */
struct shape *overlay(struct arena *a, const struct shape *x, const struct shape *y, enum overlay_kind kind);
/* The union of n polygons, at least one; the list is used up. */
const struct shape *overlay_union(struct arena *a, const struct shape **list, size_t n);
/*
 * A polygon as what it covers: those of a MultiPolygon that overlap or have borders in common are united. NULL: not valid, or one of more
 * than 4,000 places whose polygons overlap.
 */
const struct shape *shape_area(struct arena *a, struct str json);
void *shape_prepare_area(struct arena *a, struct str json); /* as udf.h wants it */

#endif
