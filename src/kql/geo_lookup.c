/* SPDX-License-Identifier: Apache-2.0 */
/*
 * geo_line_lookup and geo_polygon_lookup: a join of places with the lines or polygons that they are near or in. What a shape cannot
 * reach is left out by comparing latitudes and longitudes, which the engine can sort by; only the rest is measured.
 */
#include <string.h>

#include "bound.h"

struct geo_lookup {
    struct binder *b;
    const struct kql_call *c;
    struct span span;
    struct brel *in, *table;
    const struct bcol *key;
    struct bexpr *longitude, *latitude, *radius; /* radius NULL: inside of the polygon */
    bool polygon, unmatched, show_key;
};

/* Options by name or, behind those before, by place. */
static const struct geo_option {
    const char *name;
    bool flag;
} options[] = {
    { "radius", false },
    { "return_unmatched", true },
    { "lookup_area_radius", false },
    { "return_lookup_key", true },
};
enum { NOPTIONS = sizeof options / sizeof *options };

static bool read_option(struct geo_lookup *g, const struct kql_node *n, size_t place)
{
    struct binder *b = g->b;
    const struct kql_named *nm = n->kind == KQL_NAMED ? (const struct kql_named *)n : NULL;
    struct str name = nm ? KQL_AS(kql_name, nm->names.items[0])->name : STR("");
    size_t i = place;
    for (size_t k = 0; nm && k < NOPTIONS; k++)
        if (str_eqz(name, options[k].name))
            i = k;
    if (i >= NOPTIONS || (nm && !str_eqz(name, options[i].name))) {
        bind_error(b, n->span,
                   "the options are radius, return_unmatched, lookup_area_radius, return_lookup_key",
                   "'%.*s' has no such option", STR_ARG(g->c->name->name));
        return false;
    }
    struct bexpr *e = bind_as(b, nm ? nm->value : n, NULL, options[i].flag ? HB_BOOL : HB_REAL,
                              options[i].name);
    if (bx_failed(e))
        return false;
    if (options[i].flag && !bx_is_const(e)) {
        bind_error(b, n->span, NULL, "%s is true or false", options[i].name);
        return false;
    }
    if (i == 0)
        g->radius = e;
    else if (i == 1)
        g->unmatched = e->v.b;
    else if (i == 3)
        g->show_key = e->v.b;
    return true; /* lookup_area_radius is a hint */
}

static bool read_args(struct geo_lookup *g)
{
    const struct kql_list *args = &g->c->args;
    struct binder *b = g->b;
    struct brow row = { .rel = g->in };
    if (args->n < (g->polygon ? 4 : 5) || args->items[1]->kind != KQL_NAME) {
        bind_error(b, g->c->node.span, NULL,
                   g->polygon
                       ? "'%.*s' needs a table, its column of polygons, a longitude and a latitude"
                       : "'%.*s' needs a table, its column of lines, a longitude, a latitude and a radius",
                   STR_ARG(g->c->name->name));
        return false;
    }
    g->table = bind_table(b, args->items[0]);
    if (g->table->open)
        return false;
    g->key = rel_column(b, g->table, KQL_AS(kql_name, args->items[1])->name, args->items[1]->span);
    g->longitude = bind_as(b, args->items[2], &row, HB_REAL, "the longitude");
    g->latitude = bind_as(b, args->items[3], &row, HB_REAL, "the latitude");
    bool ok = g->key && !bx_failed(g->longitude) && !bx_failed(g->latitude);
    if (g->key && g->key->type != HB_DYNAMIC) {
        bind_error(b, args->items[1]->span, NULL, "'%.*s' holds %s, not shapes", STR_ARG(g->key->name),
                   hb_type_name(g->key->type));
        ok = false;
    }
    for (size_t i = 4; i < args->n; i++)
        ok = read_option(g, args->items[i], i - 4) && ok;
    return ok;
}

enum { BOUNDS = 4 }; /* south, north, west, east */

static struct bexpr *condition(struct geo_lookup *g, const int *bounds)
{
#define WITHIN "($2 >= $4 AND $2 <= $5 AND $1 >= $6 AND $1 <= $7 AND "
    struct binder *b = g->b;
    struct bexpr *args[8] = { g->longitude, g->latitude, bx_col(b, g->key, g->span) };
    for (size_t i = 0; i < BOUNDS; i++)
        args[3 + i] = bx_colid(b, bounds[i], HB_REAL);
    args[7] = g->radius;
    return bx_calln(b, HB_BOOL,
                    !g->radius   ? WITHIN "kql_geo_in_polygon($1, $2, $3))"
                    : g->polygon ? WITHIN "kql_geo_polygon_distance($1, $2, $3) <= $8)"
                                 : WITHIN "kql_geo_line_distance($1, $2, $3) <= $8)",
                    g->span, g->radius ? 8 : 7, args);
#undef WITHIN
}

struct brel *bind_geo_lookup(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct geo_lookup g = { .b = b, .c = ev->call, .span = ev->op.node.span, .in = in };
    g.polygon = str_eqz(g.c->name->name, "geo_polygon_lookup");
    if (!read_args(&g))
        return rel_open(b, g.span);
    struct brel *table = g.table;
    int bounds[BOUNDS];
    for (size_t i = 0; i < BOUNDS; i++)
        bounds[i] = rel_add_hidden(
            b, &table,
            bx_call(b, HB_REAL,
                    g.polygon ? "kql_geo_polygon_bound($1, $2, $3)" : "kql_geo_line_bound($1, $2, $3)",
                    g.span, 3, bx_col(b, g.key, g.span), g.radius ? g.radius : bx_real(b, 0, g.span),
                    bx_long(b, (int64_t)i, g.span)));
    struct brel *j = rel_join(b, g.unmatched ? BJ_LEFT : BJ_INNER, in, table, condition(&g, bounds), g.span);
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, &o, in->cols[i].name, false, bx_col(b, &in->cols[i], g.span), false);
    for (size_t i = 0; i < table->ncols; i++) {
        struct bexpr *e = bx_col(b, &table->cols[i], g.span);
        if (e->type == HB_STRING && g.unmatched)
            e = bx_call(b, HB_STRING, "coalesce($1, '')", g.span, 1, e);
        if (g.show_key || table->cols[i].id != g.key->id)
            out_add(b, &o, table->cols[i].name, false, e, false);
    }
    return o.failed ? rel_open(b, g.span) : rel_project(b, j, o.cols, o.ncols, o.items, o.nitems, g.span);
}
