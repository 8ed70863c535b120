/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of json_read.h.
 */
#include "json_read.h"

#include <string.h>

#include "hb/utf8.h"

enum { DEPTH_MAX = 128 };

/* -- the text at hand -- */

static void point_at(struct jr *r, const char *begin, size_t at, size_t n)
{
    if (r->keep)
        r->keep = begin;
    r->begin = begin;
    r->p = begin + at;
    r->end = begin + n;
}

/* What is still needed moves to the front of the window, since the part it stands in ends with the next. */
static void save_rest(struct jr *r, size_t at, size_t rest)
{
    const char *base = r->end - rest;
    if (r->window.p && base >= r->window.p && base <= r->window.p + r->window.n) {
        memmove(r->window.p, base, rest);
        r->window.n = rest;
    } else {
        buf_clear(&r->window);
        buf_put(&r->window, base, rest);
    }
    point_at(r, r->window.p, at, rest);
}

/* More bytes behind `end`. Those from `keep`, or else from p, stay; the others are forgotten. */
static bool fill(struct jr *r)
{
    struct str bytes;
    const char *base = r->keep ? r->keep : r->p;
    size_t rest = (size_t)(r->end - base), at = (size_t)(r->p - base);
    if (!r->more)
        return false;
    r->passed += (size_t)(base - r->begin);
    if (rest)
        save_rest(r, at, rest);
    else
        r->begin = base;
    if (!r->more(r->ctx, &bytes) || !bytes.n) {
        r->more = NULL;
        return false;
    }
    if (rest) {
        buf_str(&r->window, bytes);
        point_at(r, r->window.p, at, r->window.n);
    } else {
        point_at(r, bytes.p, 0, bytes.n);
    }
    return true;
}

/* Is there a byte at p? */
static inline bool have(struct jr *r)
{
    return r->p < r->end || fill(r);
}

bool jr_fail(struct jr *r, const char *why)
{
    if (!r->why) {
        r->cut = !have(r);
        r->why = r->cut ? "it breaks off" : why;
    }
    return false;
}

static const struct str mark = STR_INIT("\xEF\xBB\xBF");

struct jr jr_init(struct str text)
{
    if (str_starts(text, mark))
        text = str_sub(text, mark.n, text.n);
    return (struct jr){ .begin = text.p, .p = text.p, .end = text.p + text.n };
}

void jr_start(struct jr *r, bool (*more)(void *ctx, struct str *bytes), void *ctx)
{
    *r = (struct jr){ .more = more, .ctx = ctx, .begin = "" };
    r->p = r->end = r->begin;
    while ((size_t)(r->end - r->p) < mark.n) {
        r->keep = r->p;
        if (!fill(r))
            break;
    }
    r->keep = NULL;
    if (str_starts((struct str){ r->p, (size_t)(r->end - r->p) }, mark))
        r->p += mark.n;
}

void jr_free(struct jr *r)
{
    buf_free(&r->window);
}

size_t jr_offset(const struct jr *r)
{
    return r->passed + (size_t)(r->p - r->begin);
}

/* -- pieces -- */

