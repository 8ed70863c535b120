/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text -> node tree. The only file that sees yaml.h.
 *
 * libyaml gives events; what it accepts is narrowed here (strict small YAML, hb/node.h) and what it refuses
 * is said in words that help. Its marks count characters, ours bytes: offset_of converts, cheaply since marks
 * come nearly in order. Recursion is bounded by NODE_DEPTH_MAX, work by NODE_COUNT_MAX, so no input is slow.
 */
#include "playbook_int.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "hb/fs.h"
#include "hb/map.h"
#include "hb/vec.h"

struct anchor {
    struct node *node; /* NULL while it is being read: an alias to it would be a circle */
};

struct loader {
    struct arena *arena;
    const struct source *src;
    struct diags *diags;
    yaml_parser_t parser;
    yaml_event_t event;             /* the current one */
    size_t mark_index, mark_offset; /* the last mark converted */
    size_t weight;                  /* of the document so far, aliases followed */
    struct map anchors;             /* name -> the last struct anchor of that name */
};

/* ---- encodings and characters ---- */

static bool refuse(struct diags *d, const struct source *src, size_t offset, size_t len, const char *hint,
                   const char *message)
{
    diag_add(d, DIAG_ERROR, src, (struct span){ offset, len }, hint, "%s", message);
    return false;
}

const struct source *source_of(struct arena *a, const char *name, struct str text, struct diags *d)
{
    struct source *src = ARENA_NEW(a, struct source);
    src->name = str_z(arena_strdup(a, name));
    src->text = text;
    bool zeros = text.n >= 4 && (!text.p[0] || !text.p[1]) && (!text.p[2] || !text.p[3]);
    if (str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF")) || zeros) {
        src->text = STR("");
        refuse(d, src, 0, 0, "save it as UTF-8", "the file is UTF-16 or UTF-32, not UTF-8");
        return NULL;
    }
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        src->text = str_sub(text, 3, text.n);
    return src;
}

const struct source *source_load(struct arena *a, const char *path, struct diags *d)
{
    struct err err = ERR_INIT;
    struct str text;
    if (!fs_read(a, path, NODE_FILE_MAX, &text, &err)) {
        diag_add(d, DIAG_ERROR, NULL, (struct span){ 0, 0 }, NULL, "%s", err.text);
        return NULL;
    }
    return source_of(a, path, text, d);
}

/* Why a character may not stand in the file as itself; NULL: it may. */
static const char *character_fault(uint32_t cp, uint32_t next, const char **hint)
{
    *hint = "write it as an escape in double quotes, as \"\\u2028\"";
    if (cp == 0x2028 || cp == 0x2029)
        return "a Unicode line separator";
    if ((cp >= 0x7F && cp < 0xA0) || cp == 0xFEFF || cp == 0xFFFE || cp == 0xFFFF)
        return "a character that cannot be seen";
    *hint = "save the file as UTF-8";
    if (cp == UTF8_BAD)
        return "a byte that is not UTF-8";
    *hint = "end lines with a line feed, or with carriage return and line feed";
    if (cp == '\r' && next != '\n')
        return "a carriage return without a line feed";
    *hint = "a playbook is text; remove it, or write it as an escape in double quotes";
    if (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r')
        return "a control character";
    return NULL;
}

/* Readers disagree on the characters refused here (what ends a line, what is invisible); an escape says what is meant. */
static bool characters_ok(const struct source *src, struct diags *d)
{
    struct str s = src->text;
    if (s.n > NODE_FILE_MAX)
        return refuse(d, src, 0, 0, NULL, "the file is larger than 4 MiB");
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7F) {
            i++;
            continue;
        }
        uint32_t cp = utf8_next(s, &i);
        const char *hint, *fault = character_fault(cp, i < s.n ? (unsigned char)s.p[i] : 0, &hint);
        if (fault)
            return refuse(d, src, at, i - at, hint, fault);
    }
    return true;
}

/* ---- marks and pieces ---- */

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t offset_of(struct loader *l, yaml_mark_t mark)
{
    struct str s = l->src->text;
    size_t i = l->mark_offset;
    for (; l->mark_index < mark.index && i < s.n; l->mark_index++)
        for (i++; i < s.n && continues(s.p[i]);)
            i++;
    for (; l->mark_index > mark.index && i > 0; l->mark_index--)
        for (i--; i > 0 && continues(s.p[i]);)
            i--;
    l->mark_offset = i;
    return i;
}

