/* A drop is not wanted any more: what is at work for it is dropped, or taken back from its engine;
 * of one that is over, what could not be made is let go. What was made stays. */
/* SPDX-License-Identifier: ISC */
#include "engine/cards.h"
#include "engine/command.h"
#include "engine/flight.h"
#include "money/caps.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* What an engine accepted is taken back, or followed to its end. Anything else that has left may
 * still be charged: it counts as paid. */
static int leave_attempt(struct engine *en, struct job_row *job, struct err *e)
{
    struct attempt_row row = {0};
    int rc = store_attempt_open(en->store, job->id, &row);
    if (rc) {
        err_set(e, rc, "what was paid for %s cannot be read", job->key);
        goto out;
    }
    if (row.id && withdraw_later(en, job, &row))
        goto out;
    mem_free(job->memo);
    work_remove(en, job->id);
    if (!row.id)
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
void command_plan_answered(struct engine *en, int64_t drop_id)
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
    int n = 0, rc = store_begin(en->store, e);
    if (!rc)
        rc = command_end(en, let_go(en, drop->id, &n, e), e);
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
    int n = 0, rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = command_cancel_jobs(en, drop->id, &n, e);
    drop->state = DROP_CANCELLED;
    drop->ended_s = en->now_s;
    if (!rc)
        rc = store_set_drop(en->store, drop, e);
    rc = command_end(en, rc, e);
    if (rc) { /* what was at work is dropped already */
        engine_say(en, "error",
                   "the cancel of %s cannot be stored: %s; slated stops, and the next "
                   "start takes its work up again",
                   drop->name, e->text);
        en->stopping = true;
        return rc;
    }
    *ret_said = mem_printf("%s is cancelled: %d jobs will not be made; what was made stays. "
                           "slated retry %s takes it up again",
                           drop->name, n, drop->name);
    withdraw_drop(en, drop->id);
    command_plan_answered(en, drop->id);
    return 0;
}

int verb_cancel(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct drop_row drop;
    int rc = command_find_drop(en, command, &drop, e);
    if (!rc)
        rc = drop.state == DROP_RUNNING || drop.state == DROP_TAKING
                 ? cancel_running(en, &drop, ret_said, e)
                 : cancel_ended(en, &drop, ret_said, e);
    if (!rc)
        desk_flush(en, drop.id, true);
    drop_row_finish(&drop);
    return rc;
}
