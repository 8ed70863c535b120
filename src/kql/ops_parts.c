/* SPDX-License-Identifier: Apache-2.0 */
/*
 * partition, fork and facet: queries on parts of a table, and several queries on one.
 *
 * A partition whose sub-query only has operators that know of parts (`part_wise`) is one statement. Any other one is bound
 * once for each value of the key, which is asked for first (PARTS_MAX of them at most, as the language says).
 */
#include "bound.h"

enum { PARTS_MAX = 64 };

/* -- which sub-queries -- */

static const enum kql_kind part_wise[] = {
    KQL_WHERE,
    KQL_EXTEND,
    KQL_PROJECT,
    KQL_PROJECT_AWAY,
    KQL_PROJECT_KEEP,
    KQL_PROJECT_RENAME,
    KQL_PROJECT_REORDER,
    KQL_DISTINCT,
    KQL_SERIALIZE,
    KQL_SUMMARIZE,
    KQL_SORT,
    KQL_TOP,
    KQL_TAKE,
    KQL_SAMPLE,
    KQL_COUNT,
    KQL_PARSE,
    KQL_PARSE_WHERE,
    KQL_PARSE_KV,
    KQL_MV_EXPAND,
    KQL_MV_APPLY,
    KQL_MAKE_SERIES,
    KQL_SCAN,
    KQL_RENDER,
    KQL_CONSUME,
    KQL_PARTITION,
    KQL_PROJECT_BY_NAMES,
    KQL_GRAPH_MATCH,
    KQL_GRAPH_PATHS,
    KQL_GRAPH_TO_TABLE,
    KQL_GRAPH_WHERE_NODES,
    KQL_GRAPH_WHERE_EDGES,
    KQL_GRAPH_MARK,
};

static bool knows_parts(enum kql_kind kind)
{
    size_t i = 0;
    while (i < sizeof part_wise / sizeof *part_wise && part_wise[i] != kind)
        i++;
    return i < sizeof part_wise / sizeof *part_wise;
}

const struct kql_op *part_blind(const struct kql_node *sub)
{
    while (sub->kind == KQL_PAREN)
        sub = KQL_AS(kql_paren, sub)->inner;
    if (sub->kind != KQL_PIPE)
        return knows_parts(sub->kind) || sub->kind <= KQL_PIPE || sub->kind > KQL_GRAPH_MARK
                   ? NULL
                   : (const struct kql_op *)sub;
    const struct kql_pipe *p = KQL_AS(kql_pipe, sub);
    const struct kql_op *blind = p->source ? part_blind(p->source) : NULL;
    for (size_t i = 0; i < p->ops.n && !blind; i++)
        blind = knows_parts(p->ops.items[i]->kind) ? NULL : (const struct kql_op *)p->ops.items[i];
    return blind;
}

/* -- partition -- */

void rel_add_part(struct binder *b, struct brel *r, int id)
{
    int *part = ARENA_ARRAY(b->a, r->npart + 1, int);
    copy_bytes(part, r->part, r->npart * sizeof *part);
    part[r->npart++] = id;
    r->part = part;
}

static struct brel *bind_sub(struct binder *b, struct brel *context, const struct kql_node *sub)
{
    struct brel *outer = b->context;
    b->context = context;
    struct brel *r = bind_table(b, sub);
    b->context = outer;
    return r;
}

/* All parts in one statement. */
static struct brel *at_once(struct binder *b, struct brel *in, const struct kql_op_partition *pt)
{
    struct span span = pt->op.node.span;
    struct brow row = { .rel = in };
    struct bexpr *key = bind_expr(b, pt->by, &row);
    if (bx_failed(key))
        return rel_open(b, span);
    struct bexpr *id = bx_call(b, HB_LONG, "dense_rank() OVER (ORDER BY $1 NULLS FIRST)", span, 1, key);
    int part = rel_add_hidden(b, &row.rel, id);
    struct brel *r = rel_project(b, row.rel, in->cols, in->ncols, NULL, 0, span);
    rel_add_part(b, r, part);
    r->nkeep = 0;
    size_t outer = in->npart;
    struct brel *sub = bind_sub(b, r, pt->sub);
    if (sub->open)
        return sub;
    struct brel *p = rel_project(b, sub, sub->cols, sub->ncols, NULL, 0, span);
    struct border *o = ARENA_ARRAY(b->a, sub->norder + 1, struct border);
    o[0] = (struct border){ sub->part[outer], HB_LONG, false, false };
    copy_bytes(o + 1, sub->order, sub->norder * sizeof *o);
    p->order = o;
    p->norder = sub->norder + 1;
    p->scrambled = true;
    p->ordered = false;
    p->npart = outer;
    return p;
}

