/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a query look at each row of one table by itself? Then it may be asked in parts: what it gives for a part of the rows
 * is that part of what it gives for all.
 */
#include "ast.h"
#include "hb/kql.h"

static const enum kql_kind row_wise[] = {
    KQL_WHERE,          KQL_EXTEND,          KQL_PROJECT, KQL_PROJECT_AWAY, KQL_PROJECT_KEEP,
    KQL_PROJECT_RENAME, KQL_PROJECT_REORDER, KQL_PARSE,   KQL_PARSE_WHERE,  KQL_PARSE_KV,
};

static bool is_row_wise(enum kql_kind kind)
{
    for (size_t i = 0; i < sizeof row_wise / sizeof *row_wise; i++)
        if (row_wise[i] == kind)
            return true;
    return false;
}

bool kql_row_by_row(const struct kql_ast *ast, struct kql_row_by_row *out)
{
    if (!ast->ok || !ast->statements.n)
        return false;
    const struct kql_node *last = ast->statements.items[ast->statements.n - 1];
    if (last->kind == KQL_EXPR_STATEMENT)
        last = KQL_AS(kql_expr_statement, last)->expr;
    if (last->kind != KQL_PIPE)
        return false;
    const struct kql_pipe *pipe = KQL_AS(kql_pipe, last);
    if (!pipe->source || pipe->source->kind != KQL_NAME)
        return false;
    out->table = KQL_AS(kql_name, pipe->source)->name;
    out->place = pipe->source->span;
    out->conditions_end = out->place.offset + out->place.len;
    bool leading = true;
    for (size_t i = 0; i < pipe->ops.n; i++) {
        const struct kql_node *op = pipe->ops.items[i];
        if (!is_row_wise(op->kind))
            return false;
        leading &= op->kind == KQL_WHERE;
        if (leading)
            out->conditions_end = op->span.offset + op->span.len;
    }
    return true;
}
