/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Axes: round steps, ticks that never touch, and their labels.
 *
 * A step is chosen by trying: from the finest sensible one upward until the widest label, with a gap, fits
 * between two ticks.
 */
#include "chart_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/ticks.h"

enum { ACROSS_PIXELS = 56, DOWN_PIXELS = 36, GAP = 16, TICKS_LIMIT = 200 };

/* The finest step worth trying. */
static double least_step(const struct axis *x, double pixels, bool across)
{
    return (x->hi - x->lo) / fmax(2, floor(pixels / (across ? ACROSS_PIXELS : DOWN_PIXELS)));
}

double nice_step(double least)
{
    static const double steps[] = { 1, 2, 5, 10 };
    double unit = pow(10, floor(log10(least)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (unit * steps[i] >= least * (1 - 1e-9))
            return unit * steps[i];
    return unit * 10;
}

static const double calendar[] = {
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
};
enum { NCALENDAR = sizeof calendar / sizeof *calendar };

double nice_seconds(double least)
{
    if (least < 1)
        return nice_step(least);
    for (size_t i = 0; i < NCALENDAR; i++)
        if (calendar[i] >= least)
            return calendar[i];
    return ceil(least / 604800) * 604800;
}

/* -- numbers -- */

void put_grouped(struct buf *b, double v, int decimals)
{
    char digits[400];
    int n = snprintf(digits, sizeof digits, "%.*f", decimals, fabs(v));
    char *point = memchr(digits, '.', (size_t)n);
    size_t whole = point ? (size_t)(point - digits) : (size_t)n;
    if (strspn(digits, "0.") != (size_t)n && v < 0)
        buf_puts(b, "\xe2\x88\x92"); /* a minus sign as wide as a digit */
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            buf_putc(b, ',');
        buf_putc(b, digits[i]);
    }
    buf_puts(b, digits + whole);
}

struct magnitude {
    double unit;
    const char *suffix;
};

/* One suffix for a whole axis, from its largest number. */
static struct magnitude magnitude_of(double largest)
{
    static const struct magnitude rows[] = { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e5, "k" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (largest >= rows[i].unit)
            return i == 3 ? (struct magnitude){ 1e3, "k" } : rows[i];
    return (struct magnitude){ 1, "" };
}

static void put_number_tick(struct buf *b, double v, double step, struct magnitude m)
{
    double largest = fabs(v);
    if (largest >= 1e15 || (step < 1e-6 && v != 0)) {
        buf_printf(b, "%.3g", v);
        return;
    }
    int decimals = 0;
    for (double s = step / m.unit; decimals < 9 && fabs(s - round(s)) > 1e-6 * s; s *= 10)
        decimals++;
    put_grouped(b, v / m.unit, decimals);
    if (v != 0)
        buf_puts(b, m.suffix);
}

void put_short(struct buf *b, double v)
{
    struct magnitude m = magnitude_of(fabs(v));
    char digits[32];
    if (fabs(v) >= 1e15 || (fabs(v) < 1e-4 && v != 0)) {
        buf_printf(b, "%.3g", v);
        return;
    }
    /* three digits, without the zeros behind the point */
    snprintf(digits, sizeof digits, "%.3g", v / m.unit);
    const char *point = strchr(digits, '.');
    double shown;
    put_grouped(b, str_to_f64(str_z(digits), &shown) ? shown : v, point ? (int)strlen(point + 1) : 0);
    buf_puts(b, m.suffix);
}

static void add_tick(struct arena *a, const struct text_metrics *m, struct axis *x, double at,
                     struct buf *text)
{
    x->ticks[x->nticks++] = (struct tick){ at, label_make(a, m, buf_view(text), FONT_SIZE, 1e9) };
    buf_clear(text);
}

static double widest(const struct axis *x)
{
    double w = 0;
    for (size_t i = 0; i < x->nticks; i++)
        w = fmax(w, x->ticks[i].label.width);
    return w;
}

static bool ticks_fit(const struct axis *x, double step, double pixels, bool across)
{
    double room = step / (x->hi - x->lo) * pixels;
    return room >= (across ? widest(x) + GAP : 1.8 * FONT_SIZE);
}

static void log_tick(struct arena *a, const struct text_metrics *m, struct axis *x, double at,
                     struct buf *text)
{
    if (at < x->lo - 1e-9 || at > x->hi + 1e-9 || x->nticks == TICKS_LIMIT)
        return;
    put_short(text, pow(10, at));
    add_tick(a, m, x, at, text);
}

/* Powers of ten, or of a thousand where these are too many; between few of them 2 and 5, or plain steps. */
static void log_ticks(struct arena *a, const struct text_metrics *m, struct axis *x, double pixels,
                      bool across)
{
    struct buf text = BUF_INIT;
    double step = 1;
    do {
        x->nticks = 0;
        for (double k = ceil(x->lo / step - 1e-9); k * step <= x->hi + 1e-9; k++)
            log_tick(a, m, x, k * step, &text);
        if (x->nticks < 2 || ticks_fit(x, step, pixels, across))
            break;
        step = step < 3 ? 3 : step * 2;
    } while (step < 400);
    if (x->nticks < 2 && x->hi - x->lo < 2) {
        double lo = pow(10, x->lo), hi = pow(10, x->hi), linear = nice_step((hi - lo) / 4);
        x->nticks = 0;
        for (double k = ceil(lo / linear - 1e-9); k * linear <= hi && x->nticks < 8; k++)
            if (k > 0)
                log_tick(a, m, x, log10(k * linear), &text);
        /* nearest neighbours are at the upper end */
        if (x->nticks > 1 &&
            !ticks_fit(x, x->ticks[x->nticks - 1].at - x->ticks[x->nticks - 2].at, pixels, across)) {
            x->ticks[1] = x->ticks[x->nticks - 1];
            x->nticks = 2;
        }
    }
    buf_free(&text);
}

void axis_number_ticks(struct arena *a, const struct text_metrics *m, struct axis *x, double pixels,
                       bool across)
{
    if (x->log) {
        x->ticks = ARENA_ARRAY(a, TICKS_LIMIT, struct tick);
        log_ticks(a, m, x, pixels, across);
        return;
    }
    struct buf text = BUF_INIT;
    struct magnitude unit = magnitude_of(fmax(fabs(x->lo), fabs(x->hi)));
    double step = nice_step(least_step(x, pixels, across));
    x->ticks = ARENA_ARRAY(a, TICKS_LIMIT, struct tick);
    for (int tries = 0; tries < 12; tries++) {
        x->nticks = 0;
        for (double k = ceil(x->lo / step - 1e-9); k * step <= x->hi + 1e-9 * step && x->nticks < TICKS_LIMIT;
             k++) {
            put_number_tick(&text, k * step, step, unit);
            add_tick(a, m, x, k * step, &text);
        }
        if (x->nticks < 2 || ticks_fit(x, step, pixels, across))
            break;
        step = nice_step(step * 1.01);
    }
    buf_free(&text);
}

/* -- time -- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static int64_t to_ticks(const struct axis *x, double at)
{
    int64_t t = x->origin + (int64_t)llround(at * (double)TICKS_SEC);
    return t < 0 ? 0 : t > TICKS_MAX ? TICKS_MAX : t;
}

/* What changes between two ticks: the day at midnight, else the time of day. */
static void put_time_tick(struct buf *b, int64_t t, double step)
{
    struct civil c;
    ticks_to_civil(t, &c);
    if (t % TICKS_DAY == 0 && step >= 60)
        buf_printf(b, "%d %s", c.day, months[c.month - 1]);
    else if (step >= 60)
        buf_printf(b, "%02d:%02d", c.hour, c.min);
    else if (step >= 1)
        buf_printf(b, "%02d:%02d:%02d", c.hour, c.min, c.sec);
    else
        buf_printf(b, "%02d.%0*d", c.sec, step >= 0.001 ? 3 : 7,
                   step >= 0.001 ? c.frac / (int)TICKS_MS : c.frac);
}

static void day_steps(struct arena *a, const struct text_metrics *m, struct axis *x, double step)
{
    struct buf text = BUF_INIT;
    /* Steps count from midnight, weeks from a Monday (day 0 of the calendar was one). */
    double first = (double)(x->origin % (7 * TICKS_DAY)) / (double)TICKS_SEC;
    double k = ceil((x->lo + first) / step - 1e-9);
    for (; k * step - first <= x->hi + 1e-9 * step && x->nticks < TICKS_LIMIT; k++) {
        put_time_tick(&text, to_ticks(x, k * step - first), step);
        add_tick(a, m, x, k * step - first, &text);
    }
    buf_free(&text);
}

/* Steps of `count` months, from January of a year. */
static void month_steps(struct arena *a, const struct text_metrics *m, struct axis *x, int count)
{
    struct buf text = BUF_INIT;
    struct civil c;
    ticks_to_civil(to_ticks(x, x->lo), &c);
    int months_from_zero = (c.year * 12 + c.month - 1) / count * count;
    for (int i = months_from_zero; i < 9999 * 12 && x->nticks < TICKS_LIMIT; i += count) {
        struct civil at = { .year = i / 12, .month = i % 12 + 1, .day = 1 };
        int64_t t;
        if (!ticks_from_civil(&at, &t))
            continue;
        double seconds = (double)(t - x->origin) / (double)TICKS_SEC;
        if (seconds > x->hi)
            break;
        if (seconds < x->lo)
            continue;
        if (count % 12)
            buf_printf(&text, "%s %d", months[at.month - 1], at.year);
        else
            buf_printf(&text, "%d", at.year);
        add_tick(a, m, x, seconds, &text);
    }
    buf_free(&text);
}

void axis_time_ticks(struct arena *a, const struct text_metrics *m, struct axis *x, double pixels,
                     bool across)
{
    static const int month_counts[] = {
        1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000, 24000, 60000
    };
    x->ticks = ARENA_ARRAY(a, TICKS_LIMIT, struct tick);
    for (double step = nice_seconds(least_step(x, pixels, across)); step <= 604800;
         step = nice_seconds(step * 1.01)) {
        x->nticks = 0;
        day_steps(a, m, x, step);
        if (ticks_fit(x, step, pixels, across))
            return;
    }
    for (size_t i = 0; i < sizeof month_counts / sizeof *month_counts; i++) {
        x->nticks = 0;
        month_steps(a, m, x, month_counts[i]);
        if (ticks_fit(x, month_counts[i] * 28 * 86400.0, pixels, across))
            return;
    }
}
