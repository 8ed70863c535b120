/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_xml: XML as a dynamic value. Attributes are "@name", text beside attributes or elements is "#text", elements of one name
 * become an array. Text that is not well-formed gives NULL. No entities but the five of XML and characters by number;
 * no DTD is read.
 */
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"
#include "udf.h"

enum { XML_DEPTH_MAX = 200 };

struct xml {
    struct str s;
    size_t i;
    bool bad;
};

/* A member under construction: its name, and one JSON value or several parted by commas. */
struct xmember {
    struct str name; /* view into the text; prefix '@', '#' or 0 */
    char prefix;
    struct buf values;
    size_t n;
};

struct xelement {
    struct xmember *m;
    size_t n, cap;
    struct buf text;
    bool has_text;
};

static void parse_element(struct xml *x, struct buf *out, int depth);

static bool at(const struct xml *x, const char *z)
{
    return str_starts(str_sub(x->s, x->i, x->s.n), str_z(z));
}

static void skip_space(struct xml *x)
{
    while (x->i < x->s.n && strchr(" \t\r\n", x->s.p[x->i]) && x->s.p[x->i])
        x->i++;
}

/* Moves behind the text z; false (and bad) when it does not come. */
static bool skip_past(struct xml *x, const char *z)
{
    size_t hit = str_find(x->s, str_z(z), x->i);
    x->bad |= hit == SIZE_MAX;
    x->i = hit == SIZE_MAX ? x->s.n : hit + strlen(z);
    return hit != SIZE_MAX;
}

static struct str read_name(struct xml *x)
{
    size_t from = x->i;
    while (x->i < x->s.n && !strchr(" \t\r\n=/><?'\"&", x->s.p[x->i]) && x->s.p[x->i])
        x->i++;
    x->bad |= x->i == from;
    return str_sub(x->s, from, x->i);
}

