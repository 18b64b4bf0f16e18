/* One move of a procedure: the step on top is looked at in the phase it stands in.
 *
 *   start --if, unless--> if --> act --an act for the browser--> done --expect--> expect --> next
 *                                 |--call, do--> inside ... --> next
 *                                 |--loop--> loop --> inside ... --> loop
 *                                 |--poll--> poll --> (meanwhile) --> rest --> poll
 *                                 `--pause--> rested --> next
 *
 * A step that fails goes on with its "else", is passed over with "may_fail", and otherwise takes
 * the one that called it along. Knows no browser and no site. */
/* SPDX-License-Identifier: ISC */
#include "sop/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define MOVES_MAX   10000 /* within one call: a procedure that calls itself without end */
#define FRAMES_MAX  24
#define CLEARED_MAX 2     /* so often what covers one press is taken away */
#define LOOK_MS     5000  /* a look at the page */
#define ACT_MS      10000 /* an act whose step names no time */

void sop_turn_finish(struct sop_turn *t)
{
    cJSON_Delete(t->act);
    free(t->step);
    free(t->error);
    free(t->cure);
    memset(t, 0, sizeof(*t));
}

static const char *phase(const struct machine *m)
{
    return json_str(m->frame, "phase", "start");
}

static void set_phase(struct machine *m, const char *to)
{
    json_set_str(m->frame, "phase", to);
}

void machine_next_step(cJSON *frame)
{
    json_set_num(frame, "i", json_num(frame, "i", 0) + 1);
    json_set_str(frame, "phase", "start");
    json_set_bool(frame, "elsed", false);
    json_set_num(frame, "n", 0);
    json_set_num(frame, "cleared", 0);
}

/* "generate / press Generate": the steps from the outermost to the one on top. */
char *machine_step_names(const struct machine *m)
{
    struct buf out;
    const cJSON *frame, *frames = json_get(m->state, "frames");
    buf_init(&out, 4096);
    cJSON_ArrayForEach(frame, frames)
    {
        const cJSON *step =
            cJSON_GetArrayItem(sop_steps(m->rules, m->state, frame), (int)json_num(frame, "i", 0));
        if (step)
            buf_printf(&out, "%s%s", out.len ? " / " : "", json_str(step, "name", "?"));
    }
    char *text = mem_dup(out.len ? out.data : "");
    buf_finish(&out);
    return text;
}

/* --- asking the browser --- */

static bool give(struct machine *m, cJSON *takes_act, const char *then)
{
    set_phase(m, then);
    m->turn->move = SOP_ACT;
    m->turn->act = takes_act;
    m->turn->step = machine_step_names(m);
    return true;
}

static bool give_look(struct machine *m, const cJSON *condition, const char *then)
{
    cJSON *act = cJSON_CreateObject();
    json_set_str(act, "act", "look");
    json_set(act, "for", sop_resolve(m->rules, m->state, condition));
    json_set_num(act, "within_ms", LOOK_MS);
    return give(m, act, then);
}

static bool rest(struct machine *m, int ms, const char *then)
{
    set_phase(m, then);
    m->turn->move = SOP_WAIT;
    m->turn->wait_ms = ms;
    m->turn->step = machine_step_names(m);
    return true;
}

static int step_int(const struct machine *m, const char *name, int otherwise)
{
    cJSON *value = sop_resolve(m->rules, m->state, json_get(m->step, name));
    int n = cJSON_IsNumber(value) ? value->valueint : otherwise;
    cJSON_Delete(value);
    return n;
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

static bool give_act(struct machine *m)
{
    struct sop_turn *t = m->turn;
    cJSON *act = act_of(m),
          *credits = sop_resolve(m->rules, m->state, json_get(m->step, "credits"));
    t->once = json_bool(m->step, "once", false);
    t->credits = t->once && cJSON_IsNumber(credits) ? credits->valuedouble : 0;
    if (t->once)
        t->settles = sop_click(m->state, t->credits);
    cJSON_Delete(credits);
    return give(m, act, "done");
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
    static const char *const presses[] = {"click", "double_click", "choose_file"};
    const cJSON *cover = json_get(sop_site(m->rules, json_str(m->state, "site", "")), "in_the_way");
    const char *act = json_str(m->step, "act", "");
    bool press = false;
    for (size_t i = 0; i < sizeof(presses) / sizeof(*presses); i++)
        press = press || str_eq(presses[i], act);
    if (!press || !cover || json_num(m->frame, "cleared", 0) >= CLEARED_MAX)
        return false;
    json_set_str(m->frame, "error", json_str(result, "error", "the browser gave no reason"));
    json_set_str(m->frame, "class", class_of(result));
    return give_look(m, json_get(cover, "if"), "cover");
}

static bool phase_cover(struct machine *m)
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
    set_phase(m, "act");
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

/* --- phases --- */

static bool yes(struct machine *m)
{
    bool answer = json_bool(m->result, "value", false);
    m->result = NULL;
    return answer;
}

/* Whether the step is wanted at all: 1, 0, or -1 after the page was asked. */
static int wanted(struct machine *m)
{
    const cJSON *only = json_get(m->step, "if"), *not = json_get(m->step, "unless");
    const cJSON *condition = only ? only : not ;
    int answer = condition ? sop_decide(m->rules, m->state, condition) : 1;
    if (!condition)
        return 1;
    if (answer < 0) {
        give_look(m, condition, "if");
        return -1;
    }
    return only ? answer : !answer;
}

static bool phase_if(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false), answer = ok && yes(m);
    m->result = NULL;
    if (answer == (json_get(m->step, "if") != NULL))
        set_phase(m, "act");
    else
        machine_next_step(m->frame);
    return false;
}

