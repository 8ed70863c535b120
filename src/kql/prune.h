/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live columns of a statement (prune.c), for the emitter.
 */
#ifndef KQL_PRUNE_H
#define KQL_PRUNE_H

#include "bound.h"

struct prune_result {
    bool *live; /* by column number: somebody reads it */
    struct kql_scan *scans;
    size_t nscans, cap_scans;
    struct str source; /* kql_compiled.source */
    bool complete;     /* false: too large to look at, all is live and scans are not known */
};

/* Of a relation whose visible columns are all read, or of a scalar expression (the other is NULL). */
void prune_run(struct binder *b, struct brel *rel, const struct bexpr *scalar, struct prune_result *out);
/* Item `item` of r is printed. */
bool prune_keeps(const struct brel *r, size_t item, const bool *live);

#endif
