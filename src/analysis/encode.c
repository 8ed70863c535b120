/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dictionaries -> numbers -> feature sets. One row per encoding in the table `encoders`; work is per distinct
 * value.
 *
 * To add an encoding: a name in enum encoding, a row in `encoders` (types it takes, what it prints, what
 * fills its column), a case in tests/unit/test_encode.c.
 */
#include "analysis_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/ticks.h"

/* The numbers of one feature while it is made. */
struct encoded {
    struct feature *feature;
    size_t nrows;
    double *number; /* [nvalues], not for onehot; NaN or infinite: refused */
};

struct encoder {
    struct encoding_info info;
    unsigned types;      /* 1 << enum hb_type */
    const char *instead; /* what to do with the other types */
    void (*fill)(struct encoded *e);
};

/* -- order of values -- */

struct place {
    uint64_t high; /* decides unless equal: the number, or the first eight bytes */
    uint32_t value;
};

static uint64_t ordered_real(double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}

static double decimal_value(struct str s)
{
    double v;
    return str_to_f64(str_trim(s), &v) ? v : (double)NAN;
}

static uint64_t first_bytes(struct str s)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
    return v;
}

static uint64_t high_part(const struct column *c, size_t i)
{
    switch (c->type) {
    case HB_BOOL: return c->v.b[i];
    case HB_REAL: return ordered_real(c->v.f[i] + 0.0);
    case HB_DECIMAL: return ordered_real(decimal_value(c->v.s[i]));
    case HB_STRING:
    case HB_DYNAMIC:
    case HB_GUID: return first_bytes(c->v.s[i]);
    default: return (uint64_t)c->v.i[i] ^ UINT64_C(1) << 63;
    }
}

/* Label order: numbers by size, text by unsigned bytes, nulls last. */
static int compare_places(const void *pa, const void *pb, void *ctx)
{
    const struct place *a = pa, *b = pb;
    const struct column *c = ctx;
    int null_a = column_is_null(c, a->value), null_b = column_is_null(c, b->value);
    if (null_a != null_b)
        return null_a - null_b;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return hb_type_is_text(c->type) ? str_cmp(c->v.s[a->value], c->v.s[b->value]) : 0;
}

static uint32_t *label_ranks(struct arena *a, struct arena *scratch, const struct column *values, size_t n)
{
    struct place *places = ARENA_ARRAY(scratch, n, struct place);
    uint32_t *rank = ARENA_ARRAY(a, n, uint32_t);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){ column_is_null(values, i) ? 0 : high_part(values, i), (uint32_t)i };
    qsort_r(places, n, sizeof *places, compare_places, (void *)(uintptr_t)values);
    for (size_t i = 0; i < n; i++)
        rank[places[i].value] = (uint32_t)i;
    return rank;
}

/* Rarest first; values that are equally rare share the lowest place. */
static uint32_t *rarity_ranks(struct arena *a, struct arena *scratch, const int64_t *count, size_t n)
{
    uint32_t *rank = ARENA_ARRAY(a, n, uint32_t), *order = ARENA_ARRAY(scratch, n, uint32_t);
    double *counts = ARENA_ARRAY(scratch, n, double);
    for (size_t i = 0; i < n; i++)
        counts[i] = (double)count[i];
    sort_order_f64(scratch, counts, n, order);
    for (size_t i = 0; i < n; i++) {
        bool tie = i > 0 && count[order[i]] == count[order[i - 1]];
        rank[order[i]] = tie ? rank[order[i - 1]] : (uint32_t)i;
    }
    return rank;
}

/* -- filling -- */

/* A number, or NaN where there is none. */
static double cell_number(const struct column *c, size_t i)
{
    if (column_is_null(c, i))
        return (double)NAN;
    switch (c->type) {
    case HB_BOOL: return c->v.b[i];
    case HB_REAL: return c->v.f[i];
    case HB_DECIMAL: return decimal_value(c->v.s[i]);
    case HB_TIMESPAN: return (double)c->v.i[i] / (double)TICKS_SEC;
    default: return (double)c->v.i[i];
    }
}

