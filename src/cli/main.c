/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook: finds the command, parses its options, runs it, returns its exit code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hb/fs.h"

const struct command *const commands[] = {
    &cmd_run,    &cmd_check,   &cmd_plan,   &cmd_test,   &cmd_new,    &cmd_kql,    &cmd_list,
    &cmd_show,   &cmd_render,  &cmd_verify, &cmd_diff,   &cmd_note,   &cmd_strike, &cmd_sign,
    &cmd_replay, &cmd_sources, &cmd_auth,   &cmd_doctor, &cmd_schema, &cmd_sample, &cmd_completion,
};
const size_t ncommands = sizeof commands / sizeof *commands;

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ncommands; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void put_overview(struct buf *out)
{
    buf_puts(
        out,
        "huntbook runs threat hunts written as playbooks and renders reports that stand up in an audit.\n\n"
        "usage: huntbook COMMAND [options] [arguments]\n\ncommands:\n");
    for (size_t i = 0; i < ncommands; i++)
        buf_printf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    buf_puts(out,
             "\nhuntbook COMMAND --help tells more. Begin with:\n"
             "  huntbook run playbooks/anomalous-process-network-connections.hunt.yaml\n\n"
             "exit codes: 0 ran; 1 a cell failed; 2 usage, playbook or KQL error; 3 findings (--fail-on "
             "finding);\n"
             "            4 sign-in or connection; 5 partial data; 6 verify mismatch; 7 waits for a review;\n"
             "            130 interrupted\n");
}

int cli_print(struct buf *text)
{
    bool ok = fwrite(buf_z(text), 1, text->n, stdout) == text->n && fflush(stdout) == 0;
    buf_free(text);
    return ok ? 0 : ERR_RUN;
}

int cli_fail(struct cli *cli, const struct err *err)
{
    log_error(&cli->log, "%s", err->text);
    return err->kind ? (int)err->kind : ERR_RUN;
}

int cli_diags(struct cli *cli, const struct diags *d)
{
    diags_print(cli->log.out, d, cli->log.colour);
    return d->errors ? ERR_USAGE : 0;
}

bool cli_bytes(const char *text, uint64_t *out)
{
    struct str s = str_z(text);
    static const char units[] = "kmgt";
    int shift = 0;
    const char *unit = s.n ? strchr(units, s.p[s.n - 1] | 0x20) : NULL;
    if (unit && *unit) {
        shift = 10 * (int)(unit - units + 1);
        s.n--;
    }
    if (!str_to_u64(s, out) || *out > UINT64_MAX >> shift)
        return false;
    *out <<= shift;
    return true;
}

static const char *program_dir(struct arena *a)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    return fs_dir(a, path);
}

static int unknown_command(struct cli *cli, const char *name)
{
    struct str *names = ARENA_ARRAY(cli->arena, ncommands, struct str);
    for (size_t i = 0; i < ncommands; i++)
        names[i] = str_z(commands[i]->name);
    struct str near = str_nearest(str_z(name), names, ncommands);
    log_error(&cli->log, "unknown command '%s'%s%.*s%s\nsee huntbook --help", name,
              near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
    return ERR_USAGE;
}

static int run_command(struct cli *cli, const struct command *c, char **argv, int n)
{
    const char **args;
    size_t nargs;
    bool help;
    void *options = arena_alloc(cli->arena, c->size);
    struct buf text = BUF_INIT;
    if (!opt_parse(cli, c, argv, n, options, &args, &nargs, &help))
        return ERR_USAGE;
    if (help) {
        opt_help(c, &text);
        return cli_print(&text);
    }
    return c->run(cli, options, args, nargs);
}

int main(int argc, char **argv)
{
    struct cli cli = { .arena = arena_new(0, "the program"), .argv = argv, .argc = argc };
    struct buf text = BUF_INIT;
    log_init(&cli.log, stderr);
    cli.program_dir = program_dir(cli.arena);
    const char *name = argc > 1 ? argv[1] : "--help";
    int code;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        const struct command *c = argc > 2 ? find_command(argv[2]) : NULL;
        if (c)
            opt_help(c, &text);
        else
            put_overview(&text);
        code = cli_print(&text);
        if (argc <= 1)
            code = ERR_USAGE;
    } else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        buf_puts(&text, "huntbook " HB_VERSION "\n");
        code = cli_print(&text);
    } else {
        const struct command *c = find_command(name);
        code = c ? run_command(&cli, c, argv + 2, argc - 2) : unknown_command(&cli, name);
    }
    arena_free(cli.arena);
    return code;
}
