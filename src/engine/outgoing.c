/* A bundle on its way out comes in; its wish, what it holds and its record are stored. Writes no
 * folder. */
/* SPDX-License-Identifier: ISC */
#include "engine/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define RECORD_MAX (1024 * 1024)

void outgoing_free(struct outgoing *o)
{
    bundle_plan_finish(&o->plan);
    if (o->staged)
        (void)file_remove_tree(o->staged, NULL); /* swept at the next start */
    free(o->name);
    free(o->staged);
    free(o->record);
    free(o->before);
    free(o);
}

const cJSON *outgoing_wish_of(const struct bundle_row *row, cJSON **ret_doc)
{
    *ret_doc = cJSON_Parse(row->body);
    return json_get(*ret_doc, "wish");
}

static char *wish_text(const struct outgoing *o, const struct job_row *job)
{
    cJSON *doc = cJSON_CreateObject(), *wish = cJSON_CreateObject();
    json_set_bool(wish, "zip", o->zip);
    json_set_str(wish, "job", job ? job->key : NULL);
    json_set(doc, "wish", wish);
    char *text = json_compact(doc);
    cJSON_Delete(doc);
    return text;
}

int outgoing_wish(struct engine *en, struct outgoing *o, const struct job_row *job, struct err *e)
{
    char *text = wish_text(o, job);
    struct bundle_row row = {.drop_id = o->drop_id,
                             .at_s = en->now_s,
                             .name = o->name,
                             .unit = o->plan.unit,
                             .target = (char *)o->plan.target->string,
                             .token = o->plan.token,
                             .body = text};
    int rc = store_begin(en->store, e);
    if (!rc && o->id) /* its folder has gone, or it wants a zip: the same one again */
        rc = store_set_bundle_body(en->store, o->id, text, e);
    else if (!rc && !(rc = store_add_bundle(en->store, &row, e)))
        o->id = row.id;
    if (!rc)
        rc = store_commit(en->store, e);
    if (rc)
        store_rollback(en->store);
    free(text);
    return rc;
}

static int add_exported(struct engine *en, const struct outgoing *o, struct err *e)
{
    cJSON *doc = cJSON_Parse(o->record);
    const cJSON *one;
    char hex[DIGEST_LEN];
    digest_bytes(o->record, strlen(o->record), hex);
    int rc = store_add_exported(en->store, hex, o->id, "bundle.json", e);
    cJSON_ArrayForEach(one, json_get(doc, "files"))
    {
        if (!rc)
            rc = store_add_exported(en->store, json_str(one, "sha256", ""), o->id,
                                    json_str(one, "path", ""), e);
    }
    for (size_t i = 0; i < o->plan.pictures_n && !rc; i++)
        if (!str_starts(o->plan.pictures[i].name, "refs/"))
            rc = store_add_exported(en->store, o->plan.pictures[i].sha256, o->id,
                                    o->plan.pictures[i].name, e);
    cJSON_Delete(doc);
    return rc;
}

int outgoing_exported(struct engine *en, const struct outgoing *o, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = add_exported(en, o, e);
    if (!rc)
        rc = store_commit(en->store, e);
    if (rc)
        store_rollback(en->store);
    return rc;
}

int outgoing_row(struct engine *en, int64_t id, const char *body, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = body ? store_set_bundle_body(en->store, id, body, e)
                  : store_drop_bundle(en->store, id, e);
    if (!rc)
        rc = store_commit(en->store, e);
    if (rc)
        store_rollback(en->store);
    return rc;
}

char *outgoing_record(const struct engine *en, const char *name, const char *token)
{
    char *path = mem_printf("%s/%s/bundle.json", en->places.bundles, name), *text = NULL;
    size_t len = 0;
    if (file_read(path, RECORD_MAX, &text, &len, NULL) == 0) {
        cJSON *doc = cJSON_Parse(text);
        if (!str_eq(json_str(doc, "token", ""), token))
            mem_free(text);
        cJSON_Delete(doc);
    }
    free(path);
    return text;
}
