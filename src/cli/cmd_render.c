/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook render: the reports of a run again, from its record alone. huntbook show: a run, or the table of a cell, in the
 * terminal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "hb/table.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "look.h"
#include "session.h"

struct render_opts {
    const char *output, *pdf, *theme;
    struct opt_texts formats;
};
struct show_opts {
    const char *output, *format;
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
static const struct opt show_rows[] = {
    { "format", 'f', OPT_TEXT, offsetof(struct show_opts, format), "FORMAT", "how a table is printed",
      "table|csv|json|ndjson|md" },
    { "output", 'o', OPT_TEXT, offsetof(struct show_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
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

static size_t terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void put_time(struct buf *out, const char *label, int64_t t)
{
    buf_puts(out, label);
    ticks_put_human(out, t);
    buf_putc(out, '\n');
}

static void put_run(struct buf *out, const struct record *r)
{
    utf8_show(out, r->playbook.name);
    buf_printf(out, "\nrun          %.*s, %.*s\n", STR_ARG(r->run_id), STR_ARG(r->status));
    put_time(out, "clock        ", r->now);
    buf_puts(out, "source       ");
    utf8_show(out, r->source.detail);
    buf_printf(out, "%s\nfingerprint  %.*s\n", r->source.sample ? " (sample data)" : "",
               STR_ARG(r->fingerprint));
    if (r->error.n) {
        buf_puts(out, "error        ");
        utf8_show(out, r->error);
        buf_putc(out, '\n');
    }
    buf_putc(out, '\n');
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        buf_printf(out, "%3d  %-8s %-9.*s %-24.*s", c->number, record_status_name(c->status),
                   STR_ARG(c->kind), STR_ARG(c->id));
        if (c->rows >= 0)
            buf_printf(out, " %" PRId64 " rows", c->rows);
        buf_putc(out, '\n');
        for (size_t k = 0; k < c->nfindings; k++) {
            if (!c->findings[k].open)
                continue;
            buf_printf(out, "     finding (%.*s): ", STR_ARG(c->findings[k].severity));
            utf8_show(out, c->findings[k].title);
            buf_putc(out, '\n');
        }
    }
}

static int show(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct show_opts *o = options;
    struct store s;
    struct record *r;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    struct table_print how = { .width = terminal_width() };
    if (o->format && !table_format_parse(str_z(o->format), &how.format))
        return ERR_USAGE;
    if (!session_open_run(cli->arena, o->output, args[0], &s, &r, &err))
        return cli_fail(cli, &err);
    if (nargs == 1) {
        put_run(&out, r);
        return cli_print(&out);
    }
    bool found = false;
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (!str_eqz(c->id, args[1]))
            continue;
        found = true;
        for (size_t k = 0; k < c->nblocks; k++)
            if (c->blocks[k].kind == BLOCK_TABLE)
                table_print(&out, c->blocks[k].table.head, &how);
    }
    if (!found) {
        err_set(&err, ERR_USAGE, "no cell '%s' in this run", args[1]);
        return cli_fail(cli, &err);
    }
    return cli_print(&out);
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

const struct command cmd_show = {
    .name = "show",
    .args = "RUN [CELL]",
    .summary = "show a run, or the table of one cell",
    .opts = show_rows,
    .nopts = sizeof show_rows / sizeof *show_rows,
    .size = sizeof(struct show_opts),
    .min_args = 1,
    .max_args = 2,
    .run = show,
};
