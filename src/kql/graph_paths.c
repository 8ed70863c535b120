/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edges of variable length. kql_walks (hb/kql_udf.h) is asked once for all paths between the nodes that can be their ends, along
 * the edges and over the nodes that all() admits; each path comes back as one list: node, edge, node, edge, ... node. What
 * map(), any() and all() want of paths is looked up by these numbers and grouped by path, before the pattern is joined on.
 */
#include <string.h>

#include "graph.h"

/* -- asking for paths -- */

/* The numbers of nodes that one end of the paths can be, as a relation of one row; NULL: any node of an edge. */
static struct brel *end_nodes(struct gmatch *m, struct gvar *v, bool all, int *list)
{
    struct binder *b = m->b;
    if (all && !v->placed)
        gelem_open(b, m->g, &v->own, v->span);
    struct brel *in = v->placed ? m->rel : v->own.cond || all ? v->own.rel : NULL;
    if (!in)
        return NULL;
    int id = v->placed ? v->no : gelem_id(&v->own, NODE_NO);
    in->shared = in->materialized = true; /* used twice: its numbers, and where the paths are joined */
    struct bitem it = { *list = new_col(b),
                        bx_call(b, HB_DYNAMIC, "coalesce(list(DISTINCT $1), CAST([] AS BIGINT[]))", m->span,
                                1, bx_colid(b, id, HB_LONG)) };
    return rel_agg(b, in, NULL, 0, &it, 1, m->span);
}

static struct brel *inner_nodes(struct gmatch *m, struct gvar *e, int *list)
{
    int no = e->inner.cond ? gelem_id(&e->inner, NODE_NO) : 0;
    if (!e->inner.cond)
        return NULL;
    e->inner.rel->shared = true;
    return rel_lists(m->b, e->inner.rel, &no, 1, no, list, m->span);
}

/* low high, then u a n: cycles; > -: direction; e s S: every path, one of the shortest, all of the shortest of two ends */
static struct str program(const struct gmatch *m, const struct gvar *e)
{
    static const char cycles[] = { [GC_UNIQUE_EDGES] = 'u', [GC_ALL] = 'a', [GC_NONE] = 'n' };
    char search = !m->shortest || m->asks_paths ? 'e' : m->all_shortest ? 'S' : 's';
    return arena_strf(m->b->a, "%lld %lld %c%c%c", (long long)e->low, (long long)e->high, cycles[m->cycles],
                      e->both_ways ? '-' : '>', search);
}

/* All paths as texts, one a row, with their numbers: *text, *number. */
static struct brel *ask(struct gmatch *m, struct gvar *e, int *text, int *number)
{
    struct binder *b = m->b;
    struct span span = e->span;
    gelem_open(b, m->g, &e->own, span);
    int ids[3] = { gelem_id(&e->own, EDGE_NO), gelem_id(&e->own, EDGE_SOURCE),
                   gelem_id(&e->own, EDGE_TARGET) };
    int lists[6];
    e->own.rel->shared = true;
    struct brel *r = rel_lists(b, e->own.rel, ids, 3, ids[0], lists, span);
    struct brel *more[3] = { end_nodes(m, &m->vars[e->from], e->low == 0, &lists[3]),
                             end_nodes(m, &m->vars[e->to], false, &lists[4]), inner_nodes(m, e, &lists[5]) };
    struct bexpr *args[7];
    for (size_t i = 0; i < 3; i++) {
        if (more[i])
            r = rel_join(b, BJ_CROSS, r, more[i], NULL, span);
        args[i] = bx_colid(b, lists[i], HB_DYNAMIC);
        args[3 + i] = more[i] ? bx_colid(b, lists[3 + i], HB_DYNAMIC)
                              : bx_call(b, HB_DYNAMIC, "CAST(NULL AS BIGINT[])", span, 0);
    }
    args[6] = bx_str(b, program(m, e), span);
    struct bitem it = { new_col(b),
                        bx_calln(
                            b, HB_DYNAMIC,
                            arena_printf(b->a, "coalesce(kql_walks($1, $2, $3, $4, $5, $6, $7), %s)",
                                         sql_fault(b, span,
                                                   "the pattern has too many paths: bind their ends, ask for "
                                                   "fewer steps, or put conditions in all()")),
                            span, 7, args) };
    enum hb_type type = HB_DYNAMIC;
    r = rel_beside(b, r, &it, 1, &type, span);
    struct brel *u = rel_new(b, BR_UNNEST, r, span);
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){ *text = new_col(b), bx_colid(b, it.id, HB_DYNAMIC) };
    u->items[1] = (struct bitem){ *number = new_col(b), bx_call(b, HB_LONG, "range(1, len($1) + 1)", span, 1,
                                                                bx_colid(b, it.id, HB_DYNAMIC)) };
    u->nitems = 2;
    u->cols = NULL;
    u->ncols = 0;
    u->order = ARENA_NEW(b->a, struct border);
    u->order[0] = (struct border){ *number, HB_LONG, false, false };
    u->norder = 1;
    return u;
}

