/* One browser: reached, joined, given a tab, driven through acts, and left. Everything that can
 * take time is a state that a turn looks at again. */
/* SPDX-License-Identifier: ISC */
#include "browser/seat.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/lease.h"
#include "browser/start.h"
#include "loop/child.h"

#define FIND_MS     5000
#define VERSION_MAX 65536
#define TAB_MAX     256

static void seat_lost(struct seat *s, char *takes_why)
{
    if (s->lost)
        free(takes_why);
    else
        s->lost = takes_why;
}

/* --- what the conversation says --- */

/* A tab whose conversation ended before it was closed: by a kill, or a socket that broke. Its id is
 * the browser's own, never used again, so that no other page can be meant. */
static void close_orphan(struct seat *s)
{
    char *id = NULL;
    size_t len;
    if (!s->url || file_read(s->tab, TAB_MAX, &id, &len, NULL))
        return;
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "targetId", id);
    cdp_send(s->cdp, NULL, "Target.closeTarget", params, FIND_MS, clock_mono_ms(), NULL, NULL);
    unlink(s->tab);
    free(id);
}

static void keep_tab(struct seat *s)
{
    const char *id = page_target(s->page);
    if (!s->url || s->tab_kept || !id)
        return;
    s->tab_kept = true; /* without a note it stays open after a kill, and that is all */
    (void)file_write(s->tab, id, strlen(id), false, NULL);
}

static void forget_tab(struct seat *s)
{
    if (s->tab_kept)
        unlink(s->tab);
    s->tab_kept = false;
}

static void on_opened(void *ctx)
{
    struct seat *s = ctx;
    s->state = SEAT_OPEN;
    close_orphan(s);
}

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    struct seat *s = ctx;
    if (s->page)
        page_hear(s->page, session, method, params, clock_mono_ms());
}

static void on_ended(void *ctx, const char *why)
{
    seat_lost(ctx, mem_dup(why));
}

/* --- reaching it --- */

static void seat_ask(struct seat *s, int64_t now_ms)
{
    struct err e = {0};
    if (file_make_dirs(s->dir, &e)) {
        seat_lost(s, mem_dup(e.text));
        return;
    }
    struct request r = {.id = s->http_id,
                        .by = CARRY_HTTP,
                        .timeout_ms = FIND_MS,
                        .url = mem_printf("%s/json/version", s->url),
                        .path = mem_dup(s->note),
                        .max_len = VERSION_MAX,
                        .private_ok = true};
    s->state = SEAT_FINDING;
    http_ask(s->http, &r, now_ms);
}

static void seat_start(struct seat *s)
{
    struct browser_start wish = {s->program, s->profile, s->headless, s->no_sandbox};
    struct cdp_ears ears = {on_opened, on_event, on_ended, s, 0};
    struct err e = {0};
    int in, out;
    if (browser_start(&wish, &s->pid, &in, &out, &e)) {
        seat_lost(s, mem_dup(e.text));
        return;
    }
    s->cdp = cdp_pipe(s->loop, in, out, &ears);
    s->state = SEAT_OPEN;
}

void seat_reach(struct seat *s, int64_t now_ms)
{
    if (s->state != SEAT_EMPTY)
        return;
    if (s->url)
        seat_ask(s, now_ms);
    else
        seat_start(s);
}

static char *read_address(const char *note)
{
    char *bytes = NULL, *address = NULL;
    size_t len;
    if (file_read(note, VERSION_MAX, &bytes, &len, NULL))
        return NULL;
    cJSON *version = cJSON_ParseWithLength(bytes, len);
    address = mem_dup(json_str(version, "webSocketDebuggerUrl", NULL));
    cJSON_Delete(version);
    free(bytes);
    return address;
}

void seat_found(struct seat *s, const struct response *r)
{
    struct cdp_ears ears = {on_opened, on_event, on_ended, s, 0};
    struct err e = {0};
    char *address = r->kind == RESPONSE_ANSWERED && r->status == 200 ? read_address(s->note) : NULL;
    unlink(s->note);
    if (!address)
        seat_lost(s, mem_printf("no browser answers at %s%s%s", s->url, r->error ? ": " : "",
                                r->error ? r->error : ""));
    else {
        struct websocket_wish wish = {.url = address, .anywhere = s->anywhere};
        s->cdp = cdp_connect(s->sockets, &wish, &ears, &e);
        s->state = SEAT_JOINING;
        if (!s->cdp)
            seat_lost(s, mem_dup(e.text));
    }
    free(address);
}

/* --- leaving it --- */

