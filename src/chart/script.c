/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plot as gnuplot commands.
 *
 * Invariant (security): only fixed words, numbers and placeholders of the form L0000001 are written here. No
 * byte of the data, of the playbook or of a path: gnuplot runs what it finds in double-quoted strings.
 */
#include "chart_int.h"

#include <math.h>

#include "hb/vec.h"

static void put_num(struct buf *b, double v)
{
    buf_f64(b, v == 0 ? 0 : v);
}

/* A number between two fixed words. */
static void put(struct buf *b, const char *before, double v, const char *after)
{
    buf_puts(b, before);
    put_num(b, v);
    buf_puts(b, after);
}

static void put_colour(struct buf *b, uint8_t role)
{
    buf_printf(b, "rgb '#%06X'", (unsigned)paint_info((enum paint_role)role)->rgb);
}

static void put_placeholder(struct arena *a, struct buf *b, struct placeholders *all,
                            const struct placed *text)
{
    *VEC_PUSH(a, all->text, all->n, all->cap) = text;
    buf_printf(b, "'L%07zu'", all->n - 1);
}

static void put_frame(struct buf *b, const struct plot *p)
{
    double w = p->width, h = p->height;
    put(b, "set lmargin at screen ", p->left / w, "\n");
    put(b, "set rmargin at screen ", 1 - p->right / w, "\n");
    put(b, "set tmargin at screen ", 1 - p->top / h, "\n");
    put(b, "set bmargin at screen ", p->bottom / h, "\n");
    put(b, "set xrange [", p->x.lo, ":");
    put(b, "", p->x.hi, "]\n");
    /* Categories run from the top. */
    bool down = p->y.kind == AXIS_CATEGORY;
    put(b, "set yrange [", down ? p->y.hi : p->y.lo, ":");
    put(b, "", down ? p->y.lo : p->y.hi, "]\n");
}

static void put_ticks(struct arena *a, struct buf *b, const struct axis *x, char name, bool upright,
                      struct placeholders *all)
{
    buf_printf(b, "set %ctics %s(", name, upright ? "rotate by 90 right " : "");
    for (size_t i = 0; i < x->nticks; i++) {
        struct placed *text = ARENA_NEW(a, struct placed);
        text->label = x->ticks[i].label;
        text->role = name == 'y' && x->kind == AXIS_CATEGORY ? PAINT_INK : PAINT_MUTED;
        text->vertical = upright;
        text->anchor = name == 'y' || upright ? ANCHOR_END : ANCHOR_MIDDLE;
        put_placeholder(a, b, all, text);
        put(b, " ", x->ticks[i].at, i + 1 < x->nticks ? ", " : "");
    }
    buf_puts(b, ")\n");
}

static void put_text(struct arena *a, struct buf *b, const struct plot *p, const struct placed *text,
                     struct placeholders *all)
{
    static const char *const anchors[] = {
        [ANCHOR_START] = " left", [ANCHOR_MIDDLE] = " center", [ANCHOR_END] = " right"
    };
    buf_puts(b, "set label ");
    put_placeholder(a, b, all, text);
    if (text->on_screen) {
        put(b, " at screen ", text->x / p->width, ", screen ");
        put(b, "", 1 - text->y / p->height, "");
    } else {
        put(b, " at first ", text->x, ", first ");
        put(b, "", text->y, "");
    }
    buf_puts(b, anchors[text->anchor]);
    buf_puts(b, "\n");
}

static void put_group(struct buf *b, const struct group *g, size_t plot, size_t index)
{
    buf_printf(b, "%s'c%zug%zu.dat' using ", index ? ", \\\n    " : "plot ", plot, index);
    switch (g->style) {
    case MARKS_POINTS: put(b, "1:2 with points pt 7 ps ", g->size / 4.125, " lc "); break;
    case MARKS_BOXES: buf_puts(b, "1:2:1:3:2:4 with boxxyerror fs solid 1.0 noborder lc "); break;
    case MARKS_AREA: buf_puts(b, "1:2 with filledcurves closed fs solid 1.0 noborder lc "); break;
    case MARKS_LINE: put(b, "1:2 with lines lw ", g->size, " lc "); break;
    }
    put_colour(b, g->role);
}

void script_put(struct arena *a, struct buf *b, const struct plot *p, size_t index, struct placeholders *all)
{
    *all = (struct placeholders){ 0 };
    buf_puts(b, "reset\n");
    buf_printf(b, "set terminal svg size %d,%d noenhanced font 'sans,%d'\n", p->width, p->height, FONT_SIZE);
    buf_printf(b, "set output 'c%zu.svg'\n", index);
    buf_puts(b, "set border 0\nset tics nomirror scale 0\nunset key\nset encoding utf8\n");
    put_frame(b, p);
    put_ticks(a, b, &p->x, 'x', p->x_upright, all);
    put_ticks(a, b, &p->y, 'y', false, all);
    if (p->x.grid || p->y.grid) {
        buf_printf(b, "set grid %s %s back lt 1 lw 0.5 lc ", p->x.grid ? "xtics" : "noxtics",
                   p->y.grid ? "ytics" : "noytics");
        put_colour(b, PAINT_GRID);
        buf_puts(b, "\n");
    }
    const struct axis *values = p->swapped ? &p->x : &p->y;
    if (p->zero_line && values->lo <= 0 && values->hi >= 0) {
        buf_puts(b, p->swapped
                        ? "set arrow from first 0, graph 0 to first 0, graph 1 nohead back lw 0.75 lc "
                        : "set arrow from graph 0, first 0 to graph 1, first 0 nohead back lw 0.75 lc ");
        put_colour(b, PAINT_MUTED);
        buf_puts(b, "\n");
    }
    for (size_t i = 0; i < p->ntexts; i++)
        put_text(a, b, p, &p->texts[i], all);
    for (size_t i = 0; i < p->ngroups; i++)
        put_group(b, &p->groups[i], index, i);
    buf_puts(b, "\nunset output\n");
}

void script_put_data(struct buf *b, const struct group *g)
{
    for (size_t i = 0; i < g->nmarks; i++) {
        const struct mark *m = &g->marks[i];
        if (m->start && i)
            buf_putc(b, '\n'); /* another polygon */
        put_num(b, m->x);
        put(b, " ", m->y, "");
        if (g->style == MARKS_BOXES) {
            put(b, " ", m->x2, "");
            put(b, " ", m->y2, "");
        }
        buf_putc(b, '\n');
    }
}
