/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of cells: the rows of each kind's own keys, and one line a kind in playbook_kinds.
 *
 * What rows cannot say (either this key or that one) is the kind's `check`. The struct that the rows fill is
 * in hb/playbook.h, what a cell does in src/cells/.
 */
#include "playbook_int.h"

#include <stddef.h>

#define AT(type, member)  .offset = offsetof(struct type, member)
#define ROWS(rows)        .fields = (rows), .nfields = sizeof(rows) / sizeof *(rows)
#define ITEMS(rows, type) ROWS(rows), .size = sizeof(type)

static void complain(const struct field_reader *r, const struct playbook_cell *c, struct span at,
                     const char *hint, const char *what)
{
    playbook_error(r, at.len > 0 ? at : c->type.span, hint, "cell '%s': %s",
                   playbook_excerpt(r->arena, c->id.s), what);
}

/* ---- markdown ---- */

static const struct field markdown_rows[] = {
    { .key = "text",
      .type = FIELD_PROSE,
      .flags = FIELD_REQUIRED,
      AT(markdown_cell, text),
      .help = "Markdown with ${{ KQL }} in it",
      .example = "Window: the ${{ lookback }} before ${{ run.now }}." },
};

/* ---- env ---- */

static const struct field variable_row[] = { {
    .type = FIELD_PATTERN,
    .test = str_is_name,
    .pattern = "^[A-Za-z_][A-Za-z0-9_]*$",
    .help = "the name of an environment variable",
    .example = "AZURE_TENANT_ID",
} };
static const struct field variables_row[] = { {
    .type = FIELD_LIST,
    .flags = FIELD_NONEMPTY | FIELD_LONE,
    ITEMS(variable_row, struct passage),
    .help = "variables that must all be set",
    .example = "[AZURE_CLIENT_SECRET]",
} };
static const struct field env_rows[] = {
    { .key = "require",
      .type = FIELD_LIST,
      AT(env_cell, require),
      ITEMS(variable_row, struct passage),
      .help = "variables that must be set",
      .example = "[AZURE_TENANT_ID, AZURE_CLIENT_ID]" },
    { .key = "one_of",
      .type = FIELD_LIST,
      AT(env_cell, one_of),
      ITEMS(variables_row, passage_list),
      .help = "lists of variables, one of which must be set in full",
      .example = "[[AZURE_CLIENT_SECRET], [AZURE_CLIENT_CERTIFICATE_PATH]]" },
};

static void env_check(const struct field_reader *r, const struct playbook_cell *c)
{
    const struct env_cell *env = c->options;
    if (env->require.n == 0 && env->one_of.n == 0)
        complain(r, c, (struct span){ 0, 0 }, "require: [AZURE_TENANT_ID]", "no variable to look at");
}

/* ---- connect ---- */

static const struct field column_row[] = { { .type = FIELD_STRING,
                                             .flags = FIELD_NONEMPTY,
                                             .help = "a column, as Name or Name:type",
                                             .example = "TimeGenerated:datetime" } };
static const struct field table_row[] = { {
    .type = FIELD_LIST,
    .flags = FIELD_UNIQUE | FIELD_NULLABLE,
    AT(connect_table, written),
    ITEMS(column_row, struct passage),
    .help = "columns that the table must have",
    .example = "[TimeGenerated, DeviceName, Bytes:long]",
} };
static const struct field connect_rows[] = {
    { .key = "tables",
      .type = FIELD_DICT,
      AT(connect_cell, tables),
      ITEMS(table_row, struct connect_table),
      .help = "tables that must be there, with the columns they must have",
      .example = "{DeviceNetworkEvents: [TimeGenerated, RemoteIP]}" },
    { .key = "window",
      .type = FIELD_TIMESPAN,
      AT(connect_cell, window),
      .min = 0.0000001,
      .max = 86400.0 * 3650,
      .help = "time back from run.now in which rows are counted",
      .example = "${{ lookback }}" },
};

/* "Bytes:long" -> Bytes, long */
static struct connect_column declared_column(const struct field_reader *r, const struct playbook_cell *c,
                                             const struct passage *written)
{
    size_t colon = str_chr(written->s, ':', 0);
    struct connect_column column = { .name = passage_sub(r->arena, written, 0, colon) };
    if (colon == written->s.n)
        return column;
    column.type = hb_type_parse(str_trim(str_sub(written->s, colon + 1, written->s.n)));
    if (column.type == HB_UNKNOWN)
        complain(r, c, passage_map(written, (struct span){ colon + 1, written->s.n - colon - 1 }),
                 "one of bool, int, long, real, decimal, datetime, timespan, string, dynamic, guid",
                 "unknown type of a column");
    return column;
}

