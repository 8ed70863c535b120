/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalar functions that compiled KQL calls (hb/kql_udf.h), written as a function of one row.
 *
 * A file udf_<topic>.c holds rows of struct udf_fn: name, types and body. udf.c registers all of them and runs a body for
 * every row of DuckDB's vectors: it reads arguments, applies the null rule and writes the result. A body returns
 * false for NULL ('' where the result is a string). It must not fail, keep state or touch anything but its call.
 *
 * To add one: a row in hb/kql_udf.h, a body and a row here.
 */
#ifndef HB_ENGINE_UDF_H
#define HB_ENGINE_UDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/str.h"

enum { UDF_ARGS_MAX = 8 };

struct udf_arg {
    bool null;
    bool b;
    int64_t i; /* also int, datetime, timespan */
    double f;
    struct str s;     /* VARCHAR and JSON */
    __int128 d;       /* decimals (hb/decimal.h), HUGEINT, UUID (as DuckDB keeps it) */
    struct str *list; /* S and J: elements; a NULL element has p == NULL */
    int64_t *ilist;   /* L */
    double *flist;    /* R */
    __int128 *dlist;  /* D: no element is NULL */
    size_t n;         /* elements of any list */
};

struct udf_call {
    const struct udf_arg *arg;
    size_t nargs;
    void *prep; /* what prepare made of argument prep_arg of this row */
    void *extra;
    /* results: by the return type */
    bool b;
    int64_t i;
    double f;
    __int128 d;
    struct buf out; /* s and j; S and J: all elements joined */
    size_t *ends;   /* S and J: end of each element in out; UDF_NULL_ELEM set: it is NULL */
    size_t nends, ends_cap;
    struct buf tmp[2];   /* for the body's own use, empty at every call */
    struct arena *arena; /* holds prep */
};

/* Ends the element that was appended to call->out. */
void udf_end_elem(struct udf_call *c);
/* A JSON number that reads as real; null for NaN and infinities. */
void udf_put_number(struct buf *o, double v);
#define UDF_NULL_ELEM (SIZE_MAX / 2 + 1)

typedef bool udf_body(struct udf_call *c);
typedef void *udf_prepare(struct arena *a, struct str s);

struct udf_fn {
    const char *name;
    udf_body *body;
    udf_prepare *prepare; /* NULL: none. Called once for a run of rows whose argument prep_arg is the same */
    int prep_arg;
};

/*
 * For long arithmetic that has a result for every value: whole vectors at once, beside the body and used where there is no
 * NULL. b is NULL for functions of one argument.
 */
struct udf_bulk {
    const char *name;
    void (*run)(const int64_t *a, const int64_t *b, int64_t *out, size_t n);
};
extern const struct udf_bulk udf_bulks[];
extern const size_t udf_nbulks;

struct udf_set {
    const struct udf_fn *fns;
    size_t n;
};

extern const struct udf_set udf_match_set, udf_string_set, udf_dynamic_set, udf_array_set, udf_convert_set,
    udf_math_set, udf_time_set, udf_parse_set, udf_net_set, udf_series_set, udf_xml_set, udf_units_set,
    udf_scan_set, udf_decompose_set, udf_codec_set, udf_agent_set, udf_stat_set, udf_schema_set, udf_path_set,
    udf_geo_set, udf_geocell_set, udf_mine_set, udf_reduce_set, udf_graph_set, udf_geoshape_set;

/* ---- conversions shared by several files; false: not convertible ---- */

bool text_to_long(struct str s, int64_t *out);
bool text_to_real(struct str s, double *out);
bool text_to_bool(struct str s, bool *out);
bool text_to_guid(struct str s, __int128 *out);
bool text_to_decimal(struct str s, __int128 *out); /* blanks around allowed */
bool real_to_long(double v, int64_t *out);         /* truncates, saturates; NaN: false */

#endif
