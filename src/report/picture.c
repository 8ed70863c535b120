/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG through libpng's simplified interface, whose errors are return values; JPEG segment by segment. The only file that sees
 * png.h.
 */
#include "picture.h"

#include <png.h>
#include <string.h>

static bool too_large(uint32_t w, uint32_t h, struct err *err)
{
    return err_set(err, ERR_USAGE, "the picture is %u by %u pixels; at most %d a side", w, h,
                   PICTURE_SIDE_MAX);
}

/* -- PNG -- */

static bool decode(struct arena *a, png_image *image, struct picture *out, struct err *err)
{
    if (image->width > PICTURE_SIDE_MAX || image->height > PICTURE_SIDE_MAX)
        return too_large(image->width, image->height, err);
    image->format = PNG_FORMAT_RGBA;
    unsigned char *pixels = ARENA_ARRAY(a, PNG_IMAGE_SIZE(*image), unsigned char);
    if (!png_image_finish_read(image, NULL, pixels, 0, NULL))
        return err_set(err, ERR_USAGE, "the PNG file is damaged: %s", image->message);
    out->width = image->width;
    out->height = image->height;
    out->channels = 4;
    out->rgba = pixels;
    return true;
}

static bool encode(struct arena *a, struct picture *p, struct err *err)
{
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = p->width;
    image.height = p->height;
    image.format = PNG_FORMAT_RGBA;
    png_alloc_size_t n = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *bytes = ARENA_ARRAY(a, n, char);
    bool ok = png_image_write_to_memory(&image, bytes, &n, 0, p->rgba, 0, NULL);
    p->bytes = (struct str){ bytes, ok ? (size_t)n : 0 };
    png_image_free(&image);
    return ok || err_set(err, ERR_RUN, "the picture cannot be written: %s", image.message);
}

static bool read_png(struct arena *a, struct str file, struct picture *out, struct err *err)
{
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, file.p, file.n))
        return err_set(err, ERR_USAGE, "the PNG file is damaged: %s", image.message);
    bool ok = decode(a, &image, out, err);
    png_image_free(&image);
    return ok && encode(a, out, err);
}

struct str picture_on(struct arena *a, const struct picture *p, uint32_t ground)
{
    size_t n = (size_t)p->width * p->height;
    unsigned char *rgb = ARENA_ARRAY(a, n * 3, unsigned char);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 3; c++) {
            unsigned alpha = p->rgba[4 * i + 3], under = ground >> (16 - 8 * c) & 255;
            rgb[3 * i + c] = (unsigned char)((p->rgba[4 * i + c] * alpha + under * (255 - alpha) + 127) /
                                             255);
        }
    return (struct str){ (const char *)rgb, n * 3 };
}

/* -- JPEG -- */

struct jpeg {
    const unsigned char *p;
    size_t n, i;
    struct buf out;
    struct picture *picture;
    bool framed, done;
};

static unsigned be16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Baseline, extended and progressive frames of 8 bits, grey or in three colours. */
static bool read_frame(struct jpeg *j, const unsigned char *body, size_t n)
{
    if (j->framed || n < 6 || body[0] != 8 || (body[5] != 1 && body[5] != 3) || n != 6 + 3 * (size_t)body[5])
        return false;
    j->framed = true;
    j->picture->height = be16(body + 1);
    j->picture->width = be16(body + 3);
    j->picture->channels = body[5];
    return j->picture->width && j->picture->height;
}

/* The coded pixels behind a start of scan, up to the next marker that is not part of them. */
static void copy_scan(struct jpeg *j)
{
    size_t from = j->i;
    while (j->i + 1 < j->n) {
        unsigned next = j->p[j->i + 1];
        if (j->p[j->i] == 0xFF && next != 0 && next != 0xFF && !(next >= 0xD0 && next <= 0xD7))
            break;
        j->i++;
    }
    buf_put(&j->out, (const char *)j->p + from, j->i - from);
}

/* One segment; those of applications and comments are left out. False: not a picture that we pass on. */
static bool copy_segment(struct jpeg *j)
{
    if (j->n - j->i < 2 || j->p[j->i] != 0xFF)
        return false;
    unsigned marker = j->p[j->i + 1];
    if (marker == 0xD9) {
        buf_put(&j->out, "\xff\xd9", 2);
        j->done = true;
        return j->framed;
    }
    if (j->n - j->i < 4)
        return false;
    size_t length = be16(j->p + j->i + 2), from = j->i;
    if (length < 2 || j->n - j->i < length + 2)
        return false;
    const unsigned char *body = j->p + from + 4;
    j->i += length + 2;
    bool frame = marker == 0xC0 || marker == 0xC1 || marker == 0xC2;
    bool kept = frame || marker == 0xC4 || marker == 0xDB || marker == 0xDA || marker == 0xDD;
    bool dropped = (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE;
    if ((!kept && !dropped) || (frame && !read_frame(j, body, length - 2)) || (marker == 0xDA && !j->framed))
        return false;
    if (kept)
        buf_put(&j->out, (const char *)j->p + from, length + 2);
    if (marker == 0xDA)
        copy_scan(j);
    return true;
}

static bool read_jpeg(struct arena *a, struct str file, struct picture *out, struct err *err)
{
    struct jpeg j = { .p = (const unsigned char *)file.p, .n = file.n, .i = 2, .picture = out };
    buf_put(&j.out, "\xff\xd8", 2);
    bool ok = true;
    while (ok && !j.done)
        ok = copy_segment(&j);
    out->bytes = buf_to_arena(&j.out, a);
    buf_free(&j.out);
    if (!ok)
        return err_set(err, ERR_USAGE,
                       "the JPEG file is damaged or of a rare kind at byte %zu; save it as plain JPEG or PNG",
                       j.i);
    return (out->width <= PICTURE_SIDE_MAX && out->height <= PICTURE_SIDE_MAX) ||
           too_large(out->width, out->height, err);
}

bool picture_read(struct arena *a, struct str file, struct picture *out, struct err *err)
{
    *out = (struct picture){ 0 };
    if (str_starts(file, STR("\x89PNG\r\n\x1a\n")))
        return read_png(a, file, out, err);
    if (str_starts(file, STR("\xff\xd8\xff")))
        return read_jpeg(a, file, out, err);
    return err_set(err, ERR_USAGE, "neither a PNG nor a JPEG file");
}
