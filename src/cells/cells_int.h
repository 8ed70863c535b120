/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds, one row each, defined at the end of their files.
 */
#ifndef CELLS_INT_H
#define CELLS_INT_H

#include "hb/cell.h"

extern const struct cell_kind cell_markdown, cell_env, cell_connect, cell_kql, cell_anomaly, cell_chart,
    cell_search, cell_note;

/* Runs KQL that the program composed; its diagnostics are bugs or names that the data lacks. */
bool cell_compile_text(struct cell_ctx *ctx, struct str kql, struct kql_compiled *out, struct err *err);
bool cell_query_text(struct cell_ctx *ctx, struct str kql, struct table **out, struct err *err);

#endif
