/* What a file is, told by its bytes: each format whole, cut at every byte, and hostile. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "intake/make.h"
#include "intake/sniff.h"

static struct sniffed sniffed(const void *bytes, size_t n, const char *name)
{
    struct sniff_from from = {.fd = -1, .bytes = bytes, .len = n};
    struct sniffed s;
    sniff(&from, name, &s);
    return s;
}

static void test_kinds_are_told_by_content(void **state)
{
    static const struct {
        const char *bytes, *name;
        enum media media;
    } cases[] = {
        {"{\"a\":1}", "x.txt", MEDIA_JSON},      {" \n\t[1]", NULL, MEDIA_JSON},
        {"\xef\xbb\xbf{}", NULL, MEDIA_JSON},    {"// note\n{}", "x.json", MEDIA_JSON},
        {"plain words", "x.json", MEDIA_JSON},   {"plain words", "x.png", MEDIA_TEXT},
        {"caf\xc3\xa9\r\n", NULL, MEDIA_TEXT},   {"bell\a", NULL, MEDIA_OTHER},
        {"\xff\xfe\xff\xfe", NULL, MEDIA_OTHER}, {"", NULL, MEDIA_EMPTY},
    };
    static const char wide[] = "\xff\xfe{\0\"\0";
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(sniffed(cases[i].bytes, strlen(cases[i].bytes), cases[i].name).media,
                         cases[i].media);
    assert_int_equal(sniffed(wide, 6, NULL).media, MEDIA_JSON);
}

static void assert_whole(struct bytes o, enum media media, int width, int height)
{
    struct sniffed s = sniffed(o.b, o.n, NULL);
    assert_string_equal(s.why, "");
    assert_int_equal(s.media, media);
    assert_true(s.complete);
    assert_int_equal(s.width, width);
    assert_int_equal(s.height, height);
}

static void test_each_whole_format_tells_its_size(void **state)
{
    (void)state;
    assert_whole(make_png(640, 480), MEDIA_PNG, 640, 480);
    assert_whole(make_jpeg(640, 480), MEDIA_JPEG, 640, 480);
    assert_whole(make_webp(640, 480), MEDIA_WEBP, 640, 480);
    assert_whole(make_zip(), MEDIA_ZIP, 0, 0);
    assert_whole(make_mp4(1), MEDIA_MP4, 0, 0);
}

/* Every length short of the whole that still shows its kind must be incomplete, and none may crash.
 */
static void assert_cuts_are_seen(struct bytes o, size_t from)
{
    for (size_t n = 0; n < o.n; n++) {
        struct sniffed s = sniffed(o.b, n, NULL);
        if (n >= from && s.complete)
            fail_msg("%s is called whole at %zu of %zu bytes", media_word(s.media), n, o.n);
    }
}

static void test_every_cut_is_seen(void **state)
{
    (void)state;
    assert_cuts_are_seen(make_png(64, 64), 8);
    assert_cuts_are_seen(make_jpeg(64, 64), 3);
    assert_cuts_are_seen(make_webp(64, 64), 12);
    assert_cuts_are_seen(make_mp4(1), 12);
    assert_cuts_are_seen(make_zip(), 4);
}

static void test_a_film_without_its_index_is_still_arriving(void **state)
{
    struct bytes o = make_mp4(0);
    (void)state;
    assert_false(sniffed(o.b, o.n, NULL).complete);
}

static void test_webp_tells_how_much_has_arrived(void **state)
{
    struct bytes o = make_webp(64, 64);
    (void)state;
    assert_int_equal(sniffed(o.b, 30, NULL).percent, 30 * 100 / 34);
}

static void test_bytes_after_the_end_are_a_remark(void **state)
{
    struct bytes png = make_png(64, 64), jpeg = make_jpeg(64, 64);
    struct sniffed s;
    (void)state;
    put(&png, "tail", 4);
    put(&jpeg, "tail", 4);
    s = sniffed(png.b, png.n, NULL);
    assert_true(s.complete && str_starts(s.why, "IMAGE_TAIL 4 bytes"));
    s = sniffed(jpeg.b, jpeg.n, NULL);
    assert_true(s.complete && str_starts(s.why, "IMAGE_TAIL 4 bytes"));
}

static void assert_refused(struct bytes o, const char *code)
{
    struct sniffed s = sniffed(o.b, o.n, NULL);
    assert_true(s.complete);
    if (!str_starts(s.why, code))
        fail_msg("%s instead of %s", s.why, code);
}

static void test_claims_no_worker_would_take_are_refused(void **state)
{
    struct bytes o;
    (void)state;
    assert_refused(make_png(1000000, 1000000), "IMAGE_SIZE ");
    assert_refused(make_png(16384, 16384), "IMAGE_SIZE ");
    assert_refused(make_png(0, 10), "IMAGE_CORRUPT ");
    assert_refused(make_jpeg(65535, 10), "IMAGE_SIZE ");
    o = make_png(10, 10);
    o.b[17] ^= 1; /* width, against the CRC */
    assert_refused(o, "IMAGE_CORRUPT ");
    o = make_png(10, 10);
    o.b[33] = 0xff; /* a chunk of four thousand million bytes */
    assert_refused(o, "IMAGE_CORRUPT ");
    o = make_jpeg(10, 10);
    o.b[20] = 0;
    assert_refused(o, "IMAGE_CORRUPT no marker");
}

static void test_a_picture_of_endless_or_huge_chunks_is_refused(void **state)
{
    enum { CHUNKS = 60000 };
    struct bytes head = make_png(10, 10), o = {.n = 0};
    unsigned char *bytes = calloc(CHUNKS + 3, 12);
    struct sniffed s;
    size_t n = 33;
    (void)state;
    memcpy(bytes, head.b, n);
    for (int i = 0; i < CHUNKS; i++, n += 12)
        memcpy(bytes + n + 4, "tEXt", 4);
    s = sniffed(bytes, n, NULL);
    assert_true(s.complete && str_starts(s.why, "IMAGE_CORRUPT more than"));
    free(bytes);
    put(&o, head.b, 33);
    put(&o, "\0\x90\0\0zTXt", 8); /* nine million bytes of text */
    s = sniffed(o.b, o.n, NULL);
    assert_true(s.complete && str_starts(s.why, "IMAGE_CORRUPT a zTXt chunk"));
}

static void test_an_end_marker_in_a_thumbnail_is_no_end(void **state)
{
    static const unsigned char with_thumbnail[] = "\xff\xd8\xff\xe1\0\x06\xff\xd8\xff\xd9"
                                                  "\xff\xc0\0\x08\x08\0\x10\0\x10\1"
                                                  "\xff\xda\0\x02 coded";
    struct sniffed s = sniffed(with_thumbnail, sizeof with_thumbnail - 1, NULL);
    (void)state;
    assert_int_equal(s.width, 16);
    assert_false(s.complete);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_are_told_by_content),
        cmocka_unit_test(test_each_whole_format_tells_its_size),
        cmocka_unit_test(test_every_cut_is_seen),
        cmocka_unit_test(test_a_film_without_its_index_is_still_arriving),
        cmocka_unit_test(test_webp_tells_how_much_has_arrived),
        cmocka_unit_test(test_bytes_after_the_end_are_a_remark),
        cmocka_unit_test(test_claims_no_worker_would_take_are_refused),
        cmocka_unit_test(test_a_picture_of_endless_or_huge_chunks_is_refused),
        cmocka_unit_test(test_an_end_marker_in_a_thumbnail_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
