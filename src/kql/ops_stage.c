/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluate: plugins. The columns of bag_unpack and pivot depend on data: the table so far is compiled and asked through the
 * caller's `stage`, then binding goes on with the answer. A declared schema (evaluate f() : (a:long)) needs no asking.
 */
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

struct str *stage_ask(struct binder *b, struct brel *in, struct bexpr *e, size_t *n, struct span span)
{
    struct err err = ERR_INIT;
    struct table *t = NULL;
    if (!b->opt->stage) {
        bind_error(b, span, "declare the columns: evaluate ... : (name:type, ...)",
                   "the columns of this plugin are known only when there is data");
        return NULL;
    }
    if (b->d->errors)
        return NULL;
    struct bitem it = { new_col(b), e };
    struct brel *r = rel_agg(b, in, &it, 1, NULL, 0, span);
    struct bcol *col = ARENA_NEW(b->a, struct bcol);
    *col = (struct bcol){ STR("x"), HB_STRING, it.id };
    r->cols = col;
    r->ncols = 1;
    r->order = ARENA_NEW(b->a, struct border);
    r->order[0] = (struct border){ it.id, HB_STRING, false, true };
    r->norder = 1;
    struct kql_compiled c = { .ncols = 1, .cols = ARENA_NEW(b->a, struct kql_column) };
    c.cols[0] = (struct kql_column){ STR("x"), HB_STRING };
    if (!sql_emit(b, r, NULL, &c))
        return NULL;
    if (!b->opt->stage(b->opt->stage_ctx, &c, b->a, &t, &err)) {
        bind_error(b, span, NULL, "%s", err.text);
        return NULL;
    }
    *n = t->nrows;
    return t->cols[0].v.s;
}

/* -- bag_unpack -- */

struct unpacked {
    struct str name;
    enum hb_type type;
};

static enum hb_type kind_type(struct str kind)
{
    return str_eqz(kind, "bool")                                   ? HB_BOOL
           : str_eqz(kind, "dictionary") || str_eqz(kind, "array") ? HB_DYNAMIC
                                                                   : hb_type_parse(kind);
}

static enum hb_type widen(enum hb_type x, enum hb_type y)
{
    enum hb_type t = common_type(x, y);
    return t == HB_UNKNOWN ? HB_DYNAMIC : t;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct unpacked *)a)->name, ((const struct unpacked *)b)->name);
}

/* Members of all bags, each with the type that fits its values. */
static struct unpacked *ask_members(struct binder *b, struct brel *in, const struct bcol *bag, size_t *n,
                                    struct span span)
{
    struct brel *u = rel_new(b, BR_UNNEST, in, span);
    u->items = ARENA_NEW(b->a, struct bitem);
    u->items[0] = (struct bitem){ new_col(b),
                                  bx_call(b, HB_STRING, "kql_bag_types($1)", span, 1, bx_col(b, bag, span)) };
    u->nitems = 1;
    size_t rows;
    struct str *v = stage_ask(b, u, bx_colid(b, u->items[0].id, HB_STRING), &rows, span);
    *n = 0;
    if (!v)
        return NULL;
    struct unpacked *list = ARENA_ARRAY(b->a, rows, struct unpacked);
    for (size_t r = 0; r < rows; r++) {
        size_t colon = str_chr(v[r], ':', 0);
        struct str kind = str_sub(v[r], 0, colon), name = str_sub(v[r], colon + 1, v[r].n);
        enum hb_type t = str_eqz(kind, "null") ? HB_UNKNOWN : kind_type(kind);
        size_t at = 0;
        while (at < *n && !str_eq(list[at].name, name))
            at++;
        if (at == *n)
            list[(*n)++] = (struct unpacked){ name, t };
        else if (t != HB_UNKNOWN)
            list[at].type = widen(list[at].type, t);
    }
    if (*n)
        qsort(list, *n, sizeof *list, by_name);
    return list;
}

struct unpack_options {
    struct str prefix, conflict;
    struct bexpr *ignore;
};

static bool unpack_options(struct binder *b, const struct kql_call *c, struct unpack_options *o)
{
    *o = (struct unpack_options){ STR(""), STR("error"), NULL };
    for (size_t i = 1; i < c->args.n; i++) {
        const struct kql_node *n = c->args.items[i];
        const struct kql_named *nm = n->kind == KQL_NAMED ? (const struct kql_named *)n : NULL;
        struct str name = nm ? KQL_AS(kql_name, nm->names.items[0])->name : (struct str){ 0 };
        struct bexpr *e = bind_expr(b, nm ? nm->value : n, NULL);
        if (bx_failed(e))
            return false;
        if (nm ? str_eqz(name, "OutputColumnPrefix") : i == 1)
            o->prefix = e->text;
        else if (nm ? str_eqz(name, "columnsConflict") : i == 2)
            o->conflict = e->text;
        else
            o->ignore = e;
    }
    return true;
}

