/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which font draws a character: the face's own font, then fall-backs, opened when first needed.
 *
 * Three tables hold the choice: `folders` (where systems keep fonts), `files` (what is looked for, with the range of
 * code points worth opening it for) and `bases` (which files can be a face). To support another script: a row in `files`.
 * Files are tried in the order of their rows. Answers are kept per face and code point, so a character costs one look-up
 * however often it is drawn.
 */
#include "font.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/vec.h"

static const char *const system_folders[] = {
    "/usr/share/fonts/truetype/noto",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/liberation2",
    "/usr/share/fonts/truetype/droid",
    "/usr/share/fonts/truetype/ancient-scripts",
    "/usr/share/fonts/truetype/wqy",
    "/usr/share/fonts/noto",
    "/usr/share/fonts/google-noto",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    NULL,
};

enum style { ANY = 1, SANS = 2, BOLD = 4, MONO = 8 };

/* Code points a file is worth opening for; a base font is tried for all of them. */
struct font_row {
    const char *name;
    unsigned styles; /* faces it is a fall-back of: ANY, or those of one style */
    uint32_t first, last;
};

static const struct font_row files[] = {
    { "NotoSans-Regular.ttf", SANS, 0, 0x10FFFF },
    { "NotoSans-Bold.ttf", BOLD, 0, 0x10FFFF },
    { "NotoSans-Italic.ttf", 0, 0, 0x10FFFF },
    { "NotoSans-BoldItalic.ttf", 0, 0, 0x10FFFF },
    { "NotoSansMono-Regular.ttf", MONO, 0, 0x10FFFF },
    { "NotoSansMono-Bold.ttf", 0, 0, 0x10FFFF },
    { "DejaVuSans-Bold.ttf", BOLD, 0, 0x10FFFF },
    { "DejaVuSans-Oblique.ttf", 0, 0, 0x10FFFF },
    { "DejaVuSans-BoldOblique.ttf", 0, 0, 0x10FFFF },
    { "DejaVuSansMono.ttf", MONO, 0, 0x10FFFF },
    { "DejaVuSansMono-Bold.ttf", 0, 0, 0x10FFFF },
    { "LiberationSans-Regular.ttf", 0, 0, 0x10FFFF },
    { "LiberationSans-Bold.ttf", 0, 0, 0x10FFFF },
    { "LiberationSans-Italic.ttf", 0, 0, 0x10FFFF },
    { "LiberationSans-BoldItalic.ttf", 0, 0, 0x10FFFF },
    { "LiberationMono-Regular.ttf", 0, 0, 0x10FFFF },
    { "LiberationMono-Bold.ttf", 0, 0, 0x10FFFF },
    /* scripts, drawn letter by letter in logical order */
    { "NotoSansArmenian-Regular.ttf", ANY, 0x530, 0x58F },
    { "NotoSansHebrew-Regular.ttf", ANY, 0x590, 0x5FF },
    { "NotoSansArabic-Regular.ttf", ANY, 0x600, 0x77F },
    { "NotoSansArabic-Regular.ttf", ANY, 0xFB50, 0xFEFC },
    { "NotoSansSyriac-Regular.ttf", ANY, 0x700, 0x74F },
    { "NotoSansThaana-Regular.ttf", ANY, 0x780, 0x7BF },
    { "NotoSansDevanagari-Regular.ttf", ANY, 0x900, 0x97F },
    { "NotoSansBengali-Regular.ttf", ANY, 0x980, 0x9FF },
    { "NotoSansGurmukhi-Regular.ttf", ANY, 0xA00, 0xA7F },
    { "NotoSansGujarati-Regular.ttf", ANY, 0xA80, 0xAFF },
    { "NotoSansOriya-Regular.ttf", ANY, 0xB00, 0xB7F },
    { "NotoSansTamil-Regular.ttf", ANY, 0xB80, 0xBFF },
    { "NotoSansTelugu-Regular.ttf", ANY, 0xC00, 0xC7F },
    { "NotoSansKannada-Regular.ttf", ANY, 0xC80, 0xCFF },
    { "NotoSansMalayalam-Regular.ttf", ANY, 0xD00, 0xD7F },
    { "NotoSansSinhala-Regular.ttf", ANY, 0xD80, 0xDFF },
    { "NotoSansThai-Regular.ttf", ANY, 0xE00, 0xE7F },
    { "NotoSansLao-Regular.ttf", ANY, 0xE80, 0xEFF },
    { "NotoSerifTibetan-Regular.ttf", ANY, 0xF00, 0xFFF },
    { "NotoSansMyanmar-Regular.ttf", ANY, 0x1000, 0x109F },
    { "NotoSansGeorgian-Regular.ttf", ANY, 0x10A0, 0x10FF },
    { "NotoSansEthiopic-Regular.ttf", ANY, 0x1200, 0x139F },
    { "NotoSansCherokee-Regular.ttf", ANY, 0x13A0, 0x13FF },
    { "NotoSansKhmer-Regular.ttf", ANY, 0x1780, 0x17FF },
    { "NotoSansMongolian-Regular.ttf", ANY, 0x1800, 0x18AF },
    /* symbols, ideographs, the rest */
    { "DejaVuSans.ttf", ANY, 0x80, 0x10FFFF },
    { "DroidSansFallbackFull.ttf", ANY, 0x2E80, 0xFFFF },
    { "DroidSansFallback.ttf", ANY, 0x2E80, 0xFFFF },
    { "Symbola_hint.ttf", ANY, 0x2000, 0x1FFFF },
    { "Symbola.ttf", ANY, 0x2000, 0x1FFFF },
    { "NotoSansSymbols2-Regular.ttf", ANY, 0x2000, 0x1FFFF },
    { "NotoSansSymbols-Regular.ttf", ANY, 0x2000, 0x1FFFF },
    { "NotoSansMath-Regular.ttf", ANY, 0x2000, 0x1FFFF },
    { "wqy-zenhei.ttc", ANY, 0x1100, 0x10FFFF },
};
enum { FILES = sizeof files / sizeof *files };

