/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the KQL lexer and parser, the dumps, and the reference finder.
 *
 * Checked: no crash, leak or hang; a tree that was refused has a diagnostic; spans lie inside the text and references are
 * in order. The first byte chooses between a query and a lone expression.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "hb/kql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 20000)
        return 0;
    struct arena *a = arena_new((size_t)512 << 20, "fuzzing");
    struct source src = { STR("fuzz"), { (const char *)data + 1, size - 1 } };
    struct diags diags;
    diags_init(&diags, a);
    struct kql_ast *ast = (data[0] & 1) ? kql_parse_expr(a, &src, &diags) : kql_parse(a, &src, &diags);
    assert(kql_ast_ok(ast) == (diags.errors == 0));
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < diags.n; i++) {
        assert(diags.items[i].span.offset + diags.items[i].span.len <= src.text.n);
        diag_print(&out, &diags.items[i], false);
    }
    kql_dump_tokens(&out, &src);
    kql_dump_ast(&out, ast);
    struct kql_refs refs = kql_references(a, ast);
    for (size_t i = 0; i < refs.n; i++) {
        assert(refs.items[i].span.offset + refs.items[i].span.len <= src.text.n);
        assert(!i || refs.items[i - 1].span.offset <= refs.items[i].span.offset);
    }
    buf_free(&out);
    arena_free(a);
    return 0;
}
