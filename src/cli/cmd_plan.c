/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook plan: which cell reads which, and what a run would do with each: run it, or take its result over, and why.
 */
#include "choose.h"
#include "cli.h"
#include "hb/check.h"
#include "hb/utf8.h"

struct plan_opts {
    struct choices c;
};
static const struct opt opts[] = { CHOICE_ROWS(struct plan_opts, c) };

static void put_cell(struct buf *out, const struct playbook *p, const struct plan_cell *c, size_t number)
{
    buf_printf(out, "%2zu %-9.*s %.*s", number, STR_ARG(c->spec->type.s), STR_ARG(c->spec->id.s));
    for (size_t k = 0; k < c->nreads; k++)
        buf_printf(out, "%s%.*s", k ? ", " : "  reads ", STR_ARG(p->cells.items[c->reads[k]].id.s));
    for (size_t k = 0; k < c->ntables; k++)
        buf_printf(out, "%s%.*s", k ? ", " : "  from the source: ", STR_ARG(c->tables[k]));
    buf_puts(out, c->any_table ? "  (any table)\n" : "\n");
}

static void put_fate(struct buf *out, const struct plan_fate *f)
{
    buf_puts(out, f->reused ? "             taken over from run " : "             runs: ");
    utf8_show(out, f->reused ? f->run : f->why);
    buf_puts(out, f->perhaps ? ", if what it reads is the same again\n" : "\n");
}

/* Parameters without a value or no source at all: who reads whom can be told without. */
static bool foresee(struct cli *cli, const struct plan_opts *o, const char *path, struct playbook *p,
                    struct plan_fate **fates)
{
    struct run_options run = { .playbook = p, .reuse = true };
    struct diags d;
    struct err err = ERR_INIT;
    diags_init(&d, cli->arena);
    if (!params_apply(p, o->c.param_file, o->c.params.items, o->c.params.n, &d))
        err_set(&err, ERR_USAGE, "%.*s", d.n ? (int)d.items[0].message.n : 0,
                d.n ? d.items[0].message.p : "");
    else if (choose_run(cli, &o->c, path, &run, &d, &err) && plan_foresee(cli->arena, &run, fates, &err))
        return true;
    log_info(&cli->log, "what would run cannot be told: %s", err.text);
    return false;
}

static int plan(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct plan_opts *o = options;
    struct diags d;
    struct plan plan;
    struct plan_fate *fates = NULL;
    struct buf out = BUF_INIT;
    size_t reused = 0;
    (void)nargs;
    diags_init(&d, cli->arena);
    struct playbook *p = playbook_load(cli->arena, args[0], playbook_kinds, playbook_nkinds, &d);
    if (p)
        check_playbook(cli->arena, p, &d);
    if (cli_diags(cli, &d) || !p)
        return ERR_USAGE;
    plan_make(cli->arena, p, &plan);
    bool told = foresee(cli, o, args[0], p, &fates);
    for (size_t i = 0; i < plan.n; i++) {
        put_cell(&out, p, &plan.cells[i], i + 1);
        if (told)
            put_fate(&out, &fates[i]);
        reused += told && fates[i].reused;
    }
    if (told)
        buf_printf(&out, "%zu cells would run, %zu would be taken over\n", plan.n - reused, reused);
    return cli_print(&out);
}

const struct command cmd_plan = {
    .name = "plan",
    .args = "PLAYBOOK",
    .summary = "show the cells in order, what each one reads, and what would run and why",
    .details = "Nothing runs and no service is asked; files of the source are read only for their hashes.",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct plan_opts),
    .min_args = 1,
    .max_args = 1,
    .run = plan,
};
