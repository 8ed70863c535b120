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
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cells_int.h"
#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/vec.h"

/* To draw another chart of KQL's: a row here. */
static const struct render_kind {
    const char *name;
    enum chart_kind kind;
    enum chart_stack stack;
    const char *note; /* how ours differs; may be NULL */
} renders[] = {
    { "timechart", CHART_TIME, CHART_SIDE, NULL },
    { "anomalychart", CHART_TIME, CHART_SIDE, NULL },
    { "linechart", CHART_LINE, CHART_SIDE, NULL },
    { "areachart", CHART_AREA, CHART_SIDE, NULL },
    { "stackedareachart", CHART_AREA, CHART_STACKED, NULL },
    { "scatterchart", CHART_SCATTER, CHART_SIDE, NULL },
    { "barchart", CHART_BAR, CHART_SIDE, NULL },
    { "columnchart", CHART_COLUMN, CHART_SIDE, NULL },
    { "piechart", CHART_BAR, CHART_SIDE, "a pie is drawn as bars, which can be compared" },
    { "ladderchart", CHART_TIMELINE, CHART_SIDE, NULL },
};

enum { RENDER_ROWS = 1000000, RENDER_POINTS = 6 * RENDER_ROWS, COLUMNS_MAX = 6 };

struct series { /* a column that is drawn */
    size_t column;
    size_t flags; /* column of its anomalies, or SIZE_MAX */
};

