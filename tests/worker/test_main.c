/* The worker as a process of its own at the other end of a socketpair: answers in order, survives
 * bad requests, ends with its peer, and its sudden death is seen at once. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "worker/worker.h"

struct worker {
    pid_t pid;
    int fd;
    char dir[64];
};

static int start(void **state)
{
    struct worker *w = mem_alloc(sizeof *w);
    int pair[2];
    strcpy(w->dir, "/tmp/slated-worker-XXXXXX");
    if (!mkdtemp(w->dir) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    w->pid = fork();
    if (w->pid == 0) {
        char *argv[] = {(char *)"slated-worker", (char *)"--fd", (char *)"3", NULL};
        close(pair[0]);
        if (pair[1] != 3) {
            dup2(pair[1], 3);
            close(pair[1]);
        }
        _exit(worker_main(3, argv));
    }
    close(pair[1]);
    w->fd = pair[0];
    *state = w;
    return w->pid > 0 ? 0 : -1;
}

static int stop(void **state)
{
    struct worker *w = *state;
    if (w->pid > 0) {
        kill(w->pid, SIGKILL);
        waitpid(w->pid, NULL, 0);
    }
    if (w->fd >= 0)
        close(w->fd);
    (void)file_remove_tree(w->dir, NULL);
    free(w);
    return 0;
}

static void say(struct worker *w, const char *text)
{
    size_t len = strlen(text);
    assert_int_equal(write(w->fd, text, len), (ssize_t)len);
}

/* One answer's tree, or NULL when the worker is gone. */
static cJSON *hear(struct worker *w)
{
    static char line[1 << 16];
    size_t len = 0;
    while (len < sizeof line - 1 && read(w->fd, line + len, 1) == 1)
        if (line[len++] == '\n')
            break;
    line[len] = '\0';
    if (len == 0)
        return NULL;
    cJSON *tree = cJSON_Parse(line);
    assert_non_null(tree);
    return tree;
}

static void expect_failure(struct worker *w, int64_t id, const char *class)
{
    cJSON *answer = hear(w);
    assert_non_null(answer);
    assert_false(json_bool(answer, "ok", true));
    assert_int_equal(json_int(answer, "id", -1), id);
    assert_string_equal(json_str(answer, "class", ""), class);
    assert_true(json_str(answer, "error", "")[0] != '\0');
    cJSON_Delete(answer);
}

static void survey(struct worker *w, int id)
{
    char *line =
        mem_printf("{\"id\":%d,\"op\":\"survey\",\"params\":{\"dir\":\"%s\",\"name\":\"a.txt\"}}\n",
                   id, w->dir);
    say(w, line);
    free(line);
}

static void file_make(struct worker *w)
{
    char *path = path_join(w->dir, "a.txt");
    assert_int_equal(file_write(path, "hello\n", 6, false, NULL), 0);
    free(path);
}

static void test_answers_several_requests_in_order(void **state)
{
    struct worker *w = *state;
    file_make(w);
    for (int i = 1; i <= 20; i++)
        survey(w, i);
    for (int i = 1; i <= 20; i++) {
        cJSON *answer = hear(w);
        assert_non_null(answer);
        assert_true(json_bool(answer, "ok", false));
        assert_int_equal(json_int(answer, "id", -1), i);
        assert_non_null(json_get(json_get(answer, "facts"), "files"));
        cJSON_Delete(answer);
    }
}

static void test_a_line_in_pieces_is_one_request(void **state)
{
    struct worker *w = *state;
    say(w, "{\"id\":3,\"op\":");
    usleep(20000);
    say(w, "\"no.such\"}\n{\"id\":4,\"op\":\"no.such\"}\n");
    expect_failure(w, 3, "unsupported");
    expect_failure(w, 4, "unsupported");
}

static void test_a_bad_line_is_refused_and_the_next_is_answered(void **state)
{
    struct worker *w = *state;
    say(w, "nonsense\n\n{\"id\":5,\"op\":\"survey\",\"params\":{}}\n");
    expect_failure(w, -1, "input");
    expect_failure(w, 5, "input");
}

static void test_a_line_past_the_ceiling_is_refused_once(void **state)
{
    struct worker *w = *state;
    char *much = mem_alloc(5 << 20);
    memset(much, 'x', 5 << 20);
    much[(5 << 20) - 1] = '\n';
    for (size_t at = 0; at < 5 << 20;) {
        ssize_t n = write(w->fd, much + at, (5 << 20) - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    free(much);
    expect_failure(w, -1, "limit");
    say(w, "{\"id\":6,\"op\":\"no.such\"}\n");
    expect_failure(w, 6, "unsupported");
}

static void test_a_failed_operation_leaves_no_output(void **state)
{
    struct worker *w = *state;
    char *part = path_join(w->dir, "part.png");
    assert_int_equal(file_write(part, "half", 4, false, NULL), 0);
    char *line = mem_printf(
        "{\"id\":8,\"op\":\"no.such\",\"out\":[{\"role\":\"picture\",\"path\":\"%s\"}]}\n", part);
    say(w, line);
    expect_failure(w, 8, "unsupported");
    assert_false(file_exists(part));
    free(line);
    free(part);
}

static void test_ends_with_its_peer(void **state)
{
    struct worker *w = *state;
    int status;
    close(w->fd);
    w->fd = -1;
    assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
    w->pid = 0;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_a_killed_worker_is_an_end_of_file(void **state)
{
    struct worker *w = *state;
    kill(w->pid, SIGSTOP); /* busy, as far as the parent can tell */
    survey(w, 9);
    kill(w->pid, SIGKILL);
    assert_null(hear(w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers_several_requests_in_order, start, stop),
        cmocka_unit_test_setup_teardown(test_a_line_in_pieces_is_one_request, start, stop),
        cmocka_unit_test_setup_teardown(test_a_bad_line_is_refused_and_the_next_is_answered, start,
                                        stop),
        cmocka_unit_test_setup_teardown(test_a_line_past_the_ceiling_is_refused_once, start, stop),
        cmocka_unit_test_setup_teardown(test_a_failed_operation_leaves_no_output, start, stop),
        cmocka_unit_test_setup_teardown(test_ends_with_its_peer, start, stop),
        cmocka_unit_test_setup_teardown(test_a_killed_worker_is_an_end_of_file, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
