/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PDF report as a file: the same bytes whatever the surroundings, nothing active, every text to be had back, and what the
 * checkers of PDF say of it where they are installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/report/doc.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/sha256.h"
#include "hb/utf8.h"
#include "report_fixture.h"

extern char **environ;

enum { FILE_LIMIT = 64 << 20 };

struct fixture {
    struct arena *a;
    char *dir;
};

static int set_up(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    struct err err = ERR_INIT;
    assert_non_null(x);
    x->a = arena_new(0, "test");
    assert_true(fs_temp_dir(x->a, &x->dir, &err));
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    struct err err = ERR_INIT;
    fs_remove_tree(x->dir, &err);
    arena_free(x->a);
    free(x);
    return 0;
}

static char *render(struct fixture *x, const struct record *r, const char *name, size_t rows)
{
    struct err err = ERR_INIT;
    char *path = fs_join(x->a, x->dir, name);
    const struct doc *d = doc_build(x->a, r, &(struct doc_options){ .rows = rows, .pdf = REPORT_PDF_A1B });
    if (!report_pdf(d, NULL, path, &err))
        fail_msg("%s", err.text);
    return path;
}

static struct str contents(struct fixture *x, const char *path)
{
    struct str s;
    struct err err = ERR_INIT;
    assert_true(fs_read(x->a, path, FILE_LIMIT, &s, &err));
    return s;
}

/* Runs a program with its output in a file; -1 when it is not installed. */
static int run(const char *const *argv, const char *output)
{
    posix_spawn_file_actions_t files;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    int failed = posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed) {
        printf("skipped: %s is not installed\n", argv[0]);
        return -1;
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static bool has(struct str s, const char *needle)
{
    return str_find(s, str_z(needle), 0) != SIZE_MAX;
}

static void same_bytes_everywhere(void **state)
{
    struct fixture *x = *state;
    struct str a = contents(x, render(x, fixture_record(x->a), "a.pdf", 0));
    setenv("TZ", "Pacific/Kiritimati", 1);
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    tzset();
    setlocale(LC_ALL, "de_DE.UTF-8");
    struct str b = contents(x, render(x, fixture_record(x->a), "b.pdf", 0));
    setlocale(LC_ALL, "C");
    unsetenv("TZ");
    unsetenv("SOURCE_DATE_EPOCH");
    tzset();
    assert_true(a.n > 10000 && str_eq(a, b));
}

static void nothing_active(void **state)
{
    struct fixture *x = *state;
    static const char *const never[] = { "/JavaScript", "/JS",         "/Launch",     "/OpenAction",
                                         "/AA",         "/SubmitForm", "/GoToR",      "/EmbeddedFile",
                                         "/Encrypt",    "/AcroForm",   "(javascript", "(file:" };
    struct str pdf = contents(x, render(x, fixture_hostile_record(x->a), "hostile.pdf", 0));
    assert_true(str_starts(pdf, STR("%PDF-1.4\n")));
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(has(pdf, never[i]));
    for (size_t at = 0; (at = str_find(pdf, STR("/URI ("), at)) != SIZE_MAX; at++) {
        struct str uri = str_sub(pdf, at + 6, at + 16);
        assert_true(str_starts(uri, STR("http://")) || str_starts(uri, STR("https://")) ||
                    str_starts(uri, STR("mailto:")));
    }
}

static void passes_the_checker(void **state)
{
    struct fixture *x = *state;
    const struct record *records[] = { fixture_record(x->a), fixture_hostile_record(x->a),
                                       fixture_empty_record(x->a), fixture_wide_record(x->a, 200) };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        char *path = render(x, records[i], "check.pdf", 200), *log = fs_join(x->a, x->dir, "log");
        int status = run((const char *[]){ "qpdf", "--check", path, NULL }, log);
        if (status < 0)
            return;
        if (status != 0)
            fail_msg("record %zu: %.*s", i, STR_ARG(contents(x, log)));
    }
}

/* What a person would mark and copy: as shown, with white space as the extractor likes. */
static struct str squeezed(struct fixture *x, struct str s)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(" \n\r\t\f", s.p[i]))
            buf_putc(&b, s.p[i]);
    struct str out = buf_to_arena(&b, x->a);
    buf_free(&b);
    return out;
}

