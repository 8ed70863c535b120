/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated queries through the compiler and DuckDB: kqlgen [-v] [--seed N] [-n N] [--print] [--jsonl]
 *
 * Runs the queries of N seeds from the first one on (default: 1000 from 1). Nothing may crash, take over 20 seconds, or be
 * refused by DuckDB: what compiles must run, or fail at a place of its text that the compiler foresaw. What the compiler refuses is counted
 * (-v: by reason); it may, but rarely, or the generator tests nothing. --print shows the queries, --jsonl prints them as
 * lines for `huntbook kql --batch` and other compilers. Odd seeds read tables of the engine, even ones tables of their text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/kql/bound.h"
#include "gen.h"
#include "hb/engine.h"
#include "hb/json.h"
#include "hb/map.h"
#include "hb/ticks.h"

struct options {
    uint64_t seed, n;
    bool verbose, print, jsonl;
};

struct runner {
    const struct options *o;
    struct engine *engine;
    struct gen gen;
    struct arena *arena; /* of the whole run */
    struct map refused;  /* message -> struct reason */
    size_t ran, nrefused, failed;
    double compile_worst;
};

struct reason {
    size_t n;
    uint64_t seed;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    struct runner *r = ctx;
    return engine_table(r->engine, name, out);
}

static size_t table_names(void *ctx, struct arena *a, struct str **out)
{
    struct runner *r = ctx;
    size_t n = engine_ntables(r->engine);
    *out = ARENA_ARRAY(a, n, struct str);
    for (size_t i = 0; i < n; i++)
        (*out)[i] = engine_table_name(r->engine, i);
    return n;
}

static bool compile(struct runner *r, struct arena *a, const struct source *src, struct diags *d,
                    struct kql_compiled *out)
{
    struct kql_catalog catalog = { .ctx = r, .table = find_table, .names = table_names };
    struct kql_options options = { .now = TICKS_UNIX + 20468 * TICKS_DAY,
                                   .stage = engine_stage,
                                   .stage_ctx = r->engine };
    double start = now();
    bool ok = kql_compile(a, src, &catalog, &options, d, out);
    double took = now() - start;
    if (took > r->compile_worst)
        r->compile_worst = took;
    return ok;
}

static void fatal(const char *what)
{
    fprintf(stderr, "kqlgen: %s\n", what);
    exit(2);
}

static void open_engine(struct runner *r)
{
    struct err err = ERR_INIT;
    struct engine_options options = { .threads = 1, .memory_limit = (uint64_t)1 << 30 };
    r->engine = engine_open(&options, &err);
    if (!r->engine || !engine_lock(r->engine, &err))
        fatal(err.text);
    engine_set_timeout(r->engine, 20);
    for (size_t i = 0; i < GEN_NTABLES; i++) {
        struct source src = { STR("table"), str_z(gen_table_texts[i]) };
        struct diags d;
        struct kql_compiled c;
        diags_init(&d, r->arena);
        if (!compile(r, r->arena, &src, &d, &c) ||
            !engine_create(r->engine, str_z(gen_table_names[i]), &c, 0, NULL, NULL, &err))
            fatal(d.errors ? d.items[0].message.p : err.text);
    }
}

/* Names in quotes differ from query to query. */
static struct str shape(struct arena *a, struct str message)
{
    struct buf b = BUF_INIT;
    bool quoted = false;
    for (size_t i = 0; i < message.n; i++) {
        if (message.p[i] == '\'')
            quoted = !quoted;
        if (!quoted || message.p[i] == '\'')
            buf_putc(&b, message.p[i]);
    }
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
}

static void refuse(struct runner *r, uint64_t seed, const struct diags *d)
{
    struct str key = STR("no diagnostic");
    for (size_t i = d->n; i-- > 0;)
        if (d->items[i].level == DIAG_ERROR)
            key = r->o->verbose ? d->items[i].message : shape(r->arena, d->items[i].message);
    struct reason *reason = map_get(&r->refused, key);
    r->nrefused++;
    if (!reason) {
        reason = ARENA_NEW(r->arena, struct reason);
        reason->seed = seed;
        map_set(&r->refused, arena_str(r->arena, key), reason);
    }
    reason->n++;
}

/* A query may fail when it runs only with what the compiler foresaw: then the error has its place in the text. */
static bool may_fail(const char *error)
{
    struct span place;
    struct str text;
    return kql_fault(str_z(error), &place, &text);
}

