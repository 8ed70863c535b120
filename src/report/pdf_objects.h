/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDF objects: the file as numbered dictionaries, streams and pages, written by libharu.
 *
 * The bodies of dictionaries are text that the caller wrote ("/Type /Annot /Rect [0 0 1 1]", without << >>), so
 * this is all the renderer needs to know of the library. The file depends on nothing but the calls made: no clock,
 * no locale, no random numbers.
 */
#ifndef HB_REPORT_PDF_OBJECTS_H
#define HB_REPORT_PDF_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"

typedef uint32_t pdf_id; /* number of an indirect object, from 1: "%u 0 R" refers to it */

struct pdf; /* a document under construction; owned by the caller */

const char *pdf_library(void); /* its name, and the version of the one that is loaded */
const char *pdf_library_version(void);

/* Bodies are copied into the arena. A failure of the library is kept and reported by pdf_save. `minor`: 4 for PDF 1.4. */
struct pdf *pdf_new(struct arena *a, int minor);
void pdf_free(struct pdf *p); /* NULL is allowed */

/* A dictionary; its body may be given later. */
pdf_id pdf_object(struct pdf *p);
void pdf_object_set(struct pdf *p, pdf_id id, struct str body);
pdf_id pdf_object_new(struct pdf *p, struct str body);
/* A stream: `body` holds entries beside Length and Filter. */
enum pdf_pack { PDF_STORED, PDF_FAST, PDF_DEFLATED };
pdf_id pdf_stream(struct pdf *p, struct str body, struct str bytes, enum pdf_pack pack);

/* Bodies of the objects that every file has. */
void pdf_set_catalog(struct pdf *p, struct str body); /* beside Type and Pages */
void pdf_set_info(struct pdf *p, struct str body);
void pdf_set_ids(struct pdf *p, const unsigned char id[16]);

/* Pages, in order. Sizes in whole points. */
struct pdf_page {
    pdf_id id;
    void *handle; /* the library's page */
};
struct pdf_page pdf_page(struct pdf *p, int width, int height);
/* Operators drawn first: deflated at once, so that a long document stays small in memory. At most once a page. */
void pdf_page_body(struct pdf *p, struct pdf_page page, struct str operators);
/* Closes a page: further operators (drawn after the body), shared resources, annotations, key in the parent tree. */
void pdf_page_end(struct pdf *p, struct pdf_page page, struct str operators, pdf_id resources,
                  const pdf_id *annots, size_t nannots, int struct_parents);

/* Writes the file durably (temporary name, rename). */
bool pdf_save(struct pdf *p, const char *path, struct err *err);

/* -- parts of bodies -- */

void pdf_put_ref(struct buf *b, pdf_id id);            /* "12 0 R" */
void pdf_put_fixed(struct buf *b, int64_t hundredths); /* 1234 -> "12.34" */
/* A text string in UTF-16; what cannot be seen is written as escapes (display rule). */
void pdf_put_text(struct buf *b, struct str utf8);
/* A byte string: ( ) \ escaped. */
void pdf_put_bytes(struct buf *b, struct str bytes);
/* XML text: display rule, then & < > " escaped. */
void pdf_put_xml(struct buf *b, struct str utf8);

#endif
