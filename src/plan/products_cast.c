/* The people of a set come in: the host's name and face, characters, scenes; their sheets and
 * scenes go into the plan.
 *
 *   sheet_WHO         characters/WHO_sheet.png    character.sheet   wants the character's photo
 *   sheet_WHO_OUTFIT  ...                         one more for each change of clothes in a scene
 *   scene_NN          scenes/NN.png               character.scene   wants its sheets, and the face
 *
 * A scene tells place and action alone: what its characters look like is said by their sheets. */
/* SPDX-License-Identifier: ISC */
#include "plan/products_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#define SLUG_LEN_MAX   40
#define SCENE_CAST_MAX 2

/* --- the host --- */

const char *products_host(const struct product_set *s)
{
    const cJSON *rule = json_get(json_get(s->rule, "assets"), "avatar_base");
    const char *own = json_str(s->order->doc, "/avatar/name", "");
    return *own ? own : json_str(rule, "label", "Host");
}

const struct order_file *products_face(const struct product_set *s)
{
    return order_file(s->order, "/avatar/face");
}

/* --- characters --- */

static const cJSON *find_character(const struct product_set *s, const char *name, int *ret_index)
{
    const cJSON *one;
    *ret_index = 0;
    cJSON_ArrayForEach(one, json_get(s->order->doc, "characters"))
    {
        if (str_eq(json_str(one, "name", ""), name))
            return one;
        ++*ret_index;
    }
    return NULL;
}

/* "mara", or "mara_grey-suit". Owned. */
static char *sheet_slug(const char *name, const char *outfit)
{
    char *who = utf8_slug(name, '-', SLUG_LEN_MAX, "character");
    char *clothes = *outfit ? utf8_slug(outfit, '-', SLUG_LEN_MAX, "outfit") : NULL;
    char *slug = clothes ? mem_printf("%s_%s", who, clothes) : mem_dup(who);
    free(clothes);
    free(who);
    return slug;
}

/* What the sheet's text says of the character. */
static cJSON *sheet_values(const cJSON *character, const char *outfit)
{
    cJSON *values = cJSON_CreateObject();
    const char *own = json_str(character, "wardrobe", "");
    const char *worn = *outfit ? outfit : own;
    char *text = mem_printf("%s, %s%s%s", json_str(character, "name", ""),
                            json_str(character, "description", ""), *worn ? "; wears " : "", worn);
    json_set_str(values, "character", text);
    free(text);
    return values;
}

static const struct plan_job *find_job(const struct product_set *s, const char *key)
{
    for (size_t i = 0; i < s->plan->jobs_n; i++)
        if (str_eq(s->plan->jobs[i].key, key))
            return &s->plan->jobs[i];
    return NULL;
}

static const struct order_file *photo_of(const struct product_set *s, int index)
{
    char name[64];
    snprintf(name, sizeof name, "/characters/%d/reference_image", index);
    return order_file(s->order, name);
}

/* The sheet of a character in an outfit ("" its own), planned once. Its key, owned. */
static char *add_sheet(struct product_set *s, const cJSON *character, int index, const char *outfit)
{
    const char *name = json_str(character, "name", "");
    char *slug = sheet_slug(name, outfit), *key = mem_printf("sheet_%s", slug);
    char *title = mem_printf("%s%s%s, character sheet", name, *outfit ? ", " : "", outfit);
    cJSON *values = sheet_values(character, outfit), *params = cJSON_CreateObject();
    json_set_str(params, "label", name);
    if (!find_job(s, key))
        products_add(s, &(struct wanted){.key = key,
                                         .title = title,
                                         .op = "character.sheet",
                                         .asset = "character_sheet",
                                         .name = "sheet",
                                         .prompt_name = "sheet_prompt",
                                         .prompt_rule = "sheet",
                                         .variant = slug,
                                         .group = "Characters",
                                         .ref = photo_of(s, index),
                                         .values = values,
                                         .params = params});
    cJSON_Delete(values);
    cJSON_Delete(params);
    free(title);
    free(slug);
    return key;
}

/* --- scenes --- */