/* The sub-query on the rows with one value of the key, which it may read by the key's name. */
static struct brel *one_part(struct binder *b, struct brel *in, const struct kql_op_partition *pt,
                             const struct bcol *key, struct str value)
{
    struct span span = pt->op.node.span;
    struct bexpr *v = bx_str(b, value, span);
    if (key->type != HB_STRING)
        v = convert(b, v, key->type);
    struct brel *rows = rel_ref(b, in, span);
    const struct bcol *c = rel_find(b, rows, key->name);
    rows = rel_filter(
        b, rows, bx_call(b, HB_BOOL, "($1 IS NOT DISTINCT FROM $2)", span, 2, bx_col(b, c, span), v), span);
    struct bscope *outer = b->scope;
    scope_push(b);
    if (pt->braces)
        scope_add(b, key->name, span, BN_SCALAR)->scalar = v;
    struct brel *r = bind_sub(b, pt->braces ? NULL : rows, pt->sub);
    b->scope = outer;
    return r;
}

static struct brel *one_by_one(struct binder *b, struct brel *in, const struct kql_op_partition *pt)
{
    struct span span = pt->op.node.span;
    const struct bcol *key = pt->by->kind == KQL_NAME
                                 ? rel_column(b, in, KQL_AS(kql_name, pt->by)->name, pt->by->span)
                                 : NULL;
    if (!key) {
        if (pt->by->kind != KQL_NAME)
            bind_error(b, pt->by->span, NULL, "this partition needs the name of a column");
        return rel_open(b, span);
    }
    size_t n = 0;
    in->shared = true;
    struct brel *keys = rel_ref(b, in, span);
    struct bexpr *text = to_string(b, bx_col(b, rel_find(b, keys, key->name), span));
    struct str *values = b->opt->stage ? stage_ask(b, keys, text, &n, span)
                                       : NULL; /* else: checked without data */
    if (b->opt->stage && !values)
        return rel_open(b, span);
    if (n > PARTS_MAX) {
        bind_error(b, pt->by->span, NULL, "a partition with this sub-query takes %d values at most, not %zu",
                   PARTS_MAX, n);
        return rel_open(b, span);
    }
    struct kql_tables l = { 0 };
    size_t unnamed = b->unnamed;
    for (size_t i = 0; i < n && !l.failed; i++) {
        b->unnamed = unnamed; /* the columns of each part are called the same */
        tables_add(b, &l, one_part(b, in, pt, key, values[i]), STR(""));
    }
    if (!n) { /* the columns of the result, and no row */
        struct brel *none = one_part(b, in, pt, key, STR(""));
        return none->open ? none : rel_filter(b, none, bx_bool(b, false, span), span);
    }
    return l.failed ? rel_open(b, span) : tables_union(b, &l, false, STR(""), span);
}

struct brel *op_partition(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_partition *pt = (const struct kql_op_partition *)op;
    if (in->open)
        return in;
    if (pt->in) {
        bind_error(b, op->name_span, "write partition by column ( ... )",
                   "this form of partition is not supported");
        return rel_open(b, op->node.span);
    }
    return pt->braces || part_blind(pt->sub) ? one_by_one(b, in, pt) : at_once(b, in, pt);
}

/* -- several results: all are bound, the first is the result -- */

static struct brel *first_of(struct binder *b, const struct kql_op *op, struct brel **results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (results[i]->open)
            return results[i];
    if (n > 1)
        diag_add(b->d, DIAG_WARNING, b->src, op->name_span, "write a query for each of the others",
                 "of these %zu results only the first one is shown", n);
    return results[0];
}

struct brel *op_fork(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *branches = &((const struct kql_op_list *)op)->items;
    struct brel **r = ARENA_ARRAY(b->a, branches->n, struct brel *);
    if (in->open)
        return in;
    in->shared = true;
    for (size_t i = 0; i < branches->n; i++)
        r[i] = bind_sub(b, rel_ref(b, in, op->node.span), KQL_AS(kql_fork_branch, branches->items[i])->sub);
    return first_of(b, op, r, branches->n);
}

/* The values of one column and how often each occurs. */
static struct brel *values_of(struct binder *b, struct brel *in, const struct kql_node *column)
{
    struct brow row = { .rel = in };
    struct bexpr *e = bind_expr(b, column, &row);
    if (bx_failed(e))
        return rel_open(b, column->span);
    struct bitem key = { new_col(b), e },
                 count = { new_col(b), bx_call(b, HB_LONG, "count(*)$F", column->span, 0) };
    struct brel *r = rel_agg(b, in, &key, 1, &count, 1, column->span);
    r->cols = ARENA_ARRAY(b->a, 2, struct bcol);
    r->cols[0] = (struct bcol){ auto_name(b, column), e->type, key.id };
    r->cols[1] = (struct bcol){ STR("count_"), HB_LONG, count.id };
    r->ncols = 2;
    return r;
}

struct brel *op_facet(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_facet *f = (const struct kql_op_facet *)op;
    struct brel **r = ARENA_ARRAY(b->a, f->by.n + 1, struct brel *);
    size_t n = f->by.n;
    if (in->open)
        return in;
    in->shared = true;
    for (size_t i = 0; i < n; i++)
        r[i] = values_of(b, rel_ref(b, in, op->node.span), f->by.items[i]);
    if (f->sub)
        r[n++] = bind_sub(b, rel_ref(b, in, op->node.span), f->sub);
    return first_of(b, op, r, n);
}
