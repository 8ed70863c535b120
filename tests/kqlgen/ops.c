/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipelines of the generator: sources, and operators that change the columns; each knows the columns it leaves.
 */
#include <stdio.h>
#include <string.h>

#include "gen.h"

static const struct gen_table tables[GEN_NTABLES] = {
    { { { "Id", 'l' },
        { "Num", 'i' },
        { "Score", 'r' },
        { "Amount", 'D' },
        { "Name", 's' },
        { "Cmd", 's' },
        { "Ip", 's' },
        { "Time", 't' },
        { "Span", 'p' },
        { "Flag", 'b' },
        { "Bag", 'd' },
        { "List", 'd' },
        { "Uid", 'g' } },
      13 },
    { { { "Name", 's' }, { "Age", 'i' }, { "['odd name']", 'l' }, { "Time", 't' }, { "Tags", 'd' } }, 5 },
    { { { "Name", 's' }, { "Value", 'r' }, { "Id", 'l' } }, 3 },
};

static bool has(const struct gen *g, const char *name)
{
    for (size_t i = 0; i < g->at.n; i++)
        if (strcmp(g->at.cols[i].name, name) == 0)
            return true;
    return false;
}

static void only(struct gen *g, const char *name, char type)
{
    g->at.n = 0;
    gen_add(g, name, type);
}

/* -- sources -- */

static void source_table(struct gen *g)
{
    size_t i = gen_next(g, 10);
    i = i < 7 ? 0 : i < 9 ? 1 : 2;
    buf_puts(g->out, gen_table_names[i]);
    g->at = tables[i];
}

static void source_print(struct gen *g)
{
    g->at.n = 0;
    buf_puts(g->out, "print ");
    struct gen_table made = { .n = 0 };
    for (int i = 0, n = 1 + (int)gen_next(g, 3); i < n; i++) {
        struct gen_column *c = &made.cols[made.n++];
        gen_fresh(g, c->name);
        c->type = gen_type(g);
        buf_printf(g->out, "%s%s = ", i ? ", " : "", c->name);
        gen_expr(g, c->type);
    }
    g->at = made;
}

static void source_range(struct gen *g)
{
    bool time = gen_chance(g, 30);
    buf_puts(g->out, time ? "range x from datetime(2026-01-01) to datetime(2026-01-03) step 7h"
                          : "range x from -2 to 9 step 3");
    only(g, "x", time ? 't' : 'l');
}

static void source_union(struct gen *g)
{
    static const char *const kinds[] = { "", "kind=inner ", "kind=outer ", "withsource=src ",
                                         "isfuzzy=true " };
    size_t k = gen_next(g, 5);
    buf_printf(g->out, "union %sT1, (T3 | where Id > 0), T2", kinds[k]);
    if (k == 1) {
        only(g, "Name", 's');
        return;
    }
    g->at = tables[0];
    gen_add(g, "Age", 'i');
    gen_add(g, "Tags", 'd');
    gen_add(g, "Value", 'r');
    if (k == 3)
        gen_add(g, "src", 's');
}

static void source_find(struct gen *g)
{
    buf_puts(g->out, gen_chance(g, 50) ? "find in (T1, T2) where Name == 'alice' project Name, Time"
                                       : "search in (T1, T3) 'alice' | project Name, Time");
    only(g, "Name", 's');
    gen_add(g, "Time", 't');
}

void gen_source(struct gen *g)
{
    uint64_t k = g->pipes ? 0 : gen_next(g, 100);
    if (k < 72)
        source_table(g);
    else if (k < 80)
        source_print(g);
    else if (k < 86)
        source_range(g);
    else if (k < 95)
        source_union(g);
    else
        source_find(g);
}

/* -- operators that change the columns -- */

