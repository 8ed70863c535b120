/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is other than in an earlier run: compared when a run is done, and kept in its record.
 */
#include "run_int.h"

#include "hb/diff.h"

bool run_open_since(struct running *run, struct err *err)
{
    const struct run_options *o = run->options;
    if (!o->since)
        return true;
    return store_open(&run->since_store, run->arena, o->since, err) &&
           store_read_record(&run->since_store, &run->since, err) &&
           diff_check_keys(o->since_keys, o->nsince_keys, run->since, err);
}

void run_compare(struct running *run)
{
    struct record *r = run->record;
    struct err err = ERR_INIT;
    const struct diff_side old = { &run->since_store, run->since };
    if (!diff_into_record(r, run->store, &old, &err))
        r->since.error = arena_str(run->arena, str_z(err.text));
}
