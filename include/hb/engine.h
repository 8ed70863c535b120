/* layer: engine */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded engine: tables in memory, loaded from files or put from the program, and queries compiled from
 * KQL run on them. DuckDB does the work; only this folder knows it, and its library is loaded by the first
 * engine_open.
 *
 * Life of an engine:
 *     engine_open, engine_load for every table, engine_lock, then queries, puts, exports, engine_close.
 * After engine_lock no statement can read a file, load an extension or change a setting; what was compiled
 * from a playbook may run only then (engine_create and engine_query refuse before it).
 *
 * Tables carry their KQL name in the registry here; in SQL they are t<N> with columns c<i>. The registry is
 * what the KQL compiler asks (engine_table). Row order of a table is the order of its file or query, and is
 * kept.
 *
 * One thread at a time uses an engine, but for engine_interrupt. Results live in the arena handed in. Errors:
 * false and *err: ERR_RUN (failed, timed out, out of memory), ERR_INTERRUPT, ERR_USAGE (no such table),
 * ERR_PARTIAL (rows of a file could not be read).
 */
#ifndef HB_ENGINE_H
#define HB_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/err.h"
#include "hb/kql.h"
#include "hb/str.h"
#include "hb/table.h"

struct engine;

struct engine_options {
    uint64_t memory_limit; /* bytes for DuckDB's buffers; 0: 60 % of the machine's memory */
    int threads;           /* 0: the cores this process may use */
    const char *temp_dir;  /* where big intermediate results spill; NULL: they fail instead. Must exist */
    const char *write_dir; /* the only folder engine_export may write below; NULL: none. Must exist */
    /* Little memory rather than speed: one thread unless `threads` says more, small groups of rows in files, freed
     * memory goes back at once (when set for the first engine of the process). */
    bool frugal;
    bool progress; /* work out the fraction done for engine_set_progress; costs some percent of time */
};

/* Loads the library and opens an empty database. About 15 ms. NULL and *err when the library is missing or
 * too old. */
struct engine *engine_open(const struct engine_options *options, struct err *err);
void engine_close(struct engine *e);                /* NULL is allowed */
const char *engine_version(const struct engine *e); /* "v1.5.6" */

/* ---- Loading files, before the lock ---- */

enum load_format { LOAD_CSV, LOAD_JSON, LOAD_PARQUET };

/* What the beginning of a file says. */
struct file_head {
    enum load_format format;
    bool gzip;
    char delimiter;      /* CSV: , ; tab or | */
    struct str *columns; /* names as KQL will see them ("TimeGenerated [UTC]" becomes "TimeGenerated") */
    size_t ncolumns;     /* JSON: the keys of the first rows only */
};

/*
 * One KQL table from one or more files: CSV or TSV (.csv .tsv .txt .log), JSON lines or array (.json .jsonl
 * .ndjson), Parquet (.parquet), all but the last also with .gz behind. Columns of several files are joined by
 * name; what a file lacks is null. Types: `schema` if given; else the built-in schema of a known table of
 * that name; else a type that every non-empty value of the column converts to, string if there is none.
 */
struct load_request {
    struct str table;
    const char *const *paths;
    size_t npaths;
    const struct str *columns; /* only these are loaded; those no file has are ignored */
    size_t ncolumns;           /* 0: all */
    const struct kql_column *schema;
    size_t nschema;
    bool allow_rejects; /* unreadable rows are left out and counted; else they are ERR_PARTIAL and nothing is
                           loaded */
};

struct load_column {
    struct str name;
    enum hb_type type;
    int64_t failed;     /* values that are not of this type and became null */
    struct str example; /* one of them, cut to 60 bytes */
};

struct load_file {
    struct str path;
    int64_t bytes; /* as on disk */
    char sha256[65];
};

struct load_report {
    int64_t rows;
    int64_t rejected;       /* rows left out: too few or too many fields, not UTF-8, a line over the limit */
    struct str reject_note; /* the first one: "line 7 of 'x.csv': expected 5 values, found 3" */
    struct load_column *columns;
    size_t ncolumns;
    struct load_file *files;
    size_t nfiles;
    bool has_time;
    int64_t first, last;  /* ticks: the smallest and largest TimeGenerated or Timestamp */
    struct str *warnings; /* whole sentences for the person, in a fixed order */
    size_t nwarnings;
};

/* True when the name of the file says it holds a table (engine_load reads it). */
bool engine_knows_file(const char *path);
/* The table name a file stands for: its base name up to the first dot. */
struct str engine_file_table(const char *path);
/* Reads only the beginning (but for Parquet, its end). `e` is needed for Parquet and gzip; it may be NULL for
 * others. */
bool engine_peek(struct engine *e, const char *path, struct arena *a, struct file_head *out, struct err *err);
bool engine_load(struct engine *e, const struct load_request *req, struct arena *a, struct load_report *out,
                 struct err *err);
