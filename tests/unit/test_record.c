/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record: what is written as run.json reads back equal, whatever the texts hold; the run folder keeps its
 * promises.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "hb/fs.h"
#include "hb/record.h"
#include "hb/sha256.h"
#include "hb/vec.h"

static struct table *hostile_table(struct arena *a)
{
    struct table *t = table_new(a, 6, 3);
    table_set_column(t, 0, STR("text"), HB_STRING);
    table_set_column(t, 1, STR("big"), HB_LONG);
    table_set_column(t, 2, STR("real"), HB_REAL);
    table_set_column(t, 3, STR("when"), HB_DATETIME);
    table_set_column(t, 4, STR("bag"), HB_DYNAMIC);
    table_set_column(t, 5, STR("flag"), HB_BOOL);
    t->cols[0].v.s[0] = STR("</script>\x1b[31m\xE2\x80\xAE");
    t->cols[0].v.s[1] = (struct str){ "nul\0inside", 10 };
    t->cols[0].v.s[2] = (struct str){ "bad\xFFutf8", 8 };
    t->cols[1].v.i[0] = INT64_MAX;
    t->cols[1].v.i[1] = INT64_MIN;
    t->cols[2].v.f[0] = 0.1;
    t->cols[2].v.f[1] = NAN;
    t->cols[2].v.f[2] = -INFINITY;
    t->cols[3].v.i[0] = INT64_C(638771616000000001);
    column_set_null(t, 3, 1);
    t->cols[4].v.s[0] = STR("{\"a\":[1,2.50,\"x\"]}");
    column_set_null(t, 4, 1);
    t->cols[5].v.b[2] = true;
    return t;
}

static struct record *sample(struct arena *a)
{
    struct record *r = record_new(a);
    r->run_id = STR("20260115T000000Z-abcdef");
    r->now = INT64_C(639040000000000000);
    r->playbook.name = STR("A \"quoted\" name\n");
    r->cells = ARENA_ARRAY(a, 2, struct record_cell);
    r->ncells = 2;
    struct record_cell *c = &r->cells[0];
    *c = (struct record_cell){
        .number = 1, .id = STR("a"), .kind = STR("kql"), .status = RECORD_OK, .rows = 3
    };
    c->fingerprint = STR("00ff");
    struct record_block *b = record_add_block(r, c, BLOCK_TABLE);
    b->table.head = hostile_table(a);
    b->table.total_rows = 3;
    b->table.show_rows = 10;
    *VEC_PUSH(a, c->expects, c->nexpects,
              c->expects_cap) = (struct record_expectation){ .that = STR("rows > 0"), .passed = true };
    *VEC_PUSH(a, c->findings, c->nfindings,
              c->findings_cap) = (struct record_finding){ .open = true, .title = STR("t"), .rows = 3 };
    r->cells[1] =
        (struct record_cell){ .number = 2, .id = STR("b"), .status = RECORD_SKIPPED, .reason = STR("why") };
    record_warn(r, NULL, "watch %d", 7);
    r->since.run_id = STR("20260108T000000Z-abcdef");
    r->since.ncells = 1;
    r->since.cells = ARENA_ARRAY(a, 1, struct record_since_cell);
    r->since.cells[0] =
        (struct record_since_cell){ .id = STR("a"), .old_rows = -1, .rows = hostile_table(a) };
    record_seal(r);
    return r;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct buf first = BUF_INIT, second = BUF_INIT;
    struct err err = ERR_INIT;
    record_to_json(&first, sample(a));
    struct record *back = record_from_json(a, buf_view(&first), NULL, &err);
    assert_string_equal(err.text, "");
    assert_non_null(back);
    record_to_json(&second, back);
    assert_string_equal(buf_z(&first), buf_z(&second));
    const struct table *want = hostile_table(a), *got = back->cells[0].blocks[0].table.head;
    assert_int_equal(got->nrows, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(want->cols[0].v.s[i], got->cols[0].v.s[i]));
    assert_int_equal(got->cols[1].v.i[0], INT64_MAX);
    assert_int_equal(got->cols[1].v.i[1], INT64_MIN);
    assert_true(isnan(got->cols[2].v.f[1]));
    assert_int_equal(got->cols[3].v.i[0], INT64_C(638771616000000001));
    assert_true(column_is_null(&got->cols[3], 1));
    assert_true(got->cols[5].v.b[2]);
    assert_int_equal(back->since.cells[0].old_rows, -1);
    assert_true(str_eq(back->since.cells[0].rows->cols[0].v.s[2], want->cols[0].v.s[2]));
    buf_free(&first);
    buf_free(&second);
    arena_free(a);
}

