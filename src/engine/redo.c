/* A unit and a wish come in; the jobs that make it are opened again, and those of the unit that
 * hang on them. What hangs on it elsewhere is only counted: a person decides about that. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/redo_offer.h"
#include "engine/words.h"
#include "store/money.h"

/* A job whose picture a wish of words or a seed would change. */
static bool is_source(const struct job_row *job)
{
    cJSON *meta = cJSON_Parse(job->meta);
    bool preview = str_eq(json_str(meta, "role", ""), "previz");
    cJSON_Delete(meta);
    return job->prompt && !preview;
}

/* A rewritten prompt is the clip's, where the unit has one that is asked for in words. */
static bool takes_prompt(const struct unit *u, const struct job_row *job, bool still)
{
    bool clips = false, film = str_starts(job->op, "film.");
    for (size_t i = 0; i < u->jobs_n && !still; i++)
        clips = clips || (is_source(&u->jobs[i]) && str_starts(u->jobs[i].op, "film."));
    return is_source(job) && film == clips;
}

static bool any_source(const struct unit *u)
{
    for (size_t i = 0; i < u->jobs_n; i++)
        if (is_source(&u->jobs[i]))
            return true;
    return false;
}

/* Another request: no result of the old one may be served for it. */
static void change_hash(struct job_row *job, const char *why, const char *more)
{
    struct digest *d = digest_begin();
    digest_text(d, "slated wish 1");
    digest_text(d, job->hash);
    digest_text(d, why);
    digest_text(d, more);
    digest_end(d, job->hash);
}

/* The digest of the first file that a job has made last, NULL none. Owned. */
static char *made_now(struct engine *en, const struct job_row *job)
{
    struct asset_row *rows = NULL;
    size_t n = 0;
    char *hex = NULL;
    if (store_assets_of_job(en->store, job->id, &rows, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (!hex && rows[i].current)
            hex = mem_dup(rows[i].sha256);
        asset_row_finish(&rows[i]);
    }
    free(rows);
    return hex;
}

static int change_wish(struct engine *en, struct job_row *job, const struct redo_wish *wish,
                       struct err *e)
{
    cJSON *params = cJSON_Parse(job->params);
    const char *words = wish->prompt ? wish->prompt : job->prompt;
    char *prompt =
        wish->note ? mem_printf("%s\n%s", words ? words : "", wish->note) : mem_dup(words);
    if (wish->note)
        json_set_str(params, "note", wish->note);
    if (wish->prompt)
        json_set_bool(params, "enhanced", true);
    if (wish->negative && job->negative) {
        free(job->negative);
        job->negative = mem_dup(wish->negative);
    }
    if (wish->new_seed && json_get(params, "seed"))
        json_set_num(params, "seed", json_num(params, "seed", 0) + 1);
    free(job->params);
    free(job->prompt);
    job->params = json_compact(params);
    job->prompt = prompt;
    cJSON_Delete(params);
    change_hash(job, job->params, job->prompt);
    return store_set_job_wish(en->store, job, e);
}

/* What a job is made from has changed: so has what is asked for. */
static int change_inputs(struct engine *en, struct job_row *job, struct err *e)
{
    struct edge_row *edges = NULL;
    size_t n = 0;
    int rc = store_edges_to(en->store, job->id, &edges, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        struct job_row from = {0};
        rc = store_job(en->store, edges[i].from, &from);
        if (!rc) {
            char *now = made_now(en, &from);
            change_hash(job, from.hash, now);
            free(now);
        }
        job_row_finish(&from);
    }
    free(edges);
    return rc ? err_set(e, rc, "the inputs of %s cannot be read", job->key)
              : store_set_job_wish(en->store, job, e);
}

int redo_again(struct engine *en, struct job_row *job, struct err *e)
{
    int rc = change_inputs(en, job, e);
    return rc ? rc : command_retry_job(en, job, true, e);
}

/* Whether a job takes the output of one that is made again. */
static bool hangs_on(struct engine *en, const struct job_row *job, const int64_t *again, size_t n)
{
    struct edge_row *edges = NULL;
    size_t edges_n = 0;
    bool hangs = false;
    if (store_edges_to(en->store, job->id, &edges, &edges_n))
        return false;
    for (size_t i = 0; i < edges_n; i++)
        for (size_t k = 0; k < n; k++)
            hangs = hangs || edges[i].from == again[k];
    free(edges);
    return hangs;
}

static bool can_redo(const struct job_row *job)
{
    return job_state_ended(job->state) || job->state == JOB_NEEDS_PERSON;
}

/* A cancelled job whose engine still has its work: what comes of that is not what is asked for now.
 */
static int is_free(struct engine *en, const struct job_row *job, struct err *e)
{
    struct attempt_row open = {0};
    int rc = store_attempt_open(en->store, job->id, &open);
    if (rc)
        err_set(e, rc, "what was paid for %s cannot be read", job->key);
    else if (open.id)
        rc = err_set(e, ERR_STATE,
                     "%s is being taken back from %s; ask for it again when that has ended",
                     job->title, open.engine);
    attempt_row_finish(&open);
    return rc;
}

static int redo_jobs(struct engine *en, struct unit *u, const struct redo_wish *wish, int *ret_n,
                     struct err *e)
{
    int64_t *again = mem_grow(NULL, u->jobs_n + 1, sizeof(*again));
    bool sources = any_source(u);
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < u->jobs_n && !rc; i++) {
        struct job_row *job = &u->jobs[i];
        bool chosen = !wish->hanging && (sources ? is_source(job) : true);
        if (wish->prompt)
            chosen = takes_prompt(u, job, wish->still);
        if (wish->hanging && is_source(job)) {
            again[n++] = job->id; /* it stays; what hangs on it follows */
            continue;
        }
        if (!can_redo(job) || !(chosen || hangs_on(en, job, again, n)))
            continue;
        rc = is_free(en, job, e);
        if (!rc && chosen && (wish->note || wish->new_seed || wish->prompt))
            rc = change_wish(en, job, wish, e);
        else if (!rc && !chosen)
            rc = change_inputs(en, job, e);
        if (!rc)
            rc = command_retry_job(en, job, true, e);
        again[n++] = job->id;
        (*ret_n)++;
    }
    free(again);
    return rc;
}

