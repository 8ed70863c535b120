/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document model: what a report shows, before it is HTML, PDF or Markdown.
 *
 * struct doc = furniture (what stands on every page) + a tree of nodes. doc.c builds it from a record, md.c
 * from Markdown; html.c, pdf.c and others only read it. A writer walks `first`/`next` and has one function
 * per node kind.
 *
 * Texts: every struct str here may be hostile (any bytes) unless said otherwise; writers pass all of them
 * through the display rule (utf8_next_run) and paint its escapes in alarm colour. Texts made by doc.c itself
 * are plain ASCII or UTF-8 and pass unchanged.
 *
 * To add a kind of node: a value of enum doc_kind, a struct in the union, a row in doc_kinds (doc_dump.c),
 * one function in each writer.
 */
#ifndef HB_REPORT_DOC_H
#define HB_REPORT_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/chart.h"
#include "hb/report.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- text in lines: a flat list of runs, so that a line breaker needs no stack -- */

enum run_flags {
    RUN_STRONG = 1 << 0,
    RUN_EM = 1 << 1,
    RUN_STRIKE = 1 << 2,
    RUN_CODE = 1 << 3,  /* monospace; white space kept */
    RUN_VALUE = 1 << 4, /* a value of the data: isolated from the direction of its neighbours, never markup */
    RUN_BREAK = 1 << 5, /* a hard line break; text is empty */
};

struct run {
    struct str text;
    unsigned flags;
    struct str href; /* empty: no link. "#anchor" of a section, or http:, https:, mailto: (checked;
                        percent-encoded ASCII) */
};

struct prose {
    struct run *runs;
    size_t n;
};

/* -- nodes -- */

enum doc_kind {
    DOC_ROOT,
    DOC_COVER,   /* kids: pairs and callouts; its title lines are furniture */
    DOC_SECTION, /* heading + kids */
    DOC_HEADING, /* a heading inside a cell's prose: not numbered, not in the contents */
    DOC_PARA,
    DOC_LIST, /* kids are DOC_ITEM */
    DOC_ITEM, /* kids are blocks */
    DOC_QUOTE,
    DOC_RULE,
    DOC_LISTING,
    DOC_PAIRS,
    DOC_TILES,
    DOC_FACTS,
    DOC_CHECKS,
    DOC_CALLOUT,
    DOC_TABLE,
    DOC_FIGURE,
    DOC_CONTENTS, /* made by the writer from the sections that have in_contents */
    DOC_SIGNATURES,
    DOC_PAGE_BREAK,
};
enum { DOC_KINDS = DOC_PAGE_BREAK + 1 };

/* How a thing is to be seen. Never by colour alone: writers print doc_mark_word beside or inside it. */
enum doc_mark { MARK_NONE, MARK_OK, MARK_INFO, MARK_WARNING, MARK_BAD };

struct doc_section {
    int level;         /* 1.. */
    struct str number; /* "3", "3.2"; empty: not numbered. ASCII */
    struct str title;
    struct str anchor; /* unique; [a-z0-9_-]+ */
    bool in_contents;
    bool paper; /* only where things cannot be unfolded: the appendix. HTML and Markdown leave it out */
    enum doc_mark mark; /* of a cell: how it ended */
    struct str
        state; /* of a cell: the same in a word for the contents ("failed", "finding"); empty when there is nothing to say */
    struct str tag; /* small word beside the title ("kql", "chart"); may be empty */
};

struct doc_list {
    bool ordered, tight;
    unsigned start;
};

enum doc_task { TASK_NONE, TASK_OPEN, TASK_DONE };

struct doc_listing {
    struct str language; /* "kql", "sql", "yaml", "" : highlight.h knows which it can colour */
    struct str caption;  /* "Query as written"; may be empty */
    struct str text;
    size_t first_line;   /* number of the first line; 0: lines are not numbered */
    struct str appendix; /* not empty: HTML folds it; on paper it stands in the section of this anchor */
};

