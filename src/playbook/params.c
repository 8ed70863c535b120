/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters: typed declarations, and values from defaults, a file, the command line or a test case.
 *
 * One function turns a node into a value (param_read); a text of the command line is made a node first, so
 * the rules are the same everywhere. A new type: a name in param_types, a line in `kinds`.
 */
#include "playbook_int.h"

#include <math.h>
#include <string.h>

#include "hb/ticks.h"
#include "hb/vec.h"

const char *const param_types[] = { "string",   "int",      "long",   "real",         "bool",
                                    "timespan", "datetime", "column", "list<string>", NULL };

const char *param_type_name(enum param_type t)
{
    return t == PARAM_UNSET ? "" : param_types[t - 1];
}

enum hb_type param_hb_type(enum param_type t)
{
    static const enum hb_type of[] = {
        [PARAM_UNSET] = HB_UNKNOWN,     [PARAM_STRING] = HB_STRING,     [PARAM_INT] = HB_INT,
        [PARAM_LONG] = HB_LONG,         [PARAM_REAL] = HB_REAL,         [PARAM_BOOL] = HB_BOOL,
        [PARAM_TIMESPAN] = HB_TIMESPAN, [PARAM_DATETIME] = HB_DATETIME, [PARAM_COLUMN] = HB_STRING,
        [PARAM_LIST] = HB_DYNAMIC,
    };
    return of[t];
}

/* ---- a node as a value ---- */

static bool as_text(const struct node *n, struct param_value *v)
{
    v->s = n->text.s;
    return n->scalar != SCALAR_NULL;
}

static bool as_int(const struct node *n, struct param_value *v)
{
    return n->scalar == SCALAR_INT && scalar_to_i64(n->text.s, &v->i) && v->i >= INT32_MIN &&
           v->i <= INT32_MAX;
}

static bool as_long(const struct node *n, struct param_value *v)
{
    return n->scalar == SCALAR_INT && scalar_to_i64(n->text.s, &v->i);
}

static bool as_real(const struct node *n, struct param_value *v)
{
    return (n->scalar == SCALAR_INT || n->scalar == SCALAR_REAL) && scalar_to_f64(n->text.s, &v->f) &&
           isfinite(v->f);
}

static bool as_bool(const struct node *n, struct param_value *v)
{
    return n->scalar == SCALAR_BOOL && scalar_to_bool(n->text.s, &v->b);
}

static bool as_timespan(const struct node *n, struct param_value *v)
{
    return scalar_type_of(n->text.s) == SCALAR_TEXT && timespan_parse(n->text.s, &v->i);
}

static bool as_datetime(const struct node *n, struct param_value *v)
{
    return ticks_parse_iso(n->text.s, &v->i);
}

static bool as_column(const struct node *n, struct param_value *v)
{
    return as_text(n, v) && str_trim(v->s).n > 0 && str_chr(v->s, '\n', 0) == v->s.n;
}

static const struct {
    bool (*read)(const struct node *n, struct param_value *v);
    const char *words, *example;
} kinds[] = {
    [PARAM_UNSET] = { NULL, "", "" },
    [PARAM_STRING] = { as_text, "text", "explorer.exe" },
    [PARAM_INT] = { as_int, "a whole number of 32 bits", "5" },
    [PARAM_LONG] = { as_long, "a whole number", "5" },
    [PARAM_REAL] = { as_real, "a number", "0.01" },
    [PARAM_BOOL] = { as_bool, "true or false", "true" },
    [PARAM_TIMESPAN] = { as_timespan, "a timespan", "1d, 12h, 30m" },
    [PARAM_DATETIME] = { as_datetime, "a time in ISO 8601", "2026-01-15T00:00:00Z" },
    [PARAM_COLUMN] = { as_column, "the name of a column", "DeviceName" },
    [PARAM_LIST] = { NULL, "a list of texts", "[a, b]" },
};

static bool read_texts(const struct field_reader *r, const struct node *n, struct param_value *v)
{
    v->list = ARENA_ARRAY(r->arena, n->n, struct str);
    for (size_t i = 0; i < n->n; i++) {
        if (n->items[i]->kind != NODE_SCALAR || n->items[i]->scalar == SCALAR_NULL)
            return false;
        v->list[v->nlist++] = n->items[i]->text.s;
    }
    return true;
}

