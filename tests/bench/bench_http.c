/* Requests under way at once: all are sent before the server answers the first. Prints memory on
 * top, time, and processor time a request. Usage: bench_http [COUNT [CERTIFICATE]]. */
/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "bench/usage.h"
#include "carriers/http.h"

static pid_t server_start(const char *count, const char *certificate, int *ret_port)
{
    int out[2];
    char line[32] = "";
    if (pipe(out))
        bug("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], 1);
        close(out[0]);
        execlp("node", "node", "tests/bench/crowd.mjs", count, certificate, (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    if (read(out[0], line, sizeof line - 1) <= 0)
        bug("the server did not start");
    close(out[0]);
    *ret_port = (int)strtol(line, NULL, 10);
    return pid;
}

static void ask(struct http *h, int64_t id, int port, bool tls, bool paid)
{
    struct request r = {.id = id,
                        .by = CARRY_HTTP,
                        .timeout_ms = 60000,
                        .method = mem_dup(paid ? "POST" : "GET"),
                        .url = mem_printf("http%s://127.0.0.1:%d/requests/%lld/status",
                                          tls ? "s" : "", port, (long long)id),
                        .max_len = 1 << 20,
                        .paid = paid,
                        .private_ok = true};
    if (paid)
        request_add_text(&r, mem_dup("{\"prompt\":\"a lighthouse\"}"));
    http_ask(h, &r, clock_mono_ms());
}

static void crowd(struct http *h, struct loop *loop, int count, int port, bool tls, bool paid)
{
    double before = resident_mb(), most = 0, cpu = cpu_ms();
    int64_t start = clock_mono_ms();
    int done = 0, fine = 0;
    char connections[32] = "?";
    for (int i = 0; i < count; i++)
        ask(h, i, port, tls, paid);
    while (done < count) {
        struct response r;
        int64_t now = clock_mono_ms(), next = http_turn(h, now);
        double mb = done ? 0 : resident_mb();
        most = mb > most ? mb : most;
        for (; http_take(h, &r); done++) {
            const char *n = response_header(&r, "x-connections");
            snprintf(connections, sizeof connections, "%s", n ? n : "?");
            fine += r.kind == RESPONSE_ANSWERED && r.status == 200;
            if (r.error && fine + 1 == done)
                printf("%s\n", r.error);
            response_finish(&r);
        }
        loop_wait(loop, now, done < count ? next : now);
    }
    printf(
        "%-4s %s  %5d at once, %5d answered, %4s connections: %5.1f MB on top, %5lld ms, %.3f ms "
        "cpu each\n",
        paid ? "POST" : "GET", tls ? "tls" : "   ", count, fine, connections, most - before,
        (long long)(clock_mono_ms() - start), (cpu_ms() - cpu) / count);
}

int main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : "2000", *certificate = argc > 2 ? argv[2] : NULL;
    int port, n = (int)strtol(count, NULL, 10);
    pid_t pid = server_start(count, certificate, &port);
    struct loop *loop = loop_create();
    struct http *h = http_create(loop, NULL);
    if (certificate)
        setenv("SSL_CERT_FILE", certificate, 1);
    crowd(h, loop, n, port, certificate != NULL, false);
    crowd(h, loop, n, port, certificate != NULL, true);
    http_destroy(h);
    loop_destroy(loop);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return 0;
}
