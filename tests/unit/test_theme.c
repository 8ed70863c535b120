/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Themes: what they set, what they cannot, and that a stranger's is refused at its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/report/doc.h"
#include "../../src/report/theme.h"
#include "hb/fs.h"
#include "report_fixture.h"

static struct arena *a;
static struct diags d;
static struct err err;
static char *dir;

static int setup(void **state)
{
    (void)state;
    a = arena_new(0, "test");
    diags_init(&d, a);
    return fs_temp_dir(a, &dir, &err) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fs_remove_tree(dir, &err);
    arena_free(a);
    return 0;
}

static void put(const char *name, struct str bytes)
{
    assert_true(fs_write_atomic(fs_join(a, dir, name), bytes, &err));
}

static const struct theme *parse(const char *yaml)
{
    struct source *src = ARENA_NEW(a, struct source);
    *src = (struct source){ STR("theme.yaml"), str_z(yaml) };
    diags_init(&d, a);
    return theme_parse(a, dir, src, &d);
}

/* The theme is refused, at that line, with those words. */
static void refused(const char *yaml, size_t line, const char *words)
{
    if (parse(yaml))
        fail_msg("taken: %s", yaml);
    for (size_t i = 0; i < d.n; i++) {
        size_t at = 0, column = 0;
        if (d.items[i].source)
            source_locate(d.items[i].source, d.items[i].span.offset, &at, &column);
        if (d.items[i].level == DIAG_ERROR && at == line &&
            str_find(d.items[i].message, str_z(words), 0) != SIZE_MAX)
            return;
    }
    fail_msg("no '%s' on line %zu, but '%.*s'", words, line,
             STR_ARG(d.n ? d.items[0].message : STR("nothing")));
}

static void test_faults_have_their_place(void **state)
{
    (void)state;
    refused("theme: 1\nname: x\nlook: y\n", 3, "unknown key 'look'");
    refused("theme: 1\nname: x\ncolours:\n  light: {ink: red}\n", 4, "ink");
    refused("theme: 1\nname: x\ncolours:\n  light: {ink: \"#12345G\"}\n", 4, "ink");
    refused("theme: 1\nname: x\ncolours:\n  light: {tlp: \"#123456\"}\n", 4, "unknown key 'tlp'");
    refused("theme: 1\nname: x\nsections: [summary, finding]\n", 3, "there is no part 'finding'");
    refused("theme: 1\nname: x\nsections: [summary, summary]\n", 3, "summary");
    refused("theme: 2\nname: x\n", 1, "theme");
    refused("name: x\n", 1, "theme");
    refused("theme: 1\nname: x\ncolours: {chart: [\"#111111\"]}\n", 3, "there are six");
    refused("theme: 1\nname: x\nlogo: {file: logo.png, alt: x}\n", 3, "there is no such file");
    refused("theme: 1\nname: x\nlogo: {file: ../logo.png, alt: x}\n", 3, "file");
    refused("theme: 1\nname: x\nlogo: {file: /etc/passwd, alt: x}\n", 3, "file");
    refused("theme: 1\nname: x\nlogo: {file: theme.yaml, alt: x}\n", 3, "file");
    refused("theme: 1\nname: x\nfonts: {html: {text: [\"x;}body{background:url(//e)}\"]}}\n", 3, "text");
    refused("theme: 1\nname: x\nfonts: {html: {text: [\"a\\\"b\"]}}\n", 3, "text");
    refused("- 1\n", 1, "a theme is a mapping");
    assert_null(theme_load(a, dir, &d));
}

static void test_contrast(void **state)
{
    (void)state;
    assert_non_null(parse("theme: 1\nname: x\n"));
    assert_int_equal(d.n, 0); /* the colours that are built in pass */
    assert_non_null(parse("theme: 1\nname: x\ncolours: {light: {muted: \"#808080\"}}\n"));
    assert_true(d.warnings > 0 && d.errors == 0);
    assert_non_null(strstr(arena_printf(a, "%.*s", STR_ARG(d.items[0].message)),
                           "light: muted on page: #808080 on #FFFFFF"));
    assert_null(parse("theme: 1\nname: x\ncolours: {light: {ink: \"#DDDDDD\"}}\n"));
    assert_true(d.errors > 0);
    /* A dark page in HTML is white on paper. */
    assert_null(parse("theme: 1\nname: x\ncolours: {light: {page: \"#101010\", ink: \"#F0F0F0\"}}\n"));
}

