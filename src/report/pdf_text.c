/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as measured characters ("atoms"): display rule, fonts, line breaking.
 *
 * One atom is one character to draw, so width, colour and break rules are known before a line is. What has no font is
 * written as the escape it would have if it were invisible; nothing is dropped.
 */
#include "pdf_int.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/utf8.h"

void text_init(struct text *t, struct font_set *fonts, uint32_t alarm)
{
    *t = (struct text){ .fonts = fonts, .alarm = alarm };
}

void text_free(struct text *t)
{
    free(t->atoms);
    free(t->styles);
    *t = (struct text){ 0 };
}

void text_clear(struct text *t)
{
    t->n = t->nstyles = 0;
}

static void *grown(void *p, size_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 64;
    p = realloc(p, *cap * size);
    if (p == NULL) {
        fputs("huntbook: out of memory while setting text\n", stderr);
        exit(1);
    }
    return p;
}

static uint16_t style_index(struct text *t, const struct text_style *s)
{
    for (size_t i = t->nstyles; i > 0 && t->nstyles - i < 8; i--) {
        const struct text_style *o = &t->styles[i - 1];
        if (o->face == s->face && o->size == s->size && o->rgb == s->rgb && o->strike == s->strike &&
            o->href.p == s->href.p && o->href.n == s->href.n)
            return (uint16_t)(i - 1);
    }
    if (t->nstyles == 0xFFFF)
        return 0xFFFE;
    if (t->nstyles == t->styles_cap)
        t->styles = grown(t->styles, &t->styles_cap, sizeof *t->styles);
    t->styles[t->nstyles] = *s;
    return (uint16_t)t->nstyles++;
}

static void push(struct text *t, struct atom a)
{
    if (t->n == t->cap)
        t->atoms = grown(t->atoms, &t->cap, sizeof *t->atoms);
    t->atoms[t->n++] = a;
}

static bool is_separator(uint32_t cp)
{
    return cp < 128 && strchr("-/\\_.,;=&:}|?", (int)cp) != NULL && cp != 0;
}

static bool is_ideograph(uint32_t cp)
{
    return (cp >= 0x2E80 && cp <= 0x9FFF) || (cp >= 0xAC00 && cp <= 0xD7A3) ||
           (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0xFF01 && cp <= 0xFF60) || cp >= 0x20000;
}

static unsigned flags_of(uint32_t cp)
{
    if (cp == ' ')
        return ATOM_SPACE;
    if (is_separator(cp))
        return ATOM_AFTER;
    if (cp >= 0x300 && utf8_width(cp) == 0)
        return ATOM_INSIDE;
    return is_ideograph(cp) ? ATOM_IDEO : 0;
}

/* An escape is ASCII, which base fonts have. It is never broken inside. */
static void add_escape(struct text *t, struct str esc, const struct text_style *style)
{
    struct text_style red = *style;
    red.rgb = t->alarm;
    uint16_t index = style_index(t, &red);
    for (size_t i = 0; i < esc.n; i++) {
        struct font_glyph g = { 0 };
        font_set_glyph(t->fonts, style->face, (unsigned char)esc.p[i], &g);
        push(t, (struct atom){ g.font, g.cid, g.width, index, i ? ATOM_INSIDE : 0 });
    }
    if (esc.n)
        t->atoms[t->n - 1].flags |= ATOM_AFTER;
}

static void add_plain(struct text *t, struct str s, const struct text_style *style)
{
    uint16_t index = style_index(t, style);
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = utf8_next(s, &i);
        struct font_glyph g;
        if (font_set_glyph(t->fonts, style->face, cp, &g)) {
            push(t, (struct atom){ g.font, g.cid, g.width, index, (uint8_t)flags_of(cp) });
            continue;
        }
        char esc[16];
        int n = snprintf(esc, sizeof esc, "\\u{%X}", (unsigned)cp);
        add_escape(t, (struct str){ esc, (size_t)n }, style);
    }
}

void text_add(struct text *t, struct str s, const struct text_style *style)
{
    struct utf8_runs r = { .s = s };
    struct str piece;
    bool escape;
    while (utf8_next_run(&r, &piece, &escape))
        if (escape)
            add_escape(t, piece, style);
        else
            add_plain(t, piece, style);
}

void text_newline(struct text *t, const struct text_style *style)
{
    push(t, (struct atom){ 0, 0, 0, style_index(t, style), ATOM_NEWLINE });
}

