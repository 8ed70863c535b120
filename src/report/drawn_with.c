/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bytes of a PDF depend on beside its record: versions of libraries, fonts with their hashes.
 *
 * To name another library: a line in `libraries`, before HarfBuzz.
 */
#include <string.h>
#include <zlib.h>

#include "font.h"
#include "hb/fs.h"
#include "hb/report.h"
#include "hb/sha256.h"
#include "pdf_objects.h"
#include "theme.h"

static void add_font(struct arena *a, struct record_tool *t, const struct font_file *f, const char *path)
{
    char hex[65];
    t->name = arena_str(a, str_z(fs_base(path)));
    /* "Version 2.013; ttfautohint (v1.8) -l 8": the number is what counts, the hash says the rest */
    struct str version = str_z(f->version);
    version = str_trim(str_sub(version, 0, str_chr(version, ';', 0)));
    if (str_starts(version, STR("Version ")))
        version = str_sub(version, 8, version.n);
    t->version = arena_str(a, version);
    sha256_hex(f->bytes, hex);
    t->sha256 = arena_str(a, str_z(hex));
}

void report_drawn_with(struct arena *a, const struct theme *t, struct record_tool **out, size_t *n)
{
    const struct record_tool libraries[] = {
        { str_z(pdf_library()), str_z(pdf_library_version()), STR("") },
        { STR("zlib"), str_z(zlibVersion()), STR("") },
        { STR("HarfBuzz"), str_z(font_library_version()), STR("") },
    };
    /* the last one is not listed where it is not there: then there is no PDF */
    const size_t nlibraries = sizeof libraries / sizeof *libraries - (font_library_version() ? 0 : 1);
    const struct font_file *files[FONT_MAIN_MAX];
    const char *paths[FONT_MAIN_MAX];
    struct arena *scratch = arena_new(0, "fonts");
    struct err ignored = ERR_INIT;
    struct font_set *fonts = font_set_new(scratch, NULL, t ? t->faces : NULL, &ignored);
    size_t nfonts = fonts ? font_set_main(fonts, files, paths) : 0;
    *out = ARENA_ARRAY(a, nlibraries + nfonts, struct record_tool);
    memcpy(*out, libraries, nlibraries * sizeof *libraries);
    for (size_t i = 0; i < nfonts; i++)
        add_font(a, &(*out)[nlibraries + i], files[i], paths[i]);
    *n = nlibraries + nfonts;
    arena_free(scratch);
}
