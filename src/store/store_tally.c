/* Counts of jobs by state, kept with every change so that nobody has to count. A row per drop and
 * state, and one per state for all drops that are not ended (drop_id 0). Changes reach the table
 * with their commit (store_sums.c). */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>

#include "store/store_priv.h"

void store_tally(struct store *s, int64_t drop_id, bool drop_open, enum job_state state, int n,
                 double cost, double price)
{
    struct tally_part part = {drop_id, state, n, cost, price};
    sums_tally(s, &part);
    part.drop_id = 0;
    if (drop_open)
        sums_tally(s, &part);
}

/* The counts as they are within the open step, by state. */
static int read_tallies(struct store *s, int64_t drop_id, struct tally_part ret[JOB_STATES_N])
{
    struct query q = query_begin(s, "SELECT state, n, cost, price FROM tallies WHERE drop_id = ?");
    query_int(&q, drop_id);
    for (int i = 0; i < JOB_STATES_N; i++)
        ret[i] = (struct tally_part){.drop_id = drop_id, .state = (enum job_state)i};
    int rc;
    while ((rc = query_next(&q)) == 1) {
        struct tally_part *t = &ret[column_job_state(&q)];
        t->n = column_int(&q);
        t->cost = column_num(&q);
        t->price = column_num(&q);
    }
    for (size_t i = 0; i < s->sums.tallies_n; i++) {
        const struct tally_part *part = &s->sums.tallies[i];
        if (part->drop_id != drop_id)
            continue;
        ret[part->state].n += part->n;
        ret[part->state].cost += part->cost;
        ret[part->state].price += part->price;
    }
    return rc;
}

static void add_all(struct store *s, const struct tally_part tallies[JOB_STATES_N], int64_t to_drop,
                    int sign)
{
    for (int i = 0; i < JOB_STATES_N; i++) {
        struct tally_part part = {to_drop, (enum job_state)i, sign * tallies[i].n,
                                  sign * tallies[i].cost, sign * tallies[i].price};
        if (part.n || part.cost != 0 || part.price != 0)
            sums_tally(s, &part);
    }
}

int store_tally_drop(struct store *s, int64_t drop_id, int sign, struct err *e)
{
    struct tally_part tallies[JOB_STATES_N];
    int rc = read_tallies(s, drop_id, tallies);
    if (rc)
        return err_set(e, rc, "the counts of drop %lld cannot be read", (long long)drop_id);
    add_all(s, tallies, 0, sign);
    return 0;
}

int store_tally_withdraw(struct store *s, int64_t drop_id, struct err *e)
{
    struct tally_part tallies[JOB_STATES_N];
    int rc = store_tally_drop(s, drop_id, -1, e);
    if (!rc)
        rc = read_tallies(s, drop_id, tallies);
    if (!rc)
        add_all(s, tallies, drop_id, -1);
    return rc;
}

/* Sums of many additions and subtractions carry noise far below a millionth of a dollar. */
static double money(double sum)
{
    return round(sum * 1e6) / 1e6;
}

int store_count_jobs(struct store *s, int64_t drop_id_or_0, struct job_counts *ret_counts)
{
    struct tally_part tallies[JOB_STATES_N];
    struct job_counts counts = {0};
    int rc = read_tallies(s, drop_id_or_0, tallies);
    if (rc)
        return rc;
    for (int i = 0; i < JOB_STATES_N; i++) {
        counts.n[i] = (int)tallies[i].n;
        counts.total += (int)tallies[i].n;
        counts.cost += tallies[i].cost;
        counts.price += tallies[i].price;
    }
    counts.cost = money(counts.cost);
    counts.price = money(counts.price);
    *ret_counts = counts;
    return 0;
}

int store_count_asking(struct store *s, int64_t drop_id, int *ret_n)
{
    struct query q = query_begin(s, "SELECT COUNT(*) FROM jobs WHERE drop_id = ? AND "
                                    "state = 'held' AND next_at_s = 0");
    query_int(&q, drop_id);
    int rc = query_next(&q);
    if (rc != 1)
        return rc ? rc : ERR_MISSING;
    *ret_n = (int)column_int(&q);
    query_end(&q);
    return 0;
}
