/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding calls of scalar functions: by the rows of funcs.c, or by a function here where a template is not enough
 * (`specials`, at the end).
 */
#include <assert.h>
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/kql_zones.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "slips.h"

typedef struct bexpr *special_fn(struct binder *b, const struct kql_call *c, struct brow *row);

struct bexpr *wrong_count(struct binder *b, const struct kql_call *c, const char *want)
{
    bind_error(b, c->node.span, NULL, "'%.*s' takes %s, not %zu", STR_ARG(c->name->name), want, c->args.n);
    return bx_error(b, c->node.span);
}

/* -- rows -- */

bool is_letter_type(char l, enum hb_type *t)
{
    switch (l) {
    case 's':
    case 'S':
    case 'R':
    case 'z':
    case 'x': *t = HB_STRING; return true;
    case 'l': *t = HB_LONG; return true;
    case 'c':
    case 'i': *t = HB_INT; return true;
    case 'r': *t = HB_REAL; return true;
    case 't': *t = HB_DATETIME; return true;
    case 'p': *t = HB_TIMESPAN; return true;
    case 'd':
    case 'j': *t = HB_DYNAMIC; return true;
    case 'b': *t = HB_BOOL; return true;
    case 'g': *t = HB_GUID; return true;
    case 'N':
    case 'D': *t = HB_DECIMAL; return true;
    default: return false;
    }
}

/*
 * The argument as the parameter's type; NULL: it does not fit. lenient: dynamic values are converted, long goes where real is
 * wanted by rows tried later anyway.
 */
static struct bexpr *fit(struct binder *b, char letter, struct bexpr *e, bool lenient)
{
    switch (letter) {
    case 'a':
    case 'U': return e;
    case 'x': return to_string(b, e);
    case 'j': return to_json(b, e);
    case 'n': return type_is_number(e->type) ? e : NULL;
    case 'l':
        if (type_is_integer(e->type))
            return coerce(b, e, HB_LONG);
        break;
    case 'c':
        if (type_is_integer(e->type) && bx_is_const(e))
            return convert(b, e, HB_INT);
        return NULL;
    case 'S':
    case 'R': return e->type == HB_STRING && (letter == 'R' || bx_is_const(e)) ? e : NULL;
    case 'r':
        if (type_is_number(e->type))
            return convert(b, e, HB_REAL);
        break;
    case 'N':
        if (type_is_number(e->type))
            return coerce(b, e, HB_DECIMAL);
        break;
    default: break;
    }
    enum hb_type t;
    if (!is_letter_type(letter, &t))
        return NULL;
    if (e->type == t)
        return e;
    if (e->kind == BX_CONST && e->null && e->type == HB_DYNAMIC)
        return convert(b, e, t);
    return lenient && e->type == HB_DYNAMIC ? coerce(b, e, t) : NULL;
}

/* Letter of parameter i of a signature; 0: no such parameter. */
static char letter_at(const char *sig, size_t i)
{
    size_t n = strlen(sig);
    if (n && sig[n - 1] == '*')
        return i >= n - 2 ? sig[n - 2] : sig[i];
    return i < n ? sig[i] : 0;
}

static bool count_fits(const char *sig, size_t nargs)
{
    size_t n = strlen(sig);
    return n && sig[n - 1] == '*' ? nargs >= n - 1 : nargs == n;
}

