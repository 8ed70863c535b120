/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dictionaries and encodings: ranks, counts, keys, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../src/analysis/analysis_int.h"
#include "hb/ticks.h"

static struct arena *arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0, "a test");
    err = (struct err)ERR_INIT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct str names[] = { STR_INIT("b"), STR_INIT("B"),  STR_INIT("\xc3\xa9"), STR_INIT(""),
                                    STR_INIT("b"), STR_INIT("ab"), STR_INIT("b") };
enum { NNAMES = sizeof names / sizeof *names };

static struct table *text_table(void)
{
    struct table *t = table_new(arena, 1, NNAMES);
    table_set_column(t, 0, STR("name"), HB_STRING);
    memcpy(t->cols[0].v.s, names, sizeof names);
    return t;
}

static bool one(const struct table *t, enum encoding e, struct feature_set *fs)
{
    size_t zero = 0;
    return features_from_table(arena, t, &zero, &e, 1, fs, &err);
}

static float value_of_row(const struct feature_set *fs, size_t column, size_t row)
{
    return fs->values[column * fs->nkeys + fs->key_of_row[row]];
}

static void check_refused(const char *text)
{
    if (!strstr(err.text, text))
        fail_msg("'%s' is not in '%s'", text, err.text);
    err = (struct err)ERR_INIT;
}

static void test_label_is_byte_order(void **state)
{
    (void)state;
    struct feature_set fs;
    assert_true(one(text_table(), ENCODE_LABEL, &fs));
    static const float want[] = { 3, 1, 4, 0, 3, 2, 3 }; /* "" < "B" < "ab" < "b" < "é" */
    assert_int_equal(fs.nkeys, 5);
    for (size_t i = 0; i < NNAMES; i++)
        assert_true(value_of_row(&fs, 0, i) == want[i]);
    assert_int_equal(fs.count[fs.key_of_row[0]], 3);
}

static void test_long_common_prefixes(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 3);
    struct feature_set fs;
    table_set_column(t, 0, STR("name"), HB_STRING);
    t->cols[0].v.s[0] = STR("prefix-prefix-c");
    t->cols[0].v.s[1] = STR("prefix-prefix-a\0z");
    t->cols[0].v.s[2] = STR("prefix-prefix-a");
    assert_true(one(t, ENCODE_LABEL, &fs));
    assert_true(value_of_row(&fs, 0, 0) == 2 && value_of_row(&fs, 0, 1) == 1 && value_of_row(&fs, 0, 2) == 0);
}

static void test_frequency_is_bits_of_surprise(void **state)
{
    (void)state;
    struct feature_set fs;
    assert_true(one(text_table(), ENCODE_FREQUENCY, &fs));
    assert_true(value_of_row(&fs, 0, 0) == (float)-log2(3.0 / 7));
    assert_true(value_of_row(&fs, 0, 1) == (float)-log2(1.0 / 7));
    const struct feature *f = &fs.features[0];
    assert_int_equal(f->rank[f->value_of_key[fs.key_of_row[0]]], 4); /* the commonest of five */
    assert_int_equal(f->rank[f->value_of_key[fs.key_of_row[3]]], 0);
}

static void test_numbers_are_ranked_by_size(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 4);
    struct feature_set fs;
    table_set_column(t, 0, STR("n"), HB_LONG);
    static const int64_t v[] = { 10, 9, -1, 100 };
    memcpy(t->cols[0].v.i, v, sizeof v);
    assert_true(one(t, ENCODE_LABEL, &fs));
    static const float want[] = { 2, 1, 0, 3 };
    for (size_t i = 0; i < 4; i++)
        assert_true(value_of_row(&fs, 0, i) == want[i]);
    assert_true(one(t, ENCODE_NUMBER, &fs));
    for (size_t i = 0; i < 4; i++)
        assert_true(value_of_row(&fs, 0, i) == (float)v[i]);
}

