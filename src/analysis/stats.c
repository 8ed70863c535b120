/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order statistics: radix sorts, percentiles as numpy computes them.
 *
 * The percentile's arithmetic (which side it interpolates from) decides flags of rows that lie on the offset,
 * so its form is fixed.
 */
#include "analysis_int.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { RADIX = 256 };

/* One stable pass over byte `shift` of v; false (and nothing moved) when all bytes are equal. */
static bool radix_pass_u32(const uint32_t *v, uint32_t *out, size_t n, unsigned shift)
{
    size_t count[RADIX] = { 0 };
    for (size_t i = 0; i < n; i++)
        count[v[i] >> shift & 255]++;
    if (count[v[0] >> shift & 255] == n)
        return false;
    size_t at = 0;
    for (size_t b = 0; b < RADIX; b++) {
        size_t c = count[b];
        count[b] = at;
        at += c;
    }
    for (size_t i = 0; i < n; i++)
        out[count[v[i] >> shift & 255]++] = v[i];
    return true;
}

void sort_u32(uint32_t *v, uint32_t *scratch, size_t n)
{
    if (n < 2)
        return;
    uint32_t *from = v, *to = scratch;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        if (radix_pass_u32(from, to, n, shift)) {
            uint32_t *t = from;
            from = to;
            to = t;
        }
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}

struct ranked {
    uint64_t bits; /* a double turned so that unsigned order is numeric order */
    uint32_t index;
};

static uint64_t ordered_bits(double v)
{
    uint64_t u;
    v += 0.0; /* -0.0 and 0.0 are one value */
    memcpy(&u, &v, sizeof u);
    return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}

static bool radix_pass_ranked(const struct ranked *v, struct ranked *out, size_t n, unsigned shift)
{
    size_t count[RADIX] = { 0 };
    for (size_t i = 0; i < n; i++)
        count[v[i].bits >> shift & 255]++;
    if (count[v[0].bits >> shift & 255] == n)
        return false;
    size_t at = 0;
    for (size_t b = 0; b < RADIX; b++) {
        size_t c = count[b];
        count[b] = at;
        at += c;
    }
    for (size_t i = 0; i < n; i++)
        out[count[v[i].bits >> shift & 255]++] = v[i];
    return true;
}

void sort_order_f64(struct arena *scratch, const double *v, size_t n, uint32_t *order)
{
    if (n == 0)
        return;
    struct ranked *from = ARENA_ARRAY(scratch, n, struct ranked);
    struct ranked *to = ARENA_ARRAY(scratch, n, struct ranked);
    for (size_t i = 0; i < n; i++)
        from[i] = (struct ranked){ ordered_bits(v[i]), (uint32_t)i };
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (radix_pass_ranked(from, to, n, shift)) {
            struct ranked *t = from;
            from = to;
            to = t;
        }
    }
    for (size_t i = 0; i < n; i++)
        order[i] = from[i].index;
}

/* Value at index `at` of the expanded list. */
static double pair_at(const double *value, const int64_t *count, size_t npairs, int64_t at)
{
    int64_t seen = 0;
    for (size_t i = 0; i < npairs; i++) {
        seen += count[i];
        if (at < seen)
            return value[i];
    }
    return value[npairs - 1];
}

double stats_percentile_pairs(const double *value, const int64_t *count, size_t npairs, double p)
{
    assert(npairs > 0 && p >= 0 && p <= 1);
    int64_t n = 0;
    for (size_t i = 0; i < npairs; i++)
        n += count[i];
    assert(n > 0);
    double h = (double)(n - 1) * p;
    double whole = floor(h);
    double f = h - whole;
    int64_t i = (int64_t)whole;
    if (h >= (double)(n - 1))
        return pair_at(value, count, npairs, n - 1);
    double lower = pair_at(value, count, npairs, i);
    double upper = pair_at(value, count, npairs, i + 1);
    double gap = upper - lower;
    return f < 0.5 ? lower + gap * f : upper - gap * (1 - f);
}

double stats_percentile(struct arena *a, const double *v, size_t n, double p)
{
    uint32_t *order = ARENA_ARRAY(a, n, uint32_t);
    double *sorted = ARENA_ARRAY(a, n, double);
    int64_t *ones = ARENA_ARRAY(a, n, int64_t);
    sort_order_f64(a, v, n, order);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = v[order[i]];
        ones[i] = 1;
    }
    return stats_percentile_pairs(sorted, ones, n, p);
}
