/* Which job is started next. A lane per drop says in memory whether a look into the table is worth
 * it: which makers may have something due, and when something falls due. So a call costs one pass
 * over the lanes and one small query, however many jobs wait. A lane may promise too much, never
 * too little. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store_priv.h"

#define SHARED_BIT 63 /* of all makers beyond the first 63 */

/* --- makers, an engine with one of its models, as bits --- */

static bool is_maker(const struct maker *m, const char *engine, const char *model)
{
    return str_eq(m->engine, engine) && str_eq(m->model, model);
}

static int maker_bit(struct lanes *l, const char *engine, const char *model)
{
    engine = engine ? engine : "";
    model = model ? model : "";
    for (int i = 0; i < l->makers_n; i++)
        if (is_maker(&l->makers[i], engine, model))
            return i;
    if (l->makers_n == SHARED_BIT)
        return SHARED_BIT;
    l->makers[l->makers_n] = (struct maker){mem_dup(engine), mem_dup(model)};
    return l->makers_n++;
}

static bool skip_fits(const struct store_skip *skip, const char *engine, const char *model)
{
    return str_eq(skip->engine, engine ? engine : "") &&
           (!skip->model || str_eq(skip->model, model ? model : ""));
}

static bool is_skipped(const struct store_skip *skip, size_t skip_n, const char *engine,
                       const char *model)
{
    for (size_t i = 0; i < skip_n; i++)
        if (skip_fits(&skip[i], engine, model))
            return true;
    return false;
}

static uint64_t allowed_mask(const struct lanes *l, const struct store_skip *skip, size_t skip_n)
{
    uint64_t mask = UINT64_MAX;
    for (int i = 0; i < l->makers_n; i++)
        if (is_skipped(skip, skip_n, l->makers[i].engine, l->makers[i].model))
            mask &= ~(UINT64_C(1) << i);
    return mask;
}

/* --- lanes --- */

