/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer and the values of literals: tables of texts with the tokens or values they must give.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/kql/ast.h"
#include "../../src/kql/lex.h"
#include "hb/buf.h"
#include "hb/kql.h"
#include "hb/ticks.h"

/* Tokens as "kind:text" with blanks between; keywords in capitals K (reserved) and E (can be declared). */
static void describe(struct buf *out, const char *text)
{
    static const char *const kinds[] = { "end",  "w",    "p",     "s",    "long", "real",
                                         "span", "bool", "typed", "guid", "#",    "BAD" };
    struct arena *a = arena_new(0, "test");
    struct str s = str_z(text);
    struct kql_tokens t = kql_lex(a, s);
    for (size_t i = 0; i + 1 < t.n; i++) {
        const struct kql_token *k = &t.items[i];
        const char *kind = kinds[k->kind];
        if (k->flags & TF_KEYWORD)
            kind = k->flags & TF_EXTENDED ? "E" : "K";
        buf_printf(out, "%s%s%s:%.*s", i ? " " : "", kind,
                   k->flags & TF_UNCLOSED ? "!"
                   : k->flags & TF_ESCAPE ? "\\"
                                          : "",
                   STR_ARG(kql_token_text(s, k)));
    }
    assert_int_equal(t.items[t.n - 1].kind, TK_END);
    arena_free(a);
}

static void tokens(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "T | where a>=1", "w:T p:| E:where w:a p:>= long:1" },
        { "has_any !in~ !has_cs in~ in has", "K:has_any K:!in~ K:!has_cs K:in~ E:in E:has" },
        { "mv-expand project-away top-nested a-b", "K:mv-expand K:project-away E:top-nested w:a p:- w:b" },
        { "project-awayx projectx matches regex matches  regex",
          "w:project p:- w:awayx w:projectx K:matches regex w:matches w:regex" },
        { "hint.strategy=x hint.y", "K:hint.strategy p:= w:x w:hint p:. w:y" },
        { "1 1.5 1. 1e5 1..2 0x1F 5x 1_000 1d 1.5h 2days 0x 1d2 5us",
          "long:1 real:1.5 real:1. real:1e5 long:1 p:.. long:2 long:0x1F w:5x w:1_000 span:1d span:1.5h "
          "span:2days w:0x "
          "w:1d2 w:5us" },
        { "3Dchart 3d 1.e5 1e 1.5.2", "K:3Dchart span:3d real:1.e5 w:1e real:1.5 p:. long:2" },
        { "true TRUE tRue null", "bool:true bool:TRUE w:tRue w:null" },
        { "long(5) long (5) datetime(a(b)) bool(x",
          "typed:long(5) K:long p:( long:5 p:) typed:datetime(a(b) p:) typed!:bool(x" },
        { "dynamic([1])", "K:dynamic p:( p:[ long:1 p:] p:)" },
        { "'a' \"b\\\"c\" @'d''e' h'f' H@\"g\" ```h\ni``` ~~~j~~~ h```k```",
          "s:'a' s:\"b\\\"c\" s:@'d''e' s:h'f' s:H@\"g\" s:```h\ni``` s:~~~j~~~ s:h```k```" },
        { "'a\nb 'c\\d' hh'e'", "s!:'a w:b s\\:'c\\d' w:hh s:'e'" },
        { "@h'x' ab'c'", "p:@ s:h'x' w:ab s:'c'" },
        { "a//b\nc///d\r//", "w:a w:c" },
        { "a // b\xE2\x80\xA8"
          "c",
          "w:a w:c" },
        { "a\xC2\xA0"
          "b\xE2\x80\x8B"
          "c\xEF\xBB\xBF"
          "d\f\te",
          "w:a w:b w:c w:d w:e" },
        { "a\vb\xC2\x85", "w:a BAD:\v w:b BAD:\xC2\x85" },
        { "a ! b ` \xFF ~", "w:a BAD:! w:b BAD:` BAD:\xFF BAD:~" },
        { "#x y\nT #z", "#:#x y w:T #:#z" },
        { "74be27de-1e4e-49d9-b579-fe0b331d3642 74be27de",
          "guid:74be27de-1e4e-49d9-b579-fe0b331d3642 w:74be27de" },
        { "=> == =~ = != !~ <> <= < >= > <| ? ..",
          "p:=> p:== p:=~ p:= p:!= p:!~ p:<> p:<= p:< p:>= p:> p:<| p:? p:.." },
        { "$left $ a$b _x", "w:$left w:$ w:a w:$b w:_x" },
        { "title count kind with on and", "E:title w:count K:kind w:with w:on K:and" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = BUF_INIT;
        describe(&b, rows[i].text);
        assert_string_equal(buf_z(&b), rows[i].want);
        buf_free(&b);
    }
}

