/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that make, change and take apart a graph (graph.h). What looks for patterns is in graph_match.c.
 *
 * Nodes are the rows of the node tables, merged by their key, and behind them the keys that only edges have, in the order in
 * which they appear. A null key is a key like any other.
 */
#include <string.h>

#include "graph.h"

struct brel *rel_graph(struct binder *b, struct bgraph *g, struct span span)
{
    struct brel *r = rel_new(b, BR_ONE, NULL, span);
    g->nodes->shared = g->nodes->materialized = true;
    g->edges->shared = g->edges->materialized = true;
    r->graph = g;
    return r;
}

struct brel *rel_beside(struct binder *b, struct brel *in, const struct bitem *items, size_t n,
                        const enum hb_type *types, struct span span)
{
    struct bcol *cols = cols_copy(b, in->cols, in->ncols, n);
    for (size_t i = 0; i < n; i++)
        cols[in->ncols + i] = (struct bcol){ STR(""), types[i], items[i].id };
    return rel_project(b, in, cols, in->ncols + n, items, n, span);
}

static void set_order(struct binder *b, struct brel *r, int id)
{
    r->order = ARENA_NEW(b->a, struct border);
    r->order[0] = (struct border){ id, HB_LONG, false, false };
    r->norder = 1;
    r->scrambled = true;
    r->ordered = r->serialized = false;
}

static struct bexpr *row_number(struct binder *b, const struct border *order, size_t n, struct span span)
{
    struct bexpr *e = bx_call(b, HB_LONG, n ? "row_number() OVER ($w)" : "row_number() OVER ()", span, 0);
    e->over = order;
    e->nover = n;
    return e;
}

/* -- make-graph -- */

/* A property of nodes; made of the columns of that name. */
struct property {
    struct str name;
    enum hb_type type;
    bool key; /* also holds the key of nodes that only edges have */
};

/* A table of nodes, or of edges by one of their ends. */
struct leg {
    struct brel *rel;
    struct bcol key, part;
    struct bexpr *place; /* of a row among all rows of all legs */
};

enum { LEGS_MAX = 8 };

struct maker {
    struct binder *b;
    const struct kql_op_make_graph *op;
    struct span span;
    enum hb_type key, part; /* types that keys and values of partitions are compared in */
    struct leg legs[LEGS_MAX];
    size_t nlegs;
    struct property *props;
    size_t nprops;
    struct brel *edges; /* with the number, source and target behind its columns */
};

/* The type two keys are compared in; HB_UNKNOWN: none. */
static enum hb_type key_type(enum hb_type x, enum hb_type y)
{
    if (x == HB_DYNAMIC || y == HB_DYNAMIC)
        return HB_UNKNOWN;
    return x == y ? x : type_is_number(x) && type_is_number(y) ? common_type(x, y) : HB_UNKNOWN;
}

static bool fit_key(struct maker *m, enum hb_type t, struct span span)
{
    enum hb_type k = key_type(m->key, t);
    if (k == HB_UNKNOWN && t == HB_DYNAMIC)
        bind_error(m->b, span, "convert it first, for instance with tostring()",
                   "a dynamic value cannot name a node");
    else if (k == HB_UNKNOWN)
        bind_error(m->b, span, "convert it first, for instance with tostring()",
                   "nodes are named by values of one type, and here are %s and %s", hb_type_name(m->key),
                   hb_type_name(t));
    m->key = k == HB_UNKNOWN ? m->key : k;
    return k != HB_UNKNOWN;
}

static bool part_column(struct maker *m, const struct brel *r, struct bcol *out)
{
    const struct kql_name *n = m->op->partition_by;
    const struct bcol *c = n ? rel_column(m->b, r, n->name, n->node.span) : NULL;
    if (!n)
        return true;
    if (!c)
        return false;
    *out = *c;
    if (c->type == m->part || m->part == HB_UNKNOWN) {
        m->part = c->type;
        return c->type != HB_DYNAMIC ||
               (bind_error(m->b, n->node.span, NULL, "a dynamic value cannot part a graph"), false);
    }
    bind_error(m->b, n->node.span, NULL, "'%.*s' is %s of some tables and %s of others", STR_ARG(n->name),
               hb_type_name(m->part), hb_type_name(c->type));
    return false;
}

