/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser: golden trees and messages, limits, references, and a corpus of real queries.
 *
 * tests/kql/parse/NAME.query is parsed (scalar.query as a lone expression); NAME.ast must be its tree and NAME.err its
 * diagnostics, a missing file meaning none. With KQL_UPDATE=1 in the environment both are written instead: review the diff.
 * With HUNTBOOK_SHARED set, every query of kql-cases/ that the engine ran must parse.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/kql/ast.h"
#include "../../src/kql/parse.h"
#include "hb/fs.h"
#include "hb/json.h"
#include "hb/kql.h"

struct parsed {
    struct arena *a;
    struct source src;
    struct diags diags;
    struct kql_ast *ast;
};

static void parse(struct parsed *p, struct str text, bool expr)
{
    p->a = arena_new(0, "test");
    p->src = (struct source){ STR("query"), text };
    diags_init(&p->diags, p->a);
    p->ast = expr ? kql_parse_expr(p->a, &p->src, &p->diags) : kql_parse(p->a, &p->src, &p->diags);
    assert_int_equal(kql_ast_ok(p->ast), p->diags.errors == 0);
}

static void parsez(struct parsed *p, const char *text)
{
    parse(p, str_z(text), false);
}

/* -- golden files -- */

static void read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return;
    char block[4096];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_put(out, block, n);
    fclose(f);
}

