/* Reading and changing members of a tree. Never fails: what is missing or of another type answers
 * the caller's fallback. */
/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define STEP_LEN 64 /* longer steps of a pointer are rare */

/* One step of a JSON pointer: the member of tree that the step up to the next '/' names. */
static const cJSON *step(const cJSON *tree, const char *from, size_t len)
{
    char small[STEP_LEN], *name = len < sizeof small ? small : mem_grow(NULL, len + 1, 1);
    memcpy(name, from, len);
    name[len] = '\0';
    char *to = name;
    for (const char *c = name; *c; c++) {
        bool escape = c[0] == '~' && (c[1] == '0' || c[1] == '1');
        *to++ = !escape ? c[0] : c[1] == '0' ? '~' : '/';
        c += escape;
    }
    *to = '\0';
    const cJSON *found = NULL;
    int64_t index;
    if (cJSON_IsObject(tree))
        found = cJSON_GetObjectItemCaseSensitive(tree, name);
    else if (cJSON_IsArray(tree) && str_int(name, 0, INT32_MAX, &index) == 0)
        found = cJSON_GetArrayItem(tree, (int)index);
    if (name != small)
        free(name);
    return found;
}

const cJSON *json_get(const cJSON *tree, const char *name)
{
    const cJSON *found = tree;
    if (name[0] != '/') {
        found = cJSON_IsObject(tree) ? cJSON_GetObjectItemCaseSensitive(tree, name) : NULL;
    } else {
        while (found && *name) {
            size_t len = strcspn(name + 1, "/");
            found = step(found, name + 1, len);
            name += 1 + len;
        }
    }
    return cJSON_IsNull(found) ? NULL : found;
}

const char *json_str(const cJSON *tree, const char *name, const char *fallback)
{
    const cJSON *found = json_get(tree, name);
    return cJSON_IsString(found) ? found->valuestring : fallback;
}

double json_num(const cJSON *tree, const char *name, double fallback)
{
    const cJSON *found = json_get(tree, name);
    return cJSON_IsNumber(found) ? found->valuedouble : fallback;
}

int64_t json_int(const cJSON *tree, const char *name, int64_t fallback)
{
    const cJSON *found = json_get(tree, name);
    if (!cJSON_IsNumber(found))
        return fallback;
    double value = found->valuedouble;
    /* The upper bound is 2^63 itself, which no int64_t holds. */
    bool fits =
        value == floor(value) && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
    return fits ? (int64_t)value : fallback;
}

bool json_bool(const cJSON *tree, const char *name, bool fallback)
{
    const cJSON *found = json_get(tree, name);
    return cJSON_IsBool(found) ? cJSON_IsTrue(found) : fallback;
}

void json_set(cJSON *object, const char *name, cJSON *takes_value)
{
    if (!cJSON_IsObject(object) || !takes_value)
        bug("json_set of \"%s\" on something that is no object, or without a value", name);
    bool done = cJSON_GetObjectItemCaseSensitive(object, name)
                    ? cJSON_ReplaceItemInObjectCaseSensitive(object, name, takes_value)
                    : cJSON_AddItemToObject(object, name, takes_value);
    if (!done)
        bug("json_set of \"%s\" failed", name);
}

void json_set_str(cJSON *object, const char *name, const char *text)
{
    json_set(object, name, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void json_set_num(cJSON *object, const char *name, double value)
{
    json_set(object, name, cJSON_CreateNumber(value));
}

void json_set_bool(cJSON *object, const char *name, bool value)
{
    json_set(object, name, cJSON_CreateBool(value));
}
