/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time as KQL has it: 64-bit ticks of 100 ns. An instant counts from 0001-01-01T00:00:00 (UTC, proleptic
 * Gregorian, no leap seconds), a timespan is a signed number of ticks. Same numbers in struct table, in SQL
 * and in the record.
 */
#ifndef HB_TICKS_H
#define HB_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#include "hb/buf.h"
#include "hb/str.h"

#define TICKS_US   INT64_C(10)
#define TICKS_MS   INT64_C(10000)
#define TICKS_SEC  INT64_C(10000000)
#define TICKS_MIN  INT64_C(600000000)
#define TICKS_HOUR INT64_C(36000000000)
#define TICKS_DAY  INT64_C(864000000000)
#define TICKS_UNIX INT64_C(621355968000000000)  /* 1970-01-01 */
#define TICKS_MAX  INT64_C(3155378975999999999) /* 9999-12-31T23:59:59.9999999 */

struct civil {
    int year, month, day, hour, min, sec; /* month and day from 1 */
    int frac;                             /* 100 ns units, 0..9999999 */
};

void ticks_to_civil(int64_t t, struct civil *c); /* t in 0..TICKS_MAX */
/* False when a field is out of range. */
bool ticks_from_civil(const struct civil *c, int64_t *t);

/*
 * Reads the datetime forms KQL reads: ISO 8601 (date, 'T' or blank, time with 0-7+ digits of fraction, 'Z' or
 * offset), year, year-month, m/d/yyyy [h:mm[:ss[.f]]] [AM|PM], RFC 822/850 ("Sat, 8 Nov 14 15:05:02 GMT").
 * White space around is allowed. More than 7 digits are cut. A zone-less time is UTC. False when it is none
 * of them or out of range.
 */
bool ticks_parse(struct str s, int64_t *t);
/* ISO 8601 only (what --now takes): 2026-01-15, 2026-01-15T00:00:00Z, with offset and fraction. */
bool ticks_parse_iso(struct str s, int64_t *t);
/* 2026-01-15T00:00:00.0000000Z */
void ticks_put_iso(struct buf *b, int64_t t);
/* 2026-01-15 00:00:00Z, with a fraction (shortest) only when there is one: for people. */
void ticks_put_human(struct buf *b, int64_t t);
/* 20260115T000000Z */
void ticks_put_compact(struct buf *b, int64_t t);

/* [-][d.]hh:mm:ss[.fffffff] */
void timespan_put(struct buf *b, int64_t ticks);
/* KQL literal or text form: 1d, 1.5h, 90s, 100ms, 5us, 10tick, 1.02:03:04.5, 00:30, -1d. A bare number is
 * days: "2" = 2d. */
bool timespan_parse(struct str s, int64_t *ticks);

int64_t ticks_now(void); /* the wall clock; only the command line layer may call it */

/* Seconds of a clock that nobody sets, for how long something takes: only differences mean anything. */
double clock_seconds(void);

#endif
