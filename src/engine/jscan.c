/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON in place. Skipping is a loop with a depth counter, so that no nesting can exhaust the stack;
 * only the canonical form recurses, to JSON_DEPTH_MAX.
 */
#include "jscan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(struct str s, size_t i)
{
    while (i < s.n && is_blank(s.p[i]))
        i++;
    return i;
}

char json_kind(struct str raw)
{
    size_t i = skip_blanks(raw, 0);
    if (i == raw.n)
        return 0;
    char c = raw.p[i];
    if (c == '-' || (c >= '0' && c <= '9'))
        return '0';
    return strchr("{[\"tfn", c) && c ? c : 0;
}

/* i is at the opening quote; gives the place behind the closing one. */
static size_t skip_string(struct str s, size_t i)
{
    for (i++; i < s.n; i++) {
        if (s.p[i] == '"')
            return i + 1;
        if (s.p[i] == '\\')
            i++;
    }
    return s.n;
}

/* Bytes that end a number or a word. */
static const bool ends_word[256] = {
    [0] = true,   [','] = true, [':'] = true, [']'] = true,  ['}'] = true,  ['{'] = true,
    ['['] = true, ['"'] = true, [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true,
};

static size_t skip_word(struct str s, size_t i)
{
    while (i < s.n && !ends_word[(unsigned char)s.p[i]])
        i++;
    return i;
}

/* i is at { or [; gives the place behind its partner. */
static size_t skip_container(struct str s, size_t i)
{
    size_t depth = 0;
    while (i < s.n) {
        switch (s.p[i]) {
        case '"': i = skip_string(s, i); continue;
        case '{':
        case '[': depth++; break;
        case '}':
        case ']':
            if (--depth == 0)
                return i + 1;
            break;
        default: break;
        }
        i++;
    }
    return s.n;
}

size_t json_skip(struct str s, size_t i)
{
    i = skip_blanks(s, i);
    if (i >= s.n)
        return s.n;
    char c = s.p[i];
    if (c == '"')
        return skip_string(s, i);
    if (c == '{' || c == '[')
        return skip_container(s, i);
    return skip_word(s, i);
}

bool jiter_begin(struct jiter *it, struct str raw)
{
    size_t i = skip_blanks(raw, 0);
    it->s = raw;
    it->i = i + 1;
    it->object = i < raw.n && raw.p[i] == '{';
    return it->object || (i < raw.n && raw.p[i] == '[');
}

bool jiter_next(struct jiter *it, struct str *name, struct str *value)
{
    struct str s = it->s;
    size_t i = it->i;
    while (i < s.n && (is_blank(s.p[i]) || s.p[i] == ','))
        i++;
    if (i >= s.n || s.p[i] == ']' || s.p[i] == '}')
        return false;
    if (it->object) {
        size_t end = json_skip(s, i);
        if (name)
            *name = str_sub(s, i, end);
        i = skip_blanks(s, end);
        if (i >= s.n || s.p[i] != ':')
            return false;
        i = skip_blanks(s, i + 1);
    }
    size_t end = json_skip(s, i);
    if (end == i) /* a stray bracket: not JSON */
        return false;
    *value = str_sub(s, i, end);
    it->i = end;
    return true;
}

size_t json_count(struct str raw)
{
    struct jiter it;
    size_t n = 0;
    struct str value;
    if (jiter_begin(&it, raw))
        while (jiter_next(&it, NULL, &value))
            n++;
    return n;
}

struct jtexts jtexts_begin(struct str raw)
{
    return (struct jtexts){ raw, 0, json_kind(raw) != '[' };
}

bool jtexts_next(struct jtexts *it, struct str *raw)
{
    struct str s = it->s;
    size_t i = it->i;
    for (;;) {
        while (i < s.n && (is_blank(s.p[i]) || strchr("[],", s.p[i])) && s.p[i] && !it->lone)
            i++;
        if (i >= s.n)
            return false;
        size_t end = it->lone ? s.n : json_skip(s, i);
        if (end == i)
            return false;
        *raw = str_sub(s, i, end);
        i = it->i = end;
        if (!json_is_null(*raw))
            return true;
    }
}

bool json_name_is(struct str raw, struct str name)
{
    if (raw.n < 2)
        return false;
    struct str inner = { raw.p + 1, raw.n - 2 };
    if (str_eq(inner, name))
        return str_chr(inner, '\\', 0) == inner.n;
    if (str_chr(inner, '\\', 0) == inner.n)
        return false;
    struct buf text = BUF_INIT;
    json_put_unescaped(&text, raw);
    bool same = str_eq(buf_view(&text), name);
    buf_free(&text);
    return same;
}

bool json_member(struct str raw, struct str name, struct str *out)
{
    struct jiter it;
    struct str key;
    if (!jiter_begin(&it, raw) || !it.object)
        return false;
    while (jiter_next(&it, &key, out))
        if (json_name_is(key, name))
            return true;
    return false;
}

bool json_element(struct str raw, int64_t index, struct str *out)
{
    struct jiter it;
    if (!jiter_begin(&it, raw) || it.object)
        return false;
    if (index < 0)
        index += (int64_t)json_count(raw);
    if (index < 0)
        return false;
    while (jiter_next(&it, NULL, out))
        if (index-- == 0)
            return true;
    return false;
}

/* ~1 is a slash, ~0 a tilde. */
static struct str pointer_part(struct str part, struct buf *b)
{
    if (str_chr(part, '~', 0) == part.n)
        return part;
    buf_clear(b);
    for (size_t i = 0; i < part.n; i++) {
        bool escaped = part.p[i] == '~' && i + 1 < part.n;
        buf_putc(b, !escaped ? part.p[i] : part.p[i + 1] == '1' ? '/' : '~');
        i += escaped;
    }
    return buf_view(b);
}

bool json_pointer(struct str raw, struct str pointer, struct str *out)
{
    struct buf b = BUF_INIT;
    *out = raw;
    bool ok = true;
    for (size_t i = 0; ok && i < pointer.n;) {
        size_t end = str_chr(pointer, '/', i + 1);
        struct str part = pointer_part(str_sub(pointer, i + 1, end), &b);
        int64_t index;
        if (json_kind(*out) == '[')
            ok = str_to_i64(part, &index) && json_element(*out, index, out);
        else
            ok = json_member(*out, part, out);
        i = end;
    }
    buf_free(&b);
    return ok;
}

/* ---- Strings ---- */

static int hex4(struct str s, size_t i)
{
    int v = 0;
    if (i + 4 > s.n)
        return -1;
    for (size_t k = i; k < i + 4; k++) {
        char c = s.p[k];
        int d = c >= '0' && c <= '9'                 ? c - '0'
                : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                     : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

/* s.p[*i] is behind "\u"; moves *i behind the digits, also of the second half of a pair. */
static uint32_t unicode_escape(struct str s, size_t *i)
{
    int high = hex4(s, *i);
    if (high < 0)
        return 0xFFFD;
    *i += 4;
    if (high < 0xD800 || high > 0xDFFF)
        return (uint32_t)high;
    if (high > 0xDBFF || *i + 6 > s.n || s.p[*i] != '\\' || s.p[*i + 1] != 'u')
        return 0xFFFD;
    int low = hex4(s, *i + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return 0xFFFD;
    *i += 6;
    return 0x10000 + (((uint32_t)high & 0x3FF) << 10) + ((uint32_t)low & 0x3FF);
}

void json_put_unescaped(struct buf *b, struct str raw)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    struct str s = str_sub(raw, 1, raw.n ? raw.n - 1 : 0);
    for (size_t i = 0; i < s.n;) {
        size_t next = str_chr(s, '\\', i);
        buf_put(b, s.p + i, next - i);
        i = next + 1;
        if (i >= s.n)
            return;
        char c = s.p[i++];
        const char *at = strchr(from, c);
        if (c == 'u') {
            char bytes[4];
            buf_put(b, bytes, utf8_put(bytes, unicode_escape(s, &i)));
        } else {
            buf_putc(b, c && at ? to[at - from] : c);
        }
    }
}

void json_put_plain(struct buf *b, struct str raw)
{
    if (json_kind(raw) == '"')
        json_put_unescaped(b, str_trim(raw));
    else
        buf_str(b, raw);
}

/* ---- Checking and compacting ---- */

/* Walks a text as JSON. `out` NULL: only checks, and notes in `blanks` whether there was anything to leave out. */
struct checker {
    struct str s;
    size_t i;
    struct buf *out;
    bool blanks;
};

static void keep(struct checker *c, size_t from)
{
    if (c->out)
        buf_put(c->out, c->s.p + from, c->i - from);
}

static void eat_blanks(struct checker *c)
{
    size_t from = c->i;
    c->i = skip_blanks(c->s, c->i);
    c->blanks |= c->i > from;
}

static bool eat_string(struct checker *c)
{
    size_t from = c->i++;
    for (; c->i < c->s.n; c->i++) {
        unsigned char u = (unsigned char)c->s.p[c->i];
        if (u == '"') {
            c->i++;
            keep(c, from);
            return true;
        }
        if (u < 0x20)
            return false;
        if (u != '\\')
            continue;
        c->i++;
        if (c->i >= c->s.n || !c->s.p[c->i] || !strchr("\"\\/bfnrtu", c->s.p[c->i]))
            return false;
        if (c->s.p[c->i] == 'u' && hex4(c->s, c->i + 1) < 0)
            return false;
    }
    return false;
}

static size_t digits(struct checker *c)
{
    size_t from = c->i;
    while (c->i < c->s.n && c->s.p[c->i] >= '0' && c->s.p[c->i] <= '9')
        c->i++;
    return c->i - from;
}

static bool at(const struct checker *c, char a, char b)
{
    return c->i < c->s.n && (c->s.p[c->i] == a || c->s.p[c->i] == b);
}

static bool eat_number(struct checker *c)
{
    size_t from = c->i;
    c->i += at(c, '-', '-');
    bool zero = at(c, '0', '0');
    size_t n = digits(c);
    if (n == 0 || (zero && n > 1))
        return false;
    if (at(c, '.', '.')) {
        c->i++;
        if (!digits(c))
            return false;
    }
    if (at(c, 'e', 'E')) {
        c->i++;
        c->i += at(c, '+', '-');
        if (!digits(c))
            return false;
    }
    keep(c, from);
    return true;
}

static bool eat_word(struct checker *c)
{
    static const struct str words[] = { STR_INIT("true"), STR_INIT("false"), STR_INIT("null") };
    size_t from = c->i;
    for (size_t k = 0; k < 3; k++)
        if (str_starts(str_sub(c->s, c->i, c->s.n), words[k])) {
            c->i += words[k].n;
            keep(c, from);
            return true;
        }
    return false;
}

static bool eat_scalar(struct checker *c)
{
    char k = c->s.p[c->i];
    if (k == '"')
        return eat_string(c);
    if (k == '-' || (k >= '0' && k <= '9'))
        return eat_number(c);
    return eat_word(c);
}

static bool eat_char(struct checker *c, char want)
{
    eat_blanks(c);
    if (!at(c, want, want))
        return false;
    c->i++;
    keep(c, c->i - 1);
    eat_blanks(c);
    return true;
}

static bool eat_name(struct checker *c)
{
    eat_blanks(c);
    return at(c, '"', '"') && eat_string(c) && eat_char(c, ':');
}

/* Behind a value: closes what ends here. False in *more: the whole value has been read. */
static bool eat_ends(struct checker *c, const char *stack, size_t *depth, bool *more)
{
    while (*depth > 0) {
        if (eat_char(c, stack[*depth - 1])) {
            --*depth;
            continue;
        }
        *more = true;
        return eat_char(c, ',') && (stack[*depth - 1] != '}' || eat_name(c));
    }
    *more = false;
    return true;
}

/* A value; containers by a stack of their closing brackets. */
static bool eat_value(struct checker *c)
{
    char stack[JSON_DEPTH_MAX];
    size_t depth = 0;
    bool more = true;
    while (more) {
        eat_blanks(c);
        if (c->i >= c->s.n)
            return false;
        char k = c->s.p[c->i];
        if (k == '{' || k == '[') {
            if (depth == JSON_DEPTH_MAX)
                return false;
            char close = stack[depth++] = k == '{' ? '}' : ']';
            eat_char(c, k);
            if (!at(c, close, close)) {
                if (k == '{' && !eat_name(c))
                    return false;
                continue;
            }
        } else if (!eat_scalar(c)) {
            return false;
        }
        if (!eat_ends(c, stack, &depth, &more))
            return false;
    }
    return true;
}

bool json_compact(struct buf *b, struct str s)
{
    struct checker c = { .s = s };
    if (!eat_value(&c))
        return false;
    eat_blanks(&c);
    if (c.i != s.n)
        return false;
    if (!c.blanks) {
        buf_str(b, s);
        return true;
    }
    c = (struct checker){ .s = s, .out = b };
    return eat_value(&c);
}

/* ---- Canonical and sorted forms ---- */

struct pair {
    struct str name, value;
    struct str key; /* what orders it: the text of the name in the canonical form, else the name as written */
    size_t place;
};

static int by_key(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = str_cmp(x->key, y->key);
    return order ? order : x->place < y->place ? -1 : 1;
}

static void put_form(struct buf *b, struct str raw, bool canon, size_t depth);

/* The texts of all names, in `texts`: "\u0061" and "a" are one name. */
static void unescape_keys(struct pair *pairs, size_t n, struct buf *texts)
{
    for (size_t i = 0; i < n; i++) {
        pairs[i].key.n = texts->n; /* where it begins, until the buffer has stopped moving */
        json_put_unescaped(texts, pairs[i].name);
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = pairs[i].key.n, to = i + 1 < n ? pairs[i + 1].key.n : texts->n;
        pairs[i].key = (struct str){ texts->p ? texts->p + from : "", to - from };
    }
}

static void put_object(struct buf *b, struct jiter *it, size_t count, bool canon, size_t depth)
{
    struct pair *pairs = calloc(count + 1, sizeof *pairs);
    struct buf texts = BUF_INIT;
    size_t n = 0;
    assert(pairs);
    while (n < count && jiter_next(it, &pairs[n].name, &pairs[n].value)) {
        pairs[n].key = pairs[n].name;
        pairs[n].place = n;
        n++;
    }
    if (canon)
        unescape_keys(pairs, n, &texts);
    qsort(pairs, n, sizeof *pairs, by_key);
    buf_putc(b, '{');
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        if (canon && i > 0 && str_eq(pairs[i].key, pairs[i - 1].key))
            continue; /* the first of equal names wins */
        if (!first)
            buf_putc(b, ',');
        first = false;
        put_form(b, pairs[i].name, canon, depth);
        buf_putc(b, ':');
        put_form(b, pairs[i].value, canon, depth);
    }
    buf_putc(b, '}');
    buf_free(&texts);
    free(pairs);
}

static void put_canon_scalar(struct buf *b, struct str raw)
{
    int64_t whole;
    double real;
    struct buf text = BUF_INIT;
    switch (json_kind(raw)) {
    case '"':
        json_put_unescaped(&text, raw);
        json_put_str(b, buf_view(&text));
        break;
    case '0':
        if (str_to_i64(raw, &whole))
            buf_i64(b, whole);
        else if (str_to_f64(raw, &real) && real >= -9e15 && real <= 9e15 && real == (double)(int64_t)real)
            buf_i64(b, (int64_t)real);
        else if (str_to_f64(raw, &real))
            buf_f64(b, real);
        else
            buf_str(b, raw);
        break;
    default: buf_str(b, raw);
    }
    buf_free(&text);
}

static void put_form(struct buf *b, struct str raw, bool canon, size_t depth)
{
    struct jiter it;
    struct str value;
    if (depth > JSON_DEPTH_MAX || !jiter_begin(&it, raw)) {
        if (canon)
            put_canon_scalar(b, raw);
        else
            buf_str(b, raw);
        return;
    }
    if (it.object) {
        put_object(b, &it, json_count(raw), canon, depth + 1);
        return;
    }
    buf_putc(b, '[');
    for (bool first = true; jiter_next(&it, NULL, &value); first = false) {
        if (!first)
            buf_putc(b, ',');
        put_form(b, value, canon, depth + 1);
    }
    buf_putc(b, ']');
}

void json_put_canon(struct buf *b, struct str raw)
{
    put_form(b, raw, true, 0);
}

void json_put_sorted(struct buf *b, struct str raw)
{
    put_form(b, raw, false, 0);
}
