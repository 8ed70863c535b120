/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages: painting in points, and which node of the logical structure each painted thing belongs to.
 *
 * Every operator stands inside a marked-content sequence: of a tag (a paragraph, a cell) or an artifact (rules, running
 * headers). A page remembers what its operators have set, so that font and colour are written only when they change.
 */
#include "pdf_int.h"

#include <assert.h>

#include "hb/map.h"
#include "hb/vec.h"

/* -- tags -- */

static struct tag_kid *add_kid(struct pdf_doc *d, struct tag *t)
{
    struct tag_kid *k = ARENA_NEW(d->arena, struct tag_kid);
    if (t->last)
        t->last->next = k;
    else
        t->first = k;
    return t->last = k;
}

struct tag *tag_new(struct pdf_doc *d, struct tag *parent, const char *role)
{
    struct tag *t = ARENA_NEW(d->arena, struct tag);
    t->parent = parent;
    t->role = role;
    t->id = pdf_object(d->pdf);
    if (parent)
        add_kid(d, parent)->tag = t;
    if (d->last_tag)
        d->last_tag->next = t;
    else
        d->tags = t;
    return d->last_tag = t;
}

void tag_attributes(struct pdf_doc *d, struct tag *t, struct str body)
{
    t->attributes = arena_str(d->arena, body);
}

void tag_add_annot(struct pdf_doc *d, struct tag *t, pdf_id annot, pdf_id page)
{
    struct tag_kid *k = add_kid(d, t);
    k->annot = annot;
    k->page = page;
}

/* -- pages -- */

struct page *page_new(struct pdf_doc *d, pt100 width, pt100 height)
{
    struct page *p = ARENA_NEW(d->arena, struct page);
    p->pdf = pdf_page(d->pdf, width / 100, height / 100);
    p->index = d->npages++;
    p->width = width;
    p->height = height;
    page_forget(p);
    if (d->last)
        d->last->next = p;
    else
        d->first = p;
    return d->last = p;
}

void page_forget(struct page *p)
{
    p->font = -1;
    p->fill = p->stroke = p->line = -1;
}

void page_unmark(struct page *p)
{
    if (p->marked)
        buf_puts(&p->ops, "EMC\n");
    p->marked = false;
}

void page_tag(struct page *p, struct tag *t)
{
    p->tag = t;
}

void page_mark(struct pdf_doc *d, struct page *p)
{
    if (p->marked && p->mark == p->tag)
        return;
    page_unmark(p);
    p->marked = true;
    p->mark = p->tag;
    if (p->tag == NULL) {
        buf_puts(&p->ops, "/Artifact BMC\n");
        return;
    }
    struct tag_kid *k = add_kid(d, p->tag);
    k->mcid = (int)p->nmcids;
    k->page = p->pdf.id;
    buf_printf(&p->ops, "/%s <</MCID %zu>> BDC\n", p->tag->role, p->nmcids);
    *VEC_PUSH(d->arena, p->mcids, p->nmcids, p->mcids_cap) = p->tag;
}

void page_body_done(struct pdf_doc *d, struct page *p)
{
    page_unmark(p);
    pdf_page_body(d->pdf, p->pdf, buf_view(&p->ops));
    buf_free(&p->ops);
    page_forget(p);
}

/* -- painting -- */

/* A colour component in thousandths: 0.122 */
static void put_component(struct buf *b, unsigned v)
{
    unsigned mille = (v * 1000 + 127) / 255;
    if (mille == 0 || mille == 1000) {
        buf_putc(b, mille ? '1' : '0');
        return;
    }
    char text[4] = { '.', (char)('0' + mille / 100), (char)('0' + mille / 10 % 10),
                     (char)('0' + mille % 10) };
    size_t n = 4;
    while (text[n - 1] == '0')
        n--;
    buf_put(b, text, n);
}

void put_rgb(struct buf *b, uint32_t rgb, const char *op)
{
    for (int shift = 16; shift >= 0; shift -= 8) {
        put_component(b, rgb >> shift & 0xFF);
        buf_putc(b, ' ');
    }
    buf_puts(b, op);
    buf_putc(b, '\n');
}

void put_point(struct buf *b, const struct page *p, pt100 x, pt100 y)
{
    pdf_put_fixed(b, x);
    buf_putc(b, ' ');
    pdf_put_fixed(b, p->height - y);
    buf_putc(b, ' ');
}

static void set_fill(struct page *p, uint32_t rgb)
{
    if (p->fill != rgb)
        put_rgb(&p->ops, rgb, "rg");
    p->fill = rgb;
}

static void set_stroke(struct page *p, uint32_t rgb, pt100 width)
{
    if (p->stroke != rgb)
        put_rgb(&p->ops, rgb, "RG");
    p->stroke = rgb;
    if (p->line != width) {
        pdf_put_fixed(&p->ops, width);
        buf_puts(&p->ops, " w\n");
    }
    p->line = width;
}

void page_rect(struct pdf_doc *d, struct page *p, pt100 x, pt100 y, pt100 w, pt100 h, uint32_t rgb)
{
    page_mark(d, p);
    set_fill(p, rgb);
    put_point(&p->ops, p, x, y + h);
    pdf_put_fixed(&p->ops, w);
    buf_putc(&p->ops, ' ');
    pdf_put_fixed(&p->ops, h);
    buf_puts(&p->ops, " re f\n");
}

void page_line(struct pdf_doc *d, struct page *p, pt100 x1, pt100 y1, pt100 x2, pt100 y2, pt100 width,
               uint32_t rgb)
{
    page_mark(d, p);
    set_stroke(p, rgb, width);
    put_point(&p->ops, p, x1, y1);
    buf_puts(&p->ops, "m ");
    put_point(&p->ops, p, x2, y2);
    buf_puts(&p->ops, "l S\n");
}

