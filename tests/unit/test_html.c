/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTML report, read back by a small strict reader: well-formed, nothing active, every hostile text visible, the same bytes
 * whatever the surroundings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hb/json.h"
#include "hb/map.h"
#include "hb/report.h"
#include "hb/utf8.h"
#include "report_places.h"

static struct str page_of(struct arena *a, const struct record *r)
{
    struct buf b = BUF_INIT;
    struct err err = ERR_INIT;
    if (!report_html(&b, doc_build(a, r, NULL), &err))
        fail_msg("%s", err.text);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

/* -- a strict reader of the pages that we write -- */

enum { READER_DEPTH = 256 };

struct reader {
    struct arena *a;
    struct str s;
    size_t i;
    struct str open[READER_DEPTH];
    int depth;
    struct map ids, wanted; /* ids defined, ids referred to */
    struct buf text;        /* of the page, entities decoded, without style and script */
    size_t links;
    bool in_svg;
};

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

static struct str read_name(struct reader *r)
{
    size_t from = r->i;
    while (r->i < r->s.n && is_name(r->s.p[r->i]))
        r->i++;
    assert_true(r->i > from);
    return str_sub(r->s, from, r->i);
}

static void decode(struct buf *out, struct str s)
{
    static const struct {
        struct str entity;
        char c;
    } entities[] = { { STR_INIT("&amp;"), '&' },
                     { STR_INIT("&lt;"), '<' },
                     { STR_INIT("&gt;"), '>' },
                     { STR_INIT("&quot;"), '"' },
                     { STR_INIT("&#39;"), '\'' } };
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] != '&') {
            buf_putc(out, s.p[i++]);
            continue;
        }
        size_t k = 0;
        while (k < 5 && !str_starts(str_sub(s, i, s.n), entities[k].entity))
            k++;
        assert_in_range(k, 0, 4);
        buf_putc(out, entities[k].c);
        i += entities[k].entity.n;
    }
}

static void want_ids(struct reader *r, struct str list)
{
    for (size_t from = 0; from < list.n;) {
        size_t to = str_chr(list, ' ', from);
        map_set(&r->wanted, str_sub(list, from, to), r);
        from = to + 1;
    }
}

static void check_attribute(struct reader *r, struct str tag, struct str name, struct str value)
{
    assert_false(str_starts(name, STR("on")));
    assert_false(str_eqz(name, "style"));
    assert_false(str_eqz(name, "src") || str_eqz(name, "action") || str_eqz(name, "srcdoc"));
    for (size_t i = 0; i < value.n;)
        assert_false(utf8_hidden(utf8_next(value, &i)));
    if (str_eqz(name, "id")) {
        assert_null(map_set(&r->ids, value, r));
    } else if (str_eqz(name, "aria-labelledby") || str_eqz(name, "aria-describedby")) {
        want_ids(r, value);
    } else if (str_eqz(name, "href")) {
        r->links++;
        assert_true(str_eqz(tag, "a"));
        if (str_starts(value, STR("#")))
            want_ids(r, str_sub(value, 1, value.n));
        else
            assert_true(str_starts(value, STR("https://")) || str_starts(value, STR("http://")) ||
                        str_starts(value, STR("mailto:")));
    }
}

static void read_attributes(struct reader *r, struct str tag)
{
    while (r->s.p[r->i] == ' ') {
        r->i++;
        struct str name = read_name(r);
        assert_true(str_starts(str_sub(r->s, r->i, r->s.n), STR("=\"")));
        size_t end = str_chr(r->s, '"', r->i + 2);
        struct str raw = str_sub(r->s, r->i + 2, end);
        assert_true(str_chr(raw, '<', 0) == raw.n);
        struct buf value = BUF_INIT;
        decode(&value, raw);
        check_attribute(r, tag, name, buf_to_arena(&value, r->a));
        buf_free(&value);
        r->i = end + 1;
    }
}

static bool allowed(struct str tag, bool svg)
{
    static const char *const html[] = {
        "a",      "bdi",   "blockquote", "body",  "br",         "code",   "dd",     "del",     "details",
        "div",    "dl",    "dt",         "em",    "figcaption", "figure", "footer", "h1",      "h2",
        "h3",     "h4",    "h5",         "h6",    "head",       "header", "hr",     "html",    "li",
        "main",   "meta",  "nav",        "ol",    "p",          "pre",    "script", "section", "span",
        "strong", "style", "summary",    "table", "tbody",      "td",     "th",     "thead",   "title",
        "tr",     "ul",    "svg",        "wbr",
    };
    static const char *const drawing[] = { "svg",  "title",  "desc", "g",    "path",
                                           "rect", "circle", "text", "tspan" };
    for (size_t i = 0; i < sizeof html / sizeof *html; i++)
        if (!svg && str_eqz(tag, html[i]))
            return true;
    for (size_t i = 0; i < sizeof drawing / sizeof *drawing; i++)
        if (svg && str_eqz(tag, drawing[i]))
            return true;
    return false;
}

