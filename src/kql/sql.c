/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bound tree -> SQL: one statement, one CTE for each relation but for filters, which join the projection above them.
 *
 * The emitter prints what the binder decided. A relation is printed when it is first needed, so every CTE stands behind those it
 * reads. Templates are explained in bound.h.
 */
#include <assert.h>
#include <string.h>

#include "bound.h"
#include "hb/vec.h"
#include "merge.h"
#include "prune.h"

/* Templates may print an argument twice, so that deep nesting could grow without end. */
enum { SQL_MAX = 32 << 20 };

/* A call whose lambda or TRY would hold a sub-query or a random value, which DuckDB refuses: members of z<id> stand there. */
struct lifted {
    const struct bexpr *call;
    int id;
    bool *moved; /* [nargs] */
    const struct lifted *up;
};

/* To the engine each CTE stands within that before it, and it takes 1000 levels, expressions included. */
enum { CTES_MAX = 960 };

struct emit {
    struct binder *b;
    const struct lifted *lifted;
    int nlifted;
    bool too_big;
    int epoch;
    const bool *live; /* by column number: printed */
    struct merge merge;
    struct buf ctes;
    int nctes;
    int weight;         /* of the relation being printed, so far */
    struct span beyond; /* what CTE number CTES_MAX + 1 was made for */
    struct kql_sqlmap *map;
    size_t nmap, cap_map;
};

static void put_rel_body(struct emit *e, struct buf *o, struct brel *r);

static bool printed(const struct emit *e, const struct brel *r)
{
    return r->cte && r->epoch == e->epoch;
}

/*
 * DuckDB plans what stands in a grouping, a numbered part or a query inside an expression more than once, so that a pipe of
 * thirty would be planned a thousand million times. A kept relation ends its search: every so many levels one is kept.
 */
enum { WEIGHT_MAX = 6, WEIGHT_QUERY = 2 };

static bool weighs(const struct brel *r)
{
    return r->kind == BR_AGG || (r->kind == BR_LIMIT && r->nlimit_by > 0);
}

/* Whether r, whose text has just been printed, is kept for that reason; notes what it weighs for those above. */
static bool too_heavy(struct emit *e, struct brel *r, int outer)
{
    r->weight = e->weight + weighs(r);
    bool keep = r->weight >= WEIGHT_MAX && (weighs(r) || r->kind == BR_LIMIT);
    if (keep || r->materialized)
        r->weight = 0;
    e->weight = r->weight > outer ? r->weight : outer;
    return keep;
}

/* Prints the relation as a CTE if that was not done; returns its number. */
static int need(struct emit *e, struct brel *r)
{
    int outer = e->weight;
    if (printed(e, r)) {
        e->weight = r->weight > outer ? r->weight : outer;
        return r->cte;
    }
    struct buf body = BUF_INIT;
    size_t from = e->nmap;
    e->weight = 0;
    put_rel_body(e, &body, r);
    bool keep = too_heavy(e, r, outer) || r->materialized;
    r->cte = ++e->nctes;
    if (r->cte == CTES_MAX + 1)
        e->beyond = r->span;
    r->epoch = e->epoch;
    buf_puts(&e->ctes, e->nctes == 1 ? "WITH " : ",\n     ");
    buf_printf(&e->ctes, "q%d AS %s(", r->cte, keep ? "MATERIALIZED " : r->cheap ? "NOT MATERIALIZED " : "");
    for (size_t i = from; i < e->nmap; i++) /* places were counted inside the body */
        if (e->map[i].offset & ((size_t)1 << 62))
            e->map[i].offset = (e->map[i].offset & ~((size_t)1 << 62)) + e->ctes.n;
    buf_str(&e->ctes, buf_view(&body));
    buf_putc(&e->ctes, ')');
    buf_free(&body);
    return r->cte;
}

/* The same for a query inside an expression. */
static int need_inside(struct emit *e, struct brel *r)
{
    int cte = need(e, r);
    if (e->weight < r->weight + WEIGHT_QUERY)
        e->weight = r->weight + WEIGHT_QUERY;
    return cte;
}

