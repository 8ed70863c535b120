/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series (arrays of numbers) as the series functions read and write them. An element that is no number is missing.
 */
#ifndef HB_ENGINE_SERIES_H
#define HB_ENGINE_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "udf.h"

struct series {
    double *v;
    struct str *raw; /* views into the text */
    bool *has;
    size_t n;
    bool whole; /* only integers */
};

/* False: raw is no array. */
bool series_read(struct str raw, struct series *s);
void series_free(struct series *s);
void *series_memory(size_t n, size_t size); /* zeroed; never NULL */
/* A JSON number that reads as real; NaN and infinities as strings. */
void series_put_real(struct buf *b, double v);
/* [v, v, ...]; has NULL: all are there */
void series_put(struct buf *b, const double *v, const bool *has, size_t n);
int series_by_value(const void *a, const void *b); /* of double */

#endif
