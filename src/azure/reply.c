/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies of the query services: rows with their types, partial results, errors.
 *
 * Invariant: a value is kept exactly or the reply is refused; a body that is not whole is never a result.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/azure.h"
#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "json_read.h"

enum { CHUNK_ROWS = 8192 };

struct reading {
    struct arena *arena, *chunk_arena;
    struct jr json;
    const struct azure_sink *sink;
    struct azure_result *out;
    struct err *err;
    struct column *cols; /* names and types */
    size_t ncols, cols_cap;
    bool have_columns, have_table;
    struct table *chunk;
    size_t filled;
    struct buf text;
};

/* -- values -- */

struct value {
    enum jr_kind kind;
    struct str s; /* JR_STRING: decoded; else its JSON without needless blanks */
};

static bool read_value(struct reading *r, struct value *v)
{
    v->kind = jr_peek(&r->json);
    if (v->kind == JR_STRING)
        return jr_string(&r->json, r->chunk_arena, &v->s);
    buf_clear(&r->text);
    if (!jr_value(&r->json, &r->text))
        return false;
    v->s = buf_to_arena(&r->text, r->chunk_arena);
    return true;
}

static bool read_bool(const struct value *v, bool *out)
{
    *out = v->kind == JR_TRUE || (v->kind == JR_NUMBER && str_eqz(v->s, "1"));
    return v->kind == JR_TRUE || v->kind == JR_FALSE ||
           (v->kind == JR_NUMBER && (str_eqz(v->s, "0") || str_eqz(v->s, "1")));
}

static bool read_whole(const struct value *v, enum hb_type type, int64_t *out)
{
    if ((v->kind != JR_NUMBER && v->kind != JR_STRING) || !str_to_i64(v->s, out))
        return false;
    return type == HB_LONG || (*out >= INT32_MIN && *out <= INT32_MAX);
}

static bool read_real(const struct value *v, double *out)
{
    static const struct {
        struct str name;
        double v;
    } names[] = { { STR_INIT("NaN"), __builtin_nan("") },
                  { STR_INIT("Infinity"), __builtin_inf() },
                  { STR_INIT("-Infinity"), -__builtin_inf() } };
    if (v->kind == JR_STRING)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_eq(v->s, names[i].name)) {
                *out = names[i].v;
                return true;
            }
    return (v->kind == JR_NUMBER || v->kind == JR_STRING) && str_to_f64(v->s, out);
}

static bool read_guid(struct reading *r, struct str s, struct str *out)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    char *copy = arena_strdup(r->chunk_arena, form);
    if (s.n != sizeof form - 1)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c + 32);
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (form[i] == '-' ? c != '-' : !hex)
            return false;
        copy[i] = c;
    }
    *out = (struct str){ copy, s.n };
    return true;
}

/* A text that holds JSON is that JSON; any other text is itself. */
static void read_dynamic(struct reading *r, const struct value *v, struct str *out)
{
    *out = v->s;
    if (v->kind != JR_STRING)
        return;
    struct jr inner = jr_init(v->s);
    buf_clear(&r->text);
    if (!jr_value(&inner, &r->text) || !jr_end(&inner)) {
        buf_clear(&r->text);
        json_put_str(&r->text, v->s);
    }
    *out = buf_to_arena(&r->text, r->chunk_arena);
}

static bool read_decimal(const struct value *v, struct str *out)
{
    double ignored;
    *out = v->s;
    return (v->kind == JR_STRING || v->kind == JR_NUMBER) && str_to_f64(v->s, &ignored);
}

