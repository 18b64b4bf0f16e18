/* Round trips of the DevTools protocol with a real Chromium, one after the other: the browser's own
 * version, and a line of script in a page. Prints median and 99th percentile, what a round trip
 * costs in processor time, and memory before and after. Usage: bench_browser [COUNT] */
/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/cdp.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double resident_mb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%*d %ld", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* --- the browser --- */

static pid_t start(const char *profile)
{
    pid_t pid = fork();
    if (pid == 0) {
        char *folder = mem_printf("--user-data-dir=%s", profile);
        setpgid(0, 0);
        if (freopen("/dev/null", "w", stderr))
            execlp("chromium", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--remote-debugging-port=0", folder, "about:blank", (char *)NULL);
        _exit(1);
    }
    return pid;
}

/* The address it has written down, as soon as it has. */
static char *address(const char *profile)
{
    char *path = mem_printf("%s/DevToolsActivePort", profile), *text = NULL, *url = NULL;
    size_t len;
    for (int i = 0; i < 300 && !url; i++) {
        usleep(100000);
        if (file_read(path, 4096, &text, &len, NULL))
            continue;
        char *end = strchr(text, '\n');
        if (end) {
            *end = '\0';
            end[1 + strcspn(end + 1, "\n")] = '\0';
            url = mem_printf("ws://127.0.0.1:%s%s", text, end + 1);
        }
        free(text);
    }
    free(path);
    if (!url)
        bug("the browser did not start; is chromium installed?");
    return url;
}

/* --- one round trip --- */

struct talk {
    struct loop *loop;
    struct websockets *sockets;
    struct cdp *cdp;
    bool open, answered;
    char *said; /* of the last answer: sessionId or targetId */
};

static void opened(void *ctx)
{
    ((struct talk *)ctx)->open = true;
}

static void ended(void *ctx, const char *why)
{
    (void)ctx;
    bug("the browser went: %s", why);
}

static void event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    (void)ctx, (void)session, (void)method, (void)params; /* nothing is measured by them */
}

static void heard(void *ctx, const cJSON *result, const char *error)
{
    struct talk *t = ctx;
    if (error)
        bug("the browser answers: %s", error);
    const char *said = json_str(result, "sessionId", json_str(result, "targetId", NULL));
    if (said) {
        free(t->said);
        t->said = mem_dup(said);
    }
    t->answered = true;
}

static void turn_until(struct talk *t, const bool *done)
{
    while (!*done) {
        int64_t now = (int64_t)now_ms();
        int64_t next = websockets_turn(t->sockets, now), own = cdp_turn(t->cdp, now);
        if (!*done)
            loop_wait(t->loop, now, next < own ? next : own);
    }
}

static double ask(struct talk *t, const char *session, const char *method, cJSON *takes_params)
{
    double began = now_ms();
    t->answered = false;
    cdp_send(t->cdp, session, method, takes_params, 30000, (int64_t)began, heard, t);
    turn_until(t, &t->answered);
    return now_ms() - began;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct talk *t, const char *session, const char *name, int n)
{
    double *ms = mem_grow(NULL, (size_t)n, sizeof *ms), cpu = cpu_ms();
    for (int i = 0; i < n; i++) {
        cJSON *params = cJSON_CreateObject();
        if (session)
            json_set_str(params, "expression", "1 + 1");
        ms[i] = ask(t, session, session ? "Runtime.evaluate" : "Browser.getVersion", params);
    }
    cpu = cpu_ms() - cpu;
    qsort(ms, (size_t)n, sizeof *ms, by_size);
    printf("  %-22s median %.3f ms, p99 %.3f ms, %.3f ms of processor (goal: median 2)\n", name,
           ms[n / 2], ms[n * 99 / 100], cpu / n);
    free(ms);
}

static char *page_session(struct talk *t)
{
    cJSON *make = cJSON_CreateObject(), *attach = cJSON_CreateObject();
    json_set_str(make, "url", "about:blank");
    ask(t, NULL, "Target.createTarget", make);
    json_set_str(attach, "targetId", t->said);
    json_set_bool(attach, "flatten", true);
    ask(t, NULL, "Target.attachToTarget", attach);
    return mem_dup(t->said);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000;
    char profile[] = "/tmp/slated-bench-XXXXXX";
    struct err e = {0};
    struct talk t = {0};
    if (!mkdtemp(profile))
        bug("no folder for the browser's profile");
    pid_t pid = start(profile);
    char *url = address(profile);
    t.loop = loop_create();
    t.sockets = websockets_create(t.loop);
    struct websocket_wish wish = {.url = url};
    struct cdp_ears ears = {.opened = opened, .event = event, .ended = ended, .ctx = &t};
    t.cdp = cdp_connect(t.sockets, &wish, &ears, &e);
    if (!t.cdp)
        bug("%s", e.text);
    turn_until(&t, &t.open);
    char *session = page_session(&t);
    printf("DevTools protocol, %d round trips each, one after the other\n", n);
    measure(&t, NULL, "Browser.getVersion", n);
    double before = resident_mb();
    measure(&t, session, "Runtime.evaluate", n);
    measure(&t, session, "Runtime.evaluate again", 4 * n);
    printf("  memory after %d more: %+.2f MB of %.1f\n", 5 * n, resident_mb() - before,
           resident_mb());
    cdp_destroy(t.cdp);
    websockets_destroy(t.sockets);
    loop_destroy(t.loop);
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    free(session);
    free(t.said);
    free(url);
    return file_remove_tree(profile, NULL) ? 1 : 0;
}
