/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of literals: from a token's text to what the binder and the emitter need.
 *
 * A text that is no value of its type is not an error here (the reference parser accepts long(x)): it is a
 * null with KQL_LIT_BAD, and the binder decides. To add a type: a row in readers[].
 */
#include <math.h>
#include <string.h>

#include "ast.h"
#include "hb/decimal.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "lex.h"

/* -- strings -- */

unsigned kql_string_flags(struct str token)
{
    unsigned flags = 0;
    size_t i = 0;
    if (token.n && (token.p[0] == 'h' || token.p[0] == 'H')) {
        flags |= KQL_LIT_OBFUSCATED;
        i++;
    }
    if (i < token.n && token.p[i] == '@')
        return flags | KQL_LIT_VERBATIM;
    if (i < token.n && (token.p[i] == '`' || token.p[i] == '~'))
        return flags | KQL_LIT_VERBATIM | KQL_LIT_MULTILINE;
    return flags;
}

static uint32_t number(const char *p, size_t n, unsigned base)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        unsigned d = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
        v = v * base + d;
    }
    return v;
}

static size_t hex_length(char c)
{
    return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
}

/* \xNN, \uNNNN, \UNNNNNNNN and \NNN (octal) at p; a surrogate pair may take two. Returns the bytes read. */
static size_t code_escape(struct str s, size_t i, uint32_t *cp)
{
    size_t hex = hex_length(s.p[i + 1]);
    if (!hex) {
        size_t n = 1;
        while (n < 3 && i + 1 + n < s.n && s.p[i + 1 + n] >= '0' && s.p[i + 1 + n] <= '7' &&
               (n < 2 || s.p[i + 1] <= '3'))
            n++;
        *cp = number(s.p + i + 1, n, 8);
        return n + 1;
    }
    if (i + 2 + hex > s.n) { /* the lexer has reported it */
        *cp = 0xFFFD;
        return s.n - i;
    }
    *cp = number(s.p + i + 2, hex, 16);
    size_t used = hex + 2, j = i + used;
    if (hex == 4 && *cp >= 0xD800 && *cp < 0xDC00 && j + 6 <= s.n && s.p[j] == '\\' && s.p[j + 1] == 'u') {
        uint32_t low = number(s.p + j + 2, 4, 16);
        if (low >= 0xDC00 && low < 0xE000) {
            *cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
            used += 6;
        }
    }
    return used;
}

static struct str decode_escapes(struct arena *a, struct str s)
{
    static const char plain[] = "abfnrtv\\'\"", means[] = "\a\b\f\n\r\t\v\\'\"";
    char *out = arena_alloc(a, s.n + 4);
    size_t n = 0, i = 0;
    while (i < s.n) {
        const char *simple = s.p[i] == '\\' && i + 1 < s.n ? strchr(plain, s.p[i + 1]) : NULL;
        bool code = s.p[i] == '\\' && i + 1 < s.n &&
                    (hex_length(s.p[i + 1]) || (s.p[i + 1] >= '0' && s.p[i + 1] <= '7'));
        if (simple && *simple) {
            out[n++] = means[simple - plain];
            i += 2;
        } else if (code) {
            uint32_t cp;
            i += code_escape(s, i, &cp);
            bool scalar = cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
            n += utf8_put(out + n,
                          scalar ? cp : 0xFFFD); /* never longer than its escape, but for \0..\377: 2 of 2 */
        } else {
            out[n++] = s.p[i++];
        }
    }
    return (struct str){ out, n };
}

static struct str halve_quotes(struct arena *a, struct str s, char quote)
{
    if (str_chr(s, quote, 0) == s.n)
        return s;
    char *out = arena_alloc(a, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == quote)
            i++;
    }
    return (struct str){ out, n };
}

