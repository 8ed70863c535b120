/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of KQL: bench_kql FILE [ROUNDS [PART-OF-A-NAME]]
 *
 * FILE holds DeviceNetworkEvents (`huntbook sample -n 5000000 -o DIR`; CSV or Parquet). First the time to compile, best of
 * many: hunting queries, and a query of 100 lines. Then queries of the kinds hunters write, each beside SQL that somebody who
 * knows DuckDB would write by hand for the same answer, on the same table, in turns, best of ROUNDS; the answers are compared.
 * Exit 1 when a limit is passed: 5 ms for the long query, 1.2 times the SQL for each.
 *
 * To add a pair: a row of `pairs`. In SQL {t} is the table and {Name} a column; datetimes are ticks, dynamics JSON text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../../src/engine/duck_int.h"
#include "hb/kql_known.h"
#include "hb/ticks.h"

static const double RATIO_MAX = 1.2, COMPILE_MAX_MS = 5;

/* Names of the columns are kept short by SHORT below. */
static const struct pair {
    const char *name, *kql, *sql;
} pairs[] = {
    { "has on command lines",
      "T | where Cmd has 'wuauserv' | summarize n = count() by Device | order by n desc, Device asc | take "
      "10",
      "SELECT {Device} d, count(*) n FROM {t} WHERE contains(lower({Cmd}), 'wuauserv') AND "
      "regexp_matches(lower({Cmd}), "
      "'(^|[^a-z0-9])wuauserv($|[^a-z0-9])') GROUP BY 1 ORDER BY n DESC, d LIMIT 10" },
    { "has on long command lines", "T | where LongCmd has 'sekurlsa' or LongCmd has 'netsvcs' | count",
      "SELECT count(*) FROM {t} WHERE (contains(lower({LongCmd}), 'sekurlsa') OR contains(lower({LongCmd}), "
      "'netsvcs')) AND "
      "regexp_matches(lower({LongCmd}), '(^|[^a-z0-9])(sekurlsa|netsvcs)($|[^a-z0-9])')" },
    { "has_any of ten on command lines",
      "T | where Cmd has_any ('-enc', 'downloadstring', 'iex', 'mimikatz', 'vssadmin', 'bitsadmin', "
      "'certutil', 'rundll32', "
      "'regsvr32', 'wmic') | summarize n = count() by File | order by n desc, File asc",
      "SELECT {File} f, count(*) n FROM {t} WHERE regexp_matches({Cmd}, "
      "'(?i)(-enc|(^|[^a-z0-9])(downloadstring|iex|mimikatz|vssadmin|bitsadmin|certutil|rundll32|regsvr32|"
      "wmic))($|[^a-z0-9])') "
      "GROUP BY 1 ORDER BY n DESC, f" },
    { "has_any of ten on long command lines",
      "T | where LongCmd has_any ('-enc', 'downloadstring', 'iex', 'mimikatz', 'vssadmin', 'bitsadmin', "
      "'certutil', 'rundll32', "
      "'regsvr32', 'wmic') | count",
      "SELECT count(*) FROM {t} WHERE regexp_matches({LongCmd}, "
      "'(?i)(-enc|(^|[^a-z0-9])(downloadstring|iex|mimikatz|vssadmin|bitsadmin|certutil|rundll32|regsvr32|"
      "wmic))($|[^a-z0-9])')" },
    { "contains and startswith",
      "T | where Cmd contains 'programdata' and Url !startswith 'login' | summarize n = count() by Account | "
      "order by n desc, Account asc | take 20",
      "SELECT {Account} a, count(*) n FROM {t} WHERE contains(lower({Cmd}), 'programdata') AND NOT "
      "starts_with(lower({Url}), 'login') "
      "GROUP BY 1 ORDER BY n DESC, a LIMIT 20" },
    { "events an hour by action",
      "T | summarize n = count() by bin(Timestamp, 1h), ActionType | order by Timestamp asc, ActionType asc",
      "SELECT {Timestamp} - {Timestamp} % 36000000000 h, {ActionType} a, count(*) n FROM {t} GROUP BY 1, 2 "
      "ORDER BY 1, 2" },
    { "make_set of ports",
      "T | summarize ports = array_sort_asc(make_set(Port)), n = count() by Device | order by Device asc",
      "SELECT {Device} d, to_json(list_sort(list(DISTINCT {Port}))) p, count(*) n FROM {t} GROUP BY 1 ORDER "
      "BY 1" },
    { "dcount of addresses",
      "T | where RemoteIPType == 'Public' | summarize hosts = dcount(Device), ips = dcount(RemoteIP) by File "
      "| where hosts < 20 | order by File asc",
      "SELECT * FROM (SELECT {File} f, count(DISTINCT {Device}) h, count(DISTINCT {RemoteIP}) i FROM {t} "
      "WHERE {RemoteIPType} = "
      "'Public' GROUP BY 1) WHERE h < 20 ORDER BY f" },
    { "top by time",
      "T | where ActionType == 'ConnectionFailed' | top 100 by Timestamp desc | project Timestamp, Device, "
      "File, Cmd, RemoteIP",
      "SELECT {Timestamp} t, {Device} d, {File} f, {Cmd} c, {RemoteIP} r FROM {t} WHERE {ActionType} = "
      "'ConnectionFailed' ORDER BY "
      "t DESC LIMIT 100" },
    { "join innerunique",
      "T | where ActionType == 'ConnectionFailed' | project Device, RemoteIP, Timestamp "
      "| join (T | summarize total = count() by Device) on Device | project Device, RemoteIP, total | order "
      "by Device asc",
      "WITH f AS (SELECT {Device} d, min(rowid) r FROM {t} WHERE {ActionType} = 'ConnectionFailed' GROUP BY "
      "1), "
      "s AS (SELECT {Device} d, count(*) total FROM {t} GROUP BY 1) SELECT f.d, {RemoteIP} ip, total FROM f "
      "JOIN s ON f.d = s.d JOIN "
      "{t} x ON x.rowid = f.r ORDER BY 1" },
    { "join leftanti",
      "T | where Timestamp > datetime(2026-01-14 12:00:00) | distinct RemoteIP | join kind=leftanti (T | "
      "where Timestamp <= datetime(2026-01-14 12:00:00)) on RemoteIP | count",
      "SELECT count(*) FROM (SELECT DISTINCT {RemoteIP} r FROM {t} WHERE {Timestamp} > 639039888000000000) a "
      "WHERE NOT EXISTS (SELECT 1 "
      "FROM {t} WHERE {Timestamp} <= 639039888000000000 AND {RemoteIP} = a.r)" },
    { "parse",
      "T | where Cmd has '-k' | parse Cmd with * ' -k ' group ' ' * | summarize n = count() by group | order "
      "by n desc, group asc",
      "SELECT regexp_extract({Cmd}, ' -k (.*?) ', 1) g, count(*) n FROM {t} WHERE regexp_matches({Cmd}, "
      "'(?i)-k($|[^a-z0-9])') GROUP BY 1 ORDER BY n DESC, g" },
    { "extract",
      "T | extend exe = extract(@'([A-Za-z0-9_.-]+)\\.exe', 1, Cmd) | summarize n = count() by exe | order "
      "by n desc, exe asc | take 20",
      "SELECT regexp_extract({Cmd}, '([A-Za-z0-9_.-]+)\\.exe', 1) e, count(*) n FROM {t} GROUP BY 1 ORDER BY "
      "n DESC, e LIMIT 20" },
    { "split and mv-expand",
      "T | where isnotempty(Url) | mv-expand part = split(Url, '.') to typeof(string) | summarize n = "
      "count() by part | order by n desc, part asc | take 20",
      "SELECT p, count(*) n FROM (SELECT unnest(string_split({Url}, '.')) p FROM {t} WHERE {Url} <> '') "
      "GROUP BY 1 ORDER BY n DESC, p LIMIT "
      "20" },
    { "split, one part",
      "T | extend domain = tostring(split(Url, '.')[1]) | summarize n = count() by domain | order by n desc, "
      "domain asc | take 20",
      "SELECT split_part({Url}, '.', 2) p, count(*) n FROM {t} GROUP BY 1 ORDER BY n DESC, p LIMIT 20" },
    { "arg_max", "T | summarize arg_max(Timestamp, RemoteIP, Port) by Device | order by Device asc",
      "SELECT {Device} d, max({Timestamp}) t, arg_max({RemoteIP}, {Timestamp}) i, arg_max({Port}, "
      "{Timestamp}) p FROM {t} GROUP BY 1 ORDER "
      "BY 1" },
    { "beacons: prev of sorted rows",
      "T | where File == 'chrome.exe' | sort by Device asc, RemoteIP asc, Timestamp asc | extend gap = "
      "iff(prev(Device) == Device and "
      "prev(RemoteIP) == RemoteIP, Timestamp - prev(Timestamp), timespan(null)) | summarize n = count(), "
      "longest = max(gap) by "
      "Device | order by Device asc",
      "WITH s AS (SELECT {Device} d, {Timestamp} - lag({Timestamp}) OVER (PARTITION BY {Device}, {RemoteIP} "
      "ORDER BY {Timestamp}) gap FROM "
      "{t} WHERE {File} = 'chrome.exe') SELECT d, count(*) n, max(gap) g FROM s GROUP BY 1 ORDER BY 1" },
    { "many conditions",
      "T | where Port in (80, 443, 8080) and File in~ ('CHROME.exe', 'msedge.exe') and not(Account =~ "
      "'SYSTEM') and RemoteIP !startswith '10.' | summarize n = count() by Account, File | order by n desc, "
      "Account asc, File asc",
      "SELECT {Account} a, {File} f, count(*) n FROM {t} WHERE {Port} IN (80, 443, 8080) AND lower({File}) "
      "IN ('chrome.exe', 'msedge.exe') AND "
      "lower({Account}) <> 'system' AND NOT starts_with({RemoteIP}, '10.') GROUP BY 1, 2 ORDER BY n DESC, a, "
      "f" },
};

