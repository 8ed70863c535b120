/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Isolation forest over keys: grow, score, cut off, explain.
 *
 * Trees are grown in batches (all of them at once unless they are huge) by several threads, then the keys are
 * shared out among the threads; each key adds its trees in their order. So the sums, and with them all
 * results, are independent of the number of threads. With one column a tree is a step function over the
 * sorted keys and is added in one walk.
 */
#include "analysis_int.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 8, AUTO_SAMPLES = 256, BATCH_BYTES = 128 << 20, BLOCK_KEYS = 256 };

/* -- parameters -- */

static bool check_amount(const struct iforest_amount *v, const char *name, struct err *err)
{
    if (v->kind == IFOREST_COUNT && v->count < 1)
        return err_set(err, ERR_USAGE, "'%s' is %lld; give a whole number of at least 1", name,
                       (long long)v->count);
    if (v->kind == IFOREST_FRACTION && !(v->fraction > 0 && v->fraction <= 1))
        return err_set(err, ERR_USAGE, "'%s' is %g; a fraction must be above 0 and at most 1.0", name,
                       v->fraction);
    return true;
}

bool iforest_params_check(const struct iforest_params *p, struct err *err)
{
    if (p->n_estimators < 1 || p->n_estimators > IFOREST_TREES_MAX)
        return err_set(err, ERR_USAGE, "'n_estimators' is %lld; give a whole number from 1 to %d",
                       (long long)p->n_estimators, IFOREST_TREES_MAX);
    if (!p->contamination_auto && !(p->contamination > 0 && p->contamination <= 0.5))
        return err_set(err, ERR_USAGE, "'contamination' is %g; it must be auto, or above 0 and at most 0.5",
                       p->contamination);
    if (p->random_state < 0 || p->random_state > UINT32_MAX)
        return err_set(err, ERR_USAGE, "'random_state' is %lld; give a whole number from 0 to 4294967295",
                       (long long)p->random_state);
    return check_amount(&p->max_samples, "max_samples", err) &&
           check_amount(&p->max_features, "max_features", err);
}

static bool resolve_samples(const struct iforest_params *p, size_t n, uint32_t *m, const char **warning,
                            struct err *err)
{
    size_t want = AUTO_SAMPLES;
    if (p->max_samples.kind == IFOREST_COUNT) {
        want = (size_t)p->max_samples.count;
        if (want > n)
            *warning = "max_samples is greater than the number of rows; all rows were used";
    } else if (p->max_samples.kind == IFOREST_FRACTION) {
        want = (size_t)(p->max_samples.fraction * (double)n);
        if (want == 0)
            return err_set(err, ERR_USAGE, "'max_samples' of %g of %zu rows is no row; raise it",
                           p->max_samples.fraction, n);
    }
    *m = (uint32_t)(want < n ? want : n);
    return true;
}

static bool resolve_features(const struct iforest_params *p, size_t d, uint32_t *k, struct err *err)
{
    size_t want = d;
    if (p->max_features.kind == IFOREST_COUNT)
        want = (size_t)p->max_features.count;
    else if (p->max_features.kind == IFOREST_FRACTION)
        want = (size_t)(p->max_features.fraction * (double)d);
    if (want < 1)
        want = 1;
    if (want > d)
        return err_set(err, ERR_USAGE, "'max_features' is %zu, but there are %zu feature columns", want, d);
    *k = (uint32_t)want;
    return true;
}

/* -- the forest -- */

static uint32_t depth_limit(uint32_t m)
{
    uint32_t limit = 1;
    while (UINT64_C(1) << limit < m)
        limit++;
    return limit;
}

static void draw_targets(struct arena *a, struct forest *f, uint32_t random_state)
{
    struct mt r;
    uint32_t *seeds = ARENA_ARRAY(a, f->ntrees, uint32_t);
    mt_seed(&r, random_state);
    for (size_t i = 0; i < f->ntrees; i++)
        seeds[i] = mt_upto(&r, SEED_BOUND - 1);
    double *y = ARENA_ARRAY(a, f->n, double);
    mt_seed(&r, random_state); /* again from the start: the streams do not share state */
    for (uint32_t i = 0; i < f->n; i++)
        y[i] = mt_real(&r);
    f->seeds = seeds;
    f->y = y;
}

