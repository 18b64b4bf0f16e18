/* One value and its schema come in; faults about its type, range, words, pattern and count go out.
 * Never looks below the value. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "rules/schema_priv.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond it a double skips whole numbers */

static bool is_whole(const cJSON *value)
{
    return cJSON_IsNumber(value) && floor(value->valuedouble) == value->valuedouble;
}

static bool has_one_type(const char *type, const cJSON *value)
{
    if (str_eq(type, "any"))
        return true;
    if (str_eq(type, "object") || str_eq(type, "map") || str_eq(type, "schema"))
        return cJSON_IsObject(value);
    if (str_eq(type, "list"))
        return cJSON_IsArray(value);
    if (str_eq(type, "string"))
        return cJSON_IsString(value);
    if (str_eq(type, "number"))
        return cJSON_IsNumber(value);
    if (str_eq(type, "integer"))
        return is_whole(value);
    if (str_eq(type, "pattern"))
        return cJSON_IsString(value);
    return str_eq(type, "bool") && cJSON_IsBool(value);
}

bool schema_has_type(const cJSON *schema, const cJSON *value)
{
    const cJSON *type = json_get(schema, "type"), *word;
    if (!type)
        return true;
    if (cJSON_IsString(type))
        return has_one_type(type->valuestring, value);
    cJSON_ArrayForEach(word, type)
    {
        if (cJSON_IsString(word) && has_one_type(word->valuestring, value))
            return true;
    }
    return false;
}

/* Characters of a text; a text of blanks alone counts as none when something is asked for. */
static double text_size(const cJSON *schema, const char *text)
{
    double n = 0;
    if (json_num(schema, "min", 0) > 0 && text[strspn(text, " \t\r\n")] == '\0')
        return 0;
    for (const char *c = text; *c; c++)
        n += ((unsigned char)*c & 0xc0) != 0x80;
    return n;
}

static double value_size(const cJSON *schema, const cJSON *value, const char **ret_unit)
{
    *ret_unit = "";
    if (cJSON_IsNumber(value))
        return value->valuedouble;
    if (cJSON_IsString(value)) {
        *ret_unit = " characters";
        return text_size(schema, value->valuestring);
    }
    *ret_unit = cJSON_IsArray(value) ? " items" : " members";
    return cJSON_GetArraySize(value);
}

/* A whole number that a double cannot tell from its neighbours was never the one that was meant. */
static void check_exact(struct schema_report *r, const cJSON *schema, const cJSON *value,
                        const struct schema_at *at)
{
    char *found;
    if (!str_eq(json_str(schema, "type", ""), "integer") || json_get(schema, "max") ||
        fabs(value->valuedouble) <= WHOLE_MAX)
        return;
    found = schema_describe(value);
    schema_fault(r, at, "FIELD_RANGE", found, "a whole number of at most 2^53", NULL);
    free(found);
}

static void check_range(struct schema_report *r, const cJSON *schema, const cJSON *value,
                        const struct schema_at *at)
{
    const cJSON *min = json_get(schema, "min"), *max = json_get(schema, "max");
    const char *unit;
    char *found, *expected;
    double size;
    if ((!min && !max) || cJSON_IsBool(value))
        return;
    size = value_size(schema, value, &unit);
    if ((!min || size >= min->valuedouble) && (!max || size <= max->valuedouble))
        return;
    found = schema_describe(value);
    if (min && max)
        expected = mem_printf("%.15g to %.15g%s", min->valuedouble, max->valuedouble, unit);
    else if (min)
        expected = mem_printf("at least %.15g%s", min->valuedouble, unit);
    else
        expected = mem_printf("at most %.15g%s", max->valuedouble, unit);
    schema_fault(r, at, json_str(schema, "code", "FIELD_RANGE"), found, expected,
                 json_str(schema, "about", NULL));
    free(found);
    free(expected);
}

static char *words_text(const cJSON *words)
{
    struct buf out;
    const cJSON *word;
    buf_init(&out, 400);
    buf_text(&out, "one of ");
    cJSON_ArrayForEach(word, words) buf_printf(
        &out, "%s\"%s\"", word->prev && word != words->child ? ", " : "", word->valuestring);
    return buf_take(&out);
}

static void check_words(struct schema_report *r, const cJSON *words, const cJSON *value,
                        const struct schema_at *at)
{
    const cJSON *word;
    const char *near;
    char *found, *expected, *cure;
    cJSON_ArrayForEach(word, words)
    {
        if (str_eq(word->valuestring, value->valuestring))
            return;
    }
    near = schema_nearest(words, value->valuestring);
    found = schema_describe(value);
    expected = words_text(words);
    cure = near ? mem_printf("Did you mean \"%s\"?", near) : NULL;
    schema_fault(r, at, "FIELD_WORD", found, expected, cure);
    free(found);
    free(expected);
    free(cure);
}

/* The text must be the name of a member of something else in the document. */
static void check_among(struct schema_report *r, const char *pointer, const cJSON *value,
                        const struct schema_at *at)
{
    const cJSON *among = json_get(r->root, pointer);
    const char *near;
    char *found, *expected, *cure;
    if (cJSON_GetObjectItemCaseSensitive(among, value->valuestring))
        return;
    near = schema_nearest(among, value->valuestring);
    found = schema_describe(value);
    expected = mem_printf("the name of a member of %s", pointer);
    cure = near ? mem_printf("Did you mean \"%s\"?", near) : NULL;
    schema_fault(r, at, "NAME_UNKNOWN", found, expected, cure);
    free(found);
    free(expected);
    free(cure);
}

