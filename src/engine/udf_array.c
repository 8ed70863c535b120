/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays and bags: JSON text in, JSON text out, read in place (jscan.h).
 *
 * Results are compact; an absent value inside an array is written as null. What is not of the expected kind gives NULL,
 * as the meanings in hb/kql_udf.h say.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/ticks.h"
#include "jscan.h"
#include "udf.h"

enum { RANGE_MAX = 1048576 };

static const struct str json_null = STR_INIT("null");

static bool is_array(struct str raw)
{
    return json_kind(raw) == '[';
}

/* The next value of an array under construction that begins at out.p[from]. */
static void item(struct udf_call *c, size_t from, struct str raw)
{
    if (c->out.n > from)
        buf_putc(&c->out, ',');
    else
        buf_putc(&c->out, '[');
    buf_str(&c->out, raw.n ? raw : json_null);
}

static void close_array(struct udf_call *c, size_t from)
{
    buf_puts(&c->out, c->out.n > from ? "]" : "[]");
}

/* Elements of an array as views; freed by the caller. */
struct elems {
    struct str *v;
    size_t n, cap;
};

static void push(struct elems *e, struct str raw)
{
    if (e->n == e->cap) {
        e->cap = e->cap ? 2 * e->cap : 16;
        e->v = realloc(e->v, e->cap * sizeof *e->v);
        if (!e->v)
            abort();
    }
    e->v[e->n++] = raw;
}

static struct elems elems_of(struct str raw)
{
    struct elems e = { 0 };
    struct jiter it;
    struct str v;
    if (jiter_begin(&it, raw) && !it.object)
        while (jiter_next(&it, NULL, &v))
            push(&e, str_trim(v));
    return e;
}

/* ---- sets of values, in order of first sight ---- */

struct seen {
    struct buf text; /* canonical forms, one behind the other */
    size_t *end;
    uint64_t *hash;
    uint32_t *slots;
    size_t n, cap, nslots;
};

static void seen_free(struct seen *s)
{
    buf_free(&s->text);
    free(s->end);
    free(s->hash);
    free(s->slots);
}

static struct str seen_at(const struct seen *s, size_t i)
{
    size_t from = i ? s->end[i - 1] : 0;
    return (struct str){ s->text.p + from, s->end[i] - from };
}

static void seen_grow(struct seen *s)
{
    s->nslots = s->nslots ? 2 * s->nslots : 64;
    s->cap = s->nslots / 2;
    s->end = realloc(s->end, s->cap * sizeof *s->end);
    s->hash = realloc(s->hash, s->cap * sizeof *s->hash);
    free(s->slots);
    s->slots = calloc(s->nslots, sizeof *s->slots);
    if (!s->end || !s->hash || !s->slots)
        abort();
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->hash[i] & (s->nslots - 1);
        while (s->slots[at])
            at = (at + 1) & (s->nslots - 1);
        s->slots[at] = (uint32_t)i + 1;
    }
}

/* Number of the value, SIZE_MAX if it is not there; add: it is put in then, *fresh tells. */
static size_t seen_find(struct seen *s, struct str raw, bool add, bool *fresh)
{
    if (s->n == s->cap)
        seen_grow(s);
    size_t from = s->text.n;
    json_put_canon(&s->text, raw);
    struct str key = { s->text.p + from, s->text.n - from };
    uint64_t h = str_hash(key);
    size_t at = h & (s->nslots - 1);
    *fresh = false;
    for (; s->slots[at]; at = (at + 1) & (s->nslots - 1)) {
        size_t i = s->slots[at] - 1;
        if (s->hash[i] == h && str_eq(seen_at(s, i), key)) {
            s->text.n = from;
            return i;
        }
    }
    if (!add) {
        s->text.n = from;
        return SIZE_MAX;
    }
    *fresh = true;
    s->slots[at] = (uint32_t)s->n + 1;
    s->hash[s->n] = h;
    s->end[s->n] = s->text.n;
    return s->n++;
}

/* ---- plain arrays ---- */

static bool array_length(struct udf_call *c)
{
    c->i = (int64_t)json_count(c->arg[0].s);
    return is_array(c->arg[0].s);
}

static bool json_array(struct udf_call *c)
{
    for (size_t i = 0; i < c->arg[0].n; i++)
        item(c, 0, c->arg[0].list[i]);
    close_array(c, 0);
    return true;
}

