/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summarize: keys, aggregates inside expressions, and the aggregates that give several columns.
 *
 * arg_max and its kin find a row, then bring its columns: max(t) per group, the first row that has it, a join back on the
 * row's number. Ties are broken by the order of the input, so the answer repeats.
 */
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

/* -- one aggregate -- */

static char sig_letter(const char *sig, size_t i)
{
    return i < strlen(sig) ? sig[i] : 0;
}

/* A value that can be grouped by or counted as different. */
static struct bexpr *as_key(struct binder *b, struct bexpr *e, const char *what)
{
    if (e->type != HB_DYNAMIC || (e->kind == BX_CONST && e->null))
        return e;
    bind_error(b, e->span, "convert it, for instance with tostring()", "%s cannot be a dynamic value", what);
    return bx_error(b, e->span);
}

static struct bexpr *agg_arg(struct binder *b, char letter, struct bexpr *e, bool lenient)
{
    switch (letter) {
    case 'a':
    case 'k': return e;
    case 'j': return to_json(b, e);
    case 'l':
        return type_is_integer(e->type) || (lenient && e->type == HB_DYNAMIC) ? coerce(b, e, HB_LONG) : NULL;
    case 'r':
        return type_is_number(e->type) || (lenient && e->type == HB_DYNAMIC) ? convert(b, e, HB_REAL) : NULL;
    case 'i': return e->type == HB_INT ? e : NULL;
    case 't': return e->type == HB_DATETIME ? e : NULL;
    case 'p': return e->type == HB_TIMESPAN ? e : NULL;
    case 's': return e->type == HB_STRING ? e : NULL;
    case 'b': return e->type == HB_BOOL ? e : NULL;
    case 'g': return e->type == HB_GUID ? e : NULL;
    case 'd': return e->type == HB_DYNAMIC ? e : NULL;
    case 'D': return e->type == HB_DECIMAL ? e : NULL;
    case 'P': return e->type == HB_BOOL ? e : NULL;
    default: return NULL;
    }
}

static enum hb_type agg_type(const char *ret, struct bexpr **args)
{
    switch (*ret) {
    case 'l': return HB_LONG;
    case 'i': return HB_INT;
    case 'r': return HB_REAL;
    case 's': return HB_STRING;
    case 'd': return HB_DYNAMIC;
    case 't': return HB_DATETIME;
    case 'p': return HB_TIMESPAN;
    case 'b': return HB_BOOL;
    case 'g': return HB_GUID;
    case 'D': return HB_DECIMAL;
    default: return args[0]->type;
    }
}

static struct bexpr *collect(struct binder *b, struct brow *row, struct bexpr *e)
{
    if (bx_failed(e))
        return e;
    if (strstr(e->sql, "$o")) {
        e->over = row->rel->order;
        e->nover = row->rel->norder;
    }
    struct bitem it = { new_col(b), e };
    *VEC_PUSH(b->a, row->agg->items, row->agg->nitems, row->agg->cap) = it;
    struct bexpr *c = bx_colid(b, it.id, e->type);
    c->span = e->span;
    return c;
}

static struct bexpr *agg_row(struct binder *b, const struct kql_agg *a, struct span span, struct bexpr **in,
                             size_t n, bool lenient)
{
    struct bexpr *args[9], *filter = NULL;
    size_t na = 0;
    if (strlen(a->args) != n)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        char l = sig_letter(a->args, i);
        struct bexpr *e = agg_arg(b, l, in[i], lenient);
        if (!e)
            return NULL;
        if (l == 'k' && bx_failed(e = as_key(b, e, "the argument")))
            return e;
        if (l == 'P')
            filter = bx_condition(b, e);
        else
            args[na++] = e;
    }
    struct bexpr *e = bx_calln(b, agg_type(a->ret, args), a->sql, span, na, args);
    e->filter = filter;
    return e;
}

struct bexpr *bind_aggregate(struct binder *b, const struct kql_call *c, struct brow *row)
{
    struct bexpr *in[9];
    size_t n = c->args.n;
    row->in_agg = true;
    for (size_t i = 0; i < n && i < 9; i++)
        in[i] = bind_expr(b, c->args.items[i], row);
    row->in_agg = false;
    bool special = false;
    for (size_t i = 0; i < n && i < 9; i++)
        if (bx_failed(in[i]))
            return in[i];
    for (int lenient = 0; lenient < 2; lenient++)
        for (size_t i = 0; i < kql_naggs && n <= 9; i++) {
            const struct kql_agg *a = &kql_aggs[i];
            if (!str_eqz(c->name->name, a->name))
                continue;
            special |= a->sql[0] == '!';
            struct bexpr *e = special ? NULL : agg_row(b, a, c->node.span, in, n, lenient);
            if (e)
                return collect(b, row, e);
        }
    if (special)
        bind_error(b, c->node.span, NULL, "'%.*s' cannot stand inside an expression", STR_ARG(c->name->name));
    else
        bind_error(b, c->node.span, kql_signature(b->a, c->name->name),
                   "'%.*s' does not take these arguments: %s%s", STR_ARG(c->name->name),
                   n ? hb_type_name(in[0]->type) : "none", n > 1 ? ", ..." : "");
    return bx_error(b, c->node.span);
}

/* -- summarize -- */

/* One row to be found for each group, and the columns wanted of it. */
struct finder {
    bool take;   /* any row: the first */
    bool least;  /* arg_min */
    int by;      /* hidden column of the input: the value */
    int best;    /* aggregate: its largest, or the number of the first row */
    int *want;   /* columns of the input */
    int *become; /* their numbers in the result */
    enum hb_type *types;
    size_t nwant;
};