/* style and script hold no markup: skip to their end tags, and check that these are the only ones. Rows that are JSON hold
 * no '<' at all. */
static void read_raw(struct reader *r, struct str tag)
{
    struct buf end = BUF_INIT;
    buf_printf(&end, "</%.*s>", STR_ARG(tag));
    size_t at = str_find(r->s, buf_view(&end), r->i);
    assert_true(at != SIZE_MAX);
    bool json = r->s.p[r->i] == '{';
    assert_true(json ? memchr(r->s.p + r->i, '<', at - r->i) == NULL
                     : str_find(r->s, buf_view(&end), at + 1) == SIZE_MAX);
    buf_free(&end);
    r->i = at;
}

static void read_start(struct reader *r)
{
    struct str tag = read_name(r);
    bool is_void = str_eqz(tag, "br") || str_eqz(tag, "hr") || str_eqz(tag, "wbr") || str_eqz(tag, "meta");
    if (!allowed(tag, r->in_svg))
        fail_msg("tag <%.*s> is not one of ours", STR_ARG(tag));
    read_attributes(r, tag);
    if (r->s.p[r->i] == '/') {
        assert_true(r->in_svg);
        is_void = true;
        r->i++;
    }
    assert_int_equal(r->s.p[r->i++], '>');
    if (is_void)
        return;
    if (str_eqz(tag, "svg"))
        r->in_svg = true;
    assert_true(r->depth < READER_DEPTH);
    r->open[r->depth++] = tag;
    if (str_eqz(tag, "style") || str_eqz(tag, "script"))
        read_raw(r, tag);
}

static void read_end(struct reader *r)
{
    struct str tag = read_name(r);
    assert_true(r->depth > 0);
    if (!str_eq(tag, r->open[--r->depth]))
        fail_msg("</%.*s> closes <%.*s>", STR_ARG(tag), STR_ARG(r->open[r->depth]));
    if (str_eqz(tag, "svg"))
        r->in_svg = false;
    assert_int_equal(r->s.p[r->i++], '>');
}

static void read_text(struct reader *r)
{
    size_t end = str_chr(r->s, '<', r->i);
    struct str raw = str_sub(r->s, r->i, end);
    for (size_t i = 0; i < raw.n;) {
        uint32_t cp = utf8_next(raw, &i);
        if (cp != '\n' && cp != '\t')
            assert_false(cp == UTF8_BAD || utf8_hidden(cp));
    }
    decode(&r->text, raw);
    r->i = end;
}

static struct str all_ids_exist(struct reader *r)
{
    for (size_t i = 0; i < r->wanted.n; i++)
        if (!map_get(&r->ids, r->wanted.entries[i].key))
            return r->wanted.entries[i].key;
    return STR("");
}

static void read_page(struct reader *r, struct arena *a, struct str page)
{
    *r = (struct reader){ .a = a, .s = page };
    map_init(&r->ids, a);
    map_init(&r->wanted, a);
    assert_true(str_starts(page, STR("<!DOCTYPE html>\n<html lang=\"en\">")));
    r->i = sizeof "<!DOCTYPE html>" - 1;
    while (r->i < page.n) {
        if (page.p[r->i] != '<') {
            read_text(r);
        } else if (page.p[r->i + 1] == '/') {
            r->i += 2;
            read_end(r);
        } else {
            r->i++;
            read_start(r);
        }
    }
    assert_int_equal(r->depth, 0);
    struct str missing = all_ids_exist(r);
    if (missing.n)
        fail_msg("id \"%.*s\" is referred to and does not exist", STR_ARG(missing));
}

/* -- tests -- */

static void well_formed(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *records[] = { fixture_record(a), fixture_empty_record(a), fixture_hostile_record(a),
                                 fixture_wide_record(a, 1000) };
    for (size_t i = 0; i < 4; i++) {
        struct reader r;
        read_page(&r, a, page_of(a, records[i]));
        assert_true(r.links > 10);
        buf_free(&r.text);
    }
    arena_free(a);
}

/* Whatever text stands in whatever place. */
static void well_formed_everywhere(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < fixture_nhostile; shift++) {
        struct arena *a = arena_new(0, "test");
        struct place places[PLACES_MAX];
        struct reader r;
        size_t n;
        read_page(&r, a, page_of(a, fixture_places(a, shift, places, &n)));
        buf_free(&r.text);
        arena_free(a);
    }
}

