/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a cell in two runs, read back from their Parquet files and compared by hash.
 *
 * A row is the SHA-256 of its values as JSON, over the columns that both runs have. Rows with equal hashes are paired off;
 * of what is left over, rows with equal keys are a change.
 */
#include <string.h>

#include "diff_int.h"
#include "hb/map.h"
#include "hb/sha256.h"
#include "hb/vec.h"

enum { DIGEST = 32 };

struct side {
    struct table *t;
    size_t *cols;       /* of the common columns */
    size_t *keys;       /* of the key columns */
    bool *paired;       /* by row: the other side has it */
    unsigned char *row; /* DIGEST bytes a row */
};

struct comparing {
    struct differ *d;
    struct diff_cell *c;
    struct arena *work;
    struct side old, new;
    size_t ncols, nkeys;
    size_t *partner; /* by new row: 1 + the old row it changed from */
};

static bool load(struct comparing *k, const struct diff_side *from, const struct record_cell *c,
                 const char *name, struct side *out, struct err *err)
{
    const char *path = record_parquet(from->store, c, err);
    if (!path || !record_load_cell(k->d->engine, c, path, str_z(name), k->work, err))
        return false;
    bool ok = engine_fetch(k->d->engine, str_z(name), 0, 0, NULL, 0, k->work, &out->t, err);
    return engine_drop(k->d->engine, str_z(name), err) && ok;
}

static void choose_columns(struct comparing *k)
{
    const struct diff_options *o = k->d->options;
    struct table *x = k->old.t, *y = k->new.t;
    k->old.cols = ARENA_ARRAY(k->work, y->ncols, size_t);
    k->new.cols = ARENA_ARRAY(k->work, y->ncols, size_t);
    for (size_t i = 0; i < y->ncols; i++) {
        size_t at = table_find(x, y->cols[i].name);
        if (at == SIZE_MAX || x->cols[at].type != y->cols[i].type)
            continue;
        k->old.cols[k->ncols] = at;
        k->new.cols[k->ncols++] = i;
    }
    k->old.keys = ARENA_ARRAY(k->work, o->nkeys, size_t);
    k->new.keys = ARENA_ARRAY(k->work, o->nkeys, size_t);
    for (size_t i = 0; i < o->nkeys; i++) {
        k->old.keys[i] = table_find(x, o->keys[i]);
        k->new.keys[i] = table_find(y, o->keys[i]);
        if (k->old.keys[i] == SIZE_MAX || k->new.keys[i] == SIZE_MAX)
            return;
    }
    k->nkeys = o->nkeys;
}

static void put_row(struct buf *text, const struct table *t, size_t row, const size_t *cols, size_t n)
{
    struct jw w;
    buf_clear(text);
    jw_init(&w, text, false);
    jw_arr(&w);
    for (size_t i = 0; i < n; i++)
        cell_put_json(&w, &t->cols[cols[i]], row);
    jw_end_arr(&w);
}

static void hash_rows(struct comparing *k, struct side *s)
{
    struct buf text = BUF_INIT;
    s->paired = ARENA_ARRAY(k->work, s->t->nrows, bool);
    s->row = arena_array(k->work, s->t->nrows, DIGEST);
    for (size_t r = 0; r < s->t->nrows; r++) {
        put_row(&text, s->t, r, s->cols, k->ncols);
        sha256_bytes(buf_view(&text), s->row + r * DIGEST);
    }
    buf_free(&text);
}

/* Rows waiting for a partner, first come first served: chains of row numbers + 1. */
struct queue {
    size_t first, last;
};

static void wait_in(struct comparing *k, struct map *m, struct str key, size_t *next, size_t row)
{
    struct queue *q = map_get(m, key);
    if (!q) {
        q = ARENA_NEW(k->work, struct queue);
        map_set(m, key, q);
    }
    if (q->last)
        next[q->last - 1] = row + 1;
    else
        q->first = row + 1;
    q->last = row + 1;
}

/* The row that waits longest under the key, + 1; 0: none. */
static size_t take_from(const struct map *m, struct str key, const size_t *next)
{
    struct queue *q = map_get(m, key);
    size_t row = q ? q->first : 0;
    if (row) {
        q->first = next[row - 1];
        if (!q->first)
            q->last = 0;
    }
    return row;
}

static void pair_equal(struct comparing *k)
{
    struct map waiting;
    size_t *next = ARENA_ARRAY(k->work, k->old.t->nrows, size_t);
    map_init(&waiting, k->work);
    for (size_t r = 0; r < k->old.t->nrows; r++)
        wait_in(k, &waiting, (struct str){ (char *)k->old.row + r * DIGEST, DIGEST }, next, r);
    for (size_t r = 0; r < k->new.t->nrows; r++) {
        size_t old = take_from(&waiting, (struct str){ (char *)k->new.row + r *DIGEST, DIGEST }, next);
        if (!old)
            continue;
        k->old.paired[old - 1] = true;
        k->new.paired[r] = true;
    }
}

