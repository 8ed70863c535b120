/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of KQL: making expressions of a type, and converting between types.
 *
 * Conversions are rows of a table: from, to, SQL. Only rows marked `unasked` happen by themselves.
 */
#include <assert.h>
#include <string.h>

#include "bound.h"

struct bexpr *bx_new(struct binder *b, enum bx_kind kind, enum hb_type type, struct span span)
{
    struct bexpr *e = ARENA_NEW(b->a, struct bexpr);
    e->kind = kind;
    e->type = type;
    e->span = b->pin.len ? b->pin : span;
    e->nullable = type != HB_STRING;
    return e;
}

struct bexpr *bx_error(struct binder *b, struct span span)
{
    return bx_new(b, BX_CONST, HB_UNKNOWN, span);
}

bool bx_reads_columns(const struct bexpr *e)
{
    bool reads = e->kind == BX_COL;
    for (size_t i = 0; i < e->nargs && !reads; i++)
        reads = bx_reads_columns(e->args[i]);
    return reads;
}

bool bx_sees_rows(const struct bexpr *e)
{
    bool sees = e->kind == BX_CALL && strstr(e->sql, "OVER");
    for (size_t i = 0; i < e->nargs && !sees; i++)
        sees = bx_sees_rows(e->args[i]);
    return sees;
}

bool bx_row_by_row(const struct bexpr *e)
{
    if (e->kind == BX_SUB || e->kind == BX_REL)
        return false;
    if (e->kind != BX_CALL)
        return true;
    if (strstr(e->sql, "OVER") || strstr(e->sql, "random") || strstr(e->sql, "uuid"))
        return false;
    for (size_t i = 0; i < e->nargs; i++)
        if (!bx_row_by_row(e->args[i]))
            return false;
    return true;
}

bool bx_failed(const struct bexpr *e)
{
    return e->type == HB_UNKNOWN;
}

struct bexpr *bx_colid(struct binder *b, int id, enum hb_type type)
{
    struct bexpr *e = bx_new(b, BX_COL, type, (struct span){ 0, 0 });
    e->col = id;
    return e;
}

struct bexpr *bx_col(struct binder *b, const struct bcol *c, struct span span)
{
    struct bexpr *e = bx_colid(b, c->id, c->type);
    e->span = span;
    return e;
}

struct bexpr *bx_long(struct binder *b, int64_t v, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, HB_LONG, span);
    e->nullable = false;
    e->v.i = v;
    return e;
}

struct bexpr *bx_bool(struct binder *b, bool v, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, HB_BOOL, span);
    e->nullable = false;
    e->v.b = v;
    return e;
}

struct bexpr *bx_real(struct binder *b, double v, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, HB_REAL, span);
    e->nullable = false;
    e->v.r = v;
    return e;
}

struct bexpr *bx_str(struct binder *b, struct str s, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, HB_STRING, span);
    e->text = s;
    return e;
}

struct bexpr *bx_null(struct binder *b, enum hb_type type, struct span span)
{
    struct bexpr *e = bx_new(b, BX_CONST, type, span);
    e->null = type != HB_STRING;
    return e;
}

struct bexpr *bx_scalar(struct binder *b, const struct kql_scalar *s, struct span span)
{
    if (s->null)
        return bx_null(b, s->type, span);
    struct bexpr *e = bx_new(b, BX_CONST, s->type, span);
    e->nullable = false;
    switch (s->type) {
    case HB_BOOL: e->v.b = s->v.b; break;
    case HB_INT:
    case HB_LONG:
    case HB_DATETIME:
    case HB_TIMESPAN: e->v.i = s->v.i; break;
    case HB_REAL: e->v.r = s->v.f; break;
    default: e->text = s->v.s; break;
    }
    return e;
}

struct bexpr *bx_calln(struct binder *b, enum hb_type type, const char *sql, struct span span, size_t n,
                       struct bexpr **args)
{
    for (size_t i = 0; i < n; i++)
        if (bx_failed(args[i]))
            return bx_error(b, span);
    struct bexpr *e = bx_new(b, BX_CALL, type, span);
    e->sql = sql;
    e->nargs = n;
    e->args = ARENA_ARRAY(b->a, n, struct bexpr *);
    for (size_t i = 0; i < n; i++) {
        e->args[i] = args[i];
        if (args[i]->depth >= e->depth)
            e->depth = args[i]->depth + 1;
    }
    if (e->depth > BX_DEPTH_MAX) {
        bind_error(b, span, "compute a part of it with extend first", "the expression is nested too deeply");
        return bx_error(b, span);
    }
    return e;
}

