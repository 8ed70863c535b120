/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph-match on small random graphs, with random patterns, against trying every way to lay the pattern onto the graph.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the first four above */
#include <cmocka.h>

#include "hb/engine.h"
#include "hb/kql.h"

enum { NODES = 5, EDGES = 6, VARS = 4, LINKS = 4, HIGH = 4, ROWS = 2000, QUERIES = 250 };

static const char *const cycles[] = { "all", "unique_edges", "none" };
enum { ALL, UNIQUE_EDGES, NONE };

/* An edge of the pattern, between two of its variables a to d. */
struct link {
    int left, right, low, high;
    char way; /* > < - */
    bool variable;
};

struct test {
    int nnodes, nedges, source[EDGES], target[EDGES];
    bool alone[NODES];  /* no edge has it */
    bool table;         /* there is a table of all nodes */
    int nlinks, second; /* second: the link that begins the second sequence, or nlinks */
    struct link link[LINKS];
    int mode;
};

/* What a link of the pattern lies on. */
struct walk {
    int n, edge[HIGH], node[HIGH + 1];
};

struct search {
    const struct test *t;
    struct arena *a;
    int bound[VARS]; /* -1: not yet */
    struct walk walk[LINKS];
    struct str *row;
    size_t n; /* ROWS: there are more, and they are not compared */
};

static uint32_t below(uint32_t *state, uint32_t n)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 16) % n;
}

static void make(struct test *t, uint32_t seed)
{
    memset(t, 0, sizeof *t);
    t->nnodes = 2 + (int)below(&seed, NODES - 1);
    t->nedges = 1 + (int)below(&seed, EDGES);
    memset(t->alone, 1, sizeof t->alone);
    for (int i = 0; i < t->nedges; i++) {
        t->source[i] = (int)below(&seed, (uint32_t)t->nnodes);
        t->target[i] = (int)below(&seed, (uint32_t)t->nnodes);
        t->alone[t->source[i]] = t->alone[t->target[i]] = false;
    }
    t->table = below(&seed, 2);
    t->mode = (int)below(&seed, 3);
    t->nlinks = 1 + (int)below(&seed, LINKS);
    t->second = 1 + (int)below(&seed, LINKS);
    t->second = t->second < t->nlinks ? t->second : t->nlinks;
    for (int i = 0; i < t->nlinks; i++) {
        struct link *l = &t->link[i];
        l->left = i == 0           ? (int)below(&seed, VARS)
                  : i == t->second ? t->link[below(&seed, (uint32_t)i)].right
                                   : t->link[i - 1].right;
        l->right = (int)below(&seed, VARS);
        l->way = ">><-"[below(&seed, 4)];
        l->variable = below(&seed, 5) < 2;
        l->low = l->variable ? (int)below(&seed, 3) : 1;
        l->high = l->variable ? l->low + (int)below(&seed, 2) + (l->low == 0) : 1;
    }
}

/* -- the query -- */

static void put_query(struct buf *o, const struct test *t)
{
    buf_puts(o, "datatable(s:string, t:string, i:long)[");
    for (int i = 0; i < t->nedges; i++)
        buf_printf(o, "%s'n%d','n%d',%d", i ? "," : "", t->source[i], t->target[i], i);
    buf_puts(o, "]\n| make-graph s --> t ");
    if (t->table) {
        buf_puts(o, "with (datatable(n:string)[");
        for (int i = 0; i < t->nnodes; i++)
            buf_printf(o, "%s'n%d'", i ? "," : "", i);
        buf_puts(o, "]) on n");
    } else {
        buf_puts(o, "with_node_id = n");
    }
    buf_printf(o, "\n| graph-match cycles=%s ", cycles[t->mode]);
    for (int i = 0; i < t->nlinks; i++) {
        const struct link *l = &t->link[i];
        if (i == 0 || i == t->second)
            buf_printf(o, "%s(%c)", i ? ", " : "", 'a' + l->left);
        buf_printf(o, "%s[e%d", l->way == '<' ? "<-" : "-", i);
        if (l->variable)
            buf_printf(o, "*%d..%d", l->low, l->high);
        buf_printf(o, "]%s(%c)", l->way == '>' ? "->" : "-", 'a' + l->right);
    }
    buf_puts(o, "\n  project r = strcat(''");
    for (int i = 0; i < t->nlinks; i++) {
        const struct link *l = &t->link[i];
        buf_printf(o, ", %c.n, ' ', tostring(%s%d%s), ' ', %c.n, ' '", 'a' + l->left,
                   l->variable ? "map(e" : "pack_array(e", i, l->variable ? ", i)" : ".i)", 'a' + l->right);
    }
    buf_putc(o, ')');
}

/* -- every way -- */

static bool among(const int *list, int n, int x)
{
    for (int i = 0; i < n; i++)
        if (list[i] == x)
            return true;
    return false;
}

/* No edge is used twice, or no node is passed twice; a node of the pattern where links meet is one. */
static bool allowed(const struct search *s)
{
    const struct test *t = s->t;
    int seen[VARS + LINKS * HIGH], n = 0, edges[LINKS * HIGH], nedges = 0;
    bool placed[VARS] = { false }, done[LINKS] = { false };
    for (int i = 0; i < t->nlinks; i++)
        for (int k = 0; k < s->walk[i].n; k++) {
            if (t->mode == UNIQUE_EDGES && among(edges, nedges, s->walk[i].edge[k]))
                return false;
            edges[nedges++] = s->walk[i].edge[k];
        }
    if (t->mode != NONE)
        return true;
    placed[t->link[0].left] = true;
    seen[n++] = s->bound[t->link[0].left];
    for (int left = t->nlinks; left > 0; left--) {
        int i = 0;
        while (done[i] || (!placed[t->link[i].left] && !placed[t->link[i].right]))
            i++;
        const struct walk *w = &s->walk[i];
        bool l = placed[t->link[i].left], r = placed[t->link[i].right];
        done[i] = placed[t->link[i].left] = placed[t->link[i].right] = true;
        if (l && r && w->n)
            return false;
        for (int k = l ? 1 : 0; !(l && r) && k <= w->n - (l ? 0 : 1); k++) {
            if (among(seen, n, w->node[k]))
                return false;
            seen[n++] = w->node[k];
        }
    }
    return true;
}

