/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of a playbook's KQL that need types: columns and functions, as far as the tables are known.
 *
 * A text is compiled when all tables that it reads have a known shape: earlier cells whose own tables are known, and the tables of
 * Sentinel and Defender by the built-in schemas, with what a connect cell declares besides. Nothing is guessed: where a
 * table is not known, nothing is said. A source may have columns of its own and may run what the embedded engine cannot, so of a
 * query that reads the source such faults are warnings.
 */
#include "check_int.h"
#include "run_int.h"

#include <string.h>

#include "hb/analysis.h"
#include "hb/kql_known.h"
#include "hb/ticks.h"

/* The catalogue of one text. */
struct known {
    struct checker *ck;
    const struct view *v;
    const struct kql_refs *refs;
    bool reads_source;
    struct kql_alias alias; /* of the table asked for last */
};

/* ---- shapes of tables ---- */

static size_t find_column(const struct kql_column *cols, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(cols[i].name, name))
            return i;
    return SIZE_MAX;
}

/* The built-in schema, and what connect cells declare besides. */
static bool source_shape(struct checker *ck, const struct kql_refs *refs, struct str name,
                         struct cell_shape *out)
{
    struct kql_column *known, *cols;
    size_t n, more = 0;
    if (!kql_known_table_for(ck->arena, name, false, refs, &known, &n))
        return false;
    for (size_t i = 0; i < ck->ndeclared; i++)
        more += str_eq(ck->declared[i]->name.s, name) ? ck->declared[i]->ncolumns : 0;
    cols = ARENA_ARRAY(ck->arena, n + more, struct kql_column);
    memcpy(cols, known, n * sizeof *cols);
    for (size_t i = 0; i < ck->ndeclared; i++)
        for (size_t k = 0; str_eq(ck->declared[i]->name.s, name) && k < ck->declared[i]->ncolumns; k++) {
            const struct connect_column *c = &ck->declared[i]->columns[k];
            if (find_column(cols, n, c->name.s) == SIZE_MAX)
                cols[n++] = (struct kql_column){ c->name.s, c->type == HB_UNKNOWN ? HB_DYNAMIC : c->type };
        }
    *out = (struct cell_shape){ .known = true, .cols = cols, .ncols = n };
    return true;
}

static bool table_shape(struct known *known, struct str name, bool *from_source, struct cell_shape *out)
{
    struct checker *ck = known->ck;
    const struct view *v = known->v;
    const struct playbook_cell *c = playbook_find_cell(ck->p, name);
    size_t i = c ? (size_t)(c - ck->p->cells.items) : SIZE_MAX;
    if (c && (i < v->cells || (i == v->self && v->finished))) {
        *out = ck->shapes[i];
        return out->known;
    }
    *from_source = true;
    return !c && source_shape(ck, known->refs, name, out);
}

/* ---- the catalogue ---- */

static bool known_table(void *ctx, struct str name, struct kql_table *out)
{
    struct known *known = ctx;
    struct cell_shape shape;
    bool from_source = false;
    if (!table_shape(known, name, &from_source, &shape))
        return false;
    *out = (struct kql_table){ .sql_name = name, .cols = shape.cols, .ncols = shape.ncols };
    if (kql_time_alias(shape.cols, shape.ncols, &known->alias)) {
        out->aliases = &known->alias;
        out->naliases = 1;
    }
    return true;
}

static bool known_scalar(void *ctx, struct str name, struct kql_scalar *out)
{
    struct known *known = ctx;
    const struct playbook_param *p = playbook_find_param(known->ck->p, name);
    if (p && p->type != PARAM_UNSET) {
        run_param_scalar(known->ck->arena, p, out);
        return true;
    }
    if (str_eqz(name, "rows")) {
        *out = (struct kql_scalar){ .type = HB_LONG };
        return true;
    }
    if (!str_eqz(name, "cells") && !str_eqz(name, "run"))
        return false;
    *out = (struct kql_scalar){ .type = HB_DYNAMIC, .v.s = STR("{}") };
    return true;
}

