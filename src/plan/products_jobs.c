/* A set of products comes in; its jobs go into the plan, in the order they are worth waiting for:
 *
 *   key           file                         op                photo
 *   NN_ref        assets/amazon/NN_ref.jpg     http.fetch        (is one, from its address)
 *   thumbnail     assets/dzine/thumbnail.png   thumbnail         wants rank 1's
 *   background    .../background.png           background
 *   avatar_frame  .../avatar_frame.png         avatar
 *   NN_VARIANT    products/NN_VARIANT.png      product.scene     wants its own
 *   NN_faithful   products/NN_faithful.webp    product.faithful  needs its own; only where one is
 *
 * Characters and their scenes are products_cast.c's. */
/* SPDX-License-Identifier: ISC */
#include "plan/products_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/category.h"
#include "plan/prompt.h"
#include "plan/route.h"

#define OVERRIDE_CHARS_MAX 3000

/* --- small parts --- */

/* The same thing is drawn with the same dice: a number from what the picture shows. */
static double seed_of(const char *what, const char *variant)
{
    char hex[DIGEST_LEN];
    struct digest *d = digest_begin();
    digest_text(d, what);
    digest_text(d, variant);
    digest_end(d, hex);
    hex[7] = 0; /* 28 bits: exact everywhere */
    return (double)strtoul(hex, NULL, 16);
}

static void set_size(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    const cJSON *sizes = json_get(s->rule, "sizes");
    const cJSON *size = json_get(sizes, w->variant);
    if (!size)
        size = json_get(sizes, w->asset);
    if (!size)
        size = json_get(sizes, "*");
    const cJSON *width = cJSON_GetArrayItem(size, 0), *height = cJSON_GetArrayItem(size, 1);
    json_set_num(params, "width", width ? width->valuedouble : 1536);
    json_set_num(params, "height", height ? height->valuedouble : 864);
}

static void copy_members(cJSON *to, const cJSON *from)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, from) json_set(to, member->string, cJSON_Duplicate(member, true));
}

static bool has_photo(const struct product *p)
{
    return p && (p->photo || p->fetch_key);
}

/* --- prompts --- */

/* The words a person gave in place of a prompt: for all variants or by variant. Borrowed; NULL when
 * there are none. */
static const char *find_override(const struct wanted *w)
{
    const cJSON *own = w->product ? json_get(w->product->doc, "prompt_override") : NULL;
    const char *text = cJSON_IsString(own) ? own->valuestring : json_str(own, w->variant, NULL);
    return text && *text ? text : NULL;
}

static size_t chars_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void take_override(const struct product_set *s, const struct wanted *w, const char *text,
                          struct plan_job *j)
{
    const cJSON *negatives = rules_get(s->ctx->rules, "prompts/negatives");
    if (chars_of(text) > OVERRIDE_CHARS_MAX) {
        char *place =
            mem_printf("rank %d (%s): prompt_override", w->product->rank, w->product->name);
        faults_add(s->faults, "PROMPT_LENGTH", place, "a longer one", "at most 3,000 characters",
                   "Shorten it and drop the file again.");
        free(place);
    }
    j->prompt = mem_dup(text);
    j->negative = prompt_negative(negatives, w->asset, NULL);
}

static cJSON *prompt_values(const struct product_set *s, const struct wanted *w, const cJSON *usual)
{
    const struct product *p = w->product ? w->product : s->n ? &s->list[0] : NULL;
    const char *scene = json_str(s->order->doc, "/avatar/scene", "");
    cJSON *values = usual ? cJSON_Duplicate(usual, true) : cJSON_CreateObject();
    if (*scene && str_eq(w->op, "avatar"))
        json_set_str(values, "scene", scene);
    json_set_str(values, "product_name", p ? p->name : "");
    json_set_str(values, "niche", *s->niche ? s->niche : NICHE_USUAL);
    json_set_str(values, "positioning", p ? json_str(p->doc, "positioning", "") : "");
    copy_members(values, w->values);
    return values;
}

