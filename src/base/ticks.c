/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ticks to and from civil time and text. Day arithmetic after Howard Hinnant's "chrono-compatible low-level
 * date algorithms" (days_from_civil, civil_from_days), shifted to day 0 = 0001-01-01.
 */
#include "hb/ticks.h"

#include <string.h>
#include <time.h>

/* Days from 0000-03-01 to 0001-01-01. */
enum { ERA_SHIFT = 306, DAYS_PER_ERA = 146097 };

static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * DAYS_PER_ERA + yoe * 365 + yoe / 4 - yoe / 100 + doy - ERA_SHIFT;
}

void ticks_to_civil(int64_t t, struct civil *c)
{
    int64_t days = t / TICKS_DAY, rest = t % TICKS_DAY;
    int64_t z = days + ERA_SHIFT;
    int64_t era = z / DAYS_PER_ERA, doe = z - era * DAYS_PER_ERA;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(yoe + era * 400 + (c->month <= 2));
    c->hour = (int)(rest / TICKS_HOUR);
    c->min = (int)(rest / TICKS_MIN % 60);
    c->sec = (int)(rest / TICKS_SEC % 60);
    c->frac = (int)(rest % TICKS_SEC);
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool ticks_from_civil(const struct civil *c, int64_t *t)
{
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > days_in_month(c->year, c->month))
        return false;
    if (c->hour < 0 || c->hour > 23 || c->min < 0 || c->min > 59 || c->sec < 0 || c->sec > 59 ||
        c->frac < 0 || c->frac > 9999999)
        return false;
    *t = days_from_civil(c->year, c->month, c->day) * TICKS_DAY + c->hour * TICKS_HOUR + c->min * TICKS_MIN +
         c->sec * TICKS_SEC + c->frac;
    return true;
}

/* -- reading: a cursor over the text; each step eats what it knows -- */

struct cursor {
    const char *p, *end;
};

static bool eat(struct cursor *c, char ch)
{
    if (c->p < c->end && *c->p == ch) {
        c->p++;
        return true;
    }
    return false;
}

static void blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
        c->p++;
}

/* min..max digits; returns how many were read. */
static int digits(struct cursor *c, int min, int max, int *out)
{
    int n = 0, v = 0;
    while (n < max && c->p < c->end && *c->p >= '0' && *c->p <= '9') {
        v = v * 10 + (*c->p++ - '0');
        n++;
    }
    if (n < min)
        return 0;
    *out = v;
    return n;
}

static int fraction(struct cursor *c)
{
    int v = 0, scale = 1000000;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9') {
        v += (*c->p++ - '0') * scale;
        scale /= 10;
    }
    return v;
}

/* time := h[h] ':' mm [':' ss ['.' frac]] */
static bool read_time(struct cursor *c, struct civil *v)
{
    if (!digits(c, 1, 2, &v->hour) || !eat(c, ':') || !digits(c, 2, 2, &v->min))
        return false;
    if (eat(c, ':')) {
        if (!digits(c, 2, 2, &v->sec))
            return false;
        if (eat(c, '.') || eat(c, ','))
            v->frac = fraction(c);
    }
    return true;
}

/* zone := 'Z' | [+-]hh[:]mm | 'GMT' | 'UTC'; *offset in ticks east of UTC */
static bool read_zone(struct cursor *c, int64_t *offset)
{
    int h, m = 0;
    *offset = 0;
    blanks(c);
    if (c->p == c->end || eat(c, 'Z') || eat(c, 'z'))
        return true;
    if (c->end - c->p >= 3 && (memcmp(c->p, "GMT", 3) == 0 || memcmp(c->p, "UTC", 3) == 0)) {
        c->p += 3;
        return true;
    }
    int sign = eat(c, '+') ? 1 : eat(c, '-') ? -1 : 0;
    if (!sign || !digits(c, 2, 2, &h))
        return false;
    if (eat(c, ':') || c->p < c->end)
        if (!digits(c, 2, 2, &m))
            return false;
    if (h > 14 || m > 59)
        return false;
    *offset = sign * (h * TICKS_HOUR + m * TICKS_MIN);
    return true;
}

