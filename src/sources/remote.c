/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What remote kinds share besides asking: a connection's life, and the catalogue, which is the tables that a run names
 * and their columns, as empty tables in the engine.
 *
 * A table may stand in a query as more than its name: with the other dialect's name of its time column, and for several
 * workspaces as a union that says in _source where a row is from.
 */
#include <string.h>

#include "hb/kql_known.h"
#include "hb/vec.h"
#include "sources_int.h"

/* -- the text of a table -- */

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!char_is_word(c))
            return false;
    }
    return s.n > 0;
}

static void put_union(struct buf *out, const struct remote_table *t)
{
    buf_puts(out, t->nplaces > 1 ? "union " : "");
    for (size_t i = 0; i < t->nplaces; i++) /* places are ids, without quotes in them */
        buf_printf(out, "%s(workspace('%.*s').%.*s | extend _source = '%.*s')", i ? ", " : "",
                   STR_ARG(t->places[i]), STR_ARG(t->name), STR_ARG(t->places[i]));
}

static void put_table(struct buf *out, const struct remote_table *t, struct str extra, bool bridged)
{
    bool plain = !t->nplaces && !bridged && !extra.n;
    buf_puts(out, plain ? "" : "(");
    if (t->nplaces)
        put_union(out, t);
    else
        buf_str(out, t->name);
    if (bridged)
        buf_printf(out, " | extend %.*s = %.*s", STR_ARG(t->alias), STR_ARG(t->alias_of));
    buf_str(out, extra);
    buf_puts(out, plain ? "" : ")");
}

static const struct remote_table *find(const struct source_conn *c, struct str table)
{
    for (size_t i = 0; c && i < c->ntables; i++)
        if (str_eq(c->tables[i].name, table))
            return &c->tables[i];
    return NULL;
}

bool source_has_table(const struct source_conn *c, struct str table)
{
    return find(c, table) != NULL;
}

void source_put_table(const struct source_conn *c, struct str table, struct str query, struct str extra,
                      struct buf *out, bool *more_columns)
{
    const struct remote_table *t = find(c, table);
    bool bridged = t->alias.n && str_find(query, t->alias, 0) != SIZE_MAX;
    put_table(out, t, extra, bridged);
    *more_columns |= bridged;
}

struct str source_time_column(const struct source_conn *c, struct str table)
{
    const struct remote_table *t = find(c, table);
    return t ? t->time : STR("");
}

/* -- the catalogue -- */

static bool ask_shape(struct source_conn *c, struct engine *e, const struct remote_table *t, struct str place,
                      bool *known, struct err *err)
{
    struct source_reply reply = { 0 };
    struct buf text = BUF_INIT;
    put_table(&text, t, STR(""), false);
    buf_puts(&text, "\n| take 0");
    struct source_query q = {
        .text = buf_to_arena(&text, c->arena), .engine = e, .table = t->name, .place = place
    };
    buf_free(&text);
    *known = source_query(c, &q, c->arena, &reply, err);
    if (*known)
        return true;
    if (!reply.fault_name)
        return false;
    *err = (struct err)ERR_INIT;
    return true;
}

/* Which of several workspaces have the table. */
static bool find_places(struct source_conn *c, struct engine *e, struct remote_table *t, struct record *r,
                        struct err *err)
{
    const struct source_profile *p = c->profile;
    struct err ignored = ERR_INIT;
    struct str *places = ARENA_ARRAY(c->arena, p->nworkspaces, struct str);
    size_t n = 0;
    for (size_t i = 0; i < p->nworkspaces; i++) {
        bool known;
        if (!ask_shape(c, e, t, p->workspaces[i], &known, err))
            return err_wrap(err, "workspace '%.*s'", STR_ARG(p->workspaces[i]));
        if (known)
            places[n++] = p->workspaces[i];
        else
            record_warn(r, NULL, "Workspace %.*s has no table %.*s.", STR_ARG(p->workspaces[i]),
                        STR_ARG(t->name));
    }
    engine_drop(e, t->name, &ignored);
    t->places = places;
    t->nplaces = n;
    return true;
}

static void note_time(struct source_conn *c, struct engine *e, struct remote_table *t)
{
    struct kql_table shape;
    struct kql_alias alias;
    if (!engine_table(e, t->name, &shape))
        return;
    for (size_t i = 0; i < shape.ncols; i++)
        if (str_eqz(shape.cols[i].name, "TimeGenerated") && shape.cols[i].type == HB_DATETIME)
            t->time = STR("TimeGenerated");
    if (!kql_time_alias(shape.cols, shape.ncols, &alias))
        return;
    t->alias = arena_str(c->arena, alias.name);
    t->time = t->alias_of = arena_str(c->arena, shape.cols[alias.col].name);
}

static bool load_table(struct source_conn *c, struct engine *e, struct str name, struct record *r,
                       struct err *err)
{
    struct remote_table t = { .name = arena_str(c->arena, name) };
    bool known = true;
    if (!is_identifier(name))
        return true;
    if (c->profile->nworkspaces > 1) {
        if (!find_places(c, e, &t, r, err))
            return false;
        if (!t.nplaces)
            return true;
    }
    if (!ask_shape(c, e, &t, STR(""), &known, err))
        return err_wrap(err, "columns of table '%.*s'", STR_ARG(name));
    if (!known)
        return true;
    note_time(c, e, &t);
    *VEC_PUSH(c->arena, c->tables, c->ntables, c->tables_cap) = t;
    return true;
}

bool remote_load(struct arena *a, const struct source_profile *p, const struct source_request *req,
                 struct engine *e, struct record *r, struct err *err)
{
    struct source_conn *c = req->conn;
    for (size_t i = 0; i < req->ntables; i++)
        if (!load_table(c, e, req->tables[i], r, err))
            return false;
    r->source.detail = arena_strf(a, "%.*s, as %.*s (%.*s)", STR_ARG(c->kind->where(c, a)),
                                  STR_ARG(azure_cred_identity(c->cred)), STR_ARG(p->origin));
    return true;
}
