/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text under construction: a growing byte buffer with a sticky failure and a stated maximum.
 *
 * Append freely and check `too_big` once at the end: once the maximum is passed nothing more is added. The
 * bytes are always followed by a NUL (not counted). Owned by the caller: buf_free when done, or buf_steal to
 * take the bytes. Out of memory ends the program, as in arenas.
 */
#ifndef HB_BUF_H
#define HB_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/str.h"

struct buf {
    char *p;    /* NULL until the first append */
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* 0: no maximum */
    bool too_big;
};

#define BUF_INIT                                                                                             \
    {                                                                                                        \
        0                                                                                                    \
    }

void buf_free(struct buf *b);
void buf_clear(struct buf *b);                /* n = 0, memory kept */
void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes behind n */
void buf_put(struct buf *b, const void *p, size_t n);
void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *z);
void buf_str(struct buf *b, struct str s);
void buf_pad(struct buf *b, char c, size_t n); /* n times c */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_i64(struct buf *b, int64_t v);
void buf_u64(struct buf *b, uint64_t v);
/* Shortest decimal text that reads back to the same double: 1, 0.1, 1e+20, nan, inf, -inf. */
void buf_f64(struct buf *b, double v);
void buf_real(struct buf *b, double v); /* the same of a finite number, never without . or e: 5.0 */
void buf_hex(struct buf *b, const void *p, size_t n);    /* lower case */
void buf_base64(struct buf *b, const void *p, size_t n); /* RFC 4648, section 4: padded, in one line */
const char *buf_z(const struct buf *b);                  /* NUL-terminated, "" when empty */
struct str buf_view(const struct buf *b);                /* valid until the next append */
struct str buf_to_arena(const struct buf *b, struct arena *a);

#endif
