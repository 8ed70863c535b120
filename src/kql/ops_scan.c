/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: a state machine over the rows. Conditions and assignments may read rows that matched earlier (step.column), so they
 * cannot be columns of SQL. What does not depend on the state becomes a column of the input; the rest is printed as SQL and put
 * into a program that kql_scan (hb/kql_udf.h) runs over the rows as a list. Its answers are unnested and joined back by the
 * number of the row.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/kql_udf.h"
#include "hb/vec.h"

struct input {
    int id;
    enum hb_type type;
};

struct declared {
    struct str name;
    enum hb_type type;
    struct bexpr *def;
};

struct scan {
    struct binder *b;
    const struct kql_op_scan *op;
    struct brel *in;    /* as it came */
    struct brel *named; /* and the declared columns, which hold their defaults where they stand alone */
    struct brel *rows;  /* and the input columns of the program */
    struct declared *declared;
    size_t ndeclared;
    struct bsteps steps;
    struct input *inputs;
    size_t ninputs, cap_inputs;
    struct buf vars; /* members of "vars" */
    int *seen;       /* ids in vars */
    size_t nseen, cap_seen;
};

static char letter(enum hb_type t)
{
    static const char letters[HB_NTYPES] = {
        [HB_BOOL] = 'b',     [HB_INT] = 'l',    [HB_LONG] = 'l',    [HB_REAL] = 'r', [HB_DATETIME] = 'l',
        [HB_TIMESPAN] = 'l', [HB_STRING] = 's', [HB_DYNAMIC] = 'j', [HB_GUID] = 's',
    };
    return letters[t];
}

/* -- what depends on the state -- */

/* Step and column of a number; false: not of a step. */
static bool find_var(const struct scan *s, int id, size_t *step, size_t *col)
{
    for (size_t k = 0; k < s->steps.n; k++)
        for (size_t i = 0; i < s->steps.ncols; i++)
            if (s->steps.step[k].cols[i].id == id) {
                *step = k;
                *col = i;
                return true;
            }
    return false;
}

static bool depends(const struct scan *s, const struct bexpr *e)
{
    size_t step, col;
    if (e->kind == BX_COL)
        return find_var(s, e->col, &step, &col);
    for (size_t i = 0; e->kind == BX_CALL && i < e->nargs; i++)
        if (depends(s, e->args[i]))
            return true;
    return false;
}

static bool known_word(struct str w)
{
    static const char *const words[] = {
#define WORD(name) #name,
        KQL_SCAN_FUNCTIONS(WORD)
#undef WORD
    };
    if (str_starts(w, STR("kql_")))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eqz(w, words[i]))
            return true;
    return false;
}

static bool letter_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Every word of the template is one that kql_scan knows, and there are no windows or filters. */
static bool template_known(const char *sql)
{
    for (const char *p = sql; *p; p++) {
        if (*p == '$' && (p[1] == 'w' || p[1] == 'o' || p[1] == 'F'))
            return false;
        if (*p == '|' || (*p == '-' && p[1] == '>'))
            return *p == '|' && p > sql && p[-1] == '$';
        if (*p == '\'') {
            for (p++; *p && *p != '\''; p++)
                ;
            if (!*p)
                return false;
            continue;
        }
        if (!letter_byte(*p) || (p > sql && p[-1] == '$') || (p > sql && p[-1] >= '0' && p[-1] <= '9'))
            continue;
        const char *from = p;
        while (letter_byte(*p) || (*p >= '0' && *p <= '9'))
            p++;
        if (!known_word((struct str){ from, (size_t)(p - from) }))
            return false;
        p--;
    }
    return true;
}

/* -- expressions of the program -- */

static bool add_input(struct scan *s, const struct bexpr *e)
{
    for (size_t i = 0; i < s->ninputs; i++)
        if (s->inputs[i].id == e->col)
            return true;
    if (!letter(e->type)) {
        bind_error(s->b, e->span, "convert it with toreal()", "scan cannot work with %s",
                   hb_type_name(e->type));
        return false;
    }
    *VEC_PUSH(s->b->a, s->inputs, s->ninputs, s->cap_inputs) = (struct input){ e->col, e->type };
    return true;
}

