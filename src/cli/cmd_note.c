/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook note: what a person concludes of a cell, kept in the run's log and shown in its reports.
 */
#include <stdio.h>

#include "cli.h"
#include "hb/evidence.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "session.h"

struct note_opts {
    const char *output, *verdict, *text, *author;
    bool list;
};
#define TEXT_ROW(key, letter, arg, help)                                                                     \
    {                                                                                                        \
#key, letter, OPT_TEXT, offsetof(struct note_opts, key), arg, help, NULL                             \
    }
static const struct opt rows[] = {
    TEXT_ROW(verdict, 'v', "VERDICT", "one of those that the playbook has for the cell"),
    TEXT_ROW(text, 't', "TEXT", "the note, Markdown; without it $EDITOR is started"),
    TEXT_ROW(author, 0, "NAME", "who notes it, the user by default"),
    { "list", 'l', OPT_FLAG, offsetof(struct note_opts, list), NULL, "print the log of notes instead", NULL },
    TEXT_ROW(output, 'o', "DIR", "folder of all runs, output by default"),
};

static struct str hint(struct arena *a, const struct record *r, struct str cell)
{
    for (size_t i = 0; i < r->ncells; i++)
        if (str_eq(r->cells[i].id, cell))
            return arena_strf(a, "%.*s: %.*s", STR_ARG(cell), STR_ARG(r->cells[i].note.prompt.markdown));
    return cell;
}

/* The record is read under the lock, so that two who note at once both count. */
static bool add(struct cli *cli, const struct note_opts *o, struct store *s, const char *cell,
                struct err *err)
{
    struct record *r;
    struct note note = {
        .cell = str_z(cell),
        .verdict = str_z(o->verdict),
        .text = str_z(o->text),
        .author = o->author ? str_z(o->author) : session_user(cli->arena),
        .time = ticks_now(),
    };
    if (!session_lock_run(s, &r, err))
        return false;
    if (!o->text && !session_edit(cli->arena, hint(cli->arena, r, note.cell), &note.text, err))
        return false;
    if (!note.text.n && !note.verdict.n)
        return err_set(err, ERR_USAGE, "nothing to note: give --text, --verdict, or write something");
    if (!utf8_valid(note.text) || !utf8_valid(note.verdict) || !utf8_valid(note.author))
        return err_set(err, ERR_USAGE, "a note must be valid UTF-8");
    return notes_append(s, r, &note, err) &&
           session_publish(cli->arena, s, r, &(struct session_formats){ 0 }, err);
}

static int list(struct cli *cli, struct store *s, const struct record *r)
{
    struct note *notes;
    size_t n;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    if (!notes_read(s, r, &notes, &n, &err))
        return cli_fail(cli, &err);
    for (size_t i = 0; i < n; i++) {
        ticks_put_human(&out, notes[i].time);
        buf_puts(&out, "  ");
        utf8_show(&out, notes[i].author);
        buf_puts(&out, "  ");
        utf8_show(&out, notes[i].cell);
        if (notes[i].verdict.n) {
            buf_puts(&out, "  ");
            utf8_show(&out, notes[i].verdict);
        }
        buf_putc(&out, '\n');
        utf8_show_lines(&out, notes[i].text);
        buf_puts(&out, "\n");
    }
    return cli_print(&out);
}

static int note(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct note_opts *o = options;
    struct store s;
    struct record *r;
    struct err err = ERR_INIT;
    if (!session_open_run(cli->arena, o->output, args[0], &s, &r, &err))
        return cli_fail(cli, &err);
    if (o->list)
        return list(cli, &s, r);
    if (nargs < 2)
        err_set(&err, ERR_USAGE, "which cell? huntbook note %s CELL", args[0]);
    if (nargs < 2 || !add(cli, o, &s, args[1], &err))
        return cli_fail(cli, &err);
    printf("%s/report.html\n", s.dir);
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

const struct command cmd_note = {
    .name = "note",
    .args = "RUN CELL",
    .summary = "add a note or a verdict to a cell of a run",
    .details = "Notes are an append-only log in the run's folder; the newest one of a cell is shown in the "
               "reports, which are\n"
               "made again.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct note_opts),
    .min_args = 1,
    .max_args = 2,
    .run = note,
};
