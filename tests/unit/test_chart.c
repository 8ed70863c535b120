/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts from tables to drawings: what is refused, what hostile data does, where labels lie, and what gnuplot
 * cannot do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <math.h>
#include <string.h>
#include <sys/prctl.h>

#include "../../src/chart/marks_int.h"
#include "hb/fs.h"
#include "hb/ticks.h"
#include "hb/utf8.h"

static struct arena *arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0, "a test");
    err = (struct err)ERR_INIT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* -- a table with everything that has ever broken a chart -- */

static const struct str hostile[] = {
    STR_INIT("svchost.exe"),
    STR_INIT("`touch pwned`"),
    STR_INIT("$(touch pwned)"),
    STR_INIT("x\nEOD\nsystem('touch pwned')\n"),
    STR_INIT("<script>alert(1)</script>"),
    STR_INIT("]]>&#x202e;\"'>"),
    STR_INIT("inv\xe2\x80\xae"
             "fdp.exe"),
    STR_INIT("a\0b"),
    STR_INIT("\xff\xc0\xaf\xed\xa0\x80"),
    STR_INIT("C:\\new\\table {_^@&~}"),
    STR_INIT("\xf0\x9f\x98\x80\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"),
    STR_INIT(""),
    STR_INIT("a_name_that_is_much_longer_than_any_chart_is_wide_and_goes_on_and_on_and_on_and_on_and_on.exe"),
};
enum { NHOSTILE = sizeof hostile / sizeof *hostile };

static uint32_t next(uint32_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 17;
    *s ^= *s << 5;
    return *s;
}

static struct table *rows(size_t n, int64_t spread)
{
    struct table *t = table_new(arena, 6, n);
    uint32_t seed = 7;
    table_set_column(t, 0, STR("TimeGenerated"), HB_DATETIME);
    table_set_column(t, 1, STR("Name"), HB_STRING);
    table_set_column(t, 2, STR("Count"), HB_LONG);
    table_set_column(t, 3, STR("Score"), HB_REAL);
    table_set_column(t, 4, STR("Anomaly"), HB_LONG);
    table_set_column(t, 5, STR("Host`id`\xe2\x80\xae"), HB_STRING);
    for (size_t i = 0; i < n; i++) {
        t->cols[0].v.i[i] = 739629 * TICKS_DAY + (int64_t)(next(&seed) % 1000) * spread;
        t->cols[1].v.s[i] = hostile[i % NHOSTILE];
        t->cols[2].v.i[i] = next(&seed) % 100000;
        t->cols[3].v.f[i] = (double)(next(&seed) % 1000) / 1000 - 0.7;
        t->cols[4].v.i[i] = next(&seed) % 5 ? 1 : -1;
        t->cols[5].v.s[i] = arena_strf(arena, "host%u", next(&seed) % 4);
    }
    return t;
}

static const struct drawing *draw(const struct chart_spec *spec, const struct table *t, struct str *note)
{
    struct chart_job job = { .spec = spec, .table = t };
    if (!charts_draw(arena, &job, 1, NULL, &err))
        fail_msg("%s", err.text);
    if (note)
        *note = job.note;
    return job.out;
}

/* -- what a drawing must hold -- */

static bool clean(struct str s, bool lines)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = utf8_next(s, &i);
        if (cp == UTF8_BAD || (utf8_hidden(cp) && !(lines && cp == '\n')))
            return false;
    }
    return true;
}

struct box {
    double x0, y0, x1, y1;
};

static double runs_width(const struct shape *s)
{
    double w = 0;
    for (size_t i = 0; i < s->nruns; i++)
        w += text_width(NULL, s->runs[i].text, s->size / 100.0);
    return w;
}

static struct box text_box(const struct shape *s)
{
    double x = s->x / 100.0, y = s->y / 100.0, size = s->size / 100.0, w = runs_width(s);
    double from = s->anchor == ANCHOR_START ? 0 : s->anchor == ANCHOR_END ? -w : -w / 2;
    if (s->rotate)
        return (struct box){ x - 0.75 * size, y - from - w, x + 0.25 * size, y - from };
    return (struct box){ x + from, y - 0.75 * size, x + from + w, y + 0.25 * size };
}

static void check_text(const struct drawing *d)
{
    for (size_t i = 0; i < d->nshapes; i++) {
        const struct shape *s = &d->shapes[i];
        assert_true(clean(s->tip, true));
        if (s->kind != SHAPE_TEXT)
            continue;
        for (size_t r = 0; r < s->nruns; r++)
            assert_true(clean(s->runs[r].text, false));
        struct box a = text_box(s);
        if (a.x0 < 0 || a.y0 < 0 || a.x1 > d->width / 100.0 || a.y1 > d->height / 100.0)
            fail_msg("'%.*s' sticks out: %g %g %g %g", STR_ARG(s->runs[0].text), a.x0, a.y0, a.x1, a.y1);
        for (size_t j = 0; j < i; j++) {
            if (d->shapes[j].kind != SHAPE_TEXT)
                continue;
            struct box b = text_box(&d->shapes[j]);
            if (a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1)
                fail_msg("'%.*s' and '%.*s' collide", STR_ARG(s->runs[0].text),
                         STR_ARG(d->shapes[j].runs[0].text));
        }
    }
    assert_true(clean(d->title, false) && clean(d->desc, false) && d->desc.n > 0);
}

static size_t count_kind(const struct drawing *d, enum shape_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nshapes; i++)
        n += d->shapes[i].kind == kind;
    return n;
}

static void check_round_trip(const struct drawing *d)
{
    struct drawing again;
    struct buf b = BUF_INIT;
    drawing_put_svg(&b, d, "chart-1", true);
    if (!drawing_parse_svg(arena, buf_view(&b), &again, &err))
        fail_msg("%s", err.text);
    assert_int_equal(again.nshapes, d->nshapes);
    buf_free(&b);
}

