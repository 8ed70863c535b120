/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a run from the record of another one.
 */
#include "again.h"

#include <string.h>
#include <unistd.h>

#include "hb/check.h"
#include "hb/fs.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "session.h"

static struct playbook *read_playbook(struct cli *cli, struct store *s, const struct record *r,
                                      struct diags *d, struct err *err)
{
    char hex[65], *path = store_path(s, "playbook.hunt.yaml");
    const char **args = NULL;
    size_t n = 0, cap = 0;
    if (!fs_sha256(path, hex, err))
        return NULL;
    if (!str_eqz(r->playbook.sha256, hex)) {
        err_set(err, ERR_VERIFY, "'%s' is not the playbook of the record; see huntbook verify", path);
        return NULL;
    }
    for (size_t i = 0; i < r->nparams; i++) {
        const struct record_param *p = &r->params[i];
        struct str value = p->exact.n ? p->exact : p->value;
        if (!p->is_default)
            *VEC_PUSH(cli->arena, args, n, cap) = arena_printf(cli->arena, "%.*s=%.*s", STR_ARG(p->name),
                                                               STR_ARG(value));
    }
    struct playbook *p = playbook_load(cli->arena, path, playbook_kinds, playbook_nkinds, d);
    if (p && params_apply(p, NULL, args, n, d))
        check_playbook(cli->arena, p, d);
    if (!p || d->errors)
        err_set(err, ERR_USAGE, "this version cannot run the playbook of the record");
    return d->errors ? NULL : p;
}

const char *again_cwd(struct arena *a, const struct record *r)
{
    return fs_from_home(a, session_home(), arena_str(a, r->cwd).p);
}

/* A relative path of the record is relative to the folder in which the run was started. */
const char *again_source_path(struct arena *a, const struct record *r)
{
    char here[4096];
    const char *path = fs_from_home(a, session_home(), arena_str(a, r->source.path).p),
               *cwd = again_cwd(a, r);
    if (path[0] == '/' || !r->cwd.n || (getcwd(here, sizeof here) && strcmp(cwd, here) == 0))
        return path;
    return fs_join(a, cwd, path);
}

/* Files are where the record says; a service is what the configuration says now of the source of that name. */
static bool choose_source(struct cli *cli, const struct record *r, const char *data, const char *config,
                          struct run_options *out, struct diags *d, struct err *err)
{
    struct arena *a = cli->arena;
    bool files = data || str_eqz(r->source.kind, "files");
    if (!files && !out->recorded_rows) {
        struct source_choice c = session_choice(a, NULL, arena_str(a, r->source.name).p, config, ".");
        out->env = c.env.ctx;
        return source_choose(a, &c, &out->source, d, err);
    }
    if (files && !r->source.path.n && !data)
        return err_set(err, ERR_USAGE, "the record does not say where its data was; give it with --data");
    out->source = (struct source_profile){
        .name = r->source.name,
        .kind = data ? STR("files") : r->source.kind,
        .path = data ? data : again_source_path(a, r),
        .origin = data ? STR("--data") : r->source.origin,
        .sample = r->source.sample,
    };
    return true;
}

bool again_options(struct cli *cli, struct store *s, const struct record *r, const char *data,
                   const char *config, struct run_options *out, struct diags *d, struct err *err)
{
    struct arena *a = cli->arena;
    out->playbook = read_playbook(cli, s, r, d, err);
    if (!out->playbook)
        return false;
    out->playbook_path = r->playbook.path;
    out->env = session_environment(a);
    if (!choose_source(cli, r, data, config, out, d, err))
        return false;
    out->now = r->now;
    out->now_given = r->now_given;
    out->started = r->started;
    out->clock = ticks_now;
    out->analyst = r->analyst;
    out->user = session_user(a);
    out->home = session_home();
    out->host = r->host;
    out->command_line = r->command_line;
    out->cwd = r->cwd;
    out->allow_partial = r->allow_partial;
    out->evidence = r;
    out->reviewed = r;
    out->env_is_set = session_env_is_set;
    out->env_public = session_env_public;
    return true;
}
