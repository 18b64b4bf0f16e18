/* JPEG both ways. Bytes come in, upright RGBA goes out, whatever the file's own colours; a warning
 * of the library means the data is torn and is a failure. Bytes after the end marker are tolerated
 * and never looked at. */
/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

#define JPEG_QUALITY 92

/* A progressive file may repeat the picture in ever new passes; real ones have about ten. */
#define JPEG_MAX_PASSES 100

struct trouble {
    struct jpeg_error_mgr manager; /* first, so that the library's pointer is ours */
    jmp_buf back;
    char why[JMSG_LENGTH_MAX];
};

struct decoding {
    struct jpeg_decompress_struct lib;
    struct trouble trouble;
    struct jpeg_progress_mgr progress;
    struct pixels pixels;
    uint8_t *row; /* owned; one row as the library gives it */
    int orientation;
    int refused; /* the code of a refusal of ours, told apart from the library's */
};

static void on_error(j_common_ptr lib)
{
    struct trouble *t = (struct trouble *)lib->err;
    lib->err->format_message(lib, t->why);
    longjmp(t->back, 1);
}

/* Level -1 is a warning: the data is torn. An unknown JFIF revision harms nothing. */
static void on_message(j_common_ptr lib, int level)
{
    if (level < 0 && lib->err->msg_code != JWRN_JFIF_MAJOR)
        on_error(lib);
}

static void on_pass(j_common_ptr lib)
{
    j_decompress_ptr d = (j_decompress_ptr)lib;
    struct trouble *t = (struct trouble *)lib->err;
    if (d->input_scan_number <= JPEG_MAX_PASSES)
        return;
    snprintf(t->why, sizeof t->why, "more than %d passes over the picture", JPEG_MAX_PASSES);
    longjmp(t->back, 1);
}

static void trouble_init(struct trouble *t)
{
    jpeg_std_error(&t->manager);
    t->manager.error_exit = on_error;
    t->manager.emit_message = on_message;
}

/* ---- reading */

static int find_orientation(const struct jpeg_decompress_struct *lib)
{
    for (jpeg_saved_marker_ptr m = lib->marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length >= 6 &&
            memcmp(m->data, "Exif\0\0", 6) == 0)
            return exif_orientation((struct span){m->data, m->data_length});
    return 1;
}

static bool has_inks(const struct jpeg_decompress_struct *lib)
{
    return lib->jpeg_color_space == JCS_CMYK || lib->jpeg_color_space == JCS_YCCK;
}

/* Cyan, magenta, yellow and black to RGB; programs that leave Adobe's marker store the inks
 * inverted. */
HOT_LOOP static void spread_inks(uint8_t *restrict to, const uint8_t *restrict row, size_t width,
                                 bool inverted)
{
    unsigned flip = inverted ? 0 : 255;
    for (size_t x = 0; x < width; x++) {
        unsigned black = row[x * 4 + 3] ^ flip;
        for (size_t c = 0; c < 3; c++)
            to[x * 4 + c] = (uint8_t)(((row[x * 4 + c] ^ flip) * black + 127) / 255);
        to[x * 4 + 3] = 255;
    }
}

HOT_LOOP static void spread_rgb(uint8_t *restrict to, const uint8_t *restrict row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        to[x * 4] = row[x * 3];
        to[x * 4 + 1] = row[x * 3 + 1];
        to[x * 4 + 2] = row[x * 3 + 2];
        to[x * 4 + 3] = 255;
    }
}

static void decode_rows(struct decoding *d)
{
    struct jpeg_decompress_struct *lib = &d->lib;
    size_t width = lib->output_width;
    while (lib->output_scanline < lib->output_height) {
        uint8_t *to = d->pixels.data + (size_t)lib->output_scanline * width * 4;
        jpeg_read_scanlines(lib, &d->row, 1);
        if (lib->out_color_space == JCS_CMYK)
            spread_inks(to, d->row, width, lib->saw_Adobe_marker);
        else
            spread_rgb(to, d->row, width);
    }
    jpeg_finish_decompress(lib);
}