/* `what` names the value in messages: "parameter 'lookback'". */
static bool param_read(const struct field_reader *r, enum param_type type, const struct node *n,
                       const char *what, struct param_value *out)
{
    struct param_value v = { .type = type, .set = true };
    bool ok = type == PARAM_LIST ? n->kind == NODE_LIST && read_texts(r, n, &v)
                                 : n->kind == NODE_SCALAR && kinds[type].read(n, &v);
    if (ok) {
        *out = v;
        return true;
    }
    const char *hint = arena_printf(r->arena, "for example %s", kinds[type].example);
    if (type == PARAM_BOOL && n->kind == NODE_SCALAR && n->yaml11)
        hint = "write true or false";
    else if (type == PARAM_TIMESPAN && n->kind == NODE_SCALAR && n->scalar == SCALAR_INT)
        hint = "write its unit: 2d, 2h, 2m, 2s";
    playbook_error(r, n->span, hint, "%s takes %s, not %s", what, kinds[type].words, node_found(r->arena, n));
    return false;
}

/* ---- ranges ---- */

static bool has_order(enum param_type t)
{
    return t == PARAM_INT || t == PARAM_LONG || t == PARAM_REAL || t == PARAM_TIMESPAN || t == PARAM_DATETIME;
}

static int compare(const struct param_value *a, const struct param_value *b)
{
    switch (a->type) {
    case PARAM_REAL: return (a->f > b->f) - (a->f < b->f);
    case PARAM_BOOL: return (a->b > b->b) - (a->b < b->b);
    case PARAM_STRING:
    case PARAM_COLUMN: return str_cmp(a->s, b->s);
    default: return (a->i > b->i) - (a->i < b->i);
    }
}

static const char *value_text(struct arena *a, const struct param_value *v)
{
    struct buf b = BUF_INIT;
    param_put_text(&b, v);
    const char *z = playbook_excerpt(a, buf_view(&b));
    buf_free(&b);
    return z;
}

static bool one_allowed(const struct playbook_param *p, const struct param_value *v)
{
    for (size_t i = 0; i < p->values.n; i++)
        if (compare(&p->values.items[i], v) == 0)
            return true;
    return p->values.n == 0;
}

static bool refuse_value(const struct field_reader *r, const struct playbook_param *p, struct span span,
                         const char *what, const struct param_value *v)
{
    struct buf b = BUF_INIT;
    struct str *texts = ARENA_ARRAY(r->arena, p->values.n, struct str);
    for (size_t i = 0; i < p->values.n; i++) {
        texts[i] = str_z(value_text(r->arena, &p->values.items[i]));
        buf_printf(&b, "%s%.*s", i == 0 ? "one of " : i + 1 < p->values.n ? ", " : " or ", STR_ARG(texts[i]));
    }
    const char *found = value_text(r->arena, v);
    struct str near = str_nearest(str_z(found), texts, p->values.n);
    const char *hint = near.n > 0 ? arena_printf(r->arena, "did you mean '%.*s'?", STR_ARG(near)) : buf_z(&b);
    playbook_error(r, span, hint, "%s does not allow '%s'", what, found);
    buf_free(&b);
    return false;
}

static bool allowed(const struct field_reader *r, const struct playbook_param *p, struct span span,
                    const char *what, const struct param_value *v)
{
    for (size_t i = 0; v->type == PARAM_LIST && i < v->nlist; i++) {
        struct param_value element = { .type = PARAM_STRING, .set = true, .s = v->list[i] };
        if (!one_allowed(p, &element))
            return refuse_value(r, p, span, what, &element);
    }
    if (v->type != PARAM_LIST && !one_allowed(p, v))
        return refuse_value(r, p, span, what, v);
    bool low = p->min.set && compare(v, &p->min) < 0;
    bool high = p->max.set && compare(v, &p->max) > 0;
    if (low || high)
        playbook_error(r, span, NULL, "%s must be at %s %s, not %s", what, low ? "least" : "most",
                       value_text(r->arena, low ? &p->min : &p->max), value_text(r->arena, v));
    return !low && !high;
}

/* ---- declarations ---- */

