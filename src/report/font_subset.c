/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Smaller TrueType fonts: chosen glyphs under new, dense numbers.
 *
 * Composed glyphs name their parts by glyph number, so parts are appended to the list of glyphs until nothing new turns
 * up (parts of parts too), and the numbers inside the copied outlines are rewritten. Written are the tables a PDF's
 * CIDFontType2 needs and no other.
 */
#include "font.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SUBSET_MAX = 65535, NOT_THERE = 0 };

/* Flags of a part of a composed glyph. */
enum { WORDS = 1 << 0, SCALE = 1 << 3, MORE = 1 << 5, XY_SCALE = 1 << 6, MATRIX = 1 << 7 };

struct subset {
    const struct font_file *font;
    uint16_t *glyphs; /* new number -> old */
    uint16_t *number; /* old -> new, 0 when not there */
    size_t n;
    struct buf glyf, loca;
};

static void put16(struct buf *b, unsigned v)
{
    char bytes[2] = { (char)(v >> 8), (char)v };
    buf_put(b, bytes, 2);
}

static void put32(struct buf *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b, v & 0xFFFF);
}

static void set16(char *p, unsigned v)
{
    p[0] = (char)(v >> 8);
    p[1] = (char)v;
}

static void set32(char *p, uint32_t v)
{
    set16(p, v >> 16);
    set16(p + 2, v & 0xFFFF);
}

static uint16_t number_of(struct subset *s, uint16_t glyph)
{
    if (glyph >= s->font->nglyphs)
        return 0;
    if (s->number[glyph] == NOT_THERE && glyph != 0 && s->n < SUBSET_MAX) {
        s->number[glyph] = (uint16_t)s->n;
        s->glyphs[s->n++] = glyph;
    }
    return s->number[glyph];
}

/* Rewrites the part numbers in a copied outline; a list that runs over the end is cut at the last whole part. */
static void renumber_parts(struct subset *s, char *p, size_t n)
{
    struct str outline = { p, n };
    if (font_i16(outline, 0) >= 0)
        return;
    size_t at = 10;
    for (;;) {
        unsigned flags = font_u16(outline, at);
        size_t size = 4 + (flags & WORDS ? 4U : 2U);
        size += flags & SCALE ? 2U : flags & XY_SCALE ? 4U : flags & MATRIX ? 8U : 0U;
        if (at > n || size > n - at) {
            set16(p, 0); /* no contours: a blank */
            return;
        }
        set16(p + at + 2, number_of(s, font_u16(outline, at + 2)));
        if (!(flags & MORE))
            return;
        at += size;
    }
}

/* All outlines; the list of glyphs grows while it is walked. */
static void copy_outlines(struct subset *s)
{
    for (size_t i = 0; i < s->n; i++) {
        put32(&s->loca, (uint32_t)s->glyf.n);
        struct str outline = font_file_outline(s->font, s->glyphs[i]);
        size_t at = s->glyf.n;
        buf_str(&s->glyf, outline);
        if (outline.n)
            renumber_parts(s, s->glyf.p + at, outline.n);
        buf_pad(&s->glyf, 0, (4 - s->glyf.n % 4) % 4);
    }
    put32(&s->loca, (uint32_t)s->glyf.n);
}

static void put_hmtx(struct buf *b, const struct subset *s)
{
    const struct font_file *f = s->font;
    for (size_t i = 0; i < s->n; i++) {
        size_t g = s->glyphs[i];
        bool own = g < f->nadvances;
        put16(b, font_u16(f->hmtx, 4 * (own ? g : f->nadvances - 1U)));
        put16(b, font_u16(f->hmtx, own ? 4 * g + 2 : 4 * (size_t)f->nadvances + 2 * (g - f->nadvances)));
    }
}

static uint32_t checksum(struct str s)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < s.n; i += 4) {
        unsigned char word[4] = { 0 };
        memcpy(word, s.p + i, s.n - i < 4 ? s.n - i : 4);
        sum += (uint32_t)word[0] << 24 | (uint32_t)word[1] << 16 | (uint32_t)word[2] << 8 | word[3];
    }
    return sum;
}

