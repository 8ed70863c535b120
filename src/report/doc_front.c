/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands before the steps: cover, summary, method, scope. See `parts` in doc.c for the order.
 */
#include "doc_int.h"

#include "hb/sha256.h"
#include "hb/ticks.h"

/* -- facts about a run -- */

const char *cell_state(const struct record_cell *c)
{
    static const char *const words[] = { "not run", "ok", "failed", "skipped" };
    return words[c->status];
}

const struct record_cell *cell_by_id(const struct record *r, struct str id)
{
    for (size_t i = 0; i < r->ncells; i++)
        if (str_eq(r->cells[i].id, id))
            return &r->cells[i];
    return NULL;
}

struct str cell_name(struct builder *b, const struct record_cell *c)
{
    if (c->title.n)
        return c->title;
    return c->id.n ? c->id : arena_strf(b->a, "step %d", c->number);
}

struct str cell_anchor(struct builder *b, const struct record_cell *c)
{
    return arena_strf(b->a, "step-%d", c->number);
}

int severity_rank(struct str severity)
{
    static const struct str order[] = { STR_INIT("informational"), STR_INIT("low"), STR_INIT("medium"),
                                        STR_INIT("high") };
    for (int i = 0; i < 4; i++)
        if (str_eq_nocase(severity, order[i]))
            return i;
    return 0;
}

const struct record_cell *conclusion_of(const struct record *r)
{
    const struct record_cell *found = NULL;
    for (size_t i = 0; i < r->ncells; i++)
        if (r->cells[i].note.present && r->cells[i].note.verdict.n)
            found = &r->cells[i];
    return found;
}

size_t count_warnings(const struct record *r)
{
    size_t n = r->nwarnings;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].nwarnings;
    for (size_t i = 0; i < r->source.ntables; i++)
        n += r->source.tables[i].nwarnings;
    return n;
}

static size_t count_cells(const struct record *r, enum record_status status)
{
    size_t n = 0;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].status == status;
    return n;
}

/* -- cover -- */

static struct str source_name(struct builder *b)
{
    const struct record *r = b->r;
    struct str s = r->source.name;
    if (r->source.kind.n)
        s = s.n ? CAT(b->a, s, STR(" ("), r->source.kind, STR(")")) : r->source.kind;
    return s;
}

/* First and last event over all tables. */
static struct str events_window(struct builder *b)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < b->r->source.ntables; i++) {
        const struct record_source_table *t = &b->r->source.tables[i];
        if (t->first > 0 && t->first < first)
            first = t->first;
        if (t->last > 0 && t->last > last)
            last = t->last;
    }
    if (first == INT64_MAX || last == INT64_MIN)
        return STR("");
    return CAT(b->a, b_time(b->a, first), STR(" \xe2\x80\x93 "), b_time(b->a, last), STR(" (UTC)"));
}

static struct str executed(struct builder *b)
{
    const struct record *r = b->r;
    return CAT(b->a, b_time(b->a, r->started), STR(" \xe2\x80\x93 "), b_time(b->a, r->ended), STR(" ("),
               b_duration(b->a, (r->ended - r->started) / TICKS_US), STR(")"));
}

/* What can be said without an analyst. It never claims more than the record holds. */
static void automatic_conclusion(struct builder *b, struct doc_node *box)
{
    const struct record *r = b->r;
    struct pb p;
    pb_init(&p, b->a);
    size_t open = record_findings(r, true), closed = record_findings(r, false);
    if (!str_eqz(r->status, "completed")) {
        pb_z(&p, str_eqz(r->status, "review") ? "The run waits for a review" : "The run did not complete");
        if (r->error.n) {
            pb_z(&p, ": ");
            pb_str(&p, r->error);
        }
        pb_z(&p, ". ");
    }
    if (open) {
        pb_count(&p, (int64_t)open);
        pb_z(&p, open == 1 ? " finding was raised." : " findings were raised.");
    } else if (closed) {
        pb_z(&p, "No finding was raised: no declared condition was met.");
    } else {
        pb_z(&p, "The playbook declares no findings.");
    }
    pb_z(&p, " No analyst has recorded a conclusion.");
    b_para(b, box, pb_end(&p));
}

static void conclusion(struct builder *b, struct doc_node *parent)
{
    const struct record_cell *c = conclusion_of(b->r);
    struct doc_node *box = b_callout(b, parent, TONE_CONCLUSION, "Conclusion",
                                     c ? CAT(b->a, STR("Hypothesis "), c->note.verdict)
                                       : STR("Not yet recorded"));
    if (!c) {
        automatic_conclusion(b, box);
        return;
    }
    b_note(b, box, c);
}

