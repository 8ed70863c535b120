/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture of a theme: a PNG or JPEG file of a stranger, as bytes of our own.
 *
 * PNG is decoded by libpng and written again, so nothing but its pixels survives. Of JPEG the segments that a picture needs are
 * kept, checked for their lengths; the coded pixels are passed on as they are.
 */
#ifndef HB_REPORT_PICTURE_H
#define HB_REPORT_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"

enum { PICTURE_SIDE_MAX = 2000, PICTURE_FILE_MAX = 1 << 20 };

struct picture {
    uint32_t width, height;
    unsigned channels;         /* JPEG: 1 grey, 3 colours */
    const unsigned char *rgba; /* PNG: four bytes a pixel; NULL for JPEG */
    struct str bytes;          /* the file for a page: PNG or JPEG */
};

/* False (ERR_USAGE): not a PNG or JPEG, damaged, or more than PICTURE_SIDE_MAX a side. */
bool picture_read(struct arena *a, struct str file, struct picture *out, struct err *err);
/* PNG only: its pixels on a ground of that colour, three bytes each. */
struct str picture_on(struct arena *a, const struct picture *p, uint32_t ground);

#endif
