/* Made files come in with what a worker saw of them; verdicts go out, stored with what they are
 * about. Judging itself is the room gates'. A file that fails is never deleted. */
/* SPDX-License-Identifier: ISC */
#include "engine/gate.h"

#include <stdlib.h>
#include <string.h>

#include "assets/place.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/manual.h"
#include "gates/gates.h"
#include "store/gates.h"

#define GATE_LOCAL 1
#define NEAR       16 /* bits: likenesses further apart are not looked at closely */

/* --- what it is told from --- */

/* Pictures of the drop that passed and were made from another prompt. */
struct others {
    struct gate_row *rows;
    char **greys;
    struct gate_other *list;
    size_t n;
};

static char *wish_of(const struct job_row *job)
{
    char hex[DIGEST_LEN];
    struct digest *d;
    if (!job->prompt || !*job->prompt)
        return NULL;
    d = digest_begin();
    digest_text(d, job->prompt);
    digest_text(d, job->negative);
    digest_end(d, hex);
    return mem_dup(hex);
}

static void others_read(struct engine *en, const struct job_row *job, const struct made *m,
                        struct others *o)
{
    struct gate_row own = {.drop_id = job->drop_id,
                           .job_id = job->id,
                           .wish = wish_of(job),
                           .phash = (char *)json_str(m->look, "phash", NULL)};
    memcpy(own.sha256, m->sha256, sizeof(own.sha256));
    if (!own.wish || store_gates_alike(en->store, &own, NEAR, &o->rows, &o->n))
        o->n = 0;
    free(own.wish);
    o->greys = mem_grow(NULL, o->n + 1, sizeof(*o->greys));
    o->list = mem_grow(NULL, o->n + 1, sizeof(*o->list));
    for (size_t i = 0; i < o->n; i++) {
        const struct gate_row *row = &o->rows[i];
        o->greys[i] = store_gate_grey(en->store, row->id);
        o->list[i] = (struct gate_other){row->title, row->sha256, row->phash, o->greys[i]};
    }
}

static void others_finish(struct others *o)
{
    for (size_t i = 0; i < o->n; i++) {
        gate_row_finish(&o->rows[i]);
        free(o->greys[i]);
    }
    free(o->rows);
    free(o->greys);
    free(o->list);
}

/* --- judging --- */

/* What the job asks for; a model may be asked for less, which its rule allows. */
static void asked_for(const struct job_row *job, struct gate_subject *s)
{
    cJSON *params = cJSON_Parse(job->params);
    s->width = (int)json_int(params, "width", 0);
    s->height = (int)json_int(params, "height", 0);
    s->seconds = json_num(params, "seconds", 0);
    cJSON_Delete(params);
}

/* A picture, or a clip; of anything else (weights, texts) there is nothing to see. */
static bool to_be_seen(const struct made *m)
{
    static const char *const media[] = {"png", "jpeg", "webp", "mp4", "webm", "mov"};
    for (size_t i = 0; i < sizeof media / sizeof *media; i++)
        if (str_eq(m->media, media[i]))
            return true;
    return false;
}

static cJSON *unseen(void)
{
    cJSON *out = cJSON_CreateObject();
    json_set_str(out, "name", "local");
    json_set_str(out, "verdict", GATE_REVIEW);
    json_set_str(out, "why",
                 "it could not be looked at on this machine (`slated doctor` says why)");
    return out;
}

static void judge(struct engine *en, const struct job_row *job, const cJSON *rule, struct made *m,
                  struct gate_verdict *ret_verdict)
{
    struct gate_subject s = {.look = m->look, .bytes = m->bytes, .sha256 = m->sha256};
    struct others others = {0};
    asked_for(job, &s);
    others_read(en, job, m, &others);
    s.others = others.list;
    s.others_n = others.n;
    gates_judge(rule, &s, ret_verdict);
    m->verdict = gates_verdict_json(ret_verdict);
    others_finish(&others);
}

/* --- storing --- */

static int add_row(struct engine *en, const struct job_row *job, int64_t attempt_id,
                   const struct made *m, const char *kept, struct err *e)
{
    bool clip = json_get(m->look, "frames") != NULL;
    char *wish = wish_of(job), *body = json_compact(m->verdict);
    struct gate_row row = {.drop_id = job->drop_id,
                           .job_id = job->id,
                           .role = m->role,
                           .gate = GATE_LOCAL,
                           .verdict = (char *)json_str(m->verdict, "verdict", GATE_REVIEW),
                           .fault = (char *)json_str(m->verdict, "check", NULL),
                           .why = (char *)json_str(m->verdict, "why", NULL),
                           .engine = job->engine,
                           .model = job->model,
                           .take = attempt_id ? attempt_id : job->attempts,
                           .kept = (char *)kept,
                           .wish = wish,
                           .phash = clip ? NULL : (char *)json_str(m->look, "phash", NULL),
                           .grey = clip ? NULL : (char *)json_str(m->look, "grey", NULL),
                           .body = body,
                           .at_s = en->now_s};
    memcpy(row.sha256, m->sha256, sizeof(row.sha256));
    int rc = store_add_gate(en->store, &row, e);
    free(wish);
    free(body);
    return rc;
}

