/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passages: the way from decoded text back to the bytes of the file.
 *
 * Pieces are sorted by `from`; a position lies in the last piece that begins at or before it. An escape is a
 * piece of length 0: all of its decoded bytes lead to its first byte in the file.
 */
#include "playbook_int.h"

/* The last piece that begins at or before `offset`; p has pieces. */
static size_t find_piece(const struct passage *p, size_t offset)
{
    size_t lo = 0, hi = p->npieces;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->pieces[mid].from <= offset)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static size_t map_offset(const struct passage *p, size_t offset)
{
    const struct passage_piece *piece = &p->pieces[find_piece(p, offset)];
    size_t into = offset > piece->from ? offset - piece->from : 0;
    return piece->at + (into < piece->len ? into : piece->len);
}

struct span passage_map(const struct passage *p, struct span in)
{
    if (p->npieces == 0)
        return p->span;
    size_t from = in.offset < p->s.n ? in.offset : p->s.n;
    size_t len = in.len < p->s.n - from ? in.len : p->s.n - from;
    /* A position behind the last byte belongs to the piece of that byte, not to a piece that begins later. */
    size_t start = from == p->s.n && from > 0 ? map_offset(p, from - 1) + 1 : map_offset(p, from);
    size_t end = len > 0 ? map_offset(p, from + len - 1) + 1 : start;
    return (struct span){ start, end > start ? end - start : 0 };
}

struct passage passage_sub(struct arena *a, const struct passage *p, size_t from, size_t to)
{
    to = to < p->s.n ? to : p->s.n;
    from = from < to ? from : to;
    struct passage sub = { .s = arena_str(a, str_sub(p->s, from, to)) };
    sub.span = passage_map(p, (struct span){ from, to - from });
    if (p->npieces == 0)
        return sub;
    /* A text may be cut into very many parts: only the pieces of this one are touched. */
    size_t first = find_piece(p, from), end = first + 1;
    while (end < p->npieces && p->pieces[end].from < to)
        end++;
    struct passage_piece *pieces = ARENA_ARRAY(a, end - first, struct passage_piece);
    for (size_t i = first; i < end; i++) {
        struct passage_piece piece = p->pieces[i];
        size_t cut = piece.from < from ? from - piece.from : 0;
        size_t step = cut < piece.len ? cut : piece.len;
        pieces[sub.npieces++] = (struct passage_piece){ piece.from + cut - from, piece.at + step,
                                                        piece.len - step };
    }
    sub.pieces = pieces;
    return sub;
}

struct passage passage_of(struct str s)
{
    return (struct passage){ .s = s };
}
