/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins that look for patterns in rows, and the operator reduce, which looks for them in texts.
 *
 * Equal rows are grouped, with their weight, and handed as one list of cells to kql_mine or kql_reduce (hb/kql_udf.h) beside a
 * program of what is asked. What comes back is unnested: an array for each pattern.
 *
 * To add a plugin: a row of `miners`, its search in src/engine/udf_mine.c, a case under tests/kql/evaluate/.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/vec.h"

/* -- arguments -- */

enum { UNLIMITED = 1 << 20 };

/*
 * Letters of arguments: t threshold, s size weight, d most dimensions, n seeds, m fewest words, w most words: numbers within
 * limits; W column of weights; C column whose values a and b are the two sets; x a text, c a condition; * values that stand for
 * "any". Those in capitals and numbers may be '~', which is the default. Behind the | all may be left out.
 */
static const struct number {
    char letter;
    const char *what;
    double least, most, normal;
    bool whole;
} numbers[] = {
    { 't', "a threshold", 0.015, 1, 0.05, false },
    { 's', "a size weight", 0, 1, 0.5, false },
    { 'd', "a number of dimensions", 1, UNLIMITED, 0, true },
    { 'n', "a number of seeds", 1, 10000, 25, true },
    { 'm', "a number of tokens", 0, 200, 1, true },
    { 'w', "a largest number of tokens", 1, 20, 20, true },
};
enum { NNUMBERS = sizeof numbers / sizeof *numbers };

struct result {
    const char *name;
    enum hb_type type;
};

static const struct miner {
    const char *name, *args;
    double dims; /* the default */
    struct result results[7];
} miners[] = {
    { "basket", "|tWd*", 5, { { "SegmentId", HB_LONG }, { "Count", HB_LONG }, { "Percent", HB_REAL } } },
    { "autocluster",
      "|sWn*",
      UNLIMITED,
      { { "SegmentId", HB_LONG }, { "Count", HB_LONG }, { "Percent", HB_REAL } } },
    { "diffpatterns",
      "Cab|Wtd*",
      UNLIMITED,
      { { "SegmentId", HB_LONG },
        { "CountA", HB_LONG },
        { "CountB", HB_LONG },
        { "PercentA", HB_REAL },
        { "PercentB", HB_REAL },
        { "PercentDiffAB", HB_REAL } } },
    { "diffpatterns_text",
      "xc|mtw",
      UNLIMITED,
      { { "Count_of_True", HB_LONG },
        { "Count_of_False", HB_LONG },
        { "Percent_of_True", HB_REAL },
        { "Percent_of_False", HB_REAL },
        { "Pattern", HB_STRING } } },
};

struct mining {
    struct binder *b;
    const struct miner *p;
    const struct kql_call *c;
    struct span span;
    struct brow row;
    double number[NNUMBERS];
    const struct bcol *weight, *split;
    struct str value[2]; /* of split */
    struct bexpr *text, *cond;
    struct bexpr *any[HB_NTYPES]; /* NULL: null, '' */
};

static bool is_default(const struct bexpr *e)
{
    return bx_is_const(e) && e->type == HB_STRING && str_eqz(e->text, "~");
}

static bool const_number(const struct bexpr *e, double *out)
{
    int64_t i;
    if (bx_const_i64(e, &i) && type_is_integer(e->type))
        *out = (double)i;
    else if (bx_is_const(e) && e->type == HB_REAL)
        *out = e->v.r;
    else
        return bx_is_const(e) && e->type == HB_DECIMAL && str_to_f64(e->text, out);
    return true;
}

static bool number_arg(struct mining *m, size_t k, const struct kql_node *arg)
{
    const struct number *n = &numbers[k];
    struct bexpr *e = bind_expr(m->b, arg, NULL);
    double v;
    if (bx_failed(e))
        return false;
    if (is_default(e))
        return true;
    if (const_number(e, &v) && v >= n->least && v <= n->most && !(n->whole && v != (double)(int64_t)v)) {
        m->number[k] = v;
        return true;
    }
    if (n->most < UNLIMITED)
        bind_error(m->b, arg->span, NULL, "%s is a %snumber from %g to %g", n->what, n->whole ? "whole " : "",
                   n->least, n->most);
    else
        bind_error(m->b, arg->span, NULL, "%s is a whole number from %g on", n->what, n->least);
    return false;
}

