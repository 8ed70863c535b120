/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding statements and tables: let, functions, names of tables, pipes. And the compiler's entry points.
 */
#include <stdarg.h>
#include <string.h>

#include "bound.h"
#include "slips.h"

/* Functions are expanded where they are called: what calls itself twice over twenty levels would never end. */
enum { MAX_DEPTH = 64, MAX_CALLS = 20000 };

void bind_error(struct binder *b, struct span at, const char *hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->a, fmt, ap);
    va_end(ap);
    bool ours = b->pin.len > 0;
    diag_add(b->d, DIAG_ERROR, ours ? b->outer_src : b->src, ours ? b->pin : at, hint, "%s", text);
}

static struct brel *table_error(struct binder *b, struct span span, const char *hint, const char *what,
                                struct str name)
{
    bind_error(b, span, hint, "%s '%.*s'", what, STR_ARG(name));
    return rel_open(b, span);
}

/* -- is it a table? -- */

static bool lambda_is_tabular(struct binder *b, const struct kql_lambda *l, int depth);

static bool node_is_tabular(struct binder *b, const struct kql_node *n, const struct kql_lambda *in,
                            int depth)
{
    if (depth > MAX_DEPTH || !n)
        return false;
    if (n->kind >= KQL_PIPE && n->kind <= KQL_GRAPH_MARK)
        return true;
    if (n->kind == KQL_PAREN)
        return node_is_tabular(b, ((const struct kql_paren *)n)->inner, in, depth + 1);
    if (pattern_called(b, n))
        return true;
    if (n->kind == KQL_PATH)
        return names_entity_table(b, n);
    if (n->kind != KQL_NAME && n->kind != KQL_CALL)
        return false;
    struct str name = n->kind == KQL_NAME ? ((const struct kql_name *)n)->name
                                          : ((const struct kql_call *)n)->name->name;
    for (size_t i = 0; in && i < in->params.n; i++)
        if (str_eq(KQL_AS(kql_coldecl, in->params.items[i])->name->name, name))
            return KQL_AS(kql_coldecl, in->params.items[i])->tabular != NULL;
    for (size_t i = 0; in && i < in->statements.n; i++) {
        const struct kql_let *l = (const struct kql_let *)in->statements.items[i];
        if (l->node.kind == KQL_LET && str_eq(l->name->name, name))
            return l->value->kind == KQL_LAMBDA
                       ? lambda_is_tabular(b, (const struct kql_lambda *)l->value, depth + 1)
                       : node_is_tabular(b, l->value, in, depth + 1);
    }
    const struct bname *nm = scope_find(b->scope, name);
    if (nm)
        return nm->kind == BN_TABLE || (nm->kind == BN_ENTITY && nm->entity->table.n) ||
               (nm->kind == BN_LAMBDA && lambda_is_tabular(b, nm->lambda, depth + 1));
    if (n->kind == KQL_CALL)
        return str_eqz(name, "materialize") || str_eqz(name, "table") || str_eqz(name, "materialized_view") ||
               str_eqz(name, "external_table") || str_eqz(name, "stored_query_result") ||
               str_eqz(name, "view") || str_eqz(name, "graph") || str_eqz(name, "_GetWatchlist");
    struct kql_scalar s;
    struct kql_table t;
    if (b->cat && b->cat->scalar && b->cat->scalar(b->cat->ctx, name, &s))
        return false;
    return catalog_has(b, name, &t);
}

static bool lambda_is_tabular(struct binder *b, const struct kql_lambda *l, int depth)
{
    return node_is_tabular(b, l->body, l, depth);
}

bool bind_is_tabular(struct binder *b, const struct kql_node *n, const struct brow *row)
{
    if (n->kind == KQL_NAME && row && rel_find(b, row->rel, ((const struct kql_name *)n)->name))
        return false;
    return node_is_tabular(b, n, NULL, 0);
}

/* -- functions of let -- */

static const struct kql_node *find_arg(const struct kql_call *c, struct str name, size_t pos)
{
    for (size_t i = 0; i < c->args.n; i++) {
        const struct kql_named *nm = (const struct kql_named *)c->args.items[i];
        if (nm->node.kind == KQL_NAMED && nm->names.n == 1 &&
            str_eq(KQL_AS(kql_name, nm->names.items[0])->name, name))
            return nm->value;
    }
    if (pos < c->args.n && c->args.items[pos]->kind != KQL_NAMED)
        return c->args.items[pos];
    return NULL;
}

