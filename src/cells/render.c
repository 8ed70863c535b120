/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `render` at the end of a query: the result is drawn as well as shown.
 *
 * KQL lets a client choose the columns that a query does not name: x is the first datetime (of a line) or the first
 * column, every number is a y, texts tell the lines apart. Lines may come as rows, or as the arrays of make-series; both
 * become rows of x, y, series and whether an anomaly was flagged. `render` is a wish, never a reason to fail: what cannot
 * be drawn is a warning.
 */
#include <math.h>
#include <string.h>

#include "cells_int.h"
#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/vec.h"

/* To draw another chart of KQL's: a row here. */
static const struct {
    const char *name;
    enum chart_kind kind;
    const char *note; /* how ours differs; may be NULL */
} renders[] = {
    { "timechart", CHART_TIME, NULL },
    { "anomalychart", CHART_TIME, NULL },
    { "linechart", CHART_LINE, NULL },
    { "areachart", CHART_LINE, "drawn as lines" },
    { "stackedareachart", CHART_LINE, "drawn as lines, not stacked" },
    { "scatterchart", CHART_SCATTER, NULL },
    { "barchart", CHART_BAR, NULL },
    { "columnchart", CHART_BAR, "drawn as horizontal bars" },
    { "piechart", CHART_BAR, "drawn as bars, which can be compared" },
};

enum { RENDER_ROWS = 100000, RENDER_POINTS = 1000000, COLUMNS_MAX = 6 };

struct series { /* a column that is drawn */
    size_t column;
    size_t flags; /* column of its anomalies, or SIZE_MAX */
};

struct render {
    struct cell_ctx *ctx;
    const struct kql_compiled *q;
    enum chart_kind kind;
    const struct table *t;
    size_t x, text; /* text: SIZE_MAX when no column tells lines apart */
    struct series ys[COLUMNS_MAX];
    size_t nys;
    bool arrays; /* x is an array in every row */
    bool times;  /* x is a time */
    struct point {
        double number; /* x of a number */
        int64_t time;  /* x of a time */
        double y;
        struct str series;
        bool flag;
    } * points;
    size_t npoints, cap;
    bool cut;
};

static struct str prop(const struct render *r, const char *name)
{
    for (size_t i = 0; i < r->q->nrender_props; i++)
        if (str_eq_nocase(r->q->render_props[i].name, str_z(name)))
            return r->q->render_props[i].value;
    return STR("");
}

static bool is_number(enum hb_type t)
{
    return t == HB_INT || t == HB_LONG || t == HB_REAL || t == HB_DECIMAL;
}

/* -- which columns -- */

/* The next name of "a, b"; false at the end. */
static bool next_name(struct str list, size_t *at, struct str *name)
{
    if (*at >= list.n)
        return false;
    size_t end = str_chr(list, ',', *at);
    *name = str_trim(str_sub(list, *at, end));
    *at = end + 1;
    return true;
}

static bool named_columns(struct render *r, struct err *err)
{
    struct str list = prop(r, "ycolumns"), name;
    for (size_t at = 0; next_name(list, &at, &name);) {
        size_t c = table_find(r->t, name);
        if (c == SIZE_MAX)
            return err_set(err, ERR_USAGE, "ycolumns: there is no column '%.*s'", STR_ARG(name));
        if (r->nys < COLUMNS_MAX)
            r->ys[r->nys++] = (struct series){ c, SIZE_MAX };
    }
    return true;
}

static bool may_be_y(const struct render *r, size_t c)
{
    enum hb_type t = r->t->cols[c].type;
    struct str flags = prop(r, "anomalycolumns"), name;
    for (size_t at = 0; next_name(flags, &at, &name);)
        if (str_eq(name, r->t->cols[c].name))
            return false;
    return c != r->x && c != r->text && (r->arrays ? t == HB_DYNAMIC : is_number(t));
}

static bool choose_x(struct render *r, struct err *err)
{
    struct str name = prop(r, "xcolumn");
    bool line = r->kind == CHART_TIME || r->kind == CHART_LINE;
    r->x = name.n ? table_find(r->t, name) : 0;
    if (r->x == SIZE_MAX)
        return err_set(err, ERR_USAGE, "xcolumn: there is no column '%.*s'", STR_ARG(name));
    if (r->t->ncols == 0)
        return err_set(err, ERR_USAGE, "the result has no columns");
    if (name.n || !line)
        return true;
    /* the first time; else the first array behind numbers (make-series puts its times last); else the first column */
    for (size_t c = 0; c < r->t->ncols; c++)
        if (r->t->cols[c].type == HB_DATETIME) {
            r->x = c;
            return true;
        }
    for (size_t c = r->t->ncols; c-- > 0;)
        if (r->t->cols[c].type == HB_DYNAMIC && r->t->nrows && str_starts(r->t->cols[c].v.s[0], STR("[\""))) {
            r->x = c;
            return true;
        }
    return true;
}