static bool try_row(struct binder *b, const char *sig, struct bexpr **in, size_t n, struct bexpr **out,
                    bool lenient, size_t *bad)
{
    enum hb_type common = HB_UNKNOWN;
    for (size_t i = 0; i < n; i++) {
        char l = letter_at(sig, i);
        out[i] = fit(b, l, in[i], lenient);
        if (!out[i]) {
            *bad = i;
            return false;
        }
        if (l == 'U') { /* has an order */
            if (in[i]->type == HB_DYNAMIC)
                return *bad = i, false;
            common = i && common == HB_UNKNOWN ? HB_UNKNOWN : common_type(common, in[i]->type);
            if (common == HB_UNKNOWN)
                return *bad = i, false;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (letter_at(sig, i) == 'U')
            out[i] = convert(b, out[i], common);
    return true;
}

static enum hb_type row_type(const char *ret, struct bexpr **args)
{
    enum hb_type t = HB_UNKNOWN;
    if (*ret >= '1' && *ret <= '9')
        return args[*ret - '1']->type;
    if (*ret == 'U')
        return args[0]->type;
    is_letter_type(*ret, &t);
    return t;
}

static struct bexpr *refuse_args(struct binder *b, struct str name, struct span span, struct bexpr **in,
                                 size_t n, size_t bad, bool counted)
{
    if (counted) {
        enum hb_type t = in[bad]->type;
        bind_error(b, in[bad]->span.len ? in[bad]->span : span,
                   t == HB_STRING || t == HB_DYNAMIC ? NULL
                                                     : "convert it first, for instance with tostring()",
                   "'%.*s' cannot take %s as argument %zu", STR_ARG(name), hb_type_name(t), bad + 1);
    } else {
        bind_error(b, span, kql_signature(b->a, name), "'%.*s' does not take %zu argument%s", STR_ARG(name),
                   n, n == 1 ? "" : "s");
    }
    return bx_error(b, span);
}

/* RE2 pattern for a constant pattern written for the reference's engine. */
static struct str translate_regex(struct binder *b, struct str p)
{
    struct buf o = BUF_INIT;
    for (size_t i = 0; i < p.n; i++) {
        if (p.p[i] == '\\' && i + 1 < p.n) {
            if (p.p[i + 1] == 'u' && i + 5 < p.n && p.p[i + 2] != '{') {
                buf_printf(&o, "\\x{%.4s}", p.p + i + 2);
                i += 5;
            } else if (p.p[i + 1] == 'u') {
                buf_puts(&o, "\\x");
                i++;
            } else if (p.p[i + 1] == '<' || p.p[i + 1] == '>') {
                buf_puts(&o, "\\b");
                i++;
            } else {
                buf_put(&o, p.p + i, 2);
                i++;
            }
        } else if (p.p[i] == '(' && i + 3 < p.n && p.p[i + 1] == '?' && p.p[i + 2] == '<' &&
                   p.p[i + 3] != '=' && p.p[i + 3] != '!') {
            buf_puts(&o, "(?P<");
            i += 2;
        } else {
            buf_putc(&o, p.p[i]);
        }
    }
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

struct bexpr *regex_arg(struct binder *b, struct bexpr *e)
{
    if (bx_failed(e) || e->type != HB_STRING)
        return e;
    if (!bx_is_const(e)) /* NULL where it is none, so that what takes it gives NULL */
        return bx_call(b, HB_STRING, "(CASE WHEN TRY(regexp_matches('', $1)) IS NOT NULL THEN $1 END)",
                       e->span, 1, e);
    if (str_find(e->text, STR("(?="), 0) != SIZE_MAX || str_find(e->text, STR("(?!"), 0) != SIZE_MAX ||
        str_find(e->text, STR("(?<="), 0) != SIZE_MAX || str_find(e->text, STR("(?<!"), 0) != SIZE_MAX) {
        bind_error(b, e->span, NULL, "look-around is not supported in regular expressions");
        return bx_error(b, e->span);
    }
    return bx_str(b, translate_regex(b, e->text), e->span);
}

/* A time zone by its name; per row NULL for what is none. */
static struct bexpr *zone_arg(struct binder *b, struct bexpr *e)
{
    if (!bx_is_const(e) || !e->text.n)
        return bx_call(b, HB_STRING, "kql_zone($1)", e->span, 1, e);
    if (kql_zone_known(e->text))
        return e;
    struct str near = str_nearest(e->text, kql_zones, kql_nzones);
    bind_error(b, e->span, near.n ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near)) : NULL,
               "unknown time zone '%.*s'", STR_ARG(e->text));
    return bx_error(b, e->span);
}

/* bin() of a time by a constant needs no function of its own: times are never negative. */
static struct bexpr *plain_bin(struct bexpr *e)
{
    int64_t size;
    if (e->kind == BX_CALL && e->type == HB_DATETIME && strcmp(e->sql, "kql_bin($1, $2)") == 0 &&
        e->args[0]->kind == BX_COL && bx_const_i64(e->args[1], &size) && size > 0)
        e->sql = "($1 - $1 % $2)";
    return e;
}

/*
 * A row's template: $@ is the place of the call for error(), and a pattern that is known only when the query runs may be none: then
 * there is no text.
 */
static const char *placed_sql(struct binder *b, const struct kql_func *f, struct bexpr *const *args, size_t n,
                              struct span span)
{
    const char *at = strstr(f->sql, "$@");
    size_t pattern = 0;
    bool unknown = false;
    if (at)
        return arena_printf(b->a, "%.*s%s%s", (int)(at - f->sql), f->sql, sql_place(b, span), at + 2);
    for (size_t k = 0; k < n; k++)
        if (letter_at(f->args, k) == 'R' && !bx_is_const(args[k])) {
            unknown = true;
            pattern = k + 1;
        }
    if (!unknown)
        return f->sql;
    return *f->ret == 's'
               ? arena_printf(b->a, "coalesce(%s, '')", f->sql)
               : arena_printf(b->a, "(CASE WHEN $%zu IS NULL THEN NULL ELSE %s END)", pattern, f->sql);
}

struct bexpr *call_rows(struct binder *b, struct str name, struct span span, size_t n, struct bexpr **in)
{
    struct bexpr **args = ARENA_ARRAY(b->a, n, struct bexpr *);
    bool counted = false;
    size_t bad = 0;
    for (size_t i = 0; i < n; i++)
        if (bx_failed(in[i]))
            return bx_error(b, span);
    for (int lenient = 0; lenient < 2; lenient++)
        for (size_t i = 0; i < kql_nfuncs; i++) {
            const struct kql_func *f = &kql_funcs[i];
            if (!str_eqz(name, f->name) || !f->sql || !count_fits(f->args, n))
                continue;
            counted = true;
            if (!try_row(b, f->args, in, n, args, lenient, &bad))
                continue;
            for (size_t k = 0; k < n; k++)
                if (letter_at(f->args, k) == 'R')
                    args[k] = regex_arg(b, args[k]);
                else if (letter_at(f->args, k) == 'z')
                    args[k] = zone_arg(b, args[k]);
            return plain_bin(
                bx_calln(b, row_type(f->ret, args), placed_sql(b, f, args, n, span), span, n, args));
        }
    return refuse_args(b, name, span, in, n, bad, counted);
}

struct bexpr *call_by_name(struct binder *b, const char *name, struct span span, size_t n,
                           struct bexpr **args)
{
    return call_rows(b, str_z(name), span, n, args);
}

/* -- specials -- */

static struct bexpr *one_arg(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return c->args.n == 1 ? bind_expr(b, c->args.items[0], row) : wrong_count(b, c, "one argument");
}

static struct bexpr *convert_call(struct binder *b, const struct kql_call *c, struct brow *row,
                                  enum hb_type to)
{
    struct bexpr *e = one_arg(b, c, row);
    if (bx_failed(e))
        return e;
    struct bexpr *r = convert(b, e, to);
    if (r)
        return r;
    bind_error(b, c->node.span, NULL, "a %s cannot become a %s", hb_type_name(e->type), hb_type_name(to));
    return bx_error(b, c->node.span);
}

static struct bexpr *s_tostring(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_STRING);
}

static struct bexpr *s_tobool(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_BOOL);
}

static struct bexpr *s_toint(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_INT);
}

static struct bexpr *s_tolong(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_LONG);
}

static struct bexpr *s_toreal(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_REAL);
}

static struct bexpr *s_todecimal(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_DECIMAL);
}

static struct bexpr *s_todatetime(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_DATETIME);
}

static struct bexpr *s_totimespan(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_TIMESPAN);
}

static struct bexpr *s_toguid(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return convert_call(b, c, row, HB_GUID);
}

static struct bexpr *null_test(struct binder *b, const struct kql_call *c, struct brow *row, bool wanted)
{
    struct bexpr *e = one_arg(b, c, row);
    if (bx_failed(e))
        return e;
    if (e->type == HB_STRING)
        return bx_bool(b, !wanted, c->node.span);
    struct bexpr *r = bx_call(b, HB_BOOL, wanted ? "($1 IS NULL)" : "($1 IS NOT NULL)", c->node.span, 1, e);
    r->nullable = false;
    return r;
}

static struct bexpr *s_isnull(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return null_test(b, c, row, true);
}

static struct bexpr *s_isnotnull(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return null_test(b, c, row, false);
}