static bool json_object(struct udf_call *c)
{
    const struct udf_arg *names = &c->arg[0], *values = &c->arg[1];
    buf_putc(&c->out, '{');
    for (size_t i = 0; i < names->n && i < values->n; i++) {
        bool again = false;
        for (size_t k = i + 1; k < names->n && !again; k++)
            again = str_eq(names->list[k], names->list[i]);
        if (again)
            continue;
        if (c->out.n > 1)
            buf_putc(&c->out, ',');
        json_put_str(&c->out, names->list[i].p ? names->list[i] : STR(""));
        buf_putc(&c->out, ':');
        buf_str(&c->out, values->list[i].p ? values->list[i] : json_null);
    }
    buf_putc(&c->out, '}');
    return true;
}

static void elem(struct udf_call *c, struct str raw)
{
    raw = str_trim(raw);
    if (!json_is_null(raw))
        buf_str(&c->out, raw);
    udf_end_elem(c);
    if (json_is_null(raw))
        c->ends[c->nends - 1] |= UDF_NULL_ELEM;
}

static bool elems(struct udf_call *c, bool pairs)
{
    struct jiter it;
    struct str name, v;
    if (!jiter_begin(&it, c->arg[0].s)) {
        elem(c, c->arg[0].s);
        return true;
    }
    while (jiter_next(&it, &name, &v)) {
        if (!it.object) {
            elem(c, v);
            continue;
        }
        buf_putc(&c->out, pairs ? '[' : '{');
        buf_str(&c->out, name);
        buf_putc(&c->out, pairs ? ',' : ':');
        buf_str(&c->out, v);
        buf_putc(&c->out, pairs ? ']' : '}');
        udf_end_elem(c);
    }
    return true;
}

static bool elems_bags(struct udf_call *c)
{
    return elems(c, false);
}

static bool elems_pairs(struct udf_call *c)
{
    return elems(c, true);
}

static bool members(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    if (jiter_begin(&it, c->arg[0].s) && !it.object)
        while (jiter_next(&it, NULL, &v))
            elem(c, v);
    return true;
}

static bool make_list(struct udf_call *c)
{
    int64_t room = c->arg[1].i;
    for (size_t i = 0; i < c->arg[0].n && room > 0; i++)
        if (c->arg[0].list[i].p) {
            item(c, 0, c->arg[0].list[i]);
            room--;
        }
    close_array(c, 0);
    return true;
}

static void set_put(struct udf_call *c, struct seen *s, struct str raw, int64_t room)
{
    bool fresh;
    if ((int64_t)s->n >= room || json_is_null(raw))
        return;
    seen_find(s, raw, true, &fresh);
    if (fresh)
        item(c, 0, str_trim(raw));
}

static bool make_set(struct udf_call *c)
{
    struct seen s = { 0 };
    struct jiter it;
    struct str v;
    for (size_t i = 0; i < c->arg[0].n; i++) {
        struct str raw = c->arg[0].list[i];
        if (!raw.p)
            continue;
        if (!is_array(raw)) {
            set_put(c, &s, raw, c->arg[1].i);
            continue;
        }
        jiter_begin(&it, raw);
        while (jiter_next(&it, NULL, &v))
            set_put(c, &s, v, c->arg[1].i);
    }
    seen_free(&s);
    close_array(c, 0);
    return true;
}

static bool array_concat(struct udf_call *c)
{
    bool any = false;
    for (size_t i = 0; i < c->arg[0].n; i++) {
        struct jiter it;
        struct str v;
        if (!c->arg[0].list[i].p || !is_array(c->arg[0].list[i]))
            continue;
        any = true;
        jiter_begin(&it, c->arg[0].list[i]);
        while (jiter_next(&it, NULL, &v))
            item(c, 0, str_trim(v));
    }
    if (any)
        close_array(c, 0);
    return any;
}

/* Appends elements from..to (not included) as an array. */
static void put_slice(struct udf_call *c, const struct elems *e, size_t from, size_t to)
{
    size_t start = c->out.n;
    for (size_t i = from; i < to && i < e->n; i++)
        item(c, start, e->v[i]);
    close_array(c, start);
}

static bool array_slice(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s);
    int64_t n = (int64_t)e.n, from = c->arg[1].i, to = c->arg[2].i;
    from = from < 0 ? (from < -n ? 0 : from + n) : from;
    to = to < 0 ? to + n : to;
    to = to >= n ? n - 1 : to;
    put_slice(c, &e, from > n ? e.n : (size_t)from, to < 0 ? 0 : (size_t)to + 1);
    free(e.v);
    return true;
}

