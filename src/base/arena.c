/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: a list of blocks, newest first; an allocation bumps a pointer in the newest or opens a new one.
 * Invariant: bytes handed out are zero, aligned to 16, and never move.
 */
#include "hb/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/vec.h"

enum { BLOCK_MIN = 16 * 1024, BLOCK_MAX = 1024 * 1024, ALIGN = 16 };

struct block {
    struct block *next;
    size_t used, size;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *top;
    const char *what;
    size_t cap, used;
    size_t next_size;
};

static _Noreturn void out_of_memory(const char *what, size_t size, size_t cap)
{
    if (cap)
        fprintf(stderr, "huntbook: out of memory: %s needs more than its limit of %zu bytes\n", what, cap);
    else
        fprintf(stderr, "huntbook: out of memory: %s asked for %zu more bytes\n", what, size);
    exit(1);
}

static struct block *block_new(const struct arena *a, size_t size)
{
    struct block *b = size > SIZE_MAX - sizeof *b ? NULL : calloc(1, sizeof *b + size);
    if (!b)
        out_of_memory(a->what, size, 0);
    b->size = size;
    return b;
}

struct arena *arena_new(size_t cap, const char *what)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        out_of_memory(what, sizeof *a, 0);
    a->what = what;
    a->cap = cap;
    a->next_size = BLOCK_MIN;
    return a;
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    free_blocks(a->top);
    free(a);
}

void arena_reset(struct arena *a)
{
    struct block *first = a->top;
    a->used = 0;
    if (!first)
        return;
    free_blocks(first->next);
    first->next = NULL;
    memset(first->bytes, 0, first->used);
    first->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory(a->what, size, a->cap);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (size == 0)
        size = ALIGN;
    if (a->cap && a->used + size > a->cap)
        out_of_memory(a->what, size, a->cap);
    struct block *b = a->top;
    if (!b || b->size - b->used < size) {
        size_t want = size > a->next_size ? size : a->next_size;
        struct block *fresh = block_new(a, want);
        /* A block made for one large piece goes below the top, so that the top's free space is not lost. */
        if (b && size > a->next_size / 2 && want == size) {
            fresh->next = b->next;
            b->next = fresh;
        } else {
            fresh->next = b;
            a->top = fresh;
            if (a->next_size < BLOCK_MAX)
                a->next_size *= 2;
        }
        b = fresh;
    }
    void *p = b->bytes + b->used;
    b->used += size;
    a->used += size;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / 2 / size)
        out_of_memory(a->what, SIZE_MAX, a->cap);
    return arena_alloc(a, n * size);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){ p, s.n };
}

struct str arena_lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = char_lower(s.p[i]);
    return (struct str){ p, s.n };
}

char *arena_strdup(struct arena *a, const char *z)
{
    return (char *)arena_str(a, str_z(z)).p;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    assert(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

struct str arena_strf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return str_z(p);
}

void *vec_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t elem_size)
{
    if (n < *cap)
        return items;
    size_t bigger = *cap ? *cap * 2 : 8;
    void *p = arena_array(a, bigger, elem_size);
    if (n)
        memcpy(p, items, n * elem_size);
    *cap = bigger;
    return p;
}
