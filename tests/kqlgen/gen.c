/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions of the generator: columns, literals, functions of the tables, forms.
 */
#include "gen.h"

#include <stdio.h>
#include <string.h>

#include "../../src/kql/bound.h"

enum { DEPTH_MAX = 4 };

static const char all_types[] = "bilrstpdgD";

uint64_t gen_next(struct gen *g, uint64_t below)
{
    uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

bool gen_chance(struct gen *g, unsigned percent)
{
    return gen_next(g, 100) < percent;
}

char gen_type(struct gen *g)
{
    return all_types[gen_next(g, sizeof all_types - 1)];
}

const struct gen_column *gen_column_of(struct gen *g, char type)
{
    size_t n = 0;
    for (size_t i = 0; i < g->at.n; i++)
        n += type == '?' || g->at.cols[i].type == type;
    if (!n)
        return NULL;
    size_t k = gen_next(g, n);
    for (size_t i = 0;; i++)
        if ((type == '?' || g->at.cols[i].type == type) && k-- == 0)
            return &g->at.cols[i];
}

void gen_fresh(struct gen *g, char name[GEN_NAME_MAX])
{
    snprintf(name, GEN_NAME_MAX, gen_chance(g, 5) ? "['n %d']" : "n%d", ++g->fresh);
}

void gen_add(struct gen *g, const char *name, char type)
{
    for (size_t i = 0; i < g->at.n; i++)
        if (strcmp(g->at.cols[i].name, name) == 0) {
            g->at.cols[i].type = type;
            return;
        }
    if (g->at.n == GEN_COLUMNS_MAX)
        return;
    snprintf(g->at.cols[g->at.n].name, GEN_NAME_MAX, "%s", name);
    g->at.cols[g->at.n++].type = type;
}

/* -- literals -- */

static const struct literals {
    char type;
    const char *texts[14];
} literals[] = {
    { 'b', { "true", "false", "bool(null)" } },
    { 'i', { "int(0)", "int(1)", "int(-5)", "int(2147483647)", "int(-2147483648)", "int(null)", "int(7)" } },
    { 'l',
      { "0", "1", "2", "3", "-1", "10", "60", "long(null)", "9223372036854775807",
        "long(-9223372036854775808)", "0x1F", "4294967296" } },
    { 'r',
      { "0.0", "1.5", "-2.25", "1e308", "real(nan)", "real(+inf)", "real(-inf)", "real(null)", "0.1",
        "1e-300", "100.0" } },
    { 's',
      { "''", "'alice'", "\"exe\"", "'a b'", "@'c:\\temp\\x'", "'it\\'s'", "'naïve'", "'10.0.0.1'",
        "'{\"a\":[1,2]}'", "'2026-01-01'", "'%_*'", "'\\u0001\\n\\t'", "','", "'1.5'" } },
    { 't',
      { "datetime(2026-01-01)", "datetime(2026-01-01 10:15:30.1234567)", "datetime(null)",
        "datetime(0001-01-01)", "datetime(9999-12-31 23:59:59.9999999)", "datetime(2024-02-29)" } },
    { 'p',
      { "1h", "1d", "-1m", "0s", "1tick", "timespan(null)", "10675199d", "1.5h", "time(1.02:03:04)",
        "30m" } },
    { 'd',
      { "dynamic(null)", "dynamic([1,2,3])", "dynamic({\"a\":1,\"b\":[null,\"x\"]})", "dynamic(\"text\")",
        "dynamic(1.5)", "dynamic([])", "dynamic({})", "dynamic([[1],[2,3]])",
        "dynamic([1.5,null,-2,4,1,2.25,7])", "dynamic(true)", "dynamic([\"a\",\"b\",\"a\"])",
        "dynamic({\"a.b\":{\"\":0}})", "parse_json('[1,')" } },
    { 'g',
      { "guid(6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a21)", "guid(null)",
        "guid(00000000-0000-0000-0000-000000000000)" } },
    { 'D',
      { "decimal(0)", "decimal(1.25)", "decimal(-99999999999999999999.9)", "decimal(null)",
        "decimal(0.000000000000000001)" } },
    { 'R',
      { "'[a-z]+'", "'(\\\\d+)'", "@'^\\w+\\s*$'", "'(?i)ALICE'", "'a|b'", "''",
        "@'(\\d{1,3}\\.){3}\\d{1,3}'", "'.'", "@'\\b'" } },
};

static void pick(struct gen *g, const struct literals *l)
{
    size_t n = 0;
    while (n < sizeof l->texts / sizeof *l->texts && l->texts[n])
        n++;
    buf_puts(g->out, l->texts[gen_next(g, n)]);
}

void gen_literal(struct gen *g, char type)
{
    if (type == '?')
        type = gen_type(g);
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
        if (literals[i].type == type)
            pick(g, &literals[i]);
}

static void small_number(struct gen *g)
{
    buf_printf(g->out, "%d", (int)gen_next(g, 6));
}

/* -- functions -- */

/* Texts that a function whose name begins so takes; others are refused, and test nothing behind that. */
static const struct {
    const char *prefix, *words[4];
} texts[] = {
    { "format_datetime", { "'yyyy-MM-dd HH:mm:ss'", "'h:m:s tt'", "'d.M.yy [fffffff]'", "'FFF'" } },
    { "format_timespan", { "'d.hh:mm:ss'", "'HH:m'", "'fff'", "'s.F'" } },
    { "datetime_utc_to_local", { "'Europe/Berlin'", "'US/Pacific'", "'UTC'", "'Asia/Kolkata'" } },
    { "datetime_local_to_utc", { "'Europe/Berlin'", "'US/Pacific'", "'UTC'", "'Asia/Kolkata'" } },
    { "date", { "'day'", "'Month'", "'nanosecond'", "'quarter'" } },
};

static void known_text(struct gen *g, const char *function)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strncmp(function, texts[i].prefix, strlen(texts[i].prefix)) == 0) {
            buf_puts(g->out, texts[i].words[gen_next(g, 4)]);
            return;
        }
    gen_literal(g, 's');
}

