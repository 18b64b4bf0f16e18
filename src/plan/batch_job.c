/* A combo and a prompt become one job: its pictures in their order, its prompt, its name in the
 * tree. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/batch.h"
#include "plan/naming.h"
#include "plan/prompt.h"
#include "plan/route.h"

#define BATCH_EXCERPT_LEN 240 /* of the catalog's text on a comp card */

static cJSON *pair_values(const struct batch *b, const struct combo *c,
                          const struct catalog_prompt *p)
{
    cJSON *values = cJSON_CreateObject();
    json_set_str(values, "wardrobe", c->wardrobe);
    json_set_str(values, "catalog", p->catalog);
    json_set_str(values, "prompt_id", p->id);
    json_set_str(values, "short_id", p->short_id);
    json_set_str(values, "ui_style", c->ui_style);
    json_set_str(values, "combo_id", c->id);
    json_set_str(values, "timestamp", b->timestamp);
    json_set_str(values, "quality", batch_quality(b, c));
    return values;
}

static int set_names(struct batch *b, struct plan_job *j, const cJSON *values, struct err *e)
{
    char *path = NULL, *slot = NULL, *dot;
    int rc = naming_fill(json_str(b->naming, "picture", ""), values, &path, e);

    if (rc == 0)
        rc = naming_fill(json_str(b->naming, "slot", ""), values, &slot, e);
    if (rc == 0) {
        plan_add_output(j, "picture", path, slot);
        dot = strrchr(path, '.');
        if (dot && !strchr(dot, '/'))
            *dot = '\0';
        j->prompt_path = mem_printf("%s%s", path, json_str(b->naming, "prompt_ending", ".txt"));
    }
    free(path);
    free(slot);
    return rc;
}

/* The pictures of the combo in the order they are sent; *ret_words names them for the prompt,
 * owned. */
static void add_pictures(struct batch *b, struct plan_job *j, const struct combo *c,
                         const struct combo_picture *pose, char **ret_words)
{
    const cJSON *names = json_get(b->prompts, "pictures"), *role;
    struct buf words;

    buf_init(&words, 1024);
    cJSON_ArrayForEach(role, json_get(b->rules, "send"))
    {
        const char *name = role->valuestring;
        const struct combo_picture *p = str_eq(name, "pose") ? pose : combo_picture(c, name);
        if (!p)
            continue;
        plan_add_input_file(j, name, p->file, false);
        buf_printf(&words, "%s%s", words.len ? ", " : "", json_str(names, name, name));
    }
    *ret_words = buf_take(&words);
}

static int set_prompt(struct batch *b, struct plan_job *j, const struct combo *c,
                      const struct catalog_prompt *p, const char *pictures, struct err *e)
{
    const cJSON *templates = json_get(b->prompts, "templates");
    const cJSON *wardrobe = json_get(json_get(b->rules, "wardrobes"), c->wardrobe);
    const char *template =
        json_str(templates, c->wardrobe, json_str(templates, "default", "{text}"));
    cJSON *values = cJSON_CreateObject();
    bool cut = false;
    int rc;

    json_set_str(values, "text", p->body);
    json_set_str(values, "pictures", pictures);
    json_set_str(values, "garment",
                 c->description ? c->description : json_str(wardrobe, "says", c->wardrobe));
    rc = prompt_fill(template, values, (size_t)json_int(b->prompts, "max", 16000), &j->prompt, &cut,
                     e);
    if (cut)
        faults_add(&b->plan->notes, "PROMPT_CUT", p->path, NULL, "a prompt within the limit", NULL);
    j->negative = mem_dup(json_str(b->prompts, "negative", NULL));
    cJSON_Delete(values);
    return rc;
}

/* The same pair looks alike in every size and every batch. */
static int64_t pair_seed(const struct combo *c, const struct catalog_prompt *p)
{
    char hex[DIGEST_LEN];
    char *basis =
        mem_printf("%s\n%s\n%s\n%s\n%s", c->wardrobe, c->ui_style, c->id, p->catalog, p->id);
    digest_bytes(basis, strlen(basis), hex);
    free(basis);
    hex[8] = '\0';
    return (int64_t)(strtoul(hex, NULL, 16) & 0x7fffffffUL);
}

