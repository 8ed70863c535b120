/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 decoding (Unicode 15, table 3-7: well-formed byte sequences) and the display rule.
 * The two tables at the top hold the rule: to hide one more code point, add its range to `hidden`.
 */
#include "hb/utf8.h"

#include <stdio.h>
#include <string.h>

struct range {
    uint32_t first, last;
};

static const struct range hidden[] = {
    { 0x00, 0x1F },       { 0x7F, 0x9F },       { 0xAD, 0xAD },        { 0x34F, 0x34F },
    { 0x61C, 0x61C },     { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },    { 0x180B, 0x180F },
    { 0x200B, 0x200F },   { 0x2028, 0x202E },   { 0x2060, 0x206F },    { 0x3164, 0x3164 },
    { 0xE000, 0xF8FF },   { 0xFDD0, 0xFDEF },   { 0xFE00, 0xFE0F },    { 0xFEFF, 0xFEFF },
    { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },   { 0xFFFE, 0xFFFF },    { 0x1BCA0, 0x1BCA3 },
    { 0x1D173, 0x1D17A }, { 0x1FFFE, 0x1FFFF }, { 0x2FFFE, 0x2FFFF },  { 0x3FFFE, 0x3FFFF },
    { 0x4FFFE, 0x4FFFF }, { 0x5FFFE, 0x5FFFF }, { 0x6FFFE, 0x6FFFF },  { 0x7FFFE, 0x7FFFF },
    { 0x8FFFE, 0x8FFFF }, { 0x9FFFE, 0x9FFFF }, { 0xAFFFE, 0xAFFFF },  { 0xBFFFE, 0xBFFFF },
    { 0xCFFFE, 0xCFFFF }, { 0xDFFFE, 0xDFFFF }, { 0xE0000, 0x10FFFF },
};

static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x23E9, 0x23EC },   { 0x2E80, 0x303E },
    { 0x3041, 0x33FF },   { 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF },   { 0xA000, 0xA4CF },
    { 0xA960, 0xA97F },   { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },
    { 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },   { 0x17000, 0x18CFF }, { 0x1B000, 0x1B2FF },
    { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x1FA70, 0x1FAFF },
    { 0x20000, 0x3FFFD },
};

static const struct range combining[] = {
    { 0x300, 0x36F },   { 0x483, 0x489 },   { 0x591, 0x5BD },   { 0x610, 0x61A }, { 0x64B, 0x65F },
    { 0x6D6, 0x6DC },   { 0x900, 0x902 },   { 0xE31, 0xE31 },   { 0xE34, 0xE3A }, { 0x1AB0, 0x1AFF },
    { 0x1DC0, 0x1DFF }, { 0x20D0, 0x20FF }, { 0xFE20, 0xFE2F },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool in_ranges(const struct range *r, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (cp > r[mid].last)
            lo = mid + 1;
        else if (cp < r[mid].first)
            hi = mid;
        else
            return true;
    }
    return false;
}

uint32_t utf8_next(struct str s, size_t *i)
{
    const unsigned char *p = (const unsigned char *)s.p + *i;
    size_t left = s.n - *i, need;
    uint32_t cp, least;
    (*i)++;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        need = 1, cp = p[0] & 0x1Fu, least = 0x80;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF)
        need = 2, cp = p[0] & 0x0Fu, least = 0x800;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        need = 3, cp = p[0] & 0x07u, least = 0x10000;
    else
        return UTF8_BAD;
    if (left <= need)
        return UTF8_BAD;
    for (size_t k = 1; k <= need; k++) {
        if ((p[k] & 0xC0) != 0x80)
            return UTF8_BAD;
        cp = cp << 6 | (p[k] & 0x3Fu);
    }
    if (cp < least || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return UTF8_BAD;
    *i += need;
    return cp;
}

size_t utf8_put(char out[4], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

bool utf8_valid(struct str s)
{
    size_t i = 0;
    while (i < s.n)
        if (utf8_next(s, &i) == UTF8_BAD)
            return false;
    return true;
}

size_t utf8_count(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        utf8_next(s, &i);
    return n;
}

void utf8_sanitize(struct buf *out, struct str s)
{
    size_t good = 0, i = 0;
    while (i < s.n) {
        size_t at = i;
        if (utf8_next(s, &i) != UTF8_BAD)
            continue;
        buf_put(out, s.p + good, at - good);
        buf_puts(out, "\xEF\xBF\xBD");
        good = i;
    }
    if (good < s.n) /* an empty view may have no pointer */
        buf_put(out, s.p + good, s.n - good);
}

bool utf8_hidden(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7F)
        return false;
    return in_ranges(hidden, COUNT(hidden), cp);
}

int utf8_width(uint32_t cp)
{
    if (cp < 0x300)
        return 1;
    if (in_ranges(combining, COUNT(combining), cp))
        return 0;
    return in_ranges(wide, COUNT(wide), cp) ? 2 : 1;
}

bool utf8_next_run(struct utf8_runs *r, struct str *text, bool *is_escape)
{
    size_t start = r->i, i = r->i;
    while (i < r->s.n) {
        size_t at = i;
        uint32_t cp = utf8_next(r->s, &i);
        if (cp != UTF8_BAD && !utf8_hidden(cp))
            continue;
        if (at > start) {
            i = at;
            break;
        }
        int n = cp == UTF8_BAD ? snprintf(r->esc, sizeof r->esc, "\\x%02X", (unsigned char)r->s.p[at])
                               : snprintf(r->esc, sizeof r->esc, "\\u{%X}", (unsigned)cp);
        r->i = i;
        *text = (struct str){ r->esc, (size_t)n };
        *is_escape = true;
        return true;
    }
    r->i = i;
    *text = str_sub(r->s, start, i);
    *is_escape = false;
    return i > start;
}

void utf8_show(struct buf *out, struct str s)
{
    struct utf8_runs r = { .s = s };
    struct str text;
    bool escape;
    while (utf8_next_run(&r, &text, &escape))
        buf_str(out, text);
}

void utf8_show_lines(struct buf *out, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != '\n' && s.p[i] != '\t')
            continue;
        utf8_show(out, str_sub(s, from, i));
        if (i < s.n)
            buf_putc(out, s.p[i] == '\n' ? '\n' : ' ');
        from = i + 1;
    }
}
