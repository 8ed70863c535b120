/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scalar functions of hb/kql_udf.h, called through SQL. A row: expression, then its value as text ("null" for NULL).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../src/engine/udf_int.h"

struct fixture {
    struct arena *a;
    struct engine *e;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    struct engine_options o = { .threads = 2, .memory_limit = UINT64_C(1) << 30 };
    f.a = arena_new(0, "test");
    f.e = engine_open(&o, &f.err);
    if (!f.e)
        fail_msg("%s", f.err.text);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    engine_close(f->e);
    arena_free(f->a);
    return 0;
}

static struct str value_of(struct fixture *f, const char *expression)
{
    struct table *t;
    char *sql = arena_printf(f->a, "SELECT v, v IS NULL FROM (SELECT %s AS v)", expression);
    if (!engine_sql(f->e, sql, f->a, &t, &f->err))
        fail_msg("%s: %s", expression, f->err.text);
    if (t->cols[1].v.b[0])
        return STR("null");
    struct buf b = BUF_INIT;
    cell_put_text(&b, &t->cols[0], 0);
    struct str s = buf_to_arena(&b, f->a);
    buf_free(&b);
    return s;
}

struct row {
    const char *expression, *value;
};

static void check(struct fixture *f, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str got = value_of(f, rows[i].expression);
        if (!str_eqz(got, rows[i].value))
            fail_msg("%s: expected %s, got %.*s", rows[i].expression, rows[i].value, STR_ARG(got));
    }
}
#define CHECK(f, rows) check((f), (rows), sizeof(rows) / sizeof *(rows))

static void every_function_of_the_contract_exists(void **state)
{
    size_t n;
    const struct udf_sig *sig = udf_signatures(&n);
    (void)state;
    for (size_t i = 0; i < n; i++)
        if (!udf_find(sig[i].name))
            fail_msg("%s has no body", sig[i].name);
}

/* Calls with NULLs, empty and odd values in every place: nothing crashes, nothing fails. */
static void odd_arguments_never_fail(void **state)
{
    struct fixture *f = *state;
    static const struct {
        char type;
        const char *values[6];
    } odd[] = {
        { 'b', { "NULL", "true", "false" } },
        { 'i', { "NULL", "0", "-2147483648" } },
        { 'l', { "NULL", "0", "9223372036854775807", "(-9223372036854775807 - 1)", "-1" } },
        { 'r', { "NULL", "0e0", "'nan'::DOUBLE", "'-inf'::DOUBLE", "1e308" } },
        { 's', { "NULL", "''", "'a' || chr(0) || 'é😀'", "'[\"'", "'%zz%'" } },
        { 'j', { "NULL", "''", "'null'", "'[1,[2,{\"a\":null}],\"x\"]'", "'{\"a\":[1'", "']}'" } },
        { 'd',
          { "NULL", "0::HUGEINT", "kql_todecimal('-1e6144')",
            "kql_todecimal('0.3333333333333333333333333333333333')" } },
        { 'D', { "NULL", "[]::HUGEINT[]", "[kql_todecimal('9e6144'), kql_todecimal('9e6144')]" } },
        { 'u', { "NULL", "'00000000-0000-0000-0000-000000000000'::UUID" } },
        { 'h', { "NULL", "170141183460469231731687303715884105727::HUGEINT" } },
        { 'S', { "NULL", "[]::VARCHAR[]", "['', NULL]" } },
        { 'J', { "NULL", "[]::VARCHAR[]", "['{\"a\":1}', NULL, '[', '[1]']" } },
        { 'R', { "NULL", "[]::DOUBLE[]", "[1e0, NULL]" } },
        { 'L', { "NULL", "[]::BIGINT[]", "[1::BIGINT, NULL]" } },
    };
    size_t n;
    const struct udf_sig *sig = udf_signatures(&n);
    for (size_t i = 0; i < n; i++) {
        for (unsigned round = 0; round < 30; round++) {
            struct buf sql = BUF_INIT;
            buf_printf(&sql, "SELECT count(%s(", sig[i].name);
            for (size_t k = 0; sig[i].args[k]; k++) {
                size_t t = 0, count = 0;
                while (odd[t].type != sig[i].args[k])
                    t++;
                while (count < 6 && odd[t].values[count])
                    count++;
                buf_printf(&sql, "%s%s", k ? ", " : "",
                           odd[t].values[(round * (k + 3) + round / 7 + k) % count]);
            }
            buf_puts(&sql, ")) FROM range(3)");
            if (!engine_exec(f->e, &f->err, "%s", buf_z(&sql)))
                fail_msg("%s: %s", buf_z(&sql), f->err.text);
            buf_free(&sql);
        }
    }
}

