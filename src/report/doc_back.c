/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind the steps: notes and sign-off, limitations, evidence, custody, legend.
 */
#include "doc_int.h"
#include "theme.h"

#include "hb/vec.h"

/* -- notes and sign-off -- */

void part_signoff(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Note", COLUMN_TEXT }, { "State", COLUMN_MARK },      { "Verdict", COLUMN_TEXT },
        { "By", COLUMN_TEXT },   { "When (UTC)", COLUMN_TEXT },
    };
    const struct record *r = b->r;
    size_t n = 0, row = 0;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].note.present;
    struct doc_table *t = b_table(b, s, "Notes that the playbook asks for", cols, 5, n);
    struct str *anchors = ARENA_ARRAY(b->a, n, struct str);
    t->anchors = anchors;
    t->empty = STR("Not applicable: the playbook asks for no notes.");
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (!c->note.present)
            continue;
        bool written = c->note.text.n || c->note.verdict.n;
        anchors[row] = cell_anchor(b, c);
        b_set(t, row, 0, cell_name(b, c));
        b_set_z(t, row, 1, written ? "done" : c->note.required ? "missing" : "none");
        b_set(t, row, 2, c->note.verdict);
        b_set(t, row, 3, c->note.author);
        if (c->note.time)
            b_set(t, row, 4, b_time(b->a, c->note.time));
        row++;
    }
    struct doc_node *sig = doc_add(b->a, s, DOC_SIGNATURES);
    sig->u.signatures.n = 3;
    sig->u.signatures.items = ARENA_ARRAY(b->a, 3, struct doc_signature);
    sig->u.signatures.items[0] = (struct doc_signature){ STR("Lead analyst"), r->analyst };
    sig->u.signatures.items[1] = (struct doc_signature){ STR("Reviewer"), STR("") };
    sig->u.signatures.items[2] = (struct doc_signature){ STR("Approver"), STR("") };
}

/* -- limitations -- */

struct limits {
    struct builder *b;
    struct doc_node *list;
    struct doc_node *parent;
};

/* A new line of the list, opened on its first use. */
static struct doc_node *limit_item(struct limits *l)
{
    if (!l->list) {
        l->list = doc_add(l->b->a, l->parent, DOC_LIST);
        l->list->u.list = (struct doc_list){ .tight = true, .start = 1 };
    }
    return doc_add(l->b->a, l->list, DOC_ITEM);
}

static void limit(struct limits *l, const char *about, struct str name, struct str what)
{
    struct pb p;
    pb_init(&p, l->b->a);
    pb_z(&p, about);
    if (name.n) {
        pb_str(&p, name);
        pb_z(&p, ": ");
    }
    pb_str(&p, what);
    b_para(l->b, limit_item(l), pb_end(&p));
}

static void limits_of_source(struct limits *l)
{
    const struct record *r = l->b->r;
    for (size_t i = 0; i < r->source.ntables; i++) {
        const struct record_source_table *t = &r->source.tables[i];
        if (t->rejected > 0) {
            struct pb p;
            pb_init(&p, l->b->a);
            pb_z(&p, "Table ");
            pb_str(&p, t->name);
            pb_z(&p, ": ");
            pb_count(&p, t->rejected);
            pb_z(&p, t->rejected == 1 ? " row could not be read and was left out"
                                      : " rows could not be read and were left out");
            b_para(l->b, limit_item(l), pb_end(&p));
        }
        if (t->rows == 0)
            limit(l, "Table ", t->name, STR("no rows; nothing that rests on it says anything"));
        for (size_t k = 0; k < t->nwarnings; k++)
            limit(l, "Table ", t->name, t->warnings[k]);
    }
}