/* Where drop_id's lane is, or would stand. */
static size_t lane_place(const struct lanes *l, int64_t drop_id)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (l->list[mid].drop_id < drop_id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct lane *lane_of(struct lanes *l, int64_t drop_id)
{
    size_t i = lane_place(l, drop_id);
    return i < l->n && l->list[i].drop_id == drop_id ? &l->list[i] : NULL;
}

static struct lane *lane_add(struct lanes *l, int64_t drop_id)
{
    size_t i = lane_place(l, drop_id);
    if (i < l->n && l->list[i].drop_id == drop_id)
        return &l->list[i];
    if (l->n == l->room)
        l->list = mem_grow(l->list, l->room = l->room ? l->room * 2 : 16, sizeof *l->list);
    memmove(&l->list[i + 1], &l->list[i], (l->n - i) * sizeof *l->list);
    l->n++;
    l->list[i] = (struct lane){.drop_id = drop_id};
    return &l->list[i];
}

static void lane_remove(struct lanes *l, int64_t drop_id)
{
    size_t i = lane_place(l, drop_id);
    if (i == l->n || l->list[i].drop_id != drop_id)
        return;
    l->n--;
    memmove(&l->list[i], &l->list[i + 1], (l->n - i) * sizeof *l->list);
}

/* A job of that engine may be started from next_at_s on. A job held without a time waits for
 * somebody. */
static void lane_note(struct lane *lane, int maker, bool held, int64_t next_at_s)
{
    uint64_t bit = UINT64_C(1) << maker;
    if (next_at_s <= 0 && held)
        return;
    if (next_at_s <= 0) {
        lane->due |= bit;
        return;
    }
    if (!lane->timed || next_at_s < lane->soonest_s)
        lane->soonest_s = next_at_s;
    lane->timed |= bit;
}

void lanes_note_job(struct store *s, const struct job_row *job)
{
    if (!s->lanes.known || (job->state != JOB_READY && job->state != JOB_HELD))
        return;
    struct lane *lane = lane_of(&s->lanes, job->drop_id);
    s->lanes.touched = true;
    if (lane)
        lane_note(lane, maker_bit(&s->lanes, job->engine, job->model), job->state == JOB_HELD,
                  job->next_at_s);
}

void lanes_note_drop(struct store *s, const struct drop_row *drop)
{
    if (!s->lanes.known)
        return;
    s->lanes.touched = true;
    if (!drop_state_open(drop->state)) {
        lane_remove(&s->lanes, drop->id);
        return;
    }
    struct lane *lane = lane_of(&s->lanes, drop->id);
    if (!lane) {
        /* New, or brought back: what it may start is told now, or looked up. */
        lane = lane_add(&s->lanes, drop->id);
        lane->due = UINT64_MAX;
    }
    lane->priority = drop->priority;
    lane->open = drop->state == DROP_RUNNING && !drop->paused;
}

void lanes_begin(struct store *s)
{
    s->lanes.touched = false;
}

void lanes_rollback(struct store *s)
{
    if (s->lanes.touched)
        s->lanes.known = false;
}

void lanes_finish(struct store *s)
{
    for (int i = 0; i < s->lanes.makers_n; i++) {
        free(s->lanes.makers[i].engine);
        free(s->lanes.makers[i].model);
    }
    free(s->lanes.list);
    s->lanes = (struct lanes){0};
}

/* --- reading the lanes from the tables --- */

static int64_t data_version(struct store *s)
{
    struct query q = query_begin(s, "PRAGMA data_version");
    int64_t version = -1;
    if (query_next(&q) == 1) {
        version = column_int(&q);
        query_end(&q);
    }
    return version;
}

static int read_open_drops(struct store *s)
{
    struct query q =
        query_begin(s, "SELECT id, priority, state = 'running' AND NOT paused FROM drops "
                       "WHERE state IN ('taking', 'running')");
    int rc;
    while ((rc = query_next(&q)) == 1) {
        struct lane *lane = lane_add(&s->lanes, column_int(&q));
        lane->priority = (int)column_int(&q);
        lane->open = column_int(&q) != 0;
    }
    return rc;
}

static int read_startable(struct store *s)
{
    struct query q =
        query_begin(s, "SELECT drop_id, engine, model, state = 'held', next_at_s FROM jobs "
                       "INDEXED BY jobs_startable WHERE state IN ('ready', 'held')");
    int rc;
    while ((rc = query_next(&q)) == 1) {
        struct lane *lane = lane_of(&s->lanes, column_int(&q));
        const char *engine = (const char *)sqlite3_column_text(q.stmt, q.read++);
        const char *model = (const char *)sqlite3_column_text(q.stmt, q.read++);
        int maker = maker_bit(&s->lanes, engine, model);
        bool held = column_int(&q) != 0;
        if (lane)
            lane_note(lane, maker, held, column_int(&q));
    }
    return rc;
}

/* Turns of service survive the reading, so that fairness does. */
static void keep_served(struct lanes *l, const struct lane *old, size_t old_n)
{
    for (size_t i = 0; i < old_n; i++) {
        struct lane *lane = lane_of(l, old[i].drop_id);
        if (lane)
            lane->served = old[i].served;
    }
}

static int lanes_refresh(struct store *s)
{
    struct lanes *l = &s->lanes;
    int64_t version = data_version(s);
    if (l->known && l->data_version == version)
        return 0;
    struct lane *old = l->list;
    size_t old_n = l->n;
    l->list = NULL;
    l->n = l->room = 0;
    int rc = read_open_drops(s);
    if (!rc)
        rc = read_startable(s);
    keep_served(l, old, old_n);
    free(old);
    l->data_version = version;
    l->known = rc == 0;
    return rc;
}

/* --- choosing --- */

static bool may_start(const struct lane *lane, uint64_t allowed, int64_t now_s, uint64_t turn)
{
    return lane->open && lane->looked != turn &&
           ((lane->due & allowed) || (lane->timed & allowed && lane->soonest_s <= now_s));
}

/* Whether a goes before b: priority, then longest unserved, then older. Lanes are passed in order
 * of age. */
static bool goes_before(const struct lane *a, const struct lane *b)
{
    if (!b)
        return true;
    return a->priority != b->priority ? a->priority > b->priority : a->served < b->served;
}

static struct lane *best_lane(struct lanes *l, uint64_t allowed, int64_t now_s)
{
    struct lane *best = NULL;
    for (size_t i = 0; i < l->n; i++)
        if (may_start(&l->list[i], allowed, now_s, l->turn) && goes_before(&l->list[i], best))
            best = &l->list[i];
    return best;
}

/* The first job of the lane that is due and not skipped: 1 and its id. 0: there is none, and the
 * lane knows better now. */
static int look(struct store *s, struct lane *lane, int64_t now_s, const struct store_skip *skip,
                size_t skip_n, int64_t *ret_id)
{
    struct lanes *l = &s->lanes;
    struct lane found = {0};
    struct query q = query_begin(s, "SELECT id, engine, model, state = 'held', next_at_s FROM "
                                    "jobs INDEXED BY jobs_startable WHERE drop_id = ? "
                                    "AND state IN ('ready', 'held') ORDER BY seq");
    query_int(&q, lane->drop_id);
    int rc;
    while ((rc = query_next(&q)) == 1) {
        int64_t id = column_int(&q);
        const char *engine = (const char *)sqlite3_column_text(q.stmt, q.read++);
        const char *model = (const char *)sqlite3_column_text(q.stmt, q.read++);
        bool held = column_int(&q) != 0;
        int64_t at_s = column_int(&q);
        bool due = at_s <= now_s && !(held && at_s <= 0);
        if (due && !is_skipped(skip, skip_n, engine, model)) {
            *ret_id = id;
            query_end(&q);
            return 1;
        }
        lane_note(&found, maker_bit(l, engine, model), held && !due, due ? 0 : at_s);
    }
    if (rc)
        return rc;
    l->touched = true;
    lane->due = found.due;
    lane->timed = found.timed;
    lane->soonest_s = found.soonest_s;
    lane->looked = l->turn;
    return 0;
}

static int64_t soonest_later(const struct lanes *l, int64_t now_s)
{
    int64_t soonest = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct lane *lane = &l->list[i];
        if (lane->open && lane->timed && lane->soonest_s > now_s &&
            (!soonest || lane->soonest_s < soonest))
            soonest = lane->soonest_s;
    }
    return soonest;
}

int store_next_job(struct store *s, int64_t now_s, const struct store_skip *skip, size_t skip_n,
                   struct job_row *ret_row, int64_t *ret_next_at_s)
{
    int rc = lanes_refresh(s);
    if (rc)
        return rc;
    uint64_t allowed = allowed_mask(&s->lanes, skip, skip_n);
    struct lane *lane;
    int64_t id = 0;
    s->lanes.turn++;
    while (!rc && (lane = best_lane(&s->lanes, allowed, now_s)))
        rc = look(s, lane, now_s, skip, skip_n, &id);
    if (rc < 0)
        return rc;
    if (ret_next_at_s)
        *ret_next_at_s = soonest_later(&s->lanes, now_s);
    return id ? store_job(s, id, ret_row) : ERR_MISSING;
}

void store_served(struct store *s, int64_t drop_id)
{
    struct lane *lane = lane_of(&s->lanes, drop_id);
    if (lane)
        lane->served = ++s->lanes.turn;
}
