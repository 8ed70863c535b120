/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: the registry (KQL name -> t<N>), results into struct table, struct table into DuckDB.
 *
 * A table is never changed in place: a new t<N> is made, then the registry entry is swapped and the old one dropped. So a
 * query may read the table that its result replaces, and a failure leaves the old one.
 */
#include "duck_int.h"
#include "hb/decimal.h"
#include "hb/kql_known.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    duckdb_type id;
} physical[HB_NTYPES] = {
    [HB_UNKNOWN] = { "", DUCKDB_TYPE_INVALID },       [HB_BOOL] = { "BOOLEAN", DUCKDB_TYPE_BOOLEAN },
    [HB_INT] = { "INTEGER", DUCKDB_TYPE_INTEGER },    [HB_LONG] = { "BIGINT", DUCKDB_TYPE_BIGINT },
    [HB_REAL] = { "DOUBLE", DUCKDB_TYPE_DOUBLE },     [HB_DECIMAL] = { "HUGEINT", DUCKDB_TYPE_HUGEINT },
    [HB_DATETIME] = { "BIGINT", DUCKDB_TYPE_BIGINT }, [HB_TIMESPAN] = { "BIGINT", DUCKDB_TYPE_BIGINT },
    [HB_STRING] = { "VARCHAR", DUCKDB_TYPE_VARCHAR }, [HB_DYNAMIC] = { "VARCHAR", DUCKDB_TYPE_VARCHAR },
    [HB_GUID] = { "UUID", DUCKDB_TYPE_UUID },
};

const char *duck_type_name(enum hb_type t)
{
    return physical[t].name;
}

duckdb_type duck_type_id(enum hb_type t)
{
    return physical[t].id;
}

enum hb_type duck_type_back(duckdb_type id)
{
    static const enum hb_type order[] = { HB_BOOL, HB_INT, HB_LONG, HB_REAL, HB_STRING, HB_GUID };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (physical[order[i]].id == id)
            return order[i];
    return HB_UNKNOWN;
}

struct str duck_str(const duckdb_string_t *s)
{
    uint32_t n = s->value.inlined.length;
    return (struct str){ n <= 12 ? s->value.inlined.inlined : s->value.pointer.ptr, n };
}

/* ---- Results ---- */

/* Fits any value of a type that is kept as text but for strings. */
enum { TEXT_CELL_MAX = DECIMAL_TEXT_MAX };

static size_t uuid_text(duckdb_hugeint h, char out[TEXT_CELL_MAX])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t half[2] = { (uint64_t)h.upper ^ UINT64_C(1) << 63, h.lower };
    size_t k = 0;
    for (unsigned i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[k++] = '-';
        out[k++] = hex[half[i / 16] >> (60 - 4 * (i % 16)) & 15];
    }
    return k;
}

static void texts_from_vector(struct arena *a, duckdb_vector v, idx_t n, struct str *to)
{
    const duckdb_string_t *s = duck.vector_get_data(v);
    const uint64_t *valid = duck.vector_get_validity(v);
    size_t bytes = 0;
    for (idx_t i = 0; i < n; i++)
        if (duck_valid(valid, i))
            bytes += s[i].value.inlined.length;
    char *p = arena_alloc(a, bytes + 1);
    for (idx_t i = 0; i < n; i++) {
        struct str from = duck_valid(valid, i) ? duck_str(&s[i]) : (struct str){ "", 0 };
        if (from.n)
            memcpy(p, from.p, from.n);
        to[i] = (struct str){ p, from.n };
        p += from.n;
    }
}

static void numbers_as_text(struct arena *a, enum hb_type type, duckdb_vector v, idx_t n, struct str *to)
{
    const duckdb_hugeint *h = duck.vector_get_data(v);
    const uint64_t *valid = duck.vector_get_validity(v);
    for (idx_t i = 0; i < n; i++) {
        char text[TEXT_CELL_MAX];
        size_t len = 0;
        if (duck_valid(valid, i))
            len = type == HB_GUID
                      ? uuid_text(h[i], text)
                      : decimal_text((hb_decimal)h[i].upper * ((hb_decimal)1 << 64) + h[i].lower, text);
        to[i] = arena_str(a, (struct str){ text, len });
    }
}

