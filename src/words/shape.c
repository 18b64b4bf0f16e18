/* A schema and a value come in, faults with their places go out. Changes neither, fetches nothing:
 * $ref is not known here. */
/* SPDX-License-Identifier: ISC */
#include "words/shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define DEPTH_MAX 32

struct look {
    struct faults *faults;
    size_t n;
    int depth;
};

static void check(struct look *l, const cJSON *shape, const cJSON *value, const char *place);

/* --- words about values --- */

static char *described(const cJSON *value)
{
    if (cJSON_IsString(value))
        return mem_printf("the text \"%.80s%s\"", value->valuestring,
                          strlen(value->valuestring) > 80 ? "..." : "");
    if (cJSON_IsNumber(value))
        return mem_printf("the number %.15g", value->valuedouble);
    if (cJSON_IsArray(value))
        return mem_printf("a list of %d", cJSON_GetArraySize(value));
    if (cJSON_IsObject(value))
        return mem_dup("an object");
    return mem_dup(cJSON_IsNull(value) ? "null" : cJSON_IsTrue(value) ? "true" : "false");
}

static void say(struct look *l, const char *place, const cJSON *value, char *takes_expected)
{
    char *found = described(value);
    faults_add(l->faults, "ANSWER_SHAPE", *place ? place : "the whole", found, takes_expected,
               NULL);
    l->n++;
    free(found);
    free(takes_expected);
}

static char *below(const char *place, const char *name)
{
    return mem_printf("%s/%s", place, name);
}

/* --- types --- */

static bool is_type(const char *word, const cJSON *value)
{
    static const struct {
        const char *word;
        int kind;
    } table[] = {{"string", cJSON_String},
                 {"object", cJSON_Object},
                 {"array", cJSON_Array},
                 {"null", cJSON_NULL},
                 {"boolean", cJSON_True | cJSON_False},
                 {"number", cJSON_Number}};
    if (str_eq(word, "integer"))
        return cJSON_IsNumber(value) && floor(value->valuedouble) == value->valuedouble;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_eq(table[i].word, word))
            return (value->type & table[i].kind) != 0;
    return false;
}

static void check_type(struct look *l, const cJSON *type, const cJSON *value, const char *place)
{
    struct buf expected;
    const cJSON *word;
    bool fits = !type || (cJSON_IsString(type) && is_type(type->valuestring, value));
    cJSON_ArrayForEach(word, type) fits = fits || is_type(cJSON_GetStringValue(word), value);
    if (fits)
        return;
    buf_init(&expected, 4096);
    buf_text(&expected, cJSON_IsString(type) ? type->valuestring : "one of the types");
    cJSON_ArrayForEach(word, type) buf_printf(&expected, " %s", cJSON_GetStringValue(word));
    say(l, place, value, buf_take(&expected));
}

/* --- single values --- */

static void check_choice(struct look *l, const cJSON *shape, const cJSON *value, const char *place)
{
    const cJSON *words = json_get(shape, "enum"), *one, *only = json_get(shape, "const");
    if (only && !cJSON_Compare(only, value, true)) {
        char *text = json_compact(only);
        say(l, place, value, mem_printf("exactly %s", str_trim(text)));
        free(text);
    }
    if (!words)
        return;
    cJSON_ArrayForEach(one, words)
    {
        if (cJSON_Compare(one, value, true))
            return;
    }
    char *text = json_compact(words);
    say(l, place, value, mem_printf("one of %s", str_trim(text)));
    free(text);
}

static double characters(const char *text)
{
    double n = 0;
    for (const char *c = text; *c; c++)
        n += ((unsigned char)*c & 0xc0) != 0x80;
    return n;
}

static void check_bounds(struct look *l, const cJSON *shape, const cJSON *value, const char *place)
{
    static const char *const names[3][3] = {{"minimum", "maximum", ""},
                                            {"minLength", "maxLength", " characters"},
                                            {"minItems", "maxItems", " items"}};
    int row = cJSON_IsNumber(value) ? 0 : cJSON_IsString(value) ? 1 : cJSON_IsArray(value) ? 2 : -1;
    if (row < 0)
        return;
    double size = row == 0   ? value->valuedouble
                  : row == 1 ? characters(value->valuestring)
                             : cJSON_GetArraySize(value);
    double least = json_num(shape, names[row][0], -INFINITY);
    double most = json_num(shape, names[row][1], INFINITY);
    if (size < least)
        say(l, place, value, mem_printf("at least %.15g%s", least, names[row][2]));
    if (size > most)
        say(l, place, value, mem_printf("at most %.15g%s", most, names[row][2]));
}

