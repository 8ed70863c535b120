/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters: typed values from defaults, command line, file and test cases; ranges; how they print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hb/fs.h"
#include "hb/playbook.h"
#include "hb/ticks.h"

static const char playbook_text[] = "huntbook: 1\n"
                                    "id: t\n"
                                    "name: T\n"
                                    "params:\n"
                                    "  s: {type: string, default: a}\n"
                                    "  i: {type: int, default: 5, min: 1, max: 10}\n"
                                    "  l: {type: long, default: 5000000000}\n"
                                    "  r: {type: real, default: 0.01, min: 0.0001, max: 0.5}\n"
                                    "  b: {type: bool, default: false}\n"
                                    "  t: {type: timespan, default: 1d, max: 30d}\n"
                                    "  d: {type: datetime, default: 2026-01-15}\n"
                                    "  c: {type: column, default: DeviceName}\n"
                                    "  x: {type: list<string>, default: [a, \"b\\\"\"]}\n"
                                    "  e: {type: string, values: [low, high], default: low}\n"
                                    "cells:\n"
                                    "  - {id: q, type: kql, query: T}\n"
                                    "tests:\n"
                                    "  - {name: one, params: {i: 7}, expect: {that: 'true'}}\n";

struct fixture {
    struct arena *arena;
    struct diags diags;
    struct playbook *p;
};

