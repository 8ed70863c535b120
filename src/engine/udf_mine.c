/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns in rows: kql_mine(cells, program), for the plugins basket, autocluster, diffpatterns and diffpatterns_text.
 *
 * cells: for each row its weight in set A, its weight in set B and its values, each a text ('' null, '=v' v) or NULL, a rare one;
 * or one text that is parted into words. program, made by the
 * compiler, is {"kind", "columns", "threshold", "dims", "size", "seeds", "min", "scale"}; a weight is so many of scale. A result is an array for each pattern: its
 * numbers, then a cell for each column, [value] or 0 where any value will do; of texts, the pattern as a text.
 *
 * basket       every closed frequent set of values, each found once: a set is only extended by later values, and given up when
 *              what it implies holds an earlier one (prefix-preserving closure; Uno, Kiyomi and Arimura, LCM ver. 2, 2004).
 * autocluster  from the heaviest row that no pattern holds yet, the best one of its values; values of that row are added and
 *              left out as long as share^size * interest^(1-size) grows. interest: over the columns with a value, how much of the
 *              whole has another one; per column.
 * diffpatterns from each frequent value, values are added and left out as long as the difference of the shares grows; parts of
 *              a better pattern are left out.
 *
 * To add a kind: a row in `kinds` with its search, its order and its numbers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/vec.h"
#include "mine.h"
#include "udf.h"

enum {
    PATTERNS_MAX = 100000, /* of basket */
    STEPS_MAX = 100,       /* of a climb */
    SEEDS_MAX = 256,       /* of diffpatterns, fewer when there is much to look through */
};
#define CELLS_MAX   4e9  /* looked at by a search */
#define CLUSTER_MIN 0.05 /* share of a pattern of autocluster, and of the rows that are only in it */

struct found {
    uint32_t *pattern;
    double wa, wb, score;
    uint32_t len;
};

struct search {
    struct mine m;
    double threshold, size, scale;
    size_t dims, seeds, min;
    double visited;
    bool too_much;
    struct found *found;
    size_t nfound, cap;
    struct mine_match x;
};

struct kind;
struct program {
    const struct kind *kind;
    size_t ncols;
    double threshold, size, scale;
    size_t dims, seeds, min;
};

static void add_found(struct search *s, const uint32_t *pattern, double wa, double wb, uint32_t len)
{
    struct found *f = VEC_PUSH(s->m.a, s->found, s->nfound, s->cap);
    f->pattern = ARENA_ARRAY(s->m.a, s->m.ncols, uint32_t);
    memcpy(f->pattern, pattern, s->m.ncols * sizeof *pattern);
    f->wa = wa;
    f->wb = wb;
    f->len = len;
}

static bool is_found(const struct search *s, const uint32_t *pattern)
{
    for (size_t i = 0; i < s->nfound; i++)
        if (mine_compare(s->found[i].pattern, pattern, s->m.ncols) == 0)
            return true;
    return false;
}

/* Counts the work; false when it is too much. */
static bool visit(struct search *s, size_t rows)
{
    s->visited += (double)(rows + 1) * (double)s->m.ncols;
    s->too_much |= s->visited > CELLS_MAX;
    return !s->too_much;
}

/* -- basket -- */

struct level {
    uint32_t *pattern;
    double *weight; /* [nitems + 1] of rows that have the item */
    size_t *count;
    uint32_t *rows;
};

static void *need_memory(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (!p)
        abort();
    return p;
}

static struct level level_new(const struct search *s, size_t nrows)
{
    struct level l = { need_memory(s->m.ncols, sizeof *l.pattern),
                       need_memory(s->m.nitems + 1, sizeof *l.weight),
                       need_memory(s->m.nitems + 1, sizeof *l.count), need_memory(nrows, sizeof *l.rows) };
    return l;
}

static void level_free(struct level *l)
{
    free(l->pattern);
    free(l->weight);
    free(l->count);
    free(l->rows);
}

static double count_items(const struct search *s, struct level *l, size_t nrows)
{
    double w = 0;
    for (size_t i = 0; i < nrows; i++) {
        size_t r = l->rows[i];
        const uint32_t *row = s->m.codes + r * s->m.ncols;
        w += s->m.wa[r];
        for (size_t k = 0; k < s->m.ncols; k++) {
            l->weight[row[k]] += s->m.wa[r];
            l->count[row[k]]++;
        }
    }
    return w;
}

