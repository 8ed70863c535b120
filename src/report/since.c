/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Since last time: what is new, gone or changed since the run that this one was compared with, from the record alone.
 *
 * Invariant: every count is of whole results; where rows or lines are left out, it says of how many.
 */
#include "doc_int.h"

static struct str step_name(struct builder *b, struct str id)
{
    const struct record_cell *c = cell_by_id(b->r, id);
    return c ? CAT(b->a, arena_strf(b->a, "%d  ", c->number), cell_name(b, c)) : id;
}

static struct str step_anchor(struct builder *b, struct str id)
{
    const struct record_cell *c = cell_by_id(b->r, id);
    return c ? cell_anchor(b, c) : STR("");
}

/* "Compared with run X (data up to ...): 2 of 12 steps have other results." */
static void headline(struct builder *b, struct doc_node *s)
{
    const struct record_since *x = &b->r->since;
    struct pb p;
    pb_init(&p, b->a);
    pb_z(&p, "Compared with run ");
    pb_code(&p, x->run_id);
    if (!str_eq(x->playbook, b->r->playbook.name)) {
        pb_z(&p, " of ");
        pb_str(&p, x->playbook);
    }
    pb_z(&p, ", data up to ");
    pb_str(&p, b_time(b->a, x->now));
    if (!str_eqz(x->status, "completed")) {
        pb_z(&p, ", which ended as ");
        pb_str(&p, x->status);
    }
    pb_z(&p, ", results fingerprint ");
    pb_code(&p, str_sub(x->fingerprint, 0, 16));
    pb_z(&p, x->same_results ? ". The results are identical." : ". The results differ: ");
    if (!x->same_results) {
        size_t other = 0;
        for (size_t i = 0; i < x->ncells; i++)
            other += !str_eqz(x->cells[i].change, "same");
        pb_count(&p, (int64_t)other);
        pb_z(&p, " of ");
        pb_count(&p, (int64_t)(x->ncells + x->cells_same));
        pb_z(&p, " steps have other results.");
    }
    if (x->nkeys) {
        pb_z(&p, " Rows are the same row when they are equal in ");
        pb_code(&p, b_join(b->a, x->keys, x->nkeys, ", "));
        pb_z(&p, ".");
    }
    b_para(b, s, pb_end(&p));
}

static void findings(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Finding", COLUMN_TEXT },
        { "Change", COLUMN_MARK },
        { "Severity", COLUMN_MARK },
        { "Step", COLUMN_TEXT },
    };
    const struct record_since *x = &b->r->since;
    if (x->nfindings == 0) {
        b_para_z(b, s, "No finding appeared or closed.");
        return;
    }
    struct doc_table *t = b_table(b, s, "Findings that appeared or closed", cols, 4, x->nfindings);
    struct str *anchors = ARENA_ARRAY(b->a, x->nfindings, struct str);
    t->anchors = anchors;
    for (size_t i = 0; i < x->nfindings; i++) {
        const struct record_since_finding *f = &x->findings[i];
        anchors[i] = step_anchor(b, f->cell);
        b_set(t, i, 0, f->title);
        b_set(t, i, 1, f->change);
        b_set(t, i, 2, f->severity);
        b_set(t, i, 3, step_name(b, f->cell));
    }
}

static size_t set_changes(struct doc_table *t, size_t row, const char *kind,
                          const struct record_change *items, size_t n)
{
    for (size_t i = 0; i < n; i++, row++) {
        b_set_z(t, row, 0, kind);
        b_set(t, row, 1, items[i].name);
        b_set(t, row, 2, items[i].old.n ? items[i].old : STR("(none)"));
        b_set(t, row, 3, items[i].new.n ? items[i].new : STR("(none)"));
    }
    return row;
}

/* Parameters, sources and tools: what the results were made from and by. */
static void given(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Kind", COLUMN_TEXT },
        { "Name", COLUMN_TEXT },
        { "Then", COLUMN_CODE },
        { "Now", COLUMN_CODE },
    };
    const struct record_since *x = &b->r->since;
    size_t n = x->nparams + x->nsources + x->ntools, row = 0;
    if (n == 0) {
        b_para_z(b, s, "Parameters, clock, sources and tools are the same.");
        return;
    }
    struct doc_table *t = b_table(b, s, "Changed parameters, sources and tools", cols, 4, n);
    row = set_changes(t, row, "parameter", x->params, x->nparams);
    row = set_changes(t, row, "source", x->sources, x->nsources);
    set_changes(t, row, "tool", x->tools, x->ntools);
}