static size_t known_names(void *ctx, struct arena *a, struct str **out)
{
    const struct known *known = ctx;
    const struct playbook *p = known->ck->p;
    size_t n = 0;
    *out = ARENA_ARRAY(a, p->cells.n, struct str);
    for (size_t i = 0; i < p->cells.n && i < known->v->cells; i++)
        if (known->ck->shapes[i].known)
            (*out)[n++] = p->cells.items[i].id.s;
    return n;
}

/* ---- compiling ---- */

/* All tables of the text are known, and nothing in it makes columns of data. */
static bool can_compile(struct known *known, const struct passage *text, const struct kql_refs *refs)
{
    struct cell_shape shape;
    if (str_find(text->s, STR("evaluate"), 0) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < refs->n; i++) {
        const struct kql_ref *ref = &refs->items[i];
        if (ref->wildcard || ref->of_database || ref->kind == KQL_REF_CALL)
            return false;
        bool is_param = playbook_find_param(known->ck->p, ref->name) != NULL;
        if ((ref->kind == KQL_REF_TABLE || (ref->kind == KQL_REF_ANY && !is_param)) &&
            !table_shape(known, ref->name, &known->reads_source, &shape))
            return false;
    }
    return true;
}

/* What a source may have and the embedded engine or the built-in schemas do not know. */
static const struct {
    const char *part, *hint;
} may_be[] = {
    { "not supported", "the embedded engine cannot run this; another source may" },
    { "unknown name", "a column of your own? name it in a connect cell" },
    { "unknown column", "a column of your own? name it in a connect cell" },
    { "unknown function", "the embedded engine cannot run this; another source may" },
};

static void move_diag(struct checker *ck, const struct passage *text, const struct diag *d, bool reads_source)
{
    enum diag_level level = d->level;
    const char *hint = d->hint.n > 0 ? d->hint.p : NULL;
    bool misspelt = str_starts(d->hint, STR("did you mean"));
    for (size_t i = 0; reads_source && !misspelt && i < sizeof may_be / sizeof *may_be; i++)
        if (str_find(d->message, str_z(may_be[i].part), 0) != SIZE_MAX) {
            level = DIAG_WARNING;
            hint = may_be[i].hint;
        }
    diag_add(ck->diags, level, ck->p->source, passage_map(text, d->span), hint, "%.*s", STR_ARG(d->message));
}

static void check_condition_type(struct checker *ck, const struct passage *text, const struct kql_compiled *c)
{
    enum hb_type type = c->cols[0].type;
    if (type == HB_BOOL)
        return;
    diag_add(ck->diags, DIAG_ERROR, ck->p->source, passage_map(text, (struct span){ 0, text->s.n }),
             "compare it: rows > 0", "a condition is true or false, and this is of type %s",
             hb_type_name(type));
}

/* ---- which columns of the source are read ---- */

static struct table_reads *reads_of(struct checker *ck, struct str table)
{
    for (size_t i = 0; i < ck->nreads; i++)
        if (str_eq(ck->reads[i].table, table))
            return &ck->reads[i];
    struct table_reads *r = VEC_PUSH(ck->arena, ck->reads, ck->nreads, ck->cap_reads);
    r->table = table;
    return r;
}

static void note_column(struct checker *ck, struct table_reads *r, struct str column)
{
    for (size_t i = 0; i < r->ncolumns; i++)
        if (str_eq(r->columns[i], column))
            return;
    *VEC_PUSH(ck->arena, r->columns, r->ncolumns, r->cap) = column;
}

/* A text that could not be compiled here: what it names is read whole. */
static void note_all(struct checker *ck, const struct kql_refs *refs)
{
    for (size_t i = 0; i < refs->n; i++) {
        const struct kql_ref *ref = &refs->items[i];
        ck->read_anything |= ref->wildcard || ref->kind == KQL_REF_CALL;
        if ((ref->kind == KQL_REF_TABLE || ref->kind == KQL_REF_ANY) && !playbook_find_cell(ck->p, ref->name))
            reads_of(ck, ref->name)->all = true;
    }
}

/* Words of queries whose meaning depends on which columns a table has. */
static const char *const depend[] = {
    "join",     "lookup",   "union",        "find",         "search",          "evaluate", "getschema",
    "ifexists", "pack_all", "project-away", "project-keep", "project-reorder", "invoke",
};

