/* Words of a person come in: shots, episodes, drops, or all that are escalated; a bundle for each
 * goes out. Knows nothing of what a bundle holds. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/bundles.h"
#include "engine/chosen.h"
#include "engine/manual.h"
#include "engine/words.h"
#include "manual/target.h"

/* A text step is a unit of its own: each of a shot's that a person writes goes out by itself. */
static int begin_texts(struct engine *en, const cJSON *command, const struct unit *shot,
                       const char *name, cJSON *said, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int begun = 0, rc = store_jobs(en->store, shot->drop.id, &jobs, &n);
    for (size_t i = 0; i < n; i++) {
        struct unit u = {0};
        if (!rc && str_eq(jobs[i].unit, name) && words_is(&jobs[i]) &&
            str_eq(jobs[i].engine, "manual")) {
            rc = unit_of_job(en, shot->drop.id, name, jobs[i].key, &u, e);
            if (!rc)
                rc = bundles_begin(en, &u, &u.jobs[0], json_str(command, "model", NULL),
                                   json_bool(command, "zip", false), said, e);
            begun++;
        }
        unit_finish(&u);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    if (!rc && !begun)
        rc = err_set(e, ERR_STATE,
                     "no text of %s is asked of a person; slated enhance %s asks for one", name,
                     name);
    return rc;
}

static bool wants_text(const struct engine *en, const cJSON *command)
{
    const char *model = json_str(command, "model", NULL);
    const cJSON *target = NULL;
    return model && target_find(en->rules, model, "text", &target, NULL) == 0 &&
           str_eq(json_str(target, "kind", ""), "text");
}

/* One that cannot go out keeps no other back; its reason is said in its place. */
static void begin_each(struct engine *en, const cJSON *command, const struct chosen *c, cJSON *said,
                       int *ret_failed, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct unit u;
        int rc = unit_of_drop(en, c->drops[i], c->names[i], &u, e);
        if (!rc && wants_text(en, command))
            rc = begin_texts(en, command, &u, c->names[i], said, e);
        else if (!rc)
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
    int failed = 0, rc = units_choose(en, command, &c, e);
    if (!rc && !c.n)
        rc = err_set(e, ERR_MISSING,
                     "nothing to bundle: name a shot, an episode or a drop, or escalate one first");
    if (!rc)
        begin_each(en, command, &c, said, &failed, e);
    if (!rc && failed == (int)c.n)
        rc = e->code;
    if (!rc)
        *ret_said = json_bool(command, "json", false) ? json_compact(said) : lines_of(said);
    units_chosen_finish(&c);
    cJSON_Delete(said);
    return rc;
}