static void copy_int32(const int32_t *from, int64_t *to, idx_t n)
{
    for (idx_t i = 0; i < n; i++)
        to[i] = from[i];
}

/* Rows [0, n) of the vector become rows [row, row + n) of column i. */
static void copy_vector(struct table *t, size_t i, duckdb_vector v, size_t row, idx_t n)
{
    struct column *c = &t->cols[i];
    const void *data = duck.vector_get_data(v);
    switch (c->type) {
    case HB_BOOL: memcpy(c->v.b + row, data, n * sizeof(bool)); break;
    case HB_INT: copy_int32(data, c->v.i + row, n); break;
    case HB_LONG:
    case HB_DATETIME:
    case HB_TIMESPAN: memcpy(c->v.i + row, data, n * sizeof(int64_t)); break;
    case HB_REAL: memcpy(c->v.f + row, data, n * sizeof(double)); break;
    case HB_STRING:
    case HB_DYNAMIC: texts_from_vector(t->arena, v, n, c->v.s + row); break;
    case HB_DECIMAL:
    case HB_GUID: numbers_as_text(t->arena, c->type, v, n, c->v.s + row); break;
    case HB_UNKNOWN: assert(false); /* no column is without type */
    }
    const uint64_t *valid = duck.vector_get_validity(v);
    for (idx_t k = 0; valid && k < n; k++) {
        if (duck_valid(valid, k) || c->type == HB_STRING)
            continue;
        column_set_null(t, i, row + k);
        if (!hb_type_is_text(c->type) && c->type != HB_BOOL)
            c->v.i[row + k] = 0; /* also a real: what DuckDB left there is not defined */
        else if (c->type == HB_BOOL)
            c->v.b[row + k] = false;
    }
}

struct chunks {
    duckdb_data_chunk *items;
    size_t n, cap;
    size_t rows;
};

static void chunks_free(struct chunks *c)
{
    for (size_t i = 0; i < c->n; i++)
        duck.destroy_data_chunk(&c->items[i]);
    free(c->items);
}

/* Fetches until there are more than `most` rows (0: all). */
static void chunks_fetch(struct chunks *c, duckdb_result r, size_t most)
{
    duckdb_data_chunk chunk;
    while ((!most || c->rows <= most) && (chunk = duck.fetch_chunk(r))) {
        if (c->n == c->cap) {
            c->cap = c->cap ? 2 * c->cap : 64;
            c->items = realloc(c->items, c->cap * sizeof *c->items);
            assert(c->items);
        }
        c->items[c->n++] = chunk;
        c->rows += (size_t)duck.data_chunk_get_size(chunk);
    }
}

bool result_table(duckdb_result *r, const struct kql_column *cols, size_t ncols, struct arena *a,
                  size_t max_rows, struct table **out, bool *cut, struct err *err)
{
    if ((size_t)duck.column_count(r) != ncols)
        return err_set(err, ERR_RUN, "internal error: the result has %zu columns, expected %zu",
                       (size_t)duck.column_count(r), ncols);
    struct chunks c = { 0 };
    chunks_fetch(&c, *r, max_rows);
    size_t nrows = max_rows && c.rows > max_rows ? max_rows : c.rows;
    if (cut)
        *cut = c.rows > nrows;
    struct table *t = table_new(a, ncols, nrows);
    for (size_t i = 0; i < ncols; i++)
        table_set_column(t, i, cols[i].name, cols[i].type);
    size_t row = 0;
    for (size_t k = 0; k < c.n && row < nrows; k++) {
        size_t n = (size_t)duck.data_chunk_get_size(c.items[k]);
        n = n < nrows - row ? n : nrows - row;
        for (size_t i = 0; i < ncols; i++)
            copy_vector(t, i, duck.data_chunk_get_vector(c.items[k], (idx_t)i), row, (idx_t)n);
        row += n;
    }
    chunks_free(&c);
    *out = t;
    return true;
}

