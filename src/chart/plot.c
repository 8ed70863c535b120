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
    SWATCH_GAP = 14,
    VALUE_LINE = 16,
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
    double slots = p->y.kind == AXIS_CATEGORY ? (double)p->y.nticks : 0, slot = p->slot > 0 ? p->slot : SLOT;
    p->width = s->spec->width > 0 ? s->spec->width : WIDTH;
    double chrome = p->top + p->bottom, height = s->spec->height;
    if (height <= 0)
        height = p->swapped ? fmax(110, chrome + slots * slot) : fmax(HEIGHT, chrome + slots * slot);
    p->height = (int)fmax(height, fmax(chrome + 40, chrome + slots * fmax(SLOT_LEAST, p->slot)));
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

/* Labels on end need a line each: where columns are narrower, every second or third is named, and the note says so. */
static void thin_ticks(struct arena *a, const struct source *s, struct plot *p, double slot)
{
    struct axis *x = &p->x;
    enum { LINE = 14 };
    size_t every = (size_t)ceil(LINE / slot), n = 0;
    for (size_t i = 0; i < x->nticks; i += every)
        x->ticks[n++] = x->ticks[i];
    if (n < x->nticks)
        plot_note(a, p, "%zu of %zu values of %.*s are named on the axis", n, x->nticks,
                  STR_ARG(clean_str(a, s->spec->x, 80)));
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
        thin_ticks(a, s, p, slot);
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

double swatch_width(const struct swatch *w)
{
    return w->style == MARKS_LINE ? SWATCH_LINE : SWATCH_SIZE;
}

static double entry_width(const struct swatch *w)
{
    return swatch_width(w) + 5 + w->label.width;
}

/* Entries [from, result) fit in one line of that width; at least one. */
static size_t legend_line(const struct plot *p, size_t from, double width)
{
    double w = 0;
    size_t i = from;
    for (; i < p->nswatches; i++) {
        w += entry_width(&p->swatches[i]) + (i > from ? SWATCH_GAP : 0);
        if (w > width && i > from)
            break;
    }
    return i;
}

static double line_width(const struct plot *p, size_t from, size_t to)
{
    double w = 0;
    for (size_t i = from; i < to; i++)
        w += entry_width(&p->swatches[i]) + (i > from ? SWATCH_GAP : 0);
    return w;
}

/* Lines of the header: the legend stands beside the title of the axis if all of it fits there, else below in as many lines
 * as it needs. */
static int header_lines(const struct plot *p, const struct label *title)
{
    double room = p->width - 2 * MARGIN;
    int lines = 1;
    if (!p->nswatches || title->width + SWATCH_GAP * 2 + line_width(p, 0, p->nswatches) <= room)
        return 1;
    for (size_t i = 0; i < p->nswatches; i = legend_line(p, i, room))
        lines++;
    return lines;
}

/* From the right edge in one line, from the left in several. */
static void place_legend(struct arena *a, struct plot *p, int lines)
{
    double y = HEADER_LINE * (lines > 1 ? 1.5 : 0.5) + 2;
    for (size_t from = 0; from < p->nswatches; y += HEADER_LINE) {
        size_t to = lines > 1 ? legend_line(p, from, p->width - 2 * MARGIN) : p->nswatches;
        double x = lines > 2 ? MARGIN : p->width - MARGIN - line_width(p, from, to);
        for (; from < to; from++) {
            struct swatch *w = &p->swatches[from];
            w->x = x;
            w->y = y - SWATCH_SIZE / 2.0;
            place(a, p, w->label, x + swatch_width(w) + 5, y, ANCHOR_START, PAINT_MUTED);
            x += entry_width(w) + SWATCH_GAP;
        }
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
    ticks_to_civil(x->origin + (int64_t)(fmax(x->from, 0) * (double)TICKS_SEC), &from);
    ticks_to_civil(x->origin + (int64_t)(fmax(x->to, 0) * (double)TICKS_SEC), &to);
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
        down = s->spec->kind == CHART_HEATMAP ? STR("Day of the week") : STR("rows");
    if (!s->y && spec->kind == CHART_HEATMAP && !spec->x_title.n)
        across = arena_strf(a, "Hour of the day, UTC (%.*s)", STR_ARG(s->x->name));
    p->width = spec->width > 0 ? spec->width : WIDTH;
    struct label header = label_make(a, s->metrics, down, FONT_SIZE, p->width - 2.0 * MARGIN);
    if (spec->no_legend)
        p->nswatches = 0;
    int lines = header_lines(p, &header);
    p->top = HEADER_LINE * lines + 6;
    p->bottom = TICK_LINE + TITLE_LINE + 6;
    if (!p->swapped &&
        p->ntexts) { /* values beyond the ends of columns that were cut at the end of the axis */
        p->top += spec->y_limits.has_max ? VALUE_LINE : 0;
        p->bottom += spec->y_limits.has_min ? VALUE_LINE : 0;
    }
    choose_size(s, p);
    lay_out_y(a, s, p);
    p->right = 2 * MARGIN;
    if (p->swapped)
        widen_for_values(p);
    lay_out_x(a, s, p);

    place(a, p, header, MARGIN, HEADER_LINE / 2.0 + 2, ANCHOR_START, PAINT_MUTED);
    place_legend(a, p, lines);
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
        ticks_put_human(b, x->origin + llround(fmax(x->from, 0)) * TICKS_SEC);
        buf_puts(b, " to ");
        ticks_put_human(b, x->origin + llround(fmax(x->to, 0)) * TICKS_SEC);
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
    const char *kind = chart_kind_row(s->spec->kind)->info.name;
    buf_printf(&b, "%s %s with %zu marks; across: ", *kind == 'a' ? "An" : "A", kind, marks);
    put_axis(&b, &p->x, p->swapped ? s->spec->y : s->spec->x);
    buf_puts(&b, "; down: ");
    put_axis(&b, &p->y,
             p->swapped                   ? s->spec->x
             : s->spec->y.n               ? s->spec->y
             : p->y.kind == AXIS_CATEGORY ? STR("days")
                                          : STR("rows"));
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* -- given ends of the value axis -- */

static size_t clamp(double *v, const struct axis *x)
{
    double to = fmin(x->hi, fmax(x->lo, *v));
    bool moved = to != *v;
    *v = to;
    return moved;
}

/* Marks beyond the ends stand at them; what they are worth is in their tooltip and in the table. */
static void apply_limits(struct arena *a, const struct chart_limits *l, struct plot *p)
{
    struct axis *x = p->swapped ? &p->x : &p->y;
    size_t moved = 0;
    double lo = l->has_min ? l->min : x->lo, hi = l->has_max ? l->max : x->hi;
    if (x->log) {
        lo = l->has_min && l->min > 0 ? log10(l->min) : x->lo;
        hi = l->has_max && l->max > 0 ? log10(l->max) : x->hi;
    }
    if ((!l->has_min && !l->has_max) || x->kind != AXIS_NUMBER || !(lo < hi)) {
        if (l->has_min || l->has_max)
            plot_note(a, p, "the ends given for the axis do not suit it and are not used");
        return;
    }
    x->lo = lo;
    x->hi = hi;
    for (size_t i = 0; i < p->ngroups; i++)
        for (size_t k = 0; k < p->groups[i].nmarks; k++) {
            struct mark *m = &p->groups[i].marks[k];
            size_t here = clamp(p->swapped ? &m->x : &m->y, x);
            if (p->groups[i].style == MARKS_BOXES)
                here += clamp(p->swapped ? &m->x2 : &m->y2, x);
            moved += here && m->tip.n;
        }
    for (size_t i = 0; i < p->ntexts; i++)
        clamp(p->swapped ? &p->texts[i].x : &p->texts[i].y, x);
    if (moved)
        plot_note(a, p, "%zu of the marks reach beyond the axis and stand at its end", moved);
}

/* A box without height or width is no mark: gnuplot would leave it out, and marks are told apart by their order. */
static void drop_flat_boxes(struct plot *p)
{
    for (size_t i = 0; i < p->ngroups; i++) {
        struct group *g = &p->groups[i];
        size_t n = 0;
        for (size_t k = 0; g->style == MARKS_BOXES && k < g->nmarks; k++)
            if (g->marks[k].x != g->marks[k].x2 && g->marks[k].y != g->marks[k].y2)
                g->marks[n++] = g->marks[k];
        g->nmarks = g->style == MARKS_BOXES ? n : g->nmarks;
    }
    size_t n = 0;
    for (size_t i = 0; i < p->ngroups; i++)
        if (p->groups[i].nmarks)
            p->groups[n++] = p->groups[i];
    p->ngroups = n;
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
    apply_limits(a, &s->spec->y_limits, p);
    drop_flat_boxes(p);
    if (p->ngroups == 0) {
        plot_note(a, p, "every value is 0");
        return false;
    }
    lay_out(a, s, p);
    p->title = clean_str(a, s->spec->title, 200);
    p->desc = describe(a, s, p);
    return true;
}
