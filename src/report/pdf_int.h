/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PDF renderer from the inside, bottom up:
 *
 *     pdf_objects.c  dictionaries and streams of the file (libharu)
 *     pdf_text.c     text as measured characters: fonts, escapes, line breaking
 *     pdf_page.c     pages: painting, tags for screen readers, links, destinations
 *     pdf_meta.c     what a whole file needs: fonts, colour profile, metadata, outline, tag tree
 *     pdf_attach.c   files of the run inside the PDF
 *     pdf_flow.c     a column of blocks over pages: gaps, boxes, page breaks, header and footer
 *     pdf_block.c    paragraphs, lists, pairs, tiles, callouts, listings ...
 *     pdf_table.c    tables;  pdf_draw.c  charts
 *     pdf.c          the document: cover, contents, sections
 *
 * Lengths are hundredths of a point, y grows downwards from the top of the page. All arithmetic is in integers, so the
 * file is the same on every machine.
 */
#ifndef HB_REPORT_PDF_INT_H
#define HB_REPORT_PDF_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doc.h"
#include "font.h"
#include "pdf_objects.h"
#include "theme.h"

#include "hb/map.h"

typedef int32_t pt100;

/* -- text (pdf_text.c) -- */

struct text_style {
    uint8_t face; /* enum font_face */
    bool strike;
    pt100 size;
    uint32_t rgb;
    struct str href; /* empty: no link */
};

enum atom_flags {
    ATOM_SPACE = 1 << 0,   /* white space: a line may end here, and then it is not drawn */
    ATOM_AFTER = 1 << 1,   /* a separator: a long word may be broken behind it */
    ATOM_INSIDE = 1 << 2,  /* never break before it: inside an escape, or a combining mark */
    ATOM_IDEO = 1 << 3,    /* ideograph: a line may end behind it */
    ATOM_NEWLINE = 1 << 4, /* ends its line, not drawn */
};

struct atom {
    uint16_t font, cid, width; /* struct font_glyph */
    uint16_t style;            /* index into text.styles */
    uint8_t flags;
};

/* A paragraph as characters to draw. Memory is reused: text_clear keeps it. */
struct text {
    struct font_set *fonts;
    uint32_t alarm; /* colour of escapes */
    struct atom *atoms;
    size_t n, cap;
    struct text_style *styles;
    size_t nstyles, styles_cap;
};

void text_init(struct text *t, struct font_set *fonts, uint32_t alarm);
void text_free(struct text *t);
void text_clear(struct text *t);
/* Appends a string by the display rule. */
void text_add(struct text *t, struct str s, const struct text_style *style);
void text_newline(struct text *t, const struct text_style *style);

/* Widths in 1/1000 of pt100, so that sums do not round. */
int64_t text_extent(const struct text *t, size_t from, size_t to);
pt100 text_width_pt(const struct text *t, size_t from, size_t to);
/* Longest stretch that should stay on one line, and the longest line without wrapping. */
pt100 text_word_width(const struct text *t, bool fine); /* fine: words end behind separators too */
pt100 text_line_width(const struct text *t);

/*
 * Next line of at most `width` from *pos on; false at the end. [*from, *to) is what to draw; a word that does not fit is
 * broken behind a separator if that helps, else anywhere. Every call makes progress. *soft: the line was broken by us.
 */
bool text_next_line(const struct text *t, size_t *pos, pt100 width, size_t *from, size_t *to, bool *soft);
size_t text_count_lines(const struct text *t, pt100 width);

/* -- pages (pdf_page.c) -- */

struct tag; /* a node of the logical structure, for screen readers */

struct link {
    pt100 x, y, w, h;
    struct str href;
    struct tag *tag;
};

struct page {
    struct pdf_page pdf;
    size_t index;
    pt100 width, height;
    struct buf ops; /* operators not yet in the file */
    /* what the operators so far have set; invalid after page_forget */
    int font;
    pt100 size;
    int64_t fill, stroke, line; /* -1: not known */
    bool marked;                /* a marked-content sequence is open ... */
    struct tag *mark;           /* ... for this node, NULL: artifact */
    struct tag *tag;            /* what is painted next belongs to it */
    struct tag **mcids;
    size_t nmcids, mcids_cap;
    struct link *links;
    size_t nlinks, links_cap;
    struct page *next;
};

struct dest {
    size_t page;
    pt100 y;
};

struct outline_item {
    struct str title;
    int level;
    struct dest dest;
};

