/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tabular operators: one function each, its production above it, found through kql_syntax_rows[].
 *
 * To add one: an AST node (ast.h), a function here, a row in kql_syntax_rows[]; its word in the lexer's tables
 * when it has a dash or is reserved. A function is called behind the operator's word and fills the node it is
 * given.
 */
#include <string.h>

#include "parse.h"
#include "slips.h"

#define OP(type, node) KQL_AS(type, node)

static void params(struct kql_parser *p, void *node, const char *const *extra)
{
    kql_params(p, &OP(kql_op, node)->params, extra);
}

/* -- one expression or none -- */

/* SYNTAX: where|filter e */
static struct kql_node *op_where(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    OP(kql_op_expr, node)->expr = kql_need_named(p);
    return kql_done(p, node);
}

/* SYNTAX: take|limit e; sample e */
static struct kql_node *op_take(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    OP(kql_op_expr, node)->expr = kql_need_named(p);
    return kql_done(p, node);
}

/* SYNTAX: count [as name] */
static struct kql_node *op_count(struct kql_parser *p, void *node)
{
    if (kql_take_word(p, "as"))
        OP(kql_op_name, node)->name = kql_need_name(p, "a column name");
    return kql_done(p, node);
}

/* SYNTAX: as name */
static struct kql_node *op_as(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    OP(kql_op_name, node)->name = kql_need_name(p, "a name after 'as'");
    return kql_done(p, node);
}

/* SYNTAX: getschema; consume; __executeAndCache */
static struct kql_node *op_bare(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    return kql_done(p, node);
}

/* SYNTAX: call { . call } */
static struct kql_node *op_invoke(struct kql_parser *p, void *node)
{
    struct kql_node *n = kql_parse_call(p);
    while (n && kql_at(p, P_DOT) && kql_scan_call(p, 1)) {
        p->t++;
        struct kql_path *path = kql_node_new(p->a, KQL_PATH, n->span);
        path->object = n;
        path->member = kql_parse_call(p);
        n = kql_done(p, path);
    }
    if (!n) {
        kql_expected(p, "a function call after 'invoke'");
        n = kql_error_node(p);
    }
    OP(kql_op_expr, node)->expr = n;
    return kql_done(p, node);
}

/* SYNTAX: assert-schema ( name:type, ... ) */
static struct kql_node *op_assert_schema(struct kql_parser *p, void *node)
{
    OP(kql_op_expr, node)->expr = (struct kql_node *)kql_need_schema(p, false);
    return kql_done(p, node);
}

/* -- lists -- */

/* SYNTAX: extend|print [name =] e, ... */
static struct kql_node *op_extend(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &OP(kql_op_list, node)->items, kql_parse_named, KQL_SOME, "an expression");
    return kql_done(p, node);
}

/* SYNTAX: project [[name =] e, ...]; project-rename new = old, ... */
static struct kql_node *op_project(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &OP(kql_op_list, node)->items, kql_parse_named, 0, "an expression");
    return kql_done(p, node);
}

/* SYNTAX: serialize [hints] [[name =] e, ...] */
static struct kql_node *op_serialize(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    return op_project(p, node);
}

/* SYNTAX: project-by-names e, ... */
static struct kql_node *op_by_names(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &OP(kql_op_list, node)->items, kql_parse_unnamed, 0, "an expression");
    return kql_done(p, node);
}

static struct kql_node *name_or_wildcard(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_wildcard(p);
    return n ? n : (struct kql_node *)kql_parse_name(p);
}

/* SYNTAX: project-away|project-keep [name | wildcard, ...] */
static struct kql_node *op_project_names(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &OP(kql_op_list, node)->items, name_or_wildcard, 0, "a column name");
    return kql_done(p, node);
}

static enum kql_dir direction(struct kql_parser *p)
{
    static const struct {
        const char *word;
        enum kql_dir dir;
    } words[] = { { "asc", KQL_ASC },
                  { "desc", KQL_DESC },
                  { "granny-asc", KQL_GRANNY_ASC },
                  { "granny-desc", KQL_GRANNY_DESC } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (kql_take_word(p, words[i].word))
            return words[i].dir;
    return KQL_DIR_NONE;
}

/* SYNTAX: (name | wildcard) [asc | desc | granny-asc | granny-desc] */
static struct kql_node *reorder_element(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    struct kql_node *value = name_or_wildcard(p);
    if (!value)
        return NULL;
    struct kql_ordered *n = kql_new(p, KQL_ORDERED, start);
    n->value = value;
    n->dir = direction(p);
    return kql_done(p, n);
}

/* SYNTAX: project-reorder element, ... */
static struct kql_node *op_reorder(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &OP(kql_op_list, node)->items, reorder_element, 0, "a column name");
    return kql_done(p, node);
}

static struct kql_node *distinct_element(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_star(p);
    return n ? n : kql_parse_named(p);
}

/* SYNTAX: distinct [hints] (* | e), ... */
static struct kql_node *op_distinct(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    kql_comma_list(p, &OP(kql_op_list, node)->items, distinct_element, KQL_SOME, "a column");
    return kql_done(p, node);
}

/* -- order -- */

/* SYNTAX: [name =] e [asc | desc] [nulls first | nulls last] */
static struct kql_node *ordered(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    struct kql_node *value = kql_parse_named(p);
    if (!value)
        return NULL;
    struct kql_ordered *n = kql_new(p, KQL_ORDERED, start);
    n->value = value;
    n->dir = direction(p);
    if (kql_take_word(p, "nulls")) {
        if (kql_take_word(p, "first"))
            n->nulls = KQL_NULLS_FIRST;
        else if (kql_take_word(p, "last"))
            n->nulls = KQL_NULLS_LAST;
        else
            kql_expected(p, "'first' or 'last'");
    }
    return kql_done(p, n);
}

