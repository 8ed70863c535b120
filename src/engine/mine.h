/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows for the mining of patterns (udf_mine.c): columns of texts become small numbers, rare values become "anything", and
 * equal rows become one row with the sum of their weights. What is left is small whatever the data: a column has no more
 * values than shares of that size fit into the whole.
 */
#ifndef HB_ENGINE_MINE_H
#define HB_ENGINE_MINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/str.h"

/* A value of a column that is frequent in one of the two sets. Its code is its place among all items, plus 1. */
struct mine_item {
    size_t col;
    struct str text;
    double wa, wb; /* rows that have it, by weight, in set A and in set B */
};

struct mine {
    struct arena *a;
    size_t ncols;
    double ta, tb; /* weight of the sets */
    struct mine_item *items;
    size_t nitems;   /* by column, in a column by weight, then by text */
    uint32_t *codes; /* [nrows][ncols]; 0: a rare value, or none */
    double *wa, *wb;
    uint32_t *len; /* texts: words of the longest one of these rows */
    size_t nrows;
};

/* Cells of rows: weight in A, weight in B, and the values, each a text; p == NULL: a rare one. */
struct mine_input {
    const struct str *cells;
    size_t ncells;
    size_t ncols;
    bool words;   /* one value a row, which is parted at white space: its first ncols words are the columns */
    double share; /* of either set, from which on a value is frequent */
};

/* Everything lives in the arena; texts of items are views into the cells. */
void mine_load(struct mine *m, struct arena *a, const struct mine_input *in);

/* A pattern: for each column an item's code, or 0. */
struct mine_match {
    double wa, wb;
    size_t n;              /* rows */
    double *add_a, *add_b; /* [nitems + 1], of the rows that match those that have the item */
    size_t *add_n;
    double *drop_a, *drop_b; /* [ncols], of rows that match but for that column */
    uint32_t len;            /* the longest of the texts */
};

void mine_match_init(struct mine_match *x, const struct mine *m);
void mine_measure(const struct mine *m, const uint32_t *pattern, struct mine_match *out);
bool mine_row_matches(const struct mine *m, size_t row, const uint32_t *pattern);
/* The pattern with every value that all its rows share. */
void mine_close(const struct mine *m, const struct mine_match *x, uint32_t *pattern);
int mine_compare(const uint32_t *x, const uint32_t *y, size_t ncols); /* by codes */
size_t mine_fixed(const uint32_t *pattern, size_t ncols);             /* columns with a value */

#endif
