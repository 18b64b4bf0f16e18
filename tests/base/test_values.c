/* The small values of base: errors, memory, buffers, text, clocks, digests, faults, log quotes. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static void test_an_error_carries_code_and_sentence(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, ERR_LIMIT, "%d is too many", 7), ERR_LIMIT);
    assert_string_equal(e.text, "7 is too many");
    assert_int_equal(err_prefix(&e, "cannot read %s", "a.json"), ERR_LIMIT);
    assert_string_equal(e.text, "cannot read a.json: 7 is too many");
    assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
    err_set(&e, ERR_IO, "again: %s", e.text);
    assert_string_equal(e.text, "again: cannot read a.json: 7 is too many");
}

static void test_the_systems_reason_survives_a_long_sentence(void **state)
{
    (void)state;
    struct err e;
    char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(err_sys(&e, ERR_IO, ENOSPC, "cannot write %s", longer), ERR_SPACE);
    assert_true(str_ends(e.text, strerror(ENOSPC)));
    assert_int_equal(err_sys(&e, ERR_IO, ENOENT, "cannot open it"), ERR_MISSING);
    assert_int_equal(err_sys(&e, ERR_IO, EEXIST, "cannot make it"), ERR_EXISTS);
    assert_int_equal(err_sys(&e, ERR_NET, EPIPE, "cannot say it"), ERR_NET);
    err_prefix(&e, "%s", longer);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

static void test_each_code_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(err_word(ERR_OK), "ok");
    assert_string_equal(err_word(ERR_SPACE), "space");
    assert_string_equal(err_word(ERR_STATE), "state");
    assert_string_equal(err_word(12345), "unknown");
}

/* Runs fn in a child without its stderr; answers the wait status. */
static int in_child(void (*fn)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        fn();
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void grow_past_everything(void)
{
    void *p = mem_grow(NULL, SIZE_MAX / 2, 3);
    free(p);
}

static void break_an_invariant(void)
{
    bug("%d is not %d", 1, 2);
}

static void test_exhausted_memory_ends_the_process_and_a_bug_aborts_it(void **state)
{
    (void)state;
    int status = in_child(grow_past_everything);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 70);
    status = in_child(break_an_invariant);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_a_buffer_stops_at_its_ceiling_and_says_so(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_text(&b, "12345");
    buf_printf(&b, "%s", "67890x");
    assert_string_equal(b.data, "1234567890");
    assert_true(b.full);
    buf_reset(&b);
    assert_false(b.full);
    buf_text(&b, NULL);
    assert_int_equal(b.len, 0);
    char *taken = buf_take(&b);
    assert_string_equal(taken, "");
    free(taken);
    buf_finish(&b);
    buf_init(&b, SIZE_MAX);
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%0300d", i);
    assert_int_equal(b.len, 300000);
    buf_finish(&b);
}

static void test_html_is_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_html(&b, "<a href='x'>\"&\x1b\n</a>");
    buf_html(&b, NULL);
    assert_string_equal(b.data, "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\xef\xbf\xbd\n&lt;/a&gt;");
    buf_finish(&b);
}

static void test_integers_are_read_strictly(void **state)
{
    (void)state;
    int64_t v = 7;
    static const char *const wrong[] = {
        "", "-", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "101", "-11"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(str_int(wrong[i], -10, 100, &v), ERR_INPUT);
    assert_int_equal(v, 7);
    assert_int_equal(str_int("-9223372036854775808", INT64_MIN, 0, &v), 0);
    assert_true(v == INT64_MIN);
    assert_int_equal(str_int("0042", 0, 100, &v), 0);
    assert_int_equal(v, 42);
}

static void test_text_is_compared_trimmed_and_measured(void **state)
{
    (void)state;
    assert_true(str_starts("products.json", "prod") && !str_starts("pro", "prod"));
    assert_true(str_ends("a.json", ".json") && !str_ends("n", ".json"));
    assert_true(str_ends_nocase("A.JSON", ".json") && !str_ends_nocase("A.JSN", ".json"));
    assert_true(str_eq(NULL, NULL) && !str_eq(NULL, "") && str_eq("a", "a"));
    assert_true(str_eq_nocase("aBc", "AbC") && !str_eq_nocase("ab", "abc"));
    char text[] = " \t a b \r\n", word[] = "ABC-x";
    assert_string_equal(str_trim(text), "a b");
    str_lower(word);
    assert_string_equal(word, "abc-x");
    char small[4];
    assert_true(str_format(small, sizeof small, "%d", 123));
    assert_false(str_format(small, sizeof small, "%d", 1234));
    assert_string_equal(small, "123");
    assert_int_equal(str_distance("promt", "prompt"), 1);
    assert_int_equal(str_distance("kitten", "sitting"), 3);
    assert_int_equal(str_distance("", "abc"), 3);
}

static void test_the_wall_clock_can_be_held(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_LEN];
    setenv("SLATED_CLOCK", "@1773478800", 1);
    assert_true(clock_wall_s() == 1773478800);
    clock_iso(clock_wall_s(), text);
    assert_string_equal(text, "2026-03-14T09:00:00Z");
    setenv("SLATED_CLOCK", "@x", 1);
    assert_true(clock_wall_s() != 1773478800);
    unsetenv("SLATED_CLOCK");
    setenv("TZ", "UTC", 1);
    clock_local(1773478800, "%Y-%m-%d-%H-%M-%S", text);
    assert_string_equal(text, "2026-03-14-09-00-00");
    int64_t at = clock_mono_ms();
    assert_true(clock_mono_ms() >= at);
}

