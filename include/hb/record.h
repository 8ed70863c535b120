/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a run: what happened, complete enough to render every report from it alone.
 *
 * The interpreter fills a struct record cell by cell; manifest.c writes it as run.json and reads it back;
 * store.c owns the folder output/<playbook>/<run>/. Renderers take a struct record and never touch an engine,
 * a source or a playbook. Reading back what was written gives an equal record (tested), so a report made
 * after the run is byte-identical to one made with it.
 *
 * Memory: everything hangs off record.arena. All texts may be hostile and may hold any bytes; run.json keeps
 * invalid UTF-8 as base64, the Parquet files keep what the source gave. Times are ticks (hb/ticks.h), UTC.
 */
#ifndef HB_RECORD_H
#define HB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/err.h"
#include "hb/map.h"
#include "hb/str.h"
#include "hb/table.h"

/*
 * 2: the results fingerprint leaves out env and connect cells. Records of version 1 keep theirs. 3: every cell has a hash, so whoever adds
 * a member to a cell makes a new version: a program that does not know it would find another hash.
 */
enum { RECORD_VERSION = 3, RECORD_HASHED = 3 };

enum record_status {
    RECORD_NOT_RUN, /* the run ended before this cell */
    RECORD_OK,
    RECORD_FAILED,  /* reason says why */
    RECORD_SKIPPED, /* by `when`, `on_empty` or a failed input; reason says which */
};
const char *record_status_name(enum record_status s);

/* Markdown in which placeholders U+F0000 + i stand for values[i], so that no value is ever read as Markdown.
 */
struct record_prose {
    struct str markdown;
    struct str *values;
    size_t nvalues;
};

struct record_pair {
    struct str name;
    struct str value;
    struct str mark; /* "" or "ok", "missing", "warning": how the line is to be seen */
};

enum record_block_kind { BLOCK_PROSE, BLOCK_PAIRS, BLOCK_TABLE, BLOCK_CHART };

/* One thing a cell shows, in order. Only the members of its kind are set. */
struct record_block {
    enum record_block_kind kind;
    struct str caption; /* table, chart, pairs; may be empty */
    struct record_prose prose;
    struct record_pair *pairs;
    size_t npairs;
    struct {
        struct table *head;   /* the first rows, at most RECORD_HEAD_ROWS */
        struct str rows_file; /* "" or a file of the run with more rows than head, these included */
        struct table *rows;   /* what record_load_rows read from it; not part of run.json */
        int64_t total_rows;   /* rows of the whole result */
        size_t show_rows;     /* rows a page shows (display.rows); an HTML report offers all there are here */
        struct str why_order; /* "" or how ties were ordered */
        struct str mark_column; /* column whose value -1 / true marks a row as alarming, or "" */
    } table;
    struct {
        struct str file; /* charts/NN-id.svg below the run folder: our own SVG, read back by hb/chart.h */
        struct str svg;  /* its bytes */
        struct str text; /* what the chart shows, in words */
        struct str note; /* "" or what of the rows is not drawn, or is drawn by few of them */
    } chart;
};

enum { RECORD_HEAD_ROWS = 1000, RECORD_ROWS_MAX = 100000 };

struct record_expectation {
    struct str that;     /* the expression as written */
    struct str severity; /* note | warn | fail */
    struct str message;
    bool passed;
    struct str error; /* it could not be evaluated */
};

struct record_finding {
    bool open;                        /* its condition was true */
    struct str title, severity, when; /* severity: informational low medium high */
    struct str *techniques;
    size_t ntechniques;
    struct record_prose description;
    int64_t rows;        /* rows the finding rests on */
    int64_t first, last; /* ticks of the first and last event among them; 0: unknown */
};

/* A host, account, address ... that rows of an open finding name, by the playbook's entityMappings. */
struct record_entity {
    struct str type, identifier, column; /* Host, FullName, DeviceName */
    struct str value;
    int64_t rows;
    int64_t first, last; /* ticks; 0: unknown */
};