static bool same_value(struct udf_call *c, struct str raw)
{
    c->tmp[1].n = 0;
    json_put_canon(&c->tmp[1], raw);
    return str_eq(buf_view(&c->tmp[0]), buf_view(&c->tmp[1]));
}

static bool array_index_of(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    int64_t from = c->arg[2].i, len = c->arg[3].i, nth = c->arg[4].i;
    if (!jiter_begin(&it, c->arg[0].s) || it.object || len < -1 || nth < 0)
        return false;
    int64_t n = (int64_t)json_count(c->arg[0].s);
    if (from < 0)
        from = from < -n ? 0 : from + n;
    json_put_canon(&c->tmp[0], c->arg[1].s);
    c->i = -1;
    for (int64_t i = 0; jiter_next(&it, NULL, &v); i++)
        if (i >= from && (len < 0 || i - from < len) && same_value(c, v) && --nth == 0) {
            c->i = i;
            break;
        }
    return true;
}

/* ---- order ---- */

static int rank_of(struct str raw)
{
    switch (json_kind(raw)) {
    case '0': return 0;
    case '"': return 1;
    case 't':
    case 'f': return 2;
    case 'n': return 9;
    default: return 3;
    }
}

static int compare_values(struct str x, struct str y)
{
    int rx = rank_of(x), ry = rank_of(y);
    double u, v;
    int64_t i, j;
    if (rx != ry)
        return rx - ry;
    if (rx == 0 && str_to_i64(x, &i) && str_to_i64(y, &j))
        return (i > j) - (i < j);
    if (rx == 0 && str_to_f64(x, &u) && str_to_f64(y, &v))
        return (u > v) - (u < v);
    if (rx == 1) {
        struct buf a = BUF_INIT, b = BUF_INIT;
        json_put_plain(&a, x);
        json_put_plain(&b, y);
        int r = str_cmp(buf_view(&a), buf_view(&b));
        buf_free(&a);
        buf_free(&b);
        return r;
    }
    return str_cmp(x, y);
}

struct sort_key {
    struct str raw;
    size_t at;
    bool desc, nulls_last;
};

static int compare_keys(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    bool nx = json_is_null(x->raw), ny = json_is_null(y->raw);
    int r;
    if (nx || ny)
        r = nx == ny ? 0 : (nx == x->nulls_last ? 1 : -1);
    else
        r = x->desc ? compare_values(y->raw, x->raw) : compare_values(x->raw, y->raw);
    return r ? r : (x->at > y->at) - (x->at < y->at);
}

static bool array_sort(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s);
    struct sort_key *k = calloc(e.n + 1, sizeof *k);
    if (!k)
        abort();
    for (size_t i = 0; i < e.n; i++)
        k[i] = (struct sort_key){ e.v[i], i, c->arg[1].b, c->arg[2].b };
    qsort(k, e.n, sizeof *k, compare_keys);
    for (size_t i = 0; i < e.n; i++)
        item(c, 0, k[i].raw);
    close_array(c, 0);
    free(k);
    free(e.v);
    return true;
}

/* Array 0 of a list sorted (or a later array in the order of the first). */
static bool array_sort_by(struct udf_call *c)
{
    const struct udf_arg *arrays = &c->arg[0];
    if (c->arg[1].i < 0 || (size_t)c->arg[1].i >= arrays->n || !arrays->list[0].p ||
        !is_array(arrays->list[0]))
        return false;
    struct str other = arrays->list[c->arg[1].i];
    struct elems e = elems_of(arrays->list[0]), o = elems_of(other.p ? other : STR("null"));
    bool ok = o.n == e.n && other.p && is_array(other);
    struct sort_key *k = calloc(e.n + 1, sizeof *k);
    if (!k)
        abort();
    for (size_t i = 0; i < e.n; i++)
        k[i] = (struct sort_key){ e.v[i], i, c->arg[2].b, c->arg[3].b };
    qsort(k, e.n, sizeof *k, compare_keys);
    for (size_t i = 0; i < e.n && ok; i++)
        item(c, 0, o.v[k[i].at]);
    if (ok)
        close_array(c, 0);
    free(k);
    free(e.v);
    free(o.v);
    return ok;
}

