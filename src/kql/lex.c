/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text -> tokens.
 *
 * Invariant: token spans are in order and do not overlap; what lies between them is blanks and comments. To
 * add a keyword: a row in keywords[] (kept sorted); one with a dash in dashed[]; a word operator that begins
 * with ! in bang[].
 */
#include "lex.h"

#include <assert.h>
#include <string.h>

#include "hb/utf8.h"

struct lexer {
    struct str s;
    size_t i;
};

struct keyword {
    const char *text;
    bool extended;
};

/* Words that are no names, sorted by bytes. The others that KQL gives a meaning (summarize, on, count) are
 * names too. */
static const struct keyword keywords[] = {
    { "3Dchart", false },
    { "__contextual_datatable", false },
    { "__crossCluster", false },
    { "__crossDB", false },
    { "__executeAndCache", false },
    { "__id", false },
    { "__isFuzzy", false },
    { "__noWithSource", false },
    { "__packedColumn", false },
    { "__projectAway", false },
    { "__sourceColumnIndex", false },
    { "accumulate", true },
    { "and", false },
    { "anomalychart", false },
    { "areachart", false },
    { "as", true },
    { "asc", false },
    { "bagexpansion", false },
    { "barchart", false },
    { "between", false },
    { "bin_legacy", false },
    { "boolean", false },
    { "by", true },
    { "byte", false },
    { "cachingpolicy", false },
    { "callout", false },
    { "cancel", false },
    { "card", false },
    { "char", false },
    { "columnchart", false },
    { "contains", true },
    { "contains_cs", false },
    { "containscs", false },
    { "cycles", false },
    { "dataexport", false },
    { "datascope", false },
    { "datatable", true },
    { "date", false },
    { "datetime", false },
    { "decimal", false },
    { "decodeblocks", false },
    { "desc", false },
    { "double", false },
    { "dynamic", false },
    { "earliest", true },
    { "encodingpolicy", false },
    { "endswith", false },
    { "endswith_cs", false },
    { "expandoutput", false },
    { "extent_tags_retention", false },
    { "external_data", false },
    { "externaldata", true },
    { "find", true },
    { "first", false },
    { "flags", false },
    { "float", false },
    { "force_remote", false },
    { "harddelete", false },
    { "hardretention", false },
    { "has", true },
    { "has_all", false },
    { "has_any", false },
    { "has_cs", false },
    { "hasprefix", false },
    { "hasprefix_cs", false },
    { "hassuffix", false },
    { "hassuffix_cs", false },
    { "hotcache", false },
    { "in", true },
    { "inline_external_table", true },
    { "int", false },
    { "int16", false },
    { "int32", false },
    { "int64", false },
    { "int8", false },
    { "invoke", true },
    { "isfuzzy", false },
    { "journal", false },
    { "kind", false },
    { "ladderchart", false },
    { "last", false },
    { "latest", true },
    { "like", false },
    { "likecs", false },
    { "linechart", false },
    { "long", false },
    { "materialize", true },
    { "mdm", true },
    { "missing", false },
    { "nooptimization", false },
    { "notcontains", false },
    { "notcontainscs", false },
    { "notlike", false },
    { "notlikecs", false },
    { "of", true },
    { "or", false },
    { "others", false },
    { "pathformat", false },
    { "piechart", false },
    { "pivotchart", false },
    { "print", true },
    { "project", false },
    { "queries", false },
    { "query_results", false },
    { "real", false },
    { "relaxed", false },
    { "restricted_view_access", false },
    { "row_level_security", false },
    { "rowstore", false },
    { "rowstore_references", false },
    { "rowstore_sealinfo", false },
    { "rowstorepolicy", false },
    { "rowstores", false },
    { "sample", true },
    { "scatterchart", false },
    { "seal", false },
    { "seals", false },
    { "search", true },
    { "set", true },
    { "shards", false },
    { "simple", false },
    { "softdelete", false },
    { "softretention", false },
    { "sql", true },
    { "stackedareachart", false },
    { "startswith", false },
    { "startswith_cs", false },
    { "statistics", false },
    { "storedqueryresultcontainers", false },
    { "string", false },
    { "tablepurge", false },
    { "time", false },
    { "timechart", false },
    { "timeline", false },
    { "timepivot", false },
    { "timespan", false },
    { "title", true },
    { "to", true },
    { "toscalar", true },
    { "totable", true },
    { "treemap", false },
    { "uint", false },
    { "uint16", false },
    { "uint32", false },
    { "uint64", false },
    { "uint8", false },
    { "ulong", false },
    { "union", false },
    { "uniqueid", false },
    { "unrestrictedviewers", false },
    { "verbose", true },
    { "viewers", true },
    { "views", false },
    { "where", true },
    { "with_itemindex", false },
    { "with_match_id", false },
    { "with_source", false },
    { "with_step_name", false },
    { "withsource", false },
    { "writeaheadlog", false },
};