/* Best first. Faces without a font of their own take the regular one. */
static const char *const bases[FACE_COUNT][4] = {
    [FACE_REGULAR] = { "NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf" },
    [FACE_BOLD] = { "NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf" },
    [FACE_ITALIC] = { "NotoSans-Italic.ttf", "DejaVuSans-Oblique.ttf", "LiberationSans-Italic.ttf" },
    [FACE_BOLD_ITALIC] = { "NotoSans-BoldItalic.ttf", "DejaVuSans-BoldOblique.ttf",
                           "LiberationSans-BoldItalic.ttf" },
    [FACE_MONO] = { "NotoSansMono-Regular.ttf", "DejaVuSansMono.ttf", "LiberationMono-Regular.ttf" },
    [FACE_MONO_BOLD] = { "NotoSansMono-Bold.ttf", "DejaVuSansMono-Bold.ttf", "LiberationMono-Bold.ttf" },
};
static const unsigned face_styles[FACE_COUNT] = {
    [FACE_REGULAR] = ANY | SANS,     [FACE_BOLD] = ANY | BOLD, [FACE_ITALIC] = ANY | SANS,
    [FACE_BOLD_ITALIC] = ANY | BOLD, [FACE_MONO] = ANY | MONO, [FACE_MONO_BOLD] = ANY | MONO,
};

enum { NO_FONT = -1, UNTRIED = -2, CIDS_MAX = 60000, PAGES = 0x110000 / 256 };

enum known { UNKNOWN, FOUND, ABSENT };
struct slot {
    struct font_glyph glyph;
    uint8_t known; /* enum known */
};

struct loaded {
    struct font_file file;
    const char *path;
    int used; /* index into font_set.used, or NO_FONT */
};

struct font_set {
    struct arena *arena;
    const char *const *folders;
    int opened[FILES]; /* index into loaded, NO_FONT, UNTRIED */
    struct loaded *loaded;
    size_t nloaded, loaded_cap;
    struct font_used *used;
    size_t nused, used_cap;
    int own[FACE_COUNT];  /* index into loaded: somebody's choice; NO_FONT */
    int base[FACE_COUNT]; /* row of files */
    struct slot **pages[FACE_COUNT];
};

static int row_named(const char *name)
{
    for (int i = 0; i < FILES; i++)
        if (strcmp(files[i].name, name) == 0)
            return i;
    assert(false && "base font without a row in files");
    return NO_FONT;
}

/* The first readable file of that name; later rows of the same file share it. */
static int open_row(struct font_set *s, int row)
{
    if (s->opened[row] != UNTRIED)
        return s->opened[row];
    s->opened[row] = NO_FONT;
    int first = row_named(files[row].name);
    if (first != row)
        return s->opened[row] = open_row(s, first);
    for (size_t i = 0; s->folders[i] && s->opened[row] == NO_FONT; i++) {
        char *path = fs_join(s->arena, s->folders[i], files[row].name);
        struct loaded l = { .path = path, .used = NO_FONT };
        struct err ignored = ERR_INIT;
        if (fs_exists(path) && font_file_open(&l.file, s->arena, path, 0, &ignored)) {
            s->opened[row] = (int)s->nloaded;
            *VEC_PUSH(s->arena, s->loaded, s->nloaded, s->loaded_cap) = l;
        }
    }
    return s->opened[row];
}