static void blanks(struct jr *r)
{
    while (have(r) && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

enum jr_kind jr_peek(struct jr *r)
{
    blanks(r);
    if (r->why || !have(r))
        return JR_NONE;
    switch (*r->p) {
    case '{': return JR_OBJECT;
    case '[': return JR_ARRAY;
    case '"': return JR_STRING;
    case 't': return JR_TRUE;
    case 'f': return JR_FALSE;
    case 'n': return JR_NULL;
    default: return *r->p == '-' || (*r->p >= '0' && *r->p <= '9') ? JR_NUMBER : JR_NONE;
    }
}

/* A plain run of a text; control characters are no part of one. */
static void skip_plain(struct jr *r)
{
    const char *p = r->p;
    while (p < r->end && (unsigned char)*p >= ' ' && *p != '"' && *p != '\\')
        p++;
    r->p = p;
}

/* r moves behind the text that begins at p; `keep` must be there. */
static bool scan_string(struct jr *r, bool *escaped)
{
    *escaped = false;
    if (!have(r) || *r->p != '"')
        return jr_fail(r, "a text is missing");
    r->p++;
    for (;;) {
        skip_plain(r);
        if (!have(r))
            return jr_fail(r, "");
        if (*r->p == '"')
            break;
        if ((unsigned char)*r->p < ' ')
            return jr_fail(r, "a text holds a control character");
        if (*r->p != '\\')
            continue;
        *escaped = true;
        r->p++;
        if (!have(r))
            return jr_fail(r, "");
        r->p++;
    }
    r->p++;
    struct str raw = { r->keep, (size_t)(r->p - r->keep) };
    if (utf8_valid(raw))
        return true;
    r->p--;
    return jr_fail(r, "a text is no UTF-8");
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
    *out = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int v = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (v < 0)
            return false;
        *out = *out * 16 + (uint32_t)v;
    }
    return true;
}

/* \uXXXX at p, with its second half when it is one; a lone half becomes U+FFFD. */
static const char *put_unicode(struct buf *out, const char *p, const char *end)
{
    uint32_t cp, low;
    char bytes[4];
    if (!hex4(p, end, &cp))
        return NULL;
    p += 4;
    if (cp >= 0xD800 && cp < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
        hex4(p + 2, end, &low) && low >= 0xDC00 && low < 0xE000) {
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        p += 6;
    } else if (cp >= 0xD800 && cp < 0xE000) {
        cp = 0xFFFD;
    }
    buf_put(out, bytes, utf8_put(bytes, cp));
    return p;
}

static bool unescape(struct jr *r, struct str raw, struct buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    for (const char *p = raw.p, *end = raw.p + raw.n; p < end;) {
        const char *at;
        if (*p != '\\') {
            buf_putc(out, *p++);
        } else if (p[1] == 'u') {
            p = put_unicode(out, p + 2, end);
            if (!p)
                return jr_fail(r, "a text holds a bad escape");
        } else if (p[1] && (at = strchr(from, p[1]))) {
            buf_putc(out, to[at - from]);
            p += 2;
        } else {
            return jr_fail(r, "a text holds a bad escape");
        }
    }
    return true;
}

bool jr_string(struct jr *r, struct arena *a, struct str *out)
{
    bool escaped;
    blanks(r);
    r->keep = r->p;
    if (r->why || !scan_string(r, &escaped)) {
        r->keep = NULL;
        return false;
    }
    struct str raw = { r->keep + 1, (size_t)(r->p - r->keep) - 2 };
    r->keep = NULL;
    if (!escaped) {
        *out = arena_str(a, raw);
        return true;
    }
    struct buf text = BUF_INIT;
    bool ok = unescape(r, raw, &text);
    *out = buf_to_arena(&text, a);
    buf_free(&text);
    return ok;
}

static bool digits(struct jr *r)
{
    bool any = false;
    for (; have(r) && *r->p >= '0' && *r->p <= '9'; r->p++)
        any = true;
    return any || jr_fail(r, "a number is malformed");
}

static bool scan_number(struct jr *r)
{
    r->p += *r->p == '-';
    bool zero = have(r) && *r->p == '0';
    r->p += zero;
    if (!zero && !digits(r))
        return false;
    if (zero && have(r) && *r->p >= '0' && *r->p <= '9')
        return jr_fail(r, "a number is malformed");
    if (have(r) && *r->p == '.') {
        r->p++;
        if (!digits(r))
            return false;
    }
    if (have(r) && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (have(r) && (*r->p == '+' || *r->p == '-'))
            r->p++;
        return digits(r);
    }
    return true;
}

static bool scan_word(struct jr *r, const char *word)
{
    for (; *word; word++, r->p++)
        if (!have(r) || *r->p != *word)
            return jr_fail(r, "something in it is no JSON");
    return true;
}

static bool scalar(struct jr *r, enum jr_kind kind)
{
    bool escaped;
    switch (kind) {
    case JR_STRING: return scan_string(r, &escaped);
    case JR_NUMBER: return scan_number(r);
    case JR_TRUE: return scan_word(r, "true");
    case JR_FALSE: return scan_word(r, "false");
    case JR_NULL: return scan_word(r, "null");
    default: return jr_fail(r, "something in it is no JSON");
    }
}

static bool value(struct jr *r, struct buf *out, int depth);

/* A scalar that begins at p; its text goes to `out` unless NULL. */
static bool take_scalar(struct jr *r, struct buf *out)
{
    r->keep = r->p;
    bool ok = scalar(r, jr_peek(r));
    if (ok && out)
        buf_put(out, r->keep, (size_t)(r->p - r->keep));
    r->keep = NULL;
    return ok;
}

static bool take_key(struct jr *r, struct buf *out)
{
    blanks(r);
    if (!have(r) || *r->p != '"')
        return jr_fail(r, "a name is missing");
    if (!take_scalar(r, out))
        return false;
    blanks(r);
    if (!have(r) || *r->p != ':')
        return jr_fail(r, "a colon is missing");
    r->p++;
    if (out)
        buf_putc(out, ':');
    return true;
}

static bool container(struct jr *r, struct buf *out, bool object, int depth)
{
    bool first = true;
    char close = object ? '}' : ']';
    if (depth > DEPTH_MAX)
        return jr_fail(r, "it is nested too deeply");
    if (out)
        buf_putc(out, object ? '{' : '[');
    for (bool more = jr_open(r, object ? '{' : '['); more; more = jr_more(r, close)) {
        if (out && !first)
            buf_putc(out, ',');
        first = false;
        if ((object && !take_key(r, out)) || !value(r, out, depth + 1))
            return false;
    }
    if (out)
        buf_putc(out, close);
    return !r->why;
}

static bool value(struct jr *r, struct buf *out, int depth)
{
    enum jr_kind kind = jr_peek(r);
    if (kind == JR_OBJECT || kind == JR_ARRAY)
        return container(r, out, kind == JR_OBJECT, depth);
    return take_scalar(r, out);
}

bool jr_scalar(struct jr *r, struct arena *a, struct str *out)
{
    enum jr_kind kind = jr_peek(r);
    if (r->why)
        return false;
    r->keep = r->p;
    bool ok = scalar(r, kind);
    if (ok)
        *out = arena_str(a, (struct str){ r->keep, (size_t)(r->p - r->keep) });
    r->keep = NULL;
    return ok;
}

bool jr_value(struct jr *r, struct buf *compact)
{
    return !r->why && value(r, compact, 0);
}

bool jr_open(struct jr *r, char bracket)
{
    blanks(r);
    if (r->why || !have(r) || *r->p != bracket)
        return jr_fail(r, bracket == '{' ? "an object is missing" : "a list is missing");
    r->p++;
    blanks(r);
    if (have(r) && *r->p == (bracket == '{' ? '}' : ']')) {
        r->p++;
        return false;
    }
    return true;
}

bool jr_more(struct jr *r, char bracket)
{
    blanks(r);
    if (r->why || !have(r))
        return jr_fail(r, "");
    char c = *r->p;
    if (c != ',' && c != bracket)
        return jr_fail(r, "a comma is missing");
    r->p++;
    return c == ',';
}

bool jr_key(struct jr *r, struct arena *a, struct str *out)
{
    if (!jr_string(r, a, out))
        return false;
    blanks(r);
    if (!have(r) || *r->p != ':')
        return jr_fail(r, "a colon is missing");
    r->p++;
    return true;
}

bool jr_end(struct jr *r)
{
    blanks(r);
    return !r->why && (!have(r) || jr_fail(r, "something stands behind its end"));
}