static bool bind_param(struct binder *b, struct bscope *into, const struct kql_coldecl *p,
                       const struct kql_node *arg, struct brel *piped, struct brow *row, struct span at)
{
    struct bname *n = ARENA_NEW(b->a, struct bname);
    n->span = at;
    n->level = b->level;
    if (p->tabular) {
        n->kind = BN_TABLE;
        n->table = piped ? piped : arg ? bind_table(b, arg) : NULL;
        if (!n->table)
            bind_error(b, at, NULL, "the table '%.*s' is missing", STR_ARG(p->name->name));
        if (!n->table || n->table->open)
            return false;
    } else {
        n->kind = BN_SCALAR;
        const struct kql_node *v = arg ? arg : p->value;
        if (!v) {
            bind_error(b, at, NULL, "the argument '%.*s' is missing", STR_ARG(p->name->name));
            return false;
        }
        struct bexpr *e = bind_expr(b, v, row);
        if (bx_failed(e))
            return false;
        n->scalar = p->type == HB_UNKNOWN || p->type == HB_DYNAMIC ? e : coerce(b, e, p->type);
        if (!n->scalar && p->type == HB_INT && e->type == HB_LONG && bx_is_const(e))
            n->scalar = convert(b, e, HB_INT); /* a bare 100 is a long */
        if (!n->scalar) {
            bind_error(b, v->span, NULL, "the argument '%.*s' must be %s, not %s", STR_ARG(p->name->name),
                       hb_type_name(p->type), hb_type_name(e->type));
            return false;
        }
        if (p->type == HB_DYNAMIC)
            n->scalar = to_json(b, e);
    }
    map_set(&into->names, p->name->name, n);
    return true;
}

static bool bind_params(struct binder *b, const struct kql_call *c, const struct kql_lambda *l,
                        struct bscope *into, struct brow *row)
{
    struct brel *piped = b->piped;
    b->piped = NULL;
    size_t shift = piped ? 1 : 0;
    bool ok = true;
    if (c->args.n + shift > l->params.n) {
        bind_error(b, c->node.span, NULL, "'%.*s' takes %zu argument%s, not %zu", STR_ARG(c->name->name),
                   l->params.n, l->params.n == 1 ? "" : "s", c->args.n + shift);
        return false;
    }
    for (size_t i = 0; i < l->params.n; i++) {
        const struct kql_coldecl *p = (const struct kql_coldecl *)l->params.items[i];
        bool first = i == 0 && piped;
        const struct kql_node *arg = first ? NULL : find_arg(c, p->name->name, i - shift);
        ok &= bind_param(b, into, p, arg, first ? piped : NULL, row, c->node.span);
    }
    return ok;
}

static void bind_let(struct binder *b, const struct kql_let *l);

bool may_expand(struct binder *b, struct span span, const char *what)
{
    if (b->depth < MAX_DEPTH && ++b->calls <= MAX_CALLS)
        return true;
    if (b->calls <= MAX_CALLS + 1)
        bind_error(b, span, NULL, "%s too deeply or too often", what);
    b->calls = b->depth >= MAX_DEPTH ? b->calls : MAX_CALLS + 1;
    return false;
}

bool bind_lambda(struct binder *b, const struct kql_call *c, const struct bname *nm, struct brow *row,
                 struct bexpr **scalar, struct brel **table)
{
    if (!may_expand(b, c->node.span, "functions call each other"))
        return false;
    struct bscope *caller = b->scope, *into = ARENA_NEW(b->a, struct bscope);
    into->up = nm->home;
    map_init(&into->names, b->a);
    if (!bind_params(b, c, nm->lambda, into, row))
        return false;
    size_t before = b->d->errors;
    b->scope = into;
    b->depth++;
    for (size_t i = 0; i < nm->lambda->statements.n; i++)
        if (nm->lambda->statements.items[i]->kind == KQL_LET)
            bind_let(b, (const struct kql_let *)nm->lambda->statements.items[i]);
    const struct kql_node *body = nm->lambda->body;
    if (!body)
        bind_error(b, c->node.span, NULL, "function '%.*s' has no value", STR_ARG(c->name->name));
    else if (node_is_tabular(b, body, NULL, 0))
        *table = bind_graph(b, body);
    else
        *scalar = bind_expr(b, body, NULL);
    b->depth--;
    b->scope = caller;
    if (*scalar && bx_failed(*scalar))
        return false;
    return b->d->errors == before;
}

