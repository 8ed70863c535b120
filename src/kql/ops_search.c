/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search and find: rows of many tables by terms and conditions.
 *
 * The predicate is bound once for each table: a condition on a column that the table lacks is false there, and an error
 * only if no table has it. A text alone is a term that any string or dynamic column may have; a star at an end of it frees
 * that end. The tables are then put together as union does.
 */
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

struct search {
    struct kql_tables t;
    bool case_sensitive;
};

/* -- terms -- */

/* abc*xyz: whole words that begin and end so, as a regular expression. */
static struct str inner_star(struct binder *b, struct str text, bool case_sensitive)
{
    struct buf o = BUF_INIT;
    buf_puts(&o, case_sensitive ? "(?s)\\b" : "(?is)\\b");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '*')
            buf_puts(&o, ".*");
        else if (strchr("\\.+?()[]{}|^$", text.p[i]))
            buf_printf(&o, "\\%c", text.p[i]);
        else
            buf_putc(&o, text.p[i]);
    }
    buf_puts(&o, "\\b");
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

/* Does a text have the term? */
static struct bexpr *term_in(struct binder *b, struct bexpr *text, struct str term, bool case_sensitive,
                             struct span span)
{
    static const enum kql_op_code ops[2][2][2] = {
        /* star before, star behind, case */
        { { KQL_HAS, KQL_HAS_CS }, { KQL_HASPREFIX, KQL_HASPREFIX_CS } },
        { { KQL_HASSUFFIX, KQL_HASSUFFIX_CS }, { KQL_CONTAINS, KQL_CONTAINS_CS } },
    };
    bool before = term.n && term.p[0] == '*';
    struct str core = str_sub(term, before, term.n);
    bool behind = core.n && core.p[core.n - 1] == '*';
    core.n -= behind;
    if (!core.n)
        return bx_bool(b, true, span);
    if (str_chr(core, '*', 0) < core.n)
        return bind_binary(b, KQL_MATCHES_REGEX, to_string(b, text),
                           bx_str(b, inner_star(b, core, case_sensitive), span), span, span);
    return bind_binary(b, ops[before][behind][case_sensitive], to_string(b, text), bx_str(b, core, span),
                       span, span);
}

static struct bexpr *term_anywhere(struct binder *b, const struct brel *rel, struct str term,
                                   bool case_sensitive, struct span span)
{
    struct bexpr *all = NULL;
    for (size_t i = 0; i < rel->ncols; i++) {
        if (rel->cols[i].type != HB_STRING && rel->cols[i].type != HB_DYNAMIC)
            continue;
        struct bexpr *one = term_in(b, bx_col(b, &rel->cols[i], span), term, case_sensitive, span);
        all = all ? bind_binary(b, KQL_OR, all, one, span, span) : one;
    }
    return all ? all : bx_bool(b, false, span);
}

/* -- which columns does a condition read? -- */

struct reads {
    struct binder *b;
    const struct brel *rel;
};

/* False when n names a column that the table does not have and that is no let, parameter or function either. */
static bool can_read(const struct reads *r, const struct kql_node *n);

static bool child_readable(void *ctx, const char *field, struct kql_node *child)
{
    bool declared = strcmp(field, "name") == 0 || strcmp(field, "member") == 0 || strcmp(field, "names") == 0;
    return declared || can_read(ctx, child);
}

static bool can_read(const struct reads *r, const struct kql_node *n)
{
    if (n->kind >= KQL_PIPE)
        return true;
    if (n->kind != KQL_NAME)
        return kql_each_child(n, child_readable, (void *)r);
    struct str name = KQL_AS(kql_name, n)->name;
    struct kql_scalar s;
    struct kql_table t;
    const struct kql_catalog *cat = r->b->cat;
    return rel_find(r->b, r->rel, name) || scope_find(r->b->scope, name) ||
           (cat && cat->scalar && cat->scalar(cat->ctx, name, &s)) ||
           (cat && cat->table && cat->table(cat->ctx, name, &t));
}

static bool readable_in(struct binder *b, const struct brel *rel, const struct kql_node *n)
{
    struct reads r = { b, rel };
    return can_read(&r, n);
}

/* This table lacks what n reads, but another one has it. */
static bool not_here(struct binder *b, const struct search *s, const struct brel *rel,
                     const struct kql_node *n)
{
    if (readable_in(b, rel, n))
        return false;
    for (size_t i = 0; i < s->t.n; i++)
        if (readable_in(b, s->t.rels[i], n))
            return true;
    return false;
}

/* -- the predicate -- */

static struct bexpr *predicate(struct binder *b, const struct search *s, const struct kql_node *n,
                               struct brow *row);

