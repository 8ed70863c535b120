/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators on one table: where, extend, project and kin, distinct, sort, top, take, count, summarize, serialize, as,
 * invoke, render, getschema; and what begins a query: print, range, datatable.
 *
 * All items of one operator see only the operator's input.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/vec.h"
#include "slips.h"

/* -- columns under construction -- */

static size_t out_find(const struct boutput *o, struct str name)
{
    for (size_t i = 0; i < o->ncols; i++)
        if (str_eq(o->cols[i].name, name))
            return i;
    return SIZE_MAX;
}

static bool out_uses(const struct boutput *o, int id)
{
    for (size_t i = 0; i < o->ncols; i++)
        if (o->cols[i].id == id)
            return true;
    return false;
}

void out_add(struct binder *b, struct boutput *o, struct str name, bool explicit_name, struct bexpr *e,
             bool replace)
{
    if (bx_failed(e))
        o->failed = true;
    bool made_up = !name.n;
    while (!name.n || (made_up && out_find(o, name) != SIZE_MAX))
        name = arena_strf(b->a, "Column%zu", ++b->unnamed);
    size_t at = out_find(o, name);
    if (at != SIZE_MAX && explicit_name && o->made[at]) {
        bind_error(b, e->span, NULL, "column '%.*s' is given twice", STR_ARG(name));
        o->failed = true;
        return;
    }
    if (at != SIZE_MAX && (!replace || o->made[at])) {
        name = free_name(b, o->cols, o->ncols, name);
        at = SIZE_MAX;
    }
    int id;
    if (o->reuse && e->kind == BX_COL && !out_uses(o, e->col)) {
        id = e->col;
    } else {
        struct bitem it = { new_col(b), e };
        *VEC_PUSH(b->a, o->items, o->nitems, o->icap) = it;
        id = it.id;
        if (e->kind == BX_COL)
            alias_copy(b, e->col, id);
    }
    if (at == SIZE_MAX) {
        size_t mcap = o->cap;
        *VEC_PUSH(b->a, o->cols, o->ncols, o->cap) = (struct bcol){ name, e->type, id };
        if (mcap != o->cap) {
            bool *made = ARENA_ARRAY(b->a, o->cap, bool);
            if (o->ncols > 1)
                copy_bytes(made, o->made, (o->ncols - 1) * sizeof *made);
            o->made = made;
        }
        at = o->ncols - 1;
    } else {
        o->cols[at].type = e->type;
        o->cols[at].id = id;
    }
    o->made[at] = true;
}

/* Starts with the columns there are. */
static void out_from(struct binder *b, struct boutput *o, const struct brel *in)
{
    o->cap = in->ncols + 8;
    o->cols = cols_copy(b, in->cols, in->ncols, 8);
    o->made = ARENA_ARRAY(b->a, o->cap, bool);
    o->ncols = in->ncols;
}

static struct brel *out_rel(struct binder *b, struct boutput *o, struct brel *in, struct span span)
{
    if (o->failed || in->open)
        return rel_open(b, span);
    struct brel *r = rel_project(b, in, o->cols, o->ncols, o->items, o->nitems, span);
    r->nkeep = 0;
    return r;
}

/* Value i of a function of several. */
static struct bexpr *tuple_value(struct binder *b, const struct btuple *t, struct bexpr *array, size_t i)
{
    struct bexpr *e = bx_call(b, HB_DYNAMIC, "kql_dindex($1, $2)", array->span, 2, array,
                              bx_long(b, (int64_t)i, array->span));
    return i < t->n && t->type[i] != HB_UNKNOWN ? convert(b, e, t->type[i]) : e;
}

/* The array is computed once, as a hidden column. */
static struct bexpr *tuple_array(struct binder *b, struct bexpr *e, struct brow *row)
{
    struct bexpr *a = row->rel ? bx_colid(b, rel_add_hidden(b, &row->rel, e), HB_DYNAMIC) : e;
    a->span = e->span;
    return a;
}

/* The values of a function of several from number `from` on, under names of their own. */
static void out_values(struct binder *b, struct boutput *o, const struct kql_call *c, const struct btuple *t,
                       struct bexpr *array, size_t from, bool replace)
{
    for (size_t i = from; i < t->n; i++) {
        const char *suffix = t->suffix[i];
        struct str arg = auto_name(b, c->args.items[suffix ? 0 : i]);
        struct str col = suffix
                             ? arena_strf(b->a, "%.*s_%.*s_%s", STR_ARG(c->name->name), STR_ARG(arg), suffix)
                         : arg.n ? arena_strf(b->a, "%.*s_sorted", STR_ARG(arg))
                                 : arg;
        out_add(b, o, col, false, tuple_value(b, t, array, i), replace);
    }
}

/* An unnamed item, called `name` or as itself; a function of several values gives several columns. */
static void out_value(struct binder *b, struct boutput *o, const struct kql_node *n, const struct str *name,
                      struct brow *row, bool replace)
{
    struct bexpr *e = bind_expr(b, n, row);
    const struct kql_call *c = (const struct kql_call *)n;
    if (!e->tuple || n->kind != KQL_CALL) {
        out_add(b, o, name ? *name : value_name(b, n, e, row->rel), false, e, replace);
        return;
    }
    out_values(b, o, c, e->tuple, tuple_array(b, e, row), 0, replace);
}

