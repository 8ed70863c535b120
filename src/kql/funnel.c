/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Funnels: plugins whose query depends on a sequence of states given as an array.
 *
 * Both write queries of ours over _T, a projection of the input (bind_text). How far an id came is found in one pass: the
 * latest start from which a step can be reached is that of the step before it, at the last row in front that has one.
 */
#include "bound.h"
#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/vec.h"

enum { ARGS = 8, STEPS_MAX = 16, PERIODS_MAX = 100 };

/* Letters: c an expression over the input, a column of _T; s a scalar, a name of its own; a an array, known here. */
struct funnel {
    struct binder *b;
    const struct kql_op_evaluate *ev;
    struct brow row;
    struct boutput table;
    struct bscope *scope;
    struct str *list[ARGS]; /* the arrays: texts of their elements */
    size_t nlist[ARGS];
};

static void add_name(struct funnel *f, struct str name, struct bexpr *scalar, struct brel *table)
{
    struct bname *n = ARENA_NEW(f->b->a, struct bname);
    *n = (struct bname){ .kind = scalar ? BN_SCALAR : BN_TABLE, .scalar = scalar, .table = table };
    map_set(&f->scope->names, name, n);
}

static bool read_array(struct funnel *f, size_t i, size_t most)
{
    struct binder *b = f->b;
    const struct kql_node *arg = f->ev->call->args.items[i];
    struct bexpr *e = bind_expr(b, arg, NULL);
    if (bx_failed(e))
        return false;
    struct err err = ERR_INIT;
    cJSON *j = e->kind == BX_CONST && e->type == HB_DYNAMIC && !e->null ? json_parse(e->text, &err) : NULL;
    size_t n = cJSON_IsArray(j) ? (size_t)cJSON_GetArraySize(j) : 0, k = 0;
    const cJSON *it;
    if (n && n <= most) {
        f->list[i] = ARENA_ARRAY(b->a, n, struct str);
        f->nlist[i] = n;
        cJSON_ArrayForEach(it, j)
        {
            char *text = cJSON_IsString(it) ? NULL : cJSON_PrintUnformatted(it);
            f->list[i][k++] = arena_str(b->a, str_z(text ? text : it->valuestring));
            cJSON_free(text);
        }
    } else {
        bind_error(b, arg->span, NULL, "expected an array of 1 to %zu values, as dynamic([...])", most);
    }
    cJSON_Delete(j);
    return n && n <= most;
}

static bool bind_args(struct funnel *f, const char *letters, const char *const *names)
{
    struct binder *b = f->b;
    const struct kql_call *c = f->ev->call;
    if (c->args.n != ARGS) {
        bind_error(b, c->node.span, NULL, "'%.*s' takes %d arguments", STR_ARG(c->name->name), ARGS);
        return false;
    }
    for (size_t i = 0; i < ARGS; i++) {
        if (letters[i] == 'a') {
            if (!read_array(f, i, *names[i] == 'p' ? PERIODS_MAX : STEPS_MAX))
                return false;
            continue;
        }
        struct bexpr *e = bind_expr(b, c->args.items[i], letters[i] == 'c' ? &f->row : NULL);
        if (bx_failed(e))
            return false;
        if (letters[i] == 'c')
            out_add(b, &f->table, str_z(names[i]), true, e, false);
        else
            add_name(f, str_z(names[i]), e, NULL);
    }
    if (f->table.failed)
        return false;
    add_name(f, STR("_T"), NULL,
             rel_project(b, f->row.rel, f->table.cols, f->table.ncols, f->table.items, f->table.nitems,
                         f->ev->op.node.span));
    return true;
}

static struct brel *bind_buf(struct funnel *f, struct buf *text)
{
    struct str kql = buf_to_arena(text, f->b->a);
    buf_free(text);
    struct brel *r = bind_text(f->b, f->scope, kql, f->ev->op.node.span);
    return r ? r : rel_open(f->b, f->ev->op.node.span);
}

static struct funnel funnel_of(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct funnel f = { .b = b, .ev = ev, .row = { .rel = in } };
    f.scope = ARENA_NEW(b->a, struct bscope);
    map_init(&f.scope->names, b->a);
    return f;
}

