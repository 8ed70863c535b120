/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dynamic(...): JSON as KQL writes it - single quotes, verbatim and joined strings, comments, typed literals
 * inside - read into compact standard JSON text.
 *
 * Invariant: what is written is valid JSON whatever was read; after an error the value is null.
 */
#include "hb/json.h"
#include "hb/ticks.h"
#include "parse.h"

struct json {
    struct kql_parser *p;
    struct buf out;
};

static bool value(struct json *j);

/* What a typed literal inside is in JSON: numbers and bools themselves, the rest as text. */
static void put_literal(struct json *j, const struct kql_literal *lit)
{
    struct buf text = BUF_INIT;
    if (lit->is_null) {
        buf_puts(&j->out, "null");
        return;
    }
    switch (lit->type) {
    case HB_BOOL: buf_puts(&j->out, lit->v.b ? "true" : "false"); break;
    case HB_INT:
    case HB_LONG: buf_i64(&j->out, lit->v.i); break;
    case HB_REAL:
        real_put_kql(&text, lit->v.r);
        if (lit->v.r - lit->v.r == 0)
            buf_str(&j->out, buf_view(&text));
        else
            json_put_str(&j->out, buf_view(&text));
        break;
    case HB_DATETIME:
        ticks_put_iso(&text, lit->v.i);
        json_put_str(&j->out, buf_view(&text));
        break;
    case HB_TIMESPAN:
        timespan_put(&text, lit->v.i);
        json_put_str(&j->out, buf_view(&text));
        break;
    case HB_DYNAMIC: buf_str(&j->out, lit->text); break;
    default: json_put_str(&j->out, lit->text); break;
    }
    buf_free(&text);
}

/* SYNTAX: [-] number */
static bool negative(struct json *j)
{
    struct kql_parser *p = j->p;
    const struct kql_token *number = kql_peek(p, 1);
    if (number->kind != TK_LONG && number->kind != TK_REAL)
        return false;
    p->t++;
    buf_putc(&j->out, '-');
    put_literal(j, KQL_AS(kql_literal, kql_parse_literal(p)));
    return true;
}

/* SYNTAX: [ value, ... ] */
static void array(struct json *j)
{
    j->p->t++;
    buf_putc(&j->out, '[');
    if (!kql_at(j->p, P_RBRACKET)) {
        do {
            if (!value(j)) {
                kql_expected(j->p, "a value");
                buf_puts(&j->out, "null");
                break;
            }
        } while (kql_take(j->p, P_COMMA) && (buf_putc(&j->out, ','), true));
    }
    kql_need_close(j->p, P_RBRACKET);
    buf_putc(&j->out, ']');
}

/* SYNTAX: { "name": value, ... } */
static void object(struct json *j)
{
    struct kql_parser *p = j->p;
    p->t++;
    buf_putc(&j->out, '{');
    size_t members = 0;
    while (!kql_at(p, P_RBRACE) || members) {
        if (p->t->kind != TK_STRING) {
            kql_error(p, "names in dynamic({...}) are strings", "expected a name in quotes, not '%.*s'",
                      STR_ARG(kql_text(p, p->t)));
            break;
        }
        if (members++)
            buf_putc(&j->out, ',');
        json_put_str(&j->out, kql_string_value(p->a, kql_text(p, p->t)));
        p->t++;
        buf_putc(&j->out, ':');
        if (!kql_need(p, P_COLON) || !value(j)) {
            kql_expected(p, "a value");
            buf_puts(&j->out, "null");
            break;
        }
        if (!kql_take(p, P_COMMA))
            break;
    }
    kql_need_close(p, P_RBRACE);
    buf_putc(&j->out, '}');
}

/* SYNTAX: literal | null | [-] number | [...] | {...}; false: none begins here */
static bool value(struct json *j)
{
    struct kql_parser *p = j->p;
    if (kql_at(p, P_MINUS))
        return negative(j);
    if (kql_take_word(p, "null")) {
        buf_puts(&j->out, "null");
        return true;
    }
    bool list = kql_at(p, P_LBRACKET), bag = kql_at(p, P_LBRACE) && kql_scan_name(p, 0) < 0;
    if (!list && !bag) {
        struct kql_node *n = p->t->kind == TK_PUNCT || kql_at_word(p, "typeof") ? NULL : kql_parse_literal(p);
        if (!n && kql_at(p, P_LBRACE)) {
            kql_parse_name(p); /* {name}: a client's parameter, a null here */
            buf_puts(&j->out, "null");
            return true;
        }
        if (n)
            put_literal(j, KQL_AS(kql_literal, n));
        return n != NULL;
    }
    if (!kql_enter(p))
        return false;
    if (list)
        array(j);
    else
        object(j);
    kql_leave(p);
    return true;
}

/* SYNTAX: dynamic ( value ) */
struct kql_node *kql_parse_dynamic(struct kql_parser *p)
{
    const struct kql_token *open = kql_peek(p, 1);
    if (open->kind != TK_PUNCT || open->punct != P_LPAREN)
        return NULL;
    struct kql_literal *lit = kql_new(p, KQL_LITERAL, p->t);
    struct json j = { p, BUF_INIT };
    lit->type = HB_DYNAMIC;
    lit->flags = KQL_LIT_TYPED;
    p->t += 2;
    if (!value(&j)) {
        kql_expected(p, "a JSON value");
        buf_puts(&j.out, "null");
    }
    kql_need_close(p, P_RPAREN);
    lit->text = buf_to_arena(&j.out, p->a);
    lit->is_null = str_eqz(lit->text, "null");
    buf_free(&j.out);
    return kql_done(p, lit);
}
