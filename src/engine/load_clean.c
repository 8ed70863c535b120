/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of files that the reader cannot take as they are. Streams: a file may be larger than memory, one JSON value not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "hb/utf8.h"
#include "jscan.h"
#include "load_int.h"

enum { BLOCK = 1 << 16 };

struct copy {
    gzFile from;
    FILE *to;
    const char *path, *to_path;
    unsigned char block[BLOCK];
};

static bool copy_open(struct copy *c, const char *path, const char *to, struct err *err)
{
    c->path = path;
    c->to_path = to;
    c->to = NULL;
    c->from = gzopen(path, "rbe");
    if (!c->from)
        return err_errno(err, "cannot open", path);
    c->to = fopen(to, "wbe");
    return c->to || err_errno(err, "cannot write", to);
}

static bool copy_close(struct copy *c, bool ok, struct err *err)
{
    int code = Z_OK;
    if (c->from) {
        const char *why = gzerror(c->from, &code);
        if (ok && code != Z_OK && code != Z_STREAM_END)
            ok = err_set(err, ERR_PARTIAL, "cannot read '%s': the gzip data is damaged or cut short (%s)",
                         c->path, why);
        gzclose(c->from);
    }
    if (c->to && (ferror(c->to) | fclose(c->to)) && ok)
        ok = err_errno(err, "cannot write", c->to_path);
    return ok;
}

/* ---- Text ---- */

/* Characters go out one by one; a sequence cut by a block's end waits in `rest`. */
struct decoder {
    enum text_encoding encoding;
    unsigned char rest[4];
    size_t nrest;
    uint32_t high; /* first half of a UTF-16 pair */
    int64_t replaced;
    bool started;
};

static void put_char(FILE *to, uint32_t cp)
{
    char bytes[4];
    fwrite(bytes, 1, utf8_put(bytes, cp), to);
}

static void take_unit(struct decoder *d, FILE *to, uint32_t u)
{
    if (d->high && u >= 0xDC00 && u <= 0xDFFF) {
        put_char(to, 0x10000 + ((d->high & 0x3FF) << 10) + (u & 0x3FF));
        d->high = 0;
        return;
    }
    if (d->high) {
        put_char(to, 0xFFFD);
        d->replaced++;
        d->high = 0;
    }
    if (u >= 0xD800 && u <= 0xDBFF) {
        d->high = u;
    } else if (u >= 0xDC00 && u <= 0xDFFF) {
        put_char(to, 0xFFFD);
        d->replaced++;
    } else if (u != 0xFEFF || d->started) {
        put_char(to, u);
    }
    d->started = true;
}