static void text_comes_back(void **state)
{
    struct fixture *x = *state;
    char *path = render(x, fixture_record(x->a), "text.pdf", 0), *out = fs_join(x->a, x->dir, "text");
    if (run((const char *[]){ "pdftotext", "-raw", path, out, NULL }, fs_join(x->a, x->dir, "log")) < 0)
        return;
    struct str text = squeezed(x, contents(x, out));
    static const char *const shown[] = { "Anomalousprocessnetworkconnections",
                                         "TLP:AMBER+STRICT",
                                         "Page1of",
                                         "\\u{202E}fdp.exe",
                                         "\\xFF",
                                         "<script>alert(1)</script>",
                                         "\xf0\x9f\x98\x80",
                                         "\xf0\x9d\x90\x87",
                                         "\xed\x95\x9c\xea\xb8\x80",
                                         "\xe6\xbc\xa2\xe5\xad\x97",
                                         "Ren\303\251eD\303\273pont",
                                         "\xc7\x95" };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!has(text, shown[i]))
            fail_msg("not in the text of the PDF: %s", shown[i]);
    assert_true(utf8_valid(text));
    assert_false(has(text, "\xe2\x80\xae"));
    assert_false(has(text, "\x1b"));
}

/* Letters that run from right to left are drawn in the order of the data; extractors turn them round. */
static bool right_to_left(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = utf8_next(s, &i);
        if (cp >= 0x590 && cp <= 0x8FF)
            return true;
    }
    return false;
}

/* Every value of a long table is there. */
static void long_tables_are_whole(void **state)
{
    enum { ROWS = 700 };
    struct fixture *x = *state;
    char *path = render(x, fixture_wide_record(x->a, ROWS), "long.pdf", ROWS),
         *out = fs_join(x->a, x->dir, "text");
    if (run((const char *[]){ "pdftotext", "-raw", path, out, NULL }, fs_join(x->a, x->dir, "log")) < 0)
        return;
    struct str text = squeezed(x, contents(x, out));
    const struct table *t = NULL;
    const struct record *r = fixture_wide_record(x->a, ROWS);
    for (size_t c = 0; c < r->ncells; c++)
        for (size_t b = 0; b < r->cells[c].nblocks; b++)
            if (r->cells[c].blocks[b].kind == BLOCK_TABLE)
                t = r->cells[c].blocks[b].table.head;
    assert_non_null(t);
    struct buf b = BUF_INIT;
    for (size_t col = 0; col < t->ncols; col++)
        for (size_t row = 0; row < t->nrows; row++) {
            buf_clear(&b);
            cell_put_human(&b, &t->cols[col], row);
            struct buf seen = BUF_INIT;
            utf8_show(&seen, buf_view(&b));
            if (seen.n < 200 && !right_to_left(buf_view(&seen)) &&
                str_find(text, squeezed(x, buf_view(&seen)), 0) == SIZE_MAX)
                fail_msg("row %zu, column %zu is not in the PDF: %s", row, col, buf_z(&seen));
            buf_free(&seen);
        }
    buf_free(&b);
}

/* A chart that is there but cannot be read is not called absent, whatever was left out of it; an order is called one. */
static void says_why_a_chart_is_not_shown(void **state)
{
    struct fixture *x = *state;
    struct record *r = fixture_record(x->a);
    struct record_block *chart = NULL;
    for (size_t c = 0; c < r->ncells; c++)
        for (size_t b = 0; b < r->cells[c].nblocks; b++)
            if (r->cells[c].blocks[b].kind == BLOCK_CHART)
                chart = &r->cells[c].blocks[b];
    assert_non_null(chart);
    chart->chart.svg = STR("<svg>not ours</svg>");
    chart->chart.note = STR("2 further rows are not drawn");
    for (size_t pass = 0; pass < 2; pass++) {
        char *path = render(x, r, "chart.pdf", 0), *out = fs_join(x->a, x->dir, "text");
        if (run((const char *[]){ "pdftotext", "-raw", path, out, NULL }, fs_join(x->a, x->dir, "log")) < 0)
            return;
        struct str text = squeezed(x, contents(x, out));
        assert_int_equal(pass == 0, has(text, "Thechartcannotbeshownhere.Barsoffiveprocessnames"));
        assert_int_equal(pass == 1, has(text, "Thereisnochart."));
        assert_true(has(text, "2furtherrowsarenotdrawn"));
        assert_true(has(text, "Order:tiesinorderofTimeGenerated,thenRemoteIP."));
        assert_true(has(text, "Anexcerpt,atmost") && !has(text, "Order:Anexcerpt"));
        chart->chart.svg = chart->chart.file = STR("");
    }
}

/* -- every cell, by its tags -- */

