/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chart: a query or an earlier cell, drawn. The rows drawn are the cell's table; the drawing is kept as our
 * own SVG.
 */
#include <string.h>

#include "cells_int.h"

static bool column_option(struct cell_ctx *ctx, const struct opt_value *o, struct str *out, struct err *err)
{
    struct opt_value v;
    if (!cell_option(ctx, o, &v, err))
        return false;
    *out = v.kind == OPT_ABSENT ? STR("") : v.s;
    return true;
}

static bool size_option(struct cell_ctx *ctx, const struct opt_value *o, int *out, struct err *err)
{
    struct opt_value v;
    if (!cell_option(ctx, o, &v, err))
        return false;
    *out = v.kind == OPT_ABSENT ? 0 : (int)v.i;
    return true;
}

static bool read_spec(struct cell_ctx *ctx, const struct playbook_chart *o, struct chart_spec *spec,
                      struct err *err)
{
    struct str *tooltip = ARENA_ARRAY(ctx->arena, o->tooltip.n, struct str);
    *spec = (struct chart_spec){
        .kind = (enum chart_kind)(o->kind - 1),
        .title = o->title.s.n ? o->title.s : ctx->out->title,
        .x_title = o->x_title.s,
        .y_title = o->y_title.s,
        .tooltip = tooltip,
        .ntooltip = o->tooltip.n,
    };
    for (size_t i = 0; i < o->tooltip.n; i++)
        if (!column_option(ctx, &o->tooltip.items[i], &tooltip[i], err))
            return false;
    return column_option(ctx, &o->x, &spec->x, err) && column_option(ctx, &o->y, &spec->y, err) &&
           column_option(ctx, &o->series, &spec->series, err) &&
           column_option(ctx, &o->value, &spec->value, err) && column_option(ctx, &o->low, &spec->low, err) &&
           column_option(ctx, &o->high, &spec->high, err) &&
           column_option(ctx, &o->highlight, &spec->highlight, err) &&
           size_option(ctx, &o->width, &spec->width, err) && size_option(ctx, &o->height, &spec->height, err);
}

static bool keep_drawing(struct cell_ctx *ctx, const struct chart_spec *spec, const struct chart_job *job,
                         struct err *err)
{
    struct buf svg = BUF_INIT;
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_CHART);
    char *rel = arena_printf(ctx->arena, "charts/%02d-%.*s.svg", ctx->out->number, STR_ARG(ctx->out->id));
    bool ok = true;
    b->caption = arena_str(ctx->arena, spec->title);
    b->chart.text = job->note;
    if (job->out) {
        drawing_put_svg(&svg, job->out, "hb", true);
        b->chart.svg = buf_to_arena(&svg, ctx->arena);
        b->chart.file = str_z(rel);
        if (job->note.n == 0)
            b->chart.text = job->out->desc;
        ok = store_write(ctx->store, rel, b->chart.svg, err);
    }
    buf_free(&svg);
    return ok;
}

bool cell_draw(struct cell_ctx *ctx, const struct chart_spec *spec, const struct table *rows,
               const char *note, struct err *err)
{
    struct chart_job job = { .spec = spec, .table = rows };
    if (!chart_check(spec, rows, err) || !charts_draw(ctx->arena, &job, 1, ctx->metrics, err))
        return false;
    if (note)
        job.note = job.note.n ? arena_strf(ctx->arena, "%s; %.*s", note, STR_ARG(job.note)) : str_z(note);
    return keep_drawing(ctx, spec, &job, err);
}

static bool draw(struct cell_ctx *ctx, const struct playbook_chart *o, struct err *err)
{
    struct chart_spec spec;
    struct table *rows;
    enum { DRAWN_MAX = 1000000 };
    return read_spec(ctx, o, &spec, err) &&
           engine_fetch(ctx->engine, ctx->out->id, 0, DRAWN_MAX, NULL, 0, ctx->arena, &rows, err) &&
           cell_draw(ctx, &spec, rows, NULL, err);
}

static bool exec_chart(struct cell_ctx *ctx, struct err *err)
{
    const struct chart_cell *o = ctx->spec->options;
    struct cell_query q;
    struct passage text = o->query;
    if (!passage_given(&text)) {
        struct buf kql = BUF_INIT;
        kql_put_name(&kql, o->from.s);
        text = passage_of(buf_to_arena(&kql, ctx->arena));
        buf_free(&kql);
    }
    return cell_compile(ctx, &text, &q, err) && cell_record_query(ctx, &text, &q, err) &&
           cell_make_table(ctx, &q, err) && draw(ctx, &o->chart, err) &&
           cell_show_table(ctx, "Rows drawn", err);
}

const struct cell_kind cell_chart = { "chart", exec_chart };
