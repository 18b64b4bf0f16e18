/* WebP: read whole or refused, the first frame of an animation, and the type of a picture told by
 * its content. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <webp/encode.h>

#include "picture/made.h"

static void test_what_is_written_is_near_and_the_same_each_time(void **state)
{
    for (int opaque = 0; opaque < 2; opaque++) {
        struct pixels p = made_photo(120, 90, 4, opaque), back = {0};
        size_t n[2];
        char *bytes[2];
        double sum = 0;
        for (int i = 0; i < 2; i++) {
            assert_int_equal(picture_write(made_path(state, "w.webp"), "webp", &p, NULL, NULL), 0);
            bytes[i] = made_bytes(made_path(state, "w.webp"), &n[i]);
        }
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(bytes[0], bytes[1], n[0]);
        assert_int_equal(picture_read(made_path(state, "w.webp"), &back, NULL), 0);
        assert_int_equal(back.opaque, opaque);
        for (size_t i = 0; i < (size_t)120 * 90 * 4; i++)
            sum += p.data[i | 3] > 40 ? (p.data[i] - back.data[i]) * (p.data[i] - back.data[i]) : 0;
        assert_true(sum / (120 * 90 * 4) < 60); /* PSNR above 30 dB where it can be seen */
        free(bytes[0]);
        free(bytes[1]);
        pixels_finish(&back);
        pixels_finish(&p);
    }
}

static void test_a_webp_cut_anywhere_is_refused(void **state)
{
    struct pixels p = made_photo(60, 40, 10, true), back = {0};
    size_t len;
    assert_int_equal(picture_write(made_path(state, "a.webp"), "webp", &p, NULL, NULL), 0);
    char *bytes = made_bytes(made_path(state, "a.webp"), &len);
    for (size_t n = 12; n < len; n += n < 60 || n > len - 20 ? 1 : 17) {
        struct err e = {0};
        made_file(made_path(state, "cut.webp"), bytes, n);
        assert_int_equal(picture_read(made_path(state, "cut.webp"), &back, &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "cut.webp: the WebP"));
    }
    free(bytes);
    pixels_finish(&p);
}

static void put24(struct buf *b, uint32_t v)
{
    uint8_t bytes[3] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16)};
    buf_add(b, bytes, 3);
}

static void put32(struct buf *b, uint32_t v)
{
    put24(b, v);
    buf_add(b, (uint8_t[]){(uint8_t)(v >> 24)}, 1);
}

/* An animation of one 8 x 8 frame, all of one colour, at 4, 2 on a canvas of 20 x 12. */
static void make_animation(struct buf *b)
{
    uint8_t rgba[8 * 8 * 4], *out = NULL;
    for (int i = 0; i < 64; i++)
        memcpy(rgba + i * 4, "\310\24\36\377", 4);
    size_t len = WebPEncodeLosslessRGBA(rgba, 8, 8, 32, &out), frame = len - 12 + 16;
    buf_init(b, 1 << 20);
    buf_add(b, "RIFF", 4);
    put32(b, (uint32_t)(4 + 18 + 14 + 8 + frame));
    buf_add(b, "WEBPVP8X\12\0\0\0\22\0\0\0", 16);
    put24(b, 19), put24(b, 11);
    buf_add(b, "ANIM\6\0\0\0\0\0\0\0\0\0", 14);
    buf_add(b, "ANMF", 4);
    put32(b, (uint32_t)frame);
    put24(b, 2), put24(b, 1), put24(b, 7), put24(b, 7), put24(b, 100);
    buf_add(b, "\0", 1);
    buf_add(b, out + 12, len - 12);
    WebPFree(out);
}

static void test_an_animation_gives_its_first_frame_on_its_canvas(void **state)
{
    struct buf b;
    struct pixels p = {0};
    struct err e = {0};
    make_animation(&b);
    made_save(&b, made_path(state, "move.webp"));
    if (picture_read(made_path(state, "move.webp"), &p, &e))
        fail_msg("%s", e.text);
    assert_int_equal(p.width, 20);
    assert_int_equal(p.height, 12);
    assert_false(p.opaque);
    assert_memory_equal(p.data, "\0\0\0\0", 4);
    assert_memory_equal(p.data + (2 * 20 + 4) * 4, "\310\24\36\377", 4);
    assert_memory_equal(p.data + (9 * 20 + 11) * 4, "\310\24\36\377", 4);
    assert_memory_equal(p.data + (10 * 20 + 11) * 4, "\0\0\0\0", 4);
    pixels_finish(&p);
}

static void test_an_animation_with_a_damaged_frame_is_refused(void **state)
{
    struct pixels p = {0};
    for (size_t n = 20; n < 120; n += 3) {
        struct buf b;
        make_animation(&b);
        if (n < b.len)
            memset(b.data + n, 0xff, b.len - n < 4 ? b.len - n : 4);
        made_save(&b, made_path(state, "bad.webp"));
        if (picture_read(made_path(state, "bad.webp"), &p, NULL) == 0)
            pixels_finish(&p);
    }
}

static void test_the_content_and_not_the_name_decides(void **state)
{
    static const char *const forms[] = {"png", "jpg", "webp"}, *const words[] = {"png", "jpeg",
                                                                                 "webp"};
    struct pixels p = made_photo(30, 20, 0, true);
    for (int i = 0; i < 3; i++) {
        const char *path = made_path(state, forms[(i + 1) % 3]);
        assert_int_equal(picture_write(path, forms[i], &p, NULL, NULL), 0);
        struct op_file in = {(char *)(uintptr_t) "picture", (char *)(uintptr_t)path};
        struct op_request r = {.op = "check", .in = &in, .in_n = 1};
        cJSON *facts = cJSON_CreateObject();
        assert_int_equal(op_check(&r, facts, NULL), 0);
        assert_int_equal(cJSON_GetObjectItem(facts, "width")->valueint, 30);
        assert_int_equal(cJSON_GetObjectItem(facts, "height")->valueint, 20);
        assert_string_equal(cJSON_GetObjectItem(facts, "media")->valuestring, words[i]);
        cJSON_Delete(facts);
    }
    pixels_finish(&p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_is_written_is_near_and_the_same_each_time),
        T(test_a_webp_cut_anywhere_is_refused),
        T(test_an_animation_gives_its_first_frame_on_its_canvas),
        T(test_an_animation_with_a_damaged_frame_is_refused),
        T(test_the_content_and_not_the_name_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