static const struct str tooltips[] = { STR_INIT("Count"), STR_INIT("Host`id`\xe2\x80\xae") };

static const struct chart_spec specs[] = {
    { .kind = CHART_SCATTER,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Name"),
      .tooltip = tooltips,
      .ntooltip = 2,
      .title = STR_INIT("`id` \xe2\x80\xae title") },
    { .kind = CHART_SCATTER, .x = STR_INIT("Name"), .y = STR_INIT("Score") },
    { .kind = CHART_SCATTER, .x = STR_INIT("Count"), .y = STR_INIT("Score"), .series = STR_INIT("Name") },
    { .kind = CHART_BAR, .x = STR_INIT("Name"), .y = STR_INIT("Count"), .tooltip = tooltips, .ntooltip = 2 },
    { .kind = CHART_BAR, .x = STR_INIT("TimeGenerated"), .y = STR_INIT("Score") },
    { .kind = CHART_LINE, .x = STR_INIT("Count"), .y = STR_INIT("Score") },
    { .kind = CHART_TIME,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Count"),
      .series = STR_INIT("Host`id`\xe2\x80\xae") },
    { .kind = CHART_HISTOGRAM, .x = STR_INIT("Score") },
    { .kind = CHART_HISTOGRAM, .x = STR_INIT("TimeGenerated"), .y = STR_INIT("Count") },
    { .kind = CHART_HEATMAP, .x = STR_INIT("TimeGenerated"), .y = STR_INIT("Name") },
    { .kind = CHART_HEATMAP,
      .x = STR_INIT("Name"),
      .y = STR_INIT("Host`id`\xe2\x80\xae"),
      .value = STR_INIT("Count") },
    { .kind = CHART_BAR, .x = STR_INIT("Name"), .y = STR_INIT("Count"), .width = 320, .height = 120 },
    { .kind = CHART_TIME,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Score"),
      .low = STR_INIT("Score"),
      .high = STR_INIT("Count") },
    { .kind = CHART_BAR,
      .x = STR_INIT("Name"),
      .y = STR_INIT("Count"),
      .series = STR_INIT("Host`id`\xe2\x80\xae"),
      .top = 10 },
    { .kind = CHART_BAR,
      .x = STR_INIT("Host`id`\xe2\x80\xae"),
      .y = STR_INIT("Score"),
      .series = STR_INIT("Name"),
      .stack = CHART_STACKED },
    { .kind = CHART_COLUMN,
      .x = STR_INIT("Name"),
      .y = STR_INIT("Count"),
      .tooltip = tooltips,
      .ntooltip = 2 },
    { .kind = CHART_COLUMN,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Count"),
      .series = STR_INIT("Name"),
      .stack = CHART_SHARES },
    { .kind = CHART_COLUMN, .x = STR_INIT("Count"), .y = STR_INIT("Score") },
    { .kind = CHART_AREA, .x = STR_INIT("TimeGenerated"), .y = STR_INIT("Score") },
    { .kind = CHART_AREA,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Score"),
      .low = STR_INIT("Score"),
      .high = STR_INIT("Count") },
    { .kind = CHART_AREA,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Count"),
      .series = STR_INIT("Name"),
      .stack = CHART_STACKED },
    { .kind = CHART_TIMELINE,
      .x = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Name"),
      .series = STR_INIT("Host`id`\xe2\x80\xae"),
      .tooltip = tooltips,
      .ntooltip = 2 },
    { .kind = CHART_TIMELINE,
      .x = STR_INIT("TimeGenerated"),
      .end = STR_INIT("TimeGenerated"),
      .y = STR_INIT("Name") },
    { .kind = CHART_HEATMAP, .x = STR_INIT("TimeGenerated"), .value = STR_INIT("Count") },
    { .kind = CHART_SCATTER, .x = STR_INIT("Count"), .y = STR_INIT("Score"), .x_log = true, .y_log = true },
    { .kind = CHART_LINE,
      .x = STR_INIT("Count"),
      .y = STR_INIT("Count"),
      .y_log = true,
      .y_limits = { true, true, 10, 1000 } },
    { .kind = CHART_COLUMN,
      .x = STR_INIT("Name"),
      .y = STR_INIT("Count"),
      .y_limits = { true, true, -5, 5 },
      .no_legend = true },
};
enum { NSPECS = sizeof specs / sizeof *specs };

/* Every kind over hostile rows, from one row to many, over a microsecond to centuries: one gnuplot process
 * each. */
static void test_every_kind(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        int64_t spread;
    } shapes[] = { { 1, 1 },           { 2, 10 },         { 13, TICKS_SEC },       { 13, TICKS_MIN },
                   { 60, TICKS_HOUR }, { 60, TICKS_DAY }, { 500, 40 * TICKS_DAY }, { 5000, TICKS_SEC * 86 } };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const struct table *t = rows(shapes[k].n, shapes[k].spread);
        struct chart_job jobs[NSPECS];
        for (size_t i = 0; i < NSPECS; i++)
            jobs[i] = (struct chart_job){ .spec = &specs[i], .table = t };
        if (!charts_draw(arena, jobs, NSPECS, NULL, &err))
            fail_msg("%zu rows: %s", shapes[k].n, err.text);
        for (size_t i = 0; i < NSPECS; i++) {
            if (!jobs[i].out) {
                assert_true(jobs[i].note.n > 0);
                continue;
            }
            check_text(jobs[i].out);
            check_round_trip(jobs[i].out);
        }
    }
}

