/* Ready jobs come in; requests go to the carriers, and what they answer becomes an outcome, stored.
 * Knows no op and no vendor: what a request says is the provider's, what an outcome leads to is
 * read here. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"
#include "engine/manual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define STRIKES_MAX 3 /* a job that killed its worker so often waits for a person */
#define SAME_WAIT_S 1 /* between looks at a job that another drop is just making */
#define DISK_WAIT_S 30

static void flight_free(struct flight *f)
{
    job_row_finish(&f->job);
    job_files_finish(&f->files);
    free(f->work);
    free(f);
}

static void flight_remove(struct engine *en, struct flight *f)
{
    for (size_t i = 0; i < en->flights_n; i++) {
        if (en->flights[i] != f)
            continue;
        en->flights[i] = en->flights[--en->flights_n];
        break;
    }
    flight_free(f);
}

void flights_finish(struct engine *en)
{
    for (size_t i = 0; i < en->flights_n; i++)
        flight_free(en->flights[i]);
    free(en->flights);
    free(en->running);
}

/* --- the job's files --- */

static void add_file(struct job_file **list, size_t *n, const char *name, char *takes_path)
{
    *list = mem_grow(*list, *n + 1, sizeof(**list));
    (*list)[(*n)++] = (struct job_file){mem_dup(name), takes_path};
}

/* Where the output of an upstream job lies, or NULL when it made none. Owned. */
static char *made_by(struct engine *en, int64_t drop_id, const char *key, const char *role)
{
    struct asset_row row = {0};
    char *path = NULL;
    if (store_asset_made(en->store, drop_id, key, role, &row) == 0)
        path = path_join(en->places.out, row.path);
    asset_row_finish(&row);
    return path;
}

static char *drop_file(struct engine *en, const struct drop_row *drop, const char *file)
{
    return mem_printf("%s/%s/%s", en->places.taken, drop->name, file);
}

/* Inputs that are wanted and missing change the request: told apart by their names in the hash. */
static int files_in(struct engine *en, const struct drop_row *drop, struct flight *f, struct err *e)
{
    cJSON *ins = cJSON_Parse(f->job.ins);
    struct digest *without = digest_begin();
    int rc = 0, left_out = 0;
    const cJSON *in;
    digest_text(without, f->job.hash);
    cJSON_ArrayForEach(in, ins)
    {
        const char *name = json_str(in, "name", ""), *job = json_str(in, "job", NULL);
        char *path = job ? made_by(en, drop->id, job, json_str(in, "role", ""))
                         : drop_file(en, drop, json_str(in, "file", ""));
        if (path && file_exists(path)) {
            add_file(&f->files.in, &f->files.in_n, name, path);
            continue;
        }
        if (!json_bool(in, "soft", false) && !rc)
            rc = err_set(e, ERR_MISSING,
                         "its input %s is not there any more (%s); put it back and retry", name,
                         path ? path + strlen(en->places.root) + 1 : job);
        digest_text(without, name);
        digest_text(without, job);
        left_out++;
        free(path);
    }
    digest_end(without, f->hash);
    if (!left_out)
        memcpy(f->hash, f->job.hash, sizeof(f->hash));
    cJSON_Delete(ins);
    return rc;
}

static int files_out(struct engine *en, struct flight *f, struct err *e)
{
    cJSON *outs = cJSON_Parse(f->job.outs);
    const cJSON *out;
    char *dir = mem_printf("%s/%lld", en->places.work, (long long)f->job.id);
    int rc = file_remove_tree(dir, e); /* what an interrupted attempt left */
    if (!rc)
        rc = file_make_dirs(dir, e);
    cJSON_ArrayForEach(out, outs)
    {
        const char *role = json_str(out, "role", "");
        add_file(&f->files.out, &f->files.out_n, role,
                 deliver_work_path(en, f->job.id, role, json_str(out, "path", "")));
    }
    f->work = dir;
    cJSON_Delete(outs);
    return rc;
}

/* --- storing one step --- */

static void store_step(struct engine *en, struct job_row *job, bool ended)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    if (!rc)
        rc = ended ? ends_job(en, job, &e) : store_set_job(en->store, job, &e);
    if (!rc)
        rc = store_commit(en->store, &e);
    if (rc) {
        store_rollback(en->store);
        engine_say(en, "error", "a step of %s cannot be stored: %s; slated stops, nothing is lost",
                   job->key, e.text);
        en->stopping = true;
    }
    desk_touch(en, job->drop_id);
}

static void job_failed(struct engine *en, struct job_row *job, const char *why)
{
    free(job->error);
    job->error = mem_dup(why);
    job_move(job, JOB_FAILED, en->now_s);
    engine_say(en, "failed", "%s: %s", job->title, why);
    en->needs_you_dirty = true;
    store_step(en, job, true);
    ends_drop(en, job->drop_id);
}

