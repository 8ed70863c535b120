/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top-nested: one level after the other, each within the groups of those before. Only input rows of the groups kept so far go
 * on to the next level.
 */
#include <string.h>

#include "bound.h"

struct level {
    int key;
    enum hb_type type;
    struct str name;
};

/* `with others` is only known to be refused where the sum of the rest would be needed. */
static bool level_supported(struct binder *b, const struct kql_nested_level *lv)
{
    if (!lv->others)
        return true;
    bind_error(b, lv->others->span, NULL, "'with others' is not supported");
    return false;
}

struct brel *op_top_nested(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *levels = &((const struct kql_op_list *)op)->items;
    struct span span = op->node.span;
    struct brel *rows = in; /* input rows of the groups kept so far */
    struct boutput o = { .reuse = true };
    struct bcol *found = ARENA_ARRAY(b->a, 2 * levels->n, struct bcol);
    size_t nfound = 0;
    if (in->open)
        return in;
    struct brow row = { .rel = rows };
    struct level *lv = ARENA_ARRAY(b->a, levels->n, struct level);
    for (size_t i = 0; i < levels->n; i++) { /* keys become columns of the input */
        const struct kql_nested_level *n = (const struct kql_nested_level *)levels->items[i];
        const struct kql_named *nm = n->of->kind == KQL_NAMED ? (const struct kql_named *)n->of : NULL;
        struct bexpr *e = bind_expr(b, nm ? nm->value : n->of, &row);
        if (bx_failed(e) || !level_supported(b, n))
            return rel_open(b, span);
        lv[i].type = e->type;
        lv[i].name = nm ? KQL_AS(kql_name, nm->names.items[0])->name : auto_name(b, n->of);
        lv[i].key = e->kind == BX_COL ? e->col : rel_add_hidden(b, &row.rel, e);
    }
    rows = row.rel;
    for (size_t i = 0; i < levels->n; i++) {
        const struct kql_nested_level *n = (const struct kql_nested_level *)levels->items[i];
        const struct kql_ordered *by = n->by->kind == KQL_ORDERED ? (const struct kql_ordered *)n->by : NULL;
        const struct kql_node *v = by ? by->value : n->by;
        const struct kql_named *nm = v->kind == KQL_NAMED ? (const struct kql_named *)v : NULL;
        struct bagg agg = { 0 };
        rows->shared = true;
        struct brow arow = { .rel = rows, .agg = &agg };
        struct bexpr *value = bind_expr(b, nm ? nm->value : v, &arow);
        struct bexpr *limit = n->count ? bind_as(b, n->count, NULL, HB_LONG, "the number of rows") : NULL;
        if (bx_failed(value) || (limit && bx_failed(limit)))
            return rel_open(b, span);
        struct bitem *keys = ARENA_ARRAY(b->a, i + 1, struct bitem);
        for (size_t k = 0; k <= i; k++)
            keys[k] = (struct bitem){ new_col(b), bx_colid(b, lv[k].key, lv[k].type) };
        struct brel *g = rel_agg(b, rows, keys, i + 1, agg.items, agg.nitems, span);
        int val = rel_add_hidden(b, &g, value);
        int *keep = ARENA_ARRAY(b->a, i + 2, int);
        for (size_t k = 0; k <= i; k++)
            keep[k] = keys[k].id;
        keep[i + 1] = val;
        struct bitem *pass = ARENA_ARRAY(b->a, i + 1, struct bitem);
        for (size_t k = 0; k <= i; k++)
            pass[k] = (struct bitem){ keys[k].id, bx_colid(b, keys[k].id, lv[k].type) };
        struct brel *p = rel_project(b, g, NULL, 0, pass, i + 1, span);
        struct border *ord = ARENA_ARRAY(b->a, p->norder + 1, struct border);
        bool asc = by && (by->dir == KQL_ASC);
        ord[0] = (struct border){ val, value->type, !asc, asc };
        copy_bytes(ord + 1, p->order, p->norder * sizeof *ord);
        p->order = ord;
        p->norder++;
        p->keep = keep;
        p->nkeep = i + 2;
        struct brel *top = p;
        if (limit) {
            top = rel_limit(b, p, limit, span);
            int *part = ARENA_ARRAY(b->a, i + 1, int);
            for (size_t k = 0; k < i; k++)
                part[k] = keys[k].id;
            top->limit_by = part;
            top->nlimit_by = i;
        }
        struct bexpr **eq = ARENA_ARRAY(b->a, i + 1, struct bexpr *);
        for (size_t k = 0; k <= i; k++)
            eq[k] = bx_call(b, HB_BOOL, "($1 IS NOT DISTINCT FROM $2)", span, 2,
                            bx_colid(b, lv[k].key, lv[k].type), bx_colid(b, keys[k].id, lv[k].type));
        struct brel *j = rel_join(b, BJ_INNER, rows, top, bx_calln(b, HB_BOOL, "($&)", span, i + 1, eq),
                                  span);
        rows = j;
        struct str an = nm ? KQL_AS(kql_name, nm->names.items[0])->name
                           : arena_strf(b->a, "aggregated_%.*s", STR_ARG(lv[i].name));
        found[nfound++] = (struct bcol){ lv[i].name, lv[i].type, lv[i].key };
        found[nfound++] = (struct bcol){ an, value->type, val };
    }
    for (size_t i = 0; i < nfound; i++)
        out_add(b, &o, found[i].name, false, bx_col(b, &found[i], span), false);
    struct bitem *keys = ARENA_ARRAY(b->a, o.ncols, struct bitem);
    struct bcol *cols = cols_copy(b, o.cols, o.ncols, 0);
    for (size_t i = 0; i < o.ncols; i++) {
        keys[i] = (struct bitem){ new_col(b), bx_colid(b, o.cols[i].id, o.cols[i].type) };
        cols[i].id = keys[i].id;
    }
    struct brel *r = rel_agg(b, rows, keys, o.ncols, NULL, 0, span);
    r->cols = cols;
    r->ncols = o.ncols;
    return r;
}
