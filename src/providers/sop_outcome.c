/* What an act's result makes of a procedure: its next act, its end, the one that stands in for it.
 * Looks for nothing that was lost. */
/* SPDX-License-Identifier: ISC */
#include "providers/sop_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* What failed, for whoever reads the memo when the page was described. Owned. */
static cJSON *told_of(const struct sop_turn *turn)
{
    cJSON *told = cJSON_CreateObject();
    json_set_str(told, "class", turn->class ? turn->class : "transient");
    json_set_str(told, "step", turn->step ? turn->step : "the procedure");
    json_set_str(told, "error", turn->error);
    json_set_str(told, "cure", turn->cure);
    return told;
}

/* A procedure that has tried again already is not begun a third time. */
void sop_job_failed(const struct ask *ask, const cJSON *state, const cJSON *told, struct outcome *o)
{
    enum outcome_class class = outcome_class_of_word(json_str(told, "class", ""));
    bool tried = json_num(state, "tries", 0) > 0 || json_get(state, "instead_of");
    o->class = class < OUTCOME_CLASSES_N ? class : CLASS_TRANSIENT;
    bool wasted = json_num(state, "wasted", 0) > 0; /* held, it would be bought once more later */
    o->kind = o->class == CLASS_AUTH || (o->class == CLASS_QUOTA && !wasted) ? OUTCOME_HOLD
              : o->class == CLASS_TRANSIENT && !tried                        ? OUTCOME_RETRY
                                                                             : OUTCOME_REFUSED;
    o->elsewhere = json_bool(state, "open", false) || wasted;
    o->wait_s = 30;
    o->error = mem_printf("%s: %s", json_str(told, "step", ""), json_str(told, "error", ""));
    o->cure = mem_dup(json_str(told, "cure", NULL));
    cJSON *last =
        cJSON_Duplicate(state, true); /* another engine may make it: then why this one did not */
    if (o->kind == OUTCOME_REFUSED)
        sop_note(last, "%s", o->error);
    sop_job_end(ask, last, o);
    cJSON_Delete(last);
}

/* A result lies on a page that shows it to nobody now. What is known of it stays until a person has
 * signed in; then it is looked for. */
void sop_job_signed_out(struct outcome *o, cJSON *takes_state, const char *why, const char *cure)
{
    cJSON *memo = cJSON_CreateObject();
    json_set(memo, "state", takes_state);
    json_set_num(memo, "trace", 1);
    o->kind = OUTCOME_DOUBT;
    o->class = CLASS_AUTH;
    o->error = mem_dup(why);
    o->cure = mem_dup(cure);
    o->memo = json_compact(memo);
    cJSON_Delete(memo);
}

/* The next act of the procedure that is tried in place of one that failed; NULL when there is none,
 * and the state says why. Owned. */
static cJSON *instead(const struct ask *ask, cJSON *state, struct sop_turn *turn)
{
    const char *name = sop_otherwise(ask->rules, state);
    bool stopped = str_eq(turn->class, "auth") || str_eq(turn->class, "quota_exhausted");
    cJSON *other = NULL;
    struct err e = {0};
    if (!name || stopped)
        return NULL;
    if (sop_job_begin(ask, name, sop_job_wishes_instead(ask), &other, &e)) {
        sop_note(state, "%s cannot stand in: %s", name, e.text);
        return NULL;
    }
    sop_note(state, "%s: %s: %s; %s makes it", json_str(state, "sop", ""), turn->step, turn->error,
             name);
    sop_carry(other, state);
    sop_turn_finish(turn);
    return sop_job_move(ask, other, NULL, turn);
}

/* Where the picture lies that was fetched last. */
static void remember_fetched(cJSON *state, const cJSON *result)
{
    const cJSON *value = json_get(result, "value");
    const char *path = json_str(value, "path", NULL);
    if (!path)
        return;
    json_set_str(state, "fetched", path);
    json_set_str(state, "fetched_from", json_str(value, "from", ""));
}

/* The page is described first; then the outcome is said, or the procedure that stands in begins. */
static void fail(const struct ask *ask, cJSON *state, cJSON **memo, struct sop_turn *turn,
                 struct outcome *o)
{
    cJSON *told = told_of(turn), *other = instead(ask, state, turn);
    if (other) {
        cJSON_Delete(*memo);
        *memo = other;
    }
    if (other && turn->move == SOP_FAILED) { /* that one, too, and before its first act */
        cJSON_Delete(told);
        told = told_of(turn);
    } else {
        json_set_bool(told, "on", other != NULL);
    }
    json_set(*memo, "mishap", told);
    sop_job_next(o, *memo, 0, turn);
    o->over = true;
}

void sop_job_go_on(const struct ask *ask, cJSON *takes_state, const cJSON *result,
                   struct outcome *o)
{
    struct sop_turn turn = {0};
    remember_fetched(takes_state, result);
    cJSON *before =
        json_bool(takes_state, "open", false) ? cJSON_Duplicate(takes_state, true) : NULL;
    cJSON *memo = sop_job_move(ask, takes_state, result, &turn);
    const char *path = json_str(takes_state, "fetched", NULL);
    if (turn.move == SOP_FAILED && before && str_eq(turn.class, "auth")) {
        sop_job_signed_out(o, before, turn.error, turn.cure);
        before = NULL;
    } else if (turn.move == SOP_FAILED) {
        fail(ask, takes_state, &memo, &turn, o);
    } else if (turn.move != SOP_DONE) {
        sop_job_next(o, memo, turn.wait_ms, &turn);
    } else if (path) {
        json_set_str(memo, "check", path);
        json_set_bool(memo, "release", true);
        sop_job_next(o, memo, 0, &turn);
    } else {
        o->kind = OUTCOME_REFUSED;
        o->class = CLASS_BAD_REQUEST;
        o->error = mem_dup("the procedure ended without fetching a picture; see its last step");
        sop_job_end(ask, takes_state, o);
    }
    cJSON_Delete(before);
    cJSON_Delete(memo);
    sop_turn_finish(&turn);
}
