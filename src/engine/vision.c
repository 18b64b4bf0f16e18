/* Verdicts of models on pictures come in; pictures go on, are made again, or go to a person. Judges
 * nothing itself. */
/* SPDX-License-Identifier: ISC */
#include "engine/vision.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/manual.h"
#include "engine/words.h"
#include "gates/gates.h"
#include "plan/looks.h"
#include "store/gates.h"
#include "store/words.h"

#define GATE_VISION 2
#define TAKE_PERSON (-1) /* no attempt brought this word */

static const char told_mark[] = "\nMend what was wrong with the last one: ";

static const cJSON *rule_of(const struct engine *en)
{
    return rules_get(en->rules, "gates/vision");
}

static bool is_look(const struct job_row *job)
{
    return str_starts(job->key, LOOKS_KEY);
}

/* The job whose picture is looked at. */
static int picture_of(struct engine *en, const struct job_row *look, struct job_row *ret_picture)
{
    return store_job_keyed(en->store, look->drop_id, look->key + strlen(LOOKS_KEY), ret_picture);
}

/* --- the verdict --- */

static const char *verdict_of(const struct engine *en, const cJSON *answer)
{
    if (json_bool(answer, "pass", false))
        return GATE_PASS;
    bool sure = json_num(answer, "confidence", 1) >= json_num(rule_of(en), "confidence_least", 0);
    return sure ? GATE_FAIL : GATE_REVIEW;
}

int vision_document(struct engine *en, const struct job_row *job, const cJSON *answer,
                    cJSON **ret_document, struct err *e)
{
    cJSON *document;
    if (!json_bool(answer, "pass", false) && !cJSON_GetArraySize(json_get(answer, "problems")))
        return err_set(e, ERR_INPUT, "it fails the picture and names no problem");
    document = cJSON_Duplicate(answer, true);
    json_set_str(document, "verdict", verdict_of(en, answer));
    json_set_str(document, "model", job->model);
    json_set_str(document, "engine", job->engine);
    *ret_document = document;
    return 0;
}

/* "two heads; no boat". Owned, NULL when there is none. */
static char *problems_text(const cJSON *document)
{
    struct buf out;
    const cJSON *one;
    buf_init(&out, 8192);
    cJSON_ArrayForEach(one, json_get(document, "problems"))
        buf_printf(&out, "%s%s", out.len ? "; " : "", cJSON_GetStringValue(one));
    return out.len ? buf_take(&out) : NULL;
}

/* --- keeping it --- */

static cJSON *body_of(const cJSON *document)
{
    cJSON *body = cJSON_CreateObject();
    json_set_str(body, "name", "vision");
    json_set_str(body, "verdict", json_str(document, "verdict", GATE_REVIEW));
    if (json_get(document, "confidence"))
        json_set_num(body, "score", json_num(document, "confidence", 0));
    if (json_get(document, "problems"))
        json_set(body, "problems", cJSON_Duplicate(json_get(document, "problems"), true));
    json_set_str(body, "judge", json_str(document, "model", NULL));
    return body;
}

/* A row of the picture's, not of the look's: it is told with what else is known about it. */
static int add_row(struct engine *en, const struct job_row *look, int64_t take,
                   const cJSON *document, const char *why, struct err *e)
{
    struct job_row picture = {0};
    struct asset_row asset = {0};
    cJSON *meta = cJSON_Parse(look->meta), *body = body_of(document);
    const char *role = json_str(meta, "role", "picture");
    bool failed = str_eq(json_str(document, "verdict", ""), GATE_FAIL);
    char *text = json_compact(body);
    int rc = picture_of(en, look, &picture);
    if (!rc && store_asset_made(en->store, picture.drop_id, picture.key, role, &asset) == 0) {
        struct gate_row row = {.drop_id = picture.drop_id,
                               .job_id = picture.id,
                               .role = (char *)role,
                               .gate = GATE_VISION,
                               .verdict = (char *)json_str(document, "verdict", GATE_REVIEW),
                               .fault = failed ? (char *)"vision" : NULL,
                               .why = (char *)why,
                               .engine = picture.engine,
                               .model = picture.model,
                               .take = take,
                               .body = text,
                               .at_s = en->now_s};
        memcpy(row.sha256, asset.sha256, sizeof row.sha256);
        rc = store_add_gate(en->store, &row, e);
    }
    free(text);
    cJSON_Delete(body);
    cJSON_Delete(meta);
    asset_row_finish(&asset);
    job_row_finish(&picture);
    return rc;
}

