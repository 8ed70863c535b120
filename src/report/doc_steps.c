/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of the hunt: one section a cell, with all that was asked, all that came back and how it was
 * judged.
 */
#include "doc_int.h"

#include <string.h>

#include "hb/vec.h"

/* -- overview -- */

static void overview(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Step", COLUMN_TEXT },          { "Kind", COLUMN_TEXT },   { "Ended", COLUMN_MARK },
        { "Started (UTC)", COLUMN_TEXT }, { "Took", COLUMN_NUMBER }, { "Rows", COLUMN_GROUPED },
    };
    const struct record *r = b->r;
    struct doc_table *t = b_table(b, s, "Steps as run", cols, 6, r->ncells);
    struct str *anchors = ARENA_ARRAY(b->a, r->ncells, struct str);
    t->anchors = anchors;
    t->empty = STR("The run ended before its first step.");
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        anchors[i] = cell_anchor(b, c);
        b_set(t, i, 0, CAT(b->a, arena_strf(b->a, "%d  ", c->number), cell_name(b, c)));
        b_set(t, i, 1, c->kind);
        b_set_z(t, i, 2, cell_state(c));
        if (c->started) {
            b_set(t, i, 3, b_time(b->a, c->started));
            b_set(t, i, 4, b_duration(b->a, c->duration_us));
        }
        b_set_count(t, i, 5, c->rows);
    }
}

/* -- head of a cell -- */

static struct prose fact(struct builder *b, const char *label, struct str value, bool code)
{
    struct pb p;
    pb_init(&p, b->a);
    pb_z(&p, label);
    if (code)
        pb_code(&p, value);
    else
        pb_str(&p, value);
    return pb_end(&p);
}

static struct str count_text(struct builder *b, int64_t n)
{
    struct buf t = BUF_INIT;
    doc_put_count(&t, n);
    struct str s = buf_to_arena(&t, b->a);
    buf_free(&t);
    return s;
}

static void facts(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    struct doc_facts *f = &doc_add(b->a, s, DOC_FACTS)->u.facts;
    f->badge = str_z(cell_state(c));
    f->mark = doc_mark_of(f->badge);
    f->items = ARENA_ARRAY(b->a, 7, struct prose);
    if (c->id.n)
        f->items[f->n++] = fact(b, "cell ", c->id, true);
    if (c->rows >= 0)
        f->items[f->n++] = fact(
            b, "", CAT(b->a, count_text(b, c->rows), c->rows == 1 ? STR(" row") : STR(" rows")), false);
    if (c->engine.n)
        f->items[f->n++] = fact(b, "ran on ", c->engine, false);
    if (c->ninputs)
        f->items[f->n++] = fact(b, "reads ", b_join(b->a, c->inputs, c->ninputs, ", "), true);
    if (c->started)
        f->items[f->n++] = fact(b, "took ", b_duration(b->a, c->duration_us), false);
    if (c->reused.run.n)
        f->items[f->n++] = fact(b, "taken over from run ", c->reused.run, true);
}

/* Why a step gave no result. */
static void reason(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    static const struct {
        enum doc_tone tone;
        const char *label, *otherwise;
    } by_status[] = {
        [RECORD_NOT_RUN] = { TONE_WARNING, "Not run", "The run ended before this step." },
        [RECORD_OK] = { TONE_NOTE, "Note", "" },
        [RECORD_FAILED] = { TONE_BAD, "Failed", "No reason was recorded." },
        [RECORD_SKIPPED] = { TONE_NOTE, "Skipped", "No reason was recorded." },
    };
    if (c->status == RECORD_OK && c->reason.n == 0)
        return;
    struct doc_node *box = b_callout(b, s, by_status[c->status].tone, by_status[c->status].label, STR(""));
    b_para(b, box,
           prose_text(b->a, c->reason.n ? c->reason : str_z(by_status[c->status].otherwise), RUN_VALUE));
}