static void decode(struct decoding *d, struct span file, struct err *e)
{
    struct jpeg_decompress_struct *lib = &d->lib;
    jpeg_create_decompress(lib);
    jpeg_mem_src(lib, file.data, file.len);
    jpeg_save_markers(lib, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(lib, TRUE);
    d->refused = pixels_check_size(lib->image_width, lib->image_height, e);
    if (d->refused)
        return;
    d->progress.progress_monitor = on_pass;
    lib->progress = &d->progress;
    lib->out_color_space = has_inks(lib) ? JCS_CMYK : JCS_RGB;
    d->orientation = find_orientation(lib);
    jpeg_start_decompress(lib);
    d->pixels = (struct pixels){
        .width = (int)lib->output_width, .height = (int)lib->output_height, .opaque = true};
    d->pixels.data = mem_alloc((size_t)lib->output_width * lib->output_height * 4);
    d->row = mem_alloc((size_t)lib->output_width * 4);
    decode_rows(d);
}

int jpeg_read(struct span file, struct pixels *ret_pixels, struct err *e)
{
    struct decoding *d = mem_alloc(sizeof *d);
    int rc = 0;
    trouble_init(&d->trouble);
    d->lib.err = &d->trouble.manager;
    if (setjmp(d->trouble.back))
        rc = err_set(e, ERR_INPUT, "the JPEG is torn or damaged (%s); copy it again",
                     d->trouble.why);
    else
        decode(d, file, e);
    jpeg_destroy_decompress(&d->lib);
    free(d->row);
    if (!rc && d->refused) {
        rc = d->refused;
        err_prefix(e, "the JPEG's header says");
    }
    if (rc) {
        pixels_finish(&d->pixels);
    } else {
        pixels_orient(&d->pixels, d->orientation);
        *ret_pixels = d->pixels;
    }
    free(d);
    return rc;
}

/* ---- writing */

/* A row as RGB; what is transparent shows white. */
static void flatten_row(uint8_t *to, const uint8_t *row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        unsigned alpha = row[x * 4 + 3];
        for (size_t c = 0; c < 3; c++)
            to[x * 3 + c] = (uint8_t)((row[x * 4 + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

struct encoding {
    struct jpeg_compress_struct lib;
    struct trouble trouble;
    unsigned char *out; /* the library's malloc */
    unsigned long out_len;
    uint8_t *row; /* owned */
};

static void encode(struct encoding *c, const struct pixels *p)
{
    struct jpeg_compress_struct *lib = &c->lib;
    jpeg_create_compress(lib);
    jpeg_mem_dest(lib, &c->out, &c->out_len);
    lib->image_width = (JDIMENSION)p->width;
    lib->image_height = (JDIMENSION)p->height;
    lib->input_components = 3;
    lib->in_color_space = JCS_RGB;
    jpeg_set_defaults(lib);
    jpeg_set_quality(lib, JPEG_QUALITY, TRUE);
    lib->optimize_coding = TRUE;
    for (int i = 0; i < lib->num_components;
         i++) /* colour at full size: lettering and edges stay clean */
        lib->comp_info[i].h_samp_factor = lib->comp_info[i].v_samp_factor = 1;
    c->row = mem_alloc((size_t)p->width * 3);
    jpeg_start_compress(lib, TRUE);
    while (lib->next_scanline < lib->image_height) {
        flatten_row(c->row, p->data + (size_t)lib->next_scanline * (size_t)p->width * 4,
                    (size_t)p->width);
        jpeg_write_scanlines(lib, &c->row, 1);
    }
    jpeg_finish_compress(lib);
}

int jpeg_write(const struct pixels *p, struct encoded *ret_out, struct err *e)
{
    struct encoding *c = mem_alloc(sizeof *c);
    int rc = 0;
    trouble_init(&c->trouble);
    c->lib.err = &c->trouble.manager;
    if (setjmp(c->trouble.back)) {
        rc = err_set(e, ERR_IO, "the JPEG cannot be encoded (%s)", c->trouble.why);
        free(c->out);
    } else {
        encode(c, p);
        *ret_out = (struct encoded){c->out, c->out_len};
    }
    jpeg_destroy_compress(&c->lib);
    free(c->row);
    free(c);
    return rc;
}