/* -- taking them apart: in the order in which the pattern is written -- */

static struct brel *take_apart(struct gmatch *m, struct gvar *e, int *number, int ends[2])
{
    static const char *const parts[] = { "$1[1]", "$1[len($1)]", "list_slice($1, 2, len($1), 2)",
                                         "list_slice($1, 1, len($1), 2)", "(len($1) // 2)" };
    static const enum hb_type types[] = { HB_LONG, HB_LONG, HB_DYNAMIC, HB_DYNAMIC, HB_LONG };
    struct binder *b = m->b;
    int text;
    struct brel *r = ask(m, e, &text, number);
    struct bitem path = { new_col(b),
                          bx_call(b, HB_DYNAMIC,
                                  e->to_left ? "list_reverse(CAST($1 AS BIGINT[]))" : "CAST($1 AS BIGINT[])",
                                  e->span, 1, bx_colid(b, text, HB_STRING)) };
    enum hb_type list = HB_DYNAMIC;
    r = rel_beside(b, r, &path, 1, &list, e->span);
    struct bitem items[5];
    for (size_t i = 0; i < 5; i++)
        items[i] = (struct bitem){ i < 4 ? new_col(b) : e->length,
                                   bx_call(b, types[i], parts[i], e->span, 1,
                                           bx_colid(b, path.id, HB_DYNAMIC)) };
    r = rel_beside(b, r, items, 5, types, e->span);
    ends[0] = items[e->to_left].id;
    ends[1] = items[!e->to_left].id;
    e->edges = items[2].id;
    e->nodes = items[3].id;
    return r;
}

/* -- values of paths -- */

static struct bexpr *grouped(struct binder *b, const struct gvalue *v, int place)
{
    static const char *const sql[] = { [GV_MAP] = "list($1 ORDER BY $2)",
                                       [GV_ALL] = "bool_and(coalesce($1, false))",
                                       [GV_ANY] = "bool_or(coalesce($1, false))" };
    return bx_call(b, v->kind == GV_MAP ? HB_DYNAMIC : HB_BOOL, sql[v->kind], v->e->span, 2, v->e,
                   bx_colid(b, place, HB_LONG));
}

static struct bexpr *or_none(struct binder *b, const struct gvalue *v, int id)
{
    static const char *const sql[] = { [GV_MAP] = "coalesce(kql_json_array($1), '[]')",
                                       [GV_ALL] = "coalesce($1, true)",
                                       [GV_ANY] = "coalesce($1, false)" };
    bool map = v->kind == GV_MAP;
    return bx_call(b, map ? HB_DYNAMIC : HB_BOOL, sql[v->kind], v->e->span, 1,
                   bx_colid(b, id, map ? HB_DYNAMIC : HB_BOOL));
}

