/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser's tools: looking at tokens, reporting what was expected, nodes and lists, parameters and
 * declarations.
 *
 * Invariant: p->t never passes p->end, so looking ahead and reporting are always safe.
 */
#include <string.h>

#include "parse.h"
#include "slips.h"

/* -- tokens -- */

struct str kql_text(const struct kql_parser *p, const struct kql_token *t)
{
    return kql_token_text(p->src->text, t);
}

bool kql_is_word(const struct kql_parser *p, const struct kql_token *t, const char *word)
{
    size_t n = strlen(word);
    return t->kind == TK_WORD && t->len == n && memcmp(p->src->text.p + t->offset, word, n) == 0;
}

bool kql_at_word(const struct kql_parser *p, const char *word)
{
    return kql_is_word(p, p->t, word);
}

bool kql_at(const struct kql_parser *p, enum kql_punct punct)
{
    return p->t->kind == TK_PUNCT && p->t->punct == punct;
}

bool kql_take(struct kql_parser *p, enum kql_punct punct)
{
    if (!kql_at(p, punct))
        return false;
    p->t++;
    return true;
}

bool kql_take_word(struct kql_parser *p, const char *word)
{
    if (!kql_at_word(p, word))
        return false;
    p->t++;
    return true;
}

static const char *punct_name(enum kql_punct punct)
{
    switch (punct) {
    case P_LPAREN: return "'('";
    case P_RPAREN: return "')'";
    case P_LBRACKET: return "'['";
    case P_RBRACKET: return "']'";
    case P_LBRACE: return "'{'";
    case P_RBRACE: return "'}'";
    case P_DOTDOT: return "'..'";
    case P_ASSIGN: return "'='";
    case P_COLON: return "':'";
    case P_SEMI: return "';'";
    case P_COMMA: return "','";
    default: return "punctuation";
    }
}

bool kql_need(struct kql_parser *p, enum kql_punct punct)
{
    if (kql_take(p, punct))
        return true;
    kql_expected(p, punct_name(punct));
    return false;
}

bool kql_need_word(struct kql_parser *p, const char *word)
{
    if (kql_take_word(p, word))
        return true;
    kql_expected(p, arena_printf(p->a, "'%s'", word));
    return false;
}

static int nesting(const struct kql_token *t)
{
    if (t->kind != TK_PUNCT)
        return 0;
    switch (t->punct) {
    case P_LPAREN:
    case P_LBRACKET:
    case P_LBRACE: return 1;
    case P_RPAREN:
    case P_RBRACKET:
    case P_RBRACE: return -1;
    default: return 0;
    }
}

void kql_skip(struct kql_parser *p)
{
    int depth = 0;
    for (; p->t < p->end; p->t++) {
        int n = nesting(p->t);
        if (depth == 0 && (n < 0 || kql_at(p, P_BAR) || kql_at(p, P_SEMI)))
            return;
        depth += n;
        if (depth < 0)
            depth = 0;
    }
}

/* Names the innermost bracket that is open at the end by the words behind it; NULL: none is. */
static const char *open_bracket(struct kql_parser *p)
{
    enum { SHOWN = 4 };
    int depth = 0;
    for (const struct kql_token *t = p->t; t-- > p->first;) {
        depth -= nesting(t);
        if (depth >= 0)
            continue;
        const struct kql_token *last = p->end - t > SHOWN ? t + SHOWN : p->end - 1;
        struct str text = str_sub(p->src->text, t->offset, last->offset + last->len);
        return arena_printf(p->a, "still open: %.*s%s", (int)str_chr(text, '\n', 0), text.p,
                            last < p->end - 1 ? " ..." : "");
    }
    return NULL;
}

bool kql_need_close(struct kql_parser *p, enum kql_punct punct)
{
    if (kql_take(p, punct))
        return true;
    if (p->t->kind == TK_END && p->told != p->t) /* once: every bracket around this one ends here too */
        kql_error(p, open_bracket(p), "expected %s, but the text ends", punct_name(punct));
    kql_expected(p, punct_name(punct));
    for (kql_skip(p); kql_at(p, P_BAR); kql_skip(p))
        p->t++;
    return kql_take(p, punct);
}

