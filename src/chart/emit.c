/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawing as SVG, and the colours.
 *
 * Invariant: a drawing has exactly one text form (attributes in a fixed order, numbers as short as they go),
 * so parse.c can verify a file by writing it again. Change the form here and there together; old records are
 * read by the version that wrote them.
 */
#include "chart_int.h"

#include <assert.h>
#include <string.h>

/*
 * The colours of marks can be told apart with any of the three kinds of colour blindness (tests/unit/test_chart.c measures
 * them with Machado's matrices) and stand out from the paper by 3:1; each series has a marker and a dash of its own besides.
 */
static const struct paint_info paints[PAINT_COUNT] = {
    [PAINT_NONE] = { "none", 0, 0 },
    [PAINT_INK] = { "ink", 0x1B2733, 0xE6EAEE },
    [PAINT_MUTED] = { "muted", 0x5B6875, 0xA3AFBB },
    [PAINT_GRID] = { "grid", 0xD5DBE2, 0x3A4653 },
    [PAINT_PAPER] = { "paper", 0xFFFFFF, 0x141C24 },
    [PAINT_ACCENT] = { "accent", 0x1F5FA8, 0x6FA8E8 },
    [PAINT_ALARM] = { "alarm", 0xB3261E, 0xFF8A80 },
    [PAINT_SERIES_2] = { "series-2", 0xD97706, 0xF1C602 },
    [PAINT_SERIES_3] = { "series-3", 0x00A07F, 0x33D6C8 },
    [PAINT_SERIES_4] = { "series-4", 0x75235B, 0xB24C9A },
    [PAINT_SERIES_5] = { "series-5", 0xA67BE6, 0x8F6BFF },
    [PAINT_SERIES_6] = { "series-6", 0x202020, 0xF5F0E6 },
};

const struct paint_info *paint_info(enum paint_role role)
{
    return &paints[role];
}

static void put_centi(struct buf *b, centi v)
{
    unsigned u = v < 0 ? 0u - (unsigned)v : (unsigned)v;
    if (v < 0)
        buf_putc(b, '-');
    buf_u64(b, u / 100);
    if (u % 100)
        buf_printf(b, u % 10 ? ".%02u" : ".%u", u % 10 ? u % 100 : u % 100 / 10);
}

static void put_length(struct buf *b, const char *name, centi v)
{
    buf_printf(b, " %s=\"", name);
    put_centi(b, v);
    buf_putc(b, '"');
}

/* Clean text: only what markup would read needs care. */
static void put_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break;
        case '&': buf_puts(b, "&amp;"); break;
        default: buf_putc(b, s.p[i]); break;
        }
    }
}

static void put_paint(struct buf *b, const char *attr, uint8_t role)
{
    if (role == PAINT_NONE)
        buf_printf(b, " %s=\"none\"", attr);
    else
        buf_printf(b, " %s=\"#%06X\"", attr, (unsigned)paints[role].rgb);
}

static void put_look(struct buf *b, const struct shape *s)
{
    buf_puts(b, " class=\"");
    if (s->fill != PAINT_NONE)
        buf_printf(b, "hb-f-%s", paints[s->fill].name);
    if (s->stroke != PAINT_NONE)
        buf_printf(b, "%shb-s-%s", s->fill != PAINT_NONE ? " " : "", paints[s->stroke].name);
    buf_putc(b, '"');
    put_paint(b, "fill", s->fill);
    if (s->opacity != 100)
        put_length(b, "fill-opacity", s->opacity);
    if (s->stroke == PAINT_NONE)
        return;
    put_paint(b, "stroke", s->stroke);
    put_length(b, "stroke-width", s->stroke_width);
    for (size_t i = 0; i < s->ndash; i++) {
        buf_puts(b, i ? " " : " stroke-dasharray=\"");
        put_centi(b, s->dash[i]);
    }
    if (s->ndash)
        buf_putc(b, '"');
}

static void put_path(struct buf *b, const struct shape *s)
{
    buf_puts(b, " d=\"");
    for (size_t i = 0; i < s->nsteps; i++) {
        if (s->steps[i].op == PATH_CLOSE) {
            buf_putc(b, 'Z');
            continue;
        }
        buf_putc(b, s->steps[i].op == PATH_MOVE ? 'M' : 'L');
        put_centi(b, s->steps[i].x);
        buf_putc(b, ' ');
        put_centi(b, s->steps[i].y);
    }
    buf_putc(b, '"');
}

