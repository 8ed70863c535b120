/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to render: shared by the tests of every writer of reports.
 */
#ifndef HB_TEST_REPORT_FIXTURE_H
#define HB_TEST_REPORT_FIXTURE_H

#include <stddef.h>

#include "hb/arena.h"
#include "hb/record.h"

/* Texts that attack a reader, a browser, a terminal, a spreadsheet, a font or a parser. */
extern const struct str fixture_hostile[];
extern const size_t fixture_nhostile;

/* A hunt with every kind of cell, block, state and verdict; hostile texts stand in the data, in prose values
 * and in notes. */
struct record *fixture_record(struct arena *a);
/* The same with a hostile text in every place where a text can stand: title, ids, captions, file names. */
struct record *fixture_hostile_record(struct arena *a);
/* A run that failed before its first cell: nearly everything is empty. */
struct record *fixture_empty_record(struct arena *a);
/* One table cell of `rows` rows in six columns, to measure with. */
struct record *fixture_wide_record(struct arena *a, size_t rows);

#endif
