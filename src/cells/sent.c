/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The query as sent: a text that stands by itself. Parameters become let statements, now() and ago() the
 * instant of the run; for a remote source earlier cells become `datatable` and what the program knows (cells,
 * rows, run) a value.
 *
 * Invariant: each let statement is one line, so that a line of the text is found again behind them.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cells_int.h"
#include "hb/ticks.h"

enum { CELLS_MAX = 10000 /* values of earlier cells in one query */ };

static bool may_be_table(const struct kql_ref *r)
{
    return r->kind == KQL_REF_TABLE || r->kind == KQL_REF_ANY;
}

bool cell_place_query(struct cell_ctx *ctx, const struct kql_refs *refs, bool *remote, struct err *err)
{
    *remote = false;
    for (size_t i = 0; i < refs->n && ctx->remote; i++) {
        const struct kql_ref *r = &refs->items[i];
        if (r->wildcard)
            return err_set(err, ERR_USAGE, "a remote source needs its tables named one by one, not by '%.*s'",
                           STR_ARG(r->name));
        if (may_be_table(r) && ctx->remote->has_table(ctx->remote->ctx, r->name))
            *remote = true;
    }
    return true;
}

static size_t count_lines(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

/* -- parameters and the clock -- */

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

/* ago(x) is `datetime(...) - (x)`. */
static void put_clock(struct cell_ctx *ctx, struct buf *out, struct str call, struct str name)
{
    size_t open = str_chr(call, '(', 0), close = call.n;
    while (close > open && call.p[close - 1] != ')')
        close--;
    struct str arg = close > open + 1 ? str_trim(str_sub(call, open + 1, close - 1)) : STR("");
    buf_puts(out, arg.n ? "(" : "");
    put_now(ctx, out);
    if (arg.n)
        buf_printf(out, " %c (%.*s))", str_eqz(name, "ago") ? '-' : '+', STR_ARG(arg));
}

/* A table of the source by what it is there; false: that is no name, and only a name may stand here. */
static bool put_source_table(struct cell_ctx *ctx, struct buf *out, struct cell_query *q,
                             const struct kql_ref *r, struct err *err)
{
    struct buf text = BUF_INIT;
    struct str slice = q->slice.n && q->slice_at.offset == r->span.offset ? q->slice : STR("");
    ctx->remote->put_table(ctx->remote->ctx, r->name, q->text->s, slice, &text, &q->more_columns);
    bool plain = str_eq(buf_view(&text), r->name);
    if (plain)
        buf_str(out, str_sub(q->text->s, r->span.offset, r->span.offset + r->span.len));
    else if (!r->name_only)
        buf_str(out, buf_view(&text));
    buf_free(&text);
    if (plain || !r->name_only)
        return true;
    struct str before = str_sub(q->text->s, 0, r->span.offset);
    size_t line = 1 + count_lines(before), start = r->span.offset;
    while (start > 0 && before.p[start - 1] != '\n')
        start--;
    return err_set(
        err, ERR_USAGE,
        "query:%zu:%zu: '%.*s' is asked for in several workspaces or under the other name of its time "
        "column, which takes an expression in its place, and only a name may stand here: begin with "
        "the table, or with union, instead of find, search in or table()",
        line, r->span.offset - start + 1, STR_ARG(r->name));
}

/* The text with now() and ago(x) replaced by the instant of the run, and the source's tables by what they are there. */
static bool put_pinned(struct cell_ctx *ctx, struct buf *out, struct cell_query *q,
                       const struct kql_refs *refs, struct err *err)
{
    struct str text = q->text->s;
    size_t from = 0;
    for (size_t i = 0; i < refs->n; i++) {
        const struct kql_ref *r = &refs->items[i];
        bool clock = r->kind == KQL_REF_CLOCK;
        bool table = q->remote && may_be_table(r) && ctx->remote->has_table(ctx->remote->ctx, r->name);
        if ((!clock && !table) || r->span.offset < from)
            continue;
        buf_str(out, str_sub(text, from, r->span.offset));
        from = r->span.offset + r->span.len;
        if (clock)
            put_clock(ctx, out, str_sub(text, r->span.offset, from), r->name);
        else if (!put_source_table(ctx, out, q, r, err))
            return false;
    }
    buf_str(out, str_sub(text, from, text.n));
    return true;
}

/* -- earlier cells, for a remote source -- */

static void put_literal(struct buf *out, const struct column *c, size_t row)
{
    if (column_is_null(c, row)) {
        buf_printf(out, "%s(null)", hb_type_name(c->type));
        return;
    }
    if (c->type == HB_STRING) {
        kql_put_string(out, c->v.s[row]);
        return;
    }
    if (c->type == HB_REAL && !isfinite(c->v.f[row])) {
        buf_puts(out, isnan(c->v.f[row]) ? "real(nan)" : c->v.f[row] > 0 ? "real(+inf)" : "real(-inf)");
        return;
    }
    buf_printf(out, "%s(", hb_type_name(c->type));
    cell_put_text(out, c, row);
    buf_putc(out, ')');
}

static void put_datatable(struct buf *out, struct str name, const struct table *t)
{
    buf_puts(out, "let ");
    kql_put_name(out, name);
    buf_puts(out, " = datatable(");
    for (size_t i = 0; i < t->ncols; i++) {
        buf_puts(out, i ? ", " : "");
        kql_put_name(out, t->cols[i].name);
        buf_printf(out, ":%s", hb_type_name(t->cols[i].type));
    }
    buf_puts(out, ")[");
    for (size_t row = 0; row < t->nrows; row++)
        for (size_t i = 0; i < t->ncols; i++) {
            buf_puts(out, row || i ? ", " : "");
            put_literal(out, &t->cols[i], row);
        }
    buf_puts(out, "];\n");
}

static bool put_cell(struct cell_ctx *ctx, struct buf *out, struct str name, int64_t *values, struct err *err)
{
    struct kql_table shape;
    struct table *t;
    int64_t rows;
    if (!engine_table(ctx->engine, name, &shape))
        return true;
    if (!engine_rows(ctx->engine, name, &rows, err))
        return false;
    *values += rows * (int64_t)shape.ncols;
    if (*values > CELLS_MAX)
        return err_set(
            err, ERR_USAGE,
            "the query takes more than %d values of earlier cells to the source ('%.*s' has %" PRId64
            " rows of %zu columns); let that cell summarize or project first",
            CELLS_MAX, STR_ARG(name), rows, shape.ncols);
    if (!engine_fetch(ctx->engine, name, 0, 0, NULL, 0, ctx->arena, &t, err))
        return false;
    put_datatable(out, name, t);
    return true;
}

static bool put_cells(struct cell_ctx *ctx, struct buf *out, const struct cell_query *q, struct err *err)
{
    int64_t values = 0;
    for (size_t i = 0; i < q->ninputs; i++)
        if (!ctx->remote->has_table(ctx->remote->ctx, q->inputs[i]) &&
            !put_cell(ctx, out, q->inputs[i], &values, err))
            return false;
    return true;
}

/* cells, rows, run: the compiler says which of them are meant. */
static void put_known(struct cell_ctx *ctx, struct buf *out, const struct cell_query *q)
{
    for (size_t i = 0; i < q->kql.nscalars; i++) {
        struct str name = q->kql.scalars[i].name;
        struct kql_scalar v;
        if (playbook_find_param(ctx->playbook, name) || !ctx->catalog->scalar(ctx->catalog->ctx, name, &v))
            continue;
        buf_printf(out, "let %.*s = ", STR_ARG(name));
        if (v.null)
            buf_printf(out, "%s(null);\n", hb_type_name(v.type));
        else if (v.type == HB_DYNAMIC)
            buf_printf(out, "dynamic(%.*s);\n", STR_ARG(v.v.s));
        else
            buf_printf(out, "long(%" PRId64 ");\n", v.v.i);
    }
}

bool cell_put_sent(struct cell_ctx *ctx, const struct kql_refs *refs, bool is_expr, struct cell_query *q,
                   struct err *err)
{
    struct buf out = BUF_INIT;
    bool ok = true;
    put_param_lets(ctx, &out, refs);
    if (q->remote) {
        put_known(ctx, &out, q);
        ok = put_cells(ctx, &out, q, err);
    }
    q->lets = count_lines(buf_view(&out));
    buf_puts(&out, is_expr && q->remote ? "print result = " : "");
    ok = ok && put_pinned(ctx, &out, q, refs, err);
    q->sent = buf_to_arena(&out, ctx->arena);
    buf_free(&out);
    return ok;
}
