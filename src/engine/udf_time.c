/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates: parts, differences, borders, formats. All on ticks and the civil calendar; a result outside 0001..9999 is null.
 */
#include <stdio.h>
#include <string.h>

#include "hb/kql_zones.h"
#include "hb/ticks.h"
#include "udf.h"

enum unit_kind { IN_TICKS, IN_MONTHS, IN_WEEKS, NANO };

static const struct unit {
    struct str name;
    enum unit_kind kind;
    int64_t size; /* ticks or months */
} units[] = {
    { STR_INIT("nanosecond"), NANO, 0 },
    { STR_INIT("microsecond"), IN_TICKS, TICKS_US },
    { STR_INIT("millisecond"), IN_TICKS, TICKS_MS },
    { STR_INIT("second"), IN_TICKS, TICKS_SEC },
    { STR_INIT("minute"), IN_TICKS, TICKS_MIN },
    { STR_INIT("hour"), IN_TICKS, TICKS_HOUR },
    { STR_INIT("day"), IN_TICKS, TICKS_DAY },
    { STR_INIT("week"), IN_WEEKS, 7 * TICKS_DAY },
    { STR_INIT("month"), IN_MONTHS, 1 },
    { STR_INIT("quarter"), IN_MONTHS, 3 },
    { STR_INIT("year"), IN_MONTHS, 12 },
};

static const struct unit *unit_of(struct str name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eq_nocase(units[i].name, name))
            return &units[i];
    return NULL;
}

static bool is_datetime(int64_t t)
{
    return t >= 0 && t <= TICKS_MAX;
}

static bool give_datetime(struct udf_call *c, int64_t t)
{
    c->i = t;
    return is_datetime(t);
}

static bool checked_shift(int64_t t, int64_t n, int64_t size, int64_t *out)
{
    int64_t by;
    return !__builtin_mul_overflow(n, size, &by) && !__builtin_add_overflow(t, by, out) && is_datetime(*out);
}

/* ---- Parts ---- */

static int day_of_year(const struct civil *c)
{
    struct civil first = { .year = c->year, .month = 1, .day = 1 },
                 day = { .year = c->year, .month = c->month, .day = c->day };
    int64_t a, b;
    if (!ticks_from_civil(&first, &a) || !ticks_from_civil(&day, &b))
        return 0;
    return (int)((b - a) / TICKS_DAY) + 1;
}

/* ISO 8601: the week that holds the year's first Thursday is week 1. Day 0 (0001-01-01) is a Monday. */
static int iso_week(int64_t t)
{
    int64_t day = t / TICKS_DAY;
    int64_t thursday = day - day % 7 + 3;
    struct civil c;
    ticks_to_civil(thursday * TICKS_DAY, &c);
    return (day_of_year(&c) - 1) / 7 + 1;
}

static int64_t part_year(const struct civil *c)
{
    return c->year;
}

static int64_t part_quarter(const struct civil *c)
{
    return (c->month + 2) / 3;
}

static int64_t part_month(const struct civil *c)
{
    return c->month;
}

static int64_t part_day(const struct civil *c)
{
    return c->day;
}

static int64_t part_day_of_year(const struct civil *c)
{
    return day_of_year(c);
}

static int64_t part_hour(const struct civil *c)
{
    return c->hour;
}

static int64_t part_minute(const struct civil *c)
{
    return c->min;
}

static int64_t part_second(const struct civil *c)
{
    return c->sec;
}

static int64_t part_millisecond(const struct civil *c)
{
    return c->frac / TICKS_MS;
}

static int64_t part_microsecond(const struct civil *c)
{
    return c->frac / TICKS_US;
}

static int64_t part_nanosecond(const struct civil *c)
{
    return (int64_t)c->frac * 100;
}

static int64_t part_week(const struct civil *c)
{
    int64_t t = 0;
    ticks_from_civil(c, &t);
    return iso_week(t);
}

static const struct {
    struct str name;
    int64_t (*get)(const struct civil *);
} parts[] = {
    { STR_INIT("year"), part_year },
    { STR_INIT("quarter"), part_quarter },
    { STR_INIT("month"), part_month },
    { STR_INIT("week_of_year"), part_week },
    { STR_INIT("weekofyear"), part_week },
    { STR_INIT("week"), part_week },
    { STR_INIT("day"), part_day },
    { STR_INIT("dayofyear"), part_day_of_year },
    { STR_INIT("hour"), part_hour },
    { STR_INIT("minute"), part_minute },
    { STR_INIT("second"), part_second },
    { STR_INIT("millisecond"), part_millisecond },
    { STR_INIT("microsecond"), part_microsecond },
    { STR_INIT("nanosecond"), part_nanosecond },
};

