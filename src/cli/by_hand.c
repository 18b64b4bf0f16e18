/* Acts come in, what came of them goes out, and the loop is turned until it does. Asks nothing and
 * prints nothing. */
/* SPDX-License-Identifier: ISC */
#include "cli/by_hand.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "browser/lease.h"
#include "loop/signals.h"
#include "sop/sop.h"

#define LEAVE_MS 3000  /* at the end, for a browser that answers */
#define LAST_MS  100   /* and for what was said to it last */
#define SLACK_MS 15000 /* beside the acts' own time: to reach the browser and make a tab */

static int signal_fd = -1; /* of the process: signals are caught once */

static void ignore_ready(void *ctx, int fd, short revents)
{
    (void)ctx;
    (void)fd;
    (void)revents;
}

int by_hand_count(const struct rules *rules)
{
    return cJSON_GetArraySize(rules_policy(rules, "/browser/urls")) +
           (int)rules_policy_num(rules, "/browser/start");
}

char *by_hand_name(const struct rules *rules, int at)
{
    const cJSON *url = cJSON_GetArrayItem(rules_policy(rules, "/browser/urls"), at);
    return mem_dup(url ? url->valuestring : "one that slated starts itself");
}

/* Another process at work in each of them: who it is. */
static pid_t held_by(const struct by_hand *h, int from, int to)
{
    pid_t holder = 0;
    for (int i = from; i < to; i++) {
        char *path = browser_lease(h->dir, i);
        holder = lease_holder(path);
        free(path);
        if (!holder)
            return 0;
    }
    return holder;
}

/* The first that is free, or the one that is meant. */
static int choose(struct by_hand *h, int at, int *ret_at, struct err *e)
{
    int n = by_hand_count(h->rules), from = at < 0 ? 0 : at, to = at < 0 ? n : at + 1;
    if (!n)
        return err_set(e, ERR_MISSING,
                       "no browser is configured: see browser in rules/policy.json, or "
                       "slated browser doctor");
    for (int i = from; i < to; i++)
        if (!held_by(h, i, i + 1)) {
            *ret_at = i;
            return 0;
        }
    return err_set(
        e, ERR_BUSY,
        "the browser is driven by another slated (pid %ld): wait until it rests, or stop "
        "it first",
        (long)held_by(h, from, to));
}

/* A pool of the one that was chosen: its profile and lease keep their number. */
static void open_browser(struct by_hand *h, int at)
{
    struct browser_config config;
    browser_config_read(h->rules, h->dir, &config, &h->urls);
    config.only = at + 1;
    h->loop = loop_create();
    h->sockets = websockets_create(h->loop);
    h->browser = browser_create(h->loop, h->sockets, &config);
    loop_set(h->loop, signal_fd, POLLIN, ignore_ready, NULL);
}

int by_hand_open(struct by_hand *h, const struct rules *rules, const char *site_name,
                 const char *root, int at, struct err *e)
{
    *h = (struct by_hand){.rules = rules, .site = sop_site(rules, site_name)};
    h->dir = path_join(root, ".slated/browser");
    int rc = choose(h, at, &at, e);
    if (!rc)
        rc = file_make_dirs(h->dir, e);
    if (!rc && signal_fd < 0)
        rc = signals_open(&signal_fd, e);
    if (!rc)
        open_browser(h, at);
    return rc;
}

/* One turn, at the longest until until_ms. False once ctrl-C was pressed. */
static bool turn(struct by_hand *h, int64_t until_ms)
{
    int64_t now = clock_mono_ms(), next = websockets_turn(h->sockets, now);
    int64_t browser_next = browser_turn(h->browser, now);
    next = browser_next < next ? browser_next : next;
    loop_wait(h->loop, now, next < until_ms ? next : until_ms);
    h->told = !h->ending && (h->told || signals_take().stop);
    return !h->told;
}

static void fill(struct by_hand *h, const char *dir, cJSON *takes_acts, bool keep,
                 struct request *r)
{
    r->line = cJSON_CreateObject();
    json_set(r->line, "run", takes_acts);
    if (json_get(h->site, "window"))
        json_set(r->line, "window", cJSON_Duplicate(json_get(h->site, "window"), true));
    json_set_str(r->line, "own", json_str(h->site, "own", ""));
    json_set_str(r->line, "dir", dir);
    json_set_str(r->line, "lease", "by hand");
    json_set_bool(r->line, "keep", keep);
}

bool by_hand_run(struct by_hand *h, const char *dir, cJSON *takes_acts, int timeout_ms, bool keep,
                 struct response *ret_response)
{
    struct request r = {
        .id = ++h->last_id, .by = CARRY_BROWSER, .timeout_ms = timeout_ms + SLACK_MS};
    memset(ret_response, 0, sizeof(*ret_response));
    fill(h, dir, takes_acts, keep, &r);
    browser_ask(h->browser, &r, clock_mono_ms());
    h->tab = false;
    for (;;) {
        if (browser_take(h->browser, ret_response)) {
            h->tab = keep && ret_response->kind == RESPONSE_ANSWERED;
            return true;
        }
        if (!turn(h, INT64_MAX)) {
            browser_cancel(h->browser, h->last_id);
            return false;
        }
    }
}

bool by_hand_rest(struct by_hand *h, int ms)
{
    int64_t until = clock_mono_ms() + ms;
    while (clock_mono_ms() < until)
        if (!turn(h, until))
            return false;
    return true;
}

/* The browser hears that the tab goes, and has a moment to let it go. */
static void leave_tab(struct by_hand *h)
{
    struct response answer = {0};
    h->ending = true;
    if (h->tab)
        (void)by_hand_run(h, NULL, cJSON_Parse("[{\"act\": \"address\"}]"), LEAVE_MS - SLACK_MS,
                          false, &answer);
    response_finish(&answer);
    int64_t until = clock_mono_ms() + LAST_MS;
    while (clock_mono_ms() < until)
        (void)turn(h, until);
}

void by_hand_close(struct by_hand *h)
{
    if (h->browser && h->last_id)
        leave_tab(h);
    browser_destroy(h->browser);
    websockets_destroy(h->sockets);
    loop_destroy(h->loop);
    free(h->urls);
    free(h->dir);
    memset(h, 0, sizeof(*h));
}

/* What stdin has now; false at its end or at the end of the line. */
static bool line_more(struct buf *line, bool *ret_end)
{
    char c;
    ssize_t n = read(STDIN_FILENO, &c, 1);
    *ret_end = n <= 0;
    if (n <= 0 || c == '\n')
        return false;
    buf_add(line, &c, 1);
    return true;
}

bool by_hand_line(struct by_hand *h, char **ret_line)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    struct buf line;
    bool end = false, more = true;
    buf_init(&line, 4096);
    loop_set(h->loop, STDIN_FILENO, POLLIN, ignore_ready, NULL);
    while (more) {
        while (poll(&in, 1, 0) == 0)
            if (!turn(h, INT64_MAX))
                break;
        more = !h->told && line_more(&line, &end);
    }
    loop_remove(h->loop, STDIN_FILENO);
    *ret_line = end && line.len == 0 ? NULL : buf_take(&line);
    buf_finish(&line);
    return !h->told;
}