struct record_file {
    struct str path; /* relative to the run folder, or as given by the user for a source file */
    struct str sha256;
    int64_t bytes;
    int64_t rows; /* -1: not a table */
};

/* Rows that a person struck after looking at them: cells that read the cell do not see them. */
struct record_strike {
    struct str
        rows; /* numbers from 1, in the order of the result: "3,7-9"; empty: looked at, and none struck */
    int64_t nrows;
    struct str reason, author;
    int64_t time;
    struct table *head; /* the first RECORD_HEAD_ROWS of them, as they were; NULL: none */
};

struct record_cell {
    int number; /* 1.. in order of the playbook */
    struct str id, kind, title;
    struct record_prose description;
    enum record_status status;
    struct str reason;
    int64_t started;       /* ticks; 0 when it did not run */
    int64_t duration_us;   /* time taken; not part of the fingerprint */
    struct str query;      /* as written; empty when the cell has none */
    size_t query_line;     /* its first line in the playbook, from 1 */
    struct str query_sent; /* as sent: KQL with pinned clock and values bound */
    struct str sql;        /* local engine: what ran; empty otherwise */
    struct str engine;     /* "embedded" or the source's name */
    struct str *inputs;    /* tables and cells it read */
    size_t ninputs;
    int64_t rows; /* -1: the cell makes no table */
    struct record_column {
        struct str name;
        enum hb_type type;
    } * columns;
    size_t ncolumns;
    struct str fingerprint; /* SHA-256 over its canonical result; "" when it has none */
    struct str key; /* SHA-256 over all that its result depends on: with the same key it need not run again */
    struct str frozen; /* not of the record: its object in run.json (record_freeze_cell) */
    bool kept;         /* not of the record: taken over, from a run that was stopped or an earlier one */
    struct record_block *blocks;
    size_t nblocks, blocks_cap;
    struct record_expectation *expects;
    size_t nexpects, expects_cap;
    struct record_finding *findings; /* as declared; those not open are negative findings */
    size_t nfindings, findings_cap;
    struct record_entity *entities; /* of a cell with an open finding; most rows first */
    size_t nentities, entities_cap;
    int64_t entities_left;     /* further values that are not listed */
    struct record_file *files; /* what the cell left on disk */
    size_t nfiles, files_cap;
    struct str *warnings;
    size_t nwarnings, warnings_cap;
    struct { /* note cells */
        bool present, required;
        struct record_prose prompt;
        struct str verdict, text, author;
        int64_t time;
        struct str *choices;
        size_t nchoices;
    } note;
    struct record_pair
        *depends; /* what the key is made of: text, program, clock, parameters, tables, cells */
    size_t ndepends;
    struct {               /* it ran in an earlier run, and its result was taken over */
        struct str run;    /* that run's id; empty: it ran in this one */
        struct str sha256; /* of that run's run.json */
    } reused;
    struct {        /* `review: true` */
        bool asked; /* the cell has its rows, and a person is to look at them before other cells read them */
        struct record_strike *strikes; /* none: nobody has */
        size_t nstrikes;
    } review;
    struct str
        sha256; /* of all above as run.json has it; as it was read, and computed anew whenever it is written */
};

struct record_param {
    struct str name, type, value, description;
    bool is_default;
    struct str exact; /* the value as -p takes it, where `value` is not that */
};

struct record_source_table {
    struct str name;
    int64_t rows, rejected;
    struct str note;     /* "12 columns were loaded, those that the playbook reads"; or empty */
    int64_t first, last; /* time of first and last event; 0: unknown */
    struct str time_column;
    struct record_file *files;
    size_t nfiles;
    struct str *warnings;
    size_t nwarnings;
};

/* What is other than in an earlier run, kept as data so that reports are made of the record alone (since.c, hb/diff.h). */
struct record_change {
    struct str name, old, new; /* empty: not there */
};

