/* JPEG: upright and in RGB whatever the camera or the printer made of it; torn files are refused.
 */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include <jpeglib.h>

#include "picture/made.h"

/* A JPEG of flat or given samples, written by the library with whatever the test wants in it. */
struct wish {
    int width, height, parts; /* samples a pixel */
    J_COLOR_SPACE from, as;
    const uint8_t *samples; /* whole picture */
    const uint8_t *app1;
    size_t app1_len;
    const jpeg_scan_info *passes; /* of a progressive file */
    int passes_n;
};

static char *jpeg_bytes(const struct wish *w, size_t *ret_len)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr err;
    unsigned char *out = NULL;
    unsigned long len = 0;
    c.err = jpeg_std_error(&err);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, &len);
    c.image_width = (JDIMENSION)w->width, c.image_height = (JDIMENSION)w->height;
    c.input_components = w->parts, c.in_color_space = w->from;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, w->as);
    jpeg_set_quality(&c, 98, TRUE);
    c.scan_info = w->passes;
    c.num_scans = w->passes_n;
    jpeg_start_compress(&c, TRUE);
    if (w->app1)
        jpeg_write_marker(&c, JPEG_APP0 + 1, w->app1, (unsigned)w->app1_len);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(w->samples + (size_t)c.next_scanline *
                                                              (size_t)(w->width * w->parts));
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    *ret_len = len;
    return (char *)out;
}

/* 32 x 16, left half red, right half blue. */
static uint8_t *two_halves(void)
{
    uint8_t *rgb = mem_alloc(32 * 16 * 3);
    for (int i = 0; i < 32 * 16; i++)
        rgb[i * 3 + (i % 32 < 16 ? 0 : 2)] = 255;
    return rgb;
}

static bool is_colour(const struct pixels *p, int x, int y, int r, int g, int b)
{
    const uint8_t *at = p->data + ((size_t)y * (size_t)p->width + (size_t)x) * 4;
    return abs(at[0] - r) < 12 && abs(at[1] - g) < 12 && abs(at[2] - b) < 12 && at[3] == 255;
}

/* An EXIF block naming one orientation, in either byte order. */
static void exif_block(uint8_t block[32], int orientation, bool big)
{
    static const uint8_t intel[] = "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\0\0\0\0";
    static const uint8_t motorola[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0";
    memset(block, 0, 32);
    memcpy(block, big ? motorola : intel, 28);
    block[big ? 25 : 24] = (uint8_t)orientation;
}

static void test_the_eight_positions_of_a_camera_are_turned_upright(void **state)
{
    /* where red lies after turning: left, right, right, left, top, top, bottom, bottom */
    static const char where[] = "lrrlttbb";
    uint8_t *rgb = two_halves();
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int big = 0; big < 2; big++) {
            uint8_t block[32];
            size_t len;
            struct pixels p = {0};
            exif_block(block, orientation, big);
            struct wish w = {32, 16, 3, JCS_RGB, JCS_YCbCr, rgb, block, 32, NULL, 0};
            char *bytes = jpeg_bytes(&w, &len);
            made_file(made_path(state, "turn.jpg"), bytes, len);
            free(bytes);
            assert_int_equal(picture_read(made_path(state, "turn.jpg"), &p, NULL), 0);
            assert_int_equal(p.width, orientation < 5 ? 32 : 16);
            int x = where[orientation - 1] == 'r' ? p.width - 4 : 4;
            int y = where[orientation - 1] == 'b' ? p.height - 4 : 4;
            assert_true(is_colour(&p, x, y, 254, 0, 0));
            assert_true(is_colour(&p, p.width - 1 - x, p.height - 1 - y, 0, 0, 254));
            assert_true(p.opaque);
            pixels_finish(&p);
        }
    free(rgb);
}

static void test_an_exif_block_without_sense_leaves_the_picture_upright(void **state)
{
    uint8_t *rgb = two_halves(), block[32];
    for (int i = 0; i < 32; i++) {
        size_t len;
        struct pixels p = {0};
        exif_block(block, 9, i % 2);
        block[6 + i % 26] ^= 0xff;
        struct wish w = {32, 16, 3, JCS_RGB, JCS_YCbCr, rgb, block, i < 16 ? 32 : 20, NULL, 0};
        char *bytes = jpeg_bytes(&w, &len);
        made_file(made_path(state, "odd.jpg"), bytes, len);
        free(bytes);
        assert_int_equal(picture_read(made_path(state, "odd.jpg"), &p, NULL), 0);
        assert_int_equal(p.width, 32);
        pixels_finish(&p);
    }
    free(rgb);
}

static void test_printers_inks_become_rgb(void **state)
{
    uint8_t inks[8 * 8 * 4];
    for (int as = 0; as < 2; as++) {
        size_t len;
        struct pixels p = {0};
        for (int i = 0; i < 8 * 8;
             i++) /* the library leaves Adobe's marker, so inks are stored inverted */
            memcpy(inks + i * 4, "\377\200\0\377", 4);
        struct wish w = {8, 8, 4, JCS_CMYK, as ? JCS_YCCK : JCS_CMYK, inks, NULL, 0, NULL, 0};
        char *bytes = jpeg_bytes(&w, &len);
        made_file(made_path(state, "inks.jpg"), bytes, len);
        free(bytes);
        assert_int_equal(picture_read(made_path(state, "inks.jpg"), &p, NULL), 0);
        assert_true(is_colour(&p, 4, 4, 255, 128, 0));
        pixels_finish(&p);
    }
}

