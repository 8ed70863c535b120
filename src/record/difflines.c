/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that differ between two texts: the longest common subsequence, after what both begin and end with is left off.
 */
#include <string.h>

#include "hb/diff.h"
#include "hb/vec.h"

enum {
    TABLE_MAX = 16000000
}; /* entries of the table of lengths; beyond it all middle lines count as changed */

struct lines {
    struct str *items;
    size_t n;
};

static struct lines split(struct arena *a, struct str text)
{
    struct lines l = { 0 };
    size_t cap = 0;
    for (size_t at = 0; at < text.n;) {
        size_t end = str_chr(text, '\n', at);
        *VEC_PUSH(a, l.items, l.n, cap) = str_sub(text, at, end);
        at = end + 1;
    }
    return l;
}

static void put(struct buf *out, char sign, struct str line)
{
    buf_putc(out, sign);
    buf_str(out, line);
    buf_putc(out, '\n');
}

static void put_all(struct buf *out, const struct lines *x, const struct lines *y)
{
    for (size_t i = 0; i < x->n; i++)
        put(out, '-', x->items[i]);
    for (size_t i = 0; i < y->n; i++)
        put(out, '+', y->items[i]);
}

/* common[i][j]: how many lines of x[i..] and y[j..] are common, in order. */
static void put_changed(struct arena *a, struct buf *out, const struct lines *x, const struct lines *y)
{
    size_t width = y->n + 1;
    if (x->n + 1 > TABLE_MAX / width) {
        put_all(out, x, y);
        return;
    }
    uint32_t *common = ARENA_ARRAY(a, (x->n + 1) * width, uint32_t);
    for (size_t i = x->n; i-- > 0;)
        for (size_t j = y->n; j-- > 0;) {
            uint32_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];
            common[i * width + j] = str_eq(x->items[i], y->items[j]) ? common[(i + 1) * width + j + 1] + 1
                                    : down > right                   ? down
                                                                     : right;
        }
    size_t i = 0, j = 0;
    while (i < x->n || j < y->n) {
        if (i < x->n && j < y->n && str_eq(x->items[i], y->items[j]))
            i++, j++;
        else if (i < x->n && (j == y->n || common[(i + 1) * width + j] >= common[i * width + j + 1]))
            put(out, '-', x->items[i++]);
        else
            put(out, '+', y->items[j++]);
    }
}

void diff_lines(struct arena *a, struct str old, struct str new, struct buf *out)
{
    struct lines x = split(a, old), y = split(a, new);
    size_t head = 0, tail = 0;
    while (head < x.n && head < y.n && str_eq(x.items[head], y.items[head]))
        head++;
    while (tail < x.n - head && tail < y.n - head && str_eq(x.items[x.n - 1 - tail], y.items[y.n - 1 - tail]))
        tail++;
    if (head == x.n && head == y.n)
        return;
    put_changed(a, out, &(struct lines){ x.items + head, x.n - head - tail },
                &(struct lines){ y.items + head, y.n - head - tail });
}
