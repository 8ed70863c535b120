/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins written in KQL: a row holds the letters of its arguments and a query over the table _T.
 *
 * Letters: c an expression over the input, a column of _T; s a scalar, a name of its own; names stand in the order of the
 * letters. "*": _T is the whole input. More arguments are dimensions, _d0, _d1 ... In the text, %d stands for ", _d0, _d1", %s for
 * "_d0 asc, _d1 asc, ", %r for a condition that holds where a dimension changes. Columns of the result that begin with _ get the
 * names of the arguments back; _value is named by the plugin.
 *
 * To add one: a row here, a case under tests/kql/evaluate/.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"

enum { ARGS_MAX = 8 };

struct text_plugin {
    const char *name, *letters;
    const char *names[ARGS_MAX];
    const char *kql;
    struct str (*value_name)(struct binder *b, struct bexpr **args, const struct kql_call *c);
};

static struct str rolling_name(struct binder *b, struct bexpr **args, const struct kql_call *c)
{
    struct buf pct = BUF_INIT;
    int64_t n = 0, p;
    bx_const_i64(args[4], &n);
    if (bx_const_i64(args[1], &p))
        buf_i64(&pct, p);
    else
        buf_f64(&pct, args[1]->v.r);
    struct str s = arena_strf(b->a, "rolling_%lld_percentile_%.*s_%s", (long long)n,
                              STR_ARG(auto_name(b, c->args.items[0])), buf_z(&pct));
    buf_free(&pct);
    return s;
}

static const struct text_plugin text_plugins[] = {
    { "activity_counts_metrics",
      "ccsss",
      { "_id", "_t", "_start", "_end", "_w" },
      "let B = _T | where _t between (_start .. _end) | extend _t = bin_at(_t, _w, _start);\n"
      "B | summarize ['count'] = count(), dcount = dcount(_id) by _t%d\n"
      "| join kind=leftouter (B | summarize _t = min(_t) by _id%d | summarize new_dcount = count() by _t%d) "
      "on _t%d\n"
      "| project _t%d, ['count'], dcount, new_dcount = coalesce(new_dcount, 0)\n"
      "| sort by %s_t asc\n"
      "| extend aggregated_dcount = row_cumsum(new_dcount, %r)",
      NULL },
    { "sliding_window_counts",
      "ccssss",
      { "_id", "_t", "_start", "_end", "_look", "_bin" },
      "_T | where _t between (_start - _look .. _end) | extend _t = bin_at(_t, _bin, _start)\n"
      "| mv-expand _k = range(0, tolong(_look / _bin) - 1, 1) to typeof(long)\n"
      "| extend _t = _t + _k * _bin\n"
      "| where _t between (_start .. _end)\n"
      "| summarize Count = count(), Dcount = dcount(_id) by _t%d\n"
      "| sort by %s_t asc",
      NULL },
    { "session_count",
      "ccssss",
      { "_id", "_t", "_start", "_end", "_bin", "_look" },
      "_T | where _t between (_start .. _end)\n"
      "| sort by %s_id asc, _t asc\n"
      "| where row_number() == 1 or _id != prev(_id) or %r or _t - prev(_t) >= _look\n"
      "| summarize count_sessions = count() by _t = bin(_t, _bin)%d\n"
      "| sort by %s_t asc",
      NULL },
    { "rolling_percentile",
      "cscss",
      { "_v", "_p", "_t", "_bin", "_n" },
      "let B = _T | extend _t = bin(_t, _bin);\n"
      "B | mv-expand _k = range(0, _n - 1, 1) to typeof(long)\n"
      "| extend _t = _t + _k * _bin\n"
      "| join kind=inner (B | distinct _t%d) on _t%d\n"
      "| summarize _value = percentile(_v, _p) by _t%d\n"
      "| sort by %s_t asc",
      rolling_name },
    { "schema_merge",
      "*",
      { NULL },
      "_T | summarize _m = max(ColumnOrdinal), DataType = take_any(DataType), ColumnType = "
      "take_any(ColumnType) by ColumnName\n"
      "| sort by _m asc\n"
      "| project ColumnName, ColumnOrdinal = row_number(0), DataType, ColumnType",
      NULL },
};

/* -- arguments -- */

struct run {
    struct binder *b;
    const struct text_plugin *p;
    const struct kql_call *c;
    struct brel *in;
    struct bscope *scope;
    struct bexpr *args[ARGS_MAX];
    struct boutput table;
    size_t nargs, ndims;
};

