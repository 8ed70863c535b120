/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of a playbook's KQL that need no types: syntax, and who reads whom.
 *
 * Every text is parsed on its own, with its faults moved to their place in the playbook (passage_map). Names are then looked up among
 * parameters, cells, and what expressions have besides: rows, cells, run. Reading goes backwards only, so there are no
 * circles: a circle needs at least one cell that reads a later one, and that one is named. Types and columns: check_types.c.
 */
#include "check_int.h"

#include <string.h>

#include "hb/kql_known.h"

static const char *const run_members[] = { "now", "analyst", "source", "source_kind", "sample", NULL };
static const char *const cell_members[] = { "rows", "status", NULL };

/* A guess at what was meant looks at all names; a playbook with more faults than this gets no more of them. */
enum { GUESSES_MAX = 500 };

/* ---- places ---- */

static struct span in_file(const struct passage *text, struct span span)
{
    return passage_map(text, span);
}

static void complain(struct checker *ck, enum diag_level level, const struct passage *text, struct span span,
                     const char *hint, const char *message)
{
    diag_add(ck->diags, level, ck->p->source, in_file(text, span), hint, "%s", message);
}

struct source *check_source(struct checker *ck, const struct passage *text)
{
    struct source *src = ARENA_NEW(ck->arena, struct source);
    src->name = STR("query");
    src->text = text->s;
    return src;
}

/* Names of parameters and cells are bare in KQL; ${{ }} is for text around it. */
static bool braces_in_query(struct checker *ck, const struct passage *text)
{
    size_t at = str_find(text->s, STR("${{"), 0);
    if (at == SIZE_MAX)
        return false;
    complain(ck, DIAG_ERROR, text, (struct span){ at, 3 }, "write the name bare: where x > contamination",
             "${{ }} has no meaning inside KQL");
    return true;
}

void check_move_diags(struct checker *ck, const struct passage *text, const struct diags *from)
{
    if (from->errors > 0 && braces_in_query(ck, text))
        return;
    for (size_t i = 0; i < from->n; i++) {
        const struct diag *d = &from->items[i];
        diag_add(ck->diags, d->level, ck->p->source, in_file(text, d->span), d->hint.n > 0 ? d->hint.p : NULL,
                 "%.*s", STR_ARG(d->message));
    }
}

static struct kql_ast *parse(struct checker *ck, const struct passage *text, bool is_expr)
{
    struct diags found;
    struct source *src = check_source(ck, text);
    diags_init(&found, ck->arena);
    struct kql_ast *ast = is_expr ? kql_parse_expr(ck->arena, src, &found)
                                  : kql_parse(ck->arena, src, &found);
    check_move_diags(ck, text, &found);
    return found.errors == 0 ? ast : NULL;
}

/* ---- names ---- */

static size_t cell_index(const struct checker *ck, struct str name)
{
    const struct playbook_cell *c = playbook_find_cell(ck->p, name);
    return c ? (size_t)(c - ck->p->cells.items) : SIZE_MAX;
}

static bool param_used(struct checker *ck, struct str name)
{
    const struct playbook_param *param = playbook_find_param(ck->p, name);
    if (param)
        ck->used[param - ck->p->params.items] = true;
    return param != NULL;
}

static const char *self_id(struct checker *ck, const struct view *v)
{
    if (v->self == SIZE_MAX)
        return "the playbook";
    return arena_printf(ck->arena, "cell '%.*s'", STR_ARG(ck->p->cells.items[v->self].id.s));
}

/* The text reads cell `i`. */
static void read_cell(struct checker *ck, const struct view *v, const struct passage *text,
                      const struct kql_ref *ref, size_t i)
{
    const struct playbook_cell *c = &ck->p->cells.items[i];
    struct arena *a = ck->arena;
    if (i == v->self && !v->finished)
        complain(ck, DIAG_ERROR, text, ref->span, "name an earlier cell",
                 arena_printf(a, "%s reads itself", self_id(ck, v)));
    else if (i >= v->cells && i != v->self)
        complain(
            ck, DIAG_ERROR, text, ref->span, arena_printf(a, "move '%.*s' up", STR_ARG(c->id.s)),
            arena_printf(a, "%s reads cell '%.*s', which comes later", self_id(ck, v), STR_ARG(c->id.s)));
    else if (c->schema && !c->schema->makes_table)
        complain(ck, DIAG_ERROR, text, ref->span, "name a cell that has rows: kql, anomaly, chart, search",
                 arena_printf(a, "%s reads cell '%.*s', which is %s and has no rows", self_id(ck, v),
                              STR_ARG(c->id.s), c->schema->name));
}

