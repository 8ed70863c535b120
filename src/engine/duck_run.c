/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements under limits: deadline, interrupt, memory; and DuckDB's errors in our words.
 *
 * One thread per engine watches: it sleeps while nothing runs, and looks a few dozen times a second while a statement does.
 * So an interrupt only has to set a flag, which is all a signal handler may do.
 */
#include "duck_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCH_NS = 20 * 1000 * 1000, NAP_NS = 200 * 1000, KIND_MAX = 40 };

/* A lane past its deadline, or everything after an interrupt, is told to stop. The lock is held. */
static void stop_late(struct engine *e, double now)
{
    for (size_t i = 0; i < LANES; i++) {
        struct engine_lane *l = &e->lanes[i];
        if (!l->running)
            continue;
        l->timed_out = l->timed_out || (l->deadline > 0 && now >= l->deadline);
        if (l->timed_out || atomic_load(&e->interrupted))
            duck.interrupt(l->con);
    }
}

/* One look. The lock is held; it is let go for the callback, which may take its time. */
static void watch_look(struct engine *e)
{
    struct engine_watch *w = &e->watch;
    const struct engine_lane *l = &e->lanes[LANE_MAIN];
    double now = clock_seconds();
    stop_late(e, now);
    if (!e->progress || !l->running)
        return;
    double began = l->began;
    engine_progress_fn *fn = e->progress;
    void *ctx = e->progress_ctx;
    double percent = duck.query_progress(l->con).percentage;
    pthread_mutex_unlock(&w->lock);
    fn(ctx, percent < 0 ? -1 : percent / 100, now - began);
    pthread_mutex_lock(&w->lock);
}

static bool any_running(const struct engine *e)
{
    return e->lanes[LANE_MAIN].running || e->lanes[LANE_SIDE].running;
}

