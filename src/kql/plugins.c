/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins written in KQL: a row holds the letters of its arguments and a query over the table _T.
 *
 * Letters: c an expression over the input, a column of _T; s a scalar, a name of its own; p a scalar that is a timespan, o one that is
 * no column: else the next row of that name is tried; names stand in the order of the letters. "*" in front: _T is the whole input. More arguments
 * are dimensions, _d0, _d1 ..., and a table among them is _L, with the columns of _T that it has (there is an empty one else). In
 * the text, %d stands for ", _d0, _d1", %s for "_d0 asc, _d1 asc, ", %r for a condition that holds where a dimension changes, %b
 * for the start of _t's window, %p for the start of the window before _t, %g for a table of the starts of all windows. Columns of
 * the result that begin with _ get the names of the arguments back, also behind from_ and to_; _value is named by the plugin.
 *
 * To add one: a row here, one in plugin_rows.c, a case under tests/kql/evaluate/.
 */
#include <assert.h>
#include <string.h>

#include "bound.h"
#include "hb/json.h"

enum { ARGS_MAX = 8, DIMS_MAX = 32 };

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

/* clang-format off */
#define WHOLE_TIME "let _start = toscalar(_T | summarize min(_t)); let _end = toscalar(_T | summarize max(_t));\n"
#define ACTIVITY_METRICS                                                                                     \
    "let B = _T | where _t between (_start .. _end) | extend _t = %b | distinct _id, _t%d;\n"               \
    "B | extend _p = %p\n"                                                                                  \
    "| join kind=leftouter (B | extend _p = _t, _was = 1) on _id, _p%d\n"                                   \
    "| summarize dcount_values = count(), _back = countif(_was == 1) by _t%d | extend _p = %p\n"            \
    "| join kind=leftouter (B | summarize _n = count() by _p = _t%d) on _p%d\n"                             \
    "| extend _n = todouble(coalesce(_n, 0))\n"                                                             \
    "| project _t%d, dcount_values, dcount_newvalues = dcount_values - _back, retention_rate = _back / _n, " \
    "churn_rate = (_n - _back) / _n\n"                                                                    \
    "| sort by %s_t asc"
#define ACTIVITY_ENGAGEMENT                                                                                  \
    "let B = _T | where _t between (_start - _outer .. _end) | extend _t = bin_at(_t, _inner, _start) "      \
    "| distinct _id, _t%d;\n"                                                                               \
    "B | where _t between (_start .. _end) | summarize dcount_activities_inner = count() by _t%d\n"         \
    "| join kind=inner (B | mv-expand _k = range(0, tolong(_outer / _inner) - 1, 1) to typeof(long) "        \
    "| extend _t = _t + _k * _inner | distinct _id, _t%d | summarize dcount_activities_outer = count() by _t%d) on _t%d\n" \
    "| project _t%d, dcount_activities_inner, dcount_activities_outer, "                                       \
    "activity_ratio = todouble(dcount_activities_inner) / dcount_activities_outer\n"                      \
    "| sort by %s_t asc"
#define SCHEMA_MERGE(keep)                                                                                   \
    "_T | summarize _a = min(ColumnOrdinal), _m = max(ColumnOrdinal), DataType = take_any(DataType), "       \
    "ColumnType = take_any(ColumnType) by ColumnName\n"                                                      \
    "| sort by _m asc | extend _bad = " keep " and _a != _m\n"                                              \
    "| project ColumnName, ColumnOrdinal = iff(_bad, -1, row_number(0)), "                                   \
    "DataType = iff(_bad, 'ERROR(unknown CSL type:ERROR(columns are out of order))', DataType), "            \
    "ColumnType = iff(_bad, 'ERROR(columns are out of order)', ColumnType)"
/* _f: the window in which somebody was new */
#define NEW_ACTIVITY(cohort)                                                                                 \
    "let B = _T | where _t between (_start .. _end) | extend _t = %b | distinct _id, _t%d;\n"               \
    "let F = B | join kind=leftanti (_L | distinct _id) on _id | summarize _f = min(_t) by _id%d;\n"        \
    "let C = F" cohort ";\n"                                                                                \
    "let N = F | join kind=inner B on _id%d | summarize _c = count() by _w2 = _f, _u = _t%d;\n"             \
    "C | summarize _n = count() by _f%d | extend _one = 1 | join kind=inner (%g | extend _one = 1) on _one | where _u >= _f\n" \
    "| project _f, _u, _n%d\n"                                                                              \
    "| join kind=leftouter (C | join kind=inner B on _id%d | summarize _back = count() by _f, _u = _t%d) on _f, _u%d\n" \
    "| project _f, _u, _n, _back = coalesce(_back, 0)%d\n"                                                  \
    "| join kind=leftouter N on _u%d\n"                                                                     \
    "| summarize _new = sumif(_c, _w2 > _f) by _f, _u, _n, _back%d\n"                                       \
    "| project from__t = _f, to__t = _u%d, dcount_new_values = iff(_u == _f, _n, _new), dcount_retained_values = _back, " \
    "dcount_churn_values = _n - _back, retention_rate = todouble(_back) / _n, churn_rate = todouble(_n - _back) / _n\n" \
    "| sort by %sfrom__t asc, to__t asc"

