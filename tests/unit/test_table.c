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

#include "hb/decimal.h"
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

/* Reads two texts, and says what an operation makes of them; "-" is nothing. */
static void makes(bool (*f)(hb_decimal, hb_decimal, hb_decimal *), const char *a, const char *b,
                  const char *want)
{
    hb_decimal x, y, z;
    char text[DECIMAL_TEXT_MAX];
    assert_true(decimal_parse(str_z(a), &x, NULL));
    assert_true(decimal_parse(str_z(b), &y, NULL));
    struct str got = f(x, y, &z) ? (struct str){ text, decimal_text(z, text) } : STR("-");
    if (!str_eqz(got, want))
        fail_msg("%s, %s: %.*s, not %s", a, b, STR_ARG(got), want);
}

static void reads(const char *text, const char *want, bool exact)
{
    hb_decimal d;
    bool is_exact = exact;
    char out[DECIMAL_TEXT_MAX];
    struct str got = decimal_parse(str_z(text), &d, &is_exact) ? (struct str){ out, decimal_text(d, out) }
                                                               : STR("-");
    if (!str_eqz(got, want) || is_exact != exact)
        fail_msg("'%s' is %.*s (%s), not %s", text, STR_ARG(got), is_exact ? "exact" : "rounded", want);
}

#define N34 "1234567890123456789012345678901234"

