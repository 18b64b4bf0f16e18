/* Rows of the outbox come in and leave, one message a notifier at a time: marked before they go, so
 * that none goes twice after a crash; what failed is tried again for a while, then given up and
 * said once. */
/* SPDX-License-Identifier: ISC */
#include "engine/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/flight.h"
#include "loop/child.h"
#include "news/news.h"
#include "providers/message.h"

#define ROWS_MOST  500
#define PROGRAM_S  10
#define LOOK_AGAIN 50 /* ms between looks at a program that is at work */
#define URGENT     4  /* priorities of 1 to 5 */
#define USUAL      3
#define QUIET      2

static const cJSON *file_of(const struct engine *en, const struct teller *t)
{
    char *name = mem_printf("notify/%s", t->name);
    const cJSON *file = rules_get(en->rules, name);
    free(name);
    return file;
}

void teller_drop_rows(struct teller *t)
{
    for (size_t i = 0; i < t->rows_n; i++)
        news_row_finish(&t->rows[i]);
    mem_free(t->rows);
    t->rows_n = 0;
}

/* --- states --- */

static void row_state(struct news_row *row, const char *state, const char *why)
{
    free(row->state);
    free(row->why);
    row->state = mem_dup(state);
    row->why = mem_dup(why);
}

static bool rows_store(struct engine *en, struct news_row *rows, size_t n)
{
    struct err e = {0};
    int rc = n ? store_begin(en->store, &e) : 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = store_set_news(en->store, &rows[i], &e);
    if (n && !rc)
        rc = store_commit(en->store, &e);
    if (rc) {
        store_rollback(en->store);
        log_line(LOG_WARN, "notify", "why=%s", log_quote(e.text));
    }
    return rc == 0;
}

static void say_once(struct engine *en, struct teller *t, const char *why, const char *cure)
{
    if (!t->said)
        engine_say(en, "notify", "%s is not told: %s%s%s", t->name, why, cure ? " " : "",
                   cure ? cure : "");
    t->said = true;
}

/* --- what is sent --- */

static int priority_of(const char *event)
{
    if (str_eq(event, "failed") || str_eq(event, "stopped") || str_eq(event, "needs_you") ||
        str_eq(event, "approval") || str_eq(event, "cap"))
        return URGENT;
    return str_eq(event, "progress") || str_eq(event, "heartbeat") ? QUIET : USUAL;
}

static void write_text(struct engine *en, const struct teller *t, struct news_text *ret_text)
{
    const char **events = mem_alloc(t->rows_n * sizeof(*events));
    cJSON **values = mem_alloc(t->rows_n * sizeof(*values));
    for (size_t i = 0; i < t->rows_n; i++) {
        events[i] = t->rows[i].event;
        values[i] = cJSON_Parse(t->rows[i].body);
    }
    if (t->rows_n == 1)
        news_write(tell_events(en), file_of(en, t), events[0], values[0], ret_text);
    else
        news_write_many(tell_events(en), file_of(en, t), events, (const cJSON *const *)values,
                        t->rows_n, ret_text);
    for (size_t i = 0; i < t->rows_n; i++)
        cJSON_Delete(values[i]);
    free(events);
    free(values);
}

/* What a body template and a hook can ask for. */
static cJSON *message_values(const struct teller *t, const struct news_text *text)
{
    cJSON *v = cJSON_CreateObject();
    const char *event = t->rows_n == 1 ? t->rows[0].event : "many";
    json_set_str(v, "event", event);
    json_set_str(v, "title", text->title);
    json_set_str(v, "body", text->body);
    json_set_str(v, "text", text->text);
    json_set_num(v, "priority", priority_of(event));
    return v;
}

static cJSON *hook_document(const struct teller *t, const struct news_text *text)
{
    cJSON *v = message_values(t, text), *list = cJSON_CreateArray();
    for (size_t i = 0; i < t->rows_n; i++) {
        cJSON *one = cJSON_Parse(t->rows[i].body);
        json_set_str(one, "event", t->rows[i].event);
        json_set_num(one, "at_s", (double)t->rows[i].at_s);
        cJSON_AddItemToArray(list, one);
    }
    json_set(v, "events", list);
    return v;
}

