/* Requests come in and wait for a browser; responses go out. Chooses the seat, keeps leases, gives
 * up on what takes too long. */
/* SPDX-License-Identifier: ISC */
#include "browser/browser.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/lease.h"
#include "browser/pool.h"

#define LEASE_MS 600000
#define QUEUE_MS 10000 /* while somebody waits: longer than any rest between two acts */
#define HELD_MS  500   /* between looks at a browser that another process drives */

struct browser {
    struct http *http;
    struct pool pool;
    struct run **waiting; /* in the order they came */
    size_t waiting_n;
    struct response *done;
    size_t done_n;
    bool held; /* somebody waits for a browser that another process drives */
};

/* A browser that is new has been tried by nobody. */
static void renew(struct browser *b)
{
    unsigned fresh = pool_renew(&b->pool);
    for (size_t i = 0; i < b->waiting_n; i++)
        b->waiting[i]->tried &= ~fresh;
}

struct browser *browser_create(struct loop *loop, struct websockets *sockets,
                               const struct browser_config *config)
{
    struct browser *b = mem_alloc(sizeof(*b));
    b->http = http_create(loop, NULL);
    b->pool = (struct pool){.loop = loop, .sockets = sockets, .http = b->http};
    browser_configure(b, config);
    return b;
}

void browser_configure(struct browser *b, const struct browser_config *config)
{
    pool_want(&b->pool, config);
    renew(b);
}

static void run_free(struct run *run)
{
    act_end(run->act, false);
    request_finish(&run->request);
    cJSON_Delete(run->results);
    free(run->why);
    free(run);
}

void browser_destroy(struct browser *b)
{
    if (!b)
        return;
    int64_t now = clock_mono_ms();
    for (int i = 0; i < SEATS_MAX; i++) {
        struct seat *s = &b->pool.seats[i];
        if (!s->dir)
            continue;
        seat_release(s, now);
        if (s->run)
            run_free(s->run);
        s->run = NULL;
    }
    pool_finish(&b->pool);
    for (size_t i = 0; i < b->waiting_n; i++)
        run_free(b->waiting[i]);
    for (size_t i = 0; i < b->done_n; i++)
        response_finish(&b->done[i]);
    free(b->waiting);
    free(b->done);
    http_destroy(b->http);
    free(b);
}

/* --- answers --- */

static cJSON *run_body(struct run *run, struct seat *s, bool ok)
{
    cJSON *body = cJSON_CreateObject();
    json_set_bool(body, "ok", ok);
    json_set(body, "results", run->results);
    json_set_bool(body, "fresh", run->fresh);
    json_set(body, "dialogs", s && s->page ? page_take_dialogs(s->page) : cJSON_CreateArray());
    json_set_str(body, "browser", !s ? "" : s->url ? s->url : "started");
    run->results = NULL;
    return body;
}

static bool all_ok(const cJSON *results)
{
    const cJSON *result;
    cJSON_ArrayForEach(result, results)
    {
        if (!json_bool(result, "ok", false))
            return false;
    }
    return true;
}

/* Ends a run with its response; takes both. */
static void respond(struct browser *b, struct run *takes_run, struct seat *s,
                    enum response_kind kind, char *takes_error, int64_t now_ms)
{
    bool ok = kind == RESPONSE_ANSWERED && all_ok(takes_run->results);
    b->done = mem_grow(b->done, b->done_n + 1, sizeof(*b->done));
    b->done[b->done_n++] = (struct response){.id = takes_run->request.id,
                                             .kind = kind,
                                             .error = takes_error,
                                             .body = run_body(takes_run, s, ok),
                                             .took_ms = now_ms - takes_run->started_ms};
    if (s) {
        s->last_id = takes_run->request.id;
        s->run = NULL;
    }
    run_free(takes_run);
}

bool browser_take(struct browser *b, struct response *ret_response)
{
    if (b->done_n == 0)
        return false;
    *ret_response = b->done[0];
    memmove(b->done, b->done + 1, --b->done_n * sizeof(*b->done));
    return true;
}

