/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record as a document: furniture, and the parts in their order.
 *
 * To add a part: a function part_x(builder, section) in doc_front.c, doc_findings.c, doc_steps.c or doc_back.c and a row in
 * `parts`. Every part is always there, but for the comparison with another run that nobody asked for; one that has nothing to show
 * says why.
 */
#include "doc_int.h"
#include "theme.h"

#include <string.h>

#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/utf8.h"

static const struct {
    const char *title, *anchor;
    bool numbered, new_page, paper; /* new_page: on paper; paper: only there */
    void (*build)(struct builder *b, struct doc_node *section);
} parts[] = {
    { "Summary", "summary", true, true, false, part_summary },
    { "Contents", "contents", false, false, false, part_contents },
    { "Findings", "findings", true, true, false, part_findings },
    { "Since last time", "since", true, false, false, part_since },
    { "Timeline", "timeline", true, false, false, part_timeline },
    { "Indicators and affected assets", "indicators", true, false, false, part_indicators },
    { "Recommendations", "next-steps", true, false, false, part_next_steps },
    { "Hypothesis and method", "method", true, false, false, part_method },
    { "Scope and data sources", "scope", true, false, false, part_scope },
    { "The hunt, step by step", "steps", true, false, false, part_steps },
    { "Limitations", "limitations", true, false, false, part_limitations },
    { "Review and sign-off", "sign-off", true, false, false, part_signoff },
    { "Evidence manifest", "evidence", true, false, false, part_evidence },
    { "Custody", "custody", true, false, false, part_custody },
    { "How to read this report", "legend", true, false, false, part_legend },
    { "Appendix", "appendix", true, false, true, part_appendix },
};

enum { NPARTS = sizeof parts / sizeof *parts };

const struct str *doc_part_names(struct arena *a, size_t *n)
{
    struct str *names = ARENA_ARRAY(a, NPARTS, struct str);
    for (size_t i = 0; i < NPARTS; i++)
        names[i] = str_z(parts[i].anchor);
    *n = NPARTS;
    return names;
}

/* The parts that the theme names first, then the others as above: a theme moves parts, it cannot drop one. */
static void part_order(const struct theme *t, size_t *order)
{
    bool taken[NPARTS] = { false };
    size_t n = 0;
    for (size_t k = 0; k < t->nsections; k++)
        for (size_t i = 0; i < NPARTS; i++)
            if (!taken[i] && str_eqz(t->sections[k], parts[i].anchor)) {
                order[n++] = i;
                taken[i] = true;
            }
    for (size_t i = 0; i < NPARTS; i++)
        if (!taken[i])
            order[n++] = i;
}

/* The labels of TLP 2.0 in the colours that it gives them on black. */
static const struct doc_tlp tlps[] = {
    { STR_INIT("TLP:CLEAR"), 0xFFFFFF,
      STR_INIT("Recipients may share TLP:CLEAR information without restriction.") },
    { STR_INIT("TLP:GREEN"), 0x33FF00,
      STR_INIT("Recipients may share TLP:GREEN information within their community, but not through publicly "
               "accessible channels.") },
    { STR_INIT("TLP:AMBER"), 0xFFC000,
      STR_INIT("Recipients may share TLP:AMBER information with members of their own organisation and its "
               "clients on a "
               "need-to-know basis.") },
    { STR_INIT("TLP:AMBER+STRICT"), 0xFFC000,
      STR_INIT("Recipients may share TLP:AMBER+STRICT information only with members of their own "
               "organisation on a "
               "need-to-know basis.") },
    { STR_INIT("TLP:RED"), 0xFF2B2B,
      STR_INIT("TLP:RED information is for the eyes of its recipients only; it must not be shared.") },
};

/* An unknown label is taken for the strictest; without one, AMBER. Both are said under Limitations. */
static struct doc_tlp tlp_of(struct str label)
{
    if (label.n == 0)
        return tlps[2];
    for (size_t i = 0; i < sizeof tlps / sizeof *tlps; i++)
        if (str_eq_nocase(label, tlps[i].label))
            return tlps[i];
    return tlps[4];
}

static struct str or_else(struct str s, const char *otherwise)
{
    return s.n ? s : str_z(otherwise);
}

