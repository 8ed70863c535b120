/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in theme: the files of templates/report, put into the program by the assembler, and the colours of paper; and what
 * another theme adds to the style sheet.
 *
 * The Makefile names the files as prerequisites of this object; a file added here is added there.
 */
#include "theme.h"

/* clang-format off */
#define EMBED(name, file)                                                                                    \
    __asm__(".pushsection .rodata\n"                                                                         \
            ".global hb_theme_" #name "\n.global hb_theme_" #name "_end\n"                                   \
            "hb_theme_" #name ":\n.incbin \"" file "\"\nhb_theme_" #name "_end:\n.byte 0\n"                   \
            ".popsection\n");                                                                                \
    extern const char hb_theme_##name[] __attribute__((visibility("hidden")));                               \
    extern const char hb_theme_##name##_end[] __attribute__((visibility("hidden")))
/* clang-format on */

EMBED(css, "templates/report/report.css");
EMBED(js, "templates/report/report.js");

static const struct theme_colours light = {
    .page = 0xFFFFFF,
    .ink = 0x1B2733,
    .muted = 0x5B6875,
    .accent = 0x1F5FA8,
    .alarm = 0xB3261E,
    .ok = 0x1B6E3C,
    .warning = 0x8A5A00,
    .rule = 0xD5DBE2,
    .zebra = 0xF4F6F9,
    .table_head = 0x22354A,
    .cover = 0x14263A,
    .cover_line = 0x3C8DDE,
    .cover_text = 0xFFFFFF,
    .cover_accent = 0x8CBFF5,
    .code_paper = 0xF1F4F8,
    .note_paper = 0xECF3FA,
    .warning_paper = 0xFDF5E2,
    .alarm_paper = 0xFCEDEB,
    .ok_paper = 0xEBF6EF,
};

/* As the style sheet has them. */
static const struct theme_colours dark = {
    .page = 0x10171F,
    .ink = 0xE3E9EF,
    .muted = 0xA3B0BD,
    .accent = 0x7DB5F0,
    .alarm = 0xFF8A80,
    .ok = 0x7FD3A0,
    .warning = 0xF2C464,
    .rule = 0x2B3744,
    .zebra = 0x141D26,
    .table_head = 0x22354A,
    .cover = 0x14263A,
    .cover_line = 0x3C8DDE,
    .cover_text = 0xFFFFFF,
    .cover_accent = 0x8CBFF5,
    .code_paper = 0x151F2A,
    .note_paper = 0x16283C,
    .warning_paper = 0x34290F,
    .alarm_paper = 0x3A1B1C,
    .ok_paper = 0x14301F,
};

const struct theme *theme_builtin(struct arena *a)
{
    struct theme *t = ARENA_NEW(a, struct theme);
    *t = (struct theme){
        .paper = light,
        .dark = dark,
        .css = { hb_theme_css, (size_t)(hb_theme_css_end - hb_theme_css) },
        .js = { hb_theme_js, (size_t)(hb_theme_js_end - hb_theme_js) },
        .name = STR("default"),
    };
    for (size_t i = 0; i < PAINT_COUNT; i++) {
        t->chart[i] = paint_info((enum paint_role)i)->rgb;
        t->chart_dark[i] = paint_info((enum paint_role)i)->dark;
    }
    return t;
}

struct str theme_name(const struct theme *t)
{
    return t->name;
}

const char *theme_sha256(const struct theme *t)
{
    return t->sha256;
}

const struct theme_file *theme_files(const struct theme *t, size_t *n)
{
    *n = t->nfiles;
    return t->files;
}

/* -- the style sheet -- */

static void put_colour(struct buf *b, const char *name, uint32_t rgb)
{
    buf_printf(b, "--%s:#%06X;", name, (unsigned)rgb);
}

static void put_colours(struct buf *b, const struct theme_colours *c, const uint32_t *chart)
{
#define PUT(member, css, help) put_colour(b, css, c->member);
    THEME_COLOURS(PUT)
#undef PUT
    const struct {
        const char *name;
        uint32_t rgb;
    } derived[] = {
        { "esc", c->alarm },          { "esc-soft", c->alarm_paper },
        { "side", c->zebra },         { "hover", c->note_paper },
        { "rule-strong", c->muted },  { "info-soft", c->zebra },
        { "mark", c->warning_paper }, { "kw", c->accent },
        { "fn", c->accent },          { "str", c->ok },
        { "num", c->warning },        { "com", c->muted },
        { "op", c->alarm },           { "band-muted", c->cover_text },
    };
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        put_colour(b, derived[i].name, derived[i].rgb);
    for (size_t i = PAINT_NONE + 1; i < PAINT_COUNT; i++)
        buf_printf(b, "--hb-%s:#%06X;", paint_info((enum paint_role)i)->name, (unsigned)chart[i]);
}

static void put_family(struct buf *b, const char *before, struct str family, const char *after)
{
    if (!family.n)
        return;
    buf_puts(b, before);
    buf_str(b, family);
    buf_puts(b, after);
}

void theme_put_css(struct buf *b, const struct theme *t)
{
    if (!t->own)
        return;
    buf_puts(b, ":root{");
    put_colours(b, &t->paper, t->chart);
    put_family(b, "--sans:", t->text_font, ";");
    put_family(b, "--mono:", t->code_font, ";");
    buf_puts(b, "}\n@media screen and (prefers-color-scheme:dark){:root{");
    put_colours(b, &t->dark, t->chart_dark);
    buf_puts(b,
             "}}\n.band{background:var(--band);color:var(--band-ink)}\n"
             ".logo{margin:0 0 "
             "1.5rem;--hb-ink:var(--band-ink);--hb-muted:var(--band-accent);--hb-accent:var(--band-accent)}"
             ".logo img,.logo svg{width:auto;height:auto;max-width:min(100%,20rem);max-height:4.5rem}\n");
    put_family(b, "h1,h2,h3,h4,h5,h6{font-family:", t->heading_font, "}\n");
    if (t->cover == COVER_SHEET)
        buf_puts(b, ".band{text-align:center;padding-top:6rem;padding-bottom:5rem}.band "
                    "h1{margin-left:auto;margin-right:auto}\n");
    if (t->square)
        buf_puts(b, ".sub,.chart,.callout,.badge,.tag,.outline "
                    "a,pre,code,button,input,select,.tbl,.tiles>div{border-radius:0}\n");
}
