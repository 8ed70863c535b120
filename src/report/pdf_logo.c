/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logo of the theme on the cover: pixels as an image without transparency (PDF/A-1 knows none), a drawing as operators.
 */
#include "pdf_int.h"

enum { LOGO_HEIGHT = 4200, LOGO_WIDTH_MAX = 22000 };

void logo_begin(struct pdf_doc *d)
{
    const struct picture *p = d->theme->logo.picture;
    struct buf b = BUF_INIT;
    if (!p)
        return;
    buf_printf(
        &b, "/Type /XObject /Subtype /Image /Width %u /Height %u /BitsPerComponent 8 /ColorSpace /Device%s",
        p->width, p->height, p->channels == 1 ? "Gray" : "RGB");
    if (p->rgba) {
        d->logo = pdf_stream(d->pdf, buf_view(&b), picture_on(d->arena, p, d->colours->cover), PDF_DEFLATED);
    } else {
        buf_puts(&b, " /Filter /DCTDecode");
        d->logo = pdf_stream(d->pdf, buf_view(&b), p->bytes, PDF_STORED);
    }
    buf_free(&b);
}

/* Size in the page: as high as a logo is, less where it would be wider than half of the page. */
static void logo_size(const struct pdf_doc *d, pt100 *w, pt100 *h)
{
    const struct picture *p = d->theme->logo.picture;
    const struct drawing *g = d->theme->logo.drawing;
    int64_t width = 0, height = 0;
    if (p) {
        width = p->width;
        height = p->height;
    } else if (g) {
        width = g->width;
        height = g->height;
    }
    *w = *h = 0;
    if (width <= 0 || height <= 0)
        return;
    *h = LOGO_HEIGHT;
    int64_t wide = width * LOGO_HEIGHT / height;
    if (wide > LOGO_WIDTH_MAX) {
        *h = (pt100)(height * LOGO_WIDTH_MAX / width);
        wide = LOGO_WIDTH_MAX;
    }
    *w = wide < 1 ? 1 : (pt100)wide;
    *h = *h < 1 ? 1 : *h;
}

pt100 logo_height(const struct pdf_doc *d)
{
    pt100 w, h;
    logo_size(d, &w, &h);
    return h;
}

static void draw_picture(struct pdf_doc *d, struct page *p, pt100 x, pt100 y, pt100 w, pt100 h)
{
    struct buf *b = &p->ops;
    page_mark(d, p);
    page_forget(p);
    buf_puts(b, "q ");
    pdf_put_fixed(b, w);
    buf_puts(b, " 0 0 ");
    pdf_put_fixed(b, h);
    buf_putc(b, ' ');
    put_point(b, p, x, y + h);
    buf_puts(b, "cm /Logo Do Q\n");
    page_forget(p);
}

void logo_draw(struct flow *f, pt100 y)
{
    struct pdf_doc *d = f->d;
    const struct theme_colours *c = d->colours;
    struct buf alt = BUF_INIT;
    uint32_t palette[PAINT_COUNT];
    pt100 w, h;
    logo_size(d, &w, &h);
    if (!h)
        return;
    pt100 x = d->theme->cover == COVER_SHEET ? f->x + (f->width - w) / 2 : f->x;
    struct tag *figure = tag_new(d, f->tag, "Figure");
    buf_puts(&alt, "/Alt ");
    pdf_put_text(&alt, d->theme->logo.alt);
    buf_putc(&alt, ' ');
    tag_attributes(d, figure, buf_view(&alt));
    buf_free(&alt);
    flow_mark(f, figure);
    if (d->logo) {
        draw_picture(d, f->page, x, y, w, h);
    } else {
        for (size_t i = 0; i < PAINT_COUNT; i++)
            palette[i] = d->theme->chart[i];
        palette[PAINT_INK] = c->cover_text;
        palette[PAINT_MUTED] = palette[PAINT_ACCENT] = c->cover_accent;
        palette[PAINT_PAPER] = c->cover;
        drawing_replay_on(d, f->page, d->theme->logo.drawing, x, y, w, palette, c->cover);
    }
    flow_mark(f, NULL);
}