/* Who wrote a note that is not the analyst's own is the second pair of eyes. */
static struct str reviewer(struct builder *b)
{
    const struct record *r = b->r;
    for (size_t i = r->ncells; i-- > 0;) {
        const struct record_cell *c = &r->cells[i];
        if (c->note.present && c->note.author.n && !str_eq(c->note.author, r->analyst))
            return c->note.author;
    }
    return STR("none recorded; see Review and sign-off");
}

/* What run.json hashes to: with it a printed report belongs to one record and no other. */
static struct str record_hash(struct builder *b)
{
    struct buf json = BUF_INIT;
    char hex[65];
    record_to_json(&json, b->r);
    sha256_hex(buf_view(&json), hex);
    buf_free(&json);
    return arena_str(b->a, str_z(hex));
}

void part_cover(struct builder *b, struct doc_node *parent)
{
    const struct record *r = b->r;
    struct doc_node *pairs = doc_add(b->a, parent, DOC_PAIRS);
    b_pair_str(b, pairs, "Analyst", r->analyst.n ? r->analyst : STR("not recorded"));
    b_pair_str(b, pairs, "Reviewer", reviewer(b));
    b_pair_str(b, pairs, "Playbook",
               r->playbook.version.n ? CAT(b->a, r->playbook.path, STR(", version "), r->playbook.version)
                                     : r->playbook.path);
    b_pair_str(b, pairs, "Author of the playbook", r->playbook.author);
    b_pair_str(b, pairs, "Executed", executed(b));
    b_pair_str(b, pairs, "Source", source_name(b));
    b_pair_str(b, pairs, "Events from \xe2\x80\x93 to", events_window(b));
    struct doc_pair *status;
    b_pair(b, pairs, "Status", prose_text(b->a, r->error, RUN_VALUE));
    status = &pairs->u.pairs.items[pairs->u.pairs.n - 1];
    status->mark = doc_mark_of(r->status);
    status->mark_word = r->status.n ? r->status : STR("not recorded");
    b_pair(b, pairs, "Record SHA-256 (run.json)", prose_text(b->a, record_hash(b), RUN_VALUE | RUN_CODE));
    b_pair(b, pairs, "Evidence SHA-256", prose_text(b->a, b_evidence_hash(b), RUN_VALUE | RUN_CODE));
    if (r->source.sample) {
        struct doc_node *box = b_callout(b, parent, TONE_WARNING, "Sample data", STR(""));
        b_para_z(b, box,
                 "This report was made from the sample data that ships with the playbook. It shows what the "
                 "hunt does; it says "
                 "nothing about any real environment.");
    }
    conclusion(b, parent);
    b_para(b, parent,
           prose_text(b->a,
                      CAT(b->a, b->d->tlp.rule, STR(" The label is repeated on every page (FIRST TLP 2.0).")),
                      0));
}

/* -- summary -- */

static void tile(struct builder *b, struct doc_node *n, int64_t value, const char *label, enum doc_mark mark)
{
    struct buf text = BUF_INIT;
    doc_put_count(&text, value);
    n->u.tiles.items[n->u.tiles.n++] = (struct doc_tile){ buf_to_arena(&text, b->a), str_z(label), mark };
    buf_free(&text);
}

static void tiles(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    int64_t rows = 0;
    for (size_t i = 0; i < r->source.ntables; i++)
        rows += r->source.tables[i].rows;
    struct doc_node *n = doc_add(b->a, s, DOC_TILES);
    n->u.tiles.items = ARENA_ARRAY(b->a, 4, struct doc_tile);
    size_t open = record_findings(r, true), warnings = count_warnings(r), ok = count_cells(r, RECORD_OK);
    tile(b, n, rows, "events in scope", MARK_NONE);
    tile(b, n, (int64_t)ok, "", MARK_NONE);
    n->u.tiles.items[1].label = arena_strf(b->a, "of %zu steps completed", r->ncells);
    tile(b, n, (int64_t)open, open == 1 ? "finding raised" : "findings raised", open ? MARK_BAD : MARK_NONE);
    tile(b, n, (int64_t)warnings, warnings == 1 ? "warning" : "warnings",
         warnings ? MARK_WARNING : MARK_NONE);
}

