/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document as one HTML file: page furniture, sections, and one function per kind of node.
 *
 * The page asks nothing of the network and runs nothing but its own script: the policy in its head names the
 * style sheet and the script by their hashes and forbids the rest, so even a hole in the escaping could load
 * or run nothing. All text goes through html_tag.c.
 */
#include "html_int.h"

#include <assert.h>

#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "theme.h"

static void html_nodes(struct html *h, const struct doc *d, const struct doc_node *parent);

/* -- text -- */

static void run(struct html *h, const struct run *r)
{
    static const struct {
        unsigned flag;
        enum tag tag;
    } by_flag[] = { { RUN_STRONG, TAG_STRONG },
                    { RUN_EM, TAG_EM },
                    { RUN_STRIKE, TAG_DEL },
                    { RUN_CODE, TAG_CODE },
                    { RUN_VALUE, TAG_BDI } };
    enum { NFLAGS = sizeof by_flag / sizeof *by_flag };
    for (size_t i = 0; i < NFLAGS; i++)
        if (r->flags & by_flag[i].flag)
            html_tag(h, by_flag[i].tag);
    html_text(h, r->text);
    for (size_t i = NFLAGS; i-- > 0;)
        if (r->flags & by_flag[i].flag)
            html_end(h, by_flag[i].tag);
}

void html_prose(struct html *h, struct prose p)
{
    struct str href = STR("");
    for (size_t i = 0; i < p.n; i++) {
        const struct run *r = &p.runs[i];
        struct str next = r->href;
        if (!str_eq(next, href)) {
            if (href.n)
                html_end(h, TAG_A);
            if (next.n) {
                html_tag(h, TAG_A);
                html_attr(h, "href", next);
                if (next.p[0] != '#')
                    html_attrz(h, "rel", "noopener noreferrer");
            }
            href = next;
        }
        if (r->flags & RUN_BREAK) {
            html_tag(h, TAG_BR);
            html_end(h, TAG_BR);
        } else {
            run(h, r);
        }
    }
    if (href.n)
        html_end(h, TAG_A);
}

const char *html_mark_class(enum doc_mark mark)
{
    static const char *const names[] = { "none", "ok", "info", "warning", "bad" };
    return names[mark];
}

static void class_of(struct html *h, enum tag t, const char *base, const char *more)
{
    struct buf b = BUF_INIT;
    buf_printf(&b, "%s %s", base, more);
    html_open(h, t, buf_z(&b));
    buf_free(&b);
}

void html_badge(struct html *h, enum doc_mark mark, struct str word)
{
    if (word.n == 0)
        return;
    class_of(h, TAG_SPAN, "badge", html_mark_class(mark));
    html_text(h, word);
    html_end(h, TAG_SPAN);
}

/* -- nodes -- */

static enum tag heading_tag(int level)
{
    return (enum tag)(TAG_H1 + (level < 1 ? 0 : level > 6 ? 5 : level - 1));
}

static void node_section(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_section *s = &n->u.section;
    struct buf id = BUF_INIT;
    int outer = h->section, level = s->level + 1;
    if (s->paper)
        return;
    buf_str(&id, s->anchor);
    buf_puts(&id, "-h");
    class_of(h, TAG_SECTION, s->level == 1 ? "part" : "sub", s->tag.n ? html_mark_class(s->mark) : "plain");
    html_attr(h, "id", s->anchor);
    html_attr(h, "aria-labelledby", buf_view(&id));
    html_newline(h);
    html_tag(h, heading_tag(level));
    html_attr(h, "id", buf_view(&id));
    buf_free(&id);
    if (s->number.n) {
        html_element(h, TAG_SPAN, "num", s->number);
        html_plain(h, " ");
    }
    html_value(h, s->title);
    if (s->tag.n) {
        html_plain(h, " ");
        html_element(h, TAG_SPAN, "tag", s->tag);
    }
    html_end(h, heading_tag(level));
    h->section = h->heading = level;
    html_nodes(h, d, n);
    h->section = outer;
    html_end(h, TAG_SECTION);
}

