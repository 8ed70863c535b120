/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing in one call, in pieces and of small texts gives the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/sha256.h"

enum { LONGEST = 200 };

static void fill(char *p, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1103515245u + 12345u;
        p[i] = (char)(seed >> 16);
    }
}

static void same(struct str s)
{
    unsigned char whole[32], small[32];
    char hex[65], pieces[65];
    struct sha256 *h = sha256_new();
    sha256_bytes(s, whole);
    sha256_small(s, small);
    assert_memory_equal(small, whole, sizeof whole);
    sha256_hex(s, hex);
    for (size_t at = 0; at < s.n; at += 7)
        sha256_add(h, s.p + at, s.n - at < 7 ? s.n - at : 7);
    sha256_end(h, pieces);
    assert_string_equal(pieces, hex);
}

/* Every length around one, two and three blocks, in memory of that length. */
static void test_lengths(void **state)
{
    (void)state;
    for (size_t n = 0; n <= LONGEST; n++) {
        char *p = malloc(n ? n : 1);
        assert_non_null(p);
        fill(p, n, (unsigned)n);
        same((struct str){ p, n });
        free(p);
    }
}

/* FIPS 180-4's examples. */
static void test_known(void **state)
{
    (void)state;
    char hex[65];
    sha256_hex(STR("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