/* An empty table of the given shape. */
bool engine_create_empty(struct engine *e, struct str name, const struct kql_column *columns, size_t n,
                         struct err *err);

/* Files, extensions and settings become out of reach for good. */
bool engine_lock(struct engine *e, struct err *err);

/* ---- Tables ---- */

/* The catalogue entry of a table: its SQL name and columns. Valid until the table is replaced or the engine
 * closed. */
bool engine_table(struct engine *e, struct str name, struct kql_table *out);
size_t engine_ntables(const struct engine *e);
struct str engine_table_name(const struct engine *e, size_t i); /* in order of creation */
bool engine_rows(struct engine *e, struct str name, int64_t *rows, struct err *err);
bool engine_drop(struct engine *e, struct str name, struct err *err);

/*
 * Runs a compiled query into a table (a table of that name is replaced, also when the query reads it). At
 * most max_rows rows are kept (0: all); *cut says whether there were more. `rows` and `cut` may be NULL.
 */
bool engine_create(struct engine *e, struct str name, const struct kql_compiled *query, int64_t max_rows,
                   int64_t *rows, bool *cut, struct err *err);
/* A table from values in memory. */
bool engine_put(struct engine *e, struct str name, const struct table *t, struct err *err);
/* More rows behind those of a table; t has its columns. On failure some rows may be there: drop the table. */
bool engine_append(struct engine *e, struct str name, const struct table *t, struct err *err);
/* Table `name` = table `from` with the columns of `extra` behind its own, row by row. The row counts must be
 * equal. */
bool engine_extend(struct engine *e, struct str name, struct str from, const struct table *extra,
                   struct err *err);

/* ---- Asking ---- */

/* Runs a compiled query; at most max_rows rows come back (0: all), *cut says whether there were more (may be
 * NULL). */
bool engine_query(struct engine *e, const struct kql_compiled *query, struct arena *a, size_t max_rows,
                  struct table **out, bool *cut, struct err *err);
/* Runs a compiled query for its failure alone: every value of its rows is computed, and none kept. */
bool engine_try(struct engine *e, const struct kql_compiled *query, struct err *err);
/* All rows of a compiled query, in the form kql_options.stage wants; ctx is the engine. */
bool engine_stage(void *ctx, const struct kql_compiled *query, struct arena *a, struct table **out,
                  struct err *err);
/* Rows [offset, offset + limit) of a table (limit 0: to the end); the columns named, or all when ncolumns is
 * 0. */
bool engine_fetch(struct engine *e, struct str name, int64_t offset, int64_t limit, const struct str *columns,
                  size_t ncolumns, struct arena *a, struct table **out, struct err *err);
/*
 * Writes a table as files below write_dir; either path may be NULL. Written in place: the caller names a
 * temporary file and commits it (store_commit). Parquet: column names as in KQL, datetimes as timestamps (with
 * nanoseconds when needed), timespans as intervals when they are whole milliseconds, else both as text;
 * dynamic as JSON. CSV: header, ISO datetimes with 7 digits and Z, shortest reals, and an apostrophe before
 * text that begins with = + - @ tab or CR. `quoted` (may be NULL) counts those apostrophes.
 */
bool engine_export(struct engine *e, struct str name, const char *path_parquet, const char *path_csv,
                   int64_t *quoted, struct err *err);
/*
 * SHA-256 over the names, types and values of a table, 64 hex digits and NUL. Independent of threads and time
 * taken; without `ordered` also of the order of the rows.
 */
bool engine_fingerprint(struct engine *e, struct str name, bool ordered, char hex[65], struct err *err);
/*
 * All that a run keeps of a table, at once: its fingerprint, and both files of engine_export with their hashes, the CSV beside the
 * Parquet. False: either file may be there, and in part.
 */
struct engine_kept {
    char fingerprint[65], parquet_sha256[65], csv_sha256[65];
    int64_t quoted;
};
bool engine_keep(struct engine *e, struct str name, bool ordered, const char *path_parquet,
                 const char *path_csv, struct engine_kept *out, struct err *err);

/* ---- Limits ---- */

/* Every statement from now on may take this long; 0: no limit. */
void engine_set_timeout(struct engine *e, double seconds);
/*
 * Called from another thread some times a second while a statement runs: fraction in 0..1 (-1: not known) and
 * seconds since it began. NULL switches it off.
 */
typedef void engine_progress_fn(void *ctx, double fraction, double seconds);
void engine_set_progress(struct engine *e, engine_progress_fn *fn, void *ctx);
/* Stops the running statement and refuses all later ones (ERR_INTERRUPT). Safe from any thread and from a
 * signal handler. */
void engine_interrupt(struct engine *e);

#endif
