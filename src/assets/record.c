/* A template and rows come in, a finished document goes out. Reads no store and writes no file. */
/* SPDX-License-Identifier: ISC */
#include "assets/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assets/page.h"
#include "assets/record_priv.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* --- looking jobs up --- */

const struct job_row *record_job(const struct record_walk *w, const char *key)
{
    if (!key)
        return w->job;
    size_t n = w->source->jobs_n;
    for (size_t i = 0; i < n; i++) {
        size_t at = (w->seen->job + i) % n;
        if (!str_eq(w->source->jobs[at].key, key))
            continue;
        w->seen->job = at;
        return &w->source->jobs[at];
    }
    return NULL;
}

const struct asset_row *record_asset(const struct record_walk *w, const struct job_row *job,
                                     const char *role)
{
    return record_file(w->source, job, role);
}

const struct asset_row *record_file(const struct record_source *source, const struct job_row *job,
                                    const char *role)
{
    const struct asset_row *found = NULL;
    for (size_t i = 0; i < source->assets_n; i++) {
        const struct asset_row *a = &source->assets[i];
        if (a->job_id != job->id || (role && !str_eq(a->role, role)))
            continue;
        bool other_slot = found && !str_eq(found->slot, a->slot); /* the first of several files */
        if (!found || (!other_slot && !found->current))
            found = a; /* one that is not current any more gives way to what is newer */
    }
    return found;
}

static bool state_is(const struct job_row *job, const char *word)
{
    if (str_eq(word, "*") || str_eq(word, job_state_word(job->state)))
        return true;
    return str_eq(word, "done") && job->state == JOB_KEPT;
}

static bool state_fits(const struct job_row *job, const cJSON *state)
{
    const cJSON *word;
    if (!state)
        return true;
    if (cJSON_IsString(state))
        return state_is(job, state->valuestring);
    cJSON_ArrayForEach(word, state)
    {
        if (cJSON_IsString(word) && state_is(job, word->valuestring))
            return true;
    }
    return false;
}

/* --- lists, counts, sums --- */

struct chosen {
    const struct job_row **jobs;
    size_t n;
};

/* The jobs a list is about: those named, else all, in a state that fits. */
static int choose(struct record_walk *w, const cJSON *ref, struct chosen *ret_chosen)
{
    const cJSON *names = json_get(ref, "jobs"), *state = json_get(ref, "state"), *name;
    size_t most = names ? (size_t)cJSON_GetArraySize(names) : w->source->jobs_n;
    struct chosen c = {mem_alloc((most + 1) * sizeof(*c.jobs)), 0};
    if (!names)
        for (size_t i = 0; i < w->source->jobs_n; i++)
            if (state_fits(&w->source->jobs[i], state))
                c.jobs[c.n++] = &w->source->jobs[i];
    cJSON_ArrayForEach(name, names)
    {
        const struct job_row *job = cJSON_IsString(name) ? record_job(w, name->valuestring) : NULL;
        if (!job) {
            free(c.jobs);
            return err_set(w->e, ERR_INPUT,
                           "the document names a job that the plan does not have: %s",
                           cJSON_IsString(name) ? name->valuestring : "(no text)");
        }
        if (state_fits(job, state))
            c.jobs[c.n++] = job;
    }
    *ret_chosen = c;
    return 0;
}

static int fill_for(struct record_walk *w, const struct job_row *job, const cJSON *item,
                    cJSON **ret_value)
{
    const struct job_row *before = w->job;
    w->job = job;
    int rc = record_fill(w, item, ret_value);
    w->job = before;
    return rc;
}

static int ref_list(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    struct chosen c;
    int rc = choose(w, ref, &c);
    if (rc)
        return rc;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < c.n && !rc; i++) {
        cJSON *item = NULL;
        rc = fill_for(w, c.jobs[i], json_get(ref, "item"), &item);
        if (!rc)
            cJSON_AddItemToArray(list, item);
    }
    free(c.jobs);
    if (rc)
        cJSON_Delete(list);
    else
        *ret_value = list;
    return rc;
}

static int ref_first(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    struct chosen c;
    int rc = choose(w, ref, &c);
    if (rc)
        return rc;
    if (c.n)
        rc = fill_for(w, c.jobs[0], json_get(ref, "item"), ret_value);
    else if (json_get(ref, "else"))
        rc = record_fill(w, json_get(ref, "else"), ret_value);
    else
        *ret_value = cJSON_CreateNull();
    free(c.jobs);
    return rc;
}

static int ref_count(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    struct chosen c;
    int rc = choose(w, ref, &c);
    if (rc)
        return rc;
    *ret_value = cJSON_CreateNumber((double)c.n);
    free(c.jobs);
    return 0;
}

