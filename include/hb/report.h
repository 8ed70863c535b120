/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports: a record in, HTML and PDF out.
 *
 *     struct doc *d = doc_build(arena, record, NULL);
 *     report_html(&buf, d, &err) && report_pdf(d, run_folder, "report.pdf", &err)
 *
 * doc_build makes a tree of sections, prose, tables and figures (src/report/doc.h) from the record alone; the
 * writers turn that tree into files. Nothing here runs a cell, reads a clock or asks the locale: the same
 * record gives the same bytes. Every text of a record may be hostile; in the outputs it is visible and
 * harmless (display rule, hb/utf8.h).
 */
#ifndef HB_REPORT_H
#define HB_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/err.h"
#include "hb/record.h"

struct doc;

/* Both are tagged, and archives take them; only PDF/A-3 allows files inside. */
enum report_pdf_kind {
    REPORT_PDF_A3B, /* with the record, the playbook and what the steps left attached */
    REPORT_PDF_A1B, /* without attachments */
};

/*
 * A theme: how reports look (docs/themes.md). The built-in one, or a folder with theme.yaml; its faults are diagnostics, and
 * then the result is NULL. Warnings (a contrast below what WCAG AA asks for, a font that is not there) do not stop it. A theme
 * hangs off the arena. Files of a stranger are safe to load: nothing of them becomes markup, style or script.
 */
struct theme;
struct theme_file {
    struct str name, bytes; /* a plain file name */
};
const struct theme *theme_builtin(struct arena *a);
const struct theme *theme_load(struct arena *a, const char *dir, struct diags *d);
/* The same of a text; files it names are looked for in `dir`. The text must live as long as the theme. */
const struct theme *theme_parse(struct arena *a, const char *dir, const struct source *src, struct diags *d);
struct str theme_name(const struct theme *t);
const char *theme_sha256(
    const struct theme *t); /* over the names and bytes of its files; "" for the built-in */
const struct theme_file *theme_files(const struct theme *t, size_t *n); /* theme.yaml first */

struct doc_options {
    const struct theme *theme; /* NULL: the built-in one */
    size_t rows;               /* rows a page shows of each table; 0: as the record says */
    size_t
        cell_bytes; /* longest value shown in a table of the HTML report, the rest is cut and said; 0: 4096 */
    enum report_pdf_kind pdf;
};

/* Never fails: what a record lacks is said in the document. `r` must live as long as the document. NULL
 * options: all defaults. */
struct doc *doc_build(struct arena *a, const struct record *r, const struct doc_options *options);

/* One self-contained file: no network, no external file; works without script. Appends to `out`. */
bool report_html(struct buf *out, const struct doc *d, struct err *err);
/*
 * Written to a temporary name and renamed. `dir` is the folder of the run, from which the attachments are read; one whose
 * bytes are not those of the record is an error (ERR_VERIFY). NULL is allowed where nothing is attached (REPORT_PDF_A1B).
 */
bool report_pdf(const struct doc *d, const char *dir, const char *path, struct err *err);

/* What a PDF of that theme (NULL: the built-in one) is drawn with here, since its bytes depend on it: libraries, and the fonts
 * of its faces and fall-backs. */
void report_drawn_with(struct arena *a, const struct theme *t, struct record_tool **out, size_t *n);

/* GitHub's Markdown, for tickets and reviews. Appends to `out`. */
bool report_md(struct buf *out, const struct doc *d, struct err *err);

/* The document as an indented outline, one node a line: for golden files and for issues. */
void doc_dump(struct buf *out, const struct doc *d);

#endif
