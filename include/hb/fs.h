/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: whole reads with a limit, durable writes, folders. Paths are NUL-terminated.
 */
#ifndef HB_FS_H
#define HB_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/err.h"
#include "hb/str.h"

/* Whole file into the arena (NUL behind it). Over `limit` bytes is an error. "-" is not special. */
bool fs_read(struct arena *a, const char *path, size_t limit, struct str *out, struct err *err);
/* Writes to a temporary name beside `path`, syncs, renames: after a crash the file is old, new or absent,
 * never half. */
bool fs_write_atomic(const char *path, struct str bytes, struct err *err);
/* The bytes of a file into another one, in place: the caller names a temporary file and commits it. */
bool fs_copy(const char *from, const char *to, struct err *err);
/* A file in place, of which nothing is said to be on disk: again the caller names a temporary file. */
bool fs_write(const char *path, struct str bytes, struct err *err);
/* fsync of an existing file, rename to its final name, fsync of the folder: after a crash it is whole, as it was before, or absent. */
bool fs_commit(const char *from, const char *to, struct err *err);
/* fsync of files that have their names, and of the folders they are in. Many at once wait for the disk hardly longer than one. */
bool fs_sync(const char *const *paths, size_t n, struct err *err);
bool fs_mkdirs(const char *path, struct err *err); /* like mkdir -p, mode 0777 & ~umask */
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
bool fs_is_regular(const char *path); /* a file of bytes: no folder, pipe or device */
int64_t fs_size(const char *path);    /* -1 when it cannot be read */
/* Names of the entries of a folder (no . and ..), sorted bytewise, in the arena. */
bool fs_list(struct arena *a, const char *dir, struct str **names, size_t *n, struct err *err);
bool fs_remove_tree(const char *path, struct err *err); /* does not follow symbolic links */
/* A new private folder (mode 0700) under $TMPDIR or /tmp; path in the arena. */
bool fs_temp_dir(struct arena *a, char **path, struct err *err);
/* dir + "/" + name; name absolute gives name. */
char *fs_join(struct arena *a, const char *dir, const char *name);
const char *fs_base(const char *path);           /* behind the last slash */
char *fs_dir(struct arena *a, const char *path); /* before the last slash, "." when none */
/*
 * A record is handed to others, to whom the name of somebody's home folder is no matter: every path in the text that begins
 * with `home` begins with ~ instead. `home` may be NULL. fs_from_home gives a path that begins with ~ its home back.
 */
struct str fs_hide_home(struct arena *a, const char *home, struct str text);
const char *fs_from_home(struct arena *a, const char *home, const char *path);
/* SHA-256 of a file, 64 lower-case hex digits and NUL. */
bool fs_sha256(const char *path, char hex[65], struct err *err);

#endif
