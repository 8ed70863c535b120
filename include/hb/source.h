/* layer: sources */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: where the tables of a run come from. Which one is configuration, never part of a playbook.
 *
 * A profile says what was configured; source_load_tables makes it ready: for files, every table the plan names is
 * loaded into the engine, so that all queries run there.
 *
 * To add a kind: a row in src/sources/source.c, and a row in `takers` of config.c.
 */
#ifndef HB_SOURCE_H
#define HB_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/azure.h"
#include "hb/diag.h"
#include "hb/engine.h"
#include "hb/err.h"
#include "hb/record.h"

struct source_profile {
    struct str name;        /* as configured; "data" for --data, "sample" for the shipped data */
    struct str kind;        /* files, loganalytics, adx, defender */
    const char *path;       /* files: a folder or a file */
    struct str origin;      /* where it was configured, for messages and the report */
    bool sample;            /* the sample data beside the playbook */
    struct str *workspaces; /* loganalytics: GUIDs, or ids of resources ("/subscriptions/...") */
    size_t nworkspaces;
    struct str endpoint;          /* remote kinds */
    struct str older_endpoint;    /* defender: the older API */
    struct str database;          /* adx */
    const char *ca_file, *ca_dir; /* NULL: the system's certificates */
    double retry_budget;          /* seconds of waiting between the tries of a request */
    struct azure_settings azure;  /* how to sign in */
    struct str fault;             /* why it cannot be used; empty: it can */
};

struct source_choice {
    const char *data;   /* --data DIR|FILE, or NULL */
    const char *name;   /* --source NAME, or NULL */
    const char *config; /* --config FILE, or NULL */
    const char *playbook_dir;
    const char *config_home;                  /* $XDG_CONFIG_HOME or $HOME/.config, or NULL */
    const char *home;                         /* $HOME, or NULL */
    struct azure_env env;                     /* for what a profile leaves to the environment */
    void (*tell)(void *ctx, struct str text); /* shows a person how to sign in; NULL: nobody is there */
    void *tell_ctx;
};

/*
 * Finds the profile: --data, --source, the configuration's default, else the sample data beside the playbook.
 * Faults of the configuration file go to `d` with their place, and the first one to *err. Everything lives in
 * `a`.
 */
bool source_choose(struct arena *a, const struct source_choice *c, struct source_profile *out,
                   struct diags *d, struct err *err);

/* All profiles of the configuration that is nearest, and the name of its default (empty: none). Faulty ones are listed with
 * their fault. */
bool source_list(struct arena *a, const struct source_choice *c, struct source_profile **out, size_t *n,
                 struct str *def, struct diags *d, struct err *err);

/* What a sample folder says of itself in sample.yaml. */
struct source_sample {
    bool present;
    int64_t now; /* ticks: the end of its data, the clock of a run that was given none */
};
bool source_read_sample(struct arena *a, const struct source_profile *p, struct source_sample *out,
                        struct diags *d, struct err *err);

/*
 * The tables that the source offers, sorted by name, without loading anything. ERR_USAGE for a remote one, and for files that are none;
 * with `databases` it is enough that folders hold some, which are not among the names.
 */
bool source_tables(struct arena *a, const struct source_profile *p, bool databases, struct str **names,
                   size_t *n, struct err *err);

/* A table of which only these columns are needed (those that it does not have are ignored). */
struct source_columns {
    struct str table;
    const struct str *columns;
    size_t ncolumns;
};

struct source_request {
    struct str *tables; /* to be loaded; those the source does not have are left out */
    size_t ntables;
    const struct source_columns *columns; /* tables that are not in this list are loaded whole */
    size_t ncolumns;
    bool databases;           /* of files: also those in folders, which are databases */
    bool allow_partial;       /* rows that cannot be read are counted and left out; else they are an error */
    struct source_conn *conn; /* of a remote source */
};
/* Loads the tables, of a remote source only their columns, and describes the source in r->source. */
bool source_load_tables(struct arena *a, const struct source_profile *p, const struct source_request *req,
                        struct engine *e, struct record *r, struct err *err);

/* The source as it stands, with nothing loaded and nobody asked: of files their hashes, of a remote source only its name. */
bool source_hash_tables(struct arena *a, const struct source_profile *p, const struct source_request *req,
                        struct record *r, struct err *err);

/* -- remote sources: they hold the rows and run the queries -- */

struct source_conn;

/* Signs in. *out is NULL when the source is not remote. *stop (may be NULL) ends requests; `waiting` as in
 * hb/net.h. */
struct source_watch {
    const volatile int *stop;
    void (*waiting)(void *ctx, double seconds, int status);
    void *ctx;
};
bool source_connect(struct arena *a, const struct source_profile *p, const struct source_watch *w,
                    struct source_conn **out, struct err *err);
void source_close(struct source_conn *c); /* NULL is allowed */
/* One of the tables that source_load_tables found there. */
bool source_has_table(const struct source_conn *c, struct str table);
/* What stands for it in `query`: its name, or an expression in brackets, with `extra` ("| where ...") behind. The other dialect's
 * name of the time column is added where the query says it; *more_columns becomes true then. */
void source_put_table(const struct source_conn *c, struct str table, struct str query, struct str extra,
                      struct buf *out, bool *more_columns);
/* The column of its events' time; empty: none. */
struct str source_time_column(const struct source_conn *c, struct str table);
bool source_is_remote(const struct source_profile *p);
/* For `auth status`: who is signed in, where, and what the token is for. */
const struct azure_cred *source_credential(const struct source_conn *c);
struct str source_scope(const struct source_conn *c);

struct source_query {
    struct str text;  /* KQL that stands by itself */
    double timeout;   /* seconds; 0: the service's default */
    int64_t max_rows; /* more are not kept; 0: all */
    struct engine *engine;
    struct str table;       /* the engine's table that gets the rows */
    const struct str *drop; /* columns of these names, or with a number behind, are not kept ... */
    size_t ndrop;
    const struct kql_column *own; /* ... except these, which the query itself has */
    size_t nown;
    struct str place; /* of several workspaces: this one; empty: the first */
};
/* What was asked and answered: evidence. */
struct source_reply {
    int64_t rows, bytes;     /* bytes of the last body, decoded */
    bool cut;                /* there were more than max_rows */
    bool partial;            /* the service left rows out */
    struct str partial_text; /* what it says of that */
    struct str url;
    struct str request_id, service_id; /* ours, the same for all tries; the service's, or empty */
    int tries, status;                 /* HTTP; 0: none */
    double seconds;
    struct str statistics;         /* JSON of the service, or empty */
    struct str fault_code;         /* of an error, as the service says it */
    bool fault_name;               /* the error is about a name in the query that the service does not know */
    int64_t fault_line, fault_pos; /* the place in the text, from 1; 0: not known */
};
/* The reply is filled as far as it goes when this fails. */
bool source_query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err);

#endif
