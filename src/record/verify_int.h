/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What looking at a run's folder and judging its signatures share (verify.c, signed.c).
 */
#ifndef VERIFY_INT_H
#define VERIFY_INT_H

#include "hb/evidence.h"
#include "hb/map.h"

enum { SUMS_MAX = 64 << 20 };

/* A file as it is: sha256 "" for what is no plain file. */
struct found {
    struct str path;
    char sha256[65];
    int64_t bytes;
};

struct verifying {
    struct arena *arena;
    const char *dir;
    struct evidence *out;
    struct map found;  /* path -> struct found */
    struct map listed; /* path -> its hash as struct str, from SHA256SUMS */
    struct str sums;   /* SHA256SUMS */
};

void verify_fault(struct verifying *v, enum evidence_fault_kind kind, struct str path, struct str text);
/* A list in the form of SHA256SUMS into path -> struct str. 0, or the first line that is not as it is written. */
size_t verify_read_list(struct arena *a, struct str text, struct map *out);

/*
 * Are the files those of the list, but for notes added and reports made again since? Then *notes says how many notes came. Else
 * *why names the first file that differs. out->record must be there.
 */
bool verify_covers(struct verifying *v, const struct map *list, size_t *notes, struct str *why);
/* Judges what stands beside SHA256SUMS. */
bool verify_signatures(struct verifying *v, struct err *err);

#endif