/* The queries' names and the columns of the file. */
static const char SHORT[] = "DeviceNetworkEvents | project Timestamp, Device = DeviceName, ActionType, "
                            "RemoteIP, RemoteIPType, Port = RemotePort, Url = "
                            "RemoteUrl, File = InitiatingProcessFileName, Account = "
                            "InitiatingProcessAccountName, Cmd = InitiatingProcessCommandLine, "
                            "LongCmd = strcat(InitiatingProcessFolderPath, '\\\\', "
                            "InitiatingProcessCommandLine, ' /parent:', InitiatingProcessParentFileName, "
                            "' /file=', InitiatingProcessSHA256, ' ', InitiatingProcessFolderPath, ' ', "
                            "InitiatingProcessSHA256, ' ', InitiatingProcessSHA256)";

/* A query of about 100 lines, as long hunts are: lets, unions, joins, summaries. */
static const char LONG_LINE[] = "| extend c%d = iff(InitiatingProcessCommandLine has 'x%d' or RemotePort == "
                                "%d, strcat(DeviceName, '-', tostring(%d)), RemoteUrl)\n";

struct bench {
    struct arena *arena;
    struct engine *engine;
    struct kql_table table;
    size_t slow; /* limits passed */
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fatal(const char *what, const char *text)
{
    fprintf(stderr, "bench_kql: %s: %s\n", what, text);
    exit(2);
}

static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    struct bench *b = ctx;
    return engine_table(b->engine, name, out);
}

