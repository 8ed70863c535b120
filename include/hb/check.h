/* layer: run */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be said about a playbook before it runs, beyond its rows: every query and expression parses, every name in
 * them means something, cells read only what comes before them, columns exist where their table is known.
 */
#ifndef HB_CHECK_H
#define HB_CHECK_H

#include <stdbool.h>

#include "hb/arena.h"
#include "hb/diag.h"
#include "hb/playbook.h"

/*
 * Adds every fault of p's KQL to d, at its place in the playbook: errors for what cannot run, warnings for what is probably not
 * meant (a parameter that nothing reads, a table that is spelt almost like a cell). p was loaded, perhaps with errors of its own. False
 * when an error was added. Nothing is run, no table is looked at, no network is asked.
 */
bool check_playbook(struct arena *a, const struct playbook *p, struct diags *d);

/* A table of the source of which it is known which columns the playbook reads. */
struct check_read {
    struct str table;
    struct str *columns; /* never empty */
    size_t ncolumns;
};
struct check_reads {
    struct check_read *items;
    size_t n;
};

/*
 * The tables of which only some columns are read by any query, expression or connect cell of a playbook that check_playbook
 * found right. A table is left out when that cannot be known: its shape is not built in, a query hands on all its columns, or
 * names depend on columns that are there (join, union, column_ifexists ...).
 */
struct check_reads check_read_columns(struct arena *a, const struct playbook *p);

#endif