/* column:"term" */
static struct bexpr *column_term(struct binder *b, const struct search *s, const struct kql_binary *n,
                                 struct brow *row)
{
    if (n->right->kind != KQL_LITERAL || n->left->kind == KQL_STAR)
        return n->left->kind == KQL_STAR ? predicate(b, s, n->right, row) : bind_expr(b, &n->node, row);
    struct bexpr *column = bind_expr(b, n->left, row);
    if (bx_failed(column))
        return column;
    return term_in(b, column, KQL_AS(kql_literal, n->right)->text, s->case_sensitive, n->node.span);
}

static struct bexpr *predicate(struct binder *b, const struct search *s, const struct kql_node *n,
                               struct brow *row)
{
    const struct kql_binary *bin = (const struct kql_binary *)n;
    const struct kql_call *call = (const struct kql_call *)n;
    if (n->kind == KQL_PAREN)
        return predicate(b, s, KQL_AS(kql_paren, n)->inner, row);
    if (n->kind == KQL_STAR)
        return bx_bool(b, true, n->span);
    if (n->kind == KQL_BINARY && (bin->op == KQL_AND || bin->op == KQL_OR)) {
        struct bexpr *left = predicate(b, s, bin->left, row);
        return bind_binary(b, bin->op, left, predicate(b, s, bin->right, row), n->span, bin->op_span);
    }
    if (n->kind == KQL_CALL && str_eqz(call->name->name, "not") && call->args.n == 1) {
        struct bexpr *e = predicate(b, s, call->args.items[0], row);
        return bx_failed(e) ? e : bx_call(b, HB_BOOL, "(NOT coalesce($1, false))", n->span, 1, e);
    }
    if (n->kind == KQL_LITERAL && KQL_AS(kql_literal, n)->type != HB_BOOL)
        return term_anywhere(b, row->rel, KQL_AS(kql_literal, n)->text, s->case_sensitive, n->span);
    if (not_here(b, s, row->rel, n))
        return bx_bool(b, false, n->span);
    if (n->kind == KQL_BINARY && bin->op == KQL_COLON)
        return column_term(b, s, bin, row);
    return bind_bool(b, n, row, "the condition");
}

/* Keeps the rows of each table that fulfil the predicate. False: an error was reported. */
static bool filter_tables(struct binder *b, struct search *s, const struct kql_node *condition)
{
    struct brel **kept = ARENA_ARRAY(b->a, s->t.n, struct brel *);
    bool ok = true;
    for (size_t i = 0; i < s->t.n && ok; i++) {
        struct brow row = { .rel = s->t.rels[i] };
        struct bexpr *e = predicate(b, s, condition, &row);
        ok = !bx_failed(e);
        if (ok)
            kept[i] = rel_filter(b, row.rel, e, condition->span);
    }
    s->t.rels = kept;
    return ok;
}

static bool find_tables(struct binder *b, struct search *s, struct brel *in, const struct kql_list *tables,
                        const struct kql_op *op)
{
    struct kql_node star = { KQL_STAR, op->name_span };
    struct kql_node *items[] = { &star };
    struct kql_list all = { items, 1 };
    if (in)
        tables_add(b, &s->t, in, STR("search_arg0"));
    if (!in || tables->n)
        tables_gather(b, &s->t, tables->n ? tables : &all, false, "search_arg");
    if (!s->t.n && !s->t.failed)
        bind_error(b, op->name_span, NULL, "there is no table to look in");
    return s->t.n && !s->t.failed;
}

/* -- search -- */

/* One table keeps its columns and their order; its name stands in front. */
static struct brel *with_name(struct binder *b, struct brel *rel, struct str name, struct span span)
{
    struct boutput o = { .reuse = true };
    out_add(b, &o, STR("$table"), true, bx_str(b, name, span), false);
    for (size_t i = 0; i < rel->ncols; i++)
        out_add(b, &o, rel->cols[i].name, false, bx_col(b, &rel->cols[i], span), false);
    return rel_project(b, rel, o.cols, o.ncols, o.items, o.nitems, span);
}

struct brel *op_search(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_search *n = (const struct kql_op_search *)op;
    struct search s = { 0 };
    struct str kind = kql_param_word(kql_op_param(op, "kind"));
    s.case_sensitive = str_eqz(kind, "case_sensitive");
    if (kind.n && !s.case_sensitive && !str_eqz(kind, "default") && !str_eqz(kind, "case_insensitive"))
        bind_error(b, kql_op_param(op, "kind")->node.span, "default, case_insensitive or case_sensitive",
                   "unknown kind of search '%.*s'", STR_ARG(kind));
    if (!find_tables(b, &s, in, &n->tables, op) || !filter_tables(b, &s, n->predicate))
        return rel_open(b, op->node.span);
    if (s.t.n == 1)
        return with_name(b, s.t.rels[0], s.t.names[0], op->node.span);
    return tables_union(b, &s.t, false, STR("$table"), op->node.span);
}

/* -- find -- */

/* A column that find shows: of every table that has it. */
struct shown {
    struct str name;
    enum hb_type type; /* what it is where it is absent, and everywhere when `cast` */
    bool cast;
};

