/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both readers of SVG: our own files (what is accepted is written again and must be the same bytes: parse.c
 * asserts that itself) and gnuplot's (against a plot of one point, one bar and two labels).
 */
#include <assert.h>
#include <stdint.h>

#include "../../src/chart/chart_int.h"
#include "hb/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = utf8_next(s, &i);
        assert(cp != UTF8_BAD && (cp == '\n' || !utf8_hidden(cp)));
    }
}

static void check_drawing(const struct drawing *d)
{
    for (size_t i = 0; i < d->nshapes; i++) {
        const struct shape *s = &d->shapes[i];
        assert(s->fill < PAINT_COUNT && s->stroke < PAINT_COUNT && s->opacity <= 100);
        check_clean(s->tip);
        for (size_t r = 0; r < s->nruns; r++)
            check_clean(s->runs[r].text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(256 << 20, "a fuzz input");
    struct str svg = { (const char *)data, size };
    struct err err = ERR_INIT;
    struct drawing d;
    if (drawing_parse_svg(a, svg, &d, &err))
        check_drawing(&d);

    static struct mark point = { .x = 1, .y = 1, .tip = STR_INIT("tip") }, bar = { .x2 = 1, .y2 = 1 };
    static const struct text_run run = { STR_INIT("label"), false };
    static const struct placed text = { .label = { .runs = &run, .nruns = 1 } };
    const struct placed *both[] = { &text, &text };
    struct placeholders labels = { both, 2, 2 };
    struct plot p = { .width = 640, .height = 300, .ngroups = 2 };
    p.groups[0] = (struct group){ .style = MARKS_POINTS, .role = PAINT_ACCENT, .marks = &point, .nmarks = 1 };
    p.groups[1] = (struct group){ .style = MARKS_BOXES, .role = PAINT_ACCENT, .marks = &bar, .nmarks = 1 };
    if (import_svg(a, svg, &p, &labels, &d, &err))
        check_drawing(&d);
    arena_free(a);
    return 0;
}