int redo_open(struct engine *en, const struct unit *u, const struct redo_wish *wish, int *ret_n,
              struct err *e)
{
    struct drop_row drop = u->drop;
    *ret_n = 0;
    int rc = redo_jobs(en, (struct unit *)u, wish, ret_n, e);
    if (!rc && *ret_n) {
        drop.state = DROP_RUNNING;
        drop.ended_s = 0;
        drop.priority = PRIORITY_RETAKE;
        rc = store_set_drop(en->store, &drop, e);
    }
    en->start_more = en->needs_you_dirty = true;
    desk_touch(en, u->drop.id);
    return rc;
}

int redo_unit(struct engine *en, const struct unit *u, const struct redo_wish *wish, int *ret_n,
              struct err *e)
{
    *ret_n = 0;
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = redo_open(en, u, wish, ret_n, e);
    if (!rc)
        rc = store_commit(en->store, e);
    else
        store_rollback(en->store);
    if (!rc && *ret_n)
        redo_offer(en, u->drop.id, u->jobs[0].unit); /* what is made anew hangs on nothing old */
    return rc;
}

int redo_prompted(const struct unit *u, bool still, double *ret_price)
{
    int n = 0;
    for (size_t i = 0; i < u->jobs_n; i++)
        if (takes_prompt(u, &u->jobs[i], still) && can_redo(&u->jobs[i])) {
            *ret_price += u->jobs[i].price;
            n++;
        }
    return n;
}

/* Only what is older than a person's own picture, wherever it is; *ret_said stays NULL when there
 * is no such picture. */
static int redo_returned(struct engine *en, const struct unit *u, char **ret_said, struct err *e)
{
    struct hanging h;
    const char *unit = u->jobs[0].unit;
    int rc = 0;
    if (hanging_find(en, u, &h) && h.n && !(rc = store_begin(en->store, e))) {
        rc = redo_hanging(en, u, &h, e);
        if (!rc)
            rc = store_commit(en->store, e);
        else
            store_rollback(en->store);
        en->start_more = en->needs_you_dirty = true;
    }
    if (!rc && h.n) {
        char *others = hanging_others(&h, unit);
        if (h.own)
            *ret_said =
                mem_printf("%d job%s of %s %s made again%s%s", h.own, h.own == 1 ? "" : "s", unit,
                           h.own == 1 ? "is" : "are", *others ? ", and " : "", others);
        else
            *ret_said = mem_printf("made again: %s", others);
        free(others);
    }
    hanging_finish(&h);
    if (!rc && *ret_said)
        redo_offer(en, u->drop.id, unit);
    return rc;
}

int verb_redo(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct unit u;
    cJSON *document = NULL;
    struct redo_wish wish = {.note = json_str(command, "note", NULL),
                             .hanging = !json_bool(command, "whole", false)};
    int n = 0,
        rc = unit_find(en, json_str(command, "unit", ""), json_str(command, "drop", NULL), &u, e);
    if (wish.note)
        wish.hanging = false;
    if (!rc && json_bool(command, "enhanced", false)) {
        rc = enhanced_find(en, &u, json_str(command, "model", NULL), &document, e);
        wish.prompt = json_str(document, "prompt", NULL);
        wish.negative = json_str(document, "negative", NULL);
        wish.still = str_eq(json_str(document, "kind", ""), "still");
        wish.hanging = false;
    }
    if (!rc && wish.hanging)
        rc = redo_returned(en, &u, ret_said, e);
    if (!rc && !*ret_said)
        rc = redo_unit(en, &u, &wish, &n, e);
    if (!rc && !*ret_said)
        *ret_said = n ? mem_printf("%d job%s of %s %s made again", n, n == 1 ? "" : "s",
                                   json_str(command, "unit", ""), n == 1 ? "is" : "are")
                      : mem_printf("nothing hangs on %s; --whole makes it itself again",
                                   json_str(command, "unit", ""));
    cJSON_Delete(document);
    unit_finish(&u);
    return rc;
}
