/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dictionaries: a column as codes into its distinct values, and pairs of codes as keys.
 *
 * Invariant: codes are dense and in order of first appearance, so nothing depends on hash order.
 */
#include "analysis_int.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "hb/vec.h"

/* -- an open-addressing index from hashes to codes -- */

struct slot {
    uint64_t hash;
    uint32_t code; /* + 1; 0 = free */
};

struct index {
    struct arena *arena;
    struct slot *slots;
    size_t mask;
    uint32_t *first_row; /* per code */
    size_t n, cap;
};

static void index_init(struct index *x, struct arena *a)
{
    enum { FIRST_SLOTS = 4096 };
    *x = (struct index){ .arena = a, .mask = FIRST_SLOTS - 1 };
    x->slots = ARENA_ARRAY(a, FIRST_SLOTS, struct slot);
}

static void index_grow(struct index *x)
{
    struct slot *old = x->slots;
    size_t nold = x->mask + 1;
    x->mask = 4 * nold - 1;
    x->slots = ARENA_ARRAY(x->arena, 4 * nold, struct slot);
    for (size_t i = 0; i < nold; i++) {
        if (!old[i].code)
            continue;
        size_t at = old[i].hash & x->mask;
        while (x->slots[at].code)
            at = (at + 1) & x->mask;
        x->slots[at] = old[i];
    }
}

/* Makes the free slot `at` a new code. */
static uint32_t index_add(struct index *x, size_t at, uint64_t hash, size_t row)
{
    *VEC_PUSH(x->arena, x->first_row, x->n, x->cap) = (uint32_t)row;
    uint32_t code = (uint32_t)x->n - 1;
    x->slots[at] = (struct slot){ hash, code + 1 };
    if (2 * x->n > x->mask)
        index_grow(x);
    return code;
}

static uint64_t mix(uint64_t v)
{
    v ^= v >> 32;
    v *= UINT64_C(0xd6e8feb86659fd93);
    v ^= v >> 32;
    v *= UINT64_C(0xd6e8feb86659fd93);
    return v ^ (v >> 32);
}

/* -- cells -- */

