/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to render. Built by hand, so that writers of reports are tested with no engine, source or playbook.
 *
 * To prove that a place is safe, put a text of fixture_hostile there in fixture_hostile_record.
 */
#include "report_fixture.h"

#include "hb/chart.h"
#include "hb/ticks.h"
#include "hb/vec.h"

const struct str fixture_hostile[] = {
    STR_INIT("<script>alert(1)</script>"),
    STR_INIT("</style></script></textarea><img src=x onerror=alert(1)>"),
    STR_INIT("\" onmouseover=\"alert(1)\" x='"),
    STR_INIT("invoice_\xe2\x80\xae"
             "fdp.exe"),                                         /* right-to-left override */
    STR_INIT("isolate \xe2\x81\xa7x\xe2\x81\xa9 mark \xd8\x9c"), /* bidi isolates, Arabic letter mark */
    STR_INIT("zero\xe2\x80\x8bwidth\xef\xbb\xbfjoined\xc2\xad"),
    STR_INIT("c1 \xc2\x85 del \x7f bell \x07"),
    STR_INIT("bad \xff bytes \xc3\x28 overlong \xc0\xaf surrogate \xed\xa0\x80 cut \xf0\x9f\x98"),
    STR_INIT("nul \0 inside"),
    STR_INIT("\x1b[31mterminal\x1b[0m \x1b]0;title\x07"),
    STR_INIT("line one\r\nline two\ttab\nEOD\n`id` $(id)"),
    STR_INIT("=cmd|' /C calc'!A0"),
    STR_INIT("]]> <!-- &#x202e; &lt;b&gt; &amp;"),
    STR_INIT("javascript:alert(1)"),
    STR_INIT("[link](javascript:alert(1)) **bold** `code` | pipe"),
    STR_INIT("${{ run.secret }} {{7*7}} %n%s%x"),
    STR_INIT("\xf3\xb0\x80\x80 private \xee\x80\x80 tag \xf3\xa0\x81\x81 nonchar \xef\xbf\xbf"),
    /* emoji, mathematical letter, hangul, han, Arabic, Hebrew, combining accent, nested composite */
    STR_INIT("\xf0\x9f\x98\x80 \xf0\x9d\x90\x87 \xed\x95\x9c\xea\xb8\x80 \xe6\xbc\xa2\xe5\xad\x97 "
             "\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a"
             " \xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa e\xcc\x81 \xc7\x95"),
    STR_INIT("\\u{202E} written out and \\xFF too"),
};
const size_t fixture_nhostile = sizeof fixture_hostile / sizeof *fixture_hostile;

static int64_t midnight(void)
{
    struct civil c = { .year = 2026, .month = 1, .day = 15 };
    int64_t t = 0;
    (void)ticks_from_civil(&c, &t);
    return t;
}

static int64_t minutes_ago(int64_t n)
{
    return midnight() - n * TICKS_MIN;
}

static struct str long_value(struct arena *a, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = "2skeaYYaeks2CQgyGc0OqIoKuU8mSAwiWME+6446"[i % 40];
    return (struct str){ p, n };
}

static struct str hex64(struct arena *a, unsigned seed)
{
    char *p = arena_alloc(a, 65);
    for (size_t i = 0; i < 64; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = "0123456789abcdef"[seed >> 28];
    }
    return (struct str){ p, 64 };
}

static struct str *strs(struct arena *a, size_t *n, const char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    struct str *out = ARENA_ARRAY(a, count, struct str);
    for (size_t i = 0; i < count; i++)
        out[i] = str_z(list[i]);
    *n = count;
    return out;
}
#define STRS(a, n, ...) strs((a), (n), (const char *const[]){ __VA_ARGS__, NULL })

static struct record_block *add_block(struct record *r, struct record_cell *c, enum record_block_kind kind)
{
    struct record_block *b = VEC_PUSH(r->arena, c->blocks, c->nblocks, c->blocks_cap);
    b->kind = kind;
    return b;
}

static void add_file(struct record *r, struct record_cell *c, const char *path, int64_t bytes, int64_t rows)
{
    *VEC_PUSH(r->arena, c->files, c->nfiles,
              c->files_cap) = (struct record_file){ .path = str_z(path),
                                                    .sha256 = hex64(r->arena, (unsigned)(bytes + c->number)),
                                                    .bytes = bytes,
                                                    .rows = rows };
}