/* A base font must have the characters that escapes are written in. */
static bool has_ascii(const struct font_file *f)
{
    for (uint32_t cp = ' '; cp < 127; cp++)
        if (font_file_glyph(f, cp) == 0)
            return false;
    return true;
}

static int choose_base(struct font_set *s, enum font_face face)
{
    for (size_t i = 0; bases[face][i]; i++) {
        int row = row_named(bases[face][i]), at = open_row(s, row);
        if (at != NO_FONT && has_ascii(&s->loaded[at].file))
            return row;
    }
    return NO_FONT;
}

bool font_usable(struct str bytes, struct err *err)
{
    struct font_file f;
    if (!font_file_parse(&f, bytes, 0, err))
        return false;
    return has_ascii(&f) || err_set(err, ERR_USAGE, "the font lacks letters of ASCII");
}

const char *font_system_path(struct arena *a, struct str name)
{
    for (size_t i = 0; system_folders[i]; i++) {
        const char *path = fs_join(a, system_folders[i], arena_printf(a, "%.*s", STR_ARG(name)));
        if (fs_exists(path))
            return path;
    }
    return NULL;
}

/* The fonts that somebody chose; one that is not there leaves the face as it is. */
static void open_own(struct font_set *s, const struct font_choice *own)
{
    for (size_t face = 0; face < FACE_COUNT; face++) {
        struct loaded l = { .used = NO_FONT };
        struct err ignored = ERR_INIT;
        s->own[face] = NO_FONT;
        if (!own || !own[face].name.n)
            continue;
        for (size_t k = 0; k < face && s->own[face] == NO_FONT; k++)
            if (s->own[k] != NO_FONT && str_eq(own[k].name, own[face].name))
                s->own[face] = s->own[k];
        if (s->own[face] != NO_FONT)
            continue;
        l.path = own[face].bytes.n ? arena_printf(s->arena, "%.*s", STR_ARG(own[face].name))
                                   : font_system_path(s->arena, own[face].name);
        bool ok = own[face].bytes.n ? font_file_parse(&l.file, own[face].bytes, 0, &ignored)
                                    : l.path && font_file_open(&l.file, s->arena, l.path, 0, &ignored);
        if (!ok || !has_ascii(&l.file))
            continue;
        s->own[face] = (int)s->nloaded;
        *VEC_PUSH(s->arena, s->loaded, s->nloaded, s->loaded_cap) = l;
    }
}

struct font_set *font_set_new(struct arena *a, const char *const *folders, const struct font_choice *own,
                              struct err *err)
{
    struct font_set *s = ARENA_NEW(a, struct font_set);
    s->arena = a;
    s->folders = folders ? folders : system_folders;
    for (size_t i = 0; i < FILES; i++)
        s->opened[i] = UNTRIED;
    for (size_t face = 0; face < FACE_COUNT; face++)
        s->base[face] = UNTRIED;
    open_own(s, own);
    s->base[FACE_REGULAR] = choose_base(s, FACE_REGULAR);
    if (s->base[FACE_REGULAR] == NO_FONT) {
        err_set(err, ERR_RUN,
                "no font for the PDF report was found below '%s' and the system's other font folders; "
                "install the "
                "packages fonts-noto-core and fonts-noto-mono, or fonts-dejavu-core",
                s->folders[0] ? s->folders[0] : "");
        return NULL;
    }
    return s;
}

static int base_of(struct font_set *s, enum font_face face)
{
    if (s->base[face] == UNTRIED)
        s->base[face] = choose_base(s, face);
    return s->base[face] == NO_FONT ? s->base[FACE_REGULAR] : s->base[face];
}

