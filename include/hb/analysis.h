/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anomaly scores: table columns -> features -> isolation forest -> scores, flags and reasons.
 *
 * The forest computes what scikit-learn's IsolationForest computes (same random streams, same order of
 * additions), so scores agree to the last few bits and flags exactly. Work is done once per *key*, a distinct
 * row of feature values, never once per row; rows only say which key they have, since the forest draws rows
 * by their index.
 *
 *     struct codes c[2];                      a dictionary per column: codes_from_column, or codes_from_dict
 *     features_build(a, encodings, c, 2, &fs, err)
 *     iforest_run(a, &fs, &params, stop, &result, err)
 *     iforest_explain(a, &fs, &params, keys, nkeys, stop, &reasons, err)
 *
 * Everything lives in the arena given. Nothing here reads a clock, a locale or a global; results do not
 * depend on the number of threads. Errors are ERR_USAGE for a parameter or encoding that does not fit,
 * ERR_RUN for data that cannot be used, ERR_INTERRUPT when *stop became non-zero.
 */
#ifndef HB_ANALYSIS_H
#define HB_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- dictionaries: a column as codes into its distinct values -- */

struct codes {
    struct str name;
    size_t nrows;
    const uint32_t *of_row;      /* [nrows], each below nvalues */
    size_t nvalues;              /* distinct values (a null is one of them) */
    const struct column *values; /* cell i is distinct value i; column_is_null works on it */
    const int64_t *count;        /* [nvalues] rows with that value; sums to nrows */
};

/*
 * Hashes the cells of one column (1 million names in well under 100 ms). Values are in order of first
 * appearance, their text is that of the column (not copied). At most 2^32 - 2 rows.
 */
void codes_from_column(struct arena *a, const struct column *c, size_t nrows, struct codes *out);
/*
 * The same from codes that somebody else made (the engine): of_row[i] indexes `values` (nvalues cells,
 * distinct). Nothing is copied unless a value has no row (it is dropped); counts are made. A code out of
 * range is an error.
 */
bool codes_from_dict(struct arena *a, const uint32_t *of_row, size_t nrows, const struct column *values,
                     size_t nvalues, struct codes *out, struct err *err);

/* -- encodings -- */

enum encoding {
    ENCODE_LABEL,     /* rank of the value among the distinct values: text by bytes, numbers by size */
    ENCODE_FREQUENCY, /* -log2(rows with the value / rows): bits of surprise, rare is large */
    ENCODE_NUMBER,    /* the number itself (timespan: seconds; bool: 0, 1) */
    ENCODE_HOUR,      /* hour of day, 0..23 UTC, of a datetime */
    ENCODE_ONEHOT,    /* one 0/1 column per distinct value, at most ENCODE_ONEHOT_MAX */
};
enum { ENCODE_COUNT = ENCODE_ONEHOT + 1, ENCODE_ONEHOT_MAX = 64 };

struct encoding_info {
    const char *name;
    const char *help;    /* one line: what the number means */
    const char *warning; /* printed beside results, or NULL ("label" flags the ends of the alphabet) */
};
const struct encoding_info *encoding_info(enum encoding e);
bool encoding_parse(struct str name, enum encoding *out);
/* Which KQL types an encoding takes: false, with a sentence in *err that names the column and what to use
 * instead. */
bool encoding_check(enum encoding e, struct str column, enum hb_type type, struct err *err);

/* -- feature sets -- */

/* One feature as the playbook lists it. label, frequency, number and hour make one matrix column each. */
struct feature {
    struct str column;
    enum encoding encoding;
    enum hb_type type;
    size_t first, width;         /* its matrix columns */
    size_t nvalues;              /* K: distinct values in the data */
    const struct column *values; /* [nvalues] */
    const int64_t *count;        /* [nvalues] rows per value */
    const uint32_t *rank; /* [nvalues] place among the distinct values, from 0, in the order of the encoding:
                  label, number, hour, onehot: label order, nulls last; frequency: rarest first, ties share */
    const uint32_t *value_of_key; /* [nkeys] index into values */
};

struct feature_set {
    size_t nrows, nkeys, d;
    const uint32_t *key_of_row; /* [nrows] */
    const int64_t *count;       /* [nkeys] rows per key */
    const float *values;        /* [d * nkeys], column j begins at values + j * nkeys */
    size_t nfeatures;
    const struct feature *features; /* NULL for a bare matrix (tests) */
};

