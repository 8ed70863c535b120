/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook replay: a recorded run once more, on the evidence it was made from, and the two compared cell by cell.
 */
#include <stdio.h>

#include "again.h"
#include "diff_print.h"
#include "hb/fs.h"
#include "hb/ticks.h"
#include "progress.h"
#include "session.h"

struct replay_opts {
    const char *output, *data, *config, *keep, *format, *progress, *memory;
    struct opt_texts keys;
    int64_t threads;
    bool live;
};
#define TEXT_ROW(key, letter, arg, help, values)                                                             \
    {                                                                                                        \
#key, letter, OPT_TEXT, offsetof(struct replay_opts, key), arg, help, values                         \
    }
static const struct opt rows[] = {
    TEXT_ROW(data, 'd', "DIR|FILE", "where the recorded files are now", NULL),
    { "live", 0, OPT_FLAG, offsetof(struct replay_opts, live), NULL,
      "on the source as it is now, whatever its files hold", NULL },
    { "key", 'k', OPT_TEXTS, offsetof(struct replay_opts, keys), "COLUMN,...",
      "rows with equal values here are the same row; may be repeated", NULL },
    TEXT_ROW(config, 0, "FILE", "with --live: configuration instead of ./huntbook.yaml", NULL),
    TEXT_ROW(keep, 0, "DIR", "keep the new run below this folder", NULL),
    TEXT_ROW(format, 'f', "FORMAT", "how differences are printed", "text|json"),
    TEXT_ROW(progress, 0, "HOW", "how progress is shown", "auto|live|plain|json|none"),
    TEXT_ROW(memory, 0, "SIZE", "memory for the engine, like 2g", NULL),
    { "threads", 0, OPT_COUNT, offsetof(struct replay_opts, threads), "N", "threads of the engine", NULL },
    TEXT_ROW(output, 'o', "DIR", "folder of all runs, output by default", NULL),
};

static size_t taken(const struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].kept;
    return n;
}

static int compare(struct cli *cli, const struct replay_opts *o, struct store *s, struct record *r,
                   struct run_result *again, bool recorded_rows)
{
    struct diff_side old = { s, r }, new = { &again->store, again->record };
    bool json = o->format && *o->format == 'j';
    struct diff_options how = { .max_rows = json ? 1000 : 10 };
    struct diff d;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    how.keys = opt_list(cli->arena, &o->keys, &how.nkeys);
    if (!diff_runs(cli->arena, &old, &new, &how, &d, &err))
        return cli_fail(cli, &err);
    if (json)
        diff_put_json(&out, &old, &new, &d);
    else
        diff_put_text(&out, &d);
    if (!json && d.same_results)
        buf_printf(&out, "%zu cells, results fingerprint %.*s\n", r->ncells, STR_ARG(r->fingerprint));
    if (taken(again->record))
        log_info(&cli->log, "%zu of %zu cells were taken from the record: %s", taken(again->record),
                 r->ncells,
                 recorded_rows ? "what they read of the source is not there to be read again (--data, --live)"
                               : "they say what the environment was");
    int code = cli_print(&out);
    return code ? code : d.same_results ? 0 : ERR_VERIFY;
}

static int run_again(struct cli *cli, const struct replay_opts *o, struct store *s, struct record *r,
                     struct run_options *run)
{
    struct run_result again = { 0 };
    struct progress progress;
    struct diags d;
    struct err err = ERR_INIT;
    progress_init(&progress, &cli->log, o->progress);
    run->events = progress_events(&progress);
    diags_init(&d, cli->arena);
    bool ok = run_playbook(cli->arena, run, &d, &again, &err);
    if (ok && o->keep)
        ok = store_seal(&again.store, &err);
    cli_diags(cli, &d);
    store_unlock(&again.store);
    if (!ok)
        return cli_fail(cli, &err);
    if (again.record->exit_code == ERR_INTERRUPT)
        return ERR_INTERRUPT;
    return compare(cli, o, s, r, &again, run->recorded_rows);
}

/* A service is not asked again without --live, so the record has to say what it answered. */
static bool files_are_there(struct cli *cli, const struct record *r)
{
    return str_eqz(r->source.kind, "files") && r->source.path.n &&
           fs_exists(again_source_path(cli->arena, r));
}

/* Nobody looked at rows that were to be reviewed, and it went on (--skip-review). */
static bool went_on(const struct record *r)
{
    for (size_t i = 0; i < r->ncells; i++)
        if (r->cells[i].review.asked && r->cells[i].review.nstrikes == 0)
            return !str_eqz(r->status, "review");
    return false;
}

static bool prepare(struct cli *cli, const struct replay_opts *o, const char *name, struct store *s,
                    struct record **r, struct run_options *run, struct err *err)
{
    struct diags d;
    uint64_t memory = 0;
    diags_init(&d, cli->arena);
    if (o->memory && !cli_bytes(o->memory, &memory))
        return err_set(err, ERR_USAGE, "--memory takes a size like 512m or 2g, not '%s'", o->memory);
    if (!session_open_run(cli->arena, o->output, name, s, r, err))
        return false;
    if (str_eqz((*r)->status, "unfinished"))
        return err_set(err, ERR_USAGE, "'%s' did not come to its end; huntbook run --resume continues it",
                       s->dir);
    if (!o->live) {
        run->recorded = s;
        run->recorded_rows = !o->data && !files_are_there(cli, *r);
    }
    size_t nkeys;
    const struct str *keys = opt_list(cli->arena, &o->keys, &nkeys);
    if (!diff_check_keys(keys, nkeys, *r, err))
        return false;
    bool ok = again_options(cli, s, *r, o->data, o->config, run, &d, err);
    cli_diags(cli, &d);
    run->memory_limit = memory;
    run->threads = (int)o->threads;
    run->skip_review = went_on(*r);
    run->started = ticks_now();
    run->command_line = session_command_line(cli);
    run->host = session_host(cli->arena);
    if (o->live)
        run->evidence = NULL;
    return ok;
}

static int replay(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct replay_opts *o = options;
    struct run_options run = { .stop = session_signals() };
    struct store s;
    struct record *r;
    struct err err = ERR_INIT, ignored = ERR_INIT;
    char *temp = NULL;
    (void)nargs;
    if (!prepare(cli, o, args[0], &s, &r, &run, &err) || (!o->keep && !fs_temp_dir(cli->arena, &temp, &err)))
        return cli_fail(cli, &err);
    run.output = o->keep ? o->keep : temp;
    int code = run_again(cli, o, &s, r, &run);
    if (temp)
        fs_remove_tree(temp, &ignored);
    return code;
}

const struct command cmd_replay = {
    .name = "replay",
    .args = "RUN",
    .summary = "run a record again on its evidence and compare",
    .details =
        "The playbook, parameters and clock are the recorded ones, and the source's files must be "
        "too, by their hashes.\n"
        "Where they are gone, and with a service, cells that read of the source are taken from the record "
        "and the others run.\n"
        "Prints which rows differ, and exits with 6 if any do.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct replay_opts),
    .min_args = 1,
    .max_args = 1,
    .run = replay,
};
