/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and tables. To add a type: a row in `types`, a member in enum hb_type, and the casts of the compiler.
 */
#include "hb/table.h"

#include <assert.h>
#include <string.h>

struct type_row {
    const char *name;
    const char *aliases[5];
    bool text;
};

static const struct type_row types[HB_NTYPES] = {
    [HB_UNKNOWN] = { .name = "unknown" },
    [HB_BOOL] = { "bool", { "boolean" }, false },
    [HB_INT] = { "int", { "int32", "int8", "int16" }, false },
    [HB_LONG] = { "long", { "int64" }, false },
    [HB_REAL] = { "real", { "double", "float" }, false },
    [HB_DECIMAL] = { "decimal", { 0 }, true },
    [HB_DATETIME] = { "datetime", { "date" }, false },
    [HB_TIMESPAN] = { "timespan", { "time" }, false },
    [HB_STRING] = { "string", { 0 }, true },
    [HB_DYNAMIC] = { "dynamic", { "object" }, true },
    [HB_GUID] = { "guid", { "uuid", "uniqueid" }, true },
};

const char *hb_type_name(enum hb_type t)
{
    assert((int)t < HB_NTYPES);
    return types[t].name;
}

enum hb_type hb_type_parse(struct str name)
{
    for (int i = HB_BOOL; i < HB_NTYPES; i++) {
        enum hb_type t = (enum hb_type)i;
        if (str_eqz(name, types[t].name))
            return t;
        for (size_t k = 0; k < 5 && types[t].aliases[k]; k++)
            if (str_eqz(name, types[t].aliases[k]))
                return t;
    }
    return HB_UNKNOWN;
}

bool hb_type_is_text(enum hb_type t)
{
    return types[t].text;
}

struct table *table_new(struct arena *a, size_t ncols, size_t nrows)
{
    struct table *t = ARENA_NEW(a, struct table);
    *t = (struct table){ .arena = a, .ncols = ncols, .nrows = nrows };
    t->cols = ARENA_ARRAY(a, ncols, struct column);
    return t;
}

void table_set_column(struct table *t, size_t i, struct str name, enum hb_type type)
{
    struct column *c = &t->cols[i];
    assert(i < t->ncols && type != HB_UNKNOWN);
    c->name = arena_str(t->arena, name);
    c->type = type;
    if (type == HB_BOOL)
        c->v.b = ARENA_ARRAY(t->arena, t->nrows, bool);
    else if (type == HB_REAL)
        c->v.f = ARENA_ARRAY(t->arena, t->nrows, double);
    else if (hb_type_is_text(type))
        c->v.s = ARENA_ARRAY(t->arena, t->nrows, struct str);
    else
        c->v.i = ARENA_ARRAY(t->arena, t->nrows, int64_t);
}

size_t table_find(const struct table *t, struct str name)
{
    for (size_t i = 0; i < t->ncols; i++)
        if (str_eq(t->cols[i].name, name))
            return i;
    return SIZE_MAX;
}

void column_set_null(struct table *t, size_t col, size_t row)
{
    struct column *c = &t->cols[col];
    if (c->type == HB_STRING)
        return;
    if (!c->null)
        c->null = ARENA_ARRAY(t->arena, t->nrows, uint8_t);
    c->null[row] = 1;
}

void table_copy_value(struct table *to, size_t col, size_t row, const struct column *from, size_t from_row)
{
    struct column *c = &to->cols[col];
    if (column_is_null(from, from_row))
        column_set_null(to, col, row);
    else if (hb_type_is_text(c->type))
        c->v.s[row] = from->v.s[from_row];
    else if (c->type == HB_REAL)
        c->v.f[row] = from->v.f[from_row];
    else if (c->type == HB_BOOL)
        c->v.b[row] = from->v.b[from_row];
    else
        c->v.i[row] = from->v.i[from_row];
}
