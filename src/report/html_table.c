/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables and listings in HTML.
 *
 * A table of data shows its first rows; the further rows of the record stand in a closed <details> behind it,
 * in chunks that a browser lays out only when they are seen. Rows beyond these are a block of JSON, which costs a
 * browser next to nothing until they are looked at. The script takes all rows together, and gives sorting and search
 * by column and value; without it the first rows can still be read, and the page says where the others are.
 */
#include "html_int.h"

#include <stdlib.h>

#include "hb/json.h"
#include "hb/sha256.h"
#include "hb/utf8.h"
#include "highlight.h"

enum {
    CHUNK_ROWS = 200,    /* rows laid out together */
    EXCERPT_BYTES = 160, /* of a long value, before its rest is folded away */
    LONG_BYTES = 320,    /* a value longer than this is folded */
    MARKED_ROWS = 1000,  /* rows of one table that are elements of the page; further ones are JSON */
};

/* -- cells -- */

static void put_cut_note(struct buf *b, const struct doc_table *t, struct str value)
{
    char hex[65];
    sha256_hex(value, hex);
    buf_puts(b, "cut: ");
    doc_put_count(b, (int64_t)value.n);
    buf_printf(b, " bytes in all, SHA-256 %.16s\xe2\x80\xa6", hex);
    if (t->evidence.n)
        buf_puts(b, "; whole in ");
    buf_str(b, t->evidence);
}

static void cut_note(struct html *h, const struct doc_table *t, struct str value)
{
    struct buf b = BUF_INIT;
    put_cut_note(&b, t, value);
    html_element(h, TAG_SPAN, "cut", buf_view(&b));
    buf_free(&b);
}

static void long_value(struct html *h, struct str s)
{
    struct str excerpt = doc_cut(s, EXCERPT_BYTES);
    html_open(h, TAG_DETAILS, "long");
    html_tag(h, TAG_SUMMARY);
    html_value(h, excerpt);
    html_end(h, TAG_SUMMARY);
    html_value(h, str_sub(s, excerpt.n, s.n));
    html_end(h, TAG_DETAILS);
}

static void cell_text(struct html *h, const struct doc_table *t, size_t row, size_t col, struct str text,
                      size_t whole, bool fold)
{
    const struct column *c = &t->rows->cols[col];
    bool data_text = hb_type_is_text(c->type);
    if (t->prose && t->prose[row * t->ncolumns + col].n)
        html_prose(h, t->prose[row * t->ncolumns + col]);
    else if (t->columns[col].style == COLUMN_MARK)
        html_badge(h, doc_mark_of(text), text);
    else if (fold && text.n > LONG_BYTES)
        long_value(h, text);
    else if (data_text)
        html_value(h, text);
    else
        html_text(h, text);
    if (whole > text.n)
        cut_note(h, t, c->v.s[row]);
}

/* A number with all digits, where the page shows it rounded: what the script copies and orders by. */
static bool put_exact(struct buf *out, const struct doc_table *t, size_t row, size_t col, struct str shown)
{
    const struct column *c = &t->rows->cols[col];
    if (!t->data || c->type != HB_REAL || column_is_null(c, row))
        return false;
    cell_put_text(out, c, row);
    return !str_eq(buf_view(out), shown);
}

