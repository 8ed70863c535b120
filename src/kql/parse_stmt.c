/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements, lambdas, the pipe, and the parser's two entry points.
 *
 * Invariant: each loop takes at least one token or ends, so parsing always ends; after an error it goes on
 * behind the next |, ; or closing bracket. To add a statement: a row in statements[].
 */
#include <assert.h>
#include <string.h>

#include "hb/kql.h"
#include "parse.h"
#include "slips.h"

/* -- the pipe -- */

static bool query_ends(const struct kql_parser *p)
{
    return p->t->kind == TK_END || kql_at(p, P_BAR) || kql_at(p, P_SEMI) || kql_at(p, P_RPAREN) ||
           kql_at(p, P_RBRACE) || kql_at(p, P_RBRACKET) || kql_at(p, P_COMMA);
}

/* What the operator in front lacks, where a name follows it. */
static const char *lacks(const struct kql_parser *p, const struct kql_node *op)
{
    if (kql_scan_name(p, 0) < 0 || kql_op_at(p))
        return NULL;
    if (op->kind == KQL_SUMMARIZE && !KQL_AS(kql_op_summarize, op)->has_by)
        return "put 'by' in front of the columns to group by, or ',' between aggregates";
    if ((op->kind == KQL_JOIN || op->kind == KQL_LOOKUP) && !KQL_AS(kql_op_join, op)->on.n)
        return "put 'on' in front of the columns to join on";
    return NULL;
}

/* Takes | op | op ..., skipping what an operator left over. */
static void pipe_ops(struct kql_parser *p, struct kql_pipe *pipe)
{
    while (kql_take(p, P_BAR)) {
        struct kql_node *op = kql_need_op(p);
        kql_push(p, &pipe->ops, op);
        if (!query_ends(p)) {
            const char *hint = lacks(p, op);
            if (hint)
                kql_error(p, hint, "expected '|' or the end of the query, not '%.*s'",
                          STR_ARG(kql_text(p, p->t)));
            kql_expected(p, "'|' or the end of the query");
            kql_skip(p);
        }
    }
}

static struct kql_node *source_expression(struct kql_parser *p)
{
    const struct kql_syntax_row *row = kql_op_starts_query(p);
    if (row)
        return kql_parse_op(p, row);
    struct kql_node *n = kql_parse_unnamed(p);
    if (n)
        return n;
    row = kql_op_at(p);
    return row ? kql_parse_op(p, row) : NULL;
}

/* SYNTAX: source { | operator } */
struct kql_node *kql_parse_query(struct kql_parser *p)
{
    if (!kql_enter(p))
        return kql_error_node(p);
    const struct kql_token *start = p->t;
    struct kql_node *source = source_expression(p);
    if (source && kql_at(p, P_BAR)) {
        struct kql_pipe *pipe = kql_new(p, KQL_PIPE, start);
        pipe->source = source;
        pipe_ops(p, pipe);
        source = kql_done(p, pipe);
    }
    kql_leave(p);
    return source;
}

struct kql_node *kql_need_query(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_query(p);
    if (n)
        return n;
    kql_expected(p, "a table or an expression");
    return kql_error_node(p);
}

struct kql_node *kql_parse_subquery(struct kql_parser *p)
{
    const struct kql_syntax_row *row = kql_op_at(p);
    if (!row || !kql_enter(p))
        return NULL;
    struct kql_pipe *pipe = kql_new(p, KQL_PIPE, p->t);
    kql_push(p, &pipe->ops, kql_parse_op(p, row));
    pipe_ops(p, pipe);
    kql_leave(p);
    return kql_done(p, pipe);
}

struct kql_node *kql_need_subquery(struct kql_parser *p, bool own)
{
    if (!kql_need(p, P_LPAREN))
        return kql_error_node(p);
    struct kql_node *n = kql_parse_subquery(p);
    if (!n && own)
        n = kql_parse_query(p);
    if (!n)
        n = kql_need_op(p);
    kql_need_close(p, P_RPAREN);
    return n;
}

/* -- lambdas -- */

/* (a, b) { : parameters without types, which are an error of their own. */
static bool body_follows(const struct kql_parser *p, size_t k)
{
    size_t depth = 0;
    for (;; k++) {
        const struct kql_token *t = kql_peek(p, k);
        if (t->kind == TK_END || (t->kind == TK_PUNCT && t->punct == P_SEMI))
            return false;
        if (t->kind != TK_PUNCT)
            continue;
        depth += t->punct == P_LPAREN;
        if (t->punct == P_RPAREN && --depth == 0)
            break;
    }
    const struct kql_token *next = kql_peek(p, k + 1);
    return next->kind == TK_PUNCT && next->punct == P_LBRACE;
}

