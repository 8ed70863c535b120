/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A marked text in every place of a record. To cover another place: a line here.
 */
#include "report_places.h"

#include <assert.h>
#include <string.h>

#include "hb/chart.h"
#include "hb/utf8.h"

struct marking {
    struct arena *a;
    size_t shift, *n;
    struct place *places;
};

static struct str mark_as(struct marking *m, const char *name, unsigned flags, bool shown)
{
    assert(*m->n < PLACES_MAX);
    struct place *p = &m->places[*m->n];
    struct str text = fixture_hostile[(*m->n + m->shift) % fixture_nhostile];
    struct buf b = BUF_INIT, clean = BUF_INIT;
    buf_printf(&b, "zq%03zuq", ++*m->n);
    buf_str(&b, text);
    buf_puts(&b, "qz");
    if (shown)
        utf8_show(&clean, buf_view(&b));
    *p = (struct place){ name, flags, buf_to_arena(shown ? &clean : &b, m->a) };
    buf_free(&b);
    buf_free(&clean);
    return p->text;
}

static struct str mark(struct marking *m, const char *name, unsigned flags)
{
    return mark_as(m, name, flags, false);
}

static struct str *one(struct marking *m, const char *name)
{
    struct str *s = ARENA_NEW(m->a, struct str);
    *s = mark(m, name, 0);
    return s;
}

static void value_of_prose(struct marking *m, const char *name, struct record_prose *p)
{
    p->markdown = STR("A value: \xf3\xb0\x80\x80, in a sentence.");
    p->values = one(m, name);
    p->nvalues = 1;
}

/* Labels, title, description and tooltip as the chart makes them: clean, escapes apart. */
static struct str chart(struct marking *m)
{
    struct text_run *runs = ARENA_ARRAY(m->a, 16, struct text_run);
    struct utf8_runs walk = { .s = mark(m, "label of a chart", PLACE_DRAWN) };
    struct shape shapes[2] = { { .kind = SHAPE_TEXT,
                                 .fill = PAINT_INK,
                                 .opacity = 100,
                                 .x = 1000,
                                 .y = 3000,
                                 .size = 600,
                                 .runs = runs },
                               { .kind = SHAPE_RECT,
                                 .fill = PAINT_ACCENT,
                                 .opacity = 100,
                                 .x = 1000,
                                 .y = 5000,
                                 .w = 9000,
                                 .h = 2000 } };
    struct str part;
    bool escape;
    while (utf8_next_run(&walk, &part, &escape)) {
        assert(shapes[0].nruns < 16);
        runs[shapes[0].nruns++] = (struct text_run){ arena_str(m->a, part), escape };
    }
    shapes[1].tip = mark_as(m, "tooltip of a chart", PLACE_DRAWN | PLACE_HOVER, true);
    struct drawing d = { .width = 64000, .height = 9000, .shapes = shapes, .nshapes = 2 };
    d.title = mark_as(m, "title of a chart", PLACE_DRAWN | PLACE_HOVER, true);
    d.desc = mark_as(m, "description of a chart", PLACE_DRAWN | PLACE_HOVER, true);
    struct buf b = BUF_INIT;
    drawing_put_svg(&b, &d, "c", true);
    struct str svg = buf_to_arena(&b, m->a);
    buf_free(&b);
    return svg;
}

static void playbook_places(struct marking *m, struct record *r)
{
    r->playbook.name = mark(m, "title of the hunt", PLACE_TITLE);
    r->playbook.author = mark(m, "author", 0);
    r->playbook.tlp = mark(m, "TLP label", 0);
    r->playbook.version = mark(m, "version of the playbook", 0);
    r->playbook.path = mark(m, "path of the playbook", 0);
    r->playbook.id = mark(m, "id of the playbook", 0);
    r->playbook.sha256 = mark(m, "hash of the playbook", 0);
    r->playbook.scope = mark(m, "scope", 0);
    r->playbook.hunt_kind = mark(m, "kind of the hunt", 0);
    r->playbook.able.actor = mark(m, "actor", 0);
    r->playbook.able.behavior = mark(m, "behaviour", 0);
    r->playbook.able.location = mark(m, "location", 0);
    r->playbook.able.evidence = mark(m, "evidence", 0);
    r->playbook.tags[0] = mark(m, "tag", PLACE_TITLE);
    r->playbook.tactics[0] = mark(m, "tactic", 0);
    r->playbook.techniques[0] = mark(m, "technique", 0);
    r->playbook.references[1] = mark(m, "reference", 0);
    value_of_prose(m, "value in the description", &r->playbook.description);
    value_of_prose(m, "value in the hypothesis", &r->playbook.hypothesis);
    value_of_prose(m, "value in the rationale", &r->playbook.rationale);
    value_of_prose(m, "value in what would disprove it", &r->playbook.disproof);
    value_of_prose(m, "value in the false positives", &r->playbook.false_positives);
    value_of_prose(m, "value in the next steps", &r->playbook.next_steps);
    r->params[0].name = mark(m, "name of a parameter", 0);
    r->params[0].value = mark(m, "value of a parameter", 0);
    r->params[0].description = mark(m, "description of a parameter", PLACE_ONE_LINE);
}