/* Headings of prose go below the section's own and skip no level. */
static void node_heading(struct html *h, const struct doc *d, const struct doc_node *n)
{
    int level = h->section + n->u.heading.level;
    (void)d;
    if (level > h->heading + 1)
        level = h->heading + 1;
    if (level > 6)
        level = 6;
    html_tag(h, heading_tag(level));
    html_prose(h, n->u.heading.text);
    html_end(h, heading_tag(level));
    h->heading = level;
}

static void node_para(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    html_tag(h, TAG_P);
    html_prose(h, n->u.para);
    html_end(h, TAG_P);
}

static void node_list(struct html *h, const struct doc *d, const struct doc_node *n)
{
    enum tag t = n->u.list.ordered ? TAG_OL : TAG_UL;
    html_open(h, t, n->u.list.tight ? "tight" : NULL);
    if (n->u.list.ordered && n->u.list.start != 1)
        html_attr_u(h, "start", n->u.list.start);
    html_newline(h);
    html_nodes(h, d, n);
    html_end(h, t);
}

static void node_item(struct html *h, const struct doc *d, const struct doc_node *n)
{
    html_open(h, TAG_LI, n->u.item == TASK_NONE ? NULL : "task");
    if (n->u.item != TASK_NONE) {
        html_open(h, TAG_SPAN, "box");
        html_attrz(h, "role", "img");
        html_attrz(h, "aria-label", n->u.item == TASK_DONE ? "done" : "open");
        html_plain(h, n->u.item == TASK_DONE ? "\xe2\x98\x91" : "\xe2\x98\x90");
        html_end(h, TAG_SPAN);
    }
    html_nodes(h, d, n);
    html_end(h, TAG_LI);
}

static void node_quote(struct html *h, const struct doc *d, const struct doc_node *n)
{
    html_tag(h, TAG_BLOCKQUOTE);
    html_nodes(h, d, n);
    html_end(h, TAG_BLOCKQUOTE);
}

static void node_rule(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    (void)n;
    html_tag(h, TAG_HR);
    html_end(h, TAG_HR);
}

static void node_listing(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    html_listing(h, &n->u.listing);
}

static void node_pairs(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_pairs *p = &n->u.pairs;
    (void)d;
    if (p->caption.n)
        html_element(h, TAG_P, "caption", p->caption);
    if (p->n == 0)
        return;
    html_open(h, TAG_DL, "pairs");
    html_newline(h);
    for (size_t i = 0; i < p->n; i++) {
        html_tag(h, TAG_DIV);
        html_tag(h, TAG_DT);
        html_value(h, p->items[i].name);
        html_end(h, TAG_DT);
        html_tag(h, TAG_DD);
        if (p->items[i].mark_word.n) {
            html_badge(h, p->items[i].mark, p->items[i].mark_word);
            html_plain(h, " ");
        }
        html_prose(h, p->items[i].value);
        html_end(h, TAG_DD);
        html_end(h, TAG_DIV);
    }
    html_end(h, TAG_DL);
}

static void node_tiles(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    html_open(h, TAG_DL, "tiles");
    html_newline(h);
    for (size_t i = 0; i < n->u.tiles.n; i++) {
        const struct doc_tile *t = &n->u.tiles.items[i];
        html_open(h, TAG_DIV, html_mark_class(t->mark));
        html_element(h, TAG_DT, NULL, t->label);
        html_element(h, TAG_DD, NULL, t->value);
        html_end(h, TAG_DIV);
    }
    html_end(h, TAG_DL);
}

static void node_facts(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_facts *f = &n->u.facts;
    (void)d;
    html_open(h, TAG_UL, "facts");
    if (f->badge.n) {
        html_tag(h, TAG_LI);
        html_badge(h, f->mark, f->badge);
        html_end(h, TAG_LI);
    }
    for (size_t i = 0; i < f->n; i++) {
        html_tag(h, TAG_LI);
        html_prose(h, f->items[i]);
        html_end(h, TAG_LI);
    }
    html_end(h, TAG_UL);
}

