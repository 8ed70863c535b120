/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing byte buffers. Invariant: p is NULL or p[n] is NUL, and n <= max where there is a maximum.
 */
#include "hb/buf.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->too_big = false;
    if (b->p)
        b->p[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
    if (more < b->cap - b->n && b->p)
        return;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n <= more) {
        if (cap > SIZE_MAX / 2) {
            fprintf(stderr, "huntbook: out of memory: a text of %zu bytes\n", b->n);
            exit(1);
        }
        cap *= 2;
    }
    char *p = realloc(b->p, cap);
    if (!p) {
        fprintf(stderr, "huntbook: out of memory: a text of %zu bytes\n", cap);
        exit(1);
    }
    b->p = p;
    b->cap = cap;
    b->p[b->n] = '\0';
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || b->too_big)
        return;
    if (b->max && n > b->max - b->n) {
        b->too_big = true;
        return;
    }
    buf_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_putc(struct buf *b, char c)
{
    if (b->max || b->cap - b->n < 2) { /* the general way: grows, minds the maximum */
        buf_put(b, &c, 1);
        return;
    }
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}

void buf_puts(struct buf *b, const char *z)
{
    buf_put(b, z, strlen(z));
}

void buf_str(struct buf *b, struct str s)
{
    buf_put(b, s.p, s.n);
}

void buf_pad(struct buf *b, char c, size_t n)
{
    while (n--)
        buf_putc(b, c);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    char small[256];
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    assert(n >= 0);
    if ((size_t)n < sizeof small) {
        buf_put(b, small, (size_t)n);
    } else if (!b->too_big && (!b->max || (size_t)n <= b->max - b->n)) {
        buf_reserve(b, (size_t)n);
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    } else {
        b->too_big = true;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_put(b, digits + i, sizeof digits - i);
}

void buf_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_putc(b, '-');
    buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_f64(struct buf *b, double v)
{
    if (isnan(v)) {
        buf_puts(b, "nan");
    } else if (isinf(v)) {
        buf_puts(b, v < 0 ? "-inf" : "inf");
    } else {
        char text[32];
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, v);
            if (strtod(text, NULL) == v)
                break;
        }
        buf_puts(b, text);
    }
}

void buf_real(struct buf *b, double v)
{
    size_t from = b->n;
    buf_f64(b, v);
    for (size_t i = from; i < b->n; i++)
        if (b->p[i] == '.' || b->p[i] == 'e')
            return;
    buf_puts(b, ".0");
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = p;
    for (size_t i = 0; i < n; i++) {
        buf_putc(b, digits[bytes[i] >> 4]);
        buf_putc(b, digits[bytes[i] & 15]);
    }
}

void buf_base64(struct buf *b, const void *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = p;
    buf_reserve(b, n / 3 * 4 + 4);
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (k < left ? bytes[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            buf_putc(b, k <= left ? digits[v >> (18 - 6 * k) & 63] : '=');
    }
}

const char *buf_z(const struct buf *b)
{
    return b->p ? b->p : "";
}

struct str buf_view(const struct buf *b)
{
    return (struct str){ buf_z(b), b->n };
}

struct str buf_to_arena(const struct buf *b, struct arena *a)
{
    return arena_str(a, buf_view(b));
}
