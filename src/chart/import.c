/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gnuplot's SVG -> shapes, with labels, colours by role and tooltips put back.
 *
 * Only what the svg driver of gnuplot 5.4 and 6.0 emits for our scripts is known here; anything else is an
 * error, never passed on. Marks are told apart by their order within gnuplot_plot_N, which is that of the
 * data: so their number must agree.
 */
#include "chart_int.h"

#include <math.h>
#include <string.h>

#include "hb/vec.h"

struct look { /* what an element inherits from the <g> around it */
    struct str stroke;
    centi stroke_width;
    centi x, y; /* of <text> */
    int16_t rotate;
    uint8_t anchor;
    size_t group; /* + 1; 0: not within a plot */
};

struct import {
    struct xml xml;
    struct arena *arena;
    const struct plot *plot;
    const struct placeholders *labels;
    bool *placed; /* per label */
    size_t seen[GROUPS_MAX];
    struct shape *shapes;
    size_t nshapes, cap;
    struct look looks[XML_DEPTH_MAX + 1];
};

static bool refuse(struct import *im, struct err *err, const char *why)
{
    return err_set(err, ERR_RUN, "cannot read what gnuplot drew: %s in <%.*s> before byte %zu", why,
                   STR_ARG(im->xml.name), im->xml.i);
}

/* -- attributes -- */

/* "translate(1.00,2.00) rotate(-90)" */
static bool read_call(struct str s, size_t *i, const char *name, centi *args, size_t nargs)
{
    while (*i < s.n && s.p[*i] == ' ')
        (*i)++;
    size_t n = strlen(name);
    if (s.n - *i < n + 1 || memcmp(s.p + *i, name, n) != 0 || s.p[*i + n] != '(')
        return false;
    size_t at = *i + n + 1;
    for (size_t k = 0; k < nargs; k++) {
        if (k && (at >= s.n || s.p[at++] != ','))
            return false;
        if (!parse_centi(s, &at, &args[k]))
            return false;
    }
    if (at >= s.n || s.p[at] != ')')
        return false;
    *i = at + 1;
    return true;
}

static bool is_end(struct str s, size_t i)
{
    return str_trim(str_sub(s, i, s.n)).n == 0;
}

/* #RRGGBB or rgb( r, g, b) */
static bool read_colour(struct str s, uint32_t *rgb)
{
    if (str_starts(s, STR("rgb(")) && str_ends(s, STR(")"))) {
        uint32_t v = 0;
        size_t from = 4, parts = 0;
        while (from < s.n) {
            size_t to = str_chr(s, ',', from);
            int64_t part;
            if (to >= s.n)
                to = s.n - 1;
            if (!str_to_i64(str_trim(str_sub(s, from, to)), &part) || part < 0 || part > 255 || ++parts > 3)
                return false;
            v = v << 8 | (uint32_t)part;
            from = to + 1;
        }
        *rgb = v;
        return parts == 3;
    }
    return false;
}

/* Our own colours only: each stands for a role. */
static bool read_role(struct str s, uint8_t *role)
{
    uint32_t rgb;
    if (!read_colour(s, &rgb))
        return false;
    for (uint8_t i = PAINT_NONE + 1; i < PAINT_COUNT; i++) {
        if (paint_info((enum paint_role)i)->rgb == rgb) {
            *role = i;
            return true;
        }
    }
    return false;
}

static bool only(const struct xml *x, const char *const *names)
{
    for (size_t i = 0; i < x->nattrs; i++) {
        size_t k = 0;
        while (names[k] && !str_eqz(x->attrs[i].name, names[k]))
            k++;
        if (!names[k])
            return false;
    }
    return true;
}

/* -- elements -- */

static struct shape *add_shape(struct import *im, enum shape_kind kind)
{
    struct shape *s = VEC_PUSH(im->arena, im->shapes, im->nshapes, im->cap);
    s->kind = (uint8_t)kind;
    s->opacity = 100;
    return s;
}

