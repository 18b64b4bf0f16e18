/* Counts of jobs by state, kept with every change so that nobody has to count. A row per drop and
 * state, and one per state for all drops that are not ended (drop_id 0). */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>

#include "store/store_priv.h"

#define ADD_TALLY                                                                                  \
    " ON CONFLICT (drop_id, state) DO UPDATE SET n = n + excluded.n, cost = cost + "               \
    "excluded.cost, "                                                                              \
    "price = price + excluded.price"

static int add_row(struct store *s, int64_t drop_id, enum job_state state, int n, double cost,
                   double price, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO tallies (drop_id, state, n, cost, price) VALUES (?, ?, ?, ?, ?)" ADD_TALLY);
    query_int(&q, drop_id);
    query_text(&q, job_state_word(state));
    query_int(&q, n);
    query_num(&q, cost);
    query_num(&q, price);
    return query_run(&q, e, "the count of jobs");
}

int store_tally(struct store *s, int64_t drop_id, bool drop_open, enum job_state state, int n,
                double cost, double price, struct err *e)
{
    int rc = add_row(s, drop_id, state, n, cost, price, e);
    if (!rc && drop_open)
        rc = add_row(s, 0, state, n, cost, price, e);
    return rc;
}

int store_tally_drop(struct store *s, int64_t drop_id, int sign, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO tallies (drop_id, state, n, cost, price) "
        "SELECT 0, state, n * ?1, cost * ?1, price * ?1 FROM tallies WHERE drop_id = ?2" ADD_TALLY);
    query_int(&q, sign);
    query_int(&q, drop_id);
    return query_run(&q, e, "the count of jobs");
}

/* Sums of many additions and subtractions carry noise far below a millionth of a dollar. */
static double money(double sum)
{
    return round(sum * 1e6) / 1e6;
}

int store_count_jobs(struct store *s, int64_t drop_id_or_0, struct job_counts *ret_counts)
{
    struct query q = query_begin(s, "SELECT state, n, cost, price FROM tallies WHERE drop_id = ?");
    query_int(&q, drop_id_or_0);
    struct job_counts counts = {0};
    int rc;
    while ((rc = query_next(&q)) == 1) {
        char *word = column_text(&q);
        int n = (int)column_int(&q);
        counts.n[job_state_of_word(word)] = n;
        counts.total += n;
        counts.cost += column_num(&q);
        counts.price += column_num(&q);
        free(word);
    }
    if (rc)
        return rc;
    counts.cost = money(counts.cost);
    counts.price = money(counts.price);
    *ret_counts = counts;
    return 0;
}
