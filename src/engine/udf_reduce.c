/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates of texts, for the operator reduce: kql_reduce(cells, program).
 *
 * cells: count and text of each different value. program: {"threshold", "characters" (absent: all ASCII that is neither letter nor
 * digit), "each"}. The result: [pattern, count, representative] with the largest count first and "others" last, or with "each"
 * [value, pattern] of every value.
 *
 * A value is a row of terms between separators. From the most frequent value on, each joins, of the groups with as many terms and
 * the same first term, the one it shares most terms with, if that is enough of them; where a group differs stands a wildcard
 * (after He, Zhu, Zheng and Lyu, Drain, 2017). A first term with a digit counts as any. Of groups that hold too few rows, the
 * values are grouped by the term that most of them have in one place (after Vaarandi, SLCT, 2003); what is still alone is "others".
 */
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/map.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "udf.h"

enum {
    TERMS_MAX = 64,   /* what is behind the last one belongs to it */
    GROUPS_MAX = 256, /* that a value is compared with */
};
/* A group shares at least this part of its terms, and with a threshold t, this + (1 - this) * t. */
#define ALIKE 0.3
/* A group holds at least two rows, and this part of t of all. */
#define ROWS 0.01

struct program {
    double threshold;
    bool each;
    bool ascii[128];  /* separators */
    uint32_t *others; /* those beyond ASCII */
    size_t nothers, cap;
};

struct group;
struct value {
    struct str text;
    double count;
    uint32_t n, *code, *from, *to; /* terms */
    struct group *group;
};

struct group {
    struct group *next; /* of the bucket, in order of their making */
    const struct value *first;
    uint32_t *code; /* 0: a wildcard */
    double count;
    size_t nvalues;
    struct pattern *pattern;
};

struct bucket {
    struct group *groups, **last;
    size_t n;
};

struct pattern {
    struct str text;
    double count;
    const struct value *best;
};

struct reduce {
    struct arena *a;
    const struct program *p;
    struct value *values;
    size_t nvalues;
    double total, need, least;
    struct map terms;   /* -> uint32_t, its code */
    struct map buckets; /* -> struct bucket */
    struct map patterns;
    struct pattern others;
};

/* -- terms -- */

static bool is_separator(const struct program *p, uint32_t c)
{
    if (c < 128)
        return p->ascii[c];
    for (size_t i = 0; i < p->nothers; i++)
        if (p->others[i] == c)
            return true;
    return false;
}

static uint32_t code_of(struct reduce *r, struct str term)
{
    uint32_t *code = map_get(&r->terms, term);
    if (code)
        return *code;
    code = ARENA_NEW(r->a, uint32_t);
    *code = (uint32_t)r->terms.n + 1;
    map_set(&r->terms, term, code);
    return *code;
}

static void split(struct reduce *r, struct value *v)
{
    uint32_t from[TERMS_MAX], to[TERMS_MAX], n = 0;
    bool in = false;
    for (size_t i = 0; i < v->text.n;) {
        size_t at = i;
        bool sep = is_separator(r->p, utf8_next(v->text, &i));
        if (!sep && !in && n < TERMS_MAX)
            from[n++] = (uint32_t)at;
        in = !sep;
        if (in)
            to[n - 1] = (uint32_t)i;
    }
    v->n = n;
    v->code = ARENA_ARRAY(r->a, 3 * (size_t)n, uint32_t);
    v->from = v->code + n;
    v->to = v->from + n;
    for (uint32_t i = 0; i < n; i++) {
        v->from[i] = from[i];
        v->to[i] = to[i];
        v->code[i] = code_of(r, str_sub(v->text, from[i], to[i]));
    }
}

static int by_count(const void *x, const void *y)
{
    const struct value *a = x, *b = y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_cmp(a->text, b->text);
}

static void read_values(struct reduce *r, const struct str *cells, size_t n)
{
    r->nvalues = n / 2;
    r->values = ARENA_ARRAY(r->a, r->nvalues, struct value);
    for (size_t i = 0; i < r->nvalues; i++) {
        r->values[i].text = cells[2 * i + 1].p ? cells[2 * i + 1] : STR("");
        str_to_f64(cells[2 * i], &r->values[i].count);
        r->total += r->values[i].count;
    }
    if (r->nvalues)
        qsort(r->values, r->nvalues, sizeof *r->values, by_count);
    for (size_t i = 0; i < r->nvalues; i++)
        split(r, &r->values[i]);
}

