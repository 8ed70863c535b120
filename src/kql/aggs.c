/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregate functions of KQL, one row for each way to call one. Letters as in funcs.c, and P for the condition of an ...if
 * form, which is no argument of the template. Those that give several columns (arg_max, take_any, percentiles) are in
 * bind_agg.c; they have a row here with "!" for their name and help.
 *
 * $F must stand behind every aggregate of a template: it is the FILTER clause of the condition.
 */
#include "bound.h"

#define EMPTY "CAST([] AS VARCHAR[])"
/* DuckDB cannot add keys of decimals (hb/decimal.h), of which that of 0 is 0. */
#define DECIMAL_SUM "kql_dec_sum(list(coalesce($1, 0))$F)"
#define LIST        "coalesce(list($1 $o)$F, " EMPTY ")"
#define ROWS        "list($1 $o)$F" /* null without rows */
/* Beyond what squares can hold DuckDB raises an error; the spread of such values is NaN. */
#define SPREAD(f)                                                                                            \
    "(CASE WHEN bool_or(NOT abs($1) < 1e150)$F THEN " NAN_ " ELSE coalesce(" f                               \
    "(CASE WHEN abs($1) < 1e150 THEN $1 END)$F, 0e0) END)"
#define COVARIANCE(f)                                                                                        \
    "(CASE WHEN bool_or(NOT (abs($1) < 1e150 AND abs($2) < 1e150))$F THEN " NAN_ " ELSE " f                  \
    "(CASE WHEN abs($1) < 1e150 THEN $1 END, CASE WHEN abs($2) < 1e150 THEN $2 END)$F END)"
#define NAN_ "CAST('nan' AS DOUBLE)"

