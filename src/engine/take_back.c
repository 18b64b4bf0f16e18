/* Accepted work that nobody wants any more comes in; its engine is asked to take it back, as far as
 * it can, and what came of it is said. Best effort: nothing hangs on the answer, and what was set
 * aside for it counts as spent. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define TIMEOUT_MS 20000

struct take_back {
    int64_t request_id;
    char *engine, *title;
};

void take_back_ask(struct engine *en, struct flight *f)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    struct request r = {0};
    struct err e = {0};
    if (p && p->cancel && p->cancel(&ask, &r, &e) == 0 && r.by == CARRY_HTTP) {
        struct take_back *b;
        r.id = ++en->next_request;
        r.timeout_ms = TIMEOUT_MS;
        en->take_backs = mem_grow(en->take_backs, en->take_backs_n + 1, sizeof(*b));
        b = &en->take_backs[en->take_backs_n++];
        *b = (struct take_back){r.id, mem_dup(f->job.engine), mem_dup(f->job.title)};
        http_ask(en->http, &r, en->now_ms);
    } else if (e.code) {
        log_line(LOG_DEBUG, "take_back", "job=%s why=%s", log_quote(f->job.key), log_quote(e.text));
    }
    request_finish(&r);
}

static void say(struct engine *en, const struct take_back *b, const struct response *r)
{
    if (r->kind == RESPONSE_ANSWERED && r->status >= 200 && r->status < 300)
        engine_say(en, "cancel", "%s: %s takes it back", b->title, b->engine);
    else if (r->kind == RESPONSE_ANSWERED)
        engine_say(en, "cancel", "%s: %s does not take it back (it answered %ld): it may be done",
                   b->title, b->engine, r->status);
    else
        engine_say(en, "cancel", "%s: %s could not be asked to take it back: %s", b->title,
                   b->engine, r->error ? r->error : "no answer");
}

static void forget(struct take_back *b)
{
    free(b->engine);
    free(b->title);
}

bool take_back_answer(struct engine *en, const struct response *response)
{
    for (size_t i = 0; i < en->take_backs_n; i++) {
        struct take_back b = en->take_backs[i];
        if (b.request_id != response->id)
            continue;
        en->take_backs[i] = en->take_backs[--en->take_backs_n];
        say(en, &b, response);
        forget(&b);
        return true;
    }
    return false;
}

void take_back_finish(struct engine *en)
{
    for (size_t i = 0; i < en->take_backs_n; i++)
        forget(&en->take_backs[i]);
    free(en->take_backs);
}
