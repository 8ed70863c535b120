/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When it happened: a lane for each finding from its first event to its last, and the same as a table.
 *
 * The drawing is made here of the shapes of hb/chart.h, so it needs no gnuplot and no file of the run.
 */
#include "doc_int.h"

#include <stdlib.h>

#include "hb/ticks.h"
#include "hb/utf8.h"
#include "hb/vec.h"

enum {
    WIDTH = 64000,
    LEFT = 600,
    RIGHT = 63400,
    LANE = 4200,
    TOP = 600,
    AXIS = 2600, /* below the lanes */
    LANES_MAX = 20,
};

struct pen {
    struct arena *a;
    struct shape *shapes;
    size_t n, cap;
};

static void draw_text(struct pen *p, centi x, centi y, enum text_anchor anchor, enum paint_role fill,
                      bool bold, struct str text)
{
    struct text_run *runs = NULL;
    size_t n = 0, cap = 0;
    struct utf8_runs walk = { .s = text };
    struct str part;
    bool escape;
    while (utf8_next_run(&walk, &part, &escape))
        *VEC_PUSH(p->a, runs, n, cap) = (struct text_run){ arena_str(p->a, part), escape };
    if (n == 0)
        return;
    *VEC_PUSH(p->a, p->shapes, p->n, p->cap) = (struct shape){ .kind = SHAPE_TEXT,
                                                               .fill = (uint8_t)fill,
                                                               .opacity = 100,
                                                               .x = x,
                                                               .y = y,
                                                               .runs = runs,
                                                               .nruns = n,
                                                               .size = 1050,
                                                               .anchor = (uint8_t)anchor,
                                                               .bold = bold };
}

static void draw_line(struct pen *p, centi x1, centi y1, centi x2, centi y2)
{
    struct path_step *steps = ARENA_ARRAY(p->a, 2, struct path_step);
    steps[0] = (struct path_step){ PATH_MOVE, x1, y1 };
    steps[1] = (struct path_step){ PATH_LINE, x2, y2 };
    *VEC_PUSH(p->a, p->shapes, p->n, p->cap) = (struct shape){ .kind = SHAPE_PATH,
                                                               .stroke = PAINT_GRID,
                                                               .opacity = 100,
                                                               .stroke_width = 60,
                                                               .steps = steps,
                                                               .nsteps = 2 };
}

/* The least step that gives at most eight marks. */
static int64_t mark_step(int64_t span)
{
    static const int64_t steps[] = {
        TICKS_SEC,     5 * TICKS_SEC,  15 * TICKS_SEC, TICKS_MIN,       5 * TICKS_MIN,   15 * TICKS_MIN,
        TICKS_HOUR,    3 * TICKS_HOUR, 6 * TICKS_HOUR, 12 * TICKS_HOUR, TICKS_DAY,       2 * TICKS_DAY,
        7 * TICKS_DAY, 14 * TICKS_DAY, 30 * TICKS_DAY, 90 * TICKS_DAY,  365 * TICKS_DAY, 3650 * TICKS_DAY,
    };
    size_t n = sizeof steps / sizeof *steps;
    for (size_t i = 0; i < n; i++)
        if (span / steps[i] <= 7)
            return steps[i];
    return span;
}

static centi at_time(int64_t t, int64_t from, int64_t to)
{
    return (centi)(LEFT + (double)(t - from) / (double)(to - from) * (RIGHT - LEFT));
}

static struct str mark_text(struct arena *a, int64_t t, int64_t step)
{
    struct str s = b_time(a, t);
    if (step >= TICKS_DAY)
        return str_sub(s, 0, 10);
    return step >= TICKS_MIN ? str_sub(s, 5, 16) : str_sub(s, 11, 19);
}

static void draw_axis(struct pen *p, int64_t from, int64_t to, centi bottom)
{
    enum { EDGE = 3500 };
    int64_t step = mark_step(to - from);
    for (int64_t t = (from / step + 1) * step; t < to; t += step) {
        centi x = at_time(t, from, to);
        draw_line(p, x, TOP, x, bottom);
        if (x > LEFT + EDGE && x < RIGHT - EDGE)
            draw_text(p, x, bottom + 1500, ANCHOR_MIDDLE, PAINT_MUTED, false, mark_text(p->a, t, step));
    }
    draw_line(p, LEFT, bottom, RIGHT, bottom);
}

static void draw_lane(struct builder *b, struct pen *p, const struct finding_ref *f, size_t lane,
                      int64_t from, int64_t to)
{
    enum { TITLE = 90, BAR = 900, LEAST = 500 };
    bool high = severity_rank(f->finding->severity) == 3;
    centi y = TOP + (centi)lane * LANE, x = at_time(f->finding->first, from, to),
          w = at_time(f->finding->last, from, to) - x;
    struct str name = finding_name(b, f), cut = doc_cut(name, TITLE);
    w = w < LEAST ? LEAST : w;
    x = x + w > RIGHT ? RIGHT - w : x;
    draw_text(p, LEFT + 300, y + 1400, ANCHOR_START, PAINT_INK, false,
              cut.n < name.n ? CAT(b->a, cut, STR("\xe2\x80\xa6")) : cut);
    struct buf tip = BUF_INIT;
    utf8_show(&tip, f->finding->severity);
    buf_puts(&tip, ", ");
    buf_i64(&tip, f->finding->rows);
    buf_puts(&tip, " rows\n");
    buf_str(&tip, b_time(b->a, f->finding->first));
    buf_puts(&tip, " \xe2\x80\x93 ");
    buf_str(&tip, b_time(b->a, f->finding->last));
    *VEC_PUSH(p->a, p->shapes, p->n, p->cap) = (struct shape){ .kind = SHAPE_RECT,
                                                               .fill = high ? PAINT_ALARM : PAINT_ACCENT,
                                                               .opacity = 100,
                                                               .x = x,
                                                               .y = y + 2000,
                                                               .w = w,
                                                               .h = BAR,
                                                               .tip = buf_to_arena(&tip, p->a) };
    buf_free(&tip);
}

