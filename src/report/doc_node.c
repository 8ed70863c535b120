/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes, prose and cells: the small pieces that builders put together and writers take apart.
 */
#include "doc_int.h"

#include <assert.h>
#include <string.h>

#include "hb/ticks.h"
#include "hb/utf8.h"
#include "hb/vec.h"

/* -- prose -- */

void pb_init(struct pb *p, struct arena *a)
{
    *p = (struct pb){ .a = a };
}

static void pb_flush(struct pb *p)
{
    if (p->text.n == 0)
        return;
    *VEC_PUSH(p->a, p->runs, p->n, p->cap) =
        (struct run){ .text = buf_to_arena(&p->text, p->a), .flags = p->flags, .href = p->href };
    buf_clear(&p->text);
}

void pb_add(struct pb *p, struct str text, unsigned flags, struct str href)
{
    if (text.n == 0)
        return;
    /* Values stay apart: each is isolated on its own. */
    if (flags != p->flags || !str_eq(href, p->href) || (flags & RUN_VALUE))
        pb_flush(p);
    p->flags = flags;
    p->href = href;
    buf_str(&p->text, text);
}

void pb_z(struct pb *p, const char *text)
{
    pb_add(p, str_z(text), 0, STR(""));
}

void pb_str(struct pb *p, struct str value)
{
    pb_add(p, value, RUN_VALUE, STR(""));
}

void pb_code(struct pb *p, struct str value)
{
    pb_add(p, value, RUN_VALUE | RUN_CODE, STR(""));
}

void pb_count(struct pb *p, int64_t n)
{
    struct buf b = BUF_INIT;
    doc_put_count(&b, n);
    pb_add(p, buf_view(&b), 0, STR(""));
    buf_free(&b);
}

void pb_break(struct pb *p)
{
    pb_flush(p);
    *VEC_PUSH(p->a, p->runs, p->n, p->cap) = (struct run){ .flags = RUN_BREAK };
}

struct prose pb_end(struct pb *p)
{
    pb_flush(p);
    buf_free(&p->text);
    return (struct prose){ p->runs, p->n };
}

struct prose prose_text(struct arena *a, struct str text, unsigned flags)
{
    struct pb p;
    pb_init(&p, a);
    pb_add(&p, text, flags, STR(""));
    return pb_end(&p);
}

struct str prose_plain(struct arena *a, struct prose p)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < p.n; i++)
        buf_str(&b, p.runs[i].flags & RUN_BREAK ? STR(" ") : p.runs[i].text);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

/* -- nodes -- */

struct doc_node *doc_add(struct arena *a, struct doc_node *parent, enum doc_kind kind)
{
    struct doc_node *n = ARENA_NEW(a, struct doc_node);
    n->kind = kind;
    if (parent) {
        if (parent->last)
            parent->last->next = n;
        else
            parent->first = n;
        parent->last = n;
    }
    return n;
}

struct doc_node *b_section(struct builder *b, struct doc_node *parent, int level, const char *title,
                           const char *anchor)
{
    struct doc_node *n = doc_add(b->a, parent, DOC_SECTION);
    n->u.section = (struct doc_section){
        .level = level, .title = str_z(title), .anchor = str_z(anchor), .in_contents = true
    };
    return n;
}

struct doc_node *b_para(struct builder *b, struct doc_node *parent, struct prose text)
{
    struct doc_node *n = doc_add(b->a, parent, DOC_PARA);
    n->u.para = text;
    return n;
}

struct doc_node *b_para_z(struct builder *b, struct doc_node *parent, const char *text)
{
    return b_para(b, parent, prose_text(b->a, str_z(text), 0));
}

struct doc_node *b_callout(struct builder *b, struct doc_node *parent, enum doc_tone tone, const char *label,
                           struct str title)
{
    struct doc_node *n = doc_add(b->a, parent, DOC_CALLOUT);
    n->u.callout = (struct doc_callout){ .tone = tone, .label = str_z(label), .title = title };
    return n;
}