/* ---- Registry ---- */

struct engine_tab *tab_find(const struct engine *e, struct str name)
{
    for (struct engine_tab *t = e->tabs; t; t = t->next)
        if (str_eq(t->name, name))
            return t;
    return NULL;
}

bool tab_need(struct engine *e, struct str name, struct engine_tab **out, struct err *err)
{
    *out = tab_find(e, name);
    return *out || err_set(err, ERR_USAGE, "there is no table '%.*s'", STR_ARG(name));
}

struct engine_tab *tab_new(struct engine *e, struct str name, const struct kql_column *cols, size_t ncols)
{
    struct arena *a = arena_new(0, "a table's description");
    struct engine_tab *tab = ARENA_NEW(a, struct engine_tab);
    struct kql_column *mine = ARENA_ARRAY(a, ncols, struct kql_column);
    for (size_t i = 0; i < ncols; i++)
        mine[i] = (struct kql_column){ arena_str(a, cols[i].name), cols[i].type };
    tab->arena = a;
    tab->name = arena_str(a, name);
    tab->kql = (struct kql_table){ .sql_name = arena_strf(a, "t%llu", (unsigned long long)e->next_number++),
                                   .cols = mine,
                                   .ncols = ncols,
                                   .has_rowid = true };
    struct kql_alias alias;
    if (kql_time_alias(mine, ncols, &alias)) {
        tab->kql.aliases = memcpy(ARENA_NEW(a, struct kql_alias), &alias, sizeof alias);
        tab->kql.naliases = 1;
    }
    return tab;
}

void tab_discard(struct engine *e, struct engine_tab *tab)
{
    struct err ignored = ERR_INIT; /* the statement that failed has said why */
    engine_exec(e, &ignored, "DROP TABLE IF EXISTS %.*s", STR_ARG(tab->kql.sql_name));
    arena_free(tab->arena);
}

static bool count_rows(struct engine *e, struct engine_tab *tab, struct err *err)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %.*s", STR_ARG(tab->kql.sql_name));
    return engine_scalar(e, sql, 0, &tab->rows, err);
}

bool tab_commit(struct engine *e, struct engine_tab *tab, struct err *err)
{
    if (!count_rows(e, tab, err))
        return false;
    struct engine_tab **at = &e->tabs;
    while (*at && !str_eq((*at)->name, tab->name))
        at = &(*at)->next;
    struct engine_tab *old = *at;
    tab->next = old ? old->next : NULL;
    *at = tab;
    if (old)
        tab_discard(e, old);
    return true;
}

/* For the ends of functions that made a table. */
static bool finish_table(struct engine *e, struct engine_tab *tab, bool ok, struct err *err)
{
    if (ok && tab_commit(e, tab, err))
        return true;
    tab_discard(e, tab);
    return false;
}

bool engine_table(struct engine *e, struct str name, struct kql_table *out)
{
    struct engine_tab *tab = tab_find(e, name);
    if (tab)
        *out = tab->kql;
    return tab != NULL;
}

size_t engine_ntables(const struct engine *e)
{
    size_t n = 0;
    for (struct engine_tab *t = e->tabs; t; t = t->next)
        n++;
    return n;
}

struct str engine_table_name(const struct engine *e, size_t i)
{
    struct engine_tab *t = e->tabs;
    while (i--)
        t = t->next;
    return t->name;
}

bool engine_rows(struct engine *e, struct str name, int64_t *rows, struct err *err)
{
    struct engine_tab *tab;
    if (!tab_need(e, name, &tab, err))
        return false;
    *rows = tab->rows;
    return true;
}

bool engine_drop(struct engine *e, struct str name, struct err *err)
{
    struct engine_tab *tab;
    if (!tab_need(e, name, &tab, err))
        return false;
    struct engine_tab **at = &e->tabs;
    while (*at != tab)
        at = &(*at)->next;
    *at = tab->next;
    tab_discard(e, tab);
    return true;
}