static struct bexpr *empty_test(struct binder *b, const struct kql_call *c, struct brow *row, bool wanted)
{
    struct bexpr *e = one_arg(b, c, row);
    if (bx_failed(e))
        return e;
    if (e->type == HB_DYNAMIC)
        e = to_string(b, e);
    const char *sql = e->type == HB_STRING ? (wanted ? "($1 = '')" : "($1 <> '')")
                                           : (wanted ? "($1 IS NULL)" : "($1 IS NOT NULL)");
    struct bexpr *r = bx_call(b, HB_BOOL, sql, c->node.span, 1, e);
    r->nullable = false;
    return r;
}

static struct bexpr *s_isempty(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return empty_test(b, c, row, true);
}

static struct bexpr *s_isnotempty(struct binder *b, const struct kql_call *c, struct brow *row)
{
    return empty_test(b, c, row, false);
}

static struct bexpr *s_gettype(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *e = one_arg(b, c, row);
    if (bx_failed(e))
        return e;
    if (e->type == HB_DYNAMIC)
        return bx_call(b, HB_STRING, "kql_dyn_type($1)", c->node.span, 1, e);
    return bx_str(b, str_z(hb_type_name(e->type)), c->node.span);
}

/* Makes all branches one type; false: there is none (reported). A typed branch beside dynamic ones decides, or it does not. */
static bool unify(struct binder *b, struct bexpr **e, size_t n, bool typed_wins)
{
    enum hb_type t = HB_UNKNOWN;
    for (size_t i = 0; i < n; i++) {
        if (bx_failed(e[i]))
            return false;
        if (e[i]->kind == BX_CONST && e[i]->null && e[i]->type == HB_DYNAMIC)
            continue; /* bare null takes any type */
        if (typed_wins && e[i]->type == HB_DYNAMIC && t != HB_UNKNOWN)
            continue;
        enum hb_type u = common_type(typed_wins && t == HB_DYNAMIC ? HB_UNKNOWN : t, e[i]->type);
        t = u == HB_UNKNOWN ? HB_DYNAMIC : u;
    }
    if (t == HB_UNKNOWN)
        t = HB_DYNAMIC;
    for (size_t i = 0; i < n; i++)
        e[i] = convert(b, e[i], t);
    return true;
}

static struct bexpr *s_iff(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 3)
        return wrong_count(b, c, "three arguments");
    struct bexpr *cond = bind_bool(b, c->args.items[0], row, "the condition");
    struct bexpr *v[2] = { bind_expr(b, c->args.items[1], row), bind_expr(b, c->args.items[2], row) };
    if (!unify(b, v, 2, true) || bx_failed(cond))
        return bx_error(b, c->node.span);
    struct bexpr *e = bx_call(b, v[0]->type, "(CASE WHEN $1 THEN $2 ELSE $3 END)", c->node.span, 3,
                              bx_condition(b, cond), v[0], v[1]);
    e->nullable = v[0]->nullable || v[1]->nullable;
    return e;
}

static struct bexpr *s_case(struct binder *b, const struct kql_call *c, struct brow *row)
{
    size_t n = c->args.n;
    if (n < 3 || n % 2 == 0)
        return wrong_count(b, c, "pairs of condition and value, and a default");
    size_t nv = n / 2 + 1;
    struct bexpr **v = ARENA_ARRAY(b->a, nv, struct bexpr *), **args = ARENA_ARRAY(b->a, n, struct bexpr *);
    bool ok = true;
    for (size_t i = 0; i + 1 < n; i += 2) {
        args[i] = bx_condition(b, bind_bool(b, c->args.items[i], row, "the condition"));
        ok &= !bx_failed(args[i]);
        v[i / 2] = bind_expr(b, c->args.items[i + 1], row);
    }
    v[nv - 1] = bind_expr(b, c->args.items[n - 1], row);
    if (!unify(b, v, nv, true) || !ok)
        return bx_error(b, c->node.span);
    for (size_t i = 0; i + 1 < n; i += 2)
        args[i + 1] = v[i / 2];
    args[n - 1] = v[nv - 1];
    return bx_calln(b, v[0]->type, "(CASE $? END)", c->node.span, n, args);
}

/* No type of all: iff() and case() give dynamic values then, coalesce() is refused. */
static bool of_one_type(struct binder *b, struct bexpr **v, size_t n)
{
    enum hb_type t = HB_UNKNOWN;
    for (size_t i = 0; i < n; i++) {
        if (bx_failed(v[i]) || (v[i]->kind == BX_CONST && v[i]->null && v[i]->type == HB_DYNAMIC))
            continue;
        enum hb_type u = common_type(t, v[i]->type);
        if (u == HB_UNKNOWN) {
            bind_error(b, v[i]->span, "convert one of them, for example with tostring()",
                       "coalesce() needs values of one type, not %s and %s", hb_type_name(t),
                       hb_type_name(v[i]->type));
            return false;
        }
        t = u;
    }
    return true;
}

static struct bexpr *s_coalesce(struct binder *b, const struct kql_call *c, struct brow *row)
{
    size_t n = c->args.n;
    if (n < 2)
        return wrong_count(b, c, "at least two arguments");
    struct bexpr **v = ARENA_ARRAY(b->a, n, struct bexpr *);
    for (size_t i = 0; i < n; i++)
        v[i] = bind_expr(b, c->args.items[i], row);
    if (!of_one_type(b, v, n) || !unify(b, v, n, false))
        return bx_error(b, c->node.span);
    bool text = v[0]->type == HB_STRING;
    for (size_t i = 0; i < n && text; i++)
        v[i] = bx_call(b, HB_STRING, "nullif($1, '')", v[i]->span, 1, v[i]);
    struct bexpr *e = bx_calln(b, v[0]->type, text ? "coalesce($*, '')" : "coalesce($*)", c->node.span, n, v);
    e->nullable = !text && v[n - 1]->nullable;
    return e;
}

static struct bexpr *s_toscalar(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 1)
        return wrong_count(b, c, "one argument");
    if (!bind_is_tabular(b, c->args.items[0], row))
        return bind_expr(b, c->args.items[0], NULL);
    struct brel *t = bind_table(b, c->args.items[0]);
    if (t->open)
        return bx_error(b, c->node.span);
    if (!t->ncols) {
        bind_error(b, c->node.span, NULL, "the table of toscalar() has no columns");
        return bx_error(b, c->node.span);
    }
    struct bexpr *e = bx_new(b, BX_SUB, t->cols[0].type, c->node.span);
    e->rel = rel_limit(b, t, bx_long(b, 1, c->node.span), c->node.span);
    if (e->type != HB_STRING)
        return e;
    return bx_call(b, HB_STRING, "coalesce($1, '')", c->node.span, 1, e);
}

