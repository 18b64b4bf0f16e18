/* Acts that leave a file, on a page whose browser the test plays: it appears whole under its name
 * or not at all, and nothing else stays. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>

#include "base/file.h"
#include "base/path.h"
#include "browser/play.h"

static char dir[64];
static struct act_place place = {.dir = dir};
static struct play y;

static int begin(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-act-XXXXXX");
    play_open(&y);
    return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    play_close(&y);
    return file_remove_tree(dir, NULL);
}

/* What lies in the folder, with a blank behind each. */
static char *names_there(void)
{
    struct buf names;
    DIR *d = opendir(dir);
    assert_non_null(d);
    buf_init(&names, 1000);
    for (const struct dirent *entry; (entry = readdir(d));)
        if (entry->d_name[0] != '.')
            buf_printf(&names, "%s ", entry->d_name);
    closedir(d);
    return buf_take(&names);
}

static void expect_names(const char *wanted)
{
    char *names = names_there();
    assert_string_equal(names, wanted);
    free(names);
}

static void expect_text(const char *path, const char *wanted)
{
    char *bytes = NULL;
    size_t len = 0;
    assert_int_equal(file_read(path, 100, &bytes, &len, NULL), 0);
    assert_string_equal(bytes, wanted);
    free(bytes);
}

static void test_a_screenshot_appears_whole_under_its_name(void **state)
{
    (void)state;
    char *path = path_join(dir, "shot.png");
    cJSON *result = do_in(&y, "{\"act\": \"screenshot\", \"to\": \"shot.png\"}", &place);
    assert_string_equal(json_str(json_get(result, "value"), "path", ""), path);
    expect_text(path, "hello");
    cJSON_Delete(result);
    result = do_in(&y, "{\"act\": \"screenshot\", \"to\": \"../shot.png\"}", &place);
    assert_non_null(strstr(json_str(result, "error", ""), "is not a name for a file"));
    cJSON_Delete(result);
    expect_names("shot.png ");
    free(path);
}

#define FETCH_THREE                                                                                \
    "{\"act\": \"fetch\", \"from\": [\"data:1\", \"data:2\", \"data:3\"], \"to\": \"p\", "         \
    "\"pick\": "                                                                                   \
    "\"largest\"}"

static void test_of_several_the_largest_is_picked(void **state)
{
    (void)state;
    y.answers[0] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    y.answers[1] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8gaGVsbG8=\"}";
    y.answers[2] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    cJSON *result = do_in(&y, FETCH_THREE, &place);
    assert_true(json_num(result, "/value/bytes", 0) == 11);
    assert_string_equal(json_str(result, "/value/n", ""), "2");
    assert_string_equal(json_str(result, "/value/from", ""), "data:2");
    expect_text(json_str(result, "/value/path", ""), "hello hello");
    cJSON_Delete(result);
    expect_names("p.png ");
}

/* What the page cannot look at is the last choice; a worse one never lies over a better one. */
static void test_of_several_the_calmest_is_picked(void **state)
{
    (void)state;
    y.answers[0] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8gaGVsbG8=\"}";
    y.answers[1] = "!it cannot be decoded";
    y.answers[2] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    y.answers[3] = "{\"value\": 0.75}";
    y.answers[4] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8gaGVsbG8=\"}";
    y.answers[5] = "{\"value\": 0.5}";
    cJSON *result = do_in(&y,
                          "{\"act\": \"fetch\", \"from\": [\"data:1\", \"data:2\", \"data:3\"], "
                          "\"to\": \"p\", \"pick\": \"calmest\"}",
                          &place);
    assert_string_equal(json_str(result, "/value/n", ""), "2");
    assert_true(json_num(result, "/value/worth", 0) == 0.75);
    expect_text(json_str(result, "/value/path", ""), "hello");
    cJSON_Delete(result);
    expect_names("p.png ");
}

static void test_a_smaller_one_of_another_kind_does_not_stay(void **state)
{
    (void)state;
    y.answers[0] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    y.answers[1] = "{\"media\": \"image/webp\", \"data\": \"aGVsbG8gaGVsbG8=\"}";
    y.answers[2] = "{\"media\": \"image/png\", \"data\": \"aGk=\"}";
    cJSON_Delete(do_in(&y, FETCH_THREE, &place));
    expect_names("p.webp ");
}

static void test_half_a_file_does_not_stay(void **state)
{
    (void)state;
    y.answers[0] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8#\"}";
    cJSON *result = do_in(&y, "{\"act\": \"fetch\", \"from\": \"data:1\", \"to\": \"p\"}", &place);
    assert_false(json_bool(result, "ok", true));
    cJSON_Delete(result);
    expect_names("");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_a_screenshot_appears_whole_under_its_name),
        T(test_of_several_the_largest_is_picked),
        T(test_of_several_the_calmest_is_picked),
        T(test_a_smaller_one_of_another_kind_does_not_stay),
        T(test_half_a_file_does_not_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
