/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hashes at once give what one at a time does.
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

static void same(bool has_two, struct str a, struct str b)
{
    unsigned char want[2][32], got[2][32];
    sha256_bytes(a, want[0]);
    sha256_bytes(b, want[1]);
    memset(got, 0, sizeof got);
    sha256_two(has_two, a, got[0], b, got[1]);
    assert_memory_equal(got, want, sizeof want);
    sha256_small(a, got[0]);
    assert_memory_equal(got[0], want[0], sizeof want[0]);
}

/* Every pair of lengths around one, two and three blocks, each text in memory of its own length. */
static void test_lengths(void **state)
{
    (void)state;
    for (size_t n = 0; n <= LONGEST; n++)
        for (size_t m = n % 3; m <= LONGEST; m += 3) {
            char *a = malloc(n ? n : 1), *b = malloc(m ? m : 1);
            assert_true(a && b);
            fill(a, n, (unsigned)n);
            fill(b, m, (unsigned)(m + 1000));
            same(sha256_has_two(), (struct str){ a, n }, (struct str){ b, m });
            free(a);
            free(b);
        }
}

static void test_long(void **state)
{
    (void)state;
    enum { MUCH = 1 << 20 };
    char *a = malloc(MUCH);
    assert_non_null(a);
    fill(a, MUCH, 7);
    same(sha256_has_two(), (struct str){ a, MUCH }, (struct str){ a, 1 });
    same(sha256_has_two(), (struct str){ a, 3 }, (struct str){ a, MUCH - 5 });
    same(false, (struct str){ a, 3 }, (struct str){ a, MUCH - 5 });
    free(a);
}

/* FIPS 180-4's examples. */
static void test_known(void **state)
{
    (void)state;
    static const unsigned char abc[32] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
        0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    };
    unsigned char out[2][32];
    sha256_two(sha256_has_two(), STR("abc"), out[0], STR("abc"), out[1]);
    assert_memory_equal(out[0], abc, sizeof abc);
    assert_memory_equal(out[1], abc, sizeof abc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
