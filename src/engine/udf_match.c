/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text matching: the has family, contains, startswith, endswith, =~.
 *
 * A needle is folded once; the search compares its first and last byte 16 places at a time and only then the middle and
 * the borders. A border is required only where the needle's own edge is part of a term (letter, digit, or any byte
 * from 0x80). A needle beyond ASCII takes the slow path: both texts folded by code point.
 */
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "hb/utf8.h"
#include "jscan.h"
#include "udf.h"
#include "udf_fold.h"

/* Indexed by byte: part of a term; lower case of ASCII letters. */
static const bool term_byte[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
    [0x80 ... 0xff] = true,
};

static inline unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;
    return (unsigned char)(u >= 'A' && u <= 'Z' ? u | 0x20 : u);
}

static inline bool is_term(char c)
{
    return term_byte[(unsigned char)c];
}

static bool is_ascii(struct str s)
{
    unsigned char any = 0;
    for (size_t i = 0; i < s.n; i++)
        any |= (unsigned char)s.p[i];
    return any < 0x80;
}

enum edges { EDGE_LEFT = 1, EDGE_RIGHT = 2, MATCH_CASE = 4 };

struct needle {
    struct str s;                                     /* folded, unless MATCH_CASE */
    bool fold_text;                                   /* the text must be folded by code point first */
    unsigned edges;                                   /* borders that are required */
    bool cased;                                       /* compare bytes as they are */
    unsigned char first, last, first_mask, last_mask; /* masks: 0x20 for letters */
};

static unsigned char letter_mask(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z' ? 0x20 : 0;
}

static void needle_init(struct arena *a, struct needle *n, struct str s, unsigned flags)
{
    n->cased = flags & MATCH_CASE;
    n->fold_text = !n->cased && !is_ascii(s);
    if (n->fold_text) {
        struct buf b = BUF_INIT;
        fold_put(&b, s);
        s = buf_to_arena(&b, a);
        buf_free(&b);
        n->cased = true;
    } else {
        char *copy = arena_alloc(a, s.n + 1);
        for (size_t i = 0; i < s.n; i++)
            copy[i] = n->cased ? s.p[i] : (char)lower(s.p[i]);
        s.p = copy;
    }
    n->s = s;
    if (s.n == 0)
        return;
    n->edges = (is_term(s.p[0]) ? flags & EDGE_LEFT : 0) | (is_term(s.p[s.n - 1]) ? flags & EDGE_RIGHT : 0);
    n->first = (unsigned char)s.p[0];
    n->last = (unsigned char)s.p[s.n - 1];
    n->first_mask = n->cased ? 0 : letter_mask(s.p[0]);
    n->last_mask = n->cased ? 0 : letter_mask(s.p[s.n - 1]);
}

static bool middle_equal(const char *p, const struct needle *n)
{
    if (n->cased)
        return memcmp(p, n->s.p, n->s.n) == 0;
    for (size_t i = 0; i < n->s.n; i++)
        if (lower(p[i]) != (unsigned char)n->s.p[i])
            return false;
    return true;
}

static bool match_at(struct str t, size_t i, const struct needle *n)
{
    return middle_equal(t.p + i, n) && !(n->edges & EDGE_LEFT && i > 0 && is_term(t.p[i - 1])) &&
           !(n->edges & EDGE_RIGHT && i + n->s.n < t.n && is_term(t.p[i + n->s.n]));
}

/* Places from `i` on, one at a time. */
static bool find_slow(struct str t, size_t i, const struct needle *n)
{
    for (; i + n->s.n <= t.n; i++)
        if (((unsigned char)t.p[i] | n->first_mask) == n->first && match_at(t, i, n))
            return true;
    return false;
}

static bool find(struct str t, const struct needle *n)
{
    if (n->s.n == 0)
        return true;
    if (t.n < n->s.n)
        return false;
    size_t i = 0;
#if defined(__SSE2__)
    const __m128i first = _mm_set1_epi8((char)n->first), last = _mm_set1_epi8((char)n->last);
    const __m128i first_mask = _mm_set1_epi8((char)n->first_mask),
                  last_mask = _mm_set1_epi8((char)n->last_mask);
    for (; i + n->s.n - 1 + 16 <= t.n; i += 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(t.p + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(t.p + i + n->s.n - 1));
        a = _mm_cmpeq_epi8(_mm_or_si128(a, first_mask), first);
        b = _mm_cmpeq_epi8(_mm_or_si128(b, last_mask), last);
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(a, b));
        for (; hits; hits &= hits - 1)
            if (match_at(t, i + (size_t)__builtin_ctz(hits), n))
                return true;
    }