static void compile(struct bench *b, struct arena *a, const char *text, struct kql_compiled *out)
{
    struct source *src = ARENA_NEW(a, struct source);
    struct kql_catalog catalog = { .ctx = b, .table = find_table };
    struct kql_options options = { .now = TICKS_UNIX + 20468 * TICKS_DAY };
    struct diags d;
    *src = (struct source){ STR("query"), str_z(text) };
    diags_init(&d, a);
    if (!kql_compile(a, src, &catalog, &options, &d, out))
        fatal(text, d.items[0].message.p);
}

/* -- data -- */

static void load(struct bench *b, const char *path)
{
    static const struct str wanted[] = { STR_INIT("Timestamp"),
                                         STR_INIT("DeviceName"),
                                         STR_INIT("ActionType"),
                                         STR_INIT("RemoteIP"),
                                         STR_INIT("RemoteIPType"),
                                         STR_INIT("RemotePort"),
                                         STR_INIT("RemoteUrl"),
                                         STR_INIT("InitiatingProcessFileName"),
                                         STR_INIT("InitiatingProcessAccountName"),
                                         STR_INIT("InitiatingProcessCommandLine"),
                                         STR_INIT("InitiatingProcessFolderPath"),
                                         STR_INIT("InitiatingProcessParentFileName"),
                                         STR_INIT("InitiatingProcessSHA256") };
    struct load_request request = { .table = STR("DeviceNetworkEvents"),
                                    .paths = &path,
                                    .npaths = 1,
                                    .columns = wanted,
                                    .ncolumns = sizeof wanted / sizeof *wanted };
    struct load_report report;
    struct kql_compiled c;
    struct err err = ERR_INIT;
    if (!engine_load(b->engine, &request, b->arena, &report, &err) || !engine_lock(b->engine, &err))
        fatal(path, err.text);
    compile(b, b->arena, SHORT, &c);
    if (!engine_create(b->engine, STR("T"), &c, 0, NULL, NULL, &err) ||
        !engine_table(b->engine, STR("T"), &b->table))
        fatal("the short table", err.text);
    printf("%lld rows\n", (long long)report.rows);
}