static void op_extend(struct gen *g)
{
    struct gen_table made = g->at;
    buf_puts(g->out, "extend ");
    for (int i = 0, n = 1 + (int)gen_next(g, 3); i < n; i++) {
        char name[GEN_NAME_MAX];
        const struct gen_column *old = gen_chance(g, 15) && !i ? gen_column_of(g, '?') : NULL;
        char type = gen_type(g);
        gen_fresh(g, name);
        if (old)
            snprintf(name, sizeof name, "%s", old->name);
        buf_printf(g->out, "%s%s = ", i ? ", " : "", name);
        gen_expr(g, type);
        struct gen_table kept = g->at;
        g->at = made;
        gen_add(g, name, type);
        made = g->at;
        g->at = kept;
    }
    g->at = made;
}

static void op_project(struct gen *g)
{
    struct gen_table made = { .n = 0 };
    buf_puts(g->out, "project ");
    for (int i = 0, n = 1 + (int)gen_next(g, 5); i < n; i++) {
        struct gen_column *c = &made.cols[made.n++];
        gen_fresh(g, c->name);
        c->type = gen_type(g);
        const struct gen_column *old = gen_column_of(g, '?');
        buf_printf(g->out, "%s%s = ", i ? ", " : "", c->name);
        if (old && gen_chance(g, 50)) {
            c->type = old->type;
            buf_puts(g->out, old->name);
        } else {
            gen_expr(g, c->type);
        }
    }
    if (has(g, "Name") && gen_chance(g, 60)) {
        snprintf(made.cols[made.n].name, GEN_NAME_MAX, "Name");
        made.cols[made.n++].type = 's';
        buf_puts(g->out, ", Name");
    }
    g->at = made;
}

static void op_project_away(struct gen *g)
{
    if (g->at.n < 2)
        return gen_expand(g, "take 5");
    size_t i = gen_next(g, g->at.n);
    buf_printf(g->out, "project-away %s", g->at.cols[i].name);
    memmove(&g->at.cols[i], &g->at.cols[i + 1], (g->at.n - i - 1) * sizeof g->at.cols[0]);
    g->at.n--;
}

static void op_project_rename(struct gen *g)
{
    size_t i = gen_next(g, g->at.n);
    char name[GEN_NAME_MAX];
    gen_fresh(g, name);
    buf_printf(g->out, "project-rename %s = %s", name, g->at.cols[i].name);
    snprintf(g->at.cols[i].name, GEN_NAME_MAX, "%s", name);
}

static void op_project_keep(struct gen *g)
{
    struct gen_column c = *gen_column_of(g, '?');
    buf_printf(g->out, "project-keep %s", c.name);
    only(g, c.name, c.type);
}

static void op_distinct(struct gen *g)
{
    char type = "bilrstpgD"[gen_next(g, 9)];
    const struct gen_column *c = gen_column_of(g, type);
    if (!c)
        return gen_expand(g, "take 4");
    struct gen_column kept = *c;
    buf_printf(g->out, "%s %s", gen_chance(g, 70) ? "distinct" : "sample-distinct 3 of", kept.name);
    only(g, kept.name, kept.type);
}

/* NAME = key of a type that can be grouped; the column goes to `made`. */
static void group_key(struct gen *g, struct gen_table *made)
{
    static const char *const bins[][2] = {
        { "l", "bin({l}, 5)" }, { "t", "bin({@t}, 1h)" }, { "r", "bin({r}, 0.5)" }, { "p", "bin({p}, 1m)" }
    };
    struct gen_column *c = &made->cols[made->n++];
    gen_fresh(g, c->name);
    c->type = "bilrstpgD"[gen_next(g, 9)];
    buf_printf(g->out, "%s = ", c->name);
    size_t b = gen_next(g, 8);
    if (b < 4) {
        c->type = bins[b][0][0];
        gen_expand(g, bins[b][1]);
    } else {
        gen_expr(g, c->type);
    }
}