/* The script is words of ours, numbers and placeholders: none of the data. */
static void test_script_holds_no_data(void **state)
{
    (void)state;
    const struct table *t = rows(NHOSTILE, TICKS_MIN);
    for (size_t i = 0; i < NSPECS; i++) {
        struct source s;
        struct plot p;
        struct placeholders labels;
        struct buf b = BUF_INIT;
        assert_true(source_init(&s, &specs[i], t, NULL, &err));
        assert_true(plot_make(arena, &s, &p));
        script_put(arena, &b, &p, i, &labels);
        for (size_t g = 0; g < p.ngroups; g++)
            script_put_data(&b, &p.groups[g]);
        for (size_t k = 0; k < b.n; k++)
            assert_true(b.p[k] == '\n' ||
                        (b.p[k] >= ' ' && b.p[k] <= '~' && !strchr("`\"$!|<>&;{}", b.p[k])));
        assert_int_equal(str_find(buf_view(&b), STR("svchost"), 0), SIZE_MAX);
        assert_int_equal(str_find(buf_view(&b), STR("host0"), 0), SIZE_MAX);
        buf_free(&b);
    }
}

static void test_marks_and_tooltips(void **state)
{
    (void)state;
    struct table *t = rows(10, TICKS_HOUR);
    const struct drawing *d = draw(&specs[0], t, NULL);
    assert_int_equal(count_kind(d, SHAPE_CIRCLE), 10);
    size_t alarms = 0, tips = 0;
    for (size_t row = 0; row < 10; row++) {
        struct buf b = BUF_INIT;
        buf_puts(&b, "TimeGenerated: ");
        cell_put_human(&b, &t->cols[0], row);
        buf_puts(&b, "\nName: ");
        put_clean(&b, t->cols[1].v.s[row], 200);
        buf_printf(&b, "\nCount: %lld\nHost`id`\\u{202E}: %.*s", (long long)t->cols[2].v.i[row],
                   STR_ARG(t->cols[5].v.s[row]));
        for (size_t i = 0; i < d->nshapes; i++) {
            if (d->shapes[i].kind != SHAPE_CIRCLE || !str_eq(d->shapes[i].tip, buf_view(&b)))
                continue;
            tips++;
            assert_int_equal(d->shapes[i].fill, t->cols[4].v.i[row] < 0 ? PAINT_ALARM : PAINT_ACCENT);
            alarms += d->shapes[i].fill == PAINT_ALARM;
        }
        buf_free(&b);
    }
    assert_int_equal(tips, 10);
    assert_true(alarms > 0);
    assert_true(str_eqz(d->title, "`id` \\u{202E} title"));
}

