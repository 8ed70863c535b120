/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours of code listings: one scanner, driven by a row per language.
 *
 * It works on words, quotes and comments only, so it is right for any text and never fails. To add a
 * language: a row in `languages` with its words.
 */
#include "highlight.h"

#include <string.h>

struct hl_language {
    const char *name;
    const char *const *words;
    size_t nwords;
    bool any_case;            /* of the words */
    const char *line_comment; /* "//" */
    bool block_comment;       /* slash star */
    bool backslash;           /* escapes inside quotes, but not after @ */
    bool verbatim;            /* @'...' and fences of three ` */
    bool keys;                /* a word before ':' is a keyword (yaml) */
};

#define WORDS(w) w, sizeof w / sizeof *w

static const char *const kql_words[] = {
    "and",
    "as",
    "asc",
    "between",
    "by",
    "consume",
    "contains",
    "contains_cs",
    "count",
    "datatable",
    "desc",
    "distinct",
    "endswith",
    "endswith_cs",
    "evaluate",
    "extend",
    "externaldata",
    "facet",
    "false",
    "find",
    "first",
    "fork",
    "from",
    "getschema",
    "graph-match",
    "has",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hassuffix",
    "in",
    "inner",
    "innerunique",
    "invoke",
    "join",
    "kind",
    "kql",
    "last",
    "leftanti",
    "leftouter",
    "leftsemi",
    "let",
    "limit",
    "lookup",
    "make-graph",
    "make-series",
    "matches",
    "materialize",
    "mv-apply",
    "mv-expand",
    "not",
    "nulls",
    "on",
    "or",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "print",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "range",
    "reduce",
    "regex",
    "render",
    "rightanti",
    "rightouter",
    "rightsemi",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "set",
    "sort",
    "startswith",
    "startswith_cs",
    "step",
    "summarize",
    "table",
    "take",
    "to",
    "top",
    "top-hitters",
    "top-nested",
    "true",
    "typeof",
    "union",
    "where",
    "with",
};

static const char *const sql_words[] = {
    "all",      "and",       "anti",      "any",     "as",        "asc",     "asof",     "between",
    "by",       "case",      "cast",      "create",  "cross",     "desc",    "distinct", "else",
    "end",      "escape",    "except",    "exclude", "exists",    "false",   "filter",   "following",
    "from",     "full",      "group",     "having",  "ilike",     "in",      "inner",    "intersect",
    "interval", "is",        "join",      "lateral", "left",      "like",    "limit",    "materialized",
    "not",      "null",      "nulls",     "offset",  "on",        "or",      "order",    "outer",
    "over",     "partition", "preceding", "qualify", "recursive", "replace", "right",    "row",
    "rows",     "select",    "semi",      "table",   "then",      "true",    "try_cast", "unbounded",
    "union",    "unnest",    "using",     "values",  "view",      "when",    "where",    "window",
    "with",
};

static const char *const yaml_words[] = { "false", "null", "true" };

static const struct hl_language languages[] = {
    { "kql", WORDS(kql_words), false, "//", false, true, true, false },
    { "kusto", WORDS(kql_words), false, "//", false, true, true, false },
    { "sql", WORDS(sql_words), true, "--", true, false, false, false },
    { "yaml", WORDS(yaml_words), false, "#", false, true, false, true },
};

void hl_init(struct hl *h, struct str language, struct str text)
{
    *h = (struct hl){ .text = text };
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (str_eq_nocase(language, str_z(languages[i].name)))
            h->lang = &languages[i];
}

static bool at(const struct hl *h, const char *z)
{
    return str_starts(str_sub(h->text, h->i, h->text.n), str_z(z));
}

/* The piece from h->i up to `end`, which never goes beyond the line. */
static bool take(struct hl *h, size_t end, enum hl_class cls, struct str *piece, enum hl_class *out)
{
    *piece = str_sub(h->text, h->i, end);
    *out = cls;
    h->i = end;
    return true;
}

static size_t line_end(const struct hl *h)
{
    return str_chr(h->text, '\n', h->i);
}