/* The column `inner` is called as argument i calls itself. */
static struct brel *given_names(struct funnel *f, struct brel *r, size_t time, size_t state)
{
    struct bcol *cols = cols_copy(f->b, r->cols, r->ncols, 0);
    for (size_t i = 0; i < r->ncols; i++)
        if (str_eqz(cols[i].name, "_t"))
            cols[i].name = auto_name(f->b, f->ev->call->args.items[time]);
        else if (str_eqz(cols[i].name, "_state"))
            cols[i].name = auto_name(f->b, f->ev->call->args.items[state]);
    return rel_project(f->b, r, cols, r->ncols, NULL, 0, f->ev->op.node.span);
}

/* -- funnel_sequence -- */

/* Rows that say the same state again are left out; then a sequence stands in rows behind each other. */
static void put_sequence(struct buf *o, const struct str *states, size_t n)
{
    buf_puts(o,
             "_T | where _t between (_start .. _end) | extend _k = tostring(_s) | sort by _id asc, _t asc\n"
             "| where row_number() == 1 or _id != prev(_id) or _k != prev(_k)\n"
             "| extend _pi = prev(_id), _pk = prev(_k)");
    for (size_t i = 1; i <= n; i++)
        buf_printf(o, ", _i%zu = next(_id, %zu), _k%zu = next(_k, %zu), _t%zu = next(_t, %zu)", i, i, i, i, i,
                   i);
    buf_puts(o, "\n| extend _t0 = _t | where _k == ");
    json_put_str(o, states[0]);
    for (size_t i = 1; i < n; i++) {
        buf_printf(o, " and _i%zu == _id and _t%zu - _t%zu <= _w and _k%zu == ", i, i, i - 1, i);
        json_put_str(o, states[i]);
    }
    buf_printf(
        o,
        "\n| summarize dcount = dcount(_id), samples = make_set(_id, 128) by _t = bin_at(_t, _step, _start), "
        "prev = iff(_pi == _id, _pk, ''), next = iff(_i%zu == _id, _k%zu, '')\n"
        "| project _t, prev, next, dcount, samples | sort by _t asc, dcount desc, prev asc, next asc",
        n, n);
}

struct brel *bind_funnel_sequence(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    static const char *const names[] = { "_id", "_t", "_start", "_end", "_w", "_step", "_s", "states" };
    struct funnel f = funnel_of(b, in, ev);
    if (!bind_args(&f, "ccssssca", names))
        return rel_open(b, ev->op.node.span);
    struct buf o = BUF_INIT;
    put_sequence(&o, f.list[7], f.nlist[7]);
    struct brel *r = bind_buf(&f, &o);
    if (r->open)
        return r;
    diag_add(b->d, DIAG_WARNING, b->src, ev->call->name->node.span, NULL,
             "of the three results only the first one is shown");
    return given_names(&f, r, 1, 6);
}

/* -- funnel_sequence_completion -- */

/* _d0, _d1, ...: how long after the latest start that leads here the row comes; null where it is not that step. */
static struct brel *add_steps(struct funnel *f, struct brel *r, enum hb_type span_type)
{
    struct binder *b = f->b;
    struct span span = f->ev->op.node.span;
    struct bexpr *t = bx_call(b, HB_LONG, "CAST($1 AS BIGINT)", span, 1,
                              bx_col(b, rel_find(b, r, STR("_t")), span));
    struct bexpr *k = bx_col(b, rel_find(b, r, STR("_k")), span);
    const struct bcol *id = rel_find(b, r, STR("_id")), *bin = rel_find(b, r, STR("_b"));
    int *part = ARENA_ARRAY(b->a, 2, int);
    part[0] = id->id;
    part[1] = bin->id;
    struct bcol *cols = ARENA_ARRAY(b->a, f->nlist[6] + 2, struct bcol);
    struct bitem *items = ARENA_ARRAY(b->a, f->nlist[6], struct bitem);
    cols[0] = *id;
    cols[1] = *bin;
    struct bexpr *start = t;
    for (size_t i = 0; i < f->nlist[6]; i++) {
        struct bexpr *is = bx_call(b, HB_BOOL, "($1 = $2)", span, 2, k, bx_str(b, f->list[6][i], span));
        struct bexpr *e = bx_call(
            b, HB_LONG,
            i ? "CASE WHEN $1 THEN max($2) OVER ($w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 "
                "PRECEDING) END"
              : "CASE WHEN $1 THEN $2 END",
            span, 2, is, start);
        e->over = r->order;
        e->nover = r->norder;
        e->part = part;
        e->npart = 2;
        start = bx_colid(b, rel_add_hidden(b, &r, e), HB_LONG);
        items[i] = (struct bitem){ new_col(b), bx_call(b, span_type, "($1 - $2)", span, 2, t, start) };
        cols[i + 2] = (struct bcol){ arena_strf(b->a, "_d%zu", i), span_type, items[i].id };
    }
    return rel_project(b, r, cols, f->nlist[6] + 2, items, f->nlist[6], span);
}