/* (a, b) = e */
static void out_tuple(struct binder *b, struct boutput *o, const struct kql_named *nm, struct bexpr *e,
                      struct brow *row, bool replace)
{
    static const struct btuple plain = { 0 };
    if (bx_failed(e) || e->type != HB_DYNAMIC) {
        if (!bx_failed(e))
            bind_error(b, nm->node.span, NULL, "only a function of several values can fill several columns");
        o->failed = true;
        return;
    }
    struct bexpr *array = tuple_array(b, e, row);
    for (size_t i = 0; i < nm->names.n; i++) {
        struct str name = KQL_AS(kql_name, nm->names.items[i])->name;
        if (name.n)
            out_add(b, o, name, true, tuple_value(b, e->tuple ? e->tuple : &plain, array, i), replace);
    }
}

/* x == 1, x: 1 where x = 1 was meant. */
static bool is_named_wrongly(struct binder *b, const struct kql_node *n, const struct brow *row)
{
    const struct kql_binary *eq = (const struct kql_binary *)n;
    struct kql_table t;
    if (n->kind != KQL_BINARY || (eq->op != KQL_EQ && eq->op != KQL_COLON) || eq->left->kind != KQL_NAME ||
        !row->rel || row->rel->open)
        return false;
    struct str name = KQL_AS(kql_name, eq->left)->name;
    struct kql_scalar s;
    if (b->cat && b->cat->scalar && b->cat->scalar(b->cat->ctx, name, &s))
        return false;
    if (rel_find(b, row->rel, name) || scope_find(b->scope, name) || catalog_has(b, name, &t))
        return false;
    const char *near = nearest_column(b, row->rel, name);
    bind_error(b, eq->left->span,
               near ? near : arena_printf(b->a, "a column is named with '=': %.*s = ...", STR_ARG(name)),
               "unknown column '%.*s'", STR_ARG(name));
    return true;
}

void out_item(struct binder *b, struct boutput *o, const struct kql_node *n, struct brow *row, bool replace)
{
    if (is_named_wrongly(b, n, row)) {
        o->failed = true;
        return;
    }
    const struct kql_named *nm = (const struct kql_named *)n;
    if (n->kind != KQL_NAMED) {
        out_value(b, o, n, NULL, row, replace);
        return;
    }
    struct bexpr *e = bind_expr(b, nm->value, row);
    struct str name = KQL_AS(kql_name, nm->names.items[0])->name;
    if (nm->tuple && nm->names.n > 1) {
        out_tuple(b, o, nm, e, row, replace);
        return;
    }
    if (!e->tuple || !e->tuple->suffix[0] || nm->value->kind != KQL_CALL) {
        out_add(b, o, name, true, e, replace);
        return;
    }
    /* of several values the name is that of the first; only a list of names drops the others */
    struct bexpr *array = tuple_array(b, e, row);
    out_add(b, o, name, true, tuple_value(b, e->tuple, array, 0), replace);
    if (!nm->tuple)
        out_values(b, o, KQL_AS(kql_call, nm->value), e->tuple, array, 1, replace);
}

/* -- operators -- */

/* No columns but those of r. */
static bool only_columns_of(const struct bexpr *e, const struct brel *r)
{
    bool found = e->kind != BX_COL;
    for (size_t i = 0; i < r->ncols && !found; i++)
        found = r->cols[i].id == e->col;
    for (size_t i = 0; i < e->nargs && found; i++)
        found = only_columns_of(e->args[i], r);
    return found;
}

/*
 * The engine moves conditions on columns of the left side of an innerunique join below it: they decide which row of a key is
 * the one that is kept. A join used elsewhere too stays as it is, and so does one whose rows a window has seen: it would see
 * others.
 */
static void filter_before_join(struct binder *b, struct brel *r, struct bexpr *e, struct span span)
{
    const struct brel *top = r;
    while ((r->kind == BR_PROJECT || r->kind == BR_FILTER) && !r->shared)
        r = r->in;
    if (r->kind != BR_JOIN || r->shared || !r->in->deduplicates)
        return;
    for (; top != r; top = top->in)
        for (size_t i = 0; i < top->nitems; i++)
            if (bx_sees_rows(top->items[i].e))
                return;
    struct brel *kept = r->in;
    bool all = e->logic && strcmp(e->sql, "($&)") == 0;
    for (size_t i = 0; i < (all ? e->nargs : 1); i++) {
        struct bexpr *one = all ? e->args[i] : e;
        if (bx_row_by_row(one) && only_columns_of(one, kept->in))
            kept->in = rel_filter(b, kept->in, one, span);
    }
}

struct brel *op_where(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct brow row = { .rel = in, .window = true };
    struct bexpr *e = bind_bool(b, ((const struct kql_op_expr *)op)->expr, &row, "the condition of where");
    if (bx_failed(e) || in->open)
        return in;
    filter_before_join(b, row.rel, e, op->node.span);
    return rel_filter(b, row.rel, e, op->node.span);
}

struct brel *op_extend(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct brow row = { .rel = in, .window = true };
    struct boutput o = { .reuse = true };
    out_from(b, &o, in);
    for (size_t i = 0; i < items->n; i++)
        out_item(b, &o, items->items[i], &row, true);
    return out_rel(b, &o, row.rel, op->node.span);
}

struct brel *op_serialize(struct binder *b, struct brel *in, const struct kql_op *op)
{
    if (in->open)
        return in;
    struct brel *r = rel_project(b, in, in->cols, in->ncols, NULL, 0, op->node.span);
    r->serialized = true;
    r->ordered = true;
    return ((const struct kql_op_list *)op)->items.n ? op_extend(b, r, op) : r;
}

