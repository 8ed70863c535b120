/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: tables in and out, limits, the lock, exports, fingerprints.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../src/engine/duck_int.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/ticks.h"

struct fixture {
    struct arena *a;
    struct engine *e;
    char *dir;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    f.a = arena_new(0, "test");
    assert_true(fs_temp_dir(f.a, &f.dir, &f.err));
    struct engine_options o = { .threads = 2, .memory_limit = 1 << 30, .write_dir = f.dir };
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

#define OK(f, call)                                                                                          \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            fail_msg("%s", (f)->err.text);                                                                   \
    } while (0)

/* One row a line, cells parted by |, as the engine shows them. */
static const char *rows_text(struct fixture *f, const struct table *t)
{
    struct buf b = BUF_INIT;
    for (size_t r = 0; r < t->nrows; r++) {
        for (size_t c = 0; c < t->ncols; c++) {
            buf_puts(&b, c ? "|" : "");
            if (column_is_null(&t->cols[c], r))
                buf_puts(&b, "null");
            else
                cell_put_text(&b, &t->cols[c], r);
        }
        buf_puts(&b, "\n");
    }
    struct str s = buf_to_arena(&b, f->a);
    buf_free(&b);
    return s.p;
}

static const char *sql(struct fixture *f, const char *text)
{
    struct table *t;
    OK(f, engine_sql(f->e, text, f->a, &t, &f->err));
    return rows_text(f, t);
}

static struct table *sample(struct fixture *f)
{
    struct table *t = table_new(f->a, 5, 3);
    table_set_column(t, 0, STR("When"), HB_DATETIME);
    table_set_column(t, 1, STR("Text"), HB_STRING);
    table_set_column(t, 2, STR("Score"), HB_REAL);
    table_set_column(t, 3, STR("Id"), HB_GUID);
    table_set_column(t, 4, STR("Price"), HB_DECIMAL);
    for (size_t i = 0; i < 3; i++) {
        t->cols[0].v.i[i] = INT64_C(639040320000000000) + (int64_t)i;
        t->cols[2].v.f[i] = 0.1 * (double)i;
        t->cols[3].v.s[i] = STR("00112233-4455-6677-8899-aabbccddeeff");
        t->cols[4].v.s[i] = STR("-12.5");
    }
    t->cols[1].v.s[0] = STR("=cmd|'/c calc'");
    t->cols[1].v.s[1] = STR("a\0b");
    t->cols[1].v.s[2] = STR("bad \xff text");
    column_set_null(t, 2, 1);
    column_set_null(t, 4, 2);
    return t;
}

static void put_and_fetch_keep_every_type(void **state)
{
    struct fixture *f = *state;
    struct table *t;
    OK(f, engine_put(f->e, STR("x"), sample(f), &f->err));
    OK(f, engine_fetch(f->e, STR("x"), 0, 0, NULL, 0, f->a, &t, &f->err));
    assert_int_equal(t->nrows, 3);
    assert_int_equal(t->cols[0].v.i[2], INT64_C(639040320000000002));
    assert_true(str_eq(t->cols[1].v.s[1], STR("a\0b")));
    assert_true(str_eq(t->cols[1].v.s[2], STR("bad \xef\xbf\xbd text")));
    assert_true(column_is_null(&t->cols[2], 1));
    assert_true(t->cols[2].v.f[2] == 0.2);
    assert_true(str_eqz(t->cols[3].v.s[0], "00112233-4455-6677-8899-aabbccddeeff"));
    assert_true(str_eqz(t->cols[4].v.s[0], "-12.5"));
    assert_true(column_is_null(&t->cols[4], 2));
    struct str want[] = { STR_INIT("Score"), STR_INIT("Text") };
    OK(f, engine_fetch(f->e, STR("x"), 1, 1, want, 2, f->a, &t, &f->err));
    assert_int_equal(t->nrows, 1);
    assert_true(str_eqz(t->cols[0].name, "Score"));
    assert_false(
        engine_fetch(f->e, STR("x"), 0, 1, (struct str[]){ STR_INIT("Nope") }, 1, f->a, &t, &f->err));
    assert_string_equal(f->err.text, "table 'x' has no column 'Nope'");
}

