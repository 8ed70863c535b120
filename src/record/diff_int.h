/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What diff.c (records) and diffrows.c (rows) share.
 */
#ifndef DIFF_INT_H
#define DIFF_INT_H

#include "hb/diff.h"
#include "hb/engine.h"

struct differ {
    struct arena *arena;
    const struct diff_side *old, *new;
    const struct diff_options *options;
    struct engine *engine; /* opened for the first cell that needs it */
};

/* Compares the whole results of a cell that both runs have. */
bool diff_rows(struct differ *d, struct diff_cell *c, struct err *err);

#endif
