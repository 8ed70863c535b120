/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: columns as wide as their content asks for, heads repeated on every page, rows that go on over a page break.
 *
 * Widths: every column has a least width (its longest word) and a wanted one (its longest line, within reason). When all wanted
 * widths fit, what is left is shared out; else what lies between least and wanted is. When not even the least fit, the type
 * gets smaller, then the table is cut into bands of columns set one below the other, and each says which columns it has.
 * No column and no row is ever left out without a word.
 */
#include "pdf_int.h"

#include <assert.h>
#include <string.h>

enum {
    PAD = 380, /* left and right of a cell; half of it above and below */
    WORD_MAX = 13000,
    WANT_MAX = 26000,
    COLUMN_MIN = 2400,
    NUMBER_WIDTH = 2600, /* of the row number in front of later bands */
};

/* Sizes tried from the largest to the smallest. */
static const pt100 sizes[] = { SIZE_TABLE, 720, 640 };

struct column_plan {
    pt100 least, want, width;
};

struct grid {
    struct flow *f;
    const struct doc_table *t;
    struct tag *tag;
    pt100 size, lead;
    struct column_plan *plan; /* t->ncolumns */
    size_t from, to;          /* columns of this band */
    bool numbered;            /* a row number in front: there is more than one band */
    struct text *cells;       /* of the row being set */
    size_t *pos;              /* where the next line of each cell starts */
    struct text head;
    pt100 below;  /* height of the notes that stay with the last row */
    bool broken;  /* paths in tables of our own are broken behind separators, rather than the page turned */
    bool heading; /* the head is being drawn: no repetition inside it */
    bool split;   /* a row is being continued on a new page */
};

