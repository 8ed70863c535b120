/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HTML writer share.
 */
#ifndef HB_REPORT_HTML_INT_H
#define HB_REPORT_HTML_INT_H

#include "doc.h"
#include "html_tag.h"

void html_prose(struct html *h, struct prose p);
const char *html_mark_class(enum doc_mark mark); /* "ok", "info", "warning", "bad", "none" */
void html_badge(struct html *h, enum doc_mark mark, struct str word);
void html_listing(struct html *h, const struct doc_listing *l);
void html_table(struct html *h, const struct doc_table *t);
/* "Table 3. Caption": `what` is the word; number 0 gives the caption alone. */
void html_caption(struct html *h, const char *what, int number, struct str caption);

#endif
