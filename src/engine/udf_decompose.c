/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series taken apart: outliers, periods, seasonal decomposition, two lines.
 *
 * The reference page says what each does, not the last digit: scores of periods are autocorrelations here.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jscan.h"
#include "series.h"

/* ---- outliers ---- */

/* Value below which p percent of sorted v lie, interpolated. */
static double quantile(const double *v, size_t n, double p)
{
    double at = p / 100 * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (v[i + 1] - v[i]) * (at - (double)i) : v[n - 1];
}

/* The point of the normal distribution with p percent below it. */
static double normal_point(double p)
{
    double lo = -10, hi = 10;
    for (int i = 0; i < 60; i++) {
        double mid = (lo + hi) / 2;
        if (50 * erfc(-mid / sqrt(2)) < p)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

struct fence {
    double low, high, width;
};

/* Custom fences are scaled so that 1.5 means on normal data what it means for Tukey's. */
static struct fence fence_of(const double *sorted, size_t n, double lo, double hi)
{
    const double q75 = 0.674489750196082;
    double zl = normal_point(lo), zh = normal_point(hi);
    double norm = (q75 + 1.5 * 2 * q75 - zh) / (1.5 * (zh - zl));
    struct fence f = { quantile(sorted, n, lo), quantile(sorted, n, hi), 0 };
    f.width = (f.high - f.low) * norm;
    return f;
}

/* Scores of the elements that are there and lie outside the fences; n counts the first elements, from which is learnt. */
static void outlier_scores(const double *v, const bool *has, size_t n, size_t learn, double lo, double hi,
                           double *score)
{
    double *sorted = series_memory(n, sizeof *sorted);
    size_t k = 0;
    for (size_t i = 0; i < learn; i++)
        if (has[i])
            sorted[k++] = v[i];
    qsort(sorted, k, sizeof *sorted, series_by_value);
    struct fence f = k ? fence_of(sorted, k, lo, hi) : (struct fence){ 0 };
    free(sorted);
    for (size_t i = 0; i < n; i++) {
        score[i] = 0;
        if (!has[i] || f.width <= 0)
            continue;
        if (v[i] > f.high)
            score[i] = (v[i] - f.high) / f.width;
        else if (v[i] < f.low)
            score[i] = (v[i] - f.low) / f.width;
    }
}

/* series, kind, ignored value, lower and upper percentile */
static bool outliers(struct udf_call *c)
{
    struct series s;
    double lo = c->arg[3].f, hi = c->arg[4].f;
    if (c->arg[0].null || c->arg[1].null || !series_read(c->arg[0].s, &s))
        return false;
    bool tukey = str_eqz(c->arg[1].s, "tukey");
    if (tukey || c->arg[3].null || c->arg[4].null) {
        lo = tukey ? 25 : 10;
        hi = tukey ? 75 : 90;
    }
    for (size_t i = 0; i < s.n; i++)
        if (!c->arg[2].null && s.v[i] == c->arg[2].f)
            s.has[i] = false;
    double *score = series_memory(s.n, sizeof *score);
    outlier_scores(s.v, s.has, s.n, s.n, lo < hi ? lo : 10, lo < hi ? hi : 90, score);
    series_put(&c->out, score, NULL, s.n);
    free(score);
    series_free(&s);
    return true;
}

/* ---- periods ---- */

/* Correlation of the series with itself, shifted. */
static double shifted(const double *v, const bool *has, size_t n, size_t lag)
{
    double k = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (size_t i = 0; i + lag < n; i++) {
        if (!has[i] || !has[i + lag])
            continue;
        double x = v[i], y = v[i + lag];
        k++;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    double d = (k * sxx - sx * sx) * (k * syy - sy * sy);
    return d > 0 ? (k * sxy - sx * sy) / sqrt(d) : 0;
}

enum { PERIOD_MIN = 4, LAGS_MAX = 4000 };

/* A period must fit twice, and stand out from the shifts beside it. */
static double period_score(const double *v, const bool *has, size_t n, size_t lag)
{
    if (lag < PERIOD_MIN || lag > n / 2)
        return 0;
    const double flat = 1e-9; /* a straight line fits itself at every shift */
    double r = shifted(v, has, n, lag), left = shifted(v, has, n, lag - 1),
           right = shifted(v, has, n, lag + 1);
    return r > 0 && r >= left && r >= right && r > fmin(left, right) + flat ? r : 0;
}

struct period {
    double lag, score;
};

static int by_score(const void *a, const void *b)
{
    const struct period *x = a, *y = b;
    return x->score != y->score ? (x->score < y->score ? 1 : -1) : (x->lag > y->lag) - (x->lag < y->lag);
}

static bool is_multiple(size_t lag, const struct period *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fmod((double)lag, of[i].lag) == 0)
            return true;
    return false;
}

/*
 * The best period of v; a shorter one that it is a multiple of and that scores about as well stands for it. Not one that was found
 * already, nor a multiple: taking a period away leaves some of it where its height changes.
 */
static struct period best_period(const double *v, const bool *has, size_t n, size_t first, size_t last,
                                 const struct period *found, size_t nfound)
{
    struct period best = { 0, 0 }, short_one;
    double *score = series_memory(last + 1, sizeof *score);
    for (size_t lag = first; lag <= last; lag++) {
        score[lag] = is_multiple(lag, found, nfound) ? 0 : period_score(v, has, n, lag);
        if (score[lag] > best.score)
            best = (struct period){ (double)lag, score[lag] };
    }
    short_one = best;
    for (size_t lag = first; lag <= last && best.lag > 0; lag++)
        if (fmod(best.lag, (double)lag) == 0 && score[lag] > 0.9 * best.score) {
            short_one = (struct period){ (double)lag, score[lag] };
            break;
        }
    free(score);
    return short_one;
}

/* Takes from every element the mean of its phase. The variance that is left. */
static double remove_period(double *v, const bool *has, size_t n, size_t period)
{
    double rest = 0;
    for (size_t phase = 0; phase < period; phase++) {
        double sum = 0, k = 0;
        for (size_t i = phase; i < n; i += period)
            if (has[i]) {
                sum += v[i];
                k++;
            }
        for (size_t i = phase; i < n; i += period)
            if (has[i]) {
                v[i] -= sum / k;
                rest += v[i] * v[i];
            }
    }
    return rest;
}

/* The best first; every further period is one of what the ones before leave, as long as that is something. */
static size_t find_periods(const double *values, const bool *has, size_t n, double lo, double hi,
                           struct period *out, size_t want)
{
    const double negligible = 0.1;
    size_t kept = 0, first = lo > PERIOD_MIN ? (size_t)lo : PERIOD_MIN, half = n ? (n - 1) / 2 : 0;
    size_t last = hi < (double)half ? (size_t)(hi > 0 ? hi : 0) : half;
    if (last > LAGS_MAX)
        last = LAGS_MAX;
    double *v = series_memory(n, sizeof *v), left = 1, all;
    for (size_t i = 0; i < n; i++)
        v[i] = has[i] ? values[i] : 0;
    all = remove_period(v, has, n, 1);
    while (kept < want && all > 0 && left > negligible) {
        struct period p = best_period(v, has, n, first, last, out, kept);
        if (p.score <= 0)
            break;
        out[kept++] = p;
        left = remove_period(v, has, n, (size_t)p.lag) / all;
    }
    free(v);
    qsort(out, kept, sizeof *out, by_score);
    return kept;
}

static void put_periods(struct buf *o, const struct period *p, size_t n)
{
    for (int scores = 0; scores < 2; scores++) {
        buf_puts(o, scores ? ",[" : "[[");
        for (size_t i = 0; i < n; i++) {
            if (i)
                buf_putc(o, ',');
            series_put_real(o, scores ? p[i].score : p[i].lag);
        }
        buf_putc(o, ']');
    }
    buf_putc(o, ']');
}

/* series, shortest, longest, how many: [periods, scores] */
static bool periods_detect(struct udf_call *c)
{
    enum { PERIODS_MAX = 1000 };
    struct series s;
    int64_t want = c->arg[3].i;
    if (want < 1 || want > PERIODS_MAX || !series_read(c->arg[0].s, &s))
        return false;
    struct period *p = series_memory((size_t)want, sizeof *p);
    find_periods(s.v, s.has, s.n, c->arg[1].f, c->arg[2].f, p, (size_t)want);
    put_periods(&c->out, p, (size_t)want);
    free(p);
    series_free(&s);
    return true;
}

/* series, periods: [periods, scores] */
static bool periods_validate(struct udf_call *c)
{
    struct series s = { 0 }, want = { 0 };
    bool ok = series_read(c->arg[0].s, &s) && series_read(c->arg[1].s, &want);
    struct period *p = series_memory(want.n, sizeof *p);
    for (size_t i = 0; ok && i < want.n; i++) {
        double lag = want.has[i] ? round(want.v[i]) : 0;
        p[i].lag = want.v[i];
        p[i].score = lag >= PERIOD_MIN && lag < 1e9 ? period_score(s.v, s.has, s.n, (size_t)lag) : 0;
    }
    if (ok)
        put_periods(&c->out, p, want.n);
    free(p);
    series_free(&s);
    series_free(&want);
    return ok;
}

/* The median of each phase of a period; -1: of the best period, zeroes where no period scores 0.7. */
static bool seasonal(struct udf_call *c)
{
    const double significant = 0.7;
    struct series s;
    if (!series_read(c->arg[0].s, &s))
        return false;
    size_t period = c->arg[1].i > 0 ? (size_t)c->arg[1].i : 0, n;
    struct period found;
    if (c->arg[1].i == -1 && find_periods(s.v, s.has, s.n, 0, (double)s.n, &found, 1) &&
        found.score >= significant)
        period = (size_t)found.lag;
    double *phase = series_memory(s.n, sizeof *phase), *out = series_memory(s.n, sizeof *out);
    bool *has = series_memory(s.n, sizeof *has);
    for (size_t i = 0; i < s.n; i++) {
        n = 0;
        for (size_t k = period ? i % period : s.n; k < s.n && i < period; k += period)
            if (s.has[k])
                phase[n++] = s.v[k];
        qsort(phase, n, sizeof *phase, series_by_value);
        has[i] = n || !period || (i >= period && has[i - period]);
        out[i] = n % 2 ? phase[n / 2] : n ? (phase[n / 2 - 1] + phase[n / 2]) / 2 : 0;
        if (period && i >= period)
            out[i] = out[i - period];
    }
    series_put(&c->out, out, has, s.n);
    free(phase);
    free(out);
    free(has);
    series_free(&s);
    return true;
}

/* ---- lines ---- */

struct line {
    double slope, at0, rsquare, variance, rvariance, rest, total;
};

static struct line fit(const double *v, const bool *has, size_t from, size_t to)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    struct line l = { 0 };
    for (size_t i = from; i < to; i++)
        if (has[i]) {
            double x = (double)(i - from);
            n++;
            sx += x;
            sy += v[i];
            sxx += x * x;
            sxy += x * v[i];
        }
    double d = n * sxx - sx * sx, mean = n > 0 ? sy / n : 0;
    l.slope = d != 0 ? (n * sxy - sx * sy) / d : 0;
    l.at0 = n > 0 ? (sy - l.slope * sx) / n : 0;
    for (size_t i = from; i < to; i++)
        if (has[i]) {
            double e = v[i] - (l.at0 + l.slope * (double)(i - from));
            l.total += (v[i] - mean) * (v[i] - mean);
            l.rest += e * e;
        }
    l.rsquare = l.total > 0 ? 1 - l.rest / l.total : 1;
    l.variance = n > 1 ? l.total / (n - 1) : 0;
    l.rvariance = n > 1 ? l.rest / (n - 1) : 0;
    return l;
}

/* Sums over the first elements, so that every split is tried in constant time. */
struct sums {
    double n, x, y, xx, xy, yy;
};

static double rest_of(struct sums a, struct sums b)
{
    double n = b.n - a.n, x = b.x - a.x, y = b.y - a.y, xx = b.xx - a.xx, xy = b.xy - a.xy, yy = b.yy - a.yy;
    double d = n * xx - x * x;
    if (n < 1)
        return 0;
    double slope = d != 0 ? (n * xy - x * y) / d : 0, at0 = (y - slope * x) / n;
    return yy - at0 * y - slope * xy;
}

static size_t best_split(const struct series *s)
{
    struct sums *at = series_memory(s->n + 1, sizeof *at);
    for (size_t i = 0; i < s->n; i++) {
        double h = s->has[i], x = (double)i, y = s->has[i] ? s->v[i] : 0;
        at[i + 1] = (struct sums){ at[i].n + h,          at[i].x + h * x,  at[i].y + y,
                                   at[i].xx + h * x * x, at[i].xy + x * y, at[i].yy + y * y };
    }
    size_t best = 0;
    double least = INFINITY;
    for (size_t i = 1; i + 1 < s->n; i++) {
        double r = rest_of(at[0], at[i]) + rest_of(at[i], at[s->n]);
        if (r < least - 1e-12) {
            least = r;
            best = i;
        }
    }
    free(at);
    return best;
}

static void put_named(struct buf *o, bool bag, const char *side, const char *name)
{
    if (o->n > 1)
        buf_putc(o, ',');
    if (bag)
        buf_printf(o, "\"%s%s\":", side, name);
}

static void put_side(struct buf *o, bool bag, const char *side, const struct line *l)
{
    static const char *const names[] = { "rsquare", "slope", "interception", "variance", "rvariance" };
    const double v[] = { l->rsquare, l->slope, l->at0, l->variance, l->rvariance };
    for (int i = 0; i < 5; i++) {
        put_named(o, bag, side, names[i]);
        series_put_real(o, v[i]);
    }
}

static bool fit_2lines(struct udf_call *c)
{
    struct series s;
    bool bag = c->arg[1].b;
    if (!series_read(c->arg[0].s, &s))
        return false;
    size_t split = best_split(&s);
    struct line whole = fit(s.v, s.has, 0, s.n), left = fit(s.v, s.has, 0, split),
                right = fit(s.v, s.has, split, s.n);
    double rest = left.rest + right.rest;
    double *line = series_memory(s.n, sizeof *line);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        line[i] = i < split ? left.at0 + left.slope * (double)i
                            : right.at0 + right.slope * (double)(i - split);
        n += s.has[i];
    }
    struct buf *o = &c->out;
    buf_putc(o, bag ? '{' : '[');
    put_named(o, bag, "", "rsquare");
    series_put_real(o, whole.total > 0 ? 1 - rest / whole.total : 1);
    put_named(o, bag, "", "split_idx");
    buf_u64(o, split);
    put_named(o, bag, "", "variance");
    series_put_real(o, whole.variance);
    put_named(o, bag, "", "rvariance");
    series_put_real(o, n > 1 ? rest / (double)(n - 1) : 0);
    put_named(o, bag, "", "line_fit");
    series_put(o, line, NULL, s.n);
    put_side(o, bag, "right_", &right);
    put_side(o, bag, "left_", &left);
    buf_putc(o, bag ? '}' : ']');
    free(line);
    series_free(&s);
    return true;
}

