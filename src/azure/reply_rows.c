/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of replies, into chunks of a table.
 *
 * Invariant: a value is kept exactly or the reply is refused.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/decimal.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "reply_int.h"

enum { CHUNK_ROWS = 8192, CHUNK_BYTES = 4 << 20 };

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
    if (v->kind != JR_OBJECT && v->kind != JR_ARRAY)
        return jr_scalar(&r->json, r->chunk_arena, &v->s);
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
    if (!azure_is_guid(s))
        return false;
    *out = arena_lower(r->chunk_arena, s);
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

/* Exactly, or not at all. */
static bool read_decimal(const struct value *v, struct str *out)
{
    hb_decimal d;
    bool exact;
    *out = v->s;
    return (v->kind == JR_STRING || v->kind == JR_NUMBER) && decimal_parse(v->s, &d, &exact) && exact;
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

void reply_begin_rows(struct reading *r)
{
    arena_reset(r->chunk_arena);
    r->chunk = table_new(r->chunk_arena, r->ncols, CHUNK_ROWS);
    for (size_t i = 0; i < r->ncols; i++)
        table_set_column(r->chunk, i, r->cols[i].name, r->cols[i].type);
    r->filled = r->bytes = 0;
}

static bool flush(struct reading *r)
{
    r->chunk->nrows = r->filled;
    if (!r->sink->rows(r->sink->ctx, r->chunk, r->err))
        return false;
    r->out->rows += (int64_t)r->filled;
    return true;
}

static bool bad_value(struct reading *r, size_t col, const struct value *v)
{
    struct buf shown = BUF_INIT;
    enum hb_type type = r->cols[col].type;
    utf8_show(&shown, str_sub(v->s, 0, 60));
    err_set(r->err, ERR_CONNECT, "row %" PRId64 " of the reply: '%s' in column '%.*s' is no %s%s",
            r->out->rows + (int64_t)r->filled + 1, buf_z(&shown), STR_ARG(r->cols[col].name),
            hb_type_name(type), type == HB_DECIMAL ? ", or has more than 34 digits" : "");
    buf_free(&shown);
    return false;
}

bool reply_cell(struct reading *r, size_t col)
{
    struct value v;
    if (!read_value(r, &v))
        return false;
    r->bytes += v.s.n;
    return put_value(r, col, &v) || bad_value(r, col, &v);
}

bool reply_end_row(struct reading *r)
{
    r->filled++;
    if (r->filled < CHUNK_ROWS && r->bytes < CHUNK_BYTES)
        return true;
    if (!flush(r))
        return false;
    if (!r->sink->enough)
        reply_begin_rows(r);
    return true;
}

bool reply_end_rows(struct reading *r)
{
    if (r->json.why)
        return false;
    r->have_table = true;
    return (r->filled == 0 && r->out->rows > 0) || flush(r);
}

static bool read_row(struct reading *r)
{
    size_t n = 0;
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']'), n++)
        if (n < r->ncols ? !reply_cell(r, n) : !jr_value(&r->json, NULL))
            return false;
    if (r->json.why)
        return false;
    if (n != r->ncols)
        return err_set(r->err, ERR_CONNECT, "row %" PRId64 " of the reply has %zu values for %zu columns",
                       r->out->rows + (int64_t)r->filled + 1, n, r->ncols);
    return reply_end_row(r);
}

static bool read_stray(struct reading *r, bool (*stray)(struct reading *r, const cJSON *object))
{
    cJSON *json = reply_tree(r);
    bool ok = json && stray(r, json);
    cJSON_Delete(json);
    return ok;
}

bool reply_rows(struct reading *r, bool (*stray)(struct reading *r, const cJSON *object))
{
    if (!r->ncols)
        return err_set(r->err, ERR_CONNECT, "the reply has rows before their columns");
    reply_begin_rows(r);
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']')) {
        bool odd = stray && jr_peek(&r->json) == JR_OBJECT;
        if (odd ? !read_stray(r, stray) : !read_row(r))
            return false;
        if (r->sink->enough)
            return true;
    }
    return reply_end_rows(r);
}

/* -- columns -- */

