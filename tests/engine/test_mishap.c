/* What a failed procedure leaves: nothing in it opens a door, the oldest folders go, and a trace
 * says what was done. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/mishap.h"
#include "secrets/secrets.h"

static char dir[64];

static int begin(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-mishap-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static void check_mask(const char *text, const char *wanted)
{
    char *masked = mishap_mask(text);
    assert_string_equal(masked, wanted);
    free(masked);
}

static void test_queries_and_users_of_addresses_are_masked(void **state)
{
    (void)state;
    check_mask("go to https://x.ai/a?token=1&b=2 now", "go to https://x.ai/a?*** now");
    check_mask("https://x.ai/a?justthis", "https://x.ai/a?***");
    check_mask("<a href=\"/next?id=7&amp;k=v\">x</a>", "<a href=\"/next?***\">x</a>");
    check_mask("https://me:pass@x.ai/p", "https://***@x.ai/p");
    check_mask("https://x.ai/p#access_token=abc", "https://x.ai/p#***");
    check_mask("{\"a\":\"ws://h/?k=v\",\"b\":1}", "{\"a\":\"ws://h/?***\",\"b\":1}");
    check_mask("url(https://x/a?b=1) no-repeat", "url(https://x/a?***) no-repeat");
}

static void test_what_is_no_query_stays(void **state)
{
    (void)state;
    const char *const texts[] = {"What now? Nothing.",
                                 "https://x.ai/a/b.png",
                                 "a@b.c and 1 = 1",
                                 "https://x.ai/page#section",
                                 "is it so? yes=no",
                                 "",
                                 "?",
                                 "://"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        check_mask(texts[i], texts[i]);
}

static void test_known_keys_are_masked_wherever_they_stand(void **state)
{
    (void)state;
    assert_int_equal(setenv("SLATED_TEST_KEY", "open-sesame-77", 1), 0);
    assert_true(secrets_has("SLATED_TEST_KEY"));
    char *masked = mishap_mask("<p>open-sesame-77</p>");
    assert_null(strstr(masked, "sesame"));
    free(masked);
    secrets_close();
}

static void test_the_trace_says_act_result_and_time(void **state)
{
    (void)state;
    struct buf out;
    cJSON *act = cJSON_Parse("{\"act\": \"click\"}");
    cJSON *result = cJSON_Parse("{\"ok\": false, \"error\": \"covered\", \"took_ms\": 120}");
    buf_init(&out, 100000);
    mishap_trace(&out, 0, "open / press", act, result);
    assert_non_null(strstr(out.data, "   120 ms  open / press\n"));
    assert_non_null(strstr(out.data, "act    {\"act\":\"click\"}\n"));
    assert_non_null(strstr(out.data, "came   {\"ok\":false,\"error\":\"covered\"}\n"));
    char *text = mem_alloc(5001);
    memset(text, 'x', 5000);
    json_set_str(result, "error", text);
    buf_reset(&out);
    mishap_trace(&out, 0, NULL, NULL, result);
    assert_true(out.len < 1000);
    assert_non_null(strstr(out.data, "characters)"));
    free(text);
    buf_finish(&out);
    cJSON_Delete(act);
    cJSON_Delete(result);
}

static char *keep(int at, int most)
{
    char *folder = NULL;
    struct err e = {0};
    struct mishap m = {.state = dir,
                       .name = "v1/../thumb nail",
                       .title = "the thumbnail",
                       .step = "generate / press",
                       .error = "covered at http://x/?k=secret",
                       .console = "log: http://x/?k=secret\n",
                       .trace = "a line\n",
                       .keep = most,
                       .now_s = 1773478800 + at};
    assert_int_equal(mishap_keep(&m, &folder, &e), 0);
    return folder;
}

static int folders(void)
{
    char *all = path_join(dir, "mishaps");
    DIR *d = opendir(all);
    int n = 0;
    for (struct dirent *entry; d && (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    if (d)
        closedir(d);
    free(all);
    return n;
}

static void test_a_folder_says_where_what_and_cure(void **state)
{
    (void)state;
    char *folder = keep(0, 5), *text = NULL;
    size_t len = 0;
    assert_true(str_starts(folder, ".slated/mishaps/2026-03-14T"));
    assert_true(str_ends(folder, "-v1----thumb-nail"));
    char *path = mem_printf("%s/%s/WHY.txt", dir, folder + strlen(".slated/"));
    assert_int_equal(file_read(path, 10000, &text, &len, NULL), 0);
    assert_non_null(strstr(text, "Where: generate / press\n"));
    assert_non_null(strstr(text, "What:  covered at http://x/?***\n"));
    assert_non_null(strstr(text, "slated sop run NAME --step"));
    assert_non_null(strstr(text, "console.txt"));
    assert_null(strstr(text, "screenshot.png")); /* the tab was gone */
    free(text);
    free(path);
    free(folder);
}

static void test_the_oldest_folders_go(void **state)
{
    (void)state;
    char *list[4];
    for (int i = 0; i < 4; i++)
        list[i] = keep(i / 2, 3); /* two of them in one second */
    assert_int_equal(folders(), 3);
    char *first = mem_printf("%s/%s", dir, list[0] + strlen(".slated/"));
    char *last = mem_printf("%s/%s", dir, list[3] + strlen(".slated/"));
    assert_false(file_exists(first));
    assert_true(file_exists(last));
    assert_null(keep(9, 0));
    assert_int_equal(folders(), 3);
    for (int i = 0; i < 4; i++)
        free(list[i]);
    free(first);
    free(last);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_queries_and_users_of_addresses_are_masked),
        T(test_what_is_no_query_stays),
        T(test_known_keys_are_masked_wherever_they_stand),
        T(test_the_trace_says_act_result_and_time),
        T(test_a_folder_says_where_what_and_cure),
        T(test_the_oldest_folders_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
