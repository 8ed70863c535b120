/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook diff: what is new, gone or changed since another run. The printing serves `huntbook replay` too.
 */
#include "diff_print.h"

#include <inttypes.h>

#include "cli.h"
#include "hb/json.h"
#include "hb/utf8.h"
#include "session.h"

struct diff_opts {
    const char *output, *format;
    struct opt_texts keys;
    int64_t rows;
    bool json;
};
static const struct opt rows[] = {
    { "key", 'k', OPT_TEXTS, offsetof(struct diff_opts, keys), "COLUMN,...",
      "rows with equal values here are the same row; may be repeated", NULL },
    { "rows", 'n', OPT_COUNT, offsetof(struct diff_opts, rows), "N",
      "rows shown of each kind and cell: 10, in JSON 1000", NULL },
    { "format", 'f', OPT_TEXT, offsetof(struct diff_opts, format), "FORMAT", "how it is printed",
      "text|json" },
    { "json", 0, OPT_FLAG, offsetof(struct diff_opts, json), NULL, "the same as --format json", NULL },
    { "output", 'o', OPT_TEXT, offsetof(struct diff_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

/* ---- text ---- */

static void put_changes(struct buf *out, const char *title, const struct diff_change *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%-10s ", i ? "" : title);
        utf8_show(out, items[i].name);
        buf_puts(out, ": ");
        utf8_show(out, items[i].old.n ? items[i].old : STR("(none)"));
        buf_puts(out, " -> ");
        utf8_show(out, items[i].new.n ? items[i].new : STR("(none)"));
        buf_putc(out, '\n');
    }
}

static void put_findings(struct buf *out, const struct diff *d)
{
    for (size_t i = 0; i < d->nfindings; i++) {
        const struct diff_finding *f = &d->findings[i];
        buf_printf(out, "%-10s %s (", i ? "" : "findings", diff_finding_word(f));
        utf8_show(out, f->severity);
        buf_puts(out, ") in ");
        utf8_show(out, f->cell);
        buf_puts(out, ": ");
        utf8_show(out, f->title);
        buf_putc(out, '\n');
    }
}

static void put_rows(struct buf *out, const struct record_cell *c)
{
    if (c && c->rows >= 0)
        buf_printf(out, "%" PRId64 " rows", c->rows);
    else
        buf_puts(out, c ? record_status_name(c->status) : "not there");
}

static void put_cell(struct buf *out, const struct diff_cell *c, const struct table_print *how)
{
    buf_putc(out, '\n');
    utf8_show(out, c->id);
    buf_printf(out, ": %s, ", diff_kind_name(c->kind));
    put_rows(out, c->old);
    buf_puts(out, " -> ");
    put_rows(out, c->new);
    buf_putc(out, '\n');
    if (c->text_changed)
        buf_puts(out, "  its query or kind changed\n");
    if (c->columns_changed && c->old && c->new)
        buf_puts(out, "  its columns changed; rows are compared by the columns that both have\n");
    if (c->order_changed)
        buf_puts(out, "  the same rows in another order\n");
    if (c->note.n)
        buf_printf(out, "  %.*s\n", STR_ARG(c->note));
    if (c->nnew + c->ngone + c->nchanged)
        buf_printf(out, "  %" PRId64 " new, %" PRId64 " gone, %" PRId64 " changed rows\n", c->nnew, c->ngone,
                   c->nchanged);
    if (c->rows)
        table_print(out, c->rows, how);
}

static void put_playbook(struct buf *out, const struct diff *d)
{
    if (!d->playbook_changed)
        return;
    buf_puts(out, "playbook   changed\n");
    for (size_t at = 0; at < d->playbook.n;) {
        size_t end = str_chr(d->playbook, '\n', at);
        buf_puts(out, "  ");
        utf8_show(out, str_sub(d->playbook, at, end));
        buf_putc(out, '\n');
        at = end + 1;
    }
}

void diff_put_text(struct buf *out, const struct diff *d)
{
    struct table_print how = { .format = TABLE_TEXT };
    put_changes(out, "parameters", d->params, d->nparams);
    put_changes(out, "sources", d->sources, d->nsources);
    put_changes(out, "tools", d->tools, d->ntools);
    put_playbook(out, d);
    put_findings(out, d);
    for (size_t i = 0; i < d->ncells; i++)
        if (d->cells[i].kind != DIFF_SAME || d->cells[i].text_changed)
            put_cell(out, &d->cells[i], &how);
    buf_puts(out, d->same_results ? "results are identical\n" : "\nresults differ\n");
}

/* ---- JSON ---- */

static void json_changes(struct jw *w, const char *key, const struct diff_change *items, size_t n)
{
    jw_key(w, key);
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        jw_obj(w);
        jw_key(w, "name");
        jw_str(w, items[i].name);
        jw_key(w, "old");
        jw_str(w, items[i].old);
        jw_key(w, "new");
        jw_str(w, items[i].new);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void json_findings(struct jw *w, const struct diff *d)
{
    jw_key(w, "findings");
    jw_arr(w);
    for (size_t i = 0; i < d->nfindings; i++) {
        const struct diff_finding *f = &d->findings[i];
        jw_obj(w);
        jw_key(w, "change");
        jw_strz(w, diff_finding_word(f));
        jw_key(w, "cell");
        jw_str(w, f->cell);
        jw_key(w, "severity");
        jw_str(w, f->severity);
        jw_key(w, "title");
        jw_str(w, f->title);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void json_side(struct jw *w, const char *key, const struct record_cell *c)
{
    jw_key(w, key);
    if (!c) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_key(w, "status");
    jw_strz(w, record_status_name(c->status));
    jw_key(w, "rows");
    jw_i64(w, c->rows);
    jw_key(w, "fingerprint");
    jw_str(w, c->fingerprint);
    jw_end_obj(w);
}

static void json_cell(struct jw *w, const struct diff_cell *c)
{
    const struct {
        const char *key;
        int64_t n;
    } counts[] = { { "new_rows", c->nnew }, { "gone_rows", c->ngone }, { "changed_rows", c->nchanged } };
    const struct {
        const char *key;
        bool set;
    } flags[] = { { "text_changed", c->text_changed },
                  { "columns_changed", c->columns_changed },
                  { "order_changed", c->order_changed } };
    jw_obj(w);
    jw_key(w, "id");
    jw_str(w, c->id);
    jw_key(w, "change");
    jw_strz(w, diff_kind_name(c->kind));
    json_side(w, "old", c->old);
    json_side(w, "new", c->new);
    for (size_t i = 0; i < 3; i++) {
        jw_key(w, flags[i].key);
        jw_bool(w, flags[i].set);
    }
    for (size_t i = 0; i < 3; i++) {
        jw_key(w, counts[i].key);
        jw_i64(w, counts[i].n);
    }
    if (c->rows) {
        jw_key(w, "shown");
        jw_obj(w);
        table_put_json(w, c->rows);
        jw_end_obj(w);
    }
    jw_end_obj(w);
}

void diff_put_json(struct buf *out, const struct diff_side *old, const struct diff_side *new,
                   const struct diff *d)
{
    struct jw w;
    jw_init(&w, out, false);
    jw_obj(&w);
    jw_key(&w, "old");
    jw_str(&w, old->record->run_id);
    jw_key(&w, "new");
    jw_str(&w, new->record->run_id);
    jw_key(&w, "identical");
    jw_bool(&w, d->same_results);
    json_changes(&w, "params", d->params, d->nparams);
    json_changes(&w, "sources", d->sources, d->nsources);
    json_changes(&w, "tools", d->tools, d->ntools);
    jw_key(&w, "playbook");
    jw_str(&w, d->playbook);
    json_findings(&w, d);
    jw_key(&w, "cells");
    jw_arr(&w);
    for (size_t i = 0; i < d->ncells; i++)
        json_cell(&w, &d->cells[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_putc(out, '\n');
}

/* ---- the command ---- */

static int diff(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct diff_opts *o = options;
    struct store stores[2];
    struct record *records[2];
    struct diff_options how = { 0 };
    struct diff d;
    struct err err = ERR_INIT;
    struct buf out = BUF_INIT;
    bool json = o->json || (o->format && *o->format == 'j');
    for (size_t i = 0; i < nargs; i++)
        if (!session_open_run(cli->arena, o->output, args[i], &stores[i], &records[i], &err))
            return cli_fail(cli, &err);
    how.keys = opt_list(cli->arena, &o->keys, &how.nkeys);
    how.max_rows = o->rows ? (size_t)o->rows : json ? 1000 : 10;
    struct diff_side old = { &stores[0], records[0] }, new = { &stores[1], records[1] };
    if (!diff_check_keys(how.keys, how.nkeys, records[1], &err) ||
        !diff_runs(cli->arena, &old, &new, &how, &d, &err))
        return cli_fail(cli, &err);
    if (json)
        diff_put_json(&out, &old, &new, &d);
    else
        diff_put_text(&out, &d);
    return cli_print(&out);
}

const struct command cmd_diff = {
    .name = "diff",
    .args = "OLD-RUN NEW-RUN",
    .summary = "show what is new, gone or changed between two runs",
    .details = "Whole results are compared. Without --key a row that changed is one row gone and one new.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct diff_opts),
    .min_args = 2,
    .max_args = 2,
    .run = diff,
};
