/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown -> nodes of the document, through md4c's events.
 *
 * Nothing of the text becomes active: no HTML, links only by doc_safe_href, images become their text, and
 * every text is shown by the display rule in the writers. Values of the data come in as placeholders, so that
 * no value is ever read as Markdown.
 *
 * A block event pushes the node that takes what follows; text goes into one prose under construction, which
 * the end of its block hands over.
 */
#include <md4c.h>
#include <string.h>

#include "doc_int.h"
#include "hb/utf8.h"
#include "hb/vec.h"

enum { MD_DEPTH = 24, MD_PLACEHOLDER = 0xF0000 };

/* One cell of a Markdown table while its rows are read. */
struct md_table {
    struct prose *cells;
    MD_ALIGN *align;
    size_t ncells, cap, nalign, align_cap;
    size_t ncols;
};

struct md {
    struct arena *a;
    const struct record_prose *src;
    struct str input;
    struct doc_node *stack[MD_DEPTH + 1]; /* where blocks go; stack[depth] is the innermost */
    int depth, beyond;                    /* beyond: levels deeper than MD_DEPTH, not pushed */
    struct pb text;
    bool open; /* text belongs to a block that has begun */
    int strong, em, strike, code, image;
    struct str href;
    struct doc_node *listing; /* a code block being read */
    struct buf code_text;
    struct md_table *table;
    bool flat; /* md_prose: paragraphs only */
};

static struct doc_node *top(const struct md *m)
{
    return m->stack[m->depth];
}

static void pop(struct md *m)
{
    if (m->beyond)
        m->beyond--;
    else
        m->depth--;
}

static unsigned md_flags(const struct md *m)
{
    return (m->strong ? RUN_STRONG : 0u) | (m->em || m->image ? RUN_EM : 0u) | (m->strike ? RUN_STRIKE : 0u) |
           (m->code ? RUN_CODE : 0u);
}

/* -- text -- */

/* The value that a placeholder at s.p + *i stands for; advances *i over it. */
static bool placeholder(const struct md *m, struct str s, size_t *i, struct str *value)
{
    size_t j = *i;
    uint32_t cp = utf8_next(s, &j);
    if (cp == UTF8_BAD || cp < MD_PLACEHOLDER || cp - MD_PLACEHOLDER >= m->src->nvalues)
        return false;
    *i = j;
    *value = m->src->values[cp - MD_PLACEHOLDER];
    return true;
}

/* Calls for the plain parts and the values of s, in order. */
static void each_part(const struct md *m, struct str s,
                      void (*part)(void *ctx, struct str text, bool is_value), void *ctx)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n;) {
        struct str value;
        size_t at = i;
        if ((unsigned char)s.p[i] == 0xF3 && placeholder(m, s, &i, &value)) {
            part(ctx, str_sub(s, from, at), false);
            part(ctx, value, true);
            from = i;
        } else {
            i++;
        }
    }
    part(ctx, str_sub(s, from, s.n), false);
}

static void part_to_prose(void *ctx, struct str text, bool is_value)
{
    struct md *m = ctx;
    pb_add(&m->text, text, md_flags(m) | (is_value ? RUN_VALUE : 0u), m->href);
}

static void part_to_listing(void *ctx, struct str text, bool is_value)
{
    (void)is_value;
    buf_str(&((struct md *)ctx)->code_text, text);
}

/* A value inside a link keeps nothing that could change where the link goes. */
static void part_to_url(void *ctx, struct str text, bool is_value)
{
    struct buf *b = ctx;
    if (!is_value) {
        buf_str(b, text);
        return;
    }
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (char_is_alnum(c) || (c && strchr("-._", c)))
            buf_putc(b, c);
        else
            buf_printf(b, "%%%02X", (unsigned char)c);
    }
}

/* The character of an entity: numbers, and the few names that people type. False: it stays as it is written.
 */
