/* Names are looked up where a person may have put them; files that others could read are refused;
 * no text, no child and no core file shows a value. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/child.h"
#include "secrets/secrets.h"

struct fixture {
    char root[64];
    char *file;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    strcpy(f->root, "/tmp/slated-secrets-XXXXXX");
    if (!mkdtemp(f->root))
        return -1;
    char *dir = mem_printf("%s/.slated", f->root);
    f->file = mem_printf("%s/credentials", dir);
    int rc = mkdir(dir, 0755);
    free(dir);
    unsetenv("SLATED_CREDENTIALS");
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("TEST_ENGINE_KEY");
    *state = f;
    return rc;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    secrets_close();
    file_remove_tree(f->root, NULL);
    free(f->file);
    free(f);
    return 0;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    unlink(path);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void expect(const char *name, const char *value, const char *where)
{
    assert_string_equal(secrets_get(name), value);
    assert_string_equal(secrets_where(name), where);
    assert_true(secrets_has(name));
}

static void test_environment_comes_before_systemd_and_the_file(void **state)
{
    struct fixture *f = *state;
    char *credential = mem_printf("%s/TEST_ENGINE_KEY", f->root);
    write_file(f->file, "TEST_ENGINE_KEY=from-file\n", 0600);
    write_file(credential, "from-systemd\n", 0400);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    expect("TEST_ENGINE_KEY", "from-file", "credentials file");
    setenv("CREDENTIALS_DIRECTORY", f->root, 1);
    expect("TEST_ENGINE_KEY", "from-systemd", "systemd credential");
    assert_int_equal(secrets_open(f->root, NULL), 0);
    setenv("TEST_ENGINE_KEY", "from-environment", 1);
    expect("TEST_ENGINE_KEY", "from-environment", "environment");
    free(credential);
}

static void test_a_name_without_a_value_is_not_there(void **state)
{
    struct fixture *f = *state;
    write_file(f->file, "TEST_EMPTY=\n", 0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    setenv("TEST_ENGINE_KEY", "", 1);
    assert_null(secrets_get("TEST_ENGINE_KEY"));
    assert_false(secrets_has("TEST_EMPTY"));
    assert_null(secrets_where("TEST_NOWHERE"));
    assert_null(secrets_get("../.slated/credentials"));
    assert_null(secrets_name(0));
}

static void test_lines_comments_and_quotes_are_read(void **state)
{
    struct fixture *f = *state;
    write_file(f->file,
               "# mine\n\n  A_KEY = abc=def== \r\nB_KEY=\"with blanks \"\n\t# C_KEY=no\nD_KEY='x'",
               0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    assert_string_equal(secrets_get("A_KEY"), "abc=def==");
    assert_string_equal(secrets_get("B_KEY"), "with blanks ");
    assert_string_equal(secrets_get("D_KEY"), "x");
    assert_false(secrets_has("C_KEY"));
    assert_string_equal(secrets_name(0), "A_KEY");
    assert_string_equal(secrets_name(2), "D_KEY");
    assert_null(secrets_name(3));
}

static void expect_refusal(struct fixture *f, int code, const char *cure)
{
    struct err e = {0};
    assert_int_equal(secrets_open(f->root, &e), code);
    if (!strstr(e.text, cure) || !strstr(e.text, f->root))
        fail_msg("said: %s", e.text);
    assert_null(strstr(e.text, "hidden-value"));
    assert_false(secrets_has("A_KEY"));
}

static void test_a_file_that_others_can_reach_is_refused(void **state)
{
    struct fixture *f = *state;
    static const mode_t wide[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644};
    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        write_file(f->file, "A_KEY=hidden-value\n", wide[i]);
        expect_refusal(f, ERR_INPUT, "chmod 600");
    }
    char *real = mem_printf("%s/real", f->root);
    write_file(real, "A_KEY=hidden-value\n", 0600);
    unlink(f->file);
    assert_int_equal(symlink(real, f->file), 0);
    expect_refusal(f, ERR_KIND, "a link");
    unlink(f->file);
    assert_int_equal(mkdir(f->file, 0700), 0);
    expect_refusal(f, ERR_KIND, "not a file");
    free(real);
}

static void test_somebody_elses_file_is_refused(void **state)
{
    struct fixture *f = *state;
    if (geteuid() != 0)
        skip(); /* only root can give a file away */
    write_file(f->file, "A_KEY=hidden-value\n", 0600);
    assert_int_equal(chown(f->file, 12345, 12345), 0);
    expect_refusal(f, ERR_INPUT, "somebody else");
}

static void test_a_bad_line_is_named_and_not_shown(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"A_KEY=x\nhidden-value\n", "A_KEY=x\nhidden-value=y\n",
                                      "A_KEY=x\n=hidden-value\n", "A_KEY=x\nB KEY=hidden-value\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        write_file(f->file, bad[i], 0600);
        expect_refusal(f, ERR_INPUT, "line 2");
    }
}