/* Dot leaders: dashes of no length with round caps. */
void page_dots(struct pdf_doc *d, struct page *p, pt100 x1, pt100 x2, pt100 y, uint32_t rgb)
{
    if (x2 <= x1)
        return;
    page_mark(d, p);
    buf_puts(&p->ops, "1 J [0 3] 0 d\n");
    page_line(d, p, x1, y, x2, y, 70, rgb);
    buf_puts(&p->ops, "0 J [] 0 d\n");
}

static void put_cids(struct page *p, const struct text *t, size_t from, size_t to)
{
    static const char hex[] = "0123456789abcdef";
    buf_putc(&p->ops, '<');
    buf_reserve(&p->ops, 4 * (to - from));
    for (size_t i = from; i < to; i++) {
        unsigned c = t->atoms[i].cid;
        char four[4] = { hex[c >> 12], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15] };
        buf_put(&p->ops, four, 4);
    }
    buf_puts(&p->ops, "> Tj\n");
}

static void set_font(struct page *p, int font, pt100 size)
{
    if (p->font == font && p->size == size)
        return;
    buf_printf(&p->ops, "/F%d ", font);
    pdf_put_fixed(&p->ops, size);
    buf_puts(&p->ops, " Tf\n");
    p->font = font;
    p->size = size;
}

/* Atoms of one stretch, whatever their fonts, in one text object. */
static void draw_atoms(struct pdf_doc *d, struct page *p, const struct text *t, size_t from, size_t to,
                       pt100 x, pt100 y)
{
    page_mark(d, p);
    buf_puts(&p->ops, "BT\n");
    put_point(&p->ops, p, x, y);
    buf_puts(&p->ops, "Td\n");
    for (size_t i = from; i < to;) {
        const struct atom *a = &t->atoms[i];
        const struct text_style *s = &t->styles[a->style];
        size_t end = i;
        while (end < to && t->atoms[end].font == a->font && t->atoms[end].style == a->style)
            end++;
        set_font(p, a->font, s->size);
        set_fill(p, s->rgb);
        put_cids(p, t, i, end);
        i = end;
    }
    buf_puts(&p->ops, "ET\n");
}

/* A stretch that leads somewhere: a tag of its own, underlined, and an area to click. */
static void draw_link(struct pdf_doc *d, struct page *p, const struct text *t, size_t from, size_t to,
                      pt100 x, pt100 y)
{
    const struct text_style *s = &t->styles[t->atoms[from].style];
    struct tag *outer = p->tag;
    pt100 w = text_width_pt(t, from, to);
    if (outer)
        page_tag(p, tag_new(d, outer, "Link"));
    draw_atoms(d, p, t, from, to, x, y);
    page_line(d, p, x, y + s->size / 7, x + w, y + s->size / 7, 40, s->rgb);
    page_link(d, p, x, y - s->size, w, s->size * 13 / 10, s->href, p->tag);
    page_tag(p, outer);
}

static bool same_link(const struct text *t, size_t a, size_t b)
{
    struct str x = t->styles[t->atoms[a].style].href, y = t->styles[t->atoms[b].style].href;
    return x.p == y.p && x.n == y.n;
}

pt100 page_text(struct pdf_doc *d, struct page *p, const struct text *t, size_t from, size_t to, pt100 x,
                pt100 y)
{
    /* The blank at which a line was broken is set too, else its words are one for who reads the file by its tags. */
    size_t blank = to > from && to < t->n && (t->atoms[to].flags & ATOM_SPACE) ? to : SIZE_MAX;
    for (size_t i = from, end; i < to; i = end) {
        for (end = i + 1; end < to && same_link(t, i, end);)
            end++;
        pt100 at = x + text_width_pt(t, from, i);
        if (t->styles[t->atoms[i].style].href.n) {
            draw_link(d, p, t, i, end, at, y);
            if (end == blank)
                draw_atoms(d, p, t, end, end + 1, at + text_width_pt(t, i, end), y);
        } else {
            draw_atoms(d, p, t, i, end == blank ? end + 1 : end, at, y);
        }
    }
    for (size_t i = from, end; i < to; i = end) {
        const struct text_style *s = &t->styles[t->atoms[i].style];
        for (end = i + 1; end < to && t->atoms[end].style == t->atoms[i].style;)
            end++;
        pt100 at = x + text_width_pt(t, from, i), up = y - s->size * 3 / 10;
        if (s->strike)
            page_line(d, p, at, up, at + text_width_pt(t, i, end), up, 60, s->rgb);
    }
    return text_width_pt(t, from, to);
}

void page_link(struct pdf_doc *d, struct page *p, pt100 x, pt100 y, pt100 w, pt100 h, struct str href,
               struct tag *tag)
{
    *VEC_PUSH(d->arena, p->links, p->nlinks, p->links_cap) = (struct link){ x, y, w, h, href, tag };
}

/* -- destinations -- */

void pdf_dest(struct pdf_doc *d, struct str anchor, size_t page, pt100 y)
{
    struct dest *to = ARENA_NEW(d->arena, struct dest);
    *to = (struct dest){ page, y };
    if (anchor.n && map_get(&d->dests, anchor) == NULL)
        map_set(&d->dests, anchor, to);
}

void pdf_outline(struct pdf_doc *d, struct str title, int level, size_t page, pt100 y)
{
    *VEC_PUSH(d->arena, d->outline, d->noutline,
              d->outline_cap) = (struct outline_item){ title, level, { page, y } };
}
