/* layer: record */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a record: is a run's folder as it was left, which runs are there, who noted what.
 *
 *     evidence_find      a run by name: its folder, its id, `latest`, PLAYBOOK/latest
 *     evidence_verify    every file against SHA256SUMS and run.json, every signature against SHA256SUMS
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
#include "hb/sign.h"
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

/*
 * A signature covers a list of files: SHA256SUMS as it is; or, when notes were added or reports made again since, the list that
 * was signed, which is kept beside it (SHA256SUMS.ROLE). Then it is good only if nothing else changed: the log of notes begins
 * as it did, and run.json without the later notes is the one that was signed.
 */
struct evidence_signature {
    struct str path;    /* SHA256SUMS.ROLE.sig, SHA256SUMS.sig */
    struct str role;    /* as the name of the file says it; no part of what is signed */
    bool good;          /* else there is a fault at its path */
    bool current;       /* covers SHA256SUMS as it is */
    size_t later_notes; /* notes added after it */
    struct ssh_key key; /* of a good one */
    struct str fingerprint;
    struct str principals; /* who has the key, by evidence_check_signers; else empty */
};

struct evidence {
    struct evidence_fault *faults; /* by path */
    size_t nfaults, faults_cap;
    size_t files;                          /* looked at */
    struct record *record;                 /* NULL: run.json cannot be read */
    char sums_sha256[65];                  /* of SHA256SUMS itself; "" when it is missing */
    struct evidence_signature *signatures; /* by path */
    size_t nsignatures, signatures_cap;
    bool
        half_noted; /* the faults are those that a note leaves which was stopped before its end; render and note mend it */
};

/* False only when the folder cannot be read at all. */
bool evidence_verify(struct arena *a, const char *dir, struct evidence *out, struct err *err);
/* Who signed, by a list: a signature whose key may not sign at `when` (ticks) becomes a fault, as does having none. */
void evidence_check_signers(struct arena *a, struct evidence *e, const struct allowed_signers *l,
                            int64_t when);

/*
 * May files of this run be written anew and sealed? Not when something else was changed since it was sealed: sealing again
 * would hide it. The reports and SHA256SUMS do not count, they are made from the rest. ERR_VERIFY.
 */
bool evidence_intact(struct arena *a, const char *dir, struct err *err);

/* The id of the cell that cells/NN-id.csv and its like belong to, or empty. */
struct str evidence_cell_of(struct str path);

/* -- signatures (signed.c) -- */

/* SHA256SUMS.sig, SHA256SUMS.ROLE.sig and the lists they cover: never listed in SHA256SUMS. */
bool evidence_beside_sums(struct str path);
/* Does any of these stand there? Who signs a run says how it ended, so it is not continued and no row of it is struck. */
bool evidence_is_signed(struct arena *a, const char *dir, bool *is_signed, struct err *err);
/* report.html, report.pdf, report.md: made from the rest of the run, again and again. */
bool evidence_is_report(struct str path);
/*
 * Signs SHA256SUMS in a role (lower-case letters, digits, dashes); the caller holds the lock. ERR_VERIFY: the run has faults;
 * ERR_USAGE: another key signed in that role, or the run is to be continued. *path is the signature's file, below the folder of the run.
 */
bool evidence_sign(struct store *s, const struct ssh_signer *signer, const char *role, const char **path,
                   struct err *err);
/* Before SHA256SUMS changes: the list as it is, kept beside every signature that covers it. */
bool evidence_keep_signed(struct store *s, struct err *err);

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

/* The note as what a cell of the record shows. */
void note_put(const struct note *n, struct record_cell *c);
/* None when there is no log. ERR_VERIFY: the log is not as it was written, or it does not belong to this run. */
bool notes_read(struct store *s, const struct record *r, struct note **notes, size_t *n, struct err *err);
/* The text of a log whose first line follows `first`; *last is what the next line must follow. */
bool notes_parse(struct arena *a, struct str text, struct str first, struct note **notes, size_t *n,
                 struct str *last, struct err *err);
/* Adds the line (`previous` is filled in) and puts the note into the record; both are on disk when it returns true. */
bool notes_append(struct store *s, struct record *r, struct note *note, struct err *err);
/* All notes into record.notes, for a report. */
bool notes_load(struct store *s, struct record *r, struct err *err);
/* The newest notes of the log into the record, on disk too if it says otherwise: after a note that was stopped half way. */
bool notes_settle(struct store *s, struct record *r, struct err *err);

#endif