static bool finish(struct cursor *c, const struct civil *v, int64_t *t)
{
    int64_t offset = 0;
    if (!read_zone(c, &offset))
        return false;
    blanks(c);
    if (c->p != c->end || !ticks_from_civil(v, t))
        return false;
    *t -= offset;
    return *t >= 0 && *t <= TICKS_MAX;
}

static struct cursor trimmed(struct str s)
{
    s = str_trim(s);
    return (struct cursor){ s.p, s.p + s.n };
}

/* iso := yyyy ['-' mm ['-' dd [('T'|' ') time]]] [zone] */
static bool read_iso(struct str s, bool partial, int64_t *t)
{
    struct cursor c = trimmed(s);
    struct civil v = { .month = 1, .day = 1 };
    if (digits(&c, 4, 4, &v.year) != 4)
        return false;
    if (!eat(&c, '-'))
        return partial && c.p == c.end && finish(&c, &v, t);
    if (!digits(&c, 1, 2, &v.month))
        return false;
    if (!eat(&c, '-'))
        return partial && c.p == c.end && finish(&c, &v, t);
    if (!digits(&c, 1, 2, &v.day))
        return false;
    if (eat(&c, 'T') || eat(&c, 't')) {
        if (!read_time(&c, &v))
            return false;
    } else if (c.p < c.end && *c.p == ' ') {
        blanks(&c);
        if (c.p < c.end && *c.p >= '0' && *c.p <= '9' && !read_time(&c, &v))
            return false;
    }
    return finish(&c, &v, t);
}

bool ticks_parse_iso(struct str s, int64_t *t)
{
    return read_iso(s, false, t);
}

/* us := m '/' d '/' yyyy [','] [time] [AM|PM]; also with dashes: 12-02-2022 is month first */
static bool read_us(struct str s, int64_t *t)
{
    struct cursor c = trimmed(s);
    struct civil v = { 0 };
    if (!digits(&c, 1, 2, &v.month))
        return false;
    char sep = c.p < c.end ? *c.p : '\0';
    if ((sep != '/' && sep != '-') || !eat(&c, sep) || !digits(&c, 1, 2, &v.day) || !eat(&c, sep) ||
        digits(&c, 4, 4, &v.year) != 4)
        return false;
    eat(&c, ',');
    blanks(&c);
    if (c.p < c.end && !read_time(&c, &v))
        return false;
    blanks(&c);
    if (c.end - c.p >= 2 && (c.p[1] == 'M' || c.p[1] == 'm')) {
        bool pm = c.p[0] == 'P' || c.p[0] == 'p';
        if ((!pm && c.p[0] != 'A' && c.p[0] != 'a') || v.hour < 1 || v.hour > 12)
            return false;
        v.hour = v.hour % 12 + (pm ? 12 : 0);
        c.p += 2;
    }
    return finish(&c, &v, t);
}

static bool read_month_name(struct cursor *c, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char low[3];
    if (c->end - c->p < 3)
        return false;
    for (int i = 0; i < 3; i++)
        low[i] = (char)(c->p[i] | 0x20);
    for (int m = 0; m < 12; m++) {
        if (memcmp(names + 3 * m, low, 3) == 0) {
            *month = m + 1;
            c->p += 3;
            while (c->p < c->end && (*c->p | 0x20) >= 'a' && (*c->p | 0x20) <= 'z')
                c->p++;
            return true;
        }
    }
    return false;
}