/* ---- decomposition ---- */

struct parts {
    struct series s;
    double *base, *seasonal, *trend, *rest;
    size_t learn; /* the first elements, from which is learnt */
};

static void seasonal_part(struct parts *p, size_t period)
{
    double *phase = series_memory(p->s.n, sizeof *phase);
    for (size_t i = 0; i < p->s.n && i < period; i++) {
        size_t n = 0;
        for (size_t k = i; k < p->learn; k += period)
            if (p->s.has[k])
                phase[n++] = p->s.v[k];
        qsort(phase, n, sizeof *phase, series_by_value);
        double median = !n ? 0 : n % 2 ? phase[n / 2] : (phase[n / 2 - 1] + phase[n / 2]) / 2;
        for (size_t k = i; k < p->s.n; k += period)
            p->seasonal[k] = median;
    }
    free(phase);
}

static void trend_part(struct parts *p, struct str kind)
{
    double *left = series_memory(p->s.n, sizeof *left), sum = 0, n = 0;
    for (size_t i = 0; i < p->s.n; i++) {
        left[i] = p->s.v[i] - p->seasonal[i];
        if (i < p->learn && p->s.has[i]) {
            sum += left[i];
            n++;
        }
    }
    struct line l = { 0 };
    if (str_eqz(kind, "linefit"))
        l = fit(left, p->s.has, 0, p->learn);
    else if (!str_eqz(kind, "none"))
        l.at0 = n > 0 ? sum / n : 0;
    for (size_t i = 0; i < p->s.n; i++)
        p->trend[i] = l.at0 + l.slope * (double)i;
    free(left);
}

