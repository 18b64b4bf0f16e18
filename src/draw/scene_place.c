/* Words about place, hour and light come in; the kind of place, the hour and the lighting go out.
 * Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/scene.h"

#include "draw/dice.h"
#include "draw/words.h"

static const struct {
    const char *words;
    enum place place;
} places[] = {
    {"corridor|hallway|passage|tunnel|hall$|aisle|subway|sewer|bulkhead|gangway", PLACE_CORRIDOR},
    {"rooftop|roof top|roof$|parapet|terrace|balcony|helipad|penthouse", PLACE_ROOFTOP},
    {"shaft|industr|factory|gantry|foundry|refinery|reactor|engine "
     "room|machine|hangar|warehouse|boiler|silo|catwalk|plant room|mill|dry "
     "dock|scaffold|furnace",
     PLACE_SHAFT},
    {"outer space|space$|spaceship|starship|orbit|planet|moon "
     "surface|lunar|nebula|asteroid|galaxy|cockpit|airlock|stars",
     PLACE_SPACE},
    {"alley|street|avenue|road|lane|market|crosswalk|sidewalk|boulevard|bazaar|plaza|square|bridge",
     PLACE_STREET},
    {"forest|wood$|woods|jungle|trees|grove|swamp|orchard|thicket", PLACE_FOREST},
    {"desert|dune|sand|wasteland|salt flat|mesa|canyon|badlands", PLACE_DESERT},
    {"sea$|ocean|pontoon|quay|marina|jetty|wharf|bow$|stern$|buoy|beach|shore|coast|harbour|harbor|"
     "pier|dock|ship|boat|lake|river|waves|island|"
     "water",
     PLACE_SEA},
    {"mountain|hill|field|meadow|valley|plain|farm|prairie|cliff|tundra|snow|glacier|steppe|"
     "graveyard|village",
     PLACE_HILLS},
    {"city|skyline|downtown|metropolis|district|tower|urban|town", PLACE_CITY},
    {"room|interior|int$|kitchen|office|apartment|house|bar$|diner|cafe|studio|lab|bedroom|bath|"
     "library|church|cell$|cabin|shop|"
     "hospital|lobby|school|attic|basement|bedside|table|workshop|restaurant|theatre|theater|court|"
     "quarters",
     PLACE_ROOM},
    {"ext$|exterior|outside|outdoor", PLACE_HILLS},
};

static enum place place_of(const char *text)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (words_have(text, places[i].words))
            return places[i].place;
    return PLACE_ABSTRACT;
}

static const struct {
    const char *words;
    enum hour hour;
} hours[] = {
    {"night|midnight|moonlit|moonlight|after dark", HOUR_NIGHT},
    {"dawn|sunrise|first light|early morning", HOUR_DAWN},
    {"golden|sunset|magic hour|late afternoon|low sun", HOUR_GOLDEN},
    {"dusk|twilight|blue hour|evening|nightfall", HOUR_DUSK},
    {"day|noon|morning|afternoon|midday|daylight|overcast", HOUR_DAY},
};

static bool hour_of(const char *text, enum hour *ret_hour)
{
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++)
        if (words_have(text, hours[i].words)) {
            *ret_hour = hours[i].hour;
            return true;
        }
    return false;
}

static const struct {
    const char *words;
    enum key key;
} keys[] = {
    {"sodium|orange|amber|street lamp|streetlamp|street light", KEY_SODIUM},
    {"neon|magenta|cyan|cyber|sign$|signs|led$|rgb|hologra", KEY_NEON},
    {"fire|flame|torch|ember|forge|lava|explosion|burning|flare", KEY_FIRE},
    {"moon|starlight", KEY_MOON},
    {"cool|cold|blue|fluoresc|steel|clinical|monitor|screen glow|teal|ice|icy|overcast", KEY_COOL},
    {"warm|tungsten|candle|lamp|lantern|golden|practical|incandescent|bulb|sunset", KEY_WARM},
};

static double amount(const char *text, const char *words)
{
    if (!words_have(text, words))
        return 0;
    return words_have(text, "thin|light$|faint|slight|hint|little") ? 0.55
           : words_have(text, "heavy|thick|dense|pouring")          ? 1
                                                                    : 0.8;
}

static void read_key(const struct scene_text *t, struct scene *s)
{
    const char *const order[] = {t->light, t->hour, t->place, t->prompt};
    struct lighting *l = &s->light;
    for (int i = 0; i < 4 && l->key == KEY_NATURAL; i++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys && l->key == KEY_NATURAL; k++)
            if (words_have(order[i], keys[k].words))
                l->key = keys[k].key;
    l->practical = words_have(
        t->light, "practical|lamp|lantern|bulb|candle|sconce|sign|sodium|street l|monitor|screen");
    if (words_have(t->light, "low key|noir|chiaroscuro|dark|silhouette|dim|shadowy|single "
                             "source|hard|underexposed|contrasty"))
        l->contrast = CONTRAST_LOW_KEY;
    else if (words_have(t->light, "high key|bright|airy|soft even|flat|overexposed|white|beauty"))
        l->contrast = CONTRAST_HIGH_KEY;
    l->back = words_have(t->light, "back|rim|silhouette|contre|halo|behind|kicker|edge");
    l->top = words_have(t->light, "top light|overhead|from above|toplight|ceiling|skylight|noon");
    l->below = words_have(t->light, "from below|underlight|uplight|under lit|underlit|floor");
    struct dice d = {s->light_seed};
    l->side = dice_unit(&d) < 0.5 ? -dice_between(&d, 0.45, 0.95) : dice_between(&d, 0.45, 0.95);
    if (words_have(t->light, "left|screen left|camera left"))
        l->side = -0.85;
    if (words_have(t->light, "right$|screen right|camera right"))
        l->side = 0.85;
}

static void read_air(const struct scene_text *t, struct scene *s)
{
    const char *const where[] = {t->light, t->place, t->prompt};
    struct lighting *l = &s->light;
    for (int i = 0; i < 3; i++) {
        double weight = i == 2 ? 0.7 : 1;
#define MOST(field, words)                                                                         \
    do {                                                                                           \
        double found = weight * amount(where[i], words);                                           \
        l->field = found > l->field ? found : l->field;                                            \
    } while (0)
        MOST(steam, "steam|vapor|vapour|smoke|exhaust|vents");
        MOST(fog, "fog|mist|haze|hazy|smog|murk|cloud of");
        MOST(rain, "rain|drizzle|downpour|storm|wet");
        MOST(dust, "dust|motes|particles|ash|pollen|sandstorm|sparks");
        MOST(snow, "snow|blizzard|flurr");
        MOST(shafts, "shaft of|shafts|volumetric|god ray|godray|beam|rays|light "
                     "shaft|searchlight|spotlight");
#undef MOST
    }
}

static void read_shore(const struct scene_text *t, struct scene *s)
{
    const char *const order[] = {t->place, t->placement, t->blocking, t->prompt};
    for (int i = 0; i < 4 && s->shore == SHORE_BEACH; i++)
        if (words_have(order[i],
                       "harbour|harbor|pier|dock|quay|pontoon|port$|jetty|marina|mole$|wharf"))
            s->shore = SHORE_PIER;
        else if (words_have(order[i], "open sea|open water|aboard|bow$|stern|tiller|on deck|deck "
                                      "of|boat|ship$|raft"))
            s->shore = SHORE_ABOARD;
    s->buoy = words_have(t->place, "buoy") || words_have(t->blocking, "buoy");
}

void scene_read_place(const struct scene_text *t, struct scene *s)
{
    const char *const order[] = {t->place, t->prompt, t->script, t->blocking};
    for (int i = 0; i < 4 && s->place == PLACE_ABSTRACT; i++)
        s->place = place_of(order[i]);
    s->hour = s->place == PLACE_SPACE ? HOUR_NIGHT : HOUR_DAY;
    const char *const told[] = {t->hour, t->light, t->place, t->prompt, t->script};
    for (int i = 0; i < 5; i++)
        if (hour_of(told[i], &s->hour))
            break;
    read_key(t, s);
    read_air(t, s);
    read_shore(t, s);
    if (s->place == PLACE_ROOM || s->place == PLACE_CORRIDOR || s->place == PLACE_SHAFT)
        s->light.rain = s->light.snow = 0; /* under a roof */
}
