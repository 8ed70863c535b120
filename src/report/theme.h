/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader sees as the look: colours, fonts, logo, words of the cover and the footer, the order of the parts.
 *
 * The built-in theme is templates/report, embedded at build time. A theme of somebody else's is a folder with a theme.yaml
 * (theme_load.c); it sets values of this struct and nothing else, so it cannot bring markup, style or script of its own, and
 * the label of the TLP, the banner of sample data and the parts of a report are out of its reach.
 */
#ifndef HB_REPORT_THEME_H
#define HB_REPORT_THEME_H

#include <stdint.h>

#include "font.h"
#include "hb/chart.h"
#include "hb/report.h"
#include "picture.h"

/*
 * Colours by use: C(member, custom property of the style sheet, what it is for). 0xRRGGBB. `page` is the ground in HTML;
 * paper is white. To add one: a line here, and its values in theme.c.
 */
#define THEME_COLOURS(C)                                                                                     \
    C(page, "paper", "the ground of the page (HTML; paper is white)")                                        \
    C(ink, "ink", "text")                                                                                    \
    C(muted, "muted", "text of less weight")                                                                 \
    C(accent, "accent", "links, headings, the first series of charts")                                       \
    C(alarm, "alarm", "findings, escapes, rows to point out")                                                \
    C(ok, "ok", "what passed")                                                                               \
    C(warning, "warn", "warnings")                                                                           \
    C(rule, "rule", "hairlines")                                                                             \
    C(zebra, "zebra", "every other row of a table")                                                          \
    C(table_head, "head", "the head of a table, under white text")                                           \
    C(cover, "band", "the ground of the cover")                                                              \
    C(cover_line, "band-line", "the line below it")                                                          \
    C(cover_text, "band-ink", "title of the cover")                                                          \
    C(cover_accent, "band-accent", "small print of the cover")                                               \
    C(code_paper, "code", "the ground of queries")                                                           \
    C(note_paper, "accent-soft", "the ground of notes")                                                      \
    C(warning_paper, "warn-soft", "the ground of warnings")                                                  \
    C(alarm_paper, "alarm-soft", "the ground of alarms")                                                     \
    C(ok_paper, "ok-soft", "the ground of good news")

struct theme_colours {
#define THEME_MEMBER(name, css, help) uint32_t name;
    THEME_COLOURS(THEME_MEMBER)
#undef THEME_MEMBER
};
enum {
#define THEME_COUNT(name, css, help) THEME_COLOUR_##name,
    THEME_COLOURS(THEME_COUNT)
#undef THEME_COUNT
        THEME_NCOLOURS
};

enum theme_cover { COVER_BAND, COVER_SHEET };

struct theme {
    struct theme_colours paper, dark;
    uint32_t chart[PAINT_COUNT], chart_dark[PAINT_COUNT]; /* by role */
    struct str css, js;
    bool own; /* not the built-in one: the style sheet gets its colours and fonts behind it */
    struct str name, description;
    char sha256[65]; /* over names and bytes of its files; "" for the built-in */
    struct theme_file *files;
    size_t nfiles;
    enum theme_cover cover;
    bool square;                      /* corners */
    struct str eyebrow, note, footer; /* empty: the usual */
    struct str *sections;             /* anchors of the parts that come first, in this order */
    size_t nsections;
    struct str text_font, heading_font, code_font; /* families of CSS, quoted; empty: the usual */
    struct font_choice faces[FACE_COUNT];
    struct {
        const struct picture *picture;
        const struct drawing *drawing;
        struct str alt;
    } logo;
};

/* The names of all parts of a report (doc.c), in their usual order. */
const struct str *doc_part_names(struct arena *a, size_t *n);

/* The style sheet's part that is the theme's own. */
void theme_put_css(struct buf *out, const struct theme *t);

#endif
