/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run under way: what the interpreter, the catalogue and the verdicts share.
 */
#ifndef RUN_INT_H
#define RUN_INT_H

#include "hb/cell.h"
#include "hb/run.h"

struct running {
    struct arena *arena;
    const struct run_options *options;
    struct plan plan;
    struct engine *engine;
    struct store *store;
    struct record *record;
    struct record_cell *current; /* the cell whose turn it is, or NULL */
    struct kql_catalog catalog;
    struct diags *diags;
};

struct kql_catalog run_catalog(struct running *run);

/* The header of the record: playbook, parameters, versions (header.c). */
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
