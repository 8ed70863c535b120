/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A playbook from its file: the passes in order, and the cells, whose rows depend on their `type`.
 */
#include "playbook_int.h"

#include <string.h>

enum { CELLS_MAX = 1000 }; /* and parameters; keeps what looks at pairs of them quick */

struct cells_reader {
    const struct field_reader *r;
    struct playbook *p;
    const struct cell_schema *kinds;
    size_t nkinds;
    const struct cell_schema *kind; /* of the cell being read */
};

static const struct cell_schema *find_kind(const struct cells_reader *cr, struct str name)
{
    for (size_t i = 0; i < cr->nkinds; i++)
        if (str_eqz(name, cr->kinds[i].name))
            return &cr->kinds[i];
    return NULL;
}

static const char *kind_hint(const struct cells_reader *cr, struct str name)
{
    struct str names[64];
    size_t n = 0;
    struct buf b = BUF_INIT;
    buf_puts(&b, "one of ");
    for (; n < cr->nkinds && n < 64; n++) {
        names[n] = str_z(cr->kinds[n].name);
        buf_printf(&b, "%s%s", n == 0 ? "" : n + 1 < cr->nkinds ? ", " : " or ", cr->kinds[n].name);
    }
    struct str near = str_nearest(name, names, n);
    const char *hint = near.n > 0 ? arena_printf(cr->r->arena, "did you mean '%.*s'?", STR_ARG(near))
                                  : arena_strdup(cr->r->arena, buf_z(&b));
    buf_free(&b);
    return hint;
}

/* A key that this kind of cell does not have, but something else does. */
static const char *cell_elsewhere(void *ctx, struct arena *a, struct str key)
{
    const struct cells_reader *cr = ctx;
    const char *z = arena_printf(a, "%.*s", STR_ARG(key));
    for (size_t i = 0; i < cr->nkinds; i++)
        if (field_find(cr->kinds[i].fields, cr->kinds[i].nfields, z))
            return arena_printf(a, "it is a key of %s cells; this one is %s", cr->kinds[i].name,
                                cr->kind->name);
    const struct field *f = field_find(playbook_fields, playbook_nfields, z);
    return f && f->type != FIELD_IGNORED ? "it is a key of the playbook, not of a cell" : NULL;
}

static const char *playbook_elsewhere(void *ctx, struct arena *a, struct str key)
{
    (void)ctx;
    const char *z = arena_printf(a, "%.*s", STR_ARG(key));
    return field_find(cell_fields, cell_nfields, z) ? "it is a key of a cell, below 'cells:'" : NULL;
}

/* Keys of any kind, when the kind itself is not known: what can be read is read, so that other messages make
 * sense. */
static void read_common(const struct cells_reader *cr, const struct node *n, const char *what,
                        struct playbook_cell *c)
{
    for (size_t i = 0; i < cell_nfields; i++) {
        const struct node *value = node_get(n, cell_fields[i].key);
        if (value)
            field_read(cr->r, &cell_fields[i], value, what, (char *)c + cell_fields[i].offset);
    }
}

static void unknown_kind(const struct cells_reader *cr, const struct node *n, const struct node *type,
                         const char *what)
{
    if (!type || type->kind != NODE_SCALAR)
        playbook_error(cr->r, n->n > 0 ? n->keys[0]->span : n->span, kind_hint(cr, STR("")),
                       "%s lacks 'type'", what);
    else
        playbook_error(cr->r, type->span, kind_hint(cr, type->text.s), "%s: unknown type '%s'", what,
                       playbook_excerpt(cr->r->arena, type->text.s));
}

static void read_cell(struct cells_reader *cr, const struct node *n, size_t index, struct playbook_cell *c)
{
    const struct node *id = node_get(n, "id");
    const struct node *type = node_get(n, "type");
    const char *what = id && id->kind == NODE_SCALAR && id->text.s.n > 0
                           ? arena_printf(cr->r->arena, "cell '%s'",
                                          playbook_excerpt(cr->r->arena, id->text.s))
                           : arena_printf(cr->r->arena, "cell %zu", index + 1);
    c->span = n->span;
    if (n->kind != NODE_MAP) {
        playbook_error(cr->r, n->span, "- id: NAME, then its keys below", "%s is %s, not a mapping", what,
                       node_found(cr->r->arena, n));
        return;
    }
    c->schema = cr->kind = type && type->kind == NODE_SCALAR ? find_kind(cr, type->text.s) : NULL;
    if (!c->schema) {
        unknown_kind(cr, n, type, what);
        read_common(cr, n, what, c);
        return;
    }
    c->options = arena_alloc(cr->r->arena, c->schema->size);
    struct field_set sets[] = { { cell_fields, cell_nfields, c },
                                { c->schema->fields, c->schema->nfields, c->options } };
    fields_read_sets(cr->r, sets, 2, n, what, cell_elsewhere, cr);
    if (c->schema->check)
        c->schema->check(cr->r, c);
}