static bool choose_columns(struct render *r, struct err *err)
{
    struct str name = prop(r, "series");
    bool bar = r->kind == CHART_BAR;
    r->text = SIZE_MAX;
    if (!choose_x(r, err))
        return false;
    r->arrays = r->t->cols[r->x].type == HB_DYNAMIC && !bar;
    r->times = r->t->cols[r->x].type == HB_DATETIME;
    if (name.n && (r->text = table_find(r->t, name)) == SIZE_MAX)
        return err_set(err, ERR_USAGE, "series: there is no column '%.*s'", STR_ARG(name));
    for (size_t c = 0; c < r->t->ncols && r->text == SIZE_MAX && !bar; c++)
        if (c != r->x && r->t->cols[c].type == HB_STRING)
            r->text = c;
    if (!named_columns(r, err))
        return false;
    for (size_t c = 0; c < r->t->ncols && prop(r, "ycolumns").n == 0; c++)
        if (may_be_y(r, c) && r->nys < (bar ? 1 : COLUMNS_MAX))
            r->ys[r->nys++] = (struct series){ c, SIZE_MAX };
    if (r->nys == 0)
        return err_set(err, ERR_USAGE, "the result has no column of numbers to draw");
    size_t i = 0;
    for (size_t at = 0; next_name(prop(r, "anomalycolumns"), &at, &name) && i < r->nys; i++)
        r->ys[i].flags = table_find(r->t, name);
    return true;
}

/* -- rows -- */

static double number_at(const struct column *c, size_t row)
{
    double v = NAN;
    if (column_is_null(c, row))
        return NAN;
    if (c->type == HB_REAL)
        return c->v.f[row];
    if (c->type == HB_DECIMAL)
        return str_to_f64(str_trim(c->v.s[row]), &v) ? v : NAN;
    if (c->type == HB_BOOL)
        return c->v.b[row];
    return is_number(c->type) ? (double)c->v.i[row] : NAN;
}

/* "host, Count" when there is more than one of either. */
static struct str series_name(const struct render *r, size_t row, size_t y)
{
    struct str column = r->t->cols[r->ys[y].column].name;
    if (r->text == SIZE_MAX)
        return column;
    struct buf b = BUF_INIT;
    cell_put_human(&b, &r->t->cols[r->text], row);
    if (r->nys > 1) {
        buf_puts(&b, ", ");
        buf_str(&b, column);
    }
    struct str s = buf_to_arena(&b, r->ctx->arena);
    buf_free(&b);
    return s;
}

static void add_point(struct render *r, struct point p)
{
    if (r->npoints == RENDER_POINTS)
        r->cut = true;
    else
        *VEC_PUSH(r->ctx->arena, r->points, r->npoints, r->cap) = p;
}

static void plain_rows(struct render *r)
{
    const struct column *x = &r->t->cols[r->x];
    for (size_t row = 0; row < r->t->nrows; row++)
        for (size_t y = 0; y < r->nys; y++) {
            struct point p = { .y = number_at(&r->t->cols[r->ys[y].column], row),
                               .series = series_name(r, row, y) };
            if (r->ys[y].flags != SIZE_MAX)
                p.flag = number_at(&r->t->cols[r->ys[y].flags], row) != 0;
            if (column_is_null(x, row) || isnan(p.y))
                continue;
            if (r->times)
                p.time = x->v.i[row];
            else
                p.number = number_at(x, row);
            add_point(r, p);
        }
}

static cJSON *array_at(const struct render *r, size_t column, size_t row)
{
    struct err ignored = ERR_INIT;
    const struct column *c = &r->t->cols[column];
    cJSON *v = c->type == HB_DYNAMIC ? json_parse(c->v.s[row], &ignored) : NULL;
    if (v && !cJSON_IsArray(v)) {
        cJSON_Delete(v);
        v = NULL;
    }
    return v;
}

static void array_points(struct render *r, size_t row, size_t y, const cJSON *xs)
{
    cJSON *ys = array_at(r, r->ys[y].column, row);
    cJSON *flags = r->ys[y].flags != SIZE_MAX ? array_at(r, r->ys[y].flags, row) : NULL;
    const cJSON *x = xs->child, *v = ys ? ys->child : NULL, *flag = flags ? flags->child : NULL;
    struct str name = series_name(r, row, y);
    for (; x && v; x = x->next, v = v->next, flag = flag ? flag->next : NULL) {
        struct point p = { .series = name, .y = v->valuedouble };
        bool time = cJSON_IsString(x) && ticks_parse_iso(str_z(x->valuestring), &p.time);
        if (!cJSON_IsNumber(v) || (!time && !cJSON_IsNumber(x)))
            continue;
        r->times = r->times || time;
        p.number = time ? 0 : x->valuedouble;
        p.flag = flag && cJSON_IsNumber(flag) && flag->valuedouble != 0;
        add_point(r, p);
    }
    cJSON_Delete(ys);
    cJSON_Delete(flags);
}