static void *watch_main(void *arg)
{
    struct engine *e = arg;
    struct engine_watch *w = &e->watch;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        if (!any_running(e)) {
            pthread_cond_wait(&w->wake, &w->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WATCH_NS;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        if (pthread_cond_timedwait(&w->wake, &w->lock, &until) == ETIMEDOUT)
            watch_look(e);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

bool watch_start(struct engine *e, struct err *err)
{
    struct engine_watch *w = &e->watch;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&w->lock, NULL);
    e->have_watch = true;
    int rc = pthread_create(&w->thread, NULL, watch_main, e);
    if (rc == 0)
        return true;
    e->have_watch = false;
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    return err_set(err, ERR_RUN, "cannot start a thread: %s", strerror(rc));
}

void watch_stop(struct engine *e)
{
    if (!e->have_watch)
        return;
    struct engine_watch *w = &e->watch;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    e->have_watch = false;
}

static void watch_begin(struct engine *e, int lane)
{
    struct engine_watch *w = &e->watch;
    struct engine_lane *l = &e->lanes[lane];
    pthread_mutex_lock(&w->lock);
    l->running = true;
    l->timed_out = false;
    l->began = clock_seconds();
    l->deadline = e->timeout > 0 ? l->began + e->timeout : 0;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

/* True when the statement was stopped for its deadline. */
static bool watch_end(struct engine *e, int lane)
{
    struct engine_watch *w = &e->watch;
    pthread_mutex_lock(&w->lock);
    e->lanes[lane].running = false;
    bool late = e->lanes[lane].timed_out;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    return late;
}

static const char *duration_text(double s, char out[48])
{
    if (s >= 3600 && s / 3600 == (double)(int)(s / 3600))
        snprintf(out, 48, "%dh", (int)(s / 3600));
    else if (s >= 60 && s / 60 == (double)(int)(s / 60))
        snprintf(out, 48, "%dm", (int)(s / 60));
    else
        snprintf(out, 48, "%gs", s);
    return out;
}

/* What a person is told in front of DuckDB's own text, by its beginning. To add one: a row. */
static const struct {
    const char *begins, *ours;
} words[] = {
    { "Overflow in ", "a number is too large" },
    { "Pattern failed to parse", "not a regular expression" },
    /* the errors of RE2 */
    { "invalid escape sequence: ", "not a regular expression" },
    { "invalid character class", "not a regular expression" },
    { "missing ]: ", "not a regular expression" },
    { "missing ): ", "not a regular expression" },
    { "unexpected ): ", "not a regular expression" },
    { "trailing \\", "not a regular expression" },
    { "no argument for repetition operator: ", "not a regular expression" },
    { "invalid repetition size: ", "not a regular expression" },
    { "bad repetition operator: ", "not a regular expression" },
    { "invalid perl operator: ", "not a regular expression" },
    { "invalid named capture group: ", "not a regular expression" },
    { "invalid UTF-8", "not a regular expression" },
    { "pattern too large", "not a regular expression" },
    { "Lists larger than ", "a list is too long" },
};

static const char *plain_words(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(text, words[i].begins, strlen(words[i].begins)) == 0)
            return words[i].ours;
    return NULL;
}

/* DuckDB's text, first paragraph only: what follows is the SQL, which means nothing to the person. */
static bool report_error(struct engine *e, duckdb_error_type type, const char *text, bool late,
                         struct err *err)
{
    char when[48];
    if (late)
        return err_set(err, ERR_RUN, "timed out after %s", duration_text(e->timeout, when));
    if (type == DUCKDB_ERROR_INTERRUPT || atomic_load(&e->interrupted))
        return err_set(err, ERR_INTERRUPT, "interrupted");
    if (!text)
        text = "unknown error";
    const char *kind = strstr(text, " Error: "); /* "Out of Range Error: ..." */
    text = kind && kind - text < KIND_MAX ? kind + strlen(" Error: ") : text;
    const char *end = strstr(text, "\n\n");
    int n = (int)(end ? (size_t)(end - text) : strlen(text));
    const char *ours = plain_words(text);
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY)
        return err_set(err, ERR_RUN, "not enough memory: %.*s; raise --memory or narrow the query", n, text);
    return ours ? err_set(err, ERR_RUN, "%s: %.*s", ours, n, text) : err_set(err, ERR_RUN, "%.*s", n, text);
}

static bool run_prepared(struct engine *e, int lane, duckdb_prepared_statement stmt, const char *sql,
                         duckdb_result *out, struct err *err)
{
    watch_begin(e, lane);
    duckdb_state state = stmt ? duck.execute_prepared(stmt, out) : duck.query(e->lanes[lane].con, sql, out);
    bool late = watch_end(e, lane);
    if (state == DuckDBSuccess)
        return true;
    report_error(e, duck.result_error_type(out), duck.result_error(out), late, err);
    duck.destroy_result(out);
    return false;
}

bool engine_run_on(struct engine *e, int lane, const char *sql, duckdb_result *out, struct err *err)
{
    if (atomic_load(&e->interrupted))
        return err_set(err, ERR_INTERRUPT, "interrupted");
    duckdb_result mine;
    memset(&mine, 0, sizeof mine);
    if (!run_prepared(e, lane, NULL, sql, &mine, err))
        return false;
    if (out)
        *out = mine;
    else
        duck.destroy_result(&mine);
    return true;
}

/* DuckDB's own waiting for what other threads work at keeps a processor busy: here it sleeps. */
static bool wait_for(duckdb_pending_result pending)
{
    duckdb_pending_state state;
    while ((state = duck.pending_execute_task(pending)) != DUCKDB_PENDING_RESULT_READY) {
        if (state == DUCKDB_PENDING_ERROR)
            return false;
        if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE)
            nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
    }
    return true;
}

/* The kind of a failure stands in front of its text. */
static bool report_pending(struct engine *e, duckdb_pending_result pending, bool late, struct err *err)
{
    const char *text = duck.pending_error(pending);
    bool memory = text && str_starts(str_z(text), STR("Out of Memory Error"));
    return report_error(e, memory ? DUCKDB_ERROR_OUT_OF_MEMORY : DUCKDB_ERROR_INVALID, text, late, err);
}

bool engine_run_beside(struct engine *e, int lane, const char *sql, struct err *err)
{
    duckdb_prepared_statement stmt = NULL;
    duckdb_pending_result pending = NULL;
    duckdb_result result;
    if (atomic_load(&e->interrupted))
        return err_set(err, ERR_INTERRUPT, "interrupted");
    if (duck.prepare(e->lanes[lane].con, sql, &stmt) != DuckDBSuccess) {
        report_error(e, DUCKDB_ERROR_INVALID, duck.prepare_error(stmt), false, err);
        duck.destroy_prepare(&stmt);
        return false;
    }
    memset(&result, 0, sizeof result);
    watch_begin(e, lane);
    bool ok = duck.pending_prepared(stmt, &pending) == DuckDBSuccess && wait_for(pending);
    bool ended = ok && duck.execute_pending(pending, &result) == DuckDBSuccess;
    bool late = watch_end(e, lane);
    if (!ok)
        report_pending(e, pending, late, err);
    else if (!ended)
        report_error(e, duck.result_error_type(&result), duck.result_error(&result), late, err);
    duck.destroy_result(&result);
    duck.destroy_pending(&pending);
    duck.destroy_prepare(&stmt);
    return ended;
}

