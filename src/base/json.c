/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON writer and the few readers that everybody needs over cJSON.
 */
#include "hb/json.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "hb/utf8.h"

void jw_init(struct jw *w, struct buf *out, bool indent)
{
    *w = (struct jw){ .out = out, .indent = indent };
}

static void newline(struct jw *w)
{
    if (!w->indent)
        return;
    buf_putc(w->out, '\n');
    buf_pad(w->out, ' ', (size_t)w->depth * 2);
}

static void before_value(struct jw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->need_comma[w->depth])
        buf_putc(w->out, ',');
    if (w->depth)
        newline(w);
    w->need_comma[w->depth] = true;
}

static void open(struct jw *w, char c)
{
    before_value(w);
    buf_putc(w->out, c);
    w->depth++;
    assert(w->depth < JW_DEPTH_MAX);
    w->need_comma[w->depth] = false;
}

static void close(struct jw *w, char c)
{
    bool had = w->need_comma[w->depth];
    w->depth--;
    assert(w->depth >= 0);
    if (had)
        newline(w);
    buf_putc(w->out, c);
}

void jw_obj(struct jw *w)
{
    open(w, '{');
}

void jw_end_obj(struct jw *w)
{
    close(w, '}');
}

void jw_arr(struct jw *w)
{
    open(w, '[');
}

void jw_end_arr(struct jw *w)
{
    close(w, ']');
}

void jw_keys(struct jw *w, struct str key)
{
    before_value(w);
    json_put_str(w->out, key);
    buf_puts(w->out, w->indent ? ": " : ":");
    w->after_key = true;
}

void jw_key(struct jw *w, const char *key)
{
    jw_keys(w, str_z(key));
}

void jw_str(struct jw *w, struct str s)
{
    before_value(w);
    json_put_str(w->out, s);
}

void jw_strz(struct jw *w, const char *z)
{
    if (z)
        jw_str(w, str_z(z));
    else
        jw_null(w);
}

void jw_i64(struct jw *w, int64_t v)
{
    before_value(w);
    buf_i64(w->out, v);
}

void jw_f64(struct jw *w, double v)
{
    before_value(w);
    if (isnan(v))
        buf_puts(w->out, "\"NaN\"");
    else if (isinf(v))
        buf_puts(w->out, v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    else
        buf_f64(w->out, v);
}

void jw_bool(struct jw *w, bool v)
{
    jw_raw(w, v ? STR("true") : STR("false"));
}

void jw_null(struct jw *w)
{
    jw_raw(w, STR("null"));
}

void jw_raw(struct jw *w, struct str json)
{
    before_value(w);
    buf_str(w->out, json);
}

/* Length of the escape needed at s[i], or 0: quote, backslash, controls, DEL, U+2028 and U+2029. */
static bool needs_escape(uint32_t cp)
{
    return cp < 0x20 || cp == '"' || cp == '\\' || cp == 0x7F || cp == 0x2028 || cp == 0x2029 ||
           cp == UTF8_BAD;
}

static void put_escape(struct buf *b, uint32_t cp)
{
    static const char letters[] = "b\bf\fn\nr\rt\t\"\"\\\\";
    if (cp == UTF8_BAD) {
        buf_puts(b, "\xEF\xBF\xBD");
        return;
    }
    for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
        if ((unsigned char)letters[i + 1] == cp) {
            buf_putc(b, '\\');
            buf_putc(b, letters[i]);
            return;
        }
    }
    buf_printf(b, "\\u%04x", (unsigned)cp);
}

/* What most texts are made of. */
static bool is_plain(char c)
{
    return (unsigned char)(c - 0x20) < 0x5F && c != '"' && c != '\\';
}

void json_put_str(struct buf *b, struct str s)
{
    size_t good = 0, i = 0;
    buf_reserve(b, s.n + 2);
    buf_putc(b, '"');
    while (i < s.n) {
        if (is_plain(s.p[i])) {
            i++;
            continue;
        }
        size_t at = i;
        uint32_t cp = utf8_next(s, &i);
        if (!needs_escape(cp))
            continue;
        buf_put(b, s.p + good, at - good);
        put_escape(b, cp);
        good = i;
    }
    buf_put(b, s.p + good, s.n - good);
    buf_putc(b, '"');
}

cJSON *json_parse(struct str text, struct err *err)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text.p, text.n, &end, false);
    if (!root) {
        size_t at = end && end >= text.p ? (size_t)(end - text.p) : 0;
        err_set(err, ERR_RUN, "not valid JSON at byte %zu", at);
        return NULL;
    }
    struct str rest = str_trim(str_sub(text, (size_t)(end - text.p), text.n));
    if (rest.n) {
        err_set(err, ERR_RUN, "text behind the JSON value at byte %zu", (size_t)(rest.p - text.p));
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}

const cJSON *json_get(const cJSON *obj, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(obj, key);
}

struct str json_get_str(const cJSON *obj, const char *key)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsString(v) ? str_z(v->valuestring) : STR("");
}

double json_get_num(const cJSON *obj, const char *key, double fallback)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsNumber(v) ? v->valuedouble : fallback;
}

bool json_get_bool(const cJSON *obj, const char *key, bool fallback)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsBool(v) ? cJSON_IsTrue(v) : fallback;
}