static void job_hold(struct engine *en, struct job_row *job, int wait_s, const char *why)
{
    free(job->error);
    job->error = mem_dup(why);
    job->next_at_s = en->now_s + wait_s;
    job_move(job, JOB_HELD, en->now_s);
    store_step(en, job, false);
}

/* --- sending --- */

static bool made_elsewhere(const struct engine *en, const char *hash)
{
    for (size_t i = 0; i < en->flights_n; i++)
        if (str_eq(en->flights[i]->hash, hash))
            return true;
    return false;
}

/* Made before, by whichever drop: then there is nothing to send. */
static bool kept(struct engine *en, struct flight *f)
{
    struct err e = {0};
    bool again = str_eq(f->job.memo, MEMO_AGAIN);
    if (again)
        mem_free(f->job.memo);
    if (again || store_begin(en->store, &e))
        return false;
    if (!deliver_kept(en, &f->job, f->hash)) {
        store_rollback(en->store);
        return false;
    }
    job_move(&f->job, JOB_KEPT, en->now_s);
    if (ends_job(en, &f->job, &e) || store_commit(en->store, &e)) {
        store_rollback(en->store);
        return false;
    }
    desk_touch(en, f->job.drop_id);
    ends_drop(en, f->job.drop_id);
    return true;
}

static void send(struct engine *en, struct flight *f, struct request *r)
{
    r->id = f->request_id = ++en->next_request;
    if (r->by == CARRY_WORKER)
        workers_ask(en->workers, r, en->now_ms);
    else
        http_ask(en->http, r, en->now_ms);
}

static struct ask ask_of(const struct engine *en, const struct flight *f)
{
    return (struct ask){.rules = en->rules,
                        .job = &f->job,
                        .files = &f->files,
                        .work = f->work,
                        .now_s = en->now_s};
}

static int build(struct engine *en, struct flight *f, struct request *ret_request, struct err *e)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = ask_of(en, f);
    if (!p)
        return err_set(e, ERR_UNSUPPORTED, "no engine named %s is part of this slated",
                       f->job.engine);
    return p->build(&ask, ret_request, e);
}

/* The intent is not stored for free work: after a crash it is simply done again. */
static void launch(struct engine *en, struct flight *f)
{
    struct request r = {0};
    struct err e = {0};
    if (files_out(en, f, &e) || build(en, f, &r, &e)) {
        request_finish(&r);
        job_failed(en, &f->job, e.text);
        flight_free(f);
        return;
    }
    job_move(&f->job, JOB_RUNNING, en->now_s);
    store_step(en, &f->job, false);
    f->started_ms = en->now_ms;
    en->flights = mem_grow(en->flights, en->flights_n + 1, sizeof(*en->flights));
    en->flights[en->flights_n++] = f;
    send(en, f, &r);
}

/* Work for a person: its bundle goes out, and what hangs on it follows when its file comes back.
 * The bundle first: a kill between the two offers it once more, and it is the same one. */
static void hand_over(struct engine *en, struct job_row *job)
{
    bundles_offer(en, job);
    free(job->error);
    job->error = mem_dup("it is handwork: its bundle lies in manual_export/");
    job_move(job, JOB_NEEDS_PERSON, en->now_s);
    engine_say(en, "handwork", "%s: %s", job->title, job->error);
    en->needs_you_dirty = true;
    store_step(en, job, true);
    ends_drop(en, job->drop_id);
}

static void start(struct engine *en, struct job_row *takes_job)
{
    struct flight *f = mem_alloc(sizeof(*f));
    struct drop_row drop = {0};
    struct err e = {0};
    f->job = *takes_job;
    if (store_drop(en->store, f->job.drop_id, &drop))
        bug("job %lld belongs to no drop", (long long)f->job.id);
    int rc = files_in(en, &drop, f, &e);
    drop_row_finish(&drop);
    if (rc)
        job_failed(en, &f->job, e.text);
    else if (made_elsewhere(en, f->hash))
        job_hold(en, &f->job, SAME_WAIT_S, "the same picture is being made for another drop");
    else if (en->low_disk)
        job_hold(en, &f->job, DISK_WAIT_S,
                 "the disk is nearly full; it goes on when there is room");
    else if (!kept(en, f)) {
        if (!str_eq(f->job.engine, "manual")) {
            launch(en, f);
            return;
        }
        hand_over(en, &f->job);
    }
    flight_free(f);
}

static int flights_room(const struct engine *en)
{
    return en->jobs_at_once - (workers_busy(en->workers) - arrivals_looking(en));
}

