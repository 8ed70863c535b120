/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a theme.yaml, and any bytes as its logo. Checked besides crashes: faults stand inside the file, a theme that is
 * taken adds no markup to a style sheet, and a picture that is taken is taken again as it was written.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/report/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static void one_theme(struct arena *a, struct str text)
{
    struct diags d;
    struct buf out = BUF_INIT;
    struct source src = { STR("theme.yaml"), text };
    diags_init(&d, a);
    const struct theme *t = theme_parse(a, "/nonexistent", &src, &d);
    check((t == NULL) == (d.errors > 0));
    for (size_t i = 0; i < d.n; i++) {
        check(!d.items[i].source || d.items[i].span.offset <= text.n);
        diag_print(&out, &d.items[i], false);
    }
    buf_clear(&out);
    if (t)
        theme_put_css(&out, t);
    check(str_find(buf_view(&out), STR("<"), 0) == SIZE_MAX &&
          str_find(buf_view(&out), STR("url("), 0) == SIZE_MAX);
    buf_free(&out);
}

static void one_picture(struct arena *a, struct str bytes)
{
    struct picture p, again;
    struct err err = ERR_INIT;
    if (!picture_read(a, bytes, &p, &err))
        return;
    check(p.width <= PICTURE_SIDE_MAX && p.height <= PICTURE_SIDE_MAX);
    check(picture_read(a, p.bytes, &again, &err) && again.width == p.width && again.height == p.height);
    if (p.rgba)
        check(picture_on(a, &p, 0xFFFFFF).n == (size_t)p.width * p.height * 3);
    else
        check(str_eq(again.bytes, p.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "fuzz");
    struct str s = { (const char *)data, size };
    if (size && (data[0] == 0x89 || data[0] == 0xFF))
        one_picture(a, s);
    else
        one_theme(a, s);
    arena_free(a);
    return 0;
}
