/* The table of allowed moves, and the one function that moves a job. Never stores anything. */
/* SPDX-License-Identifier: ISC */
#include "engine/job.h"

#include "base/err.h"
#include "base/log.h"

#define TO(state) (1u << (state))

static const unsigned allowed[JOB_STATES_N] = {
    [JOB_WAITING] =
        TO(JOB_READY) | TO(JOB_SKIPPED) | TO(JOB_CANCELLED) | TO(JOB_WAITING) | TO(JOB_DONE),
    [JOB_READY] = TO(JOB_RUNNING) | TO(JOB_HELD) | TO(JOB_KEPT) | TO(JOB_FAILED) |
                  TO(JOB_CANCELLED) | TO(JOB_WAITING) | TO(JOB_DONE) | TO(JOB_NEEDS_PERSON),
    [JOB_RUNNING] = TO(JOB_MADE) | TO(JOB_HELD) | TO(JOB_READY) | TO(JOB_FAILED) |
                    TO(JOB_CANCELLED) | TO(JOB_NEEDS_PERSON),
    [JOB_HELD] = TO(JOB_WAITING) | TO(JOB_READY) | TO(JOB_RUNNING) | TO(JOB_KEPT) | TO(JOB_HELD) |
                 TO(JOB_FAILED) | TO(JOB_CANCELLED) | TO(JOB_DONE),
    [JOB_MADE] = TO(JOB_DONE) | TO(JOB_READY) | TO(JOB_CANCELLED),
    [JOB_DONE] = TO(JOB_WAITING) | TO(JOB_READY),
    [JOB_KEPT] = TO(JOB_WAITING) | TO(JOB_READY),
    [JOB_FAILED] = TO(JOB_WAITING) | TO(JOB_READY) | TO(JOB_CANCELLED) | TO(JOB_DONE),
    [JOB_SKIPPED] = TO(JOB_WAITING) | TO(JOB_READY) | TO(JOB_CANCELLED) | TO(JOB_DONE),
    [JOB_CANCELLED] = TO(JOB_WAITING) | TO(JOB_READY) | TO(JOB_DONE),
    [JOB_NEEDS_PERSON] = TO(JOB_READY) | TO(JOB_WAITING) | TO(JOB_CANCELLED) | TO(JOB_DONE),
};

void job_move(struct job_row *job, enum job_state to, int64_t now_s)
{
    if (!(allowed[job->state] & TO(to)))
        bug("job %s: no move from %s to %s", job->key, job_state_word(job->state),
            job_state_word(to));
    log_debug("job", "drop=%lld key=%s from=%s to=%s", (long long)job->drop_id, log_quote(job->key),
              job_state_word(job->state), job_state_word(to));
    if (to == JOB_RUNNING)
        job->started_s = now_s;
    job->completed_s = job_state_ended(to) ? now_s : 0;
    job->state = to;
}