static void put_text_attrs(struct buf *b, const struct shape *s)
{
    static const char *const anchors[] = {
        [ANCHOR_START] = NULL, [ANCHOR_MIDDLE] = "middle", [ANCHOR_END] = "end"
    };
    put_length(b, "x", s->x);
    put_length(b, "y", s->y);
    put_length(b, "font-size", s->size);
    if (s->bold)
        buf_puts(b, " font-weight=\"bold\"");
    if (anchors[s->anchor])
        buf_printf(b, " text-anchor=\"%s\"", anchors[s->anchor]);
    if (s->rotate) {
        buf_printf(b, " transform=\"rotate(%d ", s->rotate);
        put_centi(b, s->x);
        buf_putc(b, ' ');
        put_centi(b, s->y);
        buf_puts(b, ")\"");
    }
}

static void put_runs(struct buf *b, const struct shape *s)
{
    for (size_t i = 0; i < s->nruns; i++) {
        if (s->runs[i].escape)
            buf_printf(b, "<tspan class=\"hb-f-alarm\" fill=\"#%06X\">", (unsigned)paints[PAINT_ALARM].rgb);
        put_escaped(b, s->runs[i].text);
        if (s->runs[i].escape)
            buf_puts(b, "</tspan>");
    }
}

static const char *const elements[] = {
    [SHAPE_PATH] = "path", [SHAPE_RECT] = "rect", [SHAPE_CIRCLE] = "circle", [SHAPE_TEXT] = "text"
};

static void put_shape(struct buf *b, const struct shape *s)
{
    buf_printf(b, "<%s", elements[s->kind]);
    put_look(b, s);
    switch ((enum shape_kind)s->kind) {
    case SHAPE_PATH: put_path(b, s); break;
    case SHAPE_RECT:
        put_length(b, "x", s->x);
        put_length(b, "y", s->y);
        put_length(b, "width", s->w);
        put_length(b, "height", s->h);
        break;
    case SHAPE_CIRCLE:
        put_length(b, "cx", s->x);
        put_length(b, "cy", s->y);
        put_length(b, "r", s->w);
        break;
    case SHAPE_TEXT: put_text_attrs(b, s); break;
    }
    if (s->kind != SHAPE_TEXT && !s->tip.n) {
        buf_puts(b, "/>\n");
        return;
    }
    buf_putc(b, '>');
    put_runs(b, s);
    if (s->tip.n) {
        buf_puts(b, "<title>");
        put_escaped(b, s->tip);
        buf_puts(b, "</title>");
    }
    buf_printf(b, "</%s>\n", elements[s->kind]);
}

void drawing_put_svg(struct buf *b, const struct drawing *d, const char *id_prefix, bool standalone)
{
    if (standalone)
        buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_puts(b, "<svg");
    if (standalone)
        buf_puts(b, " xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\"");
    buf_printf(b, " class=\"hb-chart\" role=\"img\" aria-labelledby=\"%s-title %s-desc\"", id_prefix,
               id_prefix);
    put_length(b, "width", d->width);
    put_length(b, "height", d->height);
    buf_puts(b, " viewBox=\"0 0 ");
    put_centi(b, d->width);
    buf_putc(b, ' ');
    put_centi(b, d->height);
    buf_puts(b, "\" font-family=\"sans-serif\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n");
    buf_printf(b, "<title id=\"%s-title\">", id_prefix);
    put_escaped(b, d->title);
    buf_printf(b, "</title>\n<desc id=\"%s-desc\">", id_prefix);
    put_escaped(b, d->desc);
    buf_puts(b, "</desc>\n");
    for (size_t i = 0; i < d->nshapes; i++)
        put_shape(b, &d->shapes[i]);
    buf_puts(b, "</svg>\n");
}

static void put_variables(struct buf *b, const char *before, bool dark, const char *after)
{
    buf_puts(b, before);
    for (size_t i = PAINT_NONE + 1; i < PAINT_COUNT; i++)
        buf_printf(b, "--hb-%s:#%06X;", paints[i].name, (unsigned)(dark ? paints[i].dark : paints[i].rgb));
    buf_puts(b, after);
}

void drawing_put_css(struct buf *b)
{
    put_variables(b, ":root{", false, "}\n");
    put_variables(b, "@media screen and (prefers-color-scheme:dark){:root{", true, "}}\n");
    buf_puts(b, ".hb-chart{max-width:100%;height:auto}\n.hb-chart text{white-space:pre}\n");
    for (size_t i = PAINT_NONE + 1; i < PAINT_COUNT; i++)
        buf_printf(b, ".hb-f-%s{fill:var(--hb-%s)}.hb-s-%s{stroke:var(--hb-%s)}\n", paints[i].name,
                   paints[i].name, paints[i].name, paints[i].name);
}
