/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic as Kusto does it: longs wrap, divisions by zero are null, remainders are never negative.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/decimal.h"
#include "udf.h"
#include "xxh64.h"

static int64_t wrap(uint64_t v)
{
    return (int64_t)v;
}

#define BULK(name, expression)                                                                               \
    static void name(const int64_t *a, const int64_t *b, int64_t *out, size_t n)                             \
    {                                                                                                        \
        (void)b;                                                                                             \
        for (size_t i = 0; i < n; i++)                                                                       \
            out[i] = wrap(expression);                                                                       \
    }
BULK(bulk_add, (uint64_t)a[i] + (uint64_t)b[i])
BULK(bulk_sub, (uint64_t)a[i] - (uint64_t)b[i])
BULK(bulk_mul, (uint64_t)a[i] * (uint64_t)b[i])
BULK(bulk_neg, 0 - (uint64_t)a[i])
#undef BULK

static bool do_wrap(struct udf_call *c)
{
    c->i = wrap((uint64_t)(unsigned __int128)c->arg[0].d);
    return true;
}

static bool do_add(struct udf_call *c)
{
    c->i = wrap((uint64_t)c->arg[0].i + (uint64_t)c->arg[1].i);
    return true;
}

static bool do_sub(struct udf_call *c)
{
    c->i = wrap((uint64_t)c->arg[0].i - (uint64_t)c->arg[1].i);
    return true;
}

static bool do_mul(struct udf_call *c)
{
    c->i = wrap((uint64_t)c->arg[0].i * (uint64_t)c->arg[1].i);
    return true;
}

static bool do_neg(struct udf_call *c)
{
    c->i = wrap(0 - (uint64_t)c->arg[0].i);
    return true;
}

static bool do_abs(struct udf_call *c)
{
    c->i = c->arg[0].i < 0 ? wrap(0 - (uint64_t)c->arg[0].i) : c->arg[0].i;
    return true;
}

static bool do_div(struct udf_call *c)
{
    int64_t a = c->arg[0].i, b = c->arg[1].i;
    if (b == 0)
        return false;
    c->i = b == -1 ? wrap(0 - (uint64_t)a) : a / b;
    return true;
}

/* The remainder in 0..|b|-1; b is not 0. */
static int64_t positive_mod(int64_t a, int64_t b)
{
    if (b == -1)
        return 0;
    int64_t r = a % b;
    if (r < 0)
        r = wrap((uint64_t)r + (b < 0 ? 0 - (uint64_t)b : (uint64_t)b));
    return r;
}

static bool do_mod(struct udf_call *c)
{
    if (c->arg[1].i == 0)
        return false;
    c->i = positive_mod(c->arg[0].i, c->arg[1].i);
    return true;
}

static bool do_fmod(struct udf_call *c)
{
    c->f = fmod(c->arg[0].f, c->arg[1].f);
    if (c->f < 0)
        c->f += fabs(c->arg[1].f);
    return true;
}

static bool do_bin(struct udf_call *c)
{
    int64_t x = c->arg[0].i, step = c->arg[1].i;
    if (step <= 0)
        return false;
    c->i = wrap((uint64_t)x - (uint64_t)positive_mod(x, step));
    return true;
}

static bool do_binr(struct udf_call *c)
{
    if (!(c->arg[1].f > 0))
        return false;
    c->f = floor(c->arg[0].f / c->arg[1].f) * c->arg[1].f;
    return true;
}

static bool do_bin_at(struct udf_call *c)
{
    int64_t x = c->arg[0].i, step = c->arg[1].i, at = c->arg[2].i;
    if (step <= 0)
        return false;
    int64_t from = wrap((uint64_t)x - (uint64_t)at);
    c->i = wrap((uint64_t)x - (uint64_t)positive_mod(from, step));
    return true;
}

static bool do_binr_at(struct udf_call *c)
{
    double x = c->arg[0].f, step = c->arg[1].f, at = c->arg[2].f;
    if (!(step > 0))
        return false;
    c->f = at + floor((x - at) / step) * step;
    return true;
}

static bool do_shl(struct udf_call *c)
{
    c->i = wrap((uint64_t)c->arg[0].i << ((uint64_t)c->arg[1].i & 63));
    return true;
}

static bool do_shr(struct udf_call *c)
{
    c->i = c->arg[0].i >> ((uint64_t)c->arg[1].i & 63);
    return true;
}

static bool do_ticks_mul(struct udf_call *c)
{
    double v = (double)c->arg[0].i * c->arg[1].f;
    if (!(v > -0x1p63 && v < 0x1p63))
        return false;
    c->i = (int64_t)v;
    return true;
}

static bool do_real_long(struct udf_call *c)
{
    return real_to_long(c->arg[0].f, &c->i);
}