static void declare_limit(const struct field_reader *r, const struct playbook_param *p, const char *key,
                          const struct node *n, struct param_value *out)
{
    const char *what = arena_printf(r->arena, "parameter '%s': '%s'", playbook_excerpt(r->arena, p->name.s),
                                    key);
    if (!n)
        return;
    if (has_order((enum param_type)p->type))
        param_read(r, (enum param_type)p->type, n, what, out);
    else
        playbook_error(r, n->span, "use 'values' to say what is allowed", "%s has no meaning for type %s",
                       what, param_type_name((enum param_type)p->type));
}

static void declare_values(const struct field_reader *r, struct playbook_param *p, const char *name)
{
    const struct node *n = p->values_node;
    const char *what = arena_printf(r->arena, "parameter '%s': 'values'", name);
    if (!n)
        return;
    if (n->kind != NODE_LIST || n->n == 0) {
        playbook_error(r, n->span, "values: [a, b]", "%s takes a list of values, not %s", what,
                       n->kind == NODE_LIST ? "an empty one" : node_found(r->arena, n));
        return;
    }
    enum param_type type = p->type == PARAM_LIST ? PARAM_STRING : (enum param_type)p->type;
    p->values.items = ARENA_ARRAY(r->arena, n->n, struct param_value);
    for (size_t i = 0; i < n->n; i++)
        if (param_read(r, type, n->items[i], what, &p->values.items[p->values.n]))
            p->values.n++;
}

static void declare(const struct field_reader *r, struct playbook_param *p)
{
    const char *name = playbook_excerpt(r->arena, p->name.s);
    if (!playbook_is_identifier(p->name.s))
        playbook_error(r, p->name.span, "a letter or _, then letters, digits and _; no word of KQL",
                       "a parameter needs a name that KQL can use, not '%s'", name);
    if (p->type == PARAM_UNSET)
        return;
    declare_limit(r, p, "min", p->min_node, &p->min);
    declare_limit(r, p, "max", p->max_node, &p->max);
    declare_values(r, p, name);
    if (p->min.set && p->max.set && compare(&p->min, &p->max) > 0)
        playbook_error(r, p->min_node->span, NULL, "parameter '%s': 'min' is greater than 'max'", name);
    const char *what = arena_printf(r->arena, "parameter '%s': 'default'", name);
    const struct node *n = p->default_node;
    p->def.type = (enum param_type)p->type;
    if (n && param_read(r, (enum param_type)p->type, n, what, &p->def) &&
        !allowed(r, p, n->span, what, &p->def))
        p->def.set = false;
    p->value = p->def;
}

void params_declare(const struct field_reader *r, struct playbook *p)
{
    for (size_t i = 0; i < p->params.n; i++)
        declare(r, &p->params.items[i]);
}

/* ---- values ---- */

static struct playbook_param *known_param(const struct field_reader *r, struct playbook *p, struct str name,
                                          struct span span)
{
    struct str *names = ARENA_ARRAY(r->arena, p->params.n, struct str);
    for (size_t i = 0; i < p->params.n; i++) {
        if (str_eq(p->params.items[i].name.s, name))
            return &p->params.items[i];
        names[i] = p->params.items[i].name.s;
    }
    struct str near = str_nearest(name, names, p->params.n);
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < p->params.n; i++)
        buf_printf(&b, "%s%.*s", i == 0 ? "the parameters are " : ", ", STR_ARG(names[i]));
    const char *hint = near.n > 0         ? arena_printf(r->arena, "did you mean '%.*s'?", STR_ARG(near))
                       : p->params.n == 0 ? "the playbook has no parameters"
                                          : buf_z(&b);
    playbook_error(r, span, hint, "unknown parameter '%s'", playbook_excerpt(r->arena, name));
    buf_free(&b);
    return NULL;
}

static void assign(const struct field_reader *r, struct playbook *p, const struct node *key,
                   const struct node *n, enum param_origin origin)
{
    struct playbook_param *param = known_param(r, p, key->text.s, key->span);
    struct param_value v = { 0 };
    if (!param || param->type == PARAM_UNSET)
        return;
    const char *what = arena_printf(r->arena, "parameter '%s'", playbook_excerpt(r->arena, param->name.s));
    if (!param_read(r, (enum param_type)param->type, n, what, &v) || !allowed(r, param, n->span, what, &v))
        return;
    param->value = v;
    param->origin = origin;
}