struct doc_node *b_list(struct builder *b, struct doc_node *parent, const struct str *items, size_t n)
{
    if (n == 0)
        return NULL;
    struct doc_node *list = doc_add(b->a, parent, DOC_LIST);
    list->u.list = (struct doc_list){ .tight = true, .start = 1 };
    for (size_t i = 0; i < n; i++)
        b_para(b, doc_add(b->a, list, DOC_ITEM), prose_text(b->a, items[i], RUN_VALUE));
    return list;
}

void b_pair(struct builder *b, struct doc_node *pairs, const char *name, struct prose value)
{
    struct doc_pairs *p = &pairs->u.pairs;
    size_t cap = p->n;
    *VEC_PUSH(b->a, p->items, p->n, cap) = (struct doc_pair){ .name = str_z(name), .value = value };
}

void b_pair_str(struct builder *b, struct doc_node *pairs, const char *name, struct str value)
{
    if (value.n)
        b_pair(b, pairs, name, prose_text(b->a, value, RUN_VALUE));
}

/* -- tables of our own -- */

struct doc_table *b_table(struct builder *b, struct doc_node *parent, const char *caption,
                          const struct b_column *cols, size_t ncols, size_t nrows)
{
    struct doc_table *t = &doc_add(b->a, parent, DOC_TABLE)->u.table;
    struct table *rows = table_new(b->a, ncols, nrows);
    t->number = ++b->tables;
    t->caption = str_z(caption);
    t->columns = ARENA_ARRAY(b->a, ncols, struct doc_column);
    t->ncolumns = ncols;
    for (size_t i = 0; i < ncols; i++) {
        bool number = cols[i].style == COLUMN_GROUPED;
        t->columns[i] = (struct doc_column){ .title = str_z(cols[i].title), .style = cols[i].style };
        if (str_ends(t->columns[i].title, STR("(UTC)")))
            t->columns[i].type = HB_DATETIME; /* a time is set on one line */
        table_set_column(rows, i, t->columns[i].title, number ? HB_LONG : HB_STRING);
        for (size_t row = 0; number && row < nrows; row++)
            column_set_null(rows, i, row);
    }
    t->rows = rows;
    t->show = nrows;
    t->total = (int64_t)nrows;
    t->cell_bytes = b->opt.cell_bytes;
    return t;
}

void b_set(struct doc_table *t, size_t row, size_t col, struct str text)
{
    assert(t->rows->cols[col].type == HB_STRING && row < t->rows->nrows);
    t->rows->cols[col].v.s[row] = text;
}

void b_set_z(struct doc_table *t, size_t row, size_t col, const char *text)
{
    b_set(t, row, col, str_z(text));
}

void b_set_count(struct doc_table *t, size_t row, size_t col, int64_t n)
{
    const struct column *c = &t->rows->cols[col];
    assert(c->type == HB_LONG && row < t->rows->nrows);
    if (n < 0)
        return;
    c->v.i[row] = n;
    c->null[row] = 0;
}

/* -- cells of a table -- */

void doc_put_count(struct buf *out, int64_t n)
{
    char digits[32];
    struct buf b = BUF_INIT;
    buf_i64(&b, n);
    size_t len = b.n;
    memcpy(digits, b.p, len);
    buf_free(&b);
    size_t sign = digits[0] == '-';
    buf_put(out, digits, sign);
    for (size_t i = sign; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0)
            buf_putc(out, ',');
        buf_putc(out, digits[i]);
    }
}

struct str doc_cut(struct str s, size_t limit)
{
    if (limit == 0 || s.n <= limit)
        return s;
    size_t end = limit;
    for (int back = 0; back < 3 && end > 0 && ((unsigned char)s.p[end] & 0xC0) == 0x80; back++)
        end--;
    return str_sub(s, 0, end);
}

bool doc_cell(struct buf *out, const struct doc_table *t, size_t row, size_t col, size_t limit, size_t *whole)
{
    const struct column *c = &t->rows->cols[col];
    *whole = 0;
    if (column_is_null(c, row))
        return false;
    if (hb_type_is_text(c->type)) {
        *whole = c->v.s[row].n;
        buf_str(out, doc_cut(c->v.s[row], limit));
    } else if (t->columns[col].style == COLUMN_GROUPED && (c->type == HB_LONG || c->type == HB_INT)) {
        doc_put_count(out, c->v.i[row]);
    } else {
        cell_put_human(out, c, row);
    }
    return true;
}