static void run_places(struct marking *m, struct record *r)
{
    r->run_id = mark(m, "id of the run", 0);
    r->analyst = mark(m, "analyst", PLACE_TITLE);
    r->host = mark(m, "host", 0);
    r->command_line = mark(m, "command line", 0);
    r->fingerprint = mark(m, "fingerprint", 0);
    r->status = mark(m, "state of the run", 0);
    r->tool_version = mark(m, "version of the tool", 0);
    r->versions[0].name = mark(m, "name of a library", 0);
    r->versions[0].value = mark(m, "version of a library", 0);
    r->drawn_with[1].name = mark(m, "name of a font", 0);
    r->drawn_with[1].version = mark(m, "version of a font", 0);
    r->notes[0].cell = mark(m, "step of a note", 0);
    r->notes[0].verdict = mark(m, "verdict in the log of notes", 0);
    r->notes[0].author = mark(m, "author in the log of notes", 0);
    r->warnings[0] = mark(m, "warning of the run", 0);
    r->source.name = mark(m, "name of the source", 0);
    r->source.detail = mark(m, "detail of the source", 0);
    r->source.tables[0].name = mark(m, "name of a source table", 0);
    r->source.tables[0].files[0].path = mark(m, "name of a source file", 0);
    r->source.tables[0].warnings[0] = mark(m, "warning of a source table", 0);
}

static void cell_places(struct marking *m, struct record *r)
{
    struct record_cell *intro = &r->cells[0], *env = &r->cells[1], *query = &r->cells[2],
                       *anomaly = &r->cells[3];
    struct record_cell *figure = &r->cells[4], *hunt = &r->cells[5], *skipped = &r->cells[7],
                       *failed = &r->cells[8];
    struct record_cell *note = &r->cells[9];
    intro->title = mark(m, "title of a step", PLACE_OUTLINE);
    value_of_prose(m, "value in prose", &intro->blocks[0].prose);
    env->blocks[0].caption = mark(m, "caption of pairs", 0);
    env->blocks[0].pairs[0].name = mark(m, "name of a pair", 0);
    env->blocks[0].pairs[0].value = mark(m, "value of a pair", 0);
    query->title = mark(m, "title of a query", PLACE_OUTLINE);
    value_of_prose(m, "value in the description of a step", &query->description);
    query->query = mark(m, "query as written", PLACE_LINES);
    query->query_sent = mark(m, "query as sent", PLACE_LINES);
    query->inputs[0] = mark(m, "input of a step", 0);
    query->expects[0].that = mark(m, "expectation", 0);
    query->expects[1].message = mark(m, "message of an expectation", 0);
    query->files[0].path = mark(m, "name of an evidence file", 0);
    query->blocks[0].table.head->cols[2].name = mark(m, "name of a column", 0);
    query->blocks[0].table.head->cols[2].v.s[5] = mark(m, "value of a table", 0);
    anomaly->blocks[0].caption = mark(m, "caption of a table", 0);
    anomaly->blocks[0].table.why_order = mark(m, "order of a table", 0);
    anomaly->warnings[0] = mark(m, "warning of a step", 0);
    figure->blocks[0].caption = mark(m, "caption of a chart", 0);
    figure->blocks[0].chart.text = mark(m, "words for a chart", PLACE_ALT);
    figure->blocks[0].chart.svg = chart(m);
    hunt->findings[0].title = mark(m, "title of a finding", 0);
    hunt->findings[0].severity = mark(m, "severity of a finding", 0);
    hunt->findings[0].when = mark(m, "condition of a finding", 0);
    hunt->findings[0].techniques[0] = mark(m, "technique of a finding", 0);
    value_of_prose(m, "value in the description of a finding", &hunt->findings[0].description);
    hunt->entities[0].value = mark(m, "entity", 0);
    skipped->reason = mark(m, "reason to skip a step", 0);
    failed->reason = mark(m, "reason of a failure", 0);
    value_of_prose(m, "value in a prompt", &note->note.prompt);
    note->note.verdict = mark(m, "verdict", 0);
    note->note.author = mark(m, "author of a note", 0);
}

struct record *fixture_places(struct arena *a, size_t shift, struct place *places, size_t *n)
{
    struct record *r = fixture_record(a);
    struct marking m = { a, shift, n, places };
    *n = 0;
    playbook_places(&m, r);
    run_places(&m, r);
    cell_places(&m, r);
    return r;
}
