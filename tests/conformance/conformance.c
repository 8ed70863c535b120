/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pass rates of KQL: conformance [-v] CASES_FOLDER RESULTS_FOLDER
 *
 * For every set below CASES_FOLDER/SET.jsonl and RESULTS_FOLDER/SET.jsonl are compared: cases, and what
 * `huntbook kql --batch` printed for them. -v lists the cases that fail, and why. With --ids every case is one line,
 * 'PASS ID' or 'FAIL ID REASON', and nothing else is printed. --self-test checks the comparer alone. Exit 1 when a set
 * misses its target.
 *
 * To add a set: a row of `sets`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "hb/err.h"
#include "hb/fs.h"
#include "hb/map.h"

static const struct set {
    const char *name;
    double target; /* per cent, without the areas of `apart` */
    bool types;    /* the types of columns count */
} sets[] = {
    { "engine-docs-dev", 97, true },
    { "engine-fuzz-dev", 95, true },
    { "engine-refused-dev", 90, false },
    { "docs-dev", 95, false },
};

/* Areas that the targets leave out. */
static const char *const apart[] = { "geospatial", "graph" };

struct tally {
    struct str area;
    size_t passed, total;
};

struct report {
    struct arena *arena;
    bool verbose, ids;
    size_t passed, failed; /* sets that reach their target, sets that do not */
};

static bool is_apart(struct str area)
{
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (str_eqz(area, apart[i]))
            return true;
    return false;
}

static void fatal(const char *what, const char *path)
{
    fprintf(stderr, "conformance: %s: %s\n", path, what);
    exit(2);
}

/* The next non-empty line as JSON; NULL at the end. */
static struct jv *next_line(struct arena *a, struct str text, size_t *from, const char *path)
{
    while (*from < text.n) {
        size_t to = str_chr(text, '\n', *from);
        struct str line = str_trim(str_sub(text, *from, to));
        *from = to + 1;
        if (!line.n)
            continue;
        struct jv *v = jv_parse(a, line);
        if (!v)
            fatal("a line is not JSON", path);
        return v;
    }
    return NULL;
}

static struct str read_lines(struct arena *a, const char *folder, const char *name, char **path)
{
    enum { FILE_MAX = 1 << 30 };
    struct err err = ERR_INIT;
    struct str text;
    *path = arena_printf(a, "%s/%s.jsonl", folder, name);
    if (!fs_read(a, *path, FILE_MAX, &text, &err))
        fatal(err.text, *path);
    return text;
}

static struct map read_results(struct arena *a, const char *folder, const char *name)
{
    struct map results;
    char *path;
    struct str text = read_lines(a, folder, name, &path);
    struct jv *v;
    map_init(&results, a);
    for (size_t from = 0; (v = next_line(a, text, &from, path));)
        map_set(&results, jv_text(v, "id"), v);
    return results;
}

static struct tally *tally_of(struct arena *a, struct map *areas, struct str area)
{
    struct tally *t = map_get(areas, area);
    if (!t) {
        t = ARENA_NEW(a, struct tally);
        t->area = area;
        map_set(areas, area, t);
    }
    return t;
}

static void print_rate(const char *indent, struct str name, size_t passed, size_t total)
{
    printf("%s%-*.*s %5zu of %5zu  %6.2f %%", indent, (int)(46 - strlen(indent)), STR_ARG(name), passed,
           total, total ? 100.0 * (double)passed / (double)total : 100.0);
}

static void summary(struct report *r, const struct set *set, const struct map *areas)
{
    struct tally all = { 0 }, kept = { 0 };
    for (size_t i = 0; i < areas->n; i++) {
        const struct tally *t = areas->entries[i].value;
        all.passed += t->passed;
        all.total += t->total;
        kept.passed += is_apart(t->area) ? 0 : t->passed;
        kept.total += is_apart(t->area) ? 0 : t->total;
    }
    bool reached = 100 * (double)kept.passed >= set->target * (double)kept.total;
    r->passed += reached;
    r->failed += !reached;
    if (r->ids)
        return;
    print_rate("", str_z(set->name), all.passed, all.total);
    printf("%s\n", set->types ? ", types included" : "");
    if (kept.total != all.total) {
        print_rate("  ", STR("without geospatial and graph"), kept.passed, kept.total);
        printf("\n");
    }
    printf("  target %.0f %%: %s\n", set->target, reached ? "yes" : "NO");
    for (size_t i = 0; i < areas->n; i++) {
        const struct tally *t = areas->entries[i].value;
        print_rate("    ", t->area, t->passed, t->total);
        printf("\n");
    }
}

static void measure(struct report *r, const struct set *set, const char *cases, const char *results)
{
    struct arena *a = r->arena;
    struct map answers = read_results(a, results, set->name), areas;
    char *path;
    struct str text = read_lines(a, cases, set->name, &path);
    struct jv *wanted;
    map_init(&areas, a);
    for (size_t from = 0; (wanted = next_line(a, text, &from, path));) {
        struct str id = jv_text(wanted, "id");
        struct verdict v = compare(a, wanted, map_get(&answers, id), set->types);
        struct tally *t = tally_of(a, &areas, jv_text(wanted, "area"));
        t->total++;
        t->passed += v.equal;
        if (r->ids)
            printf("%s %.*s%s%s\n", v.equal ? "PASS" : "FAIL", STR_ARG(id), v.equal ? "" : " ",
                   v.equal ? "" : v.reason);
        else if (r->verbose && !v.equal)
            printf("FAIL %.*s: %s: %.*s\n", STR_ARG(id), v.reason, STR_ARG(v.detail));
    }
    summary(r, set, &areas);
}

int main(int argc, char **argv)
{
    struct report r = { 0 };
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        r.verbose = r.verbose || strcmp(argv[at], "-v") == 0;
        r.ids = r.ids || strcmp(argv[at], "--ids") == 0;
    }
    if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
        return compare_self_test() > 0;
    if (argc - at != 2)
        return fprintf(stderr, "usage: conformance --self-test | [-v | --ids] CASES_FOLDER RESULTS_FOLDER\n"),
               2;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        r.arena = arena_new(0, "a set of cases");
        measure(&r, &sets[i], argv[at], argv[at + 1]);
        arena_free(r.arena);
    }
    if (!r.ids)
        printf("%zu of %zu sets reach their target\n", r.passed, r.passed + r.failed);
    return r.failed > 0;
}
