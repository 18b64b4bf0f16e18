/* Files in the work folder become the job's outputs: a picture or a clip is decoded whole by the
 * worker, looked at for the gates, converted where its name or size asks for it; everything else is
 * moved. Never trusts what an answer says about a file. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "gates/gates.h"
#include "providers/worker_answer.h"

#define FETCHES_MORE   2    /* of what is no picture, before it counts as what was made */
#define FETCH_AGAIN_MS 1000 /* before the first of them; the next waits four times as long */

/* The file that became output i. Owned. */
static char *answer_path(const struct talk *t, size_t i)
{
    return mem_printf("%s/answer-%zu", t->ask->work, i);
}

static bool is_picture(const char *media)
{
    return str_eq(media, "image/png") || str_eq(media, "image/jpeg") || str_eq(media, "image/webp");
}

static bool media_fits_name(const char *media, const char *path)
{
    const char *ext = path_ext(path);
    if (str_eq(media, "image/jpeg"))
        return str_eq_nocase(ext, "jpg") || str_eq_nocase(ext, "jpeg");
    return str_eq_nocase(ext, media + strcspn(media, "/") + 1);
}

static bool wants_fit(const struct talk *t)
{
    const cJSON *op = json_get(json_get(t->file, "ops"), t->ask->job->op);
    return json_bool(op, "fit", false) && json_num(talk_params(t), "width", 0) > 0;
}

/* By its bytes, or because it goes by such a name: then the worker says what is wrong with it. */
static bool is_clip(const char *media, const char *path)
{
    const char *ext = path_ext(path);
    return str_starts(media, "video/") || str_eq_nocase(ext, "mp4") || str_eq_nocase(ext, "webm");
}

static bool wants_worker(const struct talk *t, size_t i)
{
    const char *name = t->ask->files->out[i].path, *ext = path_ext(name);
    char *path = answer_path(t, i);
    const char *media = media_of_file(path), *why;
    free(path);
    if (is_picture(media) || str_eq_nocase(ext, "png") || str_eq_nocase(ext, "webp") ||
        str_eq_nocase(ext, "jpg") || str_eq_nocase(ext, "jpeg"))
        return true;
    if (!is_clip(media, name))
        return false;
    cJSON *rule = gates_rule(t->ask->rules, t->ask->job->engine, t->ask->job->op, &why);
    bool judged = rule != NULL;
    cJSON_Delete(rule);
    return judged;
}

/* What the worker is asked: to look only, to write the picture again, or to bring it to a size. */
static const char *look_op(const struct talk *t, size_t i, const char *answer)
{
    const char *name = t->ask->files->out[i].path, *media = media_of_file(answer);
    if (!is_picture(media) && is_clip(media, name))
        return "clip.look";
    if (wants_fit(t))
        return "picture.fit";
    return media_fits_name(media, name) ? "check" : "picture.copy";
}

/* The answer, and for a gate that compares: the pictures it was made from. Each name owned. */
static size_t look_inputs(const struct talk *t, const char *op, char *answer,
                          struct job_file **ret_in)
{
    const struct job_files *files = t->ask->files;
    const char *why;
    cJSON *rule = gates_rule(t->ask->rules, t->ask->job->engine, t->ask->job->op, &why);
    bool compare = gates_wants_inputs(rule) && !str_eq(op, "clip.look");
    struct job_file *in = mem_grow(NULL, files->in_n + 1, sizeof *in);
    size_t n = 0;
    in[n++] = (struct job_file){mem_dup(str_eq(op, "clip.look") ? "clip" : "picture"), answer};
    for (size_t i = 0; compare && i < files->in_n; i++)
        if (is_picture(media_of_file(files->in[i].path)))
            in[n++] =
                (struct job_file){mem_printf("input.%s", files->in[i].name), files->in[i].path};
    cJSON_Delete(rule);
    *ret_in = in;
    return n;
}

int finish_build(struct talk *t, struct request *ret_request, struct err *e)
{
    size_t i = (size_t)json_int(t->memo, "item", 0);
    char *path = answer_path(t, i);
    if (i >= t->ask->files->out_n || !file_exists(path)) {
        free(path);
        return err_set(e, ERR_MISSING,
                       "the answer for %s was fetched and is not in the work folder any more",
                       t->ask->job->key);
    }
    const char *op = look_op(t, i, path);
    cJSON *params = worker_look_params(t->ask);
    bool writes = !str_eq(op, "check") && !str_eq(op, "clip.look");
    struct job_files look = {.out = &t->ask->files->out[i], .out_n = writes};
    look.in_n = look_inputs(t, op, path, &look.in);
    if (str_eq(op, "picture.fit")) {
        json_set_num(params, "width", json_num(talk_params(t), "width", 0));
        json_set_num(params, "height", json_num(talk_params(t), "height", 0));
    }
    ret_request->by = CARRY_WORKER;
    ret_request->timeout_ms = worker_timeout_ms(0);
    ret_request->line = worker_line(op, params, &look);
    for (size_t k = 0; k < look.in_n; k++)
        free(look.in[k].name);
    free(look.in);
    free(path);
    return 0;
}