static void array_rows(struct render *r)
{
    for (size_t row = 0; row < r->t->nrows; row++) {
        cJSON *xs = array_at(r, r->x, row);
        for (size_t y = 0; xs && y < r->nys; y++)
            array_points(r, row, y, xs);
        cJSON_Delete(xs);
    }
}

/* -- the chart -- */

static const struct table *point_table(const struct render *r, struct chart_spec *spec, bool flags)
{
    struct arena *a = r->ctx->arena;
    struct table *t = table_new(a, flags ? 4 : 3, r->npoints);
    struct str x = r->t->cols[r->x].name;
    struct str y = r->nys == 1 ? r->t->cols[r->ys[0].column].name : STR("value");
    bool many = false;
    table_set_column(t, 0, x, r->times ? HB_DATETIME : HB_REAL);
    table_set_column(t, 1, y, HB_REAL);
    table_set_column(t, 2, r->text != SIZE_MAX && r->nys == 1 ? r->t->cols[r->text].name : STR("series"),
                     HB_STRING);
    if (flags)
        table_set_column(t, 3, STR("anomaly"), HB_BOOL);
    for (size_t i = 0; i < r->npoints; i++) {
        const struct point *p = &r->points[i];
        if (r->times)
            t->cols[0].v.i[i] = p->time;
        else
            t->cols[0].v.f[i] = p->number;
        t->cols[1].v.f[i] = p->y;
        t->cols[2].v.s[i] = p->series;
        if (flags)
            t->cols[3].v.b[i] = p->flag;
        many = many || !str_eq(p->series, r->points[0].series);
    }
    spec->x = x;
    spec->y = y;
    spec->series = many ? t->cols[2].name : STR("");
    spec->highlight = flags ? t->cols[3].name : STR("");
    return t;
}

static bool has_flags(const struct render *r)
{
    for (size_t i = 0; i < r->npoints; i++)
        if (r->points[i].flag)
            return true;
    return false;
}

static bool draw(struct render *r, const char *note, struct err *err)
{
    struct str given = prop(r, "title");
    struct chart_spec spec = { .kind = r->kind,
                               .title = given.n ? given : r->ctx->out->title,
                               .x_title = prop(r, "xtitle"),
                               .y_title = prop(r, "ytitle") };
    const struct table *rows = r->t;
    if (r->kind == CHART_BAR || (r->kind == CHART_SCATTER && !r->arrays && r->nys == 1)) {
        spec.x = r->t->cols[r->x].name;
        spec.y = r->t->cols[r->ys[0].column].name;
        spec.series = r->text != SIZE_MAX ? r->t->cols[r->text].name : STR("");
    } else {
        if (r->arrays)
            array_rows(r);
        else
            plain_rows(r);
        rows = point_table(r, &spec, has_flags(r));
        if (r->kind == CHART_TIME && !r->times)
            spec.kind = CHART_LINE;
    }
    if (r->cut)
        record_warn(r->ctx->record, r->ctx->out, "render: the first %d points are drawn", RENDER_POINTS);
    return cell_draw(r->ctx, &spec, rows, note, err);
}

static bool try_render(struct cell_ctx *ctx, const struct kql_compiled *q, enum chart_kind kind,
                       const char *note, struct err *err)
{
    struct render r = { .ctx = ctx, .q = q, .kind = kind };
    struct table *t;
    if (!engine_fetch(ctx->engine, ctx->out->id, 0, RENDER_ROWS, NULL, 0, ctx->arena, &t, err))
        return false;
    r.t = t;
    if (ctx->out->rows > RENDER_ROWS)
        record_warn(ctx->record, ctx->out, "render: the first %d rows are drawn", RENDER_ROWS);
    return choose_columns(&r, err) && draw(&r, note, err);
}

bool cell_render(struct cell_ctx *ctx, const struct kql_compiled *q, struct err *err)
{
    struct err why = ERR_INIT;
    if (q->render.n == 0 || str_eqz(q->render, "table"))
        return true;
    for (size_t i = 0; i < sizeof renders / sizeof *renders; i++) {
        if (!str_eqz(q->render, renders[i].name))
            continue;
        if (try_render(ctx, q, renders[i].kind, renders[i].note, &why))
            return true;
        if (why.kind == ERR_INTERRUPT) {
            *err = why;
            return false;
        }
        record_warn(ctx->record, ctx->out, "render %.*s: not drawn: %s", STR_ARG(q->render), why.text);
        return true;
    }
    record_warn(ctx->record, ctx->out, "render %.*s: charts of this kind are not drawn; the rows are shown",
                STR_ARG(q->render));
    return true;
}