/* The words that one file under rules/prompts has for a variant. Owned; NULL with a fault. */
static char *compose(const struct product_set *s, const struct wanted *w, const char *prompt_rule,
                     const char *variant)
{
    char file[64], *text = NULL;
    snprintf(file, sizeof file, "prompts/%s", prompt_rule);
    const cJSON *rule = rules_get(s->ctx->rules, file);
    char *template = prompt_compose(rule, variant, s->category, has_photo(w->product));
    cJSON *values = prompt_values(s, w, json_get(rule, "usual"));
    struct err e = {0};
    if (prompt_fill(template, values, (size_t)json_int(rule, "max", 1800), &text, NULL, &e))
        faults_add(s->faults, "PROMPT", file, w->key, e.text, "Correct that file under rules/.");
    cJSON_Delete(values);
    free(template);
    return text;
}

static void add_prompt(const struct product_set *s, const struct wanted *w, struct plan_job *j)
{
    const char *own = find_override(w);
    if (own) {
        take_override(s, w, own, j);
        return;
    }
    j->prompt = compose(s, w, w->prompt_rule, w->variant);
    j->negative =
        prompt_negative(rules_get(s->ctx->rules, "prompts/negatives"), w->asset, w->variant);
}

/* --- what each op is told --- */

static void copy_one(cJSON *to, const cJSON *from, const char *name)
{
    const cJSON *value = json_get(from, name);
    if (value)
        json_set(to, name, cJSON_Duplicate(value, true));
}

static void tell_scene(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    const struct product *p = w->product;
    json_set_num(params, "seed", seed_of(p->name, w->variant));
    json_set_str(params, "variant", w->variant);
    json_set_num(params, "rank", p->rank);
    json_set_str(params, "name", p->name);
    json_set_str(params, "category", s->category);
    json_set_str(params, "positioning", json_str(p->doc, "positioning", ""));
    json_set_str(params, "price", json_str(p->doc, "price", ""));
    copy_one(params, p->doc, "benefits");
}

/* What stands in when the photo cannot be worked on: the picture of a text. */
static void tell_otherwise(const struct product_set *s, const struct wanted *w, const char *variant,
                           cJSON *params)
{
    cJSON *other = cJSON_CreateObject();
    char *prompt = compose(s, w, "product", variant);
    json_set_str(other, "prompt", prompt ? prompt : "");
    json_set_str(other, "variant", variant);
    json_set(params, "otherwise", other);
    free(prompt);
}

static void tell_faithful(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    const cJSON *rule = json_get(json_get(s->rule, "assets"), "product_faithful");
    json_set_num(params, "seed", seed_of(w->product->name, w->variant));
    json_set_str(params, "variant", json_str(rule, "backdrop", "detail"));
    json_set_str(params, "format", "webp");
    if (json_bool(rule, "enhance", false)) {
        json_set_bool(params, "enhance", true);
        json_set_str(params, "scale", json_str(rule, "scale", "2x"));
    }
    tell_otherwise(s, w, json_str(rule, "otherwise", "hero"), params);
}

static void tell_thumbnail(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    const cJSON *rule = json_get(json_get(s->rule, "assets"), "thumbnail");
    const char *template = json_str(rule, s->n == 1 ? "message_one" : "message", "Top {count}");
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    char *message = NULL;
    json_set_num(values, "count", (double)s->n);
    if (prompt_fill(template, values, 0, &message, NULL, &e))
        faults_add(s->faults, "PROMPT", "rules/plans/products.json: /assets/thumbnail/message",
                   template, e.text, "Correct it; {count} is the number of products.");
    json_set_num(params, "seed", seed_of(w->product->name, w->variant));
    json_set_str(params, "name", w->product->name);
    json_set_str(params, "message", message ? message : "");
    json_set_str(params, "niche", s->niche);
    cJSON_Delete(values);
    free(message);
}

static void tell_background(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    json_set_num(params, "seed", seed_of(s->category, w->variant));
    json_set_str(params, "category", s->category);
}

static void tell_avatar(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    const char *host = products_host(s);
    json_set_num(params, "seed", seed_of(host, w->variant));
    json_set_str(params, "label", host);
    json_set_str(params, "character", host);
}

static void tell_cast(const struct product_set *s, const struct wanted *w, cJSON *params)
{
    (void)s;
    json_set_num(params, "seed", seed_of(w->key, w->variant));
}