/* a wildcard or a star among the items of project: the columns it stands for */
static bool out_wildcard(struct binder *b, struct boutput *o, const struct kql_node *n, const struct brel *in)
{
    bool star = n->kind == KQL_STAR;
    const struct kql_name *name = (const struct kql_name *)n;
    if (!star && !(n->kind == KQL_NAME && name->wildcard))
        return false;
    for (size_t i = 0; i < in->ncols; i++)
        if ((star || name_matches(name->name, in->cols[i].name)) && out_find(o, in->cols[i].name) == SIZE_MAX)
            out_add(b, o, in->cols[i].name, true, bx_col(b, &in->cols[i], n->span), false);
    return true;
}

struct brel *op_project(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct brow row = { .rel = in, .window = true };
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < items->n; i++)
        if (!out_wildcard(b, &o, items->items[i], in))
            out_item(b, &o, items->items[i], &row, false);
    return out_rel(b, &o, row.rel, op->node.span);
}

/* Marks the columns the items name; false: an unknown one (reported). */
static bool mark(struct binder *b, const struct brel *in, const struct kql_list *items, bool *hit)
{
    bool ok = true;
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_node *n = items->items[i];
        if (n->kind == KQL_STAR) {
            memset(hit, 1, in->ncols * sizeof *hit);
            continue;
        }
        if (n->kind != KQL_NAME) {
            bind_error(b, n->span, NULL, "expected the name of a column");
            ok = false;
            continue;
        }
        const struct kql_name *name = (const struct kql_name *)n;
        if (name->wildcard) {
            for (size_t k = 0; k < in->ncols; k++)
                hit[k] |= name_matches(name->name, in->cols[k].name);
            continue;
        }
        const struct bcol *c = rel_column(b, in, name->name, n->span);
        if (c)
            hit[c - in->cols] = true;
        ok &= c != NULL;
    }
    return ok;
}

static struct brel *keep_marked(struct binder *b, struct brel *in, const struct kql_op *op, bool wanted)
{
    bool *hit = ARENA_ARRAY(b->a, in->ncols, bool);
    if (!mark(b, in, &((const struct kql_op_list *)op)->items, hit) || in->open)
        return rel_open(b, op->node.span);
    struct bcol *cols = ARENA_ARRAY(b->a, in->ncols, struct bcol);
    size_t n = 0;
    for (size_t i = 0; i < in->ncols; i++)
        if (hit[i] == wanted)
            cols[n++] = in->cols[i];
    return rel_project(b, in, cols, n, NULL, 0, op->node.span);
}

struct brel *op_project_away(struct binder *b, struct brel *in, const struct kql_op *op)
{
    return keep_marked(b, in, op, false);
}

struct brel *op_project_keep(struct binder *b, struct brel *in, const struct kql_op *op)
{
    return keep_marked(b, in, op, true);
}

/* Columns with this name, or of this pattern, that are not there yet. */
static void take_named(const struct brel *in, struct str name, struct bcol *cols, size_t *n)
{
    for (size_t i = 0; i < in->ncols; i++) {
        size_t k = 0;
        while (k < *n && cols[k].id != in->cols[i].id)
            k++;
        if (k == *n && name_matches(name, in->cols[i].name))
            cols[(*n)++] = in->cols[i];
    }
}

/* Names, wildcards and arrays of them, known when the query is compiled; names of no column are passed over. */
struct brel *op_project_by_names(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct bcol *cols = ARENA_ARRAY(b->a, in->ncols, struct bcol);
    size_t n = 0;
    for (size_t i = 0; i < items->n; i++) {
        struct bexpr *e = bind_expr(b, items->items[i], NULL);
        if (bx_failed(e) || in->open)
            return rel_open(b, op->node.span);
        if (!bx_is_const(e) || (e->type != HB_STRING && e->type != HB_DYNAMIC)) {
            bind_error(b, items->items[i]->span, NULL, "expected names known when the query is compiled");
            return rel_open(b, op->node.span);
        }
        if (e->type == HB_STRING) {
            take_named(in, e->text, cols, &n);
            continue;
        }
        struct err err = ERR_INIT;
        cJSON *names = json_parse(e->text, &err);
        const cJSON *it;
        cJSON_ArrayForEach(it, names) if (cJSON_IsString(it))
            take_named(in, str_z(it->valuestring), cols, &n);
        cJSON_Delete(names);
    }
    return rel_project(b, in, cols, n, NULL, 0, op->node.span);
}

struct brel *op_project_rename(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct bcol *cols = cols_copy(b, in->cols, in->ncols, 0);
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_named *nm = (const struct kql_named *)items->items[i];
        if (nm->node.kind != KQL_NAMED || nm->value->kind != KQL_NAME || nm->names.n != 1) {
            bind_error(b, nm->node.span, "write new = old", "expected a new name for a column");
            return rel_open(b, op->node.span);
        }
        const struct bcol *c = rel_column(b, in, ((const struct kql_name *)nm->value)->name, nm->value->span);
        if (!c)
            return rel_open(b, op->node.span);
        struct str name = KQL_AS(kql_name, nm->names.items[0])->name;
        for (size_t k = 0; k < in->ncols; k++)
            if (str_eq(cols[k].name, name) && k != (size_t)(c - in->cols)) {
                bind_error(b, nm->node.span, NULL, "there is a column '%.*s' already", STR_ARG(name));
                return rel_open(b, op->node.span);
            }
        cols[c - in->cols].name = name;
    }
    return rel_project(b, in, cols, in->ncols, NULL, 0, op->node.span);
}

