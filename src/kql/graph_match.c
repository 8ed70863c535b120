/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph-match and graph-shortest-paths: a pattern becomes joins of edges and nodes by their numbers.
 *
 * First the expressions are bound, which says what they read of each variable; then the edges are joined one after the other
 * (place_*), each to what is there already, and nodes only where their properties are read. A condition on one variable
 * alone goes to its rows before the joins: so do paths begin at few nodes. Paths are made in graph_paths.c.
 */
#include <string.h>

#include "graph.h"
#include "hb/vec.h"

enum {
    STEPS_MAX = 10000, /* of a path */
    EDGES_MAX = 100    /* of a pattern: each is a join */
};

/* -- elements -- */

/* A row for each direction; an edge from a node to itself has one. */
static void double_edges(struct binder *b, struct gelem *e, struct span span)
{
    size_t n = e->n;
    struct bexpr *ends[3] = { bx_col(b, &e->cols[n + EDGE_SOURCE], span),
                              bx_col(b, &e->cols[n + EDGE_TARGET], span), NULL };
    struct brel *u = rel_new(b, BR_UNNEST, e->rel, span);
    u->items = ARENA_NEW(b->a, struct bitem);
    u->items[0] = (struct bitem){ new_col(b),
                                  bx_call(b, HB_DYNAMIC, "CASE WHEN $1 = $2 THEN [1] ELSE [1, 2] END", span,
                                          2, ends[0], ends[1]) };
    u->nitems = 1;
    u->order = ARENA_ARRAY(b->a, u->norder + 1, struct border);
    copy_bytes(u->order, e->rel->order, u->norder * sizeof *u->order);
    u->order[u->norder++] = (struct border){ u->items[0].id, HB_LONG, false, false };
    ends[2] = bx_colid(b, u->items[0].id, HB_LONG);
    struct bitem turned[2] = {
        { new_col(b), bx_calln(b, HB_LONG, "CASE WHEN $3 = 1 THEN $1 ELSE $2 END", span, 3, ends) },
        { new_col(b), bx_calln(b, HB_LONG, "CASE WHEN $3 = 1 THEN $2 ELSE $1 END", span, 3, ends) }
    };
    e->cols = cols_copy(b, e->cols, n + EDGE_MORE, 0);
    e->cols[n + EDGE_SOURCE].id = turned[0].id;
    e->cols[n + EDGE_TARGET].id = turned[1].id;
    e->rel = rel_project(b, u, e->cols, n + EDGE_MORE, turned, 2, span);
    e->rel->nkeep = 0;
}

void gelem_open(struct binder *b, const struct bgraph *g, struct gelem *e, struct span span)
{
    if (e->rel)
        return;
    e->rel = rel_ref(b, e->edge ? g->edges : g->nodes, span);
    e->cols = e->rel->cols;
    e->n = e->edge ? g->nedge : g->nnode;
    if (e->both_ways)
        double_edges(b, e, span);
    e->view = *e->rel;
    e->view.cols = e->cols;
    e->view.ncols = e->n;
}

int gelem_id(const struct gelem *e, size_t column)
{
    return e->cols[e->n + column].id;
}

void gelem_where(struct binder *b, struct gelem *e, struct bexpr *cond, struct span span)
{
    e->rel = rel_filter(b, e->rel, cond, span);
    e->cond = cond;
}