/* The whole file while it is made. */
struct pdf_doc {
    struct arena *arena;
    const struct doc *doc;
    const struct theme *theme;
    const struct theme_colours *colours; /* of the theme, on paper */
    pdf_id logo;                         /* the picture, or 0 */
    pt100 cover_less;                    /* taken from the white of the cover, above and below its lines */
    struct font_set *fonts;
    const char *refused; /* a font that could not be put in; NULL: none */
    struct pdf *pdf;
    struct page *first, *last;
    size_t npages;
    pdf_id resources, tag_root;
    struct tag *root; /* Document */
    struct tag *tags; /* all, in order of creation */
    struct tag *last_tag;
    struct map dests; /* anchor -> struct dest */
    struct outline_item *outline;
    size_t noutline, outline_cap;
    struct str attached; /* entries of the catalog, from attach_files */
};

struct tag *tag_new(struct pdf_doc *d, struct tag *parent, const char *role);
void tag_attributes(struct pdf_doc *d, struct tag *t, struct str body); /* "/Alt <feff...>" */

struct page *page_new(struct pdf_doc *d, pt100 width, pt100 height);
void page_tag(struct page *p, struct tag *t); /* what is painted from now on; NULL: decoration */
void page_unmark(struct page *p); /* closes the open sequence: offsets into ops are then safe to insert at */
void page_forget(struct page *p); /* after operators that change the graphics state */
void page_body_done(struct pdf_doc *d, struct page *p);

void page_mark(struct pdf_doc *d, struct page *p);
void page_rect(struct pdf_doc *d, struct page *p, pt100 x, pt100 y, pt100 w, pt100 h, uint32_t rgb);
void page_line(struct pdf_doc *d, struct page *p, pt100 x1, pt100 y1, pt100 x2, pt100 y2, pt100 width,
               uint32_t rgb);
void page_dots(struct pdf_doc *d, struct page *p, pt100 x1, pt100 x2, pt100 y, uint32_t rgb);
/* Draws atoms [from, to) of t with their base line at y; returns the width. Links become areas. */
pt100 page_text(struct pdf_doc *d, struct page *p, const struct text *t, size_t from, size_t to, pt100 x,
                pt100 y);
void page_link(struct pdf_doc *d, struct page *p, pt100 x, pt100 y, pt100 w, pt100 h, struct str href,
               struct tag *tag);
void put_rgb(struct buf *b, uint32_t rgb, const char *op);
void put_point(struct buf *b, const struct page *p, pt100 x, pt100 y);

void pdf_dest(struct pdf_doc *d, struct str anchor, size_t page, pt100 y);
void pdf_outline(struct pdf_doc *d, struct str title, int level, size_t page, pt100 y);

/* Tag kids, read by pdf_meta.c. */
struct tag_kid {
    struct tag_kid *next;
    struct tag *tag; /* a child, or */
    pdf_id annot;    /* an annotation, or */
    int mcid;        /* a marked sequence */
    pdf_id page;
};
struct tag {
    struct tag *next, *parent;
    pdf_id id;
    const char *role;
    struct str attributes;
    struct tag_kid *first, *last;
};
void tag_add_annot(struct pdf_doc *d, struct tag *t, pdf_id annot, pdf_id page);

/* -- the file (pdf_meta.c) -- */

void meta_begin(struct pdf_doc *d);
/* Links, fonts, tag tree, outline, metadata. All pages must be complete but for page_end. */
void meta_finish(struct pdf_doc *d);

/* "(D:20260115000000Z)", or as XMP has it. */
void meta_put_date(struct buf *b, int64_t ticks, bool xmp);

/* The attachments of the document, read from the run folder (pdf_attach.c). */
bool attach_files(struct pdf_doc *d, const char *dir, struct err *err);

/* -- flow (pdf_flow.c) -- */

struct box { /* a tinted background behind blocks, drawn when it ends, on each page it covers */
    pt100 x, w, from;
    size_t ops_at;
    uint32_t paper, bar;
    struct box *outer;
};

struct contents_entry { /* a line of the contents whose page number is drawn at the end */
    struct page *page;
    struct tag *tag;
    pt100 y, right, left;
    struct str anchor;
    bool strong;
    struct contents_entry *next;
};

struct flow {
    struct pdf_doc *d;
    struct page *page;
    pt100 x, width; /* of the column */
    pt100 y, top, bottom;
    pt100 gap;        /* wanted before the next block, dropped at the top of a page */
    bool glued;       /* the next block follows without a gap */
    struct tag *tag;  /* parent of what comes next */
    struct tag *mark; /* leaf that is being painted, kept over page breaks */
    struct box *boxes;
    struct contents_entry *entries, *last_entry;
    struct text text;                           /* scratch of the block being set */
    bool landscape;                             /* ends with the page unless `hold` */
    bool hold;                                  /* a table is being set: its pages lie all the same way */
    void (*on_page)(struct flow *f, void *ctx); /* called on each new page of a block: repeats table heads */
    void *on_page_ctx;
};

