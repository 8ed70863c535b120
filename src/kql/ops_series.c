/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make-series: aggregates along an axis, as arrays.
 *
 * Two groupings: by the keys and the number of the bin, with the machinery of summarize; then by the keys alone, into a map
 * from bin to value. The arrays are read out of the map for every bin of the range, so no row is made for an empty bin.
 * Bins are counted from `from`, or from zero where there is none; then a series begins at its own first bin.
 */
#include <string.h>

#include "bound.h"

#define BIN_NAME "\x01 bin" /* a column no query can name */

struct axis {
    enum hb_type type; /* long, real, datetime, timespan */
    struct str name;
    int id;                         /* the column of its values */
    struct bexpr *from, *to, *step; /* from, to: NULL where not given */
    bool to_included;
    struct span span;
};

static struct bexpr *bound_as(struct binder *b, const struct kql_node *n, enum hb_type t, const char *what)
{
    struct bexpr *e = bind_expr(b, n, NULL);
    if (bx_failed(e))
        return e;
    struct bexpr *c = e->type == t                                   ? e
                      : type_is_number(e->type) == type_is_number(t) ? convert(b, e, t)
                                                                     : NULL;
    if (c)
        return c;
    bind_error(b, n->span, NULL, "%s must be %s, not %s", what, hb_type_name(t), hb_type_name(e->type));
    return bx_error(b, n->span);
}

static bool bind_axis(struct binder *b, const struct kql_op_make_series *n, struct brel **rel, struct axis *x)
{
    struct brow row = { .rel = *rel };
    struct bexpr *on = bind_expr(b, n->on, &row);
    if (bx_failed(on))
        return false;
    x->span = n->on->span;
    x->name = n->on->kind == KQL_NAMED ? KQL_AS(kql_name, KQL_AS(kql_named, n->on)->names.items[0])->name
                                       : auto_name(b, n->on);
    x->type = on->type == HB_INT ? HB_LONG : on->type;
    struct bexpr *step = bind_expr(b, n->step, NULL);
    if (x->type == HB_LONG && step->type == HB_REAL)
        x->type = HB_REAL;
    if (x->type != HB_LONG && x->type != HB_REAL && x->type != HB_DATETIME && x->type != HB_TIMESPAN) {
        bind_error(b, n->on->span, NULL, "a series runs along numbers or times, not %s",
                   hb_type_name(x->type));
        return false;
    }
    if (on->type != x->type)
        on = convert(b, on, x->type);
    x->id = rel_add_hidden(b, &row.rel, on);
    *rel = row.rel;
    x->step = bound_as(b, n->step, x->type == HB_DATETIME ? HB_TIMESPAN : x->type, "the step");
    int64_t step_size;
    if ((bx_const_i64(x->step, &step_size) && step_size <= 0) ||
        (bx_is_const(x->step) && x->step->type == HB_REAL && !(x->step->v.r > 0))) {
        bind_error(b, n->step->span, NULL, "the step must be above 0");
        return false;
    }
    x->from = n->from ? bound_as(b, n->from, x->type, "the start") : NULL;
    x->to = n->to ? bound_as(b, n->to, x->type, "the end") : NULL;
    x->to_included = n->in_range;
    return !bx_failed(x->step) && !(x->from && bx_failed(x->from)) && !(x->to && bx_failed(x->to));
}

static struct bexpr *origin(struct binder *b, const struct axis *x)
{
    return x->from ? x->from : x->type == HB_REAL ? bx_real(b, 0, x->span) : bx_long(b, 0, x->span);
}

/* Number of the bin that a value lies in. */
static struct bexpr *bin_of(struct binder *b, const struct axis *x, struct bexpr *value)
{
    const char *sql = x->type == HB_REAL ? "kql_real_long(floor(($1 - $2) / $3))" : "(($1 - $2) // $3)";
    return bx_call(b, HB_LONG, sql, x->span, 3, value, origin(b, x), x->step);
}

