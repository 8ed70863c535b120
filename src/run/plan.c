/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: which cell reads which, and which tables the source must give. Nobody writes it down; it comes
 * from the names in the queries. The walk follows the field rows of the cell kinds, so a new kind needs
 * nothing here.
 */
#include <stdlib.h>
#include <string.h>

#include "hb/kql.h"
#include "hb/run.h"
#include "hb/vec.h"

/* ---- walking the texts of a cell ---- */

struct walk {
    plan_visit *visit;
    void *ctx;
};

static void text(const struct walk *w, enum plan_text kind, const struct passage *p)
{
    if (passage_given(p))
        w->visit(w->ctx, kind, p);
}

static void prose(const struct walk *w, const struct prose *p)
{
    for (size_t i = 0; i < p->nparts; i++)
        if (p->parts[i].is_expr)
            text(w, PLAN_EXPR, &p->parts[i].text);
}

static void option(const struct walk *w, const struct opt_value *o)
{
    if (o->kind == OPT_EXPR)
        text(w, PLAN_EXPR, &o->text);
}

static void fields(const struct walk *w, const struct field *rows, size_t n, const void *base);

/* Both lists and dictionaries are {T *items; size_t n}. */
static void items(const struct walk *w, const struct field *f, const void *at)
{
    const struct {
        const char *items;
        size_t n;
    } *list = at;
    for (size_t i = 0; i < list->n; i++)
        fields(w, f->fields, f->nfields, list->items + i * f->size);
}

static void field(const struct walk *w, const struct field *f, const void *base)
{
    const void *at = (const char *)base + f->offset;
    switch (f->type) {
    case FIELD_KQL: text(w, PLAN_QUERY, at); break;
    case FIELD_EXPR: text(w, PLAN_EXPR, at); break;
    case FIELD_CELL: text(w, PLAN_CELL, at); break;
    case FIELD_PROSE: prose(w, at); break;
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_REAL:
    case FIELD_NUMBER:
    case FIELD_TIMESPAN:
    case FIELD_WORD:
    case FIELD_COLUMN:
    case FIELD_SCALAR: option(w, at); break;
    case FIELD_LIST:
    case FIELD_DICT: items(w, f, at); break;
    case FIELD_MAP: fields(w, f->fields, f->nfields, at); break;
    default: break;
    }
}

static void fields(const struct walk *w, const struct field *rows, size_t n, const void *base)
{
    for (size_t i = 0; i < n; i++)
        field(w, &rows[i], base);
}

void plan_walk(const struct playbook_cell *c, plan_visit *visit, void *ctx)
{
    struct walk w = { visit, ctx };
    prose(&w, &c->description);
    text(&w, PLAN_EXPR, &c->when);
    option(&w, &c->timeout);
    option(&w, &c->max_rows);
    option(&w, &c->display.rows);
    option(&w, &c->display.html_rows);
    if (c->schema && c->options)
        fields(&w, c->schema->fields, c->schema->nfields, c->options);
    for (size_t i = 0; i < c->expect.n; i++)
        text(&w, PLAN_EXPR, &c->expect.items[i].that);
    for (size_t i = 0; i < c->finding.n; i++) {
        text(&w, PLAN_EXPR, &c->finding.items[i].when);
        prose(&w, &c->finding.items[i].description);
    }
}

/* ---- the graph ---- */

struct planner {
    struct arena *arena;
    const struct playbook *playbook;
    struct plan_cell *cell;
    size_t index;
    size_t reads_cap, tables_cap;
};

static void add_name(struct arena *a, struct str **list, size_t *n, size_t *cap, struct str name)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq((*list)[i], name))
            return;
    *VEC_PUSH(a, *list, *n, *cap) = name;
}

static void reads(struct planner *p, struct str name, bool surely_table)
{
    for (size_t i = 0; i < p->playbook->cells.n; i++) {
        if (!str_eq(p->playbook->cells.items[i].id.s, name))
            continue;
        for (size_t k = 0; k < p->cell->nreads; k++)
            if (p->cell->reads[k] == i)
                return;
        if (i < p->index)
            *VEC_PUSH(p->arena, p->cell->reads, p->cell->nreads, p->reads_cap) = i;
        return;
    }
    if (surely_table || !playbook_find_param(p->playbook, name))
        add_name(p->arena, &p->cell->tables, &p->cell->ntables, &p->tables_cap, name);
}

static void visit(void *ctx, enum plan_text kind, const struct passage *text_)
{
    struct planner *p = ctx;
    struct source part = { STR("query"), text_->s };
    struct diags ignored;
    if (kind == PLAN_CELL) {
        reads(p, text_->s, false);
        return;
    }
    diags_init(&ignored, p->arena);
    struct kql_ast *ast = kind == PLAN_QUERY ? kql_parse(p->arena, &part, &ignored)
                                             : kql_parse_expr(p->arena, &part, &ignored);
    struct kql_refs refs = kql_references(p->arena, ast);
    for (size_t i = 0; i < refs.n; i++) {
        const struct kql_ref *r = &refs.items[i];
        p->cell->databases |= r->of_database;
        if (r->wildcard)
            p->cell->any_table = true;
        else if (r->kind == KQL_REF_TABLE || r->kind == KQL_REF_ANY)
            reads(p, r->name, r->kind == KQL_REF_TABLE);
    }
}

static int by_index(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

void plan_make(struct arena *a, const struct playbook *p, struct plan *out)
{
    size_t cap = 0;
    *out = (struct plan){ .cells = ARENA_ARRAY(a, p->cells.n, struct plan_cell), .n = p->cells.n };
    for (size_t i = 0; i < p->cells.n; i++) {
        struct plan_cell *c = &out->cells[i];
        struct planner planner = { .arena = a, .playbook = p, .cell = c, .index = i };
        c->spec = &p->cells.items[i];
        plan_walk(c->spec, visit, &planner);
        if (c->spec->schema && strcmp(c->spec->schema->name, "connect") == 0) {
            const struct connect_cell *o = c->spec->options;
            for (size_t k = 0; k < o->tables.n; k++)
                reads(&planner, o->tables.items[k].name.s, true);
        }
        if (c->nreads)
            qsort(c->reads, c->nreads, sizeof *c->reads, by_index);
        for (size_t k = 0; k < c->ntables; k++)
            add_name(a, &out->tables, &out->ntables, &cap, c->tables[k]);
        out->any_table |= c->any_table;
        out->databases |= c->databases;
    }
}
