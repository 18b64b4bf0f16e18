/* Changes of counted jobs and of purses come in, many for each step; they go into their tables once
 * for each commit. Until then they lie here, and whoever reads a sum adds them. A step that is
 * rolled back takes its own along.
 *
 *   parts of the steps that wait for their commit | parts of the open step
 *   0 ........................................ mark ................... n
 */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store_priv.h"

/* --- counts of jobs --- */

/* The part of that key from at on, or NULL. */
static struct tally_part *tally_find(struct sums *u, size_t at, size_t end, int64_t drop_id,
                                     enum job_state state)
{
    for (; at < end; at++)
        if (u->tallies[at].drop_id == drop_id && u->tallies[at].state == state)
            return &u->tallies[at];
    return NULL;
}

static void tally_join(struct tally_part *to, const struct tally_part *part)
{
    to->n += part->n;
    to->cost += part->cost;
    to->price += part->price;
}

void sums_tally(struct store *s, const struct tally_part *part)
{
    struct sums *u = &s->sums;
    struct tally_part *same =
        tally_find(u, u->tallies_mark, u->tallies_n, part->drop_id, part->state);
    if (same) {
        tally_join(same, part);
        return;
    }
    if (u->tallies_n == u->tallies_room)
        u->tallies = mem_grow(u->tallies, u->tallies_room += 32, sizeof *u->tallies);
    u->tallies[u->tallies_n++] = *part;
}

static void tallies_keep(struct sums *u)
{
    size_t kept = u->tallies_mark;
    for (size_t i = u->tallies_mark; i < u->tallies_n; i++) {
        const struct tally_part part = u->tallies[i];
        struct tally_part *same = tally_find(u, 0, u->tallies_mark, part.drop_id, part.state);
        if (same)
            tally_join(same, &part);
        else
            u->tallies[kept++] = part;
    }
    u->tallies_n = u->tallies_mark = kept;
}

static int tally_write(struct store *s, const struct tally_part *part, struct err *e)
{
    struct query q = query_begin(
        s, "INSERT INTO tallies (drop_id, state, n, cost, price) VALUES (?, ?, ?, ?, ?) "
           "ON CONFLICT (drop_id, state) DO UPDATE SET n = n + excluded.n, "
           "cost = cost + excluded.cost, price = price + excluded.price");
    query_int(&q, part->drop_id);
    query_text(&q, job_state_word(part->state));
    query_int(&q, part->n);
    query_num(&q, part->cost);
    query_num(&q, part->price);
    return query_run(&q, e, "the count of jobs");
}

/* --- purses --- */

static struct purse_part *purse_find(struct sums *u, size_t at, size_t end, const char *scope,
                                     const char *name)
{
    for (; at < end; at++)
        if (str_eq(u->purses[at].name, name) && str_eq(u->purses[at].scope, scope))
            return &u->purses[at];
    return NULL;
}

void sums_purse(struct store *s, const char *scope, const char *name, int64_t reserved_u,
                int64_t settled_u)
{
    struct sums *u = &s->sums;
    struct purse_part *p = purse_find(u, u->purses_mark, u->purses_n, scope, name);
    if (!p) {
        if (u->purses_n == u->purses_room)
            u->purses = mem_grow(u->purses, u->purses_room += 32, sizeof *u->purses);
        p = &u->purses[u->purses_n++];
        *p = (struct purse_part){.scope = scope, .name = mem_dup(name)};
    }
    p->reserved_u += reserved_u;
    p->settled_u += settled_u;
}

void sums_add_purse(const struct store *s, const char *scope, const char *name, int64_t *reserved_u,
                    int64_t *settled_u)
{
    for (size_t i = 0; i < s->sums.purses_n; i++) {
        const struct purse_part *p = &s->sums.purses[i];
        if (!str_eq(p->name, name) || !str_eq(p->scope, scope))
            continue;
        *reserved_u += p->reserved_u;
        *settled_u += p->settled_u;
    }
}

static void purses_keep(struct sums *u)
{
    size_t kept = u->purses_mark;
    for (size_t i = u->purses_mark; i < u->purses_n; i++) {
        const struct purse_part part = u->purses[i];
        struct purse_part *same = purse_find(u, 0, u->purses_mark, part.scope, part.name);
        if (same) {
            same->reserved_u += part.reserved_u;
            same->settled_u += part.settled_u;
            free(part.name);
        } else {
            u->purses[kept++] = part;
        }
    }
    u->purses_n = u->purses_mark = kept;
}

static int purse_write(struct store *s, const struct purse_part *p, struct err *e)
{
    struct query q = query_begin(
        s, "INSERT INTO purses (scope, name, reserved_u, settled_u) VALUES (?, ?, ?, ?) "
           "ON CONFLICT DO UPDATE SET reserved_u = reserved_u + excluded.reserved_u, "
           "settled_u = settled_u + excluded.settled_u");
    query_text(&q, p->scope);
    query_text(&q, p->name);
    query_int(&q, p->reserved_u);
    query_int(&q, p->settled_u);
    return query_run(&q, e, "the purse");
}

/* --- steps and commits --- */

void sums_keep(struct store *s)
{
    tallies_keep(&s->sums);
    purses_keep(&s->sums);
}

void sums_drop(struct store *s, bool all)
{
    struct sums *u = &s->sums;
    u->tallies_mark = all ? 0 : u->tallies_mark;
    u->purses_mark = all ? 0 : u->purses_mark;
    u->tallies_n = u->tallies_mark;
    while (u->purses_n > u->purses_mark)
        free(u->purses[--u->purses_n].name);
}

int sums_write(struct store *s, struct err *e)
{
    struct sums *u = &s->sums;
    int rc = 0;
    sums_keep(s);
    for (size_t i = 0; i < u->tallies_n && !rc; i++)
        if (u->tallies[i].n || u->tallies[i].cost != 0 || u->tallies[i].price != 0)
            rc = tally_write(s, &u->tallies[i], e);
    for (size_t i = 0; i < u->purses_n && !rc; i++)
        rc = purse_write(s, &u->purses[i], e);
    sums_drop(s, true);
    return rc;
}

void sums_finish(struct store *s)
{
    sums_drop(s, true);
    free(s->sums.tallies);
    free(s->sums.purses);
    s->sums = (struct sums){0};
}
