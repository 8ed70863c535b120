/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes KQL queries that are well formed and mostly well typed: seeded, so that a number names a query as long as the compiler's tables stay.
 *
 * Functions and aggregates come from the compiler's own tables with the types of their arguments; operators, conversions and
 * what else has a shape of its own are rows of forms in forms.c.
 */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/buf.h"
#include "hb/table.h"

enum { GEN_COLUMNS_MAX = 40, GEN_NAME_MAX = 40 };

struct gen_column {
    char name[GEN_NAME_MAX]; /* as written: ['odd name'] */
    char type;               /* letter of kql_func: b i l r s t p d g D */
};

struct gen_table {
    struct gen_column cols[GEN_COLUMNS_MAX];
    size_t n;
};

/* What a form makes: {x} stands for an expression of type x, and more (gen.c, expand). */
struct gen_form {
    char type; /* of an expression; of an operator 'o' (columns kept) */
    const char *text;
};
extern const struct gen_form gen_forms[];
extern const size_t gen_nforms;

struct gen {
    uint64_t state;
    struct buf *out;
    struct gen_table at; /* columns of the table at hand */
    int depth;           /* of expressions */
    int pipes;           /* of sub-queries */
    int fresh;           /* names made so far */
    bool wild;           /* now and then a type that does not fit */
    uint8_t *funcs;      /* [kql_nfuncs] set where a row was used; may be NULL */
    uint8_t *aggs;       /* [kql_naggs] */
    uint8_t *forms;      /* [gen_nforms] */
};

/* The tables that queries read: their names, and each as a KQL `datatable` expression. */
extern const char *const gen_table_names[];
extern const char *const gen_table_texts[];
enum { GEN_NTABLES = 3 };

/* Appends the query of a seed. `inline_tables`: with the tables as let statements in front, so that it stands alone. */
void gen_query(struct gen *g, uint64_t seed, bool inline_tables, struct buf *out);

/* -- between gen.c and ops.c -- */

uint64_t gen_next(struct gen *g, uint64_t below);
bool gen_chance(struct gen *g, unsigned percent);
void gen_expr(struct gen *g, char type);
void gen_literal(struct gen *g, char type);
void gen_expand(struct gen *g, const char *text);
void gen_aggregate(struct gen *g, char *type);
void gen_pipe(struct gen *g, int operators);
void gen_source(struct gen *g);
char gen_type(struct gen *g);                                     /* any */
const struct gen_column *gen_column_of(struct gen *g, char type); /* NULL: there is none; '?': any */
void gen_fresh(struct gen *g, char name[GEN_NAME_MAX]);
void gen_add(struct gen *g, const char *name, char type);

#endif
