/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and evaluating SQL expressions over one row (rowsql.h). Precedence climbs a table; a SQL function is a row of another.
 *
 * To add a function: a row in `functions` and its name in KQL_SCAN_FUNCTIONS (hb/kql_udf.h).
 */
#include "rowsql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hb/kql_udf.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "udf_int.h"

enum { DEPTH_MAX = 2000 };

typedef struct rvalue eval_fn(const struct rexpr *e, const struct rvalue *slots, struct arena *temp);

struct rexpr {
    eval_fn *eval;
    struct rexpr **args;
    size_t nargs, cap;
    struct rvalue value; /* literal */
    size_t slot;
    int code;
    char to; /* cast */
    const struct udf_fn *udf;
    const struct udf_sig *sig;
    void *prep; /* argument prep_arg is a literal */
};

/* ---- values ---- */

static struct rvalue null_of(char type)
{
    return (struct rvalue){ .type = type, .null = true };
}

static struct rvalue of_bool(bool v)
{
    return (struct rvalue){ .type = 'b', .b = v };
}

static struct rvalue of_long(int64_t v)
{
    return (struct rvalue){ .type = 'l', .i = v };
}

static struct rvalue of_real(double v)
{
    return (struct rvalue){ .type = 'r', .f = v };
}

static struct rvalue of_text(struct str s)
{
    return (struct rvalue){ .type = 's', .s = s };
}

static double as_real(struct rvalue v)
{
    return v.type == 'r' ? v.f : v.type == 'b' ? (double)v.b : (double)v.i;
}

static struct rvalue cast_text(struct rvalue v, char to)
{
    struct rvalue r = { .type = to };
    bool ok = to == 'b'   ? text_to_bool(v.s, &r.b)
              : to == 'l' ? text_to_long(v.s, &r.i)
                          : text_to_real(v.s, &r.f);
    r.null = !ok;
    return r;
}

static struct str text_of(struct rvalue v, struct arena *temp)
{
    if (v.type == 's')
        return v.s;
    if (v.type == 'b')
        return v.b ? STR("true") : STR("false");
    if (v.type == 'l')
        return arena_strf(temp, "%lld", (long long)v.i);
    struct buf o = BUF_INIT;
    buf_f64(&o, v.f);
    struct str s = buf_to_arena(&o, temp);
    buf_free(&o);
    return s;
}

static struct rvalue cast(struct rvalue v, char to, struct arena *temp)
{
    if (v.null || v.type == to || v.type == 'L')
        return v.null ? null_of(to) : v;
    if (to == 's')
        return of_text(text_of(v, temp));
    if (v.type == 's')
        return cast_text(v, to);
    if (to == 'b')
        return of_bool(as_real(v) != 0);
    if (to == 'r')
        return of_real(as_real(v));
    if (v.type == 'b')
        return of_long(v.b);
    int64_t i;
    return real_to_long(nearbyint(v.f), &i) ? of_long(i) : null_of('l');
}

/* Order of two values that are not NULL; NaN is the greatest. */
static int compare(struct rvalue x, struct rvalue y)
{
    if (x.type == 's' && y.type == 's')
        return str_cmp(x.s, y.s);
    if (x.type == 'r' || y.type == 'r') {
        double p = as_real(x), q = as_real(y);
        if (isnan(p) || isnan(q))
            return (isnan(p) != 0) - (isnan(q) != 0);
        return (p > q) - (p < q);
    }
    int64_t p = x.type == 'b' ? x.b : x.i, q = y.type == 'b' ? y.b : y.i;
    return (p > q) - (p < q);
}

/* ---- nodes ---- */

static struct rvalue at(const struct rexpr *e, size_t i, const struct rvalue *slots, struct arena *temp)
{
    return e->args[i]->eval(e->args[i], slots, temp);
}

static struct rvalue ev_literal(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    (void)slots, (void)temp;
    return e->value;
}

static struct rvalue ev_slot(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    (void)temp;
    return slots[e->slot];
}

static struct rvalue ev_cast(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return cast(at(e, 0, slots, temp), e->to, temp);
}

static struct rvalue ev_not(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = at(e, 0, slots, temp);
    v.b = !v.b;
    return v;
}