/* --- reading --- */

static const char *short_media(const char *media)
{
    const char *slash = strchr(media, '/');
    return is_picture(media) || str_starts(media, "video/") ? slash + 1 : "other";
}

static cJSON *made_list(struct talk *t)
{
    if (!cJSON_IsArray(json_get(t->memo, "made")))
        json_set(t->memo, "made", cJSON_CreateArray());
    return cJSON_GetObjectItemCaseSensitive(t->memo, "made");
}

void finish_keep_sum(struct talk *t, size_t i, const char *sha256)
{
    char name[24];
    if (!*sha256)
        return;
    if (!cJSON_IsObject(json_get(t->memo, "sums")))
        json_set(t->memo, "sums", cJSON_CreateObject());
    str_format(name, sizeof name, "%zu", i);
    json_set_str(cJSON_GetObjectItemCaseSensitive(t->memo, "sums"), name, sha256);
}

/* Of a file that was fetched it is known; one that came within an answer is read. */
static int sum_of(const struct talk *t, size_t i, const char *path, char ret_hex[DIGEST_LEN],
                  uint64_t *ret_len, struct err *e)
{
    char name[24];
    struct stat st;
    str_format(name, sizeof name, "%zu", i);
    const char *known = json_str(json_get(t->memo, "sums"), name, NULL);
    if (!known || strlen(known) != DIGEST_LEN - 1 || stat(path, &st))
        return digest_file(path, ret_hex, ret_len, e);
    memcpy(ret_hex, known, DIGEST_LEN);
    *ret_len = (uint64_t)st.st_size;
    return 0;
}

/* The answer's own bytes become the output. They stay under their first name, too: a kill before
 * the end is stored goes on from there. What was paid for is kept by its digest as well, so a power
 * cut that takes the new name costs nothing. */
static int move_output(struct talk *t, size_t i, const cJSON *seen, struct err *e)
{
    const struct job_file *out = &t->ask->files->out[i];
    char *path = answer_path(t, i), hex[DIGEST_LEN];
    const char *media = json_str(seen, "media", NULL);
    uint64_t len = 0;
    int rc = sum_of(t, i, path, hex, &len, e);
    if (!rc)
        rc = file_remove_tree(out->path, e);
    if (!rc)
        rc = file_second(path, out->path, e);
    if (!rc) {
        cJSON *m = cJSON_CreateObject();
        json_set_str(m, "sha256", hex);
        json_set_str(m, "media", media ? media : short_media(media_of_file(out->path)));
        json_set_num(m, "bytes", (double)len);
        json_set_num(m, "width", json_num(seen, "width", 0));
        json_set_num(m, "height", json_num(seen, "height", 0));
        if (json_get(seen, "look"))
            json_set(m, "look", cJSON_Duplicate(json_get(seen, "look"), true));
        cJSON_AddItemToArray(made_list(t), m);
    }
    free(path);
    return rc;
}

static void keep_worker_made(struct talk *t, const cJSON *body)
{
    const cJSON *said = pointer_first(body, "/out/0"), *look = pointer_first(body, "/facts/look");
    cJSON *made = cJSON_Duplicate(said, true);
    if (look)
        json_set(made, "look", cJSON_Duplicate(look, true));
    cJSON_AddItemToArray(made_list(t), made);
}

static void add_made(struct talk *t, const cJSON *said, size_t i, struct outcome *o)
{
    const struct job_file *out = &t->ask->files->out[i];
    o->made = mem_grow(o->made, o->made_n + 1, sizeof *o->made);
    struct made *m = &o->made[o->made_n++];
    memset(m, 0, sizeof *m);
    m->role = mem_dup(out->name);
    m->path = mem_dup(out->path);
    m->media = mem_dup(json_str(said, "media", "other"));
    m->bytes = json_int(said, "bytes", 0);
    m->width = (int)json_int(said, "width", 0);
    m->height = (int)json_int(said, "height", 0);
    (void)str_format(m->sha256, sizeof m->sha256, "%s", json_str(said, "sha256", ""));
    if (json_get(said, "look"))
        m->look = cJSON_Duplicate(json_get(said, "look"), true);
}