static struct kql_node *need_ordered(struct kql_parser *p)
{
    struct kql_node *n = ordered(p);
    if (n)
        return n;
    kql_expected(p, "an expression");
    struct kql_ordered *o = kql_new(p, KQL_ORDERED, p->t);
    o->value = kql_error_node(p);
    o->node.span.len = 0;
    return &o->node;
}

/* SYNTAX: sort|order by ordered, ... */
static struct kql_node *op_sort(struct kql_parser *p, void *node)
{
    params(p, node, NULL);
    kql_need_word(p, "by");
    kql_comma_list(p, &OP(kql_op_list, node)->items, ordered, KQL_SOME, "a column");
    return kql_done(p, node);
}

/* SYNTAX: top e by ordered */
static struct kql_node *op_top(struct kql_parser *p, void *node)
{
    struct kql_op_top *n = node;
    params(p, node, NULL);
    n->count = kql_need_named(p);
    kql_need_word(p, "by");
    n->by = need_ordered(p);
    return kql_done(p, node);
}

/* SYNTAX: top-hitters e of e [by e] */
static struct kql_node *op_top_hitters(struct kql_parser *p, void *node)
{
    struct kql_op_top *n = node;
    n->count = kql_need_named(p);
    kql_need_word(p, "of");
    n->of = kql_need_named(p);
    if (kql_take_word(p, "by"))
        n->by = kql_need_named(p);
    return kql_done(p, node);
}

/* SYNTAX: sample-distinct e of e */
static struct kql_node *op_sample_distinct(struct kql_parser *p, void *node)
{
    struct kql_op_top *n = node;
    params(p, node, NULL);
    n->count = kql_need_named(p);
    kql_need_word(p, "of");
    n->of = kql_need_named(p);
    return kql_done(p, node);
}

/* SYNTAX: [e] of e [with others = e] by ordered */
static struct kql_node *nested_level(struct kql_parser *p, const struct kql_token *start)
{
    struct kql_nested_level *n = kql_new(p, KQL_NESTED_LEVEL, start);
    n->count = kql_parse_named(p);
    kql_need_word(p, "of");
    n->of = kql_need_named(p);
    if (kql_take_word(p, "with")) {
        kql_need_word(p, "others");
        if (kql_need(p, P_ASSIGN)) {
            n->others = kql_parse_literal(p);
            n->others = n->others ? n->others : kql_need_unnamed(p);
        }
    }
    kql_need_word(p, "by");
    n->by = need_ordered(p);
    return kql_done(p, n);
}

/* SYNTAX: top-nested level { , top-nested level } */
static struct kql_node *op_top_nested(struct kql_parser *p, void *node)
{
    struct kql_op_list *n = node;
    kql_push(p, &n->items, nested_level(p, p->t));
    while (kql_take(p, P_COMMA)) {
        const struct kql_token *start = p->t;
        if (!kql_need_word(p, "top-nested"))
            break;
        kql_push(p, &n->items, nested_level(p, start));
    }
    return kql_done(p, node);
}

/* -- summarize -- */

/* bin = 1d behind the columns: an old way to bin them. */
static bool at_old_bin(const struct kql_parser *p)
{
    const struct kql_token *eq = kql_peek(p, 1), *lit = kql_peek(p, 2);
    return kql_at_word(p, "bin") && eq->kind == TK_PUNCT && eq->punct == P_ASSIGN && lit->kind >= TK_STRING &&
           lit->kind <= TK_RAWGUID;
}

static struct kql_node *group_element(struct kql_parser *p)
{
    return at_old_bin(p) ? NULL : kql_parse_named(p);
}

/* summarize kind = count(): a column was meant, though kind= is a setting of operators; count() can be no value of one. */
static bool at_setting_as_column(const struct kql_parser *p)
{
    static const enum kql_punct marks[] = { P_ASSIGN, P_NONE, P_LPAREN, P_RPAREN };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const struct kql_token *t = kql_peek(p, i + 1);
        if (marks[i] ? t->kind != TK_PUNCT || t->punct != marks[i] : t->kind != TK_WORD)
            return false;
    }
    return p->t->kind == TK_WORD && (p->t->flags & TF_KEYWORD);
}

/* SYNTAX: summarize [hints] [[name =] e, ...] [by [name =] e, ... [bin = e]] */
static struct kql_node *op_summarize(struct kql_parser *p, void *node)
{
    struct kql_op_summarize *n = node;
    if (!at_setting_as_column(p))
        params(p, node, NULL);
    kql_comma_list(p, &n->aggregates, kql_parse_named, 0, "an aggregate");
    if (!kql_take_word(p, "by"))
        return kql_done(p, node);
    n->has_by = true;
    kql_comma_list(p, &n->by, group_element, KQL_SOME, "a column");
    if (kql_at_word(p, "bin") && kql_peek(p, 1)->kind == TK_PUNCT && kql_peek(p, 1)->punct == P_ASSIGN) {
        p->t += 2;
        n->by_bin = kql_need_unnamed(p);
    }
    return kql_done(p, node);
}

/* -- several tables -- */