static bool array_reverse(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s);
    for (size_t i = e.n; i-- > 0;)
        item(c, 0, e.v[i]);
    close_array(c, 0);
    free(e.v);
    return true;
}

static bool array_rotate(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s);
    int64_t n = (int64_t)e.n, by = n ? ((c->arg[1].i % n) + n) % n : 0;
    for (int64_t i = 0; i < n; i++)
        item(c, 0, e.v[(i + by) % n]);
    close_array(c, 0);
    free(e.v);
    return true;
}

static bool all_texts(const struct elems *e)
{
    for (size_t i = 0; i < e->n; i++)
        if (json_kind(e->v[i]) != '"')
            return false;
    return e->n > 0;
}

/* What comes in is null, or the empty text among texts. */
static bool array_shift(struct udf_call *c)
{
    if (c->arg[0].null || c->arg[1].null || !is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s);
    struct str fill = !c->arg[2].null ? c->arg[2].s : all_texts(&e) ? STR("\"\"") : json_null;
    int64_t n = (int64_t)e.n, by = c->arg[1].i;
    for (int64_t i = 0; i < n; i++) {
        bool in = by >= 0 ? by < n - i : by >= -i;
        item(c, 0, in ? e.v[i + by] : fill);
    }
    close_array(c, 0);
    free(e.v);
    return true;
}

static int compare_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static bool array_split(struct udf_call *c)
{
    int64_t v;
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s), cuts = { 0 };
    if (is_array(c->arg[1].s))
        cuts = elems_of(c->arg[1].s);
    else
        push(&cuts, str_trim(c->arg[1].s));
    size_t *at = calloc(cuts.n + 2, sizeof *at), n = 0;
    if (!at)
        abort();
    for (size_t i = 0; i < cuts.n; i++)
        if (str_to_i64(cuts.v[i], &v)) {
            v = v < 0 ? v + (int64_t)e.n : v;
            at[n++] = v < 0 ? 0 : (size_t)v > e.n ? e.n : (size_t)v;
        }
    qsort(at, n, sizeof *at, compare_size);
    size_t from = 0;
    for (size_t i = 0; i <= n; i++) {
        size_t to = i < n ? at[i] : e.n;
        buf_putc(&c->out, i ? ',' : '[');
        put_slice(c, &e, from, to);
        from = to;
    }
    buf_putc(&c->out, ']');
    free(at);
    free(e.v);
    free(cuts.v);
    return true;
}

static struct str pick(struct str raw, const struct elems *e, size_t i)
{
    if (!is_array(raw))
        return raw;
    return i < e->n ? e->v[i] : json_null;
}

static bool array_iff(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems e = elems_of(c->arg[0].s), x = elems_of(c->arg[1].s), y = elems_of(c->arg[2].s);
    for (size_t i = 0; i < e.n; i++) {
        double d;
        char kind = json_kind(e.v[i]);
        bool known = kind == 't' || kind == 'f' || (kind == '0' && str_to_f64(e.v[i], &d));
        bool yes = kind == 't' || (kind == '0' && known && d != 0);
        item(c, 0, !known ? json_null : yes ? pick(c->arg[1].s, &x, i) : pick(c->arg[2].s, &y, i));
    }
    close_array(c, 0);
    free(e.v);
    free(x.v);
    free(y.v);
    return true;
}

static bool array_sum(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    if (!jiter_begin(&it, c->arg[0].s) || it.object)
        return false;
    c->f = 0;
    while (jiter_next(&it, NULL, &v)) {
        double d;
        char kind = json_kind(v);
        if (kind == 'n')
            continue;
        if (kind == 't' || kind == 'f')
            d = kind == 't';
        else if (kind != '0' || !str_to_f64(str_trim(v), &d))
            return false;
        c->f += d;
    }
    return true;
}

static bool array_zip(struct udf_call *c)
{
    size_t n = 0, rows = 0;
    struct elems *e = calloc(c->arg[0].n + 1, sizeof *e);
    if (!e)
        abort();
    for (size_t i = 0; i < c->arg[0].n; i++) {
        e[n] = elems_of(c->arg[0].list[i].p ? c->arg[0].list[i] : json_null);
        rows = e[n].n > rows ? e[n].n : rows;
        n++;
    }
    for (size_t r = 0; r < rows; r++) {
        buf_putc(&c->out, r ? ',' : '[');
        size_t start = c->out.n;
        for (size_t i = 0; i < n; i++)
            item(c, start, r < e[i].n ? e[i].v[r] : json_null);
        close_array(c, start);
    }
    buf_puts(&c->out, rows ? "]" : "[]");
    for (size_t i = 0; i < n; i++)
        free(e[i].v);
    free(e);
    return true;
}

