/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding scalar expressions: names to columns and values, paths into dynamic values, operators, in and between.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/vec.h"

static const char path_sql[] = "kql_dpath($1, $2)";

/* -- names -- */

static const char *const name_kinds[] = {
    [BN_SCALAR] = "value",    [BN_TABLE] = "table",     [BN_LAMBDA] = "function",
    [BN_PATTERN] = "pattern", [BN_ENTITY] = "database", [BN_GROUP] = "group of databases"
};

static struct bexpr *bind_name(struct binder *b, const struct kql_name *n, struct brow *row)
{
    struct bexpr *variable = row && row->pattern ? graph_name(b, n, row) : NULL;
    if (variable)
        return variable;
    const struct bcol *c = row ? rel_find(b, row->rel, n->name) : NULL;
    if (c)
        return bx_col(b, c, n->node.span);
    struct bname *nm = scope_find(b->scope, n->name);
    if (nm && nm->kind == BN_SCALAR) {
        if (b->level > nm->level && nm->level && bx_reads_columns(nm->scalar)) {
            bind_error(b, n->node.span, "join the tables instead",
                       "'%.*s' differs from row to row: a table cannot depend on it", STR_ARG(n->name));
            return bx_error(b, n->node.span);
        }
        struct bexpr *e = ARENA_NEW(b->a, struct bexpr);
        *e = *nm->scalar;
        e->span = n->node.span;
        return e;
    }
    if (nm && nm->kind == BN_LAMBDA &&
        !nm->lambda->params.n) { /* without parameters a function's name is its call */
        struct kql_name name = *n;
        struct kql_call call = { .node = { KQL_CALL, n->node.span }, .name = &name };
        return bind_lambda_value(b, &call, nm, row);
    }
    struct kql_scalar s;
    if (!nm && catalog_scalar(b, n->name, n->node.span, &s))
        return bx_scalar(b, &s, n->node.span);
    struct kql_table t;
    if (nm || (b->cat && b->cat->table && b->cat->table(b->cat->ctx, n->name, &t))) {
        bind_error(b, n->node.span, "one value of a table is toscalar(T | ...)",
                   "'%.*s' is a %s, not a value", STR_ARG(n->name), nm ? name_kinds[nm->kind] : "table");
        return bx_error(b, n->node.span);
    }
    if (row && row->rel)
        rel_column(b, row->rel, n->name, n->node.span);
    else
        bind_error(b, n->node.span, NULL, "unknown name '%.*s'", STR_ARG(n->name));
    return bx_error(b, n->node.span);
}

/* $left.a, $right.a; NULL: n is no such path */
static struct bexpr *bind_side(struct binder *b, const struct kql_path *p, struct brow *row)
{
    if (p->object->kind != KQL_NAME || p->member->kind != KQL_NAME)
        return NULL;
    struct str side = ((const struct kql_name *)p->object)->name;
    const struct kql_name *m = (const struct kql_name *)p->member;
    struct brel *r = NULL;
    if (str_eqz(side, "$left"))
        r = row ? row->left : NULL;
    else if (str_eqz(side, "$right"))
        r = row ? row->right : NULL;
    else
        return NULL;
    if (!r) {
        bind_error(b, p->node.span, NULL, "'%.*s' belongs into a join's condition", STR_ARG(side));
        return bx_error(b, p->node.span);
    }
    const struct bcol *c = rel_column(b, r, m->name, m->node.span);
    return c ? bx_col(b, c, p->node.span) : bx_error(b, p->node.span);
}

/* -- paths into dynamic values -- */

static struct str pointer_key(struct binder *b, struct str key)
{
    struct buf o = BUF_INIT;
    buf_putc(&o, '/');
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~')
            buf_puts(&o, "~0");
        else if (key.p[i] == '/')
            buf_puts(&o, "~1");
        else
            buf_putc(&o, key.p[i]);
    }
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

/* head and step as one text. The path made last grows in place, so that a long one is not copied at every step. */
static struct str longer_path(struct binder *b, struct str head, struct str step)
{
    struct str *last = &b->last_path;
    if (head.p != last->p || head.n != last->n || head.n + step.n > b->last_path_room) {
        b->last_path_room = 2 * (head.n + step.n);
        char *p = arena_alloc(b->a, b->last_path_room);
        copy_bytes(p, head.p, head.n);
        *last = (struct str){ p, head.n };
    }
    memcpy((char *)(uintptr_t)last->p + last->n, step.p, step.n);
    last->n += step.n;
    return *last;
}