/* SYNTAX: join [kind=..] [hints] table [on e, ... | where e]; lookup [kind=..] table on e, ... */
static struct kql_node *op_join(struct kql_parser *p, void *node)
{
    struct kql_op_join *n = node;
    params(p, node, NULL);
    n->right = kql_need_unnamed(p);
    if (kql_take_word(p, "on"))
        kql_comma_list(p, &n->on, kql_parse_unnamed, KQL_SOME, "a column or a condition");
    else if (n->op.node.kind == KQL_LOOKUP)
        kql_expected(p, "'on'");
    else if (kql_take_word(p, "where"))
        n->where = kql_need_unnamed(p);
    return kql_done(p, node);
}

static struct kql_node *union_element(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_paren(p);
    return n ? n : kql_parse_entity(p);
}

/* SYNTAX: union [kind=..] [withsource=..] [isfuzzy=..] (entity | ( query )), ... */
static struct kql_node *op_union(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "best_effort", NULL };
    params(p, node, extra);
    kql_comma_list(p, &OP(kql_op_list, node)->items, union_element, KQL_SOME, "a table");
    return kql_done(p, node);
}

/* SYNTAX: entity [| as name] */
static struct kql_node *find_operand(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    struct kql_node *n = kql_parse_entity(p);
    if (!n || !kql_at(p, P_BAR))
        return n;
    struct kql_pipe *pipe = kql_new(p, KQL_PIPE, start);
    pipe->source = n;
    p->t++;
    kql_push(p, &pipe->ops, kql_need_op(p));
    return kql_done(p, pipe);
}

static bool in_tables(struct kql_parser *p, struct kql_list *tables)
{
    if (!kql_take_word(p, "in"))
        return false;
    if (kql_need(p, P_LPAREN)) {
        kql_comma_list(p, tables, find_operand, KQL_SOME, "a table");
        kql_need_close(p, P_RPAREN);
    }
    return true;
}

/* SYNTAX: search [kind=..] [in ( table, ... )] (e | * [and e]) */
static struct kql_node *op_search(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "datascope", NULL };
    struct kql_op_search *n = node;
    params(p, node, extra);
    in_tables(p, &n->tables);
    n->predicate = kql_parse_unnamed(p);
    if (n->predicate)
        return kql_done(p, node);
    n->predicate = kql_parse_star(p);
    if (!n->predicate) {
        n->predicate = kql_need_unnamed(p);
    } else if (kql_at_word(p, "and")) {
        struct kql_binary *both = kql_node_new(p->a, KQL_BINARY, n->predicate->span);
        both->op = KQL_AND;
        both->op_span = (struct span){ p->t->offset, p->t->len };
        p->t++;
        both->left = n->predicate;
        both->right = kql_need_unnamed(p);
        n->predicate = kql_done(p, both);
    }
    return kql_done(p, node);
}

/* SYNTAX: pack(*) | pack_all() | * | name[:type] */
static struct kql_node *find_column(struct kql_parser *p)
{
    if ((kql_at_word(p, "pack") || kql_at_word(p, "pack_all")) && kql_scan_call(p, 0))
        return kql_parse_call(p);
    struct kql_node *n = kql_parse_star(p);
    return n ? n : kql_parse_typed_name(p);
}

/* SYNTAX: find [params] [in ( table, ... )] [where] e [project column, ... | project-smart] [__projectAway
 * column, ...] */
static struct kql_node *op_find(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "datascope", NULL };
    struct kql_op_find *n = node;
    params(p, node, extra);
    bool tables = in_tables(p, &n->tables);
    if (tables || n->op.params.n)
        kql_need_word(p, "where");
    else
        kql_take_word(p, "where");
    n->predicate = kql_need_unnamed(p);
    if (kql_take_word(p, "project-smart"))
        n->smart = true;
    else if (kql_take_word(p, "project"))
        kql_comma_list(p, &n->project, find_column, KQL_SOME, "a column");
    if (kql_take_word(p, "__projectAway"))
        kql_comma_list(p, &n->away, find_column, KQL_SOME, "a column");
    return kql_done(p, node);
}

/* -- parse -- */

static struct kql_node *pattern_part(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_star(p);
    if (!n)
        n = kql_parse_string(p);
    return n ? n : kql_parse_optional_type(p);
}

/* SYNTAX: parse|parse-where [kind=..] [flags=..] e with { * | "text" | name[:type] } */
static struct kql_node *op_parse(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "flags", NULL };
    struct kql_op_parse *n = node;
    params(p, node, extra);
    n->source = kql_need_unnamed(p);
    if (!kql_need_word(p, "with"))
        return kql_done(p, node);
    for (struct kql_node *part = pattern_part(p); part; part = pattern_part(p))
        kql_push(p, &n->pattern, part);
    return kql_done(p, node);
}

/* SYNTAX: parse-kv e as ( name:type, ... ) [with ( property, ... )] */
static struct kql_node *op_parse_kv(struct kql_parser *p, void *node)
{
    static const char *const names[] = { "pair_delimiter", "kv_delimiter", "regex", "quote",
                                         "escape",         "greedy",       NULL };
    struct kql_op_parse_kv *n = node;
    n->source = kql_need_unnamed(p);
    kql_need_word(p, "as");
    n->keys = kql_need_schema(p, false);
    if (kql_take_word(p, "with"))
        kql_properties(p, &n->with, names);
    return kql_done(p, node);
}

/* -- mv-expand, mv-apply -- */

/* SYNTAX: [name =] e [to typeof(type)] */
static struct kql_node *mv_column(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    bool bare = kql_at_word(p, "to");
    struct kql_node *value = bare ? NULL : kql_parse_named(p);
    if (!value && !bare)
        return NULL;
    struct kql_mv_column *n = kql_new(p, KQL_MV_COLUMN, start);
    n->value = value;
    if (kql_take_word(p, "to"))
        n->to = KQL_AS(kql_typeof, kql_need_typeof(p));
    return kql_done(p, n);
}

