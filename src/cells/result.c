/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results: a query becomes the cell's table, is counted, hashed and written to cells/NN-id.*; its first rows
 * are shown.
 *
 * Invariant: when these return true the files are whole; store_settle sees to it that they are on disk before the record names them.
 */
#include <inttypes.h>
#include <string.h>

#include "cells_int.h"
#include "hb/fs.h"
#include "hb/utf8.h"
#include "hb/vec.h"

static void add_file(struct cell_ctx *ctx, struct record_file file)
{
    struct record_cell *c = ctx->out;
    *VEC_PUSH(ctx->arena, c->files, c->nfiles, c->files_cap) = file;
}

static char *numbered(struct cell_ctx *ctx, const char *folder, const char *suffix)
{
    return arena_printf(ctx->arena, "%s/%02d-%.*s%s", folder, ctx->out->number, STR_ARG(ctx->out->id),
                        suffix);
}

static bool commit(struct cell_ctx *ctx, const char *rel, const char *sha256, int64_t rows, struct err *err)
{
    struct record_file file;
    if (!store_commit(ctx->store, rel, sha256, &file, err))
        return false;
    file.rows = rows;
    add_file(ctx, file);
    return true;
}

bool cell_write_text(struct cell_ctx *ctx, const char *rel, struct str text, struct err *err)
{
    char *temp;
    return store_prepare(ctx->store, rel, &temp, err) && fs_write(temp, text, err) &&
           commit(ctx, rel, NULL, -1, err);
}

static bool keep_files(struct cell_ctx *ctx, bool ordered, struct err *err)
{
    char *parquet = numbered(ctx, "cells", ".parquet"), *csv = numbered(ctx, "cells", ".csv");
    char *temp_parquet, *temp_csv;
    struct engine_kept kept;
    if (!store_prepare(ctx->store, parquet, &temp_parquet, err) ||
        !store_prepare(ctx->store, csv, &temp_csv, err) ||
        !engine_keep(ctx->engine, ctx->out->id, ordered, temp_parquet, temp_csv, &kept, err))
        return false;
    ctx->out->fingerprint = arena_str(ctx->arena, str_z(kept.fingerprint));
    if (kept.quoted)
        record_warn(ctx->record, ctx->out,
                    "%" PRId64
                    " values in %s begin with a character that spreadsheets read as a formula; an apostrophe "
                    "was put in front of them. The Parquet file holds the exact values.",
                    kept.quoted, csv);
    return commit(ctx, parquet, kept.parquet_sha256, ctx->out->rows, err) &&
           commit(ctx, csv, kept.csv_sha256, ctx->out->rows, err);
}

bool cell_keep_table(struct cell_ctx *ctx, bool ordered, struct err *err)
{
    struct kql_table t;
    struct record_cell *c = ctx->out;
    if (!engine_table(ctx->engine, c->id, &t))
        return err_set(err, ERR_RUN, "the engine lost the table '%.*s'", STR_ARG(c->id));
    c->columns = ARENA_ARRAY(ctx->arena, t.ncols, struct record_column);
    c->ncolumns = t.ncols;
    for (size_t i = 0; i < t.ncols; i++)
        c->columns[i] = (struct record_column){ arena_str(ctx->arena, t.cols[i].name), t.cols[i].type };
    return engine_rows(ctx->engine, c->id, &c->rows, err) && keep_files(ctx, ordered, err);
}

/* -- asking a remote source -- */

static struct str nth_line(struct str s, int64_t line)
{
    size_t from = 0, to = str_chr(s, '\n', 0);
    for (; line > 1 && to < s.n; line--) {
        from = to + 1;
        to = str_chr(s, '\n', from);
    }
    return line > 1 ? STR("") : str_sub(s, from, to);
}

/* Bytes before the character at `pos`, from 1, as services count: those beyond U+FFFF are two. */
static size_t bytes_before(struct str line, int64_t pos)
{
    size_t at = 0;
    for (int64_t n = 1; n < pos && at < line.n; n++)
        n += utf8_next(line, &at) > 0xFFFF;
    return at;
}

