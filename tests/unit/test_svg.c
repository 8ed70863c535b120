/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawings to SVG and back, the strict XML parser, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../src/chart/chart_int.h"

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

static const struct path_step steps[] = {
    { PATH_MOVE, 0, 0 }, { PATH_LINE, 12345, -7 }, { PATH_LINE, 100, 150 }, { PATH_CLOSE, 0, 0 }
};
static const struct text_run runs[] = { { STR_INIT("a<b> & \"c\"  "), false },
                                        { STR_INIT("\\u{202E}"), true },
                                        { STR_INIT("\xc3\xa9"), false } };
static const struct shape shapes[] = {
    { .kind = SHAPE_PATH,
      .stroke = PAINT_GRID,
      .stroke_width = 50,
      .opacity = 100,
      .steps = steps,
      .nsteps = 4,
      .ndash = 2,
      .dash = { 300, 150 } },
    { .kind = SHAPE_RECT, .fill = PAINT_ACCENT, .opacity = 35, .x = -5, .y = 1001, .w = 990, .h = 1 },
    { .kind = SHAPE_CIRCLE,
      .fill = PAINT_ALARM,
      .stroke = PAINT_PAPER,
      .stroke_width = 25,
      .opacity = 100,
      .x = 31,
      .y = 7,
      .w = 330,
      .tip = STR_INIT("line 1\nline <2> & \"3\"") },
    { .kind = SHAPE_TEXT,
      .fill = PAINT_INK,
      .opacity = 100,
      .x = 10,
      .y = 20,
      .size = 1100,
      .runs = runs,
      .nruns = 3,
      .anchor = ANCHOR_END,
      .tip = STR_INIT("whole") },
    { .kind = SHAPE_TEXT,
      .fill = PAINT_SERIES_6,
      .opacity = 100,
      .x = 10,
      .y = 20,
      .size = 950,
      .runs = runs + 1,
      .nruns = 1,
      .anchor = ANCHOR_MIDDLE,
      .rotate = -90,
      .bold = true },
};
static const struct drawing drawing = { .width = 64000,
                                        .height = 30050,
                                        .shapes = shapes,
                                        .nshapes = sizeof shapes / sizeof *shapes,
                                        .title = STR_INIT("A <title>"),
                                        .desc = STR_INIT("what & why") };

static void check_same(const struct shape *a, const struct shape *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->fill, b->fill);
    assert_int_equal(a->stroke, b->stroke);
    assert_int_equal(a->opacity, b->opacity);
    assert_int_equal(a->stroke_width, b->stroke_width);
    assert_int_equal(a->ndash, b->ndash);
    assert_memory_equal(a->dash, b->dash, sizeof a->dash);
    assert_true(a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h);
    assert_true(a->size == b->size && a->anchor == b->anchor && a->rotate == b->rotate && a->bold == b->bold);
    assert_true(str_eq(a->tip, b->tip));
    assert_int_equal(a->nsteps, b->nsteps);
    for (size_t i = 0; i < a->nsteps; i++)
        assert_true(a->steps[i].op == b->steps[i].op && a->steps[i].x == b->steps[i].x &&
                    a->steps[i].y == b->steps[i].y);
    assert_int_equal(a->nruns, b->nruns);
    for (size_t i = 0; i < a->nruns; i++)
        assert_true(str_eq(a->runs[i].text, b->runs[i].text) && a->runs[i].escape == b->runs[i].escape);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int standalone = 0; standalone < 2; standalone++) {
        struct buf b = BUF_INIT;
        struct drawing again;
        drawing_put_svg(&b, &drawing, "c-1", standalone);
        if (!drawing_parse_svg(arena, buf_view(&b), &again, &err))
            fail_msg("%s", err.text);
        assert_true(again.width == drawing.width && again.height == drawing.height);
        assert_true(str_eq(again.title, drawing.title) && str_eq(again.desc, drawing.desc));
        assert_int_equal(again.nshapes, drawing.nshapes);
        for (size_t i = 0; i < again.nshapes; i++)
            check_same(&again.shapes[i], &shapes[i]);
        buf_free(&b);
    }
}

static void test_form(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    drawing_put_svg(&b, &drawing, "c1", false);
    static const char *const parts[] = {
        "<svg class=\"hb-chart\" role=\"img\" aria-labelledby=\"c1-title c1-desc\" width=\"640\" "
        "height=\"300.5\" ",
        "<title id=\"c1-title\">A &lt;title&gt;</title>",
        "<path class=\"hb-s-grid\" fill=\"none\" stroke=\"#D5DBE2\" stroke-width=\"0.5\" "
        "stroke-dasharray=\"3 1.5\" "
        "d=\"M0 0L123.45 -0.07L1 1.5Z\"/>",
        "<rect class=\"hb-f-accent\" fill=\"#1F5FA8\" fill-opacity=\"0.35\" x=\"-0.05\" y=\"10.01\" "
        "width=\"9.9\" "
        "height=\"0.01\"/>",
        "<tspan class=\"hb-f-alarm\" fill=\"#B3261E\">\\u{202E}</tspan>",
        "transform=\"rotate(-90 0.1 0.2)\"",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_find(buf_view(&b), str_z(parts[i]), 0) == SIZE_MAX)
            fail_msg("%s is not in\n%s", parts[i], buf_z(&b));
    assert_int_equal(str_find(buf_view(&b), STR("style"), 0), SIZE_MAX);
    buf_clear(&b);
    drawing_put_css(&b);
    assert_true(str_find(buf_view(&b), STR(".hb-f-alarm{fill:var(--hb-alarm)}"), 0) != SIZE_MAX);
    buf_free(&b);
}

