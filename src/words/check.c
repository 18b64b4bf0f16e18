/* Rules come in; shapes that cannot be checked, and names that lead nowhere, go out as faults. */
/* SPDX-License-Identifier: ISC */
#include "words/check.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "words/shape.h"

static const char answers_file[] = "prompts/answers";

static size_t check_shapes(const cJSON *answers, struct faults *faults)
{
    const cJSON *shape;
    size_t n = 0;
    cJSON_ArrayForEach(shape, answers)
    {
        char *place = mem_printf("prompts/answers.json: /answers/%s", shape->string);
        n += shape_sound(shape, place, faults);
        free(place);
    }
    return n;
}

/* The member "answer" of a file names a shape. */
static size_t check_answer(const struct rules *rules, const cJSON *answers, const char *file,
                           struct faults *faults)
{
    const char *name = json_str(rules_get(rules, file), "answer", NULL);
    if (!name || json_get(answers, name))
        return 0;
    char *place = mem_printf("%s.json: /answer", file);
    faults_add(faults, "NAME_UNKNOWN", place, name, "a member of /answers in prompts/answers.json",
               "Correct that file under rules/.");
    free(place);
    return 1;
}

static size_t check_targets(const struct rules *rules, struct faults *faults)
{
    const cJSON *known = json_get(rules_get(rules, "models/targets"), "targets"), *one;
    size_t n = 0;
    cJSON_ArrayForEach(one, json_get(rules_get(rules, "prompts/enhance"), "targets"))
    {
        if (json_get(known, one->string))
            continue;
        faults_add(faults, "NAME_UNKNOWN", "prompts/enhance.json: /targets", one->string,
                   "a target of models/targets.json", "Correct that file under rules/.");
        n++;
    }
    return n;
}

size_t words_check(const struct rules *rules, struct faults *faults)
{
    const cJSON *answers = json_get(rules_get(rules, answers_file), "answers");
    return check_shapes(answers, faults) + check_answer(rules, answers, "prompts/enhance", faults) +
           check_answer(rules, answers, "gates/vision", faults) + check_targets(rules, faults);
}