static struct bexpr *datetime_const(struct binder *b, int64_t ticks, struct span span)
{
    struct bexpr *e = bx_long(b, ticks, span);
    e->type = HB_DATETIME;
    return e;
}

static struct bexpr *s_now(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *now = datetime_const(b, b->opt->now, c->node.span);
    if (!c->args.n)
        return now;
    if (c->args.n > 1)
        return wrong_count(b, c, "at most one argument");
    struct bexpr *d = bind_as(b, c->args.items[0], row, HB_TIMESPAN, "the offset");
    return bind_binary(b, KQL_ADD, now, d, c->node.span, c->node.span);
}

static struct bexpr *s_ago(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 1)
        return wrong_count(b, c, "one argument");
    struct bexpr *d = bind_as(b, c->args.items[0], row, HB_TIMESPAN, "the argument of ago()");
    int64_t t;
    if (bx_const_i64(d, &t)) {
        int64_t then = (int64_t)((uint64_t)b->opt->now - (uint64_t)t);
        return then < 0 || then > TICKS_MAX ? bx_null(b, HB_DATETIME, c->node.span)
                                            : datetime_const(b, then, c->node.span);
    }
    return bind_binary(b, KQL_SUB, datetime_const(b, b->opt->now, c->node.span), d, c->node.span,
                       c->node.span);
}

/* typeof(long) as an argument; HB_UNKNOWN: reported. */
static enum hb_type type_arg(struct binder *b, const struct kql_node *n)
{
    const struct kql_typeof *t = (const struct kql_typeof *)n;
    if (n->kind == KQL_TYPEOF && t->types.n == 1 && t->types.items[0]->kind == KQL_COLDECL) {
        enum hb_type ty = KQL_AS(kql_coldecl, t->types.items[0])->type;
        if (ty != HB_UNKNOWN)
            return ty;
    }
    bind_error(b, n->span, NULL, "expected typeof(a scalar type)");
    return HB_UNKNOWN;
}

static struct bexpr *s_extract(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 3 && c->args.n != 4)
        return wrong_count(b, c, "three or four arguments");
    struct bexpr *re = regex_arg(b, bind_as(b, c->args.items[0], row, HB_STRING, "the pattern"));
    struct bexpr *g = bind_as(b, c->args.items[1], row, HB_LONG, "the group");
    struct bexpr *s = bind_as(b, c->args.items[2], row, HB_STRING, "the text");
    if (bx_failed(re) || bx_failed(g) || bx_failed(s))
        return bx_error(b, c->node.span);
    int64_t n;
    if (!bx_const_i64(g, &n) || n < 0 || n > 99) {
        bind_error(b, g->span, NULL, "the group must be a number known beforehand");
        return bx_error(b, c->node.span);
    }
    struct bexpr *e = bx_call(b, HB_STRING,
                              bx_is_const(re) ? "regexp_extract($3, $1, $2)"
                                              : "coalesce(TRY(regexp_extract($3, $1, $2)), '')",
                              c->node.span, 3, re, convert(b, g, HB_INT), s);
    if (c->args.n == 3)
        return e;
    enum hb_type t = type_arg(b, c->args.items[3]);
    return t == HB_UNKNOWN ? bx_error(b, c->node.span) : convert(b, e, t);
}

/* Groups a pattern captures. */
unsigned count_groups(struct str p)
{
    unsigned n = 0;
    bool set = false;
    for (size_t i = 0; i < p.n; i++) {
        if (p.p[i] == '\\')
            i++;
        else if (set)
            set = p.p[i] != ']';
        else if (p.p[i] == '[')
            set = true;
        else if (p.p[i] == '(' && !(i + 1 < p.n && p.p[i + 1] == '?' && !(i + 2 < p.n && p.p[i + 2] == 'P')))
            n++;
    }
    return n;
}

/* Number of the group (?P<name>...); -1: there is none. */
static int64_t named_group(struct str p, struct str name)
{
    for (size_t i = 0; i + 4 < p.n; i++)
        if (str_starts(str_sub(p, i, p.n), STR("(?P<")) && str_starts(str_sub(p, i + 4, p.n), name) &&
            i + 4 + name.n < p.n && p.p[i + 4 + name.n] == '>')
            return (int64_t)count_groups(str_sub(p, 0, i)) + 1;
    return -1;
}

static bool extract_groups(struct binder *b, const struct kql_call *c, struct brow *row, struct str pattern,
                           unsigned have, int64_t *g, size_t *n)
{
    *n = 0;
    if (c->args.n == 2) {
        for (unsigned i = 1; i <= have && *n < 16; i++)
            g[(*n)++] = i;
        if (have)
            return true;
        bind_error(b, c->args.items[0]->span, NULL, "the pattern must capture at least one group");
        return false;
    }
    struct bexpr *e = bind_expr(b, c->args.items[1], row);
    int64_t v;
    if (bx_is_const(e) && e->type == HB_DYNAMIC) {
        struct err err = ERR_INIT;
        cJSON *j = json_parse(e->text, &err);
        const cJSON *it;
        cJSON_ArrayForEach(it, j)
        {
            int64_t k = cJSON_IsNumber(it) ? (int64_t)it->valuedouble
                                           : named_group(pattern, str_z(it->valuestring));
            if (k >= 0 && k < 100 && *n < 16)
                g[(*n)++] = k;
        }
        cJSON_Delete(j);
    }
    if (bx_const_i64(e, &v))
        g[(*n)++] = v;
    if (*n)
        return true;
    bind_error(b, c->args.items[1]->span, NULL, "the groups must be an array of numbers known beforehand");
    return false;
}

