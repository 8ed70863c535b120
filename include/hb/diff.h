/* layer: record */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two runs compared: what is new, gone or changed, cell by cell.
 *
 * Rows are compared as multisets of the columns that both have; with key columns, a row that is gone and a row that is new
 * with the same key are one changed row. Whole results are compared (the Parquet files), not the rows a report shows.
 * Cells are the same cell when they have the same id. The result is a function of the two runs alone.
 */
#ifndef HB_DIFF_H
#define HB_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/err.h"
#include "hb/record.h"
#include "hb/str.h"
#include "hb/table.h"

struct diff_side {
    struct store *store;
    struct record *record;
};

enum diff_kind { DIFF_SAME, DIFF_CHANGED, DIFF_NEW, DIFF_GONE };
const char *diff_kind_name(enum diff_kind k);

struct diff_cell {
    struct str id;
    enum diff_kind kind;                 /* of its result: status, columns, rows */
    const struct record_cell *old, *new; /* NULL: the run has no such cell */
    bool text_changed;                   /* the query as written, or the kind of the cell */
    bool columns_changed, order_changed;
    int64_t nnew, ngone, nchanged; /* rows; a changed row is not counted as new or gone */
    struct str note;               /* why rows were not compared, or empty */
    /*
     * The first rows of each kind: column "change" ("new", "gone", "before", "after"; before and after follow each other),
     * then the columns that both have. NULL: none.
     */
    struct table *rows;
};

struct diff_finding {
    struct str cell, title, severity;
    bool appeared; /* else it is not open any more: */
    bool unknown;  /* its step has no result now, so nobody knows whether it still holds */
};
const char *diff_finding_word(const struct diff_finding *f); /* "appeared", "closed", "not looked at" */

struct diff_change {
    struct str name, old, new; /* empty: not there */
};

struct diff {
    struct diff_cell *cells; /* in the order of the new run, then those that are gone */
    size_t ncells;
    struct diff_finding *findings;
    size_t nfindings, findings_cap;
    struct diff_change *params; /* parameters and the clock, "now" */
    size_t nparams, params_cap;
    struct diff_change *sources; /* kind and name, and each table: rows and hashes of its files */
    size_t nsources, sources_cap;
    struct diff_change *tools; /* versions */
    size_t ntools, tools_cap;
    bool playbook_changed;
    struct str
        playbook; /* lines with '-' or '+' in front, unchanged ones left out; empty when the files are equal */
    bool same_results; /* the fingerprints of the runs are equal */
};

struct diff_options {
    const struct str *keys; /* columns; a cell that lacks one of them is compared by whole rows */
    size_t nkeys;
    size_t max_rows; /* shown of each kind and cell */
};

/* Everything in *out lives in `a`. False: a file of a run cannot be read; ERR_VERIFY when it is not as recorded. */
bool diff_runs(struct arena *a, const struct diff_side *old, const struct diff_side *new,
               const struct diff_options *o, struct diff *out, struct err *err);

/* Each key is a column of some cell; else ERR_USAGE. */
bool diff_check_keys(const struct str *keys, size_t n, const struct record *r, struct err *err);

/*
 * The comparison as the part `since` of the new record: at most RECORD_SINCE_ROWS rows of each kind and cell. `old` must live
 * as long as the record. Afterwards the record is to be saved. `new->since.dir` and `keys` stay as they are.
 */
bool diff_into_record(struct record *new, struct store *store, const struct diff_side *old, struct err *err);

/* Lines of two texts: "-old\n+new\n", unchanged lines left out (difflines.c). */
void diff_lines(struct arena *a, struct str old, struct str new, struct buf *out);

#endif
