/* A shot comes in; what a person who makes it by hand has to know goes out into its jobs' meta: its
 * id for people, who is in it, and which pictures show them. Changes no request. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/board.h"

#define POINTER_MAX 512

static bool names_episode(const char *id)
{
    return strncmp(id, "EP", 2) == 0 && isdigit((unsigned char)id[2]) &&
           isdigit((unsigned char)id[3]) && isdigit((unsigned char)id[4]) && id[5] == '_';
}

char *board_unit(const struct board *b, const struct shot *shot)
{
    return names_episode(shot->id) ? mem_dup(shot->id)
                                   : mem_printf("EP%s_%s", b->episode, shot->id);
}

static void add_ref(cJSON *refs, const struct board *b, const char *pointer, const char *who,
                    const char *label)
{
    const struct order_file *file = order_file(b->order, pointer);
    if (!file)
        return;
    cJSON *ref = cJSON_CreateObject();
    char *name = mem_printf("%s_%s", who, label);
    str_lower(name);
    json_set_str(ref, "kind", "identity");
    json_set_str(ref, "label", name);
    json_set_str(ref, "file", file->frozen);
    json_set_str(ref, "sha256", file->sha256);
    cJSON_AddItemToArray(refs, ref);
    free(name);
}

static void add_refs_of(cJSON *refs, const struct board *b, const char *who, const cJSON *character)
{
    char pointer[POINTER_MAX], label[16];
    if (str_format(pointer, sizeof pointer, "/characters/%s/hero_image", who))
        add_ref(refs, b, pointer, who, "hero");
    for (int i = 0; i < cJSON_GetArraySize(json_get(character, "refs")); i++)
        if (str_format(pointer, sizeof pointer, "/characters/%s/refs/%d", who, i) &&
            str_format(label, sizeof label, "ref%d", i + 1))
            add_ref(refs, b, pointer, who, label);
}

void board_tell_hand(const struct board *b, const struct shot *shot, cJSON *meta)
{
    const cJSON *characters = json_get(b->order->doc, "characters"), *name;
    cJSON *cast = cJSON_CreateArray(), *refs = cJSON_CreateArray();
    char *unit = board_unit(b, shot);
    cJSON_ArrayForEach(name, json_get(shot->doc, "characters_in_shot"))
    {
        if (!cJSON_IsString(name))
            continue;
        const cJSON *character = cJSON_GetObjectItemCaseSensitive(characters, name->valuestring);
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "name", name->valuestring);
        json_set_str(one, "text", json_str(character, "description", NULL));
        cJSON_AddItemToArray(cast, one);
        add_refs_of(refs, b, name->valuestring, character);
    }
    json_set_str(meta, "unit", unit);
    json_set_str(meta, "shot_type", json_str(shot->doc, "shot_type", NULL));
    json_set(meta, "cast", cast);
    json_set(meta, "refs", refs);
    free(unit);
}
