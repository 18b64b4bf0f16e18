/* A validated order comes in; a durable plan, and its entry in taken/<drop-id>/, go out. All orders
 * of a turn share one commit; an entry leaves inbox/ only after it. A crash between the two is
 * mended at the next start by the same moves. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"
#include "engine/cards.h"
#include "engine/order_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

#define AGAIN_MS 1000 /* before the store is asked once more */

struct accepted {
    struct order *order;
    struct plan *plan;
    char *drop_id, *entry, *staged;
    struct order_rows rows;
    bool arrived; /* its files lie in taken/ */
    bool stuck;   /* they cannot be moved yet: what was unpacked is still needed */
};

/* The folder below .slated/staging that an archive was unpacked into. */
static void remove_staged(struct engine *en, const char *staged)
{
    size_t top = strlen(en->places.staging) + 1;
    char *dir = mem_dup_n(staged, top + strcspn(staged + top, "/"));
    (void)file_remove_tree(dir, NULL); /* a left-over is swept at the next start */
    free(dir);
}

static void accepted_free(struct engine *en, struct accepted *a)
{
    if (a->staged && !a->stuck)
        remove_staged(en, a->staged);
    order_rows_finish(&a->rows);
    order_free(a->order);
    plan_free(a->plan);
    free(a->drop_id);
    free(a->entry);
    free(a->staged);
}

void take_finish(struct engine *en)
{
    for (size_t i = 0; i < en->accepted_n; i++)
        accepted_free(en, &en->accepted[i]);
    free(en->accepted);
    en->accepted = NULL;
    en->accepted_n = 0;
}

/* --- from order to plan --- */

static bool drop_id_used(struct engine *en, const char *id)
{
    struct drop_row known = {0};
    for (size_t i = 0; i < en->accepted_n; i++)
        if (str_eq(en->accepted[i].drop_id, id))
            return true;
    char *dir = path_join(en->places.taken, id);
    bool used = file_exists(dir);
    free(dir);
    if (!used && store_drop_exact(en->store, id, &known) == 0)
        used = true;
    drop_row_finish(&known);
    return used;
}

/* "20260314-090000-products", and "-2" where two come in one second under one name. */
static char *new_drop_id(struct engine *en, const char *entry)
{
    char at[CLOCK_TEXT_LEN];
    clock_local(en->now_s, "%Y%m%d-%H%M%S", at);
    char *stem = path_stem(entry), *slug = utf8_slug(stem, '-', 60, "drop");
    char *id = mem_printf("%s-%s", at, slug);
    for (int n = 2; drop_id_used(en, id); n++) {
        free(id);
        id = mem_printf("%s-%s-%d", at, slug, n);
    }
    free(stem);
    free(slug);
    return id;
}

/* The same content again is planned as of its first time, so that every name comes out the same and
 * nothing is made twice. */
static int64_t planned_as_of(struct engine *en, const char *digest)
{
    struct drop_row before = {0};
    int64_t at = en->now_s;
    if (store_drop_by_digest(en->store, digest, &before) == 0)
        at = before.created_s;
    drop_row_finish(&before);
    for (size_t i = 0; i < en->accepted_n; i++)
        if (str_eq(en->accepted[i].order->digest, digest))
            at = en->now_s;
    return at;
}

bool take_order(struct engine *en, struct order *takes_order, const char *inbox_entry,
                const char *staged)
{
    struct accepted a = {
        .order = takes_order, .entry = mem_dup(inbox_entry), .staged = mem_dup(staged)};
    a.drop_id = new_drop_id(en, inbox_entry);
    struct plan_context ctx = {en->rules, a.drop_id, planned_as_of(en, takes_order->digest)};
    struct faults faults = {0};
    if (plan_build(takes_order, &ctx, &a.plan, &faults)) {
        bool here = refuse_entry(en, inbox_entry, &faults);
        faults_finish(&faults);
        accepted_free(en, &a);
        return here;
    }
    faults_finish(&faults);
    provider_note_plan(en->rules, a.plan, en->now_s);
    order_rows_make(&a.rows, &(struct order_rows_from){
                                 .order = a.order,
                                 .plan = a.plan,
                                 .drop_id = a.drop_id,
                                 .entry = a.entry,
                                 .staged = a.staged ? a.staged + strlen(en->places.root) + 1 : NULL,
                                 .created_s = ctx.now_s});
    en->accepted = mem_grow(en->accepted, en->accepted_n + 1, sizeof(*en->accepted));
    en->accepted[en->accepted_n++] = a;
    return true;
}

/* --- the moves: written into the drop's meta, so that a recovery makes the same ones --- */