static void test_grey_and_progressive_files_are_read(void **state)
{
    uint8_t grey[64];
    memset(grey, 77, sizeof grey);
    size_t len;
    struct pixels p = {0};
    static const jpeg_scan_info passes[2] = {{.comps_in_scan = 1},
                                             {.comps_in_scan = 1, .Ss = 1, .Se = 63}};
    struct wish w = {8, 8, 1, JCS_GRAYSCALE, JCS_GRAYSCALE, grey, NULL, 0, passes, 2};
    char *bytes = jpeg_bytes(&w, &len);
    made_file(made_path(state, "grey.jpg"), bytes, len);
    free(bytes);
    assert_int_equal(picture_read(made_path(state, "grey.jpg"), &p, NULL), 0);
    assert_true(is_colour(&p, 3, 3, 77, 77, 77));
    pixels_finish(&p);
}

static char *photo_bytes(void **state, size_t *ret_len)
{
    struct pixels p = made_photo(80, 60, 10, true);
    assert_int_equal(picture_write(made_path(state, "photo.jpg"), "jpg", &p, NULL, NULL), 0);
    pixels_finish(&p);
    return made_bytes(made_path(state, "photo.jpg"), ret_len);
}

static void test_a_jpeg_cut_by_one_byte_or_more_is_refused(void **state)
{
    size_t len;
    char *bytes = photo_bytes(state, &len);
    for (size_t n = 3; n<len; n += n> len - 40 ? 1 : 61) {
        struct pixels p = {0};
        struct err e = {0};
        made_file(made_path(state, "cut.jpg"), bytes, n);
        assert_int_equal(picture_read(made_path(state, "cut.jpg"), &p, &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "cut.jpg: the JPEG is torn"));
        assert_null(p.data);
    }
    free(bytes);
}

static void test_bytes_after_the_end_marker_are_tolerated(void **state)
{
    size_t len;
    char *bytes = photo_bytes(state, &len), *longer = mem_alloc(len + 500);
    struct pixels p = {0};
    memcpy(longer, bytes, len);
    memset(longer + len, 'x', 500);
    made_file(made_path(state, "tail.jpg"), longer, len + 500);
    assert_int_equal(picture_read(made_path(state, "tail.jpg"), &p, NULL), 0);
    pixels_finish(&p);
    free(longer);
    free(bytes);
}

static void test_a_header_of_a_giant_is_refused_before_memory_is_taken(void **state)
{
    size_t len;
    char *bytes = photo_bytes(state, &len);
    struct pixels p = {0};
    struct err e = {0};
    char *frame = memmem(bytes, len, "\xff\xc0", 2);
    memcpy(frame + 5, "\x7f\xff\x7f\xff", 4);
    made_file(made_path(state, "giant.jpg"), bytes, len);
    assert_int_equal(picture_read(made_path(state, "giant.jpg"), &p, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "32767"));
    free(bytes);
}

static void test_endless_passes_are_refused(void **state)
{
    uint8_t grey[64] = {0};
    size_t len;
    jpeg_scan_info passes[127] = {{.comps_in_scan = 1}};
    struct pixels p = {0};
    struct err e = {0};
    for (int i = 1; i < 127; i++) { /* each of 63 frequencies in two passes of its own */
        int k = (i - 1) % 63 + 1, first = i <= 63;
        passes[i] = (jpeg_scan_info){
            .comps_in_scan = 1, .Ss = k, .Se = k, .Ah = first ? 0 : 1, .Al = first ? 1 : 0};
    }
    struct wish w = {8, 8, 1, JCS_GRAYSCALE, JCS_GRAYSCALE, grey, NULL, 0, passes, 127};
    char *bytes = jpeg_bytes(&w, &len);
    made_file(made_path(state, "passes.jpg"), bytes, len);
    free(bytes);
    assert_int_equal(picture_read(made_path(state, "passes.jpg"), &p, &e), ERR_INPUT);
    assert_non_null(strstr(e.text, "more than 100 passes"));
}

static void test_what_is_written_is_near_and_the_same_each_time(void **state)
{
    struct pixels p = made_photo(120, 90, 4, true), back = {0};
    size_t n[2];
    char *bytes[2];
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(picture_write(made_path(state, "w.jpg"), "jpg", &p, NULL, NULL), 0);
        bytes[i] = made_bytes(made_path(state, "w.jpg"), &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    assert_int_equal(picture_read(made_path(state, "w.jpg"), &back, NULL), 0);
    for (size_t i = 0; i < (size_t)120 * 90 * 4; i++)
        sum += (p.data[i] - back.data[i]) * (p.data[i] - back.data[i]);
    assert_true(sum / (120 * 90 * 4) < 30); /* PSNR above 33 dB */
    free(bytes[0]);
    free(bytes[1]);
    pixels_finish(&back);
    pixels_finish(&p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_the_eight_positions_of_a_camera_are_turned_upright),
        T(test_an_exif_block_without_sense_leaves_the_picture_upright),
        T(test_printers_inks_become_rgb),
        T(test_grey_and_progressive_files_are_read),
        T(test_a_jpeg_cut_by_one_byte_or_more_is_refused),
        T(test_bytes_after_the_end_marker_are_tolerated),
        T(test_a_header_of_a_giant_is_refused_before_memory_is_taken),
        T(test_endless_passes_are_refused),
        T(test_what_is_written_is_near_and_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
