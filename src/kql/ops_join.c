/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators on several tables: join, lookup, union.
 *
 * Null keys match null keys. Columns of both sides are shown, those of the right under the first free name.
 */
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

struct key_pair {
    struct bcol left, right;
};

struct keys {
    struct key_pair *items;
    size_t n, cap;
    bool failed;
};

struct join_kind {
    const char *name;
    enum br_join join;
    bool swap;   /* the right side is the one that stays */
    bool unique; /* the left side is made distinct by the keys first */
};

static const struct join_kind join_kinds[] = {
    { "innerunique", BJ_INNER, false, true },  { "inner", BJ_INNER, false, false },
    { "leftouter", BJ_LEFT, false, false },    { "rightouter", BJ_RIGHT, false, false },
    { "fullouter", BJ_FULL, false, false },    { "leftanti", BJ_ANTI, false, false },
    { "anti", BJ_ANTI, false, false },         { "leftantisemi", BJ_ANTI, false, false },
    { "leftsemi", BJ_SEMI, false, false },     { "rightanti", BJ_ANTI, true, false },
    { "rightantisemi", BJ_ANTI, true, false }, { "rightsemi", BJ_SEMI, true, false },
};
enum { NKINDS = sizeof join_kinds / sizeof *join_kinds };

static const struct join_kind *find_kind(struct binder *b, const struct kql_op *op, const char *fallback)
{
    const struct kql_param *p = kql_op_param(op, "kind");
    struct str want = p ? kql_param_word(p) : str_z(fallback);
    struct str names[NKINDS];
    for (size_t i = 0; i < NKINDS; i++) {
        names[i] = str_z(join_kinds[i].name);
        if (str_eq(want, names[i]))
            return &join_kinds[i];
    }
    struct str near = str_nearest(want, names, NKINDS);
    bind_error(
        b, p ? p->node.span : op->name_span,
        near.n
            ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near))
            : "one of innerunique, inner, leftouter, rightouter, fullouter, leftanti, rightanti, leftsemi, "
              "rightsemi",
        "unknown join kind '%.*s'", STR_ARG(want));
    return NULL;
}

/* -- keys -- */

static void add_pair(struct binder *b, struct keys *k, struct brel *l, struct brel *r, struct str ln,
                     struct str rn, struct span span)
{
    const struct bcol *x = rel_find(b, l, ln), *y = rel_find(b, r, rn);
    if (!x && !y && !l->open && !r->open && str_eq(ln, rn)) {
        bind_error(b, span, nearest_column(b, l, ln), "neither side has a column '%.*s'", STR_ARG(ln));
        k->failed = true;
        return;
    }
    if (!x && !l->open)
        bind_error(b, span, nearest_column(b, l, ln), "the left side has no column '%.*s'", STR_ARG(ln));
    if (!y && !r->open)
        bind_error(b, span, nearest_column(b, r, rn), "the right side has no column '%.*s'", STR_ARG(rn));
    if (!x || !y) {
        k->failed = true;
        return;
    }
    bool same = x->type == y->type || (type_is_integer(x->type) && type_is_integer(y->type));
    if (!same || x->type == HB_DYNAMIC) {
        bind_error(b, span, "convert the keys first, for instance with tostring()",
                   "keys of types %s and %s cannot be joined", hb_type_name(x->type), hb_type_name(y->type));
        k->failed = true;
        return;
    }
    *VEC_PUSH(b->a, k->items, k->n, k->cap) = (struct key_pair){ *x, *y };
}

static bool side_column(const struct kql_node *n, bool *left, struct str *name)
{
    const struct kql_path *p = (const struct kql_path *)n;
    if (n->kind != KQL_PATH || p->object->kind != KQL_NAME || p->member->kind != KQL_NAME)
        return false;
    struct str side = ((const struct kql_name *)p->object)->name;
    *left = str_eqz(side, "$left");
    *name = ((const struct kql_name *)p->member)->name;
    return *left || str_eqz(side, "$right");
}