static bool array_repeat(struct udf_call *c)
{
    if (c->arg[1].i < 0)
        return false;
    for (int64_t i = 0; i < c->arg[1].i && i < RANGE_MAX; i++)
        item(c, 0, c->arg[0].s);
    close_array(c, 0);
    return true;
}

static bool array_join(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    bool first = true;
    if (c->arg[0].null || !jiter_begin(&it, c->arg[0].s) || it.object)
        return false;
    while (jiter_next(&it, NULL, &v)) {
        if (!first && !c->arg[1].null)
            buf_str(&c->out, c->arg[1].s);
        first = false;
        if (!json_is_null(v))
            json_put_plain(&c->out, str_trim(v));
    }
    return true;
}

static bool nonempty(struct udf_call *c)
{
    buf_str(&c->out, c->arg[0].s);
    return !is_array(c->arg[0].s) || json_count(c->arg[0].s) > 0;
}

/* ---- ranges ---- */

static bool range(struct udf_call *c, void (*put)(struct buf *, int64_t))
{
    int64_t from = c->arg[0].i, to = c->arg[1].i, step = c->arg[2].i;
    if (step == 0)
        return false;
    for (int64_t v = from, n = 0; (step > 0 ? v <= to : v >= to) && n < RANGE_MAX; n++) {
        buf_putc(&c->out, n ? ',' : '[');
        put(&c->out, v);
        if (__builtin_add_overflow(v, step, &v))
            break;
    }
    close_array(c, 0);
    return true;
}

static void put_time(struct buf *b, int64_t v)
{
    buf_putc(b, '"');
    ticks_put_iso(b, v);
    buf_putc(b, '"');
}

static void put_span(struct buf *b, int64_t v)
{
    buf_putc(b, '"');
    timespan_put(b, v);
    buf_putc(b, '"');
}

static bool range_long(struct udf_call *c)
{
    return range(c, buf_i64);
}

static bool range_time(struct udf_call *c)
{
    return range(c, put_time);
}

static bool range_span(struct udf_call *c)
{
    return range(c, put_span);
}

static bool range_real(struct udf_call *c)
{
    double from = c->arg[0].f, to = c->arg[1].f, step = c->arg[2].f;
    if (!(step > 0 || step < 0) || !isfinite(from) || !isfinite(to))
        return false;
    for (int64_t n = 0; n < RANGE_MAX; n++) {
        double v = from + (double)n * step;
        if (step > 0 ? v > to : v < to)
            break;
        buf_putc(&c->out, n ? ',' : '[');
        udf_put_number(&c->out, v);
    }
    close_array(c, 0);
    return true;
}

/* ---- sets ---- */

static bool set_union(struct udf_call *c)
{
    struct seen s = { 0 };
    bool fresh;
    for (size_t i = 0; i < c->arg[0].n; i++) {
        struct jiter it;
        struct str v;
        if (!c->arg[0].list[i].p || !jiter_begin(&it, c->arg[0].list[i]) || it.object)
            continue;
        while (jiter_next(&it, NULL, &v)) {
            seen_find(&s, v, true, &fresh);
            if (fresh)
                item(c, 0, str_trim(v));
        }
    }
    seen_free(&s);
    close_array(c, 0);
    return true;
}

/* Values of the first array that are in all others (intersect) or in none. */
static bool set_filter(struct udf_call *c, bool in_all)
{
    size_t n = c->arg[0].n;
    struct seen *others = calloc(n + 1, sizeof *others), done = { 0 };
    bool fresh;
    if (!others)
        abort();
    for (size_t i = 1; i < n; i++) {
        struct elems e = elems_of(c->arg[0].list[i].p ? c->arg[0].list[i] : json_null);
        for (size_t k = 0; k < e.n; k++)
            seen_find(&others[i], e.v[k], true, &fresh);
        free(e.v);
    }
    struct elems e = elems_of(n && c->arg[0].list[0].p ? c->arg[0].list[0] : json_null);
    for (size_t k = 0; k < e.n; k++) {
        bool keep = true;
        for (size_t i = 1; i < n && keep; i++)
            keep = (seen_find(&others[i], e.v[k], false, &fresh) != SIZE_MAX) == in_all;
        if (keep)
            seen_find(&done, e.v[k], true, &fresh);
        if (keep && fresh)
            item(c, 0, e.v[k]);
    }
    free(e.v);
    for (size_t i = 0; i < n; i++)
        seen_free(&others[i]);
    free(others);
    seen_free(&done);
    close_array(c, 0);
    return true;
}

