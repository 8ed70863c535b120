/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data Explorer, v2: a list of frames. DataSetHeader first, DataTable for each table (the one of kind PrimaryResult is
 * the result), DataSetCompletion last: without it the stream was cut. Progressive frames are not asked for and refused.
 */
#include "reply_int.h"

struct frame {
    struct str type, kind;
    bool has_errors, cancelled;
};

static bool note_errors(struct reading *r, const cJSON *object)
{
    const cJSON *first = cJSON_GetArrayItem(json_get(object, "OneApiErrors"), 0),
                *error = json_get(first, "error");
    if (cJSON_IsObject(error))
        reply_partial_error(r, error);
    else
        reply_partial(r, STR("the query failed on its way"));
    return true;
}

/* Rows of QueryCompletionInformation: [..., Level, ..., EventTypeName, Payload]; level 2 and below is a failure. */
static void look_at_completion(struct reading *r, const cJSON *columns, const cJSON *rows)
{
    int level_at = -1, type_at = -1, text_at = -1, i = 0;
    const cJSON *column, *row;
    cJSON_ArrayForEach(column, columns)
    {
        struct str name = json_get_str(column, "ColumnName");
        level_at = str_eqz(name, "Level") ? i : level_at;
        type_at = str_eqz(name, "EventTypeName") ? i : type_at;
        text_at = str_eqz(name, "Payload") ? i : text_at;
        i++;
    }
    cJSON_ArrayForEach(row, rows)
    {
        const cJSON *level = level_at < 0 ? NULL : cJSON_GetArrayItem(row, level_at);
        const cJSON *type = type_at < 0 ? NULL : cJSON_GetArrayItem(row, type_at);
        const cJSON *text = text_at < 0 ? NULL : cJSON_GetArrayItem(row, text_at);
        if (!cJSON_IsString(text))
            continue;
        if (cJSON_IsNumber(level) && level->valueint <= 2)
            reply_partial(r, str_z(text->valuestring));
        else if (cJSON_IsString(type) && str_eqz(str_z(type->valuestring), "QueryResourceConsumption"))
            r->out->statistics = arena_str(r->arena, str_z(text->valuestring));
    }
}

static bool read_side(struct reading *r, const struct frame *f, cJSON **columns)
{
    cJSON *json = reply_tree(r);
    if (!json)
        return false;
    if (str_eqz(f->kind, "QueryCompletionInformation"))
        look_at_completion(r, *columns, json);
    cJSON_Delete(json);
    return true;
}

static bool take_text(struct reading *r, struct str *out)
{
    return jr_peek(&r->json) == JR_STRING ? jr_string(&r->json, r->arena, out) : jr_value(&r->json, NULL);
}

static bool take_flag(struct reading *r, bool *out)
{
    *out = jr_peek(&r->json) == JR_TRUE;
    return jr_value(&r->json, NULL);
}

static bool take_errors(struct reading *r)
{
    cJSON *json = reply_tree(r);
    const cJSON *error = json_get(cJSON_GetArrayItem(json, 0), "error");
    if (cJSON_IsObject(error))
        reply_partial_error(r, error);
    cJSON_Delete(json);
    return json != NULL;
}

static bool read_member(struct reading *r, struct frame *f, struct str key, cJSON **columns)
{
    bool primary = str_eqz(f->kind, "PrimaryResult") && !r->have_table;
    if (str_eqz(key, "FrameType"))
        return take_text(r, &f->type);
    if (str_eqz(key, "TableKind"))
        return take_text(r, &f->kind);
    if (str_eqz(key, "HasErrors"))
        return take_flag(r, &f->has_errors);
    if (str_eqz(key, "Cancelled"))
        return take_flag(r, &f->cancelled);
    if (str_eqz(key, "OneApiErrors"))
        return take_errors(r);
    if (str_eqz(key, "Columns") && primary)
        return reply_columns(r, "ColumnName", "ColumnType", "DataType");
    if (str_eqz(key, "Columns")) {
        cJSON_Delete(*columns);
        return (*columns = reply_tree(r)) != NULL;
    }
    if (str_eqz(key, "Rows"))
        return primary ? reply_rows(r, note_errors) : read_side(r, f, columns);
    return jr_value(&r->json, NULL);
}

static bool read_frame(struct reading *r, struct frame *f)
{
    struct str key;
    cJSON *columns = NULL;
    bool ok = true;
    for (bool more = jr_open(&r->json, '{'); ok && more;
         more = ok && !r->sink->enough && jr_more(&r->json, '}'))
        ok = jr_key(&r->json, r->arena, &key) && read_member(r, f, key, &columns);
    cJSON_Delete(columns);
    if (!ok || r->json.why || r->sink->enough)
        return ok && !r->json.why;
    if (str_eqz(f->type, "TableHeader"))
        return err_set(r->err, ERR_CONNECT,
                       "the reply comes in progressive frames, which were not asked for");
    return true;
}

bool reply_frames(struct reading *r)
{
    struct frame last = { 0 };
    if (jr_peek(&r->json) != JR_ARRAY)
        return r->json.why || jr_fail(&r->json, "it is no list of frames");
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        last = (struct frame){ 0 };
        if (!read_frame(r, &last))
            return false;
        if (r->sink->enough)
            return true;
    }
    if (!jr_end(&r->json))
        return false;
    if (!str_eqz(last.type, "DataSetCompletion")) {
        r->json.why = "its last frame is missing, so it was cut";
        r->json.cut = true;
        return false;
    }
    if (last.has_errors || last.cancelled)
        reply_partial(r,
                      last.cancelled ? STR("the query was cancelled") : STR("the query failed on its way"));
    return true;
}
