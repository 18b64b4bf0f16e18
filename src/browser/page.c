/* A tab of our own is made, held at its size and in focus, asked through a world of its own, and
 * closed. What it says by itself is page_hear.c's. */
/* SPDX-License-Identifier: ISC */
#include "browser/page_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define SETUP_MS   15000
#define SILENT_MAX 2 /* acts in a row without any answer: a script that never ends */

static const char look_script[] =
#include "browser/look.inc"
    ;

/* An expression for our world. */
struct call {
    struct call *next;
    struct page *page;
    char *expression;
    int timeout_ms;
    cdp_answered *answered;
    void *ctx;
};

void page_gone(struct page *p, const char *why)
{
    if (p->state == PAGE_GONE)
        return;
    p->state = PAGE_GONE;
    p->why = mem_dup(why);
}

const char *page_why(const struct page *p)
{
    return p->why ? p->why : "";
}

enum page_state page_state(const struct page *p)
{
    return p->state;
}

const char *page_frame(const struct page *p)
{
    return p->frame;
}

const char *page_target(const struct page *p)
{
    return p->target;
}

int page_navigations(const struct page *p)
{
    return p->navigations;
}

void page_lose_world(struct page *p)
{
    p->world = 0;
}

void page_answered(struct page *p, bool in_time)
{
    p->silent = in_time ? 0 : p->silent + 1;
    if (p->silent >= SILENT_MAX)
        page_gone(p, "the page answers nothing any more");
}

void page_send(struct page *p, const char *method, cJSON *takes_params, int timeout_ms,
               int64_t now_ms, cdp_answered *answered, void *ctx)
{
    cdp_send(p->cdp, p->session, method, takes_params, timeout_ms, now_ms, answered, ctx);
}

void page_send_browser(struct page *p, const char *method, int timeout_ms, int64_t now_ms,
                       cdp_answered *answered, void *ctx)
{
    cdp_send(p->cdp, NULL, method, NULL, timeout_ms, now_ms, answered, ctx);
}

/* --- making it --- */

static void on_setup(void *ctx, const cJSON *result, const char *error)
{
    struct page *p = ctx;
    const char *frame = json_str(result, "/frameTree/frame/id", NULL);
    if (error)
        page_gone(p, error);
    if (frame && !p->frame)
        p->frame = mem_dup(frame);
    if (--p->setup_left == 0 && p->state == PAGE_COMING) {
        if (p->frame)
            p->state = PAGE_READY;
        else
            page_gone(p, "the browser names no frame of the new page");
    }
}

static void setup(struct page *p, const char *method, cJSON *takes_params)
{
    p->setup_left++;
    page_send(p, method, takes_params, SETUP_MS, clock_mono_ms(), on_setup, p);
}

static void on_attached(void *ctx, const cJSON *result, const char *error)
{
    struct page *p = ctx;
    const char *session = json_str(result, "sessionId", NULL);
    if (!session) {
        page_gone(p, error ? error : "the browser gave no session for the new page");
        return;
    }
    p->session = mem_dup(session);
    cJSON *size = cJSON_CreateObject(), *focus = cJSON_CreateObject();
    json_set_num(size, "width", p->width);
    json_set_num(size, "height", p->height);
    json_set_num(size, "deviceScaleFactor", 1);
    json_set_bool(size, "mobile", false);
    json_set_bool(focus, "enabled", true);
    setup(p, "Page.enable", NULL);
    setup(p, "Runtime.enable", NULL);
    setup(p, "Log.enable", NULL);
    setup(p, "Inspector.enable", NULL);
    setup(p, "Emulation.setDeviceMetricsOverride", size);
    setup(p, "Emulation.setFocusEmulationEnabled", focus);
    setup(p, "Page.getFrameTree", NULL);
}

static void on_created(void *ctx, const cJSON *result, const char *error)
{
    struct page *p = ctx;
    const char *target = json_str(result, "targetId", NULL);
    if (!target) {
        page_gone(p, error ? error : "the browser opened no page");
        return;
    }
    p->target = mem_dup(target);
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "targetId", target);
    json_set_bool(params, "flatten", true);
    cdp_send(p->cdp, NULL, "Target.attachToTarget", params, SETUP_MS, clock_mono_ms(), on_attached,
             p);
}

