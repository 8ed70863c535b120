/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anomaly: scores the rows of an earlier cell with an isolation forest.
 *
 * The result is that cell's table with three columns more: Anomaly (-1 flagged, 1 not, as scikit-learn's
 * predict), Anomaly_Score (its decision_function: lower is odder, below 0 is flagged) and Anomaly_Reason
 * (flagged rows only).
 */
#include <inttypes.h>
#include <string.h>

#include "cells_int.h"
#include "hb/analysis.h"
#include "hb/vec.h"

static struct iforest_amount amount(const struct opt_value *o)
{
    if (o->kind != OPT_LITERAL)
        return (struct iforest_amount){ .kind = IFOREST_AUTO };
    if (o->is_int)
        return (struct iforest_amount){ .kind = IFOREST_COUNT, .count = o->i };
    return (struct iforest_amount){ .kind = IFOREST_FRACTION, .fraction = o->f };
}

static bool read_params(struct cell_ctx *ctx, const struct anomaly_cell *o, struct iforest_params *p,
                        struct err *err)
{
    struct opt_value trees, samples, share, features, bootstrap, seed;
    *p = (struct iforest_params)IFOREST_PARAMS_INIT;
    if (!cell_option(ctx, &o->n_estimators, &trees, err) ||
        !cell_option(ctx, &o->max_samples, &samples, err) ||
        !cell_option(ctx, &o->contamination, &share, err) ||
        !cell_option(ctx, &o->max_features, &features, err) ||
        !cell_option(ctx, &o->bootstrap, &bootstrap, err) || !cell_option(ctx, &o->random_state, &seed, err))
        return false;
    if (trees.kind == OPT_LITERAL)
        p->n_estimators = trees.i;
    p->max_samples = amount(&samples);
    p->max_features = amount(&features);
    p->contamination_auto = share.kind == OPT_WORD;
    if (share.kind == OPT_LITERAL)
        p->contamination = share.f;
    p->bootstrap = bootstrap.kind == OPT_LITERAL && bootstrap.b;
    if (seed.kind == OPT_LITERAL)
        p->random_state = seed.i;
    return iforest_params_check(p, err);
}

struct features {
    struct str *columns;
    enum encoding *encodings;
    size_t n;
};

static bool read_features(struct cell_ctx *ctx, const struct anomaly_cell *o, struct features *f,
                          struct err *err)
{
    struct kql_table t;
    struct str *names;
    f->n = o->features.n;
    f->columns = ARENA_ARRAY(ctx->arena, f->n, struct str);
    f->encodings = ARENA_ARRAY(ctx->arena, f->n, enum encoding);
    if (!engine_table(ctx->engine, o->from.s, &t))
        return err_set(err, ERR_RUN, "cell '%.*s' has no table", STR_ARG(o->from.s));
    names = ARENA_ARRAY(ctx->arena, t.ncols, struct str);
    for (size_t i = 0; i < t.ncols; i++)
        names[i] = t.cols[i].name;
    for (size_t i = 0; i < f->n; i++) {
        struct opt_value column;
        size_t at = 0;
        if (!cell_option(ctx, &o->features.items[i].column, &column, err))
            return false;
        while (at < t.ncols && !str_eq(t.cols[at].name, column.s))
            at++;
        if (at == t.ncols) {
            struct str near = str_nearest(column.s, names, t.ncols);
            return err_set(err, ERR_USAGE, "cell '%.*s' has no column '%.*s'%s%.*s%s", STR_ARG(o->from.s),
                           STR_ARG(column.s), near.n ? "; did you mean '" : "", STR_ARG(near),
                           near.n ? "'?" : "");
        }
        f->columns[i] = column.s;
        f->encodings[i] = (enum encoding)(o->features.items[i].encode - 1);
        if (!encoding_check(f->encodings[i], column.s, t.cols[at].type, err))
            return false;
    }
    return true;
}