static int leave_http(struct engine *en, struct teller *t, const struct news_text *text,
                      struct err *e)
{
    struct request r = {0};
    cJSON *values = message_values(t, text);
    int rc = message_build(en->rules, t->name, values, t->picture, &r, e);
    if (!rc) {
        r.id = t->request_id = ++en->next_request;
        http_ask(en->http, &r, en->now_ms);
    }
    request_finish(&r);
    cJSON_Delete(values);
    return rc;
}

static int leave_program(struct engine *en, struct teller *t, const struct news_text *text,
                         struct err *e)
{
    const cJSON *file = file_of(en, t);
    const char **argv = tell_argv(en->rules, t->name, text);
    cJSON *document = json_bool(file, "document", false) ? hook_document(t, text) : NULL;
    int rc = argv ? tell_start(argv, en->places.state, document, &t->pid, e)
                  : err_set(e, ERR_MISSING, "none of its programs is on this machine");
    t->ends_ms = en->now_ms + (int64_t)(json_num(file, "timeout_s", PROGRAM_S) * 1000);
    cJSON_Delete(document);
    free(argv);
    return rc;
}

/* --- what came of it --- */

static void give_up(struct engine *en, struct teller *t, const char *why, const char *cure)
{
    for (size_t i = 0; i < t->rows_n; i++)
        row_state(&t->rows[i], "dropped", why);
    say_once(en, t, why, cure);
}

/* Again after the rule's wait, or the service's when that is longer; then not any more. */
static void try_again(struct engine *en, struct teller *t, int asked_s, bool counts,
                      const char *why)
{
    for (size_t i = 0; i < t->rows_n; i++) {
        struct news_row *row = &t->rows[i];
        row->tries += counts;
        int wait_s = counts ? news_wait_s(tell_events(en), row->tries) : 0;
        row_state(row, wait_s < 0 ? "dropped" : "waiting", why);
        row->next_at_s = en->now_s + 1 + (wait_s > asked_s ? wait_s : asked_s); /* 1: begun */
        if (wait_s < 0)
            say_once(en, t, why, NULL);
        if (row->next_at_s > t->not_before_s)
            t->not_before_s = row->next_at_s;
    }
}

static void sent(struct engine *en, struct teller *t)
{
    for (size_t i = 0; i < t->rows_n; i++) {
        row_state(&t->rows[i], "sent", NULL);
        t->rows[i].sent_s = en->now_s;
    }
    free(t->last_key);
    t->last_key = mem_dup(t->rows_n ? t->rows[t->rows_n - 1].key : NULL);
    t->last_at_s = en->now_s;
    t->said = false;
}

static void arrived(struct engine *en, struct teller *t)
{
    t->request_id = 0;
    t->pid = 0;
    t->plain = false;
    tell_drop_picture(t);
    (void)rows_store(en, t->rows, t->rows_n);
    teller_drop_rows(t);
    en->tell->more = true;
}

static void judged(struct engine *en, struct teller *t, const struct message_answer *a)
{
    const char *why = a->say ? a->say : "no answer";
    if (a->class == CLASS_OK) {
        sent(en, t);
    } else if (a->class == CLASS_RATE_LIMITED) {
        try_again(en, t, a->wait_s, false, why);
    } else if (a->class == CLASS_TRANSIENT) {
        try_again(en, t, a->wait_s, true, why);
    } else if (a->class == CLASS_AUTH) {
        t->off = true; /* kept for when the key is mended, as long as it is news */
        for (size_t i = 0; i < t->rows_n; i++)
            row_state(&t->rows[i], "waiting", why);
        say_once(en, t, why, a->cure);
    } else {
        give_up(en, t, why, a->cure);
    }
}

/* The service did not take the picture. */
static void leave_plain(struct engine *en, struct teller *t)
{
    t->request_id = 0;
    t->plain = true;
    tell_drop_picture(t);
    teller_leave(en, t);
}