static void test_digests_are_sha256_and_keep_fields_apart(void **state)
{
    (void)state;
    char a[DIGEST_LEN], b[DIGEST_LEN];
    digest_bytes("abc", 3, a);
    assert_string_equal(a, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    static const char *const fields[][2] = {{"ab", "c"}, {"a", "bc"}, {NULL, "abc"}, {"", "abc"}};
    for (size_t i = 0; i < 4; i++) {
        struct digest *d = digest_begin();
        digest_text(d, fields[i][0]);
        digest_text(d, fields[i][1]);
        digest_end(d, b);
        assert_string_not_equal(a, b);
        memcpy(a, b, sizeof a);
    }
    struct digest *d = digest_begin();
    digest_add(d, "ab", 2);
    digest_add(d, "c", 1);
    digest_end(d, b);
    digest_bytes("abc", 3, a);
    assert_string_equal(a, b);
}

static void test_faults_are_numbered_sentences_and_beyond_fifty_only_counted(void **state)
{
    (void)state;
    struct faults f = {0};
    struct buf b;
    buf_init(&b, 100000);
    faults_add(&f, "FIELD_TYPE", "a.json: /rank", "\"4\x1b\"", "an integer",
               "Write 4 without quotes.");
    faults_add(&f, "REF_MISSING", "a.json: /ref", NULL, NULL, NULL);
    faults_text(&f, &b);
    assert_string_equal(b.data,
                        "1. a.json: /rank: found \"4\\x1b\", expected an integer. Write 4 without "
                        "quotes. [FIELD_TYPE]\n\n2. a.json: /ref. [REF_MISSING]\n");
    char longer[1000];
    memset(longer, 'y', 999);
    longer[999] = '\0';
    faults_add(&f, "X", "p", longer, NULL, NULL);
    assert_int_equal(strlen(f.list[2].found), 203);
    for (int i = 0; i < 60; i++)
        faults_add(&f, "X", "p", NULL, NULL, NULL);
    assert_int_equal(f.n, 50);
    assert_int_equal(f.more, 13);
    faults_finish(&f);
    buf_finish(&b);
}

static void test_a_quoted_value_cannot_forge_a_log_line(void **state)
{
    (void)state;
    assert_string_equal(log_quote("a\nb \"c\" \x1b[2J \xff \xc3\xa9 \xc2\x9b"),
                        "\"a\\nb \\\"c\\\" \\x1b[2J \\xff \xc3\xa9 \\xc2\\x9b\"");
    char longer[1000];
    memset(longer, '\x01', 999);
    longer[999] = '\0';
    assert_true(strlen(log_quote(longer)) <= 302);
    assert_string_equal(log_quote(NULL), "\"\"");
}

static char line_of_child[512];

static void log_one(void)
{
    log_open(LOG_INFO);
    log_line(LOG_DEBUG, "never", NULL);
    log_line(LOG_WARN, "drop_refused", "name=%s n=%d", log_quote("a b"), 3);
}

static void read_log(const char *journal)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        setenv("SLATED_CLOCK", "@0", 1);
        if (journal)
            setenv("JOURNAL_STREAM", journal, 1);
        else
            unsetenv("JOURNAL_STREAM");
        log_one();
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], line_of_child, sizeof line_of_child - 1);
    line_of_child[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    waitpid(pid, NULL, 0);
}

static void test_a_log_line_is_one_event(void **state)
{
    (void)state;
    read_log(NULL);
    assert_string_equal(line_of_child, "1970-01-01T00:00:00Z warn drop_refused name=\"a b\" n=3\n");
    read_log("8:1");
    assert_string_equal(line_of_child, "<4>drop_refused name=\"a b\" n=3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_carries_code_and_sentence),
        cmocka_unit_test(test_the_systems_reason_survives_a_long_sentence),
        cmocka_unit_test(test_each_code_has_its_word),
        cmocka_unit_test(test_exhausted_memory_ends_the_process_and_a_bug_aborts_it),
        cmocka_unit_test(test_a_buffer_stops_at_its_ceiling_and_says_so),
        cmocka_unit_test(test_html_is_escaped),
        cmocka_unit_test(test_integers_are_read_strictly),
        cmocka_unit_test(test_text_is_compared_trimmed_and_measured),
        cmocka_unit_test(test_the_wall_clock_can_be_held),
        cmocka_unit_test(test_digests_are_sha256_and_keep_fields_apart),
        cmocka_unit_test(test_faults_are_numbered_sentences_and_beyond_fifty_only_counted),
        cmocka_unit_test(test_a_quoted_value_cannot_forge_a_log_line),
        cmocka_unit_test(test_a_log_line_is_one_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
