/* The operations on one picture, asked as the worker is asked: the split is the input's own pixels,
 * the fit has its canvas, and a request that cannot be met says so. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "picture/made.h"

struct asked {
    struct op_file in[1], out[3];
    cJSON *params, *facts;
    struct op_request r;
};

static void ask(struct asked *a, const char *op, const char *in_name, const char *in_path,
                const char *params)
{
    *a = (struct asked){.params = cJSON_Parse(params), .facts = cJSON_CreateObject()};
    a->in[0] = (struct op_file){(char *)(uintptr_t)in_name, (char *)(uintptr_t)in_path};
    a->r =
        (struct op_request){.op = op, .params = a->params, .in = a->in, .in_n = 1, .out = a->out};
}

static void ask_out(struct asked *a, const char *role, const char *path)
{
    a->out[a->r.out_n++] = (struct op_file){(char *)(uintptr_t)role, (char *)(uintptr_t)path};
}

static void asked_finish(struct asked *a)
{
    cJSON_Delete(a->params);
    cJSON_Delete(a->facts);
}

static void test_a_strip_becomes_three_panels_of_its_own_pixels(void **state)
{
    struct pixels strip = made_photo(1536, 912, 25, true);
    struct asked a;
    const char *in = made_path(state, "strip.png");
    assert_int_equal(picture_write(in, "png", &strip, NULL, NULL), 0);
    ask(&a, "picture.split", "strip", in, "{\"panels\":3,\"trim_x\":12,\"trim_y\":10}");
    static const char *const roles[] = {"last_raw", "first_raw", "hero_raw"};
    static const int left[] = {1024, 0, 512};
    for (int i = 0; i < 3; i++)
        ask_out(&a, roles[i], made_path(state, roles[i]));
    assert_int_equal(op_picture_split(&a.r, a.facts, NULL), 0);
    for (int i = 0; i < 3; i++) {
        struct pixels panel = {0}, want = {0};
        assert_int_equal(picture_read(a.out[i].path, &panel, NULL), 0);
        assert_int_equal(pixels_crop(&strip, left[i] + 12, 10, 488, 892, &want, NULL), 0);
        assert_true(made_same(&panel, &want));
        pixels_finish(&want);
        pixels_finish(&panel);
    }
    asked_finish(&a);
    pixels_finish(&strip);
}

static void test_a_split_that_leaves_nothing_is_refused(void **state)
{
    struct pixels strip = made_photo(30, 20, 0, true);
    static const char *const params[] = {"{\"panels\":3,\"trim_x\":5}",
                                         "{\"panels\":3,\"trim_y\":10}",
                                         "{\"panels\":2}",
                                         "{\"panels\":0}",
                                         "{\"trim_x\":-1}",
                                         "{\"trim_y\":99999}"};
    const char *in = made_path(state, "strip.png");
    assert_int_equal(picture_write(in, "png", &strip, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        struct asked a;
        struct err e = {0};
        ask(&a, "picture.split", "strip", in, params[i]);
        assert_int_equal(op_picture_split(&a.r, a.facts, &e), ERR_INPUT);
        assert_true(e.text[0]);
        asked_finish(&a);
    }
    pixels_finish(&strip);
}

static void test_a_fit_has_its_canvas_and_the_form_of_its_name(void **state)
{
    struct pixels p = made_photo(488, 892, 5, true), to = {0};
    struct asked a;
    size_t len;
    const char *in = made_path(state, "in.png"), *out = made_path(state, "out.webp");
    assert_int_equal(picture_write(in, "png", &p, NULL, NULL), 0);
    ask(&a, "picture.fit", "picture", in, "{\"width\":768,\"height\":1344}");
    ask_out(&a, "picture", out);
    assert_int_equal(op_picture_fit(&a.r, a.facts, NULL), 0);
    assert_int_equal(picture_read(out, &to, NULL), 0);
    assert_int_equal(to.width, 768);
    assert_int_equal(to.height, 1344);
    char *bytes = made_bytes(out, &len);
    assert_memory_equal(bytes + 8, "WEBP", 4);
    free(bytes);
    pixels_finish(&to);
    asked_finish(&a);
    pixels_finish(&p);
}

static void test_a_fit_without_a_size_is_refused(void **state)
{
    static const char *const params[] = {"{}", "{\"width\":0,\"height\":10}",
                                         "{\"width\":10,\"height\":16385}"};
    for (size_t i = 0; i < 3; i++) {
        struct asked a;
        ask(&a, "picture.fit", "picture", made_path(state, "in.png"), params[i]);
        assert_int_equal(op_picture_fit(&a.r, a.facts, NULL), ERR_INPUT);
        asked_finish(&a);
    }
}

static void test_a_copy_has_the_form_of_its_name(void **state)
{
    struct pixels p = made_photo(50, 40, 0, true), jpeg = {0}, png = {0};
    struct asked a;
    const char *in = made_path(state, "in.jpg"), *out = made_path(state, "out.png");
    assert_int_equal(picture_write(in, "jpg", &p, NULL, NULL), 0);
    ask(&a, "picture.copy", "picture", in, "{}");
    ask_out(&a, "picture", out);
    cJSON *tag = cJSON_Parse("{\"slated\":\"d/k\"}");
    a.r.tag = tag;
    assert_int_equal(op_picture_copy(&a.r, a.facts, NULL), 0);
    assert_int_equal(picture_read(in, &jpeg, NULL), 0);
    assert_int_equal(picture_read(out, &png, NULL), 0);
    assert_true(made_same(&jpeg, &png));
    size_t len;
    char *bytes = made_bytes(out, &len);
    assert_non_null(memmem(bytes, len, "tEXtslated", 10));
    free(bytes);
    cJSON_Delete(tag);
    pixels_finish(&png);
    pixels_finish(&jpeg);
    pixels_finish(&p);
    asked_finish(&a);
}

static void test_a_check_decodes_to_the_last_byte(void **state)
{
    struct pixels p = made_photo(50, 40, 9, true);
    struct asked a;
    size_t len;
    const char *in = made_path(state, "in.png");
    assert_int_equal(picture_write(in, "png", &p, NULL, NULL), 0);
    char *bytes = made_bytes(in, &len);
    made_file(in, bytes, len - 1);
    ask(&a, "check", "picture", in, "{}");
    assert_int_equal(op_check(&a.r, a.facts, NULL), ERR_INPUT);
    assert_null(a.facts->child);
    free(bytes);
    pixels_finish(&p);
    asked_finish(&a);
}

static void test_a_request_without_its_files_is_refused(void **state)
{
    struct asked a;
    struct err e = {0};
    struct pixels p = made_photo(9, 9, 0, true);
    const char *in = made_path(state, "in.png");
    assert_int_equal(picture_write(in, "png", &p, NULL, NULL), 0);
    ask(&a, "picture.copy", "other", in, "{}");
    assert_int_equal(op_picture_copy(&a.r, a.facts, &e), ERR_MISSING);
    assert_non_null(strstr(e.text, "picture.copy needs an input named \"picture\""));
    a.in[0].name = (char *)(uintptr_t) "picture";
    assert_int_equal(op_picture_copy(&a.r, a.facts, &e), ERR_MISSING);
    assert_non_null(strstr(e.text, "an output for \"picture\""));
    asked_finish(&a);
    pixels_finish(&p);
}

static void test_a_form_that_is_not_written_is_refused(void **state)
{
    struct pixels p = made_photo(9, 9, 0, true);
    assert_int_equal(picture_write(made_path(state, "a.gif"), "gif", &p, NULL, NULL),
                     ERR_UNSUPPORTED);
    assert_int_equal(picture_write(made_path(state, "no/a.png"), "png", &p, NULL, NULL),
                     ERR_MISSING);
    pixels_finish(&p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_strip_becomes_three_panels_of_its_own_pixels),
        T(test_a_split_that_leaves_nothing_is_refused),
        T(test_a_fit_has_its_canvas_and_the_form_of_its_name),
        T(test_a_fit_without_a_size_is_refused),
        T(test_a_copy_has_the_form_of_its_name),
        T(test_a_check_decodes_to_the_last_byte),
        T(test_a_request_without_its_files_is_refused),
        T(test_a_form_that_is_not_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
