/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fingerprint of a table: SHA-256 over its names and types, then over the SHA-256 of each row.
 *
 * A row is hashed where DuckDB scans it, by a function of its own in a query over the whole table: no copy of the rows is made,
 * and all threads take part. That query may be one that reads every column anyway, an export: then no scan is added
 * (print_start, print_put_condition, print_finish). Each call writes into the place of its row, so what the threads do first does not matter.
 * The bytes of a row are a contract: records of earlier runs hold hashes of them.
 */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "duck_int.h"
#include "hb/decimal.h"
#include "hb/sha256.h"

enum { HASH_BYTES = 32, CELL_MAX = 26 /* of all but texts */ };

struct row_hash {
    unsigned char bytes[HASH_BYTES];
};

/* The table that is hashed at the moment. */
struct print_job {
    const struct kql_table *table;
    struct row_hash *rows;
    int64_t nrows;
    atomic_llong done;
};

struct hash_column {
    enum hb_type type;
    const void *data;
    const uint64_t *valid;
};

static char *put_le(char *to, uint64_t v)
{
    v = htole64(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static char *put_bytes(char *to, const char *p, size_t n)
{
    if (n)
        memcpy(to, p, n);
    return to + n;
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

/*
 * What a column of DECIMAL(38,18) holds: the value times 10^18, if that is an integer of 128 bits. Else its digits as an integer, and
 * how many of them are behind the point: up to 38 in one byte, others in eight behind a byte that says so.
 */
static char *put_decimal(char *to, const void *data)
{
    enum { USUAL_PLACES = 18, PLACES_MAX = 38 };
    hb_decimal d;
    int places;
    memcpy(&d, data, sizeof d);
    __int128 v;
    if (decimal_scaled(d, USUAL_PLACES, &v))
        return put_bytes(to, (const char *)&v, sizeof v);
    if (decimal_scaled(d, 0, &v))
        places = 0;
    else
        v = decimal_split(d, &places);
    to = put_bytes(to, (const char *)&v, sizeof v);
    bool usual_places = places >= 0 && places <= PLACES_MAX;
    *to++ = (char)(usual_places ? places : PLACES_MAX + 1);
    return usual_places ? to : put_le(to, (uint64_t)(int64_t)places);
}

static char *put_cell(char *to, const struct hash_column *c, idx_t row)
{
    bool present = duck_valid(c->valid, row);
    *to++ = present;
    if (!present)
        return to;
    switch (c->type) {
    case HB_BOOL: *to = ((const bool *)c->data)[row]; return to + 1;
    case HB_INT: return put_le(to, (uint64_t)((const int32_t *)c->data)[row]);
    case HB_REAL: return put_le(to, real_bits(((const double *)c->data)[row]));
    case HB_STRING:
    case HB_DYNAMIC: {
        struct str s = duck_str(&((const duckdb_string_t *)c->data)[row]);
        return put_bytes(put_le(to, s.n), s.p, s.n);
    }
    case HB_DECIMAL: return put_decimal(to, (const char *)c->data + row * 16);
    case HB_GUID: return put_bytes(to, (const char *)c->data + row * 16, 16);
    default: return put_le(to, (uint64_t)((const int64_t *)c->data)[row]);
    }
}

/* More than the bytes of a row. */
static size_t row_bound(const struct hash_column *cols, size_t n, idx_t row)
{
    size_t bytes = n * CELL_MAX;
    for (size_t i = 0; i < n; i++)
        if ((cols[i].type == HB_STRING || cols[i].type == HB_DYNAMIC) && duck_valid(cols[i].valid, row))
            bytes += ((const duckdb_string_t *)cols[i].data)[row].value.inlined.length;
    return bytes;
}

static struct str put_row(const struct hash_column *cols, size_t n, idx_t row, struct buf *b)
{
    buf_clear(b);
    buf_reserve(b, row_bound(cols, n, row));
    char *end = b->p;
    for (size_t i = 0; i < n; i++)
        end = put_cell(end, &cols[i], row);
    return (struct str){ b->p, (size_t)(end - b->p) };
}

/* hb_row_hash(rowid, columns...): true, and the hash is in the job. */
static void hash_vectors(duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out)
{
    struct engine *const *e = duck.scalar_function_get_extra_info(info);
    struct print_job *job = (*e)->hashing;
    size_t ncols = job->table->ncols;
    idx_t n = duck.data_chunk_get_size(in);
    struct buf row = BUF_INIT;
    struct hash_column *cols = calloc(ncols + 1, sizeof *cols);
    assert(cols && duck.data_chunk_get_column_count(in) == ncols + 1);
    const int64_t *at = duck.vector_get_data(duck.data_chunk_get_vector(in, 0));
    for (size_t i = 0; i < ncols; i++) {
        duckdb_vector v = duck.data_chunk_get_vector(in, (idx_t)i + 1);
        cols[i] = (struct hash_column){ job->table->cols[i].type, duck.vector_get_data(v),
                                        duck.vector_get_validity(v) };
    }
    long long seen = 0;
    for (idx_t r = 0; r < n; r++) {
        if (at[r] < 0 || at[r] >= job->nrows)
            continue; /* hash_rows finds that one is missing */
        sha256_small(put_row(cols, ncols, r, &row), job->rows[at[r]].bytes);
        seen++;
    }
    memset(duck.vector_get_data(out), true, n * sizeof(bool));
    atomic_fetch_add(&job->done, seen);
    buf_free(&row);
    free(cols);
}

bool hash_register(struct engine *e, struct err *err)
{
    duckdb_scalar_function f = duck.create_scalar_function();
    duckdb_logical_type id = duck.create_logical_type(DUCKDB_TYPE_BIGINT),
                        any = duck.create_logical_type(DUCKDB_TYPE_ANY),
                        result = duck.create_logical_type(DUCKDB_TYPE_BOOLEAN);
    struct engine **extra = malloc(sizeof *extra);
    assert(extra);
    *extra = e;
    duck.scalar_function_set_name(f, "hb_row_hash");
    duck.scalar_function_add_parameter(f, id);
    duck.scalar_function_set_varargs(f, any);
    duck.scalar_function_set_return_type(f, result);
    duck.scalar_function_set_special_handling(f);
    duck.scalar_function_set_volatile(f);
    duck.scalar_function_set_extra_info(f, extra, free);
    duck.scalar_function_set_function(f, hash_vectors);
    bool ok = duck.register_scalar_function(e->lanes[LANE_MAIN].con, f) == DuckDBSuccess;
    duck.destroy_logical_type(&id);
    duck.destroy_logical_type(&any);
    duck.destroy_logical_type(&result);
    duck.destroy_scalar_function(&f);
    return ok || err_set(err, ERR_RUN, "internal error: cannot register the function of fingerprints");
}

/* For a few. */
static void sort_few(struct row_hash *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct row_hash h = rows[i];
        size_t k = i;
        for (; k && memcmp(rows[k - 1].bytes, h.bytes, HASH_BYTES) > 0; k--)
            rows[k] = rows[k - 1];
        rows[k] = h;
    }
}

enum { FEW = 24 };

/*
 * Sorted by the byte at `at`, then each part by the next one; hashes are spread evenly, so two bytes leave a few. In place, by
 * exchange: what stands at the first open place of its part goes where it belongs until one comes back that belongs here. One byte at a
 * time keeps the places that are written to in the cache.
 */
static void sort_hashes(struct row_hash *rows, size_t n, size_t at)
{
    size_t open[256] = { 0 }, ends[256] = { 0 };
    if (n <= FEW)
        sort_few(rows, n);
    if (n <= FEW || at == HASH_BYTES)
        return;
    for (size_t i = 0; i < n; i++)
        ends[rows[i].bytes[at]]++;
    for (size_t b = 1; b < 256; b++) {
        open[b] = ends[b - 1];
        ends[b] += ends[b - 1];
    }
    for (size_t b = 0; b < 256; b++)
        while (open[b] < ends[b]) {
            struct row_hash h = rows[open[b]];
            size_t home = h.bytes[at];
            rows[open[b]] = rows[open[home]];
            rows[open[home]++] = h;
        }
    for (size_t b = 0, from = 0; b < 256; from = ends[b++])
        sort_hashes(rows + from, ends[b] - from, at + 1);
}

struct print_job *print_start(struct engine *e, const struct engine_tab *tab)
{
    struct print_job *job = calloc(1, sizeof *job);
    assert(job && !e->hashing);
    *job = (struct print_job){ .table = &tab->kql,
                               .rows = calloc((size_t)tab->rows + 1, HASH_BYTES),
                               .nrows = tab->rows };
    assert(job->rows);
    e->hashing = job;
    return job;
}

void print_put_condition(const struct print_job *job, struct buf *sql)
{
    buf_puts(sql, "hb_row_hash(rowid");
    for (size_t i = 0; i < job->table->ncols; i++)
        buf_printf(sql, ", c%zu", i);
    buf_puts(sql, ")");
}

static void hash_hashes(struct print_job *job, bool ordered, char hex[65])
{
    if (!ordered)
        sort_hashes(job->rows, (size_t)job->nrows, 0);
    struct sha256 *h = sha256_new();
    for (size_t i = 0; i < job->table->ncols; i++) {
        const struct kql_column *c = &job->table->cols[i];
        const char *type = hb_type_name(c->type);
        sha256_add(h, c->name.p, c->name.n);
        sha256_add(h, "", 1);
        sha256_add(h, type, strlen(type) + 1);
    }
    sha256_add(h, ordered ? "ordered" : "rows", ordered ? sizeof "ordered" : sizeof "rows");
    sha256_add(h, job->rows, (size_t)job->nrows * HASH_BYTES);
    sha256_end(h, hex);
}

bool print_finish(struct engine *e, struct print_job *job, bool ran, bool ordered, char hex[65],
                  struct err *err)
{
    long long done = atomic_load(&job->done);
    bool ok = ran && (done == job->nrows ||
                      err_set(err, ERR_RUN, "internal error: a fingerprint saw %lld of %lld rows", done,
                              (long long)job->nrows));
    e->hashing = NULL;
    if (ok)
        hash_hashes(job, ordered, hex);
    free(job->rows);
    free(job);
    return ok;
}

bool engine_fingerprint(struct engine *e, struct str name, bool ordered, char hex[65], struct err *err)
{
    struct engine_tab *tab;
    struct buf sql = BUF_INIT;
    if (!tab_need(e, name, &tab, err))
        return false;
    struct print_job *job = print_start(e, tab);
    buf_puts(&sql, "SELECT bool_and(");
    print_put_condition(job, &sql);
    buf_printf(&sql, ") FROM %s", tab->kql.sql_name.p);
    bool ok = engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    return print_finish(e, job, ok, ordered, hex, err);
}
