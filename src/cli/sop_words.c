/* Wishes that are no procedure's own but stand in a prompt come in (product_name, niche, scene);
 * the prompt they make goes out, in the words a plan would use. Asks nobody and sends nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/sop_run.h"
#include "plan/category.h"
#include "plan/prompt.h"

static const cJSON *rule_of(const struct sop_run *r, const cJSON *words)
{
    char *name = mem_printf("prompts/%s", words->valuestring);
    const cJSON *rule = rules_get(r->rules, name);
    free(name);
    return rule;
}

/* The template for what is wished, owned. Without wishes the one of no variant. */
static char *template_of(const struct sop_run *r, const cJSON *rule, const cJSON *wishes,
                         const cJSON *values)
{
    const char *category =
        category_detect(rules_get(r->rules, "prompts/categories"), json_str(values, "niche", ""));
    return prompt_compose(rule, json_str(wishes, "variant", NULL), category, false);
}

static bool stands_in(const char *template, const char *name)
{
    cJSON *names = prompt_names(template);
    const cJSON *one;
    bool found = false;
    cJSON_ArrayForEach(one, names) found |= str_eq(one->valuestring, name);
    cJSON_Delete(names);
    return found;
}

bool sop_words_take(const struct sop_run *r, const char *name)
{
    const cJSON *words;
    bool taken = false;
    cJSON_ArrayForEach(words, json_get(r->tree, "words"))
    {
        char *template = template_of(r, rule_of(r, words), NULL, NULL);
        taken |= stands_in(template, name) || str_eq(name, "niche");
        free(template);
    }
    return taken;
}

void sop_words_list(const struct sop_run *r)
{
    const cJSON *words, *name;
    cJSON_ArrayForEach(words, json_get(r->tree, "words"))
    {
        char *template = template_of(r, rule_of(r, words), NULL, NULL);
        cJSON *names = prompt_names(template);
        cJSON_ArrayForEach(name, names)
            fprintf(stderr, "  %-14s in place of %s: rules/prompts/%s.json\n", name->valuestring,
                    words->string, words->valuestring);
        cJSON_Delete(names);
        free(template);
    }
}

/* The rule's usual values, the niche that is meant when none is named, and what was given. */
static cJSON *values_with(const cJSON *rule, const cJSON *given)
{
    const cJSON *usual = json_get(rule, "usual"), *one;
    cJSON *values = usual ? cJSON_Duplicate(usual, true) : cJSON_CreateObject();
    json_set_str(values, "niche", NICHE_USUAL);
    cJSON_ArrayForEach(one, given) json_set(values, one->string, cJSON_Duplicate(one, true));
    return values;
}

static bool all_given(const struct sop_run *r, const cJSON *words, const char *template,
                      const cJSON *values)
{
    cJSON *names = prompt_names(template);
    const cJSON *name;
    bool good = true;
    cJSON_ArrayForEach(name, names)
    {
        if (json_get(values, name->valuestring))
            continue;
        cli_fail("%s needs %s, or %s to put it together: --set %s=... (rules/prompts/%s.json)",
                 r->name, words->string, name->valuestring, name->valuestring, words->valuestring);
        good = false;
    }
    cJSON_Delete(names);
    return good;
}

static bool fill(const struct sop_run *r, const cJSON *words, const cJSON *given, cJSON *wishes)
{
    const cJSON *rule = rule_of(r, words);
    struct err e = {0};
    char *text = NULL;
    if (json_get(rule, "variants") && json_get(json_get(r->tree, "takes"), "variant") &&
        !json_get(wishes, "variant")) {
        cli_fail("%s needs %s, or variant to put it together: --set variant=... (%s)", r->name,
                 words->string, json_str(json_get(r->tree, "takes"), "variant", ""));
        return false;
    }
    cJSON *values = values_with(rule, given);
    char *template = template_of(r, rule, wishes, values);
    bool good = all_given(r, words, template, values);
    if (good &&
        prompt_fill(template, values, (size_t)json_int(rule, "max", 1800), &text, NULL, &e)) {
        cli_fail("rules/prompts/%s.json: %s", words->valuestring, e.text);
        good = false;
    }
    if (good)
        printf("The %s, from rules/prompts/%s.json:\n\n%s\n\n", words->string, words->valuestring,
               text);
    if (good)
        json_set_str(wishes, words->string, text);
    free(text);
    free(template);
    cJSON_Delete(values);
    return good;
}

bool sop_words_fill(const struct sop_run *r, const cJSON *given, cJSON *wishes)
{
    const cJSON *words;
    bool good = true;
    cJSON_ArrayForEach(words, json_get(r->tree, "words"))
    {
        if (!json_get(wishes, words->string))
            good = fill(r, words, given, wishes) && good;
        else if (given->child) {
            cli_fail("%s is for a %s that is put together, and %s was given too",
                     given->child->string, words->string, words->string);
            good = false;
        }
    }
    return good;
}