/*
 * Keys are the distinct combinations of the features' values (hours, not instants). Null is a value like any
 * other to frequency and onehot. Refused: no rows, no features, a null or non-finite value where the encoding
 * needs a number ("column 'Bytes' has 3 of 1200 rows that are null or not a finite number; filter them out in
 * the query"), too many categories for onehot, columns of different length.
 */
bool features_build(struct arena *a, const enum encoding *encodings, const struct codes *codes, size_t n,
                    struct feature_set *out, struct err *err);
/* The same from table columns by row; `columns` are indexes into t. */
bool features_from_table(struct arena *a, const struct table *t, const size_t *columns,
                         const enum encoding *encodings, size_t n, struct feature_set *out, struct err *err);

/* -- isolation forest -- */

enum iforest_amount_kind { IFOREST_AUTO, IFOREST_COUNT, IFOREST_FRACTION };
struct iforest_amount {
    enum iforest_amount_kind kind;
    int64_t count;   /* IFOREST_COUNT */
    double fraction; /* IFOREST_FRACTION, in (0, 1]; the count 1 and the fraction 1.0 differ */
};

struct iforest_params {
    int64_t n_estimators;               /* >= 1 */
    struct iforest_amount max_samples;  /* auto: min(256, rows) */
    struct iforest_amount max_features; /* auto: all */
    bool contamination_auto;            /* offset -0.5 */
    double contamination;               /* else in (0, 0.5] */
    bool bootstrap;
    int64_t random_state; /* 0 .. 2^32 - 1 */
    int threads;          /* 0: as many as there are cores, at most 8; results are the same */
};
#define IFOREST_PARAMS_INIT                                                                                  \
    {                                                                                                        \
        .n_estimators = 100, .max_samples = { .kind = IFOREST_AUTO },                                        \
        .max_features = { .kind = IFOREST_AUTO }, .contamination = 0.01, .random_state = 42                  \
    }
enum { IFOREST_TREES_MAX = 100000 };

struct iforest_result {
    const double *score;    /* [nkeys] score_samples: -1 .. 0, lower is more abnormal */
    const double *decision; /* [nkeys] score - offset */
    const int8_t *flag;     /* [nkeys] -1 anomaly (decision < 0), else 1 */
    double offset;
    size_t max_samples; /* rows a tree really got */
    int64_t anomalies;  /* rows (not keys) flagged */
    size_t anomalous_keys;
    const char *warning; /* NULL, or a sentence (max_samples was cut to the number of rows) */
};

/* Checks the parameters alone, as `huntbook check` does before there are rows. */
bool iforest_params_check(const struct iforest_params *p, struct err *err);
/* `stop` may be NULL; it is read now and then and may be set by a signal handler. */
bool iforest_run(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                 const volatile int *stop, struct iforest_result *out, struct err *err);

/* -- reasons: why a key was flagged -- */

struct reason {
    uint32_t feature;    /* index into feature_set.features */
    uint32_t value;      /* index into that feature's values */
    int64_t count;       /* rows with this value */
    double share;        /* count / rows */
    uint32_t rank;       /* place in the order of the encoding, from 1 */
    uint32_t nvalues;    /* of so many distinct values */
    double contribution; /* 0..1, sums to 1 over the features of a key: see iforest_explain */
};

/*
 * Reasons of some keys: out[i * nfeatures + r] is the r-th most telling feature of keys[i]; ties in order of
 * features. The contribution of a feature is its part in narrowing the sampled rows down to this key: each
 * split on a path adds log2(rows before / rows after) to its feature, summed over the trees. With one feature
 * it is 1 and costs nothing, else it costs about as much as growing the forest again.
 */
bool iforest_explain(struct arena *a, const struct feature_set *fs, const struct iforest_params *p,
                     const uint32_t *keys, size_t nkeys, const volatile int *stop, const struct reason **out,
                     struct err *err);
/*
 * One feature's reason as a sentence part, no full stop, hostile text by the display rule:
 *     "InitiatingProcessFileName 'updater.exe': 3 of 25000 rows (0.012%), number 47 of 48 in alphabetical
 * order"
 */
void reason_put_text(struct buf *b, const struct feature_set *fs, const struct reason *r);

/* -- statistics -- */

/* Linear (type 7) percentile of (value, count) pairs sorted ascending by value, as numpy computes it; p in
 * 0..1, counts sum to n >= 1. */
double stats_percentile_pairs(const double *value, const int64_t *count, size_t npairs, double p);
/* The same over n plain values in any order (a sorted copy is made in the arena); NaN must not occur. */
double stats_percentile(struct arena *a, const double *v, size_t n, double p);

#endif