static bool forest_init(struct arena *a, struct forest *f, const struct feature_set *fs,
                        const struct iforest_params *p, const char **warning, struct err *err)
{
    if (!iforest_params_check(p, err))
        return false;
    if (fs->nrows == 0 || fs->d == 0)
        return err_set(err, ERR_RUN, "an isolation forest needs at least one row and one feature");
    if (fs->nrows >= UINT32_MAX)
        return err_set(err, ERR_RUN, "%zu rows are more than an isolation forest takes (4294967294)",
                       fs->nrows);
    *f = (struct forest){ .fs = fs,
                          .n = (uint32_t)fs->nrows,
                          .d = (uint32_t)fs->d,
                          .bootstrap = p->bootstrap,
                          .ntrees = (size_t)p->n_estimators };
    if (!resolve_samples(p, fs->nrows, &f->m, warning, err) || !resolve_features(p, fs->d, &f->k, err))
        return false;
    f->depth_limit = depth_limit(f->m);
    double *c = ARENA_ARRAY(a, (size_t)f->m + 1, double);
    for (uint32_t r = 0; r <= f->m; r++)
        c[r] = path_length(r);
    f->path_length = c;
    draw_targets(a, f, (uint32_t)p->random_state);
    return true;
}

/* -- threads -- */

typedef void work_fn(void *ctx, int worker, int nworkers);

struct work {
    work_fn *fn;
    void *ctx;
    int worker, nworkers;
};

static void *work_main(void *arg)
{
    const struct work *w = arg;
    w->fn(w->ctx, w->worker, w->nworkers);
    return NULL;
}