/* ---- Making tables ---- */

bool tab_create(struct engine *e, const struct engine_tab *tab, struct err *err)
{
    struct buf sql = BUF_INIT;
    buf_printf(&sql, "CREATE TABLE %.*s (", STR_ARG(tab->kql.sql_name));
    for (size_t i = 0; i < tab->kql.ncols; i++)
        buf_printf(&sql, "%sc%zu %s", i ? ", " : "", i, duck_type_name(tab->kql.cols[i].type));
    buf_puts(&sql, ")");
    bool ok = engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    return ok;
}

bool engine_create_empty(struct engine *e, struct str name, const struct kql_column *columns, size_t n,
                         struct err *err)
{
    struct engine_tab *tab = tab_new(e, name, columns, n);
    return finish_table(e, tab, tab_create(e, tab, err), err);
}

static bool need_lock(const struct engine *e, struct err *err)
{
    return e->locked || err_set(err, ERR_RUN, "internal error: a query may run only after engine_lock");
}

/* Keeps max_rows rows: what was asked for had one more. */
static bool cut_table(struct engine *e, struct engine_tab *tab, int64_t max_rows, bool *was_cut,
                      struct err *err)
{
    *was_cut = false;
    if (max_rows <= 0)
        return true;
    if (!count_rows(e, tab, err))
        return false;
    *was_cut = tab->rows > max_rows;
    return !*was_cut || engine_exec(e, err, "DELETE FROM %.*s WHERE rowid >= %lld",
                                    STR_ARG(tab->kql.sql_name), (long long)max_rows);
}

/*
 * LIMIT makes one thread of the insertion. A statement that cannot give more rows than its table has, and that is not much
 * beyond what is kept, goes without: what is too much is cut afterwards anyway.
 */
static bool needs_limit(const struct engine *e, const struct kql_compiled *q, int64_t max_rows)
{
    enum { MUCH = 4 };
    for (const struct engine_tab *t = e->tabs; t && q->source.n; t = t->next)
        if (str_eq(t->kql.sql_name, q->source))
            return t->rows / MUCH > max_rows;
    return true;
}

bool engine_create(struct engine *e, struct str name, const struct kql_compiled *query, int64_t max_rows,
                   int64_t *rows, bool *cut, struct err *err)
{
    if (!need_lock(e, err))
        return false;
    struct engine_tab *tab = tab_new(e, name, query->cols, query->ncols);
    struct buf sql = BUF_INIT;
    bool was_cut;
    bool ok = tab_create(e, tab, err);
    buf_printf(&sql, "INSERT INTO %.*s SELECT * FROM (%.*s)", STR_ARG(tab->kql.sql_name),
               STR_ARG(query->sql));
    if (max_rows > 0 && needs_limit(e, query, max_rows))
        buf_printf(&sql, " LIMIT %lld", (long long)max_rows + 1);
    ok = ok && engine_run(e, buf_z(&sql), NULL, err) && cut_table(e, tab, max_rows, &was_cut, err);
    buf_free(&sql);
    if (!finish_table(e, tab, ok, err))
        return false;
    if (rows)
        *rows = tab->rows;
    if (cut)
        *cut = was_cut;
    return true;
}

/* ---- From memory ---- */

static bool append_failed(duckdb_appender app, struct err *err)
{
    duckdb_error_data data = duck.appender_error_data(app);
    err_set(err, ERR_RUN, "cannot store a table: %s", duck.error_data_message(data));
    duck.destroy_error_data(&data);
    return false;
}

/* Guid cells are text in struct table; DuckDB casts them behind the appender. */
static enum hb_type staged_type(enum hb_type t)
{
    return t == HB_GUID ? HB_STRING : t;
}

