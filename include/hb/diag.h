/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: many per input, each with a place. A pass notes one and goes on.
 *
 * Printed as
 *     hunt.yaml:12:7: error: unknown key 'querry'
 *        12 |     querry: |
 *           |     ^~~~~~ did you mean 'query'?
 * Lines and columns count from 1; a column counts code points. Offsets are bytes from 0.
 */
#ifndef HB_DIAG_H
#define HB_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/str.h"

enum diag_level { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

/* A text with a name. For text inside a larger file (a query in a playbook) map its offsets with origin. */
struct source {
    struct str name; /* as shown: a path, "query" or "command line" */
    struct str text;
};

struct span {
    size_t offset, len; /* bytes of source.text */
};

struct diag {
    enum diag_level level;
    const struct source *source; /* NULL: no place known */
    struct span span;
    struct str message; /* one line, no full stop */
    struct str hint;    /* how to mend it, shown behind the caret; may be empty */
};

struct diags {
    struct arena *arena; /* holds messages and list */
    struct diag *items;
    size_t n, cap;
    size_t errors, warnings;
};

void diags_init(struct diags *d, struct arena *a);
/* Adds one. `hint` may be NULL. After 100 errors further ones are counted but not kept. */
void diag_add(struct diags *d, enum diag_level level, const struct source *src, struct span span,
              const char *hint, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Line and column (from 1) of a byte offset. */
void source_locate(const struct source *src, size_t offset, size_t *line, size_t *column);
/* The text of line `line` (from 1), without its newline. */
struct str source_line(const struct source *src, size_t line);

/* One diagnostic with source line and caret; long lines are windowed, hostile characters shown as escapes. */
void diag_print(struct buf *out, const struct diag *d, bool colour);
/* All, in order of their place within each source, then "N errors, M warnings". */
void diags_print(FILE *f, const struct diags *d, bool colour);

#endif