static bool push_here(struct machine *m, const char *member, const char *kind, const char *then)
{
    char *at = mem_printf("%s/%d/%s", json_str(m->frame, "at", ""), (int)json_num(m->frame, "i", 0),
                          member);
    set_phase(m, then);
    sop_push(m->state, at, kind, NULL);
    free(at);
    return false;
}

static bool act_call(struct machine *m)
{
    const char *name = json_str(m->step, "procedure", "");
    const cJSON *with = json_get(m->step, "with");
    char *at = sop_procedure(m->rules, json_str(m->state, "site", ""),
                             json_str(m->state, "sop", ""), name);
    if (!at || cJSON_GetArraySize(json_get(m->state, "frames")) >= FRAMES_MAX) {
        char *why = mem_printf(
            at ? "the procedure %s calls itself too deep" : "there is no procedure %s", name);
        bool ended = machine_fail(m, why, "bad_request");
        free(why);
        free(at);
        return ended;
    }
    set_phase(m, "inside");
    sop_push(m->state, at, "call", with ? sop_resolve(m->rules, m->state, with) : NULL);
    free(at);
    return false;
}

static bool act_loop(struct machine *m)
{
    if (json_num(m->frame, "n", 0) >= step_int(m, "times", 1)) {
        machine_next_step(m->frame);
        return false;
    }
    return give_look(m, json_get(m->step, "while"), "loop");
}

static bool phase_loop(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false);
    if (!ok || !yes(m)) {
        m->result = NULL;
        machine_next_step(m->frame);
        return false;
    }
    json_set_num(m->frame, "n", json_num(m->frame, "n", 0) + 1);
    return push_here(m, "steps", "loop", "inside");
}

static bool act_poll(struct machine *m)
{
    if (!str_eq(phase(m), "poll again"))
        json_set_num(m->frame, "since", (double)m->now_ms);
    return give_look(m, json_get(m->step, "until"), "poll");
}

static bool phase_poll(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false);
    if (ok && yes(m)) {
        machine_next_step(m->frame);
        return false;
    }
    m->result = NULL;
    if ((double)m->now_ms - json_num(m->frame, "since", 0) >= step_int(m, "within_ms", 120000))
        return machine_fail(m, "what was waited for did not come in the time allowed", "transient");
    if (json_get(m->step, "meanwhile"))
        return push_here(m, "meanwhile", "meanwhile", "rest");
    set_phase(m, "rest");
    return false;
}

static bool act_set(struct machine *m)
{
    sop_remember(m->state, json_str(m->step, "as", "?"),
                 sop_resolve(m->rules, m->state, json_get(m->step, "to")));
    machine_next_step(m->frame);
    return false;
}

/* The result of a paid act is kept under a name: it need not be bought again. On a page that lost
 * what was done on it, the procedure begins anew and finds it. */
static bool act_keep(struct machine *m)
{
    cJSON *as = sop_resolve(m->rules, m->state, json_get(m->step, "as"));
    bool moved = json_bool(m->state, "moved", false);
    const char *site = json_str(m->state, "site", ""), *sop = json_str(m->state, "sop", "");
    int at = sop_step_index(json_get(sop_file(m->rules, site, sop), "steps"),
                            json_str(m->step, "restart_at", ""));
    if (at >= 0)
        json_set_num(m->state, "restart_at", at);
    sop_remember(m->state, cJSON_IsString(as) ? as->valuestring : "kept",
                 sop_resolve(m->rules, m->state, json_get(m->step, "what")));
    cJSON_Delete(as);
    sop_kept(m->state);
    json_set_bool(m->state, "moved", false);
    if (moved)
        sop_restart(m->state);
    else
        machine_next_step(m->frame);
    return false;
}

