/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two records: cells, findings, parameters, sources, playbook. Rows are compared in diffrows.c, and
 * only of cells whose fingerprints differ.
 */
#include <inttypes.h>
#include <string.h>

#include "diff_int.h"
#include "hb/fs.h"
#include "hb/ticks.h"
#include "hb/vec.h"

enum { PLAYBOOK_MAX = 64 << 20 };

static const char *const kind_names[] = { "same", "changed", "new", "gone" };

const char *diff_kind_name(enum diff_kind k)
{
    return kind_names[k];
}

/* ---- lists of named values ---- */

struct changes {
    struct arena *arena;
    struct diff_change **items;
    size_t *n, *cap;
};

static void change(const struct changes *c, struct str name, struct str old, struct str new)
{
    if (!str_eq(old, new))
        *VEC_PUSH(c->arena, *c->items, *c->n, *c->cap) = (struct diff_change){ name, old, new };
}

static struct str param_value(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->nparams; i++)
        if (str_eq(r->params[i].name, name))
            return r->params[i].value;
    return STR("");
}

static struct str clock_text(struct arena *a, int64_t now)
{
    struct buf b = BUF_INIT;
    ticks_put_human(&b, now);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void compare_params(struct arena *a, const struct record *old, const struct record *new,
                           struct diff *d)
{
    struct changes c = { a, &d->params, &d->nparams, &d->params_cap };
    for (size_t i = 0; i < new->nparams; i++)
        change(&c, new->params[i].name, param_value(old, new->params[i].name), new->params[i].value);
    for (size_t i = 0; i < old->nparams; i++)
        if (!param_value(new, old->params[i].name).n)
            change(&c, old->params[i].name, old->params[i].value, STR(""));
    change(&c, STR("now"), clock_text(a, old->now), clock_text(a, new->now));
}

/* A table of a source in words: rows, and the hash of each file. */
static struct str table_text(struct arena *a, const struct record *r, struct str name)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < r->source.ntables; i++) {
        const struct record_source_table *t = &r->source.tables[i];
        if (!str_eq(t->name, name))
            continue;
        buf_printf(&b, "%" PRId64 " rows", t->rows);
        for (size_t k = 0; k < t->nfiles; k++)
            buf_printf(&b, ", %s %.*s", fs_base(arena_str(a, t->files[k].path).p),
                       (int)(t->files[k].sha256.n < 12 ? t->files[k].sha256.n : 12), t->files[k].sha256.p);
    }
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void compare_sources(struct arena *a, const struct record *old, const struct record *new,
                            struct diff *d)
{
    struct changes c = { a, &d->sources, &d->nsources, &d->sources_cap };
    change(&c, STR("source"),
           arena_strf(a, "%.*s (%.*s)", STR_ARG(old->source.name), STR_ARG(old->source.kind)),
           arena_strf(a, "%.*s (%.*s)", STR_ARG(new->source.name), STR_ARG(new->source.kind)));
    for (size_t i = 0; i < new->source.ntables; i++) {
        struct str name = new->source.tables[i].name;
        change(&c, name, table_text(a, old, name), table_text(a, new, name));
    }
    for (size_t i = 0; i < old->source.ntables; i++) {
        struct str name = old->source.tables[i].name, text = table_text(a, new, name);
        if (!text.n)
            change(&c, name, table_text(a, old, name), text);
    }
}

static struct str version_of(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->nversions; i++)
        if (str_eq(r->versions[i].name, name))
            return r->versions[i].value;
    return STR("");
}

static void compare_tools(struct arena *a, const struct record *old, const struct record *new, struct diff *d)
{
    struct changes c = { a, &d->tools, &d->ntools, &d->tools_cap };
    for (size_t i = 0; i < new->nversions; i++)
        change(&c, new->versions[i].name, version_of(old, new->versions[i].name), new->versions[i].value);
    for (size_t i = 0; i < old->nversions; i++)
        if (!version_of(new, old->versions[i].name).n)
            change(&c, old->versions[i].name, old->versions[i].value, STR(""));
}

static bool compare_playbooks(struct arena *a, const struct diff_side *old, const struct diff_side *new,
                              struct diff *d, struct err *err)
{
    struct str x, y;
    struct buf lines = BUF_INIT;
    d->playbook_changed = !str_eq(old->record->playbook.sha256, new->record->playbook.sha256);
    if (!d->playbook_changed)
        return true;
    if (!fs_read(a, store_path(old->store, "playbook.hunt.yaml"), PLAYBOOK_MAX, &x, err) ||
        !fs_read(a, store_path(new->store, "playbook.hunt.yaml"), PLAYBOOK_MAX, &y, err))
        return false;
    diff_lines(a, x, y, &lines);
    d->playbook = buf_to_arena(&lines, a);
    buf_free(&lines);
    return true;
}