/* Adds what all rows share; false when that has an item below `core`: the set is found elsewhere. */
static bool close_above(const struct search *s, struct level *l, size_t nrows, size_t core)
{
    for (size_t i = 1; i <= s->m.nitems; i++) {
        uint32_t *at = &l->pattern[s->m.items[i - 1].col];
        if (l->count[i] != nrows || *at == i)
            continue;
        if (i < core)
            return false;
        *at = (uint32_t)i;
    }
    return true;
}

static size_t rows_with(const struct search *s, const struct level *l, size_t nrows, size_t item,
                        uint32_t *out)
{
    size_t n = 0, col = s->m.items[item - 1].col;
    for (size_t i = 0; i < nrows; i++)
        if (s->m.codes[l->rows[i] * s->m.ncols + col] == item)
            out[n++] = l->rows[i];
    return n;
}

static void grow_basket(struct search *s, struct level *l, size_t nrows, size_t core, size_t dims)
{
    if (!visit(s, nrows))
        return;
    double w = count_items(s, l, nrows);
    if (!nrows || !close_above(s, l, nrows, core))
        return;
    if (mine_fixed(l->pattern, s->m.ncols))
        add_found(s, l->pattern, w, 0, 0);
    s->too_much |= s->nfound > PATTERNS_MAX;
    for (size_t i = core + 1; i <= s->m.nitems && dims < s->dims && !s->too_much; i++) {
        size_t col = s->m.items[i - 1].col;
        if (l->pattern[col] || l->weight[i] < s->threshold * s->m.ta)
            continue;
        struct level next = level_new(s, l->count[i]);
        size_t n = rows_with(s, l, nrows, i, next.rows);
        memcpy(next.pattern, l->pattern, s->m.ncols * sizeof *l->pattern);
        next.pattern[col] = (uint32_t)i;
        grow_basket(s, &next, n, i, dims + 1);
        level_free(&next);
    }
}

static void search_basket(struct search *s)
{
    struct level l = level_new(s, s->m.nrows);
    for (size_t i = 0; i < s->m.nrows; i++)
        l.rows[i] = (uint32_t)i;
    grow_basket(s, &l, s->m.nrows, 0, 0);
    level_free(&l);
}

/* -- climbing -- */

/* What a pattern is worth by its weight in both sets; `fixed` is the pattern with one column changed to `code`. */
typedef double worth_fn(const struct search *s, const uint32_t *pattern, size_t col, uint32_t code, double wa,
                        double wb);

struct climb {
    worth_fn *worth;
    const uint32_t *row; /* only values of this row, NULL: any */
    bool keep;           /* nothing is left out again */
};

struct move {
    double worth;
    size_t col;
    uint32_t code; /* 0: the column is left out */
};

static void consider(struct move *best, double worth, size_t col, uint32_t code)
{
    if (worth > best->worth * (1 + 1e-12))
        *best = (struct move){ worth, col, code };
}

/* The best single change of a pattern that was measured. */
static struct move best_move(const struct search *s, const struct climb *c, const uint32_t *pattern,
                             double worth)
{
    const struct mine *m = &s->m;
    struct move best = { worth, 0, 0 };
    bool more = mine_fixed(pattern, m->ncols) < s->dims;
    for (size_t i = 1; i <= m->nitems && more; i++) {
        size_t col = m->items[i - 1].col;
        if (!pattern[col] && s->x.add_n[i] && (!c->row || c->row[col] == i))
            consider(&best, c->worth(s, pattern, col, (uint32_t)i, s->x.add_a[i], s->x.add_b[i]), col,
                     (uint32_t)i);
    }
    bool several = mine_fixed(pattern, m->ncols) > 1 && !c->keep;
    for (size_t col = 0; col < m->ncols && several; col++)
        if (pattern[col])
            consider(&best, c->worth(s, pattern, col, 0, s->x.drop_a[col], s->x.drop_b[col]), col, 0);
    return best;
}

/* Values that the pattern has, with those it implies. */
static size_t closed_size(const struct search *s, const uint32_t *pattern)
{
    size_t n = mine_fixed(pattern, s->m.ncols);
    for (size_t i = 1; i <= s->m.nitems; i++)
        n += s->x.add_n[i] == s->x.n && !pattern[s->m.items[i - 1].col];
    return n;
}