static void limits_of_cell(struct limits *l, const struct record_cell *c)
{
    struct builder *b = l->b;
    struct str name = cell_name(b, c);
    if (c->status != RECORD_OK)
        limit(l, "Step ", name,
              c->reason.n ? CAT(b->a, str_z(cell_state(c)), STR(": "), c->reason) : str_z(cell_state(c)));
    for (size_t i = 0; i < c->nwarnings; i++)
        limit(l, "Step ", name, c->warnings[i]);
    if (c->review.asked && c->review.nstrikes == 0)
        limit(l, "Step ", name, STR("nobody looked at its rows, although the playbook asks for it"));
    for (size_t i = 0; i < c->review.nstrikes; i++)
        if (c->review.strikes[i].nrows)
            limit(l, "Step ", name,
                  CAT(b->a, c->review.strikes[i].author,
                      arena_strf(b->a, " struck %lld of its rows, which later steps did not read: ",
                                 (long long)c->review.strikes[i].nrows),
                      c->review.strikes[i].reason));
    for (size_t i = 0; i < c->nexpects; i++)
        if (!c->expects[i].passed)
            limit(l, "Step ", name,
                  CAT(b->a, STR("expectation not met: "), c->expects[i].that,
                      c->expects[i].message.n ? STR(". ") : STR(""), c->expects[i].message));
    for (size_t i = 0; i < c->nblocks; i++) {
        const struct record_block *k = &c->blocks[i];
        if (k->kind != BLOCK_TABLE || !k->table.head)
            continue;
        const struct table *rows = k->table.rows ? k->table.rows : k->table.head;
        size_t show = b->opt.rows ? b->opt.rows : k->table.show_rows;
        show = show < rows->nrows ? show : rows->nrows;
        if (k->table.total_rows <= (int64_t)show)
            continue;
        struct pb p;
        pb_init(&p, b->a);
        pb_z(&p, "Step ");
        pb_str(&p, name);
        pb_z(&p, ": a page shows the first ");
        pb_count(&p, (int64_t)show);
        pb_z(&p, " of ");
        pb_count(&p, k->table.total_rows);
        pb_z(&p, " rows");
        b_para(b, limit_item(l), pb_end(&p));
    }
}

static void limits_of_label(struct limits *l)
{
    struct str given = l->b->r->playbook.tlp;
    if (given.n == 0)
        limit(l, "", STR(""),
              CAT(l->b->a, STR("The playbook names no TLP label; "), l->b->d->tlp.label, STR(" is assumed")));
    else if (!str_eq_nocase(given, l->b->d->tlp.label))
        limit(l, "Unknown TLP label ", given, CAT(l->b->a, STR("taken for "), l->b->d->tlp.label));
}

void part_limitations(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct limits l = { .b = b, .parent = s };
    if (r->source.sample)
        limit(&l, "", STR(""),
              STR("The data are generated samples; nothing here is about a real environment"));
    limits_of_label(&l);
    limits_of_source(&l);
    for (size_t i = 0; i < r->nwarnings; i++)
        limit(&l, "", STR("Run"), r->warnings[i]);
    for (size_t i = 0; i < r->ncells; i++)
        limits_of_cell(&l, &r->cells[i]);
    if (!l.list)
        b_para_z(b, s, "None were recorded: no warning, no rejected row, no step left out, no table cut.");
    b_para_z(b, s,
             "That a query gave no rows is not proof that nothing happened: it speaks only for the tables, "
             "the time and the "
             "conditions named in this report.");
}

/* -- evidence -- */

void part_evidence(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "File", COLUMN_CODE },    { "SHA-256", COLUMN_CODE }, { "Bytes", COLUMN_GROUPED },
        { "Rows", COLUMN_GROUPED }, { "Step", COLUMN_GROUPED },
    };
    struct manifest_file *files;
    size_t n = b_manifest(b, &files);
    struct pb p;
    pb_init(&p, b->a);
    pb_z(&p, "Each file below was written by the run and hashed before this report was made. To check them "
             "all, run ");
    pb_add(&p, STR("sha256sum -c SHA256SUMS"), RUN_CODE, STR(""));
    pb_z(&p, " in the folder of the run. Text in CSV files that a spreadsheet could take for a formula "
             "begins with an apostrophe; "
             "Parquet files hold the exact values.");
    b_para(b, s, pb_end(&p));
    b_attachments(b, s, files, n);
    pb_init(&p, b->a);
    pb_z(&p, "One hash for all of them: ");
    pb_code(&p, b_evidence_hash(b));
    pb_z(&p, ". It is that of their lines in SHA256SUMS: ");
    pb_add(&p, STR("grep -vE ' ((report|run|notes)[.]|theme/)' SHA256SUMS | sha256sum"), RUN_CODE, STR(""));
    b_para(b, s, pb_end(&p));
    struct doc_table *t = b_table(b, s, "Files of the run", cols, 5, n);
    t->empty = STR("No step left a file.");
    for (size_t i = 0; i < n; i++) {
        b_set(t, i, 0, files[i].path);
        b_set(t, i, 1, files[i].sha256);
        b_set_count(t, i, 2, files[i].bytes);
        b_set_count(t, i, 3, files[i].rows);
        b_set_count(t, i, 4, files[i].cell ? files[i].cell->number : -1);
    }
}