static void add_params(const struct product_set *s, const struct wanted *w, struct plan_job *j)
{
    static const struct {
        const char *op;
        void (*tell)(const struct product_set *s, const struct wanted *w, cJSON *params);
    } table[] = {{"product.scene", tell_scene}, {"product.faithful", tell_faithful},
                 {"thumbnail", tell_thumbnail}, {"background", tell_background},
                 {"avatar", tell_avatar},       {"character.sheet", tell_cast},
                 {"character.scene", tell_cast}};
    j->params = cJSON_CreateObject();
    set_size(s, w, j->params);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_eq(table[i].op, w->op))
            table[i].tell(s, w, j->params);
    copy_members(j->params, w->params);
}

/* --- one job --- */

static void add_inputs(const struct wanted *w, struct plan_job *j)
{
    static const char *const names[] = {"sheet", "sheet2"};
    const struct product *p = w->product;
    if (p && p->photo)
        plan_add_input_file(j, "ref", p->photo, false);
    else if (p && p->fetch_key)
        plan_add_input_job(j, "ref", p->fetch_key, "picture", !w->photo_needed);
    if (w->ref)
        plan_add_input_file(j, "ref", w->ref, true);
    if (w->face)
        plan_add_input_file(j, "face", w->face, true);
    for (size_t i = 0; i < 2; i++)
        if (w->sheets[i])
            plan_add_input_job(j, names[i], w->sheets[i], "picture", true);
}

static void add_meta(const struct product_set *s, const struct wanted *w, struct plan_job *j)
{
    const struct product *p = w->product;
    bool of_product = p && !str_eq(w->asset, "thumbnail");
    char *group = w->group     ? mem_dup(w->group)
                  : of_product ? mem_printf("Rank %d: %s", p->rank, p->name)
                               : mem_dup("The set");
    j->meta = cJSON_CreateObject();
    json_set_str(j->meta, "group", group);
    json_set_str(j->meta, "label", w->key);
    json_set_str(j->meta, "asset_type", w->asset);
    json_set_str(j->meta, "variant", w->variant);
    json_set_num(j->meta, "rank", p ? p->rank : 0);
    json_set_str(j->meta, "product_name", p ? p->name : "");
    json_set_str(j->meta, "category", s->category);
    free(group);
}

/* What the local engine draws without knowing the real thing only stands in for it. A photo that
 * has yet to be fetched may not come. */
static bool is_stand_in(const struct wanted *w)
{
    return !str_eq(w->asset, "background") && !w->photo_needed &&
           !(w->product && w->product->photo);
}

struct plan_job *products_add(struct product_set *s, const struct wanted *w)
{
    struct plan_job *j = NULL;
    const cJSON *rule = json_get(json_get(s->rule, "assets"), w->asset);
    char *path = products_path(s, w->name, w->product, w->variant);
    char *prompt_path = products_path(s, w->prompt_name, w->product, w->variant);
    if (path && prompt_path) {
        j = plan_add_job(s->plan, w->key, w->title, w->op);
        j->attempts = (int)json_int(rule, "attempts", 2);
        j->prompt_path = mem_dup(prompt_path);
        add_params(s, w, j);
        add_inputs(w, j);
        route_job(s->ctx->rules, w->asset, w->variant, j); /* a price may need the size */
        add_prompt(s, w, j);
        add_meta(s, w, j);
        plan_add_output(j, "picture", path, NULL);
        route_stands_in(j, is_stand_in(w));
    }
    free(path);
    free(prompt_path);
    return j;
}

/* --- the set --- */

