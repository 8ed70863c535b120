/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Advanced hunting of Defender, by Graph and by the older API: {"schema":[{"name","type"}],"results":[{...}]}, with small
 * or capital letters. Rows are objects; columns stand in the order of the schema, and what a row does not name is null.
 */
#include <inttypes.h>
#include <string.h>

#include "reply_int.h"

/* Rows name their columns in the order of the schema, as a rule. */
static size_t find_column(const struct reading *r, struct str name, size_t guess)
{
    if (guess < r->ncols && str_eq(r->cols[guess].name, name))
        return guess;
    for (size_t i = 0; i < r->ncols; i++)
        if (str_eq(r->cols[i].name, name))
            return i;
    return SIZE_MAX;
}

static void null_rest(struct reading *r, const bool *seen)
{
    for (size_t i = 0; i < r->ncols; i++)
        if (!seen[i] && r->cols[i].type != HB_STRING)
            column_set_null(r->chunk, i, r->filled);
}

static bool read_member(struct reading *r, bool *seen, size_t *next)
{
    struct str key;
    if (!jr_key(&r->json, r->chunk_arena, &key))
        return false;
    size_t col = find_column(r, key, *next);
    if (col == SIZE_MAX && str_find(key, STR("@"), 0) != SIZE_MAX) /* an annotation of OData */
        return jr_value(&r->json, NULL);
    if (col == SIZE_MAX || seen[col])
        return err_set(r->err, ERR_CONNECT, "row %" PRId64 " of the reply has '%.*s' %s",
                       r->out->rows + (int64_t)r->filled + 1, STR_ARG(key),
                       col == SIZE_MAX ? "which is not in its schema" : "twice");
    seen[col] = true;
    *next = col + 1;
    return reply_cell(r, col);
}

static bool read_row(struct reading *r, bool *seen)
{
    size_t next = 0;
    memset(seen, 0, r->ncols);
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}'))
        if (!read_member(r, seen, &next))
            return false;
    if (r->json.why)
        return false;
    null_rest(r, seen);
    return reply_end_row(r);
}

static bool read_results(struct reading *r)
{
    bool *seen = ARENA_ARRAY(r->arena, r->ncols, bool);
    if (!r->ncols)
        return err_set(r->err, ERR_CONNECT, "the reply has results before their schema");
    reply_begin_rows(r);
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        if (!read_row(r, seen))
            return false;
        if (r->sink->enough)
            return true;
    }
    return reply_end_rows(r);
}

bool reply_hunting(struct reading *r)
{
    struct str key;
    if (jr_peek(&r->json) != JR_OBJECT)
        return r->json.why || jr_fail(&r->json, "it is no JSON object");
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool ok = str_eq_nocase(key, STR("schema")) && !r->ncols ? reply_columns(r, "name", "type", "")
                  : str_eq_nocase(key, STR("results")) && !r->have_table ? read_results(r)
                  : str_eq_nocase(key, STR("stats"))                     ? reply_statistics(r)
                                                                         : jr_value(&r->json, NULL);
        if (!ok)
            return false;
        if (r->sink->enough)
            return true;
    }
    return jr_end(&r->json);
}
