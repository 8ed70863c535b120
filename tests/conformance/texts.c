/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as people and engines write them: times, numbers, nulls. A small pattern language keeps the forms readable.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "hb/buf.h"
#include "hb/ticks.h"

/* -- scanning -- */

struct scan {
    struct str s;
    size_t at;
};

static bool done(const struct scan *k)
{
    return k->at == k->s.n;
}

static bool one(struct scan *k, char c)
{
    if (k->at < k->s.n && k->s.p[k->at] == c)
        return k->at++, true;
    return false;
}

/* Between `least` and `most` digits. */
static bool digits(struct scan *k, size_t least, size_t most, int64_t *out)
{
    size_t from = k->at;
    *out = 0;
    while (k->at < k->s.n && k->at - from < most && isdigit((unsigned char)k->s.p[k->at]))
        *out = *out * 10 + (k->s.p[k->at++] - '0');
    return k->at - from >= least;
}

/* ".1234567", or nothing: ticks. More than seven digits are cut. */
static bool fraction(struct scan *k, size_t most, int64_t *ticks)
{
    *ticks = 0;
    if (!one(k, '.'))
        return true;
    size_t n = 0;
    for (; k->at < k->s.n && n < most && isdigit((unsigned char)k->s.p[k->at]); n++, k->at++)
        if (n < 7)
            *ticks = *ticks * 10 + (k->s.p[k->at] - '0');
    for (size_t i = n; i < 7; i++)
        *ticks *= 10;
    return n > 0;
}

static bool blanks(struct scan *k)
{
    size_t from = k->at;
    while (k->at < k->s.n && isspace((unsigned char)k->s.p[k->at]))
        k->at++;
    return k->at > from;
}

static struct str unquote(struct str s)
{
    s = str_trim(s);
    while (s.n && s.p[0] == '"')
        s = str_sub(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '"')
        s.n--;
    return s;
}

/* "datetime(X)" and the like: X. */
static struct str unwrap(struct str s, const char *const *names)
{
    for (; *names; names++)
        if (str_starts(s, str_z(*names)))
            s = str_sub(s, strlen(*names), s.n);
    if (s.n && s.p[s.n - 1] == ')')
        s.n--;
    return s;
}

/* -- times -- */

static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    int64_t yy = m <= 2 ? y - 1 : y, era = yy / 400, yoe = yy - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 306;
}