static void node_checks(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_checks *c = &n->u.checks;
    (void)d;
    if (c->caption.n)
        html_element(h, TAG_P, "caption", c->caption);
    html_open(h, TAG_UL, "checks");
    html_newline(h);
    for (size_t i = 0; i < c->n; i++) {
        html_tag(h, TAG_LI);
        html_badge(h, c->items[i].mark, c->items[i].verdict);
        html_plain(h, " ");
        html_element(h, TAG_CODE, NULL, c->items[i].that);
        if (c->items[i].text.n) {
            html_plain(h, " ");
            html_value(h, c->items[i].text);
        }
        html_end(h, TAG_LI);
    }
    html_end(h, TAG_UL);
}

/* A finding has the colour of its severity, as on paper. */
static enum doc_tone shown_tone(const struct doc_callout *c)
{
    enum doc_mark mark = doc_mark_of(c->severity);
    if (c->tone != TONE_FINDING || mark == MARK_BAD)
        return c->tone;
    return mark == MARK_WARNING ? TONE_WARNING : TONE_NOTE;
}

static void node_callout(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_callout *c = &n->u.callout;
    class_of(h, TAG_DIV, "callout", doc_tone_word(shown_tone(c)));
    html_newline(h);
    html_open(h, TAG_P, "label");
    html_text(h, c->label);
    if (c->severity.n) {
        html_plain(h, " ");
        html_badge(h, doc_mark_of(c->severity), c->severity);
    }
    html_end(h, TAG_P);
    if (c->title.n) {
        html_open(h, TAG_P, "ctitle");
        html_value(h, c->title);
        html_end(h, TAG_P);
    }
    html_nodes(h, d, n);
    html_end(h, TAG_DIV);
}

static void node_table(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    html_table(h, &n->u.table);
}

static void figure_words(struct html *h, const struct doc_figure *f, struct str words)
{
    if (!words.n || str_eq(words, f->caption))
        return;
    html_plain(h, " ");
    html_element(h, TAG_SPAN, "alt", words);
}

static void node_figure(struct html *h, const struct doc *d, const struct doc_node *n)
{
    const struct doc_figure *f = &n->u.figure;
    (void)d;
    html_open(h, TAG_FIGURE, "chart");
    html_attr(h, "id", f->id);
    html_newline(h);
    if (f->drawing) {
        struct buf id = BUF_INIT, svg = BUF_INIT;
        buf_str(&id, f->id);
        drawing_put_svg(&svg, f->drawing, buf_z(&id), false);
        html_open(h, TAG_DIV, "canvas"); /* scrolls sideways on a narrow screen */
        html_attrz(h, "tabindex", "0");
        html_attrz(h, "role", "group");
        html_attr(h, "aria-label", f->caption.n ? f->caption : STR("Chart"));
        html_trusted(h, buf_view(&svg));
        html_end(h, TAG_DIV);
        buf_free(&id);
        buf_free(&svg);
    }
    html_tag(h, TAG_FIGCAPTION);
    html_caption(h, "Figure", f->number, f->caption);
    /* A drawing has its description inside; where there was nothing to draw, the note says why. */
    bool told = f->note.n && (f->drawing || f->file.n == 0);
    figure_words(h, f, told ? STR("") : f->alt);
    figure_words(h, f, f->note);
    html_end(h, TAG_FIGCAPTION);
    html_end(h, TAG_FIGURE);
}

static void node_signatures(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    html_open(h, TAG_DL, "signatures");
    html_newline(h);
    for (size_t i = 0; i < n->u.signatures.n; i++) {
        html_tag(h, TAG_DIV);
        html_element(h, TAG_DT, NULL, n->u.signatures.items[i].role);
        html_tag(h, TAG_DD);
        html_value(h, n->u.signatures.items[i].name);
        html_element(h, TAG_SPAN, "line", STR("Name, date, signature"));
        html_end(h, TAG_DD);
        html_end(h, TAG_DIV);
    }
    html_end(h, TAG_DL);
}

