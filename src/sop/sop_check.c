/* A site's step files come in; faults that a schema cannot see go out: what is named and is not
 * there. Runs nothing. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

struct check {
    const struct rules *rules;
    const char *site, *sop;
    struct faults *faults;
    size_t n;
};

static void add(struct check *c, const char *code, const char *where, const char *found,
                const char *expected, const char *cure)
{
    char *place = mem_printf("sops/%s/%s.json: %s", c->site, c->sop, where);
    faults_add(c->faults, code, place, found, expected, cure);
    c->n++;
    free(place);
}

static void check_text(struct check *c, const char *where, const char *text)
{
    cJSON *state = cJSON_CreateObject(), *reference = cJSON_CreateString(text), *value;
    json_set_str(state, "site", c->site);
    value = text[0] == '@' && text[1] ? sop_resolve(c->rules, state, reference) : NULL;
    if (cJSON_IsNull(value))
        add(c, "SOP_VALUE", where, text, "a value of site.json",
            "Add it there under \"values\", or correct the name.");
    cJSON_Delete(value);
    cJSON_Delete(reference);
    cJSON_Delete(state);
}

static void check_values(struct check *c, const char *where, const cJSON *value)
{
    const cJSON *member;
    if (cJSON_IsString(value))
        check_text(c, where, value->valuestring);
    cJSON_ArrayForEach(member, value) check_values(c, where, member);
}

static void check_procedure(struct check *c, const char *where, const char *name)
{
    char *at = sop_procedure(c->rules, c->site, c->sop, name);
    if (!at)
        add(c, "SOP_PROCEDURE", where, name, "a procedure of this file or of procedures.json",
            "Write it, or correct the name.");
    free(at);
}

/* What is handed to a procedure that does not take it would be handed to nobody. */
static void check_with(struct check *c, const char *where, const cJSON *step)
{
    char *at = sop_procedure(c->rules, c->site, c->sop, json_str(step, "procedure", ""));
    const cJSON *with, *one;
    if (!at)
        return; /* said already */
    char *takes_at = mem_printf("%.*s/takes", (int)(strlen(at) - strlen("/steps")), at);
    const cJSON *takes = sop_at(c->rules, c->site, takes_at);
    cJSON_ArrayForEach(with, json_get(step, "with"))
    {
        bool taken = false;
        cJSON_ArrayForEach(one, takes) taken =
            taken || (cJSON_IsString(one) && str_eq(one->valuestring, with->string));
        if (!taken)
            add(c, "SOP_WITH", where, with->string, "a name that the procedure \"takes\"",
                "Correct \"with\", or add it to the procedure's \"takes\".");
    }
    free(takes_at);
    free(at);
}

static void check_steps(struct check *c, const cJSON *steps);

static void check_restart(struct check *c, const char *where, const char *name)
{
    const cJSON *steps = json_get(sop_file(c->rules, c->site, c->sop), "steps");
    if (name && sop_step_index(steps, name) < 0)
        add(c, "SOP_STEP", where, name, "the name of a step of this file",
            "Correct \"restart_at\".");
}

static void check_shape(struct check *c, const cJSON *step)
{
    const char *name = json_str(step, "name", NULL), *act = json_str(step, "act", "");
    if (!name || !*name)
        add(c, "SOP_NAME", "a step", NULL, "a \"name\" that messages can say", "Give it one.");
    else if (strchr(name, '/')) /* "generate/press Generate" is a step within another */
        add(c, "SOP_NAME", name, name, "a \"name\" without a slash", "Say it in words.");
    if (!sop_shape_act(act))
        add(c, "SOP_ACT", name ? name : "a step", act, "an act that rules/README.md explains",
            "Correct \"act\".");
    if (json_bool(step, "once", false) && !json_get(step, "credits"))
        add(c, "SOP_CREDITS", name ? name : "a step", "\"once\" without \"credits\"",
            "what it costs at most", "Write \"credits\": 0 when it is free.");
}

/* One thing of a step's shape; the place is its name. */
struct shape_place {
    struct check *check;
    const char *where;
};