static const struct text_plugin text_plugins[] = {
    { "activity_counts_metrics",
      "ccsss",
      { "_id", "_t", "_start", "_end", "_w" },
      "let B = _T | where _t between (_start .. _end) | extend _t = %b;\n"
      "B | summarize ['count'] = count(), dcount = dcount(_id) by _t%d\n"
      "| join kind=leftouter (B | summarize _t = min(_t) by _id%d | summarize new_dcount = count() by _t%d) "
      "on _t%d\n"
      "| project _t%d, ['count'], dcount, new_dcount = coalesce(new_dcount, 0)\n"
      "| sort by %s_t asc\n"
      "| extend aggregated_dcount = row_cumsum(new_dcount, %r)",
      NULL },
    { "activity_metrics", "ccp", { "_id", "_t", "_w" }, WHOLE_TIME ACTIVITY_METRICS, NULL },
    { "activity_metrics", "ccsss", { "_id", "_t", "_start", "_end", "_w" }, ACTIVITY_METRICS, NULL },
    { "activity_engagement", "ccpp", { "_id", "_t", "_inner", "_outer" }, WHOLE_TIME ACTIVITY_ENGAGEMENT, NULL },
    { "activity_engagement", "ccssss", { "_id", "_t", "_start", "_end", "_inner", "_outer" }, ACTIVITY_ENGAGEMENT, NULL },
    { "new_activity_metrics", "ccssso", { "_id", "_t", "_start", "_end", "_w", "_cohort" },
      NEW_ACTIVITY(" | where _f == bin_at(_cohort, _w, _start)"), NULL },
    { "new_activity_metrics", "ccsss", { "_id", "_t", "_start", "_end", "_w" }, NEW_ACTIVITY(""), NULL },
    { "active_users_count",
      "ccssssss",
      { "_id", "_t", "_start", "_end", "_look", "_period", "_n", "_w" },
      "let B = _T | where _t between (_start - _look .. _end) | distinct _id, _t%d;\n"
      "B | where _t >= _start\n"
      "| join kind=inner (B | project-rename _seen = _t) on _id%d | where _seen <= _t and _seen > _t - _look\n"
      "| summarize _periods = dcount(bin_at(_seen, _period, _start)) by _id, _t%d | where _periods >= _n\n"
      "| extend _t = %b | summarize dcount = dcount(_id) by _t%d\n"
      "| sort by %s_t asc",
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
    { "schema_merge", "*s", { "_keep" }, SCHEMA_MERGE("_keep"), NULL },
    { "schema_merge", "*", { NULL }, SCHEMA_MERGE("true"), NULL },
    { "preview", "*s", { "_n" }, "_T | take _n", NULL },
};
/* clang-format on */

/* -- arguments -- */

struct run {
    struct binder *b;
    const struct text_plugin *p;
    const struct kql_call *c;
    struct brel *in;
    struct bscope *scope;
    struct bexpr *args[ARGS_MAX];
    struct boutput table;
    const struct kql_node *dims[DIMS_MAX];
    size_t nargs, ndims;
};

static struct str dim(struct binder *b, size_t i)
{
    return arena_strf(b->a, "_d%zu", i);
}

/* A table given as an argument, with the columns that are called like the arguments; NULL: _T without its rows. */
static bool add_lookback(struct run *r, const struct kql_node *arg, struct brel *input)
{
    struct binder *b = r->b;
    struct span span = r->c->node.span;
    if (!arg) {
        input->shared = true;
        scope_put(b, r->scope, STR("_L"), NULL,
                  rel_filter(b, rel_ref(b, input, span), bx_bool(b, false, span), span));
        return true;
    }
    struct brel *t = bind_table(b, arg);
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < 2 && !t->open; i++) {
        const struct bcol *c = rel_column(b, t, auto_name(b, r->c->args.items[i]), arg->span);
        if (!c)
            return false;
        out_add(b, &o, str_z(r->p->names[i]), true, bx_col(b, c, arg->span), false);
    }
    if (t->open || o.failed)
        return false;
    scope_put(b, r->scope, STR("_L"), NULL, rel_project(b, t, o.cols, o.ncols, o.items, o.nitems, span));
    return true;
}

/* Of what type a scalar is; what is wrong with it is said where it is bound for good. */
static enum hb_type type_of(struct binder *b, const struct kql_node *n)
{
    struct diags unsaid, *d = b->d;
    diags_init(&unsaid, b->a);
    b->d = &unsaid;
    enum hb_type t = bind_expr(b, n, NULL)->type;
    b->d = d;
    return t;
}

