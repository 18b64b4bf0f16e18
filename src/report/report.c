/* A drop's rows come in, its report goes out: what was made, what was not and why, what it cost, as
 * a page that opens from the folder. */
/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "assets/page.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "money/caps.h"
#include "report/sums.h"

static void add_fact(cJSON *facts, const char *name, char *takes_value)
{
    cJSON *fact = cJSON_CreateArray();
    cJSON_AddItemToArray(fact, cJSON_CreateString(name));
    cJSON_AddItemToArray(fact, cJSON_CreateString(takes_value));
    cJSON_AddItemToArray(facts, fact);
    free(takes_value);
}

static cJSON *report_facts(const struct record_source *source, const struct sums *s, bool as_ended)
{
    cJSON *facts = cJSON_CreateArray();
    char state[120], at[CLOCK_TEXT_LEN], spent[MONEY_TEXT_LEN];
    sums_state(source->drop, s, as_ended, source->card != NULL, state, sizeof(state));
    clock_local(source->drop->created_s, "%Y-%m-%d %H:%M", at);
    add_fact(facts, "State", mem_dup(state));
    add_fact(facts, "Made", mem_printf("%d", s->made));
    if (s->kept)
        add_fact(facts, "Unchanged", mem_printf("%d", s->kept));
    if (s->failed)
        add_fact(facts, "Failed", mem_printf("%d", s->failed));
    if (s->by_hand)
        add_fact(facts, "By hand", mem_printf("%d", s->by_hand));
    if (s->skipped)
        add_fact(facts, "Left out", mem_printf("%d", s->skipped));
    if (s->previews)
        add_fact(facts, "Previews", mem_printf("%d", s->previews));
    money_text(money_of(s->cost), spent);
    add_fact(facts, "Spent", mem_printf("%s USD", spent));
    add_fact(facts, "Working time", mem_printf("%.1f s", s->seconds));
    add_fact(facts, "Planned", mem_dup(at));
    add_fact(facts, "Tree", mem_printf("out/%s", source->drop->tree));
    return facts;
}

/* Paths as seen from taken/<drop-id>/. */
static char *seen_from_report(const char *path)
{
    return mem_printf("../../out/%s", path);
}

static void add_line(cJSON *lines, const char *text)
{
    if (text && *text)
        cJSON_AddItemToArray(lines, cJSON_CreateString(text));
}

/* What is shown of a file on the page. */
enum made_kind { MADE_FILM, MADE_PICTURE, MADE_TEXT };

static enum made_kind kind_of(const struct asset_row *asset)
{
    if (asset && str_eq(asset->media, "mp4"))
        return MADE_FILM;
    return asset && str_ends(asset->path, ".json") ? MADE_TEXT : MADE_PICTURE;
}

static char *length_of(int64_t bytes)
{
    return bytes < 1000000 ? mem_printf("%.1f kB", (double)bytes / 1e3)
                           : mem_printf("%.1f MB", (double)bytes / 1e6);
}

static cJSON *job_card(const struct job_row *job, const struct asset_row *asset)
{
    cJSON *card = cJSON_CreateObject(), *lines = cJSON_CreateArray();
    json_set_str(card, "title", job->title);
    json_set_str(card, "state", sums_job_word(job));
    if (asset) {
        char *path = seen_from_report(asset->path), *size = NULL;
        enum made_kind kind = kind_of(asset);
        if (kind != MADE_TEXT)
            json_set_str(card, kind == MADE_FILM ? "film" : "picture", path);
        json_set_str(card, "href", path);
        char *bytes = length_of(asset->bytes);
        size = asset->width ? mem_printf("%d × %d, %s", asset->width, asset->height, bytes)
                            : mem_dup(bytes);
        free(bytes);
        add_line(lines, path_base(asset->path));
        add_line(lines, size);
        free(path);
        free(size);
    }
    char *engine = mem_printf("%s, %s%s", job->engine, job->model, job->preview ? ", preview" : "");
    add_line(lines, engine);
    if (job->attempts > 1) {
        char *attempts = mem_printf("%d attempts", job->attempts);
        add_line(lines, attempts);
        free(attempts);
    }
    json_set(card, "lines", lines);
    json_set_str(card, "text", job->error);
    free(engine);
    return card;
}

static const struct asset_row *first_asset(const struct record_source *source,
                                           const struct job_row *job)
{
    if (job->state != JOB_DONE && job->state != JOB_KEPT)
        return NULL;
    return record_file(source, job, NULL);
}

static bool is_bad(const struct job_row *job)
{
    return job->state == JOB_FAILED || job->state == JOB_NEEDS_PERSON || job->state == JOB_SKIPPED;
}

static cJSON *report_section(const struct record_source *source, const char *title, bool bad,
                             enum made_kind kind)
{
    cJSON *section = cJSON_CreateObject(), *cards = cJSON_CreateArray();
    for (size_t i = 0; i < source->jobs_n; i++) {
        const struct job_row *job = &source->jobs[i];
        const struct asset_row *asset = first_asset(source, job);
        if (is_bad(job) == bad && (bad || kind_of(asset) == kind))
            cJSON_AddItemToArray(cards, job_card(job, asset));
    }
    json_set_str(section, "title", title);
    json_set(section, "cards", cards);
    return section;
}

