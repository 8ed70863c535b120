/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and trees as text: for people, issues and golden files.
 *
 * A node is a line `kind [offset..end) field=value ...`; its children are indented below it, each under the
 * name of its field. Driven by kql_kinds[] alone; absent children and false flags are left out, so that a new
 * field changes few golden files. A chain of a thousand operators is drawn without recursion on its left
 * side.
 */
#include <inttypes.h>
#include <string.h>

#include "ast.h"
#include "hb/kql.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "lex.h"

static const char *const token_names[] = {
    [TK_END] = "end",     [TK_WORD] = "word",        [TK_PUNCT] = "punct",         [TK_STRING] = "string",
    [TK_LONG] = "long",   [TK_REAL] = "real",        [TK_TIMESPAN] = "timespan",   [TK_BOOL] = "bool",
    [TK_TYPED] = "typed", [TK_RAWGUID] = "raw-guid", [TK_DIRECTIVE] = "directive", [TK_BAD] = "bad",
};

void kql_dump_tokens(struct buf *out, const struct source *src)
{
    struct arena *a = arena_new(0, "tokens");
    struct kql_tokens tokens = kql_lex(a, str_sub(src->text, 0, KQL_SOURCE_MAX));
    for (size_t i = 0; i < tokens.n; i++) {
        const struct kql_token *t = &tokens.items[i];
        buf_printf(out, "%u %s", (unsigned)t->offset, token_names[t->kind]);
        if (t->flags & TF_KEYWORD)
            buf_puts(out, t->flags & TF_EXTENDED ? " keyword?" : " keyword");
        if (t->flags & TF_UNCLOSED)
            buf_puts(out, " unclosed");
        if (t->len) {
            buf_putc(out, ' ');
            utf8_show(out, kql_token_text(src->text, t));
        }
        buf_putc(out, '\n');
    }
    arena_free(a);
}

static void put_text(struct buf *out, struct str s)
{
    buf_putc(out, '\'');
    utf8_show(out, s);
    buf_putc(out, '\'');
}

static void put_value(struct buf *out, const struct kql_literal *lit)
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = {
        { KQL_LIT_VERBATIM, "verbatim" },
        { KQL_LIT_OBFUSCATED, "obfuscated" },
        { KQL_LIT_MULTILINE, "multi-line" },
        { KQL_LIT_JOINED, "joined" },
        { KQL_LIT_TYPED, "typed" },
        { KQL_LIT_HEX, "hex" },
        { KQL_LIT_BAD, "bad" },
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (lit->flags & flags[i].flag)
            buf_printf(out, " %s", flags[i].name);
    if (lit->is_null)
        return;
    switch (lit->type) {
    case HB_BOOL: buf_printf(out, " value=%s", lit->v.b ? "true" : "false"); break;
    case HB_REAL:
        buf_puts(out, " value=");
        buf_f64(out, lit->v.r);
        break;
    case HB_INT:
    case HB_LONG:
    case HB_DATETIME:
    case HB_TIMESPAN: buf_printf(out, " value=%" PRId64, lit->v.i); break;
    default: break;
    }
}

/* The fields that are no children, on the node's own line. */
static void put_fields(struct buf *out, const struct kql_node *n)
{
    static const char *const dirs[] = { "", "asc", "desc", "granny-asc", "granny-desc" };
    static const char *const nulls[] = { "", "first", "last" };
    for (const struct kql_field *f = kql_kinds[n->kind].fields; f->name; f++) {
        const void *at = (const char *)n + f->offset;
        switch (f->type) {
        case KF_STR:
            buf_printf(out, " %s=", f->name);
            put_text(out, *(const struct str *)at);
            break;
        case KF_BOOL:
            if (*(const bool *)at)
                buf_printf(out, " %s", f->name);
            break;
        case KF_OP: buf_printf(out, " %s", kql_op_text(*(const enum kql_op_code *)at)); break;
        case KF_DIR:
            if (*(const enum kql_dir *)at)
                buf_printf(out, " %s", dirs[*(const enum kql_dir *)at]);
            break;
        case KF_NULLS:
            if (*(const enum kql_nulls *)at)
                buf_printf(out, " nulls=%s", nulls[*(const enum kql_nulls *)at]);
            break;
        case KF_TYPE:
            if (*(const enum hb_type *)at)
                buf_printf(out, " %s", hb_type_name(*(const enum hb_type *)at));
            break;
        case KF_VALUE: put_value(out, (const struct kql_literal *)n); break;
        case KF_NODE:
        case KF_LIST: break;
        }
    }
}

/* A stack of its own, so that deep trees cost heap and not the program's stack. */
struct todo {
    const struct kql_node *node;
    const char *field;
    unsigned depth;
};

struct dump {
    struct arena *a;
    struct todo *todo;
    size_t n, cap;
    unsigned depth;
};

static bool push(void *ctx, const char *field, struct kql_node *child)
{
    struct dump *d = ctx;
    *VEC_PUSH(d->a, d->todo, d->n, d->cap) = (struct todo){ child, field, d->depth };
    return true;
}

static void reverse(struct todo *t, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct todo swap = t[i];
        t[i] = t[n - 1 - i];
        t[n - 1 - i] = swap;
    }
}

/* Deeper nodes tell their depth instead: the size of a dump must not grow with the square of a chain's length. */
enum { INDENT_MAX = 60 };

static void dump_tree(struct buf *out, struct arena *a, const struct kql_node *root)
{
    struct dump d = { .a = a };
    push(&d, "", (struct kql_node *)root);
    while (d.n) {
        struct todo t = d.todo[--d.n];
        buf_pad(out, ' ', (t.depth < INDENT_MAX ? t.depth : INDENT_MAX) * 2);
        if (t.depth > INDENT_MAX)
            buf_printf(out, "(%u) ", t.depth);
        if (*t.field)
            buf_printf(out, "%s: ", t.field);
        buf_printf(out, "%s [%zu..%zu)", kql_kinds[t.node->kind].name, t.node->span.offset,
                   t.node->span.offset + t.node->span.len);
        put_fields(out, t.node);
        buf_putc(out, '\n');
        size_t before = d.n;
        d.depth = t.depth + 1;
        kql_each_child(t.node, push, &d);
        reverse(d.todo + before, d.n - before);
    }
}

void kql_dump_ast(struct buf *out, const struct kql_ast *ast)
{
    struct arena *a = arena_new(0, "dump");
    for (size_t i = 0; i < ast->statements.n; i++)
        dump_tree(out, a, ast->statements.items[i]);
    arena_free(a);
}