static void test_negative_zero_is_zero(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 2);
    struct feature_set fs;
    table_set_column(t, 0, STR("n"), HB_REAL);
    t->cols[0].v.f[1] = -0.0;
    assert_true(one(t, ENCODE_LABEL, &fs));
    assert_int_equal(fs.nkeys, 1);
}

static void test_timespan_in_seconds(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 1);
    struct feature_set fs;
    table_set_column(t, 0, STR("n"), HB_TIMESPAN);
    t->cols[0].v.i[0] = 3 * TICKS_SEC / 2;
    assert_true(one(t, ENCODE_NUMBER, &fs));
    assert_true(fs.values[0] == 1.5f);
}

/* By row and by dictionary: a key for each hour that occurs, whatever the number of instants. */
static void test_hours(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 100);
    struct feature_set fs;
    struct codes codes;
    enum encoding hour = ENCODE_HOUR;
    table_set_column(t, 0, STR("TimeGenerated"), HB_DATETIME);
    for (size_t i = 0; i < 100; i++)
        t->cols[0].v.i[i] = TICKS_UNIX + (i % 2 ? 23 * TICKS_HOUR : 0) + (int64_t)i * TICKS_MIN / 3;
    for (int way = 0; way < 2; way++) {
        codes_from_column(arena, &t->cols[0], 100, &codes);
        assert_true(way ? one(t, ENCODE_HOUR, &fs) : features_build(arena, &hour, &codes, 1, &fs, &err));
        assert_int_equal(fs.nkeys, 2);
        assert_true(value_of_row(&fs, 0, 0) == 0 && value_of_row(&fs, 0, 1) == 23);
        struct reason r = { .value = fs.features[0].value_of_key[fs.key_of_row[1]],
                            .count = 50,
                            .share = 0.5 };
        struct buf b = BUF_INIT;
        reason_put_text(&b, &fs, &r);
        assert_string_equal(buf_z(&b), "hour of TimeGenerated 23: 50 of 100 rows (50%)");
        buf_free(&b);
    }
    column_set_null(t, 0, 5);
    assert_false(one(t, ENCODE_HOUR, &fs));
    check_refused("column 'TimeGenerated' has 1 of 100 rows that are null");
}

static void test_onehot(void **state)
{
    (void)state;
    struct feature_set fs;
    assert_true(one(text_table(), ENCODE_ONEHOT, &fs));
    assert_int_equal(fs.d, 5);
    for (size_t i = 0; i < NNAMES; i++) {
        float sum = 0;
        for (size_t j = 0; j < fs.d; j++)
            sum += value_of_row(&fs, j, i);
        assert_true(sum == 1);
    }
    assert_true(value_of_row(&fs, 3, 0) == 1); /* "b" is the fourth name */
    struct table *t = table_new(arena, 1, ENCODE_ONEHOT_MAX + 1);
    table_set_column(t, 0, STR("n"), HB_LONG);
    for (int64_t i = 0; i <= ENCODE_ONEHOT_MAX; i++)
        t->cols[0].v.i[i] = i;
    assert_false(one(t, ENCODE_ONEHOT, &fs));
    check_refused("column 'n' has 65 distinct values");
}

static void test_several_features_make_keys(void **state)
{
    (void)state;
    enum { ROWS = 3000 };
    struct table *t = table_new(arena, 3, ROWS);
    static const size_t index[] = { 0, 1, 2 };
    static const enum encoding encodings[] = { ENCODE_LABEL, ENCODE_NUMBER, ENCODE_FREQUENCY };
    struct feature_set fs;
    table_set_column(t, 0, STR("a"), HB_STRING);
    table_set_column(t, 1, STR("b"), HB_LONG);
    table_set_column(t, 2, STR("c"), HB_BOOL);
    for (size_t i = 0; i < ROWS; i++) {
        t->cols[0].v.s[i] = names[i % 2];
        t->cols[1].v.i[i] = (int64_t)(i % 1000); /* 2 x 1000 / gcd: 1000 pairs */
        t->cols[2].v.b[i] = i >= ROWS / 2;
    }
    assert_true(features_from_table(arena, t, index, encodings, 3, &fs, &err));
    assert_int_equal(fs.nkeys, 2000);
    int64_t sum = 0;
    for (size_t key = 0; key < fs.nkeys; key++)
        sum += fs.count[key];
    assert_int_equal(sum, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(value_of_row(&fs, 0, i) == (float)(i % 2 ? 0 : 1));
        assert_true(value_of_row(&fs, 1, i) == (float)(i % 1000));
    }
}