/* A column without an expression: mv-apply may have it when it is the only one. */
static void need_values(struct kql_parser *p, const struct kql_list *columns, bool one_allowed)
{
    for (size_t i = 0; i < columns->n; i++) {
        struct kql_mv_column *c = columns->items[i]->kind == KQL_MV_COLUMN
                                      ? KQL_AS(kql_mv_column, columns->items[i])
                                      : NULL;
        if (c && !c->value && !(one_allowed && columns->n == 1)) {
            kql_error(p, NULL, "expected an expression before 'to'");
            c->value = kql_error_node(p);
        }
    }
}

/* SYNTAX: mv-expand [params] column, ... [limit e] */
static struct kql_node *op_mv_expand(struct kql_parser *p, void *node)
{
    struct kql_op_mv *n = node;
    params(p, node, NULL);
    kql_comma_list(p, &n->columns, mv_column, KQL_SOME, "an expression");
    need_values(p, &n->columns, false);
    if (kql_take_word(p, "limit"))
        n->limit = kql_need_unnamed(p);
    return kql_done(p, node);
}

/* SYNTAX: mv-apply [params] column, ... [limit e] [id e] on ( sub-query ) */
static struct kql_node *op_mv_apply(struct kql_parser *p, void *node)
{
    struct kql_op_mv *n = node;
    params(p, node, NULL);
    kql_comma_list(p, &n->columns, mv_column, KQL_SOME, "an expression");
    need_values(p, &n->columns, true);
    if (kql_take_word(p, "limit"))
        n->limit = kql_need_unnamed(p);
    if (kql_take_word(p, "id"))
        n->id = kql_need_unnamed(p);
    kql_need_word(p, "on");
    n->sub = kql_need_subquery(p, false);
    return kql_done(p, node);
}

/* -- make-series -- */

/* SYNTAX: [name =] e [default = e] */
static struct kql_node *series_item(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    struct kql_node *value = kql_parse_named(p);
    if (!value)
        return NULL;
    struct kql_series_item *n = kql_new(p, KQL_SERIES_ITEM, start);
    n->value = value;
    if (kql_take_word(p, "default") && kql_need(p, P_ASSIGN))
        n->fallback = kql_need_named(p);
    return kql_done(p, n);
}

/* SYNTAX: in range ( from , to , step ) */
static void series_range(struct kql_parser *p, struct kql_op_make_series *n)
{
    struct kql_list args = { NULL, 0 };
    n->in_range = true;
    if (kql_need_word(p, "in") && kql_need_word(p, "range") && kql_need(p, P_LPAREN)) {
        kql_comma_list(p, &args, kql_parse_named, 0, "an expression");
        kql_need_close(p, P_RPAREN);
    }
    n->from = args.n > 0 ? args.items[0] : NULL;
    n->to = args.n > 1 ? args.items[1] : NULL;
    n->step = args.n > 2 ? args.items[2] : kql_error_node(p);
}

/* SYNTAX: make-series [kind=nonempty] item, ... on e ([from e] [to e] step e | in range(..)) [by e, ...] */
static struct kql_node *op_make_series(struct kql_parser *p, void *node)
{
    struct kql_op_make_series *n = node;
    params(p, node, NULL);
    kql_comma_list(p, &n->items, series_item, KQL_SOME, "an aggregate");
    kql_need_word(p, "on");
    n->on = kql_need_named(p);
    if (kql_at_word(p, "from") || kql_at_word(p, "to") || kql_at_word(p, "step")) {
        if (kql_take_word(p, "from"))
            n->from = kql_need_unnamed(p);
        if (kql_take_word(p, "to"))
            n->to = kql_need_unnamed(p);
        n->step = kql_need_word(p, "step") ? kql_need_unnamed(p) : kql_error_node(p);
    } else {
        series_range(p, n);
    }
    n->has_by = kql_take_word(p, "by");
    if (n->has_by)
        kql_comma_list(p, &n->by, kql_parse_named, KQL_SOME, "a column");
    return kql_done(p, node);
}

/* -- evaluate, reduce, render -- */

/* SYNTAX: evaluate [hints] call [: ( [*,] name:type, ... )] */
static struct kql_node *op_evaluate(struct kql_parser *p, void *node)
{
    struct kql_op_evaluate *n = node;
    params(p, node, NULL);
    n->call = KQL_AS(kql_call, kql_parse_call(p));
    if (!n->call) {
        kql_expected(p, "a plugin call such as bag_unpack(d)");
        n->call = kql_new(p, KQL_CALL, p->t);
        n->call->name = kql_new(p, KQL_NAME, p->t);
    }
    if (kql_take(p, P_COLON))
        n->schema = kql_need_schema(p, true);
    return kql_done(p, node);
}

/* SYNTAX: reduce by e [with name = value, ...] */
static struct kql_node *op_reduce(struct kql_parser *p, void *node)
{
    static const char *const names[] = { "threshold", "characters", NULL };
    struct kql_op_reduce *n = node;
    params(p, node, names);
    kql_need_word(p, "by");
    n->by = kql_need_named(p);
    if (kql_take_word(p, "with"))
        kql_property_list(p, &n->with, names);
    return kql_done(p, node);
}