#endif
    return find_slow(t, i, n);
}

/* The text as the needle wants it; tmp keeps the folded form. */
static struct str text_for(const struct needle *n, struct str t, struct buf *tmp)
{
    if (!n->fold_text)
        return t;
    tmp->n = 0;
    fold_put(tmp, t);
    return buf_view(tmp);
}

static void *make_needle(struct arena *a, struct str s, unsigned flags)
{
    struct needle *n = ARENA_NEW(a, struct needle);
    needle_init(a, n, s, flags);
    return n;
}

#define PREPARE(name, flags)                                                                                 \
    static void *name(struct arena *a, struct str s)                                                         \
    {                                                                                                        \
        return make_needle(a, s, flags);                                                                     \
    }
PREPARE(prepare_has, EDGE_LEFT | EDGE_RIGHT)
PREPARE(prepare_has_cs, EDGE_LEFT | EDGE_RIGHT | MATCH_CASE)
PREPARE(prepare_prefix, EDGE_LEFT)
PREPARE(prepare_prefix_cs, EDGE_LEFT | MATCH_CASE)
PREPARE(prepare_suffix, EDGE_RIGHT)
PREPARE(prepare_suffix_cs, EDGE_RIGHT | MATCH_CASE)
PREPARE(prepare_contains, 0)
#undef PREPARE

static bool do_find(struct udf_call *c)
{
    const struct needle *n = c->prep;
    c->b = find(text_for(n, c->arg[0].s, &c->tmp[0]), n);
    return true;
}

static bool do_startswith(struct udf_call *c)
{
    const struct needle *n = c->prep;
    struct str t = text_for(n, c->arg[0].s, &c->tmp[0]);
    c->b = t.n >= n->s.n && middle_equal(t.p, n);
    return true;
}

static bool do_endswith(struct udf_call *c)
{
    const struct needle *n = c->prep;
    struct str t = text_for(n, c->arg[0].s, &c->tmp[0]);
    c->b = t.n >= n->s.n && middle_equal(t.p + t.n - n->s.n, n);
    return true;
}

static bool do_eqci(struct udf_call *c)
{
    struct str a = c->arg[0].s, b = c->arg[1].s;
    c->b = a.n == b.n;
    for (size_t i = 0; i < a.n && c->b; i++)
        c->b = lower(a.p[i]) == lower(b.p[i]);
    if (c->b || (is_ascii(a) && is_ascii(b)))
        return true;
    fold_put(&c->tmp[0], a);
    fold_put(&c->tmp[1], b);
    c->b = str_eq(buf_view(&c->tmp[0]), buf_view(&c->tmp[1]));
    return true;
}

/* ---- has_any, has_all: many needles ---- */

/* Whole terms go into a hash set, so that a text is cut into terms once however many there are. */
struct needles {
    struct needle *items;
    size_t n;
    struct str *slots;  /* p == NULL: free */
    size_t mask;        /* slots - 1; 0: no set */
    size_t nplain;      /* items that are in the set come first */
    uint64_t firsts[4]; /* first bytes of its terms, one bit each: most terms of a text need no look-up */
    uint64_t lengths;   /* and their lengths, 63 and more as one */
    bool has_empty;
};

enum { SET_FROM = 3 }; /* below that many terms searching for each is faster */

static uint64_t term_hash(const char *p, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++)
        h = (h ^ lower(p[i])) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static bool is_plain_term(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_term(s.p[i]) || (unsigned char)s.p[i] >= 0x80)
            return false;
    return s.n > 0;
}

static void build_set(struct arena *a, struct needles *all)
{
    size_t cap = 16;
    while (cap < 2 * all->nplain)
        cap *= 2;
    all->slots = ARENA_ARRAY(a, cap, struct str);
    all->mask = cap - 1;
    for (size_t i = 0; i < all->nplain; i++) {
        struct str s = all->items[i].s;
        size_t at = term_hash(s.p, s.n) & all->mask;
        while (all->slots[at].p && !str_eq(all->slots[at], s))
            at = (at + 1) & all->mask;
        all->slots[at] = s;
        all->firsts[(unsigned char)s.p[0] >> 6] |= UINT64_C(1) << (s.p[0] & 63);
        all->lengths |= UINT64_C(1) << (s.n < 63 ? s.n : 63);
    }
}