void flights_start(struct engine *en)
{
    struct job_row job = {0};
    if (!en->start_more || en->paused || en->stopping || en->fuse || en->missing)
        return;
    en->jobs_due_s = 0; /* the store says anew when the next one is due */
    /* a turn starts at most so many, so that drops are still taken at once */
    for (int i = 0; i < 64 && flights_room(en) > 0; i++) {
        if (store_next_job(en->store, en->now_s, NULL, &job, &en->jobs_due_s)) {
            en->start_more = false;
            return;
        }
        store_served(en->store, job.drop_id);
        start(en, &job);
        memset(&job, 0, sizeof(job));
    }
}

/* --- answers --- */

static int retry_wait_s(const struct engine *en, const struct job_row *job, int asked_s)
{
    const cJSON *waits = rules_policy(en->rules, "/engine/retry_waits_s");
    int last = cJSON_GetArraySize(waits) - 1;
    int at = job->attempts - 1 > last ? last : job->attempts - 1;
    const cJSON *wait = cJSON_GetArrayItem(waits, at < 0 ? 0 : at);
    int rule_s = cJSON_IsNumber(wait) ? wait->valueint : 5;
    return asked_s > rule_s ? asked_s : rule_s;
}

static void outcome_retry(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct job_row *job = &f->job;
    job->strikes += o->struck;
    job->attempts++;
    if (job->strikes >= STRIKES_MAX) {
        free(job->error);
        job->error =
            mem_printf("it ended its worker's process %d times: %s", job->strikes, o->error);
        job_move(job, JOB_NEEDS_PERSON, en->now_s);
        engine_say(en, "failed", "%s: %s", job->title, job->error);
        en->needs_you_dirty = true;
        store_step(en, job, true);
        ends_drop(en, job->drop_id);
    } else if (job->attempts >= job->attempts_max) {
        job_failed(en, job, o->error);
    } else {
        job_hold(en, job, retry_wait_s(en, job, o->wait_s), o->error);
    }
}

static void outcome_next(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct request r = {0};
    struct err e = {0};
    free(f->job.memo);
    f->job.memo = mem_dup(o->memo);
    if (build(en, f, &r, &e)) {
        request_finish(&r);
        job_failed(en, &f->job, e.text);
        flight_remove(en, f);
    } else if (r.by == CARRY_WORKER && workers_free(en->workers) == 0) {
        request_finish(&r); /* all are busy: the whole attempt again, a little later */
        mem_free(f->job.memo);
        job_hold(en, &f->job, 1, "every worker was busy");
        flight_remove(en, f);
    } else {
        send(en, f, &r);
    }
}

static void outcome_done(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct err e = {0};
    struct job_row *job = &f->job;
    job->attempts++;
    job->cost += o->cost;
    job->duration_ms = en->now_ms - f->started_ms;
    mem_free(job->error);
    mem_free(job->memo);
    if (deliver_made(en, job, o, f->hash, &e)) {
        engine_say(en, "error",
                   "%s is made and cannot be stored: %s; slated stops, nothing is lost", job->title,
                   e.text);
        en->stopping = true;
        return;
    }
    deliver_place(en, job);
}

static void flight_outcome(struct engine *en, struct flight *f, const struct response *response)
{
    struct outcome o = {0};
    struct ask ask = ask_of(en, f);
    provider_find(en->rules, f->job.engine, f->job.op)->read(&ask, response, &o);
    log_line(LOG_DEBUG, "outcome", "job=%s kind=%d why=%s", log_quote(f->job.key), (int)o.kind,
             log_quote(o.error ? o.error : ""));
    en->start_more = true;
    if (o.kind == OUTCOME_NEXT) {
        outcome_next(en, f, &o);
        outcome_finish(&o);
        return;
    }
    if (o.kind == OUTCOME_DONE)
        outcome_done(en, f, &o);
    else if (o.kind == OUTCOME_RETRY)
        outcome_retry(en, f, &o);
    else if (o.kind == OUTCOME_HOLD)
        job_hold(en, &f->job, o.wait_s, o.error);
    else {
        f->job.attempts++;
        job_failed(en, &f->job, o.error);
    }
    outcome_finish(&o);
    flight_remove(en, f);
}

bool flights_answer(struct engine *en, struct response *response)
{
    for (size_t i = 0; i < en->flights_n; i++)
        if (en->flights[i]->request_id == response->id) {
            flight_outcome(en, en->flights[i], response);
            return true;
        }
    return false;
}

void flights_cancel(struct engine *en, int64_t drop_id)
{
    for (size_t i = en->flights_n; i-- > 0;) {
        struct flight *f = en->flights[i];
        if (f->job.drop_id != drop_id)
            continue;
        workers_cancel(en->workers, f->request_id);
        http_cancel(en->http, f->request_id);
        flight_remove(en, f);
    }
}
