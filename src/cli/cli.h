/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: commands and options as rows. Parsing, --help, completion and the manual read the same rows.
 *
 * To add a command: src/cli/cmd_<name>.c with its option rows and its struct command, a line in main.c.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/err.h"
#include "hb/log.h"
#include "hb/str.h"

/* What every command gets. */
struct cli {
    struct arena *arena; /* lives until the program ends */
    struct log log;
    char **argv; /* as started */
    int argc;
    const char *program_dir; /* folder of the executable, for shipped files; NULL when unknown */
};

enum opt_type { OPT_FLAG, OPT_TEXT, OPT_TEXTS /* may be repeated */, OPT_COUNT /* a whole number */ };

struct opt_texts {
    const char **items;
    size_t n, cap;
};

struct opt {
    const char *name; /* without -- */
    char letter;      /* or 0 */
    enum opt_type type;
    size_t offset;   /* bool, const char *, struct opt_texts or int64_t in the command's struct */
    const char *arg; /* name of its value in --help */
    const char *help;
    const char *values; /* "table|csv|json": for checking and completion; NULL: any */
};

struct command {
    const char *name;
    const char *args;    /* "PLAYBOOK" */
    const char *summary; /* one line, no full stop */
    const char *details; /* more lines for --help, or NULL */
    const struct opt *opts;
    size_t nopts;
    size_t size; /* of the struct that the options fill */
    size_t min_args, max_args;
    /* Returns the exit code. */
    int (*run)(struct cli *cli, const void *options, const char *const *args, size_t nargs);
};

extern const struct command *const commands[];
extern const size_t ncommands;

/* Parses argv[0..n) by the rows of c into `out` (zeroed by the caller). False: the message was logged. */
bool opt_parse(struct cli *cli, const struct command *c, char **argv, int n, void *out, const char ***args,
               size_t *nargs, bool *help);
/* The parts between the commas of all of them, trimmed; empty ones are left out. */
struct str *opt_list(struct arena *a, const struct opt_texts *texts, size_t *n);
void opt_help(const struct command *c, struct buf *out);

/* Writes the text to stdout and frees it; returns the exit code. */
int cli_print(struct buf *text);
/* Logs *err and returns its exit code. */
int cli_fail(struct cli *cli, const struct err *err);
/* Prints diagnostics on stderr; returns ERR_USAGE when there was an error, else 0. */
int cli_diags(struct cli *cli, const struct diags *d);
/* "2g", "512m", "1000000": bytes. */
bool cli_bytes(const char *text, uint64_t *out);

extern const struct command cmd_run, cmd_sources, cmd_auth, cmd_doctor, cmd_check, cmd_plan, cmd_kql,
    cmd_render, cmd_list, cmd_show, cmd_new, cmd_schema, cmd_sample, cmd_completion, cmd_test, cmd_verify,
    cmd_diff, cmd_note, cmd_replay, cmd_sign, cmd_strike;

#endif
