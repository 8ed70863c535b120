/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks: how each kind of node is set on paper.
 *
 * A block asks for the gap above, draws, and asks for the gap below; the larger of two gaps that meet is taken. To set a
 * new kind of node: a function here and a row in `kinds`.
 */
#include "pdf_int.h"

#include <assert.h>
#include <string.h>

#include "hb/sha256.h"
#include "hb/utf8.h"
#include "highlight.h"

enum { GAP_PARA = 700, GAP_BLOCK = 1100 };

/* -- pieces of text -- */

struct str excerpt(struct pdf_doc *d, struct str s, size_t limit)
{
    if (s.n <= limit)
        return s;
    size_t n = limit;
    while (n > 0 && n + 4 > limit && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    char hex[65];
    sha256_hex(s, hex);
    struct buf b = BUF_INIT;
    buf_put(&b, s.p, n);
    buf_puts(&b, " \xE2\x80\xA6 [");
    doc_put_count(&b, (int64_t)utf8_count(s));
    buf_printf(&b, " characters, sha256 %.12s\xE2\x80\xA6]", hex);
    struct str shown = buf_to_arena(&b, d->arena);
    buf_free(&b);
    return shown;
}

static enum font_face face_with(enum font_face base, unsigned flags)
{
    bool bold = base == FACE_BOLD || base == FACE_BOLD_ITALIC || (flags & RUN_STRONG);
    bool italic = base == FACE_ITALIC || base == FACE_BOLD_ITALIC || (flags & RUN_EM);
    if (flags & RUN_CODE)
        return bold ? FACE_MONO_BOLD : FACE_MONO;
    return bold ? italic ? FACE_BOLD_ITALIC : FACE_BOLD : italic ? FACE_ITALIC : FACE_REGULAR;
}

void text_add_prose(struct flow *f, struct text *t, const struct prose *p, enum font_face face, pt100 size,
                    uint32_t rgb)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct run *r = &p->runs[i];
        struct text_style s = style_of(f, face_with(face, r->flags), size, rgb);
        if (r->flags & RUN_CODE)
            s.size = size * 92 / 100;
        s.strike = (r->flags & RUN_STRIKE) != 0;
        s.href = r->href;
        if (r->href.n)
            s.rgb = f->d->colours->accent;
        if (r->flags & RUN_BREAK)
            text_newline(t, &s);
        else
            text_add(t, excerpt(f->d, r->text, SHOW_VALUE), &s);
    }
}

static void text_begin(struct flow *f, struct text *t)
{
    text_init(t, f->d->fonts, f->d->colours->alarm);
}

/* One string in one style as a paragraph under its own tag. */
static void set_string(struct flow *f, struct str s, struct text_style style, pt100 lead, const char *role)
{
    struct text t;
    text_begin(f, &t);
    text_add(&t, s, &style);
    flow_mark(f, tag_new(f->d, f->tag, role));
    flow_text(f, &t, lead);
    flow_mark(f, NULL);
    text_free(&t);
}

/* -- marks -- */

struct mark_colours {
    uint32_t ink, paper;
};

static struct mark_colours mark_colours(const struct flow *f, enum doc_mark m)
{
    const struct theme_colours *c = f->d->colours;
    switch (m) {
    case MARK_OK: return (struct mark_colours){ c->ok, c->ok_paper };
    case MARK_INFO: return (struct mark_colours){ c->accent, c->note_paper };
    case MARK_WARNING: return (struct mark_colours){ c->warning, c->warning_paper };
    case MARK_BAD: return (struct mark_colours){ c->alarm, c->alarm_paper };
    case MARK_NONE: break;
    }
    return (struct mark_colours){ c->muted, c->zebra };
}

uint32_t mark_rgb(const struct flow *f, enum doc_mark m)
{
    return m == MARK_NONE ? f->d->colours->ink : mark_colours(f, m).ink;
}

pt100 draw_badge(struct flow *f, struct str word, enum doc_mark m, pt100 x, pt100 y, pt100 size)
{
    struct mark_colours c = mark_colours(f, m);
    struct text_style s = style_of(f, FACE_BOLD, size * 9 / 10, c.ink);
    struct text t;
    text_begin(f, &t);
    text_add(&t, excerpt(f->d, word, 60), &s);
    pt100 w = text_width_pt(&t, 0, t.n), pad = size / 2;
    struct tag *tag = f->page->tag;
    page_tag(f->page, NULL);
    page_rect(f->d, f->page, x, y - size, w + 2 * pad, size * 13 / 10, c.paper);
    page_tag(f->page, tag);
    page_text(f->d, f->page, &t, 0, t.n, x + pad, y);
    text_free(&t);
    return w + 2 * pad;
}

/* -- headings -- */

