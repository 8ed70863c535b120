/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole tables: for a terminal, as CSV, JSON, NDJSON and Markdown. To add a format: a row in `formats` and
 * its writer.
 */
#include <string.h>

#include "hb/table.h"
#include "hb/utf8.h"

static const struct {
    const char *name;
    enum table_format format;
} formats[] = {
    { "table", TABLE_TEXT },    { "csv", TABLE_CSV }, { "json", TABLE_JSON },
    { "ndjson", TABLE_NDJSON }, { "md", TABLE_MD },
};

bool table_format_parse(struct str name, enum table_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (str_eqz(name, formats[i].name)) {
            *out = formats[i].format;
            return true;
        }
    }
    return false;
}

void csv_put_field(struct buf *out, struct str s, bool safe)
{
    bool quote = safe && s.n && memchr("=+-@\t\r", s.p[0], 6);
    bool apostrophe = quote;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        buf_str(out, s);
        return;
    }
    buf_putc(out, '"');
    if (apostrophe)
        buf_putc(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, s.p[i]);
    }
    buf_putc(out, '"');
}

static void print_csv(struct buf *out, const struct table *t, const struct table_print *how, size_t rows)
{
    struct buf cell = BUF_INIT;
    for (size_t c = 0; c < t->ncols; c++) {
        buf_puts(out, c ? "," : "");
        csv_put_field(out, t->cols[c].name, how->csv_safe);
    }
    buf_puts(out, "\r\n");
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < t->ncols; c++) {
            buf_clear(&cell);
            cell_put_text(&cell, &t->cols[c], r);
            buf_puts(out, c ? "," : "");
            /* A number's own minus sign is no formula. */
            csv_put_field(out, buf_view(&cell), how->csv_safe && hb_type_is_text(t->cols[c].type));
        }
        buf_puts(out, "\r\n");
    }
    buf_free(&cell);
}

void table_put_json(struct jw *w, const struct table *t)
{
    jw_key(w, "columns");
    jw_arr(w);
    for (size_t c = 0; c < t->ncols; c++) {
        jw_obj(w);
        jw_key(w, "name");
        jw_str(w, t->cols[c].name);
        jw_key(w, "type");
        jw_strz(w, hb_type_name(t->cols[c].type));
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_key(w, "rows");
    jw_arr(w);
    for (size_t r = 0; r < t->nrows; r++) {
        jw_arr(w);
        for (size_t c = 0; c < t->ncols; c++)
            cell_put_json(w, &t->cols[c], r);
        jw_end_arr(w);
    }
    jw_end_arr(w);
}

static void print_json(struct buf *out, const struct table *t)
{
    struct jw w;
    jw_init(&w, out, false);
    jw_obj(&w);
    table_put_json(&w, t);
    jw_end_obj(&w);
    buf_putc(out, '\n');
}

static void print_ndjson(struct buf *out, const struct table *t, size_t rows)
{
    for (size_t r = 0; r < rows; r++) {
        struct jw w;
        jw_init(&w, out, false);
        jw_obj(&w);
        for (size_t c = 0; c < t->ncols; c++) {
            jw_keys(&w, t->cols[c].name);
            cell_put_json(&w, &t->cols[c], r);
        }
        jw_end_obj(&w);
        buf_putc(out, '\n');
    }
}

static void put_md_cell(struct buf *out, struct str s)
{
    struct buf shown = BUF_INIT;
    utf8_show(&shown, s);
    for (size_t i = 0; i < shown.n; i++) {
        if (strchr("\\`*_{}[]()#+!|<>&~", shown.p[i]))
            buf_putc(out, '\\');
        buf_putc(out, shown.p[i]);
    }
    buf_free(&shown);
}

static bool right_aligned(enum hb_type t)
{
    return t == HB_INT || t == HB_LONG || t == HB_REAL || t == HB_DECIMAL || t == HB_TIMESPAN;
}

static void print_md(struct buf *out, const struct table *t, size_t rows)
{
    struct buf cell = BUF_INIT;
    for (size_t c = 0; c < t->ncols; c++) {
        buf_puts(out, "| ");
        put_md_cell(out, t->cols[c].name);
        buf_putc(out, ' ');
    }
    buf_puts(out, "|\n");
    for (size_t c = 0; c < t->ncols; c++)
        buf_puts(out, right_aligned(t->cols[c].type) ? "|--:" : "|---");
    buf_puts(out, "|\n");
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < t->ncols; c++) {
            buf_clear(&cell);
            cell_put_human(&cell, &t->cols[c], r);
            buf_puts(out, "| ");
            put_md_cell(out, buf_view(&cell));
            buf_putc(out, ' ');
        }
        buf_puts(out, "|\n");
    }
    buf_free(&cell);
}