static const struct {
    struct str name;
    enum hb_type type;
} dotnet[] = {
    { STR_INIT("sbyte"), HB_BOOL },         { STR_INIT("boolean"), HB_BOOL },
    { STR_INIT("int16"), HB_INT },          { STR_INIT("uint16"), HB_INT },
    { STR_INIT("byte"), HB_INT },           { STR_INIT("int32"), HB_INT },
    { STR_INIT("uint32"), HB_LONG },        { STR_INIT("int64"), HB_LONG },
    { STR_INIT("single"), HB_REAL },        { STR_INIT("double"), HB_REAL },
    { STR_INIT("sqldecimal"), HB_DECIMAL }, { STR_INIT("decimal"), HB_DECIMAL },
    { STR_INIT("datetime"), HB_DATETIME },  { STR_INIT("datetimeoffset"), HB_DATETIME },
    { STR_INIT("timespan"), HB_TIMESPAN },  { STR_INIT("string"), HB_STRING },
    { STR_INIT("guid"), HB_GUID },          { STR_INIT("object"), HB_DYNAMIC },
    { STR_INIT("dynamic"), HB_DYNAMIC },
};

static enum hb_type type_of(struct str name)
{
    static const struct str system = STR_INIT("System."), sql = STR_INIT("Data.SqlTypes.");
    enum hb_type type = hb_type_parse(name);
    if (str_starts(name, system))
        name = str_sub(name, system.n, name.n);
    if (str_starts(name, sql))
        name = str_sub(name, sql.n, name.n);
    for (size_t i = 0; type == HB_UNKNOWN && i < sizeof dotnet / sizeof *dotnet; i++)
        if (str_eq_nocase(name, dotnet[i].name))
            type = dotnet[i].type;
    return type;
}

bool reply_add_column(struct reading *r, struct str name, struct str type)
{
    struct reply_column *c = VEC_PUSH(r->arena, r->cols, r->ncols, r->cols_cap);
    *c = (struct reply_column){ .name = arena_str(r->arena, name), .type = type_of(type) };
    return c->type != HB_UNKNOWN ||
           err_set(r->err, ERR_CONNECT, "column '%.*s' of the reply has the unknown type '%.*s'",
                   STR_ARG(name), STR_ARG(type));
}

static bool read_column(struct reading *r, const char *name_key, const char *type_key, const char *type_key2)
{
    struct str key, name = STR(""), type = STR(""), type2 = STR("");
    for (bool more = jr_open(&r->json, '{'); more; more = jr_more(&r->json, '}')) {
        if (!jr_key(&r->json, r->arena, &key))
            return false;
        struct str *to = str_eq_nocase(key, str_z(name_key))    ? &name
                         : str_eq_nocase(key, str_z(type_key))  ? &type
                         : str_eq_nocase(key, str_z(type_key2)) ? &type2
                                                                : NULL;
        bool text = to && jr_peek(&r->json) == JR_STRING;
        if (text ? !jr_string(&r->json, r->arena, to) : !jr_value(&r->json, NULL))
            return false;
    }
    return !r->json.why && reply_add_column(r, name, type.n ? type : type2);
}

bool reply_columns(struct reading *r, const char *name_key, const char *type_key, const char *type_key2)
{
    for (bool more = jr_open(&r->json, '['); more; more = jr_more(&r->json, ']'))
        if (!read_column(r, name_key, type_key, type_key2))
            return false;
    return !r->json.why;
}

/* -- beside the rows -- */

cJSON *reply_tree(struct reading *r)
{
    struct buf text = { .max = SIDE_MAX };
    struct err ignored = ERR_INIT;
    cJSON *json = NULL;
    if (jr_value(&r->json, &text) && !text.too_big)
        json = json_parse(buf_view(&text), &ignored);
    if (!json && !r->json.why)
        err_set(r->err, ERR_CONNECT, "a part of the reply beside its rows is too large or too deep");
    buf_free(&text);
    return json;
}

bool reply_statistics(struct reading *r)
{
    struct buf text = { .max = SIDE_MAX };
    bool ok = jr_value(&r->json, &text);
    if (!text.too_big)
        r->out->statistics = buf_to_arena(&text, r->arena);
    buf_free(&text);
    return ok;
}

void reply_partial(struct reading *r, struct str text)
{
    if (!r->out->partial)
        r->out->partial_text = arena_str(r->arena, text);
    r->out->partial = true;
}

void reply_partial_error(struct reading *r, const cJSON *error)
{
    struct azure_fault fault = { 0 };
    fault_describe(r->arena, error, &fault);
    reply_partial(r, arena_strf(r->arena, "%.*s%s%.*s", STR_ARG(fault.code),
                                fault.code.n && fault.message.n ? ": " : "", STR_ARG(fault.message)));
}
