/* An hour has passed; receipts, news and history that have lasted their time go, and what is late
 * by now is said. Never wakes anybody: it is done in a turn that something else began. Work has
 * ended; what it left in memory goes. */
/* SPDX-License-Identifier: ISC */
#include "engine/upkeep.h"

#include "base/log.h"
#include "base/mem.h"
#include "engine/errand.h"
#include "engine/manual.h"
#include "store/news.h"

#define EVERY_S     3600
#define DAY_S       86400
#define NEWS_KEEP_S (7 * DAY_S)
#define REST_MS     2000
#define LONG_MS     30000

/* The rest goes an hour later. */
static void prune(struct engine *en)
{
    int64_t days = (int64_t)rules_policy_num(en->rules, "/history/keep_days");
    struct err e = {0};
    int events_n = 0, news_n = 0;
    int rc = store_begin(en->store, &e);
    if (!rc && days)
        rc = store_prune_events(en->store, en->now_s - days * DAY_S, &events_n, &e);
    if (!rc)
        rc = store_prune_news(en->store, en->now_s - NEWS_KEEP_S, &news_n, &e);
    if (!rc)
        rc = store_commit(en->store, &e);
    if (rc) {
        store_rollback(en->store);
        log_line(LOG_WARN, "prune", "why=%s", log_quote(e.text));
    } else if (events_n || news_n) {
        log_line(LOG_INFO, "prune", "events=%d news=%d", events_n, news_n);
    }
}

void upkeep_turn(struct engine *en)
{
    if (en->fuse || en->next_upkeep_s > en->now_s)
        return; /* a wrong clock would make everything old */
    receipts_sweep(en);
    bundles_grow_old(en);
    prune(en);
    en->next_upkeep_s = en->now_s + EVERY_S;
}

static bool at_work(const struct engine *en)
{
    return en->flights_n || en->accepted_n || en->errands_n || desk_lags(en) ||
           arrivals_looking(en) || land_pending(en);
}

int64_t upkeep_memory(struct engine *en)
{
    struct stirred *s = &en->stirred;
    bool busy = at_work(en), alone = http_sleeps(en->http);
    if (busy || alone != s->alone) { /* what connections held lies everywhere */
        s->alone = alone;
        s->since_ms = s->any ? s->since_ms : en->now_ms;
        s->last_ms = en->now_ms;
        s->any = true;
    }
    int64_t due_ms = busy ? s->since_ms + LONG_MS : s->last_ms + REST_MS;
    if (!s->any || en->now_ms < due_ms)
        return s->any && !busy ? due_ms : INT64_MAX;
    if (!busy)
        store_rest(en->store);
    mem_trim();
    s->any = false;
    return INT64_MAX;
}