struct bexpr *bind_dynamic_path(struct binder *b, struct bexpr *obj, struct str key, struct span span)
{
    struct str step = pointer_key(b, key);
    if (obj->kind == BX_CALL && obj->sql == path_sql)
        return bx_call(b, HB_DYNAMIC, path_sql, span, 2, obj->args[0],
                       bx_str(b, longer_path(b, obj->args[1]->text, step), span));
    return bx_call(b, HB_DYNAMIC, path_sql, span, 2, obj, bx_str(b, step, span));
}

static struct bexpr *need_dynamic(struct binder *b, struct bexpr *obj, struct span span)
{
    if (obj->type == HB_DYNAMIC || bx_failed(obj))
        return obj;
    bind_error(b, span, obj->type == HB_STRING ? "turn text into a dynamic value with parse_json()" : NULL,
               "a %s has no members", hb_type_name(obj->type));
    return bx_error(b, span);
}

/* step.column in scan; NULL: the object is no step. */
static struct bexpr *bind_step_column(struct binder *b, const struct kql_path *p, const struct brow *row)
{
    const struct kql_name *o = (const struct kql_name *)p->object, *m = (const struct kql_name *)p->member;
    if (!row || !row->steps || o->node.kind != KQL_NAME || m->node.kind != KQL_NAME)
        return NULL;
    for (size_t k = 0; k < row->steps->n; k++) {
        const struct bstep *s = &row->steps->step[k];
        if (!str_eq(s->name, o->name))
            continue;
        for (size_t i = 0; i < row->steps->ncols; i++)
            if (str_eq(s->cols[i].name, m->name))
                return bx_col(b, &s->cols[i], p->node.span);
        bind_error(b, m->node.span, NULL, "step '%.*s' has no column '%.*s'", STR_ARG(s->name),
                   STR_ARG(m->name));
        return bx_error(b, p->node.span);
    }
    return NULL;
}

static struct bexpr *bind_path(struct binder *b, const struct kql_path *p, struct brow *row)
{
    struct bexpr *side = bind_step_column(b, p, row);
    if (!side && row && row->pattern)
        side = graph_property(b, p, row);
    if (side)
        return side;
    side = bind_side(b, p, row);
    if (side)
        return side;
    struct bexpr *obj = need_dynamic(b, bind_expr(b, p->object, row), p->object->span);
    if (bx_failed(obj))
        return obj;
    if (p->member->kind != KQL_NAME) {
        bind_error(b, p->member->span, NULL, "expected a member's name");
        return bx_error(b, p->node.span);
    }
    return bind_dynamic_path(b, obj, ((const struct kql_name *)p->member)->name, p->node.span);
}

static struct bexpr *bind_index(struct binder *b, const struct kql_index *ix, struct brow *row)
{
    struct bexpr *obj = need_dynamic(b, bind_expr(b, ix->object, row), ix->object->span);
    struct bexpr *i = bind_expr(b, ix->index, row);
    struct span span = ix->node.span;
    if (bx_failed(obj) || bx_failed(i))
        return bx_error(b, span);
    int64_t n;
    if (bx_is_const(i) && i->type == HB_STRING)
        return bind_dynamic_path(b, obj, i->text, span);
    if (type_is_integer(i->type) && bx_const_i64(i, &n) && n >= 0 && obj->kind == BX_CALL &&
        obj->sql == path_sql)
        return bind_dynamic_path(b, obj, arena_strf(b->a, "%lld", (long long)n), span);
    if (type_is_integer(i->type))
        return bx_call(b, HB_DYNAMIC, "kql_dindex($1, $2)", span, 2, obj, i);
    if (i->type == HB_STRING || i->type == HB_DYNAMIC)
        return bx_call(b, HB_DYNAMIC, "kql_dget($1, $2)", span, 2, obj, to_string(b, i));
    bind_error(b, ix->index->span, NULL, "an index is a number or a string, not %s", hb_type_name(i->type));
    return bx_error(b, span);
}

/* -- literals -- */

/* Sentinel's portal writes the times of its picker over these. As they stand they are no times: queries would find nothing. */
static bool is_placeholder(struct str text)
{
    return str_find(text, STR("{{StartTimeISO}}"), 0) != SIZE_MAX ||
           str_find(text, STR("{{EndTimeISO}}"), 0) != SIZE_MAX;
}

