/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top-nested: one level after the other, each within the groups of those before. Only input rows of the groups kept so far go
 * on to the next level; `with others` keeps the rest too, as one group that no later level takes apart.
 */
#include <string.h>

#include "bound.h"

struct level {
    int key;
    enum hb_type type;
    struct str name;
};

struct nested {
    struct binder *b;
    struct span span;
    struct brel *rows; /* input rows of the groups kept so far */
    struct level *lv;
    int rest;           /* hidden: the row belongs to the others of a level; 0: none has others */
    struct bcol *found; /* the result: two columns a level */
    size_t nfound;
    int *hidden; /* columns that must survive the joins */
    size_t nhidden;
};

static void keep(struct nested *t, int id)
{
    t->hidden[t->nhidden++] = id;
}

/* All levels' keys become columns of the input. */
static bool bind_keys(struct nested *t, const struct kql_list *levels)
{
    struct binder *b = t->b;
    struct brow row = { .rel = t->rows };
    for (size_t i = 0; i < levels->n; i++) {
        const struct kql_nested_level *n = (const struct kql_nested_level *)levels->items[i];
        const struct kql_named *nm = n->of->kind == KQL_NAMED ? (const struct kql_named *)n->of : NULL;
        struct bexpr *e = bind_expr(b, nm ? nm->value : n->of, &row);
        if (bx_failed(e))
            return false;
        t->lv[i].type = e->type;
        t->lv[i].name = nm ? KQL_AS(kql_name, nm->names.items[0])->name : auto_name(b, n->of);
        t->lv[i].key = e->kind == BX_COL ? e->col : rel_add_hidden(b, &row.rel, e);
        keep(t, t->lv[i].key);
    }
    t->rows = row.rel;
    return true;
}

/* The aggregate of a level by the keys of so many levels. keys: their new numbers. */
struct grouped {
    struct brel *rel;
    struct bitem *keys;
    size_t n;
    int value;
    enum hb_type type;
};

static const struct kql_node *aggregate_of(const struct kql_nested_level *n, const struct kql_named **nm,
                                           bool *ascending)
{
    const struct kql_ordered *by = n->by->kind == KQL_ORDERED ? (const struct kql_ordered *)n->by : NULL;
    const struct kql_node *v = by ? by->value : n->by;
    *ascending = by && by->dir == KQL_ASC;
    *nm = v->kind == KQL_NAMED ? (const struct kql_named *)v : NULL;
    return *nm ? (*nm)->value : v;
}

static bool group(struct nested *t, struct brel *in, const struct kql_nested_level *n, size_t nkeys,
                  struct grouped *g)
{
    struct binder *b = t->b;
    const struct kql_named *nm;
    bool ascending;
    struct bagg agg = { 0 };
    struct brow row = { .rel = in, .agg = &agg };
    struct bexpr *value = bind_expr(b, aggregate_of(n, &nm, &ascending), &row);
    if (bx_failed(value))
        return false;
    *g = (struct grouped){ .keys = ARENA_ARRAY(b->a, nkeys + 1, struct bitem),
                           .n = nkeys,
                           .type = value->type };
    for (size_t k = 0; k < nkeys; k++)
        g->keys[k] = (struct bitem){ new_col(b), bx_colid(b, t->lv[k].key, t->lv[k].type) };
    g->rel = rel_agg(b, in, g->keys, nkeys, agg.items, agg.nitems, t->span);
    g->value = rel_add_hidden(b, &g->rel, value);
    return true;
}

