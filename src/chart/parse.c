/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own SVG back into a drawing.
 *
 * Reading is verified by writing: the drawing is put out again and must be the same bytes, so this parser may
 * be simple and still accepts nothing that drawing_put_svg would not have written.
 */
#include "chart_int.h"

#include <string.h>

#include "hb/vec.h"

enum { BYTES_MOST = 16 << 20, SHAPES_MOST = 200000 };

struct reader {
    struct xml xml;
    struct arena *arena;
    struct drawing *out;
    struct shape *shapes;
    size_t cap;
    char *id_prefix;
};

static bool number(const struct xml *x, const char *name, centi *out)
{
    struct str v = xml_attr(x, name);
    size_t i = 0;
    return v.p && parse_centi(v, &i, out) && i == v.n;
}

/* hb-f-ink, hb-s-grid: the role behind the prefix. */
static bool role_of(struct str class, const char *prefix, uint8_t *out)
{
    for (size_t from = 0; from < class.n;) {
        size_t to = str_chr(class, ' ', from);
        struct str word = str_sub(class, from, to);
        from = to + 1;
        if (!str_starts(word, str_z(prefix)))
            continue;
        struct str name = str_sub(word, strlen(prefix), word.n);
        for (uint8_t i = PAINT_NONE + 1; i < PAINT_COUNT; i++) {
            if (str_eqz(name, paint_info((enum paint_role)i)->name)) {
                *out = i;
                return true;
            }
        }
        return false;
    }
    *out = PAINT_NONE;
    return true;
}

static bool read_dash(const struct xml *x, struct shape *s)
{
    struct str v = xml_attr(x, "stroke-dasharray");
    for (size_t i = 0; i < v.n; i++) {
        if (s->ndash == DRAWING_DASH_MAX || !parse_centi(v, &i, &s->dash[s->ndash++]))
            return false;
    }
    return true;
}

static bool read_look(const struct xml *x, struct shape *s)
{
    struct str class = xml_attr(x, "class");
    centi opacity = 100;
    if (!role_of(class, "hb-f-", &s->fill) || !role_of(class, "hb-s-", &s->stroke))
        return false;
    if (xml_attr(x, "fill-opacity").p &&
        (!number(x, "fill-opacity", &opacity) || opacity < 0 || opacity >= 100))
        return false;
    s->opacity = (uint8_t)opacity;
    if (s->stroke == PAINT_NONE)
        return true;
    return number(x, "stroke-width", &s->stroke_width) && read_dash(x, s);
}

static bool read_text_attrs(const struct xml *x, struct shape *s)
{
    struct str anchor = xml_attr(x, "text-anchor"), turn = xml_attr(x, "transform");
    s->anchor = str_eqz(anchor, "middle") ? ANCHOR_MIDDLE
                : str_eqz(anchor, "end")  ? ANCHOR_END
                                          : ANCHOR_START;
    s->rotate = turn.n ? -90 : 0;
    s->bold = xml_attr(x, "font-weight").n > 0;
    return number(x, "x", &s->x) && number(x, "y", &s->y) && number(x, "font-size", &s->size);
}

static bool read_geometry(struct reader *r, struct shape *s)
{
    const struct xml *x = &r->xml;
    if (str_eqz(x->name, "path")) {
        s->kind = SHAPE_PATH;
        return parse_path(r->arena, xml_attr(x, "d"), &s->steps, &s->nsteps);
    }
    if (str_eqz(x->name, "rect")) {
        s->kind = SHAPE_RECT;
        return number(x, "x", &s->x) && number(x, "y", &s->y) && number(x, "width", &s->w) &&
               number(x, "height", &s->h);
    }
    if (str_eqz(x->name, "circle")) {
        s->kind = SHAPE_CIRCLE;
        return number(x, "cx", &s->x) && number(x, "cy", &s->y) && number(x, "r", &s->w);
    }
    s->kind = SHAPE_TEXT;
    return str_eqz(x->name, "text") && read_text_attrs(x, s);
}

/* The text of the element that just started, up to its end. */
static bool read_words(struct reader *r, struct str *out)
{
    *out = STR("");
    enum xml_event e = xml_next(&r->xml);
    if (e == XML_TEXT) {
        *out = r->xml.text;
        e = xml_next(&r->xml);
    }
    return e == XML_END;
}

