/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms of expressions and operators that the tables of functions do not tell.
 *
 * {x} an expression of type x (letters of kql_func, ? any); {x'} a literal; {@x} a column; {#} a small number; {R} a regular
 * expression; {T} a table of its own (a sub-query in parentheses is the form's affair); {n} a new name. '|' of KQL is written
 * as it is. To add one: a row.
 */
#include "gen.h"

/* clang-format off */
const struct gen_form gen_forms[] = {
    /* comparisons and logic */
    { 'b', "({l} < {l})" }, { 'b', "({r} >= {l})" }, { 'b', "({t} > {t})" }, { 'b', "({p} <= {p})" },
    { 'b', "({s} == {s})" }, { 'b', "({s} != {s'})" }, { 'b', "({l} == {l})" }, { 'b', "({r} != {r})" },
    { 'b', "({t} == {t})" }, { 'b', "({b} == {b})" }, { 'b', "({g} == {g})" }, { 'b', "({d} == {s'})" },
    { 'b', "({D} < {D})" }, { 'b', "({D} == {l})" }, { 'b', "({i} > {r})" }, { 'b', "({p} == {p})" },
    { 'b', "({s} =~ {s'})" }, { 'b', "({s} !~ {s})" },
    { 'b', "({s} has {s'})" }, { 'b', "({s} !has {s})" }, { 'b', "({s} has_cs {s'})" }, { 'b', "({s} !has_cs {s'})" },
    { 'b', "({s} hasprefix {s'})" }, { 'b', "({s} !hasprefix {s'})" }, { 'b', "({s} hasprefix_cs {s})" }, { 'b', "({s} !hasprefix_cs {s'})" },
    { 'b', "({s} hassuffix {s'})" }, { 'b', "({s} !hassuffix {s'})" }, { 'b', "({s} hassuffix_cs {s})" }, { 'b', "({s} !hassuffix_cs {s'})" },
    { 'b', "({s} contains {s'})" }, { 'b', "({s} !contains {s})" }, { 'b', "({s} contains_cs {s'})" }, { 'b', "({s} !contains_cs {s'})" },
    { 'b', "({s} startswith {s'})" }, { 'b', "({s} !startswith {s})" }, { 'b', "({s} startswith_cs {s'})" }, { 'b', "({s} !startswith_cs {s})" },
    { 'b', "({s} endswith {s'})" }, { 'b', "({s} !endswith {s})" }, { 'b', "({s} endswith_cs {s'})" }, { 'b', "({s} !endswith_cs {s'})" },
    { 'b', "({s} matches regex {R})" },
    { 'b', "({s} has_any ({s'}, {s'}, {s'}))" }, { 'b', "({s} has_all ({s'}, {s'}))" }, { 'b', "({s} has_any (dynamic([\"a\",\"exe\"])))" },
    { 'b', "({s} in ({s'}, {s'}))" }, { 'b', "({l} !in ({l'}, {l'}))" }, { 'b', "({s} in~ ({s'}, {s'}))" }, { 'b', "({s} !in~ ({s'}))" },
    { 'b', "({t} in ({t'}, {t'}))" }, { 'b', "({s} in (T2 | project Name))" }, { 'b', "({l} in (T2 | project Age))" },
    { 'b', "({l} between ({l} .. {l}))" }, { 'b', "({t} !between ({t} .. {p'}))" }, { 'b', "({r} between ({r} .. {r}))" }, { 'b', "({p} between ({p'} .. {p'}))" },
    { 'b', "({b} and {b})" }, { 'b', "({b} or {b})" }, { 'b', "({b} and {b} or not({b}))" }, { 'b', "isnull({?})" },
    { 'b', "isnotnull({?})" }, { 'b', "isempty({?})" }, { 'b', "isnotempty({s})" }, { 'b', "notnull({t})" }, { 'b', "notempty({d})" },
    { 'b', "tobool({?})" }, { 'b', "toboolean({d})" },
    /* arithmetic */
    { 'l', "({l} + {l})" }, { 'l', "({l} - {i})" }, { 'l', "({l} * {l})" }, { 'l', "({l} / {l})" }, { 'l', "({l} % {l})" }, { 'l', "(-{l})" },
    { 'r', "({r} + {r})" }, { 'r', "({r} - {l})" }, { 'r', "({r} * {r})" }, { 'r', "({r} / {r})" }, { 'r', "({r} % {r})" }, { 'r', "(-{r})" },
    { 'D', "({D} + {D})" }, { 'D', "({D} - {l})" }, { 'D', "({D} * {D})" }, { 'D', "({D} / {D})" }, { 'D', "({D} % {D})" },
    { 't', "({t} + {p})" }, { 't', "({t} - {p})" }, { 'p', "({t} - {t})" }, { 'p', "({p} + {p})" }, { 'p', "({p} - {p})" },
    { 'p', "({p} * {l})" }, { 'p', "({p} / {l})" }, { 'r', "({p} / {p})" }, { 'p', "({p} * {r})" }, { 'p', "(-{p})" }, { 'p', "({p} % {p})" },
    /* conversions */
    { 's', "tostring({?})" }, { 'i', "toint({?})" }, { 'l', "tolong({?})" }, { 'r', "todouble({?})" }, { 'r', "toreal({s})" },
    { 'D', "todecimal({?})" }, { 't', "todatetime({?})" }, { 'p', "totimespan({?})" }, { 'p', "totime({s})" }, { 'g', "toguid({s})" },
    { 's', "gettype({?})" }, { 's', "tolower(tostring({d}))" }, { 'l', "estimate_data_size({?})" },
    /* choices */
    { 's', "iff({b}, {s}, {s})" }, { 'l', "iif({b}, {l}, {l})" }, { 't', "iff({b}, {t}, {t})" }, { 'd', "iff({b}, {d}, {d})" },
    { 's', "case({b}, {s}, {b}, {s}, {s})" }, { 'r', "case({b}, {r}, {r})" }, { 'l', "coalesce({l}, {l}, {l})" }, { 's', "coalesce({s}, {s})" },
    { 'd', "coalesce({d}, {d})" }, { 'p', "iff({b}, {p}, {p})" }, { 'g', "iff({b}, {g}, {g})" }, { 'b', "iff({b}, {b}, {b})" }, { 'D', "coalesce({D}, {D})" }, { 'i', "iff({b}, {i}, {i})" },
    { 'l', "toscalar({T} | count)" }, { 's', "toscalar(T2 | summarize max(Name))" },
    /* clock */
    { 't', "now()" }, { 't', "now({p'})" }, { 't', "ago({p'})" }, { 'i', "datetime_part({s'}, {t})" }, { 'i', "datetime_part('Month', {t})" },
    { 't', "ingestion_time()" },
    /* text */
    { 's', "extract({R}, 0, {s})" }, { 's', "extract(\"([a-z]+)([0-9]*)\", 1, {s})" }, { 'l', "extract(\"([0-9]+)\", 1, {s}, typeof(long))" },
    { 'd', "extract_all({R}, {s})" }, { 'd', "extract_all(\"(a)(.)\", {s})" }, { 'd', "extract_all(\"(a)(.)\", dynamic([2]), {s})" },
    { 's', "extract_json(\"$.a\", {s})" }, { 's', "extractjson(\"$.a[0]\", tostring({d}))" }, { 'l', "countof({s}, {s'})" }, { 'l', "countof({s}, {R}, 'regex')" },
    /* dynamic */
    { 'd', "{@d}.a" }, { 'd', "{@d}['b c']" }, { 'd', "{@d}[0]" }, { 'd', "{@d}[-1]" }, { 'd', "{@d}[tostring({s'})]" }, { 'd', "{@d}.a.b[1].c" },
    { 'd', "bag_pack('a', {?}, 'b', {?})" }, { 'd', "pack({s'}, {?})" }, { 'd', "pack_dictionary('k', {d})" }, { 'd', "pack_all()" }, { 'd', "pack_all(true)" },
    { 'd', "bag_pack_columns({@?}, {@?})" }, { 'd', "array_sort_asc({d})" }, { 'd', "array_sort_desc({d}, {b'})" }, { 'd', "range({#}, 60, {#})" },
    { 'd', "range({t'}, {t'}, 30d)" }, { 'd', "geo_info_from_ip_address({s})" },
    { '?', "column_ifexists('Name', {s'})" }, { 's', "column_ifexists('nosuch', {s})" },
    { 'd', "series_fit_poly({d})" }, { 'd', "series_outliers({d})" }, { 'd', "series_fit_poly({d}, dynamic([1,2,3]), 1)" },
    { 'd', "series_decompose_forecast({d}, 1)" }, { 'r', "percentile_tdigest({d}, {#}, typeof(real))" },
    { 'd', "dynamic_to_json({d})" },
    /* operators that keep the columns */
    { 'o', "where {b}" }, { 'o', "where {b} and {b}" }, { 'o', "filter {b}" }, { 'o', "take {#}" }, { 'o', "limit {#}" }, { 'o', "sample {#}" },
    { 'o', "sort by {@?} asc" }, { 'o', "order by {s} desc nulls first, {l} asc" }, { 'o', "sort by {r} asc nulls last" }, { 'o', "top {#} by {l} desc" }, { 'o', "top {#} by {t} asc nulls first" },
    { 'o', "project-reorder *" }, { 'o', "project-reorder {@?}" }, { 'o', "serialize" }, { 'o', "as {n}" }, { 'o', "search {s'}" }, { 'o', "search kind=case_sensitive {s'} and not({s'})" },
    { 'o', "where * has {s'}" }, { 'o', "join kind=leftsemi ({T}) on Name" }, { 'o', "join kind=leftanti ({T}) on Name" }, { 'o', "partition by Name ({take} {#})" },
    { 'o', "partition hint.strategy=native by Name (where {b})" }, { 'o', "render table" }, { 'o', "invoke Fn()" }, { 'o', "union (T1 | where {b'} | take 0)" },
    { 'o', "distinct *" }, { 'o', "mv-apply Id on (take 1)" }, { 'o', "project-keep *" },
};
/* clang-format on */
const size_t gen_nforms = sizeof gen_forms / sizeof *gen_forms;

const char *const gen_table_names[GEN_NTABLES] = { "T1", "T2", "T3" };

const char *const gen_table_texts[GEN_NTABLES] = {
    "datatable(Id:long, Num:int, Score:real, Amount:decimal, Name:string, Cmd:string, Ip:string, "
    "Time:datetime, Span:timespan, "
    "Flag:bool, Bag:dynamic, List:dynamic, Uid:guid)[\n"
    "1, 1, 1.5, decimal(1.25), 'alice', 'cmd.exe /c whoami', '10.0.0.1', datetime(2026-01-01 10:00:00), 1h, "
    "true, "
    "dynamic({\"a\":1,\"b c\":\"x\"}), dynamic([1,2,3]), guid(6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a21),\n"
    "2, -7, real(nan), decimal(-0.001), 'Bob', 'powershell -enc SQBFAFgA', '192.168.1.300', "
    "datetime(2026-01-01 "
    "10:30:00.1234567), -1s, false, dynamic({\"a\":{\"b\":[0,{\"c\":null}]}}), dynamic([\"x\",null,2.5]), "
    "guid(null),\n"
    "3, int(null), real(+inf), decimal(null), '', '', '::1', datetime(null), timespan(null), bool(null), "
    "dynamic(null), "
    "dynamic([]), guid(00000000-0000-0000-0000-000000000000),\n"
    "9223372036854775807, 2147483647, -1e300, decimal(12345678901234567890.123), 'alice', 'naïve "
    "\\\"quoted\\\" 日本', '10.0.0.0/8', "
    "datetime(9999-12-31 23:59:59.9999999), 10675199d, true, dynamic([1]), dynamic({\"k\":\"v\"}), "
    "guid(null),\n"
    "long(null), 0, real(null), decimal(0), 'x', 'a=1;b=2', '2001:db8::1', datetime(0001-01-01), 1tick, "
    "false, dynamic(\"text\"), "
    "dynamic(null), guid(6f1b5c9e-6d3e-4a0e-9c58-0d6f4c1f7a22)]",
    "datatable(Name:string, Age:int, ['odd name']:long, Time:datetime, Tags:dynamic)[\n"
    "'alice', 30, 5, datetime(2026-01-01), dynamic([\"admin\",\"x\"]), 'bob', int(null), -5, "
    "datetime(2025-12-31), dynamic({\"a\":[1]}),\n"
    "'', 0, long(null), datetime(null), dynamic(null), 'alice', 31, 6, datetime(2026-01-02), dynamic(7)]",
    "datatable(Name:string, Value:real, Id:long)['alice', 0.5, 1, 'Bob', real(null), 2, 'x', real(-inf), 3]",
};
