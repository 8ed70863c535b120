/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of every node as data, and the few functions over it.
 *
 * Invariant: kql_kinds[] tells each member of each struct of ast.h that a reader of the tree may want,
 * children in the order of the text. A new node needs its row here; dump, walk and reference finder need no
 * change.
 */
#include "ast.h"

#include <assert.h>

/* clang-format off */
#define FIELD(type, member, kf) {#member, kf, offsetof(struct type, member)}
#define PARAMS {"params", KF_LIST, offsetof(struct kql_op, params)}
#define END {NULL, KF_NODE, 0}
/* clang-format on */

static const struct kql_field literal_fields[] = {
    FIELD(kql_literal, type, KF_TYPE),
    FIELD(kql_literal, is_null, KF_BOOL),
    FIELD(kql_literal, v, KF_VALUE),
    FIELD(kql_literal, text, KF_STR),
    END,
};

static const struct kql_field name_fields[] = {
    FIELD(kql_name, name, KF_STR),
    FIELD(kql_name, quoted, KF_BOOL),
    FIELD(kql_name, wildcard, KF_BOOL),
    END,
};

static const struct kql_field path_fields[] = {
    FIELD(kql_path, object, KF_NODE),
    FIELD(kql_path, member, KF_NODE),
    END,
};

static const struct kql_field index_fields[] = {
    FIELD(kql_index, object, KF_NODE),
    FIELD(kql_index, index, KF_NODE),
    END,
};

static const struct kql_field call_fields[] = {
    FIELD(kql_call, name, KF_NODE),
    FIELD(kql_call, params, KF_LIST),
    FIELD(kql_call, args, KF_LIST),
    END,
};

static const struct kql_field named_fields[] = {
    FIELD(kql_named, names, KF_LIST),
    FIELD(kql_named, tuple, KF_BOOL),
    FIELD(kql_named, value, KF_NODE),
    END,
};

static const struct kql_field unary_fields[] = {
    FIELD(kql_unary, op, KF_OP),
    FIELD(kql_unary, operand, KF_NODE),
    END,
};

static const struct kql_field binary_fields[] = {
    FIELD(kql_binary, op, KF_OP),
    FIELD(kql_binary, left, KF_NODE),
    FIELD(kql_binary, right, KF_NODE),
    END,
};

static const struct kql_field in_fields[] = {
    FIELD(kql_in, op, KF_OP),
    FIELD(kql_in, left, KF_NODE),
    FIELD(kql_in, items, KF_LIST),
    END,
};

static const struct kql_field between_fields[] = {
    FIELD(kql_between, negated, KF_BOOL),
    FIELD(kql_between, operand, KF_NODE),
    FIELD(kql_between, low, KF_NODE),
    FIELD(kql_between, high, KF_NODE),
    END,
};

static const struct kql_field paren_fields[] = {
    FIELD(kql_paren, inner, KF_NODE),
    END,
};

static const struct kql_field typeof_fields[] = {
    FIELD(kql_typeof, types, KF_LIST),
    END,
};

static const struct kql_field ordered_fields[] = {
    FIELD(kql_ordered, value, KF_NODE),
    FIELD(kql_ordered, dir, KF_DIR),
    FIELD(kql_ordered, nulls, KF_NULLS),
    END,
};

static const struct kql_field coldecl_fields[] = {
    FIELD(kql_coldecl, name, KF_NODE),  FIELD(kql_coldecl, type_text, KF_STR),
    FIELD(kql_coldecl, type, KF_TYPE),  FIELD(kql_coldecl, tabular, KF_NODE),
    FIELD(kql_coldecl, value, KF_NODE), END,
};

static const struct kql_field schema_fields[] = {
    FIELD(kql_schema, columns, KF_LIST),
    END,
};

static const struct kql_field param_fields[] = {
    FIELD(kql_param, name, KF_STR),
    FIELD(kql_param, value, KF_NODE),
    FIELD(kql_param, values, KF_LIST),
    END,
};

static const struct kql_field lambda_fields[] = {
    FIELD(kql_lambda, view, KF_BOOL),
    FIELD(kql_lambda, params, KF_LIST),
    FIELD(kql_lambda, statements, KF_LIST),
    FIELD(kql_lambda, body, KF_NODE),
    END,
};

