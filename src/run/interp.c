/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter: one cell after the other, each in the record before the next.
 *
 * Invariant: whatever happens to the program after a cell has ended, run.json and the cell's files say how it ended.
 */
#include "run_int.h"

#include "hb/check.h"

#include <inttypes.h>
#include <time.h>

#include "hb/fs.h"

static int64_t monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool stopped(const struct running *run)
{
    return run->options->stop && *run->options->stop;
}

/* What fails while a thread waits for the disk is told by the next call, or by store_wait. */
static bool save_record(struct running *run, struct err *err)
{
    struct buf json = BUF_INIT;
    if (run->options->env) {
        run->record->environment = run->options->env->names;
        run->record->nenvironment = run->options->env->n;
    }
    record_to_json(&json, run->record);
    bool ok = store_write_soon(run->store, "run.json", buf_view(&json), err);
    buf_free(&json);
    return ok;
}

static void skip(struct record_cell *c, struct str reason)
{
    c->status = RECORD_SKIPPED;
    c->reason = reason;
}

/* An input that did not finish skips the cell; an empty one does what on_empty says. True: the cell may run.
 */
static bool inputs_allow(struct running *run, const struct plan_cell *p, struct record_cell *c,
                         struct err *err)
{
    for (size_t i = 0; i < p->nreads; i++) {
        const struct record_cell *in = &run->record->cells[p->reads[i]];
        if (in->status != RECORD_OK) {
            skip(c, arena_strf(run->arena, "it reads '%.*s', which %s", STR_ARG(in->id),
                               in->status == RECORD_SKIPPED ? "was skipped" : "failed"));
            return false;
        }
        if (in->rows != 0 || p->spec->on_empty == ON_EMPTY_RUN)
            continue;
        if (p->spec->on_empty == ON_EMPTY_FAIL) {
            c->status = RECORD_FAILED;
            err_set(err, ERR_RUN, "it reads '%.*s', which has no rows (on_empty: fail)", STR_ARG(in->id));
            return false;
        }
        if (p->spec->on_empty == ON_EMPTY_SKIP) {
            skip(c, arena_strf(run->arena, "it reads '%.*s', which has no rows (on_empty: skip)",
                               STR_ARG(in->id)));
            return false;
        }
    }
    return true;
}

static bool read_limits(struct cell_ctx *ctx, struct engine *e, struct err *err)
{
    struct opt_value timeout, rows, show, html;
    if (!cell_option(ctx, &ctx->spec->timeout, &timeout, err) ||
        !cell_option(ctx, &ctx->spec->max_rows, &rows, err) ||
        !cell_option(ctx, &ctx->spec->display.rows, &show, err) ||
        !cell_option(ctx, &ctx->spec->display.html_rows, &html, err))
        return false;
    ctx->timeout = timeout.kind == OPT_LITERAL ? (double)timeout.i / 1e7 : 0;
    engine_set_timeout(e, ctx->timeout);
    ctx->max_rows = rows.kind == OPT_LITERAL ? rows.i : 500000;
    ctx->show_rows = show.kind == OPT_LITERAL ? (size_t)show.i : 10;
    ctx->html_rows = html.kind == OPT_LITERAL ? (size_t)html.i : RECORD_HEAD_ROWS;
    return true;
}

static bool when_allows(struct cell_ctx *ctx, bool *run_it, struct err *err)
{
    *run_it = true;
    if (!passage_given(&ctx->spec->when))
        return true;
    if (!cell_eval_bool(ctx, &ctx->spec->when, run_it, err))
        return err_wrap(err, "when");
    if (!*run_it)
        skip(ctx->out, arena_strf(ctx->arena, "when: %.*s is false", STR_ARG(ctx->spec->when.s)));
    return true;
}

static bool exec_cell(struct cell_ctx *ctx, struct engine *e, struct err *err)
{
    bool run_it;
    const struct cell_kind *kind = cell_kind_find(ctx->out->kind);
    if (!kind)
        return err_set(err, ERR_USAGE, "no cell kind '%.*s'", STR_ARG(ctx->out->kind));
    if (!when_allows(ctx, &run_it, err) || !run_it)
        return !run_it;
    return read_limits(ctx, e, err) &&
           cell_prose(ctx, &ctx->spec->description, &ctx->out->description, err) && kind->exec(ctx, err) &&
           run_judge(ctx, err);
}