/* Keywords with a dash or a dot: one token though a name could not be. Longer ones before their beginnings.
 */
static const char *const dashed[] = {
    "assert-schema",
    "commands-and-queries",
    "granny-asc",
    "granny-desc",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "hint.concurrency",
    "hint.distribution",
    "hint.materialized",
    "hint.num_partitions",
    "hint.pass_filters_column",
    "hint.pass_filters",
    "hint.progressive_top",
    "hint.remote",
    "hint.shufflekey",
    "hint.spread",
    "hint.strategy",
    "macro-expand",
    "make-graph",
    "make-series",
    "materialized-view-combine",
    "materialized-views",
    "matches regex",
    "mv-apply",
    "mv-expand",
    "parse-kv",
    "parse-where",
    "partitioned-by",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "sample-distinct",
    "set-or-append",
    "set-or-replace",
    "top-hitters",
    "top-nested",
};

static const char *const bang[] = {
    "between",   "contains",     "contains_cs", "endswith",     "endswith_cs", "has",        "has_cs",
    "hasprefix", "hasprefix_cs", "hassuffix",   "hassuffix_cs", "in",          "startswith", "startswith_cs",
};

/* Words in front of a bracket that make a typed literal. */
static const struct {
    const char *text;
    enum hb_type type;
} typed[] = {
    { "bool", HB_BOOL },         { "date", HB_DATETIME }, { "datetime", HB_DATETIME },
    { "decimal", HB_DECIMAL },   { "double", HB_REAL },   { "guid", HB_GUID },
    { "int", HB_INT },           { "int32", HB_INT },     { "int64", HB_LONG },
    { "long", HB_LONG },         { "real", HB_REAL },     { "time", HB_TIMESPAN },
    { "timespan", HB_TIMESPAN },
};

/* Longest first among those that begin alike. */
static const struct {
    const char *text;
    enum kql_punct punct;
} puncts[] = {
    { "..", P_DOTDOT },  { ".", P_DOT },      { "(", P_LPAREN }, { ")", P_RPAREN },  { "[", P_LBRACKET },
    { "]", P_RBRACKET }, { "{", P_LBRACE },   { "}", P_RBRACE }, { "|", P_BAR },     { "+", P_PLUS },
    { "-", P_MINUS },    { "*", P_STAR },     { "/", P_SLASH },  { "%", P_PERCENT }, { "<=", P_LE },
    { "<>", P_LTGT },    { "<|", P_LTBAR },   { "<", P_LT },     { ">=", P_GE },     { ">", P_GT },
    { "==", P_EQ },      { "=~", P_EQTILDE }, { "=>", P_ARROW }, { "=", P_ASSIGN },  { "!=", P_NE },
    { "!~", P_NETILDE }, { ":", P_COLON },    { ";", P_SEMI },   { ",", P_COMMA },   { "@", P_AT },
    { "?", P_QUESTION },
};

/* -- bytes -- */