static bool ignored(struct binder *b, const struct unpack_options *o, struct str name)
{
    return o->ignore && o->ignore->text.n && str_find(o->ignore->text, json_quote(b, name), 0) != SIZE_MAX;
}

static struct bexpr *member(struct binder *b, const struct bcol *bag, struct str name, enum hb_type t,
                            struct span span)
{
    struct bexpr *e = bind_dynamic_path(b, bx_col(b, bag, span), name, span);
    return t == HB_UNKNOWN || t == HB_DYNAMIC ? e : convert(b, e, t);
}

static struct brel *unpack_declared(struct binder *b, struct brel *in, const struct bcol *bag,
                                    const struct kql_schema *schema, struct span span)
{
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < schema->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)schema->columns.items[i];
        if (c->node.kind == KQL_STAR) {
            for (size_t k = 0; k < in->ncols; k++)
                if (in->cols[k].id != bag->id)
                    out_add(b, &o, in->cols[k].name, false, bx_col(b, &in->cols[k], span), false);
            continue;
        }
        const struct bcol *have = rel_find(b, in, c->name->name);
        out_add(b, &o, c->name->name, true,
                have && have->id != bag->id ? bx_col(b, have, span)
                                            : member(b, bag, c->name->name, c->type, span),
                false);
    }
    return o.failed ? rel_open(b, span) : rel_project(b, in, o.cols, o.ncols, o.items, o.nitems, span);
}

struct brel *bind_bag_unpack(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    const struct kql_call *c = ev->call;
    struct span span = ev->op.node.span;
    const struct kql_name *col = c->args.n && c->args.items[0]->kind == KQL_NAME
                                     ? (const struct kql_name *)c->args.items[0]
                                     : NULL;
    const struct bcol *bag = col ? rel_column(b, in, col->name, col->node.span) : NULL;
    struct unpack_options opt;
    if (!bag || bag->type != HB_DYNAMIC || !unpack_options(b, c, &opt)) {
        if (!col || bag)
            bind_error(b, c->node.span, NULL, "bag_unpack needs a dynamic column");
        return rel_open(b, span);
    }
    if (ev->schema)
        return unpack_declared(b, in, bag, ev->schema, span);
    size_t n;
    struct unpacked *list = ask_members(b, in, bag, &n, span);
    if (!list)
        return rel_open(b, span);
    struct boutput o = { .reuse = true };
    size_t self = 0; /* a member called like the bag takes its place */
    while (self < n &&
           (opt.prefix.n || !str_eq(list[self].name, bag->name) || ignored(b, &opt, list[self].name)))
        self++;
    for (size_t i = 0; i < in->ncols; i++)
        if (in->cols[i].id != bag->id)
            out_add(b, &o, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
        else if (self < n)
            out_add(b, &o, bag->name, true, member(b, bag, bag->name, list[self].type, span), false);
    if (o.ncols)
        memset(o.made, 0, o.ncols * sizeof *o.made);
    for (size_t i = 0; i < n; i++) {
        struct str name = arena_strf(b->a, "%.*s%.*s", STR_ARG(opt.prefix), STR_ARG(list[i].name));
        const struct bcol *have = rel_find(b, in, name);
        if (i == self || ignored(b, &opt, list[i].name) ||
            (have && have->id != bag->id && str_eqz(opt.conflict, "keep_source")))
            continue;
        if (have && have->id != bag->id && str_eqz(opt.conflict, "error")) {
            bind_error(b, c->node.span, "give columnsConflict or OutputColumnPrefix",
                       "bag_unpack would make a second column '%.*s'", STR_ARG(name));
            return rel_open(b, span);
        }
        out_add(b, &o, name, true, member(b, bag, list[i].name, list[i].type, span), true);
    }
    return o.failed ? rel_open(b, span) : rel_project(b, in, o.cols, o.ncols, o.items, o.nitems, span);
}

/* -- pivot -- */

/* The columns of a declared schema that are no keys: the values there will be. */
static struct str *declared_values(struct binder *b, const struct kql_schema *schema,
                                   const struct boutput *keys, size_t *n)
{
    struct str *values = ARENA_ARRAY(b->a, schema->columns.n + 1, struct str);
    *n = 0;
    for (size_t i = 0; i < schema->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)schema->columns.items[i];
        bool key = c->node.kind == KQL_STAR;
        for (size_t k = 0; k < keys->ncols && !key; k++)
            key = str_eq(keys->cols[k].name, c->name->name);
        if (!key)
            values[(*n)++] = c->name->name;
    }
    return values;
}

static bool declares(const struct kql_schema *schema, struct str name)
{
    for (size_t i = 0; i < schema->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)schema->columns.items[i];
        if (c->node.kind != KQL_STAR && str_eq(c->name->name, name))
            return true;
    }
    return false;
}