/* Generated texts of all lengths: words, long words, several lines, other scripts, what must be escaped. */
static struct str made_up(struct arena *a, uint32_t *seed)
{
    static const char *const pieces[] = {
        "svchost.exe",
        " ",
        "\xf0\x9f\x98\x80",
        "C:\\Users\\Public\\",
        "\n",
        "aGVsbG8gd29ybGQ",
        "=",
        "  ",
        "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0",
        "\xe2\x80\xae",
        "\xe6\xbc\xa2\xe5\xad\x97",
        "<b>",
        "&amp;",
        "\t",
        "-enc ",
        "\\u{202E}",
        "\x1b[31m",
        "/",
        "(\xff)",
        "\xed\x95\x9c",
        "0123456789abcdef0123456789abcdef",
        "x",
        ", ",
        "e\xcc\x81",
    };
    enum { PIECES = sizeof pieces / sizeof *pieces };
    struct buf b = BUF_INIT;
    *seed = *seed * 1664525 + 1013904223;
    for (uint32_t n = *seed >> 24 & 63; n > 0; n--) {
        *seed = *seed * 1664525 + 1013904223;
        buf_puts(&b, pieces[(*seed >> 16) % PIECES]);
    }
    if ((*seed & 0xF000) == 0) /* now and then one that takes a page and more */
        for (int i = 0; i < 400; i++)
            buf_printf(&b, "%d", i * 7919);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static struct record *generated(struct fixture *x, size_t rows, size_t cols)
{
    struct record *r = fixture_empty_record(x->a);
    struct table *t = fixture_wide_record(x->a, rows)->cells[0].blocks[0].table.head;
    uint32_t seed = 20260115;
    struct column name = t->cols[2]; /* of text */
    t->cols = ARENA_ARRAY(x->a, cols, struct column);
    t->ncols = cols;
    for (size_t c = 0; c < cols; c++) {
        t->cols[c] = name;
        t->cols[c].name = arena_strf(x->a, "Column%zu", c + 1);
        t->cols[c].v.s = ARENA_ARRAY(x->a, rows, struct str);
        for (size_t i = 0; i < rows; i++)
            t->cols[c].v.s[i] = made_up(x->a, &seed);
    }
    struct record_cell *cell = ARENA_NEW(x->a, struct record_cell);
    *cell = fixture_wide_record(x->a, rows)->cells[0];
    cell->blocks[0].table.head = t;
    r->cells = cell;
    r->ncells = 1;
    return r;
}

/* The texts under tags of one role, in their order, without white space: what `pdfinfo -struct-text` prints below each. */
static size_t tagged(struct fixture *x, struct str tree, const char *role, struct str **out)
{
    struct buf b = BUF_INIT;
    struct str *all = ARENA_ARRAY(x->a, tree.n / 8 + 1, struct str);
    size_t n = 0;
    bool in = false;
    for (size_t at = 0; at < tree.n;) {
        size_t end = str_chr(tree, '\n', at), from = at;
        while (from < end && tree.p[from] == ' ')
            from++;
        struct str line = str_sub(tree, from, end);
        /* a line that is no text and no attribute is the next tag */
        if (line.n && line.p[0] != '"' && line.p[0] != '/') {
            if (in)
                all[n++] = squeezed(x, buf_view(&b));
            buf_clear(&b);
            in = str_starts(line, str_z(role)) && !str_starts(str_sub(line, strlen(role), line.n), STR("H"));
        } else if (in && line.n > 1 && line.p[0] == '"') {
            buf_str(&b, str_sub(line, 1, line.n - 1));
        }
        at = end + 1;
    }
    buf_free(&b);
    *out = all;
    return n;
}

/* What a cell of the PDF says of a value: all of it, or its beginning, its length and its hash. */
static struct str cell_says(struct fixture *x, struct str value)
{
    enum { CELL = 240 };
    struct buf b = BUF_INIT, shown = BUF_INIT;
    char hex[65];
    size_t n = value.n;
    if (n > CELL) {
        for (n = CELL; n > CELL - 4 && ((unsigned char)value.p[n] & 0xC0) == 0x80;)
            n--;
        sha256_hex(value, hex);
    }
    buf_str(&b, str_sub(value, 0, n));
    if (n < value.n) {
        buf_puts(&b, " \xE2\x80\xA6 [");
        doc_put_count(&b, (int64_t)utf8_count(value));
        buf_printf(&b, " characters, sha256 %.12s\xE2\x80\xA6]", hex);
    }
    utf8_show(&shown, buf_view(&b));
    struct str s = squeezed(x, buf_view(&shown));
    buf_free(&b);
    buf_free(&shown);
    return s;
}

/*
 * Every cell comes back by its tag, in its order, also when its row goes on over a page; and of what a cell has only the
 * beginning of, the whole stands in the appendix.
 */
static void every_cell_comes_back(void **state)
{
    enum { ROWS = 18, COLS = 4 };
    struct fixture *x = *state;
    struct record *r = generated(x, ROWS, COLS);
    const struct table *t = r->cells[0].blocks[0].table.head;
    char *path = render(x, r, "cells.pdf", ROWS), *out = fs_join(x->a, x->dir, "tree");
    if (run((const char *[]){ "pdfinfo", "-struct-text", path, NULL }, out) < 0)
        return;
    struct str tree = contents(x, out), *cells, *codes, head = STR("\"Column1\"");
    size_t table = str_find(tree, head, 0), wanted = 0, excerpts = 0;
    assert_true(table != SIZE_MAX);
    size_t n = tagged(x, str_sub(tree, table, tree.n), "TD", &cells);
    size_t ncodes = tagged(x, tree, "Code", &codes);
    assert_true(n >= ROWS * COLS);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t col = 0; col < COLS; col++, wanted++) {
            struct str value = t->cols[col].v.s[row], want = cell_says(x, value);
            if (!str_eq(cells[wanted], want))
                fail_msg("row %zu, column %zu is '%.*s', not '%.*s'", row, col, STR_ARG(cells[wanted]),
                         STR_ARG(want));
            if (value.n <= 240)
                continue;
            struct buf shown = BUF_INIT;
            size_t i = 0;
            excerpts++;
            utf8_show(&shown, squeezed(x, value)); /* line breaks and tabs are what they are there */
            while (i < ncodes && !str_eq(codes[i], squeezed(x, buf_view(&shown))))
                i++;
            if (i == ncodes)
                fail_msg("not in the appendix: %s", buf_z(&shown));
            buf_free(&shown);
        }
    assert_true(excerpts > 10);
}

