/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that every playbook and every cell may have, one row each.
 *
 * The vocabulary is that of Sentinel's hunting-query files where these have a word for it, so keys of theirs
 * that mean nothing here are accepted and ignored. The keys of one kind of cell are in kinds.c.
 */
#include "playbook_int.h"

#include <stddef.h>
#include <string.h>

#include "hb/ticks.h"

#define AT(type, member)  .offset = offsetof(struct type, member)
#define ROWS(rows)        .fields = (rows), .nfields = sizeof(rows) / sizeof *(rows)
#define ITEMS(rows, type) ROWS(rows), .size = sizeof(type)

/* A GUID is a slug too. */
static bool test_id(struct str s)
{
    if (s.n == 0 || s.n > 80 || !char_is_alnum(s.p[0]) || !char_is_alnum(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!char_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return true;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

/* T1059 or T1059.001 */
static bool test_technique(struct str s)
{
    if (s.n != 5 && s.n != 9)
        return false;
    return s.p[0] == 'T' && all_digits(str_sub(s, 1, 5)) &&
           (s.n == 5 || (s.p[5] == '.' && all_digits(str_sub(s, 6, 9))));
}

static bool test_time(struct str s)
{
    int64_t t;
    return ticks_parse_iso(s, &t);
}

/* Neither absolute nor with a `..`: tests read data only below the playbook's own folder. */
static bool test_below(struct str s)
{
    if (s.n == 0 || s.p[0] == '/' || s.p[0] == '~' || memchr(s.p, '\\', s.n) || memchr(s.p, 0, s.n))
        return false;
    for (size_t from = 0; from <= s.n;) {
        size_t end = str_chr(s, '/', from);
        if (str_eqz(str_sub(s, from, end), ".."))
            return false;
        from = end + 1;
    }
    return true;
}

static const char *const tactics[] = { "Reconnaissance",
                                       "ResourceDevelopment",
                                       "InitialAccess",
                                       "Execution",
                                       "Persistence",
                                       "PrivilegeEscalation",
                                       "DefenseEvasion",
                                       "CredentialAccess",
                                       "Discovery",
                                       "LateralMovement",
                                       "Collection",
                                       "CommandAndControl",
                                       "Exfiltration",
                                       "Impact",
                                       "PreAttack",
                                       "Evasion",
                                       "InhibitResponseFunction",
                                       "ImpairProcessControl",
                                       NULL };
static const char *const severities[] = { "informational", "low", "medium", "high", NULL };
static const char *const tlps[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", NULL
};
static const char *const hunt_kinds[] = { "hypothesis", "baseline", "model-assisted", NULL };
static const char *const entity_types[] = { "Account",
                                            "AzureResource",
                                            "CloudApplication",
                                            "DNS",
                                            "DnsResolution",
                                            "File",
                                            "FileHash",
                                            "Host",
                                            "IP",
                                            "IoTDevice",
                                            "MailCluster",
                                            "MailMessage",
                                            "Mailbox",
                                            "Malware",
                                            "Process",
                                            "RegistryKey",
                                            "RegistryValue",
                                            "SecurityGroup",
                                            "SubmissionMail",
                                            "URL",
                                            NULL };
static const char *const on_errors[] = { "stop", "continue", NULL };
static const char *const on_partials[] = { "fail", "accept", NULL };
static const char *const on_empties[] = { "skip", "run", "fail", NULL };
static const char *const expect_severities[] = { "fail", "warn", "info", NULL };

const char *tlp_name(int tlp)
{
    return tlp == TLP_UNSET ? "" : tlps[tlp - 1];
}

/* -- elements of lists -- */

static const struct field line_row[] = {
    { .type = FIELD_STRING, .flags = FIELD_NONEMPTY, .help = "one line of text" }
};
static const struct field tactic_row[] = { {
    .type = FIELD_STRING,
    .values = tactics,
    .help = "a MITRE ATT&CK tactic, as Sentinel writes it",
    .example = "CommandAndControl",
} };
static const struct field technique_row[] = { {
    .type = FIELD_PATTERN,
    .test = test_technique,
    .pattern = "^T[0-9]{4}(\\.[0-9]{3})?$",
    .help = "a MITRE ATT&CK technique",
    .example = "T1059.001",
} };
static const struct field data_type_row[] = {
    { .type = FIELD_STRING, .flags = FIELD_NONEMPTY, .help = "a table" }
};

/* -- mappings of the playbook -- */

static const struct field connector_rows[] = {
    { .key = "connectorId",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_connector, id),
      .help = "name of the data connector",
      .example = "MicrosoftThreatProtection" },
    { .key = "dataTypes",
      .type = FIELD_LIST,
      AT(playbook_connector, data_types),
      ITEMS(data_type_row, struct passage),
      .help = "tables that it brings",
      .example = "[DeviceNetworkEvents]" },
};
static const struct field connector_row[] = { { .type = FIELD_MAP,
                                                ROWS(connector_rows),
                                                .help = "a data connector",
                                                .example = "{connectorId: MicrosoftThreatProtection}" } };

static const struct field mapping_rows[] = {
    { .key = "identifier",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_field_mapping, identifier),
      .help = "identifier of the entity",
      .example = "FullName" },
    { .key = "columnName",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_field_mapping, column),
      .help = "column that holds it",
      .example = "DeviceName" },
};
static const struct field mapping_row[] = {
    { .type = FIELD_MAP, ROWS(mapping_rows), .help = "identifier and column" }
};