/* --- asking --- */

static void wait_in_line(struct browser *b, struct run *run)
{
    b->waiting = mem_grow(b->waiting, b->waiting_n + 1, sizeof(*b->waiting));
    b->waiting[b->waiting_n++] = run;
}

void browser_ask(struct browser *b, struct request *takes_request, int64_t now_ms)
{
    struct run *run = mem_alloc(sizeof(*run));
    run->request = *takes_request;
    memset(takes_request, 0, sizeof(*takes_request));
    run->started_ms = now_ms;
    run->results = cJSON_CreateArray();
    run->place = (struct act_place){.dir = json_str(run->request.line, "dir", NULL),
                                    .own = json_str(run->request.line, "own", NULL)};
    wait_in_line(b, run);
}

static struct run *leave_line(struct browser *b, size_t i)
{
    struct run *run = b->waiting[i];
    memmove(b->waiting + i, b->waiting + i + 1, (--b->waiting_n - i) * sizeof(*b->waiting));
    return run;
}

void browser_cancel(struct browser *b, int64_t id)
{
    for (size_t i = 0; i < b->waiting_n; i++)
        if (b->waiting[i]->request.id == id) {
            run_free(leave_line(b, i));
            return;
        }
    for (int i = 0; i < SEATS_MAX; i++) {
        struct seat *s = &b->pool.seats[i];
        if (!s->run || s->run->request.id != id)
            continue;
        seat_release(s, clock_mono_ms());
        run_free(s->run);
        s->run = NULL;
        return;
    }
}

void browser_leave(struct browser *b, int64_t id)
{
    for (int i = 0; i < SEATS_MAX; i++)
        if (b->pool.seats[i].lease && b->pool.seats[i].last_id == id && !b->pool.seats[i].run)
            seat_release(&b->pool.seats[i], clock_mono_ms());
}

int browser_busy(const struct browser *b)
{
    int n = (int)b->waiting_n;
    for (int i = 0; i < SEATS_MAX; i++)
        n += b->pool.seats[i].run != NULL;
    return n;
}

/* --- seats for those who wait --- */

/* The seat that holds the run's tab, NULL when there is none. */
static struct seat *seat_leased(struct browser *b, const struct run *run)
{
    const char *lease = json_str(run->request.line, "lease", NULL);
    for (int i = 0; i < SEATS_MAX && lease; i++)
        if (b->pool.seats[i].lease && str_eq(b->pool.seats[i].lease, lease))
            return &b->pool.seats[i];
    return NULL;
}

static struct seat *seat_for(struct browser *b, const struct run *run)
{
    struct seat *own = seat_leased(b, run);
    if (own)
        return own->run ? NULL : own;
    for (int i = 0; i < SEATS_MAX; i++) {
        struct seat *s = &b->pool.seats[i];
        if (s->run || s->lease || (run->tried & (1U << i)) || !pool_takes(&b->pool, i))
            continue;
        if (lease_take(s->held, &s->held_fd))
            return s;
        b->held = true;
    }
    return NULL;
}

/* Whether a seat that this run has not tried is only busy now. */
static bool may_wait(const struct browser *b, const struct run *run)
{
    for (int i = 0; i < SEATS_MAX; i++)
        if (pool_names(&b->pool, i) && !(run->tried & (1U << i)))
            return true;
    return false;
}

static void seat_people(struct browser *b, int64_t now_ms)
{
    b->held = false;
    for (size_t i = 0; i < b->waiting_n;) {
        struct run *run = b->waiting[i];
        struct seat *s = seat_for(b, run);
        if (s) {
            s->run = leave_line(b, i);
            s->run->place.nth = s->n;
            s->run->place.ours = s->url == NULL;
            free(s->lease);
            s->lease = mem_dup(json_str(run->request.line, "lease", NULL));
            run->started_ms = now_ms; /* its time is for the work, not for the line */
            seat_reach(s, now_ms);
        } else if (!may_wait(b, run))
            respond(b, leave_line(b, i), NULL, RESPONSE_UNSENT,
                    run->why ? mem_dup(run->why)
                             : mem_dup("no browser is configured: see browser in "
                                       "rules/policy.json"),
                    now_ms);
        else
            i++;
    }
    for (int i = 0; i < SEATS_MAX && b->waiting_n; i++)
        if (!b->pool.seats[i].run && b->pool.seats[i].lease_until_ms > now_ms + QUEUE_MS)
            b->pool.seats[i].lease_until_ms = now_ms + QUEUE_MS;
}

