/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns in rows: what kql_mine finds in made-up rows against all sets of values there are, tried one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the first four above */
#include <cmocka.h>

#include "../../src/engine/udf_int.h"

enum { ROWS = 60, COLS = 4, VALUES = 3, PATTERNS = 256 }; /* (VALUES + 1)^COLS */

struct data {
    int value[ROWS][COLS];
    int a[ROWS], b[ROWS];
    struct str cells[ROWS * (COLS + 2)];
};

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* The last column follows from the first now and then, so that some sets imply others. */
static void make(struct arena *a, struct data *d, uint32_t seed, bool two)
{
    for (size_t r = 0; r < ROWS; r++) {
        struct str *cell = &d->cells[r * (COLS + 2)];
        d->a[r] = (int)(next(&seed) % 4);
        d->b[r] = two ? (int)(next(&seed) % 4) : 0;
        cell[0] = arena_strf(a, "%d.0", d->a[r]);
        cell[1] = arena_strf(a, "%d.0", d->b[r]);
        for (size_t c = 0; c < COLS; c++) {
            uint32_t roll = next(&seed);
            d->value[r][c] = c == COLS - 1 && seed % 3 ? d->value[r][0] : (int)(roll % VALUES);
            cell[c + 2] = arena_strf(a, "=%d", d->value[r][c]);
        }
    }
}

/* Value of column c in pattern number p: -1 any. */
static int at(size_t p, size_t c)
{
    while (c--)
        p /= VALUES + 1;
    return (int)(p % (VALUES + 1)) - 1;
}

static bool holds(const struct data *d, size_t p, size_t row)
{
    for (size_t c = 0; c < COLS; c++)
        if (at(p, c) >= 0 && at(p, c) != d->value[row][c])
            return false;
    return true;
}

static int weight(const struct data *d, size_t p)
{
    int w = 0;
    for (size_t r = 0; r < ROWS; r++)
        w += holds(d, p, r) ? d->a[r] : 0;
    return w;
}

/* Something more holds in all of its rows that weigh anything. */
static bool implies_more(const struct data *d, size_t p)
{
    for (size_t c = 0; c < COLS; c++)
        for (int v = 0; v < VALUES && at(p, c) < 0; v++) {
            bool all = true;
            for (size_t r = 0; r < ROWS; r++)
                all &= d->a[r] == 0 || !holds(d, p, r) || d->value[r][c] == v;
            if (all)
                return true;
        }
    return false;
}

/* The pattern as kql_mine writes its cells. */
static struct str cells_of(struct arena *a, size_t p)
{
    struct buf o = BUF_INIT;
    for (size_t c = 0; c < COLS; c++)
        buf_printf(&o, at(p, c) < 0 ? ",0" : ",[\"%d\"]", at(p, c));
    buf_putc(&o, ']');
    struct str s = buf_to_arena(&o, a);
    buf_free(&o);
    return s;
}

static struct udf_call run(struct arena *a, struct udf_arg args[2], const struct data *d, const char *program)
{
    const struct udf_fn *fn = udf_find("kql_mine");
    memset(args, 0, 2 * sizeof *args);
    args[0].list = (struct str *)(uintptr_t)d->cells;
    args[0].n = ROWS * (COLS + 2);
    args[1].s = str_z(program);
    struct udf_call c = { .arg = args, .nargs = 2, .prep = fn->prepare(a, args[1].s) };
    assert_true(fn->body(&c));
    return c;
}

static void done(struct udf_call *c)
{
    buf_free(&c->out);
    free(c->ends);
}

static struct str result(const struct udf_call *c, size_t i)
{
    size_t from = i ? c->ends[i - 1] : 0;
    return (struct str){ c->out.p + from, c->ends[i] - from };
}