static const struct field entity_rows[] = {
    { .key = "entityType",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_entity, type),
      .values = entity_types,
      .help = "kind of entity",
      .example = "Host" },
    { .key = "fieldMappings",
      .type = FIELD_LIST,
      .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
      AT(playbook_entity, mappings),
      ITEMS(mapping_row, struct playbook_field_mapping),
      .help = "which column holds which identifier",
      .example = "[{identifier: FullName, columnName: DeviceName}]" },
};
static const struct field entity_row[] = { { .type = FIELD_MAP, ROWS(entity_rows), .help = "an entity" } };

static const struct field able_rows[] = {
    { .key = "actor",
      .type = FIELD_TEXT,
      AT(playbook_able, actor),
      .help = "who: a group, a kind of intruder, or anybody",
      .example = "Any intruder who brings a tool along" },
    { .key = "behavior", .type = FIELD_TEXT, AT(playbook_able, behavior), .help = "what they do" },
    { .key = "location", .type = FIELD_TEXT, AT(playbook_able, location), .help = "where they would do it" },
    { .key = "evidence",
      .type = FIELD_TEXT,
      AT(playbook_able, evidence),
      .help = "which data would show it" },
};
static const struct field hunt_rows[] = {
    { .key = "kind",
      .type = FIELD_ENUM,
      .flags = FIELD_REQUIRED,
      AT(playbook_hunt, kind),
      .values = hunt_kinds,
      .help = "kind of hunt, as PEAK has it",
      .example = "hypothesis" },
    { .key = "hypothesis",
      .type = FIELD_PROSE,
      AT(playbook_hunt, hypothesis),
      .help = "what is held to be true and is tested",
      .example = "An implant talks to the internet under a rare name." },
    { .key = "rationale",
      .type = FIELD_PROSE,
      AT(playbook_hunt, rationale),
      .help = "why it is worth a hunt" },
    { .key = "scope", .type = FIELD_TEXT, AT(playbook_hunt, scope), .help = "systems and data looked at" },
    { .key = "able",
      .type = FIELD_MAP,
      AT(playbook_hunt, able),
      ROWS(able_rows),
      .help = "scope as PEAK has it: actor, behavior, location, evidence",
      .example = "{behavior: A tool of the intruder's talks to the internet, location: Managed devices}" },
    { .key = "disproof",
      .type = FIELD_PROSE,
      AT(playbook_hunt, disproof),
      .help = "what would have to be seen, or not seen, for the hypothesis to be wrong" },
    { .key = "false_positives",
      .type = FIELD_PROSE,
      AT(playbook_hunt, false_positives),
      .help = "harmless things that look alike" },
    { .key = "next_steps",
      .type = FIELD_PROSE,
      AT(playbook_hunt, next_steps),
      .help = "what to do when it is confirmed" },
};

