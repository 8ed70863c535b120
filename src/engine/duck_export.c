/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables out of the engine: Parquet and CSV.
 *
 * The Parquet type of a column of times or decimals depends on its values: the readable type when it holds every value exactly, else text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "duck_int.h"
#include "hb/fs.h"
#include "hb/ticks.h"

/* 1677-09-22 and 2262-04-11: what 64 bits of nanoseconds hold. */
#define NS_MIN INT64_C(529123968000000000)
#define NS_MAX INT64_C(713589696000000000)

/* A table with fewer rows is written before a thread has started. */
enum { BESIDE_ROWS = 10000 };

/* What has to be known of a time column. */
struct time_range {
    int64_t min, max;
    bool fine; /* below a microsecond (datetime), below a millisecond (timespan) */
};

static bool time_range(struct engine *e, const struct engine_tab *tab, size_t col, struct arena *a,
                       struct time_range *out, struct err *err)
{
    struct table *t;
    char sql[200];
    int64_t grain = tab->kql.cols[col].type == HB_DATETIME ? TICKS_US : TICKS_MS;
    snprintf(sql, sizeof sql,
             "SELECT coalesce(min(c%zu), 0), coalesce(max(c%zu), 0), coalesce(bool_or(c%zu %% %lld <> 0), "
             "false) FROM %s",
             col, col, col, (long long)grain, tab->kql.sql_name.p);
    if (!engine_sql(e, sql, a, &t, err))
        return false;
    *out = (struct time_range){ t->cols[0].v.i[0], t->cols[1].v.i[0], t->cols[2].v.b[0] };
    return true;
}

/* DECIMAL(38, n) where one holds all values, with 18 places if there is room; else their text. */
static bool put_decimals(struct engine *e, const struct engine_tab *tab, size_t col, struct arena *a,
                         struct buf *b, struct err *err)
{
    enum { DIGITS = 38, USUAL_PLACES = 18 };
    struct table *t;
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT coalesce(max(length(ltrim(split_part(s, '.', 1), '-'))), 0), "
             "coalesce(max(length(split_part(s, "
             "'.', 2))), 0), coalesce(bool_or(contains(s, 'E')), false) FROM (SELECT kql_decimal_str(c%zu) "
             "AS s FROM %s)",
             col, tab->kql.sql_name.p);
    if (!engine_sql(e, sql, a, &t, err))
        return false;
    int64_t whole = t->cols[0].v.i[0], places = t->cols[1].v.i[0];
    int64_t room = DIGITS - whole < USUAL_PLACES ? DIGITS - whole : USUAL_PLACES;
    places = places > room ? places : room;
    if (t->cols[2].v.b[0] || whole + places > DIGITS)
        buf_printf(b, "nullif(kql_decimal_str(c%zu), '')", col);
    else
        buf_printf(b, "CAST(nullif(kql_decimal_str(c%zu), '') AS DECIMAL(%d,%lld))", col, DIGITS,
                   (long long)places);
    return true;
}

static void put_alias(struct buf *b, struct str name, bool safe)
{
    buf_puts(b, " AS \"");
    if (safe && name.n && strchr("=+-@\t\r", name.p[0]) && name.p[0])
        buf_putc(b, '\'');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_putc(b, '"');
        if (name.p[i])
            buf_putc(b, name.p[i]);
        else
            buf_puts(b, "\xef\xbf\xbd"); /* SQL text cannot hold NUL */
    }
    buf_putc(b, '"');
}

static void put_time_value(struct buf *b, enum hb_type type, size_t col, const struct time_range *r)
{
    if (type == HB_DATETIME) {
        if (r->min < 0 || r->max > TICKS_MAX)
            buf_printf(b, "nullif(kql_datetime_str(c%zu), '')", col);
        else if (!r->fine)
            buf_printf(b, "make_timestamp((c%zu - %lld) // 10)", col, (long long)TICKS_UNIX);
        else if (r->min > NS_MIN && r->max < NS_MAX)
            buf_printf(b, "make_timestamp_ns((c%zu - %lld) * 100)", col, (long long)TICKS_UNIX);
        else
            buf_printf(b, "nullif(kql_datetime_str(c%zu), '')", col);
    } else if (r->fine || r->min < 0) {
        buf_printf(b, "nullif(kql_timespan_str(c%zu), '')", col);
    } else {
        buf_printf(b, "to_days(CAST(c%zu // %lld AS INTEGER)) + to_microseconds(c%zu %% %lld // 10)", col,
                   (long long)TICKS_DAY, col, (long long)TICKS_DAY);
    }
}

