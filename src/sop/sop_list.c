/* Steps that hold a list of steps: call, do, loop, poll. The list is put on top, and what called it
 * goes on when it is through. Asks the page nothing but whether to go round. */
/* SPDX-License-Identifier: ISC */
#include "sop/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define FRAMES_MAX 24

bool machine_push(struct machine *m, const char *member, const char *kind, const char *then)
{
    char *at = mem_printf("%s/%d/%s", json_str(m->frame, "at", ""), (int)json_num(m->frame, "i", 0),
                          member);
    machine_set_phase(m, then);
    sop_push(m->state, at, kind, NULL);
    free(at);
    return false;
}

bool machine_call(struct machine *m)
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
    machine_set_phase(m, "inside");
    sop_push(m->state, at, "call", with ? sop_resolve(m->rules, m->state, with) : NULL);
    free(at);
    return false;
}

bool machine_loop(struct machine *m)
{
    if (json_num(m->frame, "n", 0) >= machine_int(m, "times", 1)) {
        machine_next_step(m->frame);
        return false;
    }
    return machine_look(m, json_get(m->step, "while"), "loop");
}

bool machine_loop_told(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false);
    if (!ok || !machine_yes(m)) {
        m->result = NULL;
        machine_next_step(m->frame);
        return false;
    }
    json_set_num(m->frame, "n", json_num(m->frame, "n", 0) + 1);
    return machine_push(m, "steps", "loop", "inside");
}

bool machine_poll(struct machine *m)
{
    if (!str_eq(machine_phase(m), "poll again"))
        json_set_num(m->frame, "since", (double)m->now_ms);
    return machine_look(m, json_get(m->step, "until"), "poll");
}

bool machine_poll_told(struct machine *m)
{
    bool ok = json_bool(m->result, "ok", false);
    if (ok && machine_yes(m)) {
        machine_next_step(m->frame);
        return false;
    }
    m->result = NULL;
    if ((double)m->now_ms - json_num(m->frame, "since", 0) >= machine_int(m, "within_ms", 120000))
        return machine_fail(m, "what was waited for did not come in the time allowed", "transient");
    if (json_get(m->step, "meanwhile"))
        return machine_push(m, "meanwhile", "meanwhile", "rest");
    machine_set_phase(m, "rest");
    return false;
}

/* A list of steps is through: what called it goes on. */
bool machine_list_end(struct machine *m)
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
        machine_set_phase(m, "act");
    else if (!detour && !meanwhile)
        machine_next_step(m->frame);
    return false;
}
