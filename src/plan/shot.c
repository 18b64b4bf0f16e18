/* The shots of a storyboard come in, checked shots and every fault go out. Makes no job and names
 * no file. */
/* SPDX-License-Identifier: ISC */
#include "plan/shot.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/asset_name.h"

#define SHOT_ID_LEN 64

/* All that one reading needs; lives for shots_read. */
struct reading {
    const struct order *order;
    const struct board_rules *rules;
    struct faults *notes, *faults;
    int at; /* index of the shot that is read */
};

static void check_identity(const struct reading *r, struct shot *shot);
static void check_way(const struct reading *r, struct shot *shot);
static void check_prompts(const struct reading *r, const struct shot *shot);
static void check_words(const struct reading *r, const struct shot *shot);
static void check_hero_length(const struct reading *r, const struct shot *shot);
static void check_twins(const struct reading *r, const struct shot *shots, size_t n);

/* --- saying where --- */

static char *place_of(const struct reading *r, const char *field)
{
    const char *file =
        r->order->doc_path && *r->order->doc_path ? r->order->doc_path : r->order->entry;
    const cJSON *doc = cJSON_GetArrayItem(json_get(r->order->doc, "shots"), r->at);
    const char *id = json_str(doc, "shot_id", "without shot_id");
    return mem_printf("%s: /shots/%d%s%s (shot %s)", file, r->at, *field ? "/" : "", field, id);
}

static void shot_fault(const struct reading *r, const char *code, const char *field,
                       const char *found, const char *expected, const char *cure)
{
    char *place = place_of(r, field);
    faults_add(r->faults, code, place, found, expected, cure);
    free(place);
}

static void shot_note(const struct reading *r, const char *code, const char *field,
                      const char *found, const char *expected)
{
    char *place = place_of(r, field);
    faults_add(r->notes, code, place, found, expected, NULL);
    free(place);
}

/* --- reading --- */

static const cJSON *scene_of(const cJSON *board, const char *scene_id)
{
    const cJSON *scene;
    if (!scene_id)
        return NULL;
    cJSON_ArrayForEach(scene, json_get(board, "scenes"))
    {
        if (str_eq(json_str(scene, "id", NULL), scene_id))
            return scene;
    }
    return NULL;
}

static int64_t seed_of(const struct reading *r, const struct shot *shot)
{
    const cJSON *given = json_get(shot->doc, "seed");
    char hex[DIGEST_LEN], *basis;
    if (cJSON_IsNumber(given))
        return json_int(shot->doc, "seed", 0);
    basis = mem_printf("%s\n%s", json_str(r->order->doc, "project", ""), shot->asset_name);
    digest_bytes(basis, strlen(basis), hex);
    free(basis);
    hex[8] = '\0';
    return (int64_t)(strtoul(hex, NULL, 16) & 0x7fffffffUL);
}

static void shot_read(const struct reading *r, const cJSON *doc, struct shot *shot)
{
    shot->doc = doc;
    shot->id = json_str(doc, "shot_id", "");
    shot->asset_name = json_str(doc, "asset_name", "");
    shot->approach = json_str(doc, "generation_approach", "");
    shot->approach = json_str(json_get(r->rules->plan, "aliases"), shot->approach, shot->approach);
    shot->seconds = json_num(doc, "duration_s", 0);
    shot->scene = scene_of(r->order->doc, json_str(doc, "scene_id", NULL));
    shot->seed = seed_of(r, shot);
    check_identity(r, shot);
    check_way(r, shot);
    if (!shot->way)
        return;
    check_prompts(r, shot);
    check_words(r, shot);
    check_hero_length(r, shot);
}

int shots_read(const struct order *order, const struct board_rules *rules, struct faults *notes,
               struct faults *faults, struct shot **ret_shots, size_t *ret_n)
{
    const cJSON *list = json_get(order->doc, "shots"), *doc;
    size_t n = (size_t)cJSON_GetArraySize(list), before = faults->n + faults->more;
    struct reading r = {order, rules, notes, faults, 0};
    struct shot *shots;

    if (n == 0) {
        faults_add(faults, "SHOTS_EMPTY", order->entry, "no shot", "at least one in \"shots\"",
                   "Add the shots and drop the board again.");
        return ERR_INPUT;
    }
    shots = mem_alloc(n * sizeof *shots);
    cJSON_ArrayForEach(doc, list)
    {
        shot_read(&r, doc, &shots[r.at]);
        r.at++;
    }
    check_twins(&r, shots, n);
    if (faults->n + faults->more > before) {
        free(shots);
        return ERR_INPUT;
    }
    *ret_shots = shots;
    *ret_n = n;
    return 0;
}