static bool do_real_int(struct udf_call *c)
{
    if (!real_to_long(c->arg[0].f, &c->i))
        return false;
    c->i = c->i > INT32_MAX ? INT32_MAX : c->i < INT32_MIN ? INT32_MIN : c->i;
    return true;
}

static bool do_long_int(struct udf_call *c)
{
    c->i = (int32_t)(uint32_t)(uint64_t)c->arg[0].i;
    return true;
}

static bool do_hash_text(struct udf_call *c)
{
    c->i = wrap(xxh64(c->arg[0].s.p, c->arg[0].s.n, 0));
    return true;
}

static bool do_hash_long(struct udf_call *c)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)c->arg[0].i >> (8 * i));
    c->i = wrap(xxh64(bytes, sizeof bytes, 0));
    return true;
}

/* ---- decimals ---- */

#define DECIMAL(name, f)                                                                                     \
    static bool name(struct udf_call *c)                                                                     \
    {                                                                                                        \
        return f(c->arg[0].d, c->arg[1].d, &c->d);                                                           \
    }
DECIMAL(dec_add, decimal_add)
DECIMAL(dec_mul, decimal_mul)
DECIMAL(dec_div, decimal_div)
DECIMAL(dec_mod, decimal_mod)
DECIMAL(dec_bin, decimal_bin)
#undef DECIMAL

static bool dec_round(struct udf_call *c)
{
    return decimal_round(c->arg[0].d, c->arg[1].i, &c->d);
}

static int by_size(const void *a, const void *b)
{
    hb_decimal x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Threads leave the values in any order, and a sum that is rounded depends on it: smallest first. */
static bool dec_sum(struct udf_call *c)
{
    size_t n = c->arg[0].n;
    hb_decimal *sorted = malloc((n + 1) * sizeof *sorted);
    bool ok = true;
    assert(sorted);
    if (n)
        memcpy(sorted, c->arg[0].dlist, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    c->d = 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = decimal_add(c->d, sorted[i], &c->d);
    free(sorted);
    return ok;
}

static bool dec_whole(struct udf_call *c)
{
    __int128 part;
    return decimal_parts(c->arg[0].d, &c->d, &part);
}

static bool dec_part(struct udf_call *c)
{
    __int128 whole;
    return decimal_parts(c->arg[0].d, &whole, &c->d);
}

static bool dec_of_parts(struct udf_call *c)
{
    return decimal_of_parts(c->arg[0].d, c->arg[1].d, &c->d);
}

static const struct udf_fn functions[] = {
    { .name = "kql_dec_add", .body = dec_add },
    { .name = "kql_dec_mul", .body = dec_mul },
    { .name = "kql_dec_div", .body = dec_div },
    { .name = "kql_dec_mod", .body = dec_mod },
    { .name = "kql_dec_bin", .body = dec_bin },
    { .name = "kql_dec_round", .body = dec_round },
    { .name = "kql_dec_sum", .body = dec_sum },
    { .name = "kql_dec_whole", .body = dec_whole },
    { .name = "kql_dec_part", .body = dec_part },
    { .name = "kql_dec_of_parts", .body = dec_of_parts },
    { .name = "kql_wrap", .body = do_wrap },
    { .name = "kql_add", .body = do_add },
    { .name = "kql_sub", .body = do_sub },
    { .name = "kql_mul", .body = do_mul },
    { .name = "kql_neg", .body = do_neg },
    { .name = "kql_abs", .body = do_abs },
    { .name = "kql_div", .body = do_div },
    { .name = "kql_mod", .body = do_mod },
    { .name = "kql_fmod", .body = do_fmod },
    { .name = "kql_bin", .body = do_bin },
    { .name = "kql_binr", .body = do_binr },
    { .name = "kql_bin_at", .body = do_bin_at },
    { .name = "kql_binr_at", .body = do_binr_at },
    { .name = "kql_shl", .body = do_shl },
    { .name = "kql_shr", .body = do_shr },
    { .name = "kql_ticks_mul", .body = do_ticks_mul },
    { .name = "kql_real_long", .body = do_real_long },
    { .name = "kql_real_int", .body = do_real_int },
    { .name = "kql_long_int", .body = do_long_int },
    { .name = "kql_xxh_str", .body = do_hash_text },
    { .name = "kql_xxh_long", .body = do_hash_long },
};

const struct udf_bulk udf_bulks[] = {
    { "kql_add", bulk_add },
    { "kql_sub", bulk_sub },
    { "kql_mul", bulk_mul },
    { "kql_neg", bulk_neg },
};
const size_t udf_nbulks = sizeof udf_bulks / sizeof *udf_bulks;

const struct udf_set udf_math_set = { functions, sizeof functions / sizeof *functions };
