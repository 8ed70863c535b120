/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unicode simple case folding for the scripts that have case: one code point to one.
 */
#ifndef HB_ENGINE_UDF_FOLD_H
#define HB_ENGINE_UDF_FOLD_H

#include "hb/buf.h"
#include "hb/str.h"

uint32_t fold_code_point(uint32_t cp);
/* Appends s with every code point folded; bad bytes become U+FFFD. */
void fold_put(struct buf *out, struct str s);

#endif
