/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (libcrypto's), in one call or in pieces.
 */
#ifndef HB_SHA256_H
#define HB_SHA256_H

#include <stddef.h>

#include "hb/str.h"

struct sha256; /* opaque, heap */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, const void *p, size_t n);
/* Writes 64 lower-case hex digits and NUL, and frees h. */
void sha256_end(struct sha256 *h, char hex[65]);
/* The 32 raw bytes of one buffer. */
void sha256_bytes(struct str s, unsigned char out[32]);
/* The same without anything made for it: for many small buffers, four times faster. */
void sha256_small(struct str s, unsigned char out[32]);
void sha256_hex(struct str s, char hex[65]);

#endif
