/* Steps that wait for a shared commit: seen at once by their writer, by nobody else before it, and
 * lost only together and only with a word about it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "store/home.h"

/* One step that writes one fact and waits. */
static void write_later(const char *name)
{
    ok(store_begin(s, &e));
    ok(store_set_fact(s, name, "yes", &e));
    ok(store_commit_later(s, &e));
}

static bool known_to(struct store *to, const char *name)
{
    char *value = store_fact(to, name);
    bool known = value != NULL;
    free(value);
    return known;
}

/* What another process would see now. */
static bool on_disk(const char *name)
{
    struct store *reader = NULL;
    ok(store_open(home, true, &reader, &e));
    bool known = known_to(reader, name);
    store_close(reader);
    return known;
}

static void test_a_step_for_later_is_durable_with_the_flush(void **state)
{
    (void)state;
    write_later("one");
    write_later("two");
    assert_true(known_to(s, "one") && known_to(s, "two"));
    assert_false(on_disk("one") || on_disk("two"));
    ok(store_flush(s, &e));
    assert_true(on_disk("one") && on_disk("two"));
    ok(store_flush(s, &e)); /* nothing waits */
}

static void test_a_durable_step_takes_along_what_waited_before_it(void **state)
{
    (void)state;
    write_later("one");
    ok(store_begin(s, &e));
    ok(store_set_fact(s, "two", "yes", &e));
    ok(store_commit(s, &e));
    assert_true(on_disk("one") && on_disk("two"));
}

static void test_a_rollback_takes_back_its_own_step_alone(void **state)
{
    (void)state;
    write_later("one");
    ok(store_begin(s, &e));
    ok(store_set_fact(s, "two", "yes", &e));
    ok(store_set_fact(s, "one", NULL, &e));
    store_rollback(s);
    assert_true(known_to(s, "one"));
    assert_false(known_to(s, "two"));
    write_later("three");
    ok(store_flush(s, &e));
    assert_true(on_disk("one") && on_disk("three"));
    assert_false(on_disk("two"));
}

static void test_the_first_step_for_later_can_be_rolled_back(void **state)
{
    (void)state;
    ok(store_begin(s, &e));
    ok(store_set_fact(s, "one", "yes", &e));
    store_rollback(s);
    write_later("two");
    ok(store_flush(s, &e));
    assert_false(on_disk("one"));
    assert_true(on_disk("two"));
}

static void test_a_kill_before_the_flush_leaves_none_of_them(void **state)
{
    (void)state;
    store_close(s);
    pid_t child = fork();
    if (child == 0) {
        if (store_open(home, false, &s, &e))
            _exit(2);
        write_later("one");
        ok(store_flush(s, &e));
        write_later("two");
        write_later("three");
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ok(store_open(home, false, &s, &e));
    assert_true(known_to(s, "one"));
    assert_false(known_to(s, "two") || known_to(s, "three"));
}

/* --- the barrier --- */

static int asked, refuses;

static int barrier(void *ctx, struct err *err)
{
    (void)ctx;
    asked++;
    return refuses ? err_set(err, ERR_IO, "the folder cannot be synced") : 0;
}

static void test_the_barrier_stands_before_every_durable_commit(void **state)
{
    (void)state;
    asked = refuses = 0;
    store_set_barrier(s, barrier, NULL);
    write_later("one");
    assert_int_equal(asked, 0);
    ok(store_flush(s, &e));
    assert_int_equal(asked, 1);
    ok(store_flush(s, &e));
    assert_int_equal(asked, 1);
    ok(store_begin(s, &e));
    ok(store_commit(s, &e));
    assert_int_equal(asked, 2);
}

static void test_what_cannot_be_made_durable_is_gone_and_said(void **state)
{
    (void)state;
    refuses = 1;
    store_set_barrier(s, barrier, NULL);
    write_later("one");
    assert_int_equal(store_flush(s, &e), ERR_IO);
    refuses = 0;
    assert_false(known_to(s, "one"));
    write_later("two"); /* and it can be written again */
    ok(store_flush(s, &e));
    assert_true(on_disk("two"));
}

/* Somebody else's failed commit must not hide that a step which waited is gone. */
static void test_a_step_that_went_down_with_another_is_told_at_the_flush(void **state)
{
    (void)state;
    refuses = 1;
    store_set_barrier(s, barrier, NULL);
    write_later("one");
    ok(store_begin(s, &e));
    ok(store_set_fact(s, "two", "yes", &e));
    assert_int_equal(store_commit(s, &e), ERR_IO);
    store_rollback(s);
    refuses = 0;
    assert_int_equal(store_flush(s, &e), ERR_STORE);
    assert_non_null(strstr(e.text, "lost"));
    assert_false(known_to(s, "one") || known_to(s, "two"));
    ok(store_flush(s, &e)); /* said once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_step_for_later_is_durable_with_the_flush),
        TEST(test_a_durable_step_takes_along_what_waited_before_it),
        TEST(test_a_rollback_takes_back_its_own_step_alone),
        TEST(test_the_first_step_for_later_can_be_rolled_back),
        TEST(test_a_kill_before_the_flush_leaves_none_of_them),
        TEST(test_the_barrier_stands_before_every_durable_commit),
        TEST(test_what_cannot_be_made_durable_is_gone_and_said),
        TEST(test_a_step_that_went_down_with_another_is_told_at_the_flush),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
