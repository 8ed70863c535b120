/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths and components of small random graphs: what walk.h finds against trying every sequence of edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the first four above */
#include <cmocka.h>

#include "../../src/engine/walk.h"

enum { NODES = 6, EDGES = 10, HIGH = 4, PATHS = 100000, LONGEST = 2 * HIGH + 1 };

struct graph {
    int64_t edge[EDGES], source[EDGES], target[EDGES];
    int64_t list[3][NODES]; /* starts, ends, inner */
    struct walk_question q;
};

struct paths {
    size_t n;
    int64_t (*v)[LONGEST + 1]; /* length in front */
};

static uint32_t next(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 16) % below;
}

static int64_t name(uint32_t i)
{
    return (int64_t)i * 1000 - 2500;
}

static void make(struct graph *g, uint32_t seed)
{
    struct walk_list *lists[3] = { &g->q.starts, &g->q.ends, &g->q.inner };
    memset(g, 0, sizeof *g);
    for (size_t i = 0; i < EDGES; i++) {
        g->edge[i] = (int64_t)i * 7 + 3;
        g->source[i] = name(next(&seed, NODES));
        g->target[i] = name(next(&seed, NODES));
    }
    g->q.edge = g->edge;
    g->q.source = g->source;
    g->q.target = g->target;
    g->q.nedges = EDGES;
    for (size_t k = 0; k < 3; k++) {
        size_t n = 0;
        for (uint32_t i = 0; i < NODES; i++)
            if (next(&seed, 3))
                g->list[k][n++] = name(i);
        if (next(&seed, 2))
            *lists[k] = (struct walk_list){ g->list[k], n };
    }
    g->q.low = next(&seed, 4);
    g->q.high = g->q.low + next(&seed, (uint32_t)(HIGH - g->q.low) + 1);
    g->q.repeats = (enum walk_repeats)next(&seed, 3);
    g->q.both_ways = next(&seed, 2);
}

static bool among(const struct walk_list *l, int64_t v)
{
    for (size_t i = 0; l->v && i < l->n; i++)
        if (l->v[i] == v)
            return true;
    return !l->v;
}

static bool keep(void *ctx, const int64_t *path, size_t n)
{
    struct paths *p = ctx;
    assert_true(p->n < PATHS && n <= LONGEST);
    p->v[p->n][0] = (int64_t)n;
    memcpy(&p->v[p->n++][1], path, n * sizeof *path);
    return true;
}

/* Every path of the rules, by the definition. */
static void try_all(const struct graph *g, int64_t *path, size_t n, struct paths *out)
{
    const struct walk_question *q = &g->q;
    size_t steps = n / 2;
    if (steps >= (size_t)q->low && among(&q->ends, path[n - 1]))
        keep(out, path, n);
    if (steps == (size_t)q->high || (steps && !among(&q->inner, path[n - 1])))
        return;
    for (size_t i = 0; i < EDGES; i++)
        for (int turned = 0; turned < (q->both_ways && g->source[i] != g->target[i] ? 2 : 1); turned++) {
            bool ok = path[n - 1] == (turned ? g->target[i] : g->source[i]);
            path[n] = g->edge[i];
            path[n + 1] = turned ? g->source[i] : g->target[i];
            for (size_t k = 0; k < n; k++)
                ok &= !(q->repeats == WALK_UNIQUE_EDGES && k % 2 && path[k] == path[n]) &&
                      !(q->repeats == WALK_UNIQUE_NODES && k % 2 == 0 && path[k] == path[n + 1]);
            if (ok)
                try_all(g, path, n + 2, out);
        }
}

static bool starts_an_edge(const struct graph *g, int64_t node)
{
    for (size_t i = 0; i < EDGES; i++)
        if (g->source[i] == node || g->target[i] == node)
            return true;
    return g->q.starts.v != NULL;
}

static void expected(const struct graph *g, struct paths *out)
{
    int64_t path[LONGEST + 2];
    out->n = 0;
    for (uint32_t i = 0; i < NODES; i++) {
        path[0] = name(i);
        if (among(&g->q.starts, path[0]) && starts_an_edge(g, path[0]))
            try_all(g, path, 1, out);
    }
}

static int by_content(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(int64_t) * (LONGEST + 1));
}

static void sort(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        memset(&p->v[i][p->v[i][0] + 1], 0, sizeof(int64_t) * (size_t)(LONGEST - p->v[i][0]));
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, by_content);
}

static struct paths room(void)
{
    struct paths p = { 0, calloc(PATHS, sizeof *p.v) };
    assert_non_null(p.v);
    return p;
}

static void test_every_path(void **state)
{
    (void)state;
    struct paths got = room(), want = room();
    size_t seen = 0;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        struct graph g;
        make(&g, seed * 7919);
        got.n = 0;
        assert_true(walk_paths(&g.q, keep, &got));
        expected(&g, &want);
        sort(&got);
        sort(&want);
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.v, want.v, want.n * sizeof *want.v);
        seen += want.n;
    }
    assert_true(seen > 5000);
    free(got.v);
    free(want.v);
}

