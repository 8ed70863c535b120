/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Playbooks: rows to structs, defaults and inheritance, option values, prose, and one message for each kind of fault.
 * Whole files with all their messages are golden cases: tests/playbook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hb/playbook.h"
#include "hb/ticks.h"

struct fixture {
    struct arena *arena;
    struct diags diags;
    struct playbook *p;
};

static const char head[] = "huntbook: 1\nid: t\nname: T\n";

static void parse(struct fixture *f, const char *top, const char *cells)
{
    f->arena = arena_new(0, "test");
    diags_init(&f->diags, f->arena);
    char *text = arena_printf(f->arena, "%s%scells:\n%s", head, top, cells);
    f->p = playbook_parse(f->arena, "t.yaml", str_z(text), playbook_kinds, playbook_nkinds, &f->diags);
}

static void print_all(struct fixture *f, struct buf *b)
{
    for (size_t i = 0; i < f->diags.n; i++)
        diag_print(b, &f->diags.items[i], false);
}

static void parse_ok(struct fixture *f, const char *top, const char *cells)
{
    struct buf b = BUF_INIT;
    parse(f, top, cells);
    print_all(f, &b);
    if (f->diags.n > 0)
        fail_msg("%s", buf_z(&b));
    buf_free(&b);
}

/* Exactly one error, and its text holds `part`. */
static void refused(const char *top, const char *cells, const char *part)
{
    struct fixture f;
    struct buf b = BUF_INIT;
    parse(&f, top, cells);
    print_all(&f, &b);
    if (f.diags.errors != 1 || !strstr(buf_z(&b), part))
        fail_msg("wanted one error with '%s', got:\n%s", part, buf_z(&b));
    buf_free(&b);
    arena_free(f.arena);
}

static const char *const a_cell = "  - {id: a, type: kql, query: T}\n";

static void test_top_keys(void **state)
{
    (void)state;
    refused("nam: x\n", a_cell, "did you mean 'name'?");
    refused("title: x\n", a_cell, "it is a key of a cell");
    refused("query: T\n", a_cell, "move it into a cell");
    refused("tlp: AMBER\n", a_cell, "TLP:AMBER+STRICT");
    refused("severity: hihg\n", a_cell, "did you mean 'high'?");
    refused("tactics: [CommandAndContrl]\n", a_cell, "did you mean 'CommandAndControl'?");
    refused("relevantTechniques: [T10]\n", a_cell, "T1059.001");
    refused("relevantTechniques: [T1059, T1059]\n", a_cell, "twice");
    refused("entityMappings: [{entityType: Hots, fieldMappings: [{identifier: A, columnName: B}]}]\n", a_cell,
            "did you mean 'Host'?");
    refused("hunt: {hypothesis: x}\n", a_cell, "'hunt' lacks 'kind'");
    refused("description:\n", a_cell, "'description' has no value");
    refused("version: [1]\n", a_cell, "takes one line of text, not a list");
    refused("defaults: {timeout: 90000h}\n", a_cell, "between 1s and 1d");
    refused("tests: [{name: a, data: ../x, expect: {that: 'true'}}]\n", a_cell,
            "below the playbook's folder");
    refused("tests: [{name: a, data: a/../../x, expect: {that: 'true'}}]\n", a_cell,
            "below the playbook's folder");
    refused("tests: [{name: a, data: /etc, expect: {that: 'true'}}]\n", a_cell,
            "below the playbook's folder");
    refused("tests: [{name: a, now: soon, expect: {that: 'true'}}]\n", a_cell, "ISO 8601");
    refused("tests: [{name: a, params: {q: 1}, expect: {that: 'true'}}]\n", a_cell, "unknown parameter 'q'");
}

static void test_sentinel_keys(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(&f,
             "severity: Medium\nkind: Scheduled\nstatus: Available\nqueryFrequency: 1h\nqueryPeriod: "
             "1h\ntriggerOperator: gt\n"
             "triggerThreshold: 0\nx-team: {any: [thing]}\nmetadata: {source: {kind: Community}}\n",
             a_cell);
    assert_int_equal(f.p->severity, SEVERITY_MEDIUM);
    arena_free(f.arena);
}