static void fill_label(struct encoded *e)
{
    const struct feature *f = e->feature;
    for (size_t i = 0; i < f->nvalues; i++) {
        bool text = hb_type_is_text(f->type) && f->type != HB_DECIMAL;
        bool usable = text ? !column_is_null(f->values, i) : isfinite(cell_number(f->values, i));
        e->number[i] = usable ? f->rank[i] : (double)NAN;
    }
}

static void fill_frequency(struct encoded *e)
{
    for (size_t i = 0; i < e->feature->nvalues; i++)
        e->number[i] = -log2((double)e->feature->count[i] / (double)e->nrows);
}

static void fill_number(struct encoded *e)
{
    for (size_t i = 0; i < e->feature->nvalues; i++)
        e->number[i] = cell_number(e->feature->values, i);
}

#define TYPE(t) (1u << (t))
#define NUMBERS                                                                                              \
    (TYPE(HB_BOOL) | TYPE(HB_INT) | TYPE(HB_LONG) | TYPE(HB_REAL) | TYPE(HB_DECIMAL) | TYPE(HB_TIMESPAN))
#define ALL_TYPES (NUMBERS | TYPE(HB_DATETIME) | TYPE(HB_STRING) | TYPE(HB_DYNAMIC) | TYPE(HB_GUID))

static const struct encoder encoders[ENCODE_COUNT] = {
    [ENCODE_LABEL] = { { "label", "rank of the value in alphabetical order (numbers: by size)",
                         "encode: label flags the first and last names of the alphabet, not the rare ones; "
                         "compare with "
                         "encode: frequency" },
                       ALL_TYPES,
                       "",
                       fill_label },
    [ENCODE_FREQUENCY] = { { "frequency",
                             "-log2(rows with the value / all rows): bits of surprise, large when rare",
                             NULL },
                           ALL_TYPES,
                           "",
                           fill_frequency },
    [ENCODE_NUMBER] = { { "number", "the number itself; a timespan in seconds, a bool as 0 or 1", NULL },
                        NUMBERS,
                        "use hour for a datetime, frequency or label for text",
                        fill_number },
    [ENCODE_HOUR] = { { "hour", "hour of the day of a datetime, 0 to 23, UTC", NULL },
                      TYPE(HB_DATETIME),
                      "use number for numbers, frequency or label for text",
                      fill_number },
    [ENCODE_ONEHOT] = { { "onehot", "one column of 0 and 1 for each distinct value, at most 64", NULL },
                        ALL_TYPES,
                        "",
                        NULL },
};

const struct encoding_info *encoding_info(enum encoding e)
{
    return &encoders[e].info;
}

bool encoding_parse(struct str name, enum encoding *out)
{
    for (size_t i = 0; i < ENCODE_COUNT; i++) {
        if (str_eqz(name, encoders[i].info.name)) {
            *out = (enum encoding)i;
            return true;
        }
    }
    return false;
}

bool encoding_check(enum encoding e, struct str column, enum hb_type type, struct err *err)
{
    const struct encoder *encoder = &encoders[e];
    if (encoder->types & TYPE(type))
        return true;
    return err_set(err, ERR_USAGE, "column '%.*s' is of type %s, which encode: %s does not take; %s",
                   STR_ARG(column), hb_type_name(type), encoder->info.name, encoder->instead);
}

/* -- hours -- */

static bool hour_of(const struct column *c, size_t i, uint32_t *hour)
{
    if (column_is_null(c, i) || c->v.i[i] < 0 || c->v.i[i] > TICKS_MAX)
        return false;
    *hour = (uint32_t)(c->v.i[i] % TICKS_DAY / TICKS_HOUR);
    return true;
}

enum { HOURS = 24 };

/* A dictionary of the 24 hours and null, in which hours that do not occur are dropped. */
static bool codes_of_hours(struct arena *a, struct str name, const uint32_t *hours, size_t nrows,
                           struct codes *out, struct err *err)
{
    struct column *values = ARENA_NEW(a, struct column);
    *values = (struct column){ .name = name, .type = HB_LONG };
    values->v.i = ARENA_ARRAY(a, HOURS + 1, int64_t);
    values->null = ARENA_ARRAY(a, HOURS + 1, uint8_t);
    for (int64_t h = 0; h < HOURS; h++)
        values->v.i[h] = h;
    values->null[HOURS] = 1;
    return codes_from_dict(a, hours, nrows, values, HOURS + 1, out, err);
}

