/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of the PDF: widths, line breaking, escapes; numbers and strings of PDF objects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/report/pdf_int.h"

enum { SIZE = 1000, ALARM = 0xB3261E };

struct fixture {
    struct arena *a;
    struct text t;
    struct text_style style;
};

static int set_up(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    struct err err = ERR_INIT;
    assert_non_null(x);
    x->a = arena_new(0, "test");
    struct font_set *fonts = font_set_new(x->a, NULL, NULL, &err);
    assert_non_null(fonts);
    text_init(&x->t, fonts, ALARM);
    x->style = (struct text_style){ .face = FACE_MONO, .size = SIZE };
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    text_free(&x->t);
    arena_free(x->a);
    free(x);
    return 0;
}

/* Lines of `s` in a column of `chars` monospaced characters, as "first,last;" atom indexes of what is drawn. */
static const char *broken(struct fixture *x, struct str s, int chars, struct buf *out)
{
    size_t pos = 0, from, to;
    bool soft;
    text_clear(&x->t);
    text_add(&x->t, s, &x->style);
    pt100 width = text_width_pt(&x->t, 0, 1) * chars + 1;
    buf_clear(out);
    while (text_next_line(&x->t, &pos, width, &from, &to, &soft))
        buf_printf(out, "%zu,%zu;", from, to);
    return buf_z(out);
}

static void breaks_where_people_would(void **state)
{
    struct fixture *x = *state;
    struct buf b = BUF_INIT;
    assert_string_equal(broken(x, STR("alpha beta gamma"), 11, &b), "0,10;11,16;");
    assert_string_equal(broken(x, STR("alpha beta gamma"), 10, &b), "0,10;11,16;");
    assert_string_equal(broken(x, STR("alpha beta gamma"), 9, &b), "0,5;6,10;11,16;");
    /* a word that fits on a line of its own is not broken */
    assert_string_equal(broken(x, STR("NT AUTHORITY\\SYSTEM"), 16, &b), "0,2;3,19;");
    /* one that does not is broken behind separators, else anywhere */
    assert_string_equal(broken(x, STR("C:\\Users\\Public\\a.dll"), 12, &b), "0,9;9,21;");
    assert_string_equal(broken(x, STR("aaaaaaaaaaaaaaaaaaaaaaaaa"), 10, &b), "0,10;10,20;20,25;");
    assert_string_equal(broken(x, STR("-enc aaaaaaaaaaaaaaaaaaaaaaaaa"), 10, &b), "0,10;10,20;20,30;");
    assert_string_equal(broken(x, STR(""), 10, &b), "");
    assert_string_equal(broken(x, STR("  "), 10, &b), "0,2;");
    buf_free(&b);
}

static void loses_nothing_whatever_the_width(void **state)
{
    struct fixture *x = *state;
    static const struct str texts[] = { STR_INIT("a b  c-d/e\\f.g,h;;i   jjjjjjjjjjjjjjj"),
                                        STR_INIT("\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81\xcc\x81 x"),
                                        STR_INIT("\xe2\x80\xae\xff\xe2\x80\x8bz\x07") };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        for (pt100 width = 1; width < 20000; width += 313) {
            size_t pos = 0, from, to, next = 0;
            bool soft;
            text_clear(&x->t);
            text_add(&x->t, texts[k], &x->style);
            while (text_next_line(&x->t, &pos, width, &from, &to, &soft)) {
                assert_true(from == next && to >= from && pos > from);
                for (size_t i = to; i < pos; i++) /* only white space is swallowed at the end of a line */
                    assert_true(x->t.atoms[i].flags & ATOM_SPACE);
                next = pos;
            }
            assert_int_equal(next, x->t.n);
        }
}

static void escapes_are_red_and_whole(void **state)
{
    struct fixture *x = *state;
    struct buf b = BUF_INIT;
    text_clear(&x->t);
    text_add(&x->t, STR("a\xe2\x80\xae\x62"), &x->style);
    assert_int_equal(x->t.n, 10); /* a \u{202E} b */
    assert_int_equal(x->t.styles[x->t.atoms[1].style].rgb, ALARM);
    assert_int_equal(x->t.styles[x->t.atoms[8].style].rgb, ALARM);
    assert_int_equal(x->t.styles[x->t.atoms[0].style].rgb, 0);
    assert_int_equal(x->t.styles[x->t.atoms[9].style].rgb, 0);
    assert_string_equal(broken(x, STR("ab\xe2\x80\xae\xe2\x80\xae"), 10, &b), "0,10;10,18;");
    assert_string_equal(broken(x, STR("abcd\xe2\x80\xae"), 10, &b), "0,4;4,12;");
    buf_free(&b);
}

/* Plane 15 and unassigned code points have no glyph anywhere: shown, not dropped. */
static void shows_what_no_font_has(void **state)
{
    struct fixture *x = *state;
    text_clear(&x->t);
    text_add(&x->t, STR("\xf0\xaf\xbf\xb0"), &x->style); /* U+2FFF0 */
    assert_int_equal(x->t.n, strlen("\\u{2FFF0}"));
    assert_int_equal(x->t.styles[x->t.atoms[0].style].rgb, ALARM);
}

static void adds_up_widths_without_rounding(void **state)
{
    struct fixture *x = *state;
    struct buf b = BUF_INIT;
    buf_pad(&b, 'a', 1000);
    x->style.size = 761;
    text_clear(&x->t);
    text_add(&x->t, buf_view(&b), &x->style);
    assert_int_equal(text_extent(&x->t, 0, 1000), 1000 * text_extent(&x->t, 0, 1));
    assert_int_equal(text_line_width(&x->t),
                     text_word_width(&x->t, false) - 1 + (text_extent(&x->t, 0, 1000) % 1000 ? 1 : 0));
    x->style.size = SIZE;
    buf_free(&b);
}

static void puts_numbers_and_strings(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        const char *text;
    } numbers[] = { { 0, "0" },          { 5, ".05" },   { 50, ".5" },        { 100, "1" },
                    { 12345, "123.45" }, { -5, "-.05" }, { -12340, "-123.4" } };
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_clear(&b);
        pdf_put_fixed(&b, numbers[i].v);
        assert_string_equal(buf_z(&b), numbers[i].text);
    }
    buf_clear(&b);
    pdf_put_text(&b, STR("A\xf0\x9f\x98\x80"));
    assert_string_equal(buf_z(&b), "<feff0041d83dde00>");
    buf_clear(&b);
    pdf_put_bytes(&b, STR("a(b)\\\n\xff"));
    assert_string_equal(buf_z(&b), "(a\\(b\\)\\\\\\012\\377)");
    buf_clear(&b);
    pdf_put_xml(&b, STR("<a & \"b\">\xe2\x80\xae"));
    assert_string_equal(buf_z(&b), "&lt;a &amp; &quot;b&quot;&gt;\\u{202E}");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_where_people_would),       cmocka_unit_test(loses_nothing_whatever_the_width),
        cmocka_unit_test(escapes_are_red_and_whole),       cmocka_unit_test(shows_what_no_font_has),
        cmocka_unit_test(adds_up_widths_without_rounding), cmocka_unit_test(puts_numbers_and_strings),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