/* -- order -- */

static void put_key(struct buf *o, const struct border *k)
{
    const char *null_dir = k->nulls_first ? "DESC" : "ASC";
    if (k->type == HB_REAL)
        buf_printf(o, "(c%d IS NULL) %s, isnan(c%d) %s, ", k->col, null_dir, k->col, null_dir);
    buf_printf(o, "c%d%s%s", k->col, k->desc ? " DESC" : "", k->nulls_first ? " NULLS FIRST" : " NULLS LAST");
}

static void put_order(struct buf *o, const struct border *order, size_t n)
{
    if (!n)
        return;
    buf_puts(o, "ORDER BY ");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_puts(o, ", ");
        put_key(o, &order[i]);
    }
}

static void put_partition(struct buf *o, const int *part, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(o, "%sc%d", i ? ", " : "PARTITION BY ", part[i]);
    if (n)
        buf_putc(o, ' ');
}

/* -- expressions -- */

static void put_expr(struct emit *e, struct buf *o, const struct bexpr *x);

static void put_args(struct emit *e, struct buf *o, const struct bexpr *x, size_t from, const char *between)
{
    for (size_t i = from; i < x->nargs; i++) {
        if (i > from)
            buf_puts(o, between);
        put_expr(e, o, x->args[i]);
    }
}

/* WHEN a THEN b ... ELSE z */
static void put_cases(struct emit *e, struct buf *o, const struct bexpr *x)
{
    for (size_t i = 0; i + 1 < x->nargs; i += 2) {
        buf_puts(o, i ? " WHEN " : "WHEN ");
        put_expr(e, o, x->args[i]);
        buf_puts(o, " THEN ");
        put_expr(e, o, x->args[i + 1]);
    }
    buf_puts(o, " ELSE ");
    put_expr(e, o, x->args[x->nargs - 1]);
}

/* One $-sequence of a template; returns where it ends. */
static const char *put_slot(struct emit *e, struct buf *o, const struct bexpr *x, const char *p)
{
    switch (*p) {
    case '*': put_args(e, o, x, 0, ", "); break;
    case '+': put_args(e, o, x, 1, ", "); break;
    case '&': put_args(e, o, x, 0, " AND "); break;
    case '|': put_args(e, o, x, 0, " OR "); break;
    case '?': put_cases(e, o, x); break;
    case '$': buf_putc(o, '$'); break;
    case 'o': put_order(o, x->over, x->nover); break;
    case 'w':
        put_partition(o, x->part, x->npart);
        put_order(o, x->over, x->nover);
        break;
    case 'F':
        if (x->filter) {
            buf_puts(o, " FILTER (WHERE ");
            put_expr(e, o, x->filter);
            buf_putc(o, ')');
        }
        break;
    case '(': {
        size_t n = 0;
        for (p++; *p != ')'; p++)
            n = n * 10 + (size_t)(*p - '0');
        assert(n >= 1 && n <= x->nargs);
        put_expr(e, o, x->args[n - 1]);
        break;
    }
    default:
        assert(*p >= '1' && *p <= '9' && (size_t)(*p - '0') <= x->nargs);
        put_expr(e, o, x->args[*p - '1']);
    }
    return p + 1;
}

static bool must_lift(const struct bexpr *x)
{
    if (x->kind != BX_CALL)
        return x->kind == BX_SUB || x->kind == BX_REL;
    for (size_t i = 0; i < x->nargs; i++)
        if (must_lift(x->args[i]))
            return true;
    return strstr(x->sql, "(SELECT ") || strstr(x->sql, "random()") || strstr(x->sql, "uuid()");
}

static void put_template(struct emit *e, struct buf *o, const struct bexpr *x)
{
    for (const char *p = x->sql; *p;)
        if (*p == '$')
            p = put_slot(e, o, x, p + 1);
        else
            buf_putc(o, *p++);
}

