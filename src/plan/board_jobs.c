/* The shots of a board become jobs: frames, strips, splits, fits and the sheet; films:
 * board_film.c. A job's params hold what can be seen in its own result and nothing of its
 * neighbours, so that a change touches only what hangs on it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/board_job.h"
#include "plan/prompt.h"
#include "plan/route.h"

static int add_previz(struct board *b, const struct shot *shot, struct err *e);
static int add_stills(struct board *b, const struct shot *shot, struct err *e);
static void add_panels(struct board *b, const struct shot *shot);
static void add_sheet(struct board *b);

int board_add_jobs(struct board *b, struct err *e)
{
    for (size_t i = 0; i < b->shots_n; i++) {
        const struct shot *shot = &b->shots[i];
        int rc = add_previz(b, shot, e);
        if (rc == 0)
            rc = add_stills(b, shot, e);
        if (rc != 0)
            return rc;
        add_panels(b, shot);
        rc = board_add_clip(b, shot, e);
        if (rc != 0)
            return rc;
    }
    add_sheet(b);
    board_add_animatic(b);
    return 0;
}

/* --- parts of a job --- */

const char *board_file(const struct board *b, const char *file)
{
    return json_str(json_get(b->rules.naming, "files"), file, "unnamed");
}

/* Adds the job with its meta; role is the word in key and title. */
struct plan_job *board_shot_job(struct board *b, const struct shot *shot, const char *role,
                                const char *op)
{
    char *key = board_key(shot, role), *title = mem_printf("%s, %s", shot->id, role);
    const char *type = json_str(shot->doc, "shot_type", NULL);
    char *group =
        mem_printf("%s: %s%s%.4g s", shot->id, type ? type : "", type ? ", " : "", shot->seconds);
    struct plan_job *j = plan_add_job(b->plan, key, title, op);

    if (!j->params)
        j->params = cJSON_CreateObject();
    if (!j->meta)
        j->meta = cJSON_CreateObject();
    json_set_str(j->meta, "group", group);
    json_set_str(j->meta, "shot_id", shot->id);
    json_set_str(j->meta, "asset_name", shot->asset_name);
    json_set_str(j->meta, "role", role);
    json_set_str(j->meta, "approach", shot->approach);
    json_set_num(j->meta, "seed", (double)shot->seed);
    json_set_num(j->meta, "duration_s", shot->seconds);
    board_tell_hand(b, shot, j->meta);
    free(key);
    free(title);
    free(group);
    return j;
}

void board_set_size(const struct board *b, struct plan_job *j, const char *size)
{
    int width, height;
    board_size(b, size, &width, &height);
    json_set_num(j->params, "width", width);
    json_set_num(j->params, "height", height);
}

void board_add_output(const struct board *b, struct plan_job *j, const struct shot *shot,
                      const char *file, const char *role, const char *out_role)
{
    char *path = board_path(b, board_file(b, file), shot, role);
    plan_add_output(j, out_role, path, NULL);
    free(path);
}

/* Fills the frame's template with the shot's text; the prompt is saved beside the job's first
 * output. */
int board_set_prompt(const struct board *b, struct plan_job *j, const char *frame, const char *text,
                     const char *source, struct err *e)
{
    const cJSON *templates = json_get(b->rules.prompts, "frames");
    cJSON *values = cJSON_CreateObject();
    char *stem = mem_dup(j->outs[0].path), *dot = strrchr(stem, '.');
    bool cut = false;
    int rc;

    json_set_str(values, "prompt", text);
    json_set_str(values, "aspect", b->aspect_name);
    rc = prompt_fill(json_str(templates, frame, "{prompt}"), values,
                     (size_t)json_int(b->rules.prompts, "max", 6000), &j->prompt, &cut, e);
    if (cut)
        faults_add(&b->plan->notes, "PROMPT_CUT", j->key, source, "a prompt within the limit",
                   NULL);
    if (dot)
        *dot = '\0';
    j->prompt_path = mem_printf("%s%s", stem, json_str(b->rules.naming, "prompt_ending", ".txt"));
    json_set_str(j->meta, "prompt_source", source);
    free(stem);
    cJSON_Delete(values);
    return rc;
}

/* The shot's own negative text goes to its film; stills have that of the rules. */
void board_set_negative(const struct board *b, struct plan_job *j, const struct shot *shot,
                        const char *frame)
{
    const char *own = str_eq(frame, "clip") ? json_str(shot->doc, "negative_prompt", NULL) : NULL;
    const char *text = own ? own : json_str(json_get(b->rules.prompts, "negative"), frame, NULL);
    j->negative = mem_dup(text);
}

/* --- stills --- */

static int add_previz(struct board *b, const struct shot *shot, struct err *e)
{
    const cJSON *rule = json_get(b->rules.plan, "previz");
    struct plan_job *j = board_shot_job(b, shot, "previz", "board.frame");
    const char *source = NULL, *text = shot_first_prompt(shot, json_get(rule, "sources"), &source);

    board_set_size(b, j, "previz");
    json_set_num(j->params, "seed", (double)shot->seed);
    json_set_str(j->params, "moment", json_str(rule, "moment", "hero"));
    json_set_bool(j->params, "caption", true);
    json_set(j->params, "shot", shot_visible(shot, b->rules.plan, true));
    board_add_output(b, j, shot, "previz", "previz", "picture");
    board_set_negative(b, j, shot, "previz");
    route_job(b->ctx->rules, "previz", NULL, j);
    return board_set_prompt(b, j, "previz", text ? text : "", source ? source : "", e);
}