static void keep(struct engine *en, const struct flight *f, const cJSON *document, const char *why)
{
    struct err e = {0};
    int64_t take = f->attempt.id ? f->attempt.id : f->job.attempts;
    if (!store_begin(en->store, &e) && !add_row(en, &f->job, take, document, why, &e) &&
        !store_commit(en->store, &e))
        return;
    store_rollback(en->store);
    engine_say(en, "error", "the verdict on %s cannot be stored: %s", f->job.title, e.text);
}

bool vision_told(struct engine *en, struct flight *f, const cJSON *document)
{
    bool failed = str_eq(json_str(document, "verdict", ""), GATE_FAIL);
    if (!is_look(&f->job))
        return false;
    char *problems = problems_text(document);
    keep(en, f, document, problems);
    engine_say(en, "gate", "%s: %s%s%s", f->job.title, json_str(document, "verdict", ""),
               problems ? ", " : "", problems ? problems : "");
    free(f->rejected);
    f->rejected = failed ? problems : NULL;
    if (!failed)
        free(problems);
    return failed;
}

/* --- sending it back --- */

/* Another seed than the one before, and what was wrong in words. */
static void change_wish(struct engine *en, struct job_row *picture, const char *problems)
{
    cJSON *params = cJSON_Parse(picture->params), *meta = cJSON_Parse(picture->meta);
    char digits[8] = "";
    memcpy(digits, picture->hash, sizeof digits - 1);
    double seed =
        json_num(params, "seed", json_num(meta, "seed", (double)strtol(digits, NULL, 16)));
    json_set_num(params, "seed", seed + 1);
    free(picture->params);
    picture->params = json_compact(params);
    if (picture->prompt && json_bool(rule_of(en), "tell", true)) {
        const char *old = strstr(picture->prompt, told_mark);
        int len = (int)(old ? (size_t)(old - picture->prompt) : strlen(picture->prompt));
        char *prompt = mem_printf("%.*s%s%s", len, picture->prompt, told_mark, problems);
        free(picture->prompt);
        picture->prompt = prompt;
    }
    cJSON_Delete(params);
    cJSON_Delete(meta);
}

/* How often the picture was sent back to the engine it has. */
static int count_back(struct job_row *look, bool anew)
{
    cJSON *params = cJSON_Parse(look->params);
    int n = anew ? 0 : (int)json_num(params, "sent_back", 0) + 1;
    json_set_num(params, "sent_back", n);
    free(look->params);
    look->params = json_compact(params);
    cJSON_Delete(params);
    return n;
}

/* The picture that a step opens again: within the step's own transaction. */
struct back {
    struct flight picture; /* its job only */
    bool elsewhere;        /* its engine is another now */
};

static int open_picture(struct engine *en, struct flight *f, void *ctx, struct err *e)
{
    struct back *b = ctx;
    int rc = store_set_job_wish(en->store, &f->job, e);
    if (!rc)
        rc = store_set_job_wish(en->store, &b->picture.job, e);
    if (!rc && b->elsewhere)
        rc = store_set_job_engine(en->store, &b->picture.job, e);
    return rc ? rc : command_retry_job(en, &b->picture.job, true, e);
}

