/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document as Markdown (GitHub's dialect): the plainest renderer, for tickets, chats and reviews.
 *
 * Every text is written so that a Markdown reader shows exactly its characters: what could begin markup, a link or HTML has a
 * backslash in front. Nested blocks get their indentation from `prefix`, which stands before every line.
 */
#include "doc_int.h"

#include <string.h>

#include "hb/sha256.h"
#include "hb/utf8.h"

enum { PREFIX_MAX = 512 };

struct md_out {
    struct buf *out;
    char prefix[PREFIX_MAX]; /* of the block that is open: "> ", "  " */
    size_t nprefix;
    bool line_start; /* nothing stands on this line but the prefix */
    bool blank;      /* a blank line ends the text so far */
    bool tight;      /* blocks of a tight list have no blank line between them */
};

static void nodes(struct md_out *m, const struct doc *d, const struct doc_node *parent);

/* -- lines -- */

static void end_line(struct md_out *m)
{
    if (m->line_start)
        return;
    buf_putc(m->out, '\n');
    m->line_start = true;
    m->blank = false;
}

static void begin_line(struct md_out *m)
{
    if (m->line_start)
        buf_put(m->out, m->prefix, m->nprefix);
    m->line_start = false;
}

/* A blank line before the next block. */
static void part_blocks(struct md_out *m)
{
    end_line(m);
    if (m->blank || m->tight)
        return;
    struct str prefix = { m->prefix, m->nprefix };
    while (prefix.n && prefix.p[prefix.n - 1] == ' ')
        prefix.n--;
    buf_str(m->out, prefix);
    buf_putc(m->out, '\n');
    m->blank = true;
}

static void put(struct md_out *m, const char *markup)
{
    begin_line(m);
    buf_puts(m->out, markup);
}

/* -- text -- */

static bool begins(struct str s, size_t i, const char *z)
{
    return str_starts(str_sub(s, i, s.n), str_z(z));
}

/* Does s.p[i] need a backslash? `first`: s begins its line. */
static bool is_markup(struct str s, size_t i, bool first)
{
    char c = s.p[i];
    if (c && strchr("\\`*_[]<>|~&@#$", c))
        return true;
    if (c == ':')
        return begins(s, i, "://") || (i >= 6 && str_eq_nocase(str_sub(s, i - 6, i), STR("mailto"))) ||
               (i >= 4 && str_eq_nocase(str_sub(s, i - 4, i), STR("xmpp")));
    if (c == '.' && i >= 3 && str_eq_nocase(str_sub(s, i - 3, i), STR("www")))
        return true;
    if (!first)
        return false;
    if (c == '.' || c == ')') { /* "1." would begin a list */
        size_t digits = 0;
        while (digits < i && s.p[digits] >= '0' && s.p[digits] <= '9')
            digits++;
        return i > 0 && digits == i;
    }
    return i == 0 && c && strchr("+-=:", c);
}

/* By the display rule, so that it stands on one line. */
static void text(struct md_out *m, struct str s)
{
    struct buf shown = BUF_INIT;
    bool first = m->line_start;
    begin_line(m);
    utf8_show(&shown, s);
    struct str t = buf_view(&shown);
    for (size_t i = 0; i < t.n; i++) {
        if (is_markup(t, i, first))
            buf_putc(m->out, '\\');
        buf_putc(m->out, t.p[i]);
    }
    buf_free(&shown);
}

/* The longest run of backquotes in s. */
static size_t backquotes(struct str s)
{
    size_t most = 0, now = 0;
    for (size_t i = 0; i < s.n; i++) {
        now = s.p[i] == '`' ? now + 1 : 0;
        most = now > most ? now : most;
    }
    return most;
}

static void code(struct md_out *m, struct str s)
{
    struct buf shown = BUF_INIT;
    utf8_show(&shown, s);
    struct str t = buf_view(&shown);
    if (str_trim(t).n == 0 || str_chr(t, '|', 0) < t.n) {
        /* A bar would end the cell of a table even inside code. */
        text(m, s);
    } else {
        size_t n = backquotes(t) + 1;
        /* A blank at each end is not part of the code; it is needed beside a backquote or a blank. */
        const char *pad = strchr("` ", t.p[0]) || strchr("` ", t.p[t.n - 1]) ? " " : "";
        begin_line(m);
        buf_pad(m->out, '`', n);
        buf_puts(m->out, pad);
        buf_str(m->out, t);
        buf_puts(m->out, pad);
        buf_pad(m->out, '`', n);
    }
    buf_free(&shown);
}

/* Emphasis must touch its text, so blanks at the ends stay outside. */
static void marked(struct md_out *m, struct str s, unsigned flags)
{
    struct str inner = str_trim(s);
    if (inner.n == 0 || !(flags & (RUN_STRONG | RUN_EM | RUN_STRIKE))) {
        text(m, s);
        return;
    }
    static const struct {
        unsigned flag;
        const char *mark;
    } marks[] = { { RUN_STRONG, "**" }, { RUN_EM, "*" }, { RUN_STRIKE, "~~" } };
    size_t before = (size_t)(inner.p - s.p);
    text(m, str_sub(s, 0, before));
    for (size_t i = 0; i < 3; i++)
        if (flags & marks[i].flag)
            put(m, marks[i].mark);
    text(m, inner);
    for (size_t i = 3; i-- > 0;)
        if (flags & marks[i].flag)
            put(m, marks[i].mark);
    text(m, str_sub(s, before + inner.n, s.n));
}

static void prose(struct md_out *m, struct prose p)
{
    for (size_t i = 0; i < p.n; i++) {
        const struct run *r = &p.runs[i];
        if (r->flags & RUN_BREAK) {
            put(m, "\\");
            end_line(m);
            continue;
        }
        /* Links inside the document have no sure name in Markdown. */
        bool link = r->href.n && r->href.p[0] != '#';
        if (link)
            put(m, "[");
        if (r->flags & RUN_CODE)
            code(m, r->text);
        else
            marked(m, r->text, r->flags);
        if (link) {
            put(m, "](<");
            buf_str(m->out, r->href);
            put(m, ">)");
        }
    }
}

/* -- nodes -- */

static void heading(struct md_out *m, int level)
{
    part_blocks(m);
    begin_line(m);
    buf_pad(m->out, '#', (size_t)(level > 6 ? 6 : level));
    buf_putc(m->out, ' ');
}

static void node_section(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_section *s = &n->u.section;
    heading(m, s->level + 1);
    text(m, s->number);
    put(m, s->number.n ? " " : "");
    text(m, s->title);
    if (s->state.n) {
        put(m, " (");
        text(m, s->state);
        put(m, ")");
    }
    nodes(m, d, n);
}

static void node_heading(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    heading(m, 3 + n->u.heading.level);
    prose(m, n->u.heading.text);
}

static void node_para(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    part_blocks(m);
    prose(m, n->u.para);
}

/* What follows stands inside a block whose lines begin with `more`. */
static size_t push_prefix(struct md_out *m, const char *more)
{
    size_t before = m->nprefix, n = strlen(more);
    if (m->nprefix + n < PREFIX_MAX) {
        memcpy(m->prefix + m->nprefix, more, n);
        m->nprefix += n;
    }
    return before;
}

static void node_list(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    unsigned number = n->u.list.start;
    bool outer = m->tight;
    part_blocks(m);
    for (const struct doc_node *item = n->first; item; item = item->next) {
        end_line(m);
        begin_line(m);
        size_t from = m->out->n;
        if (n->u.list.ordered)
            buf_printf(m->out, "%u. ", number++);
        else
            buf_puts(m->out, "- ");
        char indent[16];
        size_t width = m->out->n - from;
        memset(indent, ' ', sizeof indent);
        indent[width] = '\0';
        if (item->u.item != TASK_NONE)
            buf_puts(m->out, item->u.item == TASK_DONE ? "[x] " : "[ ] ");
        size_t before = push_prefix(m, indent);
        m->line_start = m->blank = false;
        m->tight = n->u.list.tight;
        const struct doc_node *first = item->first;
        /* The first paragraph stands on the line of the bullet. */
        if (first && first->kind == DOC_PARA) {
            prose(m, first->u.para);
            struct doc_node rest = { .first = first->next };
            nodes(m, d, &rest);
        } else {
            nodes(m, d, item);
        }
        m->nprefix = before;
        m->tight = outer;
    }
    end_line(m);
}

static void quoted(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    size_t before = push_prefix(m, "> ");
    m->blank = true; /* the quote begins with its first block */
    nodes(m, d, n);
    end_line(m);
    m->nprefix = before;
}

static void node_quote(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    part_blocks(m);
    quoted(m, d, n);
}

static void node_callout(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_callout *c = &n->u.callout;
    part_blocks(m);
    put(m, "> **");
    text(m, c->label);
    if (c->severity.n) {
        put(m, " (");
        text(m, c->severity);
        put(m, ")");
    }
    put(m, "**");
    if (c->title.n) {
        put(m, " ");
        text(m, c->title);
    }
    end_line(m);
    if (n->first) {
        buf_puts(m->out, ">\n");
        quoted(m, d, n);
    }
}

static void node_rule(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    (void)n;
    part_blocks(m);
    put(m, "---");
}

static void caption(struct md_out *m, const char *what, int number, struct str s)
{
    if (number == 0 && s.n == 0)
        return;
    part_blocks(m);
    put(m, "**");
    if (number) {
        begin_line(m);
        buf_printf(m->out, "%s %d. ", what, number);
    }
    text(m, s.n ? s : STR("-"));
    put(m, "**");
}

/* Tabs stay what they are. */
static void code_line(struct buf *out, struct str s)
{
    for (size_t from = 0; from <= s.n;) {
        size_t tab = str_chr(s, '\t', from);
        utf8_show(out, str_sub(s, from, tab));
        if (tab < s.n)
            buf_putc(out, '\t');
        from = tab + 1;
    }
}

static void node_listing(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_listing *l = &n->u.listing;
    size_t fence = backquotes(l->text) + 1;
    (void)d;
    caption(m, "", 0, l->caption);
    part_blocks(m);
    begin_line(m);
    fence = fence < 3 ? 3 : fence;
    buf_pad(m->out, '`', fence);
    /* The language as a word, if it is one. */
    for (size_t i = 0; i < l->language.n && i < 20 && l->language.p[i] >= 'a' && l->language.p[i] <= 'z'; i++)
        buf_putc(m->out, l->language.p[i]);
    for (size_t from = 0; from <= l->text.n;) {
        size_t end = str_chr(l->text, '\n', from);
        end_line(m);
        begin_line(m);
        code_line(m->out, str_sub(l->text, from, end > from && l->text.p[end - 1] == '\r' ? end - 1 : end));
        from = end + 1;
    }
    end_line(m);
    begin_line(m);
    buf_pad(m->out, '`', fence);
}

static void node_pairs(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_pairs *p = &n->u.pairs;
    (void)d;
    caption(m, "", 0, p->caption);
    part_blocks(m);
    for (size_t i = 0; i < p->n; i++) {
        end_line(m);
        put(m, "- **");
        text(m, p->items[i].name.n ? p->items[i].name : STR("-"));
        put(m, ":** ");
        if (p->items[i].mark_word.n) {
            text(m, p->items[i].mark_word);
            put(m, " ");
        }
        size_t before = push_prefix(m, "  ");
        prose(m, p->items[i].value);
        m->nprefix = before;
    }
}

static void node_tiles(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    part_blocks(m);
    for (size_t i = 0; i < n->u.tiles.n; i++) {
        end_line(m);
        put(m, "- **");
        text(m, n->u.tiles.items[i].value);
        put(m, "** ");
        text(m, n->u.tiles.items[i].label);
    }
}

static void node_facts(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_facts *f = &n->u.facts;
    (void)d;
    part_blocks(m);
    put(m, "**");
    text(m, f->badge);
    put(m, "**");
    for (size_t i = 0; i < f->n; i++) {
        put(m, " \xc2\xb7 ");
        prose(m, f->items[i]);
    }
}

static void node_checks(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_checks *c = &n->u.checks;
    (void)d;
    caption(m, "", 0, c->caption);
    part_blocks(m);
    for (size_t i = 0; i < c->n; i++) {
        end_line(m);
        put(m, "- **");
        text(m, c->items[i].verdict);
        put(m, ":** ");
        code(m, c->items[i].that);
        put(m, " ");
        text(m, c->items[i].text);
    }
}

static void table_cell(struct md_out *m, const struct doc_table *t, size_t row, size_t col)
{
    struct buf b = BUF_INIT;
    size_t whole;
    put(m, " ");
    if (t->prose && t->prose[row * t->ncolumns + col].n) {
        prose(m, t->prose[row * t->ncolumns + col]);
    } else if (doc_cell(&b, t, row, col, 300, &whole)) {
        text(m, buf_view(&b));
        if (whole > b.n && hb_type_is_text(t->rows->cols[col].type)) {
            char hex[65];
            sha256_hex(t->rows->cols[col].v.s[row], hex);
            put(m, "\xe2\x80\xa6 (");
            doc_put_count(m->out, (int64_t)whole);
            buf_printf(m->out, " bytes in all, SHA-256 %.16s\xe2\x80\xa6)", hex);
        }
    } else {
        put(m, "\xe2\x80\x93");
    }
    buf_free(&b);
    put(m, " |");
}

static void node_table(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_table *t = &n->u.table;
    (void)d;
    caption(m, "Table", t->number, t->caption);
    part_blocks(m);
    if (t->rows->nrows == 0) {
        text(m, t->empty);
        return;
    }
    put(m, "|");
    for (size_t i = 0; i < t->ncolumns; i++) {
        put(m, " ");
        text(m, t->columns[i].title);
        put(m, " |");
    }
    end_line(m);
    put(m, "|");
    for (size_t i = 0; i < t->ncolumns; i++)
        put(m, t->columns[i].style == COLUMN_NUMBER || t->columns[i].style == COLUMN_GROUPED ? " ---: |"
                                                                                             : " --- |");
    for (size_t row = 0; row < t->show; row++) {
        end_line(m);
        put(m, "|");
        for (size_t col = 0; col < t->ncolumns; col++)
            table_cell(m, t, row, col);
    }
    struct buf b = BUF_INIT;
    doc_table_shown(&b, t, t->show);
    if (b.n) {
        part_blocks(m);
        text(m, buf_view(&b));
    }
    buf_free(&b);
    if (t->note.n) {
        part_blocks(m);
        text(m, t->note);
    }
}

/* A path below the folder of the run that needs no escapes: this report stands beside it. */
static bool is_plain_path(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool word = char_is_word(c) || c == '-';
        if (!word && !(i > 0 && (c == '/' || c == '.') && s.p[i - 1] != '.' && s.p[i - 1] != '/'))
            return false;
    }
    return s.n > 0;
}