static bool read_width(struct str v, centi *out)
{
    size_t i = 0;
    return parse_centi(v, &i, out) && i == v.n;
}

static bool start_plot(struct look *look, struct str id, const struct plot *p)
{
    uint64_t n;
    if (!str_starts(id, STR("gnuplot_plot_")))
        return str_eqz(id, "gnuplot_canvas");
    if (!str_to_u64(str_sub(id, 13, id.n), &n) || n < 1 || n > p->ngroups)
        return false;
    look->group = (size_t)n;
    return true;
}

static bool start_text_place(struct look *look, const struct xml *x)
{
    centi at[2], turn = 0;
    struct str transform = xml_attr(x, "transform"), anchor = xml_attr(x, "text-anchor");
    size_t i = 0;
    if (!read_call(transform, &i, "translate", at, 2))
        return false;
    if (!is_end(transform, i) && (!read_call(transform, &i, "rotate", &turn, 1) || !is_end(transform, i)))
        return false;
    look->x = at[0];
    look->y = at[1];
    look->rotate = (int16_t)(turn / 100);
    look->anchor = str_eqz(anchor, "middle") ? ANCHOR_MIDDLE
                   : str_eqz(anchor, "end")  ? ANCHOR_END
                                             : ANCHOR_START;
    return turn == 0 || turn == -9000 || turn == 27000;
}

static bool start_g(struct import *im, struct look *look)
{
    static const char *const names[] = {
        "id",
        "fill",
        "color",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "transform",
        "stroke-linejoin",
        "shape-rendering",
        "font-family",
        "font-size",
        "text-anchor",
        NULL,
    };
    const struct xml *x = &im->xml;
    struct str id = xml_attr(x, "id"), stroke = xml_attr(x, "stroke"), width = xml_attr(x, "stroke-width");
    if (!only(x, names) || (id.p && !start_plot(look, id, im->plot)))
        return false;
    if (stroke.p)
        look->stroke = stroke;
    if (width.p && !read_width(width, &look->stroke_width))
        return false;
    return !xml_attr(x, "transform").p || start_text_place(look, x);
}

/* Dashes of lines, so that they differ in more than colour; ends are round, so a dash is longer by its width. */
static void set_dash(struct shape *s, uint8_t dash)
{
    static const struct {
        uint8_t n;
        centi lengths[DRAWING_DASH_MAX];
    } dashes[SERIES_MAX] = {
        { 0, { 0 } },         { 2, { 600, 400 } },          { 2, { 50, 320 } },
        { 2, { 1100, 400 } }, { 4, { 800, 350, 50, 350 } }, { 2, { 300, 500 } },
    };
    s->ndash = dashes[dash].n;
    for (size_t i = 0; i < DRAWING_DASH_MAX; i++)
        s->dash[i] = dashes[dash].lengths[i];
}

static bool start_path(struct import *im, const struct look *look)
{
    static const char *const names[] = { "stroke", "class", "d", NULL };
    struct str stroke = xml_attr(&im->xml, "stroke");
    const struct path_step *steps;
    size_t n;
    uint8_t role;
    if (!only(&im->xml, names) || !parse_path(im->arena, xml_attr(&im->xml, "d"), &steps, &n))
        return false;
    if (n < 2)
        return true; /* tick marks of no length */
    if (!read_role(stroke.p ? stroke : look->stroke, &role))
        return false;
    struct shape *s = add_shape(im, SHAPE_PATH);
    s->steps = steps;
    s->nsteps = n;
    s->stroke = role;
    s->stroke_width = look->stroke_width;
    if (look->group)
        set_dash(s, im->plot->groups[look->group - 1].dash);
    return true;
}

/* The next mark of the group that is being drawn; NULL when it is not of that style, or there is none left.
 */
