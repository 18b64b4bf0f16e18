/* The machine that moves an act through its phases, and the table of acts. Blocks nowhere: a
 * command that is not answered in its time, a page that went away and an act that took too long all
 * end as a sentence. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act_priv.h"

#define WITHIN_MS 10000
#define GRACE_MS  1000 /* a command may answer so long after the act's own time */

static const struct act_kind {
    const char *name;
    void (*move)(struct act *a, int64_t now_ms);
    const char *needs; /* a member it cannot do without */
} kinds[] = {{"go", move_go, "to"},
             {"reload", move_reload, NULL},
             {"click", move_click, NULL},
             {"double_click", move_click, NULL},
             {"choose_file", move_choose_file, "file"},
             {"type", move_type, "text"},
             {"key", move_key, "key"},
             {"wait", move_wait, "for"},
             {"look", move_ask, "for"},
             {"list", move_ask, "of"},
             {"read", move_ask, "of"},
             {"count", move_ask, "of"},
             {"address", move_ask, NULL},
             {"survey", move_survey, NULL},
             {"evaluate", move_evaluate, "script"},
             {"console", move_console, NULL},
             {"fetch", move_fetch, "from"},
             {"download", move_download, "to"},
             {"screenshot", move_screenshot, "to"},
             {"html", move_html, "to"}};

/* --- how it ends --- */

void act_done(struct act *a, cJSON *takes_value)
{
    a->result = cJSON_CreateObject();
    json_set_bool(a->result, "ok", true);
    if (takes_value)
        json_set(a->result, "value", takes_value);
}

void act_fail(struct act *a, const char *class, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *words = mem_vprintf(fmt, args);
    va_end(args);
    cJSON_Delete(a->result);
    a->result = cJSON_CreateObject();
    json_set_bool(a->result, "ok", false);
    json_set_str(a->result, "error", words);
    json_set_str(a->result, "class", class);
    if (a->pressed)
        json_set_bool(a->result, "pressed", true);
    free(words);
}

void act_again(struct act *a, int phase, int ms, const char *why, int64_t now_ms)
{
    a->phase = phase;
    a->wake_ms = now_ms + ms;
    if (why && why != a->why) {
        free(a->why);
        a->why = mem_dup(why);
    }
}

int act_left_ms(const struct act *a, int64_t now_ms)
{
    return a->deadline_ms > now_ms ? (int)(a->deadline_ms - now_ms) : 1;
}

/* --- what it asks --- */

static void on_answer(void *ctx, const cJSON *result, const char *error)
{
    struct act *a = ctx;
    a->outstanding--;
    a->silent = error && clock_mono_ms() >= a->deadline_ms;
    if (!error)
        page_answered(a->page, true);
    if (error && !a->fault)
        a->fault = mem_dup(error);
    if (!error && a->outstanding == 0)
        a->answer = cJSON_Duplicate(result, true);
}

static void act_forget(struct act *a)
{
    cJSON_Delete(a->answer);
    a->answer = NULL;
    mem_free(a->fault);
}

void act_send(struct act *a, const char *method, cJSON *takes_params, int64_t now_ms)
{
    a->outstanding++;
    page_send(a->page, method, takes_params, act_left_ms(a, now_ms) + GRACE_MS, now_ms, on_answer,
              a);
}

void act_send_browser(struct act *a, const char *method, int64_t now_ms)
{
    a->outstanding++;
    page_send_browser(a->page, method, act_left_ms(a, now_ms) + GRACE_MS, now_ms, on_answer, a);
}

void act_call(struct act *a, const char *function, const cJSON *first, const cJSON *second,
              int64_t now_ms)
{
    char *one = first ? json_compact(first) : mem_dup("");
    char *two = second ? json_compact(second) : mem_dup("");
    char *call = mem_printf("%s(%s%s%s)", function, one, second ? "," : "", two);
    a->outstanding++;
    page_call(a->page, call, act_left_ms(a, now_ms) + GRACE_MS, now_ms, on_answer, a);
    free(one);
    free(two);
    free(call);
}

const cJSON *act_value(const struct act *a)
{
    return json_get(a->answer, "value");
}

