/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time of an isolation forest: bench_iforest [ROWS [NAMES [FEATURES [THREADS]]]]
 *
 * Names follow Zipf's law; further features are numbers with many distinct values. Prints milliseconds of
 * each step, best of five.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hb/analysis.h"

enum { ROUNDS = 5, FEATURES_MAX = 8 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static struct table *make_rows(struct arena *a, size_t nrows, size_t names, size_t features)
{
    struct table *t = table_new(a, features, nrows);
    struct str *name = ARENA_ARRAY(a, names, struct str);
    uint64_t seed = 42;
    for (size_t i = 0; i < names; i++)
        name[i] = arena_strf(a, "process-%llx.exe", (unsigned long long)(next(&seed) & 0xffffff));
    table_set_column(t, 0, STR("InitiatingProcessFileName"), HB_STRING);
    for (size_t i = 0; i < nrows; i++) {
        double u = (double)(next(&seed) >> 11) / 9007199254740992.0;
        t->cols[0].v.s[i] = arena_str(
            a, name[(size_t)(pow((double)names, u)) - 1]); /* as rows of a file: own bytes */
    }
    for (size_t j = 1; j < features; j++) {
        table_set_column(t, j, arena_strf(a, "Number%zu", j), HB_LONG);
        for (size_t i = 0; i < nrows; i++)
            t->cols[j].v.i[i] = (int64_t)(next(&seed) % (j == 1 ? 65536 : 1u << 30));
    }
    return t;
}

static void best(double *slot, double ms)
{
    if (*slot == 0 || ms < *slot)
        *slot = ms;
}

int main(int argc, char **argv)
{
    size_t arg[4] = { 1000000, 500, 1, 0 };
    for (int i = 1; i < argc && i <= 4; i++)
        arg[i - 1] = (size_t)strtoull(argv[i], NULL, 10);
    if (arg[2] < 1 || arg[2] > FEATURES_MAX)
        return fprintf(stderr, "features: 1 to %d\n", FEATURES_MAX), 2;
    struct arena *rows = arena_new(0, "the rows");
    struct table *t = make_rows(rows, arg[0], arg[1], arg[2]);
    size_t columns[FEATURES_MAX];
    enum encoding encodings[FEATURES_MAX];
    for (size_t j = 0; j < arg[2]; j++) {
        columns[j] = j;
        encodings[j] = j ? ENCODE_NUMBER : ENCODE_LABEL;
    }
    struct iforest_params p = IFOREST_PARAMS_INIT;
    p.threads = (int)arg[3];
    double encode = 0, forest = 0, explain = 0;
    size_t nkeys = 0;
    int64_t anomalies = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena *a = arena_new(0, "a round");
        struct feature_set fs;
        struct iforest_result r;
        struct err err = ERR_INIT;
        const struct reason *reasons;
        double t0 = now_ms();
        if (!features_from_table(a, t, columns, encodings, arg[2], &fs, &err))
            return fprintf(stderr, "%s\n", err.text), 1;
        double t1 = now_ms();
        if (!iforest_run(a, &fs, &p, NULL, &r, &err))
            return fprintf(stderr, "%s\n", err.text), 1;
        double t2 = now_ms();
        uint32_t *keys = ARENA_ARRAY(a, r.anomalous_keys, uint32_t);
        size_t n = 0;
        for (uint32_t key = 0; key < fs.nkeys; key++)
            if (r.flag[key] < 0)
                keys[n++] = key;
        if (!iforest_explain(a, &fs, &p, keys, n < 1000 ? n : 1000, NULL, &reasons, &err))
            return fprintf(stderr, "%s\n", err.text), 1;
        double t3 = now_ms();
        best(&encode, t1 - t0);
        best(&forest, t2 - t1);
        best(&explain, t3 - t2);
        nkeys = fs.nkeys;
        anomalies = r.anomalies;
        arena_free(a);
    }
    printf(
        "rows %zu, keys %zu, features %zu: encode %.1f ms, forest %.1f ms, explain %.1f ms, %lld anomalies\n",
        arg[0], nkeys, arg[2], encode, forest, explain, (long long)anomalies);
    arena_free(rows);
    return 0;
}