static void test_params_declared(void **state)
{
    (void)state;
    refused("params: {a b: {type: int}}\n", a_cell, "a name that KQL can use");
    refused("params: {q: {type: intt}}\n", a_cell, "did you mean 'int'?");
    refused("params: {q: {default: 1}}\n", a_cell, "lacks 'type'");
    refused("params: {q: {type: int, default: 1.5}}\n", a_cell, "whole number");
    refused("params: {q: {type: int, default: 9, max: 5}}\n", a_cell, "at most 5");
    refused("params: {q: {type: int, min: 9, max: 5}}\n", a_cell, "greater than 'max'");
    refused("params: {q: {type: string, min: 9}}\n", a_cell, "no meaning");
    refused("params: {q: {type: string, values: [a], default: b}}\n", a_cell, "does not allow 'b'");
    refused("params: {q: {type: timespan, default: 1}}\n", a_cell, "write its unit");
    refused("params: {q: {type: bool, default: no}}\n", a_cell, "write true or false");
    refused("params: {rows: {type: int}}\n", a_cell, "meaning of its own");
    refused("params: {a: {type: int}}\n", a_cell, "name of the parameter on line 4");
    refused("params: {q: 5}\n", a_cell, "takes a mapping, not the number 5");
}

static void test_cells_refused(void **state)
{
    (void)state;
    refused("", "  - {id: a, type: kql}\n", "cell 'a' lacks 'query'");
    refused("", "  - {id: a, type: kql, query: T, querry: T}\n", "did you mean 'query'?");
    refused("", "  - {id: a, type: kql, query: T, method: x}\n", "key of anomaly cells");
    refused("", "  - {id: a, type: kql, query: T, tlp: TLP:RED}\n", "key of the playbook");
    refused("", "  - {id: a, type: kpl}\n", "did you mean 'kql'?");
    refused("", "  - {id: a, query: T}\n", "lacks 'type'");
    refused("", "  - {type: kql, query: T}\n", "cell 1 lacks 'id'");
    refused("", "  - {id: 1a, type: kql, query: T}\n", "a name that KQL can use");
    refused("", "  - {id: let, type: kql, query: T}\n", "a name that KQL can use");
    refused("", "  - {id: run, type: kql, query: T}\n", "meaning of its own");
    refused("", "  - {id: a, type: kql, query: ''}\n", "is empty");
    refused("", "  - {id: a, type: kql, query: 5}\n", "takes a KQL query, not the number 5");
    refused("", "  - {id: a, type: kql, query: T, max_rows: 0}\n", "between 1 and");
    refused("", "  - {id: a, type: kql, query: T, timeout: '10'}\n", "take the quotes off");
    refused("", "  - {id: a, type: kql, query: T, on_empty: skp}\n", "did you mean 'skip'?");
    refused("", "  - {id: a, type: kql, query: T, title: '${{ x }}'}\n", "plain text");
    refused("", "  - {id: a, type: kql, query: T, finding: {severity: high}}\n", "'finding' lacks 'title'");
    refused("", "  - {id: a, type: kql, query: T, expect: [{that: x}, {severity: warn}]}\n",
            "'expect[2]' lacks 'that'");
    refused("", "  - {id: a, type: kql, query: T}\n  - {id: a, type: kql, query: T}\n",
            "name of the cell on line 5");
    refused("", "  - 5\n", "not a mapping");
    refused("", "  []\n", "an empty one");
}

static void test_kinds_refused(void **state)
{
    (void)state;
    refused("", "  - {id: a, type: env}\n", "no variable");
    refused("", "  - {id: a, type: env, require: [A B]}\n", "environment variable");
    refused("", "  - {id: a, type: connect, tables: {T: ['x:strng']}}\n", "unknown type of a column");
    refused("",
            "  - {id: b, type: kql, query: T}\n"
            "  - {id: a, type: chart, query: T, from: b, chart: {kind: scatter, x: a, y: b}}\n",
            "both 'query' and 'from'");
    refused("", "  - {id: a, type: chart, query: T, chart: {kind: scatter, x: a}}\n", "needs 'y'");
    refused("", "  - {id: a, type: chart, query: T, chart: {kind: bar, x: a, y: b, value: c}}\n", "heatmaps");
    refused("", "  - {id: a, type: search, value: x}\n", "neither 'query' nor 'from'");
    refused(
        "",
        "  - {id: a, type: kql, query: T}\n  - {id: b, type: anomaly, from: a, features: [{column: x}]}\n",
        "lacks 'encode'");
    refused("",
            "  - {id: a, type: kql, query: T}\n  - {id: b, type: anomaly, from: a, contamination: 0.7, "
            "features: [{column: x, encode: label}]}\n",
            "greater than 0 and at most 0.5");
}

static void test_from(void **state)
{
    (void)state;
    refused("", "  - {id: a, type: search, from: b, value: x}\n  - {id: b, type: kql, query: T}\n",
            "cell 'a' reads cell 'b', which comes later");
    refused("", "  - {id: a, type: search, from: a, value: x}\n", "reads itself");
    refused("", "  - {id: abc, type: kql, query: T}\n  - {id: b, type: search, from: abd, value: x}\n",
            "did you mean 'abc'?");
    refused("", "  - {id: a, type: markdown, text: x}\n  - {id: b, type: search, from: a, value: x}\n",
            "has no rows");
}

