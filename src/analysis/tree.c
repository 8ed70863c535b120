/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One extremely randomised tree over a sample of rows, grown as scikit-learn's ExtraTreeRegressor grows it.
 *
 * Invariant: stream B is shared by the whole tree, so the order in which nodes are finished and every draw
 * within a node are part of the result. The comments name what must not be "simplified".
 */
#include "analysis_int.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

double path_length(uint32_t rows)
{
    if (rows < 2)
        return 0;
    if (rows == 2)
        return 1;
    double r = rows;
    return 2 * (log(r - 1.0) + 0.5772156649015329) - 2 * (r - 1.0) / r;
}

void grower_init(struct grower *g, struct arena *a, const struct forest *f)
{
    size_t scratch = f->m;
    size_t choose = mt_choose_scratch(f->n, f->m), columns = mt_choose_scratch(f->d, f->k);
    if (!f->bootstrap && scratch < choose)
        scratch = choose;
    if (scratch < columns)
        scratch = columns;
    g->rows = ARENA_ARRAY(a, f->m, uint32_t);
    g->scratch = ARENA_ARRAY(a, scratch, uint32_t);
    g->columns = ARENA_ARRAY(a, f->k, uint32_t);
    g->feature = ARENA_ARRAY(a, f->k, uint32_t);
    g->constant = ARENA_ARRAY(a, f->k, uint32_t);
    g->s = ARENA_ARRAY(a, f->m, uint32_t);
    g->x = ARENA_ARRAY(a, (size_t)f->k * f->m, float);
    g->y = ARENA_ARRAY(a, f->m, double);
    g->w = ARENA_ARRAY(a, f->m, double);
}

static uint32_t first_draw(uint32_t seed)
{
    struct mt r;
    mt_seed(&r, seed);
    return mt_upto(&r, SEED_BOUND - 1);
}

/* Chooses columns and rows and copies what the tree needs of them; returns the number of distinct rows. */
static uint32_t sample(const struct forest *f, struct grower *g, uint32_t seed)
{
    struct mt r;
    mt_seed(&r, seed);
    if (f->k == f->d) {
        for (uint32_t j = 0; j < f->k; j++)
            g->columns[j] = j;
    } else {
        mt_choose(&r, f->d, f->k, g->columns, g->scratch);
    }
    if (f->bootstrap) {
        for (uint32_t i = 0; i < f->m; i++)
            g->rows[i] = mt_upto(&r, f->n - 1);
    } else {
        mt_choose(&r, f->n, f->m, g->rows, g->scratch);
    }
    sort_u32(g->rows, g->scratch, f->m);

    uint32_t distinct = 0;
    for (uint32_t i = 0; i < f->m; i++) {
        if (distinct && g->rows[i] == g->rows[distinct - 1]) {
            g->w[distinct - 1] += 1;
            continue;
        }
        g->rows[distinct] = g->rows[i];
        g->w[distinct] = 1;
        g->y[distinct] = f->y[g->rows[i]];
        g->s[distinct] = distinct;
        distinct++;
    }
    for (uint32_t j = 0; j < f->k; j++) {
        const float *column = f->fs->values + (size_t)g->columns[j] * f->fs->nkeys;
        float *x = g->x + (size_t)j * f->m;
        for (uint32_t i = 0; i < distinct; i++)
            x[i] = column[f->fs->key_of_row[g->rows[i]]];
    }
    return distinct;
}

struct sums {
    double a, q, n; /* of w*y, w*y*y, w */
};

static double variance(struct sums s)
{
    return s.q / s.n - (s.a / s.n) * (s.a / s.n);
}

/* In the order S has before the node is split: the order of additions is part of the result. */
static struct sums node_sums(const struct grower *g, uint32_t lo, uint32_t hi)
{
    struct sums s = { 0, 0, 0 };
    for (uint32_t p = lo; p < hi; p++) {
        uint32_t i = g->s[p];
        double z = g->w[i] * g->y[i];
        s.a += z;
        s.q += z * g->y[i];
        s.n += g->w[i];
    }
    return s;
}

/* Variances of both sides of a split. The left sum is made from the shorter side, by subtraction where that
 * is the right one. */
static void child_variances(const struct grower *g, struct sums all, uint32_t lo, uint32_t cut, uint32_t hi,
                            double *left, double *right)
{
    struct sums l = { 0, 0, 0 };
    if (cut - lo <= hi - cut) {
        for (uint32_t p = lo; p < cut; p++) {
            l.a += g->w[g->s[p]] * g->y[g->s[p]];
            l.n += g->w[g->s[p]];
        }
    } else {
        l.a = all.a;
        l.n = all.n;
        for (uint32_t p = hi; p-- > cut;) {
            l.a -= g->w[g->s[p]] * g->y[g->s[p]];
            l.n -= g->w[g->s[p]];
        }
    }
    for (uint32_t p = lo; p < cut; p++)
        l.q += g->w[g->s[p]] * g->y[g->s[p]] * g->y[g->s[p]];
    struct sums r = { all.a - l.a, all.q - l.q, all.n - l.n };
    *left = variance(l);
    *right = variance(r);
}