static void run_query(struct runner *r, uint64_t seed, struct str text)
{
    struct arena *a = arena_new((size_t)2 << 30, "a query");
    struct source src = { STR("query"), text };
    struct diags d;
    struct kql_compiled c;
    struct table *t;
    struct err err = ERR_INIT;
    diags_init(&d, a);
    double start = now();
    bool ok = compile(r, a, &src, &d, &c);
    if (now() - start > 5)
        r->failed++,
            printf("FAILED seed %llu: compiled in %.1f s\n", (unsigned long long)seed, now() - start);
    if (!ok) {
        refuse(r, seed, &d);
        if (!d.errors)
            r->failed++, printf("FAILED seed %llu: refused without a diagnostic\n", (unsigned long long)seed);
    } else if (engine_query(r->engine, &c, a, 1000, &t, NULL, &err) || may_fail(err.text)) {
        r->ran++;
    } else {
        r->failed++;
        printf("FAILED seed %llu: %s\n", (unsigned long long)seed, err.text);
        if (r->o->verbose)
            printf("%.*s\n-- %.*s\n", STR_ARG(text), STR_ARG(c.sql));
    }
    arena_free(a);
}

static void print_jsonl(uint64_t seed, struct str text)
{
    struct buf b = BUF_INIT;
    struct jw w;
    jw_init(&w, &b, false);
    jw_obj(&w);
    jw_key(&w, "id");
    jw_i64(&w, (int64_t)seed);
    jw_key(&w, "query");
    jw_str(&w, text);
    jw_end_obj(&w);
    puts(buf_z(&b));
    buf_free(&b);
}

static size_t count_set(const uint8_t *set, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += set[i];
    return k;
}

static size_t callable(void)
{
    size_t k = 0;
    for (size_t i = 0; i < kql_nfuncs; i++)
        k += kql_funcs[i].sql && kql_funcs[i].sql[0] != '!';
    return k;
}

static int by_count(const void *x, const void *y)
{
    const struct reason *a = ((const struct map_entry *)x)->value, *b = ((const struct map_entry *)y)->value;
    return a->n < b->n ? 1 : a->n > b->n ? -1 : 0;
}

static void report(struct runner *r)
{
    enum { SHOWN = 25 };
    qsort(r->refused.entries, r->refused.n, sizeof *r->refused.entries, by_count);
    for (size_t i = 0; r->o->verbose && i < r->refused.n && i < SHOWN; i++) {
        const struct reason *reason = r->refused.entries[i].value;
        printf("%6zu refused: %.*s (seed %llu)\n", reason->n, STR_ARG(r->refused.entries[i].key),
               (unsigned long long)reason->seed);
    }
    printf("%zu generated queries ran, %zu were refused, %zu failed; %zu of %zu rows of functions, %zu of "
           "%zu of aggregates, "
           "%zu of %zu forms used; slowest compile %.1f ms\n",
           r->ran, r->nrefused, r->failed, count_set(r->gen.funcs, kql_nfuncs), callable(),
           count_set(r->gen.aggs, kql_naggs), kql_naggs, count_set(r->gen.forms, gen_nforms), gen_nforms,
           r->compile_worst * 1e3);
}

static struct options read_options(int argc, char **argv)
{
    struct options o = { .seed = 1, .n = 1000 };
    for (int i = 1; i < argc; i++) {
        o.verbose = o.verbose || strcmp(argv[i], "-v") == 0;
        o.print = o.print || strcmp(argv[i], "--print") == 0;
        o.jsonl = o.jsonl || strcmp(argv[i], "--jsonl") == 0;
        if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
            o.seed = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "-n") == 0)
            o.n = strtoull(argv[++i], NULL, 10);
    }
    return o;
}

int main(int argc, char **argv)
{
    struct options o = read_options(argc, argv);
    struct runner r = { .o = &o, .arena = arena_new(0, "generated queries") };
    struct buf text = BUF_INIT;
    map_init(&r.refused, r.arena);
    r.gen.funcs = ARENA_ARRAY(r.arena, kql_nfuncs, uint8_t);
    r.gen.aggs = ARENA_ARRAY(r.arena, kql_naggs, uint8_t);
    r.gen.forms = ARENA_ARRAY(r.arena, gen_nforms, uint8_t);
    if (!o.jsonl && !(o.print && o.n == 0))
        open_engine(&r);
    for (uint64_t seed = o.seed; seed < o.seed + o.n; seed++) {
        buf_clear(&text);
        gen_query(&r.gen, seed, o.jsonl || seed % 2 == 0, &text);
        if (o.print) {
            printf("-- seed %llu\n%s\n\n", (unsigned long long)seed, buf_z(&text));
            fflush(stdout);
        }
        if (o.jsonl)
            print_jsonl(seed, buf_view(&text));
        else
            run_query(&r, seed, buf_view(&text));
    }
    if (!o.jsonl)
        report(&r);
    engine_close(r.engine);
    buf_free(&text);
    arena_free(r.arena);
    /* Most of what is made must compile, or nothing is tested. */
    return r.failed > 0 || (!o.jsonl && r.ran < r.nrefused);
}
