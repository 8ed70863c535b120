/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that a person looks at before later cells read them: `review: true`.
 *
 * Invariant: what a cell found stays as it was found, in its files, numbers and verdicts; only the table that later cells read
 * lacks the struck rows. The record says which, who struck them and why.
 */
#include "run_int.h"

#include "hb/evidence.h"
#include "hb/vec.h"

/* ---- in a run ---- */

/* The rows whose flag is `want`, at most `max` of them; texts stay where they are. */
static struct table *choose_rows(struct arena *a, const struct table *from, const bool *flags, bool want,
                                 size_t max)
{
    size_t n = 0;
    for (size_t r = 0; r < from->nrows && n < max; r++)
        n += flags[r] == want;
    struct table *t = table_new(a, from->ncols, n);
    for (size_t c = 0; c < from->ncols; c++) {
        table_set_column(t, c, from->cols[c].name, from->cols[c].type);
        for (size_t r = 0, row = 0; row < n; r++)
            if (flags[r] == want)
                table_copy_value(t, c, row++, &from->cols[c], r);
    }
    return t;
}

static bool leave_out(struct running *run, const struct record_cell *c, const bool *struck, struct err *err)
{
    struct arena *work = arena_new(0, "rows to strike");
    struct table *all;
    bool ok = engine_fetch(run->engine, c->id, 0, 0, NULL, 0, work, &all, err) &&
              engine_put(run->engine, c->id, choose_rows(work, all, struck, false, all->nrows), err);
    arena_free(work);
    return ok;
}

/* A strike is the number of a row, and the fingerprint of rows without an order is the same in any: the file shows theirs. */
static bool same_rows(const struct record_cell *x, const struct record_cell *y)
{
    const struct record_file *fx = record_file_with_end(x, STR(".csv")),
                             *fy = record_file_with_end(y, STR(".csv"));
    return x->rows == y->rows && str_eq(x->fingerprint, y->fingerprint) && fx && fy &&
           str_eq(fx->sha256, fy->sha256);
}

/* What was struck of the same result, in the run that is continued or repeated. */
static void adopt_strikes(const struct running *run, struct record_cell *c)
{
    const struct record *r = run->options->reviewed;
    const struct record_cell *was = r ? record_find_cell(r, c->id) : NULL;
    if (was && same_rows(was, c))
        c->review = was->review;
}

bool run_review(struct running *run, size_t i, bool *waits, struct err *err)
{
    const struct opt_value *review = &run->plan.cells[i].spec->review;
    struct record_cell *c = &run->record->cells[i];
    size_t n;
    *waits = false;
    if (review->kind != OPT_LITERAL || !review->b || c->rows <= 0)
        return true;
    adopt_strikes(run, c);
    c->review.asked = true;
    *waits = c->review.nstrikes == 0 && !run->options->skip_review;
    const bool *struck = record_struck(run->arena, c, &n);
    return n == 0 || leave_out(run, c, struck, err);
}

/* ---- striking ---- */

struct striking {
    struct store *store;
    struct record *record;
    struct record_cell *cell;
    struct engine *engine;
    struct arena *work;
    struct table *all;
    bool *flags;
};

static bool find_cell(struct striking *k, struct str id, struct err *err)
{
    struct record *r = k->record;
    bool has_signature;
    k->cell = record_find_cell(r, id);
    if (!k->cell)
        return err_set(err, ERR_USAGE, "no cell '%.*s' in this run", STR_ARG(id));
    if (!str_eqz(r->status, "review") || !k->cell->review.asked)
        return err_set(err, ERR_USAGE,
                       "rows can be struck while a run waits for it: a cell with `review: true` that has its "
                       "rows, and this "
                       "run is %.*s",
                       STR_ARG(r->status));
    if (!evidence_is_signed(k->work, k->store->dir, &has_signature, err))
        return false;
    if (has_signature)
        return err_set(err, ERR_USAGE, "'%s' is signed; run the playbook again instead", k->store->dir);
    return k->cell->rows <= RECORD_STRUCK_MAX ||
           err_set(err, ERR_USAGE, "'%.*s' has more than %d rows, too many to strike some", STR_ARG(id),
                   (int)RECORD_STRUCK_MAX);
}

/* The whole result, from its Parquet file. */
static bool load(struct striking *k, struct err *err)
{
    const struct record_cell *c = k->cell;
    const char *path = record_parquet(k->store, c, err);
    if (!path)
        return false;
    k->engine = engine_open(&(struct engine_options){ 0 }, err);
    return k->engine && record_load_cell(k->engine, c, path, c->id, k->work, err) &&
           engine_lock(k->engine, err) &&
           engine_fetch(k->engine, c->id, 0, 0, NULL, 0, k->work, &k->all, err);
}

static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    return engine_table(ctx, name, out);
}