/* Arguments that must not stand inside become members of a row: list_transform([{a1: ...}], lambda z1: ... z1.a1 ...)[1]. */
static void put_lifted(struct emit *e, struct buf *o, const struct bexpr *x)
{
    struct lifted row = { x, ++e->nlifted, ARENA_ARRAY(e->b->a, x->nargs, bool), e->lifted };
    bool any = false;
    for (size_t i = 0; i < x->nargs; i++) {
        row.moved[i] = must_lift(x->args[i]);
        if (!row.moved[i])
            continue;
        buf_puts(o, any ? ", " : "list_transform([{");
        buf_printf(o, "a%zu: ", i + 1);
        put_expr(e, o, x->args[i]);
        any = true;
    }
    if (any)
        buf_printf(o, "}], lambda z%d: ", row.id);
    e->lifted = any ? &row : row.up;
    put_template(e, o, x);
    e->lifted = row.up;
    if (any)
        buf_puts(o, ")[1]");
}

static bool put_as_name(const struct emit *e, struct buf *o, const struct bexpr *x)
{
    for (const struct lifted *l = e->lifted; l; l = l->up)
        for (size_t i = 0; i < l->call->nargs; i++)
            if (l->moved[i] && l->call->args[i] == x) {
                buf_printf(o, "z%d.a%zu", l->id, i + 1);
                return true;
            }
    return false;
}

static void put_call(struct emit *e, struct buf *o, const struct bexpr *x)
{
    size_t start = o->n;
    if (strstr(x->sql, "lambda ") || strstr(x->sql, "TRY("))
        put_lifted(e, o, x);
    else
        put_template(e, o, x);
    if (x->span.len)
        *VEC_PUSH(e->b->a, e->map, e->nmap, e->cap_map) = (struct kql_sqlmap){ start | ((size_t)1 << 62),
                                                                               o->n - start, x->span };
}

static void put_expr(struct emit *e, struct buf *o, const struct bexpr *x)
{
    if (o->n > SQL_MAX)
        e->too_big = true;
    if (e->too_big || put_as_name(e, o, x))
        return;
    switch (x->kind) {
    case BX_CONST: sql_literal(o, x); break;
    case BX_COL: buf_printf(o, "c%d", x->col); break;
    case BX_CALL: put_call(e, o, x); break;
    case BX_SUB: {
        int t = need_inside(e, x->rel);
        buf_printf(o, "(SELECT c%d FROM q%d)", x->rel->cols[0].id, t);
        break;
    }
    case BX_REL: {
        int t = need_inside(e, x->rel);
        buf_printf(o, "SELECT c%d FROM q%d", x->rel->cols[0].id, t);
        break;
    }
    }
}

/* -- relations -- */

/*
 * Of many columns that are only handed on nothing is said but *: a pipe of a thousand extends would name them a million times.
 * What * brings besides is dead, and the engine leaves it out; not where a shared table might keep it.
 */
static bool says_star(const struct emit *e, const struct brel *r, const struct bitem *items)
{
    enum { MANY = 64 };
    size_t n = 0;
    if (r->kind != BR_PROJECT || r->shared || r->in->kind == BR_ONE)
        return false;
    for (size_t i = 0; i < r->nitems; i++)
        n += items[i].e->kind == BX_COL && items[i].e->col == items[i].id && prune_keeps(r, i, e->live);
    return n >= MANY;
}

/* The items of r that somebody reads, computed by `items` (r->items, or those of a leg). */
static void put_items(struct emit *e, struct buf *o, const struct brel *r, const struct bitem *items)
{
    size_t n = 0;
    bool star = says_star(e, r, items);
    if (star)
        buf_putc(o, '*'), n++;
    for (size_t i = 0; i < r->nitems; i++) {
        if (!prune_keeps(r, i, e->live) ||
            (star && items[i].e->kind == BX_COL && items[i].e->col == items[i].id))
            continue;
        if (n++)
            buf_puts(o, ", ");
        if (items[i].e->kind == BX_COL && items[i].e->col == items[i].id) {
            buf_printf(o, "c%d", items[i].id);
            continue;
        }
        put_expr(e, o, items[i].e);
        buf_printf(o, " AS c%d", items[i].id);
    }
    if (!n)
        buf_puts(o, "1");
}