static struct str with(const char *from, const char *to)
{
    struct buf b = BUF_INIT, out = BUF_INIT;
    drawing_put_svg(&b, &drawing, "c1", true);
    size_t at = str_find(buf_view(&b), str_z(from), 0);
    assert_true(at != SIZE_MAX);
    buf_put(&out, b.p, at);
    buf_puts(&out, to);
    buf_put(&out, b.p + at + strlen(from), b.n - at - strlen(from));
    struct str s = buf_to_arena(&out, arena);
    buf_free(&b);
    buf_free(&out);
    return s;
}

/* One change each to a good file. */
static void test_everything_else_is_refused(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        { "<desc id", "<script>alert(1)</script>\n<desc id" },
        { "<rect ", "<rect onclick=\"x()\" " },
        { "<rect ", "<image href=\"http://example.test/\"/><rect " },
        { "<title id", "<!-- c --><title id" },
        { "<svg ", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg " },
        { "fill=\"#1F5FA8\"", "fill=\"url(#a)\"" },
        { "fill=\"#1F5FA8\"", "fill=\"#1F5FA9\"" },
        { "hb-f-accent", "hb-f-unknown" },
        { "hb-f-accent", "hb-f-accent evil" },
        { "line 1", "line \xe2\x80\xae" },
        { "line 1", "line \xff" },
        { "line 1", "line &#x202e;" },
        { "line 1", "line &#49;" },
        { "line 1", "line &quot;" },
        { "line 1", "line\t1" },
        { "what &amp; why", "what & why" },
        { "9.9\"", "9.90\"" },
        { "9.9\"", "1e3\"" },
        { "9.9\"", "99999999999\"" },
        { "rotate(-90 0.1 0.2)", "rotate(-90 0.1 0.3)" },
        { "rotate(-90 0.1 0.2)", "matrix(1 0 0 1 0 0)" },
        { "</svg>\n", "</svg>\n<svg/>" },
        { "</svg>\n", "</svg>" },
        { "</svg>\n", "" },
        { "A &lt;title&gt;", "A <title/>" },
        { "id=\"c1-title\"", "id=\"c2-title\"" },
        { "aria-labelledby=\"c1-title", "aria-labelledby=\"c\"1-title" },
        { "<?xml version=\"1.0\"", "<?xml version=\"1.1\"" },
        { "d=\"M0 0", "d=\"L0 0" },
        { "d=\"M0 0", "d=\"M0 0C1 1 2 2 3 3" },
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct drawing d;
        err = (struct err)ERR_INIT;
        if (drawing_parse_svg(arena, with(changes[i][0], changes[i][1]), &d, &err))
            fail_msg("accepted: %s", changes[i][1]);
        assert_int_equal(err.kind, ERR_VERIFY);
    }
    struct drawing d;
    assert_false(drawing_parse_svg(arena, STR(""), &d, &err));
    assert_false(drawing_parse_svg(arena, STR("<svg"), &d, &err));
}

static enum xml_event last_event(const char *text)
{
    struct xml x;
    enum xml_event e;
    xml_init(&x, arena, str_z(text));
    do
        e = xml_next(&x);
    while (e != XML_EOF && e != XML_BAD);
    return e;
}

static void test_xml(void **state)
{
    (void)state;
    assert_int_equal(last_event("<a b='1' c = \"2\"><d/>&lt;&#x41;&#65;</a>\n"), XML_EOF);
    static const char *const bad[] = {
        "<a",
        "<a>",
        "<a></b>",
        "</a>",
        "<a b=1/>",
        "<a b='<'/>",
        "<a b='1'c='2'/>",
        "<a/ >",
        "<a b='1' b='1'/>",
        "<>x</>",
        "<a>&foo;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#99999999999;</a>",
        "<a><![CDATA[x]]></a>",
        "<?xml ",
        " <?xml version='1.0'?><a/>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (last_event(bad[i]) != XML_BAD)
            fail_msg("accepted: %s", bad[i]);
    struct buf deep = BUF_INIT;
    for (int i = 0; i <= XML_DEPTH_MAX; i++)
        buf_puts(&deep, "<a>");
    assert_int_equal(last_event(buf_z(&deep)), XML_BAD);
    buf_free(&deep);
}

/* What gnuplot might be made to emit, and must not get through. */
static void test_import_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "<svg><script/></svg>",
        "<svg><image xlink:href='x'/></svg>",
        "<svg><g onclick='x'/></svg>",
        "<svg><text>hello</text></svg>",
        "<svg><text>L0000009</text></svg>",
        "<svg>stray</svg>",
        "<svg><path stroke='rgb(1,2,3)' d='M0,0 L1,1'/></svg>",
        "<svg><g id='gnuplot_plot_1'/></svg>",
        "<svg><use xlink:href='#gpPt6' transform='translate(1,1) scale(1)' color='rgb(31,95,168)'/></svg>",
        "<svg><rect fill='black'/></svg>",
    };
    struct plot p = { .width = 640, .height = 300 };
    struct placeholders none = { 0 };
    struct drawing d;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (import_svg(arena, str_z(bad[i]), &p, &none, &d, &err))
            fail_msg("accepted: %s", bad[i]);
    assert_true(import_svg(arena, STR("<svg><path stroke='rgb( 31, 95,168)' d='M0,0 L1,1'/></svg>"), &p,
                           &none, &d, &err));
    assert_int_equal(d.nshapes, 1);
    assert_int_equal(d.shapes[0].stroke, PAINT_ACCENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form, setup, teardown),
        cmocka_unit_test_setup_teardown(test_everything_else_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_xml, setup, teardown),
        cmocka_unit_test_setup_teardown(test_import_refuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