/* Datetimes have few hours: a key per hour, not per instant. */
static bool codes_as_hours(struct arena *a, const struct codes *c, struct codes *out, struct err *err)
{
    uint32_t *hour_of_value = ARENA_ARRAY(a, c->nvalues, uint32_t),
             *hours = ARENA_ARRAY(a, c->nrows, uint32_t);
    for (size_t i = 0; i < c->nvalues; i++)
        if (!hour_of(c->values, i, &hour_of_value[i]))
            hour_of_value[i] = HOURS;
    for (size_t i = 0; i < c->nrows; i++)
        hours[i] = hour_of_value[c->of_row[i]];
    return codes_of_hours(a, c->name, hours, c->nrows, out, err);
}

static bool codes_of_column(struct arena *a, const struct column *c, enum encoding e, size_t nrows,
                            struct codes *out, struct err *err)
{
    if (e != ENCODE_HOUR || c->type != HB_DATETIME) {
        codes_from_column(a, c, nrows, out);
        return true;
    }
    uint32_t *hours = ARENA_ARRAY(a, nrows, uint32_t);
    for (size_t i = 0; i < nrows; i++)
        if (!hour_of(c, i, &hours[i]))
            hours[i] = HOURS;
    return codes_of_hours(a, c->name, hours, nrows, out, err);
}

/* -- features -- */

static bool refuse_missing(const struct encoded *e, const double *number, struct err *err)
{
    int64_t bad = 0;
    const struct feature *f = e->feature;
    for (size_t i = 0; i < f->nvalues; i++)
        if (!isfinite((float)number[i]))
            bad += f->count[i];
    if (!bad)
        return true;
    return err_set(
        err, ERR_RUN,
        "column '%.*s' has %lld of %zu rows that are null or not a finite number, and encode: %s needs "
        "one; filter them out in the query",
        STR_ARG(f->column), (long long)bad, e->nrows, encoders[f->encoding].info.name);
}

static bool feature_init(struct arena *a, struct arena *scratch, const struct codes *c,
                         enum encoding encoding, struct feature *f, struct encoded *e, struct err *err)
{
    *f = (struct feature){ .column = c->name,
                           .encoding = encoding,
                           .type = c->values->type,
                           .width = 1,
                           .nvalues = c->nvalues,
                           .values = c->values,
                           .count = c->count };
    *e = (struct encoded){ .feature = f, .nrows = c->nrows };
    if (encoding == ENCODE_ONEHOT) {
        if (c->nvalues > ENCODE_ONEHOT_MAX)
            return err_set(
                err, ERR_RUN,
                "column '%.*s' has %zu distinct values, and encode: onehot takes at most %d; use frequency "
                "or label",
                STR_ARG(c->name), c->nvalues, ENCODE_ONEHOT_MAX);
        f->width = c->nvalues;
    }
    f->rank = encoding == ENCODE_FREQUENCY ? rarity_ranks(a, scratch, c->count, c->nvalues)
                                           : label_ranks(a, scratch, c->values, c->nvalues);
    if (encoding == ENCODE_ONEHOT)
        return true;
    e->number = ARENA_ARRAY(scratch, c->nvalues, double);
    encoders[encoding].fill(e);
    return refuse_missing(e, e->number, err);
}

/* Rows -> keys: pairs of (key so far, next feature's code), feature by feature. */
static void make_keys(struct arena *a, const struct codes *codes, size_t n, struct feature_set *fs)
{
    const uint32_t *key_of_row = codes[0].of_row;
    size_t nkeys = codes[0].nvalues;
    for (size_t j = 1; j < n; j++) {
        uint32_t *next = ARENA_ARRAY(a, fs->nrows, uint32_t);
        nkeys = codes_pair(key_of_row, nkeys, codes[j].of_row, codes[j].nvalues, fs->nrows, next);
        key_of_row = next;
    }
    int64_t *count = ARENA_ARRAY(a, nkeys, int64_t);
    for (size_t i = 0; i < fs->nrows; i++)
        count[key_of_row[i]]++;
    fs->key_of_row = key_of_row;
    fs->nkeys = nkeys;
    fs->count = count;
}

