/* A whole drop in one call: its row, its jobs, the edges between them, its records, and one count
 * per state instead of one per job. */
/* SPDX-License-Identifier: ISC */
#include "base/mem.h"
#include "store/store_priv.h"

static int add_jobs(struct store *s, int64_t drop_id, struct job_row *jobs, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        jobs[i].drop_id = drop_id;
        int rc = store_insert_job(s, &jobs[i], e);
        if (rc)
            return rc;
    }
    return 0;
}

static int add_edges(struct store *s, const struct job_row *jobs, size_t jobs_n,
                     const struct new_edge *edges, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        size_t from = (size_t)edges[i].from, to = (size_t)edges[i].to;
        if (from >= jobs_n || to >= jobs_n || from == to)
            bug("an edge leads from job %d to job %d of %zu", edges[i].from, edges[i].to, jobs_n);
        int rc = store_insert_edge(s, jobs[from].id, jobs[to].id, edges[i].soft, e);
        if (rc)
            return rc;
    }
    return 0;
}

static int add_records(struct store *s, int64_t drop_id, struct record_row *records, size_t n,
                       struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        records[i].drop_id = drop_id;
        int rc = store_insert_record(s, &records[i], e);
        if (rc)
            return rc;
    }
    return 0;
}

static void add_tallies(struct store *s, const struct drop_row *drop, const struct job_row *jobs,
                        size_t jobs_n)
{
    struct {
        int n;
        double cost, price;
    } sums[JOB_STATES_N] = {0};
    for (size_t i = 0; i < jobs_n; i++) {
        sums[jobs[i].state].n++;
        sums[jobs[i].state].cost += jobs[i].cost;
        sums[jobs[i].state].price += jobs[i].price;
    }
    for (int state = 0; state < JOB_STATES_N; state++)
        if (sums[state].n)
            store_tally(s, drop->id, drop_state_open(drop->state), (enum job_state)state,
                        sums[state].n, sums[state].cost, sums[state].price);
}

int store_add_order(struct store *s, struct drop_row *drop, struct job_row *jobs, size_t jobs_n,
                    const struct new_edge *edges, size_t edges_n, struct record_row *records,
                    size_t records_n, struct err *e)
{
    int rc = store_insert_drop(s, drop, e);
    if (!rc)
        rc = add_jobs(s, drop->id, jobs, jobs_n, e);
    if (!rc)
        rc = add_edges(s, jobs, jobs_n, edges, edges_n, e);
    if (!rc)
        rc = add_records(s, drop->id, records, records_n, e);
    if (rc)
        return rc;
    add_tallies(s, drop, jobs, jobs_n);
    lanes_note_drop(s, drop); /* a new lane is looked at whole, so its jobs need no note */
    return 0;
}

int store_withdraw_order(struct store *s, const struct drop_row *drop, struct err *e)
{
    static const char *const steps[] = {
        "DELETE FROM edges WHERE from_job IN (SELECT id FROM jobs WHERE drop_id = ?)",
        "DELETE FROM records WHERE drop_id = ?",
        "DELETE FROM events WHERE drop_id = ?",
        "DELETE FROM jobs WHERE drop_id = ?",
        "DELETE FROM drops WHERE id = ?",
    };
    int rc = store_tally_withdraw(s, drop->id, e);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++) {
        struct query q = query_begin_write(s, steps[i]);
        query_int(&q, drop->id);
        rc = query_run(&q, e, "the drop's withdrawal");
    }
    if (!rc)
        lanes_note_drop(s, &(struct drop_row){.id = drop->id, .state = DROP_CANCELLED});
    return rc;
}