static void set_params(struct batch *b, struct plan_job *j, const struct combo *c,
                       const struct catalog_prompt *p, const struct combo_picture *pose)
{
    double side = json_num(json_get(b->rules, "qualities"), batch_quality(b, c), 1024);
    char *text = catalog_excerpt(p->body, BATCH_EXCERPT_LEN);

    if (!j->params)
        j->params = cJSON_CreateObject();
    json_set_num(j->params, "width", side);
    json_set_num(j->params, "height", side);
    json_set_num(j->params, "seed", (double)pair_seed(c, p));
    json_set_str(j->params, "combo_id", c->id);
    json_set_str(j->params, "prompt_id", p->short_id);
    json_set_str(j->params, "title", p->title);
    json_set_str(j->params, "wardrobe", c->wardrobe);
    json_set_str(j->params, "ui_style", c->ui_style);
    json_set_str(j->params, "text", text);
    json_set_str(j->params, "pose_kind", pose ? pose->kind : "");
    free(text);
}

static void set_meta(const struct batch *b, struct plan_job *j, const struct combo *c,
                     const struct catalog_prompt *p)
{
    char *group = mem_printf("%s, %s, %s", c->id, c->wardrobe, c->ui_style);

    if (!j->meta)
        j->meta = cJSON_CreateObject();
    json_set_str(j->meta, "group", group);
    char *unit = mem_printf("%s_%s", c->id, p->short_id);
    json_set_str(j->meta, "unit", unit);
    free(unit);
    json_set_str(j->meta, "combo", c->id);
    json_set_str(j->meta, "wardrobe", c->wardrobe);
    json_set_str(j->meta, "ui_style", c->ui_style);
    json_set_str(j->meta, "catalog", p->catalog);
    json_set_str(j->meta, "prompt_id", p->id);
    json_set_str(j->meta, "quality", batch_quality(b, c));
    json_set_num(j->meta, "seed", json_num(j->params, "seed", 0));
    free(group);
}

static const struct combo_picture *choose_pose(struct batch *b, const struct combo *c,
                                               const struct catalog_prompt *p)
{
    bool other = false;
    const struct combo_picture *pose =
        combo_pose(c, p->pose, json_str(b->rules, "pose_fallback", "mcu"), &other);
    if (other) {
        char *place = mem_printf("%s + %s", c->id, p->short_id);
        char *found =
            mem_printf("%s: %s", *pose->kind ? pose->kind : "another pose", pose->file->name);
        char *expected =
            mem_printf("the pose \"%s\"; the combo has none, so this one is used", p->pose);
        faults_add(&b->plan->notes, "POSE_OTHER", place, found, expected, NULL);
        free(place);
        free(found);
        free(expected);
    }
    return pose;
}

int batch_add_pair(struct batch *b, const struct combo *c, const struct catalog_prompt *p,
                   struct err *e)
{
    const struct combo_picture *pose = choose_pose(b, c, p);
    char *key = mem_printf("%03zu", b->plan->jobs_n + 1), *pictures = NULL;
    char *title = mem_printf("%s + %s", p->id, c->id);
    struct plan_job *j = plan_add_job(b->plan, key, title, "combo.compose");
    cJSON *values = pair_values(b, c, p);
    const char *slash = strrchr(p->path, '/');
    int rc = set_names(b, j, values, e);

    if (rc == 0) {
        add_pictures(b, j, c, pose, &pictures);
        set_params(b, j, c, p, pose);
        set_meta(b, j, c, p);
        json_set_str(j->meta, "prompt_file", slash ? slash + 1 : p->path);
        route_job(b->ctx->rules, "combo", NULL, j);
        rc = set_prompt(b, j, c, p, pictures, e);
    }
    cJSON_Delete(values);
    free(pictures);
    free(key);
    free(title);
    return rc;
}
