/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook list: the runs there are, oldest first, and filters on them.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hb/evidence.h"
#include "hb/table.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "session.h"

struct list_opts {
    const char *output, *playbook, *status, *since, *until, *format;
    int64_t last;
    bool findings, latest;
};
#define TEXT_ROW(key, letter, arg, help, values)                                                             \
    {                                                                                                        \
#key, letter, OPT_TEXT, offsetof(struct list_opts, key), arg, help, values                           \
    }
static const struct opt rows[] = {
    TEXT_ROW(output, 'o', "DIR", "folder of all runs, output by default", NULL),
    TEXT_ROW(playbook, 0, "TEXT", "runs of playbooks whose folder or name holds this text", NULL),
    TEXT_ROW(status, 0, "STATUS", "runs that ended so",
             "completed|failed|review|interrupted|unfinished|unreadable"),
    { "findings", 0, OPT_FLAG, offsetof(struct list_opts, findings), NULL, "runs with findings", NULL },
    TEXT_ROW(since, 0, "TIME", "runs started at this time or later, like 2026-01-15", NULL),
    TEXT_ROW(until, 0, "TIME", "runs started before this time", NULL),
    { "last", 'n', OPT_COUNT, offsetof(struct list_opts, last), "N", "the newest N of what is left", NULL },
    TEXT_ROW(format, 'f', "FORMAT", "how it is printed", "table|csv|json|ndjson|md"),
};

struct run_row {
    const struct evidence_run *run;
    struct record *record; /* NULL: cannot be read */
    int64_t findings;
};

struct filter {
    const struct list_opts *o;
    int64_t since, until;
};

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_z(part), 0) != SIZE_MAX;
}

static bool wanted(const struct filter *f, const struct run_row *row)
{
    const struct record *r = row->record;
    const struct list_opts *o = f->o;
    if (o->playbook && !holds(row->run->hunt, o->playbook) && !(r && holds(r->playbook.name, o->playbook)))
        return false;
    if (o->status && !str_eqz(r ? r->status : STR("unreadable"), o->status))
        return false;
    if (!r)
        return !o->findings && !o->since && !o->until;
    return (!o->findings || row->findings) && r->started >= f->since && r->started < f->until;
}

static int64_t count_open(const struct record *r)
{
    int64_t n = 0;
    for (size_t i = 0; r && i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfindings; k++)
            n += r->cells[i].findings[k].open;
    return n;
}

static bool collect(struct cli *cli, const struct filter *f, struct run_row **out, size_t *n, struct err *err)
{
    struct evidence_run *runs;
    size_t nruns, cap = 0;
    *out = NULL;
    *n = 0;
    if (!evidence_runs(cli->arena, f->o->output ? f->o->output : "output", &runs, &nruns, err))
        return false;
    for (size_t i = 0; i < nruns; i++) {
        struct run_row row = { .run = &runs[i] };
        struct store s;
        struct err problem = ERR_INIT;
        if (!store_open(&s, cli->arena, runs[i].dir, &problem) ||
            !store_read_record(&s, &row.record, &problem))
            row.record = NULL;
        row.findings = count_open(row.record);
        if (wanted(f, &row))
            *VEC_PUSH(cli->arena, *out, *n, cap) = row;
    }
    if (f->o->last && (size_t)f->o->last < *n) {
        *out += *n - (size_t)f->o->last;
        *n = (size_t)f->o->last;
    }
    return true;
}

static struct table *as_table(struct arena *a, const struct run_row *runs, size_t n)
{
    static const char *const names[] = { "run", "status", "findings", "started", "name" };
    static const enum hb_type types[] = { HB_STRING, HB_STRING, HB_LONG, HB_DATETIME, HB_STRING };
    struct table *t = table_new(a, 5, n);
    for (size_t i = 0; i < 5; i++)
        table_set_column(t, i, str_z(names[i]), types[i]);
    for (size_t i = 0; i < n; i++) {
        const struct record *r = runs[i].record;
        t->cols[0].v.s[i] = str_z(runs[i].run->dir);
        t->cols[1].v.s[i] = r ? r->status : STR("unreadable");
        if (!r) {
            column_set_null(t, 2, i);
            column_set_null(t, 3, i);
            continue;
        }
        t->cols[2].v.i[i] = runs[i].findings;
        t->cols[3].v.i[i] = r->started;
        t->cols[4].v.s[i] = r->playbook.name;
    }
    return t;
}

static int list(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct list_opts *o = options;
    struct filter f = { o, INT64_MIN, INT64_MAX };
    struct run_row *runs;
    size_t n;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    struct table_print how = { .format = TABLE_TEXT };
    (void)args, (void)nargs;
    if (o->since && !ticks_parse_iso(str_z(o->since), &f.since))
        return err_set(&err, ERR_USAGE, "--since takes a time like 2026-01-15, not '%s'", o->since),
               cli_fail(cli, &err);
    if (o->until && !ticks_parse_iso(str_z(o->until), &f.until))
        return err_set(&err, ERR_USAGE, "--until takes a time like 2026-01-15, not '%s'", o->until),
               cli_fail(cli, &err);
    if (o->format)
        table_format_parse(str_z(o->format), &how.format);
    if (!collect(cli, &f, &runs, &n, &err))
        return cli_fail(cli, &err);
    if (n == 0 && how.format == TABLE_TEXT)
        log_info(&cli->log, "no such runs below '%s'", o->output ? o->output : "output");
    else
        table_print(&out, as_table(cli->arena, runs, n), &how);
    return cli_print(&out);
}

const struct command cmd_list = {
    .name = "list",
    .args = "",
    .summary = "list the runs there are",
    .details = "Wherever a command takes a RUN, it is a folder, the beginning of a run's name, `latest`, or "
               "PLAYBOOK/latest.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct list_opts),
    .run = list,
};