/* Bytes a UTF-8 lead byte announces. */
static size_t sequence_length(unsigned char c)
{
    return c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static size_t decode_some(struct decoder *d, FILE *to, const unsigned char *p, size_t n, bool last)
{
    size_t i = 0;
    if (d->encoding != ENC_UTF8) {
        for (; i + 1 < n; i += 2)
            take_unit(d, to,
                      d->encoding == ENC_UTF16BE ? (uint32_t)p[i] << 8 | p[i + 1]
                                                 : (uint32_t)p[i + 1] << 8 | p[i]);
        return i;
    }
    struct str s = { (const char *)p, n };
    while (i < n && (last || i + sequence_length(p[i]) <= n)) {
        size_t from = i;
        uint32_t cp = utf8_next(s, &i);
        if (cp != UTF8_BAD) {
            fwrite(p + from, 1, i - from, to);
            continue;
        }
        put_char(to, 0xFFFD);
        d->replaced++;
    }
    return i;
}

bool clean_text(const char *path, const char *to, enum text_encoding encoding, int64_t *replaced,
                struct err *err)
{
    struct copy c;
    struct decoder d = { .encoding = encoding };
    bool ok = copy_open(&c, path, to, err);
    int n = 0;
    while (ok && (n = gzread(c.from, c.block + d.nrest, (unsigned)(BLOCK - d.nrest))) > 0) {
        size_t have = d.nrest + (size_t)n;
        size_t used = decode_some(&d, c.to, c.block, have, false);
        d.nrest = have - used;
        memmove(c.block, c.block + used, d.nrest);
    }
    if (ok)
        decode_some(&d, c.to, c.block, d.nrest, true);
    *replaced = d.replaced;
    return copy_close(&c, ok, err);
}

/* ---- JSON ---- */

/*
 * Splits a stream of values. Level 0 holds whole values; inside an array at the top its elements are the values. An
 * object at the top is gathered whole and opened when it is an envelope around rows.
 */
struct splitter {
    struct buf value;
    size_t depth;
    bool in_string, escaped, in_array;
    FILE *to;
    bool too_long;
};

enum { VALUE_MAX = 1 << 30 };

static void write_line(struct splitter *s, struct str value)
{
    struct buf line = BUF_INIT;
    if (!json_compact(&line, value)) { /* for the reader to count: not JSON, on one line */
        buf_clear(&line);
        for (size_t i = 0; i < value.n; i++)
            buf_putc(&line, value.p[i] == '\n' || value.p[i] == '\r' ? ' ' : value.p[i]);
    }
    if (line.n) {
        fwrite(line.p, 1, line.n, s->to);
        fputc('\n', s->to);
    }
    buf_free(&line);
}

static void write_rows(struct splitter *s, struct str rows)
{
    struct jiter it;
    struct str row;
    if (jiter_begin(&it, rows))
        while (jiter_next(&it, NULL, &row))
            write_line(s, row);
}

/* A reply of Log Analytics: rows are arrays, names stand beside them. */
static void write_table(struct splitter *s, struct str table)
{
    struct str columns, rows, row, cell, column, name;
    struct jiter it, cells, heads;
    if (!json_member(table, STR("columns"), &columns) || !json_member(table, STR("rows"), &rows) ||
        !jiter_begin(&it, rows))
        return;
    struct buf line = BUF_INIT;
    while (jiter_next(&it, NULL, &row)) {
        buf_clear(&line);
        if (!jiter_begin(&cells, row) || !jiter_begin(&heads, columns))
            continue;
        while (jiter_next(&cells, NULL, &cell) && jiter_next(&heads, NULL, &column))
            if (json_member(column, STR("name"), &name)) {
                buf_putc(&line, line.n ? ',' : '{');
                buf_str(&line, name);
                buf_putc(&line, ':');
                buf_str(&line, cell);
            }
        buf_puts(&line, line.n ? "}" : "{}");
        write_line(s, buf_view(&line));
    }
    buf_free(&line);
}

static void end_value(struct splitter *s)
{
    static const struct str envelopes[] = { STR_INIT("results"), STR_INIT("Results"), STR_INIT("value"),
                                            STR_INIT("records") };
    struct str value = str_trim(buf_view(&s->value)), rows, table;
    bool done = value.n == 0;
    if (!done && !s->in_array && json_member(value, STR("tables"), &rows) && json_element(rows, 0, &table)) {
        write_table(s, table);
        done = true;
    }
    for (size_t i = 0; i < sizeof envelopes / sizeof *envelopes && !done && !s->in_array; i++)
        if (json_member(value, envelopes[i], &rows) && json_kind(rows) == '[') {
            write_rows(s, rows);
            done = true;
        }
    if (!done)
        write_line(s, value);
    buf_clear(&s->value);
}

static void take_string_byte(struct splitter *s, char c)
{
    buf_putc(&s->value, c);
    if (s->escaped)
        s->escaped = false;
    else if (c == '\\')
        s->escaped = true;
    else if (c == '"')
        s->in_string = false;
}

static void take_byte(struct splitter *s, char c)
{
    if (s->in_string) {
        take_string_byte(s, c);
        return;
    }
    if (s->depth == 0 && c == '[' && !s->in_array && s->value.n == 0) {
        s->in_array = true;
        return;
    }
    if (s->depth == 0 && (c == ',' || (s->in_array && c == ']') || (!s->in_array && c == '\n'))) {
        end_value(s);
        s->in_array = s->in_array && c != ']';
        return;
    }
    if (s->depth == 0 && s->value.n == 0 && strchr(" \t\r\n", c) && c)
        return;
    buf_putc(&s->value, c);
    s->in_string = c == '"';
    if (c == '{' || c == '[')
        s->depth++;
    else if ((c == '}' || c == ']') && s->depth > 0 && --s->depth == 0)
        end_value(s);
}

bool clean_json(const char *path, const char *to, struct err *err)
{
    struct copy c;
    struct splitter s = { 0 };
    s.value.max = VALUE_MAX;
    bool ok = copy_open(&c, path, to, err), first = true;
    s.to = c.to;
    int n = 0;
    while (ok && (n = gzread(c.from, c.block, BLOCK)) > 0) {
        int i = first && n >= 3 && memcmp(c.block, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        first = false;
        for (; i < n; i++)
            take_byte(&s, (char)c.block[i]);
        if (s.value.too_big)
            ok = err_set(err, ERR_RUN, "'%s': one JSON value is larger than %d bytes", path, VALUE_MAX);
    }
    if (ok)
        end_value(&s);
    buf_free(&s.value);
    return copy_close(&c, ok, err);
}
