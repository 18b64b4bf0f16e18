/* Entries that are queued come in; a worker lists or unpacks them, a few at a time, and its answer
 * is read as a listing. Never opens what was dropped in this process. */
/* SPDX-License-Identifier: ISC */
#include "engine/arrivals.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define LOOK_TIMEOUT_MS 300000
#define STRIKES_MAX     3

struct listing_limits arrival_limits(const struct rules *rules)
{
    const double mib = 1024 * 1024;
    return (struct listing_limits){
        .file_len = (uint64_t)(rules_policy_num(rules, "/intake/limits/file_mib") * mib),
        .json_len = (uint64_t)(rules_policy_num(rules, "/intake/limits/json_mib") * mib),
        .total_len = (uint64_t)(rules_policy_num(rules, "/intake/limits/total_mib") * mib),
        .entries = (size_t)rules_policy_num(rules, "/intake/limits/entries"),
        .depth = (int)rules_policy_num(rules, "/intake/limits/depth"),
    };
}

static cJSON *limits_json(const struct listing_limits *limits)
{
    cJSON *tree = cJSON_CreateObject();
    json_set_num(tree, "file_len", (double)limits->file_len);
    json_set_num(tree, "json_len", (double)limits->json_len);
    json_set_num(tree, "total_len", (double)limits->total_len);
    json_set_num(tree, "entries", (double)limits->entries);
    json_set_num(tree, "depth", limits->depth);
    return tree;
}

static void ask_worker(struct engine *en, struct arrival *a)
{
    struct request r = {
        .id = ++en->next_request, .by = CARRY_WORKER, .timeout_ms = LOOK_TIMEOUT_MS};
    cJSON *params = cJSON_CreateObject(), *in = cJSON_CreateArray();
    r.line = cJSON_CreateObject();
    json_set_str(r.line, "op", a->unpack ? "unpack" : "survey");
    if (a->unpack) {
        char *to = path_join(a->staged, a->inner), *archive = path_join(en->places.inbox, a->name);
        cJSON *item = cJSON_CreateObject();
        (void)file_make_dirs(to, NULL); /* the worker says what is wrong with it */
        json_set_str(params, "to", to);
        json_set_str(item, "name", "archive");
        json_set_str(item, "path", archive);
        cJSON_AddItemToArray(in, item);
        free(to);
        free(archive);
    } else {
        json_set_str(params, "dir", a->dir);
        json_set_str(params, "name", a->inner);
        struct listing_limits limits = arrival_limits(en->rules);
        json_set(params, "limits", limits_json(&limits));
    }
    json_set(r.line, "params", params);
    json_set(r.line, "in", in);
    json_set(r.line, "out", cJSON_CreateArray());
    a->request_id = r.id;
    a->look = a->unpack ? LOOK_UNPACK : LOOK_SURVEY;
    workers_ask(en->workers, &r, en->now_ms);
}

int arrivals_looking(const struct engine *en)
{
    int n = 0;
    for (size_t i = 0; i < en->arrivals_n; i++)
        n += en->arrivals[i]->look == LOOK_SURVEY || en->arrivals[i]->look == LOOK_UNPACK;
    return n;
}

void arrivals_start(struct engine *en)
{
    for (size_t i = 0; i < en->arrivals_n && arrivals_looking(en) < LOOKS_AT_ONCE; i++)
        if (en->arrivals[i]->look == LOOK_QUEUED)
            ask_worker(en, en->arrivals[i]);
}

/* An archive that holds one folder and nothing else means that folder. */
static void step_into_only_folder(struct arrival *a)
{
    char *dir = path_join(a->dir, a->inner), only[256] = "";
    struct stat st;
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..")) {
            n++;
            snprintf(only, sizeof(only), "%s", entry->d_name);
        }
    if (d)
        closedir(d);
    char *inner = path_join(dir, only);
    if (n == 1 && lstat(inner, &st) == 0 && S_ISDIR(st.st_mode)) {
        free(a->dir);
        free(a->inner);
        a->dir = mem_dup(dir);
        a->inner = mem_dup(only);
    }
    free(inner);
    free(dir);
}

static void look_failed(struct engine *en, struct arrival *a, const char *class,
                        const char *sentence)
{
    bool input = str_eq(class, "limit") || str_eq(class, "input") || str_eq(class, "unsupported") ||
                 str_eq(class, "path") || str_eq(class, "kind");
    int64_t again;
    if (str_eq(class, "missing")) { /* renamed just now, and perhaps back in a moment */
        arrivals_unread(en, a->name);
        arrival_forget(en, a->name);
    } else if (input || ++a->strikes >= STRIKES_MAX) {
        arrival_refuse(en, a,
                       a->unpack                ? "ARCHIVE_BAD"
                       : str_eq(class, "limit") ? "FOLDER_SIZE"
                                                : "UNREADABLE",
                       sentence, "mend what is named and drop it again", &again);
    } else {
        a->look = LOOK_NONE;
        arrivals_unread(en, a->name);
    }
}

static void look_answered(struct engine *en, struct arrival *a, const struct response *response)
{
    const cJSON *body = response->body;
    int64_t again = 0;
    if (a->stale) {
        arrival_anew(en, a);
        arrivals_unread(en, a->name);
    } else if (response->kind != RESPONSE_ANSWERED) {
        look_failed(en, a, "died", response->error);
    } else if (!json_bool(body, "ok", false)) {
        look_failed(en, a, json_str(body, "class", "bug"),
                    json_str(body, "error", "no reason was given"));
    } else if (a->look == LOOK_UNPACK) {
        step_into_only_folder(a);
        a->unpack = false;
        a->look = LOOK_QUEUED;
    } else {
        struct listing *listing = NULL;
        struct err e = {0};
        char *name = mem_dup(a->name);
        a->look = a->waiting_since_ms ? LOOK_WAITING : LOOK_NONE;
        if (listing_from_json(json_get(body, "facts"), &listing, &e))
            look_failed(en, a, "died", e.text);
        else if (arrival_read(en, a, listing, &again) == WATCH_WAIT && again)
            watch_again(en->watch, name, again);
        free(name);
    }
}

bool arrivals_answer(struct engine *en, struct response *response)
{
    for (size_t i = 0; i < en->arrivals_n; i++) {
        struct arrival *a = en->arrivals[i];
        if (a->request_id != response->id || (a->look != LOOK_SURVEY && a->look != LOOK_UNPACK))
            continue;
        look_answered(en, a, response);
        return true;
    }
    return false;
}
