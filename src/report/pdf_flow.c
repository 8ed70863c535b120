/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow: blocks one below the other over pages.
 *
 * Blocks ask for room with flow_need and move f->y; everything that must happen at a page break (boxes closed and opened
 * again, table heads repeated) happens in flow_page. Backgrounds of boxes are put into the page's operators where the
 * box began, once its height is known. Running headers and footers are drawn last, when the number of pages is known.
 */
#include "pdf_int.h"

#include <assert.h>
#include <string.h>

struct text_style style_of(const struct flow *f, enum font_face face, pt100 size, uint32_t rgb)
{
    (void)f;
    return (struct text_style){ .face = (uint8_t)face, .size = size, .rgb = rgb };
}

/* -- boxes -- */

static void box_open(struct flow *f, struct box *b)
{
    page_unmark(f->page);
    page_forget(f->page); /* the background that will be put here sets the colour */
    b->from = f->y;
    b->ops_at = f->page->ops.n;
}

/* Puts the background of a box, down to the current y, below what was painted since it was opened. */
static void box_paint(struct flow *f, const struct box *b)
{
    struct page *p = f->page;
    struct buf later = BUF_INIT;
    page_unmark(p);
    buf_put(&later, p->ops.p + b->ops_at, p->ops.n - b->ops_at);
    p->ops.n = b->ops_at;
    page_tag(p, NULL);
    page_forget(p);
    page_rect(f->d, p, b->x, b->from, b->w, f->y - b->from, b->paper);
    if (b->bar != NO_BAR)
        page_rect(f->d, p, b->x, b->from, 220, f->y - b->from, b->bar);
    page_unmark(p);
    buf_str(&p->ops, buf_view(&later));
    buf_free(&later);
    page_forget(p);
    page_tag(p, f->mark);
}

void flow_box(struct flow *f, uint32_t paper, uint32_t bar, pt100 pad)
{
    struct box *b = ARENA_NEW(f->d->arena, struct box);
    flow_need(f, 2 * pad + 2 * LEAD_BODY);
    *b = (struct box){ .x = f->x, .w = f->width, .paper = paper, .bar = bar, .outer = f->boxes };
    flow_mark(f, NULL);
    box_open(f, b);
    f->boxes = b;
    f->x += pad + 220;
    f->width -= 2 * pad + 220;
    f->y += pad;
}

void flow_box_end(struct flow *f, pt100 pad)
{
    struct box *b = f->boxes;
    f->gap = 0;
    f->glued = false;
    f->y += pad;
    box_paint(f, b);
    f->boxes = b->outer;
    f->x -= pad + 220;
    f->width += 2 * pad + 220;
}

enum { BOX_BREAK = 500 }; /* tint above and below a page break */

static void close_boxes(struct flow *f)
{
    for (struct box *b = f->boxes; b; b = b->outer) {
        if (b == f->boxes)
            f->y += BOX_BREAK;
        box_paint(f, b);
    }
}

static void reopen_boxes(struct flow *f, struct box *b)
{
    if (b == NULL)
        return;
    reopen_boxes(f, b->outer);
    box_open(f, b);
}

/* -- pages -- */

void flow_page(struct flow *f, bool landscape)
{
    if (f->page) {
        close_boxes(f);
        page_body_done(f->d, f->page);
    }
    pt100 before = f->page ? f->page->width : 0;
    assert(f->boxes == NULL || landscape == f->landscape);
    f->landscape = landscape;
    f->page = page_new(f->d, landscape ? A4_LONG : A4_SHORT, landscape ? A4_SHORT : A4_LONG);
    f->width += f->page->width - before; /* indented or not */
    f->top = BODY_TOP;
    f->bottom = f->page->height - BODY_BOTTOM;
    f->y = f->top;
    f->gap = 0;
    page_tag(f->page, f->mark);
    reopen_boxes(f, f->boxes);
    if (f->boxes)
        f->y += BOX_BREAK;
    if (f->on_page)
        f->on_page(f, f->on_page_ctx);
}

void flow_begin(struct flow *f, struct pdf_doc *d)
{
    *f = (struct flow){ .d = d, .tag = d->root, .x = MARGIN, .width = -2 * MARGIN };
    text_init(&f->text, d->fonts, d->colours->alarm);
    flow_page(f, false);
}

void flow_mark(struct flow *f, struct tag *leaf)
{
    f->mark = leaf;
    page_tag(f->page, leaf);
}

bool flow_at_top(const struct flow *f)
{
    return f->y <= f->top;
}

void flow_gap(struct flow *f, pt100 gap)
{
    if (gap > f->gap && !f->glued)
        f->gap = gap;
}

bool flow_is_filled(const struct flow *f)
{
    return f->y - f->top > (f->bottom - f->top) * 55 / 100;
}

pt100 flow_room(const struct flow *f)
{
    return f->bottom - f->y - (flow_at_top(f) ? 0 : f->gap) - (f->boxes ? BOX_BREAK : 0);
}

bool flow_need(struct flow *f, pt100 h)
{
    bool broke = false;
    if (flow_room(f) < h && !flow_at_top(f)) {
        flow_page(f, f->landscape && (f->hold || f->boxes));
        broke = true;
    }
    if (!flow_at_top(f))
        f->y += f->gap;
    f->gap = 0;
    f->glued = false;
    return broke;
}

