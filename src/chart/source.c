/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of charts, and a specification's columns found in a table.
 *
 * To add a kind: a name in enum chart_kind, a row in `kinds`, a fill function in marks.c, a case in
 * tests/unit/test_chart.c.
 */
#include "chart_int.h"

#include <math.h>

#include "hb/ticks.h"
#include "source_kinds.h"

static const struct chart_kind_row kinds[CHART_KINDS] = {
    [CHART_SCATTER] = { { "scatter", true, "a point for each row" }, ANY_TYPE, ANY_TYPE, fill_scatter },
    [CHART_BAR] = { { "bar", true, "a horizontal bar for each row, or the largest with top" },
                    ANY_TYPE,
                    NUMBER_TYPES,
                    fill_bar },
    [CHART_LINE] = { { "line", true, "a line through the rows, sorted by x" },
                     NUMBER_TYPES | TIME_TYPE,
                     NUMBER_TYPES,
                     fill_line },
    [CHART_TIME] = { { "timechart", true, "a line over time" }, TIME_TYPE, NUMBER_TYPES, fill_line },
    [CHART_HISTOGRAM] = { { "histogram", false, "rows counted in bins of equal width" },
                          NUMBER_TYPES | TIME_TYPE,
                          NUMBER_TYPES,
                          fill_histogram },
    [CHART_HEATMAP] = { { "heatmap", false, "rows counted, or a value summed, in cells of x and y" },
                        ANY_TYPE,
                        ANY_TYPE,
                        fill_heatmap },
    [CHART_COLUMN] = { { "column", true, "an upright bar for each row; times stand on an axis" },
                       ANY_TYPE,
                       NUMBER_TYPES,
                       fill_column },
    [CHART_AREA] = { { "area", true, "as line, filled down to zero; with series also stacked" },
                     NUMBER_TYPES | TIME_TYPE,
                     NUMBER_TYPES,
                     fill_area },
    [CHART_TIMELINE] = { { "timeline", true, "a lane for each y, a bar from x to end or a dot at x" },
                         TIME_TYPE,
                         ANY_TYPE,
                         fill_timeline },
};

const struct chart_kind_row *chart_kind_row(enum chart_kind k)
{
    return &kinds[k];
}

const struct chart_kind_info *chart_kind_info(enum chart_kind k)
{
    return &kinds[k].info;
}

bool chart_kind_parse(struct str name, enum chart_kind *out)
{
    for (size_t i = 0; i < CHART_KINDS; i++) {
        if (str_eqz(name, kinds[i].info.name)) {
            *out = (enum chart_kind)i;
            return true;
        }
    }
    return false;
}

bool column_is_number(const struct column *c)
{
    return NUMBER_TYPES >> c->type & 1;
}

/* -- finding columns -- */

static bool unknown_column(const struct table *t, const char *option, struct str name, struct err *err)
{
    struct arena *a = arena_new(0, "names of columns");
    struct str *names = ARENA_ARRAY(a, t->ncols, struct str);
    for (size_t i = 0; i < t->ncols; i++)
        names[i] = t->cols[i].name;
    struct str near = str_nearest(name, names, t->ncols);
    if (near.n)
        err_set(err, ERR_USAGE, "chart: %s: there is no column '%.*s'; did you mean '%.*s'?", option,
                STR_ARG(name), STR_ARG(near));
    else
        err_set(err, ERR_USAGE, "chart: %s: there is no column '%.*s'", option, STR_ARG(name));
    arena_free(a);
    return false;
}

static bool find(const struct table *t, const char *option, struct str name, unsigned types,
                 const struct column **out, struct err *err)
{
    *out = NULL;
    if (!name.n)
        return true;
    size_t i = table_find(t, name);
    if (i == SIZE_MAX)
        return unknown_column(t, option, name, err);
    *out = &t->cols[i];
    if (types >> (*out)->type & 1)
        return true;
    return err_set(err, ERR_USAGE, "chart: %s: column '%.*s' is of type %s; give %s", option, STR_ARG(name),
                   hb_type_name((*out)->type),
                   types == TIME_TYPE  ? "a datetime"
                   : types & TIME_TYPE ? "a number or a datetime"
                                       : "a number");
}

static bool check_tooltips(const struct chart_spec *spec, const struct table *t, struct err *err)
{
    for (size_t i = 0; i < spec->ntooltip; i++)
        if (table_find(t, spec->tooltip[i]) == SIZE_MAX)
            return unknown_column(t, "tooltip", spec->tooltip[i], err);
    return true;
}

static bool check_band(const struct source *s, struct err *err)
{
    if (!s->low && !s->high)
        return true;
    if (s->spec->kind != CHART_LINE && s->spec->kind != CHART_TIME && s->spec->kind != CHART_AREA)
        return err_set(err, ERR_USAGE, "chart: 'low' and 'high' are for kinds line, timechart and area");
    if (!s->low || !s->high)
        return err_set(err, ERR_USAGE, "chart: a band needs both 'low' and 'high'");
    return !s->series || err_set(err, ERR_USAGE, "chart: a band is for one line; leave out 'series'");
}