/* -- groups -- */

static struct bucket *bucket_of(struct reduce *r, const uint32_t *key, size_t n)
{
    struct str name = { (const char *)key, n * sizeof *key };
    struct bucket *k = map_get(&r->buckets, name);
    if (k)
        return k;
    k = ARENA_NEW(r->a, struct bucket);
    k->last = &k->groups;
    map_set(&r->buckets, arena_str(r->a, name), k);
    return k;
}

static struct group *group_new(struct reduce *r, struct bucket *k, struct value *v)
{
    struct group *g = ARENA_NEW(r->a, struct group);
    g->first = v;
    g->code = ARENA_ARRAY(r->a, v->n, uint32_t);
    if (v->n)
        memcpy(g->code, v->code, v->n * sizeof *v->code);
    *k->last = g;
    k->last = &g->next;
    k->n++;
    return g;
}

static void join(struct group *g, struct value *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (g->code[i] != v->code[i])
            g->code[i] = 0;
    g->count += v->count;
    g->nvalues++;
    v->group = g;
}

static bool has_digit(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            return true;
    return false;
}

static struct group *most_alike(const struct reduce *r, const struct bucket *k, const struct value *v)
{
    struct group *best = NULL;
    uint32_t most = 0;
    size_t tried = 0;
    for (struct group *g = k->groups; g && v->n > 1 && tried < GROUPS_MAX; g = g->next, tried++) {
        uint32_t same = 0;
        for (uint32_t i = 0; i < v->n; i++)
            same += g->code[i] == v->code[i];
        if (same > most && same >= r->need * v->n) {
            best = g;
            most = same;
        }
    }
    return best;
}

static void group_alike(struct reduce *r)
{
    for (size_t i = 0; i < r->nvalues; i++) {
        struct value *v = &r->values[i];
        bool any = v->n && has_digit(str_sub(v->text, v->from[0], v->to[0]));
        struct bucket *k = bucket_of(r, (uint32_t[]){ 1, v->n, v->n && !any ? v->code[0] : 0 }, 3);
        struct group *g = most_alike(r, k, v);
        join(g ? g : group_new(r, k, v), v);
    }
}

static bool stands(const struct reduce *r, const struct group *g)
{
    return g->count >= 2 && g->count >= r->least;
}

/* The key of a term in its place, among values with as many terms. */
static struct str place_key(uint32_t key[4], const struct value *v, uint32_t i)
{
    key[0] = 2;
    key[1] = v->n;
    key[2] = i;
    key[3] = v->code[i];
    return (struct str){ (const char *)key, 4 * sizeof *key };
}

static void group_rest(struct reduce *r)
{
    struct map places; /* -> double, rows */
    uint32_t key[4];
    map_init(&places, r->a);
    for (size_t i = 0; i < r->nvalues; i++)
        for (uint32_t k = 0; k < r->values[i].n && r->values[i].n > 1 && !stands(r, r->values[i].group);
             k++) {
            struct str name = place_key(key, &r->values[i], k);
            double *rows = map_get(&places, name);
            if (!rows) {
                rows = ARENA_NEW(r->a, double);
                map_set(&places, arena_str(r->a, name), rows);
            }
            *rows += r->values[i].count;
        }
    for (size_t i = 0; i < r->nvalues; i++) {
        struct value *v = &r->values[i];
        double most = 0;
        uint32_t at = 0;
        for (uint32_t k = 0; k < v->n && v->n > 1 && !stands(r, v->group); k++) {
            double rows = *(double *)map_get(&places, place_key(key, v, k));
            if (rows > most) {
                most = rows;
                at = k;
            }
        }
        if (most <= v->count)
            continue;
        place_key(key, v, at);
        struct bucket *b = bucket_of(r, key, 4);
        join(b->groups ? b->groups : group_new(r, b, v), v);
    }
}

/* -- patterns -- */

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!char_is_alnum(s.p[i]))
            return false;
    return true;
}

/* The first value with * for its wildcards; letters and digits that separate from a wildcard belong to it. */
static void put_pattern(struct buf *o, const struct group *g)
{
    const struct value *v = g->first;
    size_t end = 0;
    bool wild = false;
    for (uint32_t i = 0; i <= v->n; i++) {
        bool next = i < v->n && !g->code[i];
        struct str sep = str_sub(v->text, end, i < v->n ? v->from[i] : v->text.n);
        if (!(wild && next) && !((wild || next) && is_word(sep)))
            buf_str(o, sep);
        if (i == v->n)
            return;
        if (!next)
            buf_str(o, str_sub(v->text, v->from[i], v->to[i]));
        else if (!wild)
            buf_putc(o, '*');
        wild = next;
        end = v->to[i];
    }
}