struct bexpr *bx_call(struct binder *b, enum hb_type type, const char *sql, struct span span, size_t n, ...)
{
    struct bexpr *args[9];
    assert(n <= 9);
    va_list ap;
    va_start(ap, n);
    for (size_t i = 0; i < n; i++)
        args[i] = va_arg(ap, struct bexpr *);
    va_end(ap);
    return bx_calln(b, type, sql, span, n, args);
}

struct bexpr *bx_condition(struct binder *b, struct bexpr *e)
{
    if (e->kind != BX_CALL || (!e->sql_cond && !e->logic))
        return e;
    struct bexpr *c = ARENA_NEW(b->a, struct bexpr);
    *c = *e;
    if (e->sql_cond)
        c->sql = e->sql_cond;
    if (e->logic) {
        c->args = ARENA_ARRAY(b->a, e->nargs, struct bexpr *);
        for (size_t i = 0; i < e->nargs; i++)
            c->args[i] = bx_condition(b, e->args[i]);
    }
    return c;
}

bool bx_is_const(const struct bexpr *e)
{
    return e->kind == BX_CONST && !e->null && e->type != HB_UNKNOWN;
}

bool bx_const_i64(const struct bexpr *e, int64_t *out)
{
    if (!bx_is_const(e) || (!type_is_integer(e->type) && !type_is_time(e->type)))
        return false;
    *out = e->v.i;
    return true;
}

bool type_is_integer(enum hb_type t)
{
    return t == HB_INT || t == HB_LONG;
}

bool type_is_number(enum hb_type t)
{
    return type_is_integer(t) || t == HB_REAL || t == HB_DECIMAL;
}

bool type_is_time(enum hb_type t)
{
    return t == HB_DATETIME || t == HB_TIMESPAN;
}

const char *type_sql(enum hb_type t)
{
    static const char *const names[HB_NTYPES] = {
        [HB_UNKNOWN] = "INTEGER", [HB_BOOL] = "BOOLEAN",    [HB_INT] = "INTEGER",
        [HB_LONG] = "BIGINT",     [HB_REAL] = "DOUBLE",     [HB_DECIMAL] = "HUGEINT",
        [HB_DATETIME] = "BIGINT", [HB_TIMESPAN] = "BIGINT", [HB_STRING] = "VARCHAR",
        [HB_DYNAMIC] = "VARCHAR", [HB_GUID] = "UUID",
    };
    return names[t];
}

struct conversion {
    enum hb_type from, to;
    bool unasked;
    const char *sql;
};