static unsigned char at(const struct lexer *l, size_t i)
{
    return i < l->s.n ? (unsigned char)l->s.p[i] : 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static bool is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool matches(const struct lexer *l, size_t i, const char *z)
{
    size_t n = strlen(z);
    return i + n <= l->s.n && memcmp(l->s.p + i, z, n) == 0;
}

/* Length in bytes of the blank at i, 0 when there is none. Vertical tab, U+0085 and zero-width joiners are
 * none. */
static size_t blank(const struct lexer *l, size_t i)
{
    unsigned char c = at(l, i);
    if (i >= l->s.n)
        return 0;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
        return 1;
    if (c < 0x80)
        return 0;
    size_t next = i;
    uint32_t cp = utf8_next(l->s, &next);
    bool yes = cp == 0xA0 || cp == 0x1680 || cp == 0x180E || (cp >= 0x2000 && cp <= 0x200B) || cp == 0x202F ||
               cp == 0x205F || cp == 0x3000 || cp == 0xFEFF;
    return yes ? next - i : 0;
}

/* LF, CR, U+2028 or U+2029 at i: they end comments, directives and typed literals. */
static bool line_end(const struct lexer *l, size_t i)
{
    unsigned char c = at(l, i);
    return c == '\n' || c == '\r' || matches(l, i, "\xE2\x80\xA8") || matches(l, i, "\xE2\x80\xA9");
}

static size_t skip_line(const struct lexer *l, size_t i)
{
    while (i < l->s.n && !line_end(l, i))
        i++;
    return i;
}

static size_t skip_blanks(const struct lexer *l, size_t i)
{
    for (;;) {
        size_t n = blank(l, i);
        if (n) {
            i += n;
        } else if (at(l, i) == '/' && at(l, i + 1) == '/') {
            i = skip_line(l, i);
            if (i < l->s.n && !blank(l, i)) /* U+2028 ends a comment but is no blank */
                i += 3;
        } else {
            return i;
        }
    }
}

static size_t digits(const struct lexer *l, size_t i)
{
    while (is_digit(at(l, i)))
        i++;
    return i;
}

static size_t word(const struct lexer *l, size_t i)
{
    while (is_word(at(l, i)))
        i++;
    return i;
}

/* -- numbers: each returns the end, or 0 when the text at i is no such thing -- */

static size_t raw_guid(const struct lexer *l, size_t i)
{
    static const unsigned char groups[] = { 8, 4, 4, 4, 12 };
    if (i + 36 > l->s.n)
        return 0;
    for (size_t g = 0; g < sizeof groups; g++) {
        if (g > 0 && at(l, i++) != '-')
            return 0;
        for (unsigned char k = 0; k < groups[g]; k++)
            if (!is_hex(at(l, i++)))
                return 0;
    }
    return i;
}

static size_t exponent(const struct lexer *l, size_t i)
{
    if (at(l, i) != 'e' && at(l, i) != 'E')
        return 0;
    i++;
    if (at(l, i) == '+' || at(l, i) == '-')
        i++;
    size_t end = digits(l, i);
    return end > i ? end : 0;
}

/* 1.5 1. 1e5 1.5e-5; but 1..5 is a long and two dots. */
static size_t real_number(const struct lexer *l, size_t i)
{
    i = digits(l, i);
    size_t e;
    if (at(l, i) == '.' && (at(l, i + 1) != '.' || at(l, i + 2) == '.')) {
        i = digits(l, i + 1);
        e = exponent(l, i);
        i = e ? e : i;
    } else {
        i = exponent(l, i);
    }
    return i && !is_word(at(l, i)) ? i : 0;
}

static size_t long_number(const struct lexer *l, size_t i)
{
    if (at(l, i) == '0' && (at(l, i + 1) == 'x' || at(l, i + 1) == 'X')) {
        i += 2;
        size_t start = i;
        while (is_hex(at(l, i)))
            i++;
        return i > start && !is_word(at(l, i)) ? i : 0;
    }
    i = digits(l, i);
    return is_word(at(l, i)) ? 0 : i;
}

static size_t timespan_number(const struct lexer *l, size_t i)
{
    static const char *const units[] = {
        "m",           "min",          "minute",       "minutes",
        "s",           "sec",          "second",       "seconds",
        "d",           "day",          "days",         "h",
        "hr",          "hrs",          "hour",         "hours",
        "ms",          "milli",        "millis",       "millisec",
        "millisecond", "milliseconds", "micro",        "micros",
        "microsec",    "microsecond",  "microseconds", "nano",
        "nanos",       "nanosec",      "nanosecond",   "nanoseconds",
        "tick",        "ticks",
    };
    i = digits(l, i);
    if (at(l, i) == '.' && is_digit(at(l, i + 1)))
        i = digits(l, i + 1);
    size_t end = word(l, i);
    struct str unit = { l->s.p + i, end - i };
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        if (str_eqz(unit, units[u]))
            return end;
    return 0;
}

/* -- strings -- */

/* Length of the escape at a backslash, 0 when it is none. */
static size_t escape(const struct lexer *l, size_t i)
{
    unsigned char c = at(l, i + 1);
    size_t hex = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (hex) {
        for (size_t k = 0; k < hex; k++)
            if (!is_hex(at(l, i + 2 + k)))
                return 0;
        return hex + 2;
    }
    if (c && strchr("\\'\"abfnrtv", c))
        return 2;
    if (c < '0' || c > '7')
        return 0;
    if (at(l, i + 2) < '0' || at(l, i + 2) > '7')
        return 2;
    return c <= '3' && at(l, i + 3) >= '0' && at(l, i + 3) <= '7' ? 4 : 3;
}

static size_t multi_line(const struct lexer *l, size_t i, const char *quote, struct kql_token *t)
{
    size_t end = str_find(l->s, str_z(quote), i + 3);
    if (end == SIZE_MAX) {
        t->flags |= TF_UNCLOSED;
        return l->s.n;
    }
    return end + 3;
}

/* From the quote at i to behind its partner; a line end closes a string that has none. */
static size_t one_line(const struct lexer *l, size_t i, bool verbatim, struct kql_token *t)
{
    unsigned char quote = at(l, i++);
    while (i < l->s.n && at(l, i) != '\n' && at(l, i) != '\r') {
        unsigned char c = at(l, i);
        if (c == quote && verbatim && at(l, i + 1) == quote) {
            i += 2;
        } else if (c == quote) {
            return i + 1;
        } else if (c == '\\' && !verbatim) {
            size_t n = escape(l, i);
            if (!n && !(t->flags & TF_ESCAPE)) {
                t->flags |= TF_ESCAPE;
                t->where = (uint32_t)i;
            }
            i += n ? n : 1;
        } else {
            i++;
        }
    }
    t->flags |= TF_UNCLOSED;
    return i;
}

/* [h][@]"..." or [h]```...```; 0 when there is no string at i. */
static size_t string(const struct lexer *l, size_t i, struct kql_token *t)
{
    if (at(l, i) == 'h' || at(l, i) == 'H')
        i++;
    bool verbatim = at(l, i) == '@';
    if (verbatim)
        i++;
    if (at(l, i) == '"' || at(l, i) == '\'')
        return one_line(l, i, verbatim, t);
    if (matches(l, i, "```"))
        return multi_line(l, i, "```", t);
    if (matches(l, i, "~~~"))
        return multi_line(l, i, "~~~", t);
    return 0;
}

/* -- words -- */

static unsigned keyword_flags(struct str w)
{
    size_t lo = 0, hi = sizeof keywords / sizeof *keywords;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = str_cmp(w, str_z(keywords[mid].text));
        if (c == 0)
            return TF_KEYWORD | (keywords[mid].extended ? TF_EXTENDED : 0u);
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return 0;
}

/*
 * The end of the dashed keyword that begins at start, or end. project-awayx is none, and then project is a mere name
 * (*plain): so the reference reads it.
 */
static size_t dashed_word(const struct lexer *l, size_t start, size_t end, bool *plain)
{
    unsigned char next = at(l, end);
    if (next != '-' && next != '.' && next != ' ')
        return end;
    for (size_t k = 0; k < sizeof dashed / sizeof *dashed; k++) {
        size_t n = strlen(dashed[k]);
        if (n <= end - start || dashed[k][0] != l->s.p[start] || !matches(l, start, dashed[k]))
            continue;
        *plain = is_word(at(l, start + n));
        return *plain ? end : start + n;
    }
    return end;
}

/* word( without a blank between: everything up to the bracket is one literal. */
static size_t typed_literal(const struct lexer *l, size_t start, size_t end, struct kql_token *t)
{
    if (at(l, end) != '(')
        return 0;
    struct str w = { l->s.p + start, end - start };
    for (size_t k = 0; k < sizeof typed / sizeof *typed; k++) {
        if (!str_eqz(w, typed[k].text))
            continue;
        t->kind = TK_TYPED;
        t->type = (uint8_t)typed[k].type;
        size_t i = end;
        while (i < l->s.n && at(l, i) != ')' && !line_end(l, i))
            i++;
        if (at(l, i) == ')')
            return i + 1;
        t->flags |= TF_UNCLOSED;
        return i;
    }
    return 0;
}

static bool is_bool(struct str w)
{
    return str_eqz(w, "true") || str_eqz(w, "false") || str_eqz(w, "True") || str_eqz(w, "False") ||
           str_eqz(w, "TRUE") || str_eqz(w, "FALSE");
}

static size_t word_token(const struct lexer *l, size_t start, struct kql_token *t)
{
    size_t end = word(l, start + 1); /* the first may be $ */
    size_t i = end - start == 1 ? string(l, start, t) : 0;
    if (i) {
        t->kind = TK_STRING;
        return i;
    }
    if ((i = raw_guid(l, start)) != 0) {
        t->kind = TK_RAWGUID;
        return i;
    }
    if ((i = typed_literal(l, start, end, t)) != 0)
        return i;
    struct str w = { l->s.p + start, end - start };
    t->kind = is_bool(w) ? TK_BOOL : TK_WORD;
    bool plain = false;
    i = dashed_word(l, start, end, &plain);
    if (str_eqz(w, "in") && at(l, end) == '~')
        i = end + 1;
    t->flags |= (uint8_t)(i > end ? TF_KEYWORD : plain ? TF_PLAIN : keyword_flags(w));
    if (i > end && (matches(l, start, "top-") || matches(l, start, "sample-")))
        t->flags |= TF_EXTENDED;
    return i;
}

static size_t digit_token(const struct lexer *l, size_t start, struct kql_token *t)
{
    static const struct {
        size_t (*scan)(const struct lexer *, size_t);
        enum kql_token_kind kind;
    } forms[] = {
        { raw_guid, TK_RAWGUID }, { real_number, TK_REAL }, { timespan_number, TK_TIMESPAN },
        { long_number, TK_LONG }, { word, TK_WORD },
    };
    size_t end = 0;
    for (size_t k = 0; !end; k++) {
        end = forms[k].scan(l, start);
        t->kind = (uint8_t)forms[k].kind;
    }
    if (t->kind == TK_WORD)
        t->flags |= (uint8_t)keyword_flags((struct str){ l->s.p + start, end - start });
    return end;
}

/* !in, !in~, !has_cs ...: one token, no blank inside. */
static size_t bang_token(const struct lexer *l, size_t start)
{
    size_t end = word(l, start + 1);
    struct str w = { l->s.p + start + 1, end - start - 1 };
    for (size_t k = 0; k < sizeof bang / sizeof *bang; k++)
        if (str_eqz(w, bang[k]))
            return str_eqz(w, "in") && at(l, end) == '~' ? end + 1 : end;
    return 0;
}

static size_t punct_token(const struct lexer *l, size_t start, struct kql_token *t)
{
    for (size_t k = 0; k < sizeof puncts / sizeof *puncts; k++) {
        if (puncts[k].text[0] == l->s.p[start] && matches(l, start, puncts[k].text)) {
            t->kind = TK_PUNCT;
            t->punct = (uint8_t)puncts[k].punct;
            return start + strlen(puncts[k].text);
        }
    }
    return 0;
}

static size_t other_token(const struct lexer *l, size_t start, struct kql_token *t)
{
    unsigned char c = at(l, start);
    size_t end;
    if (c == '!' && (end = bang_token(l, start)) != 0) {
        t->kind = TK_WORD;
        t->flags |= TF_KEYWORD;
        return end;
    }
    if ((end = string(l, start, t)) != 0) {
        t->kind = TK_STRING;
        return end;
    }
    if ((end = punct_token(l, start, t)) != 0)
        return end;
    if (c == '#') {
        t->kind = TK_DIRECTIVE;
        return skip_line(l, start);
    }
    t->kind = TK_BAD;
    size_t next = start;
    utf8_next(l->s, &next);
    return next;
}

struct kql_tokens kql_lex(struct arena *a, struct str text)
{
    assert(text.n <= KQL_SOURCE_MAX);
    struct lexer l = { text, 0 };
    struct kql_tokens out = { NULL, 0 };
    size_t cap = 0;
    for (;;) {
        size_t start = skip_blanks(&l, l.i);
        struct kql_token t = { .kind = TK_END,
                               .offset = (uint32_t)start,
                               .flags = start > l.i ? TF_SPACE : 0 };
        size_t end = start;
        if (start < text.n) {
            unsigned char c = at(&l, start);
            end = is_digit(c)                            ? digit_token(&l, start, &t)
                  : is_letter(c) || c == '_' || c == '$' ? word_token(&l, start, &t)
                                                         : other_token(&l, start, &t);
        }
        if (cap == out.n) { /* doubling by hand: tokens are many and small */
            size_t want = cap ? cap * 2 : text.n / 4 + 16;
            struct kql_token *bigger = ARENA_ARRAY(a, want, struct kql_token);
            if (out.n)
                memcpy(bigger, out.items, out.n * sizeof *bigger);
            out.items = bigger;
            cap = want;
        }
        t.len = (uint32_t)(end - start);
        out.items[out.n++] = t;
        l.i = end;
        if (t.kind == TK_END)
            return out;
    }
}
