/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: what is visible where, how an unnamed column is called, and what was meant by a name that is not there.
 */
#include <string.h>

#include "bound.h"
#include "hb/vec.h"

struct bscope *scope_push(struct binder *b)
{
    struct bscope *s = ARENA_NEW(b->a, struct bscope);
    s->up = b->scope;
    map_init(&s->names, b->a);
    b->scope = s;
    return s;
}

/* One entity of restrict access: a name, a pattern of names that let gave, or either of database(). */
static bool admits(const struct kql_node *n, struct str name, bool database)
{
    if (n->kind == KQL_PATH) {
        const struct kql_path *p = KQL_AS(kql_path, n);
        return database && is_own_database(p->object) && p->member->kind != KQL_PATH &&
               admits(p->member, name, false);
    }
    if (n->kind == KQL_STAR)
        return !database;
    if (n->kind != KQL_NAME)
        return false;
    const struct kql_name *want = KQL_AS(kql_name, n);
    return want->wildcard ? !database && name_matches(want->name, name) : str_eq(want->name, name);
}

bool is_own_database(const struct kql_node *n)
{
    const struct kql_call *c = (const struct kql_call *)n;
    return n->kind == KQL_CALL && str_eqz(c->name->name, "database") && !c->args.n;
}

static bool wall_hides(const struct kql_list *wall, struct str name, bool database)
{
    for (size_t i = 0; i < wall->n; i++)
        if (admits(wall->items[i], name, database))
            return false;
    return true;
}

bool scope_hides(const struct bscope *s, struct str name, bool database)
{
    for (; s; s = s->up)
        if (s->admits && wall_hides(s->admits, name, database))
            return true;
    return false;
}

struct bname *scope_find(struct bscope *s, struct str name)
{
    bool hidden = false;
    for (; s; s = s->up) {
        struct bname *n = map_get(&s->names, name);
        if (n)
            return hidden && n->kind != BN_SCALAR && !n->value ? NULL : n;
        hidden |= s->admits && wall_hides(s->admits, name, false);
    }
    return NULL;
}

struct bname *scope_add(struct binder *b, struct str name, struct span span, enum bname_kind kind)
{
    struct bname *n = ARENA_NEW(b->a, struct bname);
    n->kind = kind;
    n->span = span;
    n->home = b->scope;
    map_set(&b->scope->names, name, n);
    return n;
}

void scope_put(struct binder *b, struct bscope *s, struct str name, struct bexpr *scalar, struct brel *table)
{
    struct bname *n = ARENA_NEW(b->a, struct bname);
    *n = (struct bname){ .kind = scalar ? BN_SCALAR : BN_TABLE, .scalar = scalar, .table = table };
    map_set(&s->names, name, n);
}

const struct bcol *rel_find(const struct binder *b, const struct brel *r, struct str name)
{
    for (size_t i = 0; r && i < r->ncols; i++)
        if (str_eq(r->cols[i].name, name))
            return &r->cols[i];
    for (size_t k = 0; r && k < b->naliases; k++)
        for (size_t i = 0; i < r->ncols && str_eq(b->aliases[k].name, name); i++)
            if (r->cols[i].id == b->aliases[k].id)
                return &r->cols[i];
    return NULL;
}

void alias_copy(struct binder *b, int from, int to)
{
    for (size_t k = 0, n = b->naliases; k < n; k++)
        if (b->aliases[k].id == from)
            *VEC_PUSH(b->a, b->aliases, b->naliases, b->cap_aliases) = (struct balias){ b->aliases[k].name,
                                                                                        to };
}

static const char *did_you_mean(struct binder *b, struct str near)
{
    return near.n ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near)) : NULL;
}

/* What a name that is no column was meant to be. */
static const char *meant(struct binder *b, const struct brel *r, struct str name, struct span span)
{
    struct str before = str_trim(str_sub(b->src->text, 0, b->pin.len ? 0 : span.offset));
    if (str_eq_nocase(name, STR("null")))
        return "write isnull(x) or isnotnull(x); a null value is long(null)";
    if (str_ends(before, STR("--")))
        return "comments begin with //";
    struct str *names = ARENA_ARRAY(b->a, r->ncols, struct str);
    for (size_t i = 0; i < r->ncols; i++)
        names[i] = r->cols[i].name;
    return did_you_mean(b, str_nearest(name, names, r->ncols));
}

