/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Continuing a run that was stopped: which cells need not run again.
 *
 * A cell has a key, a hash over all that its result depends on: its text, the results it reads, parameters, clock, the
 * source's files, the versions at work. Invariant: a cell is taken over only when its key is the same, its files are
 * whole, and its table, read back, has the fingerprint that was recorded. Cells without a table always run: they are cheap.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "run_int.h"

/* ---- the key ---- */

static void put_files(struct buf *b, const struct record_source_table *t)
{
    buf_printf(b, "table %.*s %" PRId64 " %" PRId64 "\n", STR_ARG(t->name), t->rows, t->rejected);
    for (size_t i = 0; i < t->nfiles; i++)
        buf_printf(b, "file %.*s\n", STR_ARG(t->files[i].sha256));
}

static void put_tables(struct buf *b, const struct running *run, const struct plan_cell *p)
{
    const struct record *r = run->record;
    for (size_t i = 0; i < r->source.ntables; i++) {
        bool read = p->any_table;
        for (size_t k = 0; k < p->ntables && !read; k++)
            read = str_eq(p->tables[k], r->source.tables[i].name);
        if (read)
            put_files(b, &r->source.tables[i]);
    }
}

static void put_input(struct buf *b, const struct record_cell *c)
{
    buf_printf(b, "cell %.*s %s %" PRId64 " %.*s\n", STR_ARG(c->id), record_status_name(c->status), c->rows,
               STR_ARG(c->fingerprint));
}

/* What the text may see of other cells: those it reads; all earlier ones if it may speak of `cells` or read any table. */
static void put_inputs(struct buf *b, const struct running *run, size_t i, bool all)
{
    const struct plan_cell *p = &run->plan.cells[i];
    for (size_t k = 0; all && k < i; k++)
        put_input(b, &run->record->cells[k]);
    for (size_t k = 0; !all && k < p->nreads; k++)
        put_input(b, &run->record->cells[p->reads[k]]);
}

static void put_params(struct buf *b, const struct playbook *p)
{
    for (size_t i = 0; i < p->params.n; i++) {
        buf_printf(b, "param %.*s ", STR_ARG(p->params.items[i].name.s));
        if (p->params.items[i].value.set)
            param_put_kql(b, &p->params.items[i].value);
        buf_putc(b, '\n');
    }
}

struct str run_cell_key(struct running *run, size_t i)
{
    const struct record *r = run->record;
    struct buf b = BUF_INIT;
    char hex[65];
    playbook_dump_cell(&b, run->plan.cells[i].spec);
    bool all = run->plan.cells[i].any_table || str_find(buf_view(&b), STR("cells"), 0) != SIZE_MAX;
    for (size_t k = 0; k < r->nversions; k++)
        buf_printf(&b, "version %.*s %.*s\n", STR_ARG(r->versions[k].name), STR_ARG(r->versions[k].value));
    buf_printf(&b, "now %" PRId64 "\nanalyst %.*s\nsource %.*s %.*s %d %d\n", r->now, STR_ARG(r->analyst),
               STR_ARG(r->source.name), STR_ARG(r->source.kind), r->source.sample, r->allow_partial);
    put_params(&b, run->options->playbook);
    put_tables(&b, run, &run->plan.cells[i]);
    put_inputs(&b, run, i, all);
    sha256_hex(buf_view(&b), hex);
    buf_free(&b);
    return arena_str(run->arena, str_z(hex));
}

/* ---- the run that was stopped ---- */

bool run_open_previous(struct running *run, struct err *err)
{
    static const char *const made[] = { "SHA256SUMS", "report.html", "report.pdf" };
    struct store *s = run->store;
    struct record *previous;
    if (fs_exists(store_path(s, "notes.jsonl")))
        return err_set(err, ERR_USAGE, "'%s' has notes on its results; run the playbook again instead",
                       s->dir);
    if (fs_exists(store_path(s, made[0])) && !evidence_intact(run->arena, s->dir, err))
        return false;
    /* The list goes first: without it the run counts as unfinished, whatever happens from here. */
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (fs_exists(store_path(s, made[i])) && !fs_remove_tree(store_path(s, made[i]), err))
            return false;
    if (!store_clean(s, err) || !store_read_record(s, &previous, err))
        return false;
    run->previous = previous;
    return true;
}

/* ---- taking results over ---- */

static const struct record_cell *earlier(const struct running *run, size_t i)
{
    const struct record *p = run->previous;
    return i < p->ncells && str_eq(p->cells[i].id, run->record->cells[i].id) ? &p->cells[i] : NULL;
}

static const char *whole_parquet(struct running *run, const struct record_cell *c)
{
    const char *parquet = NULL;
    for (size_t i = 0; i < c->nfiles; i++) {
        char hex[65];
        struct err ignored = ERR_INIT;
        const char *path = store_path(run->store, arena_str(run->arena, c->files[i].path).p);
        if (!fs_sha256(path, hex, &ignored) || !str_eqz(c->files[i].sha256, hex))
            return NULL;
        if (str_ends(c->files[i].path, STR(".parquet")))
            parquet = path;
    }
    return parquet;
}