/* The groups of level i that are kept. */
static struct brel *top_groups(struct nested *t, const struct kql_nested_level *n, size_t i,
                               const struct grouped *g)
{
    struct binder *b = t->b;
    const struct kql_named *nm;
    bool ascending;
    aggregate_of(n, &nm, &ascending);
    struct bexpr *limit = n->count ? row_count(b, n->count) : NULL;
    if (n->count && !limit)
        return rel_open(b, t->span);
    int *kept = ARENA_ARRAY(b->a, i + 2, int);
    struct bitem *pass = ARENA_ARRAY(b->a, i + 1, struct bitem);
    for (size_t k = 0; k <= i; k++) {
        kept[k] = g->keys[k].id;
        pass[k] = (struct bitem){ g->keys[k].id, bx_colid(b, g->keys[k].id, t->lv[k].type) };
    }
    kept[i + 1] = g->value;
    struct brel *p = rel_project(b, g->rel, NULL, 0, pass, i + 1, t->span);
    struct border *order = ARENA_ARRAY(b->a, p->norder + 1, struct border);
    order[0] = (struct border){ g->value, g->type, !ascending, ascending };
    copy_bytes(order + 1, p->order, p->norder * sizeof *order);
    p->order = order;
    p->norder++;
    p->keep = kept;
    p->nkeep = i + 2;
    if (!limit)
        return p;
    struct brel *top = rel_limit(b, p, limit, t->span);
    top->limit_by = kept;
    top->nlimit_by = i;
    return top;
}

static struct bexpr *same_keys(struct nested *t, const struct grouped *g)
{
    struct binder *b = t->b;
    struct bexpr **eq = ARENA_ARRAY(b->a, g->n + 1, struct bexpr *);
    eq[0] = bx_bool(b, true, t->span);
    for (size_t k = 0; k < g->n; k++)
        eq[k + 1] = bx_call(b, HB_BOOL, "($1 IS NOT DISTINCT FROM $2)", t->span, 2,
                            bx_colid(b, t->lv[k].key, t->lv[k].type),
                            bx_colid(b, g->keys[k].id, t->lv[k].type));
    return bx_calln(b, HB_BOOL, "($&)", t->span, g->n + 1, eq);
}

static struct brel *join_kept(struct nested *t, enum br_join kind, struct brel *right, struct bexpr *on)
{
    struct brel *j = rel_join(t->b, kind, t->rows, right, on, t->span);
    j->keep = t->hidden;
    j->nkeep = t->nhidden;
    return j;
}

static struct bexpr *empty_of(struct binder *b, enum hb_type type, struct span span)
{
    return type == HB_STRING ? bx_str(b, STR(""), span) : bx_null(b, type, span);
}

/* Rows whose group is not kept: one group with the aggregate of all of them, or out. */
static bool add_rest(struct nested *t, const struct kql_nested_level *n, size_t i, int mark, int *value,
                     enum hb_type type)
{
    struct binder *b = t->b;
    struct bexpr *out = bx_call(b, HB_BOOL, "($1 IS NULL)", t->span, 1, bx_colid(b, mark, HB_LONG));
    struct bexpr *name = empty_of(b, t->lv[i].type, t->span), *sum = empty_of(b, type, t->span);
    if (n->others) {
        struct grouped g;
        struct bexpr *e = bind_expr(b, n->others, NULL);
        name = bx_failed(e) ? NULL : convert(b, e, t->lv[i].type);
        t->rows->shared = true;
        if (!name || !group(t, rel_filter(b, t->rows, out, t->span), n, i, &g)) {
            if (!bx_failed(e) && !name)
                bind_error(b, n->others->span, NULL, "the name of the others must be %s",
                           hb_type_name(t->lv[i].type));
            return false;
        }
        keep(t, g.value);
        t->rows = join_kept(t, BJ_LEFT, g.rel, same_keys(t, &g));
        sum = bx_colid(b, g.value, type);
    } else {
        t->rows = rel_filter(b, t->rows,
                             bx_call(b, HB_BOOL, "($1 IS NOT NULL OR $2)", t->span, 2,
                                     bx_colid(b, mark, HB_LONG), bx_colid(b, t->rest, HB_BOOL)),
                             t->span);
    }
    static const char choose[] = "(CASE WHEN $1 THEN $2 ELSE $3 END)";
    struct bexpr *key = bx_colid(b, t->lv[i].key, t->lv[i].type), *v = bx_colid(b, *value, type);
    t->lv[i].key = rel_add_hidden(b, &t->rows, bx_call(b, t->lv[i].type, choose, t->span, 3, out, name, key));
    *value = rel_add_hidden(b, &t->rows, bx_call(b, type, choose, t->span, 3, out, sum, v));
    t->rest = rel_add_hidden(b, &t->rows, out);
    keep(t, t->lv[i].key);
    keep(t, *value);
    keep(t, t->rest);
    return true;
}