static bool entity(struct str s, char out[4], size_t *n)
{
    static const struct {
        const char *name;
        uint32_t cp;
    } names[] = {
        { "&amp;", '&' },      { "&lt;", '<' },      { "&gt;", '>' },        { "&quot;", '"' },
        { "&apos;", '\'' },    { "&nbsp;", 0xA0 },   { "&hellip;", 0x2026 }, { "&ndash;", 0x2013 },
        { "&mdash;", 0x2014 }, { "&rarr;", 0x2192 }, { "&larr;", 0x2190 },   { "&copy;", 0xA9 },
        { "&reg;", 0xAE },     { "&deg;", 0xB0 },    { "&times;", 0xD7 },    { "&le;", 0x2264 },
        { "&ge;", 0x2265 },    { "&ne;", 0x2260 },   { "&micro;", 0xB5 },    { "&euro;", 0x20AC },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eqz(s, names[i].name)) {
            *n = utf8_put(out, names[i].cp);
            return true;
        }
    }
    if (s.n < 4 || s.n > 12 || s.p[1] != '#')
        return false;
    bool hex = s.p[2] == 'x' || s.p[2] == 'X';
    uint32_t cp = 0;
    for (size_t i = hex ? 3 : 2; i + 1 < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i], low = c | 0x20;
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)(low - 'a' + 10);
        cp = cp > 0x10FFFF ? cp : cp * (hex ? 16 : 10) + digit;
    }
    /* What is no character, and what would pass for a placeholder, is U+FFFD. */
    if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
        cp = 0xFFFD;
    *n = utf8_put(out, cp);
    return true;
}

/* Text outside code: a paragraph begins by itself where a tight list has none. */
static void md_open(struct md *m)
{
    if (!m->open) {
        pb_init(&m->text, m->a);
        m->open = true;
    }
}

static void md_close(struct md *m)
{
    if (!m->open)
        return;
    struct prose text = pb_end(&m->text);
    m->open = false;
    if (text.n)
        doc_add(m->a, top(m), DOC_PARA)->u.para = text;
}

/* A text that begins in the input ends in it; others are constants of the parser. */
static struct str inside(const struct md *m, const char *p, size_t n)
{
    uintptr_t at = (uintptr_t)p, from = (uintptr_t)m->input.p, to = from + m->input.n;
    if (at >= from && at <= to && n > to - at)
        n = to - at;
    return (struct str){ p, n };
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE size, void *ctx)
{
    struct md *m = ctx;
    struct str s = inside(m, p, size);
    char bytes[4];
    size_t n;
    if (m->listing) {
        each_part(m, s, part_to_listing, m);
        return 0;
    }
    md_open(m);
    switch (type) {
    case MD_TEXT_NULLCHAR: pb_add(&m->text, (struct str){ "", 1 }, md_flags(m), m->href); break;
    case MD_TEXT_BR: pb_break(&m->text); break;
    case MD_TEXT_SOFTBR: pb_add(&m->text, STR(" "), md_flags(m), m->href); break;
    case MD_TEXT_ENTITY:
        if (entity(s, bytes, &n))
            pb_add(&m->text, (struct str){ bytes, n }, md_flags(m), m->href);
        else
            each_part(m, s, part_to_prose, m);
        break;
    default: each_part(m, s, part_to_prose, m);
    }
    return 0;
}

/* -- spans -- */

static struct str link_target(struct md *m, const MD_ATTRIBUTE *attr)
{
    struct buf b = BUF_INIT;
    for (unsigned i = 0; attr->text && attr->substr_offsets[i] < attr->size; i++) {
        struct str s = { attr->text + attr->substr_offsets[i],
                         attr->substr_offsets[i + 1] - attr->substr_offsets[i] };
        char bytes[4];
        size_t n;
        if (attr->substr_types[i] == MD_TEXT_ENTITY && entity(s, bytes, &n))
            buf_put(&b, bytes, n);
        else
            each_part(m, s, part_to_url, &b);
    }
    struct str href = doc_safe_href(m->a, buf_view(&b));
    buf_free(&b);
    return href;
}

