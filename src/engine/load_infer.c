/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The type a text could have. Careful on purpose: an identifier with leading zeroes stays a string, and a number
 * is a date only when it is written as one.
 */
#include <string.h>

#include "hb/ticks.h"
#include "jscan.h"
#include "load_int.h"
#include "udf.h"

static bool digit(struct str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static bool looks_long(struct str s)
{
    int64_t v;
    size_t i = s.n && s.p[0] == '-';
    if (!digit(s, i) || (s.p[i] == '0' && s.n > i + 1))
        return false;
    return str_to_i64(s, &v);
}

static bool looks_real(struct str s)
{
    double v;
    size_t i = s.n && s.p[0] == '-';
    if (!digit(s, i) || (s.p[i] == '0' && digit(s, i + 1)))
        return false;
    return str_to_f64(s, &v);
}

static bool looks_datetime(struct str s)
{
    int64_t t;
    bool iso = s.n >= 10 && digit(s, 0) && digit(s, 3) && s.p[4] == '-' && s.p[7] == '-';
    bool portal = s.n >= 8 && digit(s, 0) && str_chr(s, '/', 0) < 3;
    return (iso || portal) && ingest_datetime(s, &t);
}

static bool looks_timespan(struct str s)
{
    int64_t t;
    size_t colon = str_chr(s, ':', 0);
    return colon < s.n && str_chr(s, ':', colon + 1) < s.n && timespan_parse(s, &t);
}

static bool looks_dynamic(struct str s)
{
    if (s.n < 2 || (s.p[0] != '{' && s.p[0] != '['))
        return false;
    struct buf b = BUF_INIT;
    bool ok = json_compact(&b, s);
    buf_free(&b);
    return ok;
}

static bool looks_bool(struct str s)
{
    return str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false"));
}

static const struct {
    enum hb_type type;
    bool (*looks)(struct str);
} rows[] = {
    { HB_BOOL, looks_bool },         { HB_LONG, looks_long },         { HB_REAL, looks_real },
    { HB_DATETIME, looks_datetime }, { HB_TIMESPAN, looks_timespan }, { HB_DYNAMIC, looks_dynamic },
};

unsigned infer_types(struct str s)
{
    s = str_trim(s);
    unsigned types = 1u << HB_STRING;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].looks(s))
            types |= 1u << rows[i].type;
    return types;
}

bool infer_is(enum hb_type type, struct str s)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].type == type)
            return rows[i].looks(str_trim(s));
    return type == HB_STRING;
}

enum hb_type infer_best(unsigned types)
{
    static const enum hb_type order[] = { HB_BOOL, HB_LONG, HB_REAL, HB_DATETIME, HB_TIMESPAN, HB_DYNAMIC };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (types & 1u << order[i])
            return order[i];
    return HB_STRING;
}

unsigned infer_also(enum hb_type t)
{
    unsigned types = 1u << t | 1u << HB_STRING;
    return t == HB_LONG ? types | 1u << HB_REAL : types;
}

/* yyyy-mm-ddThh:mm:ss[.fffffff]Z, by far the commonest: no general parser needed. */
static bool plain_iso(struct str s, int64_t *out)
{
    static const char shape[] = "0000-00-00T00:00:00";
    enum { SHAPE = sizeof shape - 1 };
    if (s.n <= SHAPE || s.n > SHAPE + 9 || s.p[s.n - 1] != 'Z')
        return false;
    unsigned v[SHAPE];
    for (size_t i = 0; i < SHAPE; i++) {
        v[i] = (unsigned)(unsigned char)s.p[i] - '0';
        if (shape[i] == '0' ? v[i] > 9 : s.p[i] != shape[i] && !(i == 10 && s.p[i] == ' '))
            return false;
    }
    int frac = 0, scale = 10000000;
    if (s.n > SHAPE + 1 && s.p[SHAPE] != '.')
        return false;
    for (size_t i = SHAPE + 1; i + 1 < s.n; i++) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
        if (d > 9)
            return false;
        scale /= 10;
        frac += (int)d * scale;
    }
    struct civil c = {
        .year = (int)(v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3]),
        .month = (int)(v[5] * 10 + v[6]),
        .day = (int)(v[8] * 10 + v[9]),
        .hour = (int)(v[11] * 10 + v[12]),
        .min = (int)(v[14] * 10 + v[15]),
        .sec = (int)(v[17] * 10 + v[18]),
        .frac = frac,
    };
    return ticks_from_civil(&c, out);
}

bool ingest_datetime(struct str s, int64_t *out)
{
    s = str_trim(s);
    if (plain_iso(s, out) || ticks_parse(s, out))
        return true;
    size_t comma = str_chr(s, ',', 0);
    if (comma == s.n || s.n > 48 || str_chr(s, '/', 0) > comma)
        return false;
    char copy[48];
    memcpy(copy, s.p, comma);
    memcpy(copy + comma, s.p + comma + 1, s.n - comma - 1);
    return ticks_parse((struct str){ copy, s.n - 1 }, out);
}
