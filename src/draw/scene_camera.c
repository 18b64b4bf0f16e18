/* Words about the camera come in; angle, movement, lens and what the lens looks through go out.
 * Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/scene.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "draw/dice.h"
#include "draw/words.h"

static const struct {
    const char *words;
    enum move move;
} moves[] = {
    {"static|locked|lock off|still$|fixed|tripod|no move|none", MOVE_STATIC},
    {"push|dolly in|move in|creep|zoom in|track in|forward|into", MOVE_PUSH},
    {"pull|dolly out|dolly back|move out|zoom out|track out|back away|backward|widen", MOVE_PULL},
    {"pan left|pans left|panning left|whip left|pan to the left|pans to the left", MOVE_PAN_LEFT},
    {"pan|whip", MOVE_PAN_RIGHT},
    {"tilt down|tilts down|tilting down", MOVE_TILT_DOWN},
    {"tilt", MOVE_TILT_UP},
    {"crane down|lower|descend|boom down|pedestal down|jib down|drops|sink", MOVE_CRANE_DOWN},
    {"crane|boom|jib|rise|rising|ascend|pedestal|lift", MOVE_CRANE_UP},
    {"orbit|arc|circle|circling|around|360", MOVE_ORBIT},
    {"track left|tracks left|truck left|slide left|dolly left|lateral left|left", MOVE_TRACK_LEFT},
    {"track|truck|slide|dolly|lateral|follow|steadicam|gimbal|walks with|right", MOVE_TRACK_RIGHT},
    {"hand|shak|verite|nervous|breath", MOVE_HANDHELD},
};

static void read_movement(const char *movement, struct scene *s)
{
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (words_have(movement, moves[i].words)) {
            s->move = moves[i].move;
            break;
        }
    if (words_have(movement, "slow|gentle|subtle|slight|creep|imperceptib|drift"))
        s->move_amount = 0.65;
    if (words_have(movement, "fast|quick|whip|rapid|rush|swift|crash|snap"))
        s->move_amount = 1.5;
}

static void read_angle(const struct scene_text *t, struct scene *s)
{
    s->angle = ANGLE_EYE;
    const char *const both[] = {t->placement, t->type};
    for (int i = 0; i < 2; i++) {
        if (words_have(
                both[i],
                "overhead|top down|straight down|directly above|god|top shot|from the ceiling"))
            s->angle = ANGLE_OVERHEAD;
        else if (words_have(both[i], "aerial|drone|bird|helicopter"))
            s->angle = ANGLE_AERIAL;
        else if (words_have(both[i],
                            "low|ground level|worm|knee height|floor|looking up|from below|hip"))
            s->angle = ANGLE_LOW;
        else if (words_have(
                     both[i],
                     "high|above|elevated|looking down|balcony|gantry|mezzanine|from the roof"))
            s->angle = ANGLE_HIGH;
        else
            continue;
        break;
    }
    if (words_have(t->placement, "dutch|canted|tilted|oblique|skew") ||
        words_have(t->type, "dutch|canted"))
        s->tilt = (s->camera_seed & 1 ? 1 : -1) * 0.19;
}

static void read_veil(const struct scene_text *t, struct scene *s)
{
    const char *p = t->placement;
    if (!words_have(p, "behind|through|past|between|over a|peek|framed by"))
        return;
    if (words_have(p, "rail|bars|fence|gate|grate|grille|cage|scaffold|pipes|banister"))
        s->veil = VEIL_RAILING;
    else if (words_have(p, "leaves|foliage|branch|bush|reeds|grass|tree|plants"))
        s->veil = VEIL_FOLIAGE;
    else if (words_have(p, "glass|window|windscreen|windshield|visor|screen"))
        s->veil = VEIL_GLASS;
    else if (words_have(p, "door|arch|hatch|crate|column|pillar|wall|curtain|frame"))
        s->veil = VEIL_DOOR;
    else
        s->from_behind = words_have(p, "behind");
    s->from_behind |= words_have(p, "from behind|behind her|behind him|behind them|back of");
}

/* A number of millimetres in an object, a number, or words: "85", "85mm", "35 mm wide". */
static double read_mm(const cJSON *lens, const char *words)
{
    double mm = cJSON_IsNumber(lens) ? lens->valuedouble
                                     : json_num(cJSON_IsObject(lens) ? lens : NULL, "mm", 0);
    for (const char *at = words; mm <= 0 && *at; at++)
        if (*at >= '0' && *at <= '9' && (at == words || at[-1] == ' '))
            mm = strtod(at, NULL);
    if (mm <= 0 && words_have(words, "fisheye|ultra wide"))
        mm = 14;
    if (mm <= 0 && words_have(words, "wide"))
        mm = 24;
    if (mm <= 0 && words_have(words, "tele|long"))
        mm = 135;
    if (mm <= 0 && words_have(words, "macro|portrait"))
        mm = 90;
    if (mm <= 0 && words_have(words, "normal|standard|prime"))
        mm = 50;
    return isfinite(mm) && mm > 0 ? fmin(fmax(mm, 12), 200) : 0;
}

void scene_read_camera(const struct scene_text *t, const cJSON *shot, struct scene *s)
{
    read_movement(t->movement, s);
    read_angle(t, s);
    read_veil(t, s);
    s->mm = read_mm(json_get(shot, "lens"), t->lens);
}