static bool phase_act(struct machine *m)
{
    const char *act = json_str(m->step, "act", "");
    if (str_eq(act, "pause"))
        return rest(m, step_int(m, "ms", 500), "rested");
    if (str_eq(act, "set"))
        return act_set(m);
    if (str_eq(act, "fail"))
        return machine_fail(m, json_str(m->step, "why", "the step file says so"), "bad_request");
    if (str_eq(act, "keep"))
        return act_keep(m);
    if (str_eq(act, "call"))
        return act_call(m);
    if (str_eq(act, "do"))
        return push_here(m, "steps", "do", "inside");
    if (str_eq(act, "loop"))
        return act_loop(m);
    if (str_eq(act, "poll"))
        return act_poll(m);
    return give_act(m);
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

static bool phase_done(struct machine *m)
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
    if (str_eq(json_str(m->step, "act", ""), "fetch"))
        sop_kept(m->state);
    m->result = NULL;
    if (!expect) {
        machine_next_step(m->frame);
        return false;
    }
    cJSON *look = cJSON_CreateObject();
    json_set_str(look, "act", "wait");
    json_set(look, "for", sop_resolve(m->rules, m->state, expect));
    json_set_num(look, "within_ms", step_int(m, "within_ms", LOOK_MS));
    return give(m, look, "expect");
}

static bool phase_expect(struct machine *m)
{
    if (!json_bool(m->result, "ok", false))
        return fail_result(m);
    m->result = NULL;
    machine_next_step(m->frame);
    return false;
}

static bool phase_start(struct machine *m)
{
    int want = wanted(m);
    if (want == 0)
        machine_next_step(m->frame);
    else if (want > 0)
        set_phase(m, "act");
    return want < 0;
}

/* A list of steps is through: what called it goes on. */
static bool frame_end(struct machine *m)
{
    bool detour = str_eq(json_str(m->frame, "kind", ""), "detour");
    bool again = str_eq(json_str(m->frame, "kind", ""), "loop");
    bool meanwhile = str_eq(json_str(m->frame, "kind", ""), "meanwhile");
    sop_pop(m->state);
    m->frame = sop_top(m->state);
    if (!m->frame) {
        m->turn->move = SOP_DONE;
        return true;
    }
    if (again)
        set_phase(m, "act");
    else if (!detour && !meanwhile)
        machine_next_step(m->frame);
    return false;
}

/* Phases whose answer is still owed and does not come: the same is asked again. */
static void ask_again(struct machine *m)
{
    static const struct {
        const char *owed, *from;
    } moves[] = {{"if", "start"}, {"loop", "act"},  {"poll", "poll again"},
                 {"done", "act"}, {"cover", "act"}, {"expect", "act"}};
    for (size_t i = 0; i < sizeof(moves) / sizeof(*moves) && !m->result; i++)
        if (str_eq(phase(m), moves[i].owed)) {
            set_phase(m, moves[i].from);
            return;
        }
}

static bool move(struct machine *m)
{
    static const struct {
        const char *phase;
        bool (*act)(struct machine *m);
    } phases[] = {{"start", phase_start}, {"if", phase_if},         {"act", phase_act},
                  {"done", phase_done},   {"expect", phase_expect}, {"loop", phase_loop},
                  {"poll", phase_poll},   {"poll again", act_poll}, {"cover", phase_cover}};
    m->step = machine_step(m, m->frame);
    if (!m->step)
        return frame_end(m);
    ask_again(m);
    if (str_eq(phase(m), "rested")) {
        machine_next_step(m->frame);
        return false;
    }
    if (str_eq(phase(m), "rest"))
        return rest(m, step_int(m, "every_ms", 3000), "poll again");
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++)
        if (str_eq(phase(m), phases[i].phase))
            return phases[i].act(m);
    machine_next_step(m->frame); /* "inside": its list is through already */
    return false;
}

void sop_next(const struct rules *rules, cJSON *state, const cJSON *result, int64_t now_ms,
              struct sop_turn *ret_turn)
{
    struct machine m = {.rules = rules, .state = state, .result = result, .now_ms = now_ms};
    memset(ret_turn, 0, sizeof(*ret_turn));
    ret_turn->class = "bad_request";
    m.turn = ret_turn;
    for (int i = 0; i < MOVES_MAX; i++) {
        m.frame = sop_top(state);
        if (!m.frame) {
            ret_turn->move = SOP_DONE;
            return;
        }
        if (move(&m))
            return;
    }
    ret_turn->move = SOP_FAILED;
    ret_turn->step = machine_step_names(&m);
    ret_turn->error = mem_dup("the steps go round without an act");
}
