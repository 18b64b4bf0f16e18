/* A unit and a target come in; what its bundle holds goes out, gathered from the store and the
 * drop's own files. Writes nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/bundle_plan.h"
#include "engine/words.h"

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
        if (str_starts(u->jobs[i].op, "film.") && main && u->jobs[i].id == main->job->id)
            return &u->jobs[i];
    for (size_t i = 0; main && i < u->jobs_n; i++)
        if (u->jobs[i].id == main->job->id && u->jobs[i].prompt)
            return &u->jobs[i];
    for (size_t i = 0; i < u->jobs_n; i++)
        if (u->jobs[i].prompt)
            return &u->jobs[i];
    return main ? main->job : &u->jobs[0];
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

/* Who is seen: as the board describes them, else by name; and where they stand. */
static const char *cast_of(cJSON *doc, const cJSON *meta, const cJSON *shot)
{
    struct buf out;
    const cJSON *one;
    buf_init(&out, 65536);
    cJSON_ArrayForEach(one, json_get(meta, "cast"))
    {
        const char *text = json_str(one, "text", NULL);
        char *name = mem_dup(json_str(one, "name", ""));
        if (*name) /* boards write names in capitals */
            str_lower(name + 1);
        buf_printf(&out, "%s%s%s%s", out.len ? "; " : "", name, text ? ", " : "", text ? text : "");
        free(name);
    }
    const char *text = joined(doc, "characters", out.len ? out.data : NULL, "; ",
                              json_str(shot, "blocking", NULL));
    buf_finish(&out);
    return text;
}

/* "wide shot, high on the harbour wall, slow push in, 24 mm lens" */
static const char *camera_of(cJSON *doc, const cJSON *shot)
{
    static const char *const members[] = {"movement", "placement"};
    const cJSON *camera = json_get(shot, "camera");
    const char *type = json_str(shot, "shot_type", NULL);
    struct buf out;
    buf_init(&out, 65536);
    if (cJSON_IsString(camera))
        buf_text(&out, camera->valuestring);
    for (int i = 0; i < 2; i++)
        if (json_str(camera, members[i], NULL))
            buf_printf(&out, "%s%s", out.len ? ", " : "", json_str(camera, members[i], ""));
    if (type)
        buf_printf(&out, "%s%s%s", out.len ? ", " : "", type,
                   str_ends(type, "shot") ? "" : " shot");
    if (json_num(shot, "/lens/mm", 0) > 0)
        buf_printf(&out, ", %g mm lens", json_num(shot, "/lens/mm", 0));
    for (char *at = out.data; at && *at; at++)
        *at = *at == '_' ? ' ' : *at;
    const char *text = joined(doc, "camera", out.len ? out.data : NULL, "", NULL);
    buf_finish(&out);
    return text;
}

/* What happens: a film's own prompt says it best. */
static const char *action_of(cJSON *doc, const cJSON *shot, const struct job_row *job)
{
    const char *motion = str_starts(job->op, "film.") ? job->prompt : NULL;
    const char *told = json_str(shot, "action", json_str(shot, "script_text", NULL));
    return joined(doc, "action", motion ? motion : told, "", NULL);
}

/* The first of the unit's jobs that knows what can be seen. Owned. */
static cJSON *shot_params(const struct unit *u)
{
    for (size_t i = 0; i < u->jobs_n; i++) {
        cJSON *params = cJSON_Parse(u->jobs[i].params);
        if (json_get(params, "shot"))
            return params;
        cJSON_Delete(params);
    }
    return NULL;
}

/* A director's note, or a rewriting that was taken over, makes the prompt the director's. */
static bool was_edited(const struct job_row *job)
{
    cJSON *params = cJSON_Parse(job->params);
    bool edited = json_get(params, "note") || json_get(params, "enhanced");
    cJSON_Delete(params);
    return edited;
}

/* A text step's question as one text, so that one paste is enough: how to write, what about, and
 * the shape of the answer. */
static void fill_question(struct bundle_plan *b, const struct job_row *job)
{
    cJSON *params = cJSON_Parse(job->params);
    const char *system = json_str(params, "system", "");
    struct buf out;
    buf_init(&out, 1 << 20);
    if (*system)
        buf_printf(&out, "%s\n\n", system);
    buf_text(&out, job->prompt ? job->prompt : "");
    if (json_get(params, "schema")) {
        b->schema = json_pretty(json_get(params, "schema"));
        buf_printf(&out, "\n\nAnswer with one JSON value of this shape, and nothing around it:\n%s",
                   b->schema);
    }
    json_set_str(b->doc, "whole", out.data);
    b->wording.whole = json_str(b->doc, "whole", "");
    buf_finish(&out);
    cJSON_Delete(params);
}

