/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dynamic values are compact JSON text; here they are read in place, without building trees.
 *
 * "raw" is the text of one value inside a larger text: "\"a\"", "[1,2]". Readers accept any bytes: on text that is not JSON
 * they end early, they never read past it. Only json_compact checks that a text is JSON.
 */
#ifndef HB_ENGINE_JSCAN_H
#define HB_ENGINE_JSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "hb/buf.h"
#include "hb/str.h"

/* Deeper values count as text that is not JSON. */
enum { JSON_DEPTH_MAX = 1000 };

/* First byte of a value: { [ " t f n, '0' for a number, 0 when there is none. */
char json_kind(struct str raw);
static inline bool json_is_null(struct str raw)
{
    return json_kind(raw) == 'n';
}

/* End of the value that begins at i (blanks before it are skipped); at most s.n. */
size_t json_skip(struct str s, size_t i);

/* Members of an object or elements of an array. */
struct jiter {
    struct str s;
    size_t i;
    bool object;
};
/* False: raw is neither object nor array. */
bool jiter_begin(struct jiter *it, struct str raw);
/* The next one; name (raw, with its quotes) is set for objects only and may be NULL. */
bool jiter_next(struct jiter *it, struct str *name, struct str *value);
size_t json_count(struct str raw); /* members or elements; 0 for anything else */

/* The strings of an array, nested arrays flattened; other elements by their text, null left out. A lone value counts as one. */
struct jtexts {
    struct str s;
    size_t i;
    bool lone;
};
struct jtexts jtexts_begin(struct str raw);
bool jtexts_next(struct jtexts *it, struct str *raw);

/* Member by name, element by number (negative: from the end), value at a JSON pointer. False: not there. */
bool json_member(struct str raw, struct str name, struct str *out);
bool json_element(struct str raw, int64_t index, struct str *out);
bool json_pointer(struct str raw, struct str pointer, struct str *out);
/* Is this raw name (with quotes) that text? */
bool json_name_is(struct str raw_name, struct str name);

/* The text of a string without quotes and escapes; a lone surrogate becomes U+FFFD. */
void json_put_unescaped(struct buf *b, struct str raw);
/* A string unescaped, anything else as it is. */
void json_put_plain(struct buf *b, struct str raw);
/* Appends s without blanks. False, and b as before, when s is not JSON. */
bool json_compact(struct buf *b, struct str s);
/* Appends a form in which equal values have equal texts: names sorted, numbers normalised, strings re-escaped. */
void json_put_canon(struct buf *b, struct str raw);
/* Names sorted (bytewise), else as it is. */
void json_put_sorted(struct buf *b, struct str raw);

#endif