static void note_reads(struct checker *ck, const struct passage *text, const struct kql_refs *refs,
                       const struct kql_compiled *c)
{
    bool known = c->scans_known;
    for (size_t i = 0; known && i < sizeof depend / sizeof *depend; i++)
        known = str_find(text->s, str_z(depend[i]), 0) == SIZE_MAX;
    if (!known) {
        note_all(ck, refs);
        return;
    }
    for (size_t i = 0; i < c->nscans; i++) {
        const struct kql_scan *scan = &c->scans[i];
        struct cell_shape shape;
        if (playbook_find_cell(ck->p, scan->sql_name) || !source_shape(ck, refs, scan->sql_name, &shape))
            continue;
        struct table_reads *r = reads_of(ck, scan->sql_name);
        size_t read = 0;
        for (size_t k = 0; k < scan->ncols; k++) {
            read += scan->read[k];
            if (scan->read[k])
                note_column(ck, r, shape.cols[k].name);
        }
        r->all |= read == scan->ncols; /* handed on as it is, with columns that only the source knows */
    }
}

void check_note_declared(struct checker *ck)
{
    for (size_t i = 0; i < ck->ndeclared; i++) {
        struct table_reads *r = reads_of(ck, ck->declared[i]->name.s);
        for (size_t k = 0; k < ck->declared[i]->ncolumns; k++)
            note_column(ck, r, ck->declared[i]->columns[k].name.s);
    }
}

void check_types(struct checker *ck, const struct view *v, const struct passage *text,
                 const struct kql_refs *refs)
{
    struct known known = { .ck = ck, .v = v, .refs = refs };
    if (!can_compile(&known, text, refs)) {
        note_all(ck, refs);
        ck->read_anything |= str_find(text->s, STR("evaluate"), 0) != SIZE_MAX;
        return;
    }
    struct kql_catalog catalog = { &known, known_table, known_scalar, known_names };
    struct kql_options options = { .now = TICKS_UNIX };
    struct kql_compiled compiled = { 0 };
    struct source *src = check_source(ck, text);
    struct diags found;
    diags_init(&found, ck->arena);
    bool ok = v->is_expr ? kql_compile_expr(ck->arena, src, &catalog, &options, &found, &compiled)
                         : kql_compile(ck->arena, src, &catalog, &options, &found, &compiled);
    for (size_t i = 0; i < found.n; i++)
        move_diag(ck, text, &found.items[i], known.reads_source);
    if (!ok) {
        note_all(ck, refs);
        return;
    }
    note_reads(ck, text, refs, &compiled);
    if (v->is_condition)
        check_condition_type(ck, text, &compiled);
    else if (!v->is_expr && v->self != SIZE_MAX)
        ck->shapes[v->self] = (struct cell_shape){ true, compiled.cols, compiled.ncols };
}

/* ---- columns that options name ---- */

/* The column that an option names: written, or the value of a parameter. Empty: not known before the run. */
static struct str column_of(const struct checker *ck, const struct opt_value *o)
{
    if (o->kind == OPT_LITERAL)
        return o->s;
    const struct playbook_param *p = o->kind == OPT_EXPR ? playbook_find_param(ck->p, o->s) : NULL;
    return p && p->type == PARAM_COLUMN && p->value.set ? p->value.s : STR("");
}

/* Its index in the shape; SIZE_MAX when it is not known, or is not there (and that was said). */
static size_t check_column(struct checker *ck, const struct cell_shape *shape, struct str name,
                           struct span at)
{
    if (!shape->known || name.n == 0)
        return SIZE_MAX;
    size_t i = find_column(shape->cols, shape->ncols, name);
    if (i != SIZE_MAX)
        return i;
    struct str *names = ARENA_ARRAY(ck->arena, shape->ncols, struct str);
    struct buf all = BUF_INIT;
    for (size_t k = 0; k < shape->ncols; k++) {
        names[k] = shape->cols[k].name;
        buf_printf(&all, "%s%.*s", k == 0 ? "the columns are " : ", ", STR_ARG(names[k]));
    }
    struct str near = str_nearest(name, names, shape->ncols);
    diag_add(ck->diags, DIAG_ERROR, ck->p->source, at,
             near.n > 0 ? arena_printf(ck->arena, "did you mean '%.*s'?", STR_ARG(near)) : buf_z(&all),
             "the table has no column '%.*s'", STR_ARG(name));
    buf_free(&all);
    return SIZE_MAX;
}