/* Natural order of names for `asc` and `desc`; granny: numbers in them by value. */
static int name_order(struct str x, struct str y, enum kql_dir dir)
{
    int c = str_cmp(x, y);
    bool granny = dir == KQL_GRANNY_ASC || dir == KQL_GRANNY_DESC;
    for (size_t i = 0, j = 0; granny && i < x.n && j < y.n;) {
        if (x.p[i] >= '0' && x.p[i] <= '9' && y.p[j] >= '0' && y.p[j] <= '9') {
            uint64_t u = 0, v = 0;
            while (i < x.n && x.p[i] >= '0' && x.p[i] <= '9')
                u = u * 10 + (uint64_t)(x.p[i++] - '0');
            while (j < y.n && y.p[j] >= '0' && y.p[j] <= '9')
                v = v * 10 + (uint64_t)(y.p[j++] - '0');
            if (u != v) {
                c = u < v ? -1 : 1;
                break;
            }
        } else if (x.p[i] != y.p[j]) {
            c = (unsigned char)x.p[i] < (unsigned char)y.p[j] ? -1 : 1;
            break;
        } else {
            i++;
            j++;
        }
    }
    return dir == KQL_DESC || dir == KQL_GRANNY_DESC ? -c : c;
}

struct brel *op_project_reorder(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct bcol *cols = ARENA_ARRAY(b->a, in->ncols, struct bcol);
    bool *done = ARENA_ARRAY(b->a, in->ncols, bool);
    size_t n = 0;
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_ordered *o = (const struct kql_ordered *)items->items[i];
        const struct kql_node *v = o->node.kind == KQL_ORDERED ? o->value : items->items[i];
        bool *hit = ARENA_ARRAY(b->a, in->ncols, bool);
        struct kql_node *one[] = { (struct kql_node *)(uintptr_t)v };
        struct kql_list list = { one, 1 };
        if (!mark(b, in, &list, hit))
            return rel_open(b, op->node.span);
        size_t from = n;
        for (size_t k = 0; k < in->ncols; k++)
            if (hit[k] && !done[k]) {
                done[k] = true;
                cols[n++] = in->cols[k];
            }
        enum kql_dir dir = o->node.kind == KQL_ORDERED ? o->dir : KQL_DIR_NONE;
        for (size_t x = from + 1; x < n && dir != KQL_DIR_NONE; x++)
            for (size_t y = x; y > from && name_order(cols[y].name, cols[y - 1].name, dir) < 0; y--) {
                struct bcol t = cols[y];
                cols[y] = cols[y - 1];
                cols[y - 1] = t;
            }
    }
    for (size_t k = 0; k < in->ncols; k++)
        if (!done[k])
            cols[n++] = in->cols[k];
    return in->open ? in : rel_project(b, in, cols, n, NULL, 0, op->node.span);
}

static struct brel *distinct_on(struct binder *b, struct brel *in, const struct boutput *o, struct span span)
{
    struct bitem *keys = ARENA_ARRAY(b->a, o->ncols, struct bitem);
    struct bcol *cols = cols_copy(b, o->cols, o->ncols, 0);
    for (size_t i = 0; i < o->ncols; i++) {
        struct bexpr *e = bx_colid(b, o->cols[i].id, o->cols[i].type);
        for (size_t k = 0; k < o->nitems; k++)
            if (o->items[k].id == o->cols[i].id)
                e = o->items[k].e;
        keys[i] = (struct bitem){ new_col(b), e };
        alias_copy(b, o->cols[i].id, keys[i].id);
        cols[i].id = keys[i].id;
    }
    struct brel *r = rel_agg(b, in, keys, o->ncols, NULL, 0, span);
    r->cols = cols;
    r->ncols = o->ncols;
    return r;
}

struct brel *op_distinct(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_list *items = &((const struct kql_op_list *)op)->items;
    struct brow row = { .rel = in };
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < items->n; i++) {
        if (out_wildcard(b, &o, items->items[i], in))
            continue;
        size_t before = o.ncols;
        out_item(b, &o, items->items[i], &row, false);
        if (o.ncols > before && o.cols[before].type == HB_DYNAMIC) {
            bind_error(b, items->items[i]->span, "convert it, for instance with tostring()",
                       "distinct cannot compare dynamic values");
            o.failed = true;
        }
    }
    if (o.failed || in->open)
        return rel_open(b, op->node.span);
    return distinct_on(b, row.rel, &o, op->node.span);
}

struct brel *op_summarize(struct binder *b, struct brel *in, const struct kql_op *op)
{
    return bind_summarize(b, in, (const struct kql_op_summarize *)op);
}

/* -- order -- */

static bool orders_by(const struct border *o, size_t n, int col)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].col == col)
            return true;
    return false;
}

/* What column `id` of r is in r->in; -1: computed here. */
static int below(const struct brel *r, int id)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (r->items[i].id == id)
            return r->items[i].e->kind == BX_COL ? r->items[i].e->col : -1;
    return r->kind == BR_PROJECT || r->kind == BR_REF ? -1 : id;
}

bool rel_tells_apart(struct binder *b, const struct brel *r, const int *columns, size_t n)
{
    int *ids = ARENA_ARRAY(b->a, n, int);
    copy_bytes(ids, columns, n * sizeof *ids);
    for (; r->kind != BR_AGG; r = r->in) {
        bool same = r->kind == BR_FILTER || (r->kind == BR_JOIN && r->one_right);
        if (!same && r->kind != BR_PROJECT && r->kind != BR_REF)
            return false;
        for (size_t i = 0; !same && i < n; i++)
            ids[i] = below(r, ids[i]);
    }
    for (size_t k = 0; k < r->nkeys; k++) {
        size_t i = 0;
        while (i < n && ids[i] != r->items[k].id)
            i++;
        if (i == n)
            return false;
    }
    return true;
}

