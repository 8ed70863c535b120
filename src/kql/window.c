/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Window functions: row_number, prev, next, row_cumsum, row_rank_*. Each becomes a hidden column of the operator's input, so
 * that it may stand anywhere, in where and inside another window too.
 */
#include <string.h>

#include "bound.h"

static struct bexpr *hide(struct binder *b, struct brow *row, struct bexpr *e)
{
    bool nullable = e->nullable;
    int id = rel_add_hidden(b, &row->rel, e);
    struct bexpr *c = bx_colid(b, id, e->type);
    c->span = e->span;
    c->nullable = nullable;
    return c;
}

static void set_window(const struct brow *row, struct bexpr *e)
{
    e->over = row->rel->order;
    e->nover = row->rel->norder;
    e->part = row->rel->part;
    e->npart = row->rel->npart;
}

/* Adds the number of restarts so far to the partition of e. */
static bool restart(struct binder *b, const struct kql_node *n, struct brow *row, struct bexpr *e)
{
    struct bexpr *cond = bind_bool(b, n, row, "the restart condition");
    if (bx_failed(cond))
        return false;
    struct bexpr *g = bx_call(b, HB_LONG, "CAST(count_if($1) OVER ($w ROWS UNBOUNDED PRECEDING) AS BIGINT)",
                              n->span, 1, cond);
    set_window(row, g);
    struct bexpr *col = hide(b, row, g);
    int *part = ARENA_ARRAY(b->a, e->npart + 1, int);
    if (e->npart)
        copy_bytes(part, e->part, e->npart * sizeof *part);
    part[e->npart] = col->col;
    e->part = part;
    e->npart++;
    return true;
}

static struct bexpr *bad(struct binder *b, const struct kql_call *c, const char *what)
{
    bind_error(b, c->node.span, NULL, "'%.*s' takes %s", STR_ARG(c->name->name), what);
    return bx_error(b, c->node.span);
}

static struct bexpr *w_row_number(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n > 2)
        return bad(b, c, "a start and a restart condition");
    struct bexpr *start = c->args.n ? bind_as(b, c->args.items[0], row, HB_LONG, "the start")
                                    : bx_long(b, 1, c->node.span);
    struct bexpr *e = bx_call(b, HB_LONG, "(row_number() OVER ($w) + $1 - 1)", c->node.span, 1, start);
    if (bx_failed(e))
        return e;
    e->nullable = false;
    set_window(row, e);
    if (c->args.n == 2 && !restart(b, c->args.items[1], row, e))
        return bx_error(b, c->node.span);
    return hide(b, row, e);
}

static struct bexpr *w_shift(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n < 1 || c->args.n > 3)
        return bad(b, c, "a value, a distance and a default");
    bool back = str_eqz(c->name->name, "prev");
    struct bexpr *x = bind_expr(b, c->args.items[0], row);
    struct bexpr *n = c->args.n > 1 ? bind_as(b, c->args.items[1], row, HB_LONG, "the distance")
                                    : bx_long(b, 1, c->node.span);
    if (bx_failed(x) || bx_failed(n))
        return bx_error(b, c->node.span);
    int64_t dist;
    if (bx_const_i64(n, &dist) && dist < 1) {
        bind_error(b, n->span, NULL, "the distance must be at least 1");
        return bx_error(b, c->node.span);
    }
    struct bexpr *def = x->type == HB_STRING ? bx_str(b, STR(""), c->node.span)
                                             : bx_null(b, x->type, c->node.span);
    if (c->args.n == 3) {
        def = bind_as(b, c->args.items[2], NULL, x->type, "the default");
        if (bx_failed(def))
            return def;
    }
    struct bexpr *e = bx_call(b, x->type, back ? "lag($1, $2, $3) OVER ($w)" : "lead($1, $2, $3) OVER ($w)",
                              c->node.span, 3, x, n, def);
    set_window(row, e);
    return hide(b, row, e);
}