/* by name, ...: an old form, kept as the parameter by */
static void render_by(struct kql_parser *p, struct kql_list *out)
{
    struct kql_param *n = kql_new(p, KQL_PARAM, p->t);
    n->name = STR("by");
    n->name_span = kql_span(p, p->t);
    p->t++;
    kql_comma_list(p, &n->values, name_or_wildcard, KQL_SOME, "a column name");
    kql_push(p, out, kql_done(p, n));
}

/* Charts whose names are reserved words; any other name may stand there as well. */
static bool at_chart(const struct kql_parser *p)
{
    static const char *const charts[] = {
        "3Dchart",     "anomalychart", "areachart", "barchart",   "card",         "columnchart",
        "ladderchart", "linechart",    "piechart",  "pivotchart", "scatterchart", "stackedareachart",
        "timechart",   "timeline",     "timepivot", "treemap",
    };
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++)
        if (kql_at_word(p, charts[i]))
            return true;
    return false;
}

/* SYNTAX: render chart { kind = .. | title = .. | accumulate = .. | by .. } [with ( property, ... )] */
static struct kql_node *op_render(struct kql_parser *p, void *node)
{
    static const char *const names[] = { "kind",           "title",  "accumulate", "xcolumn", "ycolumns",
                                         "anomalycolumns", "series", "xtitle",     "ytitle",  "xaxis",
                                         "yaxis",          "legend", "ysplit",     "ymin",    "ymax",
                                         "xmin",           "xmax",   NULL };
    struct kql_op_render *n = node;
    n->chart = kql_scan_name(p, 0) == 1 || at_chart(p) ? kql_word_name(p) : NULL;
    if (!n->chart) {
        kql_expected(p, "a kind of chart such as timechart");
        n->chart = kql_new(p, KQL_NAME, p->t);
    }
    for (;;) {
        const struct kql_token *next = kql_peek(p, 1);
        bool set = next->kind == TK_PUNCT && next->punct == P_ASSIGN;
        if (kql_at_word(p, "by"))
            render_by(p, &n->op.params);
        else if (set && (kql_at_word(p, "kind") || kql_at_word(p, "title") || kql_at_word(p, "accumulate")))
            kql_push(p, &n->op.params, kql_property(p));
        else
            break;
    }
    if (kql_take_word(p, "with"))
        kql_properties(p, &n->with, names);
    return kql_done(p, node);
}

/* -- sources -- */

/* SYNTAX: range name from e to e step e */
static struct kql_node *op_range(struct kql_parser *p, void *node)
{
    struct kql_op_range *n = node;
    n->name = kql_need_name(p, "a column name");
    kql_need_word(p, "from");
    n->from = kql_need_unnamed(p);
    kql_need_word(p, "to");
    n->to = kql_need_unnamed(p);
    kql_need_word(p, "step");
    n->step = kql_need_unnamed(p);
    return kql_done(p, node);
}

/* SYNTAX: datatable ( name:type, ... ) [ literal, ... ] */
static struct kql_node *op_datatable(struct kql_parser *p, void *node)
{
    struct kql_op_data *n = node;
    params(p, node, NULL);
    n->schema = kql_need_schema(p, false);
    if (kql_need(p, P_LBRACKET)) {
        kql_take(p, P_COMMA);
        kql_comma_list(p, &n->values, kql_parse_literal, KQL_TRAILING, "a literal");
        kql_need_close(p, P_RBRACKET);
    }
    return kql_done(p, node);
}

/* SYNTAX: externaldata ( name:type, ... ) [ query, ... ] [with ( property, ... )] */
static struct kql_node *op_externaldata(struct kql_parser *p, void *node)
{
    struct kql_op_data *n = node;
    params(p, node, NULL);
    n->schema = kql_need_schema(p, false);
    if (kql_need(p, P_LBRACKET)) {
        kql_comma_list(p, &n->values, kql_parse_query, KQL_TRAILING, "an address");
        kql_need_close(p, P_RBRACKET);
    }
    if (kql_take_word(p, "with"))
        kql_properties(p, &n->with, NULL);
    return kql_done(p, node);
}

/* ( anything ): nothing of it is looked at. */
static void over_parens(struct kql_parser *p)
{
    if (!kql_need(p, P_LPAREN))
        return;
    while (!kql_at(p, P_RPAREN) && p->t < p->end) {
        const struct kql_token *at = p->t;
        kql_skip(p);
        if (p->t == at) /* a | or ; */
            p->t++;
    }
    kql_need_close(p, P_RPAREN);
}

/*
 * SYNTAX: inline_external_table [( name:type, ... )] kind = storage|delta [partition by ( ... )] [pathformat = ( ... )]
 * [dataformat = format] ( address, ... ) [with ( property, ... )]
 */
static struct kql_node *op_inline_table(struct kql_parser *p, void *node)
{
    static const char *const options[] = { "dataformat", NULL };
    struct kql_op_data *n = node;
    if (kql_at(p, P_LPAREN))
        n->schema = kql_need_schema(p, false);
    params(p, node, NULL);
    if (kql_take_word(p, "partition") && kql_need_word(p, "by"))
        over_parens(p);
    if (kql_take_word(p, "pathformat") && kql_need(p, P_ASSIGN))
        over_parens(p);
    params(p, node, options);
    if (kql_need(p, P_LPAREN)) {
        kql_comma_list(p, &n->values, kql_parse_unnamed, KQL_SOME, "an address");
        kql_need_close(p, P_RPAREN);
    }
    if (kql_take_word(p, "with"))
        kql_properties(p, &n->with, NULL);
    return kql_done(p, node);
}

/* -- scan -- */

