/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows as JSON Schema (draft 2020-12), for editors: completion, help, and the plainest mistakes while
 * typing.
 *
 * It says less than the reader checks: what a schema cannot say (names across cells, KQL) is left out, never
 * approximated.
 */
#include "playbook_int.h"

#include <string.h>

static const char expr_pattern[] = "^\\$\\{\\{[\\s\\S]*\\}\\}\\s*$";
static const char name_pattern[] = "^[A-Za-z_][A-Za-z0-9_]*$";
static const char timespan_pattern[] = "^-?[0-9.]+ *[a-z]+$|^-?([0-9]+\\.)?[0-9]+:[0-9]+(:[0-9.]+)?$";

static void put_type(struct jw *w, const char *type)
{
    jw_key(w, "type");
    jw_strz(w, type);
}

static void put_pattern(struct jw *w, const char *pattern)
{
    put_type(w, "string");
    jw_key(w, "pattern");
    jw_strz(w, pattern);
}

static void put_enum(struct jw *w, const struct field *f)
{
    jw_key(w, "enum");
    jw_arr(w);
    for (size_t i = 0; f->values[i]; i++) {
        jw_strz(w, f->values[i]);
        if (f->flags & FIELD_NOCASE) { /* as Sentinel writes them */
            char word[32];
            snprintf(word, sizeof word, "%s", f->values[i]);
            word[0] = (char)(word[0] - 'a' + 'A');
            jw_strz(w, word);
        }
    }
    jw_end_arr(w);
}

static void put_range(struct jw *w, const struct field *f)
{
    if (f->min == 0 && f->max == 0)
        return;
    jw_key(w, "minimum");
    jw_f64(w, f->min);
    jw_key(w, "maximum");
    jw_f64(w, f->max);
}

static void put_text_list(struct jw *w)
{
    static const char *const scalars[] = { "string", "number", "boolean" };
    jw_key(w, "type");
    jw_arr(w);
    for (size_t i = 0; i < 3; i++)
        jw_strz(w, scalars[i]);
    jw_end_arr(w);
}

/* The literal of an option, without the expression that may stand for it. */
static void put_literal(struct jw *w, const struct field *f)
{
    switch (f->type) {
    case FIELD_BOOL: put_type(w, "boolean"); break;
    case FIELD_INT:
        put_type(w, "integer");
        put_range(w, f);
        break;
    case FIELD_REAL:
    case FIELD_NUMBER:
        put_type(w, "number");
        put_range(w, f);
        break;
    case FIELD_TIMESPAN: put_pattern(w, timespan_pattern); break;
    default: put_text_list(w); break;
    }
}

static void put_option(struct jw *w, const struct field *f)
{
    bool computed = !(f->flags & FIELD_NO_EXPR) && f->type < FIELD_WORD;
    if (!computed && !f->values) {
        put_literal(w, f);
        return;
    }
    jw_key(w, "anyOf");
    jw_arr(w);
    jw_obj(w);
    put_literal(w, f);
    jw_end_obj(w);
    if (f->values) {
        jw_obj(w);
        put_enum(w, f);
        jw_end_obj(w);
    }
    if (computed) {
        jw_obj(w);
        put_pattern(w, expr_pattern);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void put_field(struct jw *w, const struct field *f);

static void put_properties(struct jw *w, const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].type == FIELD_REFUSED || fields[i].type == FIELD_CELLS)
            continue;
        jw_key(w, fields[i].key);
        jw_obj(w);
        put_field(w, &fields[i]);
        jw_end_obj(w);
    }
}

static void put_required(struct jw *w, const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fields[i].flags & FIELD_REQUIRED)
            jw_strz(w, fields[i].key);
}

/* x-... keys are allowed everywhere, others nowhere. */
static void put_closed(struct jw *w)
{
    jw_key(w, "patternProperties");
    jw_obj(w);
    jw_key(w, "^x-");
    jw_bool(w, true);
    jw_end_obj(w);
    jw_key(w, "additionalProperties");
    jw_bool(w, false);
}

static void put_object(struct jw *w, const struct field *fields, size_t n)
{
    put_type(w, "object");
    jw_key(w, "properties");
    jw_obj(w);
    put_properties(w, fields, n);
    jw_end_obj(w);
    jw_key(w, "required");
    jw_arr(w);
    put_required(w, fields, n);
    jw_end_arr(w);
    put_closed(w);
}

