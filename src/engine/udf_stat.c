/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributions (beta, Welch's test), polynomials and Fourier transforms of series.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jscan.h"
#include "udf.h"

#define PI 3.14159265358979323846

/* ---- the beta distribution ---- */

/* Lentz's evaluation of the continued fraction of the incomplete beta function. */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), h;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    h = d;
    for (int m = 1; m < 10000; m++) {
        double m2 = 2.0 * m, step = 1;
        const double terms[] = { m * (b - m) * x / ((a + m2 - 1) * (a + m2)),
                                 -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1)) };
        for (int k = 0; k < 2; k++) {
            d = 1 + terms[k] * d;
            c = 1 + terms[k] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            h *= step;
        }
        if (fabs(step - 1) < DBL_EPSILON)
            break;
    }
    return h;
}

static double log_beta(double a, double b)
{
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* The regularized incomplete beta function; 0 <= x <= 1. */
static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0 || x >= 1)
        return x >= 1;
    double front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

static bool beta_args(struct udf_call *c)
{
    double x = c->arg[0].f;
    if (x >= 0 && x <= 1 && c->arg[1].f > 0 && c->arg[2].f > 0)
        return true;
    c->f = NAN;
    return false;
}

static bool beta_cdf(struct udf_call *c)
{
    if (beta_args(c))
        c->f = incomplete_beta(c->arg[0].f, c->arg[1].f, c->arg[2].f);
    return true;
}

static double density(double x, double a, double b)
{
    return exp((a - 1) * log(x) + (b - 1) * log1p(-x) - log_beta(a, b));
}

static bool beta_pdf(struct udf_call *c)
{
    if (beta_args(c))
        c->f = density(c->arg[0].f, c->arg[1].f, c->arg[2].f);
    return true;
}

/* Newton's method, kept inside an interval that is halved whenever a step would leave it. */
static bool beta_inv(struct udf_call *c)
{
    double p = c->arg[0].f, a = c->arg[1].f, b = c->arg[2].f, lo = 0, hi = 1, x = 0.5;
    if (!(p >= 0 && p <= 1))
        return false;
    if (!beta_args(c))
        return true;
    for (int i = 0; i < 200 && hi - lo > DBL_EPSILON * x; i++) {
        double e = incomplete_beta(x, a, b) - p, slope = density(x, a, b);
        if (e > 0)
            hi = x;
        else
            lo = x;
        double next = x - e / slope;
        if (fabs(next - x) <= DBL_EPSILON * x / 2)
            break;
        x = next > lo && next < hi ? next : (lo + hi) / 2;
    }
    c->f = p <= 0 ? 0 : p >= 1 ? 1 : x;
    return true;
}

/* Two means are equal: the probability of a t at least as far from 0. Mean, variance and count of either series. */
static bool welch(struct udf_call *c)
{
    double n1 = c->arg[2].f, n2 = c->arg[5].f, v1 = c->arg[1].f / n1, v2 = c->arg[4].f / n2;
    double t = (c->arg[0].f - c->arg[3].f) / sqrt(v1 + v2);
    double freedom = (v1 + v2) * (v1 + v2) / (v1 * v1 / (n1 - 1) + v2 * v2 / (n2 - 1));
    c->f = n1 > 1 && n2 > 1 && v1 + v2 > 0 ? incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)
                                           : NAN;
    return true;
}

/* ---- series ---- */

static void *need_memory(void *p)
{
    if (!p)
        abort();
    return p;
}

/* The numbers of an array; what is none is NaN. NULL: no array. */
static double *read_numbers(struct str raw, size_t *n)
{
    struct jiter it;
    struct str v;
    *n = 0;
    if (!jiter_begin(&it, raw) || it.object)
        return NULL;
    double *x = need_memory(calloc(json_count(raw) + 1, sizeof *x));
    while (jiter_next(&it, NULL, &v)) {
        v = str_trim(v);
        if (json_kind(v) != '0' || !str_to_f64(v, &x[*n]))
            x[*n] = NAN;
        ++*n;
    }
    return x;
}

