/* layer: kql */
/* SPDX-License-Identifier: Apache-2.0 */
/* The time zones that datetime_utc_to_local() and its like know, by name, in the order of their bytes. */
#ifndef HB_KQL_ZONES_H
#define HB_KQL_ZONES_H

#include <stdbool.h>
#include <stddef.h>

#include "hb/str.h"

extern const struct str kql_zones[];
extern const size_t kql_nzones;
bool kql_zone_known(struct str name);

#endif
