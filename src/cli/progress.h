/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a run shows itself while it goes, on stderr: one live line a cell on a terminal, plain lines elsewhere, or one JSON
 * object a line for machines.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "cli.h"
#include "hb/run.h"

enum progress_mode { PROGRESS_LIVE, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

struct progress {
    const struct log *log;
    enum progress_mode mode;
    char label[160]; /* of the running cell; written before the engine's thread may read it */
    bool line_open;
};

/* mode: "auto", "live", "plain", "json", "none"; NULL is auto. */
void progress_init(struct progress *p, const struct log *log, const char *mode);
struct run_events progress_events(struct progress *p);

#endif
