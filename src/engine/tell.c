/* Changes of drops come in; messages for the outbox go out, each event once: a mark is stored with
 * it. Says names and counts, never a prompt. What waits for a person is in tell_waits.c. */
/* SPDX-License-Identifier: ISC */
#include "engine/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "loop/child.h"
#include "engine/trial.h"
#include "money/caps.h"
#include "news/news.h"

#define LOOK_EVERY_MS 200
#define OPEN_MOST     200 /* ended drops that are looked at when slated starts */
#define KEEP_S        (7 * 86400)
#define DROP_STARTED  (-1) /* marks of a drop: how far it was told; then ENDED at that time */

const cJSON *tell_events(const struct engine *en)
{
    return rules_get(en->rules, "notify/" NEWS_EVENTS);
}

/* --- the outbox --- */

/* Only the newest state of a drop is worth saying; what is over makes all before it old. */
static int overtake(struct engine *en, const char *notifier, const char *event, int64_t drop_id,
                    struct err *e)
{
    bool over = str_eq(event, "done") || str_eq(event, "failed");
    int rc = 0;
    if (drop_id && (over || str_eq(event, "progress") || str_eq(event, "heartbeat")))
        rc = store_overtake_news(en->store, notifier, "progress", drop_id, e);
    if (!rc && drop_id && over)
        rc = store_overtake_news(en->store, notifier, "heartbeat", drop_id, e);
    return rc;
}

static int add_rows(struct engine *en, struct news_row *row, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < en->tell->n && !rc; i++) {
        char *file = mem_printf("notify/%s", en->tell->list[i].name);
        if (news_wanted(rules_get(en->rules, file), row->event)) {
            row->notifier = en->tell->list[i].name;
            rc = overtake(en, row->notifier, row->event, row->drop_id, e);
            if (!rc)
                rc = store_add_news(en->store, row, e);
        }
        free(file);
    }
    return rc;
}

int tell_put(struct engine *en, const char *event, int64_t drop_id, const char *key,
             const cJSON *values, struct err *e)
{
    char *body = json_compact(values);
    struct news_row row = {.drop_id = drop_id,
                           .event = (char *)event,
                           .key = (char *)key,
                           .body = body,
                           .at_s = en->now_s};
    int rc = add_rows(en, &row, e);
    en->tell->more = true;
    free(body);
    return rc;
}

void tell_end_step(struct engine *en, const char *event, int rc, struct err *e)
{
    if (!rc)
        rc = store_commit(en->store, e);
    if (!rc)
        return;
    store_rollback(en->store);
    log_line(LOG_WARN, "notify", "event=%s why=%s", event, log_quote(e->text));
}

void tell_add(struct engine *en, const char *event, int64_t drop_id, const char *key,
              const cJSON *values, const char *mark, int64_t n)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    if (!rc)
        rc = tell_put(en, event, drop_id, key, values, &e);
    if (!rc && mark)
        rc = store_set_told(en->store, mark, n, en->now_s, &e);
    tell_end_step(en, event, rc, &e);
}

static void mark_only(struct engine *en, const char *mark, int64_t n)
{
    struct err e = {0};
    if (store_begin(en->store, &e) || store_set_told(en->store, mark, n, en->now_s, &e) ||
        store_commit(en->store, &e))
        store_rollback(en->store); /* it is looked at again */
}

/* --- drops --- */

static cJSON *values_of(const struct drop_row *drop, const struct job_counts *c)
{
    const struct {
        const char *name;
        int n;
    } rest[] = {{"failed", c->n[JOB_FAILED]},
                {"by_hand", c->n[JOB_NEEDS_PERSON]},
                {"left_out", c->n[JOB_SKIPPED]}};
    cJSON *v = cJSON_CreateObject();
    char text[32], spent[MONEY_TEXT_LEN];
    json_set_str(v, "drop", drop->entry);
    json_set_num(v, "done", c->n[JOB_DONE] + c->n[JOB_KEPT]);
    json_set_num(v, "total", c->total);
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (rest[i].n)
            json_set_num(v, rest[i].name, rest[i].n);
    if (c->price > 0 && str_format(text, sizeof text, "%.2f", c->price))
        json_set_str(v, "price", text);
    money_text(money_of(c->cost), spent);
    if (c->cost > 0)
        json_set_str(v, "spent", spent);
    return v;
}