static struct str dim(struct binder *b, size_t i)
{
    return arena_strf(b->a, "_d%zu", i);
}

static bool bind_args(struct run *r)
{
    struct binder *b = r->b;
    struct brow row = { .rel = r->in };
    bool whole = r->p->letters[0] == '*';
    r->nargs = whole ? 0 : strlen(r->p->letters);
    if (r->c->args.n < r->nargs) {
        bind_error(b, r->c->node.span, NULL, "'%s' takes at least %zu arguments", r->p->name, r->nargs);
        return false;
    }
    for (size_t i = 0; i < r->c->args.n && !whole; i++) {
        bool scalar = i < r->nargs && r->p->letters[i] == 's';
        struct bexpr *e = bind_expr(b, r->c->args.items[i], scalar ? NULL : &row);
        if (bx_failed(e))
            return false;
        struct str name = i < r->nargs ? str_z(r->p->names[i]) : dim(b, r->ndims);
        if (i >= r->nargs)
            r->ndims++;
        else
            r->args[i] = e;
        if (!scalar) {
            out_add(b, &r->table, name, true, e, false);
            continue;
        }
        struct bname *n = ARENA_NEW(b->a, struct bname);
        *n = (struct bname){ .kind = BN_SCALAR, .scalar = e };
        map_set(&r->scope->names, name, n);
    }
    struct bname *t = ARENA_NEW(b->a, struct bname);
    t->kind = BN_TABLE;
    t->table = whole ? r->in
                     : rel_project(b, row.rel, r->table.cols, r->table.ncols, r->table.items, r->table.nitems,
                                   r->c->node.span);
    map_set(&r->scope->names, STR("_T"), t);
    return !r->table.failed;
}

/* -- the text -- */

static void put_dims(struct buf *o, const char *before, const char *format, const char *between, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(o, i ? between : before);
        for (const char *p = format; *p; p++)
            if (*p == '#')
                buf_printf(o, "_d%zu", i);
            else
                buf_putc(o, *p);
    }
}

static struct str expand(struct run *r)
{
    struct buf o = BUF_INIT;
    for (const char *p = r->p->kql; *p; p++) {
        if (*p != '%') {
            buf_putc(&o, *p);
            continue;
        }
        p++;
        if (*p == 'd')
            put_dims(&o, ", ", "#", ", ", r->ndims);
        else if (*p == 's')
            put_dims(&o, "", "# asc, ", "", r->ndims);
        else if (!r->ndims)
            buf_puts(&o, "false");
        else
            put_dims(&o, "", "# != prev(#)", " or ", r->ndims);
    }
    struct str s = buf_to_arena(&o, r->b->a);
    buf_free(&o);
    return s;
}

static struct str given_name(struct run *r, struct str name)
{
    if (str_eqz(name, "_value") && r->p->value_name)
        return r->p->value_name(r->b, r->args, r->c);
    for (size_t i = 0; i < r->nargs; i++)
        if (str_eqz(name, r->p->names[i]))
            return auto_name(r->b, r->c->args.items[i]);
    for (size_t i = 0; i < r->ndims; i++)
        if (str_eq(name, dim(r->b, i)))
            return auto_name(r->b, r->c->args.items[r->nargs + i]);
    return name;
}

/* Binds a query of ours in a scope of its own; places in it are the place of the plugin's call. NULL: reported. */
struct brel *bind_text(struct binder *b, struct bscope *scope, struct str text, struct span span)
{
    struct source *src = ARENA_NEW(b->a, struct source);
    *src = (struct source){ STR("plugin"), text };
    struct kql_ast *ast = kql_parse(b->a, src, b->d);
    const struct source *outer_src = b->src;
    struct bscope *outer = b->scope;
    struct span pin = b->pin;
    b->outer_src = b->pin.len ? b->outer_src : b->src;
    b->src = src;
    b->scope = scope;
    b->pin = span;
    struct brel *rel = bind_query(b, &ast->statements, NULL);
    b->pin = pin;
    b->scope = outer;
    b->src = outer_src;
    return rel;
}

