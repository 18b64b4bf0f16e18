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

#define MOVES_MAX 10000 /* within one call: a procedure that calls itself without end */

void sop_turn_finish(struct sop_turn *t)
{
    cJSON_Delete(t->act);
    free(t->step);
    free(t->error);
    free(t->cure);
    memset(t, 0, sizeof(*t));
}

const char *machine_phase(const struct machine *m)
{
    return json_str(m->frame, "phase", "start");
}

void machine_set_phase(struct machine *m, const char *to)
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

/* Whether the step is wanted at all: 1, 0, or -1 after the page was asked. */
static int wanted(struct machine *m)
{
    const cJSON *only = json_get(m->step, "if"), *not = json_get(m->step, "unless");
    const cJSON *condition = only ? only : not ;
    int answer = condition ? sop_decide(m->rules, m->state, condition) : 1;
    if (!condition)
        return 1;
    if (answer < 0) {
        machine_look(m, condition, "if");
        return -1;
    }
    return only ? answer : !answer;
}

static bool if_told(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false), answer = ok && machine_yes(m);
    m->result = NULL;
    if (answer == (json_get(m->step, "if") != NULL))
        machine_set_phase(m, "act");
    else
        machine_next_step(m->frame);
    return false;
}

static bool start(struct machine *m)
{
    int want = wanted(m);
    if (want == 0)
        machine_next_step(m->frame);
    else if (want > 0)
        machine_set_phase(m, "act");
    return want < 0;
}

static bool set_value(struct machine *m)
{
    sop_remember(m->state, json_str(m->step, "as", "?"),
                 sop_resolve(m->rules, m->state, json_get(m->step, "to")));
    machine_next_step(m->frame);
    return false;
}

/* The result of a paid act is kept under a name: it need not be bought again. On a page that lost
 * what was done on it, the procedure begins anew and finds it. */
static bool keep(struct machine *m)
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

/* For whoever reads the documents. */
static bool note(struct machine *m)
{
    cJSON *say = sop_resolve(m->rules, m->state, json_get(m->step, "say"));
    if (cJSON_IsString(say))
        sop_note(m->state, "%s", say->valuestring);
    cJSON_Delete(say);
    machine_next_step(m->frame);
    return false;
}

static bool begin(struct machine *m)
{
    const char *act = json_str(m->step, "act", "");
    if (str_eq(act, "pause"))
        return machine_rest(m, machine_int(m, "ms", 500), "rested");
    if (str_eq(act, "set"))
        return set_value(m);
    if (str_eq(act, "fail"))
        return machine_fail(m, json_str(m->step, "why", "the step file says so"), "bad_request");
    if (str_eq(act, "keep"))
        return keep(m);
    if (str_eq(act, "note"))
        return note(m);
    if (str_eq(act, "call"))
        return machine_call(m);
    if (str_eq(act, "do"))
        return machine_push(m, "steps", "do", "inside");
    if (str_eq(act, "loop"))
        return machine_loop(m);
    if (str_eq(act, "poll"))
        return machine_poll(m);
    return machine_act(m);
}

/* Phases whose answer is still owed and does not come: the same is asked again. */
static void ask_again(struct machine *m)
{
    static const struct {
        const char *owed, *from;
    } moves[] = {{"if", "start"}, {"loop", "act"},  {"poll", "poll again"},
                 {"done", "act"}, {"cover", "act"}, {"expect", "act"}};
    for (size_t i = 0; i < sizeof(moves) / sizeof(*moves) && !m->result; i++)
        if (str_eq(machine_phase(m), moves[i].owed)) {
            machine_set_phase(m, moves[i].from);
            return;
        }
}

static bool move(struct machine *m)
{
    static const struct {
        const char *phase;
        bool (*act)(struct machine *m);
    } phases[] = {{"start", start},
                  {"if", if_told},
                  {"act", begin},
                  {"done", machine_act_told},
                  {"expect", machine_expect_told},
                  {"loop", machine_loop_told},
                  {"poll", machine_poll_told},
                  {"poll again", machine_poll},
                  {"cover", machine_cover_told}};
    m->step = machine_step(m, m->frame);
    if (!m->step)
        return machine_list_end(m);
    ask_again(m);
    if (str_eq(machine_phase(m), "rested")) {
        machine_next_step(m->frame);
        return false;
    }
    if (str_eq(machine_phase(m), "rest"))
        return machine_rest(m, machine_int(m, "every_ms", 3000), "poll again");
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++)
        if (str_eq(machine_phase(m), phases[i].phase))
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