static const struct conversion conversions[] = {
    { HB_INT, HB_LONG, true, "CAST($1 AS BIGINT)" },
    { HB_INT, HB_REAL, true, "CAST($1 AS DOUBLE)" },
    { HB_INT, HB_DECIMAL, true, "kql_dec_long(CAST($1 AS BIGINT))" },
    { HB_LONG, HB_REAL, true, "CAST($1 AS DOUBLE)" },
    { HB_LONG, HB_DECIMAL, true, "kql_dec_long($1)" },
    { HB_REAL, HB_DECIMAL, true, "kql_dec_real($1)" },
    { HB_LONG, HB_INT, false, "kql_long_int($1)" },
    { HB_REAL, HB_INT, false, "kql_real_int($1)" },
    { HB_REAL, HB_LONG, false, "kql_real_long($1)" },
    { HB_DECIMAL, HB_INT, false, "kql_real_int(kql_real_dec($1))" },
    { HB_DECIMAL, HB_LONG, false, "kql_long_dec($1)" },
    { HB_DECIMAL, HB_REAL, false, "kql_real_dec($1)" },
    { HB_BOOL, HB_INT, false, "CAST($1 AS INTEGER)" },
    { HB_BOOL, HB_LONG, false, "CAST($1 AS BIGINT)" },
    { HB_BOOL, HB_REAL, false, "CAST($1 AS DOUBLE)" },
    { HB_BOOL, HB_DECIMAL, false, "kql_dec_long(CAST($1 AS BIGINT))" },
    { HB_INT, HB_BOOL, false, "($1 <> 0)" },
    { HB_LONG, HB_BOOL, false, "($1 <> 0)" },
    { HB_REAL, HB_BOOL, false, "($1 <> 0)" },
    { HB_DECIMAL, HB_BOOL, false, "($1 <> 0)" },
    { HB_STRING, HB_BOOL, false, "kql_tobool($1)" },
    { HB_STRING, HB_INT, false, "kql_toint($1)" },
    { HB_STRING, HB_LONG, false, "kql_tolong($1)" },
    { HB_STRING, HB_REAL, false, "kql_toreal($1)" },
    { HB_STRING, HB_DECIMAL, false, "kql_todecimal($1)" },
    { HB_STRING, HB_DATETIME, false, "kql_todatetime($1)" },
    { HB_STRING, HB_TIMESPAN, false, "kql_totimespan($1)" },
    { HB_STRING, HB_GUID, false, "kql_toguid($1)" },
    { HB_DYNAMIC, HB_BOOL, true, "kql_dyn_bool($1)" },
    { HB_DYNAMIC, HB_INT, true, "kql_dyn_int($1)" },
    { HB_DYNAMIC, HB_LONG, true, "kql_dyn_long($1)" },
    { HB_DYNAMIC, HB_REAL, true, "kql_dyn_real($1)" },
    { HB_DYNAMIC, HB_DECIMAL, true, "kql_dyn_decimal($1)" },
    { HB_DYNAMIC, HB_DATETIME, true, "kql_dyn_datetime($1)" },
    { HB_DYNAMIC, HB_TIMESPAN, true, "kql_dyn_timespan($1)" },
    { HB_DYNAMIC, HB_GUID, true, "kql_dyn_guid($1)" },
    { HB_DATETIME, HB_LONG, false, "$1" },
    { HB_DATETIME, HB_REAL, false, "CAST($1 AS DOUBLE)" },
    { HB_DATETIME, HB_INT, false, "kql_long_int($1)" },
    { HB_TIMESPAN, HB_LONG, false, "$1" },
    { HB_TIMESPAN, HB_REAL, false, "CAST($1 AS DOUBLE)" },
    { HB_TIMESPAN, HB_INT, false, "kql_long_int($1)" },
    { HB_INT, HB_DATETIME, false, "kql_dt_shift(CAST($1 AS BIGINT), 0)" },
    { HB_LONG, HB_DATETIME, false, "kql_dt_shift($1, 0)" },
    { HB_INT, HB_TIMESPAN, false, "CAST($1 AS BIGINT)" },
    { HB_LONG, HB_TIMESPAN, false, "$1" },
    { HB_REAL, HB_TIMESPAN, false, "kql_real_long($1)" },
    { HB_REAL, HB_DATETIME, false, "kql_dt_shift(kql_real_long($1), 0)" },
};

static const char *const string_sql[HB_NTYPES] = {
    [HB_BOOL] = "(CASE WHEN $1 THEN 'True' WHEN NOT $1 THEN 'False' ELSE '' END)",
    [HB_INT] = "coalesce(CAST($1 AS VARCHAR), '')",
    [HB_LONG] = "coalesce(CAST($1 AS VARCHAR), '')",
    [HB_REAL] = "kql_real_str($1)",
    [HB_DECIMAL] = "kql_decimal_str($1)",
    [HB_DATETIME] = "kql_datetime_str($1)",
    [HB_TIMESPAN] = "kql_timespan_str($1)",
    [HB_STRING] = "$1",
    [HB_DYNAMIC] = "kql_dyn_str($1)",
    [HB_GUID] = "coalesce(CAST($1 AS VARCHAR), '')",
};

static const char *const json_sql[HB_NTYPES] = {
    [HB_BOOL] = "CAST($1 AS VARCHAR)",
    [HB_INT] = "CAST($1 AS VARCHAR)",
    [HB_LONG] = "CAST($1 AS VARCHAR)",
    [HB_REAL] = "kql_json_real($1)",
    [HB_DECIMAL] = "kql_json_str(nullif(kql_decimal_str($1), ''))",
    [HB_DATETIME] = "kql_json_datetime($1)",
    [HB_TIMESPAN] = "kql_json_timespan($1)",
    [HB_STRING] = "kql_json_str($1)",
    [HB_DYNAMIC] = "$1",
    [HB_GUID] = "kql_json_str(CAST($1 AS VARCHAR))",
};

const char *json_template(enum hb_type t)
{
    return json_sql[t];
}

