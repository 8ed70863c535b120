/* layer: kql */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scalar functions that compiled KQL calls and DuckDB does not have: the contract between compiler and
 * engine. The engine registers exactly these names with these types; a unit test compares both lists.
 *
 * X(NAME, RETURN, ARGUMENTS, NULLS, MEANING)
 *   types   b BOOLEAN  i INTEGER  l BIGINT  h HUGEINT  r DOUBLE  s VARCHAR  u UUID
 *           d HUGEINT that is a decimal (hb/decimal.h)
 *           j VARCHAR that holds JSON
 *           S VARCHAR[]  J VARCHAR[] of JSON  R DOUBLE[]  L BIGINT[]
 *           D HUGEINT[] of decimals, none of them NULL
 *   nulls   STRICT: any NULL argument gives NULL, no call
 *           SEES: called with NULLs, as MEANING says. A string result ('s') is never NULL: '' stands for "none"
 *
 * Functions never raise on data: what cannot be computed is NULL (or ''). Text arguments may be any bytes
 * valid as UTF-8, NUL included; text results are valid UTF-8. JSON results are compact. JSON null read out of
 * a value is SQL NULL. Longs wrap on overflow. Times are ticks (hb/ticks.h).
 *
 * To add one: a row here, its body in src/engine/udf_*.c.
 */
#ifndef HB_KQL_UDF_H
#define HB_KQL_UDF_H