static bool put_value(struct reading *r, size_t col, const struct value *v)
{
    struct column *c = &r->chunk->cols[col];
    size_t row = r->filled;
    bool text = v->kind == JR_STRING;
    if (v->kind == JR_NULL) {
        if (c->type != HB_STRING)
            column_set_null(r->chunk, col, row);
        return true;
    }
    switch (c->type) {
    case HB_BOOL: return read_bool(v, &c->v.b[row]);
    case HB_INT:
    case HB_LONG: return read_whole(v, c->type, &c->v.i[row]);
    case HB_REAL: return read_real(v, &c->v.f[row]);
    case HB_DECIMAL: return read_decimal(v, &c->v.s[row]);
    case HB_DATETIME: return text && ticks_parse_iso(v->s, &c->v.i[row]);
    case HB_TIMESPAN: return text && timespan_parse(v->s, &c->v.i[row]);
    case HB_GUID: return text && read_guid(r, v->s, &c->v.s[row]);
    case HB_DYNAMIC: read_dynamic(r, v, &c->v.s[row]); return true;
    default: c->v.s[row] = v->s; return true;
    }
}

/* -- rows -- */

static void new_chunk(struct reading *r, size_t rows)
{
    arena_reset(r->chunk_arena);
    r->chunk = table_new(r->chunk_arena, r->ncols, rows);
    for (size_t i = 0; i < r->ncols; i++)
        table_set_column(r->chunk, i, r->cols[i].name, r->cols[i].type);
    r->filled = 0;
}

static bool flush(struct reading *r)
{
    r->chunk->nrows = r->filled;
    if (!r->sink->rows(r->sink->ctx, r->chunk, r->err))
        return false;
    r->out->rows += (int64_t)r->filled;
    new_chunk(r, CHUNK_ROWS);
    return true;
}

static bool bad_value(struct reading *r, size_t col, const struct value *v)
{
    struct buf shown = BUF_INIT;
    utf8_show(&shown, str_sub(v->s, 0, 60));
    err_set(r->err, ERR_CONNECT, "row %" PRId64 " of the reply: '%s' in column '%.*s' is no %s",
            r->out->rows + (int64_t)r->filled + 1, buf_z(&shown), STR_ARG(r->cols[col].name),
            hb_type_name(r->cols[col].type));
    buf_free(&shown);
    return false;
}

static bool read_row(struct reading *r)
{
    size_t n = 0;
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']'), n++) {
        struct value v;
        if (!read_value(r, &v))
            return false;
        if (n < r->ncols && !put_value(r, n, &v))
            return bad_value(r, n, &v);
    }
    if (r->json.why)
        return false;
    if (n != r->ncols)
        return err_set(r->err, ERR_CONNECT, "row %" PRId64 " of the reply has %zu values for %zu columns",
                       r->out->rows + (int64_t)r->filled + 1, n, r->ncols);
    r->filled++;
    return true;
}

static bool read_rows(struct reading *r)
{
    if (!r->have_columns)
        return err_set(r->err, ERR_CONNECT, "the reply has rows before their columns");
    new_chunk(r, CHUNK_ROWS);
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        if (!read_row(r) || (r->filled == CHUNK_ROWS && !flush(r)))
            return false;
    }
    if (r->json.why)
        return false;
    r->have_table = true;
    return (r->filled == 0 && r->out->rows > 0) || flush(r);
}

/* -- columns -- */

static bool read_column(struct reading *r)
{
    struct str key, name = STR(""), type = STR("");
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool is_name = str_eqz(key, "name"), is_type = str_eqz(key, "type");
        if (is_name || is_type ? !jr_string(&r->json, r->arena, is_name ? &name : &type)
                               : !jr_value(&r->json, NULL))
            return false;
    }
    if (r->json.why)
        return false;
    struct column *c = VEC_PUSH(r->arena, r->cols, r->ncols, r->cols_cap);
    *c = (struct column){ .name = name, .type = hb_type_parse(type) };
    if (c->type == HB_UNKNOWN)
        return err_set(r->err, ERR_CONNECT, "column '%.*s' of the reply has the unknown type '%.*s'",
                       STR_ARG(name), STR_ARG(type));
    return true;
}

static bool read_columns(struct reading *r)
{
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']'))
        if (!read_column(r))
            return false;
    r->have_columns = !r->json.why;
    return r->have_columns;
}