static const struct mark *next_mark(struct import *im, const struct look *look, enum mark_style style)
{
    if (!look->group)
        return NULL;
    const struct group *g = &im->plot->groups[look->group - 1];
    size_t i = im->seen[look->group - 1]++;
    return g->style == style && i < g->nmarks ? &g->marks[i] : NULL;
}

/* A marker of about the area of a circle of that radius: series differ in it as well as in colour. */
static struct shape *put_marker(struct import *im, enum marker marker, centi x, centi y, centi r,
                                uint8_t role, uint8_t opacity)
{
    static const struct {
        size_t n;
        int8_t corners[12][2]; /* in eighths of the radius */
    } rows[] = {
        [MARKER_SQUARE] = { 4, { { -7, -7 }, { 7, -7 }, { 7, 7 }, { -7, 7 } } },
        [MARKER_TRIANGLE] = { 3, { { 0, -11 }, { 10, 7 }, { -10, 7 } } },
        [MARKER_DIAMOND] = { 4, { { 0, -11 }, { 10, 0 }, { 0, 11 }, { -10, 0 } } },
        [MARKER_DOWN] = { 3, { { 0, 11 }, { 10, -7 }, { -10, -7 } } },
        [MARKER_CROSS] = { 12,
                           { { -3, -9 },
                             { 3, -9 },
                             { 3, -3 },
                             { 9, -3 },
                             { 9, 3 },
                             { 3, 3 },
                             { 3, 9 },
                             { -3, 9 },
                             { -3, 3 },
                             { -9, 3 },
                             { -9, -3 },
                             { -3, -3 } } },
    };
    struct shape *s = add_shape(im, marker == MARKER_CIRCLE ? SHAPE_CIRCLE : SHAPE_PATH);
    s->fill = role;
    s->opacity = opacity;
    if (marker == MARKER_CIRCLE) {
        s->x = x;
        s->y = y;
        s->w = r;
        return s;
    }
    size_t n = rows[marker].n;
    struct path_step *steps = ARENA_ARRAY(im->arena, n + 1, struct path_step);
    for (size_t i = 0; i < n; i++)
        steps[i] = (struct path_step){ i ? PATH_LINE : PATH_MOVE, x + rows[marker].corners[i][0] * r / 8,
                                       y + rows[marker].corners[i][1] * r / 8 };
    steps[n] = (struct path_step){ PATH_CLOSE, 0, 0 };
    s->steps = steps;
    s->nsteps = n + 1;
    return s;
}

static bool start_use(struct import *im, const struct look *look)
{
    static const char *const names[] = { "xlink:href", "transform", "color", NULL };
    const struct xml *x = &im->xml;
    struct str transform = xml_attr(x, "transform");
    const struct mark *mark = next_mark(im, look, MARKS_POINTS);
    centi at[2], radius;
    size_t i = 0;
    uint8_t role;
    if (!mark || !only(x, names) || !str_eqz(xml_attr(x, "xlink:href"), "#gpPt6") ||
        !read_role(xml_attr(x, "color"), &role) || !read_call(transform, &i, "translate", at, 2) ||
        !read_call(transform, &i, "scale", &radius, 1) || !is_end(transform, i))
        return false;
    const struct group *g = &im->plot->groups[look->group - 1];
    put_marker(im, (enum marker)g->marker, at[0], at[1], radius, role, g->opacity)->tip = mark->tip;
    return true;
}

/* Four corners of a box, in any direction. */
static bool read_corners(struct arena *a, struct str points, struct shape *s)
{
    const struct path_step *steps;
    size_t n;
    if (!parse_path(a, arena_strf(a, "M%.*s", STR_ARG(points)), &steps, &n) || n != 4)
        return false;
    centi x0 = steps[0].x, x1 = x0, y0 = steps[0].y, y1 = y0;
    for (size_t i = 1; i < n; i++) {
        x0 = steps[i].x < x0 ? steps[i].x : x0;
        x1 = steps[i].x > x1 ? steps[i].x : x1;
        y0 = steps[i].y < y0 ? steps[i].y : y0;
        y1 = steps[i].y > y1 ? steps[i].y : y1;
    }
    s->x = x0;
    s->y = y0;
    s->w = x1 - x0;
    s->h = y1 - y0;
    return true;
}

