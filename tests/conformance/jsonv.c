/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small JSON reader for comparing: numbers keep their text, because 9007199254740993 must not become ...992.
 */
#include <math.h>
#include <string.h>

#include "compare.h"
#include "hb/buf.h"
#include "hb/json.h"
#include "hb/vec.h"

enum { DEPTH_MAX = 500 };

struct reader {
    struct arena *a;
    struct str s;
    size_t at;
    int depth;
};

static struct jv *value(struct reader *r);

static void blanks(struct reader *r)
{
    while (r->at < r->s.n && strchr(" \t\r\n", r->s.p[r->at]) && r->s.p[r->at])
        r->at++;
}

static bool take(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->s.n - r->at < n || memcmp(r->s.p + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

static struct jv *make(struct reader *r, enum jv_kind kind)
{
    struct jv *v = ARENA_NEW(r->a, struct jv);
    v->kind = kind;
    return v;
}

static bool hex4(struct reader *r, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at >= r->s.n)
            return false;
        const char *digits = "0123456789abcdef";
        char c = r->s.p[r->at];
        const char *d = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!d)
            return false;
        *out = *out * 16 + (unsigned)(d - digits);
    }
    return true;
}

static void put_utf8(struct buf *b, unsigned c)
{
    if (c < 0x80) {
        buf_putc(b, (char)c);
    } else if (c < 0x800) {
        buf_putc(b, (char)(0xc0 | c >> 6));
        buf_putc(b, (char)(0x80 | (c & 63)));
    } else {
        if (c < 0x10000) {
            buf_putc(b, (char)(0xe0 | c >> 12));
        } else {
            buf_putc(b, (char)(0xf0 | c >> 18));
            buf_putc(b, (char)(0x80 | (c >> 12 & 63)));
        }
        buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
        buf_putc(b, (char)(0x80 | (c & 63)));
    }
}

static bool escape(struct reader *r, struct buf *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    unsigned c, low;
    if (r->at >= r->s.n)
        return false;
    char e = r->s.p[r->at++];
    const char *known = e ? strchr(from, e) : NULL;
    if (known) {
        buf_putc(b, to[known - from]);
        return true;
    }
    if (e != 'u' || !hex4(r, &c))
        return false;
    size_t back = r->at;
    if (c >= 0xd800 && c < 0xdc00 && take(r, "\\u") && hex4(r, &low) && low >= 0xdc00 && low < 0xe000)
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    else
        r->at = back;
    put_utf8(b, c);
    return true;
}

/* Behind the opening quote. */
static bool string(struct reader *r, struct str *out)
{
    struct buf b = BUF_INIT;
    bool ok = false;
    while (r->at < r->s.n) {
        char c = r->s.p[r->at++];
        if (c == '"') {
            ok = true;
            break;
        }
        if ((unsigned char)c < 0x20)
            break;
        if (c != '\\')
            buf_putc(&b, c);
        else if (!escape(r, &b))
            break;
    }
    *out = buf_to_arena(&b, r->a);
    buf_free(&b);
    return ok;
}

static struct jv *number(struct reader *r)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY } };
    struct jv *v = make(r, JV_NUMBER);
    size_t from = r->at;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (take(r, words[i].word)) {
            v->f = words[i].value;
            v->s = str_sub(r->s, from, r->at);
            return v;
        }
    while (r->at < r->s.n && r->s.p[r->at] && strchr("+-0123456789.eE", r->s.p[r->at]))
        r->at++;
    v->s = str_sub(r->s, from, r->at);
    v->whole = str_chr(v->s, '.', 0) == v->s.n && str_chr(v->s, 'e', 0) == v->s.n &&
               str_chr(v->s, 'E', 0) == v->s.n;
    size_t digit = v->s.n && v->s.p[0] == '-';
    bool fits = v->s.n > digit && v->s.p[digit] >= '0' && v->s.p[digit] <= '9' &&
                !(v->s.p[digit] == '0' && v->s.n > digit + 1 && v->s.p[digit + 1] >= '0' &&
                  v->s.p[digit + 1] <= '9') &&
                v->s.p[v->s.n - 1] >= '0';
    return fits && str_to_f64(v->s, &v->f) ? v : NULL;
}