bool tell_answer(struct engine *en, const struct response *response)
{
    for (size_t i = 0; i < en->tell->n; i++) {
        struct teller *t = &en->tell->list[i];
        if (!t->request_id || t->request_id != response->id)
            continue;
        struct message_answer a;
        message_read(en->rules, t->name, response, &a);
        bool unshown = t->picture && a.class == CLASS_BAD_REQUEST;
        if (!unshown)
            judged(en, t, &a);
        message_answer_finish(&a);
        if (unshown)
            leave_plain(en, t);
        else
            arrived(en, t);
        return true;
    }
    return false;
}

static void look_program(struct engine *en, struct teller *t)
{
    bool good = false, ended = tell_program_ended(t->pid, &good);
    if (!ended && en->now_ms < t->ends_ms)
        return;
    child_kill(t->pid); /* what it has started goes with it */
    if (ended && good)
        sent(en, t);
    else
        try_again(en, t, 0, true, ended ? "its program failed" : "its program did not end in time");
    arrived(en, t);
}

/* --- the next message --- */

/* Too old, or the same as the one before: forgotten. */
static bool is_stale(struct engine *en, const struct news_row *row)
{
    return row->at_s + json_int(tell_events(en), "within_s", 3600) < en->now_s;
}

/* Whether a row may go now; else *ret_at_s says when, or its state that it never will. */
static bool row_due(struct engine *en, struct teller *t, struct news_row *row, int64_t *ret_at_s)
{
    struct news_past past = {t->last_at_s, t->last_key};
    int64_t at_s = en->now_s;
    enum news_when when = NEWS_NEVER;
    if (!is_stale(en, row))
        when = news_when(tell_events(en), file_of(en, t), row->event, row->key, &past, en->now_s,
                         &at_s);
    if (when == NEWS_NEVER) {
        row_state(row, "dropped", "too late, or said already");
        return false;
    }
    if (row->next_at_s > at_s)
        at_s = row->next_at_s;
    if (t->not_before_s > at_s)
        at_s = t->not_before_s;
    if (at_s <= en->now_s)
        return true;
    *ret_at_s = *ret_at_s && *ret_at_s < at_s ? *ret_at_s : at_s;
    return false;
}

/* Takes the first row that may go, or all that may when there are many; drops what is stale. */
static void pick(struct engine *en, struct teller *t, struct news_row *rows, size_t n)
{
    bool many = n > (size_t)json_int(tell_events(en), "many", 5);
    int64_t at_s = 0;
    for (size_t i = 0; i < n; i++) {
        struct news_row *row = &rows[i];
        bool due = (t->rows_n == 0 || many) && row_due(en, t, row, &at_s);
        if (due) {
            row_state(row, "sending", NULL);
            t->rows = mem_grow(t->rows, t->rows_n + 1, sizeof(*t->rows));
            t->rows[t->rows_n++] = *row;
            continue;
        }
        if (str_eq(row->state, "dropped"))
            (void)rows_store(en, row, 1);
        news_row_finish(row);
    }
    if (at_s && (!en->tell->due_at_s || at_s < en->tell->due_at_s))
        en->tell->due_at_s = at_s;
}

void teller_leave(struct engine *en, struct teller *t)
{
    struct news_text text;
    struct err e = {0};
    write_text(en, t, &text);
    if (tell_make_picture(en, t, strlen(text.text))) { /* not marked yet: told later if it ends */
        news_text_finish(&text);
        return;
    }
    if (!rows_store(en, t->rows, t->rows_n)) { /* unmarked it might go twice */
        news_text_finish(&text);
        teller_drop_rows(t);
        t->not_before_s = en->now_s + PROGRAM_S;
        return;
    }
    bool http = str_eq(json_str(file_of(en, t), "carrier", ""), "http");
    if ((http ? leave_http : leave_program)(en, t, &text, &e)) {
        give_up(en, t, e.text, NULL);
        arrived(en, t);
    }
    news_text_finish(&text);
}

