/* What a storyboard shot means for a draughtsman: every choice that words can make, and nothing
 * about pixels.
 *
 * Words that say nothing still count: each group of fields stirs its own seed, so that two shots
 * that differ in a field do not look the same, while the same place keeps its buildings and the
 * same person keeps coat and height from shot to shot. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_SCENE_H
#define DRAW_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#define SCENE_CAST_MAX 9    /* drawn; more people are only counted */
#define SCENE_TEXT_MAX 6000 /* bytes of one field that are looked at */

enum shot_size {
    SIZE_ESTABLISHING,
    SIZE_WIDE,
    SIZE_FULL,
    SIZE_KNEE,
    SIZE_MEDIUM,
    SIZE_MEDIUM_CLOSE,
    SIZE_CLOSE,
    SIZE_EXTREME_CLOSE,
};

enum staging { STAGING_PLAIN, STAGING_TWO, STAGING_SHOULDER, STAGING_POV, STAGING_INSERT };
enum angle { ANGLE_LOW, ANGLE_EYE, ANGLE_HIGH, ANGLE_OVERHEAD, ANGLE_AERIAL };

enum move {
    MOVE_STATIC,
    MOVE_PUSH,
    MOVE_PULL,
    MOVE_PAN_LEFT,
    MOVE_PAN_RIGHT,
    MOVE_TILT_UP,
    MOVE_TILT_DOWN,
    MOVE_TRACK_LEFT,
    MOVE_TRACK_RIGHT,
    MOVE_CRANE_UP,
    MOVE_CRANE_DOWN,
    MOVE_ORBIT,
    MOVE_HANDHELD,
};

enum place {
    PLACE_ABSTRACT,
    PLACE_CORRIDOR,
    PLACE_STREET,
    PLACE_CITY,
    PLACE_ROOFTOP,
    PLACE_FOREST,
    PLACE_DESERT,
    PLACE_SEA,
    PLACE_HILLS,
    PLACE_ROOM,
    PLACE_SHAFT,
    PLACE_SPACE,
};

/* At a sea: a beach, a built edge with boats, or aboard. */
enum shore { SHORE_BEACH, SHORE_PIER, SHORE_ABOARD };

enum hour { HOUR_DAY, HOUR_DAWN, HOUR_GOLDEN, HOUR_DUSK, HOUR_NIGHT };
enum key { KEY_NATURAL, KEY_SODIUM, KEY_WARM, KEY_COOL, KEY_MOON, KEY_NEON, KEY_FIRE };
enum contrast { CONTRAST_NORMAL, CONTRAST_LOW_KEY, CONTRAST_HIGH_KEY };

/* What stands between the camera and the scene. */
enum veil { VEIL_NONE, VEIL_RAILING, VEIL_FOLIAGE, VEIL_GLASS, VEIL_DOOR };

enum act {
    ACT_STAND,
    ACT_WALK,
    ACT_RUN,
    ACT_SIT,
    ACT_KNEEL,
    ACT_LIE,
    ACT_REACH,
    ACT_LEAN,
    ACT_ARMS_CROSSED,
    ACT_ARMS_UP,
};

enum facing { FACING_CAMERA, FACING_LEFT, FACING_RIGHT, FACING_AWAY };
enum prop { PROP_CASE, PROP_KEY, PROP_LETTER, PROP_PHONE, PROP_CUP, PROP_BOOK, PROP_LAMP };

struct actor {
    char name[64];
    uint64_t self; /* of the name: what stays the same in every shot */
    enum act act;
    enum facing facing;
    bool facing_told;
    double look; /* -1 looks to the picture's left .. 1 right; on top of the facing */
    double nod;  /* -1 down .. 1 up */
    int side;    /* -1 stands on the left, 1 on the right, 0 not told */
    int back;    /* 1 stands farther back */
};

struct lighting {
    enum key key;
    enum contrast contrast;
    bool back, practical, top, below;
    double side;                                 /* -1 from the left .. 1 from the right */
    double steam, fog, rain, dust, snow, shafts; /* 0..1 */
};

struct scene {
    enum shot_size size;
    enum staging staging;
    enum angle angle;
    enum move move;
    double move_amount; /* 1 plain, less for slow, more for fast */
    double mm;          /* lens, 12..200 */
    double tilt;        /* dutch angle, radians */
    bool from_behind;
    enum veil veil;
    enum place place;
    enum shore shore;
    bool buoy;
    enum hour hour;
    struct lighting light;
    enum prop prop;
    struct actor cast[SCENE_CAST_MAX];
    int cast_n, people_n; /* drawn, and named in all */
    double moment;        /* -1 first, 0 hero, 1 last */
    uint64_t seed;        /* of this shot: poses, grain */
    uint64_t camera_seed, place_seed, light_seed;
};

/* Reads a shot (may be NULL or anything) and the moment's word. Never fails: what is missing gets
 * the most usual answer. */
void scene_read(const cJSON *shot, const char *moment, uint64_t seed, struct scene *ret_scene);

/* Parts of the above, for scene.c alone. Each reads normal text (draw/words.h). */
struct scene_text {
    char type[300], placement[SCENE_TEXT_MAX], movement[SCENE_TEXT_MAX], lens[400],
        light[SCENE_TEXT_MAX], blocking[SCENE_TEXT_MAX], place[SCENE_TEXT_MAX], hour[400],
        prompt[SCENE_TEXT_MAX], script[SCENE_TEXT_MAX];
};
void scene_read_camera(const struct scene_text *t, const cJSON *shot,
                       struct scene *s);                            /* scene_camera.c */
void scene_read_place(const struct scene_text *t, struct scene *s); /* scene_place.c */
void scene_read_cast(const struct scene_text *t, const cJSON *shot,
                     struct scene *s); /* scene_cast.c */

/* The words of a size, movement and so on, for captions and tests. Static. */
const char *scene_size_word(enum shot_size size);
const char *scene_move_word(enum move move);

#endif