static bool read_table(struct reading *r)
{
    struct str key;
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool ok = str_eqz(key, "columns") ? read_columns(r)
                  : str_eqz(key, "rows")  ? read_rows(r)
                                          : jr_value(&r->json, NULL);
        if (!ok)
            return false;
    }
    return !r->json.why;
}

/* The first table is the result; what stands behind it is counted. */
static bool read_all_tables(struct reading *r)
{
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        if (r->have_table ? !jr_value(&r->json, NULL) : !read_table(r))
            return false;
        r->out->other_tables++;
    }
    r->out->other_tables -= r->out->other_tables > 0;
    return !r->json.why;
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

static void describe(struct arena *a, const cJSON *error, struct azure_fault *out)
{
    const cJSON *inner = innermost(error);
    struct str code = json_get_str(error, "code"), deep = json_get_str(inner, "code");
    struct str message = json_get_str(inner, "@message");
    out->message = arena_str(a, message.n ? message : json_get_str(inner, "message"));
    out->code = deep.n && !str_eq(deep, code) ? arena_strf(a, "%.*s > %.*s", STR_ARG(code), STR_ARG(deep))
                                              : arena_str(a, code);
    out->line = (int64_t)json_get_num(inner, "line", 0);
    out->pos = (int64_t)json_get_num(inner, "pos", 0);
}

void azure_read_fault(struct arena *a, const struct http_reply *r, struct azure_fault *out)
{
    enum { FAULT_MAX = 1 << 20 };
    struct err ignored = ERR_INIT;
    *out = (struct azure_fault){ 0 };
    cJSON *json = r->body.n && r->body.n < FAULT_MAX ? json_parse(buf_view(&r->body), &ignored) : NULL;
    const cJSON *error = json ? json_get(json, "error") : NULL;
    if (cJSON_IsObject(error))
        describe(a, error, out);
    cJSON_Delete(json);
}

static bool read_partial(struct reading *r)
{
    struct azure_fault fault = { 0 };
    buf_clear(&r->text);
    if (!jr_value(&r->json, &r->text))
        return false;
    cJSON *json = json_parse(buf_view(&r->text), r->err);
    if (!json)
        return false;
    r->out->partial = cJSON_IsObject(json);
    if (r->out->partial)
        describe(r->arena, json, &fault);
    r->out->partial_text = arena_strf(r->arena, "%.*s: %.*s", STR_ARG(fault.code), STR_ARG(fault.message));
    cJSON_Delete(json);
    return true;
}

static bool read_reply(struct reading *r)
{
    struct str key;
    if (jr_peek(&r->json) != JR_OBJECT)
        return err_set(r->err, ERR_CONNECT, "the reply is no JSON object");
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        bool ok = str_eqz(key, "tables") && !r->have_table ? read_all_tables(r)
                  : str_eqz(key, "error")                  ? read_partial(r)
                                                           : jr_value(&r->json, NULL);
        if (!ok)
            return false;
    }
    return jr_end(&r->json);
}

bool azure_read_tables(struct arena *a, struct str body, const struct azure_sink *sink,
                       struct azure_result *out, struct err *err)
{
    struct reading r = { .arena = a,
                         .chunk_arena = arena_new(0, "rows of a reply"),
                         .json = jr_init(body),
                         .sink = sink,
                         .out = out,
                         .err = err,
                         .text = BUF_INIT };
    *out = (struct azure_result){ 0 };
    bool ok = read_reply(&r);
    if (!ok && r.json.why && err->kind == ERR_NONE)
        err_set(err, ERR_CONNECT, "the reply cannot be read: %s (byte %zu of %zu)", r.json.why,
                (size_t)(r.json.p - body.p), body.n);
    if (ok && !r.have_table)
        ok = err_set(err, ERR_CONNECT, "the reply holds no table");
    buf_free(&r.text);
    arena_free(r.chunk_arena);
    return ok;
}
