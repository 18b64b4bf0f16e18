/* What is asked of an engine beside the conversation about a job: to take its work back, and a call
 * that costs nothing, for trying whether key and address are good. Moves no memo. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* --- taking it back --- */

/* Accepted, and not here yet. */
static bool is_theirs(const struct talk *t)
{
    const char *step = json_str(t->memo, "step", "submit");
    return !str_eq(step, "submit") && !str_eq(step, "look");
}

int beside_cancel(const struct ask *ask, struct request *ret_request, struct err *e)
{
    struct talk t;
    const cJSON *step;
    int rc;
    talk_open(&t, ask);
    step = talk_step(&t, "cancel");
    rc = step && is_theirs(&t)
             ? compose_step(&t, step, ret_request, e)
             : err_set(e, ERR_UNSUPPORTED, "%s cannot take %s back",
                       json_str(t.file, "title", ask->job->engine), ask->job->key);
    talk_close(&t);
    return rc;
}

bool beside_cancel_fits(const struct ask *ask, const struct response *response_or_null)
{
    struct talk t;
    talk_open(&t, ask);
    const cJSON *only = json_get(talk_step(&t, "cancel"), "while");
    bool fits = !only;
    if (only && response_or_null && response_or_null->kind == RESPONSE_ANSWERED) {
        cJSON *body = answer_body(response_or_null);
        fits = answers_row_fits(&t, only, "poll", response_or_null, body);
        cJSON_Delete(body);
    }
    talk_close(&t);
    return fits;
}

/* --- a call that costs nothing --- */

int provider_probe_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    struct talk t;
    const cJSON *step;
    int rc;
    talk_open(&t, ask);
    step = talk_step(&t, "probe");
    rc = step ? compose_step(&t, step, ret_request, e)
              : err_set(e, ERR_UNSUPPORTED,
                        "rules/providers/%s.json names no free call (\"probe\")", ask->job->engine);
    talk_close(&t);
    return rc;
}

void provider_probe_read(const struct ask *ask, const struct response *response,
                         struct outcome *ret_outcome)
{
    struct talk t;
    struct verdict v = {0};
    cJSON *body = answer_body(response);
    talk_open(&t, ask);
    if (response->kind == RESPONSE_ANSWERED)
        answers_judge(&t, "probe", response, body, &v);
    else
        v = (struct verdict){.class = CLASS_TRANSIENT, .say = mem_dup(response->error)};
    ret_outcome->class = v.class;
    ret_outcome->kind = v.class == CLASS_OK ? OUTCOME_DONE : outcome_kind_of(v.class);
    ret_outcome->error = mem_dup(v.say);
    ret_outcome->cure = mem_dup(v.cure);
    verdict_finish(&v);
    cJSON_Delete(body);
    talk_close(&t);
}
