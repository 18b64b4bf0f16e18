/* Names and words about what people do come in, actors go out: who they are, how they stand, where
 * they look. Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/scene.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "draw/dice.h"
#include "draw/words.h"

static const struct {
    const char *words;
    enum act act;
} acts[] = {
    {"lies|lying|lays$|unconscious|asleep|sleeps|sleeping|collapsed|collapses|prone|on the "
     "floor|dead",
     ACT_LIE},
    {"kneel|crouch|squat|ducks|bends down|hides", ACT_KNEEL},
    {"sits|sit$|sitting|seated|perched|at the table|at her desk|at his desk", ACT_SIT},
    {"runs|run$|running|sprint|chase|flees|bolts|rushes|charges|escapes", ACT_RUN},
    {"walk|steps|step$|strides|crosses|enters|exits|moves|approach|paces|stalks|leaves|wanders|"
     "climbs|follows",
     ACT_WALK},
    {"reach|points|point at|hands$|hands over|touches|grabs|gives|offers|opens|presses|takes|holds "
     "out|picks",
     ACT_REACH},
    {"arms crossed|crosses arms|folded arms|folds arms|crosses her arms|crosses his arms",
     ACT_ARMS_CROSSED},
    {"arms up|raises|raised|cheers|surrender|lifts|waves", ACT_ARMS_UP},
    {"leans|leaning|slouch|rests against", ACT_LEAN},
};

static bool act_of(const char *text, enum act *ret_act)
{
    if (words_have(text, "crosses arms|crosses her arms|crosses his arms")) {
        *ret_act = ACT_ARMS_CROSSED;
        return true;
    }
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (words_have(text, acts[i].words)) {
            *ret_act = acts[i].act;
            return true;
        }
    return false;
}

/* The piece of a text that speaks of one name: from the name up to the next name of the cast. Whole
 * text when it is not named. */
static void piece_about(const char *text, const struct scene *s, int who, char *out, size_t out_len)
{
    char name[80];
    words_normal(s->cast[who].name, name, sizeof name);
    const char *from = strlen(name) > 2 ? strstr(text, name) : NULL;
    size_t len = strlen(from ? from : text);
    for (int i = 0; from && i < s->cast_n; i++) {
        words_normal(s->cast[i].name, name, sizeof name);
        const char *next = i != who && strlen(name) > 2 ? strstr(from + 1, name) : NULL;
        if (next && (size_t)(next - from) < len)
            len = (size_t)(next - from);
    }
    (void)str_format(out, out_len, "%.*s", (int)(len < out_len - 1 ? len : out_len - 1),
                     from ? from : text); /* cut is fine */
}

static void read_look(const char *text, struct actor *a)
{
    if (words_have(text, "looks left|look left|turns left|faces left|glances left|to the "
                         "left|screen left|exits left"))
        a->look = -1;
    if (words_have(text, "looks right|look right|turns right|faces right|glances right|to the "
                         "right|screen right|exits right"))
        a->look = 1;
    if (words_have(text, "looks up|look up|gazes up|stares up|upward"))
        a->nod = 1;
    if (words_have(text, "looks down|look down|head down|bows|lowers her|lowers his|downcast"))
        a->nod = -1;
    a->facing_told = true;
    if (words_have(text, "away from camera|back to camera|back to us|turns away|walks away|from "
                         "behind|facing away"))
        a->facing = FACING_AWAY;
    else if (words_have(text,
                        "toward camera|to camera|towards camera|at camera|faces us|faces camera"))
        a->facing = FACING_CAMERA;
    else if (words_have(text, "profile") || a->look != 0)
        a->facing = a->look < 0 || (a->look == 0 && a->self & 1) ? FACING_LEFT : FACING_RIGHT;
    else
        a->facing_told = false;
}

static void read_act(const struct scene_text *t, struct scene *s, int who)
{
    char piece[SCENE_TEXT_MAX];
    struct actor *a = &s->cast[who];
    const char *const texts[] = {t->blocking, t->script, t->prompt};
    bool acts_told = false;
    for (int i = 0; i < 3; i++) {
        piece_about(texts[i], s, who, piece, sizeof piece);
        if (!acts_told)
            acts_told = act_of(piece, &a->act);
        if (!a->facing_told)
            read_look(piece, a);
    }
    if (s->from_behind)
        a->facing = FACING_AWAY, a->facing_told = true;
}

/* A list entry may be a name or an object with a name. */
static const char *name_of(const cJSON *entry)
{
    if (cJSON_IsString(entry) && entry->valuestring && *entry->valuestring)
        return entry->valuestring;
    return cJSON_IsObject(entry) ? json_str(entry, "name", json_str(entry, "id", NULL)) : NULL;
}

static const struct {
    const char *words;
    enum prop prop;
} props[] = {
    {"key$|keys|keycard|badge|ring$", PROP_KEY},
    {"letter|paper|note$|photo|envelope|map$|document|ticket|card|blueprint", PROP_LETTER},
    {"phone|screen|tablet|device|monitor|scanner|terminal|display|watch", PROP_PHONE},
    {"cup|glass|mug|bottle|coffee|drink|vial", PROP_CUP},
    {"book|journal|diary|notebook|ledger|file$", PROP_BOOK},
    {"lamp|lantern|bulb|candle|torch", PROP_LAMP},
};

static void read_prop(const struct scene_text *t, struct scene *s)
{
    const char *const order[] = {t->type, t->blocking, t->script, t->prompt, t->place};
    for (int i = 0; i < 5; i++)
        for (size_t k = 0; k < sizeof props / sizeof *props; k++)
            if (words_have(order[i], props[k].words)) {
                s->prop = props[k].prop;
                return;
            }
}

void scene_read_cast(const struct scene_text *t, const cJSON *shot, struct scene *s)
{
    const cJSON *list = json_get(shot, "characters_in_shot");
    const cJSON *entry = cJSON_IsArray(list) ? list->child : NULL;
    for (; entry; entry = entry->next) {
        const char *name = name_of(entry);
        if (!name)
            continue;
        s->people_n++;
        if (s->cast_n == SCENE_CAST_MAX)
            continue;
        struct actor *a = &s->cast[s->cast_n++];
        (void)str_format(a->name, sizeof a->name, "%s", name); /* a long name is cut */
        a->self = dice_text(name);
    }
    for (int i = 0; i < s->cast_n; i++)
        read_act(t, s, i);
    read_prop(t, s);
}