static void add_failed_titles(struct engine *en, const struct drop_row *drop, cJSON *values)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    cJSON *list = cJSON_CreateArray();
    if (store_jobs(en->store, drop->id, &jobs, &n) == 0)
        for (size_t i = 0; i < n; i++) {
            if (jobs[i].state == JOB_FAILED)
                cJSON_AddItemToArray(list, cJSON_CreateString(jobs[i].title));
            job_row_finish(&jobs[i]);
        }
    free(jobs);
    json_set(values, "details", list);
}

static void tell_end(struct engine *en, const struct drop_row *drop, cJSON *values,
                     const char *mark)
{
    bool bad = json_get(values, "failed") != NULL;
    char *key = mem_printf("end/%lld/%lld", (long long)drop->id, (long long)drop->ended_s);
    char *next = mem_printf("slated retry %s", drop->name);
    char *folder = drop->tree && *drop->tree ? mem_printf("out/%s", drop->tree) : NULL;
    json_set_num(values, "minutes", (double)((drop->ended_s - drop->created_s + 59) / 60));
    json_set_str(values, "next", next);
    if (folder)
        json_set_str(values, "folder", folder);
    if (bad)
        add_failed_titles(en, drop, values);
    tell_add(en, bad ? "failed" : "done", drop->id, key, values, mark, drop->ended_s);
    free(key);
    free(next);
    free(folder);
}

/* The mark of a drop is the time of the end that was told, DROP_STARTED before one; that of its
 * progress the last round number. */
static void look_running(struct engine *en, const struct drop_row *drop, const struct job_counts *c,
                         bool known, const char *mark)
{
    int every = (int)json_int(tell_events(en), "every", 5);
    int done = c->n[JOB_DONE] + c->n[JOB_KEPT];
    int64_t told = 0;
    char *progress = mem_printf("progress/%lld", (long long)drop->id);
    char *key = mem_printf("progress/%lld/%d", (long long)drop->id, done / every * every);
    cJSON *values = values_of(drop, c);
    if (!known) {
        tell_add(en, "started", drop->id, mark, values, mark, DROP_STARTED);
    } else if (store_told(en->store, progress, &told) || told > done) {
        told = 0;
    }
    if (done / every > told / every && done < c->total)
        tell_add(en, "progress", drop->id, key, values, progress, done / every * every);
    cJSON_Delete(values);
    free(progress);
    free(key);
}

static void look_drop(struct engine *en, int64_t id)
{
    struct drop_row drop = {0};
    struct job_counts counts = {0};
    char mark[40];
    int64_t told = 0, within_s = json_int(tell_events(en), "within_s", 3600);
    if (store_drop(en->store, id, &drop) || store_count_jobs(en->store, id, &counts)) {
        drop_row_finish(&drop);
        return;
    }
    str_format(mark, sizeof mark, "drop/%lld", (long long)id);
    bool known = store_told(en->store, mark, &told) == 0;
    if (str_eq(drop.kind, TRIAL_KIND)) {
        known = true; /* who asked for it looks on */
    } else if (drop.state == DROP_RUNNING && !(drop.paused && !known)) {
        look_running(en, &drop, &counts, known, mark);
    } else if (drop.state == DROP_ENDED && told != drop.ended_s) {
        cJSON *values = values_of(&drop, &counts);
        if (drop.ended_s + within_s > en->now_s)
            tell_end(en, &drop, values, mark);
        else
            mark_only(en, mark, drop.ended_s);
        cJSON_Delete(values);
    }
    drop_row_finish(&drop);
}

/* --- hints --- */