/* An error at a place of what was sent is one of the playbook: the line, and the column where the line was sent as written. */
static void place_fault(struct cell_ctx *ctx, const struct cell_query *q, const struct source_reply *r,
                        struct err *err)
{
    size_t line, column;
    int64_t own = r->fault_line - (int64_t)q->lets;
    if (!q->text->npieces || own < 1)
        return;
    struct str written = nth_line(q->text->s, own), sent = nth_line(q->sent, r->fault_line);
    size_t at = r->fault_pos > 0 ? bytes_before(sent, r->fault_pos) : 0;
    bool same = r->fault_pos > 0 && str_eq(str_sub(sent, 0, at), str_sub(written, 0, at));
    size_t offset = written.n ? (size_t)(written.p - q->text->s.p) + (same ? at : 0) : 0;
    source_locate(ctx->playbook->source, passage_map(q->text, (struct span){ offset, 0 }).offset, &line,
                  &column);
    if (same)
        err_wrap(err, "line %zu, column %zu of the playbook", line, column);
    else
        err_wrap(err, "line %zu of the playbook", line);
}

static void add_pair(struct record_block *b, const char *name, struct str value)
{
    if (value.n)
        b->pairs[b->npairs++] = (struct record_pair){ .name = str_z(name), .value = value };
}

static const char *answer_text(struct arena *a, const struct source_reply *r)
{
    return arena_printf(a, "HTTP %d after %.2f s%s", r->status, r->seconds,
                        r->tries > 1 ? arena_printf(a, ", %d tries", r->tries) : "");
}

/* What was asked and answered is evidence, also of what failed. */
static void add_request(struct cell_ctx *ctx, const struct source_reply *r)
{
    enum { PAIRS = 8, STATISTICS_SHOWN = 2000 };
    struct arena *a = ctx->arena;
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_PAIRS);
    b->caption = STR("Asked at the source");
    b->pairs = ARENA_ARRAY(a, PAIRS, struct record_pair);
    add_pair(b, "Address", r->url);
    add_pair(b, "Request", r->request_id);
    add_pair(b, "Id at the service", r->service_id);
    add_pair(b, "Answer", str_z(answer_text(a, r)));
    add_pair(b, "Rows", arena_strf(a, "%" PRId64 "%s", r->rows, r->partial ? ", PARTIAL" : ""));
    add_pair(b, "Bytes", arena_strf(a, "%" PRId64, r->bytes));
    add_pair(b, "Statistics of the service", str_sub(r->statistics, 0, STATISTICS_SHOWN));
}

/* A question that is not the cell's own query: a line in a block for all of them. Of a part of a query, what makes it one. */
static void add_question(struct cell_ctx *ctx, const struct cell_query *q, const struct source_reply *r)
{
    static const struct str caption = STR_INIT("Also asked at the source");
    struct arena *a = ctx->arena;
    struct record_block *b = NULL;
    for (size_t i = 0; i < ctx->out->nblocks; i++)
        if (str_eq(ctx->out->blocks[i].caption, caption))
            b = &ctx->out->blocks[i];
    if (!b) {
        b = record_add_block(ctx->record, ctx->out, BLOCK_PAIRS);
        b->caption = caption;
    }
    if ((b->npairs & (b->npairs - 1)) == 0) { /* no room behind a power of two */
        struct record_pair *more = ARENA_ARRAY(a, 2 * b->npairs + 1, struct record_pair);
        if (b->npairs)
            memcpy(more, b->pairs, b->npairs * sizeof *more);
        b->pairs = more;
    }
    struct str text = str_trim(q->slice.n ? q->slice : q->sent);
    b->pairs[b->npairs++] = (struct record_pair){
        .name = r->request_id,
        .value = arena_strf(a, "%s, %" PRId64 " row%s%s: %.*s", answer_text(a, r), r->rows,
                            r->rows == 1 ? "" : "s", r->partial ? ", PARTIAL" : "", STR_ARG(text)),
    };
}

/* The other dialect's name of the time column, unless the query gives it itself. */
static void drop_bridge(const struct cell_query *q, struct source_query *s)
{
    static const struct str names[] = { STR_INIT("TimeGenerated"), STR_INIT("Timestamp") };
    if (!q->more_columns || !q->kql.ncols)
        return;
    s->drop = names;
    s->ndrop = sizeof names / sizeof *names;
    s->own = q->kql.cols;
    s->nown = q->kql.ncols;
}