static const struct kql_field pipe_fields[] = {
    FIELD(kql_pipe, source, KF_NODE),
    FIELD(kql_pipe, ops, KF_LIST),
    END,
};

static const struct kql_field op_expr_fields[] = {
    PARAMS,
    FIELD(kql_op_expr, expr, KF_NODE),
    END,
};

static const struct kql_field op_list_fields[] = {
    PARAMS,
    FIELD(kql_op_list, items, KF_LIST),
    END,
};

static const struct kql_field op_summarize_fields[] = {
    PARAMS,
    FIELD(kql_op_summarize, aggregates, KF_LIST),
    FIELD(kql_op_summarize, has_by, KF_BOOL),
    FIELD(kql_op_summarize, by, KF_LIST),
    FIELD(kql_op_summarize, by_bin, KF_NODE),
    END,
};

static const struct kql_field op_top_fields[] = {
    PARAMS, FIELD(kql_op_top, count, KF_NODE), FIELD(kql_op_top, of, KF_NODE), FIELD(kql_op_top, by, KF_NODE),
    END,
};

static const struct kql_field nested_level_fields[] = {
    FIELD(kql_nested_level, count, KF_NODE),
    FIELD(kql_nested_level, of, KF_NODE),
    FIELD(kql_nested_level, others, KF_NODE),
    FIELD(kql_nested_level, by, KF_NODE),
    END,
};

static const struct kql_field op_name_fields[] = {
    PARAMS,
    FIELD(kql_op_name, name, KF_NODE),
    END,
};

static const struct kql_field op_join_fields[] = {
    PARAMS,
    FIELD(kql_op_join, right, KF_NODE),
    FIELD(kql_op_join, on, KF_LIST),
    FIELD(kql_op_join, where, KF_NODE),
    END,
};

static const struct kql_field op_parse_fields[] = {
    PARAMS,
    FIELD(kql_op_parse, source, KF_NODE),
    FIELD(kql_op_parse, pattern, KF_LIST),
    END,
};

static const struct kql_field op_parse_kv_fields[] = {
    PARAMS,
    FIELD(kql_op_parse_kv, source, KF_NODE),
    FIELD(kql_op_parse_kv, keys, KF_NODE),
    FIELD(kql_op_parse_kv, with, KF_LIST),
    END,
};

static const struct kql_field op_mv_fields[] = {
    PARAMS,
    FIELD(kql_op_mv, columns, KF_LIST),
    FIELD(kql_op_mv, limit, KF_NODE),
    FIELD(kql_op_mv, id, KF_NODE),
    FIELD(kql_op_mv, sub, KF_NODE),
    END,
};

static const struct kql_field mv_column_fields[] = {
    FIELD(kql_mv_column, value, KF_NODE),
    FIELD(kql_mv_column, to, KF_NODE),
    END,
};

static const struct kql_field op_make_series_fields[] = {
    PARAMS,
    FIELD(kql_op_make_series, items, KF_LIST),
    FIELD(kql_op_make_series, on, KF_NODE),
    FIELD(kql_op_make_series, in_range, KF_BOOL),
    FIELD(kql_op_make_series, from, KF_NODE),
    FIELD(kql_op_make_series, to, KF_NODE),
    FIELD(kql_op_make_series, step, KF_NODE),
    FIELD(kql_op_make_series, has_by, KF_BOOL),
    FIELD(kql_op_make_series, by, KF_LIST),
    END,
};

static const struct kql_field series_item_fields[] = {
    FIELD(kql_series_item, value, KF_NODE),
    FIELD(kql_series_item, fallback, KF_NODE),
    END,
};

static const struct kql_field op_evaluate_fields[] = {
    PARAMS,
    FIELD(kql_op_evaluate, call, KF_NODE),
    FIELD(kql_op_evaluate, schema, KF_NODE),
    END,
};

static const struct kql_field op_render_fields[] = {
    PARAMS,
    FIELD(kql_op_render, chart, KF_NODE),
    FIELD(kql_op_render, with, KF_LIST),
    END,
};

static const struct kql_field op_range_fields[] = {
    PARAMS,
    FIELD(kql_op_range, name, KF_NODE),
    FIELD(kql_op_range, from, KF_NODE),
    FIELD(kql_op_range, to, KF_NODE),
    FIELD(kql_op_range, step, KF_NODE),
    END,
};