/* While work goes on and nothing was said for long, that it goes on. */
static void heartbeat(struct engine *en, struct teller *t)
{
    const cJSON *rule = json_get(json_get(tell_events(en), "events"), "heartbeat");
    int64_t least_s = json_int(rule, "least_s", 0);
    struct drop_row drop = {0};
    struct job_counts c = {0};
    if (!rule || !en->flights_n || !t->last_at_s || t->last_at_s + least_s > en->now_s ||
        store_drop(en->store, en->flights[0]->job.drop_id, &drop))
        return;
    if (store_count_jobs(en->store, drop.id, &c) == 0) {
        cJSON *v = cJSON_CreateObject();
        char *key = mem_printf("heartbeat/%lld", (long long)en->now_s);
        json_set_str(v, "drop", drop.entry);
        json_set_num(v, "done", c.n[JOB_DONE] + c.n[JOB_KEPT]);
        json_set_num(v, "total", c.total);
        json_set_num(v, "running", (double)en->flights_n);
        tell_add(en, "heartbeat", drop.id, key, v, NULL, 0);
        cJSON_Delete(v);
        free(key);
    }
    drop_row_finish(&drop);
}

static void next_message(struct engine *en, struct teller *t)
{
    struct news_row *rows = NULL;
    size_t n = 0;
    if (t->off || store_news_waiting(en->store, t->name, ROWS_MOST, &rows, &n))
        return;
    pick(en, t, rows, n);
    free(rows);
    if (t->rows_n)
        teller_leave(en, t);
}

/* --- turning --- */

static int64_t in_ms(const struct engine *en, int64_t at_s)
{
    return at_s > en->now_s ? en->now_ms + (at_s - en->now_s) * 1000 : en->now_ms;
}

static int64_t beat_at_ms(const struct engine *en, const struct teller *t)
{
    const cJSON *rule = json_get(json_get(tell_events(en), "events"), "heartbeat");
    int64_t least_s = json_int(rule, "least_s", 0);
    if (!rule || !least_s || !en->flights_n || !t->last_at_s || t->off)
        return INT64_MAX;
    return in_ms(en, t->last_at_s + least_s);
}

int64_t tell_programs_turn(struct engine *en)
{
    struct tell *t = en->tell;
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < t->n; i++) {
        if (t->list[i].pid)
            look_program(en, &t->list[i]);
        if (t->list[i].pid)
            next = en->now_ms + LOOK_AGAIN;
    }
    return next;
}

int64_t tell_send_turn(struct engine *en)
{
    struct tell *t = en->tell;
    int64_t next = tell_programs_turn(en);
    for (size_t i = 0; i < t->n; i++) {
        if (beat_at_ms(en, &t->list[i]) <= en->now_ms)
            heartbeat(en, &t->list[i]);
    }
    if (t->more || (t->due_at_s && t->due_at_s <= en->now_s)) {
        t->more = false;
        t->due_at_s = 0;
        for (size_t i = 0; i < t->n; i++)
            if (!t->list[i].request_id && !t->list[i].pid && !t->list[i].making)
                next_message(en, &t->list[i]);
    }
    for (size_t i = 0; i < t->n; i++) {
        int64_t beat = beat_at_ms(en, &t->list[i]);
        if (t->list[i].pid && en->now_ms + LOOK_AGAIN < next)
            next = en->now_ms + LOOK_AGAIN;
        if (beat < next)
            next = beat > en->now_ms ? beat : en->now_ms + 1000;
    }
    if (t->more)
        return en->now_ms;
    return t->due_at_s && in_ms(en, t->due_at_s) < next ? in_ms(en, t->due_at_s) : next;
}

bool tell_busy(const struct engine *en)
{
    for (size_t i = 0; en->tell && i < en->tell->n; i++)
        if (en->tell->list[i].request_id || en->tell->list[i].pid)
            return true;
    return false;
}

bool tell_pending(const struct engine *en)
{
    const struct tell *t = en->tell;
    for (size_t i = 0; i < t->n; i++)
        if (t->list[i].making)
            return true;
    return t->n && (t->touched_n || t->waiting || t->more || tell_busy(en) ||
                    (t->due_at_s && t->due_at_s <= en->now_s + PROGRAM_S));
}