/* A make_set: its values are made different by groups of their own, each with its first row, and joined to the other groups. */
struct setter {
    const struct bexpr *agg; /* as bound */
    int id;                  /* its column */
    int value, filter;       /* columns of the input; filter -1: none */
    enum hb_type type;       /* of the value */
};

struct summary {
    struct binder *b;
    struct brow row;
    struct bagg agg;
    struct boutput out;
    struct bitem *keys; /* over the input */
    size_t nkeys, ckeys;
    struct str *key_names;
    size_t nkn, ckn;
    struct finder *finders;
    size_t nfinders, cfinders;
    struct setter *sets;
    size_t nsets, csets;
    struct bitem *subst; /* column -> what it becomes when rows are brought */
    size_t nsubst, csubst;
    bool failed;
};

static const struct kql_node *strip(const struct kql_node *n)
{
    while (n->kind == KQL_PAREN)
        n = ((const struct kql_paren *)n)->inner;
    return n;
}

static struct str tuple_name(const struct kql_named *nm, size_t i)
{
    if (!nm || i >= nm->names.n)
        return (struct str){ 0 };
    return KQL_AS(kql_name, nm->names.items[i])->name;
}

/* An argument of an aggregate: no aggregate may stand in it. */
static struct bexpr *bind_inner(struct summary *s, const struct kql_node *n)
{
    s->row.in_agg = true;
    struct bexpr *e = bind_expr(s->b, n, &s->row);
    s->row.in_agg = false;
    return e;
}

/* A column of the input for an expression: itself, or a hidden one. */
static int input_column(struct summary *s, struct bexpr *e)
{
    if (e->kind == BX_COL)
        return e->col;
    return rel_add_hidden(s->b, &s->row.rel, e);
}

/* A column of an aggregate. One under a name of its own gives way to no other, one named by us takes the next free name. */
static void give(struct summary *s, struct str name, bool named, struct bexpr *e)
{
    out_add(s->b, &s->out, name, named, e, false);
    if (!named && !s->out.failed)
        s->out.made[s->out.ncols - 1] = false;
}

static void want(struct summary *s, struct finder *f, int id, enum hb_type type, struct str name, bool named)
{
    struct binder *b = s->b;
    f->want[f->nwant] = id;
    f->types[f->nwant] = type;
    f->become[f->nwant] = new_col(b);
    struct bexpr *e = bx_colid(b, f->become[f->nwant++], type);
    give(s, name, named, e);
}

static bool is_key_column(const struct summary *s, int id)
{
    for (size_t i = 0; i < s->nkeys; i++)
        if (s->keys[i].e->kind == BX_COL && s->keys[i].e->col == id)
            return true;
    return false;
}

static void want_star(struct summary *s, struct finder *f, const struct brel *in, int but, struct str prefix)
{
    for (size_t i = 0; i < in->ncols; i++)
        if (in->cols[i].id != but && !is_key_column(s, in->cols[i].id))
            want(s, f, in->cols[i].id, in->cols[i].type,
                 arena_strf(s->b->a, "%.*s%.*s", STR_ARG(prefix), STR_ARG(in->cols[i].name)), false);
}

/* The old spellings, argmax and argmin, put max_t_ in front of the names; the new ones nothing. */
static struct str extreme_prefix(struct binder *b, const struct kql_call *c, struct str by)
{
    bool old = str_eqz(c->name->name, "argmax") || str_eqz(c->name->name, "argmin");
    return old ? arena_strf(b->a, "%.*s_%.*s_", 3, c->name->name.p + 3, STR_ARG(by)) : STR("");
}

static struct finder *new_finder(struct summary *s, size_t room)
{
    struct finder *f = VEC_PUSH(s->b->a, s->finders, s->nfinders, s->cfinders);
    f->want = ARENA_ARRAY(s->b->a, room, int);
    f->become = ARENA_ARRAY(s->b->a, room, int);
    f->types = ARENA_ARRAY(s->b->a, room, enum hb_type);
    return f;
}

static bool bind_arg_extreme(struct summary *s, const struct kql_call *c, const struct kql_named *nm)
{
    struct binder *b = s->b;
    bool least = str_eqz(c->name->name, "arg_min") || str_eqz(c->name->name, "argmin");
    if (!c->args.n) {
        bind_error(b, c->node.span, NULL, "'%.*s' needs a value to compare", STR_ARG(c->name->name));
        return false;
    }
    struct bexpr *t = as_key(b, bind_inner(s, c->args.items[0]), "the value to compare");
    if (bx_failed(t))
        return false;
    struct brel *in = s->row.rel;
    struct finder *f = new_finder(s, c->args.n + in->ncols);
    f->least = least;
    f->by = input_column(s, t);
    struct bexpr *best = bx_call(b, t->type, least ? "min($1)" : "max($1)", c->node.span, 1,
                                 bx_colid(b, f->by, t->type));
    f->best = collect(b, &s->row, best)->col;
    struct str name = auto_name(b, c->args.items[0]), prefix = extreme_prefix(b, c, name);
    if (prefix.n)
        name = str_sub(prefix, 0, prefix.n - 1);
    if (!name.n)
        name = str_z(least ? "min_" : "max_");
    if (tuple_name(nm, 0).n)
        name = tuple_name(nm, 0);
    give(s, name, tuple_name(nm, 0).n > 0, bx_colid(b, f->best, t->type));
    for (size_t i = 1; i < c->args.n; i++) {
        if (c->args.items[i]->kind == KQL_STAR) {
            want_star(s, f, in, f->by, prefix);
            continue;
        }
        const struct kql_node *arg = c->args.items[i];
        const struct kql_named *own = arg->kind == KQL_NAMED ? KQL_AS(kql_named, arg) : NULL;
        struct bexpr *e = bind_inner(s, own ? own->value : arg);
        if (bx_failed(e))
            return false;
        struct str n = tuple_name(nm, i).n ? tuple_name(nm, i)
                       : own               ? KQL_AS(kql_name, own->names.items[0])->name
                             : arena_strf(b->a, "%.*s%.*s", STR_ARG(prefix), STR_ARG(auto_name(b, arg)));
        int id = input_column(s, e);
        want(s, f, id, e->type, n, own || tuple_name(nm, i).n > 0);
    }
    return true;
}