struct doc_pair {
    struct str name;
    struct prose value;
    enum doc_mark mark;
    struct str mark_word; /* beside the value: "missing", "ok"; empty: none */
};

struct doc_pairs {
    struct str caption; /* may be empty */
    struct doc_pair *items;
    size_t n;
};

struct doc_tile {
    struct str value, label;
    enum doc_mark mark; /* MARK_BAD: alarm colour */
};

struct doc_tiles {
    struct doc_tile *items;
    size_t n;
};

/* One line of small facts under a heading: a badge, then facts parted by middle dots. */
struct doc_facts {
    enum doc_mark mark;
    struct str badge;
    struct prose *items;
    size_t n;
};

struct doc_check {
    enum doc_mark mark;
    struct str verdict; /* "passed", "failed", "warning", "could not be evaluated" */
    struct str that;    /* an expression: set as code */
    struct str text;    /* what it means; may be empty */
};

struct doc_checks {
    struct str caption;
    struct doc_check *items;
    size_t n;
};

enum doc_tone { TONE_NOTE, TONE_OK, TONE_WARNING, TONE_BAD, TONE_FINDING, TONE_CONCLUSION };

struct doc_callout { /* kids are its body */
    enum doc_tone tone;
    struct str label;    /* "Finding 1", "Warning": set in small capitals or bold above the title */
    struct str title;    /* may be empty */
    struct str severity; /* finding: informational low medium high; else empty */
};

enum doc_column_style {
    COLUMN_TEXT,
    COLUMN_NUMBER,  /* right-aligned */
    COLUMN_GROUPED, /* right-aligned, digits in groups of three: counts of our own */
    COLUMN_CODE,    /* monospace: hashes, paths, command lines */
    COLUMN_MARK,    /* the text is a state or severity: a badge (doc_mark_of) */
};

struct doc_column {
    struct str title;
    enum doc_column_style style;
    enum hb_type type; /* of the data, for a hint; HB_UNKNOWN for tables of our own */
};

struct doc_table {
    int number; /* "Table 3"; 0: not numbered */
    struct str caption;
    struct doc_column *columns;
    size_t ncolumns;
    const struct table
        *rows;     /* column i of the table is columns[i]. May have no rows: `empty` is shown then */
    size_t show;   /* rows to print on paper, <= rows->nrows; HTML may offer all of rows */
    int64_t total; /* rows of the whole result, >= rows->nrows */
    const struct prose
        *prose;        /* row by row, nrows * ncolumns of them, or NULL: the same cells as richer text */
    const bool *alarm; /* rows->nrows of them, or NULL: rows to be marked */
    const struct str
        *anchors;        /* rows->nrows of them, or NULL: "" or a section that the first column links to */
    struct str evidence; /* file with all rows, relative to the run folder; may be empty */
    struct str note;     /* sentences about its rows: how they are ordered and the like; may be empty */
    struct str empty;    /* what to say when there are no rows */
    bool data;           /* rows of the data: HTML gives search and sorting */
    size_t cell_bytes;   /* longest value HTML shows */
};

struct doc_figure {
    int number;
    struct str caption;
    struct str alt;                /* what the chart shows, in words */
    struct str note;               /* "" or what is not drawn; always shown */
    const struct drawing *drawing; /* NULL: it could not be read; `alt` and `file` are shown */
    struct str file;               /* charts/NN-id.svg */
    struct str id;                 /* unique; [a-z0-9_-]+: prefix for ids inside the drawing */
};

struct doc_signature {
    struct str role, name; /* name may be empty: to be filled in by hand */
};

struct doc_node {
    enum doc_kind kind;
    struct doc_node *first, *last, *next;
    union {
        struct doc_section section;
        struct {
            int level; /* 1..6 as in the Markdown */
            struct prose text;
        } heading;
        struct prose para;
        struct doc_list list;
        enum doc_task item;
        struct doc_listing listing;
        struct doc_pairs pairs;
        struct doc_tiles tiles;
        struct doc_facts facts;
        struct doc_checks checks;
        struct doc_callout callout;
        struct doc_table table;
        struct doc_figure figure;
        struct {
            struct doc_signature *items;
            size_t n;
        } signatures;
    } u;
};

