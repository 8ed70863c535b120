/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and expressions.
 *
 * Precedence is a table (binops[]): to add an operator, a row there and, when it is a word with an unusual
 * form, one in the lexer. A chain of operators of one level is a loop, so its length costs no stack; brackets
 * cost some, and KQL_DEPTH_MAX bounds them. Productions stand above the functions.
 */
#include "parse.h"

#include <assert.h>
#include <string.h>

#include "hb/ticks.h"

/* -- names -- */

/* A run of string literals at k; their number. */
static size_t scan_strings(const struct kql_parser *p, size_t k)
{
    size_t n = 0;
    while (kql_peek(p, k + n)->kind == TK_STRING)
        n++;
    return n;
}

static bool is_punct(const struct kql_token *t, enum kql_punct punct)
{
    return t->kind == TK_PUNCT && t->punct == punct;
}

/* {name} or {name[0]}: what a client puts a value for. Blanks are not allowed inside. */
static int scan_braced(const struct kql_parser *p, size_t k)
{
    if (kql_peek(p, k + 1)->kind != TK_WORD || (kql_peek(p, k + 1)->flags & TF_SPACE))
        return -1;
    size_t n = 2;
    if (is_punct(kql_peek(p, k + n), P_LBRACKET)) {
        n++;
        if (is_punct(kql_peek(p, k + n), P_MINUS))
            n++;
        if (kql_peek(p, k + n)->kind != TK_LONG || !is_punct(kql_peek(p, k + n + 1), P_RBRACKET))
            return -1;
        n += 2;
    }
    const struct kql_token *close = kql_peek(p, k + n);
    return is_punct(close, P_RBRACE) && !(close->flags & TF_SPACE) ? (int)n + 1 : -1;
}

static int scan_with(const struct kql_parser *p, size_t k, bool declared)
{
    const struct kql_token *t = kql_peek(p, k);
    if (t->kind == TK_WORD)
        return !(t->flags & TF_KEYWORD) || (declared && (t->flags & TF_EXTENDED)) ? 1 : -1;
    if (t->kind == TK_TYPED && (t->type == HB_BOOL || t->type == HB_GUID))
        return -1;
    if (is_punct(t, P_LBRACKET)) {
        size_t n = scan_strings(p, k + 1);
        return n && is_punct(kql_peek(p, k + 1 + n), P_RBRACKET) ? (int)n + 2 : -1;
    }
    return is_punct(t, P_LBRACE) ? scan_braced(p, k) : -1;
}

int kql_scan_name(const struct kql_parser *p, size_t k)
{
    return scan_with(p, k, false);
}

int kql_scan_declared(const struct kql_parser *p, size_t k)
{
    return scan_with(p, k, true);
}

/* Neighbouring words, numbers and stars, without a blank, with a star among the first two. */
int kql_scan_wildcard(const struct kql_parser *p, size_t k)
{
    size_t n = 0;
    const struct kql_token *t = kql_peek(p, k);
    if (is_punct(t, P_STAR)) {
        n = 1;
    } else {
        const struct kql_token *star = kql_peek(p, k + 1);
        if (kql_scan_declared(p, k) != 1 || t->kind != TK_WORD || !is_punct(star, P_STAR) ||
            (star->flags & TF_SPACE))
            return -1;
        n = 2;
    }
    for (;; n++) {
        t = kql_peek(p, k + n);
        bool part = t->kind == TK_LONG || is_punct(t, P_STAR) ||
                    (t->kind == TK_WORD && (!(t->flags & TF_KEYWORD) || (t->flags & TF_EXTENDED)));
        if (!part || (t->flags & TF_SPACE))
            return (int)n;
    }
}

static struct kql_node *finish_string(struct kql_parser *p, struct kql_literal *lit);

static struct kql_name *name_of(struct kql_parser *p, int n)
{
    const struct kql_token *start = p->t;
    struct kql_name *name = kql_new(p, KQL_NAME, start);
    if (n > 2 && is_punct(start, P_LBRACKET)) {
        p->t++;
        struct kql_literal *lit = kql_new(p, KQL_LITERAL, p->t);
        finish_string(p, lit);
        name->name = lit->text;
        name->quoted = true;
        p->t++;
    } else {
        p->t += n;
        struct span s = kql_span(p, start);
        name->name = (struct str){ p->src->text.p + s.offset, s.len };
    }
    return kql_done(p, name);
}