/* Nothing that a theme says can be markup, style or script, or take away what must stand on every page. */
static void test_hostile_words_are_text(void **state)
{
    (void)state;
    const struct theme *t = parse(
        "theme: 1\nname: \"</style><script>alert(1)</script>\"\n"
        "cover: {eyebrow: \"</p><img src=x onerror=alert(2)>\", note: \"\\u202Eevil\"}\n"
        "footer: \"<b>\"\nsections: [appendix, legend, custody, sign-off, contents]\n");
    assert_non_null(t);
    struct record *r = fixture_record(a);
    struct doc_options options = { .theme = t };
    const struct doc *doc = doc_build(a, r, &options);
    struct buf page = BUF_INIT, plain = BUF_INIT;
    assert_true(report_html(&page, doc, &err));
    assert_true(report_html(&plain, doc_build(a, r, NULL), &err));
    struct str s = buf_view(&page);
    assert_int_equal(str_find(s, STR("<script>alert"), 0), SIZE_MAX);
    assert_int_equal(str_find(s, STR("<img src=x"), 0), SIZE_MAX);
    assert_true(str_find(s, STR("&lt;img src=x onerror=alert(2)&gt;"), 0) != SIZE_MAX);
    assert_true(str_find(s, STR("\\u{202E}"), 0) != SIZE_MAX);
    /* every part is there, and the label as often as without a theme */
    size_t n;
    const struct str *parts = doc_part_names(a, &n);
    for (size_t i = 0; i < n; i++) {
        struct str id = arena_strf(a, "id=\"%.*s\"", STR_ARG(parts[i]));
        assert_int_equal(str_find(s, id, 0) != SIZE_MAX, str_find(buf_view(&plain), id, 0) != SIZE_MAX);
    }
    struct str label = arena_strf(a, "%.*s", STR_ARG(doc->tlp.label));
    size_t with = 0, without = 0;
    for (size_t i = 0; (i = str_find(s, label, i)) != SIZE_MAX; i++)
        with++;
    for (size_t i = 0; (i = str_find(buf_view(&plain), label, i)) != SIZE_MAX; i++)
        without++;
    assert_true(with == without && with >= 4);
    assert_true(str_find(s, STR("default-src &#39;none&#39;"), 0) != SIZE_MAX &&
                str_find(s, STR("font-src"), 0) == SIZE_MAX);
    buf_free(&page);
    buf_free(&plain);
}

/* -- pictures -- */