static void expect(struct record *r, struct record_cell *c, const char *that, const char *severity,
                   bool passed, const char *message)
{
    *VEC_PUSH(r->arena, c->expects, c->nexpects, c->expects_cap) = (struct record_expectation){
        .that = str_z(that), .severity = str_z(severity), .passed = passed, .message = str_z(message)
    };
}

static struct record_finding *add_finding(struct record *r, struct record_cell *c, const char *title,
                                          const char *severity)
{
    struct record_finding *f = VEC_PUSH(r->arena, c->findings, c->nfindings, c->findings_cap);
    *f = (struct record_finding){ .title = str_z(title),
                                  .severity = str_z(severity),
                                  .when = STR("rows > 0") };
    return f;
}

static void entity(struct record *r, struct record_cell *c, const char *type, const char *identifier,
                   const char *column, struct str value, int64_t rows)
{
    *VEC_PUSH(r->arena, c->entities, c->nentities,
              c->entities_cap) = (struct record_entity){ .type = str_z(type),
                                                         .identifier = str_z(identifier),
                                                         .column = str_z(column),
                                                         .value = value,
                                                         .rows = rows,
                                                         .first = minutes_ago(600),
                                                         .last = minutes_ago(15) };
}

static struct record_cell *next_cell(struct record *r, const char *id, const char *kind, const char *title)
{
    struct record_cell *c = &r->cells[r->ncells++];
    c->number = (int)r->ncells;
    c->id = str_z(id);
    c->kind = str_z(kind);
    c->title = str_z(title);
    c->status = RECORD_OK;
    c->started = r->started + c->number * TICKS_SEC;
    c->duration_us = 1700 * c->number;
    c->rows = -1;
    return c;
}

/* -- data -- */

static const struct {
    const char *name;
    enum hb_type type;
} connection_columns[] = {
    { "TimeGenerated", HB_DATETIME },
    { "DeviceName", HB_STRING },
    { "InitiatingProcessFileName", HB_STRING },
    { "InitiatingProcessCommandLine", HB_STRING },
    { "RemoteIP", HB_STRING },
    { "RemotePort", HB_INT },
    { "BytesSent", HB_LONG },
    { "Anomaly", HB_INT },
    { "Anomaly_Score", HB_REAL },
    { "Session", HB_TIMESPAN },
    { "Signed", HB_BOOL },
    { "Extra", HB_DYNAMIC },
};

/* Connections as the anomaly cell leaves them: most types that a column may have, nulls, hostile texts, two
 * huge values. */
static struct table *connections(struct arena *a, size_t nrows)
{
    static const char *const procs[] = { "svchost.exe", "chrome.exe", "updater.exe", "teams.exe",
                                         "powershell.exe" };
    size_t ncols = sizeof connection_columns / sizeof *connection_columns;
    struct table *t = table_new(a, ncols, nrows);
    for (size_t i = 0; i < ncols; i++)
        table_set_column(t, i, str_z(connection_columns[i].name), connection_columns[i].type);
    struct column *c = t->cols;
    for (size_t i = 0; i < nrows; i++) {
        bool odd = i < fixture_nhostile + 2;
        c[0].v.i[i] = minutes_ago((int64_t)(i * 7 % 1440)) + (int64_t)i * 12345;
        c[1].v.s[i] = arena_strf(a, "WS-%05zu", 417 + i * 31 % 90);
        /* once among the rows that are elements of an HTML page, once among those that are JSON */
        c[2].v.s[i] = i % 1000 < fixture_nhostile ? fixture_hostile[i % 1000] : str_z(procs[i % 5]);
        c[3].v.s[i] = arena_strf(a, "C:\\Program Files\\Vendor\\%s --session=%zu --quiet", procs[i % 5], i);
        c[4].v.s[i] = arena_strf(a, "198.51.100.%zu", i % 254 + 1);
        c[5].v.i[i] = i % 3 ? 443 : 8443;
        c[6].v.i[i] = (int64_t)(i * 7919 % 2000003);
        c[7].v.i[i] = odd ? -1 : 1;
        c[8].v.f[i] = odd ? -0.0731245 + (double)i / 1000 : 0.12345678901;
        c[9].v.i[i] = (int64_t)i * TICKS_SEC;
        c[10].v.b[i] = i % 4 != 0;
        c[11].v.s[i] = STR("{\"k\":[1,2,{\"x\":\"<b>\"}]}");
    }
    if (nrows > fixture_nhostile + 1) {
        c[3].v.s[fixture_nhostile] = long_value(a, 65536);
        c[3].v.s[fixture_nhostile + 1] = long_value(a, 1 << 20);
        column_set_null(t, 8, 3);
        column_set_null(t, 6, 4);
        c[11].v.s[2] = STR("");
    }
    return t;
}