static size_t check_option_column(struct checker *ck, const struct cell_shape *shape,
                                  const struct opt_value *o)
{
    return check_column(ck, shape, column_of(ck, o), o->text.span);
}

static struct cell_shape shape_of(const struct checker *ck, const struct passage *from, size_t index)
{
    const struct playbook_cell *c = passage_given(from) ? playbook_find_cell(ck->p, from->s) : NULL;
    if (!passage_given(from))
        return ck->shapes[index]; /* of its query */
    return c && c < &ck->p->cells.items[index] ? ck->shapes[c - ck->p->cells.items]
                                               : (struct cell_shape){ 0 };
}

static void check_anomaly(struct checker *ck, size_t index)
{
    static const struct kql_column added[] = { { STR_INIT("Anomaly"), HB_INT },
                                               { STR_INIT("Anomaly_Score"), HB_REAL },
                                               { STR_INIT("Anomaly_Reason"), HB_STRING } };
    const struct anomaly_cell *c = ck->p->cells.items[index].options;
    struct cell_shape from = shape_of(ck, &c->from, index);
    struct err err = ERR_INIT;
    for (size_t i = 0; i < c->features.n; i++) {
        const struct anomaly_feature *f = &c->features.items[i];
        size_t at = check_option_column(ck, &from, &f->column);
        if (at != SIZE_MAX && f->encode &&
            !encoding_check((enum encoding)(f->encode - 1), from.cols[at].name, from.cols[at].type, &err))
            diag_add(ck->diags, DIAG_ERROR, ck->p->source, f->column.text.span, NULL, "%s", err.text);
    }
    if (!from.known)
        return;
    size_t n = sizeof added / sizeof *added;
    struct kql_column *cols = ARENA_ARRAY(ck->arena, from.ncols + n, struct kql_column);
    memcpy(cols, from.cols, from.ncols * sizeof *cols);
    memcpy(cols + from.ncols, added, sizeof added);
    ck->shapes[index] = (struct cell_shape){ true, cols, from.ncols + n };
}

static void check_chart(struct checker *ck, size_t index)
{
    const struct chart_cell *c = ck->p->cells.items[index].options;
    const struct opt_value *const columns[] = { &c->chart.x,     &c->chart.y,         &c->chart.series,
                                                &c->chart.value, &c->chart.highlight, &c->chart.low,
                                                &c->chart.high,  &c->chart.end };
    struct cell_shape shape = shape_of(ck, &c->from, index);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        check_option_column(ck, &shape, columns[i]);
    for (size_t i = 0; i < c->chart.tooltip.n; i++)
        check_option_column(ck, &shape, &c->chart.tooltip.items[i]);
    ck->shapes[index] = shape;
}

static void check_search(struct checker *ck, size_t index)
{
    const struct search_cell *c = ck->p->cells.items[index].options;
    struct cell_shape shape = shape_of(ck, &c->from, index);
    check_option_column(ck, &shape, &c->column);
    ck->shapes[index] = shape;
}

/* Kinds whose options name columns, or whose table is not just what the query gives. */
static const struct {
    const char *kind;
    void (*check)(struct checker *ck, size_t index);
} kinds[] = { { "anomaly", check_anomaly }, { "chart", check_chart }, { "search", check_search } };

void check_columns(struct checker *ck, size_t index)
{
    const struct playbook_cell *c = &ck->p->cells.items[index];
    for (size_t i = 0; c->schema && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(c->schema->name, kinds[i].kind) == 0)
            kinds[i].check(ck, index);
    for (size_t i = 0; i < c->display.columns.n; i++)
        check_column(ck, &ck->shapes[index], c->display.columns.items[i].s, c->display.columns.items[i].span);
}
