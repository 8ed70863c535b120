/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows as tables of Markdown: the reference part of docs/playbook-format.md, which a test compares with this.
 */
#include "playbook_int.h"

#include <string.h>

#include "hb/vec.h"

/* Mappings inside others, each to get a table of its own. */
struct pending {
    struct arena *arena;
    struct {
        const char *title;
        const struct field *f;
    } * items;
    size_t n, cap;
};

/* Text in a cell of a table: a bar would end the cell. */
static void put_cell(struct buf *out, const char *z)
{
    for (; *z; z++) {
        if (*z == '|')
            buf_putc(out, '\\');
        buf_putc(out, *z);
    }
}

static void put_code(struct buf *out, const char *z)
{
    buf_putc(out, '`');
    put_cell(out, z);
    buf_putc(out, '`');
}

static void put_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        buf_puts(out, i > 0 ? ", " : "");
        put_code(out, words[i]);
    }
}

static void put_type(struct buf *out, const struct field *f)
{
    switch (f->type) {
    case FIELD_ENUM: put_words(out, f->values); return;
    case FIELD_PROSE: buf_puts(out, "Markdown with `${{ KQL }}`"); return;
    case FIELD_PATTERN: buf_puts(out, "text"); return;
    case FIELD_DICT: buf_puts(out, "mapping by name"); return;
    case FIELD_NODE: buf_puts(out, "value"); return;
    case FIELD_LIST:
        buf_puts(out, "list of ");
        if (f->fields->type == FIELD_LIST)
            buf_puts(out, "lists");
        else if (f->fields->type == FIELD_MAP)
            buf_puts(out, "mappings");
        else if (f->fields->type == FIELD_COLUMN)
            buf_puts(out, "columns");
        else
            buf_puts(out, "texts");
        return;
    default: break;
    }
    const char *words = field_type_words(f->type);
    buf_puts(out, strncmp(words, "a ", 2) == 0 ? words + 2 : words);
    bool computed = f->type >= FIELD_BOOL && f->type <= FIELD_SCALAR && !(f->flags & FIELD_NO_EXPR);
    if (f->values && f->type != FIELD_STRING) {
        buf_puts(out, " or ");
        put_words(out, f->values);
    }
    buf_puts(out, computed ? " or `${{ KQL }}`" : "");
}

static void put_notes(struct buf *out, const struct field *f)
{
    put_cell(out, f->help);
    if (f->type == FIELD_STRING && f->values) {
        buf_puts(out, ": ");
        put_words(out, f->values);
    }
    if (f->flags & FIELD_REQUIRED)
        buf_puts(out, "; required");
    if (f->def) {
        buf_puts(out, "; default ");
        put_code(out, f->def);
    }
    if (f->max > 0 || f->min > 0) {
        buf_puts(out, "; ");
        field_range_words(out, f);
    }
    const struct field *example = f->type == FIELD_LIST && !f->example ? f->fields : f;
    if (example->example) {
        buf_puts(out, "; for example ");
        put_code(out, example->example);
    }
}

static void put_table(struct buf *out, struct pending *later, const char *path, const struct field *fields,
                      size_t n)
{
    buf_puts(out, "| key | value | meaning |\n|--|--|--|\n");
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        if (f->type == FIELD_IGNORED || f->type == FIELD_REFUSED || !f->key)
            continue;
        buf_puts(out, "| ");
        put_code(out, f->key);
        buf_puts(out, " | ");
        put_type(out, f);
        buf_puts(out, " | ");
        put_notes(out, f);
        buf_puts(out, " |\n");
        const struct field *inner = f->type == FIELD_LIST && f->fields->type == FIELD_MAP ? f->fields : f;
        if ((inner->type == FIELD_MAP || inner->type == FIELD_DICT) && inner->fields[0].key) {
            *VEC_PUSH(later->arena, later->items, later->n, later->cap) =
                (__typeof__(*later->items)){ arena_printf(later->arena, "%s%s", path, f->key), inner };
        }
    }
    buf_putc(out, '\n');
}

static void put_section(struct buf *out, struct arena *a, const char *title, const char *help,
                        const char *path, const struct field *fields, size_t n)
{
    struct pending later = { .arena = a };
    buf_printf(out, "### %s\n\n", title);
    if (help)
        buf_printf(out, "%s.\n\n", help);
    put_table(out, &later, path, fields, n);
    for (size_t i = 0; i < later.n; i++) {
        buf_printf(out, "#### `%s`\n\n", later.items[i].title);
        put_table(out, &later, arena_printf(a, "%s.", later.items[i].title), later.items[i].f->fields,
                  later.items[i].f->nfields);
    }
}

void playbook_reference(struct buf *out, const struct cell_schema *kinds, size_t nkinds)
{
    struct arena *a = arena_new(0, "the reference of playbooks");
    put_section(out, a, "Keys of a playbook", NULL, "", playbook_fields, playbook_nfields);
    put_section(out, a, "Keys of every cell", NULL, "", cell_fields, cell_nfields);
    for (size_t i = 0; i < nkinds; i++) {
        const char *help = arena_strdup(a, kinds[i].help);
        char *first = (char *)(uintptr_t)help;
        *first = (char)(*first - 'a' + 'A');
        put_section(out, a, arena_printf(a, "`%s` cells", kinds[i].name), help, "", kinds[i].fields,
                    kinds[i].nfields);
    }
    arena_free(a);
}