/* A value of one column: the first that is neither null nor empty. */
static bool bind_take_one(struct summary *s, const struct kql_call *c, struct str name)
{
    struct binder *b = s->b;
    struct bexpr *e = bind_inner(s, c->args.items[0]);
    if (bx_failed(e))
        return false;
    const char *sql = e->type == HB_STRING ? "coalesce(first($1 $o) FILTER (WHERE $1 <> ''), '')"
                                           : "first($1 $o) FILTER (WHERE $1 IS NOT NULL)";
    struct bexpr *v = collect(b, &s->row, bx_call(b, e->type, sql, c->node.span, 1, e));
    give(s, name, false, v);
    return true;
}

static bool bind_take_any(struct summary *s, const struct kql_call *c, const struct kql_named *nm)
{
    struct binder *b = s->b;
    const char *prefix = str_eqz(c->name->name, "any") ? "any_" : "";
    struct str names[64] = { { 0 } };
    for (size_t i = 0; i < c->args.n && i < 64; i++) {
        struct str a = auto_name(b, c->args.items[i]);
        names[i] = tuple_name(nm, i).n ? tuple_name(nm, i) : arena_strf(b->a, "%s%.*s", prefix, STR_ARG(a));
    }
    if (c->args.n == 1 && c->args.items[0]->kind != KQL_STAR)
        return bind_take_one(s, c, names[0]);
    int order = rel_single_order(b, &s->row.rel);
    struct brel *in = s->row.rel;
    struct finder *f = new_finder(s, c->args.n + in->ncols);
    f->take = true;
    f->best = collect(b, &s->row,
                      bx_call(b, HB_LONG, "min($1)", c->node.span, 1, bx_colid(b, order, HB_LONG)))
                  ->col;
    for (size_t i = 0; i < c->args.n && i < 64; i++) {
        if (c->args.items[i]->kind == KQL_STAR) {
            want_star(s, f, in, -1, str_z(prefix));
            continue;
        }
        struct bexpr *e = bind_inner(s, c->args.items[i]);
        if (bx_failed(e))
            return false;
        int id = input_column(s, e);
        want(s, f, id, e->type, names[i], tuple_name(nm, i).n > 0);
    }
    return true;
}