const char *nearest_column(struct binder *b, const struct brel *r, struct str name)
{
    return meant(b, r, name, (struct span){ 0, 0 });
}

const struct bcol *rel_column(struct binder *b, const struct brel *r, struct str name, struct span span)
{
    const struct bcol *c = rel_find(b, r, name);
    if (c || r->open)
        return c;
    bind_error(b, span, meant(b, r, name, span), "unknown column '%.*s'", STR_ARG(name));
    return NULL;
}

bool name_matches(struct str pattern, struct str name)
{
    size_t p = 0, s = 0, star = SIZE_MAX, mark = 0;
    while (s < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = s;
        } else if (p < pattern.n && pattern.p[p] == name.p[s]) {
            p++;
            s++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            s = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* -- automatic names -- */

/* What a step of a path adds to its name: .member, ["key"], [3]; false: nothing that is known. */
static bool put_step(struct buf *o, const struct kql_node *n)
{
    if (n->kind == KQL_PATH) {
        const struct kql_node *m = KQL_AS(kql_path, n)->member;
        if (m->kind != KQL_NAME)
            return false;
        buf_putc(o, '_');
        buf_str(o, KQL_AS(kql_name, m)->name);
        return true;
    }
    const struct kql_node *i = KQL_AS(kql_index, n)->index;
    const struct kql_literal *lit = (const struct kql_literal *)i;
    if (i->kind != KQL_LITERAL || (lit->type != HB_STRING && lit->type != HB_LONG && lit->type != HB_INT))
        return false;
    buf_putc(o, '_');
    if (lit->type == HB_STRING)
        buf_str(o, lit->text);
    else
        buf_i64(o, lit->v.i);
    return true;
}

/* a.b["c"]: a_b_c. Paths are as long as the text, so this goes along them. */
static struct str path_name(struct binder *b, const struct kql_node *n)
{
    size_t steps = 0;
    const struct kql_node *root = n;
    for (; root->kind == KQL_PATH || root->kind == KQL_INDEX; root = kql_left(root))
        steps++;
    struct str base = auto_name(b, root);
    if (!base.n)
        return base;
    const struct kql_node **chain = ARENA_ARRAY(b->a, steps, const struct kql_node *);
    for (size_t i = steps; i-- > 0; n = kql_left(n))
        chain[i] = n;
    struct buf o = BUF_INIT;
    bool side = base.p[0] == '$', known = true; /* $left.a in a join is a */
    if (!side)
        buf_str(&o, base);
    for (size_t i = 0; i < steps && known; i++)
        known = put_step(&o, chain[i]);
    struct str s = known ? buf_to_arena(&o, b->a) : STR("");
    buf_free(&o);
    return side ? str_sub(s, 1, s.n) : s;
}

static struct str call_name(struct binder *b, const struct kql_call *c)
{
    const char *rule = NULL;
    for (size_t i = 0; i < kql_nfuncs; i++)
        if (str_eqz(c->name->name, kql_funcs[i].name)) {
            rule = kql_funcs[i].column;
            break;
        }
    bool agg = false;
    for (size_t i = 0; i < kql_naggs && !rule; i++)
        if (str_eqz(c->name->name, kql_aggs[i].name)) {
            rule = kql_aggs[i].column;
            agg = true;
        }
    if (rule && *rule == '=')
        return str_z(rule + 1);
    if (!rule || (!c->args.n && !agg))
        return (struct str){ 0 };
    if (*rule == '#') { /* named by the text of the first argument */
        const struct kql_literal *l = (const struct kql_literal *)c->args.items[0];
        return l->node.kind == KQL_LITERAL && l->type == HB_STRING ? l->text : STR("");
    }
    struct str arg = c->args.n ? auto_name(b, c->args.items[0]) : (struct str){ 0 };
    if (!arg.n)
        return agg ? str_z(rule) : arg;
    struct str second = agg && c->args.n > 1 && str_starts(c->name->name, STR("covariance"))
                            ? auto_name(b, c->args.items[1])
                            : (struct str){ 0 };
    if (second.n)
        return arena_strf(b->a, "%s%.*s_%.*s", rule, STR_ARG(arg), STR_ARG(second));
    if (*rule == '_')
        return arena_strf(b->a, "%.*s%s", STR_ARG(arg), rule);
    return *rule ? arena_strf(b->a, "%s%.*s", rule, STR_ARG(arg)) : arg;
}

struct str auto_name(struct binder *b, const struct kql_node *n)
{
    switch (n->kind) {
    case KQL_NAME: return ((const struct kql_name *)n)->name;
    case KQL_PAREN: return auto_name(b, ((const struct kql_paren *)n)->inner);
    case KQL_NAMED: return KQL_AS(kql_name, KQL_AS(kql_named, n)->names.items[0])->name;
    case KQL_CALL: return call_name(b, (const struct kql_call *)n);
    case KQL_INDEX:
    case KQL_PATH: return path_name(b, n);
    default: return (struct str){ 0 };
    }
}

struct str value_name(struct binder *b, const struct kql_node *n, const struct bexpr *e,
                      const struct brel *rel)
{
    const struct kql_call *c = (const struct kql_call *)n;
    if (n->kind != KQL_CALL ||
        (!str_eqz(c->name->name, "column_ifexists") && !str_eqz(c->name->name, "columnifexists")))
        return auto_name(b, n);
    for (size_t i = 0; rel && e->kind == BX_COL && i < rel->ncols; i++)
        if (rel->cols[i].id == e->col)
            return rel->cols[i].name;
    return (struct str){ 0 };
}

static bool taken(const struct bcol *cols, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(cols[i].name, name))
            return true;
    return false;
}

struct str free_name(struct binder *b, const struct bcol *cols, size_t n, struct str want)
{
    if (!taken(cols, n, want))
        return want;
    for (unsigned i = 1;; i++) {
        struct str s = arena_strf(b->a, "%.*s%u", STR_ARG(want), i);
        if (!taken(cols, n, s))
            return s;
    }
}

/* -- the catalogue -- */

static void use(struct binder *b, struct kql_use **list, size_t *n, size_t *cap, struct str name,
                struct span span)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq((*list)[i].name, name))
            return;
    *VEC_PUSH(b->a, *list, *n, *cap) = (struct kql_use){ name, span };
}