static struct str base64(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf b = BUF_INIT;
    unsigned v = 0, n = 0;
    for (; *text && *text != '='; text++) {
        v = v << 6 | (unsigned)(strchr(digits, *text) - digits);
        if (++n % 4 == 0)
            for (int k = 2; k >= 0; k--)
                buf_putc(&b, (char)(v >> (8 * k) & 255));
    }
    for (unsigned k = 0; n % 4 && k < n % 4 - 1; k++)
        buf_putc(&b, (char)(v << (6 * (4 - n % 4)) >> (16 - 8 * k) & 255));
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAMAAACDKl70AAAAA1BMVEXAIDCFiL+"
                          "UAAAAC0lEQVQI12NgQAEAAA8AAS0uh5oAAAAASUVORK5CYII=";
static const char jpeg[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/"
    "2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/"
    "2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/"
    "wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/"
    "8QAFAEBAAAAAAAAAAAAAAAAAAAAA//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AJQBhP/Z";

static struct str with_tail(struct str file)
{
    struct buf b = BUF_INIT;
    buf_str(&b, file);
    buf_puts(&b, "<script>");
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void test_pictures(void **state)
{
    (void)state;
    struct picture p, again;
    struct str file = base64(png);
    assert_true(picture_read(a, file, &p, &err));
    assert_int_equal(p.width, 4);
    assert_int_equal(p.height, 3);
    struct str rgb = picture_on(a, &p, 0xFFFFFF);
    assert_int_equal(rgb.n, 36);
    assert_memory_equal(rgb.p, "\xC0\x20\x30", 3);
    /* What stands behind the picture does not come along. */
    struct str tail = with_tail(file);
    assert_true(picture_read(a, tail, &again, &err));
    assert_int_equal(str_find(again.bytes, STR("<script>"), 0), SIZE_MAX);
    for (size_t n = 0; n < file.n; n++)
        assert_false(picture_read(a, str_sub(file, 0, n), &again, &err) && n < file.n - 12);

    file = base64(jpeg);
    assert_true(picture_read(a, file, &p, &err));
    assert_true(p.width == 8 && p.height == 8 && p.rgba == NULL);
    assert_true(picture_read(a, p.bytes, &again, &err) && str_eq(again.bytes, p.bytes));
    tail = with_tail(file);
    assert_true(picture_read(a, tail, &again, &err));
    assert_true(str_eq(again.bytes, p.bytes));
    for (size_t n = 0; n + 2 < file.n; n++)
        assert_false(picture_read(a, str_sub(file, 0, n), &again, &err));
    assert_false(picture_read(a, STR("GIF89a"), &again, &err));
}

static void test_files_of_a_theme(void **state)
{
    (void)state;
    put("logo.png", base64(png));
    put("bad.png", STR("\x89PNG\r\n\x1a\nrubbish"));
    put("x.svg", STR("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"));
    put("font.ttf", STR("no font"));
    assert_int_equal(mkfifo(fs_join(a, dir, "pipe.png"), 0600), 0);
    const struct theme *t = parse("theme: 1\nname: x\nlogo: {file: logo.png, alt: \"a <b> logo\"}\n");
    assert_non_null(t);
    size_t n;
    const struct theme_file *files = theme_files(t, &n);
    assert_true(n == 2 && str_eqz(files[0].name, "theme.yaml") && str_eqz(files[1].name, "logo.png"));
    assert_int_equal(strlen(theme_sha256(t)), 64);
    refused("theme: 1\nname: x\nlogo: {file: bad.png, alt: x}\n", 3, "damaged");
    refused("theme: 1\nname: x\nlogo: {file: x.svg, alt: x}\n", 3, "not a file huntbook wrote");
    refused("theme: 1\nname: x\nlogo: {file: pipe.png, alt: x}\n", 3, "not a regular file");
    refused("theme: 1\nname: x\nfonts: {text: {regular: font.ttf}}\n", 3, "");
    assert_non_null(parse("theme: 1\nname: x\nfonts: {text: {regular: NoSuchFont.ttf}}\n"));
    assert_int_equal(d.warnings, 1);

    struct record *r = fixture_record(a);
    struct doc_options options = { .theme = t, .pdf = REPORT_PDF_A1B };
    const struct doc *doc = doc_build(a, r, &options);
    struct buf page = BUF_INIT;
    assert_true(report_html(&page, doc, &err));
    assert_true(str_find(buf_view(&page), STR("<img src=\"data:image/png;base64,"), 0) != SIZE_MAX);
    assert_true(str_find(buf_view(&page), STR("alt=\"a &lt;b&gt; logo\""), 0) != SIZE_MAX);
    buf_free(&page);
    char *pdf = fs_join(a, dir, "report.pdf");
    struct str bytes;
    if (!report_pdf(doc, NULL, pdf, &err))
        fail_msg("%s", err.text);
    assert_true(fs_read(a, pdf, 64 << 20, &bytes, &err));
    assert_true(str_find(bytes, STR("/Subtype /Image /Width 4 /Height 3"), 0) != SIZE_MAX);
}

/* The themes that are shipped load without a fault; their contrast is enough. */
static void test_shipped_themes(void **state)
{
    (void)state;
    const struct theme *t = theme_load(a, "templates/themes/counsel", &d);
    assert_non_null(t);
    for (size_t i = 0; i < d.n; i++)
        if (str_find(d.items[i].message, STR("there is no font"), 0) == SIZE_MAX)
            fail_msg("%.*s", STR_ARG(d.items[i].message));
    assert_true(str_eqz(theme_name(t), "Counsel"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_faults_have_their_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_contrast, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_words_are_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pictures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_of_a_theme, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shipped_themes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