/* Rows of a report come back as they were, and only as whole tables of their own kind. */
static void test_rows(void **state)
{
    static const char *const bad[] = {
        "",
        "{}\n",
        "[{\"name\":\"a\",\"type\":\"long\"}]\n[1,2]\n",
        "[{\"name\":\"a\",\"type\":\"long\"}]\n[]\n",
        "[{\"name\":\"a\",\"type\":\"long\"}]\n[\"x\"]\n",
        "[{\"name\":\"a\",\"type\":\"quark\"}]\n",
        "[{\"name\":\"a\",\"type\":\"long\"}]\n[1\n",
        "[{\"name\":\"a\",\"type\":\"long\"}]\n\n",
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct buf first = BUF_INIT, second = BUF_INIT;
    struct table *back;
    record_rows_put(&first, hostile_table(a));
    assert_true(record_rows_parse(a, buf_view(&first), &back, &err));
    assert_int_equal(back->nrows, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(hostile_table(a)->cols[0].v.s[i], back->cols[0].v.s[i]));
    record_rows_put(&second, back);
    assert_string_equal(buf_z(&first), buf_z(&second));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err why = ERR_INIT;
        if (record_rows_parse(a, str_z(bad[i]), &back, &why))
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(why.kind, ERR_VERIFY);
    }
    buf_free(&first);
    buf_free(&second);
    arena_free(a);
}

static void test_rows_stay_in_the_folder(void **state)
{
    static const char *const paths[] = { "/etc/passwd", "../other/cells/a.jsonl", "cells/none.jsonl" };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct err err = ERR_INIT;
        struct record *r = sample(a);
        r->cells[0].blocks[0].table.rows_file = str_z(paths[i]);
        assert_false(record_load_rows(r, "tests", &err));
    }
    arena_free(a);
}

static void test_fingerprint_sees_results_only(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = sample(a);
    struct str before = r->fingerprint;
    r->cells[0].duration_us = 99;
    r->started = 5;
    record_seal(r);
    assert_true(str_eq(before, r->fingerprint));
    r->cells[0].findings[0].open = false;
    record_seal(r);
    assert_false(str_eq(before, r->fingerprint));
    arena_free(a);
}

/* A cell that is frozen is written as before, whatever becomes of it; thawed, as it is. */
static void frozen_is_the_same(struct record *r)
{
    struct buf was = BUF_INIT, is = BUF_INIT;
    struct str reason = r->cells[1].reason;
    record_to_json(&was, r);
    record_freeze_cell(r, &r->cells[1]);
    r->cells[1].reason = STR("another");
    record_to_json(&is, r);
    assert_true(str_eq(buf_view(&was), buf_view(&is)));
    record_thaw(r);
    buf_clear(&is);
    record_to_json(&is, r);
    assert_false(str_eq(buf_view(&was), buf_view(&is)));
    r->cells[1].reason = reason;
    record_freeze_cell(r, &r->cells[0]);
    record_freeze_cell(r, &r->cells[1]);
    buf_clear(&is);
    record_to_json(&is, r);
    assert_true(str_eq(buf_view(&was), buf_view(&is)));
    record_thaw(r);
    buf_free(&was);
    buf_free(&is);
}

/* Every text and row of a cell is under its hash, which is of the text that a stranger finds in run.json. */
static void test_hash_of_a_cell(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct buf json = BUF_INIT, old = BUF_INIT;
    struct record *r = sample(a);
    char hex[65];
    assert_false(record_cell_is_whole(&r->cells[0]));
    record_to_json(&json, r);
    struct str text = buf_view(&json);
    size_t begin = str_find(text, STR("    {\n      \"number\": 1"), 0) + 4;
    size_t end = str_find(text, STR(",\n      \"sha256\""), begin);
    sha256_hex(str_sub(text, begin, end), hex);
    struct record *back = record_from_json(a, text, NULL, &err);
    assert_string_equal(back->cells[0].sha256.p, hex);
    assert_true(record_cell_is_whole(&back->cells[0]));
    assert_true(record_cell_is_whole(&back->cells[1]));
    frozen_is_the_same(back);
    struct record_cell edited = back->cells[1];
    edited.reason = STR("another");
    assert_false(record_cell_is_whole(&edited));
    back->cells[0].blocks[0].table.head->cols[1].v.i[0]--;
    assert_false(record_cell_is_whole(&back->cells[0]));
    /* Older records stay as they are. */
    r->version = RECORD_HASHED - 1;
    record_to_json(&old, r);
    assert_int_equal(str_find(buf_view(&old), STR("sha256"), 0), SIZE_MAX);
    buf_free(&json);
    buf_free(&old);
    arena_free(a);
}

