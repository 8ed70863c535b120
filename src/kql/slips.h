/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hints for words that other languages have where KQL has none; NULL: nothing is known of the word (slips.c).
 */
#ifndef KQL_SLIPS_H
#define KQL_SLIPS_H

#include "hb/str.h"

/* Behind an expression: LIKE, &&, is, when ... */
const char *kql_slip_word(struct str word);
/* Called: len(x), concat(a, b) ... */
const char *kql_slip_function(struct str name);
/* A function or table that a service has, and files do not. */
const char *kql_slip_elsewhere(struct str name);
/* Behind a '|': select, head, dedup ... */
const char *kql_slip_operator(struct str name);

#endif