/* Cells that can be read from here, tables that the playbook declares, and known ones. */
static struct str nearest_table(struct checker *ck, const struct view *v, struct str name)
{
    size_t n = 0;
    if (ck->guesses++ >= GUESSES_MAX)
        return STR("");
    struct str *names = ARENA_ARRAY(ck->arena, v->cells + ck->ndeclared + kql_nknown, struct str);
    for (size_t i = 0; i < v->cells; i++)
        if (ck->p->cells.items[i].schema && ck->p->cells.items[i].schema->makes_table)
            names[n++] = ck->p->cells.items[i].id.s;
    for (size_t i = 0; i < ck->ndeclared; i++)
        names[n++] = ck->declared[i]->name.s;
    for (size_t i = 0; i < kql_nknown; i++)
        names[n++] = kql_known_name(i);
    return str_nearest(name, names, n);
}

static void read_table(struct checker *ck, const struct view *v, const struct passage *text,
                       const struct kql_ref *ref)
{
    size_t i = cell_index(ck, ref->name);
    if (i != SIZE_MAX) {
        read_cell(ck, v, text, ref, i);
        return;
    }
    if (playbook_find_param(ck->p, ref->name)) {
        param_used(ck, ref->name);
        if (ref->kind == KQL_REF_TABLE)
            complain(
                ck, DIAG_ERROR, text, ref->span, "a parameter is a value",
                arena_printf(ck->arena, "parameter '%.*s' stands where a table is read", STR_ARG(ref->name)));
        return;
    }
    for (size_t k = 0; k < ck->ndeclared; k++)
        if (str_eq(ck->declared[k]->name.s, ref->name))
            return;
    /* Whether a source has a table is not known here; only what looks like a slip is said. */
    struct str near = nearest_table(ck, v, ref->name);
    if (near.n >= 4 && ref->name.n >= 4 && !kql_is_known(ref->name))
        complain(ck, DIAG_WARNING, text, ref->span,
                 arena_printf(ck->arena, "did you mean '%.*s'?", STR_ARG(near)),
                 arena_printf(ck->arena, "'%.*s' is no cell, and no table that the playbook declares",
                              STR_ARG(ref->name)));
}

static bool is_member(const char *const *members, struct str name)
{
    for (size_t i = 0; members[i]; i++)
        if (str_eqz(name, members[i]))
            return true;
    return false;
}

static void unknown_member(struct checker *ck, const struct passage *text, const struct kql_ref *ref,
                           const char *of, struct str name, const char *const *members)
{
    struct str list[8];
    struct buf b = BUF_INIT;
    size_t n = 0;
    for (; members[n]; n++) {
        list[n] = str_z(members[n]);
        buf_printf(&b, "%s%s.%s", n == 0 ? "" : ", ", of, members[n]);
    }
    struct str near = str_nearest(name, list, n);
    const char *hint = near.n > 0 ? arena_printf(ck->arena, "did you mean '%s.%.*s'?", of, STR_ARG(near))
                                  : arena_printf(ck->arena, "there are %s", buf_z(&b));
    complain(ck, DIAG_ERROR, text, ref->path_span, hint,
             arena_printf(ck->arena, "there is no '%s.%.*s'", of, STR_ARG(name)));
    buf_free(&b);
}