static void assign_file(struct playbook *p, const char *file, struct diags *d)
{
    const struct source *src = source_load(p->arena, file, d);
    const struct node *root = src ? node_parse(p->arena, src, d) : NULL;
    struct field_reader r = { p->arena, src, d };
    if (!root)
        return;
    if (root->kind != NODE_MAP) {
        playbook_error(&r, root->span, "NAME: VALUE, one a line", "a file of parameters is a mapping, not %s",
                       node_found(p->arena, root));
        return;
    }
    for (size_t i = 0; i < root->n; i++)
        assign(&r, p, root->keys[i], root->items[i], PARAM_FROM_FILE);
}

static struct node *text_node(struct arena *a, struct str s, struct span span, bool typed)
{
    struct node *n = ARENA_NEW(a, struct node);
    n->text = passage_of(s);
    n->span = n->text.span = span;
    n->scalar = typed ? scalar_type_of(s) : SCALAR_TEXT;
    n->yaml11 = typed && scalar_is_yaml11_bool(s);
    n->weight = 1;
    return n;
}

/* "a,b" or ["a", "b"] */
static struct node *list_node(const struct field_reader *r, struct str s, struct span span)
{
    struct node *list = ARENA_NEW(r->arena, struct node);
    size_t cap = 0;
    list->kind = NODE_LIST;
    list->span = list->text.span = span;
    if (str_starts(s, STR("["))) {
        struct err err = ERR_INIT;
        cJSON *json = json_parse(s, &err);
        if (!json)
            return text_node(r->arena, s, span, false);
        for (const cJSON *e = json->child; e; e = e->next)
            *VEC_PUSH(r->arena, list->items, list->n, cap) = text_node(
                r->arena, arena_str(r->arena, str_z(cJSON_IsString(e) ? e->valuestring : "null")), span,
                !cJSON_IsString(e));
        cJSON_Delete(json);
        return list;
    }
    for (size_t from = 0; s.n > 0 && from <= s.n;) {
        size_t end = str_chr(s, ',', from);
        *VEC_PUSH(r->arena, list->items, list->n, cap) = text_node(r->arena, str_trim(str_sub(s, from, end)),
                                                                   span, false);
        from = end + 1;
    }
    return list;
}

static void assign_arg(struct playbook *p, const char *arg, struct diags *d)
{
    struct source *src = ARENA_NEW(p->arena, struct source);
    src->name = STR("command line");
    src->text = str_z(arena_strdup(p->arena, arg));
    struct field_reader r = { p->arena, src, d };
    size_t eq = str_chr(src->text, '=', 0);
    struct span all = { 0, src->text.n }, name = { 0, eq };
    if (eq == src->text.n || !utf8_valid(src->text)) {
        playbook_error(&r, all, "-p lookback=7d",
                       eq == src->text.n ? "a parameter is given as NAME=VALUE"
                                         : "a parameter must be UTF-8");
        return;
    }
    struct str value = str_sub(src->text, eq + 1, src->text.n);
    struct span span = { eq + 1, value.n };
    const struct playbook_param *param = playbook_find_param(p, str_sub(src->text, 0, eq));
    bool text = param && (param->type == PARAM_STRING || param->type == PARAM_COLUMN);
    struct node *key = text_node(p->arena, str_sub(src->text, 0, eq), name, false);
    struct node *n = param && param->type == PARAM_LIST ? list_node(&r, value, span)
                                                        : text_node(p->arena, value, span, !text);
    assign(&r, p, key, n, PARAM_FROM_COMMAND_LINE);
}

static void reset(struct playbook *p)
{
    for (size_t i = 0; i < p->params.n; i++) {
        p->params.items[i].value = p->params.items[i].def;
        p->params.items[i].origin = PARAM_FROM_DEFAULT;
    }
}

static void require_all(struct playbook *p, struct diags *d)
{
    for (size_t i = 0; i < p->params.n; i++) {
        const struct playbook_param *param = &p->params.items[i];
        struct field_reader r = { p->arena, p->source, d };
        const char *name = playbook_excerpt(p->arena, param->name.s);
        if (param->type != PARAM_UNSET && !param->value.set)
            playbook_error(&r, param->name.span,
                           arena_printf(p->arena, "-p %s=%s", name, kinds[param->type].example),
                           "parameter '%s' has no default and no value was given", name);
    }
}