void flow_text(struct flow *f, const struct text *t, pt100 lead)
{
    size_t n = text_count_lines(t, f->width), pos = 0, from, to;
    bool soft;
    for (size_t i = 0; text_next_line(t, &pos, f->width, &from, &to, &soft); i++) {
        bool pair = n > 1 && (i == 0 || i + 2 == n); /* no line is left alone on a page */
        flow_need(f, pair ? 2 * lead : lead);
        pt100 size = to > from ? t->styles[t->atoms[from].style].size : lead;
        page_text(f->d, f->page, t, from, to, f->x, f->y + (lead + size * 7 / 10) / 2);
        f->y += lead;
    }
}

/* -- running headers and footers -- */

pt100 flow_label(struct flow *f, struct page *p, struct str s, const struct text_style *style, pt100 x,
                 pt100 y, pt100 width)
{
    struct text *t = &f->text;
    text_clear(t);
    text_add(t, s, style);
    if (text_width_pt(t, 0, t->n) > width) {
        size_t n = t->n;
        text_add(t, STR("\xE2\x80\xA6"), style);
        struct atom dots = t->atoms[n];
        pt100 room = width - text_width_pt(t, n, t->n);
        while (n > 0 && (text_width_pt(t, 0, n) > room || (t->atoms[n].flags & ATOM_INSIDE)))
            n--;
        t->atoms[n] = dots;
        t->n = n + 1;
    }
    return page_text(f->d, p, t, 0, t->n, x, y);
}

/* TLP 2.0: capitals, 12 point or more, its own colour on black, to the right. Returns its left edge. */
static pt100 draw_tlp(struct flow *f, struct page *p, pt100 top)
{
    const struct doc_tlp *tlp = &f->d->doc->tlp;
    struct text_style bold = style_of(f, FACE_BOLD, 1200, tlp->rgb);
    struct text *t = &f->text;
    text_clear(t);
    text_add(t, tlp->label, &bold);
    pt100 w = text_width_pt(t, 0, t->n) + 1300, x = p->width - MARGIN - w;
    page_rect(f->d, p, x, top, w, 1900, 0);
    page_text(f->d, p, t, 0, t->n, x + 650, top + 1380);
    return x;
}

static void draw_banner(struct flow *f, struct page *p)
{
    const struct theme_colours *c = f->d->colours;
    struct text_style bold = style_of(f, FACE_BOLD, 760, c->warning);
    struct text *t = &f->text;
    if (f->d->doc->banner.n == 0)
        return;
    text_clear(t);
    text_add(t, f->d->doc->banner, &bold);
    page_rect(f->d, p, 0, 0, p->width, 1700, c->warning_paper);
    page_rect(f->d, p, 0, 1700, p->width, 80, c->warning);
    pt100 w = text_width_pt(t, 0, t->n), room = p->width - 2 * MARGIN;
    flow_label(f, p, f->d->doc->banner, &bold, w < room ? (p->width - w) / 2 : MARGIN, 1130, room);
}

static void draw_header(struct flow *f, struct page *p)
{
    const struct theme_colours *c = f->d->colours;
    struct text_style grey = style_of(f, FACE_REGULAR, 780, c->muted);
    pt100 right = draw_tlp(f, p, 3050);
    flow_label(f, p, f->d->doc->header, &grey, MARGIN, 4280, right - MARGIN - 1000);
    page_line(f->d, p, MARGIN, 5600, p->width - MARGIN, 5600, 40, c->rule);
}

static void draw_footer(struct flow *f, struct page *p)
{
    const struct theme_colours *c = f->d->colours;
    struct text_style grey = style_of(f, FACE_REGULAR, 780, c->muted);
    struct text_style mono = style_of(f, FACE_MONO, 640, c->muted);
    pt100 top = p->height - 5200;
    page_line(f->d, p, MARGIN, top, p->width - MARGIN, top, 40, c->rule);
    pt100 right = draw_tlp(f, p, top + 300);
    struct buf b = BUF_INIT;
    buf_printf(&b, "Page %zu of %zu", p->index + 1, f->d->npages);
    pt100 used = flow_label(f, p, buf_view(&b), &grey, MARGIN, top + 1550, right - MARGIN);
    buf_free(&b);
    pt100 x = MARGIN + (used + 1500 > 8000 ? used + 1500 : 8000);
    flow_label(f, p, f->d->doc->footer, &mono, x, top + 1550, right - x - 1000);
}

static void draw_number(struct flow *f, struct contents_entry *e)
{
    const struct dest *to = map_get(&f->d->dests, e->anchor);
    struct text_style s = style_of(f, e->strong ? FACE_BOLD : FACE_REGULAR, SIZE_CONTENTS,
                                   f->d->colours->ink);
    struct text *t = &f->text;
    struct buf b = BUF_INIT;
    buf_printf(&b, "%zu", to ? to->page + 1 : 0);
    text_clear(t);
    text_add(t, buf_view(&b), &s);
    pt100 w = text_width_pt(t, 0, t->n);
    page_tag(e->page, e->tag);
    page_text(f->d, e->page, t, 0, t->n, e->right - w, e->y);
    page_tag(e->page, NULL);
    page_dots(f->d, e->page, e->left + 700, e->right - w - 500, e->y - 40, 0xB4BCC6);
    buf_free(&b);
}

void flow_finish(struct flow *f)
{
    close_boxes(f);
    page_body_done(f->d, f->page);
    for (struct contents_entry *e = f->entries; e; e = e->next)
        draw_number(f, e);
    for (struct page *p = f->d->first; p; p = p->next) {
        page_tag(p, NULL);
        draw_banner(f, p);
        if (p->index == 0)
            draw_tlp(f, p, 3050);
        else
            draw_header(f, p);
        draw_footer(f, p);
    }
    text_free(&f->text);
}