static int take_move(struct engine *en, const char *from, const char *to, bool copy, struct err *e)
{
    char *source = path_join(en->places.root, from), *target = path_join(en->places.root, to);
    char *dir = path_dir(target);
    int rc = 0;
    if (from[0] == '/') {
        free(source);
        source = mem_dup(from);
    }
    if (!file_exists(target) && file_exists(source) && !(rc = file_make_dirs(dir, e)))
        rc = copy                     ? file_copy(source, target, e)
             : rename(source, target) ? file_move(source, target, e)
                                      : 0;
    free(source);
    free(target);
    free(dir);
    return rc;
}

/* Whether anything of what the drop was made of has come to taken/. */
static bool take_arrived(struct engine *en, const cJSON *takes)
{
    bool arrived = cJSON_GetArraySize(takes) == 0;
    const cJSON *move;
    cJSON_ArrayForEach(move, takes)
    {
        char *target = path_join(en->places.root, json_str(move, "to", ""));
        arrived |= file_exists(target);
        free(target);
    }
    return arrived;
}

static int take_moves(struct engine *en, const struct drop_row *drop, bool *ret_arrived,
                      struct err *e)
{
    cJSON *meta = cJSON_Parse(drop->meta);
    const cJSON *list[] = {json_get(meta, "copy"), json_get(meta, "take")};
    int rc = 0;
    for (int i = 0; i < 2; i++) { /* copies first: a source may lie beside what moves */
        const cJSON *move;
        cJSON_ArrayForEach(move, list[i])
        {
            rc = take_move(en, json_str(move, "from", ""), json_str(move, "to", ""), i == 0, e);
            if (rc)
                goto out;
        }
    }
    if (cJSON_GetArraySize(list[0])) {
        char *dir = mem_printf("%s/%s/input", en->places.taken, drop->name);
        rc = file_sync_dir(dir, e);
        free(dir);
    }
out:
    *ret_arrived = rc || take_arrived(en, list[1]);
    cJSON_Delete(meta);
    return rc;
}

static void take_page(struct engine *en, const char *drop_id, const char *name, const char *bytes,
                      size_t len)
{
    char *path = mem_printf("%s/%s/%s", en->places.taken, drop_id, name);
    struct err e = {0};
    if (file_write(path, bytes, len, false, &e)) /* for people; the store has the plan */
        log_line(LOG_WARN, "plan_page", "why=%s", log_quote(e.text));
    free(path);
}

static void take_plan_pages(struct engine *en, const struct accepted *a)
{
    cJSON *tree = plan_to_json(a->plan);
    char *json = json_pretty(tree);
    struct buf text;
    buf_init(&text, 4 * 1024 * 1024);
    plan_to_text(a->plan, &text);
    take_page(en, a->drop_id, "plan.json", json, strlen(json));
    take_page(en, a->drop_id, "plan.txt", text.data ? text.data : "", text.len);
    buf_finish(&text);
    free(json);
    cJSON_Delete(tree);
}

/* What a person renamed or took back at that very moment was never dropped: false, and the order is
 * to be withdrawn. What cannot be moved is planned all the same and said. */
static bool take_moved(struct engine *en, struct drop_row *drop)
{
    struct err e = {0};
    bool arrived;
    if (take_moves(en, drop, &arrived, &e))
        engine_say(en, "error",
                   "%s is planned but cannot be moved to taken/: %s; tried again at the next start",
                   log_quote(drop->entry), e.text);
    else if (arrived)
        drop->state = DROP_RUNNING;
    return arrived;
}

/* With the card that asked for its yes: the next drop may get its number. */
static int withdraw_order(struct engine *en, const struct drop_row *drop, struct err *e)
{
    char subject[24];
    str_format(subject, sizeof subject, "%lld", (long long)drop->id);
    int rc = card_over(en, "plan", subject, e);
    return rc ? rc : store_withdraw_order(en->store, drop, e);
}

static int store_moved(struct engine *en, struct drop_row *drop, bool arrived, struct err *e)
{
    if (!arrived)
        return withdraw_order(en, drop, e);
    int rc = store_set_drop(en->store, drop, e);
    return rc ? rc : store_add_event(en->store, drop->id, 0, en->now_s, "taken", drop->title, e);
}

static void say_withdrawn(struct engine *en, const struct drop_row *drop)
{
    engine_say(en, "withdrawn", "%s was moved away while it was taken: nothing is made of it",
               log_quote(drop->entry));
    char *dir = path_join(en->places.taken, drop->name), *input = path_join(dir, "input");
    rmdir(input); /* copies of references stay: what holds files is nobody's to remove */
    rmdir(dir);
    free(input);
    free(dir);
}

