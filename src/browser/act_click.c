/* Clicks, and files given through a click. An element is pressed only after it was visible, still,
 * enabled and uncovered at one point; a press that would land on something else is swallowed by the
 * page's guard (look.js) and tried again while there is time. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act_priv.h"

enum { LOCATE, MOVE, ARM, PRESS, CHECK, LANDED, AFTER };

static void mouse(struct act *a, const char *type, int clicks, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "type", type);
    json_set_num(params, "x", a->x);
    json_set_num(params, "y", a->y);
    json_set_str(params, "button", clicks ? "left" : "none");
    json_set_num(params, "buttons", str_eq(type, "mousePressed") ? 1 : 0);
    json_set_num(params, "clickCount", clicks);
    act_send(a, "Input.dispatchMouseEvent", params, now_ms);
}

static const cJSON *place_of(const struct act *a)
{
    return json_get(a->what, "at");
}

static void click_begin(struct act *a, int64_t now_ms)
{
    const cJSON *at = place_of(a), *on = json_get(a->what, "on");
    cJSON *ms = cJSON_CreateNumber(act_left_ms(a, now_ms));
    if (cJSON_GetArraySize(at) == 2) {
        a->x = cJSON_GetArrayItem(at, 0)->valuedouble;
        a->y = cJSON_GetArrayItem(at, 1)->valuedouble;
        mouse(a, "mouseMoved", 0, now_ms);
        a->phase = ARM;
    } else if (!on)
        act_fail(a, "bad_request", "%s: neither \"on\" an element nor \"at\" a point",
                 json_str(a->what, "act", ""));
    else {
        a->pressed = json_bool(a->what, "hidden", false);
        act_call(a, a->pressed ? "press" : "locate", on, ms, now_ms);
        a->phase = MOVE;
    }
    cJSON_Delete(ms);
}

/* A fault of the page while a click is prepared: begun again. True when there was one. */
static bool click_fault(struct act *a, int64_t now_ms)
{
    const char *why = json_str(act_value(a), "why", NULL);
    if (!a->fault && !why)
        return false;
    a->pressed = a->pressed && !why;
    if (why || (act_lost_world(a) && !a->pressed)) {
        if (a->fault)
            page_lose_world(a->page);
        act_again(a, LOCATE, 50, why ? why : a->fault, now_ms);
    } else
        act_fail(a, "bad_request", "%s: %s", json_str(a->what, "act", ""), a->fault);
    return true;
}

static void click_move(struct act *a, int64_t now_ms)
{
    if (click_fault(a, now_ms))
        return;
    if (json_bool(a->what, "hidden", false)) { /* pressed already, by the page's own means */
        cJSON *value = cJSON_CreateObject();
        json_set_str(value, "what", json_str(act_value(a), "what", ""));
        cJSON_Delete(a->result);
        act_done(a, value);
        return;
    }
    a->x = json_num(act_value(a), "x", 0);
    a->y = json_num(act_value(a), "y", 0);
    mouse(a, "mouseMoved", 0, now_ms);
    a->phase = ARM;
}

/* What hovering did to the page is seen here: the element must still be under the pointer. */
static void click_arm(struct act *a, int64_t now_ms)
{
    cJSON *x = cJSON_CreateNumber(a->x), *y = cJSON_CreateNumber(a->y);
    if (a->fault)
        act_fail(a, "transient", "%s: %s", json_str(a->what, "act", ""), a->fault);
    else
        act_call(a, place_of(a) ? "under" : "arm", x, y, now_ms);
    a->phase = PRESS;
    cJSON_Delete(x);
    cJSON_Delete(y);
}

static void click_press(struct act *a, int64_t now_ms)
{
    bool twice = str_eq(json_str(a->what, "act", ""), "double_click");
    if (click_fault(a, now_ms))
        return;
    free(a->why);
    a->why = mem_dup(json_str(act_value(a), "value", "")); /* a point's element, for the result */
    a->pressed = true;
    a->documents = page_navigations(a->page);
    for (int n = 1; n <= (twice ? 2 : 1); n++) {
        mouse(a, "mousePressed", n, now_ms);
        mouse(a, "mouseReleased", n, now_ms);
    }
    a->phase = CHECK;
}

static void click_check(struct act *a, int64_t now_ms)
{
    if (a->fault && !act_lost_world(a))
        act_fail(a, "transient", "%s: the press was not answered: %s", json_str(a->what, "act", ""),
                 a->fault);
    else if (place_of(a)) {
        cJSON *value = cJSON_CreateObject();
        json_set_str(value, "what", a->why);
        act_done(a, value);
    } else
        act_call(a, "disarm", NULL, NULL, now_ms);
    a->phase = LANDED;
}