void tell_touch(struct engine *en, int64_t drop_id)
{
    struct tell *t = en->tell;
    if (!t || t->n == 0)
        return;
    for (size_t i = 0; i < t->touched_n; i++)
        if (t->touched[i] == drop_id)
            return;
    t->touched = mem_grow(t->touched, t->touched_n + 1, sizeof(*t->touched));
    t->touched[t->touched_n++] = drop_id;
}

void tell_waiting(struct engine *en)
{
    if (en->tell)
        en->tell->waiting = true;
}

int64_t tell_turn(struct engine *en)
{
    struct tell *t = en->tell;
    if (t->n == 0)
        return INT64_MAX;
    if ((t->touched_n || t->waiting) && en->now_ms >= t->look_at_ms) {
        for (size_t i = 0; i < t->touched_n; i++)
            look_drop(en, t->touched[i]);
        t->touched_n = 0;
        if (t->waiting)
            tell_look_waiting(en);
        t->waiting = false;
        t->look_at_ms = en->now_ms + LOOK_EVERY_MS;
    }
    int64_t next = tell_send_turn(en);
    return (t->touched_n || t->waiting) && t->look_at_ms < next ? t->look_at_ms : next;
}

/* --- opening and closing --- */

static void teller_finish(struct teller *t)
{
    child_kill(t->pid); /* one that is at work has had its time to end */
    teller_drop_rows(t);
    tell_drop_picture(t);
    free(t->name);
    free(t->last_key);
}

static void add_teller(struct engine *en, const char *name)
{
    struct tell *t = en->tell;
    struct news_row last = {0};
    t->list = mem_grow(t->list, t->n + 1, sizeof(*t->list));
    struct teller *one = &t->list[t->n++];
    *one = (struct teller){.name = mem_dup(name)};
    if (store_news_last(en->store, name, &last) == 0) {
        one->last_at_s = last.sent_s;
        one->last_key = mem_dup(last.key);
    }
    news_row_finish(&last);
}

static bool under_way(const struct teller *t)
{
    return t->request_id || t->pid || t->making;
}

/* Those under way stay, so that their answers find them. */
void tell_load(struct engine *en)
{
    struct tell *t = en->tell;
    const cJSON *file;
    size_t kept = 0;
    for (size_t i = 0; i < t->n; i++) {
        t->list[i].off = t->list[i].said = false;
        if (under_way(&t->list[i]))
            t->list[kept++] = t->list[i];
        else
            teller_finish(&t->list[i]);
    }
    t->n = kept;
    cJSON_ArrayForEach(file, rules_kind(en->rules, "notify"))
    {
        char *why = tell_silent_why(en->rules, file->string);
        bool there = why != NULL;
        for (size_t i = 0; i < kept; i++)
            there = there || str_eq(t->list[i].name, file->string);
        if (!there)
            add_teller(en, file->string);
        free(why);
    }
    t->more = t->waiting = true;
}

void tell_open(struct engine *en)
{
    struct drop_row *drops = NULL;
    struct err e = {0};
    size_t n = 0;
    int unsure = 0;
    en->tell = mem_alloc(sizeof(*en->tell));
    tell_load(en);
    if (store_begin(en->store, &e) ||
        store_settle_news(en->store, en->now_s - KEEP_S, &unsure, &e) ||
        store_commit(en->store, &e))
        store_rollback(en->store);
    if (unsure)
        log_line(LOG_WARN, "notify", "unsure=%d why=%s", unsure,
                 log_quote("slated ended while they were sent; they are not sent again"));
    int64_t within_s = json_int(tell_events(en), "within_s", 3600);
    if (store_drops(en->store, DROP_ENDED, OPEN_MOST, &drops, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (drops[i].ended_s + within_s > en->now_s)
            tell_touch(en, drops[i].id);
        drop_row_finish(&drops[i]);
    }
    free(drops);
}

void tell_close(struct engine *en)
{
    if (!en->tell)
        return;
    for (size_t i = 0; i < en->tell->n; i++)
        teller_finish(&en->tell->list[i]);
    free(en->tell->list);
    free(en->tell->touched);
    mem_free(en->tell);
}
