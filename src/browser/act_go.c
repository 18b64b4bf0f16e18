/* Acts that change or ask the page as a whole: go, reload, wait, look and its kin, evaluate,
 * console. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act_priv.h"

/* A value of a page function: {"value"} ends the act well, {"why"} is a reason to fail. */
static void act_settle(struct act *a, const char *class)
{
    const cJSON *value = act_value(a);
    const char *name = json_str(a->what, "act", ""), *why = json_str(value, "why", NULL);
    if (!value)
        act_fail(a, class, "%s: %s", name, a->fault ? a->fault : "the page gave no answer");
    else if (why)
        act_fail(a, "transient", "%s: not within %d ms: %s", name,
                 (int)json_num(a->what, "within_ms", 10000), why);
    else
        act_done(a, cJSON_Duplicate(json_get(value, "value"), true));
}

/* Waits until the document that is there is loaded. */
static void go_loaded(struct act *a, int64_t now_ms)
{
    cJSON *ms = cJSON_CreateNumber(act_left_ms(a, now_ms));
    act_call(a, "loaded", ms, NULL, now_ms);
    cJSON_Delete(ms);
}

static void go_end(struct act *a, int64_t now_ms)
{
    if (act_lost_world(a)) {
        page_lose_world(a->page);
        act_again(a, 2, 50, a->fault, now_ms);
    } else
        act_settle(a, "transient");
}

/* The last phases of go and reload. */
static void go_arrive(struct act *a, int phase, int64_t now_ms)
{
    if (phase == 2)
        go_loaded(a, now_ms);
    else
        go_end(a, now_ms);
}

static bool may_go(const struct act *a, const char *to)
{
    bool web = str_starts(to, "https://") || str_starts(to, "http://") || str_eq(to, "about:blank");
    return web && (!a->place->own || str_starts(to, a->place->own) || str_eq(to, "about:blank"));
}

/* The address, or of several that of this browser. */
static const char *where_to(const struct act *a)
{
    const cJSON *to = json_get(a->what, "to");
    int n = cJSON_GetArraySize(to);
    if (cJSON_IsArray(to) && n > 0)
        to = cJSON_GetArrayItem(to, a->place->nth % n);
    return cJSON_IsString(to) ? to->valuestring : "";
}

void move_go(struct act *a, int64_t now_ms)
{
    const char *to = where_to(a), *text;
    cJSON *params;
    int phase = a->phase++;
    switch (phase) {
    case 0:
        if (!may_go(a, to)) {
            act_fail(a, "bad_request", "go: %s is not a page that may be opened", to);
            return;
        }
        params = cJSON_CreateObject();
        json_set_str(params, "url", to);
        act_send(a, "Page.navigate", params, now_ms);
        return;
    case 1:
        text = a->fault ? a->fault : json_str(a->answer, "errorText", NULL);
        if (text)
            act_fail(a, "transient", "go: %s cannot be opened: %s", to, text);
        else
            page_lose_world(a->page);
        return;
    default:
        go_arrive(a, phase, now_ms);
    }
}

void move_reload(struct act *a, int64_t now_ms)
{
    int phase = a->phase++;
    switch (phase) {
    case 0:
        a->navigations = page_navigations(a->page);
        act_send(a, "Page.reload", NULL, now_ms);
        return;
    case 1:
        if (a->fault)
            act_fail(a, "transient", "reload: %s", a->fault);
        else if (page_navigations(a->page) == a->navigations)
            act_again(a, 1, 20, "the page has not begun to load", now_ms);
        return;
    default:
        go_arrive(a, phase, now_ms);
    }
}

void move_wait(struct act *a, int64_t now_ms)
{
    if (a->phase++ == 0) {
        cJSON *ms = cJSON_CreateNumber(act_left_ms(a, now_ms));
        act_call(a, "wait", json_get(a->what, "for"), ms, now_ms);
        cJSON_Delete(ms);
    } else if (act_lost_world(a)) {
        page_lose_world(a->page);
        act_again(a, 0, 50, a->fault, now_ms);
    } else
        act_settle(a, "bad_request");
}