static struct rvalue ev_neg(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = at(e, 0, slots, temp);
    v.i = (int64_t)(0 - (uint64_t)v.i);
    v.f = -v.f;
    return v;
}

/* .code: the value that decides: true for OR, false for AND */
static struct rvalue ev_logic(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    bool decides = e->code == 'O', any_null = false;
    for (size_t i = 0; i < e->nargs; i++) {
        struct rvalue v = at(e, i, slots, temp);
        if (!v.null && v.b == decides)
            return of_bool(decides);
        any_null |= v.null;
    }
    return any_null ? null_of('b') : of_bool(!decides);
}

enum { C_EQ, C_NE, C_LT, C_LE, C_GT, C_GE, C_SAME, C_OTHER };

static struct rvalue ev_compare(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), y = at(e, 1, slots, temp);
    if (e->code >= C_SAME) {
        bool same = x.null || y.null ? x.null && y.null : compare(x, y) == 0;
        return of_bool(same == (e->code == C_SAME));
    }
    if (x.null || y.null)
        return null_of('b');
    int c = compare(x, y);
    const bool holds[] = { c == 0, c != 0, c<0, c <= 0, c> 0, c >= 0 };
    return of_bool(holds[e->code]);
}

static struct rvalue ev_is_null(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return of_bool(at(e, 0, slots, temp).null == !e->code);
}

static struct rvalue ev_between(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), lo = at(e, 1, slots, temp), hi = at(e, 2, slots, temp);
    if (x.null || lo.null || hi.null)
        return null_of('b');
    return of_bool((compare(x, lo) >= 0 && compare(x, hi) <= 0) == !e->code);
}

static struct rvalue ev_in(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp);
    bool any_null = x.null;
    for (size_t i = 1; i < e->nargs && !x.null; i++) {
        struct rvalue y = at(e, i, slots, temp);
        if (!y.null && compare(x, y) == 0)
            return of_bool(!e->code);
        any_null |= y.null;
    }
    return any_null ? null_of('b') : of_bool(e->code);
}

static struct rvalue longs(int op, int64_t x, int64_t y)
{
    uint64_t p = (uint64_t)x, q = (uint64_t)y;
    switch (op) {
    case '+': return of_long((int64_t)(p + q));
    case '-': return of_long((int64_t)(p - q));
    case '*': return of_long((int64_t)(p * q));
    default: break;
    }
    if (y == 0)
        return null_of('l');
    if (op == '/')
        return of_real((double)x / (double)y);
    if (y == -1)
        return of_long(op == '%' ? 0 : (int64_t)(0 - p));
    return of_long(op == '%' ? x % y : x / y);
}

static struct rvalue ev_arith(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), y = at(e, 1, slots, temp);
    bool reals = x.type == 'r' || y.type == 'r';
    if (x.null || y.null)
        return null_of(reals || e->code == '/' ? 'r' : 'l');
    if (!reals)
        return longs(e->code, x.i, y.i);
    double p = as_real(x), q = as_real(y);
    switch (e->code) {
    case '+': return of_real(p + q);
    case '-': return of_real(p - q);
    case '*': return of_real(p * q);
    case '%': return of_real(fmod(p, q));
    default: return of_real(p / q);
    }
}

/* args: condition, value, condition, value ..., else */
static struct rvalue ev_case(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    size_t i = 0;
    for (; i + 1 < e->nargs; i += 2) {
        struct rvalue c = at(e, i, slots, temp);
        if (!c.null && c.b)
            return at(e, i + 1, slots, temp);
    }
    return i < e->nargs ? at(e, i, slots, temp) : null_of('l');
}

static struct rvalue ev_list(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue r = { .type = 'L', .n = e->nargs, .items = ARENA_ARRAY(temp, e->nargs, struct rvalue) };
    for (size_t i = 0; i < e->nargs; i++)
        r.items[i] = at(e, i, slots, temp);
    return r;
}

/* ---- functions of SQL ---- */

static struct rvalue f_coalesce(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = null_of('l');
    for (size_t i = 0; i < e->nargs && v.null; i++)
        v = at(e, i, slots, temp);
    return v;
}

