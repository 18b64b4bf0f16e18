/* A bundle must be the same bytes for the same content, in the order of names, and must not take
 * what it may not. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "ops/ops.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/slated-bundle-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static char *put(const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", dir, name);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    return path;
}

static int bundle(struct op_file *in, int n, const char *to, struct err *e)
{
    char *path = mem_printf("%s/%s", dir, to);
    struct op_file out = {"bundle", path};
    cJSON *params = cJSON_Parse("{\"top\":\"drop\",\"folders\":[\"return\"]}"), *facts = cJSON_CreateObject();
    struct op_request r = {
        .op = "bundle", .params = params, .in = in, .in_n = n, .out = &out, .out_n = 1};
    int rc = op_bundle(&r, facts, e);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    free(path);
    return rc;
}

static void digest_of(const char *name, char ret_hex[DIGEST_LEN])
{
    char *path = mem_printf("%s/%s", dir, name);
    uint64_t len;
    assert_int_equal(digest_file(path, ret_hex, &len, NULL), 0);
    free(path);
}

static void test_equal_content_gives_equal_bytes_in_any_order(void **state)
{
    (void)state;
    char *a = put("a", "one"), *b = put("b", "two"), first[DIGEST_LEN], second[DIGEST_LEN];
    struct op_file in[] = {{"x/a.png", a}, {"b \xc3\xa9.txt", b}}, turned[] = {in[1], in[0]};
    assert_int_equal(bundle(in, 2, "1.zip", NULL), 0);
    sleep(2); /* longer than a zip's clock ticks */
    assert_int_equal(bundle(turned, 2, "2.zip", NULL), 0);
    digest_of("1.zip", first);
    digest_of("2.zip", second);
    assert_string_equal(first, second);
    free(a);
    free(b);
}

static void test_names_that_leave_or_clash_are_refused(void **state)
{
    (void)state;
    char *a = put("a", "one");
    struct op_file up[] = {{"../a", a}}, absolute[] = {{"/a", a}}, twice[] = {{"a", a}, {"a", a}};
    struct err e = {0};
    assert_int_equal(bundle(up, 1, "1.zip", &e), ERR_PATH);
    assert_int_equal(bundle(absolute, 1, "1.zip", &e), ERR_PATH);
    assert_int_equal(bundle(twice, 2, "1.zip", &e), ERR_INPUT);
    free(a);
}

static void test_links_and_missing_files_are_refused(void **state)
{
    (void)state;
    char *a = put("a", "one"), *link_path = mem_printf("%s/l", dir),
         *gone = mem_printf("%s/gone", dir);
    assert_int_equal(symlink(a, link_path), 0);
    struct op_file linked[] = {{"l", link_path}}, missing[] = {{"g", gone}};
    struct err e = {0};
    assert_int_not_equal(bundle(linked, 1, "1.zip", &e), 0);
    assert_int_equal(bundle(missing, 1, "1.zip", &e), ERR_MISSING);
    assert_non_null(strstr(e.text, "g"));
    free(a);
    free(link_path);
    free(gone);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_equal_content_gives_equal_bytes_in_any_order),
        TEST(test_names_that_leave_or_clash_are_refused),
        TEST(test_links_and_missing_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
