/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of an open finding are about: when they happened, and which hosts, accounts, addresses they name.
 *
 * Asked while the engine still has the rows, since the record keeps only the first of them. The queries are KQL
 * that this file composes; names go through kql_put_name.
 */
#include "run_int.h"

#include <string.h>

#include "hb/vec.h"

enum { ENTITIES_MAX = 500 }; /* values listed of one column of one cell */

static const struct record_column *find_column(const struct record_cell *c, struct str name)
{
    for (size_t i = 0; i < c->ncolumns; i++)
        if (str_eq(c->columns[i].name, name))
            return &c->columns[i];
    return NULL;
}

/* The time of an event: the columns that sources call so; else the first and the last column with a time, for tables
 * of first and last sightings. */
static bool time_columns(const struct record_cell *c, struct str *first, struct str *last)
{
    static const char *const usual[] = { "TimeGenerated", "Timestamp" };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        const struct record_column *k = find_column(c, str_z(usual[i]));
        if (k && k->type == HB_DATETIME) {
            *first = *last = k->name;
            return true;
        }
    }
    bool any = false;
    for (size_t i = 0; i < c->ncolumns; i++) {
        if (c->columns[i].type != HB_DATETIME)
            continue;
        *first = any ? *first : c->columns[i].name;
        *last = c->columns[i].name;
        any = true;
    }
    return any;
}

static void put_window(struct buf *kql, struct str first, struct str last)
{
    buf_puts(kql, "First = min(");
    kql_put_name(kql, first);
    buf_puts(kql, "), Last = max(");
    kql_put_name(kql, last);
    buf_putc(kql, ')');
}

static bool ask(struct cell_ctx *ctx, struct buf *kql, size_t max_rows, struct table **out, struct err *err)
{
    struct passage text = passage_of(buf_to_arena(kql, ctx->arena));
    struct cell_query q;
    return cell_compile(ctx, &text, &q, err) &&
           engine_query(ctx->engine, &q.kql, ctx->arena, max_rows, out, NULL, err);
}

static int64_t ticks_at(const struct table *t, size_t col, size_t row)
{
    return col >= t->ncols || column_is_null(&t->cols[col], row) ? 0 : t->cols[col].v.i[row];
}

static bool window(struct cell_ctx *ctx, struct record_finding *f, struct str first, struct str last,
                   struct err *err)
{
    struct buf kql = BUF_INIT;
    struct table *t;
    kql_put_name(&kql, ctx->out->id);
    buf_puts(&kql, " | summarize ");
    put_window(&kql, first, last);
    bool ok = ask(ctx, &kql, 1, &t, err);
    buf_free(&kql);
    if (ok && t->nrows == 1) {
        f->first = ticks_at(t, 0, 0);
        f->last = ticks_at(t, 1, 0);
    }
    return ok;
}

static bool entities(struct cell_ctx *ctx, const struct playbook_entity *e,
                     const struct playbook_field_mapping *m, bool timed, struct str first, struct str last,
                     struct err *err)
{
    struct record_cell *c = ctx->out;
    struct buf kql = BUF_INIT;
    struct table *t;
    kql_put_name(&kql, c->id);
    buf_puts(&kql, " | extend huntbook_value = tostring(");
    kql_put_name(&kql, m->column.s);
    buf_puts(&kql, ") | where isnotempty(huntbook_value) | summarize huntbook_rows = count()");
    if (timed) {
        buf_puts(&kql, ", ");
        put_window(&kql, first, last);
    }
    buf_puts(&kql, " by huntbook_value | sort by huntbook_rows desc, huntbook_value asc"
                   " | project huntbook_value, huntbook_rows");
    buf_puts(&kql, timed ? ", First, Last" : "");
    bool ok = ask(ctx, &kql, 0, &t, err);
    buf_free(&kql);
    if (!ok)
        return false;
    for (size_t i = 0; i < t->nrows && i < ENTITIES_MAX; i++)
        *VEC_PUSH(ctx->arena, c->entities, c->nentities,
                  c->entities_cap) = (struct record_entity){ .type = e->type.s,
                                                             .identifier = m->identifier.s,
                                                             .column = m->column.s,
                                                             .value = t->cols[0].v.s[i],
                                                             .rows = t->cols[1].v.i[i],
                                                             .first = ticks_at(t, 2, i),
                                                             .last = ticks_at(t, 3, i) };
    if (t->nrows > ENTITIES_MAX)
        c->entities_left += (int64_t)t->nrows - ENTITIES_MAX;
    return true;
}

bool run_finding_facts(struct cell_ctx *ctx, struct record_finding *f, struct err *err)
{
    const struct playbook *p = ctx->playbook;
    struct record_cell *c = ctx->out;
    struct str first = STR(""), last = STR("");
    if (c->ncolumns == 0 || c->rows <= 0)
        return true;
    bool timed = time_columns(c, &first, &last), again = c->nentities > 0;
    if (timed && !window(ctx, f, first, last, err))
        return err_wrap(err, "the time of finding '%.*s'", STR_ARG(f->title));
    for (size_t i = 0; i < p->entities.n && !again; i++) {
        const struct playbook_entity *e = &p->entities.items[i];
        for (size_t k = 0; k < e->mappings.n; k++)
            if (find_column(c, e->mappings.items[k].column.s) &&
                !entities(ctx, e, &e->mappings.items[k], timed, first, last, err))
                return err_wrap(err, "entities of finding '%.*s'", STR_ARG(f->title));
    }
    return true;
}