struct shown_list {
    struct shown *items;
    size_t n, cap;
    bool pack; /* and the rest of the columns as a bag */
};

static bool is_shown(const struct shown_list *l, struct str name)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->items[i].name, name))
            return true;
    return false;
}

/* cast: HB_UNKNOWN leaves each table's type, and the first one decides for those without the column. False: none has it. */
static bool show(struct binder *b, const struct search *s, struct shown_list *l, struct str name,
                 enum hb_type cast)
{
    enum hb_type type = cast;
    for (size_t i = 0; i < s->t.n && type == HB_UNKNOWN; i++) {
        const struct bcol *c = rel_find(b, s->t.rels[i], name);
        type = c ? c->type : type;
    }
    if (type != HB_UNKNOWN && !is_shown(l, name))
        *VEC_PUSH(b->a, l->items, l->n, l->cap) = (struct shown){ name, type, cast != HB_UNKNOWN };
    return type != HB_UNKNOWN;
}

struct mentioned {
    struct binder *b;
    const struct search *s;
    struct shown_list *out;
};

/* project-smart shows the columns the predicate names, */
static bool show_mentioned(void *ctx, const char *field, struct kql_node *n)
{
    struct mentioned *m = ctx;
    if (strcmp(field, "name") == 0 || strcmp(field, "member") == 0 || n->kind >= KQL_PIPE)
        return true;
    if (n->kind != KQL_NAME)
        return kql_each_child(n, show_mentioned, ctx);
    show(m->b, m->s, m->out, KQL_AS(kql_name, n)->name, HB_UNKNOWN);
    return true;
}

/* and those that all tables have. */
static void show_common(struct binder *b, const struct search *s, struct shown_list *out)
{
    for (size_t i = 0; i < s->t.rels[0]->ncols; i++) {
        const struct bcol *c = &s->t.rels[0]->cols[i];
        bool common = true;
        for (size_t k = 1; k < s->t.n && common; k++) {
            const struct bcol *other = rel_find(b, s->t.rels[k], c->name);
            common = other && other->type == c->type;
        }
        if (common)
            show(b, s, out, c->name, HB_UNKNOWN);
    }
}

static bool show_projected(struct binder *b, const struct search *s, const struct kql_list *columns,
                           struct shown_list *out)
{
    for (size_t i = 0; i < columns->n; i++) {
        const struct kql_node *n = columns->items[i];
        if (n->kind != KQL_COLDECL) {
            out->pack = true; /* pack(*) or * */
            continue;
        }
        const struct kql_coldecl *d = KQL_AS(kql_coldecl, n);
        if (!show(b, s, out, d->name->name, d->type)) {
            bind_error(b, n->span, NULL, "none of the tables has a column '%.*s'", STR_ARG(d->name->name));
            return false;
        }
    }
    return true;
}

/* The columns of one table as find shows them. */
static struct brel *project_shown(struct binder *b, struct brel *rel, const struct shown_list *l,
                                  struct span span)
{
    struct boutput o = { .reuse = true };
    struct bcol *rest = ARENA_ARRAY(b->a, rel->ncols, struct bcol);
    size_t nrest = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct bcol *c = rel_find(b, rel, l->items[i].name);
        struct bexpr *e = c ? bx_col(b, c, span) : bx_null(b, l->items[i].type, span);
        if (l->items[i].cast && e->type != l->items[i].type)
            e = convert(b, e, l->items[i].type);
        out_add(b, &o, l->items[i].name, true, e, false);
    }
    for (size_t i = 0; i < rel->ncols; i++)
        if (!is_shown(l, rel->cols[i].name))
            rest[nrest++] = rel->cols[i];
    if (l->pack)
        out_add(b, &o, STR("pack_"), true, pack_columns(b, span, rest, nrest, true), false);
    return o.failed ? rel_open(b, span) : rel_project(b, rel, o.cols, o.ncols, o.items, o.nitems, span);
}

struct brel *op_find(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_find *n = (const struct kql_op_find *)op;
    struct search s = { 0 };
    struct shown_list shown = { 0 };
    if (!find_tables(b, &s, in, &n->tables, op))
        return rel_open(b, op->node.span);
    if (n->project.n) {
        if (!show_projected(b, &s, &n->project, &shown))
            return rel_open(b, op->node.span);
    } else {
        struct mentioned m = { b, &s, &shown };
        show_mentioned(&m, "predicate", n->predicate);
        show_common(b, &s, &shown);
        shown.pack = true;
    }
    if (!filter_tables(b, &s, n->predicate))
        return rel_open(b, op->node.span);
    for (size_t i = 0; i < s.t.n; i++) {
        s.t.rels[i] = project_shown(b, s.t.rels[i], &shown, op->node.span);
        if (s.t.rels[i]->open)
            return s.t.rels[i];
    }
    struct str source = kql_param_word(kql_op_param(op, "withsource"));
    return tables_union(b, &s.t, false, source.n ? source : STR("source_"), op->node.span);
}
