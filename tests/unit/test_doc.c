/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records -> documents: that nothing a record says is left out, that what it lacks is said, and the outline as golden files.
 *
 * HUNTBOOK_GOLDEN=update rewrites the golden files in tests/report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/report/doc.h"
#include "hb/fs.h"
#include "hb/map.h"
#include "hb/sha256.h"
#include "report_fixture.h"

/* The hash of the whole record is that of run.json, and no part of a golden file: it would change with every member. */
static struct str mask_record_hash(struct str s, const struct record *r)
{
    const struct str label = STR("Record SHA-256 (run.json): cv\"");
    char hex[65];
    struct buf json = BUF_INIT;
    size_t at = str_find(s, label, 0);
    assert_true(at != SIZE_MAX);
    record_to_json(&json, r);
    sha256_hex(buf_view(&json), hex);
    buf_free(&json);
    assert_memory_equal(s.p + at + label.n, hex, 64);
    memset((char *)(uintptr_t)s.p + at + label.n, '0', 64);
    return s;
}

static struct str outline(struct arena *a, const struct record *r)
{
    struct buf b = BUF_INIT;
    doc_dump(&b, doc_build(a, r, NULL));
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return mask_record_hash(s, r);
}

static void golden(struct arena *a, const char *path, struct str got)
{
    struct err err = ERR_INIT;
    struct str want;
    const char *mode = getenv("HUNTBOOK_GOLDEN");
    if (mode && strcmp(mode, "update") == 0)
        assert_true(fs_write_atomic(path, got, &err));
    if (!fs_read(a, path, 1 << 24, &want, &err))
        fail_msg("%s", err.text);
    assert_string_equal(got.p, want.p);
}

static void outlines(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    golden(a, "tests/report/rich.doc", outline(a, fixture_record(a)));
    golden(a, "tests/report/empty.doc", outline(a, fixture_empty_record(a)));
    golden(a, "tests/report/hostile.doc", outline(a, fixture_hostile_record(a)));
    arena_free(a);
}

static void must_say(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("the document does not say: %s", what);
}

static void what_lacks_is_said(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    const char *text = outline(a, fixture_empty_record(a)).p;
    must_say(text, "The run did not complete");
    must_say(text, "No analyst has recorded a conclusion");
    must_say(text, "cannot open 'data': No such file or directory");
    must_say(text, "The playbook names no TLP label; TLP:AMBER is assumed");
    must_say(text, "The playbook states no hypothesis");
    text = outline(a, fixture_record(a)).p;
    must_say(text, "The playbook requires a note here, and none was recorded");
    must_say(text, "3 rows could not be read and were left out");
    must_say(text, "a page shows the first ");
    must_say(text, "expectation not met: rows < 10000");
    must_say(text, "input 'suspects' is empty");
    must_say(text, "| An office program is the parent | not met |");
    arena_free(a);
}

/* Walks all nodes; every anchor once, every section with something in it, numbers in order. */
struct walk {
    struct map anchors;
    int tables, figures;
};

static void visit(struct walk *w, const struct doc_node *n)
{
    if (n->kind == DOC_SECTION) {
        assert_non_null(n->first);
        assert_null(map_set(&w->anchors, n->u.section.anchor, w));
        for (size_t i = 0; i < n->u.section.anchor.n; i++)
            assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", n->u.section.anchor.p[i]));
    }
    if (n->kind == DOC_TABLE && n->u.table.number)
        assert_int_equal(n->u.table.number, ++w->tables);
    if (n->kind == DOC_FIGURE)
        assert_int_equal(n->u.figure.number, ++w->figures);
    if (n->kind == DOC_TABLE) {
        assert_true(n->u.table.show <= n->u.table.rows->nrows);
        assert_true(n->u.table.total >= (int64_t)n->u.table.rows->nrows);
    }
    for (const struct doc_node *k = n->first; k; k = k->next)
        visit(w, k);
}

