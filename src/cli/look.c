/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Themes by name, by folder and by run.
 */
#include "look.h"

#include <string.h>

#include "hb/fs.h"

static const char *find_named(struct cli *cli, const char *name)
{
    const char *rel = arena_printf(cli->arena, "templates/themes/%s", name);
    const char *places[] = {
        rel,
        cli->program_dir ? arena_printf(cli->arena, "%s/../../%s", cli->program_dir, rel) : "",
        cli->program_dir ? arena_printf(cli->arena, "%s/../%s", cli->program_dir, rel) : "",
        cli->program_dir ? arena_printf(cli->arena, "%s/../share/huntbook/%s", cli->program_dir, rel) : "",
        arena_printf(cli->arena, "%s/%s", HB_DATADIR, rel),
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (*places[i] && fs_is_dir(places[i]))
            return places[i];
    return NULL;
}

static bool no_theme(struct cli *cli, const char *name, struct err *err)
{
    const char *hint = fs_exists(fs_join(cli->arena, name, "theme.yaml"))
                           ? arena_printf(cli->arena, "; for the folder of that name write ./%s", name)
                           : "; give a name below templates/themes, or a folder with a theme.yaml";
    return err_set(err, ERR_USAGE, "there is no theme '%s'%s", name, hint);
}

bool look_choose(struct cli *cli, const char *name, const struct theme **out, struct err *err)
{
    struct diags d;
    const char *dir = name;
    if (strcmp(name, "default") == 0) {
        *out = theme_builtin(cli->arena);
        return true;
    }
    if (!strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
        dir = find_named(cli, name);
    if (!dir)
        return no_theme(cli, name, err);
    diags_init(&d, cli->arena);
    *out = theme_load(cli->arena, dir, &d);
    cli_diags(cli, &d);
    return *out || err_set(err, ERR_USAGE, "the theme '%s' cannot be used", name);
}

void look_keep(struct arena *a, const struct theme *t, struct run_options *run)
{
    size_t n;
    const struct theme_file *files = theme_files(t, &n);
    if (n == 0)
        return;
    run->theme.name = theme_name(t);
    run->theme.sha256 = str_z(theme_sha256(t));
    run->theme.nfiles = n;
    run->theme.files = ARENA_ARRAY(a, n, struct run_file);
    for (size_t i = 0; i < n; i++)
        run->theme.files[i] = (struct run_file){ files[i].name, files[i].bytes };
}

bool look_of_run(struct arena *a, const struct store *s, const struct record *r, const struct theme **out,
                 struct err *err)
{
    struct diags d;
    if (!r->theme.sha256.n) {
        *out = theme_builtin(a);
        return true;
    }
    diags_init(&d, a);
    *out = theme_load(a, store_path(s, "theme"), &d);
    if (!*out)
        return err_set(err, ERR_VERIFY, "the theme of the run cannot be read: %.*s",
                       STR_ARG(d.items[0].message));
    if (!str_eqz(r->theme.sha256, theme_sha256(*out)))
        return err_set(err, ERR_VERIFY, "the files of the run's theme are not those it was recorded with");
    return true;
}
