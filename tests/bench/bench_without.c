/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook, but for what WITHOUT in the environment names: what that costs is the difference (tests/bench/cost).
 *
 *     source    SHA-256 of the source's files
 *     prints    fingerprints of tables
 *     files     SHA-256 of a run's files of a MiB and more, and SHA256SUMS
 *     record    run.json after every cell
 *     sync      waiting until what was written is on disk
 *
 * Linked with the whole program, but calls of the functions below come here first (--wrap, see the Makefile), which holds as long as each
 * of them is called from another file than its own. The results as Parquet and CSV and the reports are what a run is asked
 * for and are always made. With WITHOUT unset it is huntbook; else what it leaves is no evidence and cannot be verified.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/engine/duck_int.h"
#include "../../src/engine/load_int.h"
#include "hb/fs.h"
#include "hb/record.h"

#define WRAPPED(type, name, ...)                                                                             \
    type __real_##name(__VA_ARGS__);                                                                         \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(struct hash_job *, hash_start, const char *const *paths, size_t n, const bool *gzip);
WRAPPED(bool, hash_finish, struct hash_job *job, struct load_file *files, struct err *err);
WRAPPED(void, hash_abandon, struct hash_job *job);
WRAPPED(struct print_job *, print_start, struct engine *e, const struct engine_tab *tab);
WRAPPED(void, print_put_condition, const struct print_job *job, struct buf *sql);
WRAPPED(bool, print_finish, struct engine *e, struct print_job *job, bool ran, bool ordered, char hex[65],
        struct err *err);
WRAPPED(struct follow *, follow_start, const char *path);
WRAPPED(void, follow_whole, struct follow *f);
WRAPPED(bool, follow_finish, struct follow *f, char hex[65], struct err *err);
WRAPPED(bool, fs_sha256, const char *path, char hex[65], struct err *err);
WRAPPED(bool, store_seal, struct store *s, struct err *err);
WRAPPED(bool, store_write_soon, struct store *s, const char *rel, struct str bytes, struct err *err);
WRAPPED(void, record_to_json, struct buf *out, const struct record *r);
WRAPPED(int, fsync, int fd);

static bool without(const char *what)
{
    const char *all = getenv("WITHOUT");
    return all && strstr(all, what);
}

static void no_hash(char hex[65])
{
    memset(hex, '0', 64);
    hex[64] = '\0';
}

struct hash_job *__wrap_hash_start(const char *const *paths, size_t n, const bool *gzip)
{
    if (!without("source"))
        return __real_hash_start(paths, n, gzip);
    size_t *files = malloc(sizeof *files);
    assert(files);
    *files = n;
    return (struct hash_job *)files;
}

bool __wrap_hash_finish(struct hash_job *job, struct load_file *files, struct err *err)
{
    if (!without("source"))
        return __real_hash_finish(job, files, err);
    for (size_t i = 0; i < *(size_t *)job; i++)
        no_hash(files[i].sha256);
    free(job);
    return true;
}

void __wrap_hash_abandon(struct hash_job *job)
{
    if (without("source"))
        free(job);
    else
        __real_hash_abandon(job);
}

struct print_job *__wrap_print_start(struct engine *e, const struct engine_tab *tab)
{
    return without("prints") ? NULL : __real_print_start(e, tab);
}

void __wrap_print_put_condition(const struct print_job *job, struct buf *sql)
{
    if (!without("prints"))
        __real_print_put_condition(job, sql);
}

bool __wrap_print_finish(struct engine *e, struct print_job *job, bool ran, bool ordered, char hex[65],
                         struct err *err)
{
    if (!without("prints"))
        return __real_print_finish(e, job, ran, ordered, hex, err);
    no_hash(hex);
    return ran;
}

struct follow *__wrap_follow_start(const char *path)
{
    return without("files") ? calloc(1, 1) : __real_follow_start(path);
}

void __wrap_follow_whole(struct follow *f)
{
    if (!without("files"))
        __real_follow_whole(f);
}

bool __wrap_follow_finish(struct follow *f, char hex[65], struct err *err)
{
    if (!without("files"))
        return __real_follow_finish(f, hex, err);
    no_hash(hex);
    free(f);
    return true;
}

bool __wrap_fs_sha256(const char *path, char hex[65], struct err *err)
{
    enum { SMALL = 1 << 20 };
    if (!without("files") || fs_size(path) < SMALL)
        return __real_fs_sha256(path, hex, err);
    no_hash(hex);
    return true;
}

bool __wrap_store_seal(struct store *s, struct err *err)
{
    return without("files") || __real_store_seal(s, err);
}

bool __wrap_store_write_soon(struct store *s, const char *rel, struct str bytes, struct err *err)
{
    if (without("record") && strcmp(rel, "run.json") == 0 && fs_exists(store_path(s, rel)))
        return true; /* that there is one says that the folder is a run */
    return __real_store_write_soon(s, rel, bytes, err);
}

void __wrap_record_to_json(struct buf *out, const struct record *r)
{
    if (!without("record"))
        __real_record_to_json(out, r);
}

int __wrap_fsync(int fd)
{
    return without("sync") ? 0 : __real_fsync(fd);
}