/* -- contents -- */

static void contents_link(struct html *h, const struct doc_section *s)
{
    struct buf href = BUF_INIT;
    buf_putc(&href, '#');
    buf_str(&href, s->anchor);
    html_tag(h, TAG_A);
    html_attr(h, "href", buf_view(&href));
    buf_free(&href);
    html_element(h, TAG_SPAN, "num", s->number);
    html_plain(h, " ");
    html_value(h, s->title);
    if (s->state.n) {
        html_plain(h, " ");
        class_of(h, TAG_SPAN, "state", html_mark_class(s->mark));
        html_text(h, s->state);
        html_end(h, TAG_SPAN);
    }
    html_end(h, TAG_A);
}

static void contents_list(struct html *h, const struct doc_node *parent)
{
    bool any = false;
    for (const struct doc_node *n = parent->first; n; n = n->next) {
        if (n->kind != DOC_SECTION || !n->u.section.in_contents || n->u.section.paper)
            continue;
        if (!any) {
            html_open(h, TAG_UL, "toc");
            html_newline(h);
        }
        any = true;
        html_tag(h, TAG_LI);
        contents_link(h, &n->u.section);
        contents_list(h, n);
        html_end(h, TAG_LI);
    }
    if (any)
        html_end(h, TAG_UL);
}

static void node_contents(struct html *h, const struct doc *d, const struct doc_node *n)
{
    (void)n;
    contents_list(h, d->root);
}

/* -- cover -- */

static void tlp_label(struct html *h, const struct doc *d)
{
    struct buf b = BUF_INIT;
    /* "TLP:AMBER+STRICT" -> "tlp amber" */
    buf_puts(&b, "tlp ");
    for (size_t i = 4; i < d->tlp.label.n && d->tlp.label.p[i] != '+'; i++)
        buf_putc(&b, (char)(d->tlp.label.p[i] | 0x20));
    html_element(h, TAG_SPAN, buf_z(&b), d->tlp.label);
    buf_free(&b);
}

/* A picture as data of the page, or a drawing in it: the policy lets nothing else in. */
static void cover_logo(struct html *h, const struct theme *t)
{
    if (!t || (!t->logo.picture && !t->logo.drawing))
        return;
    struct buf b = BUF_INIT;
    html_open(h, TAG_P, "logo");
    if (t->logo.picture) {
        bool jpeg = t->logo.picture->rgba == NULL;
        buf_puts(&b, jpeg ? "data:image/jpeg;base64," : "data:image/png;base64,");
        buf_base64(&b, t->logo.picture->bytes.p, t->logo.picture->bytes.n);
        html_tag(h, TAG_IMG);
        html_attr(h, "src", buf_view(&b));
        html_attr(h, "alt", t->logo.alt);
        html_end(h, TAG_IMG);
    } else {
        struct drawing d = *t->logo.drawing;
        struct buf alt = BUF_INIT; /* texts of a drawing are clean */
        utf8_show(&alt, t->logo.alt);
        d.title = d.desc = buf_view(&alt);
        drawing_put_svg(&b, &d, "logo", false);
        buf_free(&alt);
        html_trusted(h, buf_view(&b));
    }
    html_end(h, TAG_P);
    buf_free(&b);
}

static void node_cover(struct html *h, const struct doc *d, const struct doc_node *n)
{
    html_open(h, TAG_HEADER, "cover");
    html_attrz(h, "id", "top");
    html_newline(h);
    html_open(h, TAG_DIV, "band");
    html_newline(h);
    cover_logo(h, d->theme);
    html_open(h, TAG_P, "eyebrow");
    html_text(h, d->eyebrow);
    html_end(h, TAG_P);
    html_tag(h, TAG_H1);
    html_value(h, d->title);
    html_end(h, TAG_H1);
    html_element(h, TAG_P, "subtitle", d->subtitle);
    if (d->note.n)
        html_element(h, TAG_P, "subtitle", d->note);
    html_element(h, TAG_P, "ids", d->id_line);
    html_end(h, TAG_DIV);
    h->section = h->heading = 1;
    html_open(h, TAG_DIV, "cover-body");
    html_newline(h);
    html_nodes(h, d, n);
    html_end(h, TAG_DIV);
    html_end(h, TAG_HEADER);
}