/* alive: answers to its commands may still come, and nobody is told of them. */
static void run_stop(struct run *run, bool alive)
{
    if (run)
        act_end(run->act, alive);
    if (run)
        run->act = NULL;
}

void seat_stop(struct seat *s)
{
    run_stop(s->run, s->cdp && !s->lost);
}

void seat_leave(struct seat *s)
{
    run_stop(s->run, false);
    if (s->state == SEAT_FINDING)
        http_cancel(s->http, s->http_id);
    page_destroy(s->page, false, 0);
    s->page = NULL;
    s->tab_kept = false; /* its note stays: the tab may still be there */
    mem_free(s->lease);
    cdp_destroy(s->cdp);
    s->cdp = NULL;
    child_kill(s->pid);
    s->pid = 0;
    s->state = SEAT_EMPTY;
    mem_free(s->lost);
    lease_drop(&s->held_fd);
}

void seat_release(struct seat *s, int64_t now_ms)
{
    seat_stop(s);
    bool closes = s->cdp && !s->lost;
    page_destroy(s->page, closes, now_ms);
    s->page = NULL;
    if (closes)
        forget_tab(s);
    mem_free(s->lease);
    if (s->url)
        lease_drop(&s->held_fd);
}

void seat_finish(struct seat *s)
{
    seat_leave(s);
    free(s->url);
    free(s->program);
    free(s->profile);
    free(s->dir);
    free(s->tab);
    free(s->note);
    free(s->held);
}

/* --- running --- */

static void result_add(struct run *run, cJSON *takes_result, int64_t now_ms)
{
    json_set_num(takes_result, "took_ms", (double)(now_ms - run->act_ms));
    cJSON_AddItemToArray(run->results, takes_result);
}

/* The tab of this run: the lease's own, or a new one. False while it is on its way or cannot be. */
static bool seat_has_page(struct seat *s, int64_t now_ms)
{
    struct run *run = s->run;
    const cJSON *line = run->request.line;
    bool begun = run->act || run->i > 0; /* then its acts belong to that tab, and end with it */
    if (s->page && page_state(s->page) == PAGE_GONE && !run->fresh && !begun) {
        page_destroy(s->page, true, now_ms);
        s->page = NULL;
        forget_tab(s);
    }
    if (!s->page) {
        s->page = page_create(s->cdp, (int)json_num(line, "/window/width", 1440),
                              (int)json_num(line, "/window/height", 900), now_ms);
        run->fresh = true;
    }
    keep_tab(s);
    return page_state(s->page) != PAGE_COMING;
}

/* One failed: those behind it are left out, but for what is done anyway. */
static void leave_out(struct run *run, int64_t now_ms)
{
    const cJSON *what;
    while ((what = cJSON_GetArrayItem(json_get(run->request.line, "run"), run->i)) &&
           !json_bool(what, "anyway", false)) {
        cJSON *result = cJSON_CreateObject();
        json_set_bool(result, "ok", false);
        json_set_str(result, "error", "left out after a failure");
        run->act_ms = now_ms;
        result_add(run, result, now_ms);
        run->i++;
    }
}

static bool any_anyway(const struct run *run)
{
    const cJSON *what, *acts = json_get(run->request.line, "run");
    for (int i = run->i; (what = cJSON_GetArrayItem(acts, i)); i++)
        if (json_bool(what, "anyway", false))
            return true;
    return false;
}

/* One act further; true when no act is left, or one failed and nothing is to be done anyway. */
static bool seat_act_ended(struct seat *s, int64_t now_ms)
{
    struct run *run = s->run;
    cJSON *result = act_result(run->act);
    bool ok = json_bool(result, "ok", false);
    result_add(run, result, now_ms);
    act_end(run->act, true);
    run->act = NULL;
    run->i++;
    if (!ok && any_anyway(run)) {
        leave_out(run, now_ms);
        return false;
    }
    return !ok;
}

bool seat_run(struct seat *s, int64_t now_ms, int64_t *ret_next_ms)
{
    struct run *run = s->run;
    const cJSON *acts = json_get(run->request.line, "run");
    *ret_next_ms = INT64_MAX;
    if (s->state != SEAT_OPEN || !seat_has_page(s, now_ms))
        return false;
    for (;;) {
        const cJSON *what = cJSON_GetArrayItem(acts, run->i);
        if (!run->act && !what)
            return true;
        if (!run->act) {
            run->act_ms = now_ms;
            run->act = act_begin(s->page, &run->place, what, now_ms);
        }
        *ret_next_ms = act_turn(run->act, now_ms);
        if (*ret_next_ms >= 0)
            return false;
        if (seat_act_ended(s, now_ms))
            return true;
    }
}
