/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text functions. Places and lengths count code points.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"
#include "udf.h"

/* Byte offset of character `at`; s.n when the text is shorter. */
static size_t char_offset(struct str s, int64_t at)
{
    size_t i = 0;
    for (; at > 0 && i < s.n; at--)
        utf8_next(s, &i);
    return i;
}

static int64_t char_count(struct str s, size_t bytes)
{
    return (int64_t)utf8_count(str_sub(s, 0, bytes));
}

static bool split(struct udf_call *c)
{
    struct str s = c->arg[0].s, d = c->arg[1].s;
    buf_putc(&c->out, '[');
    for (size_t from = 0;;) {
        size_t at = d.n ? str_find(s, d, from) : SIZE_MAX;
        if (from)
            buf_putc(&c->out, ',');
        json_put_str(&c->out, str_sub(s, from, at == SIZE_MAX ? s.n : at));
        if (at == SIZE_MAX)
            break;
        from = at + d.n;
    }
    buf_putc(&c->out, ']');
    return true;
}

static bool index_of(struct udf_call *c)
{
    struct str s = c->arg[0].s, what = c->arg[1].s;
    int64_t start = c->arg[2].i, len = c->arg[3].i, nth = c->arg[4].i;
    if (start < 0)
        start = start + (int64_t)utf8_count(s) < 0 ? 0 : start + (int64_t)utf8_count(s);
    size_t from = char_offset(s, start);
    c->i = -1;
    for (size_t at = from; nth > 0; at++) { /* the length counts anew for every occurrence */
        struct str part = str_sub(s, 0, len < 0 ? s.n : at + char_offset(str_sub(s, at, s.n), len));
        at = str_find(part, what, at);
        if (at == SIZE_MAX)
            return true;
        if (--nth == 0)
            c->i = char_count(s, at);
    }
    return true;
}

static bool count_of(struct udf_call *c)
{
    struct str s = c->arg[0].s, what = c->arg[1].s;
    c->i = 0;
    for (size_t at = 0; what.n && (at = str_find(s, what, at)) != SIZE_MAX; at++)
        c->i++;
    return true;
}

static bool substring(struct udf_call *c)
{
    if (c->arg[0].null || c->arg[1].null || c->arg[2].null)
        return false;
    struct str s = c->arg[0].s;
    int64_t start = c->arg[1].i, len = c->arg[2].i;
    if (start < 0) {
        int64_t n = (int64_t)utf8_count(s);
        start = start + n < 0 ? 0 : start + n;
    }
    struct str rest = str_sub(s, char_offset(s, start), s.n);
    buf_str(&c->out, len < 0 ? STR("") : str_sub(rest, 0, char_offset(rest, len)));
    return true;
}

static bool replace(struct udf_call *c)
{
    if (c->arg[0].null || c->arg[1].null || c->arg[2].null)
        return false;
    struct str s = c->arg[0].s, what = c->arg[1].s;
    size_t from = 0;
    for (size_t at; what.n && (at = str_find(s, what, from)) != SIZE_MAX; from = at + what.n) {
        buf_str(&c->out, str_sub(s, from, at));
        buf_str(&c->out, c->arg[2].s);
    }
    buf_str(&c->out, str_sub(s, from, s.n));
    return true;
}

static int hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

static bool url_decode(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    struct str s = c->arg[0].s;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0) {
            buf_putc(&c->tmp[0], (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])));
            i += 2;
        } else {
            buf_putc(&c->tmp[0], s.p[i] == '+' ? ' ' : s.p[i]);
        }
    }
    utf8_sanitize(&c->out, buf_view(&c->tmp[0]));
    return true;
}

static bool is_plain(char ch, const char *also)
{
    return char_is_alnum(ch) || (ch && strchr(also, ch));
}

static bool url_escape(struct udf_call *c, const char *also, const char *blank, const char *hex)
{
    if (c->arg[0].null)
        return false;
    struct str s = c->arg[0].s;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ')
            buf_puts(&c->out, blank);
        else if (is_plain(s.p[i], also))
            buf_putc(&c->out, s.p[i]);
        else
            buf_printf(&c->out, "%%%c%c", hex[(unsigned char)s.p[i] >> 4], hex[s.p[i] & 15]);
    }
    return true;
}

static bool url_encode(struct udf_call *c)
{
    return url_escape(c, "-_.!*()", "+", "0123456789abcdef");
}

static bool url_encode_component(struct udf_call *c)
{
    return url_escape(c, "-_.~", "%20", "0123456789ABCDEF");
}

static bool compare(struct udf_call *c)
{
    int r = str_cmp(c->arg[0].s, c->arg[1].s);
    c->i = (r > 0) - (r < 0);
    return true;
}

static bool is_ascii(struct udf_call *c)
{
    c->b = true;
    for (size_t i = 0; i < c->arg[0].s.n && c->b; i++)
        c->b = (unsigned char)c->arg[0].s.p[i] < 128;
    return true;
}

struct piece {
    struct str s;
    bool done; /* a replacement: nothing is looked for in it */
};

