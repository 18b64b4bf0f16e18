/* A plan that its kind has filled in comes in; jobs that look at its pictures are added, and what
 * hangs on those pictures waits for them. Judges nothing itself. */
/* SPDX-License-Identifier: ISC */
#include "plan/looks.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/route.h"

#define TEXT_MAX         (64 * 1024)
#define LETTERS_A_TOKEN  2    /* at worst */
#define TOKENS_A_PICTURE 4000 /* at worst, whatever its size */

static const cJSON *rule_of(const struct rules *rules)
{
    return rules_get(rules, "gates/vision");
}

bool looks_wanted(const struct rules *rules, const char *op, const char *engine)
{
    const cJSON *rule = rule_of(rules), *kind = json_get(json_get(rule, "kinds"), op);
    const cJSON *by = json_get(json_get(rule, "engines"), engine);
    return json_bool(rule, "on", false) && kind && json_bool(kind, "on", true) &&
           json_bool(by, "on", true);
}

static bool is_clip(const char *path)
{
    const char *ext = path_ext(path);
    return str_eq_nocase(ext, "mp4") || str_eq_nocase(ext, "mov") || str_eq_nocase(ext, "webm");
}

/* Of a clip so many frames are looked at; of a picture itself. */
static int frames_of(const struct rules *rules, const struct plan_job *made)
{
    return is_clip(made->outs[0].path) ? (int)json_num(rule_of(rules), "frames", 3) : 0;
}

/* --- what is asked --- */

static void add_lines(struct buf *out, const cJSON *lines)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, lines)
        buf_printf(out, "%s%s", out->len ? "\n" : "", line->valuestring);
}

/* The pictures it was made from, as far as there is room; the words tell which is which. */
static int add_references(struct plan_job *look, const struct plan_job *made, int most, int before,
                          struct buf *words)
{
    int n = 0;
    for (size_t i = 0; i < made->ins_n && n < most; i++) {
        const struct plan_input *in = &made->ins[i];
        struct order_file file = {.frozen = in->file};
        char name[24];
        if (in->wait || (in->file && !path_is_picture(in->file)))
            continue;
        str_format(name, sizeof name, "reference_%d", ++n);
        if (in->file) {
            memcpy(file.sha256, in->sha256, sizeof file.sha256);
            plan_add_input_file(look, name, &file, true);
        } else {
            plan_add_input_job(look, name, in->job, in->role, true);
        }
        buf_printf(words, "\nPicture %d is its reference \"%s\".", before + n, in->name);
    }
    return n;
}

static void ask(const struct rules *rules, struct plan_job *look, const struct plan_job *made)
{
    const cJSON *rule = rule_of(rules), *kind = json_get(json_get(rule, "kinds"), made->op);
    const cJSON *shape = json_get(json_get(rules_get(rules, "prompts/answers"), "answers"),
                                  json_str(rule, "answer", ""));
    int frames = frames_of(rules, made), shown = frames ? frames : 1;
    struct buf system, words;
    buf_init(&system, TEXT_MAX);
    buf_init(&words, TEXT_MAX);
    add_lines(&system, json_get(rule, "lines"));
    if (frames)
        add_lines(&system, json_get(rule, "clip_lines"));
    add_lines(&system, json_get(kind, "lines"));
    buf_printf(&words, "Asked for was: %s", made->prompt ? made->prompt : made->title);
    if (made->negative)
        buf_printf(&words, "\nNot to be seen: %s", made->negative);
    if (frames)
        buf_printf(&words, "\nPictures 1 to %d are frames of the clip, from its first to its last.",
                   frames);
    int n = add_references(look, made, (int)json_num(rule, "references_most", 3), shown, &words);
    look->params = cJSON_CreateObject();
    if (frames)
        json_set_num(look->params, "frames", frames);
    json_set_str(look->params, "system", system.data);
    json_set(look->params, "schema", cJSON_Duplicate(shape, true));
    json_set_num(look->params, "max_tokens", json_num(rule, "max_tokens", 2000));
    json_set_num(look->params, "tokens_in",
                 (double)((system.len + words.len + 1024) / LETTERS_A_TOKEN) +
                     TOKENS_A_PICTURE * (double)(n + shown));
    look->prompt = buf_take(&words);
    look->attempts = (int)json_num(rule, "asks", 2);
    buf_finish(&system);
}

/* --- the job --- */

