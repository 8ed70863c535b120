/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks across cells: names, order, places inside the playbook, columns. Also that what we ship and document passes them.
 * Whole files with all their messages are golden cases: tests/playbook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/check.h"
#include "hb/fs.h"
#include "hb/record.h"

struct fixture {
    struct arena *arena;
    struct diags diags;
    struct playbook *p;
};

static void check(struct fixture *f, const char *params, const char *cells)
{
    f->arena = arena_new(0, "test");
    diags_init(&f->diags, f->arena);
    char *text = arena_printf(f->arena, "huntbook: 1\nid: t\nname: T\n%scells:\n%s", params, cells);
    f->p = playbook_parse(f->arena, "t.yaml", str_z(text), playbook_kinds, playbook_nkinds, &f->diags);
    if (f->diags.errors == 0)
        check_playbook(f->arena, f->p, &f->diags);
}

static char *printed(struct fixture *f)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < f->diags.n; i++)
        diag_print(&b, &f->diags.items[i], false);
    char *z = arena_strdup(f->arena, buf_z(&b));
    buf_free(&b);
    return z;
}

static void accepted(const char *params, const char *cells)
{
    struct fixture f;
    check(&f, params, cells);
    if (f.diags.n > 0)
        fail_msg("%s", printed(&f));
    arena_free(f.arena);
}

/* Exactly one diagnostic of this level, at this place, that holds `part`. */
static void said(const char *params, const char *cells, enum diag_level level, const char *place,
                 const char *part)
{
    struct fixture f;
    check(&f, params, cells);
    char *z = printed(&f);
    if (f.diags.n != 1 || f.diags.items[0].level != level || strncmp(z, place, strlen(place)) != 0 ||
        !strstr(z, part))
        fail_msg("wanted '%s' and '%s', got:\n%s", place, part, z);
    arena_free(f.arena);
}

static void refused(const char *cells, const char *place, const char *part)
{
    said("", cells, DIAG_ERROR, place, part);
}

static void test_places(void **state)
{
    (void)state;
    refused("- id: a\n  type: kql\n  query: |\n    T\n    | whre x == 1\n",
            "t.yaml:9:7:", "did you mean 'where'?");
    refused("- id: a\n  type: kql\n  query: 'T | whre x == ''1'''\n", "t.yaml:7:15:", "where");
    refused("- id: a\n  type: markdown\n  text: |\n    one\n    \xC3\xA9 ${{ 1 + }}\n",
            "t.yaml:9:14:", "expression");
    refused("- {id: a, type: kql, query: \"T | where x == \\\"\\u00e9\\\" | whre y\"}\n",
            "t.yaml:5:58:", "where");
}

static void test_order(void **state)
{
    (void)state;
    refused("- {id: a, type: kql, query: b | take 1}\n- {id: b, type: kql, query: T}\n",
            "t.yaml:5:29:", "cell 'a' reads cell 'b', which comes later");
    refused("- {id: a, type: kql, query: a | take 1}\n", "t.yaml:5:29:", "reads itself");
    refused("- {id: a, type: kql, query: T | where x in (b)}\n- {id: b, type: kql, query: T}\n",
            "t.yaml:5:45:", "comes later");
    refused("- {id: m, type: markdown, text: x}\n- {id: a, type: kql, query: m | take 1}\n",
            "t.yaml:6:29:", "has no rows");
    refused("- {id: a, type: kql, query: T, when: cells.b.rows > 0}\n- {id: b, type: kql, query: T}\n",
            "t.yaml:5:38:", "comes later");
    accepted("", "- {id: a, type: kql, query: T}\n- {id: b, type: kql, query: a | join kind=inner (T) on x, "
                 "when: cells.a.rows > 0}\n");
    accepted("", "- id: a\n  type: kql\n  query: T\n  expect: {that: toscalar(a | count) > 1}\n  finding: "
                 "{title: x, description: '${{ rows }}'}\n");
}

