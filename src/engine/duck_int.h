/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files duck_*.c and udf*.c share: the engine itself, statements under limits, results as tables.
 * Nobody else includes this header or duckdb.h.
 */
#ifndef HB_ENGINE_DUCK_INT_H
#define HB_ENGINE_DUCK_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "duck_api.h"
#include "hb/buf.h"
#include "hb/engine.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include <assert.h>

/* Catalogue entry: name as KQL knows it -> t<number> with columns c<i>. */
struct engine_tab {
    struct engine_tab *next;
    struct arena *arena; /* holds this entry */
    struct str name;
    struct kql_table kql;
    int64_t rows;
};

/* Counts what did not convert while a file is loaded; written by the ingest functions from DuckDB's threads. */
struct ingest_slot {
    atomic_llong failed;
    bool guessed;      /* the type of the column is inferred: values must look like it */
    atomic_uint types; /* bits of hb_type that every failed value would convert to */
    pthread_mutex_t lock;
    char example[64];
    size_t example_len;
};

/*
 * A connection and the statement that runs on it. The first lane is everybody's; the second belongs to engine_keep, which writes a
 * file there while it writes another on the first.
 */
struct engine_lane {
    duckdb_connection con;
    bool running, timed_out;
    double began, deadline; /* seconds of the monotonic clock; deadline 0: none */
};
enum { LANE_MAIN, LANE_SIDE, LANES };

/* Wakes up while statements run: deadline, interrupt, progress. Its lock guards the lanes but for `con`. */
struct engine_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

struct engine {
    duckdb_database db;
    struct engine_lane lanes[LANES];
    bool locked;
    bool have_watch;
    char *write_dir; /* resolved; NULL: none */
    char *temp_dir;
    struct engine_tab *tabs, **tabs_end; /* in order of creation */
    uint64_t next_number;
    double timeout;
    size_t threads;
    bool frugal;
    engine_progress_fn *progress;
    void *progress_ctx;
    atomic_bool interrupted;
    struct engine_watch watch;
    struct ingest_slot *slots;
    size_t nslots;
    atomic_llong bad_lines;    /* lines of JSON files that are no objects */
    atomic_llong apostrophes;  /* put before text of a CSV export */
    struct print_job *hashing; /* while a fingerprint is taken */
};

/* ---- duck_run.c: statements ---- */

bool watch_start(struct engine *e, struct err *err);
void watch_stop(struct engine *e);
/* Runs one statement under the limits. *out (may be NULL) must be destroyed by the caller when true came back. */
bool engine_run(struct engine *e, const char *sql, duckdb_result *out, struct err *err);
/* The same on a lane. */
bool engine_run_on(struct engine *e, int lane, const char *sql, duckdb_result *out, struct err *err);
/* A statement without a result that takes long and runs beside another one. */
bool engine_run_beside(struct engine *e, int lane, const char *sql, struct err *err);
/* The same as engine_run for a SELECT whose columns must have the physical types of `cols`. */
bool engine_run_typed(struct engine *e, const char *sql, const struct kql_column *cols, size_t ncols,
                      duckdb_result *out, struct err *err);
/* printf for statements: formats, runs, forgets the result. */
bool engine_exec(struct engine *e, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The only value of the first row, as BIGINT; NULL gives `null_value`. */
bool engine_scalar(struct engine *e, const char *sql, int64_t null_value, int64_t *out, struct err *err);
/* Any SELECT with the types DuckDB says: for the engine's own questions and for tests. */
bool engine_sql(struct engine *e, const char *sql, struct arena *a, struct table **out, struct err *err);
/* 'text' with quotes doubled; NUL bytes become chr(0) joined with ||. */
void sql_put_text(struct buf *b, struct str s);

/* ---- duck_table.c: results and the registry ---- */

/* DuckDB's type for a KQL type, as SQL text and as id. */
const char *duck_type_name(enum hb_type t);
duckdb_type duck_type_id(enum hb_type t);
enum hb_type duck_type_back(duckdb_type id); /* HB_UNKNOWN when no KQL type has it */
struct str duck_str(const duckdb_string_t *s);
static inline bool duck_valid(const uint64_t *mask, idx_t row)
{
    return !mask || (mask[row / 64] >> (row % 64) & 1);
}
/* Reads a result (not destroyed) into a table; stops after max_rows (0: all) and says so in *cut. */
bool result_table(duckdb_result *r, const struct kql_column *cols, size_t ncols, struct arena *a,
                  size_t max_rows, struct table **out, bool *cut, struct err *err);

struct engine_tab *tab_find(const struct engine *e, struct str name);
bool tab_need(struct engine *e, struct str name, struct engine_tab **out, struct err *err); /* ERR_USAGE */
/* A new entry, not yet in the list. Its SQL name is new. */
struct engine_tab *tab_new(struct engine *e, struct str name, const struct kql_column *cols, size_t ncols);
/* CREATE TABLE with the physical types. */
bool tab_create(struct engine *e, const struct engine_tab *tab, struct err *err);
/* Puts it in the list (in the place of one with the same name, which is dropped) and counts its rows. */
bool tab_commit(struct engine *e, struct engine_tab *tab, struct err *err);
void tab_discard(struct engine *e, struct engine_tab *tab);

/* ---- duck_hash.c: fingerprints ---- */

bool hash_register(struct engine *e, struct err *err);
/*
 * The fingerprint by way of any statement that scans all rows of the table, has the condition in its WHERE, and is run between start
 * and finish; one at a time. `ran`: it went well, else *err says why already. finish frees the job.
 */
struct print_job *print_start(struct engine *e, const struct engine_tab *tab);
void print_put_condition(const struct print_job *job, struct buf *sql);
bool print_finish(struct engine *e, struct print_job *job, bool ran, bool ordered, char hex[65],
                  struct err *err);

/* ---- follow.c: the hash of a file while it is written ---- */

struct follow;
/* `path` need not be there yet, but what comes to be there is only added to; it lives until follow_finish. */
struct follow *follow_start(const char *path);
void follow_whole(struct follow *f); /* nothing more is written; from any thread */
/* Says the same, waits, frees. False and *err: the file cannot be read. */
bool follow_finish(struct follow *f, char hex[65], struct err *err);

/* ---- udf.c ---- */

bool udf_register_all(struct engine *e, struct err *err);

#endif