static void findings(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    for (size_t i = 0; i < c->nfindings; i++) {
        const struct record_finding *f = &c->findings[i];
        struct doc_node *box = b_callout(b, s, f->open ? TONE_FINDING : TONE_OK,
                                         f->open ? "Finding" : "Finding not raised", f->title);
        struct pb p;
        box->u.callout.severity = f->open ? f->severity : STR("");
        pb_init(&p, b->a);
        pb_z(&p, c->status == RECORD_OK ? (f->open ? "Raised because " : "The condition was not met: ")
                                        : "The condition was not evaluated: ");
        pb_code(&p, f->when);
        if (f->open) {
            pb_z(&p, f->rows == 1 ? "; rests on 1 row" : "; rests on ");
            if (f->rows != 1) {
                pb_count(&p, f->rows);
                pb_z(&p, " rows");
            }
        }
        if (f->ntechniques) {
            pb_z(&p, "; techniques ");
            pb_str(&p, b_join(b->a, f->techniques, f->ntechniques, ", "));
        }
        b_para(b, box, pb_end(&p));
    }
}

/* -- queries -- */

void b_listing(struct builder *b, struct doc_node *s, const char *language, const char *caption,
               struct str text, size_t first, struct str appendix)
{
    while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    if (text.n == 0)
        return;
    struct doc_node *n = doc_add(b->a, s, DOC_LISTING);
    n->u.listing = (struct doc_listing){ .language = str_z(language),
                                         .caption = str_z(caption),
                                         .text = text,
                                         .first_line = first,
                                         .appendix = appendix };
}

struct str cell_appendix(struct builder *b, const struct record_cell *c)
{
    return arena_strf(b->a, "queries-%d", c->number);
}

static void query(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    struct str appendix = cell_appendix(b, c);
    b_listing(b, s, "kql", "Query as written", c->query, c->query_line ? c->query_line : 1, STR(""));
    if (!str_eq(c->query_sent, c->query))
        b_listing(b, s, "kql", "Query as sent", c->query_sent, 1, appendix);
    b_listing(b, s, "sql", "SQL that ran in the embedded engine", c->sql, 1, appendix);
}

/* -- blocks -- */

static enum doc_column_style data_column_style(const struct column *c)
{
    /* Texts that people read letter by letter. */
    static const char *const code_endings[] = { "CommandLine", "SHA1", "SHA256", "MD5", "Path", "Script" };
    switch (c->type) {
    case HB_INT:
    case HB_LONG:
    case HB_REAL:
    case HB_DECIMAL:
    case HB_TIMESPAN: return COLUMN_NUMBER;
    case HB_DYNAMIC:
    case HB_GUID: return COLUMN_CODE;
    default: break;
    }
    for (size_t i = 0; i < sizeof code_endings / sizeof *code_endings; i++)
        if (c->type == HB_STRING && str_ends(c->name, str_z(code_endings[i])))
            return COLUMN_CODE;
    return COLUMN_TEXT;
}

static bool cell_alarms(const struct column *c, size_t row)
{
    if (column_is_null(c, row))
        return false;
    switch (c->type) {
    case HB_BOOL: return c->v.b[row];
    case HB_INT:
    case HB_LONG: return c->v.i[row] < 0;
    case HB_REAL: return c->v.f[row] < 0;
    default: return false;
    }
}

static const bool *alarms(struct builder *b, const struct table *t, struct str column)
{
    size_t col = column.n ? table_find(t, column) : SIZE_MAX;
    if (col == SIZE_MAX)
        return NULL;
    bool *out = ARENA_ARRAY(b->a, t->nrows, bool);
    for (size_t i = 0; i < t->nrows; i++)
        out[i] = cell_alarms(&t->cols[col], i);
    return out;
}

/* The file that holds all rows; text before binary, since people open it. */
static struct str evidence_of(const struct record_cell *c)
{
    struct str found = STR("");
    for (size_t i = 0; i < c->nfiles; i++) {
        struct str path = c->files[i].path;
        if (c->files[i].rows < 0)
            continue;
        if (str_ends(path, STR(".csv")) || (found.n == 0 && !str_ends(path, STR(".jsonl"))))
            found = path;
    }
    return found;
}

struct doc_table *b_data_table(struct builder *b, struct doc_node *parent, struct str caption,
                               const struct table *rows)
{
    struct doc_table *t = &doc_add(b->a, parent, DOC_TABLE)->u.table;
    t->number = ++b->tables;
    t->caption = caption;
    t->rows = rows;
    t->ncolumns = rows->ncols;
    t->columns = ARENA_ARRAY(b->a, t->ncolumns, struct doc_column);
    for (size_t i = 0; i < t->ncolumns; i++)
        t->columns[i] = (struct doc_column){ rows->cols[i].name, data_column_style(&rows->cols[i]),
                                             rows->cols[i].type };
    t->show = rows->nrows;
    t->total = (int64_t)rows->nrows;
    t->data = true;
    t->cell_bytes = b->opt.cell_bytes;
    return t;
}

