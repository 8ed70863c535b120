/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every hostile text in every place where a report can show a text: it is there, whole and visible, in HTML, Markdown and
 * PDF, in metadata and outline; nothing of it is live.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/report/doc.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/utf8.h"
#include "report_places.h"

extern char **environ;

/* What of a text must be seen: by the display rule, without white space; in a listing without its line breaks. */
static struct str seen(struct arena *a, struct str s, unsigned flags)
{
    struct buf b = BUF_INIT, out = BUF_INIT;
    if (flags & PLACE_ONE_LINE) {
        for (size_t i = 0; i < s.n; i++)
            if (s.p[i] != '\n')
                buf_putc(&b, s.p[i]);
        utf8_show(&out, buf_view(&b));
    } else if (flags & PLACE_LINES) {
        for (size_t i = 0; i < s.n; i++)
            if (s.p[i] != '\n' && s.p[i] != '\t' && !(s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n'))
                buf_putc(&b, s.p[i]);
        utf8_show(&out, buf_view(&b));
    } else {
        utf8_show(&out, s);
    }
    buf_clear(&b);
    for (size_t i = 0; i < out.n; i++)
        if (!strchr(" \n\r\t\f", out.p[i]))
            buf_putc(&b, out.p[i]);
    struct str shown = buf_to_arena(&b, a);
    buf_free(&b);
    buf_free(&out);
    return shown;
}

static struct str squeezed(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] && !strchr(" \n\r\t\f", s.p[i]))
            buf_putc(&b, s.p[i]);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

/* Text of a page: tags away, entities decoded. test_html reads more strictly. */
static struct str text_of_html(struct arena *a, struct str page)
{
    static const struct {
        struct str entity;
        char c;
    } entities[] = { { STR_INIT("&amp;"), '&' },
                     { STR_INIT("&lt;"), '<' },
                     { STR_INIT("&gt;"), '>' },
                     { STR_INIT("&quot;"), '"' },
                     { STR_INIT("&#39;"), '\'' } };
    struct buf b = BUF_INIT;
    size_t body = str_find(page, STR("</style>"), 0);
    assert_true(body != SIZE_MAX);
    for (size_t i = 0; i < page.n;) {
        if (page.p[i] == '<') {
            i = i < body && str_starts(str_sub(page, i, page.n), STR("<style>")) ? body
                                                                                 : str_chr(page, '>', i) + 1;
            continue;
        }
        size_t k = 0;
        while (k < 5 && !str_starts(str_sub(page, i, page.n), entities[k].entity))
            k++;
        buf_putc(&b, k < 5 ? entities[k].c : page.p[i]);
        i += k < 5 ? entities[k].entity.n : 1;
    }
    struct str text = squeezed(a, buf_view(&b));
    buf_free(&b);
    return text;
}

static void put_prose(struct buf *out, struct prose p)
{
    for (size_t i = 0; i < p.n; i++)
        buf_str(out, p.runs[i].text);
}

static void put_nodes(struct buf *out, const struct doc_node *parent)
{
    for (const struct doc_node *n = parent->first; n; n = n->next) {
        if (n->kind == DOC_PARA)
            put_prose(out, n->u.para);
        if (n->kind == DOC_HEADING)
            put_prose(out, n->u.heading.text);
        if (n->kind == DOC_LISTING)
            buf_str(out, n->u.listing.text);
        if (n->kind == DOC_TABLE) {
            const struct doc_table *t = &n->u.table;
            for (size_t i = 0; i < t->ncolumns; i++)
                buf_str(out, t->columns[i].title);
            for (size_t i = 0; t->prose && i < t->rows->nrows * t->ncolumns; i++)
                put_prose(out, t->prose[i]);
        }
        put_nodes(out, n);
    }
}

/* What a reader of Markdown sees. */
static struct str text_of_md(struct arena *a, struct str page)
{
    struct buf b = BUF_INIT;
    struct doc_node *root = doc_add(a, NULL, DOC_ROOT);
    md_build(a, root, &(struct record_prose){ .markdown = page });
    put_nodes(&b, root);
    struct str text = squeezed(a, buf_view(&b));
    buf_free(&b);
    return text;
}

static void must_show(struct arena *a, struct str text, const struct place *p, const char *output)
{
    struct str want = seen(a, p->text, p->flags);
    if (str_find(text, want, 0) != SIZE_MAX)
        return;
    size_t at = str_find(text, str_sub(want, 0, 6), 0);
    fail_msg("%s, %s: '%.*s' is not there, but '%.*s'", output, p->name, STR_ARG(want),
             at == SIZE_MAX ? 0 : 120, at == SIZE_MAX ? "" : text.p + at);
}

static void in_html_and_markdown(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < fixture_nhostile; shift++) {
        struct arena *a = arena_new(0, "test");
        struct place places[PLACES_MAX];
        size_t n;
        struct buf html = BUF_INIT, md = BUF_INIT;
        struct err err = ERR_INIT;
        const struct doc *d = doc_build(a, fixture_places(a, shift, places, &n), NULL);
        assert_true(report_html(&html, d, &err) && report_md(&md, d, &err));
        struct str text = text_of_html(a, buf_view(&html)), markdown = text_of_md(a, buf_view(&md));
        for (size_t i = 0; i < n; i++) {
            must_show(a, text, &places[i], "HTML");
            if (!(places[i].flags & PLACE_DRAWN))
                must_show(a, markdown, &places[i], "Markdown");
        }
        buf_free(&html);
        buf_free(&md);
        arena_free(a);
    }
}

