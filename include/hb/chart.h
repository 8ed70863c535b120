/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts: a specification over a table -> gnuplot -> a drawing of plain shapes -> SVG, HTML, PDF.
 *
 * struct drawing is what every renderer consumes: a flat list of shapes in painting order. It is made here,
 * written to charts/NN-id.svg by drawing_put_svg, and read back from that file without loss by
 * drawing_parse_svg, so a report is made again from its record without gnuplot.
 *
 * Text in a drawing is always clean: valid UTF-8 without control, bidirectional or invisible characters. What
 * the data held of these is there as runs of kind "escape" (\u{202E}, \xFF), which renderers paint in alarm
 * colour. No text of the data ever reaches gnuplot: it gets numbers and placeholders.
 */
#ifndef HB_CHART_H
#define HB_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- drawings -- */

/* Lengths and coordinates: hundredths of a unit (1/100 CSS pixel), x to the right, y DOWN, origin top left.
 */
typedef int32_t centi;

/* Colours by meaning, so that a page may be light, dark or printed. rgb is the literal for renderers without
 * a theme. */
enum paint_role {
    PAINT_NONE, /* not painted */
    PAINT_INK,
    PAINT_MUTED,
    PAINT_GRID,
    PAINT_PAPER, /* the background */
    PAINT_ACCENT,
    PAINT_ALARM,
    PAINT_SERIES_2, /* further series; the first is PAINT_ACCENT */
    PAINT_SERIES_3,
    PAINT_SERIES_4,
    PAINT_SERIES_5,
    PAINT_SERIES_6,
};
enum { PAINT_COUNT = PAINT_SERIES_6 + 1 };

struct paint_info {
    const char *name; /* "ink", "series-2": the class is "hb-f-ink" for fills, "hb-s-ink" for strokes */
    uint32_t rgb;     /* 0xRRGGBB on white */
    uint32_t dark;    /* 0xRRGGBB on a dark page */
};
const struct paint_info *paint_info(enum paint_role role);

enum shape_kind { SHAPE_PATH, SHAPE_RECT, SHAPE_CIRCLE, SHAPE_TEXT };
enum path_op { PATH_MOVE, PATH_LINE, PATH_CLOSE };
enum text_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct path_step {
    uint8_t op; /* enum path_op; x and y are 0 for PATH_CLOSE */
    centi x, y;
};

struct text_run {
    struct str text;
    bool escape; /* an escape of the display rule, not the character itself: paint in PAINT_ALARM */
};

enum { DRAWING_DASH_MAX = 4 };

struct shape {
    uint8_t kind;         /* enum shape_kind */
    uint8_t fill, stroke; /* enum paint_role; text is painted by fill, its stroke is PAINT_NONE */
    uint8_t opacity;      /* of the fill in per cent, 100 = solid (PDF: blend with paper) */
    centi stroke_width;   /* 0 when stroke is PAINT_NONE; caps and joins are always round */
    uint8_t ndash;        /* 0 = solid */
    centi dash[DRAWING_DASH_MAX];
    centi x, y;                    /* rect: top left; circle: centre; text: anchor point on the base line */
    centi w, h;                    /* rect: size (>= 0); circle: w is the radius */
    const struct path_step *steps; /* path */
    size_t nsteps;
    const struct text_run *runs; /* text: at least one run */
    size_t nruns;
    centi size;     /* text: font size */
    uint8_t anchor; /* text: enum text_anchor */
    int16_t rotate; /* text: degrees about (x, y), clockwise as SVG has it: 0 or -90 */
    bool bold;
    struct str tip; /* tooltip, clean text, lines split by '\n'; empty: none */
};

struct drawing {
    centi width, height;
    const struct shape *shapes;
    size_t nshapes;
    struct str title; /* clean text, may be empty */
    struct str desc;  /* what the chart shows, in a sentence, for those who cannot see it */
};

/*
 * One <svg> element. Safe to place inside HTML as it is and, with `standalone`, as a file of its own (XML
 * declaration and namespace). Ids begin with id_prefix ([A-Za-z0-9_-]+), colours are classes plus literal
 * presentation attributes (a page's CSS wins over these), tooltips are <title> children. No style attributes,
 * scripts or links.
 */
void drawing_put_svg(struct buf *b, const struct drawing *d, const char *id_prefix, bool standalone);
/* CSS for a page with drawings: classes hb-f-*, hb-s-* by custom properties --hb-ink etc. with literal
 * fallback, light and dark. */
void drawing_put_css(struct buf *b);
/*
 * Reads back what drawing_put_svg wrote, and nothing else: any other element, attribute, entity, order or
 * character is an error (ERR_VERIFY) with its offset. Limits: 16 MiB, 200,000 shapes.
 */
