/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series: arrays of numbers. An element that is no number is missing; it stays missing in what is computed from it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "jscan.h"
#include "series.h"
#include "udf.h"

static void *need_memory(void *p)
{
    if (!p)
        abort();
    return p;
}

bool series_read(struct str raw, struct series *s)
{
    struct jiter it;
    struct str v;
    *s = (struct series){ .whole = true };
    if (!jiter_begin(&it, raw) || it.object)
        return false;
    size_t n = json_count(raw);
    s->v = need_memory(calloc(n + 1, sizeof *s->v));
    s->raw = need_memory(calloc(n + 1, sizeof *s->raw));
    s->has = need_memory(calloc(n + 1, sizeof *s->has));
    while (s->n < n && jiter_next(&it, NULL, &v)) {
        int64_t i;
        v = str_trim(v);
        s->raw[s->n] = v;
        s->has[s->n] = json_kind(v) == '0' && str_to_f64(v, &s->v[s->n]);
        if (s->has[s->n])
            s->whole &= str_to_i64(v, &i);
        s->n++;
    }
    return true;
}

void series_free(struct series *s)
{
    free(s->v);
    free(s->raw);
    free(s->has);
}

void series_put_real(struct buf *b, double v)
{
    if (isnan(v) || isinf(v)) {
        buf_puts(b, isnan(v) ? "\"NaN\"" : v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    buf_real(b, v);
}

void series_put(struct buf *b, const double *v, const bool *has, size_t n)
{
    buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(b, ',');
        if (has && !has[i])
            buf_puts(b, "null");
        else
            series_put_real(b, v[i]);
    }
    buf_putc(b, ']');
}

void *series_memory(size_t n, size_t size)
{
    return need_memory(calloc(n ? n : 1, size));
}

static void put_item(struct udf_call *c, bool has, double v, bool whole)
{
    buf_putc(&c->out, c->out.n ? ',' : '[');
    if (!has)
        buf_puts(&c->out, "null");
    else if (whole && fabs(v) < 9e15)
        buf_i64(&c->out, (int64_t)v);
    else
        series_put_real(&c->out, v);
}

static void close_series(struct udf_call *c)
{
    buf_puts(&c->out, c->out.n ? "]" : "[]");
}

/* ---- element by element ---- */

static double sign(double v)
{
    return (v > 0) - (v < 0);
}

static const struct unary {
    const char *name;
    double (*f)(double);
    bool whole; /* integers stay integers */
} unaries[] = {
    { "abs", fabs, true }, { "acos", acos, false }, { "asin", asin, false },    { "atan", atan, false },
    { "cos", cos, false }, { "exp", exp, false },   { "ceiling", ceil, false }, { "floor", floor, false },
    { "log", log, false }, { "sign", sign, true },  { "sin", sin, false },      { "tan", tan, false },
};

static bool unary(struct udf_call *c)
{
    struct series s;
    const struct unary *u = NULL;
    for (size_t i = 0; i < sizeof unaries / sizeof *unaries; i++)
        if (str_eqz(c->arg[0].s, unaries[i].name))
            u = &unaries[i];
    if (!u || !series_read(c->arg[1].s, &s))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        double r = s.has[i] ? u->f(s.v[i]) : 0;
        put_item(c, s.has[i] && !isnan(r), r, u->whole && s.whole);
    }
    close_series(c);
    series_free(&s);
    return true;
}

enum { ADD, SUB, MUL, DIV, POW, EQ, NE, LT, LE, GT, GE };

static const char *const binaries[] = { "add",         "subtract", "multiply",      "divide",
                                        "pow",         "equals",   "not_equals",    "less",
                                        "less_equals", "greater",  "greater_equals" };

static double combine(int op, double x, double y)
{
    switch (op) {
    case ADD: return x + y;
    case SUB: return x - y;
    case MUL: return x * y;
    case DIV: return x / y;
    case POW: return pow(x, y);
    case EQ: return x == y;
    case NE: return x != y;
    case LT: return x < y;
    case LE: return x <= y;
    case GT: return x > y;
    default: return x >= y;
    }
}

/* A scalar stands for every element. */
static bool operand(struct str raw, struct series *s, bool *scalar)
{
    int64_t i;
    *scalar = json_kind(raw) == '0';
    if (!*scalar)
        return series_read(raw, s);
    *s = (struct series){ .n = 1 };
    s->v = need_memory(calloc(1, sizeof *s->v));
    s->has = need_memory(calloc(1, sizeof *s->has));
    s->has[0] = str_to_f64(str_trim(raw), &s->v[0]);
    s->whole = str_to_i64(str_trim(raw), &i);
    return true;
}