/* Changes the pattern as long as it gets better; what it was worth, or 0 when it is not one. */
static double climb(struct search *s, const struct climb *c, uint32_t *pattern)
{
    for (size_t step = 0; step < STEPS_MAX; step++) {
        if (!visit(s, s->m.nrows))
            return 0;
        mine_measure(&s->m, pattern, &s->x);
        double worth = c->worth(s, pattern, s->m.ncols, 0, s->x.wa, s->x.wb);
        bool small = closed_size(s, pattern) < s->min;
        struct move mv = best_move(s, c, pattern, small ? s->threshold * (1 - 1e-9) : worth);
        if (!mv.code && (small || !(mv.worth > worth)))
            return small ? 0 : worth;
        pattern[mv.col] = mv.code;
    }
    return 0;
}

/* -- autocluster -- */

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double cluster_worth(const struct search *s, const uint32_t *pattern, size_t col, uint32_t code,
                            double wa, double wb)
{
    (void)wb;
    double cover = share(wa, s->m.ta), interest = 0;
    if (cover < CLUSTER_MIN)
        return 0;
    for (size_t i = 0; i < s->m.ncols; i++) {
        uint32_t at = i == col ? code : pattern[i];
        if (at)
            interest += 1 - share(s->m.items[at - 1].wa, s->m.ta);
    }
    return pow(cover, s->size) * pow(interest / (double)s->m.ncols, 1 - s->size);
}

/* The heaviest row that no pattern holds; SIZE_MAX: there is none. */
static size_t heaviest(const struct search *s, const bool *covered)
{
    size_t best = SIZE_MAX, w = s->m.ncols;
    for (size_t r = 0; r < s->m.nrows; r++) {
        if (covered[r])
            continue;
        if (best == SIZE_MAX || s->m.wa[r] > s->m.wa[best] ||
            (s->m.wa[r] == s->m.wa[best] && mine_compare(s->m.codes + r * w, s->m.codes + best * w, w) < 0))
            best = r;
    }
    return best;
}

static double uncovered(const struct search *s, const bool *covered, const uint32_t *pattern)
{
    double w = 0;
    for (size_t r = 0; r < s->m.nrows; r++)
        if (!covered[r] && mine_row_matches(&s->m, r, pattern))
            w += s->m.wa[r];
    return w;
}

/* The row's value that is worth most by itself. */
static bool first_value(const struct search *s, const uint32_t *row, uint32_t *pattern)
{
    struct move best = { 0, 0, 0 };
    for (size_t i = 0; i < s->m.ncols; i++)
        if (row[i])
            consider(&best, cluster_worth(s, pattern, i, row[i], s->m.items[row[i] - 1].wa, 0), i, row[i]);
    if (best.code)
        pattern[best.col] = best.code;
    return best.code != 0;
}

static void search_cluster(struct search *s)
{
    bool *covered = ARENA_ARRAY(s->m.a, s->m.nrows, bool);
    uint32_t *pattern = ARENA_ARRAY(s->m.a, s->m.ncols, uint32_t);
    for (size_t k = 0; k < s->seeds; k++) {
        size_t r = heaviest(s, covered);
        if (r == SIZE_MAX)
            return;
        covered[r] = true;
        const struct climb c = { cluster_worth, s->m.codes + r * s->m.ncols, false };
        memset(pattern, 0, s->m.ncols * sizeof *pattern);
        if (!first_value(s, c.row, pattern) || climb(s, &c, pattern) <= 0)
            continue;
        mine_close(&s->m, &s->x, pattern);
        covered[r] = false;
        bool enough = uncovered(s, covered, pattern) >= CLUSTER_MIN * s->m.ta;
        covered[r] = true;
        if (!enough || is_found(s, pattern))
            continue;
        add_found(s, pattern, s->x.wa, 0, 0);
        for (size_t i = 0; i < s->m.nrows; i++)
            covered[i] |= mine_row_matches(&s->m, i, pattern);
    }
}

/* -- diffpatterns -- */

static double difference(const struct search *s, double wa, double wb)
{
    return share(wa, s->m.ta) - share(wb, s->m.tb);
}

static double diff_worth(const struct search *s, const uint32_t *pattern, size_t col, uint32_t code,
                         double wa, double wb)
{
    (void)pattern;
    (void)col;
    (void)code;
    return fabs(difference(s, wa, wb));
}

/* Every value of x is in y, too, and more. */
static bool narrows(const struct search *s, const struct found *y, const struct found *x)
{
    for (size_t i = 0; i < s->m.ncols; i++)
        if (x->pattern[i] && x->pattern[i] != y->pattern[i])
            return false;
    return x->pattern != y->pattern;
}