static const struct field param_rows[] = {
    { .key = "type",
      .type = FIELD_ENUM,
      .flags = FIELD_REQUIRED,
      AT(playbook_param, type),
      .values = param_types,
      .help = "type of its values",
      .example = "timespan" },
    { .key = "default",
      .type = FIELD_NODE,
      AT(playbook_param, default_node),
      .help = "value when none is given; without it one must be" },
    { .key = "min", .type = FIELD_NODE, AT(playbook_param, min_node), .help = "least value" },
    { .key = "max", .type = FIELD_NODE, AT(playbook_param, max_node), .help = "greatest value" },
    { .key = "values",
      .type = FIELD_NODE,
      AT(playbook_param, values_node),
      .help = "list of the only values allowed" },
    { .key = "description", .type = FIELD_TEXT, AT(playbook_param, description), .help = "what it is for" },
};

static const struct field column_name_row[] = {
    { .type = FIELD_STRING, .flags = FIELD_NONEMPTY, .help = "a column" }
};

static const struct field display_rows[] = {
    { .key = "rows",
      .type = FIELD_INT,
      AT(playbook_display, rows),
      .max = 100000,
      .help = "rows shown on a page of the report; all are attached",
      .example = "10" },
    { .key = "html_rows",
      .type = FIELD_INT,
      AT(playbook_display, html_rows),
      .max = 100000,
      .help = "rows that the HTML report offers to scroll, sort and search",
      .example = "100000" },
    { .key = "columns",
      .type = FIELD_LIST,
      .flags = FIELD_NONEMPTY | FIELD_UNIQUE,
      AT(playbook_display, columns),
      ITEMS(column_name_row, struct passage),
      .help = "columns shown, in this order",
      .example = "[DeviceName, RemoteIP]" },
};

static const struct field default_display_rows[] = {
    { .key = "rows",
      .type = FIELD_INT,
      AT(playbook_display, rows),
      .def = "10",
      .max = 100000,
      .help = "rows shown on a page of the report; all are attached",
      .example = "10" },
    { .key = "html_rows",
      .type = FIELD_INT,
      AT(playbook_display, html_rows),
      .def = "10000",
      .max = 100000,
      .help = "rows that the HTML report offers to scroll, sort and search",
      .example = "100000" },
};

static const struct field defaults_rows[] = {
    { .key = "timeout",
      .type = FIELD_TIMESPAN,
      AT(playbook_defaults, timeout),
      .def = "10m",
      .min = 1,
      .max = 86400,
      .help = "time a cell may take",
      .example = "10m" },
    { .key = "max_rows",
      .type = FIELD_INT,
      AT(playbook_defaults, max_rows),
      .def = "500000",
      .min = 1,
      .max = 100000000,
      .help = "rows a cell may have; more is an error, never a cut",
      .example = "500000" },
    { .key = "on_error",
      .type = FIELD_ENUM,
      AT(playbook_defaults, on_error),
      .def = "stop",
      .values = on_errors,
      .help = "after an error: stop the run, or continue with cells that do not need this one" },
    { .key = "on_partial",
      .type = FIELD_ENUM,
      AT(playbook_defaults, on_partial),
      .def = "fail",
      .values = on_partials,
      .help = "when the source gives part of the rows: fail, or accept them and say so" },
    { .key = "on_empty",
      .type = FIELD_ENUM,
      AT(playbook_defaults, on_empty),
      .def = "run",
      .values = on_empties,
      .help = "when a cell that the query names has no rows: skip this one, run it, or fail" },
    { .key = "display",
      .type = FIELD_MAP,
      AT(playbook_defaults, display),
      ROWS(default_display_rows),
      .help = "how tables are shown",
      .example = "{rows: 10}" },
};