/* -- statements -- */

static void bind_let(struct binder *b, const struct kql_let *l)
{
    struct str name = l->name->name;
    bool twice = map_get(&b->scope->names, name);
    for (const struct bscope *s = b->scope; s->admits && !twice; s = s->up)
        twice = map_get(&s->up->names, name);
    if (twice) {
        bind_error(b, l->name->node.span, NULL, "'%.*s' is defined twice", STR_ARG(name));
        return;
    }
    if (l->value->kind == KQL_LAMBDA) {
        struct bname *n = scope_add(b, name, l->name->node.span, BN_LAMBDA);
        n->lambda = (const struct kql_lambda *)l->value;
        return;
    }
    if (bind_entity_let(b, l))
        return;
    if (node_is_tabular(b, l->value, NULL, 0)) {
        struct brel *t = bind_graph(b, l->value);
        scope_add(b, name, l->name->node.span, BN_TABLE)->table = t;
        return;
    }
    struct bexpr *e = bind_expr(b, l->value, NULL);
    scope_add(b, name, l->name->node.span, BN_SCALAR)->scalar = e;
}

/* declare query_parameters(a:long = 5): what the catalogue gives, else the default */
static void bind_declare(struct binder *b, const struct kql_declare *d)
{
    for (size_t i = 0; i < d->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)d->columns.items[i];
        struct kql_scalar s;
        struct bexpr *e = NULL;
        if (catalog_scalar(b, c->name->name, c->node.span, &s))
            e = bx_scalar(b, &s, c->node.span);
        else if (c->value)
            e = bind_expr(b, c->value, NULL);
        else
            bind_error(b, c->node.span, NULL, "parameter '%.*s' has no value", STR_ARG(c->name->name));
        if (e && !bx_failed(e) && c->type != HB_UNKNOWN)
            e = convert(b, e, c->type);
        scope_add(b, c->name->name, c->node.span, BN_SCALAR)->scalar = e ? e : bx_error(b, c->node.span);
    }
}

/* set query_bin_auto_size = 1h; other settings mean nothing here. */
static void bind_set(struct binder *b, const struct kql_set *s)
{
    struct bexpr **into = str_eqz(s->name->name, "query_bin_auto_size") ? &b->bin_size
                          : str_eqz(s->name->name, "query_bin_auto_at") ? &b->bin_at
                                                                        : NULL;
    if (into && s->value)
        *into = bind_expr(b, s->value, NULL);
}

/* restrict access to (a, b*, database().*): of what stands above, only that is seen from here on. Bodies above see all. */
static void bind_restrict(struct binder *b, const struct kql_restrict *r)
{
    for (size_t i = 0; i < r->items.n; i++) {
        const struct kql_name *nm = (const struct kql_name *)r->items.items[i];
        struct kql_table t;
        if (nm->node.kind == KQL_NAME && !nm->wildcard && !scope_find(b->scope, nm->name) &&
            !catalog_has(b, nm->name, &t))
            table_error(b, nm->node.span, NULL, "unknown table", nm->name);
    }
    for (struct bscope *s = b->scope; s; s = s->up)
        for (size_t i = 0; i < s->names.n; i++) {
            struct bname *nm = s->names.entries[i].value;
            nm->value = nm->kind == BN_LAMBDA && !lambda_is_tabular(b, nm->lambda, 0);
        }
    struct bentity *wall = bind_wall_places(b, &r->items);
    struct bscope *below = scope_push(b);
    below->admits = &r->items;
    below->places = wall;
}

struct brel *bind_query(struct binder *b, const struct kql_list *statements, struct bexpr **scalar)
{
    struct brel *result = NULL;
    for (size_t i = 0; i < statements->n; i++) {
        const struct kql_node *n = statements->items[i];
        switch (n->kind) {
        case KQL_LET: bind_let(b, (const struct kql_let *)n); break;
        case KQL_QUERY_PARAMETERS: bind_declare(b, (const struct kql_declare *)n); break;
        case KQL_PATTERN: {
            const struct kql_pattern *p = KQL_AS(kql_pattern, n);
            scope_add(b, p->name->name, p->node.span, BN_PATTERN)->pattern = p;
            break;
        }
        case KQL_SET: bind_set(b, (const struct kql_set *)n); break;
        case KQL_ERROR: break;
        case KQL_EXPR_STATEMENT: {
            const struct kql_node *e = ((const struct kql_expr_statement *)n)->expr;
            if (scalar && !node_is_tabular(b, e, NULL, 0))
                *scalar = bind_expr(b, e, NULL);
            else
                result = bind_graph(b, e);
            break;
        }
        case KQL_RESTRICT: bind_restrict(b, KQL_AS(kql_restrict, n)); break;
        default: bind_alias(b, KQL_AS(kql_let, n)); break;
        }
    }
    return result;
}

