/* PNG files that are damaged, cut, or made to hurt: each is refused with the place and the reason,
 * or read where it does no harm. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "picture/made.h"

static void refused(const char *path, int code, const char *words)
{
    struct pixels p = {0};
    struct err e = {0};
    assert_int_equal(picture_read(path, &p, &e), code);
    assert_null(p.data);
    if (!strstr(e.text, words))
        fail_msg("\"%s\" does not say \"%s\"", e.text, words);
    assert_non_null(strstr(e.text, path_base(path)));
}

/* A small photo written by the room itself, as bytes. */
static char *good_bytes(void **state, size_t *ret_len)
{
    struct pixels p = made_photo(40, 30, 20, true);
    const char *path = made_path(state, "good.png");
    assert_int_equal(picture_write(path, "png", &p, NULL, NULL), 0);
    pixels_finish(&p);
    return made_bytes(path, ret_len);
}

static void test_a_million_by_a_million_is_refused_from_its_header(void **state)
{
    struct buf b;
    made_header(&b, 1000000, 1000000, 8, 2, 0);
    made_rows(&b, "0", 1);
    made_end(&b);
    made_save(&b, made_path(state, "huge.png"));
    refused(made_path(state, "huge.png"), ERR_LIMIT, "1000000 x 1000000");
}

static void
test_a_small_file_that_would_inflate_to_gigabytes_is_refused_from_its_header(void **state)
{
    struct buf b;
    uint8_t *zeros = mem_alloc((size_t)8 << 20);
    made_header(&b, 16000, 60000, 8, 6, 0);
    made_rows(&b, zeros, (size_t)8 << 20);
    made_end(&b);
    made_save(&b, made_path(state, "bomb.png"));
    free(zeros);
    refused(made_path(state, "bomb.png"), ERR_LIMIT, "16000 x 60000");
    made_header(&b, 16000, 16000, 8, 6, 0);
    made_rows(&b, "0", 1);
    made_end(&b);
    made_save(&b, made_path(state, "many.png"));
    refused(made_path(state, "many.png"), ERR_LIMIT, "64 million");
}

static void test_a_picture_of_no_pixels_is_refused(void **state)
{
    struct buf b;
    made_header(&b, 0, 10, 8, 2, 0);
    made_end(&b);
    made_save(&b, made_path(state, "none.png"));
    refused(made_path(state, "none.png"), ERR_INPUT, "nothing in it");
}

static void test_more_rows_than_announced_are_refused(void **state)
{
    struct buf b;
    uint8_t rows[4096] = {0};
    made_header(&b, 10, 10, 8, 2, 0);
    made_rows(&b, rows, sizeof rows);
    made_end(&b);
    made_save(&b, made_path(state, "more.png"));
    refused(made_path(state, "more.png"), ERR_INPUT, "more rows");
    made_header(&b, 100, 100, 8, 2, 0);
    made_rows(&b, rows, sizeof rows);
    made_end(&b);
    made_save(&b, made_path(state, "less.png"));
    refused(made_path(state, "less.png"), ERR_INPUT, "row 13 of 100");
}

static void test_nine_megabytes_of_text_are_refused_by_the_chunks_name(void **state)
{
    struct buf b;
    size_t len = (size_t)9 << 20;
    char *text = mem_alloc(len);
    memset(text, 'a', len);
    memcpy(text, "Comment", 8);
    made_header(&b, 1, 1, 8, 2, 0);
    made_chunk(&b, "tEXt", text, len);
    made_rows(&b, "\0\1\2\3", 4);
    made_end(&b);
    made_save(&b, made_path(state, "text.png"));
    refused(made_path(state, "text.png"), ERR_LIMIT, "tEXt");
    free(text);
}

static void test_a_hundred_thousand_chunks_are_refused(void **state)
{
    struct buf b;
    made_header(&b, 1, 1, 8, 2, 0);
    for (int i = 0; i < 100000; i++)
        made_chunk(&b, "teSt", "", 0);
    made_rows(&b, "\0\1\2\3", 4);
    made_end(&b);
    made_save(&b, made_path(state, "chunks.png"));
    refused(made_path(state, "chunks.png"), ERR_LIMIT, "more than 10000 chunks");
}

static void test_a_bad_crc_is_refused_in_every_chunk(void **state)
{
    struct buf b;
    const char *path = made_path(state, "crc.png");
    static const char *const names[] = {"IHDR", "tIME", "IDAT", "IEND"};
    for (size_t i = 0; i < 4; i++) {
        made_header(&b, 1, 1, 8, 2, 0);
        made_chunk(&b, "tIME", "1234567", 7);
        made_rows(&b, "\0\1\2\3", 4);
        made_end(&b);
        char *type = memmem(b.data, b.len, names[i], 4);
        size_t len = (uint8_t)type[-1];
        type[4 + len] ^= 1;
        made_save(&b, path);
        refused(path, ERR_INPUT, names[i]);
        refused(path, ERR_INPUT, "CRC");
    }
}

static void test_a_missing_end_is_refused(void **state)
{
    size_t len;
    char *bytes = good_bytes(state, &len);
    made_file(made_path(state, "end.png"), bytes, len - 12);
    refused(made_path(state, "end.png"), ERR_INPUT, "IEND");
    free(bytes);
}

static void test_a_png_cut_at_any_byte_is_refused(void **state)
{
    size_t len;
    char *bytes = good_bytes(state, &len);
    const char *path = made_path(state, "cut.png");
    for (size_t n = 4; n < len; n += n < 60 || n > len - 60 ? 1 : 53) {
        struct pixels p = {0};
        struct err e = {0};
        made_file(path, bytes, n);
        assert_int_equal(picture_read(path, &p, &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "cut.png: the PNG"));
    }
    free(bytes);
}