static const struct kql_field op_data_fields[] = {
    PARAMS,
    FIELD(kql_op_data, schema, KF_NODE),
    FIELD(kql_op_data, values, KF_LIST),
    FIELD(kql_op_data, with, KF_LIST),
    END,
};

static const struct kql_field op_search_fields[] = {
    PARAMS,
    FIELD(kql_op_search, tables, KF_LIST),
    FIELD(kql_op_search, predicate, KF_NODE),
    END,
};

static const struct kql_field op_find_fields[] = {
    PARAMS,
    FIELD(kql_op_find, tables, KF_LIST),
    FIELD(kql_op_find, predicate, KF_NODE),
    FIELD(kql_op_find, smart, KF_BOOL),
    FIELD(kql_op_find, project, KF_LIST),
    FIELD(kql_op_find, away, KF_LIST),
    END,
};

static const struct kql_field op_fields[] = {
    PARAMS,
    END,
};

static const struct kql_field op_reduce_fields[] = {
    PARAMS,
    FIELD(kql_op_reduce, by, KF_NODE),
    FIELD(kql_op_reduce, with, KF_LIST),
    END,
};

static const struct kql_field op_scan_fields[] = {
    PARAMS,
    FIELD(kql_op_scan, order_by, KF_LIST),
    FIELD(kql_op_scan, partition_by, KF_LIST),
    FIELD(kql_op_scan, declare, KF_LIST),
    FIELD(kql_op_scan, steps, KF_LIST),
    END,
};

static const struct kql_field scan_step_fields[] = {
    FIELD(kql_scan_step, name, KF_NODE),        FIELD(kql_scan_step, optional, KF_BOOL),
    FIELD(kql_scan_step, output, KF_NODE),      FIELD(kql_scan_step, condition, KF_NODE),
    FIELD(kql_scan_step, assignments, KF_LIST), END,
};

static const struct kql_field op_partition_fields[] = {
    PARAMS,
    FIELD(kql_op_partition, by, KF_NODE),
    FIELD(kql_op_partition, id, KF_NODE),
    FIELD(kql_op_partition, in, KF_NODE),
    FIELD(kql_op_partition, statements, KF_LIST),
    FIELD(kql_op_partition, braces, KF_BOOL),
    FIELD(kql_op_partition, sub, KF_NODE),
    END,
};

static const struct kql_field fork_branch_fields[] = {
    FIELD(kql_fork_branch, name, KF_NODE),
    FIELD(kql_fork_branch, sub, KF_NODE),
    END,
};

static const struct kql_field op_facet_fields[] = {
    PARAMS,
    FIELD(kql_op_facet, by, KF_LIST),
    FIELD(kql_op_facet, sub, KF_NODE),
    END,
};

static const struct kql_field op_macro_expand_fields[] = {
    PARAMS,
    FIELD(kql_op_macro_expand, group, KF_NODE),
    FIELD(kql_op_macro_expand, alias, KF_NODE),
    FIELD(kql_op_macro_expand, statements, KF_LIST),
    END,
};

static const struct kql_field op_make_graph_fields[] = {
    PARAMS,
    FIELD(kql_op_make_graph, source, KF_NODE),
    FIELD(kql_op_make_graph, target, KF_NODE),
    FIELD(kql_op_make_graph, directed, KF_BOOL),
    FIELD(kql_op_make_graph, nodes, KF_LIST),
    FIELD(kql_op_make_graph, node_id, KF_NODE),
    FIELD(kql_op_make_graph, partition_by, KF_NODE),
    FIELD(kql_op_make_graph, sub, KF_NODE),
    END,
};

static const struct kql_field graph_nodes_fields[] = {
    FIELD(kql_graph_nodes, table, KF_NODE),
    FIELD(kql_graph_nodes, key, KF_NODE),
    END,
};

static const struct kql_field op_graph_match_fields[] = {
    PARAMS,
    FIELD(kql_op_graph_match, patterns, KF_LIST),
    FIELD(kql_op_graph_match, where, KF_NODE),
    FIELD(kql_op_graph_match, has_project, KF_BOOL),
    FIELD(kql_op_graph_match, project, KF_LIST),
    END,
};

