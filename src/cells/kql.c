/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kql: a query whose result becomes the table named like the cell, and a chart if the query ends in `render`.
 */
#include "cells_int.h"

static bool exec_kql(struct cell_ctx *ctx, struct err *err)
{
    const struct kql_cell *o = ctx->spec->options;
    struct cell_query q;
    struct opt_value split;
    if (!cell_option(ctx, &o->split, &split, err) || !cell_compile(ctx, &o->query, &q, err))
        return false;
    if (split.kind == OPT_LITERAL && split.i <= 0)
        return err_set(err, ERR_USAGE, "split must be a time above zero, like 1d");
    q.split = split.kind == OPT_LITERAL ? split.i : 0;
    return cell_record_query(ctx, &o->query, &q, err) && cell_make_table(ctx, &q, err) &&
           cell_render(ctx, &q.kql, err) && cell_show_table(ctx, "", err);
}

const struct cell_kind cell_kql = { "kql", exec_kql };