static struct record_block *add_table(struct record *r, struct record_cell *c, struct table *t, int64_t total,
                                      size_t show)
{
    struct record_block *b = add_block(r, c, BLOCK_TABLE);
    b->table.head = t;
    b->table.total_rows = total;
    b->table.show_rows = show;
    c->rows = total;
    c->fingerprint = hex64(r->arena, (unsigned)c->number);
    c->ncolumns = t->ncols;
    c->columns = ARENA_ARRAY(r->arena, t->ncols, struct record_column);
    for (size_t i = 0; i < t->ncols; i++)
        c->columns[i] = (struct record_column){ .name = t->cols[i].name, .type = t->cols[i].type };
    return b;
}

/* -- a chart: bars with labels, one of them an escape -- */

static struct shape label(struct arena *a, centi x, centi y, enum text_anchor anchor, struct str text,
                          bool escape)
{
    struct text_run *run = ARENA_ARRAY(a, 2, struct text_run);
    run[0] = (struct text_run){ text, false };
    run[1] = (struct text_run){ STR("\\u{202E}"), true };
    return (struct shape){ .kind = SHAPE_TEXT,
                           .fill = PAINT_INK,
                           .opacity = 100,
                           .x = x,
                           .y = y,
                           .size = 1100,
                           .anchor = (uint8_t)anchor,
                           .runs = run,
                           .nruns = escape ? 2 : 1 };
}

static struct shape grid_line(struct arena *a, centi x)
{
    struct path_step *steps = ARENA_ARRAY(a, 2, struct path_step);
    steps[0] = (struct path_step){ .op = PATH_MOVE, .x = x, .y = 1000 };
    steps[1] = (struct path_step){ .op = PATH_LINE, .x = x, .y = 24000 };
    return (struct shape){ .kind = SHAPE_PATH,
                           .stroke = PAINT_GRID,
                           .opacity = 100,
                           .stroke_width = 50,
                           .ndash = 2,
                           .dash = { 200, 400 },
                           .steps = steps,
                           .nsteps = 2 };
}

static struct str chart_svg(struct arena *a)
{
    static const char *const names[] = { "powershell.exe", "cmd.exe", "csc", "\xe5\xa8\x81\xe8\x83\x81.exe",
                                         "invoice_" };
    struct shape *shapes = ARENA_ARRAY(a, 32, struct shape);
    size_t n = 0;
    for (int i = 0; i < 5; i++) {
        centi y = 3000 + i * 4400, w = 40000 - i * 8700;
        shapes[n++] = grid_line(a, 16000 + i * 10000);
        shapes[n++] = (struct shape){ .kind = SHAPE_RECT,
                                      .fill = i == 4 ? PAINT_ALARM : PAINT_ACCENT,
                                      .opacity = 100,
                                      .x = 16000,
                                      .y = y,
                                      .w = w,
                                      .h = 2600,
                                      .tip = str_z(names[i]) };
        shapes[n++] = label(a, 15200, y + 1750, ANCHOR_END, str_z(names[i]), i == 4);
        shapes[n++] = label(a, 16600 + w, y + 1750, ANCHOR_START, arena_strf(a, "%d", 4812 - 900 * i), false);
    }
    struct drawing d = { .width = 64000,
                         .height = 26000,
                         .shapes = shapes,
                         .nshapes = n,
                         .title = STR("Top processes"),
                         .desc = STR("Bars of five process names.") };
    struct buf b = BUF_INIT;
    drawing_put_svg(&b, &d, "c", true);
    struct str svg = buf_to_arena(&b, a);
    buf_free(&b);
    return svg;
}

/* -- the hunt, cell by cell -- */