static struct bexpr *bind_literal(struct binder *b, const struct kql_literal *l)
{
    if (l->type == HB_UNKNOWN)
        return bx_null(b, HB_DYNAMIC, l->node.span);
    if (is_placeholder(l->text)) {
        bind_error(b, l->node.span, "write a parameter of the playbook, ago(1d) or now()",
                   "nobody fills in a time here as Sentinel's portal does");
        return bx_error(b, l->node.span);
    }
    if ((l->flags & KQL_LIT_BAD) && !(l->flags & KQL_LIT_TYPED) && l->type == HB_LONG) {
        bind_error(b, l->node.span, NULL, "the number is too large for a long");
        return bx_error(b, l->node.span);
    }
    if (l->is_null)
        return bx_null(b, l->type, l->node.span);
    struct bexpr *e = bx_new(b, BX_CONST, l->type, l->node.span);
    e->nullable = false;
    if (l->type == HB_BOOL)
        e->v.b = l->v.b;
    else if (l->type == HB_REAL)
        e->v.r = l->v.r;
    else
        e->v.i = l->v.i;
    e->text = l->text;
    if (l->type == HB_DYNAMIC && str_eqz(l->text, "null"))
        return bx_null(b, HB_DYNAMIC, l->node.span);
    return e;
}

static struct bexpr *bind_unary(struct binder *b, const struct kql_unary *u, struct brow *row)
{
    struct bexpr *e = bind_expr(b, u->operand, row);
    if (bx_failed(e))
        return e;
    if (e->type == HB_DYNAMIC)
        e = coerce(b, e, HB_REAL);
    if (!type_is_number(e->type) && e->type != HB_TIMESPAN) {
        bind_error(b, u->node.span, NULL, "'%s' cannot take %s", kql_op_text(u->op), hb_type_name(e->type));
        return bx_error(b, u->node.span);
    }
    if (u->op == KQL_PLUS)
        return e;
    if (e->kind == BX_CONST && !e->null && e->type != HB_DECIMAL) {
        struct bexpr *n = ARENA_NEW(b->a, struct bexpr);
        *n = *e;
        n->span = u->node.span;
        if (e->type == HB_REAL)
            n->v.r = -e->v.r;
        else
            n->v.i = (int64_t)(0 - (uint64_t)e->v.i);
        return n;
    }
    if (e->type == HB_REAL || e->type == HB_DECIMAL)
        return bx_call(b, e->type, "(- $1)", u->node.span, 1, e);
    return bx_call(b, e->type == HB_INT ? HB_LONG : e->type, "kql_neg($1)", u->node.span, 1, e);
}

/* -- * has "x": any string column -- */

static struct bexpr *bind_any_column(struct binder *b, const struct kql_binary *n, struct brow *row)
{
    struct bexpr *r = bind_expr(b, n->right, row), *all = NULL;
    for (size_t i = 0; row && row->rel && i < row->rel->ncols; i++) {
        struct bexpr *c = bx_col(b, &row->rel->cols[i], n->left->span);
        if (c->type != HB_STRING && c->type != HB_DYNAMIC)
            continue;
        struct bexpr *one = bind_binary(b, n->op, c, r, n->node.span, n->op_span);
        all = all ? bind_binary(b, KQL_OR, all, one, n->node.span, n->op_span) : one;
    }
    return all ? all : bx_bool(b, false, n->node.span);
}

/* -- in, has_any, has_all -- */

struct str json_quote(struct binder *b, struct str s)
{
    struct buf o = BUF_INIT;
    json_put_str(&o, s);
    struct str r = buf_to_arena(&o, b->a);
    buf_free(&o);
    return r;
}

struct values {
    struct bexpr **items;
    size_t n, cap;
    bool opaque; /* an array only known when the query runs */
};

