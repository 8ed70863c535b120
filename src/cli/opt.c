/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option rows: parsing and --help. GNU forms: --name=value, --name value, -x value, -xvalue, --; options may stand
 * anywhere.
 */
#include "cli.h"

#include <string.h>

#include "hb/buf.h"
#include "hb/vec.h"

struct parse {
    struct cli *cli;
    const struct command *command;
    char **argv;
    int n, i;
    char *out;
};

static bool complain(const struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool complain(const struct parse *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = arena_vprintf(p->cli->arena, fmt, ap);
    va_end(ap);
    log_error(&p->cli->log, "%s\nsee huntbook %s --help", text, p->command->name);
    return false;
}

static const struct opt *find_long(const struct command *c, struct str name)
{
    for (size_t i = 0; i < c->nopts; i++)
        if (str_eqz(name, c->opts[i].name))
            return &c->opts[i];
    return NULL;
}

static const struct opt *find_letter(const struct command *c, char letter)
{
    for (size_t i = 0; i < c->nopts; i++)
        if (c->opts[i].letter && c->opts[i].letter == letter)
            return &c->opts[i];
    return NULL;
}

static bool is_one_of(const char *values, const char *value)
{
    struct str all = str_z(values);
    for (size_t from = 0; from <= all.n;) {
        size_t to = str_chr(all, '|', from);
        if (str_eqz(str_sub(all, from, to), value))
            return true;
        from = to + 1;
    }
    return false;
}

static bool set(const struct parse *p, const struct opt *o, const char *value)
{
    void *at = p->out + o->offset;
    if (o->values && !is_one_of(o->values, value))
        return complain(p, "--%s takes %s, not '%s'", o->name, o->values, value);
    switch (o->type) {
    case OPT_FLAG: *(bool *)at = true; break;
    case OPT_TEXT: *(const char **)at = value; break;
    case OPT_TEXTS: {
        struct opt_texts *t = at;
        *VEC_PUSH(p->cli->arena, t->items, t->n, t->cap) = value;
        break;
    }
    case OPT_COUNT:
        if (!str_to_i64(str_z(value), at) || *(int64_t *)at < 0)
            return complain(p, "--%s takes a whole number, not '%s'", o->name, value);
        break;
    }
    return true;
}

/* The value behind '=' or glued to a letter, else the next word. */
static bool take_value(struct parse *p, const struct opt *o, const char *glued)
{
    if (o->type == OPT_FLAG)
        return glued ? complain(p, "--%s takes no value", o->name) : set(p, o, NULL);
    if (!glued && p->i + 1 >= p->n)
        return complain(p, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
    return set(p, o, glued ? glued : p->argv[++p->i]);
}

static bool parse_long(struct parse *p, const char *word, bool *help)
{
    const char *eq = strchr(word, '=');
    struct str name = { word, eq ? (size_t)(eq - word) : strlen(word) };
    const struct opt *o = find_long(p->command, name);
    if (o)
        return take_value(p, o, eq ? eq + 1 : NULL);
    if (str_eqz(name, "help")) {
        *help = true;
        return true;
    }
    struct str *names = ARENA_ARRAY(p->cli->arena, p->command->nopts, struct str);
    for (size_t i = 0; i < p->command->nopts; i++)
        names[i] = str_z(p->command->opts[i].name);
    struct str near = str_nearest(name, names, p->command->nopts);
    return complain(p, "unknown option '--%.*s'%s%.*s%s", STR_ARG(name), near.n ? "; did you mean '--" : "",
                    STR_ARG(near), near.n ? "'?" : "");
}

static bool parse_letters(struct parse *p, const char *word, bool *help)
{
    for (; *word; word++) {
        const struct opt *o = find_letter(p->command, *word);
        if (!o && *word == 'h') {
            *help = true;
            return true;
        }
        if (!o)
            return complain(p, "unknown option '-%c'", *word);
        if (o->type != OPT_FLAG)
            return take_value(p, o, word[1] ? word + 1 : NULL);
        if (!set(p, o, NULL))
            return false;
    }
    return true;
}

bool opt_parse(struct cli *cli, const struct command *c, char **argv, int n, void *out, const char ***args,
               size_t *nargs, bool *help)
{
    struct parse p = { .cli = cli, .command = c, .argv = argv, .n = n, .out = out };
    bool only_args = false;
    *args = ARENA_ARRAY(cli->arena, (size_t)n + 1, const char *);
    *nargs = 0;
    *help = false;
    for (; p.i < n; p.i++) {
        const char *word = argv[p.i];
        bool ok = true;
        if (!only_args && strcmp(word, "--") == 0)
            only_args = true;
        else if (!only_args && word[0] == '-' && word[1] == '-')
            ok = parse_long(&p, word + 2, help);
        else if (!only_args && word[0] == '-' && word[1])
            ok = parse_letters(&p, word + 1, help);
        else
            (*args)[(*nargs)++] = word;
        if (!ok)
            return false;
        if (*help)
            return true;
    }
    if (*nargs < c->min_args)
        return complain(&p, "missing argument: huntbook %s %s", c->name, c->args);
    if (*nargs > c->max_args)
        return complain(&p, "one argument too many: '%s'", (*args)[c->max_args]);
    return true;
}

void opt_help(const struct command *c, struct buf *out)
{
    size_t width = 0;
    buf_printf(out, "%s\n\nusage: huntbook %s%s%s%s\n", c->summary, c->name, c->nopts ? " [options]" : "",
               *c->args ? " " : "", c->args);
    if (c->details)
        buf_printf(out, "\n%s\n", c->details);
    for (size_t i = 0; i < c->nopts; i++) {
        size_t n = strlen(c->opts[i].name) + (c->opts[i].arg ? strlen(c->opts[i].arg) + 1 : 0);
        width = n > width ? n : width;
    }
    if (c->nopts)
        buf_puts(out, "\noptions:\n");
    for (size_t i = 0; i < c->nopts; i++) {
        const struct opt *o = &c->opts[i];
        if (o->letter)
            buf_printf(out, "  -%c, --", o->letter);
        else
            buf_puts(out, "      --");
        size_t n = strlen(o->name) + (o->arg ? strlen(o->arg) + 1 : 0);
        buf_printf(out, "%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        buf_pad(out, ' ', width - n + 2);
        buf_printf(out, "%s%s%s%s\n", o->help, o->values ? " (" : "", o->values ? o->values : "",
                   o->values ? ")" : "");
    }
}

struct str *opt_list(struct arena *a, const struct opt_texts *texts, size_t *n)
{
    struct str *items = NULL;
    size_t cap = 0;
    *n = 0;
    for (size_t i = 0; i < texts->n; i++) {
        struct str list = str_z(texts->items[i]);
        for (size_t at = 0; at <= list.n;) {
            size_t end = str_chr(list, ',', at);
            struct str item = str_trim(str_sub(list, at, end));
            if (item.n)
                *VEC_PUSH(a, items, *n, cap) = item;
            at = end + 1;
        }
    }
    return items;
}
