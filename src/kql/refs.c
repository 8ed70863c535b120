/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names does a query read that it does not bind itself?
 *
 * A walk with a stack of bound names. Where a table stands is data: a row in places[]; fields that declare or are only
 * words are in silent[]. Binary chains and paths are walked in a loop (kql_left), the rest by recursion, which the
 * parser has bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "ast.h"
#include "hb/kql.h"
#include "hb/vec.h"

struct bound {
    struct str name;
    bool function;
    bool entity; /* a database or a cluster */
};

struct walk {
    struct arena *a;
    struct kql_ref *refs;
    size_t n, cap;
    struct bound *bound; /* innermost last */
    size_t nbound, boundcap;
    bool lone_expr;
};

/* Children that stand where a table can (or may) stand; all others are scalar. */
static const struct {
    enum kql_kind kind;
    const char *field;
    enum kql_ref_kind place;
} places[] = {
    { KQL_PIPE, "source", KQL_REF_TABLE },     { KQL_JOIN, "right", KQL_REF_TABLE },
    { KQL_LOOKUP, "right", KQL_REF_TABLE },    { KQL_UNION, "items", KQL_REF_TABLE },
    { KQL_SEARCH, "tables", KQL_REF_TABLE },   { KQL_FIND, "tables", KQL_REF_TABLE },
    { KQL_INVOKE, "expr", KQL_REF_TABLE },     { KQL_PARTITION, "sub", KQL_REF_TABLE },
    { KQL_FORK_BRANCH, "sub", KQL_REF_TABLE }, { KQL_GRAPH_NODES, "table", KQL_REF_TABLE },
    { KQL_RESTRICT, "items", KQL_REF_TABLE },  { KQL_LET, "value", KQL_REF_ANY },
    { KQL_LAMBDA, "body", KQL_REF_ANY },
};

/* Names that are declared, and words that are no names. */
static const char *const silent[] = {
    "name",    "names",  "params", "with",  "chart",  "alias", "as",       "entity",
    "node_id", "output", "types",  "group", "schema", "keys",  "patterns",
};

static void visit(struct walk *w, const struct kql_node *n, enum kql_ref_kind place);

/* -- bound names -- */

static void bind(struct walk *w, struct str name, bool function)
{
    if (name.n)
        *VEC_PUSH(w->a, w->bound, w->nbound, w->boundcap) = (struct bound){ name, function, false };
}

static void bind_entity(struct walk *w, struct str name)
{
    bind(w, name, false);
    if (name.n)
        w->bound[w->nbound - 1].entity = true;
}

static const struct bound *find(const struct walk *w, struct str name)
{
    for (size_t i = w->nbound; i-- > 0;)
        if (str_eq(w->bound[i].name, name))
            return &w->bound[i];
    return NULL;
}

static struct kql_ref *report(struct walk *w, enum kql_ref_kind kind, struct str name, struct span span)
{
    struct kql_ref *r = VEC_PUSH(w->a, w->refs, w->n, w->cap);
    *r = (struct kql_ref){ .kind = kind, .name = name, .span = span, .path_span = span };
    return r;
}

/* -- names and paths -- */

static struct kql_ref *name_ref(struct walk *w, const struct kql_name *n, enum kql_ref_kind place)
{
    if (!n->name.n || n->name.p[0] == '$' || find(w, n->name))
        return NULL;
    struct kql_ref *r = report(w, place, n->name, n->node.span);
    r->wildcard = n->wildcard;
    return r;
}

/* The part that a path adds: .member or ["member"]; an empty view when it is computed or a call. */
static struct str step_name(const struct kql_node *n)
{
    const struct kql_node *part = n->kind == KQL_PATH ? KQL_AS(kql_path, n)->member
                                                      : KQL_AS(kql_index, n)->index;
    if (n->kind == KQL_PATH && part->kind == KQL_NAME)
        return KQL_AS(kql_name, part)->name;
    if (n->kind == KQL_INDEX && part->kind == KQL_LITERAL && KQL_AS(kql_literal, part)->type == HB_STRING)
        return KQL_AS(kql_literal, part)->text;
    return STR("");
}

