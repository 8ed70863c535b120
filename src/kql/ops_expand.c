/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that take rows apart: mv-expand, mv-apply, parse, parse-kv.
 */
#include <string.h>

#include "bound.h"
#include "hb/json.h"
#include "hb/vec.h"

/* -- mv-expand -- */

struct expansion {
    struct bitem *lists; /* id of the element and the list it comes from */
    struct str *names;
    enum hb_type *to;
    bool *explicit_name;
    bool *texts; /* the elements are texts, not JSON */
    size_t n;
    struct str index_name;
};

static bool type_of_column(struct binder *b, const struct kql_mv_column *c, enum hb_type *t)
{
    *t = HB_DYNAMIC;
    if (!c->to)
        return true;
    const struct kql_coldecl *d = c->to->types.n == 1 ? (const struct kql_coldecl *)c->to->types.items[0]
                                                      : NULL;
    if (d && d->node.kind == KQL_COLDECL && d->type != HB_UNKNOWN) {
        *t = d->type;
        return true;
    }
    bind_error(b, c->to->node.span, NULL, "expected typeof(a scalar type)");
    return false;
}

static bool expansion_item(struct binder *b, struct expansion *x, const struct kql_mv_column *c,
                           struct brow *row, const char *list_sql, struct bexpr *limit)
{
    const struct kql_named *nm = c->value->kind == KQL_NAMED ? (const struct kql_named *)c->value : NULL;
    struct bexpr *e = bind_expr(b, nm ? nm->value : c->value, row);
    if (bx_failed(e) || !type_of_column(b, c, &x->to[x->n]))
        return false;
    if (e->type != HB_DYNAMIC) {
        bind_error(b, c->value->span,
                   e->type == HB_STRING ? "turn it into an array with parse_json() or split()" : NULL,
                   "only dynamic values can be expanded, not %s", hb_type_name(e->type));
        return false;
    }
    x->texts[x->n] = bx_is_split(e) && x->to[x->n] == HB_STRING;
    struct bexpr *list = x->texts[x->n] ? bx_call(b, HB_DYNAMIC, "string_split($1, $2)", c->value->span, 2,
                                                  e->args[0], e->args[1])
                                        : bx_call(b, HB_DYNAMIC, list_sql, c->value->span, 1, e);
    if (limit)
        list = bx_call(b, HB_DYNAMIC, "($1)[1:$2]", c->value->span, 2, list, limit);
    x->names[x->n] = nm ? KQL_AS(kql_name, nm->names.items[0])->name : auto_name(b, c->value);
    x->explicit_name[x->n] = nm != NULL;
    x->lists[x->n++] = (struct bitem){ new_col(b), list };
    return true;
}

static bool bind_expansion(struct binder *b, const struct kql_op_mv *op, struct brow *row,
                           struct expansion *x)
{
    const struct kql_param *kind = kql_op_param(&op->op, "bagexpansion");
    if (!kind)
        kind = kql_op_param(&op->op, "kind");
    const char *sql = kind && str_eqz(kql_param_word(kind), "array") ? "coalesce(kql_elems_kv($1), [NULL])"
                                                                     : "coalesce(kql_elems($1), [NULL])";
    const struct kql_param *index = kql_op_param(&op->op, "with_itemindex");
    x->index_name = index ? kql_param_word(index) : (struct str){ 0 };
    size_t n = op->columns.n;
    x->lists = ARENA_ARRAY(b->a, n + 1, struct bitem);
    x->names = ARENA_ARRAY(b->a, n, struct str);
    x->to = ARENA_ARRAY(b->a, n, enum hb_type);
    x->explicit_name = ARENA_ARRAY(b->a, n, bool);
    x->texts = ARENA_ARRAY(b->a, n, bool);
    struct bexpr *limit = op->limit ? bind_as(b, op->limit, NULL, HB_LONG, "the limit") : NULL;
    bool ok = !limit || !bx_failed(limit);
    for (size_t i = 0; i < n; i++)
        ok &= expansion_item(b, x, (const struct kql_mv_column *)op->columns.items[i], row, sql, limit);
    return ok;
}

