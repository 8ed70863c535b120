/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What check.c (names) and check_types.c (columns) share.
 */
#ifndef CHECK_INT_H
#define CHECK_INT_H

#include "hb/check.h"
#include "hb/kql.h"
#include "hb/vec.h"

struct checker {
    struct arena *arena;
    const struct playbook *p;
    struct diags *diags;
    bool *used;                            /* by parameter: something reads it */
    const struct connect_table **declared; /* by connect cells */
    size_t ndeclared;
};

/* The text as the source of a compiler's diagnostics. */
struct source *check_source(struct checker *ck, const struct passage *text);
/* Adds a compiler's diagnostics about the text at their place in the playbook. */
void check_move_diags(struct checker *ck, const struct passage *text, const struct diags *from);

#endif
