/* What was learned comes in as a tree; lines for a terminal, or a page, go out. Adds no number of
 * its own. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "manual/learn.h"

static const struct {
    const char *name, *title;
} groups[] = {{"models", "By target or model"},
              {"shot_types", "By kind of shot"},
              {"prompt_lengths", "By length of the prompt"},
              {"fixes", "How it was mended"}};
#define GROUPS_N (sizeof groups / sizeof *groups)

/* "12, median 35 min" */
static char *count_text(const cJSON *one)
{
    double minutes = json_num(one, "minutes", 0);
    int n = (int)json_num(one, "n", 0);
    return minutes > 0 ? mem_printf("%d, median %.4g min", n, minutes) : mem_printf("%d", n);
}

/* "motion 8, artifacts 2" */
static char *tags_text(const cJSON *one)
{
    struct buf out;
    const cJSON *tag;
    buf_init(&out, 4096);
    cJSON_ArrayForEach(tag, json_get(one, "tags"))
        buf_printf(&out, "%s%s %.0f", out.len ? ", " : "", tag->string, tag->valuedouble);
    return buf_take(&out);
}

static char *share_text(const cJSON *tag)
{
    return mem_printf("%.0f %% (%.0f to %.0f %%)", json_num(tag, "share", 0) * 100,
                      json_num(tag, "low", 0) * 100, json_num(tag, "high", 0) * 100);
}

void learn_text(const cJSON *found, struct buf *out)
{
    const cJSON *one;
    buf_printf(out, "%.0f mended by hand, %.0f without a tag\n", json_num(found, "cases", 0),
               json_num(found, "untagged", 0));
    cJSON_ArrayForEach(one, json_get(found, "tags"))
    {
        char *count = count_text(one), *share = share_text(one);
        buf_printf(out, "  %-14s %s, %s\n", json_str(one, "tag", ""), count, share);
        free(count);
        free(share);
    }
    for (size_t i = 0; i < GROUPS_N; i++) {
        const cJSON *list = json_get(found, groups[i].name);
        if (cJSON_GetArraySize(list))
            buf_printf(out, "\n%s\n", groups[i].title);
        cJSON_ArrayForEach(one, list)
        {
            char *count = count_text(one), *of = tags_text(one);
            buf_printf(out, "  %-20s %s%s%s\n", json_str(one, "name", ""), count, *of ? ": " : "",
                       of);
            free(count);
            free(of);
        }
    }
    buf_text(out, "\n");
    cJSON_ArrayForEach(one, json_get(found, "advice")) buf_printf(out, "%s\n", one->valuestring);
    if (!cJSON_GetArraySize(json_get(found, "advice")))
        buf_text(out, "No advice: the numbers do not carry any yet.\n");
}

static cJSON *card(const char *title, char *takes_first, char *takes_second)
{
    cJSON *c = cJSON_CreateObject(), *lines = cJSON_CreateArray();
    json_set_str(c, "title", title);
    cJSON_AddItemToArray(lines, cJSON_CreateString(takes_first));
    if (*takes_second)
        cJSON_AddItemToArray(lines, cJSON_CreateString(takes_second));
    json_set(c, "lines", lines);
    free(takes_first);
    free(takes_second);
    return c;
}

static void add_section(cJSON *sections, const char *title, cJSON *takes_cards)
{
    cJSON *section = cJSON_CreateObject();
    json_set_str(section, "title", title);
    json_set(section, "cards", takes_cards);
    cJSON_AddItemToArray(sections, section);
}

cJSON *learn_page(const cJSON *found, const char *title)
{
    cJSON *page = cJSON_CreateObject(), *sections = cJSON_CreateArray();
    cJSON *cards = cJSON_CreateArray();
    const cJSON *one;
    char *subtitle = mem_printf("%.0f mended by hand, %.0f without a tag",
                                json_num(found, "cases", 0), json_num(found, "untagged", 0));
    cJSON_ArrayForEach(one, json_get(found, "tags")) cJSON_AddItemToArray(
        cards, card(json_str(one, "tag", ""), count_text(one), share_text(one)));
    add_section(sections, "What went wrong", cards);
    for (size_t i = 0; i < GROUPS_N; i++) {
        cards = cJSON_CreateArray();
        cJSON_ArrayForEach(one, json_get(found, groups[i].name)) cJSON_AddItemToArray(
            cards, card(json_str(one, "name", ""), count_text(one), tags_text(one)));
        add_section(sections, groups[i].title, cards);
    }
    json_set_str(page, "title", title);
    json_set_str(page, "subtitle", subtitle);
    json_set(page, "notes", cJSON_Duplicate(json_get(found, "advice"), true));
    json_set(page, "sections", sections);
    json_set_str(page, "foot", json_str(found, "method", ""));
    free(subtitle);
    return page;
}
