/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook sources, auth, doctor: what is configured, as whom huntbook signs in, and whether everything that a run needs is
 * there. Of secrets they say where they are, never what they are.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hb/chart.h"
#include "hb/engine.h"
#include "hb/source.h"
#include "hb/utf8.h"
#include "session.h"

struct source_opts {
    const char *config, *source;
    bool offline;
};
#define CONFIG_ROW                                                                                           \
    {                                                                                                        \
        "config", 0, OPT_TEXT, offsetof(struct source_opts, config), "FILE",                                 \
            "configuration file (huntbook.yaml or msticpyconfig.yaml)", NULL                                 \
    }
#define SOURCE_ROW                                                                                           \
    {                                                                                                        \
        "source", 's', OPT_TEXT, offsetof(struct source_opts, source), "NAME", "only this source", NULL      \
    }
#define OFFLINE_ROW                                                                                          \
    {                                                                                                        \
        "offline", 0, OPT_FLAG, offsetof(struct source_opts, offline), NULL, "ask nothing of the network",   \
            NULL                                                                                             \
    }
static const struct opt list_rows[] = { CONFIG_ROW };
static const struct opt ask_rows[] = { CONFIG_ROW, SOURCE_ROW, OFFLINE_ROW };

struct listing {
    struct source_profile *profiles;
    size_t n;
    struct str def;
};

/* Returns 0, or the exit code of what was wrong. */
static int read_profiles(struct cli *cli, const struct source_opts *o, struct listing *out)
{
    struct diags d;
    struct err err = ERR_INIT;
    diags_init(&d, cli->arena);
    struct source_choice c = session_choice(cli->arena, NULL, NULL, o->config, ".");
    if (source_list(cli->arena, &c, &out->profiles, &out->n, &out->def, &d, &err)) {
        cli_diags(cli, &d);
        return 0;
    }
    return d.errors ? cli_diags(cli, &d) : cli_fail(cli, &err);
}

static void put(struct buf *out, const char *name, struct str value)
{
    if (!value.n)
        return;
    buf_printf(out, "  %-12s ", name);
    utf8_show(out, value);
    buf_putc(out, '\n');
}

static struct str secret_place(struct arena *a, const struct azure_settings *s)
{
    if (s->vault_url.n)
        return arena_strf(a, "secret '%.*s' of %.*s", STR_ARG(s->vault_secret), STR_ARG(s->vault_url));
    if (s->secret_env.n)
        return arena_strf(a, "variable %.*s", STR_ARG(s->secret_env));
    return STR("");
}

static void put_profile(struct cli *cli, struct buf *out, const struct source_profile *p, struct str def)
{
    utf8_show(out, p->name);
    buf_puts(out, str_eq(p->name, def) ? " (default)\n" : "\n");
    put(out, "kind", p->kind);
    put(out, "from", p->origin);
    put(out, "path", str_z(p->path));
    for (size_t i = 0; i < p->nworkspaces; i++)
        put(out, i ? "" : "workspace", p->workspaces[i]);
    put(out, "database", p->database);
    put(out, "endpoint", p->endpoint);
    put(out, "older API", p->older_endpoint);
    if (source_is_remote(p)) {
        put(out, "tenant", p->azure.tenant);
        put(out, "client", p->azure.client);
        put(out, "secret in", secret_place(cli->arena, &p->azure));
        put(out, "certificate", p->azure.certificate);
        put(out, "credential", p->azure.credential.n ? p->azure.credential : STR("auto"));
        put(out, "cloud", str_z(p->azure.cloud ? p->azure.cloud->name : ""));
    }
    put(out, "FAULT", p->fault);
}

static int run_sources(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct listing l;
    struct buf out = BUF_INIT;
    (void)args, (void)nargs;
    int code = read_profiles(cli, options, &l);
    if (code)
        return code;
    if (!l.n)
        buf_puts(
            &out,
            "no sources: there is no huntbook.yaml here, no config.yaml in the configuration folder, and no "
            "msticpyconfig.yaml; runs use --data, or the sample data beside the playbook\n");
    for (size_t i = 0; i < l.n; i++)
        put_profile(cli, &out, &l.profiles[i], l.def);
    return cli_print(&out);
}

const struct command cmd_sources = {
    .name = "sources",
    .args = "",
    .summary = "show the configured sources, without their secrets",
    .details = "Reads what is nearest: --config; huntbook.yaml here; huntbook/config.yaml in the "
               "configuration folder; "
               "msticpyconfig.yaml\n(MSTICPYCONFIG, here, or in ~/.msticpy).",
    .opts = list_rows,
    .nopts = sizeof list_rows / sizeof *list_rows,
    .size = sizeof(struct source_opts),
    .run = run_sources,
};

/* -- signing in -- */

static void put_choices(struct buf *out, const struct azure_choice *c, size_t n, const char *taken)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "  %s %-19s ", c[i].taken ? taken : "  -  ", c[i].kind);
        utf8_show(out, c[i].why);
        buf_putc(out, '\n');
    }
}

