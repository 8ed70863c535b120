/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators on graphs, and macro-expand: rarely used, so apart from parse_op.c; the same conventions hold.
 */
#include "parse.h"

/* SYNTAX: table on key */
static struct kql_node *graph_nodes(struct kql_parser *p)
{
    const struct kql_token *start = p->t;
    struct kql_node *table = kql_parse_postfix(p);
    if (!table)
        return NULL;
    struct kql_graph_nodes *n = kql_new(p, KQL_GRAPH_NODES, start);
    n->table = table;
    kql_need_word(p, "on");
    n->key = kql_need_name(p, "a key column");
    return kql_done(p, n);
}

/* SYNTAX: partitioned-by column ( sub-query ) */
static void partitioned_by(struct kql_parser *p, struct kql_op_make_graph *n)
{
    n->partition_by = kql_need_name(p, "a column");
    n->sub = kql_need_subquery(p, false);
}

/* SYNTAX: make-graph [hints] source (--> | --) target [with table on key, ... | with_node_id = name]
 * [partitioned-by ..] */
struct kql_node *kql_op_make_graph(struct kql_parser *p, void *node)
{
    struct kql_op_make_graph *n = node;
    kql_params(p, &n->op.params, NULL);
    n->source = kql_need_name(p, "the source column");
    n->directed = kql_take_text(p, "-->");
    if (!n->directed && !kql_take_text(p, "--"))
        kql_expected(p, "'-->'");
    n->target = kql_need_name(p, "the target column");
    if (kql_take_word(p, "with_node_id")) {
        kql_need(p, P_ASSIGN);
        n->node_id = kql_need_name(p, "a column name");
    } else if (kql_take_word(p, "with")) {
        kql_comma_list(p, &n->nodes, graph_nodes, KQL_SOME, "a table of nodes");
    }
    if (kql_take_word(p, "partitioned-by"))
        partitioned_by(p, n);
    return kql_done(p, node);
}

/* SYNTAX: ( [name] ) */
static struct kql_node *graph_node(struct kql_parser *p)
{
    if (!kql_at(p, P_LPAREN))
        return NULL;
    struct kql_graph_node *n = kql_new(p, KQL_GRAPH_NODE, p->t++);
    n->name = kql_parse_name(p);
    kql_need_close(p, P_RPAREN);
    return kql_done(p, n);
}

static struct kql_node *edge_bound(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_postfix(p);
    if (n)
        return n;
    kql_expected(p, "a number");
    return kql_error_node(p);
}

/* SYNTAX: --> | <-- | -- | (-[ | <-[) [name] [* low .. high] (]-> | ]-) */
static struct kql_node *graph_edge(struct kql_parser *p)
{
    struct kql_graph_edge *n = kql_new(p, KQL_GRAPH_EDGE, p->t);
    if ((n->right = kql_take_text(p, "-->")) || (n->left = kql_take_text(p, "<--")) || kql_take_text(p, "--"))
        return kql_done(p, n);
    n->left = kql_take_text(p, "<-[");
    if (!n->left && !kql_take_text(p, "-["))
        return NULL;
    n->name = kql_parse_name(p);
    n->variable = kql_take(p, P_STAR);
    if (n->variable) {
        n->low = edge_bound(p);
        kql_need(p, P_DOTDOT);
        n->high = edge_bound(p);
    }
    n->right = kql_take_text(p, "]->");
    if (!n->right && !kql_take_text(p, "]-"))
        kql_expected(p, "']->' or ']-'");
    return kql_done(p, n);
}

/* SYNTAX: node { edge node } */
static struct kql_node *graph_pattern(struct kql_parser *p)
{
    struct kql_graph_pattern *n = kql_new(p, KQL_GRAPH_PATTERN, p->t);
    for (;;) {
        struct kql_node *part = graph_node(p);
        if (!part)
            part = graph_edge(p);
        if (!part)
            break;
        kql_push(p, &n->items, part);
    }
    return n->items.n ? kql_done(p, n) : NULL;
}

