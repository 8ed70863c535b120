/* layer: sample */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample data: one day of network events of an invented company, with one intrusion in it, for demos and tests.
 *
 * The same options give the same bytes on every machine. Names, hashes and addresses are invented: an intruder's
 * addresses are from the ranges set aside for documentation, and the encoded commands only print that they are harmless.
 * What is planted, and what only looks as if it were, is told in src/sample/story.c.
 */
#ifndef HB_SAMPLE_H
#define HB_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "hb/err.h"

enum { SAMPLE_ROWS_MAX = 100000000 };

struct sample_options {
    int64_t rows; /* 0..SAMPLE_ROWS_MAX; from about 400 on the whole intrusion is in */
    uint64_t seed;
    int64_t
        end; /* ticks (hb/ticks.h): events lie in the 24 hours before; not in the first week of the year 1 */
    const char *dir; /* made if it does not exist */
};

/* Writes dir/DeviceNetworkEvents.csv (RFC 4180, UTF-8, columns as Defender names them), in order of time. */
bool sample_write(const struct sample_options *options, struct err *err);

#endif
