/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TrueType files: tables, character map, advances and outlines.
 *
 * All reads go through font_u16 and its kin, which answer zero beyond the end of the view they are given; offsets and
 * counts are therefore checked where they are turned into views and nowhere else. To read another table: find it in
 * parse_tables, keep it as a view.
 */
#include "font.h"

#include <assert.h>
#include <string.h>

#include "hb/fs.h"

enum { FONT_FILE_MAX = 64 << 20 };

uint16_t font_u16(struct str s, size_t at)
{
    if (at > s.n || s.n - at < 2)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p + at;
    return (uint16_t)(p[0] << 8 | p[1]);
}

int16_t font_i16(struct str s, size_t at)
{
    return (int16_t)font_u16(s, at);
}

uint32_t font_u32(struct str s, size_t at)
{
    if (at > s.n || s.n - at < 4)
        return 0;
    return (uint32_t)font_u16(s, at) << 16 | font_u16(s, at + 2);
}

/* Bytes [off, off + n) of s; the empty view when they are not all there. */
static struct str slice(struct str s, size_t off, size_t n)
{
    if (off > s.n || n > s.n - off)
        return (struct str){ s.p, 0 };
    return (struct str){ s.p + off, n };
}

static struct str rest(struct str s, size_t off)
{
    return off > s.n ? (struct str){ s.p, 0 } : slice(s, off, s.n - off);
}

/* Table `tag` of the face whose table directory starts at `dir`. */
static struct str find_table(struct str bytes, size_t dir, const char *tag)
{
    size_t n = font_u16(bytes, dir + 4);
    for (size_t i = 0; i < n; i++) {
        struct str row = slice(bytes, dir + 12 + 16 * i, 16);
        if (row.n == 16 && memcmp(row.p, tag, 4) == 0)
            return slice(bytes, font_u32(row, 8), font_u32(row, 12));
    }
    return (struct str){ bytes.p, 0 };
}

/* Start of the table directory of face `index`; false when the bytes are no TrueType font with such a face. */
static bool find_directory(struct str bytes, unsigned index, size_t *dir)
{
    *dir = 0;
    if (font_u32(bytes, 0) == 0x74746366) { /* ttcf */
        if (index >= font_u32(bytes, 8))
            return false;
        *dir = font_u32(bytes, 12 + 4 * (size_t)index);
    } else if (index != 0)
        return false;
    uint32_t kind = font_u32(bytes, *dir);
    return kind == 0x00010000 || kind == 0x74727565; /* not OTTO: no outlines we can cut */
}

/* Keeps the Unicode sub-tables of formats 4 and 12. */
static void parse_cmap(struct font_file *f, struct str cmap)
{
    f->cmap4 = f->cmap12 = (struct str){ cmap.p, 0 };
    size_t n = font_u16(cmap, 2);
    for (size_t i = 0; i < n && 4 + 8 * i < cmap.n; i++) {
        unsigned platform = font_u16(cmap, 4 + 8 * i), encoding = font_u16(cmap, 6 + 8 * i);
        struct str sub = rest(cmap, font_u32(cmap, 8 + 8 * i));
        bool unicode = platform == 0 || (platform == 3 && (encoding == 1 || encoding == 10));
        if (!unicode)
            continue;
        if (font_u16(sub, 0) == 4)
            f->cmap4 = sub;
        else if (font_u16(sub, 0) == 12)
            f->cmap12 = slice(sub, 0, font_u32(sub, 4));
    }
}

/* Copies name record `id` as printable ASCII (only letters, digits and dashes when `strict`). */
static void parse_name(char *out, size_t size, struct str name, unsigned id, bool strict)
{
    size_t n = font_u16(name, 2), used = 0;
    struct str texts = rest(name, font_u16(name, 4));
    for (size_t i = 0; i < n && used == 0 && 6 + 12 * i < name.n; i++) {
        size_t row = 6 + 12 * i;
        if (font_u16(name, row + 6) != id)
            continue;
        bool wide = font_u16(name, row) != 1;
        struct str text = slice(texts, font_u16(name, row + 10), font_u16(name, row + 8));
        for (size_t k = wide ? 1 : 0; k < text.n && used + 1 < size; k += wide ? 2 : 1) {
            char c = text.p[k];
            bool plain = char_is_alnum(c) || c == '-';
            bool shown = c >= ' ' && c < 127;
            if ((!wide || text.p[k - 1] == 0) && (strict ? plain : shown))
                out[used++] = c;
        }
    }
    out[used] = 0;
}

static int32_t per_mille(const struct font_file *f, int32_t units)
{
    int32_t em = f->units_per_em;
    int32_t scaled = units * 1000;
    return scaled >= 0 ? (scaled + em / 2) / em : -((-scaled + em / 2) / em);
}

static void parse_metrics(struct font_file *f, struct str os2, struct str post)
{
    f->ascent = per_mille(f, font_i16(f->hhea, 4));
    f->descent = per_mille(f, font_i16(f->hhea, 6));
    for (size_t i = 0; i < 4; i++)
        f->bbox[i] = per_mille(f, font_i16(f->head, 36 + 2 * i));
    f->weight = font_u16(os2, 4) ? font_u16(os2, 4) : 400;
    f->cap_height = font_u16(os2, 0) >= 2 ? per_mille(f, font_i16(os2, 88)) : 0;
    if (f->cap_height <= 0)
        f->cap_height = f->ascent * 7 / 10;
    f->italic_angle = font_i16(post, 4);
    f->fixed_pitch = font_u32(post, 12) != 0;
}