static void fill_values(const struct feature *f, const double *number, size_t nkeys, float *out)
{
    if (f->encoding != ENCODE_ONEHOT) {
        for (size_t key = 0; key < nkeys; key++)
            out[key] = (float)number[f->value_of_key[key]];
        return;
    }
    for (size_t key = 0; key < nkeys; key++)
        out[f->rank[f->value_of_key[key]] * nkeys + key] = 1;
}

static void fill_keys(struct arena *a, const struct codes *codes, struct feature *features,
                      const struct encoded *encoded, struct feature_set *fs)
{
    float *values = ARENA_ARRAY(a, fs->d * fs->nkeys, float);
    for (size_t j = 0; j < fs->nfeatures; j++) {
        uint32_t *value_of_key = ARENA_ARRAY(a, fs->nkeys, uint32_t);
        for (size_t i = 0; i < fs->nrows; i++)
            value_of_key[fs->key_of_row[i]] = codes[j].of_row[i];
        features[j].value_of_key = value_of_key;
        fill_values(&features[j], encoded[j].number, fs->nkeys, values + features[j].first * fs->nkeys);
    }
    fs->values = values;
}

static bool check_shapes(const enum encoding *encodings, const struct codes *codes, size_t n, struct err *err)
{
    if (n == 0)
        return err_set(err, ERR_USAGE, "there are no features; name at least one column");
    for (size_t j = 0; j < n; j++) {
        if (codes[j].nrows != codes[0].nrows)
            return err_set(err, ERR_RUN, "column '%.*s' has %zu rows, column '%.*s' has %zu",
                           STR_ARG(codes[0].name), codes[0].nrows, STR_ARG(codes[j].name), codes[j].nrows);
        bool hours = encodings[j] == ENCODE_HOUR &&
                     codes[j].values->type == HB_LONG; /* made by codes_of_hours */
        if (!hours && !encoding_check(encodings[j], codes[j].name, codes[j].values->type, err))
            return false;
    }
    if (codes[0].nrows == 0)
        return err_set(err, ERR_RUN, "there are no rows to score");
    return true;
}

static bool build(struct arena *a, const enum encoding *encodings, const struct codes *codes, size_t n,
                  struct feature_set *out, struct err *err)
{
    *out = (struct feature_set){ .nrows = codes[0].nrows, .nfeatures = n };
    struct arena *scratch = arena_new(0, "the features of an anomaly cell");
    struct feature *features = ARENA_ARRAY(a, n, struct feature);
    struct encoded *encoded = ARENA_ARRAY(scratch, n, struct encoded);
    bool ok = true;
    for (size_t j = 0; ok && j < n; j++) {
        ok = feature_init(a, scratch, &codes[j], encodings[j], &features[j], &encoded[j], err);
        features[j].first = out->d;
        out->d += features[j].width;
    }
    if (ok) {
        make_keys(a, codes, n, out);
        fill_keys(a, codes, features, encoded, out);
        out->features = features;
    }
    arena_free(scratch);
    return ok;
}

bool features_build(struct arena *a, const enum encoding *encodings, const struct codes *codes, size_t n,
                    struct feature_set *out, struct err *err)
{
    if (!check_shapes(encodings, codes, n, err))
        return false;
    struct codes *ready = ARENA_ARRAY(a, n, struct codes);
    for (size_t j = 0; j < n; j++) {
        ready[j] = codes[j];
        if (encodings[j] == ENCODE_HOUR && codes[j].values->type == HB_DATETIME &&
            !codes_as_hours(a, &codes[j], &ready[j], err))
            return false;
    }
    return build(a, encodings, ready, n, out, err);
}

bool features_from_table(struct arena *a, const struct table *t, const size_t *columns,
                         const enum encoding *encodings, size_t n, struct feature_set *out, struct err *err)
{
    struct codes *codes = ARENA_ARRAY(a, n, struct codes);
    for (size_t j = 0; j < n; j++) {
        const struct column *c = &t->cols[columns[j]];
        if (!encoding_check(encodings[j], c->name, c->type, err) ||
            !codes_of_column(a, c, encodings[j], t->nrows, &codes[j], err))
            return false;
    }
    return features_build(a, encodings, codes, n, out, err);
}
