/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook completion: a shell's completion script, from the same rows as --help.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static void put_bash(struct buf *b)
{
    buf_puts(
        b, "# completion of huntbook for bash: source it, or put it into bash-completion's folder\n"
           "_huntbook() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='");
    for (size_t i = 0; i < ncommands; i++)
        buf_printf(b, "%s ", commands[i]->name);
    buf_puts(b, "help --help --version'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < ncommands; i++) {
        const struct command *c = commands[i];
        buf_printf(b, "        %s)\n            words='--help", c->name);
        for (size_t k = 0; k < c->nopts; k++)
            buf_printf(b, " --%s", c->opts[k].name);
        buf_puts(b, "'\n            case $prev in\n");
        for (size_t k = 0; k < c->nopts; k++) {
            if (!c->opts[k].values)
                continue;
            buf_printf(b, "            --%s) words='", c->opts[k].name);
            for (const char *v = c->opts[k].values; *v; v++)
                buf_putc(b, *v == '|' ? ' ' : *v);
            buf_puts(b, "' ;;\n");
        }
        buf_puts(b, "            esac ;;\n");
    }
    buf_puts(b, "        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                "    [ \"$COMP_CWORD\" -gt 1 ] && COMPREPLY+=($(compgen -f -- \"$cur\"))\n    return 0\n}\n"
                "complete -o filenames -F _huntbook huntbook\n");
}

static int run(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct buf b = BUF_INIT;
    struct err err = ERR_INIT;
    (void)options;
    if (nargs && strcmp(args[0], "bash") != 0) {
        err_set(&err, ERR_USAGE, "completion is there for bash, not '%s'", args[0]);
        return cli_fail(cli, &err);
    }
    put_bash(&b);
    return cli_print(&b);
}

const struct command cmd_completion = {
    .name = "completion",
    .args = "[bash]",
    .summary = "print a completion script for the shell",
    .size = 1,
    .max_args = 1,
    .run = run,
};