static bool add_var(struct scan *s, const struct bexpr *e, size_t step, size_t col)
{
    bool own = col >= s->in->ncols;
    struct bexpr *src = own ? NULL : bx_col(s->b, &s->in->cols[col], e->span);
    if (src && !add_input(s, src))
        return false;
    for (size_t i = 0; i < s->nseen; i++)
        if (s->seen[i] == e->col)
            return true;
    *VEC_PUSH(s->b->a, s->seen, s->nseen, s->cap_seen) = e->col;
    size_t index = own ? col - s->in->ncols : 0;
    while (src && s->inputs[index].id != src->col)
        index++;
    buf_printf(&s->vars, "%s[%d,%zu,%d,%zu]", s->vars.n ? "," : "", e->col, step, own ? 1 : 0, index);
    return true;
}

/* The expression with all that does not depend on the state replaced by columns. NULL: reported. */
static struct bexpr *lower(struct scan *s, struct bexpr *e)
{
    size_t step, col;
    bool computed = e->kind == BX_CALL && depends(s, e);
    if (!letter(e->type) || (computed && e->type == HB_GUID)) {
        bind_error(s->b, e->span, NULL, "scan cannot work with %s", hb_type_name(e->type));
        return NULL;
    }
    bool nul = e->kind == BX_CONST && e->text.n &&
               str_chr(e->text, '\0', 0) < e->text.n; /* not in the program */
    if (e->kind == BX_CONST && !nul)
        return e;
    if (e->kind == BX_COL && find_var(s, e->col, &step, &col))
        return add_var(s, e, step, col) ? e : NULL;
    if (!computed) {
        struct bexpr *c = e;
        if (e->kind != BX_COL) {
            c = bx_colid(s->b, rel_add_hidden(s->b, &s->rows, e), e->type);
            c->span = e->span;
        }
        return add_input(s, c) ? c : NULL;
    }
    if (!template_known(e->sql)) {
        bind_error(s->b, e->span, NULL, "scan cannot compute this from the state of a step");
        return NULL;
    }
    struct bexpr *r = ARENA_NEW(s->b->a, struct bexpr);
    *r = *e;
    r->args = ARENA_ARRAY(s->b->a, e->nargs, struct bexpr *);
    for (size_t i = 0; i < e->nargs; i++) {
        r->args[i] = lower(s, e->args[i]);
        if (!r->args[i])
            return NULL;
    }
    return r;
}

/* -- binding -- */

/* A value of a declared column; a long may go into an int. */
static struct bexpr *bind_value(struct binder *b, const struct kql_node *n, struct brow *row, enum hb_type t,
                                const char *what)
{
    struct bexpr *e = t == HB_INT ? bind_as(b, n, row, HB_LONG, what) : bind_as(b, n, row, t, what);
    return bx_failed(e) ? e : convert(b, e, t);
}

static bool bind_declared(struct scan *s)
{
    const struct kql_list *l = &s->op->declare;
    s->declared = ARENA_ARRAY(s->b->a, l->n, struct declared);
    for (size_t i = 0; i < l->n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)l->items[i];
        struct declared *d = &s->declared[s->ndeclared++];
        *d = (struct declared){ c->name->name, c->type, NULL };
        if (!letter(c->type)) {
            bind_error(s->b, c->node.span, NULL, "scan cannot declare a column of type %s",
                       hb_type_name(c->type));
            return false;
        }
        d->def = c->value ? bind_value(s->b, c->value, NULL, c->type, "the default")
                          : bx_null(s->b, c->type, c->node.span);
        if (bx_failed(d->def))
            return false;
        if (d->def->kind != BX_CONST || (d->def->text.n && str_chr(d->def->text, '\0', 0) < d->def->text.n)) {
            bind_error(s->b, c->value->span, NULL, "the default must be a literal");
            return false;
        }
    }
    return true;
}

