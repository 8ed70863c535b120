/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.json out and in, both by the same rows: to add a member to the record, add its row and nothing else.
 *
 * Texts that JSON cannot hold as they are (invalid UTF-8, NUL) are written {"base64": "..."}; whole numbers
 * that a double cannot hold are written as text. So what is read back equals what was written.
 */
#include <assert.h>
#include <math.h>
#include <openssl/evp.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/json.h"
#include "hb/record.h"
#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "record_int.h"

/* clang-format off */
typedef struct str M_STR_t, M_HASH_t;
typedef int64_t M_I64_t, M_TICKS_t;
typedef int M_INT_t;
typedef size_t M_SIZE_t;
typedef bool M_BOOL_t;
typedef enum hb_type M_TYPE_t;
typedef struct table *M_TABLE_t;

#define COUNT(a) (sizeof(a) / sizeof *(a))
/* offsetof, which does not compile (with -Werror) when member m is not of type t. */
#define OFFSET(type, m, t) (offsetof(type, m) + 0 * sizeof(&((type *)0)->m == (t *)0))
#define KEYED(key, type, m, kind) {key, kind, OFFSET(type, m, kind##_t), 0, NULL, 0, 0, NULL}
#define AT(type, m, kind) {#m, kind, OFFSET(type, m, kind##_t), 0, NULL, 0, 0, NULL}
#define ONE_OF(type, m, t, names) {#m, M_ENUM, OFFSET(type, m, t), 0, NULL, 0, 0, names}
#define PROSE(key, type, m) {key, M_STRUCT, OFFSET(type, m, struct record_prose), 0, prose_rows, COUNT(prose_rows), 0, NULL}
#define LIST(key, type, m, n, rows, elem) {key, M_LIST, OFFSET(type, m, elem *), OFFSET(type, n, size_t), rows, COUNT(rows), sizeof(elem), NULL}
/* clang-format on */

static const struct member str_rows[] = { { "", M_STR, 0, 0, NULL, 0, 0, NULL } };
#define STRS(key, type, m, n) LIST(key, type, m, n, str_rows, struct str)

static const char *const block_names[] = { "prose", "pairs", "table", "chart", NULL };
static const char *const status_words[] = { "not-run", "ok", "failed", "skipped", NULL };