static struct pattern *pattern_of(struct reduce *r, struct group *g)
{
    if (!stands(r, g))
        return &r->others;
    if (g->pattern)
        return g->pattern;
    struct buf o = BUF_INIT;
    put_pattern(&o, g);
    g->pattern = map_get(&r->patterns, buf_view(&o));
    if (!g->pattern) {
        g->pattern = ARENA_NEW(r->a, struct pattern);
        g->pattern->text = buf_to_arena(&o, r->a);
        map_set(&r->patterns, g->pattern->text, g->pattern);
    }
    buf_free(&o);
    return g->pattern;
}

static int pattern_order(const void *x, const void *y)
{
    const struct pattern *a = *(const struct pattern *const *)x, *b = *(const struct pattern *const *)y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_cmp(a->text, b->text);
}

static void put_row(struct udf_call *c, const struct pattern *p)
{
    buf_putc(&c->out, '[');
    json_put_str(&c->out, p->text);
    buf_printf(&c->out, ",%.0f,", p->count);
    json_put_str(&c->out, p->best ? p->best->text : STR(""));
    buf_putc(&c->out, ']');
    udf_end_elem(c);
}

static void put_patterns(struct udf_call *c, const struct reduce *r)
{
    size_t n = r->patterns.n;
    struct pattern **list = ARENA_ARRAY(r->a, n, struct pattern *);
    for (size_t i = 0; i < n; i++)
        list[i] = r->patterns.entries[i].value;
    if (n)
        qsort(list, n, sizeof *list, pattern_order);
    for (size_t i = 0; i < n; i++)
        put_row(c, list[i]);
    if (r->others.count > 0)
        put_row(c, &r->others);
}

/* Which pattern each value has; counts them. */
static void sum_up(struct udf_call *c, struct reduce *r)
{
    r->others.text = STR("others");
    for (size_t i = 0; i < r->nvalues; i++) {
        struct value *v = &r->values[i];
        struct pattern *p = pattern_of(r, v->group);
        p->count += v->count;
        if (!p->best && p != &r->others)
            p->best = v;
        if (!r->p->each)
            continue;
        buf_putc(&c->out, '[');
        json_put_str(&c->out, v->text);
        buf_putc(&c->out, ',');
        json_put_str(&c->out, p->text);
        buf_putc(&c->out, ']');
        udf_end_elem(c);
    }
}

/* -- the function -- */

static void *prepare(struct arena *a, struct str json)
{
    struct err err = ERR_INIT;
    cJSON *j = json_parse(json, &err);
    struct program *p = ARENA_NEW(a, struct program);
    struct str chars = json_get_str(j, "characters");
    p->threshold = json_get_num(j, "threshold", 0.1);
    p->each = json_get_bool(j, "each", false);
    bool listed = json_get(j, "characters") != NULL;
    for (int c = 0; c < 128 && !listed; c++)
        p->ascii[c] = !((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'));
    for (size_t i = 0; i < chars.n;) {
        uint32_t c = utf8_next(chars, &i);
        if (c < 128)
            p->ascii[c] = true;
        else
            *VEC_PUSH(a, p->others, p->nothers, p->cap) = c;
    }
    bool ok = j != NULL;
    cJSON_Delete(j);
    return ok ? p : NULL;
}

static bool reduce(struct udf_call *c)
{
    if (!c->prep)
        return false;
    struct arena *a = arena_new(0, "the texts to reduce");
    struct reduce r = { .a = a, .p = c->prep };
    map_init(&r.terms, a);
    map_init(&r.buckets, a);
    map_init(&r.patterns, a);
    read_values(&r, c->arg[0].list, c->arg[0].n);
    r.need = ALIKE + (1 - ALIKE) * r.p->threshold;
    r.least = ROWS * r.p->threshold * r.total;
    group_alike(&r);
    group_rest(&r);
    sum_up(c, &r);
    if (!r.p->each)
        put_patterns(c, &r);
    arena_free(a);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_reduce", .body = reduce, .prepare = prepare, .prep_arg = 1 },
};

const struct udf_set udf_reduce_set = { functions, sizeof functions / sizeof *functions };