struct bexpr *gelem_degree(struct binder *b, const struct bgraph *g, struct gelem *e, bool out,
                           struct span span)
{
    if (!e->degree[out]) {
        struct brel *edges = rel_ref(b, g->edges, span), *nodes = e->rel;
        struct bitem key = { new_col(b),
                             bx_col(b, &edges->cols[g->nedge + (out ? EDGE_SOURCE : EDGE_TARGET)], span) };
        struct bitem count = { new_col(b), bx_call(b, HB_LONG, "count(*)", span, 0) };
        struct brel *degrees = rel_agg(b, edges, &key, 1, &count, 1, span);
        degrees->cols = ARENA_NEW(b->a, struct bcol); /* a column that later projections hand on */
        degrees->cols[0] = (struct bcol){ STR(""), HB_LONG, count.id };
        degrees->ncols = 1;
        e->rel = rel_join(b, BJ_LEFT, nodes, degrees,
                          bx_call(b, HB_BOOL, "($1 = $2)", span, 2,
                                  bx_colid(b, gelem_id(e, NODE_NO), HB_LONG), bx_colid(b, key.id, HB_LONG)),
                          span);
        e->rel->order = nodes->order;
        e->rel->norder = nodes->norder;
        e->degree[out] = count.id;
    }
    return bx_call(b, HB_LONG, "coalesce($1, 0)", span, 1, bx_colid(b, e->degree[out], HB_LONG));
}

struct gvar *gmatch_find(const struct gmatch *m, struct str name)
{
    for (size_t i = 0; i < m->nvars; i++)
        if (m->vars[i].name.n && str_eq(m->vars[i].name, name))
            return &m->vars[i];
    return NULL;
}

/* -- reading the pattern -- */

static size_t add_var(struct gmatch *m, const struct kql_name *name, struct span span, bool edge)
{
    struct gvar *v = VEC_PUSH(m->b->a, m->vars, m->nvars, m->cap);
    *v = (struct gvar){ .name = name ? name->name : STR(""), .span = span, .edge = edge, .own.edge = edge };
    return m->nvars - 1;
}

/* The node's variable, which may stand several times; SIZE_MAX: reported. */
static size_t node_var(struct gmatch *m, const struct kql_graph_node *n)
{
    const struct gvar *v = n->name ? gmatch_find(m, n->name->name) : NULL;
    if (v && v->edge) {
        bind_error(m->b, n->node.span, NULL, "'%.*s' is the name of an edge already", STR_ARG(n->name->name));
        return SIZE_MAX;
    }
    return v ? (size_t)(v - m->vars) : add_var(m, n->name, n->node.span, false);
}

static bool steps(struct gmatch *m, const struct kql_node *n, int64_t *out)
{
    struct bexpr *e = bind_expr(m->b, n, NULL);
    if (bx_failed(e))
        return false;
    if (type_is_integer(e->type) && bx_const_i64(e, out) && *out >= 0 && *out <= STEPS_MAX)
        return true;
    bind_error(m->b, n->span, NULL, "the number of steps is a whole number from 0 to %d", STEPS_MAX);
    return false;
}

static bool add_edge(struct gmatch *m, const struct kql_graph_edge *n, size_t left, size_t right)
{
    if (n->name && gmatch_find(m, n->name->name)) {
        bind_error(m->b, n->node.span, "give each edge a name of its own",
                   "'%.*s' stands twice in the pattern", STR_ARG(n->name->name));
        return false;
    }
    if (m->nedges == EDGES_MAX) {
        bind_error(m->b, n->node.span, "a path of many steps is -[e*1..200]->",
                   "a pattern has %d edges at most", EDGES_MAX);
        return false;
    }
    size_t at = add_var(m, n->name, n->node.span, true);
    struct gvar *v = &m->vars[at];
    v->variable = n->variable;
    v->both_ways = (!n->left && !n->right) || !m->g->directed;
    v->own.both_ways = v->both_ways && !v->variable;
    v->to_left = n->left;
    v->from = n->left ? right : left;
    v->to = n->left ? left : right;
    *VEC_PUSH(m->b->a, m->edges, m->nedges, m->cap_edges) = at;
    if (n->left && n->right) {
        bind_error(m->b, n->node.span, "any direction is -[e]-", "an edge has one direction");
        return false;
    }
    if (!n->variable)
        return true;
    v->length = new_col(m->b);
    if (!steps(m, n->low, &v->low) || !steps(m, n->high, &v->high))
        return false;
    if (v->low > v->high)
        bind_error(m->b, n->node.span, NULL, "a path has a smallest and then a largest number of steps");
    return v->low <= v->high;
}