static int add_still(struct board *b, const struct shot *shot, const cJSON *still, struct err *e)
{
    const char *role = json_str(still, "role", "first");
    bool strip = str_eq(role, "strip");
    const char *frame = strip ? "strip" : "still", *source = NULL;
    const char *text = shot_first_prompt(shot, json_get(still, "prompt"), &source);
    struct plan_job *j = board_shot_job(b, shot, role, strip ? "board.strip" : "board.frame");

    board_set_size(b, j, strip ? "strip" : "keyframe");
    json_set_num(j->params, "seed", (double)shot->seed);
    if (!strip) {
        json_set_str(j->params, "moment", role);
        json_set_bool(j->params, "caption", false);
    }
    json_set(j->params, "shot", shot_visible(shot, b->rules.plan, false));
    board_add_output(b, j, shot, "still", role, "picture");
    board_set_negative(b, j, shot, frame);
    route_job(b->ctx->rules, strip ? "strip" : "keyframe", role, j);
    return board_set_prompt(b, j, frame, text ? text : "", source ? source : "", e);
}

static int add_stills(struct board *b, const struct shot *shot, struct err *e)
{
    const cJSON *still;
    cJSON_ArrayForEach(still, json_get(shot->way, "stills"))
    {
        int rc = add_still(b, shot, still, e);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static void add_split(struct board *b, const struct shot *shot, const cJSON *panels)
{
    char *strip = board_key(shot, "strip");
    struct plan_job *j = board_shot_job(b, shot, "split", "picture.split");
    const cJSON *trim = json_get(b->aspect, "trim"), *panel;

    json_set_num(j->params, "panels", cJSON_GetArraySize(panels));
    json_set_num(j->params, "trim_x", json_num(trim, "/0", 0));
    json_set_num(j->params, "trim_y", json_num(trim, "/1", 0));
    plan_add_input_job(j, "strip", strip, "picture", false);
    cJSON_ArrayForEach(panel, panels)
    {
        char *role = mem_printf("%s_raw", panel->valuestring);
        board_add_output(b, j, shot, "still", role, role);
        free(role);
    }
    route_job(b->ctx->rules, "split", NULL, j);
    free(strip);
}

static void add_fit(struct board *b, const struct shot *shot, const char *role)
{
    char *split = board_key(shot, "split"), *raw = mem_printf("%s_raw", role);
    struct plan_job *j = board_shot_job(b, shot, role, "picture.fit");

    board_set_size(b, j, "keyframe");
    plan_add_input_job(j, "picture", split, raw, false);
    board_add_output(b, j, shot, "still", role, "picture");
    route_job(b->ctx->rules, "upscale", role, j);
    free(split);
    free(raw);
}

static void add_panels(struct board *b, const struct shot *shot)
{
    const cJSON *panels = json_get(shot->way, "panels"), *panel;
    if (!panels)
        return;
    add_split(b, shot, panels);
    cJSON_ArrayForEach(panel, panels) add_fit(b, shot, panel->valuestring);
}

/* --- the episode --- */

/* A job over one output of every shot in their order; a shot that fails is only missing in it.
 * Inputs are called after their shots, and params name them in their order, so that a label or a
 * length finds its own. */
struct plan_job *board_episode_job(struct board *b, const char *key, const char *title,
                                   const char *op, const char *role, const char *out_role)
{
    struct plan_job *j = plan_add_job(b->plan, key, title, op);
    cJSON *names = cJSON_CreateArray();

    if (!j->params)
        j->params = cJSON_CreateObject();
    if (!j->meta)
        j->meta = cJSON_CreateObject();
    json_set_str(j->meta, "group", "The episode");
    json_set_str(j->meta, "role", role);
    for (size_t i = 0; i < b->shots_n; i++) {
        char *from = board_key(&b->shots[i], role);
        plan_add_input_job(j, b->shots[i].asset_name, from, out_role, true);
        cJSON_AddItemToArray(names, cJSON_CreateString(b->shots[i].asset_name));
        free(from);
    }
    json_set(j->params, "names", names);
    return j;
}

static void add_sheet(struct board *b)
{
    struct plan_job *j =
        board_episode_job(b, BOARD_SHEET_KEY, "Contact sheet", "sheet", "previz", "picture");
    cJSON *labels = cJSON_CreateArray();
    char *path = board_path(b, board_file(b, "contact_sheet"), NULL, NULL);
    int width, height, columns = (int)json_int(b->aspect, "sheet_columns", 6);

    board_size(b, "sheet_cell", &width, &height);
    for (size_t i = 0; i < b->shots_n; i++)
        cJSON_AddItemToArray(labels, cJSON_CreateString(b->shots[i].id));
    json_set_num(j->params, "columns", (size_t)columns < b->shots_n ? columns : (int)b->shots_n);
    json_set_num(j->params, "cell_width", width);
    json_set_num(j->params, "cell_height", height);
    json_set(j->params, "labels", labels);
    json_set_str(j->params, "title", b->plan->title);
    plan_add_output(j, "picture", path, NULL);
    route_job(b->ctx->rules, "contact_sheet", NULL, j);
    free(path);
}
