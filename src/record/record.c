/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run in memory: making a record, adding to it, sealing it with its fingerprint.
 */
#include "hb/record.h"

#include <stdarg.h>

#include "hb/sha256.h"
#include "hb/vec.h"

static const char *const status_names[] = {
    [RECORD_NOT_RUN] = "not-run",
    [RECORD_OK] = "ok",
    [RECORD_FAILED] = "failed",
    [RECORD_SKIPPED] = "skipped",
};

const char *record_status_name(enum record_status s)
{
    return status_names[s];
}

struct record *record_new(struct arena *a)
{
    struct record *r = ARENA_NEW(a, struct record);
    r->arena = a;
    r->version = RECORD_VERSION;
    return r;
}

struct record_block *record_add_block(struct record *r, struct record_cell *c, enum record_block_kind kind)
{
    struct record_block *b = VEC_PUSH(r->arena, c->blocks, c->nblocks, c->blocks_cap);
    *b = (struct record_block){ .kind = kind };
    return b;
}

struct record_cell *record_find_cell(const struct record *r, struct str id)
{
    for (size_t i = 0; i < r->ncells; i++)
        if (str_eq(r->cells[i].id, id))
            return &r->cells[i];
    return NULL;
}

size_t record_findings(const struct record *r, bool open)
{
    size_t n = 0;
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfindings; k++)
            n += r->cells[i].findings[k].open == open;
    return n;
}

void record_warn(struct record *r, struct record_cell *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = str_z(arena_vprintf(r->arena, fmt, ap));
    va_end(ap);
    if (c)
        *VEC_PUSH(r->arena, c->warnings, c->nwarnings, c->warnings_cap) = text;
    else
        *VEC_PUSH(r->arena, r->warnings, r->nwarnings, r->warnings_cap) = text;
}

/*
 * env and connect say where a run found itself, not what it found: the same rows from files and from a service are the same
 * results. Until version 1 their states counted too.
 */
static bool is_surroundings(const struct record_cell *c)
{
    return (str_eqz(c->kind, "env") || str_eqz(c->kind, "connect")) && c->nexpects + c->nfindings == 0;
}

/* However often and in whichever order they were struck. */
static void put_struck(struct buf *text, const struct record_cell *c)
{
    size_t n;
    if (!c->review.nstrikes)
        return;
    struct arena *a = arena_new(0, "rows struck");
    const bool *struck = record_struck(a, c, &n);
    if (n) {
        buf_puts(text, "\tstruck ");
        record_put_rows(text, struck, (size_t)c->rows);
    }
    arena_free(a);
}

/* One line a cell: what it is, how it ended, its result, the verdicts on it. Times and texts are no results. */
void record_fingerprint(const struct record *r, int version, char hex[65])
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (version > 1 && is_surroundings(c))
            continue;
        buf_printf(&text, "%.*s\t%s\t%.*s", STR_ARG(c->id), record_status_name(c->status),
                   STR_ARG(c->fingerprint));
        for (size_t k = 0; k < c->nexpects; k++)
            buf_puts(&text, c->expects[k].passed ? "\tpassed" : "\tmissed");
        for (size_t k = 0; k < c->nfindings; k++)
            buf_puts(&text, c->findings[k].open ? "\topen" : "\tclosed");
        put_struck(&text, c);
        buf_putc(&text, '\n');
    }
    sha256_hex(buf_view(&text), hex);
    buf_free(&text);
}

void record_seal(struct record *r)
{
    char hex[65];
    record_fingerprint(r, r->version, hex);
    r->fingerprint = arena_str(r->arena, str_z(hex));
}

struct str record_key(struct arena *a, const struct record_pair *depends, size_t n)
{
    char hex[65];
    struct buf all = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_printf(&all, "%zu %zu %.*s %.*s\n", depends[i].name.n, depends[i].value.n,
                   STR_ARG(depends[i].name), STR_ARG(depends[i].value));
    sha256_hex(buf_view(&all), hex);
    buf_free(&all);
    return arena_str(a, str_z(hex));
}

bool record_is_consistent(const struct record *r, struct str *why)
{
    char hex[65];
    record_fingerprint(r, r->version, hex);
    if (!str_eqz(r->fingerprint, hex)) {
        *why = STR("the results fingerprint is not that of the cells it lists");
        return false;
    }
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (!c->key.n || !c->ndepends || str_eq(c->key, record_key(r->arena, c->depends, c->ndepends)))
            continue;
        *why = arena_strf(r->arena, "the key of cell '%.*s' is not that of what it depends on",
                          STR_ARG(c->id));
        return false;
    }
    return true;
}
