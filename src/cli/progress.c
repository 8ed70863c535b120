/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress on stderr. Ids are checked identifiers; every other text goes through the display rule.
 */
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hb/json.h"
#include "hb/utf8.h"
#include "session.h"

void progress_init(struct progress *p, const struct log *log, const char *mode)
{
    static const char *const names[] = { "live", "plain", "json", "none" };
    *p = (struct progress){ .log = log };
    p->mode = isatty(fileno(log->out)) ? PROGRESS_LIVE : PROGRESS_PLAIN;
    for (int i = 0; mode && i < 4; i++)
        if (strcmp(mode, names[i]) == 0)
            p->mode = (enum progress_mode)i;
}

static void put(const struct progress *p, struct buf *text)
{
    fwrite(buf_z(text), 1, text->n, p->log->out);
    fflush(p->log->out);
    buf_free(text);
}

/* 0.04s, 12.3s, 3m12s */
static void put_seconds(struct buf *b, double s)
{
    if (s < 60)
        buf_printf(b, s < 10 ? "%.2fs" : "%.1fs", s);
    else
        buf_printf(b, "%.0fm%02.0fs", floor(s / 60), floor(fmod(s, 60)));
}

static void put_thousands(struct buf *b, int64_t n)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
            buf_putc(b, ',');
        buf_putc(b, digits[i]);
    }
}

struct mark {
    const char *sign, *colour;
};
static const struct mark marks[] = {
    [RECORD_NOT_RUN] = { "\xC2\xB7", "\033[2m" },
    [RECORD_OK] = { "\xE2\x9C\x93", "\033[32m" },
    [RECORD_FAILED] = { "\xE2\x9C\x97", "\033[1;31m" },
    [RECORD_SKIPPED] = { "-", "\033[2m" },
};

static void clear_line(const struct progress *p, struct buf *b)
{
    if (p->mode == PROGRESS_LIVE && p->line_open)
        buf_puts(b, "\r\033[K");
}

static void on_loaded(void *ctx, const struct record *r, double seconds)
{
    struct progress *p = ctx;
    struct buf b = BUF_INIT;
    if (p->mode == PROGRESS_NONE)
        return;
    if (p->mode == PROGRESS_JSON) {
        struct jw w;
        jw_init(&w, &b, false);
        jw_obj(&w);
        jw_key(&w, "event");
        jw_strz(&w, "loaded");
        jw_key(&w, "source");
        jw_str(&w, r->source.name);
        jw_key(&w, "seconds");
        jw_f64(&w, seconds);
        jw_end_obj(&w);
        buf_putc(&b, '\n');
        put(p, &b);
        return;
    }
    if (r->source.sample)
        buf_puts(&b, "Sample data: no source is configured, so the data beside the playbook is used.\n");
    for (size_t i = 0; i < r->source.ntables; i++) {
        const struct record_source_table *t = &r->source.tables[i];
        buf_puts(&b, "  loaded ");
        utf8_show(&b, t->name);
        buf_puts(&b, ": ");
        put_thousands(&b, t->rows);
        buf_puts(&b, " rows");
        if (t->rejected)
            buf_printf(&b, ", %" PRId64 " left out", t->rejected);
        buf_puts(&b, i + 1 < r->source.ntables ? "\n" : ", ");
    }
    if (r->source.ntables) {
        put_seconds(&b, seconds);
        buf_putc(&b, '\n');
    }
    put(p, &b);
}

static void put_cell_json(struct progress *p, const struct record_cell *c, const char *event)
{
    struct buf b = BUF_INIT;
    struct jw w;
    jw_init(&w, &b, false);
    jw_obj(&w);
    jw_key(&w, "event");
    jw_strz(&w, event);
    jw_key(&w, "cell");
    jw_str(&w, c->id);
    if (c->status != RECORD_NOT_RUN) {
        jw_key(&w, "status");
        jw_strz(&w, record_status_name(c->status));
        jw_key(&w, "rows");
        if (c->rows >= 0)
            jw_i64(&w, c->rows);
        else
            jw_null(&w);
        jw_key(&w, "seconds");
        jw_f64(&w, (double)c->duration_us / 1e6);
        if (c->kept) {
            jw_key(&w, "kept");
            jw_bool(&w, true);
        }
        if (c->reason.n) {
            jw_key(&w, "reason");
            jw_str(&w, c->reason);
        }
    }
    jw_end_obj(&w);
    buf_putc(&b, '\n');
    put(p, &b);
}

