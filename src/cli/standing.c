/* A drop's row comes in; its counts, its card and its words go out. Reads the store only. */
/* SPDX-License-Identifier: ISC */
#include "cli/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/money.h"

/* The card that its plan waits for, while it asks. Owned. */
static char *plan_card(struct store *store, const struct drop_row *drop)
{
    struct card_row row = {0};
    char subject[24], *file = NULL;
    (void)str_format(subject, sizeof(subject), "%lld", (long long)drop->id); /* a number fits */
    if (drop->paused && store_card(store, "plan", subject, &row) == 0 && str_eq(row.state, "asked"))
        file = mem_dup(row.file);
    card_row_finish(&row);
    return file;
}

int standing_read(struct store *store, const struct drop_row *drop, struct standing *ret_standing)
{
    struct standing *s = ret_standing;
    memset(s, 0, sizeof(*s));
    int rc = store_count_jobs(store, drop->id, &s->counts);
    const int *n = s->counts.n;
    int asking = 0;
    if (!rc && n[JOB_HELD])
        rc = store_count_asking(store, drop->id, &asking);
    s->sums = (struct sums){.total = s->counts.total,
                            .made = n[JOB_DONE],
                            .kept = n[JOB_KEPT],
                            .running = n[JOB_RUNNING] + n[JOB_MADE],
                            .asking = asking,
                            .failed = n[JOB_FAILED],
                            .by_hand = n[JOB_NEEDS_PERSON],
                            .skipped = n[JOB_SKIPPED],
                            .cancelled = n[JOB_CANCELLED],
                            .cost = s->counts.cost,
                            .price = s->counts.price};
    s->card = plan_card(store, drop);
    s->word = sums_word(drop, &s->sums, drop->state == DROP_ENDED, s->card != NULL);
    if (drop->state != DROP_CANCELLED)
        sums_rest(&s->sums, s->rest, sizeof(s->rest));
    return rc;
}

void standing_finish(struct standing *s)
{
    mem_free(s->card);
}

bool standing_waits(const struct drop_row *drop, const struct standing *s)
{
    return drop->state != DROP_CANCELLED && (s->card || *s->rest);
}
