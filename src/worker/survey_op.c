/* Survey: a folder and an entry's name come in, the listing of what lies in it goes out as facts.
 * Makes no file. */
/* SPDX-License-Identifier: ISC */
#include "intake/listing.h"

#include "base/json.h"
#include "ops/ops.h"

/* Takes one limit from the request; a number that is no limit at all is refused. */
static int limit_take(const cJSON *limits, const char *name, uint64_t *value, struct err *e)
{
    const cJSON *v = json_get(limits, name);
    if (!v)
        return 0;
    if (!cJSON_IsNumber(v) || v->valuedouble < 1 || v->valuedouble > 9007199254740991.0)
        return err_set(e, ERR_INPUT, "survey: the limit \"%s\" is not a number above 0", name);
    *value = (uint64_t)v->valuedouble;
    return 0;
}

static int limits_take(const cJSON *limits, struct listing_limits *l, struct err *e)
{
    uint64_t entries = l->entries, depth = (uint64_t)l->depth;
    int r = 0;
    if (!limits)
        return 0;
    if ((r = limit_take(limits, "file_len", &l->file_len, e)) ||
        (r = limit_take(limits, "json_len", &l->json_len, e)) ||
        (r = limit_take(limits, "total_len", &l->total_len, e)) ||
        (r = limit_take(limits, "entries", &entries, e)) ||
        (r = limit_take(limits, "depth", &depth, e)))
        return r;
    l->entries = (size_t)entries;
    l->depth = depth > 1000 ? 1000 : (int)depth;
    return 0;
}

int op_survey(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct listing_limits limits = listing_limits_default;
    struct listing *listing = NULL;
    const char *dir = json_str(request->params, "dir", NULL);
    const char *name = json_str(request->params, "name", NULL);
    if (!dir || dir[0] != '/' || !name || !name[0])
        return err_set(e, ERR_INPUT, "survey: needs an absolute \"dir\" and a \"name\"");
    int r = limits_take(json_get(request->params, "limits"), &limits, e);
    if (r == 0)
        r = listing_make(dir, name, &limits, &listing, e);
    if (r)
        return r;
    cJSON *tree = listing_to_json(listing), *member;
    while ((member = tree->child))
        json_set(ret_facts, member->string, cJSON_DetachItemViaPointer(tree, member));
    cJSON_Delete(tree);
    listing_free(listing);
    return 0;
}
