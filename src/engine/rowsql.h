/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL expressions evaluated here, one row at a time: what scan needs, whose conditions depend on the rows before.
 *
 * The compiler emits one form of SQL for an expression wherever it stands. This reads the part of it that has no tables:
 * literals, slots (c<number>), CASE, logic with NULL, comparisons, arithmetic, casts, [lists], the functions of hb/kql_udf.h
 * and the SQL functions of KQL_SCAN_FUNCTIONS. Values follow DuckDB: a division by zero is NULL, NaN is the greatest number.
 */
#ifndef HB_ENGINE_ROWSQL_H
#define HB_ENGINE_ROWSQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/str.h"

struct rvalue {
    char type; /* b l r s: bool, integer, real, text; L: list */
    bool null;
    bool b;
    int64_t i;
    double f;
    struct str s;
    struct rvalue *items; /* L */
    size_t n;
};

struct rexpr;

/* Gives the number of slot c<id>; false: there is none. */
typedef bool rslot_fn(void *ctx, int64_t id, size_t *slot);

/* NULL: not in the part of SQL that is understood here. */
struct rexpr *rowsql_parse(struct arena *a, struct str sql, rslot_fn *slot, void *ctx);

/* The value; its text lives in `temp`, in the slots or in the arena of the expression. */
struct rvalue rowsql_eval(const struct rexpr *e, const struct rvalue *slots, struct arena *temp);

#endif
