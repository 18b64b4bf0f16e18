/* A storyboard shot as JSON comes in, a scene goes out: size, staging, camera, place, light,
 * people. Pure; draws nothing; forgives every spelling and every missing field. */
/* SPDX-License-Identifier: ISC */
#include "draw/scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "draw/dice.h"
#include "draw/words.h"

/* Adds the text of a value to out: a string as it is, an object or list by its members. */
static void gather(const cJSON *value, char *out, size_t out_len, int depth)
{
    size_t len = strlen(out);
    if (!value || depth > 3 || len + 2 >= out_len)
        return;
    if (cJSON_IsString(value) && value->valuestring)
        (void)str_format(out + len, out_len - len, " %s",
                         value->valuestring); /* cut when it is too long */
    for (const cJSON *c = cJSON_IsString(value) ? NULL : value->child; c; c = c->next)
        gather(c, out, out_len, depth + 1);
}

/* Normal text of the named members, one after the other. */
static void read_text(const cJSON *shot, const char *const names[], char *out, size_t out_len)
{
    char raw[SCENE_TEXT_MAX] = "";
    for (int i = 0; names[i]; i++)
        gather(json_get(shot, names[i]), raw, sizeof raw, 0);
    words_normal(raw, out, out_len);
}

#define READ(field, ...)                                                                           \
    read_text(shot, (const char *const[]){__VA_ARGS__, NULL}, t->field, sizeof t->field)

static void read_texts(const cJSON *shot, struct scene_text *t)
{
    bool split = cJSON_IsObject(json_get(shot, "camera"));
    READ(type, "shot_type", "shot_size", "framing");
    READ(placement, split ? "/camera/placement" : "camera",
         split ? "/camera/angle" : "camera_angle", "camera_placement");
    READ(movement, split ? "/camera/movement" : "camera", "camera_movement", "movement");
    READ(lens, "lens");
    READ(light, "lighting", "light", "atmosphere");
    READ(blocking, "blocking", "action");
    READ(place, "environment", "location", "heading", "setting");
    READ(hour, "time_of_day", "heading");
    READ(prompt, "hero_frame", "first_frame", "prompt", "triptych_prompt", "motion_prompt",
         "last_frame");
    READ(script, "script_text", "beat", "description");
}

/* type words -> size; the longer names first, because "wide" is in many of them. */
static const struct {
    const char *words;
    enum shot_size size;
} sizes[] = {
    {"extreme close|extreme cu|ecu$|xcu$|big close|macro|eyes", SIZE_EXTREME_CLOSE},
    {"medium close|mcu$|mid close|bust|head and shoulders", SIZE_MEDIUM_CLOSE},
    {"close|cu$|choker|tight", SIZE_CLOSE},
    {"extreme wide|extreme long|ews$|els$|xws$|establish|master|aerial|panorama|vista|drone|bird",
     SIZE_ESTABLISHING},
    {"medium wide|medium long|medium full|mws$|mls$|cowboy|american|knee|three quarter", SIZE_KNEE},
    {"full|fs$|long$|long shot|ls$", SIZE_FULL},
    {"wide|ws$|general", SIZE_WIDE},
    {"medium|ms$|mid|waist|two shot|2 shot|2shot|over|ots$|oss$|single", SIZE_MEDIUM},
};

static enum shot_size size_by_lens(double mm)
{
    if (mm <= 0)
        return SIZE_MEDIUM;
    if (mm <= 20)
        return SIZE_ESTABLISHING;
    return mm <= 30   ? SIZE_WIDE
           : mm <= 40 ? SIZE_FULL
           : mm <= 65 ? SIZE_MEDIUM
           : mm <= 90 ? SIZE_MEDIUM_CLOSE
                      : SIZE_CLOSE;
}

static void read_type(const struct scene_text *t, struct scene *s)
{
    s->size = size_by_lens(s->mm);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (words_have(t->type, sizes[i].words)) {
            s->size = sizes[i].size;
            break;
        }
    if (words_have(t->type, "pov|point of view|subjective"))
        s->staging = STAGING_POV;
    else if (words_have(
                 t->type,
                 "over shoulder|over the shoulder|over her|over his|ots$|oss$|o s|dirty single"))
        s->staging = STAGING_SHOULDER;
    else if (words_have(t->type, "insert|cutaway|detail|product shot"))
        s->staging = STAGING_INSERT;
    else if (words_have(t->type, "two shot|twoshot|2 shot|2shot|double"))
        s->staging = STAGING_TWO;
    if (s->staging == STAGING_POV && !words_have(t->type, "close|cu$|medium|full"))
        s->size = SIZE_WIDE;
}

static double default_mm(const struct scene *s)
{
    static const double by_size[] = {24, 28, 35, 40, 50, 65, 85, 100};
    return by_size[s->size];
}

static double read_moment(const char *moment)
{
    return str_eq(moment, "first") ? -1 : str_eq(moment, "last") ? 1 : 0;
}

void scene_read(const cJSON *shot, const char *moment, uint64_t seed, struct scene *ret_scene)
{
    struct scene_text *t = mem_alloc(sizeof *t);
    struct scene s = {.move_amount = 1, .moment = read_moment(moment)};
    const cJSON *object = cJSON_IsObject(shot) ? shot : NULL;
    if (object)
        read_texts(object, t);
    s.seed = dice_mix(dice_mix(seed, dice_text(t->blocking)),
                      dice_mix(dice_text(t->script), dice_text(t->prompt)));
    s.camera_seed = dice_mix(dice_mix(seed, dice_text(t->placement)),
                             dice_mix(dice_text(t->lens), dice_text(t->type)));
    s.place_seed = dice_text(t->place);
    s.light_seed = dice_mix(dice_text(t->light), dice_text(t->hour));
    scene_read_camera(t, object, &s);
    read_type(t, &s);
    if (s.mm <= 0)
        s.mm = default_mm(&s);
    scene_read_place(t, &s);
    scene_read_cast(t, object, &s);
    *ret_scene = s;
    mem_free(t);
}

const char *scene_size_word(enum shot_size size)
{
    static const char *const words[] = {
        "establishing", "wide",         "full",     "medium wide",
        "medium",       "medium close", "close-up", "extreme close-up"};
    return words[size];
}

const char *scene_move_word(enum move move)
{
    static const char *const words[] = {
        "static",     "push in",     "pull out", "pan left",   "pan right", "tilt up", "tilt down",
        "track left", "track right", "crane up", "crane down", "orbit",     "handheld"};
    return words[move];
}