/* Steps that did not end well, named up front. */
static void troubles(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    if (!str_eqz(r->status, "completed")) {
        bool waits = str_eqz(r->status, "review");
        struct doc_node *box = b_callout(b, s, waits ? TONE_WARNING : TONE_BAD, "Run not completed",
                                         waits ? STR("The run waits for a review")
                                               : CAT(b->a, STR("The run ended as: "), r->status));
        if (r->error.n)
            b_para(b, box, prose_text(b->a, r->error, RUN_VALUE));
    }
    size_t failed = count_cells(r, RECORD_FAILED);
    if (failed == 0)
        return;
    struct doc_node *box = b_callout(b, s, TONE_BAD, failed == 1 ? "Step failed" : "Steps failed", STR(""));
    struct doc_node *list = doc_add(b->a, box, DOC_LIST);
    list->u.list = (struct doc_list){ .tight = true, .start = 1 };
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        if (c->status != RECORD_FAILED)
            continue;
        struct pb p;
        pb_init(&p, b->a);
        pb_add(&p, cell_name(b, c), RUN_VALUE, CAT(b->a, STR("#"), cell_anchor(b, c)));
        pb_z(&p, ": ");
        pb_str(&p, c->reason);
        b_para(b, doc_add(b->a, list, DOC_ITEM), pb_end(&p));
    }
}

void part_summary(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    tiles(b, s);
    troubles(b, s);
    if (record_findings(r, true))
        b_findings_table(b, s);
    else
        b_para_z(b, s, "No finding was raised.");
    if (r->playbook.description.markdown.n)
        md_build(b->a, s, &r->playbook.description);
    else
        b_para_z(b, s, "The playbook has no description.");
}

void part_contents(struct builder *b, struct doc_node *s)
{
    doc_add(b->a, s, DOC_CONTENTS);
}

/* -- hypothesis and method -- */

static void b_pair_prose(struct builder *b, struct doc_node *pairs, const char *name,
                         const struct record_prose *p)
{
    if (p->markdown.n)
        b_pair(b, pairs, name, md_prose(b->a, p));
}

static void references(struct builder *b, struct doc_node *pairs)
{
    const struct record *r = b->r;
    struct pb p;
    if (r->playbook.nreferences == 0)
        return;
    pb_init(&p, b->a);
    for (size_t i = 0; i < r->playbook.nreferences; i++) {
        if (i)
            pb_break(&p);
        pb_add(&p, r->playbook.references[i], RUN_VALUE, doc_safe_href(b->a, r->playbook.references[i]));
    }
    b_pair(b, pairs, "References", pb_end(&p));
}

/* Line breaks of a text in the playbook mean nothing in a cell of a table. */
static struct str one_line(struct builder *b, struct str s)
{
    struct str line = arena_str(b->a, str_trim(s));
    char *p = (char *)(uintptr_t)line.p;
    for (size_t i = 0; i < line.n; i++)
        if (p[i] == '\n')
            p[i] = ' ';
    return line;
}

static void parameters(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Parameter", COLUMN_CODE }, { "Value", COLUMN_CODE },   { "Type", COLUMN_TEXT },
        { "Set by", COLUMN_TEXT },    { "Meaning", COLUMN_TEXT },
    };
    const struct record *r = b->r;
    if (r->nparams == 0) {
        b_para_z(b, s, "The playbook has no parameters.");
        return;
    }
    struct doc_table *t = b_table(b, s, "Parameters of this run", cols, 5, r->nparams);
    for (size_t i = 0; i < r->nparams; i++) {
        const struct record_param *p = &r->params[i];
        b_set(t, i, 0, p->name);
        b_set(t, i, 1, p->value);
        b_set(t, i, 2, p->type);
        b_set_z(t, i, 3, p->is_default ? "playbook" : "analyst");
        b_set(t, i, 4, one_line(b, p->description));
    }
}

/* What a reader may look for and the playbook leaves open. */
static void not_stated(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    const struct {
        const char *name;
        size_t n;
    } parts[] = {
        { "why it is worth a hunt", r->playbook.rationale.markdown.n },
        { "what would disprove it", r->playbook.disproof.markdown.n },
        { "actor", r->playbook.able.actor.n },
        { "behavior", r->playbook.able.behavior.n },
        { "location", r->playbook.able.location.n },
        { "evidence looked for", r->playbook.able.evidence.n },
        { "known false positives", r->playbook.false_positives.markdown.n },
        { "ATT&CK techniques", r->playbook.ntechniques },
        { "references", r->playbook.nreferences },
    };
    struct pb p;
    bool any = false;
    pb_init(&p, b->a);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n)
            continue;
        pb_z(&p, any ? ", " : "Not stated by the playbook: ");
        pb_z(&p, parts[i].name);
        any = true;
    }
    pb_z(&p, any ? "." : "");
    struct prose text = pb_end(&p);
    if (any)
        b_para(b, s, text);
}