static void op_summarize(struct gen *g)
{
    struct gen_table made = { .n = 0 };
    struct gen_column agg[3];
    size_t nagg = gen_next(g, 4);
    buf_puts(g->out, "summarize ");
    for (size_t i = 0; i < nagg; i++) {
        gen_fresh(g, agg[i].name);
        buf_printf(g->out, "%s%s = ", i ? ", " : "", agg[i].name);
        gen_aggregate(g, &agg[i].type);
    }
    bool row = nagg < 3 && gen_chance(g, 15);
    if (row) {
        static const char *const whole[] = { "arg_max({@l}, *)",    "arg_min({@t}, *)",
                                             "take_any(*)",         "arg_max({r}, {@s})",
                                             "arg_min({@s}, {@?})", "percentiles({l}, 25, 75)" };
        buf_puts(g->out, nagg ? ", " : "");
        gen_expand(g, whole[gen_next(g, 6)]);
    }
    size_t keys = nagg || row ? gen_next(g, 3) : 1 + gen_next(g, 2);
    for (size_t i = 0; i < keys; i++) {
        buf_puts(g->out, i ? ", " : " by ");
        group_key(g, &made);
    }
    for (size_t i = 0; i < nagg; i++)
        made.cols[made.n++] = agg[i];
    if (made.n)
        g->at = made;
}

static void op_join(struct gen *g)
{
    static const char *const kinds[] = { "",
                                         "kind=inner ",
                                         "kind=innerunique ",
                                         "kind=leftouter ",
                                         "kind=rightouter ",
                                         "kind=fullouter ",
                                         "kind=rightsemi ",
                                         "kind=rightanti ",
                                         "kind=leftanti " };
    if (!has(g, "Name"))
        return op_extend(g);
    size_t k = gen_next(g, 9);
    bool id = has(g, "Id") && gen_chance(g, 30);
    buf_printf(g->out, "join %s(T3%s) on %s", kinds[k], gen_chance(g, 30) ? " | where Value > 0" : "",
               id                  ? "Id"
               : gen_chance(g, 50) ? "Name"
                                   : "$left.Name == $right.Name");
    if (k == 6 || k == 7)
        g->at = tables[2];
    else if (k != 8 && !has(g, "Value"))
        gen_add(g, "Value", 'r');
}

static void op_lookup(struct gen *g)
{
    if (!has(g, "Name"))
        return op_extend(g);
    buf_puts(g->out, gen_chance(g, 50) ? "lookup (T2 | project Name, Age, Tags) on Name"
                                       : "lookup kind=inner (T2 | project Name, Age, Tags) on Name");
    if (!has(g, "Age"))
        gen_add(g, "Age", 'i');
}

static void op_parse(struct gen *g)
{
    static const char *const forms[] = {
        "parse {@s} with * 'e' %s ' ' *",
        "parse kind=regex {@s} with @'\\w+' %s:long @'\\d' *",
        "parse kind=relaxed {@s} with %s:int '.' *",
        "parse-where {@s} with 'a' %s 'c' *",
        "parse-where kind=regex flags=i {@s} with 'A' %s:string '$'",
        "parse-kv {@s} as (%s:string) with (pair_delimiter=';', kv_delimiter='=')",
        "parse-kv {@s} as (%s:long) with (regex='(\\w+)=(\\d+)')",
    };
    static const char types[] = { 's', 'l', 'i', 's', 's', 's', 'l' };
    char name[GEN_NAME_MAX], text[256];
    size_t k = gen_next(g, 7);
    if (!gen_column_of(g, 's'))
        return op_extend(g);
    snprintf(name, sizeof name, "n%d", ++g->fresh);
    const char *at = strstr(forms[k], "%s");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - forms[k]), forms[k], name, at + 2);
    gen_expand(g, text);
    gen_add(g, name, types[k]);
}

