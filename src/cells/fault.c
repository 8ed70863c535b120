/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place in a query's text of what failed while it ran: as the compiler foresaw it, else the first step that cannot be run.
 */
#include "hb/cell.h"
#include "hb/engine.h"

struct attempt {
    struct engine *engine;
    const struct kql_catalog *catalog;
    const struct kql_options *options;
    bool gave_up; /* an attempt failed for want of time or memory: nothing can be told */
};

static bool of_no_place(struct str error)
{
    static const char *const beginnings[] = { "timed out", "not enough memory", "internal error" };
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (str_starts(error, str_z(beginnings[i])))
            return true;
    return false;
}

static bool fails(void *ctx, struct str text)
{
    struct attempt *t = ctx;
    if (t->gave_up)
        return false;
    struct arena *a = arena_new(0, "steps of a query");
    struct source src = { STR("query"), text };
    struct kql_compiled compiled;
    struct diags ignored;
    struct err err = ERR_INIT;
    diags_init(&ignored, a);
    bool failed = kql_compile(a, &src, t->catalog, t->options, &ignored, &compiled) &&
                  !engine_try(t->engine, &compiled, &err);
    arena_free(a);
    t->gave_up = failed && (err.kind != ERR_RUN || of_no_place(str_z(err.text)));
    return failed;
}

bool query_fault(struct engine *e, const struct kql_catalog *catalog, const struct kql_options *options,
                 const struct source *src, const struct err *err, struct span *place, struct str *text)
{
    struct attempt t = { e, catalog, options, false };
    struct str s = str_z(err->text);
    if (err->kind != ERR_RUN)
        return false;
    /* Its place is checked: nothing else says that whoever wrote the text was the compiler. */
    if (kql_fault(s, place, text) && place->offset <= src->text.n &&
        place->len <= src->text.n - place->offset)
        return true;
    if (of_no_place(s))
        return false;
    struct arena *a = arena_new(0, "a failing query");
    bool found = kql_failing_step(a, src, fails, &t, place) && !t.gave_up;
    arena_free(a);
    *text = s;
    return found;
}