struct kql_name *kql_parse_name(struct kql_parser *p)
{
    int n = kql_scan_name(p, 0);
    return n > 0 ? name_of(p, n) : NULL;
}

struct kql_name *kql_parse_declared(struct kql_parser *p)
{
    int n = kql_scan_declared(p, 0);
    return n > 0 ? name_of(p, n) : NULL;
}

struct kql_name *kql_word_name(struct kql_parser *p)
{
    return p->t->kind == TK_WORD ? name_of(p, 1) : kql_parse_name(p);
}

struct kql_name *kql_need_name(struct kql_parser *p, const char *what)
{
    struct kql_name *name = kql_parse_name(p);
    if (name)
        return name;
    if (p->t->kind == TK_WORD && (p->t->flags & TF_KEYWORD))
        kql_error(p, arena_printf(p->a, "write ['%.*s']", STR_ARG(kql_text(p, p->t))),
                  "expected %s; '%.*s' is a keyword", what, STR_ARG(kql_text(p, p->t)));
    else
        kql_expected(p, what);
    name = kql_new(p, KQL_NAME, p->t);
    name->node.span.len = 0;
    return name;
}

struct kql_node *kql_parse_wildcard(struct kql_parser *p)
{
    int n = kql_scan_wildcard(p, 0);
    if (n < 0)
        return NULL;
    struct kql_name *name = name_of(p, n);
    name->wildcard = true;
    return &name->node;
}

struct kql_node *kql_parse_star(struct kql_parser *p)
{
    if (!kql_at(p, P_STAR))
        return NULL;
    struct kql_node *n = kql_new(p, KQL_STAR, p->t++);
    return kql_done(p, n);
}

/* -- literals -- */

/* Joins the strings at the next tokens into one literal. */
static struct kql_node *finish_string(struct kql_parser *p, struct kql_literal *lit)
{
    lit->type = HB_STRING;
    size_t parts = scan_strings(p, 0), total = 0;
    struct str *values = ARENA_ARRAY(p->a, parts, struct str);
    for (size_t i = 0; i < parts; i++, p->t++) {
        struct str token = kql_text(p, p->t);
        lit->flags |= kql_string_flags(token);
        values[i] = kql_string_value(p->a, token);
        total += values[i].n;
    }
    if (parts == 1) {
        lit->text = values[0];
        return kql_done(p, lit);
    }
    lit->flags |= KQL_LIT_JOINED;
    char *all = arena_alloc(p->a, total + 1);
    lit->text = (struct str){ all, total };
    for (size_t i = 0; i < parts; i++) {
        if (values[i].n)
            memcpy(all, values[i].p, values[i].n);
        all += values[i].n;
    }
    return kql_done(p, lit);
}

struct kql_node *kql_parse_string(struct kql_parser *p)
{
    return p->t->kind == TK_STRING ? finish_string(p, kql_new(p, KQL_LITERAL, p->t)) : NULL;
}

static struct kql_node *token_literal(struct kql_parser *p)
{
    struct kql_literal *lit = kql_new(p, KQL_LITERAL, p->t);
    if (p->t->kind == TK_RAWGUID)
        kql_error(p, "write guid(...) or a string", "a guid cannot stand by itself");
    kql_literal_value(p->a, lit, p->src->text, p->t);
    p->t++;
    return kql_done(p, lit);
}

/* A sign that touches a number: one literal, where only literals can stand. */
static struct kql_node *signed_literal(struct kql_parser *p)
{
    const struct kql_token *number = kql_peek(p, 1);
    bool numeric = number->kind == TK_LONG || number->kind == TK_REAL || number->kind == TK_TIMESPAN;
    if (!numeric || (number->flags & TF_SPACE))
        return NULL;
    struct kql_literal *lit = kql_new(p, KQL_LITERAL, p->t);
    struct kql_token both = *number;
    both.offset = p->t->offset;
    both.len = number->offset + number->len - both.offset;
    if (both.kind == TK_TIMESPAN && kql_at(p, P_PLUS)) {
        both.offset++;
        both.len--;
    }
    kql_literal_value(p->a, lit, p->src->text, &both);
    p->t += 2;
    return kql_done(p, lit);
}