/* cells.ID.rows */
static void cells_member(struct checker *ck, const struct view *v, const struct passage *text,
                         const struct kql_ref *ref)
{
    struct str id = ref->member[0];
    size_t i = cell_index(ck, id);
    if (id.n == 0)
        return;
    if (i == SIZE_MAX) {
        struct str *ids = ARENA_ARRAY(ck->arena, v->cells, struct str);
        for (size_t k = 0; k < v->cells; k++)
            ids[k] = ck->p->cells.items[k].id.s;
        struct str near = str_nearest(id, ids, v->cells);
        complain(ck, DIAG_ERROR, text, ref->path_span,
                 near.n > 0 ? arena_printf(ck->arena, "did you mean '%.*s'?", STR_ARG(near)) : NULL,
                 arena_printf(ck->arena, "there is no cell '%.*s'", STR_ARG(id)));
    } else if (i == v->self) {
        complain(ck, DIAG_ERROR, text, ref->path_span, "its own rows are 'rows'",
                 arena_printf(ck->arena, "%s is not in 'cells' before it has finished", self_id(ck, v)));
    } else if (i >= v->cells) {
        struct kql_ref whole = *ref;
        whole.span = ref->path_span;
        read_cell(ck, v, text, &whole, i);
    } else if (ref->member[1].n > 0 && !is_member(cell_members, ref->member[1])) {
        unknown_member(ck, text, ref, arena_printf(ck->arena, "cells.%.*s", STR_ARG(id)), ref->member[1],
                       cell_members);
    }
}

static void unknown_scalar(struct checker *ck, const struct passage *text, const struct kql_ref *ref)
{
    size_t n = 0;
    if (ck->guesses++ >= GUESSES_MAX) {
        complain(ck, DIAG_ERROR, text, ref->span, NULL, "unknown name");
        return;
    }
    struct str *names = ARENA_ARRAY(ck->arena, ck->p->params.n + 3, struct str);
    for (; n < ck->p->params.n; n++)
        names[n] = ck->p->params.items[n].name.s;
    names[n++] = STR("rows");
    names[n++] = STR("cells");
    names[n++] = STR("run");
    struct str near = str_nearest(ref->name, names, n);
    const char *hint = near.n > 0 ? arena_printf(ck->arena, "did you mean '%.*s'?", STR_ARG(near))
                                  : "parameters, rows, cells and run are known here";
    if (cell_index(ck, ref->name) != SIZE_MAX)
        hint = arena_printf(ck->arena, "a cell is a table: toscalar(%.*s | count)", STR_ARG(ref->name));
    complain(ck, DIAG_ERROR, text, ref->span, hint,
             arena_printf(ck->arena, "unknown name '%.*s'", STR_ARG(ref->name)));
}

static void read_scalar(struct checker *ck, const struct view *v, const struct passage *text,
                        const struct kql_ref *ref, bool has_table)
{
    if (param_used(ck, ref->name) || !v->is_expr)
        return;
    if (str_eqz(ref->name, "rows")) {
        if (!v->finished && !has_table)
            complain(ck, DIAG_ERROR, text, ref->span,
                     v->self == SIZE_MAX ? "cells.ID.rows names the cell"
                                         : "rows is known in expect and finding, after the query",
                     "there are no rows yet");
    } else if (str_eqz(ref->name, "cells"))
        cells_member(ck, v, text, ref);
    else if (str_eqz(ref->name, "run")) {
        if (ref->member[0].n > 0 && !is_member(run_members, ref->member[0]))
            unknown_member(ck, text, ref, "run", ref->member[0], run_members);
    } else if (!has_table) /* else it may be a column of that table */
        unknown_scalar(ck, text, ref);
}

static void check_text(struct checker *ck, const struct view *v, const struct passage *text)
{
    size_t before = ck->diags->errors;
    if (!passage_given(text) || text->npieces == 0) /* absent, or a default of ours */
        return;
    struct kql_ast *ast = parse(ck, text, v->is_expr);
    if (!ast)
        return;
    struct kql_refs refs = kql_references(ck->arena, ast);
    bool has_table = false;
    for (size_t i = 0; i < refs.n; i++)
        has_table = has_table || refs.items[i].kind == KQL_REF_TABLE || refs.items[i].kind == KQL_REF_CALL;
    for (size_t i = 0; i < refs.n; i++) {
        const struct kql_ref *ref = &refs.items[i];
        size_t cell = cell_index(ck, ref->name);
        if (ref->wildcard || ref->kind == KQL_REF_CALL || ref->kind == KQL_REF_CLOCK)
            continue;
        if (ref->kind == KQL_REF_TABLE || (ref->kind == KQL_REF_ANY && (cell != SIZE_MAX || !v->is_expr)))
            read_table(ck, v, text, ref);
        else
            read_scalar(ck, v, text, ref, has_table);
    }
    if (ck->diags->errors == before)
        check_types(ck, v, text, &refs);
}

