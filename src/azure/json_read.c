/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of json_read.h.
 */
#include "json_read.h"

#include <string.h>

#include "hb/utf8.h"

enum { DEPTH_MAX = 128 };

bool jr_fail(struct jr *r, const char *why)
{
    if (!r->why)
        r->why = r->p >= r->end ? "it breaks off" : why;
    return false;
}

struct jr jr_init(struct str text)
{
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_sub(text, 3, text.n);
    return (struct jr){ text.p, text.p + text.n, NULL };
}

static void blanks(struct jr *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

enum jr_kind jr_peek(struct jr *r)
{
    blanks(r);
    if (r->why || r->p >= r->end)
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

/* The end of the string that begins at r->p; r moves behind it. */
static bool scan_string(struct jr *r, bool *escaped)
{
    *escaped = false;
    if (r->p >= r->end || *r->p != '"')
        return jr_fail(r, "a text is missing");
    for (r->p++; r->p < r->end && *r->p != '"'; r->p++) {
        if ((unsigned char)*r->p < ' ')
            return jr_fail(r, "a text holds a control character");
        if (*r->p == '\\') {
            *escaped = true;
            r->p++;
        }
    }
    if (r->p >= r->end)
        return jr_fail(r, "");
    r->p++;
    return true;
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
    const char *from = r->p + 1;
    if (r->why || !scan_string(r, &escaped))
        return false;
    struct str raw = { from, (size_t)(r->p - 1 - from) };
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
    const char *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > from || jr_fail(r, "a number is malformed");
}

static bool scan_number(struct jr *r)
{
    r->p += *r->p == '-';
    const char *from = r->p;
    if (!digits(r))
        return false;
    if (*from == '0' && r->p - from > 1)
        return jr_fail(r, "a number is malformed");
    if (r->p < r->end && *r->p == '.') {
        r->p++;
        if (!digits(r))
            return false;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
            r->p++;
        return digits(r);
    }
    return true;
}

static bool scan_word(struct jr *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->p) < n) {
        r->p = r->end;
        return jr_fail(r, "");
    }
    if (memcmp(r->p, word, n) != 0)
        return jr_fail(r, "something in it is no JSON");
    r->p += n;
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

static void put(struct buf *out, const char *from, size_t n)
{
    if (out)
        buf_put(out, from, n);
}

static bool container(struct jr *r, struct buf *out, bool object, int depth)
{
    bool first = true, escaped;
    char close = object ? '}' : ']';
    if (depth > DEPTH_MAX)
        return jr_fail(r, "it is nested too deeply");
    put(out, r->p, 1);
    for (bool more = jr_open(r, object ? '{' : '['); more; more = jr_more(r, close)) {
        if (!first)
            put(out, ",", 1);
        first = false;
        blanks(r);
        const char *from = r->p;
        if (object && (!scan_string(r, &escaped)))
            return false;
        if (object) {
            put(out, from, (size_t)(r->p - from));
            blanks(r);
            if (r->p >= r->end || *r->p++ != ':')
                return jr_fail(r, "a colon is missing");
            put(out, ":", 1);
        }
        if (!value(r, out, depth + 1))
            return false;
    }
    put(out, &close, 1);
    return !r->why;
}

static bool value(struct jr *r, struct buf *out, int depth)
{
    enum jr_kind kind = jr_peek(r);
    if (kind == JR_OBJECT || kind == JR_ARRAY)
        return container(r, out, kind == JR_OBJECT, depth);
    const char *from = r->p;
    if (!scalar(r, kind))
        return false;
    put(out, from, (size_t)(r->p - from));
    return true;
}

bool jr_value(struct jr *r, struct buf *compact)
{
    return !r->why && value(r, compact, 0);
}

bool jr_open(struct jr *r, char bracket)
{
    blanks(r);
    if (r->why || r->p >= r->end || *r->p != bracket)
        return jr_fail(r, bracket == '{' ? "an object is missing" : "a list is missing");
    r->p++;
    blanks(r);
    if (r->p < r->end && *r->p == (bracket == '{' ? '}' : ']')) {
        r->p++;
        return false;
    }
    return true;
}

bool jr_more(struct jr *r, char bracket)
{
    blanks(r);
    if (r->why || r->p >= r->end)
        return jr_fail(r, "");
    char c = *r->p++;
    if (c == ',')
        return true;
    if (c != bracket) {
        r->p--;
        jr_fail(r, "a comma is missing");
    }
    return false;
}

bool jr_key(struct jr *r, struct arena *a, struct str *out)
{
    if (!jr_string(r, a, out))
        return false;
    blanks(r);
    if (r->p >= r->end || *r->p != ':')
        return jr_fail(r, "a colon is missing");
    r->p++;
    return true;
}

bool jr_end(struct jr *r)
{
    blanks(r);
    return !r->why && (r->p == r->end || jr_fail(r, "something stands behind its end"));
}
