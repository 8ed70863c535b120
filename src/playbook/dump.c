/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A playbook as canonical text: what was understood, in the order of the rows, absent keys left out.
 * Driven by the same rows as the reader, so a new key shows up here by itself.
 */
#include "playbook_int.h"

#include <string.h>

static void put_key(struct buf *out, size_t indent, const char *key)
{
    buf_pad(out, ' ', indent);
    if (key)
        buf_printf(out, "%s:", key);
    else
        buf_putc(out, '-');
}

static void put_passage(struct buf *out, const struct passage *p)
{
    buf_putc(out, ' ');
    json_put_str(out, p->s);
    buf_putc(out, '\n');
}

static void put_prose(struct buf *out, size_t indent, const struct prose *p)
{
    buf_putc(out, '\n');
    for (size_t i = 0; i < p->nparts; i++) {
        buf_pad(out, ' ', indent + 2);
        buf_puts(out, p->parts[i].is_expr ? "- kql:" : "- text:");
        put_passage(out, &p->parts[i].text);
    }
}

static void put_option(struct buf *out, const struct opt_value *v)
{
    buf_puts(out, v->kind == OPT_EXPR ? " kql " : v->kind == OPT_WORD ? " word " : " ");
    switch (v->kind == OPT_LITERAL ? v->field->type : FIELD_WORD) {
    case FIELD_BOOL: buf_puts(out, v->b ? "true" : "false"); break;
    case FIELD_INT: buf_i64(out, v->i); break;
    case FIELD_TIMESPAN: timespan_put_short(out, v->i); break;
    case FIELD_REAL:
    case FIELD_NUMBER: v->is_int ? buf_i64(out, v->i) : real_put_kql(out, v->f); break;
    default: json_put_str(out, v->s); break;
    }
    buf_putc(out, '\n');
}

static void put_node(struct buf *out, const struct node *n)
{
    if (n->kind == NODE_SCALAR) {
        json_put_str(out, n->text.s);
        return;
    }
    buf_putc(out, n->kind == NODE_LIST ? '[' : '{');
    for (size_t i = 0; i < n->n; i++) {
        if (i > 0)
            buf_puts(out, ", ");
        if (n->kind == NODE_MAP) {
            json_put_str(out, n->keys[i]->text.s);
            buf_puts(out, ": ");
        }
        put_node(out, n->items[i]);
    }
    buf_putc(out, n->kind == NODE_LIST ? ']' : '}');
}

static void dump_field(struct buf *out, const struct field *f, const void *in, size_t indent);

static void dump_fields(struct buf *out, const struct field *fields, size_t n, const void *in, size_t indent)
{
    for (size_t i = 0; i < n; i++)
        dump_field(out, &fields[i], (const char *)in + fields[i].offset, indent);
}

static void dump_items(struct buf *out, const struct field *f, const void *in, size_t indent)
{
    struct any_list list;
    memcpy(&list, in, sizeof list);
    if (list.n == 0)
        return;
    put_key(out, indent, f->key);
    buf_putc(out, '\n');
    for (size_t i = 0; i < list.n; i++) {
        const char *item = (const char *)list.items + i * f->size;
        if (f->type == FIELD_DICT) {
            const struct passage *name = (const void *)item;
            buf_pad(out, ' ', indent + 2);
            json_put_str(out, name->s);
            buf_puts(out, ":\n");
            dump_fields(out, f->fields, f->nfields, item, indent + 4);
        } else {
            dump_field(out, f->fields, item, indent + 2);
        }
    }
}

static bool is_absent(const struct field *f, const void *in)
{
    switch (f->type) {
    case FIELD_PROSE: return !passage_given(&((const struct prose *)in)->whole);
    case FIELD_ENUM: return *(const int *)in == 0;
    case FIELD_NODE: return *(const struct node *const *)in == NULL;
    case FIELD_LIST:
    case FIELD_DICT:
    case FIELD_MAP: return false;
    case FIELD_CELLS:
    case FIELD_REFUSED:
    case FIELD_IGNORED: return true;
    default: break;
    }
    return f->type >= FIELD_BOOL ? ((const struct opt_value *)in)->kind == OPT_ABSENT
                                 : !passage_given((const struct passage *)in);
}

static void dump_map(struct buf *out, const struct field *f, const void *in, size_t indent)
{
    struct buf inside = BUF_INIT;
    dump_fields(&inside, f->fields, f->nfields, in, indent + 2);
    if (inside.n > 0) {
        put_key(out, indent, f->key);
        buf_putc(out, '\n');
        buf_str(out, buf_view(&inside));
    }
    buf_free(&inside);
}

static void dump_field(struct buf *out, const struct field *f, const void *in, size_t indent)
{
    if (is_absent(f, in))
        return;
    if (f->type == FIELD_LIST || f->type == FIELD_DICT) {
        dump_items(out, f, in, indent);
        return;
    }
    if (f->type == FIELD_MAP) {
        dump_map(out, f, in, indent);
        return;
    }
    put_key(out, indent, f->key);
    if (f->type == FIELD_PROSE)
        put_prose(out, indent, in);
    else if (f->type == FIELD_ENUM)
        buf_printf(out, " %s\n", f->values[*(const int *)in - 1]);
    else if (f->type == FIELD_NODE) {
        buf_putc(out, ' ');
        put_node(out, *(const struct node *const *)in);
        buf_putc(out, '\n');
    } else if (f->type >= FIELD_BOOL)
        put_option(out, in);
    else
        put_passage(out, in);
}

static void dump_params(struct buf *out, const struct playbook *p)
{
    if (p->params.n > 0)
        buf_puts(out, "values:\n");
    for (size_t i = 0; i < p->params.n; i++) {
        const struct playbook_param *param = &p->params.items[i];
        buf_printf(out, "  %.*s: ", STR_ARG(param->name.s));
        if (param->value.set)
            param_put_kql(out, &param->value);
        buf_putc(out, '\n');
    }
}

void playbook_dump_cell(struct buf *out, const struct playbook_cell *c)
{
    buf_puts(out, "  -\n");
    dump_fields(out, cell_fields, cell_nfields, c, 4);
    if (c->schema)
        dump_fields(out, c->schema->fields, c->schema->nfields, c->options, 4);
}

void playbook_dump(struct buf *out, const struct playbook *p)
{
    dump_fields(out, playbook_fields, playbook_nfields, p, 0);
    dump_params(out, p);
    buf_puts(out, "cells:\n");
    for (size_t i = 0; i < p->cells.n; i++)
        playbook_dump_cell(out, &p->cells.items[i]);
}