static void add_condition(struct binder *b, struct keys *k, struct brel *l, struct brel *r,
                          const struct kql_node *n)
{
    const struct kql_binary *bin = (const struct kql_binary *)n;
    bool xl, yl;
    struct str x, y;
    if (n->kind == KQL_PAREN) {
        add_condition(b, k, l, r, ((const struct kql_paren *)n)->inner);
    } else if (n->kind == KQL_NAME) {
        struct str name = ((const struct kql_name *)n)->name;
        add_pair(b, k, l, r, name, name, n->span);
    } else if (n->kind == KQL_BINARY && bin->op == KQL_AND) {
        add_condition(b, k, l, r, bin->left);
        add_condition(b, k, l, r, bin->right);
    } else if (n->kind == KQL_BINARY && bin->op == KQL_EQ && side_column(bin->left, &xl, &x) &&
               side_column(bin->right, &yl, &y) && xl != yl) {
        add_pair(b, k, l, r, xl ? x : y, xl ? y : x, n->span);
    } else if (n->kind != KQL_ERROR) {
        bind_error(b, n->span, "write a column's name, or $left.a == $right.b",
                   "only equality can be joined on");
        k->failed = true;
    } else {
        k->failed = true;
    }
}

static struct bexpr *key_condition(struct binder *b, const struct keys *k, struct span span)
{
    struct bexpr **eq = ARENA_ARRAY(b->a, k->n + 1, struct bexpr *);
    for (size_t i = 0; i < k->n; i++)
        eq[i] = bx_call(b, HB_BOOL,
                        k->items[i].left.type == HB_STRING ? "($1 = $2)" : "($1 IS NOT DISTINCT FROM $2)",
                        span, 2, bx_col(b, &k->items[i].left, span), bx_col(b, &k->items[i].right, span));
    return k->n ? bx_calln(b, HB_BOOL, "($&)", span, k->n, eq) : bx_bool(b, true, span);
}

/* Has the right side one row at most for each combination of key values? */
static bool grouped_by_keys(struct binder *b, const struct brel *r, const struct keys *k)
{
    int *ids = ARENA_ARRAY(b->a, k->n, int);
    for (size_t i = 0; i < k->n; i++)
        ids[i] = k->items[i].right.id;
    return !r->npart && rel_tells_apart(b, r, ids, k->n);
}

/* The first row for each combination of key values. */
static struct brel *first_of_keys(struct binder *b, struct brel *l, const struct keys *k, struct span span)
{
    rel_single_order(b, &l);
    struct brel *r = rel_limit(b, l, bx_long(b, 1, span), span);
    int *by = ARENA_ARRAY(b->a, k->n + l->npart, int);
    size_t n = 0;
    for (size_t i = 0; i < l->npart; i++)
        by[n++] = l->part[i];
    for (size_t i = 0; i < k->n; i++)
        by[n++] = k->items[i].left.id;
    r->limit_by = by;
    r->nlimit_by = n;
    r->deduplicates = true;
    r->nkeep = 0;
    return r;
}

/* -- the result -- */

/* Strings of a side that may be absent become ''. */
static void present(struct binder *b, struct boutput *o, const struct bcol *c, struct str name,
                    bool maybe_absent, struct span span)
{
    struct bexpr *e = bx_col(b, c, span);
    if (maybe_absent && c->type == HB_STRING)
        e = bx_call(b, HB_STRING, "coalesce($1, '')", span, 1, e);
    out_add(b, o, name, false, e, false);
    if (e->kind != BX_COL)
        alias_copy(b, c->id, o->cols[o->ncols - 1].id);
}

static bool is_right_key(const struct keys *k, int id)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->items[i].right.id == id)
            return true;
    return false;
}

static struct brel *show_both(struct binder *b, struct brel *j, const struct brel *l, const struct brel *r,
                              const struct keys *k, bool drop_keys, struct span span)
{
    struct boutput o = { .reuse = true };
    bool left_absent = j->join == BJ_RIGHT || j->join == BJ_FULL,
         right_absent = j->join == BJ_LEFT || j->join == BJ_FULL;
    for (size_t i = 0; i < l->ncols; i++)
        present(b, &o, &l->cols[i], l->cols[i].name, left_absent, span);
    for (size_t i = 0; i < r->ncols; i++)
        if (!drop_keys || !is_right_key(k, r->cols[i].id))
            present(b, &o, &r->cols[i], r->cols[i].name, right_absent, span);
    struct brel *p = rel_project(b, j, o.cols, o.ncols, o.items, o.nitems, span);
    p->nkeep = 0;
    return p;
}

