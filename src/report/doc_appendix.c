/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What helps to read a report, and what would be in the way elsewhere: legend and glossary; on paper the queries as
 * sent, and values too long for a cell of a table.
 */
#include "doc_int.h"

#include "hb/map.h"
#include "hb/sha256.h"
#include "hb/utf8.h"

/* -- legend -- */

static void glossary(struct builder *b, struct doc_node *s)
{
    static const struct {
        const char *term, *meaning;
    } terms[] = {
        { "Cell, step",
          "One question of the playbook, with its answer; steps run in the order of the playbook" },
        { "Expectation",
          "What the playbook says a result must be like to be trusted; a missed one is named" },
        { "Finding",
          "A condition that the playbook declares, with its severity; raised when its result meets it" },
        { "Fingerprint",
          "SHA-256 over a result, independent of time taken and of the order of rows that has no "
          "meaning" },
        { "Record", "run.json in the folder of the run: what this report is made of" },
        { "TLP", "Traffic Light Protocol 2.0 of FIRST: who may be told" },
    };
    struct doc_node *pairs = doc_add(b->a, s, DOC_PAIRS);
    pairs->u.pairs.caption = STR("Terms");
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        b_pair(b, pairs, terms[i].term, prose_text(b->a, str_z(terms[i].meaning), 0));
}

void part_legend(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = { { "In the data", COLUMN_TEXT },
                                            { "Shown here as", COLUMN_TEXT } };
    static const struct {
        const char *what;
        struct str shown;
    } rows[] = {
        { "A byte that is not valid UTF-8", STR_INIT("\xff") },
        { "Right-to-left override, which reverses how a file name reads", STR_INIT("invoice_\xe2\x80\xae"
                                                                                   "fdp.exe") },
        { "Zero-width space, which cannot be seen", STR_INIT("power\xe2\x80\x8bshell") },
        { "A control character", STR_INIT("a\x1b[31mb") },
        { "A real backslash is not red and is part of the data", STR_INIT("\\u{202E}") },
    };
    b_para_z(
        b, s,
        "Text from the data is shown exactly as it was recorded. Characters that cannot be seen, or that "
        "change how their neighbours are read, are written as escapes in red. A dash stands for a missing "
        "value, an empty cell for an empty text. Numbers are rounded to six digits behind the point, and "
        "times "
        "stand without the zeros at their end; the CSV and Parquet files of a step hold every digit.");
    size_t n = sizeof rows / sizeof *rows;
    struct doc_table *t = b_table(b, s, "Escapes", cols, 2, n);
    for (size_t i = 0; i < n; i++) {
        b_set_z(t, i, 0, rows[i].what);
        b_set(t, i, 1, rows[i].shown);
    }
    glossary(b, s);
}

/* -- appendix -- */

/* SQL is printed by a program for a program: paper names the file and its hash, unless there is none. */
static void sql_of(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (c->sql.n == 0)
        return;
    for (size_t i = 0; i < c->nfiles; i++) {
        const struct record_file *f = &c->files[i];
        if (!str_ends(f->path, STR(".sql")))
            continue;
        struct pb p;
        pb_init(&p, b->a);
        pb_z(&p, "The SQL that ran in the embedded engine: ");
        pb_code(&p, f->path);
        pb_z(&p, ", SHA-256 ");
        pb_code(&p, CAT(b->a, str_sub(f->sha256, 0, 16), STR("\xe2\x80\xa6")));
        b_para(b, s, pb_end(&p));
        return;
    }
    b_listing(b, s, "sql", "SQL that ran in the embedded engine", c->sql, 0, STR(""));
}

static void queries(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct doc_node *sub = b_section(b, s, 2, "Queries as sent", "queries");
    sub->u.section.in_contents = false;
    bool any = false;
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (c->sql.n == 0 && (c->query_sent.n == 0 || str_eq(c->query_sent, c->query)))
            continue;
        struct doc_node *step = b_section(b, sub, 3, "", "");
        step->u.section.title = CAT(b->a, arena_strf(b->a, "Step %d  ", c->number), cell_name(b, c));
        step->u.section.anchor = cell_appendix(b, c);
        step->u.section.in_contents = false;
        if (!str_eq(c->query_sent, c->query))
            b_listing(b, step, "kql", "As sent: parameters and the clock filled in", c->query_sent, 0,
                      STR(""));
        sql_of(b, step, c);
        if (!step->first)
            b_para_z(b, step, "Sent as written.");
        any = true;
    }
    if (!any)
        b_para_z(b, sub, "Not applicable: every query was sent as it was written, or none was sent.");
}

/* -- long values -- */

enum {
    LONG_VALUE = 240,  /* bytes; tables on paper excerpt what is longer */
    LONG_SHOWN = 4000, /* bytes of one value */
    LONG_VALUES = 40,  /* values listed */
};

struct long_values {
    struct builder *b;
    struct doc_node *sub;
    struct map seen;
    size_t listed, left;
};

static void long_value(struct long_values *l, const struct doc_table *t, size_t row, size_t col)
{
    struct builder *b = l->b;
    struct str value = t->rows->cols[col].v.s[row];
    char hex[65];
    sha256_hex(value, hex);
    if (map_set(&l->seen, arena_str(b->a, (struct str){ hex, 64 }), l))
        return;
    if (l->listed == LONG_VALUES) {
        l->left++;
        return;
    }
    l->listed++;
    struct buf caption = BUF_INIT;
    buf_printf(&caption, "Table %d, row %zu, ", t->number, row + 1);
    buf_str(&caption, t->columns[col].title);
    buf_puts(&caption, ": ");
    doc_put_count(&caption, (int64_t)utf8_count(value));
    buf_printf(&caption, " characters, sha256 %.12s\xe2\x80\xa6", hex);
    if (value.n > LONG_SHOWN)
        buf_printf(&caption, "; the first %d bytes", LONG_SHOWN);
    b_listing(b, l->sub, "", "", doc_cut(value, LONG_SHOWN), 0, STR(""));
    if (l->sub->last && l->sub->last->kind == DOC_LISTING)
        l->sub->last->u.listing.caption = buf_to_arena(&caption, b->a);
    buf_free(&caption);
}

static void values_of(struct long_values *l, const struct doc_node *n)
{
    if (n->kind == DOC_TABLE && n->u.table.data) {
        const struct doc_table *t = &n->u.table;
        for (size_t row = 0; row < t->show; row++)
            for (size_t col = 0; col < t->ncolumns; col++) {
                const struct column *c = &t->rows->cols[col];
                if (hb_type_is_text(c->type) && !column_is_null(c, row) && c->v.s[row].n > LONG_VALUE)
                    long_value(l, t, row, col);
            }
    }
    for (const struct doc_node *k = n->first; k; k = k->next)
        values_of(l, k);
}

static void values(struct builder *b, struct doc_node *s)
{
    struct long_values l = { .b = b, .sub = b_section(b, s, 2, "Long values", "long-values") };
    l.sub->u.section.in_contents = false;
    map_init(&l.seen, b->a);
    values_of(&l, b->d->root);
    if (l.listed == 0)
        b_para_z(b, l.sub, "Not applicable: no value was too long for its table.");
    if (l.left) {
        struct pb p;
        pb_init(&p, b->a);
        pb_count(&p, (int64_t)l.left);
        pb_z(&p, " further long values are not listed; the evidence files have all of them.");
        b_para(b, l.sub, pb_end(&p));
    }
}

void part_appendix(struct builder *b, struct doc_node *s)
{
    values(b, s);
    queries(b, s);
}
