/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of several values, most of them of series: an array, and what its elements are called. (a, b) = f() takes it apart.
 *
 * To add one: a row of tuple_fns and a row in funcs.c.
 */
#include <string.h>

#include "bound.h"

/* args: type letters, each with its default behind it ('?': null), parted by '|'; '*': the rest as one array. */
static const struct tuple_fn {
    const char *name, *args, *sql;
    struct btuple tuple;
} tuple_fns[] = {
    { "series_stats",
      "d|b?",
      "kql_series_stats($1, false, coalesce($2, false))",
      { 7,
        { "min", "min_idx", "max", "max_idx", "avg", "stdev", "variance" },
        { HB_REAL, HB_LONG, HB_REAL, HB_LONG, HB_REAL, HB_REAL, HB_REAL } } },
    { "series_fit_line",
      "d",
      "kql_series_fit_line($1, false)",
      { 6,
        { "rsquare", "slope", "variance", "rvariance", "interception", "line_fit" },
        { HB_REAL, HB_REAL, HB_REAL, HB_REAL, HB_REAL, HB_DYNAMIC } } },
    { "series_fit_poly",
      "d|d?|l?",
      "kql_fit_poly($1, $2, coalesce($3, 1))",
      { 5,
        { "rsquare", "coefficients", "variance", "rvariance", "poly_fit" },
        { HB_REAL, HB_DYNAMIC, HB_REAL, HB_REAL, HB_DYNAMIC } } },
    { "series_fft", "d|d?", "kql_fft($1, $2, false)", { 2, { "real", "imag" }, { HB_DYNAMIC, HB_DYNAMIC } } },
    { "series_ifft", "d|d?", "kql_fft($1, $2, true)", { 2, { "real", "imag" }, { HB_DYNAMIC, HB_DYNAMIC } } },
    { "series_fit_2lines",
      "d",
      "kql_series_fit_2lines($1, false)",
      { 15,
        { "rsquare", "split_idx", "variance", "rvariance", "line_fit", "right_rsquare", "right_slope",
          "right_interception", "right_variance", "right_rvariance", "left_rsquare", "left_slope",
          "left_interception", "left_variance", "left_rvariance" },
        { HB_REAL, HB_LONG, HB_REAL, HB_REAL, HB_DYNAMIC, HB_REAL, HB_REAL, HB_REAL, HB_REAL, HB_REAL,
          HB_REAL, HB_REAL, HB_REAL, HB_REAL, HB_REAL } } },
    { "series_decompose",
      "d|l-1|savg|l0|r0.6",
      "kql_series_decompose($1, $2, $3, $4, $5)",
      { 4, { "baseline", "seasonal", "trend", "residual" }, { HB_UNKNOWN } } },
    { "series_decompose_anomalies",
      "d|r1.5|l-1|savg|l0|sctukey|r0.6",
      "kql_series_anomalies($1, $2, $3, $4, $5, $6, $7)",
      { 3, { "ad_flag", "ad_score", "baseline" }, { HB_UNKNOWN } } },
    { "series_periods_detect",
      "d|r|r|l",
      "kql_series_periods_detect($1, $2, $3, $4)",
      { 2, { "periods", "periods_scores" }, { HB_UNKNOWN } } },
    { "series_periods_validate",
      "d|*",
      "kql_series_periods_validate($1, kql_json_array([$+]))",
      { 2, { "periods", "scores" }, { HB_UNKNOWN } } },
    { "series_decompose_forecast",
      "d|l|l-1|slinefit|r0.6",
      "kql_series_forecast($1, $2, $3, $4, $5)",
      { 0 } },
    { "series_outliers", "d|sctukey|r?|r10|r90", "kql_series_outliers($1, $2, $3, $4, $5)", { 0 } },
};

const struct tuple_fn *tuple_find(struct str name)
{
    for (size_t i = 0; i < sizeof tuple_fns / sizeof *tuple_fns; i++)
        if (str_eqz(name, tuple_fns[i].name))
            return &tuple_fns[i];
    return NULL;
}

static enum hb_type letter_type(char c)
{
    enum hb_type t = HB_DYNAMIC;
    is_letter_type(c, &t);
    return t;
}

/* An argument that is not given: what stands behind its letter. NULL: it must be given. */
static struct bexpr *tuple_default(struct binder *b, const char *arg, size_t n, struct span span)
{
    struct str text = { arg + 1, n - 1 };
    enum hb_type t = letter_type(*arg);
    if (!text.n)
        return NULL;
    if (str_eqz(text, "?"))
        return bx_null(b, t, span);
    if (t == HB_STRING)
        return bx_str(b, text, span);
    double v = 0;
    str_to_f64(text, &v);
    return t == HB_LONG ? bx_long(b, (int64_t)v, span) : bx_real(b, v, span);
}

struct bexpr *bind_tuple(struct binder *b, const struct tuple_fn *f, const struct kql_call *c,
                         struct brow *row)
{
    struct bexpr **v = ARENA_ARRAY(b->a, c->args.n + 9, struct bexpr *);
    size_t n = 0;
    for (const char *p = f->args; *p;) {
        size_t len = strcspn(p, "|");
        if (*p == '*') {
            if (c->args.n <= n)
                return wrong_count(b, c, "more arguments");
            for (size_t i = n; i < c->args.n; i++)
                v[n++] = to_json(b, bind_as(b, c->args.items[i], row, HB_REAL, "the argument"));
        } else {
            v[n] = n < c->args.n
                       ? bind_as(b, c->args.items[n], row, letter_type(*p), n ? "an option" : "the series")
                       : tuple_default(b, p, len, c->node.span);
            if (!v[n++])
                return wrong_count(b, c, "more arguments");
        }
        p += len + (p[len] == '|');
    }
    if (c->args.n > n)
        return wrong_count(b, c, "fewer arguments");
    struct bexpr *e = bx_calln(b, HB_DYNAMIC, f->sql, c->node.span, n, v);
    if (!bx_failed(e) && f->tuple.n)
        e->tuple = &f->tuple;
    return e;
}
