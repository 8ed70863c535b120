/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook check: every fault of a playbook at once. huntbook schema: the format.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hb/check.h"
#include "hb/record.h"

struct check_opts {
    struct opt_texts params;
    bool dump;
};

static const struct opt opts[] = {
    { "param", 'p', OPT_TEXTS, offsetof(struct check_opts, params), "NAME=VALUE",
      "check with this value of a parameter", NULL },
    { "dump", 0, OPT_FLAG, offsetof(struct check_opts, dump), NULL, "print what was read, in canonical form",
      NULL },
};

static int check(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct check_opts *o = options;
    int worst = 0;
    for (size_t i = 0; i < nargs; i++) {
        struct diags d;
        diags_init(&d, cli->arena);
        struct playbook *p = playbook_load(cli->arena, args[i], playbook_kinds, playbook_nkinds, &d);
        if (p && (o->params.n == 0 || params_apply(p, NULL, o->params.items, o->params.n, &d)))
            check_playbook(cli->arena, p, &d);
        int code = cli_diags(cli, &d);
        worst = code > worst ? code : worst;
        if (p && !code && o->dump) {
            struct buf text = BUF_INIT;
            playbook_dump(&text, p);
            if (cli_print(&text))
                return ERR_RUN;
        } else if (!code) {
            log_info(&cli->log, "%s: ok, %zu cells", args[i], p->cells.n);
        }
    }
    return worst;
}

static int schema(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    (void)options;
    if (nargs == 0 || strcmp(args[0], "playbook") == 0) {
        playbook_schema(&out, playbook_kinds, playbook_nkinds);
    } else if (strcmp(args[0], "run") == 0) {
        record_schema(&out);
    } else {
        err_set(&err, ERR_USAGE, "no schema of '%s'; there are: playbook, run", args[0]);
        return cli_fail(cli, &err);
    }
    return cli_print(&out);
}

const struct command cmd_check = {
    .name = "check",
    .args = "PLAYBOOK...",
    .summary = "find every fault of a playbook without running it",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct check_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = check,
};

const struct command cmd_schema = {
    .name = "schema",
    .args = "[playbook|run]",
    .summary = "print the JSON Schema of playbooks, or of run.json",
    .size = 1,
    .max_args = 1,
    .run = schema,
};
