/* Jobs that no engine makes come in, and at a start the wishes that were stored and not carried
 * out; their bundles are begun. A text step is a unit of its own here: it is no file of its shot.
 */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/bundles.h"
#include "engine/outgoing.h"
#include "engine/words.h"
#include "store/words.h"

int unit_of_job(struct engine *en, int64_t drop_id, const char *unit, const char *key,
                struct unit *ret_unit, struct err *e)
{
    struct job_row job = {0};
    memset(ret_unit, 0, sizeof(*ret_unit));
    if (!key || store_job_keyed(en->store, drop_id, key, &job) || !words_is(&job)) {
        job_row_finish(&job);
        return unit_of_drop(en, drop_id, unit, ret_unit, e);
    }
    if (store_drop(en->store, drop_id, &ret_unit->drop))
        bug("job %lld belongs to no drop", (long long)job.id);
    ret_unit->jobs = mem_grow(NULL, 1, sizeof(*ret_unit->jobs));
    ret_unit->jobs[0] = job;
    ret_unit->jobs_n = 1;
    return 0;
}

void bundles_offer(struct engine *en, const struct job_row *job)
{
    struct unit u;
    struct err e = {0};
    cJSON *said = cJSON_CreateArray(); /* nobody has asked */
    if (unit_of_job(en, job->drop_id, job->unit, job->key, &u, &e) ||
        bundles_begin(en, &u, job, NULL, false, said, &e))
        engine_say(en, "error", "no bundle can be made for %s: %s", job->title, e.text);
    cJSON_Delete(said);
    unit_finish(&u);
}

/* --- recovering --- */

static const struct job_row *job_keyed(const struct unit *u, const char *key)
{
    for (size_t i = 0; key && i < u->jobs_n; i++)
        if (str_eq(u->jobs[i].key, key))
            return &u->jobs[i];
    return NULL;
}

/* Begun anew: what it holds may have changed since, and then it is another bundle. */
static void carry_on(struct engine *en, const struct bundle_row *row, const cJSON *wish)
{
    struct unit u;
    struct err e = {0};
    cJSON *said = cJSON_CreateArray();
    char *record = outgoing_record(en, row->name, row->token);
    bool zip = json_bool(wish, "zip", false);
    int rc = outgoing_row(en, row->id, record, &e); /* the folder is whole, or the wish goes */
    if (!rc && (zip || !record)) {
        const char *key = json_str(wish, "job", NULL);
        rc = unit_of_job(en, row->drop_id, row->unit, key, &u, &e);
        if (!rc)
            rc = bundles_begin(en, &u, job_keyed(&u, key), row->target, zip, said, &e);
        unit_finish(&u);
    }
    if (rc)
        engine_say(en, "error", "the bundle %s was not finished: %s", row->name, e.text);
    free(record);
    cJSON_Delete(said);
}

void bundles_recover(struct engine *en)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    if (store_bundles(en->store, true, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON *doc = NULL;
        const cJSON *wish = outgoing_wish_of(&rows[i], &doc);
        if (wish)
            carry_on(en, &rows[i], wish);
        cJSON_Delete(doc);
        bundle_row_finish(&rows[i]);
    }
    free(rows);
}