/* node { edge node } */
static bool add_sequence(struct gmatch *m, const struct kql_graph_pattern *p)
{
    const struct kql_node *const *items = (const struct kql_node *const *)p->items.items;
    size_t left = SIZE_MAX, n = p->items.n;
    for (size_t i = 0; i < n; i++)
        if ((items[i]->kind == KQL_GRAPH_NODE) != (i % 2 == 0)) {
            bind_error(m->b, items[i]->span, "write (a)-[e]->(b)",
                       i % 2 ? "an edge is expected between two nodes" : "a node is expected here");
            return false;
        }
    if (n % 2 == 0) {
        bind_error(m->b, items[n - 1]->span, "write (a)-[e]->(b)", "the edge leads to no node");
        return false;
    }
    for (size_t i = 0; i < n; i += 2) {
        size_t right = node_var(m, KQL_AS(kql_graph_node, items[i]));
        if (right == SIZE_MAX || (i && !add_edge(m, KQL_AS(kql_graph_edge, items[i - 1]), left, right)))
            return false;
        if (i == 0 && !m->nedges)
            m->first = right;
        left = m->last = right;
    }
    return true;
}

/* All nodes hang together by edges. */
static bool connected(struct gmatch *m)
{
    bool *seen = ARENA_ARRAY(m->b->a, m->nvars, bool), more = true;
    seen[0] = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < m->nedges; i++) {
            const struct gvar *e = &m->vars[m->edges[i]];
            more |= seen[e->from] != seen[e->to];
            seen[e->from] = seen[e->to] = seen[e->from] || seen[e->to];
        }
    }
    for (size_t i = 0; i < m->nvars; i++)
        if (!m->vars[i].edge && !seen[i]) {
            bind_error(m->b, m->vars[i].span, "let the sequences share the name of a node",
                       "no edge leads from here to the rest of the pattern");
            return false;
        }
    return true;
}

static bool read_cycles(struct gmatch *m, const struct kql_op *op)
{
    static const char *const words[] = {
        [GC_UNIQUE_EDGES] = "unique_edges", [GC_ALL] = "all", [GC_NONE] = "none"
    };
    const struct kql_param *p = kql_op_param(op, "cycles");
    if (p && m->shortest) {
        bind_error(m->b, p->node.span, NULL, "'cycles' belongs to graph-match");
        return false;
    }
    for (size_t i = 0; p && i < sizeof words / sizeof *words; i++)
        if (str_eqz(kql_param_word(p), words[i])) {
            m->cycles = (enum gcycles)i;
            return true;
        }
    if (p)
        bind_error(m->b, p->node.span, "one of all, none, unique_edges", "unknown kind of cycles '%.*s'",
                   STR_ARG(kql_param_word(p)));
    return !p;
}

static bool read_output(struct gmatch *m, const struct kql_op *op)
{
    const struct kql_param *p = kql_op_param(op, "output");
    m->all_shortest = p && str_eqz(kql_param_word(p), "all");
    if (!p || m->all_shortest || str_eqz(kql_param_word(p), "any"))
        return true;
    bind_error(m->b, p->node.span, "one of any, all", "unknown output '%.*s'", STR_ARG(kql_param_word(p)));
    return false;
}

static bool read_pattern(struct gmatch *m, const struct kql_op_graph_match *op)
{
    bool variable = false;
    if (!read_cycles(m, &op->op) || (m->shortest && !read_output(m, &op->op)))
        return false;
    for (size_t i = 0; i < op->patterns.n; i++)
        if (op->patterns.items[i]->kind != KQL_GRAPH_PATTERN ||
            !add_sequence(m, KQL_AS(kql_graph_pattern, op->patterns.items[i])))
            return false;
    for (size_t i = 0; i < m->nedges; i++)
        variable |= m->vars[m->edges[i]].variable;
    if (m->shortest && (!variable || op->patterns.n > 1)) {
        bind_error(m->b, op->op.name_span, "write (a)-[e*1..5]->(b)",
                   variable ? "graph-shortest-paths takes one sequence of nodes and edges"
                            : "graph-shortest-paths needs an edge of variable length");
        return false;
    }
    return connected(m);
}

