/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hunt found: findings raised and not raised, what is affected, what to do next. See `parts` in doc.c for
 * the order; the timeline is in doc_timeline.c.
 */
#include "doc_int.h"

#include <string.h>

#include "hb/map.h"
#include "hb/vec.h"

size_t b_findings(struct builder *b, bool open, struct finding_ref **out)
{
    const struct record *r = b->r;
    size_t n = 0, count = 0;
    for (size_t i = 0; i < r->ncells; i++)
        count += r->cells[i].nfindings;
    *out = ARENA_ARRAY(b->a, count, struct finding_ref);
    for (int rank = 3; rank >= 0; rank--)
        for (size_t i = 0; i < r->ncells; i++)
            for (size_t k = 0; k < r->cells[i].nfindings; k++) {
                const struct record_finding *f = &r->cells[i].findings[k];
                if (f->open == open && severity_rank(f->severity) == rank)
                    (*out)[n++] = (struct finding_ref){ &r->cells[i], f };
            }
    return n;
}

struct str finding_name(struct builder *b, const struct finding_ref *f)
{
    return f->finding->title.n ? f->finding->title : cell_name(b, f->cell);
}

void b_findings_table(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Finding", COLUMN_TEXT }, { "Severity", COLUMN_MARK }, { "Techniques", COLUMN_TEXT },
        { "Step", COLUMN_TEXT },    { "Rows", COLUMN_GROUPED },
    };
    struct finding_ref *refs;
    size_t n = b_findings(b, true, &refs);
    struct doc_table *t = b_table(b, s, "Findings by severity", cols, 5, n);
    struct str *anchors = ARENA_ARRAY(b->a, n, struct str);
    t->anchors = anchors;
    t->empty = STR("None was raised: no declared condition was met.");
    for (size_t i = 0; i < n; i++) {
        anchors[i] = arena_strf(b->a, "finding-%zu", i + 1);
        b_set(t, i, 0, finding_name(b, &refs[i]));
        b_set(t, i, 1, refs[i].finding->severity);
        b_set(t, i, 2, b_join(b->a, refs[i].finding->techniques, refs[i].finding->ntechniques, ", "));
        b_set(t, i, 3, arena_strf(b->a, "%d", refs[i].cell->number));
        b_set_count(t, i, 4, refs[i].finding->rows);
    }
}

/* "on 34 rows between ... and ..." */
static void rests_on(struct builder *b, struct pb *p, const struct record_finding *f)
{
    pb_z(p, "Rests on ");
    pb_count(p, f->rows);
    pb_z(p, f->rows == 1 ? " row" : " rows");
    if (f->first) {
        pb_z(p, f->first == f->last ? " at " : " between ");
        pb_str(p, b_time(b->a, f->first));
        if (f->first != f->last) {
            pb_z(p, " and ");
            pb_str(p, b_time(b->a, f->last));
        }
    }
    pb_z(p, "; raised because ");
    pb_code(p, f->when);
    pb_z(p, " held.");
}

/* "Host: a, b, c and 4 more." for each kind of entity. */
static void names_of(struct builder *b, struct doc_node *box, const struct record_cell *c)
{
    enum { NAMED = 3, LENGTH = 60 };
    for (size_t i = 0, end; i < c->nentities; i = end) {
        struct pb p;
        size_t named = 0;
        for (end = i; end < c->nentities && str_eq(c->entities[end].column, c->entities[i].column);)
            end++;
        pb_init(&p, b->a);
        pb_str(&p, c->entities[i].type);
        pb_z(&p, ": ");
        for (size_t k = i; k < end && named < NAMED; k++, named++) {
            struct str value = b_defang(b->a, c->entities[k].type, c->entities[k].value);
            pb_z(&p, named ? ", " : "");
            pb_str(&p, doc_cut(value, LENGTH));
            if (value.n > LENGTH)
                pb_z(&p, "\xe2\x80\xa6");
        }
        if (end - i > named) {
            pb_z(&p, " and ");
            pb_count(&p, (int64_t)(end - i - named));
            pb_z(&p, " more");
        }
        b_para(b, box, pb_end(&p));
    }
}

