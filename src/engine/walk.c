/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths and components: walk.h.
 *
 * Node numbers become indexes, edges become lists by node (neighbours). How far each node is at least from an end is found first,
 * backwards; the search then enters no edge from which no end can be reached in the steps that are left. Every path is found
 * by a depth-first search with a stack of its own, the shortest ones by breadth; strong components after Tarjan (1972).
 */
#include "walk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX, FAR = INT32_MAX };

static void *need(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (!p)
        abort();
    return p;
}

/* -- numbers -> indexes -- */

struct index {
    int64_t *numbers; /* sorted, each once */
    size_t n;
};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void index_sort(struct index *x)
{
    size_t n = 0;
    if (x->n)
        qsort(x->numbers, x->n, sizeof *x->numbers, by_number);
    for (size_t i = 0; i < x->n; i++)
        if (!n || x->numbers[n - 1] != x->numbers[i])
            x->numbers[n++] = x->numbers[i];
    x->n = n;
}

static uint32_t index_of(const struct index *x, int64_t number)
{
    size_t lo = 0, hi = x->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (x->numbers[mid] < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < x->n && x->numbers[lo] == number ? (uint32_t)lo : NONE;
}

/* -- neighbours -- */

struct arc {
    uint32_t edge, node;
};

struct arcs {
    size_t *from; /* [n + 1]: those of node i are at[from[i]] .. at[from[i + 1]] */
    struct arc *at;
};

static void arcs_build(struct arcs *a, size_t n, const uint32_t *source, const uint32_t *target,
                       size_t nedges, bool both_ways)
{
    a->from = need(n + 1, sizeof *a->from);
    a->at = need(2 * nedges, sizeof *a->at);
    size_t *next = need(n + 1, sizeof *next);
    for (size_t i = 0; i < nedges; i++) {
        a->from[source[i] + 1]++;
        if (both_ways && source[i] != target[i])
            a->from[target[i] + 1]++;
    }
    for (size_t i = 0; i < n; i++)
        a->from[i + 1] += a->from[i];
    memcpy(next, a->from, n * sizeof *next);
    for (size_t i = 0; i < nedges; i++) {
        a->at[next[source[i]]++] = (struct arc){ (uint32_t)i, target[i] };
        if (both_ways && source[i] != target[i])
            a->at[next[target[i]]++] = (struct arc){ (uint32_t)i, source[i] };
    }
    free(next);
}

static void arcs_free(struct arcs *a)
{
    free(a->from);
    free(a->at);
}

/* -- a search -- */

struct search {
    const struct walk_question *q;
    struct index nodes;
    struct arcs out, in;
    bool *is_end, *is_inner; /* by node */
    int32_t *left;           /* edges to an end, at least; FAR: none is reached */
    size_t steps;
    bool stop;
    walk_path_fn *each;
    void *ctx;
    /* the path being walked: node 0, arc 0, node 1 ... */
    uint32_t *node, *edge;
    size_t *cursor;
    bool *used; /* by edge or by node, as repeats says */
    int64_t *told;
    size_t length; /* what a search by depth looks for, length by length */
    size_t nround; /* so many paths from the start to itself */
    /* breadth: by node, valid where its stamp is that of the start */
    uint32_t *stamp, *queue;
    int32_t *dist;
    struct arc *parent;
};

static void tell(struct search *s, size_t nedges)
{
    for (size_t i = 0; i <= nedges; i++) {
        s->told[2 * i] = s->nodes.numbers[s->node[i]];
        if (i < nedges)
            s->told[2 * i + 1] = s->q->edge[s->edge[i]];
    }
    s->stop |= !s->each(s->ctx, s->told, 2 * nedges + 1);
}

static bool step(struct search *s)
{
    s->stop |= ++s->steps > WALK_STEPS_MAX;
    return !s->stop;
}

static bool may_repeat(const struct search *s, const struct arc *a)
{
    return s->q->repeats == WALK_ALL || !s->used[s->q->repeats == WALK_UNIQUE_EDGES ? a->edge : a->node];
}

static void mark(struct search *s, uint32_t edge, uint32_t node, bool used)
{
    if (s->q->repeats == WALK_UNIQUE_EDGES && edge != NONE)
        s->used[edge] = used;
    else if (s->q->repeats == WALK_UNIQUE_NODES)
        s->used[node] = used;
}

/* What a depth-first search does with a path that may end here. */
typedef void found_fn(struct search *s, size_t nedges);

static void found_any(struct search *s, size_t nedges)
{
    if (nedges >= (size_t)s->q->low)
        tell(s, nedges);
}

static void deepen(struct search *s, uint32_t start, size_t high, found_fn *found)
{
    size_t d = 0;
    s->node[0] = start;
    s->cursor[0] = s->out.from[start];
    mark(s, NONE, start, true);
    if (s->is_end[start])
        found(s, 0);
    for (;;) {
        uint32_t v = s->node[d];
        bool goes_on = d < high && (d == 0 || s->is_inner[v]) && !s->stop;
        if (!goes_on || s->cursor[d] == s->out.from[v + 1]) {
            mark(s, d ? s->edge[d - 1] : NONE, v, false);
            if (d-- == 0)
                return;
            continue;
        }
        const struct arc *a = &s->out.at[s->cursor[d]++];
        if (!step(s) || s->left[a->node] == FAR || d + 1 + (size_t)s->left[a->node] > high ||
            !may_repeat(s, a))
            continue;
        s->edge[d] = a->edge;
        s->node[++d] = a->node;
        s->cursor[d] = s->out.from[a->node];
        mark(s, a->edge, a->node, true);
        if (s->is_end[a->node])
            found(s, d);
    }
}

/* -- the shortest paths of one start by breadth, where one edge may be enough -- */

static void breadth(struct search *s, uint32_t start, uint32_t mark_, size_t *nqueue)
{
    size_t head = 0, n = 0;
    s->queue[n++] = start;
    s->stamp[start] = mark_;
    s->dist[start] = 0;
    while (head < n && !s->stop) {
        uint32_t v = s->queue[head++];
        if ((v != start && !s->is_inner[v]) || s->dist[v] >= s->q->high)
            continue;
        for (size_t i = s->out.from[v]; i < s->out.from[v + 1] && step(s); i++) {
            const struct arc *a = &s->out.at[i];
            if (s->stamp[a->node] == mark_ || s->left[a->node] == FAR ||
                (int64_t)s->dist[v] + 1 + s->left[a->node] > s->q->high)
                continue;
            s->stamp[a->node] = mark_;
            s->dist[a->node] = s->dist[v] + 1;
            s->parent[a->node] = (struct arc){ a->edge, v };
            s->queue[n++] = a->node;
        }
    }
    *nqueue = n;
}

/* The path to `end` of `length` edges whose last one was set already, along the first edges found. */
static void tell_first(struct search *s, uint32_t start, size_t length)
{
    for (size_t i = length - 1; i-- > 0;) {
        s->edge[i] = s->parent[s->node[i + 1]].edge;
        s->node[i] = s->parent[s->node[i + 1]].node;
    }
    assert(s->node[0] == start);
    tell(s, length);
}

/* Every path of `length` edges from the start to s->node[length], backwards; one: only the first. */
static void tell_back(struct search *s, uint32_t start, uint32_t mark_, size_t length, bool one)
{
    size_t d = length;
    s->cursor[d] = s->in.from[s->node[d]];
    for (;;) {
        if (d == length + 1 || s->stop)
            return;
        if (d == 0 || s->cursor[d] == s->in.from[s->node[d] + 1]) {
            if (d == 0)
                tell(s, length);
            d++;
            continue;
        }
        const struct arc *a = &s->in.at[s->cursor[d]++];
        bool on_way = s->stamp[a->node] == mark_ && s->dist[a->node] == (int32_t)d - 1 &&
                      (a->node == start || s->is_inner[a->node]);
        if (!step(s) || !on_way)
            continue;
        s->edge[d - 1] = a->edge;
        s->node[d - 1] = a->node;
        if (one && d > 1) {
            tell_first(s, start, d);
            return;
        }
        s->cursor[--d] = s->in.from[a->node];
        if (one) {
            tell(s, length);
            return;
        }
    }
}

static void found_round(struct search *s, size_t nedges)
{
    if (nedges == s->length && s->node[nedges] == s->node[0] &&
        !(s->nround && s->q->search == WALK_ONE_SHORTEST)) {
        s->nround++;
        tell(s, nedges);
    }
}

/* From the start back to itself where edges lead both ways: there and back along one edge is no path, so by depth. */
static void round_by_depth(struct search *s, uint32_t start)
{
    s->nround = 0;
    for (int64_t length = 1; length <= s->q->high && !s->nround && !s->stop; length++) {
        s->length = (size_t)length;
        deepen(s, start, (size_t)length, found_round);
    }
}

/* From the start back to itself: one edge more than to the nearest node that leads there. */
static int32_t way_round(const struct search *s, uint32_t start, uint32_t mark_)
{
    int32_t best = FAR;
    for (size_t i = s->in.from[start]; i < s->in.from[start + 1]; i++) {
        uint32_t u = s->in.at[i].node;
        if (s->stamp[u] == mark_ && (u == start || s->is_inner[u]) && s->dist[u] < best)
            best = s->dist[u];
    }
    return best == FAR ? FAR : best + 1;
}

static void shortest_from(struct search *s, uint32_t start, uint32_t mark_)
{
    bool one = s->q->search == WALK_ONE_SHORTEST;
    size_t n;
    breadth(s, start, mark_, &n);
    for (size_t i = 0; i < n && !s->stop; i++) {
        uint32_t end = s->queue[i];
        int32_t length = s->dist[end];
        if (end == start && s->q->low > 0)
            length = s->q->both_ways ? FAR : way_round(s, start, mark_);
        if (!s->is_end[end] || length > s->q->high)
            continue;
        s->node[length] = end;
        if (length == 0)
            tell(s, 0);
        else
            tell_back(s, start, mark_, (size_t)length, one);
    }
    if (s->q->both_ways && s->q->low > 0 && s->is_end[start])
        round_by_depth(s, start);
}

/* -- the shortest paths of at least `low` edges: by depth, one length after the other -- */

/* stamp: the length at which a node was found from this start, plus one. */
static void found_shortest(struct search *s, size_t nedges)
{
    uint32_t end = s->node[nedges];
    if (nedges != s->length ||
        (s->stamp[end] && (s->q->search == WALK_ONE_SHORTEST || s->stamp[end] != nedges + 1)))
        return;
    s->stamp[end] = (uint32_t)nedges + 1;
    tell(s, nedges);
}

static void shortest_by_depth(struct search *s, uint32_t start)
{
    memset(s->stamp, 0, s->nodes.n * sizeof *s->stamp);
    for (int64_t length = s->q->low; length <= s->q->high && !s->stop; length++) {
        s->length = (size_t)length;
        deepen(s, start, (size_t)length, found_shortest);
    }
}

/* -- setting up -- */

static bool *flags(const struct search *s, const struct walk_list *l)
{
    bool *f = need(s->nodes.n, sizeof *f);
    if (!l->v)
        memset(f, 1, s->nodes.n);
    for (size_t i = 0; l->v && i < l->n; i++) {
        uint32_t at = index_of(&s->nodes, l->v[i]);
        if (at != NONE)
            f[at] = true;
    }
    return f;
}

static void measure_ends(struct search *s)
{
    size_t head = 0, n = 0;
    for (size_t i = 0; i < s->nodes.n; i++) {
        s->left[i] = s->is_end[i] ? 0 : FAR;
        if (s->is_end[i])
            s->queue[n++] = (uint32_t)i;
    }
    while (head < n) {
        uint32_t v = s->queue[head++];
        if (s->left[v] && !s->is_inner[v])
            continue;
        for (size_t i = s->in.from[v]; i < s->in.from[v + 1]; i++) {
            uint32_t u = s->in.at[i].node;
            if (s->left[u] == FAR) {
                s->left[u] = s->left[v] + 1;
                s->queue[n++] = u;
            }
        }
    }
}

static void gather_nodes(struct index *x, const struct walk_question *q)
{
    size_t n = 2 * q->nedges + q->starts.n;
    x->numbers = need(n, sizeof *x->numbers);
    for (size_t i = 0; i < q->nedges; i++) {
        x->numbers[x->n++] = q->source[i];
        x->numbers[x->n++] = q->target[i];
    }
    for (size_t i = 0; q->starts.v && i < q->starts.n; i++)
        x->numbers[x->n++] = q->starts.v[i];
    index_sort(x);
}

static void search_open(struct search *s, const struct walk_question *q)
{
    gather_nodes(&s->nodes, q);
    size_t n = s->nodes.n, high = (size_t)q->high;
    uint32_t *source = need(q->nedges, sizeof *source), *target = need(q->nedges, sizeof *target);
    for (size_t i = 0; i < q->nedges; i++) {
        source[i] = index_of(&s->nodes, q->source[i]);
        target[i] = index_of(&s->nodes, q->target[i]);
    }
    arcs_build(&s->out, n, source, target, q->nedges, q->both_ways);
    arcs_build(&s->in, n, target, source, q->nedges, q->both_ways);
    free(source);
    free(target);
    s->is_end = flags(s, &q->ends);
    s->is_inner = flags(s, &q->inner);
    s->left = need(n, sizeof *s->left);
    s->node = need(high + 2, sizeof *s->node);
    s->edge = need(high + 2, sizeof *s->edge);
    s->cursor = need(high + 2, sizeof *s->cursor);
    s->used = need(n > q->nedges ? n : q->nedges, sizeof *s->used);
    s->told = need(2 * high + 3, sizeof *s->told);
    s->stamp = need(n, sizeof *s->stamp);
    s->queue = need(n, sizeof *s->queue);
    s->dist = need(n, sizeof *s->dist);
    s->parent = need(n, sizeof *s->parent);
    measure_ends(s);
}

static void search_close(struct search *s)
{
    free(s->nodes.numbers);
    arcs_free(&s->out);
    arcs_free(&s->in);
    free(s->is_end);
    free(s->is_inner);
    free(s->left);
    free(s->node);
    free(s->edge);
    free(s->cursor);
    free(s->used);
    free(s->told);
    free(s->stamp);
    free(s->queue);
    free(s->dist);
    free(s->parent);
}

bool walk_paths(const struct walk_question *q, walk_path_fn *each, void *ctx)
{
    struct search s = { .q = q, .each = each, .ctx = ctx };
    search_open(&s, q);
    bool *is_start = flags(&s, &q->starts);
    for (size_t i = 0; i < s.nodes.n && !s.stop; i++) {
        if (!is_start[i] || s.left[i] > q->high)
            continue;
        if (q->search == WALK_EVERY)
            deepen(&s, (uint32_t)i, (size_t)q->high, found_any);
        else if (q->low > 1)
            shortest_by_depth(&s, (uint32_t)i);
        else
            shortest_from(&s, (uint32_t)i, (uint32_t)i + 1);
    }
    free(is_start);
    bool done = !s.stop;
    search_close(&s);
    return done;
}

/* -- components -- */

struct component_graph {
    struct index nodes;
    struct arcs out;
    uint32_t *name; /* by node: any number that only its component has */
};

static void weak(struct component_graph *g, const uint32_t *source, const uint32_t *target, size_t nedges)
{
    uint32_t *up = g->name;
    for (size_t i = 0; i < g->nodes.n; i++)
        up[i] = (uint32_t)i;
    for (size_t i = 0; i < nedges; i++) {
        uint32_t a = source[i], b = target[i];
        while (up[a] != a)
            a = up[a] = up[up[a]];
        while (up[b] != b)
            b = up[b] = up[up[b]];
        up[a > b ? a : b] = a > b ? b : a;
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        up[i] = up[up[i]]; /* a root is smaller than what hangs on it */
}

struct tarjan {
    const struct component_graph *g;
    uint32_t *seen, *low, *stack, *call;
    size_t *cursor;
    bool *on_stack;
    uint32_t count;
    size_t nstack;
};

static void enter(struct tarjan *t, uint32_t v)
{
    t->seen[v] = t->low[v] = ++t->count;
    t->stack[t->nstack++] = v;
    t->on_stack[v] = true;
    t->cursor[v] = t->g->out.from[v];
}

/* All of the stack down to v are a component. */
static void leave(struct tarjan *t, uint32_t v)
{
    uint32_t u;
    do {
        u = t->stack[--t->nstack];
        t->on_stack[u] = false;
        t->g->name[u] = v;
    } while (u != v);
}

static void connect(struct tarjan *t, uint32_t root)
{
    size_t d = 0;
    t->call[0] = root;
    enter(t, root);
    for (;;) {
        uint32_t v = t->call[d];
        if (t->cursor[v] < t->g->out.from[v + 1]) {
            uint32_t w = t->g->out.at[t->cursor[v]++].node;
            if (!t->seen[w]) {
                t->call[++d] = w;
                enter(t, w);
            } else if (t->on_stack[w] && t->seen[w] < t->low[v]) {
                t->low[v] = t->seen[w];
            }
            continue;
        }
        if (t->low[v] == t->seen[v])
            leave(t, v);
        if (d-- == 0)
            return;
        if (t->low[v] < t->low[t->call[d]])
            t->low[t->call[d]] = t->low[v];
    }
}

static void strong_ones(struct component_graph *g, const uint32_t *source, const uint32_t *target,
                        size_t nedges)
{
    size_t n = g->nodes.n;
    arcs_build(&g->out, n, source, target, nedges, false);
    struct tarjan t = { .g = g,
                        .seen = need(n, sizeof *t.seen),
                        .low = need(n, sizeof *t.low),
                        .stack = need(n, sizeof *t.stack),
                        .call = need(n, sizeof *t.call),
                        .cursor = need(n, sizeof *t.cursor),
                        .on_stack = need(n, sizeof *t.on_stack) };
    for (size_t i = 0; i < n; i++)
        if (!t.seen[i])
            connect(&t, (uint32_t)i);
    free(t.seen);
    free(t.low);
    free(t.stack);
    free(t.call);
    free(t.cursor);
    free(t.on_stack);
    arcs_free(&g->out);
}

void walk_components(const struct walk_list *nodes, const int64_t *source, const int64_t *target,
                     size_t nedges, bool strong, int64_t *out)
{
    struct component_graph g = { .nodes = { need(nodes->n, sizeof(int64_t)), nodes->n } };
    uint32_t *from = need(nedges, sizeof *from), *to = need(nedges, sizeof *to);
    size_t kept = 0;
    for (size_t i = 0; i < nodes->n; i++)
        g.nodes.numbers[i] = nodes->v[i];
    index_sort(&g.nodes);
    g.name = need(g.nodes.n, sizeof *g.name);
    for (size_t i = 0; i < nedges; i++) {
        from[kept] = index_of(&g.nodes, source[i]);
        to[kept] = index_of(&g.nodes, target[i]);
        kept += from[kept] != NONE && to[kept] != NONE;
    }
    if (strong)
        strong_ones(&g, from, to, kept);
    else
        weak(&g, from, to, kept);
    int64_t *number = need(g.nodes.n, sizeof *number), next = 0;
    for (size_t i = 0; i < nodes->n; i++) {
        int64_t *at = &number[g.name[index_of(&g.nodes, nodes->v[i])]];
        if (!*at)
            *at = ++next;
        out[i] = *at - 1;
    }
    free(number);
    free(g.name);
    free(from);
    free(to);
    free(g.nodes.numbers);
}