static bool column_arg(struct mining *m, const struct kql_node *arg, const struct bcol **out)
{
    if (arg->kind != KQL_NAME) {
        bind_error(m->b, arg->span, NULL, "expected the name of a column");
        return false;
    }
    *out = rel_column(m->b, m->row.rel, KQL_AS(kql_name, arg)->name, arg->span);
    return *out != NULL;
}

static bool weight_arg(struct mining *m, const struct kql_node *arg)
{
    if (arg->kind == KQL_LITERAL) {
        struct bexpr *e = bind_expr(m->b, arg, NULL);
        if (is_default(e))
            return true;
    }
    if (!column_arg(m, arg, &m->weight))
        return false;
    if (type_is_number(m->weight->type))
        return true;
    bind_error(m->b, arg->span, NULL, "weights are numbers, and '%.*s' is %s", STR_ARG(m->weight->name),
               hb_type_name(m->weight->type));
    return false;
}

/* A value of a type stands for "any" in its columns. */
static bool wildcard_arg(struct mining *m, const struct kql_node *arg)
{
    struct bexpr *e = bind_expr(m->b, arg, NULL);
    if (bx_failed(e))
        return false;
    if (e->kind != BX_CONST) {
        bind_error(m->b, arg->span, NULL, "what stands for any value is a literal");
        return false;
    }
    if (!is_default(e))
        m->any[e->type] = e;
    return true;
}

static bool one_arg(struct mining *m, char letter, const struct kql_node *arg)
{
    for (size_t k = 0; k < NNUMBERS; k++)
        if (numbers[k].letter == letter)
            return number_arg(m, k, arg);
    switch (letter) {
    case 'W': return weight_arg(m, arg);
    case 'C': return column_arg(m, arg, &m->split);
    case 'a':
    case 'b': return bind_const_string(m->b, arg, &m->value[letter - 'a'], "a value of the column");
    case 'x': m->text = bind_as(m->b, arg, &m->row, HB_STRING, "the text"); return !bx_failed(m->text);
    case 'c': m->cond = bind_bool(m->b, arg, &m->row, "the condition"); return !bx_failed(m->cond);
    default: return wildcard_arg(m, arg);
    }
}

static bool bind_args(struct mining *m)
{
    const struct kql_list *args = &m->c->args;
    const char *p = m->p->args;
    size_t least = strcspn(p, "|"), i = 0;
    for (size_t k = 0; k < NNUMBERS; k++)
        m->number[k] = numbers[k].letter == 'd' ? m->p->dims : numbers[k].normal;
    if (args->n < least) {
        bind_error(m->b, m->c->node.span, NULL, "'%s' takes at least %zu arguments", m->p->name, least);
        return false;
    }
    for (; i < args->n && *p; i++) {
        p += *p == '|';
        if (!*p || !one_arg(m, *p, args->items[i]))
            break;
        p += *p != '*';
    }
    if (i < args->n && !*p)
        bind_error(m->b, args->items[i]->span, NULL, "'%s' takes %zu arguments at most", m->p->name, i);
    return i == args->n;
}

static double number_of(const struct mining *m, char letter)
{
    size_t k = 0;
    while (numbers[k].letter != letter)
        k++;
    return m->number[k];
}

/* -- the rows -- */

/* Weights are whole numbers, or, of reals and decimals, thousandths: their sums do not depend on the order of rows. */
enum { THOUSANDTHS = 1000, COLUMNS_MAX = 64 };

static bool in_thousandths(const struct mining *m)
{
    return m->weight && !type_is_integer(m->weight->type);
}

static struct bexpr *in_set(struct mining *m, size_t which)
{
    struct binder *b = m->b;
    if (m->cond)
        return bx_call(b, HB_BOOL, which ? "(NOT $1)" : "$1", m->span, 1, m->cond);
    if (m->split)
        return bx_call(b, HB_BOOL, "($1 = $2)", m->span, 2, to_string(b, bx_col(b, m->split, m->span)),
                       bx_str(b, m->value[which], m->span));
    return bx_bool(b, which == 0, m->span);
}