static void finding(struct builder *b, struct doc_node *s, const struct finding_ref *ref, size_t number)
{
    const struct record_finding *f = ref->finding;
    struct doc_node *sub = b_section(b, s, 3, "", "");
    sub->u.section.title = finding_name(b, ref);
    sub->u.section.anchor = arena_strf(b->a, "finding-%zu", number);
    sub->u.section.in_contents = false;
    struct doc_node *box = b_callout(b, sub, TONE_FINDING, "", STR(""));
    box->u.callout.label = arena_strf(b->a, "Finding %zu", number);
    box->u.callout.severity = f->severity;
    md_build(b->a, box, &f->description);
    struct pb p;
    pb_init(&p, b->a);
    rests_on(b, &p, f);
    if (f->ntechniques) {
        pb_z(&p, " ATT&CK: ");
        pb_str(&p, b_join(b->a, f->techniques, f->ntechniques, ", "));
        pb_z(&p, ".");
    }
    b_para(b, box, pb_end(&p));
    names_of(b, box, ref->cell);
    pb_init(&p, b->a);
    pb_z(&p, "Rows and query: step ");
    pb_add(&p, arena_strf(b->a, "%d, ", ref->cell->number), 0, STR(""));
    pb_add(&p, cell_name(b, ref->cell), RUN_VALUE, CAT(b->a, STR("#"), cell_anchor(b, ref->cell)));
    b_para(b, box, pb_end(&p));
}

static void findings_raised(struct builder *b, struct doc_node *s)
{
    struct finding_ref *refs;
    size_t n = b_findings(b, true, &refs);
    struct doc_node *sub = b_section(b, s, 2, "Findings raised", "findings-raised");
    sub->u.section.in_contents = false;
    if (n == 0) {
        b_para_z(b, sub, "None: no declared condition was met. See below for what was looked for.");
        return;
    }
    for (size_t i = 0; i < n; i++)
        finding(b, sub, &refs[i], i + 1);
    if (b->r->playbook.false_positives.markdown.n) {
        struct doc_node *box = b_callout(b, sub, TONE_NOTE, "What else it may be", STR(""));
        md_build(b->a, box, &b->r->playbook.false_positives);
    }
}

/* A condition that was looked at and not met is a result; one that was not looked at is none. */
static void findings_negative(struct builder *b, struct doc_node *s)
{
    static const struct b_column cols[] = {
        { "Looked for", COLUMN_TEXT }, { "Result", COLUMN_MARK }, { "Severity if met", COLUMN_TEXT },
        { "Condition", COLUMN_CODE },  { "Step", COLUMN_TEXT },
    };
    struct finding_ref *refs;
    size_t n = b_findings(b, false, &refs);
    struct doc_node *sub = b_section(b, s, 2, "Looked for and not found", "findings-negative");
    sub->u.section.in_contents = false;
    if (n == 0) {
        b_para_z(b, sub,
                 "Not applicable: every finding that the playbook declares was raised, or it declares none.");
    } else {
        struct doc_table *t = b_table(b, sub, "Declared findings that were not raised", cols, 5, n);
        struct str *anchors = ARENA_ARRAY(b->a, n, struct str);
        t->anchors = anchors;
        for (size_t i = 0; i < n; i++) {
            const struct record_cell *c = refs[i].cell;
            anchors[i] = cell_anchor(b, c);
            b_set(t, i, 0, finding_name(b, &refs[i]));
            b_set_z(t, i, 1, c->status == RECORD_OK ? "not met" : "not evaluated");
            b_set(t, i, 2, refs[i].finding->severity);
            b_set(t, i, 3, refs[i].finding->when);
            b_set(t, i, 4, arena_strf(b->a, "%d", c->number));
        }
        b_para_z(
            b, sub,
            "One row that meets the condition, in the same tables and the same time, would disprove such a "
            "result. A condition that was not evaluated says nothing.");
    }
}

void part_findings(struct builder *b, struct doc_node *s)
{
    findings_raised(b, s);
    findings_negative(b, s);
}

/* -- indicators and affected assets -- */

/* Addresses and names that a mail program or a browser would make a link of. */
struct str b_defang(struct arena *a, struct str type, struct str value)
{
    static const char *const links[] = { "IP", "URL", "DNS", "Mailbox", "MailMessage" };
    bool link = false;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        link = link || str_eq_nocase(type, str_z(links[i]));
    if (!link)
        return value;
    struct buf out = BUF_INIT;
    size_t from = 0;
    if (value.n >= 4 && str_eq_nocase(str_sub(value, 0, 4), STR("http"))) {
        buf_puts(&out, "hxxp");
        from = 4;
    }
    for (size_t i = from; i < value.n; i++) {
        if (value.p[i] == '.' || value.p[i] == '@')
            buf_printf(&out, "[%c]", value.p[i]);
        else if (value.p[i] == ':' && str_starts(str_sub(value, i, value.n), STR("://")))
            buf_puts(&out, "[:]");
        else
            buf_putc(&out, value.p[i]);
    }
    struct str s = buf_to_arena(&out, a);
    buf_free(&out);
    return s;
}

/* The same value of the same kind, over all findings. */
struct asset {
    struct record_entity e;
    struct str steps;
    struct asset *next;
};

