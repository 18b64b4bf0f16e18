/* The table of providers, and what their values own. */
/* SPDX-License-Identifier: ISC */
#include "providers/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static const char *const class_words[] = {
#define X(class, word) word,
    OUTCOME_CLASS_LIST(X)
#undef X
};

const char *outcome_class_word(enum outcome_class c)
{
    return class_words[c];
}

enum outcome_class outcome_class_of_word(const char *word)
{
    int c = 0;
    while (c < OUTCOME_CLASSES_N && !str_eq(class_words[c], word))
        c++;
    return (enum outcome_class)c;
}

const struct provider *provider_find(const struct rules *rules, const char *engine, const char *op)
{
    const cJSON *file, *steps;
    if (str_eq(op, "http.fetch"))
        return &provider_fetch;
    if (str_eq(engine, "local"))
        return &provider_local;
    file = json_get(rules_kind(rules, "providers"), engine);
    if (str_eq(json_str(file, "carrier", ""), "browser"))
        return &provider_sop;
    steps = json_get(file, "steps");
    if (!steps)
        return NULL;
    return json_get(steps, "lookup") ? &provider_http : &provider_http_blind;
}

static void files_free(struct job_file *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].name);
        free(list[i].path);
    }
    free(list);
}

void job_files_finish(struct job_files *f)
{
    files_free(f->in, f->in_n);
    files_free(f->out, f->out_n);
    memset(f, 0, sizeof(*f));
}

void outcome_finish(struct outcome *o)
{
    for (size_t i = 0; i < o->made_n; i++) {
        free(o->made[i].role);
        free(o->made[i].path);
        free(o->made[i].media);
        cJSON_Delete(o->made[i].look);
        cJSON_Delete(o->made[i].verdict);
    }
    free(o->made);
    free(o->error);
    free(o->cure);
    free(o->memo);
    free(o->remote);
    free(o->progress);
    cJSON_Delete(o->facts);
    memset(o, 0, sizeof(*o));
}