static const struct kql_field graph_pattern_fields[] = {
    FIELD(kql_graph_pattern, items, KF_LIST),
    END,
};

static const struct kql_field graph_node_fields[] = {
    FIELD(kql_graph_node, name, KF_NODE),
    END,
};

static const struct kql_field graph_edge_fields[] = {
    FIELD(kql_graph_edge, name, KF_NODE),
    FIELD(kql_graph_edge, left, KF_BOOL),
    FIELD(kql_graph_edge, right, KF_BOOL),
    FIELD(kql_graph_edge, variable, KF_BOOL),
    FIELD(kql_graph_edge, low, KF_NODE),
    FIELD(kql_graph_edge, high, KF_NODE),
    END,
};

static const struct kql_field graph_output_fields[] = {
    FIELD(kql_graph_output, entity, KF_NODE),
    FIELD(kql_graph_output, as, KF_NODE),
    FIELD(kql_graph_output, params, KF_LIST),
    END,
};

static const struct kql_field let_fields[] = {
    FIELD(kql_let, name, KF_NODE),
    FIELD(kql_let, value, KF_NODE),
    END,
};

static const struct kql_field expr_statement_fields[] = {
    FIELD(kql_expr_statement, expr, KF_NODE),
    END,
};

static const struct kql_field set_fields[] = {
    FIELD(kql_set, name, KF_NODE),
    FIELD(kql_set, value, KF_NODE),
    END,
};

static const struct kql_field declare_fields[] = {
    FIELD(kql_declare, columns, KF_LIST),
    END,
};

static const struct kql_field pattern_fields[] = {
    FIELD(kql_pattern, name, KF_NODE),
    FIELD(kql_pattern, params, KF_LIST),
    FIELD(kql_pattern, path, KF_NODE),
    FIELD(kql_pattern, matches, KF_LIST),
    END,
};

static const struct kql_field pattern_match_fields[] = {
    FIELD(kql_pattern_match, values, KF_LIST),
    FIELD(kql_pattern_match, path, KF_NODE),
    FIELD(kql_pattern_match, body, KF_NODE),
    END,
};

static const struct kql_field restrict_fields[] = {
    FIELD(kql_restrict, items, KF_LIST),
    END,
};

static const struct kql_field no_fields[] = { END };

