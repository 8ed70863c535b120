/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tree -> structs, driven by rows (struct field).
 *
 * Every fault is reported and reading goes on, so that one pass shows all of them; a value that cannot be
 * read leaves its member zeroed. A new type of field: a reader and a line in `types`.
 */
#include "playbook_int.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "hb/map.h"
#include "hb/ticks.h"
#include "hb/vec.h"

/* Where a mapping is: the thing that has a name, and the way down from it ("chart.", "features[2]."). */
struct place {
    const char *context;
    const char *path;
};

typedef bool read_fn(const struct field_reader *r, const struct field *f, const struct node *n,
                     struct place at, void *out);

struct type_row {
    read_fn *read;
    const char *words; /* behind "takes" */
    const char *example;
};
static const struct type_row types[];

void playbook_error(const struct field_reader *r, struct span span, const char *hint, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    diag_add(r->diags, DIAG_ERROR, r->source, span, hint, "%s", buf_z(&b));
    buf_free(&b);
}

const char *field_type_words(enum field_type t)
{
    return types[t].words;
}

const char *field_type_example(enum field_type t)
{
    return types[t].example;
}

int64_t field_limit_ticks(double seconds)
{
    return (int64_t)(seconds * (double)TICKS_SEC);
}

const struct field *field_find(const struct field *fields, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

/* "cell 'a': 'chart.kind'" */
static const char *subject(const struct field_reader *r, const struct field *f, struct place at)
{
    const char *path = at.path;
    if (f->key)
        path = arena_printf(r->arena, "%s%s", at.path, f->key);
    else if (path[0] && path[strlen(path) - 1] == '.')
        path = arena_printf(r->arena, "%.*s", (int)strlen(path) - 1, path);
    return at.context[0] ? arena_printf(r->arena, "%s: '%s'", at.context, path)
                         : arena_printf(r->arena, "'%s'", path);
}

static const char *example_hint(const struct field_reader *r, const struct field *f)
{
    const char *example = f->example ? f->example : types[f->type].example;
    if (!example)
        return NULL;
    return f->key ? arena_printf(r->arena, "for example %s: %s", f->key, example)
                  : arena_printf(r->arena, "for example %s", example);
}

static bool wrong_type(const struct field_reader *r, const struct field *f, const struct node *n,
                       struct place at)
{
    const char *hint = example_hint(r, f);
    if (n->kind == NODE_SCALAR && n->yaml11 && f->type == FIELD_BOOL)
        hint = "write true or false";
    else if (n->kind == NODE_SCALAR && n->style != NODE_PLAIN && scalar_type_of(n->text.s) != SCALAR_TEXT)
        hint = "take the quotes off";
    else if (f->type == FIELD_TIMESPAN && n->kind == NODE_SCALAR && n->scalar != SCALAR_NULL)
        hint = "write its unit: 2d, 2h, 2m, 2s";
    playbook_error(r, n->span, hint, "%s takes %s, not %s", subject(r, f, at), types[f->type].words,
                   node_found(r->arena, n));
    return false;
}

/* "a, b or c" */
static const char *word_list(struct arena *a, const char *const *words)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; words[i]; i++)
        buf_printf(&b, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    const char *z = arena_strdup(a, buf_z(&b));
    buf_free(&b);
    return z;
}

static size_t word_index(const char *const *words, struct str s)
{
    size_t i = 0;
    while (words[i] && !str_eqz(s, words[i]))
        i++;
    return i;
}

static const char *word_hint(struct arena *a, const char *const *words, struct str s)
{
    struct str list[64];
    size_t n = 0;
    for (; words[n] && n < 64; n++)
        list[n] = str_z(words[n]);
    struct str near = str_nearest(s, list, n);
    return near.n > 0 ? arena_printf(a, "did you mean '%.*s'?", STR_ARG(near)) : NULL;
}

/* ---- text ---- */

static bool is_text(const struct node *n)
{
    return n->kind == NODE_SCALAR && n->scalar != SCALAR_NULL;
}

static void warn_yaml11(const struct field_reader *r, const struct node *n)
{
    if (n->yaml11)
        diag_add(r->diags, DIAG_WARNING, r->source, n->span, "put it in quotes",
                 "'%s' is text here, but true or false to other YAML readers",
                 playbook_excerpt(r->arena, n->text.s));
}