static struct span span_of(struct loader *l, yaml_mark_t start, yaml_mark_t end)
{
    size_t from = offset_of(l, start);
    size_t to = offset_of(l, end);
    while (to > from && memchr(" \t\r\n", l->src->text.p[to - 1], 4))
        to--;
    return (struct span){ from, to - from };
}

/* Lays pieces under construction; neighbours that continue each other become one. */
struct pieces {
    struct arena *arena;
    struct passage_piece *items;
    size_t n, cap;
};

static void add_piece(struct pieces *p, size_t from, size_t at, size_t len)
{
    struct passage_piece *last = p->n > 0 ? &p->items[p->n - 1] : NULL;
    if (last && len > 0 && last->len > 0 && last->from + last->len == from && last->at + last->len == at) {
        last->len += len;
        return;
    }
    *VEC_PUSH(p->arena, p->items, p->n, p->cap) = (struct passage_piece){ from, at, len };
}

/* `|`: each line of the text is the end of a line of the file. */
static void align_literal(struct pieces *p, struct str text, struct str file, size_t at, size_t end)
{
    size_t raw = str_chr(file, '\n', at) + 1;
    for (size_t from = 0; from < text.n && raw < end; from = str_chr(text, '\n', from) + 1) {
        size_t len = str_chr(text, '\n', from) - from;
        size_t stop = str_chr(file, '\n', raw);
        size_t next = stop + 1;
        if (stop > raw && file.p[stop - 1] == '\r')
            stop--;
        size_t start = stop - raw >= len ? stop - len : raw;
        add_piece(p, from, start, len);
        if (from + len < text.n)
            add_piece(p, from + len, stop, 1);
        raw = next;
    }
}

static size_t escape_length(char c)
{
    return c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
}