static void structure(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *records[] = { fixture_record(a), fixture_empty_record(a), fixture_hostile_record(a) };
    for (size_t i = 0; i < 3; i++) {
        struct walk w = { .tables = 0 };
        map_init(&w.anchors, a);
        const struct doc *d = doc_build(a, records[i], NULL);
        visit(&w, d->root);
        assert_int_equal(strlen(d->id), 64);
        assert_true(str_starts(d->tlp.label, STR("TLP:")));
    }
    arena_free(a);
}

static void labels(void **state)
{
    static const struct {
        const char *given, *shown;
    } cases[] = {
        { "TLP:RED", "TLP:RED" },   { "tlp:green", "TLP:GREEN" }, { "TLP:CLEAR", "TLP:CLEAR" },
        { "TLP:WHITE", "TLP:RED" }, { "", "TLP:AMBER" },          { "TLP:AMBER+STRICT", "TLP:AMBER+STRICT" },
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record *r = fixture_empty_record(a);
        r->playbook.tlp = str_z(cases[i].given);
        assert_true(str_eqz(doc_build(a, r, NULL)->tlp.label, cases[i].shown));
    }
    arena_free(a);
}

/* Addresses of findings do not become links; names of hosts stay what they are. */
static void assets(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = fixture_record(a);
    const char *text = outline(a, r).p;
    must_say(text, "| 198[.]51[.]100[.]7 | 2026-01-14 14:00:00Z | 2026-01-14 23:45:00Z | 4 | 6 |");
    must_say(text, "| hxxps[:]//user[@]evil[.]example/a[.]exe |");
    must_say(text, "| ws-00417.corp.example |");
    must_say(text, "12 further values are not listed");
    must_say(text,
             "| 2026-01-14 14:00:00Z | first event | A rare talker runs from a temp folder | high | 6 |");
    must_say(text, "| 2026-01-14 23:45:00Z | last event |");
    must_say(text, "Findings from first to last event (UTC)");
    must_say(text, "Collect the binary.");
    must_say(text, "Every flagged process is explained by its owner.");
    must_say(text, "Actor: v\"Any intruder\"");
    r->cells[5].entities = NULL;
    r->cells[5].nentities = 0;
    r->cells[5].entities_left = 0;
    r->cells[5].findings[0].first = r->cells[5].findings[0].last = 0;
    text = outline(a, r).p;
    must_say(text, "None: no row of a finding has a value in a column that the playbook maps to an entity.");
    must_say(text, "Not applicable: the rows of the findings have no column with a time.");
    arena_free(a);
}

/* Lanes of a timeline stay on the drawing whatever the times are. */
static void timeline_extremes(void **state)
{
    static const int64_t times[][2] = {
        { 1, 1 },
        { 1, INT64_C(3155378975999999999) },
        { INT64_C(3155378975999999999), INT64_C(3155378975999999999) },
        { INT64_C(600000000000000000), INT64_C(600000000000000001) },
    };
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct arena *a = arena_new(0, "test");
        struct record *r = fixture_record(a);
        r->cells[5].findings[0].first = times[i][0];
        r->cells[5].findings[0].last = times[i][1];
        const struct doc *d = doc_build(a, r, NULL);
        const struct doc_node *s = d->root->first;
        while (!(s->kind == DOC_SECTION && str_eqz(s->u.section.anchor, "timeline")))
            s = s->next;
        assert_int_equal(s->first->kind, DOC_FIGURE);
        const struct drawing *g = s->first->u.figure.drawing;
        for (size_t k = 0; k < g->nshapes; k++) {
            assert_in_range(g->shapes[k].x, 0, g->width);
            assert_in_range(g->shapes[k].x + g->shapes[k].w, 0, g->width);
            assert_in_range(g->shapes[k].y, 0, g->height);
        }
        arena_free(a);
    }
}

