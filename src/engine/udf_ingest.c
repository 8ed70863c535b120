/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions for the engine's own statements: typed values from the text of files, with failures counted.
 *
 * hb_in_<type>(text, slot): blank text is null; text that does not convert is null too, and slot counts it, keeps an example
 * and remembers which types it could have had. hb_in_string only remembers. hb_types(text) is that set of types. Where the type
 * of a column is a guess (slot->guessed), a value has to look like it, not just convert: "007" is no number then.
 */
#include <stdlib.h>
#include <string.h>

#include "hb/decimal.h"
#include "hb/json.h"
#include "hb/map.h"
#include "hb/ticks.h"
#include "jscan.h"
#include "load_int.h"
#include "udf_int.h"

static struct ingest_slot *slot_of(struct udf_call *c)
{
    const struct engine *e = c->extra;
    size_t i = (size_t)c->arg[1].i;
    assert(i < e->nslots);
    return &e->slots[i];
}

static void note_types(struct ingest_slot *slot, struct str s)
{
    atomic_fetch_and(&slot->types, infer_types(s));
}

static bool note_failure(struct udf_call *c)
{
    struct ingest_slot *slot = slot_of(c);
    struct str s = c->arg[0].s;
    note_types(slot, s);
    if (atomic_fetch_add(&slot->failed, 1) == 0) {
        pthread_mutex_lock(&slot->lock);
        slot->example_len = s.n < sizeof slot->example ? s.n : sizeof slot->example;
        while (slot->example_len < s.n && slot->example_len &&
               ((unsigned char)s.p[slot->example_len] & 0xC0) == 0x80)
            slot->example_len--;
        memcpy(slot->example, s.p, slot->example_len);
        pthread_mutex_unlock(&slot->lock);
    }
    return false;
}

static bool fits_guess(struct udf_call *c, enum hb_type type)
{
    return !slot_of(c)->guessed || infer_is(type, c->arg[0].s);
}

static bool blank(struct udf_call *c)
{
    return c->arg[0].null || c->arg[0].s.n == 0 || str_trim(c->arg[0].s).n == 0;
}

static bool exact_decimal(struct str s, __int128 *out)
{
    bool exact;
    return decimal_parse(str_trim(s), out, &exact) && exact;
}

#define INGEST(name, type, convert)                                                                          \
    static bool name(struct udf_call *c)                                                                     \
    {                                                                                                        \
        struct str s = c->arg[0].s;                                                                          \
        return !blank(c) && ((fits_guess(c, type) && (convert)) || note_failure(c));                         \
    }
INGEST(in_bool, HB_BOOL, text_to_bool(s, &c->b))
INGEST(in_int, HB_INT, text_to_long(s, &c->i) && c->i >= INT32_MIN && c->i <= INT32_MAX)
INGEST(in_long, HB_LONG, text_to_long(s, &c->i))
INGEST(in_real, HB_REAL, text_to_real(s, &c->f))
INGEST(in_decimal, HB_DECIMAL, exact_decimal(s, &c->d))
INGEST(in_datetime, HB_DATETIME, ingest_datetime(s, &c->i))
INGEST(in_timespan, HB_TIMESPAN, timespan_parse(s, &c->i))
INGEST(in_guid, HB_GUID, text_to_guid(s, &c->d))
#undef INGEST

static bool in_dynamic(struct udf_call *c)
{
    if (blank(c))
        return false;
    if (!fits_guess(c, HB_DYNAMIC) || !json_compact(&c->out, c->arg[0].s)) {
        note_types(slot_of(c),
                   c->arg[0].s); /* any text is a value: no failure, but no reason to infer dynamic either */
        json_put_str(&c->out, c->arg[0].s);
    }
    return !json_is_null(buf_view(&c->out));
}

static bool in_string(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    if (!blank(c))
        note_types(slot_of(c), c->arg[0].s);
    buf_str(&c->out, c->arg[0].s);
    return true;
}

static bool types_of(struct udf_call *c)
{
    c->i = blank(c) ? (int64_t)INFER_ALL : (int64_t)infer_types(c->arg[0].s);
    return true;
}

/* ---- JSON lines ---- */

struct row_keys {
    struct map at; /* name -> its place in raw */
    struct str *raw;
    size_t n;
};