/* Keys that are flagged, oddest first; keys of one score stay in order of first appearance. */
static uint32_t *flagged_keys(struct arena *a, const struct feature_set *fs, const struct iforest_result *r,
                              size_t *n)
{
    uint32_t *keys = ARENA_ARRAY(a, fs->nkeys, uint32_t);
    *n = 0;
    for (uint32_t k = 0; k < fs->nkeys; k++) {
        if (r->flag[k] >= 0)
            continue;
        size_t at = (*n)++;
        keys[at] = k;
    }
    /* Insertion sort would be quadratic on many keys: merge by halves, which is stable. */
    uint32_t *spare = ARENA_ARRAY(a, *n, uint32_t);
    for (size_t width = 1; width < *n; width *= 2) {
        for (size_t lo = 0; lo < *n; lo += 2 * width) {
            size_t mid = lo + width < *n ? lo + width : *n, hi = lo + 2 * width < *n ? lo + 2 * width : *n;
            size_t i = lo, j = mid, out = lo;
            while (i < mid || j < hi)
                spare[out++] = j >= hi || (i < mid && r->score[keys[i]] <= r->score[keys[j]]) ? keys[i++]
                                                                                              : keys[j++];
        }
        uint32_t *swap = keys;
        keys = spare;
        spare = swap;
    }
    return keys;
}

enum { EXPLAINED_MAX = 1000 };

static bool explain(struct cell_ctx *ctx, const struct feature_set *fs, const struct iforest_params *p,
                    const uint32_t *keys, size_t n, struct str *reason_of_key, struct err *err)
{
    const struct reason *reasons;
    struct buf text = BUF_INIT;
    if (n > EXPLAINED_MAX)
        n = EXPLAINED_MAX;
    if (!iforest_explain(ctx->arena, fs, p, keys, n, ctx->stop, &reasons, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        buf_clear(&text);
        for (size_t k = 0; k < fs->nfeatures; k++) {
            buf_puts(&text, k ? "; " : "");
            reason_put_text(&text, fs, &reasons[i * fs->nfeatures + k]);
        }
        reason_of_key[keys[i]] = buf_to_arena(&text, ctx->arena);
    }
    buf_free(&text);
    return true;
}

static struct table *result_columns(struct arena *a, const struct feature_set *fs,
                                    const struct iforest_result *r, const struct str *reason_of_key)
{
    struct table *t = table_new(a, 3, fs->nrows);
    table_set_column(t, 0, STR("Anomaly"), HB_INT);
    table_set_column(t, 1, STR("Anomaly_Score"), HB_REAL);
    table_set_column(t, 2, STR("Anomaly_Reason"), HB_STRING);
    for (size_t i = 0; i < fs->nrows; i++) {
        uint32_t key = fs->key_of_row[i];
        t->cols[0].v.i[i] = r->flag[key];
        t->cols[1].v.f[i] = r->decision[key];
        if (r->flag[key] < 0)
            t->cols[2].v.s[i] = reason_of_key[key];
    }
    return t;
}

/* One line a flagged combination: its values, rows, score and why. */
static void show_flagged(struct cell_ctx *ctx, const struct feature_set *fs, const struct iforest_result *r,
                         const uint32_t *keys, size_t n, const struct str *reason_of_key)
{
    size_t shown = n < EXPLAINED_MAX ? n : EXPLAINED_MAX, d = fs->nfeatures;
    struct table *t = table_new(ctx->arena, d + 3, shown);
    struct buf cell = BUF_INIT;
    for (size_t k = 0; k < d; k++)
        table_set_column(t, k, fs->features[k].column, HB_STRING);
    table_set_column(t, d, STR("Rows"), HB_LONG);
    table_set_column(t, d + 1, STR("Anomaly_Score"), HB_REAL);
    table_set_column(t, d + 2, STR("Reason"), HB_STRING);
    for (size_t i = 0; i < shown; i++) {
        for (size_t k = 0; k < d; k++) {
            buf_clear(&cell);
            cell_put_text(&cell, fs->features[k].values, fs->features[k].value_of_key[keys[i]]);
            t->cols[k].v.s[i] = buf_to_arena(&cell, ctx->arena);
        }
        t->cols[d].v.i[i] = fs->count[keys[i]];
        t->cols[d + 1].v.f[i] = r->decision[keys[i]];
        t->cols[d + 2].v.s[i] = reason_of_key[keys[i]];
    }
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_TABLE);
    b->caption = STR("Flagged values, oddest first");
    b->table.head = t;
    b->table.total_rows = (int64_t)n;
    b->table.show_rows = ctx->show_rows;
    b->table.why_order = STR("by Anomaly_Score, then in order of first appearance");
    buf_free(&cell);
}

