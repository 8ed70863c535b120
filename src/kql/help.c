/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference of what this compiler supports, printed from the tables: docs/KQL.md. What has no row there is not in the
 * language here.
 */
#include <string.h>

#include "bound.h"

/* The words of an argument letter (struct kql_func). */
static const char *letter_word(char l)
{
    switch (l) {
    case 's': return "string";
    case 'S': return "string literal";
    case 'R': return "regex";
    case 'z': return "time zone";
    case 'x':
    case 'a':
    case 'j':
    case 'U':
    case 'k': return "any";
    case 'l': return "long";
    case 'c': return "number literal";
    case 'i': return "int";
    case 'r': return "real";
    case 'N':
    case 'n': return "number";
    case 't': return "datetime";
    case 'p': return "timespan";
    case 'd': return "dynamic";
    case 'b': return "bool";
    case 'P': return "condition";
    case 'g': return "guid";
    case 'D': return "decimal";
    default: return "?";
    }
}

static void put_signature(struct buf *o, const char *name, const char *args)
{
    buf_printf(o, "`%s(", name);
    for (size_t i = 0; args[i]; i++) {
        if (args[i] == '*') {
            buf_puts(o, ", ...");
            continue;
        }
        buf_printf(o, "%s%s", i ? ", " : "", letter_word(args[i]));
    }
    buf_puts(o, ")`");
}

static void put_way(struct buf *o, const char *name, const char *args, size_t *ways)
{
    buf_puts(o, *ways ? " or " : "it is called ");
    put_signature(o, name, args);
    ++*ways;
}

const char *kql_signature(struct arena *a, struct str name)
{
    enum { WAYS_MAX = 3 };
    struct buf o = BUF_INIT;
    size_t ways = 0;
    for (size_t i = 0; i < kql_nfuncs && ways < WAYS_MAX; i++)
        if (str_eqz(name, kql_funcs[i].name) && kql_funcs[i].sql && kql_funcs[i].sql[0] != '!')
            put_way(&o, kql_funcs[i].name, kql_funcs[i].args, &ways);
    for (size_t i = 0; i < kql_naggs && ways < WAYS_MAX; i++)
        if (str_eqz(name, kql_aggs[i].name) && kql_aggs[i].sql && kql_aggs[i].sql[0] != '!')
            put_way(&o, kql_aggs[i].name, kql_aggs[i].args, &ways);
    char *s = ways ? arena_strdup(a, buf_z(&o)) : NULL;
    buf_free(&o);
    for (char *c = s; c && *c; c++)
        *c = *c == '`' ? '\'' : *c;
    return s;
}

static void put_row(struct buf *o, const char *name, const char *args, const char *sql, const char *help)
{
    buf_puts(o, "| ");
    if (sql && sql[0] != '!')
        put_signature(o, name, args);
    else
        buf_printf(o, "`%s`", name);
    buf_printf(o, " | %s%s |\n", sql ? "" : "**not supported**: ", help);
}

void kql_reference(struct buf *o)
{
    buf_puts(o,
             "# KQL as huntbook runs it\n\n"
             "Printed from the compiler's own tables; a test compares. `dcount`, percentiles, `hll` and "
             "`tdigest` are exact. `take` and\n"
             "`sample` give the first rows, so that a report repeats. `now()` is the run's clock. A name "
             "that is not listed\n"
             "here is refused with its place in the text. A decimal has 34 digits and an exponent (IEEE 754 "
             "decimal128): what\n"
             "needs more digits is rounded half to even, what is larger than 9.99E+6144 is null.\n\n"
             "## Query operators\n\n| operator | |\n|--|--|\n");
    for (size_t i = 0; i < kql_nops_rows; i++)
        if (!i || strcmp(kql_ops[i].name, kql_ops[i - 1].name) != 0)
            buf_printf(o, "| `%s` | %s%s |\n", kql_ops[i].name,
                       kql_ops[i].bind ? "" : "**not supported**: ", kql_ops[i].help);
    buf_puts(
        o,
        "\nQueries begin with a table, `print`, `range`, `datatable`, `union`, `search` or `find`. "
        "Statements: `let` (values, tables,\n"
        "functions with defaults and tabular parameters), `set`, `declare query_parameters`, "
        "`declare pattern`, `restrict access`,\n"
        "`alias database`. `externaldata` and `inline_external_table` are refused, and so are\n"
        "the times that Sentinel's portal fills in, `{{StartTimeISO}}` and `{{EndTimeISO}}`: nobody does "
        "here.\n\n"
        "`cluster('c').database('d').T`, `database('d').T`, `workspace('w').T`, aliases and the members of "
        "an "
        "entity group of\n"
        "`macro-expand`: where the data is a folder with folders in it, those are the databases (`d/T.csv`, "
        "`c/d/T.csv`, the folder of a cluster\n"
        "without `.kusto.windows.net`). `app`, `resource`, `adx('CLUSTER/DATABASE')` and `arg('')` (the "
        "database `arg`) are "
        "read alike. Where it is not, the\n"
        "source is the database that is named, and reading one of its tables as that of two databases is an "
        "error. Entity groups\n"
        "are written in the query; databases have no functions here, and `database()` is the source "
        "itself.\n\n"
        "## Plugins of evaluate\n\n| plugin | |\n|--|--|\n");
    for (size_t i = 0; i < kql_nplugins; i++)
        buf_printf(o, "| `%s` | %s%s |\n", kql_plugins[i].name,
                   kql_plugins[i].bind ? "" : "**not supported**: ", kql_plugins[i].help);
    buf_puts(o, "\n## Aggregates\n\n| aggregate | |\n|--|--|\n");
    for (size_t i = 0; i < kql_naggs; i++)
        put_row(o, kql_aggs[i].name, kql_aggs[i].args, kql_aggs[i].sql, kql_aggs[i].help);
    buf_puts(o, "\n## Scalar functions\n\n| function | |\n|--|--|\n");
    for (size_t i = 0; i < kql_nfuncs; i++)
        put_row(o, kql_funcs[i].name, kql_funcs[i].args, kql_funcs[i].sql, kql_funcs[i].help);
}
