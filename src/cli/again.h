/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded run as options for another one: resume continues it, replay repeats it.
 */
#ifndef AGAIN_H
#define AGAIN_H

#include "cli.h"
#include "hb/record.h"
#include "hb/run.h"

/* The folder in which the run was started. */
const char *again_cwd(struct arena *a, const struct record *r);
/* Where its files were; empty when it had none. */
const char *again_source_path(struct arena *a, const struct record *r);
/*
 * The playbook, parameters, clock, analyst and source of the record; `data` (NULL: none) instead of the source's path. What a
 * service is, the configuration says now (`config`, NULL: the usual file), unless out->recorded_rows is set beforehand. The
 * playbook is that of the run's folder, checked to be the one of the record. Faults of its text go to d.
 */
bool again_options(struct cli *cli, struct store *s, const struct record *r, const char *data,
                   const char *config, struct run_options *out, struct diags *d, struct err *err);

#endif