static void say_stranger(struct product_set *s, int index, const char *name)
{
    char *place = mem_printf("/scenes/%d/characters", index);
    faults_add(s->faults, "CHARACTER", place, name, "a name under \"characters\"",
               "Add the character there, or correct the name.");
    free(place);
}

/* Its sheets, and for each the text that makes it on the page; false with a fault. */
static bool cast_scene(struct product_set *s, const cJSON *scene, int index,
                       char *ret_sheets[SCENE_CAST_MAX], cJSON *params)
{
    static const char *const texts[] = {"sheet_prompt", "sheet2_prompt"};
    const cJSON *name, *wardrobe = json_get(scene, "wardrobe");
    cJSON *cast = cJSON_CreateArray();
    int n = 0, at;
    cJSON_ArrayForEach(name, json_get(scene, "characters"))
    {
        const cJSON *who = find_character(s, name->valuestring, &at);
        if (!who) {
            say_stranger(s, index, name->valuestring);
            break;
        }
        ret_sheets[n] = add_sheet(s, who, at, json_str(wardrobe, name->valuestring, ""));
        const struct plan_job *sheet = find_job(s, ret_sheets[n]);
        json_set_str(params, texts[n++], sheet && sheet->prompt ? sheet->prompt : "");
        cJSON_AddItemToArray(cast, cJSON_CreateString(name->valuestring));
    }
    json_set(params, "cast", cast);
    return name == NULL;
}

/* The site's own saved host stands in where the sheets cannot be had. */
static void tell_otherwise(const struct product_set *s, const cJSON *scene, cJSON *params)
{
    cJSON *other = cJSON_CreateObject();
    json_set_str(other, "character", products_host(s));
    json_set_str(other, "prompt", json_str(scene, "scene", ""));
    json_set_str(other, "ratio", "canvas");
    json_set(params, "otherwise", other);
}

static void add_scene(struct product_set *s, const cJSON *scene, int index)
{
    char *sheets[SCENE_CAST_MAX] = {0}, *key = mem_printf("scene_%02d", index + 1);
    char *title = mem_printf("Scene %d", index + 1), number[16];
    cJSON *values = cJSON_CreateObject(), *params = cJSON_CreateObject();
    snprintf(number, sizeof number, "%02d", index + 1);
    json_set_str(values, "scene", json_str(scene, "scene", ""));
    json_set_str(params, "scene", json_str(scene, "scene", ""));
    json_set_bool(params, "make_sheets", false);
    tell_otherwise(s, scene, params);
    if (cast_scene(s, scene, index, sheets, params))
        products_add(s, &(struct wanted){.key = key,
                                         .title = title,
                                         .op = "character.scene",
                                         .asset = "character_scene",
                                         .name = "scene",
                                         .prompt_name = "scene_prompt",
                                         .prompt_rule = "character_scene",
                                         .variant = number,
                                         .group = "Scenes",
                                         .face = products_face(s),
                                         .sheets = {sheets[0], sheets[1]},
                                         .values = values,
                                         .params = params});
    for (int i = 0; i < SCENE_CAST_MAX; i++)
        free(sheets[i]);
    cJSON_Delete(values);
    cJSON_Delete(params);
    free(title);
    free(key);
}

/* Sheets stand together in the plan, before the scenes: those of another outfit too. */
static void add_outfits(struct product_set *s, const cJSON *scene)
{
    const cJSON *name;
    int at;
    cJSON_ArrayForEach(name, json_get(scene, "characters"))
    {
        const char *outfit = json_str(json_get(scene, "wardrobe"), name->valuestring, "");
        const cJSON *who = find_character(s, name->valuestring, &at);
        if (who && *outfit)
            free(add_sheet(s, who, at, outfit));
    }
}

void products_add_cast(struct product_set *s)
{
    const cJSON *one, *scenes = json_get(s->order->doc, "scenes");
    int index = 0;
    if (!products_wants(s, "character_sheet"))
        return;
    cJSON_ArrayForEach(one, json_get(s->order->doc, "characters"))
        free(add_sheet(s, one, index++, ""));
    index = 0;
    if (!products_wants(s, "character_scene"))
        return;
    cJSON_ArrayForEach(one, scenes) add_outfits(s, one);
    cJSON_ArrayForEach(one, scenes) add_scene(s, one, index++);
}