/* ---- texts of a cell ---- */

static void check_expr(struct checker *ck, struct view v, const struct passage *text)
{
    v.is_expr = true;
    check_text(ck, &v, text);
}

/* An expression that is asked whether something holds. */
static void check_condition(struct checker *ck, struct view v, const struct passage *text)
{
    v.is_condition = true;
    check_expr(ck, v, text);
}

static void check_prose(struct checker *ck, struct view v, const struct prose *prose)
{
    for (size_t i = 0; i < prose->nparts; i++)
        if (prose->parts[i].is_expr)
            check_expr(ck, v, &prose->parts[i].text);
}

static void check_option(struct checker *ck, struct view v, const struct opt_value *o)
{
    if (o->kind == OPT_EXPR)
        check_expr(ck, v, &o->text);
}

/* The keys of the cell's kind, by their rows. */
static void check_fields(struct checker *ck, struct view v, const struct field *fields, size_t n,
                         const char *in)
{
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        const void *at = in + f->offset;
        struct {
            char *items;
            size_t n;
        } list = { NULL, 0 };
        if (f->type == FIELD_LIST || f->type == FIELD_DICT)
            memcpy(&list, at, sizeof list);
        for (size_t k = 0; k < list.n; k++)
            check_fields(ck, v, f->fields, f->nfields, list.items + k * f->size);
        if (f->type == FIELD_MAP)
            check_fields(ck, v, f->fields, f->nfields, at);
        else if (f->type == FIELD_KQL)
            check_text(ck, &v, at);
        else if (f->type == FIELD_EXPR)
            check_expr(ck, v, at);
        else if (f->type == FIELD_PROSE)
            check_prose(ck, v, at);
        else if (f->type >= FIELD_BOOL && f->type <= FIELD_SCALAR)
            check_option(ck, v, at);
    }
}

static void check_expects(struct checker *ck, struct view v, const struct playbook_expect *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_condition(ck, v, &items[i].that);
}

static void check_cell(struct checker *ck, size_t index)
{
    const struct playbook_cell *c = &ck->p->cells.items[index];
    struct view before = { .cells = index, .self = index };
    struct view after = { .cells = index, .self = index, .finished = c->schema && c->schema->makes_table };
    check_condition(ck, before, &c->when);
    check_prose(ck, before, &c->description);
    check_option(ck, before, &c->timeout);
    check_option(ck, before, &c->max_rows);
    check_option(ck, before, &c->display.rows);
    if (c->review.kind == OPT_LITERAL && c->review.b && c->schema && !c->schema->makes_table)
        complain(ck, DIAG_ERROR, &c->review.text, (struct span){ 0, c->review.text.s.n },
                 "review cells that have rows: kql, anomaly, chart, search",
                 arena_printf(ck->arena, "a cell of kind %s has no rows to review", c->schema->name));
    if (c->schema)
        check_fields(ck, before, c->schema->fields, c->schema->nfields, c->options);
    check_columns(ck, index);
    check_expects(ck, after, c->expect.items, c->expect.n);
    for (size_t i = 0; i < c->finding.n; i++) {
        check_condition(ck, after, &c->finding.items[i].when);
        check_prose(ck, after, &c->finding.items[i].description);
    }
}

/* ---- the playbook ---- */