static void html_nodes(struct html *h, const struct doc *d, const struct doc_node *parent)
{
    static void (*const writers[DOC_KINDS])(struct html *, const struct doc *, const struct doc_node *) = {
        [DOC_ROOT] = NULL,
        [DOC_COVER] = node_cover,
        [DOC_SECTION] = node_section,
        [DOC_HEADING] = node_heading,
        [DOC_PARA] = node_para,
        [DOC_LIST] = node_list,
        [DOC_ITEM] = node_item,
        [DOC_QUOTE] = node_quote,
        [DOC_RULE] = node_rule,
        [DOC_LISTING] = node_listing,
        [DOC_PAIRS] = node_pairs,
        [DOC_TILES] = node_tiles,
        [DOC_FACTS] = node_facts,
        [DOC_CHECKS] = node_checks,
        [DOC_CALLOUT] = node_callout,
        [DOC_TABLE] = node_table,
        [DOC_FIGURE] = node_figure,
        [DOC_CONTENTS] = node_contents,
        [DOC_SIGNATURES] = node_signatures,
        [DOC_PAGE_BREAK] = NULL, /* the style sheet knows which sections begin a page */
    };
    for (const struct doc_node *n = parent->first; n; n = n->next)
        if (writers[n->kind])
            writers[n->kind](h, d, n);
}

/* -- the page -- */

/* A source of the policy: 'sha256-...' of what stands between the tags. */
static void put_base64_sha256(struct buf *out, struct str s)
{
    unsigned char b[32];
    sha256_bytes(s, b);
    buf_base64(out, b, sizeof b);
}

static void put_page_css(struct buf *out, const struct doc *d)
{
    buf_puts(out, "@page{@top-right{content:\"");
    buf_str(out, d->tlp.label);
    buf_printf(out, "\";color:#%06X;background:#000}@bottom-right{content:\"", (unsigned)d->tlp.rgb);
    buf_str(out, d->tlp.label);
    buf_printf(out, "\";color:#%06X;background:#000}", (unsigned)d->tlp.rgb);
    if (d->banner.n)
        buf_puts(out, "@top-left{content:\"SAMPLE DATA\"}");
    buf_puts(out, "}\n");
}

static void meta(struct html *h, const char *name, struct str content)
{
    if (content.n == 0)
        return;
    html_tag(h, TAG_META);
    html_attrz(h, "name", name);
    html_attr(h, "content", content);
    html_end(h, TAG_META);
}

static void policy(struct html *h, struct str css, struct str js)
{
    struct buf b = BUF_INIT;
    buf_puts(&b, "default-src 'none'; style-src 'sha256-");
    put_base64_sha256(&b, css);
    buf_puts(&b, "'; script-src 'sha256-");
    put_base64_sha256(&b, js);
    buf_puts(&b, "'; img-src data:; base-uri 'none'; form-action 'none'");
    html_tag(h, TAG_META);
    html_attrz(h, "http-equiv", "Content-Security-Policy");
    html_attr(h, "content", buf_view(&b));
    html_end(h, TAG_META);
    buf_free(&b);
}

