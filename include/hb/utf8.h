/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, strictly, and the display rule for hostile text.
 *
 * The display rule: what cannot be seen or changes how its neighbours are read is shown as an escape. A bad
 * byte is
 * \\xNN; control characters, bidirectional controls, zero-width and invisible characters, variation
 * selectors, private use, tags and non-characters are \\u{HEX}. Everything else is itself.
 */
#ifndef HB_UTF8_H
#define HB_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/buf.h"
#include "hb/str.h"

enum { UTF8_BAD = 0x110000 };

/*
 * Decodes one code point at s.p + i (i < s.n) and advances i. A bad sequence (overlong, surrogate, truncated,
 * above U+10FFFF) gives UTF8_BAD and advances one byte.
 */
uint32_t utf8_next(struct str s, size_t *i);
size_t utf8_put(char out[4], uint32_t cp); /* bytes written; cp must be a scalar value */
bool utf8_valid(struct str s);
size_t utf8_count(struct str s); /* code points; a bad byte counts one */
/* Copies with bad bytes replaced by U+FFFD. */
void utf8_sanitize(struct buf *out, struct str s);
/* True when the display rule shows cp as an escape. Tab and newline are escaped too: callers that lay out
 * text handle them first. */
bool utf8_hidden(uint32_t cp);
/* Columns in a terminal: 0 for combining, 2 for wide East Asian and emoji, else 1. */
int utf8_width(uint32_t cp);

/*
 * Walks a string as runs for display: plain text, or one escape. Returns false at the end. For an escape,
 * `text` is the escape itself (\\u{202E}, \\xFF), stored in esc[].
 */
struct utf8_runs {
    struct str s;
    size_t i;
    char esc[16];
};
bool utf8_next_run(struct utf8_runs *r, struct str *text, bool *is_escape);

/* The whole string by the display rule, escapes inline. Safe for a terminal. */
void utf8_show(struct buf *out, struct str s);
/* The same, but newlines stay newlines and tabs become blanks: for messages of several lines. */
void utf8_show_lines(struct buf *out, struct str s);

#endif
