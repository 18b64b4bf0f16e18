/* A storyboard order comes in; previz, keyframes, clips, contact sheet and animatic go out as jobs,
 * with the documents of the episode. Draws nothing and reads no file.
 *
 *   shot ---> previz ---------------------------------> contact sheet
 *     |-----> strip -> split -> first, hero, last --.
 *     '-----> first, last -------------------------- '-> clip -> animatic */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/board.h"
#include "plan/naming.h"

static int board_open(struct board *b);
static bool board_is_copyable(struct board *b);
static void board_name_plan(struct board *b);

/* --- names --- */

char *board_path(const struct board *b, const char *pattern, const struct shot *shot,
                 const char *role)
{
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    char *text = NULL, *path;

    json_set_str(values, "project", b->project);
    json_set_str(values, "episode", b->episode);
    json_set_str(values, "asset_name", shot ? shot->asset_name : "");
    json_set_str(values, "role", role ? role : "");
    if (naming_fill(pattern, values, &text, &e) != 0) {
        faults_add(b->faults, "NAMING", "rules/naming/storyboard.json", pattern, e.text,
                   "Correct the pattern.");
        text = mem_dup("unnamed");
    }
    cJSON_Delete(values);
    path = b->tree ? path_join(b->tree, text) : mem_dup(text);
    free(text);
    return path;
}

char *board_key(const struct shot *shot, const char *role)
{
    return mem_printf("%s.%s", shot->id, role);
}

void board_size(const struct board *b, const char *name, int *ret_width, int *ret_height)
{
    const cJSON *pair = json_get(b->aspect, name);
    *ret_width = (int)json_int(pair, "/0", 0);
    *ret_height = (int)json_int(pair, "/1", 0);
}

void board_add_record(struct board *b, const char *document, const char *format, cJSON *takes_body)
{
    const cJSON *names = json_get(json_get(b->rules.naming, "documents"), document), *name;
    cJSON_ArrayForEach(name, names)
    {
        char *path = board_path(b, name->valuestring, NULL, NULL);
        plan_add_record(b->plan, path, format, false, cJSON_Duplicate(takes_body, true));
        free(path);
    }
    cJSON_Delete(takes_body);
}

/* --- the kind --- */

static int storyboard_fill(const struct order *order, const struct plan_context *ctx,
                           struct plan *plan, struct faults *faults)
{
    struct board b = {.order = order, .ctx = ctx, .plan = plan, .faults = faults};
    struct err e = {0};
    int rc = board_open(&b);

    if (rc != 0)
        goto out;
    rc = shots_read(order, &b.rules, &plan->notes, faults, &b.shots, &b.shots_n);
    if (rc != 0)
        goto out;
    board_name_plan(&b);
    rc = board_add_jobs(&b, &e);
    if (rc != 0) {
        faults_add(faults, "PROMPT", "rules/prompts/storyboard.json", e.text, NULL,
                   "Correct the template.");
        goto out;
    }
    board_add_documents(&b);
    board_add_page(&b);
    rc = faults->n ? ERR_INPUT : 0;
out:
    free(b.shots);
    free(b.tree);
    return rc;
}

const struct plan_kind plan_storyboard = {"storyboard", storyboard_fill};

/* --- opening --- */

static int board_open(struct board *b)
{
    const cJSON *doc = b->order->doc;
    int episode = (int)json_int(doc, "episode", -1);

    b->rules.plan = plan_file(b->order, b->ctx);
    b->rules.prompts = rules_get(b->ctx->rules, "prompts/storyboard");
    b->rules.naming = rules_get(b->ctx->rules, "naming/storyboard");
    if (!b->rules.plan || !b->rules.prompts || !b->rules.naming) {
        faults_add(b->faults, "RULES_MISSING", "rules", NULL,
                   "plans/storyboard.json, prompts/storyboard.json and naming/storyboard.json",
                   "Put the file back.");
        return ERR_RULES;
    }
    b->project = json_str(doc, "project", "");
    b->aspect_name =
        json_str(doc, "aspect_ratio", json_str(b->rules.plan, "default_aspect", "9:16"));
    b->aspect = json_get(json_get(b->rules.plan, "aspects"), b->aspect_name);
    if (!path_is_safe(b->project) || strchr(b->project, '/') || *b->project == '.')
        faults_add(b->faults, "NAME_BAD", b->order->entry, b->project,
                   "\"project\" to be a plain folder name", "Give the project a short name.");
    if (!b->aspect)
        faults_add(b->faults, "ASPECT_UNKNOWN", b->order->entry, b->aspect_name,
                   "\"aspect_ratio\" 9:16 or 16:9", "Correct it, or leave it out for 9:16.");
    if (episode < 0 || episode > 999)
        faults_add(b->faults, "EPISODE", b->order->entry, NULL, "\"episode\" from 0 to 999",
                   "Say which episode this is.");
    if (b->faults->n || !board_is_copyable(b))
        return ERR_INPUT;
    (void)str_format(b->episode, sizeof b->episode, "%03d", episode);
    return 0;
}

/* A member named with '@' means a reference in a record; the board is copied as a record and must
 * mean only itself. */
static const char *at_member(const cJSON *tree)
{
    const cJSON *child;
    cJSON_ArrayForEach(child, tree)
    {
        const char *inner;
        if (child->string && child->string[0] == '@')
            return child->string;
        inner = at_member(child);
        if (inner)
            return inner;
    }
    return NULL;
}

static bool board_is_copyable(struct board *b)
{
    const char *name = at_member(b->order->doc);
    if (name)
        faults_add(b->faults, "FIELD_NAME", b->order->entry, name, "no member that begins with '@'",
                   "Rename the member.");
    return !name;
}

static void board_name_plan(struct board *b)
{
    const char *title = json_str(b->order->doc, "title", b->project);
    struct plan *p = b->plan;

    p->subject = board_path(b, json_str(b->rules.naming, "subject", ""), NULL, NULL);
    b->tree = board_path(b, json_str(b->rules.naming, "tree", ""), NULL, NULL);
    p->tree = mem_dup(b->tree);
    p->title = mem_printf("%zu shot%s: %s, episode %d", b->shots_n, b->shots_n == 1 ? "" : "s",
                          title, (int)json_int(b->order->doc, "episode", 0));
}
