/* A job and what is stored of its procedure come in; the memo that is stored next goes out, with
 * what it costs and how it was made. Asks no browser. */
/* SPDX-License-Identifier: ISC */
#include "providers/sop_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static const cJSON *provider_of(const struct ask *ask)
{
    return json_get(rules_kind(ask->rules, "providers"), ask->job->engine);
}

/* An input's path under its name; where the page shows it still under "<name>_shown". */
static void add_input(const struct ask *ask, const struct job_file *in, cJSON *wishes)
{
    const cJSON *shown = ask->shown ? json_get(ask->shown, in->name) : NULL;
    json_set_str(wishes, in->name, in->path);
    if (!shown)
        return;
    char *name = mem_printf("%s_shown", in->name);
    json_set(wishes, name, cJSON_Duplicate(shown, true));
    free(name);
}

static cJSON *wishes_of(const struct ask *ask)
{
    const struct job_row *job = ask->job;
    cJSON *params = cJSON_Parse(job->params);
    if (!params)
        params = cJSON_CreateObject();
    if (job->prompt)
        json_set_str(params, "prompt", job->prompt);
    if (job->model && !str_eq(job->model, "embedded"))
        json_set_str(params, "model", job->model);
    for (size_t i = 0; i < ask->files->in_n; i++)
        add_input(ask, &ask->files->in[i], params);
    return params;
}

/* The wishes for the procedure that stands in: the job's own, but for what was meant for this one.
 */
cJSON *sop_job_wishes_instead(const struct ask *ask)
{
    cJSON *wishes = wishes_of(ask);
    const cJSON *more = json_get(wishes, "otherwise"), *member;
    cJSON_DeleteItemFromObjectCaseSensitive(wishes, "model");
    cJSON_ArrayForEach(member, more)
        json_set(wishes, member->string, cJSON_Duplicate(member, true));
    return wishes;
}

/* Moves a state that owes nothing to its next act; a rest is an act that does nothing, after it. */
cJSON *sop_job_move(const struct ask *ask, cJSON *takes_state, const cJSON *result,
                    struct sop_turn *turn)
{
    cJSON *memo = cJSON_CreateObject();
    sop_next(ask->rules, takes_state, result, ask->now_s * 1000, turn);
    json_set(memo, "state", takes_state);
    json_set_str(memo, "step", turn->step);
    if (turn->move == SOP_ACT) {
        json_set(memo, "act", turn->act);
        turn->act = NULL;
        json_set_bool(memo, "once", turn->once);
        json_set_num(memo, "credits", turn->credits);
        json_set_num(memo, "settles", turn->settles);
    } else if (turn->move == SOP_WAIT) {
        cJSON *act = cJSON_CreateObject();
        json_set_str(act, "act", "address");
        json_set(memo, "act", act);
        json_set_bool(memo, "idle", true);
    }
    return memo;
}

/* Several jobs at once on one account: what the page's balance says belongs to nobody alone. */
int sop_job_begin(const struct ask *ask, const char *name, cJSON *takes_wishes, cJSON **ret_state,
                  struct err *e)
{
    int rc = sop_begin(ask->rules, ask->job->engine, name, takes_wishes, ret_state, e);
    if (!rc && json_num(json_get(provider_of(ask), "limits"), "at_once", 0) != 1)
        sop_shared(*ret_state);
    return rc;
}

/* The memo as stored, or that of a conversation that begins. Owned. */
int sop_job_memo(const struct ask *ask, cJSON **ret_memo, struct err *e)
{
    const struct job_row *job = ask->job;
    cJSON *memo = job->memo ? cJSON_Parse(job->memo) : NULL, *state = NULL;
    struct sop_turn turn = {0};
    if (json_get(memo, "state")) {
        *ret_memo = memo;
        return 0;
    }
    cJSON_Delete(memo);
    const char *name = sop_for_op(ask->rules, job->engine, job->op);
    if (!name)
        return err_set(e, ERR_UNSUPPORTED, "no procedure of %s makes %s", job->engine, job->op);
    int rc = sop_job_begin(ask, name, wishes_of(ask), &state, e);
    if (!rc)
        *ret_memo = sop_job_move(ask, state, NULL, &turn);
    sop_turn_finish(&turn);
    return rc;
}

/* What a credit costs, in dollars; 0: only the price of the whole picture is known. */
static double credit_price(const struct ask *ask)
{
    return json_num(provider_of(ask), "credit", 0);
}

void sop_job_price(const struct ask *ask, const cJSON *memo, struct request *r)
{
    r->paid = json_bool(memo, "once", false) && json_num(memo, "credits", 0) > 0;
    r->further = r->paid;
    r->price = json_num(memo, "credits", 0) * credit_price(ask);
    r->settled = json_num(memo, "settles", 0) * credit_price(ask);
}

static bool in_list(const cJSON *list, const char *text)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_IsString(one) && str_eq(one->valuestring, text))
            return true;
    }
    return false;
}

/* Where the page shows what was made: the results of its run, which of them, and of which file it
 * is said. NULL when it was not taken out of them. Owned. */
static cJSON *shown_now(const cJSON *state, const struct outcome *o)
{
    const cJSON *vars = json_get(state, "vars"), *run = json_get(vars, "fresh");
    const char *from = json_str(json_get(vars, "fetched"), "from", "");
    if (o->kind != OUTCOME_DONE || o->made_n != 1 || !in_list(run, from))
        return NULL;
    cJSON *shown = cJSON_CreateObject();
    json_set(shown, "beside", cJSON_Duplicate(run, true));
    json_set_str(shown, "n", json_str(json_get(vars, "fetched"), "n", "1"));
    json_set_str(shown, "sha256", o->made[0].sha256);
    return shown;
}

/* How an attempt ends: what of it is not settled, and how it was made. */
void sop_job_end(const struct ask *ask, const cJSON *state, struct outcome *o)
{
    cJSON *facts = cJSON_CreateObject();
    cJSON *before = ask->job->facts ? cJSON_Parse(ask->job->facts) : NULL; /* of earlier attempts */
    cJSON *notes = cJSON_Duplicate(json_get(before, "notes"), true);
    const cJSON *note;
    const char *url = json_str(state, "fetched_from", NULL);
    o->cost_known = ask->handle && credit_price(ask) > 0;
    o->cost = o->cost_known ? sop_owed(state) * credit_price(ask) : 0;
    json_set_str(facts, "procedure", json_str(state, "sop", ""));
    json_set_num(facts, "credits", sop_spent(state) + json_num(before, "credits", 0));
    if (url)
        json_set_str(facts, "image_url", url);
    cJSON *shown = shown_now(state, o);
    if (shown)
        json_set(facts, "shown", shown);
    if (!notes)
        notes = cJSON_CreateArray();
    cJSON_ArrayForEach(note, sop_notes(state))
        cJSON_AddItemToArray(notes, cJSON_Duplicate(note, true));
    json_set(facts, "notes", notes);
    cJSON_Delete(before);
    cJSON_Delete(o->facts);
    o->facts = facts;
}

void sop_job_next(struct outcome *o, const cJSON *memo, int wait_ms, const struct sop_turn *turn)
{
    o->kind = OUTCOME_NEXT;
    o->class = CLASS_PENDING;
    o->wait_ms = wait_ms;
    o->memo = json_compact(memo);
    o->progress = mem_dup(turn->step);
}