static void wait_again(struct engine *en, struct flight *f)
{
    struct job_row *look = &f->job;
    look->attempts = 0;
    mem_free(look->memo);
    job_move(look, JOB_READY, en->now_s);
    job_move(look, JOB_WAITING, en->now_s);
    look->missing_n = 1;
}

/* No engine makes it so that it passes. */
static void hand_over(struct engine *en, struct flight *f, const struct job_row *picture)
{
    struct job_row *look = &f->job;
    struct escalate_wish wish = {.note = f->rejected, .by = "engine"};
    struct unit u;
    struct err e = {0};
    free(look->error);
    look->error = mem_printf("%s; every engine's pictures were sent back. slated approve %s lets "
                             "it pass, a file in return/ takes its place",
                             f->rejected, look->unit);
    mem_free(look->memo);
    job_move(look, JOB_NEEDS_PERSON, en->now_s);
    engine_say(en, "failed", "%s: %s", look->title, look->error);
    en->needs_you_dirty = true;
    flight_step(en, f, true);
    if (unit_of_drop(en, look->drop_id, look->unit, &u, &e) || escalate_unit(en, &u, &wish, &e))
        engine_say(en, "error", "%s is not escalated: %s", look->unit, e.text);
    unit_finish(&u);
    bundles_offer(en, picture);
    ends_drop(en, look->drop_id);
}

void vision_send_back(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct back b = {0};
    struct job_row *picture = &b.picture.job, *look = &f->job;
    f->charged_u = f->attempt.id ? paid_charge(f, o) : CHARGE_OPEN;
    bool there = picture_of(en, look, picture) == 0 &&
                 (picture->state == JOB_DONE || picture->state == JOB_KEPT);
    bool often = count_back(look, false) > (int)json_num(rule_of(en), "retakes", 0);
    if (often && there && flight_next_choice(&b.picture, f->rejected)) {
        (void)count_back(look, true);
        b.elsewhere = true;
        often = false;
    }
    if (there && often) {
        hand_over(en, f, picture);
    } else {
        if (there)
            change_wish(en, picture, f->rejected);
        free(look->error);
        look->error = mem_printf("it was sent back: %s", f->rejected);
        wait_again(en, f);
        f->also = there ? open_picture : NULL; /* else it is made again already */
        f->also_ctx = &b;
        flight_step(en, f, false);
        f->also = NULL;
    }
    en->start_more = true;
    job_row_finish(picture);
}

/* --- no verdict --- */

/* The look's job has ended without a file: what hangs on the picture goes on. */
static int end_without(struct engine *en, struct job_row *look, struct err *e)
{
    job_move(look, JOB_DONE, en->now_s);
    return ends_job(en, look, e);
}

static void end_flight(struct engine *en, struct flight *f, char *takes_error)
{
    struct job_row *look = &f->job;
    free(look->error);
    look->error = takes_error;
    mem_free(look->memo);
    if (look->state != JOB_READY)
        job_move(look, JOB_READY, en->now_s);
    job_move(look, JOB_DONE, en->now_s);
    flight_step(en, f, true);
    ends_drop(en, look->drop_id);
}

bool vision_blind(struct engine *en, struct flight *f, const char *why)
{
    if (!is_look(&f->job) || str_eq(json_str(rule_of(en), "unsure", "go_on"), "wait"))
        return false;
    cJSON *none = cJSON_CreateObject();
    char *said = mem_printf("no model looked at it: %s", why);
    keep(en, f, none, said);
    engine_say(en, "gate", "%s: %s", f->job.title, said);
    end_flight(en, f, said);
    cJSON_Delete(none);
    return true;
}

bool vision_needless(struct engine *en, struct flight *f)
{
    struct job_row picture = {0};
    bool needless = is_look(&f->job) && picture_of(en, &f->job, &picture) == 0 &&
                    !looks_wanted(en->rules, picture.op, picture.engine);
    if (needless)
        end_flight(en, f, NULL);
    job_row_finish(&picture);
    return needless;
}

