/* A flight comes in; what its memo asks for is built and leaves by its carrier, paid requests only
 * behind a stored intent. Carriers are told apart here and nowhere else. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/pods.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct ask flight_ask(const struct engine *en, const struct flight *f)
{
    return (struct ask){.rules = en->rules,
                        .job = &f->job,
                        .files = &f->files,
                        .work = f->work,
                        .handle = f->attempt.handle,
                        .fresh = f->fresh,
                        .now_s = en->now_s,
                        .shown = f->shown,
                        .server = f->server,
                        .base = pods_service(en, f->job.engine)};
}

void flight_hand_out(struct engine *en, struct flight *f, struct request *r)
{
    r->id = f->request_id = ++en->next_request;
    f->by = r->by;
    str_format(f->request_name, sizeof f->request_name, "%lld", (long long)r->id);
    map_put(&en->by_request, f->request_name, f);
    if (r->by == CARRY_BROWSER)
        f->tab_of = r->id;
    f->checks = r->by == CARRY_WORKER && f->rated_n;
    en->checks_n += f->checks;
    if (r->by == CARRY_WORKER)
        workers_ask(en->workers, r, en->now_ms);
    else
        land_send(en, r);
}

void flight_recall(struct engine *en, struct flight *f)
{
    if (f->request_id && land_recall(en, f->request_id))
        return;
    if (f->request_id && f->by == CARRY_WORKER)
        workers_cancel(en->workers, f->request_id);
    else if (f->request_id && f->by == CARRY_BROWSER)
        browser_cancel(en->browser, f->request_id);
    else if (f->request_id)
        http_cancel(en->http, f->request_id);
}

static int build(struct engine *en, struct flight *f, struct request *ret_request, struct err *e)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    if (!f->attempt.id && !f->fresh && limit_counts(en, f->job.engine))
        f->fresh = engine_random_name(); /* it belongs into the request, which is built once */
    struct ask ask = flight_ask(en, f);
    if (!p)
        return err_set(e, ERR_UNSUPPORTED, "no engine named %s is part of this slated",
                       f->job.engine);
    return p->build(&ask, ret_request, e);
}

void flight_send(struct engine *en, struct flight *f)
{
    struct request r = {0};
    struct err e = {0};
    bool gone = build(en, f, &r, &e) != 0;
    if (f->back && (gone || r.paid)) {
        request_finish(&r);
        withdraw_cannot(en, f, gone ? e.text : "its engine has lost it");
        return;
    }
    if (gone) {
        f->charged_u = f->attempt.id ? f->attempt.reserved_u : CHARGE_OPEN;
        flight_fail(en, f, e.text);
    } else if (r.by == CARRY_WORKER &&
               (workers_free(en->workers) == 0 || (f->rated_n && !flight_may_check(en)))) {
        flight_queue(en, f);
    } else if (r.paid && f->attempt.id && r.further) {
        gone = paid_further(en, f, &r, &e) != 0;
        if (gone)
            flight_park(en, f, e.text);
        else
            flight_hand_out(en, f, &r);
    } else if (r.paid && f->attempt.id && !f->send_again) {
        paid_doubt(en, f, "it was accepted already and is asked for once more");
        gone = true;
    } else if (r.paid && !f->attempt.id && paid_intent(en, f, &r, &e)) {
        flight_park(en, f, e.text);
        gone = true;
    } else {
        f->send_again = false;
        flight_hand_out(en, f, &r);
    }
    request_finish(&r);
    if (gone)
        flight_remove(en, f);
    else if (f->unstored)
        flight_step_later(en, f);
}

void flight_look_up(struct engine *en, struct flight *f)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    struct request r = {0};
    struct err e = {0};
    f->looking = true;
    if (!p || !p->lookup) {
        paid_doubt(en, f,
                   "its answer was lost, and the engine cannot be asked whether it has the work");
        flight_remove(en, f);
    } else if (p->lookup(&ask, &r, &e)) {
        paid_doubt(en, f, e.text);
        flight_remove(en, f);
    } else {
        flight_hand_out(en, f, &r);
    }
    request_finish(&r);
}