/* --- what holds others --- */

static void check_members(struct look *l, const cJSON *shape, const cJSON *value, const char *place)
{
    const cJSON *fields = json_get(shape, "properties"), *member;
    const cJSON *more = json_get(shape, "additionalProperties");
    const cJSON *name;
    cJSON_ArrayForEach(name, json_get(shape, "required"))
    {
        if (!cJSON_GetObjectItemCaseSensitive(value, cJSON_GetStringValue(name))) {
            say(l, place, value, mem_printf("a member \"%s\"", cJSON_GetStringValue(name)));
        }
    }
    cJSON_ArrayForEach(member, value)
    {
        const cJSON *field = cJSON_GetObjectItemCaseSensitive(fields, member->string);
        char *at = below(place, member->string);
        if (field)
            check(l, field, member, at);
        else if (cJSON_IsFalse(more))
            say(l, at, member, mem_dup("no member of that name"));
        else if (cJSON_IsObject(more))
            check(l, more, member, at);
        free(at);
    }
}

static void check_items(struct look *l, const cJSON *items, const cJSON *value, const char *place)
{
    const cJSON *item;
    int i = 0;
    cJSON_ArrayForEach(item, value)
    {
        char *at = mem_printf("%s/%d", place, i++);
        check(l, items, item, at);
        free(at);
    }
}

/* One of the shapes has to fit; what is wrong with each is not told apart. */
static void check_any(struct look *l, const cJSON *any, const cJSON *value, const char *place)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, any)
    {
        struct faults quiet = {0};
        struct look inner = {.faults = &quiet, .depth = l->depth};
        check(&inner, one, value, place);
        faults_finish(&quiet);
        if (!inner.n)
            return;
    }
    say(l, place, value, mem_dup("one of the shapes that are allowed here"));
}

static void check(struct look *l, const cJSON *shape, const cJSON *value, const char *place)
{
    size_t before = l->n;
    if (++l->depth > DEPTH_MAX) {
        say(l, place, value, mem_dup("less depth"));
    } else {
        check_type(l, json_get(shape, "type"), value, place);
        check_choice(l, shape, value, place);
        if (json_get(shape, "anyOf"))
            check_any(l, json_get(shape, "anyOf"), value, place);
        if (l->n == before) /* of the wrong kind: its size says nothing */
            check_bounds(l, shape, value, place);
        if (cJSON_IsObject(value))
            check_members(l, shape, value, place);
        if (cJSON_IsArray(value) && cJSON_IsObject(json_get(shape, "items")))
            check_items(l, json_get(shape, "items"), value, place);
    }
    l->depth--;
}

size_t shape_check(const cJSON *shape, const cJSON *value, struct faults *faults)
{
    struct look l = {.faults = faults};
    check(&l, shape, value, "");
    return l.n;
}

/* --- the schema itself --- */

static bool is_known(const char *word)
{
    static const char *const known[] = {
        "type",    "enum",     "const",    "properties",  "required",  "additionalProperties",
        "items",   "minItems", "maxItems", "minLength",   "maxLength", "minimum",
        "maximum", "anyOf",    "title",    "description", "default",   "$schema"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(known[i], word))
            return true;
    return false;
}

static size_t sound_each(const cJSON *parent, const char *place, struct faults *faults)
{
    const cJSON *child;
    size_t n = 0;
    int i = 0;
    cJSON_ArrayForEach(child, parent)
    {
        char *at = child->string ? below(place, child->string) : mem_printf("%s/%d", place, i);
        i++;
        n += shape_sound(child, at, faults);
        free(at);
    }
    return n;
}

size_t shape_sound(const cJSON *shape, const char *place, struct faults *faults)
{
    static const char *const inner[] = {"items", "additionalProperties"};
    const cJSON *word;
    size_t n = 0;
    if (!cJSON_IsObject(shape)) {
        faults_add(faults, "SHAPE_FORM", place, "no object", "a JSON schema", NULL);
        return 1;
    }
    cJSON_ArrayForEach(word, shape)
    {
        if (is_known(word->string))
            continue;
        faults_add(faults, "SHAPE_WORD", place, word->string,
                   "a keyword that answers are checked by",
                   "See src/words/shape.h for those that are.");
        n++;
    }
    n += sound_each(json_get(shape, "properties"), place, faults);
    n += sound_each(json_get(shape, "anyOf"), place, faults);
    for (size_t i = 0; i < 2; i++)
        if (cJSON_IsObject(json_get(shape, inner[i])))
            n += shape_sound(json_get(shape, inner[i]), place, faults);
    return n;
}
