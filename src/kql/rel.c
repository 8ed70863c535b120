/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building relations. Every function here keeps three things right that its callers would forget: the hidden columns
 * (order and partition keys) travel along, the order stays total, and column numbers stay unique.
 */
#include <assert.h>
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

int new_col(struct binder *b)
{
    return b->next_col++;
}

struct bcol *cols_copy(struct binder *b, const struct bcol *cols, size_t n, size_t room)
{
    struct bcol *c = ARENA_ARRAY(b->a, n + room, struct bcol);
    if (n)
        copy_bytes(c, cols, n * sizeof *c);
    return c;
}

struct brel *rel_new(struct binder *b, enum br_kind kind, struct brel *in, struct span span)
{
    struct brel *r = ARENA_NEW(b->a, struct brel);
    r->kind = kind;
    r->span = b->pin.len ? b->pin : span;
    r->in = in;
    if (in && (r->depth = in->depth + 1) == REL_DEPTH_MAX)
        bind_error(b, r->span, "keep a part of it as a cell or a table of its own",
                   "too many operators stand behind each other");
    if (in) {
        r->cols = in->cols;
        r->ncols = in->ncols;
        r->order = in->order;
        r->norder = in->norder;
        r->ordered = in->ordered;
        r->scrambled = in->scrambled;
        r->serialized = in->serialized;
        r->open = in->open;
        r->part = in->part;
        r->npart = in->npart;
        r->keep = in->keep;
        r->nkeep = in->nkeep;
    }
    return r;
}

struct brel *rel_open(struct binder *b, struct span span)
{
    struct brel *r = rel_new(b, BR_ONE, NULL, span);
    r->open = true;
    return r;
}

struct brel *rel_one(struct binder *b, struct span span)
{
    struct brel *r = rel_new(b, BR_ONE, NULL, span);
    r->serialized = true;
    return r;
}

/* The number a column of the shared relation has in the reference; made on first sight. */
static int ref_id(struct binder *b, struct brel *r, int id, enum hb_type type, size_t room)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (r->items[i].e->col == id)
            return r->items[i].id;
    assert(r->nitems < room);
    int fresh = new_col(b);
    r->items[r->nitems++] = (struct bitem){ fresh, bx_colid(b, id, type) };
    alias_copy(b, id, fresh);
    return fresh;
}

/* No function of ours, no pattern, no window: columns and comparisons that the engine pushes into the scan. */
static bool cheap_expr(const struct bexpr *e)
{
    if (e->kind == BX_SUB || e->kind == BX_REL)
        return false;
    if (e->kind != BX_CALL)
        return true;
    if (strstr(e->sql, "kql_") || strstr(e->sql, "regexp") || strstr(e->sql, "OVER") ||
        strstr(e->sql, "random") || strstr(e->sql, "uuid"))
        return false;
    for (size_t i = 0; i < e->nargs; i++)
        if (!cheap_expr(e->args[i]))
            return false;
    return true;
}

static bool cheap_rel(const struct brel *r)
{
    for (; r->kind == BR_PROJECT || r->kind == BR_FILTER || r->kind == BR_REF; r = r->in) {
        if (r->cond)
            return false;
        for (size_t i = 0; r->kind == BR_PROJECT && i < r->nitems; i++)
            if (!cheap_expr(r->items[i].e))
                return false;
    }
    return r->kind == BR_TABLE && r->table.has_rowid;
}

struct brel *rel_ref(struct binder *b, struct brel *shared, struct span span)
{
    struct brel *r = rel_new(b, BR_REF, shared, span);
    shared->shared = true;
    shared->cheap = !shared->materialized && cheap_rel(shared);
    r->nkeep = 0;
    size_t room = shared->ncols + shared->norder + shared->npart;
    r->items = ARENA_ARRAY(b->a, room, struct bitem);
    r->cols = cols_copy(b, shared->cols, shared->ncols, 0);
    for (size_t i = 0; i < r->ncols; i++)
        r->cols[i].id = ref_id(b, r, r->cols[i].id, r->cols[i].type, room);
    r->order = ARENA_ARRAY(b->a, r->norder, struct border);
    for (size_t i = 0; i < r->norder; i++) {
        r->order[i] = shared->order[i];
        r->order[i].col = ref_id(b, r, shared->order[i].col, shared->order[i].type, room);
    }
    r->part = ARENA_ARRAY(b->a, r->npart, int);
    for (size_t i = 0; i < r->npart; i++)
        r->part[i] = ref_id(b, r, shared->part[i], HB_LONG, room);
    return r;
}

static void set_single_order(struct binder *b, struct brel *r, int id)
{
    r->order = ARENA_NEW(b->a, struct border);
    r->order[0] = (struct border){ id, HB_LONG, false, false };
    r->norder = 1;
}