static bool bind_level(struct nested *t, const struct kql_nested_level *n, size_t i)
{
    struct binder *b = t->b;
    struct grouped g;
    const struct kql_named *nm;
    bool ascending, rest = t->rest || n->others;
    struct bexpr *taken = t->rest ? bx_call(b, HB_BOOL, "(NOT $1)", t->span, 1, bx_colid(b, t->rest, HB_BOOL))
                                  : NULL;
    t->rows->shared = true;
    if (!group(t, taken ? rel_filter(b, t->rows, taken, t->span) : t->rows, n, i + 1, &g))
        return false;
    struct brel *top = top_groups(t, n, i, &g);
    if (top->open)
        return false;
    int value = g.value, mark = rest ? rel_add_hidden(b, &top, bx_long(b, 1, t->span)) : 0;
    struct bexpr *on = same_keys(t, &g);
    keep(t, value);
    if (rest)
        keep(t, mark);
    if (taken)
        on = bx_call(b, HB_BOOL, "($1 AND $2)", t->span, 2, taken, on);
    t->rows = join_kept(t, rest ? BJ_LEFT : BJ_INNER, top, on);
    if (rest && !add_rest(t, n, i, mark, &value, g.type))
        return false;
    aggregate_of(n, &nm, &ascending);
    struct str name = nm ? KQL_AS(kql_name, nm->names.items[0])->name
                         : arena_strf(b->a, "aggregated_%.*s", STR_ARG(t->lv[i].name));
    t->found[t->nfound++] = (struct bcol){ t->lv[i].name, t->lv[i].type, t->lv[i].key };
    t->found[t->nfound++] = (struct bcol){ name, g.type, value };
    return true;
}

struct brel *op_top_nested(struct binder *b, struct brel *in, const struct kql_op *op)
{
    enum { HIDDEN_A_LEVEL = 7 };
    const struct kql_list *levels = &((const struct kql_op_list *)op)->items;
    if (in->open)
        return in;
    struct nested t = { .b = b, .span = op->node.span, .rows = in };
    t.lv = ARENA_ARRAY(b->a, levels->n, struct level);
    t.found = ARENA_ARRAY(b->a, 2 * levels->n, struct bcol);
    t.hidden = ARENA_ARRAY(b->a, HIDDEN_A_LEVEL * levels->n, int);
    if (!bind_keys(&t, levels))
        return rel_open(b, t.span);
    for (size_t i = 0; i < levels->n; i++)
        if (!bind_level(&t, (const struct kql_nested_level *)levels->items[i], i))
            return rel_open(b, t.span);
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < t.nfound; i++)
        out_add(b, &o, t.found[i].name, false, bx_col(b, &t.found[i], t.span), false);
    struct bitem *keys = ARENA_ARRAY(b->a, o.ncols, struct bitem);
    struct bcol *cols = cols_copy(b, o.cols, o.ncols, 0);
    for (size_t i = 0; i < o.ncols; i++) {
        keys[i] = (struct bitem){ new_col(b), bx_colid(b, o.cols[i].id, o.cols[i].type) };
        cols[i].id = keys[i].id;
    }
    struct brel *r = rel_agg(b, t.rows, keys, o.ncols, NULL, 0, t.span);
    r->cols = cols;
    r->ncols = o.ncols;
    return r;
}
