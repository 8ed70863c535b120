/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cell against one value, by the type of the result's column; and the pairing of rows.
 */
#include <math.h>
#include <string.h>

#include "compare.h"
#include "hb/buf.h"

/* -- dynamic -- */

static bool same_dynamic(struct arena *a, const struct jv *e, const struct jv *v, bool unordered);

struct elements {
    struct arena *a;
    const struct jv *e, *v;
};

static bool same_element(void *ctx, size_t i, size_t j)
{
    const struct elements *k = ctx;
    return same_dynamic(k->a, k->e->at[i], k->v->at[j], true);
}

static bool same_array(struct arena *a, const struct jv *e, const struct jv *v, bool unordered)
{
    size_t i = 0;
    if (e->n != v->n)
        return false;
    while (i < e->n && same_dynamic(a, e->at[i], v->at[i], unordered))
        i++;
    if (i == e->n || !unordered)
        return i == e->n;
    struct elements k = { a, e, v };
    return match(a, e->n, v->n, same_element, &k, ARENA_ARRAY(a, e->n, size_t)) == e->n;
}

static const struct jv *member(const struct jv *v, struct str key)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->keys[i], key))
            return v->at[i];
    return NULL;
}

static bool same_object(struct arena *a, const struct jv *e, const struct jv *v, bool unordered)
{
    if (e->n != v->n)
        return false;
    for (size_t i = 0; i < e->n; i++) {
        const struct jv *m = member(v, e->keys[i]);
        if (!m || !same_dynamic(a, e->at[i], m, unordered))
            return false;
    }
    return true;
}

static bool same_number(const struct jv *e, const struct jv *v)
{
    if (e->whole && v->whole)
        return numbers_same(e->s, v->s);
    if (isnan(e->f) || isnan(v->f))
        return isnan(e->f) && isnan(v->f);
    if (e->f == v->f)
        return true;
    struct buf b = BUF_INIT;
    buf_f64(&b, e->f);
    bool same = real_shows(buf_view(&b), v->f);
    buf_free(&b);
    return same;
}

static bool is_container(const struct jv *v)
{
    return v->kind == JV_ARRAY || v->kind == JV_OBJECT;
}

static bool is_guid(struct str s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789abcdefABCDEF-", s.p[i]) || !s.p[i])
            return false;
    return true;
}

static bool same_text(struct arena *a, struct str e, struct str v, bool unordered)
{
    int64_t x, y;
    if (str_eq(text_squeeze(a, e), text_squeeze(a, v)))
        return true;
    if ((text_datetime(e, &x) && text_datetime(v, &y) && x == y) ||
        (text_timespan(e, &x) && text_timespan(v, &y) && x == y) || (is_guid(e) && str_eq_nocase(e, v)))
        return true;
    const struct jv *p = jv_parse(a, e), *q = jv_parse(a, v);
    return p && q && is_container(p) && same_dynamic(a, p, q, unordered);
}

static bool same_dynamic(struct arena *a, const struct jv *e, const struct jv *v, bool unordered)
{
    if (e->kind == JV_NULL || v->kind == JV_NULL)
        return e->kind == v->kind;
    if (e->kind == JV_OBJECT && v->kind == JV_OBJECT)
        return same_object(a, e, v, unordered);
    if (e->kind == JV_ARRAY && v->kind == JV_ARRAY)
        return same_array(a, e, v, unordered);
    if (is_container(e) || is_container(v)) { /* JSON text inside a JSON string */
        const struct jv *inner = v->kind == JV_STRING ? jv_parse(a, v->s) : NULL;
        return inner && same_dynamic(a, e, inner, unordered);
    }
    if (e->kind == JV_BOOL && v->kind == JV_BOOL)
        return e->b == v->b;
    if (e->kind == JV_BOOL || v->kind == JV_BOOL) {
        const struct jv *truth = e->kind == JV_BOOL ? e : v, *other = e->kind == JV_BOOL ? v : e;
        return other->kind == JV_NUMBER && other->f == (truth->b ? 1 : 0);
    }
    if (e->kind == JV_NUMBER && v->kind == JV_NUMBER)
        return same_number(e, v);
    if (e->kind == JV_STRING && v->kind == JV_STRING)
        return same_text(a, e->s, v->s, unordered);
    double f;
    return e->kind == JV_NUMBER && !e->whole && text_nonfinite(v->s, &f) &&
           (e->f == f || (isnan(e->f) && isnan(f)));
}

/* A dynamic value that came as JSON text is read once. */
static const struct jv *as_dynamic(struct arena *a, const struct jv *v)
{
    const struct jv *inner = v->kind == JV_STRING ? jv_parse(a, v->s) : NULL;
    return inner ? inner : v;
}