/* Version 1 counted env and connect cells; its records verify by its own rule, and are compared by the newest. */
static void test_fingerprint_by_version(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = sample(a);
    char hex[65], again[65];
    r->cells = memcpy(ARENA_ARRAY(a, 3, struct record_cell), r->cells, 2 * sizeof *r->cells);
    r->cells[r->ncells++] =
        (struct record_cell){ .number = 3, .id = STR("e"), .kind = STR("env"), .status = RECORD_SKIPPED };
    record_fingerprint(r, 1, hex);
    assert_string_equal(hex, "c353e3505a597be4f11ad340ad6ee2a1e387cbf1f87c0143036693856a2b96d1");
    record_fingerprint(r, 2, hex);
    assert_string_equal(hex, "c87d780daa49b259ade60e8b576295873f40ad629883d7af6df67e8a30e5347d");
    r->version = 1;
    record_seal(r);
    assert_string_not_equal(r->fingerprint.p, hex);
    r->version = 2;
    r->cells[2].status = RECORD_OK;
    record_seal(r);
    assert_string_equal(r->fingerprint.p, hex);
    /* One that judges something counts. */
    *VEC_PUSH(a, r->cells[2].expects, r->cells[2].nexpects,
              r->cells[2].expects_cap) = (struct record_expectation){ .that = STR("true"), .passed = true };
    record_fingerprint(r, 2, again);
    assert_string_not_equal(again, hex);
    arena_free(a);
}

static void test_rows_struck(void **state)
{
    static const char *const bad[] = { "0",    "11",   "3-2",
                                       "x",    "1-",   "-1",
                                       "1-11", "1,,2", "18446744073709551616" };
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct buf rows = BUF_INIT;
    struct record_cell c = { .rows = 10 };
    size_t n;
    bool flags[10] = { false };
    assert_true(record_parse_rows(STR("9-10, 3,1-2,2"), flags, 10));
    record_put_rows(&rows, flags, 10);
    assert_string_equal(buf_z(&rows), "1-3,9-10");
    assert_true(record_parse_rows(STR(""), flags, 10));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (record_parse_rows(str_z(bad[i]), flags, 10))
            fail_msg("accepted: %s", bad[i]);
    struct record_strike strikes[] = { { .rows = STR("1-3") }, { .rows = STR("") }, { .rows = STR("3,10") } };
    c.review.strikes = strikes;
    c.review.nstrikes = 3;
    const bool *struck = record_struck(a, &c, &n);
    assert_int_equal(n, 4);
    assert_true(struck[9] && struck[2] && !struck[3]);
    buf_free(&rows);
    arena_free(a);
}

static void expect_refused(struct arena *a, const char *json, enum err_kind kind)
{
    struct err err = ERR_INIT;
    assert_null(record_from_json(a, str_z(json), NULL, &err));
    assert_int_equal(err.kind, kind);
    assert_true(strstr(err.text, "run.json") != NULL);
}

static void test_damaged_records_are_refused(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    expect_refused(a, "", ERR_VERIFY);
    expect_refused(a, "{}", ERR_VERIFY);
    expect_refused(a, "{\"huntbook_record\":99}", ERR_USAGE);
    expect_refused(a, "{\"huntbook_record\":1,\"cells\":7}", ERR_VERIFY);
    expect_refused(a, "{\"huntbook_record\":1,\"cells\":[{\"status\":\"odd\"}]}", ERR_VERIFY);
    expect_refused(
        a,
        "{\"huntbook_record\":1,\"cells\":[{\"blocks\":[{\"head\":{\"columns\":[{\"name\":\"a\",\"type\":"
        "\"long\"}],\"rows\":[[1,2]]}}]}]}",
        ERR_VERIFY);
    expect_refused(a, "{\"huntbook_record\":1,\"run_id\":{\"base64\":\"%%%%\"}}", ERR_VERIFY);
    arena_free(a);
}

