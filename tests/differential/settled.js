// SPDX-License-Identifier: Apache-2.0
// Where huntbook follows the engine's answers or Microsoft's pages, and the reference parser says something else.
//
//   about      'refused': it refuses what we run; 'columns': it has other columns
//   reference  matches its message, or the first difference of columns ("reference NAME:TYPE, ours NAME:TYPE")
//   query      matches the text of the query, where the words of the reference alone would cover too much
//   why        what shows that we are right: a page of dataexplorer-docs/data-explorer/kusto/query, or an answer of the engine
'use strict';
module.exports = [
    { about: 'columns', reference: /^reference match_id:long, ours none$/, query: /\bscan\b/, why: 'scan adds a column for the match only by with_match_id (scan-operator)' },
    { about: 'columns', reference: /^reference ip:string, ours \w+:string$/, query: /\bipv6_lookup\b/, why: 'columns of the lookup table come first (ipv6-lookup-plugin)' },
    { about: 'columns', reference: /^reference Column1:\w+, ours \w+:\w+$/, query: /\bcolumn_ifexists\(/, why: 'called as the column that it stands for (column-ifexists-function)' },
    { about: 'columns', reference: /^reference series_\w+:\w+, ours none$/, query: /\(\s*\w+\s*(,\s*\w+\s*)*\)\s*=\s*series_/, why: 'what a list of names does not name is dropped (project-operator)' },
    { about: 'columns', reference: /^reference series_periods_detect_\w+_scores:dynamic, ours series_periods_detect_\w+_periods_scores:dynamic$/, why: 'series_periods_detect_y_periods_scores (series-periods-detect-function)' },
    { about: 'columns', reference: /^reference covariance\w*_\w+:real, ours covariance\w*_\w+_\w+:real$/, why: 'the engine names both arguments: covariancep_x_y' },
    { about: 'columns', reference: /^reference (\w+):int, ours \1:long$/, query: /\b(getyear|getmonth|monthofyear|week_of_year|weekofyear|dayof(year|month|week)|hourofday|datetime_part)\b/, why: 'the engine gives parts of a datetime as long' },
    { about: 'columns', reference: /^reference (\w+):long, ours \1:real$/, query: /datetime_diff\(\s*['"]week['"]/i, why: 'the engine counts weeks between two times as a real' },
    { about: 'columns', reference: /^reference ColumnOrdinal:long, ours ColumnOrdinal:int$/, query: /\bgetschema\b/, why: 'the engine gives the ordinal as int' },
    { about: 'columns', reference: /^reference (\w+):dynamic, ours \1:real$/, query: /\bjaccard_index\b/, why: 'a real (jaccard-index-function)' },
    { about: 'columns', reference: /^reference Id:long, ours Name:string$/, query: /\bunion kind=inner\b/, why: 'union kind=inner has only the columns of all tables (union-operator)' },
    { about: 'columns', reference: /^reference (\w+):long, ours \1:real$/, query: /\bceiling\(/, why: 'the engine gives ceiling() as real' },
    { about: 'columns', reference: /^reference x_long:long, ours x_long1:long$/, query: /View_3/, why: 'the page shows x_long1 first (union-operator)' },
    { about: 'columns', reference: /ours none$/, query: /\bdiffpatterns\(/, why: 'the split column is no dimension of a pattern (diffpatterns-plugin)' },
    { about: 'columns', reference: /ours none$/, query: /\b(autocluster|basket)\([^)]*\b(Rows|w)\b/, why: 'nor is the weight, of which rows of a pattern have many' },
    { about: 'columns', reference: /^reference Count:long, ours Count1:long$/, query: /\bbasket\(/, why: 'a column of the table that is called Count follows that of the plugin' },
    { about: 'columns', reference: /^reference Count:long, ours none$/, query: /\breduce kind=source\b/, why: 'kind=source appends Pattern alone (reduce-operator)' },
    { about: 'refused', reference: /'Pattern1' does not refer/, query: /\breduce kind=source\b/, why: 'a second column of a name has a number behind it, as everywhere' },
    { about: 'refused', reference: /plug-in function '(schema_merge|dcount_intersect|diffpatterns_text)' is not defined/i, why: 'schema-merge-plugin, dcount-intersect-plugin, diffpatterns-text-plugin' },
    { about: 'refused', reference: /syntax depth exceeds maximum safe limit/i, why: 'a limit of the reference alone' },
    { about: 'refused', reference: /must be summable/, query: /\bactivity_\w+\([^)]*['"](week|month|year)['"]/, why: 'a step may be week, month or year (activity-metrics-plugin)' },
    { about: 'refused', reference: /function 'bag_unpack' expects/i, why: 'bag_unpack takes up to four arguments by position (bag-unpack-plugin)' },
    { about: 'refused', reference: /value of type int expected/i, query: /\bseries_fit_poly\(/, why: 'a degree as the examples give it (series-fit-poly-function)' },
    { about: 'refused', reference: /value of type bool expected/i, query: /\bsearch\b[^|]*\bnot\s*\(/, why: 'the engine runs search not("error")' },
    { about: 'refused', reference: /value of type bool expected/i, query: /\bcount\(/, why: 'the engine counts count(x) as count()' },
    { about: 'refused', reference: /'ColumnName' does not refer/, query: /\bschema_merge\(/, why: 'follows from schema_merge' },
    { about: 'refused', reference: /operator 'or' is not defined for the operand types bool/, query: /\bsearch\b/, why: 'the engine runs search "needle" or 42' },
    { about: 'refused', reference: /value of type string expected/i, query: /\bbag_unpack\([^|]*ignoredProperties/, why: 'arguments by name (bag-unpack-plugin)' },
    { about: 'refused', reference: /'SomeView\*' does not refer/, query: /isfuzzy/, why: 'a pattern may match nothing where isfuzzy is set (union-operator)' },
    { about: 'refused', reference: /does not refer to any known database/, why: 'a source that has no folders is the database that is named' },
    { about: 'refused', reference: /\*' does not refer to any known table/, query: /\bdatabase\('d'\)\.\w*\*/, why: 'nor does it know patterns of such tables' },
    { about: 'columns', reference: /^reference undefined, ours /, query: /\bcluster\('c2'\)\]/, why: 'the reference knows no columns of another cluster' },
    { about: 'refused', reference: /value of type real expected/i, query: /\bpercentiles_array_tdigest\(/, why: 'an array of percentiles and a type (percentile-array-tdigest-function)' },
    { about: 'refused', reference: /known (materialized view|external table|stored query result)/, why: 'here a table of the source stands for whatever keeps its rows elsewhere' },
    { about: 'refused', reference: /expression value must be a dynamic array/, query: /\bgraph-(match|shortest-paths)\b[^]*\barray_length\(/, why: 'array_length(e) of a path (graph-best-practices)' },
    { about: 'refused', reference: /The name '\w+' does not refer/, query: /\b(inner_nodes\(|graph-where-nodes\b)/, why: 'properties of nodes, the one of with_node_id too (all-graph-function, graph-where-nodes-operator)' },
    { about: 'columns', reference: /^reference Column\d+:long, ours node_degree_(in|out):long$/, why: 'called as the function (node-degree-in)' },
];