/* -- printed JSON, as pages write it -- */

static struct str replaced(struct arena *a, struct str s, const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    size_t n = strlen(from);
    for (size_t at = 0; at < s.n;) {
        if (s.n - at >= n && memcmp(s.p + at, from, n) == 0) {
            buf_puts(&b, to);
            at += n;
        } else {
            buf_putc(&b, s.p[at++]);
        }
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* Without commas that stand before a closing bracket. */
static struct str no_last_comma(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.n; i++) {
        size_t next = i + 1;
        while (next < s.n && strchr(" \t\r\n\v\f", s.p[next]) && s.p[next])
            next++;
        if (s.p[i] != ',' || next == s.n || (s.p[next] != ']' && s.p[next] != '}'))
            buf_putc(&b, s.p[i]);
        else
            i = next - 1;
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

static bool word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct str lower_words(struct arena *a, struct str s)
{
    static const char *const words[][2] = { { "True", "true" }, { "False", "false" }, { "None", "null" } };
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.n;) {
        size_t w = 0, n = 0;
        for (; w < 3; w++) {
            n = strlen(words[w][0]);
            if (s.n - i >= n && memcmp(s.p + i, words[w][0], n) == 0 && (i == 0 || !word_char(s.p[i - 1])) &&
                (i + n == s.n || !word_char(s.p[i + n])))
                break;
        }
        if (w < 3)
            buf_puts(&b, words[w][1]), i += n;
        else
            buf_putc(&b, s.p[i++]);
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

static const struct jv *printed_json(struct arena *a, struct str text)
{
    struct str s = str_trim(text), t = no_last_comma(a, s);
    bool single = str_chr(t, '\'', 0) < t.n && str_chr(t, '"', 0) == t.n;
    struct str tries[] = {
        s,
        t,
        single ? replaced(a, t, "'", "\"") : t,
        replaced(a, replaced(a, t, "\r", " "), "\n", " "),
        replaced(a, replaced(a, t, "\xe2\x80\x9c", "\""), "\xe2\x80\x9d", "\""),
        lower_words(a, t),
    };
    const struct jv *v = NULL;
    for (size_t i = 0; s.n && !v && i < sizeof tries / sizeof *tries; i++)
        v = jv_parse(a, tries[i]);
    return v;
}

/* Without blanks, quotes and backslashes: for cells that are not JSON. */
static struct str bare(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(" \t\r\n\v\f\"\\", s.p[i]) || !s.p[i])
            buf_putc(&b, s.p[i]);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* -- printed cells -- */

struct cell {
    struct arena *a;
    struct str text; /* trimmed */
    const struct jv *v;
    bool unordered;
};

static bool printed_bool(const struct cell *c)
{
    static const char *const yes[] = { "true", "1" }, *const no[] = { "false", "0" };
    int shown = -1, got = -1;
    for (int i = 0; i < 2; i++) {
        if (str_eq_nocase(c->text, str_z(yes[i])))
            shown = 1;
        if (str_eq_nocase(c->text, str_z(no[i])))
            shown = 0;
        if (c->v->kind == JV_STRING && str_eq_nocase(c->v->s, str_z(yes[i])))
            got = 1;
        if (c->v->kind == JV_STRING && str_eq_nocase(c->v->s, str_z(no[i])))
            got = 0;
    }
    if (c->v->kind == JV_BOOL)
        got = c->v->b;
    else if (c->v->kind == JV_NUMBER)
        got = c->v->f == 1 ? 1 : c->v->f == 0 ? 0 : -1;
    return shown >= 0 && shown == got;
}

static bool printed_long(const struct cell *c)
{
    struct str n;
    if (!text_number(c->a, c->text, &n))
        return false;
    if (c->v->kind == JV_BOOL)
        return numbers_same(n, c->v->b ? STR("1") : STR("0"));
    return (c->v->kind == JV_NUMBER || c->v->kind == JV_STRING) && numbers_same(n, c->v->s);
}

static bool printed_real(const struct cell *c, bool decimal)
{
    struct str n, got;
    double shown, f = 0;
    bool odd = c->v->kind == JV_NUMBER && !isfinite(c->v->f);
    if (odd)
        f = c->v->f;
    if (odd || (c->v->kind == JV_STRING && text_nonfinite(c->v->s, &f)))
        return text_nonfinite(c->text, &shown) && (shown == f || (isnan(shown) && isnan(f)));
    if ((c->v->kind != JV_NUMBER && c->v->kind != JV_STRING) || !text_number(c->a, c->text, &n) ||
        !text_number(c->a, c->v->s, &got))
        return false;
    if (decimal)
        return decimal_shows(n, got);
    return str_to_f64(got, &f) && real_shows(n, f);
}

static bool printed_text_of_dynamic(const struct cell *c, struct str got)
{
    struct str shown = text_squeeze(c->a, c->text);
    struct jv text = { .kind = JV_STRING, .s = c->text }, value = { .kind = JV_STRING, .s = got };
    got = text_squeeze(c->a, got);
    if (str_eq(shown, got) || same_dynamic(c->a, &text, &value, false) || (!got.n && text_is_null(c->text)))
        return true;
    size_t n = c->text.n;
    return n > 1 && c->text.p[0] == '"' && c->text.p[n - 1] == '"' &&
           str_eq(text_squeeze(c->a, str_sub(c->text, 1, n - 1)), got);
}

static bool printed_dynamic(const struct cell *c)
{
    const struct jv *v = as_dynamic(c->a, c->v), *shown = printed_json(c->a, c->text);
    struct str n;
    if (v->kind == JV_NULL)
        return text_is_null(c->text);
    if (shown && same_dynamic(c->a, shown, v, c->unordered))
        return true;
    switch (v->kind) {
    case JV_STRING: return printed_text_of_dynamic(c, v->s);
    case JV_BOOL: return str_eq_nocase(c->text, v->b ? STR("true") : STR("false"));
    case JV_NUMBER:
        return text_number(c->a, c->text, &n) && (v->whole ? numbers_same(n, v->s) : real_shows(n, v->f));
    default: return !shown && str_eq(bare(c->a, c->text), bare(c->a, jv_print(c->a, v)));
    }
}

static bool printed_string(const struct cell *c)
{
    struct str got = c->v->kind == JV_STRING ? c->v->s : jv_print(c->a, c->v);
    if (str_eq(text_squeeze(c->a, c->text), text_squeeze(c->a, got)))
        return true;
    if (!got.n)
        return text_is_null(c->text) || str_eqz(c->text, "\"\"") || str_eqz(c->text, "''");
    got = str_trim(got); /* JSON text: blanks, order of members and spelling of numbers are free */
    if (!got.n || (got.p[0] != '[' && got.p[0] != '{') || !c->text.n || c->text.p[0] != got.p[0])
        return false;
    struct str x = replaced(c->a, text_squeeze(c->a, got), " ", "");
    if (str_eq(x, replaced(c->a, text_squeeze(c->a, c->text), " ", "")))
        return true;
    const struct jv *p = jv_parse(c->a, c->text), *q = jv_parse(c->a, got);
    return p && q && same_dynamic(c->a, p, q, c->unordered);
}

static bool printed_time(const struct cell *c, bool (*read)(struct str, int64_t *))
{
    int64_t x, y;
    return c->v->kind == JV_STRING && read(c->text, &x) && read(c->v->s, &y) && x == y;
}

static enum hb_type guess(const struct jv *v)
{
    switch (v->kind) {
    case JV_BOOL: return HB_BOOL;
    case JV_NUMBER: return v->whole ? HB_LONG : HB_REAL;
    case JV_ARRAY:
    case JV_OBJECT: return HB_DYNAMIC;
    default: return HB_UNKNOWN;
    }
}

static bool printed(const struct cell *c, enum hb_type type)
{
    static const enum hb_type any[] = {
        HB_STRING, HB_DATETIME, HB_TIMESPAN, HB_GUID, HB_DECIMAL, HB_DYNAMIC
    };
    if (c->v->kind == JV_NULL)
        return text_is_null(c->text);
    switch (type == HB_UNKNOWN ? guess(c->v) : type) {
    case HB_BOOL: return printed_bool(c);
    case HB_INT:
    case HB_LONG: return printed_long(c);
    case HB_REAL:
    case HB_DECIMAL: return printed_real(c, type == HB_DECIMAL);
    case HB_DATETIME: return printed_time(c, text_datetime);
    case HB_TIMESPAN: return printed_time(c, text_timespan);
    case HB_GUID: return c->v->kind == JV_STRING && str_eq_nocase(c->text, str_trim(c->v->s));
    case HB_DYNAMIC: return printed_dynamic(c);
    case HB_STRING: return printed_string(c);
    default: break;
    }
    for (size_t i = 0; i < sizeof any / sizeof *any; i++)
        if (printed(c, any[i]))
            return true;
    return false;
}

bool cell_equal(struct arena *a, struct str text, struct str raw, const struct jv *actual, enum hb_type type,
                bool unordered)
{
    struct cell c = { a, str_trim(text), actual, unordered };
    if (printed(&c, type))
        return true;
    c.text = str_trim(raw);
    return !str_eq(text, raw) && printed(&c, type);
}

/* -- typed values -- */

static bool value_real(const struct jv *e, const struct jv *v)
{
    double f[2];
    const struct jv *side[2] = { e, v };
    for (int i = 0; i < 2; i++) {
        if (side[i]->kind == JV_STRING && !text_nonfinite(side[i]->s, &f[i]) &&
            !str_to_f64(str_trim(side[i]->s), &f[i]))
            return false;
        if (side[i]->kind == JV_NUMBER)
            f[i] = side[i]->f;
        else if (side[i]->kind == JV_BOOL)
            f[i] = side[i]->b;
        else if (side[i]->kind != JV_STRING)
            return false;
    }
    if (isnan(f[0]) || isnan(f[1]))
        return isnan(f[0]) && isnan(f[1]);
    return f[0] == f[1] ||
           (!isinf(f[0]) && !isinf(f[1]) && fabs(f[0] - f[1]) <= 1e-9 * fmax(fabs(f[0]), fabs(f[1])));
}

static bool value_dynamic(struct arena *a, const struct jv *e, const struct jv *v, bool unordered)
{
    bool json = e->kind == JV_STRING && e->s.n && strchr("[{\"", e->s.p[0]) && e->s.p[0];
    const struct jv *read = json ? as_dynamic(a, e) : e;
    return same_dynamic(a, read, as_dynamic(a, v), unordered) || same_dynamic(a, e, v, unordered);
}

/* What Python's truth of a value is: the reference comparer's rule for bool. */
static bool truth(const struct jv *v)
{
    return v->kind == JV_BOOL     ? v->b
           : v->kind == JV_NUMBER ? v->f != 0
           : v->kind == JV_STRING ? v->s.n > 0
                                  : v->n > 0;
}

static struct str spelled(struct arena *a, const struct jv *v)
{
    return v->kind == JV_STRING ? v->s : jv_print(a, v);
}

bool value_equal(struct arena *a, const struct jv *e, const struct jv *v, enum hb_type type, bool unordered)
{
    if (type == HB_STRING) {
        struct str x = e->kind == JV_NULL ? STR("") : spelled(a, e), y = v->kind == JV_NULL ? STR("") : v->s;
        return (v->kind == JV_NULL || v->kind == JV_STRING) && str_eq(x, y);
    }
    if (e->kind == JV_NULL || v->kind == JV_NULL) {
        const struct jv *read = type == HB_DYNAMIC ? as_dynamic(a, v) : v;
        return (e->kind == JV_NULL) == (read->kind == JV_NULL);
    }
    switch (type) {
    case HB_REAL:
    case HB_DECIMAL: return value_real(e, v);
    case HB_DYNAMIC: return value_dynamic(a, e, v, unordered);
    case HB_BOOL:
        return truth(e) == truth(v) &&
               (v->kind == JV_BOOL || (v->kind == JV_NUMBER && (v->f == 0 || v->f == 1)));
    case HB_INT:
    case HB_LONG: return numbers_same(spelled(a, e), spelled(a, v));
    default: {
        struct cell c = { a, str_trim(spelled(a, e)), v, unordered };
        return printed(&c, type);
    }
    }
}

/* -- pairing -- */

struct matching {
    size_t n, m;
    same_fn *same;
    void *ctx;
    signed char *known; /* [n * m]: 0 not asked, 1 same, -1 not */
    size_t *left, *right;
    bool *seen;
};

static bool ask(struct matching *k, size_t i, size_t j)
{
    signed char *memo = &k->known[i * k->m + j];
    if (!*memo)
        *memo = k->same(k->ctx, i, j) ? 1 : -1;
    return *memo > 0;
}

static bool augment(struct matching *k, size_t i)
{
    for (size_t j = 0; j < k->m; j++) {
        if (k->seen[j] || !ask(k, i, j))
            continue;
        k->seen[j] = true;
        if (k->right[j] == SIZE_MAX || augment(k, k->right[j])) {
            k->left[i] = j;
            k->right[j] = i;
            return true;
        }
    }
    return false;
}

size_t match(struct arena *a, size_t n, size_t m, same_fn *same, void *ctx, size_t *pair)
{
    struct matching k = { n,
                          m,
                          same,
                          ctx,
                          arena_array(a, n ? n : 1, m ? m : 1),
                          pair,
                          ARENA_ARRAY(a, m, size_t),
                          ARENA_ARRAY(a, m, bool) };
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        pair[i] = SIZE_MAX;
    for (size_t j = 0; j < m; j++)
        k.right[j] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) { /* its own place first: answers mostly come in order */
        if (i < m && k.right[i] == SIZE_MAX && ask(&k, i, i)) {
            pair[i] = i;
            k.right[i] = i;
            found++;
            continue;
        }
        memset(k.seen, 0, m * sizeof *k.seen);
        found += augment(&k, i);
    }
    return found;
}