static struct rvalue f_nullif(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), y = at(e, 1, slots, temp);
    if (!x.null && !y.null && compare(x, y) == 0)
        x.null = true;
    return x;
}

static struct rvalue extreme(const struct rexpr *e, const struct rvalue *slots, struct arena *temp, int sign)
{
    struct rvalue best = null_of('l');
    bool real = false;
    for (size_t i = 0; i < e->nargs; i++) {
        struct rvalue v = at(e, i, slots, temp);
        real |= v.type == 'r';
        if (best.null ? !v.null : !v.null && compare(v, best) * sign > 0)
            best = v;
    }
    return real ? cast(best, 'r', temp) : best;
}

static struct rvalue f_greatest(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return extreme(e, slots, temp, 1);
}

static struct rvalue f_least(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return extreme(e, slots, temp, -1);
}

static struct rvalue f_concat(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct buf o = BUF_INIT;
    for (size_t i = 0; i < e->nargs; i++) {
        struct rvalue v = at(e, i, slots, temp);
        if (!v.null)
            buf_str(&o, text_of(v, temp));
    }
    struct str s = buf_to_arena(&o, temp);
    buf_free(&o);
    return of_text(s);
}

static struct rvalue f_chr(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    char c = (char)at(e, 0, slots, temp).i;
    return of_text(arena_str(temp, (struct str){ &c, 1 }));
}

static struct rvalue f_length(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = at(e, 0, slots, temp);
    int64_t n = 0;
    for (size_t i = 0; i < v.s.n; i++)
        n += ((unsigned char)v.s.p[i] & 0xC0) != 0x80;
    return v.null ? null_of('l') : of_long(v.type == 'L' ? (int64_t)v.n : n);
}

static struct rvalue f_strlen(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = at(e, 0, slots, temp);
    return v.null ? null_of('l') : of_long((int64_t)v.s.n);
}

static struct rvalue f_test(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), y = at(e, 1, slots, temp);
    if (x.null || y.null)
        return null_of('b');
    return of_bool(e->code == 'c'   ? str_find(x.s, y.s, 0) < x.s.n || !y.s.n
                   : e->code == 's' ? str_starts(x.s, y.s)
                                    : str_ends(x.s, y.s));
}

/* As DuckDB: scaled, rounded, scaled back. */
static struct rvalue round_to(double x, struct rvalue digits)
{
    if (digits.null)
        return null_of('r');
    double scale = pow(10, (double)llabs(digits.i));
    double r = digits.i < 0 ? round(x / scale) * scale : round(x * scale) / scale;
    return of_real(isfinite(r) ? r : digits.i < 0 ? 0 : x);
}

static struct rvalue f_math(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue v = at(e, 0, slots, temp);
    if (v.null)
        return null_of('r');
    if (e->code == 'a' && v.type == 'l')
        return of_long(v.i < 0 ? (int64_t)(0 - (uint64_t)v.i) : v.i);
    double x = as_real(v);
    switch (e->code) {
    case 'a': return of_real(fabs(x));
    case 'f': return of_real(floor(x));
    case 'c': return of_real(ceil(x));
    case 'r': return e->nargs > 1 ? round_to(x, at(e, 1, slots, temp)) : of_real(round(x));
    case 't': return of_real(trunc(x));
    case 'q': return x < 0 ? null_of('r') : of_real(sqrt(x));
    case 'e': return of_real(exp(x));
    case 'l': return x <= 0 ? null_of('r') : of_real(log(x));
    case 'n': return of_bool(isnan(x));
    case 'i': return of_bool(isinf(x));
    default: return of_bool(isfinite(x));
    }
}

static struct rvalue f_pow(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct rvalue x = at(e, 0, slots, temp), y = at(e, 1, slots, temp);
    return x.null || y.null ? null_of('r') : of_real(pow(as_real(x), as_real(y)));
}

static struct rvalue f_same(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return at(e, 0, slots, temp);
}