bool act_lost_world(const struct act *a)
{
    static const char *const words[] = {"navigated or closed", "Cannot find context",
                                        "context was destroyed", "slated is not defined",
                                        "No frame for given id"};
    for (size_t i = 0; a->fault && i < sizeof(words) / sizeof(*words); i++)
        if (strstr(a->fault, words[i]))
            return true;
    return false;
}

/* --- its turns --- */

static const struct act_kind *kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_eq(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

static void act_check(struct act *a)
{
    const char *name = json_str(a->what, "act", "");
    const struct act_kind *kind = kind_of(name);
    if (!kind)
        act_fail(a, "bad_request", "there is no act \"%s\"", name);
    else if (kind->needs && !json_get(a->what, kind->needs))
        act_fail(a, "bad_request", "the act \"%s\" needs \"%s\"", name, kind->needs);
    else
        a->move = kind->move;
}

struct act *act_begin(struct page *page, const struct act_place *place, const cJSON *what,
                      int64_t now_ms)
{
    struct act *a = mem_alloc(sizeof(*a));
    a->page = page;
    a->place = place;
    a->what = cJSON_Duplicate(what, true);
    a->deadline_ms = now_ms + (int64_t)json_num(what, "within_ms", WITHIN_MS);
    a->wake_ms = now_ms;
    act_check(a);
    return a;
}

/* Nobody has said anything about the page: it is not known to be otherwise than it should. */
static void act_unanswered(struct act *a)
{
    json_set_bool(a->result, "silent", true);
}

static void act_late(struct act *a)
{
    bool silent = a->outstanding || a->silent;
    const char *name = json_str(a->what, "act", "");
    int within = (int)json_num(a->what, "within_ms", WITHIN_MS);
    if (silent)
        page_answered(a->page, false);
    if (a->why || a->fault)
        act_fail(a, "transient", "%s: not within %d ms: %s", name, within,
                 a->why ? a->why : a->fault);
    else
        act_fail(a, "transient", "%s: the page did not answer within %d ms", name, within);
    if (silent)
        act_unanswered(a);
}

int64_t act_turn(struct act *a, int64_t now_ms)
{
    while (!a->result) {
        int64_t end = a->deadline_ms + (a->outstanding ? GRACE_MS : 0);
        if (page_state(a->page) == PAGE_GONE) {
            act_fail(a, "transient", "%s: %s", json_str(a->what, "act", ""), page_why(a->page));
            act_unanswered(a);
        } else if (end <= now_ms && a->phase > 0 && (!a->answer || a->overtime))
            act_late(a);
        else if (a->outstanding)
            return end;
        else if (a->wake_ms > now_ms)
            return a->wake_ms < end ? a->wake_ms : end;
        else {
            a->overtime = end <= now_ms; /* an answer that came at the last moment is still heard */
            a->move(a, now_ms);
            if (!a->result && !a->outstanding && a->wake_ms <= now_ms && a->phase == 0)
                a->wake_ms = now_ms + 1; /* an act that goes round from its beginning breathes */
        }
        if (a->outstanding)
            act_forget(a);
    }
    return -1;
}

cJSON *act_result(struct act *a)
{
    cJSON *result = a->result;
    a->result = NULL;
    return result;
}

void act_end(struct act *a, bool page_alive)
{
    if (!a)
        return;
    if (page_alive)
        page_forget(a->page, a);
    if (page_alive && a->intercepting && page_state(a->page) == PAGE_READY) {
        cJSON *params = cJSON_CreateObject();
        json_set_bool(params, "enabled", false);
        page_send(a->page, "Page.setInterceptFileChooserDialog", params, WITHIN_MS, clock_mono_ms(),
                  NULL, NULL);
    }
    if (page_alive && a->downloading && page_state(a->page) == PAGE_READY)
        page_send(a->page, "Browser.setDownloadBehavior", act_downloads_to(NULL, false), WITHIN_MS,
                  clock_mono_ms(), NULL, NULL);
    act_forget(a);
    act_file_drop(a);
    cJSON_Delete(a->what);
    cJSON_Delete(a->result);
    free(a->why);
    cJSON_Delete(a->best);
    free(a->handle);
    free(a->media);
    free(a->path);
    free(a);
}