/* An argument by its letter; *type: the wanted common type, and what the argument is. */
static void argument(struct gen *g, const char *function, char letter, char common)
{
    switch (letter) {
    case 'S': known_text(g, function); return;
    case 'R': gen_literal(g, 'R'); return;
    case 'c': small_number(g); return;
    case 'U': gen_expr(g, common); return;
    case 'n': gen_expr(g, "lrD"[gen_next(g, 3)]); return;
    case 'P': gen_expr(g, 'b'); return;
    case 'k': /* what can be grouped */ gen_expr(g, "bilrstpgD"[gen_next(g, 9)]); return;
    case 'a':
    case 'j':
    case 'x': gen_expr(g, common && letter == 'a' ? common : gen_type(g)); return;
    default: gen_expr(g, letter);
    }
}

static void call(struct gen *g, const char *name, const char *args, char common)
{
    buf_printf(g->out, "%s(", name);
    bool first = true;
    for (const char *p = args; *p; p++) {
        int times = p[1] == '*' ? 1 + (int)gen_next(g, 3) : 1;
        for (int i = 0; i < times; i++) {
            buf_puts(g->out, first ? "" : ", ");
            first = false;
            argument(g, name, *p, common);
        }
        p += p[1] == '*';
    }
    buf_putc(g->out, ')');
}

/* Can this row give the type? For a result that follows an argument: which type that argument then has. */
static bool gives(const char *args, const char *ret, char type, char *common)
{
    *common = 0;
    if (ret[0] == 'U') {
        *common = type;
        return true;
    }
    if (ret[0] < '1' || ret[0] > '9')
        return ret[0] == type;
    char letter = args[ret[0] - '1'];
    *common = type;
    return letter == type || letter == 'a' || letter == 'U' || (letter == 'n' && strchr("lrD", type));
}

static bool function(struct gen *g, char type)
{
    size_t start = gen_next(g, kql_nfuncs);
    for (size_t k = 0; k < kql_nfuncs; k++) {
        size_t i = (start + k) % kql_nfuncs;
        const struct kql_func *f = &kql_funcs[i];
        char common;
        if (!f->sql || f->sql[0] == '!' || !gives(f->args, f->ret, type, &common) ||
            strcmp(f->name, "assert") == 0)
            continue;
        if (g->funcs)
            g->funcs[i] = 1;
        call(g, f->name, f->args, common);
        return true;
    }
    return false;
}

