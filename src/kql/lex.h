/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of KQL. The lexer is one pass over the bytes and never fails: what is no token is TK_BAD, and the
 * parser says so.
 *
 * A keyword is a TK_WORD with a flag: KQL's keywords are only reserved in some places, so the parser compares
 * texts.
 */
#ifndef KQL_LEX_H
#define KQL_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/diag.h"
#include "hb/str.h"
#include "hb/table.h"

enum kql_token_kind {
    TK_END,
    TK_WORD,      /* names, keywords, has_any, !in~, mv-expand, hint.strategy */
    TK_PUNCT,     /* see kql_token.punct */
    TK_STRING,    /* one literal with its quotes; the parser joins neighbours */
    TK_LONG,      /* 12, 0x1F */
    TK_REAL,      /* 1.5, 5., 1e5 */
    TK_TIMESPAN,  /* 1d, 1.5h, 30minutes */
    TK_BOOL,      /* true True TRUE false ... */
    TK_TYPED,     /* long(...), datetime(...): everything up to the bracket; see kql_token.type */
    TK_RAWGUID,   /* a guid without guid(): known so that the message can be good */
    TK_DIRECTIVE, /* # to the end of the line */
    TK_BAD,       /* a character that is no part of KQL */
};

enum kql_punct {
    P_NONE,
    P_LPAREN,
    P_RPAREN,
    P_LBRACKET,
    P_RBRACKET,
    P_LBRACE,
    P_RBRACE,
    P_BAR,
    P_DOT,
    P_DOTDOT,
    P_PLUS,
    P_MINUS,
    P_STAR,
    P_SLASH,
    P_PERCENT,
    P_LT,
    P_LE,
    P_LTGT,
    P_GT,
    P_GE,
    P_ASSIGN,
    P_EQ,
    P_EQTILDE,
    P_ARROW, /* => */
    P_NE,
    P_NETILDE,
    P_COLON,
    P_SEMI,
    P_COMMA,
    P_AT,
    P_LTBAR,
    P_QUESTION,
};

enum kql_token_flags {
    TF_SPACE = 1 << 0,    /* blanks or a comment stand in front */
    TF_KEYWORD = 1 << 1,  /* cannot be a name without ['...'] */
    TF_EXTENDED = 1 << 2, /* with TF_KEYWORD: can be declared as a name (extend title = 1), not read */
    TF_UNCLOSED = 1 << 3, /* a string, or the bracket of a typed literal, does not end */
    TF_PLAIN = 1 << 5,    /* a word that only looks like an operator: project in project-awayx */
    TF_QUERY =
        1 << 6, /* a ( with a | before the first comma inside: a query, not a list (set by the parser) */
    TF_ESCAPE = 1 << 4, /* a string with a \ that begins no escape: kql_token.where is its offset */
};

struct kql_token {
    uint8_t kind, punct, flags;
    uint8_t type; /* enum hb_type of TK_TYPED */
    uint32_t offset, len;
    uint32_t where;
};

struct kql_tokens {
    struct kql_token *items; /* the last one is TK_END */
    size_t n;
};

enum {
    KQL_SOURCE_MAX = 64 * 1024 * 1024
}; /* bytes; the parser refuses longer text before the lexer sees it */

struct kql_tokens kql_lex(struct arena *a, struct str text);

static inline struct str kql_token_text(struct str source, const struct kql_token *t)
{
    return (struct str){ source.p + t->offset, t->len };
}

/* -- values of literals (literal.c) -- */

/* The bytes a string token stands for; a view into the source where nothing had to be decoded. */
struct str kql_string_value(struct arena *a, struct str token);
/* True where the token begins with h or H, @, or a multi-line quote: enum kql_literal_flags. */
unsigned kql_string_flags(struct str token);

struct kql_literal;
/*
 * Sets type, value, text and is_null of a number, timespan, bool or typed literal from its token. KQL_LIT_BAD
 * is set where the text between the brackets is no value of the type.
 */
void kql_literal_value(struct arena *a, struct kql_literal *lit, struct str source,
                       const struct kql_token *t);

#endif