/* A polygon of an area, of as many corners as it likes: gnuplot leaves out those that fall together. */
static bool start_area(struct import *im, const struct group *g, const char *const *names)
{
    const struct path_step *corners;
    size_t n;
    uint8_t role;
    if (!only(&im->xml, names) || !read_role(xml_attr(&im->xml, "fill"), &role) ||
        !parse_path(im->arena, arena_strf(im->arena, "M%.*s", STR_ARG(xml_attr(&im->xml, "points"))),
                    &corners, &n))
        return false;
    struct path_step *steps = ARENA_ARRAY(im->arena, n + 1, struct path_step);
    memcpy(steps, corners, n * sizeof *steps);
    steps[n] = (struct path_step){ PATH_CLOSE, 0, 0 };
    struct shape *s = add_shape(im, SHAPE_PATH);
    s->fill = role;
    s->opacity = g->opacity;
    s->steps = steps;
    s->nsteps = n + 1;
    return true;
}

static bool start_polygon(struct import *im, const struct look *look)
{
    static const char *const names[] = { "fill", "points", NULL };
    if (look->group && im->plot->groups[look->group - 1].style == MARKS_AREA)
        return start_area(im, &im->plot->groups[look->group - 1], names);
    const struct mark *mark = next_mark(im, look, MARKS_BOXES);
    uint8_t role;
    if (!mark || !only(&im->xml, names) || !read_role(xml_attr(&im->xml, "fill"), &role))
        return false;
    struct shape *s = add_shape(im, SHAPE_RECT);
    s->fill = role;
    s->opacity = im->plot->groups[look->group - 1].opacity;
    s->tip = mark->tip;
    return read_corners(im->arena, xml_attr(&im->xml, "points"), s);
}

/* The background, which we ask not to be painted. */
static bool start_rect(const struct import *im)
{
    return !im->nshapes && str_eqz(xml_attr(&im->xml, "fill"), "none");
}

/* A placeholder: what stands there is ours. */
static bool read_text(struct import *im, const struct look *look)
{
    uint64_t n;
    if (im->xml.nattrs || xml_next(&im->xml) != XML_TEXT)
        return false;
    struct str word = im->xml.text;
    if (word.n != 8 || word.p[0] != 'L' || !str_to_u64(str_sub(word, 1, 8), &n) || n >= im->labels->n ||
        im->placed[n] || xml_next(&im->xml) != XML_END)
        return false;
    const struct placed *text = im->labels->text[n];
    im->placed[n] = true;
    struct shape *s = add_shape(im, SHAPE_TEXT);
    s->fill = text->role;
    s->x = look->x + (centi)lround(text->dx * 100);
    s->y = look->y + (centi)lround(text->dy * 100);
    s->size = FONT_SIZE * 100;
    s->anchor = look->anchor;
    s->rotate = look->rotate ? -90 : 0;
    s->runs = text->label.runs;
    s->nruns = text->label.nruns;
    s->tip = text->label.tip;
    return true;
}

/* Skips the element that just started and all within. */
static bool skip(struct import *im)
{
    size_t depth = im->xml.depth - 1;
    for (;;) {
        enum xml_event e = xml_next(&im->xml);
        if (e == XML_EOF || e == XML_BAD)
            return false;
        if (e == XML_END && im->xml.depth == depth)
            return true;
    }
}

