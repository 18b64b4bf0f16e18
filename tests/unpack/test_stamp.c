/* What goes out must carry its mark, look the same to the last pixel, and not say where it was
 * taken. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "picture/pixels.h"

#define TOKEN "slb1-abcdefghijklmnopqrstuvwxyz"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/slated-stamp-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static char *at(const char *name)
{
    return mem_printf("%s/%s", dir, name);
}

static void put(const char *name, const void *bytes, size_t len)
{
    char *path = at(name);
    assert_int_equal(file_write(path, bytes, len, false, NULL), 0);
    free(path);
}

static int stamp(const char *from, const char *to, struct err *e)
{
    char *in_path = at(from), *out_path = at(to);
    struct op_file in = {(char *)"refs/01.x", in_path}, out = {(char *)"refs/01.x", out_path};
    cJSON *params = cJSON_CreateObject(), *facts = cJSON_CreateObject();
    json_set_str(params, "token", TOKEN);
    struct op_request r = {
        .op = "stamp", .params = params, .in = &in, .in_n = 1, .out = &out, .out_n = 1};
    int rc = op_stamp(&r, facts, e);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    free(in_path);
    free(out_path);
    return rc;
}

static void get(const char *name, char **ret_bytes, size_t *ret_len)
{
    char *path = at(name);
    assert_int_equal(file_read(path, 1 << 20, ret_bytes, ret_len, NULL), 0);
    free(path);
}

static bool holds(const char *name, const char *text)
{
    char *bytes = NULL;
    size_t len = 0;
    get(name, &bytes, &len);
    bool found = memmem(bytes, len, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

static void make_picture(const char *name, bool opaque)
{
    struct pixels p = {0};
    char *path = at(name);
    assert_int_equal(pixels_init(&p, 37, 21, NULL), 0);
    for (int i = 0; i < 37 * 21 * 4; i++)
        p.data[i] = (uint8_t)(opaque && i % 4 == 3 ? 255 : i * 7 % 251);
    p.opaque = opaque;
    assert_int_equal(picture_write(path, strrchr(path, (int)'.') + 1, &p, NULL, NULL), 0);
    pixels_finish(&p);
    free(path);
}

static void expect_same_pixels(const char *a, const char *b)
{
    struct pixels x = {0}, y = {0};
    char *one = at(a), *other = at(b);
    struct err e = {0};
    assert_int_equal(picture_read(one, &x, &e), 0);
    if (picture_read(other, &y, &e))
        fail_msg("%s", e.text);
    assert_int_equal(x.width, y.width);
    assert_int_equal(x.height, y.height);
    assert_memory_equal(x.data, y.data, (size_t)x.width * (size_t)x.height * 4);
    pixels_finish(&x);
    pixels_finish(&y);
    free(one);
    free(other);
}

static void test_a_mark_changes_no_pixel_of_any_format(void **state)
{
    (void)state;
    static const char *const kinds[] = {"png", "jpg", "webp"};
    for (size_t i = 0; i < 6; i++) {
        char from[16], to[16];
        struct err e = {0};
        snprintf(from, sizeof from, "a%zu.%s", i / 3, kinds[i % 3]);
        snprintf(to, sizeof to, "b%zu.%s", i / 3, kinds[i % 3]);
        make_picture(from, i < 3);
        if (stamp(from, to, &e))
            fail_msg("%s", e.text);
        assert_true(holds(to, TOKEN));
        assert_false(holds(from, TOKEN));
        expect_same_pixels(from, to);
    }
}

static void test_a_second_mark_leaves_one_mark(void **state)
{
    (void)state;
    char *once = NULL, *twice = NULL;
    size_t once_len, twice_len;
    make_picture("a.png", true);
    assert_int_equal(stamp("a.png", "b.png", NULL), 0);
    assert_int_equal(stamp("b.png", "c.png", NULL), 0);
    get("b.png", &once, &once_len);
    get("c.png", &twice, &twice_len);
    assert_int_equal(once_len, twice_len);
    assert_memory_equal(once, twice, once_len);
    free(once);
    free(twice);
}

/* Exif with an orientation and a place, put behind the first segment of a JPEG. */
static void make_placed_jpeg(const char *name)
{
    static const unsigned char exif[] = {
        0xff, 0xe1, 0, 58, 'E',  'x', 'i', 'f', 0,   0,   'I', 'I', 42,  0, 8, 0,
        0,    0,    2, 0,  0x12, 1,   3,   0,   1,   0,   0,   0,   6,   0, 0, 0, /* turned right */
        0x25, 0x88, 4, 0,  1,    0,   0,   0,   38,  0,   0,   0, /* the place's list */
        0,    0,    0, 0,  'P',  'L', 'A', 'C', 'E', '-', '5', '1', 'N', 0, 0, 0};
    char *bytes = NULL;
    size_t len;
    struct buf out;
    make_picture("plain.jpg", true);
    get("plain.jpg", &bytes, &len);
    size_t first = 4 + ((size_t)(unsigned char)bytes[4] << 8 | (unsigned char)bytes[5]);
    buf_init(&out, 1 << 20);
    buf_add(&out, bytes, first);
    buf_add(&out, exif, sizeof exif);
    buf_add(&out, bytes + first, len - first);
    put(name, out.data, out.len);
    buf_finish(&out);
    free(bytes);
}