static void put_row(struct search *s)
{
    struct buf o = BUF_INIT;
    for (int i = 0; i < s->t->nlinks; i++) {
        const struct link *l = &s->t->link[i];
        buf_printf(&o, "n%d [", s->bound[l->left]);
        for (int k = 0; k < s->walk[i].n; k++)
            buf_printf(&o, "%s%d", k ? "," : "", s->walk[i].edge[k]);
        buf_printf(&o, "] n%d ", s->bound[l->right]);
    }
    s->row[s->n++] = buf_to_arena(&o, s->a);
    buf_free(&o);
}

static void lay_link(struct search *s, int i);

/* The walk of link i goes on from its last node. */
static void go_on(struct search *s, int i)
{
    const struct link *l = &s->t->link[i];
    struct walk *w = &s->walk[i];
    int at = w->node[w->n], before = s->bound[l->right];
    if (w->n >= l->low && (before < 0 || before == at)) {
        s->bound[l->right] = at;
        lay_link(s, i + 1);
        s->bound[l->right] = before;
    }
    for (int e = 0; e < s->t->nedges && w->n < l->high && s->n < ROWS; e++)
        for (int turned = 0; turned < 2; turned++) {
            int from = turned ? s->t->target[e] : s->t->source[e],
                to = turned ? s->t->source[e] : s->t->target[e];
            bool way = l->way == '-' ? !turned || from != to : (l->way == '<') == turned;
            if (!way || from != at || (s->t->mode == UNIQUE_EDGES && among(w->edge, w->n, e)) ||
                (s->t->mode == NONE && among(w->node, w->n + 1, to)))
                continue;
            w->edge[w->n++] = e;
            w->node[w->n] = to;
            go_on(s, i);
            w->n--;
        }
}

static void lay_link(struct search *s, int i)
{
    if (s->n == ROWS)
        return;
    if (i == s->t->nlinks) {
        if (allowed(s))
            put_row(s);
        return;
    }
    const struct link *l = &s->t->link[i];
    int before = s->bound[l->left];
    for (int v = 0; v < s->t->nnodes; v++) {
        if ((before >= 0 && before != v) || (!s->t->table && s->t->alone[v]))
            continue;
        s->bound[l->left] = v;
        s->walk[i].n = 0;
        s->walk[i].node[0] = v;
        go_on(s, i);
    }
    s->bound[l->left] = before;
}

/* -- the comparison -- */

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct engine *open_engine(void)
{
    struct err err = ERR_INIT;
    struct engine_options options = { .threads = 1, .memory_limit = (uint64_t)1 << 30 };
    struct engine *e = engine_open(&options, &err);
    if (!e || !engine_lock(e, &err))
        fail_msg("%s", err.text);
    return e;
}

static struct table *ask(struct engine *e, struct arena *a, struct str text)
{
    struct source src = { STR("query"), text };
    struct kql_catalog none = { 0 };
    struct kql_options options = { 0 };
    struct kql_compiled c;
    struct table *t = NULL;
    struct diags d;
    struct err err = ERR_INIT;
    diags_init(&d, a);
    if (!kql_compile(a, &src, &none, &options, &d, &c))
        fail_msg("%.*s\n%.*s", STR_ARG(d.items[0].message), STR_ARG(text));
    if (!engine_query(e, &c, a, ROWS, &t, NULL, &err))
        fail_msg("%s\n%.*s", err.text, STR_ARG(text));
    return t;
}

static void test_every_way(void **state)
{
    (void)state;
    struct engine *e = open_engine();
    size_t rows = 0, asked = 0;
    for (uint32_t seed = 1; seed <= QUERIES; seed++) {
        struct test t;
        struct arena *a = arena_new(0, "test");
        struct buf text = BUF_INIT;
        struct search s = { .t = &t, .a = a, .row = ARENA_ARRAY(a, ROWS, struct str) };
        make(&t, seed * 2654435761u);
        memset(s.bound, -1, sizeof s.bound);
        lay_link(&s, 0);
        put_query(&text, &t);
        if (s.n < ROWS) {
            struct table *got = ask(e, a, buf_to_arena(&text, a));
            struct str *v = got->cols[0].v.s;
            qsort(s.row, s.n, sizeof *s.row, by_text);
            qsort(v, got->nrows, sizeof *v, by_text);
            for (size_t i = 0; i < got->nrows && i < s.n; i++)
                if (!str_eq(v[i], s.row[i]))
                    fail_msg("got %.*s, not %.*s\n%s", STR_ARG(v[i]), STR_ARG(s.row[i]), buf_z(&text));
            if (got->nrows != s.n)
                fail_msg("%zu rows, not %zu\n%s", got->nrows, s.n, buf_z(&text));
            rows += s.n;
            asked++;
        }
        buf_free(&text);
        arena_free(a);
    }
    engine_close(e);
    assert_true(asked > QUERIES * 9 / 10 && rows > 2500);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_way) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
