/* A model's name comes in; its row in a provider's file goes out, and what there is to say about
 * it. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define PRICE_HOLDS_S (366 * 86400) /* then a person is asked to look */

static void day_of(int64_t now_s, char out[11])
{
    time_t at = (time_t)now_s;
    struct tm tm;
    gmtime_r(&at, &tm);
    if (!strftime(out, 11, "%Y-%m-%d", &tm))
        out[0] = '\0';
}

/* Dates are written so that the order of texts is that of days. */
static bool is_retired(const cJSON *row, int64_t now_s)
{
    const char *date = json_str(row, "retires", NULL);
    char today[11];
    if (!date)
        return false;
    day_of(now_s, today);
    return strcmp(date, today) <= 0;
}

const cJSON *model_row(const cJSON *file, const char *model, int64_t now_s, const char **ret_id)
{
    const cJSON *models = json_get(file, "models");
    const cJSON *row = model ? cJSON_GetObjectItemCaseSensitive(models, model) : NULL;
    for (int hops = 0; row && hops < 4 && is_retired(row, now_s); hops++) {
        const char *alias = json_str(row, "alias", NULL);
        const cJSON *next = alias ? cJSON_GetObjectItemCaseSensitive(models, alias) : NULL;
        if (!next)
            break;
        row = next;
    }
    if (!row)
        row = cJSON_GetObjectItemCaseSensitive(models, "*");
    *ret_id = json_str(row, "id", model);
    return row;
}

char *provider_model_note(const struct rules *rules, const char *engine, const char *model,
                          int64_t now_s)
{
    char *name = mem_printf("providers/%s", engine);
    const cJSON *file = rules_get(rules, name), *models = json_get(file, "models");
    const cJSON *row = model ? cJSON_GetObjectItemCaseSensitive(models, model) : NULL;
    const char *alias = json_str(row, "alias", NULL);
    mem_free(name);
    if (!models || !model)
        return NULL;
    if (!row && !json_get(models, "*"))
        return mem_printf("%s is not a model of rules/providers/%s.json", model, engine);
    if (!row || !is_retired(row, now_s))
        return NULL;
    if (alias)
        return mem_printf("%s was retired on %s; %s takes its place", model,
                          json_str(row, "retires", ""), alias);
    return mem_printf("%s was retired on %s, and rules/providers/%s.json names none in its place",
                      model, json_str(row, "retires", ""), engine);
}

char *provider_price_note(const struct rules *rules, const char *engine, const char *model,
                          const char *op, int64_t now_s)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine);
    const cJSON *own = json_get(json_get(json_get(file, "models"), model), "price");
    const cJSON *act = json_get(json_get(json_get(file, "ops"), op), "price");
    const cJSON *price = own ? own : act ? act : json_get(file, "price");
    const char *date = json_str(price, "as_of", NULL);
    char today[11], long_ago[11];
    day_of(now_s, today);
    day_of(now_s - PRICE_HOLDS_S, long_ago);
    if (date && strcmp(date, today) > 0)
        return mem_printf("its price is of %s, a day to come", date);
    if (date && strcmp(date, long_ago) < 0)
        return mem_printf("its price is of %s, more than a year ago", date);
    return NULL;
}

const cJSON *provider_model_limits(const struct rules *rules, const char *engine, const char *model,
                                   int64_t now_s, const char **ret_id)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine);
    const cJSON *row = file && model ? model_row(file, model, now_s, ret_id) : NULL;
    return json_get(row, "limits");
}
