/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies of the query services: what is not whole is never a result; what an error says.
 *
 * To read another form: src/azure/reply_<form>.c, a line in `readers`.
 */
#include "reply_int.h"

static reply_form *const readers[] = {
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
    bool ok = readers[form](&r);
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

static bool read_place(struct str s, size_t *at, int64_t *out)
{
    size_t from = *at;
    while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
        ++*at;
    return str_to_i64(str_sub(s, from, *at), out) && *out >= 1 && *out <= INT32_MAX;
}

/* How services write the place into their texts, when no member says it. */
static void place_in_text(struct azure_fault *f)
{
    static const struct {
        struct str before, between;
    } forms[] = { { STR_INIT("[line:position="), STR_INIT(":") },
                  { STR_INIT("on line ["), STR_INIT(",") },
                  { STR_INIT("at line "), STR_INIT(", position ") } };
    for (size_t i = 0; i < sizeof forms / sizeof *forms && !f->line; i++) {
        size_t at = str_find(f->message, forms[i].before, 0);
        if (at == SIZE_MAX)
            continue;
        at += forms[i].before.n;
        bool ok = read_place(f->message, &at, &f->line) &&
                  str_starts(str_sub(f->message, at, f->message.n), forms[i].between);
        at += forms[i].between.n;
        if (!ok || !read_place(f->message, &at, &f->pos))
            f->line = f->pos = 0;
    }
}

/* A number of lines or characters that can be; else 0. */
static int64_t place_member(const cJSON *error, const char *key)
{
    double v = json_get_num(error, key, 0);
    return v >= 1 && v <= INT32_MAX ? (int64_t)v : 0;
}

void fault_describe(struct arena *a, const cJSON *error, struct azure_fault *out)
{
    const cJSON *inner = innermost(error);
    struct str code = json_get_str(error, "code"), deep = json_get_str(inner, "code");
    struct str message = json_get_str(inner, "@message");
    out->message = arena_str(a, message.n ? message : json_get_str(inner, "message"));
    out->code = deep.n && !str_eq(deep, code) ? arena_strf(a, "%.*s > %.*s", STR_ARG(code), STR_ARG(deep))
                                              : arena_str(a, code);
    out->line = place_member(inner, "line");
    out->pos = place_member(inner, "pos");
    if (!out->line || !out->pos)
        out->line = out->pos = 0;
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