static bool same_table(struct running *run, const struct record_cell *c)
{
    char hex[65];
    int64_t rows;
    struct err ignored = ERR_INIT;
    return engine_rows(run->engine, c->id, &rows, &ignored) && rows == c->rows &&
           ((engine_fingerprint(run->engine, c->id, true, hex, &ignored) && str_eqz(c->fingerprint, hex)) ||
            (engine_fingerprint(run->engine, c->id, false, hex, &ignored) && str_eqz(c->fingerprint, hex)));
}

/* A result that cannot be read back as it was is no failure: the cell runs again. */
static bool load_table(struct running *run, const struct record_cell *c)
{
    struct err ignored = ERR_INIT;
    struct load_report report;
    struct kql_table there;
    const char *path = whole_parquet(run, c);
    struct kql_column *schema = ARENA_ARRAY(run->arena, c->ncolumns, struct kql_column);
    for (size_t i = 0; i < c->ncolumns; i++)
        schema[i] = (struct kql_column){ c->columns[i].name, c->columns[i].type };
    struct load_request req = {
        .table = c->id, .paths = &path, .npaths = 1, .schema = schema, .nschema = c->ncolumns
    };
    if (path && engine_load(run->engine, &req, run->arena, &report, &ignored) && same_table(run, c))
        return true;
    if (engine_table(run->engine, c->id, &there))
        engine_drop(run->engine, c->id, &ignored);
    return false;
}

bool run_load_kept(struct running *run, struct err *err)
{
    struct record *r = run->record;
    size_t kept = 0;
    if (!run->previous)
        return true;
    run->loaded = ARENA_ARRAY(run->arena, r->ncells, bool);
    for (size_t i = 0; i < r->ncells && !run->options->no_cache; i++) {
        const struct record_cell *c = earlier(run, i);
        const struct plan_cell *p = &run->plan.cells[i];
        bool inputs = true;
        for (size_t k = 0; k < p->nreads; k++)
            inputs &= run->loaded[p->reads[k]];
        if (!c || !inputs || c->status != RECORD_OK || c->rows < 0 || !c->key.n)
            continue;
        if (run->options->stop && *run->options->stop)
            return err_set(err, ERR_INTERRUPT, "stopped by the user");
        run->loaded[i] = load_table(run, c);
        kept += run->loaded[i];
        /* At once, so that no finished cell is lost should the run be stopped again before it comes to it. */
        if (run->loaded[i])
            r->cells[i] = *c;
    }
    for (size_t i = 0; i < run->previous->nresumed; i++)
        *VEC_PUSH(run->arena, r->resumed, r->nresumed, r->resumed_cap) = run->previous->resumed[i];
    struct buf text = BUF_INIT;
    buf_puts(&text, "The run was stopped before its end and continued at ");
    ticks_put_human(&text, run->options->clock());
    buf_printf(&text, "; results of %zu finished cell%s were there to be taken over.", kept,
               kept == 1 ? "" : "s");
    *VEC_PUSH(run->arena, r->resumed, r->nresumed, r->resumed_cap) = buf_to_arena(&text, run->arena);
    buf_free(&text);
    for (size_t i = 0; i < r->nresumed; i++)
        record_warn(r, NULL, "%.*s", STR_ARG(r->resumed[i]));
    return true;
}

bool run_keep_cell(struct running *run, size_t i)
{
    struct record_cell *c = &run->record->cells[i];
    struct err ignored = ERR_INIT;
    if (!run->loaded || !run->loaded[i])
        return false;
    struct str key = c->key;
    const struct record_cell *was = earlier(run, i);
    run->loaded[i] = false;
    c->kept = str_eq(key, was->key);
    if (!c->kept) {
        engine_drop(run->engine, c->id, &ignored);
        run_make_cell(run, i);
        c->key = key;
    }
    return c->kept;
}

/* ---- the evidence ---- */

static const struct record_source_table *find_table(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->source.ntables; i++)
        if (str_eq(r->source.tables[i].name, name))
            return &r->source.tables[i];
    return NULL;
}

bool run_check_evidence(struct running *run, struct err *err)
{
    const struct record *want = run->options->evidence;
    for (size_t i = 0; want && i < want->source.ntables; i++) {
        const struct record_source_table *x = &want->source.tables[i], *y = find_table(run->record, x->name);
        bool same = y && y->nfiles == x->nfiles;
        for (size_t k = 0; same && k < x->nfiles; k++)
            same = str_eq(x->files[k].sha256, y->files[k].sha256);
        if (!same)
            return err_set(err, ERR_VERIFY, "the files of table '%.*s' are not those of the record: %s",
                           STR_ARG(x->name), y ? "they were changed since" : "they are not there");
    }
    return true;
}
