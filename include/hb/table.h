/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table: named, typed columns of equal length. The one noun that flows everywhere.
 *
 * Types are KQL's. A string is never null (KQL's rule): null and empty are the same. Every other type may be
 * null. Memory: columns, cells and texts hang off the table's arena. Large results stay in the engine; a
 * struct table holds what is shown, charted or computed on.
 */
#ifndef HB_TABLE_H
#define HB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/json.h"
#include "hb/str.h"

enum hb_type {
    HB_UNKNOWN, /* never in a table: "no type found" in the compiler */
    HB_BOOL,
    HB_INT,  /* 32 bit */
    HB_LONG, /* 64 bit */
    HB_REAL,
    HB_DECIMAL,  /* kept as text */
    HB_DATETIME, /* ticks, hb/ticks.h */
    HB_TIMESPAN, /* ticks */
    HB_STRING,
    HB_DYNAMIC, /* compact JSON text */
    HB_GUID,    /* 36 characters, lower case */
};
enum { HB_NTYPES = HB_GUID + 1 };

const char *hb_type_name(enum hb_type t); /* "long", "datetime", ... */
/* KQL's names and aliases (double, date, time, boolean, uuid, uniqueid, ...); HB_UNKNOWN when there is none.
 */
enum hb_type hb_type_parse(struct str name);
bool hb_type_is_text(enum hb_type t); /* cells are struct str: decimal, string, dynamic, guid */

struct column {
    struct str name;
    enum hb_type type;
    union {
        bool *b;       /* HB_BOOL */
        int64_t *i;    /* HB_INT, HB_LONG, HB_DATETIME, HB_TIMESPAN */
        double *f;     /* HB_REAL */
        struct str *s; /* text types */
    } v;
    uint8_t *null; /* one byte a row, 1 = null; NULL pointer: no nulls at all */
};

struct table {
    struct arena *arena;
    struct column *cols;
    size_t ncols;
    size_t nrows;
};

/* A table of nrows zeroed rows (numbers 0, texts empty, nothing null). */
struct table *table_new(struct arena *a, size_t ncols, size_t nrows);
/* Gives column i its name (copied) and type, and its cells. */
void table_set_column(struct table *t, size_t i, struct str name, enum hb_type type);
size_t table_find(const struct table *t, struct str name); /* SIZE_MAX when absent */
static inline bool column_is_null(const struct column *c, size_t row)
{
    return c->null && c->null[row];
}
void column_set_null(struct table *t, size_t col, size_t row);
/* One value of a column of the same type. A text stays where it is, so its owner must outlive `to`. */
void table_copy_value(struct table *to, size_t col, size_t row, const struct column *from, size_t from_row);

/* One cell as text: KQL's tostring(), datetimes with 7 digits and Z; null is the empty string. */
void cell_put_text(struct buf *b, const struct column *c, size_t row);
/* The same for people: datetimes without needless zeroes, reals with at most 6 significant decimals, null as
 * empty. */
void cell_put_human(struct buf *b, const struct column *c, size_t row);
/* One cell as a JSON value (design: JSON form). */
void cell_put_json(struct jw *w, const struct column *c, size_t row);
/* A real as KQL writes it: 1.0, 0.1, 1E+20, NaN, Infinity. */
void real_put_kql(struct buf *b, double v);

/* -- showing whole tables (print.c) -- */

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON, TABLE_NDJSON, TABLE_MD };
bool table_format_parse(struct str name, enum table_format *out);

struct table_print {
    enum table_format format;
    size_t width; /* terminal columns for TABLE_TEXT; 0 = do not cut */
    bool colour;
    size_t max_rows; /* 0 = all; TABLE_TEXT says how many were left out */
    bool csv_safe;   /* text beginning with = + - @ tab CR gets a leading apostrophe (spreadsheets) */
};
void table_print(struct buf *out, const struct table *t, const struct table_print *how);
/* One CSV field by RFC 4180; safe: with the spreadsheet apostrophe. */
void csv_put_field(struct buf *out, struct str s, bool safe);
/* {"columns":[{"name":..,"type":..}],"rows":[[..]]} as two members of the open object of w. */
void table_put_json(struct jw *w, const struct table *t);

#endif