/* view, or a bracket that begins a parameter list. */
static bool at_lambda(const struct kql_parser *p)
{
    size_t k = kql_at_word(p, "view") ? 1 : 0;
    const struct kql_token *t = kql_peek(p, k);
    if (t->kind != TK_PUNCT || t->punct != P_LPAREN)
        return false;
    const struct kql_token *next = kql_peek(p, k + 1);
    if (next->kind == TK_PUNCT && (next->punct == P_RPAREN || next->punct == P_STAR))
        return true;
    int n = kql_scan_declared(p, k + 1);
    if (n < 0)
        return false;
    const struct kql_token *colon = kql_peek(p, k + 1 + (size_t)n);
    return (colon->kind == TK_PUNCT && colon->punct == P_COLON) || body_follows(p, k);
}

static struct kql_node *statement(struct kql_parser *p, bool inside);

/* Statements in front of the last expression: { let ...; T } */
static void inner_statements(struct kql_parser *p, struct kql_list *out)
{
    while (kql_at_word(p, "let") || kql_at_word(p, "declare")) {
        const struct kql_token *before = p->t;
        struct kql_node *n = statement(p, true);
        if (!n)
            break;
        kql_push(p, out, n);
        if (!kql_need(p, P_SEMI)) {
            kql_skip(p);
            kql_take(p, P_SEMI);
        }
        assert(p->t > before || p->t == p->end);
    }
}

static struct kql_node *lambda_body(struct kql_parser *p, struct kql_lambda *n)
{
    if (!kql_need(p, P_LBRACE) || !kql_enter(p))
        return kql_done(p, n);
    inner_statements(p, &n->statements);
    n->body = kql_parse_query(p);
    kql_take(p, P_SEMI);
    kql_need_close(p, P_RBRACE);
    kql_leave(p);
    return kql_done(p, n);
}

/* SYNTAX: [view] ( parameter, ... ) { { statement; } [query] [;] } */
static struct kql_node *lambda(struct kql_parser *p)
{
    struct kql_lambda *n = kql_new(p, KQL_LAMBDA, p->t);
    n->view = kql_take_word(p, "view");
    kql_need(p, P_LPAREN);
    kql_comma_list(p, &n->params, kql_parse_parameter, 0, "name:type");
    kql_need_close(p, P_RPAREN);
    return lambda_body(p, n);
}

/* -- statements -- */

/* SYNTAX: materialize ( query ) */
static struct kql_node *materialize(struct kql_parser *p)
{
    struct kql_call *n = kql_new(p, KQL_CALL, p->t);
    n->name = kql_word_name(p);
    if (kql_need(p, P_LPAREN)) {
        kql_params(p, &n->params, NULL);
        kql_push(p, &n->args, kql_need_query(p));
        kql_need_close(p, P_RPAREN);
    }
    return kql_done(p, n);
}

/* SYNTAX: entity_group [ e, ... ]: kept as the call it resembles */
static struct kql_node *entity_group(struct kql_parser *p)
{
    if (kql_scan_call(p, 0))
        return kql_parse_call(p);
    struct kql_call *n = kql_new(p, KQL_CALL, p->t);
    n->name = kql_parse_name(p);
    if (kql_need(p, P_LBRACKET)) {
        kql_comma_list(p, &n->args, kql_parse_unnamed, KQL_SOME, "an expression");
        kql_need_close(p, P_RBRACKET);
    }
    return kql_done(p, n);
}

static struct kql_node *let_value(struct kql_parser *p)
{
    if (kql_at_word(p, "materialize"))
        return materialize(p);
    if (kql_at_word(p, "entity_group"))
        return entity_group(p);
    return at_lambda(p) ? lambda(p) : kql_need_query(p);
}

/* SYNTAX: let name = query | lambda */
static struct kql_node *let_statement(struct kql_parser *p)
{
    struct kql_let *n = kql_new(p, KQL_LET, p->t++);
    n->name = kql_need_name(p, "a name after 'let'");
    n->value = kql_need(p, P_ASSIGN) ? let_value(p) : kql_error_node(p);
    return kql_done(p, n);
}

/* SYNTAX: alias database name = e */
static struct kql_node *alias_statement(struct kql_parser *p)
{
    struct kql_let *n = kql_new(p, KQL_ALIAS, p->t);
    p->t += 2;
    n->name = kql_need_name(p, "a name");
    n->value = kql_need(p, P_ASSIGN) ? kql_need_unnamed(p) : kql_error_node(p);
    return kql_done(p, n);
}