static void connect_check(const struct field_reader *r, const struct playbook_cell *c)
{
    struct connect_cell *connect = c->options;
    for (size_t i = 0; i < connect->tables.n; i++) {
        struct connect_table *t = &connect->tables.items[i];
        t->columns = ARENA_ARRAY(r->arena, t->written.n, struct connect_column);
        for (size_t j = 0; j < t->written.n; j++)
            if (passage_given(&t->written.items[j]))
                t->columns[t->ncolumns++] = declared_column(r, c, &t->written.items[j]);
    }
}

/* ---- kql ---- */

static const struct field kql_rows[] = {
    { .key = "query",
      .type = FIELD_KQL,
      .flags = FIELD_REQUIRED,
      AT(kql_cell, query),
      .help = "a KQL query",
      .example = "DeviceNetworkEvents | where TimeGenerated >= ago(lookback)" },
    { .key = "split",
      .type = FIELD_TIMESPAN,
      AT(kql_cell, split),
      .help = "at a remote source: when the result hits a limit of the service, ask again in parts of this "
              "time; the query "
              "must look at each row of one table by itself",
      .example = "1d" },
};

/* ---- anomaly ---- */

static const char *const methods[] = { "isolation_forest", NULL };
static const char *const encodings[] = { "label", "frequency", "number", "hour", "onehot", NULL };
static const char *const auto_word[] = { "auto", NULL };

static const struct field feature_rows[] = {
    { .key = "column",
      .type = FIELD_COLUMN,
      .flags = FIELD_REQUIRED,
      AT(anomaly_feature, column),
      .help = "column that is looked at",
      .example = "InitiatingProcessFileName" },
    { .key = "encode",
      .type = FIELD_ENUM,
      .flags = FIELD_REQUIRED,
      AT(anomaly_feature, encode),
      .values = encodings,
      .help = "how its values become numbers: frequency finds what is rare, label is rank in the alphabet",
      .example = "frequency" },
};
static const struct field feature_row[] = {
    { .type = FIELD_MAP,
      ROWS(feature_rows),
      .help = "column and encoding",
      .example = "{column: InitiatingProcessFileName, encode: frequency}" }
};
static const struct field anomaly_rows[] = {
    { .key = "from",
      .type = FIELD_CELL,
      .flags = FIELD_REQUIRED,
      AT(anomaly_cell, from),
      .help = "earlier cell whose rows are scored" },
    { .key = "method",
      .type = FIELD_ENUM,
      AT(anomaly_cell, method),
      .def = "isolation_forest",
      .values = methods,
      .help = "how rows are scored" },
    { .key = "n_estimators",
      .type = FIELD_INT,
      AT(anomaly_cell, n_estimators),
      .def = "100",
      .min = 1,
      .max = 100000,
      .help = "trees in the forest" },
    { .key = "max_samples",
      .type = FIELD_NUMBER,
      AT(anomaly_cell, max_samples),
      .def = "auto",
      .min = 1e-9,
      .max = 4294967294,
      .values = auto_word,
      .help = "rows each tree sees: a count, a fraction, or auto (256)" },
    { .key = "contamination",
      .type = FIELD_REAL,
      AT(anomaly_cell, contamination),
      .def = "0.01",
      .min = 1e-9,
      .max = 0.5,
      .values = auto_word,
      .help = "share of rows to flag, or auto",
      .example = "0.01" },
    { .key = "max_features",
      .type = FIELD_NUMBER,
      AT(anomaly_cell, max_features),
      .def = "1.0",
      .min = 1e-9,
      .max = 1000000,
      .help = "features each tree sees: a count or a fraction" },
    { .key = "bootstrap",
      .type = FIELD_BOOL,
      AT(anomaly_cell, bootstrap),
      .def = "false",
      .help = "draw rows with replacement" },
    { .key = "random_state",
      .type = FIELD_INT,
      AT(anomaly_cell, random_state),
      .def = "42",
      .min = 0,
      .max = 4294967295,
      .help = "seed; the same seed gives the same scores" },
    { .key = "features",
      .type = FIELD_LIST,
      .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
      AT(anomaly_cell, features),
      ITEMS(feature_row, struct anomaly_feature),
      .help = "columns to score by, and how each is encoded",
      .example = "[{column: InitiatingProcessFileName, encode: frequency}]" },
};

