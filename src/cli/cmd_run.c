/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook run: playbook in, run folder with record and reports out. stdout gets one line: the report it wrote.
 */
#include <stdio.h>
#include <string.h>

#include "again.h"
#include "choose.h"
#include "cli.h"
#include "hb/check.h"
#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/ticks.h"
#include "look.h"
#include "progress.h"
#include "session.h"

struct run_opts {
    struct choices c;
    const char *progress, *fail_on, *memory, *since, *theme;
    struct opt_texts keys;
    int64_t threads;
    bool no_report, resume, no_cache, skip_review;
};

static const struct opt opts[] = {
    CHOICE_ROWS(struct run_opts, c),
    { "fail-on", 0, OPT_TEXT, offsetof(struct run_opts, fail_on), "WHAT",
      "exit with 3 when there are findings", "finding" },
    { "theme", 0, OPT_TEXT, offsetof(struct run_opts, theme), "NAME|DIR",
      "how the reports look; kept with the run", NULL },
    { "no-report", 0, OPT_FLAG, offsetof(struct run_opts, no_report), NULL,
      "record only; render makes the reports later", NULL },
    { "resume", 0, OPT_FLAG, offsetof(struct run_opts, resume), NULL,
      "continue a run that was stopped; cells that finished are taken over", NULL },
    { "no-cache", 0, OPT_FLAG, offsetof(struct run_opts, no_cache), NULL,
      "every cell runs; else results of earlier runs are taken over where all that they depend on is the "
      "same",
      NULL },
    { "skip-review", 0, OPT_FLAG, offsetof(struct run_opts, skip_review), NULL,
      "do not wait at cells with `review: true`; the report says that nobody looked", NULL },
    { "since", 0, OPT_TEXT, offsetof(struct run_opts, since), "RUN",
      "the report says what changed since that run; latest: the last one of this playbook", NULL },
    { "key", 'k', OPT_TEXTS, offsetof(struct run_opts, keys), "COLUMN,...",
      "with --since: rows with equal values here are the same row", NULL },
    { "progress", 0, OPT_TEXT, offsetof(struct run_opts, progress), "HOW", "how progress is shown",
      "auto|live|plain|json|none" },
    { "memory", 0, OPT_TEXT, offsetof(struct run_opts, memory), "SIZE", "memory for the engine, like 2g",
      NULL },
    { "threads", 0, OPT_COUNT, offsetof(struct run_opts, threads), "N",
      "threads of the engine (default: all cores; 1 at a remote source)", NULL },
};

static bool choose_limits(const struct run_opts *o, struct run_options *run, struct err *err)
{
    uint64_t memory = 0;
    if (o->memory && !cli_bytes(o->memory, &memory))
        return err_set(err, ERR_USAGE, "--memory takes a size like 512m or 2g, not '%s'", o->memory);
    run->memory_limit = memory;
    run->threads = (int)o->threads;
    return true;
}

/* The newest run of the playbook that came to its end. */
static bool latest_run(struct arena *a, struct run_options *run, struct err *err)
{
    struct evidence_run *runs;
    size_t n;
    struct str folder = run_folder(a, run->playbook_path);
    if (!evidence_runs(a, run->output, &runs, &n, err))
        return false;
    while (n-- > 0) {
        struct store s;
        struct record *r;
        struct err ignored = ERR_INIT;
        if (!str_eq(runs[n].hunt, folder) || !store_open(&s, a, runs[n].dir, &ignored) ||
            !store_read_record(&s, &r, &ignored))
            continue;
        run->since = s.dir;
        if (str_eqz(r->status, "completed") || str_eqz(r->status, "failed"))
            return true;
    }
    return err_set(err, ERR_USAGE,
                   "no run of this playbook below '%s' came to its end, so there is none to compare with",
                   run->output);
}

static bool choose_since(struct cli *cli, const struct run_opts *o, struct run_options *run, struct err *err)
{
    char *dir = NULL;
    run->since_keys = opt_list(cli->arena, &o->keys, &run->nsince_keys);
    if (!o->since)
        return run->nsince_keys == 0 || err_set(err, ERR_USAGE, "--key goes with --since");
    if (str_eqz(str_z(o->since), "latest"))
        return latest_run(cli->arena, run, err);
    if (!evidence_find(cli->arena, run->output, o->since, &dir, err))
        return false;
    run->since = dir;
    return true;
}

static bool choose(struct cli *cli, const struct run_opts *o, const char *path, struct run_options *run,
                   struct diags *d, struct err *err)
{
    const struct theme *theme = NULL;
    if (o->theme && !look_choose(cli, o->theme, &theme, err))
        return false;
    if (theme)
        look_keep(cli->arena, theme, run);
    report_drawn_with(cli->arena, theme, &run->drawn_with, &run->ndrawn_with);
    run->reuse = !o->no_cache;
    run->skip_review = o->skip_review;
    return choose_limits(o, run, err) && choose_run(cli, &o->c, path, run, d, err) &&
           choose_since(cli, o, run, err);
}

static size_t reused_cells(const struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].reused.run.n > 0;
    return n;
}