static bool set_intersect(struct udf_call *c)
{
    return set_filter(c, true);
}

static bool set_difference(struct udf_call *c)
{
    return set_filter(c, false);
}

static bool set_has(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    if (!jiter_begin(&it, c->arg[0].s) || it.object)
        return false;
    json_put_canon(&c->tmp[0], c->arg[1].s);
    c->b = false;
    while (!c->b && jiter_next(&it, NULL, &v))
        c->b = same_value(c, v);
    return true;
}

/* ---- bags ---- */

struct member {
    struct str name, value; /* raw; the name with its quotes */
    size_t at;
};

struct bag {
    struct member *m;
    size_t n, cap;
    struct seen names;
};

static void bag_put(struct bag *b, struct str name, struct str value)
{
    bool fresh;
    seen_find(&b->names, name, true, &fresh);
    if (!fresh)
        return;
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 16;
        b->m = realloc(b->m, b->cap * sizeof *b->m);
        if (!b->m)
            abort();
    }
    b->m[b->n] = (struct member){ str_trim(name), str_trim(value), b->n };
    b->n++;
}

static bool bag_add_all(struct bag *b, struct str raw)
{
    struct jiter it;
    struct str name, v;
    if (!raw.p || !jiter_begin(&it, raw) || !it.object)
        return false;
    while (jiter_next(&it, &name, &v))
        bag_put(b, name, v);
    return true;
}

static void bag_write(struct udf_call *c, const struct bag *b)
{
    buf_putc(&c->out, '{');
    for (size_t i = 0; i < b->n; i++) {
        if (i)
            buf_putc(&c->out, ',');
        buf_str(&c->out, b->m[i].name);
        buf_putc(&c->out, ':');
        buf_str(&c->out, b->m[i].value);
    }
    buf_putc(&c->out, '}');
}

static void bag_free(struct bag *b)
{
    free(b->m);
    seen_free(&b->names);
}

