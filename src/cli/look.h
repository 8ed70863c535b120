/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How reports look: the theme that a person names, and the one that a run keeps.
 */
#ifndef LOOK_H
#define LOOK_H

#include "cli.h"
#include "hb/record.h"
#include "hb/report.h"
#include "hb/run.h"

/*
 * --theme NAME|DIR: a name is looked for in templates/themes of the current folder, of the source tree and of the installation;
 * what has a slash is a folder; "default" is the built-in theme. Faults and warnings are printed. False: *err says why.
 */
bool look_choose(struct cli *cli, const char *name, const struct theme **out, struct err *err);
/* For the record of a run, and its folder. Nothing for the built-in theme. */
void look_keep(struct arena *a, const struct theme *t, struct run_options *run);
/* The theme that a run keeps, or the built-in one. Changed files are ERR_VERIFY. */
bool look_of_run(struct arena *a, const struct store *s, const struct record *r, const struct theme **out,
                 struct err *err);

#endif