/* Adds the elements as columns (replacing those of their name), and the number of the element to the order. */
static struct brel *expand(struct binder *b, struct brel *in, struct expansion *x, struct span span)
{
    struct brel *u = rel_new(b, BR_UNNEST, in, span);
    struct bexpr **lens = ARENA_ARRAY(b->a, x->n, struct bexpr *);
    for (size_t i = 0; i < x->n; i++)
        lens[i] = bx_call(b, HB_LONG, "len($1)", span, 1, x->lists[i].e);
    struct bexpr *count = x->n == 1 ? lens[0] : bx_calln(b, HB_LONG, "greatest($*)", span, x->n, lens);
    int index = new_col(b);
    x->lists[x->n] = (struct bitem){ index, bx_call(b, HB_LONG, "range($1)", span, 1, count) };
    u->items = x->lists;
    u->nitems = x->n + 1;
    u->order = ARENA_ARRAY(b->a, in->norder + 1, struct border);
    if (in->norder)
        copy_bytes(u->order, in->order, in->norder * sizeof *u->order);
    u->order[in->norder] = (struct border){ index, HB_LONG, false, false };
    u->norder = in->norder + 1;
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, &o, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
    memset(o.made, 0, o.ncols * sizeof *o.made);
    for (size_t i = 0; i < x->n; i++) {
        struct bexpr *e = bx_colid(b, x->lists[i].id, x->texts[i] ? HB_STRING : HB_DYNAMIC);
        if (x->texts[i] && x->n > 1) /* several lists: the shorter ones end in nulls */
            e = bx_call(b, HB_STRING, "coalesce($1, '')", span, 1, e);
        else if (x->to[i] != HB_DYNAMIC && !x->texts[i])
            e = convert(b, e, x->to[i]);
        out_add(b, &o, x->names[i], x->explicit_name[i], e, true);
    }
    if (x->index_name.n)
        out_add(b, &o, x->index_name, true, bx_colid(b, index, HB_LONG), true);
    if (o.failed)
        return rel_open(b, span);
    struct brel *p = rel_project(b, u, o.cols, o.ncols, o.items, o.nitems, span);
    p->nkeep = 0;
    return p;
}

struct brel *op_mv_expand(struct binder *b, struct brel *in, const struct kql_op *op)
{
    struct brow row = { .rel = in, .window = true };
    struct expansion x = { 0 };
    if (!bind_expansion(b, (const struct kql_op_mv *)op, &row, &x) || in->open)
        return rel_open(b, op->node.span);
    return expand(b, row.rel, &x, op->node.span);
}

/* -- mv-apply: the expanded rows of one source row are a partition of their own -- */

/* Column `id` of `shared` as it is numbered in the reference r. */
static int renumbered(const struct brel *r, int id)
{
    for (size_t i = 0; i < r->nitems; i++)
        if (r->items[i].e->col == id)
            return r->items[i].id;
    return -1;
}

static bool summarizes(const struct kql_node *sub)
{
    const struct kql_pipe *p = (const struct kql_pipe *)sub;
    if (sub->kind == KQL_SUMMARIZE)
        return !((const struct kql_op_summarize *)sub)->has_by;
    if (sub->kind == KQL_COUNT)
        return true;
    return sub->kind == KQL_PIPE && p->ops.n && summarizes(p->ops.items[p->ops.n - 1]);
}

/* Only column i of the relation is visible. */
static struct brel *one_visible(struct binder *b, struct brel *r, size_t i, struct span span)
{
    struct bcol *c = cols_copy(b, r->cols + i, 1, 0);
    r->shared = true;
    return rel_project(b, r, c, 1, NULL, 0, span);
}

/* The one row that the sub-query makes of no rows: what a source row without elements gets. */
static struct brel *sub_of_nothing(struct binder *b, struct brel *elems, size_t outer_parts,
                                   const struct kql_node *sub, struct span span)
{
    struct brel *none = rel_filter(b, elems, bx_bool(b, false, span), span);
    none->npart = outer_parts;
    struct brel *context = b->context;
    b->context = none;
    struct brel *r = bind_table(b, sub);
    b->context = context;
    return r;
}

