/* A drop comes in; what people did to its units by hand goes out as the objects that its documents
 * show: escalated or not, what went out, how it was mended. Reads the store only. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdlib.h>

#include "base/json.h"
#include "store/manual.h"

/* The unit's object, made when it is the first word about it. */
static cJSON *hand_of_unit(cJSON *hand, const char *unit)
{
    cJSON *one = cJSON_GetObjectItemCaseSensitive(hand, unit);
    if (!one) {
        one = cJSON_CreateObject();
        json_set(hand, unit, one);
    }
    return one;
}

static cJSON *list_in(cJSON *object, const char *name)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!list) {
        list = cJSON_CreateArray();
        json_set(object, name, list);
    }
    return list;
}

/* Oldest first, so that the newest escalation of a unit is the one that is told. */
static void add_escalations(struct engine *en, int64_t drop_id, cJSON *hand)
{
    struct escalation_row *rows = NULL;
    size_t n = 0;
    if (store_escalations(en->store, false, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].drop_id == drop_id) {
            cJSON *one = hand_of_unit(hand, rows[i].unit);
            json_set_bool(one, "manual_escalated", rows[i].resolved_s == 0);
            json_set_num(one, "manual_escalated_at", (double)rows[i].at_s);
            json_set_bool(one, "manual_resolved", rows[i].resolved_s != 0);
            if (rows[i].resolved_s)
                json_set_num(one, "manual_resolved_at", (double)rows[i].resolved_s);
            if (rows[i].tag)
                json_set_str(one, "manual_tag", rows[i].tag);
            if (rows[i].note)
                json_set_str(one, "manual_note", rows[i].note);
        }
        escalation_row_finish(&rows[i]);
    }
    free(rows);
}

static void add_bundles(struct engine *en, int64_t drop_id, cJSON *hand)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    if (store_bundles(en->store, false, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].drop_id == drop_id) {
            cJSON *one = cJSON_CreateObject();
            json_set_str(one, "bundle", rows[i].name);
            json_set_str(one, "model", rows[i].target);
            json_set_num(one, "at", (double)rows[i].at_s);
            cJSON_AddItemToArray(list_in(hand_of_unit(hand, rows[i].unit), "manual_exports"), one);
        }
        bundle_row_finish(&rows[i]);
    }
    free(rows);
}

static cJSON *fix_of(const struct fix_row *fix)
{
    cJSON *one = cJSON_CreateObject();
    json_set_num(one, "timestamp", (double)fix->at_s);
    json_set_str(one, "failure_type", fix->tag ? fix->tag : "unknown");
    json_set_str(one, "fix_type", fix->fix);
    json_set_str(one, "model_used", fix->model);
    json_set_bool(one, "enrichment_used", fix->enriched);
    json_set_str(one, "notes", fix->note ? fix->note : "");
    json_set_bool(one, "auto_tagged", fix->auto_tagged);
    return one;
}

static void add_fixes(struct engine *en, int64_t drop_id, cJSON *hand)
{
    struct fix_row *rows = NULL;
    size_t n = 0;
    if (store_fixes(en->store, drop_id, NULL, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON_AddItemToArray(list_in(hand_of_unit(hand, rows[i].unit), "manual_fixes"),
                             fix_of(&rows[i]));
        fix_row_finish(&rows[i]);
    }
    free(rows);
}

cJSON *hand_of_drop(struct engine *en, int64_t drop_id)
{
    cJSON *hand = cJSON_CreateObject();
    add_escalations(en, drop_id, hand);
    add_bundles(en, drop_id, hand);
    add_fixes(en, drop_id, hand);
    if (hand->child)
        return hand;
    cJSON_Delete(hand);
    return NULL;
}
