/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML -> nodes: what is accepted, how scalars are typed, and that every byte of a text leads back to its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hb/node.h"

struct fixture {
    struct arena *arena;
    struct diags diags;
    struct source source;
    const struct node *root;
};

static void parse_bytes(struct fixture *f, const char *text, size_t n)
{
    f->arena = arena_new(0, "test");
    diags_init(&f->diags, f->arena);
    f->source = (struct source){ STR("t.yaml"), { text, n } };
    f->root = node_parse(f->arena, &f->source, &f->diags);
}

static void parse(struct fixture *f, const char *text)
{
    parse_bytes(f, text, strlen(text));
}

static void done(struct fixture *f)
{
    arena_free(f->arena);
}

static void refused(const char *text, const char *place, const char *part)
{
    struct fixture f;
    parse(&f, text);
    assert_true(f.diags.errors > 0);
    struct buf b = BUF_INIT;
    diag_print(&b, &f.diags.items[0], false);
    if (strncmp(buf_z(&b), place, strlen(place)) != 0 || !strstr(buf_z(&b), part))
        fail_msg("wanted '%s' and '%s', got:\n%s", place, part, buf_z(&b));
    buf_free(&b);
    done(&f);
}

static void test_refused(void **state)
{
    (void)state;
    refused("", "t.yaml:1:1", "empty");
    refused("a: 1\na: 2\n", "t.yaml:2:1", "duplicate key 'a', first on line 1");
    refused("a: 1\n\"a\": 2\n", "t.yaml:2:1", "duplicate key");
    refused("a: !x 1\n", "t.yaml:1:4", "tags");
    refused("a: !!int 1\n", "t.yaml:1:4", "tags");
    refused("a: &a {b: 1}\nc:\n  <<: *a\n", "t.yaml:3:3", "merge");
    refused("a: 1\n---\nb: 1\n", "t.yaml:2:1", "second document");
    refused("a: &x [*x]\n", "t.yaml:1:8", "never ends");
    refused("a: *x\n", "t.yaml:1:4", "not there");
    refused("a:\n\t- b\n", "t.yaml:2:1", "tab");
    refused("a: |\n\tb\n", "t.yaml:2:1", "tab");
    refused("a: \"b\n", "t.yaml:1:4", "never closed");
    refused("a: b: c\n", "t.yaml:1:5", "':'");
    refused("a: @b\n", "t.yaml:1:4", "quotes");
    refused("a: \"\\d\"\n", "t.yaml:1:5", "escape");
    refused("a: {b: ${{ c }}, d: e}\n", "t.yaml:1:8", "in quotes");
    refused("? [a]\n: b\n", "t.yaml:1:3", "key must be a text");
    refused("a: x\xE2\x80\xA8y\n", "t.yaml:1:5", "separator");
    refused("a: x\ry\n", "t.yaml:1:5", "carriage return");
    refused("a: \xFF\n", "t.yaml:1:4", "UTF-8");
    refused("a: \x01\n", "t.yaml:1:4", "control");
    refused("a: \xC3\xA9 \xC3\xA9\nb: c: d\n", "t.yaml:2:5", "':'"); /* marks count characters, not bytes */
}

static void test_nul(void **state)
{
    (void)state;
    struct fixture f;
    parse_bytes(&f, "a: b\0c", 6);
    assert_null(f.root);
    assert_int_equal(f.diags.items[0].span.offset, 4);
    done(&f);
}