static struct bexpr *s_extract_all(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 2 && c->args.n != 3)
        return wrong_count(b, c, "two or three arguments");
    struct bexpr *re = regex_arg(b, bind_as(b, c->args.items[0], row, HB_STRING, "the pattern"));
    struct bexpr *s = bind_as(b, c->args.items[c->args.n - 1], row, HB_STRING, "the text");
    if (bx_failed(re) || bx_failed(s))
        return bx_error(b, c->node.span);
    int64_t g[16];
    size_t n;
    if (!extract_groups(b, c, row, re->text, bx_is_const(re) ? count_groups(re->text) : 1, g, &n))
        return bx_error(b, c->node.span);
    struct buf o = BUF_INIT;
    buf_puts(&o, n > 1 ? "kql_nonempty(kql_json_array(list_transform(list_zip("
                       : "kql_nonempty(kql_json_array(list_transform(");
    for (size_t i = 0; i < n; i++)
        buf_printf(&o,
                   bx_is_const(re) ? "%sregexp_extract_all($2, $1, %d)"
                                   : "%sTRY(regexp_extract_all($2, $1, %d))",
                   i ? ", " : "", (int)g[i]);
    buf_puts(&o, n > 1 ? "), lambda x: kql_json_array([" : ", lambda x: kql_json_str(coalesce(x, '')))))");
    for (size_t i = 0; i < n && n > 1; i++)
        buf_printf(&o, "%skql_json_str(coalesce(x[%zu], ''))", i ? ", " : "", i + 1);
    if (n > 1)
        buf_puts(&o, "]))))");
    const char *sql = arena_strdup(b->a, buf_z(&o));
    buf_free(&o);
    return bx_call(b, HB_DYNAMIC, sql, c->node.span, 2, re, s);
}

static struct bexpr *s_extract_json(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 2 && c->args.n != 3)
        return wrong_count(b, c, "two or three arguments");
    struct bexpr *path = bind_as(b, c->args.items[0], row, HB_STRING, "the path");
    struct bexpr *text = bind_expr(b, c->args.items[1], row);
    if (bx_failed(path) || bx_failed(text))
        return bx_error(b, c->node.span);
    if (text->type != HB_DYNAMIC)
        text = bx_call(b, HB_DYNAMIC, "kql_parse_json($1)", c->node.span, 1, to_string(b, text));
    struct bexpr *v = bx_call(b, HB_DYNAMIC, "kql_json_path($2, $1)", c->node.span, 2, path, text);
    enum hb_type t = c->args.n == 3 ? type_arg(b, c->args.items[2]) : HB_STRING;
    return t == HB_UNKNOWN ? bx_error(b, c->node.span) : convert(b, v, t);
}

/* array_sort_asc(a, b, ...[, nulls_last]): with several arrays an array of them, all in the order of the first. */
static struct bexpr *s_array_sort(struct binder *b, const struct kql_call *c, struct brow *row)
{
    size_t n = c->args.n;
    struct bexpr **v = ARENA_ARRAY(b->a, n + 3, struct bexpr *), *last = bx_bool(b, true, c->node.span);
    for (size_t i = 0; i < n; i++) {
        v[i] = bind_expr(b, c->args.items[i], row);
        if (bx_failed(v[i]))
            return v[i];
    }
    if (n > 1 && v[n - 1]->type == HB_BOOL)
        last = v[--n];
    for (size_t i = 0; i < n; i++)
        if (v[i]->type != HB_DYNAMIC) {
            bind_error(b, v[i]->span, NULL, "'%.*s' sorts arrays, not %s", STR_ARG(c->name->name),
                       hb_type_name(v[i]->type));
            return bx_error(b, c->node.span);
        }
    struct bexpr *desc = bx_bool(b, str_eqz(c->name->name, "array_sort_desc"), c->node.span);
    if (!n)
        return wrong_count(b, c, "arrays");
    if (n == 1)
        return bx_call(b, HB_DYNAMIC, "kql_array_sort($1, $2, $3)", c->node.span, 3, v[0], desc, last);
    struct bexpr *list = bx_calln(b, HB_DYNAMIC, "[$*]", c->node.span, n, v);
    struct bexpr **parts = ARENA_ARRAY(b->a, n, struct bexpr *);
    for (size_t i = 0; i < n; i++)
        parts[i] = bx_call(b, HB_DYNAMIC, "kql_array_sort_by($1, $2, $3, $4)", c->node.span, 4, list,
                           bx_long(b, (int64_t)i, c->node.span), desc, last);
    struct bexpr *e = bx_calln(b, HB_DYNAMIC, "kql_json_array([$*])", c->node.span, n, parts);
    struct btuple *t = ARENA_NEW(b->a, struct btuple);
    t->n = n < BTUPLE_MAX ? n : BTUPLE_MAX;
    e->tuple = t;
    return e;
}

static struct bexpr *s_percentile_tdigest(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 2 && c->args.n != 3)
        return wrong_count(b, c, "two or three arguments");
    struct bexpr *d = bind_as(b, c->args.items[0], row, HB_DYNAMIC, "the tdigest");
    struct bexpr *p = bind_as(b, c->args.items[1], row, HB_REAL, "the percentage");
    enum hb_type t = c->args.n == 3 ? type_arg(b, c->args.items[2]) : HB_DYNAMIC;
    if (bx_failed(d) || bx_failed(p) || t == HB_UNKNOWN)
        return bx_error(b, c->node.span);
    return convert(b, bx_call(b, HB_DYNAMIC, "kql_percentile($1, $2)", c->node.span, 2, d, p), t);
}

/* tdigest, percentages or an array of them, and perhaps the type; one percentage of a type gives the value itself. */
static struct bexpr *s_percentiles_array_tdigest(struct binder *b, const struct kql_call *c, struct brow *row)
{
    size_t n = c->args.n;
    bool typed = n > 2 && c->args.items[n - 1]->kind == KQL_TYPEOF;
    enum hb_type t = typed ? type_arg(b, c->args.items[n - 1]) : HB_DYNAMIC;
    n -= typed;
    if (n < 2)
        return wrong_count(b, c, "a tdigest and percentages");
    struct bexpr *d = bind_as(b, c->args.items[0], row, HB_DYNAMIC, "the tdigest");
    struct bexpr **p = ARENA_ARRAY(b->a, n, struct bexpr *);
    for (size_t i = 1; i < n; i++)
        p[i - 1] = bind_expr(b, c->args.items[i], row);
    for (size_t i = 0; i < n; i++)
        if (bx_failed(i ? p[i - 1] : d) || t == HB_UNKNOWN)
            return bx_error(b, c->node.span);
    if (n == 2 && typed && p[0]->type != HB_DYNAMIC)
        return convert(
            b, bx_call(b, HB_DYNAMIC, "kql_percentile($1, CAST($2 AS DOUBLE))", c->node.span, 2, d, p[0]), t);
    struct bexpr *list = p[0];
    if (n > 2 || p[0]->type != HB_DYNAMIC) {
        for (size_t i = 0; i + 1 < n; i++)
            p[i] = to_json(b, p[i]);
        list = bx_calln(b, HB_DYNAMIC, "kql_json_array([$*])", c->node.span, n - 1, p);
    }
    return bx_call(
        b, HB_DYNAMIC,
        "kql_json_array(list_transform(kql_members($2), lambda x: kql_percentile($1, kql_dyn_real(x))))",
        c->node.span, 2, d, list);
}

