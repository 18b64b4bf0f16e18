/* A step comes in; every member of it that would be passed over in silence, or taken for something
 * else, goes out as words. Knows the acts of the machine and of the browser, no site and no page.
 */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define MS_MOST 86400000 /* a day: what takes longer is no step */

struct shape {
    const struct rules *rules;
    cJSON *state; /* of the site, without wishes: "$name" resolves to null */
    sop_shape_heard *heard;
    void *ctx;
    bool later; /* a target is made of one that is known while it runs */
};

/* Members of every act, and those of one; needs: those it cannot do without. */
#define OF_ALL                                                                                     \
    " name act about if unless else expect why cure class may_fail as once credits spent_since "   \
    "within_ms "

static const struct {
    const char *act, *members, *needs;
} acts[] = {{"pause", " ms ", ""},
            {"set", " to ", " as to "},
            {"keep", " what restart_at ", " what "},
            {"note", " say ", " say "},
            {"fail", "", ""},
            {"call", " procedure with ", " procedure "},
            {"do", " steps ", " steps "},
            {"loop", " times while steps ", " while steps "},
            {"poll", " until every_ms meanwhile ", " until "},
            {"go", " to ", " to "},
            {"reload", "", ""},
            {"click", " on at hidden ", ""},
            {"double_click", " on at hidden ", ""},
            {"choose_file", " on at file hidden ", " file "},
            {"type", " text select_all max key_ms ", " text "},
            {"key", " key ", " key "},
            {"wait", " for ", " for "},
            {"look", " for ", " for "},
            {"list", " of attribute order not_in ", " of "},
            {"read", " of number ", " of "},
            {"count", " of ", " of "},
            {"fetch", " from to at_least again_after_ms pick ", " from to "},
            {"download", " on at hidden to at_least ", " to "},
            {"address", "", ""},
            {"evaluate", " script ", " script "}};

/* Whether a list of words, each between blanks, has one. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; len && (at = strstr(at, word)); at++)
        if (at > list && at[-1] == ' ' && at[len] == ' ')
            return true;
    return false;
}

static void say(const struct shape *s, const char *found, const char *expected)
{
    s->heard(s->ctx, found, expected);
}

/* --- targets --- */

static void check_target(const struct shape *s, const cJSON *target)
{
    static const char known[] =
        " css role text words exact matches title within near beside nth up ";
    static const char names[] = " css role text words matches title beside ";
    const cJSON *m;
    bool named = false;
    if (!cJSON_IsObject(target))
        return;
    cJSON_ArrayForEach(m, target)
    {
        if (!has_word(known, m->string))
            say(s, m->string,
                "of a target: css, role, text, words, exact, matches, title, within, near, beside, "
                "nth or up");
        named = named || has_word(names, m->string);
    }
    if (!named && !s->later)
        say(s, "a target that any element fits",
            "css, role, text, words, matches, title or beside");
}

/* --- conditions --- */

static const struct {
    const char *kind, *members;
} conditions[] = {{"all", ""},
                  {"any", ""},
                  {"not", ""},
                  {"seen", ""},
                  {"gone", ""},
                  {"ready", ""},
                  {"address", ""},
                  {"focus_has", ""},
                  {"is", ""},
                  {"more", " least than "},
                  {"count", " least most "}};

static int condition_kind(const cJSON *condition)
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
        if (cJSON_GetObjectItemCaseSensitive(condition, conditions[i].kind))
            return (int)i;
    return -1;
}

static void check_condition(const struct shape *s, const cJSON *condition)
{
    const cJSON *m, *inner;
    int kind = condition_kind(condition);
    if (!cJSON_IsObject(condition))
        return;
    if (kind < 0) {
        say(s, condition->child ? condition->child->string : "an empty condition",
            "one of seen, gone, ready, count, more, address, focus_has, is, all, any or not");
        return;
    }
    cJSON_ArrayForEach(m, condition)
    {
        if (!str_eq(m->string, conditions[kind].kind) &&
            !has_word(conditions[kind].members, m->string))
            say(s, m->string, "one condition; several stand in \"all\" or \"any\"");
    }
    inner = cJSON_GetObjectItemCaseSensitive(condition, conditions[kind].kind);
    if (has_word(" seen gone ready count more ", conditions[kind].kind))
        check_target(s, inner);
    else if (str_eq(conditions[kind].kind, "not"))
        check_condition(s, inner);
    else if (has_word(" all any ", conditions[kind].kind))
        cJSON_ArrayForEach(m, inner) check_condition(s, m);
    else if (str_eq(conditions[kind].kind, "is") && cJSON_GetArraySize(inner) != 2)
        say(s, "\"is\"", "a list of the two values that are compared");
}

/* --- members --- */

static cJSON *value_of(const struct shape *s, const cJSON *member)
{
    return sop_resolve(s->rules, s->state, member);
}

/* A number of the file or of the site; what is known later may be anything. */
static void check_measure(const struct shape *s, const cJSON *step, const char *name, double most)
{
    const cJSON *member = json_get(step, name);
    cJSON *value = value_of(s, member);
    bool number = cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= most;
    char *expected = mem_printf("a number of 0 to %.0f", most);
    if (member && !cJSON_IsNull(value) && !number)
        say(s, name, expected);
    free(expected);
    cJSON_Delete(value);
}