/* -- custody -- */

static void code_pair(struct builder *b, struct doc_node *pairs, const char *name, struct str value)
{
    if (value.n)
        b_pair(b, pairs, name, prose_text(b->a, value, RUN_VALUE | RUN_CODE));
}

static struct str counted(struct builder *b, int64_t n, const char *one, const char *many)
{
    struct buf text = BUF_INIT;
    doc_put_count(&text, n);
    buf_puts(&text, n == 1 ? one : many);
    struct str s = buf_to_arena(&text, b->a);
    buf_free(&text);
    return s;
}

/* A line of the log. Who did it is the analyst unless a note says otherwise. */
static void log_line(struct builder *b, struct doc_table *t, size_t *row, int64_t time, struct str what,
                     struct str who)
{
    b_set(t, *row, 0, time > 0 ? b_time(b->a, time) : STR("not recorded"));
    b_set(t, *row, 1, what);
    b_set(t, *row, 2, who.n ? who : STR("not recorded"));
    ++*row;
}

static bool has_note(const struct record_cell *c)
{
    return c->note.present && (c->note.text.n || c->note.verdict.n);
}

static size_t notes_written(const struct record *r)
{
    size_t n = r->nnotes;
    for (size_t i = 0; r->nnotes == 0 && i < r->ncells; i++)
        n += has_note(&r->cells[i]);
    return n;
}

static struct str name_of_cell(struct builder *b, struct str id)
{
    const struct record_cell *c = cell_by_id(b->r, id);
    return c ? cell_name(b, c) : id;
}

/* Notes as the log has them, with those that a later one replaced; a record without a log has the newest of each step. */
static int64_t log_notes(struct builder *b, struct doc_table *t, size_t *row)
{
    const struct record *r = b->r;
    int64_t last = r->ended;
    for (size_t i = 0; i < r->nnotes; i++) {
        const struct record_noted *n = &r->notes[i];
        struct str what = CAT(b->a, STR("Note recorded: "), name_of_cell(b, n->cell),
                              n->verdict.n ? STR(", ") : STR(""), n->verdict, STR("; its line has SHA-256 "),
                              str_sub(n->sha256, 0, 16), STR("\xe2\x80\xa6"));
        log_line(b, t, row, n->time, what, n->author);
        last = n->time > last ? n->time : last;
    }
    for (size_t i = 0; r->nnotes == 0 && i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (!has_note(c))
            continue;
        struct str what = CAT(b->a, STR("Note recorded: "), cell_name(b, c),
                              c->note.verdict.n ? STR(", ") : STR(""), c->note.verdict);
        log_line(b, t, row, c->note.time, what, c->note.author);
        last = c->note.time > last ? c->note.time : last;
    }
    return last;
}

static void chain_of_notes(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct pb p;
    if (r->nnotes == 0) {
        b_para_z(b, s,
                 notes_written(r) ? "The record does not say how its notes are chained."
                                  : "No note was recorded, so there is no chain of notes.");
        return;
    }
    pb_init(&p, b->a);
    pb_z(&p, "Notes are chained: each line of ");
    pb_add(&p, STR("notes.jsonl"), RUN_CODE, STR(""));
    pb_z(&p, " holds the SHA-256 of the line before it, the first one the results fingerprint, so none can "
             "be changed, taken "
             "out or moved unseen. The last line has ");
    pb_code(&p, r->notes[r->nnotes - 1].sha256);
    pb_z(&p, "; ");
    pb_add(&p, STR("huntbook verify"), RUN_CODE, STR(""));
    pb_z(&p, " follows the chain.");
    b_para(b, s, pb_end(&p));
}

static void tool(struct doc_table *t, size_t *row, struct str name, struct str version, struct str sha256)
{
    b_set(t, *row, 0, name);
    b_set(t, *row, 1, version);
    if (sha256.n)
        b_set(t, *row, 2, sha256);
    ++*row;
}