static void fill_vector(duckdb_vector v, const struct column *c, size_t row, idx_t n)
{
    void *data = duck.vector_get_data(v);
    struct buf clean = BUF_INIT;
    for (idx_t i = 0; i < n; i++) {
        if (column_is_null(c, row + i)) {
            duck.vector_ensure_validity_writable(v);
            duck.validity_set_row_invalid(duck.vector_get_validity(v), i);
            continue;
        }
        if (c->type == HB_BOOL)
            ((bool *)data)[i] = c->v.b[row + i];
        else if (c->type == HB_INT)
            ((int32_t *)data)[i] = (int32_t)c->v.i[row + i];
        else if (c->type == HB_REAL)
            ((double *)data)[i] = c->v.f[row + i];
        else if (c->type == HB_DECIMAL)
            decimal_parse(c->v.s[row + i], (hb_decimal *)data + i, NULL);
        else if (!hb_type_is_text(c->type))
            ((int64_t *)data)[i] = c->v.i[row + i];
        else {
            struct str s = c->v.s[row + i];
            if (!utf8_valid(s)) { /* DuckDB would store NULL */
                buf_clear(&clean);
                utf8_sanitize(&clean, s);
                s = buf_view(&clean);
            }
            duck.vector_assign_string_element_len(v, i, s.n ? s.p : "", s.n);
        }
    }
    buf_free(&clean);
}

/* The cells of t into the physical table `sql_name`, which has their staged types. */
static bool append_rows(struct engine *e, const char *sql_name, const struct table *t, struct err *err)
{
    duckdb_appender app = NULL;
    bool ok = duck.appender_create(e->lanes[LANE_MAIN].con, NULL, sql_name, &app) == DuckDBSuccess ||
              append_failed(app, err);
    duckdb_logical_type *types = calloc(t->ncols + 1, sizeof *types);
    assert(types);
    for (size_t i = 0; i < t->ncols; i++)
        types[i] = duck.create_logical_type(duck_type_id(staged_type(t->cols[i].type)));
    duckdb_data_chunk chunk = duck.create_data_chunk(types, (idx_t)t->ncols);
    idx_t most = duck.vector_size();
    for (size_t row = 0; ok && row < t->nrows; row += most) {
        idx_t n = t->nrows - row < most ? t->nrows - row : most;
        duck.data_chunk_reset(chunk);
        for (size_t i = 0; i < t->ncols; i++)
            fill_vector(duck.data_chunk_get_vector(chunk, (idx_t)i), &t->cols[i], row, n);
        duck.data_chunk_set_size(chunk, n);
        ok = duck.append_data_chunk(app, chunk) == DuckDBSuccess || append_failed(app, err);
        if (atomic_load(&e->interrupted))
            ok = err_set(err, ERR_INTERRUPT, "interrupted");
    }
    duck.destroy_data_chunk(&chunk);
    for (size_t i = 0; i < t->ncols; i++)
        duck.destroy_logical_type(&types[i]);
    free(types);
    if (duck.appender_destroy(&app) != DuckDBSuccess && ok)
        ok = err_set(err, ERR_RUN, "cannot store a table: the last rows were refused");
    return ok;
}

/* "TRY_CAST(c3 AS UUID)" for a staged column, else "c3"; `from` in front. */
static void put_unstaged(struct buf *b, const char *from, const struct table *t)
{
    for (size_t i = 0; i < t->ncols; i++) {
        enum hb_type type = t->cols[i].type;
        if (i)
            buf_puts(b, ", ");
        if (staged_type(type) == type)
            buf_printf(b, "%s.c%zu", from, i);
        else
            buf_printf(b, "TRY_CAST(%s.c%zu AS %s)", from, i, duck_type_name(type));
    }
}

/* Every decimal is one that can be kept as it is. */
static bool check_decimals(const struct table *t, struct err *err)
{
    hb_decimal d;
    bool exact;
    for (size_t i = 0; i < t->ncols; i++)
        for (size_t row = 0; t->cols[i].type == HB_DECIMAL && row < t->nrows; row++)
            if (!column_is_null(&t->cols[i], row) &&
                (!decimal_parse(t->cols[i].v.s[row], &d, &exact) || !exact))
                return err_set(
                    err, ERR_RUN, "cannot store column '%.*s': '%.*s' is no decimal of up to %d digits",
                    STR_ARG(t->cols[i].name), STR_ARG(str_sub(t->cols[i].v.s[row], 0, 80)), DECIMAL_DIGITS);
    return true;
}

