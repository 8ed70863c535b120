/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KQL: a pure compiler. Text in, syntax tree, references, SQL, column types and diagnostics out; no I/O, no
 * clock.
 *
 * Types in SQL, for what goes in (physical tables) and what comes out (the statement's columns):
 *     bool BOOLEAN   int INTEGER   long BIGINT   real DOUBLE   decimal HUGEINT (hb/decimal.h)   guid UUID
 *     datetime, timespan: BIGINT ticks (hb/ticks.h)   string: VARCHAR, never NULL   dynamic: VARCHAR, compact
 * JSON or NULL The SQL calls the scalar functions listed in hb/kql_udf.h.
 *
 * Memory: everything returned hangs off the arena handed in and holds views into the source text, which must
 * live as long. Problems go to `diags` with their place; several are reported in one pass.
 */
#ifndef HB_KQL_H
#define HB_KQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/err.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- syntax (lex.c, parse*.c) -- */

struct kql_ast; /* the tree: src/kql/ast.h */

/*
 * Parses a query: statements parted by ';'. Accepts what the reference parser accepts, names and types not
 * looked at. Never NULL: after errors the tree holds error nodes where something could not be read.
 */
struct kql_ast *kql_parse(struct arena *a, const struct source *src, struct diags *diags);
/* Parses one expression (rows > 0, toscalar(T | count)): the tree has one statement that is the expression.
 */
struct kql_ast *kql_parse_expr(struct arena *a, const struct source *src, struct diags *diags);
/* No error was reported while parsing it. */
bool kql_ast_ok(const struct kql_ast *ast);

/* One line a token: offset, kind, text. */
void kql_dump_tokens(struct buf *out, const struct source *src);
/* The tree, one node a line, indented. Stable: fit for golden files. */
void kql_dump_ast(struct buf *out, const struct kql_ast *ast);

/* -- references (refs.c) -- */

enum kql_ref_kind {
    KQL_REF_TABLE,  /* where only a table can stand: before a pipe, in join, union, find */
    KQL_REF_ANY,    /* table or scalar, the place does not tell: let x = NAME, in (NAME), f(NAME) of a let
                       function */
    KQL_REF_SCALAR, /* in a scalar expression: a column, a parameter, `rows`, `cells` ... */
    KQL_REF_CALL,   /* a function called where a table stands: _GetWatchlist('x'); its name */
    KQL_REF_CLOCK,  /* now() or ago(x): `name` is the function, `span` the whole call */
};

/*
 * A name the query reads and does not bind itself. Names bound by let, by lambda parameters, by `as` and by
 * graph patterns are left out where they are in scope; column names are not known here and are reported as
 * KQL_REF_SCALAR.
 */
struct kql_ref {
    enum kql_ref_kind kind;
    struct str name;
    struct span span;      /* of the name */
    struct str member[2];  /* cells.temp_path.rows: "temp_path", "rows"; empty views where there is none */
    struct span path_span; /* of the name with its members */
    bool wildcard;         /* T* in a union */
    bool of_database; /* database('d').T, X.T of macro-expand: a table of the source may be called d/T then */
    bool name_only;   /* no expression may stand in its place: find in (T), search in (T), table('T') */
};

struct kql_refs {
    struct kql_ref *items; /* in order of their place in the text */
    size_t n;
};

/*
 * Whether a text, of one query or of many, may name databases: it has database(, cluster( or one of their like in it. It may be wrong with
 * a text that has them in a string.
 */
bool kql_may_name_databases(struct str text);
/* d/T, c/d/T: a table of the source that only database('d').T reads. */
bool kql_of_database(struct str table);
struct kql_refs kql_references(struct arena *a, const struct kql_ast *ast);

/* -- queries that may be asked in parts (rowwise.c) -- */

struct kql_row_by_row {
    struct str table;
    struct span place;     /* of the table's name */
    size_t conditions_end; /* behind the `where`s that follow it at once */
};
/* A pipeline from one name, with operators that look at each row by itself. */
bool kql_row_by_row(const struct kql_ast *ast, struct kql_row_by_row *out);

/* -- compiling (bind*.c, sql.c) -- */

struct kql_column {
    struct str name;
    enum hb_type type;
};

/* A second name of a column, for references only: `project *`-like results show the column once, by its own name. */
struct kql_alias {
    struct str name; /* no column is called so */
    size_t col;
};

/* A physical table. Column i is named c<i> in SQL, so names of the data never reach it. */
struct kql_table {
    struct str sql_name; /* generated, printed as it is: t3 or src.t3 */
    const struct kql_column *cols;
    size_t ncols;
    const struct kql_alias *aliases; /* TimeGenerated for Timestamp and the other way round */
    size_t naliases;
    bool has_rowid; /* `rowid` gives the order of its rows; false: a view, order is taken as it comes */
};

/* A value of a parameter, of `rows`, `run`, `cells` ... */
struct kql_scalar {
    enum hb_type type;
    bool null;
    union {
        bool b;
        int64_t i; /* int, long, datetime, timespan */
        double f;
        struct str s; /* string, dynamic (JSON text), decimal, guid */
    } v;
};

/* What a query can see. Any callback may be NULL. Names are case-sensitive. */
struct kql_catalog {
    void *ctx;
    /* Fills *out and returns true if there is such a table. */
    bool (*table)(void *ctx, struct str name, struct kql_table *out);
    bool (*scalar)(void *ctx, struct str name, struct kql_scalar *out);
    /* All table names, for "did you mean", wildcards, `search` and `find`. Returns how many; the list lives
     * in `a`. */
    size_t (*names)(void *ctx, struct arena *a, struct str **out);
};

struct kql_compiled;

struct kql_options {
    int64_t now; /* ticks: the pinned clock of now() and ago() */
    /*
     * For columns that depend on data (bag_unpack, pivot, narrow): runs the statement and returns its (small) result.
     * NULL: such an operator needs a declared schema, otherwise it is an error that says so.
     */
    bool (*stage)(void *ctx, const struct kql_compiled *query, struct arena *a, struct table **out,
                  struct err *err);
    void *stage_ctx;
    bool external_empty; /* externaldata is an empty table of its declared columns; else it is an error */
};

/* A name of the text that the catalogue answered, with its first place. */
struct kql_use {
    struct str name;
    struct span span;
};

/* Bytes of the SQL that come from a piece of the text: for placing errors that DuckDB reports by offset. */
struct kql_sqlmap {
    size_t offset, len;
    struct span span;
};

/* A physical table that the statement reads, once each, and which of its columns. */
struct kql_scan {
    struct str sql_name;
    bool *read; /* [ncols] */
    size_t ncols;
};

struct kql_prop {
    struct str name, value;
};

struct kql_compiled {
    struct str sql; /* one SELECT; its columns, by position, are cols */
    struct kql_column *cols;
    size_t ncols;
    bool ordered; /* the language defines the order of the rows */
    const struct kql_use *tables;
    size_t ntables;
    const struct kql_use *scalars;
    size_t nscalars;
    struct str render; /* chart name of a final `render`, or empty */
    const struct kql_prop *render_props;
    size_t nrender_props;
    const struct kql_scan *scans;
    size_t nscans;
    bool scans_known;
    struct str
        source; /* sql_name of the table that the result has at most as many rows as; empty: not known */
    const struct kql_sqlmap *map; /* inner pieces before outer ones */
    size_t nmap;
};

/*
 * Compiles a whole query text (statements parted by ';', the last one tabular). False: d holds at least one
 * error of the text; out is not touched then.
 */
bool kql_compile(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                 const struct kql_options *opt, struct diags *d, struct kql_compiled *out);

/* Compiles one scalar expression: the SQL gives one row with one column, named "result". */
bool kql_compile_expr(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                      const struct kql_options *opt, struct diags *d, struct kql_compiled *out);

/* The bound tree as text, one node a line: for --dump bound. False: errors are in d. */
bool kql_dump_bound(struct arena *a, const struct source *src, const struct kql_catalog *cat,
                    const struct kql_options *opt, struct diags *d, struct buf *out);

/* -- failures of a running query (runtime.c) -- */

/* Reads what compiled SQL says when it fails: the place in the text and why. False: the error is none of the compiler's. */
bool kql_fault(struct str error, struct span *place, struct str *text);
/* Does the query `text` fail when it is run? */
typedef bool kql_fails_fn(void *ctx, struct str text);
/*
 * Of a query that fails: the step of its last pipe with which it begins to, found by running it up to some of them; without a pipe
 * the last statement. False: the text does not parse.
 */
bool kql_failing_step(struct arena *a, const struct source *src, kql_fails_fn *fails, void *ctx,
                      struct span *out);

/* What is supported, as Markdown: docs/KQL.md. */
void kql_reference(struct buf *out);

/* The place of the text that byte `sql_offset` of the statement came from; false if it is not known. */
bool kql_locate(const struct kql_compiled *c, size_t sql_offset, struct span *out);

#endif