/* Adds to the paths what was asked of their edges, or of their inner nodes; late: to all that is joined. */
static struct brel *add_values(struct gmatch *m, struct gvar *e, struct brel *paths, int number, bool inner,
                               bool late)
{
    struct binder *b = m->b;
    struct gelem *el = inner ? &e->inner : &e->own;
    struct bitem *aggs = ARENA_ARRAY(b->a, e->nvalues, struct bitem),
                 *items = ARENA_ARRAY(b->a, e->nvalues, struct bitem);
    enum hb_type *types = ARENA_ARRAY(b->a, e->nvalues, enum hb_type);
    size_t n = 0;
    struct brel *u = rel_new(b, BR_UNNEST, paths, e->span);
    int member = new_col(b), place = new_col(b);
    struct bexpr *list = bx_call(b, HB_DYNAMIC, inner ? "list_slice($1, 2, len($1) - 1)" : "$1", e->span, 1,
                                 bx_colid(b, inner ? e->nodes : e->edges, HB_DYNAMIC));
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){ member, list };
    u->items[1] = (struct bitem){ place, bx_call(b, HB_LONG, "range(1, len($1) + 1)", e->span, 1, list) };
    u->nitems = 2;
    for (size_t i = 0; i < e->nvalues; i++)
        if (e->values[i].inner == inner && e->values[i].late == late) {
            const struct gvalue *v = &e->values[i];
            aggs[n] = (struct bitem){ new_col(b), grouped(b, v, place) };
            items[n] = (struct bitem){ v->id, or_none(b, v, aggs[n].id) };
            types[n++] = v->kind == GV_MAP ? HB_DYNAMIC : HB_BOOL;
        }
    if (!n)
        return paths;
    paths->shared = paths->materialized = el->rel->shared = true;
    struct brel *j = rel_join(
        b, BJ_INNER, u, el->rel,
        bx_call(b, HB_BOOL, "($1 = $2)", e->span, 2, bx_colid(b, member, HB_LONG),
                bx_colid(b, gelem_id(el, inner ? (size_t)NODE_NO : (size_t)EDGE_NO), HB_LONG)),
        e->span);
    struct bitem key = { new_col(b), bx_colid(b, number, HB_LONG) };
    struct brel *g = rel_agg(b, j, &key, 1, aggs, n, e->span);
    struct brel *r = rel_join(b, BJ_LEFT, paths, g,
                              bx_call(b, HB_BOOL, "($1 = $2)", e->span, 2, bx_colid(b, number, HB_LONG),
                                      bx_colid(b, key.id, HB_LONG)),
                              e->span);
    r->order = paths->order;
    r->norder = paths->norder;
    r->cols = paths->cols;
    r->ncols = paths->ncols;
    return rel_beside(b, r, items, n, types, e->span);
}

/* -- joining -- */

/* Nodes of the path that no other part of the pattern has placed. */
static void pass_path(struct gmatch *m, const struct gvar *e, bool from_new, bool to_new)
{
    struct binder *b = m->b;
    struct bexpr *nodes = bx_colid(b, e->nodes, HB_DYNAMIC);
    if (m->cycles == GC_NONE && !from_new && !to_new) {
        keep_where(m, bx_call(b, HB_BOOL, "($1 = 0)", e->span, 1, bx_colid(b, e->length, HB_LONG)));
        return;
    }
    if (from_new != to_new) /* the end where it meets the others was passed */
        nodes = bx_call(b, HB_DYNAMIC,
                        to_new != e->to_left ? "list_slice($1, 2, len($1))"
                                             : "list_slice($1, 1, len($1) - 1)",
                        e->span, 1, nodes);
    pass_nodes(m, nodes);
}