static size_t count_strings(struct str json)
{
    size_t n = 0;
    struct jtexts it = jtexts_begin(json);
    for (struct str raw; jtexts_next(&it, &raw);)
        n++;
    return n;
}

static void *prepare_many(struct arena *a, struct str json)
{
    struct needles *all = ARENA_NEW(a, struct needles);
    size_t most = count_strings(json), back = most;
    all->items = ARENA_ARRAY(a, most, struct needle);
    struct jtexts it = jtexts_begin(json);
    struct buf text = BUF_INIT;
    for (struct str raw; jtexts_next(&it, &raw);) {
        buf_clear(&text);
        json_put_plain(&text, raw);
        bool plain = is_plain_term(buf_view(&text));
        struct needle *n = plain ? &all->items[all->nplain++] : &all->items[--back];
        needle_init(a, n, buf_view(&text), EDGE_LEFT | EDGE_RIGHT);
        all->has_empty |= text.n == 0;
    }
    buf_free(&text);
    all->n = most;
    if (all->nplain >= SET_FROM)
        build_set(a, all);
    return all;
}

static bool in_set(const struct needles *all, const char *p, size_t n)
{
    size_t at = term_hash(p, n) & all->mask;
    for (; all->slots[at].p; at = (at + 1) & all->mask) {
        struct str s = all->slots[at];
        if (s.n != n)
            continue;
        size_t i = 0;
        while (i < n && lower(p[i]) == (unsigned char)s.p[i])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

static bool may_be_in_set(const struct needles *all, const char *p, size_t n)
{
    unsigned char first = lower(*p);
    return all->lengths >> (n < 63 ? n : 63) & 1 && all->firsts[first >> 6] >> (first & 63) & 1;
}

static bool any_term_in_set(struct str t, const struct needles *all)
{
    size_t i = 0;
    while (i < t.n) {
        while (i < t.n && !is_term(t.p[i]))
            i++;
        size_t from = i;
        while (i < t.n && is_term(t.p[i]))
            i++;
        if (i > from && may_be_in_set(all, t.p + from, i - from) && in_set(all, t.p + from, i - from))
            return true;
    }
    return false;
}

static bool find_one(struct udf_call *c, const struct needle *n)
{
    return find(text_for(n, c->arg[0].s, &c->tmp[0]), n);
}

static bool do_has_any(struct udf_call *c)
{
    const struct needles *all = c->prep;
    c->b = true;
    if (all->has_empty || (all->mask && any_term_in_set(c->arg[0].s, all)))
        return true;
    for (size_t i = all->mask ? all->nplain : 0; i < all->n; i++)
        if (find_one(c, &all->items[i]))
            return true;
    c->b = false;
    return true;
}

static bool do_has_all(struct udf_call *c)
{
    const struct needles *all = c->prep;
    c->b = true;
    for (size_t i = 0; i < all->n && c->b; i++)
        c->b = find_one(c, &all->items[i]);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_has", .body = do_find, .prepare = prepare_has, .prep_arg = 1 },
    { .name = "kql_has_cs", .body = do_find, .prepare = prepare_has_cs, .prep_arg = 1 },
    { .name = "kql_hasprefix", .body = do_find, .prepare = prepare_prefix, .prep_arg = 1 },
    { .name = "kql_hasprefix_cs", .body = do_find, .prepare = prepare_prefix_cs, .prep_arg = 1 },
    { .name = "kql_hassuffix", .body = do_find, .prepare = prepare_suffix, .prep_arg = 1 },
    { .name = "kql_hassuffix_cs", .body = do_find, .prepare = prepare_suffix_cs, .prep_arg = 1 },
    { .name = "kql_contains", .body = do_find, .prepare = prepare_contains, .prep_arg = 1 },
    { .name = "kql_startswith", .body = do_startswith, .prepare = prepare_contains, .prep_arg = 1 },
    { .name = "kql_endswith", .body = do_endswith, .prepare = prepare_contains, .prep_arg = 1 },
    { .name = "kql_eqci", .body = do_eqci },
    { .name = "kql_has_any", .body = do_has_any, .prepare = prepare_many, .prep_arg = 1 },
    { .name = "kql_has_all", .body = do_has_all, .prepare = prepare_many, .prep_arg = 1 },
};

const struct udf_set udf_match_set = { functions, sizeof functions / sizeof *functions };