static void test_billion_laughs(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_puts(&b, "a0: &a0 x\n");
    for (int i = 1; i < 30; i++) {
        buf_printf(&b, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            buf_printf(&b, "%s*a%d", j ? "," : "", i - 1);
        buf_puts(&b, "]\n");
    }
    refused(buf_z(&b), "t.yaml:6:", "100000 nodes");
    buf_free(&b);
}

/* Text that is large once must not become huge through aliases. */
static void test_large_alias(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_puts(&b, "a: &a \"");
    buf_pad(&b, 'x', 1 << 20);
    buf_puts(&b, "\"\nb: [");
    for (int i = 0; i < 100; i++)
        buf_puts(&b, "*a,");
    buf_puts(&b, "]\n");
    refused(buf_z(&b), "t.yaml:2:", "100000 nodes");
    buf_free(&b);
}

/* Large inputs of every shape take time in proportion: these would take minutes if any step were quadratic. */
static void test_linear(void **state)
{
    (void)state;
    struct fixture f;
    struct buf b = BUF_INIT;
    buf_puts(&b, "a:\n");
    for (int i = 0; i < 45000; i++)
        buf_printf(&b, "  - &n%05d 1\n", i);
    buf_puts(&b, "b:\n");
    for (int i = 0; i < 45000; i++)
        buf_puts(&b, "  - *n00000\n");
    parse(&f, buf_z(&b));
    assert_int_equal(f.diags.errors, 0);
    done(&f);
    buf_clear(&b);
    buf_puts(&b, "a: |\n");
    for (int i = 0; i < 200000; i++)
        buf_puts(&b, "  line of text\n");
    parse(&f, buf_z(&b));
    const struct passage *p = &node_get(f.root, "a")->text;
    for (size_t i = 0; i + 13 < p->s.n; i += 13)
        assert_int_equal(passage_sub(f.arena, p, i, i + 13).npieces, 1);
    done(&f);
    buf_free(&b);
}

static void test_depth(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_pad(&b, '[', 5000);
    refused(buf_z(&b), "t.yaml:1:65", "64 levels");
    buf_clear(&b);
    buf_pad(&b, '[', 64);
    buf_pad(&b, ']', 64);
    struct fixture f;
    parse(&f, buf_z(&b));
    assert_non_null(f.root);
    assert_int_equal(f.root->weight, 64);
    done(&f);
    buf_free(&b);
}

static void test_alias_shares(void **state)
{
    (void)state;
    struct fixture f;
    parse(&f, "a: &x {k: v}\nb: *x\n");
    assert_int_equal(f.diags.errors, 0);
    assert_ptr_equal(node_get(f.root, "a"), node_get(f.root, "b"));
    assert_null(node_get(f.root, "c"));
    done(&f);
}

static void check_type(const char *text, enum scalar_type want)
{
    if (scalar_type_of(str_z(text)) != want)
        fail_msg("'%s' is of type %d, not %d", text, (int)scalar_type_of(str_z(text)), (int)want);
}

static void test_core_schema(void **state)
{
    (void)state;
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const bools[] = { "true", "False", "TRUE" };
    static const char *const ints[] = { "0", "-1", "+12", "007", "0x1F", "0o17" };
    static const char *const reals[] = { "1.", ".5", "-1.5e3", "1e5", ".inf", "-.INF", ".nan", "+0.1E-2" };
    static const char *const texts[] = { "no",    "on",   "yes",  "y",     "1_000",      "0b1", "1:30",
                                         "0x",    "0o8",  "-",    "+",     ".",          "e5",  "1e",
                                         "-.nan", "nUll", "tRue", "1.2.3", "2026-01-15", "1d" };
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        check_type(nulls[i], SCALAR_NULL);
    for (size_t i = 0; i < sizeof bools / sizeof *bools; i++)
        check_type(bools[i], SCALAR_BOOL);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        check_type(ints[i], SCALAR_INT);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        check_type(reals[i], SCALAR_REAL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_type(texts[i], SCALAR_TEXT);
}

static void test_numbers(void **state)
{
    (void)state;
    int64_t i;
    double d;
    assert_true(scalar_to_i64(STR("0x1F"), &i) && i == 31);
    assert_true(scalar_to_i64(STR("0o17"), &i) && i == 15);
    assert_true(scalar_to_i64(STR("+9223372036854775807"), &i) && i == INT64_MAX);
    assert_false(scalar_to_i64(STR("9223372036854775808"), &i));
    assert_false(scalar_to_i64(STR("0xFFFFFFFFFFFFFFFF"), &i));
    assert_true(scalar_to_f64(STR("-1.5e3"), &d) && d > -1500.5 && d < -1499.5);
    assert_true(scalar_to_f64(STR("+5"), &d) && d > 4.5 && d < 5.5);
    assert_true(scalar_to_f64(STR("-.inf"), &d) && d < 0 && d - d != 0);
    assert_false(scalar_to_f64(STR("no"), &d));
}

static void test_flags(void **state)
{
    (void)state;
    struct fixture f;
    parse(&f, "a: no\nb: 'no'\nc: \"5\"\nd: 5\n");
    assert_true(node_get(f.root, "a")->yaml11);
    assert_false(node_get(f.root, "b")->yaml11);
    assert_int_equal(node_get(f.root, "c")->scalar, SCALAR_TEXT);
    assert_int_equal(node_get(f.root, "d")->scalar, SCALAR_INT);
    done(&f);
}

/* The text at key `a` decodes as wanted, and each of its letters leads to that letter in the file. */
static void maps(const char *yaml, const char *want)
{
    struct fixture f;
    parse(&f, yaml);
    assert_int_equal(f.diags.errors, 0);
    const struct passage *p = &node_get(f.root, "a")->text;
    assert_string_equal(p->s.p, want);
    for (size_t i = 0; i < p->s.n; i++) {
        if (p->s.p[i] <= ' ' || p->s.p[i] == '!') /* '!' stands for an escape in these cases */
            continue;
        struct span at = passage_map(p, (struct span){ i, 1 });
        if (at.len != 1 || yaml[at.offset] != p->s.p[i])
            fail_msg("byte %zu ('%c') of '%s' leads to byte %zu of\n%s", i, p->s.p[i], want, at.offset, yaml);
    }
    struct span end = passage_map(p, (struct span){ p->s.n, 5 });
    assert_true(end.offset <= strlen(yaml) && end.len == 0);
    struct passage sub = passage_sub(f.arena, p, p->s.n / 2, p->s.n);
    for (size_t i = 0; i < sub.s.n; i++)
        assert_int_equal(passage_map(&sub, (struct span){ i, 1 }).offset,
                         passage_map(p, (struct span){ p->s.n / 2 + i, 1 }).offset);
    done(&f);
}

static void test_places(void **state)
{
    (void)state;
    maps("a: hello world\n", "hello world");
    maps("a: hello\n  wide\n\n  world # no\n", "hello wide\nworld");
    maps("a: 'it''s so'\n", "it's so");
    maps("a: 'one\n  two\n\n  three'\n", "one two\nthree");
    maps("a: \"x\\x21y\\u0021z\\U00000021\\ttab\"\n", "x!y!z!\ttab");
    maps("a: \"one \\\n   two\n   three\"\n", "one two three");
    maps("a: |\n  T\n  | where x\n\n    | take 5\n", "T\n| where x\n\n  | take 5\n");
    maps("a: |-\n  T\n  | take 5\n", "T\n| take 5");
    maps("a: |2+\n    T\n  U\n\n", "  T\nU\n\n");
    maps("a: | # why\r\n  T\r\n  | take 5\r\n", "T\n| take 5\n");
    maps("a: >\n  one\n  two\n\n  three\n    kept\n  end\n", "one two\nthree\n  kept\nend\n");
    maps("a: >-\n  one\n  two", "one two");
    maps("x: &q |\n  T\n  U\na: *q\n", "T\nU\n");
    maps("a: &q\n  # note\n  text\n", "text");
    maps("{x: 1, a: 'T | take 5'}", "T | take 5");
    maps("a: |\n  \xC3\xA9 T\n  U\n", "\xC3\xA9 T\nU\n");
}

static void test_place_of_block(void **state)
{
    (void)state;
    struct fixture f;
    parse(&f, "cells:\n  - query: |\n      Table\n      | where Colunm > 5\n");
    const struct passage *p = &node_get(node_get(f.root, "cells")->items[0], "query")->text;
    size_t at = str_find(p->s, STR("Colunm"), 0), line, column;
    source_locate(&f.source, passage_map(p, (struct span){ at, 6 }).offset, &line, &column);
    assert_int_equal(line, 4);
    assert_int_equal(column, 15);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_billion_laughs), cmocka_unit_test(test_large_alias),
        cmocka_unit_test(test_linear),         cmocka_unit_test(test_depth),
        cmocka_unit_test(test_alias_shares),   cmocka_unit_test(test_core_schema),
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_places),         cmocka_unit_test(test_place_of_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
