/* PNG files that are fine: every form reads as the pixels it means, what is written reads back the
 * same, and the same pixels give the same bytes. libpng is the judge. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <png.h>

#include "base/json.h"
#include "picture/made.h"

/* libpng's own reading of a file as RGBA. */
static struct pixels judge(const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    struct pixels p = {0};
    assert_true(png_image_begin_read_from_file(&image, path));
    image.format = PNG_FORMAT_RGBA;
    p.width = (int)image.width, p.height = (int)image.height;
    p.data = mem_alloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, p.data, 0, NULL));
    return p;
}

static void round_trip(void **state, struct pixels p)
{
    const char *path = made_path(state, "trip.png");
    struct pixels back = {0};
    assert_int_equal(picture_write(path, "png", &p, NULL, NULL), 0);
    assert_int_equal(picture_read(path, &back, NULL), 0);
    assert_true(made_same(&p, &back));
    struct pixels judged = judge(path);
    judged.opaque = p.opaque;
    assert_true(made_same(&p, &judged));
    pixels_finish(&judged);
    pixels_finish(&back);
    pixels_finish(&p);
}

static void test_what_is_written_reads_back_the_same(void **state)
{
    static const int sizes[][2] = {{1, 1},   {2, 3},  {5, 1},    {1, 7},
                                   {16, 16}, {17, 5}, {333, 41}, {1024, 9}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int grain = 0; grain <= 60; grain += 30) {
            round_trip(state, made_photo(sizes[i][0], sizes[i][1], grain, true));
            round_trip(state, made_photo(sizes[i][0], sizes[i][1], grain, false));
        }
}

static void test_the_same_pixels_and_tag_give_the_same_bytes(void **state)
{
    struct pixels p = made_photo(300, 200, 25, true);
    cJSON *tag = cJSON_Parse("{\"slated\":\"drop/key\",\"Title\":\"Näher\"}");
    size_t n[2];
    char *bytes[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(picture_write(made_path(state, "same.png"), "png", &p, tag, NULL), 0);
        bytes[i] = made_bytes(made_path(state, "same.png"), &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
    cJSON_Delete(tag);
    pixels_finish(&p);
}

static void test_tags_become_text_chunks_in_their_order(void **state)
{
    struct pixels p = made_photo(3, 3, 0, true), back = {0};
    cJSON *tag = cJSON_Parse("{\"slated\":\"drop/key\",\"Title\":\"N\\u00e4her\"}");
    const char *path = made_path(state, "tag.png");
    size_t len;
    assert_int_equal(picture_write(path, "png", &p, tag, NULL), 0);
    char *bytes = made_bytes(path, &len);
    char *plain = memmem(bytes, len, "tEXtslated\0drop/key", 19);
    char *wide = memmem(bytes, len, "iTXtTitle\0\0\0\0\0N\xc3\xa4her", 20);
    assert_non_null(plain);
    assert_non_null(wide);
    assert_true(plain < wide);
    assert_int_equal(picture_read(path, &back, NULL), 0);
    pixels_finish(&back);
    free(bytes);
    cJSON_Delete(tag);
    pixels_finish(&p);
}

static void test_a_tag_png_cannot_hold_is_refused(void **state)
{
    static const char *const tags[] = {"{\"\":\"x\"}", "{\" a\":\"x\"}", "{\"a\\nb\":\"x\"}",
                                       "{\"a\":5}", "{\"n\\u00e4\":\"x\"}"};
    struct pixels p = made_photo(3, 3, 0, true);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        cJSON *tag = cJSON_Parse(tags[i]);
        assert_int_equal(picture_write(made_path(state, "tag.png"), "png", &p, tag, NULL),
                         ERR_INPUT);
        assert_false(file_exists(made_path(state, "tag.png")));
        cJSON_Delete(tag);
    }
    pixels_finish(&p);
}

/* One picture of each filter in each width of pixel, rows random: the file is valid whatever the
 * bytes are. */
static void test_every_filter_reads_as_libpng_reads_it(void **state)
{
    static const struct {
        int colour, wide;
    } forms[] = {{0, 1}, {2, 3}, {6, 4}};
    uint32_t seed = 5;
    for (size_t f = 0; f < 3; f++)
        for (int filter = 0; filter < 5; filter++) {
            int width = 37, height = 11, row = 1 + width * forms[f].wide;
            uint8_t *rows = mem_alloc((size_t)(row * height));
            struct buf b;
            struct pixels p = {0};
            for (int i = 0; i < row * height; i++)
                rows[i] = i % row ? (uint8_t)made_random(&seed) : (uint8_t)filter;
            made_header(&b, (uint32_t)width, (uint32_t)height, 8, forms[f].colour, 0);
            made_rows(&b, rows, (size_t)(row * height));
            made_end(&b);
            made_save(&b, made_path(state, "f.png"));
            assert_int_equal(picture_read(made_path(state, "f.png"), &p, NULL), 0);
            struct pixels judged = judge(made_path(state, "f.png"));
            judged.opaque = p.opaque;
            assert_int_equal(p.opaque, forms[f].wide != 4);
            assert_true(made_same(&p, &judged));
            pixels_finish(&judged);
            pixels_finish(&p);
            free(rows);
        }
}

static void test_rows_spread_over_many_chunks_are_joined(void **state)
{
    struct pixels p = made_photo(64, 64, 30, true), back = {0};
    size_t len;
    assert_int_equal(picture_write(made_path(state, "one.png"), "png", &p, NULL, NULL), 0);
    char *bytes = made_bytes(made_path(state, "one.png"), &len);
    char *idat = memmem(bytes, len, "IDAT", 4);
    size_t body = len - 12 - 4 - (size_t)(idat + 4 - bytes);
    struct buf b;
    made_header(&b, 64, 64, 8, 2, 0);
    for (size_t at = 0; at < body; at += 100)
        made_chunk(&b, "IDAT", idat + 4 + at, body - at < 100 ? body - at : 100);
    made_end(&b);
    made_save(&b, made_path(state, "many.png"));
    assert_int_equal(picture_read(made_path(state, "many.png"), &back, NULL), 0);
    assert_true(made_same(&p, &back));
    pixels_finish(&back);
    pixels_finish(&p);
    free(bytes);
}

static void reads_as(void **state, struct buf *b, const uint8_t *rgba, int pixels, bool opaque)
{
    struct pixels p = {0};
    struct err e = {0};
    made_end(b);
    made_save(b, made_path(state, "rare.png"));
    if (picture_read(made_path(state, "rare.png"), &p, &e))
        fail_msg("%s", e.text);
    assert_int_equal(p.width * p.height, pixels);
    assert_int_equal(p.opaque, opaque);
    assert_memory_equal(p.data, rgba, (size_t)pixels * 4);
    pixels_finish(&p);
}

static void test_rare_forms_read_as_what_they_mean(void **state)
{
    struct buf b;
    made_header(&b, 2, 1, 8, 3, 0);
    made_chunk(&b, "PLTE", "\1\2\3\4\5\6", 6);
    made_chunk(&b, "tRNS", "\200", 1);
    made_rows(&b, "\0\0\1", 3);
    reads_as(state, &b, (const uint8_t *)"\1\2\3\200\4\5\6\377", 2, false);
    made_header(&b, 8, 1, 1, 0, 0);
    made_rows(&b, "\0\252", 2);
    reads_as(state, &b,
             (const uint8_t *)"\377\377\377\377\0\0\0\377\377\377\377\377\0\0\0\377\377\377\377\377"
                              "\0\0\0\377\377\377\377\377\0\0\0\377",
             8, true);
    made_header(&b, 1, 1, 16, 2, 0);
    made_rows(&b, "\0\200\0\377\377\0\0", 7);
    reads_as(state, &b, (const uint8_t *)"\200\377\0\377", 1, true);
    made_header(&b, 1, 1, 8, 4, 0);
    made_rows(&b, "\0\144\11", 3);
    reads_as(state, &b, (const uint8_t *)"\144\144\144\11", 1, false);
    made_header(&b, 1, 1, 8, 2, 0);
    made_chunk(&b, "tRNS", "\0\1\0\2\0\3", 6);
    made_rows(&b, "\0\1\2\3", 4);
    reads_as(state, &b, (const uint8_t *)"\1\2\3\0", 1, false);
}

static void test_an_interlaced_picture_reads_whole(void **state)
{
    struct pixels p = made_photo(19, 13, 40, true), back = {0};
    const char *path = made_path(state, "lace.png");
    FILE *f = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, f);
    png_set_IHDR(png, info, 19, 13, 8, PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_ADAM7, 0, 0);
    png_write_info(png, info);
    uint8_t *rows[13];
    for (int y = 0; y < 13; y++)
        rows[y] = p.data + (size_t)y * 19 * 4;
    png_write_image(png, rows);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(f);
    assert_int_equal(picture_read(path, &back, NULL), 0);
    assert_true(made_same(&p, &back));
    pixels_finish(&back);
    pixels_finish(&p);
}

