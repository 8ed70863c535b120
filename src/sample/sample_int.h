/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invented company: its programs (cast.c), its day (sample.c) and what befalls it (story.c).
 *
 * Every choice is a hash of the seed, a purpose and the things it is about (mix), never the next number of a shared
 * stream: so one more row or program changes nothing about the others.
 */
#ifndef HB_SAMPLE_INT_H
#define HB_SAMPLE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"

/* Where a program's connections go. */
enum traffic {
    TO_WEB,     /* the sites people visit */
    TO_CLOUD,   /* the office suite and the operating system's services */
    TO_VENDOR,  /* one or two hosts of its maker */
    TO_LAN,     /* file shares, directory, name service */
    TO_SERVERS, /* databases and remote administration */
    FROM_LAN,   /* it listens */
};

enum account { AS_USER, AS_ADMIN, AS_SYSTEM, AS_SERVICE };

enum place { ANYWHERE, WORKSTATIONS, SERVERS };

struct program {
    const char *name;    /* file name */
    const char *folder;  /* {u} stands for the user */
    const char *parent;  /* file name of the parent process */
    const char *company; /* of the version resource; "" for none */
    /* {p} path in quotes, {u} user, {n} a number and {g} a GUID that stay the same for a process */
    const char *command;
    enum traffic traffic;
    enum account account;
    enum place place;
    uint32_t id; /* what its hashes are made of: the same for one program under several parents */
    bool brief;  /* a process lives minutes, not days */
};

struct host {
    char name[48]; /* full, lower case */
    char id[41];
    char ip[16];
    char ip6[40];
    const char *user; /* who works there; an administrator, if nobody does */
    const char *admin;
    bool server;
};

struct world {
    uint64_t seed;
    int64_t start; /* of the day, ticks */
    struct program *programs;
    uint32_t nprograms;
    double *weight;     /* running sums of how often each program is seen */
    struct host *hosts; /* workstations first */
    uint32_t nhosts, nworkstations;
};

/* One event. Texts are as they are; the writer quotes. */
struct event {
    int64_t time;
    const struct host *host;
    const struct program *program;
    const char *action;
    const char *protocol;
    char remote_ip[48];
    char local_ip[48];
    const char *remote_type, *local_type;
    uint32_t remote_port, local_port;
    const char *url;     /* "" for none */
    const char *command; /* NULL: made from the program's */
    const char *extra;   /* AdditionalFields */
    int64_t created;     /* when the process started, ticks */
    uint32_t pid, parent_pid;
};

/* A number for a purpose and up to two things it is about; well mixed in all its bits. */
uint64_t mix(uint64_t seed, uint64_t purpose, uint64_t a, uint64_t b);
/* A number below n, from the high bits of x. */
static inline uint32_t below(uint64_t x, uint32_t n)
{
    return (uint32_t)(((x >> 32) * n) >> 32);
}

/* The programs, most often seen first, with their weights; and the machines, enough for so many rows. */
void cast_programs(struct world *w, struct arena *a);
void cast_hosts(struct world *w, struct arena *a, int64_t rows);

/* The planted events, the ones that matter most first; at most `max`. */
struct event *story_events(const struct world *w, struct arena *a, size_t max, size_t *n);

#endif