static const struct member prose_rows[] = {
    AT(struct record_prose, markdown, M_STR),
    STRS("values", struct record_prose, values, nvalues),
};
static const struct member pair_rows[] = {
    AT(struct record_pair, name, M_STR),
    AT(struct record_pair, value, M_STR),
    AT(struct record_pair, mark, M_STR),
};
static const struct member block_rows[] = {
    ONE_OF(struct record_block, kind, enum record_block_kind, block_names),
    AT(struct record_block, caption, M_STR),
    PROSE("prose", struct record_block, prose),
    LIST("pairs", struct record_block, pairs, npairs, pair_rows, struct record_pair),
    KEYED("head", struct record_block, table.head, M_TABLE),
    KEYED("rows_file", struct record_block, table.rows_file, M_STR),
    KEYED("total_rows", struct record_block, table.total_rows, M_I64),
    KEYED("show_rows", struct record_block, table.show_rows, M_SIZE),
    KEYED("why_order", struct record_block, table.why_order, M_STR),
    KEYED("mark_column", struct record_block, table.mark_column, M_STR),
    KEYED("chart_file", struct record_block, chart.file, M_STR),
    KEYED("chart_text", struct record_block, chart.text, M_STR),
    KEYED("chart_note", struct record_block, chart.note, M_STR),
};
static const struct member expect_rows[] = {
    AT(struct record_expectation, that, M_STR),    AT(struct record_expectation, severity, M_STR),
    AT(struct record_expectation, message, M_STR), AT(struct record_expectation, passed, M_BOOL),
    AT(struct record_expectation, error, M_STR),
};
static const struct member finding_rows[] = {
    AT(struct record_finding, open, M_BOOL),
    AT(struct record_finding, title, M_STR),
    AT(struct record_finding, severity, M_STR),
    AT(struct record_finding, when, M_STR),
    STRS("techniques", struct record_finding, techniques, ntechniques),
    PROSE("description", struct record_finding, description),
    AT(struct record_finding, rows, M_I64),
    AT(struct record_finding, first, M_TICKS),
    AT(struct record_finding, last, M_TICKS),
};
static const struct member entity_rows[] = {
    AT(struct record_entity, type, M_STR),   AT(struct record_entity, identifier, M_STR),
    AT(struct record_entity, column, M_STR), AT(struct record_entity, value, M_STR),
    AT(struct record_entity, rows, M_I64),   AT(struct record_entity, first, M_TICKS),
    AT(struct record_entity, last, M_TICKS),
};
static const struct member file_rows[] = {
    AT(struct record_file, path, M_STR),
    AT(struct record_file, sha256, M_STR),
    AT(struct record_file, bytes, M_I64),
    AT(struct record_file, rows, M_I64),
};
static const struct member column_rows[] = {
    AT(struct record_column, name, M_STR),
    AT(struct record_column, type, M_TYPE),
};
static const struct member strike_rows[] = {
    AT(struct record_strike, rows, M_STR),   AT(struct record_strike, nrows, M_I64),
    AT(struct record_strike, reason, M_STR), AT(struct record_strike, author, M_STR),
    AT(struct record_strike, time, M_TICKS), AT(struct record_strike, head, M_TABLE),
};
static const struct member cell_rows[] = {
    AT(struct record_cell, number, M_INT),
    AT(struct record_cell, id, M_STR),
    AT(struct record_cell, kind, M_STR),
    AT(struct record_cell, title, M_STR),
    PROSE("description", struct record_cell, description),
    ONE_OF(struct record_cell, status, enum record_status, status_words),
    AT(struct record_cell, reason, M_STR),
    AT(struct record_cell, started, M_TICKS),
    AT(struct record_cell, duration_us, M_I64),
    AT(struct record_cell, query, M_STR),
    AT(struct record_cell, query_line, M_SIZE),
    AT(struct record_cell, query_sent, M_STR),
    AT(struct record_cell, sql, M_STR),
    AT(struct record_cell, engine, M_STR),
    STRS("inputs", struct record_cell, inputs, ninputs),
    AT(struct record_cell, rows, M_I64),
    LIST("columns", struct record_cell, columns, ncolumns, column_rows, struct record_column),
    AT(struct record_cell, fingerprint, M_STR),
    AT(struct record_cell, key, M_STR),
    LIST("blocks", struct record_cell, blocks, nblocks, block_rows, struct record_block),
    LIST("expect", struct record_cell, expects, nexpects, expect_rows, struct record_expectation),
    LIST("findings", struct record_cell, findings, nfindings, finding_rows, struct record_finding),
    LIST("entities", struct record_cell, entities, nentities, entity_rows, struct record_entity),
    AT(struct record_cell, entities_left, M_I64),
    LIST("files", struct record_cell, files, nfiles, file_rows, struct record_file),
    STRS("warnings", struct record_cell, warnings, nwarnings),
    KEYED("note", struct record_cell, note.present, M_BOOL),
    KEYED("note_required", struct record_cell, note.required, M_BOOL),
    PROSE("note_prompt", struct record_cell, note.prompt),
    KEYED("note_verdict", struct record_cell, note.verdict, M_STR),
    KEYED("note_text", struct record_cell, note.text, M_STR),
    KEYED("note_author", struct record_cell, note.author, M_STR),
    KEYED("note_time", struct record_cell, note.time, M_TICKS),
    STRS("note_choices", struct record_cell, note.choices, note.nchoices),
    LIST("depends", struct record_cell, depends, ndepends, pair_rows, struct record_pair),
    KEYED("reused_run", struct record_cell, reused.run, M_STR),
    KEYED("reused_sha256", struct record_cell, reused.sha256, M_STR),
    KEYED("review", struct record_cell, review.asked, M_BOOL),
    LIST("strikes", struct record_cell, review.strikes, review.nstrikes, strike_rows, struct record_strike),
    AT(struct record_cell, sha256, M_HASH),
};
static const struct member param_rows[] = {
    AT(struct record_param, name, M_STR),        AT(struct record_param, type, M_STR),
    AT(struct record_param, value, M_STR),       AT(struct record_param, description, M_STR),
    AT(struct record_param, is_default, M_BOOL), AT(struct record_param, exact, M_STR),
};
static const struct member source_table_rows[] = {
    AT(struct record_source_table, name, M_STR),
    AT(struct record_source_table, rows, M_I64),
    AT(struct record_source_table, rejected, M_I64),
    AT(struct record_source_table, first, M_TICKS),
    AT(struct record_source_table, last, M_TICKS),
    AT(struct record_source_table, time_column, M_STR),
    AT(struct record_source_table, note, M_STR),
    LIST("files", struct record_source_table, files, nfiles, file_rows, struct record_file),
    STRS("warnings", struct record_source_table, warnings, nwarnings),
};
static const struct member playbook_rows[] = {
    KEYED("path", struct record, playbook.path, M_STR),
    KEYED("sha256", struct record, playbook.sha256, M_STR),
    KEYED("id", struct record, playbook.id, M_STR),
    KEYED("name", struct record, playbook.name, M_STR),
    KEYED("version", struct record, playbook.version, M_STR),
    KEYED("author", struct record, playbook.author, M_STR),
    KEYED("tlp", struct record, playbook.tlp, M_STR),
    PROSE("description", struct record, playbook.description),
    STRS("tactics", struct record, playbook.tactics, playbook.ntactics),
    STRS("techniques", struct record, playbook.techniques, playbook.ntechniques),
    STRS("tags", struct record, playbook.tags, playbook.ntags),
    STRS("references", struct record, playbook.references, playbook.nreferences),
    KEYED("hunt_kind", struct record, playbook.hunt_kind, M_STR),
    PROSE("hypothesis", struct record, playbook.hypothesis),
    PROSE("rationale", struct record, playbook.rationale),
    PROSE("disproof", struct record, playbook.disproof),
    PROSE("false_positives", struct record, playbook.false_positives),
    PROSE("next_steps", struct record, playbook.next_steps),
    KEYED("scope", struct record, playbook.scope, M_STR),
    KEYED("actor", struct record, playbook.able.actor, M_STR),
    KEYED("behavior", struct record, playbook.able.behavior, M_STR),
    KEYED("location", struct record, playbook.able.location, M_STR),
    KEYED("evidence", struct record, playbook.able.evidence, M_STR),
    KEYED("mappings", struct record, playbook.nmappings, M_SIZE),
};
static const struct member source_rows[] = {
    KEYED("kind", struct record, source.kind, M_STR),
    KEYED("name", struct record, source.name, M_STR),
    KEYED("detail", struct record, source.detail, M_STR),
    KEYED("path", struct record, source.path, M_STR),
    KEYED("origin", struct record, source.origin, M_STR),
    KEYED("sample", struct record, source.sample, M_BOOL),
    LIST("tables", struct record, source.tables, source.ntables, source_table_rows,
         struct record_source_table),
};
static const struct member change_rows[] = {
    AT(struct record_change, name, M_STR),
    AT(struct record_change, old, M_STR),
    AT(struct record_change, new, M_STR),
};
static const struct member since_finding_rows[] = {
    AT(struct record_since_finding, cell, M_STR),
    AT(struct record_since_finding, title, M_STR),
    AT(struct record_since_finding, severity, M_STR),
    AT(struct record_since_finding, change, M_STR),
};
static const struct member since_cell_rows[] = {
    AT(struct record_since_cell, id, M_STR),
    AT(struct record_since_cell, change, M_STR),
    AT(struct record_since_cell, old_state, M_STR),
    AT(struct record_since_cell, new_state, M_STR),
    AT(struct record_since_cell, old_rows, M_I64),
    AT(struct record_since_cell, new_rows, M_I64),
    AT(struct record_since_cell, text_changed, M_BOOL),
    AT(struct record_since_cell, columns_changed, M_BOOL),
    AT(struct record_since_cell, order_changed, M_BOOL),
    AT(struct record_since_cell, rows_new, M_I64),
    AT(struct record_since_cell, rows_gone, M_I64),
    AT(struct record_since_cell, rows_changed, M_I64),
    AT(struct record_since_cell, note, M_STR),
    AT(struct record_since_cell, rows, M_TABLE),
};
#define CHANGES(key, m, n) LIST(key, struct record, since.m, since.n, change_rows, struct record_change)
static const struct member since_rows[] = {
    KEYED("dir", struct record, since.dir, M_STR),
    STRS("keys", struct record, since.keys, since.nkeys),
    KEYED("run_id", struct record, since.run_id, M_STR),
    KEYED("error", struct record, since.error, M_STR),
    KEYED("playbook", struct record, since.playbook, M_STR),
    KEYED("status", struct record, since.status, M_STR),
    KEYED("fingerprint", struct record, since.fingerprint, M_STR),
    KEYED("now", struct record, since.now, M_TICKS),
    KEYED("same_results", struct record, since.same_results, M_BOOL),
    CHANGES("params", params, nparams),
    CHANGES("sources", sources, nsources),
    CHANGES("tools", tools, ntools),
    KEYED("playbook_changed", struct record, since.playbook_changed, M_BOOL),
    KEYED("playbook_lines", struct record, since.playbook_lines, M_STR),
    KEYED("playbook_lines_left", struct record, since.playbook_lines_left, M_SIZE),
    LIST("findings", struct record, since.findings, since.nfindings, since_finding_rows,
         struct record_since_finding),
    LIST("cells", struct record, since.cells, since.ncells, since_cell_rows, struct record_since_cell),
    KEYED("cells_same", struct record, since.cells_same, M_SIZE),
};
static const struct member tool_rows[] = {
    AT(struct record_tool, name, M_STR),
    AT(struct record_tool, version, M_STR),
    AT(struct record_tool, sha256, M_STR),
};
static const struct member theme_rows[] = {
    KEYED("name", struct record, theme.name, M_STR),
    KEYED("sha256", struct record, theme.sha256, M_STR),
    STRS("files", struct record, theme.files, theme.nfiles),
};
static const struct member record_rows[] = {
    KEYED("huntbook_record", struct record, version, M_INT),
    AT(struct record, run_id, M_STR),
    AT(struct record, tool_version, M_STR),
    LIST("versions", struct record, versions, nversions, pair_rows, struct record_pair),
    { "playbook", M_STRUCT, 0, 0, playbook_rows, COUNT(playbook_rows), 0, NULL },
    LIST("params", struct record, params, nparams, param_rows, struct record_param),
    AT(struct record, now, M_TICKS),
    AT(struct record, now_given, M_BOOL),
    AT(struct record, started, M_TICKS),
    AT(struct record, ended, M_TICKS),
    AT(struct record, analyst, M_STR),
    AT(struct record, host, M_STR),
    AT(struct record, command_line, M_STR),
    AT(struct record, cwd, M_STR),
    AT(struct record, allow_partial, M_BOOL),
    STRS("resumed", struct record, resumed, nresumed),
    AT(struct record, status, M_STR),
    AT(struct record, error, M_STR),
    AT(struct record, exit_code, M_INT),
    { "source", M_STRUCT, 0, 0, source_rows, COUNT(source_rows), 0, NULL },
    LIST("cells", struct record, cells, ncells, cell_rows, struct record_cell),
    AT(struct record, fingerprint, M_STR),
    STRS("warnings", struct record, warnings, nwarnings),
    { "theme", M_STRUCT, 0, 0, theme_rows, COUNT(theme_rows), 0, NULL },
    AT(struct record, user, M_STR),
    STRS("environment", struct record, environment, nenvironment),
    { "since", M_STRUCT, 0, 0, since_rows, COUNT(since_rows), 0, NULL },
    LIST("drawn_with", struct record, drawn_with, ndrawn_with, tool_rows, struct record_tool),
};

