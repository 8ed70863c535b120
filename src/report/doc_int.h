/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that build a document share: the builder, prose under construction, tables of our own.
 */
#ifndef HB_REPORT_DOC_INT_H
#define HB_REPORT_DOC_INT_H

#include "doc.h"
#include "hb/record.h"

/* Prose under construction: neighbours that look the same become one run. */
struct pb {
    struct arena *a;
    struct run *runs;
    size_t n, cap;
    struct buf text; /* of the run that is open */
    unsigned flags;
    struct str href;
};
void pb_init(struct pb *p, struct arena *a);
void pb_add(struct pb *p, struct str text, unsigned flags, struct str href);
void pb_z(struct pb *p, const char *text);    /* plain text of our own */
void pb_str(struct pb *p, struct str value);  /* a value of the record: RUN_VALUE */
void pb_code(struct pb *p, struct str value); /* the same in monospace */
void pb_count(struct pb *p, int64_t n);
void pb_break(struct pb *p);
struct prose pb_end(struct pb *p); /* and frees what building needed */

struct builder {
    struct arena *a;
    struct doc *d;
    const struct record *r;
    struct doc_options opt;
    int tables, figures; /* numbered so far */
};

/* Nodes. Each returns the node, added last below `parent`. */
struct doc_node *b_section(struct builder *b, struct doc_node *parent, int level, const char *title,
                           const char *anchor);
struct doc_node *b_para(struct builder *b, struct doc_node *parent, struct prose text);
/* What the note of a cell says, who wrote it and when. */
void b_note(struct builder *b, struct doc_node *parent, const struct record_cell *c);
struct doc_node *b_para_z(struct builder *b, struct doc_node *parent, const char *text);
struct doc_node *b_callout(struct builder *b, struct doc_node *parent, enum doc_tone tone, const char *label,
                           struct str title);
/* Items of plain texts; nothing when n is 0. */
struct doc_node *b_list(struct builder *b, struct doc_node *parent, const struct str *items, size_t n);
/* http:, https: and mailto: links, percent-encoded; the empty view for any other. */
struct str doc_safe_href(struct arena *a, struct str url);

/* A table of our own: text columns, and COLUMN_GROUPED ones of whole numbers (null until set). */
struct b_column {
    const char *title;
    enum doc_column_style style;
};
struct doc_table *b_table(struct builder *b, struct doc_node *parent, const char *caption,
                          const struct b_column *cols, size_t ncols, size_t nrows);
void b_set(struct doc_table *t, size_t row, size_t col, struct str text);
void b_set_z(struct doc_table *t, size_t row, size_t col, const char *text);
void b_set_count(struct doc_table *t, size_t row, size_t col, int64_t n); /* n < 0: stays null */

/* Pairs under construction. */
void b_pair(struct builder *b, struct doc_node *pairs, const char *name, struct prose value);
void b_pair_str(struct builder *b, struct doc_node *pairs, const char *name,
                struct str value); /* empty: not added */

struct str b_time(struct arena *a, int64_t ticks);  /* 2026-01-15 06:02:11Z */
struct str b_duration(struct arena *a, int64_t us); /* 1.7 ms, 2 min 26 s */
struct str b_join(struct arena *a, const struct str *items, size_t n, const char *sep);
/* Texts one after the other; unlike printf it keeps NUL bytes. */
#define CAT(a, ...)                                                                                          \
    b_join((a), (const struct str[]){ __VA_ARGS__ },                                                         \
           sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str), "")
struct str cell_name(struct builder *b, const struct record_cell *c); /* its title, else its id */
struct str cell_anchor(struct builder *b, const struct record_cell *c);
const struct record_cell *cell_by_id(const struct record *r, struct str id); /* or NULL */
const char *cell_state(const struct record_cell *c);                         /* "ok", "skipped" ... */
int severity_rank(struct str severity); /* 0 unknown or informational .. 3 high */
/* A finding and the step that declares it, by severity, then in order of the steps. Returns how many. */
struct finding_ref {
    const struct record_cell *cell;
    const struct record_finding *finding;
};
size_t b_findings(struct builder *b, bool open, struct finding_ref **out);
void b_findings_table(struct builder *b, struct doc_node *parent);
/* The playbook, and every file that a step left, with its hash (doc_attach.c). */
struct manifest_file {
    struct str path, sha256;
    int64_t bytes, rows;            /* -1: not known, not a table */
    const struct record_cell *cell; /* NULL: of the run */
};
/* SHA-256 over the lines that SHA256SUMS has of these files: one hash that stands for the evidence. */
struct str b_evidence_hash(struct builder *b);
size_t b_manifest(struct builder *b, struct manifest_file **out);
/* Chooses what the PDF carries, and says so. */
void b_attachments(struct builder *b, struct doc_node *parent, const struct manifest_file *files, size_t n);
struct str finding_name(struct builder *b, const struct finding_ref *f);
/* 198[.]51[.]100[.]7: kinds of entities that programs make links of; others are given back as they are. */
struct str b_defang(struct arena *a, struct str type, struct str value);
/* A numbered table of data with all of its rows; what else differs is set by the caller. */
struct doc_table *b_data_table(struct builder *b, struct doc_node *parent, struct str caption,
                               const struct table *rows);
/* Whether the PDF puts a listing of the step into the appendix. */
struct str cell_appendix(struct builder *b, const struct record_cell *c);
void b_listing(struct builder *b, struct doc_node *s, const char *language, const char *caption,
               struct str text, size_t first, struct str appendix);
/* The note that concludes the hunt: the last with a verdict, or NULL. */
const struct record_cell *conclusion_of(const struct record *r);
size_t count_warnings(const struct record *r);

/* Parts of the report, in the order of the table in doc.c. */
void part_cover(struct builder *b, struct doc_node *parent);
void part_summary(struct builder *b, struct doc_node *s);
void part_contents(struct builder *b, struct doc_node *s);
void part_method(struct builder *b, struct doc_node *s);
void part_scope(struct builder *b, struct doc_node *s);
void part_findings(struct builder *b, struct doc_node *s);
void part_since(struct builder *b, struct doc_node *s); /* since.c; only when the run was to be compared */
/* What a person struck of a step's rows (review.c). */
void b_review(struct builder *b, struct doc_node *s, const struct record_cell *c);
void part_timeline(struct builder *b, struct doc_node *s);
void part_indicators(struct builder *b, struct doc_node *s);
void part_next_steps(struct builder *b, struct doc_node *s);
void part_steps(struct builder *b, struct doc_node *s);
void part_signoff(struct builder *b, struct doc_node *s);
void part_limitations(struct builder *b, struct doc_node *s);
void part_evidence(struct builder *b, struct doc_node *s);
void part_custody(struct builder *b, struct doc_node *s);
void part_legend(struct builder *b, struct doc_node *s);
void part_appendix(struct builder *b, struct doc_node *s);

#endif