static void add_defaults(struct scan *s)
{
    size_t nc = s->in->ncols;
    struct bcol *cols = cols_copy(s->b, s->in->cols, nc, s->ndeclared);
    struct bitem *items = ARENA_ARRAY(s->b->a, s->ndeclared, struct bitem);
    for (size_t i = 0; i < s->ndeclared; i++) {
        const struct declared *d = &s->declared[i];
        items[i] = (struct bitem){ new_col(s->b), d->def };
        cols[nc + i] = (struct bcol){ d->name, d->type, items[i].id };
    }
    s->named = s->rows = rel_project(s->b, s->rows, cols, nc + s->ndeclared, items, s->ndeclared,
                                     s->op->op.node.span);
}

static bool make_steps(struct scan *s)
{
    const struct kql_list *l = &s->op->steps;
    s->steps.ncols = s->in->ncols + s->ndeclared;
    s->steps.step = ARENA_ARRAY(s->b->a, l->n, struct bstep);
    for (size_t k = 0; k < l->n; k++) {
        const struct kql_scan_step *n = (const struct kql_scan_step *)l->items[k];
        struct bstep *st = &s->steps.step[k];
        for (size_t i = 0; i < k; i++)
            if (str_eq(s->steps.step[i].name, n->name->name)) {
                bind_error(s->b, n->name->node.span, NULL, "step '%.*s' is defined twice",
                           STR_ARG(n->name->name));
                return false;
            }
        st->name = n->name->name;
        st->cols = cols_copy(s->b, s->in->cols, s->in->ncols, s->ndeclared);
        for (size_t i = 0; i < s->ndeclared; i++)
            st->cols[s->in->ncols + i] = (struct bcol){ s->declared[i].name, s->declared[i].type, 0 };
        for (size_t i = 0; i < s->steps.ncols; i++)
            st->cols[i].id = new_col(s->b);
        s->steps.n++;
    }
    if (!l->n)
        bind_error(s->b, s->op->op.node.span, NULL, "scan needs a step");
    return l->n > 0;
}

static void put_sql(struct scan *s, struct jw *w, const struct bexpr *e)
{
    jw_str(w, sql_expr(s->b, e));
}

static bool bind_set(struct scan *s, struct jw *w, const struct kql_node *n, struct brow *row)
{
    const struct kql_named *nm = (const struct kql_named *)n;
    struct str name = n->kind == KQL_NAMED && nm->names.n == 1 ? KQL_AS(kql_name, nm->names.items[0])->name
                                                               : STR("");
    size_t d = 0;
    while (d < s->ndeclared && !str_eq(s->declared[d].name, name))
        d++;
    if (d == s->ndeclared) {
        bind_error(s->b, n->span, "declare it: scan declare (name:type) with (...)",
                   "'%.*s' is not a declared column", STR_ARG(name));
        return false;
    }
    struct bexpr *e = bind_value(s->b, nm->value, row, s->declared[d].type, "the value");
    e = bx_failed(e) ? NULL : lower(s, e);
    if (!e)
        return false;
    jw_arr(w);
    jw_i64(w, (int64_t)d);
    put_sql(s, w, e);
    jw_end_arr(w);
    return true;
}

static bool bind_step(struct scan *s, struct jw *w, size_t k)
{
    const struct kql_scan_step *n = (const struct kql_scan_step *)s->op->steps.items[k];
    struct bsteps visible = s->steps;
    visible.n = k + 1;
    struct brow row = { .rel = s->named, .steps = &visible };
    if (n->optional) {
        bind_error(s->b, n->node.span, NULL, "optional steps are not supported");
        return false;
    }
    struct bexpr *when = bind_bool(s->b, n->condition, &row, "the condition");
    when = bx_failed(when) ? NULL : lower(s, when);
    if (!when)
        return false;
    jw_obj(w);
    jw_key(w, "output");
    jw_str(w, n->output ? n->output->name : STR("all"));
    jw_key(w, "when");
    put_sql(s, w, when);
    jw_key(w, "set");
    jw_arr(w);
    bool ok = true;
    for (size_t i = 0; i < n->assignments.n; i++)
        ok = bind_set(s, w, n->assignments.items[i], &row) && ok;
    jw_end_arr(w);
    jw_end_obj(w);
    return ok;
}

