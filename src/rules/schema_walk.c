/* A schema and a document come in; each described value goes out to a visitor, with its place.
 * Decides nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/schema_priv.h"

const cJSON *schema_member(const cJSON *object, const char *name, const cJSON *field)
{
    const cJSON *found = json_get(object, name), *other;
    if (found)
        return found;
    cJSON_ArrayForEach(other, json_get(field, "also"))
    {
        if (cJSON_IsString(other) && (found = json_get(object, other->valuestring)))
            return found;
    }
    return NULL;
}

static void walk_fields(const cJSON *fields, const cJSON *object, const struct schema_at *at,
                        schema_visit *visit, void *ctx)
{
    const cJSON *field;
    cJSON_ArrayForEach(field, fields)
    {
        const cJSON *member = schema_member(object, field->string, field);
        struct schema_at here = {.up = at, .key = member ? member->string : NULL};
        if (member)
            schema_walk(field, member, &here, visit, ctx);
    }
}

/* What an item is called: the first of the list's label members that it has as a text. */
static const char *label_of(const cJSON *schema, const cJSON *item)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, json_get(schema, "label"))
    {
        const char *text = json_str(item, cJSON_GetStringValue(name), NULL);
        if (text && *text)
            return text;
    }
    return NULL;
}

static void walk_each(const cJSON *list, const cJSON *schema, const cJSON *parent,
                      const struct schema_at *at, schema_visit *visit, void *ctx)
{
    const cJSON *child;
    int index = 0;
    cJSON_ArrayForEach(child, parent)
    {
        struct schema_at here = {.up = at, .key = child->string, .index = index++};
        here.label = cJSON_IsObject(child) ? label_of(list, child) : NULL;
        schema_walk(schema, child, &here, visit, ctx);
    }
}

void schema_walk(const cJSON *schema, const cJSON *value, const struct schema_at *at,
                 schema_visit *visit, void *ctx)
{
    visit(ctx, schema, value, at);
    if (cJSON_IsArray(value) && json_get(schema, "items"))
        walk_each(schema, json_get(schema, "items"), value, at, visit, ctx);
    if (cJSON_IsObject(value) && json_get(schema, "values"))
        walk_each(schema, json_get(schema, "values"), value, at, visit, ctx);
    if (cJSON_IsObject(value) && json_get(schema, "fields"))
        walk_fields(json_get(schema, "fields"), value, at, visit, ctx);
}

/* Steps are chained from the leaf up, so the text is written from its end. */
static void place_add(struct buf *out, const struct schema_at *at)
{
    if (!at)
        return;
    place_add(out, at->up);
    if (!at->key) {
        buf_printf(out, "/%d", at->index);
        return;
    }
    buf_text(out, "/");
    for (const char *c = at->key; *c; c++) {
        if (*c == '~')
            buf_text(out, "~0");
        else if (*c == '/')
            buf_text(out, "~1");
        else
            buf_add(out, c, 1);
    }
}

char *schema_place(const char *file, const struct schema_at *at)
{
    struct buf out;
    char *shown;
    buf_init(&out, 1024);
    buf_printf(&out, "%s: ", file);
    if (!at)
        buf_text(&out, "top level");
    place_add(&out, at);
    for (; at; at = at->up) {
        if (at->label) {
            buf_printf(&out, " (%.60s)", at->label);
            break;
        }
    }
    shown = utf8_show(out.data);
    buf_finish(&out);
    return shown;
}

/* The head of a text for a message, cut at a character. */
static char *text_head(const char *text)
{
    size_t len = strlen(text);
    if (len <= 60)
        return mem_printf("the text \"%s\"", text);
    len = 57;
    while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    return mem_printf("the text \"%.*s...\" of %zu bytes", (int)len, text, strlen(text));
}

char *schema_describe(const cJSON *value)
{
    if (!value)
        return mem_dup("nothing");
    if (cJSON_IsString(value))
        return text_head(value->valuestring);
    if (cJSON_IsNumber(value)) {
        char *digits = json_compact(value), *text;
        digits[strcspn(digits, "\n")] = '\0';
        text = mem_printf("the number %s", digits);
        free(digits);
        return text;
    }
    if (cJSON_IsArray(value))
        return mem_printf("a list of %d", cJSON_GetArraySize(value));
    if (cJSON_IsObject(value))
        return mem_printf("an object of %d members", cJSON_GetArraySize(value));
    return mem_dup(cJSON_IsNull(value) ? "null" : cJSON_IsTrue(value) ? "true" : "false");
}

static const char *type_phrase(const char *word)
{
    static const char *const phrases[][2] = {
        {"object", "an object {...}"}, {"list", "a list [...]"},      {"map", "an object {...}"},
        {"string", "a text"},          {"number", "a number"},        {"integer", "a whole number"},
        {"bool", "true or false"},     {"schema", "a schema object"}, {"pattern", "an expression"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (str_eq(phrases[i][0], word))
            return phrases[i][1];
    }
    return "any value";
}

char *schema_type_text(const cJSON *type)
{
    struct buf out;
    const cJSON *word;
    buf_init(&out, 256);
    if (cJSON_IsString(type))
        buf_text(&out, type_phrase(type->valuestring));
    cJSON_ArrayForEach(word, type)
    {
        if (cJSON_IsString(word))
            buf_printf(&out, "%s%s", out.len ? " or " : "", type_phrase(word->valuestring));
    }
    if (!out.len)
        buf_text(&out, "any value");
    return buf_take(&out);
}