static bool key_column(struct maker *m, struct brel *r, const struct kql_name *n, struct bcol *out)
{
    const struct bcol *c = rel_column(m->b, r, n->name, n->node.span);
    if (!c || (m->key == HB_UNKNOWN && c->type != HB_DYNAMIC)) {
        if (c)
            m->key = c->type;
    } else if (!fit_key(m, c->type, n->node.span)) {
        return false;
    }
    if (c)
        *out = *c;
    return c != NULL;
}

/* Columns of one name are one property, of the type that holds both. */
static void add_property(struct maker *m, struct str name, enum hb_type type, bool key)
{
    for (size_t i = 0; i < m->nprops; i++) {
        struct property *p = &m->props[i];
        if (!str_eq(p->name, name))
            continue;
        p->key |= key;
        if (p->type != type)
            p->type = type_is_number(p->type) && type_is_number(type) ? common_type(p->type, type)
                                                                      : HB_DYNAMIC;
        return;
    }
    m->props[m->nprops++] = (struct property){ name, type, key };
}

/* with table on key */
static bool add_nodes(struct maker *m, const struct kql_graph_nodes *n)
{
    struct binder *b = m->b;
    struct brel *r = bind_table(b, n->table);
    struct leg *leg = &m->legs[m->nlegs];
    if (r->open || m->nlegs + 2 >= LEGS_MAX) {
        if (!r->open)
            bind_error(b, n->node.span, "join them with union", "make-graph takes %d tables of nodes at most",
                       LEGS_MAX - 2);
        return false;
    }
    if (!key_column(m, r, n->key, &leg->key) || !part_column(m, r, &leg->part))
        return false;
    struct property *more = ARENA_ARRAY(b->a, m->nprops + r->ncols, struct property);
    copy_bytes(more, m->props, m->nprops * sizeof *more);
    m->props = more;
    for (size_t i = 0; i < r->ncols; i++)
        add_property(m, r->cols[i].name, r->cols[i].type, r->cols[i].id == leg->key.id);
    struct bexpr *no = row_number(b, r->order, r->norder, m->span);
    leg->rel = r;
    leg->place = bx_call(b, HB_LONG, "($1 + $2)", m->span, 2, bx_long(b, (int64_t)m->nlegs << 50, m->span),
                         bx_colid(b, rel_add_hidden(b, &leg->rel, no), HB_LONG));
    m->nlegs++;
    return true;
}

/* The edges as they came, with their numbers. */
static bool number_edges(struct maker *m, struct brel *in, struct bcol *source, struct bcol *target,
                         struct bcol *part)
{
    struct binder *b = m->b;
    if (!key_column(m, in, m->op->source, source) || !key_column(m, in, m->op->target, target) ||
        !part_column(m, in, part))
        return false;
    struct bitem no = { new_col(b), row_number(b, in->order, in->norder, m->span) };
    enum hb_type type = HB_LONG;
    m->edges = rel_beside(b, in, &no, 1, &type, m->span);
    m->edges->shared = m->edges->materialized = true;
    return true;
}

/* Column c of the shared relation in its use r. */
static struct bcol used(const struct brel *shared, const struct brel *r, const struct bcol *c)
{
    for (size_t i = 0; i < shared->ncols; i++)
        if (shared->cols[i].id == c->id)
            return r->cols[i];
    return *c;
}

/* The nodes that edges name, source before target. */
static void add_ends(struct maker *m, const struct bcol *source, const struct bcol *target,
                     const struct bcol *part)
{
    struct binder *b = m->b;
    for (int end = 0; end < 2; end++) {
        struct leg *leg = &m->legs[m->nlegs++];
        leg->rel = rel_ref(b, m->edges, m->span);
        leg->key = used(m->edges, leg->rel, end ? target : source);
        leg->part = m->op->partition_by ? used(m->edges, leg->rel, part) : (struct bcol){ .id = 0 };
        int no = leg->rel->cols[leg->rel->ncols - 1].id;
        leg->place = bx_call(b, HB_LONG, "($1 + 2 * $2)", m->span, 2,
                             bx_long(b, ((int64_t)LEGS_MAX << 50) + end, m->span), bx_colid(b, no, HB_LONG));
    }
}