static void test_a_png_with_a_bit_turned_is_refused(void **state)
{
    size_t len;
    char *bytes = good_bytes(state, &len);
    const char *path = made_path(state, "bit.png");
    for (size_t n = 8; n < len; n += 37) {
        struct pixels p = {0};
        bytes[n] ^= 4;
        made_file(path, bytes, len);
        assert_int_not_equal(picture_read(path, &p, NULL), 0);
        bytes[n] ^= 4;
    }
    free(bytes);
}

static void test_bytes_after_the_end_do_no_harm(void **state)
{
    size_t len;
    char *bytes = good_bytes(state, &len), *both = mem_alloc(len + 100);
    struct pixels p = {0};
    memcpy(both, bytes, len);
    memcpy(both + len, "PK\3\4<script>", 12);
    made_file(made_path(state, "poly.png"), both, len + 100);
    assert_int_equal(picture_read(made_path(state, "poly.png"), &p, NULL), 0);
    pixels_finish(&p);
    free(both);
    free(bytes);
}

static void test_an_unknown_filter_is_refused_with_its_row(void **state)
{
    struct buf b;
    made_header(&b, 1, 2, 8, 2, 0);
    made_rows(&b, "\0\1\2\3\7\1\2\3", 8);
    made_end(&b);
    made_save(&b, made_path(state, "filter.png"));
    refused(made_path(state, "filter.png"), ERR_INPUT, "row 1 names filter 7");
}

static void test_forms_that_do_not_exist_are_refused(void **state)
{
    static const int forms[][3] = {{3, 2, 0}, {8, 1, 0}, {16, 3, 0},
                                   {4, 6, 0}, {8, 2, 2}, {0, 0, 0}};
    const char *path = made_path(state, "form.png");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buf b;
        made_header(&b, 4, 4, forms[i][0], forms[i][1], forms[i][2]);
        made_rows(&b, "0000", 4);
        made_end(&b);
        made_save(&b, path);
        refused(path, ERR_INPUT, "a form that does not exist");
    }
}

static void test_a_palette_that_is_missing_or_doubled_is_refused(void **state)
{
    struct buf b;
    made_header(&b, 1, 1, 8, 3, 0);
    made_rows(&b, "\0\0", 2);
    made_end(&b);
    made_save(&b, made_path(state, "nopal.png"));
    refused(made_path(state, "nopal.png"), ERR_INPUT, "no PLTE");
    made_header(&b, 1, 1, 8, 3, 0);
    made_chunk(&b, "PLTE", "abc", 3);
    made_chunk(&b, "PLTE", "abc", 3);
    made_save(&b, made_path(state, "twopal.png"));
    refused(made_path(state, "twopal.png"), ERR_INPUT, "PLTE");
}

static void test_a_torn_picture_of_a_rare_form_is_refused(void **state)
{
    struct buf b;
    made_header(&b, 50, 50, 16, 2, 1);
    made_rows(&b, "\0\1\2\3", 4);
    made_end(&b);
    made_save(&b, made_path(state, "rare.png"));
    refused(made_path(state, "rare.png"), ERR_INPUT, "cannot be decoded");
}

static void test_a_chunk_that_must_be_understood_and_is_not_is_refused(void **state)
{
    struct buf b;
    made_header(&b, 1, 1, 8, 2, 0);
    made_chunk(&b, "CgBI", "0000", 4);
    made_save(&b, made_path(state, "phone.png"));
    refused(made_path(state, "phone.png"), ERR_UNSUPPORTED, "CgBI");
}

static void test_what_is_no_picture_is_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *words;
    } cases[] = {{"", 0, "empty"},
                 {"GIF89a.......", 13, "a GIF"},
                 {"\0\0\0\30ftypmp42", 12, "MP4"},
                 {"PK\3\4........", 12, "a zip"},
                 {"%PDF-1.7....", 12, "a PDF"},
                 {"hello, world", 12, "something else"}};
    const char *path = made_path(state, "shot.webp");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_file(path, cases[i].bytes, cases[i].len);
        refused(path, ERR_UNSUPPORTED, cases[i].words);
    }
}

static void test_a_missing_file_and_a_folder_are_told_apart(void **state)
{
    struct pixels p = {0};
    assert_int_equal(picture_read(made_path(state, "nowhere.png"), &p, NULL), ERR_MISSING);
    assert_int_equal(picture_read(*state, &p, NULL), ERR_KIND);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_million_by_a_million_is_refused_from_its_header),
        T(test_a_small_file_that_would_inflate_to_gigabytes_is_refused_from_its_header),
        T(test_a_picture_of_no_pixels_is_refused),
        T(test_more_rows_than_announced_are_refused),
        T(test_nine_megabytes_of_text_are_refused_by_the_chunks_name),
        T(test_a_hundred_thousand_chunks_are_refused),
        T(test_a_bad_crc_is_refused_in_every_chunk),
        T(test_a_missing_end_is_refused),
        T(test_a_png_cut_at_any_byte_is_refused),
        T(test_a_png_with_a_bit_turned_is_refused),
        T(test_bytes_after_the_end_do_no_harm),
        T(test_an_unknown_filter_is_refused_with_its_row),
        T(test_forms_that_do_not_exist_are_refused),
        T(test_a_palette_that_is_missing_or_doubled_is_refused),
        T(test_a_torn_picture_of_a_rare_form_is_refused),
        T(test_a_chunk_that_must_be_understood_and_is_not_is_refused),
        T(test_what_is_no_picture_is_named),
        T(test_a_missing_file_and_a_folder_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