static void test_a_photograph_is_hardly_larger_than_libpng_makes_it(void **state)
{
    struct pixels p = made_photo(488, 892, 12, true);
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = 488, .height = 892, .format = PNG_FORMAT_RGB};
    uint8_t *rgb = mem_alloc((size_t)488 * 892 * 3);
    size_t ours, theirs;
    for (size_t i = 0; i < (size_t)488 * 892; i++)
        memcpy(rgb + i * 3, p.data + i * 4, 3);
    assert_true(png_image_write_to_file(&image, made_path(state, "theirs.png"), 0, rgb, 0, NULL));
    assert_int_equal(picture_write(made_path(state, "ours.png"), "png", &p, NULL, NULL), 0);
    free(made_bytes(made_path(state, "ours.png"), &ours));
    free(made_bytes(made_path(state, "theirs.png"), &theirs));
    assert_true(ours * 10 < theirs * 11);
    free(rgb);
    pixels_finish(&p);
}

static void test_a_drawing_is_packed_as_a_drawing(void **state)
{
    struct pixels p = {.width = 1024, .height = 1024, .opaque = true};
    size_t len;
    p.data = mem_alloc((size_t)1024 * 1024 * 4);
    memset(p.data, 255, (size_t)1024 * 1024 * 4);
    assert_int_equal(picture_write(made_path(state, "flat.png"), "png", &p, NULL, NULL), 0);
    free(made_bytes(made_path(state, "flat.png"), &len));
    assert_true(len < 32 * 1024);
    pixels_finish(&p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_is_written_reads_back_the_same),
        T(test_the_same_pixels_and_tag_give_the_same_bytes),
        T(test_tags_become_text_chunks_in_their_order),
        T(test_a_tag_png_cannot_hold_is_refused),
        T(test_every_filter_reads_as_libpng_reads_it),
        T(test_rows_spread_over_many_chunks_are_joined),
        T(test_rare_forms_read_as_what_they_mean),
        T(test_an_interlaced_picture_reads_whole),
        T(test_a_photograph_is_hardly_larger_than_libpng_makes_it),
        T(test_a_drawing_is_packed_as_a_drawing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
