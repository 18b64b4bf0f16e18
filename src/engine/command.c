/* What a person asked for comes in as a value, from this process or as a file in .slated/commands;
 * the store is changed and an answer in words goes out. Every command may come twice (a crash
 * between carrying it out and removing its file) and then does nothing more. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"
#include "engine/cards.h"
#include "engine/flight.h"
#include "engine/manual.h"
#include "engine/pods.h"
#include "engine/trial.h"
#include "engine/vision.h"
#include "money/caps.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* Changes of one command: done() commits them all or says why not. */
static int verb_begin(struct engine *en, struct err *e)
{
    return store_begin(en->store, e);
}

static int verb_end(struct engine *en, int rc, struct err *e)
{
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

static int find_drop(struct engine *en, const cJSON *command, struct drop_row *ret_drop,
                     struct err *e)
{
    const char *name = json_str(command, "drop", "");
    memset(ret_drop, 0, sizeof(*ret_drop));
    if (!*name || store_drop_named(en->store, name, ret_drop))
        return err_set(e, ERR_MISSING, "no drop is called %s; `slated status` lists them",
                       *name ? name : "(nothing)");
    return 0;
}

/* --- retry --- */

static bool job_chosen(const struct job_row *job, const char *wanted)
{
    int64_t number;
    bool bad =
        job->state == JOB_FAILED || job->state == JOB_NEEDS_PERSON || job->state == JOB_CANCELLED;
    bad = bad || (job->state == JOB_HELD && job->next_at_s == 0); /* it waits for a person */
    if (!wanted)
        return bad;
    bool by_number = str_int(wanted, 1, 1000000, &number) == 0 && number == job->seq + 1;
    return (by_number || str_eq(wanted, job->key)) && (bad || job_state_ended(job->state));
}

/* Jobs that were left out for want of this one, all the way down, wait for it again. */
static int reopen_skipped(struct engine *en, int64_t job_id, struct err *e)
{
    struct edge_row *edges = NULL;
    size_t n = 0;
    int rc = store_edges_from(en->store, job_id, &edges, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        struct job_row to = {0};
        rc = store_job(en->store, edges[i].to, &to);
        if (!rc && to.state == JOB_SKIPPED) {
            rc = ends_settle(en, &to, e);
            if (!rc && to.state == JOB_WAITING)
                rc = reopen_skipped(en, to.id, e);
        }
        job_row_finish(&to);
    }
    free(edges);
    return rc;
}

int command_retry_job(struct engine *en, struct job_row *job, bool again, struct err *e)
{
    job->attempts = job->strikes = 0;
    job->next_at_s = 0;
    mem_free(job->error);
    struct attempt_row open = {0};
    int rc = 0;
    if (store_attempt_open(en->store, job->id, &open) == 0) { /* in doubt: its memo tells */
        rc = card_over(en, "doubt", open.handle, e);          /* it is looked for once more first */
    } else {
        mem_free(job->memo);
        if (again)
            job->memo = mem_dup(MEMO_AGAIN);
    }
    attempt_row_finish(&open);
    job_move(job, JOB_WAITING, en->now_s);
    if (!rc)
        rc = ends_settle(en, job, e);
    if (!rc)
        rc = vision_look_again(en, job, e);
    return rc ? rc : reopen_skipped(en, job->id, e);
}

static int retry_jobs(struct engine *en, const struct drop_row *drop, const char *wanted,
                      int *ret_n, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int rc = store_jobs(en->store, drop->id, &jobs, &n);
    for (size_t i = 0; i < n; i++) {
        if (!rc && job_chosen(&jobs[i], wanted)) {
            rc = command_retry_job(en, &jobs[i], wanted != NULL, e);
            (*ret_n)++;
        }
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    return rc;
}

static int verb_retry(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct drop_row drop;
    const char *wanted = json_str(command, "job", NULL);
    int n = 0, rc = find_drop(en, command, &drop, e);
    if (!rc && !(rc = verb_begin(en, e))) {
        rc = limits_forgive(en, drop.id, NULL, e);
        if (!rc)
            rc = retry_jobs(en, &drop, wanted, &n, e);
        if (!rc && n) {
            drop.state = DROP_RUNNING;
            drop.ended_s = 0;
            drop.priority = PRIORITY_RETAKE;
            rc = store_set_drop(en->store, &drop, e);
        }
        rc = verb_end(en, rc, e);
    }
    if (!rc && !n && wanted)
        rc = err_set(e, ERR_STATE,
                     "%s has no finished or failed job %s; `slated status %s` lists them",
                     drop.name, wanted, drop.name);
    if (!rc) {
        *ret_said = n ? mem_printf("%d job%s of %s %s made again", n, n == 1 ? "" : "s", drop.name,
                                   n == 1 ? "is" : "are")
                      : mem_printf("nothing of %s has failed", drop.name);
        desk_touch(en, drop.id);
    }
    drop_row_finish(&drop);
    return rc;
}

/* --- cancel, pause, resume --- */

/* What an engine accepted is taken back, or followed to its end. Anything else that has left may
 * still be charged: it counts as paid. */
static int leave_attempt(struct engine *en, struct job_row *job, struct err *e)
{
    struct attempt_row row = {0};
    int rc = 0;
    bool open = store_attempt_open(en->store, job->id, &row) == 0;
    if (open && withdraw_later(en, job, &row))
        goto out;
    mem_free(job->memo);
    work_remove(en, job->id);
    if (!open)
        goto out;
    rc = store_settle_attempt(en->store, row.id, row.reserved_u, "cancelled while it was under way",
                              en->now_s, e);
    job->cost += (double)row.reserved_u / MONEY_UNIT;
    if (!rc)
        rc = card_over(en, "doubt", row.handle, e);
out:
    attempt_row_finish(&row);
    return rc;
}

int command_cancel_jobs(struct engine *en, int64_t drop_id, int *ret_n, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int rc = flights_cancel(en, drop_id, e);
    if (!rc)
        rc = store_jobs(en->store, drop_id, &jobs, &n);
    for (size_t i = 0; i < n; i++) {
        if (!rc && !job_state_ended(jobs[i].state)) {
            rc = leave_attempt(en, &jobs[i], e);
            job_move(&jobs[i], JOB_CANCELLED, en->now_s);
            if (!rc)
                rc = store_set_job(en->store, &jobs[i], e);
            (*ret_n)++;
        }
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    return rc;
}

/* It is answered in another way. */
static void plan_card_gone(struct engine *en, int64_t drop_id)
{
    char subject[24];
    str_format(subject, sizeof subject, "%lld", (long long)drop_id);
    card_gone(en, "plan", subject);
}

/* Of a drop that is over: what could not be made is let go, so that it waits for nobody any more.
 */
static int let_go(struct engine *en, int64_t drop_id, int *ret_n, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int rc = store_jobs(en->store, drop_id, &jobs, &n);
    for (size_t i = 0; i < n; i++) {
        enum job_state s = jobs[i].state;
        if (!rc && (s == JOB_FAILED || s == JOB_SKIPPED || s == JOB_NEEDS_PERSON)) {
            job_move(&jobs[i], JOB_CANCELLED, en->now_s);
            rc = store_set_job(en->store, &jobs[i], e);
            (*ret_n)++;
        }
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    return rc;
}

static int cancel_ended(struct engine *en, const struct drop_row *drop, char **ret_said,
                        struct err *e)
{
    int n = 0, rc = verb_begin(en, e);
    if (!rc)
        rc = verb_end(en, let_go(en, drop->id, &n, e), e);
    if (!rc && !n)
        rc = err_set(e, ERR_STATE, "%s is %s already; there is nothing to cancel", drop->name,
                     drop_state_word(drop->state));
    if (!rc)
        *ret_said = mem_printf("%d job%s of %s that could not be made %s let go; slated retry %s "
                               "takes them up again",
                               n, n == 1 ? "" : "s", drop->name, n == 1 ? "is" : "are", drop->name);
    return rc;
}

static int cancel_running(struct engine *en, struct drop_row *drop, char **ret_said, struct err *e)
{
    int n = 0, rc = verb_begin(en, e);
    if (rc)
        return rc;
    rc = command_cancel_jobs(en, drop->id, &n, e);
    drop->state = DROP_CANCELLED;
    drop->ended_s = en->now_s;
    if (!rc)
        rc = store_set_drop(en->store, drop, e);
    rc = verb_end(en, rc, e);
    if (rc)
        return rc;
    *ret_said = mem_printf("%s is cancelled: %d jobs will not be made; what was made stays. "
                           "slated retry %s takes it up again",
                           drop->name, n, drop->name);
    withdraw_drop(en, drop->id);
    plan_card_gone(en, drop->id);
    return 0;
}

static int verb_cancel(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct drop_row drop;
    int rc = find_drop(en, command, &drop, e);
    if (!rc)
        rc = drop.state == DROP_RUNNING || drop.state == DROP_TAKING
                 ? cancel_running(en, &drop, ret_said, e)
                 : cancel_ended(en, &drop, ret_said, e);
    if (!rc)
        desk_flush(en, drop.id, true);
    drop_row_finish(&drop);
    return rc;
}

static int pause_all(struct engine *en, bool paused, struct err *e)
{
    int rc = verb_begin(en, e);
    if (!rc)
        rc = verb_end(en, store_set_fact(en->store, "paused", paused ? "1" : NULL, e), e);
    if (!rc)
        en->paused = paused;
    return rc;
}

static int pause_drop(struct engine *en, const cJSON *command, bool paused, struct err *e)
{
    struct drop_row drop;
    int rc = find_drop(en, command, &drop, e);
    if (!rc && !(rc = verb_begin(en, e))) {
        drop.paused = paused;
        rc = verb_end(en, store_set_drop(en->store, &drop, e), e);
        if (!rc && !paused)
            plan_card_gone(en, drop.id);
        desk_touch(en, drop.id);
    }
    drop_row_finish(&drop);
    return rc;
}

static int verb_pause(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *drop = json_str(command, "drop", NULL);
    int rc = drop ? pause_drop(en, command, true, e) : pause_all(en, true, e);
    if (!rc)
        *ret_said = drop ? mem_printf("%s is paused; what is under way is finished", drop)
                         : mem_dup("paused: drops are still taken and planned, nothing new is "
                                   "made; `slated resume` goes on");
    return rc;
}

/* A person has looked: this root and this store belong together from now on. */
static int release_fuse(struct engine *en, struct err *e)
{
    char *path = path_join(en->places.inbox, ".slated-root");
    int rc = file_write(path, en->root_id, strlen(en->root_id), true, e);
    free(path);
    if (rc)
        return rc;
    en->fuse = false;
    mem_free(en->fuse_why);
    watch_rescan(en->watch);
    return 0;
}

/* An engine that was stopped gets work again. */
static int resume_engine(struct engine *en, const char *engine, char **ret_said, struct err *e)
{
    int rc = verb_begin(en, e);
    if (!rc) {
        rc = store_lift_stop(en->store, engine, e);
        rc = verb_end(en, rc ? rc : limits_forgive(en, 0, engine, e), e);
    }
    if (!rc)
        *ret_said = mem_printf("%s gets work again", engine);
    return rc;
}

/* Every stopped engine: a person who says that work goes on has seen to keys and accounts. */
static int resume_engines(struct engine *en, struct err *e)
{
    const cJSON *engine;
    int rc = verb_begin(en, e);
    if (rc)
        return rc;
    cJSON_ArrayForEach(engine, rules_kind(en->rules, "providers"))
    {
        if (!rc)
            rc = store_lift_stop(en->store, engine->string, e);
        if (!rc)
            rc = limits_forgive(en, 0, engine->string, e);
    }
    return verb_end(en, rc, e);
}

/* The machine by the hour of an engine, and the engine with it: else its next job begins another.
 */
static int verb_pod_stop(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *engine = json_str(command, "engine", "");
    int n = pods_end(en, engine, "a person stopped it");
    if (!pod_rule(en->rules, engine))
        return err_set(e, ERR_MISSING, "%s has no pod; `slated providers` shows which have",
                       *engine ? engine : "(nothing)");
    stop_engine(en, engine, CLASS_OK, "a person stopped its pod", "It waits for you.");
    *ret_said = mem_printf("%s; %s gets no work until `slated resume %s`",
                           n ? "its pod is stopped" : "no pod of it runs", engine, engine);
    return 0;
}

static int verb_resume(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *drop = json_str(command, "drop", NULL);
    if (drop && json_get(rules_kind(en->rules, "providers"), drop))
        return resume_engine(en, drop, ret_said, e);
    bool fuse = en->fuse && !drop;
    int rc = drop ? pause_drop(en, command, false, e) : pause_all(en, false, e);
    if (!rc && fuse)
        rc = release_fuse(en, e);
    if (!rc && !drop)
        rc = resume_engines(en, e);
    if (!rc)
        *ret_said = drop ? mem_printf("%s goes on", drop)
                         : mem_dup(fuse ? "this root is confirmed as the right one; work goes on"
                                        : "work goes on");
    return rc;
}

/* What is approved may be a card, by its file's name; else it is a shot. */
static int verb_approve(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    bool yes = str_eq(json_str(command, "verdict", ""), "approved");
    int rc = yes ? cards_answer(en, json_str(command, "unit", ""), true, ret_said, e) : ERR_MISSING;
    if (rc != ERR_MISSING)
        return rc;
    *e = (struct err){0};
    return verb_verdict(en, command, ret_said, e);
}

/* --- the table and its two doors --- */

static const struct verb {
    const char *name;
    int (*act)(struct engine *en, const cJSON *command, char **ret_said, struct err *e);
} verbs[] = {
    {"retry", verb_retry},       {"cancel", verb_cancel},     {"pause", verb_pause},
    {"resume", verb_resume},     {"escalate", verb_escalate}, {"note", verb_note},
    {"redo", verb_redo},         {"enhance", verb_enhance},   {"bundle", verb_bundle},
    {"tag", verb_tag},           {"verdict", verb_approve},   {"card", verb_card},
    {"trial", verb_trial},       {"engines", verb_engines},   {"spent", by_hand_book},
    {"pod_stop", verb_pod_stop},
};

cJSON *engine_command(struct engine *en, const cJSON *command)
{
    const char *name = json_str(command, "verb", "");
    struct err e = {0};
    char *said = NULL;
    int rc = err_set(&e, ERR_UNSUPPORTED, "there is no command %s", name);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        if (str_eq(verbs[i].name, name)) {
            memset(&e, 0, sizeof(e));
            rc = verbs[i].act(en, command, &said, &e);
        }
    cJSON *answer = cJSON_CreateObject();
    json_set_bool(answer, "ok", rc == 0);
    json_set_str(answer, "said", rc ? e.text : said);
    log_line(LOG_INFO, "command", "verb=%s ok=%d said=%s", log_quote(name), rc == 0,
             log_quote(rc ? e.text : said));
    en->needs_you_dirty = true;
    pods_reconsider(en);
    free(said);
    return answer;
}

static void command_file(struct engine *en, const char *name)
{
    char *path = path_join(en->places.commands, name), *text = NULL;
    char *stem = path_stem(name),
         *answer_path = mem_printf("%s/%s.answer", en->places.commands, stem);
    size_t len = 0;
    struct err e = {0};
    struct json_fault fault;
    cJSON *command = NULL;
    if (file_read(path, 65536, &text, &len, &e) ||
        json_parse(text, len, &json_limits_drop, &command, &fault)) {
        log_line(LOG_WARN, "command", "file=%s why=%s", log_quote(name),
                 log_quote(text ? "it is no JSON that can be read" : e.text));
    } else {
        cJSON *answer = engine_command(en, command);
        char *said = json_pretty(answer);
        (void)file_write(answer_path, said, strlen(said), false,
                         NULL); /* the asker says that it heard nothing */
        free(said);
        cJSON_Delete(answer);
    }
    unlink(path);
    cJSON_Delete(command);
    free(text);
    free(path);
    free(stem);
    free(answer_path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_command(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && str_ends(entry->d_name, ".json");
}

void commands_turn(struct engine *en)
{
    struct dirent **names = NULL;
    int n = scandir(en->places.commands, &names, is_command, by_name);
    for (int i = 0; i < n; i++) {
        command_file(en, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}