static void node_figure(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    const struct doc_figure *f = &n->u.figure;
    (void)d;
    caption(m, "Figure", f->number, f->caption);
    part_blocks(m);
    if (is_plain_path(f->file)) {
        put(m, "![");
        text(m, f->caption);
        put(m, "](");
        buf_str(m->out, f->file);
        put(m, ")");
        part_blocks(m);
    }
    text(m, f->alt);
    if (f->note.n) {
        put(m, " (");
        text(m, f->note);
        put(m, ")");
    }
    if (f->file.n) {
        put(m, " ");
        code(m, f->file);
    }
}

static void node_signatures(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    (void)d;
    part_blocks(m);
    for (size_t i = 0; i < n->u.signatures.n; i++) {
        end_line(m);
        put(m, "- **");
        text(m, n->u.signatures.items[i].role);
        put(m, ":** ");
        text(m, n->u.signatures.items[i].name.n ? n->u.signatures.items[i].name
                                                : STR("(name, date, signature)"));
    }
}

static void node_cover(struct md_out *m, const struct doc *d, const struct doc_node *n)
{
    heading(m, 1);
    text(m, d->title);
    part_blocks(m);
    put(m, "**");
    text(m, d->tlp.label);
    put(m, "** \xc2\xb7 ");
    text(m, d->subtitle);
    if (d->banner.n) {
        part_blocks(m);
        put(m, "**");
        text(m, d->banner);
        put(m, "**");
    }
    part_blocks(m);
    code(m, d->id_line);
    nodes(m, d, n);
}

