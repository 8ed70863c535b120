/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a run from the command line, the configuration and the sample data.
 */
#include "choose.h"

#include "hb/fs.h"
#include "hb/ticks.h"
#include "session.h"

static bool choose_clock(struct cli *cli, const struct choices *c, struct run_options *run, struct diags *d,
                         struct err *err)
{
    struct source_sample sample;
    run->started = ticks_now();
    run->clock = ticks_now;
    run->now = run->started;
    if (!source_read_sample(cli->arena, &run->source, &sample, d, err))
        return false;
    if (sample.present) {
        run->source.sample = true;
        run->now = sample.now;
        run->now_given = true;
    }
    if (!c->now)
        return true;
    run->now_given = true;
    return session_now(c->now, &run->now, err);
}

bool choose_run(struct cli *cli, const struct choices *c, const char *path, struct run_options *run,
                struct diags *d, struct err *err)
{
    struct source_choice source = session_choice(cli->arena, c->data, c->source, c->config,
                                                 fs_dir(cli->arena, path));
    run->playbook_path = str_z(path);
    run->output = c->output ? c->output : "output";
    run->user = session_user(cli->arena);
    run->analyst = c->analyst ? str_z(c->analyst) : run->user;
    run->home = session_home();
    run->host = session_host(cli->arena);
    run->command_line = session_command_line(cli);
    run->cwd = session_cwd(cli->arena);
    run->allow_partial = c->allow_partial;
    run->env_is_set = session_env_is_set;
    run->env_public = session_env_public;
    run->env = source.env.ctx;
    return source_choose(cli->arena, &source, &run->source, d, err) && choose_clock(cli, c, run, d, err);
}
