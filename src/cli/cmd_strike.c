/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook strike: rows of a cell with `review: true` that later cells are not to read, with who says so and why.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "hb/run.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "session.h"

struct strike_opts {
    const char *output, *rows, *where, *reason, *author;
    bool none;
};
static const struct opt opts[] = {
    { "row", 'r', OPT_TEXT, offsetof(struct strike_opts, rows), "N,N-M",
      "these rows, numbered from 1 in the order of the result", NULL },
    { "where", 'w', OPT_TEXT, offsetof(struct strike_opts, where), "KQL", "the rows for which this holds",
      NULL },
    { "none", 0, OPT_FLAG, offsetof(struct strike_opts, none), NULL,
      "all rows were looked at, and none is struck", NULL },
    { "reason", 0, OPT_TEXT, offsetof(struct strike_opts, reason), "TEXT", "why; it stands in the report",
      NULL },
    { "author", 0, OPT_TEXT, offsetof(struct strike_opts, author), "NAME",
      "who looked at them, the user by default", NULL },
    { "output", 'o', OPT_TEXT, offsetof(struct strike_opts, output), "DIR",
      "folder of all runs, output by default", NULL },
};

static bool read_options(struct cli *cli, const struct strike_opts *o, const char *cell,
                         struct run_strike *out, struct err *err)
{
    *out = (struct run_strike){
        .cell = str_z(cell),
        .reason = str_z(o->reason),
        .author = o->author ? str_z(o->author) : session_user(cli->arena),
        .time = ticks_now(),
        .rows = str_z(o->rows),
        .where = str_z(o->where),
    };
    if ((out->rows.n > 0) + (out->where.n > 0) + o->none != 1)
        return err_set(err, ERR_USAGE, "which rows? give one of --row, --where and --none");
    if (!str_trim(out->reason).n)
        return err_set(err, ERR_USAGE, "why? give --reason");
    return (utf8_valid(out->reason) && utf8_valid(out->author)) ||
           err_set(err, ERR_USAGE, "a reason must be valid UTF-8");
}

static int strike(struct cli *cli, const void *options, const char *const *args, size_t nargs)
{
    const struct strike_opts *o = options;
    struct run_strike s;
    struct store store;
    struct record *r;
    struct err err = ERR_INIT;
    int64_t n = 0;
    (void)nargs;
    bool ok = read_options(cli, o, args[1], &s, &err) &&
              session_open_run(cli->arena, o->output, args[0], &store, NULL, &err) &&
              session_lock_run(&store, &r, &err) && run_add_strike(&store, r, &s, &n, &err) &&
              session_publish(cli->arena, &store, r, &(struct session_formats){ 0 }, &err);
    if (!ok)
        return cli_fail(cli, &err);
    log_info(&cli->log, "%" PRId64 " row%s struck; huntbook run --resume %s goes on", n, n == 1 ? "" : "s",
             store.dir);
    printf("%s/report.html\n", store.dir);
    return fflush(stdout) == 0 ? 0 : ERR_RUN;
}

const struct command cmd_strike = {
    .name = "strike",
    .args = "RUN CELL",
    .summary = "strike rows of a cell that waits for review, so that later cells do not read them",
    .details = "What the cell found stays in its files and in the report; the record says who struck which "
               "rows, when and why.",
    .opts = opts,
    .nopts = sizeof opts / sizeof *opts,
    .size = sizeof(struct strike_opts),
    .min_args = 2,
    .max_args = 2,
    .run = strike,
};