/* Puts the keys in front of the order there is. */
static struct brel *sort_by(struct binder *b, struct brel *in, const struct kql_list *keys, struct span span)
{
    struct brow row = { .rel = in, .window = true };
    struct border *o = ARENA_ARRAY(b->a, keys->n, struct border);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; i < keys->n; i++) {
        const struct kql_ordered *k = (const struct kql_ordered *)keys->items[i];
        bool is = k->node.kind == KQL_ORDERED;
        const struct kql_node *v = is ? k->value : keys->items[i];
        struct bexpr *e = bind_expr(b, v, &row);
        if (bx_failed(e)) {
            ok = false;
            continue;
        }
        if (e->type == HB_DYNAMIC) {
            bind_error(b, v->span, "convert it, for instance with tostring() or tolong()",
                       "rows cannot be ordered by a dynamic value");
            ok = false;
            continue;
        }
        if (e->kind == BX_CONST)
            continue;
        bool asc = is && (k->dir == KQL_ASC || k->dir == KQL_GRANNY_ASC);
        bool first = is && k->nulls != KQL_NULLS_NONE ? k->nulls == KQL_NULLS_FIRST : asc;
        int id = e->kind == BX_COL ? e->col : rel_add_hidden(b, &row.rel, e);
        o[n++] = (struct border){ id, e->type, !asc, first };
    }
    if (!ok || in->open)
        return rel_open(b, span);
    int *by = ARENA_ARRAY(b->a, n, int);
    for (size_t i = 0; i < n; i++)
        by[i] = o[i].col;
    size_t ties = rel_tells_apart(b, row.rel, by, n) ? 0 : row.rel->norder, more = 0;
    struct border *order = ARENA_ARRAY(b->a, n + ties, struct border);
    if (n)
        copy_bytes(order, o, n * sizeof *o);
    for (size_t i = 0; i < ties; i++)
        if (!orders_by(o, n, row.rel->order[i].col))
            order[n + more++] = row.rel->order[i];
    struct brel *r = rel_project(b, row.rel, in->cols, in->ncols, NULL, 0, span);
    r->order = order;
    r->norder = n + more;
    r->ordered = true;
    r->scrambled = true;
    r->serialized = true;
    return r;
}

struct brel *op_sort(struct binder *b, struct brel *in, const struct kql_op *op)
{
    return sort_by(b, in, &((const struct kql_op_list *)op)->items, op->node.span);
}

struct bexpr *row_count(struct binder *b, const struct kql_node *n)
{
    int64_t count;
    struct bexpr *e = bind_as(b, n, NULL, HB_LONG, "the number of rows");
    if (bx_failed(e))
        return NULL;
    if (!bx_const_i64(e, &count))
        return bx_call(b, HB_LONG, "greatest($1, 0)", e->span, 1, e);
    if (count >= 0)
        return e;
    bind_error(b, n->span, NULL, "the number of rows must not be negative");
    return NULL;
}

struct brel *op_top(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_top *t = (const struct kql_op_top *)op;
    struct bexpr *n = row_count(b, t->count);
    struct kql_node *one[] = { t->by };
    struct kql_list keys = { one, 1 };
    struct brel *r = sort_by(b, in, &keys, op->node.span);
    return n && !r->open ? rel_limit(b, r, n, op->node.span) : rel_open(b, op->node.span);
}

struct brel *op_take(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct bexpr *n = row_count(b, ((const struct kql_op_expr *)op)->expr);
    return n && !in->open ? rel_limit(b, in, n, op->node.span) : in;
}

struct brel *op_sample_distinct(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_top *t = (const struct kql_op_top *)op;
    struct bexpr *n = row_count(b, t->count);
    struct brow row = { .rel = in };
    struct boutput o = { .reuse = true };
    out_item(b, &o, t->of, &row, false);
    if (!n || o.failed || in->open)
        return rel_open(b, op->node.span);
    return rel_limit(b, distinct_on(b, row.rel, &o, op->node.span), n, op->node.span);
}

static struct brel *one_agg(struct binder *b, struct brel *in, struct str name, struct bexpr *e,
                            struct span span)
{
    struct bitem it = { new_col(b), e };
    struct brel *r = rel_agg(b, in, NULL, 0, &it, 1, span);
    r->cols = ARENA_NEW(b->a, struct bcol);
    r->cols[0] = (struct bcol){ name, e->type, it.id };
    r->ncols = 1;
    r->serialized = true;
    return r;
}

struct brel *op_count(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_name *as = ((const struct kql_op_name *)op)->name;
    if (in->open)
        return in;
    return one_agg(b, in, as ? as->name : STR("Count"), bx_call(b, HB_LONG, "count(*)", op->node.span, 0),
                   op->node.span);
}