static void hear_shape(void *ctx, const char *found, const char *expected)
{
    const struct shape_place *place = ctx;
    add(place->check, "SOP_SHAPE", place->where, found, expected,
        "Correct it; rules/README.md tells what a step may say.");
}

static void check_step(struct check *c, const cJSON *step)
{
    static const char *const lists[] = {"else", "steps", "meanwhile"};
    const char *name = json_str(step, "name", "a step without a name");
    struct shape_place place = {c, name};
    const cJSON *member;
    check_shape(c, step);
    sop_shape_step(c->rules, c->site, step, hear_shape, &place);
    check_restart(c, name, json_str(step, "restart_at", NULL));
    if (str_eq(json_str(step, "act", ""), "call")) {
        check_procedure(c, name, json_str(step, "procedure", ""));
        check_with(c, name, step);
    }
    cJSON_ArrayForEach(member, step)
    {
        bool list = false;
        for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
            list = list || str_eq(member->string, lists[i]);
        if (list)
            check_steps(c, member);
        else
            check_values(c, name, member);
    }
}

static void check_steps(struct check *c, const cJSON *steps)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, steps) check_step(c, step);
}

static void check_retry(struct check *c, const cJSON *tree)
{
    const cJSON *try;
    cJSON_ArrayForEach(try, json_get(tree, "retry"))
    {
        const char *from = json_str(try, "from", ""), *first = json_str(try, "do", NULL);
        if (sop_step_index(json_get(tree, "steps"), from) < 0)
            add(c, "SOP_STEP", "retry", from, "the name of a step of this file",
                "Correct \"from\".");
        if (first)
            check_procedure(c, "retry", first);
    }
}

/* What prompts are put together from, when the procedure is done by hand. */
static void check_words(struct check *c, const cJSON *tree)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(tree, "words"))
    {
        char *name = mem_printf("prompts/%s", one->valuestring);
        if (!json_get(json_get(tree, "takes"), one->string))
            add(c, "SOP_WORDS", "words", one->string, "a wish that \"takes\" names",
                "Correct \"words\".");
        if (!rules_get(c->rules, name))
            add(c, "SOP_WORDS", "words", one->valuestring, "a file of rules/prompts",
                "Correct \"words\".");
        free(name);
    }
}

/* Wishes that are named where nobody can wish for them. */
static void check_wishes(struct check *c, const cJSON *tree)
{
    const cJSON *takes = json_get(tree, "takes"), *one;
    cJSON_ArrayForEach(one, json_get(tree, "needs"))
    {
        if (!json_get(takes, one->valuestring))
            add(c, "SOP_NEEDS", "needs", one->valuestring, "a wish that \"takes\" names",
                "Correct \"needs\".");
    }
    cJSON_ArrayForEach(one, json_get(tree, "credits_with"))
    {
        if (!json_get(takes, one->string) && !json_get(json_get(tree, "defaults"), one->string))
            add(c, "SOP_CREDITS", "credits_with", one->string,
                "a wish that \"takes\" or \"defaults\" names", "Correct \"credits_with\".");
    }
}

/* What is done instead, and when something is chosen. */
static void check_ways(struct check *c, const cJSON *tree)
{
    const char *op = json_str(tree, "otherwise", NULL);
    struct shape_place place = {c, "choose"};
    const cJSON *one;
    if (op && !sop_for_op(c->rules, c->site, op))
        add(c, "SOP_OTHERWISE", "otherwise", op, "an op that a procedure of this site makes",
            "Correct \"otherwise\".");
    cJSON_ArrayForEach(one, json_get(tree, "choose"))
        sop_shape_condition(c->rules, c->site, json_get(one, "if"), hear_shape, &place);
}

static void check_file(struct check *c, const cJSON *tree)
{
    const cJSON *procedure;
    check_steps(c, json_get(tree, "steps"));
    cJSON_ArrayForEach(procedure, json_get(tree, "procedures"))
        check_steps(c, json_get(procedure, "steps"));
    check_retry(c, tree);
    check_words(c, tree);
    check_wishes(c, tree);
    check_ways(c, tree);
}

