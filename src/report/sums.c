/* A drop's rows come in, its few numbers and its state in words go out. */
/* SPDX-License-Identifier: ISC */
#include "report/sums.h"

#include <string.h>

#include "base/str.h"

/* Held without an instant to go on at: a person has to say something first. */
static bool asks(const struct job_row *job)
{
    return job->state == JOB_HELD && !job->next_at_s;
}

void sums_make(const struct job_row *jobs, size_t jobs_n, struct sums *ret_sums)
{
    struct sums s = {.total = (int)jobs_n};
    for (size_t i = 0; i < jobs_n; i++) {
        const struct job_row *job = &jobs[i];
        s.made += job->state == JOB_DONE;
        s.kept += job->state == JOB_KEPT;
        s.running += job->state == JOB_RUNNING || job->state == JOB_MADE;
        s.asking += asks(job);
        s.failed += job->state == JOB_FAILED;
        s.by_hand += job->state == JOB_NEEDS_PERSON;
        s.skipped += job->state == JOB_SKIPPED;
        s.cancelled += job->state == JOB_CANCELLED;
        s.previews += job->preview;
        s.cost += job->cost;
        s.price += job->price;
        s.seconds += (double)job->duration_ms / 1000;
    }
    *ret_sums = s;
}

const char *sums_word(const struct drop_row *drop, const struct sums *sums, bool as_ended,
                      bool asked)
{
    bool started = sums->made + sums->kept + sums->running + sums->asking + sums->failed +
                       sums->by_hand + sums->skipped >
                   0;
    if (drop->state == DROP_CANCELLED)
        return "cancelled";
    if (as_ended)
        return "done";
    if (drop->paused)
        return asked ? "needs your go" : "paused";
    return started ? "running" : "planned";
}

void sums_rest(const struct sums *sums, char *out, size_t out_len)
{
    const struct {
        int n;
        const char *what;
    } rest[] = {{sums->failed, "failed"},
                {sums->by_hand, "by hand"},
                {sums->skipped, "left out"},
                {sums->asking, sums->asking == 1 ? "asks you" : "ask you"}};
    size_t len = 0;
    out[0] = 0;
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (rest[i].n && len < out_len) {
            (void)str_format(out + len, out_len - len, "%s%d %s", len ? ", " : "", rest[i].n,
                             rest[i].what); /* callers have room for all */
            len = strlen(out);
        }
}

void sums_state(const struct drop_row *drop, const struct sums *sums, bool as_ended, bool asked,
                char *out, size_t out_len)
{
    const char *word = sums_word(drop, sums, as_ended, asked);
    char far[40] = "", rest[100];
    sums_rest(sums, rest, sizeof(rest));
    if (str_eq(word, "paused") || str_eq(word, "cancelled"))
        (void)str_format(far, sizeof(far), " at %d/%d", sums->made + sums->kept, sums->total);
    else if (str_eq(word, "running"))
        (void)str_format(far, sizeof(far), " %d/%d", sums->made + sums->kept, sums->total);
    if (drop->state == DROP_CANCELLED)
        rest[0] = 0; /* nobody waits for it any more */
    (void)str_format(out, out_len, "%s%s%s%s", word, far, *rest ? ", " : "", rest);
}

const char *sums_job_word(const struct job_row *job)
{
    switch (job->state) {
    case JOB_HELD:
        return asks(job) ? "asks you" : "tries again";
    case JOB_MADE:
        return "filing";
    case JOB_KEPT:
        return "unchanged";
    case JOB_SKIPPED:
        return "left out";
    case JOB_NEEDS_PERSON:
        return "by hand";
    case JOB_WAITING:
    case JOB_READY:
    case JOB_RUNNING:
    case JOB_DONE:
    case JOB_FAILED:
    case JOB_CANCELLED:
    case JOB_STATES_N:
        break;
    }
    return job_state_word(job->state);
}
