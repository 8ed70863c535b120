/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row of the table of chart kinds: what each takes, and the function that fills a plot.
 */
#ifndef HB_CHART_SOURCE_KINDS_H
#define HB_CHART_SOURCE_KINDS_H

#include "chart_int.h"

#define TYPE(t)      (1u << (t))
#define NUMBER_TYPES (TYPE(HB_INT) | TYPE(HB_LONG) | TYPE(HB_REAL) | TYPE(HB_DECIMAL) | TYPE(HB_TIMESPAN))
#define TIME_TYPE    TYPE(HB_DATETIME)
#define TEXT_TYPES   (TYPE(HB_BOOL) | TYPE(HB_STRING) | TYPE(HB_DYNAMIC) | TYPE(HB_GUID))
#define ANY_TYPE     (NUMBER_TYPES | TIME_TYPE | TEXT_TYPES)
#define FLAG_TYPES   (TYPE(HB_BOOL) | TYPE(HB_INT) | TYPE(HB_LONG) | TYPE(HB_REAL))

struct chart_kind_row {
    struct chart_kind_info info;
    unsigned x_types, y_types; /* 1 << enum hb_type */
    plot_fill *fill;
};

const struct chart_kind_row *chart_kind_row(enum chart_kind k);

#endif
