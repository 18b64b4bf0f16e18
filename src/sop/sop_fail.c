/* A failed step comes in; where the procedure goes on, or its end with the sentence, goes out. */
/* SPDX-License-Identifier: ISC */
#include "sop/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

const cJSON *machine_step(const struct machine *m, const cJSON *frame)
{
    return cJSON_GetArrayItem(sop_steps(m->rules, m->state, frame), (int)json_num(frame, "i", 0));
}

/* What asking again would not change is not tried again. */
static bool final(const char *class)
{
    static const char *const words[] = {"bad_request", "auth", "quota_exhausted", "refused_input"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(words[i], class))
            return true;
    return false;
}

/* A step knew that a person must act first: no other way leads around it. */
static bool needs_person(const struct machine *m)
{
    return m->judged &&
           (str_eq(m->turn->class, "auth") || str_eq(m->turn->class, "quota_exhausted"));
}

/* From a named step once more, after what the file says is done first; a try that would begin
 * behind the step that failed is passed over. False when no try is left. */
static bool try_again(struct machine *m, int failed_at)
{
    const char *site = json_str(m->state, "site", ""), *sop = json_str(m->state, "sop", "");
    const cJSON *tree = sop_file(m->rules, site, sop), *steps = json_get(tree, "steps");
    const cJSON *tries = json_get(tree, "retry"), *try;
    int n = (int)json_num(m->state, "tries", 0);
    while ((try = cJSON_GetArrayItem(tries, n)) &&
           sop_step_index(steps, json_str(try, "from", "")) > failed_at)
        n++;
    if (!try || final(m->turn->class) || !sop_give_up(m->rules, m->state))
        return false;
    sop_note(m->state, "%s: %s; once more from \"%s\"", m->turn->step, m->turn->error,
             json_str(try, "from", ""));
    const char *first = json_str(try, "do", NULL);
    char *at = first ? sop_procedure(m->rules, site, sop, first) : NULL;
    json_set_num(m->state, "tries", n + 1);
    sop_restart(m->state);
    cJSON *frame = sop_top(m->state);
    int from = sop_step_index(sop_steps(m->rules, m->state, frame), json_str(try, "from", ""));
    json_set_num(frame, "i", from < 0 ? 0 : from);
    if (at)
        sop_push(m->state, at, "detour", NULL);
    free(at);
    sop_turn_finish(m->turn);
    return true;
}

/* The innermost sentence is kept; a step on the way out may add why and what to do, until one has
 * said of what class it is: that one knew. */
static void note_failure(struct machine *m, const cJSON *step)
{
    struct sop_turn *t = m->turn;
    const char *why = json_str(step, "why", NULL), *cure = json_str(step, "cure", NULL);
    const char *class = json_str(step, "class", NULL);
    if (m->silent || m->judged)
        return;
    if (why && !str_starts(t->error, why)) {
        char *text = mem_printf("%s: %s", why, t->error);
        free(t->error);
        t->error = text;
    }
    if (cure && !t->cure)
        t->cure = mem_dup(cure);
    if (class) {
        t->class = class;
        m->judged = true;
    }
}

static bool has_else(const cJSON *frame, const cJSON *step)
{
    return json_get(step, "else") && !json_bool(frame, "elsed", false);
}

static void go_else(struct machine *m, cJSON *frame)
{
    char *at = mem_printf("%s/%d/else", json_str(frame, "at", ""), (int)json_num(frame, "i", 0));
    json_set_bool(frame, "elsed", true);
    json_set_str(frame, "phase", "inside");
    sop_push(m->state, at, "else", NULL);
    free(at);
    sop_turn_finish(m->turn);
}

bool machine_fail(struct machine *m, const char *error, const char *class)
{
    struct sop_turn *t = m->turn;
    t->step = machine_step_names(m);
    t->error = mem_dup(error);
    t->class = class;
    int failed_at = (int)json_num(m->state, "/frames/0/i", 0);
    m->judged = false;
    for (cJSON *frame; (frame = sop_top(m->state)); sop_pop(m->state)) {
        const cJSON *step = machine_step(m, frame);
        note_failure(m, step);
        if (needs_person(m))
            continue;
        if (has_else(frame, step)) {
            go_else(m, frame);
            return false;
        }
        if (json_bool(step, "may_fail", false)) {
            if (json_get(step, "why"))
                sop_note(m->state, "%s: %s", t->step, t->error);
            machine_next_step(frame);
            sop_turn_finish(t);
            return false;
        }
    }
    if (try_again(m, failed_at))
        return false;
    t->move = SOP_FAILED;
    return true;
}