/* The columns of r in the order and types of a schema that names them; * is those it does not name. */
static struct brel *as_declared(struct binder *b, struct brel *r, const struct kql_schema *schema,
                                struct span span)
{
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < schema->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)schema->columns.items[i];
        if (c->node.kind == KQL_STAR) {
            for (size_t k = 0; k < r->ncols; k++)
                if (!declares(schema, r->cols[k].name))
                    out_add(b, &o, r->cols[k].name, false, bx_col(b, &r->cols[k], span), false);
            continue;
        }
        const struct bcol *col = rel_find(b, r, c->name->name);
        struct bexpr *e = bx_col(b, col, span);
        out_add(b, &o, c->name->name, true, c->type == HB_UNKNOWN ? e : convert(b, e, c->type), false);
    }
    return o.failed ? rel_open(b, span) : rel_project(b, r, o.cols, o.ncols, o.items, o.nitems, span);
}

struct brel *bind_pivot(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    const struct kql_call *c = ev->call;
    struct span span = ev->op.node.span;
    struct brow row = { .rel = in };
    struct bexpr *col = c->args.n ? bind_expr(b, c->args.items[0], &row) : bx_error(b, span);
    if (bx_failed(col)) {
        if (!c->args.n)
            bind_error(b, c->node.span, NULL, "pivot needs a column");
        return rel_open(b, span);
    }
    const struct kql_call *agg = c->args.n > 1 && c->args.items[1]->kind == KQL_CALL
                                     ? (const struct kql_call *)c->args.items[1]
                                     : NULL;
    struct bexpr *text = to_string(b, col);
    struct bitem *keys = ARENA_ARRAY(b->a, in->ncols + c->args.n, struct bitem);
    size_t nkeys = 0;
    struct boutput o = { .reuse = true };
    if (c->args.n > 2) {
        for (size_t i = 2; i < c->args.n; i++) {
            struct bexpr *e = bind_expr(b, c->args.items[i], &row);
            if (bx_failed(e))
                return rel_open(b, span);
            keys[nkeys++] = (struct bitem){ new_col(b), e };
            out_add(b, &o, auto_name(b, c->args.items[i]), false, bx_colid(b, keys[nkeys - 1].id, e->type),
                    false);
        }
    } else { /* all columns that neither the pivot nor the aggregate reads */
        for (size_t i = 0; i < in->ncols; i++) {
            struct str an = agg && agg->args.n ? auto_name(b, agg->args.items[0]) : (struct str){ 0 };
            if ((col->kind == BX_COL && col->col == in->cols[i].id) || str_eq(an, in->cols[i].name))
                continue;
            keys[nkeys++] = (struct bitem){ new_col(b), bx_col(b, &in->cols[i], span) };
            out_add(b, &o, in->cols[i].name, false, bx_colid(b, keys[nkeys - 1].id, in->cols[i].type), false);
        }
    }
    size_t n;
    struct str *values = ev->schema ? declared_values(b, ev->schema, &o, &n)
                                    : stage_ask(b, in, text, &n, span);
    if (!values)
        return rel_open(b, span);
    struct bagg collected = { 0 };
    struct brow arow = { .rel = in, .agg = &collected };
    for (size_t i = 0; i < n; i++) {
        struct bexpr *v;
        size_t before = collected.nitems;
        if (agg) {
            v = bind_aggregate(b, agg, &arow);
        } else {
            struct bitem it = { new_col(b), bx_call(b, HB_LONG, "count(*)$F", span, 0) };
            *VEC_PUSH(b->a, collected.items, collected.nitems, collected.cap) = it;
            v = bx_colid(b, it.id, HB_LONG);
        }
        if (bx_failed(v))
            return rel_open(b, span);
        struct bexpr *is = bx_call(b, HB_BOOL, "($1 = $2)", span, 2, text, bx_str(b, values[i], span));
        struct bexpr *e = collected.items[before].e;
        e->filter = e->filter ? bx_call(b, HB_BOOL, "($1 AND $2)", span, 2, e->filter, is) : is;
        out_add(b, &o, values[i].n ? values[i] : STR("Column1"), false, v, false);
    }
    struct brel *g = rel_agg(b, in, keys, nkeys, collected.items, collected.nitems, span);
    struct brel *r = rel_project(b, g, o.cols, o.ncols, o.items, o.nitems, span);
    return ev->schema ? as_declared(b, r, ev->schema, span) : r;
}

/* -- ipv4_lookup, ipv6_lookup -- */

enum { LOOKUP_KEYS = 8 };

struct lookup_args {
    struct brel *table;
    const struct bcol *address, *network;
    const struct bcol *key[LOOKUP_KEYS],
        *same[LOOKUP_KEYS]; /* extra keys: columns of the rows and of the table */
    size_t nkeys;
    bool keep_unmatched;
};

