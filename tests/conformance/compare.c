/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case against one result line: columns, then rows, then what differs.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "hb/buf.h"

struct columns {
    struct str *names;
    struct str *types; /* as written: "int|long" */
    size_t n;
    bool typed;
};

/* What is compared: wanted row i against actual row j. */
struct rows {
    struct arena *a;
    const struct jv *wanted, *raw, *actual;
    const struct columns *want, *got;
    bool unordered;
    const size_t *at; /* row of index i on both sides; NULL: i */
};

static struct columns read_columns(struct arena *a, const struct jv *list)
{
    struct columns c = { .n = list ? list->n : 0 };
    c.names = ARENA_ARRAY(a, c.n, struct str);
    c.types = ARENA_ARRAY(a, c.n, struct str);
    for (size_t i = 0; i < c.n; i++) {
        const struct jv *item = list->at[i];
        c.names[i] = item->kind == JV_STRING ? item->s : jv_text(item, "name");
        c.types[i] = jv_text(item, "type");
    }
    c.typed = c.n && list->at[0]->kind == JV_OBJECT;
    return c;
}

static enum hb_type type_at(const struct columns *c, size_t i)
{
    return hb_type_parse(str_sub(c->types[i], 0, str_chr(c->types[i], '|', 0)));
}

/* "real|decimal" admits either. */
static bool type_admits(struct str wanted, struct str got)
{
    enum hb_type t = hb_type_parse(got);
    for (size_t from = 0; from <= wanted.n;) {
        size_t to = str_chr(wanted, '|', from);
        if (hb_type_parse(str_sub(wanted, from, to)) == t)
            return true;
        from = to + 1;
    }
    return false;
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool same_names(const struct str *x, const struct str *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!str_eq(x[i], y[i]))
            return false;
    return true;
}

static const char *compare_columns(struct arena *a, const struct columns *want, const struct columns *got,
                                   bool types)
{
    if (want->n != got->n)
        return "column count";
    if (!same_names(want->names, got->names, want->n)) {
        struct str *x = ARENA_ARRAY(a, want->n, struct str), *y = ARENA_ARRAY(a, want->n, struct str);
        memcpy(x, want->names, want->n * sizeof *x);
        memcpy(y, got->names, want->n * sizeof *y);
        qsort(x, want->n, sizeof *x, by_name);
        qsort(y, want->n, sizeof *y, by_name);
        return same_names(x, y, want->n) ? "column order" : "column names";
    }
    bool told = false;
    for (size_t i = 0; i < got->n; i++)
        told = told || got->types[i].n;
    for (size_t i = 0; types && told && want->typed && i < want->n; i++)
        if (!type_admits(want->types[i], got->types[i]))
            return "column types";
    return NULL;
}

static bool same_cell(const struct rows *r, size_t i, size_t j, size_t k)
{
    const struct jv *e = r->wanted->at[i]->at[k], *v = r->actual->at[j]->at[k];
    if (r->want->typed)
        return value_equal(r->a, e, v, type_at(r->want, k), r->unordered);
    return cell_equal(r->a, e->s, r->raw->at[i]->at[k]->s, v, type_at(r->got, k), r->unordered);
}

static bool same_row(void *ctx, size_t i, size_t j)
{
    const struct rows *r = ctx;
    for (size_t k = 0; k < r->want->n; k++)
        if (!same_cell(r, r->at ? r->at[i] : i, r->at ? r->at[j] : j, k))
            return false;
    return true;
}

/* -- rows with a defined order: those with equal keys may swap -- */

static struct str key_of(const struct rows *r, const struct jv *keys, size_t row)
{
    struct buf b = BUF_INIT;
    for (size_t k = 0; k < keys->n; k++)
        for (size_t c = 0; c < r->want->n; c++)
            if (str_eq(keys->at[k]->s, r->want->names[c])) {
                buf_str(&b, jv_print(r->a, r->wanted->at[row]->at[c]));
                buf_putc(&b, '\n');
                break;
            }
    struct str s = buf_to_arena(&b, r->a);
    buf_free(&b);
    return s;
}

static bool keys_are_columns(const struct rows *r, const struct jv *keys)
{
    for (size_t k = 0; keys && k < keys->n; k++) {
        size_t c = 0;
        while (c < r->want->n && !str_eq(keys->at[k]->s, r->want->names[c]))
            c++;
        if (c == r->want->n)
            return false;
    }
    return keys && keys->n;
}

