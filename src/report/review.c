/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that a person looked at before later steps read them: who struck which of them, when and why.
 */
#include "doc_int.h"

static void nobody_looked(struct builder *b, struct doc_node *s)
{
    struct doc_node *box = b_callout(b, s, TONE_WARNING, "Not reviewed", STR(""));
    b_para_z(b, box,
             "The playbook asks that a person looks at these rows before later steps read them. Nobody has.");
}

static void who_and_why(struct builder *b, struct doc_node *s, const struct record_strike *k)
{
    struct doc_node *box = b_callout(b, s, TONE_NOTE, "Review", STR(""));
    struct pb p;
    pb_init(&p, b->a);
    pb_str(&p, k->author);
    pb_z(&p, k->nrows ? " struck " : " looked at all rows and struck none");
    if (k->nrows) {
        pb_count(&p, k->nrows);
        pb_z(&p, k->nrows == 1 ? " row, number " : " rows, numbers ");
        pb_str(&p, doc_cut(k->rows, 200));
        pb_z(&p, k->rows.n > 200 ? "\xe2\x80\xa6, so that later steps do not read them"
                                 : ", so that later steps do not read them");
    }
    pb_z(&p, ", at ");
    pb_str(&p, b_time(b->a, k->time));
    pb_z(&p, ".");
    b_para(b, box, pb_end(&p));
    pb_init(&p, b->a);
    pb_z(&p, "Reason: ");
    pb_str(&p, k->reason);
    b_para(b, box, pb_end(&p));
}

static void rows(struct builder *b, struct doc_node *s, const struct record_strike *k)
{
    enum { SHOWN = 20 };
    struct doc_table *t = b_data_table(b, s, STR("Rows struck"), k->head);
    if (t->show > SHOWN)
        t->show = SHOWN;
    if (k->nrows > t->total)
        t->total = k->nrows;
}

void b_review(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (c->review.asked && c->review.nstrikes == 0)
        nobody_looked(b, s);
    for (size_t i = 0; i < c->review.nstrikes; i++) {
        who_and_why(b, s, &c->review.strikes[i]);
        if (c->review.strikes[i].head)
            rows(b, s, &c->review.strikes[i]);
    }
}