static bool valid(int64_t y, int64_t mo, int64_t d, int64_t h, int64_t mi, int64_t s)
{
    static const int in_month[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (y < 1 || mo < 1 || mo > 12 || h > 23 || mi > 59 || s > 59)
        return false;
    bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return d >= 1 && d <= in_month[mo - 1] + (mo == 2 && leap);
}

static bool zone(struct scan *k, int64_t *minutes)
{
    int64_t h, m;
    *minutes = 0;
    blanks(k);
    if (done(k) || one(k, 'Z'))
        return true;
    if (k->s.n - k->at == 3 && memcmp(k->s.p + k->at, "UTC", 3) == 0)
        return k->at += 3, true;
    int sign = one(k, '+') ? 1 : one(k, '-') ? -1 : 0;
    if (!sign || !digits(k, 2, 2, &h))
        return false;
    one(k, ':');
    if (!digits(k, 2, 2, &m))
        return false;
    *minutes = sign * (h * 60 + m);
    return true;
}

static bool finish(int64_t day, int64_t h, int64_t mi, int64_t s, int64_t frac, int64_t minutes,
                   int64_t *ticks)
{
    *ticks = ((day * 24 + h) * 60 + mi - minutes) * TICKS_MIN + s * TICKS_SEC + frac;
    return true;
}

/* 2017-01-02, 2017-01-02 03:04, 2017-01-02T03:04:05.1234567+02:00 */
static bool iso(struct str text, int64_t *ticks)
{
    struct scan k = { text, 0 };
    int64_t y, mo, d, h = 0, mi = 0, s = 0, frac = 0, minutes;
    if (!digits(&k, 4, 4, &y) || !one(&k, '-') || !digits(&k, 1, 2, &mo) || !one(&k, '-') ||
        !digits(&k, 1, 2, &d))
        return false;
    size_t back = k.at;
    bool gap = false;
    while (k.at < k.s.n && (k.s.p[k.at] == ' ' || k.s.p[k.at] == 'T'))
        k.at++, gap = true;
    if (gap && k.at < k.s.n && isdigit((unsigned char)k.s.p[k.at])) {
        if (!digits(&k, 1, 2, &h) || !one(&k, ':') || !digits(&k, 2, 2, &mi))
            return false;
        if (one(&k, ':') && (!digits(&k, 2, 2, &s) || !fraction(&k, 9, &frac)))
            return false;
    } else {
        k.at = back;
    }
    return zone(&k, &minutes) && done(&k) && valid(y, mo, d, h, mi, s) &&
           finish(days_of(y, mo, d), h, mi, s, frac, minutes, ticks);
}

/* 1/31/2017 10:10:17 PM */
static bool american(struct str text, int64_t *ticks)
{
    struct scan k = { text, 0 };
    int64_t y, mo, d, h = 0, mi = 0, s = 0, frac = 0;
    if (!digits(&k, 1, 2, &mo) || !one(&k, '/') || !digits(&k, 1, 2, &d) || !one(&k, '/') ||
        !digits(&k, 4, 4, &y))
        return false;
    one(&k, ',');
    if (blanks(&k)) {
        if (!digits(&k, 1, 2, &h) || !one(&k, ':') || !digits(&k, 2, 2, &mi))
            return false;
        if (one(&k, ':') && (!digits(&k, 2, 2, &s) || !fraction(&k, 7, &frac)))
            return false;
        blanks(&k);
        struct str half = str_sub(text, k.at, text.n);
        if (str_eq_nocase(half, STR("am")) || str_eq_nocase(half, STR("pm"))) {
            bool pm = tolower((unsigned char)half.p[0]) == 'p';
            h = pm && h < 12 ? h + 12 : !pm && h == 12 ? 0 : h;
            k.at = text.n;
        }
    }
    return done(&k) && valid(y, mo, d, h, mi, s) && finish(days_of(y, mo, d), h, mi, s, frac, 0, ticks);
}

bool text_datetime(struct str s, int64_t *ticks)
{
    static const char *const names[] = { "datetime(", NULL };
    s = unquote(s);
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    return iso(unwrap(s, names), ticks) || american(s, ticks);
}

/* [-][d.]hh:mm:ss[.fffffff] */
static bool clock_span(struct str text, int64_t *ticks)
{
    struct scan k = { text, 0 };
    int64_t d = 0, h, mi, s, frac;
    bool neg = one(&k, '-');
    size_t from = k.at;
    if (digits(&k, 1, 8, &d) && d <= 10675199 && (one(&k, '.') || one(&k, ':')) && digits(&k, 1, 2, &h) &&
        one(&k, ':') && digits(&k, 2, 2, &mi) && one(&k, ':') && digits(&k, 2, 2, &s)) {
        /* with days */
    } else {
        k.at = from;
        d = 0;
        if (!digits(&k, 1, 2, &h) || !one(&k, ':') || !digits(&k, 2, 2, &mi) || !one(&k, ':') ||
            !digits(&k, 2, 2, &s))
            return false;
    }
    if (!fraction(&k, 9, &frac) || !done(&k))
        return false;
    finish(d, h, mi, s, frac, 0, ticks);
    *ticks = neg ? -*ticks : *ticks;
    return true;
}

/* -hh:mm */
static bool short_span(struct str text, int64_t *ticks)
{
    struct scan k = { text, 0 };
    int64_t h, mi;
    bool neg = one(&k, '-');
    if (!digits(&k, 1, 2, &h) || !one(&k, ':') || !digits(&k, 2, 2, &mi) || !done(&k))
        return false;
    *ticks = (h * 60 + mi) * TICKS_MIN * (neg ? -1 : 1);
    return true;
}

/* 1.5h, 3 days */
static bool unit_span(struct str text, int64_t *ticks)
{
    static const struct {
        const char *name;
        int64_t ticks;
    } units[] = { { "d", TICKS_DAY },
                  { "day", TICKS_DAY },
                  { "days", TICKS_DAY },
                  { "h", TICKS_HOUR },
                  { "hour", TICKS_HOUR },
                  { "hours", TICKS_HOUR },
                  { "m", TICKS_MIN },
                  { "minute", TICKS_MIN },
                  { "minutes", TICKS_MIN },
                  { "min", TICKS_MIN },
                  { "s", TICKS_SEC },
                  { "second", TICKS_SEC },
                  { "seconds", TICKS_SEC },
                  { "sec", TICKS_SEC },
                  { "ms", 10000 },
                  { "millisecond", 10000 },
                  { "milliseconds", 10000 },
                  { "microsecond", 10 },
                  { "microseconds", 10 },
                  { "tick", 1 },
                  { "ticks", 1 } };
    struct scan k = { text, 0 };
    int64_t whole, part = 0, scale = 1;
    bool neg = one(&k, '-');
    if (!digits(&k, 1, 12, &whole))
        return false;
    if (one(&k, '.')) {
        size_t from = k.at;
        if (!digits(&k, 1, 6, &part))
            return false;
        for (size_t i = from; i < k.at; i++)
            scale *= 10;
    }
    blanks(&k);
    struct str unit = str_sub(text, k.at, text.n);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eqz(unit, units[i].name) && whole <= INT64_MAX / units[i].ticks - 1) {
            *ticks = (whole * units[i].ticks + part * units[i].ticks / scale) * (neg ? -1 : 1);
            return true;
        }
    return false;
}