/* Runs fn once per worker. A thread that cannot be made is done by the caller, so this cannot fail. */
static void run_workers(int n, work_fn *fn, void *ctx)
{
    struct work work[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    bool started[THREADS_MAX] = { false };
    for (int i = 0; i < n; i++)
        work[i] = (struct work){ fn, ctx, i, n };
    for (int i = 1; i < n; i++)
        started[i] = pthread_create(&thread[i], NULL, work_main, &work[i]) == 0;
    for (int i = 0; i < n; i++)
        if (!started[i])
            work_main(&work[i]);
    for (int i = 1; i < n; i++)
        if (started[i])
            pthread_join(thread[i], NULL);
}

static int count_threads(const struct iforest_params *p)
{
    long n = p->threads > 0 ? p->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (int)n;
}

/* -- growing in batches -- */

struct batches {
    const struct forest *forest;
    const volatile int *stop;
    struct grower growers[THREADS_MAX];
    int threads;
    struct tree *trees; /* of the batch */
    size_t size;        /* trees a batch holds */
    size_t first, n;    /* the batch that is grown */
    atomic_size_t next;
};

static bool stopped(const volatile int *stop)
{
    return stop && *stop;
}

static void batches_init(struct arena *a, struct batches *b, const struct forest *f, int threads,
                         const volatile int *stop)
{
    size_t capacity = 2 * (size_t)f->m;
    size_t size = BATCH_BYTES / (capacity * sizeof(struct node));
    if (size < (size_t)threads)
        size = (size_t)threads;
    if (size > f->ntrees)
        size = f->ntrees;
    *b = (struct batches){ .forest = f, .stop = stop, .threads = threads, .size = size };
    for (int i = 0; i < threads; i++)
        grower_init(&b->growers[i], a, f);
    b->trees = ARENA_ARRAY(a, size, struct tree);
    for (size_t i = 0; i < size; i++)
        b->trees[i].nodes = ARENA_ARRAY(a, capacity, struct node);
}

static void grow_worker(void *ctx, int worker, int nworkers)
{
    struct batches *b = ctx;
    (void)nworkers;
    for (;;) {
        size_t i = atomic_fetch_add(&b->next, 1);
        if (i >= b->n || stopped(b->stop))
            return;
        tree_grow(b->forest, &b->growers[worker], b->first + i, &b->trees[i]);
    }
}

/* Grows the batch that begins at tree `first`; false when stopped. */
static bool batches_grow(struct batches *b, size_t first, struct err *err)
{
    b->first = first;
    b->n = b->forest->ntrees - first < b->size ? b->forest->ntrees - first : b->size;
    atomic_store(&b->next, 0);
    run_workers(b->threads, grow_worker, b);
    return !stopped(b->stop) || err_set(err, ERR_INTERRUPT, "stopped while growing the isolation forest");
}

/* -- adding up path lengths -- */

struct scoring {
    const struct batches *batch;
    const double *sorted; /* one column: values of the keys in ascending order, else NULL */
    double *sum;          /* one column: in sorted order; else by key */
    size_t nkeys;
};

static void share_of(size_t n, int worker, int nworkers, size_t *lo, size_t *hi)
{
    *lo = n * (size_t)worker / (size_t)nworkers;
    *hi = n * ((size_t)worker + 1) / (size_t)nworkers;
}

/* Nodes lie in order, so a leaf's upper bound is the threshold of the innermost inner node not yet left
 * behind. */
static void add_steps(const struct tree *t, const double *value, double *sum, size_t lo, size_t hi)
{
    double above[64];
    size_t n = 0, key = lo;
    for (uint32_t i = 0; i < t->nnodes && key < hi; i++) {
        if (!node_is_leaf(t, i)) {
            assert(n < sizeof above / sizeof *above);
            above[n++] = t->nodes[i].threshold;
            continue;
        }
        double upper = n ? above[--n] : HUGE_VAL;
        double add = t->nodes[i].threshold;
        for (; key < hi && value[key] <= upper; key++)
            sum[key] += add;
    }
}

static void score_one_column(void *ctx, int worker, int nworkers)
{
    const struct scoring *s = ctx;
    size_t lo, hi;
    share_of(s->nkeys, worker, nworkers, &lo, &hi);
    for (size_t i = 0; i < s->batch->n && !stopped(s->batch->stop); i++)
        add_steps(&s->batch->trees[i], s->sorted, s->sum, lo, hi);
}

/* All keys of a block go down one level together: no branch to mispredict, and the loads overlap. */
static void add_walks(const struct tree *t, const struct feature_set *fs, double *sum, size_t lo, size_t hi)
{
    uint32_t at[BLOCK_KEYS] = { 0 };
    const struct node *nodes = t->nodes;
    for (uint32_t level = 0; level < t->depth; level++) {
        for (size_t key = lo; key < hi; key++) {
            const struct node *node = &nodes[at[key - lo]];
            double v = fs->values[(size_t)node->column * fs->nkeys + key];
            at[key - lo] = node->child[!(v <= node->threshold)];
        }
    }
    for (size_t key = lo; key < hi; key++)
        sum[key] += nodes[at[key - lo]].threshold;
}

static void score_columns(void *ctx, int worker, int nworkers)
{
    const struct scoring *s = ctx;
    size_t lo, hi;
    share_of(s->nkeys, worker, nworkers, &lo, &hi);
    for (size_t block = lo; block < hi && !stopped(s->batch->stop); block += BLOCK_KEYS) {
        size_t end = block + BLOCK_KEYS < hi ? block + BLOCK_KEYS : hi;
        for (size_t i = 0; i < s->batch->n; i++)
            add_walks(&s->batch->trees[i], s->batch->forest->fs, s->sum, block, end);
    }
}

/* D of every key, in `sum` by key. */
static bool add_paths(struct arena *a, struct batches *b, double *sum, struct err *err)
{
    const struct feature_set *fs = b->forest->fs;
    size_t n = fs->nkeys;
    uint32_t *order = NULL;
    struct scoring s = { .batch = b, .sum = sum, .nkeys = n };
    if (fs->d == 1) {
        double *value = ARENA_ARRAY(a, n, double), *sorted = ARENA_ARRAY(a, n, double);
        order = ARENA_ARRAY(a, n, uint32_t);
        for (size_t i = 0; i < n; i++)
            value[i] = (double)fs->values[i];
        sort_order_f64(a, value, n, order);
        for (size_t i = 0; i < n; i++)
            sorted[i] = value[order[i]];
        s.sorted = sorted;
        s.sum = ARENA_ARRAY(a, n, double);
    }
    int threads = n * b->forest->ntrees < 1 << 18 ? 1 : b->threads;
    for (size_t first = 0; first < b->forest->ntrees; first += b->size) {
        if (!batches_grow(b, first, err))
            return false;
        run_workers(threads, order ? score_one_column : score_columns, &s);
        if (stopped(b->stop))
            return err_set(err, ERR_INTERRUPT, "stopped while scoring with the isolation forest");
    }
    for (size_t i = 0; order && i < n; i++)
        sum[order[i]] = s.sum[i];
    return true;
}

/* -- results -- */

static double offset_of(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                        const double *score)
{
    if (p->contamination_auto)
        return -0.5;
    size_t n = fs->nkeys;
    uint32_t *order = ARENA_ARRAY(a, n, uint32_t);
    double *sorted = ARENA_ARRAY(a, n, double);
    int64_t *count = ARENA_ARRAY(a, n, int64_t);
    sort_order_f64(a, score, n, order);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = score[order[i]];
        count[i] = fs->count[order[i]];
    }
    /* Two roundings, since it is handed over as a percentage there. */
    return stats_percentile_pairs(sorted, count, n, 100.0 * p->contamination / 100.0);
}

static void judge(struct arena *a, const struct forest *f, const double *sum, const struct iforest_params *p,
                  struct iforest_result *out)
{
    size_t n = f->fs->nkeys;
    double *score = ARENA_ARRAY(a, n, double), *decision = ARENA_ARRAY(a, n, double);
    int8_t *flag = ARENA_ARRAY(a, n, int8_t);
    double den = (double)f->ntrees * f->path_length[f->m];
    for (size_t i = 0; i < n; i++)
        score[i] = -pow(2.0, -(den == 0 ? 1.0 : sum[i] / den));
    struct arena *scratch = arena_new(0, "the scores of an isolation forest");
    out->offset = offset_of(scratch, f->fs, p, score);
    arena_free(scratch);
    for (size_t i = 0; i < n; i++) {
        decision[i] = score[i] - out->offset;
        flag[i] = decision[i] < 0 ? -1 : 1; /* strictly: a row on the offset is no anomaly */
        if (flag[i] < 0 && f->fs->count[i] > 0) {
            out->anomalies += f->fs->count[i];
            out->anomalous_keys++;
        }
    }
    out->score = score;
    out->decision = decision;
    out->flag = flag;
    out->max_samples = f->m;
}

