/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic as Kusto does it: longs wrap, divisions by zero are null, remainders are never negative.
 */
#include <math.h>

#include "udf.h"
#include "xxh64.h"

static int64_t wrap(uint64_t v)
{
    return (int64_t)v;
}

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

static const struct udf_fn functions[] = {
    { "kql_wrap", do_wrap, NULL, 0 },
    { "kql_add", do_add, NULL, 0 },
    { "kql_sub", do_sub, NULL, 0 },
    { "kql_mul", do_mul, NULL, 0 },
    { "kql_neg", do_neg, NULL, 0 },
    { "kql_abs", do_abs, NULL, 0 },
    { "kql_div", do_div, NULL, 0 },
    { "kql_mod", do_mod, NULL, 0 },
    { "kql_fmod", do_fmod, NULL, 0 },
    { "kql_bin", do_bin, NULL, 0 },
    { "kql_binr", do_binr, NULL, 0 },
    { "kql_bin_at", do_bin_at, NULL, 0 },
    { "kql_binr_at", do_binr_at, NULL, 0 },
    { "kql_shl", do_shl, NULL, 0 },
    { "kql_shr", do_shr, NULL, 0 },
    { "kql_ticks_mul", do_ticks_mul, NULL, 0 },
    { "kql_real_long", do_real_long, NULL, 0 },
    { "kql_real_int", do_real_int, NULL, 0 },
    { "kql_long_int", do_long_int, NULL, 0 },
    { "kql_xxh_str", do_hash_text, NULL, 0 },
    { "kql_xxh_long", do_hash_long, NULL, 0 },
};

const struct udf_set udf_math_set = { functions, sizeof functions / sizeof *functions };