/* 99.9 as it stands in a column's name: 99_9 */
static struct str percent_text(struct binder *b, double p)
{
    struct buf o = BUF_INIT;
    buf_f64(&o, p);
    for (size_t i = 0; i < o.n; i++)
        if (o.p[i] == '.')
            o.p[i] = '_';
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

/* The percentages given as arguments or as one array; 0: reported. */
static size_t percents(struct summary *s, const struct kql_call *c, size_t first, double *p, size_t max)
{
    size_t n = 0;
    for (size_t i = first; i < c->args.n && n < max; i++) {
        struct bexpr *e = bind_expr(s->b, c->args.items[i], NULL);
        if (bx_is_const(e) && e->type == HB_DYNAMIC) {
            struct err err = ERR_INIT;
            cJSON *j = json_parse(e->text, &err);
            const cJSON *it;
            bool in_range = true;
            cJSON_ArrayForEach(it, j) if (cJSON_IsNumber(it) && n < max)
            {
                p[n++] = it->valuedouble;
                in_range &= it->valuedouble >= 0 && it->valuedouble <= 100;
            }
            cJSON_Delete(j);
            if (in_range)
                continue;
            bind_error(s->b, c->args.items[i]->span, NULL, "a percentile must be a number from 0 to 100");
            return 0;
        }
        struct bexpr *r = bx_failed(e) ? e : coerce(s->b, e, HB_REAL);
        if (!r || !bx_is_const(r) || r->v.r < 0 || r->v.r > 100) {
            if (!r || !bx_failed(r))
                bind_error(s->b, c->args.items[i]->span, NULL, "a percentile must be a number from 0 to 100");
            return 0;
        }
        p[n++] = r->v.r;
    }
    if (!n)
        bind_error(s->b, c->node.span, NULL, "'%.*s' needs a value and percentages", STR_ARG(c->name->name));
    return n;
}

/* One percentile; w is the weight of a value, NULL: all alike. */
static struct bexpr *percentile_of(struct binder *b, struct bexpr *x, struct bexpr *w, double p,
                                   struct span span)
{
    if (!w)
        return bx_call(b, x->type, "quantile_disc($1, $2)", span, 2, x, bx_real(b, p / 100, span));
    struct bexpr *v = bx_call(b, HB_DYNAMIC,
                              "kql_percentile(kql_json_array(list(kql_json_array([$1, $2]))), $3)", span, 3,
                              to_json(b, x), to_json(b, w), bx_real(b, p, span));
    return convert(b, v, x->type);
}

static bool bind_percentiles(struct summary *s, const struct kql_call *c, const struct kql_named *nm)
{
    struct binder *b = s->b;
    double p[64];
    bool weighted = str_starts(c->name->name, STR("percentilew")) ||
                    str_starts(c->name->name, STR("percentilesw"));
    size_t n = percents(s, c, weighted ? 2 : 1, p, 64);
    struct bexpr *x = c->args.n ? bind_inner(s, c->args.items[0]) : bx_error(b, c->node.span);
    if (!n || bx_failed(x) || bx_failed(as_key(b, x, "the value")))
        return false;
    if (x->type == HB_INT)
        x = convert(b, x, HB_LONG);
    struct str base = auto_name(b, c->args.items[0]);
    bool array = str_ends(c->name->name, STR("_array"));
    struct bexpr *w = weighted ? bind_inner(s, c->args.items[1]) : NULL;
    if (w && (bx_failed(w) || !type_is_number(w->type) || !type_is_number(x->type))) {
        if (!bx_failed(w))
            bind_error(b, c->node.span, NULL, "'%.*s' needs a number and its weight", STR_ARG(c->name->name));
        return false;
    }
    struct bexpr *all[64];
    for (size_t i = 0; i < n; i++) {
        struct bexpr *e = percentile_of(b, x, w, p[i], c->node.span);
        all[i] = collect(b, &s->row, e);
        struct str name = arena_strf(b->a, "percentile_%.*s_%.*s", STR_ARG(base),
                                     STR_ARG(percent_text(b, p[i])));
        if (tuple_name(nm, i).n)
            name = tuple_name(nm, i);
        if (!array)
            give(s, name, false, all[i]);
        else
            all[i] = to_json(b, all[i]);
    }
    if (array) {
        struct str name = tuple_name(nm, 0).n ? tuple_name(nm, 0)
                                              : arena_strf(b->a, "percentiles_%.*s", STR_ARG(base));
        out_add(b, &s->out, name, true, bx_calln(b, HB_DYNAMIC, "kql_json_array([$*])", c->node.span, n, all),
                false);
    }
    return true;
}

static const struct multi {
    const char *name;
    bool (*bind)(struct summary *s, const struct kql_call *c, const struct kql_named *nm);
} multis[] = {
    { "arg_max", bind_arg_extreme },
    { "arg_min", bind_arg_extreme },
    { "argmax", bind_arg_extreme },
    { "argmin", bind_arg_extreme },
    { "take_any", bind_take_any },
    { "any", bind_take_any },
    { "percentile", bind_percentiles },
    { "percentiles", bind_percentiles },
    { "percentiles_array", bind_percentiles },
    { "percentilew", bind_percentiles },
    { "percentilesw", bind_percentiles },
    { "percentilesw_array", bind_percentiles },
};

static void bind_item(struct summary *s, const struct kql_node *n)
{
    struct binder *b = s->b;
    const struct kql_named *nm = n->kind == KQL_NAMED ? (const struct kql_named *)n : NULL;
    const struct kql_node *value = strip(nm ? nm->value : n);
    if (value->kind == KQL_CALL && !scope_find(b->scope, KQL_AS(kql_call, value)->name->name)) {
        const struct kql_call *c = (const struct kql_call *)value;
        for (size_t i = 0; i < sizeof multis / sizeof *multis; i++)
            if (str_eqz(c->name->name, multis[i].name)) {
                s->failed |= !multis[i].bind(s, c, nm);
                return;
            }
    }
    size_t before = s->agg.nitems;
    s->row.agg = &s->agg;
    struct bexpr *e = bind_expr(b, value, &s->row);
    if (bx_failed(e)) {
        s->failed = true;
        return;
    }
    if (s->agg.nitems == before && e->kind != BX_CONST) {
        bind_error(b, n->span, "wrap it in take_any() or name it behind 'by'", "expected an aggregate");
        s->failed = true;
        return;
    }
    struct str name = nm ? tuple_name(nm, 0) : auto_name(b, value);
    give(s, name, nm != NULL, e);
}

static void bind_key(struct summary *s, const struct kql_node *n)
{
    struct binder *b = s->b;
    const struct kql_named *nm = n->kind == KQL_NAMED ? (const struct kql_named *)n : NULL;
    struct brow row = { .rel = s->row.rel, .window = true };
    struct bexpr *e = bind_expr(b, nm ? nm->value : n, &row);
    s->row.rel = row.rel;
    struct str key_name = value_name(b, n, e, row.rel);
    if (!bx_failed(e))
        e = as_key(b, e, "a key of summarize");
    if (bx_failed(e)) {
        s->failed = true;
        return;
    }
    struct bitem it = { new_col(b), e };
    *VEC_PUSH(b->a, s->keys, s->nkeys, s->ckeys) = it;
    if (e->kind == BX_COL)
        alias_copy(b, e->col, it.id);
    struct bexpr *k = bx_colid(b, it.id, e->type);
    k->nullable = e->nullable;
    k->span = n->span;
    struct str name = nm ? tuple_name(nm, 0) : key_name;
    out_add(b, &s->out, name, nm != NULL, k, false);
}

/* x is y, null to null */
static struct bexpr *same(struct binder *b, int x, int y, enum hb_type t, struct span span)
{
    return bx_call(b, HB_BOOL, t == HB_STRING ? "($1 = $2)" : "($1 IS NOT DISTINCT FROM $2)", span, 2,
                   bx_colid(b, x, t), bx_colid(b, y, t));
}

static struct bexpr *both(struct binder *b, struct bexpr *x, struct bexpr *y)
{
    return x ? bx_call(b, HB_BOOL, "($1 AND $2)", y->span, 2, x, y) : y;
}

/* The number a column of `shared` has in the reference r. */
static int through(const struct brel *r, int id)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (r->items[i].e->col == id)
            return r->items[i].id;
    return -1;
}

