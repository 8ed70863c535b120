/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a query failed while it ran.
 *
 * What the compiler foresees it writes into the SQL as error('@offset+length text') (sql_fault), and kql_fault reads that back. For
 * what it does not, kql_failing_step asks which steps of the query's pipe can be run: the first that cannot is the place.
 */
#include "bound.h"

const char *sql_place(struct binder *b, struct span at)
{
    struct span s = b->pin.len ? b->pin : at;
    return arena_printf(b->a, "@%zu+%zu ", s.offset, s.len);
}

const char *sql_fault(struct binder *b, struct span at, const char *text)
{
    return arena_printf(b->a, "error('%s%s')", sql_place(b, at), text);
}

static bool read_number(struct str s, size_t *at, size_t *out)
{
    size_t from = *at;
    *out = 0;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && *out < SIZE_MAX / 16; (*at)++)
        *out = *out * 10 + (size_t)(s.p[*at] - '0');
    return *at > from;
}

bool kql_fault(struct str error, struct span *place, struct str *text)
{
    struct span s;
    size_t at = 1;
    if (!error.n || error.p[0] != '@' || !read_number(error, &at, &s.offset) || at >= error.n ||
        error.p[at++] != '+' || !read_number(error, &at, &s.len) || at >= error.n || error.p[at] != ' ')
        return false;
    *place = s;
    *text = str_sub(error, at + 1, error.n);
    return true;
}

bool kql_failing_step(struct arena *a, const struct source *src, kql_fails_fn *fails, void *ctx,
                      struct span *out)
{
    struct diags ignored;
    diags_init(&ignored, a);
    const struct kql_ast *ast = kql_parse(a, src, &ignored);
    if (!ast->ok || !ast->statements.n)
        return false;
    const struct kql_node *last = ast->statements.items[ast->statements.n - 1];
    if (last->kind == KQL_EXPR_STATEMENT)
        last = KQL_AS(kql_expr_statement, last)->expr;
    *out = last->span;
    if (last->kind != KQL_PIPE || !KQL_AS(kql_pipe, last)->source)
        return true;
    const struct kql_pipe *pipe = KQL_AS(kql_pipe, last);
    size_t runs = 0, stops = pipe->ops.n; /* so many steps, with the source, run; so many do not */
    while (runs < stops) {
        size_t steps = runs + (stops - runs) / 2;
        const struct kql_node *end = steps ? pipe->ops.items[steps - 1] : pipe->source;
        if (fails(ctx, str_sub(src->text, 0, end->span.offset + end->span.len)))
            stops = steps;
        else
            runs = steps + 1;
    }
    *out = stops ? pipe->ops.items[stops - 1]->span : pipe->source->span;
    return true;
}
