/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A theme of somebody's, perhaps a stranger's: a folder with theme.yaml and the files it names.
 *
 * The file is read by rows (hb/playbook.h): an unknown key, a colour that is none, a part that does not exist are faults with
 * their place. Files are named without folders, and read as what they must be: pictures and fonts through strict readers.
 * What cannot be read on its ground by WCAG 2.1 is a warning below 4.5:1 (marks of charts: 3:1) and a fault below 3:1 (1.6:1).
 * To add a setting: a member of `spec`, its row, and where it goes in `apply`.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/playbook.h"
#include "hb/sha256.h"
#include "hb/vec.h"
#include "theme.h"

enum {
    YAML_MAX = 64 << 10,
    FONT_MAX = 16 << 20,
    NAME_MAX_BYTES = 80,
    TEXT_MAX = 400,
    FAMILIES_MAX = 8,
    SERIES = 6
};

struct colour_spec {
    struct passage c[THEME_NCOLOURS];
};

struct face_spec {
    struct passage regular, bold, italic, bold_italic;
};

struct spec {
    struct opt_value version;
    struct passage name, description, footer;
    struct {
        struct colour_spec light, dark;
        passage_list chart, chart_dark;
    } colours;
    struct {
        struct passage file, alt;
    } logo;
    struct {
        struct face_spec text;
        struct face_spec code; /* regular and bold */
        struct {
            passage_list text, headings, code;
        } html;
    } fonts;
    struct {
        int style;
        struct passage eyebrow, note;
    } cover;
    int corners;
    passage_list sections;
};

/* -- rows -- */

static bool is_colour(struct str s)
{
    if (s.n != 7 || s.p[0] != '#')
        return false;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static bool is_file_name(struct str s)
{
    if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '.' || str_eqz(s, "theme.yaml"))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(char_is_alnum(c) || c == '.' || c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* A name of CSS that can stand in quotes: no quote, backslash, brace or anything else with a meaning. */
static bool is_family(struct str s)
{
    if (s.n == 0 || s.n > 60)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(char_is_alnum(c) || c == '-' || (c == ' ' && i)))
            return false;
    }
    return true;
}

#define COUNT(x)  (sizeof(x) / sizeof *(x))
#define COLOUR    .type = FIELD_PATTERN, .test = is_colour, .pattern = "^#[0-9A-Fa-f]{6}$", .example = "#1F5FA8"
#define FILE_NAME .type = FIELD_PATTERN, .test = is_file_name, .pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*$"
#define MAP(r)    .type = FIELD_MAP, .fields = r, .nfields = COUNT(r)