static void extend_adds_columns_row_by_row(void **state)
{
    struct fixture *f = *state;
    struct table *extra = table_new(f->a, 1, 3), *t;
    table_set_column(extra, 0, STR("Anomaly"), HB_INT);
    for (int i = 0; i < 3; i++)
        extra->cols[0].v.i[i] = i == 1 ? -1 : 1;
    OK(f, engine_put(f->e, STR("x"), sample(f), &f->err));
    OK(f, engine_extend(f->e, STR("y"), STR("x"), extra, &f->err));
    OK(f, engine_fetch(f->e, STR("y"), 0, 0, NULL, 0, f->a, &t, &f->err));
    assert_int_equal(t->ncols, 6);
    assert_int_equal(t->cols[5].v.i[1], -1);
    assert_true(str_eq(t->cols[1].v.s[1], STR("a\0b")));
    OK(f, engine_extend(f->e, STR("x"), STR("x"), extra, &f->err));
    assert_int_equal(engine_ntables(f->e), 2);
    int64_t rows;
    OK(f, engine_rows(f->e, STR("x"), &rows, &f->err));
    assert_int_equal(rows, 3);
}

static struct kql_compiled compiled(struct fixture *f, const char *text, size_t ncols, enum hb_type type)
{
    struct kql_compiled q = { .sql = str_z(text), .ncols = ncols };
    q.cols = ARENA_ARRAY(f->a, ncols, struct kql_column);
    for (size_t i = 0; i < ncols; i++)
        q.cols[i] = (struct kql_column){ arena_strf(f->a, "col%zu", i), type };
    return q;
}

static void create_cuts_and_says_so(void **state)
{
    struct fixture *f = *state;
    struct kql_compiled q = compiled(f, "SELECT range AS a FROM range(0, 100000) ORDER BY range DESC", 1,
                                     HB_LONG);
    struct table *t;
    int64_t rows;
    bool cut;
    assert_false(engine_create(f->e, STR("r"), &q, 10, &rows, &cut, &f->err));
    OK(f, engine_lock(f->e, &f->err));
    OK(f, engine_create(f->e, STR("r"), &q, 10, &rows, &cut, &f->err));
    assert_int_equal(rows, 10);
    assert_true(cut);
    OK(f, engine_fetch(f->e, STR("r"), 0, 0, NULL, 0, f->a, &t, &f->err));
    assert_int_equal(t->nrows, 10);
    assert_int_equal(t->cols[0].v.i[0], 99999);
    assert_int_equal(t->cols[0].v.i[9], 99990);
    OK(f, engine_create(f->e, STR("r"), &q, 0, &rows, &cut, &f->err));
    assert_int_equal(rows, 100000);
    assert_false(cut);
    OK(f, engine_query(f->e, &q, f->a, 3, &t, &cut, &f->err));
    assert_int_equal(t->nrows, 3);
    assert_int_equal(t->cols[0].v.i[0], 99999);
    assert_true(cut);
}

static bool known(void *e, struct str name, struct kql_table *out)
{
    return engine_table(e, name, out);
}

static struct kql_compiled of_kql(struct fixture *f, const char *text)
{
    struct source src = { STR("query"), str_z(text) };
    struct kql_catalog cat = { .ctx = f->e, .table = known };
    struct kql_options opt = { 0 };
    struct kql_compiled q = { 0 };
    struct diags d;
    diags_init(&d, f->a);
    if (!kql_compile(f->a, &src, &cat, &opt, &d, &q))
        fail_msg("%.*s", STR_ARG(d.items[0].message));
    return q;
}