struct brel *bind_text_plugin(struct binder *b, struct brel *in, const struct kql_call *c, bool *known)
{
    struct run r = { .b = b, .c = c, .in = in };
    for (size_t i = 0; i < sizeof text_plugins / sizeof *text_plugins; i++)
        if (str_eqz(c->name->name, text_plugins[i].name))
            r.p = &text_plugins[i];
    *known = r.p != NULL;
    if (!r.p)
        return rel_open(b, c->node.span);
    r.scope = ARENA_NEW(b->a, struct bscope);
    map_init(&r.scope->names, b->a);
    if (!bind_args(&r))
        return rel_open(b, c->node.span);
    struct brel *rel = bind_text(b, r.scope, expand(&r), c->node.span);
    if (!rel || rel->open)
        return rel_open(b, c->node.span);
    struct bcol *cols = cols_copy(b, rel->cols, rel->ncols, 0);
    for (size_t i = 0; i < rel->ncols; i++)
        cols[i].name = given_name(&r, cols[i].name);
    return rel_project(b, rel, cols, rel->ncols, NULL, 0, c->node.span);
}

/* -- narrow -- */

static void put_narrow(struct buf *o, struct str column)
{
    buf_puts(o, "bag_pack('c', ");
    json_put_str(o, column);
    buf_puts(o, ", 'v', tostring([");
    json_put_str(o, column);
    buf_puts(o, "]))");
}

/* Every cell becomes a row: its row, column and text. */
struct brel *bind_narrow(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct buf o = BUF_INIT;
    struct bscope *scope = ARENA_NEW(b->a, struct bscope);
    map_init(&scope->names, b->a);
    struct bname *t = ARENA_NEW(b->a, struct bname);
    *t = (struct bname){ .kind = BN_TABLE, .table = in };
    map_set(&scope->names, STR("_T"), t);
    buf_puts(&o, "_T | serialize Row = row_number(0) | project Row, _p = pack_array(");
    for (size_t i = 0; i < in->ncols; i++) {
        if (i)
            buf_puts(&o, ", ");
        put_narrow(&o, in->cols[i].name);
    }
    buf_puts(&o, ") | mv-expand _p | project Row, Column = tostring(_p.c), Value = tostring(_p.v)");
    struct brel *rel = bind_text(b, scope, buf_to_arena(&o, b->a), ev->op.node.span);
    buf_free(&o);
    return rel ? rel : rel_open(b, ev->op.node.span);
}

/* -- rows_near -- */

/* Rows that have a row with the condition among the n before them or the m behind. */
struct brel *bind_rows_near(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    const struct kql_call *c = ev->call;
    struct span span = ev->op.node.span;
    struct brow row = { .rel = in };
    if (c->args.n < 2 || c->args.n > 3 || !in->serialized) {
        bind_error(b, c->node.span, in->serialized ? NULL : "sort the rows or put '| serialize' in front",
                   in->serialized ? "rows_near takes a condition and one or two numbers of rows"
                                  : "'rows_near' needs rows in a defined order");
        return rel_open(b, span);
    }
    struct bexpr *cond = bind_bool(b, c->args.items[0], &row, "the condition");
    struct bexpr *n = bind_as(b, c->args.items[1], NULL, HB_LONG, "the number of rows");
    struct bexpr *m = c->args.n > 2 ? bind_as(b, c->args.items[2], NULL, HB_LONG, "the number of rows") : n;
    int64_t before, after;
    if (bx_failed(cond) || bx_failed(n) || bx_failed(m))
        return rel_open(b, span);
    if (!bx_const_i64(n, &before) || !bx_const_i64(m, &after) || before < 0 || after < 0) {
        bind_error(b, n->span, NULL, "a number of rows is a literal from 0");
        return rel_open(b, span);
    }
    /* a row is near when the condition holds `after` rows before it or `before` rows behind it */
    const char *sql = arena_printf(b->a,
                                   "count_if($1) OVER ($w ROWS BETWEEN %lld PRECEDING AND %lld FOLLOWING)",
                                   (long long)after, (long long)before);
    struct bexpr *k = bx_call(b, HB_LONG, sql, span, 1, cond);
    k->over = row.rel->order;
    k->nover = row.rel->norder;
    k->part = row.rel->part;
    k->npart = row.rel->npart;
    int id = rel_add_hidden(b, &row.rel, k);
    struct bexpr *near = bx_call(b, HB_BOOL, "($1 > 0)", span, 1, bx_colid(b, id, HB_LONG));
    return rel_filter(b, row.rel, near, span);
}

size_t text_plugin_names(struct str *names)
{
    size_t n = sizeof text_plugins / sizeof *text_plugins;
    for (size_t i = 0; names && i < n; i++)
        names[i] = str_z(text_plugins[i].name);
    return n;
}