static int ref_sum(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    const char *of = json_str(ref, "of", "nothing");
    bool cost = str_eq(of, "cost"), fact = str_eq(of, "fact");
    struct chosen c;
    double sum = 0;
    if (!cost && !fact && !str_eq(of, "seconds"))
        return err_set(w->e, ERR_INPUT, "a document can sum cost, seconds or a fact, not %s", of);
    int rc = choose(w, ref, &c);
    if (rc)
        return rc;
    for (size_t i = 0; i < c.n; i++)
        sum += cost   ? c.jobs[i]->cost
               : fact ? record_fact_number(w, c.jobs[i], json_str(ref, "name", ""))
                      : (double)c.jobs[i]->duration_ms / 1000;
    free(c.jobs);
    *ret_value = cJSON_CreateNumber(round(sum * 1e6) / 1e6); /* sums carry noise far below */
    return 0;
}

static int ref_text(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    struct buf text;
    const cJSON *part;
    int rc = 0;
    buf_init(&text, 1024 * 1024);
    cJSON_ArrayForEach(part, json_get(ref, "parts"))
    {
        cJSON *value = NULL;
        if (rc || (rc = record_fill(w, part, &value)))
            continue;
        char *printed = cJSON_IsString(value) || cJSON_IsNull(value) ? NULL : json_compact(value);
        buf_text(&text, cJSON_IsString(value) ? value->valuestring : printed);
        free(printed);
        cJSON_Delete(value);
    }
    if (!rc)
        *ret_value = cJSON_CreateString(text.data ? text.data : "");
    buf_finish(&text);
    return rc;
}

static int ref_hand(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    const cJSON *hand = json_get(w->source->hand, json_str(ref, "unit", ""));
    const cJSON *said = json_get(json_get(w->source->gates, "units"), json_str(ref, "unit", "")),
                *one;
    cJSON *value = hand ? cJSON_Duplicate(hand, true) : cJSON_CreateObject();
    cJSON_ArrayForEach(one, said) json_set(value, one->string, cJSON_Duplicate(one, true));
    *ret_value = value;
    return 0;
}

/* --- the walk --- */

static int fill_ref(struct record_walk *w, const cJSON *ref, cJSON **ret_value)
{
    static const struct {
        const char *name;
        int (*fill)(struct record_walk *w, const cJSON *ref, cJSON **ret_value);
    } table[] = {{"list", ref_list},       {"first", ref_first},  {"count", ref_count},
                 {"sum", ref_sum},         {"text", ref_text},    {"now", ref_of_drop},
                 {"created", ref_of_drop}, {"drop", ref_of_drop}, {"drop_state", ref_of_drop},
                 {"hand", ref_hand}};
    const char *name = json_str(ref, "@", "");
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (str_eq(table[i].name, name))
            return table[i].fill(w, ref, ret_value);
    return ref_of_job(w, ref, ret_value);
}

static int fill_children(struct record_walk *w, const cJSON *from, cJSON *to)
{
    const cJSON *child;
    cJSON_ArrayForEach(child, from)
    {
        cJSON *value = NULL;
        if (child->string && str_eq(child->string, "@base"))
            continue;
        int rc = record_fill(w, child, &value);
        if (rc)
            return rc;
        if (cJSON_IsObject(to))
            cJSON_AddItemToObject(to, child->string, value);
        else
            cJSON_AddItemToArray(to, value);
    }
    return 0;
}

int record_fill(struct record_walk *w, const cJSON *template, cJSON **ret_value)
{
    if (!cJSON_IsObject(template) && !cJSON_IsArray(template)) {
        *ret_value = template ? cJSON_Duplicate(template, true) : cJSON_CreateNull();
        return 0;
    }
    if (cJSON_GetObjectItemCaseSensitive(template, "@"))
        return fill_ref(w, template, ret_value);
    cJSON *value = cJSON_IsObject(template) ? cJSON_CreateObject() : cJSON_CreateArray();
    int rc = fill_children(w, template, value);
    if (rc)
        cJSON_Delete(value);
    else
        *ret_value = value;
    return rc;
}

int record_render(const cJSON *body, const char *format, const struct record_source *source,
                  struct buf *out, struct err *e)
{
    struct record_seen seen = {0};
    struct record_walk w = {
        .source = source, .seen = &seen, .base = json_str(body, "@base", ""), .e = e};
    cJSON *value = NULL;
    int rc = record_fill(&w, body, &value);
    cJSON_Delete(seen.meta.tree);
    cJSON_Delete(seen.facts.tree);
    if (rc)
        return rc;
    if (str_eq(format, "json")) {
        char *text = json_pretty(value);
        buf_text(out, text);
        free(text);
    } else if (str_eq(format, "page")) {
        page_render(value, out);
    } else if (str_eq(format, "text")) {
        buf_text(out, json_str(value, "text", ""));
    } else {
        rc = err_set(e, ERR_INPUT, "a document cannot be written as %s", format);
    }
    cJSON_Delete(value);
    return rc;
}
