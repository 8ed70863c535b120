/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row a kind of source.
 */
#ifndef SOURCES_INT_H
#define SOURCES_INT_H

#include "hb/source.h"

struct source_kind {
    const char *name;
    bool (*tables)(struct arena *a, const struct source_profile *p, struct str **names, size_t *n,
                   struct err *err);
    bool (*load)(struct arena *a, const struct source_profile *p, const struct source_request *req,
                 struct engine *e, struct record *r, struct err *err);
};

extern const struct source_kind source_files;

#endif
