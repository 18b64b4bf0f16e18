/* A niche in a person's words comes in, a category goes out. The words are rules; here is only how
 * they are looked for. */
/* SPDX-License-Identifier: ISC */
#include "plan/category.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static bool in_pool(const cJSON *category, const char *niche)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_get(category, "pool"))
    {
        if (cJSON_IsString(entry) && str_eq_nocase(entry->valuestring, niche))
            return true;
    }
    return false;
}

/* Whether the word stands in niche where a word starts: "lamp" is found in "desk lamps", "lock" not
 * in "alarm clock". */
static bool starts_word(const char *niche, const char *word)
{
    for (const char *at = niche; (at = strstr(at, word)); at++)
        if (at == niche || !(isalnum((unsigned char)at[-1]) || (unsigned char)at[-1] >= 0x80))
            return true;
    return false;
}

static bool has_keyword(const cJSON *category, const char *niche)
{
    const cJSON *word;
    cJSON_ArrayForEach(word, json_get(category, "keywords"))
    {
        if (cJSON_IsString(word) && *word->valuestring && starts_word(niche, word->valuestring))
            return true;
    }
    return false;
}

static bool is_name(const cJSON *category, const char *niche)
{
    return str_eq(json_str(category, "name", ""), niche);
}

const char *category_detect(const cJSON *rule, const char *niche)
{
    static bool (*const tests[])(const cJSON *, const char *) = {in_pool, is_name, has_keyword};
    const char *found = json_str(rule, "fallback", "default");
    char *text = mem_dup(niche ? niche : ""), *low = str_trim(text);
    bool done = *low == 0;
    str_lower(low);
    for (size_t i = 0; !done && i < sizeof tests / sizeof *tests; i++) {
        const cJSON *category;
        cJSON_ArrayForEach(category, json_get(rule, "categories"))
        {
            if (!done && tests[i](category, low)) {
                found = json_str(category, "name", found);
                done = true;
            }
        }
    }
    free(text);
    return found;
}