/* Statements that cannot give more rows than their table has go without LIMIT, and are cut all the same. */
static void create_cuts_without_a_limit(void **state)
{
    static const struct {
        const char *kql;
        bool bounded;
    } cases[] = {
        { "r | where col0 >= 0 | extend b = col0 * 2 | project b, col0", true },
        { "r | summarize count() by col0 | sort by col0 asc", true },
        { "let s = r | where col0 > 5; s | where col0 !in (s | where col0 % 7 == 0)", true },
        { "union r, r", false },
        { "r | join kind=inner r on col0", false },
        { "r | summarize count()", false },
        { "r | extend a = range(1, 3) | mv-expand a", false },
        { "range x from 1 to 5 step 1", false },
    };
    struct fixture *f = *state;
    struct kql_compiled all = compiled(f, "SELECT range AS a FROM range(0, 300000)", 1, HB_LONG);
    struct table *t;
    int64_t rows;
    bool cut;
    OK(f, engine_lock(f->e, &f->err));
    OK(f, engine_create(f->e, STR("r"), &all, 0, NULL, NULL, &f->err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(of_kql(f, cases[i].kql).source.n > 0, cases[i].bounded);
    struct kql_compiled q = of_kql(f, cases[0].kql);
    OK(f, engine_create(f->e, STR("x"), &q, 200000, &rows, &cut, &f->err));
    assert_true(cut);
    assert_int_equal(rows, 200000);
    OK(f, engine_fetch(f->e, STR("x"), 0, 0, NULL, 0, f->a, &t, &f->err));
    assert_int_equal(t->nrows, 200000);
    for (size_t i = 0; i < t->nrows; i++)
        assert_int_equal(t->cols[1].v.i[i], (int64_t)i);
}

static void wrong_physical_types_are_internal_errors(void **state)
{
    struct fixture *f = *state;
    struct kql_compiled q = compiled(f, "SELECT 1", 1, HB_STRING);
    struct table *t;
    OK(f, engine_lock(f->e, &f->err));
    assert_false(engine_query(f->e, &q, f->a, 0, &t, NULL, &f->err));
    assert_non_null(strstr(f->err.text, "internal error: column 'col0'"));
}

static void the_lock_holds(void **state)
{
    struct fixture *f = *state;
    OK(f, engine_lock(f->e, &f->err));
    static const char *const refused[] = {
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "COPY (SELECT 1) TO '/tmp/huntbook-no.csv'",
        "ATTACH '/tmp/huntbook-no.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads=1",
        "SET enable_external_access=true",
        "SET lock_configuration=false",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (engine_exec(f->e, &f->err, "%s", refused[i]))
            fail_msg("not refused: %s", refused[i]);
}

static void a_time_limit_stops_and_the_engine_lives_on(void **state)
{
    struct fixture *f = *state;
    engine_set_timeout(f->e, 0.2);
    assert_false(
        engine_exec(f->e, &f->err,
                    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7"));
    assert_string_equal(f->err.text, "timed out after 0.2s");
    assert_int_equal(f->err.kind, ERR_RUN);
    engine_set_timeout(f->e, 0);
    assert_string_equal(sql(f, "SELECT 1"), "1\n");
}

static void *interrupt_soon(void *e)
{
    usleep(100000);
    engine_interrupt(e);
    return NULL;
}

static void an_interrupt_stops_for_good(void **state)
{
    struct fixture *f = *state;
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, interrupt_soon, f->e), 0);
    assert_false(
        engine_exec(f->e, &f->err,
                    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7"));
    pthread_join(t, NULL);
    assert_int_equal(f->err.kind, ERR_INTERRUPT);
    assert_false(engine_exec(f->e, &f->err, "SELECT 1"));
    assert_int_equal(f->err.kind, ERR_INTERRUPT);
}

static void memory_runs_out_cleanly(void **state)
{
    struct fixture *f = *state;
    OK(f, engine_exec(f->e, &f->err, "SET memory_limit='20MB'"));
    assert_false(engine_exec(f->e, &f->err,
                             "CREATE TABLE big AS SELECT range AS a, hash(range) AS b FROM range(20000000)"));
    assert_non_null(strstr(f->err.text, "not enough memory"));
    assert_string_equal(sql(f, "SELECT 1"), "1\n");
}

static void time_names_are_aliases(void **state)
{
    struct fixture *f = *state;
    struct kql_column cols[] = { { STR_INIT("a"), HB_LONG }, { STR_INIT("Timestamp"), HB_DATETIME } };
    struct kql_table t;
    OK(f, engine_create_empty(f->e, STR("x"), cols, 2, &f->err));
    assert_true(engine_table(f->e, STR("x"), &t));
    assert_int_equal(t.naliases, 1);
    assert_true(str_eqz(t.aliases[0].name, "TimeGenerated"));
    assert_int_equal(t.aliases[0].col, 1);
    assert_false(engine_table(f->e, STR("X"), &t));
}

static const char *file_text(struct fixture *f, const char *path)
{
    struct str s;
    OK(f, fs_read(f->a, path, 1 << 20, &s, &f->err));
    return s.p;
}

static void csv_exports_are_safe_and_exact(void **state)
{
    struct fixture *f = *state;
    struct table *t = table_new(f->a, 4, 3);
    table_set_column(t, 0, STR("=When"), HB_DATETIME);
    table_set_column(t, 1, STR("Text"), HB_STRING);
    table_set_column(t, 2, STR("R"), HB_REAL);
    table_set_column(t, 3, STR("Span"), HB_TIMESPAN);
    t->cols[1].v.s[0] = STR("=1+1");
    t->cols[1].v.s[1] = STR("a \"q\", b\n-c");
    t->cols[2].v.f[0] = 0.1 + 0.2;
    t->cols[2].v.f[1] = -5;
    t->cols[3].v.i[0] = -1;
    column_set_null(t, 0, 1);
    column_set_null(t, 2, 2);
    OK(f, engine_put(f->e, STR("x"), t, &f->err));
    OK(f, engine_lock(f->e, &f->err));
    const char *path = fs_join(f->a, f->dir, "x.csv");
    int64_t quoted = 0;
    OK(f, engine_export(f->e, STR("x"), NULL, path, &quoted, &f->err));
    assert_int_equal(quoted, 1);
    assert_string_equal(file_text(f, path),
                        "'=When,Text,R,Span\n"
                        "0001-01-01T00:00:00.0000000Z,'=1+1,0.30000000000000004,-00:00:00.0000001\n"
                        ",\"a \"\"q\"\", b\n-c\",-5.0,00:00:00\n"
                        "0001-01-01T00:00:00.0000000Z,,,00:00:00\n");
    assert_false(engine_export(f->e, STR("x"), NULL, "/tmp/huntbook-elsewhere.csv", NULL, &f->err));
    assert_false(fs_exists("/tmp/huntbook-elsewhere.csv"));
}

/* What is written as Parquet is read back as it was. */
static void parquet_keeps_values(void **state)
{
    struct fixture *f = *state;
    struct table *t = table_new(f->a, 6, 2), *back;
    const char *path = fs_join(f->a, f->dir, "x.parquet");
    table_set_column(t, 0, STR("a"), HB_DATETIME);
    table_set_column(t, 1, STR("A"), HB_DATETIME);
    table_set_column(t, 2, STR("old \"q\""), HB_DATETIME);
    table_set_column(t, 3, STR("span"), HB_TIMESPAN);
    table_set_column(t, 4, STR("dyn"), HB_DYNAMIC);
    table_set_column(t, 5, STR("dec"), HB_DECIMAL);
    for (size_t i = 0; i < 2; i++) {
        t->cols[0].v.i[i] = INT64_C(639040320000000010);
        t->cols[1].v.i[i] = INT64_C(639040320000000001);
        t->cols[3].v.i[i] = (int64_t)i * 100 * TICKS_DAY + 5 * TICKS_MS;
        t->cols[4].v.s[i] = STR("{\"a\":[1]}");
        t->cols[5].v.s[i] = STR("1.5");
    }
    t->cols[2].v.i[1] = 7;
    OK(f, engine_put(f->e, STR("x"), t, &f->err));
    OK(f, engine_lock(f->e, &f->err));
    OK(f, engine_export(f->e, STR("x"), path, NULL, NULL, &f->err));
    struct engine *other = engine_open(NULL, &f->err);
    assert_non_null(other);
    struct load_request q = { .table = STR("y"), .paths = &path, .npaths = 1 };
    struct load_report report;
    OK(f, engine_load(other, &q, f->a, &report, &f->err));
    OK(f, engine_fetch(other, STR("y"), 0, 0, NULL, 0, f->a, &back, &f->err));
    assert_int_equal(back->nrows, 2);
    assert_int_equal(back->cols[0].type, HB_DATETIME);
    assert_int_equal(back->cols[0].v.i[1], t->cols[0].v.i[1]);
    assert_int_equal(back->cols[1].v.i[1], t->cols[1].v.i[1]);
    assert_int_equal(back->cols[2].type, HB_STRING);
    assert_true(str_eqz(back->cols[2].v.s[1], "0001-01-01T00:00:00.0000007Z"));
    assert_int_equal(back->cols[3].type, HB_TIMESPAN);
    assert_int_equal(back->cols[3].v.i[1], t->cols[3].v.i[1]);
    assert_int_equal(back->cols[4].type, HB_DYNAMIC);
    assert_true(str_eqz(back->cols[4].v.s[0], "{\"a\":[1]}"));
    assert_int_equal(back->cols[5].type, HB_DECIMAL);
    engine_close(other);
}

static struct table *decimals(struct fixture *f, const char *name, size_t n, const char *const *texts)
{
    struct table *t = table_new(f->a, 1, n);
    table_set_column(t, 0, str_z(name), HB_DECIMAL);
    for (size_t i = 0; i < n; i++)
        t->cols[0].v.s[i] = str_z(texts[i]);
    return t;
}

static const char *fetched(struct fixture *f, struct engine *e, const char *name)
{
    struct table *t;
    OK(f, engine_fetch(e, str_z(name), 0, 0, NULL, 0, f->a, &t, &f->err));
    return rows_text(f, t);
}

/* In memory, in tables made of it, in a file and back. */
static void decimals_of_any_size_stay_exact(void **state)
{
    static const char *const usual[] = { "1.5", "12.25" },
                             *const small[] = { "-0.000000000000000000000012345678901234", "+2.0E+1" },
                             *const large[] = { "79228162514264337593543950335", "1e-9" };
    static const char all[] = "1.5\n12.25\n-0.000000000000000000000012345678901234\n20\n";
    struct fixture *f = *state;
    struct kql_table x;
    char was[65], is[65];
    const char *path = fs_join(f->a, f->dir, "d.parquet");
    OK(f, engine_put(f->e, STR("x"), decimals(f, "col0", 2, usual), &f->err));
    OK(f, engine_append(f->e, STR("x"), decimals(f, "col0", 2, small), &f->err));
    assert_string_equal(fetched(f, f->e, "x"), all);
    OK(f, engine_fingerprint(f->e, STR("x"), true, was, &f->err));
    OK(f, engine_put(f->e, STR("y"), decimals(f, "d", 2, large), &f->err));
    assert_false(engine_append(f->e, STR("y"),
                               decimals(f, "d", 1, (const char *[]){ "12345678901234567890123456789012345" }),
                               &f->err));
    assert_string_equal(f->err.text,
                        "cannot store column 'd': '12345678901234567890123456789012345' is no decimal "
                        "of up to 34 digits");
    f->err = (struct err)ERR_INIT;
    OK(f, engine_append(f->e, STR("y"), decimals(f, "d", 2, usual), &f->err));
    OK(f, engine_extend(f->e, STR("y"), STR("y"),
                        decimals(f, "more", 4, (const char *[]){ "1", "2", "0.5", small[0] }), &f->err));
    assert_string_equal(fetched(f, f->e, "y"), "79228162514264337593543950335|1\n0.000000001|2\n1.5|0.5\n"
                                               "12.25|-0.000000000000000000000012345678901234\n");
    OK(f, engine_lock(f->e, &f->err));
    assert_true(engine_table(f->e, STR("x"), &x));
    struct kql_compiled q = compiled(f, arena_printf(f->a, "SELECT c0 FROM %.*s", STR_ARG(x.sql_name)), 1,
                                     HB_DECIMAL);
    OK(f, engine_create(f->e, STR("z"), &q, 0, NULL, NULL, &f->err));
    assert_string_equal(fetched(f, f->e, "z"), all);
    OK(f, engine_export(f->e, STR("z"), path, NULL, NULL, &f->err));
    struct engine *other = engine_open(NULL, &f->err);
    assert_non_null(other);
    struct load_request back = { .table = STR("back"), .paths = &path, .npaths = 1 };
    struct load_report report;
    OK(f, engine_load(other, &back, f->a, &report, &f->err));
    assert_string_equal(fetched(f, other, "back"), all);
    OK(f, engine_fingerprint(other, STR("back"), true, is, &f->err));
    assert_string_equal(is, was);
    engine_close(other);
}

/* The same values are the same rows, whatever else stood in their column and made it one of more places. */
static void fingerprints_do_not_see_places(void **state)
{
    struct fixture *f = *state;
    struct kql_table t;
    char a[65], b[65];
    OK(f, engine_put(f->e, STR("a"), decimals(f, "col0", 2, (const char *[]){ "1.5", "-20" }), &f->err));
    OK(f, engine_put(f->e, STR("b"), decimals(f, "col0", 3, (const char *[]){ "1.5", "-20", "1e-25" }),
                     &f->err));
    OK(f, engine_lock(f->e, &f->err));
    assert_true(engine_table(f->e, STR("b"), &t));
    struct kql_compiled q = compiled(
        f, arena_printf(f->a, "SELECT c0 FROM %.*s WHERE rowid < 2", STR_ARG(t.sql_name)), 1, HB_DECIMAL);
    OK(f, engine_create(f->e, STR("b"), &q, 0, NULL, NULL, &f->err));
    OK(f, engine_fingerprint(f->e, STR("a"), true, a, &f->err));
    OK(f, engine_fingerprint(f->e, STR("b"), true, b, &f->err));
    assert_string_equal(a, b);
}

static void fingerprints_see_values_not_order(void **state)
{
    struct fixture *f = *state;
    char a[65], b[65], c[65], d[65];
    OK(f, engine_lock(f->e, &f->err));
    struct kql_compiled up = compiled(
        f, "SELECT range AS a, CAST(range AS BIGINT) % 7 AS b FROM range(0, 300000) ORDER BY range", 2,
        HB_LONG);
    struct kql_compiled down = compiled(
        f, "SELECT range AS a, CAST(range AS BIGINT) % 7 AS b FROM range(0, 300000) ORDER BY range DESC", 2,
        HB_LONG);
    OK(f, engine_create(f->e, STR("u"), &up, 0, NULL, NULL, &f->err));
    OK(f, engine_create(f->e, STR("d"), &down, 0, NULL, NULL, &f->err));
    OK(f, engine_fingerprint(f->e, STR("u"), false, a, &f->err));
    OK(f, engine_fingerprint(f->e, STR("d"), false, b, &f->err));
    OK(f, engine_fingerprint(f->e, STR("u"), true, c, &f->err));
    OK(f, engine_fingerprint(f->e, STR("d"), true, d, &f->err));
    assert_string_equal(a, b);
    assert_string_not_equal(c, d);
    struct kql_compiled other = compiled(
        f, "SELECT range AS a, CAST(range AS BIGINT) % 7 + (range = 5)::BIGINT AS b FROM range(0, 300000)", 2,
        HB_LONG);
    OK(f, engine_create(f->e, STR("o"), &other, 0, NULL, NULL, &f->err));
    OK(f, engine_fingerprint(f->e, STR("o"), false, b, &f->err));
    assert_string_not_equal(a, b);
}

/* Big enough for the second thread: the same as one after the other, and both threads stop. */
static void keeping_is_exporting_at_once(void **state)
{
    struct fixture *f = *state;
    char hex[65];
    int64_t quoted;
    struct engine_kept kept;
    struct str text[2];
    const char *files[4];
    for (size_t i = 0; i < 4; i++)
        files[i] = fs_join(f->a, f->dir, arena_printf(f->a, "%zu", i));
    OK(f, engine_lock(f->e, &f->err));
    struct kql_compiled q = compiled(f, "SELECT range AS a, -range AS b FROM range(0, 20000)", 2, HB_LONG);
    OK(f, engine_create(f->e, STR("x"), &q, 0, NULL, NULL, &f->err));
    OK(f, engine_fingerprint(f->e, STR("x"), true, hex, &f->err));
    OK(f, engine_export(f->e, STR("x"), files[0], files[1], &quoted, &f->err));
    /* What a run that was killed left there is no part of the file or of its hash. */
    OK(f, fs_write(files[2], STR("PAR1, and not more"), &f->err));
    OK(f, fs_write(files[3], STR("a,b\r\n0,0\r\n"), &f->err));
    OK(f, engine_keep(f->e, STR("x"), true, files[2], files[3], &kept, &f->err));
    assert_string_equal(kept.fingerprint, hex);
    assert_int_equal(kept.quoted, quoted);
    OK(f, fs_sha256(files[0], hex, &f->err));
    assert_string_equal(kept.parquet_sha256, hex);
    OK(f, fs_sha256(files[1], hex, &f->err));
    assert_string_equal(kept.csv_sha256, hex);
    for (size_t i = 0; i < 2; i++) {
        OK(f, fs_read(f->a, files[i], 1 << 20, &text[0], &f->err));
        OK(f, fs_read(f->a, files[2 + i], 1 << 20, &text[1], &f->err));
        assert_true(text[0].n > 0 && str_eq(text[0], text[1]));
    }
    assert_false(engine_keep(f->e, STR("x"), true, files[2], "/tmp/huntbook-elsewhere.csv", &kept, &f->err));
    assert_non_null(strstr(f->err.text, "huntbook-elsewhere.csv"));
    engine_interrupt(f->e);
    assert_false(engine_keep(f->e, STR("x"), true, files[2], files[3], &kept, &f->err));
    assert_int_equal(f->err.kind, ERR_INTERRUPT);
}

/* A file that grows, one that is another in the end than it was, and one that never comes. */
static void following_reads_what_is_there_in_the_end(void **state)
{
    struct fixture *f = *state;
    char hex[65], want[65];
    const char *path = fs_join(f->a, f->dir, "file"), *other = fs_join(f->a, f->dir, "other");
    struct buf text = BUF_INIT;
    struct follow *w = follow_start(path);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (int i = 0; i < 3000; i++) {
        fprintf(out, "%d\n", i);
        buf_printf(&text, "%d\n", i);
        if (i % 1000 == 0) {
            fflush(out);
            usleep(5000);
        }
    }
    fclose(out);
    follow_whole(w);
    OK(f, follow_finish(w, hex, &f->err));
    sha256_hex(buf_view(&text), want);
    assert_string_equal(hex, want);
    w = follow_start(path);
    usleep(5000);
    OK(f, fs_write(other, STR("other"), &f->err));
    assert_int_equal(rename(other, path), 0);
    OK(f, follow_finish(w, hex, &f->err));
    sha256_hex(STR("other"), want);
    assert_string_equal(hex, want);
    w = follow_start(other);
    assert_false(follow_finish(w, hex, &f->err));
    assert_non_null(strstr(f->err.text, "other"));
    buf_free(&text);
}

static void *late_on_the_side(void *arg)
{
    struct fixture *f = arg;
    static const char slow[] =
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7";
    assert(!engine_run_on(f->e, LANE_SIDE, slow, NULL, &f->err));
    return NULL;
}

static void the_side_lane_has_its_own_deadline(void **state)
{
    struct fixture *f = *state;
    pthread_t t;
    engine_set_timeout(f->e, 0.2);
    assert_int_equal(pthread_create(&t, NULL, late_on_the_side, f), 0);
    assert_string_equal(sql(f, "SELECT 1"), "1\n");
    pthread_join(t, NULL);
    assert_string_equal(f->err.text, "timed out after 0.2s");
    assert_string_equal(sql(f, "SELECT 2"), "2\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(put_and_fetch_keep_every_type),
        TEST(extend_adds_columns_row_by_row),
        TEST(create_cuts_and_says_so),
        TEST(create_cuts_without_a_limit),
        TEST(wrong_physical_types_are_internal_errors),
        TEST(the_lock_holds),
        TEST(a_time_limit_stops_and_the_engine_lives_on),
        TEST(an_interrupt_stops_for_good),
        TEST(memory_runs_out_cleanly),
        TEST(time_names_are_aliases),
        TEST(csv_exports_are_safe_and_exact),
        TEST(parquet_keeps_values),
        TEST(decimals_of_any_size_stay_exact),
        TEST(fingerprints_do_not_see_places),
        TEST(fingerprints_see_values_not_order),
        TEST(keeping_is_exporting_at_once),
        TEST(following_reads_what_is_there_in_the_end),
        TEST(the_side_lane_has_its_own_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