struct heading_look {
    pt100 size, lead, before, after, keep;
    bool accent, underline;
    const char *role;
};

static const struct heading_look headings[] = {
    { 1900, 2500, 3000, 1500, 14500, false, true, "H1" },
    { 1250, 1700, 2200, 500, 11500, true, false, "H2" },
    { 1060, 1500, 1700, 400, 10500, false, false, "H3" },
    { 960, 1420, 1300, 300, 6000, true, false, "H4" },
};

static const struct heading_look *heading_look(int level)
{
    int n = sizeof headings / sizeof *headings;
    return &headings[level < 1 ? 0 : level > n ? n - 1 : level - 1];
}

static void set_heading(struct flow *f, const struct text *t, const struct heading_look *h)
{
    flow_mark(f, tag_new(f->d, f->tag, h->role));
    flow_text(f, t, h->lead);
    flow_mark(f, NULL);
    if (h->underline) {
        page_rect(f->d, f->page, f->x, f->y + 200, 3600, 220, f->d->colours->accent);
        f->y += 420;
    }
    flow_gap(f, h->after);
}

/*
 * A section with a wide table is set on turned pages as a whole when the page before it is well filled; else it begins
 * upright, and the table turns the page. What follows goes on there while there is room, since a page left half empty reads
 * worse than one on its side.
 */
static void turn_page(struct flow *f, const struct doc_node *section)
{
    bool wide = false;
    if (f->boxes || section->u.section.level > 2)
        return;
    for (const struct doc_node *k = section->first; k && !wide; k = k->next)
        wide = k->kind == DOC_TABLE && table_turns_page(f, &k->u.table);
    pt100 whole = f->bottom - f->top;
    bool back = f->landscape && flow_room(f) < whole * (section->u.section.level == 1 ? 60 : 40) / 100;
    if (wide ? !f->landscape && flow_is_filled(f) : back)
        flow_page(f, wide);
}

void block_section(struct flow *f, const struct doc_node *n)
{
    const struct doc_section *s = &n->u.section;
    const struct heading_look *h = heading_look(s->level);
    const struct theme_colours *c = f->d->colours;
    struct text_style style = style_of(f, FACE_BOLD, h->size, h->accent ? c->accent : c->ink);
    struct text_style pale = style_of(f, FACE_BOLD, h->size, c->muted),
                      small = style_of(f, FACE_MONO, 700, c->muted);
    struct tag *outer = f->tag;
    struct text t;
    f->tag = tag_new(f->d, outer, "Sect");
    text_begin(f, &t);
    if (s->number.n) {
        text_add(&t, s->number, &pale);
        text_add(&t, STR("  "), &pale);
    }
    text_add(&t, excerpt(f->d, s->title, SHOW_TITLE), &style);
    if (s->tag.n) {
        text_add(&t, STR("  "), &small);
        text_add(&t, excerpt(f->d, s->tag, 60), &small);
    }
    bool contents = n->first && n->first->kind == DOC_CONTENTS;
    pt100 keep = contents ? h->lead + h->after + 420 + contents_height(f) : h->keep;
    turn_page(f, n);
    flow_gap(f, h->before);
    flow_need(f, keep <= f->bottom - f->top ? keep : h->keep);
    pdf_dest(f->d, s->anchor, f->page->index, f->y - 600);
    struct buf title = BUF_INIT;
    if (s->number.n)
        buf_printf(&title, "%.*s  ", STR_ARG(s->number));
    buf_str(&title, s->title);
    pdf_outline(f->d, buf_to_arena(&title, f->d->arena), s->level, f->page->index, f->y - 600);
    buf_free(&title);
    set_heading(f, &t, h);
    text_free(&t);
    block_kids(f, n);
    f->tag = outer;
}

static void block_heading(struct flow *f, const struct doc_node *n)
{
    const struct heading_look *h = heading_look(n->u.heading.level < 2 ? 3 : 4);
    struct text t;
    text_begin(f, &t);
    text_add_prose(f, &t, &n->u.heading.text, FACE_BOLD, h->size,
                   h->accent ? f->d->colours->accent : f->d->colours->ink);
    flow_gap(f, h->before);
    flow_need(f, h->keep);
    set_heading(f, &t, h);
    text_free(&t);
}

/* -- prose -- */

static void block_para(struct flow *f, const struct doc_node *n)
{
    struct text t;
    text_begin(f, &t);
    text_add_prose(f, &t, &n->u.para, FACE_REGULAR, SIZE_BODY, f->d->colours->ink);
    flow_gap(f, GAP_PARA);
    flow_mark(f, tag_new(f->d, f->tag, "P"));
    flow_text(f, &t, LEAD_BODY);
    flow_mark(f, NULL);
    flow_gap(f, GAP_PARA);
    text_free(&t);
}

