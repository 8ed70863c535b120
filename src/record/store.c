/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of a run. Invariant: a file that has its final name is whole; what is being written ends in ".part" and is left out of
 * SHA256SUMS. Nothing is lost with the program; until a thread has waited for the disk, which it does beside the next cell, the last
 * files can be lost with the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/record.h"
#include "hb/ticks.h"
#include "hb/vec.h"

enum { RECORD_FILE_MAX = 512 << 20 };

struct str store_slug(struct arena *a, struct str name)
{
    struct buf out = { .max = 80 };
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain = char_is_word(c) || ((c == '.' || c == '-') && out.n > 0);
        if (plain)
            buf_putc(&out, c);
        else if (out.n && out.p[out.n - 1] != '-')
            buf_putc(&out, '-');
    }
    while (out.n && (out.p[out.n - 1] == '-' || out.p[out.n - 1] == '.'))
        out.n--;
    struct str slug = out.n ? arena_str(a, (struct str){ out.p, out.n }) : STR("hunt");
    buf_free(&out);
    return slug;
}

bool store_create(struct store *s, struct arena *a, const char *output, struct str playbook_slug,
                  int64_t started, struct err *err)
{
    struct buf stamp = BUF_INIT;
    *s = (struct store){ .arena = a };
    char *parent = arena_printf(a, "%s/%.*s", output, STR_ARG(playbook_slug));
    if (!fs_mkdirs(parent, err)) {
        buf_free(&stamp);
        return err_wrap(err, "output folder '%s'", output);
    }
    ticks_put_compact(&stamp, started);
    bool ok = false;
    for (int tries = 0; tries < 16 && !ok; tries++) {
        /* Three digits are the part of the second, so that names sort by time; three are by chance. */
        unsigned part = (unsigned)(started % TICKS_SEC * 4096 / TICKS_SEC);
        uint16_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            break;
        s->run_id = arena_printf(a, "%s-%03x%03x", buf_z(&stamp), part & 0xFFF, (unsigned)random & 0xFFF);
        s->dir = arena_printf(a, "%s/%s", parent, s->run_id);
        ok = mkdir(s->dir, 0777) == 0;
        if (!ok && errno != EEXIST)
            break;
    }
    buf_free(&stamp);
    return ok || err_errno(err, "make the run folder below", parent);
}

bool store_open(struct store *s, struct arena *a, const char *dir, struct err *err)
{
    *s = (struct store){ .arena = a };
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    s->dir = arena_printf(a, "%.*s", (int)n, dir);
    s->run_id = arena_strdup(a, fs_base(s->dir));
    if (!fs_is_dir(s->dir))
        return err_set(err, ERR_USAGE, "no run folder '%s'; `huntbook list` shows the runs there are",
                       s->dir);
    if (!fs_exists(store_path(s, "run.json")))
        return err_set(err, ERR_USAGE, "'%s' holds no run.json, so it is not the folder of a run", s->dir);
    return true;
}