/* -- conditions -- */

struct parts {
    const struct kql_node **items;
    size_t n, cap;
};

/* a and b and (c and d): its parts */
static void split(struct gmatch *m, const struct kql_node *n, struct parts *out)
{
    while (n->kind == KQL_PAREN)
        n = KQL_AS(kql_paren, n)->inner;
    size_t links = 0;
    const struct kql_node *k = n;
    for (; k->kind == KQL_BINARY && KQL_AS(kql_binary, k)->op == KQL_AND; k = kql_left(k))
        links++;
    if (!links) {
        *VEC_PUSH(m->b->a, out->items, out->n, out->cap) = n;
        return;
    }
    const struct kql_node **rights = ARENA_ARRAY(m->b->a, links, const struct kql_node *);
    for (size_t i = links; i-- > 0; n = kql_left(n))
        rights[i] = KQL_AS(kql_binary, n)->right;
    split(m, n, out);
    for (size_t i = 0; i < links; i++)
        split(m, rights[i], out);
}

struct each {
    struct gmatch *m;
    size_t found; /* the variable edge of which a property is read; SIZE_MAX: none */
};

static bool look_for_each(void *ctx, const char *field, struct kql_node *n)
{
    (void)field;
    struct each *x = ctx;
    for (const struct kql_node *k = n; k; k = kql_left(k)) {
        if (k->kind == KQL_PATH && KQL_AS(kql_path, k)->object->kind == KQL_NAME) {
            const struct gvar *v = gmatch_find(x->m, KQL_AS(kql_name, KQL_AS(kql_path, k)->object)->name);
            if (v && v->variable)
                x->found = (size_t)(v - x->m->vars);
        }
        const struct kql_node *other = k->kind == KQL_BINARY  ? KQL_AS(kql_binary, k)->right
                                       : k->kind == KQL_INDEX ? KQL_AS(kql_index, k)->index
                                                              : NULL;
        if (other)
            look_for_each(ctx, NULL, (struct kql_node *)(uintptr_t)other);
        if (!kql_left(k) && !(k->kind == KQL_CALL && graph_is_function(KQL_AS(kql_call, k)->name->name)))
            kql_each_child(k, look_for_each, ctx);
    }
    return true;
}

/* A part of the condition; what cannot be asked of one variable goes to `rest`. */
static void bind_part(struct gmatch *m, const struct kql_node *n, struct brow *row, struct bexpr **rest)
{
    struct each each = { m, SIZE_MAX };
    struct gvar *only = NULL;
    size_t nread = 0;
    if (graph_everywhere(m, n))
        return;
    look_for_each(&each, NULL, (struct kql_node *)(uintptr_t)n);
    m->each = each.found;
    m->whole = false;
    for (size_t i = 0; i < m->nvars; i++)
        m->vars[i].read = false;
    struct bexpr *e = bind_bool(m->b, n, row, "the condition of the pattern");
    m->each = SIZE_MAX;
    bool paths = false;
    for (size_t i = 0; i < m->nvars; i++)
        if (m->vars[i].read) {
            nread++;
            only = &m->vars[i];
            paths |= only->variable;
        }
    if (bx_failed(e))
        return;
    if (each.found != SIZE_MAX && m->whole) {
        bind_error(m->b, n->span, "write all(e, ...) for what holds for each edge",
                   "a condition on each edge of '%.*s' cannot read a path as a whole",
                   STR_ARG(m->vars[each.found].name));
        return;
    }
    if (each.found != SIZE_MAX && nread > 1)
        e = graph_all_of(m, &m->vars[each.found], e);
    if (nread == 1 && (!only->variable || each.found != SIZE_MAX)) {
        gelem_where(m->b, &only->own, e, n->span);
        return;
    }
    m->asks_paths |= paths;
    *rest = *rest ? bx_call(m->b, HB_BOOL, "($1 AND $2)", n->span, 2, *rest, e) : e;
}