static void put_marker(struct buf *b, const struct doc_list *l, unsigned index, enum doc_task task)
{
    if (task != TASK_NONE)
        buf_puts(b, task == TASK_DONE ? "\xE2\x98\x91" : "\xE2\x98\x90");
    else if (l->ordered)
        buf_printf(b, "%u.", l->start + index);
    else
        buf_puts(b, "\xE2\x80\xA2");
}

static void list_item(struct flow *f, const struct doc_list *l, const struct doc_node *item, unsigned index)
{
    enum { INDENT = 1700 };
    struct text_style s = style_of(f, FACE_REGULAR, SIZE_BODY, f->d->colours->ink);
    struct tag *list = f->tag, *li = tag_new(f->d, list, "LI");
    struct buf marker = BUF_INIT;
    struct text t;
    put_marker(&marker, l, index, item->u.item);
    text_begin(f, &t);
    text_add(&t, buf_view(&marker), &s);
    flow_gap(f, l->tight ? 150 : 500);
    flow_need(f, 2 * LEAD_BODY);
    flow_mark(f, tag_new(f->d, li, "Lbl"));
    pt100 w = text_width_pt(&t, 0, t.n), x = f->x + INDENT - 500 - w;
    page_text(f->d, f->page, &t, 0, t.n, x > f->x ? x : f->x, f->y + (LEAD_BODY + SIZE_BODY * 7 / 10) / 2);
    flow_mark(f, NULL);
    text_free(&t);
    buf_free(&marker);
    f->tag = tag_new(f->d, li, "LBody");
    pt100 y = f->y;
    size_t page = f->page->index;
    f->x += INDENT;
    f->width -= INDENT;
    f->glued = true; /* the first block stands beside the marker */
    block_kids(f, item);
    if (f->y == y && f->page->index == page)
        f->y += LEAD_BODY;
    f->x -= INDENT;
    f->width += INDENT;
    f->gap = l->tight ? 150 : 500;
    f->tag = list;
}

static void block_list(struct flow *f, const struct doc_node *n)
{
    struct tag *outer = f->tag;
    unsigned i = 0;
    f->tag = tag_new(f->d, outer, "L");
    flow_gap(f, GAP_PARA / 2);
    for (const struct doc_node *k = n->first; k; k = k->next)
        list_item(f, &n->u.list, k, i++);
    f->tag = outer;
    flow_gap(f, GAP_PARA);
}

static void block_quote(struct flow *f, const struct doc_node *n)
{
    struct tag *outer = f->tag;
    flow_gap(f, GAP_BLOCK);
    f->tag = tag_new(f->d, outer, "BlockQuote");
    flow_box(f, 0xFFFFFF, f->d->colours->rule, 300);
    flow_mark(f, NULL);
    f->glued = true;
    block_kids(f, n);
    flow_box_end(f, 300);
    f->tag = outer;
    flow_gap(f, GAP_BLOCK);
}

static void block_rule(struct flow *f, const struct doc_node *n)
{
    (void)n;
    flow_gap(f, GAP_BLOCK);
    flow_need(f, 200);
    page_line(f->d, f->page, f->x, f->y, f->x + f->width, f->y, 40, f->d->colours->rule);
    flow_gap(f, GAP_BLOCK);
}

/* -- captions -- */

void block_caption(struct flow *f, const char *word, int number, struct str caption, pt100 keep)
{
    enum { BELOW = 250 };
    struct buf b = BUF_INIT;
    if (number)
        buf_printf(&b, "%s %d. ", word, number);
    buf_str(&b, excerpt(f->d, caption, SHOW_TITLE));
    if (b.n) {
        struct text_style bold = style_of(f, FACE_BOLD, SIZE_SMALL, f->d->colours->ink);
        struct text t;
        text_begin(f, &t);
        text_add(&t, buf_view(&b), &bold);
        flow_need(f, (pt100)text_count_lines(&t, f->width) * LEAD_SMALL + BELOW + keep);
        text_free(&t);
        set_string(f, buf_view(&b), bold, LEAD_SMALL, "Caption");
        f->y += BELOW;
    }
    buf_free(&b);
}

/* -- listings -- */

static uint32_t class_rgb(const struct flow *f, enum hl_class class)
{
    const struct theme_colours *c = f->d->colours;
    switch (class) {
    case HL_KEYWORD: return c->accent;
    case HL_FUNCTION: return 0x6A3D9A;
    case HL_STRING: return c->ok;
    case HL_NUMBER: return c->warning;
    case HL_COMMENT: return c->muted;
    case HL_OPERATOR:
    case HL_TEXT: break;
    }
    return c->ink;
}

enum { CODE_GUTTER = 2900 };