static bool form(struct gen *g, char type)
{
    size_t start = gen_next(g, gen_nforms);
    for (size_t k = 0; k < gen_nforms; k++) {
        size_t i = (start + k) % gen_nforms;
        if (gen_forms[i].type != type)
            continue;
        if (g->forms)
            g->forms[i] = 1;
        gen_expand(g, gen_forms[i].text);
        return true;
    }
    return false;
}

static void leaf(struct gen *g, char type)
{
    const struct gen_column *c = gen_column_of(g, type);
    if (c && gen_chance(g, 75))
        buf_puts(g->out, c->name);
    else
        gen_literal(g, type);
}

void gen_expr(struct gen *g, char type)
{
    if (type == '?' || (g->wild && gen_chance(g, 2)))
        type = gen_type(g);
    if (g->depth >= DEPTH_MAX || gen_chance(g, 35)) {
        leaf(g, type);
        return;
    }
    g->depth++;
    if (!(gen_chance(g, 60) ? function(g, type) || form(g, type) : form(g, type) || function(g, type)))
        leaf(g, type);
    g->depth--;
}

/* -- aggregates -- */

static const struct gen_form aggregates[] = {
    { '?', "take_any({@?})" },
    { 'l', "percentile({l}, {#})" },
    { 'r', "percentile({r}, 50)" },
    { 't', "percentile({t}, 90)" },
    { 'd', "percentiles_array({l}, 5, 50, 95)" },
    { 'l', "percentilew({l}, {l'}, 50)" },
    { 'r', "(sum({r}) / count())" },
    { 's', "tostring(max({l}))" },
    { 'l', "(max({l}) - min({l}))" },
    { 'p', "(max({t}) - min({t}))" },
    { 'd', "make_set({@?})" },
    { 'l', "dcount({@s})" },
};

void gen_aggregate(struct gen *g, char *type)
{
    if (gen_chance(g, 25)) {
        const struct gen_form *f = &aggregates[gen_next(g, sizeof aggregates / sizeof *aggregates)];
        *type = f->type == '?' ? 's' : f->type;
        gen_expand(g, f->type == '?' ? "take_any(tostring({@?}))" : f->text);
        return;
    }
    for (;;) {
        size_t i = gen_next(g, kql_naggs);
        const struct kql_agg *a = &kql_aggs[i];
        if (!a->sql || a->sql[0] == '!')
            continue;
        if (g->aggs)
            g->aggs[i] = 1;
        char common = gen_type(g);
        *type = a->ret[0];
        if (*type >= '1' && *type <= '9')
            *type = strchr("akj", a->args[*type - '1']) ? common : a->args[*type - '1'];
        call(g, a->name, a->args, common);
        return;
    }
}

/* -- forms -- */

/* A table of its own: its columns are not ours. */
static void sub_query(struct gen *g)
{
    struct gen_table kept = g->at;
    int depth = g->depth;
    g->pipes++;
    g->depth = 2;
    gen_source(g);
    if (g->pipes < 3 && gen_chance(g, 40))
        gen_pipe(g, 1);
    g->pipes--;
    g->depth = depth;
    g->at = kept;
}

static void placeholder(struct gen *g, const char *p, size_t n)
{
    char name[GEN_NAME_MAX];
    const struct gen_column *c;
    if (p[0] == '#') {
        small_number(g);
    } else if (p[0] == 'R') {
        gen_literal(g, 'R');
    } else if (p[0] == 'T') {
        sub_query(g);
    } else if (p[0] == 'n') {
        gen_fresh(g, name);
        buf_puts(g->out, name);
    } else if (p[0] == '@') {
        c = gen_column_of(g, p[1]);
        if (c)
            buf_puts(g->out, c->name);
        else
            gen_literal(g, p[1]);
    } else if (n == 4) {
        buf_put(g->out, p, n); /* {take}: the word */
    } else if (n == 2) {
        gen_literal(g, p[0]);
    } else {
        gen_expr(g, p[0]);
    }
}

void gen_expand(struct gen *g, const char *text)
{
    for (const char *p = text; *p; p++) {
        const char *end = *p == '{' && p[1] != '"' ? strchr(p, '}') : NULL;
        if (!end || end - p > 5) {
            buf_putc(g->out, *p);
            continue;
        }
        placeholder(g, p + 1, (size_t)(end - p - 1));
        p = end;
    }
}
