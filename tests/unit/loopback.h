/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server on this machine for one test: every connection gets the next reply of a list, whole or in pieces, and what came is
 * kept.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <pthread.h>
#include <stddef.h>

#include "hb/buf.h"

struct loopback_reply {
    const char
        *head; /* status line and headers, without the empty line; NULL: the connection is reset at once */
    const char *body; /* NULL: none */
    size_t length;    /* of the body; 0: as text */
    size_t piece;     /* bytes for each send; 0: all at once */
    size_t announce;  /* Content-Length; 0: as it is; the connection ends behind the body anyway */
};

enum { LOOPBACK_MAX = 16 };

struct loopback {
    int listener;
    unsigned port;
    pthread_t thread;
    const struct loopback_reply *replies;
    size_t n, served;
    struct buf requests[LOOPBACK_MAX]; /* heads and bodies */
};

void loopback_start(struct loopback *l, const struct loopback_reply *replies, size_t n);
/* Ends the thread; replies that were not fetched stay. */
void loopback_stop(struct loopback *l);
void loopback_free(struct loopback *l);

#endif