/* Found by binary search: each of these is only found if the table is sorted around it. */
static void keywords_are_sorted(void **state)
{
    (void)state;
    static const char *const words[] = {
        "3Dchart",
        "__crossCluster",
        "__sourceColumnIndex",
        "accumulate",
        "and",
        "as",
        "asc",
        "by",
        "contains",
        "contains_cs",
        "datatable",
        "desc",
        "dynamic",
        "endswith_cs",
        "externaldata",
        "find",
        "has",
        "has_all",
        "hassuffix_cs",
        "in",
        "int",
        "invoke",
        "isfuzzy",
        "kind",
        "last",
        "like",
        "linechart",
        "long",
        "materialize",
        "of",
        "or",
        "others",
        "print",
        "project",
        "real",
        "relaxed",
        "sample",
        "search",
        "set",
        "simple",
        "startswith",
        "string",
        "time",
        "timechart",
        "title",
        "to",
        "toscalar",
        "union",
        "verbose",
        "where",
        "with_itemindex",
        "withsource",
        "writeaheadlog",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct arena *a = arena_new(0, "test");
        struct kql_tokens t = kql_lex(a, str_z(words[i]));
        if (!(t.items[0].flags & TF_KEYWORD))
            fail_msg("'%s' is not found among the keywords", words[i]);
        arena_free(a);
    }
}

static struct kql_literal *literal(struct arena *a, const char *text)
{
    struct source *src = ARENA_NEW(a, struct source);
    *src = (struct source){ STR("test"), str_z(text) };
    struct diags d;
    diags_init(&d, a);
    struct kql_ast *ast = kql_parse_expr(a, src, &d);
    struct kql_node *n = KQL_AS(kql_expr_statement, ast->statements.items[0])->expr;
    assert_int_equal(n->kind, KQL_LITERAL);
    return KQL_AS(kql_literal, n);
}

static void texts_of_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "'a\\tb\\\\\\'\\\"'", "a\tb\\'\"" },
        { "'\\x41\\u00e9\\U0001F600\\101'", "A\xC3\xA9\xF0\x9F\x98\x80"
                                            "A" },
        { "'\\ud83d\\ude00 \\ud800'", "\xF0\x9F\x98\x80 \xEF\xBF\xBD" },
        { "'\\377\\7\\18'", "\xC3\xBF\a\x01"
                            "8" },
        { "@'a\\b''c'", "a\\b'c" },
        { "@\"a''b\"\"\"", "a''b\"" },
        { "```a'\n\"b```", "a'\n\"b" },
        { "'a' \"b\" @'c\\'", "abc\\" },
        { "h'x'", "x" },
        { "''", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new(0, "test");
        struct kql_literal *lit = literal(a, rows[i].text);
        assert_int_equal(lit->type, HB_STRING);
        assert_int_equal(lit->text.n, strlen(rows[i].want));
        assert_memory_equal(lit->text.p, rows[i].want, lit->text.n);
        arena_free(a);
    }
}