static void test_decimal_texts(void **state)
{
    (void)state;
    static const char *const same[] = { "0",
                                        "1",
                                        "-1",
                                        "0.5",
                                        "-0.000001",
                                        "1200",
                                        "79228162514264337593543950335",
                                        N34,
                                        ("-" N34),
                                        "0.1",
                                        "1.5E+40",
                                        "1E-39",
                                        "99999999999999999999999999999999",
                                        "9.999999999999999999999999999999999E+6144",
                                        "1E-6143",
                                        "0.00000000000000000000000000000000000001" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        reads(same[i], same[i], true);
    reads("-007.500", "-7.5", true);
    reads("+1.25E-3", "0.00125", true);
    reads("1e3", "1000", true);
    reads("0.00e+9", "0", true);
    reads("-0", "0", true);
    reads(N34 "5", N34 "0", false); /* half: to even */
    reads(N34 "6", "12345678901234567890123456789012350", false);
    reads(N34 "50000000000000000000000000000000000000000000001", "1.234567890123456789012345678901235E+80",
          false);
    reads("9999999999999999999999999999999999.5", "10000000000000000000000000000000000", false);
    reads("0." N34 "1", "0." N34, false);
    reads("1e-7000", "0", false);
    reads("1e7000", "-", true);
    reads("1e99999999999999999999", "-", true);
    static const char *const none[] = { "",  "-",   ".",  "1.2.3", "1e",  "1e+",  "1e+-2", "1e-+2",
                                        "x", "0x1", " 1", "1 ",    "NaN", "1e5x", "inf",   "--1" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        reads(none[i], "-", true);
}

static void test_decimal_arithmetic(void **state)
{
    (void)state;
    makes(decimal_add, "0.1", "0.2", "0.3");
    makes(decimal_add, "1e20", "1e-13", "100000000000000000000.0000000000001");
    makes(decimal_add, "1e20", "1e-14", "100000000000000000000"); /* 35 digits: half to even */
    makes(decimal_add, "1e33", "0.5", "1000000000000000000000000000000000");
    makes(decimal_add, "1e33", "0.5000000000000000000000000000000001", "1000000000000000000000000000000001");
    makes(decimal_add, "1e33", "-0.4", "999999999999999999999999999999999.6");
    makes(decimal_add, "1e33", "-1e-90", "1000000000000000000000000000000000");
    makes(decimal_add, "1e40", "-1", "1E+40");
    makes(decimal_add, "5", "-5", "0");
    makes(decimal_add, "-0.3", "0.1", "-0.2");
    makes(decimal_add, "9999999999999999999999999999999999", "1", "10000000000000000000000000000000000");
    makes(decimal_add, "9.999999999999999999999999999999999e6144", "1e6144", "-");
    makes(decimal_mul, "1e19", "-1e19", "-1E+38");
    makes(decimal_mul, N34, N34, "1.524157875323883675049535156256667E+66");
    makes(decimal_mul, "1.5", "0", "0");
    makes(decimal_mul, "1e4000", "1e4000", "-");
    makes(decimal_mul, "1e-4000", "1e-4000", "0");
    makes(decimal_div, "1", "3", "0.3333333333333333333333333333333333");
    makes(decimal_div, "2", "-3", "-0.6666666666666666666666666666666667");
    makes(decimal_div, "1", "8", "0.125");
    makes(decimal_div, "1", "0", "-");
    makes(decimal_mod, "7.5", "2", "1.5");
    makes(decimal_mod, "-7.5", "2", "0.5");
    makes(decimal_mod, "-7.5", "-2", "0.5");
    makes(decimal_mod, "1e6000", "7", "1");
    makes(decimal_mod, "3", "1e30", "3");
    makes(decimal_mod, "-4", "2", "0");
    makes(decimal_mod, "1", "0", "-");
    makes(decimal_bin, "-2.1", "1", "-3");
    makes(decimal_bin, "7.3", "0.5", "7");
    makes(decimal_bin, "7.3", "0", "-");
    makes(decimal_bin, "7.3", "-1", "-");
}

/* The sum of two as parts of which each is a sum. */
static bool add_parts(hb_decimal a, hb_decimal b, hb_decimal *out)
{
    __int128 whole[2], part[2];
    return decimal_parts(a, &whole[0], &part[0]) && decimal_parts(b, &whole[1], &part[1]) &&
           decimal_of_parts(whole[0] + whole[1], part[0] + part[1], out);
}

static void test_decimal_parts(void **state)
{
    (void)state;
    makes(add_parts, "0.1", "0.2", "0.3");
    makes(add_parts, "0.75", "0.75", "1.5");
    makes(add_parts, "5", "-0.25", "4.75");
    makes(add_parts, "-5", "0.25", "-4.75");
    makes(add_parts, "-0.5", "0.25", "-0.25");
    makes(add_parts, "1.25", "-1.25", "0");
    makes(add_parts, "9999999999999999999999999999", "0.0000000000000000000000000001",
          "9999999999999999999999999999");
    makes(add_parts, "9999999999999999999999999999.000001", "0.0000005",
          "9999999999999999999999999999.000002");
    makes(add_parts, "9999999999999999999999999999", "1", "10000000000000000000000000000");
    makes(add_parts, "0.0000000000000000000000000001", "0", "0.0000000000000000000000000001");
    makes(add_parts, "0.00000000000000000000000000001", "0", "-");
    makes(add_parts, "10000000000000000000000000000", "0", "-");
    makes(add_parts, "1e6000", "0", "-");
}

static void test_decimal_others(void **state)
{
    (void)state;
    static const struct {
        const char *d, *rounded;
        int64_t places, whole;
        bool is_long;
    } rows[] = {
        { "2.5", "3", 0, 2, true },
        { "-2.555", "-2.56", 2, -2, true },
        { "149", "100", -2, 149, true },
        { "51", "100", -2, 51, true },
        { "1.5", "0", -400, 1, true },
        { "1.5", "1.5", INT64_MAX, 1, true },
        { "1.5", "0", INT64_MIN, 1, true },
        { "9223372036854775807.9", "9223372036854775808", 0, INT64_MAX, true },
        { "9223372036854775808", "9223372036854775808", 0, 0, false },
        { "-9223372036854775808", "-9223372036854775808", 0, INT64_MIN, true },
        { "1e30", "1000000000000000000000000000000", 0, 0, false },
        { "1e-30", "0", 0, 0, true },
    };
    hb_decimal d, r;
    int64_t v = 0;
    char text[DECIMAL_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(decimal_parse(str_z(rows[i].d), &d, NULL) && decimal_round(d, rows[i].places, &r));
        assert_true(str_eqz((struct str){ text, decimal_text(r, text) }, rows[i].rounded));
        assert_int_equal(decimal_to_long(d, &v), rows[i].is_long);
        if (rows[i].is_long)
            assert_int_equal(v, rows[i].whole);
    }
    assert_true(decimal_of_real(0.1, &d));
    assert_true(str_eqz((struct str){ text, decimal_text(d, text) }, "0.1"));
    assert_false(decimal_of_real(NAN, &d) || decimal_of_real(-INFINITY, &d));
    assert_true(decimal_to_real(d) == 0.1 && decimal_to_real(0) == 0);
    assert_true(decimal_of_long(INT64_MIN) < decimal_of_long(-1) && decimal_of_long(-1) < 0 &&
                0 < decimal_of_long(1) && decimal_of_long(9) < decimal_of_long(10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),       cmocka_unit_test(test_narrow_terminal),
        cmocka_unit_test(test_reals),         cmocka_unit_test(test_types),
        cmocka_unit_test(test_decimal_texts), cmocka_unit_test(test_decimal_arithmetic),
        cmocka_unit_test(test_decimal_parts), cmocka_unit_test(test_decimal_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
