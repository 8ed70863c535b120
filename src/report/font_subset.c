/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A smaller TrueType font holding chosen glyphs, made by HarfBuzz. The only file that sees hb.h.
 *
 * HarfBuzz follows composed glyphs to any depth and numbers what it keeps anew, in the order of the font; which number a glyph
 * got is handed back, for the map that the PDF needs. Tables for layout, names and characters are left out: a PDF has its own.
 */
#include "font.h"

#include <assert.h>
#include <hb-subset.h>

/* What a font inside a PDF does not need. Outlines, metrics and hints stay. */
static const char *const dropped[] = { "BASE", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB", "LTSH", "OS/2",
                                       "STAT", "VDMX", "cmap", "gasp", "hdmx", "kern", "meta", "morx",
                                       "name", "post", "vhea", "vmtx", "GRAY", "prop" };

static hb_subset_input_t *choose(const struct font_file *f, const uint16_t *glyphs, size_t n)
{
    hb_subset_input_t *in = hb_subset_input_create_or_fail();
    if (!in)
        return NULL;
    hb_set_t *chosen = hb_subset_input_glyph_set(in),
             *drop = hb_subset_input_set(in, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < n; i++)
        hb_set_add(chosen, glyphs[i] < f->nglyphs ? glyphs[i] : 0);
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        hb_set_add(drop, hb_tag_from_string(dropped[i], 4));
    hb_subset_input_set_flags(in, HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
    return in;
}

/* Returns the number of glyphs written; 0: HarfBuzz refuses the font. */
static size_t execute(struct buf *out, const struct font_file *f, hb_subset_plan_t *plan,
                      const uint16_t *glyphs, size_t n, uint16_t *numbers)
{
    hb_face_t *sub = hb_subset_plan_execute_or_fail(plan);
    if (!sub)
        return 0;
    const hb_map_t *map = hb_subset_plan_old_to_new_glyph_mapping(plan);
    hb_blob_t *blob = hb_face_reference_blob(sub);
    unsigned length, written = hb_face_get_glyph_count(sub);
    const char *bytes = hb_blob_get_data(blob, &length);
    buf_put(out, bytes, length);
    for (size_t i = 0; i < n; i++) {
        hb_codepoint_t number = hb_map_get(map, glyphs[i] < f->nglyphs ? glyphs[i] : 0);
        numbers[i] = number < written ? (uint16_t)number : 0;
    }
    hb_blob_destroy(blob);
    hb_face_destroy(sub);
    return length ? written : 0;
}

size_t font_subset(struct buf *out, const struct font_file *f, const uint16_t *glyphs, size_t n,
                   uint16_t *numbers)
{
    assert(n > 0 && glyphs[0] == 0 && f->bytes.n <= UINT32_MAX);
    size_t written = 0;
    hb_blob_t *blob = hb_blob_create(f->bytes.p, (unsigned)f->bytes.n, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *face = hb_face_create(blob, f->index);
    hb_subset_input_t *in = choose(f, glyphs, n);
    hb_subset_plan_t *plan = in ? hb_subset_plan_create_or_fail(face, in) : NULL;
    if (plan)
        written = execute(out, f, plan, glyphs, n, numbers);
    hb_subset_plan_destroy(plan);
    if (in)
        hb_subset_input_destroy(in);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    return written;
}

const char *font_library_version(void)
{
    return hb_version_string();
}