/* What a row weighs in one of the sets. */
static struct bexpr *weight_of(struct mining *m, size_t which)
{
    struct binder *b = m->b;
    struct bexpr *in = in_set(m, which);
    if (!m->weight)
        return bx_call(b, HB_LONG, "CASE WHEN $1 THEN 1 ELSE 0 END", m->span, 1, in);
    return bx_call(b, HB_LONG,
                   in_thousandths(m)
                       ? "CASE WHEN $1 AND $2 > 0 AND $2 < 1e12 THEN CAST(round(CAST($2 AS DOUBLE) * 1000) "
                         "AS BIGINT) ELSE 0 END"
                       : "CASE WHEN $1 AND $2 > 0 THEN $2 ELSE 0 END",
                   m->span, 2, in, bx_col(b, m->weight, m->span));
}

static struct bexpr *sum_of(struct binder *b, int id, struct span span)
{
    return bx_call(b, HB_REAL, "CAST(coalesce(sum($1), 0) AS DOUBLE)", span, 1, bx_colid(b, id, HB_LONG));
}

/* Columns that are looked at, each as a text: '' null, '=...' a value. Behind them the weights. Rows that weigh are left. */
static struct brel *texts(struct mining *m, const struct bcol *dims, size_t n)
{
    struct binder *b = m->b;
    struct bitem *items = ARENA_ARRAY(b->a, n + 2, struct bitem);
    struct bcol *cols = ARENA_ARRAY(b->a, n + 2, struct bcol);
    for (size_t i = 0; i < n; i++)
        items[i].e = m->text ? m->text
                             : bx_call(b, HB_STRING, "coalesce('=' || CAST($1 AS VARCHAR), '')", m->span, 1,
                                       bx_col(b, &dims[i], m->span));
    items[n].e = weight_of(m, 0);
    items[n + 1].e = weight_of(m, 1);
    for (size_t i = 0; i < n + 2; i++) {
        items[i].id = new_col(b);
        cols[i] = (struct bcol){ STR("x"), i < n ? HB_STRING : HB_LONG, items[i].id };
    }
    struct brel *r = rel_project(b, m->row.rel, cols, n + 2, items, n + 2, m->span);
    struct bexpr *weighs = bx_call(b, HB_BOOL, "($1 > 0 OR $2 > 0)", m->span, 2,
                                   bx_colid(b, items[n].id, HB_LONG), bx_colid(b, items[n + 1].id, HB_LONG));
    r = rel_filter(b, r, weighs, m->span);
    r->shared = true;
    return r;
}

static struct bexpr *total(struct mining *m, struct brel *rows, size_t col)
{
    struct binder *b = m->b;
    struct brel *ref = rel_ref(b, rows, m->span);
    struct bitem it = { new_col(b), sum_of(b, ref->cols[col].id, m->span) };
    struct brel *r = rel_agg(b, ref, NULL, 0, &it, 1, m->span);
    r->cols = ARENA_NEW(b->a, struct bcol);
    r->cols[0] = (struct bcol){ STR("x"), HB_REAL, it.id };
    r->ncols = 1;
    struct bexpr *e = bx_new(b, BX_SUB, HB_REAL, m->span);
    e->rel = r;
    return e;
}

/* The values of a column that are frequent in one of the sets. */
static struct brel *frequent(struct mining *m, struct brel *rows, size_t col, struct bexpr *const totals[2])
{
    struct binder *b = m->b;
    size_t n = rows->ncols - 2;
    struct brel *ref = rel_ref(b, rows, m->span);
    struct bitem key = { new_col(b), bx_col(b, &ref->cols[col], m->span) };
    struct bitem sums[2] = { { new_col(b), sum_of(b, ref->cols[n].id, m->span) },
                             { new_col(b), sum_of(b, ref->cols[n + 1].id, m->span) } };
    struct brel *r = rel_agg(b, ref, &key, 1, sums, 2, m->span);
    r->cols = ARENA_NEW(b->a, struct bcol);
    r->cols[0] = (struct bcol){ STR("x"), HB_STRING, key.id };
    r->ncols = 1;
    struct bexpr *share = bx_real(b, number_of(m, 't'), m->span);
    struct bexpr *often = bx_call(b, HB_BOOL, "($1 >= $5 * $3 OR ($4 > 0 AND $2 >= $5 * $4))", m->span, 5,
                                  bx_colid(b, sums[0].id, HB_REAL), bx_colid(b, sums[1].id, HB_REAL),
                                  totals[0], totals[1], share);
    return rel_filter(b, r, often, m->span);
}

