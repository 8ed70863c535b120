/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory with one lifetime, given back all at once.
 *
 * One arena per lifetime (process, playbook, compile, cell). What hangs off an arena has no free function. An
 * allocation cannot fail for its caller: when the system or the arena's cap refuses, the program prints what
 * was being built and ends with exit code 1. Pointers stay valid until arena_free or arena_reset.
 */
#ifndef HB_ARENA_H
#define HB_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "hb/str.h"

struct arena;

/* A new arena. `cap` is the most bytes it may hold (0: no cap); `what` names it in the out-of-memory message
 * (kept). */
struct arena *arena_new(size_t cap, const char *what);
void arena_free(struct arena *a); /* NULL is allowed */
/* Forget everything allocated; keep the first block. */
void arena_reset(struct arena *a);
size_t arena_used(const struct arena *a);

/* `size` zeroed bytes, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* n * size zeroed bytes; an overflow of the product counts as out of memory. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* Copies, always followed by a NUL byte (not counted in .n). */
char *arena_strdup(struct arena *a, const char *z);
struct str arena_str(struct arena *a, struct str s);
struct str arena_lower(struct arena *a, struct str s); /* A to Z in small letters, whatever the locale */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
struct str arena_strf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
