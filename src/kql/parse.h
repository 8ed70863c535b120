/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the parser share: parse.c (names, expressions), parse_stmt.c (statements, lambdas, the
 * pipe), parse_op.c and parse_graph.c (one function per tabular operator).
 *
 * Conventions. parse_x() returns NULL and reports nothing where no x begins; need_x() reports what was
 * expected and returns a KQL_ERROR node. Errors are reported once per token. No function goes back over
 * tokens once it has taken them, but for the bounded look-aheads kql_scan_*.
 */
#ifndef KQL_PARSE_H
#define KQL_PARSE_H

#include "ast.h"
#include "lex.h"

enum {
    KQL_DEPTH_MAX = 2000, /* queries and expressions inside each other, so 1000 brackets; ~8 frames, 1.5 kB of
                             stack each */
};

struct kql_parser {
    struct arena *a;
    const struct source *src;
    struct diags *diags;
    const struct kql_token *t;     /* the next token */
    const struct kql_token *first; /* of all */
    const struct kql_token *end;   /* TK_END */
    const struct kql_token *told;  /* the token of the last error */
    unsigned depth;
    bool failed;
};

/* -- tokens -- */

static inline const struct kql_token *kql_peek(const struct kql_parser *p, size_t k)
{
    return (size_t)(p->end - p->t) > k ? p->t + k : p->end;
}

struct str kql_text(const struct kql_parser *p, const struct kql_token *t);
bool kql_is_word(const struct kql_parser *p, const struct kql_token *t, const char *word);
bool kql_at_word(const struct kql_parser *p, const char *word);
bool kql_at(const struct kql_parser *p, enum kql_punct punct);
bool kql_take(struct kql_parser *p, enum kql_punct punct);
bool kql_take_word(struct kql_parser *p, const char *word);
/* Takes it or reports that it is missing (where: "after 'top 5'", may be NULL). */
bool kql_need(struct kql_parser *p, enum kql_punct punct);
bool kql_need_word(struct kql_parser *p, const char *word);
/* Takes the closing bracket; otherwise reports, and skips to it where it can be found in this query. */
bool kql_need_close(struct kql_parser *p, enum kql_punct punct);
/* Takes adjacent tokens that spell exactly `text` (-->, ]->). */
bool kql_take_text(struct kql_parser *p, const char *text);
/* Skips to the next |, ; or closing bracket that is not inside brackets. */
void kql_skip(struct kql_parser *p);
/* From `start` to the last token taken. */
struct span kql_span(const struct kql_parser *p, const struct kql_token *start);