/* One line of a listing, wrapped; its number or a hook arrow in the gutter. */
static void listing_line(struct flow *f, const struct text *t, size_t number, pt100 size)
{
    const struct theme_colours *c = f->d->colours;
    struct text_style pale = style_of(f, FACE_MONO, 620, c->muted);
    pt100 lead = size * LEAD_CODE / SIZE_CODE;
    pt100 gutter = number ? CODE_GUTTER : 900, x = f->x + gutter;
    size_t pos = 0, from = 0, to = 0;
    bool soft, first = true;
    while (text_next_line(t, &pos, f->width - gutter, &from, &to, &soft) || first) {
        flow_need(f, lead);
        pt100 base = f->y + (lead + size * 7 / 10) / 2;
        struct buf b = BUF_INIT;
        if (first && number)
            buf_printf(&b, "%zu", number);
        else if (!first)
            buf_puts(&b, "\xE2\x86\xB3");
        struct text side;
        text_begin(f, &side);
        text_add(&side, buf_view(&b), &pale);
        page_tag(f->page, NULL);
        page_text(f->d, f->page, &side, 0, side.n, x - 700 - text_width_pt(&side, 0, side.n), base);
        page_tag(f->page, f->mark);
        text_free(&side);
        buf_free(&b);
        page_text(f->d, f->page, t, from, to, x, base);
        f->y += lead;
        first = false;
    }
}

