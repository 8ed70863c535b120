/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row a kind of source, and what remote kinds share: a kind says what to ask (struct ask), ask.c asks it.
 */
#ifndef SOURCES_INT_H
#define SOURCES_INT_H

#include "hb/source.h"

struct ask;

struct source_kind {
    const char *name;
    bool (*tables)(struct arena *a, const struct source_profile *p, bool databases, struct str **names,
                   size_t *n, struct err *err);
    bool (*load)(struct arena *a, const struct source_profile *p, const struct source_request *req,
                 struct engine *e, struct record *r, struct err *err);
    /* Remote kinds only: tables is NULL then. */
    bool (*connect)(struct source_conn *c, struct err *err);
    bool (*query)(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err);
    /* "workspace X at https://..." */
    struct str (*where)(const struct source_conn *c, struct arena *a);
};

/* A table as a remote source has it. */
struct remote_table {
    struct str name;
    struct str alias, alias_of; /* the other dialect's name of its time column, and that column; or empty */
    struct str time;            /* the column of the event's time, or empty */
    struct str *places;         /* of several: those that have it */
    size_t nplaces;
};

/* A profile in use: what remote kinds share. */
struct source_conn {
    struct arena *arena;
    const struct source_profile *profile;
    const struct source_kind *kind;
    struct http *http;
    struct azure_cred *cred;
    struct str scope;
    bool older; /* adx: v1; defender: the older API */
    struct remote_table *tables;
    size_t ntables, tables_cap;
};

/* The files of the tables that are asked for, hashed and not loaded (files.c). */
bool source_files_hash(struct arena *a, const struct source_profile *p, const struct source_request *req,
                       struct record *r, struct err *err);

/* -- asking (ask.c) -- */

enum { ASK_HEADERS = 6, SOURCE_BODY_MAX = 512 << 20 };

struct meaning {
    int status;
    const char *text; /* NULL: the end */
};
struct ask {
    struct str url, body, scope;
    const char *headers[ASK_HEADERS]; /* NULL-terminated unless full */
    const char *id_header, *id_prefix;
    double timeout;
    enum azure_form form;
    const struct meaning *meanings; /* of this service, before the common ones; may be NULL */
};
bool source_ask(struct source_conn *c, const struct ask *question, const struct source_query *q,
                struct arena *a, struct source_reply *out, struct err *err);

struct json_pair {
    const char *key;
    struct str value; /* empty: left out */
    bool raw;         /* JSON already */
};
struct str source_json_body(struct arena *a, const struct json_pair *pairs, size_t n);

/* -- configuration (config.c, msticpy.c) -- */

struct profile_list {
    struct source_profile *items;
    size_t n;
    struct str def;   /* the default, or empty */
    const char *file; /* NULL: there is no configuration */
};
bool config_first_error(const struct diags *d, struct err *err);
bool config_read(struct arena *a, const struct source_choice *c, const char *file, struct profile_list *out,
                 struct diags *d, struct err *err);
/* Moves what was found to d, without the lines of the file: one may hold a secret. */
void config_tell(struct diags *found, const struct source *src, struct diags *d);
bool config_is_variable(struct str name);
/* Checks an address; false and p->fault when it may not be asked. Empty is right. */
bool config_url(struct arena *a, struct source_profile *p, const char *what, struct str url);
/* As said, by its name, or by the variables key_vault_url and key_vault_name; empty: none of them. */
struct str config_vault_url(struct arena *a, const struct azure_settings *s, struct str url, struct str name);
/* What users of curl set: CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR. */
void config_certificates(struct source_profile *p, const struct azure_env *env);

bool is_msticpy(const char *path);
const char *msticpy_find(struct arena *a, const struct source_choice *c); /* NULL: there is none */
bool msticpy_read(struct arena *a, const struct source_choice *c, const char *file, struct profile_list *out,
                  struct diags *d, struct err *err);

/* -- remote kinds (remote.c) -- */

/* Asks for the columns of every table; those that the service does not know are left out. */
bool remote_load(struct arena *a, const struct source_profile *p, const struct source_request *req,
                 struct engine *e, struct record *r, struct err *err);

extern const struct source_kind source_files, source_loganalytics, source_adx, source_defender;

#endif
