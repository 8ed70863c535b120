/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook render: the reports of a run again, from its record alone. huntbook list: the runs there are.
 * huntbook show: a run, or the table of a cell, in the terminal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "hb/fs.h"
#include "hb/table.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "session.h"

struct list_opts {
    const char *output;
};
static const struct opt list_rows[] = {
    { "output", 'o', OPT_TEXT, offsetof(struct list_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

struct show_opts {
    const char *format;
};
static const struct opt show_rows[] = {
    { "format", 'f', OPT_TEXT, offsetof(struct show_opts, format), "FORMAT", "how a table is printed",
      "table|csv|json|ndjson|md" },
};

static bool read_run(struct cli *cli, const char *dir, struct store *s, struct record **r, struct err *err)
{
    return store_open(s, cli->arena, dir, err) && store_read_record(s, r, err);
}

static int render(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    (void)options;
    for (size_t i = 0; i < nargs; i++) {
        struct store s;
        struct record *r;
        struct err err = ERR_INIT;
        if (!read_run(cli, args[i], &s, &r, &err) || !session_publish(cli->arena, &s, r, &err))
            return cli_fail(cli, &err);
        printf("%s/report.html\n", s.dir);
    }
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

static size_t count_open(const struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfindings; k++)
            n += r->cells[i].findings[k].open;
    return n;
}

struct run_row {
    struct str path, status;
    struct record *record;
};

static bool collect(struct cli *cli, const char *output, struct run_row **rows, size_t *n, struct err *err)
{
    struct str *hunts, *runs;
    size_t nhunts, nruns, cap = 0;
    *n = 0;
    if (!fs_list(cli->arena, output, &hunts, &nhunts, err))
        return false;
    for (size_t i = 0; i < nhunts; i++) {
        char *hunt = fs_join(cli->arena, output, hunts[i].p);
        if (!fs_is_dir(hunt) || !fs_list(cli->arena, hunt, &runs, &nruns, err))
            continue;
        for (size_t k = 0; k < nruns; k++) {
            struct store s;
            struct record *r;
            struct err problem = ERR_INIT;
            char *dir = fs_join(cli->arena, hunt, runs[k].p);
            if (!fs_exists(fs_join(cli->arena, dir, "run.json")))
                continue;
            bool ok = read_run(cli, dir, &s, &r, &problem);
            *VEC_PUSH(cli->arena, *rows, *n, cap) =
                (struct run_row){ str_z(dir), ok ? r->status : STR("unreadable"), ok ? r : NULL };
        }
    }
    return true;
}

static int list(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct list_opts *o = options;
    const char *output = o->output ? o->output : "output";
    struct run_row *rows = NULL;
    size_t n;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    (void)args, (void)nargs;
    if (!collect(cli, output, &rows, &n, &err))
        return cli_fail(cli, &err);
    struct table *t = table_new(cli->arena, 5, n);
    static const char *const names[] = { "run", "status", "findings", "started", "name" };
    static const enum hb_type types[] = { HB_STRING, HB_STRING, HB_LONG, HB_DATETIME, HB_STRING };
    for (size_t i = 0; i < 5; i++)
        table_set_column(t, i, str_z(names[i]), types[i]);
    for (size_t i = 0; i < n; i++) {
        const struct record *r = rows[i].record;
        t->cols[0].v.s[i] = rows[i].path;
        t->cols[1].v.s[i] = rows[i].status;
        if (!r) {
            column_set_null(t, 2, i);
            column_set_null(t, 3, i);
            continue;
        }
        t->cols[2].v.i[i] = (int64_t)count_open(r);
        t->cols[3].v.i[i] = r->started;
        t->cols[4].v.s[i] = r->playbook.name;
    }
    if (n == 0)
        log_info(&cli->log, "no runs below '%s'", output);
    else
        table_print(&out, t, &(struct table_print){ .format = TABLE_TEXT });
    return cli_print(&out);
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
    if (!read_run(cli, args[0], &s, &r, &err))
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
    .size = 1,
    .min_args = 1,
    .max_args = 1000,
    .run = render,
};

const struct command cmd_list = {
    .name = "list",
    .args = "",
    .summary = "list the runs there are",
    .opts = list_rows,
    .nopts = 1,
    .size = sizeof(struct list_opts),
    .run = list,
};

const struct command cmd_show = {
    .name = "show",
    .args = "RUN [CELL]",
    .summary = "show a run, or the table of one cell",
    .opts = show_rows,
    .nopts = 1,
    .size = sizeof(struct show_opts),
    .min_args = 1,
    .max_args = 2,
    .run = show,
};