bool kql_of_database(struct str name)
{
    return str_chr(name, '/', 0) < name.n;
}

void use_table(struct binder *b, struct str name, struct span span)
{
    use(b, &b->tables, &b->ntables, &b->cap_tables, name, span);
}

bool catalog_has(struct binder *b, struct str name, struct kql_table *out)
{
    return b->cat && b->cat->table && !scope_hides(b->scope, name, true) &&
           b->cat->table(b->cat->ctx, name, out);
}

bool catalog_table(struct binder *b, struct str name, struct span span, struct kql_table *out)
{
    if (!catalog_has(b, name, out))
        return false;
    use_table(b, name, span);
    claim_table(b, name, &(struct bentity){ .table = STR("") }, span);
    return true;
}

bool catalog_scalar(struct binder *b, struct str name, struct span span, struct kql_scalar *out)
{
    if (!b->cat || !b->cat->scalar || !b->cat->scalar(b->cat->ctx, name, out))
        return false;
    use(b, &b->scalars, &b->nscalars, &b->cap_scalars, name, span);
    return true;
}

struct str nearest_table(struct binder *b, struct str name)
{
    struct str *all = NULL;
    size_t n = b->cat && b->cat->names ? b->cat->names(b->cat->ctx, b->a, &all) : 0;
    size_t cap = n, m = 0;
    struct str *names = ARENA_ARRAY(b->a, n, struct str);
    for (size_t i = 0; i < n; i++)
        if (!kql_of_database(all[i]) && !scope_hides(b->scope, all[i], true))
            names[m++] = all[i];
    for (struct bscope *s = b->scope; s; s = s->up)
        for (size_t i = 0; i < s->names.n; i++)
            if (scope_find(b->scope, s->names.entries[i].key))
                *VEC_PUSH(b->a, names, m, cap) = s->names.entries[i].key;
    return str_nearest(name, names, m);
}