static void hostile_is_visible(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct reader r;
    read_page(&r, a, page_of(a, fixture_hostile_record(a)));
    for (size_t i = 0; i < fixture_nhostile; i++) {
        struct buf shown = BUF_INIT;
        utf8_show(&shown, fixture_hostile[i]);
        if (str_find(buf_view(&r.text), buf_view(&shown), 0) == SIZE_MAX)
            fail_msg("not visible: %s", buf_z(&shown));
        buf_free(&shown);
    }
    buf_free(&r.text);
    arena_free(a);
}

/* The policy allows exactly the style sheet and the script that are there, and nothing else. */
static void policy(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct str page = page_of(a, fixture_record(a));
    assert_true(str_find(page, STR("content=\"default-src &#39;none&#39;; style-src &#39;sha256-"), 0) !=
                SIZE_MAX);
    assert_true(str_find(page, STR("unsafe"), 0) == SIZE_MAX);
    assert_true(str_find(page, STR("http-equiv=\"Content-Security-Policy\""), 0) <
                str_find(page, STR("<style>"), 0));
    arena_free(a);
}

static void same_bytes(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test"), *b = arena_new(0, "test");
    struct str first = page_of(a, fixture_record(a));
    setenv("TZ", "Pacific/Auckland", 1);
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    tzset();
    (void)setlocale(LC_ALL, "");
    struct str second = page_of(b, fixture_record(b));
    assert_true(str_eq(first, second));
    arena_free(a);
    arena_free(b);
}

static void must_have(struct str text, const char *what)
{
    if (str_find(text, str_z(what), 0) == SIZE_MAX)
        fail_msg("the page does not say: %s", what);
}

/* What a table leaves out is said; rows beyond the first are there, folded. */
static void long_tables(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct reader r;
    read_page(&r, a, page_of(a, fixture_record(a)));
    struct str text = buf_view(&r.text);
    must_have(text, "Rows 26 to 600");
    must_have(text, "First 600 of 13,310 rows; all are in cells/04-anomalies.parquet.");
    must_have(text, "First 25 of 13,310 rows; all are in cells/04-anomalies.parquet.");
    must_have(text, "1,048,576 bytes in all");
    must_have(text, "--session=599 --quiet");
    must_have(text, "Sample data: generated for demonstration");
    must_have(text, "TLP:AMBER+STRICT");
    assert_true(r.s.n < 2000000);
    buf_free(&r.text);
    arena_free(a);
}

/* The display text of a cell of a block of rows. */
static void json_shown(struct buf *out, const cJSON *v)
{
    const cJSON *part;
    if (cJSON_IsObject(v))
        v = json_get(v, "t");
    if (cJSON_IsString(v))
        buf_puts(out, v->valuestring);
    cJSON_ArrayForEach(part, v) buf_puts(out, part->valuestring);
}

/* Rows beyond those that are elements: all there, in order, hostile texts as escapes of their own. */
static void rows_as_json(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *rec = fixture_wide_record(a, 2500);
    rec->cells[0].blocks[0].table.show_rows = 10;
    struct str page = page_of(a, rec);
    size_t from = str_find(page, STR("<script class=\"rows\""), 0);
    assert_true(from != SIZE_MAX);
    from = str_chr(page, '>', from) + 1;
    struct err err = ERR_INIT;
    cJSON *json = json_parse(str_sub(page, from, str_find(page, STR("</script>"), from)), &err);
    assert_non_null(json);
    const cJSON *rows = json_get(json, "rows");
    assert_int_equal(cJSON_GetArraySize(rows), 1500);
    const struct table *t = rec->cells[0].blocks[0].table.head;
    const cJSON *row = rows->child;
    for (size_t i = 1000; i < 2500; i++, row = row->next) {
        struct buf want = BUF_INIT, got = BUF_INIT;
        const cJSON *cell = cJSON_GetArrayItem(row, 2);
        utf8_show(&want, t->cols[2].v.s[i]);
        json_shown(&got, cell);
        assert_string_equal(buf_z(&got), buf_z(&want));
        if (i % 1000 < fixture_nhostile && str_find(buf_view(&want), STR("\\u{202E}fdp"), 0) != SIZE_MAX)
            assert_string_equal(cJSON_GetArrayItem(cell, 1)->valuestring, "\\u{202E}");
        buf_free(&want);
        buf_free(&got);
    }
    cJSON_Delete(json);
    must_have(page, "1,500 further rows are in this file");
    rec->cells[0].blocks[0].table.head->nrows = 1000;
    assert_true(str_find(page_of(a, rec), STR("class=\"rows\""), 0) == SIZE_MAX);
    arena_free(a);
}