bool drawing_parse_svg(struct arena *a, struct str svg, struct drawing *out, struct err *err);

/* -- charts -- */

enum chart_kind {
    CHART_SCATTER,
    CHART_BAR,
    CHART_LINE,
    CHART_TIME,
    CHART_HISTOGRAM,
    CHART_HEATMAP,
    CHART_COLUMN,
    CHART_AREA,
    CHART_TIMELINE
};
enum { CHART_KINDS = CHART_TIMELINE + 1 };

struct chart_kind_info {
    const char *name; /* as in the playbook: scatter, bar, line, timechart ... */
    bool needs_y;     /* x is always needed */
    const char *help; /* one line */
};
const struct chart_kind_info *chart_kind_info(enum chart_kind k);
bool chart_kind_parse(struct str name, enum chart_kind *out);

/* Several series in one place: side by side, on top of each other, or as parts of a hundred. */
enum chart_stack { CHART_SIDE, CHART_STACKED, CHART_SHARES };

/* The ends of a value axis, where they are given. */
struct chart_limits {
    bool has_min, has_max;
    double min, max;
};

/*
 * Which columns to draw. Per kind:
 * - scatter: x and y, each a number, datetime, timespan, or text (categories in order of first appearance)
 * - bar: x any category, y a number; horizontal bars in the order of the rows, the value at the end. With `series`, rows of
 *   the same x share a place. `top` takes that many of the largest, largest first
 * - column: as bar, upright; x may be a datetime or number, and then stands on an axis
 * - line: x a number or datetime, y a number; sorted by x; a line for each value of `series`
 * - timechart: as line, with x a datetime
 * - area: as line, filled down to zero
 *   line, timechart and area take `low` and `high`, numbers: a band of what was to be expected behind the line (one line
 *   only), and mark the rows of `highlight`
 * - histogram: x a number, timespan or datetime; y (optional) a weight
 * - heatmap: x and y categories or datetimes; `value` (optional) a number, else rows are counted. Without y, x is a datetime:
 *   hours of the day across, days of the week down. Of many categories the ones with the largest sums are drawn
 * - timeline: x a datetime, `end` (optional) another, y the lane: a bar from x to end, or a dot
 * At most 40 categories, 6 series and 2,000 marks are drawn; the note says what was left out and how points were thinned:
 * lines keep the first, lowest, highest and last point of every step, and of points that fall together one is drawn. Names
 * may be empty where optional.
 */
struct chart_spec {
    enum chart_kind kind;
    struct str x, y;
    struct str series;    /* colour by this column; not histogram and heatmap */
    struct str value;     /* heatmap */
    struct str end;       /* timeline */
    struct str low, high; /* line, timechart, area: both or none */
    struct str highlight; /* rows where this column is true or negative are painted in alarm; empty: "Anomaly"
                             if there is one */
    const struct str *tooltip; /* further columns shown when pointing at a mark */
    size_t ntooltip;
    struct str title;            /* printed above the drawing by the report, and the SVG's <title> */
    struct str x_title, y_title; /* empty: the column's name */
    int width, height;           /* 0: 640 and what the kind needs (300 unless it has many categories) */
    int top; /* bar, column: so many of the largest, largest first (not columns on an axis: the note says so);
                heatmap: so many of the largest in order of appearance; 0: as above */
    int bins;                     /* histogram: about so many; 0: about 40 */
    enum chart_stack stack;       /* bar, column, area with series */
    struct chart_limits y_limits; /* of the values; marks beyond stand at the edge, and the note says so */
    bool x_log, y_log;            /* scatter, line, timechart: a logarithmic axis of numbers */
    bool no_legend;
};

/* Width of text in units when set at `size` units; NULL function: built-in averages of a sans serif. */
struct text_metrics {
    double (*width)(void *ctx, struct str text, double size);
    void *ctx;
};

struct chart_job {
    const struct chart_spec *spec;
    const struct table *table;
    struct drawing *out; /* made by charts_draw; NULL when there is nothing to draw, and then */
    struct str note; /* says why ("no rows to draw"); else empty or what was left out ("first 2000 of 31000
                        points") */
};

/* Checks names and types of columns before rows are there: table may have 0 rows. */
bool chart_check(const struct chart_spec *spec, const struct table *t, struct err *err);
/*
 * Draws all jobs with one gnuplot process, in a private folder, without network or children, with limits on
 * time, memory and file size. Fails (ERR_RUN) with "gnuplot is not installed; ..." when it is not on PATH.
 */
bool charts_draw(struct arena *a, struct chart_job *jobs, size_t n, const struct text_metrics *m,
                 struct err *err);
/* "gnuplot 5.4 patchlevel 4", for the record; false when there is none. */
bool chart_gnuplot_version(struct arena *a, struct str *out, struct err *err);

#endif
