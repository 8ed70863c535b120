/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results: a query becomes the cell's table, is counted, hashed and written to cells/NN-id.*; its first rows
 * are shown.
 *
 * Invariant: when these return true the files are whole and on disk.
 */
#include <inttypes.h>
#include <string.h>

#include "cells_int.h"
#include "hb/fs.h"
#include "hb/ticks.h"
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

static bool commit(struct cell_ctx *ctx, const char *rel, int64_t rows, struct err *err)
{
    struct record_file file;
    if (!store_commit(ctx->store, rel, &file, err))
        return false;
    file.rows = rows;
    add_file(ctx, file);
    return true;
}

static bool write_text(struct cell_ctx *ctx, const char *rel, struct str text, struct err *err)
{
    char *temp;
    return store_prepare(ctx->store, rel, &temp, err) && fs_write_atomic(temp, text, err) &&
           commit(ctx, rel, -1, err);
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
    return commit(ctx, parquet, ctx->out->rows, err) && commit(ctx, csv, ctx->out->rows, err);
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

bool cell_make_table(struct cell_ctx *ctx, const struct kql_compiled *q, struct err *err)
{
    bool cut = false;
    struct record_cell *c = ctx->out;
    if (!engine_create(ctx->engine, c->id, q, ctx->max_rows, &c->rows, &cut, err))
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
    return cell_keep_table(ctx, q->ordered, err);
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
    bool ok = store_prepare(ctx->store, rel, &temp, err) && fs_write_atomic(temp, buf_view(&lines), err) &&
              commit(ctx, rel, (int64_t)t->nrows, err);
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

bool cell_compile_text(struct cell_ctx *ctx, struct str kql, struct kql_compiled *out, struct err *err)
{
    struct passage text = passage_of(kql);
    return cell_compile(ctx, &text, out, err);
}

bool cell_query_text(struct cell_ctx *ctx, struct str kql, struct table **out, struct err *err)
{
    struct kql_compiled q;
    return cell_compile_text(ctx, kql, &q, err) &&
           engine_query(ctx->engine, &q, ctx->arena, 0, out, NULL, err);
}

bool cell_show_query(struct cell_ctx *ctx, const char *kql, const char *caption, struct err *err)
{
    struct kql_compiled q;
    struct table *rows;
    bool more = false;
    return cell_compile_text(ctx, str_z(kql), &q, err) &&
           engine_query(ctx->engine, &q, ctx->arena, rows_wanted(ctx), &rows, &more, err) &&
           add_table(ctx, rows, more ? -1 : (int64_t)rows->nrows, caption, err);
}

/* -- the query as sent -- */

static void put_param_lets(struct cell_ctx *ctx, struct buf *out, const struct kql_refs *refs)
{
    for (size_t i = 0; i < ctx->playbook->params.n; i++) {
        const struct playbook_param *p = &ctx->playbook->params.items[i];
        bool used = false;
        for (size_t k = 0; k < refs->n && !used; k++)
            used = refs->items[k].kind != KQL_REF_CLOCK && str_eq(refs->items[k].name, p->name.s);
        if (!used || !p->value.set)
            continue;
        buf_printf(out, "let %.*s = ", STR_ARG(p->name.s));
        param_put_kql(out, &p->value);
        buf_puts(out, ";\n");
    }
}

static void put_now(struct cell_ctx *ctx, struct buf *out)
{
    buf_puts(out, "datetime(");
    ticks_put_iso(out, ctx->kql.now);
    buf_puts(out, ")");
}

/* The text with now() and ago(x) replaced by the instant of the run: ago(x) is `datetime(...) - (x)`. */
static void put_pinned(struct cell_ctx *ctx, struct buf *out, struct str text, const struct kql_refs *refs)
{
    size_t from = 0;
    for (size_t i = 0; i < refs->n; i++) {
        const struct kql_ref *r = &refs->items[i];
        if (r->kind != KQL_REF_CLOCK || r->span.offset < from)
            continue;
        struct str call = str_sub(text, r->span.offset, r->span.offset + r->span.len);
        size_t open = str_chr(call, '(', 0), close = call.n;
        while (close > open && call.p[close - 1] != ')')
            close--;
        struct str arg = close > open + 1 ? str_trim(str_sub(call, open + 1, close - 1)) : STR("");
        buf_str(out, str_sub(text, from, r->span.offset));
        buf_puts(out, arg.n ? "(" : "");
        put_now(ctx, out);
        if (arg.n)
            buf_printf(out, " %c (%.*s))", str_eqz(r->name, "ago") ? '-' : '+', STR_ARG(arg));
        from = r->span.offset + r->span.len;
    }
    buf_str(out, str_sub(text, from, text.n));
}

static void note_inputs(struct cell_ctx *ctx, const struct kql_compiled *q)
{
    struct record_cell *c = ctx->out;
    c->inputs = ARENA_ARRAY(ctx->arena, q->ntables, struct str);
    for (size_t i = 0; i < q->ntables; i++) {
        bool seen = false;
        for (size_t k = 0; k < c->ninputs; k++)
            seen |= str_eq(c->inputs[k], q->tables[i].name);
        if (!seen)
            c->inputs[c->ninputs++] = q->tables[i].name;
    }
}

static void put_sent(struct cell_ctx *ctx, struct buf *out, const struct passage *text)
{
    struct source part = { STR("query"), text->s };
    struct diags ignored;
    diags_init(&ignored, ctx->arena);
    struct kql_refs refs = kql_references(ctx->arena, kql_parse(ctx->arena, &part, &ignored));
    put_param_lets(ctx, out, &refs);
    put_pinned(ctx, out, text->s, &refs);
}

bool cell_record_queries(struct cell_ctx *ctx, const struct passage *texts, const struct kql_compiled *qs,
                         size_t n, struct err *err)
{
    static const char then[] = "\n\n-- then, in the result of that, the table of this cell\n";
    struct record_cell *c = ctx->out;
    struct buf sent = BUF_INIT, sql = BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        buf_puts(&sent, i ? "\n\n// then, in the result of that, the table of this cell\n" : "");
        put_sent(ctx, &sent, &texts[i]);
        buf_puts(&sql, i ? then : "");
        buf_str(&sql, qs[i].sql);
    }
    c->query = texts[0].s;
    c->query_sent = buf_to_arena(&sent, ctx->arena);
    c->sql = buf_to_arena(&sql, ctx->arena);
    c->engine = STR("embedded");
    if (texts[0].npieces) {
        size_t column;
        source_locate(ctx->playbook->source, passage_map(&texts[0], (struct span){ 0, 0 }).offset,
                      &c->query_line, &column);
    }
    note_inputs(ctx, &qs[0]);
    buf_free(&sent);
    buf_free(&sql);
    return write_text(ctx, numbered(ctx, "queries", ".kql"), c->query_sent, err) &&
           write_text(ctx, numbered(ctx, "queries", ".sql"), c->sql, err);
}

bool cell_record_query(struct cell_ctx *ctx, const struct passage *text, const struct kql_compiled *q,
                       struct err *err)
{
    return cell_record_queries(ctx, text, q, 1, err);
}