static const struct sql_function {
    const char *name;
    eval_fn *eval;
    int code;
    size_t min, max;
} functions[] = {
    { "coalesce", f_coalesce, 0, 1, SIZE_MAX },
    { "nullif", f_nullif, 0, 2, 2 },
    { "greatest", f_greatest, 0, 1, SIZE_MAX },
    { "least", f_least, 0, 1, SIZE_MAX },
    { "concat", f_concat, 0, 1, SIZE_MAX },
    { "length", f_length, 0, 1, 1 },
    { "len", f_length, 0, 1, 1 },
    { "strlen", f_strlen, 0, 1, 1 },
    { "contains", f_test, 'c', 2, 2 },
    { "starts_with", f_test, 's', 2, 2 },
    { "suffix", f_test, 'e', 2, 2 },
    { "abs", f_math, 'a', 1, 1 },
    { "floor", f_math, 'f', 1, 1 },
    { "ceil", f_math, 'c', 1, 1 },
    { "round", f_math, 'r', 1, 2 },
    { "trunc", f_math, 't', 1, 1 },
    { "sqrt", f_math, 'q', 1, 1 },
    { "exp", f_math, 'e', 1, 1 },
    { "ln", f_math, 'l', 1, 1 },
    { "isnan", f_math, 'n', 1, 1 },
    { "isinf", f_math, 'i', 1, 1 },
    { "isfinite", f_math, 'd', 1, 1 },
    { "pow", f_pow, 0, 2, 2 },
    { "TRY", f_same, 0, 1, 1 },
    { "chr", f_chr, 0, 1, 1 },
};

/* ---- functions of the contract ---- */

static struct udf_arg to_arg(char type, struct rvalue v, struct arena *temp)
{
    struct udf_arg a = { .null = v.null };
    if (v.null)
        return a;
    if (type == 'S' || type == 'J') {
        a.n = v.n;
        a.list = ARENA_ARRAY(temp, v.n, struct str);
        for (size_t i = 0; i < v.n; i++)
            a.list[i] = v.items[i].null ? (struct str){ NULL, 0 } : text_of(v.items[i], temp);
        return a;
    }
    static const char from[] = "bilrsj", as[] = "bllrss";
    const char *k = strchr(from, type);
    struct rvalue c = cast(v, as[k - from], temp);
    a.null = c.null;
    a.b = c.b;
    a.i = c.i;
    a.f = c.f;
    a.s = c.s;
    return a;
}

static struct rvalue list_result(const struct udf_call *c, struct arena *temp)
{
    struct rvalue r = { .type = 'L', .n = c->nends, .items = ARENA_ARRAY(temp, c->nends, struct rvalue) };
    size_t from = 0;
    for (size_t i = 0; i < c->nends; i++) {
        size_t end = c->ends[i] & ~UDF_NULL_ELEM;
        r.items[i] = of_text(arena_str(temp, (struct str){ c->out.p + from, end - from }));
        r.items[i].null = (c->ends[i] & UDF_NULL_ELEM) != 0;
        from = end;
    }
    return r;
}

static struct rvalue udf_result(char type, const struct udf_call *c, struct arena *temp)
{
    switch (type) {
    case 'b': return of_bool(c->b);
    case 'i':
    case 'l': return of_long(c->i);
    case 'r': return of_real(c->f);
    case 's':
    case 'j': return of_text(buf_to_arena(&c->out, temp));
    default: return list_result(c, temp);
    }
}

static struct rvalue ev_udf(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    struct udf_arg args[UDF_ARGS_MAX];
    bool null = false;
    for (size_t i = 0; i < e->nargs; i++) {
        args[i] = to_arg(e->sig->args[i], at(e, i, slots, temp), temp);
        null |= args[i].null;
    }
    char type = e->sig->result == 'i' ? 'l' : e->sig->result == 'j' ? 's' : e->sig->result;
    struct rvalue none = type == 's' && e->sig->result == 's' ? of_text(STR("")) : null_of(type);
    if (null && !e->sig->sees_null)
        return none;
    struct udf_call c = { .arg = args, .nargs = e->nargs, .prep = e->prep, .arena = temp };
    if (e->udf->prepare && !c.prep && !args[e->udf->prep_arg].null)
        c.prep = e->udf->prepare(temp, args[e->udf->prep_arg].s);
    struct rvalue r = e->udf->body(&c) ? udf_result(e->sig->result, &c, temp) : none;
    buf_free(&c.out);
    buf_free(&c.tmp[0]);
    buf_free(&c.tmp[1]);
    free(c.ends);
    return r;
}

