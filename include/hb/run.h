/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a playbook: plan, then cell by cell, into a record on disk.
 *
 *     run_playbook(a, &options, diags, &result, &err)
 *
 * The folder of the run exists as soon as the first cell starts; every finished cell and the record so far
 * are on disk before the next one starts. Reports are made afterwards from result.record (hb/report.h), by
 * the caller.
 */
#ifndef HB_RUN_H
#define HB_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/chart.h"
#include "hb/diag.h"
#include "hb/engine.h"
#include "hb/err.h"
#include "hb/playbook.h"
#include "hb/record.h"
#include "hb/source.h"

/* What the run tells while it goes; any may be NULL. Called from the thread of run_playbook, but for
 * progress. */
struct run_events {
    void *ctx;
    /* The engine is open: where an interrupt is to be sent. NULL before it is closed. */
    void (*engine)(void *ctx, struct engine *e);
    void (*loaded)(void *ctx, const struct record *r, double seconds);
    void (*cell_start)(void *ctx, const struct record_cell *c, size_t total);
    void (*progress)(void *ctx, double fraction, double seconds); /* from another thread */
    void (*waiting)(void *ctx, double seconds, int status);       /* before a request is repeated */
    void (*cell_end)(void *ctx, const struct record_cell *c);
};

/* Names of environment variables that were set and looked at; their values are nowhere. */
struct run_environment {
    struct arena *arena;
    struct str *names;
    size_t n, cap;
};
void run_environment_add(struct run_environment *e, const char *name);

struct run_options {
    const struct playbook *playbook; /* loaded, checked, parameters applied */
    struct str playbook_path;
    struct source_profile source;
    const char *output; /* the folder of all runs */
    int64_t now;        /* the pinned clock, ticks */
    bool now_given;
    int64_t started;        /* the wall clock, ticks */
    int64_t (*clock)(void); /* for start and end of cells; ticks */
    struct str analyst, user, host, command_line, cwd;
    const char *home;      /* is written ~ in the record; may be NULL */
    uint64_t memory_limit; /* bytes; 0: the engine's default */
    int threads;
    bool allow_partial; /* rows that cannot be read are left out and said so */
    const volatile int *stop;
    struct run_events events;
    const struct text_metrics *metrics; /* for charts; may be NULL */
    bool (*env_is_set)(void *env, const char *name);
    const char *(*env_public)(void *env, const char *name);
    struct run_environment *env; /* handed to these two, and added to the record; may be NULL */
    /*
     * A run that was stopped is continued in its folder: cells that had finished are taken over when all that their results
     * depend on is the same (their key) and their files are as they were recorded. NULL: a new run.
     */
    const char *resume;
    bool
        reuse; /* a new run takes over what earlier runs of the playbook below `output` have with the same key */
    bool no_cache; /* no cell is taken over */
    const struct record
        *evidence; /* the source's files must be those of this record (ERR_VERIFY); NULL: any */
    /*
     * A run that is replayed, whose record is `evidence`: its env cells say what the environment was. With recorded_rows the
     * source is not asked: every cell that reads of it is taken from the record, and only those that read other cells run.
     */
    const struct store *recorded;
    bool recorded_rows;
    /*
     * A finished run is compared with the one in this folder; what is new, gone or changed goes into the record. NULL: with none.
     * That it cannot be compared is said in the record (since.error) and fails no run.
     */
    const char *since;
    struct str *since_keys; /* columns that say which rows are the same row */
    size_t nsince_keys;
    struct record_tool *drawn_with; /* what reports are drawn with, for the record (hb/report.h) */
    size_t ndrawn_with;
    struct {
        struct str name, sha256;
        struct run_file {
            struct str name, bytes;
        } * files;
        size_t nfiles;
    } theme; /* kept with the run, for its reports; no name: none */
    /*
     * Rows that were struck in this record are struck again where the cell has the same result. A cell with `review: true` that
     * nobody has looked at ends the run for now: status "review", exit code ERR_REVIEW. NULL: none were.
     */
    const struct record *reviewed;
    bool skip_review;                 /* the run goes on, and its record says that nobody looked */
    const struct playbook_test *test; /* its expectations are looked at when the cells are done; NULL: none */
};

struct run_result {
    struct record *record;
    struct store store;                 /* locked; store_unlock when its files are written */
    struct record_expectation *expects; /* of options.test */
    size_t nexpects;
};

/*
 * False only when there is nothing to report: no source, no output folder, no engine. A run whose cells
 * failed returns true; record->status, ->error and ->exit_code say how it ended. Faults of the playbook's
 * text go to diags.
 */
bool run_playbook(struct arena *a, const struct run_options *o, struct diags *d, struct run_result *out,
                  struct err *err);

/* Rows of a cell that is to be looked at: by numbers, by a KQL condition, or none of them, all with a reason. */
struct run_strike {
    struct str cell, reason, author;
    int64_t time;
    struct str rows;  /* "3,7-9" */
    struct str where; /* bool expression over the cell's columns */
};
/* Adds it to the record of a run that waits for it, and saves that; its reports and SHA256SUMS are the caller's (review.c). */
bool run_add_strike(struct store *s, struct record *r, const struct run_strike *strike, int64_t *nrows,
                    struct err *err);

/* The folder below `output` in which the runs of a playbook stand: hunts/x.hunt.yaml has x. */
struct str run_folder(struct arena *a, struct str playbook_path);

/* -- the plan (plan.c) -- */

struct plan_cell {
    const struct playbook_cell *spec;
    size_t *reads; /* indexes of the earlier cells whose tables it reads, ascending */
    size_t nreads;
    struct str *tables; /* names it reads that are no cells, in order of first use */
    size_t ntables;
    bool databases; /* database('d').T: every table in a folder of a source of files may be read */
    bool any_table; /* a wildcard, search or find: every table of the source may be read */
};

struct plan {
    struct plan_cell *cells;
    size_t n;
    struct str *tables; /* all of them, each once */
    size_t ntables;
    bool any_table, databases;
};

/* Who reads what, from the references in every query and expression. */
void plan_make(struct arena *a, const struct playbook *p, struct plan *out);

/*
 * What a run would do with each cell, without running anything (foresee.c): which ones it would take over from earlier runs below
 * options.output, and why not the others. Files of the source are hashed; a service is not asked.
 */
struct plan_fate {
    bool reused;
    bool
        perhaps; /* reused if a cell that it reads, of which only the text changed, gives the same result again */
    struct str run; /* the earlier run */
    struct str
        why; /* why it runs: "parameter lookback is ..., was ..."; whole sentence parts, joined by "; " */
};
bool plan_foresee(struct arena *a, const struct run_options *o, struct plan_fate **fates, struct err *err);

/* Every KQL text of a cell, in the order of its keys: queries, expressions, prose, options written as ${{ }}.
 */
enum plan_text { PLAN_QUERY, PLAN_EXPR, PLAN_CELL /* the bare id of a cell */ };
typedef void plan_visit(void *ctx, enum plan_text kind, const struct passage *text);
void plan_walk(const struct playbook_cell *c, plan_visit *visit, void *ctx);

#endif