/* look, list, read, count, address: one question, answered at once. */
void move_ask(struct act *a, int64_t now_ms)
{
    const char *name = json_str(a->what, "act", "");
    if (a->phase++ == 0)
        act_call(a, name, str_eq(name, "look") ? json_get(a->what, "for") : a->what, NULL, now_ms);
    else if (act_lost_world(a) && now_ms < a->deadline_ms) {
        page_lose_world(a->page);
        act_again(a, 0, 50, a->fault, now_ms);
    } else
        act_settle(a, "bad_request");
}

/* The script is the page's own kind, in its own world: the body of an async function. */
void move_evaluate(struct act *a, int64_t now_ms)
{
    const cJSON *thrown, *value;
    if (a->phase++ == 0) {
        cJSON *params = cJSON_CreateObject();
        char *script = mem_printf("(async () => {%s\n})()", json_str(a->what, "script", ""));
        json_set_str(params, "expression", script);
        json_set_bool(params, "awaitPromise", true);
        json_set_bool(params, "returnByValue", true);
        json_set_bool(params, "userGesture", true);
        act_send(a, "Runtime.evaluate", params, now_ms);
        free(script);
        return;
    }
    thrown = json_get(a->answer, "exceptionDetails");
    value = json_get(a->answer, "/result/value");
    if (a->fault)
        act_fail(a, "transient", "evaluate: %s", a->fault);
    else if (thrown)
        act_fail(a, "bad_request", "evaluate: %s",
                 json_str(thrown, "/exception/description",
                          json_str(thrown, "text", "the script failed")));
    else
        act_done(a, value ? cJSON_Duplicate(value, true) : NULL);
}

void move_console(struct act *a, int64_t now_ms)
{
    (void)now_ms;
    act_done(a, page_take_console(a->page));
}

/* "https://host/path" without what stands behind it; of a page that is not ours the host alone. */
static char *shown_address(const char *url, bool ours)
{
    const char *host = strstr(url, "://");
    size_t begin = host ? (size_t)(host + 3 - url) : 0;
    if (ours)
        return mem_dup_n(url, strcspn(url, "?#"));
    return mem_dup_n(url + begin, host ? strcspn(url + begin, "/?#") : strcspn(url, ":"));
}

/* The pages that are open. Titles of pages that are not the site's are nobody's business. */
static cJSON *list_pages(const struct act *a, int *ret_others)
{
    const cJSON *info;
    cJSON *pages = cJSON_CreateArray();
    const char *own = a->place->own;
    *ret_others = 0;
    cJSON_ArrayForEach(info, json_get(a->answer, "targetInfos"))
    {
        const char *url = json_str(info, "url", "");
        bool ours = own && *own && str_starts(url, own);
        if (!str_eq(json_str(info, "type", ""), "page") ||
            str_eq(json_str(info, "targetId", ""), page_target(a->page)))
            continue;
        cJSON *page = cJSON_CreateObject();
        char *address = shown_address(url, ours);
        if (ours)
            json_set_str(page, "title", json_str(info, "title", ""));
        json_set_str(page, "address", address);
        cJSON_AddItemToArray(pages, page);
        ++*ret_others;
        free(address);
    }
    return pages;
}

/* What a person who looks after the browser wants to know of it. */
void move_survey(struct act *a, int64_t now_ms)
{
    cJSON *value;
    if (a->fault) {
        act_fail(a, "transient", "survey: %s", a->fault);
        return;
    }
    switch (a->phase++) {
    case 0:
        act_send_browser(a, "Target.getTargets", now_ms);
        return;
    case 1:
        json_set(a->what, "pages", list_pages(a, &a->i));
        act_send_browser(a, "Browser.getVersion", now_ms);
        return;
    case 2:
        a->media = mem_dup(json_str(a->answer, "product", ""));
        act_call(a, "survey", NULL, NULL, now_ms);
        return;
    default:
        value = cJSON_Duplicate(json_get(act_value(a), "value"), true);
        if (!cJSON_IsObject(value)) {
            cJSON_Delete(value);
            act_fail(a, "transient", "survey: the page told nothing of itself");
            return;
        }
        json_set_str(value, "product", a->media);
        json_set_num(value, "other_pages", a->i);
        json_set(value, "pages", cJSON_Duplicate(json_get(a->what, "pages"), true));
        act_done(a, value);
    }
}