/* kql_dec_sum would look at all rows so far in every row: it does so with the few whose parts cannot be summed. */
#define SO_FAR "OVER ($w ROWS UNBOUNDED PRECEDING)"
#define DECIMAL_CUMSUM                                                                                       \
    "kql_dec_add(kql_dec_of_parts(coalesce(sum(kql_dec_whole($1)) " SO_FAR ", 0), "                          \
    "coalesce(sum(kql_dec_part($1)) " SO_FAR ", 0)), "                                                       \
    "kql_dec_sum(coalesce(list($1) FILTER (WHERE $1 IS NOT NULL AND kql_dec_whole($1) IS NULL) " SO_FAR      \
    ", CAST([] AS HUGEINT[]))))"

static struct bexpr *w_cumsum(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n < 1 || c->args.n > 2)
        return bad(b, c, "a value and a restart condition");
    struct bexpr *x = bind_expr(b, c->args.items[0], row);
    if (bx_failed(x))
        return x;
    if (!type_is_number(x->type) && x->type != HB_TIMESPAN)
        return bad(b, c, "a number");
    bool ints = type_is_integer(x->type) || x->type == HB_TIMESPAN;
    struct bexpr *e = bx_call(b, x->type == HB_INT ? HB_LONG : x->type,
                              ints                    ? "kql_wrap(sum($1) OVER ($w ROWS UNBOUNDED PRECEDING))"
                              : x->type == HB_DECIMAL ? DECIMAL_CUMSUM
                                                      : "sum($1) OVER ($w ROWS UNBOUNDED PRECEDING)",
                              c->node.span, 1, x);
    set_window(row, e);
    if (c->args.n == 2 && !restart(b, c->args.items[1], row, e))
        return bx_error(b, c->node.span);
    return hide(b, row, e);
}

/* Ranks count the changes of a value down the rows: first as they stand. */
static struct bexpr *w_rank(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n < 1 || c->args.n > 2)
        return bad(b, c, "a value and a restart condition");
    struct bexpr *x = bind_expr(b, c->args.items[0], row);
    if (bx_failed(x))
        return x;
    struct bexpr *before = bx_call(b, HB_BOOL,
                                   "($1 IS DISTINCT FROM lag($1) OVER ($w) OR row_number() OVER ($w) = 1)",
                                   c->node.span, 1, x);
    set_window(row, before);
    if (c->args.n == 2 && !restart(b, c->args.items[1], row, before))
        return bx_error(b, c->node.span);
    const int *part = before->part;
    size_t npart = before->npart;
    struct bexpr *changed = hide(b, row, before);
    bool dense = str_eqz(c->name->name, "row_rank_dense");
    struct bexpr *e = changed;
    if (!dense) {
        struct bexpr *n = bx_call(b, HB_LONG, "(CASE WHEN $1 THEN row_number() OVER ($w) END)", c->node.span,
                                  1, changed);
        set_window(row, n);
        n->part = part;
        n->npart = npart;
        e = hide(b, row, n);
    }
    e = bx_call(b, HB_LONG,
                dense ? "CAST(count_if($1) OVER ($w ROWS UNBOUNDED PRECEDING) AS BIGINT)"
                      : "max($1) OVER ($w ROWS UNBOUNDED PRECEDING)",
                c->node.span, 1, e);
    set_window(row, e);
    e->part = part;
    e->npart = npart;
    return hide(b, row, e);
}

static struct bexpr *row_list(struct binder *b, const struct brow *row, struct bexpr *e)
{
    struct bexpr *l = bx_call(b, HB_DYNAMIC, "list(CAST($1 AS VARCHAR) ORDER BY $2)", e->span, 2, e,
                              bx_colid(b, row->rel->order[0].col, HB_LONG));
    return l;
}

/*
 * A session depends on where the one before began, so the rows of a partition go through one function as a list; its answers are
 * unnested and joined back by the number of the row.
 */
