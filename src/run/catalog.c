/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names a query can see: parameters, `rows`, `run`, `cells` as values; earlier cells and the source's
 * tables as tables (both are the engine's).
 */
#include "run_int.h"

#include "hb/json.h"
#include "hb/ticks.h"

/* The table of a cell that was taken over is in the engine before the cell has its turn. */
static bool is_hidden(const struct running *run, struct str name)
{
    for (size_t i = run->visible; run->kept && i < run->record->ncells; i++)
        if (run->kept[i].loaded && str_eq(run->record->cells[i].id, name))
            return true;
    return false;
}

static bool is_cell(const struct running *run, struct str name)
{
    for (size_t i = 0; i < run->record->ncells; i++)
        if (str_eq(run->record->cells[i].id, name))
            return true;
    return false;
}

static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    struct running *run = ctx;
    return !is_hidden(run, name) && engine_table(run->engine, name, out);
}

/* The source's tables, then cells in the order of the playbook: whatever was taken over, `union *` gives the same order. */
static size_t table_names(void *ctx, struct arena *a, struct str **out)
{
    struct running *run = ctx;
    size_t all = engine_ntables(run->engine), n = 0;
    struct kql_table t;
    *out = ARENA_ARRAY(a, all, struct str);
    for (size_t i = 0; i < all; i++)
        if (!is_cell(run, engine_table_name(run->engine, i)))
            (*out)[n++] = engine_table_name(run->engine, i);
    for (size_t i = 0; i < run->record->ncells; i++) {
        struct str name = run->record->cells[i].id;
        if (!is_hidden(run, name) && engine_table(run->engine, name, &t))
            (*out)[n++] = name;
    }
    return n;
}

void run_param_scalar(struct arena *a, const struct playbook_param *p, struct kql_scalar *out)
{
    const struct param_value *v = &p->value;
    *out = (struct kql_scalar){ .type = param_hb_type((enum param_type)p->type), .null = !v->set };
    switch (p->type) {
    case PARAM_BOOL: out->v.b = v->b; break;
    case PARAM_REAL: out->v.f = v->f; break;
    case PARAM_STRING:
    case PARAM_COLUMN:
        out->v.s = v->s;
        out->null = false; /* a string never is */
        break;
    case PARAM_LIST: out->v.s = run_list_json(a, v); break;
    default: out->v.i = v->i;
    }
}

/* cells: {"id": {"rows": 3, "status": "ok"}} of the cells that had their turn. */
static struct str cells_bag(struct running *run)
{
    struct buf text = BUF_INIT;
    struct jw w;
    jw_init(&w, &text, false);
    jw_obj(&w);
    for (size_t i = 0; i < run->record->ncells; i++) {
        const struct record_cell *c = &run->record->cells[i];
        if (c == run->current)
            break;
        jw_keys(&w, c->id);
        jw_obj(&w);
        jw_key(&w, "rows");
        if (c->rows >= 0 && c->status == RECORD_OK)
            jw_i64(&w, c->rows);
        else
            jw_null(&w);
        jw_key(&w, "status");
        jw_strz(&w, record_status_name(c->status));
        jw_end_obj(&w);
    }
    jw_end_obj(&w);
    struct str bag = buf_to_arena(&text, run->arena);
    buf_free(&text);
    return bag;
}

static struct str run_bag(struct running *run)
{
    struct buf text = BUF_INIT, now = BUF_INIT;
    struct jw w;
    const struct record *r = run->record;
    ticks_put_human(&now, r->now);
    jw_init(&w, &text, false);
    jw_obj(&w);
    jw_key(&w, "now");
    jw_str(&w, buf_view(&now));
    jw_key(&w, "analyst");
    jw_str(&w, r->analyst);
    jw_key(&w, "source");
    jw_str(&w, r->source.name);
    jw_key(&w, "source_kind");
    jw_str(&w, r->source.kind);
    jw_key(&w, "sample");
    jw_bool(&w, r->source.sample);
    jw_end_obj(&w);
    struct str bag = buf_to_arena(&text, run->arena);
    buf_free(&text);
    buf_free(&now);
    return bag;
}

static bool find_scalar(void *ctx, struct str name, struct kql_scalar *out)
{
    struct running *run = ctx;
    const struct playbook_param *p = playbook_find_param(run->options->playbook, name);
    if (p) {
        run_param_scalar(run->arena, p, out);
        return true;
    }
    if (str_eqz(name, "rows")) {
        *out = (struct kql_scalar){ .type = HB_LONG, .null = !run->current || run->current->rows < 0 };
        out->v.i = out->null ? 0 : run->current->rows;
        return true;
    }
    bool cells = str_eqz(name, "cells");
    if (!cells && !str_eqz(name, "run"))
        return false;
    *out = (struct kql_scalar){ .type = HB_DYNAMIC, .v.s = cells ? cells_bag(run) : run_bag(run) };
    return true;
}

struct kql_catalog run_catalog(struct running *run)
{
    return (
        struct kql_catalog){ .ctx = run, .table = find_table, .scalar = find_scalar, .names = table_names };
}