/* Every closed frequent set, once, and nothing else. */
static void test_basket(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 30; seed++) {
        struct arena *a = arena_new(0, "test");
        struct data *d = ARENA_NEW(a, struct data);
        struct udf_arg args[2];
        make(a, d, seed, false);
        struct udf_call c = run(
            a, args, d, "{\"kind\":\"basket\",\"columns\":4,\"threshold\":0.1,\"dims\":9,\"scale\":1}");
        size_t found = 0;
        int total = weight(d, 0);
        for (size_t p = 1; p < PATTERNS; p++) {
            int w = weight(d, p);
            if (w * 10 < total || implies_more(d, p))
                continue;
            struct str want = cells_of(a, p);
            size_t times = 0;
            for (size_t i = 0; i < c.nends; i++)
                times += str_ends(result(&c, i), want) && str_starts(result(&c, i), arena_strf(a, "[%d,", w));
            if (times != 1)
                fail_msg("seed %u: [%d...%.*s was found %zu times", seed, w, STR_ARG(want), times);
            found++;
        }
        assert_int_equal(found, c.nends);
        done(&c);
        arena_free(a);
    }
}

/* No single value added to a pattern, and none left out, makes the difference larger. */
static void test_diffpatterns(void **state)
{
    (void)state;
    size_t seen = 0;
    for (uint32_t seed = 1; seed < 30; seed++) {
        struct arena *a = arena_new(0, "test");
        struct data *d = ARENA_NEW(a, struct data);
        struct udf_arg args[2];
        make(a, d, seed, true);
        struct udf_call c = run(
            a, args, d,
            "{\"kind\":\"diffpatterns\",\"columns\":4,\"threshold\":0.05,\"dims\":9,\"min\":1,\"scale\":1}");
        double diff[PATTERNS], ta = 0, tb = 0, last = 2;
        for (size_t r = 0; r < ROWS; r++) {
            ta += d->a[r];
            tb += d->b[r];
        }
        for (size_t p = 0; p < PATTERNS; p++) {
            double wa = 0, wb = 0;
            for (size_t r = 0; r < ROWS; r++) {
                wa += holds(d, p, r) ? d->a[r] : 0;
                wb += holds(d, p, r) ? d->b[r] : 0;
            }
            diff[p] = wa / ta > wb / tb ? wa / ta - wb / tb : wb / tb - wa / ta;
        }
        for (size_t i = 0; i < c.nends; i++, seen++) {
            size_t p = 0;
            while (!str_ends(result(&c, i), cells_of(a, p)))
                assert_true(++p < PATTERNS);
            assert_true(diff[p] >= 0.05 && diff[p] <= last);
            last = diff[p];
            for (size_t col = 0, step = 1; col < COLS; col++, step *= VALUES + 1)
                for (int v = 0; v < VALUES; v++)
                    if (at(p, col) < 0)
                        assert_true(diff[p + step * (size_t)(v + 1)] <= diff[p] + 1e-9);
        }
        done(&c);
        arena_free(a);
    }
    assert_true(seen > 50);
}

/* More sets than anybody could look at are an error, not a matter of hours. */
static void test_too_many(void **state)
{
    (void)state;
    enum { MANY = 40, LINES = 64 };
    struct arena *a = arena_new(0, "test");
    const struct udf_fn *fn = udf_find("kql_mine");
    struct udf_arg args[2];
    uint32_t seed = 5;
    memset(args, 0, sizeof args);
    args[0].n = LINES * (MANY + 2);
    args[0].list = ARENA_ARRAY(a, args[0].n, struct str);
    for (size_t i = 0; i < args[0].n; i++)
        args[0].list[i] = i % (MANY + 2) == 0 ? STR("1") : next(&seed) % 8 ? STR("=1") : STR("=0");
    args[1].s = STR("{\"kind\":\"basket\",\"columns\":40,\"threshold\":0.015,\"dims\":40,\"scale\":1}");
    struct udf_call c = { .arg = args, .nargs = 2, .prep = fn->prepare(a, args[1].s) };
    assert_false(fn->body(&c));
    done(&c);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_basket), cmocka_unit_test(test_diffpatterns),
                                        cmocka_unit_test(test_too_many) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