struct kql_node *kql_parse_literal(struct kql_parser *p)
{
    switch (p->t->kind) {
    case TK_STRING: return kql_parse_string(p);
    case TK_LONG:
    case TK_REAL:
    case TK_TIMESPAN:
    case TK_BOOL:
    case TK_TYPED:
    case TK_RAWGUID: return token_literal(p);
    case TK_WORD:
        if (kql_at_word(p, "dynamic"))
            return kql_parse_dynamic(p);
        return kql_at_word(p, "typeof") ? kql_parse_typeof(p) : NULL;
    case TK_PUNCT:
        if (kql_at(p, P_PLUS) || kql_at(p, P_MINUS))
            return signed_literal(p);
        return kql_at(p, P_LBRACE) ? (struct kql_node *)kql_parse_name(p) : NULL;
    default: return NULL;
    }
}

/* SYNTAX: typeof(type) | typeof(name:type | *, ...) */
struct kql_node *kql_parse_typeof(struct kql_parser *p)
{
    if (!kql_at_word(p, "typeof") || !is_punct(kql_peek(p, 1), P_LPAREN))
        return NULL;
    struct kql_typeof *n = kql_new(p, KQL_TYPEOF, p->t);
    p->t += 2;
    if (p->t->kind == TK_WORD && is_punct(kql_peek(p, 1), P_RPAREN)) {
        struct kql_coldecl *d = kql_new(p, KQL_COLDECL, p->t);
        d->type_text = kql_text(p, p->t);
        d->type = hb_type_parse(d->type_text);
        p->t++;
        d->type_span = kql_span(p, p->t - 1);
        kql_push(p, &n->types, kql_done(p, d));
    } else {
        while (!kql_at(p, P_RPAREN)) {
            struct kql_node *e = kql_parse_star(p);
            if (!e && !(e = kql_parse_coldecl(p))) {
                kql_expected(p, "a type");
                break;
            }
            kql_push(p, &n->types, e);
            if (!kql_take(p, P_COMMA))
                break;
        }
    }
    kql_need_close(p, P_RPAREN);
    return kql_done(p, n);
}

/* -- primary expressions -- */

bool kql_scan_call(const struct kql_parser *p, size_t k)
{
    int n = kql_scan_name(p, k);
    return n > 0 && is_punct(kql_peek(p, k + (size_t)n), P_LPAREN);
}

/* SYNTAX: * | name = e | e */
static struct kql_node *argument(struct kql_parser *p)
{
    const struct kql_token *next = kql_peek(p, 1);
    if (kql_at(p, P_STAR) && (is_punct(next, P_RPAREN) || is_punct(next, P_COMMA)))
        return kql_parse_star(p);
    return kql_parse_named(p);
}

/* SYNTAX: name(argument, ...) */
struct kql_node *kql_parse_call(struct kql_parser *p)
{
    if (!kql_scan_call(p, 0))
        return NULL;
    struct kql_call *n = kql_new(p, KQL_CALL, p->t);
    n->name = kql_parse_name(p);
    p->t++;
    kql_comma_list(p, &n->args, argument, 0, "an argument");
    kql_need_close(p, P_RPAREN);
    return kql_done(p, n);
}

/* SYNTAX: toscalar [kind=word] (query) | totable ... | materialize(query), the last in let only */
static struct kql_node *query_call(struct kql_parser *p)
{
    struct kql_call *n = kql_new(p, KQL_CALL, p->t);
    n->name = kql_word_name(p);
    kql_params(p, &n->params, NULL);
    if (kql_need(p, P_LPAREN)) {
        kql_push(p, &n->args, kql_need_query(p));
        kql_need_close(p, P_RPAREN);
    }
    return kql_done(p, n);
}

/* SYNTAX: ( query ) */
struct kql_node *kql_parse_paren(struct kql_parser *p)
{
    if (!kql_at(p, P_LPAREN))
        return NULL;
    struct kql_paren *n = kql_new(p, KQL_PAREN, p->t);
    p->t++;
    n->inner = kql_need_query(p);
    kql_need_close(p, P_RPAREN);
    return kql_done(p, n);
}

static struct kql_node *data_expression(struct kql_parser *p)
{
    const struct kql_syntax_row *row = kql_op_at(p);
    return kql_parse_op(p, row);
}

/* [name*] */
static struct kql_node *bracketed_wildcard(struct kql_parser *p)
{
    if (!kql_at(p, P_LBRACKET) || kql_scan_wildcard(p, 1) < 0)
        return NULL;
    const struct kql_token *start = p->t++;
    struct kql_node *n = kql_parse_wildcard(p);
    kql_need_close(p, P_RBRACKET);
    n->span = kql_span(p, start);
    return n;
}