static void add_fetch(struct product_set *s, struct product *p)
{
    const cJSON *rule = json_get(json_get(s->rule, "assets"), "reference");
    char *path = products_path(s, "reference", p, NULL);
    if (!path)
        return;
    char *title = mem_printf("%s, reference photo", p->name);
    p->fetch_key = mem_printf("%s_ref", p->key);
    struct plan_job *j = plan_add_job(s->plan, p->fetch_key, title, "http.fetch");
    j->engine = mem_dup("fetch");
    j->model = mem_dup("http");
    j->attempts = (int)json_int(rule, "attempts", 2);
    j->seconds = (int)json_int(rule, "seconds", 3);
    j->params = cJSON_CreateObject();
    json_set_str(j->params, "url", p->photo_url);
    json_set_num(j->params, "max_bytes", json_num(rule, "max_bytes", 20971520));
    if (cJSON_IsTrue(rules_policy(s->ctx->rules, "/intake/private_urls")))
        json_set_bool(j->params, "private_ok", true);
    j->meta = cJSON_CreateObject();
    json_set_str(j->meta, "group", "Reference photos");
    json_set_str(j->meta, "asset_type", "reference");
    json_set_num(j->meta, "rank", p->rank);
    json_set_str(j->meta, "product_name", p->name);
    plan_add_output(j, "picture", path, NULL);
    free(title);
    free(path);
}

static void add_scene(struct product_set *s, const struct product *p, const char *variant)
{
    char *key = mem_printf("%s_%s", p->key, variant);
    char *title = mem_printf("%s, %s", p->name, variant);
    products_add(s, &(struct wanted){.product = p,
                                     .key = key,
                                     .title = title,
                                     .op = "product.scene",
                                     .asset = "product",
                                     .name = "product",
                                     .prompt_name = "product_prompt",
                                     .prompt_rule = "product",
                                     .variant = variant});
    free(key);
    free(title);
}

static void add_faithful(struct product_set *s, const struct product *p)
{
    char *key = mem_printf("%s_faithful", p->key);
    char *title = mem_printf("%s, faithful", p->name);
    products_add(s, &(struct wanted){.product = p,
                                     .key = key,
                                     .title = title,
                                     .op = "product.faithful",
                                     .asset = "product_faithful",
                                     .name = "faithful",
                                     .prompt_name = "product_prompt",
                                     .prompt_rule = "faithful",
                                     .variant = "faithful",
                                     .photo_needed = true});
    free(key);
    free(title);
}

bool products_wants(const struct product_set *s, const char *asset)
{
    return json_bool(json_get(json_get(s->rule, "assets"), asset), "make", true);
}

static void add_product(struct product_set *s, const struct product *p)
{
    char rank[16];
    snprintf(rank, sizeof rank, "%d", p->rank);
    const cJSON *by_rank = json_get(s->rule, "variants"), *variant;
    const cJSON *variants =
        json_get(by_rank, rank) ? json_get(by_rank, rank) : json_get(by_rank, "*");
    if (!products_wants(s, "product"))
        variants = NULL;
    cJSON_ArrayForEach(variant, variants)
    {
        add_scene(s, p, variant->valuestring);
    }
    if (has_photo(p) && products_wants(s, "product_faithful"))
        add_faithful(s, p);
}

/* A picture of the whole set: its asset, key, and op differ only by name. */
static void add_of_set(struct product_set *s, const char *asset, const char *key, const char *op,
                       const char *title, const char *prompt_rule, const struct product *shown)
{
    if (!products_wants(s, asset))
        return;
    char *prompt_name = mem_printf("%s_prompt", key);
    products_add(s, &(struct wanted){.product = shown,
                                     .key = key,
                                     .title = title,
                                     .op = op,
                                     .asset = asset,
                                     .name = key,
                                     .prompt_name = prompt_name,
                                     .prompt_rule = prompt_rule,
                                     .variant = asset,
                                     .face = str_eq(op, "avatar") ? products_face(s) : NULL});
    free(prompt_name);
}

void products_add_jobs(struct product_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->list[i].photo_url && products_wants(s, "reference"))
            add_fetch(s, &s->list[i]);
    char *title = mem_printf("%s, thumbnail", s->list[0].name);
    add_of_set(s, "thumbnail", "thumbnail", "thumbnail", title, "thumbnail", &s->list[0]);
    free(title);
    add_of_set(s, "background", "background", "background", "Background", "background", NULL);
    add_of_set(s, "avatar_base", "avatar_frame", "avatar", "Avatar frame", "avatar", NULL);
    for (size_t i = 0; i < s->n; i++)
        add_product(s, &s->list[i]);
    products_add_cast(s);
}