static void write_file(const char *path, const struct buf *b)
{
    if (!b->n) {
        remove(path);
        return;
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
    assert_int_equal(fclose(f), 0);
}

static bool same_as_file(const char *path, const struct buf *actual)
{
    if (getenv("KQL_UPDATE")) {
        write_file(path, actual);
        return true;
    }
    struct buf want = BUF_INIT;
    read_file(path, &want);
    bool same = str_eq(buf_view(&want), buf_view(actual));
    if (!same)
        print_error("%s differs; parsed now:\n%s", path, buf_z(actual));
    buf_free(&want);
    return same;
}

static bool golden_case(const char *base)
{
    struct buf path = BUF_INIT, text = BUF_INIT, tree = BUF_INIT, messages = BUF_INIT;
    buf_printf(&path, "%s.query", base);
    read_file(buf_z(&path), &text);
    struct parsed p;
    parse(&p, buf_view(&text), strstr(base, "/scalar") != NULL);
    kql_dump_ast(&tree, p.ast);
    for (size_t i = 0; i < p.diags.n; i++)
        diag_print(&messages, &p.diags.items[i], false);
    buf_clear(&path);
    buf_printf(&path, "%s.ast", base);
    bool same = same_as_file(buf_z(&path), &tree);
    buf_clear(&path);
    buf_printf(&path, "%s.err", base);
    same = same_as_file(buf_z(&path), &messages) && same;
    arena_free(p.a);
    buf_free(&path);
    buf_free(&text);
    buf_free(&tree);
    buf_free(&messages);
    return same;
}

static int is_query(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 6 && strcmp(e->d_name + n - 6, ".query") == 0;
}

static void golden_trees(void **state)
{
    (void)state;
    struct dirent **names;
    int n = scandir("tests/kql/parse", &names, is_query, alphasort);
    assert_true(n > 40);
    int failed = 0;
    for (int i = 0; i < n; i++) {
        char base[512];
        snprintf(base, sizeof base, "tests/kql/parse/%.*s", (int)strlen(names[i]->d_name) - 6,
                 names[i]->d_name);
        failed += !golden_case(base);
        free(names[i]);
    }
    free(names);
    assert_int_equal(failed, 0);
}

/* Every operator of the table stands in a golden file, so that a new row cannot be forgotten. */
static void every_operator_has_a_golden_tree(void **state)
{
    (void)state;
    struct dirent **names;
    int n = scandir("tests/kql/parse", &names, is_query, alphasort);
    struct buf all = BUF_INIT, path = BUF_INIT;
    for (int i = 0; i < n; i++) {
        buf_clear(&path);
        buf_printf(&path, "tests/kql/parse/%.*s.ast", (int)strlen(names[i]->d_name) - 6, names[i]->d_name);
        if (strncmp(names[i]->d_name, "bad-", 4) != 0)
            read_file(buf_z(&path), &all);
        free(names[i]);
    }
    free(names);
    for (size_t i = 0; i < kql_syntax_nrows; i++) {
        char line[80];
        snprintf(line, sizeof line, ": %s [", kql_kinds[kql_syntax_rows[i].kind].name);
        if (kql_syntax_rows[i].kind != KQL_EXECUTE_AND_CACHE && !strstr(buf_z(&all), line))
            fail_msg("no golden tree of '%s'", kql_syntax_rows[i].name);
    }
    buf_free(&all);
    buf_free(&path);
}

/* -- limits -- */

static void repeat(struct buf *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_puts(b, text);
}

/* Neither may crash, nor may the time or the dump grow with the square of the length. */
static void deep_nesting_is_an_error(void **state)
{
    (void)state;
    static const char *const forms[][3] = {
        { "print ", "(", ")" },
        { "print ", "f(", ")" },
        { "print ", "a[", "]" },
        { "print ", "-(", ")" },
        { "print ", "a in (", ")" },
        { "", "T | join (", ")" },
        { "", "union (", ")" },
        { "", "let f = () {", "};" },
        { "", "T | mv-apply a on (take 1 | where a in (", "))" },
        { "print dynamic(", "[", "])" },
        { "print ", "toscalar(", ")" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buf b = BUF_INIT, dump = BUF_INIT;
        buf_puts(&b, forms[i][0]);
        repeat(&b, forms[i][1], 10000);
        buf_puts(&b, "1");
        repeat(&b, forms[i][2], 10000);
        struct parsed p;
        parse(&p, buf_view(&b), false);
        assert_true(p.diags.n >= 1 && p.diags.n <= 3);
        kql_dump_ast(&dump, p.ast);
        kql_references(p.a, p.ast);
        assert_true(dump.n < 20u << 20);
        arena_free(p.a);
        buf_free(&b);
        buf_free(&dump);
    }
}

static void five_hundred_brackets_are_fine(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_puts(&b, "print ");
    repeat(&b, "(", 500);
    buf_puts(&b, "1");
    repeat(&b, ")", 500);
    struct parsed p;
    parse(&p, buf_view(&b), false);
    assert_true(p.ast->ok);
    arena_free(p.a);
    buf_free(&b);
}

static void long_chains_cost_no_stack(void **state)
{
    (void)state;
    static const char *const links[] = { " + 1", " or a == 1", " and b has 'x'", ".a",
                                         "[0]",  ", 1",        " | take 1" };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        struct buf b = BUF_INIT, dump = BUF_INIT;
        buf_puts(&b, "print a");
        repeat(&b, links[i], 50000);
        struct parsed p;
        parse(&p, buf_view(&b), false);
        assert_true(p.ast->ok);
        kql_dump_ast(&dump, p.ast);
        kql_references(p.a, p.ast);
        assert_true(dump.n < 60u << 20);
        arena_free(p.a);
        buf_free(&b);
        buf_free(&dump);
    }
}

static void too_long_a_text_is_refused(void **state)
{
    (void)state;
    size_t n = (size_t)KQL_SOURCE_MAX + 1;
    char *text = calloc(1, n);
    struct parsed p;
    parse(&p, (struct str){ text, n }, false);
    assert_int_equal(p.diags.errors, 1);
    assert_int_equal(p.ast->statements.n, 0);
    arena_free(p.a);
    free(text);
}

/* Every prefix of a query, and the query without each of its bytes: trees and messages, never a crash. */
static void broken_queries_never_crash(void **state)
{
    (void)state;
    static const char text[] =
        "let f = (x: long = 1, t: (*)) { t | where a in~ (x, 'y\\u0041') }; "
        "union kind=inner (f(2)), T* | mv-apply b = c.d['e'][0] to typeof(long) on (top 1 by b) "
        "| make-series n = count() default = 0 on t from ago(1d) to now() step 1h "
        "| parse kind=regex g with * 'h' i:int | project j = dynamic({'k': [1, -2d]}), ['l m']";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        struct parsed p;
        parse(&p, (struct str){ text, i }, false);
        kql_references(p.a, p.ast);
        arena_free(p.a);
        char without[sizeof text];
        memcpy(without, text, i);
        memcpy(without + i, text + i + 1, sizeof text - i - 1);
        parsez(&p, without);
        kql_references(p.a, p.ast);
        arena_free(p.a);
    }
}