bool engine_run(struct engine *e, const char *sql, duckdb_result *out, struct err *err)
{
    return engine_run_on(e, LANE_MAIN, sql, out, err);
}

/* A mismatch is a mistake of the compiler; it must not reach the data. */
static bool check_types(duckdb_prepared_statement stmt, const struct kql_column *cols, size_t ncols,
                        struct err *err)
{
    size_t got = (size_t)duck.prepared_statement_column_count(stmt);
    if (got != ncols)
        return err_set(err, ERR_RUN, "internal error: the statement has %zu columns, expected %zu", got,
                       ncols);
    for (size_t i = 0; i < ncols; i++) {
        duckdb_type type = duck.prepared_statement_column_type(stmt, (idx_t)i);
        if (type != duck_type_id(cols[i].type))
            return err_set(err, ERR_RUN, "internal error: column '%.*s' is of DuckDB type %d, expected %s",
                           STR_ARG(cols[i].name), (int)type, duck_type_name(cols[i].type));
    }
    return true;
}

bool engine_run_typed(struct engine *e, const char *sql, const struct kql_column *cols, size_t ncols,
                      duckdb_result *out, struct err *err)
{
    if (atomic_load(&e->interrupted))
        return err_set(err, ERR_INTERRUPT, "interrupted");
    duckdb_prepared_statement stmt = NULL;
    bool ok = duck.prepare(e->lanes[LANE_MAIN].con, sql, &stmt) == DuckDBSuccess;
    if (!ok)
        report_error(e, DUCKDB_ERROR_INVALID, duck.prepare_error(stmt), false, err);
    ok = ok && check_types(stmt, cols, ncols, err) && run_prepared(e, LANE_MAIN, stmt, NULL, out, err);
    duck.destroy_prepare(&stmt);
    return ok;
}

bool engine_exec(struct engine *e, struct err *err, const char *fmt, ...)
{
    struct buf sql = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&sql, fmt, ap);
    va_end(ap);
    bool ok = engine_run(e, buf_z(&sql), NULL, err);
    buf_free(&sql);
    return ok;
}

bool engine_scalar(struct engine *e, const char *sql, int64_t null_value, int64_t *out, struct err *err)
{
    duckdb_result r;
    if (!engine_run(e, sql, &r, err))
        return false;
    *out = null_value;
    duckdb_data_chunk chunk = duck.fetch_chunk(r);
    if (chunk && duck.data_chunk_get_size(chunk) > 0) {
        duckdb_vector v = duck.data_chunk_get_vector(chunk, 0);
        if (duck_valid(duck.vector_get_validity(v), 0))
            *out = *(int64_t *)duck.vector_get_data(v);
    }
    if (chunk)
        duck.destroy_data_chunk(&chunk);
    duck.destroy_result(&r);
    return true;
}

bool engine_sql(struct engine *e, const char *sql, struct arena *a, struct table **out, struct err *err)
{
    duckdb_result r;
    if (!engine_run(e, sql, &r, err))
        return false;
    size_t n = (size_t)duck.column_count(&r);
    struct kql_column *cols = ARENA_ARRAY(a, n, struct kql_column);
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        cols[i].name = arena_str(a, str_z(duck.column_name(&r, (idx_t)i)));
        cols[i].type = duck_type_back(duck.column_type(&r, (idx_t)i));
        if (cols[i].type == HB_UNKNOWN)
            ok = err_set(err, ERR_RUN, "column '%.*s' has DuckDB type %d, which no KQL type has",
                         STR_ARG(cols[i].name), (int)duck.column_type(&r, (idx_t)i));
    }
    ok = ok && result_table(&r, cols, n, a, 0, out, NULL, err);
    duck.destroy_result(&r);
    return ok;
}

void sql_put_text(struct buf *b, struct str s)
{
    bool nul = str_chr(s, 0, 0) < s.n;
    buf_puts(b, nul ? "('" : "'");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'')
            buf_puts(b, "''");
        else if (s.p[i] == 0)
            buf_puts(b, "'||chr(0)||'");
        else
            buf_putc(b, s.p[i]);
    }
    buf_puts(b, nul ? "')" : "'");
}