struct str kql_string_value(struct arena *a, struct str token)
{
    unsigned flags = kql_string_flags(token);
    size_t i = (flags & KQL_LIT_OBFUSCATED) ? 1 : 0;
    if (flags & KQL_LIT_MULTILINE) {
        struct str quote = str_sub(token, i, i + 3), body = str_sub(token, i + 3, token.n);
        return str_ends(body, quote) ? str_sub(body, 0, body.n - 3) : body;
    }
    if (flags & KQL_LIT_VERBATIM)
        i++;
    if (i >= token.n)
        return (struct str){ token.p, 0 };
    char quote = token.p[i];
    struct str body = str_sub(token, i + 1, token.n);
    if (body.n && body.p[body.n - 1] == quote)
        body.n--;
    if (flags & KQL_LIT_VERBATIM)
        return halve_quotes(a, body, quote);
    return str_chr(body, '\\', 0) == body.n ? body : decode_escapes(a, body);
}

/* -- typed values; each reads lit->text and returns false when it is none -- */

static bool read_hex(struct str s, int64_t *v)
{
    if (s.n < 3 || s.n > 18 || s.p[0] != '0' || (s.p[1] | 0x20) != 'x')
        return false;
    uint64_t u = 0;
    for (size_t i = 2; i < s.n; i++) {
        char c = s.p[i], l = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (l >= 'a' && l <= 'f')))
            return false;
        u = u << 4 | (uint64_t)(c <= '9' ? c - '0' : l - 'a' + 10);
    }
    *v = (int64_t)u;
    return true;
}

static bool read_long(struct arena *a, struct kql_literal *lit)
{
    (void)a;
    struct str s = lit->text;
    if (read_hex(s, &lit->v.i)) {
        lit->flags |= KQL_LIT_HEX;
        return true;
    }
    if (s.n > 1 && s.p[0] == '+')
        s = str_sub(s, 1, s.n);
    return str_to_i64(s, &lit->v.i);
}

static bool read_int(struct arena *a, struct kql_literal *lit)
{
    if (!read_long(a, lit))
        return false;
    if ((lit->flags & KQL_LIT_HEX) && lit->v.i <= UINT32_MAX)
        lit->v.i = (int32_t)lit->v.i;
    return lit->v.i >= INT32_MIN && lit->v.i <= INT32_MAX;
}

static bool read_real(struct arena *a, struct kql_literal *lit)
{
    struct str s = lit->text;
    bool minus = s.n && s.p[0] == '-';
    struct str word = s.n && (s.p[0] == '-' || s.p[0] == '+') ? str_sub(s, 1, s.n) : s;
    if (str_eq_nocase(word, STR("inf")) || str_eq_nocase(word, STR("infinity"))) {
        lit->v.r = minus ? -INFINITY : INFINITY;
        return true;
    }
    if (str_eq_nocase(word, STR("nan"))) {
        lit->v.r = NAN;
        return true;
    }
    if (word.n && word.p[word.n - 1] == '.')
        s = arena_strf(a, "%.*s0", STR_ARG(s));
    else if (s.n && s.p[0] == '+')
        s = word;
    return str_to_f64(s, &lit->v.r);
}

static bool read_bool(struct arena *a, struct kql_literal *lit)
{
    (void)a;
    int64_t n;
    struct str s = lit->text;
    if (str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false"))) {
        lit->v.b = (s.p[0] | 0x20) == 't';
        return true;
    }
    if (!str_to_i64(s, &n))
        return false;
    lit->v.b = n != 0;
    return true;
}

/* datetime("2020-01-01") reads as datetime(2020-01-01). */
static struct str unquoted(struct str s)
{
    bool both = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return both ? str_trim(str_sub(s, 1, s.n - 1)) : s;
}

/* 2025, 6, 14 and 2025 - 06 - 14 are dates too. */
static struct str plain_date(struct arena *a, struct str s)
{
    struct buf o = BUF_INIT;
    for (size_t i = 0; i < s.n; i++) {
        bool beside = s.p[i] == ' ' && i + 1 < s.n && o.n &&
                      (strchr(" -,", s.p[i + 1]) || o.p[o.n - 1] == '-');
        if (!beside)
            buf_putc(&o, s.p[i] == ',' ? '-' : s.p[i]);
    }
    struct str r = buf_to_arena(&o, a);
    buf_free(&o);
    return r;
}

