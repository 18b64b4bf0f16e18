/* A card's kind and a person's answer come in; the drop or job it is about is changed, in the
 * caller's step. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/cards.h"
#include "money/caps.h"

/* --- a plan that costs more than may be spent unasked --- */

int card_ask_plan(struct engine *en, struct drop_row *drop, int jobs_n, double price, double worst,
                  struct err *e)
{
    char subject[24];
    str_format(subject, sizeof subject, "%lld", (long long)drop->id);
    char *file = mem_printf("%d jobs - est %.2f - %s.md", jobs_n, price, drop->entry);
    char *text =
        mem_printf("%s\n\n%d jobs, about %.2f USD; %.2f if every attempt is needed.\nThe plan: "
                   "taken/%s/plan.txt\n\nDrag this card to go/ to begin, to no/ to cancel it.\n",
                   drop->title, jobs_n, price, worst, drop->name);
    int rc = card_add(en, "plan", subject, file, text, e);
    free(file);
    free(text);
    return rc;
}

int card_plan(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
              struct err *e)
{
    struct drop_row drop = {0};
    int64_t id = 0;
    int n = 0;
    if (str_int(card->subject, 1, INT64_MAX, &id) || store_drop(en->store, id, &drop))
        return err_set(e, ERR_MISSING, "the drop of this card is not there any more");
    drop.paused = false;
    int rc = 0;
    if (!yes && (drop.state == DROP_RUNNING || drop.state == DROP_TAKING)) {
        rc = command_cancel_jobs(en, id, &n, e);
        drop.state = DROP_CANCELLED;
        drop.ended_s = en->now_s;
    }
    if (!rc)
        rc = store_set_drop(en->store, &drop, e);
    if (!rc)
        *ret_said = mem_printf(yes ? "%s goes on" : "%s is cancelled", drop.name);
    desk_touch(en, id);
    drop_row_finish(&drop);
    return rc;
}

/* --- a paid request whose answer was lost --- */

static int end_doubt(struct engine *en, struct job_row *job, bool again, struct err *e)
{
    if (job->state != JOB_HELD) /* cancelled or given back meanwhile: only what it cost is news */
        return store_set_job(en->store, job, e);
    mem_free(job->memo);
    if (again)
        return command_retry_job(en, job, false, e);
    free(job->error);
    job->error = mem_dup("left in doubt: it counts as paid, and is not bought again");
    work_remove(en, job->id);
    job_move(job, JOB_FAILED, en->now_s);
    return ends_job(en, job, e);
}

/* Nobody knows whether it was charged: it counts as paid either way. */
int card_doubt(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
               struct err *e)
{
    struct attempt_row attempt = {0};
    struct job_row job = {0};
    int rc = store_attempt_named(en->store, card->subject, &attempt);
    if (!rc)
        rc = store_job(en->store, attempt.job_id, &job);
    if (rc) {
        (void)err_set(e, rc, "the job of this card is not there any more");
        goto out;
    }
    if (attempt.settled_s) {
        *ret_said = mem_printf("%s: what was in doubt has ended meanwhile", job.title);
        goto out;
    }
    rc = store_settle_attempt(en->store, attempt.id, attempt.reserved_u,
                              yes ? "in doubt, bought again" : "in doubt, left", en->now_s, e);
    job.cost += (double)attempt.reserved_u / MONEY_UNIT;
    if (!rc)
        rc = end_doubt(en, &job, yes, e);
    if (!rc)
        *ret_said = mem_printf(yes ? "%s is bought again" : "%s is left as it is", job.title);
    desk_touch(en, job.drop_id);
    land_done(en, job.drop_id, NULL); /* it may have been the last one */
out:
    attempt_row_finish(&attempt);
    job_row_finish(&job);
    return rc;
}
