/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What run.json, its schema and files of rows share: the rows that describe the record, and how a table is written as JSON and
 * read back (manifest.c).
 */
#ifndef HB_RECORD_INT_H
#define HB_RECORD_INT_H

#include "hb/json.h"
#include "hb/record.h"

enum member_kind {
    M_STR,
    M_I64,
    M_INT,
    M_SIZE,
    M_BOOL,
    M_ENUM,
    M_TICKS,
    M_TYPE,
    M_HASH,
    M_STRUCT,
    M_LIST,
    M_TABLE
};

/*
 * M_HASH, the last member of an object: SHA-256 of the object's text in run.json before it, from the brace on. It is written anew
 * each time, in records of version RECORD_HASHED and later; the struct str keeps what was read.
 */
struct member {
    const char *key;
    enum member_kind kind;
    size_t offset, count_offset; /* count: of M_LIST, a size_t */
    const struct member *rows;   /* M_STRUCT, M_LIST */
    size_t nrows, size;          /* M_LIST: bytes of one element */
    const char *const *names;    /* M_ENUM, NULL-terminated */
};

/* The rows of run.json itself; `rows` of a list of texts is one row without a key. */
const struct member *record_members(size_t *n);

struct reader {
    struct arena *arena;
    struct err *err;
};

void record_put_columns(struct jw *w, const struct table *t);
void record_put_cell(struct jw *w, const struct column *c, size_t row);
/* t has as many columns as the list has items. */
bool record_get_columns(const struct reader *r, const cJSON *columns, struct table *t);
bool record_get_row(const struct reader *r, const cJSON *values, struct table *t, size_t row);
/* The path of a file that the record names; an absolute one, or one that leaves the folder, is refused. */
bool record_file_path(const struct reader *r, const char *key, const char *dir, struct str file, char **path);

#endif