/* A value as one of the property's type. */
static struct bexpr *as_property(struct maker *m, struct bexpr *e, enum hb_type t)
{
    return t == HB_DYNAMIC ? to_json(m->b, e) : convert(m->b, e, t);
}

/* NULL where the table has no such column, for a string too. */
static struct bexpr *leg_property(struct maker *m, const struct leg *leg, const struct property *p)
{
    bool ends = leg - m->legs >= (ptrdiff_t)m->nlegs - 2;
    const struct bcol *c = ends ? NULL : rel_find(m->b, leg->rel, p->name);
    if (c)
        return c->type == p->type ? bx_col(m->b, c, m->span)
                                  : as_property(m, bx_col(m->b, c, m->span), p->type);
    return bx_call(m->b, p->type, arena_printf(m->b->a, "CAST(NULL AS %s)", type_sql(p->type)), m->span, 0);
}

/* All rows of all legs: key, value of the partition, place, properties. */
static struct brel *all_legs(struct maker *m)
{
    struct binder *b = m->b;
    struct brel *r = rel_new(b, BR_UNION, NULL, m->span);
    r->nlegs = m->nlegs;
    r->legs = ARENA_ARRAY(b->a, m->nlegs, struct brel *);
    r->leg_items = ARENA_ARRAY(b->a, m->nlegs, struct bitem *);
    r->nitems = 3 + m->nprops;
    int first = b->next_col;
    b->next_col += (int)r->nitems;
    for (size_t k = 0; k < m->nlegs; k++) {
        const struct leg *leg = &m->legs[k];
        struct bitem *it = r->leg_items[k] = ARENA_ARRAY(b->a, r->nitems, struct bitem);
        r->legs[k] = leg->rel;
        it[0].e = convert(b, bx_col(b, &leg->key, m->span), m->key);
        it[1].e = m->op->partition_by ? bx_col(b, &leg->part, m->span) : bx_long(b, 1, m->span);
        it[2].e = leg->place;
        for (size_t i = 0; i < m->nprops; i++)
            it[3 + i].e = leg_property(m, leg, &m->props[i]);
        for (size_t i = 0; i < r->nitems; i++)
            it[i].id = first + (int)i;
    }
    r->scrambled = true;
    set_order(b, r, first + 2);
    return r;
}

/* One value for each property: the first one there is. */
static struct brel *merge_legs(struct maker *m, struct brel *all)
{
    struct binder *b = m->b;
    int key = all->leg_items[0][0].id, place = key + 2;
    struct bitem keys[2] = { { new_col(b), bx_colid(b, key, m->key) },
                             { new_col(b), bx_colid(b, key + 1, m->part) } };
    struct bitem *aggs = ARENA_ARRAY(b->a, m->nprops + 1, struct bitem);
    aggs[0] = (struct bitem){ new_col(b),
                              bx_call(b, HB_LONG, "min($1)", m->span, 1, bx_colid(b, place, HB_LONG)) };
    for (size_t i = 0; i < m->nprops; i++)
        aggs[1 + i] = (struct bitem){ new_col(b), bx_call(b, m->props[i].type, "arg_min($1, $2)", m->span, 2,
                                                          bx_colid(b, key + 3 + (int)i, m->props[i].type),
                                                          bx_colid(b, place, HB_LONG)) };
    return rel_agg(b, all, keys, 2, aggs, m->nprops + 1, m->span);
}

static struct bexpr *final_property(struct maker *m, const struct property *p, int id, int key)
{
    struct binder *b = m->b;
    struct bexpr *e = bx_colid(b, id, p->type), *k = bx_colid(b, key, m->key);
    if (p->key)
        return bx_call(b, p->type, "coalesce($1, $2)", m->span, 2, e, as_property(m, k, p->type));
    return p->type == HB_STRING ? bx_call(b, HB_STRING, "coalesce($1, '')", m->span, 1, e) : e;
}

