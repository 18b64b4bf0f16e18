/* Where a site's files and the lists of steps in them lie, and the frames that point at them. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

const cJSON *sop_file(const struct rules *rules, const char *site, const char *name)
{
    char *path = mem_printf("sops/%s/%s", site, name);
    const cJSON *tree = rules_get(rules, path);
    free(path);
    return tree;
}

const cJSON *sop_site(const struct rules *rules, const char *site)
{
    return sop_file(rules, site, "site");
}

const cJSON *sop_at(const struct rules *rules, const char *site, const char *at)
{
    const char *hash = strchr(at, '#');
    char *file = mem_dup_n(at, (size_t)(hash - at));
    const cJSON *tree = sop_file(rules, site, file);
    free(file);
    return tree ? json_get(tree, hash + 1) : NULL;
}

char *sop_procedure(const struct rules *rules, const char *site, const char *sop, const char *name)
{
    const char *files[] = {sop, "procedures"};
    for (size_t i = 0; i < 2; i++) {
        char *at = mem_printf("%s#/procedures/%s/steps", files[i], name);
        if (sop_at(rules, site, at))
            return at;
        free(at);
    }
    return NULL;
}

static bool makes(const cJSON *tree, const char *op)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(tree, "ops"))
    {
        if (cJSON_IsString(one) && str_eq(one->valuestring, op))
            return true;
    }
    return false;
}

const char *sop_for_op(const struct rules *rules, const char *site, const char *op)
{
    const cJSON *tree;
    size_t len = strlen(site);
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        if (strncmp(tree->string, site, len) == 0 && tree->string[len] == '/' && makes(tree, op))
            return tree->string + len + 1;
    }
    return NULL;
}

/* --- frames --- */

cJSON *sop_top(const cJSON *state)
{
    const cJSON *frames = json_get(state, "frames");
    int n = cJSON_GetArraySize(frames);
    return n ? cJSON_GetArrayItem(frames, n - 1) : NULL;
}

const cJSON *sop_steps(const struct rules *rules, const cJSON *state, const cJSON *frame)
{
    return sop_at(rules, json_str(state, "site", ""), json_str(frame, "at", "#"));
}

void sop_push(cJSON *state, const char *at, const char *kind, cJSON *takes_with)
{
    cJSON *frame = cJSON_CreateObject();
    json_set_str(frame, "at", at);
    json_set_num(frame, "i", 0);
    json_set_str(frame, "kind", kind);
    json_set_str(frame, "phase", "start");
    if (takes_with)
        json_set(frame, "with", takes_with);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(state, "frames"), frame);
}

void sop_pop(cJSON *state)
{
    cJSON *frames = cJSON_GetObjectItemCaseSensitive(state, "frames");
    cJSON_DeleteItemFromArray(frames, cJSON_GetArraySize(frames) - 1);
}

void sop_restart(cJSON *state)
{
    char *at = mem_printf("%s#/steps", json_str(state, "sop", ""));
    json_set(state, "frames", cJSON_CreateArray());
    sop_push(state, at, "steps", NULL);
    json_set_num(sop_top(state), "i", json_num(state, "restart_at", 0));
    free(at);
}

int sop_step_index(const cJSON *steps, const char *name)
{
    const cJSON *step;
    int i = 0;
    cJSON_ArrayForEach(step, steps)
    {
        if (str_eq(json_str(step, "name", ""), name))
            return i;
        i++;
    }
    return -1;
}

/* --- beginning --- */

/* Wishes over defaults; "choose" sets more by what they are. */
static void fill_vars(const struct rules *rules, cJSON *state, const cJSON *tree, cJSON *wishes)
{
    const cJSON *one, *member;
    cJSON *vars = cJSON_Duplicate(json_get(tree, "defaults"), true);
    json_set(state, "vars", vars ? vars : cJSON_CreateObject());
    cJSON_ArrayForEach(member, wishes)
        sop_remember(state, member->string, cJSON_Duplicate(member, true));
    cJSON_ArrayForEach(one, json_get(tree, "choose"))
    {
        if (sop_decide(rules, state, json_get(one, "if")) != 1)
            continue;
        cJSON_ArrayForEach(member, json_get(one, "set"))
        {
            if (!json_get(wishes, member->string))
                sop_remember(state, member->string, cJSON_Duplicate(member, true));
        }
    }
}

static int check_needs(const cJSON *tree, const cJSON *vars, const char *name, struct err *e)
{
    const cJSON *need;
    cJSON_ArrayForEach(need, json_get(tree, "needs"))
    {
        if (!*json_str(vars, need->valuestring, ""))
            return err_set(e, ERR_INPUT, "the procedure %s needs %s (%s), and the order gives none",
                           name, need->valuestring,
                           json_str(json_get(tree, "takes"), need->valuestring, "a wish"));
    }
    return 0;
}

int sop_begin(const struct rules *rules, const char *site, const char *name, cJSON *takes_vars,
              cJSON **ret_state, struct err *e)
{
    const cJSON *tree = sop_file(rules, site, name);
    cJSON *state = NULL;
    int rc =
        tree && sop_site(rules, site) && json_get(tree, "steps")
            ? 0
            : err_set(e, ERR_MISSING, "there is no procedure rules/sops/%s/%s.json", site, name);
    if (!rc) {
        state = cJSON_CreateObject();
        json_set_str(state, "site", site);
        json_set_str(state, "sop", name);
        json_set_num(state, "tries", 0);
        json_set_bool(state, "open", false);
        fill_vars(rules, state, tree, takes_vars);
        sop_restart(state);
        rc = check_needs(tree, json_get(state, "vars"), name, e);
    }
    cJSON_Delete(takes_vars);
    if (rc)
        cJSON_Delete(state);
    else
        *ret_state = state;
    return rc;
}