/* FROM x [WHERE ...]: filters that nobody else reads are merged. Inside: x is written here if nobody else reads it. */
static void put_from(struct emit *e, struct buf *o, struct brel *r, bool inside)
{
    struct brel *filters[64];
    size_t n = 0;
    while (r->kind == BR_FILTER && !r->shared && !printed(e, r) && n < 64) {
        filters[n++] = r;
        r = r->in;
    }
    if (inside && r->kind != BR_ONE && !r->shared && !printed(e, r)) {
        buf_puts(o, " FROM (");
        put_rel_body(e, o, r);
        buf_putc(o, ')');
    } else if (r->kind != BR_ONE) {
        buf_printf(o, " FROM q%d", need(e, r));
    }
    for (size_t i = n; i-- > 0;) {
        buf_puts(o, i + 1 == n ? " WHERE " : " AND ");
        put_expr(e, o, filters[i]->cond);
    }
}

static void put_table(const struct emit *e, struct buf *o, const struct brel *r)
{
    size_t n = 0;
    buf_puts(o, "SELECT ");
    for (size_t i = 0; i < r->nitems; i++) {
        int64_t c = r->items[i].e->v.i;
        if (!prune_keeps(r, i, e->live))
            continue;
        if (n++)
            buf_puts(o, ", ");
        if (c == -1)
            buf_puts(o, "rowid");
        else if (c == -2)
            buf_puts(o, "row_number() OVER ()");
        else
            buf_printf(o, "c%lld", (long long)c);
        if (c != r->items[i].id)
            buf_printf(o, " AS c%d", r->items[i].id);
    }
    buf_puts(o, n ? " FROM " : "1 FROM ");
    buf_str(o, r->table.sql_name);
}

static void put_values(struct emit *e, struct buf *o, const struct brel *r)
{
    if (!r->nrows) {
        buf_puts(o, "SELECT ");
        put_items(e, o, r, r->items);
        buf_puts(o, " WHERE false");
        return;
    }
    buf_puts(o, "SELECT * FROM (VALUES ");
    for (size_t i = 0; i < r->nrows; i++) {
        buf_puts(o, i ? ", (" : "(");
        for (size_t c = 0; c < r->nitems; c++) {
            if (c)
                buf_puts(o, ", ");
            if (!i)
                buf_puts(o, "CAST(");
            put_expr(e, o, r->values[i * r->nitems + c]);
            if (!i)
                buf_printf(o, " AS %s)", type_sql(r->items[c].e->type));
        }
        buf_putc(o, ')');
    }
    buf_puts(o, ") AS v(");
    for (size_t c = 0; c < r->nitems; c++)
        buf_printf(o, "%sc%d", c ? ", " : "", r->items[c].id);
    buf_putc(o, ')');
}

static void put_agg(struct emit *e, struct buf *o, struct brel *r)
{
    buf_puts(o, "SELECT ");
    put_items(e, o, r, r->items);
    put_from(e, o, r->in, false);
    for (size_t i = 0; i < r->nkeys; i++)
        buf_printf(o, i ? ", %zu" : " GROUP BY %zu", i + 1);
}

static void put_limit(struct emit *e, struct buf *o, struct brel *r)
{
    buf_puts(o, "SELECT *");
    put_from(e, o, r->in, false);
    if (r->nlimit_by) {
        buf_puts(o, " QUALIFY row_number() OVER (");
        put_partition(o, r->limit_by, r->nlimit_by);
        put_order(o, r->in->order, r->in->norder);
        buf_puts(o, ") <= ");
    } else {
        if (r->in->scrambled && r->norder) {
            buf_putc(o, ' ');
            put_order(o, r->in->order, r->in->norder);
        }
        buf_puts(o, " LIMIT ");
    }
    put_expr(e, o, r->limit);
}

