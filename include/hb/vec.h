/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing arrays inside an arena: a pointer, a count and a capacity in the owner's struct.
 *
 *     struct { struct item *items; size_t nitems, cap; } v = {0};
 *     *VEC_PUSH(arena, v.items, v.nitems, v.cap) = (struct item){...};
 *
 * Growing copies to a new place: pointers into the array die, indexes live. Old places are given back with
 * the arena.
 */
#ifndef HB_VEC_H
#define HB_VEC_H

#include <stddef.h>

#include "hb/arena.h"

/* Makes room for one more element; returns the (perhaps moved) array and updates *cap. */
void *vec_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t elem_size);

/* Address of a new last element, zeroed; count and capacity are updated. */
#define VEC_PUSH(a, items, n, cap)                                                                           \
    ((items) = vec_grow((a), (items), (n), &(cap), sizeof *(items)), &(items)[(n)++])

#endif