/* -- tables -- */

static struct brel *bind_table_name(struct binder *b, const struct kql_name *n)
{
    struct bname *nm = scope_find(b->scope, n->name);
    struct kql_table t;
    if (nm && nm->kind == BN_TABLE)
        return nm->table->open || nm->table->graph ? nm->table : rel_ref(b, nm->table, n->node.span);
    if (nm && nm->kind == BN_LAMBDA) {
        struct kql_call call = { .node = { KQL_CALL, n->node.span } };
        struct kql_name name = *n;
        call.name = &name;
        struct bexpr *e = NULL;
        struct brel *r = NULL;
        if (!bind_lambda(b, &call, nm, NULL, &e, &r))
            return rel_open(b, n->node.span);
        return r ? r : table_error(b, n->node.span, NULL, "a table is expected, not the value", n->name);
    }
    if (nm && (nm->kind == BN_ENTITY || nm->kind == BN_GROUP))
        return bind_entity_name(b, nm, n);
    if (nm && nm->kind == BN_PATTERN)
        return table_error(b, n->node.span, "call it: name('value')", "a table is expected, not the pattern",
                           n->name);
    if (nm)
        return bx_failed(nm->scalar)
                   ? rel_open(b, n->node.span)
                   : table_error(b, n->node.span, NULL, "a table is expected, not the value", n->name);
    if (catalog_table(b, n->name, n->node.span, &t))
        return rel_table(b, &t, n->node.span);
    struct str near = nearest_table(b, n->name);
    const char *hint = kql_slip_elsewhere(n->name);
    if (!hint && near.n)
        hint = arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near));
    return table_error(b, n->node.span, hint, "unknown table", n->name);
}

static struct brel *bind_table_call(struct binder *b, const struct kql_call *c)
{
    struct bname *nm = scope_find(b->scope, c->name->name);
    if (nm && nm->kind == BN_LAMBDA) {
        struct bexpr *e = NULL;
        struct brel *r = NULL;
        if (!bind_lambda(b, c, nm, NULL, &e, &r))
            return rel_open(b, c->node.span);
        return r ? r
                 : table_error(b, c->node.span, NULL, "a table is expected, not the value of", c->name->name);
    }
    if (str_eqz(c->name->name, "materialize") && c->args.n == 1) {
        struct brel *r = bind_table(b, c->args.items[0]);
        r->shared = true;
        r->materialized = !r->open;
        return r->open ? r : rel_ref(b, r, c->node.span);
    }
    static const char *const by_name[] = { "table", "materialized_view", "external_table",
                                           "stored_query_result" };
    bool named = false; /* whatever keeps the rows elsewhere: here it is a table of that name */
    for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++)
        named |= str_eqz(c->name->name, by_name[i]);
    if (named && c->args.n >= 1) {
        struct kql_name n = { .node = { KQL_NAME, c->node.span } };
        return bind_const_string(b, c->args.items[0], &n.name, "the table's name")
                   ? bind_table_name(b, &n)
                   : rel_open(b, c->node.span);
    }
    if (str_eqz(c->name->name, "_GetWatchlist") && c->args.n == 1) {
        struct kql_name n = { .node = { KQL_NAME, c->args.items[0]->span } };
        struct kql_table t;
        if (!bind_const_string(b, c->args.items[0], &n.name, "the watchlist's name"))
            return rel_open(b, c->node.span);
        if (catalog_table(b, n.name, n.node.span, &t))
            return rel_table(b, &t, c->node.span);
        return table_error(b, n.node.span, "give its file: a table of that name", "there is no watchlist",
                           n.name);
    }
    if (str_eqz(c->name->name, "graph")) {
        bind_error(b, c->node.span, "build one: edges | make-graph source --> target",
                   "graphs that a database keeps are not supported: the source has none");
        return rel_open(b, c->node.span);
    }
    return table_error(b, c->name->node.span, kql_slip_elsewhere(c->name->name), "unknown table function",
                       c->name->name);
}