/* -- spans -- */

static bool child_inside(void *ctx, const char *field, struct kql_node *child)
{
    (void)field;
    const struct kql_node *parent = ctx;
    assert_true(child->span.offset >= parent->span.offset || child->kind == KQL_ERROR);
    assert_true(child->span.offset + child->span.len <= parent->span.offset + parent->span.len);
    return kql_each_child(child, child_inside, child);
}

static void spans_nest(void **state)
{
    (void)state;
    struct parsed p;
    parsez(&p, "let a = T | where b.c[1] == -1 and d in (1, 2); a | summarize n = count() by bin(e, 1d) | "
               "join (S) on $left.x == $right.y");
    assert_true(p.ast->ok);
    for (size_t i = 0; i < p.ast->statements.n; i++)
        kql_each_child(p.ast->statements.items[i], child_inside, p.ast->statements.items[i]);
    arena_free(p.a);
}

/* -- references -- */

/* "T:Table a:scalar cells.x.rows:scalar now:clock" in the order of the text. */
static void describe_refs(struct buf *out, const char *text, bool expr)
{
    static const char *const kinds[] = { "table", "any", "scalar", "call", "clock" };
    struct parsed p;
    parse(&p, str_z(text), expr);
    if (!p.ast->ok)
        fail_msg("%s: %.*s", text, STR_ARG(p.diags.items[0].message));
    struct kql_refs r = kql_references(p.a, p.ast);
    for (size_t i = 0; i < r.n; i++) {
        const struct kql_ref *ref = &r.items[i];
        buf_printf(out, "%s%.*s", i ? " " : "", STR_ARG(ref->name));
        for (size_t m = 0; m < 2 && ref->member[m].n; m++)
            buf_printf(out, ".%.*s", STR_ARG(ref->member[m]));
        buf_printf(out, ":%s%s", kinds[ref->kind], ref->wildcard ? "*" : "");
        struct str at = str_sub(p.src.text, ref->span.offset, ref->span.offset + ref->span.len);
        assert_true(str_find(at, ref->name, 0) != SIZE_MAX);
    }
    arena_free(p.a);
}