/* The elements of an array constant as constants of their own. */
static void expand_array(struct binder *b, const struct bexpr *arr, struct values *v)
{
    struct err err = ERR_INIT;
    cJSON *j = json_parse(arr->text, &err);
    const cJSON *it;
    if (cJSON_IsArray(j)) {
        cJSON_ArrayForEach(it, j)
        {
            struct bexpr *e = NULL;
            if (cJSON_IsString(it))
                e = bx_str(b, arena_str(b->a, str_z(it->valuestring)), arr->span);
            else if (cJSON_IsBool(it))
                e = bx_bool(b, cJSON_IsTrue(it), arr->span);
            else if (cJSON_IsNumber(it) && it->valuedouble > -9e15 && it->valuedouble < 9e15 &&
                     it->valuedouble == (double)(int64_t)it->valuedouble)
                e = bx_long(b, (int64_t)it->valuedouble, arr->span);
            else if (cJSON_IsNumber(it))
                e = bx_real(b, it->valuedouble, arr->span);
            else
                v->opaque = true;
            if (e)
                *VEC_PUSH(b->a, v->items, v->n, v->cap) = e;
        }
    } else if (cJSON_IsString(j)) {
        *VEC_PUSH(b->a, v->items, v->n, v->cap) = bx_str(b, arena_str(b->a, str_z(j->valuestring)),
                                                         arr->span);
    } else {
        v->opaque = true;
    }
    cJSON_Delete(j);
}

static bool bind_values(struct binder *b, const struct kql_in *in, struct brow *row, struct values *v)
{
    bool ok = true;
    for (size_t i = 0; i < in->items.n; i++) {
        struct bexpr *e = bind_expr(b, in->items.items[i], row);
        ok &= !bx_failed(e);
        if (bx_is_const(e) && e->type == HB_DYNAMIC) {
            size_t before = v->n;
            expand_array(b, e, v);
            if (v->opaque) { /* nested or mixed: leave it to the function */
                v->n = before;
                *VEC_PUSH(b->a, v->items, v->n, v->cap) = e;
            }
        } else {
            v->opaque |= e->type == HB_DYNAMIC;
            *VEC_PUSH(b->a, v->items, v->n, v->cap) = e;
        }
    }
    return ok;
}

/* One JSON array of all values: a constant when they are string constants. */
static struct bexpr *values_as_array(struct binder *b, const struct values *v, struct span span)
{
    if (v->n == 1 && v->items[0]->type == HB_DYNAMIC)
        return v->items[0];
    bool constant = true;
    for (size_t i = 0; i < v->n; i++)
        constant &= bx_is_const(v->items[i]) && v->items[i]->type == HB_STRING;
    if (constant) {
        struct buf o = BUF_INIT;
        for (size_t i = 0; i < v->n; i++) {
            buf_putc(&o, i ? ',' : '[');
            json_put_str(&o, v->items[i]->text);
        }
        buf_puts(&o, v->n ? "]" : "[]");
        struct bexpr *e = bx_new(b, BX_CONST, HB_DYNAMIC, span);
        e->nullable = false;
        e->text = buf_to_arena(&o, b->a);
        buf_free(&o);
        return e;
    }
    struct bexpr **js = ARENA_ARRAY(b->a, v->n, struct bexpr *);
    bool arrays = false;
    for (size_t i = 0; i < v->n; i++) {
        arrays |= v->items[i]->type == HB_DYNAMIC;
        js[i] = to_json(b, v->items[i]);
    }
    const char *sql = arrays ? "kql_make_set([$*], 1048576)" : "kql_json_array([$*])";
    return bx_calln(b, HB_DYNAMIC, sql, span, v->n, js);
}

static bool ascii_lower(struct binder *b, struct str s, struct str *out)
{
    char *p = arena_alloc(b->a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    }
    *out = (struct str){ p, s.n };
    return true;
}

static struct bexpr *lower(struct binder *b, struct bexpr *e)
{
    struct str low;
    if (bx_is_const(e) && ascii_lower(b, e->text, &low))
        return bx_str(b, low, e->span);
    return bx_call(b, HB_STRING, "lower($1)", e->span, 1, e);
}

/* The type the left side is compared as, from the values on the right. */
static struct bexpr *left_as(struct binder *b, struct bexpr *l, const struct values *v)
{
    if (l->type != HB_DYNAMIC || !v->n)
        return l;
    enum hb_type t = v->items[0]->type;
    if (type_is_number(t))
        return coerce(b, l, HB_REAL);
    return t == HB_DYNAMIC ? l : coerce(b, l, t);
}

static struct bexpr *in_result(struct binder *b, const struct kql_in *in, struct bexpr *l, const char *sql,
                               size_t n, struct bexpr **args)
{
    bool negated = in->op == KQL_OP_NOT_IN || in->op == KQL_OP_NOT_IN_CI;
    const char *form = l->nullable ? (negated ? "(NOT coalesce(%s, false))" : "coalesce(%s, false)")
                                   : (negated ? "(NOT %s)" : "(%s)");
    struct bexpr *e = bx_calln(b, HB_BOOL, arena_printf(b->a, form, sql), in->node.span, n, args);
    if (l->nullable && !negated && !bx_failed(e))
        e->sql_cond = arena_printf(b->a, "(%s)", sql);
    e->nullable = false;
    return e;
}