struct brel *op_mv_apply(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_mv *mv = (const struct kql_op_mv *)op;
    struct span span = op->node.span;
    const struct kql_op *blind = part_blind(mv->sub);
    if (in->open)
        return in;
    if (blind) {
        bind_error(b, blind->name_span, NULL, "this operator is not supported within mv-apply");
        return rel_open(b, span);
    }
    int number = rel_single_order(b, &in);
    in->nkeep = 0;
    in->shared = true;
    struct brel *work = rel_ref(b, in, span), *keep = rel_ref(b, in, span);
    struct brow row = { .rel = work };
    struct expansion x = { 0 };
    if (!bind_expansion(b, mv, &row, &x))
        return rel_open(b, span);
    struct brel *elems = expand(b, row.rel, &x, span);
    if (elems->open)
        return elems;
    size_t outer_parts = elems->npart;
    rel_add_part(b, elems, renumbered(work, number));
    struct brel *context = b->context;
    b->context = elems;
    struct brel *sub = bind_table(b, mv->sub);
    b->context = context;
    if (sub->open)
        return sub;
    int key = sub->part[outer_parts];
    struct bexpr *cond = bx_call(b, HB_BOOL, "($1 = $2)", span, 2,
                                 bx_colid(b, renumbered(keep, number), HB_LONG), bx_colid(b, key, HB_LONG));
    struct brel *j = rel_join(b, summarizes(mv->sub) ? BJ_LEFT : BJ_INNER, keep, sub, cond, span);
    /* the source's columns but for those expanded under their name, then what the sub-query made */
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < keep->ncols; i++) {
        bool replaced = false;
        for (size_t k = 0; k < x.n; k++)
            replaced |= str_eq(x.names[k], keep->cols[i].name);
        if (!replaced)
            out_add(b, &o, keep->cols[i].name, false, bx_col(b, &keep->cols[i], span), false);
    }
    struct brel *nothing = j->join == BJ_LEFT ? sub_of_nothing(b, elems, outer_parts, mv->sub, span) : NULL;
    for (size_t i = 0; i < sub->ncols; i++) {
        bool source = false;
        for (size_t k = 0; k < work->ncols; k++)
            source |= sub->cols[i].id == work->cols[k].id;
        struct bexpr *e = bx_col(b, &sub->cols[i], span);
        if (nothing && !nothing->open && i < nothing->ncols) {
            struct bexpr *empty = bx_new(b, BX_SUB, e->type, span);
            empty->rel = one_visible(b, nothing, i, span);
            e = bx_call(b, e->type, "(CASE WHEN $1 IS NULL THEN $2 ELSE $3 END)", span, 3,
                        bx_colid(b, key, HB_LONG), empty, e);
        }
        if (!source)
            out_add(b, &o, sub->cols[i].name, false, e, false);
    }
    struct brel *p = rel_project(b, j, o.cols, o.ncols, o.items, o.nitems, span);
    p->part = keep->part;
    p->npart = keep->npart;
    return p;
}

/* -- parse -- */

struct capture {
    struct str name;
    enum hb_type type;
};

/*
 * What a capture takes when nothing says where it ends, because a '*' follows: as much as looks like a value of its type.
 * Codes of kql_parse; 1 is all text up to what follows.
 */
static char capture_code(const struct kql_list *pattern, size_t i)
{
    if (i + 1 == pattern->n || pattern->items[i + 1]->kind != KQL_STAR)
        return '1';
    switch (KQL_AS(kql_coldecl, pattern->items[i])->type) {
    case HB_INT:
    case HB_LONG: return '2';
    case HB_REAL:
    case HB_DECIMAL: return '3';
    case HB_BOOL:
    case HB_GUID: return '4';
    case HB_DATETIME:
    case HB_TIMESPAN: return '5';
    default: return '1';
    }
}

/* Between what the text has to hold nothing may be left open: where one part ends and the next begins. */
static bool pattern_is_clear(struct binder *b, const struct kql_list *pattern)
{
    const char *hint = "put a text between them", *what = NULL;
    size_t i;
    for (i = 1; i < pattern->n && !what; i++) {
        const struct kql_node *before = pattern->items[i - 1], *p = pattern->items[i];
        bool star = p->kind == KQL_STAR;
        if (!star && p->kind != KQL_COLDECL)
            continue;
        if (before->kind == KQL_STAR) {
            what = "a text has to follow '*'";
        } else if (before->kind == KQL_COLDECL) {
            enum hb_type t = KQL_AS(kql_coldecl, before)->type;
            what = !star                               ? "a column cannot follow a column"
                   : t == HB_UNKNOWN || t == HB_STRING ? "'*' cannot follow a column of text"
                                                       : NULL;
        }
    }
    if (what)
        bind_error(b, pattern->items[i - 1]->span, hint, "%s", what);
    return !what;
}

/*
 * The pattern as JSON for kql_parse: strings stand for themselves, 0 for text that is passed over, a code for a capture.
 */