struct record_since_finding {
    struct str cell, title, severity;
    struct str change; /* appeared | closed | not looked at */
};

struct record_since_cell {
    struct str id;
    struct str change;               /* same | changed | new | gone */
    struct str old_state, new_state; /* ok, failed ...; empty: the run has no such cell */
    int64_t old_rows, new_rows;      /* -1: no table */
    bool text_changed, columns_changed, order_changed;
    int64_t rows_new, rows_gone, rows_changed; /* of the whole results */
    struct str note;                           /* why rows were not compared, or empty */
    struct table
        *rows; /* the first of each kind: "change" (new, gone, before, after), then columns; NULL: none */
};

struct record_since {
    struct str dir;   /* of the earlier run, as found from record.cwd; empty: no comparison was asked for */
    struct str *keys; /* columns that say which rows are the same row */
    size_t nkeys;
    struct str run_id;   /* of the earlier run; empty: the run has not come to the comparison */
    struct str error;    /* why there is none */
    struct str playbook; /* its name */
    struct str status, fingerprint;
    int64_t now;
    bool same_results;
    struct record_change *params, *sources, *tools;
    size_t nparams, nsources, ntools;
    bool playbook_changed;
    struct str playbook_lines; /* lines with '-' or '+' in front; at most RECORD_SINCE_LINES of them */
    size_t playbook_lines_left;
    struct record_since_finding *findings;
    size_t nfindings;
    struct record_since_cell *cells; /* only those that are not as they were */
    size_t ncells, cells_same;
};

enum { RECORD_SINCE_ROWS = 20, RECORD_SINCE_LINES = 400 };

struct record_tool {
    struct str name, version, sha256; /* sha256: of a file, a font; empty for a library */
};

struct record_noted {
    int64_t time;
    struct str cell, verdict, author;
    struct str sha256; /* of its line in notes.jsonl */
};

struct record {
    struct arena *arena;
    int version;
    struct str run_id; /* <utc>-<6 hex> */
    struct str tool_version;
    struct record_pair *versions; /* libraries, fonts, gnuplot: name and version */
    size_t nversions, versions_cap;
    /* the playbook */
    struct {
        struct str path, sha256, id, name, version, author, tlp;
        struct record_prose description;
        struct str *tactics, *techniques, *tags, *references;
        size_t ntactics, ntechniques, ntags, nreferences;
        struct str hunt_kind;
        struct record_prose hypothesis, rationale, disproof, false_positives, next_steps;
        struct str scope;
        struct { /* PEAK's ABLE */
            struct str actor, behavior, location, evidence;
        } able;
        size_t nmappings; /* columns that entityMappings names */
    } playbook;
    struct record_param *params;
    size_t nparams;
    /* the run */
    int64_t now;    /* the pinned clock */
    bool now_given; /* by --now or by the sample data, else the start of the run */
    int64_t started, ended;
    struct str analyst, host, command_line; /* secrets never stand in them */
    struct str
        cwd; /* what relative paths of the record are relative to; ~ is the home folder, in all paths */
    bool allow_partial;  /* rows that could not be read were left out */
    struct str *resumed; /* a sentence for each time the run was stopped and continued */
    size_t nresumed, resumed_cap;
    struct str
        status; /* completed | failed | interrupted | review (waits for it) | unfinished (at work, or killed) */
    struct str error; /* of a failed run */
    int exit_code;
    /* the source */
    struct {
        struct str kind, name, detail;
        struct str path, origin; /* kind files: as given, and by what */
        bool sample;             /* shipped sample data: said on every page */
        struct record_source_table *tables;
        size_t ntables;
    } source;
    struct record_cell *cells;
    size_t ncells;
    struct str fingerprint; /* of the results: record_fingerprint */
    struct str *warnings;
    size_t nwarnings, warnings_cap;
    struct { /* how its reports look; its files are kept in theme/. No name: the built-in theme */
        struct str name, sha256;
        struct str *files;
        size_t nfiles;
    } theme;
    struct record_since since;
    struct record_tool *drawn_with; /* libraries and fonts that reports were drawn with here */
    size_t ndrawn_with;
    struct record_noted *notes; /* not part of run.json: the log of notes, oldest first, by notes_load */
    size_t nnotes;
    struct str user;         /* the account it ran under; `analyst` is who it says it is */
    struct str *environment; /* names of variables that were set and looked at, sorted */
    size_t nenvironment;
};