static struct bexpr *s_countof(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 2 && c->args.n != 3)
        return wrong_count(b, c, "two or three arguments");
    struct bexpr *s = bind_as(b, c->args.items[0], row, HB_STRING, "the text");
    struct bexpr *x = bind_as(b, c->args.items[1], row, HB_STRING, "the pattern");
    struct str kind = STR("normal");
    if (c->args.n == 3 && !bind_const_string(b, c->args.items[2], &kind, "the kind"))
        return bx_error(b, c->node.span);
    if (str_eqz(kind, "regex"))
        return bx_call(b, HB_LONG, "len(regexp_extract_all($1, $2))", c->node.span, 2, s, regex_arg(b, x));
    return bx_call(b, HB_LONG, "kql_countof($1, $2)", c->node.span, 2, s, x);
}

static struct bexpr *bag_of(struct binder *b, struct span span, size_t n, struct bexpr **kv)
{
    struct buf o = BUF_INIT;
    for (size_t half = 0; half < 2; half++) {
        buf_puts(&o, half ? "], [" : "kql_json_object([");
        for (size_t i = 0; i < n; i++)
            buf_printf(&o, "%s$(%zu)", i ? ", " : "", 2 * i + half + 1);
    }
    buf_puts(&o, "])");
    const char *sql = n ? arena_strdup(b->a, buf_z(&o)) : "'{}'";
    buf_free(&o);
    return bx_calln(b, HB_DYNAMIC, sql, span, 2 * n, kv);
}

static struct bexpr *s_bag_pack(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n % 2)
        return wrong_count(b, c, "pairs of name and value");
    struct bexpr **kv = ARENA_ARRAY(b->a, c->args.n, struct bexpr *);
    for (size_t i = 0; i < c->args.n; i++) {
        struct bexpr *e = i % 2 ? bind_expr(b, c->args.items[i], row)
                                : bind_as(b, c->args.items[i], row, HB_STRING, "a name");
        if (bx_failed(e))
            return e;
        kv[i] = i % 2 ? to_json(b, e) : e;
    }
    return bag_of(b, c->node.span, c->args.n / 2, kv);
}

struct bexpr *pack_columns(struct binder *b, struct span span, const struct bcol *cols, size_t n, bool skip)
{
    struct bexpr **kv = ARENA_ARRAY(b->a, 2 * n, struct bexpr *);
    for (size_t i = 0; i < n; i++) {
        struct bexpr *e = bx_col(b, &cols[i], span);
        kv[2 * i] = bx_str(b, cols[i].name, span);
        kv[2 * i + 1] = to_json(b, e);
        if (skip && e->type == HB_STRING)
            kv[2 * i + 1] = bx_call(b, HB_DYNAMIC, "kql_json_str(nullif($1, ''))", span, 1, e);
    }
    struct bexpr *bag = bag_of(b, span, n, kv);
    return skip ? bx_call(b, HB_DYNAMIC, "kql_bag_compact($1)", span, 1, bag) : bag;
}

static struct bexpr *s_pack_all(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n > 1 || !row || !row->rel)
        return wrong_count(b, c, "at most one argument, where there are columns");
    bool skip = false;
    if (c->args.n) {
        struct bexpr *e = bind_bool(b, c->args.items[0], NULL, "the argument");
        skip = bx_is_const(e) && e->v.b;
    }
    return pack_columns(b, c->node.span, row->rel->cols, row->rel->ncols, skip);
}

static struct bexpr *s_bag_pack_columns(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr **kv = ARENA_ARRAY(b->a, 2 * c->args.n, struct bexpr *);
    for (size_t i = 0; i < c->args.n; i++) {
        struct bexpr *e = bind_expr(b, c->args.items[i], row);
        if (bx_failed(e))
            return e;
        kv[2 * i] = bx_str(b, auto_name(b, c->args.items[i]), c->node.span);
        kv[2 * i + 1] = to_json(b, e);
    }
    return bag_of(b, c->node.span, c->args.n, kv);
}

static struct bexpr *s_column_ifexists(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct str name;
    if (c->args.n != 2)
        return wrong_count(b, c, "two arguments");
    if (!bind_const_string(b, c->args.items[0], &name, "the column's name"))
        return bx_error(b, c->node.span);
    const struct bcol *col = row ? rel_find(b, row->rel, name) : NULL;
    return col ? bx_col(b, col, c->node.span) : bind_expr(b, c->args.items[1], row);
}

/* The names as an array constant. */
static struct bexpr *s_column_names_of(struct binder *b, const struct kql_call *c, struct brow *row)
{
    (void)row;
    if (c->args.n != 1)
        return wrong_count(b, c, "a table");
    struct brel *t = bind_table(b, c->args.items[0]);
    if (t->open)
        return bx_error(b, c->node.span);
    struct buf o = BUF_INIT;
    for (size_t i = 0; i < t->ncols; i++) {
        buf_putc(&o, i ? ',' : '[');
        json_put_str(&o, t->cols[i].name);
    }
    buf_puts(&o, t->ncols ? "]" : "[]");
    struct bexpr *e = bx_new(b, BX_CONST, HB_DYNAMIC, c->node.span);
    e->nullable = false;
    e->text = buf_to_arena(&o, b->a);
    buf_free(&o);
    return e;
}

static struct bexpr *s_ingestion_time(struct binder *b, const struct kql_call *c, struct brow *row)
{
    static const char *const times[] = { "TimeGenerated", "Timestamp" };
    for (size_t i = 0; i < 2 && row; i++) {
        const struct bcol *col = rel_find(b, row->rel, str_z(times[i]));
        if (col && col->type == HB_DATETIME)
            return bx_col(b, col, c->node.span);
    }
    return bx_null(b, HB_DATETIME, c->node.span);
}