/* -- the document -- */

struct doc_tlp {
    struct str label; /* "TLP:AMBER+STRICT". ASCII */
    uint32_t rgb;     /* of the label on black */
    struct str rule;  /* who may be told, in a sentence */
};

/* A file of the run that the PDF carries. */
struct doc_attachment {
    struct str path; /* below the run folder; checked: cannot lead out of it */
    struct str name; /* unique among all; shown text */
    const char *mime;
    const char *relation; /* AFRelationship: Source, Data, Supplement, Alternative */
    struct str sha256;    /* empty: not known beforehand (run.json) */
};

struct doc {
    struct arena *arena;
    /* cover */
    struct str eyebrow; /* "Threat hunt report" */
    struct str title;
    struct str subtitle;
    struct str note;    /* who prepared the report, by the theme; may be empty */
    struct str id_line; /* playbook id, run id, hashes: monospace */
    /* every page */
    struct doc_tlp tlp;
    struct str header; /* left of the running header */
    struct str footer; /* beside "Page x of y": run id, "rendered from recorded results" */
    struct str banner; /* sample data: a notice on every page; empty: none */
    /* metadata */
    struct str lang; /* "en" */
    struct str author, subject, keywords, generator;
    int64_t created; /* ticks: end of the run; the only clock */
    char id[65];     /* SHA-256 over what identifies the record, for PDF ids */
    enum report_pdf_kind pdf;
    const struct theme *theme; /* NULL: the built-in one */
    struct doc_attachment *attachments;
    size_t nattachments;
    struct doc_node *root;
};

/* -- for builders (doc.c, md.c) -- */

/* A new last child of `parent` (NULL: a node of its own). */
struct doc_node *doc_add(struct arena *a, struct doc_node *parent, enum doc_kind kind);
struct str prose_plain(struct arena *a, struct prose p); /* its text; breaks are blanks */
struct prose prose_text(struct arena *a, struct str text,
                        unsigned flags); /* one run, or none for an empty text */
/*
 * Markdown (GitHub's dialect, no HTML) as blocks below `parent`. Placeholders U+F0000 + i become RUN_VALUE
 * runs of values[i]; other private-use characters of the text stay what they are and are shown as escapes.
 * Links with other schemes than http, https, mailto lose the link, images become their text. Nesting beyond
 * 24 levels is flattened.
 */
void md_build(struct arena *a, struct doc_node *parent, const struct record_prose *p);
/* Inline Markdown only: paragraphs joined by breaks. */
struct prose md_prose(struct arena *a, const struct record_prose *p);

/* -- for writers -- */

/*
 * A cell as people read it (cell_put_human; grouped digits where the column says so) at most `limit` bytes
 * (0: all), cut between characters. *whole gets the length of the uncut text. Returns false for a null value,
 * which writers show as a dash.
 */
bool doc_cell(struct buf *out, const struct doc_table *t, size_t row, size_t col, size_t limit,
              size_t *whole);
/* The longest start of `s` of at most `limit` bytes (0: all) that does not end inside a character. */
struct str doc_cut(struct str s, size_t limit);
/* "first 10 of 1,234 rows; all rows: cells/04-x.csv" for a table of which `shown` rows are printed; empty
 * when all are. */
void doc_table_shown(struct buf *out, const struct doc_table *t, size_t shown);
void doc_put_count(struct buf *out, int64_t n); /* 1,234,567 */
enum doc_mark doc_mark_of(
    struct str word); /* ok failed skipped high medium missing ...: COLUMN_MARK, badges */
const char *doc_tone_word(enum doc_tone tone); /* "warning" */

#endif