static void test_the_place_is_left_out_and_the_turn_is_kept(void **state)
{
    (void)state;
    struct err e = {0};
    make_placed_jpeg("placed.jpg");
    assert_true(holds("placed.jpg", "PLACE-51N"));
    if (stamp("placed.jpg", "out.jpg", &e))
        fail_msg("%s", e.text);
    assert_false(holds("out.jpg", "PLACE-51N"));
    struct pixels p = {0};
    char *path = at("out.jpg");
    assert_int_equal(picture_read(path, &p, NULL), 0);
    assert_int_equal(p.width, 21); /* 37 x 21 lies on its side */
    pixels_finish(&p);
    free(path);
    expect_same_pixels("placed.jpg", "out.jpg");
}

static void box(struct buf *out, const char *type, const void *data, size_t len)
{
    unsigned char size[4] = {0, 0, (len + 8) >> 8 & 255, (len + 8) & 255};
    buf_add(out, size, 4);
    buf_add(out, type, 4);
    buf_add(out, data, len);
}

static void test_a_film_keeps_its_offsets_and_loses_its_place(void **state)
{
    (void)state;
    struct buf film, udta, moov;
    buf_init(&film, 4096);
    buf_init(&udta, 4096);
    buf_init(&moov, 4096);
    box(&udta, "\xa9xyz", "\0\x12\0\0+51.5-000.1/", 17);
    box(&udta, "\xa9nam", "name", 4);
    box(&moov, "udta", udta.data, udta.len);
    box(&film, "ftyp", "isom\0\0\0\0", 8);
    box(&film, "moov", moov.data, moov.len);
    box(&film, "mdat", "samples", 7);
    put("a.mp4", film.data, film.len);
    assert_int_equal(stamp("a.mp4", "b.mp4", NULL), 0);
    char *bytes = NULL;
    size_t len;
    get("b.mp4", &bytes, &len);
    assert_false(holds("b.mp4", "51.5"));
    assert_true(holds("b.mp4", TOKEN));
    assert_true(holds("b.mp4", "\xa9nam"));
    assert_memory_equal(bytes + film.len - 7, "samples", 7);
    free(bytes);
    buf_finish(&film);
    buf_finish(&udta);
    buf_finish(&moov);
}

static void test_a_torn_file_and_a_foreign_one_are_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = {"t.png", "t.jpg", "t.webp"};
    for (size_t i = 0; i < 3; i++) {
        char *bytes = NULL;
        size_t len;
        struct err e = {0};
        make_picture(kinds[i], true);
        get(kinds[i], &bytes, &len);
        put("cut", bytes, i == 1 ? 60 : len / 2);
        assert_int_equal(stamp("cut", "x", &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "refs/01.x"));
        free(bytes);
    }
    put("cut", "no picture", 10);
    assert_int_equal(stamp("cut", "x", NULL), ERR_UNSUPPORTED);
}

/* Refused or stamped, and never more: the sanitizers watch every read. */
static void expect_harmless(const char *bytes, size_t len)
{
    struct err e = {0};
    put("cut", bytes, len);
    int rc = stamp("cut", "x", &e);
    assert_true(rc == 0 || rc == ERR_INPUT || rc == ERR_UNSUPPORTED);
    assert_true(rc == 0 || *e.text);
}

static void test_no_cut_and_no_wrong_byte_does_harm(void **state)
{
    (void)state;
    static const char *const kinds[] = {"h.png", "h.jpg", "h.webp"};
    for (size_t i = 0; i < 3; i++) {
        char *bytes = NULL;
        size_t len;
        make_picture(kinds[i], i != 2);
        get(kinds[i], &bytes, &len);
        for (size_t cut = 0; cut < len && cut < 300; cut++)
            expect_harmless(bytes, cut);
        for (size_t at = 0; at < len && at < 300; at++) {
            char was = bytes[at];
            bytes[at] = (char)0xff;
            expect_harmless(bytes, len);
            bytes[at] = 0;
            expect_harmless(bytes, len);
            bytes[at] = was;
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mark_changes_no_pixel_of_any_format),
        cmocka_unit_test(test_a_second_mark_leaves_one_mark),
        cmocka_unit_test(test_the_place_is_left_out_and_the_turn_is_kept),
        cmocka_unit_test(test_a_film_keeps_its_offsets_and_loses_its_place),
        cmocka_unit_test(test_a_torn_file_and_a_foreign_one_are_refused),
        cmocka_unit_test(test_no_cut_and_no_wrong_byte_does_harm),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