static void put_entity(struct xml *x, struct buf *out, struct str name)
{
    static const struct {
        const char *name;
        char ch;
    } known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (str_eqz(name, known[k].name)) {
            buf_putc(out, known[k].ch);
            return;
        }
    uint32_t cp = 0;
    bool hex = name.n > 2 && name.p[0] == '#' && (name.p[1] == 'x' || name.p[1] == 'X');
    for (size_t k = hex ? 2 : 1; k < name.n && cp < 0x110000; k++) {
        char c = name.p[k];
        int d = c >= '0' && c <= '9'          ? c - '0'
                : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : 99;
        x->bad |= d == 99;
        cp = cp * (hex ? 16 : 10) + (uint32_t)d;
    }
    char utf8[4];
    if (name.n < 2 || name.p[0] != '#' || x->bad || cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        x->bad = true;
    else
        buf_put(out, utf8, utf8_put(utf8, cp));
}

/* Characters up to `stop` (not taken), entities decoded. */
static void read_text(struct xml *x, struct buf *out, char stop)
{
    while (x->i < x->s.n && x->s.p[x->i] != stop && !x->bad) {
        if (x->s.p[x->i] == '&') {
            size_t end = str_chr(x->s, ';', x->i);
            x->bad |= end == x->s.n || end - x->i > 12;
            if (!x->bad)
                put_entity(x, out, str_sub(x->s, x->i + 1, end));
            x->i = end + 1;
        } else {
            buf_putc(out, x->s.p[x->i++]);
        }
    }
}

/* The member's value text, after a comma if it has values already. */
static struct buf *member(struct xelement *e, struct str name, char prefix)
{
    for (size_t k = 0; k < e->n; k++)
        if (e->m[k].prefix == prefix && str_eq(e->m[k].name, name)) {
            e->m[k].n++;
            buf_putc(&e->m[k].values, ',');
            return &e->m[k].values;
        }
    if (e->n == e->cap) {
        e->cap = e->cap ? 2 * e->cap : 8;
        e->m = realloc(e->m, e->cap * sizeof *e->m);
        if (!e->m)
            abort();
    }
    e->m[e->n] = (struct xmember){ .name = name, .prefix = prefix, .n = 1 };
    return &e->m[e->n++].values;
}

static void read_attributes(struct xml *x, struct xelement *e)
{
    for (skip_space(x); x->i < x->s.n && !x->bad && !strchr("/>?", x->s.p[x->i]); skip_space(x)) {
        struct str name = read_name(x);
        skip_space(x);
        x->bad |= !at(x, "=");
        x->i++;
        skip_space(x);
        char quote = x->i < x->s.n ? x->s.p[x->i] : 0;
        x->bad |= quote != '"' && quote != '\'';
        x->i++;
        struct buf text = BUF_INIT;
        if (!x->bad)
            read_text(x, &text, quote);
        json_put_str(member(e, name, '@'), buf_view(&text));
        buf_free(&text);
        x->bad |= x->i >= x->s.n;
        x->i++;
    }
}

/* Everything between the tags; x is behind "</" then. */
static void read_content(struct xml *x, struct xelement *e, int depth)
{
    while (!x->bad) {
        if (x->i >= x->s.n) {
            x->bad = true;
        } else if (at(x, "</")) {
            x->i += 2;
            return;
        } else if (at(x, "<!--")) {
            skip_past(x, "-->");
        } else if (at(x, "<![CDATA[")) {
            size_t from = x->i + 9;
            if (skip_past(x, "]]>"))
                json_put_str(member(e, STR("cdata-section"), '#'), str_sub(x->s, from, x->i - 3));
        } else if (at(x, "<?")) {
            skip_past(x, "?>");
        } else if (x->s.p[x->i] == '<') {
            size_t mark = x->i++;
            struct str name = read_name(x);
            x->i = mark;
            struct buf *out = member(e, name, 0);
            struct buf value = BUF_INIT; /* members may move while the child is read */
            size_t which = 0;
            while (&e->m[which].values != out)
                which++;
            parse_element(x, &value, depth + 1);
            buf_str(&e->m[which].values, buf_view(&value));
            buf_free(&value);
        } else {
            read_text(x, &e->text, '<');
            e->has_text = true;
        }
    }
}

static void put_members(struct buf *out, const struct xelement *e)
{
    buf_putc(out, '{');
    for (size_t k = 0; k < e->n; k++) {
        if (k)
            buf_putc(out, ',');
        buf_putc(out, '"');
        if (e->m[k].prefix)
            buf_putc(out, e->m[k].prefix);
        buf_str(out, e->m[k].name);
        buf_puts(out, "\":");
        if (e->m[k].n > 1)
            buf_putc(out, '[');
        buf_str(out, buf_view(&e->m[k].values));
        if (e->m[k].n > 1)
            buf_putc(out, ']');
    }
    if (str_trim(buf_view(&e->text)).n) {
        buf_puts(out, e->n ? ",\"#text\":" : "\"#text\":");
        json_put_str(out, str_trim(buf_view(&e->text)));
    }
    buf_putc(out, '}');
}

/* x is at '<'; the value of the element is appended. */
static void parse_element(struct xml *x, struct buf *out, int depth)
{
    struct xelement e = { 0 };
    x->bad |= depth > XML_DEPTH_MAX;
    x->i++;
    struct str name = read_name(x);
    if (!x->bad)
        read_attributes(x, &e);
    bool closed = at(x, "/>");
    if (closed) {
        x->i += 2;
    } else if (!x->bad) {
        x->bad |= !at(x, ">");
        x->i++;
        read_content(x, &e, depth);
        x->bad |= !x->bad && !str_eq(read_name(x), name);
        skip_space(x);
        x->bad |= !at(x, ">");
        x->i++;
    }
    if (e.n)
        put_members(out, &e);
    else if (closed)
        buf_puts(out, "null");
    else
        json_put_str(out, buf_view(&e.text));
    for (size_t k = 0; k < e.n; k++)
        buf_free(&e.m[k].values);
    free(e.m);
    buf_free(&e.text);
}

/* "?xml": the declaration's attributes */
static void declaration(struct xml *x, struct buf *out)
{
    struct xelement e = { 0 };
    x->i += 5;
    read_attributes(x, &e);
    x->bad |= !at(x, "?>");
    x->i += 2;
    buf_puts(out, "\"?xml\":");
    put_members(out, &e);
    buf_putc(out, ',');
    for (size_t k = 0; k < e.n; k++)
        buf_free(&e.m[k].values);
    free(e.m);
}

static void skip_misc(struct xml *x)
{
    for (;;) {
        skip_space(x);
        if (at(x, "<!--"))
            skip_past(x, "-->");
        else if (at(x, "<?"))
            skip_past(x, "?>");
        else if (at(x, "<!"))
            skip_past(x, ">");
        else
            return;
    }
}

static bool parse_xml(struct udf_call *c)
{
    struct xml x = { .s = str_trim(c->arg[0].s) };
    buf_putc(&c->out, '{');
    if (at(&x, "<?xml "))
        declaration(&x, &c->out);
    skip_misc(&x);
    if (!at(&x, "<"))
        return false;
    size_t mark = x.i++;
    struct str name = read_name(&x);
    x.i = mark;
    buf_putc(&c->out, '"');
    buf_str(&c->out, name);
    buf_puts(&c->out, "\":");
    parse_element(&x, &c->out, 0);
    skip_misc(&x);
    buf_putc(&c->out, '}');
    return !x.bad && x.i == x.s.n;
}

static const struct udf_fn functions[] = {
    { "kql_parse_xml", parse_xml, NULL, 0 },
};

const struct udf_set udf_xml_set = { functions, sizeof functions / sizeof *functions };
