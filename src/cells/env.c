/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env: which environment variables are set. Of a secret it says set or not set, never a part of it: only
 * names that the caller calls public are shown with their value.
 */
#include <string.h>

#include "cells_int.h"
#include "hb/vec.h"

struct check {
    struct cell_ctx *ctx;
    struct record_block *block;
    size_t cap;
    struct buf missing;
};

static bool look(struct check *k, const struct passage *name)
{
    struct cell_ctx *ctx = k->ctx;
    const char *z = arena_strdup(ctx->arena, name->s.p);
    bool set = ctx->env_is_set(ctx->env, z);
    const char *value = ctx->env_public(ctx->env, z);
    struct record_pair *p = VEC_PUSH(ctx->arena, k->block->pairs, k->block->npairs, k->cap);
    p->name = name->s;
    p->mark = set ? STR("ok") : STR("missing");
    p->value = !set    ? STR("not set")
               : value ? arena_str(ctx->arena, str_z(value))
                       : STR("set (value not shown)");
    return set;
}

static void miss(struct check *k, struct str what)
{
    buf_printf(&k->missing, "%s%.*s", k->missing.n ? ", " : "", STR_ARG(what));
}

static void one_of(struct check *k, const passage_list *group, bool *any, struct buf *names)
{
    bool all = true;
    for (size_t i = 0; i < group->n; i++) {
        all &= look(k, &group->items[i]);
        buf_printf(names, "%s%.*s", i ? " and " : names->n ? " or " : "", STR_ARG(group->items[i].s));
    }
    *any |= all && group->n;
}

static bool exec_env(struct cell_ctx *ctx, struct err *err)
{
    const struct env_cell *o = ctx->spec->options;
    struct check k = { .ctx = ctx, .block = record_add_block(ctx->record, ctx->out, BLOCK_PAIRS) };
    struct buf names = BUF_INIT;
    bool any = o->one_of.n == 0;
    k.block->caption = STR("Environment");
    for (size_t i = 0; i < o->require.n; i++)
        if (!look(&k, &o->require.items[i]))
            miss(&k, o->require.items[i].s);
    for (size_t i = 0; i < o->one_of.n; i++)
        one_of(&k, &o->one_of.items[i], &any, &names);
    if (!any)
        miss(&k, buf_view(&names));
    bool ok = k.missing.n == 0;
    if (!ok)
        err_set(err, ERR_CONNECT, "environment variables not set: %s; set them, or give data with --data",
                buf_z(&k.missing));
    buf_free(&k.missing);
    buf_free(&names);
    return ok;
}

const struct cell_kind cell_env = { "env", exec_env };