/* It was bought and judged for another job. */
static int repeat_row(struct engine *en, const struct job_row *job, const struct made *m,
                      struct err *e)
{
    struct gate_row row = {.drop_id = job->drop_id,
                           .job_id = job->id,
                           .role = m->role,
                           .take = job->attempts,
                           .at_s = en->now_s};
    memcpy(row.sha256, m->sha256, sizeof(row.sha256));
    return store_repeat_gate(en->store, &row, e);
}

int gate_store(struct engine *en, const struct job_row *job, int64_t attempt_id,
               const struct outcome *o, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < o->made_n && !rc; i++) {
        if (o->made[i].verdict)
            rc = add_row(en, job, attempt_id, &o->made[i], NULL, e);
        else if (!attempt_id && !str_eq(job->engine, "local"))
            rc = repeat_row(en, job, &o->made[i], e);
    }
    return rc;
}

/* --- refusing --- */

/* The name it would have had, below out/. Owned, or NULL. */
static char *place_of(const struct job_row *job, const char *role)
{
    cJSON *outs = cJSON_Parse(job->outs);
    const cJSON *out;
    char *path = NULL;
    cJSON_ArrayForEach(out, outs)
    {
        if (!path && str_eq(json_str(out, "role", ""), role))
            path = mem_dup(json_str(out, "path", ""));
    }
    cJSON_Delete(outs);
    return path;
}

/* The file first, then its row: a kill between the two keeps it once more under the same name. */
static void keep(struct engine *en, const struct flight *f, const struct made *m,
                 const struct gate_verdict *v)
{
    const struct job_row *job = &f->job;
    struct err e = {0};
    char *path = place_of(job, m->role), *kept = NULL;
    char *why = mem_printf("%s\n\nMade by %s%s%s for: %s\nGate: %s. %s.", v->why, job->engine,
                           job->model ? ", " : "", job->model ? job->model : "", job->title,
                           gate_check_word(v->at), v->cure);
    if (path && place_refused(en->places.out, path, m->path, m->sha256, why, &kept, &e))
        engine_say(en, "error", "what was refused of %s cannot be kept: %s", job->title, e.text);
    if (store_begin(en->store, &e) || add_row(en, job, f->attempt.id, m, kept, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        engine_say(en, "error", "the verdict on %s cannot be stored: %s", job->title, e.text);
    }
    engine_say(en, "gate", "%s: %s (%s)%s%s", job->title, v->why, gate_check_word(v->at),
               kept ? "; kept as out/" : "", kept ? kept : "");
    free(why);
    free(kept);
    free(path);
}

static void refuse(struct engine *en, struct flight *f, const struct made *m,
                   const struct gate_verdict *v, struct outcome *o)
{
    keep(en, f, m, v);
    f->gated = true;
    o->kind = OUTCOME_RETRY;
    o->class = CLASS_REFUSED_OUTPUT;
    free(o->error);
    free(o->cure);
    o->error = mem_printf("gate %s: %s", gate_check_word(v->at), v->why);
    o->cure = mem_dup(v->cure);
}

void gate_outcome(struct engine *en, struct flight *f, struct outcome *o)
{
    const char *why;
    cJSON *rule =
        o->kind == OUTCOME_DONE ? gates_rule(en->rules, f->job.engine, f->job.op, &why) : NULL;
    for (size_t i = 0; rule && i < o->made_n && o->kind == OUTCOME_DONE; i++) {
        struct gate_verdict v = {0};
        struct made *m = &o->made[i];
        if (!m->look && to_be_seen(m))
            m->verdict = unseen();
        if (!m->look)
            continue;
        judge(en, &f->job, rule, m, &v);
        if (v.failed)
            refuse(en, f, m, &v, o);
    }
    cJSON_Delete(rule);
}

void gate_hand_over(struct engine *en, struct flight *f, const char *why)
{
    struct job_row *job = &f->job;
    char *error = mem_printf("%s; every engine's attempts are used up, its bundle lies in "
                             "manual_export/",
                             why);
    free(job->error);
    job->error = error;
    mem_free(job->memo);
    bundles_offer(en, job);
    job_move(job, JOB_NEEDS_PERSON, en->now_s);
    engine_say(en, "failed", "%s: %s", job->title, job->error);
    en->needs_you_dirty = true;
    flight_step(en, f, true);
    ends_drop(en, job->drop_id);
}
