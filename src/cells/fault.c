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
};

static bool fails(void *ctx, struct str text)
{
    static const struct str scratch = STR_INIT("steps of a query");
    const struct attempt *t = ctx;
    struct arena *a = arena_new(0, "steps of a query");
    struct source src = { STR("query"), text };
    struct kql_compiled compiled;
    struct diags ignored;
    struct err err = ERR_INIT, none = ERR_INIT;
    diags_init(&ignored, a);
    bool failed = kql_compile(a, &src, t->catalog, t->options, &ignored, &compiled) &&
                  !engine_create(t->engine, scratch, &compiled, 0, NULL, NULL, &err) && err.kind == ERR_RUN;
    engine_drop(t->engine, scratch, &none);
    arena_free(a);
    return failed;
}

bool query_fault(struct engine *e, const struct kql_catalog *catalog, const struct kql_options *options,
                 const struct source *src, const struct err *err, struct span *place, struct str *text)
{
    static const char *const of_no_place[] = { "timed out", "not enough memory", "internal error" };
    struct attempt t = { e, catalog, options };
    struct str s = str_z(err->text);
    if (err->kind != ERR_RUN)
        return false;
    /* An error may hold values of the data, and those anything. */
    if (kql_fault(s, place, text) && place->offset <= src->text.n &&
        place->len <= src->text.n - place->offset)
        return true;
    for (size_t i = 0; i < sizeof of_no_place / sizeof *of_no_place; i++)
        if (str_starts(s, str_z(of_no_place[i])))
            return false;
    struct arena *a = arena_new(0, "a failing query");
    bool found = kql_failing_step(a, src, fails, &t, place);
    arena_free(a);
    *text = s;
    return found;
}
