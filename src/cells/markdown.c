/* SPDX-License-Identifier: Apache-2.0 */
/*
 * markdown: prose with computed values. note: a question that a person answers.
 */
#include "cells_int.h"

static bool add_prose(struct cell_ctx *ctx, const struct prose *p, struct err *err)
{
    struct record_prose text;
    if (!cell_prose(ctx, p, &text, err))
        return false;
    record_add_block(ctx->record, ctx->out, BLOCK_PROSE)->prose = text;
    return true;
}

static bool exec_markdown(struct cell_ctx *ctx, struct err *err)
{
    const struct markdown_cell *o = ctx->spec->options;
    return add_prose(ctx, &o->text, err);
}

static bool exec_note(struct cell_ctx *ctx, struct err *err)
{
    const struct note_cell *o = ctx->spec->options;
    struct record_cell *c = ctx->out;
    struct opt_value required;
    if (!cell_option(ctx, &o->required, &required, err) || !cell_prose(ctx, &o->prompt, &c->note.prompt, err))
        return false;
    c->note.present = true;
    c->note.required = required.kind == OPT_LITERAL && required.b;
    c->note.choices = ARENA_ARRAY(ctx->arena, o->verdict.n, struct str);
    c->note.nchoices = o->verdict.n;
    for (size_t i = 0; i < o->verdict.n; i++)
        c->note.choices[i] = o->verdict.items[i].s;
    return true;
}

const struct cell_kind cell_markdown = { "markdown", exec_markdown };
const struct cell_kind cell_note = { "note", exec_note };
