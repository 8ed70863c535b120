/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run under way: what the interpreter, the catalogue and the verdicts share.
 */
#ifndef RUN_INT_H
#define RUN_INT_H

#include "hb/cell.h"
#include "hb/run.h"

/* A run whose results may be taken over. */
struct run_earlier {
    struct store store;
    const struct record *record;
    struct str sha256; /* of its run.json */
    bool same;         /* it is the one that is continued */
    bool looked_at;    /* all of its files were */
    struct str fault;  /* then: what is not as it was left, so nothing is taken over; or empty */
};

/* What is known of taking over a cell. */
struct run_kept {
    const struct record_cell *cell; /* NULL: it is to run */
    const struct record_cell
        *likely; /* it is to run, and will most likely give this again: only its text changed */
    const struct run_earlier *from;
    const char *parquet; /* its table; all its files are as recorded */
    bool loaded;         /* its table is in the engine under its name */
    bool recorded;       /* taken over whatever its key is: what is replayed rests on it */
};

struct running {
    struct arena *arena;
    const struct run_options *options;
    struct plan plan;
    struct engine *engine;
    struct store *store;
    struct record *record;
    struct record_cell *current; /* the cell whose turn it is, or NULL */
    struct kql_catalog catalog;
    struct record *previous;     /* what is continued, or NULL */
    struct run_earlier *earlier; /* newest first */
    size_t nearlier;
    struct run_kept *kept; /* by cell */
    size_t visible;        /* cells whose tables a query may see: the first so many */
    struct diags *diags;
    struct source_conn *conn;  /* NULL: the rows are in the engine */
    struct cell_remote remote; /* of conn */
    struct store since_store;  /* of options.since */
    struct record *since;      /* its record, or NULL */
};

/* NULL when the source is not remote. */
const struct cell_remote *run_remote(const struct running *run);

struct kql_catalog run_catalog(struct running *run);
/* The items of a list as a JSON array, as -p takes it: they may hold commas. */
struct str run_list_json(struct arena *a, const struct param_value *v);
/* A parameter's value as KQL sees it; a list becomes JSON text in `a`. */
void run_param_scalar(struct arena *a, const struct playbook_param *p, struct kql_scalar *out);

/*
 * What the result of cell i depends on, and the key over it (depend.c): sets out->depends and ->key. False: an input is not
 * known before its turn, so there is no key.
 */
bool run_depends(struct running *run, size_t i, struct record_cell *out);
/* How cell k ended; before the first turn, how it will end as far as that can be told, or NULL. */
const struct record_cell *run_state_of(const struct running *run, size_t k);

/* Taking results over (keep.c). */
bool run_find_earlier(struct running *run, struct err *err);
/* Sets kept[] by the keys of what was found whole; needs the source's tables and the versions in the record. */
void run_predict(struct running *run);
/* All that, and the tables into the engine; before it is locked. */
bool run_load_kept(struct running *run, struct err *err);
/* Cells of options.recorded that rest on what is not asked again; before the engine is locked. */
bool run_load_recorded(struct running *run, struct err *err);
/* Sets the key of cell i, whose inputs have had their turn; takes the earlier cell over if it has the same one. */
bool run_keep_cell(struct running *run, size_t i);
/* Cell i of the record as it is before its turn (interp.c). */
void run_make_cell(struct running *run, size_t i);
void run_make_cells(struct running *run); /* all of them */
/* The record that is continued, and the folder without what its end left half done. */
bool run_open_previous(struct running *run, struct err *err);
/* The files of the source are those of options.evidence. */
bool run_check_evidence(struct running *run, struct err *err);

/* The run to compare with (since.c): it is opened before anything runs, and compared when all has. */
bool run_open_since(struct running *run, struct err *err);
void run_compare(struct running *run);

/*
 * A cell that is to be looked at (review.c), when it has its result: rows that were struck leave the table that later cells
 * read. *waits: nobody has looked yet.
 */
bool run_review(struct running *run, size_t i, bool *waits, struct err *err);

/* The header of the record (header.c): what is known before anything is opened; versions; prose, which is computed. */
/* Paths of the source as the record has them, after it was loaded. */
void run_hide_home(struct running *run);
void run_fill_facts(struct running *run);
void run_fill_versions(struct running *run);
bool run_fill_header(struct running *run, struct err *err);

/* Expectations and findings of a cell that has its result (verdict.c). False: an expectation of severity fail
 * missed. */
bool run_judge(struct cell_ctx *ctx, struct err *err);

/* What an open finding rests on: its first and last event, and the entities its rows name (entities.c). */
bool run_finding_facts(struct cell_ctx *ctx, struct record_finding *f, struct err *err);

/* One expectation; what goes wrong while computing it is in ->error. False: the user interrupted. */
bool run_expect(struct cell_ctx *ctx, const struct playbook_expect *want, struct record_expectation *out,
                struct err *err);

#endif
