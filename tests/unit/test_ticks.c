/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ticks: civil dates over the whole range, every text form KQL reads, and what must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "hb/ticks.h"

static void reads(const char *text, const char *want)
{
    int64_t t = -1;
    struct buf b = BUF_INIT;
    if (!ticks_parse(str_z(text), &t))
        fail_msg("'%s' is not read", text);
    ticks_put_iso(&b, t);
    if (strcmp(buf_z(&b), want) != 0)
        fail_msg("'%s' gives %s, not %s", text, buf_z(&b), want);
    buf_free(&b);
}

static void refuses(const char *text)
{
    int64_t t;
    if (ticks_parse(str_z(text), &t))
        fail_msg("'%s' is read as a time", text);
}

static void test_reads(void **state)
{
    (void)state;
    reads("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z");
    reads("2014-11-08 15:55:55+02:00", "2014-11-08T13:55:55.0000000Z");
    reads("2014-11-08T15:55:55-0130", "2014-11-08T17:25:55.0000000Z");
    reads("2014-11-08", "2014-11-08T00:00:00.0000000Z");
    reads("2014-11", "2014-11-01T00:00:00.0000000Z");
    reads("2014", "2014-01-01T00:00:00.0000000Z");
    reads("2026-01-14 03:04:05.12345678", "2026-01-14T03:04:05.1234567Z");
    reads("1/17/2026 10:10:17 PM", "2026-01-17T22:10:17.0000000Z");
    reads("1/15/2026, 12:02:03.123 AM", "2026-01-15T00:02:03.1230000Z");
    reads("12-02-2022", "2022-12-02T00:00:00.0000000Z");
    reads("Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z");
    reads("8 Nov 2014 15:05", "2014-11-08T15:05:00.0000000Z");
    reads("Saturday, 08-Nov-14 15:05:02 UTC", "2014-11-08T15:05:02.0000000Z");
    reads("0001-01-01", "0001-01-01T00:00:00.0000000Z");
    reads("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z");
    reads("2000-02-29", "2000-02-29T00:00:00.0000000Z");
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "now",
        "2014-13-01",
        "2014-02-30",
        "1900-02-29",
        "20140101",
        "2014-01-01T25:00",
        "2014-01-01T",
        "2014-01-01 10:00 XM",
        "0000-01-01",
        "10000-01-01",
        "2014-01-01T10:00:00+25:00",
        "5",
        "1/17/2026 13:00 PM",
        "0001-01-01T00:00+01:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuses(bad[i]);
}

static void test_every_day(void **state)
{
    (void)state;
    struct civil last = { .year = 0 };
    for (int64_t day = 0; day * TICKS_DAY <= TICKS_MAX; day++) {
        struct civil c;
        int64_t back;
        ticks_to_civil(day * TICKS_DAY, &c);
        if (!ticks_from_civil(&c, &back) || back != day * TICKS_DAY)
            fail_msg("day %lld does not come back", (long long)day);
        bool follows = (c.year == last.year && c.month == last.month && c.day == last.day + 1) ||
                       (c.day == 1 && ((c.year == last.year && c.month == last.month + 1) ||
                                       (c.month == 1 && c.year == last.year + 1)));
        if (!follows)
            fail_msg("%d-%d-%d follows %d-%d-%d", c.year, c.month, c.day, last.year, last.month, last.day);
        last = c;
    }
    assert_int_equal(last.year, 9999);
    int64_t epoch;
    assert_true(ticks_from_civil(&(struct civil){ .year = 1970, .month = 1, .day = 1 }, &epoch));
    assert_true(epoch == TICKS_UNIX);
}

static void span(const char *text, const char *want)
{
    int64_t t;
    struct buf b = BUF_INIT;
    if (!timespan_parse(str_z(text), &t))
        fail_msg("'%s' is not read", text);
    timespan_put(&b, t);
    if (strcmp(buf_z(&b), want) != 0)
        fail_msg("'%s' gives %s, not %s", text, buf_z(&b), want);
    buf_free(&b);
}

static void test_timespans(void **state)
{
    (void)state;
    span("1d", "1.00:00:00");
    span("1.5h", "01:30:00");
    span("90s", "00:01:30");
    span("100ms", "00:00:00.1000000");
    span("5us", "00:00:00.0000050");
    span("1tick", "00:00:00.0000001");
    span("-1.02:03:04.5", "-1.02:03:04.5000000");
    span("00:30", "00:30:00");
    span("0:0:0.001", "00:00:00.0010000");
    span("2", "2.00:00:00");
    int64_t t;
    static const char *const bad[] = {
        "", "d", "1x", "25:00", "1:60", "1..2:03", "abc", "1.5", "99999999999d"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (timespan_parse(str_z(bad[i]), &t))
            fail_msg("'%s' is read as a timespan", bad[i]);
}

static void test_writes(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    int64_t t;
    assert_true(ticks_parse_iso(STR("2026-01-15T01:02:03.5Z"), &t));
    ticks_put_human(&b, t);
    buf_putc(&b, ' ');
    ticks_put_compact(&b, t);
    assert_string_equal(buf_z(&b), "2026-01-15 01:02:03.5Z 20260115T010203Z");
    assert_false(ticks_parse_iso(STR("1/1/2026"), &t));
    assert_false(ticks_parse_iso(STR("2026"), &t));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),     cmocka_unit_test(test_refuses), cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_timespans), cmocka_unit_test(test_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
