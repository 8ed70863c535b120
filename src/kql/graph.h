/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphs while a query is bound: two relations, and what a pattern reads of them.
 *
 * Invariants
 *   - A graph is a relation without columns whose `graph` is set (rel_graph); only make-graph and the graph operators see it,
 *     for bind_table refuses it and bind_graph does not.
 *   - Nodes and edges have their properties as columns, and behind those nameless ones: numbers, ends and parts (below). Numbers
 *     are unique and follow the order in which nodes and edges came; an edge names its ends by the numbers of nodes.
 *   - A part is a graph of its own (partitioned-by): no edge leads out of it.
 *   - Properties that a pattern does not ask for are never joined: what it needs is made when it is first read (gelem_open).
 */
#ifndef KQL_GRAPH_H
#define KQL_GRAPH_H

#include "bound.h"

/* Columns behind the properties. NODE_KEY and NODE_PARTITION are the values that make-graph compared. */
enum { NODE_NO, NODE_TEXT, NODE_PART, NODE_KEY, NODE_PARTITION, NODE_MORE };
enum { EDGE_NO, EDGE_SOURCE, EDGE_TARGET, EDGE_PART, EDGE_MORE };

struct bgraph {
    struct brel *nodes, *edges; /* shared */
    size_t nnode, nedge;        /* so many properties */
    bool directed;
    bool parted;
};

struct brel *rel_graph(struct binder *b, struct bgraph *g, struct span span);

/* Nodes or edges as one place of a pattern reads them: a use of the relation, once somebody asks. */
struct gelem {
    bool edge, both_ways; /* both_ways: an edge stands there once for each direction */
    struct brel *rel;     /* NULL: not asked for yet */
    struct bcol *cols;    /* of rel: the properties, then those of the enum */
    size_t n;
    struct brel view;   /* the properties alone, for looking names up */
    int degree[2];      /* columns of the number of edges in, out; 0: not asked for */
    struct bexpr *cond; /* what was asked of its rows, or NULL */
};

void gelem_open(struct binder *b, const struct bgraph *g, struct gelem *e, struct span span);
int gelem_id(const struct gelem *e, size_t column); /* of the enum; the element is open */
void gelem_where(struct binder *b, struct gelem *e, struct bexpr *cond, struct span span);
struct bexpr *gelem_degree(struct binder *b, const struct bgraph *g, struct gelem *e, bool out,
                           struct span span);

/* map(), all(), any() of a path, asked for by an expression: becomes a column of its paths. */
enum gvalue_kind { GV_MAP, GV_ALL, GV_ANY };
struct gvalue {
    enum gvalue_kind kind;
    bool inner; /* of the nodes between, else of the edges */
    bool late;  /* reads other parts of the pattern: computed when all is joined */
    struct bexpr *e;
    int id;
};

/* A node or an edge of a pattern. */
struct gvar {
    struct str name; /* empty: anonymous */
    struct span span;
    bool edge, variable;
    struct gelem own;   /* the row; of a variable edge, each of its edges */
    struct gelem inner; /* of a variable edge: each node between its ends */
    int no;             /* once placed: the column of its number */
    bool placed, read;  /* read: by the expression being bound */
    /* of an edge */
    size_t from, to;         /* its ends among the variables, along its direction */
    bool both_ways, to_left; /* to_left: it is told from its target, which stands first */
    int64_t low, high;       /* variable: so many steps */
    struct gvalue *values;
    size_t nvalues, cap_values;
    int edges, nodes,
        length; /* once placed: columns of lists of numbers, ends included, and of the number of steps */
};

enum gcycles { GC_UNIQUE_EDGES, GC_ALL, GC_NONE };

struct gmatch {
    struct binder *b;
    const struct bgraph *g;
    struct span span;
    struct gvar *vars;
    size_t nvars, cap;
    size_t *edges; /* those of the variables that are edges, as they stand */
    size_t nedges, cap_edges;
    enum gcycles cycles;
    bool shortest, all_shortest; /* graph-shortest-paths, output = all */
    bool asks_paths; /* a condition reads paths as a whole: all are made before the shortest are chosen */
    bool whole;      /* the expression being bound reads a path as a whole: its length, map(), any() ... */
    bool late; /* the expression of map(), all() or any() being bound reads other parts of the pattern */
    size_t first, last; /* variables at the ends of the first sequence */
    size_t each;        /* variable edge whose property means that of each edge; SIZE_MAX: none */
    struct brel *rel;   /* what is joined so far */
    struct bexpr *
        *visited; /* cycles = none: numbers of nodes and lists of them, none of which may be another */
    size_t nvisited, cap_visited;
};

/* The variable of a pattern; NULL: there is none of that name. */
struct gvar *gmatch_find(const struct gmatch *m, struct str name);
/* The unplaced node is the one whose number is in column id; its properties are joined where they are read. */
void place_node(struct gmatch *m, struct gvar *v, int id);
void keep_where(struct gmatch *m, struct bexpr *cond);
/* None of the nodes, a number or a list (HB_DYNAMIC), may be one that was passed already. */
void pass_nodes(struct gmatch *m, struct bexpr *nodes);
/* No edge may be one of another edge that was placed already. */
void pass_edge(struct gmatch *m, const struct gvar *edge);

/* -- graph_funcs.c -- */

bool graph_is_function(struct str name);
/* The condition on each edge of the path, which reads other parts of the pattern too, holds for all of them. */
struct bexpr *graph_all_of(struct gmatch *m, struct gvar *path, struct bexpr *condition);
/* all(e, condition) that reads nothing else: it goes to the edges or inner nodes themselves. False: it is something else. */
bool graph_everywhere(struct gmatch *m, const struct kql_node *n);

/* -- graph_paths.c -- */

/* Joins the paths of a variable edge to what there is. */
void place_paths(struct gmatch *m, size_t edge);
/* The values that read other parts of the pattern, which is joined now. */
void add_late_values(struct gmatch *m);
/* Of each pair of ends the shortest rows, by output=. */
void keep_shortest(struct gmatch *m);
/* Adds nameless columns to the relation. */
struct brel *rel_beside(struct binder *b, struct brel *in, const struct bitem *items, size_t n,
                        const enum hb_type *types, struct span span);
/* A relation of one row: a list of each column, by number. */
struct brel *rel_lists(struct binder *b, struct brel *in, const int *ids, size_t n, int by, int *lists,
                       struct span span);

#endif
