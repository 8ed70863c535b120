/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the graph operators ask of a graph as a whole: kql_walks and kql_components (walk.h). A path is given as the text of a list of
 * numbers, which SQL reads back.
 *
 * kql_walks(edges, sources, targets, starts, ends, inner, program); a NULL list of nodes is any node. The program is
 * "low high " and three letters: cycles u a n, direction > -, search e s S (src/kql/graph_paths.c).
 */
#include <stdlib.h>
#include <string.h>

#include "udf.h"
#include "walk.h"

enum { PATHS_MAX = 5000000 };
#define BYTES_MAX ((size_t)512 << 20)

static bool read_program(struct str s, struct walk_question *q)
{
    static const char repeats[] = { [WALK_UNIQUE_EDGES] = 'u', [WALK_ALL] = 'a', [WALK_UNIQUE_NODES] = 'n' };
    static const char searches[] = {
        [WALK_EVERY] = 'e', [WALK_ONE_SHORTEST] = 's', [WALK_ALL_SHORTEST] = 'S'
    };
    size_t first = str_chr(s, ' ', 0), second = first < s.n ? str_chr(s, ' ', first + 1) : s.n;
    if (second + 4 != s.n || !str_to_i64(str_sub(s, 0, first), &q->low) ||
        !str_to_i64(str_sub(s, first + 1, second), &q->high) || q->low < 0 || q->high < q->low ||
        q->high > INT32_MAX / 2)
        return false;
    for (size_t i = 0; i < sizeof repeats; i++)
        if (repeats[i] == s.p[second + 1])
            q->repeats = (enum walk_repeats)i;
    for (size_t i = 0; i < sizeof searches; i++)
        if (searches[i] == s.p[second + 3])
            q->search = (enum walk_search)i;
    q->both_ways = s.p[second + 2] == '-';
    return true;
}

static bool put_path(void *ctx, const int64_t *path, size_t n)
{
    struct udf_call *c = ctx;
    for (size_t i = 0; i < n; i++) {
        buf_putc(&c->out, i ? ',' : '[');
        buf_i64(&c->out, path[i]);
    }
    buf_putc(&c->out, ']');
    udf_end_elem(c);
    return c->nends <= PATHS_MAX && c->out.n <= BYTES_MAX;
}

/* False (NULL): too much. */
static bool walks(struct udf_call *c)
{
    const struct udf_arg *a = c->arg;
    struct walk_question q = { .nedges = a[0].n };
    if (a[0].null || a[1].null || a[2].null || a[6].null || a[1].n != a[0].n || a[2].n != a[0].n ||
        !read_program(a[6].s, &q))
        return false;
    static const int64_t none = 0; /* an empty list is not the same as any */
    struct walk_list *lists[3] = { &q.starts, &q.ends, &q.inner };
    q.edge = a[0].ilist;
    q.source = a[1].ilist;
    q.target = a[2].ilist;
    for (size_t i = 0; i < 3; i++)
        if (!a[3 + i].null)
            *lists[i] = (struct walk_list){ a[3 + i].n ? a[3 + i].ilist : &none, a[3 + i].n };
    return walk_paths(&q, put_path, c);
}

static bool components(struct udf_call *c)
{
    const struct udf_arg *a = c->arg;
    struct walk_list nodes = { a[0].ilist, a[0].n };
    if (a[1].n != a[2].n)
        return false;
    int64_t *out = calloc(a[0].n + 1, sizeof *out);
    if (!out)
        abort();
    walk_components(&nodes, a[1].ilist, a[2].ilist, a[1].n, a[3].b, out);
    for (size_t i = 0; i < a[0].n; i++) {
        buf_i64(&c->out, out[i]);
        udf_end_elem(c);
    }
    free(out);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_walks", .body = walks },
    { .name = "kql_components", .body = components },
};

const struct udf_set udf_graph_set = { functions, sizeof functions / sizeof *functions };
