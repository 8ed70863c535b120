/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a request is sent again, and after how long. Pure: no clock, no chance of its own, so that every case
 * is a test.
 *
 * Requests here only read, so a POST may be repeated like a GET.
 */
#include <math.h>

#include "hb/net.h"
#include "hb/ticks.h"

static const double FIRST_WAIT = 0.8, LONGEST_WAIT = 60;

/* How often it may be repeated for this; a reply that took its whole time is worth one more try. */
static int repeats(const struct retry_case *c)
{
    switch (c->failure) {
    case NET_NO_CONNECTION: return c->max;
    case NET_BROKEN: return 1;
    case NET_TIMEOUT:
    case NET_FATAL: return 0;
    case NET_OK: break;
    }
    if (c->status == 504)
        return 1;
    bool passing = (c->gone && (c->status == 404 || c->status == 410)) || c->status == 408 ||
                   c->status == 429 || (c->status >= 500 && c->status != 501 && c->status != 505);
    return passing ? c->max : 0;
}

/* Seconds that the service asked for; negative when it did not. */
static double asked_for(const struct retry_case *c)
{
    double v;
    int64_t then, date;
    if (str_to_f64(c->retry_after_ms, &v) && v >= 0)
        return v / 1000;
    if (str_to_f64(c->retry_after, &v) && v >= 0)
        return v;
    if (!c->retry_after.n || !ticks_parse(c->retry_after, &then))
        return -1;
    if (!c->date.n ||
        !ticks_parse(c->date, &date)) /* a date counts from the service's own clock, if it tells it */
        date = c->now;
    return then > date ? (double)(then - date) / (double)TICKS_SEC : 0;
}

bool retry_decide(const struct retry_case *c, double *wait)
{
    int most = repeats(c);
    if (c->tries > (most < c->max ? most : c->max))
        return false;
    double asked = c->failure == NET_OK ? asked_for(c) : -1;
    double own = FIRST_WAIT * pow(2, c->tries - 1) * (0.75 + c->random / 2);
    *wait = asked >= 0 ? asked : fmin(own, LONGEST_WAIT);
    return c->spent + *wait <= c->budget;
}
