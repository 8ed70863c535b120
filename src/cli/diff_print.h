/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A comparison of two runs as text and as JSON (cmd_diff.c).
 */
#ifndef DIFF_PRINT_H
#define DIFF_PRINT_H

#include "hb/buf.h"
#include "hb/diff.h"

void diff_put_text(struct buf *out, const struct diff *d);
void diff_put_json(struct buf *out, const struct diff_side *old, const struct diff_side *new,
                   const struct diff *d);

#endif
