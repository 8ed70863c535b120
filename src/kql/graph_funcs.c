/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What expressions over a pattern of a graph mean: a.property, a variable as a bag, and the graph functions.
 *
 * Inside of map(), all() and any() names are the properties of each edge or inner node of a path (row.elem). A property of a
 * path outside of them is the array of its values, but in a condition of its own, which holds for each edge.
 *
 * To add a function: a row of `functions`, one in funcs.c that documents it, a case under tests/kql/graph/.
 */
#include <string.h>

#include "graph.h"
#include "hb/vec.h"

/* -- names and properties -- */

/* A name that means something without the pattern: of let, of the catalogue. */
static bool known_outside(struct binder *b, struct str name)
{
    struct kql_scalar s;
    return scope_find(b->scope, name) || (b->cat && b->cat->scalar && b->cat->scalar(b->cat->ctx, name, &s));
}

static const char *what(const struct gelem *e)
{
    return e->edge ? "edges" : "nodes";
}

static struct bexpr *no_property(struct binder *b, struct gelem *e, struct str name, struct span span)
{
    bind_error(b, span, nearest_column(b, &e->view, name), "%s of this graph have no property '%.*s'",
               what(e), STR_ARG(name));
    return bx_error(b, span);
}

/* A column of the path: what the expression is for each of its edges or inner nodes. */
static struct bexpr *add_value(struct binder *b, struct gmatch *m, struct gvar *v, enum gvalue_kind kind,
                               bool inner, struct bexpr *e, struct span span)
{
    struct gvalue *x = VEC_PUSH(b->a, v->values, v->nvalues, v->cap_values);
    *x = (struct gvalue){ kind, inner, m->late, kind == GV_MAP ? to_json(b, e) : e, new_col(b) };
    m->late = false;
    m->whole = v->read = true;
    struct bexpr *col = bx_colid(b, x->id, kind == GV_MAP ? HB_DYNAMIC : HB_BOOL);
    col->span = span;
    col->nullable = false;
    return col;
}

struct bexpr *graph_all_of(struct gmatch *m, struct gvar *path, struct bexpr *condition)
{
    m->late = true;
    return add_value(m->b, m, path, GV_ALL, false, condition, condition->span);
}

static struct bexpr *property_of(struct binder *b, struct gmatch *m, struct gvar *v, const struct kql_name *n)
{
    gelem_open(b, m->g, &v->own, v->span);
    const struct bcol *c = rel_find(b, &v->own.view, n->name);
    v->read = true;
    if (!c)
        return no_property(b, &v->own, n->name, n->node.span);
    struct bexpr *e = bx_col(b, c, n->node.span);
    return v->variable && m->each != (size_t)(v - m->vars)
               ? add_value(b, m, v, GV_MAP, false, e, n->node.span)
               : e;
}

/* Inside of map(), all(), any(): another part of the pattern is read, which is joined later. */
static struct bexpr *from_outside(struct binder *b, struct gmatch *m, struct gvar *v, struct span span)
{
    if (!v->variable) {
        m->late = true;
        return NULL;
    }
    bind_error(b, span, NULL, "the path '%.*s' cannot be read here", STR_ARG(v->name));
    return bx_error(b, span);
}

/* e.bag.member["x"] of a path: the array of that of each edge. NULL: nothing of the kind. */
static struct bexpr *longer_property(struct binder *b, const struct kql_path *p, struct brow *row)
{
    struct gmatch *m = row->pattern;
    const struct kql_node *root = p->object;
    while (root->kind == KQL_PATH || root->kind == KQL_INDEX)
        root = kql_left(root);
    struct gvar *v = root->kind == KQL_NAME && !row->elem ? gmatch_find(m, KQL_AS(kql_name, root)->name)
                                                          : NULL;
    if (!v || !v->variable || m->each == (size_t)(v - m->vars))
        return NULL;
    size_t outer = m->each;
    m->each = (size_t)(v - m->vars);
    struct bexpr *e = bind_expr(b, &p->node, row);
    m->each = outer;
    return bx_failed(e) ? e : add_value(b, m, v, GV_MAP, false, e, p->node.span);
}

struct bexpr *graph_property(struct binder *b, const struct kql_path *p, struct brow *row)
{
    if (p->object->kind == KQL_PATH)
        return longer_property(b, p, row);
    if (p->object->kind != KQL_NAME || p->member->kind != KQL_NAME)
        return NULL;
    struct str name = KQL_AS(kql_name, p->object)->name;
    struct gvar *v = gmatch_find(row->pattern, name);
    if (!v || (row->elem && rel_find(b, row->rel, name)))
        return NULL;
    struct bexpr *failed = row->elem ? from_outside(b, row->pattern, v, p->object->span) : NULL;
    return failed ? failed : property_of(b, row->pattern, v, KQL_AS(kql_name, p->member));
}

