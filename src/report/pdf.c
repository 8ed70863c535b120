/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PDF report: cover, contents and sections of a document, set page by page.
 *
 * Anything that depends on what comes later (page numbers in the contents, "page x of y", targets of links) is remembered while
 * the pages are set and written at the end; see flow_finish and meta_finish.
 */
#include <string.h>

#include "pdf_int.h"

/* -- contents -- */

enum { CONTENTS_LEAD = 1480, CONTENTS_GAP = 350 };

static void contents_line(struct flow *f, const struct doc_section *s, int level)
{
    const struct theme_colours *c = f->d->colours;
    bool strong = level == 0;
    struct text_style style = style_of(f, strong ? FACE_BOLD : FACE_REGULAR, SIZE_BODY, c->ink);
    struct contents_entry *e = ARENA_NEW(f->d->arena, struct contents_entry);
    pt100 indent = level * 1500, lead = CONTENTS_LEAD;
    struct text t;
    text_init(&t, f->d->fonts, c->alarm);
    if (s->number.n) {
        text_add(&t, s->number, &style);
        text_add(&t, STR("  "), &style);
    }
    text_add(&t, excerpt(f->d, s->title, SHOW_TITLE), &style);
    flow_gap(f, strong ? CONTENTS_GAP : 0);
    flow_need(f, lead);
    *e = (struct contents_entry){ .right = f->x + f->width, .anchor = s->anchor, .strong = strong };
    e->tag = tag_new(f->d, tag_new(f->d, f->tag, "TOCI"), "Link");
    flow_mark(f, e->tag);
    size_t pos = 0, from, to;
    bool soft;
    while (text_next_line(&t, &pos, f->width - indent - 4500, &from, &to, &soft)) {
        flow_need(f, lead);
        pt100 base = f->y + (lead + SIZE_BODY * 7 / 10) / 2;
        e->page = f->page;
        e->y = base;
        e->left = f->x + indent + page_text(f->d, f->page, &t, from, to, f->x + indent, base);
        struct str href = arena_strf(f->d->arena, "#%.*s", STR_ARG(s->anchor));
        page_link(f->d, f->page, f->x, f->y, f->width, lead, href, e->tag);
        f->y += lead;
    }
    flow_mark(f, NULL);
    text_free(&t);
    if (e->page == NULL)
        return;
    if (f->last_entry)
        f->last_entry->next = e;
    else
        f->entries = e;
    f->last_entry = e;
}

static void contents_of(struct flow *f, const struct doc_node *n, int level)
{
    for (const struct doc_node *k = n->first; k; k = k->next) {
        bool listed = k->kind == DOC_SECTION && k->u.section.in_contents;
        if (listed)
            contents_line(f, &k->u.section, level);
        if (k->kind == DOC_SECTION || k->kind == DOC_ROOT)
            contents_of(f, k, level + (listed ? 1 : 0));
    }
}

static pt100 contents_size(const struct doc_node *n, int level)
{
    pt100 h = 0;
    for (const struct doc_node *k = n->first; k; k = k->next) {
        bool listed = k->kind == DOC_SECTION && k->u.section.in_contents;
        if (listed)
            h += CONTENTS_LEAD + (level == 0 ? CONTENTS_GAP : 0);
        if (k->kind == DOC_SECTION || k->kind == DOC_ROOT)
            h += contents_size(k, level + (listed ? 1 : 0));
    }
    return h;
}

pt100 contents_height(const struct flow *f)
{
    return contents_size(f->d->doc->root, 0);
}

void block_contents(struct flow *f)
{
    struct tag *outer = f->tag;
    f->tag = tag_new(f->d, outer, "TOC");
    contents_of(f, f->d->doc->root, 0);
    f->tag = outer;
    flow_gap(f, 1500);
}

/* -- cover -- */

struct cover_line {
    struct str text;
    enum font_face face;
    pt100 size, lead, before;
    uint32_t rgb;
    const char *role;
};

static struct str upper(struct arena *a, struct str s)
{
    struct str u = arena_str(a, s);
    char *p = (char *)(uintptr_t)u.p;
    for (size_t i = 0; i < u.n; i++)
        if (p[i] >= 'a' && p[i] <= 'z')
            p[i] = (char)(p[i] - 'a' + 'A');
    return u;
}

/* Sets the lines of the band from y on, or only measures them; returns the y below. */
static pt100 cover_lines(struct flow *f, const struct cover_line *lines, size_t n, pt100 y, bool draw)
{
    struct text t;
    text_init(&t, f->d->fonts, ALARM_ON_DARK);
    for (size_t i = 0; i < n; i++) {
        struct text_style s = style_of(f, lines[i].face, lines[i].size, lines[i].rgb);
        size_t pos = 0, from, to;
        bool soft;
        text_clear(&t);
        text_add(&t, excerpt(f->d, lines[i].text, SHOW_TITLE), &s);
        y += t.n ? lines[i].before : 0;
        if (draw)
            flow_mark(f, t.n ? tag_new(f->d, f->tag, lines[i].role) : NULL);
        while (text_next_line(&t, &pos, f->width, &from, &to, &soft)) {
            if (draw)
                page_text(f->d, f->page, &t, from, to, f->x,
                          y + (lines[i].lead + lines[i].size * 7 / 10) / 2);
            y += lines[i].lead;
        }
    }
    if (draw)
        flow_mark(f, NULL);
    text_free(&t);
    return y;
}

void block_cover(struct flow *f, const struct doc_node *n)
{
    enum { START = 9400, FOOT = 3600, LEAST = 30000 };
    const struct doc *doc = f->d->doc;
    const struct theme_colours *c = f->d->colours;
    const struct cover_line lines[] = {
        { upper(f->d->arena, doc->eyebrow), FACE_BOLD, 940, 1400, 0, c->cover_accent, "P" },
        { doc->title, FACE_BOLD, 2900, 3650, 800, c->cover_text, "H1" },
        { doc->subtitle, FACE_REGULAR, 1150, 1650, 800, c->cover_text, "P" },
        { doc->id_line, FACE_MONO, 780, 1150, 1700, c->cover_accent, "P" },
    };
    size_t count = sizeof lines / sizeof *lines;
    pt100 band = cover_lines(f, lines, count, START, false) + FOOT;
    band = band < LEAST ? LEAST : band;
    flow_mark(f, NULL);
    page_rect(f->d, f->page, 0, 0, f->page->width, band, c->cover);
    page_rect(f->d, f->page, 0, band, f->page->width, 340, c->cover_line);
    cover_lines(f, lines, count, START, true);
    f->y = band + 1800;
    f->glued = true;
    block_kids(f, n);
}

/* -- the whole -- */

bool report_pdf(const struct doc *doc, const char *path, struct err *err)
{
    struct arena *a = arena_new(0, "the PDF report");
    const struct theme theme = theme_builtin();
    struct pdf_doc d = { .arena = a, .doc = doc, .colours = &theme.paper };
    struct flow f;
    bool ok = false;
    d.fonts = font_set_new(a, NULL, err);
    if (d.fonts) {
        d.pdf = pdf_new(a);
        meta_begin(&d);
        flow_begin(&f, &d);
        block_kids(&f, doc->root);
        flow_finish(&f);
        meta_finish(&d);
        ok = pdf_save(d.pdf, path, err);
        pdf_free(d.pdf);
    }
    arena_free(a);
    return ok;
}
