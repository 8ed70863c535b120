/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dynamic values: reaching in, turning elements into typed values, reading JSON text.
 *
 * What is not there and JSON null both come out as NULL. Conversions follow the element: "42", 42 and true are numbers.
 */
#include <math.h>
#include <string.h>

#include "hb/json.h"
#include "hb/map.h"
#include "hb/ticks.h"
#include "jscan.h"
#include "udf.h"
#include "udf_fold.h"

/* ---- Reaching in ---- */

static bool give_raw(struct udf_call *c, bool found, struct str raw)
{
    if (!found || json_is_null(raw))
        return false;
    buf_str(&c->out, raw);
    return true;
}

static bool get_member(struct udf_call *c)
{
    struct str v = { NULL, 0 };
    return give_raw(c, json_member(c->arg[0].s, c->arg[1].s, &v), v);
}

static bool get_element(struct udf_call *c)
{
    struct str v = { NULL, 0 };
    return give_raw(c, json_element(c->arg[0].s, c->arg[1].i, &v), v);
}

static bool get_path(struct udf_call *c)
{
    struct str v;
    return give_raw(c, json_pointer(c->arg[0].s, c->arg[1].s, &v), v);
}

static bool put_dyn_text(struct udf_call *c, struct str raw)
{
    if (json_is_null(raw))
        return false;
    json_put_plain(&c->out, raw);
    return true;
}

static bool get_path_text(struct udf_call *c)
{
    struct str v;
    return !c->arg[0].null && !c->arg[1].null && json_pointer(c->arg[0].s, c->arg[1].s, &v) &&
           put_dyn_text(c, v);
}

static bool dyn_text(struct udf_call *c)
{
    return !c->arg[0].null && put_dyn_text(c, c->arg[0].s);
}

/* ---- Typed values of elements ---- */

/* The text of a string element, in tmp[0]. */
static struct str element_text(struct udf_call *c)
{
    c->tmp[0].n = 0;
    json_put_plain(&c->tmp[0], c->arg[0].s);
    return buf_view(&c->tmp[0]);
}

static bool number_to_long(struct str raw, int64_t *out)
{
    double real;
    return str_to_i64(raw, out) || (str_to_f64(raw, &real) && real_to_long(real, out));
}

static bool dyn_long(struct udf_call *c)
{
    struct str raw = str_trim(c->arg[0].s);
    switch (json_kind(raw)) {
    case '0': return number_to_long(raw, &c->i);
    case '"': return text_to_long(element_text(c), &c->i);
    case 't':
    case 'f': c->i = json_kind(raw) == 't'; return true;
    default: return false;
    }
}

static bool dyn_int(struct udf_call *c)
{
    if (!dyn_long(c))
        return false;
    c->i = (int32_t)(uint32_t)(uint64_t)c->i;
    return true;
}

static bool dyn_bool(struct udf_call *c)
{
    double real;
    struct str raw = str_trim(c->arg[0].s);
    switch (json_kind(raw)) {
    case '0':
        if (!str_to_f64(raw, &real))
            return false;
        c->b = real != 0;
        return true;
    case '"': return text_to_bool(element_text(c), &c->b);
    case 't':
    case 'f': c->b = json_kind(raw) == 't'; return true;
    default: return false;
    }
}

static bool dyn_real(struct udf_call *c)
{
    struct str raw = str_trim(c->arg[0].s);
    switch (json_kind(raw)) {
    case '0': return str_to_f64(raw, &c->f);
    case '"':
        return str_chr(element_text(c), 'x', 0) == c->tmp[0].n && text_to_real(buf_view(&c->tmp[0]), &c->f);
    case 't':
    case 'f': c->f = json_kind(raw) == 't'; return true;
    default: return false;
    }
}

static bool dyn_decimal(struct udf_call *c)
{
    char kind = json_kind(c->arg[0].s);
    return (kind == '0' || kind == '"') && text_to_decimal(element_text(c), &c->d);
}

static bool dyn_datetime(struct udf_call *c)
{
    struct str raw = str_trim(c->arg[0].s);
    char kind = json_kind(raw);
    return (kind == '"' && ticks_parse(element_text(c), &c->i)) ||
           (kind == '0' && number_to_long(raw, &c->i) && c->i >= 0 && c->i <= TICKS_MAX);
}

static bool dyn_timespan(struct udf_call *c)
{
    struct str raw = str_trim(c->arg[0].s);
    char kind = json_kind(raw);
    return (kind == '"' && timespan_parse(element_text(c), &c->i)) ||
           (kind == '0' && number_to_long(raw, &c->i));
}