static struct bexpr *s_range(struct binder *b, const struct kql_call *c, struct brow *row)
{
    if (c->args.n != 2 && c->args.n != 3)
        return wrong_count(b, c, "two or three arguments");
    struct bexpr *v[3];
    for (size_t i = 0; i < c->args.n; i++) {
        v[i] = bind_expr(b, c->args.items[i], row);
        if (bx_failed(v[i]))
            return v[i];
    }
    if (c->args.n == 2) {
        v[2] = bx_long(b, type_is_time(v[0]->type) ? INT64_C(36000000000) : 1, c->node.span);
        v[2]->type = type_is_time(v[0]->type) ? HB_TIMESPAN : HB_LONG;
    }
    if (v[0]->type == HB_DATETIME || v[0]->type == HB_TIMESPAN) {
        const char *sql = v[0]->type == HB_DATETIME ? "kql_range_time($1, $2, $3)"
                                                    : "kql_range_span($1, $2, $3)";
        struct bexpr *hi = coerce(b, v[1], v[0]->type), *step = coerce(b, v[2], HB_TIMESPAN);
        if (hi && step)
            return bx_call(b, HB_DYNAMIC, sql, c->node.span, 3, v[0], hi, step);
    } else if (type_is_integer(v[0]->type) && type_is_integer(v[1]->type) && type_is_integer(v[2]->type)) {
        return bx_call(b, HB_DYNAMIC, "kql_range($1, $2, $3)", c->node.span, 3, v[0], v[1], v[2]);
    } else {
        struct bexpr *x = coerce(b, v[0], HB_REAL), *y = coerce(b, v[1], HB_REAL),
                     *z = coerce(b, v[2], HB_REAL);
        if (x && y && z)
            return bx_call(b, HB_DYNAMIC, "kql_ranger($1, $2, $3)", c->node.span, 3, x, y, z);
    }
    bind_error(b, c->node.span, NULL, "'range' needs numbers, or times and a timespan");
    return bx_error(b, c->node.span);
}

/* A part of a datetime by its name, as the rows of funcs.c want it; NULL: it is none. `first`, then the others up to a NULL. */
static struct bexpr *part_of_time(struct binder *b, const struct kql_node *n, const char *const *first)
{
    static const char *const others[] = { "year",   "quarter", "month",       "day",         "hour",
                                          "minute", "second",  "millisecond", "microsecond", "nanosecond" };
    enum { NOTHERS = sizeof others / sizeof *others };
    struct str part, names[NOTHERS + 2];
    size_t count = 0;
    if (!bind_const_string(b, n, &part, "the part"))
        return NULL;
    for (; first[count]; count++)
        names[count] = str_z(first[count]);
    for (size_t i = 0; i < NOTHERS; i++)
        names[count++] = str_z(others[i]);
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(part, names[i]))
            return bx_str(b, names[i], n->span);
    struct str near = str_nearest(part, names, count);
    bind_error(b, n->span, near.n ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near)) : NULL,
               "unknown part of a datetime '%.*s'", STR_ARG(part));
    return NULL;
}

static struct bexpr *s_datetime_part(struct binder *b, const struct kql_call *c, struct brow *row)
{
    static const char *const first[] = { "week_of_year", "dayofyear", NULL };
    if (c->args.n != 2)
        return wrong_count(b, c, "two arguments");
    struct bexpr *t = bind_as(b, c->args.items[1], row, HB_DATETIME, "the time");
    struct bexpr *part = part_of_time(b, c->args.items[0], first);
    if (!part || bx_failed(t))
        return bx_error(b, c->node.span);
    return bx_call(b, HB_LONG, "kql_datetime_part($1, $2)", c->node.span, 2, part, t);
}

/* datetime_add, datetime_diff. The engine counts the weeks of datetime_diff as a real, everything else as a long. */
static struct bexpr *s_datetime_math(struct binder *b, const struct kql_call *c, struct brow *row)
{
    static const char *const first[] = { "week", NULL };
    struct bexpr *v[3];
    if (c->args.n != 3)
        return wrong_count(b, c, "three arguments");
    v[0] = part_of_time(b, c->args.items[0], first);
    for (size_t i = 1; i < 3; i++)
        v[i] = bind_expr(b, c->args.items[i], row);
    if (!v[0])
        return bx_error(b, c->node.span);
    struct bexpr *e = call_rows(b, c->name->name, c->node.span, 3, v);
    bool weeks = str_eqz(c->name->name, "datetime_diff") && str_eqz(v[0]->text, "week");
    return !bx_failed(e) && weeks ? convert(b, e, HB_REAL) : e;
}

static struct bexpr *s_estimate(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *sum = bx_long(b, 0, c->node.span);
    for (size_t i = 0; row && row->rel && i < row->rel->ncols; i++) {
        struct bexpr *s = to_string(b, bx_col(b, &row->rel->cols[i], c->node.span));
        struct bexpr *n = bx_call(b, HB_LONG, "strlen($1)", c->node.span, 1, s);
        sum = bind_binary(b, KQL_ADD, sum, n, c->node.span, c->node.span);
    }
    return sum;
}

static struct bexpr *s_bin_auto(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *v[3] = { one_arg(b, c, row), b->bin_size, b->bin_at };
    if (bx_failed(v[0]))
        return v[0];
    if (!v[1]) {
        bind_error(b, c->node.span, "put 'set query_bin_auto_size = 1h;' in front", "bin_auto() has no size");
        return bx_error(b, c->node.span);
    }
    return call_by_name(b, v[2] ? "bin_at" : "bin", c->node.span, v[2] ? 3 : 2, v);
}

static struct bexpr *s_geo_info(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *ip = one_arg(b, c, row);
    if (bx_failed(ip))
        return ip;
    diag_add(b->d, DIAG_WARNING, b->src, c->node.span, NULL,
             "there is no location database: geo_info_from_ip_address() gives an empty bag");
    return bx_call(b, HB_DYNAMIC, "(CASE WHEN $1 IS NULL THEN NULL ELSE '{}' END)", c->node.span, 1, ip);
}

static struct bexpr *s_not_here(struct binder *b, const struct kql_call *c, struct brow *row)
{
    (void)row;
    bind_error(b, c->node.span, NULL, "'%.*s' gives a table, not a value", STR_ARG(c->name->name));
    return bx_error(b, c->node.span);
}