/* clang-format off */
const struct kql_agg kql_aggs[] = {
    { "count", "", "l", "count(*)$F", "count_", "number of rows" },
    { "count", "a", "l", "count(*)$F", "count_", "number of rows" },
    { "countif", "P", "l", "count(*)$F", "countif_", "number of rows where a condition holds" },
    { "sum", "l", "l", "coalesce(kql_wrap(sum($1)$F), 0)", "sum_", "sum" },
    { "sum", "p", "p", "coalesce(kql_wrap(sum($1)$F), 0)", "sum_", "sum" },
    { "sum", "D", "D", "(CASE WHEN count(*)$F = 0 THEN 0 ELSE " DECIMAL_SUM " END)", "sum_", "sum" },
    { "sum", "r", "r", "coalesce(fsum($1)$F, 0e0)", "sum_", "sum" },
    { "sumif", "lP", "l", "coalesce(kql_wrap(sum($1)$F), 0)", "sumif_", "sum where a condition holds" },
    { "sumif", "pP", "p", "coalesce(kql_wrap(sum($1)$F), 0)", "sumif_", "sum where a condition holds" },
    { "sumif", "DP", "D", "(CASE WHEN count(*)$F = 0 THEN 0 ELSE " DECIMAL_SUM " END)", "sumif_", "sum where a condition holds" },
    { "sumif", "rP", "r", "coalesce(fsum($1)$F, 0e0)", "sumif_", "sum where a condition holds" },
    { "avg", "l", "r", "coalesce(CAST(kql_wrap(sum($1)$F) AS DOUBLE) / nullif(count($1)$F, 0), " NAN_ ")", "avg_", "mean" },
    { "avg", "p", "p", "CAST(sum($1)$F // nullif(count($1)$F, 0) AS BIGINT)", "avg_", "mean" },
    { "avg", "t", "t", "CAST(sum($1)$F // nullif(count($1)$F, 0) AS BIGINT)", "avg_", "mean" },
    { "avg", "D", "D", "kql_dec_div(" DECIMAL_SUM ", kql_dec_long(count($1)$F))", "avg_", "mean" },
    { "avg", "r", "r", "coalesce(favg($1)$F, " NAN_ ")", "avg_", "mean" },
    { "avgif", "lP", "r", "coalesce(CAST(kql_wrap(sum($1)$F) AS DOUBLE) / nullif(count($1)$F, 0), " NAN_ ")", "avgif_", "mean where a condition holds" },
    { "avgif", "pP", "p", "CAST(sum($1)$F // nullif(count($1)$F, 0) AS BIGINT)", "avgif_", "mean where a condition holds" },
    { "avgif", "tP", "t", "CAST(sum($1)$F // nullif(count($1)$F, 0) AS BIGINT)", "avgif_", "mean where a condition holds" },
    { "avgif", "DP", "D", "kql_dec_div(" DECIMAL_SUM ", kql_dec_long(count($1)$F))", "avgif_", "mean where a condition holds" },
    { "avgif", "rP", "r", "coalesce(favg($1)$F, " NAN_ ")", "avgif_", "mean where a condition holds" },
    { "min", "i", "i", "min($1)$F", "min_", "smallest value" },
    { "min", "l", "l", "min($1)$F", "min_", "smallest value" },
    { "min", "D", "D", "min($1)$F", "min_", "smallest value" },
    { "min", "r", "r", "(CASE WHEN bool_or(isnan($1))$F THEN " NAN_ " ELSE min($1)$F END)", "min_", "smallest value" },
    { "min", "t", "t", "min($1)$F", "min_", "smallest value" },
    { "min", "p", "p", "min($1)$F", "min_", "smallest value" },
    { "min", "s", "s", "coalesce(min($1)$F, '')", "min_", "smallest value" },
    { "min", "b", "b", "min($1)$F", "min_", "smallest value" },
    { "max", "i", "i", "max($1)$F", "max_", "largest value" },
    { "max", "l", "l", "max($1)$F", "max_", "largest value" },
    { "max", "D", "D", "max($1)$F", "max_", "largest value" },
    { "max", "r", "r", "max($1)$F", "max_", "largest value" },
    { "max", "t", "t", "max($1)$F", "max_", "largest value" },
    { "max", "p", "p", "max($1)$F", "max_", "largest value" },
    { "max", "s", "s", "coalesce(max($1)$F, '')", "max_", "largest value" },
    { "max", "b", "b", "max($1)$F", "max_", "largest value" },
    { "minif", "iP", "i", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "minif", "lP", "l", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "minif", "DP", "D", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "minif", "rP", "r", "(CASE WHEN bool_or(isnan($1))$F THEN " NAN_ " ELSE min($1)$F END)", "minif_", "smallest value where a condition holds" },
    { "minif", "tP", "t", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "minif", "pP", "p", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "minif", "sP", "s", "coalesce(min($1)$F, '')", "minif_", "smallest value where a condition holds" },
    { "minif", "bP", "b", "min($1)$F", "minif_", "smallest value where a condition holds" },
    { "maxif", "iP", "i", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "maxif", "lP", "l", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "maxif", "DP", "D", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "maxif", "rP", "r", "(CASE WHEN bool_or(isnan($1))$F THEN " NAN_ " ELSE max($1)$F END)", "maxif_", "largest value where a condition holds" },
    { "maxif", "tP", "t", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "maxif", "pP", "p", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "maxif", "sP", "s", "coalesce(max($1)$F, '')", "maxif_", "largest value where a condition holds" },
    { "maxif", "bP", "b", "max($1)$F", "maxif_", "largest value where a condition holds" },
    { "dcount", "k", "l", "count(DISTINCT $1)$F", "dcount_", "number of different values (exact)" },
    { "dcount", "kl", "l", "count(DISTINCT $1)$F", "dcount_", "number of different values (exact)" },
    { "dcountif", "kP", "l", "count(DISTINCT $1)$F", "dcountif_", "number of different values where a condition holds" },
    { "dcountif", "kPl", "l", "count(DISTINCT $1)$F", "dcountif_", "number of different values where a condition holds" },
    { "count_distinct", "k", "l", "count(DISTINCT $1)$F", "count_distinct_", "number of different values" },
    { "count_distinctif", "kP", "l", "count(DISTINCT $1)$F", "count_distinctif_", "number of different values where a condition holds" },
    { "stdev", "r", "r", SPREAD("stddev_samp"), "stdev_", "standard deviation of a sample" },
    { "stdevif", "rP", "r", SPREAD("stddev_samp"), "stdevif_", "standard deviation where a condition holds" },
    { "stdevp", "r", "r", SPREAD("stddev_pop"), "stdevp_", "standard deviation" },
    { "variance", "r", "r", SPREAD("var_samp"), "variance_", "variance of a sample" },
    { "varianceif", "rP", "r", SPREAD("var_samp"), "varianceif_", "variance where a condition holds" },
    { "variancep", "r", "r", SPREAD("var_pop"), "variancep_", "variance" },
    { "variancepif", "rP", "r", SPREAD("var_pop"), "variancepif_", "variance where a condition holds" },
    { "covariance", "rr", "r", COVARIANCE("covar_samp"), "covariance_", "covariance of a sample" },
    { "covarianceif", "rrP", "r", COVARIANCE("covar_samp"), "covarianceif_", "covariance where a condition holds" },
    { "covariancep", "rr", "r", COVARIANCE("covar_pop"), "covariancep_", "covariance" },
    { "covariancepif", "rrP", "r", COVARIANCE("covar_pop"), "covariancepif_", "covariance where a condition holds" },
    { "make_list", "j", "d", "kql_make_list(" LIST ", 1048576)", "list_", "values as an array" },
    { "make_list", "jl", "d", "kql_make_list(" LIST ", any_value($2))", "list_", "values as an array" },
    { "make_list_if", "jP", "d", "kql_make_list(" LIST ", 1048576)", "list_", "values as an array where a condition holds" },
    { "make_list_if", "jPl", "d", "kql_make_list(" LIST ", any_value($2))", "list_", "values as an array where a condition holds" },
    { "make_list_with_nulls", "j", "d", "kql_json_array(" LIST ")", "list_", "values, nulls too, as an array" },
    { "makelist", "j", "d", "kql_make_list(" LIST ", 128)", "list_", "make_list of at most 128" },
    { "makelist", "jl", "d", "kql_make_list(" LIST ", any_value($2))", "list_", "make_list" },
    { "make_set", "j", "d", "kql_make_set(" LIST ", 1048576)", "set_", "different values as an array" },
    { "make_set", "jl", "d", "kql_make_set(" LIST ", any_value($2))", "set_", "different values as an array" },
    { "make_set_if", "jP", "d", "kql_make_set(" LIST ", 1048576)", "set_", "different values where a condition holds" },
    { "make_set_if", "jPl", "d", "kql_make_set(" LIST ", any_value($2))", "set_", "different values where a condition holds" },
    { "makeset", "j", "d", "kql_make_set(" LIST ", 128)", "set_", "make_set of at most 128" },
    { "makeset", "jl", "d", "kql_make_set(" LIST ", any_value($2))", "set_", "make_set" },
    { "make_bag", "d", "d", "kql_make_bag(" LIST ", 1048576)", "bag_", "bags joined" },
    { "make_bag", "dl", "d", "kql_make_bag(" LIST ", any_value($2))", "bag_", "bags joined" },
    { "make_bag_if", "dP", "d", "kql_make_bag(" LIST ", 1048576)", "bag_", "bags joined where a condition holds" },
    { "make_bag_if", "dPl", "d", "kql_make_bag(" LIST ", any_value($2))", "bag_", "bags joined where a condition holds" },
    { "make_dictionary", "d", "d", "kql_make_bag(" LIST ", 128)", "dictionary_", "make_bag of at most 128" },
    { "make_dictionary", "dl", "d", "kql_make_bag(" LIST ", any_value($2))", "dictionary_", "make_bag" },
    { "tdigest", "j", "d", "kql_make_list(" ROWS ", 1048576)", "tdigest_", "values kept for percentile_tdigest()" },
    { "tdigest", "jj", "d", "kql_make_list(coalesce(list(kql_json_array([$1, $2]) $o)$F, " EMPTY "), 1048576)", "tdigest_", "values with weights" },
    { "tdigest_merge", "d", "d", "kql_array_concat(" LIST ")", "merge_tdigests_", "tdigests merged" },
    { "merge_tdigests", "d", "d", "kql_array_concat(" LIST ")", "merge_tdigests_", "tdigests merged" },
    { "merge_tdigest", "d", "d", "kql_array_concat(" LIST ")", "merge_tdigests_", "tdigests merged" },
    { "hll", "j", "d", "kql_make_set(" ROWS ", 1048576)", "hll_", "values kept for dcount_hll()" },
    { "hll", "jl", "d", "kql_make_set(" ROWS ", 1048576)", "hll_", "values kept for dcount_hll()" },
    { "hll_if", "jP", "d", "kql_make_set(" ROWS ", 1048576)", "hll_if_", "hll where a condition holds" },
    { "hll_if", "jPl", "d", "kql_make_set(" ROWS ", 1048576)", "hll_if_", "hll where a condition holds" },
    { "hll_merge", "d", "d", "kql_set_union(" LIST ")", "hll_merge_", "hlls merged" },
    { "buildschema", "d", "d", "kql_build_schema(" ROWS ")", "schema_", "schema that admits all values" },
    { "binary_all_and", "l", "l", "bit_and($1)$F", "", "bitwise and of the values" },
    { "binary_all_or", "l", "l", "bit_or($1)$F", "", "bitwise or of the values" },
    { "binary_all_xor", "l", "l", "bit_xor($1)$F", "", "bitwise exclusive or of the values" },
    { "take_anyif", "sP", "s", "coalesce(first($1 $o)$F, '')", "", "a value where a condition holds" },
    { "take_anyif", "aP", "1", "first($1 $o)$F", "", "a value where a condition holds" },
    { "anyif", "sP", "s", "coalesce(first($1 $o)$F, '')", "anyif_", "take_anyif" },
    { "anyif", "aP", "1", "first($1 $o)$F", "anyif_", "take_anyif" },
    { "arg_max", "", "", "!", "", "the row with the largest value" },
    { "arg_min", "", "", "!", "", "the row with the smallest value" },
    { "argmax", "", "", "!", "", "arg_max, with columns named max_..." },
    { "argmin", "", "", "!", "", "arg_min, with columns named min_..." },
    { "take_any", "", "", "!", "", "a row" },
    { "any", "", "", "!", "any_", "take_any" },
    { "percentile", "", "", "!", "percentile_", "value below which so many percent lie (nearest rank)" },
    { "percentiles", "", "", "!", "percentile_", "several percentiles" },
    { "percentilew", "", "", "!", "percentile_", "percentile of weighted values" },
    { "percentilesw", "", "", "!", "percentile_", "percentiles of weighted values" },
    { "percentilesw_array", "", "", "!", "percentiles_", "percentiles of weighted values as an array" },
    { "percentiles_array", "", "", "!", "percentiles_", "several percentiles as an array" },
};
/* clang-format on */
const size_t kql_naggs = sizeof kql_aggs / sizeof *kql_aggs;

bool is_aggregate(struct str name)
{
    for (size_t i = 0; i < kql_naggs; i++)
        if (str_eqz(name, kql_aggs[i].name))
            return true;
    return false;
}