/* Calls among the members (database('d').f(x)) and computed indexes read names of their own. */
static void visit_step(struct walk *w, const struct kql_node *n)
{
    if (n->kind == KQL_INDEX) {
        visit(w, KQL_AS(kql_index, n)->index, KQL_REF_SCALAR);
    } else if (KQL_AS(kql_path, n)->member->kind == KQL_CALL) {
        const struct kql_call *c = KQL_AS(kql_call, KQL_AS(kql_path, n)->member);
        for (size_t i = 0; i < c->args.n; i++)
            visit(w, c->args.items[i], KQL_REF_SCALAR);
    }
}

static bool is_one_of(struct str name, const char *const *words)
{
    for (; *words; words++)
        if (str_eqz(name, *words))
            return true;
    return false;
}

/* table('T') and its like name a table as a text; a watchlist is a table of its name, too. */
static struct kql_ref *named_table(struct walk *w, const struct kql_call *c)
{
    static const char *const by_name[] = { "table",          "materialized_view",
                                           "external_table", "stored_query_result",
                                           "_GetWatchlist",  NULL };
    if (!is_one_of(c->name->name, by_name) || !c->args.n || c->args.items[0]->kind != KQL_LITERAL)
        return NULL;
    const struct kql_literal *lit = KQL_AS(kql_literal, c->args.items[0]);
    if (lit->type != HB_STRING || find(w, lit->text))
        return NULL;
    struct kql_ref *r = report(w, KQL_REF_TABLE, lit->text, lit->node.span);
    r->name_only = true;
    return r;
}

/* database('d'), cluster('c'), or a name of one */
static bool is_entity(const struct walk *w, const struct kql_node *n)
{
    while (n->kind == KQL_PATH)
        n = kql_left(n);
    struct str name = n->kind == KQL_CALL   ? KQL_AS(kql_call, n)->name->name
                      : n->kind == KQL_NAME ? KQL_AS(kql_name, n)->name
                                            : STR("");
    const struct bound *own = find(w, name);
    return own ? own->entity : n->kind == KQL_CALL && kql_is_place(name);
}

/* database('d').T: its last part is a table. */
static void entity_ref(struct walk *w, const struct kql_path *p)
{
    const struct kql_node *m = p->member;
    struct kql_ref *r = NULL;
    if (m->kind == KQL_NAME && KQL_AS(kql_name, m)->name.n && KQL_AS(kql_name, m)->name.p[0] != '$')
        r = report(w, KQL_REF_TABLE, KQL_AS(kql_name, m)->name, m->span);
    else if (m->kind == KQL_STAR)
        r = report(w, KQL_REF_TABLE, STR("*"), m->span);
    else if (m->kind == KQL_CALL)
        r = named_table(w, KQL_AS(kql_call, m));
    if (!r)
        return;
    r->name_only = r->of_database = true;
    r->wildcard = m->kind == KQL_STAR || (m->kind == KQL_NAME && KQL_AS(kql_name, m)->wildcard);
}

static void visit_path(struct walk *w, const struct kql_node *n, enum kql_ref_kind place)
{
    if (n->kind == KQL_PATH && is_entity(w, n)) {
        entity_ref(w, KQL_AS(kql_path, n));
        place = KQL_REF_SCALAR;
    }
    size_t steps = 0;
    const struct kql_node *root = n;
    for (; root->kind == KQL_PATH || root->kind == KQL_INDEX; root = kql_left(root))
        steps++;
    const struct kql_node **chain = ARENA_ARRAY(w->a, steps, const struct kql_node *);
    root = n;
    for (size_t i = steps; i-- > 0; root = kql_left(root))
        chain[i] = root;
    struct kql_ref *r = NULL;
    if (root->kind == KQL_NAME)
        r = name_ref(w, KQL_AS(kql_name, root), place == KQL_REF_ANY ? KQL_REF_SCALAR : place);
    else
        visit(w, root, place);
    for (size_t i = 0; r && i < 2 && i < steps; i++) {
        r->member[i] = step_name(chain[i]);
        if (!r->member[i].n)
            break;
        r->path_span.len = chain[i]->span.offset + chain[i]->span.len - r->path_span.offset;
    }
    for (size_t i = 0; i < steps; i++)
        visit_step(w, chain[i]);
}

/* -- calls -- */