static void playbook(struct record *r)
{
    struct arena *a = r->arena;
    r->playbook.path = STR("playbooks/anomalous-process-network-connections.hunt.yaml");
    r->playbook.sha256 = hex64(a, 1);
    r->playbook.id = STR("6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a21");
    r->playbook.name = STR("Anomalous process network connections");
    r->playbook.version = STR("1.0.0");
    r->playbook.author = STR("Ren\xc3\xa9"
                             "e D\xc3\xbbpont");
    r->playbook.tlp = STR("TLP:AMBER+STRICT");
    r->playbook.description.markdown = STR("Finds processes that **rarely** talk to public addresses, then "
                                           "checks parents, folders and command lines.\n");
    r->playbook.tactics = STRS(a, &r->playbook.ntactics, "CommandAndControl", "Exfiltration");
    r->playbook.techniques = STRS(a, &r->playbook.ntechniques, "T1071", "T1059", "T1036.005");
    r->playbook.tags = STRS(a, &r->playbook.ntags, "network", "process");
    r->playbook.references = STRS(a, &r->playbook.nreferences, "https://attack.mitre.org/techniques/T1071/",
                                  "javascript:alert(1)", "an internal wiki page");
    r->playbook.hunt_kind = STR("model-assisted");
    r->playbook.hypothesis.markdown = STR(
        "An implant runs under a process name that seldom talks to the internet.");
    r->playbook.false_positives.markdown = STR("Updaters and one-off administration tools are rare too.");
    r->playbook.rationale.markdown = STR("Names of processes are *few*, addresses are many.");
    r->playbook.disproof.markdown = STR("Every flagged process is explained by its owner.");
    r->playbook.next_steps.markdown = STR("1. Isolate the device.\n2. Collect the binary.\n");
    r->playbook.scope = STR("Managed devices");
    r->playbook.able.actor = STR("Any intruder");
    r->playbook.able.location = STR("Workstations");
    r->playbook.nmappings = 3;
    r->params = ARENA_ARRAY(a, 3, struct record_param);
    r->nparams = 3;
    r->params[0] = (struct record_param){
        STR("lookback"), STR("timespan"), STR("1.00:00:00"), STR("Window of the anomaly query"), true, STR("")
    };
    r->params[1] = (struct record_param){ STR("contamination"),         STR("real"), STR("0.01"),
                                          STR("Share of rows to flag"), true,        STR("") };
    r->params[2] = (struct record_param){ STR("field"), STR("column"), STR("InitiatingProcessFileName"),
                                          STR(""),      false,         STR("") };
}

static void head(struct record *r)
{
    struct arena *a = r->arena;
    r->version = RECORD_VERSION;
    r->run_id = STR("20260115T060211Z-7f3a91");
    r->tool_version = STR("0.1.0");
    playbook(r);
    r->now = midnight();
    r->now_given = true;
    r->started = r->now + 6 * TICKS_HOUR + 131 * TICKS_SEC;
    r->ended = r->started + 146 * TICKS_SEC + 123456;
    r->analyst = STR("\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0 "
                     "\xd0\x9a\xd0\xbe\xd0\xb2\xd0\xb0\xd0\xbb\xd1\x8c\xd1\x87\xd1\x83\xd0\xba");
    r->host = STR("hunt-01");
    r->command_line = STR("huntbook run playbooks/anomalous-process-network-connections.hunt.yaml");
    r->status = STR("completed");
    r->fingerprint = hex64(a, 99);
    *VEC_PUSH(a, r->versions, r->nversions, r->versions_cap) = (struct record_pair){ STR("duckdb"),
                                                                                     STR("1.5.4"), STR("") };
    *VEC_PUSH(a, r->versions, r->nversions, r->versions_cap) =
        (struct record_pair){ STR("gnuplot"), STR("gnuplot 5.4 patchlevel 4"), STR("") };
    *VEC_PUSH(a, r->warnings, r->nwarnings, r->warnings_cap) = STR("memory limit lowered to 1.0 GiB");
}

static void source(struct record *r)
{
    struct arena *a = r->arena;
    r->source.kind = STR("files");
    r->source.name = STR("sample data");
    r->source.detail = STR("playbooks/data");
    r->source.sample = true;
    struct record_source_table *t = ARENA_ARRAY(a, 2, struct record_source_table);
    r->source.tables = t;
    r->source.ntables = 2;
    t[0] = (struct record_source_table){ .name = STR("DeviceNetworkEvents"),
                                         .rows = 1104882,
                                         .rejected = 3,
                                         .first = minutes_ago(1440),
                                         .last = minutes_ago(1),
                                         .time_column = STR("TimeGenerated") };
    t[0].nfiles = 2;
    t[0].files = ARENA_ARRAY(a, 2, struct record_file);
    t[0].files[0] = (struct record_file){ STR("DeviceNetworkEvents.csv.gz"), hex64(a, 5), 6120774, 1000000 };
    t[0].files[1] = (struct record_file){ STR("DeviceNetworkEvents-2.csv"), hex64(a, 6), 2914113, 104882 };
    t[0].warnings = STRS(a, &t[0].nwarnings,
                         "3 rows had too few fields and were left out (first: line 88,120)");
    t[1] = (struct record_source_table){ .name = STR("DeviceInfo") };
}