/* SYNTAX: name = e */
static struct kql_node *assignment(struct kql_parser *p)
{
    struct kql_named *n = kql_new(p, KQL_NAMED, p->t);
    struct kql_name *name = kql_parse_declared(p);
    if (!name)
        return NULL;
    kql_push(p, &n->names, name);
    n->value = kql_need(p, P_ASSIGN) ? kql_need_unnamed(p) : kql_error_node(p);
    return kql_done(p, n);
}

/* SYNTAX: step name [optional] [output = all|last|none] : e [=> name = e, ...] ; */
static struct kql_node *scan_step(struct kql_parser *p)
{
    struct kql_scan_step *n = kql_new(p, KQL_SCAN_STEP, p->t++);
    n->name = kql_parse_declared(p);
    if (!n->name)
        n->name = kql_need_name(p, "the step's name");
    n->optional = kql_take_word(p, "optional");
    if (kql_take_word(p, "output") && kql_need(p, P_ASSIGN)) {
        static const char *const words[] = { "all", "last", "none" };
        for (size_t i = 0; i < 3 && !n->output; i++)
            if (kql_at_word(p, words[i]))
                n->output = kql_word_name(p);
        if (!n->output)
            kql_expected(p, "'all', 'last' or 'none'");
    }
    kql_need(p, P_COLON);
    n->condition = kql_need_unnamed(p);
    if (kql_take(p, P_ARROW))
        kql_comma_list(p, &n->assignments, assignment, KQL_SOME, "name = value");
    kql_need(p, P_SEMI);
    return kql_done(p, n);
}

/* SYNTAX: scan [with_match_id = name] [order by ..] [partition by ..] [declare ( name:type = literal, .. )]
 * with ( { step } ) */
static struct kql_node *op_scan(struct kql_parser *p, void *node)
{
    struct kql_op_scan *n = node;
    params(p, node, NULL);
    if (kql_take_word(p, "order")) {
        kql_need_word(p, "by");
        kql_comma_list(p, &n->order_by, ordered, KQL_SOME, "a column");
    }
    if (kql_take_word(p, "partition")) {
        kql_need_word(p, "by");
        kql_comma_list(p, &n->partition_by, kql_parse_unnamed, KQL_SOME, "a column");
    }
    if (kql_take_word(p, "declare") && kql_need(p, P_LPAREN)) {
        kql_comma_list(p, &n->declare, kql_parse_parameter, 0, "name:type");
        kql_need_close(p, P_RPAREN);
    }
    kql_need_word(p, "with");
    if (!kql_need(p, P_LPAREN))
        return kql_done(p, node);
    while (kql_at_word(p, "step"))
        kql_push(p, &n->steps, scan_step(p));
    kql_need_close(p, P_RPAREN);
    return kql_done(p, node);
}

/* -- sub-queries -- */

/* SYNTAX: in call | in dynamic(...) */
static struct kql_node *partition_scope(struct kql_parser *p)
{
    if (!kql_take_word(p, "in"))
        return NULL;
    struct kql_node *n = kql_parse_call(p);
    if (!n && kql_at_word(p, "dynamic"))
        n = kql_parse_dynamic(p);
    if (n)
        return n;
    kql_expected(p, "the values to go over");
    return kql_error_node(p);
}

/* SYNTAX: partition [hints] by column [in scope] ( ( sub-query ) | { query } ) */
static struct kql_node *op_partition(struct kql_parser *p, void *node)
{
    struct kql_op_partition *n = node;
    params(p, node, NULL);
    kql_need_word(p, "by");
    n->by = kql_parse_simple_path(p);
    if (!n->by) {
        kql_expected(p, "a column");
        n->by = kql_error_node(p);
    }
    n->in = partition_scope(p);
    n->braces = kql_take(p, P_LBRACE);
    if (n->braces) {
        n->sub = kql_need_query(p);
        kql_need_close(p, P_RBRACE);
    } else {
        n->sub = kql_need_subquery(p, false);
    }
    return kql_done(p, node);
}

/* SYNTAX: __partitionby column [__id literal] ( sub-query ) */
static struct kql_node *op_partition_by(struct kql_parser *p, void *node)
{
    struct kql_op_partition *n = node;
    params(p, node, NULL);
    n->by = kql_parse_simple_path(p);
    if (!n->by) {
        kql_expected(p, "a column");
        n->by = kql_error_node(p);
    }
    if (kql_take_word(p, "id")) {
        n->id = kql_parse_literal(p);
        if (!n->id)
            kql_expected(p, "a literal");
    }
    n->sub = kql_need_subquery(p, false);
    return kql_done(p, node);
}

/* SYNTAX: fork { [name =] ( sub-query ) } */
static struct kql_node *op_fork(struct kql_parser *p, void *node)
{
    struct kql_op_list *n = node;
    for (;;) {
        int name = kql_scan_name(p, 0);
        const struct kql_token *eq = name > 0 ? kql_peek(p, (size_t)name) : p->t;
        bool named = name > 0 && eq->kind == TK_PUNCT && eq->punct == P_ASSIGN;
        if (!named && !kql_at(p, P_LPAREN))
            break;
        struct kql_fork_branch *b = kql_new(p, KQL_FORK_BRANCH, p->t);
        if (named) {
            b->name = kql_parse_name(p);
            p->t++;
        }
        b->sub = kql_need_subquery(p, true);
        kql_push(p, &n->items, kql_done(p, b));
    }
    if (!n->items.n)
        kql_expected(p, "'('");
    return kql_done(p, node);
}

