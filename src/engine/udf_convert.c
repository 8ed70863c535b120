/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversions: text to typed values, typed values to text and to JSON.
 */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "hb/decimal.h"
#include "hb/json.h"
#include "hb/table.h"
#include "hb/ticks.h"
#include "udf.h"

/* ---- Text to values ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0x" and up to 16 digits. */
static bool text_to_hex(struct str s, int64_t *out)
{
    if (s.n < 3 || s.n > 18 || s.p[0] != '0' || (s.p[1] | 32) != 'x')
        return false;
    uint64_t v = 0;
    for (size_t i = 2; i < s.n; i++) {
        int d = hex_digit(s.p[i]);
        if (d < 0)
            return false;
        v = v << 4 | (uint64_t)d;
    }
    *out = (int64_t)v;
    return true;
}

static struct str without_plus(struct str s)
{
    return s.n > 1 && s.p[0] == '+' && s.p[1] != '-' && s.p[1] != '+' ? str_sub(s, 1, s.n) : s;
}

bool text_to_long(struct str s, int64_t *out)
{
    s = str_trim(s);
    return str_to_i64(without_plus(s), out) || text_to_hex(s, out);
}

/* The engine reads "-inf" and "Infinity", but not "INF". */
static bool text_to_special(struct str s, double *out)
{
    static const struct {
        struct str text;
        double value;
        bool any_case;
    } names[] = {
        { STR_INIT("nan"), NAN, true },
        { STR_INIT("inf"), INFINITY, false },
        { STR_INIT("infinity"), INFINITY, true },
    };
    bool negative = s.n && s.p[0] == '-';
    if (negative || (s.n && s.p[0] == '+'))
        s = str_sub(s, 1, s.n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].any_case ? str_eq_nocase(s, names[i].text) : str_eq(s, names[i].text)) {
            *out = negative ? -names[i].value : names[i].value;
            return true;
        }
    return false;
}

bool text_to_real(struct str s, double *out)
{
    int64_t whole;
    s = str_trim(s);
    if (str_to_f64(without_plus(s), out) || text_to_special(s, out))
        return true;
    if (!text_to_hex(s, &whole))
        return false;
    *out = (double)whole;
    return true;
}

bool text_to_bool(struct str s, bool *out)
{
    int64_t number;
    if (str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false"))) {
        *out = s.n == 4;
        return true;
    }
    if (!text_to_long(s, &number))
        return false;
    *out = number != 0;
    return true;
}

bool text_to_guid(struct str s, __int128 *out)
{
    s = str_trim(s);
    if (s.n >= 2 && ((s.p[0] == '{' && s.p[s.n - 1] == '}') || (s.p[0] == '(' && s.p[s.n - 1] == ')')))
        s = str_sub(s, 1, s.n - 1);
    unsigned __int128 v = 0;
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        int d = hex_digit(s.p[i]);
        if (s.p[i] == '-' && digits > 0 && digits < 32)
            continue;
        if (d < 0 || ++digits > 32)
            return false;
        v = v << 4 | (unsigned)d;
    }
    if (digits != 32)
        return false;
    *out = (__int128)(v ^ (unsigned __int128)1 << 127); /* DuckDB keeps them in sorting order */
    return true;
}

bool text_to_decimal(struct str s, __int128 *out)
{
    return decimal_parse(str_trim(s), out, NULL);
}

bool real_to_long(double v, int64_t *out)
{
    if (isnan(v))
        return false;
    if (v == 0x1p63) /* what the largest long becomes as a real: the engine's conversion wraps it */
        *out = INT64_MIN;
    else
        *out = v > 0x1p63 ? INT64_MAX : v <= -0x1p63 ? INT64_MIN : (int64_t)v;
    return true;
}

static bool to_bool(struct udf_call *c)
{
    return text_to_bool(c->arg[0].s, &c->b);
}

static bool to_int(struct udf_call *c)
{
    return text_to_long(c->arg[0].s, &c->i) && c->i >= INT32_MIN && c->i <= INT32_MAX;
}

static bool to_long(struct udf_call *c)
{
    return text_to_long(c->arg[0].s, &c->i);
}

static bool to_real(struct udf_call *c)
{
    return text_to_real(c->arg[0].s, &c->f);
}

static bool to_decimal(struct udf_call *c)
{
    return text_to_decimal(c->arg[0].s, &c->d);
}