struct brel *op_top_hitters(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_top *t = (const struct kql_op_top *)op;
    struct bexpr *n = row_count(b, t->count);
    struct brow row = { .rel = in };
    struct bexpr *of = bind_expr(b, t->of, &row);
    struct str name = auto_name(b, t->of);
    struct bexpr *agg = bx_call(b, HB_LONG, "count(*)", op->node.span, 0);
    struct str aname = arena_strf(b->a, "approximate_count_%.*s", STR_ARG(name));
    if (t->by) {
        const struct kql_node *by = t->by->kind == KQL_ORDERED ? ((const struct kql_ordered *)t->by)->value
                                                               : t->by;
        struct bexpr *v = bind_expr(b, by, &row);
        struct str vn = auto_name(b, by);
        if (!bx_failed(v) && type_is_integer(v->type))
            agg = bx_call(b, HB_LONG, "coalesce(kql_wrap(sum($1)), 0)", v->span, 1, v);
        else if (!bx_failed(v) && (v = coerce(b, v, HB_REAL)) != NULL)
            agg = bx_call(b, HB_REAL, "coalesce(fsum($1), 0e0)", v->span, 1, v);
        aname = arena_strf(b->a, "approximate_sum_%.*s", STR_ARG(vn));
    }
    if (!n || bx_failed(of) || bx_failed(agg) || in->open)
        return rel_open(b, op->node.span);
    struct bitem key = { new_col(b), of }, a = { new_col(b), agg };
    struct brel *r = rel_agg(b, row.rel, &key, 1, &a, 1, op->node.span);
    r->cols = ARENA_ARRAY(b->a, 2, struct bcol);
    r->cols[0] = (struct bcol){ name.n ? name : STR("Column1"), of->type, key.id };
    r->cols[1] = (struct bcol){ aname, agg->type, a.id };
    r->ncols = 2;
    /* of equal ones the last stay, and the rows come out upwards */
    struct border *o = ARENA_ARRAY(b->a, r->norder + 1, struct border),
                  *up = ARENA_ARRAY(b->a, r->norder + 1, struct border);
    o[0] = (struct border){ a.id, agg->type, true, false };
    for (size_t i = 0; i < r->norder; i++) {
        o[i + 1] = r->order[i];
        o[i + 1].desc = !r->order[i].desc;
    }
    for (size_t i = 0; i <= r->norder; i++) {
        up[i] = o[i];
        up[i].desc = !o[i].desc;
    }
    r->order = o;
    r->norder++;
    r->scrambled = true;
    struct brel *top = rel_limit(b, r, n, op->node.span);
    top->order = up;
    top->ordered = true;
    top->serialized = true;
    return top;
}

/* -- the rest -- */

struct brel *op_as(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_name *n = ((const struct kql_op_name *)op)->name;
    if (in->open)
        return in;
    in->shared = true;
    scope_add(b, n->name, n->node.span, BN_TABLE)->table = in;
    struct brel *r = rel_ref(b, in, op->node.span);
    return r;
}

struct brel *op_invoke(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_call *c = (const struct kql_call *)((const struct kql_op_expr *)op)->expr;
    struct bname *nm = c->node.kind == KQL_CALL ? scope_find(b->scope, c->name->name) : NULL;
    if (!nm || nm->kind != BN_LAMBDA) {
        const char *hint = c->node.kind == KQL_CALL ? kql_slip_elsewhere(c->name->name) : NULL;
        if (c->node.kind == KQL_CALL)
            bind_error(b, c->name->node.span, hint ? hint : "define it with let", "unknown function '%.*s'",
                       STR_ARG(c->name->name));
        return rel_open(b, op->node.span);
    }
    struct bexpr *e = NULL;
    struct brel *r = NULL;
    b->piped = in;
    if (in->open || !bind_lambda(b, c, nm, NULL, &e, &r) || !r) {
        b->piped = NULL;
        return rel_open(b, op->node.span);
    }
    return r;
}

static struct str param_text(struct binder *b, const struct kql_param *p)
{
    struct buf o = BUF_INIT;
    if (p->value && p->value->kind == KQL_LITERAL &&
        ((const struct kql_literal *)p->value)->type != HB_STRING)
        buf_str(&o, str_sub(b->src->text, p->value->span.offset, p->value->span.offset + p->value->span.len));
    else
        buf_str(&o, kql_param_word(p));
    for (size_t i = 0; i < p->values.n; i++) {
        if (i)
            buf_putc(&o, ',');
        const struct kql_node *v = p->values.items[i];
        if (v->kind == KQL_NAME)
            buf_str(&o, ((const struct kql_name *)v)->name);
    }
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

static void check_chart(struct binder *b, const struct kql_name *chart)
{
    static const struct str charts[] = {
        STR_INIT("table"),
        STR_INIT("list"),
        STR_INIT("barchart"),
        STR_INIT("piechart"),
        STR_INIT("ladderchart"),
        STR_INIT("timechart"),
        STR_INIT("linechart"),
        STR_INIT("anomalychart"),
        STR_INIT("pivotchart"),
        STR_INIT("areachart"),
        STR_INIT("stackedareachart"),
        STR_INIT("scatterchart"),
        STR_INIT("timepivot"),
        STR_INIT("columnchart"),
        STR_INIT("timeline"),
        STR_INIT("3Dchart"),
        STR_INIT("card"),
        STR_INIT("treemap"),
        STR_INIT("plotly"),
        STR_INIT("graph"),
        STR_INIT("sankey"),
    };
    enum { N = sizeof charts / sizeof *charts };
    for (size_t i = 0; i < N; i++)
        if (str_eq(chart->name, charts[i]))
            return;
    struct str near = str_nearest(chart->name, charts, N);
    bind_error(
        b, chart->node.span,
        near.n
            ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near))
            : "one of timechart, barchart, columnchart, piechart, linechart, areachart, scatterchart, table",
        "unknown chart '%.*s'", STR_ARG(chart->name));
}

struct brel *op_render(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_render *r = (const struct kql_op_render *)op;
    if (r->chart)
        check_chart(b, r->chart);
    b->render = r->chart ? r->chart->name : STR("table");
    b->render_props = ARENA_ARRAY(b->a, op->params.n + r->with.n, struct kql_prop);
    b->nrender_props = 0;
    for (size_t i = 0; i < op->params.n + r->with.n; i++) {
        const struct kql_param *p = (const struct kql_param *)(i < op->params.n
                                                                   ? op->params.items[i]
                                                                   : r->with.items[i - op->params.n]);
        b->render_props[b->nrender_props++] = (struct kql_prop){ p->name, param_text(b, p) };
    }
    return in;
}