static void visit_call(struct walk *w, const struct kql_call *c, enum kql_ref_kind place)
{
    static const char *const clock[] = { "now", "ago", NULL };
    static const char *const wrappers[] = {
        "toscalar",       "totable",           "materialize",         "table", "view", "entity_group",
        "external_table", "materialized_view", "stored_query_result", NULL
    };
    struct str name = c->name->name;
    const struct bound *own = find(w, name);
    bool wrapper = is_one_of(name, wrappers);
    if (!own && is_one_of(name, clock))
        report(w, KQL_REF_CLOCK, name, c->node.span);
    else if (!own && !wrapper && place == KQL_REF_TABLE)
        report(w, KQL_REF_CALL, name, c->name->node.span);
    if (!own && named_table(w, c))
        return;
    enum kql_ref_kind args = (own && own->function) || wrapper ? KQL_REF_ANY : KQL_REF_SCALAR;
    for (size_t i = 0; i < c->args.n; i++)
        visit(w, c->args.items[i], args);
}

/* -- nodes with a rule of their own -- */

static void visit_binary(struct walk *w, const struct kql_node *n)
{
    size_t links = 0;
    const struct kql_node *left = n;
    for (; left->kind == KQL_BINARY; left = kql_left(left))
        links++;
    const struct kql_node **rights = ARENA_ARRAY(w->a, links, const struct kql_node *);
    left = n;
    for (size_t i = links; i-- > 0; left = kql_left(left))
        rights[i] = KQL_AS(kql_binary, left)->right;
    visit(w, left, KQL_REF_SCALAR);
    for (size_t i = 0; i < links; i++)
        visit(w, rights[i], KQL_REF_SCALAR);
}

/* x in (NAME): one name may be a table, a list or a value. */
static void visit_in(struct walk *w, const struct kql_in *n)
{
    visit(w, n->left, KQL_REF_SCALAR);
    enum kql_ref_kind place = n->items.n == 1 ? KQL_REF_ANY : KQL_REF_SCALAR;
    for (size_t i = 0; i < n->items.n; i++)
        visit(w, n->items.items[i], place);
}

static void visit_lambda(struct walk *w, const struct kql_lambda *n)
{
    size_t outer = w->nbound;
    for (size_t i = 0; i < n->params.n; i++) {
        const struct kql_coldecl *d = KQL_AS(kql_coldecl, n->params.items[i]);
        if (d->node.kind == KQL_COLDECL)
            bind(w, d->name->name, d->tabular != NULL);
    }
    for (size_t i = 0; i < n->statements.n; i++)
        visit(w, n->statements.items[i], KQL_REF_ANY);
    if (n->body)
        visit(w, n->body, KQL_REF_ANY);
    w->nbound = outer;
}

/* let D = database('d') */
static bool is_entity_value(const struct walk *w, const struct kql_node *n)
{
    const struct kql_node *last = n->kind == KQL_PATH ? KQL_AS(kql_path, n)->member : n;
    return is_entity(w, n) && last->kind == KQL_CALL && !str_eqz(KQL_AS(kql_call, last)->name->name, "table");
}

static void visit_let(struct walk *w, const struct kql_let *n)
{
    visit(w, n->value, KQL_REF_ANY);
    if (is_entity_value(w, n->value))
        bind_entity(w, n->name->name);
    else
        bind(w, n->name->name, n->value->kind == KQL_LAMBDA);
}

static void visit_evaluate(struct walk *w, const struct kql_op_evaluate *n)
{
    for (size_t i = 0; i < n->call->args.n; i++) /* a plugin may take a table: ipv4_lookup(T, ...) */
        visit(w, n->call->args.items[i], KQL_REF_ANY);
}

/* The tables of a group's members are named in the group or, behind the member's name, in the query. */
static void visit_macro_expand(struct walk *w, const struct kql_op_macro_expand *n)
{
    size_t outer = w->nbound;
    if (n->group->kind == KQL_CALL)
        visit(w, n->group, KQL_REF_ANY);
    if (n->alias)
        bind_entity(w, n->alias->name);
    for (size_t i = 0; i < n->statements.n; i++)
        visit(w, n->statements.items[i], KQL_REF_ANY);
    w->nbound = outer;
}

static void bind_pattern(struct walk *w, const struct kql_list *patterns)
{
    for (size_t i = 0; i < patterns->n; i++) {
        if (patterns->items[i]->kind != KQL_GRAPH_PATTERN)
            continue;
        const struct kql_list *parts = &KQL_AS(kql_graph_pattern, patterns->items[i])->items;
        for (size_t k = 0; k < parts->n; k++) {
            const struct kql_node *part = parts->items[k];
            const struct kql_name *name = part->kind == KQL_GRAPH_NODE ? KQL_AS(kql_graph_node, part)->name
                                                                       : KQL_AS(kql_graph_edge, part)->name;
            if (name)
                bind(w, name->name, false);
        }
    }
}