static void op_expand(struct gen *g)
{
    static const char *const kinds[] = { "mv-expand ", "mv-expand kind=array ", "mv-expand bagexpansion=bag ",
                                         "mv-expand with_itemindex=ix " };
    char name[GEN_NAME_MAX];
    size_t k = gen_next(g, 5);
    gen_fresh(g, name);
    if (k == 4) {
        buf_printf(g->out, "mv-apply %s = ", name);
        gen_expr(g, 'd');
        static const char *const subs[] = { "to typeof(long) on (summarize s = count(), m = max(%s))",
                                            "on (take 2)",
                                            "to typeof(string) on (where strlen(%s) > 0 | top 1 by %s)" };
        size_t s = gen_next(g, 3);
        buf_putc(g->out, ' ');
        for (const char *p = subs[s]; *p; p++) {
            if (p[0] == '%')
                buf_puts(g->out, name), p++;
            else
                buf_putc(g->out, *p);
        }
        if (s == 0) {
            gen_add(g, "s", 'l');
            gen_add(g, "m", 'l');
        } else {
            gen_add(g, name, s == 1 ? 'd' : 's');
        }
        return;
    }
    bool typed = gen_chance(g, 40);
    buf_printf(g->out, "%s%s = ", kinds[k], name);
    gen_expr(g, 'd');
    buf_puts(g->out, typed ? " to typeof(long)" : "");
    if (gen_chance(g, 20))
        buf_puts(g->out, " limit 2");
    gen_add(g, name, typed ? 'l' : 'd');
    if (k == 3)
        gen_add(g, "ix", 'l');
}

static void op_series(struct gen *g)
{
    struct gen_table made = { .n = 0 };
    char name[GEN_NAME_MAX], type;
    if (!has(g, "Time"))
        return op_summarize(g);
    gen_fresh(g, name);
    buf_printf(g->out, "make-series %s = ", name);
    static const char *const aggs[] = { "count()", "sum({l})", "avg({r}) default=0.0", "dcount({s})",
                                        "max({l}) default=long(null)" };
    gen_expand(g, aggs[gen_next(g, 5)]);
    type = 'd';
    buf_puts(g->out, gen_chance(g, 50)
                         ? " on Time from datetime(2026-01-01) to datetime(2026-01-02) step 6h"
                         : " on Time in range(datetime(2026-01-01), datetime(2026-01-02), 12h)");
    if (gen_chance(g, 50)) {
        buf_puts(g->out, " by ");
        group_key(g, &made);
    }
    g->at = made;
    gen_add(g, name, type);
    gen_add(g, "Time", 'd');
}

static void op_window(struct gen *g)
{
    static const struct gen_form forms[] = {
        { 'l', "row_number()" },         { 'l', "row_number(1, {b})" }, { 's', "prev({@s})" },
        { 'l', "next({@l}, 2, -1)" },    { 'l', "row_cumsum({l})" },    { 'r', "row_cumsum({r}, {b})" },
        { 'l', "row_rank_dense({@s})" }, { 'l', "row_rank_min({@l})" }, { 't', "prev({@t})" },
        { 'd', "prev({@d}, 1)" },
    };
    char name[GEN_NAME_MAX];
    const struct gen_form *f = &forms[gen_next(g, sizeof forms / sizeof *forms)];
    gen_fresh(g, name);
    gen_expand(g, gen_chance(g, 60) ? "sort by {@?} asc | " : "serialize | ");
    if (gen_chance(g, 30) && f->type != 'd') {
        buf_puts(g->out, "where ");
        gen_expand(g, f->text);
        buf_puts(g->out, f->type == 's' ? " == ''" : f->type == 't' ? " > datetime(2026-01-01)" : " > 1");
        return;
    }
    buf_printf(g->out, "extend %s = ", name);
    gen_expand(g, f->text);
    gen_add(g, name, f->type);
}

static void op_scan(struct gen *g)
{
    if (!has(g, "Id"))
        return op_window(g);
    buf_puts(g->out,
             gen_chance(g, 50)
                 ? "sort by Id asc | scan declare (c:long = 0) with (step s1: true => c = s1.c + Id;)"
                 : "sort by Id asc | scan with_match_id = c with (step s1: Id > 0; step s2: Id > s1.Id;)");
    gen_add(g, "c", 'l');
}

static void op_nested(struct gen *g)
{
    if (!has(g, "Name"))
        return op_extend(g);
    if (gen_chance(g, 40)) {
        buf_puts(g->out, gen_chance(g, 50) ? "top-hitters 2 of Name" : "top-hitters 2 of Name by 1");
        only(g, "Name", 's');
        return;
    }
    gen_expand(g, "top-nested 2 of Name with others='rest' by nagg = count(), top-nested of n2 = {s} by "
                  "nagg2 = max({l})");
    only(g, "Name", 's');
    gen_add(g, "nagg", 'l');
    gen_add(g, "n2", 's');
    gen_add(g, "nagg2", 'l');
}