static void *prepare_keys(struct arena *a, struct str json)
{
    struct row_keys *keys = ARENA_NEW(a, struct row_keys);
    struct jiter it;
    struct str raw;
    struct buf name = BUF_INIT;
    map_init(&keys->at, a);
    keys->raw = ARENA_ARRAY(a, json_count(json), struct str);
    if (jiter_begin(&it, json))
        while (jiter_next(&it, NULL, &raw)) {
            buf_clear(&name);
            json_put_unescaped(&name, raw);
            map_set(&keys->at, buf_to_arena(&name, a), &keys->raw[keys->n++]);
        }
    buf_free(&name);
    return keys;
}

static struct str plain_name(struct udf_call *c, struct str raw)
{
    struct str inner = str_sub(raw, 1, raw.n ? raw.n - 1 : 0);
    if (str_chr(inner, '\\', 0) == inner.n)
        return inner;
    c->tmp[1].n = 0;
    json_put_unescaped(&c->tmp[1], raw);
    return buf_view(&c->tmp[1]);
}

/* The line compacted in tmp[0]; false: no object, counted unless blank. */
static bool read_object(struct udf_call *c, struct jiter *it)
{
    struct engine *e = c->extra;
    if (c->arg[0].null || str_trim(c->arg[0].s).n == 0)
        return false;
    if (json_compact(&c->tmp[0], c->arg[0].s) && jiter_begin(it, buf_view(&c->tmp[0])) && it->object)
        return true;
    atomic_fetch_add(&e->bad_lines, 1);
    return false;
}

/* hb_json_row(line, '["a","b"]'): the values of these names as texts; NULL when the line is no object. */
static bool json_row(struct udf_call *c)
{
    struct row_keys *keys = c->prep;
    struct jiter it;
    struct str name, value;
    if (!read_object(c, &it))
        return false;
    memset(keys->raw, 0, keys->n * sizeof *keys->raw);
    while (jiter_next(&it, &name, &value)) {
        struct str *found = map_get(&keys->at, plain_name(c, name));
        if (found)
            *found = value;
    }
    for (size_t i = 0; i < keys->n; i++) {
        bool null = !keys->raw[i].p || json_is_null(keys->raw[i]);
        if (!null)
            json_put_plain(&c->out, keys->raw[i]);
        udf_end_elem(c);
        if (null)
            c->ends[c->nends - 1] |= UDF_NULL_ELEM;
    }
    return true;
}

/* hb_json_keys(line, ''): the names of an object. */
static bool json_keys(struct udf_call *c)
{
    struct jiter it;
    struct str name, value;
    if (!read_object(c, &it))
        return false;
    while (jiter_next(&it, &name, &value)) {
        buf_str(&c->out, plain_name(c, name));
        udf_end_elem(c);
    }
    return true;
}

/* hb_csv_risky(text): would a spreadsheet take it for a formula? Counted. */
static bool csv_risky(struct udf_call *c)
{
    struct engine *e = c->extra;
    struct str s = c->arg[0].s;
    c->b = !c->arg[0].null && s.n && s.p[0] && strchr("=+-@\t\r", s.p[0]);
    if (c->b)
        atomic_fetch_add(&e->apostrophes, 1);
    return true;
}

static const struct {
    struct udf_sig sig;
    udf_body *body;
    udf_prepare *prepare;
} functions[] = {
    { { "hb_in_bool", 'b', "sl", true, true }, in_bool, NULL },
    { { "hb_in_int", 'i', "sl", true, true }, in_int, NULL },
    { { "hb_in_long", 'l', "sl", true, true }, in_long, NULL },
    { { "hb_in_real", 'r', "sl", true, true }, in_real, NULL },
    { { "hb_in_decimal", 'd', "sl", true, true }, in_decimal, NULL },
    { { "hb_in_datetime", 'l', "sl", true, true }, in_datetime, NULL },
    { { "hb_in_timespan", 'l', "sl", true, true }, in_timespan, NULL },
    { { "hb_in_guid", 'u', "sl", true, true }, in_guid, NULL },
    { { "hb_in_dynamic", 'j', "sl", true, true }, in_dynamic, NULL },
    { { "hb_in_string", 's', "sl", true, true }, in_string, NULL },
    { { "hb_types", 'l', "s", true, false }, types_of, NULL },
    { { "hb_json_row", 'S', "sj", true, true }, json_row, prepare_keys },
    { { "hb_json_keys", 'S', "s", true, true }, json_keys, NULL },
    { { "hb_csv_risky", 'b', "s", true, true }, csv_risky, NULL },
};

bool udf_register_ingest(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct udf_fn fn = { .name = functions[i].sig.name,
                             .body = functions[i].body,
                             .prepare = functions[i].prepare,
                             .prep_arg = 1 };
        if (!udf_register(e, &functions[i].sig, &fn, e, err))
            return false;
    }
    return true;
}
