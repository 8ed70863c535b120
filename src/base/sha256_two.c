/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of two texts at once, by the processor's own instructions (FIPS 180-4; SHA256RNDS2 and its like).
 *
 * One text leaves these instructions waiting for each other: a second one in between costs next to nothing. libcrypto takes one text
 * at a time, so this is our own, for the small texts of which there are millions (rows). Invariant: it gives what libcrypto gives;
 * tests/unit/test_sha256.c compares them. Where the processor lacks the instructions nothing here is used but sha256_small.
 */
#include "hb/sha256.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define HERE static inline __attribute__((always_inline, target("sha,sse4.1,ssse3")))

/* clang-format off */
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

enum { BLOCK = 64 };

/* The state in the order of the instructions, and the last sixteen words of the message. */
struct lane {
    __m128i abef, cdgh, words[4];
    __m128i abef_before, cdgh_before;
};

HERE void lane_begin(struct lane *l)
{
    l->abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    l->cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
}

HERE void block_begin(struct lane *l, const unsigned char *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    for (int i = 0; i < 4; i++)
        l->words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)block + i), swap);
    l->abef_before = l->abef;
    l->cdgh_before = l->cdgh;
}

/* Four rounds; then the four words that were used make way for those of four steps later. */
HERE void rounds(struct lane *l, int step)
{
    __m128i *w = &l->words[step & 3], *next = &l->words[(step + 1) & 3], *last = &l->words[(step + 3) & 3];
    __m128i sum = _mm_add_epi32(*w, _mm_load_si128((const __m128i *)(const void *)constants + step));
    l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, sum);
    l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (step >= 12)
        return;
    __m128i seventh = _mm_alignr_epi8(*last, l->words[(step + 2) & 3], 4);
    *w = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*w, *next), seventh), *last);
}

HERE void block_end(struct lane *l)
{
    l->abef = _mm_add_epi32(l->abef, l->abef_before);
    l->cdgh = _mm_add_epi32(l->cdgh, l->cdgh_before);
}

HERE void lane_end(const struct lane *l, unsigned char out[32])
{
    const __m128i back = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    __m128i abcd = _mm_unpackhi_epi64(l->cdgh, l->abef), efgh = _mm_unpacklo_epi64(l->cdgh, l->abef);
    _mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(abcd, back));
    _mm_storeu_si128((__m128i *)(void *)(out + 16), _mm_shuffle_epi8(efgh, back));
}

/* A text in blocks: those within it, and one or two behind with what is left, the mark and the length. */
struct blocks {
    const unsigned char *text;
    size_t within, n;
    unsigned char tail[2 * BLOCK];
};

static void cut(struct blocks *b, struct str s)
{
    size_t left = s.n % BLOCK;
    uint64_t bits = htobe64((uint64_t)s.n * 8);
    b->text = (const unsigned char *)s.p;
    b->within = s.n / BLOCK;
    b->n = b->within + (left + 1 + sizeof bits > BLOCK ? 2 : 1);
    size_t tail = (b->n - b->within) * BLOCK;
    if (left)
        memcpy(b->tail, s.p + s.n - left, left);
    b->tail[left] = 0x80;
    memset(b->tail + left + 1, 0, tail - left - 1 - sizeof bits);
    memcpy(b->tail + tail - sizeof bits, &bits, sizeof bits);
}

HERE const unsigned char *block_at(const struct blocks *b, size_t i)
{
    return i < b->within ? b->text + i * BLOCK : b->tail + (i - b->within) * BLOCK;
}

HERE void both(struct lane *x, const unsigned char *px, struct lane *y, const unsigned char *py)
{
    block_begin(x, px);
    block_begin(y, py);
#define STEP(i) rounds(x, i), rounds(y, i)
    STEP(0), STEP(1), STEP(2), STEP(3), STEP(4), STEP(5), STEP(6), STEP(7);
    STEP(8), STEP(9), STEP(10), STEP(11), STEP(12), STEP(13), STEP(14), STEP(15);
#undef STEP
    block_end(x);
    block_end(y);
}

/* What one text is longer than the other. */
HERE void rest(struct lane *l, const struct blocks *b, size_t from)
{
    for (size_t i = from; i < b->n; i++) {
        block_begin(l, block_at(b, i));
        for (int step = 0; step < 16; step++)
            rounds(l, step);
        block_end(l);
    }
}

__attribute__((target("sha,sse4.1,ssse3"))) static void two(struct str a, unsigned char out_a[32],
                                                            struct str b, unsigned char out_b[32])
{
    struct blocks x, y;
    struct lane lx, ly;
    cut(&x, a);
    cut(&y, b);
    lane_begin(&lx);
    lane_begin(&ly);
    size_t n = x.n < y.n ? x.n : y.n;
    for (size_t i = 0; i < n; i++)
        both(&lx, block_at(&x, i), &ly, block_at(&y, i));
    rest(&lx, &x, n);
    rest(&ly, &y, n);
    lane_end(&lx, out_a);
    lane_end(&ly, out_b);
}

/* Leaf 7: the SHA extensions; leaf 1: SSSE3 and SSE4.1. */
bool sha256_has_two(void)
{
    unsigned a, b, c, d, b7;
    return __get_cpuid_count(7, 0, &a, &b7, &c, &d) && (b7 & bit_SHA) && __get_cpuid(1, &a, &b, &c, &d) &&
           (c & bit_SSSE3) && (c & bit_SSE4_1);
}
#else
bool sha256_has_two(void)
{
    return false;
}
#endif

void sha256_two(bool has_two, struct str a, unsigned char out_a[32], struct str b, unsigned char out_b[32])
{
#if defined(__x86_64__)
    if (has_two) {
        two(a, out_a, b, out_b);
        return;
    }
#endif
    (void)has_two;
    sha256_small(a, out_a);
    sha256_small(b, out_b);
}
