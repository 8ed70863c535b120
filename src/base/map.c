/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing over an array of entries in order of insertion. Invariant: at most half the slots are
 * taken.
 */
#include "hb/map.h"

#include <string.h>

#include "hb/vec.h"

void map_init(struct map *m, struct arena *a)
{
    *m = (struct map){ .arena = a };
}

static uint32_t *find_slot(const struct map *m, struct str key, uint64_t hash)
{
    size_t i = hash & (m->nslots - 1);
    while (m->slots[i]) {
        const struct map_entry *e = &m->entries[m->slots[i] - 1];
        if (e->hash == hash && str_eq(e->key, key))
            break;
        i = (i + 1) & (m->nslots - 1);
    }
    return &m->slots[i];
}

void *map_get(const struct map *m, struct str key)
{
    if (m->nslots == 0)
        return NULL;
    uint32_t slot = *find_slot(m, key, str_hash(key));
    return slot ? m->entries[slot - 1].value : NULL;
}

static void rehash(struct map *m)
{
    m->nslots = m->nslots ? m->nslots * 2 : 16;
    m->slots = ARENA_ARRAY(m->arena, m->nslots, uint32_t);
    for (size_t i = 0; i < m->n; i++)
        *find_slot(m, m->entries[i].key, m->entries[i].hash) = (uint32_t)i + 1;
}

void *map_set(struct map *m, struct str key, void *value)
{
    if ((m->n + 1) * 2 > m->nslots)
        rehash(m);
    uint64_t hash = str_hash(key);
    uint32_t *slot = find_slot(m, key, hash);
    if (*slot) {
        void *old = m->entries[*slot - 1].value;
        m->entries[*slot - 1].value = value;
        return old;
    }
    *VEC_PUSH(m->arena, m->entries, m->n, m->cap) = (struct map_entry){ key, hash, value };
    *slot = (uint32_t)m->n;
    return NULL;
}