struct assets {
    struct asset *first, *last;
    size_t n;
};

static void merge(struct builder *b, struct assets *list, struct map *seen, const struct record_cell *c,
                  const struct record_entity *e)
{
    struct str key = CAT(b->a, e->type, STR("\n"), e->identifier, STR("\n"), e->value);
    struct asset *at = map_get(seen, key);
    struct str step = arena_strf(b->a, "%d", c->number);
    if (!at) {
        at = ARENA_NEW(b->a, struct asset);
        at->e = *e;
        at->steps = step;
        map_set(seen, key, at);
        if (list->last)
            list->last->next = at;
        else
            list->first = at;
        list->last = at;
        list->n++;
        return;
    }
    at->e.rows = e->rows > at->e.rows ? e->rows : at->e.rows;
    if (e->first && (at->e.first == 0 || e->first < at->e.first))
        at->e.first = e->first;
    if (e->last > at->e.last)
        at->e.last = e->last;
    at->steps = CAT(b->a, at->steps, STR(", "), step);
}

/* Values of one kind: in the order of the findings, most rows of a finding first. */
static void assets_table(struct builder *b, struct doc_node *s, struct str type, const struct assets *all,
                         size_t n)
{
    static const struct b_column cols[] = {
        { "Value", COLUMN_CODE },           { "First seen (UTC)", COLUMN_TEXT },
        { "Last seen (UTC)", COLUMN_TEXT }, { "Rows", COLUMN_GROUPED },
        { "Steps", COLUMN_TEXT },
    };
    enum { ON_PAPER = 15 };
    struct doc_table *t = b_table(b, s, "", cols, 5, n);
    size_t row = 0;
    t->caption = CAT(b->a, type, STR(", by rows that findings rest on"));
    for (const struct asset *k = all->first; k; k = k->next) {
        if (!str_eq(k->e.type, type))
            continue;
        b_set(t, row, 0, b_defang(b->a, type, k->e.value));
        b_set(t, row, 1, k->e.first ? b_time(b->a, k->e.first) : STR("unknown"));
        b_set(t, row, 2, k->e.last ? b_time(b->a, k->e.last) : STR("unknown"));
        b_set_count(t, row, 3, k->e.rows);
        b_set(t, row, 4, k->steps);
        row++;
    }
    t->show = n < ON_PAPER ? n : ON_PAPER;
    t->data = true;
}

void part_indicators(struct builder *b, struct doc_node *s)
{
    const struct record *r = b->r;
    struct assets all = { 0 };
    struct map seen;
    int64_t left = 0;
    map_init(&seen, b->a);
    for (size_t i = 0; i < r->ncells; i++) {
        for (size_t k = 0; k < r->cells[i].nentities; k++)
            merge(b, &all, &seen, &r->cells[i], &r->cells[i].entities[k]);
        left += r->cells[i].entities_left;
    }
    if (all.n == 0) {
        b_para_z(b, s,
                 record_findings(r, true) == 0 ? "Not applicable: no finding was raised."
                 : r->playbook.nmappings == 0  ? "Not applicable: the playbook maps no columns to entities "
                                                 "(entityMappings)."
                                               : "None: no row of a finding has a value in a column that the "
                                                 "playbook maps to an entity.");
        return;
    }
    b_para_z(
        b, s,
        "Hosts, addresses and other things that the rows of the findings name, by the playbook's "
        "entityMappings. Being named is no verdict. Addresses are written so that nothing makes a link of "
        "them (198[.]51[.]100[.]7); the evidence files have them as they are.");
    struct map done;
    map_init(&done, b->a);
    for (const struct asset *k = all.first; k; k = k->next) {
        size_t n = 0;
        if (map_set(&done, k->e.type, &done))
            continue;
        for (const struct asset *o = k; o; o = o->next)
            n += str_eq(o->e.type, k->e.type);
        assets_table(b, s, k->e.type, &all, n);
    }
    if (left) {
        struct pb p;
        pb_init(&p, b->a);
        pb_count(&p, left);
        pb_z(&p, " further values are not listed; the evidence files of the steps have them.");
        b_para(b, s, pb_end(&p));
    }
}

/* -- recommendations -- */

void part_next_steps(struct builder *b, struct doc_node *s)
{
    if (b->r->playbook.next_steps.markdown.n) {
        b_para_z(b, s,
                 record_findings(b->r, true)
                     ? "What the playbook advises when its hypothesis is confirmed:"
                     : "No finding was raised. When the hypothesis is confirmed, the playbook advises:");
        md_build(b->a, s, &b->r->playbook.next_steps);
    } else {
        b_para_z(b, s, "Not recorded: the playbook names no next steps (hunt.next_steps).");
    }
}
