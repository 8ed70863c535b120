/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ${{ KQL }}: in prose, and as the whole value of an option.
 *
 * The end of an expression is the first `}}` outside KQL's strings, comments and braces, so that
 * dynamic({"a":{"b":1}}) needs no escape. Nothing else of KQL is known here.
 */
#include "playbook_int.h"

#include <string.h>

#include "hb/vec.h"

static const struct str opening = STR_INIT("${{");

/* Behind the string that begins at i; s.n when it does not end. KQL strings end at the line, but for ```
 * ones. */
static size_t skip_string(struct str s, size_t i)
{
    bool verbatim = i > 0 && s.p[i - 1] == '@';
    char quote = s.p[i++];
    for (; i < s.n && s.p[i] != '\n'; i++) {
        if (s.p[i] == '\\' && !verbatim)
            i++;
        else if (s.p[i] == quote && verbatim && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
        else if (s.p[i] == quote)
            return i + 1;
    }
    return i < s.n ? i : s.n;
}

/* Behind the string or comment that begins at i; i itself when none does. */
static size_t skip_opaque(struct str s, size_t i)
{
    struct str rest = str_sub(s, i, s.n);
    if (str_starts(rest, STR("```"))) {
        size_t end = str_find(s, STR("```"), i + 3);
        return end == SIZE_MAX ? s.n : end + 3;
    }
    if (str_starts(rest, STR("//")))
        return str_chr(s, '\n', i);
    return s.p[i] == '\'' || s.p[i] == '"' ? skip_string(s, i) : i;
}

/* The `}}` that closes the expression whose KQL begins at i; SIZE_MAX when there is none. */
static size_t find_close(struct str s, size_t i)
{
    size_t depth = 0;
    while (i < s.n) {
        size_t behind = skip_opaque(s, i);
        if (behind > i) {
            i = behind;
            continue;
        }
        if (s.p[i] == '{')
            depth++;
        else if (s.p[i] == '}' && depth > 0)
            depth--;
        else if (s.p[i] == '}' && i + 1 < s.n && s.p[i + 1] == '}')
            return i;
        i++;
    }
    return SIZE_MAX;
}

static struct passage trimmed(struct arena *a, const struct passage *p, size_t from, size_t to)
{
    while (from < to && memchr(" \t\r\n", p->s.p[from], 4))
        from++;
    while (to > from && memchr(" \t\r\n", p->s.p[to - 1], 4))
        to--;
    return passage_sub(a, p, from, to);
}

bool expr_mentioned(struct str s)
{
    return str_find(s, opening, 0) != SIZE_MAX;
}

bool expr_whole(struct arena *a, const struct passage *p, struct passage *inside, bool *broken)
{
    struct passage t = trimmed(a, p, 0, p->s.n);
    *broken = str_starts(t.s, opening);
    if (!*broken)
        return false;
    size_t close = find_close(t.s, opening.n);
    if (close == SIZE_MAX || close + 2 != t.s.n)
        return false;
    *inside = trimmed(a, &t, opening.n, close);
    *broken = inside->s.n == 0;
    return !*broken;
}

struct splitter {
    const struct field_reader *r;
    const struct passage *p;
    struct prose *out;
    size_t cap;
};

static void add_part(struct splitter *s, bool is_expr, size_t from, size_t to)
{
    if (from >= to && !is_expr)
        return;
    struct passage text = is_expr ? trimmed(s->r->arena, s->p, from, to)
                                  : passage_sub(s->r->arena, s->p, from, to);
    *VEC_PUSH(s->r->arena, s->out->parts, s->out->nparts, s->cap) = (struct prose_part){ is_expr, text };
}

/* Reads the expression whose `${{` is at i; returns the place behind it, or SIZE_MAX after an error. */
static size_t split_expr(struct splitter *s, size_t i)
{
    size_t close = find_close(s->p->s, i + opening.n);
    struct span opened = passage_map(s->p, (struct span){ i, opening.n });
    if (close == SIZE_MAX) {
        playbook_error(s->r, opened, "close it with }}; a literal ${{ is written $${{",
                       "an expression that begins here never ends");
        return SIZE_MAX;
    }
    add_part(s, true, i + opening.n, close);
    if (s->out->parts[s->out->nparts - 1].text.s.n == 0)
        playbook_error(s->r, opened, "put a KQL expression between the braces", "an expression without KQL");
    return close + 2;
}

bool prose_split(const struct field_reader *r, const struct passage *p, struct prose *out)
{
    struct splitter s = { .r = r, .p = p, .out = out };
    out->whole = *p;
    size_t start = 0, i = 0;
    while ((i = str_find(p->s, opening, i)) != SIZE_MAX) {
        if (i > start && p->s.p[i - 1] == '$') { /* $${{: the first $ is dropped, the rest is text */
            add_part(&s, false, start, i - 1);
            start = i;
            i += opening.n;
            continue;
        }
        add_part(&s, false, start, i);
        start = i = split_expr(&s, i);
        if (i == SIZE_MAX)
            return false;
    }
    add_part(&s, false, start, p->s.n);
    return true;
}
