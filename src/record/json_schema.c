/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON Schema of run.json, by the rows that also write and read it (manifest.c), so that it is never another format. What a
 * member means stands in `helps`, by its path; a member whose name says it all needs no row there.
 */
#include <string.h>

#include "record_int.h"

static const struct {
    const char *path, *help;
} helps[] = {
    { "huntbook_record",
      "Version of the format. 2: the results fingerprint leaves out env and connect cells. 3: cells have "
      "hashes" },
    { "run_id", "Name of the run's folder: time of the start and six hex digits" },
    { "versions", "Programs and libraries that made the results" },
    { "drawn_with", "Libraries and fonts that the reports were drawn with" },
    { "playbook.path", "As given; the text itself is playbook.hunt.yaml in the folder of the run" },
    { "playbook.sha256", "Of playbook.hunt.yaml" },
    { "playbook.mappings", "Columns that entityMappings names" },
    { "params.value", "For people; lists stand in `exact` as -p takes them" },
    { "params.is_default", "Nobody set it" },
    { "now", "The pinned clock: what now() and ago() meant" },
    { "now_given", "By --now or the sample data; else it is the start of the run" },
    { "analyst", "Who ran it, by --analyst, or the account" },
    { "user", "The account it ran under" },
    { "environment", "Names of environment variables that were set and looked at; never a value" },
    { "command_line", "Quoted for a shell; no secret can stand in it" },
    { "cwd", "What relative paths are relative to; ~ is the home folder, here and in all paths" },
    { "allow_partial", "Rows that could not be read were left out, and counted in source.tables" },
    { "resumed", "A sentence for each time the run was stopped and continued" },
    { "status",
      "completed, failed, interrupted, review (it waits for one), or unfinished (at work, or killed)" },
    { "source.origin", "By what the source was chosen" },
    { "source.sample", "Sample data that ships with a playbook" },
    { "source.tables.rejected", "Rows that could not be read" },
    { "source.tables.first", "Time of the first event" },
    { "source.tables.last", "Time of the last event" },
    { "source.tables.files", "With the hash of their bytes as they were read" },
    { "cells", "In the order of the playbook" },
    { "cells.number", "From 1" },
    { "cells.reason", "Why it failed or was skipped" },
    { "cells.duration_us", "Microseconds" },
    { "cells.query", "As written" },
    { "cells.query_line", "Its first line in the playbook, from 1" },
    { "cells.query_sent", "As sent: parameters, earlier cells and the clock as values in front" },
    { "cells.sql", "What ran in the embedded engine" },
    { "cells.engine", "embedded, or the source" },
    { "cells.inputs", "Tables and cells it read" },
    { "cells.rows", "-1: it makes no table" },
    { "cells.fingerprint", "SHA-256 over its result, whatever the order of rows that has no meaning" },
    { "cells.key", "SHA-256 over all that its result depends on (`depends`)" },
    { "cells.reused_run", "The earlier run whose result was taken over; absent: it ran in this one" },
    { "cells.reused_sha256", "Of that run's run.json" },
    { "cells.blocks", "What the reports show of it, in order" },
    { "cells.blocks.head", "The first rows" },
    { "cells.blocks.rows_file", "A file of the run with more rows" },
    { "cells.blocks.mark_column", "Its value -1 or true marks a row" },
    { "cells.expect.that", "The expression as written" },
    { "cells.expect.error", "It could not be evaluated" },
    { "cells.findings.open", "Its condition was true" },
    { "cells.entities", "What rows of an open finding name, most rows first" },
    { "cells.entities_left", "Further ones that are not listed" },
    { "cells.files", "What it left in the folder of the run" },
    { "cells.files.rows", "-1: no table" },
    { "cells.note", "It has a note, or asks for one" },
    { "cells.note_text", "The newest note; all of them are in notes.jsonl" },
    { "cells.review", "Its rows were to be looked at by a person" },
    { "cells.strikes", "Rows that a person took out, who and why" },
    { "cells.sha256",
      "SHA-256 of the text of this object in run.json, from its brace up to the comma before this member" },
    { "fingerprint",
      "SHA-256 over the results of all cells: same playbook, data and clock, same fingerprint" },
    { "since", "What is other than in the run it was compared with" },
};

static const char *help_of(const char *path)
{
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++)
        if (strcmp(helps[i].path, path) == 0)
            return helps[i].help;
    return NULL;
}

static void put_pair(struct jw *w, const char *key, const char *value)
{
    jw_key(w, key);
    jw_strz(w, value);
}

static void put_object(struct jw *w, const struct member *rows, size_t n, const char *path);

static void put_names(struct jw *w, const char *const *names)
{
    jw_key(w, "enum");
    jw_arr(w);
    for (size_t i = 0; names[i]; i++)
        jw_strz(w, names[i]);
    jw_end_arr(w);
}