bool vision_is_fresh(struct engine *en, const struct job_row *look)
{
    struct job_row picture = {0};
    bool fresh = is_look(look) && picture_of(en, look, &picture) == 0 && picture.state != JOB_KEPT;
    job_row_finish(&picture);
    return fresh;
}

/* --- persons --- */

static int look_of(struct engine *en, int64_t drop_id, const char *key, struct job_row *ret_look)
{
    char *name = mem_printf(LOOKS_KEY "%s", key);
    int rc = store_job_keyed(en->store, drop_id, name, ret_look);
    free(name);
    return rc;
}

int vision_look_again(struct engine *en, const struct job_row *picture, struct err *e)
{
    struct job_row look = {0};
    int rc = 0;
    if (look_of(en, picture->drop_id, picture->key, &look))
        return 0;
    if (job_state_ended(look.state) || look.state == JOB_NEEDS_PERSON) {
        (void)count_back(&look, true);
        look.attempts = 0;
        mem_free(look.error);
        mem_free(look.memo);
        job_move(&look, JOB_WAITING, en->now_s);
        rc = store_set_job_wish(en->store, &look, e);
        if (!rc)
            rc = ends_settle(en, &look, e);
    }
    job_row_finish(&look);
    return rc;
}

/* The last word on the picture as it lies there now. */
static int person_said(struct engine *en, const struct job_row *look, struct err *e)
{
    cJSON *document = cJSON_CreateObject();
    json_set_str(document, "verdict", GATE_PASS);
    json_set_str(document, "model", "a person");
    int rc = add_row(en, look, TAKE_PERSON, document, NULL, e);
    cJSON_Delete(document);
    return rc;
}

int vision_let_pass(struct engine *en, int64_t drop_id, const char *picture_key, bool *ret_any,
                    struct err *e)
{
    struct job_row look = {0};
    int rc = 0;
    if (look_of(en, drop_id, picture_key, &look))
        return 0;
    bool open = look.state != JOB_DONE && look.state != JOB_KEPT && look.state != JOB_RUNNING &&
                look.state != JOB_MADE;
    if (open) {
        mem_free(look.error);
        rc = person_said(en, &look, e);
        if (!rc)
            rc = end_without(en, &look, e);
        *ret_any = true;
    }
    job_row_finish(&look);
    return rc;
}

static int let_pass(struct engine *en, const struct unit *u, bool *ret_any, struct err *e)
{
    struct drop_row drop = u->drop;
    int rc = 0;
    for (size_t i = 0; i < u->jobs_n && !rc; i++)
        if (u->jobs[i].state == JOB_DONE || u->jobs[i].state == JOB_KEPT)
            rc = vision_let_pass(en, u->drop.id, u->jobs[i].key, ret_any, e);
    if (!rc && *ret_any && drop.state == DROP_ENDED) {
        drop.state = DROP_RUNNING;
        drop.ended_s = 0;
        rc = store_set_drop(en->store, &drop, e);
    }
    return rc;
}

static bool has_look(struct engine *en, const struct unit *u)
{
    bool any = false;
    for (size_t i = 0; i < u->jobs_n && !any; i++) {
        struct job_row look = {0};
        any = look_of(en, u->drop.id, u->jobs[i].key, &look) == 0;
        job_row_finish(&look);
    }
    return any;
}

int vision_let_unit_pass(struct engine *en, const struct unit *u, struct err *e)
{
    bool any = false;
    int rc = has_look(en, u) ? store_begin(en->store, e) : 0;
    if (rc || !has_look(en, u))
        return rc;
    rc = let_pass(en, u, &any, e);
    if (!rc)
        rc = store_commit(en->store, e);
    else
        store_rollback(en->store);
    if (any) {
        en->start_more = en->needs_you_dirty = true;
        desk_touch(en, u->drop.id);
        ends_drop(en, u->drop.id);
    }
    return rc;
}
