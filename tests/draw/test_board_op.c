/* The operations as the worker calls them: files of the right size, the same bytes twice, a strip
 * whose thirds are the three moments. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "frames.h"
#include "ops/ops.h"
#include "picture/pixels.h"

static char dir[64];

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/board-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static int run_op(op_function *op, const char *word, const char *json, const char *out,
                  struct err *e)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, out);
    struct op_file picture = {(char *)"picture", path};
    cJSON *params = cJSON_Parse(json), *facts = cJSON_CreateObject(),
          *tag = cJSON_Parse("{\"slated\":\"drop/key\"}");
    struct op_request r = {word, params, NULL, 0, &picture, 1, tag};
    int code = op(&r, facts, e);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    cJSON_Delete(tag);
    return code;
}

static void read_file(const char *name, char **ret_bytes, size_t *ret_len)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(file_read(path, 1 << 26, ret_bytes, ret_len, NULL), 0);
}

static void read_picture(const char *name, struct pixels *ret_pixels)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(picture_read(path, ret_pixels, NULL), 0);
}

static void test_a_frame_is_a_png_of_its_size_with_the_same_bytes_twice(void **state)
{
    (void)state;
    const char *json = "{\"width\":512,\"height\":896,\"seed\":4,\"moment\":\"hero\",\"caption\":"
                       "true,\"shot\":" BASE_SHOT "}";
    char *a = NULL, *b = NULL;
    size_t a_len = 0, b_len = 0;
    assert_int_equal(run_op(op_board_frame, "board.frame", json, "a.png", NULL), 0);
    assert_int_equal(run_op(op_board_frame, "board.frame", json, "b.png", NULL), 0);
    read_file("a.png", &a, &a_len);
    read_file("b.png", &b, &b_len);
    assert_true(a_len == b_len && memcmp(a, b, a_len) == 0);
    free(a);
    free(b);
    struct pixels p = {0};
    read_picture("a.png", &p);
    assert_true(p.width == 512 && p.height == 896 && p.opaque);
    pixels_finish(&p);
}

static void test_the_thirds_of_a_strip_are_first_hero_and_last(void **state)
{
    (void)state;
    assert_int_equal(run_op(op_board_strip, "board.strip",
                            "{\"width\":1536,\"height\":912,\"seed\":4,\"shot\":" BASE_SHOT "}",
                            "s.png", NULL),
                     0);
    struct pixels p = {0};
    read_picture("s.png", &p);
    assert_true(p.width == 1536 && p.height == 912);
    static const char *const moments[] = {"first", "hero", "last"};
    cJSON *shot = cJSON_Parse(BASE_SHOT);
    for (int i = 0; i < 3; i++) {
        struct board b = {.shot = shot,
                          .moment = moments[i],
                          .seed = 4,
                          .width = 512,
                          .height = 912,
                          .margin_x = 12,
                          .margin_y = 10};
        cairo_surface_t *s = NULL;
        assert_int_equal(board_draw(&b, &s, NULL), 0);
        for (int y = 0; y < 912; y += 13)
            for (int x = 0; x < 512; x += 7) {
                const uint8_t *at = p.data + 4 * ((size_t)y * 1536 + 512 * (size_t)i + (size_t)x);
                const unsigned char *q = cairo_image_surface_get_data(s) +
                                         (size_t)y * cairo_image_surface_get_stride(s) + 4 * x;
                assert_true(at[0] == q[2] && at[1] == q[1] && at[2] == q[0]);
            }
        cairo_surface_destroy(s);
    }
    cJSON_Delete(shot);
    pixels_finish(&p);
}

static void test_a_frame_without_size_or_place_is_refused(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(run_op(op_board_frame, "board.frame", "{\"shot\":{}}", "x.png", &e),
                     ERR_INPUT);
    assert_int_equal(run_op(op_board_frame, "board.frame",
                            "{\"width\":1e9,\"height\":5,\"shot\":{}}", "x.png", &e),
                     ERR_INPUT);
    assert_int_equal(
        run_op(op_board_strip, "board.strip", "{\"width\":30,\"height\":900}", "x.png", &e),
        ERR_INPUT);
    assert_int_not_equal(
        run_op(op_board_frame, "board.frame", "{\"width\":64,\"height\":64}", "no/x.png", &e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_frame_is_a_png_of_its_size_with_the_same_bytes_twice),
        cmocka_unit_test(test_the_thirds_of_a_strip_are_first_hero_and_last),
        cmocka_unit_test(test_a_frame_without_size_or_place_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