static bool same_but_for_ties(struct rows *r, const struct jv *keys)
{
    size_t n = r->wanted->n, from = 0;
    size_t *at = ARENA_ARRAY(r->a, n, size_t), *pair = ARENA_ARRAY(r->a, n, size_t);
    bool same = true;
    while (same && from < n) {
        struct str key = key_of(r, keys, from);
        size_t to = from + 1;
        while (to < n && str_eq(key_of(r, keys, to), key))
            to++;
        for (size_t i = from; i < to; i++)
            at[i - from] = i;
        r->at = at;
        same = match(r->a, to - from, to - from, same_row, r, pair) == to - from;
        from = to;
    }
    r->at = NULL;
    return same;
}

/* -- what differs -- */

static struct str tell(struct rows *r, const size_t *pair)
{
    size_t i = 0, near = SIZE_MAX, best = 0;
    bool *taken = ARENA_ARRAY(r->a, r->actual->n, bool);
    for (size_t k = 0; k < r->wanted->n; k++)
        if (pair[k] != SIZE_MAX)
            taken[pair[k]] = true;
    while (pair[i] != SIZE_MAX)
        i++;
    for (size_t j = 0; j < r->actual->n; j++) {
        size_t same = 0;
        for (size_t k = 0; k < r->want->n; k++)
            same += same_cell(r, i, j, k);
        if (!taken[j] && (near == SIZE_MAX || j == i || (same > best && near != i)))
            near = j, best = same;
    }
    if (near == SIZE_MAX)
        return arena_strf(r->a, "no row is like %.*s", STR_ARG(jv_print(r->a, r->wanted->at[i])));
    for (size_t k = 0; k < r->want->n; k++)
        if (!same_cell(r, i, near, k))
            return arena_strf(r->a, "row %zu, column '%.*s': wanted %.*s, got %.*s", i,
                              STR_ARG(r->want->names[k]),
                              STR_ARG(str_sub(jv_print(r->a, r->wanted->at[i]->at[k]), 0, 300)),
                              STR_ARG(str_sub(jv_print(r->a, r->actual->at[near]->at[k]), 0, 300)));
    return STR("a row is there twice");
}

static struct verdict verdict(bool equal, const char *reason, struct str detail)
{
    return (struct verdict){ equal, reason, detail };
}

static struct verdict compare_rows(struct rows *r, const struct jv *wanted)
{
    size_t n = r->wanted->n, m = r->actual->n, i = 0;
    size_t *pair = ARENA_ARRAY(r->a, n, size_t);
    bool subset = jv_true(wanted, "partial"), ordered = jv_true(wanted, "ordered");
    if (!subset && n != m)
        return verdict(false, "row count", arena_strf(r->a, "wanted %zu, got %zu", n, m));
    for (size_t j = 0; j < m; j++)
        if (r->actual->at[j]->n != r->want->n)
            return verdict(false, "ragged", arena_strf(r->a, "row %zu", j));
    while (!subset && i < n && same_row(r, i, i))
        i++;
    if (!subset && i == n)
        return verdict(true, "exact", STR(""));
    if (!subset && ordered && keys_are_columns(r, jv_get(wanted, "sort_keys")) &&
        same_but_for_ties(r, jv_get(wanted, "sort_keys")))
        return verdict(true, "ties", STR(""));
    if (match(r->a, n, m, same_row, r, pair) < n)
        return verdict(false, "values", tell(r, pair));
    if (!subset && ordered)
        return verdict(false, "row order", STR("all rows are there, in another order"));
    return verdict(true, subset ? "subset" : "unordered", STR(""));
}

struct verdict compare(struct arena *a, const struct jv *wanted, const struct jv *actual, bool types)
{
    const struct jv *error = jv_get(actual, "error");
    if (!actual)
        return verdict(false, "missing", STR("no result"));
    if (jv_true(wanted, "expect_error"))
        return !error ? verdict(false, "not refused", STR("the engine refuses this query"))
               : str_starts(error->s, STR("internal error")) ? verdict(false, "internal error", error->s)
                                                             : verdict(true, "refused", STR(""));
    if (error)
        return verdict(false, "error", error->s);
    struct columns want = read_columns(a, jv_get(wanted, "columns")),
                   got = read_columns(a, jv_get(actual, "columns"));
    const char *reason = compare_columns(a, &want, &got, types);
    if (reason)
        return verdict(false, reason,
                       arena_strf(a, "wanted %.*s, got %.*s", STR_ARG(jv_print(a, jv_get(wanted, "columns"))),
                                  STR_ARG(jv_print(a, jv_get(actual, "columns")))));
    struct rows r = { .a = a,
                      .wanted = jv_get(wanted, "rows"),
                      .raw = jv_get(wanted, "rows_raw"),
                      .actual = jv_get(actual, "rows"),
                      .want = &want,
                      .got = &got,
                      .unordered = jv_true(wanted, "unordered_arrays") };
    if (!r.raw)
        r.raw = r.wanted;
    if (!r.wanted || !r.actual)
        return verdict(false, "missing", STR("no rows"));
    return compare_rows(&r, wanted);
}
