/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A comparison of two runs kept in the record of the newer one, so that its reports need the older run no more.
 *
 * Invariant: counts are of the whole results; only rows and lines are excerpts, and the record says of how many.
 */
#include "hb/diff.h"

static struct record_change *copy_changes(struct arena *a, const struct diff_change *items, size_t n)
{
    struct record_change *out = ARENA_ARRAY(a, n, struct record_change);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct record_change){ items[i].name, items[i].old, items[i].new };
    return out;
}

static void copy_findings(struct arena *a, const struct diff *d, struct record_since *out)
{
    out->findings = ARENA_ARRAY(a, d->nfindings, struct record_since_finding);
    out->nfindings = d->nfindings;
    for (size_t i = 0; i < d->nfindings; i++) {
        const struct diff_finding *f = &d->findings[i];
        out->findings[i] = (struct record_since_finding){ f->cell, f->title, f->severity,
                                                          str_z(diff_finding_word(f)) };
    }
}

static struct str state_of(const struct record_cell *c)
{
    return c ? str_z(record_status_name(c->status)) : STR("");
}

static void copy_cells(struct arena *a, const struct diff *d, struct record_since *out)
{
    out->cells = ARENA_ARRAY(a, d->ncells, struct record_since_cell);
    for (size_t i = 0; i < d->ncells; i++) {
        const struct diff_cell *c = &d->cells[i];
        if (c->kind == DIFF_SAME && !c->text_changed) {
            out->cells_same++;
            continue;
        }
        out->cells[out->ncells++] = (struct record_since_cell){
            .id = c->id,
            .change = str_z(diff_kind_name(c->kind)),
            .old_state = state_of(c->old),
            .new_state = state_of(c->new),
            .old_rows = c->old ? c->old->rows : -1,
            .new_rows = c->new ? c->new->rows : -1,
            .text_changed = c->text_changed,
            .columns_changed = c->old && c->new && c->columns_changed,
            .order_changed = c->order_changed,
            .rows_new = c->nnew,
            .rows_gone = c->ngone,
            .rows_changed = c->nchanged,
            .note = c->note,
            .rows = c->rows,
        };
    }
}

/* The first lines of the playbook's changes, and how many are left. */
static void cut_lines(const struct diff *d, struct record_since *out)
{
    size_t n = 0, end = 0;
    for (size_t at = 0; at < d->playbook.n; at = str_chr(d->playbook, '\n', at) + 1)
        if (++n <= RECORD_SINCE_LINES)
            end = str_chr(d->playbook, '\n', at);
    out->playbook_lines = str_sub(d->playbook, 0, end);
    out->playbook_lines_left = n > RECORD_SINCE_LINES ? n - RECORD_SINCE_LINES : 0;
}

bool diff_into_record(struct record *new, struct store *store, const struct diff_side *old, struct err *err)
{
    struct record_since *s = &new->since;
    struct diff_options how = { .keys = s->keys, .nkeys = s->nkeys, .max_rows = RECORD_SINCE_ROWS };
    struct diff_side side = { store, new };
    struct diff d;
    if (!diff_runs(new->arena, old, &side, &how, &d, err))
        return false;
    *s = (struct record_since){
        .dir = s->dir,
        .keys = s->keys,
        .nkeys = s->nkeys,
        .run_id = old->record->run_id,
        .playbook = old->record->playbook.name,
        .status = old->record->status,
        .fingerprint = old->record->fingerprint,
        .now = old->record->now,
        .same_results = d.same_results,
        .params = copy_changes(new->arena, d.params, d.nparams),
        .nparams = d.nparams,
        .sources = copy_changes(new->arena, d.sources, d.nsources),
        .nsources = d.nsources,
        .tools = copy_changes(new->arena, d.tools, d.ntools),
        .ntools = d.ntools,
        .playbook_changed = d.playbook_changed,
    };
    cut_lines(&d, s);
    copy_findings(new->arena, &d, s);
    copy_cells(new->arena, &d, s);
    return true;
}