bool params_apply(struct playbook *p, const char *file, const char *const *args, size_t nargs,
                  struct diags *d)
{
    size_t before = d->errors;
    reset(p);
    if (file)
        assign_file(p, file, d);
    for (size_t i = 0; i < nargs; i++)
        assign_arg(p, args[i], d);
    if (d->errors == before)
        require_all(p, d);
    return d->errors == before;
}

bool params_apply_test(struct playbook *p, const struct playbook_test *t, struct diags *d)
{
    size_t before = d->errors;
    struct field_reader r = { p->arena, p->source, d };
    reset(p);
    for (size_t i = 0; i < t->params.n; i++) {
        struct node *key = text_node(p->arena, t->params.items[i].name.s, t->params.items[i].name.span,
                                     false);
        assign(&r, p, key, t->params.items[i].value, PARAM_FROM_FILE);
    }
    if (d->errors == before)
        require_all(p, d);
    return d->errors == before;
}

/* ---- as text ---- */

static void put_kql_string(struct buf *b, struct str s)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        uint32_t cp = utf8_next(s, &i);
        if (cp == '"' || cp == '\\')
            buf_printf(b, "\\%c", (char)cp);
        else if (cp == '\n')
            buf_puts(b, "\\n");
        else if (cp == '\t')
            buf_puts(b, "\\t");
        else if (cp < 0x20 || cp == 0x7F || (utf8_hidden(cp) && cp < 0x10000))
            buf_printf(b, "\\u%04X", (unsigned)cp);
        else
            buf_put(b, s.p + at, i - at);
    }
    buf_putc(b, '"');
}

static void put_list(struct buf *b, const struct param_value *v)
{
    buf_puts(b, "dynamic([");
    for (size_t i = 0; i < v->nlist; i++) {
        if (i > 0)
            buf_puts(b, ", ");
        json_put_str(b, v->list[i]);
    }
    buf_puts(b, "])");
}

void param_put_kql(struct buf *b, const struct param_value *v)
{
    switch (v->type) {
    case PARAM_STRING:
    case PARAM_COLUMN: put_kql_string(b, v->s); break;
    case PARAM_INT: buf_printf(b, "int(%lld)", (long long)v->i); break;
    case PARAM_LONG: buf_printf(b, "long(%lld)", (long long)v->i); break;
    case PARAM_REAL:
        buf_puts(b, "real(");
        real_put_kql(b, v->f);
        buf_putc(b, ')');
        break;
    case PARAM_BOOL: buf_puts(b, v->b ? "true" : "false"); break;
    case PARAM_TIMESPAN:
        buf_puts(b, "timespan(");
        timespan_put(b, v->i);
        buf_putc(b, ')');
        break;
    case PARAM_DATETIME:
        buf_puts(b, "datetime(");
        ticks_put_iso(b, v->i);
        buf_putc(b, ')');
        break;
    case PARAM_LIST: put_list(b, v); break;
    case PARAM_UNSET: break;
    }
}

void param_put_text(struct buf *b, const struct param_value *v)
{
    switch (v->type) {
    case PARAM_STRING:
    case PARAM_COLUMN: buf_str(b, v->s); break;
    case PARAM_INT:
    case PARAM_LONG: buf_i64(b, v->i); break;
    case PARAM_REAL: buf_f64(b, v->f); break;
    case PARAM_BOOL: buf_puts(b, v->b ? "true" : "false"); break;
    case PARAM_TIMESPAN: timespan_put_short(b, v->i); break;
    case PARAM_DATETIME: ticks_put_human(b, v->i); break;
    case PARAM_LIST:
        for (size_t i = 0; i < v->nlist; i++) {
            if (i > 0)
                buf_puts(b, ", ");
            buf_str(b, v->list[i]);
        }
        break;
    case PARAM_UNSET: break;
    }
}

bool param_check_value(const struct field_reader *r, const struct playbook *p, const struct passage *name,
                       const struct node *n)
{
    struct playbook_param *param = known_param(r, (struct playbook *)(uintptr_t)p, name->s, name->span);
    struct param_value v;
    if (!param || param->type == PARAM_UNSET)
        return param != NULL;
    const char *what = arena_printf(r->arena, "parameter '%s'", playbook_excerpt(r->arena, name->s));
    return param_read(r, (enum param_type)param->type, n, what, &v) && allowed(r, param, n->span, what, &v);
}