static bool put_parquet_select(struct engine *e, const struct engine_tab *tab, struct buf *b, struct err *err)
{
    struct arena *a = arena_new(0, "an export");
    bool ok = true;
    for (size_t i = 0; i < tab->kql.ncols && ok; i++) {
        enum hb_type type = tab->kql.cols[i].type;
        buf_puts(b, i ? ", " : "SELECT ");
        if (type == HB_DATETIME || type == HB_TIMESPAN) {
            struct time_range r;
            ok = time_range(e, tab, i, a, &r, err);
            if (ok)
                put_time_value(b, type, i, &r);
        } else if (type == HB_DECIMAL) {
            ok = put_decimals(e, tab, i, a, b, err);
        } else if (type == HB_DYNAMIC) {
            buf_printf(b, "TRY_CAST(c%zu AS JSON)", i);
        } else {
            buf_printf(b, "c%zu", i);
        }
        put_alias(b, tab->kql.cols[i].name, false);
    }
    arena_free(a);
    return ok;
}

/* The function that makes the text of a CSV field; NULL: DuckDB's own text does. */
static const char *const csv_functions[HB_NTYPES] = {
    [HB_DATETIME] = "kql_datetime_str",
    [HB_TIMESPAN] = "kql_timespan_str",
    [HB_DECIMAL] = "kql_decimal_str",
};

static void put_csv_select(const struct engine_tab *tab, struct buf *b)
{
    for (size_t i = 0; i < tab->kql.ncols; i++) {
        enum hb_type type = tab->kql.cols[i].type;
        buf_puts(b, i ? ", " : "SELECT ");
        if (type == HB_STRING || type == HB_DYNAMIC)
            buf_printf(
                b,
                "CASE WHEN c%zu = '' THEN NULL WHEN hb_csv_risky(c%zu) THEN concat('''', c%zu) ELSE c%zu END",
                i, i, i, i);
        else if (csv_functions[type])
            buf_printf(b, "nullif(%s(c%zu), '')", csv_functions[type], i);
        else
            buf_printf(b, "c%zu", i);
        put_alias(b, tab->kql.cols[i].name, true);
    }
}

/* `where`: "" or a condition that is true. */
static bool copy_out(struct engine *e, int lane, const struct engine_tab *tab, struct str select,
                     struct str where, const char *path, const char *options, struct err *err)
{
    struct buf sql = BUF_INIT;
    buf_puts(&sql, "COPY (");
    buf_str(&sql, select);
    buf_printf(&sql, " FROM %s%s", tab->kql.sql_name.p, where.n ? " WHERE " : "");
    buf_str(&sql, where);
    buf_puts(&sql, ") TO ");
    sql_put_text(&sql, str_z(path));
    buf_printf(&sql, " (%s)", options);
    bool ok = engine_run_beside(e, lane, buf_z(&sql), err) || err_wrap(err, "cannot write '%s'", path);
    buf_free(&sql);
    return ok;
}

/* The rows of a group are held until it is full. */
static const char *const parquet_options[] = { "FORMAT parquet", "FORMAT parquet, ROW_GROUP_SIZE 20480" };

/* `print` (may be NULL): the fingerprint to take on the way. */
static bool export_parquet(struct engine *e, const struct engine_tab *tab, const char *path,
                           const struct print_job *print, struct err *err)
{
    struct buf select = BUF_INIT, where = BUF_INIT;
    if (print)
        print_put_condition(print, &where);
    bool ok = put_parquet_select(e, tab, &select, err) &&
              copy_out(e, LANE_MAIN, tab, buf_view(&select), buf_view(&where), path,
                       parquet_options[e->frugal], err);
    buf_free(&select);
    buf_free(&where);
    return ok;
}

static bool export_csv(struct engine *e, int lane, const struct engine_tab *tab, const char *path,
                       const struct print_job *print, int64_t *quoted, struct err *err)
{
    struct buf select = BUF_INIT, where = BUF_INIT;
    atomic_store(&e->apostrophes, 0);
    put_csv_select(tab, &select);
    if (print)
        print_put_condition(print, &where);
    bool ok = copy_out(e, lane, tab, buf_view(&select), buf_view(&where), path,
                       "FORMAT csv, HEADER true, NULLSTR ''", err);
    if (quoted)
        *quoted = atomic_load(&e->apostrophes);
    buf_free(&select);
    buf_free(&where);
    return ok;
}