/* A number beside a decimal is compared as one. */
static struct bexpr *beside(struct binder *b, struct bexpr *e, enum hb_type other)
{
    return other == HB_DECIMAL && type_is_number(e->type) ? coerce(b, e, HB_DECIMAL) : e;
}

static struct bexpr *in_values(struct binder *b, const struct kql_in *in, struct bexpr *l,
                               const struct values *v)
{
    bool ci = in->op == KQL_OP_IN_CI || in->op == KQL_OP_NOT_IN_CI;
    struct bexpr **args = ARENA_ARRAY(b->a, v->n + 1, struct bexpr *);
    size_t n = 1;
    l = left_as(b, l, v);
    for (size_t i = 0; i < v->n; i++)
        l = beside(b, l, v->items[i]->type);
    args[0] = ci && l->type == HB_STRING ? lower(b, l) : l;
    for (size_t i = 0; i < v->n; i++) {
        struct bexpr *e = v->items[i];
        if (e->null)
            continue;
        if (!(type_is_number(l->type) && type_is_number(e->type)) && e->type != l->type)
            e = e->type == HB_DYNAMIC || e->type == HB_STRING || l->type == HB_STRING ? convert(b, e, l->type)
                                                                                      : NULL;
        if (!e) {
            bind_error(b, v->items[i]->span, NULL, "'%s' cannot look for %s among %s", kql_op_text(in->op),
                       hb_type_name(l->type), hb_type_name(v->items[i]->type));
            return bx_error(b, in->node.span);
        }
        args[n++] = ci && e->type == HB_STRING ? lower(b, e) : beside(b, e, l->type);
    }
    if (n == 1) {
        args[n++] = bx_null(b, l->type, in->node.span);
        return in_result(b, in, l, "($1 IS NULL AND $2 IS NOT NULL)", n, args);
    }
    return in_result(b, in, l, "$1 IN ($+)", n, args);
}

static struct bexpr *in_array(struct binder *b, const struct kql_in *in, struct bexpr *l, struct bexpr *arr)
{
    bool ci = in->op == KQL_OP_IN_CI || in->op == KQL_OP_NOT_IN_CI;
    struct bexpr *args[] = { to_json(b, l), arr };
    struct bexpr *e = in_result(b, in, args[0], ci ? "kql_in_json_ci($1, $2)" : "kql_in_json($1, $2)", 2,
                                args);
    if (!bx_failed(e) && !args[0]->nullable) { /* the array may be null */
        bool negated = in->op == KQL_OP_NOT_IN || in->op == KQL_OP_NOT_IN_CI;
        e->sql = arena_printf(b->a,
                              negated ? "(NOT coalesce(%s($1, $2), false))" : "coalesce(%s($1, $2), false)",
                              ci ? "kql_in_json_ci" : "kql_in_json");
    }
    return e;
}

/* One column of a table as a relation of that column alone, without nulls. */
static struct brel *one_column(struct binder *b, struct brel *t, struct bexpr *e)
{
    struct bitem it = { new_col(b), e };
    struct bcol *c = ARENA_NEW(b->a, struct bcol);
    *c = (struct bcol){ STR("x"), e->type, it.id };
    struct brel *r = rel_project(b, t, c, 1, &it, 1, e->span);
    if (e->nullable)
        r = rel_filter(b, r, bx_call(b, HB_BOOL, "($1 IS NOT NULL)", e->span, 1, bx_col(b, c, e->span)),
                       e->span);
    return r;
}

static struct bexpr *sub_array(struct binder *b, struct brel *t, struct bexpr *e)
{
    struct bexpr *list = bx_call(b, HB_DYNAMIC, "kql_json_array(coalesce(list($1), CAST([] AS VARCHAR[])))",
                                 e->span, 1, to_json(b, e));
    struct bitem it = { new_col(b), list };
    struct brel *r = rel_agg(b, t, NULL, 0, &it, 1, e->span);
    struct bcol *c = ARENA_NEW(b->a, struct bcol);
    *c = (struct bcol){ STR("x"), HB_DYNAMIC, it.id };
    r->cols = c;
    r->ncols = 1;
    struct bexpr *s = bx_new(b, BX_SUB, HB_DYNAMIC, e->span);
    s->rel = r;
    return s;
}

