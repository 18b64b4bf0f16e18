/* A unit and a target come in; what its bundle holds goes out, gathered from the store and the
 * drop's own files. Writes nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/bundle_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

/* The job whose prompt says what the unit shows: of the clip for a clip, else of the main picture.
 */
static const struct job_row *telling_job(const struct unit *u, const struct unit_file *main,
                                         bool clip)
{
    for (size_t i = 0; i < u->jobs_n && clip; i++)
        if (u->jobs[i].prompt && str_ends(u->jobs[i].key, ".clip"))
            return &u->jobs[i];
    for (size_t i = 0; main && i < u->jobs_n; i++)
        if (u->jobs[i].id == main->job->id && u->jobs[i].prompt)
            return &u->jobs[i];
    for (size_t i = 0; i < u->jobs_n; i++)
        if (u->jobs[i].prompt)
            return &u->jobs[i];
    return &u->jobs[0];
}

static const char *joined(cJSON *doc, const char *name, const char *a, const char *between,
                          const char *b)
{
    if (!a && !b)
        return NULL;
    char *text = a && b ? mem_printf("%s%s%s", a, between, b) : mem_dup(a ? a : b);
    json_set_str(doc, name, text);
    free(text);
    return json_str(doc, name, NULL);
}

static const char *cast_of(cJSON *doc, const cJSON *shot)
{
    struct buf out;
    const cJSON *one;
    buf_init(&out, 4096);
    cJSON_ArrayForEach(one, json_get(shot, "characters_in_shot"))
    {
        if (cJSON_IsString(one))
            buf_printf(&out, "%s%s", out.len ? " and " : "", one->valuestring);
    }
    const char *text = joined(doc, "characters", out.len ? out.data : NULL, ": ",
                              json_str(shot, "blocking", NULL));
    buf_finish(&out);
    return text;
}

/* The words of a shot by their part; a job without a shot has its prompt alone. */
static void fill_wording(struct bundle_plan *b, const struct job_row *job, const struct unit *u)
{
    cJSON *params = NULL;
    const cJSON *shot = NULL;
    for (size_t i = 0; i < u->jobs_n && !shot; i++) {
        cJSON_Delete(params);
        params = cJSON_Parse(u->jobs[i].params);
        shot = json_get(params, "shot");
    }
    b->doc = cJSON_CreateObject();
    if (shot) {
        const cJSON *camera = json_get(shot, "camera"), *light = json_get(shot, "lighting");
        b->wording.environment =
            joined(b->doc, "environment", json_str(shot, "environment", NULL), "", NULL);
        b->wording.characters = cast_of(b->doc, shot);
        b->wording.action =
            joined(b->doc, "action", json_str(shot, "action", json_str(shot, "script_text", NULL)),
                   "", NULL);
        b->wording.camera = joined(b->doc, "camera", json_str(camera, "placement", NULL), ", ",
                                   json_str(camera, "movement", NULL));
        b->wording.light = joined(b->doc, "light", json_str(light, "key", NULL), ", ",
                                  json_str(light, "atmosphere", NULL));
    }
    json_set_str(b->doc, "whole", job->prompt ? job->prompt : "");
    b->wording.whole = json_str(b->doc, "whole", "");
    b->prompt_edited = shot ? json_get(params, "note") != NULL : false;
    cJSON_Delete(params);
}

static void add_frame(struct engine *en, struct bundle_plan *b, const char *name,
                      const struct unit_file *f)
{
    char *path = path_join(en->places.out, f->asset.path);
    if (file_exists(path))
        bundle_add_picture(b, name, path, f->asset.sha256);
    free(path);
}

static const struct unit_file *last_frame(const struct unit_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (files[i].made && !files[i].clip && str_ends(files[i].job->key, ".last"))
            return &files[i];
    return NULL;
}

static bool is_picture_file(const char *path)
{
    const char *ext = path_ext(path);
    return str_eq_nocase(ext, "png") || str_eq_nocase(ext, "jpg") || str_eq_nocase(ext, "jpeg") ||
           str_eq_nocase(ext, "webp");
}