static struct bexpr *unknown_name(struct binder *b, const struct kql_name *n, const struct gmatch *m)
{
    struct str *names = ARENA_ARRAY(b->a, m->nvars, struct str);
    size_t k = 0;
    for (size_t i = 0; i < m->nvars; i++)
        if (m->vars[i].name.n)
            names[k++] = m->vars[i].name;
    struct str near = str_nearest(n->name, names, k);
    bind_error(b, n->node.span,
               near.n ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near))
                      : "properties are read through a name of the pattern: a.name",
               "the pattern has no '%.*s'", STR_ARG(n->name));
    return bx_error(b, n->node.span);
}

struct bexpr *graph_name(struct binder *b, const struct kql_name *n, struct brow *row)
{
    struct gmatch *m = row->pattern;
    struct gvar *v = gmatch_find(m, n->name);
    if (row->elem) {
        if (rel_find(b, row->rel, n->name) || (!v && known_outside(b, n->name)))
            return NULL;
        if (!v)
            return no_property(b, row->elem, n->name, n->node.span);
        struct bexpr *failed = from_outside(b, m, v, n->node.span);
        if (failed)
            return failed;
    }
    if (!v)
        return known_outside(b, n->name) ? NULL : unknown_name(b, n, m);
    gelem_open(b, m->g, &v->own, v->span);
    v->read = true;
    struct bexpr *bag = pack_columns(b, n->node.span, v->own.cols, v->own.n, false);
    return v->variable ? add_value(b, m, v, GV_MAP, false, bag, n->node.span) : bag;
}

/* -- functions of paths -- */

static struct bexpr *empty_array(struct binder *b, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, HB_DYNAMIC, span);
    e->text = STR("[]");
    e->nullable = false;
    return e;
}

/* e, inner_nodes(e) of an edge; NULL: neither. */
static struct gvar *edge_arg(const struct gmatch *m, const struct kql_node *n, bool *inner)
{
    const struct kql_call *c = (const struct kql_call *)n;
    *inner = n->kind == KQL_CALL && str_eqz(c->name->name, "inner_nodes") && c->args.n == 1;
    n = *inner ? c->args.items[0] : n;
    struct gvar *v = n->kind == KQL_NAME ? gmatch_find(m, KQL_AS(kql_name, n)->name) : NULL;
    return v && v->edge ? v : NULL;
}

/* The same of a variable length. */
static struct gvar *path_arg(const struct gmatch *m, const struct kql_node *n, bool *inner)
{
    struct gvar *v = edge_arg(m, n, inner);
    return v && v->variable ? v : NULL;
}

static struct gelem *elements_of(struct gmatch *m, struct gvar *v, bool inner)
{
    struct gelem *e = inner ? &v->inner : &v->own;
    gelem_open(m->b, m->g, e, v->span);
    return e;
}

/* An expression whose names are the properties of these. */
static struct bexpr *bind_each(struct gmatch *m, struct gelem *e, const struct kql_node *n, bool condition)
{
    struct brow row = { .rel = &e->view, .pattern = m, .elem = e };
    m->late = false;
    return condition ? bind_bool(m->b, n, &row, "the condition") : bind_expr(m->b, n, &row);
}

bool graph_everywhere(struct gmatch *m, const struct kql_node *n)
{
    const struct kql_call *c = (const struct kql_call *)n;
    bool inner;
    struct gvar *v = n->kind == KQL_CALL && str_eqz(c->name->name, "all") && c->args.n == 2
                         ? path_arg(m, c->args.items[0], &inner)
                         : NULL;
    if (!v)
        return false;
    struct gelem *e = elements_of(m, v, inner);
    size_t before = m->b->d->errors;
    struct bexpr *cond = bind_each(m, e, c->args.items[1], true);
    if (m->late)
        return m->b->d->errors != before;
    if (!bx_failed(cond))
        gelem_where(m->b, e, cond, n->span);
    return true;
}

/* Of an edge of one step: the expression itself, and there are no nodes between. */
static struct bexpr *of_edge(struct binder *b, const struct kql_call *c, struct brow *row, struct gvar *v,
                             bool inner)
{
    struct gmatch *m = row->pattern;
    bool map = str_eqz(c->name->name, "map");
    struct gelem *el = elements_of(m, v, inner);
    struct bexpr *e = bind_each(m, el, c->args.items[1], !map);
    v->read = true;
    m->late = false;
    if (bx_failed(e))
        return e;
    if (inner)
        return map ? empty_array(b, c->node.span) : bx_bool(b, str_eqz(c->name->name, "all"), c->node.span);
    return map ? bx_call(b, HB_DYNAMIC, "kql_json_array([$1])", c->node.span, 1, to_json(b, e))
               : bx_call(b, HB_BOOL, "coalesce($1, false)", c->node.span, 1, e);
}