/* Whether KQL takes the name bare: many words of the language are names elsewhere, and the parser knows which. */
static void check_name(struct checker *ck, const struct passage *name, const char *what)
{
    struct diags quiet;
    diags_init(&quiet, ck->arena);
    if (!playbook_is_identifier(name->s))
        return; /* said already */
    struct passage query = passage_of(
        arena_strf(ck->arena, "%.*s | where %.*s == 1", STR_ARG(name->s), STR_ARG(name->s)));
    struct kql_ast *ast = kql_parse(ck->arena, check_source(ck, &query), &quiet);
    struct kql_refs refs = quiet.errors == 0 ? kql_references(ck->arena, ast) : (struct kql_refs){ 0 };
    if (refs.n != 2 || !str_eq(refs.items[0].name, name->s) || !str_eq(refs.items[1].name, name->s))
        complain(ck, DIAG_ERROR, name, (struct span){ 0, name->s.n }, "choose another name",
                 arena_printf(ck->arena, "'%.*s' is a word of KQL; a %s of that name cannot be read",
                              STR_ARG(name->s), what));
}

static void check_unused(struct checker *ck)
{
    for (size_t i = 0; i < ck->p->params.n; i++) {
        const struct playbook_param *param = &ck->p->params.items[i];
        if (!ck->used[i])
            complain(ck, DIAG_WARNING, &param->name, (struct span){ 0, param->name.s.n }, NULL,
                     arena_printf(ck->arena, "nothing reads parameter '%.*s'", STR_ARG(param->name.s)));
    }
}

/* Tables of connect cells, by pointer: their columns serve check_types.c. */
static void declared_tables(struct checker *ck)
{
    const struct playbook *p = ck->p;
    size_t cap = 0;
    for (size_t i = 0; i < p->cells.n; i++) {
        if (!p->cells.items[i].schema || strcmp(p->cells.items[i].schema->name, "connect") != 0)
            continue;
        const struct connect_cell *connect = p->cells.items[i].options;
        for (size_t k = 0; k < connect->tables.n; k++)
            *VEC_PUSH(ck->arena, ck->declared, ck->ndeclared, cap) = &connect->tables.items[k];
    }
}

static struct checker check_all(struct arena *a, const struct playbook *p, struct diags *d)
{
    struct checker ck = { .arena = a,
                          .p = p,
                          .diags = d,
                          .used = ARENA_ARRAY(a, p->params.n, bool),
                          .shapes = ARENA_ARRAY(a, p->cells.n, struct cell_shape) };
    struct view top = { .self = SIZE_MAX };
    declared_tables(&ck);
    for (size_t i = 0; i < p->params.n; i++)
        check_name(&ck, &p->params.items[i].name, "parameter");
    for (size_t i = 0; i < p->cells.n; i++)
        if (passage_given(&p->cells.items[i].id))
            check_name(&ck, &p->cells.items[i].id, "cell");
    check_prose(&ck, top, &p->description);
    const struct prose *const why[] = { &p->hunt.hypothesis, &p->hunt.rationale, &p->hunt.false_positives,
                                        &p->hunt.next_steps };
    for (size_t i = 0; i < sizeof why / sizeof *why; i++)
        check_prose(&ck, top, why[i]);
    for (size_t i = 0; i < p->cells.n; i++)
        check_cell(&ck, i);
    top.cells = p->cells.n;
    for (size_t i = 0; i < p->tests.n; i++)
        check_expects(&ck, top, p->tests.items[i].expect.items, p->tests.items[i].expect.n);
    check_unused(&ck);
    return ck;
}

bool check_playbook(struct arena *a, const struct playbook *p, struct diags *d)
{
    size_t before = d->errors;
    check_all(a, p, d);
    return d->errors == before;
}

struct check_reads check_read_columns(struct arena *a, const struct playbook *p)
{
    struct diags ignored;
    struct check_reads out = { 0 };
    diags_init(&ignored, a);
    struct checker ck = check_all(a, p, &ignored);
    check_note_declared(&ck);
    out.items = ARENA_ARRAY(a, ck.nreads, struct check_read);
    for (size_t i = 0; i < ck.nreads && !ck.read_anything && !ignored.errors; i++)
        if (!ck.reads[i].all && ck.reads[i].ncolumns)
            out.items[out.n++] = (struct check_read){ ck.reads[i].table, ck.reads[i].columns,
                                                      ck.reads[i].ncolumns };
    return out;
}