static void block_table(struct builder *b, struct doc_node *s, const struct record_cell *c,
                        const struct record_block *k)
{
    const struct table *head = k->table.rows ? k->table.rows : k->table.head;
    if (!head)
        return;
    struct doc_table *t = b_data_table(b, s, k->caption.n ? k->caption : cell_name(b, c), head);
    size_t show = b->opt.rows ? b->opt.rows : k->table.show_rows;
    t->show = show < head->nrows ? show : head->nrows;
    if (k->table.total_rows > t->total)
        t->total = k->table.total_rows;
    t->alarm = alarms(b, head, k->table.mark_column);
    t->evidence = evidence_of(c);
    if (k->table.why_order.n)
        t->note = CAT(b->a, STR("Order: "), k->table.why_order, STR("."));
    t->empty = STR("The query gave no rows.");
}

static void block_chart(struct builder *b, struct doc_node *s, const struct record_cell *c,
                        const struct record_block *k)
{
    struct doc_figure *f = &doc_add(b->a, s, DOC_FIGURE)->u.figure;
    struct drawing *d = ARENA_NEW(b->a, struct drawing);
    struct err err = ERR_INIT;
    f->number = ++b->figures;
    f->caption = k->caption.n ? k->caption : cell_name(b, c);
    f->file = k->chart.file;
    f->alt = k->chart.text.n ? k->chart.text : f->caption;
    f->note = k->chart.note;
    f->id = arena_strf(b->a, "fig-%d", f->number);
    if (k->chart.svg.n == 0 && k->chart.file.n == 0 && f->note.n)
        return; /* there was nothing to draw: the note says why */
    if (k->chart.svg.n && drawing_parse_svg(b->a, k->chart.svg, d, &err)) {
        f->drawing = d;
        return;
    }
    struct doc_node *box = b_callout(b, s, TONE_WARNING, "Chart not shown", STR(""));
    b_para(b, box,
           k->chart.svg.n ? prose_text(b->a, arena_str(b->a, str_z(err.text)), RUN_VALUE)
                          : prose_text(b->a, STR("Its file is missing from the run's folder."), 0));
}

static void block_pairs(struct builder *b, struct doc_node *s, const struct record_block *k)
{
    struct doc_pairs *p = &doc_add(b->a, s, DOC_PAIRS)->u.pairs;
    p->caption = k->caption;
    p->n = k->npairs;
    p->items = ARENA_ARRAY(b->a, k->npairs, struct doc_pair);
    for (size_t i = 0; i < k->npairs; i++)
        p->items[i] = (struct doc_pair){ .name = k->pairs[i].name,
                                         .value = prose_text(b->a, k->pairs[i].value, RUN_VALUE),
                                         .mark = doc_mark_of(k->pairs[i].mark),
                                         .mark_word = k->pairs[i].mark };
}

static void block(struct builder *b, struct doc_node *s, const struct record_cell *c,
                  const struct record_block *k)
{
    switch (k->kind) {
    case BLOCK_PROSE: md_build(b->a, s, &k->prose); break;
    case BLOCK_PAIRS: block_pairs(b, s, k); break;
    case BLOCK_TABLE: block_table(b, s, c, k); break;
    case BLOCK_CHART: block_chart(b, s, c, k); break;
    }
}

/* -- verdicts, notes, warnings -- */

static void expectations(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (c->nexpects == 0)
        return;
    struct doc_checks *k = &doc_add(b->a, s, DOC_CHECKS)->u.checks;
    k->caption = STR("Expectations");
    k->n = c->nexpects;
    k->items = ARENA_ARRAY(b->a, c->nexpects, struct doc_check);
    for (size_t i = 0; i < c->nexpects; i++) {
        const struct record_expectation *e = &c->expects[i];
        struct doc_check *out = &k->items[i];
        bool fatal = str_eqz(e->severity, "fail");
        out->that = e->that;
        out->mark = e->passed ? MARK_OK : fatal || e->error.n ? MARK_BAD : doc_mark_of(e->severity);
        out->verdict = e->error.n  ? STR("could not be evaluated")
                       : e->passed ? STR("passed")
                       : fatal     ? STR("failed")
                                   : STR("not met");
        out->text = e->error.n ? e->error : e->passed ? STR("") : e->message;
    }
}