static void show_numbers(struct cell_ctx *ctx, const struct features *f, const struct feature_set *fs,
                         const struct iforest_params *p, const struct iforest_result *r)
{
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_PAIRS);
    struct buf text = BUF_INIT;
    size_t cap = 0;
    b->caption = STR("Isolation forest");
    buf_printf(&text, "%" PRId64 " trees of %zu rows, random_state %" PRId64, p->n_estimators, r->max_samples,
               p->random_state);
    *VEC_PUSH(ctx->arena, b->pairs, b->npairs,
              cap) = (struct record_pair){ .name = STR("Model"), .value = buf_to_arena(&text, ctx->arena) };
    for (size_t i = 0; i < f->n; i++) {
        const struct encoding_info *info = encoding_info(f->encodings[i]);
        *VEC_PUSH(ctx->arena, b->pairs, b->npairs, cap) = (struct record_pair){
            .name = f->columns[i],
            .value = arena_strf(ctx->arena, "encoded as %s: %s", info->name, info->help)
        };
        if (info->warning)
            record_warn(ctx->record, ctx->out, "column '%.*s': %s", STR_ARG(f->columns[i]), info->warning);
    }
    buf_clear(&text);
    if (p->contamination_auto)
        buf_puts(&text, "contamination auto");
    else {
        buf_puts(&text, "contamination ");
        buf_f64(&text, p->contamination);
    }
    buf_puts(&text, ", offset ");
    buf_f64(&text, r->offset);
    *VEC_PUSH(ctx->arena, b->pairs, b->npairs, cap) =
        (struct record_pair){ .name = STR("Threshold"), .value = buf_to_arena(&text, ctx->arena) };
    buf_clear(&text);
    buf_printf(&text, "%" PRId64 " of %zu rows, %zu of %zu distinct values", r->anomalies, fs->nrows,
               r->anomalous_keys, fs->nkeys);
    *VEC_PUSH(ctx->arena, b->pairs, b->npairs,
              cap) = (struct record_pair){ .name = STR("Flagged"), .value = buf_to_arena(&text, ctx->arena) };
    buf_free(&text);
}

static bool score(struct cell_ctx *ctx, const struct anomaly_cell *o, struct arena *work, struct err *err)
{
    struct iforest_params p;
    struct features f;
    struct feature_set fs;
    struct iforest_result r;
    struct table *rows;
    if (!read_params(ctx, o, &p, err) || !read_features(ctx, o, &f, err) ||
        !engine_fetch(ctx->engine, o->from.s, 0, 0, f.columns, f.n, work, &rows, err))
        return false;
    size_t *at = ARENA_ARRAY(work, f.n, size_t);
    for (size_t i = 0; i < f.n; i++)
        at[i] = i;
    if (!features_from_table(work, rows, at, f.encodings, f.n, &fs, err) ||
        !iforest_run(work, &fs, &p, ctx->stop, &r, err))
        return false;
    if (r.warning)
        record_warn(ctx->record, ctx->out, "%s", r.warning);
    size_t n;
    uint32_t *keys = flagged_keys(work, &fs, &r, &n);
    struct str *reasons = ARENA_ARRAY(work, fs.nkeys, struct str);
    if (!explain(ctx, &fs, &p, keys, n, reasons, err) ||
        !engine_extend(ctx->engine, ctx->out->id, o->from.s, result_columns(work, &fs, &r, reasons), err))
        return false;
    show_numbers(ctx, &f, &fs, &p, &r);
    show_flagged(ctx, &fs, &r, keys, n, reasons);
    return true;
}

static bool exec_anomaly(struct cell_ctx *ctx, struct err *err)
{
    const struct anomaly_cell *o = ctx->spec->options;
    struct arena *work = arena_new(0, "anomaly scores");
    struct buf kql = BUF_INIT;
    bool ok = score(ctx, o, work, err) && cell_keep_table(ctx, true, err);
    arena_free(work);
    if (ok) {
        ctx->out->inputs = ARENA_ARRAY(ctx->arena, 1, struct str);
        ctx->out->inputs[0] = o->from.s;
        ctx->out->ninputs = 1;
        kql_put_name(&kql, ctx->out->id);
        /* the reasons stand in the table of values, once each */
        buf_puts(&kql, " | where Anomaly == -1 | sort by Anomaly_Score asc | project-away Anomaly_Reason");
        ok = cell_show_query(ctx, buf_z(&kql), "Flagged rows, oddest first", err);
    }
    buf_free(&kql);
    return ok;
}

const struct cell_kind cell_anomaly = { "anomaly", exec_anomaly };