void place_paths(struct gmatch *m, size_t edge)
{
    struct binder *b = m->b;
    struct gvar *e = &m->vars[edge], *end[2] = { &m->vars[e->from], &m->vars[e->to] };
    bool fresh[2] = { !end[0]->placed, !end[1]->placed };
    int number, at[2];
    struct brel *paths = take_apart(m, e, &number, at);
    paths = add_values(m, e, paths, number, false, false);
    paths = add_values(m, e, paths, number, true, false);
    struct bexpr *on = NULL;
    for (size_t i = 0; i < 2; i++)
        if (!fresh[i]) {
            struct bexpr *eq = bx_call(b, HB_BOOL, "($1 = $2)", e->span, 2, bx_colid(b, end[i]->no, HB_LONG),
                                       bx_colid(b, at[i], HB_LONG));
            on = on ? bx_call(b, HB_BOOL, "($1 AND $2)", e->span, 2, on, eq) : eq;
        }
    m->rel = m->rel ? rel_join(b, BJ_INNER, m->rel, paths, on, e->span) : paths;
    if (end[0] == end[1] && fresh[0]) {
        keep_where(m, bx_call(b, HB_BOOL, "($1 = $2)", e->span, 2, bx_colid(b, at[0], HB_LONG),
                              bx_colid(b, at[1], HB_LONG)));
        place_node(m, end[0], at[0]);
        fresh[0] = fresh[1] = m->cycles != GC_NONE;
        if (m->cycles == GC_NONE)
            pass_nodes(m, bx_colid(b, at[0], HB_LONG));
    }
    for (size_t i = 0; i < 2; i++)
        if (!end[i]->placed)
            place_node(m, end[i], at[i]);
    if (m->cycles == GC_NONE)
        pass_path(m, e, fresh[0], fresh[1]);
    pass_edge(m, e);
    e->placed = true;
}

void add_late_values(struct gmatch *m)
{
    struct binder *b = m->b;
    for (size_t i = 0; i < m->nedges; i++) {
        struct gvar *e = &m->vars[m->edges[i]];
        bool any = false;
        for (size_t k = 0; k < e->nvalues; k++)
            any |= e->values[k].late;
        if (!any)
            continue;
        struct bexpr *n = bx_call(b, HB_LONG, "row_number() OVER ($w)", e->span, 0);
        n->over = m->rel->order;
        n->nover = m->rel->norder;
        struct bitem number = { new_col(b), n };
        enum hb_type type = HB_LONG;
        m->rel = rel_beside(b, m->rel, &number, 1, &type, e->span);
        m->rel = add_values(m, e, m->rel, number.id, false, true);
        m->rel = add_values(m, e, m->rel, number.id, true, true);
    }
}

/* -- the shortest -- */

void keep_shortest(struct gmatch *m)
{
    struct binder *b = m->b;
    struct bexpr *total = bx_long(b, 0, m->span);
    for (size_t i = 0; i < m->nedges; i++) {
        const struct gvar *e = &m->vars[m->edges[i]];
        if (e->variable)
            total = bx_call(b, HB_LONG, "($1 + $2)", m->span, 2, total, bx_colid(b, e->length, HB_LONG));
    }
    int length = rel_add_hidden(b, &m->rel, total);
    struct border *by = ARENA_ARRAY(b->a, m->rel->norder + 1, struct border);
    int *pair = ARENA_ARRAY(b->a, 2, int);
    by[0] = (struct border){ length, HB_LONG, false, false };
    copy_bytes(by + 1, m->rel->order, m->rel->norder * sizeof *by);
    pair[0] = m->vars[m->first].no;
    pair[1] = m->vars[m->last].no;
    struct bexpr *rank = bx_call(b, HB_LONG, m->all_shortest ? "rank() OVER ($w)" : "row_number() OVER ($w)",
                                 m->span, 0);
    rank->over = by;
    rank->nover = m->all_shortest ? 1 : m->rel->norder + 1;
    rank->part = pair;
    rank->npart = 2;
    int at = rel_add_hidden(b, &m->rel, rank);
    keep_where(m, bx_call(b, HB_BOOL, "($1 = 1)", m->span, 1, bx_colid(b, at, HB_LONG)));
}
