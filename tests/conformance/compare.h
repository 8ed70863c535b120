/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing a query's answer with the answer that is wanted: the rules of kql-cases/README.md.
 *
 * Two kinds of cases. "Printed" ones hold the text of a documentation table: lenient in how a value is written, strict in
 * what it is. "Typed" ones hold JSON values and types of the engine itself: strict. Everything lives in the arena.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- jsonv.c: JSON with numbers as they are written; objects keep the last of equal keys -- */

enum jv_kind { JV_NULL, JV_BOOL, JV_NUMBER, JV_STRING, JV_ARRAY, JV_OBJECT };

struct jv {
    enum jv_kind kind;
    bool b;
    bool whole;     /* a number without point and exponent */
    double f;       /* the number */
    struct str s;   /* the number's text, or the string's */
    struct jv **at; /* [n] elements or members */
    struct str *keys;
    size_t n;
};

/* NULL: not JSON. NaN, Infinity and -Infinity are numbers. */
struct jv *jv_parse(struct arena *a, struct str text);
const struct jv *jv_get(const struct jv *v, const char *key); /* NULL when absent or v is no object */
struct str jv_text(const struct jv *v, const char *key);      /* "" when absent or no string */
bool jv_true(const struct jv *v, const char *key);
/* The value as compact JSON, for messages and as a last resort of comparing. */
struct str jv_print(struct arena *a, const struct jv *v);

/* -- texts.c: values as they are printed -- */

bool text_datetime(struct str s, int64_t *ticks);
bool text_timespan(struct str s, int64_t *ticks);
/* The numeral without separators of thousands; false: it is none. */
bool text_number(struct arena *a, struct str s, struct str *out);
bool text_nonfinite(struct str s, double *out); /* NaN, inf, Infinity, the sign for infinity */
bool text_is_null(struct str s);                /* "", null, (null) ... in any case */
bool numbers_same(struct str a, struct str b);  /* exactly, of any length: 5, 5.0 and 0.5e1 */
/* Is `actual` what `shown` rounds or cuts? Both are decimal numerals. */
bool decimal_shows(struct str shown, struct str actual);
/* Does `actual` round to the numeral shown, or agree to 15 digits? */
bool real_shows(struct str shown, double actual);
struct str text_squeeze(struct arena *a, struct str s); /* runs of white space become one blank */

/* -- compare.c -- */

struct verdict {
    bool equal;
    const char *reason; /* "exact", "ties", "column types" ... */
    struct str detail;
};

/* `actual` is a result line of `huntbook kql --batch`, NULL if there is none; `types`: typed cases also want the types. */
struct verdict compare(struct arena *a, const struct jv *wanted, const struct jv *actual, bool types);

/* -- self.c -- */

/* Checks of the rules above; prints and counts what is wrong. */
size_t compare_self_test(void);

/* -- cells.c -- */

/* A printed cell (raw: the same before escapes were resolved, or the same view) against a value. */
bool cell_equal(struct arena *a, struct str text, struct str raw, const struct jv *actual, enum hb_type type,
                bool unordered);
/* A value of the engine against a value. */
bool value_equal(struct arena *a, const struct jv *wanted, const struct jv *actual, enum hb_type type,
                 bool unordered);

/* Pairs each of n wanted things with its own of m actual ones; returns how many got one. pair[i] is SIZE_MAX or an index. */
typedef bool same_fn(void *ctx, size_t wanted, size_t actual);
size_t match(struct arena *a, size_t n, size_t m, same_fn *same, void *ctx, size_t *pair);

#endif