/* clang-format off */
#define KQL_UDFS(X) \
    /* -- text matching: case-insensitive unless _cs; Unicode simple folding when the needle is not ASCII -- */ \
    X(kql_has,            "b", "ss", STRICT, "text has the term") \
    X(kql_has_cs,         "b", "ss", STRICT, "the same, case-sensitive") \
    X(kql_hasprefix,      "b", "ss", STRICT, "some term of the text starts with it") \
    X(kql_hasprefix_cs,   "b", "ss", STRICT, "the same, case-sensitive") \
    X(kql_hassuffix,      "b", "ss", STRICT, "some term of the text ends with it") \
    X(kql_hassuffix_cs,   "b", "ss", STRICT, "the same, case-sensitive") \
    X(kql_contains,       "b", "ss", STRICT, "substring") \
    X(kql_startswith,     "b", "ss", STRICT, "prefix of the text") \
    X(kql_endswith,       "b", "ss", STRICT, "suffix of the text") \
    X(kql_eqci,           "b", "ss", STRICT, "equal (=~)") \
    X(kql_has_any,        "b", "sj", STRICT, "has one of the strings of a JSON array (nested arrays flattened, other values by their text); a lone string counts as an array of one") \
    X(kql_has_all,        "b", "sj", STRICT, "has all of them") \
    X(kql_in_json,        "b", "jj", STRICT, "first value equals an element of the JSON array (text of a string, numbers by value)") \
    X(kql_in_json_ci,     "b", "jj", STRICT, "the same, strings case-insensitive") \
    /* -- dynamic access: NULL for what is not there and for JSON null -- */ \
    X(kql_dget,           "j", "js", STRICT, "member of an object by name") \
    X(kql_dindex,         "j", "jl", STRICT, "element of an array; negative counts from the end") \
    X(kql_dpath,          "j", "js", STRICT, "value at a JSON pointer; a number after / is a member of an object or an index of an array") \
    X(kql_dpath_str,      "s", "js", SEES,   "kql_dyn_str of it in one pass") \
    /* -- dynamic to typed: follows the element: 42, \"42\", \"0x10\", 1.9, true all convert to numbers -- */ \
    X(kql_dyn_str,        "s", "j", SEES,   "string unquoted, bool True/False as true/false, others compact; NULL gives ''") \
    X(kql_dyn_bool,       "b", "j", STRICT, "bool, number (non-zero), string true/false/number") \
    X(kql_dyn_int,        "i", "j", STRICT, "kql_dyn_long cut to 32 bits") \
    X(kql_dyn_long,       "l", "j", STRICT, "number truncated, bool 0/1, string by kql_tolong") \
    X(kql_dyn_real,       "r", "j", STRICT, "number, bool 0/1, string by kql_toreal") \
    X(kql_dyn_decimal,    "d", "j", STRICT, "number or string") \
    X(kql_dyn_datetime,   "l", "j", STRICT, "string by kql_todatetime, a number as ticks") \
    X(kql_dyn_timespan,   "l", "j", STRICT, "string by kql_totimespan, a number as ticks") \
    X(kql_dyn_guid,       "u", "j", STRICT, "string holding a guid") \
    X(kql_dyn_type,       "s", "j", SEES,   "gettype(): null bool long real string array dictionary") \
    X(kql_dyn_canon,      "s", "j", SEES,   "text with members sorted and numbers normalised, for == between dynamic values") \
    X(kql_parse_json,     "j", "s", STRICT, "strict JSON compacted; text that is not JSON becomes a JSON string; '' gives NULL") \
    /* -- text to typed -- */ \
    X(kql_tobool,         "b", "s", STRICT, "true/false in any case; an integer: non-zero; anything else NULL (blanks around too)") \
    X(kql_toint,          "i", "s", STRICT, "decimal or 0x integer in range, blanks around allowed; 5.9 is NULL") \
    X(kql_tolong,         "l", "s", STRICT, "the same, 64 bits") \
    X(kql_toreal,         "r", "s", STRICT, "decimal number, exponent, NaN, inf, Infinity; 0x integer") \
    X(kql_todecimal,      "d", "s", STRICT, "decimal number") \
    X(kql_todatetime,     "l", "s", STRICT, "ticks_parse") \
    X(kql_totimespan,     "l", "s", STRICT, "timespan_parse") \
    X(kql_toguid,         "u", "s", STRICT, "with or without dashes and braces") \
    /* -- numbers -- */ \
    X(kql_real_long,      "l", "r", STRICT, "truncates; out of range saturates; NaN is NULL") \
    X(kql_real_int,       "i", "r", STRICT, "truncates; out of range saturates; NaN is NULL") \
    X(kql_long_int,       "i", "l", STRICT, "lower 32 bits") \
    X(kql_wrap,           "l", "h", STRICT, "lower 64 bits") \
    X(kql_add,            "l", "ll", STRICT, "wraps") \
    X(kql_sub,            "l", "ll", STRICT, "wraps") \
    X(kql_mul,            "l", "ll", STRICT, "wraps") \
    X(kql_neg,            "l", "l", STRICT, "wraps") \
    X(kql_abs,            "l", "l", STRICT, "wraps") \
    X(kql_div,            "l", "ll", STRICT, "truncates toward zero; by 0 NULL; min / -1 wraps") \
    X(kql_mod,            "l", "ll", STRICT, "never negative; by 0 NULL") \
    X(kql_fmod,           "r", "rr", STRICT, "never negative; by 0 NaN") \
    X(kql_bin,            "l", "ll", STRICT, "x rounded down to a multiple of the step; step <= 0 NULL") \
    X(kql_binr,           "r", "rr", STRICT, "floor(x / step) * step; step <= 0 NULL") \
    X(kql_bin_at,         "l", "lll", STRICT, "x, step, fixed point") \
    X(kql_binr_at,        "r", "rrr", STRICT, "x, step, fixed point") \
    X(kql_shl,            "l", "ll", STRICT, "shift left, count modulo 64") \
    X(kql_shr,            "l", "ll", STRICT, "arithmetic shift right, count modulo 64") \
    X(kql_ticks_mul,      "l", "lr", STRICT, "ticks times a real, truncated; out of range NULL") \
    /* -- decimals: what is too large, and by 0, is NULL -- */ \
    X(kql_dec_long,       "d", "l", STRICT, "decimal of a long") \
    X(kql_dec_real,       "d", "r", STRICT, "decimal of a real by its shortest text; NaN and infinities are NULL") \
    X(kql_long_dec,       "l", "d", STRICT, "truncates; out of range NULL") \
    X(kql_real_dec,       "r", "d", STRICT, "the nearest real") \
    X(kql_dec_add,        "d", "dd", STRICT, "sum") \
    X(kql_dec_mul,        "d", "dd", STRICT, "product") \
    X(kql_dec_div,        "d", "dd", STRICT, "quotient") \
    X(kql_dec_mod,        "d", "dd", STRICT, "remainder, never negative") \
    X(kql_dec_bin,        "d", "dd", STRICT, "rounded down to a multiple of the step; step <= 0 NULL") \
    X(kql_dec_round,      "d", "dl", STRICT, "rounded to so many digits behind the point") \
    X(kql_dec_sum,        "d", "D", STRICT, "sum, whatever their order") \
    X(kql_dec_whole,      "h", "d", STRICT, "its integer, if that is below 10^28 and it has at most 28 places: 10^10 of them can be summed") \
    X(kql_dec_part,       "h", "d", STRICT, "the rest in 10^28ths; NULL where kql_dec_whole is") \
    X(kql_dec_of_parts,   "d", "hh", STRICT, "the decimal of two sums of those") \
    X(kql_real_str,       "s", "r", SEES,   "1.0, 0.1, 1E+20, NaN, Infinity; NULL gives ''") \
    X(kql_decimal_str,    "s", "d", SEES,   "a decimal's text without needless zeroes; NULL gives ''") \
    X(kql_datetime_str,   "s", "l", SEES,   "2026-01-15T00:00:00.0000000Z; NULL gives ''") \
    X(kql_timespan_str,   "s", "l", SEES,   "[-][d.]hh:mm:ss[.fffffff]; NULL gives ''") \
    X(kql_tohex,          "s", "ll", SEES,  "lower-case hex of the 64 bits, at least so many digits; NULL gives ''") \
    X(kql_format_datetime,"s", "ls", SEES,  "pattern of d dd f..fffffff F..FFFFFFF h hh H HH m mm M MM s ss tt yy yyyy and other characters as they are") \
    X(kql_format_timespan,"s", "ls", SEES,  "pattern of d..dddddddd f F H h m s; sign in front of a negative one") \
    X(kql_format_bytes,   "s", "rls", SEES, "value, precision, unit ('' picks one): 1 KB") \
    /* -- typed to JSON (NULL stays NULL; kql_json_array writes it as null) -- */ \
    X(kql_json_str,       "j", "s", STRICT, "a JSON string") \
    X(kql_json_real,      "j", "r", STRICT, "1.0, 0.1; NaN and infinities as strings") \
    X(kql_json_datetime,  "j", "l", STRICT, "\"2026-01-15T00:00:00.0000000Z\"") \
    X(kql_json_timespan,  "j", "l", STRICT, "\"00:00:01\"") \
    /* -- dates: units year quarter month week day hour minute second millisecond microsecond nanosecond -- */ \
    X(kql_datetime_part,  "l", "sl", STRICT, "also week_of_year (ISO), dayofyear") \
    X(kql_datetime_diff,  "l", "sll", STRICT, "whole borders crossed: first minus second") \
    X(kql_datetime_add,   "l", "sll", STRICT, "unit, amount, datetime; the day is clamped to the month; out of range NULL") \
    X(kql_startof,        "l", "sll", STRICT, "unit (day week month year), datetime, offset in units; week starts on Sunday") \
    X(kql_endof,          "l", "sll", STRICT, "one tick before the next start") \
    X(kql_make_datetime,  "l", "llllll", STRICT, "year month day hour minute ticks of the minute; NULL when it is no date") \
    X(kql_zone,           "j", "s", STRICT, "the name of a time zone; NULL when there is none of that name") \
    X(kql_dt_shift,       "l", "ll", STRICT, "datetime plus ticks; out of 0001..9999 NULL") \
    /* -- arrays and bags -- */ \
    X(kql_array_length,   "l", "j", STRICT, "of an array; anything else NULL") \
    X(kql_json_array,     "j", "J", STRICT, "an array of these values; NULL elements become null") \
    X(kql_json_object,    "j", "SJ", STRICT, "an object of names and values, in order; a later same name wins") \
    X(kql_elems,          "J", "j", STRICT, "mv-expand: elements of an array; one-member objects of a bag; else [value]") \
    X(kql_elems_kv,       "J", "j", STRICT, "the same, bags as [name,value] arrays") \
    X(kql_members,        "J", "j", STRICT, "elements of an array; anything else: no element") \
    X(kql_make_set,       "j", "Jl", STRICT, "distinct values in order of first sight, arrays flattened one level, null left out, at most so many") \
    X(kql_make_list,      "j", "Jl", STRICT, "all values but null, arrays kept, at most so many") \
    X(kql_make_bag,       "j", "Jl", STRICT, "one bag of many: first value of a name wins, names sorted; what is no bag is left out") \
    X(kql_array_concat,   "j", "J", STRICT, "arrays joined; what is no array is left out; none: NULL") \
    X(kql_array_slice,    "j", "jll", STRICT, "both ends included, negative counts from the end") \
    X(kql_array_index_of, "l", "jjlll", STRICT, "array, value, start, length (-1 all), occurrence; -1 when absent") \
    X(kql_array_sort,     "j", "jbb", STRICT, "descending?, nulls last?; numbers, then strings") \
    X(kql_array_reverse,  "j", "j", STRICT, "no array: NULL") \
    X(kql_array_rotate,   "j", "jl", STRICT, "left by n; negative: right") \
    X(kql_array_shift,    "j", "jlj", SEES,  "left by n (negative: right), filled with the third") \
    X(kql_array_split,    "j", "jj", STRICT, "cut before an index or each index of an array") \
    X(kql_array_iff,      "j", "jjj", STRICT, "element by element; scalars stand for every element") \
    X(kql_array_sum,      "r", "j", STRICT, "sum of numbers; an element that is no number gives NULL") \
    X(kql_array_zip,      "j", "J", STRICT, "array of arrays, short ones padded with null") \
    X(kql_set_union,      "j", "J", STRICT, "distinct values of all arrays, first sight order") \
    X(kql_set_intersect,  "j", "J", STRICT, "values in every array, order of the first") \
    X(kql_set_difference, "j", "J", STRICT, "values of the first in no other") \
    X(kql_set_has,        "b", "jj", STRICT, "array has the value") \
    X(kql_bag_keys,       "j", "j", STRICT, "names of a bag; anything else NULL") \
    X(kql_bag_merge,      "j", "J", STRICT, "bags joined, first value of a name wins; none: NULL") \
    X(kql_bag_remove,     "j", "jj", STRICT, "bag without the names (or $. paths) of an array") \
    X(kql_bag_has,        "b", "js", STRICT, "name is a member (or $. path exists)") \
    X(kql_bag_set,        "j", "jsj", STRICT, "bag with the name set") \
    X(kql_bag_zip,        "j", "jj", STRICT, "array of names and array of values") \
    X(kql_array_join,     "s", "js", SEES,   "strcat_array: texts of the elements joined") \
    X(kql_range,          "j", "lll", STRICT, "JSON array of longs from, to (included), step; at most 1048576") \
    X(kql_ranger,         "j", "rrr", STRICT, "the same for reals") \
    X(kql_treepath,       "j", "j", STRICT, "paths of all inner and leaf nodes") \
    X(kql_json_pretty,    "s", "j", SEES,   "dynamic_to_json: compact text, names sorted") \
    X(kql_array_sort_by,  "j", "Jlbb", STRICT, "array of a list by number, in the order of the first one: descending?, nulls last?") \
    X(kql_array_repeat,   "j", "jl", STRICT, "array of one value n times") \
    X(kql_json_path,      "j", "js", STRICT, "value at a path like $.a['b'][0]") \
    X(kql_nonempty,       "j", "j", STRICT, "the array, NULL when it has no element") \
    X(kql_bag_types,      "S", "j", STRICT, "for each member of a bag its type as gettype() says, a colon, its name; anything else: no element") \
    X(kql_bag_compact,    "j", "j", STRICT, "bag without members that are null or empty") \
    X(kql_range_time,     "j", "lll", STRICT, "kql_range of datetimes, as JSON strings") \
    X(kql_range_span,     "j", "lll", STRICT, "kql_range of timespans, as JSON strings") \
    /* -- series: an element that is no number is missing -- */ \
    X(kql_series_unary,   "j", "sj", STRICT, "abs acos asin atan cos exp ceiling floor log sign sin tan of each element") \
    X(kql_series_binary,  "j", "sjj", STRICT, "add subtract multiply divide pow equals not_equals less less_equals greater greater_equals; a number stands for every element") \
    X(kql_series_fill,    "j", "sjjjb", SEES,  "forward, backward, linear or const; the constant (linear: where nothing is there), what else is missing, linear: edges too (NULL: yes)") \
    X(kql_series_stats,   "j", "jbb", STRICT, "[min, min_idx, max, max_idx, avg, stdev, variance], or a bag; without what is no finite number, or null where there is such") \
    X(kql_series_fit_line,"j", "jb", STRICT, "[rsquare, slope, variance, rvariance, interception, line_fit], or a bag") \
    X(kql_series_pearson, "r", "jj", STRICT, "Pearson's correlation") \
    X(kql_series_dot,     "r", "jj", STRICT, "sum of products") \
    X(kql_series_product, "r", "j", STRICT, "product of the elements") \
    X(kql_series_fir,     "j", "jjbb", STRICT, "finite impulse response: filter, normalised?, centred?") \
    X(kql_series_iir,     "j", "jjj", STRICT, "infinite impulse response: numerators, denominators") \
    X(kql_series_seasonal,"j", "jl", STRICT, "median of each phase of a period; -1: of the best one, which may be none") \
    X(kql_series_outliers, "j", "jsrrr", SEES,  "series, tukey or ctukey, ignored value, lower and upper percentile: scores") \
    X(kql_series_periods_detect, "j", "jrrl", STRICT, "series, shortest, longest, how many: [periods, scores]") \
    X(kql_series_periods_validate, "j", "jj", STRICT, "series, periods: [periods, scores]") \
    X(kql_series_fit_2lines, "j", "jb", STRICT, "the values of series_fit_2lines in order, or a bag") \
    X(kql_series_decompose, "j", "jlslr", STRICT, "series, season (-1 found, 0 none), trend (avg, linefit, none), test points, threshold: [baseline, seasonal, trend, residual]") \
    X(kql_series_anomalies, "j", "jrlslsr", STRICT, "series, threshold, season, trend, test points, method, threshold of the season: [flags, scores, baseline]") \
    X(kql_series_forecast, "j", "jllsr", STRICT, "series, points at its end, season, trend, threshold: the baseline") \
    X(kql_percentile,     "j", "jr", STRICT, "nearest rank among numbers or [number, weight] pairs") \
    X(kql_rank,           "l", "jr", STRICT, "how many of them are not above a number") \
    X(kql_convert,        "r", "srss", STRICT, "kind, value, unit, unit: the value in the second unit; NULL when a unit is not known") \
    X(kql_sessions,       "J", "JJll", STRICT, "ticks and restart flags of rows in order, longest session, longest gap: the start of the session of each row") \
    X(kql_scan,           "J", "Js", STRICT, "scan: rows as JSON arrays in order and a program (src/engine/udf_scan.c); the rows given out") \
    X(kql_mine,           "J", "Ss", STRICT, "cells of weighted rows and a program (src/engine/udf_mine.c): patterns of values; NULL when there is too much to look at") \
    X(kql_reduce,         "J", "Ss", STRICT, "counts and texts in turn and a program (src/engine/udf_reduce.c): templates of the texts") \
    X(kql_walks,          "S", "LLLLLLs", SEES, "edges by number, their sources and targets, the nodes paths may begin, end and lie on (NULL: any), a program (src/engine/udf_graph.c): each path as the text of a list of numbers; NULL when there is too much to look at") \
    X(kql_components,     "S", "LLLb", STRICT, "nodes, sources and targets of edges, strong?: the number of each node's component") \
    X(kql_beta_cdf,       "r", "rrr", STRICT, "of x, alpha, beta; NaN outside of what is defined") \
    X(kql_beta_pdf,       "r", "rrr", STRICT, "the same for its density") \
    X(kql_beta_inv,       "r", "rrr", STRICT, "of probability, alpha, beta; a probability outside of 0..1 is NULL") \
    X(kql_welch,          "r", "rrrrrr", STRICT, "p of Welch's test; mean, variance, count of either series") \
    X(kql_fit_poly,       "j", "jjl", SEES,  "y, x (NULL: 1, 2, ...), degree: [rsquare, coefficients, variance, rvariance, poly_fit]") \
    X(kql_fft,            "j", "jjb", SEES,  "real, imaginary (NULL: none), inverse?: [real, imaginary]") \
    X(kql_build_schema,   "j", "J", STRICT, "the schema that admits all values") \
    X(kql_erf,            "r", "r", STRICT, "error function") \
    X(kql_erfc,           "r", "r", STRICT, "1 less the error function") \
    /* -- text -- */ \
    X(kql_split,          "j", "ss", STRICT, "pieces as a JSON array; an empty delimiter gives the whole text") \
    X(kql_indexof,        "l", "ssllls", STRICT, "text, what, start, length (-1 all), occurrence; characters from 0, -1 when absent; last argument unused ''") \
    X(kql_countof,        "l", "ss", STRICT, "occurrences, overlapping ones counted") \
    X(kql_substring,      "s", "sll", SEES,  "start (negative: from the end), length (negative: nothing), in characters") \
    X(kql_replace,        "s", "sss", SEES,  "every occurrence; an empty needle changes nothing") \
    X(kql_replace_many,   "s", "sSS", SEES,  "texts of the first list replaced by those of the second (its last one for the rest); each is looked for in what those before it left") \
    X(kql_b64_array,      "j", "s", STRICT, "base64 decoded to an array of bytes; NULL when it is not base64") \
    X(kql_b64_from_array, "s", "j", SEES,   "array of bytes as base64") \
    X(kql_b64_from_guid,  "s", "u", SEES,   "bytes of a guid, as .NET orders them, in base64") \
    X(kql_b64_guid,       "u", "s", STRICT, "the other way; NULL when it is none") \
    X(kql_gzip,           "s", "s", SEES,   "gzip, in base64") \
    X(kql_gunzip,         "s", "s", SEES,   "the text in base64 of gzip; '' when it is none") \
    X(kql_zlib,           "s", "s", SEES,   "zlib, in base64") \
    X(kql_unzlib,         "s", "s", SEES,   "the text in base64 of zlib; '' when it is none") \
    X(kql_punycode,       "s", "s", SEES,   "RFC 3492, without xn--; '' for over 1,024 bytes") \
    X(kql_from_punycode,  "s", "s", SEES,   "the other way; '' when it is none") \
    X(kql_domain_ascii,   "s", "s", SEES,   "each label of a domain that needs it as xn--punycode") \
    X(kql_domain_unicode, "s", "s", SEES,   "the other way; '' when a label is none") \
    X(kql_codepoints,     "j", "s", STRICT, "code points as an array of numbers") \
    X(kql_from_codepoints,"s", "j", SEES,   "the numbers of an array as characters") \
    X(kql_b64_text,       "s", "s", SEES,   "base64 decoded; '' when it is not base64 or not UTF-8") \
    X(kql_url_decode,     "s", "s", SEES,   "percent escapes and + decoded") \
    X(kql_url_encode,     "s", "s", SEES,   "blank as +, other reserved bytes as %xx") \
    X(kql_url_encode_component, "s", "s", SEES, "blank as %20, other reserved bytes as %xx") \
    X(kql_strcmp,         "l", "ss", STRICT, "-1, 0 or 1") \
    X(kql_isascii,        "b", "s", STRICT, "only bytes below 128") \
    X(kql_parse_url,      "j", "s", STRICT, "bag: Scheme Host Port Path Username Password Query Parameters Fragment") \
    X(kql_parse_urlquery, "j", "s", STRICT, "bag: Query Parameters") \
    X(kql_parse_path,     "j", "s", STRICT, "bag: Scheme RootPath DirectoryPath DirectoryName Filename Extension AlternateDataStreamName") \
    X(kql_parse_xml,      "j", "s", STRICT, "XML as a bag: @attribute, #text, arrays for repeated elements; NULL when it is not well-formed") \
    X(kql_parse_csv,      "j", "s", STRICT, "fields of the first record as an array of strings") \
    X(kql_user_agent,     "j", "sj", STRICT, "bag: Browser, OperatingSystem and Device, those of browser, os, device that are asked for") \
    X(kql_parse_command_line, "j", "s", STRICT, "Windows rules for quotes and backslashes") \
    X(kql_parse_version,  "s", "s", STRICT, "up to four numeric parts as one number of eight digits each; '' when it is none") \
    X(kql_parse_kv,       "S", "ss", STRICT, "text and options {keys:[..],pair_delimiter,kv_delimiter,quotes,escapes,greedy}, quotes as pairs of characters; without delimiters words part at what is no letter or digit: the values of the keys, '' when absent") \
    X(kql_parse,          "S", "ss", STRICT, "parse kind=simple: text and a pattern packed as JSON; the captures, or an empty list when it does not match") \
    /* -- addresses -- */ \
    X(kql_ipv4,           "l", "s", STRICT, "parse_ipv4: number of an address (with /n: its network); NULL when it is none") \
    X(kql_ipv4_mask,      "l", "sl", STRICT, "parse_ipv4_mask: number under a prefix length") \
    X(kql_ipv4_private,   "b", "s", STRICT, "10/8 172.16/12 192.168/16, of an address or a network; NULL when it is none") \
    X(kql_ipv4_in_range,  "b", "ss", STRICT, "address in a CIDR range (or equal); NULL when one is none") \
    X(kql_ipv4_in_any,    "b", "sj", STRICT, "in one of an array of ranges") \
    X(kql_ipv4_compare,   "l", "ssl", STRICT, "-1, 0, 1 under the smaller of the prefixes and the third argument") \
    X(kql_ipv4_suffix,    "l", "s", STRICT, "ipv4_netmask_suffix: its prefix length, 32 without") \
    X(kql_ipv4_cidrs,     "j", "ss", STRICT, "networks that cover all addresses from the first to the second") \
    X(kql_format_ipv4,    "s", "ll", SEES,   "number and prefix length (-1: none) as a.b.c.d[/n]") \
    X(kql_ipv6,           "s", "sl", SEES,   "parse_ipv6(_mask): full form under a prefix length (128: all); '' when it is none") \
    X(kql_ipv6_compare,   "l", "ssl", STRICT, "-1, 0, 1; IPv4 as mapped") \
    X(kql_ipv6_in_range,  "b", "ss", STRICT, "address in a range") \
    X(kql_ipv6_in_any,    "b", "sj", STRICT, "in one of an array of ranges") \
    X(kql_has_ipv4,       "b", "sj", STRICT, "text has one of the addresses of an array (or one string), bounded by other characters") \
    X(kql_has_ipv4_prefix,"b", "sj", STRICT, "the same for prefixes ending in a dot or whole addresses") \
    /* -- the Earth as a sphere; degrees, metres; NULL for what KQL calls invalid. A line or polygon is GeoJSON, single or multi -- */ \
    X(kql_geo_distance,   "r", "rrrr", STRICT, "between two places: longitude, latitude, longitude, latitude") \
    X(kql_geo_azimuth,    "r", "rrrr", STRICT, "radians clockwise from north at the first place to the second") \
    X(kql_geo_angle,      "r", "rrrrrr", STRICT, "radians clockwise at the second place from the first to the third") \
    X(kql_geo_in_circle,  "b", "rrrrr", STRICT, "place, centre, radius") \
    X(kql_geo_in_polygon, "b", "rrj", STRICT, "place in a polygon") \
    X(kql_geo_line_distance, "r", "rrj", STRICT, "from a place to a line") \
    X(kql_geo_polygon_distance, "r", "rrj", STRICT, "from a place to a polygon; 0 inside") \
    X(kql_geo_line_closest, "j", "rrj", STRICT, "nearest place of a line, as a GeoJSON point") \
    X(kql_geo_polygon_closest, "j", "rrj", STRICT, "nearest place of a polygon; inside, the place itself") \
    X(kql_geo_line_length, "r", "j", STRICT, "of all lines") \
    X(kql_geo_perimeter,  "r", "j", STRICT, "of all rings; of a MultiPolygon those of the union") \
    X(kql_geo_area,       "r", "j", STRICT, "square metres; of a MultiPolygon those of the union") \
    X(kql_geo_line_centroid, "j", "j", STRICT, "centre of mass as a GeoJSON point") \
    X(kql_geo_polygon_centroid, "j", "j", STRICT, "the same of a polygon; of a MultiPolygon that of the union") \
    X(kql_geo_interpolate, "j", "jr", STRICT, "place at a fraction, 0 to 1, of one line") \
    X(kql_geo_locate,     "r", "jrr", STRICT, "fraction of one line at which it is nearest to a place") \
    X(kql_geo_lines_meet, "b", "jj", STRICT, "two lines share a place") \
    X(kql_geo_line_polygon_meet, "b", "jj", STRICT, "a line and a polygon do") \
    X(kql_geo_polygons_meet, "b", "jj", STRICT, "two polygons do") \
    X(kql_geo_share_lines, "j", "jj", STRICT, "what two lines share; a collection without geometries where that is nothing") \
    X(kql_geo_share_line_polygon, "j", "jj", STRICT, "the parts of a line inside of a polygon") \
    X(kql_geo_union_lines, "j", "j", STRICT, "edges of an array of lines, each once, as lines") \
    X(kql_geo_share_polygons, "j", "jj", STRICT, "what two polygons share") \
    X(kql_geo_union_polygons, "j", "j", STRICT, "the union of an array of polygons") \
    X(kql_geo_line_densify, "j", "jrb", STRICT, "edges straight in degrees as geodesics, within metres; long ones cross the antimeridian?") \
    X(kql_geo_polygon_densify, "j", "jrb", STRICT, "the same of a polygon") \
    X(kql_geo_place_buffer, "j", "rrrr", STRICT, "polygon of the places within metres of one, by tolerance") \
    X(kql_geo_line_buffer, "j", "jrr", STRICT, "the same of a line") \
    X(kql_geo_polygon_buffer, "j", "jrr", STRICT, "the same of a polygon") \
    X(kql_geo_line_simplify, "j", "jr", STRICT, "fewer places, those left out within metres of it; NULL when nothing is left") \
    X(kql_geo_polygon_simplify, "j", "jr", STRICT, "the same of a polygon, whose edges do not cross") \
    X(kql_geo_union_simplify, "j", "jr", STRICT, "the same of the union of an array of polygons") \
    X(kql_geo_line_bound, "r", "jrl", STRICT, "no place within metres of the line is beyond this latitude or longitude: 0 south, 1 north, 2 west, 3 east") \
    X(kql_geo_polygon_bound, "r", "jrl", STRICT, "the same of a polygon") \
    X(kql_geo_from_wkt,   "j", "s", STRICT, "GeoJSON of well-known text") \
    X(kql_geohash,        "s", "rrl", SEES,   "cell of a place by a name of 1 to 18 characters; '' when there is none") \
    X(kql_geohash_center, "j", "s", STRICT, "its middle, a GeoJSON point") \
    X(kql_geohash_polygon, "j", "s", STRICT, "its rectangle") \
    X(kql_geohash_neighbors, "j", "s", STRICT, "names of the cells around it") \
    X(kql_s2,             "s", "rrl", SEES,   "token of the S2 cell of a place at a level of 0 to 30; '' when there is none") \
    X(kql_s2_center,      "j", "s", STRICT, "its middle, a GeoJSON point") \
    X(kql_s2_polygon,     "j", "s", STRICT, "its square") \
    X(kql_s2_neighbors,   "j", "s", STRICT, "tokens of the cells around it") \
    X(kql_s2_line,        "j", "jlr", STRICT, "tokens of the cells of a level within metres of a line; NULL for more than 65,536") \
    X(kql_s2_shape,       "j", "jlr", STRICT, "the same of a polygon") \
    /* -- hashes -- */ \
    X(kql_xxh_str,        "l", "s", STRICT, "XXH64, seed 0, of the bytes") \
    X(kql_xxh_long,       "l", "l", STRICT, "XXH64, seed 0, of eight little-endian bytes")

/* Words of SQL, beside the functions above, that may stand in what kql_scan computes from the state of a step. */
#define KQL_SCAN_FUNCTIONS(X) \
    X(AND) X(OR) X(NOT) X(IS) X(NULL) X(DISTINCT) X(FROM) X(IN) X(BETWEEN) X(CASE) X(WHEN) X(THEN) X(ELSE) X(END) \
    X(CAST) X(TRY_CAST) X(TRY) X(AS) X(BIGINT) X(INTEGER) X(DOUBLE) X(VARCHAR) X(BOOLEAN) X(UUID) X(true) X(false) \
    X(coalesce) X(nullif) X(greatest) X(least) X(concat) X(length) X(len) X(strlen) X(contains) X(starts_with) \
    X(suffix) X(abs) X(floor) X(ceil) X(round) X(trunc) X(sqrt) X(exp) X(ln) X(isnan) X(isinf) X(isfinite) X(pow)
/* clang-format on */

#endif
