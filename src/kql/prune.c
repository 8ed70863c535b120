/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which columns a statement needs: an item that nobody reads is not printed, and a table is asked for what is read.
 *
 * Columns are numbers unique in the statement, so one set of live numbers serves all relations. A relation is looked at
 * after all that read it; its items that are live make live what they are computed from. The tree is not changed: the same
 * relation may be printed again in a later statement that reads more of it.
 */
#include <assert.h>

#include "bound.h"
#include "hb/vec.h"
#include "prune.h"

/* Expressions are shared, so that a walk could be far longer than they are; past this nothing is pruned. */
enum { STEPS_MAX = 4 << 20 };

struct prune {
    struct arena *a;
    size_t steps;
    bool *live; /* by column number */
    size_t n;
    struct brel **order; /* readers behind what they read */
    size_t norder, cap;
    struct map seen;
};

static void visit_rel(struct prune *p, struct brel *r);

/* Its own items are expressions over what it reads (those of a union are its legs'). */
static bool computes(const struct brel *r)
{
    return r->kind != BR_TABLE && r->kind != BR_UNION && r->kind != BR_VALUES;
}

static void visit_expr(struct prune *p, const struct bexpr *x)
{
    if (!x || p->steps++ > STEPS_MAX)
        return;
    if (x->rel)
        visit_rel(p, x->rel);
    for (size_t i = 0; i < x->nargs; i++)
        visit_expr(p, x->args[i]);
    visit_expr(p, x->filter);
}

static void visit_rel(struct prune *p, struct brel *r)
{
    struct brel **key = ARENA_NEW(p->a, struct brel *);
    *key = r;
    if (map_set(&p->seen, (struct str){ (const char *)key, sizeof *key }, r))
        return;
    if (r->in)
        visit_rel(p, r->in);
    if (r->right)
        visit_rel(p, r->right);
    for (size_t i = 0; i < r->nlegs; i++) {
        visit_rel(p, r->legs[i]);
        for (size_t k = 0; k < r->nitems; k++)
            visit_expr(p, r->leg_items[i][k].e);
    }
    for (size_t i = 0; i < r->nitems && computes(r); i++)
        visit_expr(p, r->items[i].e);
    for (size_t i = 0; i < r->nrows * r->nitems && r->kind == BR_VALUES; i++)
        visit_expr(p, r->values[i]);
    visit_expr(p, r->cond);
    visit_expr(p, r->limit);
    *VEC_PUSH(p->a, p->order, p->norder, p->cap) = r;
}

static void live(struct prune *p, int id)
{
    assert(id >= 0 && (size_t)id < p->n);
    p->live[id] = true;
}

static void live_order(struct prune *p, const struct border *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        live(p, order[i].col);
}

static void live_expr(struct prune *p, const struct bexpr *x)
{
    if (!x || p->steps++ > STEPS_MAX)
        return;
    if (x->kind == BX_COL)
        live(p, x->col);
    if (x->rel) /* its one column is read by position */
        live(p, x->rel->cols[0].id);
    for (size_t i = 0; i < x->nargs; i++)
        live_expr(p, x->args[i]);
    live_expr(p, x->filter);
    live_order(p, x->over, x->nover);
    for (size_t i = 0; i < x->npart; i++)
        live(p, x->part[i]);
}

/*
 * Keys make the groups whether they are read or not; without keys one aggregate must stay, or there is no aggregation. The last
 * list of several that are taken apart numbers the elements of the others and is never longer: they alone make the rows.
 */
bool prune_keeps(const struct brel *r, size_t item, const bool *live)
{
    size_t pinned = r->kind == BR_UNNEST ? 1 : r->kind != BR_AGG ? 0 : r->nkeys ? r->nkeys : 1;
    const struct bitem *items = r->kind == BR_UNION ? r->leg_items[0] : r->items;
    if (r->kind == BR_UNNEST && item + 1 < r->nitems)
        return true;
    return item < pinned || r->kind == BR_VALUES || live[items[item].id];
}

static void live_rel(struct prune *p, const struct brel *r)
{
    for (size_t i = 0; i < r->nitems; i++) {
        if (!prune_keeps(r, i, p->live))
            continue;
        if (computes(r))
            live_expr(p, r->items[i].e);
        for (size_t k = 0; k < r->nlegs; k++)
            live_expr(p, r->leg_items[k][i].e);
    }
    live_expr(p, r->cond);
    live_expr(p, r->limit);
    for (size_t i = 0; i < r->nrows * r->nitems && r->kind == BR_VALUES; i++)
        live_expr(p, r->values[i]);
    if (r->kind != BR_LIMIT)
        return;
    for (size_t i = 0; i < r->nlimit_by; i++)
        live(p, r->limit_by[i]);
    live_order(p, r->order, r->norder);
    live_order(p, r->in->order, r->in->norder);
}

/* The columns that SQL asks of a physical table. */
static void note_scan(struct prune *p, const struct brel *r, struct prune_result *out)
{
    struct kql_scan *s = NULL;
    for (size_t i = 0; i < out->nscans && !s; i++)
        if (str_eq(out->scans[i].sql_name, r->table.sql_name))
            s = &out->scans[i];
    if (!s) {
        s = VEC_PUSH(p->a, out->scans, out->nscans, out->cap_scans);
        *s = (struct kql_scan){ r->table.sql_name, ARENA_ARRAY(p->a, r->table.ncols, bool), r->table.ncols };
    }
    for (size_t i = 0; i < r->nitems; i++) {
        int64_t c = r->items[i].e->v.i;
        if (p->live[r->items[i].id] && c >= 0)
            s->read[c] = true;
    }
}

/* The table below operators that keep, change, drop or group rows but never make more of them. */
static struct str source_of(const struct brel *r)
{
    for (; r->kind != BR_TABLE; r = r->in) {
        bool semi = r->kind == BR_JOIN && (r->join == BJ_SEMI || r->join == BJ_ANTI);
        bool grouped = r->kind == BR_AGG && r->nkeys > 0;
        if (!semi && !grouped && r->kind != BR_PROJECT && r->kind != BR_FILTER && r->kind != BR_LIMIT &&
            r->kind != BR_REF)
            return STR("");
    }
    return r->table.sql_name;
}

void prune_run(struct binder *b, struct brel *rel, const struct bexpr *scalar, struct prune_result *out)
{
    struct prune p = { .a = b->a, .n = (size_t)b->next_col + 1 };
    p.live = ARENA_ARRAY(b->a, p.n, bool);
    map_init(&p.seen, b->a);
    *out = (struct prune_result){ .live = p.live };
    if (rel) {
        visit_rel(&p, rel);
        for (size_t i = 0; i < rel->ncols; i++)
            live(&p, rel->cols[i].id);
        if (rel->ordered || rel->scrambled)
            live_order(&p, rel->order, rel->norder);
    }
    visit_expr(&p, scalar);
    live_expr(&p, scalar);
    for (size_t i = p.norder; i-- > 0;)
        live_rel(&p, p.order[i]);
    if (p.steps > STEPS_MAX) {
        memset(p.live, true, p.n);
        return;
    }
    out->complete = true;
    out->source = rel ? source_of(rel) : STR("");
    for (size_t i = 0; i < p.norder; i++)
        if (p.order[i]->kind == BR_TABLE)
            note_scan(&p, p.order[i], out);
}
