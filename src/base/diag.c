/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: kept in a list, printed with the line they speak of.
 */
#include "hb/diag.h"

#include <stdlib.h>
#include <string.h>

#include "hb/utf8.h"
#include "hb/vec.h"

enum { DIAGS_KEPT = 100, WINDOW = 96 };

void diags_init(struct diags *d, struct arena *a)
{
    *d = (struct diags){ .arena = a };
}

void diag_add(struct diags *d, enum diag_level level, const struct source *src, struct span span,
              const char *hint, const char *fmt, ...)
{
    if (level == DIAG_ERROR)
        d->errors++;
    else if (level == DIAG_WARNING)
        d->warnings++;
    if (d->n >= DIAGS_KEPT)
        return;
    struct diag *item = VEC_PUSH(d->arena, d->items, d->n, d->cap);
    va_list ap;
    va_start(ap, fmt);
    item->message = str_z(arena_vprintf(d->arena, fmt, ap));
    va_end(ap);
    item->level = level;
    item->source = src;
    item->span = span;
    item->hint = str_z(hint ? arena_strdup(d->arena, hint) : "");
}

static size_t line_start(struct str text, size_t offset)
{
    while (offset > 0 && text.p[offset - 1] != '\n')
        offset--;
    return offset;
}

void source_locate(const struct source *src, size_t offset, size_t *line, size_t *column)
{
    struct str text = src->text;
    if (offset > text.n)
        offset = text.n;
    *line = 1;
    for (size_t i = str_chr(text, '\n', 0); i < offset; i = str_chr(text, '\n', i + 1))
        ++*line;
    size_t start = line_start(text, offset);
    *column = utf8_count(str_sub(text, start, offset)) + 1;
}

struct str source_line(const struct source *src, size_t line)
{
    struct str text = src->text;
    size_t from = 0;
    while (--line && from < text.n)
        from = str_chr(text, '\n', from) + 1;
    if (from > text.n)
        from = text.n;
    size_t to = str_chr(text, '\n', from);
    if (to > from && text.p[to - 1] == '\r')
        to--;
    return str_sub(text, from, to);
}

/* Shows s; tabs become one blank so that carets line up. Returns the width in terminal columns. */
static size_t show_cells(struct buf *out, struct str s)
{
    size_t cells = 0;
    struct utf8_runs r = { .s = s };
    struct str text;
    bool escape;
    while (utf8_next_run(&r, &text, &escape)) {
        if (escape && str_eqz(text, "\\u{9}"))
            text = STR(" ");
        for (size_t i = 0; i < text.n;)
            cells += (size_t)utf8_width(utf8_next(text, &i));
        if (out)
            buf_str(out, text);
    }
    return cells;
}

/* Cuts a long line to a window around the span, on code point borders. */
static struct str window(struct str line, size_t at, size_t *cut_left)
{
    size_t from = 0, to = line.n;
    if (line.n > WINDOW) {
        from = at > WINDOW / 3 ? at - WINDOW / 3 : 0;
        to = from + WINDOW < line.n ? from + WINDOW : line.n;
        while (from > 0 && ((unsigned char)line.p[from] & 0xC0) == 0x80)
            from--;
        while (to < line.n && ((unsigned char)line.p[to] & 0xC0) == 0x80)
            to++;
    }
    *cut_left = from;
    return str_sub(line, from, to);
}

static const char *const level_names[] = { "note", "warning", "error" };
static const char *const level_colours[] = { "\033[1;36m", "\033[1;33m", "\033[1;31m" };

static void print_place(struct buf *out, const struct diag *d, size_t line, bool colour)
{
    struct str text = source_line(d->source, line), shown;
    size_t start = line_start(d->source->text,
                              d->span.offset > d->source->text.n ? d->source->text.n : d->span.offset);
    size_t at = d->span.offset - start, cut;
    if (at > text.n)
        at = text.n;
    shown = window(text, at, &cut);
    const char *dots = cut ? "..." : "";
    buf_printf(out, "%5zu | %s", line, dots);
    show_cells(out, shown);
    if (cut + shown.n < text.n)
        buf_puts(out, "...");
    buf_puts(out, "\n      | ");
    buf_pad(out, ' ', strlen(dots) + show_cells(NULL, str_sub(text, cut, at)));
    size_t end = at + d->span.len;
    if (end > cut + shown.n)
        end = cut + shown.n;
    size_t cells = end > at ? show_cells(NULL, str_sub(text, at, end)) : 0;
    if (colour)
        buf_puts(out, level_colours[d->level]);
    buf_putc(out, '^');
    buf_pad(out, '~', cells > 1 ? cells - 1 : 0);
    if (colour)
        buf_puts(out, "\033[0m");
    if (d->hint.n) {
        buf_putc(out, ' ');
        utf8_show(out, d->hint);
    }
    buf_putc(out, '\n');
}

void diag_print(struct buf *out, const struct diag *d, bool colour)
{
    size_t line = 0, column = 0;
    if (colour)
        buf_puts(out, "\033[1m");
    if (d->source) {
        source_locate(d->source, d->span.offset, &line, &column);
        utf8_show(out, d->source->name);
        buf_printf(out, ":%zu:%zu: ", line, column);
    }
    if (colour)
        buf_puts(out, level_colours[d->level]);
    buf_printf(out, "%s:%s ", level_names[d->level], colour ? "\033[0m" : "");
    utf8_show(out, d->message);
    buf_putc(out, '\n');
    if (d->source)
        print_place(out, d, line, colour);
    else if (d->hint.n)
        buf_printf(out, "      %.*s\n", STR_ARG(d->hint));
}

static int by_place(const void *a, const void *b)
{
    const struct diag *x = *(const struct diag *const *)a, *y = *(const struct diag *const *)b;
    if (x->source == y->source && x->span.offset != y->span.offset)
        return x->span.offset < y->span.offset ? -1 : 1;
    return x < y ? -1 : x > y;
}

void diags_print(FILE *f, const struct diags *d, bool colour)
{
    struct buf out = BUF_INIT;
    struct diag **order = ARENA_ARRAY(d->arena, d->n + 1, struct diag *);
    for (size_t i = 0; i < d->n; i++)
        order[i] = &d->items[i];
    if (d->n)
        qsort(order, d->n, sizeof *order, by_place);
    for (size_t i = 0; i < d->n; i++)
        diag_print(&out, order[i], colour);
    if (d->errors + d->warnings > 1)
        buf_printf(&out, "%zu error%s, %zu warning%s\n", d->errors, d->errors == 1 ? "" : "s", d->warnings,
                   d->warnings == 1 ? "" : "s");
    fwrite(buf_z(&out), 1, out.n, f);
    buf_free(&out);
}
