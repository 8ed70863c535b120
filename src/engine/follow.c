/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of a file while somebody writes it: a thread reads what is there already, so that little is left to do at the end.
 *
 * It also has the system write to disk what was read, so that a later fsync waits for less. Invariant: the hash is that of the file as it is in
 * the end; should it not be the file that was read (another one under this name, another length) all of it is read again.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "duck_int.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "load_int.h"

enum { PIECE = 256 * 1024, AHEAD = 8 << 20, PAUSE_NS = 2000000 };

struct follow {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    bool whole; /* nobody writes any more */
    bool threaded;
    const char *path;
    int fd;
    int64_t bytes;
    bool failed;
    char hex[65];
};

/* Waits a moment for more; false: there will be no more. */
static bool wait_for_more(struct follow *f)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PAUSE_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&f->lock);
    bool whole = f->whole;
    if (!whole)
        pthread_cond_timedwait(&f->more, &f->lock, &until);
    pthread_mutex_unlock(&f->lock);
    return !whole;
}

static void read_to_end(struct follow *f, struct sha256 *h, char *piece)
{
    int64_t asked = 0;
    for (bool more = true;;) {
        if (f->fd < 0)
            f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
        ssize_t n = f->fd < 0 ? 0 : read(f->fd, piece, PIECE);
        f->failed = n < 0 && errno != EINTR;
        if (f->failed || (n == 0 && !more))
            return;
        if (n <= 0) {
            more = wait_for_more(f);
            continue;
        }
        sha256_add(h, piece, (size_t)n);
        f->bytes += n;
        if (f->bytes - asked >= AHEAD) {
            sync_file_range(f->fd, asked, f->bytes - asked, SYNC_FILE_RANGE_WRITE);
            asked = f->bytes;
        }
    }
}

static void *follow_main(void *arg)
{
    struct follow *f = arg;
    struct sha256 *h = sha256_new();
    char *piece = malloc(PIECE);
    assert(piece);
    hash_thread_waits();
    read_to_end(f, h, piece);
    free(piece);
    sha256_end(h, f->hex);
    return NULL;
}

struct follow *follow_start(const char *path)
{
    struct follow *f = calloc(1, sizeof *f);
    assert(f);
    f->path = path;
    f->fd = -1;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->more, NULL);
    f->threaded = pthread_create(&f->thread, NULL, follow_main, f) == 0;
    return f;
}

void follow_whole(struct follow *f)
{
    pthread_mutex_lock(&f->lock);
    f->whole = true;
    pthread_cond_signal(&f->more);
    pthread_mutex_unlock(&f->lock);
}

/* What was read is what stands under the name now. */
static bool read_all(const struct follow *f)
{
    struct stat was, now;
    return f->threaded && !f->failed && f->fd >= 0 && fstat(f->fd, &was) == 0 && stat(f->path, &now) == 0 &&
           was.st_dev == now.st_dev && was.st_ino == now.st_ino && now.st_size == f->bytes;
}

bool follow_finish(struct follow *f, char hex[65], struct err *err)
{
    follow_whole(f);
    if (f->threaded)
        pthread_join(f->thread, NULL);
    bool ok = true;
    if (read_all(f))
        memcpy(hex, f->hex, sizeof f->hex);
    else
        ok = fs_sha256(f->path, hex, err);
    if (f->fd >= 0)
        close(f->fd);
    pthread_cond_destroy(&f->more);
    pthread_mutex_destroy(&f->lock);
    free(f);
    return ok;
}