static bool binary(struct udf_call *c)
{
    struct series x = { 0 }, y = { 0 };
    bool xs = false, ys = false;
    int op = -1;
    for (int i = 0; i <= GE; i++)
        if (str_eqz(c->arg[0].s, binaries[i]))
            op = i;
    bool ok = op >= 0 && operand(c->arg[1].s, &x, &xs) && operand(c->arg[2].s, &y, &ys) && !(xs && ys);
    size_t n = xs ? y.n : ys ? x.n : x.n > y.n ? x.n : y.n;
    for (size_t i = 0; ok && i < n; i++) {
        size_t a = xs ? 0 : i, b = ys ? 0 : i;
        bool has = a < x.n && b < y.n && x.has[a] && y.has[b];
        double r = has ? combine(op, x.v[a], y.v[b]) : 0;
        if (op < EQ) {
            put_item(c, has, r, x.whole && y.whole && op < DIV);
            continue;
        }
        buf_putc(&c->out, c->out.n ? ',' : '[');
        buf_puts(&c->out, !has ? "null" : r != 0 ? "true" : "false");
    }
    if (ok)
        close_series(c);
    series_free(&x);
    series_free(&y);
    return ok;
}

/* ---- filling ---- */

static void put_raw(struct udf_call *c, struct str raw)
{
    buf_putc(&c->out, c->out.n ? ',' : '[');
    buf_str(&c->out, raw.n ? raw : STR("null"));
}

/* What stands for a missing value besides null: taken out. */
static void drop_placeholder(struct series *s, const struct udf_arg *placeholder)
{
    double v;
    if (placeholder->null || !str_to_f64(str_trim(placeholder->s), &v))
        return;
    for (size_t i = 0; i < s->n; i++)
        s->has[i] = s->has[i] && s->v[i] != v;
}

/* The place of a value in front of i, or behind it; n: there is none. */
static size_t *nearest(const struct series *s, bool behind)
{
    size_t *at = series_memory(s->n, sizeof *at), last = s->n;
    for (size_t k = 0; k < s->n; k++) {
        size_t i = behind ? s->n - 1 - k : k;
        if (s->has[i])
            last = i;
        at[i] = last;
    }
    return at;
}

/* kind, series, constant, placeholder, edges too (linear) */
static bool fill(struct udf_call *c)
{
    struct series s;
    if (c->arg[0].null || c->arg[1].null || !series_read(c->arg[1].s, &s))
        return false;
    drop_placeholder(&s, &c->arg[3]);
    char kind = c->arg[0].s.n ? c->arg[0].s.p[0] : 0;
    size_t *before = nearest(&s, false), *after = nearest(&s, true);
    struct str constant = c->arg[2].null ? (struct str){ 0 } : c->arg[2].s;
    bool none = s.n && before[s.n - 1] == s.n, edges = c->arg[4].null || c->arg[4].b;
    for (size_t i = 0; i < s.n; i++) {
        size_t x = before[i], y = after[i];
        if (s.has[i])
            put_raw(c, s.raw[i]);
        else if (kind == 'c' || (kind == 'l' && none))
            put_raw(c, constant.n ? constant : s.raw[i]);
        else if (kind == 'l' && x < s.n && y < s.n)
            put_item(c, true, s.v[x] + (s.v[y] - s.v[x]) * (double)(i - x) / (double)(y - x), s.whole);
        else if (kind == 'l' && !edges)
            put_raw(c, s.raw[i]);
        else if ((kind != 'b' && x < s.n) || y == s.n)
            put_raw(c, kind != 'b' && x < s.n ? s.raw[x] : s.raw[i]);
        else
            put_raw(c, kind == 'f' ? s.raw[i] : s.raw[y]);
    }
    close_series(c);
    free(before);
    free(after);
    series_free(&s);
    return true;
}

/* ---- statistics ---- */

struct stats {
    double min, max, sum, avg, variance;
    size_t min_at, max_at, n;
};