/* A part of a path that is no call: name, ['name'], kind, [T*]. NULL: none. */
static struct kql_node *selector(struct kql_parser *p)
{
    struct kql_node *n = bracketed_wildcard(p);
    if (n)
        return n;
    if (kql_at_word(p, "kind") || kql_at_word(p, "withsource") || kql_at_word(p, "with_source"))
        return (struct kql_node *)kql_word_name(p);
    if (kql_at(p, P_AT)) {
        struct kql_name *name = name_of(p, 1);
        return &name->node;
    }
    return (struct kql_node *)kql_parse_name(p);
}

/* T datascope=hotcache: the scope is read over, all data is one to us. */
static void skip_datascope(struct kql_parser *p)
{
    if (!kql_at_word(p, "datascope"))
        return;
    p->t++;
    kql_need(p, P_ASSIGN);
    if (!kql_word_name(p))
        kql_expected(p, "hotcache or all");
}

static bool is_word_kind(const struct kql_parser *p, const char *const *words)
{
    for (; *words; words++)
        if (kql_at_word(p, *words))
            return true;
    return false;
}

/* A keyword where a name was meant: said, with how to write it. */
static struct kql_name *say_keyword(struct kql_parser *p)
{
    struct str w = kql_text(p, p->t);
    kql_error(p, arena_printf(p->a, "write ['%.*s']", STR_ARG(w)), "'%.*s' is a keyword, not a name",
              STR_ARG(w));
    return kql_word_name(p);
}

static bool is_keyword(const struct kql_token *t)
{
    return t->kind == TK_WORD && (t->flags & TF_KEYWORD);
}

/* By what stands behind it. */
static bool is_meant_as_name(const struct kql_parser *p)
{
    static const unsigned char behind[] = { P_EQ,      P_NE,       P_LT,   P_LE,    P_GT,
                                            P_GE,      P_LTGT,     P_STAR, P_SLASH, P_PERCENT,
                                            P_EQTILDE, P_NETILDE,  P_DOT,  P_COMMA, P_COLON,
                                            P_RPAREN,  P_RBRACKET, P_BAR,  P_SEMI,  P_RBRACE };
    const struct kql_token *next = kql_peek(p, 1);
    bool name = next->kind == TK_END;
    for (size_t i = 0; i < sizeof behind; i++)
        name = name || is_punct(next, (enum kql_punct)behind[i]);
    return is_keyword(p->t) && name;
}

/* SYNTAX: object[e] */
static struct kql_node *element(struct kql_parser *p, struct kql_node *object)
{
    struct kql_index *n = kql_node_new(p->a, KQL_INDEX, object->span);
    n->object = object;
    p->t++;
    n->index = kql_need_unnamed(p);
    kql_need_close(p, P_RBRACKET);
    return kql_done(p, n);
}

/*
 * SYNTAX: literal | datatable ... | externaldata ... | (query) | toscalar(query) | typeof(type) | call | name
 * | [name]
 */
static struct kql_node *primary(struct kql_parser *p)
{
    static const char *const data[] = { "datatable", "externaldata", "external_data", "inline_external_table",
                                        NULL };
    static const char *const calls[] = { "toscalar", "totable", NULL };
    if (kql_at(p, P_LPAREN))
        return kql_parse_paren(p);
    if (kql_at(p, P_PLUS) || kql_at(p, P_MINUS))
        return NULL;
    if (is_keyword(p->t) && !is_meant_as_name(p)) {
        if (is_word_kind(p, data))
            return data_expression(p);
        if (is_word_kind(p, calls))
            return query_call(p);
        if (kql_at_word(p, "materialize") && is_punct(kql_peek(p, 1), P_LPAREN)) {
            kql_error(p, "write let x = materialize(...); and use x",
                      "materialize can only be the value of a let");
            return query_call(p);
        }
    }
    struct kql_node *n;
    if (kql_scan_call(p, 0) && !(kql_at_word(p, "typeof")))
        return kql_parse_call(p);
    if (!kql_at(p, P_LBRACE) && (n = kql_parse_literal(p)) != NULL)
        return n;
    n = selector(p);
    if (!n && kql_at(p, P_LBRACKET)) { /* [e] of nothing: syntax, though no name can be found for it */
        struct kql_name *nothing = kql_new(p, KQL_NAME, p->t);
        nothing->node.span.len = 0;
        return element(p, &nothing->node);
    }
    if (n)
        skip_datascope(p);
    return n || !is_meant_as_name(p) ? n : (struct kql_node *)say_keyword(p);
}

