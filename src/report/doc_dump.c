/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document as an outline: one node a line, indented, texts by the display rule. Stable: fit for golden
 * files and issues.
 */
#include "doc_int.h"

#include <assert.h>

#include "hb/utf8.h"

enum { DUMP_TEXT = 160 };

struct dump {
    struct buf *out;
    int depth;
};

static void begin(struct dump *d, const char *name)
{
    buf_pad(d->out, ' ', (size_t)d->depth * 2);
    buf_puts(d->out, name);
}

static void text(struct dump *d, const char *label, struct str s)
{
    if (s.n == 0)
        return;
    buf_printf(d->out, " %s\"", label);
    utf8_show(d->out, doc_cut(s, DUMP_TEXT));
    buf_puts(d->out, s.n > DUMP_TEXT ? "...\"" : "\"");
}

static void prose(struct dump *d, struct prose p)
{
    static const char letters[] = "bisc"; /* strong, em, strike, code */
    for (size_t i = 0; i < p.n; i++) {
        const struct run *r = &p.runs[i];
        if (r->flags & RUN_BREAK) {
            buf_puts(d->out, " /");
            continue;
        }
        char label[8];
        size_t n = 0;
        for (size_t k = 0; k < 4; k++)
            if (r->flags & 1u << k)
                label[n++] = letters[k];
        if (r->flags & RUN_VALUE)
            label[n++] = 'v';
        label[n] = '\0';
        text(d, label, r->text);
        text(d, "->", r->href);
    }
}

static void dump_section(struct dump *d, const struct doc_node *n)
{
    const struct doc_section *s = &n->u.section;
    buf_printf(d->out, " %.*s", STR_ARG(s->number));
    text(d, "", s->title);
    buf_printf(d->out, " #%.*s", STR_ARG(s->anchor));
    buf_puts(d->out, s->paper ? " paper" : "");
    text(d, "tag ", s->tag);
    text(d, "state ", s->state);
}

static void dump_heading(struct dump *d, const struct doc_node *n)
{
    buf_printf(d->out, " h%d", n->u.heading.level);
    prose(d, n->u.heading.text);
}

static void dump_para(struct dump *d, const struct doc_node *n)
{
    prose(d, n->u.para);
}

static void dump_list(struct dump *d, const struct doc_node *n)
{
    buf_puts(d->out, n->u.list.tight ? " tight" : " loose");
    if (n->u.list.ordered)
        buf_printf(d->out, " from %u", n->u.list.start);
}

static void dump_item(struct dump *d, const struct doc_node *n)
{
    static const char *const boxes[] = { "", " [ ]", " [x]" };
    buf_puts(d->out, boxes[n->u.item]);
}

static void dump_listing(struct dump *d, const struct doc_node *n)
{
    const struct doc_listing *l = &n->u.listing;
    text(d, "", l->language);
    text(d, "caption ", l->caption);
    if (l->first_line)
        buf_printf(d->out, " line %zu", l->first_line);
    if (l->appendix.n)
        buf_printf(d->out, " folded, on paper in #%.*s", STR_ARG(l->appendix));
    text(d, "", l->text);
}

static void dump_pairs(struct dump *d, const struct doc_node *n)
{
    text(d, "caption ", n->u.pairs.caption);
    for (size_t i = 0; i < n->u.pairs.n; i++) {
        const struct doc_pair *p = &n->u.pairs.items[i];
        buf_putc(d->out, '\n');
        buf_pad(d->out, ' ', (size_t)d->depth * 2 + 2);
        utf8_show(d->out, p->name);
        buf_putc(d->out, ':');
        prose(d, p->value);
        text(d, "mark ", p->mark_word);
    }
}

static void dump_tiles(struct dump *d, const struct doc_node *n)
{
    for (size_t i = 0; i < n->u.tiles.n; i++) {
        text(d, "", n->u.tiles.items[i].value);
        text(d, "", n->u.tiles.items[i].label);
    }
}

static void dump_facts(struct dump *d, const struct doc_node *n)
{
    text(d, "", n->u.facts.badge);
    for (size_t i = 0; i < n->u.facts.n; i++)
        prose(d, n->u.facts.items[i]);
}

static void dump_checks(struct dump *d, const struct doc_node *n)
{
    for (size_t i = 0; i < n->u.checks.n; i++) {
        text(d, "", n->u.checks.items[i].verdict);
        text(d, "", n->u.checks.items[i].that);
        text(d, "", n->u.checks.items[i].text);
    }
}

static void dump_callout(struct dump *d, const struct doc_node *n)
{
    buf_printf(d->out, " %s", doc_tone_word(n->u.callout.tone));
    text(d, "", n->u.callout.label);
    text(d, "", n->u.callout.title);
    text(d, "severity ", n->u.callout.severity);
}