static struct stats stats_of(const struct series *s)
{
    struct stats t = { 0 };
    for (size_t i = 0; i < s->n; i++) {
        if (!s->has[i])
            continue;
        if (!t.n || s->v[i] < t.min) {
            t.min = s->v[i];
            t.min_at = i;
        }
        if (!t.n || s->v[i] > t.max) {
            t.max = s->v[i];
            t.max_at = i;
        }
        t.sum += s->v[i];
        t.n++;
    }
    t.avg = t.n ? t.sum / (double)t.n : 0;
    for (size_t i = 0; i < s->n && t.n > 1; i++)
        if (s->has[i])
            t.variance += (s->v[i] - t.avg) * (s->v[i] - t.avg) / (double)(t.n - 1);
    return t;
}

/* An array in the order of the columns of series_stats(), or a bag. */
static bool stats(struct udf_call *c)
{
    struct series s;
    if (!series_read(c->arg[0].s, &s))
        return false;
    bool whole = true;
    for (size_t i = 0; i < s.n; i++) {
        s.has[i] = s.has[i] && isfinite(s.v[i]);
        whole &= s.has[i];
    }
    struct stats t = whole || c->arg[2].b ? stats_of(&s) : (struct stats){ 0 };
    series_free(&s);
    struct buf *o = &c->out;
    const char *names[] = { "\"min\":", "\"min_idx\":", "\"max\":",     "\"max_idx\":",
                            "\"avg\":", "\"stdev\":",   "\"variance\":" };
    bool bag = c->arg[1].b;
    for (int i = 0; i < 7; i++) {
        buf_putc(o, i ? ',' : bag ? '{' : '[');
        if (bag)
            buf_puts(o, names[i]);
        if (!t.n)
            buf_puts(o, "null");
        else if (i == 1 || i == 3)
            buf_u64(o, i == 1 ? t.min_at : t.max_at);
        else
            series_put_real(o, i == 0   ? t.min
                               : i == 2 ? t.max
                               : i == 4 ? t.avg
                               : i == 5 ? sqrt(t.variance)
                                        : t.variance);
    }
    if (bag && t.n) {
        buf_puts(o, ",\"sum\":");
        series_put_real(o, t.sum);
        buf_printf(o, ",\"len\":%zu", t.n);
    }
    buf_putc(o, bag ? '}' : ']');
    return true;
}

/* Least squares over the places of the elements. */
static bool fit_line(struct udf_call *c)
{
    struct series s;
    if (!series_read(c->arg[0].s, &s))
        return false;
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.has[i]) {
            double x = (double)i;
            n++;
            sx += x;
            sy += s.v[i];
            sxx += x * x;
            sxy += x * s.v[i];
        }
    double d = n * sxx - sx * sx;
    double slope = d != 0 ? (n * sxy - sx * sy) / d : 0, at0 = n > 0 ? (sy - slope * sx) / n : 0;
    double mean = n > 0 ? sy / n : 0, total = 0, rest = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.has[i]) {
            double e = s.v[i] - (at0 + slope * (double)i);
            total += (s.v[i] - mean) * (s.v[i] - mean);
            rest += e * e;
        }
    bool bag = c->arg[1].b;
    const double out[] = { total > 0 ? 1 - rest / total : 1, slope, n > 1 ? total / (n - 1) : 0,
                           n > 1 ? rest / (n - 1) : 0, at0 };
    const char *names[] = { "\"rsquare\":", "\"slope\":", "\"variance\":", "\"rvariance\":",
                            "\"interception\":" };
    for (int i = 0; i < 5; i++) {
        buf_putc(&c->out, i ? ',' : bag ? '{' : '[');
        if (bag)
            buf_puts(&c->out, names[i]);
        series_put_real(&c->out, out[i]);
    }
    buf_puts(&c->out, bag ? ",\"line_fit\":" : ",");
    for (size_t i = 0; i < s.n; i++) {
        buf_putc(&c->out, i ? ',' : '[');
        series_put_real(&c->out, at0 + slope * (double)i);
    }
    buf_puts(&c->out, s.n ? "]" : "[]");
    buf_putc(&c->out, bag ? '}' : ']');
    series_free(&s);
    return true;
}

static bool pearson(struct udf_call *c)
{
    struct series x = { 0 }, y = { 0 };
    bool ok = series_read(c->arg[0].s, &x) && series_read(c->arg[1].s, &y) && x.n == y.n && x.n > 0;
    double n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (size_t i = 0; ok && i < x.n; i++)
        if (x.has[i] && y.has[i]) {
            n++;
            sx += x.v[i];
            sy += y.v[i];
            sxx += x.v[i] * x.v[i];
            syy += y.v[i] * y.v[i];
            sxy += x.v[i] * y.v[i];
        }
    c->f = (n * sxy - sx * sy) / (sqrt(n * sxx - sx * sx) * sqrt(n * syy - sy * sy));
    series_free(&x);
    series_free(&y);
    return ok && !isnan(c->f);
}

