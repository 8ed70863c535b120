/* SPDX-License-Identifier: Apache-2.0 */
/* layer: kql */
/*
 * The tables of Microsoft Sentinel, Log Analytics and Defender that are known without a source: names, columns, types.
 *
 * They let `huntbook check` find a misspelt column offline, give exports their types, and make empty tables of the right
 * shape. A table stands once, with the columns of both portals. Names are views of constants.
 */
#ifndef HB_KQL_KNOWN_H
#define HB_KQL_KNOWN_H

#include "hb/kql.h"

/*
 * The columns of a known table, in `a`; false when it is not known. `defender`: the types that Defender's own portal gives,
 * where the two differ (AdditionalFields is a string there, dynamic in Sentinel).
 */
bool kql_known_table(struct arena *a, struct str table, bool defender, struct kql_column **columns,
                     size_t *n);
bool kql_is_known(struct str table);

/*
 * AzureDiagnostics has further columns in every workspace, whose names end in their type: _s, _d, _b, _t, _g. The same as
 * kql_known_table, with those that the query names besides, if the table is such a one.
 */
bool kql_known_table_for(struct arena *a, struct str table, bool defender, const struct kql_refs *refs,
                         struct kql_column **columns, size_t *n);
bool kql_known_is_open(struct str table);

/* Name of table i in the order of names; i < kql_nknown. */
struct str kql_known_name(size_t i);
extern const size_t kql_nknown;

/*
 * Sentinel calls the time of an event TimeGenerated, Defender Timestamp: a table that has one of them answers to both.
 * False when it has none or both.
 */
bool kql_time_alias(const struct kql_column *columns, size_t n, struct kql_alias *out);

#endif