const struct member *record_members(size_t *n)
{
    *n = COUNT(record_rows);
    return record_rows;
}

/* ---- out ---- */

static void put_text(struct jw *w, struct str s)
{
    if (utf8_valid(s) && !memchr(s.n ? s.p : "", '\0', s.n)) {
        jw_str(w, s);
        return;
    }
    struct buf coded = BUF_INIT;
    buf_reserve(&coded, s.n / 3 * 4 + 8);
    int n = EVP_EncodeBlock((unsigned char *)coded.p, (const unsigned char *)s.p, (int)s.n);
    coded.n = (size_t)n;
    jw_obj(w);
    jw_key(w, "base64");
    jw_str(w, buf_view(&coded));
    jw_end_obj(w);
    buf_free(&coded);
}

static void put_int(struct jw *w, int64_t v)
{
    if (v > -(INT64_C(1) << 53) && v < (INT64_C(1) << 53)) {
        jw_i64(w, v);
        return;
    }
    struct buf text = BUF_INIT;
    buf_i64(&text, v);
    jw_str(w, buf_view(&text));
    buf_free(&text);
}

static void put_ticks(struct jw *w, int64_t t)
{
    struct buf text = BUF_INIT;
    if (t <= 0) {
        jw_null(w);
        return;
    }
    ticks_put_iso(&text, t);
    jw_str(w, buf_view(&text));
    buf_free(&text);
}