/* The program as JSON; empty: reported. */
static struct str program(struct scan *s)
{
    struct buf steps = BUF_INIT, o = BUF_INIT;
    struct jw w;
    bool ok = true;
    jw_init(&w, &steps, false);
    jw_arr(&w);
    for (size_t k = 0; k < s->steps.n; k++)
        ok = bind_step(s, &w, k) && ok;
    jw_end_arr(&w);
    buf_puts(&o, "{\"inputs\":[");
    for (size_t i = 0; i < s->ninputs; i++)
        buf_printf(&o, "%s[%d,\"%c\"]", i ? "," : "", s->inputs[i].id, letter(s->inputs[i].type));
    buf_puts(&o, "],\"declare\":[");
    for (size_t i = 0; i < s->ndeclared; i++) {
        buf_printf(&o, "%s[\"%c\",", i ? "," : "", letter(s->declared[i].type));
        json_put_str(&o, sql_expr(s->b, s->declared[i].def));
        buf_putc(&o, ']');
    }
    buf_printf(&o, "],\"vars\":[%s],\"steps\":", buf_z(&s->vars));
    buf_str(&o, buf_view(&steps));
    buf_putc(&o, '}');
    struct str text = ok ? buf_to_arena(&o, s->b->a) : STR("");
    buf_free(&steps);
    buf_free(&o);
    return text;
}

/* -- running it -- */

static void add_part(struct binder *b, struct brel *r, int part)
{
    int *p = ARENA_ARRAY(b->a, r->npart + 1, int);
    if (r->npart)
        memcpy(p, r->part, r->npart * sizeof *p);
    p[r->npart++] = part;
    r->part = p;
}

static bool partition_rows(struct scan *s)
{
    struct brow row = { .rel = s->rows };
    for (size_t i = 0; i < s->op->partition_by.n; i++) {
        struct bexpr *key = bind_expr(s->b, s->op->partition_by.items[i], &row);
        if (bx_failed(key))
            return false;
        int id = rel_add_hidden(
            s->b, &row.rel,
            bx_call(s->b, HB_LONG, "dense_rank() OVER (ORDER BY $1 NULLS FIRST)", key->span, 1, key));
        add_part(s->b, row.rel, id);
    }
    s->rows = row.rel;
    return true;
}

/* One row of the input as JSON: its number and the inputs; times as ticks. */
static struct bexpr *pack_row(struct scan *s, int number)
{
    struct binder *b = s->b;
    struct bexpr **v = ARENA_ARRAY(b->a, s->ninputs + 1, struct bexpr *);
    v[0] = to_json(b, bx_colid(b, number, HB_LONG));
    for (size_t i = 0; i < s->ninputs; i++) {
        enum hb_type t = s->inputs[i].type;
        v[i + 1] = to_json(b, bx_colid(b, s->inputs[i].id, type_is_time(t) ? HB_LONG : t));
    }
    return bx_calln(b, HB_DYNAMIC, "kql_json_array([$*])", s->op->op.node.span, s->ninputs + 1, v);
}

static struct bexpr *unpack(struct scan *s, int answer, size_t i, enum hb_type t)
{
    struct binder *b = s->b;
    struct span span = s->op->op.node.span;
    struct bexpr *v = bx_call(b, HB_DYNAMIC, "kql_dindex($1, $2)", span, 2, bx_colid(b, answer, HB_DYNAMIC),
                              bx_long(b, (int64_t)i, span));
    struct bexpr *e = convert(b, v, type_is_time(t) ? HB_LONG : t);
    if (type_is_time(t))
        e = bx_call(b, t, "$1", span, 1, e);
    return e;
}