static bool do_part(struct udf_call *c)
{
    struct civil civil;
    if (!is_datetime(c->arg[1].i))
        return false;
    ticks_to_civil(c->arg[1].i, &civil);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_eq_nocase(parts[i].name, c->arg[0].s)) {
            c->i = parts[i].get(&civil);
            return true;
        }
    return false;
}

/* ---- Differences and sums ---- */

static int64_t months_of(int64_t t)
{
    struct civil c;
    ticks_to_civil(t, &c);
    return (int64_t)c.year * 12 + c.month - 1;
}

static bool do_diff(struct udf_call *c)
{
    const struct unit *u = unit_of(c->arg[0].s);
    int64_t a = c->arg[1].i, b = c->arg[2].i;
    if (!u || !is_datetime(a) || !is_datetime(b))
        return false;
    if (u->kind == NANO)
        c->i = (int64_t)(((uint64_t)a - (uint64_t)b) * 100);
    else if (u->kind == IN_TICKS)
        c->i = a / u->size - b / u->size;
    else if (u->kind == IN_WEEKS)
        c->i = (a / TICKS_DAY + 1) / 7 - (b / TICKS_DAY + 1) / 7;
    else
        c->i = months_of(a) / u->size - months_of(b) / u->size;
    return true;
}

/* The same day and time n months later; the last day of the month when there is no such day. */
static bool add_months(int64_t t, int64_t n, int64_t *out)
{
    struct civil c;
    if (n < -120000 || n > 120000)
        return false;
    ticks_to_civil(t, &c);
    int64_t months = (int64_t)c.year * 12 + c.month - 1 + n;
    if (months < 12 || months >= 120000)
        return false;
    c.year = (int)(months / 12);
    c.month = (int)(months % 12) + 1;
    while (!ticks_from_civil(&c, out))
        if (--c.day < 28)
            return false;
    return true;
}

static bool do_add(struct udf_call *c)
{
    const struct unit *u = unit_of(c->arg[0].s);
    int64_t n = c->arg[1].i, t = c->arg[2].i;
    if (!u || !is_datetime(t))
        return false;
    if (u->kind == NANO)
        return checked_shift(t, n / 100, 1, &c->i);
    if (u->kind == IN_MONTHS)
        return n >= -120000 && n <= 120000 && add_months(t, n * u->size, &c->i);
    return checked_shift(t, n, u->size, &c->i);
}

static bool do_shift(struct udf_call *c)
{
    return checked_shift(c->arg[0].i, c->arg[1].i, 1, &c->i);
}

/* ---- Borders ---- */

/* Start of the unit that holds t, n units later. The end of year 9999 is allowed as the start of year 10000. */
static bool start_of(const struct unit *u, int64_t t, int64_t n, int64_t *out)
{
    int64_t by;
    if (!is_datetime(t))
        return false;
    if (u->kind == IN_MONTHS) {
        int64_t months = months_of(t);
        if (n < -120000 || n > 120000)
            return false;
        months = months - months % u->size + n * u->size;
        struct civil c = { .year = (int)(months / 12), .month = (int)(months % 12) + 1, .day = 1 };
        if (months == 120000) {
            *out = TICKS_MAX + 1;
            return true;
        }
        return months >= 12 && ticks_from_civil(&c, out);
    }
    int64_t day = t / TICKS_DAY;
    int64_t from = u->kind == IN_WEEKS ? (day - (day + 1) % 7) * TICKS_DAY : t - t % u->size;
    return !__builtin_mul_overflow(n, u->size, &by) && !__builtin_add_overflow(from, by, out);
}

static bool do_start(struct udf_call *c)
{
    const struct unit *u = unit_of(c->arg[0].s);
    return u && u->kind != NANO && start_of(u, c->arg[1].i, c->arg[2].i, &c->i) && is_datetime(c->i);
}

static bool do_end(struct udf_call *c)
{
    const struct unit *u = unit_of(c->arg[0].s);
    int64_t n;
    return u && u->kind != NANO && !__builtin_add_overflow(c->arg[2].i, 1, &n) &&
           start_of(u, c->arg[1].i, n, &c->i) && give_datetime(c, c->i - 1);
}

static bool do_make(struct udf_call *c)
{
    int64_t v[6];
    static const int64_t most[] = { 9999, 12, 31, 23, 59, TICKS_MIN - 1 };
    for (int i = 0; i < 6; i++) {
        v[i] = c->arg[i].i;
        if (v[i] < 0 || v[i] > most[i])
            return false;
    }
    struct civil civil = {
        .year = (int)v[0], .month = (int)v[1], .day = (int)v[2], .hour = (int)v[3], .min = (int)v[4]
    };
    if (!ticks_from_civil(&civil, &c->i))
        return false;
    c->i += v[5];
    return true;
}

