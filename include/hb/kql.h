/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KQL: a pure compiler. Text in, syntax tree, references, SQL, column types and diagnostics out; no I/O, no
 * clock.
 *
 * Memory: everything returned hangs off the arena handed in and holds views into the source text, which must
 * live as long. Problems go to `diags` with their place; several are reported in one pass.
 */
#ifndef HB_KQL_H
#define HB_KQL_H

#include <stdbool.h>
#include <stddef.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/str.h"

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
};

struct kql_refs {
    struct kql_ref *items; /* in order of their place in the text */
    size_t n;
};

struct kql_refs kql_references(struct arena *a, const struct kql_ast *ast);

#endif
