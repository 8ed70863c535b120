/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of the scan operator: kql_scan(rows, program).
 *
 * rows: JSON arrays [number, input, ...] in order. program, made by the compiler, is
 *     {"inputs": [[slot, type], ...], "declare": [[type, sql], ...],
 *      "vars": [[slot, step, declared?, index], ...],       what conditions read of earlier steps
 *      "steps": [{"output": "all", "when": sql, "set": [[declared, sql], ...]}, ...]}
 * with types b l r s and j (dynamic). The result: [number of the row, number of the match, declared value, ...] in the order in
 * which rows are given out.
 *
 * A step's state holds the last row of each step up to it. Rows meet the steps from the last to the first; a state moves on to
 * the next step when that step's condition holds.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "jscan.h"
#include "rowsql.h"
#include "udf.h"

enum { OUT_ALL, OUT_LAST, OUT_NONE };

struct setting {
    size_t declared;
    struct rexpr *value;
};

struct step {
    int output;
    struct rexpr *when;
    struct setting *sets;
    size_t nsets;
};

struct var {
    int64_t slot;
    size_t step, index;
    bool declared;
    char type;
};

struct program {
    int64_t *inputs; /* slots */
    char *input_types;
    size_t ninputs;
    char *types; /* of declared columns */
    struct rvalue *defaults;
    size_t ndeclared;
    struct var *vars;
    size_t nvars;
    struct step *steps;
    size_t nsteps;
};

/* ---- the program ---- */

static bool find_slot(void *ctx, int64_t id, size_t *out)
{
    const struct program *p = ctx;
    for (size_t i = 0; i < p->ninputs; i++)
        if (p->inputs[i] == id) {
            *out = i;
            return true;
        }
    for (size_t i = 0; i < p->nvars; i++)
        if (p->vars[i].slot == id) {
            *out = p->ninputs + i;
            return true;
        }
    return false;
}

static size_t count(const cJSON *a)
{
    return (size_t)cJSON_GetArraySize(a);
}

static const cJSON *item(const cJSON *a, size_t i)
{
    return cJSON_GetArrayItem(a, (int)i);
}

static size_t num(const cJSON *a, size_t i)
{
    const cJSON *n = item(a, i);
    return n ? (size_t)n->valuedouble : 0;
}

static struct str text(const cJSON *a, size_t i)
{
    const cJSON *n = item(a, i);
    return n && n->valuestring ? str_z(n->valuestring) : STR("");
}

static struct rexpr *expr(struct arena *a, struct program *p, struct str sql)
{
    return rowsql_parse(a, arena_str(a, sql), find_slot, p);
}

static bool read_columns(struct arena *a, struct program *p, const cJSON *j)
{
    const cJSON *in = json_get(j, "inputs"), *declare = json_get(j, "declare"), *vars = json_get(j, "vars");
    p->ninputs = count(in);
    p->inputs = ARENA_ARRAY(a, p->ninputs, int64_t);
    p->input_types = arena_alloc(a, p->ninputs + 1);
    for (size_t i = 0; i < p->ninputs; i++) {
        p->inputs[i] = (int64_t)num(item(in, i), 0);
        p->input_types[i] = *text(item(in, i), 1).p;
    }
    p->ndeclared = count(declare);
    p->types = arena_alloc(a, p->ndeclared + 1);
    p->defaults = ARENA_ARRAY(a, p->ndeclared, struct rvalue);
    for (size_t i = 0; i < p->ndeclared; i++) {
        struct rexpr *e = expr(a, p, text(item(declare, i), 1));
        if (!e)
            return false;
        p->types[i] = *text(item(declare, i), 0).p;
        p->defaults[i] = rowsql_eval(e, NULL, a);
    }
    p->nvars = count(vars);
    p->vars = ARENA_ARRAY(a, p->nvars, struct var);
    for (size_t i = 0; i < p->nvars; i++) {
        const cJSON *v = item(vars, i);
        struct var *x = &p->vars[i];
        *x = (struct var){ (int64_t)num(v, 0), num(v, 1), num(v, 3), num(v, 2) != 0, 'l' };
        if (x->index >= (x->declared ? p->ndeclared : p->ninputs))
            return false;
        x->type = x->declared ? p->types[x->index] : p->input_types[x->index];
    }
    return true;
}