struct render {
    struct cell_ctx *ctx;
    struct arena *arena; /* of what is needed until it is drawn */
    const struct kql_compiled *q;
    const struct render_kind *row;
    enum chart_kind kind;
    const struct table *t;
    size_t x, text; /* text: SIZE_MAX when no column tells lines apart */
    struct series ys[COLUMNS_MAX];
    size_t nys;
    bool arrays;      /* x is an array in every row */
    bool times;       /* x is a time */
    bool words;       /* x is a name */
    const char *note; /* what is not drawn as the query has it */
    struct point {
        double number;   /* x of a number */
        int64_t time;    /* x of a time */
        struct str word; /* x of a bar */
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

static void add_note(struct render *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add_note(struct render *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    r->note = r->note ? arena_printf(r->arena, "%s; %s", r->note, text) : text;
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
    bool line = r->kind == CHART_TIME || r->kind == CHART_LINE || r->kind == CHART_AREA ||
                r->kind == CHART_COLUMN;
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

/* `series` may name several columns, whose values together tell lines apart; ours knows one. */
static bool choose_series(struct render *r, struct err *err)
{
    struct str list = prop(r, "series"), name;
    size_t at = 0;
    r->text = SIZE_MAX;
    if (next_name(list, &at, &name)) {
        r->text = table_find(r->t, name);
        if (next_name(list, &at, &name))
            add_note(r, "of the columns of 'series' the first is used");
        return r->text != SIZE_MAX ||
               err_set(err, ERR_USAGE, "series: there is no column '%.*s'", STR_ARG(list));
    }
    for (size_t c = 0; c < r->t->ncols && r->text == SIZE_MAX; c++)
        if (c != r->x && r->t->cols[c].type == HB_STRING)
            r->text = c;
    return true;
}

static bool choose_columns(struct render *r, struct err *err)
{
    struct str name;
    if (!choose_x(r, err))
        return false;
    bool bar = r->kind == CHART_BAR;
    r->arrays = r->t->cols[r->x].type == HB_DYNAMIC && !bar;
    r->times = r->t->cols[r->x].type == HB_DATETIME && !bar;
    r->words = bar || (r->kind == CHART_COLUMN && !r->arrays && !r->times);
    if (!choose_series(r, err) || !named_columns(r, err))
        return false;
    size_t numbers = 0;
    for (size_t c = 0; c < r->t->ncols && prop(r, "ycolumns").n == 0; c++) {
        if (!may_be_y(r, c))
            continue;
        numbers++;
        if (r->nys < COLUMNS_MAX)
            r->ys[r->nys++] = (struct series){ c, SIZE_MAX };
    }
    if (r->nys == 0)
        return err_set(err, ERR_USAGE, "the result has no column of numbers to draw");
    if (numbers > r->nys)
        add_note(r, "the first %zu of %zu columns of numbers are drawn", r->nys, numbers);
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

static struct str human(struct arena *a, const struct column *c, size_t row)
{
    struct buf b = BUF_INIT;
    cell_put_human(&b, c, row);
    struct str s = buf_to_arena(&b, a);
    buf_free(&b);
    return s;
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
    struct str s = buf_to_arena(&b, r->arena);
    buf_free(&b);
    return s;
}

static void add_point(struct render *r, struct point p)
{
    if (r->npoints == RENDER_POINTS)
        r->cut = true;
    else
        *VEC_PUSH(r->arena, r->points, r->npoints, r->cap) = p;
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
            if (r->words)
                p.word = human(r->arena, x, row);
            else if (r->times)
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
    struct arena *a = r->arena;
    struct table *t = table_new(a, flags ? 4 : 3, r->npoints);
    struct str x = r->t->cols[r->x].name;
    struct str y = r->nys == 1 ? r->t->cols[r->ys[0].column].name : STR("value");
    bool many = false;
    table_set_column(t, 0, x, r->words ? HB_STRING : r->times ? HB_DATETIME : HB_REAL);
    table_set_column(t, 1, y, HB_REAL);
    table_set_column(t, 2, r->text != SIZE_MAX && r->nys == 1 ? r->t->cols[r->text].name : STR("series"),
                     HB_STRING);
    if (flags)
        table_set_column(t, 3, STR("anomaly"), HB_BOOL);
    for (size_t i = 0; i < r->npoints; i++) {
        const struct point *p = &r->points[i];
        if (r->words)
            t->cols[0].v.s[i] = p->word;
        else if (r->times)
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

/* accumulate=true: every value is added to those before it on the x axis, series by series. */
static int by_x(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void accumulate(struct render *r)
{
    struct map sums;
    map_init(&sums, r->arena);
    qsort(r->points, r->npoints, sizeof *r->points, by_x);
    for (size_t i = 0; i < r->npoints; i++) {
        double *sum = map_get(&sums, r->points[i].series);
        if (!sum) {
            sum = ARENA_NEW(r->arena, double);
            map_set(&sums, r->points[i].series, sum);
        }
        r->points[i].y = *sum += r->points[i].y;
    }
}

/* -- properties -- */

static void apply_kind(struct render *r, struct chart_spec *spec, struct str v)
{
    bool piles = spec->kind == CHART_BAR || spec->kind == CHART_COLUMN || spec->kind == CHART_AREA;
    if (piles && str_eqz(v, "stacked"))
        spec->stack = CHART_STACKED;
    else if (piles && str_eqz(v, "stacked100"))
        spec->stack = CHART_SHARES;
    else if (piles && str_eqz(v, "unstacked"))
        spec->stack = CHART_SIDE;
    else if (!str_eqz(v, "default"))
        add_note(r, "kind = %.*s is not drawn", STR_ARG(v));
}

static void apply_limit(struct render *r, bool *has, double *limit, struct str v)
{
    *has = str_to_f64(v, limit) && isfinite(*limit) && fabs(*limit) <= 1e15;
    if (!*has && !str_eq_nocase(v, STR("nan")))
        add_note(r, "'%.*s' is no end of an axis", STR_ARG(v));
}

static void apply_min(struct render *r, struct chart_spec *spec, struct str v)
{
    apply_limit(r, &spec->y_limits.has_min, &spec->y_limits.min, v);
}

static void apply_max(struct render *r, struct chart_spec *spec, struct str v)
{
    apply_limit(r, &spec->y_limits.has_max, &spec->y_limits.max, v);
}

static void apply_x_axis(struct render *r, struct chart_spec *spec, struct str v)
{
    spec->x_log = str_eqz(v, "log") && (spec->kind == CHART_SCATTER || spec->kind == CHART_LINE) && !r->times;
    if (str_eqz(v, "log") && !spec->x_log)
        add_note(r, "the x axis is not logarithmic");
}

static void apply_y_axis(struct render *r, struct chart_spec *spec, struct str v)
{
    spec->y_log = str_eqz(v, "log") &&
                  (spec->kind == CHART_SCATTER || spec->kind == CHART_LINE || spec->kind == CHART_TIME);
    if (str_eqz(v, "log") && !spec->y_log)
        add_note(r, "the y axis is not logarithmic: bars and areas begin at 0");
}

static void apply_legend(struct render *r, struct chart_spec *spec, struct str v)
{
    (void)r;
    spec->no_legend = str_eqz(v, "hidden");
}

static void apply_split(struct render *r, struct chart_spec *spec, struct str v)
{
    (void)spec;
    if (!str_eqz(v, "none"))
        add_note(r, "all series share one axis (ysplit = %.*s)", STR_ARG(v));
}

/* To respect another property: a row here. Without a function it is read elsewhere. */
static const struct {
    const char *name;
    void (*apply)(struct render *, struct chart_spec *, struct str value);
} properties[] = {
    { "title", NULL },         { "xcolumn", NULL },        { "ycolumns", NULL },
    { "series", NULL },        { "anomalycolumns", NULL }, { "xtitle", NULL },
    { "ytitle", NULL },        { "accumulate", NULL },     { "kind", apply_kind },
    { "ymin", apply_min },     { "ymax", apply_max },      { "xaxis", apply_x_axis },
    { "yaxis", apply_y_axis }, { "legend", apply_legend }, { "ysplit", apply_split },
};

static void apply_properties(struct render *r, struct chart_spec *spec)
{
    enum { N = sizeof properties / sizeof *properties };
    for (size_t i = 0; i < r->q->nrender_props; i++) {
        const struct kql_prop *p = &r->q->render_props[i];
        size_t k = 0;
        while (k < N && !str_eq_nocase(p->name, str_z(properties[k].name)))
            k++;
        if (k == N)
            add_note(r, "'%.*s' is not known", STR_ARG(p->name));
        else if (properties[k].apply)
            properties[k].apply(r, spec, str_trim(p->value));
    }
}

/* -- drawing -- */

/* The columns of the result are drawn as they are: their names and further columns are in the tooltips. */
static void plain_spec(const struct render *r, struct chart_spec *spec)
{
    spec->x = r->t->cols[r->x].name;
    spec->y = r->t->cols[r->ys[0].column].name;
    spec->series = r->text != SIZE_MAX ? r->t->cols[r->text].name : STR("");
}

static bool draw(struct render *r, struct err *err)
{
    struct str given = prop(r, "title");
    struct chart_spec spec = { .kind = r->kind,
                               .stack = r->row->stack,
                               .title = given.n ? given : r->ctx->out->title,
                               .x_title = prop(r, "xtitle"),
                               .y_title = prop(r, "ytitle") };
    const struct table *rows = r->t;
    bool sums = str_eq_nocase(prop(r, "accumulate"), STR("true"));
    bool plain = !sums && r->nys == 1 && !r->arrays &&
                 (r->kind == CHART_BAR || r->kind == CHART_SCATTER || r->words);
    if (plain) {
        plain_spec(r, &spec);
    } else {
        if (r->arrays)
            array_rows(r);
        else
            plain_rows(r);
        if (sums)
            accumulate(r);
        rows = point_table(r, &spec, has_flags(r));
        if (r->kind == CHART_TIME && !r->times)
            spec.kind = CHART_LINE;
    }
    if (r->cut)
        add_note(r, "the first %d points are drawn", RENDER_POINTS);
    apply_properties(r, &spec);
    return cell_draw(r->ctx, &spec, rows, r->note, err);
}

/* ladderchart: the last two columns are the ends of a bar, what stands before names its lane. */
static bool draw_ladder(struct render *r, struct err *err)
{
    size_t n = r->t->ncols;
    if (n < 3 || r->t->cols[n - 1].type != HB_DATETIME || r->t->cols[n - 2].type != HB_DATETIME)
        return err_set(err, ERR_USAGE,
                       "the last two columns of a ladder are datetimes, and a name stands before them");
    struct chart_spec spec = { .kind = CHART_TIMELINE,
                               .title = prop(r, "title").n ? prop(r, "title") : r->ctx->out->title,
                               .x = r->t->cols[n - 2].name,
                               .end = r->t->cols[n - 1].name,
                               .y = r->t->cols[0].name,
                               .x_title = prop(r, "xtitle"),
                               .y_title = prop(r, "ytitle") };
    apply_properties(r, &spec);
    return cell_draw(r->ctx, &spec, r->t, r->note, err);
}

static bool draw_rows(struct render *r, struct err *err)
{
    struct table *t;
    if (!engine_fetch(r->ctx->engine, r->ctx->out->id, 0, RENDER_ROWS, NULL, 0, r->arena, &t, err))
        return false;
    r->t = t;
    if (r->ctx->out->rows > RENDER_ROWS)
        add_note(r, "the first %d rows are drawn", RENDER_ROWS);
    if (r->row->kind == CHART_TIMELINE)
        return draw_ladder(r, err);
    return choose_columns(r, err) && draw(r, err);
}

static bool try_render(struct cell_ctx *ctx, const struct kql_compiled *q, const struct render_kind *row,
                       struct err *err)
{
    struct arena *work = arena_new(0, "a chart");
    struct render r = { .ctx = ctx, .arena = work, .q = q, .row = row, .kind = row->kind, .note = row->note };
    bool ok = draw_rows(&r, err);
    arena_free(work);
    return ok;
}

/* card: the values of the first row, named. */
static bool render_card(struct cell_ctx *ctx, struct err *err)
{
    struct table *t;
    if (!engine_fetch(ctx->engine, ctx->out->id, 0, 1, NULL, 0, ctx->arena, &t, err))
        return false;
    if (t->nrows == 0 || t->ncols == 0)
        return true;
    struct record_block *b = record_add_block(ctx->record, ctx->out, BLOCK_PAIRS);
    b->npairs = t->ncols;
    b->pairs = ARENA_ARRAY(ctx->arena, t->ncols, struct record_pair);
    for (size_t i = 0; i < t->ncols; i++)
        b->pairs[i] = (struct record_pair){ .name = arena_str(ctx->arena, t->cols[i].name),
                                            .value = human(ctx->arena, &t->cols[i], 0) };
    return true;
}

bool cell_render(struct cell_ctx *ctx, const struct kql_compiled *q, struct err *err)
{
    struct err why = ERR_INIT;
    if (q->render.n == 0 || str_eqz(q->render, "table"))
        return true;
    if (str_eqz(q->render, "card"))
        return render_card(ctx, err);
    for (size_t i = 0; i < sizeof renders / sizeof *renders; i++) {
        if (!str_eqz(q->render, renders[i].name))
            continue;
        if (try_render(ctx, q, &renders[i], &why))
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