static int64_t atom_width(const struct text *t, size_t i)
{
    return (int64_t)t->atoms[i].width * t->styles[t->atoms[i].style].size;
}

int64_t text_extent(const struct text *t, size_t from, size_t to)
{
    int64_t w = 0;
    for (size_t i = from; i < to; i++)
        w += atom_width(t, i);
    return w;
}

pt100 text_width_pt(const struct text *t, size_t from, size_t to)
{
    int64_t w = (text_extent(t, from, to) + 999) / 1000;
    return w > INT32_MAX / 2 ? INT32_MAX / 2 : (pt100)w;
}

/* -- line breaking -- */

static bool ends_line(const struct text *t, size_t i)
{
    return (t->atoms[i].flags & (ATOM_SPACE | ATOM_IDEO | ATOM_NEWLINE)) != 0;
}

/* End of the stretch from `i` without a place to break; with `fine`, separators are places too. */
static size_t stretch_end(const struct text *t, size_t i, bool fine)
{
    while (i < t->n && !ends_line(t, i) && !(fine && (t->atoms[i].flags & ATOM_AFTER)))
        i++;
    /* the ideograph or separator belongs to the stretch, a space or newline does not */
    if (i < t->n && !(t->atoms[i].flags & (ATOM_SPACE | ATOM_NEWLINE)))
        i++;
    return i;
}

static bool fits_alone(const struct text *t, size_t from, bool fine, int64_t limit)
{
    int64_t w = 0;
    size_t end = stretch_end(t, from, fine);
    for (size_t i = from; i < end; i++)
        if ((w += atom_width(t, i)) > limit)
            return false;
    return true;
}

/* Where to break a line that starts at `from` and overflows at atom `over`. */
static size_t choose_break(const struct text *t, size_t from, size_t over, int64_t limit)
{
    size_t coarse = from, fine = from;
    for (size_t i = from; i < over; i++) {
        bool may = i + 1 >= t->n || !(t->atoms[i + 1].flags & ATOM_INSIDE);
        if (may && ends_line(t, i))
            coarse = fine = i + 1;
        else if (may && (t->atoms[i].flags & ATOM_AFTER))
            fine = i + 1;
    }
    if (coarse > from && fits_alone(t, coarse, false, limit))
        return coarse;
    if (fine > from && fits_alone(t, fine, true, limit))
        return fine;
    size_t at = over;
    while (at > from && (t->atoms[at].flags & ATOM_INSIDE))
        at--;
    return at > from ? at : over > from ? over : from + 1;
}

bool text_next_line(const struct text *t, size_t *pos, pt100 width, size_t *from, size_t *to, bool *soft)
{
    if (*pos >= t->n)
        return false;
    int64_t limit = (int64_t)width * 1000, w = 0;
    size_t i = *pos;
    *from = *pos;
    *soft = false;
    for (; i < t->n && !(t->atoms[i].flags & ATOM_NEWLINE); i++) {
        int64_t next = w + atom_width(t, i);
        if (next > limit && !(t->atoms[i].flags & ATOM_SPACE))
            break;
        w = next;
    }
    if (i < t->n && !(t->atoms[i].flags & ATOM_NEWLINE)) {
        i = choose_break(t, *pos, i, limit);
        *soft = true;
    }
    *to = i;
    while (*soft && *to > *from && (t->atoms[*to - 1].flags & ATOM_SPACE))
        --*to;
    *pos = i < t->n && (t->atoms[i].flags & ATOM_NEWLINE) ? i + 1 : i;
    return true;
}

size_t text_count_lines(const struct text *t, pt100 width)
{
    size_t pos = 0, from, to, n = 0;
    bool soft;
    while (text_next_line(t, &pos, width, &from, &to, &soft))
        n++;
    return n;
}

pt100 text_word_width(const struct text *t, bool fine)
{
    int64_t most = 0;
    for (size_t i = 0; i < t->n;) {
        size_t end = stretch_end(t, i, fine);
        int64_t w = text_extent(t, i, end);
        if (w > most)
            most = w;
        i = end > i ? end : i + 1;
    }
    return (pt100)((most > INT32_MAX ? INT32_MAX : most) / 1000 + 1);
}

pt100 text_line_width(const struct text *t)
{
    pt100 most = 0;
    for (size_t i = 0, from = 0; i <= t->n; i++) {
        if (i < t->n && !(t->atoms[i].flags & ATOM_NEWLINE))
            continue;
        pt100 w = text_width_pt(t, from, i);
        if (w > most)
            most = w;
        from = i + 1;
    }
    return most;
}