static bool read_step(struct arena *a, struct program *p, struct step *s, const cJSON *j)
{
    struct str output = json_get_str(j, "output");
    const cJSON *sets = json_get(j, "set");
    s->output = str_eqz(output, "none") ? OUT_NONE : str_eqz(output, "last") ? OUT_LAST : OUT_ALL;
    s->when = expr(a, p, json_get_str(j, "when"));
    s->nsets = count(sets);
    s->sets = ARENA_ARRAY(a, s->nsets, struct setting);
    for (size_t i = 0; i < s->nsets; i++) {
        s->sets[i].declared = num(item(sets, i), 0);
        s->sets[i].value = expr(a, p, text(item(sets, i), 1));
        if (!s->sets[i].value || s->sets[i].declared >= p->ndeclared)
            return false;
    }
    return s->when != NULL;
}

static void *prepare(struct arena *a, struct str json)
{
    struct err err = ERR_INIT;
    cJSON *j = json_parse(json, &err);
    struct program *p = ARENA_NEW(a, struct program);
    const cJSON *steps = json_get(j, "steps");
    p->nsteps = count(steps);
    p->steps = ARENA_ARRAY(a, p->nsteps, struct step);
    bool ok = j && read_columns(a, p, j);
    for (size_t i = 0; ok && i < p->nsteps; i++)
        ok = read_step(a, p, &p->steps[i], item(steps, i));
    cJSON_Delete(j);
    return ok ? p : NULL;
}

/* ---- state ---- */

struct state {
    bool active;
    int64_t match;
    struct rvalue *vars;
    struct buf *texts;  /* hold the text of vars */
    struct buf pending; /* output=last: the row to be given out */
};

struct machine {
    const struct program *p;
    struct udf_call *call;
    struct state *states;
    struct rvalue *slots; /* inputs, then the state in view */
    struct rvalue *row;   /* declared values of the row */
    int64_t number, matches;
    struct arena *temp;
};

static struct rvalue default_of(const struct program *p, const struct var *v)
{
    if (v->declared)
        return p->defaults[v->index];
    char type = v->type == 'j' ? 's' : v->type;
    return (struct rvalue){ .type = type, .null = v->type != 's' };
}

static void clear(struct machine *m, struct state *s)
{
    s->active = false;
    for (size_t i = 0; i < m->p->nvars; i++)
        s->vars[i] = default_of(m->p, &m->p->vars[i]);
}

static void flush(struct machine *m, struct state *s)
{
    if (!s->pending.n)
        return;
    buf_str(&m->call->out, buf_view(&s->pending));
    udf_end_elem(m->call);
    buf_clear(&s->pending);
}

