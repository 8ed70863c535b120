/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing HTML: the table of tags, the stack of those that are open, escaping.
 *
 * Whatever reaches the page passes escape(), but for html_trusted. To add a tag: a value of enum tag and a
 * row here.
 */
#include "html_tag.h"

#include <assert.h>

#include "hb/utf8.h"

static const struct {
    const char *name;
    bool is_void; /* no content, no end tag */
    bool line;    /* a line end after it, so that the file can be read and compared */
} tags[] = {
    [TAG_A] = { "a", false, false },
    [TAG_ASIDE] = { "aside", false, true },
    [TAG_BDI] = { "bdi", false, false },
    [TAG_BLOCKQUOTE] = { "blockquote", false, true },
    [TAG_BODY] = { "body", false, true },
    [TAG_BR] = { "br", true, false },
    [TAG_CODE] = { "code", false, false },
    [TAG_DD] = { "dd", false, true },
    [TAG_DEL] = { "del", false, false },
    [TAG_DETAILS] = { "details", false, true },
    [TAG_DIV] = { "div", false, true },
    [TAG_DL] = { "dl", false, true },
    [TAG_DT] = { "dt", false, false },
    [TAG_EM] = { "em", false, false },
    [TAG_FIGCAPTION] = { "figcaption", false, true },
    [TAG_FIGURE] = { "figure", false, true },
    [TAG_FOOTER] = { "footer", false, true },
    [TAG_H1] = { "h1", false, true },
    [TAG_H2] = { "h2", false, true },
    [TAG_H3] = { "h3", false, true },
    [TAG_H4] = { "h4", false, true },
    [TAG_H5] = { "h5", false, true },
    [TAG_H6] = { "h6", false, true },
    [TAG_HEAD] = { "head", false, true },
    [TAG_HEADER] = { "header", false, true },
    [TAG_HR] = { "hr", true, true },
    [TAG_HTML] = { "html", false, true },
    [TAG_IMG] = { "img", true, false },
    [TAG_LI] = { "li", false, true },
    [TAG_MAIN] = { "main", false, true },
    [TAG_META] = { "meta", true, true },
    [TAG_NAV] = { "nav", false, true },
    [TAG_OL] = { "ol", false, true },
    [TAG_P] = { "p", false, true },
    [TAG_PRE] = { "pre", false, true },
    [TAG_SCRIPT] = { "script", false, true },
    [TAG_SECTION] = { "section", false, true },
    [TAG_SPAN] = { "span", false, false },
    [TAG_STRONG] = { "strong", false, false },
    [TAG_STYLE] = { "style", false, true },
    [TAG_SUMMARY] = { "summary", false, true },
    [TAG_TABLE] = { "table", false, true },
    [TAG_TBODY] = { "tbody", false, true },
    [TAG_TD] = { "td", false, false },
    [TAG_TH] = { "th", false, false },
    [TAG_THEAD] = { "thead", false, true },
    [TAG_TITLE] = { "title", false, true },
    [TAG_TR] = { "tr", false, true },
    [TAG_UL] = { "ul", false, true },
    [TAG_WBR] = { "wbr", true, false },
};

/* The only way of a text into the page: no character of it can end a text, an attribute or a tag. */
static void escape(struct buf *out, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *with;
        switch (s.p[i]) {
        case '&': with = "&amp;"; break;
        case '<': with = "&lt;"; break;
        case '>': with = "&gt;"; break;
        case '"': with = "&quot;"; break;
        case '\'': with = "&#39;"; break;
        default: continue;
        }
        buf_put(out, s.p + from, i - from);
        buf_puts(out, with);
        from = i + 1;
    }
    buf_put(out, s.p + from, s.n - from);
}

static void content(struct html *h)
{
    if (h->in_tag)
        buf_putc(h->out, '>');
    h->in_tag = false;
}

void html_tag(struct html *h, enum tag t)
{
    content(h);
    buf_putc(h->out, '<');
    buf_puts(h->out, tags[t].name);
    h->in_tag = true;
    assert(h->depth < HTML_DEPTH);
    h->stack[h->depth++] = t;
}

void html_attr(struct html *h, const char *name, struct str value)
{
    struct utf8_runs runs = { .s = value };
    struct str text;
    bool is_escape;
    assert(h->in_tag);
    buf_putc(h->out, ' ');
    buf_puts(h->out, name);
    buf_puts(h->out, "=\"");
    while (utf8_next_run(&runs, &text, &is_escape))
        escape(h->out, text);
    buf_putc(h->out, '"');
}

void html_attrz(struct html *h, const char *name, const char *value)
{
    html_attr(h, name, str_z(value));
}

void html_attr_u(struct html *h, const char *name, uint64_t value)
{
    assert(h->in_tag);
    buf_putc(h->out, ' ');
    buf_puts(h->out, name);
    buf_puts(h->out, "=\"");
    buf_u64(h->out, value);
    buf_putc(h->out, '"');
}

void html_end(struct html *h, enum tag t)
{
    assert(h->depth > 0 && h->stack[h->depth - 1] == t);
    h->depth--;
    content(h);
    if (!tags[t].is_void) {
        buf_puts(h->out, "</");
        buf_puts(h->out, tags[t].name);
        buf_putc(h->out, '>');
    }
    if (tags[t].line)
        buf_putc(h->out, '\n');
}

void html_open(struct html *h, enum tag t, const char *class_name)
{
    html_tag(h, t);
    if (class_name)
        html_attrz(h, "class", class_name);
}

void html_text(struct html *h, struct str s)
{
    struct utf8_runs runs = { .s = s };
    struct str text;
    bool is_escape;
    content(h);
    while (utf8_next_run(&runs, &text, &is_escape)) {
        if (is_escape)
            buf_puts(h->out, "<span class=\"esc\">");
        escape(h->out, text);
        if (is_escape)
            buf_puts(h->out, "</span>");
    }
}

void html_plain(struct html *h, const char *z)
{
    content(h);
    escape(h->out, str_z(z));
}

void html_value(struct html *h, struct str s)
{
    html_tag(h, TAG_BDI);
    html_text(h, s);
    html_end(h, TAG_BDI);
}

void html_element(struct html *h, enum tag t, const char *class_name, struct str s)
{
    html_open(h, t, class_name);
    html_text(h, s);
    html_end(h, t);
}

void html_trusted(struct html *h, struct str markup)
{
    content(h);
    buf_str(h->out, markup);
}

void html_newline(struct html *h)
{
    content(h);
    buf_putc(h->out, '\n');
}
