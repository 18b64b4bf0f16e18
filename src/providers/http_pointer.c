/* A JSON pointer, in which "*" stands for every member, comes in; the values it means go out. Never
 * changes a tree. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

struct walk {
    bool (*visit)(void *ctx, const cJSON *value);
    void *ctx;
    size_t n;
    bool stopped;
};

static const cJSON *member(const cJSON *value, const char *name)
{
    char *end;
    unsigned long at;
    if (cJSON_IsObject(value))
        return cJSON_GetObjectItemCaseSensitive(value, name);
    at = strtoul(name, &end, 10);
    return cJSON_IsArray(value) && *name && !*end ? cJSON_GetArrayItem(value, (int)at) : NULL;
}

static void walk_on(struct walk *w, const cJSON *value, const char *pointer)
{
    const cJSON *child;
    char name[128];
    size_t len;
    if (!value || w->stopped)
        return;
    if (!*pointer) {
        w->n += !cJSON_IsNull(value);
        w->stopped = !cJSON_IsNull(value) && w->visit && w->visit(w->ctx, value);
        return;
    }
    len = strcspn(++pointer, "/");
    if (len >= sizeof name)
        return;
    memcpy(name, pointer, len);
    name[len] = '\0';
    if (strcmp(name, "*") != 0) {
        walk_on(w, member(value, name), pointer + len);
        return;
    }
    cJSON_ArrayForEach(child, value) walk_on(w, child, pointer + len);
}

size_t pointer_each(const cJSON *tree, const char *pointer,
                    bool (*visit)(void *ctx, const cJSON *value), void *ctx)
{
    struct walk w = {.visit = visit, .ctx = ctx};
    if (*pointer == '/' || !*pointer)
        walk_on(&w, tree, pointer);
    return w.n;
}

static bool keep_first(void *ctx, const cJSON *value)
{
    *(const cJSON **)ctx = value;
    return true;
}

const cJSON *pointer_first(const cJSON *tree, const char *pointer)
{
    const cJSON *found = NULL;
    (void)pointer_each(tree, pointer, keep_first, &found); /* found says it */
    return found;
}

const cJSON *pointer_any(const cJSON *tree, const cJSON *pointers)
{
    const cJSON *found = NULL, *one;
    if (cJSON_IsString(pointers))
        return pointer_first(tree, pointers->valuestring);
    cJSON_ArrayForEach(one, pointers)
    {
        if (!found && cJSON_IsString(one))
            found = pointer_first(tree, one->valuestring);
    }
    return found;
}

char *value_text(const cJSON *value)
{
    if (cJSON_IsString(value))
        return mem_dup(value->valuestring);
    if (cJSON_IsBool(value))
        return mem_dup(cJSON_IsTrue(value) ? "true" : "false");
    return cJSON_IsNumber(value) ? mem_printf("%.15g", value->valuedouble) : NULL;
}