static bool parse_tables(struct font_file *f, size_t dir)
{
    f->head = find_table(f->bytes, dir, "head");
    f->hhea = find_table(f->bytes, dir, "hhea");
    f->hmtx = find_table(f->bytes, dir, "hmtx");
    f->maxp = find_table(f->bytes, dir, "maxp");
    f->loca = find_table(f->bytes, dir, "loca");
    f->glyf = find_table(f->bytes, dir, "glyf");
    parse_cmap(f, find_table(f->bytes, dir, "cmap"));
    if (f->head.n < 54 || f->hhea.n < 36 || f->maxp.n < 32 || f->glyf.n == 0)
        return false;
    f->units_per_em = font_u16(f->head, 18);
    f->long_loca = font_u16(f->head, 50) != 0;
    f->nglyphs = font_u16(f->maxp, 4);
    f->nadvances = font_u16(f->hhea, 34);
    if (f->units_per_em < 16 || f->units_per_em > 16384 || f->nglyphs == 0 || f->nadvances == 0)
        return false;
    return f->hmtx.n >= 4 * (size_t)f->nadvances &&
           f->loca.n >= (f->long_loca ? 4U : 2U) * ((size_t)f->nglyphs + 1);
}

bool font_file_parse(struct font_file *out, struct str bytes, unsigned index, struct err *err)
{
    *out = (struct font_file){ .bytes = bytes, .index = index };
    size_t dir;
    if (!find_directory(bytes, index, &dir))
        return err_set(err, ERR_RUN, "not a TrueType font");
    if (!parse_tables(out, dir))
        return err_set(err, ERR_RUN, "damaged TrueType font");
    parse_metrics(out, find_table(bytes, dir, "OS/2"), find_table(bytes, dir, "post"));
    struct str name = find_table(bytes, dir, "name");
    parse_name(out->ps_name, sizeof out->ps_name, name, 6, true);
    parse_name(out->version, sizeof out->version, name, 5, false);
    if (out->ps_name[0] == 0)
        strcpy(out->ps_name, "Font");
    return true;
}

bool font_file_open(struct font_file *out, struct arena *a, const char *path, unsigned index, struct err *err)
{
    struct str bytes;
    if (!fs_read(a, path, FONT_FILE_MAX, &bytes, err))
        return false;
    return font_file_parse(out, bytes, index, err) || err_wrap(err, "font '%s'", path);
}

/* Format 12: sorted groups of 12 bytes (first, last, glyph of first). */
static uint32_t lookup12(struct str t, uint32_t cp)
{
    size_t lo = 0, hi = font_u32(t, 12), room = t.n < 16 ? 0 : (t.n - 16) / 12;
    if (hi > room)
        hi = room;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2, at = 16 + 12 * mid;
        if (cp > font_u32(t, at + 4))
            lo = mid + 1;
        else if (cp < font_u32(t, at))
            hi = mid;
        else
            return font_u32(t, at + 8) + (cp - font_u32(t, at));
    }
    return 0;
}

/* Format 4: sorted segments in four parallel arrays. */
static uint32_t lookup4(struct str t, uint32_t cp)
{
    size_t n = font_u16(t, 6) / 2, lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > font_u16(t, 14 + 2 * mid))
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t starts = 16 + 2 * n, deltas = starts + 2 * n, ranges = deltas + 2 * n;
    uint32_t first = font_u16(t, starts + 2 * lo);
    if (lo >= n || cp < first)
        return 0;
    size_t range = font_u16(t, ranges + 2 * lo);
    uint32_t delta = font_u16(t, deltas + 2 * lo);
    if (range == 0)
        return (cp + delta) & 0xFFFF;
    uint32_t glyph = font_u16(t, ranges + 2 * lo + range + 2 * (size_t)(cp - first));
    return glyph ? (glyph + delta) & 0xFFFF : 0;
}

uint16_t font_file_glyph(const struct font_file *f, uint32_t cp)
{
    uint32_t g = f->cmap12.n ? lookup12(f->cmap12, cp) : 0;
    if (g == 0 && f->cmap4.n && cp < 0xFFFF)
        g = lookup4(f->cmap4, cp);
    return g < f->nglyphs ? (uint16_t)g : 0;
}

uint16_t font_file_width(const struct font_file *f, uint16_t glyph)
{
    size_t i = glyph < f->nadvances ? glyph : f->nadvances - 1U;
    int32_t w = per_mille(f, font_u16(f->hmtx, 4 * i));
    return w > 0xFFFF ? 0xFFFF : (uint16_t)w;
}

struct str font_file_outline(const struct font_file *f, uint16_t glyph)
{
    assert(glyph < f->nglyphs);
    size_t from, to;
    if (f->long_loca) {
        from = font_u32(f->loca, 4 * (size_t)glyph);
        to = font_u32(f->loca, 4 * (size_t)glyph + 4);
    } else {
        from = 2 * (size_t)font_u16(f->loca, 2 * (size_t)glyph);
        to = 2 * (size_t)font_u16(f->loca, 2 * (size_t)glyph + 2);
    }
    /* Shorter than its own header is a blank. */
    if (to <= from || to - from < 10)
        return (struct str){ f->glyf.p, 0 };
    return slice(f->glyf, from, to - from);
}