static void test_names(void **state)
{
    (void)state;
    refused("- {id: a, type: kql, query: T, when: row > 0}\n", "t.yaml:5:38:", "did you mean 'rows'?");
    refused("- {id: a, type: kql, query: T, when: rows > 0}\n", "t.yaml:5:38:", "no rows yet");
    refused("- {id: a, type: kql, query: T, when: run.sorce == ''}\n",
            "t.yaml:5:38:", "did you mean 'run.source'?");
    refused("- {id: a, type: kql, query: T, expect: {that: cells.b.rows > 0}}\n",
            "t.yaml:5:47:", "no cell 'b'");
    refused("- {id: a, type: kql, query: T}\n- {id: b, type: kql, query: T, when: cells.a.row > 0}\n",
            "t.yaml:6:38:", "did you mean 'cells.a.rows'?");
    refused("- {id: a, type: kql, query: T}\n- {id: b, type: kql, query: T, when: a > 0}\n",
            "t.yaml:6:38:", "toscalar(a | count)");
    refused("- {id: where, type: kql, query: T}\n", "t.yaml:5:8:", "word of KQL");
    refused("- {id: a, type: kql, query: 'T | where x > ${{ y }}'}\n",
            "t.yaml:5:44:", "no meaning inside KQL");
    said("", "- {id: suspects, type: kql, query: T}\n- {id: b, type: kql, query: suspect | take 1}\n",
         DIAG_WARNING, "t.yaml:6:29:", "did you mean 'suspects'?");
    said("params: {p: {type: int, default: 1}}\n", "- {id: a, type: kql, query: p | take 1}\n", DIAG_ERROR,
         "t.yaml:6:29:", "stands where a table is read");
    said("params: {p: {type: int, default: 1}}\n", "- {id: a, type: kql, query: T}\n", DIAG_WARNING,
         "t.yaml:4:10:", "nothing reads parameter 'p'");
    accepted("params: {p: {type: int, default: 1}}\n",
             "- {id: a, type: kql, query: T, max_rows: '${{ p }}'}\n");
}

static const char *const events =
    "- {id: e, type: kql, query: 'DeviceNetworkEvents | project TimeGenerated, DeviceName, RemotePort'}\n";

static void columns(const char *cell, const char *place, const char *part)
{
    struct arena *a = arena_new(0, "test");
    refused(arena_printf(a, "%s%s", events, cell), place, part);
    arena_free(a);
}

static void test_columns(void **state)
{
    (void)state;
    refused("- {id: a, type: kql, query: 'DeviceNetworkEvents | where RemotPort == 1'}\n",
            "t.yaml:5:58:", "did you mean 'RemotePort'?");
    said("", "- {id: a, type: kql, query: 'DeviceNetworkEvents | where Zzyzx == 1'}\n", DIAG_WARNING,
         "t.yaml:5:58:", "name it in a connect cell");
    accepted("", "- {id: c, type: connect, tables: {DeviceNetworkEvents: ['Zzyzx:int']}}\n"
                 "- {id: a, type: kql, query: 'DeviceNetworkEvents | where Zzyzx == 1'}\n");
    accepted("", "- {id: a, type: kql, query: 'Own_CL | where Zzyzx == 1'}\n- {id: b, type: kql, query: 'a | "
                 "where Q == 1'}\n");
    columns("- {id: a, type: kql, query: 'e | where RemoteIP == \"\"'}\n", "t.yaml:6:40:", "unknown");
    columns("- {id: a, type: anomaly, from: e, features: [{column: DeviceNam, encode: label}]}\n",
            "t.yaml:6:55:", "did you mean 'DeviceName'?");
    columns("- {id: a, type: anomaly, from: e, features: [{column: DeviceName, encode: hour}]}\n",
            "t.yaml:6:55:", "encode");
    columns("- {id: a, type: chart, from: e, chart: {kind: bar, x: DeviceName, y: Score}}\n",
            "t.yaml:6:70:", "no column 'Score'");
    columns("- {id: a, type: search, from: e, column: Device, value: x}\n",
            "t.yaml:6:42:", "no column 'Device'");
    columns("- {id: a, type: kql, query: e, display: {columns: [Devicename]}}\n",
            "t.yaml:6:52:", "did you mean 'DeviceName'?");
    columns("- {id: a, type: kql, query: e, expect: {that: rows}}\n", "t.yaml:6:47:", "of type long");
    columns("- {id: a, type: anomaly, from: e, features: [{column: DeviceName, encode: label}]}\n"
            "- {id: b, type: kql, query: a | where Anomaly_Scor < 0}\n",
            "t.yaml:7:39:", "did you mean 'Anomaly_Score'?");
}

