/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known tables: known_data.inc has one row each, in the order of names (bytes), "column:type" words as its text. The letters
 * are those of letter_type; two letters are Defender's type and that of Log Analytics, where they differ.
 *
 * Nothing is unpacked at start: a table is found by bisection, and only its own words are read.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hb/kql_known.h"

struct known {
    const char *name;
    bool log_analytics; /* has the standard columns too */
    const char *words;
};

static const struct known tables[] = {
#define KNOWN(name, log_analytics, words) { name, log_analytics, words },
#include "known_data.inc"
#undef KNOWN
};
const size_t kql_nknown = sizeof tables / sizeof *tables;

/* What every table of Log Analytics has, listed or not. */
static const char standard[] =
    "TenantId:s TimeGenerated:t _TimeReceived:t Type:s _ItemId:s _IsBillable:s _BilledSize:r";

/* Tables with a column for each property of each kind of resource. */
static const char *const open_tables[] = { "AzureDiagnostics" };

static enum hb_type letter_type(char c)
{
    static const char letters[] = "sdtilrbgnm";
    static const enum hb_type types[] = { HB_STRING, HB_DYNAMIC, HB_DATETIME, HB_INT,      HB_LONG,
                                          HB_REAL,   HB_BOOL,    HB_GUID,     HB_TIMESPAN, HB_DECIMAL };
    const char *at = strchr(letters, c);
    assert(c && at);
    return types[at - letters];
}

/* The type that a column of an open table has by its name; HB_UNKNOWN: none. */
static enum hb_type suffix_type(struct str name)
{
    static const struct {
        char suffix;
        enum hb_type type;
    } suffixes[] = {
        { 's', HB_STRING }, { 'd', HB_REAL }, { 'b', HB_BOOL }, { 't', HB_DATETIME }, { 'g', HB_GUID },
    };
    if (name.n < 3 || name.p[name.n - 2] != '_')
        return HB_UNKNOWN;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (suffixes[i].suffix == name.p[name.n - 1])
            return suffixes[i].type;
    return HB_UNKNOWN;
}

static int by_name(const void *key, const void *row)
{
    return str_cmp(*(const struct str *)key, str_z(((const struct known *)row)->name));
}

static const struct known *find(struct str table)
{
    return bsearch(&table, tables, kql_nknown, sizeof *tables, by_name);
}

/* ---- columns ---- */

static void add_column(struct kql_column *cols, size_t *n, struct str name, enum hb_type type)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(cols[i].name, name))
            return;
    cols[(*n)++] = (struct kql_column){ name, type };
}

static void add_words(const char *words, bool defender, struct kql_column *cols, size_t *n)
{
    struct str s = str_z(words);
    for (size_t i = 0; i < s.n;) {
        size_t end = str_chr(s, ' ', i), colon = str_chr(s, ':', i);
        bool two = end - colon == 3;
        add_column(cols, n, str_sub(s, i, colon), letter_type(s.p[colon + (two && !defender ? 2 : 1)]));
        i = end + 1;
    }
}

static size_t count_words(const char *words)
{
    size_t n = 0;
    for (; *words; words++)
        n += *words == ':';
    return n;
}

bool kql_known_table_for(struct arena *a, struct str table, bool defender, const struct kql_refs *refs,
                         struct kql_column **columns, size_t *n)
{
    const struct known *known = find(table);
    size_t more = refs && kql_known_is_open(table) ? refs->n : 0;
    if (!known)
        return false;
    *columns = ARENA_ARRAY(a, count_words(known->words) + count_words(standard) + more, struct kql_column);
    *n = 0;
    add_words(known->words, defender, *columns, n);
    if (known->log_analytics)
        add_words(standard, defender, *columns, n);
    for (size_t i = 0; i < more; i++) {
        enum hb_type type = suffix_type(refs->items[i].name);
        if (refs->items[i].kind == KQL_REF_SCALAR && type != HB_UNKNOWN)
            add_column(*columns, n, refs->items[i].name, type);
    }
    return true;
}

bool kql_known_table(struct arena *a, struct str table, bool defender, struct kql_column **columns, size_t *n)
{
    return kql_known_table_for(a, table, defender, NULL, columns, n);
}

bool kql_is_known(struct str table)
{
    return find(table) != NULL;
}

bool kql_known_is_open(struct str table)
{
    for (size_t i = 0; i < sizeof open_tables / sizeof *open_tables; i++)
        if (str_eqz(table, open_tables[i]))
            return true;
    return false;
}

struct str kql_known_name(size_t i)
{
    assert(i < kql_nknown);
    return str_z(tables[i].name);
}

bool kql_time_alias(const struct kql_column *columns, size_t n, struct kql_alias *out)
{
    static const struct str names[2] = { STR_INIT("TimeGenerated"), STR_INIT("Timestamp") };
    size_t at[2] = { SIZE_MAX, SIZE_MAX };
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            if (str_eq(columns[i].name, names[k]))
                at[k] = i;
    if ((at[0] == SIZE_MAX) == (at[1] == SIZE_MAX))
        return false;
    size_t have = at[0] == SIZE_MAX ? 1 : 0;
    if (columns[at[have]].type != HB_DATETIME)
        return false;
    *out = (struct kql_alias){ names[1 - have], at[have] };
    return true;
}