/* A number that is shown rounded has all its digits beside it, in an element and in JSON; any other has nothing. */
static void rounded_numbers_are_exact(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = fixture_wide_record(a, 1500);
    struct table *t = r->cells[0].blocks[0].table.head;
    r->cells[0].blocks[0].table.show_rows = 10;
    t->ncols = 9; /* with Anomaly_Score */
    t->cols[8].v.f[900] = t->cols[8].v.f[1200] = 0.5;
    struct str page = page_of(a, r);
    must_have(page, "<td class=\"n\" data-exact=\"0.12345678901\">0.123457</td>");
    must_have(page, "{\"t\":\"0.123457\",\"exact\":\"0.12345678901\"}");
    must_have(page, "<td class=\"n\">0.5</td>");
    must_have(page, ",\"0.5\"]");
    arena_free(a);
}

/* The box of a finding has the colour of its severity. */
static void findings_by_severity(void **state)
{
    (void)state;
    static const struct {
        const char *severity, *box;
    } cases[] = { { "high", "<div class=\"callout finding\">" },
                  { "medium", "<div class=\"callout warning\">" },
                  { "low", "<div class=\"callout note\">" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new(0, "test");
        struct record *r = fixture_record(a);
        for (size_t c = 0; c < r->ncells; c++)
            for (size_t k = 0; k < r->cells[c].nfindings; k++)
                r->cells[c].findings[k].severity = str_z(cases[i].severity);
        struct str page = page_of(a, r);
        must_have(page, arena_printf(a, "%s\n<p class=\"label\">Finding 1 ", cases[i].box));
        arena_free(a);
    }
}

static struct record_block *chart_of(struct record *r)
{
    for (size_t c = 0; c < r->ncells; c++)
        for (size_t i = 0; i < r->cells[c].nblocks; i++)
            if (r->cells[c].blocks[i].kind == BLOCK_CHART)
                return &r->cells[c].blocks[i];
    fail_msg("no chart");
    return NULL;
}

/* A chart that cannot be read is described by its words and its note; of one with nothing to draw the note says why. */
static void charts_not_shown(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = fixture_record(a);
    struct record_block *b = chart_of(r);
    b->chart.note = STR("2 further rows are not drawn");
    struct str page = page_of(a, r);
    must_have(page, "2 further rows are not drawn</span>");
    assert_true(str_find(page,
                         STR("Bars of five process names; one that begins with invoice_ stands out in "
                             "red.</span>"),
                         0) == SIZE_MAX); /* it is inside the drawing */
    b->chart.svg = STR("<svg>not ours</svg>");
    page = page_of(a, r);
    must_have(page, "Chart not shown");
    must_have(page, "Bars of five process names; one that begins with invoice_ stands out in red.</span>");
    must_have(page, "2 further rows are not drawn</span>");
    b->chart.svg = b->chart.file = STR("");
    b->chart.note = STR("there are no rows to draw");
    page = page_of(a, r);
    must_have(page, "there are no rows to draw</span>");
    assert_true(str_find(page, STR("Bars of five process names"), 0) == SIZE_MAX);
    assert_true(str_find(page, STR("Chart not shown"), 0) == SIZE_MAX);
    arena_free(a);
}

/* A note of a table is its own sentence: only an order is called one. */
static void notes_of_tables(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct str page = page_of(a, fixture_record(a));
    must_have(page, "Order: ties in order of TimeGenerated, then RemoteIP.");
    must_have(page, "An excerpt, at most ");
    assert_true(str_find(page, STR("Order: An excerpt"), 0) == SIZE_MAX);
    assert_true(str_find(page, STR("shows more.."), 0) == SIZE_MAX);
    arena_free(a);
}

static void limit(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct buf b = { .max = 1000 };
    struct err err = ERR_INIT;
    assert_false(report_html(&b, doc_build(a, fixture_record(a), NULL), &err));
    assert_int_equal(err.kind, ERR_RUN);
    buf_free(&b);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),        cmocka_unit_test(well_formed_everywhere),
        cmocka_unit_test(hostile_is_visible), cmocka_unit_test(policy),
        cmocka_unit_test(same_bytes),         cmocka_unit_test(long_tables),
        cmocka_unit_test(charts_not_shown),   cmocka_unit_test(rounded_numbers_are_exact),
        cmocka_unit_test(notes_of_tables),    cmocka_unit_test(limit),
        cmocka_unit_test(rows_as_json),       cmocka_unit_test(findings_by_severity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