struct brel *op_consume(struct binder *b, struct brel *in, const struct kql_op *op)
{
    (void)b;
    (void)op;
    return in;
}

/* A relation of constants; the order is that of the rows. */
static struct brel *values_rel(struct binder *b, struct bcol *cols, size_t ncols, struct bexpr **cells,
                               size_t nrows, struct span span)
{
    struct brel *r = rel_new(b, BR_VALUES, NULL, span);
    r->cols = cols;
    r->ncols = ncols;
    r->nrows = nrows;
    r->nitems = ncols + 1;
    r->items = ARENA_ARRAY(b->a, ncols + 1, struct bitem);
    r->values = ARENA_ARRAY(b->a, nrows * (ncols + 1), struct bexpr *);
    for (size_t c = 0; c < ncols; c++) {
        cols[c].id = new_col(b);
        r->items[c] = (struct bitem){ cols[c].id, bx_null(b, cols[c].type, span) };
    }
    r->items[ncols] = (struct bitem){ new_col(b), bx_null(b, HB_LONG, span) };
    for (size_t i = 0; i < nrows; i++) {
        for (size_t c = 0; c < ncols; c++)
            r->values[i * (ncols + 1) + c] = cells[i * ncols + c];
        r->values[i * (ncols + 1) + ncols] = bx_long(b, (int64_t)i, span);
    }
    r->order = ARENA_NEW(b->a, struct border);
    r->order[0] = (struct border){ r->items[ncols].id, HB_LONG, false, false };
    r->norder = 1;
    return r;
}

/* assert-schema (name:type, ...): the table as it is, if these are its columns in this order. */
struct brel *op_assert_schema(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_node *n = ((const struct kql_op_expr *)op)->expr;
    const struct kql_list *want = n && n->kind == KQL_SCHEMA ? &((const struct kql_schema *)n)->columns
                                                             : NULL;
    if (!want || in->open)
        return rel_open(b, op->node.span);
    for (size_t i = 0; i < want->n || i < in->ncols; i++) {
        const struct kql_coldecl *c = i < want->n ? (const struct kql_coldecl *)want->items[i] : NULL;
        const struct bcol *have = i < in->ncols ? &in->cols[i] : NULL;
        if (c && have && c->node.kind == KQL_COLDECL && str_eq(c->name->name, have->name) &&
            c->type == have->type)
            continue;
        struct span at = c ? c->node.span : op->name_span;
        if (have)
            bind_error(b, at, NULL, "column %zu is '%.*s' of type %s", i + 1, STR_ARG(have->name),
                       hb_type_name(have->type));
        else
            bind_error(b, at, NULL, "there is no column %zu", i + 1);
        return rel_open(b, op->node.span);
    }
    return in;
}

struct brel *op_getschema(struct binder *b, struct brel *in, const struct kql_op *op)
{
    static const char *const clr[HB_NTYPES] = {
        [HB_BOOL] = "System.SByte",
        [HB_INT] = "System.Int32",
        [HB_LONG] = "System.Int64",
        [HB_REAL] = "System.Double",
        [HB_DECIMAL] = "System.Data.SqlTypes.SqlDecimal",
        [HB_DATETIME] = "System.DateTime",
        [HB_TIMESPAN] = "System.TimeSpan",
        [HB_STRING] = "System.String",
        [HB_DYNAMIC] = "System.Object",
        [HB_GUID] = "System.Guid",
    };
    if (in->open)
        return in;
    struct bcol *cols = ARENA_ARRAY(b->a, 4, struct bcol);
    cols[0] = (struct bcol){ STR("ColumnName"), HB_STRING, 0 };
    cols[1] = (struct bcol){ STR("ColumnOrdinal"), HB_INT, 0 };
    cols[2] = (struct bcol){ STR("DataType"), HB_STRING, 0 };
    cols[3] = (struct bcol){ STR("ColumnType"), HB_STRING, 0 };
    struct bexpr **cells = ARENA_ARRAY(b->a, 4 * in->ncols, struct bexpr *);
    for (size_t i = 0; i < in->ncols; i++) {
        cells[4 * i] = bx_str(b, in->cols[i].name, op->node.span);
        cells[4 * i + 1] = convert(b, bx_long(b, (int64_t)i, op->node.span), HB_INT);
        cells[4 * i + 2] = bx_str(b, str_z(clr[in->cols[i].type]), op->node.span);
        cells[4 * i + 3] = bx_str(b, str_z(hb_type_name(in->cols[i].type)), op->node.span);
    }
    struct brel *r = values_rel(b, cols, 4, cells, in->ncols, op->node.span);
    r->serialized = true;
    return r;
}

/* -- what begins a query -- */

struct brel *src_print(struct binder *b, const struct kql_op_list *op)
{
    struct brel *one = rel_one(b, op->op.node.span);
    struct brow row = { .rel = one };
    struct boutput o = { 0 };
    for (size_t i = 0; i < op->items.n; i++) {
        const struct kql_node *n = op->items.items[i];
        struct str name = arena_strf(b->a, "print_%zu", i);
        if (n->kind == KQL_NAMED)
            out_item(b, &o, n, &row, false);
        else
            out_value(b, &o, n, &name, &row, false);
    }
    return out_rel(b, &o, row.rel, op->op.node.span);
}