/* Leaves patterns out that are a part of one with a larger difference of the same sign. */
static void leave_parts_out(struct search *s)
{
    size_t n = 0;
    bool *part = ARENA_ARRAY(s->m.a, s->nfound, bool);
    for (size_t i = 0; i < s->nfound; i++) {
        double d = difference(s, s->found[i].wa, s->found[i].wb);
        for (size_t k = 0; k < s->nfound && !part[i]; k++) {
            double other = difference(s, s->found[k].wa, s->found[k].wb);
            part[i] = narrows(s, &s->found[i], &s->found[k]) && fabs(other) >= fabs(d) &&
                      (other > 0) == (d > 0);
        }
    }
    for (size_t i = 0; i < s->nfound; i++)
        if (!part[i])
            s->found[n++] = s->found[i];
    s->nfound = n;
}

struct seed {
    double worth;
    uint32_t code;
};

static int by_worth(const void *x, const void *y)
{
    const struct seed *a = x, *b = y;
    if (a->worth != b->worth)
        return a->worth > b->worth ? -1 : 1;
    return a->code < b->code ? -1 : 1;
}

/* Values from which to begin: as many as there is time for. */
static size_t diff_seeds(const struct search *s, struct seed *seeds)
{
    const struct mine *m = &s->m;
    double room = CELLS_MAX / 8 / ((double)(m->nrows + 1) * (double)(m->ncols + 1));
    for (size_t i = 0; i < m->nitems; i++)
        seeds[i] = (struct seed){ fabs(difference(s, m->items[i].wa, m->items[i].wb)), (uint32_t)i + 1 };
    if (m->nitems)
        qsort(seeds, m->nitems, sizeof *seeds, by_worth);
    size_t n = m->nitems < SEEDS_MAX ? m->nitems : SEEDS_MAX;
    return (double)n <= room ? n : (size_t)(room < 8 ? 8 : room);
}

static void search_diff(struct search *s)
{
    struct seed *seeds = ARENA_ARRAY(s->m.a, s->m.nitems, struct seed);
    size_t n = diff_seeds(s, seeds);
    uint32_t *pattern = ARENA_ARRAY(s->m.a, s->m.ncols, uint32_t);
    const struct climb c = { diff_worth, NULL, s->min > 1 };
    for (size_t i = 0; i < n && i < s->m.nitems; i++) {
        memset(pattern, 0, s->m.ncols * sizeof *pattern);
        pattern[s->m.items[seeds[i].code - 1].col] = seeds[i].code;
        if (climb(s, &c, pattern) < s->threshold)
            continue;
        mine_close(&s->m, &s->x, pattern);
        if (!is_found(s, pattern))
            add_found(s, pattern, s->x.wa, s->x.wb, s->x.len);
    }
    leave_parts_out(s);
    s->too_much = false; /* what was found by then are the largest differences */
}

/* -- results -- */

static double by_coverage(const struct search *s, const struct found *f)
{
    return f->wa * (double)mine_fixed(f->pattern, s->m.ncols);
}

static double by_difference(const struct search *s, const struct found *f)
{
    return fabs(difference(s, f->wa, f->wb));
}

static double by_signed_difference(const struct search *s, const struct found *f)
{
    return difference(s, f->wa, f->wb);
}

