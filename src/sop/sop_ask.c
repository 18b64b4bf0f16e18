/* A step comes in; the act for the browser that it stands for goes out, and what the answer to it
 * means. A press that something lies over is tried again after that was taken away. */
/* SPDX-License-Identifier: ISC */
#include "sop/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define CLEARED_MAX 2        /* so often what covers one press is taken away */
#define LOOK_MS     5000     /* a look at the page */
#define KEY_MS      10       /* that a key takes beside its own pause */
#define DAY_MS      86400000 /* nothing takes longer */
#define ACT_MS      10000    /* an act whose step names no time */

bool machine_give(struct machine *m, cJSON *takes_act, const char *then)
{
    machine_set_phase(m, then);
    m->turn->move = SOP_ACT;
    m->turn->act = takes_act;
    m->turn->step = machine_step_names(m);
    return true;
}

bool machine_look(struct machine *m, const cJSON *condition, const char *then)
{
    cJSON *act = cJSON_CreateObject();
    json_set_str(act, "act", "look");
    json_set(act, "for", sop_resolve(m->rules, m->state, condition));
    json_set_num(act, "within_ms", LOOK_MS);
    return machine_give(m, act, then);
}

bool machine_rest(struct machine *m, int ms, const char *then)
{
    machine_set_phase(m, then);
    m->turn->move = SOP_WAIT;
    m->turn->wait_ms = ms;
    m->turn->step = machine_step_names(m);
    return true;
}

int machine_int(const struct machine *m, const char *name, int otherwise)
{
    cJSON *value = sop_resolve(m->rules, m->state, json_get(m->step, name));
    int n = cJSON_IsNumber(value) ? value->valueint : otherwise;
    cJSON_Delete(value);
    return n;
}

bool machine_yes(struct machine *m)
{
    bool answer = json_bool(m->result, "value", false);
    m->result = NULL;
    return answer;
}

/* Members that steer the step and are nothing to the browser. */
static bool steers(const char *name)
{
    static const char *const words[] = {
        "name",  "if",       "unless", "else", "expect",  "about", "why",       "cure",
        "class", "may_fail", "as",     "once", "credits", "steps", "meanwhile", "spent_since"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(words[i], name))
            return true;
    return false;
}

static cJSON *act_of(const struct machine *m)
{
    cJSON *act = cJSON_CreateObject();
    const cJSON *member;
    cJSON_ArrayForEach(member, m->step)
    {
        if (!steers(member->string))
            json_set(act, member->string, sop_resolve(m->rules, m->state, member));
    }
    if (!json_get(act, "within_ms"))
        json_set_num(act, "within_ms", ACT_MS);
    return act;
}

int sop_act_ms(const cJSON *act)
{
    double ms = json_num(act, "within_ms", ACT_MS), key_ms = json_num(act, "key_ms", 0);
    if (str_eq(json_str(act, "act", ""), "type") && key_ms > 0)
        ms += (double)strlen(json_str(act, "text", "")) * (key_ms + KEY_MS);
    return ms < DAY_MS ? (int)ms : DAY_MS;
}

/* A paid act whose price nobody knows would pass for a free one. */
bool machine_act(struct machine *m)
{
    struct sop_turn *t = m->turn;
    cJSON *credits = sop_resolve(m->rules, m->state, json_get(m->step, "credits"));
    bool once = json_bool(m->step, "once", false);
    bool known = cJSON_IsNumber(credits) && credits->valuedouble >= 0;
    double price = known ? credits->valuedouble : 0;
    cJSON_Delete(credits);
    if (once && !known)
        return machine_fail(m, "it costs, and its \"credits\" are no number", "bad_request");
    t->once = once;
    t->credits = once ? price : 0;
    if (once)
        t->settles = sop_click(m->state, price);
    return machine_give(m, act_of(m), "done");
}

/* The words of provider.h; anything else is the page's doing. */
static const char *class_of(const cJSON *result)
{
    static const char *const words[] = {"auth",           "quota_exhausted", "refused_input",
                                        "refused_output", "bad_request",     "rate_limited"};
    const char *word = json_str(result, "class", "");
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(words[i], word))
            return words[i];
    return "transient";
}