/* SYNTAX: facet by column, ... [with ( sub-query ) | with operator] */
static struct kql_node *op_facet(struct kql_parser *p, void *node)
{
    struct kql_op_facet *n = node;
    kql_need_word(p, "by");
    kql_comma_list(p, &n->by, kql_parse_simple_path, KQL_SOME, "a column");
    if (!kql_take_word(p, "with"))
        return kql_done(p, node);
    if (kql_at(p, P_LPAREN))
        n->sub = kql_need_subquery(p, false);
    else
        n->sub = kql_need_op(p);
    return kql_done(p, node);
}

/* -- the table -- */

const struct kql_syntax_row kql_syntax_rows[] = {
    { "where", KQL_WHERE, op_where, "where predicate" },
    { "filter", KQL_WHERE, op_where, "filter predicate" },
    { "extend", KQL_EXTEND, op_extend, "extend name = expression, ..." },
    { "project", KQL_PROJECT, op_project, "project name = expression, ..." },
    { "project-away", KQL_PROJECT_AWAY, op_project_names, "project-away column, wildcard*, ..." },
    { "project-keep", KQL_PROJECT_KEEP, op_project_names, "project-keep column, wildcard*, ..." },
    { "project-rename", KQL_PROJECT_RENAME, op_project, "project-rename new = old, ..." },
    { "project-reorder", KQL_PROJECT_REORDER, op_reorder,
      "project-reorder column [asc|desc], wildcard*, ..." },
    { "project-by-names", KQL_PROJECT_BY_NAMES, op_by_names, "project-by-names names, ..." },
    { "summarize", KQL_SUMMARIZE, op_summarize, "summarize name = aggregate, ... by expression, ..." },
    { "sort", KQL_SORT, op_sort, "sort by column [asc|desc] [nulls first|last], ..." },
    { "order", KQL_SORT, op_sort, "order by column [asc|desc] [nulls first|last], ..." },
    { "top", KQL_TOP, op_top, "top n by column [asc|desc] [nulls first|last]" },
    { "top-nested", KQL_TOP_NESTED, op_top_nested,
      "top-nested n of column [with others = x] by aggregate, top-nested ..." },
    { "top-hitters", KQL_TOP_HITTERS, op_top_hitters, "top-hitters n of column by expression" },
    { "take", KQL_TAKE, op_take, "take n" },
    { "limit", KQL_TAKE, op_take, "limit n" },
    { "sample", KQL_SAMPLE, op_take, "sample n" },
    { "sample-distinct", KQL_SAMPLE_DISTINCT, op_sample_distinct, "sample-distinct n of column" },
    { "count", KQL_COUNT, op_count, "count [as name]" },
    { "distinct", KQL_DISTINCT, op_distinct, "distinct column, ... | *" },
    { "join", KQL_JOIN, op_join, "join kind=inner (table) on column, $left.a == $right.b" },
    { "lookup", KQL_LOOKUP, op_join, "lookup kind=leftouter (table) on column, ..." },
    { "union", KQL_UNION, op_union,
      "union kind=outer withsource=name isfuzzy=true table, (query), wildcard*" },
    { "parse", KQL_PARSE, op_parse, "parse kind=simple expression with * \"text\" column:type *" },
    { "parse-where", KQL_PARSE_WHERE, op_parse,
      "parse-where kind=simple expression with * \"text\" column:type *" },
    { "parse-kv", KQL_PARSE_KV, op_parse_kv,
      "parse-kv expression as (name:type, ...) with (pair_delimiter=.., kv_delimiter=..)" },
    { "mv-expand", KQL_MV_EXPAND, op_mv_expand,
      "mv-expand [kind=array] column to typeof(type), ... limit n" },
    { "mvexpand", KQL_MV_EXPAND, op_mv_expand, "mvexpand column, ... (an old name of mv-expand)" },
    { "mv-apply", KQL_MV_APPLY, op_mv_apply, "mv-apply column to typeof(type) limit n on (sub-query)" },
    { "mvapply", KQL_MV_APPLY, op_mv_apply, "mvapply ... (an old name of mv-apply)" },
    { "make-series", KQL_MAKE_SERIES, op_make_series,
      "make-series name = aggregate default = x on column from a to b step c by column, ..." },
    { "evaluate", KQL_EVALUATE, op_evaluate, "evaluate plugin(arguments) [: (schema)]" },
    { "render", KQL_RENDER, op_render, "render chart with (title = .., ...)" },
    { "serialize", KQL_SERIALIZE, op_serialize, "serialize name = expression, ..." },
    { "range", KQL_RANGE, op_range, "range name from a to b step c" },
    { "print", KQL_PRINT, op_extend, "print name = expression, ..." },
    { "datatable", KQL_DATATABLE, op_datatable, "datatable (name:type, ...) [literal, ...]" },
    { "externaldata", KQL_EXTERNALDATA, op_externaldata,
      "externaldata (name:type, ...) [address, ...] with (format = ..)" },
    { "external_data", KQL_EXTERNALDATA, op_externaldata, "external_data ... (an old name of externaldata)" },
    { "inline_external_table", KQL_EXTERNALDATA, op_inline_table,
      "inline_external_table (name:type, ...) kind=storage dataformat=csv (address, ...)" },
    { "search", KQL_SEARCH, op_search, "search [kind=case_sensitive] [in (table, ...)] predicate" },
    { "find", KQL_FIND, op_find, "find in (table, ...) where predicate project column, ..." },
    { "getschema", KQL_GETSCHEMA, op_bare, "getschema" },
    { "reduce", KQL_REDUCE, op_reduce, "reduce by expression with threshold = x, characters = s" },
    { "scan", KQL_SCAN, op_scan,
      "scan declare (name:type = x) with (step name: condition => name = x; ...)" },
    { "partition", KQL_PARTITION, op_partition, "partition by column (sub-query)" },
    { "__partitionby", KQL_PARTITION_BY, op_partition_by, "__partitionby column (sub-query)" },
    { "fork", KQL_FORK, op_fork, "fork name = (sub-query) ..." },
    { "facet", KQL_FACET, op_facet, "facet by column, ... with (sub-query)" },
    { "as", KQL_AS, op_as, "as name" },
    { "invoke", KQL_INVOKE, op_invoke, "invoke function(arguments)" },
    { "consume", KQL_CONSUME, op_bare, "consume" },
    { "assert-schema", KQL_ASSERT_SCHEMA, op_assert_schema, "assert-schema (name:type, ...)" },
    { "__executeAndCache", KQL_EXECUTE_AND_CACHE, op_bare, "__executeAndCache" },
    { "macro-expand", KQL_MACRO_EXPAND, kql_op_macro_expand, "macro-expand group as name (query)" },
    { "make-graph", KQL_MAKE_GRAPH, kql_op_make_graph, "make-graph source --> target with nodes on key" },
    { "graph-match", KQL_GRAPH_MATCH, kql_op_graph_match,
      "graph-match (a)-[e]->(b) where condition project column, ..." },
    { "graph-shortest-paths", KQL_GRAPH_PATHS, kql_op_graph_match,
      "graph-shortest-paths (a)-[e*1..5]->(b) where condition project column, ..." },
    { "graph-to-table", KQL_GRAPH_TO_TABLE, kql_op_graph_to_table, "graph-to-table nodes as N, edges as E" },
    { "graph-where-nodes", KQL_GRAPH_WHERE_NODES, kql_op_graph_where, "graph-where-nodes condition" },
    { "graph-where-edges", KQL_GRAPH_WHERE_EDGES, kql_op_graph_where, "graph-where-edges condition" },
    { "graph-mark-components", KQL_GRAPH_MARK, kql_op_graph_mark,
      "graph-mark-components kind=weak with_component_id=name" },
};
const size_t kql_syntax_nrows = sizeof kql_syntax_rows / sizeof *kql_syntax_rows;

