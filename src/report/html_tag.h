/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing HTML: a stack of open tags, and the only place that escapes.
 *
 *     html_tag(h, TAG_A);
 *     html_attr(h, "href", url);
 *     html_text(h, value);
 *     html_end(h, TAG_A);
 *
 * Attributes follow html_tag at once; the first text or tag ends them. A wrong nesting is a bug and fails an
 * assertion.
 */
#ifndef HB_REPORT_HTML_TAG_H
#define HB_REPORT_HTML_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/buf.h"
#include "hb/str.h"

enum tag {
    TAG_A,
    TAG_ASIDE,
    TAG_BDI,
    TAG_IMG,
    TAG_BLOCKQUOTE,
    TAG_BODY,
    TAG_BR,
    TAG_CODE,
    TAG_DD,
    TAG_DEL,
    TAG_DETAILS,
    TAG_DIV,
    TAG_DL,
    TAG_DT,
    TAG_EM,
    TAG_FIGCAPTION,
    TAG_FIGURE,
    TAG_FOOTER,
    TAG_H1,
    TAG_H2,
    TAG_H3,
    TAG_H4,
    TAG_H5,
    TAG_H6,
    TAG_HEAD,
    TAG_HEADER,
    TAG_HR,
    TAG_HTML,
    TAG_LI,
    TAG_MAIN,
    TAG_META,
    TAG_NAV,
    TAG_OL,
    TAG_P,
    TAG_PRE,
    TAG_SCRIPT,
    TAG_SECTION,
    TAG_SPAN,
    TAG_STRONG,
    TAG_STYLE,
    TAG_SUMMARY,
    TAG_TABLE,
    TAG_TBODY,
    TAG_TD,
    TAG_TH,
    TAG_THEAD,
    TAG_TITLE,
    TAG_TR,
    TAG_UL,
    TAG_WBR,
};

enum { HTML_DEPTH = 192 };

struct html {
    struct buf *out;
    enum tag stack[HTML_DEPTH];
    int depth;
    const bool *narrow; /* of the table being written: columns whose values are not broken; or NULL */
    bool in_tag;        /* attributes may still come */
    int heading;        /* level of the heading written last */
    int section;        /* level of the section that is open */
    uint64_t ids;       /* given out by html_id */
};

void html_tag(struct html *h, enum tag t);
void html_attr(struct html *h, const char *name, struct str value); /* by the display rule, escaped */
void html_attrz(struct html *h, const char *name, const char *value);
void html_attr_u(struct html *h, const char *name, uint64_t value);
void html_end(struct html *h, enum tag t);
/* html_tag with a class. */
void html_open(struct html *h, enum tag t, const char *class_name);

void html_text(struct html *h, struct str s);   /* by the display rule; escapes in alarm colour */
void html_plain(struct html *h, const char *z); /* text of our own */
void html_value(struct html *h, struct str s);  /* html_text inside <bdi> */
/* Text of a whole element: <tag class>text</tag>; class may be NULL. */
void html_element(struct html *h, enum tag t, const char *class_name, struct str s);
/* Markup that other code of ours wrote: a drawing, the style sheet, the script. */
void html_trusted(struct html *h, struct str markup);
void html_newline(struct html *h);

#endif
