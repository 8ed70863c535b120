/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talk to the person: stderr only, never stdout. Messages are shown by the display rule (utf8.h), so nothing
 * in data can drive the terminal. The settings travel in a struct; there is no global.
 */
#ifndef HB_LOG_H
#define HB_LOG_H

#include <stdbool.h>
#include <stdio.h>

struct log {
    FILE *out;   /* usually stderr */
    bool colour; /* out is a terminal and NO_COLOR is not set */
    int verbose; /* 0 quiet, 1 normal, 2 -v */
};

void log_init(struct log *l, FILE *out);
void log_info(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_error(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