static struct brel *make_nodes(struct maker *m)
{
    struct binder *b = m->b;
    struct brel *merged = merge_legs(m, all_legs(m));
    const struct bitem *in = merged->items;
    size_t n = m->nprops;
    struct bitem *items = ARENA_ARRAY(b->a, n + 3, struct bitem);
    struct bcol *cols = ARENA_ARRAY(b->a, n + NODE_MORE, struct bcol);
    struct border *by = ARENA_NEW(b->a, struct border);
    *by = (struct border){ in[2].id, HB_LONG, false, false };
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct bitem){ new_col(b), final_property(m, &m->props[i], in[3 + i].id, in[0].id) };
        cols[i] = (struct bcol){ m->props[i].name, m->props[i].type, items[i].id };
    }
    struct bexpr *part = bx_long(b, 1, m->span);
    if (m->op->partition_by)
        part = bx_call(b, HB_LONG, "dense_rank() OVER (ORDER BY $1 NULLS FIRST)", m->span, 1,
                       bx_colid(b, in[1].id, m->part));
    items[n] = (struct bitem){ new_col(b), row_number(b, by, 1, m->span) };
    items[n + 1] = (struct bitem){ new_col(b), to_string(b, bx_colid(b, in[0].id, m->key)) };
    items[n + 2] = (struct bitem){ new_col(b), part };
    cols[n + NODE_NO] = (struct bcol){ STR(""), HB_LONG, items[n].id };
    cols[n + NODE_TEXT] = (struct bcol){ STR(""), HB_STRING, items[n + 1].id };
    cols[n + NODE_PART] = (struct bcol){ STR(""), HB_LONG, items[n + 2].id };
    cols[n + NODE_KEY] = (struct bcol){ STR(""), m->key, in[0].id };
    cols[n + NODE_PARTITION] = (struct bcol){ STR(""), m->part, in[1].id };
    struct brel *r = rel_project(b, merged, cols, n + NODE_MORE, items, n + 3, m->span);
    r->nkeep = 0;
    set_order(b, r, items[n].id);
    return r;
}

/* Looks up the node of an end; its columns are those of *node. */
static struct brel *join_end(struct maker *m, struct brel *edges, struct brel *nodes, const struct bcol *end,
                             const struct bcol *part, struct brel **node)
{
    struct binder *b = m->b;
    *node = rel_ref(b, nodes, m->span);
    const struct bcol *cols = (*node)->cols + m->nprops;
    struct bexpr *on = bx_call(b, HB_BOOL, m->key == HB_STRING ? "($1 = $2)" : "($1 IS NOT DISTINCT FROM $2)",
                               m->span, 2, convert(b, bx_col(b, end, m->span), m->key),
                               bx_col(b, &cols[NODE_KEY], m->span));
    if (m->op->partition_by)
        on = bx_call(b, HB_BOOL, "($1 AND $2 IS NOT DISTINCT FROM $3)", m->span, 3, on,
                     bx_col(b, part, m->span), bx_col(b, &cols[NODE_PARTITION], m->span));
    return rel_join(b, BJ_INNER, edges, *node, on, m->span);
}

static struct brel *make_edges(struct maker *m, struct brel *nodes, size_t n, const struct bcol *source,
                               const struct bcol *target, const struct bcol *part)
{
    struct binder *b = m->b;
    struct brel *from, *to, *r = m->edges;
    int no = r->cols[n].id;
    r = join_end(m, r, nodes, source, part, &from);
    r = join_end(m, r, nodes, target, part, &to);
    struct bcol *cols = cols_copy(b, m->edges->cols, n, EDGE_MORE);
    cols[n + EDGE_NO] = (struct bcol){ STR(""), HB_LONG, no };
    cols[n + EDGE_SOURCE] = from->cols[m->nprops + NODE_NO];
    cols[n + EDGE_TARGET] = to->cols[m->nprops + NODE_NO];
    cols[n + EDGE_PART] = from->cols[m->nprops + NODE_PART];
    set_order(b, r, no);
    r = rel_project(b, r, cols, n + EDGE_MORE, NULL, 0, m->span);
    r->nkeep = 0;
    return r;
}