/* Patterns: what they find depends on all rows, so only their own columns go on. */
static void op_mine(struct gen *g)
{
    static const char *const forms[] = {
        "evaluate basket(0.2, '~', 2)",
        "evaluate autocluster(0.3)",
        "evaluate diffpatterns(Name, 'a', 'b')",
        "project Name, Id | evaluate basket(0.1, Id, 3, '*')",
    };
    if (!has(g, "Name") || !has(g, "Id"))
        return op_window(g);
    size_t i = gen_next(g, 6);
    if (i < 4) {
        buf_puts(g->out, forms[i]);
        buf_puts(g->out, " | project SegmentId");
        only(g, "SegmentId", 'l');
        return;
    }
    buf_puts(g->out,
             i == 4 ? "evaluate diffpatterns_text(Name, Id > 1)" : "reduce by Name with threshold = 0.3");
    buf_puts(g->out, " | project Pattern");
    only(g, "Pattern", 's');
}

static void op_evaluate(struct gen *g)
{
    if (has(g, "Bag") && gen_chance(g, 40)) {
        buf_puts(g->out, "project Name2 = tostring(Bag), Bag | evaluate bag_unpack(Bag) | project Name2");
        only(g, "Name2", 's');
    } else if (has(g, "Name") && gen_chance(g, 50)) {
        buf_puts(g->out, "project Name, k = strlen(Name) | evaluate pivot(Name, count(), k) | project k");
        only(g, "k", 'l');
    } else {
        buf_puts(g->out, "evaluate narrow()");
        only(g, "Row", 'l');
        gen_add(g, "Column", 's');
        gen_add(g, "Value", 's');
    }
}

/* A graph of the rows as edges; names inside of all(), any() and map() are columns of the rows. */
static void op_graph(struct gen *g)
{
    static const char *const makes[] = { "make-graph gs --> gt with_node_id=gn",
                                         "make-graph gs -- gt with_node_id=gn",
                                         "make-graph gs --> gt with T2 on Name, T3 on Name" };
    static const struct {
        const char *text;
        char types[5]; /* of g1, g2 ... */
    } forms[] = {
        { "graph-match (a)-[e]->(b) where e.gs != 'x' project g1 = e.gs, g2 = node_id(b), g3 = "
          "node_degree_in(a)",
          "ssl" },
        { "graph-match (a)-[e]->(b)<-[f]-(c), (b)--(d) where node_id(a) < node_id(c) or e.gs == f.gt project "
          "g1 = f.gs, g2 = e, "
          "g3 = node_degree_out(c)",
          "sdl" },
        { "graph-match cycles=none (a)-[e*0..2]->(c) where all(e, {b}) project g1 = node_id(a), g2 = map(e, "
          "{s}), g3 = array_length(e)",
          "sdl" },
        { "graph-match cycles=all (a)-[e]->(b)<-[f*1..2]-(c) where any(f, {b}) project g1 = e.gs, g2 = "
          "map(inner_nodes(f), node_id()), "
          "g3 = any(f, {b})",
          "sdb" },
        { "graph-match (a)-[e*1..3]->(a) where e.gs != 'b' project g1 = e.gs, g2 = a", "dd" },
        { "graph-shortest-paths output=all (a)-[e*1..4]-(c) where all(inner_nodes(e), node_degree_in() > 0) "
          "project g1 = node_id(c), "
          "g2 = e.gt",
          "sd" },
        { "graph-shortest-paths (a)-[e*2..3]->(b)-[f]->(c) where array_length(e) > 1 or any(e, {b}) project "
          "g1 = f.gt, g2 = map(e, {l})",
          "sd" },
        { "graph-match (a)-[e]->(b)-[f*0..2]->(c) where all(f, gs != e.gs) project g1 = e.gs, g2 = map(f, "
          "strcat(gt, e.gt)), "
          "g3 = any(inner_nodes(f), node_id() == node_id(a))",
          "sdb" },
        { "graph-mark-components kind=strong with_component_id=g1 | graph-to-table nodes with_node_id=g2 | "
          "project g1, g2",
          "ll" },
        { "graph-where-edges {b} | graph-mark-components | graph-to-table edges with_source_id=g1 | project "
          "g1, g2 = gs",
          "ls" },
        { "graph-where-nodes isnotempty(gn) or true | graph-match (a) project g1 = node_id(a), g2 = "
          "labels(a)",
          "sd" },
    };
    char name[3] = "g0";
    size_t k = gen_next(g, sizeof forms / sizeof *forms), m = gen_next(g, 3);
    gen_expand(g, "extend gs = {s}, gt = {s} | ");
    gen_add(g, "gs", 's');
    gen_add(g, "gt", 's');
    if (strstr(forms[k].text, "gn"))
        m %= 2;
    buf_printf(g->out, "%s | ", makes[m]);
    gen_expand(g, forms[k].text);
    g->at.n = 0;
    for (const char *t = forms[k].types; *t; t++) {
        name[1] = (char)(name[1] + 1);
        gen_add(g, name, *t);
    }
}