void record_put_cell(struct jw *w, const struct column *c, size_t row)
{
    if (column_is_null(c, row))
        jw_null(w);
    else if (hb_type_is_text(c->type))
        put_text(w, c->v.s[row]);
    else if (c->type == HB_REAL)
        jw_f64(w, c->v.f[row]);
    else if (c->type == HB_BOOL)
        jw_bool(w, c->v.b[row]);
    else
        put_int(w, c->v.i[row]);
}

void record_put_columns(struct jw *w, const struct table *t)
{
    jw_arr(w);
    for (size_t c = 0; c < t->ncols; c++) {
        jw_obj(w);
        jw_key(w, "name");
        put_text(w, t->cols[c].name);
        jw_key(w, "type");
        jw_strz(w, hb_type_name(t->cols[c].type));
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

/* Datetimes and timespans go out as ticks: the record is for machines, and ticks are exact. */
static void put_table(struct jw *w, const struct table *t)
{
    if (!t) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_key(w, "columns");
    record_put_columns(w, t);
    jw_key(w, "rows");
    jw_arr(w);
    for (size_t r = 0; r < t->nrows; r++) {
        bool indent = w->indent;
        jw_arr(w);
        w->indent = false;
        for (size_t c = 0; c < t->ncols; c++)
            record_put_cell(w, &t->cols[c], r);
        jw_end_arr(w);
        w->indent = indent;
    }
    jw_end_arr(w);
    jw_end_obj(w);
}

static void put_members(struct jw *w, const struct member *rows, size_t n, const void *base, int version);

static void put_list(struct jw *w, const struct member *m, const void *base, int version)
{
    const char *items = *(const char *const *)((const char *)base + m->offset);
    size_t n = *(const size_t *)((const char *)base + m->count_offset);
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        const void *item = items + i * m->size;
        if (m->rows == str_rows) {
            put_text(w, *(const struct str *)item);
        } else if (m->rows == cell_rows && ((const struct record_cell *)item)->frozen.n) {
            jw_raw(w, ((const struct record_cell *)item)->frozen);
        } else {
            jw_obj(w);
            put_members(w, m->rows, m->nrows, item, version);
            jw_end_obj(w);
        }
    }
    jw_end_arr(w);
}

static void put_member(struct jw *w, const struct member *m, const void *base, int version)
{
    const void *p = (const char *)base + m->offset;
    switch (m->kind) {
    case M_STR: put_text(w, *(const struct str *)p); break;
    case M_I64: put_int(w, *(const int64_t *)p); break;
    case M_INT: jw_i64(w, *(const int *)p); break;
    case M_SIZE: jw_i64(w, (int64_t) * (const size_t *)p); break;
    case M_BOOL: jw_bool(w, *(const bool *)p); break;
    case M_ENUM: jw_strz(w, m->names[*(const int *)p]); break;
    case M_TICKS: put_ticks(w, *(const int64_t *)p); break;
    case M_TYPE: jw_strz(w, hb_type_name(*(const enum hb_type *)p)); break;
    case M_STRUCT:
        jw_obj(w);
        put_members(w, m->rows, m->nrows, p, version);
        jw_end_obj(w);
        break;
    case M_LIST: put_list(w, m, base, version); break;
    case M_TABLE: put_table(w, *(struct table *const *)p); break;
    case M_HASH: break; /* put_members */
    }
}

/* A member that has nothing to say is left out: reading gives the same zero back. */
static bool is_blank(const struct member *m, const void *base)
{
    const void *p = (const char *)base + m->offset;
    switch (m->kind) {
    case M_STR: return ((const struct str *)p)->n == 0;
    case M_BOOL: return !*(const bool *)p;
    case M_TABLE: return !*(struct table *const *)p;
    case M_LIST: return *(const size_t *)((const char *)base + m->count_offset) == 0;
    case M_STRUCT:
        for (size_t i = 0; i < m->nrows; i++)
            if (!is_blank(&m->rows[i], p))
                return false;
        return true;
    case M_I64: return *(const int64_t *)p == 0;
    case M_SIZE: return *(const size_t *)p == 0;
    case M_TICKS: return *(const int64_t *)p <= 0;
    default: return false;
    }
}

/* The object's brace is what was written last. */
static void put_members(struct jw *w, const struct member *rows, size_t n, const void *base, int version)
{
    const size_t brace = w->out->n - 1;
    for (size_t i = 0; i < n; i++) {
        char hex[65];
        if (rows[i].kind == M_HASH && version >= RECORD_HASHED) {
            sha256_hex(str_sub(buf_view(w->out), brace, w->out->n), hex);
            jw_key(w, rows[i].key);
            jw_strz(w, hex);
        } else if (rows[i].kind != M_HASH && !is_blank(&rows[i], base)) {
            jw_key(w, rows[i].key);
            put_member(w, &rows[i], base, version);
        }
    }
}

/* The first `nrows` members of a cell at the place and depth of run.json: where its brace is. */
static size_t put_cell_alone(struct jw *w, const struct record_cell *c, size_t nrows, int version)
{
    jw_obj(w);
    jw_key(w, "cells");
    jw_arr(w);
    jw_obj(w);
    size_t brace = w->out->n - 1;
    put_members(w, cell_rows, nrows, c, version);
    return brace;
}

bool record_cell_is_whole(const struct record_cell *c)
{
    const size_t before_hash = COUNT(cell_rows) - 1;
    struct buf text = BUF_INIT;
    struct jw w;
    char hex[65];
    assert(cell_rows[before_hash].kind == M_HASH);
    jw_init(&w, &text, true);
    size_t brace = put_cell_alone(&w, c, before_hash, RECORD_VERSION);
    sha256_hex(str_sub(buf_view(&text), brace, text.n), hex);
    buf_free(&text);
    return str_eqz(c->sha256, hex);
}

void record_freeze_cell(struct record *r, struct record_cell *c)
{
    struct buf text = BUF_INIT;
    struct jw w;
    jw_init(&w, &text, true);
    size_t brace = put_cell_alone(&w, c, COUNT(cell_rows), r->version);
    jw_end_obj(&w);
    c->frozen = arena_str(r->arena, str_sub(buf_view(&text), brace, text.n));
    buf_free(&text);
}

void record_thaw(struct record *r)
{
    for (size_t i = 0; i < r->ncells; i++)
        r->cells[i].frozen = STR("");
}

void record_to_json(struct buf *out, const struct record *r)
{
    struct jw w;
    jw_init(&w, out, true);
    jw_obj(&w);
    put_members(&w, record_rows, COUNT(record_rows), r, r->version);
    jw_end_obj(&w);
    buf_putc(out, '\n');
}

/* ---- in ---- */

static bool bad(const struct reader *r, const char *key, const char *want)
{
    return err_set(r->err, ERR_VERIFY, "run.json: '%s' is not %s; the record was changed or is damaged", key,
                   want);
}

static bool get_text(const struct reader *r, const char *key, const cJSON *v, struct str *out)
{
    if (cJSON_IsString(v)) {
        *out = arena_str(r->arena, str_z(v->valuestring));
        return true;
    }
    struct str coded = json_get_str(v, "base64");
    if (!cJSON_IsObject(v) || coded.n == 0 || coded.n % 4)
        return bad(r, key, "text");
    unsigned char *raw = arena_alloc(r->arena, coded.n / 4 * 3 + 1);
    int n = EVP_DecodeBlock(raw, (const unsigned char *)coded.p, (int)coded.n);
    if (n < 0)
        return bad(r, key, "base64 text");
    size_t pad = (size_t)(coded.p[coded.n - 1] == '=') + (size_t)(coded.p[coded.n - 2] == '=');
    *out = (struct str){ (const char *)raw, (size_t)n - pad };
    return true;
}

static bool get_int(const struct reader *r, const char *key, const cJSON *v, int64_t *out)
{
    if (cJSON_IsString(v))
        return str_to_i64(str_z(v->valuestring), out) || bad(r, key, "a whole number");
    if (!cJSON_IsNumber(v) || v->valuedouble != floor(v->valuedouble) ||
        fabs(v->valuedouble) > 9007199254740992.0)
        return bad(r, key, "a whole number");
    *out = (int64_t)v->valuedouble;
    return true;
}

static bool get_real(const struct reader *r, const cJSON *v, double *out)
{
    struct str s = cJSON_IsString(v) ? str_z(v->valuestring) : STR("");
    if (cJSON_IsNumber(v))
        *out = v->valuedouble;
    else if (str_eqz(s, "NaN"))
        *out = NAN;
    else if (str_eqz(s, "Infinity"))
        *out = INFINITY;
    else if (str_eqz(s, "-Infinity"))
        *out = -INFINITY;
    else
        return bad(r, "rows", "a table of the types it names");
    return true;
}

static bool get_value(const struct reader *r, struct table *t, size_t col, size_t row, const cJSON *v)
{
    struct column *c = &t->cols[col];
    if (cJSON_IsNull(v)) {
        column_set_null(t, col, row);
        return true;
    }
    if (hb_type_is_text(c->type))
        return get_text(r, "rows", v, &c->v.s[row]);
    if (c->type == HB_REAL)
        return get_real(r, v, &c->v.f[row]);
    if (c->type == HB_BOOL) {
        c->v.b[row] = cJSON_IsTrue(v);
        return cJSON_IsBool(v) || bad(r, "rows", "a table of the types it names");
    }
    return get_int(r, "rows", v, &c->v.i[row]);
}

bool record_get_columns(const struct reader *r, const cJSON *columns, struct table *t)
{
    const cJSON *item;
    size_t c = 0;
    cJSON_ArrayForEach(item, columns)
    {
        struct str name = STR("");
        enum hb_type type = hb_type_parse(json_get_str(item, "type"));
        if (type == HB_UNKNOWN || !get_text(r, "columns", json_get(item, "name"), &name))
            return bad(r, "columns", "a list of names and types");
        table_set_column(t, c++, name, type);
    }
    return true;
}

bool record_get_row(const struct reader *r, const cJSON *values, struct table *t, size_t row)
{
    const cJSON *value;
    size_t c = 0;
    cJSON_ArrayForEach(value, values)
    {
        if (c >= t->ncols)
            return bad(r, "rows", "as wide as its columns");
        if (!get_value(r, t, c++, row, value))
            return false;
    }
    return c == t->ncols || bad(r, "rows", "as wide as its columns");
}

static bool get_table(const struct reader *r, const char *key, const cJSON *v, struct table **out)
{
    const cJSON *columns = json_get(v, "columns"), *rows = json_get(v, "rows"), *item;
    if (cJSON_IsNull(v))
        return true;
    if (!cJSON_IsArray(columns) || !cJSON_IsArray(rows))
        return bad(r, key, "a table");
    struct table *t = table_new(r->arena, (size_t)cJSON_GetArraySize(columns),
                                (size_t)cJSON_GetArraySize(rows));
    size_t row = 0;
    if (!record_get_columns(r, columns, t))
        return false;
    cJSON_ArrayForEach(item, rows) if (!record_get_row(r, item, t, row++)) return false;
    *out = t;
    return true;
}

static bool get_members(const struct reader *r, const struct member *rows, size_t n, const cJSON *obj,
                        void *base);

static bool get_list(const struct reader *r, const struct member *m, const cJSON *v, void *base)
{
    if (!cJSON_IsArray(v))
        return bad(r, m->key, "a list");
    size_t n = (size_t)cJSON_GetArraySize(v), i = 0;
    char *items = arena_array(r->arena, n, m->size);
    const cJSON *item;
    cJSON_ArrayForEach(item, v)
    {
        void *at = items + m->size * i++;
        bool ok = m->rows == str_rows ? get_text(r, m->key, item, at)
                                      : get_members(r, m->rows, m->nrows, item, at);
        if (!ok)
            return false;
    }
    *(char **)((char *)base + m->offset) = items;
    *(size_t *)((char *)base + m->count_offset) = n;
    return true;
}

static bool get_enum(const struct reader *r, const struct member *m, const cJSON *v, int *out)
{
    for (int i = 0; m->names[i]; i++) {
        if (cJSON_IsString(v) && strcmp(v->valuestring, m->names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return bad(r, m->key, "a word this version knows");
}

static bool get_ticks(const struct reader *r, const struct member *m, const cJSON *v, int64_t *out)
{
    if (cJSON_IsNull(v))
        return true;
    return (cJSON_IsString(v) && ticks_parse_iso(str_z(v->valuestring), out)) || bad(r, m->key, "a time");
}

static bool get_member(const struct reader *r, const struct member *m, const cJSON *v, void *base)
{
    void *p = (char *)base + m->offset;
    int64_t number = 0;
    switch (m->kind) {
    case M_STR:
    case M_HASH: return get_text(r, m->key, v, p);
    case M_I64: return get_int(r, m->key, v, p);
    case M_INT:
        if (!get_int(r, m->key, v, &number) || number < -1000000000 || number > 1000000000)
            return bad(r, m->key, "a small whole number");
        *(int *)p = (int)number;
        return true;
    case M_SIZE:
        if (!get_int(r, m->key, v, &number) || number < 0)
            return bad(r, m->key, "a count");
        *(size_t *)p = (size_t)number;
        return true;
    case M_BOOL: *(bool *)p = cJSON_IsTrue(v); return cJSON_IsBool(v) || bad(r, m->key, "true or false");
    case M_ENUM: return get_enum(r, m, v, p);
    case M_TICKS: return get_ticks(r, m, v, p);
    case M_TYPE:
        *(enum hb_type *)p = hb_type_parse(cJSON_IsString(v) ? str_z(v->valuestring) : STR(""));
        return *(enum hb_type *)p != HB_UNKNOWN || bad(r, m->key, "a type");
    case M_STRUCT: return get_members(r, m->rows, m->nrows, v, p);
    case M_LIST: return get_list(r, m, v, base);
    case M_TABLE: return get_table(r, m->key, v, p);
    }
    return true;
}

static bool get_members(const struct reader *r, const struct member *rows, size_t n, const cJSON *obj,
                        void *base)
{
    for (size_t i = 0; i < n; i++) {
        const cJSON *v = json_get(obj, rows[i].key);
        if (v && !get_member(r, &rows[i], v, base))
            return false;
    }
    return true;
}

bool record_file_path(const struct reader *r, const char *key, const char *dir, struct str file, char **path)
{
    if (!record_is_inside(file))
        return bad(r, key, "a file of the run");
    *path = fs_join(r->arena, dir, arena_printf(r->arena, "%.*s", STR_ARG(file)));
    return true;
}

/* Who reads a record makes a flag for each row of a cell of which some are struck. */
static bool check_struck(const struct reader *r, const struct record *rec)
{
    for (size_t i = 0; i < rec->ncells; i++)
        if (rec->cells[i].review.nstrikes && rec->cells[i].rows > RECORD_STRUCK_MAX)
            return bad(r, "rows", "a number of rows that some can be struck from");
    return true;
}

static bool read_charts(const struct reader *r, struct record *rec, const char *dir)
{
    enum { CHART_MAX = 16 << 20 };
    for (size_t i = 0; i < rec->ncells; i++) {
        for (size_t k = 0; k < rec->cells[i].nblocks; k++) {
            struct record_block *b = &rec->cells[i].blocks[k];
            if (b->kind != BLOCK_CHART || b->chart.file.n == 0)
                continue;
            char *path;
            if (!record_file_path(r, "chart_file", dir, b->chart.file, &path) ||
                !fs_read(r->arena, path, CHART_MAX, &b->chart.svg, r->err))
                return false;
        }
    }
    return true;
}

struct record *record_from_json(struct arena *a, struct str json, const char *dir, struct err *err)
{
    struct reader r = { a, err };
    struct record *rec = record_new(a);
    cJSON *root = json_parse(json, err);
    if (!root) {
        err->kind = ERR_VERIFY;
        err_wrap(err, "run.json");
        return NULL;
    }
    double version = json_get_num(root, "huntbook_record", 0);
    bool ok = false;
    if (version < 1)
        bad(&r, "huntbook_record", "the version of a record");
    else if (version > RECORD_VERSION)
        err_set(err, ERR_USAGE,
                "run.json has record version %g, this huntbook reads up to %d; use a newer huntbook", version,
                RECORD_VERSION);
    else
        ok = get_members(&r, record_rows, COUNT(record_rows), root, rec) && check_struck(&r, rec) &&
             (!dir || read_charts(&r, rec, dir));
    cJSON_Delete(root);
    return ok ? rec : NULL;
}
