/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours of code listings: a text cut into classed pieces. Every byte of the text is in exactly one piece,
 * in order. It colours, it does not judge: any text is fine.
 */
#ifndef HB_REPORT_HIGHLIGHT_H
#define HB_REPORT_HIGHLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "hb/str.h"

enum hl_class { HL_TEXT, HL_KEYWORD, HL_FUNCTION, HL_STRING, HL_NUMBER, HL_COMMENT, HL_OPERATOR };
enum { HL_CLASSES = HL_OPERATOR + 1 };

struct hl_language; /* a row of the table of languages */

struct hl {
    struct str text;
    size_t i;
    const struct hl_language *lang; /* NULL: all is HL_TEXT */
    enum hl_class in;               /* string or comment that goes on over a line end; HL_TEXT: none */
    struct str close;               /* what ends it */
};

/* language: "kql", "sql", "yaml"; others are not coloured. */
void hl_init(struct hl *h, struct str language, struct str text);
/* Next piece; false at the end. A piece never holds a line feed together with anything else. */
bool hl_next(struct hl *h, struct str *piece, enum hl_class *cls);

const char *hl_class_name(enum hl_class c); /* "keyword" */

#endif