/* rfc := [weekday ','] d (' '|'-') Mon (' '|'-') yy[yy] [time] [zone] */
static bool read_rfc(struct str s, int64_t *t)
{
    struct cursor c = trimmed(s);
    struct civil v = { 0 };
    size_t comma = str_chr(s, ',', 0);
    if (comma < s.n) {
        for (size_t i = 0; i < comma; i++)
            if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
                return false;
        c = trimmed(str_sub(s, comma + 1, s.n));
    }
    if (!digits(&c, 1, 2, &v.day) || (!eat(&c, ' ') && !eat(&c, '-')))
        return false;
    blanks(&c);
    if (!read_month_name(&c, &v.month) || (!eat(&c, ' ') && !eat(&c, '-')))
        return false;
    blanks(&c);
    int n = digits(&c, 2, 4, &v.year);
    if (n == 2)
        v.year += v.year < 50 ? 2000 : 1900;
    else if (n != 4)
        return false;
    blanks(&c);
    if (c.p < c.end && *c.p >= '0' && *c.p <= '9' && !read_time(&c, &v))
        return false;
    return finish(&c, &v, t);
}

bool ticks_parse(struct str s, int64_t *t)
{
    return read_iso(s, true, t) || read_us(s, t) || read_rfc(s, t);
}

/* -- writing -- */

/* By hand: printf takes longer than everything else, and exports print millions. */
static char *put_digits(char *p, int v, int width)
{
    for (int i = width - 1; i >= 0; i--, v /= 10)
        p[i] = (char)('0' + v % 10);
    return p + width;
}

enum { DATE_TIME_BYTES = 19 };

static void put_date_time(struct buf *b, const struct civil *c, char between)
{
    char text[DATE_TIME_BYTES];
    const int fields[] = { c->month, c->day, c->hour, c->min, c->sec };
    const char marks[] = { '-', '-', between, ':', ':' };
    char *p = put_digits(text, c->year, 4);
    for (int i = 0; i < 5; i++) {
        *p++ = marks[i];
        p = put_digits(p, fields[i], 2);
    }
    buf_put(b, text, sizeof text);
}

static int64_t clamp(int64_t t)
{
    return t < 0 ? 0 : t > TICKS_MAX ? TICKS_MAX : t;
}

void ticks_put_iso(struct buf *b, int64_t t)
{
    struct civil c;
    ticks_to_civil(clamp(t), &c);
    put_date_time(b, &c, 'T');
    char fraction[9] = { '.' };
    *put_digits(fraction + 1, c.frac, 7) = 'Z';
    buf_put(b, fraction, sizeof fraction);
}

static void put_short_fraction(struct buf *b, int frac)
{
    char text[16];
    int n = 7;
    if (frac == 0)
        return;
    for (int i = 6; i >= 0; i--, frac /= 10)
        text[i] = (char)('0' + frac % 10);
    while (text[n - 1] == '0')
        n--;
    buf_putc(b, '.');
    buf_put(b, text, (size_t)n);
}

void ticks_put_human(struct buf *b, int64_t t)
{
    struct civil c;
    ticks_to_civil(clamp(t), &c);
    put_date_time(b, &c, ' ');
    put_short_fraction(b, c.frac);
    buf_putc(b, 'Z');
}