/* More possible pairs than a table holds, so the hash is used, and it grows. */
static void test_many_pairs(void **state)
{
    (void)state;
    enum { ROWS = 30000 };
    uint32_t *first = ARENA_ARRAY(arena, ROWS, uint32_t), *key = ARENA_ARRAY(arena, ROWS, uint32_t);
    for (uint32_t i = 0; i < ROWS; i++)
        first[i] = i % 15000;
    assert_int_equal(codes_pair(first, 15000, first, 15000, ROWS, key), 15000);
    for (uint32_t i = 0; i < ROWS; i++)
        assert_int_equal(key[i], first[i]);
}

static void test_dictionary_drops_what_no_row_has(void **state)
{
    (void)state;
    struct table *t = text_table();
    static const uint32_t rows[] = { 5, 1, 5, 5 };
    struct codes c;
    assert_true(codes_from_dict(arena, rows, 4, &t->cols[0], NNAMES, &c, &err));
    assert_int_equal(c.nvalues, 2);
    assert_int_equal(c.count[c.of_row[0]], 3);
    assert_true(str_eqz(c.values->v.s[c.of_row[0]], "ab") && str_eqz(c.values->v.s[c.of_row[1]], "B"));
    assert_false(codes_from_dict(arena, rows, 4, &t->cols[0], 5, &c, &err));
    check_refused("column 'name': row 0 has code 5");
}

static void test_missing_numbers_are_refused(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 10);
    struct feature_set fs;
    table_set_column(t, 0, STR("Bytes"), HB_REAL);
    t->cols[0].v.f[3] = (double)INFINITY;
    t->cols[0].v.f[4] = (double)NAN;
    t->cols[0].v.f[5] = 1e300; /* not finite as a float */
    column_set_null(t, 0, 9);
    assert_false(one(t, ENCODE_NUMBER, &fs));
    assert_int_equal(err.kind, ERR_RUN);
    check_refused("column 'Bytes' has 4 of 10 rows that are null or not a finite number");
    assert_false(one(t, ENCODE_LABEL, &fs));
    check_refused("column 'Bytes' has 3 of 10 rows");
    assert_true(one(t, ENCODE_FREQUENCY, &fs));
    assert_true(value_of_row(&fs, 0, 9) == (float)-log2(0.1)); /* null is a value like any other here */
}

static void test_types_and_shapes(void **state)
{
    (void)state;
    struct feature_set fs;
    assert_false(one(text_table(), ENCODE_NUMBER, &fs));
    assert_int_equal(err.kind, ERR_USAGE);
    check_refused("column 'name' is of type string, which encode: number does not take; use hour");
    assert_false(one(text_table(), ENCODE_HOUR, &fs));
    check_refused("encode: hour does not take");
    struct table *t = table_new(arena, 1, 0);
    table_set_column(t, 0, STR("n"), HB_LONG);
    assert_false(one(t, ENCODE_NUMBER, &fs));
    check_refused("no rows");
    enum encoding e;
    assert_true(encoding_parse(STR("frequency"), &e) && e == ENCODE_FREQUENCY);
    assert_false(encoding_parse(STR("Label"), &e));
    assert_non_null(strstr(encoding_info(ENCODE_LABEL)->warning, "alphabet"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_label_is_byte_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_common_prefixes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frequency_is_bits_of_surprise, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers_are_ranked_by_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_negative_zero_is_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timespan_in_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hours, setup, teardown),
        cmocka_unit_test_setup_teardown(test_onehot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several_features_make_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_pairs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dictionary_drops_what_no_row_has, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_numbers_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_types_and_shapes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
