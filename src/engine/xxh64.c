/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XXH64: four accumulators over 32-byte stripes, merged, then the tail, then the avalanche.
 */
#include "xxh64.h"

static const uint64_t prime[6] = {
    0,
    UINT64_C(0x9E3779B185EBCA87),
    UINT64_C(0xC2B2AE3D27D4EB4F),
    UINT64_C(0x165667B19E3779F9),
    UINT64_C(0x85EBCA77C2B2AE63),
    UINT64_C(0x27D4EB2F165667C5),
};

static uint64_t rotate(uint64_t v, int n)
{
    return v << n | v >> (64 - n);
}

static uint64_t read_le(const unsigned char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static uint64_t take(uint64_t acc, uint64_t lane)
{
    return rotate(acc + lane * prime[2], 31) * prime[1];
}

static uint64_t merge(uint64_t h, uint64_t acc)
{
    return (h ^ take(0, acc)) * prime[1] + prime[4];
}

static uint64_t finish(uint64_t h, const unsigned char *p, size_t n)
{
    for (; n >= 8; p += 8, n -= 8)
        h = rotate(h ^ take(0, read_le(p, 8)), 27) * prime[1] + prime[4];
    if (n >= 4) {
        h = rotate(h ^ read_le(p, 4) * prime[1], 23) * prime[2] + prime[3];
        p += 4;
        n -= 4;
    }
    for (; n > 0; p++, n--)
        h = rotate(h ^ *p * prime[5], 11) * prime[1];
    h = (h ^ h >> 33) * prime[2];
    h = (h ^ h >> 29) * prime[3];
    return h ^ h >> 32;
}

uint64_t xxh64(const void *data, size_t size, uint64_t seed)
{
    const unsigned char *p = data;
    size_t n = size;
    uint64_t h = seed + prime[5];
    if (n >= 32) {
        uint64_t acc[4] = { seed + prime[1] + prime[2], seed + prime[2], seed, seed - prime[1] };
        for (; n >= 32; n -= 32)
            for (int i = 0; i < 4; i++, p += 8)
                acc[i] = take(acc[i], read_le(p, 8));
        h = rotate(acc[0], 1) + rotate(acc[1], 7) + rotate(acc[2], 12) + rotate(acc[3], 18);
        for (int i = 0; i < 4; i++)
            h = merge(h, acc[i]);
    }
    return finish(h + size, p, n);
}
