/* A watch whose back end fails: events that do not come, a network mount, limits used up. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/world.h"

/* ---- with back ends that fail ---- */

struct hints {
    int set_root_calls;
};
static int fake_refusals;     /* so many set_root fail */
static int fake_adds_allowed; /* then add fails */
static struct hints fake_hints;

static const char *fake_foreign(int dir_fd)
{
    (void)dir_fd;
    return NULL;
}

static const char *fake_network(int dir_fd)
{
    (void)dir_fd;
    return "nfs";
}

static int fake_open(struct hints **ret_hints, struct err *e)
{
    (void)e;
    fake_hints.set_root_calls = 0;
    *ret_hints = &fake_hints;
    return 0;
}

static void fake_close(struct hints *h)
{
    (void)h;
}

static int fake_fd(const struct hints *h)
{
    (void)h;
    return -1;
}

static int fake_set_root(struct hints *h, int root_fd, const char *dir, struct err *e)
{
    (void)dir;
    if (root_fd < 0)
        return 0;
    h->set_root_calls++;
    if (fake_refusals-- > 0)
        return err_set(e, ERR_LIMIT, "the limit of watched folders (7) is used up; slated needs 8");
    return 0;
}

static int fake_add(struct hints *h, int dir_fd, void *owner, int *ret_handle, struct err *e)
{
    (void)h, (void)dir_fd, (void)owner;
    if (fake_adds_allowed-- <= 0)
        return err_set(e, ERR_LIMIT, "the limit of watched folders (7) is used up; slated needs 8");
    *ret_handle = 1;
    return 0;
}

static void fake_drop(struct hints *h, int handle, void *owner)
{
    (void)h, (void)handle, (void)owner;
}

static bool fake_echo; /* the canary is heard of */

static void fake_drain(struct hints *h, void (*on)(void *ctx, const struct hint *hint), void *ctx)
{
    (void)h;
    if (fake_echo)
        on(ctx, &(struct hint){.kind = HINT_LOOK});
}

static const struct hints_ops fake_ops = {"fake",     false,     fake_foreign,  fake_open,
                                          fake_close, fake_fd,   fake_set_root, fake_add,
                                          fake_drop,  fake_drain};

static void fake_world(struct world *w, const struct hints_ops *ops)
{
    world_make(w, WATCH_EVENTS);
    w->ops = ops;
    world_open(w);
    world_turn(w);
}

/* W33 */
static void test_events_that_do_not_come_lead_to_scanning(void **state)
{
    (void)state;
    struct world w;
    fake_echo = false, fake_refusals = 0, fake_adds_allowed = 99;
    fake_world(&w, &fake_ops);
    world_drop(&w, "a.json", "{}");
    world_pass(&w, 2000 + LONG_ENOUGH);
    assert_int_equal(world_said(&w, "scanning"), 1);
    assert_int_equal(w.offers_n, 1);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_int_equal(facts.mode, WATCH_SCAN);
    world_pass(&w, 3 * SAFETY);
    assert_int_equal(world_said(&w, "scanning"), 1);
    fake_echo = true;
    world_pass(&w, SAFETY + 1000);
    assert_int_equal(world_said(&w, "events"), 1);
    watch_facts(w.watch, &facts);
    assert_int_equal(facts.mode, WATCH_EVENTS);
    world_end(&w);
}

static void test_a_network_file_system_is_scanned(void **state)
{
    (void)state;
    struct world w;
    struct hints_ops ops = fake_ops;
    ops.foreign = fake_network;
    fake_echo = true, fake_refusals = 0;
    fake_world(&w, &ops);
    world_pass(&w, 2 * SAFETY);
    assert_int_equal(world_said(&w, "scanning"), 1);
    assert_non_null(strstr(w.said[0], "nfs"));
    world_write(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

/* W32 */
static void test_a_used_up_limit_is_named_and_scanned_around(void **state)
{
    (void)state;
    struct world w;
    fake_echo = true, fake_refusals = 1, fake_adds_allowed = 0;
    fake_world(&w, &fake_ops);
    assert_int_equal(world_said(&w, "scanning: the limit of watched folders (7)"), 1);
    world_drop(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_pass(&w, SAFETY);
    assert_int_equal(world_said(&w, "events"), 1);
    w.answer = WATCH_WAIT;
    world_mkdir(&w, "d");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_said(&w, "watch limit: the limit of watched folders (7)"), 1);
    assert_int_equal(w.offers_n, 2);
    world_write(&w, "d/late", "x");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 3);
    world_end(&w);
}

static void test_a_path_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    struct err e = {0};
    struct watch *watch = NULL;
    struct watch_config config = {.dir = "inbox"};
    assert_int_equal(watch_open(&config, 0, &watch, &e), ERR_PATH);
    assert_null(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_that_do_not_come_lead_to_scanning),
        cmocka_unit_test(test_a_network_file_system_is_scanned),
        cmocka_unit_test(test_a_used_up_limit_is_named_and_scanned_around),
        cmocka_unit_test(test_a_path_that_is_not_whole_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