/* The period of what is learnt from, outliers cut off so that a single one does not hide it; 0: none. */
static size_t season_of(const struct parts *p, double threshold)
{
    double *v = series_memory(p->learn, sizeof *v);
    size_t k = 0;
    for (size_t i = 0; i < p->learn; i++)
        if (p->s.has[i])
            v[k++] = p->s.v[i];
    qsort(v, k, sizeof *v, series_by_value);
    struct fence f = k ? fence_of(v, k, 10, 90) : (struct fence){ 0 };
    for (size_t i = 0; i < p->learn; i++)
        v[i] = fmax(f.low - 1.5 * f.width, fmin(f.high + 1.5 * f.width, p->s.v[i]));
    struct period found;
    size_t n = find_periods(v, p->s.has, p->learn, 0, (double)p->learn, &found, 1);
    free(v);
    return n && found.score >= threshold ? (size_t)found.lag : 0;
}

/* season: -1 found by itself, 0 none, else the period. False: no series. */
static bool take_apart(struct parts *p, struct str raw, int64_t season, struct str trend, int64_t test,
                       double threshold)
{
    if (!series_read(raw, &p->s))
        return false;
    size_t n = p->s.n, period = season > 0 ? (size_t)season : 0;
    p->base = series_memory(4 * n, sizeof *p->base);
    p->seasonal = p->base + n;
    p->trend = p->base + 2 * n;
    p->rest = p->base + 3 * n;
    p->learn = test > 0 ? ((size_t)test < n ? n - (size_t)test : 0) : n;
    if (season < 0)
        period = season_of(p, threshold);
    if (period)
        seasonal_part(p, period);
    trend_part(p, trend);
    for (size_t i = 0; i < n; i++) {
        p->base[i] = p->seasonal[i] + p->trend[i];
        p->rest[i] = p->s.has[i] ? p->s.v[i] - p->base[i] : 0;
    }
    return true;
}