static struct brel *join(struct binder *b, struct brel *l, const struct kql_op_join *op,
                         const struct join_kind *kind, bool is_lookup)
{
    struct span span = op->op.node.span;
    struct brel *r = bind_table(b, op->right);
    struct keys k = { 0 };
    for (size_t i = 0; i < op->on.n; i++)
        add_condition(b, &k, l, r, op->on.items[i]);
    if (!op->on.n && !op->where)
        bind_error(b, op->op.name_span, "add 'on' and the columns", "'%s' needs columns to join on",
                   is_lookup ? "lookup" : "join");
    if (op->where)
        bind_error(b, op->where->span, NULL, "'where' in a join is not supported");
    if (!kind || k.failed || l->open || r->open || op->where || !op->on.n)
        return rel_open(b, span);
    struct bexpr *cond = key_condition(b, &k, span);
    if (kind->swap)
        return rel_join(b, kind->join, r, l, cond, span);
    if (kind->unique)
        l = first_of_keys(b, l, &k, span);
    struct brel *j = rel_join(b, kind->join, l, r, cond, span);
    if (kind->join == BJ_SEMI || kind->join == BJ_ANTI)
        return j;
    if ((kind->join == BJ_INNER || kind->join == BJ_LEFT) && grouped_by_keys(b, r, &k)) {
        j->one_right = true;
        j->order = l->order;
        j->norder = l->norder;
    }
    return show_both(b, j, l, r, &k, is_lookup, span);
}

struct brel *op_join(struct binder *b, struct brel *in, const struct kql_op *op)
{
    return join(b, in, (const struct kql_op_join *)op, find_kind(b, op, "innerunique"), false);
}

struct brel *op_lookup(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct join_kind *k = find_kind(b, op, "leftouter");
    if (k && k->join != BJ_LEFT && !(k->join == BJ_INNER && !k->unique)) {
        bind_error(b, op->name_span, NULL, "lookup is leftouter or inner");
        k = NULL;
    }
    return join(b, in, (const struct kql_op_join *)op, k, true);
}

/* -- union -- */

void tables_add(struct binder *b, struct kql_tables *l, struct brel *r, struct str name)
{
    l->failed |= r->open;
    *VEC_PUSH(b->a, l->rels, l->n, l->cap) = r;
    *VEC_PUSH(b->a, l->names, l->nnames, l->ncap) = name;
}

/* T* and *: let tables and tables of the source; returns how many there were */
static size_t add_wildcard(struct binder *b, struct kql_tables *l, struct str pattern, struct span span)
{
    size_t found = 0;
    struct str *names = NULL;
    for (struct bscope *s = b->scope; s; s = s->up)
        for (size_t i = 0; i < s->names.n; i++) {
            const struct bname *nm = s->names.entries[i].value;
            if (scope_find(b->scope, s->names.entries[i].key) != nm)
                continue; /* not seen from here */
            if (nm->kind == BN_LAMBDA && nm->lambda->view && name_matches(pattern, s->names.entries[i].key) &&
                ++found) {
                struct kql_name name = { { KQL_NAME, span }, s->names.entries[i].key, false, false };
                tables_add(b, l, bind_table(b, &name.node), name.name);
            }
            if (nm->kind == BN_TABLE && !nm->table->graph && name_matches(pattern, s->names.entries[i].key) &&
                ++found)
                tables_add(b, l, nm->table->open ? nm->table : rel_ref(b, nm->table, span),
                           s->names.entries[i].key);
        }
    size_t n = b->cat && b->cat->names ? b->cat->names(b->cat->ctx, b->a, &names) : 0;
    for (size_t i = 0; i < n; i++) {
        struct kql_table t;
        if (!kql_of_database(names[i]) && name_matches(pattern, names[i]) &&
            catalog_table(b, names[i], span, &t) && ++found)
            tables_add(b, l, rel_table(b, &t, span), names[i]);
    }
    return found;
}

/* A name nobody knows: skipped by a fuzzy union. */
static bool missing_table(struct binder *b, const struct kql_node *n)
{
    if (n->kind == KQL_PAREN)
        return missing_table(b, ((const struct kql_paren *)n)->inner);
    if (n->kind == KQL_PIPE)
        return ((const struct kql_pipe *)n)->source && missing_table(b, ((const struct kql_pipe *)n)->source);
    if (n->kind == KQL_PATH && names_entity_table(b, n))
        return entity_table_missing(b, n);
    if (n->kind != KQL_NAME)
        return false;
    struct str name = ((const struct kql_name *)n)->name;
    struct kql_table t;
    return !scope_find(b->scope, name) && !catalog_has(b, name, &t);
}