static bool pack_pattern(struct binder *b, const struct kql_list *pattern, struct str *packed,
                         struct capture *caps, size_t *n)
{
    struct buf o = BUF_INIT;
    bool ok = true;
    *n = 0;
    for (size_t i = 0; i < pattern->n; i++) {
        const struct kql_node *p = pattern->items[i];
        buf_putc(&o, i ? ',' : '[');
        if (p->kind == KQL_STAR) {
            buf_putc(&o, '0');
        } else if (p->kind == KQL_COLDECL) {
            const struct kql_coldecl *c = (const struct kql_coldecl *)p;
            caps[(*n)++] = (struct capture){ c->name->name, c->type == HB_UNKNOWN ? HB_STRING : c->type };
            buf_putc(&o, capture_code(pattern, i));
        } else if (p->kind == KQL_LITERAL && ((const struct kql_literal *)p)->type == HB_STRING) {
            json_put_str(&o, ((const struct kql_literal *)p)->text);
        } else {
            ok = false;
            if (p->kind != KQL_ERROR)
                bind_error(b, p->span, NULL, "a pattern holds texts, columns and '*'");
        }
    }
    buf_puts(&o, pattern->n ? "]" : "[]");
    *packed = buf_to_arena(&o, b->a);
    buf_free(&o);
    return ok;
}

/* What a capture of that type matches in kind=regex. */
static const char *type_regex(enum hb_type t)
{
    switch (t) {
    case HB_INT:
    case HB_LONG: return "(-?\\d+)";
    case HB_REAL:
    case HB_DECIMAL: return "(-?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?)";
    case HB_BOOL: return "(true|false|True|False|0|1)";
    default: return "(.*)";
    }
}

/* group[i] is the number of capture i: texts of the pattern may hold groups of their own. */
static struct str regex_pattern(struct binder *b, const struct kql_list *pattern, struct str flags,
                                unsigned *group)
{
    struct buf o = BUF_INIT;
    unsigned groups = 0;
    for (size_t i = 0; i < flags.n; i++)
        if (strchr("imsU", flags.p[i]) && flags.p[i])
            buf_printf(&o, "(?%c)", flags.p[i]);
    for (size_t i = 0; i < pattern->n; i++) {
        const struct kql_node *p = pattern->items[i];
        if (p->kind == KQL_STAR)
            buf_puts(&o, ".*?");
        else if (p->kind == KQL_COLDECL) {
            buf_puts(&o, type_regex(((const struct kql_coldecl *)p)->type));
            *group++ = ++groups;
        } else if (p->kind == KQL_LITERAL) {
            struct str re = regex_arg(b, bx_str(b, ((const struct kql_literal *)p)->text, p->span))->text;
            buf_str(&o, re);
            groups += count_groups(re);
        }
    }
    struct str s = buf_to_arena(&o, b->a);
    buf_free(&o);
    return s;
}

/* The list of captured texts, empty without a match. */
static struct bexpr *captures(struct binder *b, const struct kql_op_parse *op, struct bexpr *text,
                              struct str packed, size_t n)
{
    const struct kql_param *kind = kql_op_param(&op->op, "kind"), *flags = kql_op_param(&op->op, "flags");
    struct span span = op->op.node.span;
    if (!kind || !str_eqz(kql_param_word(kind), "regex"))
        return bx_call(b, HB_DYNAMIC, "kql_parse($1, $2)", span, 2, text, bx_str(b, packed, span));
    unsigned *group = ARENA_ARRAY(b->a, n + 1, unsigned);
    struct str re = regex_pattern(b, &op->pattern, flags ? kql_param_word(flags) : (struct str){ 0 }, group);
    struct buf o = BUF_INIT;
    buf_puts(&o, "(CASE WHEN regexp_matches($1, $2) THEN [");
    for (size_t i = 0; i < n; i++)
        buf_printf(&o, "%sregexp_extract($1, $2, %u)", i ? ", " : "", group[i]);
    buf_puts(&o, "] ELSE CAST([] AS VARCHAR[]) END)");
    const char *sql = arena_strdup(b->a, buf_z(&o));
    buf_free(&o);
    return bx_call(b, HB_DYNAMIC, sql, span, 2, text, bx_str(b, re, span));
}

