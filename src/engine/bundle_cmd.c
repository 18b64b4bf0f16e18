/* Words of a person come in: shots, episodes, drops, or all that are escalated; a bundle for each
 * goes out. Knows nothing of what a bundle holds. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/bundles.h"
#include "engine/manual.h"

/* Units that a word means: one, an episode's, or a drop's. Names are owned. */
struct chosen {
    char **names;
    int64_t *drops;
    size_t n;
};

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

/* One that cannot go out keeps no other back; its reason is said in its place. */
static void begin_each(struct engine *en, const cJSON *command, const struct chosen *c, cJSON *said,
                       int *ret_failed, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct unit u;
        int rc = unit_of_drop(en, c->drops[i], c->names[i], &u, e);
        if (!rc)
            rc = bundles_begin(en, &u, NULL, json_str(command, "model", NULL),
                               json_bool(command, "zip", false), said, e);
        if (rc) {
            cJSON *one = cJSON_CreateObject();
            json_set_str(one, "unit", c->names[i]);
            json_set_str(one, "error", e->text);
            cJSON_AddItemToArray(said, one);
            (*ret_failed)++;
        }
        unit_finish(&u);
    }
}

static void add_line(struct buf *out, const cJSON *one)
{
    const char *state = json_str(one, "state", "");
    const cJSON *note;
    bool fresh = str_eq(state, "new");
    if (json_get(one, "error")) {
        buf_printf(out, "%s: %s\n", json_str(one, "unit", ""), json_str(one, "error", ""));
        return;
    }
    buf_printf(out, "manual_export/%s%s%s%s%s\n", json_str(one, "bundle", ""),
               json_bool(one, "zip", false) ? ".zip" : "", fresh ? "" : " (", fresh ? "" : state,
               fresh ? "" : ")");
    cJSON_ArrayForEach(note, json_get(one, "notes"))
        buf_printf(out, "  note: %s\n", note->valuestring);
}

/* A line a bundle, those of one target together. */
static char *lines_of(const cJSON *said)
{
    struct buf out;
    const cJSON *first, *one;
    buf_init(&out, 1 << 20);
    cJSON_ArrayForEach(first, said)
    {
        const char *model = json_str(first, "model", "");
        bool told = false;
        cJSON_ArrayForEach(one, said)
        {
            if (one == first)
                break;
            told = told || str_eq(json_str(one, "model", ""), model);
        }
        for (one = told ? NULL : first; one; one = one->next)
            if (str_eq(json_str(one, "model", ""), model))
                add_line(&out, one);
    }
    char *text = buf_take(&out), *trimmed = mem_dup(str_trim(text));
    free(text);
    return trimmed;
}

int verb_bundle(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct chosen c = {0};
    cJSON *said = cJSON_CreateArray();
    const cJSON *word;
    int rc = 0, failed = 0;
    cJSON_ArrayForEach(word, json_get(command, "what"))
    {
        if (!rc)
            rc = choose_word(en, &c, word->valuestring, json_str(command, "drop", NULL), e);
    }
    if (json_bool(command, "outstanding", false))
        choose_outstanding(en, &c);
    if (!rc && !c.n)
        rc = err_set(e, ERR_MISSING,
                     "nothing to bundle: name a shot, an episode or a drop, or escalate one first");
    if (!rc)
        begin_each(en, command, &c, said, &failed, e);
    if (!rc && failed == (int)c.n)
        rc = e->code;
    if (!rc)
        *ret_said = json_bool(command, "json", false) ? json_compact(said) : lines_of(said);
    for (size_t i = 0; i < c.n; i++)
        free(c.names[i]);
    free(c.names);
    free(c.drops);
    cJSON_Delete(said);
    return rc;
}