/* The files of a cell have their names before its record does; what is not there is no result. */
static void settle(struct running *run, struct record_cell *c, struct err *err)
{
    struct err lost = ERR_INIT;
    if (store_settle(run->store, &lost))
        return;
    c->files = NULL;
    c->nfiles = c->files_cap = 0;
    c->blocks = NULL;
    c->nblocks = c->blocks_cap = 0;
    c->rows = -1;
    c->fingerprint = STR("");
    c->kept = false;
    c->reused.run = c->reused.sha256 = STR("");
    if (c->status == RECORD_FAILED)
        return;
    c->status = RECORD_FAILED;
    c->reason = arena_str(run->arena, str_z(lost.text));
    *err = lost;
}

static void run_cell(struct running *run, size_t i, struct err *err)
{
    const struct run_options *o = run->options;
    const struct plan_cell *p = &run->plan.cells[i];
    struct record_cell *c = &run->record->cells[i];
    struct cell_ctx ctx = {
        .arena = run->arena,
        .record = run->record,
        .out = c,
        .playbook = o->playbook,
        .spec = p->spec,
        .engine = run->engine,
        .store = run->store,
        .catalog = &run->catalog,
        .kql = { .now = o->now, .stage = engine_stage, .stage_ctx = run->engine },
        .diags = run->diags,
        .remote = run_remote(run),
        .stop = o->stop,
        .metrics = o->metrics,
        .env_is_set = o->env_is_set,
        .env_public = o->env_public,
        .env = o->env,
    };
    int64_t begin = monotonic_us();
    run->current = c;
    run->visible = i + 1;
    if (run_keep_cell(run, i)) {
        settle(run, c, err);
        run->current = NULL;
        return;
    }
    c->started = o->clock();
    if (inputs_allow(run, p, c, err)) {
        bool ok = exec_cell(&ctx, run->engine, err);
        if (!ok)
            c->status = RECORD_FAILED;
        else if (c->status != RECORD_SKIPPED)
            c->status = RECORD_OK;
    }
    if (c->status == RECORD_FAILED)
        c->reason = arena_str(run->arena, str_z(err->text));
    engine_set_timeout(run->engine, 0);
    settle(run, c, err);
    c->duration_us = monotonic_us() - begin;
    run->current = NULL;
}

/* Ends the run in the record; the first failure that counts gives the exit code. */
static void end_with(struct running *run, const char *status, const struct err *why, struct str cell)
{
    struct record *r = run->record;
    r->status = str_z(status);
    r->exit_code = why ? (int)why->kind : 0;
    if (why)
        r->error = cell.n ? arena_strf(run->arena, "cell '%.*s': %s", STR_ARG(cell), why->text)
                          : arena_str(run->arena, str_z(why->text));
}

static bool run_cells(struct running *run, struct err *err)
{
    const struct run_events *ev = &run->options->events;
    struct record *r = run->record;
    for (size_t i = 0; i < r->ncells; i++) {
        struct record_cell *c = &r->cells[i];
        struct err why = ERR_INIT;
        if (ev->cell_start)
            ev->cell_start(ev->ctx, c, r->ncells);
        run_cell(run, i, &why);
        if (ev->cell_end)
            ev->cell_end(ev->ctx, c);
        bool waits = false;
        if (c->status == RECORD_OK && !run_review(run, i, &waits, &why)) {
            c->status = RECORD_FAILED;
            c->reason = arena_str(run->arena, str_z(why.text));
        }
        bool interrupted = stopped(run) || why.kind == ERR_INTERRUPT;
        if (c->status == RECORD_FAILED && r->exit_code == 0)
            end_with(run, "failed", &why, c->id);
        if (interrupted)
            end_with(run, "interrupted", &(struct err){ ERR_INTERRUPT, "stopped by the user" }, c->id);
        if (waits && !interrupted)
            end_with(run, "review",
                     &(struct err){ ERR_REVIEW, "its rows are to be looked at before other cells read them" },
                     c->id);
        record_seal(r);
        record_freeze_cell(r, c);
        if (!save_record(run, err))
            return false;
        if (interrupted || waits ||
            (c->status == RECORD_FAILED && run->plan.cells[i].spec->on_error != ON_ERROR_CONTINUE))
            break;
    }
    if (r->exit_code == 0)
        end_with(run, "completed", NULL, STR(""));
    return true;
}