bool kql_take_text(struct kql_parser *p, const char *text)
{
    size_t n = strlen(text), used = 0;
    struct str s = p->src->text;
    if (p->t->offset + n > s.n || memcmp(s.p + p->t->offset, text, n) != 0)
        return false;
    const struct kql_token *t = p->t;
    for (; used < n && t < p->end; t++)
        used += t->len;
    if (used != n)
        return false;
    p->t = t;
    return true;
}

struct span kql_span(const struct kql_parser *p, const struct kql_token *start)
{
    struct span s = { start->offset, 0 };
    if (p->t > start)
        s.len = p->t[-1].offset + p->t[-1].len - s.offset;
    return s;
}

/* -- errors -- */

void kql_error(struct kql_parser *p, const char *hint, const char *fmt, ...)
{
    p->failed = true;
    if (p->told == p->t || p->t->kind == TK_BAD) /* a bad character was reported before parsing began */
        return;
    p->told = p->t;
    va_list ap;
    va_start(ap, fmt);
    char *text = arena_vprintf(p->a, fmt, ap);
    va_end(ap);
    diag_add(p->diags, DIAG_ERROR, p->src, (struct span){ p->t->offset, p->t->len }, hint, "%s", text);
}

/* A word that is KQL's but for its letter case or one letter: AND, startwith. */
static const char *near_word(struct kql_parser *p)
{
    struct str w = kql_text(p, p->t), low = arena_lower(p->a, w), near = kql_nearest_op(w);
    if (!str_eq(low, w) && str_eq(kql_nearest_op(low), low))
        near = low;
    return near.n && !str_eq(near, w) ? arena_printf(p->a, "did you mean '%.*s'?", STR_ARG(near)) : NULL;
}

static bool is_unit(struct str w)
{
    static const char *const units[] = { "d",    "h",     "m",      "s",       "ms",     "day",    "days",
                                         "hour", "hours", "minute", "minutes", "second", "seconds" };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eqz(w, units[i]))
            return true;
    return false;
}

/* What was probably meant by the token that cannot stand here; NULL: nothing to say. */
static const char *slip(struct kql_parser *p)
{
    struct str text = kql_text(p, p->t);
    const struct kql_token *before = p->t > p->first ? p->t - 1 : p->t;
    if (p->t->kind == TK_DIRECTIVE ||
        str_starts(str_sub(p->src->text, p->t->offset, p->src->text.n), STR("/*")))
        return "comments begin with //";
    if (kql_is_word(p, before, "not"))
        return "not is a function: not(...)";
    if (text.n && text.p[0] == '|' && kql_at(p, P_BAR) && before->offset + before->len == p->t->offset &&
        before->kind == TK_PUNCT && before->punct == P_BAR)
        return kql_slip_word(STR("||"));
    if (p->t->kind == TK_WORD && before->kind == TK_LONG && is_unit(text))
        return "write it without a blank: 1d, 2h, 30m";
    bool called = p->t->kind == TK_WORD && p->t[1].kind == TK_PUNCT && p->t[1].punct == P_LPAREN;
    const char *known = called ? kql_slip_function(text) : NULL;
    if (!known)
        known = kql_slip_word(text);
    if (known && !kql_is_word(p, p->t, "like"))
        return known;
    if (p->t->kind != TK_WORD)
        return NULL;
    const struct kql_syntax_row *op = kql_op_at(p);
    if (op && (p->t->flags & TF_SPACE) && op->kind != KQL_AS && op->kind != KQL_DATATABLE &&
        op->kind != KQL_PRINT && op->kind != KQL_RANGE && op->kind != KQL_FIND)
        return arena_printf(p->a, "put '|' in front of '%.*s'", STR_ARG(text));
    return near_word(p);
}

void kql_expected(struct kql_parser *p, const char *what)
{
    if (p->t->kind == TK_END) {
        kql_error(p, NULL, "expected %s, but the text ends", what);
        return;
    }
    struct str text = kql_text(p, p->t);
    size_t shown = text.n;
    for (size_t i = 0; i < shown; i++)
        if (text.p[i] == '\n' || text.p[i] == '\r' || i == 40)
            shown = i;
    kql_error(p, slip(p), "expected %s, not '%.*s%s'", what, (int)shown, text.p, shown < text.n ? "..." : "");
}

