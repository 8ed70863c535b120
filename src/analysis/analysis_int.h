/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of src/analysis share: the two random streams, sorting, one tree. Lowest first: rng.c,
 * stats.c, codes.c, encode.c, tree.c, iforest.c, reason.c.
 */
#ifndef HB_ANALYSIS_INT_H
#define HB_ANALYSIS_INT_H

#include "hb/analysis.h"

/* -- rng.c: stream A, the 32-bit Mersenne Twister -- */

enum { MT_WORDS = 624 };

struct mt {
    uint32_t state[MT_WORDS];
    int position; /* next word to hand out; MT_WORDS: twist first */
};

void mt_seed(struct mt *r, uint32_t seed);
uint32_t mt_word(struct mt *r);
double mt_real(struct mt *r);               /* [0, 1), 53 bits, two words */
uint32_t mt_upto(struct mt *r, uint32_t h); /* 0..h inclusive; h = 0 draws nothing */
void mt_permutation(struct mt *r, uint32_t *out, uint32_t n);
/* k of 0..n-1 without replacement, in the order drawn; scratch: mt_choose_scratch(n, k) words. */
void mt_choose(struct mt *r, uint32_t n, uint32_t k, uint32_t *out, uint32_t *scratch);
size_t mt_choose_scratch(uint32_t n, uint32_t k);

enum { SEED_BOUND = 2147483647 }; /* seeds are drawn below this */

/* -- rng.c: stream B, the splitter's 32-bit xorshift -- */

struct xorshift {
    uint32_t x;
};
uint32_t xorshift_next(struct xorshift *r); /* 31 bits */
uint32_t xorshift_int(struct xorshift *r, uint32_t a, uint32_t b);
double xorshift_real(struct xorshift *r, double a, double b);

/* -- stats.c -- */

void sort_u32(uint32_t *v, uint32_t *scratch, size_t n);
/* order[0..n) becomes the indexes of v in ascending order of value, equal values in order of index; no NaN.
 * scratch: n words. */
void sort_order_f64(struct arena *scratch, const double *v, size_t n, uint32_t *order);

/* -- codes.c -- */

/* Dense codes of the pairs (first[i], second[i]) in order of first appearance; returns how many there are. */
size_t codes_pair(const uint32_t *first, size_t nfirst, const uint32_t *second, size_t nsecond, size_t nrows,
                  uint32_t *of_row);

/* -- tree.c -- */

/* Depth-first: an inner node's left child is the next node. A leaf points to itself, so walking past it stays
 * there. */
struct node {
    double threshold; /* inner: value <= threshold goes to child[0]; leaf: the path length it adds */
    uint32_t child[2];
    uint32_t column; /* of the feature set; 0 in a leaf */
    uint32_t rows;   /* distinct sampled rows that reached it */
};

struct tree {
    struct node *nodes; /* capacity 2 * m - 1 */
    uint32_t nnodes;
    uint32_t depth; /* of the deepest leaf */
};

static inline bool node_is_leaf(const struct tree *t, uint32_t i)
{
    return t->nodes[i].child[0] == i;
}

/* What all trees of a forest share. */
struct forest {
    const struct feature_set *fs;
    uint32_t n, m, d, k; /* rows, rows per tree, columns, columns per tree */
    bool bootstrap;
    uint32_t depth_limit;
    size_t ntrees;
    const uint32_t *seeds;     /* [ntrees] */
    const double *y;           /* [n] hidden targets */
    const double *path_length; /* [m + 1] c(r) */
};

/* Work space of one thread; no allocation happens while trees grow. */
struct grower {
    uint32_t *rows;     /* [m] chosen rows, then sorted */
    uint32_t *scratch;  /* for choosing and sorting */
    uint32_t *columns;  /* [k] chosen columns */
    uint32_t *feature;  /* [k] F: permutation of local columns */
    uint32_t *constant; /* [k] C */
    uint32_t *s;        /* [m] S: positions of the distinct rows */
    float *x;           /* [k * m] */
    double *y, *w;      /* [m] */
};

double path_length(uint32_t rows); /* c(r) */
void grower_init(struct grower *g, struct arena *a, const struct forest *f);
void tree_grow(const struct forest *f, struct grower *g, size_t index, struct tree *t);

#endif
