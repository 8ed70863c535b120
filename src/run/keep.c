/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells that need not run again: of a run that is continued, and of earlier runs of the same playbook.
 *
 * A cell has a key, a hash over all that its result depends on (depend.c). Invariant: a cell is taken over only when its key is
 * the same, what the record says of it has the hash it was written with, its files are whole, and its table, read back, has the
 * fingerprint that was recorded; from another run, only when every byte of that run is as it was left. Cells without a table always
 * run: they are cheap, and say how things are now. Tables can be loaded only before the engine is locked, so what will be
 * taken over is predicted then; each cell's turn shows whether the prediction holds.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"
#include "run_int.h"

/* ---- the run that was stopped ---- */

bool run_open_previous(struct running *run, struct err *err)
{
    struct store *s = run->store;
    struct record *previous;
    struct str *names;
    size_t n;
    bool has_signature;
    if (fs_exists(store_path(s, "notes.jsonl")))
        return err_set(err, ERR_USAGE, "'%s' has notes on its results; run the playbook again instead",
                       s->dir);
    if (!evidence_is_signed(run->arena, s->dir, &has_signature, err))
        return false;
    if (has_signature)
        return err_set(err, ERR_USAGE, "'%s' is signed; run the playbook again instead", s->dir);
    if (fs_exists(store_path(s, "SHA256SUMS")) && !evidence_intact(run->arena, s->dir, err))
        return false;
    /* The list goes first: without it the run counts as unfinished, whatever happens from here. */
    if (!store_unseal(s, err) || !fs_list(run->arena, s->dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (evidence_is_report(names[i]) && !fs_remove_tree(store_path(s, names[i].p), err))
            return false;
    if (!store_clean(s, err) || !store_read_record(s, &previous, err))
        return false;
    run->previous = previous;
    return true;
}

/* ---- runs whose results may be taken over ---- */

enum { EARLIER_MAX = 8, SUMS_MAX = 64 << 20 };

/* SHA256SUMS has the hash of run.json that it has now: it is as it was when the run came to its end. */
static bool is_sealed(struct running *run, struct store *s, struct str *sha256)
{
    char hex[65];
    struct str sums;
    struct err ignored = ERR_INIT;
    const char *path = store_path(s, "SHA256SUMS");
    if (!fs_exists(path) || !fs_read(run->arena, path, SUMS_MAX, &sums, &ignored) ||
        !fs_sha256(store_path(s, "run.json"), hex, &ignored))
        return false;
    *sha256 = arena_str(run->arena, str_z(hex));
    return str_find(sums, arena_strf(run->arena, "%s  run.json\n", hex), 0) != SIZE_MAX;
}

static void add_earlier(struct running *run, const char *dir)
{
    struct run_earlier *e = &run->earlier[run->nearlier];
    struct err ignored = ERR_INIT;
    *e = (struct run_earlier){ .record = NULL };
    struct record *r;
    struct str why;
    if (store_open(&e->store, run->arena, dir, &ignored) && is_sealed(run, &e->store, &e->sha256) &&
        store_read_record(&e->store, &r, &ignored) && record_is_consistent(r, &why)) {
        e->record = r;
        run->nearlier++;
    }
}

bool run_find_earlier(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    struct evidence_run *runs;
    size_t n;
    struct str folder = run_folder(run->arena, o->playbook_path);
    run->kept = ARENA_ARRAY(run->arena, run->record->ncells, struct run_kept);
    run->earlier = ARENA_ARRAY(run->arena, EARLIER_MAX, struct run_earlier);
    if (o->no_cache)
        return true;
    if (run->previous) {
        run->earlier[run->nearlier++] =
            (struct run_earlier){ .store = *run->store, .record = run->previous, .same = true };
        return true;
    }
    if (!o->reuse)
        return true;
    if (!evidence_runs(run->arena, o->output, &runs, &n, err))
        return false;
    while (n-- > 0 && run->nearlier < EARLIER_MAX)
        if (str_eq(runs[n].hunt, folder) && !str_eq(runs[n].id, run->record->run_id))
            add_earlier(run, runs[n].dir);
    return true;
}

static bool makes_table(const struct running *run, size_t i)
{
    const struct cell_schema *s = run->plan.cells[i].spec->schema;
    return s && s->makes_table;
}

const struct record_cell *run_state_of(const struct running *run, size_t k)
{
    const struct record_cell *c = NULL;
    if (run->visible) /* some cell has its turn, so all that stand before it had theirs */
        return &run->record->cells[k];
    if (run->kept[k].cell || run->kept[k].likely)
        return run->kept[k].cell ? run->kept[k].cell : run->kept[k].likely;
    if (run->nearlier)
        c = record_find_cell(run->earlier[0].record, run->record->cells[k].id);
    /* What has no result ends as it ended last time, most likely; its turn will tell. */
    return c && (!makes_table(run, k) || c->status == RECORD_SKIPPED) ? c : NULL;
}

/* The Parquet file of an earlier result, or NULL when any of its files is not as recorded. */
static const char *whole_parquet(const struct run_kept *k)
{
    const char *parquet = NULL;
    for (size_t i = 0; i < k->cell->nfiles; i++) {
        struct err ignored = ERR_INIT;
        const struct record_file *f = &k->cell->files[i];
        const char *path = record_whole_file(&k->from->store, f, &ignored);
        if (!path)
            return NULL;
        if (str_ends(f->path, STR(".parquet")))
            parquet = path;
    }
    return parquet;
}

/* A comment or a title may be all that changed, so that what reads the cell need not run. */
static bool only_text_differs(const struct record_cell *now, const struct record_cell *was)
{
    if (now->ndepends != was->ndepends)
        return false;
    for (size_t i = 0; i < now->ndepends; i++) {
        const struct record_pair *x = &now->depends[i], *y = &was->depends[i];
        bool text = str_eqz(x->name, "text") || str_eqz(x->name, "entityMappings");
        if (!str_eq(x->name, y->name) || (!text && !str_eq(x->value, y->value)))
            return false;
    }
    return true;
}

/* As `huntbook verify` looks at it: the playbook, a report, a signature count too. It reads all files, so it is done when needed. */
static bool is_as_left(struct running *run, struct run_earlier *e)
{
    struct evidence found;
    struct err err = ERR_INIT;
    if (e->looked_at || e->same)
        return !e->fault.n;
    e->looked_at = true;
    if (!evidence_verify(run->arena, e->store.dir, &found, &err))
        e->fault = arena_str(run->arena, str_z(err.text));
    else if (found.nfaults)
        e->fault = arena_strf(run->arena, "'%.*s' of run %.*s: %s since; see huntbook verify",
                              STR_ARG(found.faults[0].path), STR_ARG(e->record->run_id),
                              evidence_fault_name(found.faults[0].kind));
    return !e->fault.n;
}

void run_predict(struct running *run)
{
    for (size_t i = 0; i < run->record->ncells; i++) {
        struct record_cell now = { .id = run->record->cells[i].id };
        if (!makes_table(run, i) || !run_depends(run, i, &now))
            continue;
        for (size_t k = 0; k < run->nearlier && !run->kept[i].cell; k++) {
            const struct record_cell *c = record_find_cell(run->earlier[k].record, now.id);
            struct run_earlier *from = &run->earlier[k];
            struct run_kept found = { .cell = c, .from = from };
            if (!c || c->status != RECORD_OK || c->rows < 0)
                continue;
            if (str_eq(c->key, now.key) && record_cell_is_whole(c) && is_as_left(run, from) &&
                (found.parquet = whole_parquet(&found)))
                run->kept[i] = found;
            else if (k == 0 && only_text_differs(&now, c))
                run->kept[i].likely = c;
        }
    }
}

/* ---- taking results over ---- */

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
static bool load_table(struct running *run, const struct run_kept *k)
{
    struct err ignored = ERR_INIT;
    struct kql_table there;
    const struct record_cell *c = k->cell;
    if (record_load_cell(run->engine, c, k->parquet, c->id, run->arena, &ignored) && same_table(run, c))
        return true;
    if (engine_table(run->engine, c->id, &there))
        engine_drop(run->engine, c->id, &ignored);
    return false;
}

static void say_resumed(struct running *run, size_t kept)
{
    struct record *r = run->record;
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < run->previous->nresumed; i++)
        *VEC_PUSH(run->arena, r->resumed, r->nresumed, r->resumed_cap) = run->previous->resumed[i];
    buf_puts(&text, "The run was stopped before its end and continued at ");
    ticks_put_human(&text, run->options->clock());
    buf_printf(&text, "; results of %zu finished cell%s were there to be taken over.", kept,
               kept == 1 ? "" : "s");
    *VEC_PUSH(run->arena, r->resumed, r->nresumed, r->resumed_cap) = buf_to_arena(&text, run->arena);
    buf_free(&text);
    for (size_t i = 0; i < r->nresumed; i++)
        record_warn(r, NULL, "%.*s", STR_ARG(r->resumed[i]));
}

bool run_load_kept(struct running *run, struct err *err)
{
    struct record *r = run->record;
    size_t kept = 0;
    if (!run_find_earlier(run, err))
        return false;
    run_predict(run);
    for (size_t i = 0; i < r->ncells; i++) {
        if (!run->kept[i].cell)
            continue;
        if (run->options->stop && *run->options->stop)
            return err_set(err, ERR_INTERRUPT, "stopped by the user");
        run->kept[i].loaded = load_table(run, &run->kept[i]);
        kept += run->kept[i].loaded;
        /* At once, so that no finished cell is lost should the run be stopped again before it comes to it. */
        if (run->kept[i].loaded && run->kept[i].from->same)
            r->cells[i] = *run->kept[i].cell;
    }
    if (run->previous)
        say_resumed(run, kept);
    return true;
}

/* Names of a cell's files begin with its number: "04-hits" becomes "05-hits" wherever it stands. */
static struct str renumber(struct running *run, const struct record_cell *old, int number, struct str text)
{
    struct str from = arena_strf(run->arena, "/%02d-%.*s", old->number, STR_ARG(old->id));
    struct buf b = BUF_INIT;
    if (old->number == number || str_find(text, from, 0) == SIZE_MAX)
        return text;
    for (size_t at = 0; at < text.n;) {
        size_t hit = str_find(text, from, at), end = hit == SIZE_MAX ? text.n : hit;
        buf_str(&b, str_sub(text, at, end));
        if (hit != SIZE_MAX)
            buf_printf(&b, "/%02d-%.*s", number, STR_ARG(old->id));
        at = hit == SIZE_MAX ? text.n : hit + from.n;
    }
    struct str s = buf_to_arena(&b, run->arena);
    buf_free(&b);
    return s;
}

static bool copy_file(struct running *run, const struct run_kept *k, int number, struct record_file *out)
{
    const struct record_file was = *out;
    char *temp;
    struct err ignored = ERR_INIT;
    struct str rel = renumber(run, k->cell, number, was.path);
    const char *from = store_path(&k->from->store, arena_str(run->arena, was.path).p);
    if (!store_prepare(run->store, arena_str(run->arena, rel).p, &temp, &ignored) ||
        !fs_copy(from, temp, &ignored) ||
        !store_commit(run->store, arena_str(run->arena, rel).p, NULL, out, &ignored))
        return false;
    out->rows = was.rows;
    return str_eq(out->sha256, was.sha256);
}

/* The place in the playbook may be another one. */
static size_t query_line(const struct running *run, const struct record_cell *c, size_t i);

/* The record of a cell of another run as a cell of this one; its files are copied. False: they are not as recorded. */
static bool copy_cell(struct running *run, size_t i, const struct run_kept *k, struct record_cell *c)
{
    int number = c->number;
    struct arena *a = run->arena;
    *c = *k->cell;
    c->number = number;
    c->query_line = query_line(run, k->cell, i);
    c->files = ARENA_ARRAY(a, c->nfiles, struct record_file);
    for (size_t n = 0; n < c->nfiles; n++) {
        c->files[n] = k->cell->files[n];
        if (!copy_file(run, k, number, &c->files[n]))
            return false;
    }
    c->blocks = ARENA_ARRAY(a, c->nblocks, struct record_block);
    for (size_t n = 0; n < c->nblocks; n++) {
        c->blocks[n] = k->cell->blocks[n];
        c->blocks[n].table.rows_file = renumber(run, k->cell, number, c->blocks[n].table.rows_file);
        c->blocks[n].chart.file = renumber(run, k->cell, number, c->blocks[n].chart.file);
    }
    c->warnings = ARENA_ARRAY(a, c->nwarnings, struct str);
    for (size_t n = 0; n < c->nwarnings; n++)
        c->warnings[n] = renumber(run, k->cell, number, k->cell->warnings[n]);
    c->files_cap = c->blocks_cap = c->warnings_cap = 0;
    memset(&c->review, 0, sizeof c->review); /* whoever looked at them did so for that run */
    if (!c->reused.run.n) {
        c->reused.run = k->from->record->run_id;
        c->reused.sha256 = k->from->sha256;
    }
    return true;
}

static void find_query(void *ctx, enum plan_text kind, const struct passage *text)
{
    const struct passage **first = ctx;
    if (kind == PLAN_QUERY && !*first)
        *first = text;
}

static size_t query_line(const struct running *run, const struct record_cell *c, size_t i)
{
    const struct passage *first = NULL;
    size_t line = 0, column;
    plan_walk(run->plan.cells[i].spec, find_query, &first);
    if (!c->query_line || !first || !first->npieces)
        return 0;
    source_locate(run->options->playbook->source, passage_map(first, (struct span){ 0, 0 }).offset, &line,
                  &column);
    return line;
}

/* Does the cell say what the source or the environment was? */
static bool rests_on_source(const struct running *run, size_t i)
{
    const struct plan_cell *p = &run->plan.cells[i];
    struct str kind = p->spec->type.s;
    if (!run->options->recorded_rows)
        return str_eqz(kind, "env");
    return p->ntables || p->any_table || str_eqz(kind, "env") || str_eqz(kind, "connect");
}

bool run_load_recorded(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    struct record *r = run->record;
    struct run_earlier *from = ARENA_NEW(run->arena, struct run_earlier);
    char hex[65];
    if (!o->recorded)
        return true;
    from->store = *o->recorded;
    from->record = o->evidence;
    if (!fs_sha256(store_path(&from->store, "run.json"), hex, err))
        return false;
    from->sha256 = arena_str(run->arena, str_z(hex));
    for (size_t i = 0; i < r->ncells; i++) {
        struct run_kept *k = &run->kept[i];
        const struct record_cell *c = record_find_cell(from->record, r->cells[i].id);
        if (!c || !rests_on_source(run, i))
            continue;
        *k = (struct run_kept){ .cell = c, .from = from, .recorded = true };
        k->parquet = c->rows >= 0 ? whole_parquet(k) : NULL;
        if (c->rows >= 0 && c->status == RECORD_OK && (!k->parquet || !load_table(run, k)))
            return err_set(err, ERR_VERIFY,
                           "the rows of cell '%.*s' are not as they were recorded; see huntbook verify",
                           STR_ARG(c->id));
    }
    return true;
}

bool run_keep_cell(struct running *run, size_t i)
{
    struct record_cell *c = &run->record->cells[i], now = { 0 };
    struct run_kept *k = &run->kept[i];
    struct kql_table there;
    struct err ignored = ERR_INIT;
    if (k->recorded) {
        c->kept = copy_cell(run, i, k, c);
        if (c->kept)
            return true;
        /* Its files changed since they were looked at: nothing of it is believed. */
        if (engine_table(run->engine, c->id, &there))
            engine_drop(run->engine, c->id, &ignored);
        run_make_cell(run, i);
        run_depends(run, i, c);
        return false;
    }
    if (!k->loaded) {
        run_depends(run, i, c);
        return false;
    }
    k->loaded = false;
    run_depends(run, i, &now);
    bool kept = str_eq(now.key, k->cell->key) && (k->from->same || copy_cell(run, i, k, c));
    if (!kept) {
        engine_drop(run->engine, c->id, &ignored);
        run_make_cell(run, i);
        c->key = now.key;
        c->depends = now.depends;
        c->ndepends = now.ndepends;
    }
    c->kept = kept;
    return kept;
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