/* ---- chart ---- */

static const char *const chart_kinds[] = { "scatter", "bar",    "line", "timechart", "histogram",
                                           "heatmap", "column", "area", "timeline",  NULL };
static const char *const chart_stacks[] = { "side", "stacked", "shares", NULL };
static const char *const chart_scales[] = { "linear", "log", NULL };

static const struct field tooltip_row[] = { { .type = FIELD_COLUMN, .help = "a column" } };
static const struct field spec_rows[] = {
    { .key = "kind",
      .type = FIELD_ENUM,
      .flags = FIELD_REQUIRED,
      AT(playbook_chart, kind),
      .values = chart_kinds,
      .help = "kind of chart",
      .example = "scatter" },
    { .key = "x",
      .type = FIELD_COLUMN,
      .flags = FIELD_REQUIRED,
      AT(playbook_chart, x),
      .help = "column of the x axis; the categories of bars",
      .example = "TimeGenerated" },
    { .key = "y",
      .type = FIELD_COLUMN,
      AT(playbook_chart, y),
      .help = "column of the y axis; the numbers of bars",
      .example = "DeviceName" },
    { .key = "series",
      .type = FIELD_COLUMN,
      AT(playbook_chart, series),
      .help = "column that parts the marks into colours" },
    { .key = "value",
      .type = FIELD_COLUMN,
      AT(playbook_chart, value),
      .help = "heatmap: column of the numbers" },
    { .key = "end",
      .type = FIELD_COLUMN,
      AT(playbook_chart, end),
      .help = "timeline: column of the time a bar reaches to" },
    { .key = "low",
      .type = FIELD_COLUMN,
      AT(playbook_chart, low),
      .help = "line, timechart, area: column of the lower end of what was to be expected" },
    { .key = "high",
      .type = FIELD_COLUMN,
      AT(playbook_chart, high),
      .help = "line, timechart, area: column of the upper end" },
    { .key = "highlight",
      .type = FIELD_COLUMN,
      AT(playbook_chart, highlight),
      .help = "column that is true or negative in rows to point out" },
    { .key = "tooltip",
      .type = FIELD_LIST,
      AT(playbook_chart, tooltip),
      ITEMS(tooltip_row, struct opt_value),
      .help = "columns shown when pointing at a mark",
      .example = "[RemoteIP, Anomaly_Score]" },
    { .key = "title", .type = FIELD_STRING, AT(playbook_chart, title), .help = "title of the chart" },
    { .key = "x_title",
      .type = FIELD_STRING,
      AT(playbook_chart, x_title),
      .help = "title of the x axis; else the column's name" },
    { .key = "y_title",
      .type = FIELD_STRING,
      AT(playbook_chart, y_title),
      .help = "title of the y axis; else the column's name" },
    { .key = "top",
      .type = FIELD_INT,
      AT(playbook_chart, top),
      .min = 1,
      .max = 40,
      .help =
          "bar, column: draw so many of the largest, largest first; columns on an axis of times or many "
          "numbers are all drawn; heatmap: so many of the largest each way, in order of appearance; said in "
          "the report",
      .example = "10" },
    { .key = "stack",
      .type = FIELD_ENUM,
      AT(playbook_chart, stack),
      .values = chart_stacks,
      .help = "bar, column, area with series: beside each other, on top of each other, or as parts of a "
              "hundred" },
    { .key = "bins",
      .type = FIELD_INT,
      AT(playbook_chart, bins),
      .min = 2,
      .max = 200,
      .help = "histogram: at most about so many bins; 40 when absent" },
    { .key = "y_min",
      .type = FIELD_NUMBER,
      AT(playbook_chart, y_min),
      .min = -1e15,
      .max = 1e15,
      .help = "lower end of the axis of values; what is beyond stands at the end, and the report says so" },
    { .key = "y_max",
      .type = FIELD_NUMBER,
      AT(playbook_chart, y_max),
      .min = -1e15,
      .max = 1e15,
      .help = "upper end of the axis of values" },
    { .key = "x_scale",
      .type = FIELD_ENUM,
      AT(playbook_chart, x_scale),
      .values = chart_scales,
      .help = "scatter, line: how numbers are spread over the x axis" },
    { .key = "y_scale",
      .type = FIELD_ENUM,
      AT(playbook_chart, y_scale),
      .values = chart_scales,
      .help = "scatter, line, timechart: how numbers are spread over the y axis" },
    { .key = "legend",
      .type = FIELD_BOOL,
      AT(playbook_chart, legend),
      .help = "false leaves the legend out" },
    { .key = "width",
      .type = FIELD_INT,
      AT(playbook_chart, width),
      .min = 200,
      .max = 2000,
      .help = "width in pixels" },
    { .key = "height",
      .type = FIELD_INT,
      AT(playbook_chart, height),
      .min = 100,
      .max = 2000,
      .help = "height in pixels" },
};
static const struct field chart_rows[] = {
    { .key = "query",
      .type = FIELD_KQL,
      AT(chart_cell, query),
      .help = "query whose rows are drawn",
      .example = "anomalies | where Anomaly == -1 | sort by Anomaly_Score asc | take 10" },
    { .key = "from",
      .type = FIELD_CELL,
      AT(chart_cell, from),
      .help = "earlier cell whose rows are drawn, instead of a query" },
    { .key = "chart",
      .type = FIELD_MAP,
      .flags = FIELD_REQUIRED,
      AT(chart_cell, chart),
      ROWS(spec_rows),
      .help = "what is drawn",
      .example = "{kind: scatter, x: TimeGenerated, y: DeviceName}" },
};