static struct kql_node *path(struct kql_parser *p, struct kql_node *object, struct kql_node *member)
{
    if (!member) {
        struct kql_name *name = kql_need_name(p, "a name after '.'");
        member = &name->node;
    }
    struct kql_path *n = kql_node_new(p->a, KQL_PATH, object->span);
    n->object = object;
    n->member = member;
    return kql_done(p, n);
}

/* a.['b'] and a.[e] are the same as a['b'] and a[e]. */
static struct kql_node *member_of(struct kql_parser *p, struct kql_node *object)
{
    if (kql_scan_call(p, 0))
        return path(p, object, kql_parse_call(p));
    if (kql_at(p, P_LBRACKET) && kql_scan_name(p, 0) < 0 && kql_scan_wildcard(p, 1) < 0)
        return element(p, object);
    return path(p, object, selector(p));
}

/* SYNTAX: primary { .member | .call(...) | [e] } */
struct kql_node *kql_parse_postfix(struct kql_parser *p)
{
    struct kql_node *n = primary(p);
    while (n) {
        if (kql_take(p, P_DOT))
            n = member_of(p, n);
        else if (kql_at(p, P_LBRACKET))
            n = element(p, n);
        else
            break;
    }
    return n;
}

struct kql_node *kql_parse_simple_path(struct kql_parser *p)
{
    struct kql_node *n = selector(p);
    while (n) {
        if (kql_take(p, P_DOT))
            n = path(p, n, selector(p));
        else if (kql_at(p, P_LBRACKET))
            n = element(p, n);
        else
            break;
    }
    return n;
}

/* SYNTAX: wildcard | (name | call) { .name | .call | .wildcard | [e] } */
struct kql_node *kql_parse_entity(struct kql_parser *p)
{
    if (kql_at(p, P_STAR) && kql_scan_wildcard(p, 0) == 1)
        return kql_parse_star(p);
    struct kql_node *n = kql_parse_wildcard(p);
    if (n)
        return n;
    n = kql_scan_call(p, 0) ? kql_parse_call(p) : selector(p);
    while (n) {
        if (kql_take(p, P_DOT)) {
            if (kql_scan_wildcard(p, 0) > 0)
                return path(p, n, kql_parse_wildcard(p));
            n = member_of(p, n);
        } else if (kql_at(p, P_LBRACKET)) {
            n = element(p, n);
        } else {
            break;
        }
    }
    return n;
}

/* -- operators between expressions -- */

enum form { FORM_BINARY, FORM_LIST, FORM_BETWEEN, FORM_NOT_BETWEEN };

struct binop {
    const char *text;
    enum kql_op_code op;
    unsigned char level; /* binds tighter the higher */
    bool chain;          /* a + b + c; otherwise a == b == c is an error */
    enum form form;
};

enum {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_EQUAL,
    LEVEL_RELATION,
    LEVEL_ADD,
    LEVEL_MUL,
    LEVEL_STRING,
    LEVEL_UNARY
};

#define STRING_OP(text, op)                                                                                  \
    {                                                                                                        \
        text, op, LEVEL_STRING, false, FORM_BINARY                                                           \
    }