/* What the PDF carries: never a file from outside the run, never two by one name, and what is left out is named. */
static void attachments(void **state)
{
    static struct record_file files[] = {
        { STR_INIT("cells/01-a.csv"), STR_INIT("11"), 10, 1 },
        { STR_INIT("raw/01-a.csv"), STR_INIT("22"), 10, 1 },
        { STR_INIT("../../etc/passwd"), STR_INIT("33"), 10, -1 },
        { STR_INIT("/etc/passwd"), STR_INIT("44"), 10, -1 },
        { STR_INIT("cells//x.csv"), STR_INIT("55"), 10, -1 },
        { STR_INIT("cells/nul\0.csv"), STR_INIT("66"), 10, -1 },
        { STR_INIT("cells/02-huge.csv"), STR_INIT("77"), 9 << 20, 1000000 },
        { STR_INIT("cells/03-big.parquet"), STR_INIT("88"), 8 << 20, 1 },
        { STR_INIT("cells/04-big.csv"), STR_INIT("99"), (8 << 20) - 20, 1 },
        { STR_INIT("cells/05-too-much.csv"), STR_INIT("aa"), 8 << 20, 1 },
    };
    static const char *const want[] = { "run.json",     "playbook.hunt.yaml", "01-a.csv",
                                        "raw-01-a.csv", "03-big.parquet",     "04-big.csv" };
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct record *r = fixture_empty_record(a);
    struct record_cell cell = { .number = 1, .files = files, .nfiles = sizeof files / sizeof *files };
    r->playbook.sha256 = STR("00");
    r->cells = &cell;
    r->ncells = 1;
    const struct doc *d = doc_build(a, r, NULL);
    assert_int_equal(d->nattachments, sizeof want / sizeof *want);
    for (size_t i = 0; i < d->nattachments; i++)
        assert_true(str_eqz(d->attachments[i].name, want[i]));
    assert_string_equal(d->attachments[2].mime, "text/csv");
    assert_string_equal(d->attachments[0].relation, "Source");
    const char *text = outline(a, r).p;
    must_say(text, "\") and 5 of the 11 files listed below as attachments");
    must_say(text, "Left out of it for size or name: ");
    must_say(text, "cells/02-huge.csv");
    must_say(text, "cells/05-too-much.csv");
    d = doc_build(a, r, &(struct doc_options){ .pdf = REPORT_PDF_A1B });
    assert_int_equal(d->nattachments, 0);
    arena_free(a);
}

static void options(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct buf b = BUF_INIT;
    doc_dump(&b, doc_build(a, fixture_record(a), &(struct doc_options){ .rows = 7 }));
    must_say(buf_z(&b), "7 of 60 rows of 13310");
    must_say(buf_z(&b), "a page shows the first 7 of 13,310 rows");
    buf_free(&b);
    arena_free(a);
}

static void counts(void **state)
{
    static const struct {
        int64_t n;
        const char *text;
    } cases[] = { { 0, "0" },
                  { 999, "999" },
                  { 1000, "1,000" },
                  { -1234567, "-1,234,567" },
                  { INT64_MIN, "-9,223,372,036,854,775,808" } };
    (void)state;
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        doc_put_count(&b, cases[i].n);
        assert_string_equal(buf_z(&b), cases[i].text);
    }
    buf_free(&b);
}

/* A cut never ends inside a character, and says how long the value is. */
static void long_cells(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct table *t = table_new(a, 1, 1);
    table_set_column(t, 0, STR("c"), HB_STRING);
    t->cols[0].v.s[0] = STR("ab\xe6\xbc\xa2\xe5\xad\x97");
    struct doc_column col = { .title = STR("c") };
    struct doc_table d = { .columns = &col, .ncolumns = 1, .rows = t };
    static const size_t ends[] = { 8, 1, 2, 2, 2, 5, 5, 5, 8, 8 };
    for (size_t limit = 0; limit < 10; limit++) {
        struct buf b = BUF_INIT;
        size_t whole;
        assert_true(doc_cell(&b, &d, 0, 0, limit, &whole));
        assert_int_equal(b.n, ends[limit]);
        assert_int_equal(whole, 8);
        buf_free(&b);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outlines),    cmocka_unit_test(what_lacks_is_said),
        cmocka_unit_test(structure),   cmocka_unit_test(labels),
        cmocka_unit_test(attachments), cmocka_unit_test(options),
        cmocka_unit_test(counts),      cmocka_unit_test(long_cells),
        cmocka_unit_test(assets),      cmocka_unit_test(timeline_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