/* The drop's own pictures that the unit was made from, in their order. */
static void add_refs(struct engine *en, struct bundle_plan *b, const struct unit *u)
{
    int n = 0, most = (int)json_num(b->target, "refs_max", 0);
    for (size_t i = 0; i < u->jobs_n; i++) {
        cJSON *ins = cJSON_Parse(u->jobs[i].ins);
        const cJSON *in;
        cJSON_ArrayForEach(in, ins)
        {
            const char *file = json_str(in, "file", NULL);
            if (!file || !is_picture_file(file) || n >= most)
                continue;
            char *path = mem_printf("%s/%s/%s", en->places.taken, u->drop.name, file);
            char *word = utf8_safe_name(json_str(in, "name", "reference"), 60, "reference");
            char *name = mem_printf("refs/%02d_%s.png", n + 1, word);
            bool twice = false;
            for (size_t k = 0; k < b->pictures_n; k++)
                twice = twice || str_eq(b->pictures[k].path, path);
            if (!twice && file_exists(path)) {
                bundle_add_picture(b, name, path, json_str(in, "sha256", ""));
                n++;
            }
            free(name);
            free(word);
            free(path);
        }
        cJSON_Delete(ins);
    }
}

static int divisor(int a, int b)
{
    return b ? divisor(b, a % b) : a;
}

static void fill_size(struct bundle_plan *b, const struct unit_file *main)
{
    int w = main ? main->asset.width : 0, h = main ? main->asset.height : 0;
    if (!w || !h) {
        cJSON *params = main ? cJSON_Parse(main->job->params) : NULL;
        w = (int)json_num(params, "width", 0);
        h = (int)json_num(params, "height", 0);
        cJSON_Delete(params);
    }
    int d = w && h ? divisor(w, h) : 1;
    b->size = w && h ? mem_printf("%d x %d", w, h) : mem_dup("as it is");
    /* 768 x 1344 is 4:7 and meant as 9:16: the nearest of the shapes that pages offer */
    static const int shapes[][2] = {{16, 9}, {9, 16}, {1, 1}, {4, 3},
                                    {3, 4},  {21, 9}, {3, 2}, {2, 3}};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes) && w && h && !b->ratio; i++) {
        double off = ((double)w / h) / ((double)shapes[i][0] / shapes[i][1]);
        if (off > 0.97 && off < 1.03)
            b->ratio = mem_printf("%d:%d", shapes[i][0], shapes[i][1]);
    }
    if (!b->ratio)
        b->ratio = w && h ? mem_printf("%d:%d", w / d, h / d) : mem_dup("as it is");
}

int bundle_plan_make(struct engine *en, const struct unit *u, const char *model,
                     struct bundle_plan *ret_plan, struct err *e)
{
    struct unit_file *files = NULL;
    struct escalation_row flag = {0};
    size_t n = 0;
    memset(ret_plan, 0, sizeof(*ret_plan));
    unit_files(en, u, &files, &n);
    (void)store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag); /* none is fine */
    const struct unit_file *still = unit_main(files, n, false), *clip = unit_main(files, n, true);
    const char *kind = clip ? "clip" : still ? "still" : "text";
    const char *wanted = model ? model : flag.model;
    int rc = target_find(en->rules, wanted, kind, &ret_plan->target, e);
    if (!rc) {
        const cJSON *target = ret_plan->target;
        bool moves = str_eq(json_str(target, "kind", ""), "clip");
        const struct job_row *job = telling_job(u, still, moves);
        cJSON *meta = cJSON_Parse(job->meta);
        ret_plan->unit = mem_dup(u->jobs[0].unit);
        ret_plan->drop = mem_dup(u->drop.name);
        ret_plan->asset_name = mem_dup(json_str(meta, "asset_name", u->jobs[0].unit));
        ret_plan->seconds = json_num(meta, "duration_s", 0);
        ret_plan->negative = mem_dup(job->negative);
        ret_plan->note = mem_dup(flag.note);
        ret_plan->tag = mem_dup(flag.tag);
        ret_plan->model_changed = !str_eq(job->model, target->string);
        fill_wording(ret_plan, job, u);
        fill_size(ret_plan, still);
        if (still && still->made)
            add_frame(en, ret_plan, "start_frame.png", still);
        const struct unit_file *last = last_frame(files, n);
        if (last && json_bool(target, "end_frame", false) &&
            last->job != (still ? still->job : NULL))
            add_frame(en, ret_plan, "end_frame.png", last);
        add_refs(en, ret_plan, u);
        bundle_compose(ret_plan);
        cJSON_Delete(meta);
    }
    escalation_row_finish(&flag);
    unit_files_finish(files, n);
    return rc;
}
