/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout: margins from measured labels, so that nothing touches anything.
 *
 * From top to bottom: a header line (title of the y axis, legend), the plot, labels of the x axis, its title.
 * The header gets a second line when both do not fit in one. Category labels get at most two fifths of the
 * width and lose their middle beyond.
 */
#include "chart_int.h"

#include <math.h>
#include <stdarg.h>

#include "hb/ticks.h"
#include "hb/vec.h"
#include "source_kinds.h"

enum {
    WIDTH = 640,
    HEIGHT = 300,
    MARGIN = 10,
    HEADER_LINE = 20,
    TICK_GAP = 8,
    TICK_LINE = 20,
    TITLE_LINE = 18,
    SLOT = 21,       /* height of a category on the y axis, if the kind may choose */
    SLOT_LEAST = 15, /* and if the specification gives the height */
    SWATCH_SIZE = 9,
    SWATCH_GAP = 14,
};

void plot_note(struct arena *a, struct plot *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = arena_vprintf(a, fmt, ap);
    va_end(ap);
    p->note = p->note.n ? arena_strf(a, "%.*s; %s", STR_ARG(p->note), text) : str_z(text);
}

/* -- labels of axes -- */

static double label_categories(struct arena *a, const struct source *s, struct axis *x, double most)
{
    double widest = 0;
    for (size_t i = 0; i < x->nticks; i++) {
        x->ticks[i].label = label_make(a, s->metrics, x->names[i], FONT_SIZE, most);
        widest = fmax(widest, x->ticks[i].label.width);
    }
    return widest;
}

static void make_ticks(struct arena *a, const struct source *s, struct axis *x, double pixels, bool across)
{
    if (x->kind == AXIS_NUMBER)
        axis_number_ticks(a, s->metrics, x, pixels, across);
    else if (x->kind == AXIS_TIME)
        axis_time_ticks(a, s->metrics, x, pixels, across);
}

static double widest_tick(const struct axis *x)
{
    double widest = 0;
    for (size_t i = 0; i < x->nticks; i++)
        widest = fmax(widest, x->ticks[i].label.width);
    return widest;
}

static double plot_width(const struct plot *p)
{
    return p->width - p->left - p->right;
}

static double plot_height(const struct plot *p)
{
    return p->height - p->top - p->bottom;
}

static void choose_size(const struct source *s, struct plot *p)
{
    double slots = p->y.kind == AXIS_CATEGORY ? (double)p->y.nticks : 0;
    p->width = s->spec->width > 0 ? s->spec->width : WIDTH;
    double chrome = p->top + p->bottom, height = s->spec->height;
    if (height <= 0)
        height = p->swapped ? fmax(110, chrome + slots * SLOT) : fmax(HEIGHT, chrome + slots * SLOT);
    p->height = (int)fmax(height, fmax(chrome + 40, chrome + slots * SLOT_LEAST));
}

static void lay_out_y(struct arena *a, const struct source *s, struct plot *p)
{
    double widest;
    if (p->y.kind == AXIS_CATEGORY) {
        widest = label_categories(a, s, &p->y, 0.4 * p->width);
    } else {
        make_ticks(a, s, &p->y, plot_height(p), false);
        widest = widest_tick(&p->y);
    }
    p->left = MARGIN + widest + TICK_GAP;
}

/* Labels on end need a line each: where columns are narrower, every second or third is named. */
static void thin_ticks(struct axis *x, double slot)
{
    enum { LINE = 14 };
    size_t every = (size_t)ceil(LINE / slot), n = 0;
    for (size_t i = 0; i < x->nticks; i += every)
        x->ticks[n++] = x->ticks[i];
    x->nticks = n;
}