static void one_input(const struct field_reader *r, const struct playbook_cell *c,
                      const struct passage *query, const struct passage *from)
{
    if (passage_given(query) && passage_given(from))
        complain(r, c, from->span, "keep one of them", "both 'query' and 'from'");
    else if (!passage_given(query) && !passage_given(from))
        complain(r, c, (struct span){ 0, 0 }, "query: KQL, or from: the id of an earlier cell",
                 "neither 'query' nor 'from'");
}

#define CHART(k) (1u << PLAYBOOK_CHART_##k)

/* Options that only some kinds know. */
static void check_options(const struct field_reader *r, const struct playbook_cell *c,
                          const struct playbook_chart *spec)
{
    const struct {
        const struct opt_value *option;
        unsigned kinds;
        const char *what;
    } rows[] = {
        { &spec->value, CHART(HEATMAP), "'value' is for heatmaps" },
        { &spec->end, CHART(TIMELINE), "'end' is for timelines" },
        { &spec->bins, CHART(HISTOGRAM), "'bins' is for histograms" },
        { &spec->top, CHART(BAR) | CHART(COLUMN) | CHART(HEATMAP),
          "'top' is for kinds bar, column and heatmap" },
        { &spec->series, ~(CHART(HISTOGRAM) | CHART(HEATMAP)),
          "'series' is not for histograms and heatmaps" },
        { &spec->y_min, ~(CHART(HEATMAP) | CHART(TIMELINE)), "'y_min' is not for heatmaps and timelines" },
        { &spec->y_max, ~(CHART(HEATMAP) | CHART(TIMELINE)), "'y_max' is not for heatmaps and timelines" },
    };
    for (size_t i = 0; spec->kind && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].option->kind != OPT_ABSENT && !(rows[i].kinds >> spec->kind & 1))
            complain(r, c, rows[i].option->text.span, NULL, rows[i].what);
    struct span x = spec->x.text.span;
    unsigned stacks = CHART(BAR) | CHART(COLUMN) | CHART(AREA),
             logs = CHART(SCATTER) | CHART(LINE) | CHART(TIME);
    if (spec->stack && !(stacks >> spec->kind & 1))
        complain(r, c, x, NULL, "'stack' is for kinds bar, column and area");
    if ((spec->y_scale == 2 && !(logs >> spec->kind & 1)) ||
        (spec->x_scale == 2 && !((CHART(SCATTER) | CHART(LINE)) >> spec->kind & 1)))
        complain(r, c, x, "bars, areas and bins begin at zero, which has no logarithm",
                 "a logarithmic axis is for kinds scatter, line and (y) timechart");
}