struct brel *op_parse(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_parse *ps = (const struct kql_op_parse *)op;
    struct span span = op->node.span;
    struct brow row = { .rel = in, .window = true };
    struct bexpr *text = bind_expr(b, ps->source, &row);
    struct capture *caps = ARENA_ARRAY(b->a, ps->pattern.n, struct capture);
    struct str packed;
    size_t n;
    bool ok = pack_pattern(b, &ps->pattern, &packed, caps, &n) && pattern_is_clear(b, &ps->pattern);
    if (!ok || bx_failed(text) || in->open)
        return rel_open(b, span);
    const struct kql_param *kind = kql_op_param(op, "kind");
    bool relaxed = kind && str_eqz(kql_param_word(kind), "relaxed");
    struct brel *rel = row.rel;
    struct bexpr *list = captures(b, ps, to_string(b, text), packed, n);
    list = bx_colid(b, rel_add_hidden(b, &rel, list), HB_DYNAMIC);
    struct bexpr **vals = ARENA_ARRAY(b->a, n + 1, struct bexpr *),
                 **good = ARENA_ARRAY(b->a, n + 1, struct bexpr *);
    size_t ngood = 0;
    good[ngood++] = bx_call(b, HB_BOOL, "(len($1) > 0 OR $2)", span, 2, list, bx_bool(b, n == 0, span));
    for (size_t i = 0; i < n; i++) {
        vals[i] = bx_call(b, HB_STRING, arena_printf(b->a, "coalesce($1[%zu], '')", i + 1), span, 1, list);
        if (caps[i].type == HB_STRING)
            continue;
        struct bexpr *v = caps[i].type == HB_DYNAMIC
                              ? bx_call(b, HB_DYNAMIC, "kql_parse_json($1)", span, 1, vals[i])
                              : convert(b, vals[i], caps[i].type);
        int id = rel_add_hidden(b, &rel, v);
        vals[i] = bx_colid(b, id, caps[i].type);
        if (!relaxed && caps[i].type != HB_DYNAMIC)
            good[ngood++] = bx_call(b, HB_BOOL, "($1 IS NOT NULL)", span, 1, vals[i]);
    }
    struct bexpr *matched = bx_colid(
        b, rel_add_hidden(b, &rel, bx_calln(b, HB_BOOL, "($&)", span, ngood, good)), HB_BOOL);
    if (op->node.kind == KQL_PARSE_WHERE)
        rel = rel_filter(b, rel, matched, span);
    struct boutput o = { .reuse = true };
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, &o, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
    if (o.ncols)
        memset(o.made, 0, o.ncols * sizeof *o.made);
    for (size_t i = 0; i < n; i++) {
        struct bexpr *none = caps[i].type == HB_STRING ? bx_str(b, STR(""), span)
                                                       : bx_null(b, caps[i].type, span);
        struct bexpr *e = relaxed || ngood == 1
                              ? vals[i]
                              : bx_call(b, caps[i].type, "(CASE WHEN $1 THEN $2 ELSE $3 END)", span, 3,
                                        matched, vals[i], none);
        out_add(b, &o, caps[i].name, true, e, true);
    }
    if (o.failed)
        return rel_open(b, span);
    struct brel *p = rel_project(b, rel, o.cols, o.ncols, o.items, o.nitems, span);
    p->nkeep = 0;
    return p;
}

/* Quotes and escapes may be given several times: all of them as one text, quotes as pairs. */
static void put_kv_marks(struct buf *o, const struct kql_op_parse_kv *kv, const char *option, bool pairs)
{
    struct buf marks = BUF_INIT;
    for (size_t i = 0; i < kv->with.n; i++) {
        const struct kql_param *p = (const struct kql_param *)kv->with.items[i];
        struct str word = kql_param_word(p);
        if (!str_eqz(p->name, option) || !word.n)
            continue;
        buf_putc(&marks, word.p[0]);
        if (pairs)
            buf_putc(&marks, word.p[word.n > 1]);
    }
    buf_printf(o, ",\"%ss\":", option);
    json_put_str(o, buf_view(&marks));
    buf_free(&marks);
}

/* The options and the names of the keys as one JSON object. */
static struct str kv_options(struct binder *b, const struct kql_op_parse_kv *kv, size_t n)
{
    static const char *const delimiters[] = { "pair_delimiter", "kv_delimiter" };
    struct buf o = BUF_INIT;
    buf_puts(&o, "{\"keys\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(&o, ',');
        json_put_str(&o, ((const struct kql_coldecl *)kv->keys->columns.items[i])->name->name);
    }
    buf_putc(&o, ']');
    for (size_t i = 0; i < kv->with.n; i++) {
        const struct kql_param *p = (const struct kql_param *)kv->with.items[i];
        for (size_t k = 0; k < 2; k++)
            if (str_eqz(p->name, delimiters[k])) {
                buf_printf(&o, ",\"%s\":", delimiters[k]);
                json_put_str(&o, kql_param_word(p));
            }
        if (str_eqz(p->name, "greedy") && p->value && p->value->kind == KQL_LITERAL)
            buf_puts(&o, KQL_AS(kql_literal, p->value)->v.b ? ",\"greedy\":true" : ",\"greedy\":false");
    }
    put_kv_marks(&o, kv, "quote", true);
    put_kv_marks(&o, kv, "escape", false);
    buf_putc(&o, '}');
    struct str options = buf_to_arena(&o, b->a);
    buf_free(&o);
    return options;
}