/* The rows with rare values as null: they are few different ones then. */
static struct brel *without_rare(struct mining *m, struct brel *rows)
{
    struct binder *b = m->b;
    size_t n = rows->ncols - 2;
    struct bexpr *const totals[2] = { total(m, rows, n), total(m, rows, n + 1) };
    struct brel *j = rel_ref(b, rows, m->span);
    struct bcol *cols = cols_copy(b, j->cols, n + 2, 0);
    for (size_t i = 0; i < n; i++) {
        struct brel *f = frequent(m, rows, i, totals);
        struct bexpr *same = bx_call(b, HB_BOOL, "($1 = $2)", m->span, 2, bx_col(b, &cols[i], m->span),
                                     bx_col(b, &f->cols[0], m->span));
        j = rel_join(b, BJ_LEFT, j, f, same, m->span);
        j->one_right = true;
        cols[i] = f->cols[0];
    }
    j->cols = cols;
    j->ncols = n + 2;
    return j;
}

static struct bexpr *as_text(struct binder *b, int id, enum hb_type t)
{
    return bx_call(b, HB_DYNAMIC, t == HB_STRING ? "$1" : "CAST($1 AS VARCHAR)", (struct span){ 0 }, 1,
                   bx_colid(b, id, t));
}

static struct str program(const struct mining *m, size_t ncols)
{
    struct buf o = BUF_INIT;
    struct jw w;
    jw_init(&w, &o, false);
    jw_obj(&w);
    jw_key(&w, "kind");
    jw_strz(&w, m->p->name);
    jw_key(&w, "columns");
    jw_f64(&w, m->text ? number_of(m, 'w') : (double)ncols);
    jw_key(&w, "threshold");
    jw_f64(&w, number_of(m, 't'));
    jw_key(&w, "size");
    jw_f64(&w, number_of(m, 's'));
    jw_key(&w, "dims");
    jw_f64(&w, number_of(m, 'd'));
    jw_key(&w, "seeds");
    jw_f64(&w, number_of(m, 'n'));
    jw_key(&w, "min");
    jw_f64(&w, number_of(m, 'm'));
    jw_key(&w, "scale");
    jw_f64(&w, in_thousandths(m) ? THOUSANDTHS : 1);
    jw_end_obj(&w);
    struct str s = buf_to_arena(&o, m->b->a);
    buf_free(&o);
    return s;
}

/* Groups the rows by `keys`; the answers of `function` to the cells of all groups become a row each: *answer, *number. */
static struct brel *ask(struct binder *b, struct brel *in, struct bitem *keys, size_t nkeys,
                        struct bitem *weights, size_t nweights, const char *function, struct str program,
                        struct span span, int *answer, int *number)
{
    struct brel *groups = rel_agg(b, in, keys, nkeys, weights, nweights, span);
    struct bexpr **v = ARENA_ARRAY(b->a, nkeys + nweights + 1, struct bexpr *);
    size_t n = 0;
    v[n++] = bx_str(b, program, span);
    for (size_t i = 0; i < nweights; i++)
        v[n++] = as_text(b, weights[i].id, HB_REAL);
    for (size_t i = 0; i < nkeys; i++)
        v[n++] = as_text(b, keys[i].id, keys[i].e->type);
    struct bitem it = { new_col(b), bx_calln(b, HB_DYNAMIC, function, span, n, v) };
    struct brel *all = rel_agg(b, groups, NULL, 0, &it, 1, span);
    struct brel *u = rel_new(b, BR_UNNEST, all, span);
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){ new_col(b), bx_colid(b, it.id, HB_DYNAMIC) };
    u->items[1] = (struct bitem){ new_col(b), bx_call(b, HB_LONG, "range(0, len($1))", span, 1,
                                                      bx_colid(b, it.id, HB_DYNAMIC)) };
    u->nitems = 2;
    *answer = u->items[0].id;
    *number = u->items[1].id;
    u->order = ARENA_NEW(b->a, struct border);
    u->order[0] = (struct border){ *number, HB_LONG, false, false };
    u->norder = 1;
    return u;
}

/* -- the patterns -- */

static struct bexpr *element(struct binder *b, int answer, size_t i, struct span span)
{
    return bx_call(b, HB_DYNAMIC, "kql_dindex($1, $2)", span, 2, bx_colid(b, answer, HB_DYNAMIC),
                   bx_long(b, (int64_t)i, span));
}