static void say_done(struct talk *t, struct outcome *o)
{
    const cJSON *made = made_list(t), *said, *facts = json_get(t->memo, "facts");
    size_t i = 0;
    cJSON_ArrayForEach(said, made) add_made(t, said, i++, o);
    o->kind = OUTCOME_DONE;
    o->class = CLASS_OK;
    talk_tell_cost(t, o);
    o->facts = facts ? cJSON_Duplicate(facts, true) : cJSON_CreateObject();
    if (!json_get(o->facts, "seed"))
        json_set_num(o->facts, "seed", (double)talk_seed(t));
    json_set_str(o->facts, "model", t->model_id);
    if (json_str(json_get(t->memo, "reply"), "id", NULL))
        json_set_str(o->facts, "remote", json_str(json_get(t->memo, "reply"), "id", ""));
}

/* A picture that cannot be decoded was paid for and is of no use: the next attempt. */
static void say_broken(const struct talk *t, const char *why, struct outcome *o)
{
    o->kind = OUTCOME_RETRY;
    o->class = CLASS_TRANSIENT;
    talk_tell_cost(t, o);
    o->error = mem_printf("%s answered a file that cannot be used: %s",
                          json_str(t->file, "title", "the engine"), why);
}

/* What was fetched may have been a page in between, or half a file: the address is asked again
 * before the picture is bought again. Whether it is. */
static bool fetch_again(struct talk *t, size_t i, const struct response *response,
                        struct outcome *o)
{
    const cJSON *item = cJSON_GetArrayItem(json_get(t->memo, "items"), (int)i);
    int again = (int)json_int(t->memo, "again", 0);
    if (!item || json_str(item, "file", NULL) || response->kind != RESPONSE_ANSWERED ||
        again >= FETCHES_MORE)
        return false;
    cJSON_DeleteItemFromObjectCaseSensitive(t->memo, "made");
    json_set_num(t->memo, "item", (double)harvest_missing(t, 0));
    json_set_num(t->memo, "again", again + 1);
    json_set_str(t->memo, "step", "download");
    o->kind = OUTCOME_NEXT;
    o->class = CLASS_TRANSIENT;
    o->wait_ms = FETCH_AGAIN_MS << (2 * again);
    o->memo = json_compact(t->memo);
    o->progress = mem_printf("fetched again: %s", json_str(response->body, "error", "unusable"));
    return true;
}

/* Moves on over what needs no worker: texts, weights. */
static bool move_plain(struct talk *t, struct outcome *o)
{
    size_t i = (size_t)json_int(t->memo, "item", 0);
    struct err e = {0};
    for (; i < t->ask->files->out_n; i++) {
        json_set_num(t->memo, "item", (double)i);
        if (wants_worker(t, i))
            return true;
        if (move_output(t, i, NULL, &e)) {
            say_broken(t, e.text, o);
            return false;
        }
    }
    say_done(t, o);
    return false;
}

/* No program to look at clips with is no fault of the clip. */
static bool unseen(const struct talk *t, const struct response *response)
{
    size_t i = (size_t)json_int(t->memo, "item", 0);
    char *path = answer_path(t, i);
    bool clip = is_clip(media_of_file(path), t->ask->files->out[i].path);
    free(path);
    return clip && response->kind == RESPONSE_ANSWERED &&
           str_eq(json_str(response->body, "class", ""), "child");
}

void finish_read(struct talk *t, const struct response *response, struct outcome *o)
{
    size_t i = (size_t)json_int(t->memo, "item", 0);
    struct err e = {0};
    if (response) { /* NULL: the files have just come */
        bool ok = response->kind == RESPONSE_ANSWERED && json_bool(response->body, "ok", false);
        const cJSON *facts = json_get(response->body, "facts");
        if (!ok && !unseen(t, response)) {
            if (fetch_again(t, i, response, o))
                return;
            say_broken(t, json_str(response->body, "error", response->error), o);
            o->struck = response->kind == RESPONSE_DIED;
            return;
        }
        const cJSON *out = pointer_first(response->body, "/out/0");
        if (cJSON_IsObject(out)) {
            keep_worker_made(t, response->body);
        } else if (out) {
            say_broken(t, "the worker answered with something that is no file", o);
            return;
        } else if (move_output(t, i, facts, &e)) {
            say_broken(t, e.text, o);
            return;
        }
        json_set_num(t->memo, "item", (double)(i + 1));
    }
    if (!move_plain(t, o))
        return;
    json_set_str(t->memo, "step", "look");
    o->kind = OUTCOME_NEXT;
    o->class = CLASS_OK;
    o->memo = json_compact(t->memo);
}