static void says_why_it_cannot_write(void **state)
{
    struct fixture *x = *state;
    struct err err = ERR_INIT;
    char *path = fs_join(x->a, x->dir, "no/such/report.pdf");
    assert_false(report_pdf(
        doc_build(x->a, fixture_empty_record(x->a), &(struct doc_options){ .pdf = REPORT_PDF_A1B }), NULL,
        path, &err));
    assert_non_null(strstr(err.text, "report.pdf"));
    assert_false(fs_exists(path));
}

/* A file in the folder of the run that is not what the record says is never handed on. */
static void refuses_changed_evidence(void **state)
{
    struct fixture *x = *state;
    struct err err = ERR_INIT;
    char hex[65], *dir = fs_join(x->a, x->dir, "run"), *path = fs_join(x->a, x->dir, "evidence.pdf");
    struct record *r = fixture_empty_record(x->a);
    sha256_hex(STR("name: x\n"), hex);
    r->playbook.sha256 = arena_str(x->a, str_z(hex));
    const struct doc *d = doc_build(x->a, r, NULL);
    assert_true(fs_mkdirs(dir, &err));
    assert_true(fs_write_atomic(fs_join(x->a, dir, "run.json"), STR("{}"), &err));
    assert_true(fs_write_atomic(fs_join(x->a, dir, "playbook.hunt.yaml"), STR("name: y\n"), &err));
    assert_false(report_pdf(d, dir, path, &err));
    assert_int_equal(err.kind, ERR_VERIFY);
    assert_non_null(strstr(err.text, "is not what the record says"));
    assert_false(fs_exists(path));
    assert_true(fs_write_atomic(fs_join(x->a, dir, "playbook.hunt.yaml"), STR("name: x\n"), &err));
    assert_true(report_pdf(d, dir, path, &err));
    struct str file = contents(x, path);
    assert_true(has(file, "%PDF-1.7") && has(file, "<pdfaid:part>3<") &&
                has(file, "/AFRelationship /Source"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_everywhere),
        cmocka_unit_test(nothing_active),
        cmocka_unit_test(passes_the_checker),
        cmocka_unit_test(text_comes_back),
        cmocka_unit_test(long_tables_are_whole),
        cmocka_unit_test(every_cell_comes_back),
        cmocka_unit_test(says_why_it_cannot_write),
        cmocka_unit_test(refuses_changed_evidence),
        cmocka_unit_test(says_why_a_chart_is_not_shown),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
