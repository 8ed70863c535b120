/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading rows, which all forms of replies share (reply_rows.c); a form is a file reply_<form>.c with its row in reply.c.
 */
#ifndef REPLY_INT_H
#define REPLY_INT_H

#include "hb/azure.h"
#include "hb/json.h"
#include "json_read.h"

struct reply_column {
    struct str name;
    enum hb_type type;
};

struct reading {
    struct arena *arena, *chunk_arena;
    struct jr json;
    struct azure_sink *sink;
    struct azure_result *out;
    struct err *err;
    struct reply_column *cols;
    size_t ncols, cols_cap;
    bool have_table; /* the result has been read; other tables are only looked at */
    struct table *chunk;
    size_t filled, bytes;
    struct buf text;
};

enum { SIDE_MAX = 4 << 20 /* bytes of a table, or an error, that is only looked at */ };

/* True: the whole reply was read. False: *err, or json.why, says what was wrong. */
typedef bool reply_form(struct reading *r);
extern reply_form reply_tables, reply_frames, reply_tables_v1, reply_hunting;

/* A column of the result, by KQL's name of its type or .NET's. */
bool reply_add_column(struct reading *r, struct str name, struct str type);
/* [{NAME_KEY: "a", TYPE_KEY: "long"}, ...]; keys in any case; a second type key serves when the first is missing. */
bool reply_columns(struct reading *r, const char *name_key, const char *type_key, const char *type_key2);
/* The list of rows that comes next, each a list of values. `stray` gets an object that stands for a row, or is NULL. */
bool reply_rows(struct reading *r, bool (*stray)(struct reading *r, const cJSON *object));
void reply_begin_rows(struct reading *r); /* with an empty chunk */
/* The value that comes next, for a column of the row that is being read. */
bool reply_cell(struct reading *r, size_t col);
bool reply_end_row(struct reading *r);
bool reply_end_rows(struct reading *r);
/* What comes next as a tree, for the small things beside the result; cJSON_Delete it. NULL: *err or json.why. */
cJSON *reply_tree(struct reading *r);
/* What comes next as the statistics of the query, as sent; left out when it is longer than SIDE_MAX. */
bool reply_statistics(struct reading *r);
/* Rows are missing; the first text is kept. */
void reply_partial(struct reading *r, struct str text);
/* The same from an error object as services send it. */
void reply_partial_error(struct reading *r, const cJSON *error);

void fault_describe(struct arena *a, const cJSON *error, struct azure_fault *out);

#endif