static bool is_empty(struct str s)
{
    return str_trim(s).n == 0;
}

/* The scalar's text, where an expression has no place. */
static bool read_plain(const struct field_reader *r, const struct field *f, const struct node *n,
                       struct place at, struct passage *out)
{
    if (!is_text(n))
        return wrong_type(r, f, n, at);
    if (expr_mentioned(n->text.s)) {
        playbook_error(r, n->span, "expressions go in text, description and option values",
                       "%s is plain text; ${{ }} has no meaning in it", subject(r, f, at));
        return false;
    }
    if (is_empty(n->text.s) && (f->flags & (FIELD_NONEMPTY | FIELD_REQUIRED) || f->type != FIELD_STRING)) {
        playbook_error(r, n->span, example_hint(r, f), "%s is empty", subject(r, f, at));
        return false;
    }
    *out = n->text;
    return true;
}

static bool read_string(const struct field_reader *r, const struct field *f, const struct node *n,
                        struct place at, void *out)
{
    struct passage p;
    if (!read_plain(r, f, n, at, &p))
        return false;
    struct str line = p.s;
    while (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (str_chr(line, '\n', 0) < line.n) {
        playbook_error(r, n->span, NULL, "%s takes one line, not several", subject(r, f, at));
        return false;
    }
    if (f->values && !f->values[word_index(f->values, line)]) {
        playbook_error(r, n->span, word_hint(r->arena, f->values, line), "%s does not know '%s'",
                       subject(r, f, at), playbook_excerpt(r->arena, line));
        return false;
    }
    warn_yaml11(r, n);
    *(struct passage *)out = line.n < p.s.n ? passage_sub(r->arena, &p, 0, line.n) : p;
    return true;
}

static bool read_text(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    return read_plain(r, f, n, at, out);
}

static bool read_name(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    struct passage p;
    if (!read_plain(r, f, n, at, &p))
        return false;
    warn_yaml11(r, n);
    *(struct passage *)out = p; /* kept, so that other messages can say which cell they mean */
    if (playbook_is_identifier(p.s))
        return true;
    playbook_error(r, n->span, "a letter or _, then letters, digits and _; no word of KQL",
                   "%s takes a name that KQL can use, not '%s'", subject(r, f, at),
                   playbook_excerpt(r->arena, p.s));
    return false;
}

static bool read_pattern(const struct field_reader *r, const struct field *f, const struct node *n,
                         struct place at, void *out)
{
    struct passage p;
    if (!read_plain(r, f, n, at, &p))
        return false;
    *(struct passage *)out = p;
    if (f->test(p.s))
        return true;
    playbook_error(r, n->span, example_hint(r, f), "%s takes %s, not '%s'", subject(r, f, at), f->help,
                   playbook_excerpt(r->arena, p.s));
    return false;
}

static bool read_prose(const struct field_reader *r, const struct field *f, const struct node *n,
                       struct place at, void *out)
{
    if (!is_text(n))
        return wrong_type(r, f, n, at);
    return prose_split(r, &n->text, out);
}

static bool read_kql(const struct field_reader *r, const struct field *f, const struct node *n,
                     struct place at, void *out)
{
    if (!is_text(n) || n->scalar != SCALAR_TEXT)
        return wrong_type(r, f, n, at);
    if (is_empty(n->text.s)) {
        playbook_error(r, n->span, example_hint(r, f), "%s is empty", subject(r, f, at));
        return false;
    }
    *(struct passage *)out = n->text;
    return true;
}

static bool broken_expr(const struct field_reader *r, const struct field *f, const struct node *n,
                        struct place at)
{
    playbook_error(r, n->span,
                   "one ${{ KQL }} and nothing beside it; put texts together in KQL with strcat()",
                   "%s is neither a value nor a whole expression", subject(r, f, at));
    return false;
}

static bool read_expr(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    if (!is_text(n))
        return wrong_type(r, f, n, at);
    bool broken;
    struct passage inside;
    if (expr_whole(r->arena, &n->text, &inside, &broken)) {
        *(struct passage *)out = inside;
        return true;
    }
    if (broken)
        return broken_expr(r, f, n, at);
    if (is_empty(n->text.s)) {
        playbook_error(r, n->span, example_hint(r, f), "%s is empty", subject(r, f, at));
        return false;
    }
    *(struct passage *)out = n->text;
    return true;
}

static bool read_enum(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    if (!is_text(n))
        return wrong_type(r, f, n, at);
    size_t i = 0;
    while (f->values[i] && !(f->flags & FIELD_NOCASE ? str_eq_nocase(n->text.s, str_z(f->values[i]))
                                                     : str_eqz(n->text.s, f->values[i])))
        i++;
    if (f->values[i]) {
        *(int *)out = (int)i + 1;
        return true;
    }
    bool computed = expr_mentioned(n->text.s);
    playbook_error(r, n->span, word_hint(r->arena, f->values, n->text.s),
                   computed ? "%s cannot be computed; it is one of %s" : "%s takes one of %s",
                   subject(r, f, at), word_list(r->arena, f->values));
    return false;
}

/* ---- option values ---- */

/* The literal of a node into v; false: not of the row's type. */
static bool literal(const struct field *f, const struct node *n, struct opt_value *v)
{
    struct str s = n->text.s;
    v->s = s;
    switch (f->type) {
    case FIELD_BOOL: return n->scalar == SCALAR_BOOL && scalar_to_bool(s, &v->b);
    case FIELD_INT: v->is_int = true; return n->scalar == SCALAR_INT && scalar_to_i64(s, &v->i);
    case FIELD_REAL:
    case FIELD_NUMBER:
        v->is_int = n->scalar == SCALAR_INT && scalar_to_i64(s, &v->i);
        return (n->scalar == SCALAR_INT || n->scalar == SCALAR_REAL) && scalar_to_f64(s, &v->f) &&
               isfinite(v->f);
    case FIELD_TIMESPAN:
        return n->scalar == SCALAR_TEXT && scalar_type_of(s) == SCALAR_TEXT && timespan_parse(s, &v->i);
    case FIELD_WORD: return n->scalar != SCALAR_NULL && !is_empty(s);
    case FIELD_COLUMN: return n->scalar != SCALAR_NULL && !is_empty(s) && str_chr(s, '\n', 0) == s.n;
    case FIELD_SCALAR:
        v->scalar = n->scalar;
        (void)scalar_to_bool(s, &v->b);
        v->is_int = n->scalar == SCALAR_INT && scalar_to_i64(s, &v->i);
        if (n->scalar == SCALAR_REAL || n->scalar == SCALAR_INT)
            return scalar_to_f64(s, &v->f);
        return n->scalar != SCALAR_NULL;
    default: break;
    }
    assert(false); /* no type of an option */
    return false;
}

/* The shortest of KQL's forms: 1d, 90m, 1500ms. */
void timespan_put_short(struct buf *b, int64_t t)
{
    static const struct {
        int64_t ticks;
        const char *unit;
    } units[] = { { TICKS_DAY, "d" }, { TICKS_HOUR, "h" },         { TICKS_MIN, "m" }, { TICKS_SEC, "s" },
                  { TICKS_MS, "ms" }, { TICKS_US, "microsecond" }, { 1, "tick" } };
    size_t i = 0;
    while (t % units[i].ticks != 0)
        i++;
    if (t == 0)
        i = 3;
    buf_i64(b, t / units[i].ticks);
    buf_puts(b, units[i].unit);
}

void field_range_words(struct buf *out, const struct field *f)
{
    struct buf lo = BUF_INIT, hi = BUF_INIT;
    if (f->type == FIELD_TIMESPAN) {
        timespan_put_short(&lo, field_limit_ticks(f->min));
        timespan_put_short(&hi, field_limit_ticks(f->max));
    } else {
        buf_f64(&lo, f->min);
        buf_f64(&hi, f->max);
    }
    if (f->min > 0 && f->min < 1e-6) /* how rows write an open end */
        buf_printf(out, "greater than 0 and at most %s", buf_z(&hi));
    else
        buf_printf(out, "between %s and %s", buf_z(&lo), buf_z(&hi));
    buf_free(&lo);
    buf_free(&hi);
}

static const char *range_words(struct arena *a, const struct field *f)
{
    struct buf b = BUF_INIT;
    field_range_words(&b, f);
    const char *z = arena_strdup(a, buf_z(&b));
    buf_free(&b);
    return z;
}

static bool in_range(const struct field *f, const struct opt_value *v)
{
    if (f->min == 0 && f->max == 0) /* NOLINT: exactly as written in the row */
        return true;
    if (f->type == FIELD_TIMESPAN)
        return v->i >= field_limit_ticks(f->min) && v->i <= field_limit_ticks(f->max);
    double x = v->is_int ? (double)v->i : v->f;
    return x >= f->min && x <= f->max;
}

static bool read_option(const struct field_reader *r, const struct field *f, const struct node *n,
                        struct place at, void *out)
{
    struct opt_value v = { .kind = OPT_LITERAL, .field = f };
    if (n->kind != NODE_SCALAR)
        return wrong_type(r, f, n, at);
    v.text = n->text;
    bool broken;
    if (expr_whole(r->arena, &n->text, &v.text, &broken)) {
        if (f->flags & FIELD_NO_EXPR)
            return wrong_type(r, f, n, at);
        v.kind = OPT_EXPR;
        v.s = v.text.s;
        *(struct opt_value *)out = v;
        return true;
    }
    v.text = n->text;
    if (broken || (f->type != FIELD_SCALAR && expr_mentioned(n->text.s)))
        return broken_expr(r, f, n, at);
    if (f->values && f->values[word_index(f->values, n->text.s)]) {
        v.kind = OPT_WORD;
        v.s = n->text.s;
    } else if (f->values && f->type == FIELD_WORD) {
        playbook_error(r, n->span, word_hint(r->arena, f->values, n->text.s), "%s takes one of %s",
                       subject(r, f, at), word_list(r->arena, f->values));
        return false;
    } else if (!literal(f, n, &v)) {
        return wrong_type(r, f, n, at);
    } else if (!in_range(f, &v)) {
        playbook_error(r, n->span, NULL, "%s must be %s, not %s", subject(r, f, at), range_words(r->arena, f),
                       playbook_excerpt(r->arena, n->text.s));
        return false;
    }
    if (f->type == FIELD_WORD || f->type == FIELD_SCALAR)
        warn_yaml11(r, n);
    *(struct opt_value *)out = v;
    return true;
}

/* A computed value as the row's type; false: it does not fit. */
static bool take_cell(struct arena *a, const struct field *f, const struct column *c, struct opt_value *v)
{
    bool is_long = c->type == HB_INT || c->type == HB_LONG;
    v->is_int = is_long;
    if (is_long || c->type == HB_TIMESPAN || c->type == HB_DATETIME)
        v->i = c->v.i[0];
    if (is_long || c->type == HB_REAL)
        v->f = is_long ? (double)c->v.i[0] : c->v.f[0];
    if (c->type == HB_BOOL)
        v->b = c->v.b[0];
    struct buf b = BUF_INIT;
    cell_put_text(&b, c, 0);
    v->s = buf_to_arena(&b, a);
    buf_free(&b);
    v->scalar = c->type == HB_BOOL   ? SCALAR_BOOL
                : is_long            ? SCALAR_INT
                : c->type == HB_REAL ? SCALAR_REAL
                                     : SCALAR_TEXT;
    switch (f->type) {
    case FIELD_BOOL: return c->type == HB_BOOL;
    case FIELD_INT: return is_long;
    case FIELD_REAL:
    case FIELD_NUMBER: return is_long || (c->type == HB_REAL && isfinite(v->f));
    case FIELD_TIMESPAN: return c->type == HB_TIMESPAN;
    case FIELD_COLUMN: return c->type == HB_STRING && v->s.n > 0;
    default: return true;
    }
}

bool opt_value_resolve(struct arena *a, const struct opt_value *o, const struct table *one,
                       struct opt_value *out, struct err *err)
{
    const struct field *f = o->field;
    const char *key = f->key ? f->key : "the list's element";
    if (one->ncols != 1 || one->nrows != 1)
        return err_set(err, ERR_RUN, "'%s': the expression gives no single value", key);
    const struct column *c = &one->cols[0];
    struct opt_value v = { .kind = OPT_LITERAL, .text = o->text, .field = f };
    if (column_is_null(c, 0))
        return err_set(err, ERR_RUN, "'%s': the expression gives null; it takes %s", key,
                       types[f->type].words);
    bool fits = take_cell(a, f, c, &v);
    if (f->values && c->type == HB_STRING && f->values[word_index(f->values, v.s)])
        v.kind = OPT_WORD;
    else if (f->values && f->type == FIELD_WORD)
        return err_set(err, ERR_RUN, "'%s': the expression gives '%s'; it takes one of %s", key,
                       playbook_excerpt(a, v.s), word_list(a, f->values));
    else if (!fits)
        return err_set(err, ERR_RUN, "'%s': the expression gives a %s, '%s'; it takes %s", key,
                       hb_type_name(c->type), playbook_excerpt(a, v.s), types[f->type].words);
    else if (!in_range(f, &v))
        return err_set(err, ERR_RUN, "'%s': the expression gives %s; it must be %s", key,
                       playbook_excerpt(a, v.s), range_words(a, f));
    *out = v;
    return true;
}

/* ---- lists, mappings ---- */

static bool field_read_at(const struct field_reader *r, const struct field *f, const struct node *n,
                          struct place at, void *out);

static bool unique_items(const struct field_reader *r, const struct field *f, const struct node *n,
                         struct place at)
{
    struct map seen;
    map_init(&seen, r->arena);
    for (size_t i = 0; i < n->n; i++)
        if (n->items[i]->kind == NODE_SCALAR && map_set(&seen, n->items[i]->text.s, n->items[i])) {
            playbook_error(r, n->items[i]->span, NULL, "%s names '%s' twice", subject(r, f, at),
                           playbook_excerpt(r->arena, n->items[i]->text.s));
            return false;
        }
    return true;
}

static bool read_list(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    struct node lone = { .kind = NODE_LIST,
                         .items = (struct node *[]){ (struct node *)(uintptr_t)n },
                         .n = 1 };
    bool wrapped = (f->flags & FIELD_LONE) && n->kind != NODE_LIST;
    const struct node *list = wrapped ? &lone : n;
    if (list->kind != NODE_LIST)
        return wrong_type(r, f, n, at);
    if (list->n == 0 && f->flags & FIELD_NONEMPTY) {
        playbook_error(r, n->span, example_hint(r, f), "%s is an empty list", subject(r, f, at));
        return false;
    }
    struct any_list items = { arena_array(r->arena, list->n, f->size), list->n };
    bool ok = true;
    for (size_t i = 0; i < list->n; i++) {
        struct place item = {
            at.context, wrapped ? arena_printf(r->arena, "%s%s.", at.path, f->key ? f->key : "")
                                : arena_printf(r->arena, "%s%s[%zu].", at.path, f->key ? f->key : "", i + 1)
        };
        ok &= field_read_at(r, f->fields, list->items[i], item, (char *)items.items + i * f->size);
    }
    memcpy(out, &items, sizeof items);
    return ok && (!(f->flags & FIELD_UNIQUE) || unique_items(r, f, list, at));
}

static bool read_sets_at(const struct field_reader *r, const struct field_set *sets, size_t nsets,
                         const struct node *map, struct place at, field_elsewhere *elsewhere, void *ctx);

static bool read_map(const struct field_reader *r, const struct field *f, const struct node *n,
                     struct place at, void *out)
{
    if (n->kind != NODE_MAP)
        return wrong_type(r, f, n, at);
    struct place inside = { at.context, f->key ? arena_printf(r->arena, "%s%s.", at.path, f->key) : at.path };
    struct field_set set = { f->fields, f->nfields, out };
    return read_sets_at(r, &set, 1, n, inside, NULL, NULL);
}

static bool read_dict(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    if (n->kind != NODE_MAP)
        return wrong_type(r, f, n, at);
    struct any_list items = { arena_array(r->arena, n->n, f->size), n->n };
    bool ok = true;
    for (size_t i = 0; i < n->n; i++) {
        char *item = (char *)items.items + i * f->size;
        *(struct passage *)(void *)item = n->keys[i]->text;
        struct place inside = { at.context, arena_printf(r->arena, "%s%s.%s.", at.path, f->key,
                                                         playbook_excerpt(r->arena, n->keys[i]->text.s)) };
        struct field_set set = { f->fields, f->nfields, item };
        if (!f->fields[0].key)
            ok &= field_read_at(r, f->fields, n->items[i], inside, item + f->fields[0].offset);
        else if (n->items[i]->kind == NODE_MAP)
            ok &= read_sets_at(r, &set, 1, n->items[i], inside, NULL, NULL);
        else {
            struct field row = { .type = FIELD_MAP, .example = f->example };
            ok = wrong_type(r, &row, n->items[i], inside);
        }
    }
    memcpy(out, &items, sizeof items);
    return ok;
}

static bool read_node(const struct field_reader *r, const struct field *f, const struct node *n,
                      struct place at, void *out)
{
    (void)r, (void)f, (void)at;
    *(const struct node **)out = n;
    return true;
}

static bool read_refused(const struct field_reader *r, const struct field *f, const struct node *n,
                         struct place at, void *out)
{
    (void)out;
    playbook_error(r, n->span, f->help, "%s does not belong here", subject(r, f, at));
    return false;
}

static bool read_nothing(const struct field_reader *r, const struct field *f, const struct node *n,
                         struct place at, void *out)
{
    (void)r, (void)f, (void)n, (void)at, (void)out;
    return true;
}

static const struct type_row types[] = {
    [FIELD_STRING] = { read_string, "one line of text", "Rare talkers" },
    [FIELD_TEXT] = { read_text, "text", "Rare talkers" },
    [FIELD_NAME] = { read_name, "a name", "rare_talkers" },
    [FIELD_CELL] = { read_name, "the id of an earlier cell", "connections" },
    [FIELD_PATTERN] = { read_pattern, "text", NULL },
    [FIELD_PROSE] = { read_prose, "text", "There are ${{ rows }} rows" },
    [FIELD_KQL] = { read_kql, "a KQL query", "DeviceNetworkEvents | take 10" },
    [FIELD_EXPR] = { read_expr, "a KQL expression", "rows > 0" },
    [FIELD_ENUM] = { read_enum, "a word", NULL },
    [FIELD_BOOL] = { read_option, "true or false", "true" },
    [FIELD_INT] = { read_option, "a whole number", "100" },
    [FIELD_REAL] = { read_option, "a number", "0.01" },
    [FIELD_NUMBER] = { read_option, "a number", "0.5" },
    [FIELD_TIMESPAN] = { read_option, "a timespan", "10m" },
    [FIELD_WORD] = { read_option, "text", NULL },
    [FIELD_COLUMN] = { read_option, "the name of a column", "DeviceName" },
    [FIELD_SCALAR] = { read_option, "a single value", NULL },
    [FIELD_LIST] = { read_list, "a list", NULL },
    [FIELD_MAP] = { read_map, "a mapping", NULL },
    [FIELD_DICT] = { read_dict, "a mapping", NULL },
    [FIELD_CELLS] = { read_nothing, "a list of cells", NULL },
    [FIELD_NODE] = { read_node, "a value", NULL },
    [FIELD_REFUSED] = { read_refused, "nothing", NULL },
    [FIELD_IGNORED] = { read_nothing, "anything", NULL },
};

static bool field_read_at(const struct field_reader *r, const struct field *f, const struct node *n,
                          struct place at, void *out)
{
    bool absent = n->kind == NODE_SCALAR && n->scalar == SCALAR_NULL;
    bool whatever = f->type == FIELD_NODE || f->type == FIELD_IGNORED || f->type == FIELD_REFUSED;
    if (absent && f->flags & FIELD_NULLABLE)
        return true;
    if (absent && !whatever) {
        playbook_error(r, n->span,
                       f->key && !(f->flags & FIELD_REQUIRED) ? "leave the key out, or give it a value"
                                                              : NULL,
                       "%s has no value; it takes %s", subject(r, f, at), types[f->type].words);
        return false;
    }
    return types[f->type].read(r, f, n, at, out);
}

bool field_read(const struct field_reader *r, const struct field *f, const struct node *n, const char *what,
                void *out)
{
    return field_read_at(r, f, n, (struct place){ what, "" }, out);
}

void field_default(const struct field_reader *r, const struct field *f, void *out)
{
    if (!f->def)
        return;
    struct node n = { .kind = NODE_SCALAR, .style = NODE_PLAIN };
    n.text = passage_of(str_z(f->def));
    n.scalar = scalar_type_of(n.text.s);
    bool ok = types[f->type].read(r, f, &n, (struct place){ "default", "" }, out);
    assert(ok);
    (void)ok;
}

/* ---- mappings by rows ---- */

static const char *unknown_hint(const struct field_reader *r, const struct field_set *sets, size_t nsets,
                                struct str key, field_elsewhere *elsewhere, void *ctx)
{
    struct str *names = NULL;
    size_t n = 0, cap = 0;
    if (r->diags->errors > 100) /* no longer shown */
        return NULL;
    for (size_t i = nsets; i-- > 0;) /* keys of the kind before those of every cell */
        for (size_t j = 0; j < sets[i].n; j++)
            if (sets[i].fields[j].type != FIELD_REFUSED && sets[i].fields[j].type != FIELD_IGNORED)
                *VEC_PUSH(r->arena, names, n, cap) = str_z(sets[i].fields[j].key);
    const char *other = elsewhere ? elsewhere(ctx, r->arena, key) : NULL;
    if (other)
        return other;
    struct str near = str_nearest(key, names, n);
    if (near.n > 0)
        return arena_printf(r->arena, "did you mean '%.*s'?", STR_ARG(near));
    struct buf b = BUF_INIT;
    buf_puts(&b, "the keys are ");
    for (size_t i = 0; i < n && b.n < 200; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
    const char *z = n > 0 ? arena_strdup(r->arena, buf_z(&b)) : NULL;
    buf_free(&b);
    return z;
}

static const char *where(const struct field_reader *r, struct place at)
{
    if (!at.path[0])
        return at.context[0] ? arena_printf(r->arena, " in %s", at.context) : "";
    int n = (int)strlen(at.path) - 1;
    return at.context[0] ? arena_printf(r->arena, " in '%.*s' of %s", n, at.path, at.context)
                         : arena_printf(r->arena, " in '%.*s'", n, at.path);
}

static struct span map_head(const struct node *map)
{
    return map->n > 0 ? map->keys[0]->span : map->span;
}

static void missing(const struct field_reader *r, const struct field *f, const struct node *map,
                    struct place at)
{
    const char *holder = at.context[0] ? at.context : "the playbook";
    if (at.path[0])
        holder = arena_printf(r->arena, "%s%s'%.*s'", at.context, at.context[0] ? ": " : "",
                              (int)strlen(at.path) - 1, at.path);
    const char *example = f->example ? f->example : types[f->type].example;
    playbook_error(r, map_head(map),
                   example ? arena_printf(r->arena, "%s, for example %s: %s", f->help, f->key, example)
                           : f->help,
                   "%s lacks '%s'", holder, f->key);
}

static bool known_key(const struct field_set *sets, size_t nsets, struct str key)
{
    for (size_t i = 0; i < nsets; i++)
        for (size_t j = 0; j < sets[i].n; j++)
            if (str_eqz(key, sets[i].fields[j].key))
                return true;
    return str_starts(key, STR("x-"));
}

static bool read_sets_at(const struct field_reader *r, const struct field_set *sets, size_t nsets,
                         const struct node *map, struct place at, field_elsewhere *elsewhere, void *ctx)
{
    bool ok = true;
    for (size_t i = 0; i < map->n; i++) {
        struct str key = map->keys[i]->text.s;
        if (known_key(sets, nsets, key))
            continue;
        playbook_error(r, map->keys[i]->span, unknown_hint(r, sets, nsets, key, elsewhere, ctx),
                       "unknown key '%s'%s", playbook_excerpt(r->arena, key), where(r, at));
        ok = false;
    }
    for (size_t i = 0; i < nsets; i++)
        for (size_t j = 0; j < sets[i].n; j++) {
            const struct field *f = &sets[i].fields[j];
            const struct node *n = node_get(map, f->key);
            void *out = (char *)sets[i].out + f->offset;
            if (n)
                ok &= field_read_at(r, f, n, at, out);
            else if (f->flags & FIELD_REQUIRED) {
                missing(r, f, map, at);
                ok = false;
            } else
                field_default(r, f, out);
        }
    return ok;
}

bool fields_read_sets(const struct field_reader *r, const struct field_set *sets, size_t nsets,
                      const struct node *map, const char *what, field_elsewhere *elsewhere, void *ctx)
{
    if (map->kind != NODE_MAP) {
        playbook_error(r, map->span, "keys and values: 'name: ...'", "%s is %s, not a mapping",
                       what[0] ? what : "the file", node_found(r->arena, map));
        return false;
    }
    return read_sets_at(r, sets, nsets, map, (struct place){ what, "" }, elsewhere, ctx);
}

bool fields_read(const struct field_reader *r, const struct field *fields, size_t nfields,
                 const struct node *map, const char *what, void *out)
{
    struct field_set set = { fields, nfields, out };
    return fields_read_sets(r, &set, 1, map, what, NULL, NULL);
}