/* "a/b.png" -> "a/b.verdict.json". Owned. */
static char *beside(const char *path)
{
    const char *ext = path_ext(path);
    size_t len = strlen(path) - (*ext ? strlen(ext) + 1 : 0);
    return mem_printf("%.*s.verdict.json", (int)len, path);
}

static void fill_meta(struct plan_job *look, const struct plan_job *made)
{
    look->meta = cJSON_CreateObject();
    json_set_str(look->meta, "unit", json_str(made->meta, "unit", made->key));
    json_set_str(look->meta, "asks", "check");
    json_set_str(look->meta, "of", made->key);
    json_set_str(look->meta, "role", made->outs[0].role);
}

/* Takes back the job that was added last. */
static void take_back(struct plan *p)
{
    plan_job_finish(&p->jobs[--p->jobs_n]);
}

/* What a look needs to be told when no model can. */
static void note_blind(struct plan *p, const struct plan_job *look)
{
    const char *why = look->why_engine ? look->why_engine : "rules/models/routing.json names none";
    char *found = mem_dup_n(why, strcspn(why, ";"));
    faults_add(&p->notes, "GATE_BLIND", "gate 2", found, "a model that looks at pictures",
               "Nothing is looked at. Set its key, or switch the gate off in "
               "rules/gates/vision.json.");
    free(found);
}

/* False when no model can look. */
static bool add_look(struct plan *p, const struct rules *rules, size_t at)
{
    char *key = mem_printf(LOOKS_KEY "%s", p->jobs[at].key);
    char *title = mem_printf("%s, looked at", p->jobs[at].title);
    struct plan_job *look = plan_add_job(p, key, title, "text.check");
    const struct plan_job *made = &p->jobs[at];
    char *path = beside(made->outs[0].path), *slot = beside(made->outs[0].slot);
    plan_add_input_job(look, "picture", made->key, made->outs[0].role, false);
    ask(rules, look, made);
    fill_meta(look, made);
    plan_add_output(look, "verdict", path, slot);
    route_job(rules, "text", "check", look);
    bool can = !str_eq(look->engine, "manual") && !str_eq(look->engine, "local");
    if (!can) {
        note_blind(p, look);
        take_back(p);
    }
    free(key);
    free(title);
    free(path);
    free(slot);
    return can;
}

/* --- waiting --- */

static void wait_for_looks(struct plan *p, size_t jobs_n)
{
    struct map looks = {0}; /* by the key of the job whose picture is looked at */
    for (size_t i = jobs_n; i < p->jobs_n; i++)
        map_put(&looks, p->jobs[i].key + strlen(LOOKS_KEY), p->jobs[i].key);
    for (size_t i = 0; i < jobs_n; i++) {
        struct plan_job *j = &p->jobs[i];
        size_t ins_n = j->ins_n;
        for (size_t k = 0; k < ins_n; k++) {
            const char *key = j->ins[k].job ? map_get(&looks, j->ins[k].job) : NULL;
            if (!key)
                continue;
            plan_add_input_job(j, "look", key, "verdict", j->ins[k].soft);
            j->ins[j->ins_n - 1].wait = true;
        }
    }
    map_finish(&looks);
}

/* Each look goes right behind its picture: jobs start in the plan's order, and what waits for a
 * look should not wait for all other pictures. */
static void put_in_place(struct plan *p, size_t jobs_n)
{
    struct plan_job *list = mem_alloc((p->jobs_n + 1) * sizeof *list);
    size_t n = 0, next = jobs_n;
    for (size_t i = 0; i < jobs_n; i++) {
        list[n++] = p->jobs[i];
        if (next < p->jobs_n && str_eq(p->jobs[next].key + strlen(LOOKS_KEY), p->jobs[i].key))
            list[n++] = p->jobs[next++]; /* they were added in the order of their pictures */
    }
    free(p->jobs);
    p->jobs = list;
}

void looks_add(struct plan *p, const struct plan_context *ctx)
{
    size_t jobs_n = p->jobs_n;
    bool can = true;
    for (size_t i = 0; i < jobs_n && can; i++) {
        const struct plan_job *j = &p->jobs[i];
        if (j->outs_n && (path_is_picture(j->outs[0].path) || is_clip(j->outs[0].path)) &&
            looks_wanted(ctx->rules, j->op, j->engine))
            can = add_look(p, ctx->rules, i);
    }
    wait_for_looks(p, jobs_n);
    if (p->jobs_n > jobs_n)
        put_in_place(p, jobs_n);
}
