/* A job whose engine refuses it comes in; the next of its choices becomes its engine. Stores
 * nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static void replace(char **text, char *takes_by)
{
    free(*text);
    *text = takes_by;
}

/* What was spent and noted stays told; the rest was about a picture that is not used. */
static void forget_making(struct job_row *job)
{
    cJSON *facts = job->facts ? cJSON_Parse(job->facts) : NULL;
    if (!facts)
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(facts, "image_url");
    cJSON_DeleteItemFromObjectCaseSensitive(facts, "procedure");
    cJSON_DeleteItemFromObjectCaseSensitive(facts, "shown");
    replace(&job->facts, json_compact(facts));
    cJSON_Delete(facts);
}

void flight_leave_engine(struct flight *f)
{
    struct job_row *job = &f->job;
    cJSON *choices = job->choices ? cJSON_Parse(job->choices) : NULL;
    for (int i = cJSON_GetArraySize(choices); i-- > 0;)
        if (str_eq(json_str(cJSON_GetArrayItem(choices, i), "engine", ""), job->engine))
            cJSON_DeleteItemFromArray(choices, i);
    if (choices)
        replace(&job->choices, choices->child ? json_compact(choices) : NULL);
    cJSON_Delete(choices);
}

bool flight_next_choice(struct flight *f, const char *why)
{
    struct job_row *job = &f->job;
    cJSON *choices = job->choices ? cJSON_Parse(job->choices) : NULL;
    cJSON *next = cJSON_DetachItemFromArray(choices, 0);
    const char *hash = json_str(next, "hash", "");
    bool found = strlen(hash) == DIGEST_LEN - 1;
    if (found) {
        replace(&job->why_engine,
                mem_printf("%s; %s at %s makes it", why, json_str(next, "model", "another"),
                           json_str(next, "engine", "another engine")));
        replace(&job->engine, mem_dup(json_str(next, "engine", "")));
        replace(&job->model, mem_dup(json_str(next, "model", "")));
        replace(&job->choices, choices->child ? json_compact(choices) : NULL);
        memcpy(job->hash, hash, DIGEST_LEN);
        job->price = json_num(next, "price", 0);
        job->preview = json_bool(next, "preview", false);
        job->attempts = job->strikes = 0;
        mem_free(job->memo);
        forget_making(job);
        f->rerouted = true;
    }
    cJSON_Delete(next);
    cJSON_Delete(choices);
    return found;
}
