/* A parsed rules file comes in; its {"like": "/pointer"} objects leave as copies of what they point
 * at. */
/* SPDX-License-Identifier: ISC */
#include "rules/expand.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

#define DEPTH_MAX 4 /* of a "like" in what another one means */

struct expanding {
    const cJSON *root; /* as it was read: copies are taken from here */
    const char *file;
    struct faults *faults;
    size_t added;
};

static const char *like_of(const cJSON *value)
{
    if (!cJSON_IsObject(value) || cJSON_GetArraySize(value) != 1)
        return NULL;
    return json_str(value, "like", NULL);
}

static bool uses_like(const cJSON *tree)
{
    const cJSON *child;
    if (like_of(tree))
        return true;
    cJSON_ArrayForEach(child, tree)
    {
        if (uses_like(child))
            return true;
    }
    return false;
}

static void expand(struct expanding *x, cJSON *tree, int depth);

/* A copy of what the pointer means, itself expanded; NULL with a fault. */
static cJSON *copy_of(struct expanding *x, const char *pointer, int depth)
{
    const cJSON *target = *pointer == '/' ? json_get(x->root, pointer) : NULL;
    char *place;
    if (target && !like_of(target) && depth < DEPTH_MAX) {
        cJSON *copy = cJSON_Duplicate(target, true);
        expand(x, copy, depth + 1);
        return copy;
    }
    place = mem_printf("%s: like %s", x->file, pointer);
    faults_add(x->faults, "LIKE_UNKNOWN", place,
               target ? "a value that leads back to itself" : "nothing",
               "a JSON pointer to a value of this file", "Correct the pointer.");
    x->added++;
    free(place);
    return NULL;
}

static void expand(struct expanding *x, cJSON *tree, int depth)
{
    cJSON *child = tree->child, *next;
    for (; child; child = next) {
        const char *pointer = like_of(child);
        cJSON *copy = pointer ? copy_of(x, pointer, depth) : NULL;
        next = child->next;
        if (!copy) {
            expand(x, child, depth);
            continue;
        }
        cJSON_free(copy->string); /* the name of the member it was copied from */
        copy->string = mem_dup(child->string);
        cJSON_ReplaceItemViaPointer(tree, child, copy);
    }
}

size_t rules_expand(cJSON *tree, const char *file, struct faults *faults)
{
    struct expanding x = {.file = file, .faults = faults};
    cJSON *root;
    if (!uses_like(tree))
        return 0;
    root = cJSON_Duplicate(tree, true);
    x.root = root;
    expand(&x, tree, 0);
    cJSON_Delete(root);
    return x.added;
}
