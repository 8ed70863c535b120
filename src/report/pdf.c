/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PDF report: cover, contents and sections of a document, set page by page.
 *
 * Anything that depends on what comes later (page numbers in the contents, "page x of y", targets of links) is remembered while
 * the pages are set and written at the end; see flow_finish and meta_finish.
 */
#include <string.h>

#include "pdf_int.h"

#include "hb/vec.h"

/* -- contents -- */

enum { CONTENTS_LEAD = 1350, CONTENTS_GAP = 350, CONTENTS_INDENT = 1300, CONTENTS_NUMBER = 3600 };

static void contents_text(struct flow *f, struct text *t, const struct doc_section *s, int level)
{
    struct text_style style = style_of(f, level == 0 ? FACE_BOLD : FACE_REGULAR, SIZE_CONTENTS,
                                       f->d->colours->ink);
    text_clear(t);
    if (s->number.n) {
        text_add(t, s->number, &style);
        text_add(t, STR("  "), &style);
    }
    text_add(t, excerpt(f->d, s->title, SHOW_TITLE), &style);
}

static void contents_line(struct flow *f, const struct doc_section *s, int level)
{
    const struct theme_colours *c = f->d->colours;
    bool strong = level == 0;
    struct contents_entry *e = ARENA_NEW(f->d->arena, struct contents_entry);
    pt100 indent = level * CONTENTS_INDENT, lead = CONTENTS_LEAD;
    struct text t;
    text_init(&t, f->d->fonts, c->alarm);
    contents_text(f, &t, s, level);
    flow_need(f, lead);
    *e = (struct contents_entry){ .right = f->x + f->width, .anchor = s->anchor, .strong = strong };
    e->tag = tag_new(f->d, tag_new(f->d, f->tag, "TOCI"), "Link");
    flow_mark(f, e->tag);
    size_t pos = 0, from, to;
    bool soft;
    while (text_next_line(&t, &pos, f->width - indent - CONTENTS_NUMBER, &from, &to, &soft)) {
        flow_need(f, lead);
        pt100 base = f->y + (lead + SIZE_CONTENTS * 7 / 10) / 2;
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

struct listed { /* sections that stand in the contents, in their order */
    const struct doc_section *section;
    int level;
};

static void collect(struct flow *f, const struct doc_node *n, int level, struct listed **all, size_t *count,
                    size_t *cap)
{
    for (const struct doc_node *k = n->first; k; k = k->next) {
        bool in = k->kind == DOC_SECTION && k->u.section.in_contents;
        if (in)
            *VEC_PUSH(f->d->arena, *all, *count, *cap) = (struct listed){ &k->u.section, level };
        if (k->kind == DOC_SECTION || k->kind == DOC_ROOT)
            collect(f, k, level + (in ? 1 : 0), all, count, cap);
    }
}

static size_t contents_all(struct flow *f, struct listed **all)
{
    size_t n = 0, cap = 0;
    *all = NULL;
    collect(f, f->d->doc->root, 0, all, &n, &cap);
    return n;
}

enum { CONTENTS_BETWEEN = 2600 };

/* Height of entries [from, to) in a column as wide as `width`. */
static pt100 contents_size(struct flow *f, const struct listed *all, size_t from, size_t to, pt100 width)
{
    pt100 h = 0;
    struct text t;
    text_init(&t, f->d->fonts, f->d->colours->alarm);
    for (size_t i = from; i < to; i++) {
        contents_text(f, &t, all[i].section, all[i].level);
        size_t lines = text_count_lines(&t, width - all[i].level * CONTENTS_INDENT - CONTENTS_NUMBER);
        h += (pt100)(lines ? lines : 1) * CONTENTS_LEAD + (all[i].level == 0 && i > from ? CONTENTS_GAP : 0);
    }
    text_free(&t);
    return h;
}

/* Where the second of two columns begins so that the first is the longer one by as little as possible. */
static size_t contents_half(struct flow *f, const struct listed *all, size_t n, pt100 width)
{
    pt100 whole = contents_size(f, all, 0, n, width);
    size_t to = 0;
    while (to < n && contents_size(f, all, 0, to, width) * 2 < whole)
        to++;
    return to;
}

static pt100 contents_column(const struct flow *f)
{
    return (f->width - CONTENTS_BETWEEN) / 2;
}

pt100 contents_height(struct flow *f)
{
    struct listed *all;
    size_t n = contents_all(f, &all), half = contents_half(f, all, n, contents_column(f));
    return contents_size(f, all, 0, half, contents_column(f));
}

static void contents_lines(struct flow *f, const struct listed *all, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (all[i].level == 0 && i > from)
            flow_gap(f, CONTENTS_GAP);
        contents_line(f, all[i].section, all[i].level);
    }
}

/* In two columns when these fit on the page, else one below the other. */
void block_contents(struct flow *f)
{
    struct tag *outer = f->tag;
    struct listed *all;
    size_t n = contents_all(f, &all), half = contents_half(f, all, n, contents_column(f));
    pt100 x = f->x, w = f->width, column = contents_column(f);
    f->tag = tag_new(f->d, outer, "TOC");
    flow_need(f, CONTENTS_LEAD);
    if (contents_size(f, all, 0, half, column) > flow_room(f)) {
        contents_lines(f, all, 0, n);
    } else {
        pt100 top = f->y, end;
        f->width = column;
        contents_lines(f, all, 0, half);
        end = f->y;
        f->x = x + column + CONTENTS_BETWEEN;
        f->y = top;
        f->gap = 0;
        contents_lines(f, all, half, n);
        f->y = f->y > end ? f->y : end;
        f->x = x;
        f->width = w;
    }
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
    bool centred = f->d->theme->cover == COVER_SHEET;
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
            pt100 left = centred ? (f->width - text_width_pt(&t, from, to)) / 2 : 0;
            if (draw)
                page_text(f->d, f->page, &t, from, to, f->x + left,
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
    enum {
        START = 9400,
        FOOT = 3600,
        LEAST = 30000,
        LOGO_GAP = 2400,
        SHEET_START = 10400,
        SHEET_FOOT = 4400
    };
    const bool sheet = f->d->theme->cover == COVER_SHEET;
    const struct doc *doc = f->d->doc;
    const struct theme_colours *c = f->d->colours;
    const struct cover_line lines[] = {
        { upper(f->d->arena, doc->eyebrow), FACE_BOLD, 940, 1400, 0, c->cover_accent, "P" },
        { doc->title, FACE_BOLD, 2900, 3650, 800, c->cover_text, "H1" },
        { doc->subtitle, FACE_REGULAR, 1150, 1650, 800, c->cover_text, "P" },
        { doc->note, FACE_REGULAR, 1050, 1500, 300, c->cover_text, "P" },
        { doc->id_line, FACE_MONO, 780, 1150, 1700, c->cover_accent, "P" },
    };
    size_t count = sizeof lines / sizeof *lines;
    pt100 less = f->d->cover_less, start = (sheet ? SHEET_START : START) - less, logo = logo_height(f->d),
          first = start + (logo ? logo + LOGO_GAP - less : 0);
    pt100 band = cover_lines(f, lines, count, first, false) + (sheet ? SHEET_FOOT : FOOT) - less;
    band = band < LEAST - 10 * less ? LEAST - 10 * less : band;
    flow_mark(f, NULL);
    page_rect(f->d, f->page, 0, 0, f->page->width, band, c->cover);
    page_rect(f->d, f->page, 0, band, f->page->width, 340, c->cover_line);
    logo_draw(f, start);
    cover_lines(f, lines, count, first, true);
    f->y = band + 1800 - less / 2;
    f->glued = true;
    block_kids(f, n);
}

static bool cover_fits(struct pdf_doc d, const struct doc_node *cover)
{
    struct flow f;
    d.pdf = pdf_new(d.arena, 4);
    meta_begin(&d);
    logo_begin(&d);
    flow_begin(&f, &d);
    block_cover(&f, cover);
    bool fits = d.npages == 1;
    page_body_done(&d, f.page);
    text_free(&f.text);
    pdf_free(d.pdf);
    return fits;
}

/* A cover that goes on over its page by a few lines is drawn with less white; what is longer keeps it and goes on. */
static void choose_cover(struct pdf_doc *d)
{
    static const pt100 less[] = { 0, 800, 1600 };
    const struct doc_node *n = d->doc->root->first;
    for (size_t i = 0; n && n->kind == DOC_COVER && i < sizeof less / sizeof *less; i++) {
        d->cover_less = less[i];
        if (cover_fits(*d, n))
            return;
    }
    d->cover_less = 0;
}

/* -- the whole -- */

bool report_pdf(const struct doc *doc, const char *dir, const char *path, struct err *err)
{
    struct arena *a = arena_new(0, "the PDF report");
    const struct theme *theme = doc->theme ? doc->theme : theme_builtin(a);
    struct pdf_doc d = { .arena = a, .doc = doc, .theme = theme, .colours = &theme->paper };
    struct flow f;
    bool ok = false;
    d.fonts = font_library_open(err) ? font_set_new(a, NULL, theme->faces, err) : NULL;
    if (d.fonts) {
        choose_cover(&d);
        d.pdf = pdf_new(a, doc->pdf == REPORT_PDF_A3B ? 7 : 4);
        meta_begin(&d);
        logo_begin(&d);
        flow_begin(&f, &d);
        block_kids(&f, doc->root);
        flow_finish(&f);
        ok = attach_files(&d, dir, err);
        meta_finish(&d);
        if (ok && d.refused)
            ok = err_set(err, ERR_RUN, "the font '%s' cannot be put into a PDF", d.refused);
        ok = ok && pdf_save(d.pdf, path, err);
        pdf_free(d.pdf);
    }
    arena_free(a);
    return ok;
}
