/* The rarer forms of PNG (palette, 16 bits, few bits, interlaced, a transparent colour): checked
 * chunks come in, pixels go out. libpng does the reading; a warning from it is a failure like an
 * error. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_slow.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct reading {
    jmp_buf back;
    struct span bare;
    size_t at;
    char why[160];
    png_structp png;
    png_infop info;
    struct pixels pixels;
    uint8_t **rows; /* owned list of places in pixels */
};

static void on_trouble(png_structp png, png_const_charp why)
{
    struct reading *r = png_get_error_ptr(png);
    snprintf(r->why, sizeof r->why, "%s", why);
    longjmp(r->back, 1);
}

static void give_bytes(png_structp png, png_bytep to, size_t len)
{
    struct reading *r = png_get_io_ptr(png);
    if (len > r->bare.len - r->at)
        png_error(png, "ends too early");
    memcpy(to, r->bare.data + r->at, len);
    r->at += len;
}

/* Whatever the file holds becomes 8-bit RGBA; sixteen bits are rounded, not cut. */
static void ask_rgba(struct reading *r)
{
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_filler(r->png, 255, PNG_FILLER_AFTER);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

static void read_all(struct reading *r)
{
    png_set_read_fn(r->png, r, give_bytes);
    png_set_user_limits(r->png, PICTURE_MAX_SIDE, PICTURE_MAX_SIDE);
    png_read_info(r->png, r->info);
    ask_rgba(r);
    int width = (int)png_get_image_width(r->png, r->info),
        height = (int)png_get_image_height(r->png, r->info);
    if (png_get_rowbytes(r->png, r->info) != (size_t)width * 4)
        png_error(r->png, "its rows have an unexpected form");
    r->pixels = (struct pixels){.width = width, .height = height};
    r->pixels.data = mem_alloc((size_t)width * (size_t)height * 4);
    r->rows = mem_grow(NULL, (size_t)height, sizeof *r->rows);
    for (int y = 0; y < height; y++)
        r->rows[y] = r->pixels.data + (size_t)y * (size_t)width * 4;
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
}

/* False when libpng complained; the reason is in why. */
static bool read_guarded(struct reading *r)
{
    if (setjmp(r->back))
        return false;
    read_all(r);
    return true;
}

int png_slow_read(struct span bare, struct pixels *ret_pixels, struct err *e)
{
    int rc = 0;
    struct reading *r = mem_alloc(sizeof *r);
    r->bare = bare;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_trouble, on_trouble);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    if (!r->info) {
        rc = err_set(e, ERR_IO, "no memory to read the PNG");
    } else if (!read_guarded(r)) {
        rc = err_set(e, ERR_INPUT, "the PNG cannot be decoded (%s); it is damaged", r->why);
        pixels_finish(&r->pixels);
    } else {
        pixels_look_opaque(&r->pixels);
        *ret_pixels = r->pixels;
    }
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->rows);
    free(r);
    return rc;
}