static void test_inheritance(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(&f, "defaults: {timeout: 5m, on_empty: skip, display: {rows: 3}}\n",
             "  - {id: a, type: kql, query: T}\n  - {id: b, type: kql, query: T, timeout: 1h, on_empty: "
             "fail, display: {rows: 7}}\n  - {id: c, type: chart, from: a, chart: {kind: bar, x: n, y: m}}\n"
             "  - {id: d, type: chart, from: a, max_rows: 9, chart: {kind: bar, x: n, y: m}}\n");
    const struct playbook_cell *a = playbook_find_cell(f.p, STR("a")), *b = playbook_find_cell(f.p, STR("b"));
    const struct playbook_cell *c = playbook_find_cell(f.p, STR("c")), *d = playbook_find_cell(f.p, STR("d"));
    assert_true(a->timeout.i == 5 * TICKS_MIN && b->timeout.i == TICKS_HOUR);
    assert_int_equal(a->on_empty, ON_EMPTY_SKIP);
    assert_int_equal(b->on_empty, ON_EMPTY_FAIL);
    assert_int_equal(a->on_error, ON_ERROR_STOP);
    assert_int_equal(a->on_partial, ON_PARTIAL_FAIL);
    assert_int_equal(a->max_rows.i, 500000);
    assert_int_equal(c->max_rows.i,
                     10000000); /* all rows are drawn, unless the chart itself says otherwise */
    assert_int_equal(d->max_rows.i, 9);
    assert_true(a->display.rows.i == 3 && b->display.rows.i == 7);
    assert_false(passage_given(&a->when));
    arena_free(f.arena);
}

static void test_options(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(
        &f, "",
        "  - {id: a, type: kql, query: T}\n"
        "  - id: b\n    type: anomaly\n    from: a\n    contamination: ${{ c / 2 }}\n    max_samples: 0.5\n"
        "    features:\n      - {column: Name, encode: hour}\n");
    const struct anomaly_cell *c = playbook_find_cell(f.p, STR("b"))->options;
    assert_int_equal(c->contamination.kind, OPT_EXPR);
    assert_true(str_eqz(c->contamination.text.s, "c / 2"));
    assert_int_equal(c->n_estimators.i, 100);
    assert_int_equal(c->n_estimators.text.span.len, 0);
    assert_false(c->max_samples.is_int);
    assert_int_equal(c->features.items[0].encode, PLAYBOOK_ENCODE_HOUR);
    struct table *t = table_new(f.arena, 1, 1);
    struct err err = ERR_INIT;
    struct opt_value v;
    table_set_column(t, 0, STR("result"), HB_REAL);
    t->cols[0].v.f[0] = 0.25;
    assert_true(opt_value_resolve(f.arena, &c->contamination, t, &v, &err));
    assert_true(v.kind == OPT_LITERAL && v.f > 0.24 && v.f < 0.26);
    t->cols[0].v.f[0] = 0.75;
    assert_false(opt_value_resolve(f.arena, &c->contamination, t, &v, &err));
    assert_non_null(strstr(err.text, "'contamination'"));
    table_set_column(t, 0, STR("result"), HB_STRING);
    t->cols[0].v.s[0] = STR("auto");
    assert_true(opt_value_resolve(f.arena, &c->contamination, t, &v, &err) && v.kind == OPT_WORD);
    t->cols[0].v.s[0] = STR("much");
    assert_false(opt_value_resolve(f.arena, &c->contamination, t, &v, &err));
    assert_non_null(strstr(err.text, "gives a string, 'much'"));
    arena_free(f.arena);
}

static void test_connect_columns(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(&f, "", "  - id: a\n    type: connect\n    tables:\n      T: [A, 'B:long']\n      U:\n");
    const struct connect_cell *c = playbook_find_cell(f.p, STR("a"))->options;
    assert_int_equal(c->tables.n, 2);
    assert_int_equal(c->tables.items[0].ncolumns, 2);
    assert_int_equal(c->tables.items[0].columns[0].type, HB_UNKNOWN);
    assert_int_equal(c->tables.items[0].columns[1].type, HB_LONG);
    assert_true(str_eqz(c->tables.items[0].columns[1].name.s, "B"));
    assert_int_equal(c->tables.items[1].ncolumns, 0);
    arena_free(f.arena);
}