/* The expression for a whole text, compiled at its first use. */
static const struct schema_pattern *pattern_of(struct schema_report *r, const char *text)
{
    size_t used = r->patterns_n < SCHEMA_PATTERNS ? r->patterns_n : SCHEMA_PATTERNS;
    struct schema_pattern *p;
    char *whole;
    for (size_t i = 0; i < used; i++) {
        if (r->patterns[i].text == text)
            return &r->patterns[i];
    }
    p = &r->patterns[r->patterns_n++ % SCHEMA_PATTERNS];
    if (r->patterns_n > SCHEMA_PATTERNS && p->sound)
        regfree(&p->compiled);
    whole = mem_printf("^(%s)$", text);
    p->text = text;
    p->sound = regcomp(&p->compiled, whole, REG_EXTENDED | REG_NOSUB) == 0;
    free(whole);
    return p;
}

void schema_report_finish(struct schema_report *r)
{
    for (size_t i = 0; i < SCHEMA_PATTERNS && i < r->patterns_n; i++) {
        if (r->patterns[i].sound)
            regfree(&r->patterns[i].compiled);
    }
    cJSON_Delete(r->self);
}

static bool matches_whole(struct schema_report *r, const char *pattern, const char *text)
{
    const struct schema_pattern *p = pattern_of(r, pattern);
    return p->sound && regexec(&p->compiled, text, 0, NULL, 0) == 0;
}

static void check_pattern(struct schema_report *r, const cJSON *schema, const cJSON *value,
                          const struct schema_at *at)
{
    const char *pattern = json_str(schema, "pattern", NULL);
    char *found;
    if (!pattern || matches_whole(r, pattern, value->valuestring))
        return;
    found = schema_describe(value);
    schema_fault(r, at, "FIELD_FORM", found, json_str(schema, "says", pattern),
                 json_str(schema, "about", NULL));
    free(found);
}

void schema_check_expression(struct schema_report *r, const cJSON *value,
                             const struct schema_at *at)
{
    regex_t compiled;
    char why[120];
    int rc = regcomp(&compiled, value->valuestring, REG_EXTENDED | REG_NOSUB);
    if (rc == 0) {
        regfree(&compiled);
        return;
    }
    regerror(rc, &compiled, why, sizeof why);
    schema_fault(r, at, "FIELD_FORM", value->valuestring, "a POSIX extended expression", why);
}

static void check_keys(struct schema_report *r, const cJSON *schema, const cJSON *value,
                       const struct schema_at *at)
{
    const char *pattern = json_str(schema, "keys", NULL);
    const cJSON *member;
    if (!pattern)
        return;
    cJSON_ArrayForEach(member, value)
    {
        if (!matches_whole(r, pattern, member->string))
            schema_fault(r, at, "FIELD_FORM", member->string, json_str(schema, "says", pattern),
                         "Rename the member.");
    }
}

static bool is_same(const cJSON *a, const cJSON *b)
{
    if (cJSON_IsString(a) && cJSON_IsString(b))
        return strcmp(a->valuestring, b->valuestring) == 0;
    return cJSON_Compare(a, b, true);
}

static void say_clash(struct schema_report *r, const char *key, const cJSON *value, size_t first,
                      const struct schema_at *at)
{
    struct schema_at other = {.up = at->up->up, .index = (int)first};
    char *found = schema_describe(value), *place = schema_place("", &other);
    char *expected = mem_printf("a \"%s\" of its own%s has it already", key, place);
    schema_fault(r, at, "FIELD_CLASH", found, expected, "Give each its own.");
    free(expected);
    free(place);
    free(found);
}

/* Two items that share what must be theirs alone; each later one is named with the first. */
static void check_unique(struct schema_report *r, const char *key, const cJSON *list,
                         const struct schema_at *at)
{
    const cJSON **seen = mem_grow(NULL, (size_t)cJSON_GetArraySize(list) + 1, sizeof *seen), *item;
    size_t n = 0;
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *own = json_get(item, key);
        struct schema_at here = {.up = at, .index = (int)n}, there = {.up = &here, .key = key};
        size_t first = 0;
        while (own && first < n && !(seen[first] && is_same(seen[first], own)))
            first++;
        if (own && first < n)
            say_clash(r, key, own, first, &there);
        seen[n++] = own;
    }
    free(seen);
}

void schema_check_value(struct schema_report *r, const cJSON *schema, const cJSON *value,
                        const struct schema_at *at)
{
    check_exact(r, schema, value, at);
    check_range(r, schema, value, at);
    if (cJSON_IsString(value)) {
        if (json_get(schema, "words"))
            check_words(r, json_get(schema, "words"), value, at);
        if (json_get(schema, "among"))
            check_among(r, json_str(schema, "among", ""), value, at);
        check_pattern(r, schema, value, at);
    }
    if (cJSON_IsObject(value) && json_get(schema, "keys"))
        check_keys(r, schema, value, at);
    if (cJSON_IsArray(value) && json_str(schema, "unique", NULL))
        check_unique(r, json_str(schema, "unique", NULL), value, at);
}
