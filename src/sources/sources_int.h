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
    /* Remote kinds only: tables is NULL then. */
    bool (*connect)(struct source_conn *c, struct err *err);
    bool (*query)(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err);
};

/* A profile in use: what remote kinds share. */
struct source_conn {
    struct arena *arena;
    const struct source_profile *profile;
    const struct source_kind *kind;
    struct http *http;
    struct azure_cred *cred;
    struct str *tables;
    size_t ntables, tables_cap;
};

/* The files of the tables that are asked for, hashed and not loaded (files.c). */
bool source_files_hash(struct arena *a, const struct source_profile *p, const struct source_request *req,
                       struct record *r, struct err *err);

extern const struct source_kind source_files, source_loganalytics;

#endif
