/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile text -> clean runs that fit a width.
 *
 * Invariant: what leaves this file is valid UTF-8 without anything the display rule hides; what was hidden is
 * an escape run. Neighbouring runs differ in kind and none is empty, so a drawing has one form only.
 */
#include "chart_int.h"

#include <string.h>

#include "hb/utf8.h"
#include "hb/vec.h"

/* Advance widths of a common sans serif in 1/1000 em, from U+0020. */
static const uint16_t ascii_width[95] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584,
};

/* Browsers choose their own sans serif; the widest common ones are about this much wider. */
static const double safety = 1.12;

static double default_width(struct str s, double size)
{
    double sum = 0;
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = utf8_next(s, &i);
        if (cp >= ' ' && cp <= '~')
            sum += ascii_width[cp - ' '];
        else
            sum += utf8_width(cp) == 2 ? 1000 : utf8_width(cp) == 0 ? 0 : 620;
    }
    return sum * safety * size / 1000;
}

double text_width(const struct text_metrics *m, struct str clean, double size)
{
    return m && m->width ? m->width(m->ctx, clean, size) : default_width(clean, size);
}

/* One code point or one escape. */
struct unit {
    struct str text;
    bool escape;
    double width;
};

struct units {
    struct unit *items;
    size_t n, cap;
    double width;
};

static void add_unit(struct arena *a, const struct text_metrics *m, struct units *u, struct str text,
                     bool escape, double size)
{
    struct unit *unit = VEC_PUSH(a, u->items, u->n, u->cap);
    *unit = (struct unit){ escape ? arena_str(a, text) : text, escape, text_width(m, text, size) };
    u->width += unit->width;
}

static void add_units(struct arena *a, const struct text_metrics *m, struct units *u, struct str raw,
                      double size)
{
    struct utf8_runs runs = { .s = raw };
    struct str text;
    bool escape;
    while (utf8_next_run(&runs, &text, &escape)) {
        if (escape) {
            add_unit(a, m, u, text, true, size);
            continue;
        }
        for (size_t i = 0; i < text.n;) {
            size_t from = i;
            utf8_next(text, &i);
            add_unit(a, m, u, str_sub(text, from, i), false, size);
        }
    }
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Megabytes need no measuring: their beginning and end decide how they look. */
static void split_ends(struct str raw, struct str *head, struct str *tail)
{
    enum { END_BYTES = 2048 };
    *head = raw;
    *tail = (struct str){ raw.p, 0 };
    if (raw.n <= 2 * END_BYTES)
        return;
    size_t cut = END_BYTES, from = raw.n - END_BYTES;
    while (cut > END_BYTES - 4 && is_continuation(raw.p[cut]))
        cut--;
    while (from < raw.n - END_BYTES + 4 && is_continuation(raw.p[from]))
        from++;
    *head = str_sub(raw, 0, cut);
    *tail = str_sub(raw, from, raw.n);
}

/* Joins units [from, to) to the runs of the label. */
static void append_runs(struct arena *a, struct text_run *runs, size_t *n, const struct unit *units,
                        size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (*n && runs[*n - 1].escape == units[i].escape)
            runs[*n - 1].text = arena_strf(a, "%.*s%.*s", STR_ARG(runs[*n - 1].text), STR_ARG(units[i].text));
        else
            runs[(*n)++] = (struct text_run){ units[i].text, units[i].escape };
    }
}

static const struct str ellipsis = STR_INIT("\xe2\x80\xa6");

struct label label_make(struct arena *a, const struct text_metrics *m, struct str raw, double size,
                        double max_width)
{
    struct arena *scratch = arena_new(0, "a label");
    struct str head, tail;
    struct units u = { 0 };
    if (raw.n == 0)
        raw = STR("(empty)");
    split_ends(raw, &head, &tail);
    add_units(scratch, m, &u, head, size);
    size_t middle = u.n;
    add_units(scratch, m, &u, tail, size);

    size_t from = u.n, to = u.n; /* units [from, to) are left out */
    double width = u.width, dots = text_width(m, ellipsis, size);
    bool cut = tail.n > 0 || width > max_width;
    if (cut) {
        from = to = tail.n ? middle : u.n / 2;
        width += dots;
        while (width > max_width && to - from < u.n) {
            /* Take from the longer side, so that both ends stay readable. */
            if (from >= u.n - to && from > 0)
                width -= u.items[--from].width;
            else
                width -= u.items[to++].width;
        }
    }
    struct text_run *runs = ARENA_ARRAY(a, u.n + 1, struct text_run);
    struct unit mark = { ellipsis, false, dots };
    size_t n = 0;
    append_runs(scratch, runs, &n, u.items, 0, from);
    if (cut)
        append_runs(scratch, runs, &n, &mark, 0, 1);
    append_runs(scratch, runs, &n, u.items, to, u.n);
    for (size_t i = 0; i < n; i++)
        runs[i].text = arena_str(a, runs[i].text);
    struct label out = { runs, n, width, { "", 0 } };
    if (cut)
        out.tip = clean_str(a, raw, 400);
    arena_free(scratch);
    return out;
}

void put_clean(struct buf *b, struct str raw, size_t most)
{
    struct utf8_runs runs = { .s = raw };
    struct str text;
    bool escape, cut = false;
    size_t used = 0;
    while (!cut && utf8_next_run(&runs, &text, &escape)) {
        size_t i = escape && used + text.n <= most ? text.n : 0;
        used += i;
        while (!escape && i < text.n && used < most) {
            utf8_next(text, &i);
            used++;
        }
        buf_put(b, text.p, i);
        cut = i < text.n;
    }
    if (cut)
        buf_str(b, ellipsis);
}

struct str clean_str(struct arena *a, struct str raw, size_t most)
{
    struct buf b = BUF_INIT;
    put_clean(&b, raw, most);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}