/* partitioned-by column ( operator ): the graph's parts stay apart, and so do the rows of each. */
static struct brel *on_each_part(struct binder *b, struct brel *graph, const struct kql_op_make_graph *op)
{
    struct span span = op->op.node.span;
    const struct kql_op *blind = part_blind(op->sub);
    if (blind) {
        bind_error(b, blind->name_span, "put it behind the bracket",
                   "this operator is not supported inside of partitioned-by");
        return rel_open(b, span);
    }
    struct brel *outer = b->context;
    b->context = graph;
    struct brel *sub = bind_table(b, op->sub);
    b->context = outer;
    if (sub->open || !sub->npart)
        return sub;
    struct brel *p = rel_project(b, sub, sub->cols, sub->ncols, NULL, 0, span);
    struct border *o = ARENA_ARRAY(b->a, sub->norder + 1, struct border);
    o[0] = (struct border){ sub->part[0], HB_LONG, false, false };
    copy_bytes(o + 1, sub->order, sub->norder * sizeof *o);
    p->order = o;
    p->norder = sub->norder + 1;
    p->scrambled = true;
    p->ordered = false;
    p->npart = 0;
    return p;
}

struct brel *op_make_graph(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_make_graph *n = (const struct kql_op_make_graph *)op;
    struct maker m = { .b = b, .op = n, .span = op->node.span, .key = HB_UNKNOWN, .part = HB_UNKNOWN };
    struct bcol source, target, part = { 0 };
    if (in->open)
        return in;
    if (!number_edges(&m, in, &source, &target, &part))
        return rel_open(b, op->node.span);
    for (size_t i = 0; i < n->nodes.n; i++)
        if (!add_nodes(&m, KQL_AS(kql_graph_nodes, n->nodes.items[i])))
            return rel_open(b, op->node.span);
    if (n->node_id) {
        m.props = ARENA_NEW(b->a, struct property);
        add_property(&m, n->node_id->name, m.key, true);
    }
    if (!n->partition_by)
        m.part = HB_LONG;
    add_ends(&m, &source, &target, &part);
    struct bgraph *g = ARENA_NEW(b->a, struct bgraph);
    *g = (struct bgraph){
        .nnode = m.nprops, .nedge = in->ncols, .directed = n->directed, .parted = n->partition_by != NULL
    };
    g->nodes = make_nodes(&m);
    g->nodes->shared = g->nodes->materialized = true;
    g->edges = make_edges(&m, g->nodes, in->ncols, &source, &target, &part);
    struct brel *r = rel_graph(b, g, op->node.span);
    return n->sub ? on_each_part(b, r, n) : r;
}

/* -- graph-to-table -- */

/* A number for a node that is the same in every graph: the hash of its name. */
static void put_hash(struct binder *b, struct boutput *o, const struct kql_param *p, const struct bcol *text,
                     struct span span)
{
    struct str name = kql_param_word(p);
    if (name.n)
        out_add(b, o, name, true, bx_call(b, HB_LONG, "kql_xxh_str($1)", span, 1, bx_col(b, text, span)),
                false);
}

static struct brel *show(struct binder *b, struct boutput *o, struct brel *r, const struct bcol *cols,
                         size_t n, struct span span)
{
    for (size_t i = 0; i < n; i++)
        out_add(b, o, cols[i].name, false, bx_col(b, &cols[i], span), false);
    return o->failed ? rel_open(b, span) : rel_project(b, r, o->cols, o->ncols, o->items, o->nitems, span);
}

static struct brel *show_nodes(struct binder *b, const struct bgraph *g, const struct kql_graph_output *n)
{
    struct span span = n->node.span;
    struct brel *r = rel_ref(b, g->nodes, span);
    struct boutput o = { .reuse = true };
    put_hash(b, &o, kql_list_param(&n->params, "with_node_id"), &r->cols[g->nnode + NODE_TEXT], span);
    if (g->parted)
        rel_add_part(b, r, r->cols[g->nnode + NODE_PART].id);
    return show(b, &o, r, r->cols, g->nnode, span);
}