/* ---- Formats ---- */

struct fields {
    int64_t days;
    struct civil c;
    bool timespan;
};

static void put_number(struct buf *b, int64_t v, size_t width)
{
    buf_printf(b, "%0*lld", (int)width, (long long)v);
}

/* f: so many digits; F: without zeroes at the end, and without the point before them if nothing is left. */
static void put_fraction(struct buf *b, int frac, size_t digits, bool trim)
{
    char text[8];
    size_t n = digits < 7 ? digits : 7;
    snprintf(text, sizeof text, "%07d", frac);
    while (trim && n > 0 && text[n - 1] == '0')
        n--;
    buf_put(b, text, n);
    if (trim && n == 0 && b->n > 0 && b->p[b->n - 1] == '.')
        b->n--;
}

static void put_field(struct buf *b, const struct fields *f, char letter, size_t n)
{
    int twelve = f->c.hour % 12 ? f->c.hour % 12 : 12;
    switch (letter) {
    case 'd': put_number(b, f->timespan ? f->days : f->c.day, n); break;
    case 'f': put_fraction(b, f->c.frac, n, false); break;
    case 'F': put_fraction(b, f->c.frac, n, true); break;
    case 'h': put_number(b, f->timespan ? f->c.hour : twelve, n < 2 ? n : 2); break;
    case 'H': put_number(b, f->c.hour, n < 2 ? n : 2); break;
    case 'm': put_number(b, f->c.min, n < 2 ? n : 2); break;
    case 's': put_number(b, f->c.sec, n < 2 ? n : 2); break;
    case 'M': put_number(b, f->c.month, n < 2 ? n : 2); break;
    case 'y': put_number(b, n > 2 ? f->c.year : f->c.year % 100, n); break;
    case 't': buf_put(b, f->c.hour < 12 ? "AM" : "PM", n < 2 ? 1 : 2); break;
    default: break;
    }
}

static void put_pattern(struct buf *b, struct str pattern, const struct fields *f)
{
    const char *letters = f->timespan ? "dfFhHms" : "dfFhHmsMyt";
    for (size_t i = 0; i < pattern.n;) {
        char c = pattern.p[i];
        size_t end = i + 1;
        if (!c || !strchr(letters, c)) {
            buf_putc(b, c);
        } else {
            /* a longer run of these is several fields: dddd is dd and dd */
            size_t most = !f->timespan && strchr("dMHhms", c) ? 2 : SIZE_MAX;
            while (end < pattern.n && pattern.p[end] == c && end - i < most)
                end++;
            put_field(b, f, c, end - i);
        }
        i = end;
    }
}

static bool do_format_datetime(struct udf_call *c)
{
    struct fields f = { 0 };
    if (c->arg[0].null || c->arg[1].null || !is_datetime(c->arg[0].i))
        return false;
    ticks_to_civil(c->arg[0].i, &f.c);
    put_pattern(&c->out, c->arg[1].s, &f);
    return true;
}

static bool do_format_timespan(struct udf_call *c)
{
    struct fields f = { .timespan = true };
    if (c->arg[0].null || c->arg[1].null)
        return false;
    int64_t t = c->arg[0].i;
    uint64_t u = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
    if (t < 0)
        buf_putc(&c->out, '-');
    f.days = (int64_t)(u / (uint64_t)TICKS_DAY);
    ticks_to_civil((int64_t)(u % (uint64_t)TICKS_DAY), &f.c);
    put_pattern(&c->out, c->arg[1].s, &f);
    return true;
}

static bool do_zone(struct udf_call *c)
{
    buf_str(&c->out, c->arg[0].s);
    return kql_zone_known(c->arg[0].s);
}

static const struct udf_fn functions[] = {
    { .name = "kql_zone", .body = do_zone },
    { .name = "kql_datetime_part", .body = do_part },
    { .name = "kql_datetime_diff", .body = do_diff },
    { .name = "kql_datetime_add", .body = do_add },
    { .name = "kql_startof", .body = do_start },
    { .name = "kql_endof", .body = do_end },
    { .name = "kql_make_datetime", .body = do_make },
    { .name = "kql_dt_shift", .body = do_shift },
    { .name = "kql_format_datetime", .body = do_format_datetime },
    { .name = "kql_format_timespan", .body = do_format_timespan },
};

const struct udf_set udf_time_set = { functions, sizeof functions / sizeof *functions };