static void values_of_literals(void **state)
{
    (void)state;
    enum { BAD = -1 };
    static const struct {
        const char *text;
        enum hb_type type;
        int64_t value;
    } rows[] = {
        { "12", HB_LONG, 12 },
        { "0xFF", HB_LONG, 255 },
        { "long(-7)", HB_LONG, -7 },
        { "int( 5 )", HB_INT, 5 },
        { "true", HB_BOOL, 1 },
        { "bool(0)", HB_BOOL, 0 },
        { "1d", HB_TIMESPAN, TICKS_DAY },
        { "1.5h", HB_TIMESPAN, TICKS_HOUR + TICKS_HOUR / 2 },
        { "30minutes", HB_TIMESPAN, 30 * TICKS_MIN },
        { "2millisec", HB_TIMESPAN, 2 * TICKS_MS },
        { "5microsec", HB_TIMESPAN, 5 * TICKS_US },
        { "250nano", HB_TIMESPAN, 2 },
        { "7ticks", HB_TIMESPAN, 7 },
        { "time(1.02:03:04.5)", HB_TIMESPAN,
          TICKS_DAY + 2 * TICKS_HOUR + 3 * TICKS_MIN + 4 * TICKS_SEC + TICKS_SEC / 2 },
        { "timespan(15 seconds)", HB_TIMESPAN, 15 * TICKS_SEC },
        { "timespan(2)", HB_TIMESPAN, 2 * TICKS_DAY },
        { "datetime(1970-01-01)", HB_DATETIME, TICKS_UNIX },
        { "datetime('1970-01-01')", HB_DATETIME, TICKS_UNIX },
        { "date(1970)", HB_DATETIME, TICKS_UNIX },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new(0, "test");
        struct kql_literal *lit = literal(a, rows[i].text);
        assert_int_equal(lit->type, rows[i].type);
        assert_false(lit->is_null);
        assert_int_equal(lit->type == HB_BOOL ? lit->v.b : lit->v.i, rows[i].value);
        arena_free(a);
    }
}

static void reals_and_nulls(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    assert_true(literal(a, "real(nan)")->v.r != literal(a, "real(nan)")->v.r);
    assert_true(isinf(literal(a, "real(-inf)")->v.r));
    assert_true(literal(a, "5.")->v.r == 5.0);
    assert_true(literal(a, "1e-3")->v.r == 1e-3);
    static const char *const nulls[] = { "long(null)", "int()", "datetime(null)", "guid(null)",
                                         "real(null)" };
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) {
        assert_true(literal(a, nulls[i])->is_null);
        assert_false(literal(a, nulls[i])->flags & KQL_LIT_BAD);
    }
    static const char *const bad[] = { "long(x)", "int(3000000000)",      "datetime(foo)",
                                       "guid(1)", "99999999999999999999", "bool(y)" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(literal(a, bad[i])->is_null);
        assert_true(literal(a, bad[i])->flags & KQL_LIT_BAD);
    }
    struct str guid = literal(a, "guid({74BE27DE-1E4E-49D9-B579-FE0B331D3642})")->text;
    assert_true(str_eqz(guid, "74be27de-1e4e-49d9-b579-fe0b331d3642"));
    assert_true(str_eqz(literal(a, "decimal( 1.50 )")->text, "1.50"));
    arena_free(a);
}

static void json_of_dynamic(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "dynamic(null)", "null" },
        { "dynamic([1, -2, 0x10, true, 'a\"' \"b\", null])", "[1,-2,16,true,\"a\\\"b\",null]" },
        { "dynamic({'a': {\"b\": []}, // c\n 'd': {}})", "{\"a\":{\"b\":[]},\"d\":{}}" },
        { "dynamic([datetime(2020-01-01), 1d, long(5), dynamic([2]), real(inf)])",
          "[\"2020-01-01T00:00:00.0000000Z\",\"1.00:00:00\",5,[2],\"Infinity\"]" },
        { "dynamic('x')", "\"x\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new(0, "test");
        struct kql_literal *lit = literal(a, rows[i].text);
        assert_int_equal(lit->type, HB_DYNAMIC);
        if (!str_eqz(lit->text, rows[i].want))
            fail_msg("%s gives %.*s", rows[i].text, STR_ARG(lit->text));
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),           cmocka_unit_test(keywords_are_sorted),
        cmocka_unit_test(texts_of_strings), cmocka_unit_test(values_of_literals),
        cmocka_unit_test(reals_and_nulls),  cmocka_unit_test(json_of_dynamic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