static bool right_aligned(const struct doc_column *c)
{
    return c->style == COLUMN_NUMBER || c->style == COLUMN_GROUPED;
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static void head_text(struct grid *g, size_t col)
{
    struct text_style s = style_of(g->f, FACE_BOLD, g->size, 0xFFFFFF);
    struct str title = excerpt(g->f->d, g->t->columns[col].title, SHOW_CELL);
    text_clear(&g->head);
    text_add(&g->head, title, &s);
    /* InitiatingProcessFileName may be broken before a capital */
    for (size_t i = 0; g->head.n == title.n && i + 1 < title.n; i++)
        if (is_small(title.p[i]) && !is_small(title.p[i + 1]))
            g->head.atoms[i].flags |= ATOM_AFTER;
}

/* A cell as text: the value, or a dash for null. Long values are excerpted; the evidence file has them whole. */
static void cell_text(struct grid *g, struct text *t, size_t row, size_t col)
{
    const struct doc_column *c = &g->t->columns[col];
    const struct theme_colours *colours = g->f->d->colours;
    bool alarm = g->t->alarm && g->t->alarm[row] && col == 0;
    bool code = c->style == COLUMN_CODE;
    struct text_style s = style_of(g->f,
                                   code    ? FACE_MONO
                                   : alarm ? FACE_BOLD
                                           : FACE_REGULAR,
                                   code ? g->size * 92 / 100 : g->size,
                                   alarm ? colours->alarm : colours->ink);
    struct buf b = BUF_INIT;
    size_t whole;
    text_clear(t);
    if (c->style == COLUMN_MARK)
        s.face = FACE_BOLD;
    if (!doc_cell(&b, g->t, row, col, 0, &whole)) {
        s.rgb = colours->muted;
        text_add(t, STR("\xE2\x80\x93"), &s);
    } else {
        if (c->style == COLUMN_MARK)
            s.rgb = mark_rgb(g->f, doc_mark_of(buf_view(&b)));
        if (col == 0 && g->t->anchors && g->t->anchors[row].n) {
            s.href = arena_strf(g->f->d->arena, "#%.*s", STR_ARG(g->t->anchors[row]));
            s.rgb = colours->accent;
        }
        text_add(t, excerpt(g->f->d, buf_view(&b), SHOW_CELL), &s);
    }
    buf_free(&b);
}

/* -- widths -- */

static pt100 at_most(pt100 v, pt100 limit)
{
    return v < limit ? v : limit;
}

static pt100 at_least(pt100 v, pt100 limit)
{
    return v > limit ? v : limit;
}

/* What should not be broken: whole values that are short (times, addresses, names), hashes in tables of our own. */
static pt100 least_width(const struct grid *g, size_t col, const struct text *t)
{
    enum { SHORT = 6500, HASH = 64, LONG_WORD = 9000 };
    const struct doc_column *c = &g->t->columns[col];
    pt100 line = text_line_width(t), word = text_word_width(t, false);
    if (c->style == COLUMN_CODE && !g->t->data && t->n == HASH)
        return line;
    if (g->broken && c->style == COLUMN_CODE && !g->t->data)
        return at_most(text_word_width(t, true), WORD_MAX);
    if (line < SHORT || right_aligned(c) || c->type == HB_DATETIME)
        return at_most(line, WORD_MAX);
    /* what is too long for any column is broken in any case */
    return word <= WORD_MAX ? word : LONG_WORD;
}

static void measure(struct grid *g)
{
    for (size_t c = 0; c < g->t->ncolumns; c++) {
        struct column_plan *p = &g->plan[c];
        struct text *t = &g->cells[0];
        head_text(g, c);
        p->least = at_least(at_most(text_word_width(&g->head, true), WORD_MAX) + 2 * PAD, COLUMN_MIN);
        p->want = at_least(at_most(text_line_width(&g->head), WORD_MAX) + 2 * PAD, p->least);
        for (size_t r = 0; r < g->t->show; r++) {
            cell_text(g, t, r, c);
            p->least = at_least(p->least, least_width(g, c, t) + 2 * PAD);
            p->want = at_least(p->want, at_most(text_line_width(t), WANT_MAX) + 2 * PAD);
        }
        p->want = at_least(p->want, p->least);
    }
}

static int64_t sum(const struct grid *g, size_t from, size_t to, bool want)
{
    int64_t w = 0;
    for (size_t c = from; c < to; c++)
        w += want ? g->plan[c].want : g->plan[c].least;
    return w;
}

/* Shares `room` out over the columns of the band. */
static void share(struct grid *g, pt100 room)
{
    int64_t least = sum(g, g->from, g->to, false), want = sum(g, g->from, g->to, true), used = 0;
    for (size_t c = g->from; c < g->to; c++) {
        struct column_plan *p = &g->plan[c];
        if (want <= room)
            p->width = (pt100)(p->want + (room - want) * p->want / want);
        else if (least <= room)
            p->width = (pt100)(p->least + (room - least) * (p->want - p->least) / (want - least));
        else
            p->width = (pt100)(room * p->least / least);
        used += p->width;
    }
    g->plan[g->to - 1].width += (pt100)(room - used);
}

static pt100 front(const struct grid *g)
{
    return g->numbered ? NUMBER_WIDTH : 0;
}

/* How many columns from `from` on fit side by side; at least one. */
static size_t band_end(const struct grid *g, size_t from, pt100 room)
{
    size_t to = from + 1;
    while (to < g->t->ncolumns && sum(g, from, to + 1, false) <= room)
        to++;
    return to;
}

/* Widths of the text on an upright and on a turned page. */
enum { UPRIGHT = A4_SHORT - 2 * MARGIN, TURNED = A4_LONG - 2 * MARGIN };

static bool fits_as_is(struct grid *g, pt100 room)
{
    /* a turned page is low: the second size sets more rows on it */
    for (size_t i = room > UPRIGHT; i < sizeof sizes / sizeof *sizes; i++) {
        g->size = sizes[i];
        g->lead = g->size * 136 / 100;
        measure(g);
        if (sum(g, 0, g->t->ncolumns, false) <= room)
            return true;
    }
    return false;
}

static bool fits(struct grid *g, pt100 room)
{
    g->broken = false;
    if (fits_as_is(g, room))
        return true;
    g->broken = !g->t->data;
    return g->broken && fits_as_is(g, room);
}

/*
 * The largest type that fits; else the page is turned if that helps; else the smallest type, in bands. For a few rows no page
 * is left mostly empty.
 */
static void choose_size(struct grid *g)
{
    enum { FEW_ROWS = 30 };
    struct flow *f = g->f;
    bool narrow = f->landscape || f->boxes || f->width < UPRIGHT;
    if (fits(g, f->width) || narrow || (g->t->show <= FEW_ROWS && !flow_is_filled(f)))
        return;
    if (fits(g, TURNED))
        flow_page(f, true);
}

/* -- rows -- */

static void draw_cell_line(struct grid *g, const struct text *t, size_t from, size_t to, pt100 x, pt100 w,
                           bool right)
{
    struct flow *f = g->f;
    pt100 base = f->y + (g->lead + g->size * 7 / 10) / 2, at = x + PAD;
    if (right)
        at = x + w - PAD - text_width_pt(t, from, to);
    page_text(f->d, f->page, t, from, to, at, base);
}

static pt100 column_x(const struct grid *g, size_t col)
{
    pt100 x = g->f->x + front(g);
    for (size_t c = g->from; c < col; c++)
        x += g->plan[c].width;
    return x;
}

static size_t head_lines(struct grid *g)
{
    size_t lines = 1;
    for (size_t c = g->from; c < g->to; c++) {
        head_text(g, c);
        size_t n = text_count_lines(&g->head, g->plan[c].width - 2 * PAD);
        lines = n > lines ? n : lines;
    }
    return lines;
}

static void draw_head(struct grid *g, bool repeated)
{
    struct flow *f = g->f;
    struct tag *kept = f->mark, *row = repeated ? NULL : tag_new(f->d, g->tag, "TR");
    size_t lines = head_lines(g);
    g->heading = true;
    flow_mark(f, NULL);
    page_rect(f->d, f->page, f->x, f->y, f->width, (pt100)lines * g->lead + PAD, f->d->colours->table_head);
    f->y += PAD / 2;
    pt100 top = f->y;
    for (size_t c = g->from; c < g->to; c++) {
        struct tag *th = row ? tag_new(f->d, row, "TH") : NULL;
        if (th)
            tag_attributes(f->d, th, STR("/A <</O /Table /Scope /Column>> "));
        flow_mark(f, th);
        head_text(g, c);
        size_t pos = 0, from, to;
        bool soft;
        for (f->y = top; text_next_line(&g->head, &pos, g->plan[c].width - 2 * PAD, &from, &to, &soft);
             f->y += g->lead)
            draw_cell_line(g, &g->head, from, to, column_x(g, c), g->plan[c].width,
                           right_aligned(&g->t->columns[c]));
    }
    f->y = top + (pt100)lines * g->lead + PAD / 2;
    flow_mark(f, kept);
    g->heading = false;
}

/* A small grey line of our own: "row continues on the next page". */
static void remark(struct grid *g, struct str s, pt100 y)
{
    struct text_style grey = style_of(g->f, FACE_ITALIC, 680, g->f->d->colours->muted);
    struct text t;
    text_init(&t, g->f->d->fonts, g->f->d->colours->alarm);
    text_add(&t, s, &grey);
    struct tag *kept = g->f->page->tag;
    page_tag(g->f->page, NULL);
    page_text(g->f->d, g->f->page, &t, 0, t.n, g->f->x + g->f->width - text_width_pt(&t, 0, t.n), y);
    page_tag(g->f->page, kept);
    text_free(&t);
}

static void on_page(struct flow *f, void *ctx)
{
    struct grid *g = ctx;
    if (g->heading)
        return;
    if (g->split)
        remark(g, STR("row continued from the page before"), f->y - 350);
    draw_head(g, true);
}

static size_t lines_left(const struct grid *g)
{
    size_t most = 0;
    for (size_t c = g->from; c < g->to; c++) {
        size_t pos = g->pos[c], from, to, n = 0;
        bool soft;
        while (text_next_line(&g->cells[c], &pos, g->plan[c].width - 2 * PAD, &from, &to, &soft))
            n++;
        most = n > most ? n : most;
    }
    return most ? most : 1;
}

/* Paints `lines` lines of every cell below one another, each cell under its tag. */
static void draw_lines(struct grid *g, struct tag **tags, size_t row, size_t lines, bool first)
{
    struct flow *f = g->f;
    pt100 top = f->y, h = (pt100)lines * g->lead + PAD;
    flow_mark(f, NULL);
    if (row % 2)
        page_rect(f->d, f->page, f->x, top, f->width, h, f->d->colours->zebra);
    if (g->t->alarm && g->t->alarm[row])
        page_rect(f->d, f->page, f->x, top, 180, h, f->d->colours->alarm);
    page_line(f->d, f->page, f->x, top + h, f->x + f->width, top + h, 40, f->d->colours->rule);
    if (g->numbered && first) {
        char number[24];
        struct text_style grey = style_of(f, FACE_REGULAR, g->size * 85 / 100, f->d->colours->muted);
        struct buf b = BUF_INIT;
        buf_u64(&b, row + 1);
        size_t n = b.n < sizeof number ? b.n : sizeof number;
        memcpy(number, buf_z(&b), n);
        buf_free(&b);
        text_clear(&g->head);
        text_add(&g->head, (struct str){ number, n }, &grey);
        f->y = top + PAD / 2;
        draw_cell_line(g, &g->head, 0, g->head.n, f->x, NUMBER_WIDTH, false);
    }
    for (size_t c = g->from; c < g->to; c++) {
        const struct text *t = &g->cells[c];
        size_t from, to;
        bool soft;
        flow_mark(f, tags[c]);
        f->y = top + PAD / 2;
        for (size_t i = 0;
             i < lines && text_next_line(t, &g->pos[c], g->plan[c].width - 2 * PAD, &from, &to, &soft); i++) {
            draw_cell_line(g, t, from, to, column_x(g, c), g->plan[c].width,
                           right_aligned(&g->t->columns[c]));
            f->y += g->lead;
        }
    }
    flow_mark(f, NULL);
    f->y = top + h;
}

enum { SPLIT_FROM = 9 }; /* lines; shorter rows move to the next page as a whole */

/* Lines of which one page holds all or, of a long row, the first two. */
static pt100 height_kept(const struct grid *g, size_t lines)
{
    return (pt100)(lines < SPLIT_FROM ? lines : 2) * g->lead + PAD;
}

/* The head of the band and what must follow it on its page: a head alone says nothing. */
static pt100 start_height(struct grid *g)
{
    for (size_t c = g->from; c < g->to; c++) {
        cell_text(g, &g->cells[c], 0, c);
        g->pos[c] = 0;
    }
    return (pt100)head_lines(g) * g->lead + PAD + height_kept(g, lines_left(g));
}

static void draw_row(struct grid *g, struct tag **tags, size_t row)
{
    struct flow *f = g->f;
    struct tag *tr = tag_new(f->d, g->tag, "TR");
    for (size_t c = g->from; c < g->to; c++) {
        cell_text(g, &g->cells[c], row, c);
        g->pos[c] = 0;
        tags[c] = tag_new(f->d, tr, "TD");
    }
    bool first = true;
    for (size_t left = lines_left(g); left > 0; first = false) {
        bool last = row + 1 == g->t->show && g->to == g->t->ncolumns && left < SPLIT_FROM;
        g->split = !first;
        flow_need(f, height_kept(g, left) + (last ? g->below : 0));
        g->split = false;
        int64_t fit = (flow_room(f) - PAD) / g->lead;
        size_t lines = fit < 1 ? 1 : (size_t)fit < left ? (size_t)fit : left;
        draw_lines(g, tags, row, lines, first);
        left -= lines;
        if (left)
            remark(g, STR("row continues on the next page"), f->y + 750);
    }
}

static void draw_band(struct grid *g)
{
    struct flow *f = g->f;
    struct tag **tags = ARENA_ARRAY(f->d->arena, g->t->ncolumns, struct tag *);
    share(g, f->width - front(g));
    g->tag = tag_new(f->d, f->tag, "Table");
    flow_need(f, start_height(g));
    draw_head(g, false);
    f->on_page = on_page;
    f->on_page_ctx = g;
    for (size_t r = 0; r < g->t->show; r++)
        draw_row(g, tags, r);
    f->on_page = NULL;
}

enum { NOTE_GAP = 350 };

static void note_text(const struct flow *f, struct text *t, struct str s)
{
    struct text_style grey = style_of(f, FACE_ITALIC, 760, f->d->colours->muted);
    text_init(t, f->d->fonts, f->d->colours->alarm);
    text_add(t, s, &grey);
}

static pt100 note_height(const struct flow *f, struct str s)
{
    struct text t;
    note_text(f, &t, s);
    pt100 h = s.n ? NOTE_GAP + (pt100)text_count_lines(&t, f->width) * LEAD_SMALL : 0;
    text_free(&t);
    return h;
}

static void small_print(struct flow *f, struct str s)
{
    struct text t;
    if (s.n == 0)
        return;
    note_text(f, &t, s);
    flow_gap(f, NOTE_GAP);
    flow_mark(f, tag_new(f->d, f->tag, "P"));
    flow_text(f, &t, LEAD_SMALL);
    flow_mark(f, NULL);
    text_free(&t);
}

enum { BAND_GAP = 900 };

static void draw_bands(struct grid *g)
{
    g->numbered = band_end(g, 0, g->f->width) < g->t->ncolumns;
    for (g->from = 0; g->from < g->t->ncolumns; g->from = g->to) {
        g->to = band_end(g, g->from, g->f->width - front(g));
        if (g->numbered) {
            struct buf b = BUF_INIT;
            buf_printf(&b, "Columns %zu to %zu of %zu", g->from + 1, g->to, g->t->ncolumns);
            flow_need(g->f, 6 * g->lead);
            small_print(g->f, buf_view(&b));
            g->f->y += 200;
            buf_free(&b);
        }
        draw_band(g);
        flow_gap(g->f, BAND_GAP);
    }
}

static struct grid grid_begin(struct flow *f, const struct doc_table *t)
{
    struct grid g = { .f = f, .t = t };
    struct arena *a = f->d->arena;
    g.plan = ARENA_ARRAY(a, t->ncolumns, struct column_plan);
    g.cells = ARENA_ARRAY(a, t->ncolumns, struct text);
    g.pos = ARENA_ARRAY(a, t->ncolumns, size_t);
    for (size_t c = 0; c < t->ncolumns; c++)
        text_init(&g.cells[c], f->d->fonts, f->d->colours->alarm);
    text_init(&g.head, f->d->fonts, ALARM_ON_DARK);
    return g;
}

static void grid_end(struct grid *g)
{
    for (size_t c = 0; c < g->t->ncolumns; c++)
        text_free(&g->cells[c]);
    text_free(&g->head);
}

/* Whether it needs a page on its side. */
static bool too_wide(struct flow *f, const struct doc_table *t)
{
    enum { FEW = 5 }; /* columns that fit upright whatever they hold */
    if (t->show == 0 || t->ncolumns <= FEW)
        return false;
    struct grid g = grid_begin(f, t);
    bool turns = !fits(&g, UPRIGHT) && fits(&g, TURNED);
    grid_end(&g);
    return turns;
}

static bool same_text(struct buf *a, struct buf *b, const struct doc_table *t, size_t row, size_t col)
{
    size_t whole;
    buf_clear(a);
    buf_clear(b);
    bool first = doc_cell(a, t, 0, col, 0, &whole), other = doc_cell(b, t, row, col, 0, &whole);
    return first == other && str_eq(buf_view(a), buf_view(b));
}

static bool is_constant(const struct doc_table *t, size_t col, struct buf *value)
{
    struct buf other = BUF_INIT;
    bool same = true;
    for (size_t r = t->show; same && r-- > 0;)
        same = same_text(value, &other, t, r, col);
    same = same && value->n <= 40 && memchr(value->n ? value->p : "", '\n', value->n) == NULL;
    buf_free(&other);
    return same;
}

/*
 * A table too wide for an upright page, without the columns that hold the same in every row shown: these are said
 * below it (*said). Gives t itself when that does not help.
 */
static const struct doc_table *narrowed(struct flow *f, const struct doc_table *t, struct str *said)
{
    enum { LEAST_ROWS = 3 };
    struct arena *a = f->d->arena;
    *said = STR("");
    if (!t->data || t->show < LEAST_ROWS || t->prose || t->ncolumns < 3 || !too_wide(f, t))
        return t;
    struct doc_table *n = ARENA_NEW(a, struct doc_table);
    struct table *rows = ARENA_NEW(a, struct table);
    struct buf b = BUF_INIT, value = BUF_INIT;
    *n = *t;
    *rows = *t->rows;
    n->rows = rows;
    n->columns = ARENA_ARRAY(a, t->ncolumns, struct doc_column);
    rows->cols = ARENA_ARRAY(a, t->ncolumns, struct column);
    n->ncolumns = 0;
    for (size_t c = 0; c < t->ncolumns; c++) {
        if (c > 0 && is_constant(t, c, &value)) {
            buf_puts(&b, b.n ? ", " : "The same in all rows shown: ");
            buf_str(&b, t->columns[c].title);
            buf_puts(&b, " = ");
            buf_str(&b, column_is_null(&t->rows->cols[c], 0) ? STR("\xE2\x80\x93") : buf_view(&value));
            continue;
        }
        n->columns[n->ncolumns] = t->columns[c];
        rows->cols[n->ncolumns++] = t->rows->cols[c];
    }
    rows->ncols = n->ncolumns;
    bool helps = b.n > 0;
    if (helps)
        *said = buf_to_arena(&b, a);
    buf_free(&b);
    buf_free(&value);
    return helps ? n : t;
}

bool table_turns_page(struct flow *f, const struct doc_table *t)
{
    struct str said;
    return too_wide(f, narrowed(f, t, &said));
}

/* What is to stay on one page with the caption. */
static pt100 height_below_caption(struct grid *g)
{
    enum { LEAST = 7500 };
    g->numbered = band_end(g, 0, g->f->width) < g->t->ncolumns;
    g->to = band_end(g, 0, g->f->width - front(g));
    share(g, g->f->width - front(g));
    pt100 height = start_height(g) + (g->numbered ? 2 * LEAD_SMALL : 0);
    return height > LEAST ? height : LEAST;
}

enum { NOTES = 3 }; /* how many rows of how many, what all rows share, the table's own */

static void set_rows(struct flow *f, const struct doc_table *t, const struct str *notes)
{
    struct grid g = grid_begin(f, t);
    choose_size(&g);
    for (size_t i = 0; i < NOTES; i++)
        g.below += note_height(f, notes[i]);
    g.below += g.below ? BAND_GAP : 0;
    if (g.below > (f->bottom - f->top) / 3)
        g.below = 0;
    f->hold = true;
    block_caption(f, "Table", t->number, t->caption, height_below_caption(&g));
    draw_bands(&g);
    f->hold = false;
    grid_end(&g);
}

void block_table(struct flow *f, const struct doc_table *t)
{
    struct buf b = BUF_INIT;
    struct str notes[NOTES] = { STR_INIT(""), STR_INIT(""), excerpt(f->d, t->note, SHOW_VALUE) };
    bool rows = t->show > 0 && t->ncolumns > 0;
    if (rows)
        doc_table_shown(&b, t, t->show);
    else
        buf_str(&b, t->empty.n ? t->empty : STR("no rows"));
    notes[0] = excerpt(f->d, buf_view(&b), SHOW_VALUE);
    if (rows) {
        const struct doc_table *shown = narrowed(f, t, &notes[1]);
        set_rows(f, shown, notes);
    } else {
        block_caption(f, "Table", t->number, t->caption, 2000);
    }
    for (size_t i = 0; i < NOTES; i++)
        small_print(f, notes[i]);
    buf_free(&b);
}