static void put_join(struct emit *e, struct buf *o, struct brel *r)
{
    static const char *const words[] = {
        [BJ_INNER] = "JOIN",     [BJ_LEFT] = "LEFT JOIN", [BJ_RIGHT] = "RIGHT JOIN", [BJ_FULL] = "FULL JOIN",
        [BJ_SEMI] = "SEMI JOIN", [BJ_ANTI] = "ANTI JOIN", [BJ_CROSS] = "CROSS JOIN"
    };
    int l = need(e, r->in), x = need(e, r->right);
    buf_printf(o, "SELECT * FROM q%d %s q%d", l, words[r->join], x);
    if (r->join == BJ_CROSS)
        return;
    buf_puts(o, " ON ");
    put_expr(e, o, r->cond);
}

static void put_union(struct emit *e, struct buf *o, struct brel *r)
{
    for (size_t i = 0; i < r->nlegs; i++) {
        buf_puts(o, i ? " UNION ALL SELECT " : "SELECT ");
        put_items(e, o, r, r->leg_items[i]);
        put_from(e, o, r->legs[i], true); /* no level of its own for each of many */
    }
}

static void put_unnest(struct emit *e, struct buf *o, struct brel *r)
{
    buf_puts(o, r->in->kind == BR_ONE ? "SELECT " : "SELECT *, ");
    for (size_t i = 0; i < r->nitems; i++) {
        if (!prune_keeps(r, i, e->live))
            continue;
        buf_puts(o, i ? ", unnest(" : "unnest(");
        put_expr(e, o, r->items[i].e);
        buf_printf(o, ") AS c%d", r->items[i].id);
    }
    put_from(e, o, r->in, false);
}

static void put_project(struct emit *e, struct buf *o, const struct brel *r)
{
    struct brel merged;
    merge_run(&e->merge, r, &merged);
    buf_puts(o, "SELECT ");
    put_items(e, o, &merged, merged.items);
    put_from(e, o, merged.in, false);
}

static void put_rel_body(struct emit *e, struct buf *o, struct brel *r)
{
    switch (r->kind) {
    case BR_ONE: buf_puts(o, "SELECT 1"); break;
    case BR_TABLE: put_table(e, o, r); break;
    case BR_VALUES: put_values(e, o, r); break;
    case BR_AGG: put_agg(e, o, r); break;
    case BR_LIMIT: put_limit(e, o, r); break;
    case BR_JOIN: put_join(e, o, r); break;
    case BR_UNION: put_union(e, o, r); break;
    case BR_UNNEST: put_unnest(e, o, r); break;
    case BR_REF: /* filters below stay in the shared CTE */
        buf_puts(o, "SELECT ");
        put_items(e, o, r, r->items);
        buf_printf(o, " FROM q%d", need(e, r->in));
        break;
    case BR_PROJECT: put_project(e, o, r); break;
    case BR_FILTER:
        buf_puts(o, "SELECT *");
        put_from(e, o, r->in, false);
        buf_puts(o, r->in->kind == BR_FILTER && !r->in->shared && !printed(e, r->in) ? " AND " : " WHERE ");
        put_expr(e, o, r->cond);
        break;
    }
}

