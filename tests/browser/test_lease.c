/* Two processes and one browser: only one drives it, and its end frees it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "browser/lease.h"

/* Another process that holds path; its pid. */
static pid_t hold(const char *path)
{
    int told[2];
    char byte;
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = -1;
        byte = lease_take(path, &fd) ? 'y' : 'n';
        (void)!write(told[1], &byte, 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(told[0]);
    close(told[1]);
    return pid;
}

static void test_a_lease_is_one_process_s_until_its_end(void **state)
{
    (void)state;
    char dir[] = "/tmp/slated-lease-XXXXXX";
    int fd = -1;
    assert_non_null(mkdtemp(dir));
    char *path = mem_printf("%s/browser/lease-0", dir);
    assert_int_equal(lease_holder(path), 0);
    pid_t other = hold(path);
    assert_int_equal(lease_holder(path), other);
    assert_false(lease_take(path, &fd));
    assert_int_equal(fd, -1);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    assert_int_equal(lease_holder(path), 0);
    assert_true(lease_take(path, &fd));
    assert_true(lease_take(path, &fd)); /* ours already */
    assert_true(fd >= 0);
    lease_drop(&fd);
    assert_int_equal(fd, -1);
    other = hold(path);
    assert_false(lease_take(path, &fd));
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    assert_int_equal(file_remove_tree(dir, NULL), 0);
    free(path);
}

static void test_where_no_file_can_be_made_it_is_taken_without(void **state)
{
    (void)state;
    int fd = -1;
    assert_true(lease_take("/proc/nowhere/lease-0", &fd));
    assert_int_equal(fd, -1);
    lease_drop(&fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lease_is_one_process_s_until_its_end),
        cmocka_unit_test(test_where_no_file_can_be_made_it_is_taken_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