static void document_id(struct doc *d, const struct record *r)
{
    struct buf b = BUF_INIT;
    const struct str of[] = { r->run_id,       r->fingerprint, r->playbook.sha256,     r->playbook.name,
                              r->tool_version, r->status,      str_z(d->theme->sha256) };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        buf_u64(&b, of[i].n);
        buf_putc(&b, ':');
        buf_str(&b, of[i]);
    }
    buf_printf(&b, "%lld %lld", (long long)r->started, (long long)r->ended);
    sha256_hex(buf_view(&b), d->id);
    buf_free(&b);
}

static void furniture(struct doc *d, const struct record *r)
{
    struct arena *a = d->arena;
    d->eyebrow = d->theme->eyebrow.n ? d->theme->eyebrow : STR("Threat hunt report");
    d->note = d->theme->note;
    d->title = or_else(r->playbook.name, "Untitled hunt");
    d->subtitle = CAT(a, or_else(r->playbook.hunt_kind, "hunt"), STR(" \xc2\xb7 data up to "),
                      b_time(a, r->now));
    d->id_line = CAT(a, STR("run "), r->run_id);
    if (r->playbook.sha256.n)
        d->id_line = CAT(a, d->id_line, STR(" \xc2\xb7 playbook sha256 "),
                         str_sub(r->playbook.sha256, 0, 16));
    d->tlp = tlp_of(r->playbook.tlp);
    d->header = d->title;
    d->footer = CAT(a, STR("run "), r->run_id, STR(" \xc2\xb7 rendered from recorded results"));
    if (r->source.sample)
        d->banner = STR("Sample data: generated for demonstration, not from a real environment");
    d->lang = STR("en");
    d->author = r->analyst;
    d->subject = prose_plain(a, md_prose(a, &r->playbook.hypothesis));
    d->keywords = b_join(a, r->playbook.tags, r->playbook.ntags, ", ");
    d->generator = CAT(a, STR("huntbook "), r->tool_version);
    d->created = r->ended;
    if (d->theme->footer.n)
        d->footer = CAT(a, d->theme->footer, STR(" \xc2\xb7 run "), r->run_id);
    document_id(d, r);
}

/* Numbers of sections: "3" and below it "3.1". */
static void number_sections(struct arena *a, struct doc_node *parent, struct str prefix)
{
    int n = 0;
    for (struct doc_node *s = parent->first; s; s = s->next) {
        if (s->kind != DOC_SECTION || (prefix.n == 0 && s->u.section.number.n == 0))
            continue;
        n++;
        s->u.section.number = prefix.n ? arena_strf(a, "%.*s.%d", STR_ARG(prefix), n)
                                       : arena_strf(a, "%d", n);
        if (s->u.section.level < 2)
            number_sections(a, s, s->u.section.number);
    }
}

struct doc *doc_build(struct arena *a, const struct record *r, const struct doc_options *options)
{
    struct doc *d = ARENA_NEW(a, struct doc);
    struct builder b = { .a = a, .d = d, .r = r, .opt = options ? *options : (struct doc_options){ 0 } };
    if (b.opt.cell_bytes == 0)
        b.opt.cell_bytes = 4096;
    d->arena = a;
    d->pdf = b.opt.pdf;
    d->theme = b.opt.theme ? b.opt.theme : theme_builtin(a);
    furniture(d, r);
    d->root = doc_add(a, NULL, DOC_ROOT);
    part_cover(&b, doc_add(a, d->root, DOC_COVER));
    size_t order[NPARTS];
    part_order(d->theme, order);
    for (size_t k = 0; k < NPARTS; k++) {
        size_t i = order[k];
        if (parts[i].build == part_since && !r->since.dir.n)
            continue;
        if (parts[i].new_page)
            doc_add(a, d->root, DOC_PAGE_BREAK);
        struct doc_node *s = b_section(&b, d->root, 1, parts[i].title, parts[i].anchor);
        s->u.section.number = parts[i].numbered ? STR("?") : STR("");
        s->u.section.in_contents = parts[i].numbered;
        s->u.section.paper = parts[i].paper;
        parts[i].build(&b, s);
    }
    number_sections(a, d->root, STR(""));
    return d;
}