/* Rows on the axis, with the number of their bin as a last column. */
static struct brel *with_bins(struct binder *b, struct brel *rel, const struct axis *x)
{
    struct bexpr *value = bx_colid(b, x->id, x->type);
    struct bexpr *inside[3];
    size_t n = 0;
    inside[n++] = bx_call(b, HB_BOOL, "($1 IS NOT NULL)", x->span, 1, value);
    if (x->from)
        inside[n++] = bx_call(b, HB_BOOL, "($1 >= $2)", x->span, 2, value, x->from);
    if (x->to)
        inside[n++] = bx_call(b, HB_BOOL, x->to_included ? "($1 <= $2)" : "($1 < $2)", x->span, 2, value,
                              x->to);
    rel = rel_filter(b, rel, bx_calln(b, HB_BOOL, "($&)", x->span, n, inside), x->span);
    struct bitem bin = { new_col(b), bin_of(b, x, value) };
    struct bcol *cols = cols_copy(b, rel->cols, rel->ncols, 1);
    cols[rel->ncols] = (struct bcol){ STR(BIN_NAME), HB_LONG, bin.id };
    struct brel *r = rel_project(b, rel, cols, rel->ncols + 1, &bin, 1, x->span);
    r->nkeep = 0;
    return r;
}

/* summarize the items by the keys and the bin */
static struct brel *binned(struct binder *b, struct brel *rel, const struct kql_op_make_series *n)
{
    struct kql_op_summarize s = { .op = n->op, .has_by = true };
    struct kql_name bin = { .node = { KQL_NAME, n->on->span }, .name = STR(BIN_NAME) };
    s.op.node.kind = KQL_SUMMARIZE;
    s.aggregates.n = n->items.n;
    s.aggregates.items = ARENA_ARRAY(b->a, n->items.n, struct kql_node *);
    for (size_t i = 0; i < n->items.n; i++)
        s.aggregates.items[i] = KQL_AS(kql_series_item, n->items.items[i])->value;
    s.by.n = n->by.n + 1;
    s.by.items = ARENA_ARRAY(b->a, s.by.n, struct kql_node *);
    if (n->by.n)
        memcpy(s.by.items, n->by.items, n->by.n * sizeof *s.by.items);
    s.by.items[n->by.n] = &bin.node;
    return bind_summarize(b, rel, &s);
}

struct series {
    struct brel *rel;
    struct bexpr *low, *high; /* bins [low, high) of a row */
    int *maps;                /* column of each item's map from bin to value as JSON */
};

/* The bin behind the last one, where `to` says it. */
static struct bexpr *last_bin(struct binder *b, const struct axis *x)
{
    const char *sql = x->to_included       ? "(($1 - $2) // $3 + 1)"
                      : x->type == HB_REAL ? "kql_real_long(ceil(($1 - $2) / $3))"
                                           : "(($1 - $2 + $3 - 1) // $3)";
    if (x->to_included && x->type == HB_REAL)
        sql = "kql_real_long(floor(($1 - $2) / $3) + 1)";
    return bx_call(b, HB_LONG, sql, x->span, 3, x->to, origin(b, x), x->step);
}

static struct series gather_series(struct binder *b, struct brel *bins, size_t nkeys, const struct axis *x,
                                   struct span span)
{
    size_t nvalues = bins->ncols - nkeys - 1, naggs = 0;
    struct series s = { .maps = ARENA_ARRAY(b->a, nvalues + 1, int) };
    struct bitem *keys = ARENA_ARRAY(b->a, nkeys + 1, struct bitem),
                 *aggs = ARENA_ARRAY(b->a, nvalues + 2, struct bitem);
    struct bexpr *bin = bx_col(b, &bins->cols[nkeys], span);
    for (size_t i = 0; i < nkeys; i++)
        keys[i] = (struct bitem){ new_col(b), bx_col(b, &bins->cols[i], span) };
    for (size_t i = 0; i < nvalues; i++) {
        struct bexpr *value = to_json(b, bx_col(b, &bins->cols[nkeys + 1 + i], span));
        s.maps[i] = new_col(b);
        aggs[naggs++] = (struct bitem){ s.maps[i],
                                        bx_call(b, HB_DYNAMIC, "map_from_entries(list({'k': $1, 'v': $2}))",
                                                span, 2, bin, value) };
    }
    s.low = bx_long(b, 0, span);
    if (!x->from) {
        aggs[naggs] = (struct bitem){ new_col(b), bx_call(b, HB_LONG, "min($1)", span, 1, bin) };
        s.low = bx_colid(b, aggs[naggs++].id, HB_LONG);
    }
    if (x->to) {
        s.high = last_bin(b, x);
    } else {
        aggs[naggs] = (struct bitem){
            new_col(b), bx_call(b, HB_LONG, "(least(max($1), 9223372036854775806) + 1)", span, 1, bin)
        };
        s.high = bx_colid(b, aggs[naggs++].id, HB_LONG);
    }
    s.rel = rel_agg(b, bins, keys, nkeys, aggs, naggs, span);
    struct bcol *cols = cols_copy(b, bins->cols, nkeys, 0);
    for (size_t i = 0; i < nkeys; i++)
        cols[i].id = keys[i].id;
    s.rel->cols = cols;
    s.rel->ncols = nkeys;
    return s;
}

