/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What run.json and files of rows share: how a table is written as JSON and read back (manifest.c).
 */
#ifndef HB_RECORD_INT_H
#define HB_RECORD_INT_H

#include "hb/json.h"
#include "hb/record.h"

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