static void op_schema(struct gen *g)
{
    buf_puts(g->out, gen_chance(g, 50) ? "count as N" : "getschema");
    if (g->out->p[g->out->n - 1] == 'N') {
        only(g, "N", 'l');
    } else {
        only(g, "ColumnName", 's');
        gen_add(g, "ColumnType", 's');
    }
}

/* An operator that keeps the columns, out of the forms. */
static void op_form(struct gen *g)
{
    for (;;) {
        size_t i = gen_next(g, gen_nforms);
        const char *text = gen_forms[i].text;
        if (gen_forms[i].type != 'o' || (strstr(text, "Name") && !has(g, "Name")) ||
            (strstr(text, " Id ") && !has(g, "Id")))
            continue;
        if (g->forms)
            g->forms[i] = 1;
        gen_expand(g, text);
        return;
    }
}

static void operator(struct gen *g)
{
    static const struct {
        unsigned weight;
        void (*make)(struct gen *g);
    } ops[] = {
        { 30, op_form },          { 20, op_extend },      { 8, op_project },  { 3, op_project_away },
        { 3, op_project_rename }, { 2, op_project_keep }, { 3, op_distinct }, { 14, op_summarize },
        { 7, op_join },           { 4, op_lookup },       { 5, op_parse },    { 6, op_expand },
        { 4, op_series },         { 6, op_window },       { 2, op_scan },     { 2, op_nested },
        { 2, op_evaluate },       { 2, op_mine },         { 2, op_schema },   { 3, op_graph },
    };
    unsigned total = 0;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        total += ops[i].weight;
    uint64_t k = gen_next(g, total);
    size_t i = 0;
    while (k >= ops[i].weight)
        k -= ops[i++].weight;
    ops[i].make(g);
}

void gen_pipe(struct gen *g, int operators)
{
    for (int i = 0; i < operators; i++) {
        buf_puts(g->out, g->pipes ? " | " : "\n| ");
        operator(g);
    }
}

void gen_query(struct gen *g, uint64_t seed, bool inline_tables, struct buf *out)
{
    g->state = seed * UINT64_C(0xd1342543de82ef95) + 1;
    g->out = out;
    g->depth = g->pipes = g->fresh = 0;
    g->wild = gen_chance(g, 10);
    for (size_t i = 0; inline_tables && i < GEN_NTABLES; i++)
        buf_printf(out, "let %s = %s;\n", gen_table_names[i], gen_table_texts[i]);
    buf_puts(out, "let Fn = (T:(*)) { T | take 3 };\n");
    if (gen_chance(g, 20))
        buf_puts(out, "let lim = 3; let Twice = (x:long, y:long=2) { x * y }; let Small = materialize(T1 | "
                      "take lim);\n");
    gen_source(g);
    gen_pipe(g, 1 + (int)gen_next(g, 5));
}
