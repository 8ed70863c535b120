/* layer: cells */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells: what each kind of cell does when its turn comes.
 *
 * A kind is one row: its name (the rows of its keys are in playbook.h) and exec. exec gets a struct cell_ctx
 * filled by the interpreter, does its work through the engine, and adds blocks, files and numbers to
 * ctx->out. It does not render, does not know what runs next, and reads no clock, environment or file but
 * through ctx.
 *
 * exec returns false with *err when the cell failed. Blocks added before stay: a failed cell shows how far it
 * came.
 */
#ifndef HB_CELL_H
#define HB_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/chart.h"
#include "hb/diag.h"
#include "hb/engine.h"
#include "hb/err.h"
#include "hb/kql.h"
#include "hb/playbook.h"
#include "hb/record.h"
#include "hb/source.h"

/* A source that holds its rows itself: queries that name its tables run there. */
struct cell_remote {
    void *ctx;
    bool (*has_table)(void *ctx, struct str table);
    /* As source_put_table and source_time_column. */
    void (*put_table)(void *ctx, struct str table, struct str query, struct str extra, struct buf *out,
                      bool *more_columns);
    struct str (*time_column)(void *ctx, struct str table);
    bool (*query)(void *ctx, const struct source_query *q, struct arena *a, struct source_reply *out,
                  struct err *err);
};

struct cell_ctx {
    struct arena *arena; /* the record's: what a cell leaves lives as long as the record */
    struct record *record;
    struct record_cell *out;
    const struct playbook *playbook;
    const struct playbook_cell *spec;
    struct engine *engine;
    struct store *store;
    const struct kql_catalog *catalog; /* parameters, earlier cells, the source's tables, rows, cells, run */
    struct kql_options kql;            /* the pinned clock */
    struct diags *diags;               /* faults of the playbook's text found while running, at their place */
    const volatile int *stop;          /* becomes non-zero when the user interrupts */
    const struct cell_remote *remote;  /* NULL: all tables are the engine's */
    double timeout;                    /* seconds for a query; 0: no limit of its own */
    int64_t max_rows;                  /* most rows of a result; more is "partial" (on_partial) */
    size_t show_rows;                  /* rows a page shows */
    size_t html_rows;                  /* rows an HTML report offers */
    const struct text_metrics *metrics; /* may be NULL */
    bool (*env_is_set)(void *env, const char *name);
    const char *(*env_public)(void *env, const char *name); /* its value when it is no secret, else NULL */
    void *env;
};

struct cell_kind {
    const char *name;
    bool (*exec)(struct cell_ctx *ctx, struct err *err);
};

const struct cell_kind *cell_kind_find(struct str name); /* NULL: no such kind */

/* -- what kinds share, and the interpreter uses too (cell.c, result.c, query.c) -- */

/* A text that was looked at: where it runs, and as what. */
struct cell_query {
    struct kql_compiled kql; /* when remote: empty if the compiler does not know all of it */
    bool remote;
    struct str sent; /* the text as the source gets it, or would */
    struct str *inputs;
    size_t ninputs;
    size_t lets; /* lines of `sent` before the text itself */
    bool
        more_columns; /* the source's tables stand in `sent` with columns that they have not: only those of `kql` count */
    const struct passage *text;
    struct span slice_at; /* the table that gets `slice` behind it */
    struct str slice;     /* a part of the window, or empty */
    int64_t split;        /* ticks: a result that hits a limit is asked for in parts of it; 0: it is not */
};

/*
 * The place in `src` of what made its query fail while it ran, and why: error *err of the engine, whose text *text is part of. May run
 * the query's first steps again. False: no place is known, as of a deadline.
 */
bool query_fault(struct engine *e, const struct kql_catalog *catalog, const struct kql_options *options,
                 const struct source *src, const struct err *err, struct span *place, struct str *text);

/* Compiles text of the playbook; faults go to ctx->diags at their place in the file, and the first one into
 * *err. */
bool cell_compile(struct cell_ctx *ctx, const struct passage *text, struct cell_query *out, struct err *err);
bool cell_compile_expr(struct cell_ctx *ctx, const struct passage *text, struct cell_query *out,
                       struct err *err);
/* The value of a scalar expression: a table of one row and one column. */
bool cell_eval(struct cell_ctx *ctx, const struct passage *expr, struct table **out, struct err *err);
/* A bool expression; null is false. Another type is an error. */
bool cell_eval_bool(struct cell_ctx *ctx, const struct passage *expr, bool *out, struct err *err);
/* The value of an option, computed when it is written as ${{ KQL }}. */
bool cell_option(struct cell_ctx *ctx, const struct opt_value *o, struct opt_value *out, struct err *err);
/* Markdown with its expressions computed. */
bool cell_prose(struct cell_ctx *ctx, const struct prose *p, struct record_prose *out, struct err *err);

/* The query as it would be sent: parameters as let statements, the clock pinned. Both go to the record and to
 * queries/. */
bool cell_record_query(struct cell_ctx *ctx, const struct passage *text, const struct cell_query *q,
                       struct err *err);
/* The same for several steps, each on the result of the one before: a query, then a search in its rows. */
bool cell_record_queries(struct cell_ctx *ctx, const struct passage *texts, const struct cell_query *qs,
                         size_t n, struct err *err);
/* Runs a query into the table named like the cell; counts, columns, fingerprint, files. No block is added. */
bool cell_make_table(struct cell_ctx *ctx, const struct cell_query *q, struct err *err);
/* Runs a query, here or at the source, into an engine table of any name; at most max_rows rows (0: all). What
 * the source calls partial is an error, or a warning when the cell accepts it. */
bool cell_run_into(struct cell_ctx *ctx, struct str table, const struct cell_query *q, int64_t max_rows,
                   int64_t *rows, bool *cut, struct err *err);
/* The same for a table that is in the engine already under the cell's name. */
bool cell_keep_table(struct cell_ctx *ctx, bool ordered, struct err *err);
/* Adds the first rows of an engine table (the cell's, or what `query` gives) as a table block. */
bool cell_show_table(struct cell_ctx *ctx, const char *caption, struct err *err);
bool cell_show_query(struct cell_ctx *ctx, const char *kql, const char *caption, struct err *err);

/* A KQL name in brackets and a string literal, for text that the program itself composes. */
void kql_put_name(struct buf *b, struct str name);
void kql_put_string(struct buf *b, struct str text);

#endif