const struct kql_kind_row kql_kinds[KQL_NKINDS] = {
    [KQL_ERROR] = { "error", sizeof(struct kql_error), no_fields },
    [KQL_LITERAL] = { "literal", sizeof(struct kql_literal), literal_fields },
    [KQL_NAME] = { "name", sizeof(struct kql_name), name_fields },
    [KQL_STAR] = { "star", sizeof(struct kql_node), no_fields },
    [KQL_PATH] = { "path", sizeof(struct kql_path), path_fields },
    [KQL_INDEX] = { "index", sizeof(struct kql_index), index_fields },
    [KQL_CALL] = { "call", sizeof(struct kql_call), call_fields },
    [KQL_NAMED] = { "named", sizeof(struct kql_named), named_fields },
    [KQL_UNARY] = { "unary", sizeof(struct kql_unary), unary_fields },
    [KQL_BINARY] = { "binary", sizeof(struct kql_binary), binary_fields },
    [KQL_IN] = { "in", sizeof(struct kql_in), in_fields },
    [KQL_BETWEEN] = { "between", sizeof(struct kql_between), between_fields },
    [KQL_PAREN] = { "paren", sizeof(struct kql_paren), paren_fields },
    [KQL_TYPEOF] = { "typeof", sizeof(struct kql_typeof), typeof_fields },
    [KQL_ORDERED] = { "ordered", sizeof(struct kql_ordered), ordered_fields },
    [KQL_COLDECL] = { "coldecl", sizeof(struct kql_coldecl), coldecl_fields },
    [KQL_SCHEMA] = { "schema", sizeof(struct kql_schema), schema_fields },
    [KQL_PARAM] = { "param", sizeof(struct kql_param), param_fields },
    [KQL_LAMBDA] = { "lambda", sizeof(struct kql_lambda), lambda_fields },
    [KQL_PIPE] = { "pipe", sizeof(struct kql_pipe), pipe_fields },
    [KQL_WHERE] = { "where", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_EXTEND] = { "extend", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT] = { "project", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT_AWAY] = { "project-away", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT_KEEP] = { "project-keep", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT_RENAME] = { "project-rename", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT_REORDER] = { "project-reorder", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PROJECT_BY_NAMES] = { "project-by-names", sizeof(struct kql_op_list), op_list_fields },
    [KQL_DISTINCT] = { "distinct", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PRINT] = { "print", sizeof(struct kql_op_list), op_list_fields },
    [KQL_SERIALIZE] = { "serialize", sizeof(struct kql_op_list), op_list_fields },
    [KQL_SUMMARIZE] = { "summarize", sizeof(struct kql_op_summarize), op_summarize_fields },
    [KQL_SORT] = { "sort", sizeof(struct kql_op_list), op_list_fields },
    [KQL_TOP] = { "top", sizeof(struct kql_op_top), op_top_fields },
    [KQL_TOP_NESTED] = { "top-nested", sizeof(struct kql_op_list), op_list_fields },
    [KQL_NESTED_LEVEL] = { "nested-level", sizeof(struct kql_nested_level), nested_level_fields },
    [KQL_TOP_HITTERS] = { "top-hitters", sizeof(struct kql_op_top), op_top_fields },
    [KQL_TAKE] = { "take", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_SAMPLE] = { "sample", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_SAMPLE_DISTINCT] = { "sample-distinct", sizeof(struct kql_op_top), op_top_fields },
    [KQL_COUNT] = { "count", sizeof(struct kql_op_name), op_name_fields },
    [KQL_JOIN] = { "join", sizeof(struct kql_op_join), op_join_fields },
    [KQL_LOOKUP] = { "lookup", sizeof(struct kql_op_join), op_join_fields },
    [KQL_UNION] = { "union", sizeof(struct kql_op_list), op_list_fields },
    [KQL_PARSE] = { "parse", sizeof(struct kql_op_parse), op_parse_fields },
    [KQL_PARSE_WHERE] = { "parse-where", sizeof(struct kql_op_parse), op_parse_fields },
    [KQL_PARSE_KV] = { "parse-kv", sizeof(struct kql_op_parse_kv), op_parse_kv_fields },
    [KQL_MV_EXPAND] = { "mv-expand", sizeof(struct kql_op_mv), op_mv_fields },
    [KQL_MV_APPLY] = { "mv-apply", sizeof(struct kql_op_mv), op_mv_fields },
    [KQL_MV_COLUMN] = { "mv-column", sizeof(struct kql_mv_column), mv_column_fields },
    [KQL_MAKE_SERIES] = { "make-series", sizeof(struct kql_op_make_series), op_make_series_fields },
    [KQL_SERIES_ITEM] = { "series-item", sizeof(struct kql_series_item), series_item_fields },
    [KQL_EVALUATE] = { "evaluate", sizeof(struct kql_op_evaluate), op_evaluate_fields },
    [KQL_RENDER] = { "render", sizeof(struct kql_op_render), op_render_fields },
    [KQL_RANGE] = { "range", sizeof(struct kql_op_range), op_range_fields },
    [KQL_DATATABLE] = { "datatable", sizeof(struct kql_op_data), op_data_fields },
    [KQL_EXTERNALDATA] = { "externaldata", sizeof(struct kql_op_data), op_data_fields },
    [KQL_SEARCH] = { "search", sizeof(struct kql_op_search), op_search_fields },
    [KQL_FIND] = { "find", sizeof(struct kql_op_find), op_find_fields },
    [KQL_GETSCHEMA] = { "getschema", sizeof(struct kql_op), op_fields },
    [KQL_REDUCE] = { "reduce", sizeof(struct kql_op_reduce), op_reduce_fields },
    [KQL_SCAN] = { "scan", sizeof(struct kql_op_scan), op_scan_fields },
    [KQL_SCAN_STEP] = { "scan-step", sizeof(struct kql_scan_step), scan_step_fields },
    [KQL_PARTITION] = { "partition", sizeof(struct kql_op_partition), op_partition_fields },
    [KQL_PARTITION_BY] = { "partition-by", sizeof(struct kql_op_partition), op_partition_fields },
    [KQL_FORK] = { "fork", sizeof(struct kql_op_list), op_list_fields },
    [KQL_FORK_BRANCH] = { "fork-branch", sizeof(struct kql_fork_branch), fork_branch_fields },
    [KQL_FACET] = { "facet", sizeof(struct kql_op_facet), op_facet_fields },
    [KQL_AS] = { "as", sizeof(struct kql_op_name), op_name_fields },
    [KQL_INVOKE] = { "invoke", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_CONSUME] = { "consume", sizeof(struct kql_op), op_fields },
    [KQL_ASSERT_SCHEMA] = { "assert-schema", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_EXECUTE_AND_CACHE] = { "execute-and-cache", sizeof(struct kql_op), op_fields },
    [KQL_MACRO_EXPAND] = { "macro-expand", sizeof(struct kql_op_macro_expand), op_macro_expand_fields },
    [KQL_MAKE_GRAPH] = { "make-graph", sizeof(struct kql_op_make_graph), op_make_graph_fields },
    [KQL_GRAPH_NODES] = { "graph-nodes", sizeof(struct kql_graph_nodes), graph_nodes_fields },
    [KQL_GRAPH_MATCH] = { "graph-match", sizeof(struct kql_op_graph_match), op_graph_match_fields },
    [KQL_GRAPH_PATHS] = { "graph-paths", sizeof(struct kql_op_graph_match), op_graph_match_fields },
    [KQL_GRAPH_PATTERN] = { "graph-pattern", sizeof(struct kql_graph_pattern), graph_pattern_fields },
    [KQL_GRAPH_NODE] = { "graph-node", sizeof(struct kql_graph_node), graph_node_fields },
    [KQL_GRAPH_EDGE] = { "graph-edge", sizeof(struct kql_graph_edge), graph_edge_fields },
    [KQL_GRAPH_TO_TABLE] = { "graph-to-table", sizeof(struct kql_op_list), op_list_fields },
    [KQL_GRAPH_OUTPUT] = { "graph-output", sizeof(struct kql_graph_output), graph_output_fields },
    [KQL_GRAPH_WHERE_NODES] = { "graph-where-nodes", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_GRAPH_WHERE_EDGES] = { "graph-where-edges", sizeof(struct kql_op_expr), op_expr_fields },
    [KQL_GRAPH_MARK] = { "graph-mark", sizeof(struct kql_op), op_fields },
    [KQL_LET] = { "let", sizeof(struct kql_let), let_fields },
    [KQL_EXPR_STATEMENT] = { "expr-statement", sizeof(struct kql_expr_statement), expr_statement_fields },
    [KQL_SET] = { "set", sizeof(struct kql_set), set_fields },
    [KQL_QUERY_PARAMETERS] = { "query-parameters", sizeof(struct kql_declare), declare_fields },
    [KQL_PATTERN] = { "pattern", sizeof(struct kql_pattern), pattern_fields },
    [KQL_PATTERN_MATCH] = { "pattern-match", sizeof(struct kql_pattern_match), pattern_match_fields },
    [KQL_ALIAS] = { "alias", sizeof(struct kql_let), let_fields },
    [KQL_RESTRICT] = { "restrict", sizeof(struct kql_restrict), restrict_fields },
};