static void put_list(struct jw *w, const struct field *f)
{
    put_type(w, "array");
    jw_key(w, "items");
    jw_obj(w);
    put_field(w, f->fields);
    jw_end_obj(w);
    if (f->flags & FIELD_NONEMPTY) {
        jw_key(w, "minItems");
        jw_i64(w, 1);
    }
}

static void put_lone_list(struct jw *w, const struct field *f)
{
    jw_key(w, "anyOf");
    jw_arr(w);
    jw_obj(w);
    put_list(w, f);
    jw_end_obj(w);
    jw_obj(w);
    put_field(w, f->fields);
    jw_end_obj(w);
    jw_end_arr(w);
}

static void put_dict(struct jw *w, const struct field *f)
{
    put_type(w, "object");
    jw_key(w, "additionalProperties");
    jw_obj(w);
    if (!f->fields[0].key)
        put_field(w, &f->fields[0]);
    else
        put_object(w, f->fields, f->nfields);
    jw_end_obj(w);
}

static void put_shape(struct jw *w, const struct field *f)
{
    switch (f->type) {
    case FIELD_STRING: f->values ? put_enum(w, f) : put_text_list(w); break;
    case FIELD_NAME:
    case FIELD_CELL: put_pattern(w, name_pattern); break;
    case FIELD_PATTERN: put_pattern(w, f->pattern); break;
    case FIELD_KQL: put_type(w, "string"); break;
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_EXPR: put_text_list(w); break;
    case FIELD_ENUM: put_enum(w, f); break;
    case FIELD_LIST: f->flags &FIELD_LONE ? put_lone_list(w, f) : put_list(w, f); break;
    case FIELD_MAP: put_object(w, f->fields, f->nfields); break;
    case FIELD_DICT: put_dict(w, f); break;
    case FIELD_NODE:
    case FIELD_IGNORED:
    case FIELD_REFUSED:
    case FIELD_CELLS: break;
    default: put_option(w, f); break;
    }
}

static void put_field(struct jw *w, const struct field *f)
{
    jw_key(w, "description");
    jw_strz(w, f->help);
    if (f->def) {
        jw_key(w, "default");
        jw_strz(w, f->def);
    }
    put_shape(w, f);
}

static void put_cell(struct jw *w, const struct cell_schema *kind)
{
    jw_obj(w);
    jw_key(w, "title");
    jw_strz(w, kind->name);
    jw_key(w, "description");
    jw_strz(w, kind->help);
    put_type(w, "object");
    jw_key(w, "properties");
    jw_obj(w);
    for (size_t i = 0; i < cell_nfields; i++) {
        jw_key(w, cell_fields[i].key);
        jw_obj(w);
        if (strcmp(cell_fields[i].key, "type") == 0) {
            jw_key(w, "const");
            jw_strz(w, kind->name);
        } else {
            put_field(w, &cell_fields[i]);
        }
        jw_end_obj(w);
    }
    put_properties(w, kind->fields, kind->nfields);
    jw_end_obj(w);
    jw_key(w, "required");
    jw_arr(w);
    put_required(w, cell_fields, cell_nfields);
    put_required(w, kind->fields, kind->nfields);
    jw_end_arr(w);
    put_closed(w);
    jw_end_obj(w);
}

static void put_cells(struct jw *w, const struct cell_schema *kinds, size_t nkinds)
{
    jw_key(w, "cells");
    jw_obj(w);
    put_type(w, "array");
    jw_key(w, "minItems");
    jw_i64(w, 1);
    jw_key(w, "items");
    jw_obj(w);
    jw_key(w, "oneOf");
    jw_arr(w);
    for (size_t i = 0; i < nkinds; i++)
        put_cell(w, &kinds[i]);
    jw_end_arr(w);
    jw_end_obj(w);
    jw_end_obj(w);
}

void playbook_schema(struct buf *out, const struct cell_schema *kinds, size_t nkinds)
{
    struct jw w;
    jw_init(&w, out, true);
    jw_obj(&w);
    jw_key(&w, "$schema");
    jw_strz(&w, "https://json-schema.org/draft/2020-12/schema");
    jw_key(&w, "title");
    jw_strz(&w, "huntbook playbook, format version 1");
    put_type(&w, "object");
    jw_key(&w, "properties");
    jw_obj(&w);
    put_properties(&w, playbook_fields, playbook_nfields);
    put_cells(&w, kinds, nkinds);
    jw_end_obj(&w);
    jw_key(&w, "required");
    jw_arr(&w);
    put_required(&w, playbook_fields, playbook_nfields);
    jw_end_arr(&w);
    put_closed(&w);
    jw_end_obj(&w);
    buf_putc(out, '\n');
}