static bool read_content(struct reader *r, struct shape *s)
{
    struct text_run *runs = NULL;
    size_t cap = 0;
    for (;;) {
        struct str words;
        switch (xml_next(&r->xml)) {
        case XML_END: s->runs = runs; return true;
        case XML_TEXT:
            if (str_chr(r->xml.text, '\n', 0) < r->xml.text.n)
                return false;
            *VEC_PUSH(r->arena, runs, s->nruns, cap) = (struct text_run){ r->xml.text, false };
            break;
        case XML_START:
            if (str_eqz(r->xml.name, "title")) {
                if (!read_words(r, &s->tip))
                    return false;
            } else if (str_eqz(r->xml.name, "tspan")) {
                if (!read_words(r, &words) || str_chr(words, '\n', 0) < words.n)
                    return false;
                *VEC_PUSH(r->arena, runs, s->nruns, cap) = (struct text_run){ words, true };
            } else {
                return false;
            }
            break;
        default: return false;
        }
    }
}

static bool read_shape(struct reader *r)
{
    if (r->out->nshapes == SHAPES_MOST)
        return false;
    struct shape *s = VEC_PUSH(r->arena, r->shapes, r->out->nshapes, r->cap);
    return read_look(&r->xml, s) && read_geometry(r, s) && read_content(r, s) &&
           (s->kind == SHAPE_TEXT) == (s->nruns > 0);
}

static bool read_root(struct reader *r)
{
    enum xml_event e = xml_next(&r->xml);
    if (e == XML_TEXT)
        e = xml_next(&r->xml);
    if (e != XML_START || !str_eqz(r->xml.name, "svg"))
        return false;
    struct str ids = xml_attr(&r->xml, "aria-labelledby");
    size_t end = str_find(ids, STR("-title "), 0);
    if (end == SIZE_MAX)
        return false;
    r->id_prefix = arena_printf(r->arena, "%.*s", (int)end, ids.p);
    if (strspn(r->id_prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != end)
        return false;
    return number(&r->xml, "width", &r->out->width) && number(&r->xml, "height", &r->out->height);
}

static bool read_drawing(struct reader *r)
{
    if (!read_root(r))
        return false;
    for (;;) {
        switch (xml_next(&r->xml)) {
        case XML_TEXT: break; /* line ends; compared afterwards */
        case XML_END: r->out->shapes = r->shapes; return true;
        case XML_START:
            if (str_eqz(r->xml.name, "title")  ? !read_words(r, &r->out->title)
                : str_eqz(r->xml.name, "desc") ? !read_words(r, &r->out->desc)
                                               : !read_shape(r))
                return false;
            break;
        default: return false;
        }
    }
}

/* Where two texts part. */
static size_t first_difference(struct str a, struct str b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    return i;
}

bool drawing_parse_svg(struct arena *a, struct str svg, struct drawing *out, struct err *err)
{
    struct reader r = { .arena = a, .out = out };
    *out = (struct drawing){ .title = STR(""), .desc = STR("") };
    if (svg.n > BYTES_MOST)
        return err_set(err, ERR_VERIFY, "the chart is %zu bytes, more than %d", svg.n, BYTES_MOST);
    xml_init(&r.xml, a, svg);
    if (str_chr(svg, '\t', 0) < svg.n || str_chr(svg, '\r', 0) < svg.n)
        return err_set(err, ERR_VERIFY,
                       "the chart is not a file huntbook wrote: it holds tabs or carriage returns");
    if (!read_drawing(&r))
        return err_set(err, ERR_VERIFY, "the chart is not a file huntbook wrote: %s at byte %zu",
                       r.xml.bad ? r.xml.bad : "something unknown", r.xml.i);
    struct buf again = BUF_INIT;
    drawing_put_svg(&again, out, r.id_prefix, str_starts(svg, STR("<?xml ")));
    bool same = str_eq(buf_view(&again), svg);
    size_t where = first_difference(buf_view(&again), svg);
    buf_free(&again);
    return same ||
           err_set(err, ERR_VERIFY, "the chart is not a file huntbook wrote: byte %zu differs", where);
}