struct brel *bind_pipe_from(struct binder *b, struct brel *rel, const struct kql_list *ops)
{
    for (size_t i = 0; i < ops->n; i++) {
        const struct kql_op *op = (const struct kql_op *)ops->items[i];
        rel = bind_operator(b, rel, op);
    }
    return rel;
}

/* Operators that may have no table in front: they name tables themselves, or refuse on their own. */
static bool begins(enum kql_kind kind)
{
    return kind == KQL_UNION || kind == KQL_SEARCH || kind == KQL_FIND || kind == KQL_EVALUATE ||
           kind == KQL_MACRO_EXPAND;
}

static const char graph_hint[] = "its nodes are '| graph-to-table nodes', its edges '| graph-to-table edges'";

/* Operators on graphs need one, all others must have none. */
static bool fits_graph(struct binder *b, const struct brel *rel, const struct kql_op *op, const char *name)
{
    bool on_graph = str_starts(str_z(name), STR("graph-"));
    if (!rel || on_graph == (rel->graph != NULL) || (rel->open && !on_graph))
        return true;
    if (rel->open)
        return false; /* reported */
    if (on_graph)
        bind_error(b, op->name_span, "put '| make-graph source --> target' in front",
                   "operator '%s' needs a graph, and this is a table", name);
    else
        bind_error(b, op->name_span, graph_hint, "operator '%s' needs a table, and this is a graph", name);
    return false;
}

struct brel *bind_operator(struct binder *b, struct brel *rel, const struct kql_op *op)
{
    if (op->node.kind == KQL_ERROR)
        return rel_open(b, op->node.span);
    for (size_t i = 0; i < kql_nops_rows; i++)
        if (kql_ops[i].kind == op->node.kind) {
            if (!kql_ops[i].bind) {
                bind_error(b, op->name_span, NULL, "operator '%s' is not supported", kql_ops[i].name);
                return rel_open(b, op->node.span);
            }
            if (!rel && !begins(op->node.kind)) {
                bind_error(b, op->name_span, NULL, "operator '%s' needs a table in front of it",
                           kql_ops[i].name);
                return rel_open(b, op->node.span);
            }
            if (!fits_graph(b, rel, op, kql_ops[i].name))
                return rel_open(b, op->node.span);
            struct brel *r = kql_ops[i].bind(b, rel, op);
            r->nkeep = 0;
            return r;
        }
    bind_error(b, op->node.span, NULL, "this operator is not supported");
    return rel_open(b, op->node.span);
}

static struct brel *src_external(struct binder *b, const struct kql_op_data *n)
{
    struct span word = n->op.name_span;
    if (b->opt && b->opt->external_empty && n->schema)
        return src_empty_data(b, n);
    bind_error(b, word, "load the data as a table of the source",
               "'%.*s' is not allowed: a query cannot read files or addresses",
               STR_ARG(str_sub(b->src->text, word.offset, word.offset + word.len)));
    return rel_open(b, n->op.node.span);
}

static struct brel *table_of(struct binder *b, const struct kql_node *n)
{
    const struct bname *pattern = pattern_called(b, n);
    if (pattern)
        return bind_pattern_call(b, pattern, n);
    switch (n->kind) {
    case KQL_PAREN: return bind_graph(b, ((const struct kql_paren *)n)->inner);
    case KQL_NAME: return bind_table_name(b, (const struct kql_name *)n);
    case KQL_CALL: return bind_table_call(b, (const struct kql_call *)n);
    case KQL_PIPE: {
        const struct kql_pipe *p = (const struct kql_pipe *)n;
        return bind_pipe_from(b, p->source ? bind_graph(b, p->source) : b->context, &p->ops);
    }
    case KQL_PRINT: return src_print(b, (const struct kql_op_list *)n);
    case KQL_RANGE: return src_range(b, (const struct kql_op_range *)n);
    case KQL_DATATABLE: return src_datatable(b, (const struct kql_op_data *)n);
    case KQL_EXTERNALDATA: return src_external(b, (const struct kql_op_data *)n);
    case KQL_ERROR: return rel_open(b, n->span);
    case KQL_PATH: return bind_entity_path(b, n);
    default:
        if (n->kind > KQL_PIPE && n->kind <= KQL_GRAPH_MARK)
            return bind_operator(b, b->context, (const struct kql_op *)n);
        bind_error(b, n->span, NULL, "a table is expected here");
        return rel_open(b, n->span);
    }
}

