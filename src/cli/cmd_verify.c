/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook verify: is a run as it was left? Faults on stdout, one line each, with the cell they touch; exit 6.
 */
#include <stdio.h>

#include "cli.h"
#include "hb/evidence.h"
#include "hb/json.h"
#include "hb/utf8.h"

struct verify_opts {
    const char *output, *format;
};
static const struct opt rows[] = {
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

static void put_text(struct buf *out, const char *dir, const struct evidence *e)
{
    for (size_t i = 0; i < e->nfaults; i++)
        put_fault(out, &e->faults[i]);
    utf8_show(out, str_z(dir));
    if (e->nfaults)
        buf_printf(out, ": %zu fault%s in %zu files\n", e->nfaults, e->nfaults == 1 ? "" : "s", e->files);
    else
        buf_printf(out, ": ok, %zu files; results fingerprint %.*s\n", e->files,
                   STR_ARG(e->record->fingerprint));
}

static void put_json(struct buf *out, const char *dir, const struct evidence *e)
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
    jw_end_obj(&w);
    buf_putc(out, '\n');
}

static int verify(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct verify_opts *o = options;
    struct buf out = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; i < nargs; i++) {
        char *dir;
        struct evidence e;
        struct err err = ERR_INIT;
        if (!evidence_find(cli->arena, o->output ? o->output : "output", args[i], &dir, &err) ||
            !evidence_verify(cli->arena, dir, &e, &err)) {
            buf_free(&out);
            return cli_fail(cli, &err);
        }
        (o->format && *o->format == 'j' ? put_json : put_text)(&out, dir, &e);
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
               "missing files too.",
    .opts = rows,
    .nopts = sizeof rows / sizeof *rows,
    .size = sizeof(struct verify_opts),
    .min_args = 1,
    .max_args = 1000,
    .run = verify,
};