static int finish(struct cli *cli, const struct run_opts *o, struct run_result *result)
{
    struct record *r = result->record;
    struct err err = ERR_INIT;
    size_t findings = record_findings(r, true);
    bool interrupted = r->exit_code == ERR_INTERRUPT;
    const struct session_formats which = { 0 };
    if (!o->no_report && !interrupted && !session_publish(cli->arena, &result->store, r, &which, &err))
        return cli_fail(cli, &err);
    if ((o->no_report || interrupted) && !store_seal(&result->store, &err))
        return cli_fail(cli, &err);
    if (r->error.n)
        log_error(&cli->log, "%.*s", STR_ARG(r->error));
    size_t reused = reused_cells(r);
    if (reused)
        log_info(&cli->log, "%zu of %zu cells taken over from earlier runs; --no-cache runs them again",
                 reused, r->ncells);
    log_info(&cli->log, "%zu finding%s; results fingerprint %.16s", findings, findings == 1 ? "" : "s",
             r->fingerprint.p);
    if (r->since.error.n)
        log_error(&cli->log, "not compared with '%.*s': %.*s", STR_ARG(r->since.dir),
                  STR_ARG(r->since.error));
    if (r->exit_code == ERR_REVIEW)
        log_info(&cli->log,
                 "huntbook show %s CELL shows the rows; huntbook strike %s CELL strikes some of them, or "
                 "none; huntbook "
                 "run --resume %s goes on",
                 result->store.dir, result->store.dir, result->store.dir);
    printf("%s/%s\n", result->store.dir, o->no_report || interrupted ? "run.json" : "report.html");
    if (fflush(stdout) != 0)
        return ERR_RUN;
    if (r->exit_code || r->since.error.n)
        return r->exit_code ? r->exit_code : ERR_VERIFY;
    return o->fail_on && findings ? 3 : 0;
}

static int execute(struct cli *cli, const struct run_opts *o, struct run_options *run)
{
    struct run_result result = { 0 };
    struct progress progress;
    struct diags d;
    struct err err = ERR_INIT;
    progress_init(&progress, &cli->log, o->progress);
    run->events = progress_events(&progress);
    diags_init(&d, cli->arena);
    bool ok = run_playbook(cli->arena, run, &d, &result, &err);
    cli_diags(cli, &d);
    int code = ok ? finish(cli, o, &result) : cli_fail(cli, &err);
    store_unlock(&result.store);
    return code;
}

/* What the run that was stopped was to be compared with. */
static void resume_since(struct cli *cli, const struct record *r, struct run_options *run)
{
    const char *dir = fs_from_home(cli->arena, session_home(), arena_str(cli->arena, r->since.dir).p);
    if (!r->since.dir.n)
        return;
    run->since = *dir == '/' || !r->cwd.n ? dir : fs_join(cli->arena, again_cwd(cli->arena, r), dir);
    run->since_keys = r->since.keys;
    run->nsince_keys = r->since.nkeys;
}

static bool prepare_resume(struct cli *cli, const struct run_opts *o, const char *name,
                           struct run_options *run, bool *done, struct diags *d, struct err *err)
{
    struct store s;
    struct record *r;
    if (o->c.params.n || o->c.param_file || o->c.data || o->c.source || o->c.now || o->since || o->keys.n ||
        o->theme)
        return err_set(err, ERR_USAGE, "--resume takes parameters, clock, source and theme from the record");
    if (!session_open_run(cli->arena, o->c.output, name, &s, &r, err))
        return false;
    run->resume = s.dir;
    const struct theme *theme;
    if (!look_of_run(cli->arena, &s, r, &theme, err))
        return false;
    look_keep(cli->arena, theme, run);
    run->no_cache = o->no_cache;
    run->skip_review = o->skip_review;
    resume_since(cli, r, run);
    report_drawn_with(cli->arena, theme, &run->drawn_with, &run->ndrawn_with);
    *done = str_eqz(r->status, "completed") && fs_exists(store_path(&s, "SHA256SUMS"));
    return *done || (choose_limits(o, run, err) && again_options(cli, &s, r, NULL, o->c.config, run, d, err));
}

static int resume(struct cli *cli, const struct run_opts *o, const char *name)
{
    struct run_options run = { .stop = session_signals() };
    struct diags d;
    struct err err = ERR_INIT;
    bool done = false;
    diags_init(&d, cli->arena);
    bool ok = prepare_resume(cli, o, name, &run, &done, &d, &err);
    cli_diags(cli, &d);
    if (!ok)
        return cli_fail(cli, &err);
    if (!done)
        return execute(cli, o, &run);
    log_info(&cli->log, "'%s' came to its end; there is nothing to continue", run.resume);
    printf("%s/run.json\n", run.resume);
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

static int run(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct run_opts *o = options;
    struct run_options run = { .stop = session_signals() };
    struct diags d;
    struct err err = ERR_INIT;
    if (o->resume)
        return resume(cli, o, nargs ? args[0] : "latest");
    if (nargs == 0) {
        err_set(&err, ERR_USAGE, "missing argument: huntbook run PLAYBOOK");
        return cli_fail(cli, &err);
    }
    diags_init(&d, cli->arena);
    struct playbook *p = playbook_load(cli->arena, args[0], playbook_kinds, playbook_nkinds, &d);
    if (p && params_apply(p, o->c.param_file, o->c.params.items, o->c.params.n, &d))
        check_playbook(cli->arena, p, &d);
    if (cli_diags(cli, &d) || !p)
        return ERR_USAGE;
    run.playbook = p;
    if (!choose(cli, o, args[0], &run, &d, &err)) {
        cli_diags(cli, &d);
        return cli_fail(cli, &err);
    }
    return execute(cli, o, &run);
}

const struct command cmd_run = {
    .name = "run",
    .args = "PLAYBOOK",
    .summary = "run a playbook and write its record and reports",
    .details =
        "Without --data or --source the default source of the configuration is used, and without any the\n"
        "sample data beside the playbook. Prints the path of the report.\n"
        "`huntbook run --resume [RUN]` continues a run that was stopped, the latest one when none is named.",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct run_opts),
    .max_args = 1,
    .run = run,
};