static const struct field colour_rows[] = {
#define ROW(member, css, words)                                                                              \
    { .key = #member, COLOUR, .offset = sizeof(struct passage) * THEME_COLOUR_##member, .help = words },
    THEME_COLOURS(ROW)
#undef ROW
};
static const struct field series_row[] = { { COLOUR, .help = "a colour" } };
static const struct field family_row[] = { { .type = FIELD_PATTERN,
                                             .test = is_family,
                                             .pattern = "^[A-Za-z0-9-][A-Za-z0-9 -]*$",
                                             .help = "a family",
                                             .example = "Georgia" } };
#define SERIES_LIST .type = FIELD_LIST, .fields = series_row, .nfields = 1, .size = sizeof(struct passage)
#define FAMILIES_LIST                                                                                        \
    .type = FIELD_LIST, .flags = FIELD_LONE, .fields = family_row, .nfields = 1,                             \
    .size = sizeof(struct passage)
#define IN(member) .offset = offsetof(struct spec, member)

/* Offsets of maps are those of the struct; rows below count from there. */
#define WITHIN(map, member) .offset = offsetof(struct spec, map.member) - offsetof(struct spec, map)

static const struct field colours_rows[] = {
    { .key = "light",
      MAP(colour_rows),
      WITHIN(colours, light),
      .help = "colours on paper and on a light screen" },
    { .key = "dark", MAP(colour_rows), WITHIN(colours, dark), .help = "colours on a dark screen" },
    { .key = "chart", SERIES_LIST, WITHIN(colours, chart), .help = "six colours for the series of charts" },
    { .key = "chart_dark", SERIES_LIST, WITHIN(colours, chart_dark), .help = "the same on a dark screen" },
};
static const struct field logo_rows[] = {
    { .key = "file",
      FILE_NAME,
      .flags = FIELD_REQUIRED,
      WITHIN(logo, file),
      .help = "PNG or JPEG, or a drawing of huntbook's as SVG",
      .example = "logo.png" },
    { .key = "alt",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      WITHIN(logo, alt),
      .help = "what it shows, in words" },
};
static const struct field text_rows[] = {
    { .key = "regular",
      FILE_NAME,
      .offset = offsetof(struct face_spec, regular),
      .help = "TrueType file of the theme or the system",
      .example = "NotoSerif-Regular.ttf" },
    { .key = "bold",
      FILE_NAME,
      .offset = offsetof(struct face_spec, bold),
      .help = "the same, bold",
      .example = "NotoSerif-Bold.ttf" },
    { .key = "italic",
      FILE_NAME,
      .offset = offsetof(struct face_spec, italic),
      .help = "the same, italic",
      .example = "NotoSerif-Italic.ttf" },
    { .key = "bold_italic",
      FILE_NAME,
      .offset = offsetof(struct face_spec, bold_italic),
      .help = "the same, bold and italic",
      .example = "NotoSerif-BoldItalic.ttf" },
};
static const struct field code_rows[] = {
    { .key = "regular",
      FILE_NAME,
      .offset = offsetof(struct face_spec, regular),
      .help = "TrueType file with letters of one width",
      .example = "DejaVuSansMono.ttf" },
    { .key = "bold",
      FILE_NAME,
      .offset = offsetof(struct face_spec, bold),
      .help = "the same, bold",
      .example = "DejaVuSansMono-Bold.ttf" },
};
static const struct field html_rows[] = {
    { .key = "text", FAMILIES_LIST, WITHIN(fonts.html, text), .help = "families for text, best first" },
    { .key = "headings", FAMILIES_LIST, WITHIN(fonts.html, headings), .help = "families for headings" },
    { .key = "code", FAMILIES_LIST, WITHIN(fonts.html, code), .help = "families for queries and values" },
};
static const struct field fonts_rows[] = {
    { .key = "text", MAP(text_rows), WITHIN(fonts, text), .help = "fonts of the PDF's text" },
    { .key = "code", MAP(code_rows), WITHIN(fonts, code), .help = "fonts of the PDF's queries" },
    { .key = "html", MAP(html_rows), WITHIN(fonts, html), .help = "families in HTML, which embeds no font" },
};
static const char *const cover_styles[] = { "band", "sheet", NULL };
static const char *const corner_styles[] = { "round", "square", NULL };
static const struct field cover_rows[] = {
    { .key = "style",
      .type = FIELD_ENUM,
      .values = cover_styles,
      WITHIN(cover, style),
      .help = "a band over the page, or a centred sheet" },
    { .key = "eyebrow", .type = FIELD_STRING, WITHIN(cover, eyebrow), .help = "the line above the title" },
    { .key = "note",
      .type = FIELD_STRING,
      WITHIN(cover, note),
      .help = "a line below it, like who prepared the report" },
};
static const struct field section_row[] = { { .type = FIELD_STRING, .help = "the name of a part" } };
static const struct field theme_rows[] = {
    { .key = "theme",
      .type = FIELD_INT,
      .flags = FIELD_REQUIRED | FIELD_NO_EXPR,
      IN(version),
      .min = 1,
      .max = 1,
      .help = "version of the format",
      .example = "1" },
    { .key = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, IN(name), .help = "name of the theme" },
    { .key = "description", .type = FIELD_TEXT, IN(description), .help = "whom or what it is for" },
    { .key = "colours",
      MAP(colours_rows),
      IN(colours),
      .help = "colours; what is not given is as in the default theme" },
    { .key = "logo", MAP(logo_rows), IN(logo), .help = "a picture on the cover" },
    { .key = "fonts", MAP(fonts_rows), IN(fonts), .help = "fonts" },
    { .key = "cover", MAP(cover_rows), IN(cover), .help = "the cover" },
    { .key = "corners",
      .type = FIELD_ENUM,
      .values = corner_styles,
      IN(corners),
      .help = "corners of boxes in HTML" },
    { .key = "sections",
      .type = FIELD_LIST,
      .flags = FIELD_UNIQUE,
      .fields = section_row,
      .nfields = 1,
      .size = sizeof(struct passage),
      IN(sections),
      .help = "parts that come first, in this order; the others follow in theirs" },
    { .key = "footer", .type = FIELD_STRING, IN(footer), .help = "words at the foot of every page" },
};

/* -- loading -- */

struct loader {
    struct arena *a;
    const char *dir;
    const struct source *src;
    struct diags *diags;
    struct theme *t;
    size_t files_cap;
};

static void complain(struct loader *l, const struct passage *at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void complain(struct loader *l, const struct passage *at, const char *hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(l->a, fmt, ap);
    va_end(ap);
    diag_add(l->diags, DIAG_ERROR, l->src, at->span, hint, "%s", text);
}

static void keep_file(struct loader *l, struct str name, struct str bytes)
{
    for (size_t i = 0; i < l->t->nfiles; i++)
        if (str_eq(l->t->files[i].name, name))
            return;
    *VEC_PUSH(l->a, l->t->files, l->t->nfiles, l->files_cap) = (struct theme_file){ arena_str(l->a, name),
                                                                                    bytes };
}

/* A file of the theme's folder; *found false: there is none of that name. */
static bool theme_read(struct loader *l, const struct passage *name, size_t most, struct str *out,
                       bool *found)
{
    struct err err = ERR_INIT;
    const char *path = fs_join(l->a, l->dir, arena_printf(l->a, "%.*s", STR_ARG(name->s)));
    *found = fs_exists(path);
    if (!*found)
        return false;
    if (fs_is_regular(path) && fs_read(l->a, path, most, out, &err)) {
        keep_file(l, name->s, *out);
        return true;
    }
    complain(l, name, NULL, "%s", err.text[0] ? err.text : "not a regular file");
    return false;
}

static uint32_t colour_of(const struct passage *p)
{
    char hex[8];
    memcpy(hex, p->s.p + 1, 6);
    hex[6] = '\0';
    return (uint32_t)strtoul(hex, NULL, 16);
}

static void apply_colours(const struct colour_spec *from, struct theme_colours *to)
{
    uint32_t *const places[] = {
#define PLACE(member, css, help) &to->member,
        THEME_COLOURS(PLACE)
#undef PLACE
    };
    for (size_t i = 0; i < THEME_NCOLOURS; i++)
        if (passage_given(&from->c[i]))
            *places[i] = colour_of(&from->c[i]);
}

/* Charts follow the colours of the page; six colours of their own for the series. */
static void apply_chart(struct loader *l, const passage_list *series, const struct theme_colours *c,
                        uint32_t *chart)
{
    static const uint8_t roles[SERIES] = { PAINT_ACCENT,   PAINT_SERIES_2, PAINT_SERIES_3,
                                           PAINT_SERIES_4, PAINT_SERIES_5, PAINT_SERIES_6 };
    chart[PAINT_INK] = c->ink;
    chart[PAINT_MUTED] = c->muted;
    chart[PAINT_GRID] = c->rule;
    chart[PAINT_PAPER] = c->page;
    chart[PAINT_ACCENT] = c->accent;
    chart[PAINT_ALARM] = c->alarm;
    if (series->n && series->n != SERIES)
        complain(l, &series->items[0], NULL, "%zu colours for the series of charts; there are six",
                 series->n);
    for (size_t i = 0; series->n == SERIES && i < SERIES; i++)
        chart[roles[i]] = colour_of(&series->items[i]);
}

static struct str short_text(struct loader *l, const struct passage *p, size_t most)
{
    if (!passage_given(p))
        return STR("");
    if (p->s.n > most)
        complain(l, p, NULL, "%zu bytes; at most %zu", p->s.n, most);
    return p->s;
}

static void apply_logo(struct loader *l, const struct spec *s)
{
    struct str bytes;
    struct err err = ERR_INIT;
    bool found;
    if (!passage_given(&s->logo.file))
        return;
    l->t->logo.alt = short_text(l, &s->logo.alt, TEXT_MAX);
    if (!theme_read(l, &s->logo.file, PICTURE_FILE_MAX, &bytes, &found)) {
        if (!found)
            complain(l, &s->logo.file, "names are of files beside theme.yaml", "there is no such file");
        return;
    }
    if (str_ends(s->logo.file.s, STR(".svg"))) {
        struct drawing *d = ARENA_NEW(l->a, struct drawing);
        if (!drawing_parse_svg(l->a, bytes, d, &err) || d->width <= 0 || d->height <= 0)
            complain(l, &s->logo.file,
                     "SVG is read only in the form that huntbook writes charts in; give a PNG", "%s",
                     err.text[0] ? err.text : "the drawing has no size");
        else
            l->t->logo.drawing = d;
        return;
    }
    struct picture *p = ARENA_NEW(l->a, struct picture);
    if (picture_read(l->a, bytes, p, &err))
        l->t->logo.picture = p;
    else
        complain(l, &s->logo.file, NULL, "%s", err.text);
}

static void apply_face(struct loader *l, const struct passage *p, enum font_face face)
{
    struct str bytes = STR("");
    struct err err = ERR_INIT;
    bool found;
    if (!passage_given(p))
        return;
    if (theme_read(l, p, FONT_MAX, &bytes, &found)) {
        if (!font_usable(bytes, &err))
            complain(l, p, "TrueType outlines are needed (.ttf)", "%s", err.text);
    } else if (found) {
        return;
    } else if (!font_system_path(l->a, p->s)) {
        diag_add(l->diags, DIAG_WARNING, l->src, p->span, "the default font is used in the PDF",
                 "there is no font '%.*s' in the theme or the system", STR_ARG(p->s));
    }
    l->t->faces[face] = (struct font_choice){ arena_str(l->a, p->s), bytes };
}

static void apply_fonts(struct loader *l, const struct spec *s)
{
    apply_face(l, &s->fonts.text.regular, FACE_REGULAR);
    apply_face(l, &s->fonts.text.bold, FACE_BOLD);
    apply_face(l, &s->fonts.text.italic, FACE_ITALIC);
    apply_face(l, &s->fonts.text.bold_italic, FACE_BOLD_ITALIC);
    apply_face(l, &s->fonts.code.regular, FACE_MONO);
    apply_face(l, &s->fonts.code.bold, FACE_MONO_BOLD);
}

static struct str families(struct loader *l, const passage_list *list)
{
    static const char *const generic[] = { "serif",    "sans-serif",    "monospace",   "system-ui",
                                           "ui-serif", "ui-sans-serif", "ui-monospace" };
    struct buf b = BUF_INIT;
    if (list->n > FAMILIES_MAX)
        complain(l, &list->items[FAMILIES_MAX], NULL, "at most %d families", FAMILIES_MAX);
    for (size_t i = 0; i < list->n && i < FAMILIES_MAX; i++) {
        bool word = false;
        for (size_t k = 0; k < COUNT(generic); k++)
            word = word || str_eqz(list->items[i].s, generic[k]);
        buf_printf(&b, "%s%s%.*s%s", i ? "," : "", word ? "" : "\"", STR_ARG(list->items[i].s),
                   word ? "" : "\"");
    }
    struct str out = buf_to_arena(&b, l->a);
    buf_free(&b);
    return out;
}

static void apply_sections(struct loader *l, const struct spec *s)
{
    size_t known;
    const struct str *anchors = doc_part_names(l->a, &known);
    l->t->sections = ARENA_ARRAY(l->a, s->sections.n, struct str);
    for (size_t i = 0; i < s->sections.n; i++) {
        struct str name = s->sections.items[i].s, near = str_nearest(name, anchors, known);
        bool found = false;
        for (size_t k = 0; k < known; k++)
            found = found || str_eq(anchors[k], name);
        if (found)
            l->t->sections[l->t->nsections++] = name;
        else
            complain(l, &s->sections.items[i],
                     near.n ? arena_printf(l->a, "did you mean '%.*s'?", STR_ARG(near))
                            : "docs/themes.md lists the parts",
                     "there is no part '%.*s'", STR_ARG(name));
    }
}

/* -- contrast: WCAG 2.1, 1.4.3 and 1.4.11 -- */

static double luminance(uint32_t rgb)
{
    static const double weights[] = { 0.2126, 0.7152, 0.0722 };
    double sum = 0;
    for (size_t i = 0; i < 3; i++) {
        double v = (double)(rgb >> (16 - 8 * i) & 255) / 255;
        sum += weights[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

static void check_pair(struct loader *l, const char *screen, const char *what, uint32_t ink, uint32_t ground,
                       double enough, double least)
{
    double c = contrast(ink, ground);
    if (c >= enough)
        return;
    diag_add(l->diags, c < least ? DIAG_ERROR : DIAG_WARNING, NULL, (struct span){ 0, 0 }, NULL,
             "%s: %s: #%06X on #%06X has a contrast of %.1f:1; %.1f:1 is asked for (WCAG AA)%s", screen, what,
             (unsigned)ink, (unsigned)ground, c, enough, c < least ? ", and this cannot be read" : "");
}

static void check_contrast(struct loader *l, const char *screen, const struct theme_colours *c,
                           const uint32_t *chart)
{
    const double text = 4.5, text_least = 3, mark = 3, mark_least = 1.6;
    const struct {
        const char *what;
        uint32_t ink, ground;
    } pairs[] = {
        { "ink on page", c->ink, c->page },
        { "muted on page", c->muted, c->page },
        { "accent on page", c->accent, c->page },
        { "alarm on page", c->alarm, c->page },
        { "ok on page", c->ok, c->page },
        { "warning on page", c->warning, c->page },
        { "ink on zebra", c->ink, c->zebra },
        { "muted on zebra", c->muted, c->zebra },
        { "accent on zebra", c->accent, c->zebra },
        { "ink on code_paper", c->ink, c->code_paper },
        { "muted on code_paper", c->muted, c->code_paper },
        { "accent on code_paper", c->accent, c->code_paper },
        { "alarm on code_paper", c->alarm, c->code_paper },
        { "ok on code_paper", c->ok, c->code_paper },
        { "warning on code_paper", c->warning, c->code_paper },
        { "accent on note_paper", c->accent, c->note_paper },
        { "ink on note_paper", c->ink, c->note_paper },
        { "warning on warning_paper", c->warning, c->warning_paper },
        { "alarm on alarm_paper", c->alarm, c->alarm_paper },
        { "ok on ok_paper", c->ok, c->ok_paper },
        { "white on table_head", 0xFFFFFF, c->table_head },
        { "cover_text on cover", c->cover_text, c->cover },
        { "cover_accent on cover", c->cover_accent, c->cover },
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        check_pair(l, screen, pairs[i].what, pairs[i].ink, pairs[i].ground, text, text_least);
    for (size_t i = PAINT_ACCENT; i < PAINT_COUNT; i++)
        check_pair(l, screen, paint_info((enum paint_role)i)->name, chart[i], c->page, mark, mark_least);
}

/* The PDF is on white paper whatever the page of HTML is. */
static void check_paper(struct loader *l)
{
    struct theme_colours paper = l->t->paper;
    if (paper.page == 0xFFFFFF)
        return;
    paper.page = 0xFFFFFF;
    check_contrast(l, "on paper", &paper, l->t->chart);
}

/* -- the whole -- */

static void hash_files(struct theme *t)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < t->nfiles; i++) {
        char hex[65];
        sha256_hex(t->files[i].bytes, hex);
        buf_printf(&b, "%s  %.*s\n", hex, STR_ARG(t->files[i].name));
    }
    sha256_hex(buf_view(&b), t->sha256);
    buf_free(&b);
}

static void apply(struct loader *l, const struct spec *s)
{
    struct theme *t = l->t;
    t->name = short_text(l, &s->name, NAME_MAX_BYTES);
    t->description = short_text(l, &s->description, 10 * TEXT_MAX);
    t->footer = short_text(l, &s->footer, NAME_MAX_BYTES);
    t->eyebrow = short_text(l, &s->cover.eyebrow, NAME_MAX_BYTES);
    t->note = short_text(l, &s->cover.note, TEXT_MAX);
    t->cover = s->cover.style ? (enum theme_cover)(s->cover.style - 1) : COVER_BAND;
    t->square = s->corners == 2;
    apply_colours(&s->colours.light, &t->paper);
    apply_colours(&s->colours.dark, &t->dark);
    apply_chart(l, &s->colours.chart, &t->paper, t->chart);
    apply_chart(l, &s->colours.chart_dark, &t->dark, t->chart_dark);
    apply_logo(l, s);
    apply_fonts(l, s);
    t->text_font = families(l, &s->fonts.html.text);
    t->heading_font = families(l, &s->fonts.html.headings);
    t->code_font = families(l, &s->fonts.html.code);
    apply_sections(l, s);
    check_contrast(l, "light", &t->paper, t->chart);
    check_paper(l);
    check_contrast(l, "dark", &t->dark, t->chart_dark);
}

const struct theme *theme_parse(struct arena *a, const char *dir, const struct source *src, struct diags *d)
{
    struct spec spec = { 0 };
    struct loader l = { .a = a, .dir = dir, .src = src, .diags = d };
    size_t before = d->errors;
    const struct node *root = node_parse(a, src, d);
    if (!root)
        return NULL;
    if (root->kind != NODE_MAP) {
        diag_add(d, DIAG_ERROR, src, root->span, NULL, "a theme is a mapping, not %s", node_found(a, root));
        return NULL;
    }
    const struct field_reader r = { a, src, d };
    if (!fields_read(&r, theme_rows, COUNT(theme_rows), root, "the theme", &spec) || d->errors > before)
        return NULL;
    l.t = ARENA_NEW(a, struct theme);
    *l.t = *theme_builtin(a);
    l.t->own = true;
    keep_file(&l, STR("theme.yaml"), src->text);
    apply(&l, &spec);
    hash_files(l.t);
    return d->errors > before ? NULL : l.t;
}

const struct theme *theme_load(struct arena *a, const char *dir, struct diags *d)
{
    struct err err = ERR_INIT;
    struct source *src = ARENA_NEW(a, struct source);
    const char *path = fs_join(a, dir, "theme.yaml");
    *src = (struct source){ .name = str_z(path) };
    if (!fs_is_regular(path) || !fs_read(a, path, YAML_MAX, &src->text, &err)) {
        diag_add(d, DIAG_ERROR, NULL, (struct span){ 0, 0 }, NULL, "%s",
                 err.text[0] ? err.text
                             : arena_printf(a, "'%s' is no theme: it has no file theme.yaml", dir));
        return NULL;
    }
    return theme_parse(a, dir, src, d);
}