static bool run_remote(struct cell_ctx *ctx, struct str table, const struct cell_query *q, int64_t max_rows,
                       struct source_reply *r, struct err *err)
{
    struct source_query s = {
        .text = q->sent, .timeout = ctx->timeout, .max_rows = max_rows, .engine = ctx->engine, .table = table
    };
    drop_bridge(q, &s);
    bool ok = ctx->remote->query(ctx->remote->ctx, &s, ctx->arena, r, err);
    if (ctx->out && str_eq(table, ctx->out->id))
        add_request(ctx, r);
    else if (ctx->out)
        add_question(ctx, q, r);
    if (!ok) {
        place_fault(ctx, q, r, err);
        if (q->split && r->status == 504)
            err->kind = ERR_PARTIAL; /* a limit like others */
        return false;
    }
    bool accept = ctx->spec && ctx->spec->on_partial == ON_PARTIAL_ACCEPT && !q->split;
    if (r->partial && !accept)
        return err_set(err, ERR_PARTIAL,
                       "the source returned a part of the rows: %.*s; narrow the query, or say "
                       "on_partial: accept",
                       STR_ARG(r->partial_text));
    if (r->partial && ctx->out)
        record_warn(ctx->record, ctx->out, "PARTIAL: the source returned a part of the rows: %.*s",
                    STR_ARG(r->partial_text));
    return true;
}

/* Puts the place in the playbook in front of what the engine says. False. */
static bool told_place(struct cell_ctx *ctx, const struct cell_query *q, struct err *err)
{
    struct source src = { STR("query"), q->text->s };
    struct span place;
    struct str text;
    size_t line, column;
    if (!q->text->npieces || !query_fault(ctx->engine, ctx->catalog, &ctx->kql, &src, err, &place, &text))
        return false;
    const char *why = arena_strdup(ctx->arena, text.p);
    source_locate(ctx->playbook->source, passage_map(q->text, place).offset, &line, &column);
    return err_set(err, ERR_RUN, "line %zu, column %zu of the playbook: %s", line, column, why);
}

bool cell_run_into(struct cell_ctx *ctx, struct str table, const struct cell_query *q, int64_t max_rows,
                   int64_t *rows, bool *cut, struct err *err)
{
    struct source_reply r = { 0 };
    if (!q->remote)
        return engine_create(ctx->engine, table, &q->kql, max_rows, rows, cut, err) ||
               told_place(ctx, q, err);
    if (!run_remote(ctx, table, q, max_rows, &r, err))
        return false;
    *rows = r.rows;
    *cut = r.cut;
    return true;
}

/* Rows that are looked at and not kept. */
static bool ask(struct cell_ctx *ctx, const struct cell_query *q, size_t max_rows, struct table **out,
                bool *more, struct err *err)
{
    static const struct str scratch = STR_INIT("an answer");
    struct err ignored = ERR_INIT;
    int64_t rows;
    bool cut = false;
    if (!q->remote)
        return engine_query(ctx->engine, &q->kql, ctx->arena, max_rows, out, more, err) ||
               told_place(ctx, q, err);
    bool ok = cell_run_into(ctx, scratch, q, (int64_t)max_rows, &rows, &cut, err) &&
              engine_fetch(ctx->engine, scratch, 0, 0, NULL, 0, ctx->arena, out, err);
    engine_drop(ctx->engine, scratch, &ignored);
    if (more)
        *more = cut;
    return ok;
}

bool cell_ask(struct cell_ctx *ctx, const struct cell_query *q, struct table **out, struct err *err)
{
    return ask(ctx, q, 0, out, NULL, err);
}

bool cell_make_table(struct cell_ctx *ctx, const struct cell_query *q, struct err *err)
{
    bool cut = false;
    struct record_cell *c = ctx->out;
    if (!cell_run_into(ctx, c->id, q, ctx->max_rows, &c->rows, &cut, err) &&
        (!q->remote || !q->split || err->kind != ERR_PARTIAL || !cell_run_parts(ctx, q, &cut, err)))
        return false;
    if (cut) {
        if (ctx->spec->on_partial != ON_PARTIAL_ACCEPT)
            return err_set(err, ERR_PARTIAL,
                           "the result has more than max_rows = %" PRId64
                           " rows; narrow the query, raise max_rows, or say on_partial: accept",
                           ctx->max_rows);
        record_warn(ctx->record, c, "PARTIAL: the result was cut at max_rows = %" PRId64 " rows.",
                    ctx->max_rows);
    }
    return cell_keep_table(ctx, q->kql.ordered, err);
}

/* Rows that a report may show of a table, wherever it shows most. */
static size_t rows_wanted(const struct cell_ctx *ctx)
{
    size_t n = ctx->show_rows > ctx->html_rows ? ctx->show_rows : ctx->html_rows;
    return n < RECORD_HEAD_ROWS ? RECORD_HEAD_ROWS : n > RECORD_ROWS_MAX ? RECORD_ROWS_MAX : n;
}