/* The periods as rows of a datatable; false: reported. */
static bool put_periods(struct funnel *f, struct buf *o, bool times)
{
    for (size_t i = 0; i < f->nlist[7]; i++) {
        int64_t v;
        struct str p = f->list[7][i];
        bool ok = times ? str_chr(p, ':', 0) < p.n && timespan_parse(p, &v) : str_to_i64(p, &v);
        if (!ok) {
            bind_error(f->b, f->ev->call->args.items[7]->span, NULL, "'%.*s' is no %s", STR_ARG(p),
                       times ? "timespan" : "whole number");
            return false;
        }
        buf_printf(o, times ? "%s%zu, time(%.*s)" : "%s%zu, %.*s", i ? ", " : "", i, STR_ARG(p));
    }
    return true;
}

/* Every window that has rows, period and step, with the ids that got there in time. */
static bool put_completion(struct funnel *f, struct buf *o, bool times)
{
    size_t n = f->nlist[6];
    buf_puts(o, "let U = _T | summarize ");
    for (size_t i = 0; i < n; i++)
        buf_printf(o, "%s_d%zu = min(_d%zu)", i ? ", " : "", i, i);
    buf_printf(o, " by _id, _b;\nlet P = datatable(_i:long, _p:%s) [", times ? "timespan" : "long");
    if (!put_periods(f, o, times))
        return false;
    buf_puts(o, "] | extend _one = 1;\nlet S = datatable(_n:long, _state:string) [");
    for (size_t i = 0; i < n; i++) {
        buf_printf(o, "%s%zu, ", i ? ", " : "", i);
        json_put_str(o, f->list[6][i]);
    }
    buf_puts(o, "] | extend _one = 1;\nlet R = union ");
    for (size_t i = 0; i < n; i++)
        buf_printf(o, "%s(U | project _id, _b, _n = %zu, _d = _d%zu)", i ? ", " : "", i, i);
    buf_puts(o, "\n| where isnotnull(_d) | extend _one = 1 | join kind=inner P on _one | where _d <= _p\n"
                "| summarize dcount = dcount(_id) by _b, _i, _n;\n"
                "U | distinct _b | extend _one = 1 | join kind=inner P on _one | join kind=inner S on _one\n"
                "| project _b, _i, _p, _n, _state | join kind=leftouter R on _b, _i, _n\n"
                "| sort by _b asc, _i asc, _n asc\n"
                "| project _t = _b, _state, Period = _p, dcount = coalesce(dcount, 0)");
    return true;
}

struct brel *bind_funnel_completion(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    static const char *const names[] = { "_id", "_t", "_start", "_end", "_bin", "_s", "states", "periods" };
    struct funnel f = funnel_of(b, in, ev);
    if (!bind_args(&f, "ccssscaa", names))
        return rel_open(b, ev->op.node.span);
    struct buf o = BUF_INIT;
    buf_puts(&o, "_T | where _t between (_start .. _end) | project _id, _t, _b = bin_at(_t, _bin, _start), "
                 "_k = tostring(_s) | sort by _id asc, _t asc");
    struct brel *r = bind_buf(&f, &o);
    if (r->open)
        return r;
    bool times = type_is_time(rel_find(b, r, STR("_t"))->type);
    add_name(&f, STR("_T"), NULL, add_steps(&f, r, times ? HB_TIMESPAN : HB_LONG));
    if (!put_completion(&f, &o, times)) {
        buf_free(&o);
        return rel_open(b, ev->op.node.span);
    }
    r = bind_buf(&f, &o);
    return r->open ? r : given_names(&f, r, 1, 5);
}