struct page *page_create(struct cdp *c, int width, int height, int64_t now_ms)
{
    struct page *p = mem_alloc(sizeof(*p));
    p->cdp = c;
    p->width = width;
    p->height = height;
    p->console = cJSON_CreateArray();
    p->dialogs = cJSON_CreateArray();
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "url", "about:blank");
    cdp_send(c, NULL, "Target.createTarget", params, SETUP_MS, now_ms, on_created, p);
    return p;
}

static void call_free(struct call *call)
{
    for (struct call **at = &call->page->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
    free(call->expression);
    free(call);
}

static void close_tab(struct cdp *c, const char *target, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "targetId", target);
    cdp_send(c, NULL, "Target.closeTarget", params, SETUP_MS, now_ms, NULL, NULL);
}

/* The tab came when nobody wanted it any more. */
static void on_orphan(void *ctx, const cJSON *result, const char *error)
{
    const char *target = json_str(result, "targetId", NULL);
    (void)error; /* then there is no tab */
    if (target)
        close_tab(ctx, target, clock_mono_ms());
}

void page_destroy(struct page *p, bool alive, int64_t now_ms)
{
    if (!p)
        return;
    while (p->calls) {
        if (alive)
            cdp_forget(p->cdp, p->calls);
        call_free(p->calls);
    }
    if (alive && p->target) {
        cdp_forget(p->cdp, p);
        close_tab(p->cdp, p->target, now_ms);
    } else if (alive) {
        cdp_hand_over(p->cdp, p, on_orphan, p->cdp);
    }
    cJSON_Delete(p->console);
    cJSON_Delete(p->dialogs);
    cJSON_Delete(p->chooser);
    cJSON_Delete(p->download);
    free(p->target);
    free(p->session);
    free(p->frame);
    free(p->why);
    free(p);
}

/* --- our world in it --- */

static void on_called(void *ctx, const cJSON *result, const char *error)
{
    struct call *call = ctx;
    cdp_answered *answered = call->answered;
    void *asker = call->ctx;
    const cJSON *thrown = json_get(result, "exceptionDetails");
    const char *words = thrown ? json_str(thrown, "/exception/description",
                                          json_str(thrown, "text", "the script failed"))
                               : error;
    char *first = words ? mem_dup_n(words, strcspn(words, "\n")) : NULL;
    call_free(call);
    if (answered)
        answered(asker, first ? NULL : json_get(result, "result"), first);
    free(first);
}

static cJSON *evaluation(struct page *p, const char *expression)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "expression", expression);
    json_set_num(params, "contextId", (double)p->world);
    json_set_bool(params, "awaitPromise", true);
    json_set_bool(params, "returnByValue", true);
    json_set_bool(params, "userGesture", true);
    return params;
}

static void call_send(struct call *call)
{
    struct page *p = call->page;
    page_send(p, "Runtime.evaluate", evaluation(p, call->expression), call->timeout_ms,
              clock_mono_ms(), on_called, call);
}

static void on_world(void *ctx, const cJSON *result, const char *error)
{
    struct call *call = ctx;
    struct page *p = call->page;
    p->world = (long)json_int(result, "executionContextId", 0);
    if (!p->world) {
        on_called(call, NULL, error ? error : "the browser gave no world in the page");
        return;
    }
    cJSON *params = evaluation(p, look_script);
    json_set_bool(params, "returnByValue", false);
    page_send(p, "Runtime.evaluate", params, call->timeout_ms, clock_mono_ms(), NULL, NULL);
    call_send(call);
}

void page_call(struct page *p, const char *call_text, int timeout_ms, int64_t now_ms,
               cdp_answered *answered, void *ctx)
{
    struct call *call = mem_alloc(sizeof(*call));
    *call = (struct call){.next = p->calls,
                          .page = p,
                          .expression = mem_printf("slated.%s", call_text),
                          .timeout_ms = timeout_ms,
                          .answered = answered,
                          .ctx = ctx};
    p->calls = call;
    if (p->world) {
        call_send(call);
        return;
    }
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "frameId", p->frame);
    json_set_str(params, "worldName", "slated");
    page_send(p, "Page.createIsolatedWorld", params, timeout_ms, now_ms, on_world, call);
}

void page_forget(struct page *p, const void *ctx)
{
    cdp_forget(p->cdp, ctx);
    for (struct call *call = p->calls; call; call = call->next)
        if (call->ctx == ctx)
            call->answered = NULL;
}