/* A reference that shows the given columns, hidden ones too. */
static struct brel *ref_with(struct binder *b, struct brel *shared, const int *ids, const enum hb_type *types,
                             size_t n)
{
    struct brel *r = rel_ref(b, shared, shared->span);
    struct bitem *items = ARENA_ARRAY(b->a, r->nitems + n, struct bitem);
    copy_bytes(items, r->items, r->nitems * sizeof *items);
    r->items = items;
    for (size_t i = 0; i < n; i++)
        if (through(r, ids[i]) < 0)
            r->items[r->nitems++] = (struct bitem){ new_col(b), bx_colid(b, ids[i], types[i]) };
    return r;
}

struct group_ids {
    int *input, *output; /* key columns of the input and of the grouped rows */
    enum hb_type *types;
    size_t n;
};

static struct group_ids group_ids(struct binder *b, const struct brel *agg)
{
    struct group_ids g = { ARENA_ARRAY(b->a, agg->nkeys, int), ARENA_ARRAY(b->a, agg->nkeys, int),
                           ARENA_ARRAY(b->a, agg->nkeys, enum hb_type), agg->nkeys };
    for (size_t i = 0; i < agg->nkeys; i++) {
        g.input[i] = agg->items[i].e->col;
        g.output[i] = agg->items[i].id;
        g.types[i] = agg->items[i].e->type;
    }
    return g;
}

/* Per group, the number of the first row that holds the best value: a relation of the keys and .best_row. */
static struct brel *first_best(struct summary *s, struct brel *input, struct brel *agg,
                               const struct group_ids *g, const struct finder *f, int order, int *keys_out,
                               int *row_out)
{
    struct binder *b = s->b;
    enum hb_type t = HB_UNKNOWN;
    for (size_t i = 0; i < agg->nitems; i++)
        if (agg->items[i].id == f->best)
            t = agg->items[i].e->type;
    int *ids = ARENA_ARRAY(b->a, g->n + 2, int);
    enum hb_type *types = ARENA_ARRAY(b->a, g->n + 2, enum hb_type);
    for (size_t i = 0; i < g->n; i++) {
        ids[i] = g->input[i];
        types[i] = g->types[i];
    }
    ids[g->n] = f->by;
    types[g->n] = t;
    ids[g->n + 1] = order;
    types[g->n + 1] = HB_LONG;
    struct brel *l = ref_with(b, input, ids, types, g->n + 2);
    int *aids = ARENA_ARRAY(b->a, g->n + 1, int);
    copy_bytes(aids, g->output, g->n * sizeof *aids);
    aids[g->n] = f->best;
    struct brel *r = ref_with(b, agg, aids, types, g->n + 1);
    struct bexpr *cond = same(b, through(l, f->by), through(r, f->best), t, agg->span);
    for (size_t i = 0; i < g->n; i++)
        cond = both(b, cond,
                    same(b, through(l, g->input[i]), through(r, g->output[i]), g->types[i], agg->span));
    l->npart = 0;
    struct brel *j = rel_join(b, BJ_INNER, l, r, cond, agg->span);
    struct bitem *keys = ARENA_ARRAY(b->a, g->n, struct bitem);
    for (size_t i = 0; i < g->n; i++) {
        keys_out[i] = new_col(b);
        keys[i] = (struct bitem){ keys_out[i], bx_colid(b, through(r, g->output[i]), g->types[i]) };
    }
    *row_out = new_col(b);
    struct bitem first = { *row_out, bx_call(b, HB_LONG, "min($1)", agg->span, 1,
                                             bx_colid(b, through(l, order), HB_LONG)) };
    return rel_agg(b, j, keys, g->n, &first, 1, agg->span);
}

/* Joins without a change of order: one row of the right side for each of the left. */
static struct brel *attach(struct binder *b, struct brel *rows, struct brel *right, struct bexpr *cond,
                           bool keyed)
{
    struct brel *j = rel_join(b, keyed ? BJ_INNER : BJ_LEFT, rows, right, cond, rows->span);
    j->order = rows->order;
    j->norder = rows->norder;
    j->one_right = true;
    return j;
}

static void replace(struct summary *s, int from, struct bexpr *to)
{
    *VEC_PUSH(s->b->a, s->subst, s->nsubst, s->csubst) = (struct bitem){ from, to };
}

/*
 * The input without its filters: a row is looked up by its number, and only rows that passed have been found. So the columns come
 * straight from the table. The input itself where it is more than columns and filters over one table.
 */
static struct brel *unfiltered(struct binder *b, struct brel *r)
{
    struct brel *p = r;
    while (p->kind == BR_PROJECT || p->kind == BR_FILTER)
        p = p->in;
    if (p->kind != BR_TABLE || !p->table.has_rowid)
        return r;
    struct brel *top = NULL, **link = &top;
    for (p = r; p->kind != BR_TABLE; p = p->in) {
        if (p->kind == BR_FILTER)
            continue;
        for (size_t i = 0; i < p->nitems; i++)
            if (!bx_row_by_row(p->items[i].e))
                return r;
        struct brel *copy = ARENA_NEW(b->a, struct brel);
        *copy = *p;
        copy->shared = false;
        *link = copy;
        link = &copy->in;
    }
    *link = p;
    return top ? top : p;
}

