/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of kinds, and computing what a playbook writes: queries, expressions, options, prose.
 *
 * To add a kind: src/cells/<kind>.c with its exec, a line here, its keys in src/playbook/kinds.c.
 */
#include "cells_int.h"

#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"

static const struct cell_kind *const kinds[] = {
    &cell_markdown, &cell_env, &cell_connect, &cell_kql, &cell_anomaly, &cell_chart, &cell_search, &cell_note,
};

const struct cell_kind *cell_kind_find(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

/* Moves the diagnostics of a passage to their places in the playbook; the first error becomes *err. */
static void adopt(struct cell_ctx *ctx, const struct passage *text, const struct source *part,
                  struct diags *found, struct err *err)
{
    bool told = false;
    for (size_t i = 0; i < found->n; i++) {
        struct diag *d = &found->items[i];
        struct span span = d->source == part ? passage_map(text, d->span) : d->span;
        diag_add(ctx->diags, d->level, text->npieces ? ctx->playbook->source : part, span,
                 d->hint.n ? d->hint.p : NULL, "%.*s", STR_ARG(d->message));
        if (d->level == DIAG_ERROR && !told) {
            told = true;
            err_set(err, ERR_USAGE, "%.*s%s%.*s", STR_ARG(d->message), d->hint.n ? "; " : "",
                    STR_ARG(d->hint));
        }
    }
}

typedef bool compile_fn(struct arena *, const struct source *, const struct kql_catalog *,
                        const struct kql_options *, struct diags *, struct kql_compiled *);

/* Names of tables and cells that a text reads, each once. */
static void note_inputs(struct cell_ctx *ctx, const struct kql_refs *refs, struct cell_query *q)
{
    struct kql_table t;
    q->inputs = ARENA_ARRAY(ctx->arena, refs->n, struct str);
    for (size_t i = 0; i < refs->n; i++) {
        const struct kql_ref *r = &refs->items[i];
        bool seen = (r->kind != KQL_REF_TABLE && r->kind != KQL_REF_ANY) ||
                    !ctx->catalog->table(ctx->catalog->ctx, r->name, &t);
        for (size_t k = 0; k < q->ninputs; k++)
            seen |= str_eq(q->inputs[k], r->name);
        if (!seen)
            q->inputs[q->ninputs++] = r->name;
    }
}

/*
 * A text for the embedded engine must compile. One for a remote source is compiled for what can be known of it;
 * whether it is right is the source's to say. Nothing of it runs here, so columns that depend on data stay unknown.
 */
static bool compile(struct cell_ctx *ctx, const struct passage *text, bool is_expr,
                    const struct cell_query *how, struct cell_query *out, struct err *err)
{
    compile_fn *fn = is_expr ? kql_compile_expr : kql_compile;
    struct source *part = ARENA_NEW(ctx->arena, struct source);
    struct kql_options options = ctx->kql;
    struct diags found;
    *part = (struct source){ STR("query"), text->s };
    *out = *how;
    out->text = text;
    diags_init(&found, ctx->arena);
    struct kql_ast *ast = is_expr ? kql_parse_expr(ctx->arena, part, &found)
                                  : kql_parse(ctx->arena, part, &found);
    struct kql_refs refs = kql_references(ctx->arena, ast);
    if (!cell_place_query(ctx, &refs, &out->remote, err))
        return false;
    if (out->remote)
        options.stage = NULL;
    diags_init(&found, ctx->arena);
    bool ok = fn(ctx->arena, part, ctx->catalog, &options, &found, &out->kql);
    if (!ok && !out->remote) {
        err_set(err, ERR_USAGE, "the query could not be compiled");
        adopt(ctx, text, part, &found, err);
        return false;
    }
    if (ok)
        adopt(ctx, text, part, &found, err);
    else
        out->kql = (struct kql_compiled){ 0 };
    note_inputs(ctx, &refs, out);
    return cell_put_sent(ctx, &refs, is_expr, out, err);
}

bool cell_compile(struct cell_ctx *ctx, const struct passage *text, struct cell_query *out, struct err *err)
{
    return compile(ctx, text, false, &(struct cell_query){ 0 }, out, err);
}

bool cell_compile_slice(struct cell_ctx *ctx, const struct passage *text, struct span at, struct str slice,
                        struct cell_query *out, struct err *err)
{
    return compile(ctx, text, false, &(struct cell_query){ .slice_at = at, .slice = slice }, out, err);
}

bool cell_row_by_row(struct cell_ctx *ctx, const struct passage *text, struct kql_row_by_row *out)
{
    struct source *part = ARENA_NEW(ctx->arena, struct source);
    struct diags ignored;
    *part = (struct source){ STR("query"), text->s };
    diags_init(&ignored, ctx->arena);
    return kql_row_by_row(kql_parse(ctx->arena, part, &ignored), out);
}

bool cell_compile_expr(struct cell_ctx *ctx, const struct passage *text, struct cell_query *out,
                       struct err *err)
{
    return compile(ctx, text, true, &(struct cell_query){ 0 }, out, err);
}

bool cell_eval(struct cell_ctx *ctx, const struct passage *expr, struct table **out, struct err *err)
{
    struct cell_query q;
    if (!cell_compile_expr(ctx, expr, &q, err) || !cell_ask(ctx, &q, out, err))
        return err_wrap(err, "expression '%.*s'", STR_ARG(expr->s));
    if ((*out)->nrows != 1 || (*out)->ncols != 1)
        return err_set(err, ERR_RUN, "expression '%.*s' gave no single value", STR_ARG(expr->s));
    return true;
}

bool cell_eval_bool(struct cell_ctx *ctx, const struct passage *expr, bool *out, struct err *err)
{
    struct table *t;
    if (!cell_eval(ctx, expr, &t, err))
        return false;
    const struct column *c = &t->cols[0];
    if (c->type != HB_BOOL)
        return err_set(err, ERR_USAGE, "expression '%.*s' is %s, but must be true or false", STR_ARG(expr->s),
                       hb_type_name(c->type));
    *out = !column_is_null(c, 0) && c->v.b[0];
    return true;
}

bool cell_option(struct cell_ctx *ctx, const struct opt_value *o, struct opt_value *out, struct err *err)
{
    struct table *t;
    if (o->kind != OPT_EXPR) {
        *out = *o;
        return true;
    }
    return cell_eval(ctx, &o->text, &t, err) && opt_value_resolve(ctx->arena, o, t, out, err);
}

enum { PLACEHOLDER = 0xF0000, PLACEHOLDER_LAST = 0xFFFFD };

/* Literal Markdown; characters that would pass for placeholders are written as escapes. */
static void put_literal(struct buf *out, struct str text)
{
    size_t good = 0, i = 0;
    while (i < text.n) {
        size_t at = i;
        uint32_t cp = utf8_next(text, &i);
        if (cp < PLACEHOLDER || cp > PLACEHOLDER_LAST)
            continue;
        buf_put(out, text.p + good, at - good);
        buf_printf(out, "\\\\u{%X}", (unsigned)cp);
        good = i;
    }
    buf_put(out, text.p + good, text.n - good);
}

/* A value as prose has it: text without JSON's quotes, timespans as people write them. */
static void put_value(struct buf *out, const struct column *c)
{
    if (c->type == HB_TIMESPAN && !column_is_null(c, 0)) {
        param_put_text(out, &(struct param_value){ .type = PARAM_TIMESPAN, .set = true, .i = c->v.i[0] });
        return;
    }
    struct err ignored = ERR_INIT;
    cJSON *json = c->type == HB_DYNAMIC && c->v.s[0].n ? json_parse(c->v.s[0], &ignored) : NULL;
    if (cJSON_IsString(json))
        buf_puts(out, json->valuestring);
    else
        cell_put_human(out, c, 0);
    cJSON_Delete(json);
}

bool cell_prose(struct cell_ctx *ctx, const struct prose *p, struct record_prose *out, struct err *err)
{
    struct buf text = BUF_INIT, value = BUF_INIT;
    size_t n = 0;
    bool ok = true;
    *out = (struct record_prose){ .values = ARENA_ARRAY(ctx->arena, p->nparts, struct str) };
    for (size_t i = 0; ok && i < p->nparts; i++) {
        const struct prose_part *part = &p->parts[i];
        struct table *t;
        if (!part->is_expr) {
            put_literal(&text, part->text.s);
        } else if ((ok = cell_eval(ctx, &part->text, &t, err))) {
            char mark[4];
            buf_clear(&value);
            put_value(&value, &t->cols[0]);
            buf_put(&text, mark, utf8_put(mark, PLACEHOLDER + (uint32_t)n));
            out->values[n++] = buf_to_arena(&value, ctx->arena);
        }
    }
    out->markdown = buf_to_arena(&text, ctx->arena);
    out->nvalues = n;
    buf_free(&text);
    buf_free(&value);
    return ok;
}

void kql_put_name(struct buf *b, struct str name)
{
    buf_putc(b, '[');
    kql_put_string(b, name);
    buf_putc(b, ']');
}

/* Single quotes; backslash, quote and what cannot stand in a line are escaped. */
void kql_put_string(struct buf *b, struct str text)
{
    buf_putc(b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\'' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            buf_puts(b, "\\n");
        else if (c == '\r')
            buf_puts(b, "\\r");
        else if (c == '\t')
            buf_puts(b, "\\t");
        else if ((unsigned char)c < 0x20 || c == 0x7F)
            buf_printf(b, "\\u%04x", (unsigned char)c);
        else
            buf_putc(b, c);
    }
    buf_putc(b, '\'');
}
