/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash map from strings to pointers, in an arena. Iteration is in order of insertion, so results never
 * depend on hash order. Keys are kept as views: their bytes must live as long as the map.
 */
#ifndef HB_MAP_H
#define HB_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/str.h"

struct map_entry {
    struct str key;
    uint64_t hash;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entries; /* n of them, in order of insertion */
    size_t n, cap;
    uint32_t *slots; /* index + 1 into entries, 0 = free */
    size_t nslots;
};

void map_init(struct map *m, struct arena *a);
void *map_get(const struct map *m, struct str key); /* NULL when absent */
/* Sets key to value (not NULL); returns the earlier value or NULL. */
void *map_set(struct map *m, struct str key, void *value);

#endif
