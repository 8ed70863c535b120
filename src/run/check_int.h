/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What check.c (names) and check_types.c (columns) share.
 */
#ifndef CHECK_INT_H
#define CHECK_INT_H

#include "hb/check.h"
#include "hb/kql.h"
#include "hb/vec.h"

/* What a text may see. */
struct view {
    size_t cells;      /* cells before this index */
    size_t self;       /* the cell it belongs to; SIZE_MAX: none */
    bool finished;     /* the cell's own table and its rows are there */
    bool is_expr;      /* else a query */
    bool is_condition; /* an expression that must be true or false */
};

/* The columns of a cell's table, when everything that it reads is known. */
struct cell_shape {
    bool known;
    const struct kql_column *cols;
    size_t ncols;
};

/* What is known of one table of the source while texts are looked at. */
struct table_reads {
    struct str table;
    bool all; /* any column may be read */
    struct str *columns;
    size_t ncolumns, cap;
};

struct checker {
    struct arena *arena;
    const struct playbook *p;
    struct diags *diags;
    bool *used;                            /* by parameter: something reads it */
    const struct connect_table **declared; /* by connect cells */
    size_t ndeclared;
    size_t guesses;            /* made so far */
    struct table_reads *reads; /* what is read of the source's tables */
    size_t nreads, cap_reads;
    bool read_anything;        /* a text may read any table whole */
    struct cell_shape *shapes; /* by cell; of a query until the cell has been checked, then of its table */
};

/* The text as the source of a compiler's diagnostics. */
struct source *check_source(struct checker *ck, const struct passage *text);
/* Adds a compiler's diagnostics about the text at their place in the playbook. */
void check_move_diags(struct checker *ck, const struct passage *text, const struct diags *from);

/* check_types.c: compiles a text whose names are right, if the columns of all that it reads are known. */
void check_types(struct checker *ck, const struct view *v, const struct passage *text,
                 const struct kql_refs *refs);
/* Notes the source's tables that a connect cell declares. */
void check_note_declared(struct checker *ck);
/* The columns of cell `index`, and whether those that its options name are among them. */
void check_columns(struct checker *ck, size_t index);

#endif