static void nodes(struct md_out *m, const struct doc *d, const struct doc_node *parent)
{
    static void (*const writers[DOC_KINDS])(struct md_out *, const struct doc *, const struct doc_node *) = {
        [DOC_COVER] = node_cover,     [DOC_SECTION] = node_section,
        [DOC_HEADING] = node_heading, [DOC_PARA] = node_para,
        [DOC_LIST] = node_list,       [DOC_QUOTE] = node_quote,
        [DOC_RULE] = node_rule,       [DOC_LISTING] = node_listing,
        [DOC_PAIRS] = node_pairs,     [DOC_TILES] = node_tiles,
        [DOC_FACTS] = node_facts,     [DOC_CHECKS] = node_checks,
        [DOC_TABLE] = node_table,     [DOC_FIGURE] = node_figure,
        [DOC_CALLOUT] = node_callout, [DOC_SIGNATURES] = node_signatures,
        /* No pages, and no contents: readers of Markdown make their own. */
    };
    for (const struct doc_node *n = parent->first; n; n = n->next) {
        bool left_out = n->kind == DOC_SECTION &&
                        (n->u.section.paper || (n->first && n->first->kind == DOC_CONTENTS));
        if (writers[n->kind] && !left_out)
            writers[n->kind](m, d, n);
    }
}

bool report_md(struct buf *out, const struct doc *d, struct err *err)
{
    struct md_out m = { .out = out, .line_start = true, .blank = true };
    nodes(&m, d, d->root);
    end_line(&m);
    part_blocks(&m);
    put(&m, "**");
    text(&m, d->tlp.label);
    put(&m, "** \xc2\xb7 ");
    text(&m, d->footer);
    end_line(&m);
    if (out->too_big)
        return err_set(err, ERR_RUN, "the Markdown report is larger than %zu bytes; show fewer rows",
                       out->max);
    return true;
}
