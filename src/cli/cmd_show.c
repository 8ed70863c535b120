/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook show: a run, or the rows of one cell, in the terminal.
 *
 * A record may be a stranger's: every text goes through the display rule, in every line. The first rows of a table stand in the
 * record; all of them are read from the Parquet file that the cell left, once its hash is that of the record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "hb/engine.h"
#include "hb/evidence.h"
#include "hb/table.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "session.h"

struct show_opts {
    const char *output, *format;
    int64_t limit, offset;
    bool all, csv, json;
};
static const struct opt rows[] = {
    { "limit", 'n', OPT_COUNT, offsetof(struct show_opts, limit), "N",
      "rows to print: 100 as table or md by default, else all", NULL },
    { "offset", 0, OPT_COUNT, offsetof(struct show_opts, offset), "N", "rows to skip before the first one",
      NULL },
    { "all", 0, OPT_FLAG, offsetof(struct show_opts, all), NULL, "every row", NULL },
    { "format", 'f', OPT_TEXT, offsetof(struct show_opts, format), "FORMAT", "how a table is printed",
      "table|csv|json|ndjson|md" },
    { "csv", 0, OPT_FLAG, offsetof(struct show_opts, csv), NULL, "short for --format csv", NULL },
    { "json", 0, OPT_FLAG, offsetof(struct show_opts, json), NULL, "short for --format json", NULL },
    { "output", 'o', OPT_TEXT, offsetof(struct show_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

/* -- lines that fit the terminal -- */

enum tint { PLAIN, BOLD, DIM, GREEN, RED, YELLOW };

struct screen {
    struct buf *out;
    size_t width; /* 0: do not cut */
    bool colour;
    size_t column; /* of the line that is open */
};

static void screen_init(struct screen *s, const struct cli *cli, struct buf *out)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO);
    *s = (struct screen){ .out = out, .colour = terminal && cli->log.colour };
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        s->width = size.ws_col;
}

static void tint(struct screen *s, enum tint t)
{
    static const char *const codes[] = {
        "\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m"
    };
    if (s->colour)
        buf_puts(s->out, codes[t]);
}

/* A text as it can be shown, cut at the end of the line, or padded to `least` columns. */
static void put(struct screen *s, enum tint t, struct str text, size_t least)
{
    struct buf shown = BUF_INIT;
    size_t i = 0, used = 0;
    utf8_show(&shown, text);
    struct str clean = buf_view(&shown);
    if (t != PLAIN)
        tint(s, t);
    while (i < clean.n) {
        size_t from = i;
        int w = utf8_width(utf8_next(clean, &i));
        if (s->width && s->column + used + (size_t)w + (i < clean.n) > s->width) {
            if (s->column + used < s->width)
                buf_puts(s->out, "\xe2\x80\xa6");
            used = s->width - s->column;
            break;
        }
        buf_put(s->out, clean.p + from, i - from);
        used += (size_t)w;
    }
    if (t != PLAIN)
        tint(s, PLAIN);
    for (; used < least; used++)
        buf_putc(s->out, ' ');
    s->column += used;
    buf_free(&shown);
}

static void put_z(struct screen *s, enum tint t, const char *text)
{
    put(s, t, str_z(text), 0);
}

static void put_count(struct screen *s, enum tint t, int64_t n, const char *one, const char *many,
                      size_t least)
{
    char digits[32], text[48];
    size_t k = 0, length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, n);
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[k++] = ',';
        text[k++] = digits[i];
    }
    text[k] = '\0';
    strcat(text, n == 1 ? one : many);
    put(s, t, str_z(text), least);
}

static void end_line(struct screen *s)
{
    while (s->out->n && s->out->p[s->out->n - 1] == ' ')
        s->out->n--;
    buf_putc(s->out, '\n');
    s->column = 0;
}

static void pair(struct screen *s, const char *name, struct str value)
{
    enum { NAMES = 14 };
    if (value.n == 0)
        return;
    put(s, DIM, str_z(name), NAMES);
    put(s, PLAIN, value, 0);
    end_line(s);
}

/* -- a run -- */

static const struct look {
    const char *sign;
    enum tint tint;
} looks[] = {
    [RECORD_NOT_RUN] = { "*", DIM },
    [RECORD_OK] = { "\xe2\x9c\x93", GREEN },
    [RECORD_FAILED] = { "X", RED },
    [RECORD_SKIPPED] = { "-", DIM },
};