static void check_measures(const struct shape *s, const cJSON *step)
{
    static const char *const times[] = {"within_ms", "ms", "every_ms", "again_after_ms", "key_ms"};
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        check_measure(s, step, times[i], MS_MOST);
    check_measure(s, step, "times", 10000);
    check_measure(s, step, "max", 1000000);
    check_measure(s, step, "at_least", 1e12);
    check_measure(s, step, "credits", 1e6);
}

/* Of a click: an element or a point, and a point of two numbers. */
static void check_place(const struct shape *s, const cJSON *step)
{
    cJSON *at = value_of(s, json_get(step, "at"));
    const cJSON *one;
    bool point = cJSON_GetArraySize(at) == 2;
    cJSON_ArrayForEach(one, at) point = point && cJSON_IsNumber(one);
    if (!json_get(step, "on") == !json_get(step, "at"))
        say(s, "a press", "either \"on\" an element or \"at\" a point");
    else if (json_get(step, "at") && !cJSON_IsNull(at) && !point)
        say(s, "at", "a point of two numbers");
    cJSON_Delete(at);
}

static void check_words(const struct shape *s, const cJSON *step)
{
    static const char classes[] =
        " auth quota_exhausted refused_input refused_output bad_request rate_limited transient ";
    const char *class = json_str(step, "class", NULL), *pick = json_str(step, "pick", NULL);
    const char *order = json_str(step, "order", NULL);
    if (class && !has_word(classes, class))
        say(s, class,
            "auth, quota_exhausted, refused_input, refused_output, bad_request, rate_limited or "
            "transient, as \"class\"");
    if (pick && *pick != '$' && *pick != '@' && !str_eq(pick, "largest") &&
        !str_eq(pick, "calmest"))
        say(s, pick, "\"largest\" or \"calmest\", as \"pick\"");
    if (order && *order != '$' && *order != '@' && !str_eq(order, "top"))
        say(s, order, "\"top\", as \"order\"");
    if (json_get(step, "if") && json_get(step, "unless"))
        say(s, "\"if\" and \"unless\"", "one of them");
}

static void check_members(const struct shape *s, const cJSON *step, const char *own,
                          const char *needs)
{
    const cJSON *m;
    char name[32];
    cJSON_ArrayForEach(m, step)
    {
        if (!has_word(OF_ALL, m->string) && !has_word(own, m->string))
            say(s, m->string, "a member that this act reads (rules/README.md)");
    }
    for (const char *at = needs + strspn(needs, " "); *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        (void)str_format(name, sizeof(name), "%.*s", (int)len, at);
        if (!cJSON_GetObjectItemCaseSensitive(step, name)) /* null is a value, too */
            say(s, "nothing", name);
        at += len;
    }
}

static void check_page(const struct shape *s, const cJSON *step)
{
    static const char *const of[] = {"on", "of"};
    static const char *const when[] = {"if", "unless", "expect", "until", "while", "for"};
    for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
        cJSON *target = value_of(s, json_get(step, of[i]));
        check_target(s, target);
        cJSON_Delete(target);
    }
    for (size_t i = 0; i < sizeof(when) / sizeof(*when); i++) {
        cJSON *condition = value_of(s, json_get(step, when[i]));
        check_condition(s, condition);
        cJSON_Delete(condition);
    }
}

static bool is_later(const cJSON *tree)
{
    const cJSON *child;
    if (json_str(tree, "a", "")[0] == '$')
        return true;
    cJSON_ArrayForEach(child, tree)
    {
        if (is_later(child))
            return true;
    }
    return false;
}

static struct shape shape_open(const struct rules *rules, const char *site, const cJSON *tree,
                               sop_shape_heard *heard, void *ctx)
{
    struct shape s = {rules, cJSON_CreateObject(), heard, ctx, is_later(tree)};
    json_set_str(s.state, "site", site);
    return s;
}

bool sop_shape_act(const char *act)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        if (str_eq(acts[i].act, act))
            return true;
    return false;
}

void sop_shape_step(const struct rules *rules, const char *site, const cJSON *step,
                    sop_shape_heard *heard, void *ctx)
{
    struct shape s = shape_open(rules, site, step, heard, ctx);
    const char *act = json_str(step, "act", "");
    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        if (str_eq(acts[i].act, act))
            check_members(&s, step, acts[i].members, acts[i].needs);
    if (has_word(" click double_click choose_file download ", act))
        check_place(&s, step);
    check_measures(&s, step);
    check_words(&s, step);
    check_page(&s, step);
    cJSON_Delete(s.state);
}

void sop_shape_condition(const struct rules *rules, const char *site, const cJSON *condition,
                         sop_shape_heard *heard, void *ctx)
{
    struct shape s = shape_open(rules, site, condition, heard, ctx);
    cJSON *value = value_of(&s, condition);
    check_condition(&s, value);
    cJSON_Delete(value);
    cJSON_Delete(s.state);
}