static bool note_missing(const struct record_cell *c)
{
    return c->note.text.n == 0 && c->note.verdict.n == 0;
}

static void note(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (!c->note.present)
        return;
    md_build(b->a, s, &c->note.prompt);
    if (note_missing(c)) {
        struct doc_node *box = b_callout(b, s, c->note.required ? TONE_BAD : TONE_NOTE,
                                         c->note.required ? "Missing" : "No note", STR(""));
        b_para_z(b, box,
                 c->note.required ? "The playbook requires a note here, and none was recorded."
                                  : "No note was recorded.");
        return;
    }
    struct doc_node *box = b_callout(b, s, TONE_CONCLUSION, "Note", c->note.verdict);
    b_note(b, box, c);
}

static void warnings(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (c->nwarnings == 0)
        return;
    struct doc_node *box = b_callout(b, s, TONE_WARNING, c->nwarnings == 1 ? "Warning" : "Warnings", STR(""));
    if (c->nwarnings == 1)
        b_para(b, box, prose_text(b->a, c->warnings[0], RUN_VALUE));
    else
        b_list(b, box, c->warnings, c->nwarnings);
}

/* Where the evidence is, in a line; hashes and sizes are in the manifest. */
static void files(struct builder *b, struct doc_node *s, const struct record_cell *c)
{
    if (c->nfiles == 0 && c->fingerprint.n == 0)
        return;
    struct doc_facts *f = &doc_add(b->a, s, DOC_FACTS)->u.facts;
    f->items = ARENA_ARRAY(b->a, 2, struct prose);
    if (c->nfiles) {
        struct pb p;
        pb_init(&p, b->a);
        pb_add(&p, STR("Evidence"), 0, STR("#evidence"));
        for (size_t i = 0; i < c->nfiles; i++) {
            pb_z(&p, i ? ", " : " ");
            pb_code(&p, c->files[i].path);
        }
        f->items[f->n++] = pb_end(&p);
    }
    if (c->fingerprint.n)
        f->items[f->n++] = fact(b, "fingerprint ",
                                CAT(b->a, str_sub(c->fingerprint, 0, 16), STR("\xe2\x80\xa6")), true);
}

/* The one thing about a step that a reader of the contents must know. */
static void mark_section(struct doc_section *s, const struct record_cell *c)
{
    bool finding = false, unmet = false;
    for (size_t i = 0; i < c->nfindings; i++)
        finding = finding || c->findings[i].open;
    for (size_t i = 0; i < c->nexpects; i++)
        unmet = unmet || !c->expects[i].passed;
    s->mark = doc_mark_of(str_z(cell_state(c)));
    if (c->status != RECORD_OK) {
        s->state = str_z(cell_state(c));
    } else if (finding) {
        s->mark = MARK_BAD;
        s->state = STR("finding");
    } else if (c->note.present && c->note.required && note_missing(c)) {
        s->mark = MARK_BAD;
        s->state = STR("note missing");
    } else if (c->review.asked && c->review.nstrikes == 0) {
        s->mark = MARK_WARNING;
        s->state = STR("not reviewed");
    } else if (unmet || c->nwarnings) {
        s->mark = MARK_WARNING;
        s->state = STR("warning");
    }
}

static void cell(struct builder *b, struct doc_node *parent, const struct record_cell *c)
{
    struct doc_node *s = b_section(b, parent, 2, "", "");
    s->u.section.title = cell_name(b, c);
    s->u.section.anchor = cell_anchor(b, c);
    s->u.section.tag = c->kind;
    mark_section(&s->u.section, c);
    facts(b, s, c);
    md_build(b->a, s, &c->description);
    reason(b, s, c);
    findings(b, s, c);
    query(b, s, c);
    for (size_t i = 0; i < c->nblocks; i++)
        block(b, s, c, &c->blocks[i]);
    b_review(b, s, c);
    note(b, s, c);
    expectations(b, s, c);
    warnings(b, s, c);
    files(b, s, c);
}

void part_steps(struct builder *b, struct doc_node *s)
{
    overview(b, s);
    for (size_t i = 0; i < b->r->ncells; i++)
        cell(b, s, &b->r->cells[i]);
}