/* Punctuation first; words sorted. `has` binds tighter than `*`: that is KQL. */
static const struct binop binops[] = {
    { "==", KQL_EQ, LEVEL_EQUAL, false, FORM_BINARY },
    { "!=", KQL_NE, LEVEL_EQUAL, false, FORM_BINARY },
    { "<>", KQL_NE, LEVEL_EQUAL, false, FORM_BINARY },
    { "<", KQL_LT, LEVEL_RELATION, false, FORM_BINARY },
    { "<=", KQL_LE, LEVEL_RELATION, false, FORM_BINARY },
    { ">", KQL_GT, LEVEL_RELATION, false, FORM_BINARY },
    { ">=", KQL_GE, LEVEL_RELATION, false, FORM_BINARY },
    { "+", KQL_ADD, LEVEL_ADD, true, FORM_BINARY },
    { "-", KQL_SUB, LEVEL_ADD, true, FORM_BINARY },
    { "*", KQL_MUL, LEVEL_MUL, true, FORM_BINARY },
    { "/", KQL_DIV, LEVEL_MUL, true, FORM_BINARY },
    { "%", KQL_MOD, LEVEL_MUL, true, FORM_BINARY },
    STRING_OP("=~", KQL_EQ_CI),
    STRING_OP("!~", KQL_NE_CI),
    STRING_OP(":", KQL_COLON),
    { "or", KQL_OR, LEVEL_OR, true, FORM_BINARY },
    { "and", KQL_AND, LEVEL_AND, true, FORM_BINARY },
    { "in", KQL_OP_IN, LEVEL_EQUAL, false, FORM_LIST },
    { "in~", KQL_OP_IN_CI, LEVEL_EQUAL, false, FORM_LIST },
    { "!in", KQL_OP_NOT_IN, LEVEL_EQUAL, false, FORM_LIST },
    { "!in~", KQL_OP_NOT_IN_CI, LEVEL_EQUAL, false, FORM_LIST },
    { "has_any", KQL_OP_HAS_ANY, LEVEL_EQUAL, false, FORM_LIST },
    { "has_all", KQL_OP_HAS_ALL, LEVEL_EQUAL, false, FORM_LIST },
    { "between", KQL_OP_IN, LEVEL_EQUAL, false, FORM_BETWEEN },
    { "!between", KQL_OP_NOT_IN, LEVEL_EQUAL, false, FORM_NOT_BETWEEN },
    STRING_OP("has", KQL_HAS),
    STRING_OP("!has", KQL_NOT_HAS),
    STRING_OP("has_cs", KQL_HAS_CS),
    STRING_OP("!has_cs", KQL_NOT_HAS_CS),
    STRING_OP("hasprefix", KQL_HASPREFIX),
    STRING_OP("!hasprefix", KQL_NOT_HASPREFIX),
    STRING_OP("hasprefix_cs", KQL_HASPREFIX_CS),
    STRING_OP("!hasprefix_cs", KQL_NOT_HASPREFIX_CS),
    STRING_OP("hassuffix", KQL_HASSUFFIX),
    STRING_OP("!hassuffix", KQL_NOT_HASSUFFIX),
    STRING_OP("hassuffix_cs", KQL_HASSUFFIX_CS),
    STRING_OP("!hassuffix_cs", KQL_NOT_HASSUFFIX_CS),
    STRING_OP("contains", KQL_CONTAINS),
    STRING_OP("notcontains", KQL_NOT_CONTAINS),
    STRING_OP("!contains", KQL_NOT_CONTAINS),
    STRING_OP("containscs", KQL_CONTAINS_CS),
    STRING_OP("contains_cs", KQL_CONTAINS_CS),
    STRING_OP("notcontainscs", KQL_NOT_CONTAINS_CS),
    STRING_OP("!contains_cs", KQL_NOT_CONTAINS_CS),
    STRING_OP("startswith", KQL_STARTSWITH),
    STRING_OP("!startswith", KQL_NOT_STARTSWITH),
    STRING_OP("startswith_cs", KQL_STARTSWITH_CS),
    STRING_OP("!startswith_cs", KQL_NOT_STARTSWITH_CS),
    STRING_OP("endswith", KQL_ENDSWITH),
    STRING_OP("!endswith", KQL_NOT_ENDSWITH),
    STRING_OP("endswith_cs", KQL_ENDSWITH_CS),
    STRING_OP("!endswith_cs", KQL_NOT_ENDSWITH_CS),
    STRING_OP("matches regex", KQL_MATCHES_REGEX),
    STRING_OP("like", KQL_LIKE),
    STRING_OP("notlike", KQL_NOT_LIKE),
    STRING_OP("likecs", KQL_LIKE_CS),
    STRING_OP("notlikecs", KQL_NOT_LIKE_CS),
};

struct str kql_nearest_op(struct str word)
{
    enum { N = sizeof binops / sizeof *binops };
    struct str words[N];
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        if (binops[i].text[0] >= 'a' && binops[i].text[0] <= 'z' && binops[i].op < KQL_LIKE)
            words[n++] = str_z(binops[i].text);
    return str_nearest(word, words, n);
}

static const struct binop *binop_at(const struct kql_parser *p, const struct kql_token *t)
{
    if (t->kind != TK_PUNCT && !(t->kind == TK_WORD && (t->flags & TF_KEYWORD)))
        return NULL;
    struct str text = kql_text(p, t);
    for (size_t i = 0; i < sizeof binops / sizeof *binops; i++)
        if (binops[i].text[0] == text.p[0] && str_eqz(text, binops[i].text))
            return &binops[i];
    return NULL;
}