static bool read_datetime(struct arena *a, struct kql_literal *lit)
{
    struct str s = unquoted(lit->text);
    return ticks_parse(s, &lit->v.i) || ticks_parse(plain_date(a, s), &lit->v.i);
}

/* 250nano: a hundredth of a tick each, and what is left over is cut. */
static bool read_nanoseconds(struct str s, int64_t *ticks)
{
    static const char *const units[] = { "nano", "nanos", "nanosec", "nanosecond", "nanoseconds" };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double v;
        if (!str_ends(s, str_z(units[i])) || !str_to_f64(str_sub(s, 0, s.n - strlen(units[i])), &v))
            continue;
        *ticks = (int64_t)(v / 100);
        return v < 9e18;
    }
    return false;
}

/* Also with a blank in front of the unit (15 seconds). */
static bool read_timespan(struct arena *a, struct kql_literal *lit)
{
    struct str s = unquoted(lit->text);
    size_t gap = str_chr(s, ' ', 0);
    if (gap < s.n)
        s = arena_strf(a, "%.*s%.*s", (int)gap, s.p, STR_ARG(str_trim(str_sub(s, gap, s.n))));
    return timespan_parse(s, &lit->v.i) || read_nanoseconds(s, &lit->v.i);
}

static bool read_guid(struct arena *a, struct kql_literal *lit)
{
    struct str s = unquoted(lit->text);
    char *out = arena_alloc(a, 37);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], l = (char)(c | 0x20);
        bool hex = (c >= '0' && c <= '9') || (l >= 'a' && l <= 'f');
        if (!hex && !strchr("-{}()", c))
            return false;
        if (!hex)
            continue;
        if (n == 8 || n == 13 || n == 18 || n == 23)
            out[n++] = '-';
        if (n == 36)
            return false;
        out[n++] = c <= '9' ? c : l;
    }
    lit->text = (struct str){ out, n };
    return n == 36;
}

static bool read_decimal(struct arena *a, struct kql_literal *lit)
{
    (void)a;
    hb_decimal ignored;
    struct str s = lit->text;
    if (s.n && s.p[0] == '+')
        s = str_sub(s, 1, s.n);
    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    lit->text = s;
    return decimal_parse(s, &ignored, NULL);
}

static bool (*const readers[HB_NTYPES])(struct arena *, struct kql_literal *) = {
    [HB_BOOL] = read_bool,         [HB_INT] = read_int,         [HB_LONG] = read_long,
    [HB_REAL] = read_real,         [HB_DECIMAL] = read_decimal, [HB_DATETIME] = read_datetime,
    [HB_TIMESPAN] = read_timespan, [HB_GUID] = read_guid,
};

static enum hb_type token_type(const struct kql_token *t)
{
    switch (t->kind) {
    case TK_LONG: return HB_LONG;
    case TK_REAL: return HB_REAL;
    case TK_TIMESPAN: return HB_TIMESPAN;
    case TK_BOOL: return HB_BOOL;
    case TK_RAWGUID: return HB_GUID;
    default: return (enum hb_type)t->type;
    }
}

void kql_literal_value(struct arena *a, struct kql_literal *lit, struct str source, const struct kql_token *t)
{
    lit->type = token_type(t);
    lit->text = kql_token_text(source, t);
    if (t->kind == TK_TYPED) {
        lit->flags |= KQL_LIT_TYPED;
        size_t open = str_chr(lit->text, '(', 0) + 1;
        size_t end = (t->flags & TF_UNCLOSED) ? lit->text.n : lit->text.n - 1;
        lit->text = str_trim(str_sub(lit->text, open, end));
        if (str_eqz(lit->text, "null") || (!lit->text.n && lit->type != HB_DATETIME)) {
            lit->is_null = true;
            return;
        }
    }
    if (!readers[lit->type](a, lit)) {
        lit->is_null = true;
        lit->flags |= KQL_LIT_BAD;
    }
}
