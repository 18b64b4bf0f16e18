/* A drop's rows come in, its few numbers and its state in words go out. */
/* SPDX-License-Identifier: ISC */
#include "report/sums.h"

#include <string.h>

#include "base/str.h"

void sums_make(const struct record_source *source, struct sums *ret_sums)
{
    struct sums s = {.total = (int)source->jobs_n};
    for (size_t i = 0; i < source->jobs_n; i++) {
        const struct job_row *job = &source->jobs[i];
        s.made += job->state == JOB_DONE;
        s.kept += job->state == JOB_KEPT;
        s.running += job->state == JOB_RUNNING || job->state == JOB_MADE;
        s.bad += job->state == JOB_FAILED || job->state == JOB_NEEDS_PERSON;
        s.skipped += job->state == JOB_SKIPPED;
        s.cancelled += job->state == JOB_CANCELLED;
        s.previews += job->preview;
        s.cost += job->cost;
        s.price += job->price;
        s.seconds += (double)job->duration_ms / 1000;
    }
    *ret_sums = s;
}

void sums_state(const struct drop_row *drop, const struct sums *sums, bool as_ended, char *out,
                size_t out_len)
{
    int done = sums->made + sums->kept;
    bool started = done + sums->running + sums->bad > 0;
    if (drop->state == DROP_CANCELLED)
        str_format(out, out_len, "cancelled at %d/%d", done, sums->total);
    else if (as_ended && (sums->bad || sums->skipped))
        str_format(out, out_len, "done, %d failed%s", sums->bad + sums->skipped,
                   sums->skipped ? " (some for want of another)" : "");
    else if (as_ended)
        str_format(out, out_len, "done");
    else if (drop->paused)
        str_format(out, out_len, "paused at %d/%d", done, sums->total);
    else if (started)
        str_format(out, out_len, "running %d/%d", done, sums->total);
    else
        str_format(out, out_len, "planned");
}