/* -- everything else: by its fields -- */

struct child_ctx {
    struct walk *w;
    const struct kql_node *parent;
};

static bool visit_child(void *ctx, const char *field, struct kql_node *child)
{
    struct child_ctx *c = ctx;
    enum kql_ref_kind place = KQL_REF_SCALAR;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(field, silent[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].kind == c->parent->kind && strcmp(places[i].field, field) == 0)
            place = places[i].place;
    size_t before = c->w->n;
    visit(c->w, child, place);
    if (child->kind == KQL_NAME && c->w->n > before && place == KQL_REF_TABLE)
        c->w->refs[before].name_only = c->parent->kind == KQL_SEARCH || c->parent->kind == KQL_FIND;
    return true;
}

static void visit_fields(struct walk *w, const struct kql_node *n)
{
    struct child_ctx c = { w, n };
    kql_each_child(n, visit_child, &c);
}

static void visit(struct walk *w, const struct kql_node *n, enum kql_ref_kind place)
{
    size_t outer = w->nbound;
    switch (n->kind) {
    case KQL_NAME: name_ref(w, KQL_AS(kql_name, n), place); break;
    case KQL_PATH:
    case KQL_INDEX: visit_path(w, n, place); break;
    case KQL_CALL: visit_call(w, KQL_AS(kql_call, n), place); break;
    case KQL_BINARY: visit_binary(w, n); break;
    case KQL_IN: visit_in(w, KQL_AS(kql_in, n)); break;
    case KQL_PAREN: visit(w, KQL_AS(kql_paren, n)->inner, place); break;
    case KQL_NAMED: visit(w, KQL_AS(kql_named, n)->value, place); break;
    case KQL_LAMBDA: visit_lambda(w, KQL_AS(kql_lambda, n)); break;
    case KQL_LET: visit_let(w, KQL_AS(kql_let, n)); break;
    case KQL_MACRO_EXPAND: visit_macro_expand(w, KQL_AS(kql_op_macro_expand, n)); break;
    case KQL_EVALUATE: visit_evaluate(w, KQL_AS(kql_op_evaluate, n)); break;
    case KQL_AS: /* visible from here on, in sub-queries of the same statement too */
        if (KQL_AS(kql_op_name, n)->name)
            bind(w, KQL_AS(kql_op_name, n)->name->name, false);
        break;
    case KQL_GRAPH_MATCH:
    case KQL_GRAPH_PATHS:
        bind_pattern(w, &KQL_AS(kql_op_graph_match, n)->patterns);
        visit_fields(w, n);
        w->nbound = outer;
        break;
    case KQL_PATTERN:
        visit_fields(w, n);
        bind(w, KQL_AS(kql_pattern, n)->name->name, true);
        break;
    case KQL_QUERY_PARAMETERS: {
        const struct kql_list *columns = &KQL_AS(kql_declare, n)->columns;
        for (size_t i = 0; i < columns->n; i++)
            if (columns->items[i]->kind == KQL_COLDECL)
                bind(w, KQL_AS(kql_coldecl, columns->items[i])->name->name, false);
        break;
    }
    case KQL_EXPR_STATEMENT:
        visit(w, KQL_AS(kql_expr_statement, n)->expr, w->lone_expr ? KQL_REF_SCALAR : KQL_REF_TABLE);
        w->nbound = outer;
        break;
    default: visit_fields(w, n); break;
    }
}

static int by_place(const void *x, const void *y)
{
    const struct kql_ref *a = x, *b = y;
    if (a->span.offset != b->span.offset)
        return a->span.offset < b->span.offset ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

struct kql_refs kql_references(struct arena *a, const struct kql_ast *ast)
{
    struct walk w = { .a = a, .lone_expr = ast->lone_expr };
    for (size_t i = 0; i < ast->statements.n; i++)
        visit(&w, ast->statements.items[i], KQL_REF_ANY);
    if (w.n > 1)
        qsort(w.refs, w.n, sizeof *w.refs, by_place);
    return (struct kql_refs){ w.refs, w.n };
}
