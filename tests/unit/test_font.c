/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fonts: reading, cutting down, falling back. tests/fuzz/corpus/font/tiny.ttf is a font of our own with six glyphs: a square,
 * an accent, their composition, a composition of that, and a blank.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/report/font.h"
#include "hb/fs.h"
#include "hb/utf8.h"

static struct font_file tiny(struct arena *a)
{
    struct font_file f;
    struct err err = ERR_INIT;
    assert_true(font_file_open(&f, a, "tests/fuzz/corpus/font/tiny.ttf", 0, &err));
    return f;
}

static void reads_metrics_and_maps(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct font_file f = tiny(a);
    assert_int_equal(f.nglyphs, 6);
    assert_int_equal(f.units_per_em, 1000);
    assert_string_equal(f.ps_name, "Tiny-Test");
    assert_int_equal(f.ascent, 800);
    assert_int_equal(font_file_glyph(&f, 'A'), 1);
    assert_int_equal(font_file_glyph(&f, ' '), 5);
    assert_int_equal(font_file_glyph(&f, 0xC0), 3);
    assert_int_equal(font_file_glyph(&f, 0x1F601), 2); /* format 12 */
    assert_int_equal(font_file_glyph(&f, 'B'), 0);
    assert_int_equal(font_file_glyph(&f, 0x1F602), 0);
    assert_int_equal(font_file_width(&f, 0), 500);
    assert_int_equal(font_file_width(&f, 4), 600); /* the last advance goes on */
    assert_int_equal(font_file_outline(&f, 5).n, 0);
    arena_free(a);
}

static void refuses_what_is_no_font(void **state)
{
    (void)state;
    struct font_file f;
    struct err err = ERR_INIT;
    struct arena *a = arena_new(0, "test");
    assert_false(font_file_parse(&f, STR(""), 0, &err));
    assert_false(font_file_parse(&f, STR("OTTO and something behind it"), 0, &err));
    assert_string_equal(err.text, "not a TrueType font");
    struct str whole = tiny(a).bytes;
    assert_false(font_file_parse(&f, whole, 1, &err)); /* no collection */
    for (size_t n = 0; n < whole.n; n += 7) {          /* cut anywhere: refused or read within bounds */
        char *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, whole.p, n);
        if (font_file_parse(&f, (struct str){ copy, n }, 0, &err))
            for (uint16_t g = 0; g < f.nglyphs; g++)
                (void)font_file_outline(&f, g);
        free(copy);
    }
    arena_free(a);
}

/* Parts without parts of their own below glyph g. */
static unsigned leaves(const struct font_file *f, uint16_t g, unsigned depth)
{
    struct str o = font_file_outline(f, g);
    if (o.n == 0 || depth > 8)
        return 0;
    if (font_i16(o, 0) >= 0)
        return 1;
    unsigned n = 0, flags;
    size_t at = 10;
    do {
        flags = font_u16(o, at);
        uint16_t part = font_u16(o, at + 2);
        assert_true(part < f->nglyphs);
        n += leaves(f, part, depth + 1);
        at += 4 + (flags & 1 ? 4U : 2U) + (flags & 8 ? 2U : flags & 0x40 ? 4U : flags & 0x80 ? 8U : 0U);
    } while (flags & 0x20);
    return n;
}

static void keeps_parts_of_parts(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct font_file f = tiny(a), sub;
    struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    const uint16_t glyphs[] = { 0, 4, 5, 4 };
    uint16_t numbers[4];
    size_t n = font_subset(&out, &f, glyphs, 4, numbers);
    assert_true(font_file_parse(&sub, buf_view(&out), 0, &err));
    assert_int_equal(sub.nglyphs, n);
    assert_int_equal(n, 6); /* .notdef, 4, 5, and their parts 3, 2, 1 */
    assert_int_equal(numbers[0], 0);
    assert_int_equal(numbers[1], numbers[3]);
    assert_int_equal(leaves(&sub, numbers[1], 0), 3);
    assert_int_equal(font_file_outline(&sub, numbers[2]).n, 0);
    assert_int_equal(font_file_width(&sub, numbers[1]), 600);
    /* the whole file sums to the constant of the format */
    uint32_t sum = 0;
    for (size_t i = 0; i < out.n; i += 4)
        sum += font_u32(buf_view(&out), i);
    assert_int_equal(sum, 0xB1B0AFBA);
    buf_free(&out);
    arena_free(a);
}

/* The accents that a one-level subsetter loses, in the fonts that have them nested. */
static void keeps_accents_of_system_fonts(void **state)
{
    (void)state;
    static const uint32_t cps[] = { 0xC0, 0xE9, 0xF1, 0x1D5, 0x1DA };
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct font_set *s = font_set_new(a, NULL, NULL, &err);
    assert_non_null(s);
    for (size_t i = 0; i < sizeof cps / sizeof *cps; i++)
        for (int face = 0; face < FACE_COUNT; face++) {
            struct font_glyph g;
            assert_true(font_set_glyph(s, (enum font_face)face, cps[i], &g));
        }
    for (size_t i = 0; i < font_set_count(s); i++) {
        const struct font_used *u = font_set_used(s, i);
        struct buf out = BUF_INIT;
        struct font_file sub;
        uint16_t *numbers = ARENA_ARRAY(a, u->n, uint16_t);
        assert_true(font_subset(&out, &u->file, u->glyphs, u->n, numbers) > 0);
        assert_true(font_file_parse(&sub, buf_view(&out), 0, &err));
        for (size_t cid = 0; cid < u->n; cid++) {
            assert_int_equal(leaves(&sub, numbers[cid], 0), leaves(&u->file, u->glyphs[cid], 0));
            assert_int_equal(font_file_width(&sub, numbers[cid]), font_file_width(&u->file, u->glyphs[cid]));
        }
        buf_free(&out);
    }
    arena_free(a);
}

static void gives_each_code_point_its_own_id(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct font_set *s = font_set_new(a, NULL, NULL, &err);
    assert_non_null(s);
    struct font_glyph space, nbsp, again;
    assert_true(font_set_glyph(s, FACE_REGULAR, ' ', &space));
    assert_true(font_set_glyph(s, FACE_REGULAR, 0xA0, &nbsp));
    assert_true(font_set_glyph(s, FACE_REGULAR, ' ', &again));
    assert_int_equal(space.cid, 1);
    assert_int_equal(nbsp.cid, 2);
    assert_int_equal(again.cid, 1);
    struct font_glyph none;
    assert_false(font_set_glyph(s, FACE_REGULAR, 0x10FFFE, &none));
    assert_false(font_set_glyph(s, FACE_REGULAR, UTF8_BAD, &none));
    arena_free(a);
}

static void says_what_to_install(void **state)
{
    (void)state;
    static const char *const nowhere[] = { "/no/such/folder", NULL };
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    assert_null(font_set_new(a, nowhere, NULL, &err));
    assert_int_equal(err.kind, ERR_RUN);
    assert_non_null(strstr(err.text, "fonts-noto-core"));
    assert_non_null(strstr(err.text, "fonts-dejavu-core"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_metrics_and_maps),
        cmocka_unit_test(refuses_what_is_no_font),
        cmocka_unit_test(keeps_parts_of_parts),
        cmocka_unit_test(keeps_accents_of_system_fonts),
        cmocka_unit_test(gives_each_code_point_its_own_id),
        cmocka_unit_test(says_what_to_install),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