static void cell(struct html *h, const struct doc_table *t, size_t row, size_t col, struct buf *scratch)
{
    static const char *const classes[] = { [COLUMN_TEXT] = NULL,
                                           [COLUMN_NUMBER] = "n",
                                           [COLUMN_GROUPED] = "n",
                                           [COLUMN_CODE] = "c",
                                           [COLUMN_MARK] = NULL };
    size_t whole;
    buf_clear(scratch);
    html_open(h, TAG_TD, h->narrow && h->narrow[col] ? "s" : classes[t->columns[col].style]);
    bool given = doc_cell(scratch, t, row, col, t->cell_bytes, &whole);
    struct buf exact = BUF_INIT;
    if (put_exact(&exact, t, row, col, buf_view(scratch)))
        html_attr(h, "data-exact", buf_view(&exact));
    buf_free(&exact);
    if (!given) {
        html_element(h, TAG_SPAN, "null", STR("\xe2\x80\x93"));
    } else if (col == 0 && t->anchors && t->anchors[row].n) {
        struct buf href = BUF_INIT;
        buf_putc(&href, '#');
        buf_str(&href, t->anchors[row]);
        html_tag(h, TAG_A);
        html_attr(h, "href", buf_view(&href));
        cell_text(h, t, row, col, buf_view(scratch), whole, false); /* a link holds nothing that opens */
        html_end(h, TAG_A);
        buf_free(&href);
    } else {
        cell_text(h, t, row, col, buf_view(scratch), whole, true);
    }
    html_end(h, TAG_TD);
}

static void table_rows(struct html *h, const struct doc_table *t, size_t from, size_t to)
{
    struct buf scratch = BUF_INIT;
    html_tag(h, TAG_TBODY);
    for (size_t row = from; row < to; row++) {
        html_open(h, TAG_TR, t->alarm && t->alarm[row] ? "alarm" : NULL);
        for (size_t col = 0; col < t->ncolumns; col++)
            cell(h, t, row, col, &scratch);
        html_end(h, TAG_TR);
    }
    html_end(h, TAG_TBODY);
    buf_free(&scratch);
}

/* -- tables -- */