/* What was to be expected lies behind the line, as high as its columns say; rows to point out lie on top. */
static void test_band(void **state)
{
    (void)state;
    enum { N = 8 };
    struct table *t = table_new(arena, 5, N);
    static const char *const names[] = { "Time", "Value", "Low", "High", "Odd" };
    static const enum hb_type types[] = { HB_DATETIME, HB_LONG, HB_REAL, HB_REAL, HB_BOOL };
    for (size_t c = 0; c < 5; c++)
        table_set_column(t, c, str_z(names[c]), types[c]);
    for (size_t i = 0; i < N; i++) {
        t->cols[0].v.i[i] = TICKS_UNIX + (int64_t)i * TICKS_HOUR;
        t->cols[1].v.i[i] = i == 5 ? 90 : 20;
        t->cols[2].v.f[i] = 10;
        t->cols[3].v.f[i] = i < 4 ? 30 : 50;
        t->cols[4].v.b[i] = i == 5;
    }
    column_set_null(t, 3, 7); /* nothing expected here: no box */
    const struct chart_spec spec = { .kind = CHART_TIME,
                                     .x = STR("Time"),
                                     .y = STR("Value"),
                                     .low = STR("Low"),
                                     .high = STR("High"),
                                     .highlight = STR("Odd") };
    const struct drawing *d = draw(&spec, t, NULL);
    const struct shape *band = NULL;
    size_t alarms = 0;
    bool line = false;
    for (size_t i = 0; i < d->nshapes; i++) {
        const struct shape *s = &d->shapes[i];
        if (s->kind == SHAPE_PATH && s->fill == PAINT_ACCENT && s->opacity == 15) {
            assert_false(line);
            assert_null(band);
            band = s;
        }
        line = line || (s->kind == SHAPE_PATH && s->stroke == PAINT_ACCENT);
        /* the swatch of the legend is one too */
        alarms += s->kind == SHAPE_CIRCLE && s->fill == PAINT_ALARM && s->tip.n;
    }
    assert_true(line && band);
    assert_int_equal(alarms, 1);
    /* seven upper ends, and back along seven lower ones */
    assert_int_equal(band->nsteps, 2 * (N - 1) + 1);
    centi first = band->steps[13].y - band->steps[0].y, last = band->steps[7].y - band->steps[6].y;
    assert_in_range(last, first * 2 - 20, first * 2 + 20);
    check_round_trip(d);
    static const struct chart_spec wrong[] = {
        { .kind = CHART_TIME, .x = STR_INIT("Time"), .y = STR_INIT("Value"), .low = STR_INIT("Low") },
        { .kind = CHART_BAR,
          .x = STR_INIT("Time"),
          .y = STR_INIT("Value"),
          .low = STR_INIT("Low"),
          .high = STR_INIT("High") },
        { .kind = CHART_TIME,
          .x = STR_INIT("Time"),
          .y = STR_INIT("Value"),
          .low = STR_INIT("Low"),
          .high = STR_INIT("Odd") },
        { .kind = CHART_TIME,
          .x = STR_INIT("Time"),
          .y = STR_INIT("Value"),
          .low = STR_INIT("Low"),
          .high = STR_INIT("High"),
          .series = STR_INIT("Odd") },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(chart_check(&wrong[i], t, &err));
}

/* Circles lie where the numbers say: the later, the further right; bars are as long as their values. */
static void test_places(void **state)
{
    (void)state;
    struct table *t = rows(5, 1);
    for (int64_t i = 0; i < 5; i++) {
        t->cols[0].v.i[i] = TICKS_UNIX + i * TICKS_HOUR;
        t->cols[2].v.i[i] = (i + 1) * 100;
        t->cols[4].v.i[i] = 1;
    }
    const struct drawing *d = draw(&specs[0], t, NULL);
    centi last = 0;
    for (size_t i = 0; i < d->nshapes; i++) {
        if (d->shapes[i].kind == SHAPE_CIRCLE) {
            assert_true(d->shapes[i].x > last);
            last = d->shapes[i].x;
        }
    }
    d = draw(&specs[3], t, NULL);
    double unit = 0;
    for (size_t i = 0, bar = 0; i < d->nshapes; i++) {
        if (d->shapes[i].kind != SHAPE_RECT)
            continue;
        bar++;
        unit = bar == 1 ? d->shapes[i].w : unit;
        assert_true(fabs(d->shapes[i].w - unit * (double)bar) < 10);
    }
}

static void test_escapes_are_runs(void **state)
{
    (void)state;
    struct label l = label_make(arena, NULL, hostile[6], 11, 1e9);
    assert_int_equal(l.nruns, 3);
    assert_true(str_eqz(l.runs[0].text, "inv") && !l.runs[0].escape);
    assert_true(str_eqz(l.runs[1].text, "\\u{202E}") && l.runs[1].escape);
    assert_true(str_eqz(l.runs[2].text, "fdp.exe") && !l.runs[2].escape);
    assert_int_equal(l.tip.n, 0);
}

static void test_long_labels_lose_their_middle(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_puts(&b, "begin-");
    buf_pad(&b, 'x', 1 << 20);
    buf_puts(&b, "-\xc3\xa9nd");
    struct label l = label_make(arena, NULL, buf_view(&b), 11, 150);
    assert_int_equal(l.nruns, 1);
    assert_true(l.width <= 150 && l.width > 120);
    assert_true(str_starts(l.runs[0].text, STR("begin-")) && str_ends(l.runs[0].text, STR("-\xc3\xa9nd")));
    assert_true(str_find(l.runs[0].text, STR("\xe2\x80\xa6"), 0) != SIZE_MAX);
    assert_true(l.tip.n > 300 && l.tip.n < 500);
    buf_free(&b);
}

static void test_limits_are_told(void **state)
{
    (void)state;
    struct str note;
    struct table *t = rows(5000, TICKS_MIN);
    for (size_t i = 0; i < 5000; i++)
        t->cols[1].v.s[i] = arena_strf(arena, "name%zu", i % 60);
    const struct drawing *d = draw(&specs[0], t, &note);
    assert_true(count_kind(d, SHAPE_CIRCLE) <= POINTS_MAX);
    assert_true(str_find(note, STR("20 of 60 values of Name are not drawn"), 0) != SIZE_MAX);
    assert_true(str_find(note, STR("points are drawn"), 0) != SIZE_MAX);
    draw(&specs[3], t, &note);
    assert_true(str_eqz(note, "the 40 first of 5,000 rows are drawn"));
    column_set_null(t, 0, 3);
    draw(&specs[6], t, &note);
    assert_true(str_find(note, STR("1 rows have no value to draw"), 0) != SIZE_MAX);
}

/* -- many points -- */

static struct table *numbers(size_t n)
{
    struct table *t = table_new(arena, 3, n);
    table_set_column(t, 0, STR("n"), HB_LONG);
    table_set_column(t, 1, STR("v"), HB_REAL);
    table_set_column(t, 2, STR("s"), HB_STRING);
    for (size_t i = 0; i < n; i++) {
        t->cols[0].v.i[i] = (int64_t)i;
        t->cols[1].v.f[i] = (double)(i * 7919 % 1000);
        t->cols[2].v.s[i] = i % 3 ? STR("a") : STR("b");
    }
    return t;
}

/* One peak and one dip among a million points stay, wherever they are; the note tells the numbers. */
static void test_thinned_lines_keep_extremes(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 10000, 1000000 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k], npicks, *picks = ARENA_ARRAY(arena, n, size_t);
        struct point *points = ARENA_ARRAY(arena, n, struct point);
        for (size_t i = 0; i < n; i++)
            points[i] = (struct point){ i, (double)i, (double)(i * 7919 % 1000) };
        size_t high = n / 3, low = n / 7 * 5;
        points[high].y = 1e6;
        points[low].y = n > 2 ? -1e6 : points[low].y;
        npicks = thin_line(points, n, 2000, picks);
        bool has_high = false, has_low = false;
        for (size_t i = 0; i < npicks; i++) {
            assert_true(i == 0 || picks[i] > picks[i - 1]);
            has_high = has_high || picks[i] == high;
            has_low = has_low || picks[i] == low;
        }
        assert_true(has_high && has_low && npicks <= 2000 && npicks >= (n < 2000 ? n : 1000));
        assert_int_equal(picks[0], 0);
        assert_int_equal(picks[npicks - 1], n - 1);
    }
}

/* Marks stand for all points between them, and the outermost points are marks of their own. */
static void test_thinned_clouds_keep_extremes(void **state)
{
    (void)state;
    enum { N = 300000 };
    struct point *points = ARENA_ARRAY(arena, N, struct point);
    for (size_t i = 0; i < N; i++)
        points[i] = (struct point){ i, (double)(i * 7919 % 10007), (double)(i * 104729 % 10009) };
    static const size_t ends[] = { 1234, 99999, 200000, 299998 };
    points[ends[0]].x = -1;
    points[ends[1]].x = 10008;
    points[ends[2]].y = -1;
    points[ends[3]].y = 10010;
    size_t n, all = 0, found = 0;
    struct place *places = thin_cloud(arena, points, N, 1000, -1, 10008, -1, 10010, &n);
    for (size_t i = 0; i < n; i++) {
        all += places[i].count;
        for (size_t k = 0; k < 4; k++)
            found += places[i].pick == ends[k];
    }
    assert_int_equal(all, N);
    assert_int_equal(found, 4);
    assert_in_range(n, 500, 1004);
}