static bool start_element(struct import *im)
{
    size_t depth = im->xml.depth;
    struct look *look = &im->looks[depth];
    *look = im->looks[depth - 1];
    struct str name = im->xml.name;
    if (str_eqz(name, "svg"))
        return depth == 1;
    if (str_eqz(name, "g"))
        return start_g(im, look);
    if (str_eqz(name, "path"))
        return start_path(im, look);
    if (str_eqz(name, "use"))
        return start_use(im, look);
    if (str_eqz(name, "polygon"))
        return start_polygon(im, look);
    if (str_eqz(name, "rect"))
        return start_rect(im);
    if (str_eqz(name, "text"))
        return read_text(im, look);
    /* Symbols are drawn by us; titles name files and versions. */
    return (str_eqz(name, "defs") || str_eqz(name, "title") || str_eqz(name, "desc")) && skip(im);
}

static bool read_all(struct import *im, struct err *err)
{
    for (;;) {
        switch (xml_next(&im->xml)) {
        case XML_START:
            if (!start_element(im))
                return refuse(im, err, im->xml.bad ? im->xml.bad : "something unknown");
            break;
        case XML_TEXT:
            if (str_trim(im->xml.text).n)
                return refuse(im, err, "stray text");
            break;
        case XML_END: break;
        case XML_BAD: return refuse(im, err, im->xml.bad);
        case XML_EOF: return true;
        }
    }
}

static bool check_complete(struct import *im, struct err *err)
{
    for (size_t i = 0; i < im->plot->ngroups; i++) {
        const struct group *g = &im->plot->groups[i];
        if (g->style != MARKS_LINE && g->style != MARKS_AREA && im->seen[i] != g->nmarks)
            return err_set(err, ERR_RUN, "gnuplot drew %zu of %zu marks", im->seen[i], g->nmarks);
    }
    for (size_t i = 0; i < im->labels->n; i++)
        if (!im->placed[i])
            return err_set(err, ERR_RUN, "gnuplot left out label %zu of %zu", i, im->labels->n);
    return true;
}

static centi pixels(double v)
{
    return (centi)lround(v * 100);
}

static void add_swatch(struct import *im, const struct swatch *w)
{
    const double half = SWATCH_SIZE / 2.0;
    if (w->style == MARKS_POINTS) {
        put_marker(im, (enum marker)w->marker, pixels(w->x + half), pixels(w->y + half), 400, w->role,
                   w->opacity);
    } else if (w->style == MARKS_LINE) {
        struct path_step *steps = ARENA_ARRAY(im->arena, 2, struct path_step);
        steps[0] = (struct path_step){ PATH_MOVE, pixels(w->x), pixels(w->y + half) };
        steps[1] = (struct path_step){ PATH_LINE, pixels(w->x + SWATCH_LINE), pixels(w->y + half) };
        struct shape *s = add_shape(im, SHAPE_PATH);
        s->steps = steps;
        s->nsteps = 2;
        s->stroke = w->role;
        s->stroke_width = 200;
        set_dash(s, w->dash);
    } else {
        struct shape *s = add_shape(im, SHAPE_RECT);
        s->fill = w->role;
        s->opacity = w->opacity;
        s->x = pixels(w->x);
        s->y = pixels(w->y);
        s->w = s->h = SWATCH_SIZE * 100;
    }
}

static void add_swatches(struct import *im)
{
    for (size_t i = 0; i < im->plot->nswatches; i++)
        add_swatch(im, &im->plot->swatches[i]);
}

bool import_svg(struct arena *a, struct str svg, const struct plot *p, const struct placeholders *labels,
                struct drawing *out, struct err *err)
{
    struct import im = { .arena = a, .plot = p, .labels = labels };
    im.placed = ARENA_ARRAY(a, labels->n, bool);
    xml_init(&im.xml, a, svg);
    if (!read_all(&im, err) || !check_complete(&im, err))
        return false;
    add_swatches(&im);
    *out = (struct drawing){ .width = p->width * 100,
                             .height = p->height * 100,
                             .shapes = im.shapes,
                             .nshapes = im.nshapes,
                             .title = p->title,
                             .desc = p->desc };
    return true;
}
