/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files into tables, in one pass over each file where the types are known.
 *
 * Every reader gives texts; the hb_in_ functions turn them into typed values and count what does not convert. Where types are
 * not known, a sample of rows suggests them and the load checks every value: if one does not fit, the types that fit all
 * values are known by then, and the load is repeated once with them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "duck_int.h"
#include "hb/fs.h"
#include "hb/kql_known.h"
#include "hb/map.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "load_int.h"

enum { SAMPLE_ROWS = 2000 };

/* No text of a file equals it, so no value is taken for NULL. */
static const char never[] = "\x02huntbook\x03";

struct load_src {
    const char *path; /* as the caller named it */
    const char *read; /* what is read: path, or a cleaned copy */
    struct file_info info;
    const char **duck_types; /* Parquet: DuckDB's type of each column of info.head */
    bool cleaned;
};

struct load_col {
    struct str name;
    enum hb_type type;
    bool known;   /* by a schema or by the file; else guessed */
    bool watched; /* guessed string because the sample had no value */
};

struct load {
    struct engine *e;
    const struct load_request *req;
    struct arena *a;
    struct load_report *report;
    struct load_src *src;
    struct load_col *cols;
    size_t ncols, cap;
    char *temp; /* folder of cleaned copies; NULL: none yet */
    struct str *warnings;
    size_t nwarnings, warnings_cap;
    int64_t rejected;
    struct str reject_note;
    bool again; /* load once more: a copy was cleaned, or a type changed */
};

static void warn(struct load *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct load *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = str_z(arena_vprintf(l->a, fmt, ap));
    va_end(ap);
    for (size_t i = 0; i < l->nwarnings; i++)
        if (str_eq(l->warnings[i], text))
            return;
    *VEC_PUSH(l->a, l->warnings, l->nwarnings, l->warnings_cap) = text;
}

/* ---- Files ---- */

static bool temp_path(struct load *l, size_t i, char **out, struct err *err)
{
    if (!l->temp) {
        if (l->e->temp_dir) {
            l->temp = arena_printf(l->a, "%s/load.XXXXXX", l->e->temp_dir);
            if (!mkdtemp(l->temp)) {
                l->temp = NULL;
                return err_errno(err, "cannot make a temporary folder in", l->e->temp_dir);
            }
        } else if (!fs_temp_dir(l->a, &l->temp, err)) {
            return false;
        }
    }
    *out = arena_printf(l->a, "%s/%zu", l->temp, i);
    return true;
}

static bool clean_src(struct load *l, size_t i, struct err *err)
{
    struct load_src *s = &l->src[i];
    char *to = NULL;
    int64_t replaced = 0;
    if (!temp_path(l, i, &to, err))
        return false;
    bool json = s->info.head.format == LOAD_JSON && s->info.encoding == ENC_UTF8 && !s->info.json_lines;
    bool ok = json ? clean_json(s->path, to, err) : clean_text(s->path, to, s->info.encoding, &replaced, err);
    if (replaced)
        warn(l, "'%s': %" PRId64 " bytes are not valid text and are shown as U+FFFD", s->path, replaced);
    s->read = to;
    s->cleaned = true;
    s->info.head.gzip = false;
    if (ok && s->info.head.format == LOAD_JSON) { /* the names seen so far may be those of an envelope */
        struct file_info again;
        struct err ignored = ERR_INIT; /* an empty copy: no columns */
        if (!head_read(to, l->a, &again, &ignored))
            again.head.ncolumns = 0;
        s->info.head.columns = again.head.columns;
        s->info.head.ncolumns = again.head.ncolumns;
    }
    return ok;
}

static bool open_src(struct load *l, size_t i, struct err *err)
{
    struct load_src *s = &l->src[i];
    s->path = s->read = l->req->paths[i];
    if (!head_read(s->path, l->a, &s->info, err))
        return false;
    for (size_t k = 0; k < s->info.nwarnings; k++)
        warn(l, "'%s': %.*s", s->path, STR_ARG(s->info.warnings[k]));
    bool json = s->info.head.format == LOAD_JSON;
    if (s->info.encoding == ENC_UTF8 && !(json && !s->info.json_lines))
        return true;
    return clean_src(l, i, err);
}

/* ---- Readers, as SQL ---- */