bool text_timespan(struct str s, int64_t *ticks)
{
    static const char *const names[] = { "timespan(", "time(", NULL };
    s = unquote(s);
    return clock_span(unwrap(s, names), ticks) || short_span(s, ticks) || unit_span(s, ticks);
}

/* -- numbers -- */

static bool is_numeral(struct str s)
{
    struct scan k = { s, 0 };
    size_t before = 0, behind = 0;
    if (!one(&k, '-'))
        one(&k, '+');
    for (; k.at < s.n && isdigit((unsigned char)s.p[k.at]); k.at++)
        before++;
    if (one(&k, '.'))
        for (; k.at < s.n && isdigit((unsigned char)s.p[k.at]); k.at++)
            behind++;
    if (!before && !behind)
        return false;
    if (one(&k, 'e') || one(&k, 'E')) {
        size_t from;
        if (!one(&k, '-'))
            one(&k, '+');
        for (from = k.at; k.at < s.n && isdigit((unsigned char)s.p[k.at]); k.at++)
            ;
        if (from == k.at)
            return false;
    }
    return done(&k);
}

/* 1,234,567.8 */
static bool has_thousands(struct str s)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+'), n = 0, groups = 0;
    for (; at < s.n && n < 3 && isdigit((unsigned char)s.p[at]); at++)
        n++;
    if (!n)
        return false;
    for (; at < s.n && s.p[at] == ','; groups++) {
        for (n = 0, at++; at < s.n && n < 4 && isdigit((unsigned char)s.p[at]); at++)
            n++;
        if (n != 3)
            return false;
    }
    return groups > 0;
}

bool text_number(struct arena *a, struct str s, struct str *out)
{
    struct buf b = BUF_INIT;
    s = str_trim(s);
    bool commas = has_thousands(s);
    for (size_t i = 0; i < s.n; i++) {
        if (s.n - i >= 3 && memcmp(s.p + i, "\xe2\x88\x92", 3) == 0) { /* the minus sign of typesetters */
            buf_putc(&b, '-');
            i += 2;
        } else if (!commas || s.p[i] != ',') {
            buf_putc(&b, s.p[i]);
        }
    }
    *out = buf_to_arena(&b, a);
    buf_free(&b);
    return is_numeral(*out);
}

static bool fold_is(struct str s, const char *word)
{
    return str_eq_nocase(s, str_z(word));
}

bool text_nonfinite(struct str s, double *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "nan", NAN },
                  { "infinity", INFINITY },
                  { "inf", INFINITY },
                  { "+inf", INFINITY },
                  { "\xe2\x88\x9e", INFINITY },
                  { "+\xe2\x88\x9e", INFINITY },
                  { "-infinity", -INFINITY },
                  { "-inf", -INFINITY },
                  { "-\xe2\x88\x9e", -INFINITY } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (fold_is(s, words[i].word)) {
            *out = words[i].value;
            return true;
        }
    return false;
}

bool text_is_null(struct str s)
{
    return !s.n || fold_is(s, "null") || fold_is(s, "(null)") || fold_is(s, "<null>") ||
           fold_is(s, "(empty)");
}

/* A numeral as digits and an exponent: value = digits * 10^exp. */
struct decimal {
    bool neg;
    char digit[512]; /* values 0..9 */
    int n;
    long exp;
};

static bool decimal_read(struct str s, struct decimal *d)
{
    *d = (struct decimal){ .neg = s.n && s.p[0] == '-' };
    bool point = false;
    size_t i = 0;
    if (!is_numeral(s))
        return false;
    for (i = s.p[0] == '-' || s.p[0] == '+'; i < s.n && (s.p[i] == '.' || isdigit((unsigned char)s.p[i]));
         i++) {
        if (s.p[i] == '.') {
            point = true;
            continue;
        }
        d->exp -= point;
        if (d->n || s.p[i] != '0') {
            if (d->n == (int)sizeof d->digit)
                return false;
            d->digit[d->n++] = (char)(s.p[i] - '0');
        }
    }
    if (i < s.n) {
        char text[16] = { 0 };
        struct str e = str_sub(s, i + 1, s.n);
        if (e.n >= sizeof text)
            return false;
        memcpy(text, e.p, e.n);
        d->exp += strtol(text, NULL, 10);
    }
    return true;
}