static struct bexpr *bind_in_table(struct binder *b, const struct kql_in *in, struct bexpr *l)
{
    struct span span = in->node.span;
    struct brel *t = bind_table(b, in->items.items[0]);
    if (t->open || bx_failed(l))
        return bx_error(b, span);
    if (!t->ncols) {
        bind_error(b, in->items.items[0]->span, NULL, "a table without columns cannot stand in '%s'",
                   kql_op_text(in->op));
        return bx_error(b, span);
    }
    struct bexpr *e = bx_col(b, &t->cols[0], in->items.items[0]->span);
    if (in->op == KQL_OP_HAS_ANY || in->op == KQL_OP_HAS_ALL)
        return bx_call(b, HB_BOOL, in->op == KQL_OP_HAS_ANY ? "kql_has_any($1, $2)" : "kql_has_all($1, $2)",
                       span, 2, to_string(b, l), sub_array(b, t, e));
    if (e->type == HB_DYNAMIC) {
        struct bexpr *arr = bx_call(
            b, HB_DYNAMIC, "kql_make_set(coalesce(list($1), CAST([] AS VARCHAR[])), 1048576)", span, 1, e);
        struct bitem it = { new_col(b), arr };
        struct bexpr *s = bx_new(b, BX_SUB, HB_DYNAMIC, span);
        s->rel = rel_agg(b, t, NULL, 0, &it, 1, span);
        s->rel->cols = ARENA_NEW(b->a, struct bcol);
        s->rel->cols[0] = (struct bcol){ STR("x"), HB_DYNAMIC, it.id };
        s->rel->ncols = 1;
        return in_array(b, in, l, s);
    }
    struct bexpr *x = l;
    if (l->type == HB_DYNAMIC)
        x = coerce(b, l, e->type);
    else if (l->type != e->type && !(type_is_number(l->type) && type_is_number(e->type)))
        e = e->type == HB_STRING || l->type == HB_STRING ? convert(b, e, l->type) : NULL;
    if (!x || !e) {
        bind_error(b, span, NULL, "'%s' cannot look for %s in a column of %s", kql_op_text(in->op),
                   hb_type_name(l->type), hb_type_name(t->cols[0].type));
        return bx_error(b, span);
    }
    if ((in->op == KQL_OP_IN_CI || in->op == KQL_OP_NOT_IN_CI) && e->type == HB_STRING) {
        x = lower(b, x);
        e = lower(b, e);
    }
    x = beside(b, x, e->type);
    e = beside(b, e, x->type);
    struct bexpr *r = bx_new(b, BX_REL, e->type, span);
    r->rel = one_column(b, t, e);
    struct bexpr *args[] = { x, r };
    return in_result(b, in, x, "$1 IN ($2)", 2, args);
}

static struct bexpr *bind_in_left(struct binder *b, const struct kql_in *in, struct bexpr *l,
                                  struct brow *row)
{
    if (in->items.n == 1 && bind_is_tabular(b, in->items.items[0], row))
        return bind_in_table(b, in, l);
    struct values v = { 0 };
    if (!bind_values(b, in, row, &v) || bx_failed(l))
        return bx_error(b, in->node.span);
    if (in->op == KQL_OP_HAS_ANY || in->op == KQL_OP_HAS_ALL) {
        if (l->type != HB_STRING && l->type != HB_DYNAMIC) {
            bind_error(b, in->left->span, "convert it with tostring()", "'%s' needs a string, not %s",
                       kql_op_text(in->op), hb_type_name(l->type));
            return bx_error(b, in->node.span);
        }
        return bx_call(b, HB_BOOL, in->op == KQL_OP_HAS_ANY ? "kql_has_any($1, $2)" : "kql_has_all($1, $2)",
                       in->node.span, 2, to_string(b, l), values_as_array(b, &v, in->node.span));
    }
    if (v.opaque)
        return in_array(b, in, l, values_as_array(b, &v, in->node.span));
    return in_values(b, in, l, &v);
}

static struct bexpr *bind_in(struct binder *b, const struct kql_in *in, struct brow *row)
{
    if (in->left->kind != KQL_STAR)
        return bind_in_left(b, in, bind_expr(b, in->left, row), row);
    struct bexpr *all = NULL;
    for (size_t i = 0; row && row->rel && i < row->rel->ncols; i++) {
        struct bexpr *c = bx_col(b, &row->rel->cols[i], in->left->span);
        if (c->type != HB_STRING)
            continue;
        struct bexpr *one = bind_in_left(b, in, c, row);
        all = all ? bind_binary(b, KQL_OR, all, one, in->node.span, in->op_span) : one;
    }
    return all ? all : bx_bool(b, false, in->node.span);
}