static int compare_names(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static bool make_bag(struct udf_call *c)
{
    struct bag b = { 0 };
    int64_t room = c->arg[1].i;
    for (size_t i = 0; i < c->arg[0].n && room > 0; i++)
        room -= bag_add_all(&b, c->arg[0].list[i]);
    if (b.n)
        qsort(b.m, b.n, sizeof *b.m, compare_names);
    bag_write(c, &b);
    bag_free(&b);
    return true;
}

static bool bag_merge(struct udf_call *c)
{
    struct bag b = { 0 };
    bool any = false;
    for (size_t i = 0; i < c->arg[0].n; i++)
        any |= bag_add_all(&b, c->arg[0].list[i]);
    if (any)
        bag_write(c, &b);
    bag_free(&b);
    return any;
}

static bool bag_keys(struct udf_call *c)
{
    struct jiter it;
    struct str name, v;
    if (!jiter_begin(&it, c->arg[0].s) || !it.object)
        return false;
    while (jiter_next(&it, &name, &v))
        item(c, 0, name);
    close_array(c, 0);
    return true;
}

static bool bag_zip(struct udf_call *c)
{
    if (!is_array(c->arg[0].s))
        return false;
    struct elems k = elems_of(c->arg[0].s), v = elems_of(c->arg[1].s);
    struct bag b = { 0 };
    for (size_t i = 0; i < k.n; i++)
        if (json_kind(k.v[i]) == '"')
            bag_put(&b, k.v[i], i < v.n ? v.v[i] : json_null);
    bag_write(c, &b);
    bag_free(&b);
    free(k.v);
    free(v.v);
    return true;
}

static bool bag_types(struct udf_call *c)
{
    struct jiter it;
    struct str name, v;
    int64_t whole;
    if (!jiter_begin(&it, c->arg[0].s) || !it.object)
        return true;
    while (jiter_next(&it, &name, &v)) {
        char kind = json_kind(v);
        buf_puts(&c->out, kind == '{'                       ? "dictionary:"
                          : kind == '['                     ? "array:"
                          : kind == '"'                     ? "string:"
                          : kind == 't' || kind == 'f'      ? "bool:"
                          : kind != '0'                     ? "null:"
                          : str_to_i64(str_trim(v), &whole) ? "long:"
                                                            : "real:");
        json_put_plain(&c->out, str_trim(name));
        udf_end_elem(c);
    }
    return true;
}

static bool bag_compact(struct udf_call *c)
{
    struct bag b = { 0 };
    struct jiter it;
    struct str name, v;
    if (!jiter_begin(&it, c->arg[0].s) || !it.object)
        return false;
    while (jiter_next(&it, &name, &v))
        if (!json_is_null(v) && !str_eqz(str_trim(v), "\"\""))
            bag_put(&b, name, v);
    bag_write(c, &b);
    bag_free(&b);
    return true;
}

/* Paths of everything below raw; prefix is in tmp[0]. Every element of an array goes by [0]; each path stands once. */
static void put_paths(struct udf_call *c, struct seen *seen, struct str raw, int depth)
{
    struct jiter it;
    struct str name, v;
    if (depth > JSON_DEPTH_MAX || !jiter_begin(&it, raw))
        return;
    while (jiter_next(&it, &name, &v)) {
        size_t mark = c->tmp[0].n;
        bool fresh;
        if (it.object) {
            buf_puts(&c->tmp[0], "['");
            json_put_plain(&c->tmp[0], str_trim(name));
            buf_puts(&c->tmp[0], "']");
        } else {
            buf_puts(&c->tmp[0], "[0]");
        }
        c->tmp[1].n = 0;
        json_put_str(&c->tmp[1], buf_view(&c->tmp[0]));
        seen_find(seen, buf_view(&c->tmp[1]), true, &fresh);
        if (fresh)
            item(c, 0, buf_view(&c->tmp[1]));
        put_paths(c, seen, v, depth + 1);
        c->tmp[0].n = mark;
    }
}

static bool treepath(struct udf_call *c)
{
    struct seen seen = { 0 };
    put_paths(c, &seen, c->arg[0].s, 0);
    seen_free(&seen);
    close_array(c, 0);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_array_length", .body = array_length },
    { .name = "kql_json_array", .body = json_array },
    { .name = "kql_json_object", .body = json_object },
    { .name = "kql_elems", .body = elems_bags },
    { .name = "kql_elems_kv", .body = elems_pairs },
    { .name = "kql_members", .body = members },
    { .name = "kql_make_set", .body = make_set },
    { .name = "kql_make_list", .body = make_list },
    { .name = "kql_make_bag", .body = make_bag },
    { .name = "kql_array_concat", .body = array_concat },
    { .name = "kql_array_slice", .body = array_slice },
    { .name = "kql_array_index_of", .body = array_index_of },
    { .name = "kql_array_sort", .body = array_sort },
    { .name = "kql_array_sort_by", .body = array_sort_by },
    { .name = "kql_array_reverse", .body = array_reverse },
    { .name = "kql_array_rotate", .body = array_rotate },
    { .name = "kql_array_shift", .body = array_shift },
    { .name = "kql_array_split", .body = array_split },
    { .name = "kql_array_iff", .body = array_iff },
    { .name = "kql_array_sum", .body = array_sum },
    { .name = "kql_array_zip", .body = array_zip },
    { .name = "kql_array_repeat", .body = array_repeat },
    { .name = "kql_array_join", .body = array_join },
    { .name = "kql_nonempty", .body = nonempty },
    { .name = "kql_range", .body = range_long },
    { .name = "kql_ranger", .body = range_real },
    { .name = "kql_range_time", .body = range_time },
    { .name = "kql_range_span", .body = range_span },
    { .name = "kql_set_union", .body = set_union },
    { .name = "kql_set_intersect", .body = set_intersect },
    { .name = "kql_set_difference", .body = set_difference },
    { .name = "kql_set_has", .body = set_has },
    { .name = "kql_bag_keys", .body = bag_keys },
    { .name = "kql_bag_merge", .body = bag_merge },
    { .name = "kql_bag_zip", .body = bag_zip },
    { .name = "kql_bag_types", .body = bag_types },
    { .name = "kql_bag_compact", .body = bag_compact },
    { .name = "kql_treepath", .body = treepath },
};

const struct udf_set udf_array_set = { functions, sizeof functions / sizeof *functions };