static void put_name_list(struct buf *b, const struct file_head *h)
{
    buf_putc(b, '[');
    for (size_t i = 0; i < h->ncolumns; i++) {
        if (i)
            buf_putc(b, ',');
        json_put_str(b, h->columns[i]);
    }
    buf_putc(b, ']');
}

static void put_csv_reader(struct buf *b, const struct load_src *s, bool lines, bool rejects)
{
    const struct file_head *h = &s->info.head;
    size_t n = lines ? 1 : h->ncolumns;
    buf_puts(b, "read_csv(");
    sql_put_text(b, str_z(s->read));
    buf_printf(b,
               ", auto_detect=false, header=%s, max_line_size=%d, nullstr='%s', ignore_errors=true, "
               "compression='%s'",
               lines ? "false" : "true", LINE_MAX_BYTES, never, h->gzip ? "gzip" : "none");
    if (lines)
        buf_puts(b, ", delim='\x01', quote='', escape=''");
    else
        buf_printf(b, ", delim='%c', quote='\"', escape='\"'", h->delimiter);
    if (!lines && s->info.crlf_only_cr)
        buf_puts(b, ", new_line='\\r'");
    if (rejects)
        buf_puts(
            b, ", store_rejects=true, rejects_table='hb_rejects', rejects_scan='hb_scans', rejects_limit=0");
    buf_puts(b, ", columns={");
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s'x%zu':'VARCHAR'", i ? "," : "", i);
    buf_puts(b, "})");
}

/* FROM clause in which column i of the file is x<i> or, for JSON, l[i + 1]. */
static void put_from(struct buf *b, const struct load_src *s, bool rejects)
{
    if (s->info.head.format == LOAD_CSV) {
        put_csv_reader(b, s, false, rejects);
    } else if (s->info.head.format == LOAD_PARQUET) {
        buf_puts(b, "read_parquet(");
        sql_put_text(b, str_z(s->read));
        buf_puts(b, ")");
    } else {
        struct buf names = BUF_INIT;
        put_name_list(&names, &s->info.head);
        buf_puts(b, "(SELECT hb_json_row(x0, ");
        sql_put_text(b, buf_view(&names));
        buf_puts(b, ") AS l FROM ");
        put_csv_reader(b, s, true, rejects);
        buf_puts(b, ") WHERE l IS NOT NULL");
        buf_free(&names);
    }
}

static void put_identifier(struct buf *b, struct str name)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_putc(b, '"');
        buf_putc(b, name.p[i]);
    }
    buf_putc(b, '"');
}

/* ---- Parquet: what its types are here ---- */

static const struct parquet_type {
    const char *prefix; /* of DuckDB's type */
    enum hb_type type;
    const char *before, *after; /* around the column: a value of that type */
} parquet_types[] = {
    { "BOOLEAN", HB_BOOL, "", "" },
    { "TINYINT", HB_INT, "CAST(", " AS INTEGER)" },
    { "SMALLINT", HB_INT, "CAST(", " AS INTEGER)" },
    { "INTEGER", HB_INT, "", "" },
    { "UTINYINT", HB_INT, "CAST(", " AS INTEGER)" },
    { "USMALLINT", HB_INT, "CAST(", " AS INTEGER)" },
    { "UINTEGER", HB_LONG, "CAST(", " AS BIGINT)" },
    { "BIGINT", HB_LONG, "", "" },
    { "UBIGINT", HB_LONG, "TRY_CAST(", " AS BIGINT)" },
    { "HUGEINT", HB_LONG, "TRY_CAST(", " AS BIGINT)" },
    { "FLOAT", HB_REAL, "CAST(", " AS DOUBLE)" },
    { "DOUBLE", HB_REAL, "", "" },
    { "DECIMAL", HB_DECIMAL, NULL, NULL }, /* by its text */
    { "UUID", HB_GUID, "", "" },
    { "DATE", HB_DATETIME, "(epoch_us(CAST(", " AS TIMESTAMP)) * 10 + 621355968000000000)" },
    { "TIMESTAMP_NS", HB_DATETIME, "(epoch_ns(", ") // 100 + 621355968000000000)" },
    { "TIMESTAMP", HB_DATETIME, "(epoch_us(", ") * 10 + 621355968000000000)" },
    { "TIME", HB_TIMESPAN, "(epoch_us(", ") * 10)" },
    { "INTERVAL", HB_TIMESPAN, "(epoch_us(", ") * 10)" },
    { "BLOB", HB_STRING, "base64(", ")" },
    { "JSON", HB_DYNAMIC, "hb_in_dynamic(CAST(", " AS VARCHAR), 0)" },
    { "VARCHAR", HB_STRING, "", "" },
    { "ENUM", HB_STRING, "CAST(", " AS VARCHAR)" },
    { "", HB_DYNAMIC, "CAST(to_json(", ") AS VARCHAR)" }, /* STRUCT, MAP */
};