/* A cell of a pattern: 0 any value, [v] a value. */
static struct bexpr *cell_of(struct mining *m, struct bexpr *e, enum hb_type t)
{
    struct binder *b = m->b;
    struct bexpr *any = m->any[t] ? m->any[t] : bx_null(b, t, m->span);
    const char *value = t == HB_STRING ? "kql_dyn_str(kql_dindex($1, 0))"
                        : t == HB_DYNAMIC
                            ? "nullif(kql_dyn_str(kql_dindex($1, 0)), '')"
                            : arena_printf(b->a, "TRY_CAST(kql_dyn_str(kql_dindex($1, 0)) AS %s)",
                                           type_sql(t));
    return bx_call(b, t, arena_printf(b->a, "CASE WHEN kql_dyn_type($1) = 'long' THEN $2 ELSE %s END", value),
                   m->span, 2, e, any);
}

static struct brel *patterns(struct mining *m, struct brel *u, int answer, int number,
                             const struct bcol *dims, size_t ndims)
{
    struct binder *b = m->b;
    struct boutput o = { 0 };
    size_t at = 0;
    for (const struct result *r = m->p->results; r->name; r++) {
        struct bexpr *e = str_eqz(STR("SegmentId"), r->name)
                              ? bx_colid(b, number, HB_LONG)
                              : convert(b, element(b, answer, at++, m->span), r->type);
        out_add(b, &o, str_z(r->name), false, e, false);
    }
    for (size_t i = 0; i < ndims && !m->text; i++)
        out_add(b, &o, dims[i].name, false, cell_of(m, element(b, answer, at + i, m->span), dims[i].type),
                false);
    return o.failed ? rel_open(b, m->span) : rel_project(b, u, o.cols, o.ncols, o.items, o.nitems, m->span);
}

#define TOO_MANY                                                                                             \
    "there are too many patterns: raise the threshold, allow fewer dimensions or project fewer columns"

/* What `function` says of all rows, or its fault. */
static const char *said_by(struct binder *b, const char *function, struct span span, const char *fault)
{
    return arena_printf(b->a, "coalesce(%s(flatten(list([$+])), $1), CASE WHEN count(*) > 0 THEN %s END)",
                        function, sql_fault(b, span, fault));
}

static size_t columns_to_mine(const struct mining *m, struct bcol *dims)
{
    const struct brel *in = m->row.rel;
    size_t n = 0;
    for (size_t i = 0; i < in->ncols && !m->text; i++)
        if (!(m->weight && m->weight->id == in->cols[i].id) && !(m->split && m->split->id == in->cols[i].id))
            dims[n++] = in->cols[i];
    return m->text ? 1 : n;
}

static struct brel *mine(struct mining *m)
{
    struct binder *b = m->b;
    struct bcol *dims = ARENA_ARRAY(b->a, m->row.rel->ncols + 1, struct bcol);
    size_t n = columns_to_mine(m, dims);
    if (!n || n > COLUMNS_MAX) {
        bind_error(b, m->c->node.span, "put '| project ...' in front",
                   "'%s' looks at 1 to %d columns, and there are %zu", m->p->name, COLUMNS_MAX, n);
        return rel_open(b, m->span);
    }
    struct brel *rows = texts(m, dims, n);
    if (!m->text)
        rows = without_rare(m, rows);
    struct bitem *keys = ARENA_ARRAY(b->a, n, struct bitem);
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct bitem){ new_col(b), bx_col(b, &rows->cols[i], m->span) };
    struct bitem weights[2] = { { new_col(b), sum_of(b, rows->cols[n].id, m->span) },
                                { new_col(b), sum_of(b, rows->cols[n + 1].id, m->span) } };
    int answer, number;
    struct brel *u = ask(b, rows, keys, n, weights, 2, said_by(b, "kql_mine", m->span, TOO_MANY),
                         program(m, n), m->span, &answer, &number);
    return patterns(m, u, answer, number, dims, n);
}

struct brel *bind_mining(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev)
{
    struct mining m = { .b = b, .c = ev->call, .span = ev->op.node.span, .row = { .rel = in }, .p = miners };
    while (!str_eqz(ev->call->name->name, m.p->name))
        m.p++;
    return bind_args(&m) ? mine(&m) : rel_open(b, m.span);
}

