/* A drop, or one of its jobs, is to be made again: what was left open is opened, with what hangs on
 * it. What may have been paid for is looked for before anything is bought. */
/* SPDX-License-Identifier: ISC */
#include "engine/cards.h"
#include "engine/command.h"
#include "engine/vision.h"
#include "store/money.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

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
    int rc = store_attempt_open(en->store, job->id, &open);
    if (rc) {
        err_set(e, rc, "what was paid for %s cannot be read", job->key);
    } else if (open.id) { /* in doubt: its memo tells, and it is looked for once more first */
        rc = card_over(en, "doubt", open.handle, e);
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

int verb_retry(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct drop_row drop;
    const char *wanted = json_str(command, "job", NULL);
    int n = 0, rc = command_find_drop(en, command, &drop, e);
    if (!rc && !(rc = store_begin(en->store, e))) {
        rc = limits_forgive(en, drop.id, NULL, e);
        if (!rc)
            rc = retry_jobs(en, &drop, wanted, &n, e);
        if (!rc && n) {
            drop.state = DROP_RUNNING;
            drop.ended_s = 0;
            drop.priority = PRIORITY_RETAKE;
            rc = store_set_drop(en->store, &drop, e);
        }
        rc = command_end(en, rc, e);
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
