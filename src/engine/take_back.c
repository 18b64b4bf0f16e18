/* Accepted work that is not wanted any more comes in; its engine is asked to take it back, as far
 * as it may be. Two ways lead here: a person cancels (withdraw.c), or an engine has brought nothing
 * in all its time and the job gives up. In both what the engine then says of the work is the truth,
 * never its answer to the cancel: not begun costs nothing, and what was made after all is kept.
 *
 *   gives up --may it be?--> the cancel leaves --> one more look --> made: as any other
 *     |                                               |--> taken back: elsewhere, or failed
 *     `--no------------------------------------------>`--> nobody knows: in doubt */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"

#define TIMEOUT_MS    20000
#define ASK_AGAIN_MS  2000 /* between tries of a cancel that met trouble */
#define ASKS_MAX      3
#define LOOK_AFTER_MS 500 /* what it did is seen a moment later */

/* --- the cancel --- */

bool take_back_fits(struct engine *en, const struct flight *f, const struct response *response)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    return p && p->cancel_fits && p->cancel_fits(&ask, response);
}

bool take_back_send(struct engine *en, struct flight *f)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    struct request r = {0};
    struct err e = {0};
    bool can = p && p->cancel && p->cancel(&ask, &r, &e) == 0 && r.by == CARRY_HTTP;
    if (can) {
        r.timeout_ms = TIMEOUT_MS;
        f->cancelling = true;
        flight_hand_out(en, f, &r);
    }
    request_finish(&r);
    return can;
}

/* Only a cancel that did not arrive is sent again. */
bool take_back_answered(struct engine *en, struct flight *f, const struct response *response)
{
    long status = response->status;
    bool arrived =
        response->kind == RESPONSE_ANSWERED && status != 408 && status != 429 && status < 500;
    bool again = !arrived && ++f->cancels < ASKS_MAX;
    f->cancelling = false;
    flight_wait(en, f, again ? ASK_AGAIN_MS * f->cancels : LOOK_AFTER_MS);
    return !again;
}

/* --- a job that gives up --- */

bool take_back_begin(struct engine *en, struct flight *f, const struct response *response,
                     const struct outcome *o)
{
    if (f->taken_back || !take_back_fits(en, f, response) || !take_back_send(en, f))
        return false;
    if (!f->given_up)
        engine_say(en, "cancel", "%s: %s; it is asked to take it back", f->job.title, o->error);
    free(f->given_up);
    f->given_up = mem_dup(o->error);
    return true;
}

void take_back_judge(struct flight *f, struct outcome *o)
{
    if (o->kind == OUTCOME_DONE || o->kind == OUTCOME_NEXT || o->kind == OUTCOME_DOUBT)
        return;
    o->kind = OUTCOME_REFUSED; /* it is not asked for anew: it had all its time there */
    bool paid = f->attempt.id && paid_charge(f, o) > 0;
    char *why = paid ? mem_printf("%s; it counts as paid: %s", f->given_up,
                                  o->error ? o->error : "it has ended")
                     : mem_printf("%s; it was taken back, and nothing is charged", f->given_up);
    free(o->error);
    o->error = why;
}