static void test_column_parameter(void **state)
{
    (void)state;
    said("params: {f: {type: column, default: DeviceNam}}\n",
         "- {id: e, type: kql, query: 'DeviceNetworkEvents | project DeviceName'}\n"
         "- {id: a, type: anomaly, from: e, features: [{column: '${{ f }}', encode: label}]}\n",
         DIAG_ERROR, "t.yaml:7:60:", "did you mean 'DeviceName'?");
}

static void clean(const char *path)
{
    struct fixture f = { .arena = arena_new(0, "test") };
    diags_init(&f.diags, f.arena);
    f.p = playbook_load(f.arena, path, playbook_kinds, playbook_nkinds, &f.diags);
    if (f.p)
        check_playbook(f.arena, f.p, &f.diags);
    if (f.diags.n > 0)
        fail_msg("%s", printed(&f));
    arena_free(f.arena);
}

/* What we ship passes without a warning. */
static void test_shipped(void **state)
{
    (void)state;
    static const char *const folders[] = { "playbooks", "templates/playbook", "tests/playbook/good" };
    struct arena *a = arena_new(0, "test");
    size_t seen = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct str *names;
        struct err err = ERR_INIT;
        size_t n;
        assert_true(fs_list(a, folders[i], &names, &n, &err));
        for (size_t k = 0; k < n; k++)
            if (str_ends(names[k], STR(".hunt.yaml"))) {
                clean(fs_join(a, folders[i], names[k].p));
                seen++;
            }
    }
    assert_true(seen >= 5);
    arena_free(a);
}

/* The document holds the text, or gets it when HUNTBOOK_UPDATE is set. */
static void documented(const char *path, const char *from, const struct buf *want)
{
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct str text;
    assert_true(fs_read(a, path, 16 << 20, &text, &err));
    size_t at = str_find(text, str_z(from), 0);
    assert_true(at != SIZE_MAX);
    at += strlen(from);
    if (getenv("HUNTBOOK_UPDATE")) {
        struct buf b = BUF_INIT;
        buf_put(&b, text.p, at);
        buf_str(&b, buf_view(want));
        assert_true(fs_write_atomic(path, buf_view(&b), &err));
        buf_free(&b);
    } else if (!str_eq(str_sub(text, at, text.n), buf_view(want))) {
        fail_msg("%s is not what the rows say; HUNTBOOK_UPDATE=1 %s writes it", path,
                 "tests/unit/test_check");
    }
    arena_free(a);
}

static void test_documents(void **state)
{
    (void)state;
    struct buf reference = BUF_INIT, schema = BUF_INIT, record = BUF_INIT;
    playbook_reference(&reference, playbook_kinds, playbook_nkinds);
    documented("docs/playbook-format.md", "## Reference\n\n", &reference);
    playbook_schema(&schema, playbook_kinds, playbook_nkinds);
    documented("docs/playbook.schema.json", "", &schema);
    record_schema(&record);
    documented("docs/run.schema.json", "", &record);
    buf_free(&record);
    buf_free(&reference);
    buf_free(&schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_column_parameter),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
