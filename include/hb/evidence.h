/* layer: record */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a record: is a run's folder as it was left, which runs are there, who noted what.
 *
 *     evidence_find      a run by name: its folder, its id, `latest`, PLAYBOOK/latest
 *     evidence_verify    every file against SHA256SUMS and run.json
 *     notes_*            the log of notes, each line chained to the one before by its hash
 *
 * Everything returned lives in the arena handed in. Names of files may be hostile: show them by the display rule.
 */
#ifndef HB_EVIDENCE_H
#define HB_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/err.h"
#include "hb/record.h"
#include "hb/str.h"

/* -- the runs there are (runs.c) -- */

struct evidence_run {
    char *dir;       /* <output>/<playbook>/<run> */
    struct str hunt; /* <playbook> */
    struct str id;   /* <run>; begins with its time, so names sort by time */
};

/* All folders below `output` that hold a run.json, oldest first. A missing folder is no runs. */
bool evidence_runs(struct arena *a, const char *output, struct evidence_run **runs, size_t *n,
                   struct err *err);
/*
 * The folder that a person means: a path; `latest`; PLAYBOOK/latest; PLAYBOOK/RUN; RUN or the beginning of one, if only one
 * begins so. A path wins. ERR_USAGE when there is none or more than one.
 */
bool evidence_find(struct arena *a, const char *output, const char *name, char **dir, struct err *err);

/* -- verify (verify.c) -- */

enum evidence_fault_kind { FAULT_CHANGED, FAULT_MISSING, FAULT_ADDED, FAULT_RECORD /* contradicts itself */ };
const char *evidence_fault_name(enum evidence_fault_kind kind);

struct evidence_fault {
    enum evidence_fault_kind kind;
    struct str path; /* below the run folder */
    struct str cell; /* id of the cell it belongs to, or empty */
    struct str text; /* what is wrong, or empty when the kind says all */
};

struct evidence {
    struct evidence_fault *faults; /* by path */
    size_t nfaults, faults_cap;
    size_t files;           /* looked at */
    struct record *record;  /* NULL: run.json cannot be read */
    char sums_sha256[65];   /* of SHA256SUMS itself: what a signature covers; "" when it is missing */
    struct str *signatures; /* names of the signature files, sorted */
    size_t nsignatures;
};

/* False only when the folder cannot be read at all. Signatures are named, not judged. */
bool evidence_verify(struct arena *a, const char *dir, struct evidence *out, struct err *err);

/*
 * May files of this run be written anew and sealed? Not when something else was changed since it was sealed: sealing again
 * would hide it. The reports and SHA256SUMS do not count, they are made from the rest. ERR_VERIFY.
 */
bool evidence_intact(struct arena *a, const char *dir, struct err *err);

/* The id of the cell that cells/NN-id.csv and its like belong to, or empty. */
struct str evidence_cell_of(struct str path);
/* SHA256SUMS.sig, SHA256SUMS.NAME.sig: never listed in SHA256SUMS. */
bool evidence_is_signature(struct str path);

/* -- notes (notes.c) -- */

/*
 * A line of notes.jsonl: who said what of a cell, when. `previous` is the SHA-256 of the line before, of the first line the
 * results fingerprint of the run; so a line cannot be changed, taken out or moved without all that follow. The newest
 * line of a cell is what the record and its reports show.
 */
struct note {
    struct str cell, verdict, text, author;
    int64_t time; /* ticks */
    struct str previous;
};

/* None when there is no log. ERR_VERIFY: the log is not as it was written, or it does not belong to this run. */
bool notes_read(struct store *s, const struct record *r, struct note **notes, size_t *n, struct err *err);
/* Adds the line (`previous` is filled in) and puts the note into the record; both are on disk when it returns true. */
bool notes_append(struct store *s, struct record *r, struct note *note, struct err *err);

#endif
