/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading files: formats, types, and every kind of bad input with its clear error or counted warning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../../src/engine/duck_int.h"
#include "hb/fs.h"
#include "hb/json.h"

struct fixture {
    struct arena *a;
    struct engine *e;
    char *dir;
    struct err err;
    struct load_report report;
    bool allow;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    f.a = arena_new(0, "test");
    assert_true(fs_temp_dir(f.a, &f.dir, &f.err));
    struct engine_options o = { .threads = 2, .memory_limit = UINT64_C(1) << 30, .write_dir = f.dir };
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
    assert_true(fs_remove_tree(f->dir, &f->err));
    arena_free(f->a);
    return 0;
}

static const char *write_file(struct fixture *f, const char *name, struct str bytes)
{
    char *path = fs_join(f->a, f->dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
    return path;
}

static bool load_columns(struct fixture *f, const char *table, const char *const *paths, size_t n,
                         const struct str *columns, size_t ncolumns)
{
    struct load_request q = { .table = str_z(table),
                              .paths = paths,
                              .npaths = n,
                              .columns = columns,
                              .ncolumns = ncolumns,
                              .allow_rejects = f->allow };
    f->err = (struct err)ERR_INIT;
    return engine_load(f->e, &q, f->a, &f->report, &f->err);
}

static bool load(struct fixture *f, const char *table, const char *path)
{
    return load_columns(f, table, &path, 1, NULL, 0);
}

/* Header with types, then the rows as JSON. */
static const char *dump(struct fixture *f, const char *table)
{
    struct table *t;
    if (!engine_fetch(f->e, str_z(table), 0, 0, NULL, 0, f->a, &t, &f->err))
        fail_msg("%s", f->err.text);
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < t->ncols; i++)
        buf_printf(&b, "%s%.*s:%s", i ? "," : "", STR_ARG(t->cols[i].name), hb_type_name(t->cols[i].type));
    for (size_t r = 0; r < t->nrows; r++) {
        buf_puts(&b, " [");
        for (size_t i = 0; i < t->ncols; i++) {
            struct jw w;
            jw_init(&w, &b, false);
            buf_puts(&b, i ? "," : "");
            cell_put_json(&w, &t->cols[i], r);
        }
        buf_puts(&b, "]");
    }
    struct str s = buf_to_arena(&b, f->a);
    buf_free(&b);
    return s.p;
}

static void loads_as(struct fixture *f, const char *name, const char *bytes, const char *expected)
{
    const char *path = write_file(f, name, str_z(bytes));
    if (!load(f, "x", path))
        fail_msg("%s: %s", name, f->err.text);
    assert_string_equal(dump(f, "x"), expected);
}

static void fails_with(struct fixture *f, const char *name, struct str bytes, const char *text)
{
    const char *path = write_file(f, name, bytes);
    if (load(f, "x", path))
        fail_msg("%s was loaded", name);
    if (!strstr(f->err.text, text))
        fail_msg("%s: expected \"%s\" in \"%s\"", name, text, f->err.text);
    struct kql_table t;
    assert_false(engine_table(f->e, STR("x"), &t));
}

static bool warned(const struct fixture *f, const char *text)
{
    for (size_t i = 0; i < f->report.nwarnings; i++)
        if (strstr(f->report.warnings[i].p, text))
            return true;
    return false;
}

static void csv_types_are_inferred_from_every_value(void **state)
{
    struct fixture *f = *state;
    loads_as(f, "x.csv",
             "i,r,b,t,d,s,z,id,n\n"
             "1,1.5,true,2026-01-15T10:00:00Z,\"{\"\"a\"\": 1}\",\"a \"\"q\"\", b\",,007,01:02:03\n"
             "-2,2,False,2026-01-15 10:00:00.1234567+02:00,[1],\"two\nlines\",,8,1.00:00:00\n"
             ",,,,,\"\",,9,\n",
             "i:long,r:real,b:bool,t:datetime,d:dynamic,s:string,z:string,id:string,n:timespan"
             " [1,1.5,true,\"2026-01-15T10:00:00.0000000Z\",{\"a\":1},\"a \\\"q\\\", "
             "b\",\"\",\"007\",\"01:02:03\"]"
             " [-2,2,false,\"2026-01-15T08:00:00.1234567Z\",[1],\"two\\nlines\",\"\",\"8\",\"1.00:00:00\"]"
             " [null,null,null,null,null,\"\",\"\",\"9\",null]");
    assert_int_equal(f->report.rows, 3);
}