/* SYNTAX: set name [= e] */
static struct kql_node *set_statement(struct kql_parser *p)
{
    struct kql_set *n = kql_new(p, KQL_SET, p->t++);
    n->name = kql_need_name(p, "the name of an option");
    if (kql_take(p, P_ASSIGN))
        n->value = kql_need_unnamed(p);
    return kql_done(p, n);
}

/* SYNTAX: declare query_parameters ( name:type [= literal], ... ) */
static struct kql_node *parameters_statement(struct kql_parser *p)
{
    struct kql_declare *n = kql_new(p, KQL_QUERY_PARAMETERS, p->t++);
    if (kql_need_word(p, "query_parameters") && kql_need(p, P_LPAREN)) {
        kql_comma_list(p, &n->columns, kql_parse_parameter, KQL_SOME, "name:type");
        kql_need_close(p, P_RPAREN);
    }
    return kql_done(p, n);
}

/* SYNTAX: { { let; } [query] [;] } */
static struct kql_node *pattern_body(struct kql_parser *p)
{
    return lambda_body(p, kql_new(p, KQL_LAMBDA, p->t));
}

/* SYNTAX: ( e, ... ) [. [ literal ]] = { query } ; */
static bool pattern_match(struct kql_parser *p, struct kql_list *out)
{
    if (!kql_at(p, P_LPAREN))
        return false;
    struct kql_pattern_match *n = kql_new(p, KQL_PATTERN_MATCH, p->t++);
    kql_comma_list(p, &n->values, kql_parse_unnamed, KQL_SOME, "a value");
    kql_need_close(p, P_RPAREN);
    if (kql_take(p, P_DOT) && kql_need(p, P_LBRACKET)) {
        n->path = kql_parse_literal(p);
        if (!n->path)
            kql_expected(p, "a literal");
        kql_need_close(p, P_RBRACKET);
    }
    if (kql_need(p, P_ASSIGN))
        n->body = pattern_body(p);
    kql_push(p, out, kql_done(p, n));
    return kql_need(p, P_SEMI);
}

/* SYNTAX: declare pattern name [= ( name:type, ... ) [[ name:type ]] { { match } }] */
static struct kql_node *pattern_statement(struct kql_parser *p)
{
    struct kql_pattern *n = kql_new(p, KQL_PATTERN, p->t);
    p->t += 2;
    n->name = kql_need_name(p, "a name");
    if (!kql_take(p, P_ASSIGN) || !kql_need(p, P_LPAREN))
        return kql_done(p, n);
    kql_comma_list(p, &n->params, kql_parse_coldecl, 0, "name:type");
    kql_need_close(p, P_RPAREN);
    if (kql_take(p, P_LBRACKET)) {
        n->path = kql_parse_coldecl(p);
        if (!n->path)
            kql_expected(p, "name:type");
        kql_need_close(p, P_RBRACKET);
    }
    if (kql_need(p, P_LBRACE)) {
        if (!kql_at(p, P_LPAREN))
            kql_expected(p, "'('");
        while (pattern_match(p, &n->matches))
            continue;
        kql_need_close(p, P_RBRACE);
    }
    return kql_done(p, n);
}

/* SYNTAX: restrict access to ( entity, ... ) [with (...)] */
static struct kql_node *restrict_statement(struct kql_parser *p)
{
    struct kql_restrict *n = kql_new(p, KQL_RESTRICT, p->t);
    struct kql_list with = { NULL, 0 };
    p->t += 2;
    if (kql_need_word(p, "to") && kql_need(p, P_LPAREN)) {
        kql_comma_list(p, &n->items, kql_parse_entity, KQL_SOME, "a table");
        kql_need_close(p, P_RPAREN);
        if (kql_take_word(p, "with"))
            kql_properties(p, &with, NULL);
    }
    return kql_done(p, n);
}

/* First word, the word that must follow for it to be a statement (NULL: any name; "": nothing). */
static const struct {
    const char *word, *next;
    struct kql_node *(*parse)(struct kql_parser *p);
    bool inside; /* may stand in a lambda */
} statements[] = {
    { "let", NULL, let_statement, true },
    { "set", "", set_statement, false },
    { "alias", "database", alias_statement, false },
    { "declare", "pattern", pattern_statement, false },
    { "declare", "query_parameters", parameters_statement, true },
    { "restrict", "access", restrict_statement, false },
};

