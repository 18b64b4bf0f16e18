/* The kqueue back end under the same watch, with a kernel played by the test: after each step the
 * test says which folders changed, as a kqueue would. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/world.h"

#include "../../src/watch/watch_kqueue.c"

/* ---- the kernel ---- */

#define NOTED_MAX 64
static struct {
    int fd;
    uint32_t wanted;
} noted[NOTED_MAX];
static int noted_n, refuse_after = -1;
static struct kevent pending[NOTED_MAX];
static int pending_n;

int kqueue(void)
{
    noted_n = pending_n = 0;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int kevent(int fd, const struct kevent *changes, int changes_n, struct kevent *ret_events,
           int events_n, const struct timespec *timeout)
{
    (void)fd;
    assert_true(changes_n == 1 || timeout);
    for (int i = 0; i < changes_n; i++) {
        if (refuse_after == 0) {
            errno = EMFILE;
            return -1;
        }
        refuse_after -= refuse_after > 0;
        assert_true(noted_n < NOTED_MAX);
        noted[noted_n].fd = (int)changes[i].ident;
        noted[noted_n++].wanted = changes[i].fflags;
    }
    int n = 0;
    while (ret_events && pending_n && n < events_n)
        ret_events[n++] = pending[--pending_n];
    return n;
}

/* Something happened to the folder at path. */
static void kernel_notes(const char *path, uint32_t what)
{
    struct stat st, other;
    assert_int_equal(stat(path, &st), 0);
    for (int i = 0; i < noted_n; i++) {
        if (!(noted[i].wanted & what) || fstat(noted[i].fd, &other) != 0 ||
            other.st_ino != st.st_ino)
            continue;
        assert_true(pending_n < NOTED_MAX);
        pending[pending_n++] = (struct kevent){.ident = (uintptr_t)noted[i].fd, .fflags = what};
        return;
    }
}

static void world_begin_here(struct world *w)
{
    refuse_after = -1;
    world_make(w, WATCH_EVENTS);
    world_open(w);
    kernel_notes(w->inbox, NOTE_WRITE); /* the canary */
    world_turn(w);
}

/* ---- the tests ---- */

static void test_a_new_file_is_offered_after_its_rest(void **state)
{
    (void)state;
    struct world w;
    world_begin_here(&w);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_int_equal(facts.mode, WATCH_EVENTS);
    world_drop(&w, "a.json", "{}");
    kernel_notes(w.inbox, NOTE_WRITE);
    world_pass(&w, SETTLE_UNCLOSED - 1);
    assert_int_equal(w.offers_n, 0);
    world_pass(&w, 1);
    assert_int_equal(w.offers_n, 1);
    assert_true(world_turn(&w) > w.now + SAFETY / 2);
    world_end(&w);
}

static void test_a_file_that_grows_unheard_is_waited_for(void **state)
{
    (void)state;
    struct world w;
    world_begin_here(&w);
    world_write(&w, "a.json", "{");
    kernel_notes(w.inbox, NOTE_WRITE);
    for (int i = 0; i < 5; i++) {
        world_pass(&w, SETTLE_UNCLOSED - 100);
        assert_int_equal(w.offers_n, 0);
        char *path = world_path(&w, "a.json");
        assert_int_equal(truncate(path, 100 + i), 0);
        free(path);
    }
    world_pass(&w, 2 * SETTLE_UNCLOSED);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

static void test_a_waiting_file_is_looked_at_by_the_clock(void **state)
{
    (void)state;
    struct world w;
    world_begin_here(&w);
    w.answer = WATCH_WAIT;
    world_write(&w, "a.json", "{");
    kernel_notes(w.inbox, NOTE_WRITE);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_write(&w, "a.json", "{}");
    world_pass(&w, SCAN + LONG_ENOUGH);
    assert_int_equal(w.offers_n, 2);
    world_end(&w);
}

static void test_a_folder_inside_a_folder_is_heard(void **state)
{
    (void)state;
    struct world w;
    world_begin_here(&w);
    w.answer = WATCH_IGNORE;
    world_mkdir(&w, "d");
    world_mkdir(&w, "d/sub");
    kernel_notes(w.inbox, NOTE_WRITE);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_write(&w, "d/sub/x", "x");
    char *sub = world_path(&w, "d/sub");
    kernel_notes(sub, NOTE_WRITE);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 2);
    world_remove(&w, "d");
    kernel_notes(w.inbox, NOTE_WRITE);
    world_pass(&w, LONG_ENOUGH);
    assert_string_equal(w.last_gone, "d");
    free(sub);
    world_end(&w);
}

static void test_a_moved_root_is_missing_at_once(void **state)
{
    (void)state;
    struct world w;
    world_begin_here(&w);
    char *away = mem_printf("%s/away", w.top);
    assert_int_equal(rename(w.inbox, away), 0);
    kernel_notes(away, NOTE_RENAME);
    world_turn(&w);
    assert_int_equal(world_said(&w, "inbox missing"), 1);
    assert_int_equal(rename(away, w.inbox), 0);
    world_pass(&w, 5001);
    assert_int_equal(world_said(&w, "inbox back"), 1);
    free(away);
    world_end(&w);
}

static void test_too_few_descriptors_lead_to_scanning(void **state)
{
    (void)state;
    struct world w;
    world_make(&w, WATCH_EVENTS);
    refuse_after = 0;
    world_open(&w);
    world_write(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_said(&w, "scanning: the limit of open files"), 1);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_file_is_offered_after_its_rest),
        cmocka_unit_test(test_a_file_that_grows_unheard_is_waited_for),
        cmocka_unit_test(test_a_waiting_file_is_looked_at_by_the_clock),
        cmocka_unit_test(test_a_folder_inside_a_folder_is_heard),
        cmocka_unit_test(test_a_moved_root_is_missing_at_once),
        cmocka_unit_test(test_too_few_descriptors_lead_to_scanning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