struct pieces {
    struct piece *v;
    size_t n, cap;
};

static void add_piece(struct pieces *p, struct str s, bool done)
{
    if (!s.n)
        return;
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 8;
        p->v = realloc(p->v, p->cap * sizeof *p->v);
        if (!p->v)
            abort();
    }
    p->v[p->n++] = (struct piece){ s, done };
}

/* The first text is looked for everywhere, the second one in what is left, and so on. */
static bool replace_many(struct udf_call *c)
{
    const struct udf_arg *what = &c->arg[1], *by = &c->arg[2];
    struct pieces now = { 0 }, next = { 0 };
    if (c->arg[0].null)
        return false;
    add_piece(&now, c->arg[0].s, false);
    for (size_t k = 0; k < what->n; k++) {
        struct str w = what->list[k], r = k < by->n ? by->list[k] : by->n ? by->list[by->n - 1] : STR("");
        if (!w.n || str_find(c->arg[0].s, w, 0) == SIZE_MAX)
            continue;
        next.n = 0;
        for (size_t i = 0; i < now.n; i++) {
            struct str s = now.v[i].s;
            size_t from = 0;
            for (size_t at; !now.v[i].done && (at = str_find(s, w, from)) != SIZE_MAX; from = at + w.n) {
                add_piece(&next, str_sub(s, from, at), false);
                add_piece(&next, r, true);
            }
            add_piece(&next, str_sub(s, from, s.n), now.v[i].done);
        }
        struct pieces swap = now;
        now = next;
        next = swap;
    }
    for (size_t i = 0; i < now.n; i++)
        buf_str(&c->out, now.v[i].s);
    free(now.v);
    free(next.v);
    return true;
}

static bool codepoints(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    buf_putc(&c->out, '[');
    for (size_t i = 0; i < s.n;) {
        bool first = i == 0;
        buf_printf(&c->out, "%s%u", first ? "" : ",", utf8_next(s, &i));
    }
    buf_putc(&c->out, ']');
    return true;
}

/* Numbers of a JSON array (or several of them) as characters. */
static bool from_codepoints(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    struct str a = c->arg[0].s;
    for (size_t i = 0; i < a.n; i++) {
        uint32_t v = 0;
        char utf8[4];
        if (a.p[i] < '0' || a.p[i] > '9')
            continue;
        for (; i < a.n && a.p[i] >= '0' && a.p[i] <= '9'; i++)
            v = v > 0x110000 ? v : v * 10 + (uint32_t)(a.p[i] - '0');
        if (v == 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
            v = 0xfffd;
        buf_put(&c->out, utf8, utf8_put(utf8, v));
    }
    return true;
}

/* At most `digits` behind the point, without needless zeroes. */
static void put_rounded(struct buf *b, double v, int digits)
{
    char text[400];
    int n = snprintf(text, sizeof text, "%.*f", digits, v);
    if (strchr(text, '.')) {
        while (text[n - 1] == '0')
            n--;
        n -= text[n - 1] == '.';
    }
    buf_put(b, text, (size_t)n);
}

static bool format_bytes(struct udf_call *c)
{
    static const struct str units[] = { STR_INIT("Bytes"), STR_INIT("KB"), STR_INIT("MB"), STR_INIT("GB"),
                                        STR_INIT("TB"),    STR_INIT("PB"), STR_INIT("EB") };
    enum { NUNITS = sizeof units / sizeof *units };
    if (c->arg[0].null || !isfinite(c->arg[0].f))
        return false;
    double v = c->arg[0].f;
    size_t unit = 0;
    struct str wanted = c->arg[2].null ? STR("") : c->arg[2].s;
    if (wanted.n) {
        while (unit < NUNITS && !str_eq_nocase(units[unit], wanted))
            unit++;
        if (unit == NUNITS)
            return false;
    } else {
        while (unit + 1 < NUNITS && fabs(v) / pow(1024, (double)unit) >= 1024)
            unit++;
    }
    int64_t digits = c->arg[1].null ? 0 : c->arg[1].i;
    put_rounded(&c->out, v / pow(1024, (double)unit), (int)(digits < 0 ? 0 : digits > 15 ? 15 : digits));
    buf_putc(&c->out, ' ');
    buf_str(&c->out, units[unit]);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_format_bytes", .body = format_bytes },
    { .name = "kql_split", .body = split },
    { .name = "kql_indexof", .body = index_of },
    { .name = "kql_countof", .body = count_of },
    { .name = "kql_substring", .body = substring },
    { .name = "kql_replace", .body = replace },
    { .name = "kql_replace_many", .body = replace_many },
    { .name = "kql_url_decode", .body = url_decode },
    { .name = "kql_url_encode", .body = url_encode },
    { .name = "kql_url_encode_component", .body = url_encode_component },
    { .name = "kql_strcmp", .body = compare },
    { .name = "kql_isascii", .body = is_ascii },
    { .name = "kql_codepoints", .body = codepoints },
    { .name = "kql_from_codepoints", .body = from_codepoints },
};

const struct udf_set udf_string_set = { functions, sizeof functions / sizeof *functions };
