/* Round trips of the DevTools protocol with a real Chromium, one after the other: the browser's own
 * version, and a line of script in a page. Prints median and 99th percentile, what a round trip
 * costs in processor time, and memory before and after. Then runs of acts, each in a tab of its
 * own, and what they leave behind. Usage: bench_browser [COUNT [RUNS]] */
/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "bench/usage.h"
#include "browser/browser.h"
#include "browser/cdp.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
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
    int pages;  /* of the last answer that lists what is open */
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

static int count_pages(const cJSON *targets)
{
    int n = 0;
    const cJSON *target;
    cJSON_ArrayForEach(target, targets) n += str_eq(json_str(target, "type", ""), "page");
    return n;
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
    if (json_get(result, "targetInfos"))
        t->pages = count_pages(json_get(result, "targetInfos"));
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

/* --- runs --- */

static const char acts[] =
    "[{\"act\": \"go\", \"to\": \"about:blank\"},"
    " {\"act\": \"evaluate\", \"script\": \"document.body.innerHTML = '<button>Go</button>"
    "<textarea></textarea>'; console.log('a line of the page');\"},"
    " {\"act\": \"wait\", \"for\": {\"ready\": {\"css\": \"button\"}}},"
    " {\"act\": \"click\", \"on\": {\"css\": \"button\", \"text\": \"Go\"}},"
    " {\"act\": \"click\", \"on\": {\"css\": \"textarea\"}},"
    " {\"act\": \"type\", \"text\": \"a lamp on a desk in the evening\", \"key_ms\": 1},"
    " {\"act\": \"list\", \"of\": {\"css\": \"button\"}}, {\"act\": \"console\"},"
    " {\"act\": \"html\", \"to\": \"page.html\"},"
    " {\"act\": \"screenshot\", \"to\": \"page.jpg\"}]";

static struct request run_request(int64_t id, const char *dir)
{
    struct request r = {.id = id, .by = CARRY_BROWSER, .timeout_ms = 60000};
    r.line = cJSON_CreateObject();
    json_set(r.line, "run", cJSON_Parse(acts));
    json_set_str(r.line, "dir", dir);
    return r;
}

static void run_once(struct talk *t, struct browser *b, int64_t id, const char *dir)
{
    struct request request = run_request(id, dir);
    struct response response;
    browser_ask(b, &request, (int64_t)now_ms());
    while (!browser_take(b, &response)) {
        int64_t now = (int64_t)now_ms(), next = websockets_turn(t->sockets, now);
        int64_t turn = browser_turn(b, now), own = cdp_turn(t->cdp, now);
        next = turn < next ? turn : next;
        if (next > now)
            loop_wait(t->loop, now, own < next ? own : next);
    }
    if (!json_bool(response.body, "ok", false))
        bug("run %lld: %s", (long long)id, response.error ? response.error : "an act failed");
    response_finish(&response);
}

/* How many tabs are open, once those of the runs are closed. */
static int pages_now(struct talk *t, int most)
{
    for (int i = 0; i < 50; i++) {
        ask(t, NULL, "Target.getTargets", NULL);
        if (t->pages <= most)
            break;
        usleep(20000);
    }
    return t->pages;
}

static bool is_mark(int i, int n)
{
    return i == n || i == 10 || i == 100 || i == 500 || i == 1000;
}

/* Memory is flat: what the 100th run left is what the last one leaves. */
static int measure_runs(struct talk *t, const char *url, const char *dir, int n)
{
    char *http = mem_printf("http://%.*s", (int)strcspn(url + 5, "/"), url + 5);
    const char *urls[] = {http};
    struct browser_config config = {.urls = urls, .urls_n = 1, .dir = dir};
    struct browser *b = browser_create(t->loop, t->sockets, &config);
    double settled = 0, began = now_ms(), cpu = cpu_ms();
    int before = pages_now(t, 0), open = before;
    printf("Runs of ten acts, each in a tab of its own, %d one after the other\n", n);
    for (int i = 1; i <= n; i++) {
        run_once(t, b, i, dir);
        if (!is_mark(i, n))
            continue;
        open = pages_now(t, before);
        printf("  after %4d             %.2f MB, %d tabs of %d, %.1f ms each, %.2f of processor\n",
               i, resident_mb(), open, before, (now_ms() - began) / i, (cpu_ms() - cpu) / i);
        if (i == 100)
            settled = resident_mb();
    }
    double grown = settled > 0 ? resident_mb() - settled : 0;
    if (settled > 0)
        printf("  since the 100th        %+.2f MB (goal: less than 1)\n", grown);
    browser_destroy(b);
    free(http);
    return grown < 1 && open == before ? 0 : 1;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000, runs = argc > 2 ? atoi(argv[2]) : 100;
    char profile[] = "/tmp/slated-bench-XXXXXX";
    struct err e = {0};
    struct talk t = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
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
    int rc = measure_runs(&t, url, profile, runs);
    cdp_destroy(t.cdp);
    websockets_destroy(t.sockets);
    loop_destroy(t.loop);
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    free(session);
    free(t.said);
    free(url);
    return file_remove_tree(profile, NULL) ? 1 : rc;
}