/* An extra key or return_unmatched, which may be given by name. */
static bool lookup_option(struct binder *b, struct brel *in, const struct kql_node *n, struct lookup_args *a)
{
    const struct kql_node *value = n->kind == KQL_NAMED ? KQL_AS(kql_named, n)->value : n;
    if (n->kind == KQL_NAME) {
        struct str name = KQL_AS(kql_name, n)->name;
        if (rel_find(b, in, name) && a->nkeys < LOOKUP_KEYS) {
            a->key[a->nkeys] = rel_find(b, in, name);
            a->same[a->nkeys] = rel_column(b, a->table, name, n->span);
            return a->same[a->nkeys++] != NULL;
        }
    }
    struct bexpr *e = bind_expr(b, value, NULL);
    if (bx_failed(e) || e->type != HB_BOOL) {
        if (!bx_failed(e))
            bind_error(b, n->span, NULL,
                       "expected a column of both tables, or return_unmatched = true or false");
        return false;
    }
    a->keep_unmatched = bx_is_const(e) && e->v.b;
    return true;
}

static bool lookup_args(struct binder *b, struct brel *in, const struct kql_call *c, struct lookup_args *a)
{
    *a = (struct lookup_args){ 0 };
    if (c->args.n < 3 || c->args.items[1]->kind != KQL_NAME || c->args.items[2]->kind != KQL_NAME) {
        bind_error(b, c->node.span, NULL,
                   "'%.*s' needs a table, a column of addresses and the table's column of networks",
                   STR_ARG(c->name->name));
        return false;
    }
    a->table = bind_table(b, c->args.items[0]);
    if (a->table->open)
        return false;
    a->address = rel_column(b, in, KQL_AS(kql_name, c->args.items[1])->name, c->args.items[1]->span);
    a->network = rel_column(b, a->table, KQL_AS(kql_name, c->args.items[2])->name, c->args.items[2]->span);
    for (size_t i = 3; i < c->args.n; i++)
        if (!lookup_option(b, in, c->args.items[i], a))
            return false;
    return a->address && a->network;
}

/* IPv4: the networks as ranges of numbers, which can be joined without trying all pairs. */
static struct bexpr *address_in_network(struct binder *b, const struct lookup_args *a, bool v6,
                                        struct span span)
{
    return bx_call(b, HB_BOOL,
                   v6 ? "kql_ipv6_in_range($1, $2)"
                      : "(kql_ipv4($1) >= kql_ipv4($2) AND kql_ipv4($1) <= kql_ipv4($2) + "
                        "kql_shl(1, 32 - kql_ipv4_suffix($2)) - 1)",
                   span, 2, to_string(b, bx_col(b, a->address, span)),
                   to_string(b, bx_col(b, a->network, span)));
}

static void put_rows(struct binder *b, struct boutput *o, const struct brel *in, struct span span)
{
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, o, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
}

/* The columns that were looked up, but for the extra keys. */
static void put_found(struct binder *b, struct boutput *o, const struct lookup_args *a, struct span span)
{
    for (size_t i = 0; i < a->table->ncols; i++) {
        bool key = false;
        for (size_t k = 0; k < a->nkeys; k++)
            key = key || a->same[k] == &a->table->cols[i];
        struct bexpr *e = bx_col(b, &a->table->cols[i], span);
        if (e->type == HB_STRING && a->keep_unmatched)
            e = bx_call(b, HB_STRING, "coalesce($1, '')", span, 1, e);
        if (!key)
            out_add(b, o, a->table->cols[i].name, false, e, false);
    }
}

struct brel *bind_ip_lookup(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct lookup_args a;
    struct span span = ev->op.node.span;
    if (!lookup_args(b, in, ev->call, &a))
        return rel_open(b, span);
    bool v6 = str_starts(ev->call->name->name, STR("ipv6"));
    struct bexpr *on = address_in_network(b, &a, v6, span);
    for (size_t i = 0; i < a.nkeys; i++) {
        struct bexpr *same = bind_binary(b, KQL_EQ, bx_col(b, a.key[i], span), bx_col(b, a.same[i], span),
                                         span, span);
        if (bx_failed(same))
            return rel_open(b, span);
        on = bx_call(b, HB_BOOL, "($1 AND $2)", span, 2, on, same);
    }
    struct brel *j = rel_join(b, a.keep_unmatched ? BJ_LEFT : BJ_INNER, in, a.table, on, span);
    struct boutput o = { .reuse = true };
    /* as the pages show it: ipv6_lookup has the looked-up columns first */
    if (v6)
        put_found(b, &o, &a, span);
    put_rows(b, &o, in, span);
    if (!v6)
        put_found(b, &o, &a, span);
    return rel_project(b, j, o.cols, o.ncols, o.items, o.nitems, span);
}