static const struct special {
    const char *name;
    special_fn *bind;
} specials[] = {
    { "tostring", s_tostring },
    { "tobool", s_tobool },
    { "toboolean", s_tobool },
    { "toint", s_toint },
    { "tolong", s_tolong },
    { "todouble", s_toreal },
    { "toreal", s_toreal },
    { "todecimal", s_todecimal },
    { "todatetime", s_todatetime },
    { "totimespan", s_totimespan },
    { "totime", s_totimespan },
    { "toguid", s_toguid },
    { "isnull", s_isnull },
    { "isnotnull", s_isnotnull },
    { "notnull", s_isnotnull },
    { "isempty", s_isempty },
    { "isnotempty", s_isnotempty },
    { "notempty", s_isnotempty },
    { "gettype", s_gettype },
    { "iff", s_iff },
    { "iif", s_iff },
    { "case", s_case },
    { "coalesce", s_coalesce },
    { "toscalar", s_toscalar },
    { "now", s_now },
    { "ago", s_ago },
    { "extract", s_extract },
    { "extract_all", s_extract_all },
    { "extractall", s_extract_all },
    { "extract_json", s_extract_json },
    { "extractjson", s_extract_json },
    { "array_sort_asc", s_array_sort },
    { "array_sort_desc", s_array_sort },
    { "percentile_tdigest", s_percentile_tdigest },
    { "percentiles_array_tdigest", s_percentiles_array_tdigest },
    { "countof", s_countof },
    { "bag_pack", s_bag_pack },
    { "pack", s_bag_pack },
    { "pack_dictionary", s_bag_pack },
    { "pack_all", s_pack_all },
    { "bag_pack_columns", s_bag_pack_columns },
    { "column_ifexists", s_column_ifexists },
    { "columnifexists", s_column_ifexists },
    { "column_names_of", s_column_names_of },
    { "ingestion_time", s_ingestion_time },
    { "range", s_range },
    { "datetime_part", s_datetime_part },
    { "datetime_add", s_datetime_math },
    { "datetime_diff", s_datetime_math },
    { "estimate_data_size", s_estimate },
    { "geo_info_from_ip_address", s_geo_info },
    { "bin_auto", s_bin_auto },
    { "materialize", s_not_here },
    { "row_number", bind_window },
    { "prev", bind_window },
    { "next", bind_window },
    { "row_cumsum", bind_window },
    { "row_window_session", bind_window },
    { "row_rank_dense", bind_window },
    { "row_rank_min", bind_window },
};

/* -- calls -- */

static struct bexpr *unknown_function(struct binder *b, const struct kql_call *c)
{
    struct str name = c->name->name;
    for (size_t i = 0; i < kql_nfuncs; i++)
        if (str_eqz(name, kql_funcs[i].name)) {
            bind_error(b, c->name->node.span, NULL, "function '%.*s' is not supported", STR_ARG(name));
            return bx_error(b, c->node.span);
        }
    if (is_aggregate(name)) {
        bind_error(b, c->name->node.span, NULL, "aggregate '%.*s' can only stand in summarize or make-series",
                   STR_ARG(name));
        return bx_error(b, c->node.span);
    }
    struct str *names = ARENA_ARRAY(b->a, kql_nfuncs, struct str);
    size_t n = 0;
    for (size_t i = 0; i < kql_nfuncs; i++)
        if (kql_funcs[i].sql)
            names[n++] = str_z(kql_funcs[i].name);
    struct str near = str_nearest(name, names, n);
    const char *hint = kql_slip_function(name);
    if (!hint && near.n)
        hint = arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near));
    bind_error(b, c->name->node.span, hint, "unknown function '%.*s'", STR_ARG(name));
    return bx_error(b, c->node.span);
}

/* pack_array(*), strcat_delim(",", *): a star is all columns */
static size_t bind_args(struct binder *b, const struct kql_call *c, struct brow *row, struct bexpr ***out)
{
    size_t room = c->args.n + (row && row->rel ? row->rel->ncols : 0), n = 0;
    struct bexpr **v = ARENA_ARRAY(b->a, room, struct bexpr *);
    for (size_t i = 0; i < c->args.n; i++) {
        if (c->args.items[i]->kind == KQL_STAR && row && row->rel && i + 1 == c->args.n)
            for (size_t k = 0; k < row->rel->ncols; k++)
                v[n++] = bx_col(b, &row->rel->cols[k], c->args.items[i]->span);
        else
            v[n++] = bind_expr(b, c->args.items[i], row);
    }
    *out = v;
    return n;
}

/* Patterns of format_datetime and format_timespan hold only the known letters and these marks; others are refused. */
static bool check_pattern(struct binder *b, const struct kql_call *c, size_t n, struct bexpr **args)
{
    bool time = str_eqz(c->name->name, "format_datetime");
    if (n != 2 || !bx_is_const(args[1]) || args[1]->type != HB_STRING ||
        (!time && !str_eqz(c->name->name, "format_timespan")))
        return true;
    const char *known = time ? "dfFhHmMsty /-:,._[]" : "dfFhHms /-:,._[]";
    struct str p = args[1]->text;
    for (size_t i = 0; i < p.n; i++)
        if (!p.p[i] || !strchr(known, p.p[i])) {
            bind_error(b, args[1]->span, NULL, "the pattern of '%.*s' cannot hold '%c'",
                       STR_ARG(c->name->name), p.p[i]);
            return false;
        }
    return true;
}

struct bexpr *bind_lambda_value(struct binder *b, const struct kql_call *c, const struct bname *nm,
                                struct brow *row)
{
    struct bexpr *e = NULL;
    struct brel *t = NULL;
    if (!bind_lambda(b, c, nm, row, &e, &t))
        return bx_error(b, c->node.span);
    if (e)
        return e;
    bind_error(b, c->node.span, "one value of a table is toscalar(...)", "'%.*s' gives a table, not a value",
               STR_ARG(c->name->name));
    return bx_error(b, c->node.span);
}

struct bexpr *bind_call(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bname *nm = scope_find(b->scope, c->name->name);
    if (nm && nm->kind == BN_LAMBDA)
        return bind_lambda_value(b, c, nm, row);
    if (nm && nm->kind == BN_SCALAR && !c->args.n)
        return nm->scalar;
    struct bexpr *of_pattern = graph_call(b, c, row);
    if (of_pattern)
        return of_pattern;
    if (row && row->agg && !row->in_agg && is_aggregate(c->name->name))
        return bind_aggregate(b, c, row);
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (str_eqz(c->name->name, specials[i].name))
            return specials[i].bind(b, c, row);
    const struct tuple_fn *several = tuple_find(c->name->name);
    if (several)
        return bind_tuple(b, several, c, row);
    for (size_t i = 0; i < kql_nfuncs; i++)
        if (str_eqz(c->name->name, kql_funcs[i].name) && kql_funcs[i].sql && kql_funcs[i].sql[0] != '!') {
            struct bexpr **args;
            size_t n = bind_args(b, c, row, &args);
            if (!check_pattern(b, c, n, args))
                return bx_error(b, c->node.span);
            return call_rows(b, c->name->name, c->node.span, n, args);
        }
    return unknown_function(b, c);
}