static void intro(struct record *r)
{
    struct record_cell *c = next_cell(r, "intro", "markdown", "What this hunt does");
    struct record_block *b = add_block(r, c, BLOCK_PROSE);
    b->prose.markdown = STR(
        "The window is the \xf3\xb0\x80\x80 before \xf3\xb0\x80\x81, source \xf3\xb0\x80\x82.\n\n"
        "## Steps\n\n1. Rank processes by *how rarely* they talk.\n2. Look at **parents** and `folders`:\n"
        "   - [x] temp folders\n   - [ ] ~~registry~~ scheduled tasks\n\n"
        "> A rare name is not yet a bad name.\n> See [ATT&CK](https://attack.mitre.org/?a=1&b=2) or "
        "[this](javascript:alert(1)).\n\n"
        "```kql\nDeviceNetworkEvents\n| take 5 // five\n```\n\n"
        "| Stage | Rows |\n|:--|--:|\n| all | 1,104,882 |\n| *flagged* | \xf3\xb0\x80\x83 |\n\n---\n\n"
        "![a picture](https://example.com/x.png) <b onclick=alert(1)>raw</b> &#x202e; &amp; "
        "https://example.com/auto\n");
    b->prose.nvalues = 4;
    b->prose.values = ARENA_ARRAY(r->arena, 4, struct str);
    b->prose.values[0] = STR("1d");
    b->prose.values[1] = STR("2026-01-15 00:00:00Z");
    b->prose.values[2] = fixture_hostile[3];
    b->prose.values[3] = fixture_hostile[14];
}

static void environment(struct record *r)
{
    struct record_cell *c = next_cell(r, "environment", "env", "Environment");
    struct record_block *b = add_block(r, c, BLOCK_PAIRS);
    b->caption = STR("Variables");
    b->npairs = 3;
    b->pairs = ARENA_ARRAY(r->arena, 3, struct record_pair);
    b->pairs[0] = (struct record_pair){ STR("AZURE_TENANT_ID"), STR("00000000-1111-2222-3333-444444444444"),
                                        STR("ok") };
    b->pairs[1] = (struct record_pair){ STR("AZURE_CLIENT_SECRET"), STR("set"), STR("ok") };
    b->pairs[2] = (struct record_pair){ STR("AZURE_CLIENT_ID"), STR("not set"), STR("missing") };
}

static void queries(struct record *r)
{
    struct arena *a = r->arena;
    struct record_cell *c = next_cell(r, "connections", "kql",
                                      "Successful outbound connections to public addresses");
    c->description.markdown = STR("Only IPv4; private ranges are left out.");
    c->query = STR("// outbound only\nDeviceNetworkEvents\n| where TimeGenerated >= ago(lookback)\n"
                   "| where RemoteIP matches regex @\"^\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}$\" and "
                   "RemoteIP !startswith '10.'\n"
                   "| extend n = 1.5e3 + toint(RemotePort)\n| project TimeGenerated, DeviceName, RemoteIP, "
                   "RemotePort\n");
    c->query_line = 41;
    c->query_sent = STR("let lookback = 1d;\nDeviceNetworkEvents\n| where TimeGenerated >= "
                        "datetime(2026-01-14T00:00:00.0000000Z)\n");
    c->sql = STR("SELECT \"TimeGenerated\", \"DeviceName\" FROM \"DeviceNetworkEvents\" WHERE \"RemotePort\" "
                 "= 443 -- by port\n");
    c->engine = STR("embedded");
    c->inputs = STRS(a, &c->ninputs, "DeviceNetworkEvents");
    add_table(r, c, connections(a, 60), 13310, 10);
    expect(r, c, "rows > 0", "fail", true, "No rows says nothing about the hypothesis; check the connector.");
    expect(r, c, "rows < 10000", "warn", false, "More rows than usual: the window may be too wide.");
    add_file(r, c, "cells/03-connections.parquet", 291411, 13310);
    add_file(r, c, "cells/03-connections.csv", 2914113, 13310);
    add_file(r, c, "queries/03-connections.kql", 412, -1);

    c = next_cell(r, "anomalies", "anomaly", "Isolation forest over process names");
    c->inputs = STRS(a, &c->ninputs, "connections");
    struct record_block *b = add_table(r, c, connections(a, 600), 13310, 25);
    b->caption = STR("Flagged rows first");
    b->table.mark_column = STR("Anomaly");
    b->table.why_order = STR("ties in order of TimeGenerated, then RemoteIP");
    add_file(r, c, "cells/04-anomalies.parquet", 391411, 13310);
    *VEC_PUSH(a, c->warnings, c->nwarnings, c->warnings_cap) = STR(
        "encode: label flags names at the ends of the alphabet; encode: frequency stands beside it");

    c = next_cell(r, "top_ten", "chart", "Ten most anomalous connections");
    b = add_block(r, c, BLOCK_CHART);
    b->caption = STR("Process names by number of flagged connections");
    b->chart.file = STR("charts/05-top_ten.svg");
    b->chart.svg = chart_svg(a);
    b->chart.text = STR("Bars of five process names; one that begins with invoice_ stands out in red.");
    add_file(r, c, "charts/05-top_ten.svg", 5321, -1);
}