/* The shortest among `all` from and to the same nodes as p. */
static int64_t shortest(const struct paths *all, const int64_t *p)
{
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i][1] == p[1] && all->v[i][all->v[i][0]] == p[p[0]] && all->v[i][0] < best)
            best = all->v[i][0];
    return best;
}

static void test_shortest_paths(void **state)
{
    (void)state;
    struct paths got = room(), all = room(), want = room();
    size_t seen = 0;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        struct graph g;
        make(&g, seed * 104729);
        g.q.repeats = WALK_UNIQUE_EDGES;
        expected(&g, &all);
        want.n = 0;
        for (size_t i = 0; i < all.n; i++)
            if (all.v[i][0] == shortest(&all, all.v[i]))
                memcpy(want.v[want.n++], all.v[i], sizeof *want.v);
        got.n = 0;
        g.q.search = WALK_ALL_SHORTEST;
        assert_true(walk_paths(&g.q, keep, &got));
        sort(&got);
        sort(&want);
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.v, want.v, want.n * sizeof *want.v);
        got.n = 0;
        g.q.search = WALK_ONE_SHORTEST;
        assert_true(walk_paths(&g.q, keep, &got));
        sort(&got);
        for (size_t i = 0, k = 0; i < got.n; i++) { /* one of the shortest for each pair */
            while (k < want.n && by_content(want.v[k], got.v[i]))
                k++;
            assert_true(k < want.n);
            for (size_t j = 0; j < i; j++)
                assert_false(got.v[j][1] == got.v[i][1] && got.v[j][got.v[j][0]] == got.v[i][got.v[i][0]]);
        }
        for (size_t i = 0; i < want.n; i++)
            assert_int_equal(shortest(&got, want.v[i]), want.v[i][0]);
        seen += want.n;
    }
    assert_true(seen > 2000);
    free(got.v);
    free(all.v);
    free(want.v);
}

static void test_components(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 200; seed++) {
        struct graph g;
        int64_t nodes[NODES], weak[NODES], strong[NODES];
        bool to[NODES][NODES] = { { false } }, linked[NODES][NODES];
        make(&g, seed * 31);
        for (uint32_t i = 0; i < NODES; i++) {
            nodes[i] = name(i);
            to[i][i] = true;
        }
        for (size_t i = 0; i < EDGES - 3; i++)
            to[(g.source[i] + 2500) / 1000][(g.target[i] + 2500) / 1000] = true;
        for (size_t i = 0; i < NODES; i++)
            for (size_t j = 0; j < NODES; j++)
                linked[i][j] = to[i][j] || to[j][i];
        for (size_t k = 0; k < NODES; k++)
            for (size_t i = 0; i < NODES; i++)
                for (size_t j = 0; j < NODES; j++) {
                    to[i][j] |= to[i][k] && to[k][j];
                    linked[i][j] |= linked[i][k] && linked[k][j];
                }
        struct walk_list l = { nodes, NODES };
        walk_components(&l, g.source, g.target, EDGES - 3, false, weak);
        walk_components(&l, g.source, g.target, EDGES - 3, true, strong);
        int64_t most = -1;
        for (size_t i = 0; i < NODES; i++) {
            assert_true(weak[i] >= 0 && weak[i] <= most + 1);
            most = weak[i] > most ? weak[i] : most;
            for (size_t j = 0; j < NODES; j++) {
                assert_int_equal(weak[i] == weak[j], linked[i][j]);
                assert_int_equal(strong[i] == strong[j], to[i][j] && to[j][i]);
            }
        }
    }
}

static bool count_to(void *ctx, const int64_t *path, size_t n)
{
    size_t *left = ctx;
    (void)path;
    (void)n;
    return --*left > 0;
}

/* A search ends when its caller has enough, or when there is more to look at than anybody could. */
static void test_too_many(void **state)
{
    (void)state;
    enum { MANY = 40 };
    static int64_t edge[MANY * MANY], source[MANY * MANY], target[MANY * MANY];
    for (size_t i = 0; i < MANY * MANY; i++) {
        edge[i] = (int64_t)i;
        source[i] = (int64_t)i / MANY;
        target[i] = (int64_t)i % MANY;
    }
    struct walk_question q = {
        .edge = edge, .source = source, .target = target, .nedges = MANY * MANY, .low = 1, .high = 30
    };
    size_t left = 1000;
    assert_false(walk_paths(&q, count_to, &left));
    assert_int_equal(left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_path),
                                        cmocka_unit_test(test_shortest_paths),
                                        cmocka_unit_test(test_components), cmocka_unit_test(test_too_many) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
