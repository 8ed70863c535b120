/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the TrueType reader and the subsetter: fonts come from the system, and a damaged one must not break a report.
 *
 * Checked: no crash, leak or hang; glyph numbers are in range; what the subsetter says of its glyphs is so.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/report/font.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LOOK_UPS = 0x300, CHOSEN = 40 };
    struct font_file f;
    struct err err = ERR_INIT;
    if (!font_file_parse(&f, (struct str){ (const char *)data, size }, size & 1, &err))
        return 0;
    for (uint32_t cp = 0; cp < LOOK_UPS; cp++) {
        uint16_t g = font_file_glyph(&f, cp * 167);
        assert(g < f.nglyphs);
        (void)font_file_width(&f, g);
        struct str outline = font_file_outline(&f, g);
        assert(outline.n == 0 || outline.n >= 10);
    }
    uint16_t glyphs[CHOSEN] = { 0 };
    for (size_t i = 1; i < CHOSEN; i++)
        glyphs[i] = (uint16_t)(i * 3 % f.nglyphs);
    struct buf out = BUF_INIT;
    uint16_t numbers[CHOSEN];
    size_t n = font_subset(&out, &f, glyphs, CHOSEN, numbers);
    struct font_file again;
    for (size_t i = 0; n && i < CHOSEN; i++)
        assert(numbers[i] < n);
    if (n && font_file_parse(&again, buf_view(&out), 0, &err))
        for (size_t i = 0; i < again.nglyphs; i++)
            (void)font_file_outline(&again, (uint16_t)i);
    buf_free(&out);
    return 0;
}
