/* Entries of the inbox that the watcher offers come in; listings are made (small files here, the
 * rest by a worker), the intake reads them, and orders, refusals or waiting go out. Moves nothing
 * itself.
 *
 *   offered --small file--> read
 *           --folder, large file--> QUEUED --a worker is free--> SURVEY --answer--> read
 *   read --order--> take.c      --refused--> refuse.c      --not all there--> WAITING, offered
 * again
 *        --zip--> QUEUED (unpack) --> UNPACK --answer--> read what was unpacked */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/manual.h"

#define INLINE_MAX                                                                                 \
    (1024 * 1024) /* a larger file is looked at by a worker: hashing it would hold up the others   \
                   */
#define LOOK_TIMEOUT_MS 300000
#define AGAIN_MS        1000 /* between looks at an entry that waits for something */
#define FUSE_AGAIN_MS   5000
#define GONE_AGAIN_MS   200
#define STRIKES_MAX     3

enum look { LOOK_NONE, LOOK_QUEUED, LOOK_SURVEY, LOOK_UNPACK, LOOK_WAITING };

struct arrival {
    char *name;
    enum look look;
    bool unpack; /* what is queued is the unpacking */
    bool stale;  /* it has changed since the worker began to look */
    int64_t request_id;
    int64_t waiting_since_ms;
    char *staged; /* folder below .slated/staging the archive is unpacked into */
    char *dir,
        *inner; /* the entry that is read: dir/inner; differs from inbox/name for an archive */
    int strikes;
};

static struct arrival *arrival_find(struct engine *en, const char *name)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        if (str_eq(en->arrivals[i]->name, name))
            return en->arrivals[i];
    return NULL;
}

static struct arrival *arrival_get(struct engine *en, const char *name)
{
    struct arrival *a = arrival_find(en, name);
    if (a)
        return a;
    a = mem_alloc(sizeof(*a));
    a->name = mem_dup(name);
    a->dir = mem_dup(en->places.inbox);
    a->inner = mem_dup(name);
    en->arrivals = mem_grow(en->arrivals, en->arrivals_n + 1, sizeof(*en->arrivals));
    return en->arrivals[en->arrivals_n++] = a;
}

static void arrival_free(struct arrival *a)
{
    free(a->name);
    free(a->staged);
    free(a->dir);
    free(a->inner);
    free(a);
}

static void arrival_forget(struct engine *en, const char *name)
{
    for (size_t i = 0; i < en->arrivals_n; i++) {
        if (!str_eq(en->arrivals[i]->name, name))
            continue;
        arrival_free(en->arrivals[i]);
        en->arrivals[i] = en->arrivals[--en->arrivals_n];
        return;
    }
}

void arrivals_finish(struct engine *en)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        arrival_free(en->arrivals[i]);
    free(en->arrivals);
}

/* --- what the intake said --- */

static void refuse(struct engine *en, struct arrival *a, const struct faults *faults)
{
    if (a->staged)
        (void)file_remove_tree(a->staged, NULL); /* a left-over is swept at the next start */
    refuse_entry(en, a->name, faults);
    watch_took(en->watch, a->name);
    arrival_forget(en, a->name);
}

static void refuse_for(struct engine *en, struct arrival *a, const char *code, const char *found,
                       const char *cure)
{
    struct faults f = {0};
    char *shown = utf8_show(a->name);
    faults_add(&f, code, shown, found, NULL, cure);
    refuse(en, a, &f);
    faults_finish(&f);
    free(shown);
}

static void waiting_receipt(struct engine *en, const struct arrival *a,
                            const struct intake_answer *answer, int64_t limit_ms)
{
    struct buf text;
    buf_init(&text, 64 * 1024);
    if (answer->wanted_n)
        buf_printf(&text, "%d of %d files are here.\n", answer->arrived_n, answer->wanted_n);
    if (answer->percent >= 0)
        buf_printf(&text, "About %d %% has arrived.\n", answer->percent);
    for (size_t i = 0; i < answer->missing_n; i++) {
        char *shown = utf8_show(answer->missing[i]);
        buf_printf(&text, "%s %s\n", i ? "           " : "Waiting for", shown);
        free(shown);
    }
    if (answer->verdict == INTAKE_LOOSE)
        buf_text(&text, "A picture on its own: waiting for the drop that names it.\n");
    buf_printf(&text,
               "It starts by itself when it is whole; after %lld s without change it is refused.\n",
               (long long)(limit_ms / 1000));
    desk_receipt(en, a->name, "waiting", text.data);
    buf_finish(&text);
}

