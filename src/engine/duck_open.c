/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, settings and the lock.
 *
 * Order matters: settings, functions, loading, then the lock; after `lock_configuration` nothing can be set any more. The
 * rows of `settings` hold for every engine.
 */
#include "duck_int.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const settings[][2] = {
    { "autoinstall_known_extensions", "false" },
    { "autoload_known_extensions", "false" },
    { "TimeZone", "'UTC'" },
};

static uint64_t default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 10 * 6 : UINT64_C(2) << 30;
}

static long default_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? n : 1;
}

static bool resolve_folder(const char *path, const char *what, char **out, struct err *err)
{
    if (!path)
        return true;
    *out = realpath(path, NULL);
    return *out || err_errno(err, what, path);
}

static bool set_text(struct engine *e, const char *name, const char *value, bool list, struct err *err)
{
    struct buf sql = BUF_INIT;
    buf_printf(&sql, "SET %s=%s", name, list ? "[" : "");
    sql_put_text(&sql, str_z(value));
    buf_puts(&sql, list ? "]" : "");
    bool ok = engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    return ok;
}

/* DuckDB works out its progress at every step of every pipeline: only on demand. */
static bool set_progress(struct engine *e, bool wanted, struct err *err)
{
    return engine_exec(e, err, "SET enable_progress_bar=%s", wanted ? "true" : "false") &&
           engine_exec(e, err, "SET enable_progress_bar_print=false") &&
           (!wanted || engine_exec(e, err, "SET progress_bar_time=0"));
}

static bool apply_settings(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (!engine_exec(e, err, "SET %s=%s", settings[i][0], settings[i][1]))
            return false;
    return set_text(e, "temp_directory", e->temp_dir ? e->temp_dir : "", false, err);
}

static bool open_database(struct engine *e, const struct engine_options *o, struct err *err)
{
    duckdb_config config = NULL;
    char text[32], *message = NULL;
    if (duck.create_config(&config) != DuckDBSuccess)
        return err_set(err, ERR_RUN, "cannot configure the engine");
    e->threads = (size_t)(o->threads > 0 ? o->threads : o->frugal ? 1 : default_threads());
    snprintf(text, sizeof text, "%zu", e->threads);
    duck.set_config(config, "threads", text);
    uint64_t memory = o->memory_limit ? o->memory_limit : default_memory();
    snprintf(text, sizeof text, "%lluB", (unsigned long long)memory);
    duck.set_config(config, "memory_limit", text);
    bool ok = duck.open_ext(NULL, &e->db, config, &message) == DuckDBSuccess;
    duck.destroy_config(&config);
    if (!ok) {
        err_set(err, ERR_RUN, "cannot open the engine: %s", message ? message : "unknown error");
        duck.free(message);
        return false;
    }
    for (size_t i = 0; i < LANES; i++)
        if (duck.connect(e->db, &e->lanes[i].con) != DuckDBSuccess)
            return err_set(err, ERR_RUN, "cannot connect to the engine");
    return true;
}

/*
 * Checkpoints compress tables in memory, and hold a table twice meanwhile: 85 MB more for 500,000 rows of a reply. The
 * allocator that DuckDB brings keeps what was freed for 10 seconds; it reads this variable when the library is loaded.
 */
static const char allocator_variable[] = "DUCKDB_JE_MALLOC_CONF";
static const char allocator_settings[] = "dirty_decay_ms:0,muzzy_decay_ms:0";

static bool be_frugal(struct engine *e, struct err *err)
{
    return !e->frugal || engine_exec(e, err, "SET checkpoint_threshold='1TB'");
}

struct engine *engine_open(const struct engine_options *options, struct err *err)
{
    static const struct engine_options defaults = { 0 };
    const struct engine_options *o = options ? options : &defaults;
    if (o->frugal)
        setenv(allocator_variable, allocator_settings, false);
    if (!duck_load(err))
        return NULL;
    struct engine *e = calloc(1, sizeof *e);
    assert(e);
    e->frugal = o->frugal;
    bool ok = resolve_folder(o->temp_dir, "cannot use the folder for temporary files", &e->temp_dir, err) &&
              resolve_folder(o->write_dir, "cannot use the output folder", &e->write_dir, err) &&
              open_database(e, o, err) && watch_start(e, err) && apply_settings(e, err) &&
              set_progress(e, o->progress, err) && be_frugal(e, err) && udf_register_all(e, err) &&
              hash_register(e, err);
    if (ok)
        return e;
    engine_close(e);
    return NULL;
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    watch_stop(e);
    while (e->tabs) {
        struct engine_tab *next = e->tabs->next;
        arena_free(e->tabs->arena);
        e->tabs = next;
    }
    for (size_t i = 0; i < LANES; i++)
        if (e->lanes[i].con)
            duck.disconnect(&e->lanes[i].con);
    if (e->db)
        duck.close(&e->db);
    free(e->temp_dir);
    free(e->write_dir);
    free(e);
}

const char *engine_version(const struct engine *e)
{
    (void)e;
    return duck.library_version();
}

bool engine_lock(struct engine *e, struct err *err)
{
    bool ok = (!e->write_dir || set_text(e, "allowed_directories", e->write_dir, true, err)) &&
              engine_exec(e, err, "SET enable_external_access=false") &&
              engine_exec(e, err, "SET lock_configuration=true");
    e->locked = ok;
    return ok;
}

void engine_set_timeout(struct engine *e, double seconds)
{
    e->timeout = seconds;
}

void engine_set_progress(struct engine *e, engine_progress_fn *fn, void *ctx)
{
    pthread_mutex_lock(&e->watch.lock);
    e->progress = fn;
    e->progress_ctx = ctx;
    pthread_mutex_unlock(&e->watch.lock);
}

void engine_interrupt(struct engine *e)
{
    atomic_store(&e->interrupted, true);
}
