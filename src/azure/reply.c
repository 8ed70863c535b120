/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies of the query services: what is not whole is never a result; what an error says.
 *
 * To read another form: src/azure/reply_<form>.c, a line in `forms`.
 */
#include "reply_int.h"

static reply_form *const forms[] = {
    [AZURE_TABLES] = reply_tables,
    [AZURE_FRAMES] = reply_frames,
    [AZURE_TABLES_V1] = reply_tables_v1,
    [AZURE_HUNTING] = reply_hunting,
};

bool azure_read_reply(struct arena *a, enum azure_form form, const struct azure_input *in,
                      struct azure_sink *sink, struct azure_result *out, struct err *err)
{
    struct reading r = {
        .arena = a, .chunk_arena = arena_new(0, "rows of a reply"), .sink = sink, .out = out, .err = err
    };
    *out = (struct azure_result){ 0 };
    jr_start(&r.json, in->more, in->ctx);
    bool ok = forms[form](&r);
    out->broken = !ok && r.json.cut && err->kind == ERR_NONE;
    if (!ok && r.json.why && err->kind == ERR_NONE)
        err_set(err, ERR_CONNECT, "the reply cannot be read: %s (at byte %zu)", r.json.why,
                jr_offset(&r.json));
    if (ok && !r.have_table && !sink->enough)
        ok = err_set(err, ERR_CONNECT, "the reply holds no table");
    jr_free(&r.json);
    buf_free(&r.text);
    arena_free(r.chunk_arena);
    return ok;
}

/* -- errors -- */

/* The innermost object that has a message. */
static const cJSON *innermost(const cJSON *error)
{
    const cJSON *best = error;
    for (int depth = 0; cJSON_IsObject(error) && depth < 32; depth++) {
        const cJSON *details = json_get(error, "details"), *inner = json_get(error, "innererror");
        if (json_get_str(error, "message").n || json_get_str(error, "@message").n)
            best = error;
        error = inner ? inner : json_get(error, "innerError");
        if (!error && cJSON_IsArray(details))
            error = cJSON_GetArrayItem(details, 0);
    }
    return best;
}

/* "on line [1,11]", "[line:position=2:5]": the place, when no member says it. */
static void place_in_text(struct azure_fault *f)
{
    static const struct str marks[] = { STR_INIT("[line:position="), STR_INIT("on line [") };
    for (size_t i = 0; i < sizeof marks / sizeof *marks && !f->line; i++) {
        size_t at = str_find(f->message, marks[i], 0);
        if (at == SIZE_MAX)
            continue;
        at += marks[i].n;
        size_t end = str_chr(f->message, ']', at), middle = at;
        while (middle < end && f->message.p[middle] != ':' && f->message.p[middle] != ',')
            middle++;
        if (!str_to_i64(str_sub(f->message, at, middle), &f->line) ||
            !str_to_i64(str_sub(f->message, middle + 1, end), &f->pos))
            f->line = f->pos = 0;
    }
}

void fault_describe(struct arena *a, const cJSON *error, struct azure_fault *out)
{
    const cJSON *inner = innermost(error);
    struct str code = json_get_str(error, "code"), deep = json_get_str(inner, "code");
    struct str message = json_get_str(inner, "@message");
    out->message = arena_str(a, message.n ? message : json_get_str(inner, "message"));
    out->code = deep.n && !str_eq(deep, code) ? arena_strf(a, "%.*s > %.*s", STR_ARG(code), STR_ARG(deep))
                                              : arena_str(a, code);
    out->line = (int64_t)json_get_num(inner, "line", 0);
    out->pos = (int64_t)json_get_num(inner, "pos", 0);
    place_in_text(out);
}

void azure_read_fault(struct arena *a, const struct http_reply *r, struct azure_fault *out)
{
    enum { FAULT_MAX = 1 << 20 };
    struct err ignored = ERR_INIT;
    *out = (struct azure_fault){ 0 };
    cJSON *json = r->body.n && r->body.n < FAULT_MAX ? json_parse(buf_view(&r->body), &ignored) : NULL;
    const cJSON *error = json ? json_get(json, "error") : NULL;
    if (cJSON_IsObject(error))
        fault_describe(a, error, out);
    cJSON_Delete(json);
}