static bool run(const char *const *argv)
{
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0) {
        printf("skipped: %s is not installed\n", argv[0]);
        return false;
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return true;
}

/* A text string of PDF: the shown text in UTF-16. */
static struct str utf16(struct arena *a, struct str s)
{
    struct buf shown = BUF_INIT, b = BUF_INIT;
    utf8_show(&shown, s);
    for (size_t i = 0; i < shown.n;) {
        uint32_t cp = utf8_next(buf_view(&shown), &i);
        if (cp >= 0x10000)
            buf_printf(&b, "%04x%04x", 0xD800 + ((cp - 0x10000) >> 10), 0xDC00 + ((cp - 0x10000) & 0x3FF));
        else
            buf_printf(&b, "%04x", cp);
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&shown);
    buf_free(&b);
    return out;
}

/* Letters that run from right to left are drawn in the order of the data; extractors turn them round. */
static bool right_to_left(struct str s)
{
    struct buf shown = BUF_INIT;
    bool is = false;
    utf8_show(&shown, s);
    for (size_t i = 0; i < shown.n && !is;) {
        uint32_t cp = utf8_next(buf_view(&shown), &i);
        is = cp >= 0x590 && cp <= 0x8FF;
    }
    buf_free(&shown);
    return is;
}

/* Lines of a listing are numbered, so each is looked for by itself. */
static void must_show_lines(struct arena *a, struct str text, const struct place *p)
{
    for (size_t from = 0, to = 0; from <= p->text.n; from = to + 1) {
        struct place line = *p;
        to = p->flags & PLACE_LINES ? str_chr(p->text, '\n', from) : p->text.n;
        line.text = str_sub(p->text, from, to > from && p->text.p[to - 1] == '\r' ? to - 1 : to);
        must_show(a, text, &line, "PDF");
    }
}

/* The text of all pages, and again without what stands at their head and foot: a text may go on over a page. False: no pdftotext. */
static bool text_of_pdf(struct arena *a, const char *path, const char *out, struct str *text)
{
    const char *const whole[] = { "pdftotext", "-raw", path, out, NULL };
    const char *const body[] = { "pdftotext", "-raw", "-x",  "0",  "-y", "60", "-W",
                                 "900",       "-H",   "714", path, out,  NULL };
    struct str pages, bodies;
    struct err err = ERR_INIT;
    if (!run(whole))
        return false;
    assert_true(fs_read(a, out, 64 << 20, &pages, &err));
    assert_true(run(body));
    assert_true(fs_read(a, out, 64 << 20, &bodies, &err));
    *text = arena_strf(a, "%.*s%.*s", STR_ARG(squeezed(a, pages)), STR_ARG(squeezed(a, bodies)));
    return true;
}

static void in_pdf(void **state)
{
    (void)state;
    char *dir;
    struct arena *all = arena_new(0, "test");
    struct err err = ERR_INIT;
    assert_true(fs_temp_dir(all, &dir, &err));
    char *path = fs_join(all, dir, "a.pdf"), *out = fs_join(all, dir, "text");
    for (size_t shift = 0; shift < fixture_nhostile; shift++) {
        struct arena *a = arena_new(0, "test");
        struct place places[PLACES_MAX];
        struct str pdf, text;
        size_t n;
        const struct doc *d = doc_build(a, fixture_places(a, shift, places, &n),
                                        &(struct doc_options){ .rows = 6, .pdf = REPORT_PDF_A1B });
        if (!report_pdf(d, NULL, path, &err))
            fail_msg("%s", err.text);
        if (!text_of_pdf(a, path, out, &text)) {
            arena_free(a);
            break;
        }
        assert_true(fs_read(a, path, 64 << 20, &pdf, &err));
        for (size_t i = 0; i < n; i++) {
            const struct place *p = &places[i];
            if (!(p->flags & (PLACE_HOVER | PLACE_ALT)) && !right_to_left(p->text))
                must_show_lines(a, text, p);
            if (p->flags & (PLACE_TITLE | PLACE_OUTLINE | PLACE_ALT) &&
                str_find(pdf, utf16(a, p->text), 0) == SIZE_MAX)
                fail_msg("%s is not in the metadata, outline or tags", p->name);
        }
        arena_free(a);
    }
    fs_remove_tree(dir, &err);
    arena_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(in_html_and_markdown), cmocka_unit_test(in_pdf) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