static size_t sequence_length(struct str s, size_t i)
{
    size_t from = i++;
    while (i < s.n && continues(s.p[i]))
        i++;
    return i - from;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/*
 * Quoted, folded and plain text over several lines: walks both sides, matching what is equal, and lets white
 * space and line breaks of the file answer for the blanks and newlines that folding made of them.
 */
static void align_folded(struct pieces *p, struct str text, struct str file, size_t at, size_t end,
                         enum node_style style)
{
    size_t i = 0;
    while (i < text.n) {
        size_t ahead = at;
        while (ahead < end && is_blank(file.p[ahead]))
            ahead++;
        if (ahead > at && style != NODE_FOLDED && (ahead == end || is_break(file.p[ahead])))
            at = ahead; /* trailing blanks are dropped */
        bool white = text.p[i] == ' ' || text.p[i] == '\n' || text.p[i] == '\t';
        if (at >= end) {
            add_piece(p, i, end, 0);
            return;
        }
        if (style == NODE_DOUBLE && file.p[at] == '\\') {
            char c = at + 1 < end ? file.p[at + 1] : 0;
            if (is_break(c)) {
                at += c == '\r' ? 3 : 2;
                while (at < end && is_blank(file.p[at]))
                    at++;
                continue;
            }
            add_piece(p, i, at, 0);
            i += sequence_length(text, i);
            at += escape_length(c);
        } else if (is_break(file.p[at])) {
            if (white)
                add_piece(p, i++, at, 1);
            at += file.p[at] == '\r' ? 2 : 1;
        } else if (text.p[i] == file.p[at]) {
            add_piece(p, i++, at++, 1);
            if (style == NODE_SINGLE && text.p[i - 1] == '\'')
                at++;
        } else if (is_blank(file.p[at])) {
            at++;
        } else {
            add_piece(p, i++, at, 0);
        }
    }
}

/* Behind `&name`, white space and comments: where the scalar itself begins. */
static size_t skip_properties(struct str file, size_t at, size_t end)
{
    while (at < end && !memchr(" \t\r\n", file.p[at], 4))
        at++;
    for (;;) {
        while (at < end && memchr(" \t\r\n", file.p[at], 4))
            at++;
        if (at >= end || file.p[at] != '#')
            return at;
        at = str_chr(file, '\n', at);
    }
}

static void align(struct loader *l, struct passage *p, size_t at, size_t end, enum node_style style)
{
    struct str file = l->src->text;
    struct pieces pieces = { .arena = l->arena };
    bool quoted = style == NODE_SINGLE || style == NODE_DOUBLE;
    if (quoted && end > at + 1) {
        at++;
        end--;
    }
    if (end - at == p->s.n && memcmp(file.p + at, p->s.p, p->s.n) == 0)
        add_piece(&pieces, 0, at, p->s.n);
    else if (style == NODE_LITERAL)
        align_literal(&pieces, p->s, file, at, end);
    else
        align_folded(&pieces, p->s, file, style == NODE_FOLDED ? str_chr(file, '\n', at) : at, end, style);
    p->pieces = pieces.items;
    p->npieces = pieces.n;
}

/* ---- what the library refuses, in other words ---- */

static const struct {
    const char *problem, *message, *hint;
} problems[] = {
    { "mapping values are not allowed in this context", "a ':' where no key can be",
      "quote a text that holds ': ', or check the indentation" },
    { "could not find expected ':'", "a key without its ':'",
      "write 'key: value'; a text over several lines needs '|' behind its key" },
    { "did not find expected key", "no key where one is expected",
      "keys of one mapping stand in one column; a value that begins with a quote ends with it" },
    { "did not find expected '-' indicator", "no '-' where one is expected",
      "elements of one list stand in one column" },
    { "did not find expected ',' or ']'", "a list in [ ] is not closed",
      "quote elements that hold , [ ] { } or ${{ }}" },
    { "did not find expected ',' or '}'", "a mapping in { } is not closed",
      "quote values that hold , [ ] { } or ${{ }}" },
    { "did not find expected node content", "a value is missing here",
      "quote a text that begins with , ? : - ] or }" },
    { "found unknown escape character", "an escape that YAML does not know",
      "regular expressions and Windows paths go in 'single quotes' or a '|' block" },
    { "found unexpected end of stream", "a quote that is opened here is never closed", NULL },
    { "found character that cannot start any token", "a value cannot begin with this character",
      "put the text in quotes" },
    { "block sequence entries are not allowed in this context", "a list cannot begin here",
      "put '-' on a line of its own, below the key" },
    { "did not find expected <document start>", "text behind the end of the playbook",
      "a playbook is one mapping; check the indentation" },
    { "found undefined tag handle", "custom tags are not allowed", "remove the tag" },
    { "did not find the expected whitespace after tag", "custom tags are not allowed",
      "quote a text that begins with '!'" },
    { "did not find expected alphabetic or numeric character", "an anchor or alias without a name",
      "quote a text that begins with '*' or '&'" },
    { "did not find expected comment or line break", "text behind the '|' or '>' of a block",
      "begin the text on the next line" },
    { "found a tab character where an indentation space is expected", "a tab cannot indent a block",
      "indent with spaces" },
};

/* The tab that indents the line at `offset`, or SIZE_MAX. */
static size_t indenting_tab(struct str s, size_t offset)
{
    size_t line = offset < s.n ? offset : s.n;
    while (line > 0 && s.p[line - 1] != '\n')
        line--;
    for (size_t i = line; i < s.n && is_blank(s.p[i]); i++)
        if (s.p[i] == '\t')
            return i;
    return SIZE_MAX;
}

/* A `${{` before `at` on its line, within the list or mapping that began at `context`: its braces were taken for YAML's. */
static size_t expr_in_flow(struct str s, size_t at, size_t context)
{
    char open = context < s.n ? s.p[context] : 0;
    if (open != '{' && open != '[')
        return SIZE_MAX;
    size_t i = at < s.n ? at + 1 : s.n;
    while (i > 0 && s.p[i - 1] != '\n' && !str_starts(str_sub(s, i - 1, s.n), STR("${{")))
        i--;
    return i > 0 && s.p[i - 1] != '\n' ? i - 1 : SIZE_MAX;
}

static void report_problem(struct loader *l)
{
    const yaml_parser_t *p = &l->parser;
    const char *problem = p->problem ? p->problem : "the file cannot be read";
    if (p->error == YAML_MEMORY_ERROR)
        problem = "the file is nested too deeply";
    size_t at = offset_of(l, p->problem_mark);
    size_t context = p->context ? offset_of(l, p->context_mark) : at;
    size_t tab = indenting_tab(l->src->text, at);
    if (tab == SIZE_MAX)
        tab = indenting_tab(l->src->text, context);
    if (tab != SIZE_MAX) {
        refuse(l->diags, l->src, tab, 1, "indent with spaces", "a tab cannot indent YAML");
        return;
    }
    const char *message = problem, *hint = NULL;
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (strcmp(problem, problems[i].problem) == 0) {
            message = problems[i].message;
            hint = problems[i].hint;
        }
    size_t expr = expr_in_flow(l->src->text, at, context);
    if (expr != SIZE_MAX) {
        refuse(l->diags, l->src, expr, 3, "inside [ ] and { } put it in quotes: \"${{ KQL }}\"",
               "an expression without quotes");
        return;
    }
    if (at >= l->src->text.n && context < at)
        at = context; /* at the end of the file there is nothing to look at: show where it was opened */
    refuse(l->diags, l->src, at, at < l->src->text.n ? 1 : 0, hint, message);
}

/* ---- events -> nodes ---- */

static bool next_event(struct loader *l)
{
    yaml_event_delete(&l->event);
    if (yaml_parser_parse(&l->parser, &l->event))
        return true;
    memset(&l->event, 0, sizeof l->event);
    report_problem(l);
    return false;
}

static struct span event_span(struct loader *l)
{
    return span_of(l, l->event.start_mark, l->event.end_mark);
}

static struct node *fail(struct loader *l, struct span span, const char *hint, const char *message)
{
    refuse(l->diags, l->src, span.offset, span.len, hint, message);
    return NULL;
}

/* Counts a node against the limit that keeps alias expansion harmless. */
static bool weigh(struct loader *l, size_t weight, struct span span)
{
    l->weight += weight;
    if (l->weight <= NODE_COUNT_MAX)
        return true;
    fail(l, span, "say it once, or split the playbook", "aliases and values come to more than 100000 nodes");
    return false;
}

static struct node *read_node(struct loader *l, int depth);

static struct node *read_scalar(struct loader *l)
{
    static const enum node_style styles[] = {
        [YAML_ANY_SCALAR_STYLE] = NODE_PLAIN,
        [YAML_PLAIN_SCALAR_STYLE] = NODE_PLAIN,
        [YAML_SINGLE_QUOTED_SCALAR_STYLE] = NODE_SINGLE,
        [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = NODE_DOUBLE,
        [YAML_LITERAL_SCALAR_STYLE] = NODE_LITERAL,
        [YAML_FOLDED_SCALAR_STYLE] = NODE_FOLDED,
    };
    struct node *n = ARENA_NEW(l->arena, struct node);
    n->kind = NODE_SCALAR;
    n->style = styles[l->event.data.scalar.style];
    n->text.s = arena_str(
        l->arena, (struct str){ (const char *)l->event.data.scalar.value, l->event.data.scalar.length });
    size_t at = offset_of(l, l->event.start_mark);
    size_t end = offset_of(l, l->event.end_mark);
    if (l->event.data.scalar.anchor)
        at = skip_properties(l->src->text, at, end);
    n->span = span_of(l, l->event.start_mark, l->event.end_mark);
    n->span.len = n->span.offset + n->span.len > at ? n->span.offset + n->span.len - at : 0;
    n->span.offset = at;
    n->text.span = n->span;
    align(l, &n->text, at, end, n->style);
    n->scalar = n->style == NODE_PLAIN ? scalar_type_of(n->text.s) : SCALAR_TEXT;
    n->yaml11 = n->style == NODE_PLAIN && scalar_is_yaml11_bool(n->text.s);
    n->weight = 1 + n->text.s.n / 256;
    return weigh(l, n->weight, n->span) ? n : NULL;
}

static struct node *read_alias(struct loader *l)
{
    const struct anchor *anchor = map_get(&l->anchors, str_z((const char *)l->event.data.alias.anchor));
    struct span span = event_span(l);
    if (!anchor)
        return fail(l, span, "an anchor stands above its aliases: &name",
                    "an alias to an anchor that is not there");
    if (!anchor->node)
        return fail(l, span, NULL, "an alias inside its own anchor never ends");
    return weigh(l, anchor->node->weight, span) ? anchor->node : NULL;
}

static struct node *read_list(struct loader *l, struct node *n, int depth)
{
    size_t cap = 0;
    while (next_event(l)) {
        if (l->event.type == YAML_SEQUENCE_END_EVENT)
            return n;
        struct node *item = read_node(l, depth + 1);
        if (!item)
            return NULL;
        *VEC_PUSH(l->arena, n->items, n->n, cap) = item;
        n->weight += item->weight;
    }
    return NULL;
}

/* A key is a text that stands once in its mapping. The first of two wins, and reading goes on. */
static bool key_ok(struct loader *l, struct map *seen, const struct node *key)
{
    if (key->kind != NODE_SCALAR || (key->scalar == SCALAR_NULL && key->style == NODE_PLAIN)) {
        fail(l, key->span, "write 'key: value'", "a key must be a text");
        return false;
    }
    if (key->style == NODE_PLAIN && str_eqz(key->text.s, "<<")) {
        fail(l, key->span, "write the keys out, or use 'defaults'", "merge keys are not allowed");
        return false;
    }
    const struct node *first = map_get(seen, key->text.s);
    if (first) {
        size_t line, column;
        source_locate(l->src, first->span.offset, &line, &column);
        diag_add(l->diags, DIAG_ERROR, l->src, key->span, "a key may stand once only",
                 "duplicate key '%s', first on line %zu", playbook_excerpt(l->arena, key->text.s), line);
        return false;
    }
    map_set(seen, key->text.s, (void *)(uintptr_t)key);
    return true;
}

static struct node *read_map(struct loader *l, struct node *n, int depth)
{
    struct map seen;
    map_init(&seen, l->arena);
    size_t cap_keys = 0, cap_items = 0, nkeys = 0;
    while (next_event(l)) {
        if (l->event.type == YAML_MAPPING_END_EVENT)
            return n;
        struct node *key = read_node(l, depth + 1);
        if (!key || !next_event(l))
            return NULL;
        struct node *value = read_node(l, depth + 1);
        if (!value)
            return NULL;
        if (!key_ok(l, &seen, key))
            continue;
        *VEC_PUSH(l->arena, n->keys, nkeys, cap_keys) = key;
        *VEC_PUSH(l->arena, n->items, n->n, cap_items) = value;
        n->weight += key->weight + value->weight;
    }
    return NULL;
}

static struct node *read_collection(struct loader *l, int depth)
{
    bool is_map = l->event.type == YAML_MAPPING_START_EVENT;
    yaml_mark_t start = l->event.start_mark;
    struct node *n = ARENA_NEW(l->arena, struct node);
    n->kind = is_map ? NODE_MAP : NODE_LIST;
    n->span = event_span(l);
    n->weight = 1;
    if (!weigh(l, 1, n->span))
        return NULL;
    if (!(is_map ? read_map(l, n, depth) : read_list(l, n, depth)))
        return NULL;
    n->span = span_of(l, start, l->event.end_mark);
    n->text.span = n->span;
    return n;
}

static const char *event_anchor(const yaml_event_t *e, bool *tagged)
{
    *tagged = false;
    switch (e->type) {
    case YAML_SCALAR_EVENT: *tagged = e->data.scalar.tag != NULL; return (const char *)e->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        *tagged = e->data.sequence_start.tag != NULL;
        return (const char *)e->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        *tagged = e->data.mapping_start.tag != NULL;
        return (const char *)e->data.mapping_start.anchor;
    default: return NULL;
    }
}

/* node: alias | scalar | list | mapping, the current event being its first */
static struct node *read_node(struct loader *l, int depth)
{
    bool tagged;
    const char *anchor = event_anchor(&l->event, &tagged);
    if (tagged)
        return fail(l, event_span(l), "remove the tag; types come from the format", "tags are not allowed");
    if (depth > NODE_DEPTH_MAX)
        return fail(l, event_span(l), NULL, "nested more than 64 levels deep");
    struct anchor *slot = NULL;
    if (anchor) {
        slot = ARENA_NEW(l->arena, struct anchor);
        map_set(&l->anchors, str_z(arena_strdup(l->arena, anchor)), slot);
    }
    struct node *n = NULL;
    if (l->event.type == YAML_ALIAS_EVENT)
        n = read_alias(l);
    else if (l->event.type == YAML_SCALAR_EVENT)
        n = read_scalar(l);
    else
        n = read_collection(l, depth);
    if (slot)
        slot->node = n;
    return n;
}

static struct node *read_document(struct loader *l)
{
    if (!next_event(l)) /* stream start */
        return NULL;
    if (!next_event(l))
        return NULL;
    if (l->event.type == YAML_STREAM_END_EVENT)
        return fail(l, (struct span){ 0, 0 }, NULL, "the file is empty");
    if (!next_event(l))
        return NULL;
    struct node *root = read_node(l, 1);
    if (!root || !next_event(l)) /* document end */
        return NULL;
    assert(l->event.type == YAML_DOCUMENT_END_EVENT);
    if (!next_event(l))
        return NULL;
    if (l->event.type != YAML_STREAM_END_EVENT)
        return fail(l, event_span(l), "put each in a file of its own", "a second document in the same file");
    return root;
}

const char *node_yaml_version(void)
{
    return yaml_get_version_string();
}

const struct node *node_parse(struct arena *a, const struct source *src, struct diags *d)
{
    if (!characters_ok(src, d))
        return NULL;
    struct loader l = { .arena = a, .src = src, .diags = d };
    map_init(&l.anchors, a);
    if (!yaml_parser_initialize(&l.parser)) {
        refuse(d, src, 0, 0, NULL, "out of memory");
        return NULL;
    }
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)src->text.p, src->text.n);
    const struct node *root = read_document(&l);
    yaml_event_delete(&l.event);
    yaml_parser_delete(&l.parser);
    return root;
}
