/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook test: a playbook's own regression tests. Each is a run on data below the playbook's folder, with its own clock and
 * parameters, whose expectations are looked at when all cells are done. Nothing is kept unless --keep is given.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hb/check.h"
#include "hb/fs.h"
#include "hb/ticks.h"
#include "session.h"

struct test_opts {
    const char *keep, *only;
};

static const struct opt opts[] = {
    { "keep", 0, OPT_TEXT, offsetof(struct test_opts, keep), "DIR", "keep the runs below this folder", NULL },
    { "only", 0, OPT_TEXT, offsetof(struct test_opts, only), "TEXT", "tests whose name holds this text",
      NULL },
};

struct testing {
    struct cli *cli;
    struct playbook *playbook;
    const char *path, *output;
    const volatile int *stop;
    size_t passed, failed;
};

static bool run_test(struct testing *t, const struct playbook_test *test, struct run_result *result,
                     struct err *err)
{
    struct arena *a = t->cli->arena;
    struct diags d;
    struct run_options run = {
        .playbook = t->playbook,
        .playbook_path = str_z(t->path),
        .output = t->output,
        .now_given = true,
        .started = ticks_now(),
        .clock = ticks_now,
        .analyst = session_user(a),
        .host = session_host(a),
        .command_line = session_command_line(t->cli),
        .stop = t->stop,
        .events = { .engine = session_watch },
        .env_is_set = session_env_is_set,
        .env_public = session_env_public,
        .test = test,
    };
    run.source = (struct source_profile){
        .name = STR("test"),
        .kind = STR("files"),
        .path = fs_join(a, fs_dir(a, t->path), test->data.s.n ? test->data.s.p : "data"),
        .origin = STR("the playbook's test"),
    };
    diags_init(&d, a);
    bool ok = params_apply_test(t->playbook, test, &d) &&
              (!test->now.s.n || session_now(test->now.s.p, &run.now, err));
    if (!test->now.s.n)
        run.now = run.started;
    ok = ok && run_playbook(a, &run, &d, result, err);
    cli_diags(t->cli, &d);
    if (d.errors && !err->text[0])
        err_set(err, ERR_USAGE, "its parameters are wrong");
    return ok;
}

static void report(struct testing *t, const struct playbook_test *test, const struct run_result *r, bool ran,
                   const struct err *err)
{
    size_t missed = 0;
    bool failed = !ran || r->record->exit_code != 0;
    for (size_t i = 0; i < r->nexpects; i++)
        missed += !r->expects[i].passed;
    failed |= missed > 0;
    printf("%s %.*s\n", failed ? "FAILED" : "passed", STR_ARG(test->name.s));
    if (!ran)
        printf("    %s\n", err->text);
    else if (r->record->exit_code)
        printf("    %.*s\n", STR_ARG(r->record->error));
    for (size_t i = 0; i < r->nexpects; i++)
        if (!r->expects[i].passed)
            printf("    expected %.*s%s%.*s\n", STR_ARG(r->expects[i].that),
                   r->expects[i].error.n ? ": " : "", STR_ARG(r->expects[i].error));
    t->passed += !failed;
    t->failed += failed;
}

static bool run_tests(struct testing *t, const char *only)
{
    for (size_t i = 0; i < t->playbook->tests.n && !*t->stop; i++) {
        const struct playbook_test *test = &t->playbook->tests.items[i];
        struct run_result result = { 0 };
        struct err err = ERR_INIT;
        if (only && str_find(test->name.s, str_z(only), 0) == SIZE_MAX)
            continue;
        report(t, test, &result, run_test(t, test, &result, &err), &err);
        store_unlock(&result.store);
    }
    return t->failed == 0;
}

static int run(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct test_opts *o = options;
    struct testing t = { .cli = cli, .stop = session_signals() };
    struct err err = ERR_INIT;
    char *temp = NULL;
    int code = 0;
    if (!o->keep && !fs_temp_dir(cli->arena, &temp, &err))
        return cli_fail(cli, &err);
    t.output = o->keep ? o->keep : temp;
    for (size_t i = 0; i < nargs; i++) {
        struct diags d;
        diags_init(&d, cli->arena);
        t.path = args[i];
        t.playbook = playbook_load(cli->arena, args[i], playbook_kinds, playbook_nkinds, &d);
        if (t.playbook)
            check_playbook(cli->arena, t.playbook, &d);
        if (cli_diags(cli, &d) || !t.playbook)
            code = ERR_USAGE;
        else
            run_tests(&t, o->only);
    }
    printf("%zu passed, %zu failed\n", t.passed, t.failed);
    if (temp)
        fs_remove_tree(temp, &err);
    if (*t.stop)
        return ERR_INTERRUPT;
    return code ? code : t.failed ? ERR_RUN : 0;
}

const struct command cmd_test = {
    .name = "test",
    .args = "PLAYBOOK...",
    .summary = "run the regression tests that a playbook carries",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct test_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = run,
};
