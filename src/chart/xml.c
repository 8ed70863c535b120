/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull parser for the XML that SVG files of two known writers are made of.
 *
 * Refused: document types, comments, CDATA, processing instructions but one <?xml ...?> at the start,
 * entities but the five and numbers, duplicate attributes, depth above XML_DEPTH_MAX, bytes that are not
 * UTF-8 or that the display rule hides. Every read is bounded by the view; text and attribute values are
 * decoded into the arena.
 */
#include "chart_int.h"

#include <string.h>

#include "hb/utf8.h"
#include "hb/vec.h"

void xml_init(struct xml *x, struct arena *a, struct str s)
{
    *x = (struct xml){ .arena = a, .s = s };
}

static enum xml_event bad(struct xml *x, const char *why)
{
    x->bad = why;
    return XML_BAD;
}

static bool at(const struct xml *x, const char *z)
{
    size_t n = strlen(z);
    return x->s.n - x->i >= n && memcmp(x->s.p + x->i, z, n) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
    return char_is_alnum(c) || c == '-' || c == '_' || c == ':';
}

static void skip_blanks(struct xml *x)
{
    while (x->i < x->s.n && is_blank(x->s.p[x->i]))
        x->i++;
}

static struct str take_name(struct xml *x)
{
    size_t from = x->i;
    while (x->i < x->s.n && is_name(x->s.p[x->i]))
        x->i++;
    return str_sub(x->s, from, x->i);
}

/* &#48; &#x30; without the ampersand; false: not a visible character. */
static bool take_number(struct str s, uint32_t *cp)
{
    bool hex = s.n > 1 && s.p[1] == 'x';
    uint32_t v = 0;
    size_t i = hex ? 2 : 1;
    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        char c = s.p[i];
        uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : hex && c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                       : 99;
        if (digit == 99 || v > 0x10ffff)
            return false;
        v = v * (hex ? 16 : 10) + digit;
    }
    *cp = v;
    return v < UTF8_BAD && !(v >= 0xd800 && v < 0xe000) && (v == '\n' || !utf8_hidden(v));
}

static bool put_entity(struct buf *b, struct str name)
{
    static const struct {
        const char *name;
        char c;
    } known[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eqz(name, known[i].name)) {
            buf_putc(b, known[i].c);
            return true;
        }
    }
    uint32_t cp;
    if (!name.n || name.p[0] != '#' || !take_number(name, &cp))
        return false;
    char out[4];
    buf_put(b, out, utf8_put(out, cp));
    return true;
}

/* Raw text to characters. Blanks pass, everything else that is hidden does not. */
static bool decode(struct xml *x, struct str raw, struct str *out)
{
    struct buf b = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < raw.n;) {
        if (raw.p[i] == '&') {
            size_t end = str_chr(raw, ';', i);
            ok = end < raw.n && end - i < 12 && put_entity(&b, str_sub(raw, i + 1, end));
            i = end + 1;
            continue;
        }
        size_t from = i;
        uint32_t cp = utf8_next(raw, &i);
        ok = is_blank(raw.p[from]) || (cp != UTF8_BAD && !utf8_hidden(cp));
        buf_put(&b, raw.p + from, i - from);
    }
    *out = buf_to_arena(&b, x->arena);
    buf_free(&b);
    return ok;
}

static bool take_attr(struct xml *x, struct xml_attr *attr)
{
    attr->name = take_name(x);
    skip_blanks(x);
    if (!attr->name.n || x->i >= x->s.n || x->s.p[x->i] != '=')
        return false;
    x->i++;
    skip_blanks(x);
    if (x->i >= x->s.n || (x->s.p[x->i] != '"' && x->s.p[x->i] != '\''))
        return false;
    size_t from = x->i + 1, to = str_chr(x->s, x->s.p[x->i], from);
    if (to >= x->s.n)
        return false;
    struct str raw = str_sub(x->s, from, to);
    x->i = to + 1;
    return str_chr(raw, '<', 0) == raw.n && decode(x, raw, &attr->value);
}