/* A carriage return before a line feed is part of the end of the line. */
static struct str line_feeds(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    if (str_find(s, STR("\r\n"), 0) == SIZE_MAX)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
            buf_putc(&b, s.p[i]);
    s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void listing_lines(struct flow *f, const struct doc_listing *l, struct str shown)
{
    /* SQL is printed by a program for a program: it may be small */
    pt100 size = str_eqz(l->language, "sql") ? SIZE_CODE * 80 / 100 : SIZE_CODE;
    struct text_style s = style_of(f, FACE_MONO, size, 0);
    struct text t;
    struct hl h;
    struct str piece;
    enum hl_class class;
    size_t number = l->first_line;
    text_begin(f, &t);
    hl_init(&h, l->language, line_feeds(f->d->arena, shown));
    while (hl_next(&h, &piece, &class)) {
        s.rgb = class_rgb(f, class);
        for (size_t i = 0; i < piece.n;) {
            size_t end = i;
            while (end < piece.n && piece.p[end] != '\n' && piece.p[end] != '\t')
                end++;
            text_add(&t, str_sub(piece, i, end), &s);
            if (end < piece.n && piece.p[end] == '\t')
                text_add(&t, STR("    "), &s);
            else if (end < piece.n) {
                listing_line(f, &t, number, size);
                number += number != 0;
                text_clear(&t);
            }
            i = end + 1;
        }
    }
    if (t.n)
        listing_line(f, &t, number, size);
    text_free(&t);
}

static bool same_appendix(const struct doc_node *a, const struct doc_node *b)
{
    return b && b->kind == DOC_LISTING && str_eq(a->u.listing.appendix, b->u.listing.appendix);
}

/* Listings that stand in the appendix: one line for those that follow each other, at the last of them. */
static void in_appendix(struct flow *f, const struct doc_node *n)
{
    struct text_style link = style_of(f, FACE_REGULAR, SIZE_SMALL, f->d->colours->accent);
    struct text t;
    if (same_appendix(n, n->next))
        return;
    link.href = arena_strf(f->d->arena, "#%.*s", STR_ARG(n->u.listing.appendix));
    text_begin(f, &t);
    text_add(&t, STR("The query as it was sent, and the SQL of the embedded engine: see the appendix"),
             &link);
    flow_gap(f, 500);
    flow_mark(f, tag_new(f->d, f->tag, "P"));
    flow_text(f, &t, LEAD_SMALL);
    flow_mark(f, NULL);
    flow_gap(f, GAP_BLOCK);
    text_free(&t);
}

static void block_listing(struct flow *f, const struct doc_node *n)
{
    const struct doc_listing *l = &n->u.listing;
    if (l->appendix.n) {
        in_appendix(f, n);
        return;
    }
    flow_gap(f, GAP_BLOCK);
    block_caption(f, "", 0, l->caption, 3 * LEAD_CODE);
    flow_box(f, f->d->colours->code_paper, f->d->colours->accent, 350);
    flow_mark(f, tag_new(f->d, f->tag, "Code"));
    listing_lines(f, l, excerpt(f->d, l->text, SHOW_LISTING));
    flow_mark(f, NULL);
    flow_box_end(f, 350);
    flow_gap(f, GAP_BLOCK);
}

/* -- pairs -- */

static pt100 names_width(struct flow *f, const struct doc_pairs *p)
{
    struct text_style s = style_of(f, FACE_BOLD, SIZE_SMALL, f->d->colours->muted);
    struct text t;
    pt100 most = 9000;
    text_begin(f, &t);
    for (size_t i = 0; i < p->n; i++) {
        text_clear(&t);
        text_add(&t, excerpt(f->d, p->items[i].name, SHOW_CELL), &s);
        pt100 w = text_line_width(&t);
        most = w > most ? w : most;
    }
    text_free(&t);
    pt100 cap = f->width * 2 / 5;
    return (most < cap ? most : cap) + 1400;
}

static void pair_value(struct flow *f, const struct doc_pair *p, struct text *t)
{
    text_add_prose(f, t, &p->value, FACE_REGULAR, SIZE_BODY - 40, f->d->colours->ink);
    if (t->n == 0 && p->mark_word.n == 0) {
        struct text_style s = style_of(f, FACE_REGULAR, SIZE_BODY - 40, f->d->colours->muted);
        text_add(t, STR("\xE2\x80\x93"), &s);
    }
}

enum { PAIR_LEAD = 1400, PAIR_PAD = 340 };

/* At most `lines` lines of a text from *pos on, its first one `indent` to the right; returns how many there were. */
static size_t pair_lines(struct flow *f, const struct text *t, size_t *pos, size_t lines, pt100 x,
                         pt100 width, pt100 indent)
{
    size_t n = 0, from, to;
    bool soft;
    for (; n < lines && text_next_line(t, pos, width - indent, &from, &to, &soft); n++, indent = 0)
        page_text(f->d, f->page, t, from, to, x + indent,
                  f->y + (pt100)n * PAIR_LEAD + (PAIR_LEAD + SIZE_BODY * 7 / 10) / 2);
    return n;
}

/* Name and value side by side, page by page; what belongs together is painted together, so that it is read together. */
static void pair_row(struct flow *f, const struct doc_pair *p, pt100 left)
{
    struct text_style bold = style_of(f, FACE_BOLD, SIZE_SMALL, f->d->colours->muted);
    struct text name, value;
    struct tag *row = tag_new(f->d, f->tag, "TR");
    struct tag *head = tag_new(f->d, row, "TH"), *data = tag_new(f->d, row, "TD");
    tag_attributes(f->d, head, STR("/A <</O /Table /Scope /Row>> "));
    text_begin(f, &name);
    text_begin(f, &value);
    text_add(&name, excerpt(f->d, p->name, SHOW_CELL), &bold);
    pair_value(f, p, &value);
    size_t npos = 0, vpos = 0;
    flow_need(f, PAIR_LEAD + 2 * PAIR_PAD);
    f->y += PAIR_PAD;
    for (bool first = true; first || npos < name.n || vpos < value.n; first = false) {
        pt100 x = f->x + left, indent = 0;
        flow_need(f, PAIR_LEAD + PAIR_PAD);
        pt100 fit = (flow_room(f) - PAIR_PAD) / PAIR_LEAD;
        size_t lines = fit > 1 ? (size_t)fit : 1;
        flow_mark(f, head);
        size_t names = pair_lines(f, &name, &npos, lines, f->x, left - 1200, 0);
        flow_mark(f, data);
        if (first && p->mark_word.n)
            indent = 600 + draw_badge(f, p->mark_word, p->mark, x,
                                      f->y + (PAIR_LEAD + SIZE_BODY * 7 / 10) / 2, SIZE_SMALL);
        size_t values = pair_lines(f, &value, &vpos, lines, x, f->width - left, indent);
        size_t most = names > values ? names : values;
        f->y += (pt100)(most ? most : 1) * PAIR_LEAD;
    }
    flow_mark(f, NULL);
    f->y += PAIR_PAD;
    page_line(f->d, f->page, f->x, f->y, f->x + f->width, f->y, 40, f->d->colours->rule);
    text_free(&name);
    text_free(&value);
}

static void block_pairs(struct flow *f, const struct doc_node *n)
{
    const struct doc_pairs *p = &n->u.pairs;
    struct tag *outer = f->tag;
    if (p->n == 0)
        return;
    flow_gap(f, GAP_BLOCK);
    block_caption(f, "", 0, p->caption, 4000);
    pt100 left = names_width(f, p);
    f->tag = tag_new(f->d, outer, "Table");
    for (size_t i = 0; i < p->n; i++)
        pair_row(f, &p->items[i], left);
    f->tag = outer;
    flow_gap(f, GAP_BLOCK);
}

/* -- tiles -- */

static void draw_tile(struct flow *f, const struct doc_tile *tile, pt100 x, pt100 w, pt100 h)
{
    const struct theme_colours *c = f->d->colours;
    bool loud = tile->mark == MARK_BAD || tile->mark == MARK_WARNING;
    uint32_t rgb = loud ? mark_rgb(f, tile->mark) : c->ink;
    struct text_style number = style_of(f, FACE_BOLD, 2000, rgb),
                      label = style_of(f, FACE_REGULAR, SIZE_SMALL, c->muted);
    pt100 room = w - 2000, y = f->y;
    page_rect(f->d, f->page, x, y, w, h, c->zebra);
    page_rect(f->d, f->page, x, y, w, 180, loud ? rgb : c->accent);
    flow_mark(f, tag_new(f->d, f->tag, "P"));
    struct text *t = &f->text;
    text_clear(t);
    text_add(t, tile->value, &number);
    pt100 wide = text_width_pt(t, 0, t->n);
    if (wide > room)
        number.size = (pt100)((int64_t)2000 * room / wide) < 700 ? 700 : (pt100)((int64_t)2000 * room / wide);
    flow_label(f, f->page, tile->value, &number, x + 1000, y + 2700, room);
    text_clear(t);
    text_add(t, tile->label, &label);
    size_t pos = 0, from, to;
    bool soft;
    for (pt100 base = y + 4350; text_next_line(t, &pos, room, &from, &to, &soft); base += LEAD_SMALL)
        page_text(f->d, f->page, t, from, to, x + 1000, base);
    flow_mark(f, NULL);
}

static void block_tiles(struct flow *f, const struct doc_node *n)
{
    enum { PER_ROW = 4, BETWEEN = 1000 };
    const struct doc_tiles *t = &n->u.tiles;
    struct text_style label = style_of(f, FACE_REGULAR, SIZE_SMALL, f->d->colours->muted);
    for (size_t i = 0; i < t->n; i += PER_ROW) {
        flow_gap(f, GAP_BLOCK);
        flow_need(f, 4700 + 3 * LEAD_SMALL);
        size_t count = t->n - i < PER_ROW ? t->n - i : PER_ROW, lines = 1;
        size_t columns = t->n < PER_ROW ? t->n : PER_ROW;
        pt100 w = (f->width - (pt100)(columns - 1) * BETWEEN) / (pt100)columns;
        for (size_t k = 0; k < count; k++) {
            text_clear(&f->text);
            text_add(&f->text, t->items[i + k].label, &label);
            size_t l = text_count_lines(&f->text, w - 2000);
            lines = l > lines ? l : lines;
        }
        pt100 h = 4700 + (pt100)lines * LEAD_SMALL;
        for (size_t k = 0; k < count; k++)
            draw_tile(f, &t->items[i + k], f->x + (pt100)k * (w + BETWEEN), w, h);
        f->y += h;
        flow_gap(f, GAP_BLOCK + 300);
    }
}

/* -- facts and checks -- */

static void block_facts(struct flow *f, const struct doc_node *n)
{
    const struct doc_facts *facts = &n->u.facts;
    const struct theme_colours *c = f->d->colours;
    struct text_style grey = style_of(f, FACE_REGULAR, SIZE_SMALL, c->muted);
    struct text t;
    text_begin(f, &t);
    for (size_t i = 0; i < facts->n; i++) {
        if (i)
            text_add(&t, STR("  \xC2\xB7  "), &grey);
        text_add_prose(f, &t, &facts->items[i], FACE_REGULAR, SIZE_SMALL, c->muted);
    }
    flow_gap(f, 300);
    flow_need(f, 2 * LEAD_SMALL);
    flow_mark(f, tag_new(f->d, f->tag, "P"));
    pt100 shift = 0, base = f->y + (LEAD_SMALL + 200 + SIZE_SMALL * 7 / 10) / 2;
    if (facts->badge.n)
        shift = draw_badge(f, facts->badge, facts->mark, f->x, base, SIZE_SMALL) + 800;
    f->x += shift;
    f->width -= shift;
    if (t.n)
        flow_text(f, &t, LEAD_SMALL + 200);
    else
        f->y += LEAD_SMALL + 200;
    f->x -= shift;
    f->width += shift;
    flow_mark(f, NULL);
    flow_gap(f, GAP_PARA);
    text_free(&t);
}

static void check_row(struct flow *f, const struct doc_check *k)
{
    const struct theme_colours *c = f->d->colours;
    struct text_style mono = style_of(f, FACE_MONO, SIZE_CODE + 20, c->ink),
                      plain = style_of(f, FACE_REGULAR, SIZE_SMALL + 40, c->ink);
    struct text t;
    text_begin(f, &t);
    text_add(&t, excerpt(f->d, k->that, SHOW_VALUE), &mono);
    if (k->text.n) {
        text_newline(&t, &plain);
        text_add(&t, excerpt(f->d, k->text, SHOW_VALUE), &plain);
    }
    flow_gap(f, 350);
    flow_need(f, 2 * 1300);
    flow_mark(f, tag_new(f->d, f->tag, "LI"));
    pt100 w = draw_badge(f, k->verdict, k->mark, f->x, f->y + (1300 + SIZE_SMALL * 7 / 10) / 2, SIZE_SMALL) +
              800;
    pt100 shift = w > 5200 ? w : 5200;
    f->x += shift;
    f->width -= shift;
    flow_text(f, &t, 1300);
    f->x -= shift;
    f->width += shift;
    flow_mark(f, NULL);
    text_free(&t);
}

static void block_checks(struct flow *f, const struct doc_node *n)
{
    const struct doc_checks *c = &n->u.checks;
    struct tag *outer = f->tag;
    if (c->n == 0)
        return;
    flow_gap(f, GAP_BLOCK);
    block_caption(f, "", 0, c->caption, 2600);
    f->tag = tag_new(f->d, outer, "L");
    for (size_t i = 0; i < c->n; i++)
        check_row(f, &c->items[i]);
    f->tag = outer;
    flow_gap(f, GAP_BLOCK);
}

/* -- callouts -- */

struct tone_colours {
    uint32_t ink, paper;
};

static struct tone_colours tone_colours(const struct flow *f, const struct doc_callout *c)
{
    const struct theme_colours *t = f->d->colours;
    switch (c->tone) {
    case TONE_OK: return (struct tone_colours){ t->ok, t->ok_paper };
    case TONE_WARNING: return (struct tone_colours){ t->warning, t->warning_paper };
    case TONE_BAD: return (struct tone_colours){ t->alarm, t->alarm_paper };
    case TONE_FINDING:
        if (doc_mark_of(c->severity) == MARK_BAD)
            return (struct tone_colours){ t->alarm, t->alarm_paper };
        if (doc_mark_of(c->severity) == MARK_WARNING)
            return (struct tone_colours){ t->warning, t->warning_paper };
        break;
    case TONE_NOTE:
    case TONE_CONCLUSION: break;
    }
    return (struct tone_colours){ t->accent, t->note_paper };
}

static void block_callout(struct flow *f, const struct doc_node *n)
{
    enum { PAD = 900 };
    const struct doc_callout *c = &n->u.callout;
    struct tone_colours tone = tone_colours(f, c);
    struct tag *outer = f->tag;
    flow_gap(f, GAP_BLOCK + 200);
    flow_need(f, 7000);
    f->tag = tag_new(f->d, outer, "Sect");
    flow_box(f, tone.paper, tone.ink, PAD);
    if (c->label.n || c->severity.n) {
        struct text_style s = style_of(f, FACE_BOLD, SIZE_SMALL, tone.ink);
        flow_mark(f, tag_new(f->d, f->tag, "P"));
        pt100 base = f->y + 850, used = 0;
        if (c->label.n)
            used = flow_label(f, f->page, excerpt(f->d, c->label, 200), &s, f->x, base, f->width - 9000) +
                   800;
        if (c->severity.n)
            draw_badge(f, c->severity, doc_mark_of(c->severity), f->x + used, base, SIZE_SMALL - 40);
        flow_mark(f, NULL);
        f->y += LEAD_SMALL + 250;
    }
    if (c->title.n)
        set_string(f, excerpt(f->d, c->title, SHOW_TITLE), style_of(f, FACE_BOLD, 1060, f->d->colours->ink),
                   1500, "P");
    f->gap = c->title.n ? 250 : 0;
    f->glued = c->title.n == 0;
    block_kids(f, n);
    flow_box_end(f, PAD);
    f->tag = outer;
    flow_gap(f, GAP_BLOCK + 300);
}

/* -- signatures, contents, figures, breaks -- */

static void block_signatures(struct flow *f, const struct doc_node *n)
{
    enum { PER_ROW = 3, BETWEEN = 1600, HEIGHT = 6800 };
    const struct theme_colours *c = f->d->colours;
    struct text_style bold = style_of(f, FACE_BOLD, SIZE_BODY - 60, c->ink),
                      plain = style_of(f, FACE_REGULAR, SIZE_BODY - 60, c->ink),
                      grey = style_of(f, FACE_REGULAR, 780, c->muted);
    for (size_t i = 0; i < n->u.signatures.n; i++) {
        const struct doc_signature *s = &n->u.signatures.items[i];
        if (i % PER_ROW == 0) {
            flow_gap(f, GAP_BLOCK);
            flow_need(f, HEIGHT);
        }
        pt100 w = (f->width - (PER_ROW - 1) * BETWEEN) / PER_ROW;
        pt100 x = f->x + (pt100)(i % PER_ROW) * (w + BETWEEN);
        flow_mark(f, tag_new(f->d, f->tag, "P"));
        flow_label(f, f->page, s->role, &bold, x, f->y + 900, w);
        flow_label(f, f->page, s->name, &plain, x, f->y + 2500, w);
        flow_label(f, f->page, STR("Name, date, signature"), &grey, x, f->y + 5800, w);
        flow_mark(f, NULL);
        page_line(f->d, f->page, x, f->y + 4700, x + w, f->y + 4700, 60, c->muted);
        if (i % PER_ROW == PER_ROW - 1 || i + 1 == n->u.signatures.n) {
            f->y += HEIGHT;
            flow_gap(f, GAP_BLOCK);
        }
    }
}

/* As wide as the column, unless that is higher than a page. */
static int64_t figure_width(const struct flow *f, const struct drawing *g)
{
    int64_t w = f->width, h = w * g->height / g->width, most = f->bottom - f->top - 4000;
    return h > most ? w * most / h : w;
}

void block_figure(struct flow *f, const struct doc_figure *fig)
{
    const struct theme_colours *c = f->d->colours;
    struct tag *figure = tag_new(f->d, f->tag, "Figure");
    struct buf b = BUF_INIT;
    buf_puts(&b, "/Alt ");
    pdf_put_text(&b, excerpt(f->d, fig->alt.n ? fig->alt : fig->caption, 1000));
    buf_putc(&b, ' ');
    tag_attributes(f->d, figure, buf_view(&b));
    buf_clear(&b);
    flow_gap(f, GAP_BLOCK);
    if (fig->drawing && fig->drawing->width > 0) {
        int64_t w, h;
        do { /* again when the new page is narrower */
            w = figure_width(f, fig->drawing);
            h = w * fig->drawing->height / fig->drawing->width;
        } while (flow_need(f, (pt100)h + 2500));
        flow_mark(f, figure);
        drawing_replay(f->d, f->page, fig->drawing, f->x + (f->width - (pt100)w) / 2, f->y, (pt100)w);
        flow_mark(f, NULL);
        f->y += (pt100)h + 400;
    } else {
        bool none = fig->file.n == 0 && fig->note.n; /* there was nothing to draw: the note says why */
        buf_puts(&b, none ? "There is no chart. " : "The chart cannot be shown here. ");
        if (!none)
            buf_str(&b, excerpt(f->d, fig->alt, SHOW_VALUE));
        set_string(f, buf_view(&b), style_of(f, FACE_REGULAR, SIZE_BODY, c->muted), LEAD_BODY, "P");
        buf_clear(&b);
    }
    if (fig->number)
        buf_printf(&b, "Figure %d. ", fig->number);
    buf_str(&b, excerpt(f->d, fig->caption, SHOW_TITLE));
    if (fig->note.n) {
        buf_puts(&b, ". ");
        buf_str(&b, excerpt(f->d, fig->note, SHOW_VALUE));
    }
    if (b.n)
        set_string(f, buf_view(&b), style_of(f, FACE_ITALIC, 800, c->muted), LEAD_SMALL, "Caption");
    buf_free(&b);
    flow_gap(f, GAP_BLOCK + 200);
}

static void node_table(struct flow *f, const struct doc_node *n)
{
    flow_gap(f, GAP_BLOCK);
    block_table(f, &n->u.table);
    flow_gap(f, GAP_BLOCK + 200);
}

static void node_figure(struct flow *f, const struct doc_node *n)
{
    block_figure(f, &n->u.figure);
}

static void node_contents(struct flow *f, const struct doc_node *n)
{
    (void)n;
    block_contents(f);
}

static void block_page_break(struct flow *f, const struct doc_node *n)
{
    (void)n;
    if (f->boxes == NULL && (f->landscape || !flow_at_top(f)))
        flow_page(f, false);
}

static void (*const kinds[DOC_KINDS])(struct flow *, const struct doc_node *) = {
    [DOC_COVER] = block_cover,
    [DOC_SECTION] = block_section,
    [DOC_HEADING] = block_heading,
    [DOC_PARA] = block_para,
    [DOC_LIST] = block_list,
    [DOC_QUOTE] = block_quote,
    [DOC_RULE] = block_rule,
    [DOC_LISTING] = block_listing,
    [DOC_PAIRS] = block_pairs,
    [DOC_TILES] = block_tiles,
    [DOC_FACTS] = block_facts,
    [DOC_CHECKS] = block_checks,
    [DOC_CALLOUT] = block_callout,
    [DOC_TABLE] = node_table,
    [DOC_FIGURE] = node_figure,
    [DOC_CONTENTS] = node_contents,
    [DOC_SIGNATURES] = block_signatures,
    [DOC_PAGE_BREAK] = block_page_break,
};

void block_kids(struct flow *f, const struct doc_node *n)
{
    for (const struct doc_node *k = n->first; k; k = k->next)
        if (kinds[k->kind])
            kinds[k->kind](f, k);
        else
            block_kids(f, k);
}