static void put_types(struct jw *w)
{
    jw_key(w, "enum");
    jw_arr(w);
    for (int t = 0; t < HB_NTYPES; t++)
        if (t != HB_UNKNOWN)
            jw_strz(w, hb_type_name((enum hb_type)t));
    jw_end_arr(w);
}

static void put_version(struct jw *w)
{
    put_pair(w, "type", "integer");
    jw_key(w, "minimum");
    jw_i64(w, 1);
    jw_key(w, "maximum");
    jw_i64(w, RECORD_VERSION);
}

static void put_type(struct jw *w, const struct member *m, const char *path)
{
    static const char *const defined[] = {
        [M_STR] = "#/$defs/text",   [M_I64] = "#/$defs/integer", [M_SIZE] = "#/$defs/count",
        [M_TICKS] = "#/$defs/time", [M_TABLE] = "#/$defs/table", [M_HASH] = "#/$defs/text",
    };
    switch (m->kind) {
    case M_INT:
        if (strcmp(path, "huntbook_record") == 0)
            put_version(w);
        else
            put_pair(w, "type", "integer");
        break;
    case M_BOOL: put_pair(w, "type", "boolean"); break;
    case M_ENUM: put_names(w, m->names); break;
    case M_TYPE: put_types(w); break;
    case M_STRUCT: put_object(w, m->rows, m->nrows, path); break;
    case M_LIST:
        put_pair(w, "type", "array");
        jw_key(w, "items");
        jw_obj(w);
        if (m->rows[0].key[0])
            put_object(w, m->rows, m->nrows, path);
        else
            put_pair(w, "$ref", defined[M_STR]);
        jw_end_obj(w);
        break;
    default: put_pair(w, "$ref", defined[m->kind]); break;
    }
}

/* Members that say nothing are left out of a record, but for these. */
static bool always_there(const struct member *m)
{
    return m->kind == M_INT || m->kind == M_ENUM || m->kind == M_TYPE;
}

static void put_object(struct jw *w, const struct member *rows, size_t n, const char *path)
{
    put_pair(w, "type", "object");
    jw_key(w, "properties");
    jw_obj(w);
    for (size_t i = 0; i < n; i++) {
        struct buf at = BUF_INIT;
        buf_printf(&at, "%s%s%s", path, *path ? "." : "", rows[i].key);
        jw_key(w, rows[i].key);
        jw_obj(w);
        if (help_of(buf_z(&at)))
            put_pair(w, "description", help_of(buf_z(&at)));
        put_type(w, &rows[i], buf_z(&at));
        jw_end_obj(w);
        buf_free(&at);
    }
    jw_end_obj(w);
    jw_key(w, "required");
    jw_arr(w);
    for (size_t i = 0; i < n; i++)
        if (always_there(&rows[i]))
            jw_strz(w, rows[i].key);
    jw_end_arr(w);
    jw_key(w, "additionalProperties");
    jw_bool(w, false);
}

static const char defs[] =
    "{\"text\": {\"description\": \"Text; what JSON cannot hold as it is, as base64\", \"oneOf\": "
    "[{\"type\": \"string\"}, "
    "{\"type\": \"object\", \"properties\": {\"base64\": {\"type\": \"string\"}}, \"required\": "
    "[\"base64\"], "
    "\"additionalProperties\": false}]}, "
    "\"integer\": {\"description\": \"A whole number; as text where a double cannot hold it\", \"oneOf\": "
    "[{\"type\": \"integer\"}, {\"type\": \"string\", \"pattern\": \"^-?[0-9]+$\"}]}, "
    "\"count\": {\"type\": \"integer\", \"minimum\": 0}, "
    "\"time\": {\"description\": \"UTC\", \"type\": \"string\", \"pattern\": "
    "\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{7}Z$\"}, "
    "\"table\": {\"description\": \"Datetimes and timespans are ticks of 100 ns, datetimes from "
    "0001-01-01\", "
    "\"type\": \"object\", \"properties\": {\"columns\": {\"type\": \"array\", \"items\": {\"type\": "
    "\"object\", "
    "\"properties\": {\"name\": {\"$ref\": \"#/$defs/text\"}, \"type\": {\"type\": \"string\"}}, "
    "\"required\": [\"name\", \"type\"], \"additionalProperties\": false}}, "
    "\"rows\": {\"type\": \"array\", \"items\": {\"type\": \"array\"}}}, \"required\": [\"columns\", "
    "\"rows\"], "
    "\"additionalProperties\": false}}";

void record_schema(struct buf *out)
{
    struct jw w;
    size_t n;
    const struct member *rows = record_members(&n);
    jw_init(&w, out, true);
    jw_obj(&w);
    put_pair(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
    put_pair(&w, "title", "run.json, the record of a run of huntbook");
    put_object(&w, rows, n, "");
    jw_key(&w, "$defs");
    jw_raw(&w, str_z(defs));
    jw_end_obj(&w);
    buf_putc(out, '\n');
}