/* ---- parser ---- */

struct parser {
    struct arena *a;
    struct str s;
    size_t i;
    rslot_fn *slot;
    void *ctx;
    int depth;
    bool bad;
};

static struct rexpr *parse(struct parser *p, int level);

static void blanks(struct parser *p)
{
    while (p->i < p->s.n && (p->s.p[p->i] == ' ' || p->s.p[p->i] == '\n'))
        p->i++;
}

static bool take(struct parser *p, const char *z)
{
    blanks(p);
    struct str t = str_z(z);
    if (!str_starts(str_sub(p->s, p->i, p->s.n), t))
        return false;
    p->i += t.n;
    return true;
}

static struct str peek_word(struct parser *p)
{
    blanks(p);
    size_t k = p->i;
    while (k < p->s.n && char_is_word(p->s.p[k]))
        k++;
    return str_sub(p->s, p->i, k);
}

static bool take_word(struct parser *p, const char *z)
{
    struct str w = peek_word(p);
    if (!str_eqz(w, z))
        return false;
    p->i += w.n;
    return true;
}

static void need(struct parser *p, const char *z)
{
    if (!take(p, z))
        p->bad = true;
}

static struct rexpr *node(struct parser *p, eval_fn *eval, int code)
{
    struct rexpr *e = ARENA_NEW(p->a, struct rexpr);
    e->eval = eval;
    e->code = code;
    return e;
}

static void add(struct parser *p, struct rexpr *e, struct rexpr *arg)
{
    if (!arg)
        p->bad = true;
    *VEC_PUSH(p->a, e->args, e->nargs, e->cap) = arg;
}

static struct rexpr *literal(struct parser *p, struct rvalue v)
{
    struct rexpr *e = node(p, ev_literal, 0);
    e->value = v;
    return e;
}

static struct rexpr *text_literal(struct parser *p)
{
    struct buf o = BUF_INIT;
    bool open = true;
    for (p->i++; open && p->i < p->s.n; p->i++) {
        bool quote = p->s.p[p->i] == '\'';
        if (quote && p->i + 1 < p->s.n && p->s.p[p->i + 1] == '\'')
            p->i++;
        else if (quote)
            open = false;
        if (open)
            buf_putc(&o, p->s.p[p->i]);
    }
    struct rexpr *e = literal(p, of_text(buf_to_arena(&o, p->a)));
    buf_free(&o);
    return e;
}

static struct rexpr *number(struct parser *p)
{
    size_t from = p->i;
    bool real = false;
    while (p->i < p->s.n && (char_is_word(p->s.p[p->i]) || p->s.p[p->i] == '.' ||
                             ((p->s.p[p->i] == '-' || p->s.p[p->i] == '+') && p->s.p[p->i - 1] == 'e'))) {
        real |= p->s.p[p->i] == '.' || p->s.p[p->i] == 'e';
        p->i++;
    }
    struct str t = str_sub(p->s, from, p->i);
    struct rvalue v = { .type = real ? 'r' : 'l' };
    uint64_t u = 0;
    p->bad |= real ? !str_to_f64(t, &v.f) : !str_to_u64(t, &u);
    v.i = (int64_t)u;
    return literal(p, v);
}

static char read_type(struct parser *p)
{
    static const struct {
        const char *name;
        char c;
    } types[] = { { "BIGINT", 'l' },  { "INTEGER", 'l' }, { "DOUBLE", 'r' },
                  { "VARCHAR", 's' }, { "BOOLEAN", 'b' }, { "UUID", 's' } };
    struct str w = peek_word(p);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eqz(w, types[i].name)) {
            p->i += w.n;
            return types[i].c;
        }
    p->bad = true;
    return 'l';
}

/* CAST(e AS type) behind the word */
static struct rexpr *cast_call(struct parser *p)
{
    need(p, "(");
    struct rexpr *e = node(p, ev_cast, 0);
    add(p, e, parse(p, 0));
    p->bad |= !take_word(p, "AS");
    e->to = read_type(p);
    need(p, ")");
    return e;
}