/* 64 bits that are equal exactly for equal cells of a type that is not text. */
static uint64_t cell_bits(const struct column *c, size_t row)
{
    uint64_t bits;
    if (c->type == HB_BOOL)
        return c->v.b[row];
    if (c->type != HB_REAL)
        return (uint64_t)c->v.i[row];
    double v = isnan(c->v.f[row]) ? (double)NAN
                                  : c->v.f[row] + 0.0; /* NaNs are one value, and so are 0.0 and -0.0 */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static const uint64_t null_hash = UINT64_C(0x6e756c6c6e756c6c);

static bool is_text(const struct column *c)
{
    return hb_type_is_text(c->type);
}

static uint64_t cell_hash(const struct column *c, size_t row)
{
    if (column_is_null(c, row))
        return null_hash;
    return is_text(c) ? str_hash(c->v.s[row]) : mix(cell_bits(c, row));
}

static bool cell_equal(const struct column *c, size_t a, size_t b)
{
    if (column_is_null(c, a) || column_is_null(c, b))
        return column_is_null(c, a) && column_is_null(c, b);
    if (!is_text(c))
        return cell_bits(c, a) == cell_bits(c, b);
    struct str x = c->v.s[a], y = c->v.s[b];
    return x.n == y.n && (x.n == 0 || memcmp(x.p, y.p, x.n) == 0);
}

static uint32_t index_cell(struct index *x, const struct column *c, size_t row)
{
    uint64_t hash = cell_hash(c, row);
    size_t at = hash & x->mask;
    for (; x->slots[at].code; at = (at + 1) & x->mask)
        if (x->slots[at].hash == hash && cell_equal(c, x->first_row[x->slots[at].code - 1], row))
            return x->slots[at].code - 1;
    return index_add(x, at, hash, row);
}

static void copy_cell(struct column *to, size_t i, const struct column *from, size_t row)
{
    if (column_is_null(from, row)) {
        to->null[i] = 1;
        return;
    }
    if (is_text(from))
        to->v.s[i] = from->v.s[row];
    else if (from->type == HB_BOOL)
        to->v.b[i] = from->v.b[row];
    else if (from->type == HB_REAL)
        to->v.f[i] = from->v.f[row];
    else
        to->v.i[i] = from->v.i[row];
}

/* Some cells of a column, as a column of its own; text is shared. */
static struct column *pick_cells(struct arena *a, const struct column *c, const uint32_t *rows, size_t n)
{
    struct column *out = ARENA_NEW(a, struct column);
    out->name = c->name;
    out->type = c->type;
    if (is_text(c))
        out->v.s = ARENA_ARRAY(a, n, struct str);
    else if (c->type == HB_BOOL)
        out->v.b = ARENA_ARRAY(a, n, bool);
    else if (c->type == HB_REAL)
        out->v.f = ARENA_ARRAY(a, n, double);
    else
        out->v.i = ARENA_ARRAY(a, n, int64_t);
    out->null = c->null ? ARENA_ARRAY(a, n, uint8_t) : NULL;
    for (size_t i = 0; i < n; i++)
        copy_cell(out, i, c, rows[i]);
    return out;
}

static int64_t *count_codes(struct arena *a, const uint32_t *of_row, size_t nrows, size_t nvalues)
{
    int64_t *count = ARENA_ARRAY(a, nvalues, int64_t);
    for (size_t i = 0; i < nrows; i++)
        count[of_row[i]]++;
    return count;
}

void codes_from_column(struct arena *a, const struct column *c, size_t nrows, struct codes *out)
{
    assert(nrows < UINT32_MAX);
    struct arena *scratch = arena_new(0, "the distinct values of a column");
    struct index x;
    index_init(&x, scratch);
    uint32_t *of_row = ARENA_ARRAY(a, nrows, uint32_t);
    for (size_t i = 0; i < nrows; i++)
        of_row[i] = index_cell(&x, c, i);
    *out = (struct codes){ .name = c->name,
                           .nrows = nrows,
                           .of_row = of_row,
                           .nvalues = x.n,
                           .values = pick_cells(a, c, x.first_row, x.n),
                           .count = count_codes(a, of_row, nrows, x.n) };
    arena_free(scratch);
}

/* Drops dictionary entries that no row has: they would count as values of the data. */
static void drop_unused(struct arena *a, struct codes *c)
{
    uint32_t *kept = ARENA_ARRAY(a, c->nvalues, uint32_t), *renamed = ARENA_ARRAY(a, c->nvalues, uint32_t);
    uint32_t *of_row = ARENA_ARRAY(a, c->nrows, uint32_t);
    int64_t *count = ARENA_ARRAY(a, c->nvalues, int64_t);
    size_t n = 0;
    for (size_t i = 0; i < c->nvalues; i++) {
        if (!c->count[i])
            continue;
        renamed[i] = (uint32_t)n;
        count[n] = c->count[i];
        kept[n++] = (uint32_t)i;
    }
    for (size_t i = 0; i < c->nrows; i++)
        of_row[i] = renamed[c->of_row[i]];
    c->values = pick_cells(a, c->values, kept, n);
    c->of_row = of_row;
    c->count = count;
    c->nvalues = n;
}

bool codes_from_dict(struct arena *a, const uint32_t *of_row, size_t nrows, const struct column *values,
                     size_t nvalues, struct codes *out, struct err *err)
{
    for (size_t i = 0; i < nrows; i++)
        if (of_row[i] >= nvalues)
            return err_set(err, ERR_RUN, "column '%.*s': row %zu has code %u, but there are %zu values",
                           STR_ARG(values->name), i, of_row[i], nvalues);
    *out = (struct codes){ .name = values->name,
                           .nrows = nrows,
                           .of_row = of_row,
                           .nvalues = nvalues,
                           .values = values,
                           .count = count_codes(a, of_row, nrows, nvalues) };
    for (size_t i = 0; i < nvalues; i++) {
        if (!out->count[i]) {
            drop_unused(a, out);
            break;
        }
    }
    return true;
}

/* -- pairs -- */

static uint32_t index_pair(struct index *x, uint64_t pair, size_t row)
{
    uint64_t hash = mix(pair); /* a bijection: equal hashes are equal pairs */
    size_t at = hash & x->mask;
    for (; x->slots[at].code; at = (at + 1) & x->mask)
        if (x->slots[at].hash == hash)
            return x->slots[at].code - 1;
    return index_add(x, at, hash, row);
}

/* Few possible pairs: a table is faster than a hash. */
static size_t pairs_by_table(struct arena *scratch, const uint32_t *first, const uint32_t *second,
                             size_t nsecond, size_t possible, size_t nrows, uint32_t *of_row)
{
    uint32_t *code = ARENA_ARRAY(scratch, possible, uint32_t); /* + 1; 0 = not seen */
    uint32_t n = 0;
    for (size_t i = 0; i < nrows; i++) {
        uint32_t *at = &code[(size_t)first[i] * nsecond + second[i]];
        if (!*at)
            *at = ++n;
        of_row[i] = *at - 1;
    }
    return n;
}

size_t codes_pair(const uint32_t *first, size_t nfirst, const uint32_t *second, size_t nsecond, size_t nrows,
                  uint32_t *of_row)
{
    enum { TABLE_MAX = 1 << 22 };
    struct arena *scratch = arena_new(0, "the distinct rows of several features");
    size_t n;
    if ((uint64_t)nfirst * nsecond <= TABLE_MAX) {
        n = pairs_by_table(scratch, first, second, nsecond, nfirst * nsecond, nrows, of_row);
    } else {
        struct index x;
        index_init(&x, scratch);
        for (size_t i = 0; i < nrows; i++)
            of_row[i] = index_pair(&x, (uint64_t)first[i] << 32 | second[i], i);
        n = x.n;
    }
    arena_free(scratch);
    return n;
}
