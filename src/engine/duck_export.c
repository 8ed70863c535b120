/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables out of the engine: Parquet, CSV, and the fingerprint of their values.
 *
 * The Parquet type of a time column depends on its values: the readable type when it holds every value exactly, else text.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "duck_int.h"
#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"

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
            buf_printf(b,
                       type == HB_DECIMAL ? "nullif(%s(CAST(c%zu AS VARCHAR)), '')" : "nullif(%s(c%zu), '')",
                       csv_functions[type], i);
        else
            buf_printf(b, "c%zu", i);
        put_alias(b, tab->kql.cols[i].name, true);
    }
}

static bool copy_out(struct engine *e, int lane, const struct engine_tab *tab, struct str select,
                     const char *path, const char *options, struct err *err)
{
    struct buf sql = BUF_INIT;
    buf_puts(&sql, "COPY (");
    buf_str(&sql, select);
    buf_printf(&sql, " FROM %s) TO ", tab->kql.sql_name.p);
    sql_put_text(&sql, str_z(path));
    buf_printf(&sql, " (%s)", options);
    bool ok = engine_run_on(e, lane, buf_z(&sql), NULL, err) || err_wrap(err, "cannot write '%s'", path);
    buf_free(&sql);
    return ok;
}

static bool export_parquet(struct engine *e, const struct engine_tab *tab, const char *path, struct err *err)
{
    struct buf select = BUF_INIT;
    bool ok = put_parquet_select(e, tab, &select, err) &&
              copy_out(e, LANE_MAIN, tab, buf_view(&select), path, "FORMAT parquet", err);
    buf_free(&select);
    return ok;
}

static bool export_csv(struct engine *e, int lane, const struct engine_tab *tab, const char *path,
                       int64_t *quoted, struct err *err)
{
    struct buf select = BUF_INIT;
    atomic_store(&e->apostrophes, 0);
    put_csv_select(tab, &select);
    bool ok = copy_out(e, lane, tab, buf_view(&select), path, "FORMAT csv, HEADER true, NULLSTR ''", err);
    if (quoted)
        *quoted = atomic_load(&e->apostrophes);
    buf_free(&select);
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
    return may_export(e, name, &tab, err) && (!path_parquet || export_parquet(e, tab, path_parquet, err)) &&
           (!path_csv || export_csv(e, LANE_MAIN, tab, path_csv, quoted, err));
}

/* The CSV file of engine_keep, written by a thread of its own. */
struct csv_job {
    struct engine *e;
    const struct engine_tab *tab;
    const char *path;
    int64_t quoted;
    bool ok;
    struct err err;
};

static void *csv_main(void *arg)
{
    struct csv_job *j = arg;
    j->ok = export_csv(j->e, LANE_SIDE, j->tab, j->path, &j->quoted, &j->err);
    return NULL;
}

bool engine_keep(struct engine *e, struct str name, bool ordered, const char *path_parquet,
                 const char *path_csv, struct engine_kept *out, struct err *err)
{
    struct csv_job job = { .e = e, .path = path_csv, .err = ERR_INIT };
    struct engine_tab *tab;
    pthread_t thread;
    if (!may_export(e, name, &tab, err))
        return false;
    job.tab = tab;
    bool beside = tab->rows >= BESIDE_ROWS && pthread_create(&thread, NULL, csv_main, &job) == 0;
    bool ok = engine_fingerprint(e, name, ordered, out->fingerprint, err) &&
              export_parquet(e, tab, path_parquet, err);
    if (beside)
        pthread_join(thread, NULL);
    else if (ok)
        csv_main(&job);
    if (ok && !job.ok)
        *err = job.err;
    out->quoted = job.quoted;
    return ok && job.ok;
}

/* ---- Fingerprint ---- */

enum { HASH_BYTES = 32, PAGE_ROWS = 1 << 17 };

struct row_hash {
    unsigned char bytes[HASH_BYTES];
};

struct row_hashes {
    struct row_hash *items;
    size_t n;
};

static void put_le(struct buf *b, uint64_t v)
{
    char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(v >> (8 * i));
    buf_put(b, bytes, sizeof bytes);
}