/* Columns of categories are named side by side if they fit, else on end. */
static void lay_out_x(struct arena *a, const struct source *s, struct plot *p)
{
    enum { UPRIGHT_MOST = 110, GAP = 8 };
    p->right = 2 * MARGIN;
    if (p->x.kind == AXIS_CATEGORY) {
        double slot = plot_width(p) / (double)p->x.nticks;
        double widest = label_categories(a, s, &p->x, 1e9);
        p->x_upright = widest > slot - GAP;
        if (!p->x_upright)
            return;
        widest = label_categories(a, s, &p->x, UPRIGHT_MOST);
        thin_ticks(&p->x, slot);
        p->bottom += widest - FONT_SIZE;
        p->height += (int)(widest - FONT_SIZE);
        return;
    }
    make_ticks(a, s, &p->x, plot_width(p), true);
    if (!p->x.nticks)
        return;
    /* A label at the end of the axis sticks out by half its width. */
    const struct tick *last = &p->x.ticks[p->x.nticks - 1];
    double beyond = last->label.width / 2 - (p->x.hi - last->at) / (p->x.hi - p->x.lo) * plot_width(p);
    p->right = fmax(p->right, MARGIN + beyond);
}

/* Room for the values behind the ends of bars. */
static void widen_for_values(struct plot *p)
{
    double left = 0, right = 0;
    for (size_t i = 0; i < p->ntexts; i++) {
        double w = p->texts[i].label.width + fabs(p->texts[i].dx) + 2;
        if (p->texts[i].anchor == ANCHOR_END)
            left = fmax(left, w);
        else
            right = fmax(right, w);
    }
    double pixels = fmax(plot_width(p) - left - right, 40);
    double unit = (p->x.hi - p->x.lo) / pixels;
    p->x.lo -= left * unit;
    p->x.hi += right * unit;
}

/* -- header and titles -- */

static struct placed *place(struct arena *a, struct plot *p, struct label label, double x, double y,
                            uint8_t anchor, uint8_t role)
{
    struct placed *text = VEC_PUSH(a, p->texts, p->ntexts, p->texts_cap);
    *text =
        (struct placed){ .label = label, .role = role, .anchor = anchor, .on_screen = true, .x = x, .y = y };
    return text;
}

static double legend_width(const struct plot *p)
{
    double w = 0;
    for (size_t i = 0; i < p->nswatches; i++)
        w += SWATCH_SIZE + 5 + p->swatches[i].label.width + (i ? SWATCH_GAP : 0);
    return w;
}

static bool header_needs_two_lines(const struct plot *p, const struct label *title)
{
    return p->nswatches && title->width + SWATCH_GAP * 2 + legend_width(p) > p->width - 2 * MARGIN;
}

/* Swatches from the right edge; those that do not fit in the width are left out from the end. */
static void place_legend(struct arena *a, struct plot *p, double y)
{
    while (p->nswatches && legend_width(p) > p->width - 2 * MARGIN)
        p->nswatches--;
    double x = p->width - MARGIN - legend_width(p);
    for (size_t i = 0; i < p->nswatches; i++) {
        p->swatches[i].x = x;
        p->swatches[i].y = y - SWATCH_SIZE / 2.0;
        place(a, p, p->swatches[i].label, x + SWATCH_SIZE + 5, y, ANCHOR_START, PAINT_MUTED);
        x += SWATCH_SIZE + 5 + p->swatches[i].label.width + SWATCH_GAP;
    }
}

/* A datetime axis says its zone, and its day where its labels do not. */
static struct str axis_title(struct arena *a, const struct axis *x, const struct column *c, struct str given)
{
    if (given.n || !c)
        return given;
    if (c->type == HB_TIMESPAN)
        return arena_strf(a, "%.*s, seconds", STR_ARG(c->name));
    if (c->type != HB_DATETIME)
        return c->name;
    if (x->kind != AXIS_TIME)
        return arena_strf(a, "%.*s, UTC", STR_ARG(c->name));
    struct civil from, to;
    ticks_to_civil(x->origin + (int64_t)(fmax(x->lo, 0) * (double)TICKS_SEC), &from);
    ticks_to_civil(x->origin + (int64_t)(fmax(x->hi, 0) * (double)TICKS_SEC), &to);
    struct str day = arena_strf(a, "%04d-%02d-%02d", from.year, from.month, from.day);
    if (from.year == to.year && from.month == to.month && from.day == to.day)
        return arena_strf(a, "%.*s, UTC, %.*s", STR_ARG(c->name), STR_ARG(day));
    return arena_strf(a, "%.*s, UTC, %.*s to %04d-%02d-%02d", STR_ARG(c->name), STR_ARG(day), to.year,
                      to.month, to.day);
}