/* --- checking --- */

static bool id_is_plain(const char *id)
{
    size_t len = strlen(id);
    if (len == 0 || len > SHOT_ID_LEN)
        return false;
    for (; *id; id++) {
        if ((unsigned char)*id < 0x20 || *id == 0x7f || *id == '/' || *id == '\\')
            return false;
    }
    return true;
}

static void check_identity(const struct reading *r, struct shot *shot)
{
    const cJSON *rule = json_get(r->rules->naming, "asset_name");
    const char *code = json_str(r->order->doc, "project_code", NULL);
    struct asset_name name;
    char found[64];
    struct err e;

    if (!id_is_plain(shot->id))
        shot_fault(r, "SHOT_ID", "shot_id", shot->id, "1 to 64 printable characters, no slash",
                   "Give the shot a short id such as SH01.");
    if (asset_name_check_stem(json_str(rule, "pattern", ""), shot->asset_name, &name, &e) != 0) {
        shot_fault(r, "ASSET_NAME", "asset_name", shot->asset_name, json_str(rule, "says", ""),
                   "Correct the name; every file of the shot is called after it.");
        return;
    }
    if (code && !str_eq(code, name.project))
        shot_note(r, "ASSET_NAME_PROJECT", "asset_name", name.project, "the board's project_code");
    if (name.episode != (int)json_int(r->order->doc, "episode", name.episode)) {
        (void)str_format(found, sizeof found, "episode %d", name.episode);
        shot_note(r, "ASSET_NAME_EPISODE", "asset_name", found, "the board's own episode");
    }
}

static void check_way(const struct reading *r, struct shot *shot)
{
    const cJSON *ways = json_get(r->rules->plan, "approaches"), *way;
    char words[256] = "one of";

    shot->way = json_get(ways, shot->approach);
    if (!shot->way) {
        cJSON_ArrayForEach(way, ways)
        {
            size_t len = strlen(words);
            (void)str_format(words + len, sizeof words - len, " %s", way->string);
        }
        shot_fault(r, "APPROACH_UNKNOWN", "generation_approach", shot->approach, words,
                   "Choose how the shot is to be made.");
    }
    if (!(shot->seconds > 0))
        shot_fault(r, "DURATION", "duration_s", "no length", "seconds above 0",
                   "Say how long the shot lasts.");
}

static void check_prompts(const struct reading *r, const struct shot *shot)
{
    const cJSON *choice, *name;
    char expected[256];

    cJSON_ArrayForEach(choice, json_get(shot->way, "needs"))
    {
        if (shot_first_prompt(shot, choice, NULL))
            continue;
        (void)str_format(expected, sizeof expected, "a prompt, because the approach is %s",
                         shot->approach);
        cJSON_ArrayForEach(name, choice)
        {
            size_t len = strlen(expected);
            if (name != choice->child)
                (void)str_format(expected + len, sizeof expected - len, " (or %s)",
                                 name->valuestring);
        }
        shot_fault(r, "PROMPT_MISSING", choice->child->valuestring, "nothing", expected,
                   "Write the prompt, or choose another generation_approach.");
    }
}

/* The word where it begins a word of the text, whatever the case; NULL when nowhere. */
static const char *word_in(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = text; *p; p++) {
        if ((p == text || !isalpha((unsigned char)p[-1])) && strncasecmp(p, word, len) == 0)
            return p;
    }
    return NULL;
}

static void check_words(const struct reading *r, const struct shot *shot)
{
    const cJSON *avoid = json_get(r->rules->prompts, "avoid"), *field, *word;
    char expected[128], found[64];

    cJSON_ArrayForEach(field, json_get(avoid, "fields"))
    {
        const char *text = shot_prompt(shot, field->valuestring), *at;
        cJSON_ArrayForEach(word, json_get(avoid, "words"))
        {
            at = text ? word_in(text, word->valuestring) : NULL;
            if (!at)
                continue;
            (void)str_format(expected, sizeof expected,
                             "no \"%s\": it turns photographs to drawings", word->valuestring);
            (void)str_format(found, sizeof found, "%.*s", (int)strcspn(at, ",.;:\n"), at);
            shot_fault(r, "PROMPT_WORD", field->valuestring, found, expected,
                       json_str(avoid, "instead", NULL));
        }
    }
}