static struct brel *run(struct scan *s, struct str text)
{
    struct binder *b = s->b;
    struct span span = s->op->op.node.span;
    struct bexpr *n = bx_call(b, HB_LONG, s->rows->norder ? "row_number() OVER ($w)" : "row_number() OVER ()",
                              span, 0);
    n->over = s->rows->order;
    n->nover = s->rows->norder;
    int number = rel_add_hidden(b, &s->rows, n);
    struct brel *rows = s->rows;
    rows->shared = true;
    struct bexpr *list = bx_call(
        b, HB_DYNAMIC,
        arena_printf(b->a,
                     "coalesce(kql_scan(list($1 ORDER BY $2), $3), CASE WHEN count(*) "
                     "> 0 THEN %s END)",
                     sql_fault(b, span, "scan cannot run this program")),
        span, 3, pack_row(s, number), bx_colid(b, number, HB_LONG), bx_str(b, text, span));
    struct bitem it = { new_col(b), list };
    struct brel *all = rel_agg(b, rows, NULL, 0, &it, 1, span);
    struct brel *u = rel_new(b, BR_UNNEST, all, span);
    u->items = ARENA_ARRAY(b->a, 2, struct bitem);
    u->items[0] = (struct bitem){ new_col(b), bx_colid(b, it.id, HB_DYNAMIC) };
    u->items[1] = (struct bitem){ new_col(b), bx_call(b, HB_LONG, "range(1, len($1) + 1)", span, 1,
                                                      bx_colid(b, it.id, HB_DYNAMIC)) };
    u->nitems = 2;
    int answer = u->items[0].id;
    struct bexpr *same = bx_call(b, HB_BOOL, "($1 = $2)", span, 2, bx_colid(b, number, HB_LONG),
                                 unpack(s, answer, 0, HB_LONG));
    struct brel *j = rel_join(b, BJ_INNER, rows, u, same, span);
    j->part = rows->part;
    j->npart = rows->npart;
    size_t nparts = rows->npart - s->in->npart;
    j->order = ARENA_ARRAY(b->a, nparts + 1, struct border);
    for (size_t i = 0; i < nparts; i++)
        j->order[i] = (struct border){ rows->part[s->in->npart + i], HB_LONG, false, false };
    j->order[nparts] = (struct border){ u->items[1].id, HB_LONG, false, false };
    j->norder = nparts + 1;
    j->npart = s->in->npart;
    j->ordered = true;
    j->serialized = true;
    struct str id_name = kql_param_word(kql_op_param(&s->op->op, "with_match_id"));
    size_t more = s->ndeclared + (id_name.n ? 1 : 0), nc = s->in->ncols;
    j->cols = s->in->cols;
    j->ncols = nc;
    struct bcol *cols = cols_copy(b, s->in->cols, nc, more);
    struct bitem *items = ARENA_ARRAY(b->a, more, struct bitem);
    for (size_t i = 0; i < more; i++) {
        bool own = i < s->ndeclared;
        enum hb_type t = own ? s->declared[i].type : HB_LONG;
        items[i] = (struct bitem){ new_col(b), unpack(s, answer, own ? i + 2 : 1, t) };
        cols[nc + i] = (struct bcol){ own ? s->declared[i].name : id_name, t, items[i].id };
    }
    return rel_project(b, j, cols, nc + more, items, more, span);
}

/* New columns must not be called like old ones. */
static bool names_free(struct scan *s)
{
    for (size_t i = 0; i < s->ndeclared; i++)
        if (rel_find(s->b, s->in, s->declared[i].name)) {
            bind_error(s->b, s->op->declare.items[i]->span, NULL, "there is a column '%.*s' already",
                       STR_ARG(s->declared[i].name));
            return false;
        }
    return true;
}

struct brel *op_scan(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_scan *n = (const struct kql_op_scan *)op;
    if (in->open)
        return in;
    if (n->order_by.n) {
        struct kql_op_list sort = { .op = *op, .items = n->order_by };
        in = op_sort(b, in, &sort.op);
        if (in->open)
            return in;
    }
    if (!in->serialized) {
        bind_error(b, op->name_span, "sort the rows or put '| serialize' in front",
                   "'scan' needs rows in a defined order");
        return rel_open(b, op->node.span);
    }
    struct scan s = { .b = b, .op = n, .in = in, .rows = in };
    bool ok = partition_rows(&s) && bind_declared(&s) && names_free(&s) && make_steps(&s);
    if (ok)
        add_defaults(&s);
    struct str text = ok ? program(&s) : STR("");
    buf_free(&s.vars);
    return text.n ? run(&s, text) : rel_open(b, op->node.span);
}