/* More rows than that cannot be struck from; a record that says so is damaged. */
enum { RECORD_STRUCK_MAX = 1 << 28 };
/* Row numbers as "3,7-9", and back: sets flags[0..n). False: not such a list, or beyond n. (strikes.c) */
void record_put_rows(struct buf *out, const bool *flags, size_t n);
bool record_parse_rows(struct str rows, bool *flags, size_t n);
/* Which of the c->rows rows are struck, in `a`; *count of them. */
bool *record_struck(struct arena *a, const struct record_cell *c, size_t *count);

struct record *record_new(struct arena *a);
struct record_block *record_add_block(struct record *r, struct record_cell *c, enum record_block_kind kind);
/* The cell of that id, or NULL. */
struct record_cell *record_find_cell(const struct record *r, struct str id);
/* How many findings were raised, or (false) looked for and not raised. */
size_t record_findings(const struct record *r, bool open);
void record_warn(struct record *r, struct record_cell *c /* NULL: the run */, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * The results fingerprint: SHA-256 over a line a cell of id, state, fingerprint of its table, verdicts of expectations and
 * findings, and rows struck. Not in it: cells of kind env and connect that judge nothing, texts, times, and which cells were taken over.
 * `version` is that of the record whose rule is followed.
 */
void record_fingerprint(const struct record *r, int version, char hex[65]);
/* Sets r->fingerprint by the rule of r->version. */
void record_seal(struct record *r);
/* The key of a cell that depends on these: SHA-256 over all names and values. */
struct str record_key(struct arena *a, const struct record_pair *depends, size_t n);
/* Is the cell as it was written? Not when it has no hash, in a record older than RECORD_HASHED. */
bool record_cell_is_whole(const struct record_cell *c);
/*
 * A cell that will not change: record_to_json takes the text made now, so that a record that is written after every cell does not
 * print all cells again each time. Thawed, all are printed as they are.
 */
void record_freeze_cell(struct record *r, struct record_cell *c);
void record_thaw(struct record *r);
/* Does the record contradict itself: another results fingerprint, or a key that is not that of what its cell depends on? */
bool record_is_consistent(const struct record *r, struct str *why);

/* run.json. The text is stable: same record, same bytes. */
void record_to_json(struct buf *out, const struct record *r);
/* The JSON Schema (2020-12) of run.json: docs/run.schema.json. */
void record_schema(struct buf *out);
/* Any version up to RECORD_VERSION; charts' bytes are read from `dir` (NULL: left empty). */
struct record *record_from_json(struct arena *a, struct str json, const char *dir, struct err *err);

struct engine;

/* -- rows for reports (rows.c) -- */

/* Rows as JSON lines: a line of columns, then a line a row. Exact, but for invalid UTF-8 in names. */
void record_rows_put(struct buf *out, const struct table *t);
bool record_rows_parse(struct arena *a, struct str text, struct table **out, struct err *err);
/* Reads the rows of every table that has a file of them, from the folder of the run; reports call this before they show
 * a record. */
bool record_load_rows(struct record *r, const char *dir, struct err *err);

/* -- the folder of a run (store.c) -- */

struct store {
    struct arena *arena;
    char *dir; /* output/<playbook>/<run> */
    char *run_id;
    int lock; /* 1 + the descriptor that holds the lock; 0: not locked */
    struct store_sum {
        struct str path, sha256;
    } * sums; /* of what this process committed: store_seal lists these, and reads only the other files */
    size_t nsums, sums_cap;
    struct store_move {
        const char *from, *to;
    } * moves; /* files that wait for store_settle */
    size_t nmoves, moves_cap;
    const char **settled; /* files that nobody has waited for yet */
    size_t nsettled, settled_cap;
    struct store_sync *sync; /* of store_write_soon; NULL: nothing is waited for */
};
/* Makes the folder <output>/<playbook slug>/<stamp>-<6 hex>; the stamp is `started`, the digits make it
 * unique. */
bool store_create(struct store *s, struct arena *a, const char *output, struct str playbook_slug,
                  int64_t started, struct err *err);
/* Opens an existing run folder for reading. */
bool store_open(struct store *s, struct arena *a, const char *dir, struct err *err);
/* One process at a time writes into a run: ERR_USAGE when another one does. Given back by store_unlock or the process's end. */
bool store_lock(struct store *s, struct err *err);
void store_unlock(struct store *s);
/* NAME.part, NAME.tmp123: what a process that was killed was writing. store_clean removes it; the caller holds the lock. */
bool store_is_leftover(struct str name);
bool store_clean(struct store *s, struct err *err);
/* Writes a file below the run folder durably (temporary name, sync, rename), after all that was settled; folders are made. */
bool store_write(struct store *s, const char *rel, struct str bytes, struct err *err);
/*
 * The file has its new content at once, and a thread waits until that and all that was settled is on disk. There is one at a time: this
 * waits for the one before, and fails as that did. Whoever calls it calls store_wait before the end.
 */
bool store_write_soon(struct store *s, const char *rel, struct str bytes, struct err *err);
/* Waits until all that was settled or written is on disk. */
bool store_wait(struct store *s, struct err *err);
char *store_path(const struct store *s, const char *rel);
/* For a file that the engine writes: makes its folder and gives the temporary name that store_commit takes.
 */
bool store_prepare(struct store *s, const char *rel, char **temp, struct err *err);
char *store_temp(const struct store *s, const char *rel);
/*
 * The temporary file is whole: *out gets path, hash and size (rows -1). `sha256`: of that file, from whoever hashed it; NULL: it is
 * hashed here. It has its final name after store_settle.
 */
bool store_commit(struct store *s, const char *rel, const char *sha256, struct record_file *out,
                  struct err *err);
/*
 * All that was committed gets its name: before the record names it. False: none of it is kept.
 */
bool store_settle(struct store *s, struct err *err);
/* SHA256SUMS over every file of the folder but itself, in the order of names: `sha256sum -c` reads it. */
bool store_seal(struct store *s, struct err *err);
/* Removes SHA256SUMS, so that a change that is stopped half way leaves a run without a list, not one that a list contradicts. */
bool store_unseal(struct store *s, struct err *err);
bool store_read_record(struct store *s, struct record **out, struct err *err);

/* -- what a cell left (load.c) -- */

/* Does the path name something inside of a run's folder? An absolute one does not, nor one with "..". */
bool record_is_inside(struct str path);
/* The path of a file of the run, inside of it and with the recorded hash; else NULL. ERR_VERIFY. In the store's arena. */
const char *record_whole_file(const struct store *s, const struct record_file *f, struct err *err);
/* The cell's file whose name ends so, like ".csv", or NULL. */
const struct record_file *record_file_with_end(const struct record_cell *c, struct str end);
/* record_whole_file of the file with all rows of the cell. ERR_USAGE: it has none. */
const char *record_parquet(const struct store *s, const struct record_cell *c, struct err *err);
/* That file as a table of an engine that is not locked; `a` for what is needed meanwhile. */
bool record_load_cell(struct engine *e, const struct record_cell *c, const char *parquet, struct str table,
                      struct arena *a, struct err *err);

/* A name safe for a path: letters, digits, dot, dash, underscore; others become a dash; never empty, never a
 * leading dot. */
struct str store_slug(struct arena *a, struct str name);

#endif
