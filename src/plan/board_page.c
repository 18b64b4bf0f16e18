/* The review page of an episode: the animatic and the contact sheet, then every previz frame with
 * what the board says of it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/board.h"
#include "plan/refer.h"

static cJSON *fact(const char *name, cJSON *takes_value)
{
    cJSON *pair = cJSON_CreateArray();
    cJSON_AddItemToArray(pair, cJSON_CreateString(name));
    cJSON_AddItemToArray(pair, takes_value);
    return pair;
}

static double running_time(const struct board *b)
{
    double sum = 0;
    for (size_t i = 0; i < b->shots_n; i++)
        sum += b->shots[i].seconds;
    return sum;
}

static cJSON *page_facts(const struct board *b)
{
    char *length = mem_printf("%.4g s", running_time(b)), *shots = mem_printf("%zu", b->shots_n);
    cJSON *facts = cJSON_CreateArray(), *cost = refer("text"), *parts = cJSON_CreateArray();
    cJSON *sum = refer("sum");

    json_set_str(sum, "of", "cost");
    cJSON_AddItemToArray(parts, sum);
    cJSON_AddItemToArray(parts, cJSON_CreateString(" USD"));
    json_set(cost, "parts", parts);
    cJSON_AddItemToArray(facts, fact("Shots", cJSON_CreateString(shots)));
    cJSON_AddItemToArray(facts, fact("Running time", cJSON_CreateString(length)));
    cJSON_AddItemToArray(facts, fact("Aspect", cJSON_CreateString(b->aspect_name)));
    cJSON_AddItemToArray(facts, fact("Cost", cost));
    free(length);
    free(shots);
    return facts;
}

/* --- the episode --- */

static cJSON *episode_card(const char *kind, const char *title, const char *key, const char *role)
{
    cJSON *card = cJSON_CreateObject();
    json_set(card, kind, refer_output("path", key, role));
    json_set_str(card, "title", title);
    json_set(card, "state", refer_job("state", key));
    json_set(card, "href", refer_output("path", key, role));
    return card;
}

static cJSON *episode_section(void)
{
    cJSON *section = cJSON_CreateObject(), *cards = cJSON_CreateArray();
    json_set_str(section, "title", "Episode");
    cJSON_AddItemToArray(cards, episode_card("film", "Animatic", BOARD_ANIMATIC_KEY, "clip"));
    cJSON_AddItemToArray(cards,
                         episode_card("picture", "Contact sheet", BOARD_SHEET_KEY, "picture"));
    json_set(section, "cards", cards);
    return section;
}

/* --- the shots --- */

static void add_line(cJSON *lines, const char *name, char *takes_text)
{
    if (takes_text && *takes_text) {
        char *line = mem_printf("%s%s%s", name, *name ? ": " : "", takes_text);
        cJSON_AddItemToArray(lines, cJSON_CreateString(line));
        free(line);
    }
    free(takes_text);
}

static cJSON *shot_lines(const struct shot *shot, const char *key)
{
    cJSON *lines = cJSON_CreateArray(), *source = refer("text"), *parts = cJSON_CreateArray();
    const cJSON *camera = json_get(shot->doc, "camera");
    const char *movement =
        cJSON_IsString(camera) ? camera->valuestring : json_str(camera, "movement", "");

    add_line(lines, "", mem_dup(shot->asset_name));
    add_line(lines, "", mem_printf("%.4g s, %s", shot->seconds, shot->approach));
    add_line(lines, "Shot", mem_dup(json_str(shot->doc, "shot_type", "")));
    add_line(lines, "Lens", shot_lens_text(shot));
    add_line(lines, "Camera", mem_dup(movement));
    add_line(lines, "", shot_spoken_text(shot));
    cJSON_AddItemToArray(parts, cJSON_CreateString("Prompt from "));
    cJSON_AddItemToArray(parts, refer_meta(key, "prompt_source"));
    json_set(source, "parts", parts);
    cJSON_AddItemToArray(lines, source);
    return lines;
}

static cJSON *shot_card(const struct shot *shot)
{
    char *key = board_key(shot, "previz"), *clip = board_key(shot, "clip");
    cJSON *card = cJSON_CreateObject();

    json_set(card, "picture", refer_output("path", key, "picture"));
    json_set_str(card, "title", shot->id);
    json_set(card, "state", refer_job("state", key));
    json_set(card, "lines", shot_lines(shot, key));
    json_set(card, "text", refer_job_else("prompt", key, cJSON_CreateNull()));
    json_set(card, "href", refer_output("path", clip, "clip"));
    free(key);
    free(clip);
    return card;
}

static cJSON *shots_section(const struct board *b)
{
    cJSON *section = cJSON_CreateObject(), *cards = cJSON_CreateArray();
    json_set_str(section, "title", "Shots");
    for (size_t i = 0; i < b->shots_n; i++)
        cJSON_AddItemToArray(cards, shot_card(&b->shots[i]));
    json_set(section, "cards", cards);
    return section;
}

void board_add_page(struct board *b)
{
    const cJSON *names = json_get(json_get(b->rules.naming, "documents"), "previz_review");
    char *first = board_path(b, json_str(names, "/0", "review.html"), NULL, NULL);
    char *dir = path_dir(first);
    cJSON *page = cJSON_CreateObject(), *sections = cJSON_CreateArray();

    json_set_str(page, "@base", dir);
    json_set_str(page, "title", json_str(b->order->doc, "title", b->project));
    json_set_str(page, "subtitle", b->plan->title);
    json_set(page, "facts", page_facts(b));
    cJSON_AddItemToArray(sections, episode_section());
    cJSON_AddItemToArray(sections, shots_section(b));
    json_set(page, "sections", sections);
    json_set_str(page, "foot", "A picture opens large; a shot's name opens its clip.");
    board_add_record(b, "previz_review", "page", page);
    free(first);
    free(dir);
}