static const struct field expect_rows[] = {
    { .key = "that",
      .type = FIELD_EXPR,
      .flags = FIELD_REQUIRED,
      AT(playbook_expect, that),
      .help = "what must hold",
      .example = "rows > 0" },
    { .key = "severity",
      .type = FIELD_ENUM,
      AT(playbook_expect, severity),
      .def = "fail",
      .values = expect_severities,
      .help = "what it means if it does not hold" },
    { .key = "message",
      .type = FIELD_STRING,
      AT(playbook_expect, message),
      .help = "what the report says then" },
};
static const struct field expect_row[] = {
    { .type = FIELD_MAP, ROWS(expect_rows), .help = "an expectation", .example = "{that: rows > 0}" }
};

static const struct field finding_rows[] = {
    { .key = "when",
      .type = FIELD_EXPR,
      AT(playbook_finding, when),
      .def = "rows > 0",
      .help = "when it is a finding" },
    { .key = "severity",
      .type = FIELD_ENUM,
      .flags = FIELD_NOCASE,
      AT(playbook_finding, severity),
      .def = "medium",
      .values = severities,
      .help = "how bad it is" },
    { .key = "title",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_finding, title),
      .help = "what was found",
      .example = "A rare talker runs from a temp folder" },
    { .key = "description",
      .type = FIELD_PROSE,
      AT(playbook_finding, description),
      .help = "what it means and what to do" },
    { .key = "techniques",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      AT(playbook_finding, techniques),
      ITEMS(technique_row, struct passage),
      .help = "MITRE ATT&CK techniques",
      .example = "[T1036.005]" },
    { .key = "tactics",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      AT(playbook_finding, tactics),
      ITEMS(tactic_row, struct passage),
      .help = "MITRE ATT&CK tactics",
      .example = "[DefenseEvasion]" },
};
static const struct field finding_row[] = {
    { .type = FIELD_MAP,
      ROWS(finding_rows),
      .help = "a finding",
      .example = "{when: rows > 0, severity: high, title: What was found}" }
};

static const struct field test_param_row[] = {
    { .type = FIELD_NODE, AT(playbook_test_param, value), .help = "a value" }
};

static const struct field test_rows[] = {
    { .key = "name",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_test, name),
      .help = "what the test shows",
      .example = "finds the planted implant" },
    { .key = "now",
      .type = FIELD_PATTERN,
      AT(playbook_test, now),
      .test = test_time,
      .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
      .help = "a time in ISO 8601",
      .example = "\"2026-01-15T00:00:00Z\"" },
    { .key = "data",
      .type = FIELD_PATTERN,
      AT(playbook_test, data),
      .test = test_below,
      .pattern = "^[^/~\\\\]",
      .help = "a path below the playbook's folder",
      .example = "data/" },
    { .key = "params",
      .type = FIELD_DICT,
      AT(playbook_test, params),
      ITEMS(test_param_row, struct playbook_test_param),
      .help = "values of parameters",
      .example = "{lookback: 1d}" },
    { .key = "expect",
      .type = FIELD_LIST,
      .flags = FIELD_REQUIRED | FIELD_NONEMPTY | FIELD_LONE,
      AT(playbook_test, expect),
      ITEMS(expect_row, struct playbook_expect),
      .help = "what must hold after the run",
      .example = "[{that: cells.temp_path.rows > 0}]" },
};
static const struct field test_row[] = {
    { .type = FIELD_MAP, ROWS(test_rows), .help = "a regression test" }
};

#define SENTINEL(name)                                                                                       \
    {                                                                                                        \
        .key = (name), .type = FIELD_IGNORED, .help = "a key of Sentinel's, not used here"                   \
    }