/* A million rows through every kind that takes them, to the drawing: bounded shapes, and the note says what was done. */
static void test_a_million_rows(void **state)
{
    (void)state;
    struct table *t = numbers(1000000);
    t->cols[1].v.f[333333] = 5000;
    static const struct chart_spec many[] = {
        { .kind = CHART_LINE, .x = STR_INIT("n"), .y = STR_INIT("v") },
        { .kind = CHART_SCATTER, .x = STR_INIT("n"), .y = STR_INIT("v"), .series = STR_INIT("s") },
        { .kind = CHART_COLUMN, .x = STR_INIT("n"), .y = STR_INIT("v") },
        { .kind = CHART_AREA,
          .x = STR_INIT("n"),
          .y = STR_INIT("v"),
          .series = STR_INIT("s"),
          .stack = CHART_STACKED },
        { .kind = CHART_HISTOGRAM, .x = STR_INIT("v") },
        { .kind = CHART_BAR, .x = STR_INIT("n"), .y = STR_INIT("v"), .top = 10 },
    };
    static const char *const said[] = { "1,000,000 points are drawn by",
                                        "1,000,000 points are drawn as",
                                        "1,000,000 columns are drawn by",
                                        "1,000,000 points are drawn by",
                                        "",
                                        "the 10 largest of 1,000,000 rows are drawn" };
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        struct str note;
        const struct drawing *d = draw(&many[i], t, &note);
        if (str_find(note, str_z(said[i]), 0) == SIZE_MAX)
            fail_msg("'%.*s' does not say '%s'", STR_ARG(note), said[i]);
        assert_true(d->nshapes < 2200);
        bool told = i == 3 || i == 4; /* areas have no tooltips, bins none of a row */
        for (size_t k = 0; k < d->nshapes; k++)
            told = told || str_find(d->shapes[k].tip, STR("v: 5000"), 0) != SIZE_MAX;
        /* a thinned line has no markers to point at; its peak is tested above */
        assert_true(told || i == 0);
        check_text(d);
    }
}

/* -- what options do -- */

static size_t count_fill(const struct drawing *d, enum shape_kind kind, enum paint_role fill, bool marks)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nshapes; i++)
        n += d->shapes[i].kind == kind && d->shapes[i].fill == fill && (!marks || d->shapes[i].tip.n);
    return n;
}

static bool has_text(const struct drawing *d, const char *words)
{
    for (size_t i = 0; i < d->nshapes; i++)
        if (d->shapes[i].nruns == 1 && str_eqz(d->shapes[i].runs[0].text, words))
            return true;
    return false;
}

static void test_bars_of_series(void **state)
{
    (void)state;
    struct table *t = numbers(12);
    for (size_t i = 0; i < 12; i++) {
        t->cols[0].v.i[i] = (int64_t)i / 3;
        t->cols[1].v.f[i] = (double)(i + 1);
    }
    struct chart_spec spec = {
        .kind = CHART_BAR, .x = STR("n"), .y = STR("v"), .series = STR("s"), .top = 2
    };
    struct str note;
    const struct drawing *d = draw(&spec, t, &note);
    assert_true(str_eqz(note, "the 2 largest of 4 values of n are drawn"));
    /* Of the last two places: b has 10 and 7, a has 11 + 12 and 8 + 9; the largest place is first. */
    assert_int_equal(count_fill(d, SHAPE_RECT, PAINT_ACCENT, true), 2);
    assert_int_equal(count_fill(d, SHAPE_RECT, PAINT_SERIES_2, true), 2);
    assert_true(has_text(d, "23") && has_text(d, "17") && has_text(d, "10") && has_text(d, "7"));
    spec.stack = CHART_STACKED;
    d = draw(&spec, t, NULL);
    assert_true(has_text(d, "33") && has_text(d, "24") && !has_text(d, "23"));
    centi end = 0, start = 0;
    for (size_t i = 0; i < d->nshapes; i++) { /* b is the first series: a's bar begins where b's ends */
        if (d->shapes[i].tip.n && str_find(d->shapes[i].tip, STR("v: 10"), 0) != SIZE_MAX)
            end = d->shapes[i].x + d->shapes[i].w;
        if (d->shapes[i].tip.n && str_find(d->shapes[i].tip, STR("v: 23"), 0) != SIZE_MAX)
            start = d->shapes[i].x;
    }
    assert_true(start > 0 && end > 0);
    assert_in_range(start, end - 2, end + 2);
    spec.stack = CHART_SHARES;
    d = draw(&spec, t, NULL);
    assert_true(has_text(d, "100") && !has_text(d, "33"));
}

/* -- what a plot holds before it is drawn -- */

static struct plot plot_of(const struct chart_spec *spec, const struct table *t)
{
    struct source s;
    struct plot p;
    if (!source_init(&s, spec, t, NULL, &err))
        fail_msg("%s", err.text);
    assert_true(plot_make(arena, &s, &p));
    return p;
}

static const struct group *group_of(const struct plot *p, enum mark_style style, uint8_t role)
{
    for (size_t i = 0; i < p->ngroups; i++)
        if (p->groups[i].style == style && p->groups[i].role == role)
            return &p->groups[i];
    fail_msg("there is no group of style %d and role %d", style, role);
    return NULL;
}

