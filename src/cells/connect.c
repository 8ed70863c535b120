/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect: are the tables and columns there, how many rows, from when to when. Everything missing is named at
 * once, before the first query runs.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "cells_int.h"
#include "hb/ticks.h"
#include "hb/vec.h"

static bool has_column(const struct kql_table *t, struct str name)
{
    for (size_t i = 0; i < t->ncols; i++)
        if (str_eq(t->cols[i].name, name))
            return true;
    for (size_t i = 0; i < t->naliases; i++)
        if (str_eq(t->aliases[i].name, name))
            return true;
    return false;
}

/* The event time by either of its names, as the table has it; empty when it has none. */
static struct str time_column(const struct kql_table *t)
{
    for (size_t i = 0; i < t->ncols; i++)
        if (t->cols[i].type == HB_DATETIME &&
            (str_eqz(t->cols[i].name, "TimeGenerated") || str_eqz(t->cols[i].name, "Timestamp")))
            return t->cols[i].name;
    return STR("");
}

static void check_columns(const struct kql_table *t, const struct connect_table *want, struct buf *missing)
{
    struct str *names = NULL;
    struct arena *a = arena_new(0, "column names");
    names = ARENA_ARRAY(a, t->ncols, struct str);
    for (size_t i = 0; i < t->ncols; i++)
        names[i] = t->cols[i].name;
    for (size_t i = 0; i < want->ncolumns; i++) {
        struct str name = want->columns[i].name.s;
        if (has_column(t, name))
            continue;
        struct str near = str_nearest(name, names, t->ncols);
        buf_printf(missing, "%scolumn '%.*s' of table '%.*s'", missing->n ? ", " : "", STR_ARG(name),
                   STR_ARG(want->name.s));
        if (near.n)
            buf_printf(missing, " (did you mean '%.*s'?)", STR_ARG(near));
    }
    arena_free(a);
}

static struct record_pair *add_pair(struct cell_ctx *ctx, struct record_block *b, size_t *cap,
                                    struct str name)
{
    struct record_pair *p = VEC_PUSH(ctx->arena, b->pairs, b->npairs, *cap);
    p->name = name;
    return p;
}

/* "20000 rows, 2026-01-14 00:00:01Z to 2026-01-14 23:59:58Z; 20000 in the window" */
static bool describe(struct cell_ctx *ctx, const struct connect_table *want, const struct kql_table *t,
                     const struct opt_value *window, struct record_pair *out, struct err *err)
{
    struct buf kql = BUF_INIT, text = BUF_INIT;
    struct str time = time_column(t);
    struct table *r = NULL;
    kql_put_name(&kql, want->name.s);
    buf_puts(&kql, " | summarize Rows = count()");
    if (time.n) {
        buf_printf(&kql, ", First = min(%.*s), Last = max(%.*s)", STR_ARG(time), STR_ARG(time));
        if (window->kind == OPT_LITERAL)
            buf_printf(&kql, ", Window = countif(%.*s between (now() - %" PRId64 "tick .. now()))",
                       STR_ARG(time), window->i);
    }
    bool ok = cell_query_text(ctx, buf_to_arena(&kql, ctx->arena), &r, err);
    if (ok) {
        buf_printf(&text, "%" PRId64 " rows", r->cols[0].v.i[0]);
        out->mark = r->cols[0].v.i[0] ? STR("ok") : STR("warning");
        if (time.n && !column_is_null(&r->cols[1], 0)) {
            buf_puts(&text, ", ");
            ticks_put_human(&text, r->cols[1].v.i[0]);
            buf_puts(&text, " to ");
            ticks_put_human(&text, r->cols[2].v.i[0]);
        }
        if (r->ncols > 3) {
            out->mark = r->cols[3].v.i[0] ? out->mark : STR("warning");
            buf_printf(&text, "; %" PRId64 " in the window of ", r->cols[3].v.i[0]);
            param_put_text(&text,
                           &(struct param_value){ .type = PARAM_TIMESPAN, .set = true, .i = window->i });
        }
        out->value = buf_to_arena(&text, ctx->arena);
    }
    buf_free(&kql);
    buf_free(&text);
    return ok;
}