/* Gives the code point an id in that font; false when it has no glyph for it. */
static bool take(struct font_set *s, int at, uint32_t cp, struct font_glyph *out)
{
    if (at == NO_FONT)
        return false;
    struct loaded *l = &s->loaded[at];
    uint16_t glyph = font_file_glyph(&l->file, cp);
    if (glyph == 0)
        return false;
    if (l->used == NO_FONT) {
        l->used = (int)s->nused;
        struct font_used *u = VEC_PUSH(s->arena, s->used, s->nused, s->used_cap);
        *u = (struct font_used){ .file = l->file, .path = l->path };
        u->cap = 256;
        u->glyphs = ARENA_ARRAY(s->arena, u->cap, uint16_t);
        u->cps = ARENA_ARRAY(s->arena, u->cap, uint32_t);
        u->cps[u->n++] = 0xFFFD;
    }
    struct font_used *u = &s->used[l->used];
    if (u->n >= CIDS_MAX)
        return false;
    if (u->n == u->cap) {
        size_t cap = u->cap;
        u->glyphs = vec_grow(s->arena, u->glyphs, u->n, &cap, sizeof *u->glyphs);
        u->cps = vec_grow(s->arena, u->cps, u->n, &u->cap, sizeof *u->cps);
    }
    u->glyphs[u->n] = glyph;
    u->cps[u->n] = cp;
    *out = (struct font_glyph){ (uint16_t)l->used, (uint16_t)u->n++, font_file_width(&l->file, glyph) };
    return true;
}

/* The same character drawn by another face's font already has an id there: find it rather than make a second one. */
static bool take_once(struct font_set *s, int at, uint32_t cp, struct font_glyph *out)
{
    for (size_t face = 0; face < FACE_COUNT; face++) {
        const struct slot *page = s->pages[face] ? s->pages[face][cp >> 8] : NULL;
        const struct slot *slot = page ? &page[cp & 255] : NULL;
        if (slot && slot->known == FOUND && at >= 0 && s->loaded[at].used == slot->glyph.font) {
            *out = slot->glyph;
            return true;
        }
    }
    return take(s, at, cp, out);
}

static bool search(struct font_set *s, enum font_face face, uint32_t cp, struct font_glyph *out)
{
    if (take_once(s, s->own[face], cp, out) || take_once(s, open_row(s, base_of(s, face)), cp, out))
        return true;
    for (int row = 0; row < FILES; row++) {
        const struct font_row *r = &files[row];
        if ((r->styles & face_styles[face]) && cp >= r->first && cp <= r->last &&
            take_once(s, open_row(s, row), cp, out))
            return true;
    }
    return false;
}

bool font_set_glyph(struct font_set *s, enum font_face face, uint32_t cp, struct font_glyph *out)
{
    if (cp > 0x10FFFF)
        return false;
    if (s->pages[face] == NULL)
        s->pages[face] = ARENA_ARRAY(s->arena, PAGES, struct slot *);
    if (s->pages[face][cp >> 8] == NULL)
        s->pages[face][cp >> 8] = ARENA_ARRAY(s->arena, 256, struct slot);
    struct slot *slot = &s->pages[face][cp >> 8][cp & 255];
    if (slot->known == UNKNOWN)
        slot->known = search(s, face, cp, &slot->glyph) ? FOUND : ABSENT;
    *out = slot->glyph;
    return slot->known == FOUND;
}

size_t font_set_count(const struct font_set *s)
{
    return s->nused;
}

const struct font_used *font_set_used(const struct font_set *s, size_t i)
{
    assert(i < s->nused);
    return &s->used[i];
}

size_t font_set_main(struct font_set *s, const struct font_file **files_out, const char **paths)
{
    static const char *const wide[] = { "DejaVuSans.ttf", "DroidSansFallbackFull.ttf",
                                        "DroidSansFallback.ttf", "Symbola_hint.ttf", "Symbola.ttf" };
    enum { WIDE = sizeof wide / sizeof *wide };
    int at[FACE_COUNT + WIDE];
    size_t n = 0;
    for (size_t i = 0; i < FACE_COUNT; i++)
        at[i] = s->own[i] != NO_FONT ? s->own[i] : open_row(s, base_of(s, (enum font_face)i));
    for (size_t i = 0; i < WIDE; i++)
        at[FACE_COUNT + i] = open_row(s, row_named(wide[i]));
    /* all are open: what they point to stays where it is */
    for (size_t i = 0; i < FACE_COUNT + WIDE; i++) {
        bool again = at[i] == NO_FONT;
        for (size_t k = 0; !again && k < n; k++) /* somebody's choice may be a fall-back as well */
            again = strcmp(paths[k], s->loaded[at[i]].path) == 0;
        if (again)
            continue;
        files_out[n] = &s->loaded[at[i]].file;
        paths[n++] = s->loaded[at[i]].path;
    }
    return n;
}
