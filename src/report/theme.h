/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader sees as the look: colours for paper, style sheet and script for HTML. The built-in theme is
 * templates/report, embedded at build time; a theme of the user's is a folder of files with the same names.
 */
#ifndef HB_REPORT_THEME_H
#define HB_REPORT_THEME_H

#include <stdint.h>

#include "hb/str.h"

/* 0xRRGGBB, on white paper. */
struct theme_colours {
    uint32_t ink, muted, accent, alarm, ok, warning;
    uint32_t rule, zebra;                                      /* hairlines, every other row */
    uint32_t table_head;                                       /* with white text */
    uint32_t cover, cover_line, cover_text, cover_accent;      /* band of the cover */
    uint32_t code_paper;                                       /* behind listings */
    uint32_t note_paper, warning_paper, alarm_paper, ok_paper; /* behind callouts */
};

struct theme {
    struct theme_colours paper;
    struct str css, js;
};

struct theme theme_builtin(void);

#endif