/* The letters that decide between rows fit the arguments. */
static bool fits(struct binder *b, const struct text_plugin *p, const struct brel *in,
                 const struct kql_call *c)
{
    const char *letters = p->letters + (p->letters[0] == '*');
    if (c->args.n < strlen(letters))
        return false;
    for (size_t i = 0; letters[i]; i++) {
        const struct kql_node *arg = c->args.items[i];
        if (letters[i] == 'o' && ((arg->kind == KQL_NAME && rel_find(b, in, KQL_AS(kql_name, arg)->name)) ||
                                  bind_is_tabular(b, arg, NULL)))
            return false;
        if (letters[i] != 'p')
            continue;
        enum hb_type t = type_of(b, arg);
        if (t != HB_UNKNOWN && t != HB_TIMESPAN && t != HB_STRING)
            return false;
    }
    return true;
}

static bool bind_args(struct run *r)
{
    struct binder *b = r->b;
    struct brow row = { .rel = r->in };
    bool whole = r->p->letters[0] == '*';
    const char *letters = r->p->letters + whole;
    const struct kql_node *lookback = NULL;
    r->nargs = strlen(letters);
    if (r->c->args.n < r->nargs) {
        bind_error(b, r->c->node.span, NULL, "'%s' takes at least %zu arguments", r->p->name, r->nargs);
        return false;
    }
    if (whole && r->c->args.n > r->nargs) {
        bind_error(b, r->c->args.items[r->nargs]->span, NULL, "'%s' takes %zu argument%s", r->p->name,
                   r->nargs, r->nargs == 1 ? "" : "s");
        return false;
    }
    for (size_t i = 0; i < r->c->args.n; i++) {
        const struct kql_node *arg = r->c->args.items[i];
        if (i >= r->nargs && bind_is_tabular(b, arg, &row)) {
            lookback = arg;
            continue;
        }
        bool scalar = i < r->nargs && letters[i] != 'c';
        if (scalar && arg->kind == KQL_NAMED)
            arg = KQL_AS(kql_named, arg)->value;
        struct bexpr *e = bind_expr(b, arg, scalar ? NULL : &row);
        if (bx_failed(e))
            return false;
        struct str name = i < r->nargs ? str_z(r->p->names[i]) : dim(b, r->ndims);
        if (i >= r->nargs)
            r->dims[r->ndims++] = arg;
        else
            r->args[i] = e;
        if (scalar)
            scope_put(b, r->scope, name, e, NULL);
        else
            out_add(b, &r->table, name, true, e, false);
        if (r->ndims == DIMS_MAX) {
            bind_error(b, arg->span, NULL, "'%s' takes fewer dimensions", r->p->name);
            return false;
        }
    }
    struct brel *t = whole ? r->in
                           : rel_project(b, row.rel, r->table.cols, r->table.ncols, r->table.items,
                                         r->table.nitems, r->c->node.span);
    scope_put(b, r->scope, STR("_T"), NULL, t);
    return !r->table.failed && (whole || add_lookback(r, lookback, t));
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

/* A window given as 'week', 'month' or 'year'; NULL: a length. */
static const char *calendar(const struct run *r)
{
    static const char *const words[] = { "week", "month", "year" };
    for (size_t i = 0; i < r->nargs; i++)
        for (size_t k = 0; k < 3 && strcmp(r->p->names[i], "_w") == 0; k++)
            if (r->args[i]->type == HB_STRING && str_eqz(r->args[i]->text, words[k]))
                return words[k];
    return NULL;
}

static void put_window(struct buf *o, char what, const char *word)
{
    if (what == 'b')
        buf_printf(o, word ? "startof%s(_t)" : "bin_at(_t, _w, _start)", word);
    else if (what == 'p')
        buf_printf(o, word ? "datetime_add('%s', -1, _t)" : "(_t - _w)", word);
    else
        buf_puts(o, word ? "B | distinct _u = _t" : "range _u from _start to _end step _w");
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
        else if (*p != 'r')
            put_window(&o, *p, calendar(r));
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
            return auto_name(r->b, r->dims[i]);
    for (size_t i = 0; i < 2; i++) {
        struct str before = i ? STR("from_") : STR("to_");
        if (str_starts(name, before) && r->nargs > 1 &&
            str_eqz(str_sub(name, before.n, name.n), r->p->names[1]))
            return arena_strf(r->b->a, "%.*s%.*s", STR_ARG(before),
                              STR_ARG(auto_name(r->b, r->c->args.items[1])));
    }
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

struct brel *bind_text_plugin(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    const struct kql_call *c = ev->call;
    struct run r = { .b = b, .c = c, .in = in };
    for (size_t i = 0; i < sizeof text_plugins / sizeof *text_plugins; i++)
        if (str_eqz(c->name->name, text_plugins[i].name) && !(r.p && fits(b, r.p, in, c)))
            r.p = &text_plugins[i];
    assert(r.p);
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
    scope_put(b, scope, STR("_T"), NULL, in);
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
