/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buildschema(): the smallest schema that admits all values of a column.
 *
 * A schema lists the kinds of value seen, in order of first sight: names of types, at most one bag, at most one array whose
 * elements have one schema. Printed alone when it is one kind, as an array when it is several.
 */
#include "jscan.h"
#include "udf.h"

enum { KINDS_MAX = 6 };

struct schema {
    const char *kind[KINDS_MAX]; /* "" a bag, "[" an array */
    size_t nkinds;
    struct member *first, *last; /* of the bag */
    struct schema *element;
};

struct member {
    struct str name; /* raw, with its quotes */
    struct schema schema;
    struct member *next;
};

static const char *type_of(struct str raw)
{
    switch (json_kind(raw)) {
    case '"': return "string";
    case 't':
    case 'f': return "bool";
    case '0':
        for (size_t i = 0; i < raw.n; i++)
            if (raw.p[i] == '.' || raw.p[i] == 'e' || raw.p[i] == 'E')
                return "double";
        return "long";
    default: return NULL;
    }
}

static void add_kind(struct schema *s, const char *kind)
{
    for (size_t i = 0; i < s->nkinds; i++)
        if (s->kind[i] == kind)
            return;
    if (s->nkinds < KINDS_MAX)
        s->kind[s->nkinds++] = kind;
}

static struct schema *member_of(struct arena *a, struct schema *s, struct str name)
{
    for (struct member *m = s->first; m; m = m->next)
        if (str_eq(m->name, name))
            return &m->schema;
    struct member *m = ARENA_NEW(a, struct member);
    m->name = name;
    if (s->last)
        s->last->next = m;
    else
        s->first = m;
    s->last = m;
    return &m->schema;
}

/* Depth is bounded by JSON_DEPTH_MAX. */
static void admit(struct arena *a, struct schema *s, struct str raw)
{
    static const char bag[] = "", array[] = "[";
    struct jiter it;
    struct str name, v;
    const char *type = type_of(raw);
    if (type)
        add_kind(s, type);
    if (!jiter_begin(&it, raw))
        return;
    add_kind(s, it.object ? bag : array);
    if (!it.object && !s->element)
        s->element = ARENA_NEW(a, struct schema);
    while (jiter_next(&it, &name, &v))
        admit(a, it.object ? member_of(a, s, name) : s->element, v);
}

static void put_schema(struct buf *b, const struct schema *s)
{
    if (s->nkinds != 1)
        buf_putc(b, '[');
    for (size_t i = 0; i < s->nkinds; i++) {
        if (i)
            buf_putc(b, ',');
        if (s->kind[i][0] == '[') {
            buf_puts(b, "{\"`indexer`\":");
            put_schema(b, s->element);
            buf_putc(b, '}');
        } else if (s->kind[i][0]) {
            buf_printf(b, "\"%s\"", s->kind[i]);
        } else {
            buf_putc(b, '{');
            for (const struct member *m = s->first; m; m = m->next) {
                if (m != s->first)
                    buf_putc(b, ',');
                buf_str(b, m->name);
                buf_putc(b, ':');
                put_schema(b, &m->schema);
            }
            buf_putc(b, '}');
        }
    }
    if (s->nkinds != 1)
        buf_putc(b, ']');
}

static bool build_schema(struct udf_call *c)
{
    struct arena *a = arena_new(0, "a schema");
    struct schema s = { 0 };
    for (size_t i = 0; i < c->arg[0].n; i++)
        if (c->arg[0].list[i].p)
            admit(a, &s, str_trim(c->arg[0].list[i]));
    put_schema(&c->out, &s);
    arena_free(a);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_build_schema", .body = build_schema },
};

const struct udf_set udf_schema_set = { functions, sizeof functions / sizeof *functions };