/* How the script compares a column. */
static const char *sort_kind(const struct doc_column *c, enum hb_type type)
{
    if (type == HB_TIMESPAN)
        return "span";
    return c->style == COLUMN_NUMBER || c->style == COLUMN_GROUPED ? "number" : "text";
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

/* InitiatingProcessFileName may be broken before a capital: names are often the widest of a column. */
static void column_name(struct html *h, struct str name)
{
    size_t from = 0;
    html_tag(h, TAG_BDI);
    for (size_t i = 1; i < name.n; i++) {
        if (!is_small(name.p[i - 1]) || name.p[i] < 'A' || name.p[i] > 'Z')
            continue;
        html_text(h, str_sub(name, from, i));
        html_tag(h, TAG_WBR);
        html_end(h, TAG_WBR);
        from = i;
    }
    html_text(h, str_sub(name, from, name.n));
    html_end(h, TAG_BDI);
}

static void table_head(struct html *h, const struct doc_table *t)
{
    html_tag(h, TAG_THEAD);
    html_tag(h, TAG_TR);
    for (size_t i = 0; i < t->ncolumns; i++) {
        const struct doc_column *c = &t->columns[i];
        html_tag(h, TAG_TH);
        html_attrz(h, "scope", "col");
        if (c->style == COLUMN_NUMBER || c->style == COLUMN_GROUPED)
            html_attrz(h, "class", "n");
        if (t->data) {
            html_attrz(h, "data-sort", sort_kind(c, t->rows->cols[i].type));
            if (c->type != HB_UNKNOWN)
                html_attrz(h, "data-type", hb_type_name(c->type));
        }
        column_name(h, c->title);
        html_end(h, TAG_TH);
    }
    html_end(h, TAG_TR);
    html_end(h, TAG_THEAD);
}

/* The name of a table for those who do not see it: its caption, which has an id; or just what it is. */
static void label_table(struct html *h, const struct doc_table *t, uint64_t id)
{
    if (t->number || t->caption.n) {
        struct buf label = BUF_INIT;
        buf_printf(&label, "t%llu-c", (unsigned long long)id);
        html_attr(h, "aria-labelledby", buf_view(&label));
        buf_free(&label);
    } else {
        html_attrz(h, "aria-label", "Table");
    }
}

/* Rows `from` to `to` as a table with its head, in a box that scrolls sideways. */
static void table_part(struct html *h, const struct doc_table *t, size_t from, size_t to, uint64_t id)
{
    html_open(h, TAG_DIV, from ? "scroll chunk" : "scroll");
    html_attrz(h, "tabindex", "0");
    html_attrz(h, "role", "group");
    label_table(h, t, id);
    html_tag(h, TAG_TABLE);
    label_table(h, t, id);
    html_newline(h);
    table_head(h, t);
    table_rows(h, t, from, to);
    html_end(h, TAG_TABLE);
    html_end(h, TAG_DIV);
}

static void table_parts(struct html *h, const struct doc_table *t, size_t from, size_t to, uint64_t id)
{
    for (; from < to; from += CHUNK_ROWS)
        table_part(h, t, from, from + CHUNK_ROWS < to ? from + CHUNK_ROWS : to, id);
}

/* -- rows as JSON -- */

/* A text without escapes as it is; another as a list in which plain texts and escapes take turns, plain first. */
static void json_text(struct jw *w, struct str text)
{
    struct utf8_runs walk = { .s = text };
    struct str part;
    bool escape, after = true;
    if (!utf8_next_run(&walk, &part, &escape) || (!escape && part.n == text.n)) {
        jw_str(w, text);
        return;
    }
    walk = (struct utf8_runs){ .s = text };
    jw_arr(w);
    for (; utf8_next_run(&walk, &part, &escape); after = escape) {
        if (escape == after)
            jw_strz(w, "");
        jw_str(w, part);
    }
    jw_end_arr(w);
}

/* "text", null, ["plain", "escape", "plain" ...], {"t": either, "cut": what was cut off}, or {"t": a number, "exact": the
 * same with all digits}. */
static void json_cell(struct jw *w, const struct doc_table *t, size_t row, size_t col, struct buf *scratch)
{
    size_t whole;
    buf_clear(scratch);
    if (!doc_cell(scratch, t, row, col, t->cell_bytes, &whole)) {
        jw_null(w);
        return;
    }
    struct buf more = BUF_INIT;
    bool exact = put_exact(&more, t, row, col, buf_view(scratch)), cut = whole > scratch->n;
    if (cut)
        put_cut_note(&more, t, t->rows->cols[col].v.s[row]);
    if (cut || exact) {
        jw_obj(w);
        jw_key(w, "t");
    }
    json_text(w, buf_view(scratch));
    if (cut || exact) {
        jw_key(w, cut ? "cut" : "exact");
        jw_str(w, buf_view(&more));
        jw_end_obj(w);
    }
    buf_free(&more);
}

/* In a script element nothing is markup but what begins with '<'. */
static void put_without_tags(struct buf *out, struct str json)
{
    size_t from = 0;
    for (size_t i = 0; i < json.n; i++) {
        if (json.p[i] != '<')
            continue;
        buf_str(out, str_sub(json, from, i));
        buf_puts(out, "\\u003c");
        from = i + 1;
    }
    buf_str(out, str_sub(json, from, json.n));
}

/* {"rows":[[cell ...] ...],"alarm":[index ...]} of the rows from `from` on. */
static void json_rows(struct html *h, const struct doc_table *t, size_t from)
{
    struct buf line = BUF_INIT, scratch = BUF_INIT, all = BUF_INIT;
    struct jw w;
    buf_puts(&all, "{\"rows\":[\n");
    for (size_t row = from; row < t->rows->nrows; row++) {
        buf_clear(&line);
        jw_init(&w, &line, false);
        jw_arr(&w);
        for (size_t col = 0; col < t->ncolumns; col++)
            json_cell(&w, t, row, col, &scratch);
        jw_end_arr(&w);
        put_without_tags(&all, buf_view(&line));
        buf_puts(&all, row + 1 < t->rows->nrows ? ",\n" : "\n");
    }
    buf_puts(&all, "],\"alarm\":[");
    bool any = false;
    for (size_t row = from; t->alarm && row < t->rows->nrows; row++)
        if (t->alarm[row]) {
            buf_puts(&all, any ? "," : "");
            buf_u64(&all, row - from);
            any = true;
        }
    buf_puts(&all, "]}");
    html_open(h, TAG_SCRIPT, "rows");
    html_attrz(h, "type", "application/json");
    html_trusted(h, buf_view(&all));
    html_end(h, TAG_SCRIPT);
    buf_free(&line);
    buf_free(&scratch);
    buf_free(&all);
}

/* How many rows are elements of the page. */
static size_t marked_rows(const struct doc_table *t)
{
    size_t most = t->show > MARKED_ROWS ? t->show : MARKED_ROWS;
    return t->rows->nrows < most ? t->rows->nrows : most;
}

static void more_rows(struct html *h, const struct doc_table *t, uint64_t id)
{
    struct buf b = BUF_INIT;
    size_t marked = marked_rows(t);
    html_open(h, TAG_DETAILS, "more");
    buf_puts(&b, "Rows ");
    doc_put_count(&b, (int64_t)t->show + 1);
    buf_puts(&b, " to ");
    doc_put_count(&b, (int64_t)marked);
    html_element(h, TAG_SUMMARY, NULL, buf_view(&b));
    buf_clear(&b);
    table_parts(h, t, t->show, marked, id);
    if (marked < t->rows->nrows) {
        doc_put_count(&b, (int64_t)(t->rows->nrows - marked));
        buf_puts(&b, " further rows are in this file, but only a browser that runs scripts shows them");
        if (t->evidence.n)
            buf_puts(&b, "; all are in ");
        buf_str(&b, t->evidence);
        html_element(h, TAG_P, "tnote", buf_view(&b));
    }
    html_end(h, TAG_DETAILS);
    buf_free(&b);
    if (marked < t->rows->nrows)
        json_rows(h, t, marked);
}

/* What is not shown of a table, and what its note says, as sentences. */
static void foot_text(struct html *h, const struct doc_table *t, size_t shown, const char *class_name)
{
    struct buf b = BUF_INIT;
    doc_table_shown(&b, t, shown);
    if (b.n) {
        b.p[0] = 'F'; /* "first ..." begins a sentence */
        buf_putc(&b, '.');
    }
    if (t->note.n) {
        buf_puts(&b, b.n ? " " : "");
        buf_str(&b, t->note);
    }
    if (b.n)
        html_element(h, TAG_P, class_name, buf_view(&b));
    buf_free(&b);
}

/* On paper the folded rows are not there. */
static void table_foot(struct html *h, const struct doc_table *t)
{
    size_t offered = t->data ? t->rows->nrows : t->show;
    if (offered == t->show) {
        foot_text(h, t, t->show, "tnote");
        return;
    }
    foot_text(h, t, offered, "tnote on-screen");
    foot_text(h, t, t->show, "tnote on-paper");
}

void html_caption(struct html *h, const char *what, int number, struct str caption)
{
    if (number) {
        html_open(h, TAG_SPAN, "cnum");
        html_plain(h, what);
        struct buf b = BUF_INIT;
        buf_printf(&b, " %d. ", number);
        html_text(h, buf_view(&b));
        buf_free(&b);
        html_end(h, TAG_SPAN);
    }
    html_value(h, caption);
}

/* A short value is not broken: a name of a device takes one line. */
static bool is_narrow(const struct doc_table *t, size_t col)
{
    enum { SHORT = 32 };
    const struct column *c = &t->rows->cols[col];
    if (!t->data || t->columns[col].style != COLUMN_TEXT ||
        !(hb_type_is_text(c->type) || c->type == HB_DATETIME))
        return false;
    for (size_t row = 0; c->type != HB_DATETIME && row < t->rows->nrows; row++)
        if (!column_is_null(c, row) && c->v.s[row].n > SHORT)
            return false;
    return true;
}

void html_table(struct html *h, const struct doc_table *t)
{
    uint64_t id = ++h->ids;
    bool *narrow = calloc(t->ncolumns + 1, sizeof *narrow);
    for (size_t col = 0; narrow && col < t->ncolumns; col++)
        narrow[col] = is_narrow(t, col);
    h->narrow = narrow;
    html_open(h, TAG_DIV, t->data ? "tbl data" : "tbl");
    if (t->data)
        html_attr_u(h, "data-show", t->show);
    html_newline(h);
    if (t->number || t->caption.n) {
        struct buf label = BUF_INIT;
        buf_printf(&label, "t%llu-c", (unsigned long long)id);
        html_open(h, TAG_P, "caption");
        html_attr(h, "id", buf_view(&label));
        html_caption(h, "Table", t->number, t->caption);
        html_end(h, TAG_P);
        buf_free(&label);
    }
    if (t->rows->nrows == 0) {
        html_element(h, TAG_P, "empty", t->empty.n ? t->empty : STR("No rows."));
    } else {
        table_parts(h, t, 0, t->show, id);
        if (t->data && t->rows->nrows > t->show)
            more_rows(h, t, id);
        table_foot(h, t);
    }
    html_end(h, TAG_DIV);
    h->narrow = NULL;
    free(narrow);
}

/* -- listings -- */

static void line_begin(struct html *h, size_t number)
{
    html_open(h, TAG_SPAN, "l");
    if (number)
        html_attr_u(h, "data-n", number);
}

/* A piece of one line; tabs stay, a carriage return before the line's end is part of it. */
static void piece_text(struct html *h, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != '\t')
            continue;
        html_text(h, str_sub(s, from, i));
        if (i < s.n)
            html_plain(h, "\t");
        from = i + 1;
    }
}