static void head(struct html *h, const struct doc *d, struct str css, struct str js)
{
    struct buf b = BUF_INIT;
    html_tag(h, TAG_HEAD);
    html_newline(h);
    html_tag(h, TAG_META);
    html_attrz(h, "charset", "utf-8");
    html_end(h, TAG_META);
    policy(h, css, js);
    meta(h, "viewport", STR("width=device-width, initial-scale=1"));
    meta(h, "color-scheme", STR("light dark"));
    meta(h, "referrer", STR("no-referrer"));
    buf_str(&b, d->tlp.label);
    buf_puts(&b, " \xc2\xb7 ");
    buf_str(&b, d->title);
    struct buf shown = BUF_INIT;
    utf8_show(&shown, buf_view(&b));
    html_element(h, TAG_TITLE, NULL, buf_view(&shown));
    buf_free(&shown);
    meta(h, "generator", d->generator);
    meta(h, "author", d->author);
    meta(h, "description", d->subject);
    meta(h, "keywords", d->keywords);
    buf_clear(&b);
    ticks_put_iso(&b, d->created);
    meta(h, "created", buf_view(&b));
    meta(h, "classification", d->tlp.label);
    buf_free(&b);
    html_tag(h, TAG_STYLE);
    html_trusted(h, css);
    html_end(h, TAG_STYLE);
    html_end(h, TAG_HEAD);
}

static void link_to(struct html *h, const char *class_name, const char *href, const char *text)
{
    html_open(h, TAG_A, class_name);
    html_attrz(h, "href", href);
    html_plain(h, text);
    html_end(h, TAG_A);
}

static void top_bar(struct html *h, const struct doc *d)
{
    html_open(h, TAG_HEADER, "page-top");
    link_to(h, "skip", "#summary", "Skip to the report");
    html_open(h, TAG_DIV, "bar");
    link_to(h, "to-contents", "#contents", "Contents");
    html_open(h, TAG_SPAN, "running");
    html_value(h, d->header);
    html_end(h, TAG_SPAN);
    if (d->banner.n)
        html_element(h, TAG_SPAN, "sample", STR("Sample data"));
    tlp_label(h, d);
    html_end(h, TAG_DIV);
    if (d->banner.n)
        html_element(h, TAG_P, "banner", d->banner);
    html_end(h, TAG_HEADER);
}

static void page(struct html *h, const struct doc *d, struct str js)
{
    html_tag(h, TAG_BODY);
    html_newline(h);
    top_bar(h, d);
    html_open(h, TAG_DIV, "layout");
    html_newline(h);
    html_open(h, TAG_NAV, "outline");
    html_attrz(h, "aria-label", "Outline");
    contents_list(h, d->root);
    html_end(h, TAG_NAV);
    html_tag(h, TAG_MAIN);
    html_newline(h);
    html_nodes(h, d, d->root);
    html_end(h, TAG_MAIN);
    html_end(h, TAG_DIV);
    html_tag(h, TAG_FOOTER);
    html_element(h, TAG_SPAN, NULL, d->footer);
    if (d->banner.n)
        html_element(h, TAG_SPAN, "sample", STR("Sample data"));
    tlp_label(h, d);
    html_end(h, TAG_FOOTER);
    html_tag(h, TAG_SCRIPT);
    html_trusted(h, js);
    html_end(h, TAG_SCRIPT);
    html_end(h, TAG_BODY);
}

bool report_html(struct buf *out, const struct doc *d, struct err *err)
{
    struct html h = { .out = out };
    struct arena *a = arena_new(0, "the theme of a page");
    const struct theme *theme = d->theme ? d->theme : theme_builtin(a);
    struct buf css = BUF_INIT;
    buf_str(&css, theme->css);
    drawing_put_css(&css);
    theme_put_css(&css, theme);
    put_page_css(&css, d);
    buf_puts(out, "<!DOCTYPE html>\n");
    html_tag(&h, TAG_HTML);
    html_attr(&h, "lang", d->lang);
    html_newline(&h);
    head(&h, d, buf_view(&css), theme->js);
    page(&h, d, theme->js);
    html_end(&h, TAG_HTML);
    buf_free(&css);
    arena_free(a);
    assert(h.depth == 0);
    if (out->too_big)
        return err_set(err, ERR_RUN, "the HTML report is larger than %zu bytes; show fewer rows", out->max);
    return true;
}
