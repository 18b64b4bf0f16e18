/* Films of a board: a clip for each shot and the animatic. An engine that makes film between two
 * frames is given a shot of three in segments, which are joined here; the local engine dissolves
 * through all of them at once. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/board_job.h"
#include "plan/route.h"

#define FILM_WORK 0.5 /* seconds of work a second of film may take on a slow machine */

/* A long film takes longer than the provider's usual time; a job that is given too little would be
 * stopped. */
static void expect_film(struct plan_job *j, double film_seconds)
{
    int expected = (int)(film_seconds * FILM_WORK) + 1;
    if (j->seconds < expected)
        j->seconds = expected;
}

static void set_film(const struct board *b, struct plan_job *j, const char *size)
{
    board_set_size(b, j, size);
    json_set_num(j->params, "fps", json_num(b->rules.plan, "fps", 24));
}

/* --- segments --- */

static int segment_frames(const cJSON *segments)
{
    const cJSON *one;
    int n = 0;
    cJSON_ArrayForEach(one, segments) n += (int)json_int(one, "frames", 0);
    return n;
}

/* Whether the shot's film is asked for in pieces: it goes through more than two frames, and the
 * engine it would go to is not the one that takes them all at once. */
static bool in_segments(const struct board *b, const struct shot *shot)
{
    const cJSON *rule = json_get(shot->way, "clip"), *segments = json_get(shot->way, "segments");
    cJSON *params = cJSON_CreateObject();
    json_set_num(params, "seconds", shot->seconds);
    char *engine = route_engine(b->ctx->rules, "clip", shot->approach,
                                json_str(rule, "op", "film.hold"), params);
    bool split = !str_eq(engine, "local") && !str_eq(engine, "manual") &&
                 cJSON_GetArraySize(segments) > 1 && segment_frames(segments) > 0;
    cJSON_Delete(params);
    free(engine);
    return split;
}

static void add_frame(struct plan_job *j, const struct shot *shot, const char *name,
                      const char *role)
{
    char *key = board_key(shot, role);
    plan_add_input_job(j, name, key, "picture", false);
    free(key);
}

/* What an engine is told of a clip's movement: the shot's own words, or those of the rules. */
static int set_motion(const struct board *b, struct plan_job *j, const struct shot *shot,
                      struct err *e)
{
    const char *own = shot_prompt(shot, "motion_prompt");
    const char *text = own ? own : json_str(b->rules.prompts, "motion", "");

    board_set_negative(b, j, shot, "clip");
    return board_set_prompt(b, j, "clip", text, own ? "motion_prompt" : "rules", e);
}

static int add_segment(struct board *b, const struct shot *shot, const cJSON *segment,
                       double seconds, struct err *e)
{
    const char *role = json_str(segment, "role", "seg");
    const cJSON *rule = json_get(shot->way, "clip");
    struct plan_job *j = board_shot_job(b, shot, role, json_str(rule, "op", "film.dissolve"));

    set_film(b, j, "clip");
    json_set_num(j->params, "seconds", seconds);
    json_set_str(j->meta, "part_of", "clip");
    add_frame(j, shot, "first", json_str(segment, "from", "first"));
    add_frame(j, shot, "last", json_str(segment, "to", "last"));
    board_add_output(b, j, shot, "segment", role, "clip");
    route_job(b->ctx->rules, "clip", shot->approach, j);
    expect_film(j, seconds);
    route_stands_in(j, json_bool(rule, "preview", false));
    return set_motion(b, j, shot, e);
}

/* The segments share the shot's time as their frames say, and are joined where they meet. */
static int add_segments(struct board *b, const struct shot *shot, struct err *e)
{
    const cJSON *segments = json_get(shot->way, "segments"), *one;
    const char *motion = shot_prompt(shot, "motion_prompt");
    double all = segment_frames(segments);
    cJSON *seconds = cJSON_CreateArray(), *names = cJSON_CreateArray();
    int rc = 0;

    cJSON_ArrayForEach(one, segments)
    {
        double share = shot->seconds * json_num(one, "frames", 0) / all;
        cJSON_AddItemToArray(seconds, cJSON_CreateNumber(share));
        cJSON_AddItemToArray(names, cJSON_CreateString(json_str(one, "role", "seg")));
        if (!rc)
            rc = add_segment(b, shot, one, share, e);
    }
    struct plan_job *j = board_shot_job(b, shot, "clip", "film.join");
    set_film(b, j, "clip");
    json_set(j->params, "seconds", seconds);
    json_set(j->params, "names", names);
    json_set_bool(j->meta, "of_parts", true);
    cJSON_ArrayForEach(one, segments)
    {
        const char *role = json_str(one, "role", "seg");
        char *key = board_key(shot, role);
        plan_add_input_job(j, role, key, "clip", false);
        free(key);
    }
    board_add_output(b, j, shot, "clip", "clip", "clip");
    route_job(b->ctx->rules, "join", NULL, j);
    expect_film(j, shot->seconds);
    board_set_negative(b, j, shot, "clip");
    return rc ? rc : board_set_prompt(b, j, "clip", motion ? motion : "", "motion_prompt", e);
}

/* --- a shot's clip --- */

static int add_whole(struct board *b, const struct shot *shot, struct err *e)
{
    const cJSON *rule = json_get(shot->way, "clip"), *frames = json_get(rule, "keyframes"), *frame;
    const cJSON *zoom = json_get(rule, "zoom");
    struct plan_job *j = board_shot_job(b, shot, "clip", json_str(rule, "op", "film.hold"));
    const char *motion = shot_prompt(shot, "motion_prompt");
    bool one = cJSON_GetArraySize(frames) == 1;

    set_film(b, j, "clip");
    json_set_num(j->params, "seconds", shot->seconds);
    if (zoom) {
        json_set_num(j->params, "from", json_num(zoom, "/0", 1));
        json_set_num(j->params, "to", json_num(zoom, "/1", 1));
        json_set_num(j->params, "seed", (double)shot->seed);
    }
    cJSON_ArrayForEach(frame, frames)
        add_frame(j, shot, one ? "picture" : frame->valuestring, frame->valuestring);
    board_add_output(b, j, shot, "clip", "clip", "clip");
    route_job(b->ctx->rules, "clip", shot->approach, j);
    expect_film(j, shot->seconds);
    route_stands_in(j, json_bool(rule, "preview", false));
    if (str_eq(j->engine, "local") && (!motion || one))
        return 0;
    return set_motion(b, j, shot, e);
}

int board_add_clip(struct board *b, const struct shot *shot, struct err *e)
{
    return in_segments(b, shot) ? add_segments(b, shot, e) : add_whole(b, shot, e);
}

/* --- the episode --- */

void board_add_animatic(struct board *b)
{
    struct plan_job *j =
        board_episode_job(b, BOARD_ANIMATIC_KEY, "Animatic", "film.join", "clip", "clip");
    cJSON *seconds = cJSON_CreateArray();
    char *path = board_path(b, board_file(b, "animatic"), NULL, NULL);
    double sum = 0;

    set_film(b, j, "animatic");
    for (size_t i = 0; i < b->shots_n; i++) {
        cJSON_AddItemToArray(seconds, cJSON_CreateNumber(b->shots[i].seconds));
        sum += b->shots[i].seconds;
    }
    json_set(j->params, "seconds", seconds);
    plan_add_output(j, "clip", path, NULL);
    route_job(b->ctx->rules, "animatic", NULL, j);
    expect_film(j, sum);
    j->preview = true;
    free(path);
}
