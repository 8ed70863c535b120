/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Projections that lie on each other become one (merge.c), for the emitter.
 */
#ifndef KQL_MERGE_H
#define KQL_MERGE_H

#include "bound.h"

struct merge {
    struct binder *b;
    const bool *live; /* by column number (prune.h) */
    int epoch;        /* of the statement: what is printed already stays */
    struct merge_mark *marks;
    unsigned group;
    size_t steps;
};

void merge_init(struct merge *m, struct binder *b, const bool *live);
/* *out: the projection `r` and those below it that may stand in the same SELECT; r itself where none may. */
void merge_run(struct merge *m, const struct brel *r, struct brel *out);

#endif