const struct kql_syntax_row *kql_op_at(const struct kql_parser *p)
{
    if (p->t->kind != TK_WORD || (p->t->flags & TF_PLAIN))
        return NULL;
    struct str w = kql_text(p, p->t);
    for (size_t i = 0; i < kql_syntax_nrows; i++)
        if (kql_syntax_rows[i].name[0] == w.p[0] && str_eqz(w, kql_syntax_rows[i].name))
            return &kql_syntax_rows[i];
    return NULL;
}

/* Words that are names too begin a query only when what follows fits; datatable and externaldata are
 * expressions. */
const struct kql_syntax_row *kql_op_starts_query(const struct kql_parser *p)
{
    const struct kql_syntax_row *row = kql_op_at(p);
    if (!row || row->kind == KQL_DATATABLE || row->kind == KQL_EXTERNALDATA)
        return NULL;
    const struct kql_token *next = kql_peek(p, 1);
    int name = kql_scan_name(p, 1);
    switch (row->kind) {
    case KQL_EVALUATE:
        return name > 0 || (next->kind == TK_WORD && memcmp(kql_text(p, next).p, "hint.", 4) == 0) ? row
                                                                                                   : NULL;
    case KQL_FACET:
    case KQL_PARTITION:
    case KQL_REDUCE: return kql_is_word(p, next, "by") || kql_is_word(p, next, "kind") ? row : NULL;
    case KQL_RANGE: return name > 0 && kql_is_word(p, kql_peek(p, 1 + (size_t)name), "from") ? row : NULL;
    case KQL_RENDER: return next->kind == TK_WORD && kql_peek(p, 1)->flags != 0 ? row : NULL;
    default: return (p->t->flags & TF_KEYWORD) ? row : NULL;
    }
}

struct kql_node *kql_parse_op(struct kql_parser *p, const struct kql_syntax_row *row)
{
    struct kql_op *n = kql_new(p, row->kind, p->t);
    n->name_span = n->node.span;
    p->t++;
    return row->parse(p, n);
}

struct kql_node *kql_need_op(struct kql_parser *p)
{
    const struct kql_syntax_row *row = kql_op_at(p);
    if (row && row->kind != KQL_DATATABLE && row->kind != KQL_EXTERNALDATA)
        return kql_parse_op(p, row);
    struct kql_node *n = kql_error_node(p);
    if (p->t->kind != TK_WORD) {
        kql_expected(p, "an operator such as where, project or summarize");
        p->t += kql_at(p, P_BAR) && !(p->t->flags & TF_SPACE); /* a || b */
        kql_skip(p);
        return n;
    }
    struct str names[sizeof kql_syntax_rows / sizeof *kql_syntax_rows];
    for (size_t i = 0; i < kql_syntax_nrows; i++)
        names[i] = str_z(kql_syntax_rows[i].name);
    struct str w = kql_text(p, p->t), near = str_nearest(w, names, kql_syntax_nrows);
    const char *hint = kql_slip_operator(w);
    if (!hint && near.n)
        hint = arena_printf(p->a, "did you mean '%.*s'?", STR_ARG(near));
    kql_error(p, hint, "unknown operator '%.*s'", STR_ARG(w));
    n->span = (struct span){ p->t->offset, p->t->len };
    p->t++;
    kql_skip(p);
    return n;
}
