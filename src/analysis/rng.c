/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two random streams of the forest: a Mersenne Twister for seeds, rows and targets, a xorshift for
 * splits.
 *
 * Every draw here must consume exactly as many words as scikit-learn does: one word more or less and
 * everything after it differs. primitives.json and tests/unit/test_iforest.c pin them one by one.
 */
#include "analysis_int.h"

#include <assert.h>
#include <string.h>

enum { MT_SHIFT = 397 };
#define MT_MATRIX UINT32_C(0x9908b0df)

void mt_seed(struct mt *r, uint32_t seed)
{
    r->state[0] = seed;
    for (uint32_t i = 1; i < MT_WORDS; i++)
        r->state[i] = UINT32_C(1812433253) * (r->state[i - 1] ^ (r->state[i - 1] >> 30)) + i;
    r->position = MT_WORDS;
}

static uint32_t mix(uint32_t high, uint32_t low)
{
    uint32_t v = (high & UINT32_C(0x80000000)) | (low & UINT32_C(0x7fffffff));
    return (v >> 1) ^ (-(v & 1) & MT_MATRIX);
}

static void twist(struct mt *r)
{
    uint32_t *s = r->state;
    int i = 0;
    for (; i < MT_WORDS - MT_SHIFT; i++)
        s[i] = s[i + MT_SHIFT] ^ mix(s[i], s[i + 1]);
    for (; i < MT_WORDS - 1; i++)
        s[i] = s[i + MT_SHIFT - MT_WORDS] ^ mix(s[i], s[i + 1]);
    s[MT_WORDS - 1] = s[MT_SHIFT - 1] ^ mix(s[MT_WORDS - 1], s[0]);
    r->position = 0;
}

uint32_t mt_word(struct mt *r)
{
    if (r->position == MT_WORDS)
        twist(r);
    uint32_t v = r->state[r->position++];
    v ^= v >> 11;
    v ^= (v << 7) & UINT32_C(0x9d2c5680);
    v ^= (v << 15) & UINT32_C(0xefc60000);
    return v ^ (v >> 18);
}

double mt_real(struct mt *r)
{
    double a = mt_word(r) >> 5;
    double b = mt_word(r) >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
}

uint32_t mt_upto(struct mt *r, uint32_t h)
{
    if (h == 0)
        return 0;
    uint32_t mask = UINT32_MAX >> __builtin_clz(h);
    uint32_t v;
    do
        v = mt_word(r) & mask;
    while (v > h);
    return v;
}

void mt_permutation(struct mt *r, uint32_t *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = i;
    for (uint32_t i = n; i-- > 1;) {
        uint32_t j = mt_upto(r, i);
        uint32_t t = out[i];
        out[i] = out[j];
        out[j] = t;
    }
}

enum choice { CHOOSE_PERMUTE, CHOOSE_RETRY, CHOOSE_RESERVOIR };

/* Both bounds are strict: exactly 0.01 (25,600 rows, 256 of them) is not a permutation. */
static enum choice choice_of(uint32_t n, uint32_t k)
{
    double ratio = (double)k / (double)n;
    if (0.01 < ratio && ratio < 0.99)
        return CHOOSE_PERMUTE;
    return ratio < 0.2 ? CHOOSE_RETRY : CHOOSE_RESERVOIR;
}

static size_t set_slots(uint32_t k)
{
    size_t slots = 8;
    while (slots < 2 * (size_t)k)
        slots *= 2;
    return slots;
}

size_t mt_choose_scratch(uint32_t n, uint32_t k)
{
    switch (choice_of(n, k)) {
    case CHOOSE_PERMUTE: return n;
    case CHOOSE_RETRY: return set_slots(k);
    case CHOOSE_RESERVOIR: break;
    }
    return 0;
}

/* Adds v to an open hash set of v + 1; false when it was there. */
static bool set_add(uint32_t *set, size_t mask, uint32_t v)
{
    size_t i = ((uint64_t)v * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (set[i]) {
        if (set[i] == v + 1)
            return false;
        i = (i + 1) & mask;
    }
    set[i] = v + 1;
    return true;
}

static void choose_retry(struct mt *r, uint32_t n, uint32_t k, uint32_t *out, uint32_t *set)
{
    size_t slots = set_slots(k);
    memset(set, 0, slots * sizeof *set);
    for (uint32_t i = 0; i < k; i++) {
        do
            out[i] = mt_upto(r, n - 1);
        while (!set_add(set, slots - 1, out[i]));
    }
}

void mt_choose(struct mt *r, uint32_t n, uint32_t k, uint32_t *out, uint32_t *scratch)
{
    assert(k >= 1 && k <= n && n < UINT32_MAX);
    switch (choice_of(n, k)) {
    case CHOOSE_PERMUTE:
        mt_permutation(r, scratch, n);
        memcpy(out, scratch, k * sizeof *out);
        return;
    case CHOOSE_RETRY: choose_retry(r, n, k, out, scratch); return;
    case CHOOSE_RESERVOIR: break;
    }
    for (uint32_t i = 0; i < k; i++)
        out[i] = i;
    for (uint32_t i = k; i < n; i++) {
        uint32_t j = mt_upto(r, i);
        if (j < k)
            out[j] = i;
    }
}

uint32_t xorshift_next(struct xorshift *r)
{
    uint32_t x = r->x ? r->x : 1;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    r->x = x;
    return x & UINT32_C(0x7fffffff);
}

uint32_t xorshift_int(struct xorshift *r, uint32_t a, uint32_t b)
{
    return a + xorshift_next(r) % (b - a);
}

double xorshift_real(struct xorshift *r, double a, double b)
{
    return ((b - a) * (double)xorshift_next(r) / 2147483647.0) + a;
}