/* Each series keeps its marker, also behind one that is a single point. */
static void test_markers_of_short_series(void **state)
{
    (void)state;
    struct table *t = numbers(9);
    for (size_t i = 0; i < 9; i++)
        t->cols[2].v.s[i] = i < 4 ? STR("first") : i == 4 ? STR("lone") : STR("last");
    for (size_t k = 0; k < 2; k++) {
        const struct chart_spec spec = {
            .kind = k ? CHART_AREA : CHART_LINE, .x = STR("n"), .y = STR("v"), .series = STR("s")
        };
        struct plot p = plot_of(&spec, t);
        const struct group *first = group_of(&p, MARKS_POINTS, series_looks[0].role),
                           *lone = group_of(&p, MARKS_POINTS, series_looks[1].role),
                           *last = group_of(&p, MARKS_POINTS, series_looks[2].role);
        assert_int_equal(first->nmarks, 4);
        assert_int_equal(first->marker, MARKER_CIRCLE);
        assert_int_equal(lone->nmarks, 1);
        assert_int_equal(lone->marker, MARKER_SQUARE);
        assert_int_equal(last->nmarks, 4);
        assert_int_equal(last->marker, MARKER_TRIANGLE);
    }
}

static void test_bins(void **state)
{
    (void)state;
    const struct table *t = numbers(1000); /* v is each of 0 .. 999 once */
    static const struct {
        int bins;
        size_t want;
    } cases[] = { { 0, 20 }, { 40, 20 }, { 100, 100 }, { 199, 100 }, { 200, 200 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct chart_spec spec = { .kind = CHART_HISTOGRAM, .x = STR("v"), .bins = cases[i].bins };
        struct plot p = plot_of(&spec, t);
        assert_int_equal(p.groups[0].nmarks, cases[i].want);
    }
}

/* Of more rows than a timeline draws, those that are highlighted stay: dots under others, bars shorter than others. */
static void test_timeline_keeps_alarms(void **state)
{
    (void)state;
    enum { N = 5000, PLACES = N / 2, EVERY = 250, ALARMS = PLACES / EVERY };
    static const char *const names[] = { "Time", "Lane", "Odd", "End" };
    static const enum hb_type types[] = { HB_DATETIME, HB_STRING, HB_BOOL, HB_DATETIME };
    struct table *t = table_new(arena, 4, N);
    for (size_t c = 0; c < 4; c++)
        table_set_column(t, c, str_z(names[c]), types[c]);
    for (size_t i = 0; i < N; i++) { /* the second half lies on the first, place by place */
        bool odd = i >= PLACES && i % EVERY == EVERY - 1;
        t->cols[0].v.i[i] = TICKS_UNIX + (int64_t)(i % PLACES) * TICKS_HOUR;
        t->cols[1].v.s[i] = STR("lane");
        t->cols[2].v.b[i] = odd;
        t->cols[3].v.i[i] = t->cols[0].v.i[i] + (odd ? TICKS_MIN : TICKS_HOUR);
    }
    struct chart_spec spec = {
        .kind = CHART_TIMELINE, .x = STR("Time"), .y = STR("Lane"), .highlight = STR("Odd")
    };
    struct plot p = plot_of(&spec, t);
    assert_int_equal(group_of(&p, MARKS_POINTS, PAINT_ALARM)->nmarks, ALARMS);
    assert_true(str_find(p.note, STR("one is drawn, a highlighted one if there is one"), 0) != SIZE_MAX);
    spec.end = STR("End");
    p = plot_of(&spec, t);
    assert_int_equal(group_of(&p, MARKS_BOXES, PAINT_ALARM)->nmarks, ALARMS);
    assert_int_equal(group_of(&p, MARKS_BOXES, PAINT_ACCENT)->nmarks, POINTS_MAX - ALARMS);
    assert_true(
        str_eqz(p.note, "2,000 of 5,000 bars are drawn: highlighted ones, and of the others the longest"));
}

/* What an option or the room takes away is in the note. */
static void test_labels_left_out(void **state)
{
    (void)state;
    struct chart_spec spec = { .kind = CHART_COLUMN, .x = STR("n"), .y = STR("v"), .width = 320 };
    struct plot p = plot_of(&spec, numbers(40));
    size_t named = p.x.nticks;
    assert_in_range(named, 10, 20);
    assert_string_equal(arena_printf(arena, "%.*s", STR_ARG(p.note)),
                        arena_printf(arena, "%zu of 40 values of n are named on the axis", named));
    spec = (struct chart_spec){ .kind = CHART_COLUMN, .x = STR("n"), .y = STR("v"), .top = 5 };
    p = plot_of(&spec, numbers(100));
    assert_true(str_find(p.note, STR("'top' chooses none of them"), 0) != SIZE_MAX);
}

static void test_hours_by_days(void **state)
{
    (void)state;
    struct table *t = table_new(arena, 1, 3);
    table_set_column(t, 0, STR("Time"), HB_DATETIME);
    int64_t monday = TICKS_UNIX + 4 * TICKS_DAY; /* 1970-01-05 */
    t->cols[0].v.i[0] = t->cols[0].v.i[1] = monday + 3 * TICKS_HOUR;
    t->cols[0].v.i[2] = monday + 6 * TICKS_DAY + 23 * TICKS_HOUR;
    const struct chart_spec spec = { .kind = CHART_HEATMAP, .x = STR("Time") };
    const struct drawing *d = draw(&spec, t, NULL);
    bool two = false, one = false;
    for (size_t i = 0; i < d->nshapes; i++) {
        two = two || str_eqz(d->shapes[i].tip, "03\nMonday\nrows: 2");
        one = one || str_eqz(d->shapes[i].tip, "23\nSunday\nrows: 1");
    }
    assert_true(one && two && has_text(d, "Saturday") && has_text(d, "00"));
    struct table *words = numbers(3);
    const struct chart_spec wrong = { .kind = CHART_HEATMAP, .x = STR("s") };
    assert_false(chart_check(&wrong, words, &err));
    assert_non_null(strstr(err.text, "a heatmap needs a column for 'y'"));
}

static void test_limits_and_logarithms(void **state)
{
    (void)state;
    struct table *t = numbers(50);
    struct chart_spec spec = {
        .kind = CHART_LINE, .x = STR("n"), .y = STR("v"), .y_limits = { true, true, 0, 500 }
    };
    struct str note;
    const struct drawing *d = draw(&spec, t, &note);
    assert_non_null(strstr(arena_printf(arena, "%.*s", STR_ARG(note)), "of the marks reach beyond the axis"));
    assert_true(has_text(d, "500") && !has_text(d, "600"));
    spec = (struct chart_spec){ .kind = CHART_SCATTER, .x = STR("n"), .y = STR("v"), .y_log = true };
    d = draw(&spec, t, &note);
    assert_true(str_eqz(note, "1 values of v are not above 0 and have no place on a logarithmic axis"));
    assert_true(has_text(d, "100") && has_text(d, "1,000"));
}

/* Many long series: the legend takes the lines it needs, and names all of them. */
static void test_legend_names_all(void **state)
{
    (void)state;
    struct table *t = numbers(60);
    for (size_t i = 0; i < 60; i++)
        t->cols[2].v.s[i] = arena_strf(arena, "a rather long name of a series, %zu", i % 6);
    const struct chart_spec spec = {
        .kind = CHART_LINE, .x = STR("n"), .y = STR("v"), .series = STR("s"), .width = 330
    };
    const struct drawing *d = draw(&spec, t, NULL);
    size_t named = 0;
    for (size_t i = 0; i < d->nshapes; i++)
        named += d->shapes[i].kind == SHAPE_TEXT && str_starts(d->shapes[i].tip, STR("a rather long name"));
    assert_int_equal(named, 6);
    check_text(d);
}

/* -- colours -- */

static double linear(unsigned c)
{
    double v = c / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* OKLab of a colour as somebody sees it. Machado, Oliveira and Fernandes, 2009: matrices of severity 1. */
static void seen_as(uint32_t rgb, const double m[3][3], double lab[3])
{
    double in[3] = { linear(rgb >> 16 & 255), linear(rgb >> 8 & 255), linear(rgb & 255) }, c[3];
    for (size_t i = 0; i < 3; i++)
        c[i] = fmin(1, fmax(0, m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2]));
    double l = cbrt(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
    double n = cbrt(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
    double s = cbrt(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
    lab[0] = 0.2104542553 * l + 0.7936177850 * n - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * n + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * n - 0.8086757660 * s;
}

static double luminance(uint32_t rgb)
{
    return 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

static double contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

/* Marks stand out from the paper and from each other, for every kind of eye. */
static void test_colours_for_every_eye(void **state)
{
    (void)state;
    static const double eyes[4][3][3] = {
        { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
        { { 0.152286, 1.052583, -0.204868 },
          { 0.114503, 0.786281, 0.099216 },
          { -0.003882, -0.048116, 1.051998 } },
        { { 0.367322, 0.860646, -0.227968 },
          { 0.280085, 0.672501, 0.047413 },
          { -0.011820, 0.042940, 0.968881 } },
        { { 1.255528, -0.076749, -0.178779 },
          { -0.078411, 0.930809, 0.147602 },
          { 0.004733, 0.691367, 0.303900 } },
    };
    static const enum paint_role marks[] = { PAINT_ACCENT,   PAINT_ALARM,    PAINT_SERIES_2, PAINT_SERIES_3,
                                             PAINT_SERIES_4, PAINT_SERIES_5, PAINT_SERIES_6 };
    enum { N = sizeof marks / sizeof *marks };
    for (int dark = 0; dark < 2; dark++)
        for (size_t i = 0; i < N; i++) {
            const struct paint_info *a = paint_info(marks[i]), *paper = paint_info(PAINT_PAPER);
            assert_true(contrast(dark ? a->dark : a->rgb, dark ? paper->dark : paper->rgb) >= 3);
            for (size_t j = 0; j < i; j++)
                for (size_t eye = 0; eye < 4; eye++) {
                    const struct paint_info *b = paint_info(marks[j]);
                    double la[3], lb[3];
                    seen_as(dark ? a->dark : a->rgb, eyes[eye], la);
                    seen_as(dark ? b->dark : b->rgb, eyes[eye], lb);
                    double d = sqrt(pow(la[0] - lb[0], 2) + pow(la[1] - lb[1], 2) + pow(la[2] - lb[2], 2));
                    if (d < 0.09)
                        fail_msg("%s and %s are alike to eye %zu: %.3f", a->name, b->name, eye, d);
                }
        }
}

static void test_nothing_to_draw(void **state)
{
    (void)state;
    struct str note;
    assert_null(draw(&specs[0], rows(0, 1), &note));
    assert_true(str_eqz(note, "there are no rows to draw"));
    struct table *t = rows(3, 1);
    for (size_t i = 0; i < 3; i++)
        t->cols[3].v.f[i] = (double)NAN;
    for (size_t i = 0; i < NSPECS; i++) {
        if (str_eqz(specs[i].y, "Score") || str_eqz(specs[i].x, "Score")) {
            assert_null(draw(&specs[i], t, &note));
            assert_true(str_eqz(note, "3 rows have no value to draw"));
        }
    }
}

static void test_extreme_numbers(void **state)
{
    (void)state;
    static const double values[] = { 1e-300, -1e200, 1e200, 0, 4e-320, 1e15 + 1, -0.0 };
    enum { N = sizeof values / sizeof *values };
    struct table *t = rows(N, TICKS_DAY);
    for (size_t last = 0; last < N; last++) {
        for (size_t i = 0; i < N; i++)
            t->cols[3].v.f[i] = values[i > last ? last : i];
        for (size_t i = 0; i < NSPECS; i++)
            if (str_eqz(specs[i].y, "Score") || str_eqz(specs[i].x, "Score"))
                check_text(draw(&specs[i], t, NULL));
    }
    t->cols[0].v.i[0] = 0;
    t->cols[0].v.i[1] = TICKS_MAX;
    check_text(draw(&specs[0], t, NULL));
    check_text(draw(&specs[6], t, NULL));
    check_text(draw(&specs[9], t, NULL));
}

static void test_bad_specifications(void **state)
{
    (void)state;
    const struct table *t = rows(0, 1);
    static const struct {
        struct chart_spec spec;
        const char *text;
    } cases[] = {
        { { .kind = CHART_BAR, .x = STR_INIT("Name") }, "a bar needs a column for 'y'" },
        { { .kind = CHART_HISTOGRAM }, "a histogram needs a column for 'x'" },
        { { .kind = CHART_BAR, .x = STR_INIT("Nme"), .y = STR_INIT("Count") }, "did you mean 'Name'?" },
        { { .kind = CHART_BAR, .x = STR_INIT("Name"), .y = STR_INIT("Name") },
          "is of type string; give a number" },
        { { .kind = CHART_TIME, .x = STR_INIT("Count"), .y = STR_INIT("Count") },
          "type long; give a datetime" },
        { { .kind = CHART_SCATTER,
            .x = STR_INIT("Name"),
            .y = STR_INIT("Count"),
            .highlight = STR_INIT("Name") },
          "highlight: column 'Name'" },
        { { .kind = CHART_HISTOGRAM,
            .x = STR_INIT("Count"),
            .tooltip = &specs[0].y,
            .ntooltip = 1,
            .series = STR_INIT("zzz") },
          "series: there is no column 'zzz'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err = (struct err)ERR_INIT;
        assert_false(chart_check(&cases[i].spec, t, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        if (!strstr(err.text, cases[i].text))
            fail_msg("'%s' is not in '%s'", cases[i].text, err.text);
    }
    assert_true(chart_check(&specs[0], t, &err));
    enum chart_kind k;
    assert_true(chart_kind_parse(STR("timechart"), &k) && k == CHART_TIME);
    assert_false(chart_kind_parse(STR("pie"), &k));
}

static void test_gnuplot_missing(void **state)
{
    (void)state;
    char *path = arena_strdup(arena, getenv("PATH"));
    struct chart_job job = { .spec = &specs[0], .table = rows(3, TICKS_HOUR) };
    struct str version;
    setenv("PATH", "/nonexistent:relative", 1);
    bool drawn = charts_draw(arena, &job, 1, NULL, &err);
    bool known = chart_gnuplot_version(arena, &version, &err);
    setenv("PATH", path, 1);
    assert_false(drawn || known);
    assert_int_equal(err.kind, ERR_RUN);
    assert_string_equal(err.text, "gnuplot is not installed; install the package gnuplot-nox to draw charts");
    assert_true(chart_gnuplot_version(arena, &version, &err));
    assert_true(str_starts(version, STR("gnuplot ")));
}

/* Everything gnuplot has to start a program; none may leave a file. */
static void test_jail(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "system('touch pwned')\n",
        "!touch pwned\n",
        "set title \"`touch pwned`\"\nset terminal svg\nset output 'x.svg'\nplot x\n",
        "set print '|touch pwned'\nprint 1\n",
        "set terminal svg\nset output '|cat >pwned'\nplot x\n",
        "plot '<touch pwned'\n",
    };
    static const char *const args[] = { "-d", "plot.gp", NULL };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == 0 || errno != EFAULT) {
        print_message("skipped: the kernel takes no system call filters\n");
        skip();
    }
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        char *dir;
        assert_true(fs_temp_dir(arena, &dir, &err));
        assert_true(fs_write_atomic(fs_join(arena, dir, "plot.gp"), str_z(scripts[i]), &err));
        gnuplot_run(arena, dir, args, &err);
        if (fs_exists(fs_join(arena, dir, "pwned")))
            fail_msg("gnuplot ran a program: %s", scripts[i]);
        assert_true(fs_remove_tree(dir, &err));
    }
}

static void test_gnuplot_failure_is_told(void **state)
{
    (void)state;
    static const char *const args[] = { "-d", "plot.gp", NULL };
    char *dir;
    assert_true(fs_temp_dir(arena, &dir, &err));
    assert_true(fs_write_atomic(fs_join(arena, dir, "plot.gp"), STR("set nonsense\n"), &err));
    assert_false(gnuplot_run(arena, dir, args, &err));
    assert_non_null(strstr(err.text, "gnuplot failed with exit status"));
    assert_true(fs_remove_tree(dir, &err));
}

static void test_steps(void **state)
{
    (void)state;
    assert_true(nice_step(1) == 1 && nice_step(1.1) == 2 && nice_step(4.9) == 5 && nice_step(51) == 100);
    assert_true(fabs(nice_step(0.03) - 0.05) < 1e-12);
    assert_true(nice_seconds(61) == 120 && nice_seconds(40000) == 43200 && nice_seconds(0.2) < 0.21);
    struct buf b = BUF_INIT;
    put_grouped(&b, 1234567.5, 1);
    buf_putc(&b, ' ');
    put_grouped(&b, -999, 0);
    buf_putc(&b, ' ');
    put_grouped(&b, -0.001, 2);
    assert_string_equal(buf_z(&b), "1,234,567.5 \xe2\x88\x92"
                                   "999 0.00");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_escapes_are_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_labels_lose_their_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_script_holds_no_data, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(test_marks_and_tooltips, setup, teardown),
        cmocka_unit_test_setup_teardown(test_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_band, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_draw, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extreme_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_thinned_lines_keep_extremes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_thinned_clouds_keep_extremes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_million_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars_of_series, setup, teardown),
        cmocka_unit_test_setup_teardown(test_markers_of_short_series, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timeline_keeps_alarms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_labels_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hours_by_days, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_and_logarithms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_legend_names_all, setup, teardown),
        cmocka_unit_test(test_colours_for_every_eye),
        cmocka_unit_test_setup_teardown(test_bad_specifications, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gnuplot_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gnuplot_failure_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
