/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands that run something share: signals, time, environment, the source, the reports.
 */
#ifndef SESSION_H
#define SESSION_H

#include "cli.h"
#include "hb/record.h"
#include "hb/run.h"
#include "hb/source.h"

/* Ctrl-C and SIGTERM set *stop and interrupt the engine that session_watch names; a second one ends the program. */
const volatile int *session_signals(void);
void session_watch(void *ctx, struct engine *e);

/* `env` is a struct run_environment, to which names that are set are added, or NULL. */
bool session_env_is_set(void *env, const char *name);
struct run_environment *session_environment(struct arena *a);
/* The values of names that are no secrets (tenant and client id, authority), else NULL. */
const char *session_env_public(void *env, const char *name);

/* --now: ISO 8601. False: the message is in *err. */
bool session_now(const char *text, int64_t *now, struct err *err);
struct str session_user(struct arena *a);
struct str session_host(struct arena *a);
/* The folder of the user, or NULL. It is written ~ in what follows. */
const char *session_home(void);
struct str session_cwd(struct arena *a);
/* The command line for the record, quoted for a shell. Values of -p stay: secrets are never parameters. */
struct str session_command_line(const struct cli *cli);

/* ~/.ssh, and the socket of ssh-agent; NULL when there is none. */
const char *session_ssh_folder(struct arena *a);
const char *session_ssh_agent(void);

struct source_choice session_choice(struct arena *a, const char *data, const char *name, const char *config,
                                    const char *playbook_dir);

/* The run that a person means (evidence_find), opened; its record too when `r` is not NULL. */
bool session_open_run(struct arena *a, const char *output, const char *name, struct store *s,
                      struct record **r, struct err *err);

/*
 * For writing into a finished run: its lock, nothing left over in it, nothing changed since it was sealed (ERR_VERIFY), and its
 * record with the newest notes.
 */
bool session_lock_run(struct store *s, struct record **r, struct err *err);

/*
 * Lets the person write a text with $VISUAL or $EDITOR. `hint` is shown below a line under which nothing is kept.
 */
bool session_edit(struct arena *a, struct str hint, struct str *text, struct err *err);

/*
 * Reports of a record into its folder, then SHA256SUMS. `formats`: words of "html pdf md", none: html and pdf; `pdf`: a-3b or
 * a-1b, NULL: a-3b. The option rows check both.
 */
struct session_formats {
    const char *const *formats;
    size_t nformats;
    const char *pdf;
    const struct theme *theme; /* NULL: the one that the run keeps, or the built-in one */
};
bool session_publish(struct arena *a, struct store *s, struct record *r, const struct session_formats *which,
                     struct err *err);

#endif