static void test_the_file_is_read_again_and_a_bad_one_changes_nothing(void **state)
{
    struct fixture *f = *state;
    write_file(f->file, "A_KEY=first-value\n", 0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    write_file(f->file, "A_KEY=second-value\n", 0644);
    assert_int_equal(secrets_reload(NULL), ERR_INPUT);
    assert_string_equal(secrets_get("A_KEY"), "first-value");
    write_file(f->file, "A_KEY=second-value\n", 0600);
    assert_int_equal(secrets_reload(NULL), 0);
    assert_string_equal(secrets_get("A_KEY"), "second-value");
    unlink(f->file);
    assert_int_equal(secrets_reload(NULL), 0);
    assert_false(secrets_has("A_KEY"));
}

static void expect_masked(const char *text, const char *wanted)
{
    char *copy = mem_dup(text);
    secrets_mask(copy);
    assert_string_equal(copy, wanted);
    free(copy);
}

static void test_every_form_of_a_value_is_masked(void **state)
{
    struct fixture *f = *state;
    write_file(f->file, "A_KEY=id:s3cr/t+99\nSHORT_KEY=abc\n", 0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    expect_masked("Key id:s3cr/t+99 and id:s3cr/t+99.", "Key *** and ***.");
    expect_masked("?key=id%3As3cr%2Ft%2B99&x", "?key=***&x");
    expect_masked("?key=id%3as3cr%2ft%2b99&x", "?key=***&x");
    expect_masked("Basic aWQ6czNjci90Kzk5", "Basic ***"); /* alone */
    expect_masked("Basic dTppZDpzM2NyL3QrOTk=",
                  "Basic dTp***k="); /* after "u:", which shares a digit with it */
    expect_masked("cut id:s3cr/t", "cut ***");
    expect_masked("abc is short", "abc is short");
    expect_masked("", "");
}

/* What a child prints for the environment it was given. */
static char *child_environment(struct fixture *f)
{
    char *out = mem_printf("%s/env", f->root);
    char *script = mem_printf("env > %s", out);
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    char *text = NULL;
    size_t len;
    pid_t pid;
    assert_int_equal(child_start(argv, -1, 0, &pid, NULL), 0);
    waitpid(pid, NULL, 0);
    assert_int_equal(file_read(out, 1000000, &text, &len, NULL), 0);
    free(out);
    free(script);
    return text;
}

static void test_a_child_inherits_no_secret(void **state)
{
    struct fixture *f = *state;
    setenv("TEST_ENGINE_KEY", "canary-one", 1);
    setenv("TEST_PLAIN", "canary-two", 1);
    setenv("TEST_OTHER_TOKEN", "canary-three", 1);
    setenv("TEST_STAYS", "canary-four", 1);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    assert_true(secrets_has("TEST_PLAIN"));
    child_hide(secrets_hides);
    char *text = child_environment(f);
    child_hide(NULL);
    assert_null(strstr(text, "canary-one"));
    assert_null(strstr(text, "canary-two"));
    assert_null(strstr(text, "canary-three"));
    assert_non_null(strstr(text, "TEST_STAYS=canary-four"));
    assert_non_null(strstr(text, "PATH="));
    free(text);
}

static void test_a_fork_sees_no_value_and_no_core_is_left(void **state)
{
    struct fixture *f = *state;
    struct rlimit core;
    write_file(f->file, "A_KEY=some-long-value\n", 0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    const char *value = secrets_get("A_KEY");
    assert_string_equal(value, "some-long-value");
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_int_equal(core.rlim_cur, 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(value[0] == 's');
    int status;
    waitpid(pid, &status, 0);
#ifdef __linux__
    assert_int_equal(WEXITSTATUS(status), 0);
#endif
}

/* What a log line says, read back from stderr. */
static char *logged(struct fixture *f, const char *value)
{
    char *path = mem_printf("%s/log", f->root), *text = NULL;
    size_t len;
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600), was = dup(2);
    dup2(file, 2);
    log_line(LOG_ERROR, "test", "plain=%s quoted=%s", value, log_quote(value));
    dup2(was, 2);
    close(was);
    close(file);
    assert_int_equal(file_read(path, 100000, &text, &len, NULL), 0);
    free(path);
    return text;
}

static void test_no_log_line_shows_a_value(void **state)
{
    struct fixture *f = *state;
    write_file(f->file, "A_KEY=some\"long\"value\n", 0600);
    assert_int_equal(secrets_open(f->root, NULL), 0);
    char *long_text = mem_printf("%0290dsome\"long\"value and more", 0);
    char *text = logged(f, "in some\"long\"value it"), *cut = logged(f, long_text);
    assert_null(strstr(text, "long"));
    assert_non_null(strstr(text, "***"));
    assert_null(strstr(cut, "long"));
    assert_null(strstr(cut, "some"));
    free(text);
    free(cut);
    free(long_text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_environment_comes_before_systemd_and_the_file),
        TEST(test_a_name_without_a_value_is_not_there),
        TEST(test_lines_comments_and_quotes_are_read),
        TEST(test_a_file_that_others_can_reach_is_refused),
        TEST(test_somebody_elses_file_is_refused),
        TEST(test_a_bad_line_is_named_and_not_shown),
        TEST(test_the_file_is_read_again_and_a_bad_one_changes_nothing),
        TEST(test_every_form_of_a_value_is_masked),
        TEST(test_a_child_inherits_no_secret),
        TEST(test_a_fork_sees_no_value_and_no_core_is_left),
        TEST(test_no_log_line_shows_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