/* A lone number stands for every element of the other side. NULL where a side is empty. */
static bool dot(struct udf_call *c)
{
    struct series x[2] = { { 0 } };
    double lone[2] = { 0 };
    bool is_lone[2] = { false };
    for (int i = 0; i < 2; i++)
        is_lone[i] = !series_read(c->arg[i].s, &x[i]) && str_to_f64(str_trim(c->arg[i].s), &lone[i]);
    bool ok = (x[0].n || is_lone[0]) && (x[1].n || is_lone[1]) && !(is_lone[0] && is_lone[1]);
    size_t n = is_lone[0] || (!is_lone[1] && x[1].n < x[0].n) ? x[1].n : x[0].n;
    c->f = 0;
    for (size_t i = 0; ok && i < n; i++)
        if ((is_lone[0] || x[0].has[i]) && (is_lone[1] || x[1].has[i]))
            c->f += (is_lone[0] ? lone[0] : x[0].v[i]) * (is_lone[1] ? lone[1] : x[1].v[i]);
    series_free(&x[0]);
    series_free(&x[1]);
    return ok;
}

static bool product(struct udf_call *c)
{
    struct series x;
    if (!series_read(c->arg[0].s, &x))
        return false;
    c->f = 1;
    for (size_t i = 0; i < x.n; i++)
        if (x.has[i])
            c->f *= x.v[i];
    series_free(&x);
    return true;
}

/* ---- filters ---- */

/* series, filter, normalize?, center? */
static bool fir(struct udf_call *c)
{
    struct series s = { 0 }, f = { 0 };
    bool ok = series_read(c->arg[0].s, &s) && series_read(c->arg[1].s, &f) && f.n > 0;
    double sum = 0;
    for (size_t k = 0; ok && k < f.n; k++)
        sum += f.v[k];
    double scale = ok && c->arg[2].b && sum != 0 ? 1 / sum : 1;
    size_t ahead = ok && c->arg[3].b ? f.n / 2 : 0;
    bool whole = ok && s.whole && f.whole && scale == 1;
    for (size_t i = 0; ok && i < s.n; i++) {
        double v = 0;
        for (size_t k = 0; k < f.n; k++)
            if (i + ahead >= k && i + ahead - k < s.n && s.has[i + ahead - k])
                v += s.v[i + ahead - k] * f.v[k];
        put_item(c, true, v * scale, whole);
    }
    if (ok)
        close_series(c);
    series_free(&s);
    series_free(&f);
    return ok;
}

/* series, numerators, denominators */
static bool iir(struct udf_call *c)
{
    struct series s = { 0 }, b = { 0 }, a = { 0 };
    bool ok = series_read(c->arg[0].s, &s) && series_read(c->arg[1].s, &b) && series_read(c->arg[2].s, &a) &&
              a.n > 0 && a.has[0] && a.v[0] != 0;
    double *y = need_memory(calloc(s.n + 1, sizeof *y));
    for (size_t i = 0; ok && i < s.n; i++) {
        double v = 0;
        for (size_t k = 0; k < b.n && k <= i; k++)
            if (s.has[i - k])
                v += b.v[k] * s.v[i - k];
        for (size_t k = 1; k < a.n && k <= i; k++)
            v -= a.v[k] * y[i - k];
        y[i] = v / a.v[0];
        put_item(c, true, y[i], false);
    }
    if (ok)
        close_series(c);
    free(y);
    series_free(&s);
    series_free(&b);
    series_free(&a);
    return ok;
}

int series_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- kept values of tdigest() and hll() ---- */

struct weighted {
    double v, w;
    struct str raw;
};

static int by_weighted(const void *a, const void *b)
{
    const struct weighted *x = a, *y = b;
    return (x->v > y->v) - (x->v < y->v);
}

