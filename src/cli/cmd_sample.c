/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook sample: made-up data with an intrusion in it. huntbook new: a playbook to start from.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hb/fs.h"
#include "hb/sample.h"
#include "hb/ticks.h"

struct sample_opts {
    int64_t rows, seed;
    const char *end, *output;
};

static const struct opt opts[] = {
    { "rows", 'n', OPT_COUNT, offsetof(struct sample_opts, rows), "N", "rows to write, 20000 by default",
      NULL },
    { "seed", 0, OPT_COUNT, offsetof(struct sample_opts, seed), "S",
      "another seed gives other data, 42 by default", NULL },
    { "end", 0, OPT_TEXT, offsetof(struct sample_opts, end), "TIME",
      "the end of the day it covers, 2026-01-15T00:00:00Z by default", NULL },
    { "output", 'o', OPT_TEXT, offsetof(struct sample_opts, output), "DIR", "folder to write to (required)",
      NULL },
};

/* sample.yaml tells a run the clock of the data, and its report that the data is made up. */
static bool write_note(struct cli *cli, const struct sample_options *s, struct err *err)
{
    struct buf text = BUF_INIT;
    buf_puts(&text,
             "# Made by huntbook sample. A run on this folder says on every page that the data is made up,\n"
             "# and takes the end of the data as its clock when it is given none.\nnow: \"");
    ticks_put_iso(&text, s->end);
    buf_printf(&text, "\"\nnote: %lld rows, seed %llu\n", (long long)s->rows, (unsigned long long)s->seed);
    bool ok = fs_write_atomic(fs_join(cli->arena, s->dir, "sample.yaml"), buf_view(&text), err);
    buf_free(&text);
    return ok;
}

static int sample(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct sample_opts *o = options;
    struct sample_options s = { .rows = o->rows ? o->rows : 20000, .seed = o->seed ? (uint64_t)o->seed : 42 };
    struct err err = ERR_INIT;
    (void)args, (void)nargs;
    s.dir = o->output;
    if (!o->output)
        err_set(&err, ERR_USAGE, "sample needs a folder to write to: -o DIR");
    else if (!ticks_parse_iso(str_z(o->end ? o->end : "2026-01-15T00:00:00Z"), &s.end))
        err_set(&err, ERR_USAGE, "--end takes a time like 2026-01-15T00:00:00Z, not '%s'", o->end);
    else if (sample_write(&s, &err) && write_note(cli, &s, &err))
        return 0;
    return cli_fail(cli, &err);
}

const struct command cmd_sample = {
    .name = "sample",
    .args = "",
    .summary = "write made-up network events with an intrusion in them",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct sample_opts),
    .run = sample,
};

/* -- new -- */

struct new_opts {
    const char *template;
};

static const struct opt new_rows[] = {
    { "template", 't', OPT_TEXT, offsetof(struct new_opts, template), "NAME", "what to start from",
      "hypothesis|anomaly" },
};

/* Templates stand beside the program in a source tree, or where `make install` puts them. */
static bool find_template(struct cli *cli, const char *name, struct str *text, struct err *err)
{
    const char *rel = arena_printf(cli->arena, "templates/playbook/%s.hunt.yaml", name);
    const char *places[] = {
        cli->program_dir ? arena_printf(cli->arena, "%s/../../%s", cli->program_dir, rel) : "",
        cli->program_dir ? arena_printf(cli->arena, "%s/../%s", cli->program_dir, rel) : "",
        cli->program_dir ? arena_printf(cli->arena, "%s/../share/huntbook/%s", cli->program_dir, rel) : "",
        arena_printf(cli->arena, "%s/%s", HB_DATADIR, rel),
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (*places[i] && fs_exists(places[i]))
            return fs_read(cli->arena, places[i], 1 << 20, text, err);
    return err_set(err, ERR_RUN, "no template '%s'; install huntbook with `make install`", places[3]);
}

static int new_playbook(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct new_opts *o = options;
    struct err err = ERR_INIT;
    struct str text;
    (void)nargs;
    char *path = str_ends(str_z(args[0]), STR(".yaml")) ? arena_strdup(cli->arena, args[0])
                                                        : arena_printf(cli->arena, "%s.hunt.yaml", args[0]);
    if (fs_exists(path))
        err_set(&err, ERR_USAGE, "'%s' is there already", path);
    else if (find_template(cli, o->template ? o->template : "hypothesis", &text, &err) &&
             fs_write_atomic(path, text, &err)) {
        printf("%s\n", path);
        return fflush(stdout) == 0 ? 0 : ERR_RUN;
    }
    return cli_fail(cli, &err);
}

const struct command cmd_new = {
    .name = "new",
    .args = "NAME",
    .summary = "write a playbook to start from",
    .opts = new_rows,
    .nopts = 1,
    .size = sizeof(struct new_opts),
    .min_args = 1,
    .max_args = 1,
    .run = new_playbook,
};