static void suspicious(struct record *r)
{
    struct arena *a = r->arena;
    struct record_cell *c = next_cell(r, "temp_path", "kql",
                                      "Check if process spawned out of a temp file path");
    c->query = STR("DeviceNetworkEvents\n| where InitiatingProcessFileName in (suspects)\n"
                   "| where InitiatingProcessFolderPath contains_cs \"temp\"");
    c->query_line = 88;
    c->engine = STR("embedded");
    c->inputs = STRS(a, &c->ninputs, "DeviceNetworkEvents", "suspects");
    add_table(r, c, connections(a, 4), 4, 10);
    struct record_finding *f = add_finding(r, c, "A rare talker runs from a temp folder", "high");
    f->open = true;
    f->rows = 4;
    f->first = minutes_ago(600);
    f->last = minutes_ago(15);
    entity(r, c, "Host", "FullName", "DeviceName", STR("ws-00417.corp.example"), 3);
    entity(r, c, "Host", "FullName", "DeviceName", fixture_hostile[3], 1);
    entity(r, c, "IP", "Address", "RemoteIP", STR("198.51.100.7"), 4);
    entity(r, c, "URL", "Url", "RemoteUrl", STR("https://user@evil.example/a.exe"), 2);
    c->entities_left = 12;
    f->techniques = STRS(a, &f->ntechniques, "T1036.005");
    f->description.markdown = STR(
        "The first process is \xf3\xb0\x80\x80; isolate its host **before** looking further.");
    f->description.nvalues = 1;
    f->description.values = ARENA_ARRAY(a, 1, struct str);
    f->description.values[0] = fixture_hostile[0];
    add_file(r, c, "cells/06-temp_path.csv", 912, 4);
    c->review.asked = true;
    c->review.nstrikes = 2;
    c->review.strikes = ARENA_ARRAY(a, 2, struct record_strike);
    c->review.strikes[0] = (struct record_strike){ .rows = STR("2-3"),
                                                   .nrows = 2,
                                                   .reason = STR("Our own scanner"),
                                                   .author = r->analyst,
                                                   .time = r->started + 10 * TICKS_SEC,
                                                   .head = connections(a, 2) };
    c->review.strikes[1] = (struct record_strike){ .reason = STR("Looked again"), .author = STR("bob") };

    c = next_cell(r, "odd_parent", "kql", "Check the parent process");
    c->query = STR("suspects | where Parent == 'winword.exe'");
    c->query_line = 101;
    c->engine = STR("embedded");
    add_table(r, c, connections(a, 0), 0, 10);
    c->review.asked = true;
    add_finding(r, c, "An office program is the parent", "medium");
}

static void ends(struct record *r)
{
    struct arena *a = r->arena;
    struct record_cell *c = next_cell(r, "powershell", "kql", "Check for PowerShell");
    c->query = STR("suspects | where FileName =~ 'powershell.exe'");
    c->status = RECORD_SKIPPED;
    c->reason = STR("input 'suspects' is empty (on_empty: skip)");
    c->started = c->duration_us = 0;

    c = next_cell(r, "lookup", "kql", "Look the addresses up");
    c->query = STR("externaldata(ip: string) [@'https://example.com/x.csv']");
    c->query_line = 120;
    c->status = RECORD_FAILED;
    c->reason = STR("cell 'lookup': externaldata is not allowed in a playbook");

    c = next_cell(r, "conclusion", "note", "Conclusion");
    c->note.present = c->note.required = true;
    c->note.prompt.markdown = STR(
        "Is the hypothesis confirmed, refuted or undecided, and on which rows does that rest?");
    c->note.verdict = STR("confirmed");
    c->note.text = STR(
        "Confirmed by **four rows** of `temp_path`: <script>alert(1)</script> ran from a temp folder.");
    c->note.author = r->analyst;
    c->note.time = r->started + 140 * TICKS_SEC;
    c->note.choices = STRS(a, &c->note.nchoices, "confirmed", "refuted", "inconclusive");

    c = next_cell(r, "review", "note", "Review");
    c->note.present = c->note.required = true;
    c->note.prompt.markdown = STR("Second pair of eyes: what was looked at again?");

    c = next_cell(r, "cleanup", "markdown", "After the hunt");
    c->status = RECORD_NOT_RUN;
    c->started = 0;
}