/* What stands in a bin without rows, as JSON. */
static struct bexpr *fallback(struct binder *b, const struct kql_series_item *item, enum hb_type value,
                              struct span span)
{
    if (!item->fallback)
        return bx_call(b, HB_DYNAMIC, "'0'", span, 0);
    struct bexpr *e = bind_expr(b, item->fallback, NULL);
    if (bx_failed(e))
        return NULL;
    if (type_is_number(e->type) && type_is_number(value))
        e = convert(b, e, value);
    return to_json(b, e);
}

static struct bexpr *axis_array(struct binder *b, const struct axis *x, const struct series *s)
{
    const char *sql =
        x->type == HB_DATETIME
            ? "kql_json_array(list_transform(range($1, $2), lambda i: kql_json_datetime($3 + i * $4)))"
        : x->type == HB_TIMESPAN
            ? "kql_json_array(list_transform(range($1, $2), lambda i: kql_json_timespan($3 + i * $4)))"
        : x->type == HB_REAL
            ? "kql_json_array(list_transform(range($1, $2), lambda i: kql_json_real($3 + i * $4)))"
            : "kql_json_array(list_transform(range($1, $2), lambda i: CAST($3 + i * $4 AS VARCHAR)))";
    return bx_call(b, HB_DYNAMIC, sql, x->span, 4, s->low, s->high, origin(b, x), x->step);
}

static bool keeps_empty(const struct kql_op *op)
{
    return str_eqz(kql_param_word(kql_op_param(op, "kind")), "nonempty");
}

struct brel *op_make_series(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_make_series *n = (const struct kql_op_make_series *)op;
    struct span span = op->node.span;
    struct axis x = { 0 };
    if (in->open || !bind_axis(b, n, &in, &x))
        return rel_open(b, span);
    struct brel *bins = binned(b, with_bins(b, in, &x), n);
    if (bins->open)
        return bins;
    size_t nkeys = 0;
    while (nkeys < bins->ncols && !str_eqz(bins->cols[nkeys].name, BIN_NAME))
        nkeys++;
    struct series s = gather_series(b, bins, nkeys, &x, span);
    const char *too_many = sql_fault(
        b, span, "the series has more than 1,048,576 points"); /* as the engine limits arrays */
    struct bexpr *some = bx_call(
        b, HB_BOOL,
        arena_printf(b->a, "(CASE WHEN CAST($1 AS HUGEINT) - $2 > 1048576 THEN %s ELSE $1 > $2 END)",
                     too_many),
        span, 2, s.high, s.low);
    if (!keeps_empty(op) && !nkeys && bins->ncols > 1)
        some = bx_call(b, HB_BOOL, "($1 AND $2 IS NOT NULL)", span, 2, some,
                       bx_colid(b, s.maps[0], HB_DYNAMIC));
    struct brel *rel = rel_filter(b, s.rel, some, span);
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < nkeys; i++)
        out_add(b, &o, rel->cols[i].name, false, bx_col(b, &rel->cols[i], span), false);
    for (size_t i = 0; nkeys + 1 + i < bins->ncols; i++) {
        const struct bcol *value = &bins->cols[nkeys + 1 + i];
        struct bexpr *none = fallback(
            b, KQL_AS(kql_series_item, n->items.items[i < n->items.n ? i : n->items.n - 1]), value->type,
            span);
        if (!none)
            return rel_open(b, span);
        out_add(b, &o, value->name, false,
                bx_call(b, HB_DYNAMIC,
                        "kql_json_array(list_transform(range($1, $2), lambda i: coalesce($3[i], $4)))", span,
                        4, s.low, s.high, bx_colid(b, s.maps[i], HB_DYNAMIC), none),
                false);
    }
    out_add(b, &o, x.name, n->on->kind == KQL_NAMED, axis_array(b, &x, &s), false);
    return o.failed ? rel_open(b, span) : rel_project(b, rel, o.cols, o.ncols, o.items, o.nitems, span);
}