/* NULL: no statement and no query begins here. */
static struct kql_node *statement(struct kql_parser *p, bool inside)
{
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (!kql_at_word(p, statements[i].word) || (inside && !statements[i].inside))
            continue;
        const char *next = statements[i].next;
        bool fits = !next ? kql_scan_name(p, 1) > 0 || kql_peek(p, 1)->kind == TK_WORD
                          : !*next || kql_is_word(p, kql_peek(p, 1), next);
        if (fits)
            return statements[i].parse(p);
    }
    const struct kql_token *start = p->t;
    struct kql_node *expr = kql_parse_query(p);
    if (!expr)
        return NULL;
    struct kql_expr_statement *n = kql_new(p, KQL_EXPR_STATEMENT, start);
    n->expr = expr;
    return kql_done(p, n);
}

static bool at_end(const struct kql_parser *p)
{
    return p->t->kind == TK_END || kql_at(p, P_RPAREN);
}

/* What follows a statement and is no ;: says the likeliest, and skips to where another one may begin. */
static void left_over(struct kql_parser *p, const struct kql_node *last)
{
    struct str first = kql_text(p, p->first);
    if (kql_at_word(p, "let"))
        kql_error(p, "put ';' in front of it", "expected ';' before 'let'");
    else if (str_eq_nocase(first, STR("select")))
        kql_error(p, "a query begins with its table: T | where ... | project ...", "this is SQL, not KQL");
    else if (last && last->kind == KQL_LET && p->t->kind == TK_WORD && !kql_op_at(p) &&
             !kql_slip_word(kql_text(p, p->t)))
        kql_error(p, "put ';' behind the let", "expected ';' before '%.*s'", STR_ARG(kql_text(p, p->t)));
    else
        kql_expected(p, "'|', ';' or the end of the query");
    do {
        kql_skip(p);
        if (p->t->kind != TK_END && !kql_at(p, P_SEMI))
            p->t++;
        else
            break;
    } while (true);
}

/* | op | op: a query whose table was forgotten; its operators are read all the same. */
static struct kql_node *headless(struct kql_parser *p)
{
    bool cut = p->t > p->first && p->t[-1].kind == TK_PUNCT && p->t[-1].punct == P_SEMI;
    kql_error(p, cut ? "the ';' in front of it ends the query: take it out" : "name a table in front of it",
              "a query cannot begin with '|'");
    struct kql_expr_statement *n = kql_new(p, KQL_EXPR_STATEMENT, p->t);
    struct kql_pipe *pipe = kql_new(p, KQL_PIPE, p->t);
    pipe->source = kql_error_node(p);
    pipe_ops(p, pipe);
    n->expr = kql_done(p, pipe);
    return kql_done(p, n);
}

/* .show tables: nothing in it is KQL, so nothing more is said. */
static void command(struct kql_parser *p)
{
    kql_error(p, NULL, "this is a management command, not a query");
    p->t = p->told = p->end;
}

/* SYNTAX: statement { ; statement } [;] */
void kql_statements(struct kql_parser *p, struct kql_list *out)
{
    while (!at_end(p)) {
        struct kql_node *n = statement(p, false);
        if (!n && kql_at(p, P_BAR)) {
            kql_push(p, out, headless(p));
        } else if (!n) {
            if (kql_at(p, P_DOT) && p->t == p->first)
                command(p);
            else
                kql_expected(p, "a table, an expression or 'let'");
            p->t += p->t < p->end;
        } else {
            kql_push(p, out, n);
        }
        if (!at_end(p) && !kql_at(p, P_SEMI))
            left_over(p, n);
        if (!kql_take(p, P_SEMI))
            break;
    }
}

/* -- entry points -- */

/*
 * Sets TF_QUERY, once for all brackets, so that `in (` need not look ahead again at every level. A bracket is decided by
 * the first comma, pipe or partner of its own level.
 */
static void mark_queries(struct arena *a, struct kql_tokens tokens)
{
    struct kql_token **open = ARENA_ARRAY(a, tokens.n, struct kql_token *);
    size_t depth = 0;
    for (size_t i = 0; i < tokens.n; i++) {
        struct kql_token *t = &tokens.items[i];
        if (t->kind != TK_PUNCT)
            continue;
        if (t->punct == P_LPAREN)
            open[depth++] = t;
        else if (t->punct == P_RPAREN)
            depth -= depth > 0;
        else if (t->punct == P_SEMI)
            depth = 0;
        else if (depth && t->punct == P_COMMA)
            open[depth - 1] = NULL;
        else if (depth && t->punct == P_BAR && open[depth - 1])
            open[depth - 1]->flags |= TF_QUERY;
    }
}