/* -- terminal -- */

enum { CELL_MAX = 60, CELL_MIN = 6 };

static size_t shown_width(struct str s)
{
    size_t cells = 0;
    for (size_t i = 0; i < s.n;)
        cells += (size_t)utf8_width(utf8_next(s, &i));
    return cells;
}

/* The cell by the display rule, cut to `width` columns with an ellipsis, padded unless it is the last. */
static void put_cell(struct buf *out, struct str s, size_t width, bool right, bool last)
{
    size_t cells = shown_width(s), cut = s.n;
    bool ellipsis = cells > width;
    if (ellipsis) {
        cells = 0;
        for (cut = 0; cut < s.n;) {
            size_t i = cut;
            size_t w = (size_t)utf8_width(utf8_next(s, &i));
            if (cells + w + 1 > width)
                break;
            cells += w;
            cut = i;
        }
        cells++;
    }
    if (right)
        buf_pad(out, ' ', width - cells);
    buf_str(out, str_sub(s, 0, cut));
    if (ellipsis)
        buf_puts(out, "\xE2\x80\xA6");
    if (!right && !last)
        buf_pad(out, ' ', width - cells);
}

static void show_cell(struct buf *cell, const struct column *c, size_t row)
{
    struct buf raw = BUF_INIT;
    cell_put_human(&raw, c, row);
    buf_clear(cell);
    utf8_show(cell, buf_view(&raw));
    buf_free(&raw);
}

/* Natural widths first; while the line is too wide, the widest column gives way. */
static void fit_widths(const struct table *t, size_t rows, size_t limit, size_t *width)
{
    struct buf cell = BUF_INIT;
    size_t total = 0;
    for (size_t c = 0; c < t->ncols; c++) {
        utf8_show(&cell, t->cols[c].name);
        width[c] = shown_width(buf_view(&cell));
        for (size_t r = 0; r < rows; r++) {
            show_cell(&cell, &t->cols[c], r);
            size_t w = shown_width(buf_view(&cell));
            if (w > width[c])
                width[c] = w;
        }
        if (limit && width[c] > CELL_MAX)
            width[c] = CELL_MAX;
        total += width[c] + 2;
        buf_clear(&cell);
    }
    while (limit && total > limit + 2) {
        size_t widest = 0;
        for (size_t c = 1; c < t->ncols; c++)
            if (width[c] > width[widest])
                widest = c;
        if (width[widest] <= CELL_MIN)
            break;
        width[widest]--;
        total--;
    }
    buf_free(&cell);
}

static void print_text(struct buf *out, const struct table *t, const struct table_print *how, size_t rows)
{
    struct buf cell = BUF_INIT;
    struct arena *a = arena_new(0, "a printed table");
    size_t *width = ARENA_ARRAY(a, t->ncols, size_t);
    fit_widths(t, rows, how->width, width);
    if (how->colour)
        buf_puts(out, "\033[1m");
    for (size_t c = 0; c < t->ncols; c++) {
        buf_clear(&cell);
        utf8_show(&cell, t->cols[c].name);
        buf_puts(out, c ? "  " : "");
        put_cell(out, buf_view(&cell), width[c], right_aligned(t->cols[c].type), c + 1 == t->ncols);
    }
    buf_puts(out, how->colour ? "\033[0m\n" : "\n");
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < t->ncols; c++) {
            show_cell(&cell, &t->cols[c], r);
            buf_puts(out, c ? "  " : "");
            put_cell(out, buf_view(&cell), width[c], right_aligned(t->cols[c].type), c + 1 == t->ncols);
        }
        buf_putc(out, '\n');
    }
    if (rows < t->nrows)
        buf_printf(out, "(%zu more rows)\n", t->nrows - rows);
    arena_free(a);
    buf_free(&cell);
}

void table_print(struct buf *out, const struct table *t, const struct table_print *how)
{
    size_t rows = how->max_rows && how->max_rows < t->nrows ? how->max_rows : t->nrows;
    switch (how->format) {
    case TABLE_TEXT: print_text(out, t, how, rows); break;
    case TABLE_CSV: print_csv(out, t, how, rows); break;
    case TABLE_JSON: print_json(out, t); break;
    case TABLE_NDJSON: print_ndjson(out, t, rows); break;
    case TABLE_MD: print_md(out, t, rows); break;
    }
}