static void decimal_trim(struct decimal *d)
{
    while (d->n && d->digit[d->n - 1] == 0)
        d->n--, d->exp++;
    if (!d->n)
        d->neg = false, d->exp = 0;
}

bool numbers_same(struct str a, struct str b)
{
    struct decimal x, y;
    if (!decimal_read(a, &x) || !decimal_read(b, &y))
        return false;
    decimal_trim(&x);
    decimal_trim(&y);
    return x.neg == y.neg && x.exp == y.exp && x.n == y.n && memcmp(x.digit, y.digit, (size_t)x.n) == 0;
}

/* The lowest decimal exponent that the numeral shows: 3.25 gives -2, 1.5e3 gives 2. */
static long last_place(struct str s)
{
    struct decimal d;
    return decimal_read(s, &d) ? d.exp : 0;
}

/* Digits of d from the place of exponent `low` on, as one whole number of `width` digits; false: it does not fit. */
static bool align(const struct decimal *d, long low, int width, char *out)
{
    memset(out, 0, (size_t)width);
    for (int i = 0; i < d->n; i++) {
        long place = d->exp + (d->n - 1 - i) - low;
        if (place < 0 || place >= width)
            return false;
        out[width - 1 - place] = d->digit[i];
    }
    return true;
}

/* out = x - y for x >= y; all of `width` digits. */
static void subtract(const char *x, const char *y, int width, char *out)
{
    int borrow = 0;
    for (int i = width - 1; i >= 0; i--) {
        int v = x[i] - y[i] - borrow;
        borrow = v < 0;
        out[i] = (char)(v + 10 * borrow);
    }
}

bool decimal_shows(struct str shown, struct str actual)
{
    enum { WIDTH = 600 };
    struct decimal e, a, unit = { .digit = { 1 }, .n = 1 };
    char x[WIDTH], y[WIDTH], diff[WIDTH], one_unit[WIDTH], half[WIDTH];
    if (numbers_same(shown, actual))
        return true;
    if (str_chr(shown, '.', 0) == shown.n || !decimal_read(shown, &e) || !decimal_read(actual, &a) ||
        e.neg != a.neg)
        return false;
    unit.exp = last_place(shown);
    struct decimal five = { .digit = { 5 }, .n = 1, .exp = unit.exp - 1 };
    long low = five.exp < a.exp ? five.exp : a.exp;
    if (!align(&e, low, WIDTH, x) || !align(&a, low, WIDTH, y) || !align(&unit, low, WIDTH, one_unit) ||
        !align(&five, low, WIDTH, half))
        return false;
    bool less = memcmp(x, y, WIDTH) < 0;
    subtract(less ? y : x, less ? x : y, WIDTH, diff);
    return memcmp(diff, half, WIDTH) <= 0 || (less && memcmp(diff, one_unit, WIDTH) < 0 && shown.n > 20);
}

bool real_shows(struct str shown, double actual)
{
    double e;
    struct decimal d;
    if (!decimal_read(shown, &d) || !isfinite(actual))
        return false;
    str_to_f64(shown.p[0] == '+' ? str_sub(shown, 1, shown.n) : shown, &e);
    double most = fmax(fabs(e), fabs(actual)), apart = fabs(e - actual);
    if (e == actual || apart <= 1e-12 * most)
        return true;
    size_t digits_shown = 0, behind = 0;
    bool point = false, leading = true;
    for (size_t i = 0; i < shown.n && shown.p[i] != 'e' && shown.p[i] != 'E'; i++) {
        bool digit = isdigit((unsigned char)shown.p[i]);
        leading = leading && (shown.p[i] == '0' || !digit);
        digits_shown += digit && !leading;
        behind += point && digit;
        point = point || shown.p[i] == '.';
    }
    if (digits_shown >= 12 && apart <= 1e-9 * most)
        return true;
    if (behind < 2)
        return false; /* a short numeral is meant exactly */
    return apart <= 0.5 * pow(10, (double)d.exp) * (1 + 1e-6);
}

/* -- text -- */

static size_t white(struct str s, size_t at)
{
    unsigned char c = (unsigned char)s.p[at];
    if (isspace(c) || (c >= 0x1c && c <= 0x1f))
        return 1;
    return c == 0xc2 && at + 1 < s.n &&
                   ((unsigned char)s.p[at + 1] == 0xa0 || (unsigned char)s.p[at + 1] == 0x85)
               ? 2
               : 0;
}

struct str text_squeeze(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    bool gap = false;
    for (size_t i = 0; i < s.n;) {
        size_t w = white(s, i);
        if (w) {
            gap = true;
            i += w;
            continue;
        }
        if (gap && b.n)
            buf_putc(&b, ' ');
        gap = false;
        buf_putc(&b, s.p[i++]);
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}