/* Reports at the next token, once. hint may be NULL. */
void kql_error(struct kql_parser *p, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "expected WHAT, not 'x'" */
void kql_expected(struct kql_parser *p, const char *what);
struct kql_node *kql_error_node(struct kql_parser *p);

/* Counts one level of nesting; false (and an error, and everything skipped) when it is one too many. */
bool kql_enter(struct kql_parser *p);
void kql_leave(struct kql_parser *p);

/* -- nodes and lists -- */

/* A zeroed node of that kind that begins at `start`; its span is set by kql_done. */
void *kql_new(struct kql_parser *p, enum kql_kind kind, const struct kql_token *start);
/* Sets the span: from the start given to kql_new to the last token taken. Returns the node. */
void *kql_done(struct kql_parser *p, void *node);
void kql_push(struct kql_parser *p, struct kql_list *list, void *node);

typedef struct kql_node *kql_element(struct kql_parser *p);
enum kql_list_flags {
    KQL_SOME = 1 << 0,     /* at least one */
    KQL_TRAILING = 1 << 1, /* a comma may follow the last */
};
/* element , element ...; what: "a column", for the message. */
void kql_comma_list(struct kql_parser *p, struct kql_list *list, kql_element *element, unsigned flags,
                    const char *what);

/* -- names (parse.c) -- */

/* Number of tokens of a name that can be read, -1: none. */
int kql_scan_name(const struct kql_parser *p, size_t k);
/* The same for one that can be declared: also keywords such as title. */
int kql_scan_declared(const struct kql_parser *p, size_t k);
int kql_scan_wildcard(const struct kql_parser *p, size_t k);
struct kql_name *kql_parse_name(struct kql_parser *p);
struct kql_name *kql_parse_declared(struct kql_parser *p);
struct kql_name *kql_need_name(struct kql_parser *p, const char *what);
struct kql_node *kql_parse_wildcard(struct kql_parser *p);
/* Any word as a name, keyword or not: the value of kind=. */
struct kql_name *kql_word_name(struct kql_parser *p);
struct kql_node *kql_parse_star(struct kql_parser *p);

/* -- expressions (parse.c) -- */

struct kql_node *kql_parse_unnamed(struct kql_parser *p);
struct kql_node *kql_parse_named(struct kql_parser *p); /* also a = e, (a, b) = e */
struct kql_node *kql_need_unnamed(struct kql_parser *p);
struct kql_node *kql_need_named(struct kql_parser *p);
struct kql_node *kql_parse_postfix(struct kql_parser *p); /* primary with .a [b] */
struct kql_node *kql_parse_literal(struct kql_parser *p); /* also -1, +1d: one literal */
struct kql_node *kql_parse_string(struct kql_parser *p);  /* joined */
struct kql_node *kql_parse_dynamic(struct kql_parser *p);
struct kql_node *kql_parse_typeof(struct kql_parser *p);
struct kql_node *kql_parse_paren(struct kql_parser *p);
struct kql_node *kql_parse_simple_path(struct kql_parser *p); /* a.b['c'][0], no calls */
/* A table in union, find: calls and paths whose last part may be a wildcard. */
struct kql_node *kql_parse_entity(struct kql_parser *p);
/* The word among the operators of expressions that resembles this one most (or is it); empty: none does. */
struct str kql_nearest_op(struct str word);
bool kql_scan_call(const struct kql_parser *p, size_t k);
struct kql_node *kql_parse_call(struct kql_parser *p);

/* -- declarations (parse_decl.c) -- */

struct kql_node *kql_parse_coldecl(struct kql_parser *p);       /* name:type, name:(schema) */
struct kql_node *kql_parse_parameter(struct kql_parser *p);     /* the same with = default */
struct kql_node *kql_parse_optional_type(struct kql_parser *p); /* name[:type], in parse */
struct kql_node *kql_parse_typed_name(struct kql_parser *p);    /* name[:type], in find project */
struct kql_schema *kql_need_schema(struct kql_parser *p, bool star);
struct kql_node *kql_need_typeof(struct kql_parser *p);

/* name = value ... in front of an operator's arguments. extra: more names than the ones all know, ended by
 * NULL. */
void kql_params(struct kql_parser *p, struct kql_list *params, const char *const *extra);
/* ( a = 1, b = 'x' ) and the same without brackets; names: the only ones allowed, NULL: any. */
void kql_properties(struct kql_parser *p, struct kql_list *with, const char *const *names);
void kql_property_list(struct kql_parser *p, struct kql_list *with, const char *const *names);
struct kql_node *kql_property(struct kql_parser *p);

/* -- queries and statements (parse_stmt.c) -- */

/* A tabular or scalar expression with its pipe. */
struct kql_node *kql_parse_query(struct kql_parser *p);
struct kql_node *kql_need_query(struct kql_parser *p);
/* A sub-query whose first operator reads the rows of the outer one: a KQL_PIPE without source. NULL: no
 * operator. */
struct kql_node *kql_parse_subquery(struct kql_parser *p);
/* ( sub-query ), brackets included. own: a query with a source of its own is allowed too. */
struct kql_node *kql_need_subquery(struct kql_parser *p, bool own);
void kql_statements(struct kql_parser *p, struct kql_list *out);

/* -- operators (parse_op.c) -- */

/* A row per operator; aliases have rows of their own. */
struct kql_syntax_row {
    const char *name;
    enum kql_kind kind;
    struct kql_node *(*parse)(struct kql_parser *p, void *node); /* behind the word; fills the node */
    const char *help;                                            /* its syntax, one line */
};

extern const struct kql_syntax_row kql_syntax_rows[];
extern const size_t kql_syntax_nrows;

/* The operator at the next token, or NULL. */
const struct kql_syntax_row *kql_op_at(const struct kql_parser *p);
/* The same where an expression could stand as well: true only if it must be an operator. */
const struct kql_syntax_row *kql_op_starts_query(const struct kql_parser *p);
struct kql_node *kql_parse_op(struct kql_parser *p, const struct kql_syntax_row *row);
/* An operator behind a pipe, or an error with a suggestion. */
struct kql_node *kql_need_op(struct kql_parser *p);

/* parse_graph.c */
struct kql_node *kql_op_make_graph(struct kql_parser *p, void *node);
struct kql_node *kql_op_graph_match(struct kql_parser *p, void *node);
struct kql_node *kql_op_graph_to_table(struct kql_parser *p, void *node);
struct kql_node *kql_op_graph_where(struct kql_parser *p, void *node);
struct kql_node *kql_op_graph_mark(struct kql_parser *p, void *node);
struct kql_node *kql_op_macro_expand(struct kql_parser *p, void *node);

#endif
