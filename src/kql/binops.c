/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators with two sides, as rows: operator, types left and right, type of the result, SQL.
 *
 * The first row whose masks hold both types wins. Operands are converted to the row's `as` type first, where it has one.
 * A dynamic operand takes the type of the other side before the rows are looked at; two dynamic ones match no row.
 * Equality is apart (bind_equal), since null and NaN need more than a template.
 */
#include <math.h>
#include <string.h>

#include "bound.h"

#define M(t) (1u << (t))
enum {
    INTS = M(HB_INT) | M(HB_LONG),
    FLOATS = M(HB_INT) | M(HB_LONG) | M(HB_REAL),
    NUMS = FLOATS | M(HB_DECIMAL),
    SPAN = M(HB_TIMESPAN),
    TIME = M(HB_DATETIME),
    TEXT = M(HB_STRING),
    BOOL = M(HB_BOOL),
};

struct binop {
    enum kql_op_code op;
    unsigned left, right;
    enum hb_type result;
    enum hb_type as; /* both sides are converted to it first; HB_UNKNOWN: left as they are */
    const char *sql;
};

static const struct binop binops[] = {
    { KQL_ADD, INTS, INTS, HB_LONG, HB_UNKNOWN, "kql_add($1, $2)" },
    { KQL_ADD, FLOATS, FLOATS, HB_REAL, HB_REAL, "($1 + $2)" },
    { KQL_ADD, NUMS, NUMS, HB_DECIMAL, HB_DECIMAL, "kql_dec_add($1, $2)" },
    { KQL_ADD, TIME, SPAN, HB_DATETIME, HB_UNKNOWN, "kql_dt_shift($1, $2)" },
    { KQL_ADD, SPAN, TIME, HB_DATETIME, HB_UNKNOWN, "kql_dt_shift($2, $1)" },
    { KQL_ADD, TIME, TIME, HB_DATETIME, HB_UNKNOWN, "kql_dt_shift($1, $2)" },
    { KQL_ADD, SPAN, SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_add($1, $2)" },
    { KQL_SUB, INTS, INTS, HB_LONG, HB_UNKNOWN, "kql_sub($1, $2)" },
    { KQL_SUB, FLOATS, FLOATS, HB_REAL, HB_REAL, "($1 - $2)" },
    { KQL_SUB, NUMS, NUMS, HB_DECIMAL, HB_DECIMAL, "kql_dec_add($1, -$2)" },
    { KQL_SUB, TIME, TIME, HB_TIMESPAN, HB_UNKNOWN, "($1 - $2)" },
    { KQL_SUB, TIME, SPAN, HB_DATETIME, HB_UNKNOWN, "kql_dt_shift($1, kql_neg($2))" },
    { KQL_SUB, SPAN, SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_sub($1, $2)" },
    { KQL_MUL, INTS, INTS, HB_LONG, HB_UNKNOWN, "kql_mul($1, $2)" },
    { KQL_MUL, FLOATS, FLOATS, HB_REAL, HB_REAL, "($1 * $2)" },
    { KQL_MUL, NUMS, NUMS, HB_DECIMAL, HB_DECIMAL, "kql_dec_mul($1, $2)" },
    { KQL_MUL, SPAN, INTS, HB_TIMESPAN, HB_UNKNOWN, "kql_mul($1, $2)" },
    { KQL_MUL, INTS, SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_mul($1, $2)" },
    { KQL_MUL, SPAN, M(HB_REAL), HB_TIMESPAN, HB_UNKNOWN, "kql_ticks_mul($1, $2)" },
    { KQL_MUL, M(HB_REAL), SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_ticks_mul($2, $1)" },
    { KQL_MUL, SPAN, M(HB_DECIMAL), HB_TIMESPAN, HB_UNKNOWN,
      "kql_long_dec(kql_dec_mul(kql_dec_long($1), $2))" },
    { KQL_MUL, M(HB_DECIMAL), SPAN, HB_TIMESPAN, HB_UNKNOWN,
      "kql_long_dec(kql_dec_mul(kql_dec_long($2), $1))" },
    /* a time as its ticks since the year 1, as in the middle of two: (a + b) / 2 */
    { KQL_MUL, TIME, FLOATS, HB_DATETIME, HB_UNKNOWN,
      "kql_dt_shift(kql_ticks_mul($1, CAST($2 AS DOUBLE)), 0)" },
    { KQL_MUL, FLOATS, TIME, HB_DATETIME, HB_UNKNOWN,
      "kql_dt_shift(kql_ticks_mul($2, CAST($1 AS DOUBLE)), 0)" },
    { KQL_MUL, TIME, M(HB_DECIMAL), HB_DATETIME, HB_UNKNOWN,
      "kql_dt_shift(kql_long_dec(kql_dec_mul(kql_dec_long($1), $2)), 0)" },
    { KQL_MUL, M(HB_DECIMAL), TIME, HB_DATETIME, HB_UNKNOWN,
      "kql_dt_shift(kql_long_dec(kql_dec_mul(kql_dec_long($2), $1)), 0)" },
    { KQL_DIV, INTS, INTS, HB_LONG, HB_UNKNOWN, "kql_div($1, $2)" },
    { KQL_DIV, FLOATS, FLOATS, HB_REAL, HB_REAL, "($1 / $2)" },
    { KQL_DIV, NUMS, NUMS, HB_DECIMAL, HB_DECIMAL, "kql_dec_div($1, $2)" },
    { KQL_DIV, SPAN, SPAN, HB_REAL, HB_REAL, "($1 / $2)" },
    { KQL_DIV, SPAN, INTS, HB_TIMESPAN, HB_UNKNOWN, "kql_div($1, $2)" },
    { KQL_DIV, SPAN, M(HB_REAL), HB_TIMESPAN, HB_UNKNOWN, "kql_ticks_mul($1, 1e0 / $2)" },
    { KQL_DIV, SPAN, M(HB_DECIMAL), HB_TIMESPAN, HB_UNKNOWN,
      "kql_long_dec(kql_dec_div(kql_dec_long($1), $2))" },
    { KQL_DIV, TIME, INTS, HB_DATETIME, HB_UNKNOWN, "kql_dt_shift(kql_div($1, $2), 0)" },
    { KQL_DIV, TIME, M(HB_REAL), HB_DATETIME, HB_UNKNOWN, "kql_dt_shift(kql_ticks_mul($1, 1e0 / $2), 0)" },
    { KQL_DIV, TIME, M(HB_DECIMAL), HB_DATETIME, HB_UNKNOWN,
      "kql_dt_shift(kql_long_dec(kql_dec_div(kql_dec_long($1), $2)), 0)" },
    { KQL_MOD, INTS, INTS, HB_LONG, HB_UNKNOWN, "kql_mod($1, $2)" },
    { KQL_MOD, FLOATS, FLOATS, HB_REAL, HB_REAL, "kql_fmod($1, $2)" },
    { KQL_MOD, NUMS, NUMS, HB_DECIMAL, HB_DECIMAL, "kql_dec_mod($1, $2)" },
    { KQL_MOD, SPAN, SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_mod($1, $2)" },
    { KQL_MOD, TIME, SPAN, HB_TIMESPAN, HB_UNKNOWN, "kql_mod($1, $2)" },
    { KQL_LT, FLOATS, FLOATS, HB_BOOL, HB_UNKNOWN, "($1 < $2)" },
    { KQL_LT, NUMS, NUMS, HB_BOOL, HB_DECIMAL, "($1 < $2)" },
    { KQL_LT, TIME, TIME, HB_BOOL, HB_UNKNOWN, "($1 < $2)" },
    { KQL_LT, SPAN, SPAN, HB_BOOL, HB_UNKNOWN, "($1 < $2)" },
    { KQL_LE, FLOATS, FLOATS, HB_BOOL, HB_UNKNOWN, "($1 <= $2)" },
    { KQL_LE, NUMS, NUMS, HB_BOOL, HB_DECIMAL, "($1 <= $2)" },
    { KQL_LE, TIME, TIME, HB_BOOL, HB_UNKNOWN, "($1 <= $2)" },
    { KQL_LE, SPAN, SPAN, HB_BOOL, HB_UNKNOWN, "($1 <= $2)" },
    { KQL_GT, FLOATS, FLOATS, HB_BOOL, HB_UNKNOWN, "($1 > $2)" },
    { KQL_GT, NUMS, NUMS, HB_BOOL, HB_DECIMAL, "($1 > $2)" },
    { KQL_GT, TIME, TIME, HB_BOOL, HB_UNKNOWN, "($1 > $2)" },
    { KQL_GT, SPAN, SPAN, HB_BOOL, HB_UNKNOWN, "($1 > $2)" },
    { KQL_GE, FLOATS, FLOATS, HB_BOOL, HB_UNKNOWN, "($1 >= $2)" },
    { KQL_GE, NUMS, NUMS, HB_BOOL, HB_DECIMAL, "($1 >= $2)" },
    { KQL_GE, TIME, TIME, HB_BOOL, HB_UNKNOWN, "($1 >= $2)" },
    { KQL_GE, SPAN, SPAN, HB_BOOL, HB_UNKNOWN, "($1 >= $2)" },
    { KQL_EQ_CI, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_eqci($1, $2)" },
    { KQL_NE_CI, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_eqci($1, $2))" },
    { KQL_HAS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_has($1, $2)" },
    { KQL_NOT_HAS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_has($1, $2))" },
    { KQL_HAS_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_has_cs($1, $2)" },
    { KQL_NOT_HAS_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_has_cs($1, $2))" },
    { KQL_HASPREFIX, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_hasprefix($1, $2)" },
    { KQL_NOT_HASPREFIX, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_hasprefix($1, $2))" },
    { KQL_HASPREFIX_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_hasprefix_cs($1, $2)" },
    { KQL_NOT_HASPREFIX_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_hasprefix_cs($1, $2))" },
    { KQL_HASSUFFIX, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_hassuffix($1, $2)" },
    { KQL_NOT_HASSUFFIX, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_hassuffix($1, $2))" },
    { KQL_HASSUFFIX_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_hassuffix_cs($1, $2)" },
    { KQL_NOT_HASSUFFIX_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_hassuffix_cs($1, $2))" },
    { KQL_CONTAINS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_contains($1, $2)" },
    { KQL_NOT_CONTAINS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_contains($1, $2))" },
    { KQL_CONTAINS_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "contains($1, $2)" },
    { KQL_NOT_CONTAINS_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT contains($1, $2))" },
    { KQL_STARTSWITH, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_startswith($1, $2)" },
    { KQL_NOT_STARTSWITH, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_startswith($1, $2))" },
    { KQL_STARTSWITH_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "starts_with($1, $2)" },
    { KQL_NOT_STARTSWITH_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT starts_with($1, $2))" },
    { KQL_ENDSWITH, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_endswith($1, $2)" },
    { KQL_NOT_ENDSWITH, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT kql_endswith($1, $2))" },
    { KQL_ENDSWITH_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "suffix($1, $2)" },
    { KQL_NOT_ENDSWITH_CS, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "(NOT suffix($1, $2))" },
    { KQL_MATCHES_REGEX, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "regexp_matches($1, $2)" },
    { KQL_COLON, TEXT, TEXT, HB_BOOL, HB_UNKNOWN, "kql_has($1, $2)" },
};

static bool is_string_op(enum kql_op_code op)
{
    return op >= KQL_EQ_CI && op <= KQL_MATCHES_REGEX;
}

/* -- equality -- */

static bool small_int(const struct bexpr *e)
{
    int64_t v;
    return bx_const_i64(e, &v) && v > -(INT64_C(1) << 53) && v < (INT64_C(1) << 53);
}

/* Brings both sides to types SQL compares as KQL does; false: KQL cannot compare them. */
static bool same_types(struct binder *b, struct bexpr **l, struct bexpr **r)
{
    struct bexpr *x = *l, *y = *r;
    if (x->type == HB_DYNAMIC && y->type == HB_DYNAMIC)
        return false;
    if (x->type == HB_DYNAMIC && type_is_integer(y->type))
        return *l = coerce(b, x, y->kind == BX_CONST && small_int(y) ? HB_REAL : HB_LONG), true;
    if (x->type == HB_DYNAMIC)
        return (*l = coerce(b, x, y->type)) != NULL;
    if (y->type == HB_DYNAMIC)
        return same_types(b, r, l);
    if (x->type == y->type)
        return true;
    if (type_is_number(x->type) && type_is_number(y->type)) {
        if (x->type == HB_DECIMAL || y->type == HB_DECIMAL) {
            *l = coerce(b, x, HB_DECIMAL);
            *r = coerce(b, y, HB_DECIMAL);
        }
        return true;
    }
    if (x->type == HB_STRING)
        return (*l = convert(b, x, y->type)) != NULL;
    if (y->type == HB_STRING)
        return (*r = convert(b, y, x->type)) != NULL;
    if ((type_is_number(x->type) && y->type == HB_BOOL) || (type_is_number(y->type) && x->type == HB_BOOL)) {
        *l = convert(b, x, HB_LONG);
        *r = convert(b, y, HB_LONG);
        return *l && *r;
    }
    return false;
}

struct eq_form {
    const char *eq, *ne;
};

static struct bexpr *bind_equal(struct binder *b, struct bexpr *l, struct bexpr *r, bool negated,
                                struct span span)
{
    static const struct eq_form plain = { "($1 = $2)", "($1 <> $2)" };
    static const struct eq_form distinct = { "($1 IS NOT DISTINCT FROM $2)", "($1 IS DISTINCT FROM $2)" };
    static const struct eq_form both = {
        "(CASE WHEN $1 IS NULL AND $2 IS NULL THEN NULL ELSE $1 IS NOT DISTINCT FROM $2 END)",
        "(CASE WHEN $1 IS NULL AND $2 IS NULL THEN NULL ELSE $1 IS DISTINCT FROM $2 END)"
    };
    static const struct eq_form nan = { "(($1 = $2) AND NOT isnan($1))", "(($1 <> $2) OR isnan($1))" };
    const struct eq_form *f = &plain;
    if ((bx_is_const(l) && l->type == HB_REAL && isnan(l->v.r)) ||
        (bx_is_const(r) && r->type == HB_REAL && isnan(r->v.r)))
        return bx_bool(b, negated, span);
    bool reals = l->type == HB_REAL && r->type == HB_REAL && !bx_is_const(l) && !bx_is_const(r);
    if (reals)
        f = &nan;
    else if (l->nullable && r->nullable)
        f = &both;
    else if (l->nullable || r->nullable)
        f = &distinct;
    struct bexpr *e = bx_call(b, HB_BOOL, negated ? f->ne : f->eq, span, 2, l, r);
    if (f == &both && !negated)
        e->sql_cond = plain.eq;
    e->nullable = f == &both || (reals && (l->nullable || r->nullable));
    return e;
}

/* -- the rest -- */

static const struct binop *find_row(enum kql_op_code op, enum hb_type l, enum hb_type r)
{
    for (size_t i = 0; i < sizeof binops / sizeof *binops; i++)
        if (binops[i].op == op && (binops[i].left & M(l)) && (binops[i].right & M(r)))
            return &binops[i];
    return NULL;
}

/* A dynamic operand takes the type the other side suggests. */
static struct bexpr *undynamic(struct binder *b, struct bexpr *e, const struct bexpr *other,
                               enum kql_op_code op)
{
    if (e->type != HB_DYNAMIC)
        return e;
    if (is_string_op(op))
        return to_string(b, e);
    if (other->type == HB_DYNAMIC)
        return e;
    if (op == KQL_LT || op == KQL_LE || op == KQL_GT || op == KQL_GE)
        return coerce(b, e, type_is_number(other->type) ? HB_REAL : other->type);
    return coerce(b, e, other->type == HB_INT ? HB_LONG : other->type);
}

static struct bexpr *refuse(struct binder *b, enum kql_op_code op, const struct bexpr *l,
                            const struct bexpr *r, struct span span, struct span at)
{
    const char *hint = NULL;
    if (l->type == HB_DYNAMIC && r->type == HB_DYNAMIC)
        hint = "convert both sides first, with tostring(), tolong() or todouble()";
    else if (op == KQL_ADD && (l->type == HB_STRING || r->type == HB_STRING))
        hint = "join strings with strcat()";
    else if ((l->type == HB_STRING) != (r->type == HB_STRING))
        hint = "convert one side: tostring(), tolong(), todatetime() ...";
    bind_error(b, at, hint, "'%s' cannot take %s and %s", kql_op_text(op), hb_type_name(l->type),
               hb_type_name(r->type));
    return bx_error(b, span);
}

/* v[0] op v[1] op ...: one node, however long; a first side that is such a node is taken into it. */
struct bexpr *bind_logic(struct binder *b, enum kql_op_code op, struct bexpr **v, size_t n, struct span span,
                         struct span at)
{
    for (size_t i = 0; i < n; i++)
        if (bx_failed(v[i]))
            return v[i];
    for (size_t i = 1; i < n; i++)
        if (v[i - 1]->type != HB_BOOL || v[i]->type != HB_BOOL)
            return refuse(b, op, v[i - 1], v[i], span, at);
    const char *sql = op == KQL_AND ? "($&)" : "($|)";
    const struct bexpr *first = v[0];
    bool join = first->kind == BX_CALL && first->logic && strcmp(first->sql, sql) == 0;
    size_t inner = join ? first->nargs : 0, k = 0;
    struct bexpr **args = ARENA_ARRAY(b->a, inner + n, struct bexpr *);
    for (size_t i = 0; i < inner; i++)
        args[k++] = first->args[i];
    for (size_t i = join ? 1 : 0; i < n; i++)
        args[k++] = v[i];
    struct bexpr *e = bx_calln(b, HB_BOOL, sql, span, k, args);
    e->logic = true;
    e->nullable = false;
    for (size_t i = 0; i < k; i++)
        e->nullable |= args[i]->nullable;
    return e;
}

/* datetime + constant: plain arithmetic, which DuckDB can move to the other side of a comparison. */
static const char *native_shift(const struct binop *row, const struct bexpr *l, const struct bexpr *r)
{
    int64_t v;
    const int64_t century = INT64_C(36525) * INT64_C(864000000000);
    if (row->result != HB_DATETIME || row->right != SPAN || l->type != HB_DATETIME || l->kind == BX_CONST ||
        !bx_const_i64(r, &v) || v > century || v < -century)
        return NULL;
    return row->op == KQL_ADD ? "($1 + $2)" : "($1 - $2)";
}

/* + - * of two whole or two real constants. NULL: left to the engine. */
static struct bexpr *fold(struct binder *b, const struct binop *row, const struct bexpr *x,
                          const struct bexpr *y, struct span span)
{
    int64_t p, q;
    bool known = row->op == KQL_ADD || row->op == KQL_SUB || row->op == KQL_MUL;
    if (!known || !bx_is_const(x) || !bx_is_const(y))
        return NULL;
    if (row->result == HB_REAL && x->type == HB_REAL && y->type == HB_REAL)
        return bx_real(b,
                       row->op == KQL_ADD   ? x->v.r + y->v.r
                       : row->op == KQL_SUB ? x->v.r - y->v.r
                                            : x->v.r * y->v.r,
                       span);
    if ((row->result != HB_LONG && row->result != HB_TIMESPAN) || x->type == HB_DATETIME ||
        !bx_const_i64(x, &p) || !bx_const_i64(y, &q))
        return NULL;
    uint64_t u = (uint64_t)p, w = (uint64_t)q;
    struct bexpr *e = bx_long(b,
                              (int64_t)(row->op == KQL_ADD   ? u + w
                                        : row->op == KQL_SUB ? u - w
                                                             : u * w),
                              span);
    e->type = row->result;
    return e;
}

struct bexpr *bind_binary(struct binder *b, enum kql_op_code op, struct bexpr *l, struct bexpr *r,
                          struct span span, struct span at)
{
    if (bx_failed(l) || bx_failed(r))
        return bx_error(b, span);
    if (op == KQL_AND || op == KQL_OR)
        return bind_logic(b, op, (struct bexpr *[]){ l, r }, 2, span, at);
    if (op == KQL_EQ || op == KQL_NE) {
        struct bexpr *x = l, *y = r;
        return same_types(b, &x, &y) ? bind_equal(b, x, y, op == KQL_NE, span)
                                     : refuse(b, op, l, r, span, at);
    }
    struct bexpr *x = undynamic(b, l, r, op), *y = undynamic(b, r, l, op);
    const struct binop *row = x && y ? find_row(op, x->type, y->type) : NULL;
    if (!row)
        return refuse(b, op, l, r, span, at);
    if (row->as != HB_UNKNOWN) {
        x = convert(b, x, row->as);
        y = convert(b, y, row->as);
    }
    if (op == KQL_MATCHES_REGEX)
        y = regex_arg(b, y);
    struct bexpr *folded = fold(b, row, x, y, span);
    if (folded)
        return folded;
    const char *sql = native_shift(row, x, y);
    if (op == KQL_MATCHES_REGEX && !bx_is_const(y)) /* it may be no pattern in some rows */
        sql = "coalesce(regexp_matches($1, $2), false)";
    struct bexpr *e = bx_call(b, row->result, sql ? sql : row->sql, span, 2, x, y);
    if (is_string_op(op))
        e->nullable = false;
    return e;
}
