/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split: a query that hit a limit of the service is asked again, a part of its window at a time. The window is that of the
 * rows which its leading conditions leave; parts are half open, so no row comes twice and none is lost.
 */
#include <inttypes.h>

#include "cells_int.h"
#include "hb/ticks.h"

enum { PARTS_MAX = 1000 };

struct parts {
    struct cell_ctx *ctx;
    const struct cell_query *query;
    struct kql_row_by_row shape;
    struct str time; /* the table's column of time */
    int64_t first, last, rows;
    size_t n;
    bool cut;
};

static struct str part_name(struct parts *p, size_t i)
{
    return arena_strf(p->ctx->arena, "part %zu of %.*s", i + 1, STR_ARG(p->ctx->out->id));
}

/* From when to when are there rows? */
static bool find_window(struct parts *p, struct err *err)
{
    struct cell_ctx *ctx = p->ctx;
    struct table *t;
    struct str head = str_sub(p->query->text->s, 0, p->shape.conditions_end);
    struct str kql = arena_strf(ctx->arena, "%.*s\n| summarize First = min(%.*s), Last = max(%.*s)",
                                STR_ARG(head), STR_ARG(p->time), STR_ARG(p->time));
    if (!cell_query_text(ctx, kql, &t, err))
        return err_wrap(err, "split: the window");
    if (t->nrows != 1 || t->ncols != 2 || t->cols[0].type != HB_DATETIME || column_is_null(&t->cols[0], 0))
        return err_set(err, ERR_PARTIAL, "split: the query's conditions leave no time to cut");
    p->first = t->cols[0].v.i[0];
    p->last = t->cols[1].v.i[0];
    return true;
}

static struct str slice_text(struct parts *p, int64_t from, int64_t to)
{
    struct buf b = BUF_INIT;
    buf_printf(&b, " | where %.*s >= datetime(", STR_ARG(p->time));
    ticks_put_iso(&b, from);
    buf_printf(&b, ") and %.*s < datetime(", STR_ARG(p->time));
    ticks_put_iso(&b, to);
    buf_puts(&b, ")");
    struct str s = buf_to_arena(&b, p->ctx->arena);
    buf_free(&b);
    return s;
}

/* Where the part from there ends: a step further, or just behind the last row. */
static int64_t part_end(const struct parts *p, int64_t from)
{
    int64_t step = p->query->split;
    return step > p->last - from ? p->last + 1 : from + step;
}

static bool ask_part(struct parts *p, size_t i, struct err *err)
{
    struct cell_ctx *ctx = p->ctx;
    struct cell_query q;
    int64_t from = p->first + (int64_t)i * p->query->split, to = part_end(p, from), rows = 0;
    int64_t room = ctx->max_rows > p->rows ? ctx->max_rows - p->rows : 1;
    bool cut = false;
    if (!cell_compile_slice(ctx, p->query->text, p->shape.place, slice_text(p, from, to), &q, err) ||
        !cell_run_into(ctx, part_name(p, i), &q, room, &rows, &cut, err))
        return err_wrap(err, "split: part %zu of %zu", i + 1, p->n);
    p->rows += rows;
    p->cut |= cut || p->rows > ctx->max_rows;
    return true;
}

/* All parts become the cell's table. */
static bool join_parts(struct parts *p, struct err *err)
{
    struct cell_ctx *ctx = p->ctx;
    struct buf kql = BUF_INIT;
    struct cell_query q;
    bool cut = false;
    buf_puts(&kql, p->n > 1 ? "union " : "");
    for (size_t i = 0; i < p->n; i++) {
        buf_puts(&kql, i ? ", " : "");
        kql_put_name(&kql, part_name(p, i));
    }
    bool ok = cell_compile_text(ctx, buf_to_arena(&kql, ctx->arena), &q, err) &&
              engine_create(ctx->engine, ctx->out->id, &q.kql, ctx->max_rows, &p->rows, &cut, err);
    p->cut |= cut;
    buf_free(&kql);
    return ok;
}

static void tell(struct parts *p)
{
    struct arena *a = p->ctx->arena;
    struct buf text = BUF_INIT;
    struct record_block *b = record_add_block(p->ctx->record, p->ctx->out, BLOCK_PAIRS);
    b->caption = STR("Asked again in parts, since a limit was hit");
    b->pairs = ARENA_ARRAY(a, 3, struct record_pair);
    buf_printf(&text, "%zu, each of ", p->n);
    timespan_put(&text, p->query->split);
    b->pairs[b->npairs++] = (struct record_pair){ .name = STR("Parts"), .value = buf_to_arena(&text, a) };
    b->pairs[b->npairs++] =
        (struct record_pair){ .name = STR("First part, behind the table"),
                              .value = str_trim(slice_text(p, p->first, part_end(p, p->first))) };
    b->pairs[b->npairs++] = (struct record_pair){ .name = STR("Rows"),
                                                  .value = arena_strf(a, "%" PRId64, p->rows) };
    buf_free(&text);
}

bool cell_run_parts(struct cell_ctx *ctx, const struct cell_query *q, bool *cut, struct err *err)
{
    struct parts p = { .ctx = ctx, .query = q };
    struct err ignored = ERR_INIT, limit = *err;
    if (!cell_row_by_row(ctx, q->text, &p.shape) || !ctx->remote->has_table(ctx->remote->ctx, p.shape.table))
        return err_wrap(
            err, "split needs one table of the source, and operators that look at each row by itself (where, "
                 "extend, project, parse)");
    p.time = ctx->remote->time_column(ctx->remote->ctx, p.shape.table);
    if (!p.time.n)
        return err_wrap(err, "split needs a column TimeGenerated or Timestamp");
    *err = (struct err)ERR_INIT;
    if (!find_window(&p, err))
        return false;
    p.n = (size_t)((p.last - p.first) / q->split) + 1;
    if (p.n > PARTS_MAX)
        return err_set(err, limit.kind, "split would make %zu parts, more than %d; say a longer time", p.n,
                       PARTS_MAX);
    size_t asked = 0;
    bool ok = true;
    while (ok && asked < p.n && !p.cut)
        ok = ask_part(&p, asked++, err);
    p.n = asked;
    ok = ok && join_parts(&p, err);
    for (size_t i = 0; i < asked; i++)
        engine_drop(ctx->engine, part_name(&p, i), &ignored);
    *cut = p.cut;
    if (ok)
        tell(&p);
    ctx->out->rows = p.rows;
    return ok;
}
