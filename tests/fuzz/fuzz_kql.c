/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as KQL: lexer, parser of queries and of expressions, their dumps, and diagnostics with their carets.
 * An error has a place within the text.
 */
#include <assert.h>

#include "hb/kql.h"

#include "fuzz.h"

static void check(const struct kql_ast *ast, const struct source *src, const struct diags *d)
{
    struct buf out = BUF_INIT;
    assert(kql_ast_ok(ast) == (d->errors == 0));
    for (size_t i = 0; i < d->n; i++) {
        const struct span s = d->items[i].span;
        assert(s.offset <= src->text.n && s.len <= src->text.n - s.offset);
        diag_print(&out, &d->items[i], true);
    }
    kql_dump_ast(&out, ast);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "a query");
    struct source src = { STR("query"), { (const char *)data, size } };
    struct diags d;
    struct buf out = BUF_INIT;
    kql_dump_tokens(&out, &src);
    buf_free(&out);
    diags_init(&d, a);
    check(kql_parse(a, &src, &d), &src, &d);
    diags_init(&d, a);
    check(kql_parse_expr(a, &src, &d), &src, &d);
    arena_free(a);
    return 0;
}
