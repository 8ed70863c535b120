/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON reader that goes through a text once, from front to back, and builds no tree. The text may come in parts.
 *
 * Every function returns false once something was wrong; `why` says what, `cut` whether the text just ended too early,
 * and all later calls fail too. Numbers stay text, so that no digit is lost; texts that are no UTF-8 are refused.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdbool.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/str.h"

struct jr {
    const char *begin, *p, *end; /* what is at hand */
    const char *why;             /* NULL: all well */
    bool cut;
    const char *keep;  /* of the bytes before p: from here on they are still needed; NULL: none are */
    struct buf window; /* what is kept when more comes */
    size_t passed;     /* bytes before `begin` */
    /* The next part, empty at the end; it lives until the next call. False: there will be none. NULL: all is at hand. */
    bool (*more)(void *ctx, struct str *bytes);
    void *ctx;
};

enum jr_kind { JR_NONE, JR_OBJECT, JR_ARRAY, JR_STRING, JR_NUMBER, JR_TRUE, JR_FALSE, JR_NULL };

struct jr jr_init(struct str text); /* a byte order mark is skipped */
void jr_start(struct jr *r, bool (*more)(void *ctx, struct str *bytes), void *ctx); /* in parts; jr_free */
void jr_free(struct jr *r);
size_t jr_offset(const struct jr *r); /* bytes read so far */
enum jr_kind jr_peek(struct jr *r);   /* what comes next; JR_NONE: the end, or nothing of JSON */
bool jr_string(struct jr *r, struct arena *a, struct str *out);
/* A number, true, false, null or a text as it is written; anything else is an error. */
bool jr_scalar(struct jr *r, struct arena *a, struct str *out);
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