static void refuse_waited(struct engine *en, struct arrival *a, const struct intake_answer *answer)
{
    struct faults f = {0};
    if (answer->faults.n) {
        refuse(en, a, &answer->faults);
        return;
    }
    for (size_t i = 0; i < answer->missing_n; i++)
        faults_add(&f, "REF_MISSING", a->name, NULL, answer->missing[i],
                   "put the file where the drop names it and drop both again");
    if (!answer->missing_n)
        faults_add(&f, answer->verdict == INTAKE_LOOSE ? "KIND_UNKNOWN" : "INCOMPLETE", a->name,
                   answer->verdict == INTAKE_LOOSE ? "a picture that no drop has named"
                                                   : "an unfinished file",
                   NULL, "drop it again when it is complete, together with what belongs to it");
    refuse(en, a, &f);
    faults_finish(&f);
}

/* Empty files are often placeholders of a sync client: they may take much longer to get their
 * bytes. */
static int64_t wait_limit_ms(struct engine *en, const struct intake_answer *answer)
{
    bool empty = answer->faults.n && str_eq(answer->faults.list[0].code, "JSON_EMPTY");
    const char *pointer = empty ? "/intake/wait_empty_s" : "/intake/wait_missing_s";
    return (int64_t)rules_policy_num(en->rules, pointer) * 1000;
}