static void since(struct record *r)
{
    struct arena *a = r->arena;
    struct record_since *x = &r->since;
    x->dir = STR("output/anomalous-process-network-connections/20260108T060211Z-7f3a90");
    x->run_id = STR("20260108T060211Z-7f3a90");
    x->playbook = r->playbook.name;
    x->status = STR("completed");
    x->fingerprint = hex64(a, 98);
    x->now = midnight() - 7 * TICKS_DAY;
    x->keys = STRS(a, &x->nkeys, "DeviceName", "RemoteIP");
    x->nparams = x->nsources = 1;
    x->params = ARENA_ARRAY(a, 1, struct record_change);
    x->params[0] = (struct record_change){ STR("contamination"), STR("0.02"), STR("0.01") };
    x->sources = ARENA_ARRAY(a, 1, struct record_change);
    x->sources[0] = (struct record_change){ STR("DeviceInfo"), STR(""), STR("0 rows") };
    x->playbook_changed = true;
    x->playbook_lines = STR("-    | where RemotePort == 443\n+    | where RemotePort in (443, 8443)");
    x->playbook_lines_left = 7;
    x->nfindings = 1;
    x->findings = ARENA_ARRAY(a, 1, struct record_since_finding);
    x->findings[0] = (struct record_since_finding){ STR("temp_path"),
                                                    STR("A rare talker runs from a temp folder"), STR("high"),
                                                    STR("appeared") };
    x->ncells = 2;
    x->cells_same = 9;
    x->cells = ARENA_ARRAY(a, 2, struct record_since_cell);
    x->cells[0] = (struct record_since_cell){ .id = STR("temp_path"),
                                              .change = STR("changed"),
                                              .old_state = STR("ok"),
                                              .new_state = STR("ok"),
                                              .new_rows = 4,
                                              .text_changed = true,
                                              .rows_new = 1200,
                                              .rows = connections(a, 40) };
    x->cells[1] = (struct record_since_cell){
        .id = STR("gone_step"), .change = STR("gone"), .old_state = STR("ok"), .old_rows = 12, .new_rows = -1
    };
}

static struct record *blank(struct arena *a)
{
    struct record *r = ARENA_NEW(a, struct record);
    r->arena = a;
    r->cells = ARENA_ARRAY(a, 32, struct record_cell);
    return r;
}

static void custody(struct record *r)
{
    struct arena *a = r->arena;
    r->ndrawn_with = 2;
    r->drawn_with = ARENA_ARRAY(a, 2, struct record_tool);
    r->drawn_with[0] = (struct record_tool){ STR("libharu"), STR("2.3.0"), STR("") };
    r->drawn_with[1] = (struct record_tool){ STR("NotoSans-Regular.ttf"), STR("Version 2.007"),
                                             hex64(a, 77) };
    r->nnotes = 2;
    r->notes = ARENA_ARRAY(a, 2, struct record_noted);
    for (size_t i = 0; i < 2; i++)
        r->notes[i] = (struct record_noted){ r->started + (int64_t)(130 + 10 * i) * TICKS_SEC,
                                             STR("conclusion"), i ? STR("confirmed") : STR("inconclusive"),
                                             r->analyst, hex64(a, 80 + (unsigned)i) };
}

struct record *fixture_record(struct arena *a)
{
    struct record *r = blank(a);
    head(r);
    source(r);
    intro(r);
    environment(r);
    queries(r);
    suspicious(r);
    ends(r);
    since(r);
    custody(r);
    return r;
}

struct record *fixture_empty_record(struct arena *a)
{
    struct record *r = blank(a);
    r->version = RECORD_VERSION;
    r->run_id = STR("20260115T000000Z-000000");
    r->playbook.name = STR("Empty");
    r->now = r->started = r->ended = midnight();
    r->status = STR("failed");
    r->error = STR("cannot open 'data': No such file or directory");
    r->exit_code = 1;
    return r;
}