int take_recover(struct engine *en, struct drop_row *drop, struct err *e)
{
    bool arrived = take_moved(en, drop);
    drop->state = DROP_RUNNING; /* what cannot be moved now is missed by the jobs that need it */
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    if ((rc = store_moved(en, drop, arrived, e))) {
        store_rollback(en->store);
        return rc;
    }
    if (!(rc = store_commit(en->store, e)) && !arrived)
        say_withdrawn(en, drop);
    return rc;
}

/* --- one turn --- */

static int store_accepted(struct engine *en, struct err *e)
{
    double above = rules_policy_num(en->rules, "/money/approve_above");
    int rc = store_begin(en->store, e);
    for (size_t i = 0; i < en->accepted_n && !rc; i++) {
        struct order_rows *r = &en->accepted[i].rows;
        r->drop.paused = en->accepted[i].plan->price_worst > above;
        rc = store_add_order(en->store, &r->drop, r->jobs, r->jobs_n, r->edges, r->edges_n,
                             r->records, r->records_n, e);
        if (!rc && r->drop.paused)
            rc = card_ask_plan(en, &r->drop, (int)r->jobs_n, en->accepted[i].plan->price,
                               en->accepted[i].plan->price_worst, e);
    }
    if (rc) {
        store_rollback(en->store);
        return rc;
    }
    return store_commit(en->store, e);
}

static int store_running(struct engine *en, struct err *e)
{
    int rc = store_begin(en->store, e);
    for (size_t i = 0; i < en->accepted_n && !rc; i++)
        rc = store_moved(en, &en->accepted[i].rows.drop, en->accepted[i].arrived, e);
    if (rc) {
        store_rollback(en->store);
        return rc;
    }
    return store_commit(en->store, e);
}

static void say_taken(struct engine *en, const struct accepted *a)
{
    engine_say(en, "taken", "%s: %s, %zu jobs, drop %s", log_quote(a->entry), a->plan->title,
               a->plan->jobs_n, a->drop_id);
    refuse_close(en, a->entry, a->drop_id);
    desk_touch(en, a->rows.drop.id);
}

static void say_all(struct engine *en, bool stored)
{
    for (size_t i = 0; i < en->accepted_n; i++) {
        struct accepted *a = &en->accepted[i];
        if (a->arrived) {
            take_plan_pages(en, a);
            say_taken(en, a);
        } else if (stored) {
            say_withdrawn(en, &a->rows.drop);
            arrivals_unread(en, a->entry); /* it may have come back under its name */
        }
    }
}

/* What could not be stored as taken a moment ago, as at a start. */
static int64_t take_again(struct engine *en)
{
    struct drop_row *drops = NULL;
    struct err e = {0};
    size_t n = 0;
    if (!en->untaken_ms || en->untaken_ms > en->now_ms)
        return en->untaken_ms ? en->untaken_ms : INT64_MAX;
    int rc = store_drops(en->store, DROP_TAKING, 0, &drops, &n);
    for (size_t i = 0; i < n; i++) {
        struct drop_row now = {0};
        if (!rc && !(rc = take_recover(en, &drops[i], &e)))
            desk_touch(en, drops[i].id);
        if (!rc && store_drop(en->store, drops[i].id, &now) == ERR_MISSING)
            arrivals_unread(en, drops[i].entry); /* withdrawn: it may have come back */
        drop_row_finish(&now);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    en->untaken_ms = rc ? en->now_ms + AGAIN_MS : 0;
    en->start_more = true;
    return rc ? en->untaken_ms : en->now_ms;
}

int64_t take_turn(struct engine *en)
{
    int64_t again_ms = take_again(en);
    if (en->accepted_n == 0)
        return again_ms;
    struct err e = {0};
    if (store_accepted(en, &e)) {
        engine_say(en, "error", "%zu drops cannot be stored and stay in inbox/: %s", en->accepted_n,
                   e.text);
        for (size_t i = 0; i < en->accepted_n; i++)
            arrivals_unread(en, en->accepted[i].entry);
        take_finish(en);
        return en->now_ms + AGAIN_MS;
    }
    for (size_t i = 0; i < en->accepted_n; i++) {
        struct accepted *a = &en->accepted[i];
        a->arrived = take_moved(en, &a->rows.drop);
        a->stuck = a->arrived && a->rows.drop.state == DROP_TAKING;
    }
    bool stored = store_running(en, &e) == 0;
    if (!stored) {
        engine_say(en, "error", "%s; tried again in a moment", e.text);
        en->untaken_ms = en->now_ms + AGAIN_MS;
    }
    say_all(en, stored);
    take_finish(en);
    en->start_more = true;
    return en->now_ms;
}