static void playbook(struct builder *b, struct doc_node *s)
{
    const struct record_since *x = &b->r->since;
    if (!x->playbook_changed) {
        b_para_z(b, s, "The text of the playbook is the same.");
        return;
    }
    b_listing(b, s, "", "Changed lines of the playbook", x->playbook_lines, 0, STR(""));
    if (x->playbook_lines_left) {
        struct pb p;
        pb_init(&p, b->a);
        pb_count(&p, (int64_t)x->playbook_lines_left);
        pb_z(&p, " further changed lines are not shown; huntbook diff shows all.");
        b_para(b, s, pb_end(&p));
    }
}

/* What the counts of rows do not say. */
static struct str remarks(struct builder *b, const struct record_since_cell *c)
{
    struct str list[6];
    size_t n = 0;
    if (!str_eq(c->old_state, c->new_state) && c->old_state.n && c->new_state.n)
        list[n++] = CAT(b->a, c->old_state, STR(", now "), c->new_state);
    if (c->text_changed)
        list[n++] = STR("its query or kind changed");
    if (c->columns_changed)
        list[n++] = STR("its columns changed; rows are compared by those that both have");
    if (c->order_changed)
        list[n++] = STR("the same rows in another order");
    if (c->note.n)
        list[n++] = c->note;
    return b_join(b->a, list, n, "; ");
}

static void steps(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Step", COLUMN_TEXT },        { "Result", COLUMN_TEXT },  { "Rows then", COLUMN_GROUPED },
        { "Rows now", COLUMN_GROUPED }, { "New", COLUMN_GROUPED },  { "Gone", COLUMN_GROUPED },
        { "Changed", COLUMN_GROUPED },  { "Remarks", COLUMN_TEXT },
    };
    const struct record_since *x = &b->r->since;
    if (x->ncells == 0)
        return;
    struct doc_table *t = b_table(b, s, "Steps that are not as they were", cols, 8, x->ncells);
    struct str *anchors = ARENA_ARRAY(b->a, x->ncells, struct str);
    t->anchors = anchors;
    for (size_t i = 0; i < x->ncells; i++) {
        const struct record_since_cell *c = &x->cells[i];
        anchors[i] = step_anchor(b, c->id);
        b_set(t, i, 0, step_name(b, c->id));
        b_set(t, i, 1, c->change);
        b_set_count(t, i, 2, c->old_rows);
        b_set_count(t, i, 3, c->new_rows);
        b_set_count(t, i, 4, c->rows_new);
        b_set_count(t, i, 5, c->rows_gone);
        b_set_count(t, i, 6, c->rows_changed);
        b_set(t, i, 7, remarks(b, c));
    }
}

/* A row that changed stands there twice, before and after. */
static bool is_shown_whole(const struct record_since_cell *c)
{
    return c->rows_new + c->rows_gone + 2 * c->rows_changed <= (int64_t)c->rows->nrows;
}

static void rows(struct builder *b, struct doc_node *s, const struct record_since_cell *c)
{
    struct doc_table *t = b_data_table(b, s, CAT(b->a, STR("Changed rows of "), step_name(b, c->id)),
                                       c->rows);
    if (!is_shown_whole(c))
        t->note = arena_strf(
            b->a,
            "An excerpt, at most %d rows of each kind: %lld rows are new, %lld gone, %lld changed. huntbook "
            "diff shows more.",
            RECORD_SINCE_ROWS, (long long)c->rows_new, (long long)c->rows_gone, (long long)c->rows_changed);
}

void part_since(struct builder *b, struct doc_node *s)
{
    const struct record_since *x = &b->r->since;
    if (!x->run_id.n) {
        struct doc_node *box = b_callout(b, s, TONE_WARNING, "Not compared", STR(""));
        b_para(b, box,
               prose_text(b->a, x->error.n ? x->error : STR("The run did not come to its end."), RUN_VALUE));
        return;
    }
    headline(b, s);
    findings(b, s);
    given(b, s);
    playbook(b, s);
    steps(b, s);
    for (size_t i = 0; i < x->ncells; i++)
        if (x->cells[i].rows && x->cells[i].rows->nrows)
            rows(b, s, &x->cells[i]);
}