static int words_in(const char *text)
{
    bool inside = false;
    int n = 0;
    for (; *text; text++) {
        bool blank = isspace((unsigned char)*text) != 0;
        n += !blank && !inside;
        inside = !blank;
    }
    return n;
}

static void check_hero_length(const struct reading *r, const struct shot *shot)
{
    const cJSON *rule = json_get(r->rules->prompts, "hero_words"), *approach;
    const char *text = shot_prompt(shot, "hero_frame");
    int min = (int)json_int(rule, "min", 0), max = (int)json_int(rule, "max", 1 << 20);
    char found[32], expected[48];

    cJSON_ArrayForEach(approach, json_get(rule, "approaches"))
    {
        int n = text && str_eq(approach->valuestring, shot->approach) ? words_in(text) : min;
        if (n >= min && n <= max)
            continue;
        (void)str_format(found, sizeof found, "%d words", n);
        (void)str_format(expected, sizeof expected, "about %d to %d words", min, max);
        shot_note(r, "HERO_LENGTH", "hero_frame", found, expected);
    }
}

static void check_twins(const struct reading *r, const struct shot *shots, size_t n)
{
    struct reading here = *r;
    for (size_t i = 1; i < n; i++) {
        bool id = false, name = false;
        here.at = (int)i;
        for (size_t k = 0; k < i; k++) {
            id = id || str_eq(shots[i].id, shots[k].id);
            name = name || str_eq(shots[i].asset_name, shots[k].asset_name);
        }
        if (id)
            shot_fault(&here, "SHOT_ID_TWICE", "shot_id", shots[i].id, "an id no other shot has",
                       "Give one of the two another id.");
        if (name)
            shot_fault(&here, "ASSET_NAME_TWICE", "asset_name", shots[i].asset_name,
                       "a name no other shot has", "Count T (or S) up in one of the two.");
    }
}

/* --- answering --- */

static bool has_text(const char *text)
{
    return text && text[strspn(text, " \t\r\n")] != '\0';
}

const char *shot_prompt(const struct shot *shot, const char *field)
{
    const cJSON *value = json_get(shot->doc, field);
    const char *text = cJSON_IsString(value) ? value->valuestring : json_str(value, "prompt", NULL);
    return has_text(text) ? text : NULL;
}

const char *shot_first_prompt(const struct shot *shot, const cJSON *fields, const char **ret_field)
{
    const cJSON *field;
    cJSON_ArrayForEach(field, fields)
    {
        const char *text = shot_prompt(shot, field->valuestring);
        if (!text)
            continue;
        if (ret_field)
            *ret_field = field->valuestring;
        return text;
    }
    return NULL;
}

static void copy_fields(cJSON *to, const cJSON *from, const cJSON *fields)
{
    const cJSON *field, *value;
    cJSON_ArrayForEach(field, fields)
    {
        value = json_get(from, field->valuestring);
        if (value && !json_get(to, field->valuestring))
            json_set(to, field->valuestring, cJSON_Duplicate(value, true));
    }
}

cJSON *shot_visible(const struct shot *shot, const cJSON *plan_rules, bool caption)
{
    cJSON *seen = cJSON_CreateObject();
    copy_fields(seen, shot->doc, json_get(plan_rules, "frame_fields"));
    copy_fields(seen, shot->scene, json_get(plan_rules, "scene_fields"));
    json_set_str(seen, "prompt",
                 shot_first_prompt(shot, json_get(plan_rules, "/previz/sources"), NULL));
    if (caption)
        copy_fields(seen, shot->doc, json_get(plan_rules, "caption_fields"));
    return seen;
}

char *shot_lens_text(const struct shot *shot)
{
    const cJSON *lens = json_get(shot->doc, "lens");
    const char *function = json_str(lens, "function", "");
    char mm[32];
    if (cJSON_IsString(lens))
        return mem_dup(lens->valuestring);
    if (cJSON_IsNumber(lens))
        return mem_printf("%g mm", lens->valuedouble);
    (void)str_format(mm, sizeof mm, "%.20s", json_str(lens, "mm", ""));
    if (cJSON_IsNumber(json_get(lens, "mm")))
        (void)str_format(mm, sizeof mm, "%g mm", json_num(lens, "mm", 0));
    return mem_printf("%s%s%s", mm, *mm && *function ? ", " : "", function);
}

char *shot_spoken_text(const struct shot *shot)
{
    static const char *const fields[] = {"dialogue", "script_text", "action", "beat"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *text = json_str(shot->doc, fields[i], NULL);
        if (has_text(text))
            return mem_dup(text);
    }
    return mem_dup("");
}