/* Joins the columns of the found row to the grouped rows. */
static struct brel *bring(struct summary *s, struct brel *rows, struct brel *base, struct brel *input,
                          struct brel *agg, const struct group_ids *g, const struct finder *f, int order)
{
    struct binder *b = s->b;
    int row_id = f->take ? through(base, f->best) : -1;
    if (!f->take) {
        int *keys = ARENA_ARRAY(b->a, g->n, int);
        struct brel *first = first_best(s, input, agg, g, f, order, keys, &row_id);
        struct bexpr *cond = NULL;
        for (size_t i = 0; i < g->n; i++)
            cond = both(b, cond, same(b, through(base, g->output[i]), keys[i], g->types[i], agg->span));
        rows = attach(b, rows, first, cond ? cond : bx_bool(b, true, agg->span), g->n);
    }
    int *ids = ARENA_ARRAY(b->a, f->nwant + 1, int);
    enum hb_type *types = ARENA_ARRAY(b->a, f->nwant + 1, enum hb_type);
    for (size_t i = 0; i < f->nwant; i++) {
        ids[i] = f->want[i];
        types[i] = f->types[i];
    }
    ids[f->nwant] = order;
    types[f->nwant] = HB_LONG;
    struct brel *src = ref_with(b, unfiltered(b, input), ids, types, f->nwant + 1);
    src->npart = 0;
    rows = attach(b, rows, src,
                  bx_call(b, HB_BOOL, "($1 = $2)", agg->span, 2, bx_colid(b, row_id, HB_LONG),
                          bx_colid(b, through(src, order), HB_LONG)),
                  g->n);
    for (size_t i = 0; i < f->nwant; i++) {
        struct bexpr *e = bx_colid(b, through(src, f->want[i]), f->types[i]);
        if (f->types[i] == HB_STRING && !g->n)
            e = bx_call(b, HB_STRING, "coalesce($1, '')", agg->span, 1, e);
        replace(s, f->become[i], e);
    }
    return rows;
}

/* -- make_set -- */

static const char set_sql[] = "kql_make_set(coalesce(list($1 $o)$F, CAST([] AS VARCHAR[])), ";

/* The value whose JSON text an argument is, where equal values have equal texts; else the argument itself. */
static struct bexpr *before_json(struct bexpr *e)
{
    static const unsigned exact = 1u << HB_INT | 1u << HB_LONG | 1u << HB_STRING | 1u << HB_DATETIME |
                                  1u << HB_TIMESPAN | 1u << HB_GUID | 1u << HB_BOOL;
    if (e->kind == BX_CALL && e->nargs == 1 && (exact >> e->args[0]->type & 1) &&
        strcmp(e->sql, json_template(e->args[0]->type)) == 0)
        return e->args[0];
    return e;
}

static bool makes_set(const struct bexpr *e)
{
    return strncmp(e->sql, set_sql, sizeof set_sql - 1) == 0 && (e->nargs == 1 || bx_is_const(e->args[1]));
}

/*
 * Takes the make_sets out of the aggregates. Only where the rows have a number already: else numbering them would cost more than
 * this saves. Something must stay to be aggregated.
 */
static void pick_sets(struct summary *s)
{
    struct binder *b = s->b;
    const struct brel *in = s->row.rel;
    size_t kept = 0;
    if (in->npart || in->norder != 1 || in->order[0].desc || in->order[0].type != HB_LONG)
        return;
    for (size_t i = 0; i < s->agg.nitems; i++) {
        struct bitem it = s->agg.items[i];
        if (!makes_set(it.e)) {
            s->agg.items[kept++] = it;
            continue;
        }
        struct bexpr *value = before_json(it.e->args[0]);
        *VEC_PUSH(b->a, s->sets, s->nsets, s->csets) =
            (struct setter){ it.e, it.id, input_column(s, value),
                             it.e->filter ? input_column(s, it.e->filter) : -1, value->type };
    }
    s->agg.nitems = kept;
    if (s->nsets && !kept && !s->nkeys) {
        struct bexpr *n = bx_call(b, HB_LONG, "count(*)", s->row.rel->span, 0);
        *VEC_PUSH(b->a, s->agg.items, s->agg.nitems, s->agg.cap) = (struct bitem){ new_col(b), n };
    }
}

/* The different values of each group with the number of their first row: keys, value, number. */
static struct brel *first_of_values(struct summary *s, struct brel *input, const struct group_ids *g,
                                    const struct setter *set, int order, struct bitem *cols)
{
    struct binder *b = s->b;
    int *ids = ARENA_ARRAY(b->a, g->n + 3, int);
    enum hb_type *types = ARENA_ARRAY(b->a, g->n + 3, enum hb_type);
    size_t n = g->n;
    copy_bytes(ids, g->input, n * sizeof *ids);
    copy_bytes(types, g->types, n * sizeof *types);
    ids[n] = set->value;
    types[n++] = set->type;
    ids[n] = order;
    types[n++] = HB_LONG;
    ids[n] = set->filter;
    types[n] = HB_BOOL;
    struct brel *src = ref_with(b, input, ids, types, n + (set->filter >= 0));
    src->npart = 0;
    struct brel *rows = src;
    if (set->filter >= 0)
        rows = rel_filter(b, rows, bx_colid(b, through(src, set->filter), HB_BOOL), input->span);
    for (size_t i = 0; i <= g->n; i++)
        cols[i] = (struct bitem){ new_col(b), bx_colid(b, through(src, ids[i]), types[i]) };
    cols[g->n + 1] = (struct bitem){ new_col(b), bx_call(b, HB_LONG, "min($1)", input->span, 1,
                                                         bx_colid(b, through(src, order), HB_LONG)) };
    return rel_agg(b, rows, cols, g->n + 1, &cols[g->n + 1], 1, input->span);
}