static struct bexpr *bind_where(struct gmatch *m, const struct kql_node *where, struct brow *row)
{
    struct parts parts = { 0 };
    struct bexpr *rest = NULL;
    if (!where)
        return NULL;
    split(m, where, &parts);
    for (size_t i = 0; i < parts.n; i++)
        bind_part(m, parts.items[i], row, &rest);
    return rest;
}

/* -- joining -- */

void keep_where(struct gmatch *m, struct bexpr *cond)
{
    m->rel = rel_filter(m->b, m->rel, cond, m->span);
}

static struct bexpr *same(struct gmatch *m, int x, int y)
{
    return bx_call(m->b, HB_BOOL, "($1 = $2)", m->span, 2, bx_colid(m->b, x, HB_LONG),
                   bx_colid(m->b, y, HB_LONG));
}

void place_node(struct gmatch *m, struct gvar *v, int id)
{
    v->placed = true;
    v->no = id;
    if (v->own.rel)
        m->rel = rel_join(m->b, BJ_INNER, m->rel, v->own.rel, same(m, id, gelem_id(&v->own, NODE_NO)),
                          m->span);
}

/* All of several conditions, none of which there may be. */
static void keep_all(struct gmatch *m, struct bexpr **conds, size_t n)
{
    if (n)
        keep_where(m, n == 1 ? conds[0] : bx_calln(m->b, HB_BOOL, "($&)", m->span, n, conds));
}

/* Two numbers or lists of them (HB_DYNAMIC) have none in common. */
static struct bexpr *differ(struct gmatch *m, struct bexpr *x, struct bexpr *y)
{
    bool lx = x->type == HB_DYNAMIC, ly = y->type == HB_DYNAMIC;
    return bx_call(m->b, HB_BOOL,
                   lx && ly ? "(NOT list_has_any($1, $2))"
                   : lx     ? "(NOT list_contains($1, $2))"
                   : ly     ? "(NOT list_contains($2, $1))"
                            : "($1 <> $2)",
                   m->span, 2, x, y);
}

void pass_nodes(struct gmatch *m, struct bexpr *nodes)
{
    struct bexpr **conds = ARENA_ARRAY(m->b->a, m->nvisited + 1, struct bexpr *);
    if (m->cycles != GC_NONE)
        return;
    for (size_t i = 0; i < m->nvisited; i++)
        conds[i] = differ(m, nodes, m->visited[i]);
    keep_all(m, conds, m->nvisited);
    *VEC_PUSH(m->b->a, m->visited, m->nvisited, m->cap_visited) = nodes;
}

/* The number of an edge, or those of a path. */
static struct bexpr *edge_numbers(struct gmatch *m, const struct gvar *e)
{
    return bx_colid(m->b, e->variable ? e->edges : e->no, e->variable ? HB_DYNAMIC : HB_LONG);
}

void pass_edge(struct gmatch *m, const struct gvar *edge)
{
    struct bexpr **conds = ARENA_ARRAY(m->b->a, m->nedges + 1, struct bexpr *);
    size_t n = 0;
    if (m->cycles != GC_UNIQUE_EDGES)
        return;
    for (size_t i = 0; i < m->nedges; i++) {
        const struct gvar *o = &m->vars[m->edges[i]];
        if (o != edge && o->placed)
            conds[n++] = differ(m, edge_numbers(m, edge), edge_numbers(m, o));
    }
    keep_all(m, conds, n);
}

