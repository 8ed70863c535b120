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
bool cell_compile_text(struct cell_ctx *ctx, struct str kql, struct cell_query *out, struct err *err);
/* All rows that a query gives, without keeping them. */
bool cell_ask(struct cell_ctx *ctx, const struct cell_query *q, struct table **out, struct err *err);
bool cell_query_text(struct cell_ctx *ctx, struct str kql, struct table **out, struct err *err);

/* Writes a file of the run and lists it with the cell. */
bool cell_write_text(struct cell_ctx *ctx, const char *rel, struct str text, struct err *err);

/* Draws rows and keeps the drawing as a block of the cell; `note` (may be NULL) is said with it. */
bool cell_draw(struct cell_ctx *ctx, const struct chart_spec *spec, const struct table *rows,
               const char *note, struct err *err);
/* The chart that the query's `render` asks for, if any. */
bool cell_render(struct cell_ctx *ctx, const struct kql_compiled *q, struct err *err);

/* sent.c: does the text name tables of a remote source? False: it mixes what cannot be mixed. */
bool cell_place_query(struct cell_ctx *ctx, const struct kql_refs *refs, bool *remote, struct err *err);
/* The text by itself: parameters and, for a remote source, earlier cells as let statements, the clock pinned. */
bool cell_put_sent(struct cell_ctx *ctx, const struct kql_refs *refs, bool is_expr, struct cell_query *q,
                   struct err *err);

/* As cell_compile, with `slice` behind the table that stands at `at`. */
bool cell_compile_slice(struct cell_ctx *ctx, const struct passage *text, struct span at, struct str slice,
                        struct cell_query *out, struct err *err);
bool cell_row_by_row(struct cell_ctx *ctx, const struct passage *text, struct kql_row_by_row *out);
/* Asks again what hit a limit (*err says which), part by part, into the cell's table (parts.c). */
bool cell_run_parts(struct cell_ctx *ctx, const struct cell_query *q, bool *cut, struct err *err);

#endif