/* SYNTAX: ( e, ... ) | ( query ) */
static struct kql_node *in_list(struct kql_parser *p, struct kql_node *left, const struct binop *row)
{
    struct kql_in *n = kql_node_new(p->a, KQL_IN, left->span);
    n->op = row->op;
    n->left = left;
    n->op_span = kql_span(p, p->t);
    n->op_span.len = p->t->len;
    p->t++;
    if (!kql_at(p, P_LPAREN)) {
        kql_error(p, "write (...) around the values", "expected '(' after '%s'", row->text);
        bool array = kql_take(p, P_LBRACKET);
        do { /* 'a', 'b': as long as literals follow */
            struct kql_node *value = kql_parse_postfix(p);
            if (value)
                kql_push(p, &n->items, value);
        } while (kql_peek(p, 1)->kind >= TK_STRING && kql_peek(p, 1)->kind <= TK_RAWGUID &&
                 kql_take(p, P_COMMA));
        if (array)
            kql_take(p, P_RBRACKET);
        return kql_done(p, n);
    }
    bool query = p->t->flags & TF_QUERY;
    if (!n->items.n && kql_take(p, P_LPAREN)) {
        if (query || kql_op_starts_query(p))
            kql_push(p, &n->items, kql_need_query(p));
        else
            kql_comma_list(p, &n->items, kql_parse_unnamed, KQL_SOME, "a value");
        kql_need_close(p, P_RPAREN);
    }
    return kql_done(p, n);
}

/* SYNTAX: between ( e .. e ) */
static struct kql_node *between(struct kql_parser *p, struct kql_node *operand, bool negated)
{
    struct kql_between *n = kql_node_new(p->a, KQL_BETWEEN, operand->span);
    n->operand = operand;
    n->negated = negated;
    p->t++;
    bool open = kql_need(p, P_LPAREN);
    n->low = open ? kql_need_unnamed(p) : kql_error_node(p);
    if (open && !kql_take(p, P_DOTDOT)) {
        kql_error(p, "write between (a .. b)", "expected '..' between two values");
        p->t += kql_at(p, P_COMMA);
    }
    n->high = open ? kql_need_unnamed(p) : kql_error_node(p);
    if (open)
        kql_need_close(p, P_RPAREN);
    return kql_done(p, n);
}

/* SYNTAX: [-|+] postfix */
static struct kql_node *unary(struct kql_parser *p)
{
    bool minus = kql_at(p, P_MINUS);
    if (!minus && !kql_at(p, P_PLUS))
        return kql_parse_postfix(p);
    struct kql_unary *n = kql_new(p, KQL_UNARY, p->t);
    n->op = minus ? KQL_MINUS : KQL_PLUS;
    p->t++;
    n->operand = kql_parse_postfix(p);
    if (!n->operand) {
        kql_expected(p, "an expression");
        n->operand = kql_error_node(p);
    }
    return kql_done(p, n);
}

static struct kql_node *climb(struct kql_parser *p, unsigned min);

static struct kql_node *right_side(struct kql_parser *p, const struct binop *row)
{
    struct kql_node *n = climb(p, row->level + 1u);
    if (n)
        return n;
    bool comment = row->op == KQL_DIV && kql_at(p, P_STAR) && !(p->t->flags & TF_SPACE);
    kql_error(p,
              comment                                       ? "comments begin with //"
              : row->op == KQL_COLON && kql_at(p, P_ASSIGN) ? "write name = value"
                                                            : NULL,
              "expected an expression after '%s', not '%.*s'", row->text, STR_ARG(kql_text(p, p->t)));
    while (comment && p->t < p->end && !(kql_at(p, P_STAR) && is_punct(kql_peek(p, 1), P_SLASH)))
        p->t++;
    p->t += comment && p->t < p->end ? 2 : 0;
    return kql_error_node(p);
}

static struct kql_node *apply(struct kql_parser *p, struct kql_node *left, const struct binop *row)
{
    if (row->form == FORM_LIST)
        return in_list(p, left, row);
    if (row->form != FORM_BINARY)
        return between(p, left, row->form == FORM_NOT_BETWEEN);
    struct kql_binary *n = kql_node_new(p->a, KQL_BINARY, left->span);
    n->op = row->op;
    n->op_span = (struct span){ p->t->offset, p->t->len };
    n->left = left;
    p->t++;
    n->right = right_side(p, row);
    return kql_done(p, n);
}