static void parts_free(struct parts *p)
{
    free(p->base);
    series_free(&p->s);
}

/* series, season, trend, test points, threshold: [baseline, seasonal, trend, residual] */
static bool decompose(struct udf_call *c)
{
    struct parts p;
    if (!take_apart(&p, c->arg[0].s, c->arg[1].i, c->arg[2].s, c->arg[3].i, c->arg[4].f))
        return false;
    const double *const v[] = { p.base, p.seasonal, p.trend, p.rest };
    for (int i = 0; i < 4; i++) {
        buf_putc(&c->out, i ? ',' : '[');
        series_put(&c->out, v[i], i == 3 ? p.s.has : NULL, p.s.n);
    }
    buf_putc(&c->out, ']');
    parts_free(&p);
    return true;
}

/* series, threshold, season, trend, test points, method, threshold of the season: [flags, scores, baseline] */
static bool anomalies(struct udf_call *c)
{
    struct parts p;
    double k = c->arg[1].f;
    if (!take_apart(&p, c->arg[0].s, c->arg[2].i, c->arg[3].s, c->arg[4].i, c->arg[6].f))
        return false;
    bool tukey = str_eqz(c->arg[5].s, "tukey");
    double *score = series_memory(p.s.n, sizeof *score);
    outlier_scores(p.rest, p.s.has, p.s.n, p.learn, tukey ? 25 : 10, tukey ? 75 : 90, score);
    buf_puts(&c->out, "[[");
    for (size_t i = 0; i < p.s.n; i++)
        buf_printf(&c->out, "%s%d", i ? "," : "", score[i] > k ? 1 : score[i] < -k ? -1 : 0);
    buf_puts(&c->out, "],");
    series_put(&c->out, score, NULL, p.s.n);
    buf_putc(&c->out, ',');
    series_put(&c->out, p.base, NULL, p.s.n);
    buf_putc(&c->out, ']');
    free(score);
    parts_free(&p);
    return true;
}

/* series, points at the end to foresee, season, trend, threshold: the baseline */
static bool forecast(struct udf_call *c)
{
    struct parts p;
    if (!take_apart(&p, c->arg[0].s, c->arg[2].i, c->arg[3].s, c->arg[1].i, c->arg[4].f))
        return false;
    series_put(&c->out, p.base, NULL, p.s.n);
    parts_free(&p);
    return true;
}

static const struct udf_fn decompose_functions[] = {
    { "kql_series_outliers", outliers, NULL, 0 },
    { "kql_series_seasonal", seasonal, NULL, 0 },
    { "kql_series_periods_detect", periods_detect, NULL, 0 },
    { "kql_series_periods_validate", periods_validate, NULL, 0 },
    { "kql_series_fit_2lines", fit_2lines, NULL, 0 },
    { "kql_series_decompose", decompose, NULL, 0 },
    { "kql_series_anomalies", anomalies, NULL, 0 },
    { "kql_series_forecast", forecast, NULL, 0 },
};

const struct udf_set udf_decompose_set = { decompose_functions,
                                           sizeof decompose_functions / sizeof *decompose_functions };
