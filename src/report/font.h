/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fonts of the PDF: reading TrueType files, choosing a font per character, cutting fonts down to what is used.
 *
 * Font files come from the system and are not trusted: every read is checked against the file's bounds, and a file that
 * makes no sense is passed over for the next candidate.
 *
 *     font_file.c    one file: tables, character map, advances, outlines
 *     font_subset.c  a smaller TrueType font holding chosen glyphs
 *     font_set.c     faces (regular, bold, ...), fall-back per code point, ids in order of first use
 */
#ifndef HB_REPORT_FONT_H
#define HB_REPORT_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"

/* -- one file -- */

struct font_file {
    struct str bytes; /* the whole file; tables below are views into it */
    unsigned index;   /* of the face in a collection */
    struct str head, hhea, hmtx, maxp, loca, glyf;
    struct str cmap4, cmap12; /* sub-tables; empty when absent */
    uint16_t units_per_em;    /* 16..16384 */
    uint16_t nglyphs;         /* > 0 */
    uint16_t nadvances;       /* > 0 */
    bool long_loca;
    bool fixed_pitch;
    int32_t italic_angle; /* degrees, rounded down */
    /* in 1/1000 em */
    int32_t ascent, descent, cap_height, bbox[4];
    uint16_t weight;  /* 400 regular, 700 bold */
    char ps_name[64]; /* letters, digits and dashes only */
    char version[64]; /* as the name table has it, printable ASCII only; "" when absent */
};

/* Parses face `index` (0 but in collections). The bytes must live as long as *out. False: not a usable TrueType font. */
bool font_file_parse(struct font_file *out, struct str bytes, unsigned index, struct err *err);
/* Reads and parses a file; its bytes hang off the arena. */
bool font_file_open(struct font_file *out, struct arena *a, const char *path, unsigned index,
                    struct err *err);
/* Glyph of a code point, 0 when there is none. Always below nglyphs. */
uint16_t font_file_glyph(const struct font_file *f, uint32_t cp);
/* Advance width in 1/1000 em, rounded. */
uint16_t font_file_width(const struct font_file *f, uint16_t glyph);
/* Outline bytes; empty for blanks and for what lies outside the file. */
struct str font_file_outline(const struct font_file *f, uint16_t glyph);

/* Big-endian reads of a view; beyond its end everything reads as zero. */
uint16_t font_u16(struct str s, size_t at);
int16_t font_i16(struct str s, size_t at);
uint32_t font_u32(struct str s, size_t at);

/* -- subsets -- */

/*
 * Appends a TrueType font with the chosen glyphs and the parts of composed ones, nested ones too; glyphs[0] must be 0, repeats
 * are allowed. numbers[i] becomes the number that glyphs[i] has there. Returns the number of glyphs, 0 when the library
 * (HarfBuzz) refuses the font or is not there: then nothing is appended.
 */
size_t font_subset(struct buf *out, const struct font_file *f, const uint16_t *glyphs, size_t n,
                   uint16_t *numbers);
/* Opens HarfBuzz unless that was done; fails with words for the user. font_subset does it too, but has no words. */
bool font_library_open(struct err *err);
/* NULL when the library is not there. */
const char *font_library_version(void);

/* -- the set of fonts a document uses -- */

enum font_face { FACE_REGULAR, FACE_BOLD, FACE_ITALIC, FACE_BOLD_ITALIC, FACE_MONO, FACE_MONO_BOLD };
enum { FACE_COUNT = FACE_MONO_BOLD + 1 };

/* One character as it is drawn. Each code point has an id of its own, so that text copied out of the document is exact. */
struct font_glyph {
    uint16_t font;  /* index into the used fonts, in order of first use */
    uint16_t cid;   /* character id in that font; 0 is .notdef */
    uint16_t width; /* 1/1000 em */
};

struct font_used {
    struct font_file file;
    const char *path;
    uint16_t *glyphs; /* by cid; [0] = 0 */
    uint32_t *cps;    /* by cid; [0] = U+FFFD */
    size_t n, cap;    /* cids in use */
};

struct font_set;

/* A font of somebody's choice for a face: the bytes of a TrueType file, or else the name of a file in the system's folders.
 * Both empty: none. */
struct font_choice {
    struct str name, bytes;
};
/* True: the font can be used for a face: it is one, and has ASCII. */
bool font_usable(struct str bytes, struct err *err);
/* The path of a system font of that file name, NULL when there is none. */
const char *font_system_path(struct arena *a, struct str name);

/*
 * Looks for fonts below `folders` (NULL-terminated; NULL: the system's); `own`: FACE_COUNT choices that come first, or NULL.
 * The bytes live as long as the set. Fails (ERR_RUN) when there is no base font at all,
 * naming the Debian packages that bring one.
 */
struct font_set *font_set_new(struct arena *a, const char *const *folders, const struct font_choice *own,
                              struct err *err);
/* False: no font has this code point, and the caller shows an escape instead. Base fonts always have ASCII. */
bool font_set_glyph(struct font_set *s, enum font_face face, uint32_t cp, struct font_glyph *out);
/* Files that texts are drawn with first, and those that most fall-backs come from; opens them. At most FONT_MAIN_MAX. */
enum { FONT_MAIN_MAX = 12 };
size_t font_set_main(struct font_set *s, const struct font_file **files, const char **paths);
/* Fonts used so far; pointers die at the next font_set_glyph. */
size_t font_set_count(const struct font_set *s);
const struct font_used *font_set_used(const struct font_set *s, size_t i);

#endif