static enum watch_answer wait_more(struct engine *en, struct arrival *a,
                                   const struct intake_answer *answer, int64_t *ret_again_ms)
{
    if (a->look != LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    a->look = LOOK_WAITING;
    int64_t limit_ms = wait_limit_ms(en, answer);
    if (en->now_ms - a->waiting_since_ms >= limit_ms) {
        refuse_waited(en, a, answer);
        return WATCH_ACCEPT;
    }
    waiting_receipt(en, a, answer, limit_ms);
    *ret_again_ms = en->now_ms + AGAIN_MS;
    return WATCH_WAIT;
}

static void look_at_zip(struct engine *en, struct arrival *a)
{
    char *stem = path_stem(a->name), *safe = utf8_safe_name(stem, 150, "archive");
    free(a->staged);
    a->staged = mem_printf("%s/%lld", en->places.staging, (long long)en->next_request++);
    free(a->dir);
    a->dir = mem_dup(a->staged);
    free(a->inner);
    a->inner = safe;
    a->unpack = true;
    a->look = LOOK_QUEUED;
    free(stem);
}

/* Whatever the way the listing was made: one road from here. */
static enum watch_answer arrival_read(struct engine *en, struct arrival *a,
                                      struct listing *takes_listing, int64_t *ret_again_ms)
{
    struct intake_place place = {en->places.root, a->dir};
    struct intake_answer answer = {0};
    enum watch_answer result = WATCH_ACCEPT;
    intake_read(en->rules, &place, takes_listing, &answer);
    switch (answer.verdict) {
    case INTAKE_ORDER:
        take_order(en, answer.order, a->name, a->staged ? a->dir : NULL);
        answer.order = NULL;
        watch_took(en->watch, a->name);
        arrival_forget(en, a->name);
        break;
    case INTAKE_REFUSED:
        refuse(en, a, &answer.faults);
        break;
    case INTAKE_UNPACK:
        look_at_zip(en, a);
        result = WATCH_WAIT;
        break;
    case INTAKE_WAIT:
    case INTAKE_LOOSE:
        result = wait_more(en, a, &answer, ret_again_ms);
        break;
    }
    intake_answer_finish(&answer);
    return result;
}

/* --- what the watcher offers --- */

static void refuse_in_place(struct engine *en, const char *name)
{
    desk_receipt(en, name, "left alone",
                 "This is not a regular file or folder (a link, a pipe, a socket or a device) and "
                 "is never opened. "
                 "Drop the file itself.\n");
    engine_say(en, "refused", "%s: NOT_REGULAR, left where it is", log_quote(name));
    en->refused_n++;
    en->needs_you_dirty = true;
}

static struct listing_limits limits_of(const struct rules *rules)
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

static enum watch_answer read_inline(struct engine *en, struct arrival *a, int64_t *ret_again_ms)
{
    struct listing *listing = NULL;
    struct err e = {0};
    struct listing_limits limits = limits_of(en->rules);
    int rc = listing_make(a->dir, a->inner, &limits, &listing, &e);
    if (rc == ERR_MISSING) { /* renamed just now, and perhaps back in a moment */
        arrival_forget(en, a->name);
        *ret_again_ms = en->now_ms + GONE_AGAIN_MS;
        return WATCH_WAIT;
    }
    if (rc) {
        refuse_for(en, a, rc == ERR_LIMIT ? "FILE_SIZE" : "UNREADABLE", e.text,
                   "make the file readable for slated and drop it again");
        return WATCH_ACCEPT;
    }
    return arrival_read(en, a, listing, ret_again_ms);
}

static bool small_file(const struct engine *en, const char *name)
{
    char *path = path_join(en->places.inbox, name);
    struct stat st;
    bool small = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= INLINE_MAX;
    free(path);
    return small;
}

/* The two folders of the inbox that take gestures. */
static bool is_gesture(const char *name)
{
    return str_eq(name, "escalate") || str_eq(name, "notes");
}

enum watch_answer arrivals_offer(void *ctx, const struct watch_ready *ready, int64_t *ret_again_ms)
{
    struct engine *en = ctx;
    if (en->fuse || en->stopping) {
        *ret_again_ms = en->now_ms + FUSE_AGAIN_MS;
        return WATCH_WAIT;
    }
    if (ready->folder && is_gesture(ready->name)) {
        gestures_look(en, ready->name);
        return WATCH_IGNORE;
    }
    if (!ready->folder && !ready->regular) {
        refuse_in_place(en, ready->name);
        return WATCH_IGNORE;
    }
    struct arrival *a = arrival_get(en, ready->name);
    if (utf8_bad_at(ready->name, strlen(ready->name)) >= 0) { /* plans and records are UTF-8 */
        refuse_for(en, a, "NAME_BAD", "a name that is not UTF-8", "Rename it and drop it again.");
        return WATCH_ACCEPT;
    }
    if (ready->changed && a->look == LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    if (a->look == LOOK_QUEUED || a->look == LOOK_SURVEY || a->look == LOOK_UNPACK) {
        a->stale = true;
        return WATCH_WAIT;
    }
    if (!ready->folder && small_file(en, ready->name))
        return read_inline(en, a, ret_again_ms);
    if (a->look != LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    a->look = LOOK_QUEUED;
    a->unpack = false;
    return WATCH_WAIT;
}

void arrivals_gone(void *ctx, const char *name)
{
    struct engine *en = ctx;
    struct arrival *a = arrival_find(en, name);
    if (a && (a->look == LOOK_SURVEY || a->look == LOOK_UNPACK))
        workers_cancel(en->workers, a->request_id);
    if (a && a->staged)
        (void)file_remove_tree(a->staged, NULL); /* a left-over is swept at the next start */
    arrival_forget(en, name);
    desk_forget_receipt(en, name);
}

void arrivals_moving(void *ctx, const char *name, int64_t bytes, int files)
{
    struct engine *en = ctx;
    if (is_gesture(name))
        return; /* no drop, and no receipt */
    struct buf text;
    buf_init(&text, 4096);
    if (bytes >= 0)
        buf_printf(&text, bytes < 1000000 ? "%.1f kB so far" : "%.1f MB so far",
                   (double)bytes / (bytes < 1000000 ? 1e3 : 1e6));
    if (files > 1)
        buf_printf(&text, " in %d files", files);
    buf_text(&text, ". It is looked at when nothing changes any more.\n");
    desk_receipt(en, name, "arriving", text.data);
    buf_finish(&text);
}

void arrivals_unread(struct engine *en, const char *name)
{
    watch_again(en->watch, name, en->now_ms + AGAIN_MS);
}

/* --- the worker's part --- */

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
        struct listing_limits limits = limits_of(en->rules);
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
    if (str_eq(class, "missing")) {
        arrival_forget(en, a->name);
    } else if (input || ++a->strikes >= STRIKES_MAX) {
        refuse_for(en, a,
                   a->unpack                ? "ARCHIVE_BAD"
                   : str_eq(class, "limit") ? "FOLDER_SIZE"
                                            : "UNREADABLE",
                   sentence, "mend what is named and drop it again");
    } else {
        a->look = LOOK_NONE;
        arrivals_unread(en, a->name);
    }
}

static void look_answered(struct engine *en, struct arrival *a, const struct response *response)
{
    const cJSON *body = response->body;
    int64_t again = 0;
    if (response->kind != RESPONSE_ANSWERED) {
        look_failed(en, a, "died", response->error);
    } else if (!json_bool(body, "ok", false)) {
        look_failed(en, a, json_str(body, "class", "bug"),
                    json_str(body, "error", "no reason was given"));
    } else if (a->look == LOOK_UNPACK) {
        step_into_only_folder(a);
        a->unpack = false;
        a->look = LOOK_QUEUED;
    } else if (a->stale) {
        a->stale = false;
        a->look = LOOK_NONE;
        arrivals_unread(en, a->name);
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

bool arrivals_pending(const struct engine *en)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        if (en->arrivals[i]->look != LOOK_NONE)
            return true;
    return false;
}
