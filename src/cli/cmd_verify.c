/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook verify: is a run as it was left? Faults on stdout, one line each, with the cell they touch; exit 6.
 */
#include <stdio.h>

#include "cli.h"
#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "session.h"

struct verify_opts {
    const char *output, *format, *allowed_signers, *time;
};
static const struct opt rows[] = {
    { "allowed-signers", 0, OPT_TEXT, offsetof(struct verify_opts, allowed_signers), "FILE",
      "who may sign, in the format of ssh-keygen; nobody else, and somebody has to", NULL },
    { "time", 0, OPT_TEXT, offsetof(struct verify_opts, time), "TIME",
      "with --allowed-signers: whose keys were valid then, now by default", NULL },
    { "format", 'f', OPT_TEXT, offsetof(struct verify_opts, format), "FORMAT", "how it is printed",
      "text|json" },
    { "output", 'o', OPT_TEXT, offsetof(struct verify_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

static void put_fault(struct buf *out, const struct evidence_fault *f)
{
    const char *kind = evidence_fault_name(f->kind);
    buf_printf(out, "%-13s ", kind);
    utf8_show(out, f->path);
    if (f->cell.n) {
        buf_puts(out, "  (cell ");
        utf8_show(out, f->cell);
        buf_putc(out, ')');
    }
    if (f->text.n) {
        buf_puts(out, ": ");
        utf8_show(out, f->text);
    }
    buf_putc(out, '\n');
}

static void put_signature(struct buf *out, const struct evidence_signature *s, bool by_list)
{
    buf_printf(out, "%-13s ", "signed");
    utf8_show(out, s->path);
    if (s->role.n) {
        buf_puts(out, ", ");
        utf8_show(out, s->role);
    }
    buf_puts(out, ": ");
    if (by_list)
        utf8_show(out, s->principals);
    buf_printf(out, "%s%.*s %.*s", by_list ? ", " : "", STR_ARG(s->key.type), STR_ARG(s->fingerprint));
    buf_puts(out, by_list ? "" : ", not checked against any list (--allowed-signers)");
    if (s->later_notes)
        buf_printf(out, "; before %zu note%s", s->later_notes, s->later_notes == 1 ? "" : "s");
    else if (!s->current)
        buf_puts(out, "; before the reports were made again");
    buf_putc(out, '\n');
}

static void put_text(struct buf *out, const char *dir, const struct evidence *e, bool by_list)
{
    for (size_t i = 0; i < e->nsignatures; i++)
        if (e->signatures[i].good)
            put_signature(out, &e->signatures[i], by_list);
    for (size_t i = 0; i < e->nfaults; i++)
        put_fault(out, &e->faults[i]);
    utf8_show(out, str_z(dir));
    if (e->nfaults)
        buf_printf(out, ": %zu fault%s in %zu files%s\n", e->nfaults, e->nfaults == 1 ? "" : "s", e->files,
                   e->half_noted ? "; a note was stopped before its end, huntbook render completes it" : "");
    else
        buf_printf(out, ": ok, %zu files; results fingerprint %.*s\n", e->files,
                   STR_ARG(e->record->fingerprint));
}

static void json_signatures(struct jw *w, const struct evidence *e)
{
    jw_key(w, "signatures");
    jw_arr(w);
    for (size_t i = 0; i < e->nsignatures; i++) {
        const struct evidence_signature *s = &e->signatures[i];
        const struct {
            const char *name;
            struct str text;
        } texts[] = { { "path", s->path },
                      { "role", s->role },
                      { "key_type", s->key.type },
                      { "fingerprint", s->fingerprint },
                      { "principals", s->principals } };
        jw_obj(w);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            jw_key(w, texts[k].name);
            jw_str(w, texts[k].text);
        }
        jw_key(w, "good");
        jw_bool(w, s->good);
        jw_key(w, "current");
        jw_bool(w, s->current);
        jw_key(w, "later_notes");
        jw_i64(w, (int64_t)s->later_notes);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void put_json(struct buf *out, const char *dir, const struct evidence *e, bool by_list)
{
    struct jw w;
    jw_init(&w, out, false);
    jw_obj(&w);
    jw_key(&w, "run");
    jw_strz(&w, dir);
    jw_key(&w, "ok");
    jw_bool(&w, e->nfaults == 0);
    jw_key(&w, "files");
    jw_i64(&w, (int64_t)e->files);
    jw_key(&w, "sums_sha256");
    jw_strz(&w, e->sums_sha256);
    jw_key(&w, "half_noted");
    jw_bool(&w, e->half_noted);
    jw_key(&w, "checked_by_list");
    jw_bool(&w, by_list);
    jw_key(&w, "faults");
    jw_arr(&w);
    for (size_t i = 0; i < e->nfaults; i++) {
        jw_obj(&w);
        jw_key(&w, "kind");
        jw_strz(&w, evidence_fault_name(e->faults[i].kind));
        jw_key(&w, "path");
        jw_str(&w, e->faults[i].path);
        jw_key(&w, "cell");
        jw_str(&w, e->faults[i].cell);
        jw_key(&w, "text");
        jw_str(&w, e->faults[i].text);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    json_signatures(&w, e);
    jw_end_obj(&w);
    buf_putc(out, '\n');
}

static bool read_list(struct cli *cli, const struct verify_opts *o, struct allowed_signers *list,
                      int64_t *when, struct err *err)
{
    enum { LIST_MAX = 4 << 20 };
    struct str text;
    *when = ticks_now();
    if (o->time && !o->allowed_signers)
        return err_set(err, ERR_USAGE, "--time goes with --allowed-signers");
    if (o->time && !ticks_parse_iso(str_z(o->time), when))
        return err_set(err, ERR_USAGE, "--time takes a time like 2026-01-15, not '%s'", o->time);
    if (!o->allowed_signers)
        return true;
    if (!fs_read(cli->arena, o->allowed_signers, LIST_MAX, &text, err)) {
        err->kind = ERR_USAGE;
        return false;
    }
    return allowed_signers_read(cli->arena, o->allowed_signers, text, list, err);
}

static int verify(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct verify_opts *o = options;
    struct buf out = BUF_INIT;
    struct allowed_signers list = { 0 };
    int64_t when;
    struct err err = ERR_INIT;
    bool ok = true, by_list = o->allowed_signers != NULL;
    if (!read_list(cli, o, &list, &when, &err))
        return cli_fail(cli, &err);
    for (size_t i = 0; i < nargs; i++) {
        char *dir;
        struct evidence e;
        if (!evidence_find(cli->arena, o->output ? o->output : "output", args[i], &dir, &err) ||
            !evidence_verify(cli->arena, dir, &e, &err)) {
            buf_free(&out);
            return cli_fail(cli, &err);
        }
        if (by_list)
            evidence_check_signers(cli->arena, &e, &list, when);
        (o->format && *o->format == 'j' ? put_json : put_text)(&out, dir, &e, by_list);
        ok &= e.nfaults == 0;
    }
    int code = cli_print(&out);
    return code ? code : ok ? 0 : ERR_VERIFY;
}

const struct command cmd_verify = {
    .name = "verify",
    .args = "RUN...",
    .summary = "find every changed, missing or added byte of a run",
    .details = "Exits with 6 when something does not match. `sha256sum -c SHA256SUMS` in the run's folder "
               "finds changed and\n"
               "missing files too. Signatures of any SSH key count; --allowed-signers says whose do.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct verify_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = verify,
};