/* "TimeGenerated datetime, DeviceName string" */
static struct str columns_text(struct cell_ctx *ctx, const struct connect_table *want,
                               const struct kql_table *t)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < want->ncolumns; i++) {
        struct str name = want->columns[i].name.s;
        for (size_t k = 0; k < t->naliases; k++)
            if (str_eq(t->aliases[k].name, name))
                buf_printf(&text, "%s%.*s %s (it is %.*s)", text.n ? ", " : "", STR_ARG(name),
                           hb_type_name(t->cols[t->aliases[k].col].type),
                           STR_ARG(t->cols[t->aliases[k].col].name));
        for (size_t k = 0; k < t->ncols; k++)
            if (str_eq(t->cols[k].name, name))
                buf_printf(&text, "%s%.*s %s", text.n ? ", " : "", STR_ARG(name),
                           hb_type_name(t->cols[k].type));
    }
    struct str s = buf_to_arena(&text, ctx->arena);
    buf_free(&text);
    return s;
}

/* What is missing, of all tables, before any of them is asked for its rows. */
static bool look_at_tables(struct cell_ctx *ctx, const struct connect_cell *o, struct record_block *b,
                           size_t *cap, struct err *err)
{
    struct buf missing = BUF_INIT;
    for (size_t i = 0; i < o->tables.n; i++) {
        const struct connect_table *want = &o->tables.items[i];
        struct kql_table t;
        struct record_pair *p = add_pair(ctx, b, cap, want->name.s);
        if (!ctx->catalog->table(ctx->catalog->ctx, want->name.s, &t)) {
            p->value = STR("not found");
            p->mark = STR("missing");
            buf_printf(&missing, "%stable '%.*s'", missing.n ? ", " : "", STR_ARG(want->name.s));
            continue;
        }
        size_t before = missing.n;
        check_columns(&t, want, &missing);
        p->value = missing.n > before ? STR("columns are missing") : STR("found");
        p->mark = missing.n > before ? STR("missing") : STR("ok");
        if (want->ncolumns) {
            p = add_pair(ctx, b, cap, arena_strf(ctx->arena, "%.*s: columns", STR_ARG(want->name.s)));
            p->value = columns_text(ctx, want, &t);
        }
    }
    bool ok = !missing.n || err_set(err, ERR_CONNECT, "not in the source: %s", buf_z(&missing));
    buf_free(&missing);
    return ok;
}

static bool ask_tables(struct cell_ctx *ctx, const struct connect_cell *o, struct record_block *b,
                       struct err *err)
{
    struct opt_value window;
    size_t at = 1; /* behind the source: of each table its pair, and one of its columns if it names any */
    if (!cell_option(ctx, &o->window, &window, err))
        return false;
    for (size_t i = 0; i < o->tables.n; i++) {
        const struct connect_table *want = &o->tables.items[i];
        struct kql_table t;
        if (!ctx->catalog->table(ctx->catalog->ctx, want->name.s, &t) ||
            !describe(ctx, want, &t, &window, &b->pairs[at], err))
            return false;
        at += want->ncolumns ? 2 : 1;
    }
    assert(at == b->npairs);
    return true;
}

static bool exec_connect(struct cell_ctx *ctx, struct err *err)
{
    const struct connect_cell *o = ctx->spec->options;
    struct record_block b = { .kind = BLOCK_PAIRS, .caption = STR("Connection") };
    size_t cap = 0, at = ctx->out->nblocks; /* questions add blocks behind it */
    record_add_block(ctx->record, ctx->out, BLOCK_PAIRS);
    struct record_pair *p = add_pair(ctx, &b, &cap, STR("Source"));
    p->value = arena_strf(ctx->arena, "connected: %.*s", STR_ARG(ctx->record->source.detail));
    p->mark = STR("ok");
    bool ok = look_at_tables(ctx, o, &b, &cap, err) && ask_tables(ctx, o, &b, err);
    ctx->out->blocks[at] = b;
    return ok;
}

const struct cell_kind cell_connect = { "connect", exec_connect };
