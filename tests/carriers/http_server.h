/* What the tests of the HTTP carrier share: wire.py at work on this machine, and one conversation
 * from its request to its response. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "carriers/http.h"

struct fixture {
    char dir[64];
    char *body;
    int port, early; /* early: resets each connection before it reads */
    pid_t pid;
    struct loop *loop;
    struct http *http;
};

static inline const char *test_secret(const char *name)
{
    return strcmp(name, "TEST_KEY") == 0 ? "sesame-1234" : NULL;
}

static inline bool server_start(struct fixture *f, const char *certificate)
{
    int out[2];
    char line[64] = "";
    if (pipe(out))
        return false;
    f->pid = fork();
    if (f->pid == 0) {
        dup2(out[1], 1);
        close(out[0]);
        execlp("python3", "python3", "tests/carriers/wire.py", certificate, (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    size_t len = 0; /* to the end of the line: it may come in pieces */
    while (len < sizeof(line) - 1 && read(out[0], line + len, 1) == 1 && line[len] != '\n')
        len++;
    close(out[0]);
    return sscanf(line, "%d %d", &f->port, &f->early) == 2;
}

static inline int fixture_open(void **state, const char *certificate)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/slated-http-XXXXXX");
    if (!mkdtemp(f->dir) || !server_start(f, certificate))
        return -1;
    f->body = mem_printf("%s/body", f->dir);
    f->loop = loop_create();
    f->http = http_create(f->loop, test_secret);
    *state = f;
    return 0;
}

static inline int set_up(void **state)
{
    return fixture_open(state, NULL);
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    http_destroy(f->http);
    loop_destroy(f->loop);
    kill(f->pid, SIGKILL);
    waitpid(f->pid, NULL, 0);
    file_remove_tree(f->dir, NULL);
    free(f->body);
    free(f);
    return 0;
}

/* A request for a path of the server, into memory. */
static inline struct request request_of(const struct fixture *f, const char *method,
                                        const char *path)
{
    return (struct request){.id = 7,
                            .by = CARRY_HTTP,
                            .timeout_ms = 10000,
                            .method = mem_dup(method),
                            .url = mem_printf("http://127.0.0.1:%d%s", f->port, path),
                            .max_len = 50000,
                            .private_ok = true};
}

/* Until one response is there, at most 20 s. */
static inline void wait_for(struct fixture *f, struct response *ret_response)
{
    int64_t until = clock_mono_ms() + 20000;
    for (;;) {
        int64_t now = clock_mono_ms(), next = http_turn(f->http, now);
        if (http_take(f->http, ret_response))
            return;
        assert_true(now < until);
        loop_wait(f->loop, now, next < until ? next : until);
    }
}

static inline void converse(struct fixture *f, struct request *takes_request,
                            struct response *ret_response)
{
    int64_t id = takes_request->id;
    http_ask(f->http, takes_request, clock_mono_ms());
    wait_for(f, ret_response);
    assert_int_equal(ret_response->id, id);
    assert_int_equal(http_busy(f->http), 0);
}

/* How often a whole request for the path reached the server. */
static inline int times_seen(struct fixture *f, const char *path)
{
    char *ask = mem_printf("/seen?%s", path);
    struct request r = request_of(f, "GET", ask);
    struct response a;
    converse(f, &r, &a);
    int times = a.text ? (int)strtol(a.text, NULL, 10) : -1;
    response_finish(&a);
    free(ask);
    return times;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
