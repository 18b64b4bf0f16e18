/* An event, what was said before and the clock come in; now, later or never goes out. */
/* SPDX-License-Identifier: ISC */
#include "news/news.h"

#include "base/json.h"
#include "base/str.h"

static const cJSON *rule_of(const cJSON *events, const char *event)
{
    return cJSON_GetObjectItemCaseSensitive(json_get(events, "events"), event);
}

enum news_when news_when(const cJSON *events, const cJSON *notifier, const char *event,
                         const char *key, const struct news_past *past, int64_t now_s,
                         int64_t *ret_at_s)
{
    const cJSON *rule = rule_of(events, event);
    int64_t least_s = json_int(rule, "least_s", 0), gap_s = json_int(notifier, "gap_s", 0);
    int64_t at_s = past->last_at_s + (least_s > gap_s ? least_s : gap_s);
    if (key && past->last_key && str_eq(key, past->last_key))
        return NEWS_NEVER;
    if (!past->last_at_s || at_s <= now_s || past->last_at_s > now_s) /* a clock that went back */
        return NEWS_NOW;
    if (str_eq(json_str(rule, "late", "wait"), "drop") && past->last_at_s + least_s > now_s)
        return NEWS_NEVER;
    *ret_at_s = at_s;
    return NEWS_LATER;
}

int news_wait_s(const cJSON *events, int try)
{
    const cJSON *waits = json_get(events, "tries_s");
    const cJSON *wait = try > 0 ? cJSON_GetArrayItem(waits, try - 1) : NULL;
    return cJSON_IsNumber(wait) ? wait->valueint : -1;
}

bool news_wanted(const cJSON *notifier, const char *event)
{
    const cJSON *list = json_get(notifier, "events"), *one;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_IsString(one) && str_eq(one->valuestring, event))
            return true;
    }
    return list == NULL || str_eq(event, "test");
}