struct str sql_expr(struct binder *b, const struct bexpr *x)
{
    struct prune_result pruned;
    struct buf o = BUF_INIT;
    prune_run(b, NULL, x, &pruned);
    struct emit e = { .b = b, .epoch = ++b->epoch, .live = pruned.live };
    merge_init(&e.merge, b, pruned.live);
    put_expr(&e, &o, x);
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

bool sql_emit(struct binder *b, struct brel *rel, struct bexpr *scalar, struct kql_compiled *out)
{
    struct prune_result pruned;
    struct buf last = BUF_INIT;
    prune_run(b, scalar ? NULL : rel, scalar, &pruned);
    struct emit e = { .b = b, .epoch = ++b->epoch, .live = pruned.live };
    merge_init(&e.merge, b, pruned.live);
    buf_puts(&last, "SELECT ");
    if (scalar) {
        put_expr(&e, &last, scalar);
        buf_puts(&last, " AS c0");
    } else {
        int t = need(&e, rel);
        for (size_t i = 0; i < rel->ncols; i++)
            buf_printf(&last, "%sc%d", i ? ", " : "", rel->cols[i].id);
        if (!rel->ncols)
            buf_puts(&last, "1 WHERE false");
        else
            buf_printf(&last, " FROM q%d", t);
        if (rel->ncols && rel->norder && (rel->ordered || rel->scrambled)) {
            buf_putc(&last, ' ');
            put_order(&last, rel->order, rel->norder);
        }
    }
    if (e.ctes.n)
        buf_putc(&e.ctes, '\n');
    for (size_t i = 0; i < e.nmap; i++)
        if (e.map[i].offset & ((size_t)1 << 62))
            e.map[i].offset = (e.map[i].offset & ~((size_t)1 << 62)) + e.ctes.n;
    buf_str(&e.ctes, buf_view(&last));
    out->sql = buf_to_arena(&e.ctes, b->a);
    out->scans = pruned.scans;
    out->nscans = pruned.nscans;
    out->scans_known = pruned.complete;
    out->source = pruned.source;
    out->map = e.map;
    out->nmap = e.nmap;
    buf_free(&e.ctes);
    buf_free(&last);
    bool too_long = e.nctes > CTES_MAX;
    if (e.too_big)
        bind_error(b, (struct span){ 0, b->src->text.n }, NULL,
                   "the query becomes too large when it is compiled");
    else if (too_long)
        bind_error(b, e.beyond, "keep a part of it as a cell or a table of its own",
                   "the query has more than %d steps", CTES_MAX);
    return !e.too_big && !too_long;
}

/* -- dump -- */

static void dump_expr(struct buf *o, const struct bexpr *x)
{
    switch (x->kind) {
    case BX_CONST: sql_literal(o, x); break;
    case BX_COL: buf_printf(o, "c%d", x->col); break;
    case BX_SUB:
    case BX_REL: buf_puts(o, "(table)"); break;
    case BX_CALL:
        buf_printf(o, "{%s", x->sql);
        for (size_t i = 0; i < x->nargs; i++) {
            buf_putc(o, ' ');
            dump_expr(o, x->args[i]);
        }
        buf_putc(o, '}');
        break;
    }
    buf_printf(o, ":%s", hb_type_name(x->type));
}

void bound_dump(struct buf *o, const struct brel *r, int depth)
{
    static const char *const names[] = {
        [BR_ONE] = "one",       [BR_TABLE] = "table",   [BR_VALUES] = "values", [BR_PROJECT] = "project",
        [BR_FILTER] = "filter", [BR_AGG] = "aggregate", [BR_LIMIT] = "limit",   [BR_JOIN] = "join",
        [BR_UNION] = "union",   [BR_UNNEST] = "unnest", [BR_REF] = "reference"
    };
    buf_pad(o, ' ', (size_t)depth * 2);
    buf_printf(o, "%s (", names[r->kind]);
    for (size_t i = 0; i < r->ncols; i++)
        buf_printf(o, "%s%.*s:%s=c%d", i ? ", " : "", STR_ARG(r->cols[i].name), hb_type_name(r->cols[i].type),
                   r->cols[i].id);
    buf_puts(o, ")");
    for (size_t i = 0; i < r->norder; i++)
        buf_printf(o, "%sc%d%s", i ? ", " : " order ", r->order[i].col, r->order[i].desc ? " desc" : "");
    buf_putc(o, '\n');
    for (size_t i = 0; i < r->nitems && (r->kind == BR_PROJECT || r->kind == BR_AGG || r->kind == BR_UNNEST);
         i++) {
        buf_pad(o, ' ', (size_t)depth * 2 + 2);
        buf_printf(o, "c%d = ", r->items[i].id);
        dump_expr(o, r->items[i].e);
        buf_putc(o, '\n');
    }
    if (r->cond) {
        buf_pad(o, ' ', (size_t)depth * 2 + 2);
        dump_expr(o, r->cond);
        buf_putc(o, '\n');
    }
    if (r->in)
        bound_dump(o, r->in, depth + 1);
    if (r->right)
        bound_dump(o, r->right, depth + 1);
    for (size_t i = 0; i < r->nlegs; i++)
        bound_dump(o, r->legs[i], depth + 1);
}