static void test_prose(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(&f, "",
             "  - id: a\n    type: markdown\n    text: |\n"
             "      N=${{ rows }} $${{ kept }} ${{ dynamic({\"a\":{\"b\":\"}}\"}}).a }} ${{ strcat('}}', "
             "@\"\\\") }}.\n");
    const struct markdown_cell *c = playbook_find_cell(f.p, STR("a"))->options;
    static const char *const want[] = {
        "N=", "rows", " ", "${{ kept }} ", "dynamic({\"a\":{\"b\":\"}}\"}}).a", " ", "strcat('}}', @\"\\\")",
        ".\n"
    };
    assert_int_equal(c->text.nparts, sizeof want / sizeof *want);
    for (size_t i = 0; i < c->text.nparts; i++)
        assert_string_equal(c->text.parts[i].text.s.p, want[i]);
    assert_true(c->text.parts[1].is_expr && !c->text.parts[3].is_expr);
    struct span at = passage_map(&c->text.parts[1].text, (struct span){ 0, 4 });
    assert_memory_equal(f.p->source->text.p + at.offset, "rows", 4);
    arena_free(f.arena);
    refused("", "  - {id: a, type: markdown, text: 'x ${{ y'}\n", "never ends");
    refused("", "  - {id: a, type: markdown, text: 'x ${{ }}'}\n", "without KQL");
    refused("", "  - {id: a, type: kql, query: T, max_rows: '${{ a }}0'}\n", "neither a value nor");
}

static void test_expression_keys(void **state)
{
    (void)state;
    struct fixture f;
    parse_ok(
        &f, "",
        "  - id: a\n    type: kql\n    query: T\n    when: ${{ x > 1 }}\n    finding:\n      title: Found\n");
    const struct playbook_cell *c = playbook_find_cell(f.p, STR("a"));
    assert_string_equal(c->when.s.p, "x > 1");
    assert_int_equal(c->finding.n, 1);
    assert_string_equal(c->finding.items[0].when.s.p, "rows > 0");
    assert_int_equal(c->finding.items[0].severity, SEVERITY_MEDIUM);
    arena_free(f.arena);
}

/* Every fault of the file is reported in one pass. */
static void test_all_at_once(void **state)
{
    (void)state;
    struct fixture f;
    parse(
        &f, "nam: x\ntlp: x\n",
        "  - {id: a, type: kql}\n  - {id: b, type: nope}\n  - {id: c, type: kql, query: T, timeout: soon}\n");
    assert_int_equal(f.diags.errors, 5);
    arena_free(f.arena);
}

static void test_not_a_playbook(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    static const char *const texts[] = { "", "[]", "5", "\xFF\xFEh\0", "a: [" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct diags d;
        diags_init(&d, a);
        assert_null(playbook_parse(a, "t.yaml", str_z(texts[i]), playbook_kinds, playbook_nkinds, &d));
        assert_int_equal(d.errors, 1);
    }
    arena_free(a);
}

static void test_identifier(void **state)
{
    (void)state;
    assert_true(playbook_is_identifier(STR("a_1")) && playbook_is_identifier(STR("_x")));
    assert_false(playbook_is_identifier(STR("")) || playbook_is_identifier(STR("1a")) ||
                 playbook_is_identifier(STR("a-b")) || playbook_is_identifier(STR("_")) ||
                 playbook_is_identifier(STR("true")) || playbook_is_identifier(STR("\xC3\xA9")));
}

/* The schema is JSON, knows every kind, and each row has a help text. */
static void test_json_schema(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    struct err err = ERR_INIT;
    playbook_schema(&b, playbook_kinds, playbook_nkinds);
    cJSON *json = json_parse(buf_view(&b), &err);
    assert_non_null(json);
    const cJSON *cells = json_get(json_get(json_get(json, "properties"), "cells"), "items");
    assert_int_equal(cJSON_GetArraySize(json_get(cells, "oneOf")), playbook_nkinds);
    assert_null(strstr(buf_z(&b), "\"description\": null"));
    cJSON_Delete(json);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_top_keys),        cmocka_unit_test(test_sentinel_keys),
        cmocka_unit_test(test_params_declared), cmocka_unit_test(test_cells_refused),
        cmocka_unit_test(test_kinds_refused),   cmocka_unit_test(test_from),
        cmocka_unit_test(test_inheritance),     cmocka_unit_test(test_options),
        cmocka_unit_test(test_connect_columns), cmocka_unit_test(test_prose),
        cmocka_unit_test(test_expression_keys), cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_not_a_playbook),  cmocka_unit_test(test_identifier),
        cmocka_unit_test(test_json_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