static int on_span(struct md *m, MD_SPANTYPE type, void *detail, int step)
{
    md_open(m);
    switch (type) {
    case MD_SPAN_STRONG: m->strong += step; break;
    case MD_SPAN_EM: m->em += step; break;
    case MD_SPAN_DEL: m->strike += step; break;
    case MD_SPAN_CODE: m->code += step; break;
    case MD_SPAN_A: m->href = step > 0 ? link_target(m, &((MD_SPAN_A_DETAIL *)detail)->href) : STR(""); break;
    case MD_SPAN_IMG:
        m->image += step;
        pb_add(&m->text, step > 0 ? STR("[image: ") : STR("]"), md_flags(m) | RUN_EM, m->href);
        break;
    default: break;
    }
    return 0;
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    return on_span(ctx, type, detail, 1);
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    return on_span(ctx, type, detail, -1);
}

/* -- tables -- */

static void table_end(struct md *m)
{
    struct md_table *t = m->table;
    size_t ncols = t->ncols, nrows = ncols ? t->ncells / ncols : 0;
    struct doc_table *out = &doc_add(m->a, top(m), DOC_TABLE)->u.table;
    m->table = NULL;
    nrows = nrows ? nrows - 1 : 0; /* the first row is the head */
    struct table *rows = table_new(m->a, ncols, nrows);
    out->columns = ARENA_ARRAY(m->a, ncols, struct doc_column);
    out->ncolumns = ncols;
    for (size_t i = 0; i < t->ncells && i < (nrows + 1) * ncols; i++) {
        size_t col = i % ncols;
        struct str plain = prose_plain(m->a, t->cells[i]);
        if (i < ncols) {
            out->columns[col] = (struct doc_column){ .title = plain,
                                                     .style = t->align[i] == MD_ALIGN_RIGHT ? COLUMN_NUMBER
                                                                                            : COLUMN_TEXT };
            table_set_column(rows, col, plain, HB_STRING);
        } else {
            rows->cols[col].v.s[i / ncols - 1] = plain;
        }
    }
    out->rows = rows;
    out->show = nrows;
    out->total = (int64_t)nrows;
    out->prose = nrows ? t->cells + ncols : NULL;
    out->empty = STR("no rows");
}

static void table_cell(struct md *m, MD_BLOCK_TD_DETAIL *detail, bool heading)
{
    struct md_table *t = m->table;
    md_open(m);
    m->open = false;
    *VEC_PUSH(m->a, t->cells, t->ncells, t->cap) = pb_end(&m->text);
    if (heading) {
        *VEC_PUSH(m->a, t->align, t->nalign, t->align_cap) = detail->align;
        t->ncols++;
    }
}

/* -- blocks -- */

static void code_begin(struct md *m, const MD_BLOCK_CODE_DETAIL *detail)
{
    m->listing = doc_add(m->a, top(m), DOC_LISTING);
    m->listing->u.listing.language = arena_str(
        m->a, (struct str){ detail->lang.text ? detail->lang.text : "", detail->lang.size });
}