/* What made the results, and what the reports are drawn with: their bytes depend on it. */
static void tools(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = { { "Part", COLUMN_TEXT },
                                            { "Version", COLUMN_TEXT },
                                            { "SHA-256", COLUMN_CODE } };
    const struct record *r = b->r;
    size_t row = 0, again = 0;
    for (size_t i = 0; i < r->nversions; i++)
        again += str_eqz(r->versions[i].name, "huntbook");
    struct doc_table *t = b_table(b, s, "Tools, and the fonts of the PDF", cols, 3,
                                  1 + r->nversions - again + r->ndrawn_with);
    tool(t, &row, STR("huntbook"), r->tool_version, STR(""));
    for (size_t i = 0; i < r->nversions; i++)
        if (!str_eqz(r->versions[i].name, "huntbook"))
            tool(t, &row, r->versions[i].name, r->versions[i].value, STR(""));
    for (size_t i = 0; i < r->ndrawn_with; i++)
        tool(t, &row, r->drawn_with[i].name, r->drawn_with[i].version, r->drawn_with[i].sha256);
    if (r->ndrawn_with == 0)
        b_para_z(b, s, "The record does not say which libraries and fonts its reports are drawn with.");
}

/* Who handled the evidence, when and how: the order is that of the events. */
static void custody_log(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = { { "When (UTC)", COLUMN_TEXT },
                                            { "What", COLUMN_TEXT },
                                            { "By", COLUMN_TEXT } };
    const struct record *r = b->r;
    size_t row = 0, notes = notes_written(r);
    int64_t files = 0, made = 0;
    for (size_t i = 0; i < r->source.ntables; i++)
        files += (int64_t)r->source.tables[i].nfiles;
    for (size_t i = 0; i < r->ncells; i++)
        made += (int64_t)r->cells[i].nfiles;
    struct doc_table *t = b_table(b, s, "Custody log", cols, 3, 4 + notes);
    struct str by = r->analyst;
    struct str at = r->host.n ? CAT(b->a, STR(" on "), r->host) : STR("");
    log_line(b, t, &row, r->started, CAT(b->a, STR("Run started"), at), by);
    log_line(b, t, &row, r->started,
             files ? CAT(b->a, counted(b, files, " file", " files"), STR(" of the source read and hashed"))
                   : CAT(b->a, counted(b, (int64_t)r->source.ntables, " table", " tables"),
                         STR(" of the source read; it gives no files to hash")),
             by);
    log_line(b, t, &row, r->ended,
             CAT(b->a, STR("Run ended: "), r->status.n ? r->status : STR("state not recorded"), STR("; "),
                 counted(b, made, " file", " files"), STR(" written and hashed")),
             by);
    int64_t last = log_notes(b, t, &row);
    log_line(b, t, &row, last, STR("Report made from the record of the run; nothing was asked again"), by);
}

void part_custody(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    custody_log(b, s);
    chain_of_notes(b, s);
    struct doc_node *pairs = doc_add(b->a, s, DOC_PAIRS);
    b_pair_str(b, pairs, "Run by", r->analyst.n ? r->analyst : STR("not recorded"));
    if (!str_eq(r->user, r->analyst))
        b_pair_str(b, pairs, "Account", r->user);
    b_pair_str(b, pairs, "On host", r->host);
    code_pair(b, pairs, "Command", r->command_line);
    code_pair(b, pairs, "Playbook", r->playbook.path);
    code_pair(b, pairs, "Playbook id", r->playbook.id);
    code_pair(b, pairs, "Playbook SHA-256", r->playbook.sha256);
    code_pair(b, pairs, "Run id", r->run_id);
    code_pair(b, pairs, "Results fingerprint", r->fingerprint);
    const struct theme *theme = b->d->theme;
    if (theme->own)
        code_pair(b, pairs, "Theme of this report",
                  arena_strf(b->a, "%.*s, SHA-256 %s", STR_ARG(theme->name), theme->sha256));
    b_para_z(
        b, s,
        "The results fingerprint covers what every step gave, not when, how fast or from where (steps that "
        "only look at the environment and the connection are left out): the same playbook, data and clock "
        "give the same fingerprint anywhere. This report was made from the record of the run alone and can "
        "be "
        "made again from it, byte for byte. Signatures cover this report too, so they are not in it but "
        "beside "
        "it, as SHA256SUMS.ROLE.sig: huntbook verify checks them and names their keys.");
    tools(b, s);
}