struct brel *bind_graph(struct binder *b, const struct kql_node *n)
{
    b->level++;
    struct brel *r = table_of(b, n);
    b->level--;
    return r;
}

struct brel *bind_table(struct binder *b, const struct kql_node *n)
{
    struct brel *r = bind_graph(b, n);
    if (!r->graph)
        return r;
    bind_error(b, n->span, graph_hint, "a table is expected here, and this is a graph");
    return rel_open(b, n->span);
}

/* -- entry points -- */

static void binder_init(struct binder *b, struct arena *a, const struct source *src,
                        const struct kql_catalog *cat, const struct kql_options *opt, struct diags *d)
{
    *b = (struct binder){ .a = a, .src = src, .cat = cat, .opt = opt, .d = d };
    map_init(&b->databases, a);
    scope_push(b);
}

static void result(struct binder *b, struct brel *rel, struct kql_compiled *out)
{
    out->ncols = rel ? rel->ncols : 1;
    out->cols = ARENA_ARRAY(b->a, out->ncols, struct kql_column);
    for (size_t i = 0; rel && i < rel->ncols; i++)
        out->cols[i] = (struct kql_column){ rel->cols[i].name, rel->cols[i].type };
    out->ordered = rel && rel->ordered;
    out->tables = b->tables;
    out->ntables = b->ntables;
    out->scalars = b->scalars;
    out->nscalars = b->nscalars;
    out->render = b->render;
    out->render_props = b->render_props;
    out->nrender_props = b->nrender_props;
}

/* What is wrong with the answer as a whole: of a query a table, of an expression a value. */
static void check_answer(struct binder *b, const struct brel *rel, const struct bexpr *e, bool value)
{
    size_t end = b->src->text.n;
    if (value && (rel || !e))
        bind_error(b, (struct span){ 0, end }, "one value of a table is toscalar(T | ...)",
                   "a value is expected, not a table");
    else if (!value && !rel)
        bind_error(b, (struct span){ end, 0 }, NULL, "the query ends without a table to show");
    else if (!value && rel->graph)
        bind_error(b, rel->span, graph_hint, "the query ends with a graph, not with a table to show");
    else if (!value && !rel->ncols)
        bind_error(b, rel->span, NULL, "the result has no columns to show");
}

static bool compile(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                    const struct kql_options *opt, struct diags *d, bool value, struct kql_compiled *out)
{
    size_t before = d->errors;
    struct kql_ast *ast = value ? kql_parse_expr(a, src, d) : kql_parse(a, src, d);
    if (!kql_ast_ok(ast))
        return false;
    struct binder b;
    struct bexpr *e = NULL;
    binder_init(&b, a, src, cat, opt, d);
    struct brel *rel = bind_query(&b, &ast->statements, value ? &e : NULL);
    if (d->errors == before)
        check_answer(&b, rel, e, value);
    if (d->errors != before)
        return false;
    struct kql_compiled c = { 0 };
    result(&b, rel, &c);
    if (value)
        c.cols[0] = (struct kql_column){ STR("result"), e->type };
    if (!sql_emit(&b, rel, e, &c))
        return false;
    *out = c;
    return true;
}

bool kql_compile(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                 const struct kql_options *opt, struct diags *d, struct kql_compiled *out)
{
    return compile(a, src, cat, opt, d, false, out);
}

bool kql_compile_expr(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                      const struct kql_options *opt, struct diags *d, struct kql_compiled *out)
{
    return compile(a, src, cat, opt, d, true, out);
}

bool kql_dump_bound(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                    const struct kql_options *opt, struct diags *d, struct buf *out)
{
    size_t before = d->errors;
    struct kql_ast *ast = kql_parse(a, src, d);
    if (!kql_ast_ok(ast))
        return false;
    struct binder b;
    binder_init(&b, a, src, cat, opt, d);
    struct brel *rel = bind_query(&b, &ast->statements, NULL);
    if (d->errors != before || !rel)
        return false;
    bound_dump(out, rel, 0);
    return true;
}

bool kql_locate(const struct kql_compiled *c, size_t sql_offset, struct span *out)
{
    for (size_t i = 0; i < c->nmap; i++)
        if (sql_offset >= c->map[i].offset && sql_offset < c->map[i].offset + c->map[i].len) {
            *out = c->map[i].span;
            return true;
        }
    return false;
}