/* What the lexer could only mark: strings without an end, bad escapes, characters that are none of KQL's. */
static void report_token(struct kql_parser *p, const struct kql_token *t)
{
    struct str text = kql_text(p, t);
    struct span at = { t->offset, t->len };
    const char *message = NULL, *hint = NULL;
    if (t->kind == TK_BAD) {
        message = arena_printf(p->a, "unexpected character '%.*s'", STR_ARG(text));
        hint = text.p[0] == '`'                    ? "a name is written ['name']"
               : str_starts(text, STR("\xe2\x80")) ? "strings stand in plain quotes: '...' or \"...\""
                                                   : kql_slip_word(text);
    } else if (t->flags & TF_ESCAPE) {
        struct str rest = str_sub(p->src->text, t->where, t->where + 2);
        at = (struct span){ t->where, rest.n };
        message = arena_printf(p->a, "'%.*s' is no escape in a string", STR_ARG(rest));
        hint = "write \\\\ for a backslash, or @\"...\" for a string without escapes";
    } else if (t->flags & TF_UNCLOSED) {
        message = t->kind == TK_STRING ? "this string does not end" : "')' is missing on this line";
        hint = t->kind == TK_STRING ? "a string over several lines is written ```...```" : NULL;
    }
    if (!message)
        return;
    p->failed = true;
    diag_add(p->diags, DIAG_ERROR, p->src, at, hint, "%s", message);
}

/* The second character of &&: said with the first one. */
static bool is_twice(const struct kql_parser *p, const struct kql_token *t)
{
    return t->kind == TK_BAD && t > p->first && t[-1].kind == TK_BAD &&
           t[-1].offset + t[-1].len == t->offset && str_eq(kql_text(p, t), kql_text(p, t - 1));
}

static struct kql_ast *begin(struct kql_parser *p, struct arena *a, const struct source *src,
                             struct diags *diags)
{
    struct kql_ast *ast = ARENA_NEW(a, struct kql_ast);
    ast->source = src;
    *p = (struct kql_parser){ .a = a, .src = src, .diags = diags };
    if (src->text.n > KQL_SOURCE_MAX) {
        diag_add(diags, DIAG_ERROR, src, (struct span){ 0, 0 }, NULL, "a query may have at most %d bytes",
                 KQL_SOURCE_MAX);
        return ast;
    }
    struct kql_tokens tokens = kql_lex(a, src->text);
    mark_queries(a, tokens);
    p->t = p->first = tokens.items;
    p->end = tokens.items + tokens.n - 1;
    for (size_t i = 0; i < tokens.n; i++)
        if (is_twice(p, &tokens.items[i]))
            continue;
        else if (tokens.items[i].kind == TK_BAD || (tokens.items[i].flags & (TF_ESCAPE | TF_UNCLOSED)))
            report_token(p, &tokens.items[i]);
    return ast;
}

struct kql_ast *kql_parse(struct arena *a, const struct source *src, struct diags *diags)
{
    struct kql_parser p;
    struct kql_ast *ast = begin(&p, a, src, diags);
    if (!p.t)
        return ast;
    while (p.t->kind == TK_DIRECTIVE)
        p.t++;
    kql_statements(&p, &ast->statements);
    while (p.t->kind != TK_END) { /* a closing bracket too many, or a second ; */
        bool close = kql_at(&p, P_RPAREN) || kql_at(&p, P_RBRACKET) || kql_at(&p, P_RBRACE);
        kql_error(&p, close ? "no bracket in front of it is open" : NULL, "unexpected '%.*s'",
                  STR_ARG(kql_text(&p, p.t)));
        p.t++;
        kql_statements(&p, &ast->statements);
    }
    ast->ok = !p.failed;
    return ast;
}

struct kql_ast *kql_parse_expr(struct arena *a, const struct source *src, struct diags *diags)
{
    struct kql_parser p;
    struct kql_ast *ast = begin(&p, a, src, diags);
    if (!p.t)
        return ast;
    ast->lone_expr = true;
    struct kql_expr_statement *n = kql_new(&p, KQL_EXPR_STATEMENT, p.t);
    n->expr = kql_need_unnamed(&p);
    kql_push(&p, &ast->statements, kql_done(&p, n));
    if (p.t->kind != TK_END)
        kql_error(&p, NULL, "unexpected '%.*s' after the expression", STR_ARG(kql_text(&p, p.t)));
    ast->ok = !p.failed;
    return ast;
}

bool kql_ast_ok(const struct kql_ast *ast)
{
    return ast->ok;
}
