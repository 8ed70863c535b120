/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown -> nodes: what becomes of each construct, and that nothing of it becomes active.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include <string.h>

#include "../../src/report/doc.h"

/* The nodes of `markdown` in the form of doc_dump, without the furniture. */
static const char *dump(struct arena *a, struct str markdown, struct str *values, size_t nvalues)
{
    struct doc d = { .arena = a, .root = doc_add(a, NULL, DOC_ROOT) };
    md_build(a, d.root, &(struct record_prose){ .markdown = markdown, .values = values, .nvalues = nvalues });
    struct buf b = BUF_INIT;
    doc_dump(&b, &d);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    const char *at = strstr(s.p, "document\n");
    assert_non_null(at);
    return at + strlen("document\n");
}

static void blocks(void **state)
{
    static const struct {
        const char *markdown, *nodes;
    } cases[] = {
        { "", "" },
        { "one\ntwo", "  para \"one two\"\n" },
        { "one  \ntwo", "  para \"one\" / \"two\"\n" },
        { "# a *b*", "  heading h1 \"a \" i\"b\"\n" },
        { "a **b *c*** ~~d~~ `e`", "  para \"a \" b\"b \" bi\"c\" \" \" s\"d\" \" \" c\"e\"\n" },
        { "- a\n- b", "  list tight\n    item\n      para \"a\"\n    item\n      para \"b\"\n" },
        { "3. a\n\n4. b", "  list loose from 3\n    item\n      para \"a\"\n    item\n      para \"b\"\n" },
        { "- [x] a\n- [ ] b",
          "  list tight\n    item [x]\n      para \"a\"\n    item [ ]\n      para \"b\"\n" },
        { "- a\n  - b", "  list tight\n    item\n      para \"a\"\n      list tight\n        item\n          "
                        "para \"b\"\n" },
        { "> a", "  quote\n    para \"a\"\n" },
        { "---", "  rule\n" },
        { "```kql\nT\n| take 5\n```", "  listing \"kql\" \"T\\u{A}| take 5\"\n" },
        { "|a|b|\n|---|--:|\n|*x*|1|", "  table 0 1 of 1 rows of 1\n    | a | b |\n    | x | 1 |\n" },
        { "&amp; &#x41; &nosuch; &#0;", "  para \"& A &nosuch; \xef\xbf\xbd\"\n" },
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(dump(a, str_z(cases[i].markdown), NULL, 0), cases[i].nodes);
    arena_free(a);
}

static void nothing_is_active(void **state)
{
    static const struct {
        const char *markdown, *nodes;
    } cases[] = {
        { "<b onclick=x>a</b>", "  para \"<b onclick=x>a</b>\"\n" },
        { "<script>alert(1)</script>", "  para \"<script>alert(1)</script>\"\n" },
        { "[a](javascript:alert(1))", "  para \"a\"\n" },
        { "[a](JAVASCRIPT:alert)", "  para \"a\"\n" },
        { "[a](&#106;avascript:alert)", "  para \"a\"\n" },
        { "[a](data:text/html,x)", "  para \"a\"\n" },
        { "[a](//host/x)", "  para \"a\"\n" },
        { "[a](#summary)", "  para \"a\"\n" },
        { "[a](https://h/\"x)", "  para \"a\" ->\"https://h/%22x\"\n" },
        { "[a](mailto:x@y.z)", "  para \"a\" ->\"mailto:x@y.z\"\n" },
        { "![a](https://h/x.png)", "  para i\"[image: a]\"\n" },
        { "a &#x202e; b \xe2\x80\xae c", "  para \"a \\u{202E} b \\u{202E} c\"\n" },
        { "bad \xff byte", "  para \"bad \\xFF byte\"\n" },
        { "\xf3\xb0\x80\x80 own \xee\x80\x80", "  para \"\\u{F0000} own \\u{E000}\"\n" },
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(dump(a, str_z(cases[i].markdown), NULL, 0), cases[i].nodes);
    arena_free(a);
}

/* A value is itself wherever its placeholder stands: it cannot end a link, a code span, a table or a line. */
static void values(void **state)
{
    static const struct {
        const char *markdown, *nodes;
    } cases[] = {
        { "x \xf3\xb0\x80\x80 y", "  para \"x \" v\"**a** | <b>`\" \" y\"\n" },
        { "**\xf3\xb0\x80\x80**", "  para bv\"**a** | <b>`\"\n" },
        { "`\xf3\xb0\x80\x80`", "  para cv\"**a** | <b>`\"\n" },
        { "[\xf3\xb0\x80\x80](https://h/?q=\xf3\xb0\x80\x81)",
          "  para v\"**a** | <b>`\" ->\"https://h/?q=x%26y%3D1%23%2F\"\n" },
        { "[a](\xf3\xb0\x80\x80)", "  para \"a\"\n" },
        { "```\n\xf3\xb0\x80\x80\n```", "  listing \"**a** | <b>`\"\n" },
        { "|h|\n|---|\n|\xf3\xb0\x80\x80|", "  table 0 1 of 1 rows of 1\n    | h |\n    | **a** | <b>` |\n" },
        { "\xf3\xb0\x80\x80\xf3\xb0\x80\x80", "  para v\"**a** | <b>`\" v\"**a** | <b>`\"\n" },
        { "\xf3\xb0\x80\x82 is beyond", "  para \"\\u{F0002} is beyond\"\n" },
    };
    (void)state;
    struct str v[] = { STR("**a** | <b>`"), STR("x&y=1#/") };
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(dump(a, str_z(cases[i].markdown), v, 2), cases[i].nodes);
    arena_free(a);
}

static int depth_of(const struct doc_node *n)
{
    int deepest = 0;
    for (const struct doc_node *k = n->first; k; k = k->next) {
        int d = depth_of(k);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct buf b = BUF_INIT;
    buf_pad(&b, '>', 3000);
    buf_puts(&b, " deep\n\n");
    for (size_t i = 0; i < 200; i++) {
        buf_pad(&b, ' ', i * 2);
        buf_puts(&b, "- item\n");
    }
    struct doc_node *root = doc_add(a, NULL, DOC_ROOT);
    md_build(a, root, &(struct record_prose){ .markdown = buf_view(&b) });
    assert_in_range(depth_of(root), 20, 32);
    buf_free(&b);
    arena_free(a);
}

static void prose_is_flat(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record_prose p = { .markdown = STR("# one\n\n- two **three**\n- four\n\n```\nfive\n```\n") };
    assert_string_equal(prose_plain(a, md_prose(a, &p)).p, "one two three four five\n");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),           cmocka_unit_test(nothing_is_active), cmocka_unit_test(values),
        cmocka_unit_test(depth_is_bounded), cmocka_unit_test(prose_is_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