static void put_count(struct buf *o, const struct search *s, double w)
{
    buf_i64(o, w / s->scale < 9e18 ? llround(w / s->scale) : INT64_MAX);
    buf_putc(o, ',');
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static void put_percent(struct buf *o, double v, bool rounded)
{
    buf_f64(o, rounded ? round(100 * v) / 100 : v);
    buf_putc(o, ',');
}

static void put_share(struct buf *o, const struct search *s, const struct found *f)
{
    put_count(o, s, f->wa);
    put_percent(o, percent(f->wa, s->m.ta), false);
}

static void put_both(struct buf *o, const struct search *s, const struct found *f)
{
    put_count(o, s, f->wa);
    put_count(o, s, f->wb);
    put_percent(o, percent(f->wa, s->m.ta), true);
    put_percent(o, percent(f->wb, s->m.tb), true);
}

static void put_difference(struct buf *o, const struct search *s, const struct found *f)
{
    put_both(o, s, f);
    put_percent(o, fabs(percent(f->wa, s->m.ta) - percent(f->wb, s->m.tb)), true);
}

struct kind {
    const char *name;
    bool words;
    void (*search)(struct search *s);
    double (*rank)(const struct search *s, const struct found *f); /* the largest first */
    void (*put_numbers)(struct buf *o, const struct search *s, const struct found *f);
};

static const struct kind kinds[] = {
    { "basket", false, search_basket, by_coverage, put_share },
    { "autocluster", false, search_cluster, by_coverage, put_share },
    { "diffpatterns", false, search_diff, by_difference, put_difference },
    { "diffpatterns_text", true, search_diff, by_signed_difference, put_both },
};

/* [value] of each column, [null] for its null, 0 for any value */
static void put_cells(struct buf *o, const struct search *s, const struct found *f)
{
    for (size_t i = 0; i < s->m.ncols; i++) {
        if (i)
            buf_putc(o, ',');
        if (!f->pattern[i]) {
            buf_putc(o, '0');
            continue;
        }
        struct str v = s->m.items[f->pattern[i] - 1].text;
        buf_putc(o, '[');
        if (v.n)
            json_put_str(o, str_sub(v, 1, v.n));
        else
            buf_puts(o, "null");
        buf_putc(o, ']');
    }
}

/* Words and *; what follows the last word is one more *, if there is more. */
static void put_words(struct buf *o, const struct search *s, const struct found *f)
{
    struct buf text = BUF_INIT;
    size_t last = s->m.ncols;
    while (last && !f->pattern[last - 1])
        last--;
    for (size_t i = 0; i < last; i++) {
        if (i)
            buf_putc(&text, ' ');
        buf_str(&text, f->pattern[i] ? s->m.items[f->pattern[i] - 1].text : STR("*"));
    }
    if (last < s->m.ncols && f->len > last)
        buf_puts(&text, " *");
    json_put_str(o, buf_view(&text));
    buf_free(&text);
}

struct order {
    double rank;
    const struct found *f;
    size_t ncols;
};

static int by_rank(const void *x, const void *y)
{
    const struct order *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    if (a->f->wa != b->f->wa)
        return a->f->wa > b->f->wa ? -1 : 1;
    return mine_compare(b->f->pattern, a->f->pattern, a->ncols);
}

static void put_found(struct udf_call *c, const struct search *s, const struct kind *k)
{
    struct order *list = ARENA_ARRAY(s->m.a, s->nfound, struct order);
    for (size_t i = 0; i < s->nfound; i++)
        list[i] = (struct order){ k->rank(s, &s->found[i]), &s->found[i], s->m.ncols };
    if (s->nfound)
        qsort(list, s->nfound, sizeof *list, by_rank);
    for (size_t i = 0; i < s->nfound; i++) {
        buf_putc(&c->out, '[');
        k->put_numbers(&c->out, s, list[i].f);
        if (k->words)
            put_words(&c->out, s, list[i].f);
        else
            put_cells(&c->out, s, list[i].f);
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
    struct str kind = json_get_str(j, "kind");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(kind, kinds[i].name))
            p->kind = &kinds[i];
    p->ncols = (size_t)json_get_num(j, "columns", 1);
    p->threshold = json_get_num(j, "threshold", CLUSTER_MIN);
    p->size = json_get_num(j, "size", 0.5);
    p->scale = json_get_num(j, "scale", 1);
    p->dims = (size_t)json_get_num(j, "dims", 1);
    p->seeds = (size_t)json_get_num(j, "seeds", 0);
    p->min = (size_t)json_get_num(j, "min", 0);
    cJSON_Delete(j);
    return p->kind ? p : NULL;
}

/* False (NULL): the program cannot be read, or there is more to look at than CELLS_MAX. */
static bool mine(struct udf_call *c)
{
    const struct program *p = c->prep;
    if (!p)
        return false;
    struct arena *a = arena_new(0, "the rows to look for patterns in");
    struct search s = { .threshold = p->threshold,
                        .size = p->size,
                        .scale = p->scale,
                        .dims = p->dims,
                        .seeds = p->seeds,
                        .min = p->min };
    const struct mine_input in = { c->arg[0].list, c->arg[0].n, p->ncols, p->kind->words, p->threshold };
    mine_load(&s.m, a, &in);
    mine_match_init(&s.x, &s.m);
    p->kind->search(&s);
    if (!s.too_much)
        put_found(c, &s, p->kind);
    arena_free(a);
    return !s.too_much;
}

static const struct udf_fn functions[] = {
    { .name = "kql_mine", .body = mine, .prepare = prepare, .prep_arg = 1 },
};

const struct udf_set udf_mine_set = { functions, sizeof functions / sizeof *functions };