/* A view among the tables of a union keeps its name. */
static bool is_view(struct binder *b, const struct kql_node *n)
{
    const struct kql_name *name = (const struct kql_name *)n;
    const struct bname *nm = n->kind == KQL_NAME ? scope_find(b->scope, name->name) : NULL;
    return nm && nm->kind == BN_LAMBDA && nm->lambda->view;
}

/* (T | ... | as Name): the name */
static struct str named_last(const struct kql_node *n)
{
    while (n->kind == KQL_PAREN)
        n = KQL_AS(kql_paren, n)->inner;
    const struct kql_pipe *p = n->kind == KQL_PIPE ? KQL_AS(kql_pipe, n) : NULL;
    const struct kql_node *last = p && p->ops.n ? p->ops.items[p->ops.n - 1] : NULL;
    return last && last->kind == KQL_AS && KQL_AS(kql_op_name, last)->name
               ? KQL_AS(kql_op_name, last)->name->name
               : STR("");
}

/* database('d').T*, database('d').* */
static bool is_entity_wildcard(struct binder *b, const struct kql_node *n)
{
    const struct kql_node *last = n->kind == KQL_PATH ? KQL_AS(kql_path, n)->member : n;
    bool star = last->kind == KQL_STAR || (last->kind == KQL_NAME && KQL_AS(kql_name, last)->wildcard);
    return star && n->kind == KQL_PATH && names_entity_table(b, n);
}

void tables_gather(struct binder *b, struct kql_tables *l, const struct kql_list *items, bool fuzzy,
                   const char *nameless)
{
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_node *n = items->items[i];
        const struct kql_name *name = (const struct kql_name *)n;
        if (n->kind == KQL_STAR || (n->kind == KQL_NAME && name->wildcard)) {
            struct str pattern = n->kind == KQL_STAR ? STR("*") : name->name;
            if (!add_wildcard(b, l, pattern, n->span) && !fuzzy) {
                bind_error(b, n->span, NULL, "no table matches '%.*s'", STR_ARG(pattern));
                l->failed = true;
            }
            continue;
        }
        if (is_entity_wildcard(b, n)) {
            if (!entity_wildcard(b, n, l) && !fuzzy) {
                bind_error(b, n->span, NULL, "no table matches this");
                l->failed = true;
            }
            continue;
        }
        if (fuzzy && missing_table(b, n))
            continue;
        struct kql_table t;
        bool plain = n->kind == KQL_NAME && !scope_find(b->scope, name->name) &&
                     catalog_has(b, name->name, &t);
        tables_add(b, l, bind_table(b, n),
                   plain || is_view(b, n) ? name->name
                   : named_last(n).n      ? named_last(n)
                                          : arena_strf(b->a, "%s%zu", nameless, l->n));
    }
}

struct ucol {
    struct str name, shown;
    enum hb_type type;
    size_t seen; /* in so many legs */
};

struct ucols {
    struct ucol *items;
    size_t n, cap;
};

static void union_columns(struct binder *b, const struct kql_tables *l, struct ucols *u)
{
    for (size_t k = 0; k < l->n; k++)
        for (size_t i = 0; i < l->rels[k]->ncols; i++) {
            const struct bcol *c = &l->rels[k]->cols[i];
            size_t at = 0;
            while (at < u->n && !(str_eq(u->items[at].name, c->name) && u->items[at].type == c->type))
                at++;
            if (at == u->n)
                *VEC_PUSH(b->a, u->items, u->n, u->cap) = (struct ucol){ c->name, c->name, c->type, 0 };
            u->items[at].seen++;
        }
}

/* Columns of one name and several types stand together and carry their type in the name. */
static void name_conflicts(struct binder *b, struct ucols *u)
{
    struct ucol *sorted = ARENA_ARRAY(b->a, u->n, struct ucol);
    bool *done = ARENA_ARRAY(b->a, u->n, bool);
    size_t n = 0;
    for (size_t i = 0; i < u->n; i++) {
        size_t first = n;
        for (size_t k = i; k < u->n && !done[i]; k++)
            if (!done[k] && k != i && str_eq(u->items[k].name, u->items[i].name)) {
                done[k] = true;
                if (n == first)
                    sorted[n++] = u->items[i];
                sorted[n++] = u->items[k];
            }
        if (n == first && !done[i])
            sorted[n++] = u->items[i];
        bool conflict = n - first > 1;
        for (size_t k = first; k < n && conflict; k++) {
            struct str want = arena_strf(b->a, "%.*s_%s", STR_ARG(sorted[k].name),
                                         hb_type_name(sorted[k].type));
            for (size_t m = 0; m < u->n; m++)
                if (str_eq(u->items[m].name, want))
                    want = arena_strf(b->a, "%.*s1", STR_ARG(want));
            sorted[k].shown = want;
        }
    }
    copy_bytes(u->items, sorted, n * sizeof *sorted);
}