static void add_member(struct reader *r, struct jv *v, struct str key, struct jv *item, size_t *cap)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->keys && str_eq(v->keys[i], key)) {
            v->at[i] = item;
            return;
        }
    size_t kcap = *cap, n = v->n;
    *VEC_PUSH(r->a, v->keys, n, kcap) = key;
    *VEC_PUSH(r->a, v->at, v->n, *cap) = item;
}

static struct jv *container(struct reader *r, bool object)
{
    struct jv *v = make(r, object ? JV_OBJECT : JV_ARRAY);
    const char *end = object ? "}" : "]";
    size_t cap = 0;
    blanks(r);
    if (take(r, end))
        return v;
    for (;;) {
        struct str key = { 0 };
        blanks(r);
        if (object) {
            if (!take(r, "\"") || !string(r, &key))
                return NULL;
            blanks(r);
            if (!take(r, ":"))
                return NULL;
        }
        struct jv *item = value(r);
        if (!item)
            return NULL;
        if (object)
            add_member(r, v, key, item, &cap);
        else
            *VEC_PUSH(r->a, v->at, v->n, cap) = item;
        blanks(r);
        if (take(r, end))
            return v;
        if (!take(r, ","))
            return NULL;
    }
}

static struct jv *value(struct reader *r)
{
    struct jv *v = NULL;
    blanks(r);
    if (++r->depth > DEPTH_MAX)
        return NULL;
    if (take(r, "{")) {
        v = container(r, true);
    } else if (take(r, "[")) {
        v = container(r, false);
    } else if (take(r, "\"")) {
        v = make(r, JV_STRING);
        v = string(r, &v->s) ? v : NULL;
    } else if (take(r, "true") || take(r, "false")) {
        v = make(r, JV_BOOL);
        v->b = r->s.p[r->at - 2] == 'u';
    } else if (take(r, "null")) {
        v = make(r, JV_NULL);
    } else {
        v = number(r);
    }
    r->depth--;
    return v;
}

struct jv *jv_parse(struct arena *a, struct str text)
{
    struct reader r = { .a = a, .s = text };
    struct jv *v = value(&r);
    blanks(&r);
    return r.at == text.n ? v : NULL;
}

const struct jv *jv_get(const struct jv *v, const char *key)
{
    if (v && v->kind == JV_OBJECT)
        for (size_t i = 0; i < v->n; i++)
            if (str_eqz(v->keys[i], key))
                return v->at[i];
    return NULL;
}

struct str jv_text(const struct jv *v, const char *key)
{
    const struct jv *m = jv_get(v, key);
    return m && m->kind == JV_STRING ? m->s : STR("");
}

bool jv_true(const struct jv *v, const char *key)
{
    const struct jv *m = jv_get(v, key);
    return m && m->kind == JV_BOOL && m->b;
}

static void print(struct buf *b, const struct jv *v)
{
    switch (v->kind) {
    case JV_NULL: buf_puts(b, "null"); return;
    case JV_BOOL: buf_puts(b, v->b ? "true" : "false"); return;
    case JV_NUMBER: buf_str(b, v->s); return;
    case JV_STRING: json_put_str(b, v->s); return;
    case JV_ARRAY:
    case JV_OBJECT: break;
    }
    buf_putc(b, v->kind == JV_ARRAY ? '[' : '{');
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            buf_putc(b, ',');
        if (v->kind == JV_OBJECT) {
            json_put_str(b, v->keys[i]);
            buf_putc(b, ':');
        }
        print(b, v->at[i]);
    }
    buf_putc(b, v->kind == JV_ARRAY ? ']' : '}');
}

struct str jv_print(struct arena *a, const struct jv *v)
{
    struct buf b = BUF_INIT;
    print(&b, v);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}
