/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Habits of other languages, and how the thing is written in KQL: hints for words that stand where they cannot.
 *
 * Letter case does not count. To add one: a row in the table of the place where the word is met.
 */
#include "slips.h"

#include <string.h>

struct slip {
    const char *word, *hint;
};

/* Behind an expression, where '|' or the end is expected. */
static const struct slip words[] = {
    { "like", "write contains, startswith, endswith or matches regex" },
    { "ilike", "write contains, startswith, endswith or matches regex" },
    { "rlike", "write matches regex" },
    { "regexp", "write matches regex" },
    { "matches", "write matches regex" },
    { "starts", "write startswith" },
    { "ends", "write endswith" },
    { "equals", "write ==" },
    { "is", "write isnull(x), isnotnull(x), isempty(x) or isnotempty(x)" },
    { "not",
      "not is a function: not(...); and in, has, contains ... have forms with '!': !in, !has, !contains" },
    { "when", "write case(condition, value, ..., value of all others)" },
    { "then", "write case(condition, value, ..., value of all others)" },
    { "as", "the name stands in front: name = expression" },
    { "ascending", "write asc" },
    { "descending", "write desc" },
    { "&&", "write and" },
    { "&", "write and; bits are binary_and(a, b)" },
    { "||", "write or; strings are joined by strcat(a, b)" },
    { "?", "write iff(condition, a, b)" },
    { "^", "write pow(a, b); bits are binary_xor(a, b)" },
    { "!", "write not(...) or !=" },
    { "group", "write summarize ... by ..." },
    { "having", "write | where ... behind the summarize" },
    { "from", "the table stands first: T | where ... | project ..." },
};

static const struct slip functions[] = {
    { "len", "did you mean 'strlen'?" },
    { "length", "did you mean 'strlen', or 'array_length'?" },
    { "char_length", "did you mean 'strlen'?" },
    { "substr", "did you mean 'substring'?" },
    { "mid", "did you mean 'substring'?" },
    { "left", "write substring(s, 0, n)" },
    { "right", "write substring(s, strlen(s) - n)" },
    { "concat", "did you mean 'strcat'?" },
    { "group_concat", "write strcat_array(make_list(x), ', ')" },
    { "string_agg", "write strcat_array(make_list(x), ', ')" },
    { "lower", "did you mean 'tolower'?" },
    { "lcase", "did you mean 'tolower'?" },
    { "upper", "did you mean 'toupper'?" },
    { "ucase", "did you mean 'toupper'?" },
    { "ltrim", "did you mean 'trim_start'?" },
    { "rtrim", "did you mean 'trim_end'?" },
    { "instr", "did you mean 'indexof'?" },
    { "charindex", "did you mean 'indexof'?" },
    { "strpos", "did you mean 'indexof'?" },
    { "replace_regexp", "did you mean 'replace_regex'?" },
    { "regexp_replace", "did you mean 'replace_regex'?" },
    { "regexp_extract", "did you mean 'extract'?" },
    { "regexp_matches", "write x matches regex 'pattern'" },
    { "rex", "did you mean 'extract'?" },
    { "ifnull", "did you mean 'coalesce'?" },
    { "nvl", "did you mean 'coalesce'?" },
    { "if", "did you mean 'iff'?" },
    { "ifelse", "did you mean 'iff'?" },
    { "cast", "write tostring(x), tolong(x), todatetime(x) ..." },
    { "convert", "write tostring(x), tolong(x), todatetime(x) ..." },
    { "str", "did you mean 'tostring'?" },
    { "integer", "did you mean 'toint', or 'tolong'?" },
    { "getdate", "did you mean 'now'?" },
    { "current_timestamp", "did you mean 'now'?" },
    { "utcnow", "did you mean 'now'?" },
    { "today", "write startofday(now())" },
    { "date_trunc", "did you mean 'bin', or 'startofday'?" },
    { "trunc", "did you mean 'bin', or 'toint'?" },
    { "to_timestamp", "did you mean 'todatetime'?" },
    { "strptime", "did you mean 'todatetime'?" },
    { "strftime", "did you mean 'format_datetime'?" },
    { "date_format", "did you mean 'format_datetime'?" },
    { "datediff", "did you mean 'datetime_diff'?" },
    { "dateadd", "did you mean 'datetime_add'?" },
    { "year", "did you mean 'getyear'?" },
    { "month", "did you mean 'monthofyear'?" },
    { "hour", "did you mean 'hourofday'?" },
    { "timespan_to_seconds", "write t / 1s" },
    { "contains", "write x contains 'text'" },
    { "startswith", "write x startswith 'text'" },
    { "endswith", "write x endswith 'text'" },
    { "has", "write x has 'word'" },
    { "match", "write x matches regex 'pattern'" },
    { "cnt", "did you mean 'count'?" },
    { "count_if", "did you mean 'countif'?" },
    { "countdistinct", "did you mean 'dcount', or 'count_distinct'?" },
    { "distinct_count", "did you mean 'dcount', or 'count_distinct'?" },
    { "average", "did you mean 'avg'?" },
    { "mean", "did you mean 'avg'?" },
    { "median", "write percentile(x, 50)" },
    { "stddev", "did you mean 'stdev'?" },
    { "array_agg", "did you mean 'make_list'?" },
    { "collect_list", "did you mean 'make_list'?" },
    { "collect_set", "did you mean 'make_set'?" },
    { "values", "did you mean 'make_set', or 'make_list'?" },
    { "first", "did you mean 'take_any', or 'arg_min'?" },
    { "last", "did you mean 'arg_max'?" },
    { "latest", "did you mean 'arg_max'?" },
    { "max_by", "did you mean 'arg_max'?" },
    { "min_by", "did you mean 'arg_min'?" },
    { "json_extract", "did you mean 'extract_json'?" },
    { "json_value", "did you mean 'extract_json'?" },
    { "split_part", "write tostring(split(text, ',')[0])" },
    { "ln", "did you mean 'log'?" },
    { "power", "did you mean 'pow'?" },
    { "ceil", "did you mean 'ceiling'?" },
    { "greatest", "did you mean 'max_of'?" },
    { "least", "did you mean 'min_of'?" },
    { "cidrmatch", "did you mean 'ipv4_is_in_range'?" },
};