static struct brel *show_edges(struct binder *b, const struct bgraph *g, const struct kql_graph_output *n)
{
    struct span span = n->node.span;
    struct brel *r = rel_ref(b, g->edges, span);
    struct boutput o = { .reuse = true };
    static const char *const names[] = { "with_source_id", "with_target_id" };
    const struct bcol *cols = r->cols;
    struct border *order = r->order;
    for (size_t i = 0; i < 2; i++) {
        const struct kql_param *p = kql_list_param(&n->params, names[i]);
        if (!kql_param_word(p).n)
            continue;
        struct brel *node = rel_ref(b, g->nodes, span);
        r = rel_join(b, BJ_INNER, r, node,
                     bx_call(b, HB_BOOL, "($1 = $2)", span, 2,
                             bx_col(b, &cols[g->nedge + EDGE_SOURCE + i], span),
                             bx_col(b, &node->cols[g->nnode + NODE_NO], span)),
                     span);
        put_hash(b, &o, p, &node->cols[g->nnode + NODE_TEXT], span);
    }
    r->order = order;
    r->norder = 1;
    if (g->parted)
        rel_add_part(b, r, cols[g->nedge + EDGE_PART].id);
    return show(b, &o, r, cols, g->nedge, span);
}

struct brel *op_graph_to_table(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct brel *first = NULL;
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_graph_output *n = KQL_AS(kql_graph_output, items->items[i]);
        struct brel *r = str_eqz(n->entity->name, "nodes") ? show_nodes(b, in->graph, n)
                                                           : show_edges(b, in->graph, n);
        if (items->n > 1 && !n->as) {
            bind_error(b, n->node.span, "write nodes as N, edges as E",
                       "of several tables each needs a name");
            return rel_open(b, op->node.span);
        }
        if (n->as && !r->open) {
            r->shared = true;
            scope_add(b, n->as->name, n->as->node.span, BN_TABLE)->table = r;
            r = rel_ref(b, r, n->node.span);
        }
        first = first ? first : r;
    }
    return first;
}

/* -- graph-where-nodes, graph-where-edges -- */

static struct bgraph *copy_graph(struct binder *b, const struct bgraph *g)
{
    struct bgraph *c = ARENA_NEW(b->a, struct bgraph);
    *c = *g;
    return c;
}

/* The edges whose ends are both among the nodes. */
static struct brel *edges_between(struct binder *b, const struct bgraph *g, struct brel *nodes,
                                  struct span span)
{
    struct brel *r = rel_ref(b, g->edges, span);
    for (size_t i = 0; i < 2; i++) {
        struct brel *node = rel_ref(b, nodes, span);
        r = rel_join(b, BJ_SEMI, r, node,
                     bx_call(b, HB_BOOL, "($1 = $2)", span, 2,
                             bx_col(b, &r->cols[g->nedge + EDGE_SOURCE + i], span),
                             bx_col(b, &node->cols[g->nnode + NODE_NO], span)),
                     span);
    }
    return r;
}

struct brel *op_graph_where(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct bgraph *g = copy_graph(b, in->graph);
    bool edges = op->node.kind == KQL_GRAPH_WHERE_EDGES;
    struct brel *r = rel_ref(b, edges ? g->edges : g->nodes, op->node.span), view = *r;
    view.ncols = edges ? g->nedge : g->nnode;
    struct brow row = { .rel = &view };
    struct bexpr *e = bind_bool(b, ((const struct kql_op_expr *)op)->expr, &row,
                                edges ? "the condition of graph-where-edges"
                                      : "the condition of graph-where-nodes");
    if (bx_failed(e))
        return rel_open(b, op->node.span);
    r = rel_filter(b, r, e, op->node.span);
    r->shared = true;
    *(edges ? &g->edges : &g->nodes) = r;
    if (!edges)
        g->edges = edges_between(b, g, r, op->node.span);
    return rel_graph(b, g, op->node.span);
}

/* -- graph-mark-components -- */

struct brel *rel_lists(struct binder *b, struct brel *in, const int *ids, size_t n, int by, int *lists,
                       struct span span)
{
    struct bitem *items = ARENA_ARRAY(b->a, n, struct bitem);
    for (size_t i = 0; i < n; i++) {
        lists[i] = new_col(b);
        items[i] = (struct bitem){
            lists[i], bx_call(b, HB_DYNAMIC, "coalesce(list($1 ORDER BY $2), CAST([] AS BIGINT[]))", span, 2,
                              bx_colid(b, ids[i], HB_LONG), bx_colid(b, by, HB_LONG))
        };
    }
    return rel_agg(b, in, NULL, 0, items, n, span);
}