static bool is_staged(const struct table *t)
{
    for (size_t i = 0; i < t->ncols; i++)
        if (staged_type(t->cols[i].type) != t->cols[i].type)
            return true;
    return false;
}

static struct kql_column *columns_of(const struct table *t, struct arena *a, bool staged)
{
    struct kql_column *cols = ARENA_ARRAY(a, t->ncols, struct kql_column);
    for (size_t i = 0; i < t->ncols; i++)
        cols[i] = (struct kql_column){ t->cols[i].name,
                                       staged ? staged_type(t->cols[i].type) : t->cols[i].type };
    return cols;
}

/* An unregistered table with the cells of t; discard it when done. */
static bool stage_rows(struct engine *e, const struct table *t, struct engine_tab **out, struct err *err)
{
    struct arena *a = arena_new(0, "column names");
    *out = tab_new(e, (struct str){ "", 0 }, columns_of(t, a, true), t->ncols);
    arena_free(a);
    return tab_create(e, *out, err) && append_rows(e, (*out)->kql.sql_name.p, t, err);
}

/* The rows of t behind those of tab, which has its columns. */
static bool insert_rows(struct engine *e, const struct engine_tab *tab, const struct table *t,
                        struct err *err)
{
    struct engine_tab *stage;
    struct buf sql = BUF_INIT;
    if (!is_staged(t))
        return append_rows(e, tab->kql.sql_name.p, t, err);
    bool ok = stage_rows(e, t, &stage, err);
    buf_printf(&sql, "INSERT INTO %.*s SELECT ", STR_ARG(tab->kql.sql_name));
    put_unstaged(&sql, "s", t);
    buf_printf(&sql, " FROM %.*s s", STR_ARG(stage->kql.sql_name));
    ok = ok && engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    tab_discard(e, stage);
    return ok;
}

bool engine_put(struct engine *e, struct str name, const struct table *t, struct err *err)
{
    struct arena *a = arena_new(0, "column names");
    struct engine_tab *tab = tab_new(e, name, columns_of(t, a, false), t->ncols);
    arena_free(a);
    bool ok = check_decimals(t, err) && tab_create(e, tab, err) && insert_rows(e, tab, t, err);
    return finish_table(e, tab, ok, err);
}

bool engine_append(struct engine *e, struct str name, const struct table *t, struct err *err)
{
    struct engine_tab *tab;
    return tab_need(e, name, &tab, err) && check_decimals(t, err) && insert_rows(e, tab, t, err) &&
           count_rows(e, tab, err);
}

bool engine_extend(struct engine *e, struct str name, struct str from, const struct table *extra,
                   struct err *err)
{
    struct engine_tab *old, *stage = NULL;
    if (!tab_need(e, from, &old, err))
        return false;
    if ((size_t)old->rows != extra->nrows)
        return err_set(err, ERR_RUN, "internal error: %zu rows of new columns for %lld rows", extra->nrows,
                       (long long)old->rows);
    struct arena *a = arena_new(0, "column names");
    size_t n = old->kql.ncols + extra->ncols;
    struct kql_column *cols = ARENA_ARRAY(a, n, struct kql_column);
    memcpy(cols, old->kql.cols, old->kql.ncols * sizeof *cols);
    memcpy(cols + old->kql.ncols, columns_of(extra, a, false), extra->ncols * sizeof *cols);
    struct engine_tab *tab = tab_new(e, name, cols, n);
    arena_free(a);
    struct buf sql = BUF_INIT;
    bool ok = check_decimals(extra, err) && tab_create(e, tab, err) && stage_rows(e, extra, &stage, err);
    buf_printf(&sql, "INSERT INTO %.*s SELECT o.*, ", STR_ARG(tab->kql.sql_name));
    put_unstaged(&sql, "s", extra);
    if (ok)
        buf_printf(&sql, " FROM %.*s o POSITIONAL JOIN %.*s s", STR_ARG(old->kql.sql_name),
                   STR_ARG(stage->kql.sql_name));
    ok = ok && engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    if (stage)
        tab_discard(e, stage);
    return finish_table(e, tab, ok, err);
}