/* Goes on with a text or comment that an earlier piece began. */
static bool take_open(struct hl *h, struct str *piece, enum hl_class *cls)
{
    size_t end = line_end(h), close = str_find(h->text, h->close, h->i);
    enum hl_class in = h->in;
    if (close < end) {
        end = close + h->close.n;
        h->in = HL_TEXT;
    }
    return take(h, end, in, piece, cls);
}

static bool take_quoted(struct hl *h, bool verbatim, struct str *piece, enum hl_class *cls)
{
    size_t i = h->i + verbatim, end = line_end(h);
    char quote = h->text.p[i++];
    while (i < end) {
        char c = h->text.p[i++];
        if (c == '\\' && h->lang->backslash && !verbatim && i < end)
            i++;
        else if (c == quote)
            break;
    }
    return take(h, i, HL_STRING, piece, cls);
}

static bool known_word(const struct hl_language *l, struct str word)
{
    for (size_t i = 0; i < l->nwords; i++)
        if (l->any_case ? str_eq_nocase(word, str_z(l->words[i])) : str_eqz(word, l->words[i]))
            return true;
    return false;
}

static bool take_word(struct hl *h, struct str *piece, enum hl_class *cls)
{
    size_t end = h->i, n = h->text.n;
    while (end < n && char_is_word(h->text.p[end]))
        end++;
    /* Operators with a dash are words of their own: mv-expand, make-series. */
    if (end + 1 < n && h->text.p[end] == '-') {
        size_t more = end + 1;
        while (more < n && char_is_word(h->text.p[more]))
            more++;
        if (known_word(h->lang, str_sub(h->text, h->i, more)))
            return take(h, more, HL_KEYWORD, piece, cls);
    }
    size_t next = end;
    while (next < n && h->text.p[next] == ' ')
        next++;
    char follows = next < n ? h->text.p[next] : '\0';
    enum hl_class c = HL_TEXT;
    if (char_is_digit(h->text.p[h->i]))
        c = HL_NUMBER;
    else if (h->lang->keys && follows == ':')
        c = HL_KEYWORD;
    else if (known_word(h->lang, str_sub(h->text, h->i, end)))
        c = HL_KEYWORD;
    else if (follows == '(')
        c = HL_FUNCTION;
    return take(h, end, c, piece, cls);
}

/* White space and whatever else stands before the next thing that has a class of its own. */
static bool take_rest(struct hl *h, struct str *piece, enum hl_class *cls)
{
    size_t end = h->i;
    while (end < h->text.n && !char_is_word(h->text.p[end]) && !strchr("\n\"'`@|/-#=<>!~+*%", h->text.p[end]))
        end++;
    if (end > h->i)
        return take(h, end, HL_TEXT, piece, cls);
    return take(h, h->i + 1, HL_OPERATOR, piece, cls);
}

bool hl_next(struct hl *h, struct str *piece, enum hl_class *cls)
{
    if (h->i >= h->text.n)
        return false;
    char c = h->text.p[h->i];
    if (c == '\n')
        return take(h, h->i + 1, HL_TEXT, piece, cls);
    if (!h->lang)
        return take(h, line_end(h), HL_TEXT, piece, cls);
    if (h->in != HL_TEXT)
        return take_open(h, piece, cls);
    if (at(h, h->lang->line_comment))
        return take(h, line_end(h), HL_COMMENT, piece, cls);
    if (h->lang->block_comment && at(h, "/*")) {
        h->in = HL_COMMENT;
        h->close = STR("*/");
        return take(h, h->i + 2, HL_COMMENT, piece, cls);
    }
    if (h->lang->verbatim && at(h, "```")) {
        h->in = HL_STRING;
        h->close = STR("```");
        return take(h, h->i + 3, HL_STRING, piece, cls);
    }
    if (c == '"' || c == '\'')
        return take_quoted(h, false, piece, cls);
    if (h->lang->verbatim && (at(h, "@\"") || at(h, "@'")))
        return take_quoted(h, true, piece, cls);
    if (char_is_word(c))
        return take_word(h, piece, cls);
    return take_rest(h, piece, cls);
}

const char *hl_class_name(enum hl_class c)
{
    static const char *const names[HL_CLASSES] = { "text",   "keyword", "function", "string",
                                                   "number", "comment", "operator" };
    return names[c];
}