static void code_lines(struct html *h, const struct doc_listing *l)
{
    struct hl hl;
    struct str piece;
    enum hl_class cls;
    size_t number = l->first_line;
    hl_init(&hl, l->language, l->text);
    line_begin(h, number);
    while (hl_next(&hl, &piece, &cls)) {
        if (str_eqz(piece, "\n")) {
            html_newline(h);
            html_end(h, TAG_SPAN);
            number += number ? 1 : 0;
            line_begin(h, number);
            continue;
        }
        if (piece.n && piece.p[piece.n - 1] == '\r' && hl.i < hl.text.n && hl.text.p[hl.i] == '\n')
            piece.n--;
        if (cls != HL_TEXT)
            html_open(h, TAG_SPAN, hl_class_name(cls));
        piece_text(h, piece);
        if (cls != HL_TEXT)
            html_end(h, TAG_SPAN);
    }
    html_end(h, TAG_SPAN);
}

static void listing_caption(struct html *h, const struct doc_listing *l)
{
    if (l->caption.n)
        html_element(h, TAG_SPAN, "lcap", l->caption);
    if (l->language.n)
        html_element(h, TAG_SPAN, "lang", l->language);
}

void html_listing(struct html *h, const struct doc_listing *l)
{
    html_open(h, l->appendix.n ? TAG_DETAILS : TAG_DIV, l->appendix.n ? "listing fold" : "listing");
    if (l->appendix.n) {
        html_tag(h, TAG_SUMMARY);
        listing_caption(h, l);
        html_end(h, TAG_SUMMARY);
    } else if (l->caption.n || l->language.n) {
        html_open(h, TAG_P, "lhead");
        listing_caption(h, l);
        html_end(h, TAG_P);
    }
    html_open(h, TAG_PRE, l->first_line ? "numbered" : NULL);
    html_attrz(h, "tabindex", "0");
    html_tag(h, TAG_CODE);
    code_lines(h, l);
    html_end(h, TAG_CODE);
    html_end(h, TAG_PRE);
    html_end(h, l->appendix.n ? TAG_DETAILS : TAG_DIV);
}
