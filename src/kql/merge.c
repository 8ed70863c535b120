/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extend a = ... | extend b = ... is one SELECT where b does not read a: the engine plans each level of a statement anew, with
 * all columns that it hands on, and takes 1000 of them.
 *
 * Invariants
 *   - A projection joins those above it when nobody else reads it and they read nothing that it computes. It adds and drops
 *     no rows, so windows above see the same ones.
 *   - A use of a shared relation gives its columns new numbers and is a projection like any other.
 *   - A level with a query inside is never joined by one below: what the query reads is not looked into.
 */
#include "merge.h"
#include "bound.h"
#include "prune.h"

/* Expressions are shared, so that a walk could be far longer than they are; past this nothing is merged. */
enum { STEPS_MAX = 1 << 20 };

/* A column in the group that is being gathered. */
struct merge_mark {
    unsigned read;            /* by group `read` */
    unsigned made;            /* in group `made`, ... */
    struct bexpr *expression; /* ... as this */
};

void merge_init(struct merge *m, struct binder *b, const bool *live)
{
    *m = (struct merge){ .b = b, .live = live, .epoch = b->epoch };
    m->marks = ARENA_ARRAY(b->a, (size_t)b->next_col + 1, struct merge_mark);
}

/* Notes the columns that x reads; false: not all are known. */
static bool note_reads(struct merge *m, const struct bexpr *x)
{
    if (x->rel || m->steps++ > STEPS_MAX)
        return false;
    if (x->kind == BX_COL)
        m->marks[x->col].read = m->group;
    for (size_t i = 0; i < x->nover; i++)
        m->marks[x->over[i].col].read = m->group;
    for (size_t i = 0; i < x->npart; i++)
        m->marks[x->part[i]].read = m->group;
    for (size_t i = 0; i < x->nargs; i++)
        if (!note_reads(m, x->args[i]))
            return false;
    return !x->filter || note_reads(m, x->filter);
}

static bool hands_on(const struct bitem *it)
{
    return it->e->kind == BX_COL && it->e->col == it->id;
}

static bool reads_known(struct merge *m, const struct brel *r)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (m->live[r->items[i].id] && !hands_on(&r->items[i]) && !note_reads(m, r->items[i].e))
            return false;
    return true;
}

static bool may_join(const struct merge *m, const struct brel *r)
{
    if ((r->kind != BR_PROJECT && r->kind != BR_REF) || r->shared || (r->cte && r->epoch == m->epoch))
        return false;
    for (size_t i = 0; i < r->nitems; i++)
        if (!hands_on(&r->items[i]) && m->marks[r->items[i].id].read == m->group)
            return false;
    return true;
}

void merge_run(struct merge *m, const struct brel *r, struct brel *out)
{
    *out = *r;
    m->group++;
    bool known = reads_known(m, r);
    while (known && may_join(m, out->in)) {
        const struct brel *below = out->in;
        for (size_t i = 0; i < below->nitems; i++)
            if (!hands_on(&below->items[i])) {
                struct merge_mark *mark = &m->marks[below->items[i].id];
                mark->made = m->group;
                mark->expression = below->items[i].e;
            }
        known = reads_known(m, below);
        out->in = below->in;
    }
    if (out->in == r->in)
        return;
    out->items = ARENA_ARRAY(m->b->a, r->nitems, struct bitem);
    for (size_t i = 0; i < r->nitems; i++) {
        const struct merge_mark *mark = &m->marks[r->items[i].id];
        out->items[i] = r->items[i];
        if (hands_on(&r->items[i]) && mark->made == m->group)
            out->items[i].e = mark->expression;
    }
}
