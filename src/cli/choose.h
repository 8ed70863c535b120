/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `run` and `plan` are told of a run: parameters, source, clock, the folder of all runs.
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "cli.h"
#include "hb/run.h"

struct choices {
    struct opt_texts params;
    const char *param_file, *data, *source, *config, *output, *now, *analyst;
    bool allow_partial;
};

/* Rows of options for a struct T whose member m is a struct choices. */
/* clang-format off */
#define CHOICE_ROWS(T, m)                                                                                    \
    { "param", 'p', OPT_TEXTS, offsetof(T, m.params), "NAME=VALUE", "set a parameter; may be repeated", NULL }, \
    { "params", 0, OPT_TEXT, offsetof(T, m.param_file), "FILE", "parameters from a YAML file", NULL },       \
    { "data", 'd', OPT_TEXT, offsetof(T, m.data), "DIR|FILE",                                                \
      "tables from files: CSV, JSON, NDJSON, Parquet, also .gz", NULL },                                     \
    { "source", 's', OPT_TEXT, offsetof(T, m.source), "NAME", "a source of the configuration", NULL },       \
    { "config", 0, OPT_TEXT, offsetof(T, m.config), "FILE", "configuration instead of ./huntbook.yaml", NULL }, \
    { "output", 'o', OPT_TEXT, offsetof(T, m.output), "DIR", "folder of all runs, output by default", NULL }, \
    { "now", 0, OPT_TEXT, offsetof(T, m.now), "TIME", "the clock of the run, like 2026-01-15T00:00:00Z", NULL }, \
    { "analyst", 0, OPT_TEXT, offsetof(T, m.analyst), "NAME", "who runs it, for the report", NULL },         \
    { "allow-partial", 0, OPT_FLAG, offsetof(T, m.allow_partial), NULL,                                      \
      "leave out rows that cannot be read, and say so", NULL }
/* clang-format on */

/* Fills `run` for a playbook at `path`, but for the playbook itself. Faults of configuration files go to d. */
bool choose_run(struct cli *cli, const struct choices *c, const char *path, struct run_options *run,
                struct diags *d, struct err *err);

#endif
