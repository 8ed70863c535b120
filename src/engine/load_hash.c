/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of the source files, beside the loading: the report names what was read. The same pass inflates .gz files, because
 * DuckDB takes one that ends in the middle for a short one.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "hb/sha256.h"
#include "load_int.h"

enum { BLOCK = 1 << 20 };

struct hash_file {
    char *path;
    bool gzip;
    int64_t bytes;
    char hex[65];
    struct err err;
};

struct hash_job {
    pthread_t thread;
    atomic_bool stop;
    struct hash_file *files;
    size_t n;
    bool threaded;
};

/* Takes compressed bytes, looks only whether they are whole. */
struct inflater {
    z_stream z;
    bool open, ended, bad;
    unsigned char waste[1 << 16];
};

static void inflater_feed(struct inflater *f, unsigned char *p, size_t n)
{
    f->z.next_in = p;
    f->z.avail_in = (uInt)n;
    while (f->z.avail_in > 0 && !f->bad) {
        if (f->ended && inflateReset(&f->z) != Z_OK) /* another member follows */
            f->bad = true;
        f->ended = false;
        f->z.next_out = f->waste;
        f->z.avail_out = sizeof f->waste;
        int rc = inflate(&f->z, Z_NO_FLUSH);
        f->ended = rc == Z_STREAM_END;
        f->bad = f->bad || (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR);
    }
    while (!f->ended && !f->bad && f->z.avail_out == 0) {
        f->z.next_out = f->waste;
        f->z.avail_out = sizeof f->waste;
        f->ended = inflate(&f->z, Z_NO_FLUSH) == Z_STREAM_END;
    }
}

static void read_file(struct hash_job *job, struct hash_file *file, int fd, unsigned char *block)
{
    struct sha256 *h = sha256_new();
    struct inflater *inf = file->gzip ? calloc(1, sizeof *inf) : NULL;
    if (inf)
        inf->open = inflateInit2(&inf->z, 15 + 16) == Z_OK;
    ssize_t n = 0;
    while (!atomic_load(&job->stop) && (n = read(fd, block, BLOCK)) > 0) {
        sha256_add(h, block, (size_t)n);
        file->bytes += n;
        if (inf && inf->open)
            inflater_feed(inf, block, (size_t)n);
    }
    if (n < 0)
        err_errno(&file->err, "cannot read", file->path);
    sha256_end(h, file->hex);
    if (!inf)
        return;
    if (inf->bad)
        err_set(&file->err, ERR_PARTIAL, "'%s': the gzip data is damaged", file->path);
    else if (!inf->ended)
        err_set(&file->err, ERR_PARTIAL, "'%s': the gzip data is cut short", file->path);
    if (inf->open)
        inflateEnd(&inf->z);
    free(inf);
}

void hash_thread_waits(void)
{
    enum { LATER = 5 };
    setpriority(PRIO_PROCESS, (id_t)gettid(), LATER);
}

static void *hash_main(void *arg)
{
    struct hash_job *job = arg;
    unsigned char *block = malloc(BLOCK);
    for (size_t i = 0; i < job->n && block; i++) {
        struct hash_file *file = &job->files[i];
        int fd = open(file->path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            err_errno(&file->err, "cannot open", file->path);
            continue;
        }
        read_file(job, file, fd, block);
        close(fd);
    }
    free(block);
    return NULL;
}

static void *hash_beside(void *arg)
{
    hash_thread_waits();
    return hash_main(arg);
}

struct hash_job *hash_start(const char *const *paths, size_t n, const bool *gzip)
{
    struct hash_job *job = calloc(1, sizeof *job);
    assert(job);
    job->files = calloc(n + 1, sizeof *job->files);
    assert(job->files);
    job->n = n;
    for (size_t i = 0; i < n; i++) {
        job->files[i].path = strdup(paths[i]);
        job->files[i].gzip = gzip[i];
    }
    job->threaded = pthread_create(&job->thread, NULL, hash_beside, job) == 0;
    if (!job->threaded)
        hash_main(job);
    return job;
}

static void job_free(struct hash_job *job)
{
    for (size_t i = 0; i < job->n; i++)
        free(job->files[i].path);
    free(job->files);
    free(job);
}

bool hash_finish(struct hash_job *job, struct load_file *files, struct err *err)
{
    bool ok = true;
    if (job->threaded)
        pthread_join(job->thread, NULL);
    for (size_t i = 0; i < job->n; i++) {
        files[i].bytes = job->files[i].bytes;
        memcpy(files[i].sha256, job->files[i].hex, sizeof files[i].sha256);
        if (ok && job->files[i].err.kind != ERR_NONE)
            ok = err_set(err, job->files[i].err.kind, "%s", job->files[i].err.text);
    }
    job_free(job);
    return ok;
}

void hash_abandon(struct hash_job *job)
{
    if (!job)
        return;
    atomic_store(&job->stop, true);
    if (job->threaded)
        pthread_join(job->thread, NULL);
    job_free(job);
}