/* --- turns --- */

static void hear_found(struct browser *b)
{
    struct response r;
    while (http_take(b->http, &r)) {
        seat_found(&b->pool.seats[r.id - FIND_ID], &r);
        response_finish(&r);
    }
}

/* The browser is not there (any more). A run that began no act tries the next seat. */
static void seat_gone(struct browser *b, struct seat *s, int64_t now_ms)
{
    struct run *run = s->run;
    char *why = mem_dup(s->lost);
    bool begun = run && (run->act || run->i > 0);
    seat_leave(s);
    if (begun)
        respond(b, run, s, RESPONSE_BROKEN, mem_printf("the browser went away: %s", why), now_ms);
    else if (run) {
        run->tried |= 1U << s->n;
        free(run->why);
        run->why = mem_dup(why);
        s->run = NULL;
        wait_in_line(b, run);
    }
    free(why);
}

static void run_ended(struct browser *b, struct seat *s, int64_t now_ms)
{
    struct run *run = s->run;
    bool keep = run->request.line && json_bool(run->request.line, "keep", false) && s->lease &&
                page_state(s->page) == PAGE_READY;
    respond(b, run, s, RESPONSE_ANSWERED, NULL, now_ms);
    s->lease_until_ms = now_ms + (b->waiting_n ? QUEUE_MS : LEASE_MS);
    if (!keep)
        seat_release(s, now_ms);
}

static void run_late(struct browser *b, struct seat *s, int64_t now_ms)
{
    struct run *run = s->run;
    char *why =
        mem_printf("the browser took longer than the %d ms allowed", run->request.timeout_ms);
    bool begun = run->act || run->i > 0;
    if (begun)
        seat_stop(s); /* before it goes: its answers may still come */
    else
        seat_leave(s);
    respond(b, run, s, begun ? RESPONSE_LATE : RESPONSE_UNSENT, why, now_ms);
    seat_release(s, now_ms);
}

static int64_t seat_turn(struct browser *b, struct seat *s, int64_t now_ms)
{
    int64_t next = s->cdp ? cdp_turn(s->cdp, now_ms) : INT64_MAX, act_next = INT64_MAX;
    if (s->lost) {
        seat_gone(b, s, now_ms);
        return now_ms;
    }
    if (!s->run && s->lease && s->lease_until_ms <= now_ms)
        seat_release(s, now_ms);
    if (!s->run)
        return s->lease && s->lease_until_ms < next ? s->lease_until_ms : next;
    int64_t late = s->run->started_ms + s->run->request.timeout_ms;
    if (seat_run(s, now_ms, &act_next))
        run_ended(b, s, now_ms);
    else if (late <= now_ms)
        run_late(b, s, now_ms);
    else {
        next = act_next < next ? act_next : next;
        return late < next ? late : next;
    }
    return now_ms;
}

int64_t browser_turn(struct browser *b, int64_t now_ms)
{
    renew(b);
    seat_people(b, now_ms); /* before the questions it asks are moved */
    int64_t next = http_turn(b->http, now_ms);
    hear_found(b);
    for (int i = 0; i < SEATS_MAX; i++) {
        int64_t seat_next = seat_turn(b, &b->pool.seats[i], now_ms);
        next = seat_next < next ? seat_next : next;
    }
    if (b->held && next > now_ms + HELD_MS)
        next = now_ms + HELD_MS;
    return b->done_n ? now_ms : next;
}