/* SYNTAX: graph-match|graph-shortest-paths [cycles=..] pattern, ... [where e] [project [name =] e, ...] */
struct kql_node *kql_op_graph_match(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "output", NULL };
    struct kql_op_graph_match *n = node;
    kql_params(p, &n->op.params, extra);
    kql_comma_list(p, &n->patterns, graph_pattern, KQL_SOME, "a pattern such as (a)-[e]->(b)");
    if (kql_take_word(p, "where"))
        n->where = kql_need_query(p);
    n->has_project = kql_take_word(p, "project");
    if (n->has_project)
        kql_comma_list(p, &n->project, kql_parse_named, KQL_SOME, "an expression");
    return kql_done(p, node);
}

/* SYNTAX: (nodes | edges) [as name] [params] */
static struct kql_node *graph_output(struct kql_parser *p)
{
    static const char *const extra[] = { "with_source_id", "with_target_id", "with_node_id", NULL };
    if (!kql_at_word(p, "nodes") && !kql_at_word(p, "edges"))
        return NULL;
    struct kql_graph_output *n = kql_new(p, KQL_GRAPH_OUTPUT, p->t);
    n->entity = kql_parse_name(p);
    if (kql_take_word(p, "as"))
        n->as = kql_need_name(p, "a name after 'as'");
    kql_params(p, &n->params, extra);
    return kql_done(p, n);
}

/* SYNTAX: graph-to-table output, ... */
struct kql_node *kql_op_graph_to_table(struct kql_parser *p, void *node)
{
    kql_comma_list(p, &KQL_AS(kql_op_list, node)->items, graph_output, KQL_SOME, "'nodes' or 'edges'");
    return kql_done(p, node);
}

/* SYNTAX: graph-where-nodes|graph-where-edges e */
struct kql_node *kql_op_graph_where(struct kql_parser *p, void *node)
{
    KQL_AS(kql_op_expr, node)->expr = kql_need_unnamed(p);
    return kql_done(p, node);
}

/* SYNTAX: graph-mark-components [kind=..] [with_component_id=..] */
struct kql_node *kql_op_graph_mark(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "with_component_id", NULL };
    kql_params(p, &KQL_AS(kql_op, node)->params, extra);
    return kql_done(p, node);
}

/* SYNTAX: macro-expand [params] (group [as name] | name in group) ( statements ) */
struct kql_node *kql_op_macro_expand(struct kql_parser *p, void *node)
{
    static const char *const extra[] = { "best_effort", NULL };
    struct kql_op_macro_expand *n = node;
    kql_params(p, &n->op.params, extra);
    if (kql_scan_name(p, 0) == 1 && kql_is_word(p, kql_peek(p, 1), "in")) {
        n->alias = kql_parse_name(p);
        p->t++;
    }
    if (kql_at_word(p, "entity_group") && !kql_scan_call(p, 0)) {
        struct kql_call *group = kql_new(p, KQL_CALL, p->t);
        group->name = kql_parse_name(p);
        if (kql_need(p, P_LBRACKET)) {
            kql_comma_list(p, &group->args, kql_parse_unnamed, KQL_SOME, "an expression");
            kql_need_close(p, P_RBRACKET);
        }
        n->group = kql_done(p, group);
    } else if (kql_at_word(p, "cluster") || kql_at_word(p, "database") || kql_at_word(p, "entity_group")) {
        n->group = kql_parse_entity(p);
    } else {
        n->group = (struct kql_node *)kql_parse_name(p);
    }
    if (!n->group) {
        kql_expected(p, "an entity group");
        n->group = kql_error_node(p);
    }
    if (!n->alias && kql_take_word(p, "as"))
        n->alias = kql_need_name(p, "a name after 'as'");
    if (kql_need(p, P_LPAREN) && kql_enter(p)) {
        kql_statements(p, &n->statements);
        kql_need_close(p, P_RPAREN);
        kql_leave(p);
    }
    return kql_done(p, node);
}