static void test_store(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct store s, other;
    char *dir;
    assert_true(fs_temp_dir(a, &dir, &err));
    assert_true(
        store_create(&s, a, dir, store_slug(a, STR("../My hunt! \xE2\x80\xAE")), 638771616000000000, &err));
    assert_true(strstr(s.dir, "/My-hunt/20250310T000000Z-") != NULL);
    assert_true(store_write(&s, "cells/01-a.csv", STR("x\r\n1\r\n"), &err));
    char *temp;
    struct record_file file;
    assert_true(store_prepare(&s, "cells/01-a.parquet", &temp, &err));
    assert_true(fs_write_atomic(temp, STR("parquet"), &err));
    assert_true(store_commit(&s, "cells/01-a.parquet", NULL, &file, &err));
    assert_int_equal(file.bytes, 7);
    assert_true(fs_exists(temp) && !fs_exists(store_path(&s, "cells/01-a.parquet")));
    struct record_file again; /* of a cell that began anew */
    char *more;
    assert_true(store_prepare(&s, "charts/01-a.svg", &more, &err));
    assert_true(fs_write(more, STR("<svg/>"), &err));
    assert_true(store_commit(&s, "cells/01-a.parquet", NULL, &again, &err));
    assert_true(store_commit(&s, "charts/01-a.svg", NULL, &again, &err));
    assert_true(store_settle(&s, &err));
    assert_true(!fs_exists(temp) && fs_exists(store_path(&s, "cells/01-a.parquet")));
    assert_true(!fs_exists(more) && fs_exists(store_path(&s, "charts/01-a.svg")));
    assert_true(store_settle(&s, &err)); /* nothing waits any more */
    assert_true(store_prepare(&s, "cells/02-b.csv", &more, &err));
    assert_true(fs_write(more, STR("x"), &err));
    assert_true(store_commit(&s, "cells/02-b.csv", NULL, &again, &err));
    struct str lost = again.sha256;
    assert_true(store_commit(&s, "charts/01-a.svg", lost.p, &again, &err));
    /* the file of one is gone: neither is kept, nor a hash of what was to come */
    assert_false(store_settle(&s, &err));
    assert_non_null(strstr(err.text, "01-a.svg"));
    assert_true(!fs_exists(more) && !fs_exists(store_path(&s, "cells/02-b.csv")));
    assert_true(store_settle(&s, &err));
    assert_false(store_open(&other, a, s.dir, &err)); /* no run.json yet */
    assert_true(store_write(&s, "run.json", STR("{}"), &err));
    assert_true(store_open(&other, a, s.dir, &err));
    assert_true(store_seal(&s, &err));
    struct str sums;
    assert_true(fs_read(a, store_path(&s, "SHA256SUMS"), 10000, &sums, &err));
    assert_true(str_find(sums, STR("  cells/01-a.csv\n"), 0) < str_find(sums, STR("  run.json\n"), 0));
    assert_true(str_find(sums, file.sha256, 0) != SIZE_MAX);
    assert_true(str_find(sums, lost, 0) == SIZE_MAX &&
                str_find(sums, STR("  charts/01-a.svg\n"), 0) != SIZE_MAX);
    /* what was committed and then written over is hashed again */
    assert_true(store_write(&s, "cells/01-a.parquet", STR("other"), &err));
    assert_true(store_seal(&s, &err));
    assert_true(fs_read(a, store_path(&s, "SHA256SUMS"), 10000, &sums, &err));
    assert_true(str_find(sums, file.sha256, 0) == SIZE_MAX);
    assert_true(str_find(sums, STR("  cells/01-a.parquet\n"), 0) != SIZE_MAX);
    assert_true(fs_remove_tree(dir, &err));
    arena_free(a);
}

static void test_slug(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    assert_true(str_eqz(store_slug(a, STR("")), "hunt"));
    assert_true(str_eqz(store_slug(a, STR("...")), "hunt"));
    assert_true(str_eqz(store_slug(a, STR("a/../b")), "a-..-b"));
    assert_true(str_eqz(store_slug(a, STR(".hidden")), "hidden"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_stay_in_the_folder),
        cmocka_unit_test(test_fingerprint_sees_results_only),
        cmocka_unit_test(test_hash_of_a_cell),
        cmocka_unit_test(test_fingerprint_by_version),
        cmocka_unit_test(test_rows_struck),
        cmocka_unit_test(test_damaged_records_are_refused),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_slug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
