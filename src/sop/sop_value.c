/* References in steps become values. A reference is a whole string: what a person wrote into a
 * prompt is never looked into. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

/* The wishes of the innermost call, or NULL. */
static cJSON *call_wishes(const cJSON *state)
{
    const cJSON *frames = json_get(state, "frames");
    for (int i = cJSON_GetArraySize(frames); i-- > 0;) {
        cJSON *frame = cJSON_GetArrayItem(frames, i);
        if (str_eq(json_str(frame, "kind", ""), "call"))
            return cJSON_GetObjectItemCaseSensitive(frame, "with");
    }
    return NULL;
}

static const cJSON *find_plain(const cJSON *state, const char *name)
{
    const cJSON *wishes = call_wishes(state);
    const cJSON *found = wishes ? cJSON_GetObjectItemCaseSensitive(wishes, name) : NULL;
    return found ? found
                 : cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(state, "vars"),
                                                    name);
}

/* "fetched", or the member "fetched.bytes" of what was remembered. */
static const cJSON *find_name(const cJSON *state, const char *name)
{
    const char *dot = strchr(name, '.');
    if (!dot)
        return find_plain(state, name);
    char *first = mem_dup_n(name, (size_t)(dot - name));
    const cJSON *found = json_get(find_plain(state, first), dot + 1);
    free(first);
    return found;
}

void sop_remember(cJSON *state, const char *name, cJSON *takes_value)
{
    cJSON *wishes = call_wishes(state);
    if (wishes && cJSON_GetObjectItemCaseSensitive(wishes, name))
        json_set(wishes, name, cJSON_Duplicate(takes_value, true));
    json_set(cJSON_GetObjectItemCaseSensitive(state, "vars"), name, takes_value);
}

/* "header" below values, "pages.canvas" from the top of site.json. */
static const cJSON *find_value(const struct rules *rules, const cJSON *state, const char *name)
{
    const cJSON *site = sop_site(rules, json_str(state, "site", ""));
    const cJSON *found = json_get(json_get(site, "values"), name);
    const char *dot = strchr(name, '.');
    if (found)
        return found;
    if (!dot)
        return json_get(site, name);
    char *first = mem_dup_n(name, (size_t)(dot - name));
    found = json_get(json_get(site, first), dot + 1);
    free(first);
    return found;
}

static cJSON *resolve_text(const struct rules *rules, const cJSON *state, const cJSON *value)
{
    const char *text = value->valuestring;
    const cJSON *found;
    if ((text[0] != '@' && text[0] != '$') || !text[1])
        return cJSON_CreateString(text);
    if (text[0] == '$') {
        found = find_name(state, text + 1); /* a value: resolved when it was given */
        return found ? cJSON_Duplicate(found, true) : cJSON_CreateNull();
    }
    found = find_value(rules, state, text + 1);
    return found ? cJSON_Duplicate(found, true) : cJSON_CreateNull();
}

static cJSON *resolve_object(const struct rules *rules, const cJSON *state, const cJSON *value)
{
    const cJSON *base = cJSON_GetObjectItemCaseSensitive(value, "a"), *member;
    cJSON *out = base ? sop_resolve(rules, state, base) : cJSON_CreateObject();
    if (!cJSON_IsObject(out)) {
        cJSON_Delete(out);
        out = cJSON_CreateObject();
    }
    cJSON_ArrayForEach(member, value)
    {
        if (member != base)
            json_set(out, member->string, sop_resolve(rules, state, member));
    }
    return out;
}

cJSON *sop_resolve(const struct rules *rules, const cJSON *state, const cJSON *value)
{
    const cJSON *item;
    cJSON *out;
    if (!value)
        return cJSON_CreateNull();
    if (cJSON_IsString(value))
        return resolve_text(rules, state, value);
    if (cJSON_IsObject(value))
        return resolve_object(rules, state, value);
    if (!cJSON_IsArray(value))
        return cJSON_Duplicate(value, true);
    out = cJSON_CreateArray();
    cJSON_ArrayForEach(item, value) cJSON_AddItemToArray(out, sop_resolve(rules, state, item));
    return out;
}

int sop_decide(const struct rules *rules, const cJSON *state, const cJSON *condition)
{
    const cJSON *pair = json_get(condition, "is");
    cJSON *a, *b;
    int same;
    if (cJSON_GetArraySize(pair) != 2)
        return -1;
    a = sop_resolve(rules, state, cJSON_GetArrayItem(pair, 0));
    b = sop_resolve(rules, state, cJSON_GetArrayItem(pair, 1));
    same = cJSON_Compare(a, b, true);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return same;
}
