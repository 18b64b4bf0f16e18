/* Contact sheets: every picture in its cell with its ratio, labels, limits. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "draw/lsan.h"
#include "ops/ops.h"
#include "picture/pixels.h"

#define MOST 30

struct place {
    char dir[64];
    struct op_file in[MOST];
    struct op_file out;
};

/* Picture i is one colour, (8 * i, 255 - 8 * i, 77), twice as high as wide. */
static int place_make(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    strcpy(p->dir, "/tmp/slated-sheet-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    for (int i = 0; i < MOST; i++) {
        struct pixels px = {0};
        p->in[i] = (struct op_file){(char *)"picture", mem_printf("%s/%02d.png", p->dir, i)};
        if (pixels_init(&px, 60, 120, NULL))
            return -1;
        for (int j = 0; j < 60 * 120; j++)
            memcpy(px.data + 4 * j, (uint8_t[4]){(uint8_t)(8 * i), (uint8_t)(255 - 8 * i), 77, 255},
                   4);
        px.opaque = true;
        if (picture_write(p->in[i].path, "png", &px, NULL, NULL))
            return -1;
        pixels_finish(&px);
    }
    p->out = (struct op_file){(char *)"picture", path_join(p->dir, "sheet.png")};
    *state = p;
    return 0;
}

static int place_remove(void **state)
{
    struct place *p = *state;
    (void)file_remove_tree(p->dir, NULL);
    for (int i = 0; i < MOST; i++)
        free(p->in[i].path);
    free(p->out.path);
    free(p);
    return 0;
}

static int ask(struct place *p, const char *params, int n, struct err *e)
{
    cJSON *tree = cJSON_Parse(params), *facts = cJSON_CreateObject();
    struct op_request r = {
        .op = "sheet", .params = tree, .in = p->in, .in_n = n, .out = &p->out, .out_n = 1};
    int rc = op_sheet(&r, facts, e);
    cJSON_Delete(tree);
    cJSON_Delete(facts);
    return rc;
}

static bool is_colour(const struct pixels *px, int x, int y, int i)
{
    const uint8_t *v = px->data + 4 * ((size_t)y * px->width + x);
    return abs(v[0] - 8 * i) <= 1 && abs(v[1] - (255 - 8 * i)) <= 1 && abs(v[2] - 77) <= 1;
}

/* Cells of 64 x 64 without labels and title: margin 14, gap 6 (draw/sheet.c); a picture of 1:2 is
 * 32 wide in the middle. */
static void test_each_picture_stands_in_its_cell_with_its_ratio(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    struct pixels px = {0};
    assert_int_equal(ask(p, "{\"columns\":6,\"cell_width\":64,\"cell_height\":64}", MOST, &e), 0);
    assert_int_equal(picture_read(p->out.path, &px, NULL), 0);
    assert_int_equal(px.width, 2 * 14 + 6 * 64 + 5 * 6);
    assert_int_equal(px.height, 2 * 14 + 5 * 64 + 4 * 6);
    for (int i = 0; i < MOST; i++) {
        int x = 14 + i % 6 * 70, y = 14 + i / 6 * 70;
        assert_true(is_colour(&px, x + 32, y + 32, i));
        assert_true(is_colour(&px, x + 19, y + 3, i));
        assert_false(is_colour(&px, x + 8, y + 32, i));
        assert_false(is_colour(&px, x + 56, y + 32, i));
    }
    pixels_finish(&px);
}

static void test_labels_and_a_title_take_room_of_their_own(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    struct pixels plain = {0}, told = {0};
    assert_int_equal(ask(p, "{\"columns\":2,\"cell_width\":128,\"cell_height\":128}", 4, &e), 0);
    assert_int_equal(picture_read(p->out.path, &plain, NULL), 0);
    assert_int_equal(ask(p,
                         "{\"columns\":2,\"cell_width\":128,\"cell_height\":128,\"labels\":[\"a\","
                         "\"\\u202eb\",7],\"title\":\"EP 001\"}",
                         4, &e),
                     0);
    assert_int_equal(picture_read(p->out.path, &told, NULL), 0);
    assert_int_equal(told.width, plain.width);
    assert_true(told.height > plain.height + 30);
    pixels_finish(&plain);
    pixels_finish(&told);
}

static void test_one_picture_makes_a_sheet(void **state)
{
    struct err e = {0};
    assert_int_equal(ask(*state, "{\"columns\":9}", 1, &e), 0);
}

static void test_what_cannot_be_a_sheet_is_refused(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    assert_int_equal(ask(p, "{}", 0, &e), ERR_INPUT);
    assert_int_equal(ask(p, "{\"columns\":0}", 3, &e), ERR_INPUT);
    assert_int_equal(ask(p, "{\"cell_width\":99999}", 3, &e), ERR_INPUT);
    assert_int_equal(ask(p, "{\"columns\":1,\"cell_height\":2048}", MOST, &e), ERR_LIMIT);
}

static void test_a_broken_picture_is_named(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    assert_int_equal(file_write(p->in[7].path, "torn", 4, false, NULL), 0);
    assert_int_equal(ask(p, "{\"columns\":6}", MOST, &e), ERR_UNSUPPORTED);
    assert_non_null(strstr(e.text, "07.png"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_picture_stands_in_its_cell_with_its_ratio,
                                        place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_labels_and_a_title_take_room_of_their_own, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_one_picture_makes_a_sheet, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_a_sheet_is_refused, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_a_broken_picture_is_named, place_make, place_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