static const struct bcol *leg_column(const struct brel *r, const struct ucol *c)
{
    for (size_t i = 0; i < r->ncols; i++)
        if (str_eq(r->cols[i].name, c->name) && r->cols[i].type == c->type)
            return &r->cols[i];
    return NULL;
}

static struct brel *union_of(struct binder *b, struct kql_tables *l, const struct ucols *u, struct str source,
                             struct span span)
{
    struct brel *r = rel_new(b, BR_UNION, NULL, span);
    size_t extra = source.n ? 1 : 0, n = u->n + extra;
    r->legs = l->rels;
    r->nlegs = l->n;
    r->leg_items = ARENA_ARRAY(b->a, l->n, struct bitem *);
    r->cols = ARENA_ARRAY(b->a, n, struct bcol);
    r->ncols = n;
    r->nitems = n + 2;
    int first = b->next_col;
    b->next_col += (int)r->nitems;
    for (size_t k = 0; k < l->n; k++) {
        int order = rel_single_order(b, &l->rels[k]);
        struct bitem *it = r->leg_items[k] = ARENA_ARRAY(b->a, r->nitems, struct bitem);
        for (size_t i = 0; i < r->nitems; i++)
            it[i].id = first + (int)i;
        if (extra)
            it[0].e = bx_str(b, l->names[k], span);
        for (size_t i = 0; i < u->n; i++) {
            const struct bcol *c = leg_column(l->rels[k], &u->items[i]);
            it[extra + i].e = c ? bx_col(b, c, span) : bx_null(b, u->items[i].type, span);
            if (c && k == 0)
                alias_copy(b, c->id, it[extra + i].id);
        }
        it[n].e = bx_long(b, (int64_t)k, span);
        it[n + 1].e = bx_colid(b, order, HB_LONG);
    }
    if (extra)
        r->cols[0] = (struct bcol){ source, HB_STRING, first };
    for (size_t i = 0; i < u->n; i++)
        r->cols[extra + i] = (struct bcol){ u->items[i].shown, u->items[i].type, first + (int)(extra + i) };
    r->order = ARENA_ARRAY(b->a, 2, struct border);
    r->order[0] = (struct border){ first + (int)n, HB_LONG, false, false };
    r->order[1] = (struct border){ first + (int)n + 1, HB_LONG, false, false };
    r->norder = 2;
    for (size_t k = 0; k < l->n; k++)
        r->scrambled |= l->rels[k]->scrambled;
    return r;
}

struct brel *tables_union(struct binder *b, struct kql_tables *l, bool common_only, struct str source,
                          struct span span)
{
    struct ucols u = { 0 };
    union_columns(b, l, &u);
    if (common_only) {
        size_t n = 0;
        for (size_t i = 0; i < u.n; i++)
            if (u.items[i].seen == l->n)
                u.items[n++] = u.items[i];
        u.n = n;
    }
    name_conflicts(b, &u);
    return union_of(b, l, &u, source, span);
}

struct brel *op_union(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct kql_tables l = { 0 };
    const struct kql_param *fuzzy = kql_op_param(op, "isfuzzy"), *kind = kql_op_param(op, "kind");
    const struct kql_param *source = kql_op_param(op, "withsource");
    if (!source)
        source = kql_op_param(op, "with_source");
    if (in)
        tables_add(b, &l, in, STR("union_arg0"));
    tables_gather(b, &l, &((const struct kql_op_list *)op)->items, kql_param_flag(fuzzy), "union_arg");
    if (!l.n && !l.failed)
        bind_error(b, op->name_span, NULL, "none of the tables of this union exists");
    if (l.failed || !l.n)
        return rel_open(b, op->node.span);
    return tables_union(b, &l, kind && str_eqz(kql_param_word(kind), "inner"), kql_param_word(source),
                        op->node.span);
}