static bool to_datetime(struct udf_call *c)
{
    return ticks_parse(c->arg[0].s, &c->i);
}

static bool to_timespan(struct udf_call *c)
{
    return timespan_parse(c->arg[0].s, &c->i);
}

static bool to_guid(struct udf_call *c)
{
    return text_to_guid(c->arg[0].s, &c->d);
}

/* ---- Values to text ---- */

static bool real_text(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    real_put_kql(&c->out, c->arg[0].f);
    return true;
}

static bool decimal_of(struct udf_call *c)
{
    return decimal_of_real(c->arg[0].f, &c->d);
}

static bool decimal_long(struct udf_call *c)
{
    return decimal_to_long(c->arg[0].d, &c->i);
}

static bool decimal_real(struct udf_call *c)
{
    c->f = decimal_to_real(c->arg[0].d);
    return true;
}

static bool long_decimal(struct udf_call *c)
{
    c->d = decimal_of_long(c->arg[0].i);
    return true;
}

static bool put_decimal(struct udf_call *c)
{
    char text[DECIMAL_TEXT_MAX];
    if (c->arg[0].null)
        return false;
    buf_str(&c->out, (struct str){ text, decimal_text(c->arg[0].d, text) });
    return true;
}

static bool in_range(int64_t ticks)
{
    return ticks >= 0 && ticks <= TICKS_MAX;
}

static bool datetime_text(struct udf_call *c)
{
    if (c->arg[0].null || !in_range(c->arg[0].i))
        return false;
    ticks_put_iso(&c->out, c->arg[0].i);
    return true;
}

static bool timespan_text(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    timespan_put(&c->out, c->arg[0].i);
    return true;
}

static bool hex_text(struct udf_call *c)
{
    if (c->arg[0].null)
        return false;
    int64_t width = c->arg[1].null ? 0 : c->arg[1].i;
    buf_printf(&c->out, "%0*llx",
               (int)(width < 1      ? 1
                     : width > 1024 ? 1024
                                    : width),
               (unsigned long long)c->arg[0].i);
    return true;
}

/* ---- Values to JSON ---- */

static bool json_string(struct udf_call *c)
{
    json_put_str(&c->out, c->arg[0].s);
    return true;
}

static bool json_real(struct udf_call *c)
{
    if (!isfinite(c->arg[0].f))
        buf_putc(&c->out, '"');
    real_put_kql(&c->out, c->arg[0].f);
    if (!isfinite(c->arg[0].f))
        buf_putc(&c->out, '"');
    return true;
}

static bool json_datetime(struct udf_call *c)
{
    if (!in_range(c->arg[0].i))
        return false;
    buf_putc(&c->out, '"');
    ticks_put_iso(&c->out, c->arg[0].i);
    buf_putc(&c->out, '"');
    return true;
}

static bool json_timespan(struct udf_call *c)
{
    buf_putc(&c->out, '"');
    timespan_put(&c->out, c->arg[0].i);
    buf_putc(&c->out, '"');
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_tobool", .body = to_bool },
    { .name = "kql_toint", .body = to_int },
    { .name = "kql_tolong", .body = to_long },
    { .name = "kql_toreal", .body = to_real },
    { .name = "kql_todecimal", .body = to_decimal },
    { .name = "kql_todatetime", .body = to_datetime },
    { .name = "kql_totimespan", .body = to_timespan },
    { .name = "kql_toguid", .body = to_guid },
    { .name = "kql_real_str", .body = real_text },
    { .name = "kql_dec_long", .body = long_decimal },
    { .name = "kql_dec_real", .body = decimal_of },
    { .name = "kql_long_dec", .body = decimal_long },
    { .name = "kql_real_dec", .body = decimal_real },
    { .name = "kql_decimal_str", .body = put_decimal },
    { .name = "kql_datetime_str", .body = datetime_text },
    { .name = "kql_timespan_str", .body = timespan_text },
    { .name = "kql_tohex", .body = hex_text },
    { .name = "kql_json_str", .body = json_string },
    { .name = "kql_json_real", .body = json_real },
    { .name = "kql_json_datetime", .body = json_datetime },
    { .name = "kql_json_timespan", .body = json_timespan },
};

const struct udf_set udf_convert_set = { functions, sizeof functions / sizeof *functions };
