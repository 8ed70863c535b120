/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare pattern: a table of queries, found by texts. A call binds the query of the entry with the same texts.
 */
#include "bound.h"

/* The call of p(a), p(a).b and the path behind it (empty: none); NULL: n is nothing of that. */
static const struct kql_call *call_of(const struct kql_node *n, struct str *path)
{
    const struct kql_node *object = kql_left(n);
    *path = STR("");
    if (n->kind == KQL_PATH && KQL_AS(kql_path, n)->member->kind == KQL_NAME)
        *path = KQL_AS(kql_name, KQL_AS(kql_path, n)->member)->name;
    else
        object = n;
    return object->kind == KQL_CALL ? KQL_AS(kql_call, object) : NULL;
}

const struct bname *pattern_called(struct binder *b, const struct kql_node *n)
{
    struct str path;
    const struct kql_call *c = call_of(n, &path);
    const struct bname *nm = c ? scope_find(b->scope, c->name->name) : NULL;
    return nm && nm->kind == BN_PATTERN ? nm : NULL;
}

static struct str literal_text(const struct kql_node *n)
{
    return n && n->kind == KQL_LITERAL ? KQL_AS(kql_literal, n)->text : STR("");
}

static bool matches(const struct kql_pattern_match *m, const struct str *values, size_t n, struct str path)
{
    bool same = m->values.n == n && m->body && str_eq(literal_text(m->path), path);
    for (size_t i = 0; i < n && same; i++)
        same = str_eq(literal_text(m->values.items[i]), values[i]);
    return same;
}

struct brel *bind_pattern_call(struct binder *b, const struct bname *pattern, const struct kql_node *n)
{
    struct str path;
    const struct kql_call *c = call_of(n, &path);
    struct str *values = ARENA_ARRAY(b->a, c->args.n, struct str);
    for (size_t i = 0; i < c->args.n; i++)
        if (!bind_const_string(b, c->args.items[i], &values[i], "an argument of a pattern"))
            return rel_open(b, n->span);
    const struct kql_list *all = &pattern->pattern->matches;
    for (size_t i = 0; i < all->n; i++) {
        const struct kql_pattern_match *m = KQL_AS(kql_pattern_match, all->items[i]);
        if (!matches(m, values, c->args.n, path))
            continue;
        struct kql_name name = *c->name;
        const struct kql_call entry = { .node = { KQL_CALL, n->span }, .name = &name };
        struct bname body = { .kind = BN_LAMBDA,
                              .lambda = KQL_AS(kql_lambda, m->body),
                              .home = pattern->home };
        struct bexpr *scalar = NULL;
        struct brel *table = NULL;
        if (bind_lambda(b, &entry, &body, NULL, &scalar, &table) && !table)
            bind_error(b, n->span, NULL, "this entry of pattern '%.*s' gives a value, not a table",
                       STR_ARG(c->name->name));
        return table ? table : rel_open(b, n->span);
    }
    bind_error(b, n->span, NULL, "pattern '%.*s' has no entry for these values", STR_ARG(c->name->name));
    return rel_open(b, n->span);
}