static void on_start(void *ctx, const struct record_cell *c, size_t total)
{
    struct progress *p = ctx;
    struct buf b = BUF_INIT;
    snprintf(p->label, sizeof p->label, "[%2d/%zu] %.*s", c->number, total,
             (int)(c->id.n < 100 ? c->id.n : 100), c->id.p);
    if (p->mode == PROGRESS_JSON)
        put_cell_json(p, c, "start");
    if (p->mode != PROGRESS_LIVE)
        return;
    buf_printf(&b, "  %s ...", p->label);
    p->line_open = true;
    put(p, &b);
}

static void on_progress(void *ctx, double fraction, double seconds)
{
    struct progress *p = ctx;
    struct buf b = BUF_INIT;
    if (p->mode != PROGRESS_LIVE || seconds < 0.3)
        return;
    buf_printf(&b, "\r\033[K  %s ... ", p->label[0] ? p->label : "loading");
    put_seconds(&b, seconds);
    if (fraction > 0)
        buf_printf(&b, ", %.0f%%", fraction * 100);
    p->line_open = true;
    put(p, &b);
}

static void put_outcome(struct buf *b, const struct record_cell *c)
{
    if (c->rows >= 0 && c->status == RECORD_OK) {
        put_thousands(b, c->rows);
        buf_puts(b, c->rows == 1 ? " row  " : " rows  ");
    }
    if (c->kept)
        buf_puts(b, "taken over");
    else if (c->status != RECORD_SKIPPED)
        put_seconds(b, (double)c->duration_us / 1e6);
    for (size_t i = 0; i < c->nfindings; i++) {
        if (!c->findings[i].open)
            continue;
        buf_puts(b, "\n          finding (");
        utf8_show(b, c->findings[i].severity);
        buf_puts(b, "): ");
        utf8_show(b, c->findings[i].title);
    }
    for (size_t i = 0; i < c->nexpects; i++) {
        if (c->expects[i].passed || c->status == RECORD_FAILED)
            continue;
        buf_puts(b, "\n          expected ");
        utf8_show(b, c->expects[i].that);
        buf_puts(b, c->expects[i].message.n ? ": " : "");
        utf8_show(b, c->expects[i].message);
    }
    if (c->reason.n) {
        buf_puts(b, "\n          ");
        utf8_show(b, c->reason);
    }
}

static void on_end(void *ctx, const struct record_cell *c)
{
    struct progress *p = ctx;
    struct buf b = BUF_INIT;
    const struct mark *m = &marks[c->status];
    if (p->mode == PROGRESS_JSON)
        put_cell_json(p, c, "end");
    if (p->mode == PROGRESS_JSON || p->mode == PROGRESS_NONE)
        return;
    clear_line(p, &b);
    p->line_open = false;
    buf_printf(&b, "  %s%s%s %-34s ", p->log->colour ? m->colour : "", m->sign,
               p->log->colour ? "\033[0m" : "", p->label);
    put_outcome(&b, c);
    buf_putc(&b, '\n');
    p->label[0] = '\0';
    put(p, &b);
}

static void on_waiting(void *ctx, double seconds, int status)
{
    struct progress *p = ctx;
    struct buf b = BUF_INIT;
    if (p->mode != PROGRESS_LIVE && p->mode != PROGRESS_PLAIN)
        return;
    clear_line(p, &b);
    p->line_open = false;
    buf_printf(&b, "  waiting %.*f s: ", seconds < 10 ? 1 : 0, seconds);
    if (status)
        buf_printf(&b, "%d\n", status);
    else
        buf_puts(&b, "no whole reply\n");
    put(p, &b);
}

struct run_events progress_events(struct progress *p)
{
    return (struct run_events){
        .ctx = p,
        .engine = session_watch,
        .loaded = on_loaded,
        .cell_start = on_start,
        .progress = p->mode == PROGRESS_LIVE ? on_progress : NULL,
        .waiting = on_waiting,
        .cell_end = on_end,
    };
}