static void references(void **state)
{
    (void)state;
    static const struct {
        bool expr;
        const char *text, *want;
    } rows[] = {
        { false, "T", "T:table" },
        { false, "T | where a == p", "T:table a:scalar p:scalar" },
        { false, "T | where a in (suspects)", "T:table a:scalar suspects:any" },
        { false, "T | where a in (S | project b)", "T:table a:scalar S:table b:scalar" },
        { false, "T | where a in (x, y)", "T:table a:scalar x:scalar y:scalar" },
        { false, "let x = S; let y = x; T | join (x) on k", "S:any T:table k:scalar" },
        { false, "let f = (n: long, t: (*)) { t | where a == n + p }; f(1, S)", "a:scalar p:scalar S:any" },
        { false, "let f = () { let z = q; z }; z | take 1", "q:any z:table" },
        { false, "T | join kind=inner (S | take n) on $left.a == $right.b", "T:table S:table n:scalar" },
        { false, "union T*, (S), database('d').U, V", "T*:table* S:table U:table V:table" },
        { false, "let d = cluster(c).database('e'); union d.T*, database('d').*, database('d').table('V')",
          "c:scalar T*:table* *:table* V:table" },
        { false,
          "macro-expand entity_group [S, database('d')] as X (let y = q; X.T | extend z = "
          "X.$current_database)",
          "S:any q:any T:table" },
        { false, "table('SigninLogs') | take 1", "SigninLogs:table" },
        { false, "_GetWatchlist('x') | count", "_GetWatchlist:call x:table" },
        { false, "T | where t > ago(lookback) and now() > t",
          "T:table t:scalar ago:clock lookback:scalar now:clock t:scalar" },
        { false, "let now = () { 1 }; print now()", "" },
        { false, "let y = materialize(U | count); T | extend x = toscalar(S), z = y",
          "U:table T:table S:any" },
        { false, "T | as X | union X, Y", "T:table Y:table" },
        { false, "T | evaluate ipv4_lookup(Ranges, ip, range)", "T:table Ranges:any ip:any range:any" },
        { false, "T | lookup D on k | mv-apply v on (where v > w)",
          "T:table D:table k:scalar v:scalar v:scalar w:scalar" },
        { false, "search in (A, B) 'x'", "A:table B:table" },
        { false, "find in (A) where b == 1 project c", "A:table b:scalar" },
        { false, "declare query_parameters(p: long = 1); T | where a == p", "T:table a:scalar" },
        { false, "T | invoke own(c)", "T:table own:call c:scalar" },
        { false, "datatable(a: long)[1] | extend b = a", "a:scalar" },
        { false, "range x from 1 to n step s", "n:scalar s:scalar" },
        { false, "T | make-series c = count() on t from a to b step d",
          "T:table t:scalar a:scalar b:scalar d:scalar" },
        { false, "E | make-graph s --> t with N on id | graph-match (a)-[e]->(b) where a.x == p project b.y",
          "E:table s:scalar t:scalar N:table id:scalar p:scalar" },
        { true, "cells.temp_path.rows > 0 and rows < lim",
          "cells.temp_path.rows:scalar rows:scalar lim:scalar" },
        { true, "cells['temp path'].status == 'ok'", "cells.temp path.status:scalar" },
        { true, "run.source_kind != 'files'", "run.source_kind:scalar" },
        { true, "a.b.c.d[n]", "a.b.c:scalar n:scalar" },
        { true, "toscalar(anomalies | where Anomaly == -1 | count)", "anomalies:table Anomaly:scalar" },
        { true, "toscalar(suspects) == field", "suspects:any field:scalar" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = BUF_INIT;
        describe_refs(&b, rows[i].text, rows[i].expr);
        if (!str_eqz(buf_view(&b), rows[i].want))
            fail_msg("%s\n  gives %s\n  not   %s", rows[i].text, buf_z(&b), rows[i].want);
        buf_free(&b);
    }
}

static void a_path_has_a_span(void **state)
{
    (void)state;
    struct parsed p;
    parse(&p, STR("1 + cells.a.rows.x"), true);
    struct kql_refs r = kql_references(p.a, p.ast);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.items[0].path_span.offset, 4);
    assert_int_equal(r.items[0].path_span.len, strlen("cells.a.rows"));
    arena_free(p.a);
}

/* -- queries of others -- */

static size_t parse_file(const char *path, size_t *refused)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    char *line = NULL;
    size_t cap = 0, n = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, f)) > 0) {
        struct err err = ERR_INIT;
        cJSON *json = json_parse((struct str){ line, (size_t)len }, &err);
        assert_non_null(json);
        struct parsed p;
        parse(&p, json_get_str(json, "query"), false);
        *refused += !p.ast->ok;
        n++;
        arena_free(p.a);
        cJSON_Delete(json);
    }
    free(line);
    fclose(f);
    return n;
}

static void real_queries_parse(void **state)
{
    (void)state;
    static const char *const files[] = { "engine-docs-dev", "engine-fuzz-dev", "docs-dev" };
    const char *shared = getenv("HUNTBOOK_SHARED");
    if (!shared) {
        print_message("skipped: HUNTBOOK_SHARED is not set\n");
        skip();
    }
    for (size_t i = 0; i < 3; i++) {
        char path[4096];
        size_t refused = 0;
        snprintf(path, sizeof path, "%s/kql-cases/%s.jsonl", shared, files[i]);
        assert_true(parse_file(path, &refused) > 300);
        assert_int_equal(refused, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_trees),
        cmocka_unit_test(every_operator_has_a_golden_tree),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(five_hundred_brackets_are_fine),
        cmocka_unit_test(long_chains_cost_no_stack),
        cmocka_unit_test(too_long_a_text_is_refused),
        cmocka_unit_test(broken_queries_never_crash),
        cmocka_unit_test(spans_nest),
        cmocka_unit_test(references),
        cmocka_unit_test(a_path_has_a_span),
        cmocka_unit_test(real_queries_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
