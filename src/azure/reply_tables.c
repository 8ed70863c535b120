/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log Analytics: {"tables":[{"name","columns":[{"name","type"}],"rows":[[...]]}],"statistics":{},"error":{}}. The first
 * table is the result; an error beside it says that rows are missing. And v1 of Data Explorer, which is much the same:
 * {"Tables":[{"TableName","Columns":[{"ColumnName","ColumnType","DataType"}],"Rows":[[...]]}]}; a later table may hold a
 * status.
 */
#include "reply_int.h"

static bool note_exceptions(struct reading *r, const cJSON *object)
{
    const cJSON *list = json_get(object, "Exceptions"), *errors = json_get(object, "OneApiErrors");
    const cJSON *first = cJSON_GetArrayItem(list, 0),
                *error = json_get(cJSON_GetArrayItem(errors, 0), "error");
    if (cJSON_IsObject(error))
        reply_partial_error(r, error);
    else
        reply_partial(r, str_z(cJSON_IsString(first) ? first->valuestring : "the query failed on its way"));
    return true;
}

/* {"Columns":[{"ColumnName":"Severity"}...],"Rows":[[4,...]]}: 2 and below is a failure. */
static void look_for_status(struct reading *r, const cJSON *table)
{
    const cJSON *column, *row, *columns = json_get(table, "Columns");
    int i = 0, severity = -1, text = -1;
    cJSON_ArrayForEach(column, columns)
    {
        struct str name = json_get_str(column, "ColumnName");
        severity = str_eqz(name, "Severity") ? i : severity;
        text = str_eqz(name, "StatusDescription") ? i : text;
        i++;
    }
    cJSON_ArrayForEach(row, json_get(table, "Rows"))
    {
        const cJSON *level = severity < 0 ? NULL : cJSON_GetArrayItem(row, severity);
        const cJSON *why = text < 0 ? NULL : cJSON_GetArrayItem(row, text);
        if (cJSON_IsNumber(level) && level->valueint <= 2)
            reply_partial(r, str_z(cJSON_IsString(why) ? why->valuestring : "the query failed on its way"));
    }
}

static bool read_table(struct reading *r, bool v1)
{
    struct str key;
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool ok = str_eqz(key, v1 ? "Columns" : "columns")
                      ? reply_columns(r, v1 ? "ColumnName" : "name", v1 ? "ColumnType" : "type", "DataType")
                  : str_eqz(key, v1 ? "Rows" : "rows") ? reply_rows(r, v1 ? note_exceptions : NULL)
                                                       : jr_value(&r->json, NULL);
        if (!ok)
            return false;
        if (r->sink->enough)
            return true;
    }
    return !r->json.why;
}

static bool look_at_table(struct reading *r, bool v1)
{
    if (!v1)
        return jr_value(&r->json, NULL);
    cJSON *table = reply_tree(r);
    if (table)
        look_for_status(r, table);
    cJSON_Delete(table);
    return table != NULL;
}

static bool read_list(struct reading *r, bool v1)
{
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        if (r->have_table ? !look_at_table(r, v1) : !read_table(r, v1))
            return false;
        if (r->sink->enough)
            return true;
    }
    return !r->json.why;
}

static bool read_beside(struct reading *r, struct str key, bool v1)
{
    bool is_error = str_eqz(key, "error"), is_statistics = str_eqz(key, "statistics");
    if (!is_error && !is_statistics && !(v1 && str_eqz(key, "Exceptions")))
        return jr_value(&r->json, NULL);
    if (is_statistics)
        return reply_statistics(r);
    cJSON *json = reply_tree(r);
    if (cJSON_IsObject(json))
        reply_partial_error(r, json);
    else if (cJSON_IsArray(json) && cJSON_GetArraySize(json))
        reply_partial(r, STR("the query failed on its way"));
    cJSON_Delete(json);
    return json != NULL;
}

static bool read_reply(struct reading *r, bool v1)
{
    struct str key;
    if (jr_peek(&r->json) != JR_OBJECT)
        return r->json.why || jr_fail(&r->json, "it is no JSON object");
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool tables = str_eqz(key, v1 ? "Tables" : "tables") && !r->have_table;
        if (tables ? !read_list(r, v1) : !read_beside(r, key, v1))
            return false;
        if (r->sink->enough)
            return true;
    }
    return jr_end(&r->json);
}

bool reply_tables(struct reading *r)
{
    return read_reply(r, false);
}

bool reply_tables_v1(struct reading *r)
{
    return read_reply(r, true);
}