static const char *const op_texts[KQL_NOPS] = {
    [KQL_OR] = "or",
    [KQL_AND] = "and",
    [KQL_EQ] = "==",
    [KQL_NE] = "!=",
    [KQL_LT] = "<",
    [KQL_LE] = "<=",
    [KQL_GT] = ">",
    [KQL_GE] = ">=",
    [KQL_ADD] = "+",
    [KQL_SUB] = "-",
    [KQL_MUL] = "*",
    [KQL_DIV] = "/",
    [KQL_MOD] = "%",
    [KQL_EQ_CI] = "=~",
    [KQL_NE_CI] = "!~",
    [KQL_COLON] = ":",
    [KQL_HAS] = "has",
    [KQL_NOT_HAS] = "!has",
    [KQL_HAS_CS] = "has_cs",
    [KQL_NOT_HAS_CS] = "!has_cs",
    [KQL_HASPREFIX] = "hasprefix",
    [KQL_NOT_HASPREFIX] = "!hasprefix",
    [KQL_HASPREFIX_CS] = "hasprefix_cs",
    [KQL_NOT_HASPREFIX_CS] = "!hasprefix_cs",
    [KQL_HASSUFFIX] = "hassuffix",
    [KQL_NOT_HASSUFFIX] = "!hassuffix",
    [KQL_HASSUFFIX_CS] = "hassuffix_cs",
    [KQL_NOT_HASSUFFIX_CS] = "!hassuffix_cs",
    [KQL_CONTAINS] = "contains",
    [KQL_NOT_CONTAINS] = "!contains",
    [KQL_CONTAINS_CS] = "contains_cs",
    [KQL_NOT_CONTAINS_CS] = "!contains_cs",
    [KQL_STARTSWITH] = "startswith",
    [KQL_NOT_STARTSWITH] = "!startswith",
    [KQL_STARTSWITH_CS] = "startswith_cs",
    [KQL_NOT_STARTSWITH_CS] = "!startswith_cs",
    [KQL_ENDSWITH] = "endswith",
    [KQL_NOT_ENDSWITH] = "!endswith",
    [KQL_ENDSWITH_CS] = "endswith_cs",
    [KQL_NOT_ENDSWITH_CS] = "!endswith_cs",
    [KQL_MATCHES_REGEX] = "matches regex",
    [KQL_LIKE] = "like",
    [KQL_NOT_LIKE] = "notlike",
    [KQL_LIKE_CS] = "likecs",
    [KQL_NOT_LIKE_CS] = "notlikecs",
    [KQL_OP_IN] = "in",
    [KQL_OP_NOT_IN] = "!in",
    [KQL_OP_IN_CI] = "in~",
    [KQL_OP_NOT_IN_CI] = "!in~",
    [KQL_OP_HAS_ANY] = "has_any",
    [KQL_OP_HAS_ALL] = "has_all",
    [KQL_PLUS] = "+",
    [KQL_MINUS] = "-",
};