struct brel *rel_table(struct binder *b, const struct kql_table *t, struct span span)
{
    struct brel *r = rel_new(b, BR_TABLE, NULL, span);
    r->table = *t;
    r->ncols = t->ncols;
    r->cols = ARENA_ARRAY(b->a, t->ncols, struct bcol);
    r->items = ARENA_ARRAY(b->a, t->ncols + 1, struct bitem);
    for (size_t i = 0; i < t->ncols; i++) {
        r->cols[i] = (struct bcol){ t->cols[i].name, t->cols[i].type, new_col(b) };
        r->items[i] = (struct bitem){ r->cols[i].id, bx_long(b, (int64_t)i, span) };
    }
    for (size_t i = 0; i < t->naliases; i++)
        *VEC_PUSH(b->a, b->aliases, b->naliases,
                  b->cap_aliases) = (struct balias){ t->aliases[i].name, r->cols[t->aliases[i].col].id };
    r->nitems = t->ncols + 1;
    r->items[t->ncols] = (struct bitem){ new_col(b), bx_long(b, t->has_rowid ? -1 : -2, span) };
    set_single_order(b, r, r->items[t->ncols].id);
    return r;
}

static struct bpassed *passed(struct binder *b, int id)
{
    if ((size_t)id >= b->cap_passed) {
        size_t cap = 2 * (size_t)b->next_col + 64;
        struct bpassed *p = ARENA_ARRAY(b->a, cap, struct bpassed);
        if (b->cap_passed)
            copy_bytes(p, b->passed, b->cap_passed * sizeof *p);
        b->passed = p;
        b->cap_passed = cap;
    }
    return &b->passed[id];
}

static void pass(struct binder *b, struct brel *r, int id, enum hb_type type)
{
    struct bpassed *p = passed(b, id);
    if (p->stamp == b->stamp)
        return;
    p->stamp = b->stamp;
    if (!p->e || p->e->type != type)
        p->e = bx_colid(b, id, type);
    r->items[r->nitems++] = (struct bitem){ id, p->e };
}

struct brel *rel_project(struct binder *b, struct brel *in, struct bcol *cols, size_t ncols,
                         const struct bitem *items, size_t nitems, struct span span)
{
    struct brel *r = rel_new(b, BR_PROJECT, in, span);
    r->cols = cols;
    r->ncols = ncols;
    r->items = ARENA_ARRAY(b->a, ncols + nitems + in->norder + in->npart + in->nkeep, struct bitem);
    b->stamp++;
    for (size_t i = 0; i < nitems; i++) {
        passed(b, items[i].id)->stamp = b->stamp;
        r->items[r->nitems++] = items[i];
    }
    for (size_t i = 0; i < ncols; i++)
        pass(b, r, cols[i].id, cols[i].type);
    for (size_t i = 0; i < in->norder; i++)
        pass(b, r, in->order[i].col, in->order[i].type);
    for (size_t i = 0; i < in->npart; i++)
        pass(b, r, in->part[i], HB_LONG);
    for (size_t i = 0; i < in->nkeep; i++)
        pass(b, r, in->keep[i], HB_LONG);
    return r;
}

static bool makes(const struct brel *r, int id)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (r->items[i].id == id)
            return r->items[i].e->kind != BX_COL || r->items[i].e->col != id;
    return false;
}

/* Does the expression read a column that r itself computes? A query inside may: it is not looked into. */
static bool reads_made(const struct bexpr *e, const struct brel *r)
{
    if (e->kind == BX_COL && makes(r, e->col))
        return true;
    if (e->rel || (e->filter && reads_made(e->filter, r)))
        return true;
    for (size_t i = 0; i < e->nover; i++)
        if (makes(r, e->over[i].col))
            return true;
    for (size_t i = 0; i < e->npart; i++)
        if (makes(r, e->part[i]))
            return true;
    for (size_t i = 0; i < e->nargs; i++)
        if (reads_made(e->args[i], r))
            return true;
    return false;
}

/* One more column beside those that the same layer computes: windows of one layer are sorted once. */
static int widen_hidden(struct binder *b, struct brel *r, struct bexpr *e)
{
    struct bitem *items = ARENA_ARRAY(b->a, r->nitems + 1, struct bitem);
    int *keep = ARENA_ARRAY(b->a, r->nkeep + 1, int);
    items[0] = (struct bitem){ new_col(b), e };
    copy_bytes(items + 1, r->items, r->nitems * sizeof *items);
    if (r->nkeep)
        copy_bytes(keep, r->keep, r->nkeep * sizeof *keep);
    keep[r->nkeep++] = items[0].id;
    r->keep = keep;
    r->items = items;
    r->nitems++;
    return items[0].id;
}