static void put_facts(struct screen *s, struct arena *a, const struct record *r, const char *dir)
{
    struct buf time = BUF_INIT;
    ticks_put_human(&time, r->now);
    bool good = str_eqz(r->status, "completed");
    size_t findings = record_findings(r, true);
    put(s, BOLD, r->playbook.name, 0);
    end_line(s);
    put(s, good ? GREEN : RED, r->status, 0);
    put_z(s, PLAIN, ", ");
    put_count(s, findings ? RED : PLAIN, (int64_t)findings, " finding", " findings", 0);
    put_z(s, PLAIN, ", ");
    put(s, PLAIN, r->playbook.tlp.n ? r->playbook.tlp : STR("TLP:AMBER"), 0);
    end_line(s);
    end_line(s);
    pair(s, "run", r->run_id);
    pair(s, "playbook",
         r->playbook.version.n
             ? arena_strf(a, "%.*s, version %.*s", STR_ARG(r->playbook.path), STR_ARG(r->playbook.version))
             : r->playbook.path);
    pair(s, "analyst", r->analyst);
    pair(s, "clock", buf_view(&time));
    pair(s, "source",
         r->source.sample ? arena_strf(a, "%.*s (sample data)", STR_ARG(r->source.detail))
                          : r->source.detail);
    pair(s, "fingerprint", r->fingerprint);
    pair(s, "theme", r->theme.name);
    pair(s, "folder", str_z(dir));
    pair(s, "error", r->error);
    for (size_t i = 0; i < r->nwarnings; i++)
        pair(s, "warning", r->warnings[i]);
    buf_free(&time);
}

static void put_findings(struct screen *s, const struct record *r)
{
    if (!record_findings(r, true))
        return;
    end_line(s);
    put_z(s, BOLD, "Findings");
    end_line(s);
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        for (size_t k = 0; k < c->nfindings; k++) {
            const struct record_finding *f = &c->findings[k];
            if (!f->open)
                continue;
            put_z(s, PLAIN, "  ");
            put(s, str_eqz(f->severity, "high") ? RED : YELLOW, f->severity, 14);
            put_count(s, PLAIN, f->rows, " row", " rows", 14);
            put(s, DIM, c->id, 20);
            put_z(s, PLAIN, " ");
            put(s, PLAIN, f->title, 0);
            end_line(s);
        }
    }
}

static void put_cells(struct screen *s, const struct record *r)
{
    enum { ID_MAX = 32 };
    char number[16];
    size_t ids = 0;
    for (size_t i = 0; i < r->ncells; i++)
        ids = r->cells[i].id.n > ids ? r->cells[i].id.n : ids;
    ids = ids > ID_MAX ? ID_MAX : ids;
    end_line(s);
    put_z(s, BOLD, "Cells");
    end_line(s);
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        const struct look *look = &looks[c->status];
        snprintf(number, sizeof number, "%4d  ", c->number);
        put(s, look->tint, str_z(look->sign), 1);
        put_z(s, PLAIN, number);
        put(s, PLAIN, c->id, ids + 2);
        put(s, DIM, c->kind, 10);
        if (c->rows >= 0)
            put_count(s, PLAIN, c->rows, " row", " rows", 16);
        else
            put(s, PLAIN, STR(""), 16);
        put(s, c->reason.n ? look->tint : PLAIN, c->reason.n ? c->reason : c->title, 0);
        end_line(s);
    }
}

static int show_run(struct cli *cli, const struct record *r, const char *dir)
{
    struct buf out = BUF_INIT;
    struct screen s;
    screen_init(&s, cli, &out);
    put_facts(&s, cli->arena, r, dir);
    put_findings(&s, r);
    put_cells(&s, r);
    return cli_print(&out);
}

/* -- the rows of a cell -- */

/* Rows of the file that the cell left. */
static bool read_rows(struct cli *cli, const struct store *s, const struct record_cell *c, int64_t offset,
                      int64_t limit, struct table **out, struct err *err)
{
    const struct engine_options options = { 0 };
    const char *path = record_parquet(s, c, err);
    struct engine *e = path ? engine_open(&options, err) : NULL;
    bool ok = e && record_load_cell(e, c, path, c->id, cli->arena, err) && engine_lock(e, err);
    ok = ok && engine_fetch(e, c->id, offset, limit, NULL, 0, cli->arena, out, err);
    engine_close(e);
    return ok;
}