static bool find_scalar(void *ctx, struct str name, struct kql_scalar *out)
{
    (void)ctx, (void)name, (void)out;
    return false;
}

static size_t table_names(void *ctx, struct arena *a, struct str **out)
{
    *out = ARENA_ARRAY(a, 1, struct str);
    (*out)[0] = engine_table_name(ctx, 0);
    return 1;
}

static bool first_fault(const struct diags *d, struct err *err)
{
    return err_set(err, ERR_USAGE, "--where: %.*s", d->n ? (int)d->items[0].message.n : 0,
                   d->n ? d->items[0].message.p : "");
}

/* The condition for every row, in their order. */
static bool mark_where(struct striking *k, struct str where, struct err *err)
{
    struct buf text = BUF_INIT;
    struct diags d;
    struct kql_compiled q;
    struct table *marks;
    struct source expr = { STR("--where"), where };
    const struct kql_catalog catalog = {
        .ctx = k->engine, .table = find_table, .scalar = find_scalar, .names = table_names
    };
    diags_init(&d, k->work);
    kql_parse_expr(k->work, &expr, &d);
    if (d.errors)
        return first_fault(&d, err);
    kql_put_name(&text, k->cell->id);
    /* It is an expression, so nothing gets out of these braces but a remark at its end: hence the line of its own. */
    buf_printf(&text, " | project struck_ = tobool(%.*s\n)", STR_ARG(where));
    struct source query = { STR("--where"), buf_to_arena(&text, k->work) };
    buf_free(&text);
    struct kql_options options = { .now = k->record->now, .stage = engine_stage, .stage_ctx = k->engine };
    if (!kql_compile(k->work, &query, &catalog, &options, &d, &q))
        return first_fault(&d, err);
    if (!engine_query(k->engine, &q, k->work, 0, &marks, NULL, err))
        return false;
    for (size_t i = 0; i < marks->nrows && i < k->all->nrows; i++)
        k->flags[i] = !column_is_null(&marks->cols[0], i) && marks->cols[0].v.b[i];
    return true;
}

static bool mark(struct striking *k, const struct run_strike *s, struct err *err)
{
    k->flags = ARENA_ARRAY(k->work, k->all->nrows, bool);
    if (s->where.n && !mark_where(k, s->where, err))
        return false;
    if (s->rows.n && !record_parse_rows(s->rows, k->flags, k->all->nrows))
        return err_set(err, ERR_USAGE, "--row takes numbers of rows from 1 to %zu, like 3,7-9, not '%.*s'",
                       k->all->nrows, STR_ARG(s->rows));
    return true;
}

static struct table *copy_texts(struct arena *a, struct table *t)
{
    for (size_t c = 0; c < t->ncols; c++) {
        t->cols[c].name = arena_str(a, t->cols[c].name);
        for (size_t r = 0; hb_type_is_text(t->cols[c].type) && r < t->nrows; r++)
            t->cols[c].v.s[r] = arena_str(a, t->cols[c].v.s[r]);
    }
    return t;
}

static bool add(struct striking *k, const struct run_strike *s, int64_t *nrows, struct err *err)
{
    struct record *r = k->record;
    struct record_cell *c = k->cell;
    struct buf rows = BUF_INIT, json = BUF_INIT;
    size_t cap = c->review.nstrikes;
    *nrows = 0;
    for (size_t i = 0; i < k->all->nrows; i++)
        *nrows += k->flags[i];
    if (*nrows == 0 && (s->where.n || s->rows.n))
        return err_set(err, ERR_USAGE,
                       "no row of '%.*s' is meant by that; --none says that none is to be struck",
                       STR_ARG(c->id));
    record_put_rows(&rows, k->flags, k->all->nrows);
    *VEC_PUSH(r->arena, c->review.strikes, c->review.nstrikes, cap) = (struct record_strike){
        .rows = buf_to_arena(&rows, r->arena),
        .nrows = *nrows,
        .reason = s->reason,
        .author = s->author,
        .time = s->time,
        .head = *nrows ? copy_texts(r->arena, choose_rows(r->arena, k->all, k->flags, true, RECORD_HEAD_ROWS))
                       : NULL,
    };
    record_seal(r);
    record_to_json(&json, r);
    bool ok = store_unseal(k->store, err) && store_write(k->store, "run.json", buf_view(&json), err);
    buf_free(&rows);
    buf_free(&json);
    return ok;
}

bool run_add_strike(struct store *s, struct record *r, const struct run_strike *strike, int64_t *nrows,
                    struct err *err)
{
    struct striking k = { .store = s, .record = r, .work = arena_new(0, "rows to strike") };
    bool ok = find_cell(&k, strike->cell, err) && load(&k, err) && mark(&k, strike, err) &&
              add(&k, strike, nrows, err);
    engine_close(k.engine);
    arena_free(k.work);
    return ok;
}
