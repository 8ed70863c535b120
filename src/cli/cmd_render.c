/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook render: the reports of a run again, from its record alone.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "look.h"
#include "session.h"

struct render_opts {
    const char *output, *pdf, *theme;
    struct opt_texts formats;
};
static const struct opt render_rows[] = {
    { "output", 'o', OPT_TEXT, offsetof(struct render_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
    { "format", 'f', OPT_TEXTS, offsetof(struct render_opts, formats), "FORMAT",
      "html, pdf or md; may be repeated; html and pdf by default", "html|pdf|md" },
    { "pdf", 0, OPT_TEXT, offsetof(struct render_opts, pdf), "KIND",
      "a-3b, with the evidence attached (default), or a-1b, without", "a-3b|a-1b" },
    { "theme", 0, OPT_TEXT, offsetof(struct render_opts, theme), "NAME|DIR",
      "how the reports look; the theme of the run by default", NULL },
};
static int render(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct render_opts *o = options;
    struct session_formats which = { o->formats.items, o->formats.n, o->pdf, NULL };
    const char *first = o->formats.n ? o->formats.items[0] : "html";
    struct err bad = ERR_INIT;
    if (o->theme && !look_choose(cli, o->theme, &which.theme, &bad))
        return cli_fail(cli, &bad);
    for (size_t i = 0; i < nargs; i++) {
        struct store s;
        struct record *r;
        struct err err = ERR_INIT;
        if (!session_open_run(cli->arena, o->output, args[i], &s, NULL, &err) ||
            !session_lock_run(&s, &r, &err) || !session_publish(cli->arena, &s, r, &which, &err))
            return cli_fail(cli, &err);
        store_unlock(&s);
        printf("%s/report.%s\n", s.dir, first);
    }
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

const struct command cmd_render = {
    .name = "render",
    .args = "RUN...",
    .summary = "make the reports of a run again from its record",
    .opts = render_rows,
    .nopts = sizeof render_rows / sizeof *render_rows,
    .size = sizeof(struct render_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = render,
};