bool bx_is_split(const struct bexpr *e)
{
    return e->kind == BX_CALL && strcmp(e->sql, "kql_split($1, $2)") == 0 && bx_is_const(e->args[1]) &&
           e->args[1]->text.n > 0;
}

/* The text of split(text, delimiter)[number] without JSON in between; NULL: e is something else. */
static struct bexpr *split_part(struct binder *b, const struct bexpr *e)
{
    int64_t i;
    if (e->kind != BX_CALL || strcmp(e->sql, "kql_dindex($1, $2)") != 0 || !bx_is_split(e->args[0]) ||
        !bx_const_i64(e->args[1], &i) || i < 0 || i >= INT32_MAX)
        return NULL;
    const struct bexpr *split = e->args[0];
    return bx_call(b, HB_STRING, "split_part($1, $2, $3)", e->span, 3, split->args[0], split->args[1],
                   bx_long(b, i + 1, e->span));
}

struct bexpr *to_string(struct binder *b, struct bexpr *e)
{
    if (e->type == HB_STRING || bx_failed(e))
        return e;
    struct bexpr *part = split_part(b, e);
    if (part)
        return part;
    if (e->null)
        return bx_str(b, STR(""), e->span);
    return bx_call(b, HB_STRING, string_sql[e->type], e->span, 1, e);
}

struct bexpr *to_json(struct binder *b, struct bexpr *e)
{
    if (e->type == HB_DYNAMIC || bx_failed(e))
        return e;
    if (e->null)
        return bx_null(b, HB_DYNAMIC, e->span);
    struct bexpr *j = bx_call(b, HB_DYNAMIC, json_sql[e->type], e->span, 1, e);
    j->nullable = e->nullable;
    return j;
}

/* Constants that convert without a call. */
static struct bexpr *convert_const(struct binder *b, struct bexpr *e, enum hb_type to)
{
    struct bexpr *c = ARENA_NEW(b->a, struct bexpr);
    *c = *e;
    c->type = to;
    c->nullable = false;
    if (e->null ||
        (e->kind == BX_CONST && e->type == HB_STRING && !e->text.n && to != HB_STRING && to != HB_DYNAMIC))
        return to == HB_STRING ? bx_str(b, STR(""), e->span) : bx_null(b, to, e->span);
    if (type_is_integer(e->type) && to == HB_LONG)
        return c;
    if (type_is_integer(e->type) && to == HB_REAL) {
        c->v.r = (double)e->v.i;
        return c;
    }
    if (e->type == HB_LONG && to == HB_INT) {
        c->v.i = (int32_t)(uint32_t)(uint64_t)e->v.i;
        return c;
    }
    return NULL;
}

static struct bexpr *convert_row(struct binder *b, struct bexpr *e, enum hb_type to, bool unasked)
{
    if (e->type == to || bx_failed(e))
        return e;
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
        const struct conversion *c = &conversions[i];
        if (c->from != e->type || c->to != to || (unasked && !c->unasked))
            continue;
        struct bexpr *k = e->kind == BX_CONST ? convert_const(b, e, to) : NULL;
        if (k)
            return k;
        struct bexpr *r = bx_call(b, to, c->sql, e->span, 1, e);
        if (c->unasked && e->type != HB_DYNAMIC)
            r->nullable = e->nullable;
        return r;
    }
    return NULL;
}

struct bexpr *convert(struct binder *b, struct bexpr *e, enum hb_type to)
{
    if (to == HB_STRING)
        return to_string(b, e);
    if (to == HB_DYNAMIC)
        return to_json(b, e);
    return convert_row(b, e, to, false);
}

struct bexpr *coerce(struct binder *b, struct bexpr *e, enum hb_type to)
{
    if (e->type == HB_DYNAMIC && to == HB_STRING)
        return to_string(b, e);
    if (e->kind == BX_CONST && e->null && e->text.p == NULL && e->type == HB_DYNAMIC)
        return convert(b, e, to);
    return convert_row(b, e, to, true);
}

enum hb_type common_type(enum hb_type x, enum hb_type y)
{
    if (x == y || y == HB_UNKNOWN)
        return x;
    if (x == HB_UNKNOWN)
        return y;
    if (type_is_number(x) && type_is_number(y))
        return x > y ? x : y; /* int < long < real < decimal */
    if (x == HB_DYNAMIC || y == HB_DYNAMIC)
        return HB_DYNAMIC;
    return HB_UNKNOWN;
}
