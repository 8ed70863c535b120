/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins whose query depends on how many arguments there are: sequence_detect and dcount_intersect.
 *
 * They write a query of ours over _T, a projection of the input, and bind it (bind_text).
 */
#include "bound.h"

struct plan {
    struct binder *b;
    const struct kql_op_evaluate *ev;
    struct brow row;
    struct boutput table;
    struct bscope *scope;
};

static struct plan plan_of(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct plan p = { .b = b, .ev = ev, .row = { .rel = in } };
    p.scope = ARENA_NEW(b->a, struct bscope);
    map_init(&p.scope->names, b->a);
    return p;
}

static struct brel *bind_plan(struct plan *p, struct buf *text)
{
    struct span span = p->ev->op.node.span;
    struct str kql = buf_to_arena(text, p->b->a);
    buf_free(text);
    if (p->table.failed)
        return rel_open(p->b, span);
    scope_put(
        p->b, p->scope, STR("_T"), NULL,
        rel_project(p->b, p->row.rel, p->table.cols, p->table.ncols, p->table.items, p->table.nitems, span));
    struct brel *r = bind_text(p->b, p->scope, kql, span);
    return r ? r : rel_open(p->b, span);
}

/* ", _d0, _d1" */
static void put_dims(struct buf *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(o, ", _d%zu", i);
}

/* -- sequence_detect -- */

enum { STEPS_MAX = 16, SEQUENCE_DIMS_MAX = 16 };

struct sequence {
    struct str time, names[STEPS_MAX], dims[SEQUENCE_DIMS_MAX];
    size_t nsteps, ndims;
};

/* The time and the two spans, then steps (name = condition) and dimensions. */
static bool sequence_args(struct plan *p, struct sequence *s)
{
    static const char *const spans[] = { "", "_step", "_span" };
    struct binder *b = p->b;
    const struct kql_list *args = &p->ev->call->args;
    for (size_t i = 0; i < args->n; i++) {
        const struct kql_named *nm = args->items[i]->kind == KQL_NAMED ? KQL_AS(kql_named, args->items[i])
                                                                       : NULL;
        if (i == 1 || i == 2) {
            struct bexpr *e = bind_as(b, args->items[i], NULL, HB_TIMESPAN, "the length");
            if (bx_failed(e))
                return false;
            scope_put(p->b, p->scope, str_z(spans[i]), e, NULL);
            continue;
        }
        struct bexpr *e = bind_expr(b, nm ? nm->value : args->items[i], &p->row);
        if (bx_failed(e))
            return false;
        bool step = i > 2 && e->type == HB_BOOL;
        if (step ? s->nsteps == STEPS_MAX : s->ndims == SEQUENCE_DIMS_MAX) {
            bind_error(b, args->items[i]->span, NULL, "sequence_detect takes fewer arguments");
            return false;
        }
        struct str name = nm ? KQL_AS(kql_name, nm->names.items[0])->name : auto_name(b, args->items[i]);
        if (!i)
            s->time = name;
        else
            *(step ? &s->names[s->nsteps] : &s->dims[s->ndims]) = name;
        out_add(b, &p->table,
                i ? arena_strf(b->a, step ? "_e%zu" : "_d%zu", step ? s->nsteps++ : s->ndims++) : STR("_t"),
                true, e, false);
    }
    if (s->nsteps)
        return true;
    bind_error(b, p->ev->call->node.span, NULL,
               "sequence_detect needs a time, two timespans and steps (name = condition)");
    return false;
}

/* Steps are joined one after the other: each later than the one before, by no more than _step, and within _span of the first. */
static void put_sequence(struct buf *o, const struct sequence *s)
{
    buf_puts(o, "let T = _T | extend _one = 1;\nT | where _e0 | distinct _one, _t0 = _t");
    put_dims(o, s->ndims);
    for (size_t k = 1; k < s->nsteps; k++) {
        buf_printf(o, "\n| join kind=inner (T | where _e%zu | distinct _one, _t%zu = _t", k, k);
        put_dims(o, s->ndims);
        buf_puts(o, ") on _one");
        put_dims(o, s->ndims);
        buf_printf(o, "\n| where _t%zu > _t%zu and _t%zu - _t%zu <= _step and _t%zu - _t0 <= _span", k, k - 1,
                   k, k - 1, k);
        buf_puts(o, "\n| project _one");
        put_dims(o, s->ndims);
        for (size_t i = 0; i <= k; i++)
            buf_printf(o, ", _t%zu", i);
    }
    buf_printf(o, "\n| extend Duration = _t%zu - _t0 | project-away _one | sort by ", s->nsteps - 1);
    for (size_t i = 0; i < s->nsteps; i++)
        buf_printf(o, "_t%zu asc, ", i);
    buf_puts(o, "Duration asc");
}

struct brel *bind_sequence_detect(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct plan p = plan_of(b, in, ev);
    struct sequence s = { 0 };
    if (!sequence_args(&p, &s))
        return rel_open(b, ev->op.node.span);
    struct buf o = BUF_INIT;
    put_sequence(&o, &s);
    struct brel *r = bind_plan(&p, &o);
    if (r->open)
        return r;
    struct bcol *cols = ARENA_ARRAY(b->a, r->ncols, struct bcol);
    size_t n = 0;
    for (size_t i = 0; i < s.ndims + s.nsteps + 1; i++) {
        bool dim = i < s.ndims, last = i == s.ndims + s.nsteps;
        struct str inner = last ? STR("Duration")
                                : arena_strf(b->a, dim ? "_d%zu" : "_t%zu", dim ? i : i - s.ndims);
        cols[n] = *rel_find(b, r, inner);
        if (!last)
            cols[n].name = dim ? s.dims[i]
                               : arena_strf(b->a, "%.*s_%.*s", STR_ARG(s.names[i - s.ndims]),
                                            STR_ARG(s.time));
        n++;
    }
    return rel_project(b, r, cols, n, NULL, 0, ev->op.node.span);
}

/* -- dcount_intersect -- */

/* s0, s1, ...: values in the first set, in the first two, ... behind the columns of the input */
struct brel *bind_dcount_intersect(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct span span = ev->op.node.span;
    const struct kql_list *args = &ev->call->args;
    struct bexpr *set[STEPS_MAX];
    struct brow row = { .rel = in };
    struct boutput o = { .reuse = true };
    if (args->n < 2 || args->n > STEPS_MAX) {
        bind_error(b, ev->call->node.span, NULL, "dcount_intersect takes 2 to %d values of hll()", STEPS_MAX);
        return rel_open(b, span);
    }
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, &o, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
    for (size_t i = 0; i < args->n; i++) {
        set[i] = bind_as(b, args->items[i], &row, HB_DYNAMIC, "the hll value");
        if (bx_failed(set[i]))
            return rel_open(b, span);
        struct bexpr *n = bx_calln(b, HB_LONG, "kql_array_length(kql_set_intersect([$*]))", span, i + 1, set);
        out_add(b, &o, arena_strf(b->a, "s%zu", i), false, n, false);
    }
    return o.failed ? rel_open(b, span) : rel_project(b, row.rel, o.cols, o.ncols, o.items, o.nitems, span);
}