/* with (regex = "(key)..(value)"): for each key the first match with it */
static struct bexpr *kv_by_regex(struct binder *b, const struct kql_op_parse_kv *kv, struct bexpr *text,
                                 size_t n)
{
    const struct kql_param *re = NULL;
    for (size_t i = 0; i < kv->with.n; i++)
        if (str_eqz(((const struct kql_param *)kv->with.items[i])->name, "regex"))
            re = (const struct kql_param *)kv->with.items[i];
    if (!re)
        return NULL;
    struct bexpr **args = ARENA_ARRAY(b->a, n + 2, struct bexpr *);
    args[0] = text;
    args[1] = regex_arg(b, bx_str(b, kql_param_word(re), re->node.span));
    if (bx_failed(args[1]))
        return args[1];
    if (count_groups(args[1]->text) != 2) {
        bind_error(b, re->node.span, NULL, "the pattern must capture two groups: the key and the value");
        return bx_error(b, re->node.span);
    }
    struct buf o = BUF_INIT;
    buf_puts(&o, "list_transform([");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&o, "%s$(%zu)", i ? ", " : "", i + 3);
        args[i + 2] = bx_str(b, ((const struct kql_coldecl *)kv->keys->columns.items[i])->name->name,
                             kv->op.node.span);
    }
    buf_puts(&o, "], lambda k: trim(coalesce(regexp_extract_all($1, $2, 2)[list_position("
                 "list_transform(regexp_extract_all($1, $2, 1), lambda x: trim(x)), k)], '')))");
    const char *sql = arena_strdup(b->a, buf_z(&o));
    buf_free(&o);
    return bx_calln(b, HB_DYNAMIC, sql, kv->op.node.span, n + 2, args);
}

struct brel *op_parse_kv(struct binder *b, struct brel *in, const struct kql_op *op)
{
    const struct kql_op_parse_kv *kv = (const struct kql_op_parse_kv *)op;
    struct span span = op->node.span;
    struct brow row = { .rel = in, .window = true };
    struct bexpr *text = bind_as(b, kv->source, &row, HB_STRING, "the text");
    size_t n = kv->keys ? kv->keys->columns.n : 0;
    if (bx_failed(text) || in->open)
        return rel_open(b, span);
    struct bexpr *list = kv_by_regex(b, kv, text, n);
    if (!list)
        list = bx_call(b, HB_DYNAMIC, "kql_parse_kv($1, $2)", span, 2, text,
                       bx_str(b, kv_options(b, kv, n), span));
    if (bx_failed(list))
        return rel_open(b, span);
    struct brel *rel = row.rel;
    list = bx_colid(b, rel_add_hidden(b, &rel, list), HB_DYNAMIC);
    struct boutput out = { .reuse = true };
    for (size_t i = 0; i < in->ncols; i++)
        out_add(b, &out, in->cols[i].name, false, bx_col(b, &in->cols[i], span), false);
    if (out.ncols)
        memset(out.made, 0, out.ncols * sizeof *out.made);
    for (size_t i = 0; i < n; i++) {
        const struct kql_coldecl *c = (const struct kql_coldecl *)kv->keys->columns.items[i];
        struct bexpr *v = bx_call(b, HB_STRING, arena_printf(b->a, "coalesce($1[%zu], '')", i + 1), span, 1,
                                  list);
        if (c->type == HB_DYNAMIC)
            v = bx_call(b, HB_DYNAMIC, "kql_parse_json($1)", span, 1, v);
        else if (c->type != HB_STRING && c->type != HB_UNKNOWN)
            v = convert(b, v, c->type);
        out_add(b, &out, c->name->name, true, v, true);
    }
    if (out.failed)
        return rel_open(b, span);
    struct brel *p = rel_project(b, rel, out.cols, out.ncols, out.items, out.nitems, span);
    p->nkeep = 0;
    return p;
}