struct kql_node *kql_error_node(struct kql_parser *p)
{
    struct kql_node *n = kql_new(p, KQL_ERROR, p->t);
    n->span.len = 0;
    return n;
}

bool kql_enter(struct kql_parser *p)
{
    if (p->depth < KQL_DEPTH_MAX) {
        p->depth++;
        return true;
    }
    kql_error(p, "name the inner parts with let", "nested too deeply");
    p->t = p->end; /* nothing sensible can follow, and unwinding must not report every level */
    p->told = p->end;
    return false;
}

void kql_leave(struct kql_parser *p)
{
    p->depth--;
}

/* -- nodes -- */

void *kql_new(struct kql_parser *p, enum kql_kind kind, const struct kql_token *start)
{
    return kql_node_new(p->a, kind, (struct span){ start->offset, start->len });
}

void *kql_done(struct kql_parser *p, void *node)
{
    struct kql_node *n = node;
    if (p->t > p->first) {
        size_t end = p->t[-1].offset + p->t[-1].len;
        n->span.len = end > n->span.offset ? end - n->span.offset : 0;
    }
    return node;
}

void kql_push(struct kql_parser *p, struct kql_list *list, void *node)
{
    if ((list->n & (list->n - 1)) == 0) { /* full at 0, 1, 2, 4, 8, ... */
        struct kql_node **bigger = ARENA_ARRAY(p->a, list->n ? list->n * 2 : 1, struct kql_node *);
        if (list->n)
            memcpy(bigger, list->items, list->n * sizeof *bigger);
        list->items = bigger;
    }
    list->items[list->n++] = node;
}

void kql_comma_list(struct kql_parser *p, struct kql_list *list, kql_element *element, unsigned flags,
                    const char *what)
{
    for (;;) {
        struct kql_node *e = element(p);
        if (!e) {
            bool allowed = list->n ? (flags & KQL_TRAILING) != 0 : !(flags & KQL_SOME) && !kql_at(p, P_COMMA);
            if (allowed)
                return;
            kql_expected(p, what);
            if (!kql_at(p, P_COMMA))
                return;
            e = kql_error_node(p);
        }
        kql_push(p, list, e);
        if (!kql_take(p, P_COMMA))
            return;
    }
}

/* -- declarations -- */

/* The types a column or parameter can be declared with; others that the engine once had are refused. */
static bool is_type(struct str s)
{
    static const char *const types[] = { "bool",    "boolean", "date", "datetime", "decimal", "double",
                                         "dynamic", "guid",    "int",  "int64",    "int8",    "long",
                                         "real",    "string",  "time", "timespan", "uniqueid" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eqz(s, types[i]))
            return true;
    return false;
}

static void declared_type(struct kql_parser *p, struct kql_coldecl *d)
{
    if (p->t->kind != TK_WORD || !is_type(kql_text(p, p->t))) {
        kql_error(p, "one of bool, datetime, decimal, dynamic, guid, int, long, real, string, timespan",
                  "expected a type, not '%.*s'", STR_ARG(kql_text(p, p->t)));
        if (p->t->kind != TK_WORD)
            return;
    }
    d->type_text = kql_text(p, p->t);
    d->type_span = (struct span){ p->t->offset, p->t->len };
    d->type = hb_type_parse(d->type_text);
    p->t++;
}

static struct kql_coldecl *begin_decl(struct kql_parser *p)
{
    if (kql_scan_declared(p, 0) < 0 && !kql_at(p, P_COLON))
        return NULL;
    struct kql_coldecl *d = kql_new(p, KQL_COLDECL, p->t);
    d->name = kql_at(p, P_COLON) ? kql_need_name(p, "a name") : kql_parse_declared(p);
    return d;
}

/* SYNTAX: name : type | name : ( * ) | name : ( name:type, ... ) */
struct kql_node *kql_parse_coldecl(struct kql_parser *p)
{
    struct kql_coldecl *d = begin_decl(p);
    if (!d)
        return NULL;
    if (!kql_at(p, P_COLON) && d->name->name.n && !d->name->quoted)
        kql_error(p, arena_printf(p->a, "write its type: %.*s:long", STR_ARG(d->name->name)),
                  "expected ':' and a type");
    if (kql_need(p, P_COLON)) {
        if (kql_at(p, P_LPAREN))
            d->tabular = kql_need_schema(p, true);
        else
            declared_type(p, d);
    }
    return kql_done(p, d);
}

