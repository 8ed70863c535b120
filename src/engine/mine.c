/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoding of rows for mining, and the one pass over them that tells what a pattern holds (mine.h).
 *
 * Nothing here depends on the order in which rows come: numbers of values are given by weight and text, and weights are whole
 * numbers, whose sums are exact.
 */
#include "mine.h"

#include <stdlib.h>
#include <string.h>

#include "hb/vec.h"

/* -- the values of a column -- */

struct value {
    struct str text;
    double wa, wb;
    uint32_t code;
};

struct dict {
    struct value *values;
    size_t n, cap;
    uint32_t *slots; /* index + 1 */
    size_t nslots;
};

static void place(struct dict *d, size_t i)
{
    size_t at = str_hash(d->values[i].text) & (d->nslots - 1);
    while (d->slots[at])
        at = (at + 1) & (d->nslots - 1);
    d->slots[at] = (uint32_t)i + 1;
}

static void widen(struct arena *a, struct dict *d)
{
    d->nslots = d->nslots ? 4 * d->nslots : 256;
    d->slots = ARENA_ARRAY(a, d->nslots, uint32_t);
    for (size_t i = 0; i < d->n; i++)
        place(d, i);
}

/* The number of the value, with the row's weight added. */
static uint32_t count_value(struct arena *a, struct dict *d, struct str s, double wa, double wb)
{
    if (2 * d->n >= d->nslots)
        widen(a, d);
    size_t at = str_hash(s) & (d->nslots - 1);
    while (d->slots[at] && !str_eq(d->values[d->slots[at] - 1].text, s))
        at = (at + 1) & (d->nslots - 1);
    if (!d->slots[at]) {
        *VEC_PUSH(a, d->values, d->n, d->cap) = (struct value){ .text = s };
        d->slots[at] = (uint32_t)d->n;
    }
    struct value *v = &d->values[d->slots[at] - 1];
    v->wa += wa;
    v->wb += wb;
    return d->slots[at];
}

static int by_weight(const void *x, const void *y)
{
    const struct value *v = *(const struct value *const *)x, *w = *(const struct value *const *)y;
    double a = v->wa + v->wb, b = w->wa + w->wb;
    if (a != b)
        return a > b ? -1 : 1;
    return str_cmp(v->text, w->text);
}

/* Gives codes to the frequent values of a column. */
static void number_values(struct mine *m, struct dict *d, size_t col, double share, size_t *cap)
{
    struct value **list = ARENA_ARRAY(m->a, d->n, struct value *);
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->values[i].wa >= share * m->ta || (m->tb > 0 && d->values[i].wb >= share * m->tb))
            list[n++] = &d->values[i];
    if (n)
        qsort(list, n, sizeof *list, by_weight);
    for (size_t i = 0; i < n; i++) {
        *VEC_PUSH(m->a, m->items, m->nitems, *cap) = (struct mine_item){ col, list[i]->text, list[i]->wa,
                                                                         list[i]->wb };
        list[i]->code = (uint32_t)m->nitems;
    }
}

/* -- rows -- */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Fills the columns with words; returns how many words there are in all. */
static uint32_t words_of(struct str text, struct str *out, size_t ncols)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.n;) {
        while (i < text.n && is_blank(text.p[i]))
            i++;
        size_t from = i;
        while (i < text.n && !is_blank(text.p[i]))
            i++;
        if (i == from)
            break;
        if (n < ncols)
            out[n] = str_sub(text, from, i);
        n++;
    }
    return n;
}

static double weight_of(struct str s)
{
    double w;
    return s.p && str_to_f64(s, &w) && w > 0 ? w : 0;
}

static uint64_t hash_codes(const uint32_t *codes, size_t n)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ codes[i]) * 1099511628211u;
        h ^= h >> 29;
    }
    return h;
}

/* Equal rows become one. */
static void merge_rows(struct mine *m)
{
    size_t nslots = 64, width = m->ncols * sizeof *m->codes, n = 0;
    while (nslots < 2 * m->nrows)
        nslots *= 2;
    uint32_t *slots = ARENA_ARRAY(m->a, nslots, uint32_t);
    for (size_t r = 0; r < m->nrows; r++) {
        const uint32_t *c = m->codes + r * m->ncols;
        size_t at = hash_codes(c, m->ncols) & (nslots - 1);
        while (slots[at] && memcmp(m->codes + (slots[at] - 1) * m->ncols, c, width) != 0)
            at = (at + 1) & (nslots - 1);
        if (!slots[at]) {
            memmove(m->codes + n * m->ncols, c, width);
            m->wa[n] = m->wa[r];
            m->wb[n] = m->wb[r];
            m->len[n] = m->len[r];
            slots[at] = (uint32_t)++n;
            continue;
        }
        size_t to = slots[at] - 1;
        m->wa[to] += m->wa[r];
        m->wb[to] += m->wb[r];
        if (m->len[to] < m->len[r])
            m->len[to] = m->len[r];
    }
    m->nrows = n;
}