static struct bexpr *w_session(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct span span = c->node.span;
    if (c->args.n != 3 && c->args.n != 4)
        return bad(b, c, "a time, the longest session, the longest gap and a restart condition");
    struct bexpr *t = bind_as(b, c->args.items[0], row, HB_DATETIME, "the time");
    struct bexpr *longest = bind_as(b, c->args.items[1], NULL, HB_TIMESPAN, "the longest session");
    struct bexpr *gap = bind_as(b, c->args.items[2], NULL, HB_TIMESPAN, "the longest gap");
    struct bexpr *again = c->args.n == 4 ? bind_bool(b, c->args.items[3], row, "the restart condition")
                                         : bx_bool(b, false, span);
    if (bx_failed(t) || bx_failed(longest) || bx_failed(gap) || bx_failed(again))
        return bx_error(b, span);
    again = bx_call(b, HB_LONG, "(CASE WHEN $1 THEN 1 ELSE 0 END)", span, 1, again);
    int time_col = rel_add_hidden(b, &row->rel, t), again_col = rel_add_hidden(b, &row->rel, again);
    struct border *order = row->rel->order;
    size_t norder = row->rel->norder;
    struct bexpr *n = bx_call(b, HB_LONG, "row_number() OVER ($w)", span, 0);
    set_window(row, n);
    n->npart = 0;
    int number = rel_add_hidden(b, &row->rel, n);
    struct brel *rows = row->rel;
    rows->shared = true;
    rows->order = ARENA_NEW(b->a, struct border);
    rows->order[0] = (struct border){ number, HB_LONG, false, false };
    rows->norder = 1;
    struct bexpr *lists[] = { row_list(b, row, bx_colid(b, time_col, HB_DATETIME)),
                              row_list(b, row, bx_colid(b, again_col, HB_LONG)), longest, gap };
    struct bitem it = { new_col(b), bx_calln(b, HB_DYNAMIC, "kql_sessions($1, $2, $3, $4)", span, 4, lists) };
    struct brel *plain = rel_filter(b, rows, bx_bool(b, true, span), span);
    plain->npart = 0;
    struct brel *all = rel_agg(b, plain, NULL, 0, &it, 1, span);
    struct brel *u = rel_new(b, BR_UNNEST, all, span);
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){ new_col(b), bx_colid(b, it.id, HB_DYNAMIC) };
    u->items[1] = (struct bitem){ new_col(b), bx_call(b, HB_LONG, "range(1, len($1) + 1)", span, 1,
                                                      bx_colid(b, it.id, HB_DYNAMIC)) };
    u->nitems = 2;
    struct bexpr *same = bx_call(b, HB_BOOL, "($1 = $2)", span, 2, bx_colid(b, number, HB_LONG),
                                 bx_colid(b, u->items[1].id, HB_LONG));
    struct brel *j = rel_join(b, BJ_INNER, rows, u, same, span);
    j->cols = rows->cols;
    j->ncols = rows->ncols;
    j->order = order;
    j->norder = norder;
    j->ordered = rows->ordered;
    j->serialized = rows->serialized;
    j->keep = rows->keep;
    j->nkeep = rows->nkeep;
    row->rel = j;
    struct bexpr *start = bx_call(b, HB_DATETIME, "TRY_CAST($1 AS BIGINT)", span, 1,
                                  bx_colid(b, u->items[0].id, HB_DYNAMIC));
    return hide(b, row, start);
}

struct bexpr *bind_window(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (!row || !row->rel || row->agg || row->left || row->steps) {
        bind_error(b, c->node.span, NULL, "'%.*s' cannot stand here", STR_ARG(c->name->name));
        return bx_error(b, c->node.span);
    }
    if (!row->rel->serialized && !row->rel->open) {
        bind_error(b, c->node.span, "sort the rows or put '| serialize' in front",
                   "'%.*s' needs rows in a defined order", STR_ARG(c->name->name));
        return bx_error(b, c->node.span);
    }
    if (str_eqz(c->name->name, "row_number"))
        return w_row_number(b, c, row);
    if (str_eqz(c->name->name, "prev") || str_eqz(c->name->name, "next"))
        return w_shift(b, c, row);
    if (str_eqz(c->name->name, "row_cumsum"))
        return w_cumsum(b, c, row);
    if (str_eqz(c->name->name, "row_window_session"))
        return w_session(b, c, row);
    return w_rank(b, c, row);
}