/* -- reduce -- */

static bool reduce_program(struct binder *b, const struct kql_op_reduce *op, bool each, struct str *out)
{
    const struct kql_param *threshold = kql_list_param(&op->with, "threshold");
    const struct kql_param *chars = kql_list_param(&op->with, "characters");
    struct str list = { 0 };
    double t = 0.1;
    if (threshold) {
        struct bexpr *e = bind_expr(b, threshold->value, NULL);
        if (bx_failed(e) || !const_number(e, &t) || !(t >= 0 && t <= 1)) {
            if (!bx_failed(e))
                bind_error(b, threshold->value->span, NULL, "a threshold is a number from 0 to 1");
            return false;
        }
    }
    if (chars && !bind_const_string(b, chars->value, &list, "the characters"))
        return false;
    struct buf o = BUF_INIT;
    struct jw w;
    jw_init(&w, &o, false);
    jw_obj(&w);
    jw_key(&w, "threshold");
    jw_f64(&w, t);
    jw_key(&w, "each");
    jw_bool(&w, each);
    if (chars) {
        jw_key(&w, "characters");
        jw_str(&w, list);
    }
    jw_end_obj(&w);
    *out = buf_to_arena(&o, b->a);
    buf_free(&o);
    return true;
}

/* The rows with the pattern of their text. */
static struct brel *with_pattern(struct binder *b, struct brel *in, struct brel *u, int text, int answer,
                                 struct span span)
{
    struct bexpr *value = convert(b, element(b, answer, 0, span), HB_STRING);
    struct bexpr *same = bx_call(b, HB_BOOL, "($1 = $2)", span, 2, bx_colid(b, text, HB_STRING), value);
    struct brel *j = rel_join(b, BJ_INNER, in, u, same, span);
    j->one_right = true;
    j->cols = in->cols;
    j->ncols = in->ncols;
    j->order = in->order;
    j->norder = in->norder;
    struct bitem it = { new_col(b), convert(b, element(b, answer, 1, span), HB_STRING) };
    struct bcol *cols = cols_copy(b, in->cols, in->ncols, 1);
    cols[in->ncols] = (struct bcol){ free_name(b, cols, in->ncols, STR("Pattern")), HB_STRING, it.id };
    return rel_project(b, j, cols, in->ncols + 1, &it, 1, span);
}

struct brel *op_reduce(struct binder *b, struct brel *in, const struct kql_op *o)
{
    static const struct result results[] = { { "Pattern", HB_STRING },
                                             { "Count", HB_LONG },
                                             { "Representative", HB_STRING } };
    const struct kql_op_reduce *op = (const struct kql_op_reduce *)o;
    const struct kql_param *kind = kql_op_param(o, "kind");
    struct span span = o->node.span;
    bool each = kind && str_eqz(kql_param_word(kind), "source");
    if (in->open)
        return in;
    if (kind && !each) {
        bind_error(b, kind->node.span, NULL, "the only kind of reduce is 'source'");
        return rel_open(b, span);
    }
    struct brow row = { .rel = in };
    struct bexpr *text = bind_expr(b, op->by, &row);
    struct str program;
    if (!bx_failed(text) && text->type != HB_STRING) {
        bind_error(b, op->by->span, "convert it with tostring()", "the text must be string, not %s",
                   hb_type_name(text->type));
        return rel_open(b, span);
    }
    if (bx_failed(text) || !reduce_program(b, op, each, &program))
        return rel_open(b, span);
    int id = rel_add_hidden(b, &row.rel, text), answer, number;
    row.rel->shared = each;
    struct bitem key = { new_col(b), bx_colid(b, id, HB_STRING) };
    struct bitem count = { new_col(b), bx_call(b, HB_REAL, "CAST(count(*) AS DOUBLE)", span, 0) };
    struct brel *u = ask(b, row.rel, &key, 1, &count, 1, said_by(b, "kql_reduce", span, "reduce cannot run"),
                         program, span, &answer, &number);
    if (each)
        return with_pattern(b, row.rel, u, id, answer, span);
    struct boutput out = { 0 };
    for (size_t i = 0; i < 3; i++)
        out_add(b, &out, str_z(results[i].name), false,
                convert(b, element(b, answer, i, span), results[i].type), false);
    return rel_project(b, u, out.cols, out.ncols, out.items, out.nitems, span);
}