static void text_is_matched_by_terms(void **state)
{
    static const struct row rows[] = {
        { "kql_has('C:\\Windows\\System32\\SVCHOST.exe -k', 'svchost')", "true" },
        { "kql_has('C:\\Windows\\System32\\SVCHOST.exe -k', 'svc')", "false" },
        { "kql_has('the svchost123 here, then svchost!', 'svchost')", "true" },
        { "kql_has('xsvchost svchostx and some more text to fill a vector of bytes', 'svchost')", "false" },
        { "kql_has('foo bar', ' ')", "true" },
        { "kql_has('foo', '')", "true" },
        { "kql_has('1_2_3', '1')", "true" },
        { "kql_has('1.2.3', '2.3')", "true" },
        { "kql_has('run a.exe now', '.exe')", "true" },
        { "kql_has('NAÏVE', 'naïve')", "true" },
        { "kql_has('xnaïve', 'naïve')", "false" },
        { "kql_has('Müller', 'm')", "false" },
        { "kql_has('ab' || chr(0) || 'cd', chr(0))", "true" },
        { "kql_has('ab' || chr(0) || 'cd', 'b' || chr(0) || 'x')", "false" },
        { "kql_has('a`b', 'A@B')", "false" },
        { "kql_has_cs('Foo foo', 'foo')", "true" },
        { "kql_has_cs('FOO Foo', 'foo')", "false" },
        { "kql_hasprefix('one powershell_ise', 'POWER')", "true" },
        { "kql_hasprefix('one xpowershell', 'power')", "false" },
        { "kql_hassuffix('one powershell', 'SHELL')", "true" },
        { "kql_hassuffix('one powershellx', 'shell')", "false" },
        { "kql_hasprefix_cs('Aa', 'a')", "false" },
        { "kql_hassuffix_cs('aA', 'A')", "true" },
        { "kql_contains('abcDEF', 'Cde')", "true" },
        { "kql_contains('abc', 'abcd')", "false" },
        { "kql_startswith('Hello', 'hE')", "true" },
        { "kql_endswith('ÉCOLE', 'école')", "true" },
        { "kql_eqci('MÜLLER', 'müller')", "true" },
        { "kql_eqci('a', 'b')", "false" },
        { "kql_has_any('one two three', '[\"x\",\"TWO\"]')", "true" },
        { "kql_has_any('one two three', '[\"tw\",\"thre\",\"on\",\"ne\"]')", "false" },
        { "kql_has_any('one two three', '[\"tw\",\"thre\",\"on\",\"ne\",\"one two\"]')", "true" },
        { "kql_has_any('one', '[]')", "false" },
        { "kql_has_any('one', '\"ONE\"')", "true" },
        { "kql_has_any('a 5 b', '[[\"q\"],5]')", "true" },
        { "kql_has_any('naïve', '[\"x\",\"y\",\"z\",\"NAÏVE\"]')", "true" },
        { "kql_has_all('one two three', '[\"three\",\"one\"]')", "true" },
        { "kql_has_all('one two three', '[\"three\",\"four\"]')", "false" },
        { "kql_in_json('\"a\"', '[\"b\",\"a\"]')", "true" },
        { "kql_in_json('1.0', '[1]')", "true" },
        { "kql_in_json('\"A\"', '[\"a\"]')", "false" },
        { "kql_in_json_ci('\"A\"', '[\"a\"]')", "true" },
        { "kql_has(NULL, 'a')", "null" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void dynamic_values_are_reached_and_converted(void **state)
{
    static const struct row rows[] = {
        { "kql_dget('{\"a\":{\"b\": [1, 2]},\"c\":null}', 'a')", "{\"b\": [1, 2]}" },
        { "kql_dget('{\"a\\u0062\":1}', 'ab')", "1" },
        { "kql_dget('{\"a\":1}', 'A')", "null" },
        { "kql_dget('{\"a\":null}', 'a')", "null" },
        { "kql_dget('[1]', 'a')", "null" },
        { "kql_dindex('[1,\"x\",[3]]', 2)", "[3]" },
        { "kql_dindex('[1,\"x\",[3]]', -3)", "1" },
        { "kql_dindex('[1,\"x\",[3]]', 3)", "null" },
        { "kql_dpath('{\"a/b\":{\"~\":[{\"c\":5}]}}', '/a~1b/~0/0/c')", "5" },
        { "kql_dpath('{\"0\":7}', '/0')", "7" },
        { "kql_dpath_str('{\"a\":\"x\\ty\"}', '/a')", "x\ty" },
        { "kql_dpath_str('{\"a\":null}', '/a')", "" },
        { "kql_dyn_str('{\"a\":1}')", "{\"a\":1}" },
        { "kql_dyn_str('\"\\ud83d\\ude00 \\ud83d\"')", "\xf0\x9f\x98\x80 \xef\xbf\xbd" },
        { "kql_dyn_str(NULL)", "" },
        { "kql_dyn_long('\"0x10\"')", "16" },
        { "kql_dyn_long('1.9')", "1" },
        { "kql_dyn_long('true')", "1" },
        { "kql_dyn_long('\"3.14\"')", "null" },
        { "kql_dyn_long('[1]')", "null" },
        { "kql_dyn_int('4294967297')", "1" },
        { "kql_dyn_real('\"1e3\"')", "1000.0" },
        { "kql_dyn_bool('\"TRUE\"')", "true" },
        { "kql_dyn_bool('0')", "false" },
        { "kql_dyn_datetime('\"2026-01-15\"')", "639040320000000000" },
        { "kql_dyn_timespan('\"1.00:00:00\"')", "864000000000" },
        { "kql_dyn_type('1')", "long" },
        { "kql_dyn_type('1.0')", "real" },
        { "kql_dyn_type(NULL)", "null" },
        { "kql_dyn_type('{}')", "dictionary" },
        { "kql_dyn_canon('{\"b\":1.0,\"a\":[ 1, \"\\u0041\" ],\"b\":2}')", "{\"a\":[1,\"A\"],\"b\":1}" },
        { "kql_dyn_canon('{\"\\u0062\":1,\"a\":2}')", "{\"a\":2,\"b\":1}" },
        { "kql_json_pretty('{\"b\":1,\"a\":2}')", "{\"a\":2,\"b\":1}" },
        { "kql_parse_json(' { \"a\" : [ 1 , 2.50 , \"x y\" ] } ')", "{\"a\":[1,2.50,\"x y\"]}" },
        { "kql_parse_json('{\"a\":1,}')", "\"{\\\"a\\\":1,}\"" },
        { "kql_parse_json('NaN')", "\"NaN\"" },
        { "kql_parse_json('01')", "\"01\"" },
        { "kql_parse_json('[1] x')", "\"[1] x\"" },
        { "kql_parse_json('')", "null" },
        { "kql_parse_json('null')", "null" },
        { "kql_parse_json('[]')", "[]" },
        { "kql_parse_json('[{},[[]],{\"a\":{}}]')", "[{},[[]],{\"a\":{}}]" },
        { "length(kql_parse_json(repeat('[', 100000)))", "100002" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void conversions_follow_kusto(void **state)
{
    static const struct row rows[] = {
        { "kql_tolong('5.9')", "null" },
        { "kql_tolong('0x10')", "16" },
        { "kql_tolong('  12' || chr(9))", "12" },
        { "kql_tolong('9223372036854775808')", "null" },
        { "kql_tolong('1_000')", "null" },
        { "kql_toint('2147483648')", "null" },
        { "kql_toreal('1e3')", "1000.0" },
        { "kql_toreal('x')", "null" },
        { "kql_toreal('-Infinity')", "-Infinity" },
        { "kql_tobool('TrUe')", "true" },
        { "kql_tobool('2')", "true" },
        { "kql_tobool('yes')", "null" },
        { "kql_decimal_str(kql_todecimal(' 1.50 '))", "1.5" },
        { "kql_decimal_str(kql_todecimal('-0.0000000000000000005'))", "-0.0000000000000000005" },
        { "kql_decimal_str(kql_todecimal('1e3'))", "1000" },
        { "kql_decimal_str(kql_todecimal('12345678901234567890123456789012345'))",
          "12345678901234567890123456789012340" },
        { "kql_decimal_str(kql_todecimal('1.2.3'))", "" },
        { "kql_decimal_str(kql_dec_sum([kql_todecimal('0.1'), kql_todecimal('0.2')]))", "0.3" },
        { "kql_toguid('{00112233445566778899AABBCCDDEEFF}')", "00112233-4455-6677-8899-aabbccddeeff" },
        { "kql_toguid('{00112233-4455-6677-8899-AABBCCDDEEFF}')", "00112233-4455-6677-8899-aabbccddeeff" },
        { "kql_todatetime('2014-11-08 15:55:55.1234567+02:00')", "635510517551234567" },
        { "kql_todatetime('12-02-2022x')", "null" },
        { "kql_totimespan('90s')", "900000000" },
        { "kql_real_str(1500)", "1500.0" },
        { "kql_real_str(1e20)", "1E+20" },
        { "kql_real_str(NULL)", "" },
        { "kql_decimal_str(kql_todecimal('1.50'))", "1.5" },
        { "kql_datetime_str(639040320000000001)", "2026-01-15T00:00:00.0000001Z" },
        { "kql_datetime_str(-1)", "" },
        { "kql_timespan_str(-864000000001)", "-1.00:00:00.0000001" },
        { "kql_tohex(255, 0)", "ff" },
        { "kql_tohex(-1, 0)", "ffffffffffffffff" },
        { "kql_json_str('a\"b')", "\"a\\\"b\"" },
        { "kql_json_real('inf'::DOUBLE)", "\"Infinity\"" },
        { "kql_json_datetime(639040320000000000)", "\"2026-01-15T00:00:00.0000000Z\"" },
        { "kql_format_bytes(10332, 1, '')", "10.1 KB" },
        { "kql_format_bytes(20010332, 0, 'KB')", "19541 KB" },
        { "kql_format_bytes(564, 0, '')", "564 Bytes" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void arithmetic_wraps_and_bins(void **state)
{
    static const struct row rows[] = {
        { "kql_add(9223372036854775807, 1)", "-9223372036854775808" },
        { "kql_mul(4611686018427387904, 2)", "-9223372036854775808" },
        { "kql_wrap(18446744073709551617::HUGEINT)", "1" },
        { "kql_div(7, -2)", "-3" },
        { "kql_div(1, 0)", "null" },
        { "kql_div(-9223372036854775807 - 1, -1)", "-9223372036854775808" },
        { "kql_mod(-7, 2)", "1" },
        { "kql_mod(7, -2)", "1" },
        { "kql_mod(-7, -9223372036854775807 - 1)", "9223372036854775801" },
        { "kql_bin(-7, 5)", "-10" },
        { "kql_bin(7, 0)", "null" },
        { "kql_binr(-0.1, 0.5)", "-0.5" },
        { "kql_bin_at(7, 5, 1)", "6" },
        { "kql_shl(1, 63)", "-9223372036854775808" },
        { "kql_shl(1, 64)", "1" },
        { "kql_shr(-8, 1)", "-4" },
        { "kql_real_long(1e30)", "9223372036854775807" },
        { "kql_real_long('nan'::DOUBLE)", "null" },
        { "kql_long_int(4294967297)", "1" },
        { "kql_ticks_mul(10, 1.55)", "15" },
        { "kql_abs(-9223372036854775807 - 1)", "-9223372036854775808" },
        { "kql_xxh_long(635556672000000000)", "1380966698541616202" },
        { "kql_xxh_str('World')", "1846988464401551951" },
        { "kql_xxh_str('')", "-1205034819632174695" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void dates_have_parts_and_borders(void **state)
{
    static const struct row rows[] = {
        { "kql_datetime_str(kql_datetime_add('month', 1, kql_todatetime('2024-01-31T10:00:00Z')))",
          "2024-02-29T10:00:00.0000000Z" },
        { "kql_datetime_str(kql_datetime_add('year', -1, kql_todatetime('2024-02-29')))",
          "2023-02-28T00:00:00.0000000Z" },
        { "kql_datetime_add('year', 8000, kql_todatetime('2024-02-29'))", "null" },
        { "kql_datetime_str(kql_startof('week', kql_todatetime('2017-01-01T10:10:17Z'), -1))",
          "2016-12-25T00:00:00.0000000Z" },
        { "kql_datetime_str(kql_endof('month', kql_todatetime('2017-01-01T10:10:17Z'), 1))",
          "2017-02-28T23:59:59.9999999Z" },
        { "kql_datetime_str(kql_endof('year', kql_todatetime('9999-01-01'), 0))",
          "9999-12-31T23:59:59.9999999Z" },
        { "kql_datetime_str(kql_startof('year', kql_todatetime('2017-05-01'), 0))",
          "2017-01-01T00:00:00.0000000Z" },
        { "kql_datetime_part('quarter', kql_todatetime('2017-10-30'))", "4" },
        { "kql_datetime_part('week_of_year', kql_todatetime('2017-10-30'))", "44" },
        { "kql_datetime_part('week_of_year', kql_todatetime('2021-01-03'))", "53" },
        { "kql_datetime_part('dayOfYear', kql_todatetime('2017-10-30'))", "303" },
        { "kql_datetime_part('nanosecond', kql_todatetime('2017-10-30T01:02:03.7654321Z'))", "765432100" },
        { "kql_datetime_diff('year', kql_todatetime('2017-01-01'), kql_todatetime('2000-12-31'))", "17" },
        { "kql_datetime_diff('quarter', kql_todatetime('2017-07-01'), kql_todatetime('2017-03-30'))", "2" },
        { "kql_datetime_diff('week', kql_todatetime('2017-10-29'), kql_todatetime('2017-10-28'))", "1" },
        { "kql_datetime_diff('hour', kql_todatetime('2017-10-31T01:00:00Z'), "
          "kql_todatetime('2017-10-30T23:59:00Z'))",
          "2" },
        { "kql_datetime_str(kql_make_datetime(2017, 10, 1, 12, 10, 5000000))",
          "2017-10-01T12:10:00.5000000Z" },
        { "kql_make_datetime(2017, 2, 29, 0, 0, 0)", "null" },
        { "kql_dt_shift(3155378975999999999, 1)", "null" },
        { "kql_format_datetime(kql_todatetime('2017-01-29T15:04:05.0670000Z'), 'yy-MM-dd [HH:mm:ss.fff] "
          "h:m:s tt FFFFFFF')",
          "17-01-29 [15:04:05.067] 3:4:5 PM 067" },
        { "kql_format_timespan(kql_totimespan('1.02:03:04.567'), 'dd.hh:mm:ss.fffffff')",
          "01.02:03:04.5670000" },
        { "kql_format_timespan(kql_totimespan('-1.02:30:00'), 'd.hh:mm:ss')", "-1.02:30:00" },
        { "kql_format_timespan(kql_totimespan('1.01:01:01.123'), 'd:h:m:s.fff')", "1:1:1:1.123" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void lists_bags_and_sets(void **state)
{
    static const struct row rows[] = {
        { "kql_make_set(['1', '[2,1]', NULL, '\"a\"', '1.0', 'null'], 10)", "[1,2,\"a\"]" },
        { "kql_make_list(['[1]', NULL, '\"a\"'], 1)", "[[1]]" },
        { "kql_make_bag(['{\"b\":1,\"a\":2}', '5', '{\"b\":3,\"c\":4}'], 10)", "{\"a\":2,\"b\":1,\"c\":4}" },
        { "kql_make_set([]::VARCHAR[], 10)", "[]" },
        { "to_json(kql_elems('{\"a\":1,\"b\":[2]}'))", "[\"{\\\"a\\\":1}\",\"{\\\"b\\\":[2]}\"]" },
        { "to_json(kql_elems('[1,null,\"x\"]'))", "[\"1\",null,\"\\\"x\\\"\"]" },
        { "len(kql_elems('[]'))", "0" },
        { "kql_array_slice('[1,2,3,4,5]', -3, -2)", "[3,4]" },
        { "kql_array_slice('[1,2,3]', 1, 9)", "[2,3]" },
        { "kql_array_split('[1,2,3,4,5]', '[1,3]')", "[[1],[2,3],[4,5]]" },
        { "kql_array_rotate('[1,2,3,4,5]', 2)", "[3,4,5,1,2]" },
        { "kql_array_shift('[1,2,3,4,5]', -2, '-1')", "[-1,-1,1,2,3]" },
        { "kql_array_sort('[null,\"b\",10,9,\"a\"]', false, true)", "[9,10,\"a\",\"b\",null]" },
        { "kql_array_iff('[true,0,\"x\"]', '[1,2,3]', '0')", "[1,0,null]" },
        { "kql_array_zip(['[1,2]', '[3]'])", "[[1,3],[2,null]]" },
        { "kql_array_join('[\"a\",1]', '-')", "a-1" },
        { "kql_array_sum('[1,2.5]')", "3.5" },
        { "kql_set_union(['[1,2]', '[2,3]'])", "[1,2,3]" },
        { "kql_set_intersect(['[1,2,2]', '[2,3]'])", "[2]" },
        { "kql_set_difference(['[1,2,1]', '[2]'])", "[1]" },
        { "kql_set_has('[1,\"a\"]', '\"a\"')", "true" },
        { "kql_bag_remove('{\"k1\":1,\"k2\":{\"p\":1,\"q\":2},\"k3\":[]}', '[\"$.k2.p\",\"k3\"]')",
          "{\"k1\":1,\"k2\":{\"q\":2}}" },
        { "kql_bag_merge(['{\"a\":1}', '{\"a\":2,\"b\":3}'])", "{\"a\":1,\"b\":3}" },
        { "kql_bag_zip('[\"a\",8,\"b\"]', '1')", "{\"a\":null,\"b\":null}" },
        { "kql_bag_set('{\"a\":1}', 'a', '2')", "{\"a\":2}" },
        { "kql_json_object(['a', 'b', 'a'], ['1', NULL, '3'])", "{\"b\":null,\"a\":3}" },
        { "kql_treepath('{\"a\":{\"b\":1},\"l\":[1,{\"x\":2}]}')",
          "[\"['a']\",\"['a']['b']\",\"['l']\",\"['l'][0]\",\"['l'][0]['x']\"]" },
        { "kql_range(1, 7, 3)", "[1,4,7]" },
        { "kql_range(9223372036854775806, 9223372036854775807, 5)", "[9223372036854775806]" },
        { "kql_json_path('{\"a\":{\"b c\":[1,2]}}', '$.a[''b c''][1]')", "2" },
        { "kql_split('a,b,,c', ',')", "[\"a\",\"b\",\"\",\"c\"]" },
        { "kql_split('', ',')", "[\"\"]" },
        { "kql_indexof('äbcabc', 'b', 2, -1, 1, '')", "4" },
        { "kql_indexof('abc', 'z', 0, -1, 1, '')", "-1" },
        { "kql_countof('aaa', 'aa')", "2" },
        { "kql_substring('äöü', 1, 1)", "ö" },
        { "kql_substring('abcdef', -2, 9)", "ef" },
        { "kql_b64_text('SGVsbG8=')", "Hello" },
        { "kql_b64_text('/////w==')", "" },
        { "kql_b64_text('x')", "" },
        { "kql_url_decode('a%20b+%C3%A4%ff')", "a b ä\xef\xbf\xbd" },
        { "kql_url_encode('https://a/b c')", "https%3a%2f%2fa%2fb+c" },
    };
    CHECK((struct fixture *)*state, rows);
}

static void addresses_and_parsers(void **state)
{
    static const struct row rows[] = {
        { "kql_ipv4('192.168.1.7/24')", "3232235776" },
        { "kql_ipv4('192.168.1.256')", "null" },
        { "kql_ipv4_private('172.31.0.1')", "true" },
        { "kql_ipv4_private('172.32.0.1')", "false" },
        { "kql_ipv4_in_range('192.168.1.6', '192.168.1.1/24')", "true" },
        { "kql_ipv4_in_any('10.1.2.3', '[\"192.168.0.0/16\",\"10.0.0.0/8\"]')", "true" },
        { "kql_format_ipv4(3232236031, 24)", "192.168.1.255/24" },
        { "kql_ipv6('192.168.255.255/24', 128)", "0000:0000:0000:0000:0000:ffff:c0a8:ff00" },
        { "kql_ipv6('fe80::85d:e82c:9446:7994', 128)", "fe80:0000:0000:0000:085d:e82c:9446:7994" },
        { "kql_ipv6('1:2:3', 128)", "" },
        { "kql_ipv6_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', "
          "'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112')",
          "true" },
        { "kql_has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')", "true" },
        { "kql_has_ipv4('05:04:54127.0.0.1 GET', '127.0.0.1')", "false" },
        { "kql_has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0')", "false" },
        { "kql_has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico 404', '[\"127.0.\",\"192.\"]')", "true" },
        { "kql_parse_url('scheme://user:pw@host:1234/this/path?k1=v1&k2=v2#fragment')",
          "{\"Scheme\":\"scheme\",\"Host\":\"host\",\"Port\":\"1234\",\"Path\":\"/this/"
          "path\",\"Username\":\"user\",\"Password\":\"pw\","
          "\"Query Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\"},\"Fragment\":\"fragment\"}" },
        { "kql_parse_command_line('echo \"hello world!\" a\\\"b')",
          "[\"echo\",\"hello world!\",\"a\\\"b\"]" },
        { "kql_parse_version('0.1.2.3')", "00000000000000010000000200000003" },
        { "kql_parse_version('0.2')", "00000000000000020000000000000000" },
        { "kql_parse_csv('a,\"b \"\"q\"\", c\",d')", "[\"a\",\"b \\\"q\\\", c\",\"d\"]" },
        { "to_json(kql_parse('id=7; name=x', '[\"id=\",1,\"; name=\",1]'))", "[\"7\",\"x\"]" },
        { "to_json(kql_parse('nothing', '[\"id=\",1]'))", "[]" },
        { "to_json(kql_parse_kv('k=v;x=', "
          "'{\"keys\":[\"k\",\"x\",\"y\"],\"pair_delimiter\":\";\",\"kv_delimiter\":\"=\"}'))",
          "[\"v\",\"\",\"\"]" },
    };
    CHECK((struct fixture *)*state, rows);
}

/* A needle that changes from row to row, over more rows than one vector holds. */
static void arguments_may_change_row_by_row(void **state)
{
    struct fixture *f = *state;
    struct str v = value_of(
        f,
        "(SELECT count(*) FROM range(10000) r WHERE kql_has('x ' || range || ' y', (range % 7)::VARCHAR))");
    assert_true(str_eqz(v, "7"));
    v = value_of(f, "(SELECT sum(len(kql_elems(kql_range(1, range % 5, 1))))::BIGINT FROM range(5000))");
    assert_true(str_eqz(v, "10000"));
    v = value_of(f, "(SELECT count(kql_dget('{\"a\":' || CASE WHEN range % 2 = 0 THEN 'null' ELSE "
                    "range::VARCHAR END || '}', 'a')) FROM range(5000))");
    assert_true(str_eqz(v, "2500"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_of_the_contract_exists),
        cmocka_unit_test(odd_arguments_never_fail),
        cmocka_unit_test(text_is_matched_by_terms),
        cmocka_unit_test(dynamic_values_are_reached_and_converted),
        cmocka_unit_test(conversions_follow_kusto),
        cmocka_unit_test(arithmetic_wraps_and_bins),
        cmocka_unit_test(dates_have_parts_and_borders),
        cmocka_unit_test(lists_bags_and_sets),
        cmocka_unit_test(addresses_and_parsers),
        cmocka_unit_test(arguments_may_change_row_by_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