/* SYNTAX: name : type [= literal | word] */
struct kql_node *kql_parse_parameter(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_coldecl(p);
    if (!n || !kql_take(p, P_ASSIGN))
        return n;
    struct kql_coldecl *d = KQL_AS(kql_coldecl, n);
    d->value = kql_parse_literal(p);
    if (!d->value && kql_scan_name(p, 0) == 1)
        d->value = (struct kql_node *)kql_parse_name(p);
    if (!d->value) {
        kql_expected(p, "a literal as default value");
        d->value = kql_error_node(p);
    }
    return kql_done(p, d);
}

/* SYNTAX: name [: type] */
struct kql_node *kql_parse_optional_type(struct kql_parser *p)
{
    struct kql_coldecl *d = begin_decl(p);
    if (!d)
        return NULL;
    if (kql_take(p, P_COLON))
        declared_type(p, d);
    return kql_done(p, d);
}

/* SYNTAX: name [: type], a name that is read: no keywords */
struct kql_node *kql_parse_typed_name(struct kql_parser *p)
{
    return kql_scan_name(p, 0) > 0 ? kql_parse_optional_type(p) : NULL;
}

/* SYNTAX: ( [,] [*] [,] name:type, ... [,] ) */
struct kql_schema *kql_need_schema(struct kql_parser *p, bool star)
{
    struct kql_schema *s = kql_new(p, KQL_SCHEMA, p->t);
    if (!kql_need(p, P_LPAREN) || !kql_enter(p))
        return kql_done(p, s);
    kql_take(p, P_COMMA);
    bool more = true;
    if (star && kql_at(p, P_STAR)) {
        kql_push(p, &s->columns, kql_parse_star(p));
        more = kql_take(p, P_COMMA);
    }
    if (more)
        kql_comma_list(p, &s->columns, kql_parse_coldecl, KQL_TRAILING, "name:type");
    kql_need_close(p, P_RPAREN);
    kql_leave(p);
    return kql_done(p, s);
}

struct kql_node *kql_need_typeof(struct kql_parser *p)
{
    struct kql_node *n = kql_parse_typeof(p);
    if (n)
        return n;
    kql_expected(p, "typeof(...)");
    return kql_new(p, KQL_TYPEOF, p->t);
}

/* -- parameters -- */

/* Names every operator takes in front of its arguments, if an = follows; each operator adds its own. */
static const char *const common_params[] = {
    "kind",
    "hint.strategy",
    "hint.shufflekey",
    "hint.remote",
    "hint.num_partitions",
    "hint.spread",
    "hint.materialized",
    "hint.concurrency",
    "hint.distribution",
    "hint.progressive_top",
    "hint.pass_filters",
    "hint.pass_filters_column",
    "withsource",
    "with_source",
    "isfuzzy",
    "__isFuzzy",
    "bagexpansion",
    "with_itemindex",
    "with_match_id",
    "with_step_name",
    "bin_legacy",
    "cycles",
    "decodeblocks",
    "expandoutput",
    "force_remote",
    "__crossCluster",
    "__crossDB",
    "__id",
    "__noWithSource",
    "__packedColumn",
    "__sourceColumnIndex",
    NULL,
};

static bool listed(const struct kql_parser *p, const char *const *names)
{
    for (; names && *names; names++)
        if (kql_at_word(p, *names))
            return true;
    return false;
}

static bool name_follows(struct kql_parser *p)
{
    return kql_scan_name(p, 0) > 0 ||
           (p->t->kind == TK_WORD && (p->t->flags & TF_KEYWORD) && kql_at_word(p, "simple")) ||
           kql_at_word(p, "relaxed") || kql_at_word(p, "nooptimization");
}

/* SYNTAX: literal | word */
static struct kql_node *param_value(struct kql_parser *p)
{
    struct kql_node *v = kql_parse_literal(p);
    if (!v && name_follows(p))
        v = (struct kql_node *)kql_word_name(p);
    if (v)
        return v;
    kql_expected(p, "a value");
    return kql_error_node(p);
}