/* A guess from the first rows is corrected by later ones. */
static void a_refuted_guess_reads_again(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    buf_puts(&b, "a,b,c,d\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "%d,%d,,%d\n", i, i, i);
    buf_puts(&b, "1.5,x,7,007\n");
    const char *path = write_file(f, "x.csv", buf_view(&b));
    buf_free(&b);
    assert_true(load(f, "x", path));
    assert_int_equal(f->report.rows, 5001);
    assert_int_equal(f->report.columns[0].type, HB_REAL);
    assert_int_equal(f->report.columns[1].type, HB_STRING);
    assert_int_equal(f->report.columns[2].type, HB_LONG);
    assert_int_equal(f->report.columns[3].type, HB_STRING);
    assert_int_equal(f->report.columns[0].failed, 0);
    assert_int_equal(f->report.nwarnings, 0);
}

static void known_tables_have_their_types_and_count_failures(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file(f, "DeviceNetworkEvents.csv",
                                  STR("Timestamp,DeviceName,RemotePort,Extra\n"
                                      "\"1/15/2026, 10:02:03.123 AM\",h,443,1\n"
                                      "yesterday,h,https,2\n"));
    assert_true(load(f, "DeviceNetworkEvents", path));
    assert_string_equal(dump(f, "DeviceNetworkEvents"),
                        "Timestamp:datetime,DeviceName:string,RemotePort:int,Extra:long"
                        " [\"2026-01-15T10:02:03.1230000Z\",\"h\",443,1] [null,\"h\",null,2]");
    assert_int_equal(f->report.columns[0].failed, 1);
    assert_true(str_eqz(f->report.columns[2].example, "https"));
    assert_true(warned(
        f, "column 'RemotePort': 1 values are not of type int and became null, for example \"https\""));
    assert_true(f->report.has_time);
    assert_int_equal(f->report.first, f->report.last);
    struct kql_table t;
    assert_true(engine_table(f->e, STR("DeviceNetworkEvents"), &t));
    assert_true(str_eqz(t.aliases[0].name, "TimeGenerated"));
}

static void portal_headers_lose_their_zone(void **state)
{
    struct fixture *f = *state;
    loads_as(f, "x.csv",
             "\xEF\xBB\xBF\"TimeGenerated [UTC]\",Computer,,Computer\n\"1/15/2026, 10:02:03.123 PM\",a,b,c\n",
             "TimeGenerated:datetime,Computer:string,Column3:string,Computer1:string"
             " [\"2026-01-15T22:02:03.1230000Z\",\"a\",\"b\",\"c\"]");
    assert_true(warned(f, "two columns are called 'Computer'"));
}

static void other_delimiters_and_line_ends(void **state)
{
    struct fixture *f = *state;
    loads_as(f, "a.csv", "a;b\r\n1;x,y\r\n", "a:long,b:string [1,\"x,y\"]");
    loads_as(f, "b.tsv", "a\tb\n1\t\"x\"\n", "a:long,b:string [1,\"x\"]");
    loads_as(f, "c.csv", "a|b\n1|x", "a:long,b:string [1,\"x\"]");
    loads_as(f, "d.csv", "a,b\r1,x\r2,y\r", "a:long,b:string [1,\"x\"] [2,\"y\"]");
    loads_as(f, "e.csv", "a\n1\n2\n", "a:long [1] [2]");
}

static void header_only_is_an_empty_table(void **state)
{
    struct fixture *f = *state;
    loads_as(f, "a.csv", "a,b\n", "a:string,b:string");
    loads_as(f, "b.csv", "a,b", "a:string,b:string");
    assert_int_equal(f->report.rows, 0);
}

static void only_wanted_columns_are_loaded(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file(f, "x.csv", STR("Timestamp,a,b\n2026-01-15T10:00:00Z,1,2\n"));
    struct str want[] = { STR_INIT("TimeGenerated"), STR_INIT("b"), STR_INIT("zzz") };
    assert_true(load_columns(f, "x", &path, 1, want, 3));
    assert_string_equal(dump(f, "x"), "Timestamp:datetime,b:long [\"2026-01-15T10:00:00.0000000Z\",2]");
}

static void several_files_are_one_table(void **state)
{
    struct fixture *f = *state;
    const char *paths[2];
    paths[0] = write_file(f, "x1.csv", STR("a,b\n1,x\n"));
    paths[1] = write_file(f, "x2.json",
                          STR("{\"b\": \"y\", \"c\": {\"d\": [1, 2]}}\n{\"a\": 2.5, \"c\": null}\n"));
    if (!load_columns(f, "x", paths, 2, NULL, 0))
        fail_msg("%s", f->err.text);
    assert_string_equal(
        dump(f, "x"), "a:real,b:string,c:dynamic [1,\"x\",null] [null,\"y\",{\"d\":[1,2]}] [2.5,\"\",null]");
    assert_int_equal(f->report.nfiles, 2);
    char hex[65];
    assert_true(fs_sha256(paths[0], hex, &f->err));
    assert_string_equal(f->report.files[0].sha256, hex);
}

static void json_in_every_shape(void **state)
{
    struct fixture *f = *state;
    const char *same = "a:long,b:string [1,\"x\"] [2,\"\"]";
    loads_as(f, "a.ndjson", "{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2}\n", same);
    loads_as(f, "b.json", "[{\"a\":1,\"b\":\"x\"},\n {\"a\":2,\"b\":null}]\n", same);
    loads_as(f, "c.json", "{\"a\": 1,\n \"b\": \"x\"}\n{\"a\":\n2}", same);
    loads_as(f, "d.json", "{\"schema\":[], \"results\": [{\"a\":1,\"b\":\"x\"},{\"a\":2}]}", same);
    loads_as(f, "e.json",
             "{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"a\",\"type\":\"long\"},"
             "{\"name\":\"b\",\"type\":\"string\"}],\"rows\":[[1,\"x\"],[2,null]]}]}",
             same);
    loads_as(f, "f.json",
             "{\"a\":\"\\u00e9\\n\\ud83d\\ude00\",\"A\":1,\"9007199254740993\":9007199254740993}\n",
             "a:string,A:long,9007199254740993:long [\"\xc3\xa9\\n\xf0\x9f\x98\x80\",1,9007199254740993]");
}

static void bad_json_lines_are_counted(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file(f, "x.ndjson", STR("{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2}\n"));
    assert_false(load(f, "x", path));
    assert_int_equal(f->err.kind, ERR_PARTIAL);
    f->allow = true;
    assert_true(load(f, "x", path));
    assert_int_equal(f->report.rows, 2);
    assert_int_equal(f->report.rejected, 2);
}

static void ragged_lines_are_partial_data(void **state)
{
    struct fixture *f = *state;
    fails_with(f, "x.csv", STR("a,b,c\n1,2,3\n4,5\n6,7,8,9\n"),
               "2 rows cannot be read, the first: line 3 of '");
    assert_int_equal(f->err.kind, ERR_PARTIAL);
    assert_non_null(strstr(f->err.text, "too few values"));
    f->allow = true;
    assert_true(load(f, "x", fs_join(f->a, f->dir, "x.csv")));
    assert_int_equal(f->report.rows, 1);
    assert_int_equal(f->report.rejected, 2);
    assert_true(warned(f, "2 rows left out"));
}

static void unreadable_files_are_refused(void **state)
{
    struct fixture *f = *state;
    assert_false(load(f, "x", "/nonexistent/x.csv"));
    assert_non_null(strstr(f->err.text, "cannot open '/nonexistent/x.csv': No such file"));
    assert_false(load(f, "x", f->dir));
    assert_non_null(strstr(f->err.text, "is a folder"));
    fails_with(f, "x.csv", STR(""), "is empty");
    fails_with(f, "x.csv", STR("\n\n"), "has no header");
    fails_with(f, "x.csv", STR("\x7f\x45LF\2\1\1\0\0\0\n"), "is not a text file: byte 0x7f");
    fails_with(f, "x.csv", STR("\xff\xd8\xff\xe0,a\n"), "is not a text file");
    fails_with(f, "x.json", STR("hello"), "is not JSON");
    fails_with(f, "x.parquet", STR("hello"), "is not a Parquet file");
    fails_with(f, "x.parquet", STR("PAR1 but no more"), "cannot read '");
    fails_with(f, "x.csv.gz", STR("\x1f\x8b\x08\0junkjunkjunkjunk"), "gzip");
}

static void random_bytes_never_crash(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = { "x.csv", "x.json", "x.parquet", "x.csv.gz" };
    static const char *const starts[] = { "a,b\n", "{\"a\":1}\n", "PAR1", "\x1f\x8b\x08" };
    unsigned seed = 7;
    f->allow = true;
    for (int round = 0; round < 24; round++) {
        struct buf b = BUF_INIT;
        if (round % 2)
            buf_puts(&b, starts[round / 2 % 4]);
        for (int i = 0; i < 20000; i++) {
            seed = seed * 1103515245u + 12345u;
            buf_putc(&b, (char)(seed >> 16));
        }
        const char *path = write_file(f, names[round / 2 % 4], buf_view(&b));
        buf_free(&b);
        if (!load(f, "x", path))
            assert_true(f->err.text[0] != 0);
    }
}

static void a_line_of_100_mb_is_left_out(void **state)
{
    struct fixture *f = *state;
    size_t n = 100u << 20;
    char *line = malloc(n);
    assert_non_null(line);
    memset(line, 'x', n);
    memcpy(line, "a,b\n1,2\n", 8);
    memcpy(line + n - 8, ",3\n4,5\n\n", 8);
    const char *path = write_file(f, "x.csv", (struct str){ line, n });
    free(line);
    assert_false(load(f, "x", path));
    assert_non_null(strstr(f->err.text, "the line is longer than 16 MiB"));
    f->allow = true;
    assert_true(load(f, "x", path));
    assert_string_equal(dump(f, "x"), "a:long,b:long [1,2] [4,5]");
}

static void bad_text_is_shown_not_dropped(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file(f, "x.csv", STR("a,b\n1,\xff\xfe\n\0x,caf\xe9\n2,ok\n"));
    if (!load(f, "x", path))
        fail_msg("%s", f->err.text);
    assert_int_equal(f->report.rows, 3);
    assert_int_equal(f->report.rejected, 0);
    assert_true(warned(f, "3 bytes are not valid text and are shown as U+FFFD"));
    assert_non_null(strstr(dump(f, "x"), "\"caf\xef\xbf\xbd\""));
}

static void utf16_is_read(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file(f, "x.csv",
                                  STR("\xff\xfe"
                                      "a\0,\0b\0\r\0\n\0"
                                      "1\0,\0\x3d\xd8\x00\xde\r\0\n\0"));
    if (!load(f, "x", path))
        fail_msg("%s", f->err.text);
    assert_string_equal(dump(f, "x"), "a:long,b:string [1,\"\xf0\x9f\x98\x80\"]");
}

static void gzip_is_read_and_checked(void **state)
{
    struct fixture *f = *state;
    char *path = fs_join(f->a, f->dir, "x.csv.gz");
    gzFile z = gzopen(path, "wb");
    gzputs(z, "a,b\n");
    unsigned seed = 1;
    for (int i = 0; i < 50000; i++) {
        seed = seed * 1103515245u + 12345u;
        gzprintf(z, "%d,%u\n", i, seed);
    }
    gzclose(z);
    assert_true(load(f, "x", path));
    assert_int_equal(f->report.rows, 50000);
    struct err err = ERR_INIT;
    assert_true(engine_drop(f->e, STR("x"), &err));
    struct str bytes;
    assert_true(fs_read(f->a, path, 1 << 24, &bytes, &err));
    fails_with(f, "cut.csv.gz", str_sub(bytes, 0, bytes.n / 2), "the gzip data is cut short");
    assert_int_equal(f->err.kind, ERR_PARTIAL);
    char *copy = arena_strdup(f->a, "");
    copy = arena_alloc(f->a, bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    copy[bytes.n / 2] = (char)(copy[bytes.n / 2] ^ 0x55);
    fails_with(f, "bad.csv.gz", (struct str){ copy, bytes.n }, "bad.csv.gz'");
}

static void hostile_names_reach_no_sql(void **state)
{
    struct fixture *f = *state;
    loads_as(f, "x'; DROP TABLE t0; --.csv", "\"a'); DROP TABLE t0; --\",\"b\"\"]\"\n1,2\n",
             "a'); DROP TABLE t0; --:long,b\"]:long [1,2]");
    loads_as(f, "y.ndjson", "{\"a'\\\"\":1,\"\":2}\n", "a'\":long,:long [1,2]");
}

static void the_head_needs_no_engine(void **state)
{
    struct fixture *f = *state;
    struct file_head h;
    const char *path = write_file(f, "x.csv", STR("a;b\n1;2\n"));
    assert_true(engine_peek(NULL, path, f->a, &h, &f->err));
    assert_int_equal(h.ncolumns, 2);
    assert_int_equal(h.delimiter, ';');
    assert_true(engine_knows_file("a/b.CSV.gz"));
    assert_true(engine_knows_file("b.ndjson"));
    assert_false(engine_knows_file("b.png"));
    assert_true(str_eqz(engine_file_table("data/DeviceNetworkEvents.part1.csv.gz"), "DeviceNetworkEvents"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(csv_types_are_inferred_from_every_value),
        TEST(a_refuted_guess_reads_again),
        TEST(known_tables_have_their_types_and_count_failures),
        TEST(portal_headers_lose_their_zone),
        TEST(other_delimiters_and_line_ends),
        TEST(header_only_is_an_empty_table),
        TEST(only_wanted_columns_are_loaded),
        TEST(several_files_are_one_table),
        TEST(json_in_every_shape),
        TEST(bad_json_lines_are_counted),
        TEST(ragged_lines_are_partial_data),
        TEST(unreadable_files_are_refused),
        TEST(random_bytes_never_crash),
        TEST(a_line_of_100_mb_is_left_out),
        TEST(bad_text_is_shown_not_dropped),
        TEST(utf16_is_read),
        TEST(gzip_is_read_and_checked),
        TEST(hostile_names_reach_no_sql),
        TEST(the_head_needs_no_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