/* Rewritten prompts and verdicts, when there are any. */
static void add_texts(cJSON *sections, const struct record_source *source)
{
    cJSON *section = report_section(source, "Texts", false, MADE_TEXT);
    if (json_get(section, "cards")->child)
        cJSON_AddItemToArray(sections, section);
    else
        cJSON_Delete(section);
}

/* One unit that people had a hand in. */
static cJSON *hand_card(const cJSON *one)
{
    static const char *const flags[] = {"manual_tag", "manual_note"};
    cJSON *card = cJSON_CreateObject(), *lines = cJSON_CreateArray();
    const cJSON *fix, *out;
    json_set_str(card, "title", one->string);
    json_set_str(card, "state", json_bool(one, "manual_escalated", false) ? "escalated" : "mended");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        add_line(lines, json_str(one, flags[i], NULL));
    cJSON_ArrayForEach(out, json_get(one, "manual_exports"))
    {
        char *text = mem_printf("manual_export/%s", json_str(out, "bundle", ""));
        add_line(lines, text);
        free(text);
    }
    cJSON_ArrayForEach(fix, json_get(one, "manual_fixes"))
    {
        char *text =
            mem_printf("%s, %s", json_str(fix, "fix_type", ""), json_str(fix, "failure_type", ""));
        add_line(lines, text);
        free(text);
    }
    json_set(card, "lines", lines);
    return card;
}

/* A card a unit, and one that leads to what was learned. */
static void add_hand(cJSON *sections, const struct record_source *source)
{
    cJSON *section = cJSON_CreateObject(), *cards = cJSON_CreateArray();
    const cJSON *one;
    bool fixed = false;
    cJSON_ArrayForEach(one, source->hand)
    {
        fixed = fixed || json_get(one, "manual_fixes");
        cJSON_AddItemToArray(cards, hand_card(one));
    }
    if (fixed) {
        cJSON *card = cJSON_CreateObject();
        char *tree = mem_printf("%s/learn.html", source->drop->tree),
             *path = seen_from_report(tree);
        json_set_str(card, "title", "What can be learned");
        json_set_str(card, "href", path);
        cJSON_AddItemToArray(cards, card);
        free(path);
        free(tree);
    }
    json_set_str(section, "title", "By hand");
    json_set(section, "cards", cards);
    cJSON_AddItemToArray(sections, section);
}

/* A card for each take that a gate refused: what was paid for and is not shown otherwise. */
static void add_refused(cJSON *sections, const struct record_source *source)
{
    cJSON *section = cJSON_CreateObject(), *cards = cJSON_CreateArray();
    const cJSON *job, *take;
    cJSON_ArrayForEach(job, json_get(source->gates, "jobs"))
    {
        cJSON_ArrayForEach(take, json_get(job, "refused"))
        {
            cJSON *card = cJSON_CreateObject(), *lines = cJSON_CreateArray();
            const char *file = json_str(take, "file", NULL);
            char *path = file ? seen_from_report(file) : NULL;
            json_set_str(card, "title", job->string);
            json_set_str(card, "state", json_str(take, "gate", ""));
            if (path)
                json_set_str(card, "href", path);
            add_line(lines, json_str(take, "model", NULL));
            add_line(lines, file ? path_base(file) : NULL);
            json_set(card, "lines", lines);
            json_set_str(card, "text", json_str(take, "why", ""));
            cJSON_AddItemToArray(cards, card);
            free(path);
        }
    }
    json_set_str(section, "title", "Refused by a gate");
    json_set(section, "cards", cards);
    if (cards->child)
        cJSON_AddItemToArray(sections, section);
    else
        cJSON_Delete(section);
}

void report_page(const struct record_source *source, bool as_ended, struct buf *out)
{
    struct sums sums;
    cJSON *page = cJSON_CreateObject(), *sections = cJSON_CreateArray();
    cJSON *meta = cJSON_Parse(source->drop->meta);
    sums_make(source->jobs, source->jobs_n, &sums);
    json_set_str(page, "title", source->drop->title);
    json_set_str(page, "subtitle", source->drop->name);
    json_set(page, "facts", report_facts(source, &sums, as_ended));
    if (json_get(meta, "notes"))
        json_set(page, "notes", cJSON_Duplicate(json_get(meta, "notes"), true));
    cJSON_AddItemToArray(sections, report_section(source, "Not made", true, MADE_PICTURE));
    cJSON_AddItemToArray(sections, report_section(source, "Films", false, MADE_FILM));
    cJSON_AddItemToArray(sections, report_section(source, "Pictures", false, MADE_PICTURE));
    add_texts(sections, source);
    add_refused(sections, source);
    if (source->hand)
        add_hand(sections, source);
    json_set(page, "sections", sections);
    json_set_str(
        page, "foot",
        "Made by slated. The plan lies beside this page as plan.txt, the dropped files in input/.");
    page_render(page, out);
    cJSON_Delete(meta);
    cJSON_Delete(page);
}
