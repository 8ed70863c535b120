/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: cells as text, and whole tables in every format, with hostile text.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "hb/table.h"

static struct table *sample(struct arena *a)
{
    struct table *t = table_new(a, 3, 3);
    table_set_column(t, 0, STR("name"), HB_STRING);
    table_set_column(t, 1, STR("n"), HB_LONG);
    table_set_column(t, 2, STR("r"), HB_REAL);
    t->cols[0].v.s[0] = STR("=cmd|'/c calc'!A0");
    t->cols[0].v.s[1] = STR("a,\"b\"\nc");
    t->cols[0].v.s[2] = STR("\x1b[31mred|*\xE2\x80\xAE");
    t->cols[1].v.i[0] = -5;
    column_set_null(t, 1, 1);
    t->cols[1].v.i[2] = 12345;
    t->cols[2].v.f[0] = 0.1;
    t->cols[2].v.f[1] = NAN;
    t->cols[2].v.f[2] = 2;
    return t;
}

static void prints(const struct table *t, struct table_print how, const char *want)
{
    struct buf b = BUF_INIT;
    table_print(&b, t, &how);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_formats(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct table *t = sample(a);
    prints(t, (struct table_print){ .format = TABLE_CSV },
           "name,n,r\r\n=cmd|'/c "
           "calc'!A0,-5,0.1\r\n\"a,\"\"b\"\"\nc\",,NaN\r\n\x1b[31mred|*\xE2\x80\xAE,12345,2.0\r\n");
    prints(t, (struct table_print){ .format = TABLE_CSV, .csv_safe = true, .max_rows = 1 },
           "name,n,r\r\n\"'=cmd|'/c calc'!A0\",-5,0.1\r\n");
    prints(t, (struct table_print){ .format = TABLE_NDJSON },
           "{\"name\":\"=cmd|'/c "
           "calc'!A0\",\"n\":-5,\"r\":0.1}\n{\"name\":\"a,\\\"b\\\"\\nc\",\"n\":null,\"r\":\"NaN\"}\n"
           "{\"name\":\"\\u001b[31mred|*\xE2\x80\xAE\",\"n\":12345,\"r\":2}\n");
    prints(t, (struct table_print){ .format = TABLE_TEXT },
           "name                         n    r\n"
           "=cmd|'/c calc'!A0           -5  0.1\n"
           "a,\"b\"\\u{A}c                     NaN\n"
           "\\u{1B}[31mred|*\\u{202E}  12345  2.0\n");
    prints(t, (struct table_print){ .format = TABLE_MD },
           "| name | n | r |\n|---|--:|--:|\n| =cmd\\|'/c calc'\\!A0 | -5 | 0.1 |\n| a,\"b\"\\\\u\\{A\\}c |  "
           "| NaN |\n"
           "| \\\\u\\{1B\\}\\[31mred\\|\\*\\\\u\\{202E\\} | 12345 | 2.0 |\n");
    arena_free(a);
}

static void test_narrow_terminal(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct table *t = table_new(a, 2, 2);
    table_set_column(t, 0, STR("text"), HB_STRING);
    table_set_column(t, 1, STR("n"), HB_INT);
    t->cols[0].v.s[0] = STR("abcdefghijklmnopqrstuvwxyz");
    t->cols[0].v.s[1] = STR("\xE5\xA8\x81\xE8\x83\x81\xE7\x8B\xA9\xE7\x8C\x8E\xE5\xA8\x81\xE8\x83\x81");
    t->cols[1].v.i[0] = 1;
    prints(t, (struct table_print){ .format = TABLE_TEXT, .width = 13, .max_rows = 1 },
           "text        n\nabcdefghi\xE2\x80\xA6  1\n(1 more rows)\n");
    prints(t, (struct table_print){ .format = TABLE_TEXT, .width = 13 },
           "text        n\nabcdefghi\xE2\x80\xA6  "
           "1\n\xE5\xA8\x81\xE8\x83\x81\xE7\x8B\xA9\xE7\x8C\x8E\xE2\x80\xA6   0\n");
    arena_free(a);
}

static void real(double v, const char *want)
{
    struct buf b = BUF_INIT;
    real_put_kql(&b, v);
    if (strcmp(buf_z(&b), want) != 0)
        fail_msg("%.17g is written %s, not %s", v, buf_z(&b), want);
    buf_free(&b);
}

static void test_reals(void **state)
{
    (void)state;
    real(1500, "1500.0");
    real(-2.5, "-2.5");
    real(0.30000000000000004, "0.30000000000000004");
    real(0.0001, "0.0001");
    real(0.00001, "1E-05");
    real(1e15, "1E+15");
    real(123456789012345.0, "123456789012345.0");
    real(1e20, "1E+20");
    real(-INFINITY, "-Infinity");
    real(0, "0.0");
}

static void test_types(void **state)
{
    (void)state;
    assert_int_equal(hb_type_parse(STR("double")), HB_REAL);
    assert_int_equal(hb_type_parse(STR("uuid")), HB_GUID);
    assert_int_equal(hb_type_parse(STR("unknown")), HB_UNKNOWN);
    for (int t = HB_BOOL; t < HB_NTYPES; t++)
        assert_int_equal(hb_type_parse(str_z(hb_type_name((enum hb_type)t))), t);
}

static void extent(struct decimal_extent from, const char *text, bool fits, unsigned whole, unsigned places)
{
    struct decimal_extent e = from;
    if (decimal_extend(&e, str_z(text)) != fits || e.whole != whole || e.places != places)
        fail_msg("'%s' makes %u.%u of %u.%u", text, e.whole, e.places, from.whole, from.places);
}

static void test_decimals(void **state)
{
    static const struct decimal_extent none = { 0, 0 }, some = { 10, 20 };
    (void)state;
    extent(none, "0", true, 0, 0);
    extent(none, "-007.500", true, 1, 1);
    extent(none, "1e3", true, 4, 0);
    extent(none, "+1.25E-3", true, 0, 5);
    extent(none, "0.00e+9", true, 0, 0);
    extent(none, "99999999999999999999999999999999999999", true, 38, 0);
    extent(none, "100000000000000000000000000000000000000", false, 0, 0);
    extent(none, "1e-38", true, 0, 38);
    extent(none, "1e-39", false, 0, 0);
    extent(some, "123456789012345678", true, 18, 20);
    extent(some, "1234567890123456789", false, 10, 20);
    extent(some, "0.1", true, 10, 20);
    const char *const none_of_them[] = { "",      "-",       ".", "1.2.3", "1e", "1e+",
                                         "1e+-2", "1e99999", "x", "0x1",   " 1", "NaN" };
    for (size_t i = 0; i < sizeof none_of_them / sizeof *none_of_them; i++)
        extent(some, none_of_them[i], false, 10, 20);
    assert_int_equal(decimal_places(none), 18);
    assert_int_equal(decimal_places((struct decimal_extent){ 20, 18 }), 18);
    assert_int_equal(decimal_places((struct decimal_extent){ 29, 9 }), 9);
    assert_int_equal(decimal_places((struct decimal_extent){ 25, 3 }), 13);
    assert_int_equal(decimal_places((struct decimal_extent){ 2, 30 }), 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_narrow_terminal), cmocka_unit_test(test_reals),
        cmocka_unit_test(test_types),   cmocka_unit_test(test_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