/* The words of a shot by their part; a job without a shot has its prompt alone. */
static void fill_wording(struct bundle_plan *b, const struct job_row *job, const struct unit *u)
{
    cJSON *params = shot_params(u), *meta = cJSON_Parse(u->jobs[0].meta);
    const cJSON *shot = json_get(params, "shot"), *light = json_get(shot, "lighting");
    b->doc = cJSON_CreateObject();
    if (shot) {
        b->wording.environment =
            joined(b->doc, "environment", json_str(shot, "environment", NULL), "", NULL);
        b->wording.characters = cast_of(b->doc, meta, shot);
        b->wording.action = action_of(b->doc, shot, job);
        b->wording.camera = camera_of(b->doc, shot);
        b->wording.light = joined(b->doc, "light", json_str(light, "key", NULL), ", ",
                                  json_str(light, "atmosphere", NULL));
    }
    b->prompt_edited = was_edited(job);
    bool film = str_starts(job->op, "film.") && !b->prompt_edited;
    const char *seen = json_str(shot, "prompt", "");
    json_set_str(b->doc, "whole", job->prompt && !film ? job->prompt : seen);
    b->wording.whole = json_str(b->doc, "whole", "");
    cJSON_Delete(params);
    cJSON_Delete(meta);
    if (words_is(job))
        fill_question(b, job);
}

static void add_frame(struct engine *en, struct bundle_plan *b, const char *stem,
                      const struct unit_file *f)
{
    char *path = path_join(en->places.out, f->asset.path);
    char *name = mem_printf("%s.%s", stem, path_ext(path));
    if (file_exists(path))
        bundle_add_picture(b, name, path, f->asset.sha256);
    free(name);
    free(path);
}

