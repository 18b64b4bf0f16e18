/* What waits for a person comes in: stopped engines, cards, engines that asked for a pause,
 * whatever else needs one; a message for each that was not told yet goes to the outbox. What does
 * not wait any more may be told again when it comes back. Never sends. */
/* SPDX-License-Identifier: ISC */
#include "engine/tell.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/needs.h"
#include "engine/redo_offer.h"
#include "money/caps.h"
#include "report/report.h"
#include "store/money.h"

#define PAUSE_TOLD_S  60
#define PAUSE_AGAIN_S 3600

/* --- stops and cards --- */

/* Tells of what has stood since at_s, unless that was told. */
static void tell_once(struct engine *en, const char *event, const char *mark, int64_t at_s,
                      cJSON *takes_values)
{
    int64_t told = 0;
    if (store_told(en->store, mark, &told) || told != at_s)
        tell_add(en, event, 0, mark, takes_values, mark, at_s);
    cJSON_Delete(takes_values);
}

static void look_stops(struct engine *en)
{
    struct stop_row *rows = NULL;
    size_t n = 0;
    if (store_stops(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        char *mark = mem_printf("stop/%s", rows[i].engine);
        cJSON *v = cJSON_CreateObject();
        json_set_str(v, "engine", rows[i].engine);
        json_set_str(v, "class", rows[i].class);
        if (rows[i].cure)
            json_set_str(v, "cure", rows[i].cure);
        tell_once(en, "stopped", mark, rows[i].at_s, v);
        free(mark);
        stop_row_finish(&rows[i]);
    }
    free(rows);
}

static void look_cards(struct engine *en)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    if (store_cards_asked(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (!redo_is_offer(rows[i].kind)) { /* those are told with what waits, in one message */
            char *mark = mem_printf("card/%s/%s", rows[i].kind, rows[i].subject);
            cJSON *v = cJSON_CreateObject();
            json_set_str(v, "card", rows[i].file);
            tell_once(en, "approval", mark, rows[i].at_s, v);
            free(mark);
        }
        card_row_finish(&rows[i]);
    }
    free(rows);
}

/* A short pause is nobody's news; one that is told already is told again after another hour. */
void tell_limited(struct engine *en, const char *engine, int wait_s)
{
    int64_t told = 0;
    if (!en->tell || en->tell->n == 0 || wait_s < PAUSE_TOLD_S)
        return;
    char *mark = mem_printf("limited/%s", engine);
    if (store_told(en->store, mark, &told) || told + PAUSE_AGAIN_S < en->now_s) {
        char *key = mem_printf("%s/%lld", mark, (long long)en->now_s);
        cJSON *v = cJSON_CreateObject();
        json_set_str(v, "engine", engine);
        json_set_num(v, "minutes", (wait_s + 59) / 60);
        tell_add(en, "limited", 0, key, v, mark, en->now_s);
        cJSON_Delete(v);
        free(key);
    }
    free(mark);
}

/* --- what waits for a person --- */

struct wants {
    struct engine *en;
    struct told_row *told;
    size_t told_n;
    bool *seen;          /* of told: it still waits */
    cJSON *caps, *needs; /* new ones */
};

/* Failures are told with their drop, stops and cards by themselves. */
static bool told_elsewhere(const char *what)
{
    return str_starts(what, "failed: ") || str_starts(what, "stopped: ") ||
           str_starts(what, "your go: ");
}

static void visit_need(void *ctx, const struct need *need)
{
    struct wants *w = ctx;
    char *mark = mem_printf("need/%s", need->what);
    bool known = told_elsewhere(need->what);
    for (size_t i = 0; i < w->told_n && !known; i++)
        if (str_eq(w->told[i].name, mark))
            known = w->seen[i] = true;
    if (!known)
        cJSON_AddItemToArray(need->why && caps_said(need->why) ? w->caps : w->needs,
                             cJSON_CreateString(need->what));
    free(mark);
}

/* One message for all that is new of a sort; each gets its mark with it. */
static void tell_new(struct engine *en, const char *event, cJSON *takes_list)
{
    struct err e = {0};
    const cJSON *one;
    int n = cJSON_GetArraySize(takes_list);
    cJSON *values = cJSON_CreateObject();
    char *key = mem_printf("%s/%lld", event, (long long)en->now_ms);
    json_set_num(values, "count", n);
    json_set(values, "details", takes_list);
    int rc = n ? store_begin(en->store, &e) : 0;
    cJSON_ArrayForEach(one, takes_list)
    {
        char *mark = mem_printf("need/%s", one->valuestring);
        if (!rc)
            rc = store_set_told(en->store, mark, 1, en->now_s, &e);
        free(mark);
    }
    if (n && !rc)
        rc = tell_put(en, event, 0, key, values, &e);
    if (n)
        tell_end_step(en, event, rc, &e);
    free(key);
    cJSON_Delete(values);
}

/* What does not wait any more may be told again when it comes back. */
static void forget_settled(struct engine *en, struct wants *w)
{
    struct err e = {0};
    for (size_t i = 0; i < w->told_n; i++) {
        if (!w->seen[i] &&
            (store_begin(en->store, &e) || store_forget_told(en->store, w->told[i].name, &e) ||
             store_commit(en->store, &e)))
            store_rollback(en->store);
        free(w->told[i].name);
    }
}

void tell_look_waiting(struct engine *en)
{
    struct wants w = {.en = en};
    look_stops(en);
    look_cards(en);
    if (store_told_like(en->store, "need/", &w.told, &w.told_n))
        return;
    w.seen = mem_alloc((w.told_n + 1) * sizeof(*w.seen));
    w.caps = cJSON_CreateArray();
    w.needs = cJSON_CreateArray();
    needs_each(en, visit_need, &w);
    forget_settled(en, &w);
    tell_new(en, "cap", w.caps);
    tell_new(en, "needs_you", w.needs);
    free(w.told);
    free(w.seen);
}