static const struct slip operators[] = {
    { "select", "write project" },
    { "from", "the table stands first: T | where ..." },
    { "group", "write summarize ... by ..." },
    { "groupby", "write summarize ... by ..." },
    { "having", "write where" },
    { "rename", "write project-rename" },
    { "orderby", "write order by" },
    { "sortby", "write sort by" },
    { "head", "write take" },
    { "first", "write take" },
    { "tail", "write sort by ... asc | take" },
    { "dedup", "write distinct" },
    { "unique", "write distinct" },
    { "uniq", "write distinct" },
    { "drop", "write project-away" },
    { "remove", "write project-away" },
    { "fields", "write project" },
    { "table", "write project" },
    { "eval", "write extend" },
    { "let", "let is a statement in front of the query: let x = ...;" },
    { "add", "write extend" },
    { "stats", "write summarize" },
    { "timechart", "write summarize ... by bin(TimeGenerated, 1h) | render timechart" },
    { "rex", "write parse, or extend x = extract(...)" },
    { "grep", "write where ... has ..." },
    { "append", "write union" },
    { "expand", "write mv-expand" },
    { "explode", "write mv-expand" },
    { "unnest", "write mv-expand" },
    { "chart", "write render" },
    { "on", "this belongs to the join in front of the '|'" },
    { "by", "this belongs to the summarize in front of the '|'" },
    { "and", "the condition goes on without '|'" },
    { "or", "the condition goes on without '|'" },
};

/* Functions that services have. */
static const struct slip elsewhere[] = {
    { "FileProfile", "a function of Defender XDR: ask a source of type defender" },
    { "SeenBy", "a function of Defender XDR: ask a source of type defender" },
    { "DeviceFromIP", "a function of Defender XDR: ask a source of type defender" },
    { "AssignedIPAddresses", "a function of Defender XDR: ask a source of type defender" },
};

static const char *find(const struct slip *rows, size_t n, struct str word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(word, str_z(rows[i].word)))
            return rows[i].hint;
    return NULL;
}

const char *kql_slip_word(struct str word)
{
    return find(words, sizeof words / sizeof *words, word);
}

const char *kql_slip_function(struct str name)
{
    return find(functions, sizeof functions / sizeof *functions, name);
}

/* ASIM's parsers: _Im_Dns, _ASim_Dns_AzureFirewallVxx, imDns, vimDns..., ASimDns */
static bool is_asim(struct str name)
{
    static const char *const beginnings[] = { "_Im_", "_ASim_", "_ASIM_", "ASim", "vim", "im" };
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t n = strlen(beginnings[i]);
        if (name.n > n && str_starts(name, str_z(beginnings[i])) && name.p[n] >= 'A' && name.p[n] <= 'Z')
            return true;
    }
    return false;
}

const char *kql_slip_elsewhere(struct str name)
{
    return is_asim(name) ? "a parser of Sentinel (ASIM): ask a source of type loganalytics"
                         : find(elsewhere, sizeof elsewhere / sizeof *elsewhere, name);
}

const char *kql_slip_operator(struct str name)
{
    return find(operators, sizeof operators / sizeof *operators, name);
}