static struct kql_param *begin_param(struct kql_parser *p)
{
    struct kql_param *n = kql_new(p, KQL_PARAM, p->t);
    n->name = kql_text(p, p->t);
    n->name_span = (struct span){ p->t->offset, p->t->len };
    p->t++;
    return n;
}

/* SYNTAX: { name = value } */
void kql_params(struct kql_parser *p, struct kql_list *params, const char *const *extra)
{
    while (p->t->kind == TK_WORD && kql_peek(p, 1)->kind == TK_PUNCT && kql_peek(p, 1)->punct == P_ASSIGN &&
           (listed(p, common_params) || listed(p, extra))) {
        struct kql_param *n = begin_param(p);
        p->t++;
        n->value = param_value(p);
        kql_push(p, params, kql_done(p, n));
    }
}

static struct kql_node *list_name(struct kql_parser *p)
{
    const struct kql_token *next = kql_peek(p, 1);
    bool property = next->kind == TK_PUNCT && next->punct == P_ASSIGN;
    return property ? NULL : (struct kql_node *)kql_parse_declared(p);
}

/* ycolumns = a, b, title = "x": names go on as long as no = follows. */
static void more_names(struct kql_parser *p, struct kql_param *n)
{
    while (kql_at(p, P_COMMA)) {
        const struct kql_token *comma = p->t++;
        struct kql_node *name = list_name(p);
        if (!name) {
            p->t = comma;
            break;
        }
        if (!n->values.n) {
            kql_push(p, &n->values, n->value);
            n->value = NULL;
        }
        kql_push(p, &n->values, name);
    }
}

/* An option's word may be a keyword that can be declared (format=...); a chart's may not. */
static struct kql_node *property_word(struct kql_parser *p, struct str name)
{
    bool chart = str_eqz(name, "kind") || str_eqz(name, "title") || str_ends(name, STR("_delimiter"));
    return (struct kql_node *)(chart ? kql_parse_name(p) : kql_parse_declared(p));
}

static void unknown_property(struct kql_parser *p, const char *const *names)
{
    struct buf all = BUF_INIT;
    for (size_t i = 0; names[i]; i++)
        buf_printf(&all, "%s%s", i ? ", " : "one of ", names[i]);
    if (p->t->kind == TK_WORD)
        kql_error(p, arena_strdup(p->a, buf_z(&all)), "unknown property '%.*s'", STR_ARG(kql_text(p, p->t)));
    else
        kql_expected(p, "name = value");
    buf_free(&all);
}

/* SYNTAX: name = e | name = name, name ... */
struct kql_node *kql_property(struct kql_parser *p)
{
    if (p->t->kind != TK_WORD)
        return NULL;
    struct kql_param *n = begin_param(p);
    if (kql_need(p, P_ASSIGN)) {
        n->value = kql_parse_literal(p);
        if (!n->value)
            n->value = kql_scan_call(p, 0) ? kql_parse_postfix(p) : property_word(p, n->name);
        if (!n->value) {
            kql_expected(p, "a value");
            n->value = kql_error_node(p);
        }
        if (n->value->kind == KQL_NAME)
            more_names(p, n);
    }
    return kql_done(p, n);
}

/* SYNTAX: property, ... */
void kql_property_list(struct kql_parser *p, struct kql_list *with, const char *const *names)
{
    do {
        if (kql_at(p, P_RPAREN) && !with->n)
            return;
        if (names && !listed(p, names)) {
            unknown_property(p, names);
            return;
        }
        struct kql_node *n = kql_property(p);
        if (!n) {
            kql_expected(p, "name = value");
            return;
        }
        kql_push(p, with, n);
    } while (kql_take(p, P_COMMA));
}

/* SYNTAX: ( [,] property, ... ) */
void kql_properties(struct kql_parser *p, struct kql_list *with, const char *const *names)
{
    if (!kql_need(p, P_LPAREN))
        return;
    kql_take(p, P_COMMA);
    kql_property_list(p, with, names);
    kql_need_close(p, P_RPAREN);
}