/* Values of an array, sorted: plain numbers, or [value, weight] pairs. */
static struct weighted *sorted_values(struct str raw, size_t *n, double *total)
{
    struct jiter it;
    struct str v, w;
    *n = 0;
    *total = 0;
    if (!jiter_begin(&it, raw) || it.object)
        return NULL;
    struct weighted *x = need_memory(calloc(json_count(raw) + 1, sizeof *x));
    while (jiter_next(&it, NULL, &v)) {
        x[*n].w = 1;
        if (json_kind(v) == '[' && json_element(v, 1, &w) && str_to_f64(str_trim(w), &x[*n].w))
            json_element(v, 0, &v);
        x[*n].raw = str_trim(v);
        if (json_kind(v) == '0' && str_to_f64(x[*n].raw, &x[*n].v))
            *total += x[(*n)++].w;
    }
    qsort(x, *n, sizeof *x, by_weighted);
    return x;
}

static bool percentile(struct udf_call *c)
{
    size_t n;
    double total, seen = 0;
    struct weighted *x = sorted_values(c->arg[0].s, &n, &total);
    if (!x || !n) {
        free(x);
        return false;
    }
    double want = c->arg[1].f / 100 * total;
    size_t i = 0;
    while (i + 1 < n && (seen += x[i].w) < want)
        i++;
    buf_str(&c->out, x[i].raw);
    free(x);
    return true;
}

static bool rank(struct udf_call *c)
{
    size_t n;
    double total, below = 0;
    struct weighted *x = sorted_values(c->arg[0].s, &n, &total);
    if (!x)
        return false;
    for (size_t i = 0; i < n && x[i].v <= c->arg[1].f; i++)
        below += x[i].w;
    c->i = (int64_t)below;
    free(x);
    return true;
}

static bool erf_of(struct udf_call *c)
{
    c->f = erf(c->arg[0].f);
    return true;
}

static bool erfc_of(struct udf_call *c)
{
    c->f = erfc(c->arg[0].f);
    return true;
}

/* value, precision, unit */
static bool format_bytes(struct udf_call *c)
{
    static const char *const units[] = { "Bytes", "KB", "MB", "GB", "TB", "PB", "EB" };
    if (c->arg[0].null || c->arg[1].null || c->arg[2].null || c->arg[1].i < 0 || c->arg[1].i > 15)
        return false;
    double v = c->arg[0].f;
    size_t u = 0;
    if (c->arg[2].s.n) {
        while (u < 7 && !str_eq_nocase(c->arg[2].s, str_z(units[u])))
            u++;
        if (u == 7)
            return false;
        v /= pow(1024, (double)u);
    } else {
        while (fabs(v) >= 1024 && u < 6) {
            v /= 1024;
            u++;
        }
    }
    double p = pow(10, (double)c->arg[1].i);
    v = floor(v * p + 0.5) / p;
    buf_f64(&c->out, v);
    buf_printf(&c->out, " %s", units[u]);
    return true;
}

/* times, restart flags, longest session, longest gap */
static bool sessions(struct udf_call *c)
{
    const struct udf_arg *times = &c->arg[0], *again = &c->arg[1];
    int64_t longest = c->arg[2].i, gap = c->arg[3].i, start = 0, last = 0;
    bool open = false;
    for (size_t i = 0; i < times->n; i++) {
        int64_t t;
        if (!times->list[i].p || !str_to_i64(times->list[i], &t)) {
            udf_end_elem(c);
            c->ends[c->nends - 1] |= UDF_NULL_ELEM;
            continue;
        }
        bool restart = i < again->n && str_eqz(again->list[i], "1");
        if (!open || restart || t - start > longest || t - last > gap)
            start = t;
        open = true;
        last = t;
        buf_i64(&c->out, start);
        udf_end_elem(c);
    }
    return true;
}

static const struct udf_fn functions[] = {
    { "kql_series_unary", unary, NULL, 0 },
    { "kql_series_binary", binary, NULL, 0 },
    { "kql_series_fill", fill, NULL, 0 },
    { "kql_series_stats", stats, NULL, 0 },
    { "kql_series_fit_line", fit_line, NULL, 0 },
    { "kql_series_pearson", pearson, NULL, 0 },
    { "kql_series_dot", dot, NULL, 0 },
    { "kql_series_product", product, NULL, 0 },
    { "kql_series_fir", fir, NULL, 0 },
    { "kql_series_iir", iir, NULL, 0 },
    { "kql_percentile", percentile, NULL, 0 },
    { "kql_rank", rank, NULL, 0 },
    { "kql_sessions", sessions, NULL, 0 },
    { "kql_erf", erf_of, NULL, 0 },
    { "kql_erfc", erfc_of, NULL, 0 },
    { "kql_format_bytes", format_bytes, NULL, 0 },
};

const struct udf_set udf_series_set = { functions, sizeof functions / sizeof *functions };