/* All NaN are one value, and so are both zeroes. */
static uint64_t real_bits(double v)
{
    uint64_t bits;
    if (isnan(v))
        return UINT64_C(0x7ff8000000000000);
    if (v == 0)
        v = 0;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void put_cell(struct buf *b, enum hb_type type, const void *data, const uint64_t *valid, idx_t row)
{
    bool present = duck_valid(valid, row);
    buf_putc(b, present);
    if (!present)
        return;
    switch (type) {
    case HB_BOOL: buf_putc(b, ((const bool *)data)[row]); break;
    case HB_INT: put_le(b, (uint64_t)((const int32_t *)data)[row]); break;
    case HB_REAL: put_le(b, real_bits(((const double *)data)[row])); break;
    case HB_STRING:
    case HB_DYNAMIC: {
        struct str s = duck_str(&((const duckdb_string_t *)data)[row]);
        put_le(b, s.n);
        buf_str(b, s);
        break;
    }
    case HB_DECIMAL:
    case HB_GUID: buf_put(b, (const char *)data + row * 16, 16); break;
    default: put_le(b, (uint64_t)((const int64_t *)data)[row]);
    }
}

static void hash_chunk(const struct kql_table *t, duckdb_data_chunk chunk, struct sha256 *hasher,
                       struct row_hash *out)
{
    struct buf row = BUF_INIT;
    const void **data = calloc(t->ncols + 1, sizeof *data);
    const uint64_t **valid = calloc(t->ncols + 1, sizeof *valid);
    assert(data && valid);
    for (size_t i = 0; i < t->ncols; i++) {
        duckdb_vector v = duck.data_chunk_get_vector(chunk, (idx_t)i);
        data[i] = duck.vector_get_data(v);
        valid[i] = duck.vector_get_validity(v);
    }
    idx_t n = duck.data_chunk_get_size(chunk);
    for (idx_t r = 0; r < n; r++) {
        buf_clear(&row);
        for (size_t i = 0; i < t->ncols; i++)
            put_cell(&row, t->cols[i].type, data[i], valid[i], r);
        sha256_again(hasher, buf_view(&row), out[r].bytes);
    }
    buf_free(&row);
    free(data);
    free(valid);
}

/* Chunks of one page, hashed by several threads: thread k takes every nth chunk. */
struct hash_page {
    const struct kql_table *table;
    duckdb_data_chunk *chunks;
    struct row_hash **to; /* where the rows of each chunk go */
    size_t n, cap;
};

struct hash_worker {
    const struct hash_page *page;
    size_t first, step;
    pthread_t thread;
    bool threaded;
};

static void *hash_worker_main(void *arg)
{
    const struct hash_worker *w = arg;
    struct sha256 *hasher = sha256_new();
    char unused[65];
    for (size_t i = w->first; i < w->page->n; i += w->step)
        hash_chunk(w->page->table, w->page->chunks[i], hasher, w->page->to[i]);
    sha256_end(hasher, unused);
    return NULL;
}

static void hash_chunks(const struct hash_page *page, size_t threads)
{
    enum { WORKERS_MAX = 16 };
    struct hash_worker workers[WORKERS_MAX];
    threads = threads < 1 ? 1 : threads > WORKERS_MAX ? WORKERS_MAX : threads;
    for (size_t k = 0; k < threads; k++) {
        workers[k] = (struct hash_worker){ .page = page, .first = k, .step = threads };
        if (k + 1 < threads)
            workers[k].threaded = pthread_create(&workers[k].thread, NULL, hash_worker_main, &workers[k]) ==
                                  0;
    }
    for (size_t k = 0; k < threads; k++)
        if (!workers[k].threaded)
            hash_worker_main(&workers[k]);
    for (size_t k = 0; k < threads; k++)
        if (workers[k].threaded)
            pthread_join(workers[k].thread, NULL);
}

static bool hash_rows(struct engine *e, const struct engine_tab *tab, int64_t from, struct row_hashes *out,
                      struct err *err)
{
    char sql[128];
    duckdb_result r;
    snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE rowid >= %lld AND rowid < %lld", tab->kql.sql_name.p,
             (long long)from, (long long)from + PAGE_ROWS);
    if (!engine_run(e, sql, &r, err))
        return false;
    struct arena *a = arena_new(0, "a page of rows");
    struct hash_page page = { .table = &tab->kql };
    duckdb_data_chunk chunk;
    size_t cap = 0;
    while ((chunk = duck.fetch_chunk(r))) {
        size_t n = (size_t)duck.data_chunk_get_size(chunk), at = page.n;
        assert(out->n + n <= (size_t)tab->rows);
        *VEC_PUSH(a, page.chunks, page.n, page.cap) = chunk;
        *VEC_PUSH(a, page.to, at, cap) = out->items + out->n;
        out->n += n;
    }
    hash_chunks(&page, e->threads);
    for (size_t i = 0; i < page.n; i++)
        duck.destroy_data_chunk(&page.chunks[i]);
    arena_free(a);
    duck.destroy_result(&r);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

enum { BUCKETS = 1 << 16 };

static size_t bucket_of(const struct row_hash *h)
{
    return (size_t)h->bytes[0] << 8 | h->bytes[1];
}

/* Hashes are spread evenly: one pass into buckets leaves a handful in each. */
static void sort_hashes(struct row_hashes *rows)
{
    size_t *ends = calloc(BUCKETS + 1, sizeof *ends);
    struct row_hash *sorted = calloc(rows->n + 1, sizeof *sorted);
    assert(ends && sorted);
    for (size_t i = 0; i < rows->n; i++)
        ends[bucket_of(&rows->items[i]) + 1]++;
    for (size_t b = 0; b < BUCKETS; b++)
        ends[b + 1] += ends[b];
    for (size_t i = 0; i < rows->n; i++)
        sorted[ends[bucket_of(&rows->items[i])]++] = rows->items[i];
    for (size_t b = 0, from = 0; b < BUCKETS; from = ends[b++])
        qsort(sorted + from, ends[b] - from, sizeof *sorted, by_bytes);
    free(ends);
    free(rows->items);
    rows->items = sorted;
}

bool engine_fingerprint(struct engine *e, struct str name, bool ordered, char hex[65], struct err *err)
{
    struct engine_tab *tab;
    if (!tab_need(e, name, &tab, err))
        return false;
    struct row_hashes rows = { .items = calloc((size_t)tab->rows + 1, HASH_BYTES) };
    assert(rows.items);
    bool ok = true;
    for (int64_t from = 0; ok && from < tab->rows; from += PAGE_ROWS)
        ok = hash_rows(e, tab, from, &rows, err);
    if (ok) {
        if (!ordered)
            sort_hashes(&rows);
        struct sha256 *h = sha256_new();
        for (size_t i = 0; i < tab->kql.ncols; i++) {
            const char *type = hb_type_name(tab->kql.cols[i].type);
            sha256_add(h, tab->kql.cols[i].name.p, tab->kql.cols[i].name.n);
            sha256_add(h, "", 1);
            sha256_add(h, type, strlen(type) + 1);
        }
        sha256_add(h, ordered ? "ordered" : "rows", ordered ? sizeof "ordered" : sizeof "rows");
        sha256_add(h, rows.items, rows.n * HASH_BYTES);
        sha256_end(h, hex);
    }
    free(rows.items);
    return ok;
}
