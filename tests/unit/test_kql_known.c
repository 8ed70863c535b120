/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in tables: in order, without doubles, with the types that are public knowledge; the open one, and time's two names.
 */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/kql_known.h"

static int setup(void **state)
{
    *state = arena_new(0, "test");
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static enum hb_type type_in(struct arena *a, const char *table, const char *column, bool defender)
{
    struct kql_column *cols;
    size_t n;
    if (!kql_known_table(a, str_z(table), defender, &cols, &n))
        return HB_UNKNOWN;
    for (size_t i = 0; i < n; i++)
        if (str_eqz(cols[i].name, column))
            return cols[i].type;
    return HB_UNKNOWN;
}

/* Bisection needs the order; a column that stands twice would be ambiguous in every query. */
static void test_order(void **state)
{
    for (size_t i = 0; i < kql_nknown; i++) {
        struct kql_column *cols;
        size_t n;
        assert_true(i == 0 || str_cmp(kql_known_name(i - 1), kql_known_name(i)) < 0);
        assert_true(kql_known_table(*state, kql_known_name(i), false, &cols, &n));
        assert_true(n > 0);
        for (size_t k = 0; k < n; k++) {
            assert_true(cols[k].name.n > 0);
            for (size_t j = 0; j < k; j++)
                assert_false(str_eq(cols[j].name, cols[k].name));
        }
    }
    assert_false(kql_is_known(STR("SecurityEvnt")));
    assert_false(kql_is_known(STR("")));
}

static void test_types(void **state)
{
    struct arena *a = *state;
    assert_int_equal(type_in(a, "SecurityEvent", "EventID", false), HB_INT);
    assert_int_equal(type_in(a, "SigninLogs", "DeviceDetail", false), HB_DYNAMIC);
    assert_int_equal(type_in(a, "DeviceNetworkEvents", "AdditionalFields", false), HB_DYNAMIC);
    assert_int_equal(type_in(a, "DeviceNetworkEvents", "AdditionalFields", true), HB_STRING);
    /* a standard column that the table's own page does not list, and a table that has none of them */
    assert_int_equal(type_in(a, "SecurityEvent", "_ItemId", false), HB_STRING);
    assert_int_equal(type_in(a, "AADSignInEventsBeta", "_ItemId", false), HB_UNKNOWN);
    assert_int_equal(type_in(a, "SecurityEvent", "EventIDD", false), HB_UNKNOWN);
}

static void test_open(void **state)
{
    struct arena *a = *state;
    struct source src = { STR("query"),
                          STR("AzureDiagnostics | where own_s == 'a' and own_d > 1 and own_x == 2") };
    struct diags d;
    struct kql_column *cols;
    size_t n, closed;
    diags_init(&d, a);
    struct kql_refs refs = kql_references(a, kql_parse(a, &src, &d));
    assert_true(kql_known_table(a, STR("AzureDiagnostics"), false, &cols, &closed));
    assert_true(kql_known_table_for(a, STR("AzureDiagnostics"), false, &refs, &cols, &n));
    assert_int_equal(n, closed + 2);
    assert_int_equal(cols[closed].type, HB_STRING);
    assert_int_equal(cols[closed + 1].type, HB_REAL);
    assert_true(kql_known_table(a, STR("SecurityEvent"), false, &cols, &closed));
    assert_true(kql_known_table_for(a, STR("SecurityEvent"), false, &refs, &cols, &n));
    assert_int_equal(n, closed);
}

static void test_time_alias(void **state)
{
    (void)state;
    const struct kql_column one[] = { { STR_INIT("a"), HB_LONG }, { STR_INIT("Timestamp"), HB_DATETIME } };
    const struct kql_column both[] = { { STR_INIT("TimeGenerated"), HB_DATETIME },
                                       { STR_INIT("Timestamp"), HB_DATETIME } };
    const struct kql_column text[] = { { STR_INIT("Timestamp"), HB_STRING } };
    struct kql_alias alias;
    assert_true(kql_time_alias(one, 2, &alias));
    assert_true(str_eqz(alias.name, "TimeGenerated"));
    assert_int_equal(alias.col, 1);
    assert_false(kql_time_alias(both, 2, &alias));
    assert_false(kql_time_alias(text, 1, &alias));
}

/* Every line of the list is in the table, with its type. */
static void test_whole_list(void **state)
{
    struct arena *a = *state;
    const char *shared = getenv("HUNTBOOK_SHARED");
    struct str text;
    struct err err = ERR_INIT;
    size_t lines = 0;
    if (!shared) {
        printf("skipped: HUNTBOOK_SHARED is not set\n");
        return;
    }
    assert_true(fs_read(a, arena_printf(a, "%s/table-schemas.tsv", shared), 64 << 20, &text, &err));
    for (size_t from = 0; from < text.n;) {
        size_t to = str_chr(text, '\n', from), at = from;
        struct str field[4];
        for (size_t i = 0; i < 4; i++) {
            size_t end = str_chr(text, '\t', at);
            field[i] = str_sub(text, at, end < to ? end : to);
            at = end < to ? end + 1 : to;
        }
        from = to + 1;
        if (field[0].n == 0 || field[0].p[0] == '#' || field[0].p[0] == '*')
            continue;
        bool defender = !str_eqz(field[3], "loganalytics");
        enum hb_type found = type_in(a, arena_str(a, field[0]).p, arena_str(a, field[1]).p, defender);
        if (found != hb_type_parse(field[2]))
            fail_msg("%.*s.%.*s is %s, not %.*s", STR_ARG(field[0]), STR_ARG(field[1]), hb_type_name(found),
                     STR_ARG(field[2]));
        lines++;
    }
    assert_true(lines > 14000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_time_alias, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_list, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