static int setup(void **state)
{
    static struct fixture f;
    f.arena = arena_new(0, "test");
    diags_init(&f.diags, f.arena);
    f.p = playbook_parse(f.arena, "t.yaml", str_z(playbook_text), playbook_kinds, playbook_nkinds, &f.diags);
    assert_int_equal(f.diags.errors, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

static const struct param_value *value(struct fixture *f, const char *name)
{
    return &playbook_find_param(f->p, str_z(name))->value;
}

static void accepted(struct fixture *f, const char *arg)
{
    diags_init(&f->diags, f->arena);
    if (!params_apply(f->p, NULL, &arg, 1, &f->diags))
        fail_msg("'%s': %.*s", arg, STR_ARG(f->diags.items[0].message));
}

static void refused(struct fixture *f, const char *arg, const char *part)
{
    diags_init(&f->diags, f->arena);
    assert_false(params_apply(f->p, NULL, &arg, 1, &f->diags));
    struct buf b = BUF_INIT;
    diag_print(&b, &f->diags.items[0], false);
    if (!strstr(buf_z(&b), part))
        fail_msg("'%s': wanted '%s', got %s", arg, part, buf_z(&b));
    buf_free(&b);
}

static void check_kql(struct fixture *f, const char *name, const char *want)
{
    struct buf b = BUF_INIT;
    param_put_kql(&b, value(f, name));
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_defaults(void **state)
{
    struct fixture *f = *state;
    assert_true(params_apply(f->p, NULL, NULL, 0, &f->diags));
    check_kql(f, "s", "\"a\"");
    check_kql(f, "i", "int(5)");
    check_kql(f, "l", "long(5000000000)");
    check_kql(f, "r", "real(0.01)");
    check_kql(f, "b", "false");
    check_kql(f, "t", "timespan(1.00:00:00)");
    check_kql(f, "d", "datetime(2026-01-15T00:00:00.0000000Z)");
    check_kql(f, "c", "\"DeviceName\"");
    check_kql(f, "x", "dynamic([\"a\", \"b\\\"\"])");
}

static void test_command_line(void **state)
{
    struct fixture *f = *state;
    accepted(f, "s=no=x");
    assert_true(str_eqz(value(f, "s")->s, "no=x"));
    accepted(f, "s=");
    assert_true(value(f, "s")->set && value(f, "s")->s.n == 0);
    accepted(f, "s=5");
    assert_true(str_eqz(value(f, "s")->s, "5"));
    accepted(f, "i=10");
    assert_int_equal(value(f, "i")->i, 10);
    assert_int_equal(playbook_find_param(f->p, STR("i"))->origin, PARAM_FROM_COMMAND_LINE);
    accepted(f, "t=36h");
    assert_true(value(f, "t")->i == 36 * TICKS_HOUR);
    accepted(f, "b=true");
    assert_true(value(f, "b")->b);
    accepted(f, "x=a, b,c");
    assert_int_equal(value(f, "x")->nlist, 3);
    assert_true(str_eqz(value(f, "x")->list[1], "b"));
    accepted(f, "x=[\"a,b\", \"c\"]");
    assert_int_equal(value(f, "x")->nlist, 2);
    assert_true(str_eqz(value(f, "x")->list[0], "a,b"));
    accepted(f, "x=");
    assert_int_equal(value(f, "x")->nlist, 0);
    accepted(f, "e=high");
    accepted(f, "d=2026-01-15T10:00:00Z");
    assert_int_equal(value(f, "i")->i, 5); /* back to its default */
}

static void test_hostile_string(void **state)
{
    struct fixture *f = *state;
    accepted(f, "s=\"; drop\\\n\t\xE2\x80\xAE");
    check_kql(f, "s", "\"\\\"; drop\\\\\\n\\t\\u202E\"");
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    refused(f, "s", "NAME=VALUE");
    refused(f, "S2=1", "unknown parameter 'S2'");
    refused(f, "lookbak=1", "unknown parameter");
    refused(f, "i=11", "at most 10");
    refused(f, "i=0", "at least 1");
    refused(f, "i=1.5", "whole number");
    refused(f, "i=99999999999", "32 bits");
    refused(f, "r=.nan", "a number");
    refused(f, "r=0.6", "at most 0.5");
    refused(f, "b=yes", "write true or false");
    refused(f, "t=2", "write its unit");
    refused(f, "t=31d", "at most 30d");
    refused(f, "d=yesterday", "ISO 8601");
    refused(f, "c=", "name of a column");
    refused(f, "e=hihg", "did you mean 'high'?");
    refused(f, "x=[1", "list of texts");
    refused(f, "x=[1]", "list of texts");
    refused(f, "s=\xFF", "UTF-8");
}

static void test_file(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    char *dir;
    assert_true(fs_temp_dir(f->arena, &dir, &err));
    char *path = fs_join(f->arena, dir, "p.yaml");
    assert_true(fs_write_atomic(path, STR("i: 3\nx: [q]\ns: from file\n"), &err));
    const char *arg = "i=4";
    assert_true(params_apply(f->p, path, &arg, 1, &f->diags));
    assert_int_equal(value(f, "i")->i, 4);
    assert_true(str_eqz(value(f, "s")->s, "from file"));
    assert_int_equal(playbook_find_param(f->p, STR("s"))->origin, PARAM_FROM_FILE);
    assert_true(fs_write_atomic(path, STR("- i\n"), &err));
    assert_false(params_apply(f->p, path, NULL, 0, &f->diags));
    assert_false(params_apply(f->p, "/nonexistent/p.yaml", NULL, 0, &f->diags));
    assert_true(fs_remove_tree(dir, &err));
}

static void test_case_values(void **state)
{
    struct fixture *f = *state;
    assert_true(params_apply_test(f->p, &f->p->tests.items[0], &f->diags));
    assert_int_equal(value(f, "i")->i, 7);
}

static void test_no_default(void **state)
{
    struct fixture *f = *state;
    struct playbook *p = playbook_parse(f->arena, "t.yaml",
                                        STR("huntbook: 1\nid: t\nname: T\nparams: {q: {type: "
                                            "timespan}}\ncells: [{id: a, type: kql, query: T}]\n"),
                                        playbook_kinds, playbook_nkinds, &f->diags);
    assert_int_equal(f->diags.errors, 0);
    assert_false(params_apply(p, NULL, NULL, 0, &f->diags));
    assert_non_null(strstr(f->diags.items[0].message.p, "no default"));
    const char *arg = "q=5m";
    assert_true(params_apply(p, NULL, &arg, 1, &f->diags));
}

static void test_people(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *arg, *name, *want;
    } rows[] = { { "t=36h", "t", "36h" },   { "t=1500ms", "t", "1500ms" }, { "t=0s", "t", "0s" },
                 { "t=01:30", "t", "90m" }, { "r=0.25", "r", "0.25" },     { "x=a,b", "x", "a, b" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = BUF_INIT;
        accepted(f, rows[i].arg);
        param_put_text(&b, value(f, rows[i].name));
        assert_string_equal(buf_z(&b), rows[i].want);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_command_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_string, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_case_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_default, setup, teardown),
        cmocka_unit_test_setup_teardown(test_people, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