/* A page that changed under the click took it. A press that was swallowed is safe to repeat; one
 * that no document saw is not. */
static void click_landed(struct act *a, int64_t now_ms)
{
    const char *why = json_str(act_value(a), "why", NULL);
    if (a->fault && act_lost_world(a)) {
        page_lose_world(a->page);
        act_done(a, NULL);
    } else if (page_navigations(a->page) != a->documents)
        act_done(a, NULL); /* the new document knows nothing of the click */
    else if (a->fault)
        act_fail(a, "transient", "%s: %s", json_str(a->what, "act", ""), a->fault);
    else if (why && str_eq(why, "the page saw no click"))
        act_fail(a, "transient", "%s: %s", json_str(a->what, "act", ""), why);
    else if (why) {
        a->pressed = false;
        act_again(a, LOCATE, 50, why, now_ms);
    } else
        act_done(a, NULL);
}

void move_click(struct act *a, int64_t now_ms)
{
    switch (a->phase) {
    case LOCATE:
        if (a->tries++ && now_ms >= a->deadline_ms)
            act_fail(a, "transient", "%s: not within %d ms: %s", json_str(a->what, "act", ""),
                     (int)json_num(a->what, "within_ms", 10000), a->why ? a->why : "no reason");
        else
            click_begin(a, now_ms);
        return;
    case MOVE:
        click_move(a, now_ms);
        return;
    case ARM:
        click_arm(a, now_ms);
        return;
    case PRESS:
        click_press(a, now_ms);
        return;
    case CHECK:
        click_check(a, now_ms);
        return;
    default:
        click_landed(a, now_ms);
    }
}

/* --- a file through the chooser that a click opens --- */

enum { CHOOSE_ON, CHOOSE_CLICK, CHOOSE_AWAIT, CHOOSE_SET, CHOOSE_OFF };

static void intercept(struct act *a, bool on, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    a->intercepting = on;
    json_set_bool(params, "enabled", on);
    act_send(a, "Page.setInterceptFileChooserDialog", params, now_ms);
}

/* The browser takes a path that is not there for an empty file: looked at first. */
static bool choose_check(struct act *a)
{
    struct stat st;
    const char *file = json_str(a->what, "file", "");
    if (file[0] == '/' && stat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        return true;
    act_fail(a, "bad_request", "choose_file: %s is not a file with something in it", file);
    return false;
}

bool act_clicked(struct act *a, int64_t now_ms)
{
    int phase = a->phase;
    a->phase = a->navigations; /* the click's own phase, kept beside */
    move_click(a, now_ms);
    a->navigations = a->phase;
    a->phase = phase;
    if (!a->result || !json_bool(a->result, "ok", false))
        return false;
    cJSON_Delete(a->result);
    a->result = NULL;
    return true;
}

static void choose_await(struct act *a, int64_t now_ms)
{
    cJSON *chooser = page_take_chooser(a->page), *params, *files;
    if (!chooser) {
        act_again(a, CHOOSE_AWAIT, 10, "the click opened no file chooser", now_ms);
        return;
    }
    params = cJSON_CreateObject();
    files = cJSON_CreateArray();
    cJSON_AddItemToArray(files, cJSON_CreateString(json_str(a->what, "file", "")));
    json_set(params, "files", files);
    json_set_num(params, "backendNodeId", json_num(chooser, "backendNodeId", 0));
    act_send(a, "DOM.setFileInputFiles", params, now_ms);
    cJSON_Delete(chooser);
    a->phase = CHOOSE_SET;
}

void move_choose_file(struct act *a, int64_t now_ms)
{
    switch (a->phase) {
    case CHOOSE_ON:
        cJSON_Delete(page_take_chooser(a->page));
        if (choose_check(a))
            intercept(a, true, now_ms);
        a->phase = CHOOSE_CLICK;
        return;
    case CHOOSE_CLICK:
        if (act_clicked(a, now_ms))
            a->phase = CHOOSE_AWAIT;
        return;
    case CHOOSE_AWAIT:
        choose_await(a, now_ms);
        return;
    case CHOOSE_SET:
        if (a->fault)
            act_fail(a, "transient", "choose_file: %s", a->fault);
        else
            intercept(a, false, now_ms);
        a->phase = CHOOSE_OFF;
        return;
    default:
        act_done(a, NULL);
    }
}
