/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that were struck, as lists of numbers: "3,7-9".
 */
#include "hb/record.h"

void record_put_rows(struct buf *out, const bool *flags, size_t n)
{
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        size_t end = i;
        if (!flags[i])
            continue;
        while (end + 1 < n && flags[end + 1])
            end++;
        buf_puts(out, first ? "" : ",");
        buf_u64(out, i + 1);
        if (end > i) {
            buf_putc(out, '-');
            buf_u64(out, end + 1);
        }
        first = false;
        i = end;
    }
}

bool record_parse_rows(struct str rows, bool *flags, size_t n)
{
    for (size_t at = 0; at < rows.n;) {
        size_t end = str_chr(rows, ',', at);
        struct str range = str_trim(str_sub(rows, at, end));
        size_t dash = str_chr(range, '-', 0);
        uint64_t from = 0, to = 0;
        if (!str_to_u64(str_sub(range, 0, dash), &from))
            return false;
        to = from;
        if (dash < range.n && !str_to_u64(str_sub(range, dash + 1, range.n), &to))
            return false;
        if (from == 0 || from > to || to > n)
            return false;
        for (uint64_t i = from; i <= to; i++)
            flags[i - 1] = true;
        at = end + 1;
    }
    return true;
}

bool *record_struck(struct arena *a, const struct record_cell *c, size_t *count)
{
    size_t n = c->rows > 0 && c->review.nstrikes ? (size_t)c->rows : 0;
    bool *flags = ARENA_ARRAY(a, n, bool);
    *count = 0;
    for (size_t i = 0; n && i < c->review.nstrikes; i++)
        (void)record_parse_rows(c->review.strikes[i].rows, flags, n);
    for (size_t i = 0; i < n; i++)
        *count += flags[i];
    return flags;
}