static struct rexpr *case_expr(struct parser *p)
{
    struct rexpr *e = node(p, ev_case, 0);
    while (!p->bad && take_word(p, "WHEN")) {
        add(p, e, parse(p, 0));
        p->bad |= !take_word(p, "THEN");
        add(p, e, parse(p, 0));
    }
    if (take_word(p, "ELSE"))
        add(p, e, parse(p, 0));
    p->bad |= !take_word(p, "END");
    return e;
}

static void arguments(struct parser *p, struct rexpr *e, const char *close)
{
    if (take(p, close))
        return;
    do
        add(p, e, parse(p, 0));
    while (!p->bad && take(p, ","));
    need(p, close);
}

static bool known_letters(const struct udf_sig *sig)
{
    return strspn(sig->args, "bilrsjSJ") == strlen(sig->args) && strchr("bilrsjSJ", sig->result);
}

static struct rexpr *contract_call(struct parser *p, struct str name)
{
    size_t n;
    const struct udf_sig *sigs = udf_signatures(&n);
    struct rexpr *e = node(p, ev_udf, 0);
    for (size_t i = 0; i < n; i++)
        if (str_eqz(name, sigs[i].name))
            e->sig = &sigs[i];
    e->udf = e->sig ? udf_find(e->sig->name) : NULL;
    need(p, "(");
    arguments(p, e, ")");
    if (!e->udf || !known_letters(e->sig) || e->nargs != strlen(e->sig->args)) {
        p->bad = true;
        return e;
    }
    const struct rexpr *k = e->udf->prepare ? e->args[e->udf->prep_arg] : NULL;
    if (k && !p->bad && k->eval == ev_literal && k->value.type == 's' && !k->value.null)
        e->prep = e->udf->prepare(p->a, k->value.s);
    return e;
}

static struct rexpr *sql_call(struct parser *p, struct str name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct sql_function *f = &functions[i];
        if (!str_eqz(name, f->name))
            continue;
        struct rexpr *e = node(p, f->eval, f->code);
        need(p, "(");
        arguments(p, e, ")");
        p->bad |= e->nargs < f->min || e->nargs > f->max;
        return e;
    }
    p->bad = true;
    return NULL;
}

static struct rexpr *slot(struct parser *p, struct str word)
{
    int64_t id;
    struct rexpr *e = node(p, ev_slot, 0);
    p->bad |= !str_to_i64(str_sub(word, 1, word.n), &id) || !p->slot(p->ctx, id, &e->slot);
    return e;
}

static struct rexpr *word(struct parser *p)
{
    struct str w = peek_word(p);
    p->i += w.n;
    if (str_eqz(w, "true") || str_eqz(w, "false"))
        return literal(p, of_bool(w.n == 4));
    if (str_eqz(w, "NULL"))
        return literal(p, null_of('l'));
    if (str_eqz(w, "CASE"))
        return case_expr(p);
    if (str_eqz(w, "CAST") || str_eqz(w, "TRY_CAST"))
        return cast_call(p);
    if (str_starts(w, STR("kql_")))
        return contract_call(p, w);
    if (w.n > 1 && w.p[0] == 'c' && w.p[1] >= '0' && w.p[1] <= '9')
        return slot(p, w);
    return sql_call(p, w);
}

static struct rexpr *primary(struct parser *p)
{
    blanks(p);
    char c = p->i < p->s.n ? p->s.p[p->i] : '\0';
    struct rexpr *e;
    if (c == '\'') {
        e = text_literal(p);
    } else if (c >= '0' && c <= '9') {
        e = number(p);
    } else if (take(p, "(")) {
        e = parse(p, 0);
        need(p, ")");
    } else if (take(p, "[")) {
        e = node(p, ev_list, 0);
        arguments(p, e, "]");
    } else {
        e = word(p);
    }
    while (!p->bad && take(p, "::")) {
        struct rexpr *k = node(p, ev_cast, 0);
        add(p, k, e);
        k->to = read_type(p);
        e = k;
    }
    return e;
}