static struct bexpr *bind_between(struct binder *b, const struct kql_between *n, struct brow *row)
{
    struct bexpr *x = bind_expr(b, n->operand, row), *lo = bind_expr(b, n->low, row),
                 *hi = bind_expr(b, n->high, row);
    struct span span = n->node.span;
    if (bx_failed(x) || bx_failed(lo) || bx_failed(hi))
        return bx_error(b, span);
    if (hi->type == HB_TIMESPAN &&
        lo->type == HB_DATETIME) /* datetime .. timespan: so long after the start */
        hi = bind_binary(b, KQL_ADD, lo, hi, span, n->high->span);
    struct bexpr *ge = bind_binary(b, KQL_GE, x, lo, span, n->low->span);
    struct bexpr *le = bind_binary(b, KQL_LE, x, hi, span, n->high->span);
    if (bx_failed(ge) || bx_failed(le))
        return bx_error(b, span);
    if (ge->args[0]->type != le->args[0]->type) /* 5 between (1 .. decimal(9)) */
        return bx_call(b, HB_BOOL, n->negated ? "(NOT ($1 AND $2))" : "($1 AND $2)", span, 2, ge, le);
    struct bexpr *e = bx_call(b, HB_BOOL,
                              n->negated ? "($1 NOT BETWEEN $2 AND $3)" : "($1 BETWEEN $2 AND $3)", span, 3,
                              ge->args[0], ge->args[1], le->args[1]);
    return e;
}

/* -- chains: a + b + c ... leans to the left as deep as it is long, so it is taken apart without recursion -- */

static void check_binary(struct binder *b, const struct kql_binary *n)
{
    struct str op = str_sub(b->src->text, n->op_span.offset, n->op_span.offset + n->op_span.len);
    if (n->op == KQL_EQ && str_eqz(op, "="))
        bind_error(b, n->op_span, "write '=='", "'=' does not compare");
}

/* A run of one operator over v[0..n), by halves: log n deep. The last digits of a long run of reals may differ by it. */
static struct bexpr *bind_halves(struct binder *b, const struct kql_binary *const *ops, struct bexpr **v,
                                 size_t n)
{
    if (n == 1)
        return v[0];
    size_t half = n / 2;
    struct bexpr *l = bind_halves(b, ops, v, half), *r = bind_halves(b, ops + half, v + half, n - half);
    const struct kql_binary *op = ops[half - 1];
    return bind_binary(b, op->op, l, r, op->node.span, op->op_span);
}

static bool can_halve(enum kql_op_code op, struct bexpr **v, size_t n)
{
    enum { LONG_RUN = 64 };
    if (n < LONG_RUN || (op != KQL_ADD && op != KQL_MUL))
        return false;
    for (size_t i = 0; i < n; i++)
        if (v[i]->type != v[0]->type)
            return false;
    return type_is_number(v[0]->type) || (v[0]->type == HB_TIMESPAN && op == KQL_ADD);
}

static struct bexpr *bind_run(struct binder *b, const struct kql_binary *const *ops, struct bexpr **v,
                              size_t n)
{
    enum kql_op_code op = ops[0]->op;
    if (op == KQL_AND || op == KQL_OR)
        return bind_logic(b, op, v, n, ops[n - 2]->node.span, ops[0]->op_span);
    if (can_halve(op, v, n))
        return bind_halves(b, ops, v, n);
    struct bexpr *e = v[0];
    for (size_t i = 1; i < n; i++)
        e = bind_binary(b, op, e, v[i], ops[i - 1]->node.span, ops[i - 1]->op_span);
    return e;
}

