/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long and deep queries: compiling them takes time in proportion to their length, and no shape overflows the stack.
 *
 * A shape is a text before, a piece that is repeated (% is its number) and a text behind. It may be refused where it is
 * nested too deep (with a diagnostic), but not slowly. To add one: a row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <time.h>

#include "hb/kql.h"
#include "hb/ticks.h"

enum { SMALL = 10000, LARGE = 50000 };

static const struct shape {
    const char *name, *before, *piece, *behind, *closing; /* closing: repeated behind */
    bool widens; /* each piece adds a column: every layer has a list of them, so this grows a little faster */
    bool compiles; /* the small text; else that is nested too deep */
} shapes[] = {
    { "brackets", "print x = ", "(", "1", ")", false, false },
    { "signs", "print x = ", "-(", "1", ")", false, false },
    { "not", "print x = ", "not(", "true", ")", false, false },
    { "members", "print d = dynamic({}) | extend x = d", ".a", "", "", false, false },
    { "elements", "print d = dynamic({}) | extend x = d", "[0]", "", "", false, false },
    { "calls", "print x = ", "strcat('a', ", "'b'", ")", false, false },
    { "choices", "print a = 1 | extend x = ", "iff(a == %, %, ", "0", ")", false, true },
    { "extends", "print a = 1", " | extend c% = a + %", "", "", true, true },
    { "one column again", "print a = 1", " | extend a = a + 1", "", "", false, true },
    { "filters", "print a = 1", " | where a != %", "", "", false, true },
    { "and", "print a = 1 | where true", " and a != %", "", "", false, true },
    { "or", "print a = 1 | where false", " or a == %", "", "", false, true },
    { "sums", "print a = 1 | extend x = a", " + a", "", "", false, true },
    { "in", "print a = 1 | where a in (0", ", %", ")", "", false, true },
    { "has_any", "print a = 'x' | where a has_any ('y'", ", 'v%'", ")", "", false, true },
    { "array", "print a = dynamic([0", ", %", "])", "", false, true },
    { "nested arrays", "print a = dynamic(", "[", ")", "", false, false },
    { "text", "print a = '", "xxxxxxxxxx", "'", "", false, true },
    { "lets", "let v = 1; ", "let v% = v + 1; ", "print v", "", false, true },
    { "unions", "let T = print a = 1; union T", ", T", "", "", false, true },
    { "nested unions", "", "union (", "print a = 1", ")", false, false },
    { "joins", "let T = print a = 1; T", " | join kind=inner (T) on a | project a", "", "", false, true },
    { "queries in expressions", "print x = ", "toscalar(print ", "1", ")", false, false },
    { "sorts", "print a = 1", " | sort by a asc", "", "", false, true },
    { "windows", "print a = 1 | serialize", " | extend a = prev(a)", "", "", false, true },
    { "comments", "print 1", "\n// a comment", "", "", false, true },
};

static void repeat(struct buf *out, const char *piece, size_t i)
{
    for (; *piece; piece++)
        if (*piece == '%')
            buf_u64(out, i);
        else
            buf_putc(out, *piece);
}

static void write_query(struct buf *out, const struct shape *s, size_t bytes)
{
    size_t n = 0;
    buf_clear(out);
    buf_puts(out, s->before);
    for (; out->n + n * str_z(s->closing).n < bytes; n++)
        repeat(out, s->piece, n);
    buf_puts(out, s->behind);
    for (size_t i = 0; i < n; i++)
        buf_puts(out, s->closing);
}

/* Processor time of the thread: a busy machine does not stretch it. The best of a few. */
static double compile_ms(const struct shape *s, size_t bytes, int tries)
{
    struct buf text = BUF_INIT;
    double best = 1e9;
    write_query(&text, s, bytes);
    for (int i = 0; i < tries; i++) {
        struct arena *a = arena_new((size_t)2 << 30, "a long query");
        struct source src = { STR("query"), buf_view(&text) };
        struct kql_catalog catalog = { 0 };
        struct kql_options options = { .now = TICKS_UNIX };
        struct kql_compiled c;
        struct diags d;
        struct timespec from, to;
        diags_init(&d, a);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        bool ok = kql_compile(a, &src, &catalog, &options, &d, &c);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        if (bytes == SMALL && s->compiles != ok)
            fail_msg("%s of %zu bytes: %s", s->name, bytes, ok ? "not too deep" : "refused");
        if (ok != (d.errors == 0))
            fail_msg("%s of %zu bytes: refused without a diagnostic", s->name, bytes);
        double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        best = ms < best ? ms : best;
        arena_free(a);
    }
    buf_free(&text);
    return best;
}

/* Five times the text may take five times as long, and with room for caches 12 times; quadratic would be 25. */
static void test_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double small = compile_ms(&shapes[i], SMALL, 3), large = compile_ms(&shapes[i], LARGE, 2);
        if (large > 60 && large > (shapes[i].widens ? 35 : 12) * small)
            fail_msg("%s: 10 kB take %.1f ms, 50 kB %.1f ms", shapes[i].name, small, large);
    }
}

static void test_stack(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        compile_ms(&shapes[i], 100000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