/* Rows as numbers of values; rows without weight are left out. */
static void read_rows(struct mine *m, const struct mine_input *in, struct dict *dicts)
{
    size_t width = in->words ? 3 : 2 + in->ncols, rows = in->ncells / width;
    struct str *words = ARENA_ARRAY(m->a, in->ncols, struct str);
    m->codes = ARENA_ARRAY(m->a, rows * in->ncols, uint32_t);
    m->wa = ARENA_ARRAY(m->a, rows, double);
    m->wb = ARENA_ARRAY(m->a, rows, double);
    m->len = ARENA_ARRAY(m->a, rows, uint32_t);
    for (size_t r = 0; r < rows; r++) {
        const struct str *cell = in->cells + r * width;
        double wa = weight_of(cell[0]), wb = weight_of(cell[1]);
        if (wa == 0 && wb == 0)
            continue;
        size_t to = m->nrows++, n = in->ncols;
        const struct str *values = cell + 2;
        if (in->words) {
            m->len[to] = words_of(cell[2], words, in->ncols);
            values = words;
            n = m->len[to] < n ? m->len[to] : n;
        }
        m->wa[to] = wa;
        m->wb[to] = wb;
        m->ta += wa;
        m->tb += wb;
        for (size_t i = 0; i < n; i++)
            if (values[i].p)
                m->codes[to * in->ncols + i] = count_value(m->a, &dicts[i], values[i], wa, wb);
    }
}

void mine_load(struct mine *m, struct arena *a, const struct mine_input *in)
{
    *m = (struct mine){ .a = a, .ncols = in->ncols };
    struct dict *dicts = ARENA_ARRAY(a, in->ncols, struct dict);
    size_t cap = 0;
    read_rows(m, in, dicts);
    for (size_t i = 0; i < in->ncols; i++)
        number_values(m, &dicts[i], i, in->share, &cap);
    for (size_t i = 0; i < m->nrows * m->ncols; i++)
        if (m->codes[i])
            m->codes[i] = dicts[i % m->ncols].values[m->codes[i] - 1].code;
    merge_rows(m);
}

/* -- patterns -- */

void mine_match_init(struct mine_match *x, const struct mine *m)
{
    *x = (struct mine_match){
        .add_a = ARENA_ARRAY(m->a, m->nitems + 1, double),
        .add_b = ARENA_ARRAY(m->a, m->nitems + 1, double),
        .add_n = ARENA_ARRAY(m->a, m->nitems + 1, size_t),
        .drop_a = ARENA_ARRAY(m->a, m->ncols, double),
        .drop_b = ARENA_ARRAY(m->a, m->ncols, double),
    };
}

/* Columns that the row differs in, 2 for more than one; *col is one of them. */
static int misses(const uint32_t *row, const uint32_t *pattern, const size_t *fixed, size_t n, size_t *col)
{
    int missed = 0;
    for (size_t i = 0; i < n && missed < 2; i++)
        if (row[fixed[i]] != pattern[fixed[i]]) {
            *col = fixed[i];
            missed++;
        }
    return missed;
}

static void add_row(const struct mine *m, size_t r, struct mine_match *out)
{
    const uint32_t *row = m->codes + r * m->ncols;
    out->wa += m->wa[r];
    out->wb += m->wb[r];
    out->n++;
    if (out->len < m->len[r])
        out->len = m->len[r];
    for (size_t i = 0; i < m->ncols; i++) { /* code 0 counts into a place of its own */
        out->add_a[row[i]] += m->wa[r];
        out->add_b[row[i]] += m->wb[r];
        out->add_n[row[i]]++;
    }
}

void mine_measure(const struct mine *m, const uint32_t *pattern, struct mine_match *out)
{
    size_t *fixed = malloc((m->ncols + 1) * sizeof *fixed), n = 0, col = 0;
    if (!fixed)
        abort();
    for (size_t i = 0; i < m->ncols; i++)
        if (pattern[i])
            fixed[n++] = i;
    out->wa = out->wb = 0;
    out->n = 0;
    out->len = 0;
    memset(out->add_a, 0, (m->nitems + 1) * sizeof *out->add_a);
    memset(out->add_b, 0, (m->nitems + 1) * sizeof *out->add_b);
    memset(out->add_n, 0, (m->nitems + 1) * sizeof *out->add_n);
    memset(out->drop_a, 0, m->ncols * sizeof *out->drop_a);
    memset(out->drop_b, 0, m->ncols * sizeof *out->drop_b);
    for (size_t r = 0; r < m->nrows; r++) {
        int missed = misses(m->codes + r * m->ncols, pattern, fixed, n, &col);
        if (!missed)
            add_row(m, r, out);
        if (missed == 1) {
            out->drop_a[col] += m->wa[r];
            out->drop_b[col] += m->wb[r];
        }
    }
    for (size_t i = 0; i < n; i++) { /* without the column: these rows and those that match already */
        out->drop_a[fixed[i]] += out->wa;
        out->drop_b[fixed[i]] += out->wb;
    }
    free(fixed);
}

bool mine_row_matches(const struct mine *m, size_t row, const uint32_t *pattern)
{
    for (size_t i = 0; i < m->ncols; i++)
        if (pattern[i] && m->codes[row * m->ncols + i] != pattern[i])
            return false;
    return true;
}

void mine_close(const struct mine *m, const struct mine_match *x, uint32_t *pattern)
{
    for (size_t i = 0; i < m->nitems && x->n; i++)
        if (x->add_n[i + 1] == x->n)
            pattern[m->items[i].col] = (uint32_t)i + 1;
}

int mine_compare(const uint32_t *x, const uint32_t *y, size_t ncols)
{
    for (size_t i = 0; i < ncols; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t mine_fixed(const uint32_t *pattern, size_t ncols)
{
    size_t n = 0;
    for (size_t i = 0; i < ncols; i++)
        n += pattern[i] != 0;
    return n;
}