/* A press that failed is looked into once or twice: site.json says what may lie over everything,
 * and which procedure takes it away. */
static bool look_for_cover(struct machine *m, const cJSON *result)
{
    static const char *const presses[] = {"click", "double_click", "choose_file", "download"};
    const cJSON *cover = json_get(sop_site(m->rules, json_str(m->state, "site", "")), "in_the_way");
    const char *act = json_str(m->step, "act", "");
    bool press = false;
    for (size_t i = 0; i < sizeof(presses) / sizeof(*presses); i++)
        press = press || str_eq(presses[i], act);
    if (!press || !cover || json_num(m->frame, "cleared", 0) >= CLEARED_MAX)
        return false;
    json_set_str(m->frame, "error", json_str(result, "error", "the browser gave no reason"));
    json_set_str(m->frame, "class", class_of(result));
    return machine_look(m, json_get(cover, "if"), "cover");
}

bool machine_cover_told(struct machine *m)
{
    const char *site = json_str(m->state, "site", "");
    const cJSON *cover = json_get(sop_site(m->rules, site), "in_the_way");
    bool there = json_bool(m->result, "ok", false) && json_bool(m->result, "value", false);
    char *at =
        sop_procedure(m->rules, site, json_str(m->state, "sop", ""), json_str(cover, "do", ""));
    m->result = NULL;
    if (!there || !at) {
        char *error = mem_dup(json_str(m->frame, "error", ""));
        bool ended = machine_fail(m, error, class_of(m->frame));
        free(error);
        free(at);
        return ended;
    }
    json_set_num(m->frame, "cleared", json_num(m->frame, "cleared", 0) + 1);
    machine_set_phase(m, "act");
    sop_push(m->state, at, "detour", NULL);
    free(at);
    return false;
}

static bool fail_result(struct machine *m)
{
    const cJSON *result = m->result;
    m->result = NULL;
    m->silent = json_bool(result, "silent", false);
    if (look_for_cover(m, result))
        return true;
    return machine_fail(m, json_str(result, "error", "the browser gave no reason"),
                        class_of(result));
}

/* The balance before, named by the step, and the one that was just read. */
static void book_balance(struct machine *m)
{
    cJSON *before = sop_resolve(m->rules, m->state, json_get(m->step, "spent_since"));
    const cJSON *now = json_get(m->result, "value");
    if (cJSON_IsNumber(before) && cJSON_IsNumber(now))
        sop_page_says(m->state, before->valuedouble - now->valuedouble);
    cJSON_Delete(before);
}

static bool brings_file(const cJSON *step)
{
    const char *act = json_str(step, "act", "");
    return str_eq(act, "fetch") || str_eq(act, "download");
}

bool machine_act_told(struct machine *m)
{
    const char *as = json_str(m->step, "as", NULL);
    const cJSON *expect = json_get(m->step, "expect");
    if (!json_bool(m->result, "ok", false)) {
        sop_not_taken(m->state);
        return fail_result(m);
    }
    if (as && json_get(m->result, "value"))
        sop_remember(m->state, as, cJSON_Duplicate(json_get(m->result, "value"), true));
    sop_taken(m->state);
    if (json_get(m->step, "spent_since"))
        book_balance(m);
    if (brings_file(m->step))
        sop_kept(m->state);
    m->result = NULL;
    if (!expect) {
        machine_next_step(m->frame);
        return false;
    }
    cJSON *look = cJSON_CreateObject();
    json_set_str(look, "act", "wait");
    json_set(look, "for", sop_resolve(m->rules, m->state, expect));
    json_set_num(look, "within_ms", machine_int(m, "within_ms", LOOK_MS));
    return machine_give(m, look, "expect");
}

bool machine_expect_told(struct machine *m)
{
    if (!json_bool(m->result, "ok", false))
        return fail_result(m);
    m->result = NULL;
    machine_next_step(m->frame);
    return false;
}