/* What run.json should not carry stands in a file beside it. */
static bool keep_rows(struct cell_ctx *ctx, const struct table *t, struct str *file, struct err *err)
{
    struct buf lines = BUF_INIT;
    char *temp,
        *rel = numbered(ctx, "cells", arena_printf(ctx->arena, "-rows-%zu.jsonl", ctx->out->nblocks + 1));
    record_rows_put(&lines, t);
    bool ok = store_prepare(ctx->store, rel, &temp, err) && fs_write(temp, buf_view(&lines), err) &&
              commit(ctx, rel, NULL, (int64_t)t->nrows, err);
    buf_free(&lines);
    *file = str_z(rel);
    return ok;
}

static bool add_table(struct cell_ctx *ctx, struct table *rows, int64_t total, const char *caption,
                      struct err *err)
{
    struct str file = STR("");
    struct table *head = rows;
    if (rows->nrows > RECORD_HEAD_ROWS) {
        if (!keep_rows(ctx, rows, &file, err))
            return false;
        head = ARENA_NEW(ctx->arena, struct table);
        *head = *rows;
        head->nrows = RECORD_HEAD_ROWS;
    }
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_TABLE);
    b->caption = str_z(caption);
    b->table.head = head;
    b->table.rows_file = file;
    b->table.total_rows = total;
    b->table.show_rows = ctx->show_rows;
    if (table_find(head, STR("Anomaly")) != SIZE_MAX)
        b->table.mark_column = STR("Anomaly");
    return true;
}

bool cell_show_table(struct cell_ctx *ctx, const char *caption, struct err *err)
{
    struct table *rows;
    const struct playbook_display *d = &ctx->spec->display;
    struct str *columns = ARENA_ARRAY(ctx->arena, d->columns.n, struct str);
    for (size_t i = 0; i < d->columns.n; i++)
        columns[i] = d->columns.items[i].s;
    return engine_fetch(ctx->engine, ctx->out->id, 0, (int64_t)rows_wanted(ctx), columns, d->columns.n,
                        ctx->arena, &rows, err) &&
           add_table(ctx, rows, ctx->out->rows, caption, err);
}

bool cell_compile_text(struct cell_ctx *ctx, struct str kql, struct cell_query *out, struct err *err)
{
    struct passage *text = ARENA_NEW(ctx->arena, struct passage);
    *text = passage_of(kql);
    return cell_compile(ctx, text, out, err);
}

bool cell_query_text(struct cell_ctx *ctx, struct str kql, struct table **out, struct err *err)
{
    struct cell_query q;
    return cell_compile_text(ctx, kql, &q, err) && cell_ask(ctx, &q, out, err);
}

bool cell_show_query(struct cell_ctx *ctx, const char *kql, const char *caption, struct err *err)
{
    struct cell_query q;
    struct table *rows;
    bool more = false;
    return cell_compile_text(ctx, str_z(kql), &q, err) && ask(ctx, &q, rows_wanted(ctx), &rows, &more, err) &&
           add_table(ctx, rows, more ? -1 : (int64_t)rows->nrows, caption, err);
}

/* -- what ran -- */

bool cell_record_queries(struct cell_ctx *ctx, const struct passage *texts, const struct cell_query *qs,
                         size_t n, struct err *err)
{
    static const char then[] = "\n\n-- then, in the result of that, the table of this cell\n";
    struct record_cell *c = ctx->out;
    struct buf sent = BUF_INIT, sql = BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        buf_puts(&sent, i ? "\n\n// then, in the result of that, the table of this cell\n" : "");
        buf_str(&sent, qs[i].sent);
        if (qs[i].remote)
            continue;
        buf_puts(&sql, sql.n ? then : "");
        buf_str(&sql, qs[i].kql.sql);
    }
    c->query = texts[0].s;
    c->query_sent = buf_to_arena(&sent, ctx->arena);
    c->sql = buf_to_arena(&sql, ctx->arena);
    c->engine = qs[0].remote ? ctx->record->source.name : STR("embedded");
    c->inputs = qs[0].inputs;
    c->ninputs = qs[0].ninputs;
    if (texts[0].npieces) {
        size_t column;
        source_locate(ctx->playbook->source, passage_map(&texts[0], (struct span){ 0, 0 }).offset,
                      &c->query_line, &column);
    }
    buf_free(&sent);
    buf_free(&sql);
    return cell_write_text(ctx, numbered(ctx, "queries", ".kql"), c->query_sent, err) &&
           (c->sql.n == 0 || cell_write_text(ctx, numbered(ctx, "queries", ".sql"), c->sql, err));
}

bool cell_record_query(struct cell_ctx *ctx, const struct passage *text, const struct cell_query *q,
                       struct err *err)
{
    return cell_record_queries(ctx, text, q, 1, err);
}
