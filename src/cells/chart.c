/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chart: a query or an earlier cell, drawn. The rows drawn are the cell's table; the drawing is kept as our
 * own SVG.
 */
#include <inttypes.h>
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

static bool number_option(struct cell_ctx *ctx, const struct opt_value *o, bool *has, double *out,
                          struct err *err)
{
    struct opt_value v;
    if (!cell_option(ctx, o, &v, err))
        return false;
    *has = v.kind != OPT_ABSENT;
    *out = v.f;
    return true;
}

static bool legend_option(struct cell_ctx *ctx, const struct opt_value *o, bool *no_legend, struct err *err)
{
    struct opt_value v;
    if (!cell_option(ctx, o, &v, err))
        return false;
    *no_legend = v.kind != OPT_ABSENT && !v.b;
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
        .stack = o->stack ? (enum chart_stack)(o->stack - 1) : CHART_SIDE,
        .x_log = o->x_scale == 2,
        .y_log = o->y_scale == 2,
    };
    for (size_t i = 0; i < o->tooltip.n; i++)
        if (!column_option(ctx, &o->tooltip.items[i], &tooltip[i], err))
            return false;
    return column_option(ctx, &o->x, &spec->x, err) && column_option(ctx, &o->y, &spec->y, err) &&
           column_option(ctx, &o->series, &spec->series, err) &&
           column_option(ctx, &o->value, &spec->value, err) && column_option(ctx, &o->end, &spec->end, err) &&
           column_option(ctx, &o->low, &spec->low, err) && column_option(ctx, &o->high, &spec->high, err) &&
           column_option(ctx, &o->highlight, &spec->highlight, err) &&
           size_option(ctx, &o->top, &spec->top, err) && size_option(ctx, &o->bins, &spec->bins, err) &&
           number_option(ctx, &o->y_min, &spec->y_limits.has_min, &spec->y_limits.min, err) &&
           number_option(ctx, &o->y_max, &spec->y_limits.has_max, &spec->y_limits.max, err) &&
           legend_option(ctx, &o->legend, &spec->no_legend, err) &&
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
    b->chart.note = arena_str(ctx->arena, job->note);
    b->chart.text = job->out ? arena_str(ctx->arena, job->out->desc) : STR("");
    if (job->out) {
        drawing_put_svg(&svg, job->out, "hb", true);
        b->chart.svg = buf_to_arena(&svg, ctx->arena);
        b->chart.file = str_z(rel);
        ok = cell_write_text(ctx, rel, b->chart.svg, err);
    }
    buf_free(&svg);
    return ok;
}

bool cell_draw(struct cell_ctx *ctx, const struct chart_spec *spec, const struct table *rows,
               const char *note, struct err *err)
{
    struct chart_job job = { .spec = spec, .table = rows };
    struct arena *work = arena_new(0, "a chart");
    bool ok = chart_check(spec, rows, err) && charts_draw(work, &job, 1, ctx->metrics, err);
    if (ok && note)
        job.note = job.note.n ? arena_strf(work, "%s; %.*s", note, STR_ARG(job.note)) : str_z(note);
    ok = ok && keep_drawing(ctx, spec, &job, err);
    arena_free(work);
    return ok;
}

/* Only the columns that are drawn are fetched: a million rows of thirty columns would be a heavy picture. An unknown name
 * is left to chart_check, which knows its neighbours. */
static bool fetch_drawn(struct cell_ctx *ctx, const struct chart_spec *s, int64_t most, struct arena *a,
                        struct table **rows, struct err *err)
{
    const struct str fixed[] = { s->x,   s->y,    s->series,    s->value,      s->end,
                                 s->low, s->high, s->highlight, STR("Anomaly") };
    enum { NFIXED = sizeof fixed / sizeof *fixed };
    struct str *names = ARENA_ARRAY(a, ctx->out->ncolumns, struct str);
    size_t n = 0;
    for (size_t i = 0; i < NFIXED + s->ntooltip; i++) {
        struct str name = i < NFIXED ? fixed[i] : s->tooltip[i - NFIXED];
        bool is_column = false, taken = false;
        for (size_t k = 0; k < ctx->out->ncolumns; k++)
            is_column = is_column || str_eq(ctx->out->columns[k].name, name);
        for (size_t k = 0; k < n; k++)
            taken = taken || str_eq(names[k], name);
        if (is_column && !taken)
            names[n++] = name;
        else if (!is_column && name.n && i + 1 != NFIXED)
            n = SIZE_MAX / 2; /* some name is wrong */
        if (n > ctx->out->ncolumns)
            return engine_fetch(ctx->engine, ctx->out->id, 0, 1, NULL, 0, a, rows, err);
    }
    return engine_fetch(ctx->engine, ctx->out->id, 0, most, names, n, a, rows, err);
}

static bool draw(struct cell_ctx *ctx, const struct playbook_chart *o, struct err *err)
{
    struct chart_spec spec;
    struct table *rows;
    enum { DRAWN_MAX = 10000000 };
    if (!read_spec(ctx, o, &spec, err))
        return false;
    struct arena *work = arena_new(0, "rows to draw");
    const char *note = NULL;
    if (ctx->out->rows > DRAWN_MAX)
        note = arena_printf(work, "the chart shows the first %d of %" PRId64 " rows", DRAWN_MAX,
                            ctx->out->rows);
    bool ok = fetch_drawn(ctx, &spec, DRAWN_MAX, work, &rows, err) && cell_draw(ctx, &spec, rows, note, err);
    arena_free(work);
    return ok;
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