/* ---- findings ---- */

static bool is_open(const struct record_cell *c, struct str title)
{
    for (size_t i = 0; c && i < c->nfindings; i++)
        if (c->findings[i].open && str_eq(c->findings[i].title, title))
            return true;
    return false;
}

const char *diff_finding_word(const struct diff_finding *f)
{
    return f->appeared ? "appeared" : f->unknown ? "not looked at" : "closed";
}

static void compare_findings(struct arena *a, const struct record *from, const struct record *to,
                             bool appeared, struct diff *d)
{
    for (size_t i = 0; i < to->ncells; i++)
        for (size_t k = 0; k < to->cells[i].nfindings; k++) {
            const struct record_finding *f = &to->cells[i].findings[k];
            const struct record_cell *other = record_find_cell(from, to->cells[i].id);
            bool unknown = !appeared && (!other || other->status != RECORD_OK);
            if (f->open && !is_open(other, f->title))
                *VEC_PUSH(a, d->findings, d->nfindings, d->findings_cap) =
                    (struct diff_finding){ to->cells[i].id, f->title, f->severity, appeared, unknown };
        }
}

/* ---- cells ---- */

static bool same_columns(const struct record_cell *x, const struct record_cell *y)
{
    if (x->ncolumns != y->ncolumns)
        return false;
    for (size_t i = 0; i < x->ncolumns; i++)
        if (x->columns[i].type != y->columns[i].type || !str_eq(x->columns[i].name, y->columns[i].name))
            return false;
    return true;
}

static bool compare_cell(struct differ *d, struct diff_cell *c, struct err *err)
{
    const struct record_cell *x = c->old, *y = c->new;
    if (!x || !y) {
        c->kind = x ? DIFF_GONE : DIFF_NEW;
        return true;
    }
    c->text_changed = !str_eq(x->query, y->query) || !str_eq(x->kind, y->kind);
    c->columns_changed = !same_columns(x, y);
    if (x->status == y->status && str_eq(x->fingerprint, y->fingerprint))
        return true;
    c->kind = DIFF_CHANGED;
    if (!x->fingerprint.n || !y->fingerprint.n)
        return true;
    return diff_rows(d, c, err) || err_wrap(err, "cell '%.*s'", STR_ARG(c->id));
}

static bool compare_cells(struct differ *d, struct diff *out, struct err *err)
{
    const struct record *old = d->old->record, *new = d->new->record;
    out->cells = ARENA_ARRAY(d->arena, old->ncells + new->ncells, struct diff_cell);
    for (size_t i = 0; i < new->ncells; i++)
        out->cells[out->ncells++] = (struct diff_cell){ .id = new->cells[i].id,
                                                        .old = record_find_cell(old, new->cells[i].id),
                                                        .new = &new->cells[i] };
    for (size_t i = 0; i < old->ncells; i++)
        if (!record_find_cell(new, old->cells[i].id))
            out->cells[out->ncells++] = (struct diff_cell){ .id = old->cells[i].id, .old = &old->cells[i] };
    for (size_t i = 0; i < out->ncells; i++)
        if (!compare_cell(d, &out->cells[i], err))
            return false;
    return true;
}

/* By one rule, whatever versions the records have. */
static bool same_results(const struct record *old, const struct record *new)
{
    char x[65], y[65];
    record_fingerprint(old, RECORD_VERSION, x);
    record_fingerprint(new, RECORD_VERSION, y);
    return strcmp(x, y) == 0;
}

bool diff_runs(struct arena *a, const struct diff_side *old, const struct diff_side *new,
               const struct diff_options *o, struct diff *out, struct err *err)
{
    struct differ d = { .arena = a, .old = old, .new = new, .options = o };
    *out = (struct diff){ .same_results = same_results(old->record, new->record) };
    compare_params(a, old->record, new->record, out);
    compare_sources(a, old->record, new->record, out);
    compare_tools(a, old->record, new->record, out);
    compare_findings(a, old->record, new->record, true, out);
    compare_findings(a, new->record, old->record, false, out);
    bool ok = compare_playbooks(a, old, new, out, err) && compare_cells(&d, out, err);
    engine_close(d.engine);
    return ok;
}

static bool has_column(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].ncolumns; k++)
            if (str_eq(r->cells[i].columns[k].name, name))
                return true;
    return false;
}

bool diff_check_keys(const struct str *keys, size_t n, const struct record *r, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!has_column(r, keys[i]))
            return err_set(err, ERR_USAGE, "no cell of run '%.*s' has a column '%.*s'", STR_ARG(r->run_id),
                           STR_ARG(keys[i]));
    return true;
}