static void inherit(const struct playbook_defaults *d, struct playbook_cell *c)
{
    if (c->timeout.kind == OPT_ABSENT)
        c->timeout = d->timeout;
    if (c->max_rows.kind == OPT_ABSENT)
        c->max_rows = c->schema && c->schema->max_rows ? (struct opt_value){ .kind = OPT_LITERAL,
                                                                             .is_int = true,
                                                                             .i = c->schema->max_rows,
                                                                             .field = d->max_rows.field }
                                                       : d->max_rows;
    if (c->display.rows.kind == OPT_ABSENT)
        c->display.rows = d->display.rows;
    if (c->display.html_rows.kind == OPT_ABSENT)
        c->display.html_rows = d->display.html_rows;
    c->on_error = c->on_error ? c->on_error : d->on_error;
    c->on_partial = c->on_partial ? c->on_partial : d->on_partial;
    c->on_empty = c->on_empty ? c->on_empty : d->on_empty;
}

static void read_cells(struct cells_reader *cr, const struct node *list)
{
    if (!list)
        return; /* said already: the row is required */
    if (list->kind != NODE_LIST || list->n == 0) {
        if (list->kind != NODE_SCALAR || list->scalar != SCALAR_NULL)
            playbook_error(cr->r, list->span, "- id: NAME, for each cell",
                           "'cells' takes a list of cells, not %s",
                           list->kind == NODE_LIST ? "an empty one" : node_found(cr->r->arena, list));
        return;
    }
    if (list->n > CELLS_MAX) {
        playbook_error(cr->r, list->span, "split the hunt", "a playbook has at most %d cells, not %zu",
                       CELLS_MAX, list->n);
        return;
    }
    cr->p->cells.items = arena_array(cr->r->arena, list->n, sizeof *cr->p->cells.items);
    cr->p->cells.n = list->n;
    for (size_t i = 0; i < list->n; i++) {
        read_cell(cr, list->items[i], i, &cr->p->cells.items[i]);
        inherit(&cr->p->defaults, &cr->p->cells.items[i]);
    }
}

/* `defaults` is absent: its rows still have defaults of their own. */
static void fill_defaults(const struct field_reader *r, struct playbook *p)
{
    const struct field *row = field_find(playbook_fields, playbook_nfields, "defaults");
    for (size_t i = 0; i < row->nfields; i++) {
        const struct field *f = &row->fields[i];
        char *out = (char *)&p->defaults + f->offset;
        bool unset = f->type == FIELD_ENUM  ? *(int *)(void *)out == 0
                     : f->type != FIELD_MAP ? ((struct opt_value *)(void *)out)->kind == OPT_ABSENT
                                            : false;
        if (unset)
            field_default(r, f, out);
    }
    const struct field *display = field_find(row->fields, row->nfields, "display");
    for (size_t i = 0; i < display->nfields; i++) {
        char *out = (char *)&p->defaults.display + display->fields[i].offset;
        if (((struct opt_value *)(void *)out)->kind == OPT_ABSENT)
            field_default(r, &display->fields[i], out);
    }
}

static struct playbook *read_playbook(struct arena *a, const struct source *src,
                                      const struct cell_schema *kinds, size_t nkinds, struct diags *d)
{
    const struct node *root = src ? node_parse(a, src, d) : NULL;
    if (!root)
        return NULL;
    struct playbook *p = ARENA_NEW(a, struct playbook);
    struct field_reader r = { a, src, d };
    struct cells_reader cr = { .r = &r, .p = p, .kinds = kinds, .nkinds = nkinds };
    p->arena = a;
    p->source = src;
    struct field_set set = { playbook_fields, playbook_nfields, p };
    fields_read_sets(&r, &set, 1, root, "", playbook_elsewhere, NULL);
    if (root->kind != NODE_MAP)
        return NULL;
    if (p->params.n > CELLS_MAX) {
        playbook_error(&r, p->params.items[CELLS_MAX].name.span, NULL, "a playbook has at most %d parameters",
                       CELLS_MAX);
        p->params.n = CELLS_MAX;
    }
    fill_defaults(&r, p);
    read_cells(&cr, node_get(root, "cells"));
    params_declare(&r, p);
    playbook_check(&r, p);
    return p;
}

struct playbook *playbook_load(struct arena *a, const char *path, const struct cell_schema *kinds,
                               size_t nkinds, struct diags *d)
{
    return read_playbook(a, source_load(a, path, d), kinds, nkinds, d);
}

struct playbook *playbook_parse(struct arena *a, const char *name, struct str text,
                                const struct cell_schema *kinds, size_t nkinds, struct diags *d)
{
    return read_playbook(a, source_of(a, name, text, d), kinds, nkinds, d);
}

const struct playbook_cell *playbook_find_cell(const struct playbook *p, struct str id)
{
    for (size_t i = 0; i < p->cells.n; i++)
        if (str_eq(p->cells.items[i].id.s, id))
            return &p->cells.items[i];
    return NULL;
}

const struct playbook_param *playbook_find_param(const struct playbook *p, struct str name)
{
    for (size_t i = 0; i < p->params.n; i++)
        if (str_eq(p->params.items[i].name.s, name))
            return &p->params.items[i];
    return NULL;
}

/* Words that KQL reads as something else wherever a name may stand. Which others clash is found by parsing
 * (hb/check.h). */
bool playbook_is_identifier(struct str s)
{
    static const char *const words[] = {
        "true", "false", "null", "and", "or", "in", "by", "let", "set", NULL
    };
    bool letter = false;
    for (size_t i = 0; i < s.n && !letter; i++)
        letter = s.p[i] != '_';
    for (size_t i = 0; words[i]; i++)
        if (str_eqz(s, words[i]))
            return false;
    return letter && str_is_name(s) && s.n <= 100;
}
