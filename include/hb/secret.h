/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets: passwords, keys and tokens. One copy, on the heap, overwritten before it is freed.
 *
 * Invariant: the bytes of a secret are never printed into a struct err, a log line, an arena or a record.
 * Text that holds a secret (a form, a header) is built in a struct buf whose room was reserved beforehand, so
 * that it does not move, and ends in buf_wipe.
 */
#ifndef HB_SECRET_H
#define HB_SECRET_H

#include "hb/buf.h"
#include "hb/str.h"

struct secret {
    char *p; /* NUL-terminated; NULL: none */
    size_t n;
};

/* Replaces what was there. */
void secret_set(struct secret *s, struct str text);
void secret_wipe(struct secret *s);
struct str secret_view(const struct secret *s);
/* A process that holds secrets leaves no core file and cannot be traced by others of its user. */
void secret_guard(void);
/* Overwrites the bytes and frees the buffer. */
void buf_wipe(struct buf *b);

#endif