static bool dyn_guid(struct udf_call *c)
{
    return json_kind(c->arg[0].s) == '"' && text_to_guid(element_text(c), &c->d);
}

static bool dyn_type(struct udf_call *c)
{
    int64_t whole;
    char kind = c->arg[0].null ? 'n' : json_kind(c->arg[0].s);
    const char *name = "null";
    switch (kind) {
    case '{': name = "dictionary"; break;
    case '[': name = "array"; break;
    case '"': name = "string"; break;
    case 't':
    case 'f': name = "bool"; break;
    case '0': name = str_to_i64(str_trim(c->arg[0].s), &whole) ? "long" : "real"; break;
    default: break;
    }
    buf_puts(&c->out, name);
    return true;
}

static bool dyn_canon(struct udf_call *c)
{
    if (c->arg[0].null || json_is_null(c->arg[0].s))
        return false;
    json_put_canon(&c->out, c->arg[0].s);
    return true;
}

static bool dyn_pretty(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    json_put_sorted(&c->out, c->arg[0].s);
    return true;
}

static bool parse_text(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    if (s.n == 0)
        return false;
    if (!json_compact(&c->out, s))
        json_put_str(&c->out, s);
    return !json_is_null(buf_view(&c->out));
}

/* ---- in (dynamic) ---- */

static struct str canon_key(struct arena *a, struct str raw, bool fold)
{
    struct buf canon = BUF_INIT, folded = BUF_INIT;
    json_put_canon(&canon, raw);
    if (fold)
        fold_put(&folded, buf_view(&canon));
    struct str key = buf_to_arena(fold ? &folded : &canon, a);
    buf_free(&canon);
    buf_free(&folded);
    return key;
}

static void *prepare_values(struct arena *a, struct str raw, bool fold)
{
    struct map *set = ARENA_NEW(a, struct map);
    struct jiter it;
    struct str value;
    map_init(set, a);
    if (!jiter_begin(&it, raw) || it.object) {
        map_set(set, canon_key(a, raw, fold), set);
        return set;
    }
    while (jiter_next(&it, NULL, &value))
        map_set(set, canon_key(a, value, fold), set);
    return set;
}

static void *prepare_in(struct arena *a, struct str raw)
{
    return prepare_values(a, raw, false);
}

static void *prepare_in_ci(struct arena *a, struct str raw)
{
    return prepare_values(a, raw, true);
}

static bool in_values(struct udf_call *c)
{
    json_put_canon(&c->tmp[0], c->arg[0].s);
    c->b = map_get(c->prep, buf_view(&c->tmp[0])) != NULL;
    return true;
}

static bool in_values_ci(struct udf_call *c)
{
    json_put_canon(&c->tmp[0], c->arg[0].s);
    fold_put(&c->tmp[1], buf_view(&c->tmp[0]));
    c->b = map_get(c->prep, buf_view(&c->tmp[1])) != NULL;
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_dget", .body = get_member },
    { .name = "kql_dindex", .body = get_element },
    { .name = "kql_dpath", .body = get_path },
    { .name = "kql_dpath_str", .body = get_path_text },
    { .name = "kql_dyn_str", .body = dyn_text },
    { .name = "kql_dyn_bool", .body = dyn_bool },
    { .name = "kql_dyn_int", .body = dyn_int },
    { .name = "kql_dyn_long", .body = dyn_long },
    { .name = "kql_dyn_real", .body = dyn_real },
    { .name = "kql_dyn_decimal", .body = dyn_decimal },
    { .name = "kql_dyn_datetime", .body = dyn_datetime },
    { .name = "kql_dyn_timespan", .body = dyn_timespan },
    { .name = "kql_dyn_guid", .body = dyn_guid },
    { .name = "kql_dyn_type", .body = dyn_type },
    { .name = "kql_dyn_canon", .body = dyn_canon },
    { .name = "kql_json_pretty", .body = dyn_pretty },
    { .name = "kql_parse_json", .body = parse_text },
    { .name = "kql_in_json", .body = in_values, .prepare = prepare_in, .prep_arg = 1 },
    { .name = "kql_in_json_ci", .body = in_values_ci, .prepare = prepare_in_ci, .prep_arg = 1 },
};

const struct udf_set udf_dynamic_set = { functions, sizeof functions / sizeof *functions };