static void lay_out(struct arena *a, const struct source *s, struct plot *p)
{
    const struct chart_spec *spec = s->spec;
    struct str down = axis_title(a, &p->y, p->swapped ? s->x : s->y,
                                 p->swapped ? spec->x_title : spec->y_title);
    struct str across = axis_title(a, &p->x, p->swapped ? s->y : s->x,
                                   p->swapped ? spec->y_title : spec->x_title);
    if (!down.n)
        down = STR("rows");
    p->width = spec->width > 0 ? spec->width : WIDTH;
    struct label header = label_make(a, s->metrics, down, FONT_SIZE, p->width - 2.0 * MARGIN);
    bool two = header_needs_two_lines(p, &header);
    p->top = HEADER_LINE * (two ? 2 : 1) + 6;
    p->bottom = TICK_LINE + TITLE_LINE + 6;
    choose_size(s, p);
    lay_out_y(a, s, p);
    p->right = 2 * MARGIN;
    widen_for_values(p);
    lay_out_x(a, s, p);

    place(a, p, header, MARGIN, HEADER_LINE / 2.0 + 2, ANCHOR_START, PAINT_MUTED);
    place_legend(a, p, HEADER_LINE * (two ? 1.5 : 0.5) + 2);
    struct label below = label_make(a, s->metrics, across, FONT_SIZE, p->width - 2.0 * MARGIN);
    double centre = p->left + plot_width(p) / 2;
    centre = fmax(MARGIN + below.width / 2, fmin(centre, p->width - MARGIN - below.width / 2));
    place(a, p, below, centre, p->height - TITLE_LINE / 2.0 - 2, ANCHOR_MIDDLE, PAINT_MUTED);
}

/* -- description -- */

static void put_axis(struct buf *b, const struct axis *x, struct str name)
{
    put_clean(b, name, 80);
    if (x->kind == AXIS_TIME) {
        buf_puts(b, " from ");
        ticks_put_human(b, x->origin + llround(fmax(x->lo, 0)) * TICKS_SEC);
        buf_puts(b, " to ");
        ticks_put_human(b, x->origin + llround(fmax(x->hi, 0)) * TICKS_SEC);
    } else if (x->kind == AXIS_CATEGORY) {
        enum { NAMES_MOST = 5 };
        size_t n = (size_t)lround(x->hi - x->lo);
        buf_printf(b, " (%zu: ", n);
        for (size_t i = 0; i < n && i < NAMES_MOST; i++) {
            buf_puts(b, i ? ", " : "");
            put_clean(b, x->names[i], 60);
        }
        buf_puts(b, n > NAMES_MOST ? " and more)" : ")");
    }
}

static struct str describe(struct arena *a, const struct source *s, const struct plot *p)
{
    struct buf b = BUF_INIT;
    size_t marks = 0;
    for (size_t i = 0; i < p->ngroups; i++)
        marks += p->groups[i].nmarks;
    buf_printf(&b, "A %s with %zu marks; across: ", chart_kind_row(s->spec->kind)->info.name, marks);
    put_axis(&b, &p->x, p->swapped ? s->spec->y : s->spec->x);
    buf_puts(&b, "; down: ");
    put_axis(&b, &p->y, p->swapped ? s->spec->x : s->spec->y.n ? s->spec->y : STR("rows"));
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

bool plot_make(struct arena *a, const struct source *s, struct plot *p)
{
    *p = (struct plot){ 0 };
    if (s->table->nrows == 0) {
        plot_note(a, p, "there are no rows to draw");
        return false;
    }
    if (!chart_kind_row(s->spec->kind)->fill(a, s, p)) {
        if (!p->note.n)
            plot_note(a, p, "no row has a value to draw");
        return false;
    }
    lay_out(a, s, p);
    p->title = clean_str(a, s->spec->title, 200);
    p->desc = describe(a, s, p);
    return true;
}
