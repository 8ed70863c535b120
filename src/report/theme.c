/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in theme: the files of templates/report, put into the program by the assembler, and the colours
 * of paper.
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

struct theme theme_builtin(void)
{
    return (struct theme){
        .paper = { .ink = 0x1B2733,
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
                   .ok_paper = 0xEBF6EF },
        .css = { hb_theme_css, (size_t)(hb_theme_css_end - hb_theme_css) },
        .js = { hb_theme_js, (size_t)(hb_theme_js_end - hb_theme_js) },
    };
}