/* Operators behind a left side. Level: 1 OR, 2 AND, 4 comparison, 5 + -, 6 * / %. */
static const struct infix {
    const char *text;
    int level, code;
    eval_fn *eval;
} infixes[] = {
    { "OR", 1, 'O', ev_logic },    { "AND", 2, 'A', ev_logic },   { "<=", 4, C_LE, ev_compare },
    { ">=", 4, C_GE, ev_compare }, { "<>", 4, C_NE, ev_compare }, { "=", 4, C_EQ, ev_compare },
    { "<", 4, C_LT, ev_compare },  { ">", 4, C_GT, ev_compare },  { "+", 5, '+', ev_arith },
    { "-", 5, '-', ev_arith },     { "*", 6, '*', ev_arith },     { "//", 6, 'd', ev_arith },
    { "/", 6, '/', ev_arith },     { "%", 6, '%', ev_arith },     { "||", 5, 0, f_concat },
};

static const struct infix *take_infix(struct parser *p, int level)
{
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        const struct infix *f = &infixes[i];
        bool is_word = f->level <= 2;
        if (f->level >= level && (is_word ? take_word(p, f->text) : take(p, f->text)))
            return f;
    }
    return NULL;
}

/* IS [NOT] NULL, IS [NOT] DISTINCT FROM x, [NOT] IN (...), [NOT] BETWEEN x AND y; NULL: none of them */
static struct rexpr *postfix(struct parser *p, struct rexpr *left)
{
    if (take_word(p, "IS")) {
        bool negated = take_word(p, "NOT");
        if (take_word(p, "NULL")) {
            struct rexpr *e = node(p, ev_is_null, negated);
            add(p, e, left);
            return e;
        }
        p->bad |= !take_word(p, "DISTINCT") || !take_word(p, "FROM");
        struct rexpr *e = node(p, ev_compare, negated ? C_SAME : C_OTHER);
        add(p, e, left);
        add(p, e, parse(p, 5));
        return e;
    }
    bool negated = take_word(p, "NOT");
    struct rexpr *e = NULL;
    if (take_word(p, "IN")) {
        e = node(p, ev_in, negated);
        add(p, e, left);
        need(p, "(");
        arguments(p, e, ")");
    } else if (take_word(p, "BETWEEN")) {
        e = node(p, ev_between, negated);
        add(p, e, left);
        add(p, e, parse(p, 5));
        p->bad |= !take_word(p, "AND");
        add(p, e, parse(p, 5));
    } else {
        p->bad |= negated;
    }
    return e;
}

static struct rexpr *prefix(struct parser *p)
{
    if (take_word(p, "NOT")) {
        struct rexpr *e = node(p, ev_not, 0);
        add(p, e, parse(p, 4));
        return e;
    }
    if (!take(p, "-"))
        return primary(p);
    struct rexpr *e = node(p, ev_neg, 0);
    add(p, e, primary(p));
    return e;
}

static struct rexpr *parse(struct parser *p, int level)
{
    if (p->bad || ++p->depth > DEPTH_MAX) {
        p->bad = true;
        return NULL;
    }
    struct rexpr *left = prefix(p);
    while (!p->bad) {
        struct rexpr *e = level <= 4 ? postfix(p, left) : NULL;
        if (e) {
            left = e;
            continue;
        }
        const struct infix *f = take_infix(p, level > 0 ? level : 1);
        if (!f)
            break;
        if (f->eval == ev_logic && left && left->eval == ev_logic && left->code == f->code) {
            add(p, left, parse(p, f->level + 1));
            continue;
        }
        struct rexpr *two = node(p, f->eval, f->code);
        add(p, two, left);
        add(p, two, parse(p, f->level + 1));
        left = two;
    }
    p->depth--;
    return left;
}

struct rexpr *rowsql_parse(struct arena *a, struct str sql, rslot_fn *slot_of, void *ctx)
{
    struct parser p = { .a = a, .s = sql, .slot = slot_of, .ctx = ctx };
    struct rexpr *e = parse(&p, 0);
    blanks(&p);
    return p.bad || p.i < p.s.n ? NULL : e;
}

struct rvalue rowsql_eval(const struct rexpr *e, const struct rvalue *slots, struct arena *temp)
{
    return e->eval(e, slots, temp);
}
