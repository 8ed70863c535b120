/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders over POSIX. Invariant: a name that is not a temporary one never shows half a file.
 */
#include "hb/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hb/buf.h"
#include "hb/sha256.h"
#include "hb/vec.h"

bool fs_read(struct arena *a, const char *path, size_t limit, struct str *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return err_errno(err, "open", path);
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
        if (S_ISDIR(st.st_mode))
            errno = EISDIR;
        err_errno(err, "read", path);
        close(fd);
        return false;
    }
    struct buf text = { .max = limit };
    char piece[65536];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0 && !text.too_big)
        buf_put(&text, piece, (size_t)n);
    bool ok = n >= 0 && !text.too_big;
    if (n < 0)
        err_errno(err, "read", path);
    else if (text.too_big)
        err_set(err, ERR_RUN, "'%s' is larger than %zu bytes", path, limit);
    else
        *out = buf_to_arena(&text, a);
    buf_free(&text);
    close(fd);
    return ok;
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return true;
}

static bool sync_folder(const char *path, struct err *err)
{
    struct arena *a = arena_new(0, "a path");
    char *dir = fs_dir(a, path);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems refuse fsync on a folder (EINVAL): the rename itself is still atomic there. */
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (!ok)
        err_errno(err, "sync", dir);
    if (fd >= 0)
        close(fd);
    arena_free(a);
    return ok;
}

bool fs_write(const char *path, struct str bytes, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    bool ok = fd >= 0 && write_all(fd, bytes);
    if (!ok)
        err_errno(err, "write", path);
    if (fd >= 0 && close(fd) != 0 && ok)
        ok = err_errno(err, "write", path);
    return ok;
}

bool fs_write_atomic(const char *path, struct str bytes, struct err *err)
{
    struct arena *a = arena_new(0, "a path");
    char *tmp = arena_printf(a, "%s.tmp%ld", path, (long)getpid());
    bool ok = fs_write(tmp, bytes, err) && fs_commit(tmp, path, err);
    if (!ok)
        unlink(tmp);
    arena_free(a);
    return ok;
}

static bool copy_all(int from, int to)
{
    char piece[65536];
    ssize_t n;
    while ((n = read(from, piece, sizeof piece)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !write_all(to, (struct str){ piece, (size_t)n }))
            return false;
    }
    return true;
}

bool fs_copy(const char *from, const char *to, struct err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return err_errno(err, "open", from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    bool ok = out >= 0 && copy_all(in, out);
    if (!ok)
        err_errno(err, "copy to", to);
    close(in);
    if (out >= 0 && close(out) != 0 && ok)
        ok = err_errno(err, "copy to", to);
    return ok;
}

static bool sync_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open", path);
    bool ok = fsync(fd) == 0;
    if (!ok)
        err_errno(err, "sync", path);
    close(fd);
    return ok;
}

/* Has the system begin to write: what is on its way when the first file is waited for, the others need not wait for again. */
static void begin_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* sync_file says why */
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    close(fd);
}

static bool same_folder(const char *a, const char *b)
{
    size_t n = (size_t)(fs_base(a) - a), m = (size_t)(fs_base(b) - b);
    return n == m && memcmp(a, b, n) == 0;
}

bool fs_sync(const char *const *paths, size_t n, struct err *err)
{
    for (size_t i = 0; n > 1 && i < n; i++)
        begin_sync(paths[i]);
    for (size_t i = 0; i < n; i++)
        if (!sync_file(paths[i], err))
            return false;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < i && !same_folder(paths[k], paths[i]))
            k++;
        if (k == i && !sync_folder(paths[i], err))
            return false;
    }
    return true;
}

bool fs_commit(const char *from, const char *to, struct err *err)
{
    if (!sync_file(from, err))
        return false;
    return rename(from, to) == 0 ? sync_folder(to, err) : err_errno(err, "rename to", to);
}

bool fs_mkdirs(const char *path, struct err *err)
{
    struct arena *a = arena_new(0, "a path");
    char *p = arena_strdup(a, path);
    bool ok = true;
    for (char *slash = p + 1; ok && *p; slash++) {
        bool last = *slash == '\0';
        if (*slash != '/' && !last)
            continue;
        *slash = '\0';
        if (mkdir(p, 0777) != 0 && (errno != EEXIST || !fs_is_dir(p))) {
            if (errno == EEXIST)
                errno = ENOTDIR;
            ok = err_errno(err, "make folder", p);
        }
        if (last)
            break;
        *slash = '/';
    }
    arena_free(a);
    return ok;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool fs_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool fs_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int64_t fs_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool fs_list(struct arena *a, const char *dir, struct str **names, size_t *n, struct err *err)
{
    DIR *d = opendir(dir);
    size_t cap = 0;
    *names = NULL;
    *n = 0;
    if (!d)
        return err_errno(err, "open folder", dir);
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            *VEC_PUSH(a, *names, *n, cap) = arena_str(a, str_z(e->d_name));
    closedir(d);
    if (*n)
        qsort(*names, *n, sizeof **names, by_name);
    return true;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

bool fs_remove_tree(const char *path, struct err *err)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return err_errno(err, "remove", path);
    return true;
}

bool fs_temp_dir(struct arena *a, char **path, struct err *err)
{
    const char *base = getenv("TMPDIR");
    *path = arena_printf(a, "%s/huntbook-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(*path))
        return err_errno(err, "make temporary folder", *path);
    return true;
}

char *fs_join(struct arena *a, const char *dir, const char *name)
{
    if (name[0] == '/' || strcmp(dir, ".") == 0)
        return arena_strdup(a, name);
    size_t n = strlen(dir);
    return arena_printf(a, n && dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name);
}

const char *fs_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *fs_dir(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_strdup(a, ".");
    if (slash == path)
        return arena_strdup(a, "/");
    return arena_printf(a, "%.*s", (int)(slash - path), path);
}

static bool in_name(char c)
{
    return char_is_alnum(c) || strchr("._-/~", c);
}

struct str fs_hide_home(struct arena *a, const char *home, struct str text)
{
    struct str h = str_z(home);
    struct buf out = BUF_INIT;
    size_t at = 0, found;
    while (h.n > 1 && h.p[h.n - 1] == '/')
        h.n--;
    if (h.n < 2 || h.p[0] != '/' || str_find(text, h, 0) == SIZE_MAX)
        return text;
    while ((found = str_find(text, h, at)) != SIZE_MAX) {
        size_t end = found + h.n;
        bool begins = found == 0 || !in_name(text.p[found - 1]);
        bool ends = end == text.n || text.p[end] == '/' || !in_name(text.p[end]);
        buf_str(&out, str_sub(text, at, found));
        buf_str(&out, begins && ends ? STR("~") : h);
        at = end;
    }
    buf_str(&out, str_sub(text, at, text.n));
    struct str s = buf_to_arena(&out, a);
    buf_free(&out);
    return s;
}

const char *fs_from_home(struct arena *a, const char *home, const char *path)
{
    if (path[0] != '~' || (path[1] && path[1] != '/') || !home || !*home)
        return path;
    return arena_printf(a, "%s%s", home, path + 1);
}

bool fs_sha256(const char *path, char hex[65], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open", path);
    enum { PIECE = 256 * 1024 };
    struct sha256 *h = sha256_new();
    char *piece = malloc(PIECE);
    ssize_t n = -1;
    while (piece && (n = read(fd, piece, PIECE)) > 0)
        sha256_add(h, piece, (size_t)n);
    if (n < 0)
        err_errno(err, "read", path);
    free(piece);
    close(fd);
    sha256_end(h, hex);
    return n == 0;
}