static const struct table *head_of(const struct record_cell *c)
{
    for (size_t i = 0; i < c->nblocks; i++)
        if (c->blocks[i].kind == BLOCK_TABLE)
            return c->blocks[i].table.head;
    return NULL;
}

/* Where the rows that are not printed are. */
static void say_more(struct cli *cli, const struct record_cell *c, int64_t offset, size_t shown)
{
    int64_t next = offset + (int64_t)shown;
    if (c->rows > (int64_t)shown)
        log_info(&cli->log, "rows %" PRId64 " to %" PRId64 " of %" PRId64 "%s", shown ? offset + 1 : 0,
                 shown ? next : 0, c->rows,
                 next < c->rows ? "; --offset goes on, --all prints every row" : "");
}

static bool choose_format(const struct show_opts *o, struct table_print *how, struct err *err)
{
    if (o->csv + o->json + (o->format != NULL) > 1 || (o->all && o->limit))
        return err_set(err, ERR_USAGE,
                       o->all && o->limit ? "--all and --limit exclude each other"
                                          : "one of --format, --csv and --json");
    how->format = o->csv ? TABLE_CSV : o->json ? TABLE_JSON : TABLE_TEXT;
    if (o->format)
        table_format_parse(str_z(o->format), &how->format);
    return true;
}

static int show_cell(struct cli *cli, const struct show_opts *o, const struct store *store,
                     const struct record_cell *c)
{
    enum { USUAL = 100 };
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    struct screen s;
    struct table_print how = { 0 };
    struct table *page;
    const struct table *head = head_of(c);
    screen_init(&s, cli, &out);
    how.width = s.width;
    how.colour = s.colour;
    if (!choose_format(o, &how, &err))
        return cli_fail(cli, &err);
    if (c->rows < 0) {
        put(&s, looks[c->status].tint, c->reason.n ? c->reason : STR("this cell has no rows"), 0);
        end_line(&s);
        return cli_print(&out);
    }
    bool people = how.format == TABLE_TEXT || how.format == TABLE_MD;
    int64_t limit = o->all ? 0 : o->limit ? o->limit : people ? USUAL : 0;
    bool in_head = head && ((int64_t)head->nrows == c->rows || (limit && limit <= (int64_t)head->nrows));
    if (o->offset == 0 && in_head) {
        how.max_rows = (size_t)limit;
        if (limit && (size_t)limit < head->nrows) {
            struct table *first = ARENA_NEW(cli->arena, struct table);
            *first = *head;
            first->nrows = (size_t)limit;
            head = first;
        }
        table_print(&out, head, &how);
        say_more(cli, c, 0, head->nrows);
        return cli_print(&out);
    }
    if (!read_rows(cli, store, c, o->offset, limit, &page, &err))
        return cli_fail(cli, &err);
    table_print(&out, page, &how);
    say_more(cli, c, o->offset, page->nrows);
    return cli_print(&out);
}

static int show(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct show_opts *o = options;
    struct store s;
    struct record *r;
    struct err err = ERR_INIT;
    if (!session_open_run(cli->arena, o->output, args[0], &s, &r, &err))
        return cli_fail(cli, &err);
    if (nargs == 1)
        return show_run(cli, r, s.dir);
    struct str *ids = ARENA_ARRAY(cli->arena, r->ncells, struct str);
    for (size_t i = 0; i < r->ncells; i++) {
        ids[i] = r->cells[i].id;
        if (str_eqz(ids[i], args[1]))
            return show_cell(cli, o, &s, &r->cells[i]);
    }
    struct str near = str_nearest(str_z(args[1]), ids, r->ncells);
    if (near.n)
        err_set(&err, ERR_USAGE, "no cell '%s' in this run; did you mean '%.*s'?", args[1], STR_ARG(near));
    else
        err_set(&err, ERR_USAGE, "no cell '%s' in this run", args[1]);
    return cli_fail(cli, &err);
}

const struct command cmd_show = {
    .name = "show",
    .args = "RUN [CELL]",
    .summary = "show a run, or the rows of one cell",
    .details = "Prints a table as wide as the terminal; colours only on a terminal and without NO_COLOR.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct show_opts),
    .min_args = 1,
    .max_args = 2,
    .run = show,
};