int rel_add_hidden(struct binder *b, struct brel **rel, struct bexpr *e)
{
    if ((*rel)->hidden && !(*rel)->shared && !(*rel)->cte && !reads_made(e, *rel))
        return widen_hidden(b, *rel, e);
    struct bitem it = { new_col(b), e };
    struct brel *r = rel_project(b, *rel, (*rel)->cols, (*rel)->ncols, &it, 1, e->span);
    int *keep = ARENA_ARRAY(b->a, r->nkeep + 1, int);
    if (r->nkeep)
        copy_bytes(keep, r->keep, r->nkeep * sizeof *keep);
    keep[r->nkeep++] = it.id;
    r->keep = keep;
    r->hidden = true;
    *rel = r;
    return it.id;
}

struct brel *rel_filter(struct binder *b, struct brel *in, struct bexpr *cond, struct span span)
{
    struct brel *r = rel_new(b, BR_FILTER, in, span);
    r->cond = bx_condition(b, cond);
    return r;
}

struct brel *rel_limit(struct binder *b, struct brel *in, struct bexpr *n, struct span span)
{
    struct brel *r = rel_new(b, BR_LIMIT, in, span);
    r->limit = n;
    r->limit_by = in->part;
    r->nlimit_by = in->npart;
    return r;
}

struct brel *rel_join(struct binder *b, enum br_join kind, struct brel *l, struct brel *r, struct bexpr *cond,
                      struct span span)
{
    struct brel *j = rel_new(b, BR_JOIN, l, span);
    j->join = kind;
    j->right = r;
    j->cond = cond ? bx_condition(b, cond) : NULL;
    j->scrambled = true;
    j->ordered = false;
    j->serialized = false;
    j->open = l->open || r->open;
    j->nkeep = 0;
    if (kind == BJ_SEMI || kind == BJ_ANTI)
        return j;
    j->ncols = l->ncols + r->ncols;
    j->cols = cols_copy(b, l->cols, l->ncols, r->ncols);
    copy_bytes(j->cols + l->ncols, r->cols, r->ncols * sizeof *r->cols);
    j->norder = l->norder + r->norder;
    j->order = ARENA_ARRAY(b->a, j->norder, struct border);
    copy_bytes(j->order, l->order, l->norder * sizeof *l->order);
    copy_bytes(j->order + l->norder, r->order, r->norder * sizeof *r->order);
    return j;
}

/* Order of grouped rows: where the first row of each group stood, if that is one number; else by the keys. */
static void agg_order(struct binder *b, struct brel *r, const struct brel *in)
{
    r->order = NULL;
    r->norder = 0;
    if (!r->nkeys)
        return;
    if (in->norder == 1 && !in->order[0].desc && in->order[0].type == HB_LONG) {
        struct bexpr *first = bx_call(b, HB_LONG, "min($1)", r->span, 1,
                                      bx_colid(b, in->order[0].col, HB_LONG));
        r->items[r->nitems++] = (struct bitem){ new_col(b), first };
        set_single_order(b, r, r->items[r->nitems - 1].id);
        return;
    }
    r->norder = r->nkeys;
    r->order = ARENA_ARRAY(b->a, r->nkeys, struct border);
    for (size_t i = 0; i < r->nkeys; i++)
        r->order[i] = (struct border){ r->items[i].id, r->items[i].e->type, false, true };
}

struct brel *rel_agg(struct binder *b, struct brel *in, const struct bitem *keys, size_t nkeys,
                     const struct bitem *aggs, size_t naggs, struct span span)
{
    struct brel *r = rel_new(b, BR_AGG, in, span);
    r->items = ARENA_ARRAY(b->a, nkeys + naggs + in->npart + 1, struct bitem);
    r->part = ARENA_ARRAY(b->a, in->npart, int);
    for (size_t i = 0; i < in->npart; i++) {
        r->part[i] = new_col(b);
        r->items[r->nitems++] = (struct bitem){ r->part[i], bx_colid(b, in->part[i], HB_LONG) };
    }
    for (size_t i = 0; i < nkeys; i++)
        r->items[r->nitems++] = keys[i];
    r->nkeys = r->nitems;
    for (size_t i = 0; i < naggs; i++)
        r->items[r->nitems++] = aggs[i];
    r->ordered = false;
    r->serialized = false;
    r->scrambled = r->nkeys > 0;
    r->cols = NULL;
    r->ncols = 0;
    r->keep = ARENA_ARRAY(b->a, r->nitems, int);
    r->nkeep = r->nitems;
    for (size_t i = 0; i < r->nitems; i++)
        r->keep[i] = r->items[i].id;
    agg_order(b, r, in);
    return r;
}

int rel_single_order(struct binder *b, struct brel **rel)
{
    struct brel *r = *rel;
    if (r->norder == 1 && !r->order[0].desc && r->order[0].type == HB_LONG)
        return r->order[0].col;
    struct bexpr *n = bx_long(b, 0, r->span);
    if (r->norder) {
        n = bx_call(b, HB_LONG, "row_number() OVER ($o)", r->span, 0);
        n->over = r->order;
        n->nover = r->norder;
    }
    int id = rel_add_hidden(b, rel, n);
    set_single_order(b, *rel, id);
    return id;
}
