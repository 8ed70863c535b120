/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (libcrypto's), in one call or in pieces; of two small texts at once our own.
 */
#ifndef HB_SHA256_H
#define HB_SHA256_H

#include <stdbool.h>
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
/*
 * Two texts at once, in little more time than one where the processor has instructions for SHA-256. Asking it costs more than a
 * hash, so the answer is kept by whoever hashes many: has_two is what sha256_has_two said, or false.
 */
bool sha256_has_two(void);
void sha256_two(bool has_two, struct str a, unsigned char out_a[32], struct str b, unsigned char out_b[32]);
void sha256_hex(struct str s, char hex[65]);

#endif