bool store_lock(struct store *s, struct err *err)
{
    int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open", s->dir);
    /* A file system without locks (ENOLCK, EOPNOTSUPP) does not keep anybody from working. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(fd);
        return err_set(err, ERR_USAGE, "another huntbook is at work in '%s'", s->dir);
    }
    s->lock = fd + 1;
    return true;
}

void store_unlock(struct store *s)
{
    if (s->lock)
        close(s->lock - 1);
    s->lock = 0;
}

char *store_path(const struct store *s, const char *rel)
{
    return fs_join(s->arena, s->dir, rel);
}

char *store_temp(const struct store *s, const char *rel)
{
    return arena_printf(s->arena, "%s/%s.part", s->dir, rel);
}

/* A folder that is moved or removed while a run writes into it is not made anew: half a run would look like a whole one. */
static bool still_there(const struct store *s, struct err *err)
{
    struct stat locked, now;
    if (!s->lock || fstat(s->lock - 1, &locked) != 0)
        return true;
    if (stat(s->dir, &now) == 0 && now.st_dev == locked.st_dev && now.st_ino == locked.st_ino)
        return true;
    return err_set(
        err, ERR_RUN,
        "the folder of the run, '%s', was moved or removed while the run was at work; huntbook run --resume "
        "goes on where it is now",
        s->dir);
}

static bool make_parent(struct store *s, const char *rel, struct err *err)
{
    return still_there(s, err) && (!strchr(rel, '/') || fs_mkdirs(fs_dir(s->arena, store_path(s, rel)), err));
}

static struct store_sum *sum_of(const struct store *s, struct str rel)
{
    for (size_t i = 0; i < s->nsums; i++)
        if (str_eq(s->sums[i].path, rel))
            return &s->sums[i];
    return NULL;
}

/* What waits for the disk, in a thread of its own. */
struct store_sync {
    pthread_t thread;
    bool threaded, ok;
    const char *const *paths;
    size_t n;
    struct err err;
};

static void *sync_main(void *arg)
{
    struct store_sync *y = arg;
    y->ok = fs_sync(y->paths, y->n, &y->err);
    return NULL;
}

static bool end_sync(struct store *s, struct err *err)
{
    struct store_sync *y = s->sync;
    s->sync = NULL;
    if (y && y->threaded)
        pthread_join(y->thread, NULL);
    if (y && !y->ok && still_there(s, err)) /* that it is not says more than what could not be synced */
        *err = y->err;
    return !y || y->ok;
}

static struct store_sync *take_settled(struct store *s)
{
    struct store_sync *y = ARENA_NEW(s->arena, struct store_sync);
    *y = (struct store_sync){ .paths = s->settled, .n = s->nsettled, .err = ERR_INIT };
    s->settled = NULL;
    s->nsettled = s->settled_cap = 0;
    return y;
}

bool store_wait(struct store *s, struct err *err)
{
    if (!end_sync(s, err))
        return false;
    s->sync = take_settled(s);
    sync_main(s->sync);
    return end_sync(s, err);
}

static void settled(struct store *s, const char *path)
{
    *VEC_PUSH(s->arena, s->settled, s->nsettled, s->settled_cap) = path;
}

static bool ready_to_write(struct store *s, const char *rel, struct err *err)
{
    struct store_sum *sum = sum_of(s, str_z(rel));
    if (sum)
        *sum = s->sums[--s->nsums];
    return make_parent(s, rel, err);
}

bool store_write(struct store *s, const char *rel, struct str bytes, struct err *err)
{
    return store_wait(s, err) && ready_to_write(s, rel, err) &&
           fs_write_atomic(store_path(s, rel), bytes, err);
}

bool store_write_soon(struct store *s, const char *rel, struct str bytes, struct err *err)
{
    const char *temp = store_temp(s, rel), *path = store_path(s, rel);
    if (!end_sync(s, err) || !ready_to_write(s, rel, err))
        return false;
    if (!fs_write(temp, bytes, err) || (rename(temp, path) != 0 && !err_errno(err, "rename to", path))) {
        unlink(temp);
        return false;
    }
    settled(s, path);
    s->sync = take_settled(s);
    s->sync->threaded = pthread_create(&s->sync->thread, NULL, sync_main, s->sync) == 0;
    if (!s->sync->threaded)
        sync_main(s->sync);
    return true;
}

bool store_prepare(struct store *s, const char *rel, char **temp, struct err *err)
{
    *temp = store_temp(s, rel);
    return make_parent(s, rel, err);
}

static void add_move(struct store *s, const char *from, const char *to)
{
    for (size_t i = 0; i < s->nmoves; i++)
        if (strcmp(s->moves[i].to, to) == 0)
            return;
    *VEC_PUSH(s->arena, s->moves, s->nmoves, s->moves_cap) = (struct store_move){ from, to };
}

bool store_commit(struct store *s, const char *rel, const char *sha256, struct record_file *out,
                  struct err *err)
{
    char hashed[65], *temp = store_temp(s, rel);
    const char *hex = sha256 ? sha256 : hashed;
    if (!sha256 && !fs_sha256(temp, hashed, err))
        return false;
    *out = (struct record_file){
        .path = arena_str(s->arena, str_z(rel)),
        .sha256 = arena_str(s->arena, str_z(hex)),
        .bytes = fs_size(temp),
        .rows = -1,
    };
    struct store_sum *sum = sum_of(s, out->path);
    if (!sum)
        sum = VEC_PUSH(s->arena, s->sums, s->nsums, s->sums_cap);
    *sum = (struct store_sum){ out->path, out->sha256 };
    add_move(s, temp, store_path(s, rel));
    return true;
}

/* What stands there now is hashed when the run is sealed. */
static void forget_sum(struct store *s, const char *path)
{
    for (size_t i = 0; i < s->nsums; i++)
        if (strcmp(store_path(s, s->sums[i].path.p), path) == 0) {
            s->sums[i] = s->sums[--s->nsums];
            return;
        }
}

bool store_settle(struct store *s, struct err *err)
{
    size_t n = s->nmoves, done = 0;
    s->nmoves = 0;
    bool ok = n == 0 || still_there(s, err);
    for (; ok && done < n; done += ok)
        ok = rename(s->moves[done].from, s->moves[done].to) == 0 ||
             err_errno(err, "rename to", s->moves[done].to);
    for (size_t i = 0; i < n && ok; i++)
        settled(s, s->moves[i].to);
    for (size_t i = 0; i < n && !ok; i++) {
        unlink(i < done ? s->moves[i].to : s->moves[i].from);
        forget_sum(s, s->moves[i].to);
    }
    return ok;
}

bool store_is_leftover(struct str name)
{
    size_t at = name.n;
    while (at && name.p[at - 1] >= '0' && name.p[at - 1] <= '9')
        at--;
    return str_ends(name, STR(".part")) || (at < name.n && str_ends(str_sub(name, 0, at), STR(".tmp")));
}

static bool clean_below(struct store *s, const char *dir, struct err *err)
{
    struct str *names;
    size_t n;
    if (!fs_list(s->arena, dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        char *path = fs_join(s->arena, dir, names[i].p);
        if (store_is_leftover(names[i]) ? !fs_remove_tree(path, err)
                                        : fs_is_dir(path) && !clean_below(s, path, err))
            return false;
    }
    return true;
}

bool store_clean(struct store *s, struct err *err)
{
    return clean_below(s, s->dir, err);
}

struct file_list {
    struct str *names;
    size_t n, cap;
};

static bool collect(struct store *s, const char *rel, struct file_list *list, struct err *err)
{
    struct str *names;
    size_t n;
    if (!fs_list(s->arena, *rel ? store_path(s, rel) : s->dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        char *child = arena_printf(s->arena, "%s%s%.*s", rel, *rel ? "/" : "", STR_ARG(names[i]));
        if (str_ends(names[i], STR(".part")) || strcmp(child, "SHA256SUMS") == 0 ||
            evidence_beside_sums(str_z(child)))
            continue;
        if (fs_is_dir(store_path(s, child))) {
            if (!collect(s, child, list, err))
                return false;
        } else {
            *VEC_PUSH(s->arena, list->names, list->n, list->cap) = str_z(child);
        }
    }
    return true;
}

/* The list that is there already is left alone, with the signatures that cover it. */
static bool write_sums(struct store *s, struct str sums, struct err *err)
{
    struct str there;
    struct err ignored = ERR_INIT;
    const char *path = store_path(s, "SHA256SUMS");
    if (fs_exists(path) && fs_read(s->arena, path, SIZE_MAX, &there, &ignored) && str_eq(there, sums))
        return true;
    return evidence_keep_signed(s, err) && store_write(s, "SHA256SUMS", sums, err);
}

bool store_seal(struct store *s, struct err *err)
{
    if (!store_wait(s, err))
        return false;
    struct file_list list = { 0 };
    struct buf sums = BUF_INIT;
    bool ok = collect(s, "", &list, err);
    for (size_t i = 0; ok && i < list.n; i++) {
        char hex[65];
        const struct store_sum *sum = sum_of(s, list.names[i]);
        if (!sum)
            ok = fs_sha256(store_path(s, list.names[i].p), hex, err);
        if (ok)
            buf_printf(&sums, "%s  %s\n", sum ? sum->sha256.p : hex, list.names[i].p);
    }
    ok = ok && write_sums(s, buf_view(&sums), err);
    buf_free(&sums);
    return ok;
}

bool store_unseal(struct store *s, struct err *err)
{
    const char *path = store_path(s, "SHA256SUMS");
    return !fs_exists(path) || fs_remove_tree(path, err);
}

bool store_read_record(struct store *s, struct record **out, struct err *err)
{
    struct str json;
    if (!fs_read(s->arena, store_path(s, "run.json"), RECORD_FILE_MAX, &json, err))
        return false;
    *out = record_from_json(s->arena, json, s->dir, err);
    return *out != NULL;
}