/* ---- Asking ---- */

bool engine_try(struct engine *e, const struct kql_compiled *query, struct err *err)
{
    struct buf sql = BUF_INIT;
    buf_printf(&sql, "SELECT count(hash(q)) FROM (%.*s) q", STR_ARG(query->sql));
    bool ok = need_lock(e, err) && engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    return ok;
}

bool engine_query(struct engine *e, const struct kql_compiled *query, struct arena *a, size_t max_rows,
                  struct table **out, bool *cut, struct err *err)
{
    if (!need_lock(e, err))
        return false;
    struct buf sql = BUF_INIT;
    duckdb_result r;
    if (max_rows)
        buf_printf(&sql, "SELECT * FROM (%.*s) LIMIT %zu", STR_ARG(query->sql), max_rows + 1);
    else
        buf_str(&sql, query->sql);
    bool ok = engine_run_typed(e, buf_z(&sql), query->cols, query->ncols, &r, err);
    buf_free(&sql);
    if (!ok)
        return false;
    ok = result_table(&r, query->cols, query->ncols, a, max_rows, out, cut, err);
    duck.destroy_result(&r);
    return ok;
}

bool engine_stage(void *ctx, const struct kql_compiled *query, struct arena *a, struct table **out,
                  struct err *err)
{
    return engine_query(ctx, query, a, 0, out, NULL, err);
}

/* Indices of the columns asked for. */
static bool pick_columns(const struct engine_tab *tab, const struct str *names, size_t n, size_t *at,
                         struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = SIZE_MAX;
        for (size_t k = 0; k < tab->kql.ncols; k++)
            if (str_eq(tab->kql.cols[k].name, names[i]))
                at[i] = k;
        for (size_t k = 0; k < tab->kql.naliases && at[i] == SIZE_MAX; k++)
            if (str_eq(tab->kql.aliases[k].name, names[i]))
                at[i] = tab->kql.aliases[k].col;
        if (at[i] == SIZE_MAX)
            return err_set(err, ERR_USAGE, "table '%.*s' has no column '%.*s'", STR_ARG(tab->name),
                           STR_ARG(names[i]));
    }
    return true;
}

bool engine_fetch(struct engine *e, struct str name, int64_t offset, int64_t limit, const struct str *columns,
                  size_t ncolumns, struct arena *a, struct table **out, struct err *err)
{
    struct engine_tab *tab;
    if (!tab_need(e, name, &tab, err))
        return false;
    size_t n = ncolumns ? ncolumns : tab->kql.ncols;
    size_t *at = ARENA_ARRAY(a, n, size_t);
    struct kql_column *cols = ARENA_ARRAY(a, n, struct kql_column);
    for (size_t i = 0; i < n; i++)
        at[i] = i;
    if (!pick_columns(tab, columns, ncolumns, at, err))
        return false;
    struct buf sql = BUF_INIT;
    duckdb_result r;
    buf_puts(&sql, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        cols[i] = (struct kql_column){ ncolumns ? columns[i] : tab->kql.cols[i].name,
                                       tab->kql.cols[at[i]].type };
        buf_printf(&sql, "%sc%zu", i ? ", " : "", at[i]);
    }
    buf_printf(&sql, " FROM %.*s WHERE rowid >= %lld", STR_ARG(tab->kql.sql_name), (long long)offset);
    if (limit > 0)
        buf_printf(&sql, " AND rowid < %lld", (long long)(offset + limit));
    bool ok = engine_run_typed(e, buf_z(&sql), cols, n, &r, err);
    buf_free(&sql);
    if (!ok)
        return false;
    ok = result_table(&r, cols, n, a, 0, out, NULL, err);
    duck.destroy_result(&r);
    return ok;
}