static void chart_check_keys(const struct field_reader *r, const struct playbook_cell *c)
{
    const struct chart_cell *chart = c->options;
    const struct playbook_chart *spec = &chart->chart;
    one_input(r, c, &chart->query, &chart->from);
    bool needs_y = spec->kind != PLAYBOOK_CHART_UNSET && spec->kind != PLAYBOOK_CHART_HISTOGRAM &&
                   spec->kind != PLAYBOOK_CHART_HEATMAP; /* without y: hours and days of the week */
    if (needs_y && spec->x.kind != OPT_ABSENT && spec->y.kind == OPT_ABSENT)
        complain(r, c, spec->x.text.span, "y: the name of a column", "a chart of this kind needs 'y'");
    check_options(r, c, spec);
    const struct opt_value *bound = spec->low.kind != OPT_ABSENT ? &spec->low : &spec->high;
    bool line = spec->kind == PLAYBOOK_CHART_LINE || spec->kind == PLAYBOOK_CHART_TIME ||
                spec->kind == PLAYBOOK_CHART_AREA;
    if ((spec->low.kind == OPT_ABSENT) != (spec->high.kind == OPT_ABSENT))
        complain(r, c, bound->text.span, "low: a column, and high: another",
                 "a band needs both 'low' and 'high'");
    else if (bound->kind != OPT_ABSENT && !line)
        complain(r, c, bound->text.span, NULL, "'low' and 'high' are for kinds line, timechart and area");
    else if (bound->kind != OPT_ABSENT && spec->series.kind != OPT_ABSENT)
        complain(r, c, bound->text.span, "leave out 'series'", "a band is for one line");
}

/* ---- search ---- */

static const char *const search_modes[] = { "contains", "has", "startswith", "equals", "regex", NULL };

static const struct field search_rows[] = {
    { .key = "query", .type = FIELD_KQL, AT(search_cell, query), .help = "query whose rows are searched" },
    { .key = "from",
      .type = FIELD_CELL,
      AT(search_cell, from),
      .help = "earlier cell whose rows are searched, instead of a query" },
    { .key = "column",
      .type = FIELD_COLUMN,
      AT(search_cell, column),
      .help = "column to look in; any when absent" },
    { .key = "value",
      .type = FIELD_SCALAR,
      .flags = FIELD_REQUIRED,
      AT(search_cell, value),
      .help = "what to look for",
      .example = "powershell.exe" },
    { .key = "mode",
      .type = FIELD_ENUM,
      AT(search_cell, mode),
      .def = "contains",
      .values = search_modes,
      .help = "how it must match; letters of any case, but for regex" },
};

static void search_check_keys(const struct field_reader *r, const struct playbook_cell *c)
{
    const struct search_cell *search = c->options;
    one_input(r, c, &search->query, &search->from);
}

/* ---- note ---- */

static const struct field verdict_row[] = {
    { .type = FIELD_STRING, .flags = FIELD_NONEMPTY, .help = "a verdict" }
};
static const struct field note_rows[] = {
    { .key = "prompt",
      .type = FIELD_PROSE,
      .flags = FIELD_REQUIRED,
      AT(note_cell, prompt),
      .help = "question to the analyst",
      .example = "Is the hypothesis confirmed, and on which rows does that rest?" },
    { .key = "verdict",
      .type = FIELD_LIST,
      .flags = FIELD_NONEMPTY | FIELD_UNIQUE,
      AT(note_cell, verdict),
      ITEMS(verdict_row, struct passage),
      .help = "answers to choose from",
      .example = "[confirmed, refuted, inconclusive]" },
    { .key = "required",
      .type = FIELD_BOOL,
      AT(note_cell, required),
      .def = "false",
      .help = "the report says so as long as no answer is given" },
};

#define KIND(kind)                                                                                           \
    .fields = kind##_rows, .nfields = sizeof kind##_rows / sizeof *kind##_rows,                              \
    .size = sizeof(struct kind##_cell)

const struct cell_schema playbook_kinds[] = {
    { .name = "markdown", KIND(markdown), .help = "text, with numbers computed by KQL" },
    { .name = "env",
      KIND(env),
      .check = env_check,
      .help = "check that environment variables are set; values are never shown" },
    { .name = "connect",
      KIND(connect),
      .check = connect_check,
      .help = "sign in and check tables, columns and rows" },
    { .name = "kql", KIND(kql), .makes_table = true, .help = "run a query" },
    { .name = "anomaly", KIND(anomaly), .makes_table = true, .help = "score rows by how unusual they are" },
    { .name = "chart",
      KIND(chart),
      .check = chart_check_keys,
      .makes_table = true,
      .max_rows = 10000000, /* what it is drawn from passed a limit of its own */
      .help = "draw rows" },
    { .name = "search",
      KIND(search),
      .check = search_check_keys,
      .makes_table = true,
      .help = "find rows by a value" },
    { .name = "note", KIND(note), .help = "ask the analyst for a verdict" },
};
const size_t playbook_nkinds = sizeof playbook_kinds / sizeof *playbook_kinds;