static struct str key_of(struct comparing *k, const struct side *s, size_t row, struct buf *text)
{
    put_row(text, s->t, row, s->keys, k->nkeys);
    return buf_to_arena(text, k->work);
}

static void pair_by_key(struct comparing *k)
{
    struct map waiting;
    struct buf text = BUF_INIT;
    size_t *next = ARENA_ARRAY(k->work, k->old.t->nrows, size_t);
    map_init(&waiting, k->work);
    for (size_t r = 0; r < k->old.t->nrows; r++)
        if (!k->old.paired[r])
            wait_in(k, &waiting, key_of(k, &k->old, r, &text), next, r);
    for (size_t r = 0; r < k->new.t->nrows; r++) {
        size_t old = k->new.paired[r] ? 0 : take_from(&waiting, key_of(k, &k->new, r, &text), next);
        if (!old)
            continue;
        k->partner[r] = old;
        k->old.paired[old - 1] = true;
        k->new.paired[r] = true;
        k->c->nchanged++;
    }
    buf_free(&text);
}

/* ---- what is shown ---- */

static void show_row(struct comparing *k, const char *change, const struct side *s, size_t row, size_t *at)
{
    struct table *t = k->c->rows;
    t->cols[0].v.s[*at] = str_z(change);
    for (size_t i = 0; i < k->ncols; i++) {
        struct column *c = &t->cols[i + 1];
        table_copy_value(t, i + 1, *at, &s->t->cols[s->cols[i]], row);
        if (hb_type_is_text(c->type)) /* the side is freed before what is shown */
            c->v.s[*at] = arena_str(t->arena, c->v.s[*at]);
    }
    (*at)++;
}

static size_t shown(const struct comparing *k, int64_t n)
{
    size_t max = k->d->options->max_rows;
    return (size_t)n < max ? (size_t)n : max;
}

static void show_rows(struct comparing *k)
{
    struct diff_cell *c = k->c;
    size_t nnew = shown(k, c->nnew), ngone = shown(k, c->ngone), nchanged = shown(k, c->nchanged), at = 0;
    if (nnew + ngone + nchanged == 0)
        return;
    c->rows = table_new(k->d->arena, k->ncols + 1, nnew + ngone + 2 * nchanged);
    table_set_column(c->rows, 0, STR("change"), HB_STRING);
    for (size_t i = 0; i < k->ncols; i++) {
        const struct column *from = &k->new.t->cols[k->new.cols[i]];
        table_set_column(c->rows, i + 1, from->name, from->type);
    }
    for (size_t r = 0; r < k->new.t->nrows &&nnew; r++)
        if (!k->new.paired[r]) {
            show_row(k, "new", &k->new, r, &at);
            nnew--;
        }
    for (size_t r = 0; r < k->old.t->nrows && ngone; r++)
        if (!k->old.paired[r]) {
            show_row(k, "gone", &k->old, r, &at);
            ngone--;
        }
    for (size_t r = 0; r < k->new.t->nrows &&nchanged; r++)
        if (k->partner[r]) {
            show_row(k, "before", &k->old, k->partner[r] - 1, &at);
            show_row(k, "after", &k->new, r, &at);
            nchanged--;
        }
}

static int64_t count_single(const struct side *s)
{
    int64_t n = 0;
    for (size_t r = 0; r < s->t->nrows; r++)
        n += !s->paired[r];
    return n;
}

static void compare(struct comparing *k)
{
    struct diff_cell *c = k->c;
    choose_columns(k);
    if (k->ncols == 0) {
        c->note = STR("the runs have no column in common");
        return;
    }
    hash_rows(k, &k->old);
    hash_rows(k, &k->new);
    k->partner = ARENA_ARRAY(k->work, k->new.t->nrows, size_t);
    pair_equal(k);
    if (k->nkeys)
        pair_by_key(k);
    c->nnew = count_single(&k->new);
    c->ngone = count_single(&k->old);
    c->order_changed = !c->columns_changed && c->nnew + c->ngone + c->nchanged == 0;
    show_rows(k);
}

bool diff_rows(struct differ *d, struct diff_cell *c, struct err *err)
{
    struct comparing k = { .d = d, .c = c };
    if (!d->engine && !(d->engine = engine_open(&(struct engine_options){ 0 }, err)))
        return false;
    k.work = arena_new(0, "rows to compare");
    bool ok = load(&k, d->old, c->old, "before", &k.old, err) &&
              load(&k, d->new, c->new, "after", &k.new, err);
    if (ok)
        compare(&k);
    arena_free(k.work);
    return ok;
}