/* * stands for all columns in front of a string operator and of ==. */
static struct kql_node *star_operand(struct kql_parser *p, unsigned min)
{
    if (!kql_at(p, P_STAR))
        return NULL;
    const struct binop *row = binop_at(p, kql_peek(p, 1));
    bool can = row && row->level >= min &&
               (row->level == LEVEL_STRING || (row->op == KQL_EQ && row->form == FORM_BINARY));
    return can ? kql_parse_star(p) : NULL;
}

/* Everything that binds at least as tight as `min`. NULL: no expression begins here. */
static struct kql_node *climb(struct kql_parser *p, unsigned min)
{
    struct kql_node *left = star_operand(p, min);
    if (!left)
        left = unary(p);
    unsigned max = LEVEL_UNARY;
    while (left) {
        const struct binop *row = binop_at(p, p->t);
        if (!row || row->level < min || row->level > max)
            break;
        if (row->op == KQL_OP_IN && row->form == FORM_LIST && kql_is_word(p, kql_peek(p, 1), "range"))
            break; /* make-series ... in range(...) */
        left = apply(p, left, row);
        max = row->chain ? row->level : row->level - 1u;
    }
    return left;
}

struct kql_node *kql_parse_unnamed(struct kql_parser *p)
{
    if (!kql_enter(p))
        return kql_error_node(p);
    struct kql_node *n = climb(p, LEVEL_OR);
    kql_leave(p);
    return n;
}

/* ( a, b, ) = : the number of its tokens, without the =; -1: it is no such list. */
static int scan_name_list(const struct kql_parser *p)
{
    size_t k = 1;
    for (;;) {
        int n = kql_scan_declared(p, k);
        if (n < 0)
            break;
        k += (size_t)n;
        if (!is_punct(kql_peek(p, k), P_COMMA))
            break;
        k++;
    }
    return is_punct(kql_peek(p, k), P_RPAREN) && k > 1 ? (int)k + 1 : -1;
}

static struct kql_node *declared_element(struct kql_parser *p)
{
    return (struct kql_node *)kql_parse_declared(p);
}

/* a-b = e: the name needs ['...']; says so and goes on. */
static int scan_dashed_name(const struct kql_parser *p)
{
    int n = 0;
    if (p->t->kind != TK_WORD)
        return -1;
    for (const struct kql_token *t = p->t;; t++, n++)
        if ((n && (t->flags & TF_SPACE)) || !(t->kind == TK_WORD || is_punct(t, P_MINUS)))
            return n > 1 ? n : -1;
}

/* SYNTAX: name = e | (name, ...) = e | e */
struct kql_node *kql_parse_named(struct kql_parser *p)
{
    int one = kql_scan_declared(p, 0);
    bool tuple = one < 0 && kql_at(p, P_LPAREN);
    int n = tuple ? scan_name_list(p) : one;
    bool keyword = n < 0 && is_keyword(p->t) && is_punct(kql_peek(p, 1), P_ASSIGN);
    if (!keyword && (n < 0 || !is_punct(kql_peek(p, (size_t)n), P_ASSIGN))) {
        n = scan_dashed_name(p);
        if (n < 0 || !is_punct(kql_peek(p, (size_t)n), P_ASSIGN))
            return kql_parse_unnamed(p);
        kql_error(p, "write ['a-b'] for a name that is not only letters, digits and _",
                  "this name needs brackets");
        one = n;
        tuple = false;
    }
    struct kql_named *node = kql_new(p, KQL_NAMED, p->t);
    node->tuple = tuple;
    if (tuple) {
        p->t++;
        kql_comma_list(p, &node->names, declared_element, KQL_SOME, "a name");
        kql_need_close(p, P_RPAREN);
    } else {
        kql_push(p, &node->names, keyword ? say_keyword(p) : name_of(p, one));
    }
    p->t++; /* = */
    node->value = kql_need_unnamed(p);
    return kql_done(p, node);
}

struct kql_node *kql_need_unnamed(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_unnamed(p);
    if (n)
        return n;
    kql_expected(p, "an expression");
    return kql_error_node(p);
}

struct kql_node *kql_need_named(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_named(p);
    if (n)
        return n;
    kql_expected(p, "an expression");
    return kql_error_node(p);
}