static const struct unit_file *last_frame(const struct unit_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (files[i].made && !files[i].clip && str_ends(files[i].job->key, ".last"))
            return &files[i];
    return NULL;
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
        w = (int)json_int(params, "width", 0);
        h = (int)json_int(params, "height", 0);
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

/* --- the whole --- */

/* What of the unit is wanted by hand: one job's output, or what stands for the whole. */
struct wanted {
    const struct unit_file *still, *clip; /* of the unit, may be NULL */
    const struct unit_file *file;         /* what comes back, NULL when the unit makes no file */
    const char *kind;                     /* word of the targets' defaults */
};

static const char *kind_of(const struct unit_file *file)
{
    if (file && file->clip)
        return "clip";
    return !file || !path_is_picture(file->path) ? "text" : file->made ? "still" : "new_still";
}

static void choose_wanted(const struct unit_file *files, size_t n, const struct job_row *job,
                          struct wanted *w)
{
    w->still = unit_main(files, n, false);
    w->clip = unit_main(files, n, true);
    w->file = w->clip ? w->clip : w->still;
    for (size_t i = n; job && i-- > 0;)
        if (files[i].job->id == job->id)
            w->file = &files[i];
    w->kind = kind_of(w->file);
}

/* Whether the target can make it; sets what comes back. */
static int fit_target(const struct unit *u, const cJSON *target, struct wanted *w, struct err *e)
{
    const char *kind = json_str(target, "kind", ""), *label = json_str(target, "label", "");
    if (str_eq(kind, "still") && str_eq(w->kind, "clip") && w->still)
        w->file = w->still;
    bool fits = str_eq(kind, kind_of(w->file)) ||
                (str_eq(kind, "still") && str_eq(kind_of(w->file), "new_still"));
    if (!fits)
        return err_set(e, ERR_INPUT,
                       "%s makes %ss, and what is wanted for %s is none; choose another with "
                       "--model (rules/models/targets.json has them)",
                       label, kind, u->jobs[0].unit);
    return 0;
}

/* And whether what is needed for that is there. */
static int check_target(const struct unit *u, const cJSON *target, struct wanted *w, struct err *e)
{
    int rc = fit_target(u, target, w, e);
    if (rc)
        return rc;
    if (str_eq(json_str(target, "kind", ""), "clip") && !(w->still && w->still->made))
        return err_set(e, ERR_STATE,
                       "%s has no keyframe yet that its film could start from; ask again when it "
                       "is made (slated status %s)",
                       u->jobs[0].unit, u->drop.name);
    return 0;
}

static void add_pictures(struct engine *en, struct bundle_plan *b, const struct unit *u,
                         const struct wanted *w, const struct unit_file *files, size_t n)
{
    bool clip = str_eq(json_str(b->target, "kind", ""), "clip");
    const struct unit_file *start = clip ? w->still : w->file, *last = last_frame(files, n);
    if (start && start->made && !str_eq(w->kind, "text"))
        add_frame(en, b, "start_frame", start);
    if (clip && last && last->job != start->job && json_bool(b->target, "end_frame", false))
        add_frame(en, b, "end_frame", last);
    bundle_refs_add(en, b, u);
}

static void fill_facts(struct bundle_plan *b, const struct unit *u, const struct job_row *job,
                       const struct wanted *w, const struct escalation_row *flag)
{
    cJSON *meta = cJSON_Parse(job->meta);
    b->unit = mem_dup(u->jobs[0].unit);
    b->drop = mem_dup(u->drop.name);
    char *stem = words_is(job) && w->file ? path_stem(w->file->path) : NULL;
    b->asset_name = stem ? stem : mem_dup(json_str(meta, "asset_name", b->unit));
    b->job = mem_dup(w->file ? w->file->job->key : job->key);
    b->role = mem_dup(w->file ? w->file->role : "text");
    b->seconds = json_num(meta, "duration_s", 0);
    b->negative = mem_dup(job->negative);
    b->note = mem_dup(flag->note);
    b->tag = mem_dup(flag->tag);
    cJSON_Delete(meta);
}

/* Puts everything together once the target is known. */
static void gather(struct engine *en, struct bundle_plan *b, const struct unit *u,
                   const struct wanted *w, const struct escalation_row *flag,
                   const struct unit_file *files, size_t n)
{
    bool clip = str_eq(json_str(b->target, "kind", ""), "clip");
    const struct job_row *job = telling_job(u, w->file, clip);
    fill_facts(b, u, job, w, flag);
    fill_wording(b, job, u);
    enhanced_use(en, u, b);
    fill_size(b, w->still ? w->still : w->file);
    add_pictures(en, b, u, w, files, n);
    bundle_compose(b);
}

int bundle_plan_words(struct engine *en, const struct unit *u, const char *model,
                      struct bundle_plan *ret_plan, struct err *e)
{
    struct unit_file *files = NULL;
    struct escalation_row flag = {0};
    struct wanted w = {0};
    size_t n = 0;
    memset(ret_plan, 0, sizeof(*ret_plan));
    unit_files(en, u, &files, &n);
    choose_wanted(files, n, NULL, &w);
    (void)store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag); /* none is fine */
    int rc = target_find(en->rules, model ? model : flag.model, w.kind, &ret_plan->target, e);
    if (!rc)
        rc = fit_target(u, ret_plan->target, &w, e);
    if (!rc) {
        bool clip = str_eq(json_str(ret_plan->target, "kind", ""), "clip");
        const struct job_row *job = telling_job(u, w.file, clip);
        fill_facts(ret_plan, u, job, &w, &flag);
        fill_wording(ret_plan, job, u);
        fill_size(ret_plan, w.still ? w.still : w.file);
    }
    escalation_row_finish(&flag);
    unit_files_finish(files, n);
    return rc;
}

int bundle_plan_make(struct engine *en, const struct unit *u, const struct job_row *job,
                     const char *model, struct bundle_plan *ret_plan, struct err *e)
{
    struct unit_file *files = NULL;
    struct escalation_row flag = {0};
    struct wanted w = {0};
    const cJSON *usual = NULL;
    size_t n = 0;
    memset(ret_plan, 0, sizeof(*ret_plan));
    unit_files(en, u, &files, &n);
    choose_wanted(files, n, job, &w);
    (void)store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag); /* none is fine */
    int rc = target_find(en->rules, NULL, w.kind, &usual, e);
    if (!rc)
        rc = target_find(en->rules, model ? model : flag.model, w.kind, &ret_plan->target, e);
    if (!rc)
        rc = check_target(u, ret_plan->target, &w, e);
    if (!rc) {
        ret_plan->model_changed = ret_plan->target != usual;
        gather(en, ret_plan, u, &w, &flag, files, n);
    }
    escalation_row_finish(&flag);
    unit_files_finish(files, n);
    return rc;
}