const struct field playbook_fields[] = {
    { .key = "huntbook",
      .type = FIELD_INT,
      .flags = FIELD_REQUIRED | FIELD_NO_EXPR,
      AT(playbook, format),
      .help = "version of the format: 1",
      .example = "1" },
    { .key = "id",
      .type = FIELD_PATTERN,
      .flags = FIELD_REQUIRED,
      AT(playbook, id),
      .test = test_id,
      .pattern = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9])?$",
      .help = "a GUID, or a short name of letters, digits, '-', '_' and '.'",
      .example = "rare-talkers" },
    { .key = "name",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook, name),
      .help = "title of the hunt",
      .example = "Anomalous process network connections" },
    { .key = "version",
      .type = FIELD_STRING,
      AT(playbook, version),
      .help = "version of this playbook",
      .example = "1.0.0" },
    { .key = "description",
      .type = FIELD_PROSE,
      AT(playbook, description),
      .help = "what it hunts for, in Markdown" },
    { .key = "author", .type = FIELD_STRING, AT(playbook, author), .help = "who wrote it" },
    { .key = "references",
      .type = FIELD_LIST,
      AT(playbook, references),
      ITEMS(line_row, struct passage),
      .help = "pages worth reading",
      .example = "[https://attack.mitre.org/techniques/T1071/]" },
    { .key = "tactics",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      AT(playbook, tactics),
      ITEMS(tactic_row, struct passage),
      .help = "MITRE ATT&CK tactics",
      .example = "[CommandAndControl]" },
    { .key = "relevantTechniques",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      AT(playbook, techniques),
      ITEMS(technique_row, struct passage),
      .help = "MITRE ATT&CK techniques",
      .example = "[T1071, T1036.005]" },
    { .key = "severity",
      .type = FIELD_ENUM,
      .flags = FIELD_NOCASE,
      AT(playbook, severity),
      .values = severities,
      .help = "how bad a confirmed hypothesis is" },
    { .key = "requiredDataConnectors",
      .type = FIELD_LIST,
      AT(playbook, connectors),
      ITEMS(connector_row, struct playbook_connector),
      .help = "data that must be there",
      .example = "[{connectorId: MicrosoftThreatProtection, dataTypes: [DeviceNetworkEvents]}]" },
    { .key = "entityMappings",
      .type = FIELD_LIST,
      AT(playbook, entities),
      ITEMS(entity_row, struct playbook_entity),
      .help = "which columns hold hosts, accounts, addresses" },
    { .key = "tags",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      AT(playbook, tags),
      ITEMS(line_row, struct passage),
      .help = "words to find it by",
      .example = "[network, process]" },
    { .key = "tlp",
      .type = FIELD_ENUM,
      AT(playbook, tlp),
      .values = tlps,
      .help = "Traffic Light Protocol, printed on every page" },
    { .key = "hunt",
      .type = FIELD_MAP,
      AT(playbook, hunt),
      ROWS(hunt_rows),
      .help = "why: kind, hypothesis, what else it may be" },
    { .key = "params",
      .type = FIELD_DICT,
      AT(playbook, params),
      ITEMS(param_rows, struct playbook_param),
      .help = "values that a run may change; names in KQL",
      .example = "{type: timespan, default: 1d}" },
    { .key = "defaults",
      .type = FIELD_MAP,
      AT(playbook, defaults),
      ROWS(defaults_rows),
      .help = "what cells get that say nothing" },
    { .key = "cells", .type = FIELD_CELLS, .flags = FIELD_REQUIRED, .help = "the steps, in their order" },
    { .key = "tests",
      .type = FIELD_LIST,
      AT(playbook, tests),
      ITEMS(test_row, struct playbook_test),
      .help = "the playbook's own regression tests" },
    { .key = "query",
      .type = FIELD_REFUSED,
      .help = "move it into a cell: cells: [{id: hunt, type: kql, query: ...}]" },
    SENTINEL("kind"),
    SENTINEL("status"),
    SENTINEL("metadata"),
    SENTINEL("description-detailed"),
    SENTINEL("queryFrequency"),
    SENTINEL("queryPeriod"),
    SENTINEL("triggerOperator"),
    SENTINEL("triggerThreshold"),
    SENTINEL("customDetails"),
    SENTINEL("alertDetailsOverride"),
    SENTINEL("eventGroupingSettings"),
    SENTINEL("incidentConfiguration"),
    SENTINEL("sentinelEntitiesMappings"),
    SENTINEL("suppressionDuration"),
    SENTINEL("suppressionEnabled"),
};
const size_t playbook_nfields = sizeof playbook_fields / sizeof *playbook_fields;

