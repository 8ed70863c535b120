/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON reader that goes through a text once, from front to back, and builds no tree.
 *
 * Every function returns false once something was wrong; `why` says what, and all later calls fail too.
 * Numbers stay text, so that no digit is lost.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdbool.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/str.h"

struct jr {
    const char *p, *end;
    const char *why; /* NULL: all well */
};

enum jr_kind { JR_NONE, JR_OBJECT, JR_ARRAY, JR_STRING, JR_NUMBER, JR_TRUE, JR_FALSE, JR_NULL };

struct jr jr_init(struct str text); /* a byte order mark is skipped */
enum jr_kind jr_peek(struct jr *r); /* what comes next; JR_NONE: the end, or nothing of JSON */
bool jr_string(struct jr *r, struct arena *a, struct str *out);
/* Any value: checked, skipped, and its text without needless blanks put into `compact` unless NULL. */
bool jr_value(struct jr *r, struct buf *compact);
/*
 * for (bool more = jr_open(&r, '{'); more; more = jr_more(&r, '}')) { jr_key(...); jr_value(...); }
 * jr_open is false for an empty one; ask r.why afterwards.
 */
bool jr_open(struct jr *r, char bracket);
bool jr_more(struct jr *r, char bracket);
bool jr_key(struct jr *r, struct arena *a, struct str *out);
bool jr_end(struct jr *r); /* nothing but blanks is left */
bool jr_fail(struct jr *r, const char *why);

#endif
