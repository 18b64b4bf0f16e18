/* Cells made by several threads are the cells made one by one, and a picture that cannot be read is
 * the one that is named. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "picture/cells.h"
#include "picture/made.h"

#define N 23

/* N pictures of different sizes under the test's folder. */
static void make_pictures(void **state, char *paths[N])
{
    for (int i = 0; i < N; i++) {
        struct pixels p = made_photo(60 + i * 3, 90 - i, i, true);
        char name[32];
        snprintf(name, sizeof name, "%02d.png", i);
        paths[i] = mem_dup(made_path(state, name));
        assert_int_equal(picture_write(paths[i], "png", &p, NULL, NULL), 0);
        pixels_finish(&p);
    }
}

static void free_paths(char *paths[N])
{
    for (int i = 0; i < N; i++)
        free(paths[i]);
}

static void test_cells_are_what_one_by_one_gives(void **state)
{
    char *paths[N];
    struct pixels cells[N];
    make_pictures(state, paths);
    assert_int_equal(picture_read_cells((const char *const *)paths, N, 40, 50, cells, NULL), 0);
    for (int i = 0; i < N; i++) {
        struct pixels whole = {0}, want = {0};
        assert_int_equal(picture_read(paths[i], &whole, NULL), 0);
        assert_int_equal(pixels_inside(&whole, 40, 50, &want, NULL), 0);
        assert_true(made_same(&cells[i], &want));
        pixels_finish(&whole);
        pixels_finish(&want);
        pixels_finish(&cells[i]);
    }
    free_paths(paths);
}

static void test_the_first_that_fails_is_named_and_nothing_is_returned(void **state)
{
    char *paths[N];
    struct pixels cells[N] = {{0}};
    make_pictures(state, paths);
    made_file(paths[7], "no picture", 10);
    made_file(paths[19], "no picture", 10);
    for (int turn = 0; turn < 20; turn++) {
        struct err e = {0};
        assert_int_equal(picture_read_cells((const char *const *)paths, N, 40, 50, cells, &e),
                         ERR_UNSUPPORTED);
        assert_non_null(strstr(e.text, "07.png"));
        assert_null(cells[0].data);
    }
    free_paths(paths);
}

static void test_no_pictures_are_no_cells(void **state)
{
    (void)state;
    assert_int_equal(picture_read_cells(NULL, 0, 40, 50, NULL, NULL), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_cells_are_what_one_by_one_gives),
        T(test_the_first_that_fails_is_named_and_nothing_is_returned),
        T(test_no_pictures_are_no_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