const char *kql_op_text(enum kql_op_code op)
{
    assert(op < KQL_NOPS);
    return op_texts[op];
}

struct kql_param *kql_list_param(const struct kql_list *params, const char *name)
{
    for (size_t i = 0; i < params->n; i++) {
        struct kql_param *p = KQL_AS(kql_param, params->items[i]);
        if (p->node.kind == KQL_PARAM && str_eqz(p->name, name))
            return p;
    }
    return NULL;
}

struct kql_param *kql_op_param(const struct kql_op *op, const char *name)
{
    return kql_list_param(&op->params, name);
}

struct str kql_param_word(const struct kql_param *p)
{
    if (p && p->value && p->value->kind == KQL_NAME)
        return KQL_AS(kql_name, p->value)->name;
    if (p && p->value && p->value->kind == KQL_LITERAL)
        return KQL_AS(kql_literal, p->value)->text;
    return STR("");
}

bool kql_param_flag(const struct kql_param *p)
{
    const struct kql_literal *v = p && p->value ? (const struct kql_literal *)p->value : NULL;
    return v && v->node.kind == KQL_LITERAL && v->type == HB_BOOL && v->v.b;
}

struct kql_node *kql_left(const struct kql_node *n)
{
    switch (n->kind) {
    case KQL_BINARY: return KQL_AS(kql_binary, n)->left;
    case KQL_PATH: return KQL_AS(kql_path, n)->object;
    case KQL_INDEX: return KQL_AS(kql_index, n)->object;
    default: return NULL;
    }
}

void *kql_node_new(struct arena *a, enum kql_kind kind, struct span span)
{
    struct kql_node *n = arena_alloc(a, kql_kinds[kind].size);
    n->kind = kind;
    n->span = span;
    return n;
}

bool kql_each_child(const struct kql_node *n, bool (*f)(void *ctx, const char *field, struct kql_node *child),
                    void *ctx)
{
    for (const struct kql_field *row = kql_kinds[n->kind].fields; row->name; row++) {
        const void *at = (const char *)n + row->offset;
        if (row->type == KF_NODE) {
            struct kql_node *child = *(struct kql_node *const *)at;
            if (child && !f(ctx, row->name, child))
                return false;
        } else if (row->type == KF_LIST) {
            const struct kql_list *list = at;
            for (size_t i = 0; i < list->n; i++)
                if (!f(ctx, row->name, list->items[i]))
                    return false;
        }
    }
    return true;
}
