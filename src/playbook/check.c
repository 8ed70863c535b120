/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules across the playbook that rows cannot say and that need no KQL: names, `from`, tests.
 * What needs KQL (who reads whom in queries) is checked a layer above, hb/check.h.
 */
#include "playbook_int.h"

#include <string.h>

#include "hb/map.h"

/* Names that mean something in every expression. */
static const char *const reserved[] = { "rows", "cells", "run", NULL };

struct named {
    const char *what; /* "cell" */
    const struct passage *name;
};

static void claim(const struct field_reader *r, struct map *names, const char *what,
                  const struct passage *name)
{
    const char *shown = playbook_excerpt(r->arena, name->s);
    if (!passage_given(name))
        return;
    for (size_t i = 0; reserved[i]; i++)
        if (str_eqz(name->s, reserved[i])) {
            playbook_error(r, name->span, "choose another name",
                           "'%s' has a meaning of its own in expressions", shown);
            return;
        }
    const struct named *first = map_get(names, name->s);
    if (first) {
        size_t line, column;
        source_locate(r->source, first->name->span.offset, &line, &column);
        playbook_error(r, name->span, "parameters and cells share one set of names",
                       "%s '%s' has the name of the %s on line %zu", what, shown, first->what, line);
        return;
    }
    struct named *n = ARENA_NEW(r->arena, struct named);
    *n = (struct named){ what, name };
    map_set(names, name->s, n);
}

static void check_names(const struct field_reader *r, const struct playbook *p)
{
    struct map names;
    map_init(&names, r->arena);
    for (size_t i = 0; i < p->params.n; i++)
        claim(r, &names, "parameter", &p->params.items[i].name);
    for (size_t i = 0; i < p->cells.n; i++)
        claim(r, &names, "cell", &p->cells.items[i].id);
}

static const struct passage *from_of(const struct playbook_cell *c)
{
    if (!c->schema)
        return NULL;
    for (size_t i = 0; i < c->schema->nfields; i++)
        if (c->schema->fields[i].type == FIELD_CELL) {
            const void *from = (const char *)c->options + c->schema->fields[i].offset;
            return from;
        }
    return NULL;
}

static void unknown_cell(const struct field_reader *r, const struct playbook *p, size_t before,
                         const struct playbook_cell *c, const struct passage *from)
{
    struct str *ids = ARENA_ARRAY(r->arena, before, struct str);
    for (size_t i = 0; i < before; i++)
        ids[i] = p->cells.items[i].id.s;
    struct str near = str_nearest(from->s, ids, before);
    playbook_error(r, from->span,
                   near.n > 0 ? arena_printf(r->arena, "did you mean '%.*s'?", STR_ARG(near))
                              : "'from' is the id of an earlier cell",
                   "cell '%s': there is no cell '%s'", playbook_excerpt(r->arena, c->id.s),
                   playbook_excerpt(r->arena, from->s));
}

static void check_from(const struct field_reader *r, const struct playbook *p, size_t index)
{
    const struct playbook_cell *c = &p->cells.items[index];
    const struct passage *from = from_of(c);
    if (!from || !passage_given(from))
        return;
    const char *id = playbook_excerpt(r->arena, c->id.s), *other = playbook_excerpt(r->arena, from->s);
    const struct playbook_cell *source = playbook_find_cell(p, from->s);
    if (!source)
        unknown_cell(r, p, index, c, from);
    else if (source == c)
        playbook_error(r, from->span, "name an earlier cell", "cell '%s' reads itself", id);
    else if (source > c)
        playbook_error(r, from->span, arena_printf(r->arena, "move '%s' up, above '%s'", other, id),
                       "cell '%s' reads cell '%s', which comes later", id, other);
    else if (source->schema && !source->schema->makes_table)
        playbook_error(r, from->span, "name a cell that has rows: kql, anomaly, chart, search",
                       "cell '%s' reads cell '%s', which is %s and has no rows", id, other,
                       source->schema->name);
}

static void check_tests(const struct field_reader *r, const struct playbook *p)
{
    for (size_t i = 0; i < p->tests.n; i++)
        for (size_t j = 0; j < p->tests.items[i].params.n; j++)
            param_check_value(r, p, &p->tests.items[i].params.items[j].name,
                              p->tests.items[i].params.items[j].value);
}

static void check_format(const struct field_reader *r, const struct playbook *p)
{
    if (p->format.kind == OPT_LITERAL && p->format.i != 1)
        playbook_error(r, p->format.text.span, "this program reads format 1",
                       "unknown version of the format: %lld", (long long)p->format.i);
}

void playbook_check(const struct field_reader *r, struct playbook *p)
{
    check_format(r, p);
    check_names(r, p);
    for (size_t i = 0; i < p->cells.n; i++)
        check_from(r, p, i);
    check_tests(r, p);
}
