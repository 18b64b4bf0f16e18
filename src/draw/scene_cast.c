/* Names and words about what people do come in, actors go out: who they are, how they stand, where
 * they look. Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
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

/* Whether any name of the cast but `who` stands at this place of a text. */
static bool other_name_at(const char *at, const struct scene *s, int who)
{
    char name[80];
    for (int i = 0; i < s->cast_n; i++) {
        words_normal(s->cast[i].name, name, sizeof name);
        if (i != who && strlen(name) > 2 && strncmp(at, name, strlen(name)) == 0)
            return true;
    }
    return false;
}

/* The piece of a text that speaks of one name: from the name to the next name or to the end of that
 * sentence. A name that does not occur gets the whole text when it is alone or nobody is named,
 * else nothing. */
static void piece_about(const char *text, const struct scene *s, int who, char *out, size_t out_len)
{
    char name[80];
    words_normal(s->cast[who].name, name, sizeof name);
    const char *from = strlen(name) > 2 ? strstr(text, name) : NULL;
    bool others = false;
    for (const char *at = text; !from && *at && !others; at++)
        others = *at == ' ' && other_name_at(at, s, who);
    size_t len = from ? 1 : others ? 0 : strlen(text);
    for (; from && from[len] && from[len] != '.' && !other_name_at(from + len, s, who); len++)
        ;
    len = len < out_len - 2 ? len : out_len - 2;
    (void)str_format(out, out_len, "%.*s ", (int)len, from ? from : text); /* a cut is fine */
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

/* Where the blocking puts somebody: the left or right half, in front or behind. */
static void read_spot(const char *text, struct actor *a)
{
    long left = words_at(text, "on the left|at left|at the left|frame left|screen left|camera "
                               "left|left of frame|from the left");
    long right = words_at(text, "on the right|at right|at the right|frame right|screen "
                                "right|camera right|right of frame|from the right");
    if (left >= 0 || right >= 0) /* what is said first is said of this person */
        a->side = right < 0 || (left >= 0 && left < right) ? -1 : 1;
    if (words_have(text, "in the background|behind her|behind him|behind them|in back|far off"))
        a->back = 1;
}

static void read_act(const struct scene_text *t, struct scene *s, int who)
{
    char *piece = mem_alloc(SCENE_TEXT_MAX);
    struct actor *a = &s->cast[who];
    const char *const texts[] = {t->blocking, t->script};
    bool acts_told = false;
    for (int i = 0; i < 2; i++) {
        piece_about(texts[i], s, who, piece, SCENE_TEXT_MAX);
        if (!acts_told)
            acts_told = act_of(piece, &a->act);
        if (!a->facing_told)
            read_look(piece, a);
        read_spot(piece, a);
    }
    mem_free(piece);
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