/* The site's own acts need no names; what they read is known by "as". */
static void check_site_acts(struct check *c, const cJSON *tree, const char *member)
{
    struct shape_place place = {c, member};
    const cJSON *act;
    cJSON_ArrayForEach(act, json_get(json_get(tree, member), "acts"))
    {
        if (!sop_shape_act(json_str(act, "act", "")))
            add(c, "SOP_ACT", member, json_str(act, "act", ""),
                "an act that rules/README.md explains", "Correct \"act\".");
        sop_shape_step(c->rules, c->site, act, hear_shape, &place);
        check_values(c, member, act);
    }
}

static void check_page(struct check *c, const char *name, const cJSON *page, const char *own)
{
    const char *address = cJSON_IsString(page) ? page->valuestring : NULL;
    if (!address || !str_starts(address, own))
        add(c, "SOP_PAGE", name, address, "an address below \"own\", or a list of such",
            "Correct it under \"pages\".");
}

/* A page is an address, or one for each browser of a pool. */
static void check_pages(struct check *c, const cJSON *tree)
{
    const char *own = json_str(tree, "own", "");
    const cJSON *page, *one;
    cJSON_ArrayForEach(page, json_get(tree, "pages"))
    {
        if (!cJSON_IsArray(page) || !page->child)
            check_page(c, page->string, page, own);
        else
            cJSON_ArrayForEach(one, page) check_page(c, page->string, one, own);
    }
}

static void check_site_file(struct check *c)
{
    const cJSON *tree = sop_site(c->rules, c->site), *cover = json_get(tree, "in_the_way");
    struct shape_place signs = {c, "signed_in"}, covers = {c, "in_the_way"};
    c->sop = "site";
    check_pages(c, tree);
    if (cover)
        check_procedure(c, "in_the_way", json_str(cover, "do", ""));
    sop_shape_condition(c->rules, c->site, json_get(tree, "signed_in"), hear_shape, &signs);
    sop_shape_condition(c->rules, c->site, json_get(cover, "if"), hear_shape, &covers);
    check_site_acts(c, tree, "trace");
    check_site_acts(c, tree, "survey");
}

static size_t check_site(const struct rules *rules, const char *site, struct faults *faults)
{
    struct check c = {.rules = rules, .site = site, .faults = faults};
    size_t len = strlen(site);
    const cJSON *tree;
    check_site_file(&c);
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        if (strncmp(tree->string, site, len) != 0 || tree->string[len] != '/')
            continue;
        c.sop = tree->string + len + 1;
        if (!str_eq(c.sop, "site"))
            check_file(&c, tree);
    }
    return c.n;
}

/* A folder is a site by its site.json; without it, nothing in it would be looked at. */
static size_t check_is_site(const struct rules *rules, const char *site, const char *who,
                            struct faults *faults)
{
    if (sop_site(rules, site))
        return 0;
    char *place = mem_printf("sops/%s/site.json", site);
    faults_add(faults, "SOP_SITE", place, who, "the site's own file",
               "Write it, or take out what needs it.");
    free(place);
    return 1;
}

static size_t check_sites(const struct rules *rules, struct faults *faults)
{
    const cJSON *tree, *engine;
    char *last = mem_dup("");
    size_t n = 0;
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        char *site = mem_dup_n(tree->string, strcspn(tree->string, "/"));
        if (!str_eq(site, last))
            n += check_is_site(rules, site, tree->string, faults);
        free(last);
        last = site;
    }
    cJSON_ArrayForEach(engine, rules_kind(rules, "providers"))
    {
        char *who = mem_printf("providers/%s.json", engine->string);
        if (str_eq(json_str(engine, "carrier", ""), "browser"))
            n += check_is_site(rules, engine->string, who, faults);
        free(who);
    }
    free(last);
    return n;
}

size_t sop_check(const struct rules *rules, struct faults *faults)
{
    const cJSON *tree;
    size_t n = check_sites(rules, faults);
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        const char *slash = strchr(tree->string, '/');
        if (!slash || !str_eq(slash, "/site"))
            continue;
        char *site = mem_dup_n(tree->string, (size_t)(slash - tree->string));
        n += check_site(rules, site, faults);
        free(site);
    }
    return n;
}
