/* What a turn has stored comes in; what follows from it goes out once that is durable: requests
 * leave, made files get their names, ends are told. So the steps of all jobs of a turn share one
 * commit. Never lets anything out that a power cut could make untrue.
 *
 *   a step, stored for later -> land_send, land_made --commit--> the request leaves; the files are
 *     placed at the next turn's begin, DONE for later --commit--> said, and the drop may end */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "limits/rate.h"
#include "loop/signals.h"

/* A job that is MADE: its files have no names yet. */
struct nameless {
    struct job_row job;
    char hash[DIGEST_LEN]; /* request hash; the map's key */
};

struct landing {
    struct request *out; /* wait for the commit */
    size_t out_n, out_room;
    bool waited; /* they did so once for a command that came meanwhile */
    struct nameless **made;
    size_t made_n, made_room;
    struct map hashes; /* of those: the same is not made once more */
    struct landed {
        int64_t drop_id;
        char *text; /* owned */
    } * ends;       /* DONE: nobody has been told */
    size_t ends_n, ends_room;
    struct file_dirs dirs; /* with names that may not be on the disk yet */
};

/* Room for one more; the list as it is now. */
static void *room_for_one(void *list, size_t n, size_t *room, size_t width)
{
    if (n < *room)
        return list;
    *room = *room ? *room * 2 : 64;
    return mem_grow(list, *room, width);
}

/* The store calls it before each commit: rows that name a file count on its name. */
static int sync_dirs(void *ctx, struct err *e)
{
    struct engine *en = ctx;
    return file_dirs_sync(&en->landing->dirs, e);
}

static void nameless_free(struct nameless *m)
{
    job_row_finish(&m->job);
    free(m);
}

void land_open(struct engine *en)
{
    en->landing = mem_alloc(sizeof *en->landing);
    store_set_barrier(en->store, sync_dirs, en);
}

void land_close(struct engine *en)
{
    struct landing *l = en->landing;
    if (!l)
        return;
    for (size_t i = 0; i < l->out_n; i++)
        request_finish(&l->out[i]);
    for (size_t i = 0; i < l->made_n; i++)
        nameless_free(l->made[i]);
    for (size_t i = 0; i < l->ends_n; i++)
        free(l->ends[i].text);
    map_finish(&l->hashes);
    file_dirs_finish(&l->dirs);
    free(l->out);
    free(l->made);
    free(l->ends);
    mem_free(en->landing);
}

/* --- what comes in --- */

struct file_dirs *land_dirs(struct engine *en)
{
    return &en->landing->dirs;
}

void land_send(struct engine *en, struct request *takes_request)
{
    struct landing *l = en->landing;
    l->out = room_for_one(l->out, l->out_n, &l->out_room, sizeof *l->out);
    l->out[l->out_n++] = *takes_request;
    memset(takes_request, 0, sizeof *takes_request);
}

bool land_recall(struct engine *en, int64_t request_id)
{
    struct landing *l = en->landing;
    for (size_t i = 0; i < l->out_n; i++) {
        if (l->out[i].id != request_id)
            continue;
        request_finish(&l->out[i]);
        memmove(&l->out[i], &l->out[i + 1], (--l->out_n - i) * sizeof *l->out);
        return true;
    }
    return false;
}

void land_made(struct engine *en, struct job_row *takes_job, const char *hash)
{
    struct landing *l = en->landing;
    struct nameless *m = mem_alloc(sizeof *m);
    l->made = room_for_one(l->made, l->made_n, &l->made_room, sizeof *l->made);
    l->made[l->made_n++] = m;
    m->job = *takes_job;
    memset(takes_job, 0, sizeof *takes_job);
    memcpy(m->hash, hash, sizeof m->hash);
    map_put(&l->hashes, m->hash, m);
}

bool land_has_made(const struct engine *en, const char *hash)
{
    return map_get(&en->landing->hashes, hash) != NULL;
}

struct job_row *land_job(struct engine *en, int64_t job_id)
{
    for (size_t i = 0; i < en->landing->made_n; i++)
        if (en->landing->made[i]->job.id == job_id)
            return &en->landing->made[i]->job;
    return NULL;
}

void land_done(struct engine *en, int64_t drop_id, char *takes_text)
{
    struct landing *l = en->landing;
    l->ends = room_for_one(l->ends, l->ends_n, &l->ends_room, sizeof *l->ends);
    l->ends[l->ends_n++] = (struct landed){drop_id, takes_text};
}

bool land_pending(const struct engine *en)
{
    return en->landing->made_n || en->landing->ends_n || en->landing->out_n;
}

/* --- what goes out --- */

void land_place(struct engine *en)
{
    struct landing *l = en->landing;
    for (size_t i = 0; i < l->made_n && !en->stopping; i++)
        deliver_place(en, &l->made[i]->job);
    map_finish(&l->hashes);
    for (size_t i = 0; i < l->made_n; i++) /* when it stops, the next start places them */
        nameless_free(l->made[i]);
    l->made_n = 0;
}

/* A command that came while the turn was stored may be the cancel of what is about to leave: it is
 * heard first, and what is left of these goes out in the next turn, come what may. */
static bool hear_first(const struct engine *en, struct landing *l)
{
    l->waited = l->out_n && !l->waited && !en->stopping && signals_commands_wait();
    return l->waited;
}

static void send_all(struct engine *en, struct landing *l)
{
    for (size_t i = 0; i < l->out_n; i++) {
        if (l->out[i].by == CARRY_BROWSER)
            browser_ask(en->browser, &l->out[i], en->now_ms);
        else
            http_ask(en->http, &l->out[i], en->now_ms);
        request_finish(&l->out[i]);
    }
    if (l->out_n) /* a long turn and its commit lie between their start and this */
        rate_late(en->rate, en->now_ms, clock_mono_ms());
    l->out_n = 0;
}

/* A drop is looked at once, however many of its jobs ended. */
static void tell_ends(struct engine *en, struct landing *l)
{
    size_t n = l->ends_n;
    struct landed *ends = l->ends;
    l->ends = NULL; /* what ends in consequence comes in anew */
    l->ends_n = l->ends_room = 0;
    for (size_t i = 0; i < n; i++) {
        if (ends[i].text)
            engine_say(en, "done", "%s", ends[i].text);
        free(ends[i].text);
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = i + 1;
        while (k < n && ends[k].drop_id != ends[i].drop_id)
            k++;
        if (k == n)
            ends_drop(en, ends[i].drop_id);
    }
    free(ends);
}

static void drop_all(struct landing *l)
{
    for (size_t i = 0; i < l->out_n; i++)
        request_finish(&l->out[i]);
    for (size_t i = 0; i < l->ends_n; i++)
        free(l->ends[i].text);
    l->out_n = l->ends_n = 0;
}

int64_t land_turn(struct engine *en)
{
    struct landing *l = en->landing;
    struct err e = {0};
    if (store_flush(en->store, &e)) {
        drop_all(l);
        engine_say(en, "error",
                   "what was done in this turn cannot be stored: %s; slated stops, "
                   "nothing is lost",
                   e.text);
        en->stopping = true;
        return INT64_MAX;
    }
    if (!hear_first(en, l))
        send_all(en, l);
    if (l->ends_n)
        tell_ends(en, l);
    return l->made_n || l->waited ? en->now_ms : INT64_MAX;
}