static void code_end(struct md *m)
{
    struct str text = buf_view(&m->code_text);
    if (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    m->listing->u.listing.text = arena_str(m->a, text);
    m->listing = NULL;
    buf_clear(&m->code_text);
}

/* A node that takes what follows, if there is room for `levels` more below this one. */
static struct doc_node *nest(struct md *m, enum doc_kind kind, int levels)
{
    if (m->beyond || m->depth + levels > MD_DEPTH) {
        m->beyond++;
        return NULL;
    }
    struct doc_node *n = doc_add(m->a, top(m), kind);
    m->stack[++m->depth] = n;
    return n;
}

/* A list always leaves room for its items. */
static void list_begin(struct md *m, struct doc_list list)
{
    struct doc_node *n = nest(m, DOC_LIST, 2);
    if (n)
        n->u.list = list;
}

static void item_begin(struct md *m, const MD_BLOCK_LI_DETAIL *detail)
{
    struct doc_node *n = nest(m, DOC_ITEM, 1);
    if (n)
        n->u.item = !detail->is_task ? TASK_NONE : detail->task_mark == ' ' ? TASK_OPEN : TASK_DONE;
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct md *m = ctx;
    md_close(m);
    if (m->flat)
        return 0;
    switch (type) {
    case MD_BLOCK_QUOTE: nest(m, DOC_QUOTE, 1); break;
    case MD_BLOCK_UL:
        list_begin(m, (struct doc_list){ .tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight, .start = 1 });
        break;
    case MD_BLOCK_OL:
        list_begin(m, (struct doc_list){ .ordered = true,
                                         .tight = ((MD_BLOCK_OL_DETAIL *)detail)->is_tight,
                                         .start = ((MD_BLOCK_OL_DETAIL *)detail)->start });
        break;
    case MD_BLOCK_LI: item_begin(m, detail); break;
    case MD_BLOCK_HR: doc_add(m->a, top(m), DOC_RULE); break;
    case MD_BLOCK_CODE: code_begin(m, detail); break;
    case MD_BLOCK_TABLE: m->table = ARENA_NEW(m->a, struct md_table); break;
    default: break;
    }
    return 0;
}

static void heading_end(struct md *m, unsigned level)
{
    md_open(m);
    m->open = false;
    struct prose text = pb_end(&m->text);
    struct doc_node *n = doc_add(m->a, top(m), DOC_HEADING);
    n->u.heading.level = (int)level;
    n->u.heading.text = text;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct md *m = ctx;
    if (m->flat) {
        if (type == MD_BLOCK_P || type == MD_BLOCK_H || type == MD_BLOCK_LI || type == MD_BLOCK_CODE)
            md_close(m);
        return 0;
    }
    switch (type) {
    case MD_BLOCK_H: heading_end(m, ((MD_BLOCK_H_DETAIL *)detail)->level); break;
    case MD_BLOCK_CODE: code_end(m); break;
    case MD_BLOCK_TH: table_cell(m, detail, true); break;
    case MD_BLOCK_TD: table_cell(m, detail, false); break;
    case MD_BLOCK_TABLE: table_end(m); break;
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
    case MD_BLOCK_LI:
        md_close(m);
        pop(m);
        break;
    default: md_close(m);
    }
    return 0;
}

/*
 * md4c 0.4.8 looks at the byte behind its input, and beyond it if that byte happens to fit ("![i](-" at the very end), so it
 * gets a copy that ends in a line feed and has zeroes behind that.
 */
static struct str padded(struct arena *a, struct str s)
{
    if (s.n == 0)
        return s;
    char *copy = arena_alloc(a, s.n + 16);
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\n';
    return (struct str){ copy, s.n + 1 };
}

static void md_run(struct md *m, struct doc_node *parent)
{
    MD_PARSER parser = { .flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML,
                         .enter_block = on_enter_block,
                         .leave_block = on_leave_block,
                         .enter_span = on_enter_span,
                         .leave_span = on_leave_span,
                         .text = on_text };
    m->stack[0] = parent;
    m->input = padded(m->a, m->src->markdown);
    if (m->input.n && m->input.n < UINT32_MAX)
        md_parse(m->input.p, (MD_SIZE)m->input.n, &parser, m);
    md_close(m);
    buf_free(&m->code_text);
}

void md_build(struct arena *a, struct doc_node *parent, const struct record_prose *p)
{
    struct md m = { .a = a, .src = p, .href = STR("") };
    md_run(&m, parent);
}

struct prose md_prose(struct arena *a, const struct record_prose *p)
{
    struct md m = { .a = a, .src = p, .href = STR(""), .flat = true };
    struct doc_node *parent = doc_add(a, NULL, DOC_ITEM);
    md_run(&m, parent);
    struct prose out = { NULL, 0 };
    size_t cap = 0;
    for (struct doc_node *n = parent->first; n; n = n->next) {
        if (out.n)
            *VEC_PUSH(a, out.runs, out.n, cap) = (struct run){ .flags = RUN_BREAK };
        for (size_t i = 0; i < n->u.para.n; i++)
            *VEC_PUSH(a, out.runs, out.n, cap) = n->u.para.runs[i];
    }
    return out;
}