static void put_value(struct buf *o, char type, struct rvalue v)
{
    if (v.null)
        buf_puts(o, "null");
    else if (type == 'b')
        buf_puts(o, v.b ? "true" : "false");
    else if (type == 'l')
        buf_i64(o, v.i);
    else if (type == 'j')
        buf_str(o, v.s.n ? v.s : STR("null"));
    else if (type == 's')
        json_put_str(o, v.s);
    else if (isfinite(v.f))
        buf_f64(o, v.f);
    else
        buf_puts(o, isnan(v.f) ? "\"NaN\"" : v.f > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

/* Puts the row out, now or when its series ends. */
static void give(struct machine *m, const struct step *step, struct state *s)
{
    if (step->output == OUT_NONE)
        return;
    struct buf *o = step->output == OUT_LAST ? &s->pending : &m->call->out;
    if (step->output == OUT_LAST)
        buf_clear(o);
    buf_printf(o, "[%lld,%lld", (long long)m->number, (long long)s->match);
    for (size_t i = 0; i < m->p->ndeclared; i++) {
        buf_putc(o, ',');
        put_value(o, m->p->types[i], m->row[i]);
    }
    buf_putc(o, ']');
    if (step->output == OUT_ALL)
        udf_end_elem(m->call);
}

static void view(struct machine *m, const struct state *s)
{
    if (m->p->nvars)
        memcpy(m->slots + m->p->ninputs, s->vars, m->p->nvars * sizeof *s->vars);
}

static bool holds(struct machine *m, const struct step *step, const struct state *s)
{
    view(m, s);
    struct rvalue v = rowsql_eval(step->when, m->slots, m->temp);
    return !v.null && v.b;
}

static void keep(struct state *s, size_t i, struct rvalue v)
{
    if (v.type == 's' && !v.null) {
        buf_clear(&s->texts[i]);
        buf_str(&s->texts[i], v.s);
        v.s = buf_view(&s->texts[i]);
    }
    s->vars[i] = v;
}

/* The row becomes the last row of step k in its state. */
static void assign(struct machine *m, size_t k, struct state *s)
{
    const struct step *step = &m->p->steps[k];
    for (size_t i = 0; i < m->p->ndeclared; i++)
        m->row[i] = m->p->defaults[i];
    for (size_t i = 0; i < step->nsets; i++) {
        struct rvalue v = rowsql_eval(step->sets[i].value, m->slots, m->temp);
        if (v.type == 's' && !v.null) /* it may be the text of a variable that is about to change */
            v.s = arena_str(m->temp, v.s);
        m->row[step->sets[i].declared] = v;
    }
    for (size_t i = 0; i < m->p->nvars; i++) {
        const struct var *v = &m->p->vars[i];
        if (v->step == k)
            keep(s, i, v->declared ? m->row[v->index] : m->slots[v->index]);
    }
}

static bool promote(struct machine *m, size_t k)
{
    if (!k || !m->states[k - 1].active || !holds(m, &m->p->steps[k], &m->states[k - 1]))
        return false;
    flush(m, &m->states[k]);
    flush(m, &m->states[k - 1]);
    struct state moved = m->states[k - 1];
    m->states[k - 1] = m->states[k];
    m->states[k] = moved;
    clear(m, &m->states[k - 1]);
    assign(m, k, &m->states[k]);
    give(m, &m->p->steps[k], &m->states[k]);
    return true;
}

static void meet(struct machine *m, size_t k)
{
    struct state *s = &m->states[k];
    if (promote(m, k) || (k && !s->active) || !holds(m, &m->p->steps[k], s))
        return;
    if (!s->active)
        s->match = m->matches++;
    s->active = true;
    assign(m, k, s);
    give(m, &m->p->steps[k], s);
}

/* ---- rows ---- */

static struct rvalue read_input(char type, struct str raw, struct arena *temp)
{
    struct rvalue v = { .type = type == 'j' ? 's' : type };
    if (json_is_null(raw)) {
        v.null = type != 's';
        return v;
    }
    if (type == 'j') {
        v.s = raw;
        return v;
    }
    if (type == 'b') {
        v.b = json_kind(raw) == 't';
        return v;
    }
    if (type == 'l') {
        v.null = !str_to_i64(raw, &v.i);
        return v;
    }
    struct buf o = BUF_INIT;
    json_put_plain(&o, raw);
    v.s = buf_to_arena(&o, temp);
    buf_free(&o);
    if (type == 'r')
        v.null = !text_to_real(v.s, &v.f);
    return v;
}

static void read_row(struct machine *m, struct str row)
{
    struct jiter it;
    struct str raw;
    size_t i = 0;
    m->number = -1;
    if (!jiter_begin(&it, row))
        return;
    if (jiter_next(&it, NULL, &raw))
        str_to_i64(raw, &m->number);
    for (; i < m->p->ninputs && jiter_next(&it, NULL, &raw); i++)
        m->slots[i] = read_input(m->p->input_types[i], raw, m->temp);
}

static bool scan(struct udf_call *c)
{
    const struct program *p = c->prep;
    if (!p)
        return false;
    struct arena *a = arena_new(0, "the states of scan");
    struct machine m = { .p = p, .call = c, .temp = arena_new(0, "a row of scan") };
    m.states = ARENA_ARRAY(a, p->nsteps, struct state);
    m.slots = ARENA_ARRAY(a, p->ninputs + p->nvars, struct rvalue);
    m.row = ARENA_ARRAY(a, p->ndeclared, struct rvalue);
    for (size_t k = 0; k < p->nsteps; k++) {
        m.states[k].vars = ARENA_ARRAY(a, p->nvars, struct rvalue);
        m.states[k].texts = ARENA_ARRAY(a, p->nvars, struct buf);
        clear(&m, &m.states[k]);
    }
    for (size_t i = 0; i < c->arg[0].n; i++) {
        arena_reset(m.temp);
        read_row(&m, c->arg[0].list[i]);
        for (size_t k = p->nsteps; k-- > 0;)
            meet(&m, k);
    }
    for (size_t k = 0; k < p->nsteps; k++) {
        flush(&m, &m.states[k]);
        buf_free(&m.states[k].pending);
        for (size_t i = 0; i < p->nvars; i++)
            buf_free(&m.states[k].texts[i]);
    }
    arena_free(m.temp);
    arena_free(a);
    return true;
}

static const struct udf_fn scan_functions[] = {
    { "kql_scan", scan, prepare, 1 },
};

const struct udf_set udf_scan_set = { scan_functions, sizeof scan_functions / sizeof *scan_functions };