/* Aggregates of groups that follow from those of the groups' parts. */
static const struct {
    const char *part, *whole;
} of_parts[] = {
    { "count(*)$F", "coalesce(CAST(sum($1) AS BIGINT), 0)" },
    { "coalesce(kql_wrap(sum($1)$F), 0)", "coalesce(kql_wrap(sum($1)), 0)" },
    { "min($1)$F", "min($1)" },
    { "max($1)$F", "max($1)" },
};

static const char *whole_of(const struct bexpr *e)
{
    for (size_t i = 0; i < sizeof of_parts / sizeof *of_parts; i++)
        if (!e->nover && strcmp(e->sql, of_parts[i].part) == 0)
            return of_parts[i].whole;
    return NULL;
}

/* One set without a condition, beside nothing but what parts can give: then the groups of its values give all. */
static bool set_gives_all(const struct summary *s)
{
    if (s->nsets != 1 || s->nfinders || s->sets[0].filter >= 0)
        return false;
    for (size_t i = 0; i < s->agg.nitems; i++)
        if (!whole_of(s->agg.items[i].e))
            return false;
    return true;
}

/* Does e show a column otherwise than sorted or counted? */
static bool shows_order(const struct bexpr *e, int col)
{
    static const char *const blind[] = { "kql_array_sort(", "kql_array_length(" };
    if (e->kind == BX_COL)
        return e->col == col;
    if (e->kind != BX_CALL)
        return e->kind != BX_CONST;
    size_t from = 0;
    for (size_t i = 0; i < sizeof blind / sizeof *blind; i++)
        if (strncmp(e->sql, blind[i], strlen(blind[i])) == 0 && e->args[0]->kind == BX_COL)
            from = 1;
    for (size_t i = from; i < e->nargs; i++)
        if (shows_order(e->args[i], col))
            return true;
    return false;
}

/* Then a set's values need not be in the order of their first rows. */
static bool order_unseen(const struct summary *s, int set)
{
    for (size_t i = 0; i < s->out.nitems; i++)
        if (shows_order(s->out.items[i].e, set))
            return false;
    return true;
}

/* The list of a set's values, each once, in the order of a column. */
static struct bexpr *ordered_set(struct binder *b, const struct setter *set, int value, struct border by)
{
    struct bexpr *list = ARENA_NEW(b->a, struct bexpr);
    struct border *over = ARENA_NEW(b->a, struct border);
    *over = by;
    *list = *set->agg;
    list->args = ARENA_ARRAY(b->a, set->agg->nargs, struct bexpr *);
    copy_bytes(list->args, set->agg->args, set->agg->nargs * sizeof(struct bexpr *));
    list->args[0] = to_json(b, bx_colid(b, value, set->type));
    list->filter = NULL;
    list->over = over;
    list->nover = 1;
    return list;
}

/* Groups by keys and value first and by keys then, so that the input is read once. */
static struct brel *grouped_once(struct summary *s, int order, struct span span)
{
    struct binder *b = s->b;
    const struct setter *set = &s->sets[0];
    size_t n = s->agg.nitems;
    struct bitem *parts = ARENA_ARRAY(b->a, s->nkeys + 1, struct bitem),
                 *keys = ARENA_ARRAY(b->a, s->nkeys, struct bitem),
                 *first = ARENA_ARRAY(b->a, n + 1, struct bitem),
                 *then = ARENA_ARRAY(b->a, n + 1, struct bitem);
    for (size_t i = 0; i < s->nkeys; i++) {
        parts[i] = (struct bitem){ new_col(b), s->keys[i].e };
        keys[i] = (struct bitem){ s->keys[i].id, bx_colid(b, parts[i].id, s->keys[i].e->type) };
    }
    parts[s->nkeys] = (struct bitem){ new_col(b), bx_colid(b, set->value, set->type) };
    for (size_t i = 0; i < n; i++) {
        const struct bexpr *e = s->agg.items[i].e;
        first[i] = (struct bitem){ new_col(b), s->agg.items[i].e };
        then[i] = (struct bitem){ s->agg.items[i].id, bx_call(b, e->type, whole_of(e), e->span, 1,
                                                              bx_colid(b, first[i].id, e->type)) };
    }
    struct border by = { parts[s->nkeys].id, set->type, false, false };
    size_t nfirst = n;
    if (!order_unseen(s, set->id)) {
        by = (struct border){ new_col(b), HB_LONG, false, false };
        first[nfirst++] = (struct bitem){ by.col, bx_call(b, HB_LONG, "min($1)", span, 1,
                                                          bx_colid(b, order, HB_LONG)) };
    }
    then[n] = (struct bitem){ set->id, ordered_set(b, set, parts[s->nkeys].id, by) };
    struct brel *values = rel_agg(b, s->row.rel, parts, s->nkeys + 1, first, nfirst, span);
    return rel_agg(b, values, keys, s->nkeys, then, n + 1, span);
}

