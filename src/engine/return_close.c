/* A return that was placed comes in; what was open about its shot is closed: the flag, the bundle
 * that was out. What was mended, and how, is kept to learn from. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/returns.h"
#include "manual/target.h"

static const char *fix_type(struct engine *en, const struct return_row *row, const cJSON *body,
                            struct bundle_row *ret_bundle)
{
    const char *name = json_str(body, "bundle", NULL), *mark = json_str(body, "mark", "");
    int rc = name    ? store_bundle_named(en->store, name, ret_bundle)
             : *mark ? store_bundle_marked(en->store, mark, ret_bundle)
                     : ERR_MISSING;
    if (rc) { /* the newest that is out for the shot */
        struct bundle_row *rows = NULL;
        size_t n = 0;
        if (store_bundles(en->store, true, &rows, &n))
            n = 0;
        for (size_t i = n; i-- > 0;) {
            if (rc && str_eq(rows[i].unit, row->unit) && rows[i].drop_id == row->drop_id) {
                *ret_bundle = rows[i];
                rc = 0;
            } else {
                bundle_row_finish(&rows[i]);
            }
        }
        free(rows);
    }
    if (rc)
        return "unknown";
    cJSON *doc = cJSON_Parse(ret_bundle->body);
    bool edited = json_bool(doc, "prompt_edited", false);
    bool switched = json_bool(doc, "model_changed", false);
    cJSON_Delete(doc);
    return edited ? "prompt_edit" : switched ? "model_switch" : "manual_intervention";
}

static int close_open(struct engine *en, const struct return_row *row, const cJSON *body,
                      struct err *e)
{
    struct escalation_row flag = {0};
    struct bundle_row bundle = {0};
    struct job_row job = {0};
    const char *fix = fix_type(en, row, body, &bundle);
    bool open = store_escalation(en->store, row->drop_id, row->unit, &flag) == 0;
    int64_t since = open ? flag.at_s : bundle.id ? bundle.at_s : 0;
    (void)store_job(en->store, row->job_id, &job); /* its prompt only */
    cJSON *meta = cJSON_Parse(job.meta ? job.meta : "{}");
    struct fix_row f = {.return_id = row->id,
                        .drop_id = row->drop_id,
                        .at_s = en->now_s,
                        .unit = row->unit,
                        .tag = row->tag,
                        .fix = (char *)fix,
                        .model = bundle.target ? bundle.target : job.model,
                        .note = flag.note,
                        .auto_tagged = row->tag != NULL,
                        .shot_type =
                            (char *)json_str(meta, "shot_type", json_str(meta, "variant", NULL)),
                        .prompt_words = words_count(job.prompt),
                        .minutes = since ? (int)((en->now_s - since) / 60) : 0};
    int rc = store_add_fix(en->store, &f, e);
    if (!rc && open) {
        flag.resolved_s = en->now_s;
        rc = store_set_escalation(en->store, &flag, e);
    }
    if (!rc && bundle.id && !bundle.back_s)
        rc = store_set_bundle_back(en->store, bundle.id, en->now_s, e);
    cJSON_Delete(meta);
    job_row_finish(&job);
    escalation_row_finish(&flag);
    bundle_row_finish(&bundle);
    return rc;
}

bool return_is_text(const cJSON *body)
{
    return str_eq(json_str(body, "media", ""), "json");
}

/* A text mends no picture: only its bundle is back. */
static int close_text(struct engine *en, const cJSON *body, struct err *e)
{
    struct bundle_row bundle = {0};
    int rc = 0;
    if (store_bundle_named(en->store, json_str(body, "bundle", ""), &bundle) == 0 && !bundle.back_s)
        rc = store_set_bundle_back(en->store, bundle.id, en->now_s, e);
    bundle_row_finish(&bundle);
    return rc;
}

int return_close(struct engine *en, const struct return_row *row, const cJSON *body, struct err *e)
{
    return return_is_text(body) ? close_text(en, body, e) : close_open(en, row, body, e);
}
