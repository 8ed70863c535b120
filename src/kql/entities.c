/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clusters and databases: database('d').T, cluster('c').database('d').T, alias database, entity groups and macro-expand.
 *
 * A source of files may have folders: they are databases, and folders in them databases of a cluster, so that table T of a
 * database is called c/d/T or d/T. Without them the source is one database whose name nobody knows: a query that names its
 * database reads plain tables then. But one table is never that of two databases: the second place that reads it so is an
 * error, because the same rows would be counted twice.
 *
 * To add a function that names a place (as workspace() does): a row in places[].
 */
#include "bound.h"
#include "hb/vec.h"

/* What stands in front of a table's name. */
static const struct {
    const char *name;
    bool cluster, address; /* of a cluster; CLUSTER/DATABASE */
} places[] = {
    { "cluster", true, false }, { "database", false, false }, { "workspace", false, false },
    { "app", false, false },    { "resource", false, false }, { "adx", false, true },
    { "arg", false, false },
};
enum { NPLACES = sizeof places / sizeof *places };

static size_t place_named(struct str name)
{
    size_t i = 0;
    while (i < NPLACES && !str_eqz(name, places[i].name))
        i++;
    return i;
}

bool kql_is_place(struct str name)
{
    return place_named(name) < NPLACES;
}