static void dump_row(struct dump *d, const struct doc_table *t, size_t row)
{
    struct buf cell = BUF_INIT;
    size_t whole;
    buf_putc(d->out, '\n');
    buf_pad(d->out, ' ', (size_t)d->depth * 2 + 2);
    buf_putc(d->out, t->alarm && t->alarm[row] ? '!' : '|');
    for (size_t i = 0; i < t->ncolumns; i++) {
        buf_clear(&cell);
        buf_putc(d->out, ' ');
        if (!doc_cell(&cell, t, row, i, DUMP_TEXT, &whole))
            buf_putc(d->out, '-');
        utf8_show(d->out, buf_view(&cell));
        buf_puts(d->out, whole > cell.n && cell.n ? "... |" : " |");
    }
    buf_free(&cell);
}

static void dump_table(struct dump *d, const struct doc_node *n)
{
    const struct doc_table *t = &n->u.table;
    buf_printf(d->out, " %d", t->number);
    text(d, "caption ", t->caption);
    buf_printf(d->out, " %zu of %zu rows of %lld", t->show, t->rows->nrows, (long long)t->total);
    text(d, "evidence ", t->evidence);
    text(d, "note ", t->note);
    buf_putc(d->out, '\n');
    buf_pad(d->out, ' ', (size_t)d->depth * 2 + 2);
    buf_putc(d->out, '|');
    for (size_t i = 0; i < t->ncolumns; i++) {
        buf_putc(d->out, ' ');
        utf8_show(d->out, t->columns[i].title);
        buf_puts(d->out, " |");
    }
    for (size_t row = 0; row < t->show; row++)
        dump_row(d, t, row);
}

static void dump_figure(struct dump *d, const struct doc_node *n)
{
    const struct doc_figure *f = &n->u.figure;
    buf_printf(d->out, " %d", f->number);
    text(d, "caption ", f->caption);
    text(d, "alt ", f->alt);
    if (f->note.n)
        text(d, "note ", f->note);
    text(d, "file ", f->file);
    if (f->drawing)
        buf_printf(d->out, " %zu shapes", f->drawing->nshapes);
}

static void dump_signatures(struct dump *d, const struct doc_node *n)
{
    for (size_t i = 0; i < n->u.signatures.n; i++) {
        text(d, "", n->u.signatures.items[i].role);
        text(d, "", n->u.signatures.items[i].name);
    }
}

static const struct {
    const char *name;
    void (*dump)(struct dump *d, const struct doc_node *n);
} doc_kinds[DOC_KINDS] = {
    [DOC_ROOT] = { "document", NULL },
    [DOC_COVER] = { "cover", NULL },
    [DOC_SECTION] = { "section", dump_section },
    [DOC_HEADING] = { "heading", dump_heading },
    [DOC_PARA] = { "para", dump_para },
    [DOC_LIST] = { "list", dump_list },
    [DOC_ITEM] = { "item", dump_item },
    [DOC_QUOTE] = { "quote", NULL },
    [DOC_RULE] = { "rule", NULL },
    [DOC_LISTING] = { "listing", dump_listing },
    [DOC_PAIRS] = { "pairs", dump_pairs },
    [DOC_TILES] = { "tiles", dump_tiles },
    [DOC_FACTS] = { "facts", dump_facts },
    [DOC_CHECKS] = { "checks", dump_checks },
    [DOC_CALLOUT] = { "callout", dump_callout },
    [DOC_TABLE] = { "table", dump_table },
    [DOC_FIGURE] = { "figure", dump_figure },
    [DOC_CONTENTS] = { "contents", NULL },
    [DOC_SIGNATURES] = { "signatures", dump_signatures },
    [DOC_PAGE_BREAK] = { "page-break", NULL },
};

static void dump_node(struct dump *d, const struct doc_node *n)
{
    assert(doc_kinds[n->kind].name);
    begin(d, doc_kinds[n->kind].name);
    if (doc_kinds[n->kind].dump)
        doc_kinds[n->kind].dump(d, n);
    buf_putc(d->out, '\n');
    d->depth++;
    for (const struct doc_node *k = n->first; k; k = k->next)
        dump_node(d, k);
    d->depth--;
}

void doc_dump(struct buf *out, const struct doc *doc)
{
    struct dump d = { .out = out };
    const struct {
        const char *name;
        struct str value;
    } lines[] = {
        { "title", doc->title },       { "subtitle", doc->subtitle },   { "ids", doc->id_line },
        { "tlp", doc->tlp.label },     { "header", doc->header },       { "footer", doc->footer },
        { "banner", doc->banner },     { "author", doc->author },       { "subject", doc->subject },
        { "keywords", doc->keywords }, { "generator", doc->generator },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        begin(&d, lines[i].name);
        text(&d, "", lines[i].value);
        buf_putc(out, '\n');
    }
    dump_node(&d, doc->root);
}