void ticks_put_compact(struct buf *b, int64_t t)
{
    struct civil c;
    ticks_to_civil(clamp(t), &c);
    buf_printf(b, "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.min, c.sec);
}

void timespan_put(struct buf *b, int64_t ticks)
{
    uint64_t v = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    uint64_t days = v / (uint64_t)TICKS_DAY;
    if (ticks < 0)
        buf_putc(b, '-');
    if (days)
        buf_printf(b, "%llu.", (unsigned long long)days);
    buf_printf(b, "%02d:%02d:%02d", (int)(v / (uint64_t)TICKS_HOUR % 24), (int)(v / (uint64_t)TICKS_MIN % 60),
               (int)(v / (uint64_t)TICKS_SEC % 60));
    if (v % (uint64_t)TICKS_SEC)
        buf_printf(b, ".%07d", (int)(v % (uint64_t)TICKS_SEC));
}

static const struct {
    const char *name;
    int64_t ticks;
} units[] = {
    { "d", TICKS_DAY },
    { "day", TICKS_DAY },
    { "days", TICKS_DAY },
    { "h", TICKS_HOUR },
    { "hr", TICKS_HOUR },
    { "hrs", TICKS_HOUR },
    { "hour", TICKS_HOUR },
    { "hours", TICKS_HOUR },
    { "m", TICKS_MIN },
    { "min", TICKS_MIN },
    { "minute", TICKS_MIN },
    { "minutes", TICKS_MIN },
    { "s", TICKS_SEC },
    { "sec", TICKS_SEC },
    { "second", TICKS_SEC },
    { "seconds", TICKS_SEC },
    { "ms", TICKS_MS },
    { "milli", TICKS_MS },
    { "millis", TICKS_MS },
    { "millisec", TICKS_MS },
    { "millisecond", TICKS_MS },
    { "milliseconds", TICKS_MS },
    { "us", TICKS_US },
    { "micro", TICKS_US },
    { "micros", TICKS_US },
    { "microsec", TICKS_US },
    { "microsecond", TICKS_US },
    { "microseconds", TICKS_US },
    { "tick", 1 },
    { "ticks", 1 },
};

/* number unit: exact for whole numbers, rounded to a tick otherwise */
static bool read_unit(struct str s, int64_t *ticks)
{
    size_t n = 0;
    while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
        n++;
    struct str number = str_sub(s, 0, n), unit = str_sub(s, n, s.n);
    int64_t whole;
    double real;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!str_eqz(unit, units[i].name))
            continue;
        if (str_to_i64(number, &whole))
            return !__builtin_mul_overflow(whole, units[i].ticks, ticks);
        if (!str_to_f64(number, &real) || real * (double)units[i].ticks > 9.2e18)
            return false;
        *ticks = (int64_t)(real * (double)units[i].ticks + 0.5);
        return true;
    }
    return false;
}

/* [d.]h[h]:mm[:ss[.f]] | days */
static bool read_clock(struct str s, int64_t *ticks)
{
    struct cursor c = { s.p, s.p + s.n };
    int64_t days = 0;
    size_t dot = str_chr(s, '.', 0), colon = str_chr(s, ':', 0);
    int h, m, sec = 0, frac = 0;
    if (colon == s.n)
        return str_to_i64(s, &days) && days < 10675199 && (*ticks = days * TICKS_DAY, true);
    if (dot < colon) {
        if (!str_to_i64(str_sub(s, 0, dot), &days) || days > 10675199)
            return false;
        c.p = s.p + dot + 1;
    }
    if (!digits(&c, 1, 2, &h) || !eat(&c, ':') || !digits(&c, 1, 2, &m))
        return false;
    if (eat(&c, ':')) {
        if (!digits(&c, 1, 2, &sec))
            return false;
        if (eat(&c, '.'))
            frac = fraction(&c);
    }
    if (c.p != c.end || h > 23 || m > 59 || sec > 59)
        return false;
    return !__builtin_add_overflow(days * TICKS_DAY, h * TICKS_HOUR + m * TICKS_MIN + sec * TICKS_SEC + frac,
                                   ticks);
}

bool timespan_parse(struct str s, int64_t *ticks)
{
    s = str_trim(s);
    bool negative = s.n && s.p[0] == '-';
    if (negative)
        s = str_sub(s, 1, s.n);
    if (!s.n || s.p[0] < '0' || s.p[0] > '9' || !(read_unit(s, ticks) || read_clock(s, ticks)))
        return false;
    if (negative)
        *ticks = -*ticks;
    return true;
}

int64_t ticks_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return TICKS_UNIX + (int64_t)now.tv_sec * TICKS_SEC + now.tv_nsec / 100;
}

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
