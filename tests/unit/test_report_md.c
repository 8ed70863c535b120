/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Markdown report, read back by our own reader: every hostile text is visible, none became a link, an image or code of
 * another block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include "../../src/report/doc.h"
#include "hb/utf8.h"
#include "report_fixture.h"

static struct str page_of(struct arena *a, const struct record *r)
{
    struct buf b = BUF_INIT;
    struct err err = ERR_INIT;
    assert_true(report_md(&b, doc_build(a, r, NULL), &err));
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void read_prose(struct buf *out, struct prose p)
{
    for (size_t i = 0; i < p.n; i++) {
        struct str href = p.runs[i].href;
        if (href.n && !str_starts(href, STR("https://attack.mitre.org/")) &&
            !str_starts(href, STR("https://example.com/auto")))
            fail_msg("a text became the link %.*s", STR_ARG(href));
        buf_str(out, p.runs[i].flags & RUN_BREAK ? STR("\n") : p.runs[i].text);
    }
    buf_putc(out, '\n');
}

/* All texts of the nodes, as a reader of the rendered Markdown sees them. */
static void read_nodes(struct buf *out, const struct doc_node *parent)
{
    for (const struct doc_node *n = parent->first; n; n = n->next) {
        if (n->kind == DOC_PARA)
            read_prose(out, n->u.para);
        if (n->kind == DOC_HEADING)
            read_prose(out, n->u.heading.text);
        if (n->kind == DOC_LISTING)
            buf_str(out, n->u.listing.text);
        if (n->kind == DOC_TABLE) {
            const struct doc_table *t = &n->u.table;
            for (size_t i = 0; i < t->ncolumns; i++)
                buf_str(out, t->columns[i].title);
            for (size_t i = 0; t->prose && i < t->rows->nrows * t->ncolumns; i++)
                read_prose(out, t->prose[i]);
        }
        read_nodes(out, n);
    }
}

static struct str reread(struct arena *a, struct str markdown)
{
    struct buf b = BUF_INIT;
    struct doc_node *root = doc_add(a, NULL, DOC_ROOT);
    md_build(a, root, &(struct record_prose){ .markdown = markdown });
    read_nodes(&b, root);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void hostile_is_visible(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct str seen = reread(a, page_of(a, fixture_hostile_record(a)));
    for (size_t i = 0; i < fixture_nhostile; i++) {
        struct buf shown = BUF_INIT;
        utf8_show(&shown, fixture_hostile[i]);
        if (str_find(seen, buf_view(&shown), 0) == SIZE_MAX)
            fail_msg("not visible: %s", buf_z(&shown));
        buf_free(&shown);
    }
    arena_free(a);
}

static void must_have(struct str text, const char *what)
{
    if (str_find(text, str_z(what), 0) == SIZE_MAX)
        fail_msg("the report does not say: %s", what);
}

static void structure(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct str page = page_of(a, fixture_record(a));
    must_have(page, "# Anomalous process network connections\n");
    must_have(page, "\n## 2 Findings\n");
    must_have(page, "\n```kql\nDeviceNetworkEvents\n| take 5 // five\n```\n");
    must_have(page, "\n1. Rank processes by *how rarely* they talk.\n2. Look at **parents** and `folders`:\n "
                    "  - [x] temp folders\n");
    must_have(page, "\n> **Finding (high)** A rare talker runs from a temp folder\n");
    must_have(page, "first 10 of 13,310 rows; all are in cells/03-connections.csv");
    must_have(page, "1,048,576 bytes in all");
    must_have(page, "**TLP:AMBER+STRICT**");
    must_have(page, "Sample data: generated for demonstration");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hostile_is_visible), cmocka_unit_test(structure) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
