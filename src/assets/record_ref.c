/* One reference of a template comes in, the value it stands for goes out. */
/* SPDX-License-Identifier: ISC */
#include "assets/record_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

char *record_relative(const char *base, const char *path)
{
    size_t shared = 0;
    struct buf out;
    for (size_t i = 0; base[i] && base[i] == path[i]; i++)
        if (base[i] == '/')
            shared = i + 1;
    size_t len = strlen(base);
    if (len && strncmp(base, path, len) == 0 && path[len] == '/')
        return mem_dup(path + len + 1);
    buf_init(&out, 65536);
    for (const char *at = base + shared; *at;) {
        buf_text(&out, "../");
        at += strcspn(at, "/");
        at += *at == '/';
    }
    buf_text(&out, path + shared);
    return buf_take(&out);
}

static cJSON *text_or_null(const char *text)
{
    return text ? cJSON_CreateString(text) : cJSON_CreateNull();
}

static cJSON *instant(const cJSON *ref, int64_t at_s)
{
    char text[CLOCK_TEXT_LEN];
    const char *form = json_str(ref, "form", NULL);
    if (!at_s)
        return NULL;
    if (form)
        clock_local(at_s, form, text);
    else
        clock_iso(at_s, text);
    return cJSON_CreateString(text);
}

int ref_of_drop(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    const char *name = json_str(ref, "@", "");
    const struct drop_row *drop = w->source->drop;
    if (str_eq(name, "now"))
        *ret_value = instant(ref, w->source->now_s);
    else if (str_eq(name, "created"))
        *ret_value = instant(ref, drop->created_s);
    else
        *ret_value =
            cJSON_CreateString(str_eq(name, "drop") ? drop->name : drop_state_word(drop->state));
    if (!*ret_value)
        *ret_value = cJSON_CreateNull();
    return 0;
}

/* The job's state in the document's own words: exact, else "done" for what was kept, else "*". */
static cJSON *state_word(const struct job_row *job, const cJSON *ref)
{
    const cJSON *words = json_get(ref, "words");
    const char *word = job_state_word(job->state);
    if (!words)
        return cJSON_CreateString(word);
    const char *found = json_str(words, word, NULL);
    if (!found && job->state == JOB_KEPT)
        found = json_str(words, "done", NULL);
    return cJSON_CreateString(found ? found : json_str(words, "*", word));
}

/* Borrowed until another job's text is asked for. */
static const cJSON *member_of(struct record_tree *seen, const char *text, const char *name)
{
    if (text && seen->text != text) {
        cJSON_Delete(seen->tree);
        *seen = (struct record_tree){text, cJSON_Parse(text)};
    }
    return text ? json_get(seen->tree, name) : NULL;
}

static cJSON *copy_of(const cJSON *member)
{
    return member ? cJSON_Duplicate(member, true) : NULL;
}

double record_fact_number(struct record_walk *w, const struct job_row *job, const char *name)
{
    const cJSON *fact = member_of(&w->seen->facts, job->facts, name);
    return cJSON_IsNumber(fact) ? fact->valuedouble : 0;
}

/* Facts of the job itself, and what gates said about it; NULL when there is nothing yet. *ret_known
 * false: no such name. */
static cJSON *of_job(struct record_walk *w, const struct job_row *job, const cJSON *said,
                     const cJSON *ref, const char *name, bool *ret_known)
{
    const char *member = json_str(ref, "name", "");
    const struct {
        const char *name, *text;
    } texts[] = {{"prompt", job->prompt}, {"negative", job->negative},
                 {"engine", job->engine}, {"model", job->model},
                 {"op", job->op},         {"title", job->title},
                 {"key", job->key},       {"hash", job->hash},
                 {"error", job->error}};
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"attempts", job->attempts},
                   {"cost", job->cost},
                   {"seconds", (double)job->duration_ms / 1000}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (str_eq(texts[i].name, name))
            return texts[i].text ? text_or_null(texts[i].text) : NULL;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (str_eq(numbers[i].name, name))
            return cJSON_CreateNumber(numbers[i].value);
    if (str_eq(name, "state"))
        return state_word(job, ref);
    if (str_eq(name, "meta"))
        return copy_of(member_of(&w->seen->meta, job->meta, member));
    if (str_eq(name, "fact"))
        return copy_of(member_of(&w->seen->facts, job->facts, member));
    if (str_eq(name, "started"))
        return instant(ref, job->started_s);
    if (str_eq(name, "completed"))
        return instant(ref, job->completed_s);
    if (str_eq(name, "preview"))
        return cJSON_CreateBool(job->preview);
    if (str_eq(name, "gates"))
        return said ? cJSON_Duplicate(said, true) : NULL;
    *ret_known = false;
    return NULL;
}

/* Facts of the file it made; NULL when there is none yet. */
static cJSON *of_asset(const struct record_walk *w, const struct asset_row *a, const char *name,
                       bool *ret_known)
{
    if (str_eq(name, "path") && a) {
        char *path = record_relative(w->base, a->path);
        cJSON *value = cJSON_CreateString(path);
        free(path);
        return value;
    }
    if (str_eq(name, "path") || str_eq(name, "sha256"))
        return a ? cJSON_CreateString(a->sha256) : NULL;
    if (str_eq(name, "bytes"))
        return a ? cJSON_CreateNumber((double)a->bytes) : NULL;
    if (str_eq(name, "width"))
        return a ? cJSON_CreateNumber(a->width) : NULL;
    if (str_eq(name, "height"))
        return a ? cJSON_CreateNumber(a->height) : NULL;
    *ret_known = false;
    return NULL;
}

int ref_of_job(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    const char *name = json_str(ref, "@", ""), *key = json_str(ref, "job", NULL);
    const struct job_row *job = record_job(w, key);
    bool known = true;
    if (!job)
        return err_set(w->e, ERR_INPUT,
                       "the document asks for %s of a job the plan does not have: %s", name,
                       key ? key : "(none named)");
    cJSON *value =
        of_job(w, job, json_get(json_get(w->source->gates, "jobs"), job->key), ref, name, &known);
    if (!known) {
        known = true;
        const char *role = json_str(ref, "role", NULL);
        bool made = job->state == JOB_DONE || job->state == JOB_KEPT;
        value = of_asset(w, made ? record_asset(w, job, role) : NULL, name, &known);
    }
    if (!known)
        return err_set(w->e, ERR_INPUT,
                       "the document asks a job for something it does not have: %s", name);
    if (!value)
        value = json_get(ref, "else") ? cJSON_Duplicate(json_get(ref, "else"), true)
                                      : cJSON_CreateNull();
    *ret_value = value;
    return 0;
}