/* The expectations of a test of the playbook, on the results of all cells. */
static bool judge_test(struct running *run, struct run_result *out, struct err *err)
{
    const struct playbook_test *t = run->options->test;
    struct cell_ctx ctx = { .arena = run->arena,
                            .record = run->record,
                            .playbook = run->options->playbook,
                            .engine = run->engine,
                            .catalog = &run->catalog,
                            .kql = { .now = run->options->now },
                            .diags = run->diags,
                            .remote = run_remote(run) };
    if (!t)
        return true;
    out->expects = ARENA_ARRAY(run->arena, t->expect.n, struct record_expectation);
    for (size_t i = 0; i < t->expect.n; i++)
        if (!run_expect(&ctx, &t->expect.items[i], &out->expects[out->nexpects++], err))
            return false;
    return true;
}

void run_make_cell(struct running *run, size_t i)
{
    const struct playbook_cell *spec = &run->options->playbook->cells.items[i];
    run->record->cells[i] = (struct record_cell){
        .number = (int)i + 1, .id = spec->id.s, .kind = spec->type.s, .title = spec->title.s, .rows = -1
    };
}

void run_make_cells(struct running *run)
{
    struct record *r = run->record;
    r->ncells = run->options->playbook->cells.n;
    r->cells = ARENA_ARRAY(run->arena, r->ncells, struct record_cell);
    for (size_t i = 0; i < r->ncells; i++)
        run_make_cell(run, i);
}

/* A cell named like a table of the source would hide it; a cell may only name the source that the run was given. */
static bool check_clash(struct running *run, struct err *err)
{
    for (size_t i = 0; i < run->record->ncells; i++) {
        struct kql_table t;
        struct str id = run->record->cells[i].id, source = run->plan.cells[i].spec->source.s;
        if (source.n && !str_eq(source, run->record->source.name))
            return err_set(err, ERR_USAGE,
                           "cell '%.*s' asks for source '%.*s', but the run was given '%.*s'; choose it "
                           "with --source",
                           STR_ARG(id), STR_ARG(source), STR_ARG(run->record->source.name));
        if (engine_table(run->engine, id, &t))
            return err_set(err, ERR_USAGE,
                           "cell '%.*s' is named like a table of the source; give it another id",
                           STR_ARG(id));
    }
    return true;
}

/* What is known of which columns the playbook reads, for the source. */
static void limit_columns(struct running *run, struct source_request *req)
{
    struct check_reads reads = check_read_columns(run->arena, run->options->playbook);
    struct source_columns *columns = ARENA_ARRAY(run->arena, reads.n, struct source_columns);
    for (size_t i = 0; i < reads.n; i++)
        columns[i] = (struct source_columns){ reads.items[i].table, reads.items[i].columns,
                                              reads.items[i].ncolumns };
    req->columns = columns;
    req->ncolumns = reads.n;
}

static bool remote_has(void *ctx, struct str table)
{
    return source_has_table(ctx, table);
}

static void remote_put_table(void *ctx, struct str table, struct str query, struct str extra, struct buf *out,
                             bool *more_columns)
{
    source_put_table(ctx, table, query, extra, out, more_columns);
}

static struct str remote_time_column(void *ctx, struct str table)
{
    return source_time_column(ctx, table);
}

static bool remote_query(void *ctx, const struct source_query *q, struct arena *a, struct source_reply *out,
                         struct err *err)
{
    return source_query(ctx, q, a, out, err);
}

const struct cell_remote *run_remote(const struct running *run)
{
    return run->conn ? &run->remote : NULL;
}

/* The source is as the record says; nothing is asked of it. */
static bool load_recorded(struct running *run, int64_t begin, struct err *err)
{
    const struct run_options *o = run->options;
    run->record->source = o->evidence->source;
    if (!check_clash(run, err) || !run_load_kept(run, err) || !run_load_recorded(run, err) ||
        !engine_lock(run->engine, err))
        return false;
    if (o->events.loaded)
        o->events.loaded(o->events.ctx, run->record, (double)(monotonic_us() - begin) / 1e6);
    return true;
}

static bool load(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    struct source_request req = { .tables = run->plan.tables,
                                  .ntables = run->plan.ntables,
                                  .databases = run->plan.databases,
                                  .allow_partial = o->allow_partial };
    int64_t begin = monotonic_us();
    if (o->recorded_rows)
        return load_recorded(run, begin, err);
    limit_columns(run, &req);
    struct source_watch watch = { .stop = o->stop, .waiting = o->events.waiting, .ctx = o->events.ctx };
    if (!source_connect(run->arena, &o->source, &watch, &run->conn, err))
        return false;
    req.conn = run->conn;
    run->remote = (struct cell_remote){ .ctx = run->conn,
                                        .has_table = remote_has,
                                        .put_table = remote_put_table,
                                        .time_column = remote_time_column,
                                        .query = remote_query };
    if (run->plan.any_table && !run->conn &&
        !source_tables(run->arena, &o->source, run->plan.databases, &req.tables, &req.ntables, err))
        return false;
    if (!source_load_tables(run->arena, &o->source, &req, run->engine, run->record, err))
        return false;
    run_hide_home(run);
    if (!check_clash(run, err) || !run_check_evidence(run, err) || !run_load_kept(run, err) ||
        !run_load_recorded(run, err) || !engine_lock(run->engine, err))
        return false;
    if (o->events.loaded)
        o->events.loaded(o->events.ctx, run->record, (double)(monotonic_us() - begin) / 1e6);
    return true;
}

