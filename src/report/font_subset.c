/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A smaller TrueType font holding chosen glyphs, made by HarfBuzz. The only file that sees hb.h.
 *
 * HarfBuzz follows composed glyphs to any depth and numbers what it keeps anew, in the order of the font; which number a glyph
 * got is handed back, for the map that the PDF needs. Tables for layout, names and characters are left out: a PDF has its own.
 *
 * The library is opened by the first PDF and stays: linked, it and the seven that it needs would cost every start. To use
 * another function of it: its name in HB_FUNCTIONS.
 */
#include "font.h"

#include <assert.h>
#include <dlfcn.h>
#include <hb-subset.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "hb/library.h"

/* -- the library -- */

/* clang-format off */
#define HB_FUNCTIONS(X) \
    X(version_string) X(tag_from_string) X(set_add) X(map_get) \
    X(blob_create) X(blob_get_data) X(blob_destroy) \
    X(face_create) X(face_get_glyph_count) X(face_reference_blob) X(face_destroy) \
    X(subset_input_create_or_fail) X(subset_input_glyph_set) X(subset_input_set) X(subset_input_set_flags) \
    X(subset_input_destroy) \
    X(subset_plan_create_or_fail) X(subset_plan_execute_or_fail) X(subset_plan_old_to_new_glyph_mapping) \
    X(subset_plan_destroy)
/* clang-format on */

static struct {
#define HB_MEMBER(name) __typeof__(hb_##name) *name;
    HB_FUNCTIONS(HB_MEMBER)
#undef HB_MEMBER
} hb;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct err load_error;

static const struct library_function functions[] = {
#define HB_ROW(name) { "hb_" #name, offsetof(__typeof__(hb), name) },
    HB_FUNCTIONS(HB_ROW)
#undef HB_ROW
};

static void load_once(void)
{
    void *lib = dlopen("libharfbuzz-subset.so.0", RTLD_LAZY | RTLD_LOCAL);
    if (!lib) {
        err_set(&load_error, ERR_RUN,
                "the library libharfbuzz-subset.so.0, which PDF reports need, is not found; install HarfBuzz "
                "(libharfbuzz-subset0)");
        return;
    }
    library_functions(lib, functions, sizeof functions / sizeof *functions, &hb, "HarfBuzz",
                      "install a newer HarfBuzz", ERR_RUN, &load_error);
}

bool font_library_open(struct err *err)
{
    pthread_once(&once, load_once);
    if (load_error.kind == ERR_NONE)
        return true;
    return err_set(err, load_error.kind, "%s", load_error.text);
}

const char *font_library_version(void)
{
    struct err ignored = ERR_INIT;
    return font_library_open(&ignored) ? hb.version_string() : NULL;
}

/* -- subsets -- */

/* What a font inside a PDF does not need. Outlines, metrics and hints stay. */
static const char *const dropped[] = { "BASE", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB", "LTSH", "OS/2",
                                       "STAT", "VDMX", "cmap", "gasp", "hdmx", "kern", "meta", "morx",
                                       "name", "post", "vhea", "vmtx", "GRAY", "prop" };

static hb_subset_input_t *choose(const struct font_file *f, const uint16_t *glyphs, size_t n)
{
    hb_subset_input_t *in = hb.subset_input_create_or_fail();
    if (!in)
        return NULL;
    hb_set_t *chosen = hb.subset_input_glyph_set(in),
             *drop = hb.subset_input_set(in, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < n; i++)
        hb.set_add(chosen, glyphs[i] < f->nglyphs ? glyphs[i] : 0);
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        hb.set_add(drop, hb.tag_from_string(dropped[i], 4));
    hb.subset_input_set_flags(in, HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
    return in;
}

/* Returns the number of glyphs written; 0: HarfBuzz refuses the font. */
static size_t execute(struct buf *out, const struct font_file *f, hb_subset_plan_t *plan,
                      const uint16_t *glyphs, size_t n, uint16_t *numbers)
{
    hb_face_t *sub = hb.subset_plan_execute_or_fail(plan);
    if (!sub)
        return 0;
    const hb_map_t *map = hb.subset_plan_old_to_new_glyph_mapping(plan);
    hb_blob_t *blob = hb.face_reference_blob(sub);
    unsigned length, written = hb.face_get_glyph_count(sub);
    const char *bytes = hb.blob_get_data(blob, &length);
    buf_put(out, bytes, length);
    for (size_t i = 0; i < n; i++) {
        hb_codepoint_t number = hb.map_get(map, glyphs[i] < f->nglyphs ? glyphs[i] : 0);
        numbers[i] = number < written ? (uint16_t)number : 0;
    }
    hb.blob_destroy(blob);
    hb.face_destroy(sub);
    return length ? written : 0;
}

size_t font_subset(struct buf *out, const struct font_file *f, const uint16_t *glyphs, size_t n,
                   uint16_t *numbers)
{
    assert(n > 0 && glyphs[0] == 0 && f->bytes.n <= UINT32_MAX);
    struct err ignored = ERR_INIT;
    size_t written = 0;
    if (!font_library_open(&ignored))
        return 0;
    hb_blob_t *blob = hb.blob_create(f->bytes.p, (unsigned)f->bytes.n, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *face = hb.face_create(blob, f->index);
    hb_subset_input_t *in = choose(f, glyphs, n);
    hb_subset_plan_t *plan = in ? hb.subset_plan_create_or_fail(face, in) : NULL;
    if (plan)
        written = execute(out, f, plan, glyphs, n, numbers);
    hb.subset_plan_destroy(plan);
    if (in)
        hb.subset_input_destroy(in);
    hb.face_destroy(face);
    hb.blob_destroy(blob);
    return written;
}
