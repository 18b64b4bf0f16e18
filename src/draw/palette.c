/* The hash of a name comes in, a person's steady look goes out: coat colour, outfit, hair, height,
 * build. Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/tone.h"

#include "draw/dice.h"

/* Cloth that reads as a colour under any light, kept muted: rust, teal, ochre, plum, moss, slate
 * blue, brick, sand, petrol, rose. */
static const struct tone cloths[] = {
    {0.74, 0.33, 0.20}, {0.16, 0.47, 0.49}, {0.80, 0.60, 0.22}, {0.47, 0.27, 0.45},
    {0.40, 0.50, 0.25}, {0.27, 0.39, 0.60}, {0.63, 0.20, 0.22}, {0.76, 0.66, 0.50},
    {0.13, 0.34, 0.42}, {0.76, 0.44, 0.47}, {0.36, 0.55, 0.46}, {0.50, 0.42, 0.62},
};
static const struct tone skins[] = {
    {0.88, 0.70, 0.58}, {0.80, 0.60, 0.46}, {0.66, 0.47, 0.35},
    {0.50, 0.34, 0.25}, {0.38, 0.25, 0.19},
};
static const struct tone hairs[] = {
    {0.10, 0.08, 0.08}, {0.20, 0.13, 0.09}, {0.33, 0.21, 0.12},
    {0.52, 0.36, 0.18}, {0.45, 0.20, 0.11}, {0.38, 0.36, 0.34},
};

#define PICK(d, list) (list)[dice_pick(d, (int)(sizeof(list) / sizeof *(list)))]

struct look palette_look(uint64_t self)
{
    struct dice d = {self};
    struct look k = {.main = PICK(&d, cloths), .skin = PICK(&d, skins), .hair = PICK(&d, hairs)};
    k.outfit = (enum outfit)dice_pick(&d, OUTFIT_N);
    k.hair_style = (enum hair)dice_pick(&d, HAIR_N);
    k.height = dice_between(&d, 1.58, 1.90);
    k.build = dice_between(&d, 0.90, 1.14);
    k.jaw = dice_between(&d, -1, 1);
    if (k.hair_style == HAIR_LONG || k.hair_style == HAIR_BOB || k.hair_style == HAIR_TAIL ||
        k.hair_style == HAIR_BUN)
        k.height -= 0.07, k.build -= 0.06, k.jaw -= 0.6;
    else if (k.outfit == OUTFIT_DRESS)
        k.outfit = OUTFIT_JACKET;
    double dark = dice_between(&d, 0.10, 0.22);
    k.legs = (struct tone){dark * 1.0, dark * 1.02, dark * 1.15};
    k.shoes = (struct tone){0.10, 0.09, 0.09};
    k.under =
        tone_mix((struct tone){0.82, 0.80, 0.75}, tone_scale(k.main, 0.8), 0.5 * dice_unit(&d));
    return k;
}