static bool may_export(struct engine *e, struct str name, struct engine_tab **tab, struct err *err)
{
    return tab_need(e, name, tab, err) &&
           (e->locked || err_set(err, ERR_RUN, "internal error: exports come after engine_lock"));
}

bool engine_export(struct engine *e, struct str name, const char *path_parquet, const char *path_csv,
                   int64_t *quoted, struct err *err)
{
    struct engine_tab *tab;
    return may_export(e, name, &tab, err) &&
           (!path_parquet || export_parquet(e, tab, path_parquet, NULL, err)) &&
           (!path_csv || export_csv(e, LANE_MAIN, tab, path_csv, NULL, quoted, err));
}

/* All of engine_keep. */
struct keep_job {
    struct engine *e;
    const struct engine_tab *tab;
    const char *path_parquet, *path_csv;
    bool ordered;
    struct engine_kept *out;
    struct follow *follow; /* of the CSV file */
    bool csv_ok;
    struct err csv_err;
};

/* What a run that was killed left under the name would be taken for the beginning. */
static bool nothing_there(const char *path, struct err *err)
{
    return unlink(path) == 0 || errno == ENOENT || err_errno(err, "remove", path);
}

static void *csv_main(void *arg)
{
    struct keep_job *j = arg;
    j->csv_ok = export_csv(j->e, LANE_SIDE, j->tab, j->path_csv, NULL, &j->out->quoted, &j->csv_err);
    follow_whole(j->follow);
    return NULL;
}

static bool keep_parquet(struct keep_job *j, struct err *err)
{
    struct print_job *print = print_start(j->e, j->tab);
    bool ok = export_parquet(j->e, j->tab, j->path_parquet, print, err);
    return print_finish(j->e, print, ok, j->ordered, j->out->fingerprint, err) &&
           fs_sha256(j->path_parquet, j->out->parquet_sha256, err);
}

/*
 * The CSV file takes longer than the Parquet one: a thread of its own writes it, and another one hashes it while it grows. The
 * fingerprint is taken in the scan for the Parquet file.
 */
static bool keep_beside(struct keep_job *j, struct err *err)
{
    pthread_t thread;
    if (!nothing_there(j->path_csv, err))
        return false;
    j->follow = follow_start(j->path_csv);
    bool beside = pthread_create(&thread, NULL, csv_main, j) == 0;
    bool ok = keep_parquet(j, err);
    if (beside)
        pthread_join(thread, NULL);
    else if (ok)
        csv_main(j);
    struct err followed = ERR_INIT;
    bool hashed = follow_finish(j->follow, j->out->csv_sha256, &followed);
    if (ok && !(j->csv_ok && hashed))
        *err = j->csv_ok ? followed : j->csv_err;
    return ok && j->csv_ok && hashed;
}

/* One after the other, the fingerprint in the scan that holds fewer rows. */
static bool keep_in_turn(struct keep_job *j, struct err *err)
{
    if (!export_parquet(j->e, j->tab, j->path_parquet, NULL, err) ||
        !fs_sha256(j->path_parquet, j->out->parquet_sha256, err))
        return false;
    struct print_job *print = print_start(j->e, j->tab);
    bool ok = export_csv(j->e, LANE_SIDE, j->tab, j->path_csv, print, &j->out->quoted, err);
    return print_finish(j->e, print, ok, j->ordered, j->out->fingerprint, err) &&
           fs_sha256(j->path_csv, j->out->csv_sha256, err);
}

bool engine_keep(struct engine *e, struct str name, bool ordered, const char *path_parquet,
                 const char *path_csv, struct engine_kept *out, struct err *err)
{
    struct keep_job job = { .e = e,
                            .path_parquet = path_parquet,
                            .path_csv = path_csv,
                            .ordered = ordered,
                            .out = out,
                            .csv_err = ERR_INIT };
    struct engine_tab *tab;
    if (!may_export(e, name, &tab, err))
        return false;
    job.tab = tab;
    return e->frugal || tab->rows < BESIDE_ROWS ? keep_in_turn(&job, err) : keep_beside(&job, err);
}