void doc_table_shown(struct buf *out, const struct doc_table *t, size_t shown)
{
    if ((int64_t)shown >= t->total)
        return;
    buf_puts(out, "first ");
    doc_put_count(out, (int64_t)shown);
    buf_puts(out, " of ");
    doc_put_count(out, t->total);
    buf_puts(out, " rows");
    if (t->evidence.n) {
        buf_puts(out, "; all are in ");
        buf_str(out, t->evidence);
    }
}

/* -- words -- */

static const struct {
    const char *word;
    enum doc_mark mark;
} marks[] = {
    { "ok", MARK_OK },
    { "passed", MARK_OK },
    { "completed", MARK_OK },
    { "set", MARK_OK },
    { "done", MARK_OK },
    { "not met", MARK_OK },
    { "informational", MARK_INFO },
    { "low", MARK_INFO },
    { "note", MARK_INFO },
    { "skipped", MARK_INFO },
    { "not run", MARK_WARNING },
    { "review", MARK_WARNING },
    { "medium", MARK_WARNING },
    { "warn", MARK_WARNING },
    { "warning", MARK_WARNING },
    { "interrupted", MARK_WARNING },
    { "not evaluated", MARK_WARNING },
    { "appeared", MARK_BAD },
    { "closed", MARK_OK },
    { "not looked at", MARK_WARNING },
    { "high", MARK_BAD },
    { "failed", MARK_BAD },
    { "fail", MARK_BAD },
    { "missing", MARK_BAD },
};

enum doc_mark doc_mark_of(struct str word)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_eq_nocase(word, str_z(marks[i].word)))
            return marks[i].mark;
    return MARK_NONE;
}

const char *doc_tone_word(enum doc_tone tone)
{
    static const char *const words[] = { "note", "ok", "warning", "problem", "finding", "conclusion" };
    return words[tone];
}

struct str b_time(struct arena *a, int64_t ticks)
{
    struct buf b = BUF_INIT;
    /* Seconds are enough for people; the record keeps the rest. */
    ticks_put_human(&b, ticks - ticks % TICKS_SEC);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

struct str b_duration(struct arena *a, int64_t us)
{
    if (us < 1000)
        return arena_strf(a, "%lld \xc2\xb5s", (long long)us);
    if (us < 1000000)
        return arena_strf(a, "%lld.%lld ms", (long long)(us / 1000), (long long)(us / 100 % 10));
    int64_t s = us / 1000000;
    if (s < 60)
        return arena_strf(a, "%lld.%02lld s", (long long)s, (long long)(us / 10000 % 100));
    if (s < 3600)
        return arena_strf(a, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
    return arena_strf(a, "%lld h %lld min", (long long)(s / 3600), (long long)(s / 60 % 60));
}

struct str b_join(struct arena *a, const struct str *items, size_t n, const char *sep)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_puts(&b, sep);
        buf_str(&b, items[i]);
    }
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static bool is_unreserved(char c)
{
    return char_is_alnum(c) || (c && strchr("-._~:/?#[]@!$&()*+,;=%", c));
}

struct str doc_safe_href(struct arena *a, struct str url)
{
    static const struct str schemes[] = { STR_INIT("http://"), STR_INIT("https://"), STR_INIT("mailto:") };
    bool allowed = false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        allowed = allowed ||
                  (url.n > schemes[i].n && str_eq_nocase(str_sub(url, 0, schemes[i].n), schemes[i]));
    if (!allowed || url.n > 2000)
        return STR("");
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < url.n; i++) {
        char c = url.p[i];
        if (is_unreserved(c))
            buf_putc(&b, c);
        else
            buf_printf(&b, "%%%02X", (unsigned char)c);
    }
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

void b_note(struct builder *b, struct doc_node *parent, const struct record_cell *c)
{
    md_build(b->a, parent, &(struct record_prose){ .markdown = c->note.text });
    struct pb p;
    pb_init(&p, b->a);
    pb_str(&p, c->note.author.n ? c->note.author : STR("author not recorded"));
    if (c->note.time) {
        pb_z(&p, ", ");
        pb_str(&p, b_time(b->a, c->note.time));
    }
    b_para(b, parent, pb_end(&p));
}