static struct brel *bring_set(struct summary *s, struct brel *rows, struct brel *base, struct brel *input,
                              struct brel *agg, const struct group_ids *g, const struct setter *set,
                              int order)
{
    struct binder *b = s->b;
    struct bitem *cols = ARENA_ARRAY(b->a, g->n + 2, struct bitem);
    struct brel *values = first_of_values(s, input, g, set, order, cols);
    struct bitem *keys = ARENA_ARRAY(b->a, g->n, struct bitem);
    for (size_t i = 0; i < g->n; i++)
        keys[i] = (struct bitem){ new_col(b), bx_colid(b, cols[i].id, g->types[i]) };
    struct bitem it = { new_col(b),
                        ordered_set(b, set, cols[g->n].id,
                                    (struct border){ cols[g->n + 1].id, HB_LONG, false, false }) };
    struct brel *sets = rel_agg(b, values, keys, g->n, &it, 1, agg->span);
    struct bexpr *cond = NULL;
    for (size_t i = 0; i < g->n; i++)
        cond = both(b, cond, same(b, through(base, g->output[i]), keys[i].id, g->types[i], agg->span));
    struct brel *j = rel_join(b, BJ_LEFT, rows, sets, cond ? cond : bx_bool(b, true, agg->span), rows->span);
    j->order = rows->order;
    j->norder = rows->norder;
    j->one_right = true;
    replace(s, set->id,
            bx_call(b, HB_DYNAMIC, "coalesce($1, '[]')", agg->span, 1, bx_colid(b, it.id, HB_DYNAMIC)));
    return j;
}

static struct brel *with_found_rows(struct summary *s, struct brel *input, struct brel *agg, int order)
{
    struct binder *b = s->b;
    struct group_ids g = group_ids(b, agg);
    int *ids = ARENA_ARRAY(b->a, agg->nitems, int);
    enum hb_type *types = ARENA_ARRAY(b->a, agg->nitems, enum hb_type);
    for (size_t i = 0; i < agg->nitems; i++) {
        ids[i] = agg->items[i].id;
        types[i] = agg->items[i].e->type;
    }
    struct brel *base = ref_with(b, agg, ids, types, agg->nitems), *rows = base;
    for (size_t i = 0; i < agg->nitems; i++)
        replace(s, ids[i], bx_colid(b, through(base, ids[i]), types[i]));
    for (size_t k = 0; k < s->nfinders; k++)
        rows = bring(s, rows, base, input, agg, &g, &s->finders[k], order);
    for (size_t k = 0; k < s->nsets; k++)
        rows = bring_set(s, rows, base, input, agg, &g, &s->sets[k], order);
    return rows;
}

/* Columns replaced as `subst` says, all the way down. */
static struct bexpr *rewrite(struct summary *s, struct bexpr *e)
{
    for (size_t i = 0; i < s->nsubst && e->kind == BX_COL; i++)
        if (s->subst[i].id == e->col)
            return s->subst[i].e;
    if (e->kind != BX_CALL)
        return e;
    struct bexpr *c = ARENA_NEW(s->b->a, struct bexpr);
    *c = *e;
    c->args = ARENA_ARRAY(s->b->a, e->nargs, struct bexpr *);
    for (size_t i = 0; i < e->nargs; i++)
        c->args[i] = rewrite(s, e->args[i]);
    return c;
}

static struct brel *finish(struct summary *s, struct span span)
{
    struct binder *b = s->b;
    int order = -1;
    pick_sets(s);
    bool once = set_gives_all(s), joins = !once && (s->nfinders || s->nsets);
    if (once || joins)
        order = rel_single_order(b, &s->row.rel);
    for (size_t i = 0; joins && i < s->nkeys; i++) { /* keys become columns, so that they can be joined on */
        if (s->keys[i].e->kind == BX_COL)
            continue;
        enum hb_type t = s->keys[i].e->type;
        s->keys[i].e = bx_colid(b, rel_add_hidden(b, &s->row.rel, s->keys[i].e), t);
    }
    if (joins)
        s->row.rel->shared = true;
    struct brel *in = s->row.rel;
    for (size_t i = 0; i < s->agg.nitems; i++) { /* the order may have become another column meanwhile */
        if (!s->agg.items[i].e->nover)
            continue;
        s->agg.items[i].e->over = in->order;
        s->agg.items[i].e->nover = in->norder;
    }
    struct brel *agg = once ? grouped_once(s, order, span)
                            : rel_agg(b, in, s->keys, s->nkeys, s->agg.items, s->agg.nitems, span);
    struct brel *rows = agg;
    if (joins) {
        agg->shared = true;
        rows = with_found_rows(s, in, agg, order);
        for (size_t i = 0; i < s->out.nitems; i++)
            s->out.items[i].e = rewrite(s, s->out.items[i].e);
    }
    struct brel *p = rel_project(b, rows, s->out.cols, s->out.ncols, s->out.items, s->out.nitems, span);
    p->nkeep = 0;
    return p;
}

struct brel *bind_summarize(struct binder *b, struct brel *in, const struct kql_op_summarize *op)
{
    struct summary s = { .b = b, .row = { .rel = in } };
    for (size_t i = 0; i < op->by.n; i++)
        bind_key(&s, op->by.items[i]);
    s.row.agg = &s.agg;
    for (size_t i = 0; i < op->aggregates.n; i++)
        bind_item(&s, op->aggregates.items[i]);
    if (s.failed || in->open)
        return rel_open(b, op->op.node.span);
    return finish(&s, op->op.node.span);
}