struct out_table {
    const char *tag;
    struct str bytes;
};

/* The file: header, directory, tables on multiples of four, and the sum over all of it in head. */
static void put_file(struct buf *out, const struct out_table *tables, size_t n)
{
    size_t start = out->n, at = 12 + 16 * n, head = 0, log2 = 0;
    while (((size_t)2 << log2) <= n)
        log2++;
    put32(out, 0x00010000);
    put16(out, (unsigned)n);
    put16(out, 16U << log2);
    put16(out, (unsigned)log2);
    put16(out, (unsigned)(16 * n - (16U << log2)));
    for (size_t i = 0; i < n; i++) {
        buf_put(out, tables[i].tag, 4);
        put32(out, checksum(tables[i].bytes));
        put32(out, (uint32_t)at);
        put32(out, (uint32_t)tables[i].bytes.n);
        if (memcmp(tables[i].tag, "head", 4) == 0)
            head = at;
        at += (tables[i].bytes.n + 3) / 4 * 4;
    }
    for (size_t i = 0; i < n; i++) {
        buf_str(out, tables[i].bytes);
        buf_pad(out, 0, (4 - (out->n - start) % 4) % 4);
    }
    struct str whole = { out->p + start, out->n - start };
    set32(out->p + start + head + 8, 0xB1B0AFBAU - checksum(whole));
}

static void put_font(struct buf *out, struct subset *s)
{
    const struct font_file *f = s->font;
    struct buf head = BUF_INIT, hhea = BUF_INIT, maxp = BUF_INIT, hmtx = BUF_INIT;
    buf_put(&head, f->head.p, 54);
    set32(head.p + 8, 0);
    set16(head.p + 50, 1); /* long offsets in loca */
    buf_put(&hhea, f->hhea.p, 36);
    set16(hhea.p + 34, (unsigned)s->n);
    buf_put(&maxp, f->maxp.p, 32);
    set16(maxp.p + 4, (unsigned)s->n);
    put_hmtx(&hmtx, s);
    const struct out_table all[] = {
        { "cvt ", f->cvt },
        { "fpgm", f->fpgm },
        { "glyf", buf_view(&s->glyf) },
        { "head", buf_view(&head) },
        { "hhea", buf_view(&hhea) },
        { "hmtx", buf_view(&hmtx) },
        { "loca", buf_view(&s->loca) },
        { "maxp", buf_view(&maxp) },
        { "prep", f->prep },
    };
    struct out_table some[sizeof all / sizeof *all];
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].bytes.n)
            some[n++] = all[i];
    put_file(out, some, n);
    buf_free(&head);
    buf_free(&hhea);
    buf_free(&maxp);
    buf_free(&hmtx);
}

size_t font_subset(struct buf *out, const struct font_file *f, const uint16_t *glyphs, size_t n)
{
    assert(n > 0 && n <= SUBSET_MAX && glyphs[0] == 0);
    struct arena *a = arena_new(0, "font subset");
    struct subset s = { .font = f, .glyphs = ARENA_ARRAY(a, SUBSET_MAX, uint16_t), .n = n };
    s.number = ARENA_ARRAY(a, f->nglyphs, uint16_t);
    for (size_t i = 0; i < n; i++) {
        s.glyphs[i] = glyphs[i] < f->nglyphs ? glyphs[i] : 0;
        if (s.number[s.glyphs[i]] == NOT_THERE && s.glyphs[i] != 0)
            s.number[s.glyphs[i]] = (uint16_t)i;
    }
    copy_outlines(&s);
    /* A font without any outline at all is refused by readers; keep one byte so that the table exists. */
    if (s.glyf.n == 0)
        buf_putc(&s.glyf, 0);
    put_font(out, &s);
    size_t written = s.n;
    buf_free(&s.glyf);
    buf_free(&s.loca);
    arena_free(a);
    return written;
}