/* A list can be made of so many rows; the step may be known only when the query runs. */
static const char *bounded_range(struct binder *b, const char *sql, enum hb_type t, struct bexpr **v,
                                 struct span span)
{
    enum { PLAINLY_FEW = 1 << 20 };
    int64_t from, to, step;
    if (bx_const_i64(v[0], &from) && bx_const_i64(v[1], &to) && bx_const_i64(v[2], &step) &&
        ((__int128)to - from) / step < PLAINLY_FEW)
        return sql;
    return arena_printf(b->a, "(CASE WHEN $3 = 0 THEN %s WHEN %s > 1e9 THEN %s ELSE %s END)",
                        sql_fault(b, span, "the step of the range is 0"),
                        t == HB_REAL ? "($2 - $1) / $3"
                                     : "(CAST($2 AS DOUBLE) - CAST($1 AS DOUBLE)) / CAST($3 AS DOUBLE)",
                        sql_fault(b, span, "the range has more than 1,000,000,000 rows"), sql);
}

struct brel *src_range(struct binder *b, const struct kql_op_range *op)
{
    struct bexpr *v[3] = { bind_expr(b, op->from, NULL), bind_expr(b, op->to, NULL),
                           bind_expr(b, op->step, NULL) };
    struct span span = op->op.node.span;
    enum hb_type t = HB_UNKNOWN;
    for (int i = 0; i < 3; i++)
        if (bx_failed(v[i]))
            return rel_open(b, span);
    const char *sql = "generate_series($1, $2, $3)";
    if (type_is_time(v[0]->type)) {
        t = v[0]->type;
        v[1] = coerce(b, v[1], t);
        v[2] = coerce(b, v[2], HB_TIMESPAN);
    } else {
        enum hb_type all = common_type(common_type(v[0]->type, v[1]->type), v[2]->type);
        t = type_is_integer(all) ? HB_LONG : HB_REAL;
        for (int i = 0; i < 3; i++)
            v[i] = coerce(b, v[i], t);
        if (t == HB_REAL)
            sql = "list_transform(generate_series(0, CAST(floor(($2 - $1) / $3 + 1e-9) AS BIGINT)), lambda "
                  "i: $1 + i * $3)";
    }
    int64_t step;
    if (!v[0] || !v[1] || !v[2] || (bx_const_i64(v[2], &step) && step == 0) ||
        (bx_is_const(v[2]) && t == HB_REAL && v[2]->v.r == 0)) {
        bind_error(b, span, NULL, "'range' needs numbers, or times and a timespan, and a step that is not 0");
        return rel_open(b, span);
    }
    struct brel *r = rel_new(b, BR_UNNEST, rel_one(b, span), span);
    r->items = ARENA_NEW(b->a, struct bitem);
    r->items[0] = (struct bitem){ new_col(b), bx_call(b, t, bounded_range(b, sql, t, v, span), span, 3, v[0],
                                                      v[1], v[2]) };
    r->nitems = 1;
    r->cols = ARENA_NEW(b->a, struct bcol);
    r->cols[0] = (struct bcol){ op->name->name, t, r->items[0].id };
    r->ncols = 1;
    r->order = ARENA_NEW(b->a, struct border);
    bool down = (bx_const_i64(v[2], &step) && step < 0) ||
                (bx_is_const(v[2]) && t == HB_REAL && v[2]->v.r < 0);
    r->order[0] = (struct border){ r->items[0].id, t, down, false };
    r->norder = 1;
    r->ordered = true;
    r->serialized = true;
    return r;
}

/* The literal as the column's type; NULL: it does not fit. */
static struct bexpr *cell_as(struct binder *b, struct bexpr *e, enum hb_type t)
{
    if (e->type == t || bx_failed(e))
        return e;
    if (e->kind == BX_CONST && e->null && e->type == HB_DYNAMIC)
        return NULL;
    return convert(b, e, t);
}

struct brel *src_datatable(struct binder *b, const struct kql_op_data *op)
{
    size_t ncols = 0, n = op->values.n;
    struct bcol *cols = ARENA_ARRAY(b->a, op->schema->columns.n, struct bcol);
    bool ok = true;
    for (size_t i = 0; i < op->schema->columns.n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)op->schema->columns.items[i];
        if (c->node.kind != KQL_COLDECL || c->type == HB_UNKNOWN) {
            bind_error(b, c->node.span, NULL, "a column of a datatable needs a name and a type");
            ok = false;
            continue;
        }
        cols[ncols++] = (struct bcol){ c->name->name, c->type, 0 };
    }
    if (ok && ncols && n % ncols) {
        bind_error(b, op->op.name_span, NULL,
                   "the datatable has %zu values, not a multiple of its %zu columns", n, ncols);
        ok = false;
    }
    struct bexpr **cells = ARENA_ARRAY(b->a, n, struct bexpr *);
    for (size_t i = 0; ok && i < n; i++) {
        struct bexpr *e = bind_expr(b, op->values.items[i], NULL);
        enum hb_type t = cols[i % ncols].type;
        cells[i] = cell_as(b, e, t);
        if (!cells[i] || bx_failed(e)) {
            if (!bx_failed(e))
                bind_error(b, e->span, NULL, "a value of column '%.*s' must be %s, not %s",
                           STR_ARG(cols[i % ncols].name), hb_type_name(t), hb_type_name(e->type));
            ok = false;
        }
    }
    if (!ok)
        return rel_open(b, op->op.node.span);
    return values_rel(b, cols, ncols, cells, ncols ? n / ncols : 0, op->op.node.span);
}

struct brel *src_empty_data(struct binder *b, const struct kql_op_data *op)
{
    struct kql_op_data *shape = memcpy(ARENA_NEW(b->a, struct kql_op_data), op, sizeof *op);
    shape->values.n = 0;
    return src_datatable(b, shape);
}
