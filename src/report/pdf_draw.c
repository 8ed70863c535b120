/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts: a drawing (hb/chart.h) replayed as PDF operators, scaled to a width.
 *
 * Numbers are scaled in integers. There is no transparency: fills that let the paper through are mixed with its colour. To
 * draw another kind of shape: a row in `shapes`.
 */
#include "pdf_int.h"

struct replay {
    struct pdf_doc *d;
    struct page *p;
    pt100 x, y;
    int64_t num, den;        /* pt100 = centi * num / den */
    const uint32_t *palette; /* by role */
    uint32_t ground;         /* what fills that let it through are mixed with */
};

static pt100 scaled(const struct replay *r, int64_t v)
{
    int64_t n = v * r->num, half = r->den / 2;
    return (pt100)(n >= 0 ? (n + half) / r->den : -((-n + half) / r->den));
}

static uint32_t mixed(const struct replay *r, uint8_t role, unsigned opacity)
{
    uint32_t rgb = r->palette[role], out = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        uint32_t c = rgb >> shift & 0xFF, under = r->ground >> shift & 0xFF;
        out |= (c * opacity + under * (100 - opacity) + 50) / 100 << shift;
    }
    return out;
}

static void put_at(const struct replay *r, centi x, centi y)
{
    put_point(&r->p->ops, r->p, r->x + scaled(r, x), r->y + scaled(r, y));
}

static void outline_path(const struct replay *r, const struct shape *s)
{
    struct buf *b = &r->p->ops;
    for (size_t i = 0; i < s->nsteps; i++) {
        const struct path_step *t = &s->steps[i];
        if (t->op == PATH_CLOSE) {
            buf_puts(b, "h\n");
            continue;
        }
        put_at(r, t->x, t->y);
        buf_puts(b, t->op == PATH_MOVE ? "m\n" : "l\n");
    }
}

static void outline_rect(const struct replay *r, const struct shape *s)
{
    put_at(r, s->x, s->y + s->h);
    pdf_put_fixed(&r->p->ops, scaled(r, s->w));
    buf_putc(&r->p->ops, ' ');
    pdf_put_fixed(&r->p->ops, scaled(r, s->h));
    buf_puts(&r->p->ops, " re\n");
}

/* Four Bezier curves; 0.5523 is the usual distance of their control points. */
static void outline_circle(const struct replay *r, const struct shape *s)
{
    static const int8_t unit[4][2] = { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 } };
    centi k = (centi)((int64_t)s->w * 5523 / 10000), x = s->x, y = s->y, w = s->w;
    put_at(r, x + w, y);
    buf_puts(&r->p->ops, "m\n");
    for (int i = 0; i < 4; i++) {
        const int8_t *a = unit[i], *b = unit[(i + 1) % 4];
        put_at(r, x + a[0] * w + b[0] * k, y + a[1] * w + b[1] * k);
        put_at(r, x + b[0] * w + a[0] * k, y + b[1] * w + a[1] * k);
        put_at(r, x + b[0] * w, y + b[1] * w);
        buf_puts(&r->p->ops, "c\n");
    }
}

static void (*const outlines[])(const struct replay *, const struct shape *) = {
    [SHAPE_PATH] = outline_path,
    [SHAPE_RECT] = outline_rect,
    [SHAPE_CIRCLE] = outline_circle,
};

static void set_stroke(const struct replay *r, const struct shape *s)
{
    struct buf *b = &r->p->ops;
    put_rgb(b, r->palette[s->stroke], "RG");
    pdf_put_fixed(b, scaled(r, s->stroke_width));
    buf_puts(b, " w [");
    for (size_t i = 0; i < s->ndash && i < DRAWING_DASH_MAX; i++) {
        pdf_put_fixed(b, scaled(r, s->dash[i]));
        buf_putc(b, ' ');
    }
    buf_puts(b, "] 0 d\n");
}

static void replay_outline(const struct replay *r, const struct shape *s)
{
    bool fill = s->fill != PAINT_NONE, stroke = s->stroke != PAINT_NONE;
    if ((!fill && !stroke) || (s->kind == SHAPE_PATH && s->nsteps == 0))
        return;
    if (fill)
        put_rgb(&r->p->ops, mixed(r, s->fill, s->opacity), "rg");
    if (stroke)
        set_stroke(r, s);
    outlines[s->kind](r, s);
    buf_puts(&r->p->ops, fill && stroke ? "B\n" : fill ? "f\n" : "S\n");
}

static void replay_text(const struct replay *r, const struct shape *s)
{
    struct text_style style = { .face = s->bold ? FACE_BOLD : FACE_REGULAR, .size = scaled(r, s->size) };
    struct text t;
    text_init(&t, r->d->fonts, r->d->colours->alarm);
    for (size_t i = 0; i < s->nruns; i++) {
        style.rgb = s->runs[i].escape ? r->d->colours->alarm : r->palette[s->fill];
        text_add(&t, s->runs[i].text, &style);
    }
    pt100 w = text_width_pt(&t, 0, t.n);
    pt100 shift = s->anchor == ANCHOR_END ? w : s->anchor == ANCHOR_MIDDLE ? w / 2 : 0;
    pt100 x = r->x + scaled(r, s->x), y = r->y + scaled(r, s->y);
    page_forget(r->p);
    if (s->rotate == 0)
        page_text(r->d, r->p, &t, 0, t.n, x - shift, y);
    else {
        /* turned to the left about (x, y): the text is drawn at the origin of a turned system */
        buf_puts(&r->p->ops, "q 0 1 -1 0 ");
        put_point(&r->p->ops, r->p, x, y);
        buf_puts(&r->p->ops, "cm\n");
        page_text(r->d, r->p, &t, 0, t.n, -shift, r->p->height);
        buf_puts(&r->p->ops, "Q\n");
    }
    page_forget(r->p);
    text_free(&t);
}

void drawing_replay(struct pdf_doc *d, struct page *p, const struct drawing *g, pt100 x, pt100 y, pt100 w)
{
    drawing_replay_on(d, p, g, x, y, w, d->theme->chart, 0xFFFFFF);
}

void drawing_replay_on(struct pdf_doc *d, struct page *p, const struct drawing *g, pt100 x, pt100 y, pt100 w,
                       const uint32_t *palette, uint32_t ground)
{
    struct replay r = { d, p, x, y, w, g->width, palette, ground };
    page_mark(d, p);
    page_forget(p);
    buf_puts(&p->ops, "q 1 J 1 j\n");
    for (size_t i = 0; i < g->nshapes; i++)
        if (g->shapes[i].kind == SHAPE_TEXT)
            replay_text(&r, &g->shapes[i]);
        else if (g->shapes[i].kind <= SHAPE_CIRCLE)
            replay_outline(&r, &g->shapes[i]);
    buf_puts(&p->ops, "Q\n");
    page_forget(p);
}