static void put_numbers(struct buf *b, const double *x, size_t n, size_t stride)
{
    buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(b, ',');
        udf_put_number(b, x[i * stride]);
    }
    buf_putc(b, ']');
}

/* -- polynomials: least squares by Householder reflections -- */

enum { DEGREE_MAX = 20 };

/*
 * Solves A k = y in the sense of least squares; a is rows x cols by rows, y is overwritten. False: the points do not say.
 */
static bool least_squares(double *a, double *y, size_t rows, size_t cols, double *k)
{
    for (size_t j = 0; j < cols; j++) {
        double norm = 0;
        for (size_t i = j; i < rows; i++)
            norm = hypot(norm, a[i * cols + j]);
        if (norm == 0)
            return false;
        double alpha = a[j * cols + j] > 0 ? -norm : norm, v0 = a[j * cols + j] - alpha;
        for (size_t col = j + 1; col <= cols; col++) { /* the last one is y */
            double dot = v0 * (col < cols ? a[j * cols + col] : y[j]);
            for (size_t i = j + 1; i < rows; i++)
                dot += a[i * cols + j] * (col < cols ? a[i * cols + col] : y[i]);
            double f = dot / (alpha * v0);
            for (size_t i = j; i < rows; i++) {
                double *to = col < cols ? &a[i * cols + col] : &y[i];
                *to += f * (i == j ? v0 : a[i * cols + j]);
            }
        }
        a[j * cols + j] = alpha;
    }
    for (size_t j = cols; j-- > 0;) {
        double sum = y[j];
        for (size_t col = j + 1; col < cols; col++)
            sum -= a[j * cols + col] * k[col];
        k[j] = sum / a[j * cols + j];
        if (!isfinite(k[j]))
            return false;
    }
    return true;
}

static double polynomial(const double *k, size_t cols, double x)
{
    double v = 0;
    for (size_t j = 0; j < cols; j++)
        v = v * x + k[j];
    return v;
}

static void put_fit(struct buf *b, const double *x, const double *y, size_t n, const double *k, size_t cols)
{
    double mean = 0, total = 0, rest = 0, points = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i])) {
            mean += y[i];
            points++;
        }
    mean /= points;
    double *fit = need_memory(calloc(n + 1, sizeof *fit));
    for (size_t i = 0; i < n; i++) {
        fit[i] = polynomial(k, cols, x[i]);
        if (isnan(y[i]))
            continue;
        total += (y[i] - mean) * (y[i] - mean);
        rest += (y[i] - fit[i]) * (y[i] - fit[i]);
    }
    buf_putc(b, '[');
    udf_put_number(b, total > 0 ? 1 - rest / total : 1);
    buf_putc(b, ',');
    put_numbers(b, k, cols, 1);
    buf_putc(b, ',');
    udf_put_number(b, points > 1 ? total / (points - 1) : 0);
    buf_putc(b, ',');
    udf_put_number(b, points > 1 ? rest / (points - 1) : 0);
    buf_putc(b, ',');
    put_numbers(b, fit, n, 1);
    buf_putc(b, ']');
    free(fit);
}

/* y, x (null: 1, 2, ...), degree: [rsquare, coefficients, variance, rvariance, poly_fit] */
static bool fit_poly(struct udf_call *c)
{
    int64_t degree = c->arg[2].i;
    if (c->arg[0].null || c->arg[2].null || degree < 0 || degree > DEGREE_MAX)
        return false;
    size_t n, nx, cols = (size_t)degree + 1, rows = 0;
    double *y = read_numbers(c->arg[0].s, &n), *x, k[DEGREE_MAX + 1];
    if (!y)
        return false;
    if (c->arg[1].null) {
        x = need_memory(calloc(n + 1, sizeof *x));
        for (nx = 0; nx < n; nx++)
            x[nx] = (double)(nx + 1);
    } else {
        x = read_numbers(c->arg[1].s, &nx);
    }
    double *a = need_memory(calloc(n * cols + 1, sizeof *a)), *rhs = need_memory(calloc(n + 1, sizeof *rhs));
    for (size_t i = 0; x && nx == n && i < n; i++) {
        if (isnan(x[i]) || isnan(y[i]))
            continue;
        for (size_t j = 0; j < cols; j++)
            a[rows * cols + j] = pow(x[i], (double)(cols - 1 - j));
        rhs[rows++] = y[i];
    }
    bool ok = rows >= cols && least_squares(a, rhs, rows, cols, k);
    if (ok)
        put_fit(&c->out, x, y, n, k, cols);
    free(a);
    free(rhs);
    free(x);
    free(y);
    return ok;
}