/* `type` is read by whoever reads the cell, since it chooses the other rows. */
const struct field cell_fields[] = {
    { .key = "id",
      .type = FIELD_NAME,
      .flags = FIELD_REQUIRED,
      AT(playbook_cell, id),
      .help = "name of the cell, and of its table in later queries",
      .example = "connections" },
    { .key = "type",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      AT(playbook_cell, type),
      .help = "kind of cell",
      .example = "kql" },
    { .key = "title", .type = FIELD_STRING, AT(playbook_cell, title), .help = "heading in the report" },
    { .key = "description",
      .type = FIELD_PROSE,
      AT(playbook_cell, description),
      .help = "text above the result, in Markdown" },
    { .key = "when",
      .type = FIELD_EXPR,
      AT(playbook_cell, when),
      .help = "the cell runs when this holds",
      .example = "run.source_kind != \"files\"" },
    { .key = "timeout",
      .type = FIELD_TIMESPAN,
      AT(playbook_cell, timeout),
      .min = 1,
      .max = 86400,
      .help = "time the cell may take",
      .example = "10m" },
    { .key = "max_rows",
      .type = FIELD_INT,
      AT(playbook_cell, max_rows),
      .min = 1,
      .max = 100000000,
      .help =
          "rows the cell may have; more is an error, never a cut; a chart without it draws up to 10,000,000",
      .example = "500000" },
    { .key = "on_error",
      .type = FIELD_ENUM,
      AT(playbook_cell, on_error),
      .values = on_errors,
      .help = "after an error: stop the run, or continue with cells that do not need this one" },
    { .key = "on_partial",
      .type = FIELD_ENUM,
      AT(playbook_cell, on_partial),
      .values = on_partials,
      .help = "when the source gives part of the rows: fail, or accept them and say so" },
    { .key = "on_empty",
      .type = FIELD_ENUM,
      AT(playbook_cell, on_empty),
      .values = on_empties,
      .help = "when a cell that the query names has no rows: skip this one, run it, or fail" },
    { .key = "expect",
      .type = FIELD_LIST,
      .flags = FIELD_LONE,
      AT(playbook_cell, expect),
      ITEMS(expect_row, struct playbook_expect),
      .help = "what must hold of the result",
      .example = "[{that: rows > 0}]" },
    { .key = "finding",
      .type = FIELD_LIST,
      .flags = FIELD_LONE,
      AT(playbook_cell, finding),
      ITEMS(finding_row, struct playbook_finding),
      .help = "when the result is a finding, and how bad" },
    { .key = "display",
      .type = FIELD_MAP,
      AT(playbook_cell, display),
      ROWS(display_rows),
      .help = "how the table is shown",
      .example = "{rows: 10}" },
    { .key = "review",
      .type = FIELD_BOOL,
      .flags = FIELD_NO_EXPR,
      AT(playbook_cell, review),
      .help = "the run waits until a person has looked at the rows and struck those that later cells are not "
              "to read" },
    { .key = "source",
      .type = FIELD_STRING,
      .flags = FIELD_NONEMPTY,
      AT(playbook_cell, source),
      .help = "name of a source in the configuration" },
};
const size_t cell_nfields = sizeof cell_fields / sizeof *cell_fields;
