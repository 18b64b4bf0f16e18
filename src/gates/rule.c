/* An engine and an op come in, the checks that hold for them go out: the common ones, with the
 * kind's own members laid over. */
/* SPDX-License-Identifier: ISC */
#include "gates/gates.h"

#include "base/json.h"

static void lay_over(cJSON *rule, const cJSON *own)
{
    const cJSON *check, *member;
    cJSON_ArrayForEach(check, own)
    {
        cJSON *to = cJSON_GetObjectItemCaseSensitive(rule, check->string);
        if (!cJSON_IsObject(check) || !to)
            continue;
        cJSON_ArrayForEach(member, check)
            json_set(to, member->string, cJSON_Duplicate(member, true));
    }
}

static bool off(const cJSON *rule, const char **ret_why)
{
    if (json_bool(rule, "on", true))
        return false;
    *ret_why = json_str(rule, "why", "its rule is switched off");
    return true;
}

cJSON *gates_rule(const struct rules *rules, const char *engine, const char *op,
                  const char **ret_why)
{
    const cJSON *file = rules_get(rules, "gates/local");
    const cJSON *own = json_get(json_get(file, "kinds"), op);
    *ret_why = NULL;
    if (!file || off(file, ret_why) || off(json_get(json_get(file, "engines"), engine), ret_why) ||
        off(own, ret_why))
        return NULL;
    cJSON *rule = cJSON_Duplicate(json_get(file, "checks"), true);
    lay_over(rule, own);
    return rule;
}

bool gates_wants_inputs(const cJSON *rule)
{
    const cJSON *unchanged = json_get(rule, "unchanged");
    return unchanged && json_bool(unchanged, "on", true);
}