static struct bexpr *of_path(struct binder *b, const struct kql_call *c, struct brow *row)
{
    bool inner, map = str_eqz(c->name->name, "map");
    struct gmatch *m = row->pattern;
    if (c->args.n != 2)
        return wrong_count(b, c, map ? "a path and an expression" : "a path and a condition");
    struct gvar *v = row->elem ? NULL : edge_arg(m, c->args.items[0], &inner);
    if (!v) {
        bind_error(b, c->args.items[0]->span, "name an edge such as -[e*1..5]->, or inner_nodes(e)",
                   "'%.*s' needs an edge of the pattern", STR_ARG(c->name->name));
        return bx_error(b, c->node.span);
    }
    if (!v->variable)
        return of_edge(b, c, row, v, inner);
    struct bexpr *e = bind_each(m, elements_of(m, v, inner), c->args.items[1], !map);
    if (bx_failed(e))
        return e;
    return add_value(b, m, v,
                     map                             ? GV_MAP
                     : str_eqz(c->name->name, "all") ? GV_ALL
                                                     : GV_ANY,
                     inner, e, c->node.span);
}

/* array_length(e): the path's number of steps, without looking at them. NULL: of something else. */
static struct bexpr *path_length(struct binder *b, const struct kql_call *c, struct brow *row)
{
    bool inner;
    struct gvar *v = c->args.n == 1 && !row->elem ? path_arg(row->pattern, c->args.items[0], &inner) : NULL;
    if (!v || inner)
        return NULL;
    row->pattern->whole = v->read = true;
    struct bexpr *e = bx_colid(b, v->length, HB_LONG);
    e->span = c->node.span;
    e->nullable = false;
    return e;
}

static struct bexpr *inner_nodes(struct binder *b, const struct kql_call *c, struct brow *row)
{
    (void)row;
    bind_error(b, c->node.span, "write map(inner_nodes(e), name)",
               "'inner_nodes' is the first argument of all(), any() or map()");
    return bx_error(b, c->node.span);
}

/* -- functions of nodes and edges -- */

/* The variable that is named, or without arguments the element; NULL: reported. */
static struct gelem *element_arg(struct binder *b, const struct kql_call *c, struct brow *row, bool node,
                                 struct gvar **var)
{
    struct gmatch *m = row->pattern;
    *var = NULL;
    if (row->elem && !c->args.n && !(node && row->elem->edge))
        return row->elem;
    const struct kql_node *arg = c->args.n == 1 ? c->args.items[0] : NULL;
    if (arg && arg->kind == KQL_NAME)
        *var = gmatch_find(m, KQL_AS(kql_name, arg)->name);
    if (*var && !(node && (*var)->edge) && !(row->elem && (*var)->variable)) {
        m->late |= row->elem != NULL;
        (*var)->read = true;
        gelem_open(b, m->g, &(*var)->own, (*var)->span);
        return &(*var)->own;
    }
    bind_error(b, c->node.span, row->elem ? "write it without arguments, inside of inner_nodes(e)" : NULL,
               node ? "'%.*s' needs a node of the pattern" : "'%.*s' needs a node or an edge of the pattern",
               STR_ARG(c->name->name));
    return NULL;
}

static struct bexpr *node_id(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct gvar *v;
    struct gelem *e = element_arg(b, c, row, true, &v);
    return e ? bx_col(b, &e->cols[e->n + NODE_TEXT], c->node.span) : bx_error(b, c->node.span);
}

static struct bexpr *node_degree(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct gvar *v;
    struct gelem *e = element_arg(b, c, row, true, &v);
    return e ? gelem_degree(b, row->pattern->g, e, str_eqz(c->name->name, "node_degree_out"), c->node.span)
             : bx_error(b, c->node.span);
}

/* Graphs that a query makes have no labels. */
static struct bexpr *labels(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct gvar *v;
    if (!element_arg(b, c, row, false, &v))
        return bx_error(b, c->node.span);
    struct bexpr *e = empty_array(b, c->node.span);
    return v && v->variable ? add_value(b, row->pattern, v, GV_MAP, false, e, c->node.span) : e;
}

static const struct graph_function {
    const char *name;
    struct bexpr *(*bind)(struct binder *b, const struct kql_call *c, struct brow *row);
    bool elsewhere; /* outside of patterns there is another function of that name */
} functions[] = {
    { "all", of_path, false },
    { "any", of_path, true },
    { "map", of_path, false },
    { "inner_nodes", inner_nodes, false },
    { "node_id", node_id, false },
    { "node_degree_in", node_degree, false },
    { "node_degree_out", node_degree, false },
    { "labels", labels, false },
    { "array_length", path_length, true },
};

static const struct graph_function *find(struct str name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (str_eqz(name, functions[i].name))
            return &functions[i];
    return NULL;
}

bool graph_is_function(struct str name)
{
    const struct graph_function *f = find(name);
    return f && f->bind != path_length;
}

struct bexpr *graph_call(struct binder *b, const struct kql_call *c, struct brow *row)
{
    const struct graph_function *f = find(c->name->name);
    if (!f || (!(row && row->pattern) && f->elsewhere))
        return NULL;
    if (row && row->pattern)
        return f->bind(b, c, row);
    bind_error(b, c->node.span, NULL, "'%s' belongs into graph-match or graph-shortest-paths", f->name);
    return bx_error(b, c->node.span);
}