struct record *fixture_wide_record(struct arena *a, size_t rows)
{
    struct record *r = blank(a);
    head(r);
    struct record_cell *c = next_cell(r, "wide", "kql", "Many rows");
    struct table *t = connections(a, rows);
    t->ncols = 6;
    add_table(r, c, t, (int64_t)rows, rows);
    return r;
}

/* -- hostile everywhere -- */

static struct str hostile(size_t k)
{
    return fixture_hostile[k % fixture_nhostile];
}

static void spoil_cell(struct record_cell *c, size_t k)
{
    struct str *const places[] = {
        &c->title,     &c->description.markdown, &c->reason,      &c->kind, &c->engine,
        &c->query,     &c->query_sent,           &c->sql,         &c->id,   &c->note.prompt.markdown,
        &c->note.text, &c->note.author,          &c->note.verdict
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i]->n || i < 3)
            *places[i] = hostile(k + i);
    for (size_t i = 0; i < c->nfindings; i++) {
        c->findings[i].title = hostile(k + i);
        c->findings[i].severity = hostile(k + 6 + i);
        c->findings[i].when = hostile(k + 7 + i);
    }
    for (size_t i = 0; i < c->review.nstrikes; i++)
        c->review.strikes[i].rows = c->review.strikes[i].author = c->review.strikes[i].reason = hostile(k +
                                                                                                        i);
    for (size_t i = 0; i < c->nentities; i++)
        c->entities[i].value = c->entities[i].type = c->entities[i].column = hostile(k + 9 + i);
    for (size_t i = 0; i < c->nfiles; i++)
        c->files[i].path = hostile(k + i);
    for (size_t i = 0; i < c->ninputs; i++)
        c->inputs[i] = hostile(k + 1 + i);
    for (size_t i = 0; i < c->nexpects; i++)
        c->expects[i].message = c->expects[i].that = hostile(k + 2 + i);
    for (size_t i = 0; i < c->nblocks; i++) {
        struct record_block *b = &c->blocks[i];
        b->caption = hostile(k + 3 + i);
        b->chart.text = b->chart.file = hostile(k + 4 + i);
        b->table.why_order = hostile(k + 5 + i);
        for (size_t j = 0; b->table.head && j < b->table.head->ncols; j++)
            b->table.head->cols[j].name = hostile(k + j);
        for (size_t j = 0; j < b->npairs; j++)
            b->pairs[j] = (struct record_pair){ hostile(k + j), hostile(k + j + 1), hostile(k + j + 2) };
    }
}

static void spoil_since(struct record_since *x)
{
    struct str *const places[] = { &x->run_id, &x->playbook, &x->status, &x->playbook_lines, &x->keys[0] };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        *places[i] = hostile(i);
    x->params[0] = (struct record_change){ hostile(2), hostile(3), hostile(4) };
    x->findings[0] = (struct record_since_finding){ hostile(5), hostile(6), hostile(7), hostile(8) };
    x->cells[0].id = hostile(0);
    x->cells[0].note = hostile(1);
    x->cells[1].change = hostile(2);
    for (size_t j = 0; j < x->cells[0].rows->ncols; j++)
        x->cells[0].rows->cols[j].name = hostile(j);
}

struct record *fixture_hostile_record(struct arena *a)
{
    struct record *r = fixture_record(a);
    struct str *const places[] = {
        &r->playbook.name,
        &r->playbook.author,
        &r->playbook.tlp,
        &r->playbook.id,
        &r->playbook.version,
        &r->playbook.hypothesis.markdown,
        &r->playbook.rationale.markdown,
        &r->playbook.next_steps.markdown,
        &r->playbook.scope,
        &r->playbook.able.actor,
        &r->playbook.path,
        &r->run_id,
        &r->analyst,
        &r->host,
        &r->command_line,
        &r->tool_version,
        &r->playbook.description.markdown,
        &r->source.name,
        &r->source.detail,
        &r->source.tables[0].name,
        &r->source.tables[0].files[0].path,
        &r->params[0].name,
        &r->params[0].value,
        &r->status,
        &r->playbook.tags[0],
        &r->playbook.techniques[0],
        &r->versions[0].value,
        &r->warnings[0],
        &r->playbook.sha256,
        &r->fingerprint,
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        *places[i] = hostile(i);
    for (size_t i = 0; i < r->ncells; i++)
        spoil_cell(&r->cells[i], i);
    spoil_since(&r->since);
    return r;
}