void part_method(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct doc_node *box = b_callout(b, s, TONE_NOTE, "Hypothesis", STR(""));
    if (r->playbook.hypothesis.markdown.n)
        md_build(b->a, box, &r->playbook.hypothesis);
    else
        b_para_z(b, box, "The playbook states no hypothesis.");
    struct doc_node *pairs = doc_add(b->a, s, DOC_PAIRS);
    b_pair_str(b, pairs, "Kind of hunt", r->playbook.hunt_kind);
    b_pair_prose(b, pairs, "Why it is worth a hunt", &r->playbook.rationale);
    b_pair_prose(b, pairs, "What would disprove it", &r->playbook.disproof);
    b_pair_str(b, pairs, "Actor", r->playbook.able.actor);
    b_pair_str(b, pairs, "Behavior", r->playbook.able.behavior);
    b_pair_str(b, pairs, "Location", r->playbook.able.location);
    b_pair_str(b, pairs, "Evidence", r->playbook.able.evidence);
    b_pair_prose(b, pairs, "Known false positives", &r->playbook.false_positives);
    b_pair_str(b, pairs, "ATT&CK tactics", b_join(b->a, r->playbook.tactics, r->playbook.ntactics, ", "));
    b_pair_str(b, pairs, "ATT&CK techniques",
               b_join(b->a, r->playbook.techniques, r->playbook.ntechniques, ", "));
    b_pair_str(b, pairs, "Tags", b_join(b->a, r->playbook.tags, r->playbook.ntags, ", "));
    references(b, pairs);
    not_stated(b, s);
    parameters(b, s);
}

/* -- scope -- */

static void source_tables(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Table", COLUMN_TEXT },
        { "First event (UTC)", COLUMN_TEXT },
        { "Last event (UTC)", COLUMN_TEXT },
        { "Time column", COLUMN_TEXT },
        { "Rows", COLUMN_GROUPED },
        { "Rejected", COLUMN_GROUPED },
    };
    const struct record *r = b->r;
    struct doc_table *t = b_table(b, s, "Tables of the source", cols, 6, r->source.ntables);
    t->empty = STR("The run read no table of a source.");
    for (size_t i = 0; i < r->source.ntables; i++) {
        const struct record_source_table *src = &r->source.tables[i];
        b_set(t, i, 0, src->name);
        b_set(t, i, 1, src->first <= 0 ? STR("unknown") : b_time(b->a, src->first));
        b_set(t, i, 2, src->last <= 0 ? STR("unknown") : b_time(b->a, src->last));
        b_set(t, i, 3, src->time_column.n ? src->time_column : STR("none"));
        b_set_count(t, i, 4, src->rows);
        b_set_count(t, i, 5, src->rejected);
        if (src->note.n)
            b_para(b, s,
                   prose_text(b->a, arena_strf(b->a, "%.*s: %.*s.", STR_ARG(src->name), STR_ARG(src->note)),
                              RUN_VALUE));
    }
}

static void source_files(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "File", COLUMN_CODE },     { "Table", COLUMN_TEXT },   { "SHA-256", COLUMN_CODE },
        { "Bytes", COLUMN_GROUPED }, { "Rows", COLUMN_GROUPED },
    };
    const struct record *r = b->r;
    size_t n = 0, row = 0;
    for (size_t i = 0; i < r->source.ntables; i++)
        n += r->source.tables[i].nfiles;
    if (n == 0)
        return;
    struct doc_table *t = b_table(b, s, "Files read", cols, 5, n);
    for (size_t i = 0; i < r->source.ntables; i++) {
        for (size_t k = 0; k < r->source.tables[i].nfiles; k++, row++) {
            const struct record_file *f = &r->source.tables[i].files[k];
            b_set(t, row, 0, f->path);
            b_set(t, row, 1, r->source.tables[i].name);
            b_set(t, row, 2, f->sha256);
            b_set_count(t, row, 3, f->bytes);
            b_set_count(t, row, 4, f->rows);
        }
    }
}

void part_scope(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct doc_node *pairs = doc_add(b->a, s, DOC_PAIRS);
    b_pair_str(b, pairs, "Source", source_name(b).n ? source_name(b) : STR("none"));
    b_pair_str(b, pairs, "Where", r->source.detail);
    b_pair_str(b, pairs, "Looked at", r->playbook.scope);
    b_pair_str(b, pairs, "Time zone", STR("UTC; every time in this report is UTC"));
    b_pair_str(b, pairs, "Clock of the queries",
               CAT(b->a, b_time(b->a, r->now),
                   r->now_given ? STR(" (given; now() and ago() mean this instant)")
                                : STR(" (start of the run; now() and ago() mean this instant)")));
    source_tables(b, s);
    source_files(b, s);
    b_para_z(b, s,
             "Not examined: gaps between events, delay between an event and its arrival, clocks of the "
             "devices, and how "
             "long the source keeps its data.");
}