/* strong or weak; false: neither, reported */
static bool component_kind(struct binder *b, const struct kql_op *op, bool *strong)
{
    const struct kql_param *p = kql_op_param(op, "kind");
    struct str kind = p ? kql_param_word(p) : STR("weak");
    *strong = str_eqz(kind, "strong");
    if (*strong || str_eqz(kind, "weak"))
        return true;
    bind_error(b, p->node.span, "one of weak, strong", "unknown kind of components '%.*s'", STR_ARG(kind));
    return false;
}

/* The number of the component of each node, as rows: *node, *component. */
static struct brel *components(struct binder *b, const struct bgraph *g, bool strong, int *node,
                               int *component, struct span span)
{
    struct brel *nodes = rel_ref(b, g->nodes, span), *edges = rel_ref(b, g->edges, span);
    const struct bcol *nc = nodes->cols + g->nnode, *ec = edges->cols + g->nedge;
    int ends[2] = { ec[EDGE_SOURCE].id, ec[EDGE_TARGET].id }, lists[3];
    struct brel *a = rel_lists(b, nodes, &nc[NODE_NO].id, 1, nc[NODE_NO].id, &lists[0], span);
    struct brel *e = rel_lists(b, edges, ends, 2, ec[EDGE_NO].id, &lists[1], span);
    struct brel *j = rel_join(b, BJ_CROSS, a, e, NULL, span);
    struct brel *u = rel_new(b, BR_UNNEST, j, span);
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){
        new_col(b), bx_call(b, HB_DYNAMIC, "kql_components($1, $2, $3, $4)", span, 4,
                            bx_colid(b, lists[0], HB_DYNAMIC), bx_colid(b, lists[1], HB_DYNAMIC),
                            bx_colid(b, lists[2], HB_DYNAMIC), bx_bool(b, strong, span))
    };
    u->items[1] = (struct bitem){ new_col(b), bx_colid(b, lists[0], HB_DYNAMIC) };
    u->nitems = 2;
    *component = u->items[0].id;
    *node = u->items[1].id;
    u->norder = 0;
    return u;
}

struct brel *op_graph_mark(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct bgraph *g = copy_graph(b, in->graph);
    struct span span = op->node.span;
    bool strong;
    int node, component;
    if (!component_kind(b, op, &strong))
        return rel_open(b, span);
    struct brel *marks = components(b, g, strong, &node, &component, span);
    struct brel *nodes = rel_ref(b, g->nodes, span);
    const struct bcol *nc = nodes->cols + g->nnode;
    struct brel *r = rel_join(
        b, BJ_INNER, nodes, marks,
        bx_call(b, HB_BOOL, "($1 = $2)", span, 2, bx_col(b, &nc[NODE_NO], span), bx_colid(b, node, HB_LONG)),
        span);
    struct bexpr *no = bx_call(b, HB_LONG, "CAST($1 AS BIGINT)", span, 1, bx_colid(b, component, HB_STRING));
    if (g->parted) /* numbered anew in each part */
        no = bx_call(b, HB_LONG, "(dense_rank() OVER (PARTITION BY $1 ORDER BY $2) - 1)", span, 2,
                     bx_col(b, &nc[NODE_PART], span), no);
    struct str name = kql_param_word(kql_op_param(op, "with_component_id"));
    struct bitem it = { new_col(b), no };
    struct bcol *cols = cols_copy(b, nodes->cols, g->nnode, NODE_MORE + 1);
    cols[g->nnode] = (struct bcol){ free_name(b, nodes->cols, g->nnode, name.n ? name : STR("ComponentId")),
                                    HB_LONG, it.id };
    copy_bytes(cols + g->nnode + 1, nc, NODE_MORE * sizeof *nc);
    r->order = nodes->order;
    r->norder = nodes->norder;
    g->nodes = rel_project(b, r, cols, g->nnode + NODE_MORE + 1, &it, 1, span);
    g->nodes->nkeep = 0;
    g->nnode++;
    return rel_graph(b, g, span);
}