#define NO_BAR UINT32_MAX

/* Escapes on the dark band of the cover and in heads of tables, where the alarm colour could not be read. */
enum { ALARM_ON_DARK = 0xFFA198 };

/* Longest texts shown; more is excerpted. */
enum { SHOW_TITLE = 300, SHOW_VALUE = 4000, SHOW_CELL = 240, SHOW_LISTING = 256 << 10 };

enum {
    A4_SHORT = 59500,
    A4_LONG = 84200,
    MARGIN = 5670,
    BODY_TOP = 7800,
    BODY_BOTTOM = 6800, /* from the edges of the page */
    SIZE_BODY = 960,
    LEAD_BODY = 1420,
    SIZE_SMALL = 820,
    LEAD_SMALL = 1120,
    SIZE_CODE = 760,
    LEAD_CODE = 1060,
    SIZE_TABLE = 800,
    SIZE_CONTENTS = 880,
};

void flow_begin(struct flow *f, struct pdf_doc *d);
void flow_page(struct flow *f, bool landscape);   /* new page */
void flow_mark(struct flow *f, struct tag *leaf); /* NULL: decoration */
void flow_gap(struct flow *f, pt100 gap);
/*
 * Takes the wanted gap, and breaks the page if `h` is not there; true when a new page was begun. That may be an upright one
 * after a turned one: what depends on f->width is computed after this call.
 */
bool flow_need(struct flow *f, pt100 h);
/* Room left on the page, the wanted gap taken off. */
pt100 flow_room(const struct flow *f);
bool flow_at_top(const struct flow *f);
bool flow_is_filled(const struct flow *f); /* the page may be left as it is: more than half of it is used */
void flow_box(struct flow *f, uint32_t paper, uint32_t bar, pt100 pad);
void flow_box_end(struct flow *f, pt100 pad);
/* Sets the scratch text (or `t`) as a paragraph; at least min(lines, 2) lines stay together. */
void flow_text(struct flow *f, const struct text *t, pt100 lead);
/* Draws one line cut to `width` with an ellipsis: only for what stands in full elsewhere. */
pt100 flow_label(struct flow *f, struct page *p, struct str s, const struct text_style *style, pt100 x,
                 pt100 y, pt100 width);
void flow_finish(struct flow *f);

/* -- blocks -- */

struct text_style style_of(const struct flow *f, enum font_face face, pt100 size, uint32_t rgb);
void text_add_prose(struct flow *f, struct text *t, const struct prose *p, enum font_face face, pt100 size,
                    uint32_t rgb);
void block_kids(struct flow *f, const struct doc_node *n); /* every kid of n */
void block_table(struct flow *f, const struct doc_table *t);
/* Whether the table needs a page on its side. */
bool table_turns_page(struct flow *f, const struct doc_table *t);
void block_figure(struct flow *f, const struct doc_figure *fig);
void block_caption(struct flow *f, const char *word, int number, struct str caption, pt100 keep);
void block_contents(struct flow *f);
pt100 contents_height(struct flow *f); /* in two columns */
void block_section(struct flow *f, const struct doc_node *n);
void block_cover(struct flow *f, const struct doc_node *n);
uint32_t mark_rgb(const struct flow *f, enum doc_mark m);
/*
 * The string itself when it has at most `limit` bytes; else its beginning, and what is not shown: its length and
 * the first digits of its SHA-256.
 */
struct str excerpt(struct pdf_doc *d, struct str s, size_t limit);
/* A tinted label with text in the colour of the mark; returns its width. `y` is the base line. */
pt100 draw_badge(struct flow *f, struct str word, enum doc_mark m, pt100 x, pt100 y, pt100 size);

void drawing_replay(struct pdf_doc *d, struct page *p, const struct drawing *g, pt100 x, pt100 y, pt100 w);
/* The same in other colours by role, on a ground that is not white. */
void drawing_replay_on(struct pdf_doc *d, struct page *p, const struct drawing *g, pt100 x, pt100 y, pt100 w,
                       const uint32_t *palette, uint32_t ground);

/* The theme's logo (pdf_logo.c): made before the pages, drawn on the cover below y; returns its height, 0 without one. */
void logo_begin(struct pdf_doc *d);
pt100 logo_height(const struct pdf_doc *d);
void logo_draw(struct flow *f, pt100 y);

#endif