bool kql_may_name_databases(struct str text)
{
    for (size_t at = 0; (at = str_chr(text, '(', at)) < text.n; at++) {
        size_t end = at, begin;
        while (end && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'))
            end--;
        for (begin = end; begin && char_is_word(text.p[begin - 1]);)
            begin--;
        if (kql_is_place(str_sub(text, begin, end)))
            return true;
    }
    return false;
}

static bool same_place(const struct bentity *x, const struct bentity *y)
{
    return str_eq(x->cluster, y->cluster) && str_eq(x->database, y->database);
}

/* cluster('c').database('d'), as messages show it */
static struct str entity_text(struct binder *b, const struct bentity *e)
{
    if (e->cluster.n && e->database.n)
        return arena_strf(b->a, "cluster('%.*s').database('%.*s')", STR_ARG(e->cluster),
                          STR_ARG(e->database));
    if (e->cluster.n || e->database.n)
        return arena_strf(b->a, "%s('%.*s')", e->cluster.n ? "cluster" : "database",
                          STR_ARG(e->cluster.n ? e->cluster : e->database));
    return STR("the database at hand");
}

/* -- what a node names -- */

/* Letter case does not count, nor does the usual ending. */
static struct str cluster_name(struct binder *b, struct str name)
{
    static const char scheme[] = "https://", ending[] = ".kusto.windows.net";
    struct str s = arena_lower(b->a, name);
    if (str_starts(s, str_z(scheme)))
        s = str_sub(s, sizeof scheme - 1, s.n);
    if (str_ends(s, STR("/")))
        s.n--;
    if (str_ends(s, str_z(ending)))
        s.n -= sizeof ending - 1;
    return s;
}

/* database(), database('d'), cluster('c'): adds to what stands in front. */
static bool add_place(struct binder *b, const struct kql_call *c, struct bentity *e)
{
    size_t i = place_named(c->name->name);
    struct str name = STR("");
    if (c->args.n > 1) {
        wrong_count(b, c, "one name");
        return false;
    }
    if (c->args.n && !bind_const_string(b, c->args.items[0], &name, "the name of a database or cluster"))
        return false;
    if (places[i].cluster) {
        e->cluster = cluster_name(b, name);
        return true;
    }
    if (places[i].address) { /* adx('https://help.kusto.windows.net/Samples') */
        size_t slash = name.n;
        while (slash && name.p[slash - 1] != '/')
            slash--;
        if (slash)
            e->cluster = cluster_name(b, str_sub(name, 0, slash));
        name = str_sub(name, slash, name.n);
    }
    const struct bentity *alias = e->cluster.n ? NULL : map_get(&b->databases, name);
    bool graph = str_eqz(c->name->name, "arg"); /* Azure Resource Graph: arg("").Resources */
    if (alias && alias->bad)
        return false;
    if (alias)
        *e = *alias;
    else
        e->database = graph && !name.n ? c->name->name : name;
    return true;
}

/* How far n is one: ENTITY_NONE says that it is something else, ENTITY_BAD that an error was reported. */
enum named { ENTITY_NONE, ENTITY_OK, ENTITY_BAD };

static enum named entity_of(struct binder *b, const struct kql_node *n, struct bentity *e)
{
    const struct kql_node *place = n;
    *e = (struct bentity){ .table = STR("") };
    if (n->kind == KQL_NAME) {
        const struct bname *nm = scope_find(b->scope, KQL_AS(kql_name, n)->name);
        if (!nm || nm->kind != BN_ENTITY)
            return ENTITY_NONE;
        *e = *nm->entity;
        return ENTITY_OK;
    }
    if (n->kind == KQL_PATH) { /* cluster('c').database('d'): no longer than two */
        const struct kql_path *p = KQL_AS(kql_path, n);
        enum named in = p->object->kind == KQL_PATH ? ENTITY_NONE : entity_of(b, p->object, e);
        if (in != ENTITY_OK || e->table.n)
            return in;
        place = p->member;
    }
    if (place->kind != KQL_CALL || place_named(KQL_AS(kql_call, place)->name->name) == NPLACES ||
        (place == n && scope_find(b->scope, KQL_AS(kql_call, place)->name->name)))
        return ENTITY_NONE;
    return add_place(b, KQL_AS(kql_call, place), e) ? ENTITY_OK : ENTITY_BAD;
}

/* n begins with a database, a cluster or the name of one, without a look at what they are called. */
static bool begins_with_entity(struct binder *b, const struct kql_node *n)
{
    while (n->kind == KQL_PATH)
        n = KQL_AS(kql_path, n)->object;
    if (n->kind == KQL_CALL)
        return place_named(KQL_AS(kql_call, n)->name->name) < NPLACES &&
               !scope_find(b->scope, KQL_AS(kql_call, n)->name->name);
    const struct bname *nm = n->kind == KQL_NAME ? scope_find(b->scope, KQL_AS(kql_name, n)->name) : NULL;
    return nm && nm->kind == BN_ENTITY;
}

bool names_entity_table(struct binder *b, const struct kql_node *n)
{
    const struct kql_node *last = n->kind == KQL_PATH ? KQL_AS(kql_path, n)->member : n;
    bool value = last->kind == KQL_NAME && KQL_AS(kql_name, last)->name.n &&
                 KQL_AS(kql_name, last)->name.p[0] == '$';
    return n->kind == KQL_PATH && !value && begins_with_entity(b, n);
}

/* -- tables -- */

static bool has_folders(struct binder *b)
{
    struct str *names = NULL;
    size_t n = b->cat && b->cat->names && !b->asked_folders ? b->cat->names(b->cat->ctx, b->a, &names) : 0;
    for (size_t i = 0; i < n && !b->has_folders; i++)
        b->has_folders = kql_of_database(names[i]);
    b->asked_folders = true;
    return b->has_folders;
}

/* c/d/T, d/T, or T: the first that the source has; an empty name: none of them. */
static struct str physical_name(struct binder *b, const struct bentity *e, struct str table)
{
    struct kql_table t;
    struct str names[3] = { STR(""), STR(""), STR("") };
    if (kql_of_database(table) || kql_of_database(e->database) || kql_of_database(e->cluster))
        return STR(""); /* no way into a folder of another */
    if (e->cluster.n && e->database.n)
        names[0] = arena_strf(b->a, "%.*s/%.*s/%.*s", STR_ARG(e->cluster), STR_ARG(e->database),
                              STR_ARG(table));
    if (e->database.n)
        names[1] = arena_strf(b->a, "%.*s/%.*s", STR_ARG(e->database), STR_ARG(table));
    if ((!e->cluster.n && !e->database.n) || !has_folders(b))
        names[2] = table;
    for (size_t i = 0; i < 3; i++)
        if (names[i].n && b->cat && b->cat->table && b->cat->table(b->cat->ctx, names[i], &t))
            return names[i];
    return STR("");
}

/* The places of a list of restrict access are what they are called where it stands. */
struct bentity *bind_wall_places(struct binder *b, const struct kql_list *items)
{
    struct bentity *places_of = ARENA_ARRAY(b->a, items->n, struct bentity);
    for (size_t i = 0; i < items->n; i++) {
        const struct kql_path *p = KQL_AS(kql_path, items->items[i]);
        places_of[i].bad = p->node.kind != KQL_PATH || entity_of(b, p->object, &places_of[i]) != ENTITY_OK;
    }
    return places_of;
}

/* One entry names this table of this database, or all of its tables. */
static bool wall_admits(const struct bscope *wall, const struct bentity *e, struct str table)
{
    for (size_t i = 0; i < wall->admits->n; i++) {
        const struct kql_path *p = KQL_AS(kql_path, wall->admits->items[i]);
        if (!wall->places[i].bad && same_place(e, &wall->places[i]) &&
            (p->member->kind == KQL_STAR ||
             (p->member->kind == KQL_NAME && name_matches(KQL_AS(kql_name, p->member)->name, table))))
            return true;
    }
    return false;
}

static bool hidden(struct binder *b, const struct bentity *e, struct str table)
{
    if (!e->cluster.n && !e->database.n)
        return scope_hides(b->scope, table, true);
    for (const struct bscope *s = b->scope; s; s = s->up)
        if (s->admits && !wall_admits(s, e, table))
            return true;
    return false;
}

bool claim_table(struct binder *b, struct str name, const struct bentity *e, struct span span)
{
    for (size_t i = 0; i < b->nclaims; i++) {
        if (!str_eq(b->claims[i].table, name))
            continue;
        if (same_place(&b->claims[i].of, e))
            return true;
        bind_error(b, span, "give each database a folder of its own in the data: DATABASE/TABLE.csv",
                   "table '%.*s' of the source cannot be the table of %.*s and of %.*s", STR_ARG(name),
                   STR_ARG(entity_text(b, &b->claims[i].of)), STR_ARG(entity_text(b, e)));
        return false;
    }
    *VEC_PUSH(b->a, b->claims, b->nclaims, b->cap_claims) = (struct bclaim){ name, *e };
    return true;
}

static void no_table(struct binder *b, const struct bentity *e, struct str table, struct span at)
{
    struct str near = nearest_table(b, table);
    bool other = e->cluster.n || e->database.n;
    const char *hint = other && has_folders(b) ? "the tables of a database lie in the folder of its name"
                       : near.n                ? arena_printf(b->a, "did you mean '%.*s'?", STR_ARG(near))
                                               : NULL;
    if (other)
        bind_error(b, at, hint, "unknown table '%.*s' of %.*s", STR_ARG(table), STR_ARG(entity_text(b, e)));
    else
        bind_error(b, at, hint, "unknown table '%.*s'", STR_ARG(table));
}

static struct brel *read_table(struct binder *b, const struct bentity *e, struct str table, struct span span,
                               struct span at)
{
    struct kql_table t;
    struct str name = hidden(b, e, table) ? STR("") : physical_name(b, e, table);
    if (!name.n)
        no_table(b, e, table, at);
    if (!name.n || !claim_table(b, name, e, span))
        return rel_open(b, span);
    use_table(b, name, span);
    return b->cat->table(b->cat->ctx, name, &t) ? rel_table(b, &t, span) : rel_open(b, span);
}

/* The name of the table that the last part of a path is: a name, or table('T'). */
static bool member_table(struct binder *b, const struct kql_node *m, struct str *name)
{
    const struct kql_call *c = (const struct kql_call *)m;
    if (m->kind == KQL_NAME) {
        *name = KQL_AS(kql_name, m)->name;
        return true;
    }
    static const char *const by_name[] = { "table", "materialized_view", "external_table" };
    for (size_t i = 0; m->kind == KQL_CALL && i < sizeof by_name / sizeof *by_name; i++)
        if (str_eqz(c->name->name, by_name[i]) && c->args.n)
            return bind_const_string(b, c->args.items[0], name, "the table's name");
    if (m->kind == KQL_CALL)
        bind_error(b, m->span, "define it with let", "no functions of databases are kept here");
    else
        bind_error(b, m->span, NULL, "the name of a table is expected here");
    return false;
}

struct brel *bind_entity_path(struct binder *b, const struct kql_node *n)
{
    const struct kql_path *p = KQL_AS(kql_path, n);
    struct bentity e;
    struct str table;
    enum named named = entity_of(b, p->object, &e);
    if (named == ENTITY_NONE || (named == ENTITY_OK && e.table.n))
        bind_error(b, n->span, "write database('d').T or cluster('c').database('d').T",
                   "this names no table of a database");
    else if (named == ENTITY_OK && e.cluster.n && !e.database.n)
        bind_error(b, p->object->span, "write cluster('c').database('d').T", "the database is missing");
    else if (named == ENTITY_OK && member_table(b, p->member, &table))
        return read_table(b, &e, table, n->span, p->member->span);
    return rel_open(b, n->span);
}

struct brel *bind_entity_name(struct binder *b, const struct bname *nm, const struct kql_name *n)
{
    bool group = nm->kind == BN_GROUP;
    if (!group && nm->entity->table.n) {
        struct bentity of = *nm->entity;
        of.table = STR("");
        return read_table(b, &of, nm->entity->table, n->node.span, n->node.span);
    }
    bind_error(b, n->node.span,
               group ? "macro-expand runs a query on its members"
                     : arena_printf(b->a, "write %.*s.TABLE", STR_ARG(n->name)),
               "a table is expected, not the %s '%.*s'", group ? "group" : "database", STR_ARG(n->name));
    return rel_open(b, n->node.span);
}

size_t entity_wildcard(struct binder *b, const struct kql_node *n, struct kql_tables *l)
{
    const struct kql_path *p = KQL_AS(kql_path, n);
    struct bentity e;
    if (entity_of(b, p->object, &e) != ENTITY_OK)
        return 0;
    struct str pattern = p->member->kind == KQL_STAR ? STR("*") : KQL_AS(kql_name, p->member)->name;
    struct str *names = NULL;
    size_t n_all = b->cat && b->cat->names ? b->cat->names(b->cat->ctx, b->a, &names) : 0, found = 0;
    struct map seen;
    map_init(&seen, b->a);
    for (size_t i = 0; i < n_all; i++) {
        struct str last = names[i];
        for (size_t at = str_chr(last, '/', 0); at < last.n; at = str_chr(last, '/', 0))
            last = str_sub(last, at + 1, last.n);
        if (!name_matches(pattern, last) || hidden(b, &e, last) || !physical_name(b, &e, last).n ||
            map_set(&seen, last, b))
            continue;
        found++;
        tables_add(b, l, read_table(b, &e, last, n->span, n->span), last);
    }
    return found;
}

bool entity_table_missing(struct binder *b, const struct kql_node *n)
{
    const struct kql_path *p = KQL_AS(kql_path, n);
    struct bentity e;
    if (p->member->kind != KQL_NAME || KQL_AS(kql_name, p->member)->wildcard ||
        entity_of(b, p->object, &e) != ENTITY_OK)
        return false;
    return !physical_name(b, &e, KQL_AS(kql_name, p->member)->name).n;
}

/* -- X.$current_database -- */

struct bexpr *bind_entity_value(struct binder *b, const struct kql_path *p)
{
    struct bentity e;
    struct str name = p->member->kind == KQL_NAME ? KQL_AS(kql_name, p->member)->name : STR("");
    bool database = str_eqz(name, "$current_database");
    if ((!database && !str_eqz(name, "$current_cluster_endpoint")) || !begins_with_entity(b, &p->node))
        return NULL;
    enum named named = entity_of(b, p->object, &e);
    if (named != ENTITY_OK)
        return bx_error(b, p->node.span);
    if (database && e.database.n)
        return bx_str(b, e.database, p->node.span);
    if (!database && e.cluster.n) {
        bool whole = str_chr(e.cluster, '.', 0) < e.cluster.n;
        return bx_str(
            b, arena_strf(b->a, "https://%.*s%s", STR_ARG(e.cluster), whole ? "" : ".kusto.windows.net"),
            p->node.span);
    }
    bind_error(b, p->node.span, "name it in the group: cluster('c').database('d')",
               "what %.*s is called is not known",
               STR_ARG(database ? entity_text(b, &e) : STR("the cluster")));
    return bx_error(b, p->node.span);
}

/* -- let and alias -- */

struct bgroup {
    struct bentity *items;
    size_t n, cap;
};

static bool add_member(struct binder *b, const struct kql_node *n, struct bgroup *g)
{
    struct bentity e;
    enum named named = entity_of(b, n, &e);
    const struct kql_path *p = KQL_AS(kql_path, n);
    if (named == ENTITY_NONE && n->kind == KQL_NAME && !scope_find(b->scope, KQL_AS(kql_name, n)->name)) {
        e.table = KQL_AS(kql_name, n)->name;
        named = ENTITY_OK;
    } else if (named == ENTITY_NONE && names_entity_table(b, n) && p->member->kind == KQL_NAME) {
        named = entity_of(b, p->object, &e);
        e.table = KQL_AS(kql_name, p->member)->name;
    }
    if (named == ENTITY_NONE)
        bind_error(b, n->span, "write cluster('c').database('d')",
                   "a cluster, a database or a table is expected here");
    if (named != ENTITY_OK)
        return false;
    *VEC_PUSH(b->a, g->items, g->n, g->cap) = e;
    return true;
}

static bool is_group(struct binder *b, const struct kql_node *n)
{
    return n->kind == KQL_CALL && str_eqz(KQL_AS(kql_call, n)->name->name, "entity_group") &&
           !scope_find(b->scope, STR("entity_group"));
}

static struct bgroup *group_of(struct binder *b, const struct kql_call *c)
{
    struct bgroup *g = ARENA_NEW(b->a, struct bgroup);
    for (size_t i = 0; i < c->args.n; i++)
        if (!add_member(b, c->args.items[i], g))
            return NULL;
    return g;
}

bool bind_entity_let(struct binder *b, const struct kql_let *l)
{
    struct bentity e;
    bool group = is_group(b, l->value);
    if (!group && (!begins_with_entity(b, l->value) || entity_of(b, l->value, &e) == ENTITY_NONE))
        return false;
    struct bgroup *g = group ? group_of(b, KQL_AS(kql_call, l->value)) : NULL;
    struct bname *nm = scope_add(b, l->name->name, l->name->node.span, group ? BN_GROUP : BN_ENTITY);
    nm->group = g ? g : ARENA_NEW(b->a, struct bgroup);
    nm->entity = ARENA_NEW(b->a, struct bentity);
    if (!group)
        *nm->entity = e;
    return true;
}

void bind_alias(struct binder *b, const struct kql_let *l)
{
    struct bentity *e = ARENA_NEW(b->a, struct bentity);
    size_t before = b->d->errors;
    enum named named = entity_of(b, l->value, e);
    if (named == ENTITY_NONE || (named == ENTITY_OK && (!e->database.n || e->table.n)))
        bind_error(b, l->value->span, "write cluster('c').database('d')", "a database is expected here");
    e->bad = b->d->errors > before;
    map_set(&b->databases, l->name->name, e);
}

/* -- macro-expand -- */

struct tables_there {
    struct binder *b;
    bool missing;
};

static bool look_for_missing(void *ctx, const char *field, struct kql_node *child)
{
    struct tables_there *t = ctx;
    (void)field;
    if (child->kind == KQL_PATH && names_entity_table(t->b, child))
        t->missing |= entity_table_missing(t->b, child);
    return !t->missing && kql_each_child(child, look_for_missing, ctx) && !t->missing;
}

/* e, of the group, is no table that there is, or the query names tables that e does not have. */
static bool lacks_tables(struct binder *b, const struct kql_op_macro_expand *op, const struct bentity *e)
{
    struct tables_there t = { b, e->table.n && !physical_name(b, e, e->table).n };
    for (size_t i = 0; i < op->statements.n && !t.missing; i++)
        look_for_missing(&t, NULL, op->statements.items[i]);
    return t.missing;
}

static const struct bgroup *group_at(struct binder *b, const struct kql_node *n)
{
    struct bgroup *one = ARENA_NEW(b->a, struct bgroup);
    if (is_group(b, n))
        return group_of(b, KQL_AS(kql_call, n));
    if (n->kind != KQL_NAME)
        return n->kind != KQL_ERROR && add_member(b, n, one) ? one : NULL;
    const struct bname *nm = scope_find(b->scope, KQL_AS(kql_name, n)->name);
    if (nm && nm->kind == BN_GROUP)
        return nm->group;
    bind_error(b, n->span, "let G = entity_group [cluster('c').database('d')];",
               "there is no entity group '%.*s'", STR_ARG(KQL_AS(kql_name, n)->name));
    return NULL;
}

/* The query for one member. */
static struct brel *expand_one(struct binder *b, const struct kql_op_macro_expand *op, struct bentity *e,
                               bool fuzzy)
{
    struct bscope *outer = b->scope;
    if (!may_expand(b, op->op.name_span, "macro-expand is nested"))
        return rel_open(b, op->op.node.span);
    scope_push(b);
    if (op->alias)
        scope_add(b, op->alias->name, op->alias->node.span, BN_ENTITY)->entity = e;
    struct brel *r = NULL;
    if (!fuzzy || !lacks_tables(b, op, e)) {
        size_t before = b->d->errors;
        r = bind_query(b, &op->statements, NULL);
        if (!r && b->d->errors == before)
            bind_error(b, op->op.name_span, NULL, "the query of macro-expand ends without a table");
        r = r ? r : rel_open(b, op->op.node.span);
    }
    b->scope = outer;
    return r;
}

/* SYNTAX: macro-expand [kind=..] [isfuzzy=..] group as name ( statements ): a union of the query for each member */
struct brel *op_macro_expand(struct binder *b, struct brel *in, const struct kql_op *op_)
{
    const struct kql_op_macro_expand *op = (const struct kql_op_macro_expand *)op_;
    const struct kql_param *kind = kql_op_param(op_, "kind");
    bool inner = false, fuzzy = kql_param_flag(kql_op_param(op_, "isfuzzy")) ||
                                kql_param_flag(kql_op_param(op_, "best_effort"));
    const struct bgroup *g = group_at(b, op->group);
    if (kind && !(inner = str_eqz(kql_param_word(kind), "inner")) &&
        !str_eqz(kql_param_word(kind), "outer")) {
        bind_error(b, kind->node.span, NULL, "macro-expand is inner or outer");
        return rel_open(b, op_->node.span);
    }
    if (in) {
        bind_error(b, op_->name_span, "put it in front of a query, or in a join or union",
                   "macro-expand takes no rows from a pipe");
        return rel_open(b, op_->node.span);
    }
    struct kql_tables l = { 0 };
    size_t before = b->d->errors;
    for (size_t i = 0; g && i < g->n && b->d->errors == before; i++) {
        struct brel *r = expand_one(b, op, &g->items[i], fuzzy);
        if (r)
            tables_add(b, &l, r, entity_text(b, &g->items[i]));
    }
    if (g && g->n && !l.n && b->d->errors == before)
        bind_error(b, op_->name_span, NULL, "no member of the group has the tables of this query");
    if (!l.n || l.failed || b->d->errors != before)
        return rel_open(b, op_->node.span);
    return tables_union(b, &l, inner, STR(""), op_->node.span);
}