struct split {
    uint32_t column; /* local */
    double threshold;
    uint32_t cut;
};

static void swap_u32(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static uint32_t partition(struct grower *g, const float *x, uint32_t lo, uint32_t hi, double threshold)
{
    uint32_t p = lo, e = hi;
    while (p < e) {
        if ((double)x[g->s[p]] <= threshold)
            p++;
        else
            swap_u32(&g->s[p], &g->s[--e]);
    }
    return e;
}

static void range(const struct grower *g, const float *x, uint32_t lo, uint32_t hi, float *a, float *b)
{
    float min = x[g->s[lo]], max = min;
    for (uint32_t p = lo + 1; p < hi; p++) {
        float v = x[g->s[p]];
        min = v < min ? v : min;
        max = v > max ? v : max;
    }
    *a = min;
    *b = max;
}

/*
 * Draws a column and a threshold until one splits [lo, hi). *constants is the number of columns known to be
 * constant here, on return those of the children. The book-keeping of F and C decides which column a draw
 * means.
 */
static bool find_split(const struct forest *f, struct grower *g, struct xorshift *b, uint32_t lo, uint32_t hi,
                       uint32_t *constants, struct split *out)
{
    uint32_t *feature = g->feature;
    uint32_t unseen_end = f->k, found = 0, drawn = 0, known = *constants, total = known, tries = 0;
    bool have = false;
    while (unseen_end > total && (tries < 1 || tries <= found + drawn)) {
        tries++;
        uint32_t j = xorshift_int(b, drawn, unseen_end - found);
        if (j < known) {
            swap_u32(&feature[drawn], &feature[j]);
            drawn++;
            continue;
        }
        j += found;
        uint32_t column = feature[j];
        const float *x = g->x + (size_t)column * f->m;
        float min, max;
        range(g, x, lo, hi, &min, &max);
        float nearly = min + 1e-7f; /* a float sum: rounding decides */
        if (max <= nearly) {
            feature[j] = feature[total];
            feature[total] = column;
            found++;
            total++;
            continue;
        }
        unseen_end--;
        swap_u32(&feature[unseen_end], &feature[j]);
        double threshold = xorshift_real(b, (double)min, (double)max);
        if (threshold == (double)max)
            threshold = (double)min;
        uint32_t cut = partition(g, x, lo, hi, threshold);
        have = cut > lo && cut < hi;
        *out = (struct split){ column, threshold, cut };
    }
    /* Siblings must see the constants in the order their parent knew them. */
    memcpy(feature, g->constant, known * sizeof *feature);
    memcpy(g->constant + known, feature + known, found * sizeof *feature);
    *constants = total;
    return have;
}

struct pending {
    uint32_t lo, hi, depth, constants, parent, side;
    double variance;
};

/* Each pop pushes at most two, one level deeper, left on top: one pending right sibling a level, and the
 * limit is below 33. */
enum { STACK_MAX = 80 };
static const uint32_t no_parent = UINT32_MAX;

void tree_grow(const struct forest *f, struct grower *g, size_t index, struct tree *t)
{
    uint32_t seed = f->seeds[index];
    struct xorshift b = { first_draw(first_draw(seed)) };
    uint32_t distinct = sample(f, g, seed);
    for (uint32_t j = 0; j < f->k; j++)
        g->feature[j] = j;

    struct pending stack[STACK_MAX];
    uint32_t top = 0;
    stack[top++] = (struct pending){ 0, distinct, 0, 0, no_parent, 0, variance(node_sums(g, 0, distinct)) };
    t->nnodes = 0;
    t->depth = 0;
    while (top) {
        struct pending at = stack[--top];
        uint32_t id = t->nnodes++;
        struct node *node = &t->nodes[id];
        if (at.parent != no_parent)
            t->nodes[at.parent].child[at.side] = id;
        node->rows = at.hi - at.lo;
        struct split split;
        struct sums all = node_sums(g, at.lo, at.hi);
        if (at.depth >= f->depth_limit || at.hi - at.lo < 2 || at.variance <= DBL_EPSILON ||
            !find_split(f, g, &b, at.lo, at.hi, &at.constants, &split)) {
            node->threshold = (((double)at.depth + 1) + f->path_length[node->rows]) - 1.0;
            node->child[0] = node->child[1] = id;
            node->column = 0;
            if (t->depth < at.depth)
                t->depth = at.depth;
            continue;
        }
        node->threshold = split.threshold;
        node->column = g->columns[split.column];
        double left, right;
        child_variances(g, all, at.lo, split.cut, at.hi, &left, &right);
        assert(top + 2 <= STACK_MAX);
        stack[top++] = (struct pending){ split.cut, at.hi, at.depth + 1, at.constants, id, 1, right };
        stack[top++] = (struct pending){ at.lo, split.cut, at.depth + 1, at.constants, id, 0, left };
    }
}
