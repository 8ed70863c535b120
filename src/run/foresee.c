/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run would do, cell by cell, and why: the same prediction that a run makes before its first cell.
 */
#include "run_int.h"

#include "hb/vec.h"

/* What is known of the source without asking it; a service is taken to be what it was the last time. */
static bool look_at_source(struct running *run, struct err *err)
{
    struct record *r = run->record;
    const struct source_profile *p = &run->options->source;
    struct source_request req = { .tables = run->plan.tables,
                                  .ntables = run->plan.ntables,
                                  .databases = run->plan.databases };
    if (run->plan.any_table && str_eqz(p->kind, "files") &&
        !source_tables(run->arena, p, run->plan.databases, &req.tables, &req.ntables, err))
        return false;
    if (!source_hash_tables(run->arena, p, &req, r, err))
        return false;
    for (size_t i = 0; i < run->nearlier && !str_eqz(p->kind, "files"); i++) {
        const struct record *e = run->earlier[i].record;
        if (!str_eq(e->source.name, p->name) || !str_eq(e->source.kind, p->kind))
            continue;
        r->source.detail = e->source.detail;
        r->source.tables = e->source.tables;
        r->source.ntables = e->source.ntables;
        break;
    }
    return true;
}

static bool read_versions(struct running *run, struct err *err)
{
    run->engine = engine_open(&(struct engine_options){ .threads = 1 }, err);
    if (!run->engine)
        return false;
    run_fill_versions(run);
    engine_close(run->engine);
    run->engine = NULL;
    return true;
}

/* ---- why a cell runs ---- */

struct reasons {
    struct buf text;
    size_t n;
};

static void begin(struct reasons *r)
{
    buf_puts(&r->text, r->n++ ? "; " : "");
}

static const struct record_pair *part_named(const struct record_cell *c, struct str name)
{
    for (size_t i = 0; i < c->ndepends; i++)
        if (str_eq(c->depends[i].name, name))
            return &c->depends[i];
    return NULL;
}

/* "parameter lookback is timespan(2.00:00:00), was timespan(1.00:00:00)". Hashes say only that they differ. */
static void differs(struct reasons *r, const struct record_pair *now, const struct record_pair *was)
{
    enum { SHORT = 60 };
    static const struct str hashed[] = { STR_INIT("table "), STR_INIT("cell ") };
    struct str name = now ? now->name : was->name;
    begin(r);
    if (str_eqz(name, "text") || str_eqz(name, "entityMappings")) {
        buf_printf(&r->text, "%.*s changed", STR_ARG(name));
        return;
    }
    if (str_eqz(name, "chance")) {
        buf_puts(&r->text, "it calls rand() or new_guid()");
        return;
    }
    if (str_eqz(name, "the run that asked")) {
        buf_puts(&r->text, "every run asks a service anew");
        return;
    }
    if (now && str_eqz(now->value, "runs again")) {
        buf_printf(&r->text, "it reads '%.*s', which runs", STR_ARG(str_sub(name, 5, name.n)));
        return;
    }
    for (size_t i = 0; i < sizeof hashed / sizeof *hashed; i++)
        if (now && was && str_starts(name, hashed[i])) {
            buf_printf(&r->text, i ? "the result of '%.*s' changed" : "files of table '%.*s' changed",
                       STR_ARG(str_sub(name, hashed[i].n, name.n)));
            return;
        }
    buf_printf(&r->text, "%.*s is ", STR_ARG(name));
    if (now)
        buf_printf(&r->text, "%.*s", (int)(now->value.n < SHORT ? now->value.n : SHORT), now->value.p);
    else
        buf_puts(&r->text, "not read");
    buf_puts(&r->text, ", was ");
    if (was)
        buf_printf(&r->text, "%.*s", (int)(was->value.n < SHORT ? was->value.n : SHORT), was->value.p);
    else
        buf_puts(&r->text, "not read");
}

static void compare(struct reasons *r, const struct record_cell *now, const struct record_cell *was)
{
    for (size_t i = 0; i < now->ndepends; i++) {
        const struct record_pair *other = part_named(was, now->depends[i].name);
        if (!other || !str_eq(other->value, now->depends[i].value))
            differs(r, &now->depends[i], other);
    }
    for (size_t i = 0; i < was->ndepends; i++)
        if (!part_named(now, was->depends[i].name))
            differs(r, NULL, &was->depends[i]);
}

static const struct record_cell *last_time(const struct running *run, size_t i)
{
    const struct record *r = run->nearlier ? run->earlier[0].record : NULL;
    return r ? record_find_cell(r, run->record->cells[i].id) : NULL;
}

static void why_it_runs(struct running *run, size_t i, struct reasons *r)
{
    const struct cell_schema *schema = run->plan.cells[i].spec->schema;
    const struct record_cell *was = last_time(run, i);
    struct record_cell now = { 0 };
    run_depends(run, i, &now);
    if (!schema->makes_table)
        buf_printf(&r->text, "a cell of kind %s always runs", schema->name);
    else if (!run->nearlier)
        buf_puts(&r->text, "there is no earlier run of this playbook that came to its end");
    else if (!was)
        buf_puts(&r->text, "the last run had no such cell");
    else if (was->status != RECORD_OK)
        buf_printf(&r->text, "last time it was %s", record_status_name(was->status));
    else
        compare(r, &now, was);
    if (schema->makes_table && !r->text.n)
        buf_str(&r->text, run->earlier[0].fault.n
                              ? run->earlier[0].fault
                              : STR("its record or its files are not as they were written"));
}

/* Does the key rest on a result that is only likely? */
static bool rests_on_likely(struct running *run, size_t i, const struct plan_fate *fates)
{
    struct record_cell now = { 0 };
    run_depends(run, i, &now);
    for (size_t k = 0; k < i; k++)
        if ((run->kept[k].likely || fates[k].perhaps) &&
            part_named(&now, arena_strf(run->arena, "cell %.*s", STR_ARG(run->record->cells[k].id))))
            return true;
    return false;
}

static struct plan_fate fate_of(struct running *run, size_t i, const struct plan_fate *fates)
{
    struct run_kept *k = &run->kept[i];
    struct reasons r = { .text = BUF_INIT };
    struct plan_fate fate = { .reused = k->cell != NULL };
    if (k->cell) {
        fate.perhaps = rests_on_likely(run, i, fates);
        fate.run = k->cell->reused.run.n ? k->cell->reused.run : k->from->record->run_id;
        return fate;
    }
    why_it_runs(run, i, &r);
    fate.why = buf_to_arena(&r.text, run->arena);
    buf_free(&r.text);
    return fate;
}

bool plan_foresee(struct arena *a, const struct run_options *o, struct plan_fate **fates, struct err *err)
{
    struct store none = { .arena = a, .run_id = "" };
    struct running run = { .arena = a, .options = o, .store = &none, .record = record_new(a) };
    plan_make(a, o->playbook, &run.plan);
    run_make_cells(&run);
    run_fill_facts(&run);
    if (!run_find_earlier(&run, err) || !look_at_source(&run, err) || !read_versions(&run, err))
        return false;
    run_predict(&run);
    *fates = ARENA_ARRAY(a, run.plan.n, struct plan_fate);
    for (size_t i = 0; i < run.plan.n; i++)
        (*fates)[i] = fate_of(&run, i, *fates);
    return true;
}