/* The ways to sign in, in their order: which was taken, and why the others were not. */
static bool put_sign_in(struct cli *cli, struct buf *out, const struct source_profile *p, bool offline,
                        struct err *err)
{
    struct source_watch watch = { .stop = session_signals() };
    struct source_conn *conn;
    struct azure_choice *all;
    size_t nall = azure_cred_survey(cli->arena, &p->azure, &all);
    if (offline || !source_connect(cli->arena, p, &watch, &conn, err)) {
        put_choices(out, all, nall, offline ? "first" : "tried");
        return offline;
    }
    const struct azure_choice *looked_at;
    const struct azure_cred *cred = source_credential(conn);
    size_t n = azure_cred_choices(cred, &looked_at);
    put_choices(out, looked_at, n, "taken");
    put_choices(out, all + n, nall - n, "taken");
    put(out, "signed in", azure_cred_identity(cred));
    put(out, "token for", source_scope(conn));
    put(out, "lives",
        arena_strf(cli->arena, "%.0f more minutes, in memory only",
                   azure_cred_token_life(cred, source_scope(conn)) / 60));
    source_close(conn);
    return true;
}

/* Every remote source, or the one that is asked for. Returns the exit code. */
static int each_sign_in(struct cli *cli, const struct source_opts *o, struct buf *out)
{
    struct listing l;
    int code = read_profiles(cli, o, &l), worst = 0;
    size_t seen = 0;
    for (size_t i = 0; !code && i < l.n; i++) {
        const struct source_profile *p = &l.profiles[i];
        struct err err = ERR_INIT;
        if (!source_is_remote(p) || (o->source && !str_eqz(p->name, o->source)))
            continue;
        seen++;
        utf8_show(out, p->name);
        buf_putc(out, '\n');
        if (p->fault.n)
            err_set(&err, ERR_USAGE, "%.*s", STR_ARG(p->fault));
        else
            put_sign_in(cli, out, p, o->offline, &err);
        if (err.kind)
            put(out, "FAILED", str_z(err.text));
        worst = worst ? worst : (int)err.kind;
        if (err.kind == ERR_INTERRUPT)
            break;
    }
    if (!code && !seen)
        buf_puts(out, o->source ? "no remote source of that name is configured\n"
                                : "no remote source is configured\n");
    return code ? code : !seen && o->source ? ERR_USAGE : worst;
}

static int run_auth(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    if (nargs && strcmp(args[0], "status") != 0) {
        err_set(&err, ERR_USAGE, "auth knows 'status', not '%s'", args[0]);
        return cli_fail(cli, &err);
    }
    int code = each_sign_in(cli, options, &out);
    int printed = cli_print(&out);
    return code ? code : printed;
}

const struct command cmd_auth = {
    .name = "auth",
    .args = "[status]",
    .summary = "sign in to the configured sources and say how",
    .details = "For each source: the ways to sign in, in their order, which one was taken and why the others "
               "were not. "
               "Tokens stay in memory;\nno secret is shown.",
    .opts = ask_rows,
    .nopts = sizeof ask_rows / sizeof *ask_rows,
    .size = sizeof(struct source_opts),
    .max_args = 1,
    .run = run_auth,
};

/* -- doctor -- */

static void put_check(struct buf *out, const char *name, bool ok, struct str text)
{
    buf_printf(out, "  %s %-10s ", ok ? "ok   " : "WRONG", name);
    utf8_show(out, text);
    buf_putc(out, '\n');
}

/* What a run needs on this machine. */
static int check_machine(struct cli *cli, struct buf *out)
{
    struct err err = ERR_INIT;
    struct str text;
    int code = 0;
    struct engine *e = engine_open(NULL, &err);
    put_check(out, "DuckDB", e != NULL,
              e ? arena_str(cli->arena, str_z(engine_version(e)))
                : str_z(arena_strdup(cli->arena, err.text)));
    code = e ? code : (int)err.kind;
    engine_close(e);
    err = (struct err)ERR_INIT;
    bool plots = chart_gnuplot_version(cli->arena, &text, &err);
    put_check(out, "gnuplot", plots, plots ? text : str_z(arena_strdup(cli->arena, err.text)));
    err = (struct err)ERR_INIT;
    struct http *h = http_open(&(struct http_options){ 0 }, &err);
    put_check(out, "curl", h != NULL, h ? STR("found") : str_z(arena_strdup(cli->arena, err.text)));
    http_close(h);
    return code;
}

static int run_doctor(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct buf out = BUF_INIT;
    (void)args, (void)nargs;
    buf_puts(&out, "this machine\n");
    int code = check_machine(cli, &out);
    int signing = each_sign_in(cli, options, &out);
    int printed = cli_print(&out);
    return code ? code : signing ? signing : printed;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "check what a run needs: libraries, configuration, signing in",
    .details = "Exit code 4 when a source cannot be signed in to.",
    .opts = ask_rows,
    .nopts = sizeof ask_rows / sizeof *ask_rows,
    .size = sizeof(struct source_opts),
    .run = run_doctor,
};