/* -- compiling -- */

static double compile_ms(struct bench *b, const char *text)
{
    enum { TRIES = 60 };
    double best = 1e9;
    for (int i = 0; i < TRIES; i++) {
        struct arena *a = arena_new(0, "a query");
        struct kql_compiled c;
        double start = seconds(CLOCK_THREAD_CPUTIME_ID);
        compile(b, a, text, &c);
        double took = (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e3;
        best = took < best ? took : best;
        arena_free(a);
    }
    return best;
}

static void bench_compile(struct bench *b)
{
    struct buf text = BUF_INIT;
    double sum = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        sum += compile_ms(b, pairs[i].kql);
    printf("%-50s %8.3f ms\n", "compile a hunting query, on average",
           sum / (double)(sizeof pairs / sizeof *pairs));
    buf_puts(&text, "let window = 1d;\nlet names = dynamic(['a', 'b', 'c']);\nDeviceNetworkEvents\n| where "
                    "Timestamp > ago(window)\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&text, LONG_LINE, i, i, i, i);
    for (int i = 0; i < 40; i++)
        buf_printf(&text, "| where c%d !in (names) and RemoteIP != '10.0.0.%d'\n", i, i);
    buf_puts(&text, "| join kind=inner (\n  DeviceNetworkEvents\n  | where ActionType == "
                    "'ConnectionFailed'\n  | summarize fails = count() by "
                    "DeviceName\n  | where fails > 3\n) on DeviceName\n| summarize n = count(), ports = "
                    "make_set(RemotePort),\n  "
                    "arg_max(Timestamp, RemoteIP)\n  by DeviceName, bin(Timestamp, 1h)\n| where n > 1\n| "
                    "order by n desc\n| take 100\n");
    double ms = compile_ms(b, buf_z(&text));
    bool ok = ms <= COMPILE_MAX_MS;
    b->slow += !ok;
    printf("%-50s %8.3f ms, at most %.0f: %s\n", "compile a query of 100 lines", ms, COMPILE_MAX_MS,
           ok ? "yes" : "NO");
    buf_free(&text);
}

/* -- running -- */

static struct str fill(struct bench *b, struct arena *a, const char *sql)
{
    struct buf out = BUF_INIT;
    for (const char *p = sql; *p; p++) {
        if (*p != '{') {
            buf_putc(&out, *p);
            continue;
        }
        const char *end = strchr(p, '}');
        struct str name = { p + 1, (size_t)(end - p - 1) };
        size_t i = 0;
        while (i < b->table.ncols && !str_eq(b->table.cols[i].name, name))
            i++;
        if (str_eqz(name, "t"))
            buf_str(&out, b->table.sql_name);
        else if (i < b->table.ncols)
            buf_printf(&out, "c%zu", i);
        else
            fatal(sql, "unknown column");
        p = end;
    }
    struct str s = buf_to_arena(&out, a);
    buf_free(&out);
    return s;
}

/* Every cell as text; types may differ, as long and int do. */
static struct str rows_text(struct arena *a, const struct table *t)
{
    struct buf b = BUF_INIT;
    for (size_t r = 0; r < t->nrows; r++)
        for (size_t c = 0; c < t->ncols; c++) {
            struct column col = t->cols[c];
            if (col.type == HB_DATETIME || col.type == HB_TIMESPAN)
                col.type = HB_LONG;
            if (!column_is_null(&col, r))
                cell_put_text(&b, &col, r);
            buf_putc(&b, c + 1 < t->ncols ? '|' : '\n');
        }
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

struct side {
    double best, cpu;
    struct str answer;
    struct arena *arena;
};

static void turn(struct bench *b, const struct pair *p, bool ours, struct side *side)
{
    struct arena *a = arena_new(0, "a query");
    struct kql_compiled c;
    struct table *t;
    struct err err = ERR_INIT;
    struct str sql = fill(b, a, p->sql);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    bool ok;
    if (ours) {
        compile(b, a, p->kql, &c);
        ok = engine_query(b->engine, &c, a, 0, &t, NULL, &err);
    } else {
        ok = engine_sql(b->engine, sql.p, a, &t, &err);
    }
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (!ok)
        fatal(ours ? p->kql : p->sql, err.text);
    side->best = side->best == 0 || wall < side->best ? wall : side->best;
    side->cpu = side->cpu == 0 || cpu < side->cpu ? cpu : side->cpu;
    if (!side->answer.p)
        side->answer = rows_text(side->arena, t);
    arena_free(a);
}

static void bench_pair(struct bench *b, const struct pair *p, int rounds)
{
    struct side ours = { .arena = b->arena }, theirs = { .arena = b->arena };
    for (int i = 0; i < rounds; i++) {
        turn(b, p, true, &ours);
        turn(b, p, false, &theirs);
    }
    bool same = str_eq(ours.answer, theirs.answer);
    double ratio = ours.best / theirs.best, of_cpu = ours.cpu / theirs.cpu;
    bool ok = same && ratio <= RATIO_MAX;
    b->slow += !ok;
    printf("%-38s %8.1f ms, by hand %8.1f ms: %5.2f times, of processors %5.2f: %s\n", p->name,
           ours.best * 1e3, theirs.best * 1e3, ratio, of_cpu,
           !same ? "ANOTHER ANSWER"
           : ok  ? "yes"
                 : "NO");
    if (!same)
        printf("ours:\n%.*s\nby hand:\n%.*s\n", STR_ARG(str_sub(ours.answer, 0, 600)),
               STR_ARG(str_sub(theirs.answer, 0, 600)));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fprintf(stderr, "usage: bench_kql FILE [ROUNDS [PART-OF-A-NAME]]\n"), 2;
    struct bench b = { .arena = arena_new(0, "the bench") };
    struct engine_options options = { 0 };
    struct err err = ERR_INIT;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    b.engine = engine_open(&options, &err);
    if (!b.engine)
        fatal("engine", err.text);
    load(&b, argv[1]);
    if (argc < 4)
        bench_compile(&b);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (argc < 4 || strstr(pairs[i].name, argv[3]))
            bench_pair(&b, &pairs[i], rounds);
    engine_close(b.engine);
    arena_free(b.arena);
    return b.slow > 0;
}
