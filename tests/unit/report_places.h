/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record with a text of its own in every place that a report shows, each with a mark before and behind it: so that a test
 * can ask of each output whether a text came through in that very place.
 */
#ifndef HB_TEST_REPORT_PLACES_H
#define HB_TEST_REPORT_PLACES_H

#include <stddef.h>

#include "report_fixture.h"

enum place_flags {
    PLACE_LINES = 1 << 0,    /* a listing: line breaks and tabs stay what they are */
    PLACE_ONE_LINE = 1 << 6, /* line breaks are blanks there */
    PLACE_TITLE = 1 << 1,    /* in the metadata of the file too */
    PLACE_OUTLINE = 1 << 2,  /* in the outline too */
    PLACE_DRAWN = 1 << 3,    /* part of a chart: Markdown does not show it */
    PLACE_ALT = 1 << 5,      /* in the PDF the words for a chart, for those who do not see it */
    PLACE_HOVER = 1 << 4,    /* shown on pointing at it: paper does not show it */
};

struct place {
    const char *name;
    unsigned flags;
    struct str text; /* mark, a text of fixture_hostile, mark */
};

enum { PLACES_MAX = 128 };

/* `shift` chooses which text stands where: with 0 .. fixture_nhostile - 1 every text stands in every place once. */
struct record *fixture_places(struct arena *a, size_t shift, struct place *places, size_t *n);

#endif