/* -- Fourier: pairs of real and imaginary part; factors of two by halves, what is odd directly -- */

/* out[0..n) of in[0], in[stride], ...; tmp: room for n pairs. */
static void transform(const double *in, size_t stride, double *out, double *tmp, size_t n, double sign)
{
    if (n % 2) {
        for (size_t k = 0; k < n; k++) {
            double re = 0, im = 0;
            for (size_t i = 0; i < n; i++) {
                double w = sign * 2 * PI * (double)(i * k % n) / (double)n, x = in[2 * i * stride],
                       y = in[2 * i * stride + 1];
                re += x * cos(w) - y * sin(w);
                im += x * sin(w) + y * cos(w);
            }
            out[2 * k] = re;
            out[2 * k + 1] = im;
        }
        return;
    }
    size_t half = n / 2;
    transform(in, 2 * stride, tmp, out, half, sign);
    transform(in + 2 * stride, 2 * stride, tmp + n, out, half, sign);
    for (size_t k = 0; k < half; k++) {
        double w = sign * 2 * PI * (double)k / (double)n, x = tmp[n + 2 * k], y = tmp[n + 2 * k + 1];
        double re = x * cos(w) - y * sin(w), im = x * sin(w) + y * cos(w);
        out[2 * k] = tmp[2 * k] + re;
        out[2 * k + 1] = tmp[2 * k + 1] + im;
        out[n + 2 * k] = tmp[2 * k] - re;
        out[n + 2 * k + 1] = tmp[2 * k + 1] - im;
    }
}

/* The direct part takes the square of the odd factor. */
enum { ODD_MAX = 8192 };

/* real, imaginary (null: none), inverse: [real, imaginary]; null when an element is missing */
static bool fft(struct udf_call *c)
{
    if (c->arg[0].null || c->arg[2].null)
        return false;
    size_t n, ni = 0, odd;
    double *re = read_numbers(c->arg[0].s, &n), *im = c->arg[1].null ? NULL : read_numbers(c->arg[1].s, &ni);
    double *in = need_memory(calloc(6 * n + 1, sizeof *in)), *out = in + 2 * n, *tmp = out + 2 * n;
    bool inverse = c->arg[2].b, ok = re && n && (c->arg[1].null || (im && ni == n));
    for (odd = n; odd && odd % 2 == 0;)
        odd /= 2;
    ok &= odd <= ODD_MAX;
    for (size_t i = 0; i < n && ok; i++) {
        in[2 * i] = re[i];
        in[2 * i + 1] = im ? im[i] : 0;
        ok = isfinite(in[2 * i]) && isfinite(in[2 * i + 1]);
    }
    if (ok) {
        transform(in, 1, out, tmp, n, inverse ? 1 : -1);
        for (size_t i = 0; i < 2 * n && inverse; i++)
            out[i] /= (double)n;
        buf_putc(&c->out, '[');
        put_numbers(&c->out, out, n, 2);
        buf_putc(&c->out, ',');
        put_numbers(&c->out, out + 1, n, 2);
        buf_putc(&c->out, ']');
    }
    free(re);
    free(im);
    free(in);
    return ok;
}

static const struct udf_fn functions[] = {
    { .name = "kql_beta_cdf", .body = beta_cdf }, { .name = "kql_beta_pdf", .body = beta_pdf },
    { .name = "kql_beta_inv", .body = beta_inv }, { .name = "kql_welch", .body = welch },
    { .name = "kql_fit_poly", .body = fit_poly }, { .name = "kql_fft", .body = fft },
};

const struct udf_set udf_stat_set = { functions, sizeof functions / sizeof *functions };