/* Whether that column could be drawn as hours and days; an unknown column is told of later. */
static bool week_of(const struct table *t, struct str x)
{
    size_t i = table_find(t, x);
    return i == SIZE_MAX || t->cols[i].type == HB_DATETIME;
}

bool source_init(struct source *s, const struct chart_spec *spec, const struct table *t,
                 const struct text_metrics *m, struct err *err)
{
    const struct chart_kind_row *kind = &kinds[spec->kind];
    *s = (struct source){ .spec = spec, .table = t, .metrics = m };
    if (!spec->x.n || (kind->info.needs_y && !spec->y.n))
        return err_set(err, ERR_USAGE, "chart: a %s needs a column for '%s'", kind->info.name,
                       spec->x.n ? "y" : "x");
    if (spec->kind == CHART_HEATMAP && !spec->y.n && !week_of(t, spec->x))
        return err_set(
            err, ERR_USAGE,
            "chart: a heatmap needs a column for 'y', or a datetime as 'x' for hours and days of the week");
    struct str highlight = spec->highlight;
    if (!highlight.n && table_find(t, STR("Anomaly")) != SIZE_MAX)
        highlight = STR("Anomaly");
    bool ok = find(t, "x", spec->x, kind->x_types, &s->x, err) &&
              find(t, "y", spec->y, kind->y_types, &s->y, err) &&
              find(t, "series", spec->series, ANY_TYPE, &s->series, err) &&
              find(t, "value", spec->value, NUMBER_TYPES, &s->value, err) &&
              find(t, "end", spec->end, TIME_TYPE, &s->end, err) &&
              find(t, "low", spec->low, NUMBER_TYPES, &s->low, err) &&
              find(t, "high", spec->high, NUMBER_TYPES, &s->high, err) && check_band(s, err) &&
              find(t, "highlight", highlight, spec->highlight.n ? FLAG_TYPES : ANY_TYPE, &s->highlight,
                   err) &&
              check_tooltips(spec, t, err);
    if (ok && s->highlight && !(FLAG_TYPES >> s->highlight->type & 1))
        s->highlight = NULL; /* a column that happens to be called Anomaly */
    return ok;
}

bool chart_check(const struct chart_spec *spec, const struct table *t, struct err *err)
{
    struct source s;
    return source_init(&s, spec, t, NULL, err);
}

/* -- cells -- */

bool source_number(const struct column *c, size_t row, int64_t origin, double *out)
{
    if (column_is_null(c, row))
        return false;
    switch (c->type) {
    case HB_REAL: *out = c->v.f[row]; break;
    case HB_DECIMAL: return str_to_f64(str_trim(c->v.s[row]), out) && isfinite(*out);
    case HB_TIMESPAN: *out = (double)c->v.i[row] / (double)TICKS_SEC; break;
    case HB_DATETIME:
        if (c->v.i[row] < 0 || c->v.i[row] > TICKS_MAX)
            return false;
        *out = (double)(c->v.i[row] - origin) / (double)TICKS_SEC;
        break;
    default: *out = (double)c->v.i[row]; break;
    }
    /* Beyond this gnuplot's own arithmetic overflows. */
    return isfinite(*out) && fabs(*out) < 1e250;
}

uint8_t source_role(const struct source *s, size_t row)
{
    const struct column *c = s->highlight;
    double v;
    if (!c || column_is_null(c, row))
        return PAINT_ACCENT;
    if (c->type == HB_BOOL)
        return c->v.b[row] ? PAINT_ALARM : PAINT_ACCENT;
    return source_number(c, row, 0, &v) && v < 0 ? PAINT_ALARM : PAINT_ACCENT;
}

static void put_tip_line(struct buf *b, const struct column *c, size_t row)
{
    enum { VALUE_MOST = 200, NAME_MOST = 80 };
    struct buf value = BUF_INIT;
    if (!c)
        return;
    if (b->n)
        buf_putc(b, '\n');
    put_clean(b, c->name, NAME_MOST);
    buf_puts(b, ": ");
    cell_put_human(&value, c, row);
    put_clean(b, buf_view(&value), VALUE_MOST);
    buf_free(&value);
}

struct str source_tip(struct arena *a, const struct source *s, size_t row)
{
    struct buf b = BUF_INIT;
    put_tip_line(&b, s->x, row);
    put_tip_line(&b, s->end, row);
    put_tip_line(&b, s->y, row);
    put_tip_line(&b, s->series, row);
    put_tip_line(&b, s->value, row);
    put_tip_line(&b, s->low, row);
    put_tip_line(&b, s->high, row);
    for (size_t i = 0; i < s->spec->ntooltip; i++)
        put_tip_line(&b, &s->table->cols[table_find(s->table, s->spec->tooltip[i])], row);
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}
