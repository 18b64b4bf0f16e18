/* Folders, junk and odd things as the reader of a watch meets them, with events and with scanning.
 */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/world.h"

static void fill_staged_folder(struct world *w, const char *name, int files)
{
    char *dir = mem_printf("%s/stage/%s", w->top, name);
    assert_int_equal(mkdir(dir, 0755), 0);
    for (int i = 0; i < files; i++) {
        char *inner = mem_printf("%s/f%d", name, i);
        free(world_stage(w, inner, "x"));
        free(inner);
    }
    free(dir);
}

/* W15 */
static void test_a_folder_moved_in_is_one_offer_at_once_with_events(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    fill_staged_folder(&w, "combo", 30);
    char *from = mem_printf("%s/stage/combo", w.top), *to = world_path(&w, "combo");
    assert_int_equal(rename(from, to), 0);
    world_pass(&w, w.mode == WATCH_EVENTS ? 0 : LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    assert_true(world_last(&w, "combo")->ready.folder);
    world_pass(&w, 60000);
    assert_int_equal(w.offers_n, 1);
    free(from), free(to);
    world_end(&w);
}

/* W16 */
static void test_a_folder_filled_with_pauses_is_waited_for(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_mkdir(&w, "set");
    for (int i = 0; i < 30; i++) {
        char *name = mem_printf("set/f%d", i);
        world_write(&w, name, "x");
        free(name);
        world_pass(&w, SETTLE_FOLDER - 200);
        assert_int_equal(w.offers_n, 0);
    }
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

/* W17: what a watch on a new folder alone would miss */
static void test_a_deep_copy_is_one_offer_that_comes_after_its_last_file(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_mkdir(&w, "deep");
    for (int d = 0; d < 8; d++) {
        char *dir = mem_printf("deep/d%d", d);
        world_mkdir(&w, dir);
        for (int f = 0; f < 40; f++) {
            char *name = mem_printf("%s/f%d", dir, f);
            world_write(&w, name, "x");
            free(name);
        }
        free(dir);
        world_pass(&w, SETTLE_FOLDER / 2);
    }
    int64_t last = w.now - SETTLE_FOLDER / 2;
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    assert_true(world_last(&w, "deep")->at_ms >= last + SETTLE_FOLDER);
    world_end(&w);
}

static void test_a_change_deep_inside_a_waiting_folder_is_seen(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    world_mkdir(&w, "a");
    world_mkdir(&w, "a/b");
    world_mkdir(&w, "a/b/c");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_write(&w, "a/b/c/late.png", "x");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 2);
    assert_true(world_last(&w, "a")->ready.changed);
    world_end(&w);
}

/* W19 */
static void test_a_taken_folder_under_another_name_is_no_new_work(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_mkdir(&w, "combo");
    world_write(&w, "combo/a", "1");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "combo"), 1);
    fill_staged_folder(&w, "combo.new", 2);
    world_rename(&w, "combo", "combo.old");
    char *from = mem_printf("%s/stage/combo.new", w.top), *to = world_path(&w, "combo");
    assert_int_equal(rename(from, to), 0);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "combo"), 2);
    assert_int_equal(world_count(&w, "combo.old"), 0);
    free(from), free(to);
    world_end(&w);
}

/* W20 */
static void test_a_folder_deleted_and_made_again_is_seen(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    for (int round = 0; round < 3; round++) {
        size_t before = w.offers_n;
        if (round == 1)
            world_remove(&w, "top/sub");
        if (round == 2) {
            char *from = world_path(&w, "top/sub"), *to = mem_printf("%s/stage/away", w.top);
            assert_int_equal(rename(from, to), 0);
            free(from), free(to);
        }
        if (round == 0)
            world_mkdir(&w, "top");
        world_mkdir(&w, "top/sub");
        world_pass(&w, LONG_ENOUGH);
        world_write(&w, "top/sub/file", "x");
        world_pass(&w, LONG_ENOUGH);
        assert_true(w.offers_n >= before + 1);
        assert_int_equal(world_last(&w, "top")->ready.changed, 1);
    }
    world_end(&w);
}

/* W28 */
static void test_junk_neither_counts_nor_postpones(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_mkdir(&w, "set");
    world_write(&w, "set/a.png", "x");
    world_write(&w, "set/stfolder.png", "x");
    int64_t began = w.now;
    world_mkdir(&w, "set/@eaDir");
    for (int i = 0; i < 40 && !w.offers_n; i++) {
        world_write(&w, ".DS_Store", i % 2 ? "y" : "xx");
        world_write(&w, "set/.DS_Store", i % 2 ? "y" : "xx");
        world_write(&w, "set/._a.png", i % 2 ? "y" : "xx");
        world_write(&w, "set/@eaDir/Thumbs.db", i % 2 ? "y" : "xx");
        world_pass(&w, 100);
    }
    assert_int_equal(w.offers_n, 1);
    assert_true(world_last(&w, "set")->at_ms - began <=
                SETTLE_FOLDER + (w.mode == WATCH_SCAN ? 2 * SCAN : 0));
    world_write(&w, "set/.DS_Store", "zzz");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

/* W29 */
static void test_what_is_no_file_or_folder_is_offered_once_and_never_opened(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_IGNORE;
    char *fifo = world_path(&w, "fifo"), *out = world_path(&w, "out"),
         *loop = world_path(&w, "loop");
    char *dangling = world_path(&w, "dangling"), *socket_at = world_path(&w, "socket");
    assert_int_equal(mkfifo(fifo, 0644) | symlink("/etc", out) | symlink("loop", loop) |
                         symlink("nothing", dangling),
                     0);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_at);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&un, sizeof(un)), 0);
    world_mkdir(&w, "d");
    char *inner = world_path(&w, "d/up");
    assert_int_equal(symlink("..", inner), 0);
    char *inner_fifo = world_path(&w, "d/fifo");
    assert_int_equal(mkfifo(inner_fifo, 0644), 0);
    world_drop(&w, "good.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    world_pass(&w, 60000);
    static const char *const odd[] = {"fifo", "out", "loop", "dangling", "socket"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(world_count(&w, odd[i]), 1);
        assert_false(world_last(&w, odd[i])->ready.regular);
        assert_false(world_last(&w, odd[i])->ready.folder);
        assert_true(world_last(&w, odd[i])->at_ms - 1000000 <= SCAN);
    }
    assert_int_equal(world_count(&w, "good.json"), 1);
    assert_int_equal(world_count(&w, "d"), 1);
    close(s);
    free(fifo), free(out), free(loop), free(dangling), free(socket_at), free(inner),
        free(inner_fifo);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_a_folder_moved_in_is_one_offer_at_once_with_events),
        BOTH(test_a_folder_filled_with_pauses_is_waited_for),
        BOTH(test_a_deep_copy_is_one_offer_that_comes_after_its_last_file),
        BOTH(test_a_change_deep_inside_a_waiting_folder_is_seen),
        BOTH(test_a_taken_folder_under_another_name_is_no_new_work),
        BOTH(test_a_folder_deleted_and_made_again_is_seen),
        BOTH(test_junk_neither_counts_nor_postpones),
        BOTH(test_what_is_no_file_or_folder_is_offered_once_and_never_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