/* From the first event to the last, with room at both ends. */
static void window(const struct finding_ref *refs, size_t n, int64_t *from, int64_t *to)
{
    *from = INT64_MAX;
    *to = 0;
    for (size_t i = 0; i < n; i++) {
        *from = refs[i].finding->first < *from ? refs[i].finding->first : *from;
        *to = refs[i].finding->last > *to ? refs[i].finding->last : *to;
    }
    int64_t room = (*to - *from) / 50;
    room = room < TICKS_SEC ? TICKS_SEC : room;
    *from = *from > room ? *from - room : 0;
    *to = *to < TICKS_MAX - room ? *to + room : TICKS_MAX;
}

static void figure(struct builder *b, struct doc_node *s, const struct finding_ref *refs, size_t n)
{
    struct pen p = { .a = b->a };
    size_t lanes = n < LANES_MAX ? n : LANES_MAX;
    int64_t from, to;
    window(refs, n, &from, &to);
    centi bottom = TOP + (centi)lanes * LANE;
    draw_axis(&p, from, to, bottom);
    for (size_t i = 0; i < lanes; i++)
        draw_lane(b, &p, &refs[i], i, from, to);
    struct drawing *d = ARENA_NEW(b->a, struct drawing);
    *d = (struct drawing){ .width = WIDTH,
                           .height = bottom + AXIS,
                           .shapes = p.shapes,
                           .nshapes = p.n,
                           .title = STR("Findings over time"),
                           .desc = STR("A bar for each finding, from its first event to its last; the table "
                                       "below has the same times.") };
    struct doc_figure *f = &doc_add(b->a, s, DOC_FIGURE)->u.figure;
    f->number = ++b->figures;
    f->caption = lanes < n ? arena_strf(b->a, "Findings from first to last event (UTC); the first %zu of %zu",
                                        lanes, n)
                           : STR("Findings from first to last event (UTC)");
    f->alt = d->desc;
    f->drawing = d;
    f->id = arena_strf(b->a, "fig-%d", f->number);
}

struct moment {
    int64_t time;
    const struct finding_ref *ref;
    size_t order;
    bool end;
};

static int by_time(const void *x, const void *y)
{
    const struct moment *a = x, *b = y;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void moments(struct builder *b, struct doc_node *s, const struct finding_ref *refs, size_t n)
{
    static const struct b_column cols[] = {
        { "Time (UTC)", COLUMN_TEXT }, { "Event", COLUMN_TEXT }, { "Finding", COLUMN_TEXT },
        { "Severity", COLUMN_MARK },   { "Step", COLUMN_TEXT },
    };
    struct moment *all = ARENA_ARRAY(b->a, 2 * n, struct moment);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        all[count] = (struct moment){ refs[i].finding->first, &refs[i], count, false };
        count++;
        if (refs[i].finding->last == refs[i].finding->first)
            continue;
        all[count] = (struct moment){ refs[i].finding->last, &refs[i], count, true };
        count++;
    }
    qsort(all, count, sizeof *all, by_time);
    struct doc_table *t = b_table(b, s, "First and last events of the findings", cols, 5, count);
    for (size_t i = 0; i < count; i++) {
        const struct finding_ref *f = all[i].ref;
        b_set(t, i, 0, b_time(b->a, all[i].time));
        b_set_z(t, i, 1, all[i].end ? "last event" : "first event");
        b_set(t, i, 2, finding_name(b, f));
        b_set(t, i, 3, f->finding->severity);
        b_set(t, i, 4, arena_strf(b->a, "%d", f->cell->number));
    }
}

void part_timeline(struct builder *b, struct doc_node *s)
{
    struct finding_ref *refs;
    size_t n = b_findings(b, true, &refs), timed = 0;
    for (size_t i = 0; i < n; i++)
        if (refs[i].finding->first > 0 && refs[i].finding->last >= refs[i].finding->first)
            refs[timed++] = refs[i];
    if (timed == 0) {
        b_para_z(b, s,
                 n == 0 ? "Not applicable: no finding was raised."
                        : "Not applicable: the rows of the findings have no column with a time.");
        return;
    }
    figure(b, s, refs, timed);
    moments(b, s, refs, timed);
    if (timed < n)
        b_para(
            b, s,
            prose_text(b->a,
                       arena_strf(b->a, "%zu of %zu findings rest on rows without a time and are not shown.",
                                  n - timed, n),
                       0));
}
