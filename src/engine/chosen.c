/* Words of a person come in: shots, episodes, drops, or all that are escalated; the units they mean
 * go out, each once. Changes nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/manual.h"

static void choose(struct chosen *c, const char *unit, int64_t drop_id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->drops[i] == drop_id && str_eq(c->names[i], unit))
            return;
    c->names = mem_grow(c->names, c->n + 1, sizeof(*c->names));
    c->drops = mem_grow(c->drops, c->n + 1, sizeof(*c->drops));
    c->names[c->n] = mem_dup(unit);
    c->drops[c->n++] = drop_id;
}

/* Whether a job is anybody's handwork: sheets and animatics of a whole episode are not. */
static bool is_handwork(const struct job_row *job)
{
    return job->unit && (job->prompt || strchr(job->unit, '_'));
}

static void choose_of_drop(struct engine *en, struct chosen *c, int64_t drop_id, const char *prefix)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs(en->store, drop_id, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (is_handwork(&jobs[i]) && (!prefix || str_starts(jobs[i].unit, prefix)))
            choose(c, jobs[i].unit, drop_id);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
}

static void choose_outstanding(struct engine *en, struct chosen *c)
{
    struct escalation_row *rows = NULL;
    size_t n = 0;
    if (store_escalations(en->store, true, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        choose(c, rows[i].unit, rows[i].drop_id);
        escalation_row_finish(&rows[i]);
    }
    free(rows);
}

/* "EP001": the episode's shots in the newest drop that has them. */
static bool choose_episode(struct engine *en, struct chosen *c, const char *word)
{
    struct drop_row *drops = NULL;
    size_t n = 0, before = c->n;
    char *prefix = mem_printf("%s_", word);
    if (store_drops(en->store, -1, 200, &drops, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (c->n == before && drops[i].state != DROP_CANCELLED)
            choose_of_drop(en, c, drops[i].id, prefix);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    free(prefix);
    return c->n > before;
}

static int choose_word(struct engine *en, struct chosen *c, const char *word, const char *drop,
                       struct err *e)
{
    struct unit u;
    struct drop_row row = {0};
    int rc = unit_find(en, word, drop, &u, e);
    if (!rc) {
        choose(c, u.jobs[0].unit, u.drop.id);
    } else if (choose_episode(en, c, word)) {
        rc = 0;
    } else if (store_drop_named(en->store, word, &row) == 0) {
        choose_of_drop(en, c, row.id, NULL);
        rc = 0;
    }
    drop_row_finish(&row);
    unit_finish(&u);
    return rc;
}

int units_choose(struct engine *en, const cJSON *command, struct chosen *c, struct err *e)
{
    const cJSON *word;
    int rc = 0;
    cJSON_ArrayForEach(word, json_get(command, "what"))
    {
        if (!rc)
            rc = choose_word(en, c, word->valuestring, json_str(command, "drop", NULL), e);
    }
    if (json_bool(command, "outstanding", false))
        choose_outstanding(en, c);
    return rc;
}

void units_chosen_finish(struct chosen *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->names[i]);
    free(c->names);
    free(c->drops);
    memset(c, 0, sizeof(*c));
}
