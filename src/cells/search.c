/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: rows of a cell or query in which a column (or any column) holds a value: the notebook's Column and
 * Value boxes.
 *
 * The search is a KQL query that the program composes from names and an escaped literal, so what ran can be
 * read and repeated.
 */
#include <string.h>

#include "cells_int.h"

/* Indexed by enum search_mode. */
static const char *const operators[] = {
    [SEARCH_CONTAINS] = "contains",     [SEARCH_HAS] = "has",
    [SEARCH_STARTSWITH] = "startswith", [SEARCH_EQUALS] = "=~",
    [SEARCH_REGEX] = "matches regex",
};

static bool put_condition(struct cell_ctx *ctx, struct buf *kql, const struct kql_table *t, struct str column,
                          const char *op, struct str value, struct err *err)
{
    struct str *names = ARENA_ARRAY(ctx->arena, t->ncols, struct str);
    size_t n = 0;
    for (size_t i = 0; i < t->ncols; i++) {
        names[i] = t->cols[i].name;
        if (column.n && !str_eq(column, t->cols[i].name))
            continue;
        buf_puts(kql, n++ ? " or " : " | where ");
        buf_puts(kql, "tostring(");
        kql_put_name(kql, t->cols[i].name);
        buf_printf(kql, ") %s ", op);
        kql_put_string(kql, value);
    }
    if (n)
        return true;
    struct str near = str_nearest(column, names, t->ncols);
    return err_set(err, ERR_USAGE, "no column '%.*s' to search%s%.*s%s", STR_ARG(column),
                   near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
}

/* One step, or two: the query into this cell's own table, then the search in it. */
struct search {
    struct passage texts[2];
    struct cell_query queries[2];
    size_t n;
};

static bool run_input(struct cell_ctx *ctx, const struct search_cell *o, struct search *s, struct str *from,
                      struct err *err)
{
    bool cut = false;
    int64_t rows;
    *from = o->from.s;
    if (!passage_given(&o->query))
        return true;
    *from = ctx->out->id;
    s->texts[s->n] = o->query;
    if (!cell_compile(ctx, &o->query, &s->queries[s->n], err) ||
        !cell_run_into(ctx, ctx->out->id, &s->queries[s->n++], ctx->max_rows, &rows, &cut, err))
        return false;
    return !cut ||
           err_set(err, ERR_PARTIAL,
                   "the query to search in has more than max_rows rows; narrow it, or raise max_rows");
}

static bool exec_search(struct cell_ctx *ctx, struct err *err)
{
    const struct search_cell *o = ctx->spec->options;
    struct search s = { .n = 0 };
    struct opt_value column, value;
    struct kql_table t;
    struct str from;
    struct buf kql = BUF_INIT;
    if (!cell_option(ctx, &o->column, &column, err) || !cell_option(ctx, &o->value, &value, err) ||
        !run_input(ctx, o, &s, &from, err))
        return false;
    if (!engine_table(ctx->engine, from, &t))
        return err_set(err, ERR_RUN, "cell '%.*s' has no table", STR_ARG(from));
    kql_put_name(&kql, from);
    bool ok = put_condition(ctx, &kql, &t, column.kind == OPT_ABSENT ? STR("") : column.s, operators[o->mode],
                            value.s, err);
    if (ok) {
        struct cell_query *q = &s.queries[s.n];
        s.texts[s.n] = passage_of(buf_to_arena(&kql, ctx->arena));
        ok = cell_compile(ctx, &s.texts[s.n++], q, err) &&
             cell_record_queries(ctx, s.texts, s.queries, s.n, err) && cell_make_table(ctx, q, err) &&
             cell_show_table(ctx, "", err);
    }
    buf_free(&kql);
    return ok;
}

const struct cell_kind cell_search = { "search", exec_search };