static enum xml_event start(struct xml *x)
{
    x->i++;
    x->name = take_name(x);
    x->nattrs = 0;
    if (!x->name.n)
        return bad(x, "an element without a name");
    for (;;) {
        size_t before = x->i;
        skip_blanks(x);
        if (at(x, "/>") || at(x, ">"))
            break;
        if (before == x->i || x->nattrs == XML_ATTRS_MAX)
            return bad(x, "a malformed element");
        struct xml_attr *attr = &x->attrs[x->nattrs];
        if (!take_attr(x, attr))
            return bad(x, "a malformed attribute");
        for (size_t i = 0; i < x->nattrs; i++)
            if (str_eq(x->attrs[i].name, attr->name))
                return bad(x, "an attribute twice");
        x->nattrs++;
    }
    x->empty = at(x, "/>");
    x->i += x->empty ? 2 : 1;
    if (x->depth == XML_DEPTH_MAX)
        return bad(x, "too many elements within each other");
    x->open[x->depth++] = x->name;
    return XML_START;
}

static enum xml_event end(struct xml *x)
{
    x->i += 2;
    struct str name = take_name(x);
    skip_blanks(x);
    if (!x->depth || !str_eq(x->open[x->depth - 1], name) || !at(x, ">"))
        return bad(x, "an end that fits no start");
    x->i++;
    x->name = x->open[--x->depth];
    return XML_END;
}

static bool skip_declaration(struct xml *x)
{
    if (x->i != 0 || !at(x, "<?xml "))
        return true;
    size_t end_at = str_find(x->s, STR("?>"), 0);
    if (end_at == SIZE_MAX || str_chr(str_sub(x->s, 1, end_at), '<', 0) < end_at - 1)
        return false;
    x->i = end_at + 2;
    return true;
}

enum xml_event xml_next(struct xml *x)
{
    if (x->empty) {
        x->empty = false;
        x->name = x->open[--x->depth];
        return XML_END;
    }
    if (!skip_declaration(x))
        return bad(x, "a malformed declaration");
    if (x->i >= x->s.n)
        return x->depth ? bad(x, "the end within an element") : XML_EOF;
    if (at(x, "</"))
        return end(x);
    if (at(x, "<!") || at(x, "<?"))
        return bad(x, "a comment, document type or instruction");
    if (at(x, "<"))
        return start(x);
    size_t to = str_chr(x->s, '<', x->i);
    if (!decode(x, str_sub(x->s, x->i, to), &x->text))
        return bad(x, "a character or entity that is not allowed");
    x->i = to;
    return XML_TEXT;
}

struct str xml_attr(const struct xml *x, const char *name)
{
    for (size_t i = 0; i < x->nattrs; i++)
        if (str_eqz(x->attrs[i].name, name))
            return x->attrs[i].value;
    return (struct str){ NULL, 0 };
}

/* -- numbers and paths -- */

bool parse_centi(struct str s, size_t *i, centi *out)
{
    enum { WHOLE_MOST = 1000000 };
    int64_t v = 0;
    bool negative = *i < s.n && s.p[*i] == '-';
    size_t from = *i + negative, p = from;
    for (; p < s.n && s.p[p] >= '0' && s.p[p] <= '9'; p++) {
        v = v * 10 + (s.p[p] - '0');
        if (v > WHOLE_MOST)
            return false;
    }
    if (p == from)
        return false;
    v *= 100;
    if (p + 1 < s.n && s.p[p] == '.') {
        int64_t unit = 10;
        for (p++; p < s.n && s.p[p] >= '0' && s.p[p] <= '9'; p++, unit /= 10) {
            if (!unit)
                return false;
            v += (s.p[p] - '0') * unit;
        }
    }
    *i = p;
    *out = (centi)(negative ? -v : v);
    return true;
}

static void skip_separators(struct str s, size_t *i)
{
    while (*i < s.n && (is_blank(s.p[*i]) || s.p[*i] == ','))
        (*i)++;
}

bool parse_path(struct arena *a, struct str d, const struct path_step **steps, size_t *n)
{
    struct path_step *list = NULL;
    size_t count = 0, cap = 0, i = 0;
    char op = 0;
    for (skip_separators(d, &i); i < d.n; skip_separators(d, &i)) {
        if (d.p[i] == 'M' || d.p[i] == 'L' || d.p[i] == 'Z') {
            op = d.p[i++];
            if (op == 'Z') {
                if (!count)
                    return false;
                *VEC_PUSH(a, list, count, cap) = (struct path_step){ .op = PATH_CLOSE };
                op = 0;
            }
            continue;
        }
        struct path_step step = { .op = op == 'M' ? PATH_MOVE : PATH_LINE };
        if (!op || (!count && op != 'M') || !parse_centi(d, &i, &step.x))
            return false;
        skip_separators(d, &i);
        if (!parse_centi(d, &i, &step.y))
            return false;
        *VEC_PUSH(a, list, count, cap) = step;
        op = 'L';
    }
    *steps = list;
    *n = count;
    return true;
}