bool iforest_run(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                 const volatile int *stop, struct iforest_result *out, struct err *err)
{
    *out = (struct iforest_result){ 0 };
    struct arena *scratch = arena_new(0, "an isolation forest");
    struct forest f;
    bool ok = forest_init(scratch, &f, fs, p, &out->warning, err);
    if (ok) {
        struct batches *b = ARENA_NEW(scratch, struct batches);
        double *sum = ARENA_ARRAY(scratch, fs->nkeys, double);
        batches_init(scratch, b, &f, count_threads(p), stop);
        ok = add_paths(scratch, b, sum, err);
        if (ok)
            judge(a, &f, sum, p, out);
    }
    arena_free(scratch);
    return ok;
}

/* -- reasons -- */

/* Matrix column -> feature. */
static uint32_t *column_owners(struct arena *a, const struct feature_set *fs)
{
    uint32_t *owner = ARENA_ARRAY(a, fs->d, uint32_t);
    for (size_t i = 0; i < fs->nfeatures; i++)
        for (size_t j = 0; j < fs->features[i].width; j++)
            owner[fs->features[i].first + j] = (uint32_t)i;
    return owner;
}

static void add_gains(const struct tree *t, const struct feature_set *fs, const uint32_t *owner, uint32_t key,
                      double *gain)
{
    uint32_t i = 0;
    while (!node_is_leaf(t, i)) {
        const struct node *node = &t->nodes[i];
        double v = fs->values[(size_t)node->column * fs->nkeys + key];
        i = node->child[!(v <= node->threshold)];
        gain[owner[node->column]] += log2((double)node->rows / (double)t->nodes[i].rows);
    }
}

static bool measure_gains(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                          const uint32_t *keys, size_t nkeys, const volatile int *stop, double *gain,
                          struct err *err)
{
    struct forest f;
    const char *warning = NULL;
    if (!forest_init(a, &f, fs, p, &warning, err))
        return false;
    struct batches *b = ARENA_NEW(a, struct batches);
    batches_init(a, b, &f, count_threads(p), stop);
    const uint32_t *owner = column_owners(a, fs);
    for (size_t first = 0; first < f.ntrees; first += b->size) {
        if (!batches_grow(b, first, err))
            return false;
        for (size_t i = 0; i < nkeys; i++)
            for (size_t t = 0; t < b->n; t++)
                add_gains(&b->trees[t], fs, owner, keys[i], gain + i * fs->nfeatures);
    }
    return true;
}

/* Reasons of one key, the most telling first. */
static void order_reasons(const struct feature_set *fs, uint32_t key, const double *gain, struct reason *out)
{
    double total = 0;
    for (size_t j = 0; j < fs->nfeatures; j++)
        total += gain[j];
    for (size_t j = 0; j < fs->nfeatures; j++) {
        const struct feature *f = &fs->features[j];
        uint32_t value = f->value_of_key[key];
        struct reason r = { .feature = (uint32_t)j,
                            .value = value,
                            .count = f->count[value],
                            .share = (double)f->count[value] / (double)fs->nrows,
                            .rank = f->rank[value] + 1,
                            .nvalues = (uint32_t)f->nvalues,
                            .contribution = total > 0 ? gain[j] / total : 1.0 / (double)fs->nfeatures };
        size_t at = j;
        for (; at > 0 && out[at - 1].contribution < r.contribution; at--)
            out[at] = out[at - 1];
        out[at] = r;
    }
}

bool iforest_explain(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                     const uint32_t *keys, size_t nkeys, const volatile int *stop, const struct reason **out,
                     struct err *err)
{
    assert(fs->features && fs->nfeatures > 0);
    struct arena *scratch = arena_new(0, "the reasons of an isolation forest");
    double *gain = ARENA_ARRAY(scratch, nkeys * fs->nfeatures, double);
    bool ok = fs->nfeatures == 1 || nkeys == 0 || measure_gains(scratch, fs, p, keys, nkeys, stop, gain, err);
    if (ok) {
        struct reason *reasons = ARENA_ARRAY(a, nkeys * fs->nfeatures, struct reason);
        for (size_t i = 0; i < nkeys; i++)
            order_reasons(fs, keys[i], gain + i * fs->nfeatures, reasons + i * fs->nfeatures);
        *out = reasons;
    }
    arena_free(scratch);
    return ok;
}
