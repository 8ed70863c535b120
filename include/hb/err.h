/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures: `bool f(..., struct err *err)`, false means *err says why. Each level that knows more adds it in
 * front.
 *
 * Wording: lower case, no full stop, the fault first, the subject in quotes, and how to mend it where that is
 * known: "cannot open 'x.csv': No such file or directory" "cell 'logons': table 'SigninLogs' is not in the
 * data; give its file with --data" Hostile text inside a message is printed through utf8_show by whoever
 * shows the message.
 */
#ifndef HB_ERR_H
#define HB_ERR_H

#include <stdbool.h>
#include <stdio.h>

/* The value is the exit code of the program (design: exit codes). */
enum err_kind {
    ERR_NONE = 0,
    ERR_RUN = 1,         /* something asked for failed: a cell, a file, the disk */
    ERR_USAGE = 2,       /* command line, playbook or KQL is wrong */
    ERR_CONNECT = 4,     /* sign-in or connection */
    ERR_PARTIAL = 5,     /* partial or truncated data */
    ERR_VERIFY = 6,      /* a record does not match */
    ERR_REVIEW = 7,      /* a run waits for a person to look at rows */
    ERR_INTERRUPT = 130, /* the user stopped it */
};

enum { ERR_TEXT_MAX = 4096 };

struct err {
    enum err_kind kind;
    char text[ERR_TEXT_MAX]; /* NUL-terminated, cut with "..." when longer */
};

#define ERR_INIT                                                                                             \
    {                                                                                                        \
        ERR_NONE, ""                                                                                         \
    }

/* Always returns false, so that `return err_set(...)` reads well. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "cannot X 'subject': strerror(errno)" */
bool err_errno(struct err *e, const char *what, const char *subject);
/* Puts "prefix: " in front of the text already there; keeps the kind. Returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