static bool open_engine(struct running *run, char **spill, struct err *err)
{
    const struct run_options *o = run->options;
    if (!fs_temp_dir(run->arena, spill, err))
        return false;
    struct engine_options options = { .memory_limit = o->memory_limit,
                                      .threads = o->threads,
                                      .temp_dir = *spill,
                                      .write_dir = run->store->dir,
                                      .frugal = source_is_remote(&o->source),
                                      .progress = o->events.progress != NULL };
    run->engine = engine_open(&options, err);
    if (!run->engine)
        return false;
    run_fill_versions(run);
    if (o->events.progress)
        engine_set_progress(run->engine, o->events.progress, o->events.ctx);
    if (o->events.engine)
        o->events.engine(o->events.ctx, run->engine);
    return true;
}

static void close_engine(struct running *run, const char *spill)
{
    const struct run_options *o = run->options;
    struct err ignored = ERR_INIT;
    if (o->events.engine)
        o->events.engine(o->events.ctx, NULL);
    source_close(run->conn);
    engine_close(run->engine);
    if (spill)
        fs_remove_tree(spill, &ignored);
}

struct str run_folder(struct arena *a, struct str playbook_path)
{
    static const struct str endings[] = { STR_INIT(".yaml"), STR_INIT(".yml"), STR_INIT(".hunt") };
    struct str name = str_z(fs_base(arena_str(a, playbook_path).p));
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(name, endings[i]))
            name.n -= endings[i].n;
    return store_slug(a, name);
}

static bool open_store(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    if (o->resume)
        return store_open(run->store, run->arena, o->resume, err) && store_lock(run->store, err) &&
               run_open_previous(run, err);
    return store_create(run->store, run->arena, o->output, run_folder(run->arena, o->playbook_path),
                        o->started, err) &&
           store_lock(run->store, err);
}

/* From here on the folder is a run that can be continued: the playbook and the facts are in it. */
static bool begin(struct running *run, struct err *err)
{
    run_fill_facts(run);
    end_with(run, "unfinished", NULL, STR(""));
    record_seal(run->record);
    if (run->options->resume) /* what is there says more */
        return true;
    for (size_t i = 0; i < run->options->theme.nfiles; i++) {
        const struct run_file *f = &run->options->theme.files[i];
        if (!store_write(run->store, arena_printf(run->arena, "theme/%.*s", STR_ARG(f->name)), f->bytes, err))
            return false;
    }
    return store_write(run->store, "playbook.hunt.yaml", run->options->playbook->source->text, err) &&
           save_record(run, err);
}

bool run_playbook(struct arena *a, const struct run_options *o, struct diags *d, struct run_result *out,
                  struct err *err)
{
    struct running run = {
        .arena = a, .options = o, .store = &out->store, .diags = d, .record = record_new(a)
    };
    struct err ignored = ERR_INIT;
    char *spill = NULL;
    out->record = run.record;
    plan_make(a, o->playbook, &run.plan);
    run_make_cells(&run);
    if (!run_open_since(&run, err) || !open_store(&run, err))
        return false;
    run.catalog = run_catalog(&run);
    bool begun = begin(&run, err) && open_engine(&run, &spill, err) && load(&run, err) &&
                 run_fill_header(&run, err) && save_record(&run, err);
    bool ok = begun && run_cells(&run, err);
    record_thaw(run.record);
    run.visible = run.record->ncells;
    ok = ok && judge_test(&run, out, err);
    if (ok) {
        run.record->ended = o->clock();
        record_seal(run.record);
        ok = save_record(&run, err);
    }
    close_engine(&run, spill);
    if (ok && run.since && run.record->exit_code != ERR_INTERRUPT && run.record->exit_code != ERR_REVIEW) {
        run_compare(&run);
        ok = save_record(&run, err);
    }
    ok = store_wait(run.store, ok ? err : &ignored) && ok;
    if (!begun && !o->resume)
        fs_remove_tree(run.store->dir, &ignored);
    return ok;
}