static const struct parquet_type *parquet_type(const char *duck_type)
{
    size_t n = strlen(duck_type), last = sizeof parquet_types / sizeof *parquet_types - 1;
    if (n && duck_type[n - 1] == ']')
        return &parquet_types[last];
    for (size_t i = 0; i < last; i++)
        if (strncmp(duck_type, parquet_types[i].prefix, strlen(parquet_types[i].prefix)) == 0)
            return &parquet_types[i];
    return &parquet_types[last];
}

static bool read_parquet_head(struct engine *e, const char *path, struct arena *a, struct file_head *h,
                              const char ***types, struct err *err)
{
    struct buf sql = BUF_INIT;
    struct table *t;
    buf_puts(&sql, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(");
    sql_put_text(&sql, str_z(path));
    buf_puts(&sql, "))");
    bool ok = engine_sql(e, buf_z(&sql), a, &t, err) || err_wrap(err, "cannot read '%s'", path);
    buf_free(&sql);
    if (!ok)
        return false;
    h->ncolumns = t->nrows;
    h->columns = t->cols[0].v.s;
    const char **list = ARENA_ARRAY(a, t->nrows, const char *);
    for (size_t i = 0; i < t->nrows; i++)
        list[i] = arena_str(a, t->cols[1].v.s[i]).p;
    if (types)
        *types = list;
    return true;
}

/* ---- Columns ---- */

static size_t find_name(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return i;
    return SIZE_MAX;
}

static bool json_names(struct load *l, struct load_src *s, struct err *err)
{
    struct file_head *h = &s->info.head;
    struct buf sql = BUF_INIT;
    struct table *t;
    buf_puts(&sql, "SELECT DISTINCT unnest(hb_json_keys(x0)) AS k FROM ");
    put_csv_reader(&sql, s, true, false);
    buf_puts(&sql, " ORDER BY k");
    bool ok = engine_sql(l->e, buf_z(&sql), l->a, &t, err) || err_wrap(err, "cannot read '%s'", s->path);
    buf_free(&sql);
    if (!ok)
        return false;
    if (h->ncolumns + t->nrows > COLUMNS_MAX)
        return err_set(err, ERR_RUN, "'%s' has more than %d different names", s->path, COLUMNS_MAX);
    struct str *all = ARENA_ARRAY(l->a, h->ncolumns + t->nrows, struct str);
    size_t n = h->ncolumns;
    if (n)
        memcpy(all, h->columns, n * sizeof *all);
    for (size_t i = 0; i < t->nrows; i++)
        if (find_name(h->columns, h->ncolumns, t->cols[0].v.s[i]) == SIZE_MAX)
            all[n++] = t->cols[0].v.s[i];
    h->columns = all;
    h->ncolumns = n;
    return true;
}

static bool is_time_name(struct str name)
{
    return str_eq(name, STR("TimeGenerated")) || str_eq(name, STR("Timestamp"));
}

static bool wanted(const struct load_request *req, struct str name)
{
    if (req->ncolumns == 0 || find_name(req->columns, req->ncolumns, name) != SIZE_MAX)
        return true;
    return is_time_name(name) && (find_name(req->columns, req->ncolumns, STR("TimeGenerated")) != SIZE_MAX ||
                                  find_name(req->columns, req->ncolumns, STR("Timestamp")) != SIZE_MAX);
}

static void add_column(struct load *l, struct str name, const struct load_src *s, size_t at)
{
    for (size_t i = 0; i < l->ncols; i++)
        if (str_eq(l->cols[i].name, name))
            return;
    struct load_col *c = VEC_PUSH(l->a, l->cols, l->ncols, l->cap);
    c->name = name;
    c->known = s->duck_types != NULL;
    c->type = c->known ? parquet_type(s->duck_types[at])->type : HB_UNKNOWN;
}

static void apply_schema(struct load *l)
{
    const struct kql_column *schema = l->req->schema;
    struct kql_column *builtin;
    size_t n = l->req->nschema;
    bool defender = true;
    for (size_t i = 0; i < l->ncols; i++)
        defender = defender && !str_eq(l->cols[i].name, STR("TimeGenerated"));
    if (!schema && kql_known_table(l->a, l->req->table, defender, &builtin, &n))
        schema = builtin;
    for (size_t i = 0; schema && i < l->ncols; i++)
        for (size_t k = 0; k < n; k++)
            if (str_eq(schema[k].name, l->cols[i].name)) {
                l->cols[i].type = schema[k].type;
                l->cols[i].known = true;
            }
}

static bool collect_columns(struct load *l, struct err *err)
{
    for (size_t i = 0; i < l->req->npaths; i++) {
        struct load_src *s = &l->src[i];
        struct file_head *h = &s->info.head;
        if (h->format == LOAD_JSON && !json_names(l, s, err))
            return false;
        if (h->format == LOAD_PARQUET && !read_parquet_head(l->e, s->read, l->a, h, &s->duck_types, err))
            return false;
        for (size_t k = 0; k < h->ncolumns; k++)
            if (wanted(l->req, h->columns[k]))
                add_column(l, h->columns[k], s, k);
    }
    for (size_t i = 0; l->ncols == 0 && i < l->req->npaths; i++)
        if (l->src[i].info.head.ncolumns)
            add_column(l, l->src[i].info.head.columns[0], &l->src[i],
                       0); /* rows have to be counted somehow */
    apply_schema(l);
    return l->ncols > 0 || err_set(err, ERR_RUN, "'%s' holds no columns", l->req->paths[0]);
}

/* ---- Types of unknown columns ---- */

/* The text of column `at` of the file. */
static void put_text_of(struct buf *b, const struct load_src *s, size_t at)
{
    if (s->info.head.format == LOAD_CSV)
        buf_printf(b, "x%zu", at);
    else if (s->info.head.format == LOAD_JSON)
        buf_printf(b, "l[%zu]", at + 1);
    else {
        buf_puts(b, "CAST(");
        put_identifier(b, s->info.head.columns[at]);
        buf_puts(b, " AS VARCHAR)");
    }
}

/* One row: for each guessed column the types its sampled values share. */
static bool sample_types(struct load *l, const struct load_src *s, struct table **out, size_t *n,
                         struct err *err)
{
    struct buf sql = BUF_INIT;
    *n = 0;
    buf_puts(&sql, "SELECT ");
    for (size_t i = 0; i < l->ncols; i++) {
        size_t at = find_name(s->info.head.columns, s->info.head.ncolumns, l->cols[i].name);
        if (l->cols[i].known || at == SIZE_MAX)
            continue;
        buf_puts(&sql, (*n)++ ? ", bit_and(hb_types(" : "bit_and(hb_types(");
        put_text_of(&sql, s, at);
        buf_puts(&sql, "))");
    }
    buf_puts(&sql, " FROM (SELECT * FROM ");
    put_from(&sql, s, false);
    buf_printf(&sql, " LIMIT %d)", SAMPLE_ROWS);
    bool ok = *n == 0 || engine_sql(l->e, buf_z(&sql), l->a, out, err) ||
              err_wrap(err, "cannot read '%s'", s->path);
    buf_free(&sql);
    return ok;
}

static bool guess_types(struct load *l, struct err *err)
{
    unsigned *types = ARENA_ARRAY(l->a, l->ncols, unsigned);
    memset(types, 0xff, l->ncols * sizeof *types);
    for (size_t k = 0; k < l->req->npaths; k++) {
        struct table *t;
        const struct load_src *s = &l->src[k];
        size_t n;
        if (!sample_types(l, s, &t, &n, err))
            return false;
        for (size_t i = 0, c = 0; n && i < l->ncols; i++)
            if (!l->cols[i].known &&
                find_name(s->info.head.columns, s->info.head.ncolumns, l->cols[i].name) != SIZE_MAX) {
                if (!column_is_null(&t->cols[c], 0))
                    types[i] &= (unsigned)t->cols[c].v.i[0];
                c++;
            }
    }
    for (size_t i = 0; i < l->ncols; i++)
        if (!l->cols[i].known) {
            l->cols[i].watched = types[i] == INFER_ALL;
            l->cols[i].type = l->cols[i].watched ? HB_STRING : infer_best(types[i]);
        }
    return true;
}

/* ---- Loading ---- */

static void put_value(struct buf *b, const struct load *l, const struct load_src *s, size_t col)
{
    const struct load_col *c = &l->cols[col];
    const struct file_head *h = &s->info.head;
    size_t at = find_name(h->columns, h->ncolumns, c->name);
    const struct parquet_type *p = at != SIZE_MAX && s->duck_types ? parquet_type(s->duck_types[at]) : NULL;
    if (at == SIZE_MAX) {
        buf_printf(b, c->type == HB_STRING ? "''" : "CAST(NULL AS %s)", duck_type_name(c->type));
    } else if (p && p->before && p->type == c->type) {
        buf_puts(b, c->type == HB_STRING ? "coalesce(" : "");
        buf_puts(b, p->before);
        put_identifier(b, h->columns[at]);
        buf_puts(b, p->after);
        buf_puts(b, c->type == HB_STRING ? ", '')" : "");
    } else if (c->type == HB_STRING && !c->watched) {
        buf_puts(b, "coalesce(");
        put_text_of(b, s, at);
        buf_puts(b, ", '')");
    } else {
        buf_printf(b, "hb_in_%s(", hb_type_name(c->type));
        put_text_of(b, s, at);
        buf_printf(b, ", %zu)", col);
    }
}

static const struct {
    const char *type; /* of DuckDB's reject_errors */
    const char *text;
} reject_texts[] = {
    { "MISSING COLUMNS", "too few values" },
    { "TOO MANY COLUMNS", "too many values" },
    { "UNQUOTED VALUE", "a quote is not closed" },
    { "LINE SIZE OVER MAXIMUM", "the line is longer than 16 MiB" },
    { "INVALID ENCODING", "not valid UTF-8" },
    { "INVALID STATE", "quotes out of place" },
};

static void note_reject(struct load *l, const struct load_src *s, int64_t line, struct str type)
{
    const char *text = "not readable";
    for (size_t i = 0; i < sizeof reject_texts / sizeof *reject_texts; i++)
        if (str_eqz(type, reject_texts[i].type))
            text = reject_texts[i].text;
    if (l->reject_note.n == 0)
        l->reject_note = arena_strf(l->a, "line %" PRId64 " of '%s': %s", line, s->path, text);
}

/* Counts the rows of this file that were left out. */
static bool read_rejects(struct load *l, size_t i, struct err *err)
{
    struct table *t;
    struct load_src *s = &l->src[i];
    if (!engine_sql(l->e,
                    "SELECT CAST(line AS BIGINT) AS line, min(CAST(error_type AS VARCHAR)) AS type, "
                    "bool_or(error_type = 'INVALID ENCODING') AS enc, count(*) OVER () AS n "
                    "FROM hb_rejects GROUP BY line ORDER BY line LIMIT 1",
                    l->a, &t, err))
        return false;
    if (t->nrows) {
        int64_t bad_text;
        if (!engine_scalar(l->e, "SELECT count(*) FROM hb_rejects WHERE error_type = 'INVALID ENCODING'", 0,
                           &bad_text, err))
            return false;
        if (bad_text && !s->cleaned) {
            l->again = true;
            return clean_src(l, i, err);
        }
        l->rejected += t->cols[3].v.i[0];
        note_reject(l, s, t->cols[0].v.i[0], t->cols[1].v.s[0]);
    }
    return engine_exec(l->e, err, "DROP TABLE IF EXISTS hb_rejects; DROP TABLE IF EXISTS hb_scans");
}

static bool load_src(struct load *l, const struct engine_tab *tab, size_t i, struct err *err)
{
    struct buf sql = BUF_INIT;
    const struct load_src *s = &l->src[i];
    struct err ignored = ERR_INIT;
    engine_exec(l->e, &ignored, "DROP TABLE IF EXISTS hb_rejects; DROP TABLE IF EXISTS hb_scans");
    atomic_store(&l->e->bad_lines, 0);
    buf_printf(&sql, "INSERT INTO %.*s SELECT ", STR_ARG(tab->kql.sql_name));
    for (size_t k = 0; k < l->ncols; k++) {
        if (k)
            buf_puts(&sql, ", ");
        put_value(&sql, l, s, k);
    }
    buf_puts(&sql, " FROM ");
    put_from(&sql, s, true);
    bool ok = engine_run(l->e, buf_z(&sql), NULL, err) || err_wrap(err, "cannot load '%s'", s->path);
    buf_free(&sql);
    if (!ok || s->info.head.format == LOAD_PARQUET)
        return ok;
    int64_t bad = atomic_load(&l->e->bad_lines);
    l->rejected += bad;
    if (bad && l->reject_note.n == 0)
        l->reject_note = arena_strf(l->a, "'%s' has lines that are not JSON objects", s->path);
    return read_rejects(l, i, err);
}

static void slots_new(struct load *l)
{
    struct engine *e = l->e;
    e->slots = calloc(l->ncols, sizeof *e->slots);
    assert(e->slots);
    e->nslots = l->ncols;
    for (size_t i = 0; i < l->ncols; i++) {
        pthread_mutex_init(&e->slots[i].lock, NULL);
        atomic_store(&e->slots[i].types, INFER_ALL);
        e->slots[i].guessed = !l->cols[i].known;
    }
}

static void slots_free(struct engine *e)
{
    for (size_t i = 0; i < e->nslots; i++)
        pthread_mutex_destroy(&e->slots[i].lock);
    free(e->slots);
    e->slots = NULL;
    e->nslots = 0;
}

/* A guess that a value has refuted becomes a type that all values have; then everything is read again. */
static void correct_guesses(struct load *l)
{
    for (size_t i = 0; i < l->ncols; i++) {
        struct load_col *c = &l->cols[i];
        unsigned types = atomic_load(&l->e->slots[i].types);
        if (c->known || types == INFER_ALL || (!c->watched && types & 1u << c->type))
            continue;
        enum hb_type better = infer_best(c->watched ? types : types & infer_also(c->type));
        l->again = l->again || better != c->type;
        c->type = better;
        c->watched = false;
    }
}

static struct kql_column *kql_columns(const struct load *l)
{
    struct kql_column *cols = ARENA_ARRAY(l->a, l->ncols, struct kql_column);
    for (size_t i = 0; i < l->ncols; i++)
        cols[i] = (struct kql_column){ l->cols[i].name, l->cols[i].type };
    return cols;
}

static void fill_columns(struct load *l)
{
    l->report->columns = ARENA_ARRAY(l->a, l->ncols, struct load_column);
    l->report->ncolumns = l->ncols;
    for (size_t i = 0; i < l->ncols; i++) {
        const struct ingest_slot *slot = &l->e->slots[i];
        l->report->columns[i] =
            (struct load_column){ l->cols[i].name, l->cols[i].type, atomic_load(&slot->failed),
                                  arena_str(l->a, (struct str){ slot->example, slot->example_len }) };
        if (l->report->columns[i].failed)
            warn(l, "column '%.*s': %lld values are not of type %s and became null, for example \"%.*s\"",
                 STR_ARG(l->cols[i].name), (long long)l->report->columns[i].failed,
                 hb_type_name(l->cols[i].type), STR_ARG(l->report->columns[i].example));
    }
}

/* One attempt: all files into a new table. */
static bool load_once(struct load *l, struct engine_tab **tab, struct err *err)
{
    l->again = false;
    l->rejected = 0;
    l->reject_note = (struct str){ "", 0 };
    *tab = tab_new(l->e, l->req->table, kql_columns(l), l->ncols);
    bool ok = tab_create(l->e, *tab, err);
    slots_new(l);
    for (size_t i = 0; ok && i < l->req->npaths; i++)
        ok = load_src(l, *tab, i, err);
    if (ok)
        correct_guesses(l);
    if (ok && !l->again)
        fill_columns(l);
    slots_free(l->e);
    return ok;
}

static bool check_rejects(struct load *l, struct err *err)
{
    l->report->rejected = l->rejected;
    l->report->reject_note = l->reject_note;
    if (l->rejected == 0)
        return true;
    const char *noun = l->rejected == 1 ? "row" : "rows";
    if (!l->req->allow_rejects)
        return err_set(err, ERR_PARTIAL, "%" PRId64 " %s cannot be read, the first: %.*s", l->rejected, noun,
                       STR_ARG(l->reject_note));
    warn(l, "%" PRId64 " %s left out, the first: %.*s", l->rejected, noun, STR_ARG(l->reject_note));
    return true;
}

static bool load_all(struct load *l, struct err *err)
{
    enum { TRIES = 4 }; /* cleaned text, then corrected types, then both for another file */
    struct engine_tab *tab = NULL;
    bool ok = collect_columns(l, err) && guess_types(l, err);
    for (int i = 0; ok && i < TRIES; i++) {
        if (tab)
            tab_discard(l->e, tab);
        ok = load_once(l, &tab, err);
        if (!l->again)
            break;
    }
    ok = ok && check_rejects(l, err) && tab_commit(l->e, tab, err);
    if (!ok && tab)
        tab_discard(l->e, tab);
    if (ok)
        l->report->rows = tab->rows;
    return ok;
}

static bool find_times(struct load *l, struct err *err)
{
    for (size_t i = 0; i < l->ncols; i++) {
        if (!is_time_name(l->cols[i].name) || l->cols[i].type != HB_DATETIME || l->report->has_time)
            continue;
        struct table *t;
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT min(c%zu), max(c%zu) FROM %s", i, i,
                 tab_find(l->e, l->req->table)->kql.sql_name.p);
        if (!engine_sql(l->e, sql, l->a, &t, err))
            return false;
        l->report->has_time = !column_is_null(&t->cols[0], 0);
        l->report->first = t->cols[0].v.i[0];
        l->report->last = t->cols[1].v.i[0];
    }
    return true;
}

static bool finish_hash(struct load *l, struct hash_job *job, struct err *err)
{
    struct err damage = ERR_INIT;
    l->report->files = ARENA_ARRAY(l->a, l->req->npaths, struct load_file);
    l->report->nfiles = l->req->npaths;
    for (size_t i = 0; i < l->req->npaths; i++)
        l->report->files[i].path = arena_str(l->a, str_z(l->req->paths[i]));
    if (hash_finish(job, l->report->files, &damage))
        return true;
    if (damage.kind == ERR_PARTIAL && l->req->allow_rejects) {
        warn(l, "%s; only what could be read is loaded", damage.text);
        return true;
    }
    *err = damage;
    return false;
}

/* A damaged .gz looks like bad rows to the reader: then the damage is the better answer. */
static void explain_by_damage(struct load *l, struct hash_job *job, struct err *err)
{
    bool gzip = false;
    for (size_t i = 0; i < l->req->npaths; i++)
        gzip = gzip || l->src[i].info.head.gzip;
    if (!job || !gzip || err->kind == ERR_INTERRUPT) {
        hash_abandon(job);
        return;
    }
    struct err damage = ERR_INIT;
    struct load_file *files = ARENA_ARRAY(l->a, l->req->npaths, struct load_file);
    if (!hash_finish(job, files, &damage))
        *err = damage;
}

bool engine_load(struct engine *e, const struct load_request *req, struct arena *a, struct load_report *out,
                 struct err *err)
{
    memset(out, 0, sizeof *out);
    if (e->locked)
        return err_set(err, ERR_RUN, "internal error: files are loaded before engine_lock");
    struct load l = { .e = e, .req = req, .a = a, .report = out };
    struct hash_job *job = NULL;
    bool ok = req->npaths > 0 || err_set(err, ERR_USAGE, "table '%.*s' has no file", STR_ARG(req->table));
    l.src = ARENA_ARRAY(a, req->npaths, struct load_src);
    for (size_t i = 0; ok && i < req->npaths; i++)
        ok = open_src(&l, i, err);
    if (ok) {
        bool *gzip = ARENA_ARRAY(a, req->npaths, bool);
        for (size_t i = 0; i < req->npaths; i++)
            gzip[i] = l.src[i].info.head.gzip;
        job = hash_start(req->paths, req->npaths, gzip);
        ok = load_all(&l, err) && find_times(&l, err);
    }
    if (ok) {
        ok = finish_hash(&l, job, err);
        if (!ok) {
            struct err ignored = ERR_INIT;
            engine_drop(e, req->table, &ignored);
        }
    } else {
        explain_by_damage(&l, job, err);
    }
    if (l.temp) {
        struct err ignored = ERR_INIT;
        fs_remove_tree(l.temp, &ignored);
    }
    out->warnings = l.warnings;
    out->nwarnings = l.nwarnings;
    return ok;
}

bool engine_peek(struct engine *e, const char *path, struct arena *a, struct file_head *out, struct err *err)
{
    struct file_info info;
    if (!head_read(path, a, &info, err))
        return false;
    *out = info.head;
    if (out->format != LOAD_PARQUET)
        return true;
    if (!e)
        return err_set(err, ERR_RUN, "internal error: Parquet needs an engine");
    return read_parquet_head(e, path, a, out, NULL, err);
}
