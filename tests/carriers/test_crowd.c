/* Sockets that the loop watches as one: who is ready is told, who has left is not. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "carriers/crowd.h"

#define PIPES 400 /* more than are told of in one go */

struct told {
    int n, fd;
    short revents;
};

static void on_ready(void *ctx, int fd, short revents)
{
    struct told *t = ctx;
    t->n++;
    t->fd = fd;
    t->revents = revents;
}

struct fixture {
    struct loop *loop;
    struct crowd *crowd;
    struct told told;
};

static void open_all(struct fixture *f)
{
    *f = (struct fixture){.loop = loop_create()};
    assert_int_equal(crowd_create(f->loop, on_ready, &f->told, &f->crowd, NULL), 0);
}

static void close_all(struct fixture *f)
{
    crowd_destroy(f->crowd);
    loop_destroy(f->loop);
}

static void turn(struct fixture *f)
{
    f->told = (struct told){0};
    loop_wait(f->loop, 0, 0);
}

static void test_only_who_is_ready_is_told(void **state)
{
    struct fixture f;
    int quiet[2], loud[2];
    (void)state;
    open_all(&f);
    assert_int_equal(pipe(quiet) | pipe(loud), 0);
    crowd_set(f.crowd, quiet[0], POLLIN);
    crowd_set(f.crowd, loud[0], POLLIN);
    turn(&f);
    assert_int_equal(f.told.n, 0);
    assert_int_equal(write(loud[1], "x", 1), 1);
    turn(&f);
    assert_int_equal(f.told.n, 1);
    assert_int_equal(f.told.fd, loud[0]);
    assert_true(f.told.revents & POLLIN);
    crowd_remove(f.crowd, loud[0]);
    turn(&f);
    assert_int_equal(f.told.n, 0);
    close_all(&f);
    for (int i = 0; i < 2; i++) {
        close(quiet[i]);
        close(loud[i]);
    }
}

static void test_what_is_waited_for_changes(void **state)
{
    struct fixture f;
    int ends[2];
    (void)state;
    open_all(&f);
    assert_int_equal(pipe(ends), 0);
    crowd_set(f.crowd, ends[1], POLLIN);
    turn(&f);
    assert_int_equal(f.told.n, 0);
    crowd_set(f.crowd, ends[1], POLLOUT);
    turn(&f);
    assert_int_equal(f.told.n, 1);
    assert_true(f.told.revents & POLLOUT);
    close_all(&f);
    close(ends[0]);
    close(ends[1]);
}

static void test_a_descriptor_that_was_closed_in_between_is_taken_anew(void **state)
{
    struct fixture f;
    int first[2], second[2];
    (void)state;
    open_all(&f);
    assert_int_equal(pipe(first), 0);
    crowd_set(f.crowd, first[1], POLLOUT);
    close(first[1]);
    close(first[0]);
    assert_int_equal(pipe(second), 0);
    assert_int_equal(second[1], first[1]);
    crowd_set(f.crowd, second[1], POLLOUT);
    turn(&f);
    assert_int_equal(f.told.n, 1);
    crowd_remove(f.crowd, first[0]); /* never in it */
    close_all(&f);
    close(second[0]);
    close(second[1]);
}

/* Each leaves when it is told, so that the others come to be told. */
static void leave(void *ctx, int fd, short revents)
{
    struct fixture *f = ctx;
    (void)revents;
    f->told.n++;
    crowd_remove(f->crowd, fd);
}

static void test_all_of_many_are_told(void **state)
{
    struct fixture f = {.loop = loop_create()};
    static int ends[PIPES][2];
    int told = 0;
    (void)state;
    assert_int_equal(crowd_create(f.loop, leave, &f, &f.crowd, NULL), 0);
    for (int i = 0; i < PIPES; i++) {
        if (pipe(ends[i]))
            skip(); /* the system allows fewer descriptors */
        crowd_set(f.crowd, ends[i][1], POLLOUT);
    }
    for (int turns = 0; turns < 10; turns++) {
        turn(&f);
        told += f.told.n;
    }
    assert_int_equal(told, PIPES);
    close_all(&f);
    for (int i = 0; i < PIPES; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_who_is_ready_is_told),
        cmocka_unit_test(test_what_is_waited_for_changes),
        cmocka_unit_test(test_a_descriptor_that_was_closed_in_between_is_taken_anew),
        cmocka_unit_test(test_all_of_many_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