static void place_edge(struct gmatch *m, struct gvar *e)
{
    struct binder *b = m->b;
    struct gvar *ends[2] = { &m->vars[e->from], &m->vars[e->to] };
    gelem_open(b, m->g, &e->own, e->span);
    int at[2] = { gelem_id(&e->own, EDGE_SOURCE), gelem_id(&e->own, EDGE_TARGET) };
    struct bexpr *on = NULL;
    bool closes = ends[0]->placed && ends[1]->placed;
    for (size_t i = 0; i < 2; i++)
        if (ends[i]->placed) {
            struct bexpr *eq = same(m, ends[i]->no, at[i]);
            on = on ? bx_call(b, HB_BOOL, "($1 AND $2)", m->span, 2, on, eq) : eq;
        }
    m->rel = m->rel ? rel_join(b, BJ_INNER, m->rel, e->own.rel, on, m->span) : e->own.rel;
    for (size_t i = 0; i < 2; i++) {
        if (!ends[i]->placed) {
            place_node(m, ends[i], at[i]);
            pass_nodes(m, bx_colid(b, at[i], HB_LONG));
        } else if (!closes && ends[0] == ends[1]) {
            keep_where(m, same(m, at[0], at[1]));
            closes = true;
        }
    }
    if (closes && m->cycles == GC_NONE)
        keep_where(m, bx_bool(b, false, m->span));
    e->no = gelem_id(&e->own, EDGE_NO);
    pass_edge(m, e);
    e->placed = true;
}

/* How soon an edge is joined: before others of a higher number. */
static int turn(const struct gmatch *m, const struct gvar *e)
{
    int ends = m->vars[e->from].placed + m->vars[e->to].placed;
    if (m->rel && !ends)
        return 9;
    return e->variable ? 4 - ends : 2 - ends;
}

static void place_all(struct gmatch *m)
{
    for (size_t k = 0; k < m->nedges; k++) {
        struct gvar *best = NULL;
        for (size_t i = 0; i < m->nedges; i++) {
            struct gvar *e = &m->vars[m->edges[i]];
            if (!e->placed && (!best || turn(m, e) < turn(m, best)))
                best = e;
        }
        if (best->variable)
            place_paths(m, (size_t)(best - m->vars));
        else
            place_edge(m, best);
    }
    struct gvar *lone = &m->vars[m->first];
    if (!m->nedges) {
        gelem_open(m->b, m->g, &lone->own, lone->span);
        m->rel = lone->own.rel;
    }
}

/* -- the operator -- */

/* any(): as an aggregate it would name its column. */
static bool is_any(const struct kql_node *n)
{
    return n->kind == KQL_CALL && str_eqz(KQL_AS(kql_call, n)->name->name, "any");
}

struct brel *op_graph_match(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_graph_match *n = (const struct kql_op_graph_match *)op;
    struct gmatch m = { .b = b, .g = in->graph, .span = op->node.span, .each = SIZE_MAX };
    struct brow row = { .pattern = &m };
    struct boutput o = { 0 };
    size_t before = b->d->errors;
    m.shortest = op->node.kind == KQL_GRAPH_PATHS;
    if (!read_pattern(&m, n))
        return rel_open(b, m.span);
    if (!n->has_project) {
        bind_error(b, op->name_span, "end it with 'project a.name, b.name'", "'%s' needs columns to show",
                   m.shortest ? "graph-shortest-paths" : "graph-match");
        return rel_open(b, m.span);
    }
    if (m.g->parted)
        gelem_open(b, m.g, &m.vars[m.first].own, m.vars[m.first].span);
    struct bexpr *rest = bind_where(&m, n->where, &row);
    for (size_t i = 0; i < n->project.n; i++)
        if (is_any(n->project.items[i]))
            out_add(b, &o, STR(""), false, bind_expr(b, n->project.items[i], &row), false);
        else
            out_item(b, &o, n->project.items[i], &row, false);
    if (o.failed || b->d->errors != before)
        return rel_open(b, m.span);
    place_all(&m);
    add_late_values(&m);
    if (rest)
        keep_where(&m, rest);
    if (m.shortest && (m.nedges > 1 || m.asks_paths))
        keep_shortest(&m);
    if (m.g->parted)
        rel_add_part(b, m.rel, gelem_id(&m.vars[m.first].own, NODE_PART));
    m.rel->nkeep = 0;
    return rel_project(b, m.rel, o.cols, o.ncols, o.items, o.nitems, m.span);
}