static struct bexpr *bind_chain(struct binder *b, const struct kql_binary *top, struct brow *row)
{
    size_t n = 0;
    const struct kql_node *k = &top->node;
    for (; k->kind == KQL_BINARY && ((const struct kql_binary *)k)->left->kind != KQL_STAR; n++)
        k = ((const struct kql_binary *)k)->left;
    if (!n)
        return bind_any_column(b, top, row);
    const struct kql_binary **ops = ARENA_ARRAY(b->a, n, const struct kql_binary *);
    struct bexpr **v = ARENA_ARRAY(b->a, n + 1, struct bexpr *);
    const struct kql_binary *op = top;
    for (size_t i = n; i-- > 0; op = (const struct kql_binary *)op->left)
        ops[i] = op;
    v[0] = bind_expr(b, k, row);
    for (size_t i = 0; i < n; i++) {
        check_binary(b, ops[i]);
        v[i + 1] = bind_expr(b, ops[i]->right, row);
    }
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && ops[end]->op == ops[i]->op)
            end++;
        v[end] = bind_run(b, ops + i, v + i, end - i + 1);
        i = end;
    }
    return v[n];
}

/* One link of a.b.c[0]. The parser takes any number of them; here each is a level of the stack. */
static struct bexpr *bind_link(struct binder *b, const struct kql_node *n, struct brow *row)
{
    enum { LINKS_MAX = 4000 };
    if (b->links >= LINKS_MAX) {
        bind_error(b, n->span, "name a part of it with extend", "nested too deeply");
        return bx_error(b, n->span);
    }
    b->links++;
    struct bexpr *e = n->kind == KQL_PATH ? bind_path(b, (const struct kql_path *)n, row)
                                          : bind_index(b, (const struct kql_index *)n, row);
    b->links--;
    return e;
}

struct bexpr *bind_expr(struct binder *b, const struct kql_node *n, struct brow *row)
{
    switch (n->kind) {
    case KQL_LITERAL: return bind_literal(b, (const struct kql_literal *)n);
    case KQL_NAME: return bind_name(b, (const struct kql_name *)n, row);
    case KQL_PATH: {
        struct bexpr *e = bind_entity_value(b, (const struct kql_path *)n);
        return e ? e : bind_link(b, n, row);
    }
    case KQL_INDEX: return bind_link(b, n, row);
    case KQL_CALL: return bind_call(b, (const struct kql_call *)n, row);
    case KQL_NAMED: return bind_expr(b, ((const struct kql_named *)n)->value, row);
    case KQL_UNARY: return bind_unary(b, (const struct kql_unary *)n, row);
    case KQL_IN: return bind_in(b, (const struct kql_in *)n, row);
    case KQL_BETWEEN: return bind_between(b, (const struct kql_between *)n, row);
    case KQL_PAREN: return bind_expr(b, ((const struct kql_paren *)n)->inner, row);
    case KQL_BINARY: return bind_chain(b, (const struct kql_binary *)n, row);
    case KQL_ERROR: return bx_error(b, n->span);
    case KQL_STAR:
        bind_error(b, n->span, "count() counts rows", "'*' cannot stand here");
        return bx_error(b, n->span);
    default:
        bind_error(b, n->span, "one value of a table is toscalar(T | ...)",
                   "a value is expected here, not a table");
        return bx_error(b, n->span);
    }
}

struct bexpr *bind_bool(struct binder *b, const struct kql_node *n, struct brow *row, const char *what)
{
    struct bexpr *e = bind_expr(b, n, row);
    if (bx_failed(e) || e->type == HB_BOOL)
        return e;
    bind_error(b, n->span,
               n->kind == KQL_NAMED    ? "'=' gives a name; compare with =="
               : e->type == HB_DYNAMIC ? "convert it with tobool()"
                                       : NULL,
               "%s must be bool, not %s", what, hb_type_name(e->type));
    return bx_error(b, n->span);
}

struct bexpr *bind_as(struct binder *b, const struct kql_node *n, struct brow *row, enum hb_type t,
                      const char *what)
{
    struct bexpr *e = bind_expr(b, n, row);
    if (bx_failed(e))
        return e;
    struct bexpr *c = coerce(b, e, t);
    if (c)
        return c;
    bind_error(b, n->span,
               t == HB_TIMESPAN && e->type == HB_STRING ? "write a timespan without quotes: 1d, 2h, 30m"
                                                        : NULL,
               "%s must be %s, not %s", what, hb_type_name(t), hb_type_name(e->type));
    return bx_error(b, n->span);
}

bool bind_const_string(struct binder *b, const struct kql_node *n, struct str *out, const char *what)
{
    struct bexpr *e = bind_expr(b, n, NULL);
    if (bx_is_const(e) && e->type == HB_STRING) {
        *out = e->text;
        return true;
    }
    if (!bx_failed(e))
        bind_error(b, n->span, NULL, "%s must be a string literal", what);
    return false;
}
